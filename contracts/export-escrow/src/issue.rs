//! From application to the undertakings of the banks.
//!
//! Nobody is bound by an application. Issue binds the issuing bank against a hold of the applicant's
//! money, confirmation binds the confirming bank with its own.

use crate::credit::{Credit, Parties, Party, Source, Stage};
use crate::event::{Applied, CalendarDefined, Mark, Marked};
use crate::fund::Wanted;
use crate::law::{PURPOSE_VIOLATION, stopped};
use crate::storage::Escrow;
use crate::terms::{Clauses, Terms};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::interface::{Side, TradeRef};
use weighhouse_standard::{Refusal, Role, deadline};

impl Escrow {
    pub(crate) fn found(&self, lc: u64) -> Result<Credit, Refusal> {
        self.credits.find(&lc).ok_or(Refusal::NotFound)
    }

    pub(crate) fn clauses_of(&self, lc: u64) -> Result<Clauses, Refusal> {
        self.clauses.find(&lc).ok_or(Refusal::NotFound)
    }

    pub(crate) fn calendar_of(&self, clauses: &Clauses) -> Result<Calendar, Refusal> {
        self.calendars
            .find(&clauses.calendar)
            .ok_or(Refusal::NotFound)
    }

    pub(crate) fn mark(&mut self, ctx: &Context, lc: u64, mark: Mark, by: Party) {
        let seq = self.journal.next_seq();
        ctx.emit(Marked { seq, lc, mark, by });
    }

    pub(crate) fn draft(&mut self, ctx: &Context, terms: Terms) -> Result<u64, Refused> {
        self.trading(ctx)?;
        terms.check(ctx.now())?;
        ensure!(
            self.calendars.contains(&terms.clauses.calendar),
            Refusal::NotFound
        );
        let parties = self.parties(ctx.caller(), &terms)?;
        let (trade, amount) = (terms.trade_ref, terms.clauses.amount);
        self.budget(ctx, (&parties, &trade), amount, Amount::ZERO)?;
        let lc = self.credit_count.next();
        let (applicant, beneficiary) = (parties.applicant, parties.beneficiary);
        let credit = Credit {
            parties,
            trade_ref: terms.trade_ref,
            token: terms.token,
            stage: Stage::Draft,
            advised: false,
            confirmed: false,
            funding: Vec::new(),
            used: Amount::ZERO,
            advanced: Amount::ZERO,
            presentations: 0,
            open: Vec::new(),
            amendments: 0,
            pending: None,
            transferred: None,
            assignments: Vec::new(),
            fx: None,
            provider: None,
            stopped: None,
        };
        self.credits.set(&lc, credit);
        self.clauses.set(&lc, terms.clauses.clone());
        let seq = self.journal.next_seq();
        ctx.emit(Applied {
            seq,
            lc,
            applicant,
            beneficiary,
            terms,
        });
        Ok(lc)
    }

    /// Everybody who takes part is in the register.
    fn parties(&self, applicant: Address, terms: &Terms) -> Result<Parties, Refused> {
        let some = |wallet: Option<Address>| wallet.map(|wallet| self.party(wallet)).transpose();
        let parties = Parties {
            applicant: self.party(applicant)?,
            beneficiary: self.party(terms.beneficiary)?,
            issuing: self.party(terms.issuing_bank)?,
            advising: some(terms.advising)?,
            confirming: some(terms.confirming)?,
            nominated: some(terms.nominated)?,
            arbiter: terms.arbiter,
        };
        // Who judges documents or disputes must not be who pays or is paid.
        let banks = [parties.nominated, parties.confirming]
            .into_iter()
            .flatten();
        let mut judges = core::iter::once(parties.issuing).chain(banks);
        ensure!(
            judges.all(|judge| parties.apart(judge.pid)),
            Refusal::argument("issuing_bank")
        );
        let arbiter = terms.arbiter.map(|arbiter| self.person(&arbiter));
        let arbiter = arbiter.transpose()?.flatten();
        let apart = arbiter.is_none_or(|pid| parties.apart(pid) && pid != parties.issuing.pid);
        ensure!(apart, Refusal::argument("arbiter"));
        Ok(parties)
    }

    /// Refuses a trade contract of others, and more than is left of it beside what other credits
    /// may still draw; `own` is what this credit has committed already.
    pub(crate) fn budget(
        &self,
        ctx: &Context,
        (parties, trade_ref): (&Parties, &TradeRef),
        amount: Amount,
        own: Amount,
    ) -> Result<(), Refused> {
        let trade = self.trade(ctx.now(), trade_ref)?;
        let theirs =
            trade.importer == parties.applicant.pid && trade.exporter == parties.beneficiary.pid;
        let others = self.committed.get(trade_ref).saturating_sub(own);
        let left = trade.left().saturating_sub(others);
        let fits = theirs && amount <= left;
        ensure!(fits, stopped(PURPOSE_VIOLATION, Side::Any));
        Ok(())
    }

