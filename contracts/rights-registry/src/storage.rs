//! What the registry remembers, and the rules that the host holds it to.
//!
//! One number space for everything that has a history: objects, rights to use, restrictions. The state
//! of a thing is one value; every state it ever had stands in `versions`, which only grows (R6). The
//! other maps are indices: they can be rebuilt from the states and say nothing that those do not.
//!
//! Times in the keys of `versions` are stored inverted, and so are version numbers, so that they sort
//! from young to old: the state at a time is the first entry from that time on.

use crate::application::Application;
use crate::event::{Cause, Subject};
use crate::object::Object;
use crate::usage::UseRight;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Documents, Flows, Journal, Lifecycle, Proposal, Roles};

/// Numbers fixed at construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Settings {
    /// Seconds between an application and its registration, at least.
    pub cooling: u64,
    /// Seconds between proposal and acceptance of a new administrator.
    pub admin_delay: u64,
}

/// A registration that takes two registrars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Registration {
    /// The application.
    pub entry: u64,
    /// blake3 of the decision.
    pub decision_doc: Hash,
}

/// One state that an object or right had.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Version {
    /// Why it came about.
    pub cause: Cause,
    /// The state.
    pub state: Subject,
}

/// Digital rights: land, intellectual property, utility rights, transferable records.
#[storage]
// Invariant R6: no state that was ever written changes or goes.
#[immutable(versions, flows)]
// Invariant R5: division and merger neither make nor lose land.
#[conserve(sum(areas) == area_total)]
// Quantities of utility rights leave the open part only into claims, and these into performance.
#[conserve(sum(utility_open) + sum(utility_claimed) + sum(utility_performed) == utility_issued)]
// Invariant R4: one unit of control for each live record.
#[conserve(sum(control) == live_records)]
// Invariant R8: on one object the registered entry numbers rise. And numbers are never used twice.
#[monotone(last_entry, id_count, entry_count, proposal_count, utility_issued)]
pub struct Rights {
    #[part]
    pub(crate) journal: Journal,
    #[part]
    pub(crate) lifecycle: Lifecycle,
    #[part]
    pub(crate) roles: Roles,
    #[part]
    pub(crate) documents: Documents,
    #[part]
    pub(crate) flows: Flows,

    pub(crate) settings: Const<Settings>,
    /// The register of participants.
    pub(crate) participants: Const<Address>,

    /// The last number of an object, right or restriction.
    pub(crate) id_count: Cell<u64>,
    pub(crate) objects: Map<u64, Object>,
    pub(crate) use_rights: Map<u64, UseRight>,
    /// Rights that nobody ended, by the object or right they were made from.
    pub(crate) rights_below: Map<(u64, u64), ()>,
    /// Every state, by number, inverted time and inverted version.
    pub(crate) versions: Map<(u64, u64, u64), Version>,

    /// Objects by class and number in the world.
    pub(crate) numbers: Map<(u8, String), u64>,
    /// What documents were used for: number of an object or of an application.
    pub(crate) used_documents: Map<Hash, u64>,
    /// What parties own, by party and object.
    pub(crate) holdings: Map<(Pid, u64), Fraction>,
    /// Mirrored orders, by order and object.
    pub(crate) arrests: Map<(u64, u64), Timestamp>,

    /// Areas of objects that are not closed.
    pub(crate) areas: Map<u64, Amount>,
    pub(crate) area_total: Cell<Amount>,
    /// One for each live record.
    pub(crate) control: Map<u64, Amount>,
    pub(crate) live_records: Cell<Amount>,
    pub(crate) utility_open: Map<u64, Amount>,
    pub(crate) utility_claimed: Map<u64, Amount>,
    pub(crate) utility_performed: Map<u64, Amount>,
    pub(crate) utility_issued: Cell<Amount>,

    /// The last number of an application.
    pub(crate) entry_count: Cell<u64>,
    pub(crate) applications: Map<u64, Application>,
    /// Undecided applications by object, in order of entry.
    pub(crate) queue: Map<(u64, u64), ()>,
    /// Undecided applications.
    pub(crate) pending: Map<u64, ()>,
    /// The last application registered on an object.
    pub(crate) last_entry: Map<u64, u64>,

    pub(crate) proposal_count: Cell<u64>,
    pub(crate) proposals: Map<u64, Proposal<Registration>>,
}
