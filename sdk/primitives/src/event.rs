//! Events: indexed facts that contracts emit.

use crate::address::Address;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// One event of a transaction, in the order of emission. Events of reverted frames are gone.
///
/// # Shape
/// SCALE `([u8; 32], u32, Vec<u8>)`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Event {
    /// Contract that emitted it.
    pub contract: Address,
    /// [`crate::abi::selector`] of the event's name.
    pub kind: u32,
    /// SCALE of the event's fields, in order.
    pub data: Vec<u8>,
}
