//! May these units move? One decision, asked as a code, with its reason, or by the token that moves them.
//!
//! A move is judged once, in [`Register::judge`]: both queries and the call that books run the same code.
//! Invariant I5 and the ring fence are kept here; the host compares settled with amount once more.

use crate::event::{PreclearanceUsed, TradeFunded, TradeSettled};
use crate::standing::{Found, Holder, acting_code, lower, receiving_code, sending_code};
use crate::storage::Register;
use weighhouse_sdk::event::Event as _;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    AuthorisationKind, Country, Move, PartyKind, Path, Pid, Purpose, Qualification, Residency,
    Rule, RuleSet, ScreeningResult, Side, Trade, TradeRef, TradeState, Verdict,
};
use weighhouse_standard::lifecycle::Status;
use weighhouse_standard::{Refusal, deadline};

/// What a move changes in the register once it is admitted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Booking {
    /// The trade under which it is paid or funded.
    trade: Option<(TradeRef, Trade)>,
    /// It funds the importer; else it pays the exporter.
    funds: bool,
    /// The preclearance that it uses up.
    preclearance: Option<u64>,
    /// Rules of velocity that count it: position, window, amount so far.
    sent: Vec<(u8, u64, u128)>,
}

/// The parties of a move.
struct Parties {
    actor: Option<Option<Holder>>,
    from: Option<Holder>,
    to: Option<Holder>,
    /// Units come into being: there is no sender.
    issue: bool,
}

impl Parties {
    /// True if the owner stays the same.
    fn same_owner(&self) -> bool {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => from.pid == to.pid,
            _ => false,
        }
    }

    /// True if a system acts: a contract that officers have vetted.
    fn by_system(&self) -> bool {
        let actor = self.actor.flatten();
        actor.is_some_and(|actor| actor.member.party.kind == PartyKind::System)
    }
}

#[contract(part = Moves, events(TradeSettled, TradeFunded, PreclearanceUsed))]
impl Register {
    /// 0, or the code why this wallet may not send.
    #[query]
    pub fn can_send(&self, ctx: &Context, addr: Address) -> u16 {
        let holder = self.holder(&addr, ctx.now());
        sending_code(holder.as_ref(), Side::Sender).map_or(0, |found| found.code)
    }

    /// 0, or the code why this wallet may not receive.
    #[query]
    pub fn can_receive(&self, ctx: &Context, addr: Address) -> u16 {
        let holder = self.holder(&addr, ctx.now());
        receiving_code(holder.as_ref(), Side::Receiver, ctx.now()).map_or(0, |found| found.code)
    }

    /// The code with which a move would be refused now, funds and sums of the token aside; 0 if it would
    /// not. Its commitment for the travel rule is the trade, as in the token's `transfer_for`; one with a
    /// memo of its own is a matter for `explain_move`.
    #[query]
    pub fn check_move(
        &self,
        ctx: &Context,
        token: Address,
        from: Address,
        to: Address,
        amount: Amount,
        path: Path,
        purpose: Purpose,
        trade_ref: Option<TradeRef>,
    ) -> u16 {
        let memo = trade_ref;
        let movement = Move {
            token,
            from,
            to,
            amount,
            path,
            purpose,
            trade_ref,
            memo,
        };
        self.judge(ctx.now(), &movement, None).0.code
    }

    /// What `admit_move` would answer: the code, whose and which rule's it is, what the token needs.
    #[query]
    pub fn explain_move(&self, ctx: &Context, movement: Move) -> Verdict {
        self.judge(ctx.now(), &movement, None).0
    }

    /// Decides on a move and books it, if the code is 0; the token's, which makes it in the same call.
    #[call]
    pub fn admit_move(&mut self, ctx: &Context, movement: Move) -> Result<Verdict, Refusal> {
        ensure!(ctx.caller() == movement.token, Refusal::not_party());
        let (verdict, booking) = self.judge(ctx.now(), &movement, None);
        if verdict.code == 0 {
            self.book(ctx, &movement, &verdict, booking)?;
        }
        Ok(verdict)
    }
}

