//! The one way into the register: every new state of anything is stored here.
//!
//! Invariant R6: storing a state appends it to the version log, keeps the indices and emits the event,
//! all from the state itself, so that none can be forgotten. `as_at` answers from the log alone.

use crate::consent::include;
use crate::event::{Cause, Changed, Subject};
use crate::object::{Class, Detail, Object, Status};
use crate::record::Record;
use crate::storage::{Rights, Version};
use crate::supervision::WHOLE;
use crate::usage::UseRight;
use weighhouse_sdk::event::Event as _;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, deadline, page_items};

/// The number of an object where a reference is asked for: its last eight bytes.
fn reference(id: u64) -> Hash {
    let mut bytes = [0; 32];
    if let Some(last) = bytes.last_chunk_mut::<8>() {
        *last = id.to_be_bytes();
    }
    Hash(bytes)
}

impl Rights {
    /// Refuses a document that something rests on already.
    ///
    /// # Errors
    /// `DuplicateDocument`.
    pub(crate) fn unused(&self, doc: Hash) -> Result<(), Refusal> {
        ensure!(
            !self.used_documents.contains(&doc),
            Refusal::DuplicateDocument
        );
        Ok(())
    }

    pub(crate) fn use_document(&mut self, doc: Hash, by: u64) {
        self.used_documents.set(&doc, by);
    }

    /// Refuses a number in the world that another object of the class has.
    ///
    /// # Errors
    /// `AlreadyExists`.
    pub(crate) fn free_number(&self, class: Class, ref_no: &str) -> Result<(), Refusal> {
        let taken = self.numbers.contains(&(class as u8, ref_no.into()));
        ensure!(!taken, Refusal::AlreadyExists);
        Ok(())
    }

    /// Stores the next state of an object.
    pub(crate) fn store(&mut self, ctx: &Context, id: u64, mut object: Object, cause: Cause) {
        let before = self.objects.find(&id);
        object.version = object.version.saturating_add(1);
        let number = |object: &Object| (object.class as u8, object.ref_no.clone());
        let known = before.as_ref().map(number);
        if known != Some(number(&object)) {
            if let Some(known) = known {
                self.numbers.remove(&known);
            }
            self.numbers.set(&number(&object), id);
        }
        self.measure(id, before.as_ref(), &object);
        self.control_of(id, before.as_ref(), &object);
        self.objects.set(&id, object.clone());
        let state = Subject::Object(object.clone());
        let version = object.version;
        let seq = self.append(ctx, (id, version), cause, state);
        let owners = before.map(|before| before.owners).unwrap_or_default();
        self.hold(ctx, (id, seq), &owners, &object);
    }

    /// Stores the next state of a right to use.
    pub(crate) fn store_right(
        &mut self,
        ctx: &Context,
        id: u64,
        mut right: UseRight,
        cause: Cause,
    ) {
        right.version = right.version.saturating_add(1);
        self.use_rights.set(&id, right.clone());
        let version = right.version;
        self.append(ctx, (id, version), cause, Subject::Right(right));
    }

    fn append(
        &mut self,
        ctx: &Context,
        (id, version): (u64, u64),
        cause: Cause,
        state: Subject,
    ) -> u64 {
        let key = (id, !ctx.now().0, !version);
        let kept = Version {
            cause: cause.clone(),
            state: state.clone(),
        };
        self.versions.set(&key, kept);
        let by = ctx.caller();
        let seq = self.journal.next_seq();
        ctx.emit(Changed {
            seq,
            id,
            cause,
            by,
            state,
        });
        seq
    }

    /// Keeps the areas of what is not closed. Their sum is changed by who creates or corrects one.
    fn measure(&mut self, id: u64, before: Option<&Object>, object: &Object) {
        let had = before
            .and_then(|before| before.area)
            .unwrap_or(Amount::ZERO);
        let open = object.status != Status::Closed;
        let has = object.area.filter(|_| open).unwrap_or(Amount::ZERO);
        if before.is_none() || had != has {
            self.areas.set(&id, has);
        }
    }

    /// Invariant R4: a live record is under one control, anything else under none.
    fn control_of(&mut self, id: u64, before: Option<&Object>, object: &Object) {
        let live = |object: &Object| {
            matches!(object.detail, Detail::Record(Record { .. })) && object.controller().is_some()
        };
        let (had, has) = (before.is_some_and(live), live(object));
        let total = self.live_records.get();
        match (had, has) {
            (false, true) => {
                self.control.set(&id, Amount(1));
                self.live_records.set(Amount(total.0.saturating_add(1)));
            }
            (true, false) => {
                self.control.set(&id, Amount::ZERO);
                self.live_records.set(total.saturating_sub(Amount(1)));
            }
            _ => {}
        }
    }

    /// Keeps what parties own, and how it changed.
    fn hold(
        &mut self,
        ctx: &Context,
        (id, seq): (u64, u64),
        owners: &[crate::object::Share],
        object: &Object,
    ) {
        let parties = owners
            .iter()
            .chain(&object.owners)
            .map(|share| share.holder);
        let mut sorted: Vec<Pid> = Vec::new();
        for party in parties {
            include(&mut sorted, party);
        }
        for party in sorted {
            let old = owners.iter().find(|share| share.holder == party);
            let before = old.map_or(Fraction::ZERO, |share| share.part);
            let after = object.share_of(party).unwrap_or(Fraction::ZERO);
            if before == after {
                continue;
            }
            if after.is_zero() {
                self.holdings.remove(&(party, id));
            } else {
                self.holdings.set(&(party, id), after);
            }
            let given = before.checked_sub(&after);
            let moved = given
                .or_else(|| after.checked_sub(&before))
                .unwrap_or(Fraction::ONE);
            let sides = match given {
                Some(_) => (Some(party), None),
                None => (None, Some(party)),
            };
            let amount = Amount(moved.of(WHOLE).unwrap_or(WHOLE));
            let kind = (seq, Changed::KIND);
            // A total of wholes fits: each of them was an event.
            let _ = self.flows.book(ctx, kind, sides, amount, reference(id));
        }
    }

    /// The state of an object or right at the end of a second that is over.
    ///
    /// # Errors
    /// `TooEarly`.
    pub(crate) fn state_at(
        &self,
        ctx: &Context,
        id: u64,
        at: Timestamp,
    ) -> Result<Option<Version>, Refusal> {
        deadline::after_start(ctx.now(), at.saturating_add(1))?;
        // The largest time has no next second; it is never over.
        ensure!(at.0 != u64::MAX, Refusal::TooEarly { from: at });
        // Nothing has version u64::MAX, so every state of that second comes after this key.
        let after = (id, !at.0, 0);
        let page = self.versions.page_of(&id, Some(&after), 1);
        Ok(page.into_iter().next().map(|(_, version)| version))
    }

    /// A page of states from young to old: when each began, and what it was.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub(crate) fn states(
        &self,
        id: u64,
        after: Option<(Timestamp, u64)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, Version)>, Refusal> {
        let after = after.map(|(at, version)| (id, !at.0, !version));
        let page = self
            .versions
            .page_of(&id, after.as_ref(), page_items(limit)?);
        let states = page.into_iter();
        Ok(states
            .map(|((_, at, _), version)| (Timestamp(!at), version))
            .collect())
    }
}