    pub(crate) fn bind(&mut self, ctx: &Context, lc: u64, hold: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let mut credit = self.found(lc)?;
        let bank = credit.parties.issuing;
        self.acts(ctx, bank)?;
        ensure!(credit.stage == Stage::Draft, Refusal::BadState);
        let clauses = self.clauses_of(lc)?;
        let end = self.calendar_of(&clauses)?.moved(clauses.expiry);
        deadline::before_end(ctx.now(), end)?;
        let parties = credit.parties.clone();
        self.fit_to_issue(ctx, &credit)?;
        let trade = credit.trade_ref;
        self.budget(ctx, (&parties, &trade), clauses.amount, Amount::ZERO)?;
        let wanted = Wanted {
            source: Source::Applicant,
            token: credit.token,
            owner: parties.applicant,
            payee: parties.beneficiary.wallet,
            least: clauses.max_draw()?,
        };
        self.take_hold(ctx, (lc, &mut credit), hold, &wanted)?;
        credit.stage = Stage::Issued;
        self.reserve(&credit, Amount::ZERO, &clauses);
        self.credits.set(&lc, credit);
        self.mark(ctx, lc, Mark::Issued, bank);
        Ok(())
    }

    pub(crate) fn hand_on(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let mut credit = self.found(lc)?;
        let bank = credit.parties.advising.ok_or(Refusal::not_party())?;
        self.acts(ctx, bank)?;
        credit.live()?;
        ensure!(!credit.advised, Refusal::BadState);
        credit.advised = true;
        self.credits.set(&lc, credit);
        self.mark(ctx, lc, Mark::Advised, bank);
        Ok(())
    }

    pub(crate) fn add_undertaking(
        &mut self,
        ctx: &Context,
        lc: u64,
        hold: u64,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        let mut credit = self.found(lc)?;
        let bank = credit.parties.confirming.ok_or(Refusal::not_party())?;
        self.acts(ctx, bank)?;
        credit.live()?;
        ensure!(!credit.confirmed, Refusal::BadState);
        let clauses = self.clauses_of(lc)?;
        let end = self.calendar_of(&clauses)?.moved(clauses.expiry);
        deadline::before_end(ctx.now(), end)?;
        self.clean(bank, credit.parties.beneficiary)?;
        // What it advances it gets back from the applicant's holds: they must be able to pay it.
        Self::unbound(&credit, Source::Applicant, bank.wallet)?;
        let wanted = Wanted {
            source: Source::Confirming,
            token: credit.token,
            owner: bank,
            payee: credit.parties.beneficiary.wallet,
            least: clauses.max_draw()?,
        };
        self.take_hold(ctx, (lc, &mut credit), hold, &wanted)?;
        credit.confirmed = true;
        self.credits.set(&lc, credit);
        self.mark(ctx, lc, Mark::Confirmed, bank);
        Ok(())
    }

    /// A further hold of the applicant, of the confirming bank, or of who provides another unit;
    /// before the amount is raised.
    pub(crate) fn add_hold_of(&mut self, ctx: &Context, lc: u64, hold: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let mut credit = self.found(lc)?;
        let by = Party {
            pid: self.caller(ctx)?,
            wallet: ctx.caller(),
        };
        let parties = &credit.parties;
        let confirming = parties.confirming.filter(|_| credit.confirmed);
        let mut source = Source::Provider;
        let mut token = credit.fx.map_or(credit.token, |fx| fx.pay_token);
        if by.pid == parties.applicant.pid || confirming.is_some_and(|bank| bank.pid == by.pid) {
            token = credit.token;
            source = if by.pid == parties.applicant.pid {
                Source::Applicant
            } else {
                Source::Confirming
            };
        } else {
            let provides = credit.provider.is_some_and(|one| one.pid == by.pid);
            ensure!(provides, Refusal::not_party());
        }
        credit.live()?;
        let wanted = Wanted {
            source,
            token,
            owner: by,
            payee: credit.parties.beneficiary.wallet,
            least: Amount(1),
        };
        self.take_hold(ctx, (lc, &mut credit), hold, &wanted)?;
        self.credits.set(&lc, credit);
        Ok(())
    }

    pub(crate) fn new_calendar(
        &mut self,
        ctx: &Context,
        calendar: Calendar,
    ) -> Result<u64, Refused> {
        self.lifecycle.alive()?;
        calendar.check()?;
        self.roles.require(ctx, Role::Operator)?;
        let id = self.calendar_count.next();
        self.calendars.set(&id, calendar.clone());
        let seq = self.journal.next_seq();
        ctx.emit(CalendarDefined { seq, id, calendar });
        Ok(id)
    }
}
