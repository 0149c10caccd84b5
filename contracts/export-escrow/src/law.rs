//! Whether the law lets money move: standing of the parties, the bank's authorisation, the goods.
//!
//! Of several obstacles the lowest code is named, and within a code caller, sender, receiver in this
//! order. The token asks the register again when units move; what the escrow asks here it asks for
//! every token, and before conditions.

use crate::credit::{Credit, Party};
use crate::outside::clear;
use crate::settle::Claim;
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{Path, Pid, Purpose, Rule, Screening, Side, TradeRef, Why};
use weighhouse_standard::{Refusal, deadline};

/// The party, or its wallet, is not vetted.
pub(crate) const NOT_VETTED: u16 = 100;
/// The party is suspended.
pub(crate) const SUSPENDED: u16 = 101;
/// The party or the goods are on a list, or not cleared of it.
pub(crate) const SANCTIONS_HIT: u16 = 102;
/// An order freezes the party.
pub(crate) const PARTY_FROZEN: u16 = 103;
/// The last screening is too old.
pub(crate) const SCREENING_STALE: u16 = 105;
/// The bank is not authorised.
pub(crate) const NOT_AUTHORISED: u16 = 108;
/// The trade contract does not bear it.
pub(crate) const PURPOSE_VIOLATION: u16 = 116;

/// What stops money, and because of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Obstacle {
    /// The code of the refusal.
    pub code: u16,
    /// Side and rule.
    pub why: Why,
    /// The participant; `None` for the goods and for who is in no register.
    pub pid: Option<Pid>,
}

/// The refusal with a code of the law.
pub(crate) fn stopped(code: u16, side: Side) -> Refused {
    let why = Some(Why {
        side,
        rule: rule_of(code),
    });
    Refusal::of_register(code, why)
        .unwrap_or(Refusal::BadState)
        .into()
}

const fn rule_of(code: u16) -> Rule {
    match code {
        NOT_VETTED => Rule::Wallet,
        SUSPENDED => Rule::Suspension,
        SANCTIONS_HIT => Rule::Sanctions,
        PARTY_FROZEN => Rule::PartyOrder,
        104 => Rule::Kyc,
        SCREENING_STALE => Rule::ScreeningAge,
        NOT_AUTHORISED => Rule::Authorisation,
        PURPOSE_VIOLATION => Rule::Trade,
        _ => Rule::Status,
    }
}

/// The first of several obstacles by code, then by side.
#[derive(Default)]
struct First {
    found: Option<Obstacle>,
    /// A licence passes over what orders say of this participant.
    licensed: Option<Pid>,
}

impl First {
    fn add(&mut self, code: u16, side: Side, pid: Option<Pid>) {
        let passed = code == PARTY_FROZEN && pid.is_some() && pid == self.licensed;
        let earlier = self
            .found
            .is_none_or(|known| (code, side) < (known.code, known.why.side));
        if code != 0 && earlier && !passed {
            let rule = rule_of(code);
            let why = Why { side, rule };
            self.found = Some(Obstacle { code, why, pid });
        }
    }

    fn none(self) -> Result<(), Refused> {
        match self.found {
            Some(known) => Err(stopped(known.code, known.why.side)),
            None => Ok(()),
        }
    }
}

impl Escrow {
    fn add_sender(&self, first: &mut First, party: Party) -> Result<(), Refused> {
        first.add(self.sends(party)?, Side::Sender, Some(party.pid));
        Ok(())
    }

    fn add_receiver(&self, first: &mut First, party: Party) -> Result<(), Refused> {
        first.add(self.receives(party)?, Side::Receiver, Some(party.pid));
        Ok(())
    }

    pub(crate) fn may_send(&self, party: Party) -> Result<(), Refused> {
        let mut first = First::default();
        self.add_sender(&mut first, party)?;
        first.none()
    }

    pub(crate) fn may_receive(&self, party: Party) -> Result<(), Refused> {
        let mut first = First::default();
        self.add_receiver(&mut first, party)?;
        first.none()
    }

    /// Refuses a bank that may not act as issuing bank.
    pub(crate) fn authorised_bank(&self, ctx: &Context, bank: Party) -> Result<(), Refused> {
        let may = self.is_authorised(ctx, bank)?;
        ensure!(may, stopped(NOT_AUTHORISED, Side::Caller));
        Ok(())
    }

    /// What stops the issuing bank's undertaking from being paid from the applicant's money.
    pub(crate) fn obstacle(
        &self,
        ctx: &Context,
        claim: &Claim,
    ) -> Result<Option<Obstacle>, Refused> {
        self.obstacle_but(ctx, claim, None)
    }

    /// The same under a licence: orders on this participant aside.
    fn obstacle_but(
        &self,
        ctx: &Context,
        claim: &Claim,
        licensed: Option<Pid>,
    ) -> Result<Option<Obstacle>, Refused> {
        let parties = &claim.credit.parties;
        let found = None;
        let mut first = First { found, licensed };
        if !self.is_authorised(ctx, parties.issuing)? {
            first.add(NOT_AUTHORISED, Side::Caller, Some(parties.issuing.pid));
        }
        self.add_sender(&mut first, parties.applicant)?;
        self.add_payees(&mut first, claim)?;
        Ok(first.found)
    }

