//! Declared rules: invariants a contract states and the host enforces.
//!
//! The custom section `wh.rules` holds SCALE `Vec<Rule>`; a cell is named by its position in
//! `wh.storage`. The host evaluates every rule on the writes of a transaction, before they are
//! committed, in time proportional to the keys touched. Summed values are [`crate::Amount`]s:
//! 16 bytes little-endian, absent is zero.
//!
//! A rule about numbers may be about one field of a record ([`Place::offset`]). The field stands at
//! the same offset in every record, because all before it have a fixed width; the host looks that up
//! in `wh.storage` and refuses an offset at which no such number begins.

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

/// Where the number that a rule is about stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking,
)]
pub struct Place {
    /// Position of the cell or map in `wh.storage`.
    pub cell: u16,
    /// Offset of a field in the stored record, in bytes; `None` if the value is the number.
    pub offset: Option<u16>,
}

impl Place {
    /// The whole value of a cell.
    #[must_use]
    pub const fn whole(cell: u16) -> Self {
        Self { cell, offset: None }
    }

    /// The field at `offset` of the records in a cell.
    #[must_use]
    pub const fn field(cell: u16, offset: u16) -> Self {
        let offset = Some(offset);
        Self { cell, offset }
    }
}

/// What a rule demands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum RuleKind {
    /// The sum of all values of all `maps` equals the cell `total`, always.
    #[codec(index = 0)]
    Conserve {
        /// Maps of amounts, or of records with one.
        maps: Vec<Place>,
        /// Cell of an amount, or of a record with one.
        total: Place,
    },
    /// Once written, never changed and never removed.
    #[codec(index = 1)]
    Immutable {
        /// Cell or map, by its position in `wh.storage`.
        cell: u16,
    },
    /// Never decreases. Unsigned integers of up to 16 bytes, little-endian.
    #[codec(index = 2)]
    Monotone {
        /// Cell or map.
        place: Place,
    },
    /// `lower` never exceeds `upper`, whenever either is written: two cells, or two fields of each
    /// record of one map. Absent means zero.
    #[codec(index = 3)]
    AtMost {
        /// An unsigned integer.
        lower: Place,
        /// An unsigned integer.
        upper: Place,
    },
}
