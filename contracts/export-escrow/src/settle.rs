//! Settlement: every way in which money leaves a hold for a claim.
//!
//! All ways are one: state and time, then the law, then conditions, then the books, then the calls that
//! move money and control of the bill of lading. If any of it is refused, nothing happened.
//!
//! Invariants: E2 a presentation is settled once, by one source; E3 claims never exceed what can be
//! drawn; E4 nothing is paid without a verdict and its conditions; E7 who is paid; E9 the trade
//! contract grows by what is paid; E10 what the law stops is still owed.

use crate::credit::{Credit, Fx, Party, Source, Stage};
use crate::event::{Paid, PaymentKind, Settled};
use crate::fund::Order;
use crate::presentation::{Presentation, Standing, Step};
use crate::schedule;
use crate::storage::Escrow;
use crate::terms::{Availability, Clauses, WHOLE_BPS};
use weighhouse_sdk::event::Event as _;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::arithmetic::{mul_div, mul_div_up, split};
use weighhouse_standard::{Refusal, deadline};

/// A claim that is about to be settled.
pub(crate) struct Claim {
    pub(crate) lc: u64,
    pub(crate) n: u64,
    pub(crate) credit: Credit,
    pub(crate) clauses: Clauses,
    pub(crate) shown: Presentation,
}

/// How it is settled.
pub(crate) struct Settlement {
    pub(crate) kind: PaymentKind,
    pub(crate) source: Source,
    /// To those who are paid.
    pub(crate) pay: Amount,
    /// To the owner of the hold.
    pub(crate) back: Amount,
    /// What the presentation becomes.
    pub(crate) step: Step,
    /// Who becomes controller of the records.
    pub(crate) records_to: Address,
}

impl Escrow {
    pub(crate) fn claim(&self, lc: u64, n: u64) -> Result<Claim, Refusal> {
        let credit = self.found(lc)?;
        let (clauses, shown) = (self.clauses_of(lc)?, self.shown(lc, n)?);
        Ok(Claim {
            lc,
            n,
            credit,
            clauses,
            shown,
        })
    }

    /// Refuses what is not owed at this second.
    pub(crate) fn owed(&self, ctx: &Context, claim: &Claim) -> Result<(), Refusal> {
        let (shown, now) = (&claim.shown, ctx.now());
        claim.credit.live()?;
        match shown.judged(now) {
            Standing::Complying | Standing::Waived | Standing::Precluded => {}
            Standing::Refused => return Err(Refusal::NotComplying),
            Standing::ClockStopped => return Err(Refusal::ClockSuspended),
            _ => return Err(Refusal::BadState),
        }
        ensure!(!shown.disputed(now), Refusal::BadState);
        if let Some(deadline) = shown.overdue(now) {
            return Err(Refusal::DeadlinePassed { deadline });
        }
        if let Some(due) = self.due_of(claim)? {
            deadline::after_start(now, due)?;
        }
        Ok(())
    }

    /// The issuing bank's undertaking, from the applicant's money.
    pub(crate) fn pay(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let claim = self.claim(lc, n)?;
        self.owed(ctx, &claim)?;
        self.lawful(ctx, &claim)?;
        let (pay, back) = self.after_conditions(&claim)?;
        let records_to = self.reach(claim.credit.parties.applicant)?;
        let settlement = Settlement {
            kind: PaymentKind::Honour,
            source: Source::Applicant,
            pay,
            back,
            step: Step::Paid(Source::Applicant),
            records_to,
        };
        self.settle(ctx, claim, &settlement)
    }

    /// The milestone's payment: the presentation that serves it.
    pub(crate) fn pay_milestone(&mut self, ctx: &Context, lc: u64, k: u32) -> Result<(), Refused> {
        self.trading(ctx)?;
        let credit = self.found(lc)?;
        let clauses = self.clauses_of(lc)?;
        let due = clauses.milestone(Some(k)).ok_or(Refusal::NotFound)?.due;
        credit.live()?;
        // Of the presentations that served it one at most is paid or owed: the last.
        let mut last = None;
        for n in 1..=credit.presentations {
            let shown = self.shown(lc, n)?;
            let counts = shown.part == Some(k)
                && (shown.step.is_settled() || shown.judged(ctx.now()) != Standing::Lapsed);
            if counts {
                last = Some(n);
            }
        }
        let Some(n) = last else {
            deadline::before_end(ctx.now(), due)?;
            return Err(Refusal::NotComplying.into());
        };
        self.pay(ctx, lc, n)
    }

