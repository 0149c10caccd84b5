//! Examination: the verdict or one refusal in time, waiver, corrupt documents, stopped clocks.
//!
//! A bank that says nothing until the deadline is precluded from refusing. Nothing but a stopped clock
//! moves the deadline: a waiver that is asked for does not.

use crate::agree::{APPLICANT, ISSUING};
use crate::credit::{Credit, Party};
use crate::event::{Mark, Turn};
use crate::presentation::{
    Clock, Corrupt, DISCREPANCIES_BYTES_MAX, DISCREPANCIES_MAX, Disposal, Presentation,
    RefusalNotice, Standing, Step, Waiver,
};
use crate::schedule::{self, REPLACEMENT_DAYS};
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, Role, TEXT_BYTES_MAX, bounded, deadline};

impl Escrow {
    /// Credit and presentation, for a bank that may examine: still examined, by a bank that may act.
    fn examined_by(
        &self,
        ctx: &Context,
        (lc, n): (u64, u64),
    ) -> Result<(Credit, Presentation, Party), Refused> {
        let credit = self.found(lc)?;
        let shown = self.shown(lc, n)?;
        let bank = self.examiner(ctx, &credit)?;
        credit.live()?;
        still_examined(&shown, ctx.now())?;
        if bank.pid == credit.parties.issuing.pid {
            self.authorised_bank(ctx, bank)?;
        }
        Ok((credit, shown, bank))
    }

    pub(crate) fn find_complying(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let (_, mut shown, _) = self.examined_by(ctx, (lc, n))?;
        // What the contract itself found wrong no bank can call right (invariant E4).
        ensure!(shown.found.is_empty(), Refusal::NotComplying);
        shown.step = Step::Complying;
        self.presentations.set(&(lc, n), shown);
        self.turned(ctx, (lc, n), Turn::Complying);
        Ok(())
    }

    pub(crate) fn reject(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        discrepancies: Vec<String>,
        disposal: Disposal,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(
            !discrepancies.is_empty(),
            Refusal::argument("discrepancies")
        );
        bounded(discrepancies.len(), DISCREPANCIES_MAX)?;
        for text in &discrepancies {
            ensure!(!text.is_empty(), Refusal::argument("discrepancies"));
            bounded(text.len(), TEXT_BYTES_MAX)?;
        }
        let bytes = discrepancies.iter().map(String::len).sum();
        bounded(bytes, DISCREPANCIES_BYTES_MAX)?;
        let (_, mut shown, by) = self.examined_by(ctx, (lc, n))?;
        // Invariant E5: a refused presentation is never examined again.
        shown.step = Step::Refused;
        shown.refusal = Some(RefusalNotice {
            by,
            at: ctx.now(),
            discrepancies: discrepancies.clone(),
            disposal,
        });
        let back = matches!(disposal, Disposal::Return | Disposal::Instructed)
            && !shown.disputed(ctx.now());
        self.presentations.set(&(lc, n), shown);
        let turn = Turn::Refused {
            discrepancies,
            disposal,
        };
        self.turned(ctx, (lc, n), turn);
        if back {
            self.try_return((lc, n));
        }
        Ok(())
    }

    /// A step of the waiver: the issuing bank asks, the applicant gives, the issuing bank accepts.
    pub(crate) fn waive(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        next: Turn,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        let credit = self.found(lc)?;
        let mut shown = self.shown(lc, n)?;
        let bank = !matches!(next, Turn::WaiverGiven);
        self.seated(ctx, &credit, if bank { ISSUING } else { APPLICANT })?;
        credit.live()?;
        still_examined(&shown, ctx.now())?;
        let (from, to) = match next {
            Turn::WaiverAsked => (Waiver::None, Waiver::Asked),
            Turn::WaiverGiven => (Waiver::Asked, Waiver::Given),
            _ => (Waiver::Given, Waiver::Given),
        };
        ensure!(shown.waiver == from, Refusal::BadState);
        if bank {
            self.authorised_bank(ctx, credit.parties.issuing)?;
        }
        shown.waiver = to;
        if matches!(next, Turn::WaiverAccepted) {
            shown.step = Step::Waived;
        }
        self.presentations.set(&(lc, n), shown);
        self.turned(ctx, (lc, n), next);
        Ok(())
    }

    pub(crate) fn report_corrupt(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        doc: Hash,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let mut shown = self.shown_of(lc, n)?;
        self.examiner(ctx, &self.found(lc)?)?;
        let position = shown.position(doc)?;
        // Further documents may be reported while the clock stands still for the first.
        let stopped = match shown.corrupt.take() {
            Some(corrupt) if !deadline::expired(ctx.now(), corrupt.until) => {
                self.found(lc)?.live()?;
                Some(corrupt)
            }
            _ => {
                self.examined_by(ctx, (lc, n))?;
                None
            }
        };
        // Each document once: a bank cannot stop the clock for ever.
        ensure!(!shown.reported.contains(&position), Refusal::BadState);
        shown.reported.push(position);
        let calendar = self.calendar_of(&self.clauses_of(lc)?)?;
        let mut corrupt = stopped.unwrap_or_else(|| Corrupt {
            missing: Vec::new(),
            until: schedule::days_later(&calendar, ctx.now(), REPLACEMENT_DAYS),
        });
        corrupt.missing.push(position);
        let until = corrupt.until;
        shown.corrupt = Some(corrupt);
        if let Clock::Running { deadline } = shown.clock {
            let left = schedule::days_left(&calendar, ctx.now(), deadline);
            shown.clock = Clock::Stopped { left };
        }
        self.presentations.set(&(lc, n), shown);
        self.turned(ctx, (lc, n), Turn::Corrupt { doc, until });
        Ok(())
    }

