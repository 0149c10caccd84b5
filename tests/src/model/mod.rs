//! The contracts of settlement once more, as plain structs and maps, written from the specification.
//!
//! What a contract answers and keeps is compared with what stands here. So nothing here comes from the
//! contracts: no type, no function, not even the error codes. One folder per contract, one function per
//! message, in it the checks in the order of the specification.
//!
//! A refused message changes nothing: [`Model::act`] works on a copy. That is the whole of atomicity here.

pub mod cast;
pub mod code;
pub mod dice;
pub mod life;
pub mod message;
pub mod register;
pub mod token;

pub use message::Message;

use cast::Who;
use code::{Code, NOT_FOUND};

/// Units of the token.
pub type Units = u128;
/// Seconds, from the beginning of a story.
pub type Seconds = u64;

/// What a message that succeeds answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// The number of what was made.
    Number(u64),
}

/// All contracts, and the time.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Time of the block.
    pub now: Seconds,
    /// The register, if there is one.
    pub register: Option<register::Register>,
    /// The token.
    pub token: token::Token,
}

impl Model {
    /// What a message of `by` ends with now. A refusal changes nothing.
    ///
    /// # Errors
    /// The code of the refusal.
    pub fn act(&mut self, by: Who, message: &Message) -> Result<Answer, Code> {
        let mut after = self.clone();
        let answer = message.perform(&mut after, by)?;
        *self = after;
        Ok(answer)
    }

    /// Runs a message of the register.
    fn in_register<T>(
        &mut self,
        act: impl FnOnce(&mut register::Register) -> Result<T, Code>,
    ) -> Result<T, Code> {
        act(self.register.as_mut().ok_or(NOT_FOUND)?)
    }
}
