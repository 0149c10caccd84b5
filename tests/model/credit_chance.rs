//! What comes to the minds of those who trade against documents.
//!
//! Most messages are the next step of some credit or presentation; the others are out of turn.

use crate::chance::{amount, document, mostly, number};
use crate::credit_fx::{define_calendar, set_fx};
use crate::credit_papers::{fund, of_bills, present, spare};
use crate::credit_steps::after_presentation;
use crate::credit_terms::{amended, terms};
use crate::market::{DAY, pid};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ADMIN, ANN, BANK, BANK_2, BOB, CAT, EXP, IMP, OP, PAUSER, REGULATOR, STRANGER, Who,
};
use weighhouse_testkit::model::escrow::terms::Availability;
use weighhouse_testkit::model::escrow::{Credit, Stage};
use weighhouse_testkit::model::life::Status;
use weighhouse_testkit::model::message::{EscrowMessage, Message};
use weighhouse_testkit::model::{Model, Seconds};

type Said = (Who, EscrowMessage);

/// Says something about credits: to the escrow, or to the token whose holds pay.
pub(crate) fn escrow_message(dice: &mut Dice, model: &Model) -> (Who, Message) {
    if dice.once_in(9) {
        return fund(dice, model);
    }
    if dice.once_in(12) {
        let (by, message) = of_bills(dice, model);
        return (mostly(dice, by), Message::Rights(message));
    }
    let escrow = model.escrow.as_ref().expect("an escrow");
    let given = u64::try_from(escrow.credits.len()).expect("few");
    let fresh = escrow
        .credits
        .values()
        .filter(|credit| credit.stage <= Stage::Issued)
        .count();
    let (by, message) = if escrow.life.status == Status::Paused && dice.once_in(200) {
        (ADMIN, EscrowMessage::Deactivate(document(dice)))
    } else if dice.once_in(150) {
        define_calendar(dice, model)
    } else if escrow.life.status == Status::Paused && dice.once_in(3) {
        (PAUSER, EscrowMessage::Unpause)
    } else if given == 0 || (fresh < 6 && dice.once_in(6)) || dice.once_in(40) {
        (
            dice.pick(&[IMP, IMP, IMP, IMP, CAT, STRANGER]),
            EscrowMessage::Apply(terms(dice, model)),
        )
    } else {
        // Of those that are under way, mostly.
        let live = escrow
            .credits
            .iter()
            .filter(|(_, credit)| credit.stage <= Stage::Issued);
        let live: Vec<u64> = live.map(|(lc, _)| *lc).collect();
        let any = live.is_empty() || dice.once_in(15);
        let lc = if any {
            number(dice, given)
        } else {
            dice.pick(&live)
        };
        of_credit(dice, model, lc)
    };
    (mostly(dice, by), Message::Escrow(message))
}

/// Passing on, assignment.
fn pass(dice: &mut Dice, model: &Model, lc: u64, credit: Option<&Credit>) -> Said {
    let issuing = credit.map_or(BANK, |credit| credit.issuing.wallet);
    if dice.once_in(3) {
        let bps = dice.pick(&[1, 333, 2_500, 5_000, 10_000, 0, 10_001]);
        let to = pid(dice.pick(&[ANN, OP, BANK, CAT, EXP, BOB, STRANGER]));
        return (EXP, EscrowMessage::AssignProceeds(lc, to, bps));
    }
    let waits = credit.and_then(|credit| credit.passing.as_ref());
    if let Some((passed, _)) = waits.filter(|_| !dice.once_in(6)) {
        let terms = (lc, passed.second.wallet, passed.amount);
        let times = (passed.expiry, passed.latest_shipment);
        let by = dice.pick(&[issuing, EXP]);
        return (by, EscrowMessage::TransferCredit(terms, times));
    }
    let most = credit.map_or(1, |credit| {
        let taken = credit.used.saturating_add(credit.open_claims(model.now));
        credit.clauses.amount.saturating_sub(taken)
    });
    let whole = credit.is_some_and(|credit| !credit.clauses.partial_allowed);
    let much = match dice.below(6) {
        0 => amount(dice, most),
        _ if whole => most,
        _ => most / 2,
    };
    let expiry = credit.map_or(model.now, |credit| credit.clauses.expiry);
    let latest = credit.map_or(model.now, |credit| credit.clauses.latest_shipment);
    let sooner = |at: Seconds, dice: &mut Dice| match dice.below(12) {
        0 => at + 1,
        1 => at.saturating_sub(DAY / 8),
        _ => at,
    };
    let times = (sooner(expiry, dice), sooner(latest, dice));
    let to = dice.pick(&[CAT, BOB, OP, ANN, EXP, STRANGER]);
    let by = dice.pick(&[EXP, issuing]);
    (by, EscrowMessage::TransferCredit((lc, to, much), times))
}

/// The next step of a credit, mostly.
fn of_credit(dice: &mut Dice, model: &Model, lc: u64) -> Said {
    use EscrowMessage as M;
    let escrow = model.escrow.as_ref().expect("an escrow");
    let credit = escrow.credits.get(&lc);
    let issuing = credit.map_or(BANK, |credit| credit.issuing.wallet);
    let stage = credit.map_or(Stage::Issued, |credit| credit.stage);
    let over = credit.is_some_and(|credit| model.now > escrow.end_of(credit));
    let waits = credit.is_some_and(|credit| credit.has_open(model.now));
    if over && !waits && !dice.once_in(6) {
        return (STRANGER, M::Expire(lc));
    }
    if stage == Stage::Draft && !dice.once_in(6) {
        return match dice.below(60) {
            0 => (IMP, M::Cancel(lc)),
            1 | 2 => (BANK, M::Expire(lc)),
            _ => (issuing, M::Issue(lc, spare(dice, model, IMP))),
        };
    }
    match dice.below(31) {
        0 if dice.once_in(6) => (PAUSER, M::Pause),
        0 | 1 => (BANK_2, M::Advise(lc)),
        2 | 3 => (BANK_2, M::Confirm(lc, spare(dice, model, BANK_2))),
        4 => {
            let by = dice.pick(&[IMP, BANK_2]);
            (by, M::AddHold(lc, spare(dice, model, by)))
        }
        5 => (issuing, M::ProposeAmend(lc, amended(dice, model, credit))),
        6 | 7 => {
            let given = credit.map_or(0, |credit| credit.amendments.len());
            let waits = credit.and_then(|credit| credit.pending);
            let n = waits.filter(|_| !dice.once_in(10));
            let n = n.unwrap_or_else(|| number(dice, u64::try_from(given).expect("few")));
            (
                dice.pick(&[EXP, BANK_2]),
                M::AnswerAmend(lc, n, !dice.once_in(4)),
            )
        }
        8 if dice.once_in(4) => (dice.pick(&[EXP, issuing, BANK_2]), M::Cancel(lc)),
        30 => set_fx(dice, model, lc, (credit, issuing)),
        8 => pass(dice, model, lc, credit),
        9 => (STRANGER, M::Expire(lc)),
        10 => {
            let parts = credit.map(|credit| &credit.clauses.availability);
            let staged = matches!(parts, Some(Availability::Milestones(_)));
            if staged || dice.once_in(10) {
                (STRANGER, M::ReleaseMilestone(lc, dice.index(4)))
            } else {
                (STRANGER, M::StopClock(lc))
            }
        }
        11 => (
            REGULATOR,
            M::AssignAgent(lc, dice.pick(&[BANK, BANK_2, OP, EXP, STRANGER])),
        ),
        12..=15 => present(dice, model, lc, credit),
        _ => after_presentation(dice, model, lc, credit),
    }
}