impl Register {
    /// The verdict on a move, and what it would change. A licence passes over the order of that number.
    pub(crate) fn judge(
        &self,
        now: Timestamp,
        movement: &Move,
        licensed: Option<u64>,
    ) -> (Verdict, Booking) {
        let mut booking = Booking::default();
        let mut verdict = Verdict {
            code: 0,
            why: None,
            from: None,
            to: None,
            frozen: Amount::ZERO,
            max_balance: None,
            max_holders: None,
            ring_fenced: false,
            provenance: None,
        };
        let found = match self.closed_market(movement) {
            Some(found) => Some(found),
            None => match self.rules_of(&movement.token, now) {
                None => Some(Found::new(4, Side::Any, Rule::NoRules)),
                Some(rules) => {
                    let mut parties = self.parties(movement, now);
                    let unfit = licensed.and_then(|order| self.pass_over(&mut parties, order, now));
                    self.fill(&mut verdict, &parties, (&rules, movement), now);
                    let found = lower(eligibility(&parties, &rules, now), unfit);
                    lower(
                        found,
                        self.policy(&parties, &rules, movement, now, &mut booking),
                    )
                }
            },
        };
        if let Some(found) = found {
            verdict.code = found.code;
            verdict.why = Some(found.why);
        }
        (verdict, booking)
    }

    /// The register, the token or the acting contract is stopped.
    pub(crate) fn closed_market(&self, movement: &Move) -> Option<Found> {
        match self.lifecycle.status() {
            Status::Deactivated => return Some(Found::new(3, Side::Any, Rule::Register)),
            Status::Paused => return Some(Found::new(2, Side::Any, Rule::Register)),
            Status::Active => {}
        }
        let actor = match movement.path {
            Path::Delegate(actor) | Path::Hold(actor) => Some(actor),
            Path::Own | Path::Issue => None,
        };
        let stopped = self.is_halted(&movement.token);
        let actor_stopped = actor.is_some_and(|actor| self.is_halted(&actor));
        (stopped || actor_stopped).then_some(Found::new(19, Side::Any, Rule::Halt))
    }

    fn parties(&self, movement: &Move, now: Timestamp) -> Parties {
        let issue = movement.path == Path::Issue;
        let actor = match movement.path {
            // A spender or notary that is a party already is looked up once.
            Path::Delegate(actor) | Path::Hold(actor) if actor != movement.from => {
                Some(self.holder(&actor, now))
            }
            _ => None,
        };
        let from = if issue {
            None
        } else {
            self.holder(&movement.from, now)
        };
        let to = if movement.from == movement.to {
            from
        } else {
            self.holder(&movement.to, now)
        };
        Parties {
            actor,
            from,
            to,
            issue,
        }
    }

    /// Takes an order off the sender and the receiver, not off who acts; refuses a notary that is no system: only
    /// contracts that officers have vetted bring licences.
    fn pass_over(&self, parties: &mut Parties, order: u64, now: Timestamp) -> Option<Found> {
        for holder in [&mut parties.from, &mut parties.to].into_iter().flatten() {
            holder.closed = self.closed(holder.pid, &holder.member, now, Some(order));
        }
        (!parties.by_system()).then_some(Found::new(108, Side::Caller, Rule::Authorisation))
    }

    /// What the token needs beside the code.
    fn fill(
        &self,
        verdict: &mut Verdict,
        parties: &Parties,
        (rules, movement): (&RuleSet, &Move),
        now: Timestamp,
    ) {
        verdict.from = parties.from.map(|holder| holder.pid);
        verdict.to = parties.to.map(|holder| holder.pid);
        verdict.max_balance = rules.max_balance;
        verdict.max_holders = rules.max_holders;
        verdict.ring_fenced = rules.ring_fenced;
        if matches!(movement.purpose, Purpose::MinedSale { .. }) {
            verdict.provenance = rules.provenance;
        }
        if let Some(from) = parties.from.filter(|from| from.member.orders > 0) {
            verdict.frozen = self.frozen_before(from.pid, &movement.token, now, u64::MAX);
        }
    }

