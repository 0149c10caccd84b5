//! The registry of rights (C3): things with owners in exact parts, what limits them, records, rights to use.
//!
//! One row of numbers for objects, restrictions and rights to use. What depends on time is worked out when
//! it is asked for. Every state that an object ever had stays (R6).

pub mod arrest;
pub mod consent;
pub mod decision;
pub mod message;
pub mod parcel;
pub mod part;
pub mod plan;
pub mod queue;
pub mod record;
pub mod request;
pub mod usage;
pub mod utility;

use super::cast::{RIGHTS, Who};
use super::code::{
    BAD_STATE, Code, DUPLICATE_DOCUMENT, HALTED, LIMIT_EXCEEDED, NOT_FOUND, NOT_VETTED,
    OBJECT_RESTRICTED, OVERFLOW, SHARES_MISMATCH, UNAUTHORIZED, need,
};
use super::life::Life;
use super::register::Pid;
use super::{Model, Seconds, Units};
use parity_scale_codec::Encode;
use part::Part;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What kind of thing, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Class {
    Parcel,
    IpRight,
    Utility,
    TransferableRecord,
    Concession,
    Certificate,
}

/// Where an object stands, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Status {
    Open,
    Live,
    Closed,
}

/// What limits owners, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Kind {
    Mortgage,
    Arrest,
    Prohibition,
    Easement,
    Lease,
    PreEmption,
    Caution,
}

/// What may not happen, or what an act needs to be free: transfer, encumbrance, use.
pub type Blocks = (bool, bool, bool);

/// A restriction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Restriction {
    pub id: u64,
    pub kind: Kind,
    pub favour: Option<Pid>,
    pub share: Option<(Pid, Part)>,
    pub rank: Option<u32>,
    pub amount: Option<Units>,
    /// The right to use of a lease.
    pub right: Option<u64>,
    /// The order of an arrest.
    pub order: Option<u64>,
    pub until: Option<Seconds>,
    pub blocks: Blocks,
}

impl Restriction {
    /// True while it counts.
    #[must_use]
    pub fn counts(&self, now: Seconds) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

/// What only some classes have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Detail {
    Plain,
    Utility(utility::Utility),
    Record(record::Record),
}

/// A thing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Object {
    pub class: Class,
    pub ref_no: u16,
    pub meta: u16,
    pub doc: u16,
    pub area: Option<Units>,
    pub status: Status,
    /// How often its owners changed.
    pub changes: u64,
    pub parents: Vec<u64>,
    pub owners: BTreeMap<Pid, Part>,
    pub restrictions: Vec<Restriction>,
    pub duties: Vec<(u16, Pid)>,
    pub detail: Detail,
}

impl Object {
    /// A thing that nobody owns yet.
    fn new(class: Class, ref_no: u16, (meta, doc): (u16, u16)) -> Self {
        Self {
            class,
            ref_no,
            meta,
            doc,
            area: None,
            status: Status::Open,
            changes: 0,
            parents: Vec::new(),
            owners: BTreeMap::new(),
            restrictions: Vec::new(),
            duties: Vec::new(),
            detail: Detail::Plain,
        }
    }

    /// A thing that somebody owns from the beginning.
    fn owned(class: Class, ref_no: u16, doc: u16, (holder, detail): (Pid, Detail)) -> Self {
        Self {
            status: Status::Live,
            owners: [(holder, Part::WHOLE)].into(),
            detail,
            ..Self::new(class, ref_no, (doc, doc))
        }
    }

    fn live(&self) -> Result<(), Code> {
        need(self.status == Status::Live, BAD_STATE)
    }

    /// What somebody has of it.
    #[must_use]
    pub fn share_of(&self, pid: Pid) -> Part {
        self.owners.get(&pid).copied().unwrap_or(Part::NONE)
    }

    /// Who has all of it.
    #[must_use]
    pub fn sole_owner(&self) -> Option<Pid> {
        let one = (self.owners.len() == 1).then(|| self.owners.keys().next().copied());
        one.flatten()
    }

    /// Restrictions that count.
    pub fn bound(&self, now: Seconds) -> impl Iterator<Item = &Restriction> {
        self.restrictions.iter().filter(move |one| one.counts(now))
    }

    fn restriction(&self, id: u64) -> Option<&Restriction> {
        self.restrictions.iter().find(|one| one.id == id)
    }

    fn own(&mut self, pid: Pid, part: Part) {
        if part.is_none() {
            self.owners.remove(&pid);
        } else {
            self.owners.insert(pid, part);
        }
    }

    /// Moves a part; R1: all parts together are the whole.
    fn shift(&mut self, from: Pid, to: Pid, part: Part) -> Result<(), Code> {
        need(part <= self.share_of(from), SHARES_MISMATCH)?;
        self.own(from, self.share_of(from).minus(part)?);
        self.own(to, self.share_of(to).plus(part)?);
        need(self.owners.len() <= 64, LIMIT_EXCEEDED)?;
        self.changed_hands()
    }

    fn changed_hands(&mut self) -> Result<(), Code> {
        self.changes += 1;
        let mut parts = self.owners.values();
        let sum = parts.try_fold(Part::NONE, |sum, part| sum.plus(*part))?;
        need(sum == Part::WHOLE, SHARES_MISMATCH)
    }

    fn close(&mut self) {
        self.status = Status::Closed;
        self.owners.clear();
        self.restrictions.clear();
        self.duties.clear();
        self.changes += 1;
    }
}

