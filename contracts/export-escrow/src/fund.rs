//! Holds that pay, and the books about them.
//!
//! Invariant E1: an amount enters `funded` and `held` together, and leaves `held` for `drawn` or
//! `returned`; the host checks the sums. Books are written first, then the tokens are called with the
//! [`Order`]s that follow from them; if one refuses, all of it is undone.

use crate::credit::{Credit, Funding, Party, Source};
use crate::event::Funded;
use crate::outside;
use crate::storage::Escrow;
use weighhouse_sdk::event::Event as _;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldView, Purpose};
use weighhouse_standard::{Refusal, bounded};

/// Holds of a credit.
pub const HOLDS_MAX: usize = 16;

/// What a token or the registry of rights is told once the books are written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// Move held units.
    Execute {
        token: Address,
        hold: u64,
        to: Address,
        amount: Amount,
    },
    /// Give held units back to their owner.
    Release {
        token: Address,
        hold: u64,
        amount: Amount,
    },
    /// Make `to` the controller of a record.
    Hand { record: u64, to: Address },
    /// Give control of a record back to who pledged it.
    HandBack { record: u64 },
}

/// What a hold must be to pay a credit.
pub(crate) struct Wanted {
    pub(crate) source: Source,
    pub(crate) token: Address,
    /// Whose units.
    pub(crate) owner: Party,
    /// To whom it may be bound.
    pub(crate) payee: Address,
    /// How much at least.
    pub(crate) least: Amount,
}

impl Escrow {
    /// Takes a hold into a credit.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists` if it pays a credit, `BadArgument` if it is another's, executed by
    /// another, bound elsewhere, over or with an end, `LimitExceeded`, `NotFunded`.
    pub(crate) fn take_hold(
        &mut self,
        ctx: &Context,
        (lc, credit): (u64, &mut Credit),
        hold: u64,
        wanted: &Wanted,
    ) -> Result<(), Refused> {
        let info = outside::hold(wanted.token, hold)?;
        let key = (wanted.token, hold);
        ensure!(!self.used_holds.contains(&key), Refusal::AlreadyExists);
        self.suits(ctx, credit, &info, wanted)?;
        bounded(credit.funding.len().saturating_add(1), HOLDS_MAX)?;
        ensure!(
            info.left >= wanted.least && !info.left.is_zero(),
            Refusal::NotFunded
        );
        let (source, token, amount) = (wanted.source, wanted.token, info.left);
        credit.funding.push(Funding {
            source,
            token,
            hold,
            left: amount,
        });
        self.used_holds.set(&key, lc);
        let mut books = self.books_of(lc, source);
        let fits = books.fund(amount) && self.funded_total.credit(amount);
        ensure!(fits, Refusal::Overflow);
        self.books.set(&(lc, source.key()), books);
        let seq = self.journal.next_seq();
        let (event, from) = ((seq, Funded::KIND), Some(wanted.owner.pid));
        let reference = credit.trade_ref;
        self.flows
            .book(ctx, event, (from, None), amount, reference)?;
        ctx.emit(Funded {
            seq,
            lc,
            source,
            token,
            hold,
            amount,
        });
        Ok(())
    }

    /// Refuses a hold that cannot pay this credit.
    ///
    /// # Errors
    /// `BadArgument`.
    pub(crate) fn suits(
        &self,
        ctx: &Context,
        credit: &Credit,
        info: &HoldView,
        wanted: &Wanted,
    ) -> Result<(), Refused> {
        // A hold that is bound to the beneficiary cannot pay anybody else.
        let exchanged = credit.fx.is_some() && wanted.source != Source::Provider;
        let advanced = credit.confirmed && wanted.source == Source::Applicant;
        let alone = credit.assignments.is_empty()
            && credit.transferred.is_none()
            && !exchanged
            && !advanced;
        let bound = info.terms.to.is_none_or(|to| alone && to == wanted.payee);
        // Without end: a hold that expires would leave a claim without money.
        let suits = info.state.is_open()
            && info.terms.notary == ctx.contract()
            && info.terms.expiry.0 == u64::MAX
            && bound
            && Self::counts(credit, info, wanted.source)
            && self.owner_of(info.owner)? == Some(wanted.owner.pid);
        ensure!(suits, Refusal::argument("hold"));
        Ok(())
    }

