//! The register of participants: who calls, who may give and get, which orders are in force.
//!
//! Of several parties in the way the lowest code is answered, and of one code the caller's before the
//! giver's before the taker's. A party is judged by its first active wallet; one without is not vetted.

use crate::object::Object;
use crate::restriction::Blocks;
use crate::storage::Rights;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    FreezeState, FreezeView, ParticipantsRef, PartyKind, Pid, Rule, Scope, Side, Why,
};
use weighhouse_standard::{Proposal, Refusal};

/// An order that stops an object stands behind this.
const ORDERED: Why = Why {
    side: Side::Any,
    rule: Rule::ObjectOrder,
};

/// Refusal by an order or a restriction of an object.
pub(crate) const fn restricted() -> Refusal {
    Refusal::ObjectRestricted { why: ORDERED }
}

/// Code 100: no wallet that is in use.
const NOT_VETTED: u16 = 100;

/// Parties of an act: the caller's wallet, who gives something up, who gets something.
#[derive(Debug, Default)]
pub(crate) struct Parties {
    callers: Vec<Address>,
    givers: Vec<Pid>,
    takers: Vec<Pid>,
    taking: Vec<Address>,
}

impl Parties {
    /// The caller acts, and answers for what it gives up.
    pub(crate) fn of(ctx: &Context) -> Self {
        Self {
            callers: [ctx.caller()].into(),
            ..Self::default()
        }
    }

    /// Without the caller: an officer, or a contract on behalf of others.
    pub(crate) fn others() -> Self {
        Self::default()
    }

    /// These give something up.
    pub(crate) fn give(mut self, givers: &[Pid]) -> Self {
        self.givers.extend(givers);
        self
    }

    /// These get something, or take an obligation on.
    pub(crate) fn take(mut self, takers: &[Pid]) -> Self {
        self.takers.extend(takers);
        self
    }

    /// This wallet gets something.
    pub(crate) fn to(mut self, wallet: Address) -> Self {
        self.taking.push(wallet);
        self
    }
}

impl Rights {
    fn register(&self) -> ParticipantsRef {
        ParticipantsRef::at(self.participants.get())
    }

    /// The participant of an address.
    pub(crate) fn party_of(&self, address: &Address) -> Result<Option<Pid>, Refused> {
        Ok(self.register().pid_of(*address)?)
    }

    /// Refuses market acts while the registry is paused, ended or halted.
    pub(crate) fn market(&self, ctx: &Context) -> Result<(), Refused> {
        self.lifecycle.open()?;
        let halted = self.register().halted(ctx.contract())?;
        ensure!(!halted, Refusal::Halted);
        Ok(())
    }

    /// Refuses everybody but the wallets of `party`.
    pub(crate) fn must_be(&self, ctx: &Context, party: Pid) -> Result<(), Refused> {
        let caller = self.party_of(&ctx.caller())?;
        ensure!(caller == Some(party), Refusal::not_party());
        Ok(())
    }

    /// Refuses parties that are not in good standing.
    pub(crate) fn eligible(&self, parties: &Parties) -> Result<(), Refused> {
        let register = self.register();
        let mut codes = Vec::new();
        for wallet in &parties.callers {
            codes.push((register.can_send(*wallet)?, Side::Caller));
        }
        for party in &parties.givers {
            let code = match register.wallet_of(*party)? {
                Some(wallet) => register.can_send(wallet)?,
                None => NOT_VETTED,
            };
            codes.push((code, Side::Sender));
        }
        for party in &parties.takers {
            let code = match register.wallet_of(*party)? {
                Some(wallet) => register.can_receive(wallet)?,
                None => NOT_VETTED,
            };
            codes.push((code, Side::Receiver));
        }
        for wallet in &parties.taking {
            codes.push((register.can_receive(*wallet)?, Side::Receiver));
        }
        // Of one code the first in the order above is the least.
        let bad = codes.into_iter().filter(|(code, _)| *code != 0);
        let Some((code, side)) = bad.min_by_key(|(code, _)| *code) else {
            return Ok(());
        };
        let rule = rule_of(code);
        let refusal = Refusal::of_register(code, Some(Why { side, rule }));
        Err(refusal.unwrap_or(Refusal::BadState).into())
    }

    /// A wallet's participant; refuses wallets that nobody knows.
    pub(crate) fn party_at(&self, wallet: &Address, side: Side) -> Result<Pid, Refused> {
        let rule = Rule::Wallet;
        let unknown = Refusal::NotVetted {
            why: Why { side, rule },
        };
        Ok(self.party_of(wallet)?.ok_or(unknown)?)
    }

    /// The wallet by which a party is judged.
    pub(crate) fn wallet_of(&self, party: Pid) -> Result<Address, Refused> {
        let why = Why {
            side: Side::Receiver,
            rule: Rule::Wallet,
        };
        let wallet = self.register().wallet_of(party)?;
        Ok(wallet.ok_or(Refusal::NotVetted { why })?)
    }

    /// Refuses contracts to which no control may be given: those that the register does not know as
    /// a system.
    pub(crate) fn custodian(&self, contract: &Address) -> Result<(), Refused> {
        let party = self.party_at(contract, Side::Receiver)?;
        self.eligible(&Parties::others().to(*contract))?;
        let known = self.register().party(party)?;
        let system = known.is_some_and(|party| party.kind == PartyKind::System);
        let why = Why {
            side: Side::Receiver,
            rule: Rule::Authorisation,
        };
        ensure!(system, Refusal::NotAuthorised { why });
        Ok(())
    }

    /// Refuses the approval by the person who proposed.
    pub(crate) fn by_another<A>(
        &self,
        ctx: &Context,
        proposal: &Proposal<A>,
    ) -> Result<(), Refused> {
        proposal.by_another_person(ctx, |address| self.party_of(address))
    }

    /// Refuses an act on an object that an order or a restriction stops. Orders in force are asked for
    /// where they are made: one that nobody mirrored yet stops the object as well.
    pub(crate) fn unblocked(
        &self,
        ctx: &Context,
        id: u64,
        (object, act): (&Object, Blocks),
    ) -> Result<(), Refused> {
        if act == Blocks::NOTHING {
            return Ok(());
        }
        object.unblocked(ctx.now(), act)?;
        let free = self.orders_in_force(ctx, id)?.is_empty();
        ensure!(free, restricted());
        Ok(())
    }

    /// Numbers of the orders on an object that are in force.
    pub(crate) fn orders_in_force(&self, ctx: &Context, id: u64) -> Result<Vec<u64>, Refused> {
        let orders = self.register().orders_on(ctx.contract(), id)?.into_iter();
        let active = orders.filter(|order| order.state == FreezeState::Active);
        Ok(active.map(|order| order.id).collect())
    }

    /// An order of the register.
    pub(crate) fn order(&self, number: u64) -> Result<FreezeView, Refused> {
        Ok(self.register().order(number)?.ok_or(Refusal::NotFound)?)
    }
}

/// Refuses an order that is not on this object of this registry.
pub(crate) fn names(order: &FreezeView, ctx: &Context, object: u64) -> Result<(), Refusal> {
    let contract = ctx.contract();
    let here = order.order.scope
        == Scope::Object {
            contract,
            id: object,
        };
    ensure!(here, Refusal::argument("order"));
    Ok(())
}

const fn rule_of(code: u16) -> Rule {
    match code {
        100 => Rule::Status,
        101 => Rule::Suspension,
        102 => Rule::Sanctions,
        103 => Rule::PartyOrder,
        104 => Rule::Kyc,
        105 => Rule::ScreeningAge,
        _ => Rule::Register,
    }
}
