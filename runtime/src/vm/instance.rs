//! One frame in one instance: input, entry, answer; then as good as new.
//!
//! An instance runs one frame at a time. When that has ended by an answer, everything that code can
//! change is set back: memory byte for byte, the code's mutable globals, the counters. Tables cannot be
//! written and segments cannot be dropped by accepted code. An instance that trapped, or whose memory
//! has grown, is dropped instead.
//!
//! Invariant CALL-2: nothing of one call can be seen by the next (decision 0014).

use super::answer::{Ended, classify, read_answer};
use super::image::Image;
use super::linked::{Linked, engine};
use crate::error::Fault;
use crate::executor::Execution;
use crate::frame::{Frame, FrameEnd, Stop};
use crate::host::HostState;
use crate::limits;
use std::sync::Arc;
use wasmtime::{AsContextMut, Extern, Global, Memory, ModuleExport, Store, TypedFunc, Val};
use weighhouse_primitives::{CodeHash, abi};

/// An instance with the handles that a frame needs.
pub(super) struct Instance {
    store: Store<HostState>,
    code: CodeHash,
    memory: Memory,
    gas: Global,
    stack: Global,
    entry: TypedFunc<i32, i64>,
    io: u32,
    /// The code's mutable globals with their initial values.
    state: Vec<(Global, Val)>,
    image: Arc<Image>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// Runs `frame` with `gas`, in an instance that nobody has used or that was reset.
pub(crate) fn run(linked: &Linked, execution: Box<Execution>, frame: Frame, gas: u64) -> FrameEnd {
    let vm = Arc::clone(&execution.vm);
    let waiting = vm.idle().take(&linked.hash);
    let instance = match waiting {
        Some(instance) => Ok(instance),
        None => Instance::fresh(linked, vm.engine()).map(Box::new),
    };
    let mut instance = match instance {
        Ok(instance) => instance,
        Err(fault) => {
            return FrameEnd {
                execution,
                result: Err(Stop::Faulted(fault)),
                gas_used: 0,
            };
        }
    };
    let (end, answered) = instance.run(execution, frame, gas);
    if answered && instance.reset() {
        vm.idle().keep(instance);
    }
    end
}

impl Instance {
    /// Instantiates `linked`.
    fn fresh(linked: &Linked, engine_of: &wasmtime::Engine) -> Result<Self, Fault> {
        let mut store = Store::new(engine_of, HostState::idle());
        store.limiter(|state| &mut state.growth);
        let instance = linked
            .pre
            .instantiate(&mut store)
            .map_err(engine("instantiating"))?;
        let mut export = |index: &ModuleExport| {
            instance
                .get_module_export(store.as_context_mut(), index)
                .ok_or(Fault::Engine {
                    action: "reading exports",
                    reason: "an export that linking found is gone".into(),
                })
        };
        let memory = export(&linked.memory)?
            .into_memory()
            .ok_or_else(other_kind)?;
        let gas = global(export(&linked.gas)?)?;
        let stack = global(export(&linked.stack)?)?;
        let io = global(export(&linked.io)?)?;
        let entry = export(&linked.call)?.into_func().ok_or_else(other_kind)?;
        let state: Vec<Global> = linked
            .state
            .iter()
            .map(|one| export(one).and_then(global))
            .collect::<Result<_, _>>()?;

        let image = linked
            .image
            .get_or_init(|| Arc::new(Image::of(memory.data(&store))));
        let io = io.get(&mut store).i32().ok_or_else(other_kind)?;
        store.data_mut().attach(memory, gas);
        Ok(Self {
            code: linked.hash,
            entry: entry.typed(&store).map_err(engine("typing the entry"))?,
            io: io.cast_unsigned(),
            state: state
                .into_iter()
                .map(|one| (one, one.get(&mut store)))
                .collect(),
            image: Arc::clone(image),
            store,
            memory,
            gas,
            stack,
        })
    }

    /// Code that it is an instance of.
    pub(super) const fn code(&self) -> &CodeHash {
        &self.code
    }

    /// Runs a frame; true if it ended by an answer, good or bad, of the code itself.
    fn run(&mut self, execution: Box<Execution>, frame: Frame, gas: u64) -> (FrameEnd, bool) {
        self.store.data_mut().begin(execution, frame);
        let called = self.call(gas);
        let answered = matches!(called, Ok((_, true)));
        let (result, left) = match called {
            Ok((ended, _)) => ended,
            Err(fault) => (Err(Stop::Faulted(fault)), 0),
        };
        let gas_used = gas.saturating_sub(u64::try_from(left).unwrap_or(0));
        let end = FrameEnd {
            execution: self.store.data_mut().end(),
            result,
            gas_used,
        };
        (end, answered)
    }

    fn call(&mut self, gas: u64) -> Result<(Ended, bool), Fault> {
        let limit = i64::try_from(gas).unwrap_or(i64::MAX);
        self.gas
            .set(&mut self.store, Val::I64(limit))
            .map_err(engine("setting gas"))?;
        self.stack
            .set(&mut self.store, Val::I32(limits::STACK_BYTES_MAX))
            .map_err(engine("setting the stack counter"))?;
        let length = self.write_input()?;
        let called = self.entry.call(&mut self.store, length);
        let left = self.gas.get(&mut self.store).i64().unwrap_or(-1);
        Ok(match called {
            Ok(answer) => (read_answer(&self.store, self.memory, answer, left), true),
            Err(error) => {
                let stack = self.stack.get(&mut self.store).i32().unwrap_or(0);
                ((Err(classify(error, left, stack)), left.max(0)), false)
            }
        })
    }

    /// Writes as much of the input as the window holds; returns the full length.
    fn write_input(&mut self) -> Result<i32, Fault> {
        let (bytes, state) = self.memory.data_and_store_mut(&mut self.store);
        let input = &state.frame.input;
        let part = input
            .get(..input.len().min(abi::IO_WINDOW_BYTES))
            .unwrap_or(input);
        let start = usize::try_from(self.io).unwrap_or(usize::MAX);
        bytes
            .get_mut(start..)
            .and_then(|window| window.get_mut(..part.len()))
            .ok_or(Fault::Engine {
                action: "writing input",
                reason: "the window that the validator accepted is outside memory".into(),
            })?
            .copy_from_slice(part);
        Ok(i32::try_from(input.len()).unwrap_or(i32::MAX))
    }

    /// Makes it equal to a fresh instance; false if that cannot be. The counters are set by every call.
    fn reset(&mut self) -> bool {
        // Invariant CALL-2.
        self.image.restore(self.memory.data_mut(&mut self.store))
            && self
                .state
                .iter()
                .all(|(one, initial)| one.set(&mut self.store, *initial).is_ok())
    }
}

fn global(export: Extern) -> Result<Global, Fault> {
    export.into_global().ok_or_else(other_kind)
}

fn other_kind() -> Fault {
    Fault::Engine {
        action: "reading exports",
        reason: "an export has another kind than the validator accepted".into(),
    }
}