    fn shown_of(&self, lc: u64, n: u64) -> Result<Presentation, Refusal> {
        self.found(lc)?;
        self.shown(lc, n)
    }

    fn examiner(&self, ctx: &Context, credit: &Credit) -> Result<Party, Refused> {
        let pid = self.caller(ctx)?;
        let bank = credit.examiners().find(|bank| pid == bank.pid);
        Ok(bank.ok_or(Refusal::not_party())?)
    }

    pub(crate) fn replace(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        doc: Hash,
        hash: Hash,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(hash != Hash::ZERO, Refusal::BadDocument);
        let credit = self.found(lc)?;
        let mut shown = self.shown(lc, n)?;
        self.acts(ctx, credit.presenter(shown.second))?;
        let position = shown.position(doc)?;
        credit.live()?;
        let Some(mut corrupt) = shown.corrupt.take() else {
            return Err(Refusal::BadState.into());
        };
        let at = corrupt.missing.iter().position(|other| *other == position);
        let at = at.ok_or(Refusal::BadState)?;
        deadline::before_end(ctx.now(), corrupt.until)?;
        ensure!(shown.step == Step::Undecided, Refusal::BadState);
        self.enter_hash(ctx, (lc, n), hash)?;
        if let Some(replaced) = shown.docs.get_mut(crate::terms::index(position)) {
            replaced.hash = hash;
        }
        corrupt.missing.swap_remove(at);
        let mut deadline = None;
        if corrupt.missing.is_empty() {
            if let (Clock::Stopped { left }, None) = (shown.clock, credit.stopped) {
                let calendar = self.calendar_of(&self.clauses_of(lc)?)?;
                let end = schedule::resumed(&calendar, ctx.now(), left);
                shown.clock = Clock::Running { deadline: end };
                deadline = Some(end);
            }
        } else {
            shown.corrupt = Some(corrupt);
        }
        self.presentations.set(&(lc, n), shown);
        let turn = Turn::Replaced {
            doc,
            hash,
            deadline,
        };
        self.turned(ctx, (lc, n), turn);
        Ok(())
    }

    /// The issuing bank lost its authorisation: anybody may note it, clocks stand still from then on.
    pub(crate) fn stop_clocks(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        let mut credit = self.found(lc)?;
        credit.live()?;
        let bank = credit.parties.issuing;
        let lost = !self.is_authorised(ctx, bank)?;
        ensure!(lost && credit.stopped.is_none(), Refusal::BadState);
        credit.stopped = Some(ctx.now());
        let calendar = self.calendar_of(&self.clauses_of(lc)?)?;
        for n in &credit.open {
            let mut shown = self.shown(lc, *n)?;
            if shown.judged(ctx.now()) == Standing::Examining
                && let Clock::Running { deadline } = shown.clock
            {
                let left = schedule::days_left(&calendar, ctx.now(), deadline);
                shown.clock = Clock::Stopped { left };
                self.presentations.set(&(lc, *n), shown);
            }
        }
        self.credits.set(&lc, credit);
        self.mark(ctx, lc, Mark::Stopped, bank);
        Ok(())
    }

    /// The regulator puts another bank in its place; clocks go on.
    pub(crate) fn put_agent(
        &mut self,
        ctx: &Context,
        lc: u64,
        bank: Address,
    ) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Regulator)?;
        let mut credit = self.found(lc)?;
        credit.live()?;
        let lost = !self.is_authorised(ctx, credit.parties.issuing)?;
        ensure!(lost || credit.stopped.is_some(), Refusal::BadState);
        let agent = self.party(bank)?;
        let apart = credit.parties.apart(agent.pid);
        ensure!(apart, Refusal::argument("bank"));
        self.authorised_bank(ctx, agent)?;
        credit.parties.issuing = agent;
        credit.stopped = None;
        let calendar = self.calendar_of(&self.clauses_of(lc)?)?;
        for n in &credit.open {
            let mut shown = self.shown(lc, *n)?;
            if let (Clock::Stopped { left }, None) = (shown.clock, &shown.corrupt) {
                let deadline = schedule::resumed(&calendar, ctx.now(), left);
                shown.clock = Clock::Running { deadline };
                self.presentations.set(&(lc, *n), shown);
            }
        }
        self.credits.set(&lc, credit);
        self.mark(ctx, lc, Mark::AgentAssigned, agent);
        Ok(())
    }
}

/// Refuses what is no longer, or not yet, examined.
fn still_examined(shown: &Presentation, now: Timestamp) -> Result<(), Refusal> {
    match shown.judged(now) {
        Standing::Examining => Ok(()),
        Standing::ClockStopped => Err(Refusal::ClockSuspended),
        Standing::Precluded => Err(Refusal::Precluded),
        _ => Err(Refusal::BadState),
    }
}

impl Presentation {
    /// Where a document is among those presented.
    fn position(&self, doc: Hash) -> Result<u32, Refusal> {
        let found = (0_u32..)
            .zip(&self.docs)
            .find(|(_, shown)| shown.hash == doc);
        Ok(found.ok_or(Refusal::NotFound)?.0)
    }
}