    /// Rules about the pair, the amount and the purpose: 102 of a trade, 107, 113 to 116.
    fn policy(
        &self,
        parties: &Parties,
        rules: &RuleSet,
        movement: &Move,
        now: Timestamp,
        booking: &mut Booking,
    ) -> Option<Found> {
        let venue = rules.venue_only && !self.is_venue(movement, now);
        let venue = venue.then_some(Found::new(116, Side::Any, Rule::VenueOnly));
        let venue = venue.filter(|_| !parties.issue);
        let (Some(from), Some(to)) = (&parties.from, &parties.to) else {
            return venue;
        };
        if parties.same_owner() {
            return venue;
        }
        let (fence, between_operators) = if rules.ring_fenced {
            self.fence((from, to), rules, movement, now, booking)
        } else {
            let notary = parties.by_system();
            (
                self.paid_under_trade((from, to), notary, movement, now, booking),
                false,
            )
        };
        let speed = self.velocity(from.pid, rules, movement, now, booking);
        let above = rules
            .preclear_above
            .is_some_and(|above| movement.amount > above);
        let cleared = if above || between_operators {
            let pair = (movement.token, from.pid, to.pid);
            let covering = self.covering(pair, movement.amount, now);
            booking.preclearance = covering.map(|(id, _)| id);
            covering
                .is_none()
                .then_some(Found::new(114, Side::Any, Rule::Preclearance))
        } else {
            None
        };
        let told = rules
            .travel_rule_above
            .is_none_or(|above| movement.amount <= above)
            || movement.memo.is_some();
        let told = (!told).then_some(Found::new(115, Side::Any, Rule::TravelRule));
        [fence, speed, cleared, told, venue]
            .into_iter()
            .fold(None, lower)
    }

    /// True if the units move by the hand of an authorised market, or of a system.
    fn is_venue(&self, movement: &Move, now: Timestamp) -> bool {
        let Path::Hold(notary) = movement.path else {
            return false;
        };
        let Some(holder) = self.holder(&notary, now) else {
            return false;
        };
        holder.member.party.kind == PartyKind::System
            || self.is_authorised_as(
                holder.pid,
                &holder.member,
                AuthorisationKind::ExchangeOperator,
                now,
            )
    }

    /// A settlement under a trade is held to the trade in tokens without a fence too. Where a system is the
    /// notary, it decides who gets what the importer pays: assignees, a bank that advanced it.
    fn paid_under_trade(
        &self,
        pair: (&Holder, &Holder),
        notary: bool,
        movement: &Move,
        now: Timestamp,
        booking: &mut Booking,
    ) -> Option<Found> {
        let settles = movement.purpose == Purpose::TradeSettlement;
        settles
            .then(|| self.settlement(pair, notary, movement, now, booking))
            .flatten()
    }

    /// The ring fence, (i) to (vi); and true for a move between two operators.
    fn fence(
        &self,
        (from, to): (&Holder, &Holder),
        rules: &RuleSet,
        movement: &Move,
        now: Timestamp,
        booking: &mut Booking,
    ) -> (Option<Found>, bool) {
        let settles = movement.purpose == Purpose::TradeSettlement;
        let outside = Some(Found::new(107, Side::Any, Rule::RingFence));
        let wrong = Some(Found::new(116, Side::Any, Rule::RingFence));
        let operator = |holder: &Holder| {
            self.is_authorised_as(
                holder.pid,
                &holder.member,
                AuthorisationKind::ElrOperator,
                now,
            )
        };
        let residents = |holder: &Holder| holder.member.party.residency == Residency::Resident;
        match (residents(from), residents(to)) {
            (false, false) => (outside, false),
            (true, true) => match (operator(from), operator(to)) {
                (false, false) => (outside, false),
                (true, true) => (None, true),
                (false, true) => match movement.purpose {
                    Purpose::ExportConversion => (self.conversion(from, movement), false),
                    Purpose::MinedSale { .. } if rules.provenance.is_some() => (None, false),
                    _ => (wrong, false),
                },
                (true, false) => match movement.purpose {
                    Purpose::ImportFunding => (self.funding(to, movement, now, booking), false),
                    _ => (wrong, false),
                },
            },
            _ if settles => {
                let found = self.settlement((from, to), false, movement, now, booking);
                (found, false)
            }
            _ => (wrong, false),
        }
    }

