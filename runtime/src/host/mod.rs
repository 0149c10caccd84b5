//! Links every row of the host-function table: charge, then call, then count.
//!
//! Guest memory, frame and execution are borrowed as one [`HostContext`], so that the bodies in this
//! folder never see the engine. Invariants: GAS-1 (work is charged before it is done), HOST-1 (no
//! guest input can panic the host).

mod call;
mod context;
mod crypto;
mod event;
mod input;
mod storage;

use crate::error::Fault;
use crate::executor::Execution;
use crate::frame::{Frame, Stop};
use crate::state::Value;
use crate::vm::growth::GrowthLimiter;
use crate::vm::linked::engine;
use crate::vm::memory::GuestMemory;
use wasmtime::{Caller, Global, Linker, Memory, Val};
use weighhouse_primitives::{HaltReason, abi};

pub use crypto::verify_ed25519;
pub(crate) use crypto::{Signed, is_key, verify_all, verify_one};

/// Bytes of most state keys of a contract; longer ones grow the buffer.
const KEY_ROOM: usize = 128;

/// Data of an instance's engine store.
pub(crate) struct HostState {
    /// The transaction's state; `None` between frames and while a callee has it.
    execution: Option<Box<Execution>>,
    pub(crate) frame: Frame,
    pub(crate) growth: GrowthLimiter,
    /// Buffer of the state key that a storage function works on.
    key: Vec<u8>,
    /// Value last found by `storage_get`.
    tail: Option<Value>,
    /// Status and answer of the last `contract_call`.
    answer: (u32, Vec<u8>),
    handles: Option<(Memory, Global)>,
}

impl HostState {
    /// Of an instance between frames.
    pub(crate) fn idle() -> Self {
        Self {
            execution: None,
            frame: Frame::default(),
            growth: GrowthLimiter,
            key: Vec::with_capacity(KEY_ROOM),
            tail: None,
            answer: (abi::CALL_SUCCEEDED, Vec::new()),
            handles: None,
        }
    }

    /// Takes the transaction's state for `frame`.
    pub(crate) fn begin(&mut self, execution: Box<Execution>, frame: Frame) {
        self.execution = Some(execution);
        self.frame = frame;
    }

    /// Keeps the handles that every host call needs; looking them up by name costs 50 ns a call.
    pub(crate) const fn attach(&mut self, memory: Memory, gas: Global) {
        self.handles = Some((memory, gas));
    }

    /// True if `bytes` are the answer of the last call, and that call was refused.
    pub(crate) fn is_last_refusal(&self, bytes: &[u8]) -> bool {
        self.answer.0 == abi::CALL_REVERTED && self.answer.1 == bytes
    }

    /// Hands the transaction's state back and forgets the frame.
    pub(crate) fn end(&mut self) -> Box<Execution> {
        self.frame = Frame::default();
        self.tail = None;
        self.answer = (abi::CALL_SUCCEEDED, Vec::new());
        self.execution
            .take()
            .expect("a callee gives the execution back before its caller ends (CALL-1)")
    }
}

/// What a host function works on.
pub(crate) struct HostContext<'a> {
    memory: GuestMemory<'a>,
    state: &'a mut HostState,
    /// Gas left in the frame; written back to the guest's counter when the function ends.
    gas: u64,
}

impl HostContext<'_> {
    /// Takes `amount` from the frame's gas.
    ///
    /// # Errors
    /// `Halted(OutOfGas)` if there is less; the frame then has none left.
    pub(crate) fn charge(&mut self, amount: u64) -> Result<(), Stop> {
        match self.gas.checked_sub(amount) {
            Some(left) => {
                self.gas = left;
                Ok(())
            }
            None => {
                self.gas = 0;
                Err(HaltReason::OutOfGas.into())
            }
        }
    }

    fn execution(&mut self) -> &mut Execution {
        self.state
            .execution
            .as_mut()
            .expect("host functions run only while their frame has the execution (CALL-1)")
    }

    /// Refuses writes in a read-only frame.
    fn writable(&self) -> Result<(), Stop> {
        if self.state.frame.read_only {
            Err(HaltReason::ReadOnly.into())
        } else {
            Ok(())
        }
    }

    /// Bytes of guest memory; borrowed, so copy before writing anything back.
    fn read(&self, ptr: u32, len: u32) -> Result<&[u8], Stop> {
        Ok(self.memory.read(ptr, len)?)
    }

    fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Stop> {
        Ok(self.memory.write(ptr, bytes)?)
    }
}

