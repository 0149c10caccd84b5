//! Presentation: documents, their hashes and business keys, the claim, the notice of completeness.
//!
//! Invariant E6: a hash or a business key is good for one presentation across all credits; one that
//! was refused or lapsed sets it free again under its own credit, nowhere else.

use crate::agree::{BENEFICIARY, SECOND};
use crate::assess::{Assessment, Claims, Offer, assess};
use crate::credit::{Credit, Stage};
use crate::event::{Presented, Turn, Turned};
use crate::fund::Order;
use crate::law::{PURPOSE_VIOLATION, stopped};
use crate::presentation::{
    Clock, DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX, Document, Presentation, Step, Waiver,
};
use crate::schedule::{self, EXAMINATION_DAYS};
use crate::storage::{Escrow, Use};
use crate::terms::{Clauses, index};
use weighhouse_sdk::codec::Encode as _;
use weighhouse_sdk::crypto;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{Pid, Side};
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, bounded, deadline};

/// Presentations of a credit that are open at a time.
pub const OPEN_MAX: usize = 32;
/// Presentations of a credit in all.
pub const PRESENTATIONS_MAX: u64 = 250;

impl Escrow {
    pub(crate) fn shown(&self, lc: u64, n: u64) -> Result<Presentation, Refusal> {
        self.presentations.find(&(lc, n)).ok_or(Refusal::NotFound)
    }

    pub(crate) fn turned(&mut self, ctx: &Context, (lc, n): (u64, u64), turn: Turn) {
        let (seq, by) = (self.journal.next_seq(), ctx.caller());
        ctx.emit(Turned {
            seq,
            lc,
            n,
            by,
            turn,
        });
    }

    /// Sum of the claims that are open at this second; of the presenter's share only, if given.
    pub(crate) fn open_claims(
        &self,
        ctx: &Context,
        (lc, credit): (u64, &Credit),
        second: Option<bool>,
    ) -> Result<Amount, Refusal> {
        let mut sum = Amount::ZERO;
        for n in &credit.open {
            let shown = self.shown(lc, *n)?;
            let counts = second.is_none_or(|second| shown.second == second);
            // What the confirming bank paid is settled already; its own claim is on the same money.
            let settled = shown.step == Step::Reimbursable;
            if counts && !settled && shown.is_open(ctx.now()) {
                sum = sum.checked_add(shown.claim).ok_or(Refusal::Overflow)?;
            }
        }
        Ok(sum)
    }

    pub(crate) fn offer(
        &mut self,
        ctx: &Context,
        lc: u64,
        docs: Vec<Document>,
        claim: Amount,
        shipment_date: Timestamp,
    ) -> Result<u64, Refused> {
        self.trading(ctx)?;
        let now = ctx.now();
        ensure!(shipment_date <= now, Refusal::argument("shipment_date"));
        well_formed(&docs, claim, now)?;
        let mut credit = self.found(lc)?;
        let seat = self.seated(ctx, &credit, BENEFICIARY | SECOND)?;
        let second = seat & BENEFICIARY == 0;
        credit.live()?;
        self.prune(ctx, (lc, &mut credit))?;
        bounded(credit.open.len().saturating_add(1), OPEN_MAX)?;
        let offer = Offer {
            docs: &docs,
            claim,
            shipment_date,
            now,
            second: credit.transferred.filter(|_| second),
            passed_on: credit.transferred.map_or(Amount::ZERO, |t| t.amount),
        };
        let assessment = self.held_against(ctx, (lc, &mut credit), &offer)?;
        self.within_trade(ctx, (lc, &credit), claim)?;
        let by = credit.presenter(second);
        let (max, given) = (PRESENTATIONS_MAX, credit.presentations.saturating_add(1));
        ensure!(given <= max, Refusal::LimitExceeded { max, given });
        credit.presentations = given;
        let n = credit.presentations;
        let pledged = self.take_documents(ctx, (lc, n), by.pid, &docs)?;
        credit.open.push(n);
        let Assessment {
            part,
            found,
            until,
            pay_until,
        } = assessment;
        let presentation = Presentation {
            by,
            second,
            docs: docs.clone(),
            claim,
            shipment_date,
            part,
            at: now,
            found: found.clone(),
            clock: Clock::Open { until },
            step: Step::Undecided,
            refusal: None,
            waiver: Waiver::None,
            corrupt: None,
            reported: Vec::new(),
            dispute_end: None,
            pay_until,
            protested: false,
            advanced: Amount::ZERO,
            pledged,
        };
        self.presentations.set(&(lc, n), presentation);
        self.credits.set(&lc, credit);
        let seq = self.journal.next_seq();
        ctx.emit(Presented {
            seq,
            lc,
            n,
            by,
            docs,
            claim,
            shipment_date,
            part,
            found,
        });
        Ok(n)
    }

