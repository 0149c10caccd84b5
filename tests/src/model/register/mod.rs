//! The register of participants (C1): who may do what, and what stops whom.

pub mod directive;
pub mod estate;
pub mod licence;
pub mod limit;
pub mod movement;
pub mod order;
pub mod party;
pub mod rules;
pub mod trade;
pub mod wallet;

use super::cast::Who;
use super::code::{
    Code, DEADLINE_PASSED, DUTY_CONFLICT, NOT_FOUND, NOT_VETTED, PARTY_FROZEN, SANCTIONS_HIT,
    SUSPENDED, need,
};
use super::life::{Life, Role};
use super::{Answer, Model, Seconds, Units};
use std::collections::{BTreeMap, BTreeSet};
use trade::Authority;

/// Number of a participant.
pub type Pid = u64;

/// Where a participant stands, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, parity_scale_codec::Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Standing {
    Pending,
    Active,
    Suspended,
    Closed,
}

/// What a screening found, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, parity_scale_codec::Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Finding {
    Clear,
    Review,
    Hit,
}

/// Where a wallet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum WalletState {
    Proposed,
    Active,
    Locked,
    Recovered,
}

/// A participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// What kind of party.
    pub kind: party::Kind,
    /// At home here.
    pub resident: bool,
    /// Two letters.
    pub country: [u8; 2],
    /// Qualified up to and including.
    pub qualified: Option<Seconds>,
    /// Where it stands.
    pub standing: Standing,
    /// What is known is fresh up to and including.
    pub kyc_until: Seconds,
    /// The last screening, and when.
    pub screening: Option<(Finding, Seconds)>,
    /// Who registered it.
    pub proposer: Who,
}

impl Party {
    /// It is a contract of the library.
    #[must_use]
    pub fn system(&self) -> bool {
        self.kind == party::Kind::System
    }
}

/// What waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Act {
    ClearHit(Pid),
    Reinstate(Pid),
    Recover {
        pid: Pid,
        lost: Who,
        new: Who,
    },
    Settle {
        pid: Pid,
        shares: Vec<estate::Share>,
    },
}

/// The register.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// Roles, pause, end.
    pub life: Life,
    /// By number; numbers rise from 1.
    pub parties: BTreeMap<Pid, Party>,
    /// Whose, and where it stands.
    pub wallets: BTreeMap<Who, (Pid, WalletState)>,
    /// Wallets in the order in which they accepted.
    pub accepted: Vec<Who>,
    /// Newest version of a list against which a participant was screened.
    pub versions: BTreeMap<(Pid, u32), u64>,
    /// What waits: act, proposer, last second.
    pub proposals: BTreeMap<u64, (Act, Who, Seconds)>,
    /// Proposals so far.
    pub proposed: u64,
    /// Which wallet was given up for which.
    pub recoveries: BTreeMap<Who, Who>,
    /// What authorities granted.
    pub grants: BTreeMap<(Pid, Authority), trade::Grant>,
    /// Orders by number; numbers rise from 1.
    pub orders: BTreeMap<u64, order::Order>,
    /// Of those who died.
    pub estates: BTreeMap<Pid, estate::Estate>,
    /// Directives by number: what they halt, if not lifted.
    pub directives: BTreeMap<u64, directive::Directive>,
    /// By reference.
    pub trades: BTreeMap<u8, trade::Trade>,
    /// Documents of trades.
    pub trade_docs: BTreeSet<u8>,
    /// Rules of each token, and those that wait.
    pub rules: BTreeMap<Who, rules::Book>,
    /// Limits of classes.
    pub limits: BTreeMap<u16, limit::ClassLimit>,
    /// What participants took of a class in a year.
    pub taken: BTreeMap<(Pid, u16, u64), limit::Taken>,
    /// By contract and reference.
    pub reservations: BTreeMap<(Who, u8), limit::Reservation>,
    /// By number.
    pub preclearances: BTreeMap<u64, rules::Preclearance>,
    /// References of preclearances, used or not.
    pub preclear_refs: BTreeSet<u8>,
    /// Preclearances so far.
    pub precleared: u64,
    /// What a participant sent in a window: by token, participant and rule.
    pub sent: BTreeMap<(Who, Pid, usize), (u64, Units)>,
}

impl Register {
    /// The participant of a wallet that accepted.
    #[must_use]
    pub fn pid_of(&self, who: Who) -> Option<Pid> {
        let (pid, state) = self.wallets.get(&who)?;
        (*state != WalletState::Proposed).then_some(*pid)
    }

    /// The first wallet in use of a participant.
    #[must_use]
    pub fn first_wallet(&self, pid: Pid) -> Option<Who> {
        let own = (pid, WalletState::Active);
        let mut accepted = self.accepted.iter().copied();
        accepted.find(|who| self.wallets.get(who) == Some(&own))
    }

    /// The participant of a wallet that accepted, and itself.
    #[must_use]
    pub fn party_of(&self, who: Who) -> Option<(Pid, &Party)> {
        let pid = self.pid_of(who)?;
        Some((pid, &self.parties[&pid]))
    }

    pub(super) fn party(&self, pid: Pid) -> Result<&Party, Code> {
        self.parties.get(&pid).ok_or(NOT_FOUND)
    }

