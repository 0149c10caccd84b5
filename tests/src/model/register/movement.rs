//! May these units move? Every rule is asked; the lowest code is the answer.

use super::trade::Authority;
use super::{Finding, Party, Pid, Register};
use crate::model::cast::Who;
use crate::model::code::{
    Code, HALTED, HOLDER_CAP, JURISDICTION, MAX_BALANCE, NEEDS_PRECLEARANCE, NOT_FOUND,
    NOT_QUALIFIED, NOT_VETTED, PURPOSE_VIOLATION, RING_FENCE, SANCTIONS_HIT, SCREENING_STALE,
    TRAVEL_RULE, VELOCITY, need,
};
use crate::model::token::movement::Purpose;
use crate::model::{Model, Seconds, Units};

/// By which right units move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The holder's.
    Own,
    /// A spender's.
    Delegate(Who),
    /// A notary's.
    Hold(Who),
    /// They come into being.
    Issue,
}

impl Path {
    /// By whose hand, if not by that of whose units they are.
    pub(super) const fn actor(self) -> Option<Who> {
        match self {
            Self::Delegate(actor) | Self::Hold(actor) => Some(actor),
            Self::Own | Self::Issue => None,
        }
    }
}

/// A move of units.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Move {
    pub token: Who,
    pub from: Who,
    pub to: Who,
    pub amount: Units,
    pub path: Path,
    pub purpose: Purpose,
    pub trade: Option<u8>,
    pub told: bool,
}

/// What a move is for the trade that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Booked {
    /// A settlement: rule (v), and any under the trade where there is no fence.
    Settled,
    /// Funding of the importer: rule (iv).
    Funded,
    /// Neither: between operators (vi) and at conversion (iii) nothing is paid under the trade.
    Nothing,
}

