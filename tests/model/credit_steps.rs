//! What becomes of a presentation: the next step mostly, and quarrels about it.

use crate::chance::{amount, document, number};
use crate::credit_papers::{bill, hash_of, present};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{ARBITER, BANK, BANK_2, EXP, IMP, OP, STRANGER, Who};
use weighhouse_testkit::model::escrow::document::{
    Clock, Disposal, Presentation, Standing, Waiver,
};
use weighhouse_testkit::model::escrow::{Credit, Stage};
use weighhouse_testkit::model::message::EscrowMessage;

type Said = (Who, EscrowMessage);

/// The next step of a presentation, or the first one.
pub(crate) fn after_presentation(
    dice: &mut Dice,
    model: &Model,
    lc: u64,
    credit: Option<&Credit>,
) -> Said {
    let issuing = credit.map_or(BANK, |credit| credit.issuing.wallet);
    let stage = credit.map_or(Stage::Issued, |credit| credit.stage);
    let shown = credit
        .map(|credit| credit.shown.as_slice())
        .unwrap_or_default();
    let open = (1_u64..)
        .zip(shown)
        .filter(|(_, shown)| shown.is_open(model.now));
    let open: Vec<u64> = open.map(|(n, _)| n).collect();
    if (open.is_empty() && stage == Stage::Issued || shown.is_empty()) && !dice.once_in(8) {
        return present(dice, model, lc, credit);
    }
    let n = if open.is_empty() || dice.once_in(10) {
        number(dice, u64::try_from(shown.len()).expect("few"))
    } else {
        dice.pick(&open)
    };
    let at = usize::try_from(n)
        .ok()
        .and_then(|n| shown.get(n.checked_sub(1)?));
    of_presentation(dice, model, (lc, n), (issuing, at))
}

/// The next step of a presentation, mostly.
fn of_presentation(
    dice: &mut Dice,
    model: &Model,
    (lc, n): (u64, u64),
    (issuing, shown): (Who, Option<&Presentation>),
) -> Said {
    use EscrowMessage as M;
    if dice.once_in(7) || shown.is_some_and(|shown| shown.disputed(model.now)) && dice.once_in(2) {
        return quarrel(dice, model, (lc, n), shown);
    }
    let examiner = dice.pick(&[issuing, issuing, BANK_2, OP]);
    let credit = model
        .escrow
        .as_ref()
        .and_then(|escrow| escrow.credits.get(&lc));
    let passed = credit.and_then(|credit| credit.transferred.as_ref());
    let passed = passed.filter(|_| shown.is_some_and(|shown| shown.second));
    let presenter = passed.map_or(EXP, |passed| passed.second.wallet);
    let standing = shown.map(|shown| shown.standing(model.now));
    let waiver = shown.map_or(Waiver::None, |shown| shown.waiver);
    let incomplete = shown.is_some_and(|shown| matches!(shown.clock, Clock::Open(_)));
    let kind = if dice.once_in(6) {
        dice.below(12)
    } else {
        match standing {
            Some(Standing::Presented) if incomplete => 0,
            Some(Standing::Examining) if waiver == Waiver::Asked => 4,
            Some(Standing::Examining) if waiver == Waiver::Given => 5,
            Some(Standing::Examining) => dice.pick(&[1, 1, 1, 2, 3, 6]),
            Some(Standing::ClockStopped) => dice.pick(&[7, 7, 6]),
            Some(Standing::Complying | Standing::Waived | Standing::Precluded) => {
                match dice.below(3) {
                    0 if credit.is_some_and(|credit| credit.confirmed) => 9,
                    _ => 8,
                }
            }
            Some(Standing::Reimbursable) if dice.once_in(20) => 11,
            Some(Standing::Reimbursable) => 10,
            _ => dice.below(12),
        }
    };
    match kind {
        0 => (presenter, M::Complete(lc, n)),
        1 => (examiner, M::Examine(lc, n)),
        2 => (examiner, refuse(dice, lc, n)),
        3 => (issuing, M::AskWaiver(lc, n)),
        4 => (IMP, M::GiveWaiver(lc, n)),
        5 => (issuing, M::AcceptWaiver(lc, n)),
        6 => (examiner, M::SuspendCorrupt(lc, n, hash_of(dice, shown))),
        7 => {
            let missing = shown.and_then(|shown| {
                let (missing, _) = shown.corrupt.as_ref()?;
                shown.docs.get(*missing.first()?)
            });
            let old = missing.filter(|_| !dice.once_in(6)).map(|doc| doc.hash);
            let old = old.unwrap_or_else(|| hash_of(dice, shown));
            let new = u16::try_from(dice.below(60_000)).expect("small");
            (presenter, M::Represent(lc, n, old, new))
        }
        8 => match shown.and_then(|shown| shown.part.filter(|_| shown.pay_until.is_some())) {
            // A milestone is released by its number, mostly.
            Some(_) if dice.once_in(5) => (STRANGER, M::Protest(lc, n)),
            Some(part) if !dice.once_in(3) => (STRANGER, M::ReleaseMilestone(lc, part)),
            _ => (STRANGER, M::Honour(lc, n)),
        },
        9 => (BANK_2, honour_confirming(dice, model, lc, n)),
        10 => (STRANGER, M::Reimburse(lc, n)),
        _ => (BANK_2, M::WaiveReimbursement(lc, n)),
    }
}