/// The registry.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// Roles, pause, end.
    pub life: Life,
    /// Seconds between an application and its registration, at least.
    pub cooling: Seconds,
    /// The last number given out.
    pub last: u64,
    /// By number.
    pub objects: BTreeMap<u64, Object>,
    /// By number: rights to use.
    pub uses: BTreeMap<u64, usage::Use>,
    /// Documents on which something rests.
    pub documents: BTreeSet<u16>,
    /// By number of entry, from 1.
    pub applications: BTreeMap<u64, queue::Application>,
    /// Registrations that wait: entry, decision, who proposed, last second.
    pub proposals: BTreeMap<u64, (u64, u16, Who, Seconds)>,
    /// Proposals so far.
    pub proposed: u64,
    /// Area of all that is not closed.
    pub area: Units,
    /// Quantity of all utility rights ever.
    pub issued: Units,
    /// Every state of an object, by number and the second it began in; the last of a second counts.
    pub history: BTreeMap<u64, BTreeMap<Seconds, Rc<Object>>>,
}

impl Rights {
    fn object(&self, id: u64) -> Result<&Object, Code> {
        self.objects.get(&id).ok_or(NOT_FOUND)
    }

    fn id(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// True if no object of the class has this number in the world, over or not.
    fn free_number(&self, class: Class, ref_no: u16) -> Result<(), Code> {
        let taken = |object: &Object| (object.class, object.ref_no) == (class, ref_no);
        need(
            !self.objects.values().any(taken),
            super::code::ALREADY_EXISTS,
        )
    }

    fn unused(&self, doc: u16) -> Result<(), Code> {
        need(!self.documents.contains(&doc), DUPLICATE_DOCUMENT)
    }

    /// Keeps the next state of an object, and that it was.
    fn store(&mut self, now: Seconds, id: u64, object: Object) {
        let states = self.history.entry(id).or_default();
        states.insert(now, Rc::new(object.clone()));
        self.objects.insert(id, object);
    }

    /// The state of an object at the end of a second.
    #[must_use]
    pub fn as_at(&self, id: u64, at: Seconds) -> Option<&Object> {
        let states = self.history.get(&id)?;
        states.range(..=at).next_back().map(|(_, object)| &**object)
    }

    /// Areas of all that is not closed fit into one number.
    fn measure(&mut self, was: Units, is: Units) -> Result<(), Code> {
        let others = self.area - was;
        self.area = others.checked_add(is).ok_or(OVERFLOW)?;
        Ok(())
    }
}

/// Who acts, gives, and gets: callers and receivers by wallet, others by number.
#[derive(Clone, Debug, Default)]
struct Sides {
    caller: Option<Who>,
    give: Vec<Pid>,
    take: Vec<Pid>,
    to: Vec<Who>,
}

impl Model {
    fn rights(&self) -> Result<&Rights, Code> {
        self.rights.as_ref().ok_or(NOT_FOUND)
    }

    fn change_rights<T>(
        &mut self,
        change: impl FnOnce(&mut Rights) -> Result<T, Code>,
    ) -> Result<T, Code> {
        change(self.rights.as_mut().ok_or(NOT_FOUND)?)
    }

    /// Step 1 of acts of the market.
    fn registering(&self) -> Result<(), Code> {
        self.rights()?.life.open()?;
        need(!self.halted(RIGHTS), HALTED)
    }

    /// A wallet of the participant that is in use; by which one is judged.
    pub(in crate::model) fn a_wallet(&self, pid: Pid) -> Option<Who> {
        self.register.as_ref()?.first_wallet(pid)
    }

    fn wallet_receives(&self, who: Who) -> Result<(), Code> {
        let register = self.register.as_ref().ok_or(NOT_FOUND)?;
        register.receives(self.now, who)
    }

    /// Step 6: everybody is in good standing; the lowest code.
    fn standing(&self, sides: &Sides) -> Result<(), Code> {
        let mut found: Vec<Result<(), Code>> = Vec::new();
        found.extend(sides.caller.map(|who| self.may_send(who)));
        let judged = |pid: &Pid| self.a_wallet(*pid).ok_or(NOT_VETTED);
        let give = sides.give.iter().map(judged);
        found.extend(give.map(|who| self.may_send(who?)));
        let take = sides.take.iter().map(judged);
        found.extend(take.map(|who| self.wallet_receives(who?)));
        found.extend(sides.to.iter().map(|who| self.wallet_receives(*who)));
        found.into_iter().fold(Ok(()), Self::lower)
    }

    /// The participant of a wallet; nobody knows others.
    fn known(&self, who: Who) -> Result<Pid, Code> {
        self.pid_of(who).ok_or(NOT_VETTED)
    }

    /// Step 3: the caller is this participant.
    fn is_party(&self, by: Who, pid: Pid) -> Result<(), Code> {
        need(self.pid_of(by) == Some(pid), UNAUTHORIZED)
    }

    /// 117: nothing that counts blocks the act, and no order in force stops the object, mirrored or not.
    fn unblocked(&self, id: u64, act: Blocks) -> Result<(), Code> {
        if act == (false, false, false) {
            return Ok(());
        }
        let touches = |one: &Restriction| {
            let (transfer, encumber, usage) = one.blocks;
            (transfer && act.0) || (encumber && act.1) || (usage && act.2)
        };
        let object = self.rights()?.object(id)?;
        need(!object.bound(self.now).any(touches), OBJECT_RESTRICTED)?;
        need(self.standing_orders(id).is_empty(), OBJECT_RESTRICTED)
    }

    /// Numbers of the orders in force on an object of the registry.
    fn standing_orders(&self, id: u64) -> Vec<u64> {
        let register = self.register.as_ref();
        register.map_or_else(Vec::new, |register| {
            register.orders_on(self.now, RIGHTS, id)
        })
    }
}
