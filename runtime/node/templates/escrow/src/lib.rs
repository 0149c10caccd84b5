//! template-escrow: a buyer pays for a delivery, and an arbiter decides if they fall out.
//!
//! The buyer sets units aside on a token, with this contract as notary and the seller as payee; the deal
//! refers to that hold. The seller delivers a document in time, the buyer accepts, and the hold is paid
//! out. It works with every token that serves the interface `Holds` of the contract library, and never
//! has units of its own: they stay in the buyer's wallet until they are the seller's.
//!
//! ```text
//! Agreed -- deliver --> Delivered -- accept, decide --> Paid
//! Agreed | Delivered -- refund, decide --> Refunded
//! ```
#![no_std]

use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldsRef, Purpose};

/// Seconds that a hold must last beyond the time for objections, so that the seller can claim it.
const CLAIM_SECONDS: u64 = 86_400;

/// What is remembered.
#[storage]
#[monotone(count)] // a number is never given twice
pub struct TemplateEscrow {
    token: Const<Address>,
    arbiter: Const<Address>,
    count: Cell<u64>,
    deals: Map<u64, Deal>,
    holds: Map<u64, u64>, // which deal a hold pays for
}

/// How far a deal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum DealState {
    /// The units are held, nothing is delivered.
    Agreed,
    /// The seller has delivered.
    Delivered,
    /// The seller has the units.
    Paid,
    /// The buyer has them back.
    Refunded,
}

/// A deal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Deal {
    /// Who pays.
    pub buyer: Address,
    /// Who delivers.
    pub seller: Address,
    /// How many units.
    pub amount: Amount,
    /// The hold on the token that they are in.
    pub hold: u64,
    /// Last second to deliver.
    pub deliver_by: Timestamp,
    /// Last second at which silence does not mean consent.
    pub object_by: Timestamp,
    /// What was delivered.
    pub doc: Option<Hash>,
    /// How far it has come.
    pub state: DealState,
}

/// Why it says no; a code keeps its meaning for ever.
#[errors]
pub enum Refusal {
    /// this is somebody else's to do
    #[code(1)]
    Unauthorized,
    /// there is no such deal
    #[code(4)]
    NotFound,
    /// another deal is paid from this hold
    #[code(5)]
    AlreadyExists { deal: u64 },
    /// the deal has not come that far, or is over
    #[code(6)]
    BadState { state: DealState },
    /// the deadlines do not follow each other
    #[code(7)]
    BadArgument,
    /// the deadline has passed
    #[code(10)]
    DeadlinePassed { deadline: Timestamp },
    /// it is too early for this
    #[code(11)]
    TooEarly { from: Timestamp },
    /// the hold is not open, not this contract's to execute, has no payee, or ends too early
    #[code(500)]
    NotFunded,
}

/// A deal came to another state.
#[derive(Debug, Event)]
pub struct Moved {
    /// Which deal.
    pub id: u64,
    /// Who moved it.
    pub by: Address,
    /// Where it stands.
    pub state: DealState,
}

#[contract(errors(Refusal), events(Moved))]
impl TemplateEscrow {
    /// Runs once, at deployment: which token is paid in, and who decides disputes.
    #[constructor]
    pub fn open(&mut self, token: Address, arbiter: Address) -> Result<(), Refusal> {
        let named = token != Address::ZERO && arbiter != Address::ZERO;
        ensure!(named, Refusal::BadArgument);
        self.token.set(token);
        self.arbiter.set(arbiter);
        Ok(())
    }

    /// Opens a deal that the caller's hold pays for; answers its number. Who is paid, and how much, is
    /// what the hold says.
    #[call(check)]
    pub fn agree(
        &mut self,
        ctx: &Context,
        hold: u64,
        deliver_by: Timestamp,
        object_by: Timestamp,
    ) -> Result<u64, Refused> {
        let in_order = ctx.now() <= deliver_by && deliver_by < object_by;
        ensure!(in_order, Refusal::BadArgument);
        if let Some(deal) = self.holds.find(&hold) {
            return Err(Refusal::AlreadyExists { deal }.into());
        }
        let view = self.money().hold(hold)?.ok_or(Refusal::NotFunded)?;
        ensure!(view.owner == ctx.caller(), Refusal::Unauthorized);
        let terms = &view.terms;
        let ours = terms.notary == ctx.contract() && terms.purpose == Purpose::General;
        let lasts = terms.expiry >= object_by.saturating_add(CLAIM_SECONDS);
        let open = view.state.is_open() && !view.left.is_zero();
        ensure!(ours && lasts && open, Refusal::NotFunded);
        let id = self.count.next();
        self.holds.set(&hold, id);
        let deal = Deal {
            buyer: view.owner,
            seller: terms.to.ok_or(Refusal::NotFunded)?,
            amount: view.left,
            hold,
            deliver_by,
            object_by,
            doc: None,
            state: DealState::Agreed,
        };
        self.note(ctx, id, deal, DealState::Agreed);
        Ok(id)
    }

