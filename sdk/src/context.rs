//! Where a call runs: who calls, in which block, with how much gas.

use crate::event::{self, Event};
use crate::sys;
use core::cell::OnceCell;
use parity_scale_codec::Decode;
use weighhouse_primitives::abi::{FRAME_CONTEXT_BYTES, FrameContext};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Address, Gas, Height, Timestamp};

/// The frame's surroundings. One host call fetches them all, at the first question.
#[derive(Debug, Default)]
pub struct Context {
    frame: OnceCell<FrameContext>,
}

impl Context {
    /// A context that has not asked the host yet; made by generated code.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            frame: OnceCell::new(),
        }
    }

    fn frame(&self) -> &FrameContext {
        self.frame.get_or_init(|| {
            let mut bytes = [0; FRAME_CONTEXT_BYTES];
            sys::context_read(&mut bytes);
            match FrameContext::decode(&mut &bytes[..]) {
                Ok(frame) => frame,
                Err(_) => panic!("the frame context decodes"),
            }
        })
    }

    /// Direct caller: the signer's account, or the contract that called this one.
    #[must_use]
    pub fn caller(&self) -> Address {
        self.frame().caller
    }

    /// Account whose signature authorised the transaction. Rights belong to [`Context::caller`]: a
    /// contract that asks the signer can be abused by any contract the signer calls.
    #[must_use]
    pub fn signer(&self) -> Address {
        self.frame().signer
    }

    /// Address of this contract.
    #[must_use]
    pub fn contract(&self) -> Address {
        self.frame().contract
    }

    /// The chain, for messages that are signed outside transactions.
    #[must_use]
    pub fn chain(&self) -> GenesisHash {
        self.frame().chain
    }

    /// Height of the block being executed.
    #[must_use]
    pub fn height(&self) -> Height {
        self.frame().height
    }

    /// Time of the block being executed, in seconds: the only clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.frame().time
    }

    /// True if this frame may not write.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.frame().read_only != 0
    }

    /// Gas left in this frame, now.
    #[must_use]
    pub fn gas_left(&self) -> Gas {
        Gas(sys::gas_left())
    }

    /// Emits an event.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an emitted fact has served its purpose"
    )]
    pub fn emit<E: Event>(&self, event: E) {
        event::emit(&event);
    }
}