    /// (iii) The sender exported under the trade it names.
    fn conversion(&self, from: &Holder, movement: &Move) -> Option<Found> {
        let trade = movement
            .trade_ref
            .and_then(|trade_ref| self.trades.find(&trade_ref));
        let own = trade.is_some_and(|trade| trade.exporter == from.pid);
        (!own).then_some(Found::new(116, Side::Sender, Rule::Trade))
    }

    /// (iv) The receiver imports under an open trade with enough left that is neither paid nor funded.
    fn funding(
        &self,
        to: &Holder,
        movement: &Move,
        now: Timestamp,
        booking: &mut Booking,
    ) -> Option<Found> {
        let open = self.open_trade(movement, now).filter(|(_, trade)| {
            trade.importer == to.pid && movement.amount <= trade.left().saturating_sub(trade.funded)
        });
        booking.trade = open;
        booking.funds = true;
        stopped_goods(booking).or_else(|| {
            let wrong = Found::new(116, Side::Receiver, Rule::Trade);
            booking.trade.is_none().then_some(wrong)
        })
    }

    /// (v) Importer pays exporter of the same open trade, within what is left; or, where `others` may be
    /// paid, anybody.
    fn settlement(
        &self,
        (from, to): (&Holder, &Holder),
        others: bool,
        movement: &Move,
        now: Timestamp,
        booking: &mut Booking,
    ) -> Option<Found> {
        let open = self.open_trade(movement, now).filter(|(_, trade)| {
            trade.importer == from.pid
                && (others || trade.exporter == to.pid)
                && movement.amount <= trade.left()
        });
        booking.trade = open;
        stopped_goods(booking).or_else(|| {
            let wrong = Found::new(116, Side::Any, Rule::Trade);
            booking.trade.is_none().then_some(wrong)
        })
    }

    fn open_trade(&self, movement: &Move, now: Timestamp) -> Option<(TradeRef, Trade)> {
        let trade_ref = movement.trade_ref?;
        let trade = self.trades.find(&trade_ref)?;
        let open = trade.state == TradeState::Open && deadline::in_time(now, trade.until);
        open.then_some((trade_ref, trade))
    }

    /// What the sender has sent in the running windows, this move included.
    fn velocity(
        &self,
        pid: Pid,
        rules: &RuleSet,
        movement: &Move,
        now: Timestamp,
        booking: &mut Booking,
    ) -> Option<Found> {
        let mut fits = true;
        for (position, rule) in (0_u8..).zip(&rules.velocity) {
            let window = now.0.checked_div(rule.window).unwrap_or(0);
            let (last, so_far) = self.sent.get(&(movement.token, pid, position));
            let before = if last == window { so_far } else { 0 };
            let sum = before.checked_add(movement.amount.0);
            fits &= sum.is_some_and(|sum| sum <= rule.amount.0);
            booking
                .sent
                .push((position, window, sum.unwrap_or(u128::MAX)));
        }
        (!fits).then_some(Found::new(113, Side::Sender, Rule::Velocity))
    }