/// The parties of a move of which both are known and which differ.
type Pair<'a> = ((Pid, &'a Party), (Pid, &'a Party));

impl Register {
    fn operator(&self, now: Seconds, pid: Pid) -> bool {
        self.authorised(now, pid, Authority::ElrOperator)
    }

    /// 100 to 106, 109: what each party is and is known as. A licence passes over the order of that number
    /// on sender and receiver.
    fn eligibility(
        &self,
        now: Seconds,
        (mv, but): (&Move, Option<u64>),
        found: &mut Vec<Result<(), Code>>,
    ) {
        let rules = self.rules_at(mv.token, now);
        let actor = mv.path.actor().filter(|actor| *actor != mv.from);
        found.extend(actor.map(|actor| self.sends(now, actor)));
        let sender = (mv.path != Path::Issue).then_some(mv.from);
        found.extend(sender.map(|sender| self.sends_but(now, sender, but)));
        found.push(self.receives_but(now, mv.to, but));
        for (_, party) in sender
            .into_iter()
            .chain([mv.to])
            .filter_map(|who| self.party_of(who))
        {
            let fresh = rules.screening_age.is_none_or(|age| {
                let screened = party.screening.map(|(_, at)| at);
                screened.is_some_and(|at| now <= at.saturating_add(age))
            });
            found.push(need(fresh, SCREENING_STALE));
        }
        let owner = sender.and_then(|sender| self.pid_of(sender));
        if let Some((pid, buyer)) = self.party_of(mv.to)
            && owner != Some(pid)
        {
            let allowed = rules.allow.is_empty() || rules.allow.contains(&buyer.country);
            let denied = rules.deny.contains(&buyer.country);
            found.push(need(allowed && !denied, JURISDICTION));
            let qualified = buyer.qualified.is_some_and(|until| now <= until);
            found.push(need(qualified || !rules.qualified_only, NOT_QUALIFIED));
        }
    }

    /// The parties, if the owner changes between two that are known.
    fn pair(&self, mv: &Move) -> Option<Pair<'_>> {
        let from = self.party_of(mv.from).filter(|_| mv.path != Path::Issue)?;
        let to = self.party_of(mv.to)?;
        (from.0 != to.0).then_some((from, to))
    }

    /// The trade that a move names, if it is open.
    fn open_trade(&self, now: Seconds, mv: &Move) -> Option<&super::trade::Trade> {
        let trade = self.trades.get(&mv.trade?)?;
        (trade.open && now <= trade.until).then_some(trade)
    }

    /// (v) Importer pays exporter of one open trade, within its amount.
    fn settles(&self, now: Seconds, mv: &Move, (from, to): (Pid, Pid)) -> Result<(), Code> {
        // Without a fence a system that is the notary decides who gets what the importer pays.
        let others = match mv.path {
            Path::Hold(notary) if notary != mv.from => {
                let party = self.party_of(notary);
                !self.rules_at(mv.token, now).ring_fenced
                    && party.is_some_and(|(_, party)| party.system())
            }
            Path::Hold(_) | Path::Delegate(_) | Path::Own | Path::Issue => false,
        };
        let trade = self.open_trade(now, mv).filter(|trade| {
            let left = trade.amount - trade.settled;
            trade.importer == from && (trade.exporter == to || others) && mv.amount <= left
        });
        let trade = trade.ok_or(PURPOSE_VIOLATION)?;
        need(!trade.hit(), SANCTIONS_HIT)
    }

    /// (iv) An operator funds the importer of an open trade, within what is neither paid nor funded.
    fn funds(&self, now: Seconds, mv: &Move, to: Pid) -> Result<(), Code> {
        let trade = self.open_trade(now, mv).filter(|trade| {
            let left = (trade.amount - trade.settled).saturating_sub(trade.funded);
            trade.importer == to && mv.amount <= left
        });
        let trade = trade.ok_or(PURPOSE_VIOLATION)?;
        need(!trade.hit(), SANCTIONS_HIT)
    }

    /// 107, 116: the ring fence, (i) to (vi). (vi) is left to the preclearance.
    fn fence(
        &self,
        now: Seconds,
        mv: &Move,
        ((from, one), (to, other)): Pair<'_>,
    ) -> Result<(), Code> {
        let operators = (self.operator(now, from), self.operator(now, to));
        match (one.resident, other.resident) {
            (false, false) => Err(RING_FENCE),
            (true, true) if operators == (false, false) => Err(RING_FENCE),
            (true, true) if operators == (true, true) => Ok(()),
            (true, true) if operators.1 && matches!(mv.purpose, Purpose::MinedSale { .. }) => {
                Ok(())
            }
            (true, true) if operators.1 => {
                let trade = mv.trade.and_then(|trade| self.trades.get(&trade));
                let own = trade.is_some_and(|trade| trade.exporter == from);
                need(
                    own && mv.purpose == Purpose::ExportConversion,
                    PURPOSE_VIOLATION,
                )
            }
            (true, true) => {
                need(mv.purpose == Purpose::ImportFunding, PURPOSE_VIOLATION)?;
                self.funds(now, mv, to)
            }
            _ => {
                need(mv.purpose == Purpose::TradeSettlement, PURPOSE_VIOLATION)?;
                self.settles(now, mv, (from, to))
            }
        }
    }

    /// What an admitted move is for its trade: the rule that let it through says so, not its purpose alone.
    fn booked(&self, now: Seconds, mv: &Move, ((from, one), (to, other)): Pair<'_>) -> Booked {
        let across = one.resident != other.resident;
        let fenced = self.rules_at(mv.token, now).ring_fenced;
        let funds = self.operator(now, from) && !self.operator(now, to) && !across;
        match mv.purpose {
            Purpose::TradeSettlement if across || !fenced => Booked::Settled,
            Purpose::ImportFunding if fenced && funds => Booked::Funded,
            _ => Booked::Nothing,
        }
    }

    /// True for a move between two operators inside the fence.
    fn between_operators(
        &self,
        now: Seconds,
        mv: &Move,
        ((from, one), (to, other)): Pair<'_>,
    ) -> bool {
        let inside = self.rules_at(mv.token, now).ring_fenced && one.resident && other.resident;
        inside && self.operator(now, from) && self.operator(now, to)
    }

    /// True if the move takes a preclearance.
    fn takes_preclearance(&self, now: Seconds, mv: &Move, pair: Pair<'_>) -> bool {
        let above = self.rules_at(mv.token, now).preclear_above;
        above.is_some_and(|above| mv.amount > above) || self.between_operators(now, mv, pair)
    }

    /// What would have been sent in the running window of each rule.
    fn windows(&self, now: Seconds, mv: &Move, from: Pid) -> Vec<(usize, u64, Option<Units>)> {
        let rules = self
            .rules_at(mv.token, now)
            .velocity
            .into_iter()
            .enumerate();
        let window = |(rule, (length, _)): (usize, (u64, Units))| {
            let window = now / length;
            let last = self.sent.get(&(mv.token, from, rule));
            let before = last
                .filter(|(at, _)| *at == window)
                .map_or(0, |(_, sum)| *sum);
            (rule, window, before.checked_add(mv.amount))
        };
        rules.map(window).collect()
    }

    /// 102 of goods, 107, 113 to 116: the pair, the amount, the purpose.
    fn policy(&self, now: Seconds, mv: &Move, found: &mut Vec<Result<(), Code>>) {
        let rules = self.rules_at(mv.token, now);
        let by_market = match mv.path {
            Path::Hold(notary) => self.party_of(notary).is_some_and(|(pid, party)| {
                party.system() || self.authorised(now, pid, Authority::ExchangeOperator)
            }),
            Path::Issue => true,
            Path::Own | Path::Delegate(_) => false,
        };
        found.push(need(by_market || !rules.venue_only, PURPOSE_VIOLATION));
        // A mined sale uses up a lot of whoever keeps them.
        let mined = matches!(mv.purpose, Purpose::MinedSale { .. });
        found.push(need(
            !mined || rules.provenance.is_some(),
            PURPOSE_VIOLATION,
        ));
        let Some(pair) = self.pair(mv) else { return };
        let ((from, _), (to, _)) = pair;
        if rules.ring_fenced {
            found.push(self.fence(now, mv, pair));
        } else if mv.purpose == Purpose::TradeSettlement {
            found.push(self.settles(now, mv, (from, to)));
        }
        for (rule, _, sum) in self.windows(now, mv, from) {
            let fits = sum.is_some_and(|sum| sum <= rules.velocity[rule].1);
            found.push(need(fits, VELOCITY));
        }
        let cleared = !self.takes_preclearance(now, mv, pair)
            || self
                .covering(now, (mv.token, from, to), mv.amount)
                .is_some();
        found.push(need(cleared, NEEDS_PRECLEARANCE));
        let told = mv.told || rules.told_above.is_none_or(|above| mv.amount <= above);
        found.push(need(told, TRAVEL_RULE));
    }
}

