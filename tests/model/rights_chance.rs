//! What comes to the minds of owners, registrars, carriers, and those who disturb them.
//!
//! Most messages are the next step of something under way, as the model knows it; the others are out of
//! turn, by the wrong person, about the wrong thing, with one number wrong.

use crate::chance::{amount, mostly, number, second};
use crate::market::{pid, wallet_of};
use crate::request_chance::request;
use crate::rights::REGISTRAR_PID;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ANN, ANN_2, ARBITER, BANK, BOB, CAT, ENFORCER, EXP, IMP, NOTARY, OP, PAUSER, REGISTRAR,
    REGISTRAR_2, REGULATOR, RIGHTS, STRANGER, SYSTEM, TOKEN, Who,
};
use weighhouse_testkit::model::life::Status as LifeStatus;
use weighhouse_testkit::model::message::RegisterMessage;
use weighhouse_testkit::model::register::order::Scope;
use weighhouse_testkit::model::register::{Pid, Register};
use weighhouse_testkit::model::rights::arrest::Forced;
use weighhouse_testkit::model::rights::message::RightsMessage;
use weighhouse_testkit::model::rights::queue::{Decision, Progress};
use weighhouse_testkit::model::rights::record::{RecordState, RecordType};
use weighhouse_testkit::model::rights::request::Acts;
use weighhouse_testkit::model::rights::usage::{UseKind, UseState};
use weighhouse_testkit::model::rights::{Class, Detail, Object, Rights, Status};
use weighhouse_testkit::model::{Model, Units};

type Said = (Who, RightsMessage);

/// Those who own things.
const OWNERS: &[Who] = &[ANN, BOB, IMP, EXP, OP, BANK];

/// The registry of a story that has one.
pub(crate) fn registry(model: &Model) -> &Rights {
    model.rights.as_ref().expect("a registry")
}

/// A participant that owns things, mostly.
pub(crate) fn someone(dice: &mut Dice) -> Pid {
    match dice.below(24) {
        0 => dice.pick(&[0, 99, Pid::MAX]),
        1 => dice.pick(&[pid(CAT), pid(NOTARY), pid(SYSTEM), REGISTRAR_PID]),
        _ => pid(dice.pick(OWNERS)),
    }
}

/// A wallet of a participant.
pub(crate) fn wallet(dice: &mut Dice, of: Pid) -> Who {
    match wallet_of(of) {
        Some(ANN) if dice.once_in(3) => ANN_2,
        Some(who) => who,
        None if of == REGISTRAR_PID => REGISTRAR,
        None => STRANGER,
    }
}

/// A number or a document that nothing has, mostly.
pub(crate) fn fresh(dice: &mut Dice) -> u16 {
    match dice.below(40) {
        0 => 0,
        1 => u16::try_from(1 + dice.below(20)).expect("small"),
        _ => u16::try_from(1 + dice.below(65_000)).expect("small"),
    }
}

pub(crate) fn acts(dice: &mut Dice) -> Acts {
    match dice.below(24) {
        0 => vec![],
        1 => vec![1, 1],
        2 => vec![0, 1],
        3 => (1..=33).collect(),
        _ => dice.pick(&[vec![1], vec![1, 2], vec![1, 2, 3], vec![2, 4]]),
    }
}

/// One of the objects that are such, if there is one.
pub(crate) fn object(
    dice: &mut Dice,
    rights: &Rights,
    such: impl Fn(&Object) -> bool,
) -> Option<u64> {
    let all = rights.objects.iter().filter(|(_, object)| such(object));
    let all: Vec<u64> = all.map(|(id, _)| *id).collect();
    (!all.is_empty()).then(|| dice.pick(&all))
}

/// An object that is such, mostly; else any number.
pub(crate) fn some_object(dice: &mut Dice, rights: &Rights, such: impl Fn(&Object) -> bool) -> u64 {
    let found = object(dice, rights, such).filter(|_| !dice.once_in(25));
    found.unwrap_or_else(|| number(dice, rights.last))
}

