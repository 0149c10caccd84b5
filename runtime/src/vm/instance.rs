//! Instantiate, call the entry, read the answer, tell traps apart.
//!
//! One engine store per frame: the instance starts from the module's image and is dropped after the
//! call, so nothing of one call can be seen by the next. This is the only place where an engine error
//! becomes an outcome: a [`Stop`] carried by a host function, a known trap, or a fault (ERR-1).

use crate::error::Fault;
use crate::executor::Execution;
use crate::frame::{Frame, FrameEnd, Stop};
use crate::gas::GasSchedule;
use crate::host::HostState;
use crate::limits;
use crate::rules::ContractRules;
use crate::vm::code::Description;
use parity_scale_codec::Decode;
use std::sync::Arc;
use wasmtime::{AsContextMut, InstancePre, Linker, Memory, Module, ModuleExport, Store, Trap, Val};
use weighhouse_primitives::schema::EntryKind;
use weighhouse_primitives::{Address, CodeHash, HaltReason, abi};

/// Export of the injected gas counter.
pub(crate) const EXPORT_GAS: &str = "__wh_gas";
/// Export of the injected stack counter.
pub(crate) const EXPORT_STACK: &str = "__wh_stack";

/// Compiled code, linked with the host functions and ready to be instantiated.
pub(crate) struct Linked {
    pre: InstancePre<HostState>,
    hash: CodeHash,
    description: Description,
    frame_gas: u64,
    memory: ModuleExport,
    gas: ModuleExport,
    stack: ModuleExport,
    call: ModuleExport,
    io: ModuleExport,
}

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linked")
            .field("code", &self.hash)
            .finish_non_exhaustive()
    }
}

impl Linked {
    /// Links `module`, compiled from the instrumented form of the code with this `hash`.
    ///
    /// # Errors
    /// `Fault::Engine`: accepted code always links, so anything else is this node's trouble.
    pub(crate) fn new(
        linker: &Linker<HostState>,
        module: &Module,
        hash: CodeHash,
        description: Description,
    ) -> Result<Self, Fault> {
        let export = |name| {
            module.get_export_index(name).ok_or_else(|| Fault::Engine {
                action: "linking a contract",
                reason: format!("export {name} is missing after instrumentation"),
            })
        };
        Ok(Self {
            pre: linker
                .instantiate_pre(module)
                .map_err(engine("linking a contract"))?,
            memory: export(abi::EXPORT_MEMORY)?,
            gas: export(EXPORT_GAS)?,
            stack: export(EXPORT_STACK)?,
            call: export(abi::EXPORT_CALL)?,
            io: export(abi::EXPORT_IO)?,
            frame_gas: frame_gas(module),
            hash,
            description,
        })
    }

    /// Kind of the entry point with this selector.
    pub(crate) fn entry(&self, selector: u32) -> Option<EntryKind> {
        self.description.entry(selector)
    }

    /// Gas of a frame: a fresh instance with its initial memory.
    pub(crate) const fn frame_gas(&self) -> u64 {
        self.frame_gas
    }

    /// The declared rules, if there are any.
    pub(crate) fn rules(&self) -> Option<Arc<ContractRules>> {
        self.description.checks()
    }
}

/// Gas: a price per frame and per page of initial memory.
fn frame_gas(module: &Module) -> u64 {
    let pages = module
        .exports()
        .find_map(|export| Some(export.ty().memory()?.minimum()))
        .unwrap_or(0);
    GasSchedule::V1
        .frame
        .saturating_add(GasSchedule::V1.frame_page.saturating_mul(pages))
}

/// For `map_err` on an engine call that cannot fail for accepted code.
pub(crate) fn engine(action: &'static str) -> impl FnOnce(wasmtime::Error) -> Fault {
    move |error| Fault::Engine {
        action,
        reason: format!("{error:#}"),
    }
}

/// Runs `frame` in a fresh instance with `gas`.
pub(crate) fn run(linked: &Linked, execution: Box<Execution>, frame: Frame, gas: u64) -> FrameEnd {
    let engine = execution.vm.engine().clone();
    let mut store = Store::new(&engine, HostState::new(execution, frame));
    store.limiter(|state| &mut state.growth);
    let (result, left) = match call(linked, &mut store, gas) {
        Ok((result, left)) => (result, left),
        Err(fault) => (Err(Stop::Faulted(fault)), 0),
    };
    let state = store.into_data();
    let gas_used = gas.saturating_sub(u64::try_from(left).unwrap_or(0));
    FrameEnd {
        execution: state.into_execution(),
        result,
        gas_used,
    }
}

type Ended = (Result<Vec<u8>, Stop>, i64);

