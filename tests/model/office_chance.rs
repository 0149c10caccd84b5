//! Offices change hands: mostly so that those of the cast have theirs again.

use crate::chance::mostly;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{
    ADMIN, ANN, ANN_2, BOB, CAT, COMPLIANCE, ENFORCER, ESCROW, ISSUER, MINTER, MINTER_2, NOBODY,
    OPERATOR, OPERATOR_2, PEOPLE, REGISTER, REGISTRAR_2, REGULATOR, REGULATOR_2, RIGHTS, SCREENER,
    TOKEN, Who,
};
use weighhouse_testkit::model::life::{ADMIN_DELAY, Life, OfficeMessage, Role};
use weighhouse_testkit::model::message::Message;

/// Roles that are granted; officers of whom there are two lose theirs and get them back.
const OFFICES: [(Role, Who); 14] = [
    (Role::Auditor, ANN),
    (Role::Auditor, COMPLIANCE),
    (Role::Compliance, ANN_2),
    (Role::Enforcer, BOB),
    (Role::Regulator, CAT),
    (Role::Oracle, ANN),
    (Role::Minter, MINTER_2),
    (Role::Operator, OPERATOR_2),
    (Role::Registrar, REGISTRAR_2),
    (Role::Issuer, REGULATOR),
    (Role::Screener, SCREENER),
    (Role::Admin, BOB),
    (Role::Regulator, REGULATOR_2),
    (Role::Minter, MINTER),
];

/// Every contract of the story, and its offices.
fn contracts(model: &Model) -> Vec<(Who, &Life)> {
    let register = model.register.as_ref().map(|one| (REGISTER, &one.life));
    let escrow = model.escrow.as_ref().map(|one| (ESCROW, &one.life));
    let rights = model.rights.as_ref().map(|one| (RIGHTS, &one.life));
    let all = [Some((TOKEN, &model.token.life)), register, escrow, rights];
    all.into_iter().flatten().collect()
}

/// Who is ADMIN.
fn admin(life: &Life) -> Who {
    let mut officers = life.officers.iter();
    let found = officers.find(|(role, _)| *role == Role::Admin);
    found.map_or(ADMIN, |(_, who)| *who)
}

/// Something about offices.
pub(crate) fn office_message(dice: &mut Dice, model: &Model) -> (Who, Message) {
    use OfficeMessage as M;
    let (contract, life) = dice.pick(&contracts(model));
    let boss = admin(life);
    let (role, who) = dice.pick(&OFFICES);
    let (by, message) = match (dice.below(10), life.handover) {
        (0..=2, _) => (boss, M::GrantRole(role, who)),
        (3, _) => (boss, M::RevokeRole(role, who)),
        (4, _) => (who, M::RenounceRole(role)),
        (5, _) => (who, M::RevokeRole(role, who)),
        (6, Some(_)) => (boss, M::CancelAdmin),
        (7, _) => (boss, M::CancelAdmin),
        (_, Some((to, from))) if PEOPLE.contains(&to) => {
            let soon = model.now + ADMIN_DELAY >= from || dice.once_in(2);
            (if soon { to } else { boss }, M::AcceptAdmin)
        }
        // Back to who was it first, mostly.
        _ if boss != ADMIN => (boss, M::ProposeAdmin(ADMIN)),
        _ => {
            let to = dice.pick(&[ANN, ISSUER, ENFORCER, OPERATOR, ADMIN, NOBODY, TOKEN]);
            (boss, M::ProposeAdmin(to))
        }
    };
    (mostly(dice, by), Message::Office(contract, message))
}