/// Something said to the registry.
pub(crate) fn rights_message(dice: &mut Dice, model: &Model) -> Said {
    let rights = registry(model);
    if rights.life.status == LifeStatus::Paused && dice.once_in(3) {
        return (mostly(dice, PAUSER), RightsMessage::Unpause);
    }
    let (by, message) = match dice.below(40) {
        0..=2 => create(dice, rights),
        3..=7 => apply(dice, model, rights),
        8..=22 => advance(dice, model, rights),
        23 => hinder(dice, rights),
        24..=27 => usage(dice, model, rights),
        28..=31 => utility(dice, model, rights),
        32..=36 => record(dice, rights),
        _ => enforce(dice, model, rights),
    };
    (mostly(dice, by), message)
}

fn create(dice: &mut Dice, rights: &Rights) -> Said {
    let live = rights.objects.values();
    let live = live.filter(|object| object.status != Status::Closed);
    let odd = live.count() > 25 || dice.once_in(12);
    let class = dice.pick(&[
        Class::Parcel,
        Class::Parcel,
        Class::Parcel,
        Class::IpRight,
        Class::Concession,
        Class::Certificate,
    ]);
    let class = if odd && dice.once_in(2) {
        dice.pick(&[Class::Utility, Class::TransferableRecord])
    } else {
        class
    };
    let area = match class {
        Class::Parcel => Some(60 * Units::from(1 + dice.below(100))),
        _ => None,
    };
    let area = if odd {
        dice.pick(&[None, Some(0), Some(7), Some(Units::MAX)])
    } else {
        area
    };
    let papers = (fresh(dice), fresh(dice));
    let thing = (class, fresh(dice), area);
    let by = dice.pick(&[REGISTRAR, REGISTRAR_2]);
    (by, RightsMessage::CreateObject(thing, papers))
}

/// An application by somebody whose business it is, mostly.
fn apply(dice: &mut Dice, model: &Model, rights: &Rights) -> Said {
    let registered = |object: &Object| {
        let papers = matches!(object.class, Class::Utility | Class::TransferableRecord);
        object.status != Status::Closed && !papers
    };
    let id = if dice.once_in(12) {
        some_object(dice, rights, |object| object.status != Status::Open)
    } else {
        // What is open gets owners first.
        let open = object(dice, rights, |object| object.status == Status::Open);
        let open = open.filter(|_| dice.once_in(2));
        open.unwrap_or_else(|| some_object(dice, rights, registered))
    };
    let (party, request) = request(dice, model, id);
    let docs = match dice.below(24) {
        0 => vec![],
        1 => vec![fresh(dice), 0],
        2 => vec![5; 33],
        _ => vec![fresh(dice)],
    };
    let docs = docs.into_iter().map(|doc| doc.max(1)).collect::<Vec<_>>();
    let docs = if dice.once_in(30) { vec![0] } else { docs };
    let by = wallet(dice, party);
    (by, RightsMessage::Apply(id, request, docs))
}

/// The next step of some application.
fn advance(dice: &mut Dice, model: &Model, rights: &Rights) -> Said {
    use RightsMessage as M;
    let mut wanted: Vec<Said> = Vec::new();
    for (entry, application) in &rights.applications {
        if application.decision != Decision::Pending {
            continue;
        }
        let registrar = dice.pick(&[REGISTRAR, REGISTRAR_2]);
        match rights.progress(*entry, model.now) {
            Some(Progress::Received) => {
                let missing = rights.missing(application, model.now);
                wanted.extend(
                    missing
                        .iter()
                        .map(|pid| (wallet(dice, *pid), M::Consent(*entry))),
                );
            }
            Some(Progress::Consented) if model.now >= application.from => {
                let mut proposals = rights.proposals.iter().rev();
                let waits = proposals.find(|(_, (of, ..))| of == entry);
                wanted.push(match waits {
                    Some((id, (_, _, by, until))) if model.now <= *until => {
                        let other = if *by == REGISTRAR {
                            REGISTRAR_2
                        } else {
                            REGISTRAR
                        };
                        (other, M::ApproveRegister(*id))
                    }
                    _ => (registrar, M::ProposeRegister(*entry, fresh(dice))),
                });
            }
            _ => {}
        }
    }
    if wanted.is_empty() && !dice.once_in(4) {
        return apply(dice, model, rights);
    }
    if wanted.is_empty() || dice.once_in(14) {
        let entry = number(dice, u64::try_from(rights.applications.len()).expect("few"));
        let registrar = dice.pick(&[REGISTRAR, REGISTRAR_2]);
        return match dice.below(3) {
            0 => (dice.pick(OWNERS), M::Consent(entry)),
            1 => (registrar, M::ProposeRegister(entry, fresh(dice))),
            _ => (registrar, M::ApproveRegister(number(dice, rights.proposed))),
        };
    }
    dice.pick(&wanted)
}

