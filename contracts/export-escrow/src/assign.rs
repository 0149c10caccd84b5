//! What the beneficiary passes on: a part of the credit, once; shares of the proceeds; another unit.

use crate::agree::{BENEFICIARY, ISSUING, Subject};
use crate::credit::{Assignment, Credit, Fx, Party, Source, Transferred};
use crate::event::{CreditTransferred, FxSet, Mark, ProceedsAssigned};
use crate::fund::Wanted;
use crate::outside;
use crate::settle::exchanged;
use crate::storage::Escrow;
use crate::terms::{Clauses, WHOLE_BPS};
use weighhouse_sdk::crypto;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, bounded};

/// Assignees of a credit.
pub const ASSIGNEES_MAX: usize = 8;

/// What the beneficiary asks to pass on.
pub(crate) struct Passed {
    pub(crate) second: Address,
    pub(crate) amount: Amount,
    pub(crate) expiry: Timestamp,
    pub(crate) latest_shipment: Timestamp,
}

impl Escrow {
    /// Beneficiary and issuing bank say the same; the second of them puts it in force.
    pub(crate) fn pass_on(
        &mut self,
        ctx: &Context,
        lc: u64,
        passed: &Passed,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(!passed.amount.is_zero(), Refusal::ZeroAmount);
        let mut credit = self.found(lc)?;
        let seats = self.seated(ctx, &credit, BENEFICIARY | ISSUING)?;
        credit.live()?;
        let clauses = self.clauses_of(lc)?;
        let once = clauses.transferable && credit.transferred.is_none();
        ensure!(once, Refusal::NotTransferable);
        // Terms may only shrink.
        let open = self.open_claims(ctx, (lc, &credit), None)?;
        let rest = credit.undrawn(&clauses)?.saturating_sub(open);
        let shrinks = passed.expiry <= clauses.expiry
            && passed.latest_shipment <= clauses.latest_shipment
            && passed.expiry > ctx.now();
        ensure!(shrinks, Refusal::argument("expiry"));
        ensure!(passed.amount <= rest, Refusal::argument("amount"));
        let whole = clauses.partial_allowed || passed.amount >= clauses.min_full()?;
        ensure!(whole, Refusal::argument("amount"));
        let second = self.party(passed.second)?;
        ensure!(
            second.pid != credit.parties.beneficiary.pid,
            Refusal::argument("second")
        );
        self.may_receive(second)?;
        self.payable_by_applicant(ctx, &credit, second)?;
        Self::unbound(&credit, Source::Applicant, second.wallet)?;
        Self::unbound(&credit, Source::Confirming, second.wallet)?;
        Self::unbound(&credit, Source::Provider, second.wallet)?;
        let transferred = Transferred {
            second,
            amount: passed.amount,
            expiry: passed.expiry,
            latest_shipment: passed.latest_shipment,
            used: Amount::ZERO,
        };
        let content = crypto::hash_encoded(&transferred);
        let required = BENEFICIARY | ISSUING;
        if !self.agree((lc, Subject::Transfer), content, required, seats)? {
            let by = self.party(ctx.caller())?;
            self.mark(ctx, lc, Mark::TransferAgreed, by);
            return Ok(());
        }
        credit.transferred = Some(transferred);
        self.credits.set(&lc, credit);
        let seq = self.journal.next_seq();
        ctx.emit(CreditTransferred {
            seq,
            lc,
            second,
            amount: passed.amount,
            expiry: passed.expiry,
            latest_shipment: passed.latest_shipment,
        });
        Ok(())
    }

    /// The beneficiary assigns a share of its proceeds; the right to present stays its own.
    pub(crate) fn assign(
        &mut self,
        ctx: &Context,
        lc: u64,
        pid: Pid,
        bps: u16,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(bps > 0 && bps <= WHOLE_BPS, Refusal::argument("bps"));
        let mut credit = self.found(lc)?;
        self.acts(ctx, credit.parties.beneficiary)?;
        let known = credit.assignments.iter().any(|other| other.to.pid == pid)
            || pid == credit.parties.beneficiary.pid;
        ensure!(!known, Refusal::AlreadyExists);
        credit.live()?;
        let to = self.reached(pid)?;
        self.may_receive(to)?;
        self.payable_by_applicant(ctx, &credit, to)?;
        bounded(credit.assignments.len().saturating_add(1), ASSIGNEES_MAX)?;
        let assigned = credit
            .assignments
            .iter()
            .fold(bps, |sum, other| sum.saturating_add(other.bps));
        ensure!(assigned <= WHOLE_BPS, Refusal::argument("bps"));
        Self::unbound(&credit, Source::Applicant, to.wallet)?;
        Self::unbound(&credit, Source::Confirming, to.wallet)?;
        Self::unbound(&credit, Source::Provider, to.wallet)?;
        credit.assignments.push(Assignment { to, bps });
        self.credits.set(&lc, credit);
        let seq = self.journal.next_seq();
        ctx.emit(ProceedsAssigned { seq, lc, to, bps });
        Ok(())
    }

    /// Issuing bank and beneficiary agree that the beneficiary is paid in another unit.
    pub(crate) fn exchange(&mut self, ctx: &Context, lc: u64, fx: Fx) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(fx.num > 0 && fx.den > 0, Refusal::argument("num"));
        ensure!(fx.band <= WHOLE_BPS, Refusal::argument("band"));
        let mut credit = self.found(lc)?;
        let seats = self.seated(ctx, &credit, BENEFICIARY | ISSUING)?;
        ensure!(fx.pay_token != credit.token, Refusal::argument("pay_token"));
        credit.live()?;
        ensure!(credit.fx.is_none(), Refusal::BadState);
        let clauses = self.clauses_of(lc)?;
        let info = outside::hold(fx.pay_token, fx.provider_hold)?;
        let provider = self.party(info.owner)?;
        self.payable_by_applicant(ctx, &credit, provider)?;
        let pair = (provider, credit.parties.beneficiary);
        self.keepable(ctx, fx.pay_token, pair, None)?;
        Self::unbound(&credit, Source::Applicant, provider.wallet)?;
        Self::unbound(&credit, Source::Confirming, provider.wallet)?;
        let wanted = self.provided(&credit, &clauses, &fx, provider)?;
        self.suits(ctx, &credit, &info, &wanted)?;
        ensure!(info.left >= wanted.least, Refusal::NotFunded);
        let required = BENEFICIARY | ISSUING;
        let content = crypto::hash_encoded(&fx);
        if !self.agree((lc, Subject::Fx), content, required, seats)? {
            let by = self.party(ctx.caller())?;
            self.mark(ctx, lc, Mark::FxAgreed, by);
            return Ok(());
        }
        self.take_hold(ctx, (lc, &mut credit), fx.provider_hold, &wanted)?;
        credit.fx = Some(fx);
        credit.provider = Some(provider);
        self.credits.set(&lc, credit);
        let seq = self.journal.next_seq();
        ctx.emit(FxSet { seq, lc, fx });
        Ok(())
    }

    /// The hold of the other unit that reaches for all that can still be drawn.
    fn provided(
        &self,
        credit: &Credit,
        clauses: &Clauses,
        fx: &Fx,
        provider: Party,
    ) -> Result<Wanted, Refused> {
        Ok(Wanted {
            source: Source::Provider,
            token: fx.pay_token,
            owner: provider,
            payee: credit.parties.beneficiary.wallet,
            least: exchanged(fx, credit.undrawn(clauses)?)?,
        })
    }
}