    /// Holds an offer against the clauses in force. One that only an amendment admits, which waits
    /// for nobody else, is the beneficiary's acceptance of it.
    fn held_against(
        &mut self,
        ctx: &Context,
        (lc, credit): (u64, &mut Credit),
        offer: &Offer<'_>,
    ) -> Result<Assessment, Refused> {
        let old = self.assessed(ctx, (lc, credit), &self.clauses_of(lc)?, offer);
        let complies = old.as_ref().is_ok_and(|known| known.found.is_empty());
        if complies || offer.second.is_some() {
            return old;
        }
        let Some((n, amendment)) = self.awaits_beneficiary(lc, credit) else {
            return old;
        };
        match self.assessed(ctx, (lc, credit), &amendment.clauses, offer) {
            Ok(new) if new.found.is_empty() => {
                let by = credit.parties.beneficiary;
                self.accept(ctx, (lc, credit), n, amendment, (by, BENEFICIARY))?;
                Ok(new)
            }
            _ => old,
        }
    }

    fn assessed(
        &self,
        ctx: &Context,
        (lc, credit): (u64, &Credit),
        clauses: &Clauses,
        offer: &Offer<'_>,
    ) -> Result<Assessment, Refused> {
        let calendar = self.calendar_of(clauses)?;
        let claims = self.claims(ctx, (lc, credit), offer.second.is_some())?;
        Ok(assess(clauses, &calendar, offer, &claims)?)
    }

    fn claims(
        &self,
        ctx: &Context,
        (lc, credit): (u64, &Credit),
        second: bool,
    ) -> Result<Claims, Refusal> {
        let sum = |open: Amount, used: Amount| open.checked_add(used).ok_or(Refusal::Overflow);
        let of_second = credit.transferred.map_or(Amount::ZERO, |t| t.used);
        let used = if second {
            of_second
        } else {
            credit.used.saturating_sub(of_second)
        };
        Ok(Claims {
            all: sum(self.open_claims(ctx, (lc, credit), None)?, credit.used)?,
            own: sum(self.open_claims(ctx, (lc, credit), Some(second))?, used)?,
            parts: self.claimed_parts(ctx, (lc, credit))?,
        })
    }

    /// By part: what was paid for it or is claimed.
    fn claimed_parts(
        &self,
        ctx: &Context,
        (lc, credit): (u64, &Credit),
    ) -> Result<Vec<Amount>, Refusal> {
        let mut sums = Vec::new();
        if !self.clauses_of(lc)?.in_parts() {
            return Ok(sums);
        }
        for n in 1..=credit.presentations {
            let shown = self.shown(lc, n)?;
            let lost = !shown.is_open(ctx.now()) && !shown.step.is_settled();
            let Some(part) = shown.part.map(index).filter(|_| !lost) else {
                continue;
            };
            if sums.len() <= part {
                sums.resize(part.saturating_add(1), Amount::ZERO);
            }
            if let Some(sum) = sums.get_mut(part) {
                *sum = sum.checked_add(shown.claim).ok_or(Refusal::Overflow)?;
            }
        }
        Ok(sums)
    }

