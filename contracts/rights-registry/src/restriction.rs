//! What limits the owners of an object: mortgages, arrests, leases and their like.
//!
//! A restriction says what it blocks and in whose favour it is. Whether one counts depends on the time:
//! after its last second it is there only to be read. An arrest blocks everything and belongs to an
//! order of the register of participants; the others belong to a party, whose consent counts.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::object::{Object, Share};
use crate::party::restricted;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, deadline};

/// Kinds of restrictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum RestrictionKind {
    /// Secures a debt; its holder consents to what the owners do.
    Mortgage,
    /// An order of an authority.
    Arrest,
    /// Nothing may be disposed of until the one in whose favour it is discharges it.
    Prohibition,
    /// Somebody else may use the object in a limited way.
    Easement,
    /// Somebody else uses the object.
    Lease,
    /// Its holder consents before a share goes to anybody else.
    PreEmption,
    /// Its holder, a spouse for one, consents before the object is disposed of.
    Caution,
}

/// What may not happen while a restriction lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Blocks {
    /// No change of owners, no division, no merger.
    pub transfer: bool,
    /// No new mortgage, lease or easement.
    pub encumber: bool,
    /// No new right to use it.
    pub usage: bool,
}

impl Blocks {
    /// Nothing.
    pub const NOTHING: Self = Self {
        transfer: false,
        encumber: false,
        usage: false,
    };
    /// Disposal, not use.
    pub const DISPOSAL: Self = Self {
        transfer: true,
        encumber: true,
        usage: false,
    };
    /// Everything.
    pub const EVERYTHING: Self = Self {
        transfer: true,
        encumber: true,
        usage: true,
    };

    /// True if something of `other` is blocked.
    #[must_use]
    pub const fn touch(self, other: Self) -> bool {
        (self.transfer && other.transfer)
            || (self.encumber && other.encumber)
            || (self.usage && other.usage)
    }
}

/// What a restriction rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Basis {
    /// A registered application.
    Entry(u64),
    /// An order of the register of participants.
    Order(u64),
}

/// Something that limits owners.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Restriction {
    /// Its number.
    pub id: u64,
    /// What it is.
    pub kind: RestrictionKind,
    /// In favour of whom; nobody for an arrest, which is the authority's.
    pub favour: Option<Pid>,
    /// The share it lies on; `None` for the whole object.
    pub share: Option<Share>,
    /// Order among mortgages; 1 is paid first.
    pub rank: Option<u32>,
    /// The secured sum.
    pub amount: Option<Amount>,
    /// The right to use that it protects.
    pub right: Option<u64>,
    /// What it rests on.
    pub basis: Basis,
    /// Since when.
    pub from: Timestamp,
    /// Its last second.
    pub until: Option<Timestamp>,
    /// What may not happen meanwhile.
    pub blocks: Blocks,
}

impl Restriction {
    /// True while it counts.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| deadline::in_time(now, until))
    }

    /// The order behind an arrest.
    #[must_use]
    pub const fn order(&self) -> Option<u64> {
        match self.basis {
            Basis::Order(order) => Some(order),
            Basis::Entry(_) => None,
        }
    }

    /// True if two restrictions are the same burden on two objects: the same, in favour of the same, on
    /// the same terms, whatever they rest on.
    pub(crate) fn same_burden(&self, other: &Self) -> bool {
        let terms = (self.kind, self.favour, self.rank, self.amount, self.until)
            == (
                other.kind,
                other.favour,
                other.rank,
                other.amount,
                other.until,
            );
        terms && self.share == other.share && self.blocks == other.blocks
    }
}

impl Object {
    /// The restrictions that count now.
    pub(crate) fn bound(&self, now: Timestamp) -> impl Iterator<Item = &Restriction> {
        self.restrictions.iter().filter(move |one| one.counts(now))
    }

    /// Refuses what a restriction blocks. Arrests stand first: a mortgage cannot hide an order.
    ///
    /// # Errors
    /// `ObjectRestricted`.
    pub(crate) fn unblocked(&self, now: Timestamp, act: Blocks) -> Result<(), Refusal> {
        let free = !self.bound(now).any(|one| one.blocks.touch(act));
        ensure!(free, restricted());
        Ok(())
    }

    /// The restriction of this number.
    pub(crate) fn restriction(&self, id: u64) -> Option<&Restriction> {
        self.restrictions.iter().find(|one| one.id == id)
    }
}