    /// Books an admitted move; one of nothing changes nothing.
    pub(crate) fn book(
        &mut self,
        ctx: &Context,
        movement: &Move,
        verdict: &Verdict,
        booking: Booking,
    ) -> Result<(), Refusal> {
        let (token, amount) = (movement.token, movement.amount);
        if amount.is_zero() {
            return Ok(());
        }
        if let Some(id) = booking.preclearance
            && let Some(preclearance) = self.preclearances.find(&id)
        {
            self.drop_preclearance(id, &preclearance);
            let seq = self.journal.next_seq();
            ctx.emit(PreclearanceUsed { seq, id, amount });
        }
        if let Some(from) = verdict.from {
            for (position, window, sum) in booking.sent {
                self.sent.set(&(token, from, position), (window, sum));
            }
        }
        let Some((trade_ref, mut trade)) = booking.trade else {
            return Ok(());
        };
        let seq = self.journal.next_seq();
        let kind = if booking.funds {
            trade.funded = trade.funded.checked_add(amount).ok_or(Refusal::Overflow)?;
            TradeFunded::KIND
        } else {
            trade.settled = trade.settled.checked_add(amount).ok_or(Refusal::Overflow)?;
            trade.funded = trade.funded.saturating_sub(amount);
            TradeSettled::KIND
        };
        let (settled, funded) = (trade.settled, trade.funded);
        self.trades.set(&trade_ref, trade);
        match verdict.from.filter(|_| booking.funds) {
            Some(operator) => ctx.emit(TradeFunded {
                seq,
                trade_ref,
                token,
                operator,
                amount,
                funded,
            }),
            None => ctx.emit(TradeSettled {
                seq,
                trade_ref,
                token,
                amount,
                settled,
                funded,
            }),
        }
        let pair = (verdict.from, verdict.to);
        self.flows.book(ctx, (seq, kind), pair, amount, trade_ref)
    }
}

/// The goods of the trade were found on a list: nothing is paid or funded under it.
fn stopped_goods(booking: &Booking) -> Option<Found> {
    let (_, trade) = booking.trade.as_ref()?;
    let hit = trade
        .screening
        .is_some_and(|screening| screening.result == ScreeningResult::Hit);
    hit.then_some(Found::new(102, Side::Any, Rule::Sanctions))
}

/// What each party is and is known as: 100 to 106 and 109.
fn eligibility(parties: &Parties, rules: &RuleSet, now: Timestamp) -> Option<Found> {
    let Parties {
        actor,
        from,
        to,
        issue,
    } = parties;
    let acting = actor
        .as_ref()
        .and_then(|actor| acting_code(actor.as_ref(), Side::Caller));
    let sending = if *issue {
        None
    } else {
        sending_code(from.as_ref(), Side::Sender)
    };
    let receiving = receiving_code(to.as_ref(), Side::Receiver, now);
    let stale = |holder: &Option<Holder>, side| {
        let (holder, age) = (holder.as_ref()?, rules.screening_max_age?);
        let screening = holder.member.party.screening;
        let fresh = screening
            .is_some_and(|screening| deadline::in_time(now, screening.at.saturating_add(age)));
        (!fresh).then_some(Found::new(105, side, Rule::ScreeningAge))
    };
    let stale_sender = stale(from, Side::Sender);
    let stale_receiver = stale(to, Side::Receiver);
    let buys = if parties.same_owner() {
        None
    } else {
        buying_code(to.as_ref(), rules, now)
    };
    [
        acting,
        sending,
        receiving,
        stale_sender,
        stale_receiver,
        buys,
    ]
    .into_iter()
    .fold(None, lower)
}

/// Who may come to own units: 106, 109. Owners keep and send what they have.
fn buying_code(to: Option<&Holder>, rules: &RuleSet, now: Timestamp) -> Option<Found> {
    let party = to?.member.party;
    let listed = |list: &[Country]| list.contains(&party.country);
    let country = (rules.allow.is_empty() || listed(&rules.allow)) && !listed(&rules.deny);
    if !country {
        return Some(Found::new(106, Side::Receiver, Rule::Country));
    }
    let qualified = match party.qualification {
        Qualification::NonQualified => false,
        Qualification::Qualified { until } => deadline::in_time(now, until),
    };
    let may = qualified || !rules.req_qualified;
    (!may).then_some(Found::new(109, Side::Receiver, Rule::Qualification))
}
