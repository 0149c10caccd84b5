//! Declared rules: invariants a contract states and the host enforces.
//!
//! The custom section `wh.rules` holds SCALE `Vec<Rule>`; a cell is named by its position in
//! `wh.storage`. The host evaluates every rule on the writes of a transaction, before they are
//! committed, in time proportional to the keys touched. Summed values are [`crate::Amount`]s:
//! 16 bytes little-endian, absent is zero.

use alloc::string::String;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// One declared rule.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Rule {
    /// As the author wrote it, for example `conserve(sum(balances) == supply)`; at most 128 bytes.
    pub name: String,
    /// What must hold.
    pub kind: RuleKind,
}

/// What a rule demands. Numbers are positions in `wh.storage`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum RuleKind {
    /// The sum of all values of all `maps` equals the cell `total`, always.
    #[codec(index = 0)]
    Conserve {
        /// Maps of amounts.
        maps: Vec<u16>,
        /// Cell of an amount.
        total: u16,
    },
    /// Once written, never changed and never removed.
    #[codec(index = 1)]
    Immutable {
        /// Cell or map.
        cell: u16,
    },
    /// Never decreases. Unsigned integers of up to 16 bytes, little-endian.
    #[codec(index = 2)]
    Monotone {
        /// Cell or map.
        cell: u16,
    },
    /// The cell `lower` never exceeds the cell `upper`, whenever either is written.
    #[codec(index = 3)]
    AtMost {
        /// Cell of an unsigned integer.
        lower: u16,
        /// Cell of an unsigned integer; absent means zero.
        upper: u16,
    },
}