fn call(linked: &Linked, store: &mut Store<HostState>, gas: u64) -> Result<Ended, Fault> {
    let instance = linked
        .pre
        .instantiate(&mut *store)
        .map_err(engine("instantiating"))?;
    let mut export = |index: &ModuleExport| {
        instance
            .get_module_export(store.as_context_mut(), index)
            .ok_or(Fault::Engine {
                action: "reading exports",
                reason: "an export that linking found is gone".into(),
            })
    };
    let missing = || Fault::Engine {
        action: "reading exports",
        reason: "an export has another kind than the validator accepted".into(),
    };
    let memory = export(&linked.memory)?.into_memory().ok_or_else(missing)?;
    let gas_global = export(&linked.gas)?.into_global().ok_or_else(missing)?;
    let stack_global = export(&linked.stack)?.into_global().ok_or_else(missing)?;
    let entry = export(&linked.call)?.into_func().ok_or_else(missing)?;
    let io = export(&linked.io)?.into_global().ok_or_else(missing)?;

    let limit = i64::try_from(gas).unwrap_or(i64::MAX);
    gas_global
        .set(&mut *store, Val::I64(limit))
        .map_err(engine("setting gas"))?;
    stack_global
        .set(&mut *store, Val::I32(limits::STACK_BYTES_MAX))
        .map_err(engine("setting the stack counter"))?;
    let io = io
        .get(&mut *store)
        .i32()
        .ok_or_else(missing)?
        .cast_unsigned();
    let length = write_input(store, memory, io)?;
    store.data_mut().attach(memory, gas_global);

    let entry = entry
        .typed::<i32, i64>(&*store)
        .map_err(engine("typing the entry"))?;
    let called = entry.call(&mut *store, length);
    let left = gas_global.get(&mut *store).i64().unwrap_or(-1);
    Ok(match called {
        Ok(answer) => read_answer(store, memory, answer, left),
        Err(error) => {
            let stack = stack_global.get(&mut *store).i32().unwrap_or(0);
            (Err(classify(error, left, stack)), left.max(0))
        }
    })
}

/// Writes as much of the input as the window holds; returns the full length.
fn write_input(store: &mut Store<HostState>, memory: Memory, io: u32) -> Result<i32, Fault> {
    let (bytes, state) = memory.data_and_store_mut(&mut *store);
    let input = &state.frame.input;
    let part = input
        .get(..input.len().min(abi::IO_WINDOW_BYTES))
        .unwrap_or(input);
    let start = usize::try_from(io).unwrap_or(usize::MAX);
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

/// Reads `ptr << 32 | len`, then the answer. Gas: one per byte of answer, charged before the copy.
fn read_answer(store: &Store<HostState>, memory: Memory, answer: i64, left: i64) -> Ended {
    let packed = answer.cast_unsigned();
    let slice = || {
        let ptr = usize::try_from(packed >> 32).ok()?;
        let len = usize::try_from(packed & 0xffff_ffff).ok()?;
        memory.data(store).get(ptr..)?.get(..len)
    };
    let Some(bytes) = slice() else {
        return (Err(HaltReason::BadAnswer.into()), left);
    };
    if bytes.len() > limits::ANSWER_BYTES_MAX {
        return (Err(HaltReason::HostLimit.into()), left);
    }
    let left = left.saturating_sub(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    if left < 0 {
        return (Err(HaltReason::OutOfGas.into()), 0);
    }
    let result = match bytes {
        [abi::ANSWER_SUCCEEDED, value @ ..] => Ok(value.to_vec()),
        [abi::ANSWER_REVERTED, rest @ ..] => Err(reverted(store.data(), rest)),
        _ => Err(HaltReason::BadAnswer.into()),
    };
    (result, left)
}

/// A refusal. Code 0 lets a callee's refusal pass: it is followed by the callee's answer as
/// `contract_call` gave it. Only the answer of this frame's last call is believed; anything else is
/// held against the contract that says it.
fn reverted(state: &HostState, mut bytes: &[u8]) -> Stop {
    let contract = state.frame.contract;
    let Ok(code) = u16::decode(&mut bytes) else {
        return HaltReason::BadAnswer.into();
    };
    if code != 0 {
        return Stop::Reverted {
            contract,
            code,
            data: bytes.to_vec(),
        };
    }
    let believed = state.is_last_refusal(bytes);
    match <(Address, u16)>::decode(&mut bytes) {
        Ok((_, 0)) | Err(_) => HaltReason::BadAnswer.into(),
        Ok((callee, code)) => Stop::Reverted {
            contract: if believed { callee } else { contract },
            code,
            data: bytes.to_vec(),
        },
    }
}

/// Tells an outcome from a fault. Invariant ERR-1: what is neither a stop that a host function
/// raised nor a trap named here is this node's trouble.
fn classify(error: wasmtime::Error, gas: i64, stack: i32) -> Stop {
    let error = match error.downcast::<Stop>() {
        Ok(stop) => return stop,
        Err(error) => error,
    };
    let reason = match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) if gas < 0 => HaltReason::OutOfGas,
        Some(Trap::UnreachableCodeReached) if stack < 0 => HaltReason::StackExhausted,
        Some(Trap::UnreachableCodeReached) => HaltReason::Unreachable,
        Some(Trap::MemoryOutOfBounds) => HaltReason::MemoryOutOfBounds,
        Some(Trap::IntegerOverflow | Trap::IntegerDivisionByZero) => HaltReason::BadDivision,
        Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
            HaltReason::BadIndirectCall
        }
        _ => return engine("running a contract")(error).into(),
    };
    reason.into()
}