/// An application is taken back or refused: one that cannot go on, mostly.
fn hinder(dice: &mut Dice, rights: &Rights) -> Said {
    use RightsMessage as M;
    let all = rights.applications.iter();
    let waiting = all.filter(|(_, one)| one.decision == Decision::Pending);
    let waiting: Vec<(u64, Pid)> = waiting
        .map(|(entry, one)| (*entry, one.applicant))
        .collect();
    if waiting.is_empty() || dice.once_in(12) {
        let entry = number(dice, u64::try_from(rights.applications.len()).expect("few"));
        let owner = dice.pick(OWNERS);
        return dice.pick(&[
            (owner, M::Withdraw(entry)),
            (REGISTRAR, M::Reject(entry, true)),
            (PAUSER, M::Pause),
        ]);
    }
    let (entry, applicant) = dice.pick(&waiting);
    if dice.once_in(2) {
        (wallet(dice, applicant), M::Withdraw(entry))
    } else {
        (REGISTRAR, M::Reject(entry, !dice.once_in(8)))
    }
}

fn usage(dice: &mut Dice, model: &Model, rights: &Rights) -> Said {
    use RightsMessage as M;
    let standing = rights.uses.iter();
    let standing = standing.filter(|(_, right)| right.state == UseState::Granted);
    let standing: Vec<u64> = standing.map(|(id, _)| *id).collect();
    let until = (!dice.once_in(3)).then(|| second(dice, model.now));
    if standing.is_empty() || dice.once_in(3) {
        let id = some_object(dice, rights, |object| {
            object.status == Status::Live && object.detail == Detail::Plain
        });
        let owner = rights.objects.get(&id).and_then(Object::sole_owner);
        let kind = dice.pick(&[UseKind::Use, UseKind::Use, UseKind::Licence, UseKind::Lease]);
        let right = (id, kind, someone(dice));
        let terms = (until, dice.once_in(2), acts(dice));
        let by = owner.map_or(STRANGER, |pid| wallet(dice, pid));
        return (by, M::GrantUse(right, terms));
    }
    let any = dice.once_in(12);
    let id = if any {
        number(dice, rights.last)
    } else {
        dice.pick(&standing)
    };
    let right = rights.uses.get(&id);
    let user = right.map_or(STRANGER, |right| wallet(dice, right.user));
    let above = right.and_then(|right| match right.parent {
        Some(parent) => Some(rights.uses.get(&parent)?.user),
        None => rights.objects.get(&right.object)?.sole_owner(),
    });
    let over = !rights.lives(id, model.now);
    match dice.below(6) {
        0 => (
            above.map_or(STRANGER, |pid| wallet(dice, pid)),
            M::RevokeUse(id),
        ),
        1 => (STRANGER, M::Reclaim(id)),
        _ if over => (STRANGER, M::Reclaim(id)),
        _ => {
            let allowed = right.map_or_else(Vec::new, |right| right.acts.clone());
            let end = right.and_then(|right| right.until);
            let acts = if dice.once_in(6) { acts(dice) } else { allowed };
            let until = if dice.once_in(5) { until } else { end };
            (user, M::Sublicense((id, someone(dice)), (until, acts)))
        }
    }
}