    /// Refuses a claim that the trade contract does not bear any more: it could never be paid.
    fn within_trade(
        &self,
        ctx: &Context,
        (lc, credit): (u64, &Credit),
        claim: Amount,
    ) -> Result<(), Refused> {
        let open = self.open_claims(ctx, (lc, credit), None)?;
        let all = open.checked_add(claim).ok_or(Refusal::Overflow)?;
        // What others may draw stays theirs: only beyond that a tolerance can be used.
        let own = credit.reserved(&self.clauses_of(lc)?);
        let others = self.committed.get(&credit.trade_ref).saturating_sub(own);
        let left = self.trade(ctx.now(), &credit.trade_ref)?.left();
        let left = left.saturating_sub(others);
        ensure!(all <= left, stopped(PURPOSE_VIOLATION, Side::Any));
        Ok(())
    }

    /// Enters hashes and keys; answers the records, whose control must be pledged to the escrow.
    fn take_documents(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        presenter: Pid,
        docs: &[Document],
    ) -> Result<Vec<u64>, Refused> {
        let mut pledged = Vec::new();
        for doc in docs {
            let earlier = self.used_hashes.find(&doc.hash);
            self.enter_hash(ctx, (lc, n), doc.hash)?;
            self.take_over(earlier, doc.record);
            let key = doc.business_key();
            self.free(ctx, lc, self.used_keys.find(&key))?;
            self.used_keys.set(&key, Use { lc, n });
            if let Some(record) = doc.record {
                self.pledged_to_us(ctx, (record, doc.hash), presenter)?;
                pledged.push(record);
            }
        }
        Ok(pledged)
    }

    /// A record that comes again serves the new presentation alone: what the earlier one gives back must
    /// not be taken from it.
    fn take_over(&mut self, earlier: Option<Use>, record: Option<u64>) {
        let (Some(Use { lc, n }), Some(record)) = (earlier, record) else {
            return;
        };
        if let Some(mut shown) = self.presentations.find(&(lc, n)) {
            shown.pledged.retain(|other| *other != record);
            self.presentations.set(&(lc, n), shown);
        }
    }

    pub(crate) fn enter_hash(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        hash: Hash,
    ) -> Result<(), Refused> {
        self.free(ctx, lc, self.used_hashes.find(&hash))?;
        self.used_hashes.set(&hash, Use { lc, n });
        Ok(())
    }

    /// Refuses what is used, unless by a presentation of the same credit that came to nothing.
    fn free(&self, ctx: &Context, lc: u64, used: Option<Use>) -> Result<(), Refusal> {
        let Some(used) = used else { return Ok(()) };
        let free = used.lc == lc
            && self
                .presentations
                .find(&(lc, used.n))
                .is_some_and(|other| !other.is_open(ctx.now()) && !other.step.is_settled());
        ensure!(free, Refusal::DuplicateDocument);
        Ok(())
    }

    pub(crate) fn notice(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let credit = self.found(lc)?;
        let mut shown = self.shown(lc, n)?;
        self.acts(ctx, credit.presenter(shown.second))?;
        credit.live()?;
        let Clock::Open { until } = shown.clock else {
            return Err(Refusal::BadState.into());
        };
        ensure!(
            deadline::in_time(ctx.now(), until),
            Refusal::LatePresentation
        );
        let calendar = self.calendar_of(&self.clauses_of(lc)?)?;
        let deadline = credit
            .stopped
            .is_none()
            .then(|| schedule::examination_end(&calendar, ctx.now()));
        shown.clock = match deadline {
            Some(deadline) => Clock::Running { deadline },
            None => Clock::Stopped {
                left: EXAMINATION_DAYS,
            },
        };
        self.presentations.set(&(lc, n), shown);
        self.turned(ctx, (lc, n), Turn::Completed { deadline });
        Ok(())
    }

