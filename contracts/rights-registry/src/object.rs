//! What the registry knows about one thing: an [`Object`], complete in itself.
//!
//! An object carries its owners, its restrictions and its duties, so that one value is one state of the
//! register and the version log can keep it as it was. Shares are exact fractions; the owners of a live
//! object always hold the whole of it (R1).
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::record::Record;
use crate::restriction::Restriction;
use crate::utility::Utility;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, bounded};

/// Owners that an object can have.
pub const OWNERS_MAX: usize = 64;
/// Restrictions that an object can have before another is registered.
pub const RESTRICTIONS_MAX: usize = 20;
/// Duties that an object can carry.
pub const DUTIES_MAX: usize = 8;
/// Objects that one object can be divided into, or made of.
pub const PARTS_MAX: usize = 16;

/// What kind of thing is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Describe)]
pub enum Class {
    /// A parcel of land.
    Parcel,
    /// A right to a result of intellectual work.
    IpRight,
    /// A right to demand goods, works or services.
    Utility,
    /// A document that gives its one controller a claim, such as a bill of lading.
    TransferableRecord,
    /// A right to use what is the public's.
    Concession,
    /// A document that certifies something; it never changes hands.
    Certificate,
}

/// How far an object has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Status {
    /// Known, owned by nobody yet.
    Open,
    /// Owned.
    Live,
    /// Over: divided, merged, surrendered, converted to paper or performed.
    Closed,
}

/// What one owner has of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Share {
    /// The owner.
    pub holder: Pid,
    /// How much of the whole.
    pub part: Fraction,
}

/// Something that comes with owning the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Duty {
    /// blake3 of its text.
    pub text: Hash,
    /// Who has to see to it.
    pub obliged: Pid,
}

/// What only some classes have.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Detail {
    /// Nothing further.
    Plain,
    /// Class [`Class::Utility`].
    Utility(Utility),
    /// Class [`Class::TransferableRecord`], and certificates that were issued as records.
    Record(Record),
}

/// One state of a registered thing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Object {
    /// What kind of thing.
    pub class: Class,
    /// Its number in the world; one of its class has it.
    pub ref_no: String,
    /// blake3 of its description.
    pub meta: Hash,
    /// blake3 of the document it was registered on.
    pub doc: Hash,
    /// Square centimetres.
    pub area: Option<Amount>,
    /// How far it has come.
    pub status: Status,
    /// Which state this is; the first is 1.
    pub version: u64,
    /// How often its owners changed: consents to applications count for one of these numbers.
    pub owner_changes: u64,
    /// What it was divided from, merged from, or replaces.
    pub parents: Vec<u64>,
    /// Its owners, by number of the party, each once.
    pub owners: Vec<Share>,
    /// What limits its owners.
    pub restrictions: Vec<Restriction>,
    /// What its owners have to see to.
    pub duties: Vec<Duty>,
    /// What only its class has.
    pub detail: Detail,
}

impl Object {
    /// A thing that nobody owns yet.
    pub(crate) fn new(class: Class, ref_no: String, (meta, doc): (Hash, Hash)) -> Self {
        Self {
            class,
            ref_no,
            meta,
            doc,
            area: None,
            status: Status::Open,
            version: 0,
            owner_changes: 0,
            parents: Vec::new(),
            owners: Vec::new(),
            restrictions: Vec::new(),
            duties: Vec::new(),
            detail: Detail::Plain,
        }
    }

    /// A live thing with one owner.
    pub(crate) fn owned(mut self, holder: Pid, detail: Detail) -> Self {
        let part = Fraction::ONE;
        self.owners = [Share { holder, part }].into();
        self.status = Status::Live;
        self.detail = detail;
        self
    }

    /// Refuses what is not owned, or over.
    ///
    /// # Errors
    /// `BadState`.
    pub(crate) fn live(&self) -> Result<(), Refusal> {
        ensure!(self.status == Status::Live, Refusal::BadState);
        Ok(())
    }

    /// What `holder` owns of it.
    #[must_use]
    pub fn share_of(&self, holder: Pid) -> Option<Fraction> {
        let own = self.owners.iter().find(|share| share.holder == holder);
        own.map(|share| share.part)
    }

    /// The owner of the whole, if it is one.
    #[must_use]
    pub fn sole_owner(&self) -> Option<Pid> {
        match self.owners[..] {
            [share] => Some(share.holder),
            _ => None,
        }
    }

    /// Sets the owners of a thing that had none.
    ///
    /// # Errors
    /// `SharesMismatch` unless the shares are the whole.
    pub(crate) fn found(&mut self, shares: Vec<Share>) -> Result<(), Refusal> {
        for share in shares {
            self.own(share.holder, share.part);
        }
        self.status = Status::Live;
        self.changed_hands()
    }

    /// Moves a share, of what `from` owns, to `to`.
    ///
    /// # Errors
    /// `SharesMismatch` for more than is owned, `LimitExceeded` for too many owners, `Overflow`.
    pub(crate) fn shift(&mut self, from: Pid, to: Pid, part: Fraction) -> Result<(), Refusal> {
        let owned = self.share_of(from).unwrap_or(Fraction::ZERO);
        ensure!(part <= owned, Refusal::SharesMismatch);
        let rest = owned.checked_sub(&part).ok_or(Refusal::Overflow)?;
        self.own(from, rest);
        let had = self.share_of(to).unwrap_or(Fraction::ZERO);
        self.own(to, had.checked_add(&part).ok_or(Refusal::Overflow)?);
        bounded(self.owners.len(), OWNERS_MAX)?;
        self.changed_hands()
    }

    fn own(&mut self, holder: Pid, part: Fraction) {
        let place = self
            .owners
            .binary_search_by_key(&holder, |share| share.holder);
        self.owners.retain(|share| share.holder != holder);
        if !part.is_zero() {
            let (Ok(at) | Err(at)) = place;
            self.owners.insert(at, Share { holder, part });
        }
    }

    /// Invariants R1 and R9: whoever changes owners comes through here.
    fn changed_hands(&mut self) -> Result<(), Refusal> {
        self.owner_changes = self.owner_changes.saturating_add(1);
        let mut parts = self.owners.iter().map(|share| share.part);
        let sum = parts.try_fold(Fraction::ZERO, |sum, part| sum.checked_add(&part));
        let sum = sum.ok_or(Refusal::Overflow)?;
        ensure!(sum == Fraction::ONE, Refusal::SharesMismatch);
        Ok(())
    }

    /// Ends it: nobody owns it any more.
    pub(crate) fn close(&mut self) {
        self.status = Status::Closed;
        self.owners.clear();
        self.restrictions.clear();
        self.duties.clear();
        self.owner_changes = self.owner_changes.saturating_add(1);
    }
}
