//! Division, merger, correction. Areas add up, and what was divided or merged is over (R5).

use super::plan::Plan;
use super::request::Correction;
use super::usage::{Use, UseState};
use super::{Object, Restriction, Rights};
use crate::model::Units;
use crate::model::code::{
    ALREADY_EXISTS, AREA_MISMATCH, BAD_ARGUMENT, Code, ENCUMBERED, LIMIT_EXCEEDED, NOT_FOUND,
    OVERFLOW, SHARES_MISMATCH, need,
};

/// Duties that an object can carry.
const DUTIES: usize = 8;

/// A new object with the owners and duties of another.
fn heir(of: &Object, number: (u16, u16), parents: Vec<u64>) -> Object {
    Object {
        status: of.status,
        parents,
        owners: of.owners.clone(),
        duties: of.duties.clone(),
        ..Object::new(of.class, number.0, (number.1, of.doc))
    }
}

/// The same burden, whatever it rests on and whatever its number; of leases with the same acts.
fn alike(rights: &Rights, one: &Restriction, other: &Restriction) -> bool {
    let acts = |id: Option<u64>| Some(&rights.uses.get(&id?)?.acts);
    let bare = |restriction: &Restriction| Restriction {
        id: 0,
        right: None,
        order: None,
        ..restriction.clone()
    };
    bare(one) == bare(other) && acts(one.right) == acts(other.right)
}

/// Both bear each burden equally often.
fn equally_burdened(rights: &Rights, one: &Object, other: &Object) -> bool {
    let times = |object: &Object, sought: &Restriction| {
        let same = object.restrictions.iter();
        same.filter(|one| alike(rights, one, sought)).count()
    };
    let mut all = one.restrictions.iter();
    one.restrictions.len() == other.restrictions.len()
        && all.all(|sought| times(one, sought) == times(other, sought))
}

impl Plan {
    /// What a new object inherits: each with its number, leases with rights of their own.
    fn inherit(&mut self, rights: &Rights, of: &Object, child: u64) -> Vec<Restriction> {
        let mut inherited = Vec::new();
        for old in &of.restrictions {
            let id = self.id();
            let lease = old.right.and_then(|right| rights.uses.get(&right)).cloned();
            let right = lease.map(|lease| {
                let own = Use {
                    object: child,
                    ..lease
                };
                let number = self.id();
                self.uses.push((number, own));
                number
            });
            inherited.push(Restriction {
                id,
                right,
                ..old.clone()
            });
        }
        inherited
    }

    /// Ends an object; rights to use that nobody ended stay in the way.
    fn replace(&mut self, rights: &Rights, id: u64, mut object: Object) -> Result<(), Code> {
        need(!rights.has_uses(id), ENCUMBERED)?;
        for right in object.restrictions.iter().filter_map(|one| one.right) {
            need(!rights.has_uses(right), ENCUMBERED)?;
            self.end_use(rights, Some(right), UseState::Replaced);
        }
        object.close();
        self.objects.push((id, object));
        Ok(())
    }

    pub(super) fn subdivide(
        &mut self,
        rights: &Rights,
        (id, object): (u64, Object),
        pieces: &[(u16, Units, u16)],
    ) -> Result<(), Code> {
        for (number, area, meta) in pieces {
            let child_id = self.id();
            let restrictions = self.inherit(rights, &object, child_id);
            let child = Object {
                area: Some(*area),
                restrictions,
                ..heir(&object, (*number, *meta), vec![id])
            };
            self.objects.push((child_id, child));
        }
        let whole = object.area;
        self.replace(rights, id, object)?;
        let mut areas = pieces.iter().map(|(_, area, _)| *area);
        let sum = areas.try_fold(0, Units::checked_add);
        need(sum.is_some() && sum == whole, AREA_MISMATCH)
    }

    pub(super) fn merge(
        &mut self,
        rights: &Rights,
        objects: Vec<(u64, Object)>,
        number: (u16, u16),
    ) -> Result<(), Code> {
        let first = objects.first().ok_or(NOT_FOUND)?.1.clone();
        let same = |(_, object): &(u64, Object)| object.owners == first.owners;
        need(objects.iter().all(same), SHARES_MISMATCH)?;
        let alike = |(_, object): &(u64, Object)| equally_burdened(rights, &first, object);
        need(objects.iter().all(alike), ENCUMBERED)?;
        let mut areas = objects.iter().filter_map(|(_, object)| object.area);
        let area = areas.try_fold(0, Units::checked_add).ok_or(OVERFLOW)?;
        let mut duties = Vec::new();
        for duty in objects.iter().flat_map(|(_, object)| &object.duties) {
            if !duties.contains(duty) {
                duties.push(*duty);
            }
        }
        need(duties.len() <= DUTIES, LIMIT_EXCEEDED)?;
        let ids = objects.iter().map(|(id, _)| *id).collect();
        let merged_id = self.id();
        let restrictions = self.inherit(rights, &first, merged_id);
        let merged = Object {
            area: Some(area),
            restrictions,
            duties,
            ..heir(&first, number, ids)
        };
        self.objects.push((merged_id, merged));
        for (id, object) in objects {
            self.replace(rights, id, object)?;
        }
        Ok(())
    }

    pub(super) fn rectify(
        &mut self,
        rights: &Rights,
        (id, mut object): (u64, Object),
        correction: &Correction,
    ) -> Result<(), Code> {
        match correction {
            Correction::RefNo(number) => {
                rights.free_number(object.class, *number)?;
                object.ref_no = *number;
            }
            Correction::Meta(meta) => object.meta = *meta,
            Correction::Area(area) => {
                let was = object.area.ok_or(BAD_ARGUMENT)?;
                need(object.parents.is_empty(), AREA_MISMATCH)?;
                self.measure(rights, was, *area)?;
                object.area = Some(*area);
            }
            Correction::Duty(text, obliged) => {
                let known = object.duties.iter().any(|(known, _)| known == text);
                need(!known, ALREADY_EXISTS)?;
                object.duties.push((*text, *obliged));
                need(object.duties.len() <= DUTIES, LIMIT_EXCEEDED)?;
            }
            Correction::DutyEnded(text) => {
                let known = object.duties.iter().any(|(known, _)| known == text);
                need(known, NOT_FOUND)?;
                object.duties.retain(|(known, _)| known != text);
            }
        }
        self.objects.push((id, object));
        Ok(())
    }
}