impl Model {
    /// Step 6 for a move: what the register says, and what the token compares itself.
    ///
    /// # Errors
    /// 2, 3, 19, 4, 100 to 116.
    pub fn judge(&self, mv: &Move) -> Result<(), Code> {
        self.judge_but(mv, None)
    }

    /// The same, around an order.
    ///
    /// # Errors
    /// As [`Model::judge`].
    pub(super) fn judge_but(&self, mv: &Move, but: Option<u64>) -> Result<(), Code> {
        let Some(register) = self.register.as_ref() else {
            return Ok(());
        };
        let judged = self.judged(mv, but);
        if matches!(judged, Err(code) if code < NOT_VETTED) {
            return judged;
        }
        let rules = register.rules_at(mv.token, self.now);
        let fenced = need(rules.ring_fenced == self.token.ring_fenced, RING_FENCE);
        let mut found = vec![judged, fenced, self.owners_named(mv.to)];
        self.crowd(register, mv, &mut found);
        found.into_iter().fold(Ok(()), Self::lower)
    }

    /// What the register says of a move.
    pub(in crate::model) fn judged(&self, mv: &Move, but: Option<u64>) -> Result<(), Code> {
        let register = self.register.as_ref().ok_or(NOT_FOUND)?;
        self.closed_market(mv)?;
        need(register.rules.contains_key(&mv.token), NOT_FOUND)?;
        let mut found = Vec::new();
        register.eligibility(self.now, (mv, but), &mut found);
        register.policy(self.now, mv, &mut found);
        found.into_iter().fold(Ok(()), Self::lower)
    }

