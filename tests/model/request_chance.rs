//! What people apply for.

use crate::chance::{amount, number, second};
use crate::rights::REGISTRAR_PID;
use crate::rights_chance::{acts, fresh, registry, someone};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::register::Pid;
use weighhouse_testkit::model::rights::part::{Part, Ratio};
use weighhouse_testkit::model::rights::request::{Correction, Request};
use weighhouse_testkit::model::rights::{Class, Kind, Object, Rights, Status};
use weighhouse_testkit::model::{Model, Seconds, Units};

/// A part of what is there; sometimes none, more, or one that fits no number.
fn part_of(dice: &mut Dice, whole: Part) -> Ratio {
    let Part(num, den) = whole;
    match dice.below(24) {
        0 => (0, 1),
        1 => (1, 0),
        2 => (num + 1, den),
        3 => (num, u128::MAX),
        4 => (num, den + 1),
        5..=12 => (num, den),
        _ => (num, den.saturating_mul(u128::from(2 + dice.below(2)))),
    }
}

/// First owners with all of it together, mostly.
fn shares(dice: &mut Dice) -> Vec<(Pid, Ratio)> {
    let parts: Vec<Ratio> = match dice.below(16) {
        0 => vec![(1, 2), (1, 3)],
        1 => vec![],
        2 => vec![(1, u128::MAX), (1, u128::MAX - 1)],
        3 => vec![(2, 2), (0, 1)],
        4 => vec![(0, 1), (1, 0)],
        5..=8 => vec![(1, 2), (1, 3), (1, 6)],
        9..=12 => vec![(2, 4), (1, 2)],
        _ => vec![(1, 1)],
    };
    let mut holders: Vec<Pid> = Vec::new();
    for _ in &parts {
        let mut next = someone(dice);
        while holders.contains(&next) && !dice.once_in(20) {
            next = someone(dice);
        }
        holders.push(next);
    }
    holders.into_iter().zip(parts).collect()
}

fn until(dice: &mut Dice, now: Seconds) -> Option<Seconds> {
    (!dice.once_in(3)).then(|| second(dice, now))
}

/// What is applied for about an object, and who does.
pub(crate) fn request(dice: &mut Dice, model: &Model, id: u64) -> (Pid, Request) {
    let rights = registry(model);
    let Some(object) = rights.objects.get(&id) else {
        return (someone(dice), Request::Discharge(id));
    };
    if object.status == Status::Open && !dice.once_in(10) {
        if dice.once_in(5) {
            let correction = correction(dice, object);
            return (REGISTRAR_PID, Request::Rectify(correction, fresh(dice)));
        }
        let shares = shares(dice);
        let by = shares
            .first()
            .map_or_else(|| someone(dice), |first| first.0);
        return (by, Request::FirstOwnership(shares));
    }
    let owners: Vec<Pid> = object.owners.keys().copied().collect();
    let owner = if owners.is_empty() || dice.once_in(15) {
        someone(dice)
    } else {
        dice.pick(&owners)
    };
    let now = model.now;
    let other = someone(dice);
    let by = if dice.once_in(4) { other } else { owner };
    let parcel = object.class == Class::Parcel || dice.once_in(12);
    match dice.below(20) {
        0..=5 => {
            let part = part_of(dice, object.share_of(owner));
            (by, Request::Transfer(owner, other, part))
        }
        6..=8 => {
            let part = part_of(dice, object.share_of(owner));
            let request = Request::Mortgage {
                share: dice.once_in(2).then_some((owner, part)),
                creditor: other,
                rank: u32::try_from(dice.below(5)).expect("small"),
                amount: amount(dice, 9_000),
                until: until(dice, now),
            };
            (by, request)
        }
        9 | 10 if !object.restrictions.is_empty() => {
            let one = dice.pick(&object.restrictions);
            (one.favour.unwrap_or(other), Request::Discharge(one.id))
        }
        9 => (by, Request::Discharge(number(dice, rights.last))),
        10..=12 => (by, Request::Lease(other, acts(dice), second(dice, now))),
        13 if parcel => (by, Request::Easement(other, until(dice, now))),
        13 | 14 => {
            let kind = dice.pick(&[
                Kind::Prohibition,
                Kind::PreEmption,
                Kind::Caution,
                Kind::Caution,
                Kind::Arrest,
            ]);
            let by = if kind == Kind::Caution { other } else { by };
            (by, Request::Restrict(kind, other, until(dice, now)))
        }
        15 | 16 if parcel => (owner, Request::Subdivide(pieces(dice, object))),
        17 | 18 if parcel => {
            let request = Request::Merge(others(dice, rights, id), fresh(dice), fresh(dice));
            (owner, request)
        }
        _ => {
            let correction = correction(dice, object);
            (owner, Request::Rectify(correction, fresh(dice)))
        }
    }
}

fn correction(dice: &mut Dice, object: &Object) -> Correction {
    let text = u16::try_from(dice.below(5)).expect("small");
    match dice.below(8) {
        0 => Correction::RefNo(fresh(dice)),
        1 => Correction::Meta(fresh(dice)),
        2 => Correction::Area(dice.pick(&[0, 120, 240, Units::MAX])),
        3 => {
            let known = object.duties.first().map(|(text, _)| *text);
            Correction::DutyEnded(known.unwrap_or(text))
        }
        _ => Correction::Duty(text, someone(dice)),
    }
}

/// Pieces with the area of the whole, mostly.
fn pieces(dice: &mut Dice, object: &Object) -> Vec<(u16, Units, u16)> {
    let area = object.area.unwrap_or(60);
    let count = if dice.once_in(15) {
        dice.pick(&[0, 1, 17])
    } else {
        2 + dice.below(2)
    };
    let count = u128::from(count);
    let piece = area / count.max(1);
    let mut all: Vec<(u16, Units, u16)> = Vec::new();
    for _ in 0..count {
        all.push((fresh(dice), piece, fresh(dice)));
    }
    if let Some(last) = all.last_mut() {
        // The last piece has what is left over.
        last.1 = last.1.saturating_add(area - piece * count);
        if dice.once_in(8) {
            last.1 = dice.pick(&[0, last.1 + 1, Units::MAX]);
        }
    }
    all
}

/// Others with the same owners, mostly.
fn others(dice: &mut Dice, rights: &Rights, id: u64) -> Vec<u64> {
    let Some(first) = rights.objects.get(&id) else {
        return vec![id];
    };
    let same = rights.objects.iter().filter(|(other, object)| {
        **other != id
            && object.status == Status::Live
            && object.class == Class::Parcel
            && object.owners == first.owners
    });
    let same: Vec<u64> = same.map(|(other, _)| *other).collect();
    if same.is_empty() || dice.once_in(8) {
        let any = number(dice, rights.last);
        return dice.pick(&[vec![any], vec![], vec![id], vec![any, any]]);
    }
    let one = dice.pick(&same);
    let two = dice.pick(&same);
    if one == two || dice.once_in(2) {
        vec![one]
    } else {
        vec![one, two]
    }
}
