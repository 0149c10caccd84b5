//! What contracts and model keep, compared after every block.

use crate::rig::Rig;
use crate::wire::{InFlight, Member, Position, WireTrade, hash};
use crate::wire_escrow::{CreditInFlight, CreditPosition};
use parity_scale_codec::Encode;
use weighhouse_primitives::{Address, Amount, Timestamp};
use weighhouse_testkit::model::cast::{ESCROW, HOLDERS, NOBODY, REGISTER, Who};
use weighhouse_testkit::model::escrow::{Credit, Source, Stage};
use weighhouse_testkit::model::register::{Finding, Register, Standing, WalletState};
use weighhouse_testkit::model::token::HoldState;
use weighhouse_testkit::model::{Model, Units};

impl Rig {
    /// What contracts and model keep: wallets and holds, and if it is the `whole`, participants, trades and
    /// credits; the first difference.
    pub(crate) fn compare(&self, model: &Model, whole: bool) -> Result<(), String> {
        self.compare_wallets(model)?;
        self.compare_holds(model)?;
        if let Some(other) = model.of_other() {
            self.compare_wallets(&other)?;
            self.compare_holds(&other)?;
        }
        if !whole {
            return Ok(());
        }
        self.compare_past_balances(model)?;
        self.compare_register(model)?;
        self.compare_credits(model)?;
        self.compare_rights(model)
    }

    fn compare_wallets(&self, model: &Model) -> Result<(), String> {
        // Nobody supervises while those who did have lost their office.
        let Some(by) = model.token.life.supervisor() else {
            return Ok(());
        };
        let page = (None::<Address>, 100_u32);
        let kept: Vec<Position> = self.ask(model.token.at, by, "reg_positions", &page);
        let mut expected: Vec<Position> = Vec::new();
        for (who, purse) in &model.token.purses {
            expected.push(Position {
                holder: self.places.at(*who),
                balance: purse.units,
                held: purse.held,
                locked: purse.locked(model.now),
                party: model.pid_of(*who),
            });
        }
        expected.sort();
        same_list("wallets", &kept, &expected)?;
        let supply: Amount = self.ask(model.token.at, NOBODY, "supply", &());
        same("supply", &supply.0, &model.token.supply)?;
        let holders: u64 = self.ask(model.token.at, NOBODY, "holder_count", &());
        same("holders", &holders, &model.holders())
    }

    /// Balances and supply of a second that is over, some of them (T8).
    fn compare_past_balances(&self, model: &Model) -> Result<(), String> {
        let Some(last) = model.now.checked_sub(1) else {
            return Ok(());
        };
        // Another second every time, as often a young one as an old one.
        let at = if model.now.is_multiple_of(2) {
            last
        } else {
            last / 3 * 2
        };
        let then = model.token.balances_at(at);
        let time = self.places.time(at);
        let supply: Amount = self.ask(model.token.at, NOBODY, "supply_at", &time);
        same(&format!("supply at {at}"), &supply.0, &then.values().sum())?;
        let offset = usize::try_from(model.now % 5).unwrap_or(0);
        for who in HOLDERS.iter().skip(offset).step_by(3) {
            let arguments = (self.places.at(*who), time);
            let kept: Amount = self.ask(model.token.at, NOBODY, "balance_of_at", &arguments);
            let expected = then.get(who).copied().unwrap_or(0);
            same(&format!("balance of {who} at {at}"), &kept.0, &expected)?;
        }
        Ok(())
    }

    fn compare_holds(&self, model: &Model) -> Result<(), String> {
        let open = || model.token.holds.iter().filter(|(_, hold)| hold.is_open());
        let Some(mut after) = open().next().map(|(id, _)| id - 1) else {
            return Ok(());
        };
        let Some(by) = model.token.life.supervisor() else {
            return Ok(());
        };
        let mut kept: Vec<InFlight> = Vec::new();
        loop {
            let page = (Some(after), 50_u32);
            let part: Vec<InFlight> = self.ask(model.token.at, by, "reg_inflight", &page);
            let Some(last) = part.last() else { break };
            after = last.id;
            kept.extend(part.into_iter().filter(|hold| hold.left != 0));
        }
        let brief = |hold: &InFlight| {
            let terms = (hold.to, hold.notary, hold.expiry, hold.left);
            (hold.id, hold.owner, terms, (hold.state, hold.expired))
        };
        let kept: Vec<_> = kept.iter().map(brief).collect();
        let at = |who: Who| self.places.at(who);
        let expected = open().map(|(id, hold)| {
            let owner = at(model.token.heir_of(hold.owner));
            let terms = (
                hold.to.map(at),
                at(hold.notary),
                self.places.time(hold.expiry),
                hold.left,
            );
            let state = u8::from(hold.state != HoldState::Ordered);
            (*id, owner, terms, (state, model.now > hold.expiry))
        });
        same_list("holds", &kept, &expected.collect::<Vec<_>>())
    }