    /// The register, the token or who acts is stopped.
    pub(super) fn closed_market(&self, mv: &Move) -> Result<(), Code> {
        let register = self.register.as_ref().ok_or(NOT_FOUND)?;
        register.life.open()?;
        let halted = self.halted(mv.token) || mv.path.actor().is_some_and(|who| self.halted(who));
        need(!halted, HALTED)
    }

    /// 111, 112: holders and balances, which the token knows.
    fn crowd(&self, register: &Register, mv: &Move, found: &mut Vec<Result<(), Code>>) {
        let rules = register.rules_at(mv.token, self.now);
        let from = self.pid_of(mv.from).filter(|_| mv.path != Path::Issue);
        let Some(to) = self.pid_of(mv.to) else { return };
        if from == Some(to) || mv.amount == 0 {
            return;
        }
        let has = self.sums(to).0;
        if let Some(most) = rules.max_holders
            && has == 0
        {
            let leaves = from.is_some_and(|from| self.sums(from).0 == mv.amount);
            let others = self.holders() - u64::from(leaves);
            found.push(need(others < most, HOLDER_CAP));
        }
        if let Some(most) = rules.max_balance {
            let fits = has.checked_add(mv.amount).is_some_and(|sum| sum <= most);
            found.push(need(fits, MAX_BALANCE));
        }
    }

    /// Participants with units; wallets with units where there is no register.
    #[must_use]
    pub fn holders(&self) -> u64 {
        let mut holders: Vec<_> = self
            .token
            .purses
            .keys()
            .map(|who| (self.pid_of(*who), *who))
            .collect();
        if self.register.is_some() {
            holders.dedup_by_key(|(pid, _)| *pid);
            let mut pids: Vec<_> = holders.into_iter().map(|(pid, _)| pid).collect();
            pids.sort_unstable();
            pids.dedup();
            return u64::try_from(pids.len()).unwrap_or(u64::MAX);
        }
        u64::try_from(holders.len()).unwrap_or(u64::MAX)
    }

    /// Judges a move and books it: preclearance, windows, trade. A move of nothing changes nothing.
    ///
    /// # Errors
    /// As [`Model::judge`].
    pub fn admit(&mut self, mv: &Move) -> Result<(), Code> {
        self.judge(mv)?;
        self.book(mv);
        Ok(())
    }

    /// Books an admitted move.
    pub(super) fn book(&mut self, mv: &Move) {
        let now = self.now;
        let Some(register) = self.register.as_mut().filter(|_| mv.amount != 0) else {
            return;
        };
        let Some(pair) = register.pair(mv) else {
            return;
        };
        let ((from, _), (to, _)) = pair;
        let takes = register.takes_preclearance(now, mv, pair);
        let booked = register.booked(now, mv, pair);
        if let Some(id) = register
            .covering(now, (mv.token, from, to), mv.amount)
            .filter(|_| takes)
        {
            register.preclearances.remove(&id);
        }
        for (rule, window, sum) in register.windows(now, mv, from) {
            register
                .sent
                .insert((mv.token, from, rule), (window, sum.unwrap_or(Units::MAX)));
        }
        if let Some(trade) = mv.trade.and_then(|trade| register.trades.get_mut(&trade)) {
            match booked {
                Booked::Settled => {
                    trade.settled += mv.amount;
                    trade.funded = trade.funded.saturating_sub(mv.amount);
                }
                Booked::Funded => trade.funded += mv.amount,
                Booked::Nothing => {}
            }
        }
    }
}

impl super::trade::Trade {
    /// Its goods are on a list.
    #[must_use]
    pub fn hit(&self) -> bool {
        matches!(self.screening, Some((_, _, Finding::Hit)))
    }
}