/// Copies from `source` at `offset` as much as fits into the guest's buffer.
fn copy_part(
    memory: &mut GuestMemory<'_>,
    source: &[u8],
    offset: u32,
    ptr: u32,
    cap: u32,
) -> Result<u32, Stop> {
    let rest = usize::try_from(offset)
        .ok()
        .and_then(|at| source.get(at..))
        .unwrap_or(&[]);
    Ok(memory.write_fitting(ptr, cap, rest)?)
}

/// Charges `price`, runs `body`, counts the call.
fn host_call<T>(
    caller: &mut Caller<'_, HostState>,
    name: &'static str,
    price: u64,
    body: impl FnOnce(&mut HostContext<'_>) -> Result<T, Stop>,
) -> wasmtime::Result<T> {
    let Some((memory, gas)) = caller.data().handles else {
        return Err(raise(Fault::Engine {
            action: "calling the host",
            reason: "the instance was not attached".into(),
        }));
    };
    let left = u64::try_from(gas.get(&mut *caller).i64().unwrap_or(0)).unwrap_or(0);
    let (bytes, state) = memory.data_and_store_mut(&mut *caller);
    let mut context = HostContext {
        memory: GuestMemory::new(bytes),
        state,
        gas: left,
    };
    // Invariant GAS-1: the row's price is taken before the body runs.
    let result = context.charge(price).and_then(|()| body(&mut context));
    let left = context.gas;
    if let Some(execution) = &mut state.execution {
        execution.count_host_call(name);
    }
    gas.set(
        &mut *caller,
        Val::I64(i64::try_from(left).unwrap_or(i64::MAX)),
    )
    .map_err(|error| raise(engine("setting gas")(error)))?;
    result.map_err(wasmtime::Error::new)
}

fn raise(fault: Fault) -> wasmtime::Error {
    wasmtime::Error::new(Stop::Faulted(fault))
}

/// `base + per_byte * lengths`, saturating: such a price is above every limit.
fn price(base: u64, per_byte: u64, lengths: &[u32]) -> u64 {
    lengths.iter().fold(base, |sum, len| {
        sum.saturating_add(per_byte.saturating_mul(u64::from(*len)))
    })
}

macro_rules! link_rows {
    ($(
        $(#[$doc:meta])*
        $group:ident :: $name:ident ( $($arg:ident : $ty:ty),* $(,)? ) $(-> $ret:ty)?,
            gas $base:literal $(+ $per:literal * ( $($len:ident),* ))? ;
    )*) => {
        /// Defines every host function of the table.
        pub(crate) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
            $(
                linker.func_wrap(
                    abi::IMPORT_MODULE,
                    stringify!($name),
                    |mut caller: Caller<'_, HostState>, $($arg: $ty),*| -> wasmtime::Result<link_rows!(@ret $($ret)?)> {
                        let cost = link_rows!(@price $base $(, $per, $($len),*)?);
                        host_call(&mut caller, stringify!($name), cost, |context| {
                            $group::$name(context, $($arg),*)
                        })
                    },
                )?;
            )*
            Ok(())
        }
    };
    (@price $base:literal) => { $base };
    (@price $base:literal, $per:literal, $($len:ident),*) => { price($base, $per, &[$($len),*]) };
    (@ret) => { () };
    (@ret $ret:ty) => { $ret };
}

weighhouse_primitives::for_each_host_function!(link_rows);