    /// Participants and their wallets, what orders claim, trades.
    fn compare_register(&self, model: &Model) -> Result<(), String> {
        let Some(register) = &model.register else {
            return Ok(());
        };
        self.compare_parties(register)?;
        for (reference, trade) in &register.trades {
            let kept: Option<WireTrade> = self.ask(REGISTER, NOBODY, "trade", &hash(*reference));
            let kept = kept.map(|kept| (kept.settled, kept.funded, kept.state == 0));
            let expected = (trade.settled, trade.funded, trade.open);
            same(&format!("trade {reference}"), &kept, &Some(expected))?;
        }
        for ((pid, class, year), taken) in &register.taken {
            let year_asked = u32::try_from(*year).unwrap_or(u32::MAX);
            let arguments = (pid, class, year_asked);
            let kept: (Units, Units) = self.ask(REGISTER, NOBODY, "limit_use", &arguments);
            let what = format!("class {class} of {pid} in {year}");
            same(&what, &kept, &(taken.used, taken.reserved))?;
        }
        for pid in register.parties.keys() {
            let claimed: Units = self.ask(model.token.at, NOBODY, "frozen_of", pid);
            let (units, held) = model.sums(*pid);
            let expected = model.frozen_req(*pid).min(units - held);
            same(&format!("frozen of {pid}"), &claimed, &expected)?;
        }
        Ok(())
    }

    /// Money of credits, and where they and their presentations stand.
    fn compare_credits(&self, model: &Model) -> Result<(), String> {
        let Some(escrow) = &model.escrow else {
            return Ok(());
        };
        let Some(by) = escrow.life.supervisor() else {
            return Ok(());
        };
        let (mut kept, mut open, mut after) = (Vec::new(), Vec::new(), None::<u64>);
        loop {
            let page: Vec<CreditPosition> = self.ask(ESCROW, by, "reg_positions", &(after, 50_u32));
            let waiting: Vec<CreditInFlight> =
                self.ask(ESCROW, by, "reg_inflight", &(after, 50_u32));
            let Some(last) = page.last() else { break };
            after = Some(last.lc);
            let brief = |one: CreditPosition| {
                (
                    one.lc,
                    one.issuing,
                    one.stage,
                    [one.money, one.confirming, one.provider],
                )
            };
            kept.extend(page.into_iter().map(brief));
            open.extend(
                waiting
                    .into_iter()
                    .map(|one| (one.lc, one.held, one.waiting)),
            );
        }
        let books = |credit: &Credit, source| {
            let books = credit.books.get(&source).copied().unwrap_or_default();
            (books.funded, books.drawn, books.returned, books.held)
        };
        let expected = escrow.credits.iter().map(|(lc, credit)| {
            let sources = [Source::Applicant, Source::Confirming, Source::Provider];
            let money = sources.map(|source| books(credit, source));
            (*lc, credit.issuing.pid, credit.stage as u8, money)
        });
        same_list("credits", &kept, &expected.collect::<Vec<_>>())?;
        let issued = escrow
            .credits
            .iter()
            .filter(|(_, credit)| credit.stage == Stage::Issued);
        let expected = issued.map(|(lc, credit)| {
            let shown = (1_u64..).zip(&credit.shown);
            let open = shown.filter(|(_, shown)| shown.is_open(model.now));
            let open = open.map(|(n, s)| {
                let disputed = s.disputed(model.now);
                (n, s.claim, s.standing(model.now) as u8, disputed)
            });
            (
                *lc,
                books(credit, Source::Applicant).3,
                open.collect::<Vec<_>>(),
            )
        });
        same_list("presentations", &open, &expected.collect::<Vec<_>>())
    }

    fn compare_parties(&self, register: &Register) -> Result<(), String> {
        let Some(by) = register.life.supervisor() else {
            return Ok(());
        };
        let page = (None::<u64>, 100_u32);
        let kept: Vec<Member> = self.ask(REGISTER, by, "reg_positions", &page);
        let brief = |member: Member| {
            let times = (member.qualified, member.kyc_until);
            let screening = member.screening.map(|(_, _, result, at)| (result, at));
            (
                member.pid,
                member.standing,
                times,
                screening,
                member.wallets.len(),
            )
        };
        let kept: Vec<_> = kept.into_iter().map(brief).collect();
        let time = |seconds| self.places.time(seconds);
        let expected = register.parties.iter().map(|(pid, party)| {
            let fresh = match party.standing {
                Standing::Pending => Timestamp(0),
                _ if party.kyc_until == 0 => Timestamp(0),
                _ => time(party.kyc_until),
            };
            let times = (party.qualified.map(time), fresh);
            let code = |finding: Finding| finding.encode()[0];
            let screening = party
                .screening
                .map(|(finding, at)| (code(finding), time(at)));
            let accepted = register
                .wallets
                .values()
                .filter(|(whose, state)| whose == pid && *state != WalletState::Proposed);
            (
                *pid,
                party.standing.encode()[0],
                times,
                screening,
                accepted.count(),
            )
        });
        same_list("participants", &kept, &expected.collect::<Vec<_>>())
    }
}

/// A difference, if there is one.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    kept: &T,
    expected: &T,
) -> Result<(), String> {
    if kept == expected {
        return Ok(());
    }
    Err(format!(
        "{what}\n  contract: {kept:?}\n  model:    {expected:?}"
    ))
}

/// What only one of two lists has.
pub(crate) fn same_list<T: PartialEq + std::fmt::Debug>(
    what: &str,
    kept: &[T],
    expected: &[T],
) -> Result<(), String> {
    let without = |one: &[T], other: &[T]| -> Vec<String> {
        let alone = one.iter().filter(|item| !other.contains(item));
        alone.map(|item| format!("{item:?}")).collect()
    };
    same(what, &without(kept, expected), &without(expected, kept))
}