    /// What is left after conditions: all of it, or less a penalty that goes back.
    pub(crate) fn after_conditions(&self, claim: &Claim) -> Result<(Amount, Amount), Refused> {
        let mut penalty = Amount::ZERO;
        for condition in claim.clauses.conditions_of(claim.shown.part) {
            let bps = Self::penalty(condition)?;
            let part = mul_div_up(claim.shown.claim.0, bps.into(), WHOLE_BPS.into());
            let part = Amount(part.ok_or(Refusal::Overflow)?);
            penalty = penalty.checked_add(part).ok_or(Refusal::Overflow)?;
        }
        let penalty = penalty.min(claim.shown.claim);
        Ok((claim.shown.claim.saturating_sub(penalty), penalty))
    }

    /// Books, events, then calls.
    pub(crate) fn settle(
        &mut self,
        ctx: &Context,
        claim: Claim,
        settlement: &Settlement,
    ) -> Result<(), Refused> {
        let Claim {
            lc,
            n,
            mut credit,
            clauses,
            mut shown,
        } = claim;
        let reimbursed =
            settlement.kind == PaymentKind::Reimbursement || shown.step == Step::Reimbursable;
        let before = credit.reserved(&clauses);
        count(&mut credit, &mut shown, settlement, reimbursed)?;
        self.reserve(&credit, before, &clauses);
        let mut orders = Vec::new();
        let payees = if reimbursed {
            let bank = credit.parties.confirming.ok_or(Refusal::BadState)?;
            [(bank, settlement.pay)].into()
        } else {
            shares(&credit, &shown, settlement.pay)?
        };
        let (payees, provided) = self.order_payments(
            ctx,
            (lc, &mut credit),
            settlement,
            (payees, reimbursed),
            &mut orders,
        )?;
        self.give_back(
            (lc, &mut credit),
            settlement.source,
            settlement.back,
            &mut orders,
        )?;
        if !settlement.pay.is_zero() {
            let to = settlement.records_to;
            let hand = |record| Order::Hand { record, to };
            orders.extend(shown.pledged.drain(..).map(hand));
        }
        shown.step = settlement.step;
        let emptied = settlement.pay.is_zero() && !shown.pledged.is_empty();
        self.presentations.set(&(lc, n), shown);
        let seq = self.journal.next_seq();
        ctx.emit(Settled {
            seq,
            lc,
            n,
            kind: settlement.kind,
            source: settlement.source,
            drawn: settlement.pay,
            returned: settlement.back,
            provided,
        });
        self.report_paid(ctx, (lc, n), &credit, settlement.source, payees)?;
        self.prune(ctx, (lc, &mut credit))?;
        if exhausted(&credit, &clauses)? {
            self.end(ctx, (lc, &mut credit), Stage::Closed, &mut orders)?;
        }
        self.credits.set(&lc, credit);
        let licence = match settlement.kind {
            PaymentKind::Licence { doc, order } => Some((order, doc)),
            _ => None,
        };
        self.carry_out_under(&orders, licence)?;
        if emptied {
            self.try_return((lc, n));
        }
        Ok(())
    }

    /// Orders what the payees get; through the exchange, if there is one.
    fn order_payments(
        &mut self,
        ctx: &Context,
        (lc, credit): (u64, &mut Credit),
        settlement: &Settlement,
        (payees, reimbursed): (Vec<(Party, Amount)>, bool),
        orders: &mut Vec<Order>,
    ) -> Result<(Vec<(Party, Amount)>, Amount), Refused> {
        let Some(fx) = credit
            .fx
            .filter(|_| !reimbursed && !settlement.pay.is_zero())
        else {
            // Who gets nothing need not be reached: nobody bars the way back to the applicant.
            for (payee, amount) in payees.iter().filter(|(_, amount)| !amount.is_zero()) {
                let to = self.reach(*payee)?;
                self.draw((lc, credit), settlement.source, to, *amount, orders)?;
            }
            return Ok((payees, Amount::ZERO));
        };
        Self::rate_holds(ctx, credit, &fx)?;
        let provided = exchanged(&fx, settlement.pay)?;
        let provider = self.reach(credit.provider.ok_or(Refusal::NotFunded)?)?;
        let (source, pay) = (settlement.source, settlement.pay);
        self.draw((lc, credit), source, provider, pay, orders)?;
        let weights: Vec<(u64, u128)> = payees
            .iter()
            .map(|(payee, amount)| (payee.pid.0, amount.0))
            .collect();
        let parts = split(provided.0, &weights).ok_or(Refusal::Overflow)?;
        let mut paid = Vec::new();
        for ((payee, _), part) in payees.into_iter().zip(parts) {
            let (to, part) = (self.reach(payee)?, Amount(part));
            self.draw((lc, credit), Source::Provider, to, part, orders)?;
            paid.push((payee, part));
        }
        Ok((paid, provided))
    }