    /// Forgets which presentations were open and are no longer.
    pub(crate) fn prune(
        &self,
        ctx: &Context,
        (lc, credit): (u64, &mut Credit),
    ) -> Result<(), Refusal> {
        let mut open = Vec::new();
        for n in &credit.open {
            let shown = self.shown(lc, *n)?;
            // A presentation that may still be completed or disputed comes back by itself only
            // while it is open: what is closed stays closed.
            if shown.is_open(ctx.now()) {
                open.push(*n);
            }
        }
        credit.open = open;
        Ok(())
    }

    /// Gives records back to the presenter of what came to nothing; an exit, open to anybody.
    pub(crate) fn give_documents_back(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
    ) -> Result<(), Refused> {
        let ended = self.found(lc)?.stage != Stage::Issued;
        let mut shown = self.shown(lc, n)?;
        let over = (ended || !shown.is_open(ctx.now())) && !shown.pledged.is_empty();
        ensure!(over, Refusal::BadState);
        let back = |record| Order::HandBack { record };
        let orders: Vec<Order> = shown.pledged.drain(..).map(back).collect();
        self.presentations.set(&(lc, n), shown);
        self.turned(ctx, (lc, n), Turn::DocumentsReturned);
        self.carry_out(&orders)
    }

    /// Gives a record back that was pledged and that no presentation has; an exit, of who pledged it.
    pub(crate) fn give_record_back(&mut self, ctx: &Context, record: u64) -> Result<(), Refused> {
        let (pledgor, doc) = self.in_our_hands(ctx, record)?;
        let theirs = self.owner_of(pledgor)?;
        let caller = self.owner_of(ctx.caller())?;
        ensure!(caller.is_some() && caller == theirs, Refusal::not_party());
        if let Some(Use { lc, n }) = self.used_hashes.find(&doc) {
            let shown = self.presentations.find(&(lc, n));
            let free = shown.is_none_or(|shown| !shown.pledged.contains(&record));
            ensure!(free, Refusal::BadState);
        }
        self.hand_back(record)
    }

    /// As [`Escrow::give_documents_back`], as far as the registry lets it: what decides about money
    /// must not hang on it.
    pub(crate) fn try_return(&mut self, (lc, n): (u64, u64)) {
        let Some(mut shown) = self.presentations.find(&(lc, n)) else {
            return;
        };
        shown
            .pledged
            .retain(|record| self.hand_back(*record).is_err());
        self.presentations.set(&(lc, n), shown);
    }
}

/// Shape of documents.
fn well_formed(docs: &[Document], claim: Amount, now: Timestamp) -> Result<(), Refusal> {
    let named = |doc: &Document| !doc.kind.is_empty() && !doc.number.trim().is_empty();
    let sound = |doc: &Document| named(doc) && doc.date <= now;
    let shown = !docs.is_empty() && docs.iter().all(sound);
    ensure!(shown, Refusal::argument("docs"));
    ensure!(!claim.is_zero(), Refusal::ZeroAmount);
    bounded(docs.len(), DOCUMENTS_MAX)?;
    for doc in docs {
        bounded(doc.kind.len(), NAME_BYTES_MAX)?;
        bounded(doc.number.len(), NAME_BYTES_MAX)?;
        ensure!(doc.hash != Hash::ZERO, Refusal::BadDocument);
    }
    bounded(docs.encoded_size(), DOCUMENTS_BYTES_MAX)
}

impl Document {
    /// What makes a business document one and the same, however its number is written.
    fn business_key(&self) -> Hash {
        let number = self.number.trim().to_ascii_uppercase();
        crypto::hash_encoded(&(self.issuer, &self.kind, number, self.date))
    }
}

impl Step {
    /// Money moved, or an arbiter divided it.
    pub(crate) const fn is_settled(self) -> bool {
        matches!(self, Self::Paid(_) | Self::Reimbursable | Self::Awarded)
    }
}