    /// Delivers, in time. For the seller.
    #[call(check)]
    pub fn deliver(&mut self, ctx: &Context, id: u64, doc: Hash) -> Result<(), Refusal> {
        ensure!(doc != Hash::ZERO, Refusal::BadArgument);
        let mut deal = self.deal_in(id, &[DealState::Agreed])?;
        ensure!(ctx.caller() == deal.seller, Refusal::Unauthorized);
        let deadline = deal.deliver_by;
        ensure!(ctx.now() <= deadline, Refusal::DeadlinePassed { deadline });
        deal.doc = Some(doc);
        self.note(ctx, id, deal, DealState::Delivered);
        Ok(())
    }

    /// Pays what was delivered. For the buyer; for the seller once the time for objections is over.
    #[call(check)]
    pub fn accept(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        let deal = self.deal_in(id, &[DealState::Delivered])?;
        let party = [deal.buyer, deal.seller].contains(&ctx.caller());
        ensure!(party, Refusal::Unauthorized);
        let from = deal.object_by.saturating_add(1);
        let may = ctx.caller() == deal.buyer || ctx.now() >= from;
        ensure!(may, Refusal::TooEarly { from });
        self.pay(ctx, id, deal)
    }

    /// Gives the units back. For the seller; for the buyer if nothing was delivered in time.
    #[call(check)]
    pub fn refund(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        let deal = self.deal_in(id, &[DealState::Agreed, DealState::Delivered])?;
        if ctx.caller() != deal.seller {
            ensure!(ctx.caller() == deal.buyer, Refusal::Unauthorized);
            let state = deal.state;
            ensure!(state == DealState::Agreed, Refusal::BadState { state });
            let from = deal.deliver_by.saturating_add(1);
            ensure!(ctx.now() >= from, Refusal::TooEarly { from });
        }
        self.give_back(ctx, id, deal)
    }

    /// Decides about what was delivered. For the arbiter.
    #[call(check)]
    pub fn decide(&mut self, ctx: &Context, id: u64, pay: bool) -> Result<(), Refused> {
        let deal = self.deal_in(id, &[DealState::Delivered])?;
        ensure!(ctx.caller() == self.arbiter.get(), Refusal::Unauthorized);
        if pay {
            self.pay(ctx, id, deal)
        } else {
            self.give_back(ctx, id, deal)
        }
    }

    /// A deal.
    #[query]
    pub fn deal(&self, id: u64) -> Option<Deal> {
        self.deals.find(&id)
    }

    /// The token that is paid in.
    #[query]
    pub fn token(&self) -> Address {
        self.token.get()
    }

    /// Who decides disputes.
    #[query]
    pub fn arbiter(&self) -> Address {
        self.arbiter.get()
    }
}

impl TemplateEscrow {
    fn money(&self) -> HoldsRef {
        HoldsRef::at(self.token.get())
    }

    /// A deal that has come so far.
    fn deal_in(&self, id: u64, states: &[DealState]) -> Result<Deal, Refusal> {
        let deal = self.deals.find(&id).ok_or(Refusal::NotFound)?;
        let state = deal.state;
        ensure!(states.contains(&state), Refusal::BadState { state });
        Ok(deal)
    }

    /// Remembers where a deal stands, and tells it.
    fn note(&mut self, ctx: &Context, id: u64, mut deal: Deal, state: DealState) {
        deal.state = state;
        self.deals.set(&id, deal);
        let by = ctx.caller();
        ctx.emit(Moved { id, by, state });
    }

    // Noted first, moved then: a token that calls back finds the deal over.

    fn pay(&mut self, ctx: &Context, id: u64, deal: Deal) -> Result<(), Refused> {
        let (hold, seller, amount) = (deal.hold, deal.seller, deal.amount);
        self.note(ctx, id, deal, DealState::Paid);
        self.money().execute_hold(hold, seller, amount, false)?;
        Ok(())
    }

    fn give_back(&mut self, ctx: &Context, id: u64, deal: Deal) -> Result<(), Refused> {
        let (hold, amount) = (deal.hold, deal.amount);
        self.note(ctx, id, deal, DealState::Refunded);
        self.money().release_hold(hold, amount)?;
        Ok(())
    }
}
