//! The fungible token (C2): units, holds, allowances.
//!
//! Balances stand per wallet; the sum of a party is what its wallets have, added up when asked for.
//! `available(w) = min(units - held - locked, max(0, sum(pid) - held_sum(pid) - frozen_req(pid)))`.

pub mod estate;
pub mod hold;
pub mod measure;
pub mod movement;
pub mod nominee;
pub mod ratio;
pub mod supply;

use super::cast::Who;
use super::code::{
    Code, FROZEN_AMOUNT, HALTED, HELD_AMOUNT, INSUFFICIENT_BALANCE, LOCKED_AMOUNT, PAUSED, need,
};
use super::life::Life;
use super::register::Pid;
use super::{Answer, Model, Seconds, Units};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What a wallet has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purse {
    /// All of it.
    pub units: Units,
    /// The part that holds have.
    pub held: Units,
    /// What is locked, by the second from which it is free.
    pub lots: BTreeMap<Seconds, Units>,
}

impl Purse {
    /// What is locked at `now`.
    #[must_use]
    pub fn locked(&self, now: Seconds) -> Units {
        let locked = self.lots.iter().filter(|(free, _)| now < **free);
        locked.map(|(_, amount)| amount).sum()
    }
}

/// What a spender may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How much is left.
    pub amount: Units,
    /// Its last second.
    pub live_until: Seconds,
    /// Which approval it comes from: what a later one withdrew must not come back.
    pub grant: u64,
}

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    /// Nothing executed yet.
    Ordered,
    /// Part was executed.
    PartlyExecuted,
    /// The last of it was executed.
    Executed,
    /// The last of it was released.
    Released,
    /// It expired and went back.
    Reclaimed,
    /// Two officers sent it back.
    Voided,
}

/// Units set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Whose, when it was made.
    pub owner: Who,
    /// For whom, if that is fixed.
    pub to: Option<Who>,
    /// Who executes.
    pub notary: Who,
    /// Its last second.
    pub expiry: Seconds,
    /// What for.
    pub purpose: movement::Purpose,
    /// The trade, for purposes that rest on one; else a note.
    pub reference: u8,
    /// What is left in it.
    pub left: Units,
    /// Where it stands.
    pub state: HoldState,
    /// The owner agreed to one later expiry.
    pub renewable: bool,
    /// Whose allowance it used, and which.
    pub spender: Option<(Who, u64)>,
}

impl Hold {
    /// True while units are in it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, HoldState::Ordered | HoldState::PartlyExecuted)
    }
}

/// What waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// An issue.
    Mint(supply::Issue),
    /// The end of a hold.
    Void(u64),
}

/// What waits, who proposed it, the last second to approve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What.
    pub act: Act,
    /// By whom.
    pub by: Who,
    /// Until when.
    pub until: Seconds,
}

/// The token.
#[derive(Clone, Debug, Default)]
pub struct Token {
    /// Which one.
    pub at: Who,
    /// Roles, pause, end.
    pub life: Life,
    /// Units move under trades only.
    pub ring_fenced: bool,
    /// Most units that may ever be.
    pub cap: Units,
    /// Most that one MINTER may make.
    pub threshold: Units,
    /// Units that are.
    pub supply: Units,
    /// By wallet; only those that have units.
    pub purses: BTreeMap<Who, Purse>,
    /// By owner and spender.
    pub allowances: BTreeMap<(Who, Who), Allowance>,
    /// Approvals so far.
    pub grants: u64,
    /// By owner: the number of its next permit.
    pub nonces: BTreeMap<Who, u64>,
    /// By number.
    pub holds: BTreeMap<u64, Hold>,
    /// By number.
    pub proposals: BTreeMap<u64, Proposal>,
    /// Proposals so far.
    pub proposed: u64,
    /// Which wallet took the place of which.
    pub successors: BTreeMap<Who, Who>,
    /// When holders are counted: when, and the last second to name owners.
    pub record_dates: Vec<(Seconds, Seconds)>,
    /// Wallets that hold for others, and since when.
    pub nominees: BTreeMap<Who, Seconds>,
    /// Of which nominees owners were named, as of when.
    pub named: BTreeSet<(Who, Seconds)>,
    /// Balances as they were from the second on.
    pub past: BTreeMap<Seconds, Rc<BTreeMap<Who, Units>>>,
}