    pub(crate) fn lawful(&self, ctx: &Context, claim: &Claim) -> Result<(), Refused> {
        self.lawful_but(ctx, claim, None)
    }

    /// Refuses what a licence around orders on this participant does not allow.
    pub(crate) fn lawful_but(
        &self,
        ctx: &Context,
        claim: &Claim,
        licensed: Option<Pid>,
    ) -> Result<(), Refused> {
        let found = self.obstacle_but(ctx, claim, licensed)?;
        First { found, licensed }.none()
    }

    /// Refuses a payment by `bank` that the law stops: its own standing, a code of the sender, payees, goods.
    pub(crate) fn payable_by(
        &self,
        bank: Party,
        (sender, code): (Party, u16),
        claim: &Claim,
    ) -> Result<(), Refused> {
        let mut first = First::default();
        first.add(self.sends(bank)?, Side::Caller, Some(bank.pid));
        first.add(code, Side::Sender, Some(sender.pid));
        self.add_payees(&mut first, claim)?;
        first.none()
    }

    fn add_payees(&self, first: &mut First, claim: &Claim) -> Result<(), Refused> {
        for payee in claim.payees() {
            self.add_receiver(first, payee)?;
        }
        if let Some(provider) = claim.credit.provider {
            self.add_receiver(first, provider)?;
            self.add_sender(first, provider)?;
        }
        // A hit on the goods stops settlement, always; that a screening grew old does not.
        if !clear(self.trade_screening(&claim.credit.trade_ref)?) {
            first.add(SANCTIONS_HIT, Side::Any, None);
        }
        Ok(())
    }

    /// Refuses to bind a bank for parties or goods that are not freshly screened, or parties that may
    /// not take on anything new.
    pub(crate) fn fit_to_issue(&self, ctx: &Context, credit: &Credit) -> Result<(), Refused> {
        let parties = &credit.parties;
        let mut first = First::default();
        if !self.is_authorised(ctx, parties.issuing)? {
            first.add(NOT_AUTHORISED, Side::Caller, Some(parties.issuing.pid));
        }
        // Who may not receive may not take on obligations either.
        self.add_sender(&mut first, parties.applicant)?;
        first.add(
            self.receives(parties.applicant)?,
            Side::Sender,
            Some(parties.applicant.pid),
        );
        self.add_receiver(&mut first, parties.beneficiary)?;
        let sides = [
            (parties.applicant, Side::Sender),
            (parties.beneficiary, Side::Receiver),
        ];
        for (party, side) in sides {
            let code = self.screened(ctx.now(), self.screening(party.pid)?);
            first.add(code, side, Some(party.pid));
        }
        let goods = self.trade_screening(&credit.trade_ref)?;
        first.add(self.screened(ctx.now(), goods), Side::Any, None);
        first.none()
    }

    /// 0 for a clear and fresh screening.
    fn screened(&self, now: Timestamp, screening: Option<Screening>) -> u16 {
        let Some(last) = screening else {
            return SCREENING_STALE;
        };
        let until = last
            .at
            .saturating_add(self.settings.get().screening_max_age);
        if !clear(screening) {
            SANCTIONS_HIT
        } else if deadline::expired(now, until) {
            SCREENING_STALE
        } else {
            0
        }
    }

    /// Refuses a promise that the rules of the unit would not let the escrow keep: units that are fenced in
    /// go from importer to exporter only.
    pub(crate) fn keepable(
        &self,
        ctx: &Context,
        token: Address,
        (from, to): (Party, Party),
        trade: Option<TradeRef>,
    ) -> Result<(), Refused> {
        let purpose = match trade {
            Some(_) => Purpose::TradeSettlement,
            None => Purpose::General,
        };
        let path = Path::Hold(ctx.contract());
        let (from, to) = (from.wallet, to.wallet);
        let code = self.may_move((token, from, to), path, purpose, trade)?;
        ensure!(code == 0, stopped(code, Side::Receiver));
        Ok(())
    }

    /// The same of the applicant's money, for somebody other than the beneficiary.
    pub(crate) fn payable_by_applicant(
        &self,
        ctx: &Context,
        credit: &Credit,
        to: Party,
    ) -> Result<(), Refused> {
        let pair = (credit.parties.applicant, to);
        self.keepable(ctx, credit.token, pair, Some(credit.trade_ref))
    }

    /// Refuses a bank and a beneficiary between which money could not move.
    pub(crate) fn clean(&self, sender: Party, receiver: Party) -> Result<(), Refused> {
        let mut first = First::default();
        self.add_sender(&mut first, sender)?;
        self.add_receiver(&mut first, receiver)?;
        first.none()
    }
}

impl Claim {
    /// Everybody who gets a share of the payment.
    pub(crate) fn payees(&self) -> Vec<Party> {
        let mut payees = Vec::from([self.credit.presenter(self.shown.second)]);
        if !self.shown.second {
            payees.extend(self.credit.assignments.iter().map(|share| share.to));
        }
        payees
    }
}