    /// Invariant E9: the applicant's money, and no other, counts under the trade contract.
    fn counts(credit: &Credit, info: &HoldView, source: Source) -> bool {
        let settles = info.terms.purpose == Purpose::TradeSettlement;
        match source {
            Source::Applicant => settles && info.terms.reference == credit.trade_ref,
            Source::Confirming | Source::Provider => !info.terms.purpose.needs_trade(),
        }
    }

    /// Refuses what the holds of a source cannot pay to anybody but the beneficiary's first wallet.
    pub(crate) fn unbound(credit: &Credit, source: Source, to: Address) -> Result<(), Refused> {
        for funding in &credit.funding {
            if funding.source == source
                && let Some(fixed) = outside::hold(funding.token, funding.hold)?.terms.to
            {
                ensure!(fixed == to, Refusal::WrongDestination { fixed });
            }
        }
        Ok(())
    }

    /// Books `amount` of a source as drawn and answers from which holds it goes to `to`.
    pub(crate) fn draw(
        &mut self,
        (lc, credit): (u64, &mut Credit),
        source: Source,
        to: Address,
        amount: Amount,
        orders: &mut Vec<Order>,
    ) -> Result<(), Refused> {
        let take = |token, hold, amount| Order::Execute {
            token,
            hold,
            to,
            amount,
        };
        out_of(credit, source, amount, take, orders)?;
        let mut books = self.books_of(lc, source);
        ensure!(books.draw(amount), Refusal::Overflow);
        self.books.set(&(lc, source.key()), books);
        Ok(())
    }

    /// Books `amount` of a source as returned and answers from which holds it goes back.
    pub(crate) fn give_back(
        &mut self,
        (lc, credit): (u64, &mut Credit),
        source: Source,
        amount: Amount,
        orders: &mut Vec<Order>,
    ) -> Result<(), Refused> {
        let give = |token, hold, amount| Order::Release {
            token,
            hold,
            amount,
        };
        out_of(credit, source, amount, give, orders)?;
        if amount.is_zero() {
            return Ok(());
        }
        let mut books = self.books_of(lc, source);
        ensure!(books.give_back(amount), Refusal::Overflow);
        self.books.set(&(lc, source.key()), books);
        Ok(())
    }

    /// Tells tokens and registry what the books say. Everything is stored before.
    pub(crate) fn carry_out(&self, orders: &[Order]) -> Result<(), Refused> {
        self.carry_out_under(orders, None)
    }

    /// As [`Escrow::carry_out`], moving units under a licence: an order and the licence's hash.
    pub(crate) fn carry_out_under(
        &self,
        orders: &[Order],
        licence: Option<(u64, Hash)>,
    ) -> Result<(), Refused> {
        for order in orders {
            match *order {
                Order::Execute {
                    token,
                    hold,
                    to,
                    amount,
                } => match licence {
                    None => outside::execute(token, hold, to, amount)?,
                    Some(licence) => outside::execute_licensed((token, hold), to, amount, licence)?,
                },
                Order::Release {
                    token,
                    hold,
                    amount,
                } => outside::release(token, hold, amount)?,
                Order::Hand { record, to } => self.hand_over(record, to)?,
                Order::HandBack { record } => self.hand_back(record)?,
            }
        }
        Ok(())
    }
}

/// Takes `amount` out of the holds of a source, the oldest first.
fn out_of(
    credit: &mut Credit,
    source: Source,
    amount: Amount,
    order: impl Fn(Address, u64, Amount) -> Order,
    orders: &mut Vec<Order>,
) -> Result<(), Refused> {
    let mut rest = amount;
    for funding in &mut credit.funding {
        let part = rest.min(funding.left);
        if funding.source != source || part.is_zero() {
            continue;
        }
        funding.left = funding.left.saturating_sub(part);
        rest = rest.saturating_sub(part);
        orders.push(order(funding.token, funding.hold, part));
    }
    ensure!(rest.is_zero(), Refusal::NotFunded);
    Ok(())
}