fn utility(dice: &mut Dice, model: &Model, rights: &Rights) -> Said {
    use RightsMessage as M;
    let is_utility = |object: &Object| matches!(object.detail, Detail::Utility(_));
    let open = |object: &Object| is_utility(object) && object.status == Status::Live;
    if object(dice, rights, open).is_none() || dice.once_in(8) {
        let issuer = someone(dice);
        let quantity = if dice.once_in(12) {
            amount(dice, 100)
        } else {
            90
        };
        let terms = (quantity, second(dice, model.now));
        let papers = (fresh(dice), fresh(dice));
        let by = wallet(dice, issuer);
        return (by, M::IssueUtility(papers, (issuer, someone(dice)), terms));
    }
    let id = some_object(dice, rights, open);
    let found = rights.objects.get(&id);
    let holder = found.and_then(Object::sole_owner);
    let holder = holder.map_or(STRANGER, |pid| wallet(dice, pid));
    let Some(Detail::Utility(right)) = found.map(|object| &object.detail) else {
        return (holder, M::ClaimPerformance(id, 1));
    };
    let left = right.quantity - right.claimed - right.performed;
    let most = if dice.once_in(2) { left } else { left.min(30) };
    let kind = match (right.claimed != 0, right.disputed) {
        (true, true) => dice.pick(&[3, 3, 1]),
        (true, false) => dice.pick(&[0, 1, 1, 1, 2]),
        _ => 0,
    };
    let kind = if dice.once_in(8) { dice.below(4) } else { kind };
    match kind {
        0 => (holder, M::ClaimPerformance(id, amount(dice, most))),
        1 => {
            let much = if dice.once_in(2) {
                right.claimed
            } else {
                amount(dice, right.claimed)
            };
            (holder, M::ConfirmPerformance(id, much, fresh(dice)))
        }
        2 => {
            let issuer = wallet(dice, right.issuer);
            (
                dice.pick(&[holder, issuer]),
                M::DisputePerformance(id, fresh(dice)),
            )
        }
        _ => {
            let much = amount(dice, right.claimed);
            (ARBITER, M::ResolvePerformance(id, much, fresh(dice)))
        }
    }
}

fn record(dice: &mut Dice, rights: &Rights) -> Said {
    use RightsMessage as M;
    let is_record = |object: &Object| matches!(object.detail, Detail::Record(_));
    let open = |object: &Object| is_record(object) && object.status == Status::Live;
    let paper = |object: &Object| match &object.detail {
        Detail::Record(one) => {
            one.state == RecordState::ConvertedToPaper && one.replaced_by.is_none()
        }
        _ => false,
    };
    let any = dice.pick(OWNERS);
    if let Some(id) = object(dice, rights, paper).filter(|_| dice.once_in(3))
        && let Detail::Record(one) = &rights.objects[&id].detail
    {
        let doc = one.paper.filter(|_| dice.once_in(2));
        let doc = doc.unwrap_or_else(|| fresh(dice));
        return (wallet(dice, one.issuer), M::FromPaper(id, doc, any));
    }
    if object(dice, rights, open).is_none() || dice.once_in(6) {
        let kind = dice.pick(&[
            RecordType::BillOfLading,
            RecordType::BillOfLading,
            RecordType::WarehouseReceipt,
            RecordType::Certificate,
        ]);
        let papers = (fresh(dice), fresh(dice));
        let first = if dice.once_in(15) {
            STRANGER
        } else {
            dice.pick(OWNERS)
        };
        return (
            dice.pick(&[OP, BANK, EXP]),
            M::IssueRecord(kind, papers, first),
        );
    }
    let id = some_object(dice, rights, open);
    let found = rights.objects.get(&id);
    let holder = found.and_then(Object::sole_owner);
    let holder = holder.map_or(STRANGER, |pid| wallet(dice, pid));
    let pledged = found.and_then(|object| match &object.detail {
        Detail::Record(one) => one.pledged,
        _ => None,
    });
    let controller = pledged.filter(|who| *who == SYSTEM).unwrap_or(holder);
    let by = if dice.once_in(10) { holder } else { controller };
    if pledged.is_some() && dice.once_in(2) {
        return (controller, M::ReturnControl(id));
    }
    match dice.below(14) {
        0 => (by, M::Surrender(id)),
        1 => (by, M::ToPaper(id, fresh(dice))),
        2..=5 => {
            let to = dice.pick(&[SYSTEM, SYSTEM, SYSTEM, SYSTEM, BANK, by, RIGHTS, 0]);
            (by, M::PledgeControl(id, to))
        }
        6 => (by, M::ReturnControl(id)),
        _ => {
            let to = if dice.once_in(12) {
                STRANGER
            } else {
                dice.pick(&[ANN_2, ANN, BOB, IMP, EXP, OP])
            };
            (by, M::Endorse(id, to))
        }
    }
}