/// A refusal, with reasons mostly.
fn refuse(dice: &mut Dice, lc: u64, n: u64) -> EscrowMessage {
    let disposal = dice.pick(&[
        Disposal::HoldForPresenter,
        Disposal::HoldForWaiver,
        Disposal::Return,
        Disposal::Instructed,
    ]);
    EscrowMessage::Refuse(lc, n, usize::from(!dice.once_in(12)), disposal)
}

/// Payment by the confirming bank, with the licence that was filed, mostly.
fn honour_confirming(dice: &mut Dice, model: &Model, lc: u64, n: u64) -> EscrowMessage {
    let filed = model.escrow.as_ref().map(|escrow| &escrow.licences);
    let filed = filed.and_then(|filed| filed.get(&(lc, n)).copied());
    let doc = if dice.once_in(12) {
        Some(document(dice))
    } else {
        filed
    };
    EscrowMessage::HonourConfirming(lc, n, doc)
}

/// Disputes, awards, protests, and records that go back.
fn quarrel(
    dice: &mut Dice,
    model: &Model,
    (lc, n): (u64, u64),
    shown: Option<&Presentation>,
) -> Said {
    use EscrowMessage as M;
    let disputed = shown.is_some_and(|shown| shown.disputed(model.now));
    let over = shown.is_some_and(|shown| !shown.is_open(model.now) && !shown.pledged.is_empty());
    let whole = shown.map_or(1, |shown| match shown.advanced {
        0 => shown.claim,
        advanced => advanced,
    });
    let kind = if disputed && !dice.once_in(5) {
        1
    } else if over && !dice.once_in(3) {
        3
    } else {
        dice.below(5)
    };
    match kind {
        0 => {
            let by = dice.pick(&[EXP, IMP, BANK_2, BANK]);
            (by, M::OpenDispute(lc, n, document(dice)))
        }
        1 => {
            let odd = amount(dice, whole);
            let pay = dice.pick(&[0, whole, whole / 2, odd]);
            let back = whole.saturating_sub(pay);
            let back = if dice.once_in(10) { back + 1 } else { back };
            let credit = model.escrow.as_ref().and_then(|e| e.credits.get(&lc));
            let named = credit.and_then(|credit| credit.arbiter);
            let by = named.filter(|_| !dice.once_in(8)).unwrap_or(ARBITER);
            (by, M::Award(lc, n, (pay, back), document(dice)))
        }
        2 => (STRANGER, M::Protest(lc, n)),
        3 => (STRANGER, M::ReturnDocuments(lc, n)),
        _ => {
            let record = bill(dice, model).map_or(1, |(id, _)| id);
            (EXP, M::ReturnRecord(record))
        }
    }
}