    /// Enters what the credit needs of the trade contract now, where it needed `before`.
    pub(crate) fn reserve(&mut self, credit: &Credit, before: Amount, clauses: &Clauses) {
        let others = self.committed.get(&credit.trade_ref).saturating_sub(before);
        let all = others.0.saturating_add(credit.reserved(clauses).0);
        self.committed.set(&credit.trade_ref, Amount(all));
    }

    /// The first second at which it is due, if payment is deferred.
    fn due_of(&self, claim: &Claim) -> Result<Option<Timestamp>, Refusal> {
        let Availability::Deferred { days } = claim.clauses.availability else {
            return Ok(None);
        };
        let calendar = self.calendar_of(&claim.clauses)?;
        Ok(Some(schedule::due(
            &calendar,
            claim.shown.shipment_date,
            days,
        )))
    }

    /// Reports each payment; the movements of participants follow from it.
    fn report_paid(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        credit: &Credit,
        source: Source,
        payees: Vec<(Party, Amount)>,
    ) -> Result<(), Refusal> {
        let confirming = credit
            .parties
            .confirming
            .filter(|_| source == Source::Confirming);
        let from = confirming.unwrap_or(credit.parties.applicant).pid;
        for (to, amount) in payees {
            let seq = self.journal.next_seq();
            let (event, sides) = ((seq, Paid::KIND), (Some(from), Some(to.pid)));
            let reference = credit.trade_ref;
            self.flows.book(ctx, event, sides, amount, reference)?;
            ctx.emit(Paid {
                seq,
                lc,
                n,
                to,
                amount,
            });
        }
        Ok(())
    }
}

/// Counts a claim as settled, and what a confirming bank advances or gets back.
fn count(
    credit: &mut Credit,
    shown: &mut Presentation,
    settlement: &Settlement,
    reimbursed: bool,
) -> Result<(), Refusal> {
    let sum = |one: Amount, other| one.checked_add(other).ok_or(Refusal::Overflow);
    if !reimbursed {
        credit.used = sum(credit.used, shown.claim)?;
        if let Some(transferred) = credit.transferred.as_mut().filter(|_| shown.second) {
            transferred.used = sum(transferred.used, shown.claim)?;
        }
    }
    // What was advanced before is settled now; what is advanced now is new.
    let rest = credit.advanced.checked_sub(shown.advanced);
    shown.advanced = if settlement.kind == PaymentKind::Confirmation {
        settlement.pay
    } else {
        Amount::ZERO
    };
    credit.advanced = sum(rest.ok_or(Refusal::Overflow)?, shown.advanced)?;
    Ok(())
}

/// Who gets how much of a payment: assignees their share, the beneficiary the rest.
fn shares(
    credit: &Credit,
    shown: &Presentation,
    pay: Amount,
) -> Result<Vec<(Party, Amount)>, Refusal> {
    let presenter = credit.presenter(shown.second);
    if shown.second || credit.assignments.is_empty() || pay.is_zero() {
        return Ok([(presenter, pay)].into());
    }
    let mut rest = WHOLE_BPS;
    let mut parties = Vec::new();
    for assignment in &credit.assignments {
        rest = rest.saturating_sub(assignment.bps);
        parties.push((assignment.to, assignment.bps));
    }
    parties.push((presenter, rest));
    let weights: Vec<(u64, u128)> = parties
        .iter()
        .map(|(party, bps)| (party.pid.0, u128::from(*bps)))
        .collect();
    let parts = split(pay.0, &weights).ok_or(Refusal::Overflow)?;
    let paid = parties.into_iter().zip(parts);
    Ok(paid
        .filter(|(_, part)| *part > 0)
        .map(|((party, _), part)| (party, Amount(part)))
        .collect())
}

/// `floor(amount * num / den)`.
pub(crate) fn exchanged(fx: &Fx, amount: Amount) -> Result<Amount, Refusal> {
    mul_div(amount.0, fx.num, fx.den)
        .map(Amount)
        .ok_or(Refusal::Overflow)
}

/// True if nothing more can be drawn and nothing is open.
pub(crate) fn exhausted(credit: &Credit, clauses: &Clauses) -> Result<bool, Refusal> {
    let single = !clauses.partial_allowed && !clauses.in_parts() && !credit.used.is_zero();
    let rest = credit.undrawn(clauses)?;
    Ok(credit.open.is_empty() && (rest.is_zero() || single))
}