/// Numbers of the orders on objects of the registry, with the object and whether they are in force.
fn orders(register: &Register, now: u64) -> Vec<(u64, u64, bool)> {
    let all = register.orders.iter().filter_map(|(number, order)| {
        let Scope::Object { contract, id } = order.scope else {
            return None;
        };
        let stands = !order.lifted && order.until.is_none_or(|until| now <= until);
        (contract == RIGHTS).then_some((*number, id, stands))
    });
    all.collect()
}

/// Orders are mirrored, served, and their mirrors end.
fn enforce(dice: &mut Dice, model: &Model, rights: &Rights) -> Said {
    use RightsMessage as M;
    let register = model.register.as_ref().expect("a register");
    let orders = orders(register, model.now);
    let any = dice.pick(&[STRANGER, ANN, REGISTRAR]);
    if orders.is_empty() || dice.once_in(10) {
        let order = number(dice, u64::try_from(register.orders.len()).expect("few"));
        let id = number(dice, rights.last);
        return (any, dice.pick(&[M::Arrest(id, order), M::Lift(id, order)]));
    }
    let (order, id, stands) = dice.pick(&orders);
    let mirrored = rights.objects.get(&id).is_some_and(|object| {
        let mut all = object.restrictions.iter();
        all.any(|one| one.order == Some(order))
    });
    if mirrored && (!stands || dice.once_in(4)) {
        return (any, M::Lift(id, order));
    }
    if !mirrored && dice.once_in(2) {
        return (any, M::Arrest(id, order));
    }
    let owners = rights.objects.get(&id).map(|object| {
        let owners = object.owners.iter();
        owners.map(|(pid, part)| (*pid, *part)).collect::<Vec<_>>()
    });
    let owners = owners.unwrap_or_default();
    let (from, part) = match owners.as_slice() {
        [] => (someone(dice), (1, 1)),
        owners => {
            let (from, part) = dice.pick(owners);
            let twice = part.1.checked_mul(2).filter(|_| dice.once_in(3));
            let halves = twice.unwrap_or(part.1);
            (from, (part.0, halves))
        }
    };
    let part = if dice.once_in(12) {
        dice.pick(&[(0, 1), (1, 0), (2, 1)])
    } else {
        part
    };
    let doc = register.orders[&order].doc;
    let doc = if dice.once_in(12) { doc ^ 1 } else { doc };
    let act = Forced {
        object: id,
        from,
        to: someone(dice),
        part,
        order,
        doc,
    };
    (ENFORCER, M::ForcedTransfer(act))
}

/// An order on an object of the registry, or the end of one.
pub(crate) fn object_order(dice: &mut Dice, model: &Model) -> (Who, RegisterMessage) {
    let register = model.register.as_ref().expect("a register");
    let standing = orders(register, model.now);
    let standing: Vec<u64> = standing
        .into_iter()
        .filter(|one| one.2)
        .map(|one| one.0)
        .collect();
    if !standing.is_empty() && !dice.once_in(3) {
        return (
            REGULATOR,
            RegisterMessage::LiftFreeze(dice.pick(&standing), 7),
        );
    }
    let rights = registry(model);
    let id = some_object(dice, rights, |object| object.status == Status::Live);
    let contract = if dice.once_in(12) { TOKEN } else { RIGHTS };
    let scope = Scope::Object { contract, id };
    let case = u8::try_from(1 + dice.below(255)).expect("small");
    let until = dice.once_in(2).then(|| second(dice, model.now));
    let papers = (2, case, u8::try_from(1 + dice.below(200)).expect("small"));
    let by = dice.pick(&[ENFORCER, REGULATOR]);
    (
        mostly(dice, by),
        RegisterMessage::OrderFreeze(scope, papers, until),
    )
}