    /// What stops a participant whatever it does: 100, 101, 102.
    fn vetted(party: &Party) -> Result<(), Code> {
        let hit = matches!(party.screening, Some((Finding::Hit, _)));
        match party.standing {
            Standing::Pending | Standing::Closed => Err(NOT_VETTED),
            Standing::Suspended => Err(SUSPENDED),
            Standing::Active => need(!hit, SANCTIONS_HIT),
        }
    }

    /// What stops a wallet whatever it does.
    fn usable(&self, who: Who) -> Result<(Pid, &Party), Code> {
        let active = self.wallets.get(&who).map(|(_, state)| *state) == Some(WalletState::Active);
        let (pid, party) = self.party_of(who).filter(|_| active).ok_or(NOT_VETTED)?;
        Self::vetted(party)?;
        Ok((pid, party))
    }

    /// Whether a participant may send: party orders stop it, what is out of date does not.
    pub(super) fn party_sends(&self, now: Seconds, pid: Pid) -> Result<(), Code> {
        Self::vetted(self.party(pid)?)?;
        need(!self.frozen(now, pid, None).0, PARTY_FROZEN)
    }

    /// Whether a wallet may send, and act for others.
    pub(super) fn sends(&self, now: Seconds, who: Who) -> Result<(), Code> {
        self.sends_but(now, who, None)
    }

    /// The same, around an order.
    fn sends_but(&self, now: Seconds, who: Who, but: Option<u64>) -> Result<(), Code> {
        let (pid, _) = self.usable(who)?;
        Self::vetted(self.party(pid)?)?;
        need(!self.frozen(now, pid, but).0, PARTY_FROZEN)
    }

    /// Whether a wallet may receive.
    pub(super) fn receives(&self, now: Seconds, who: Who) -> Result<(), Code> {
        self.receives_but(now, who, None)
    }

    /// The same, around an order.
    fn receives_but(&self, now: Seconds, who: Who, but: Option<u64>) -> Result<(), Code> {
        let (pid, party) = self.usable(who)?;
        need(!self.frozen(now, pid, but).1, PARTY_FROZEN)?;
        need(now <= party.kyc_until, super::code::KYC_EXPIRED)
    }

    /// Two addresses of one person.
    pub(super) fn same_person(&self, one: Who, other: Who) -> bool {
        let (first, second) = (self.pid_of(one), self.pid_of(other));
        one == other || (first.is_some() && first == second)
    }

    /// Nobody decides about itself.
    pub(super) fn of_another(&self, by: Who, pid: Pid) -> Result<(), Code> {
        need(self.pid_of(by) != Some(pid), DUTY_CONFLICT)
    }

    /// Keeps an act for a second person, for seven days; its number.
    pub(super) fn propose(&mut self, now: Seconds, by: Who, act: Act) -> Answer {
        self.proposed += 1;
        let waits = (act, by, now + 7 * 86_400);
        self.proposals.insert(self.proposed, waits);
        Answer::Number(self.proposed)
    }

    /// The proposal, if somebody else with the role made it, who still has it.
    pub(super) fn approvable(&self, by: Who, id: u64, role: Role) -> Result<(Act, Seconds), Code> {
        self.life.role(by, role)?;
        let (act, one, until) = self.proposals.get(&id).cloned().ok_or(NOT_FOUND)?;
        need(!self.same_person(one, by), DUTY_CONFLICT)?;
        need(self.life.is(one, role), DUTY_CONFLICT)?;
        Ok((act, until))
    }

    /// The last check of an approval: in time.
    pub(super) fn close_proposal(
        &mut self,
        now: Seconds,
        id: u64,
        until: Seconds,
    ) -> Result<(), Code> {
        need(now <= until, DEADLINE_PASSED)?;
        self.proposals.remove(&id);
        Ok(())
    }
}

impl Model {
    /// The participant behind a wallet; nobody knows without a register.
    #[must_use]
    pub fn pid_of(&self, who: Who) -> Option<Pid> {
        self.register.as_ref()?.pid_of(who)
    }

    pub(super) fn same_person(&self, one: Who, other: Who) -> bool {
        let register = self.register.as_ref();
        register.map_or(one == other, |register| register.same_person(one, other))
    }

    /// True if the register knows a contract of the library behind this address.
    pub(super) fn is_system(&self, who: Who) -> bool {
        let register = self.register.as_ref();
        let party = register.and_then(|register| register.party_of(who));
        party.is_some_and(|(_, party)| party.system())
    }

    /// Whether a wallet may send or act; without a register everybody may.
    ///
    /// # Errors
    /// 100 to 103.
    pub fn may_send(&self, who: Who) -> Result<(), Code> {
        let register = self.register.as_ref();
        register.map_or(Ok(()), |register| register.sends(self.now, who))
    }

    /// True if a directive halts this contract.
    #[must_use]
    pub fn halted(&self, target: Who) -> bool {
        let register = self.register.as_ref();
        register.is_some_and(|register| register.halted(target))
    }

    /// Sum of the active amount orders on a participant's units of the token.
    #[must_use]
    pub fn frozen_req(&self, pid: Pid) -> Units {
        let (register, token) = (self.register.as_ref(), self.token.at);
        register.map_or(0, |register| {
            register.claimed(self.now, (pid, token), u64::MAX)
        })
    }

    /// Of two checks the lower code; of equal ones the first.
    ///
    /// # Errors
    /// Either.
    pub const fn lower(one: Result<(), Code>, other: Result<(), Code>) -> Result<(), Code> {
        match (one, other) {
            (Err(first), Err(second)) if second < first => other,
            (Ok(()), _) => other,
            _ => one,
        }
    }
}
