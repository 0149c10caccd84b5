//! The law gets in the way of credits, and out of it: freezes, hits, licences, banks that pay meanwhile.

use crate::chance::document;
use crate::market::{DAY, pid};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{
    BANK_2, COMPLIANCE, COMPLIANCE_2, ENFORCER, EXP, IMP, REGULATOR, REGULATOR_2, SCREENER,
    STRANGER, Who,
};
use weighhouse_testkit::model::escrow::document::{Presentation, Standing, Step};
use weighhouse_testkit::model::escrow::{Credit, Escrow, Stage};
use weighhouse_testkit::model::message::{EscrowMessage, Message, RegisterMessage};
use weighhouse_testkit::model::register::order::Scope;
use weighhouse_testkit::model::register::{Act, Finding, Pid, Register};

type Said = Option<(Who, Message)>;

/// A presentation that is owed, but for the law.
type Owed<'a> = (u64, u64, &'a Credit, &'a Presentation);

fn owed<'a>(escrow: &'a Escrow, now: u64) -> Vec<Owed<'a>> {
    let mut all = Vec::new();
    for (lc, credit) in &escrow.credits {
        for (n, shown) in (1..).zip(&credit.shown) {
            let judged = matches!(
                shown.judged(now),
                Standing::Complying | Standing::Waived | Standing::Precluded
            );
            if judged
                && credit.stage == Stage::Issued
                && !shown.disputed(now)
                && !shown.overdue(now)
            {
                all.push((*lc, n, credit, shown));
            }
        }
    }
    all
}

fn on_party(register: &Register, whose: Pid, now: u64) -> Vec<u64> {
    let on = register.orders.iter().filter(|(_, order)| {
        let party = matches!(order.scope, Scope::Party { .. });
        party && order.active(now) && order.scope.pid() == Some(whose)
    });
    on.map(|(id, _)| *id).collect()
}

/// The law stops somebody to whom or from whom money is owed, or steps aside.
pub(crate) fn distress(dice: &mut Dice, model: &Model) -> Said {
    let (escrow, register) = (model.escrow.as_ref()?, model.register.as_ref()?);
    let credits = escrow.credits.iter();
    let advanced = credits.flat_map(|(lc, credit)| {
        let shown = (1..).zip(&credit.shown);
        let waits = shown.filter(|(_, shown)| shown.step == Step::Reimbursable);
        waits.map(move |(n, _)| (*lc, n))
    });
    let advanced: Vec<(u64, u64)> = advanced.collect();
    let on_importer = on_party(register, pid(IMP), model.now);
    let all = owed(escrow, model.now);
    let enough = all.is_empty() || !advanced.is_empty() && dice.once_in(2) || dice.once_in(3);
    if let Some(message) = relief(dice, register, &on_importer).filter(|_| enough) {
        return Some(message);
    }
    if !advanced.is_empty() && enough {
        let (lc, n) = dice.pick(&advanced);
        let message = EscrowMessage::Reimburse(lc, n);
        return Some((STRANGER, Message::Escrow(message)));
    }
    let confirmed = all.iter().filter(|(_, _, credit, _)| credit.confirmed);
    let confirmed: Vec<Owed<'_>> = confirmed.copied().collect();
    let (lc, n, credit, shown) = match (all.is_empty(), confirmed.is_empty()) {
        (true, _) => return None,
        (_, false) if !dice.once_in(3) => dice.pick(&confirmed),
        _ => dice.pick(&all),
    };
    if credit.confirmed && !on_importer.is_empty() && dice.once_in(2) {
        let message = EscrowMessage::HonourConfirming(lc, n, None);
        return Some((BANK_2, Message::Escrow(message)));
    }
    let waiting = escrow.proposals.iter();
    let waiting = waiting.filter(|(_, one)| (one.lc, one.n) == (lc, n) && model.now <= one.until);
    let waiting: Vec<u64> = waiting.map(|(id, _)| *id).collect();
    if !waiting.is_empty() && !dice.once_in(4) {
        let by = dice.pick(&[REGULATOR_2, REGULATOR_2, REGULATOR_2, REGULATOR]);
        let approve = EscrowMessage::ApproveRelease(dice.pick(&waiting));
        return Some((by, Message::Escrow(approve)));
    }
    let presenter = if shown.second { None } else { Some(pid(EXP)) };
    let on_payee = presenter.map(|payee| on_party(register, payee, model.now));
    let orders: Vec<u64> = on_importer
        .into_iter()
        .chain(on_payee.unwrap_or_default())
        .collect();
    if !orders.is_empty() && !dice.once_in(4) {
        let papers = (document(dice), dice.pick(&orders));
        let propose = EscrowMessage::ProposeRelease(lc, n, papers);
        return Some((REGULATOR, Message::Escrow(propose)));
    }
    let screening = register.parties.get(&pid(IMP)).and_then(|p| p.screening);
    let hit = matches!(screening, Some((Finding::Hit, _)));
    if hit && credit.confirmed {
        return Some(around_a_hit(dice, escrow, (lc, n)));
    }
    Some(trouble(dice, model, credit.confirmed))
}

/// The importer is let go, step by step.
fn relief(dice: &mut Dice, register: &Register, on_importer: &[u64]) -> Said {
    let (by, message) = if !on_importer.is_empty() {
        let order = dice.pick(on_importer);
        (REGULATOR, RegisterMessage::LiftFreeze(order, 7))
    } else {
        let screening = register.parties.get(&pid(IMP)).and_then(|p| p.screening);
        let hit = matches!(screening, Some((Finding::Hit, _)));
        let waits = register
            .proposals
            .iter()
            .find(|(_, (act, by, _))| *act == Act::ClearHit(pid(IMP)) && *by == COMPLIANCE);
        match waits {
            Some((id, _)) if hit => (COMPLIANCE_2, RegisterMessage::ApproveClearHit(*id)),
            None if hit => (COMPLIANCE, RegisterMessage::ProposeClearHit(pid(IMP), 7)),
            _ => return None,
        }
    };
    Some((by, Message::Register(message)))
}

/// The confirming bank pays for an importer that is on a list, once a licence is filed.
fn around_a_hit(dice: &mut Dice, escrow: &Escrow, (lc, n): (u64, u64)) -> (Who, Message) {
    let filed = escrow.licences.get(&(lc, n)).copied();
    let (by, message) = match filed {
        Some(doc) if !dice.once_in(6) => {
            (BANK_2, EscrowMessage::HonourConfirming(lc, n, Some(doc)))
        }
        _ => {
            let doc = dice.pick(&[7, 7, 8, 0]);
            (REGULATOR, EscrowMessage::FileLicence(lc, n, doc))
        }
    };
    (by, Message::Escrow(message))
}

/// An order, or a hit.
fn trouble(dice: &mut Dice, model: &Model, confirmed: bool) -> (Who, Message) {
    if confirmed && dice.once_in(5) {
        let found = RegisterMessage::RecordScreening((pid(IMP), 1, 3), Finding::Hit, 7);
        return (SCREENER, Message::Register(found));
    }
    let whose = if confirmed || dice.once_in(2) {
        pid(IMP)
    } else {
        pid(EXP)
    };
    let scope = Scope::Party {
        pid: whose,
        both: whose != pid(IMP) || dice.once_in(2),
    };
    let case = u8::try_from(1 + dice.below(255)).expect("small");
    let until = (!dice.once_in(3)).then(|| model.now + dice.below(DAY / 2));
    let order = RegisterMessage::OrderFreeze(scope, (3, case, 7), until);
    (ENFORCER, Message::Register(order))
}