impl Token {
    /// What a wallet has.
    #[must_use]
    pub fn purse(&self, who: Who) -> Purse {
        self.purses.get(&who).cloned().unwrap_or_default()
    }

    /// Keeps the balances of this second, if they are others than before.
    pub(super) fn remember(&mut self, now: Seconds) {
        let balances = self.purses.iter().map(|(who, purse)| (*who, purse.units));
        let before = self.past.values().next_back();
        if before.is_none_or(|before| !before.iter().map(|(w, u)| (*w, *u)).eq(balances.clone())) {
            self.past.insert(now, Rc::new(balances.collect()));
        }
    }

    /// Balances at the end of a second that is over.
    #[must_use]
    pub fn balances_at(&self, at: Seconds) -> BTreeMap<Who, Units> {
        let last = self.past.range(..=at).next_back();
        last.map(|(_, balances)| (**balances).clone())
            .unwrap_or_default()
    }

    /// Changes what a wallet has; a wallet without units is forgotten.
    pub fn change(&mut self, who: Who, change: impl FnOnce(&mut Purse)) {
        let mut purse = self.purse(who);
        change(&mut purse);
        if purse.units == 0 {
            self.purses.remove(&who);
        } else {
            self.purses.insert(who, purse);
        }
    }

    /// Moves units between wallets; to oneself nothing happens.
    pub fn shift(&mut self, from: Who, to: Who, amount: Units) {
        self.change(from, |purse| purse.units -= amount);
        self.change(to, |purse| purse.units += amount);
    }

    /// The wallet that stands for `who` now.
    #[must_use]
    pub fn heir_of(&self, mut who: Who) -> Who {
        while let Some(next) = self.successors.get(&who) {
            who = *next;
        }
        who
    }
}

impl Model {
    /// Units of a party and the part that is held, over all of its wallets.
    #[must_use]
    pub fn sums(&self, pid: Pid) -> (Units, Units) {
        let own = |who: &Who| self.pid_of(*who) == Some(pid);
        let purses = self.token.purses.iter().filter(|(who, _)| own(who));
        purses.fold((0, 0), |(units, held), (_, purse)| {
            (units + purse.units, held + purse.held)
        })
    }

    /// Units of a party that are neither held nor claimed by amount orders.
    #[must_use]
    pub fn unclaimed(&self, pid: Pid) -> Units {
        let (units, held) = self.sums(pid);
        (units - held).saturating_sub(self.frozen_req(pid))
    }

    /// What a wallet may spend or set aside.
    #[must_use]
    pub fn available(&self, who: Who) -> Units {
        let purse = self.token.purse(who);
        let own = (purse.units - purse.held).saturating_sub(purse.locked(self.now));
        match self.pid_of(who) {
            Some(pid) => own.min(self.unclaimed(pid)),
            None => own,
        }
    }

    /// Step 8 of the order of checks: funds. Nothing can always be spent.
    ///
    /// # Errors
    /// 200, 203, 204, 202.
    pub fn funds(&self, who: Who, asked: Units) -> Result<(), Code> {
        let purse = self.token.purse(who);
        let unheld = purse.units - purse.held;
        let unlocked = unheld.saturating_sub(purse.locked(self.now));
        need(asked <= purse.units, INSUFFICIENT_BALANCE)?;
        need(asked <= unheld, HELD_AMOUNT)?;
        need(asked <= unlocked, LOCKED_AMOUNT)?;
        need(asked == 0 || asked <= self.available(who), FROZEN_AMOUNT)
    }

    /// Step 1 of a market act: a stop of the token, then a directive of the regulator, which comes before
    /// everything but a stop of the register.
    pub(super) fn market(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<Answer, Code>,
    ) -> Result<Answer, Code> {
        self.token.life.open()?;
        let halted = self.halted(self.token.at);
        match act(self) {
            Err(PAUSED) => Err(PAUSED),
            _ if halted => Err(HALTED),
            outcome => outcome,
        }
    }
}
