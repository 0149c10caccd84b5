//! Division, merger and correction of objects.
//!
//! Areas add up: what a division or a merger makes has together what it was made of, which is over from
//! then on (R5). The new objects inherit owners, restrictions and duties. Where rights of use hang on an
//! object that nobody ended, it stays as it is; a lease goes along, as one right for each new object.

use crate::application::{Correction, Piece};
use crate::consent::Objects;
use crate::object::{DUTIES_MAX, Duty, Object};
use crate::plan::{Plan, RightChange};
use crate::restriction::Restriction;
use crate::storage::Rights;
use crate::usage::UseState;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, bounded};

impl Rights {
    /// What is inherited of an object's restrictions by a new object; leases with rights of their own.
    fn inherit(
        &self,
        plan: &mut Plan,
        restrictions: &[Restriction],
        child: u64,
    ) -> Vec<Restriction> {
        let mut inherited = Vec::with_capacity(restrictions.len());
        for old in restrictions {
            let mut new = old.clone();
            new.id = plan.id();
            new.right = old
                .right
                .and_then(|right| self.use_rights.find(&right))
                .map(|mut right| {
                    right.object = child;
                    right.version = 0;
                    let id = plan.id();
                    plan.rights.push((id, RightChange::New(right)));
                    id
                });
            inherited.push(new);
        }
        inherited
    }

    /// Ends an object whose place others take, and the leases on it.
    ///
    /// # Errors
    /// `Encumbered` while rights hang on it or on its leases.
    fn replace(&self, plan: &mut Plan, id: u64, mut object: Object) -> Result<(), Refusal> {
        ensure!(!self.has_rights(id), Refusal::Encumbered);
        for lease in object.restrictions.iter().filter_map(|one| one.right) {
            ensure!(!self.has_rights(lease), Refusal::Encumbered);
            if let Some(right) = self.use_rights.find(&lease) {
                let end = RightChange::End(right, UseState::Replaced);
                plan.rights.push((lease, end));
            }
        }
        object.close();
        plan.objects.push((id, object));
        Ok(())
    }

    /// Invariant R5: the pieces have the area of the whole, which is over.
    pub(crate) fn subdivide(
        &self,
        plan: &mut Plan,
        (id, object): (u64, Object),
        pieces: &[Piece],
    ) -> Result<(), Refusal> {
        for piece in pieces {
            let child_id = plan.id();
            let mut child = heir(&object, (piece.ref_no.clone(), piece.meta), &[id]);
            child.area = Some(piece.area);
            child.restrictions = self.inherit(plan, &object.restrictions, child_id);
            plan.objects.push((child_id, child));
        }
        let area = object.area;
        self.replace(plan, id, object)?;
        let mut areas = pieces.iter().map(|piece| piece.area);
        let sum = areas.try_fold(Amount::ZERO, Amount::checked_add);
        ensure!(sum.is_some() && sum == area, Refusal::AreaMismatch);
        Ok(())
    }

    /// Invariant R5: the new object has the areas of all it is made of.
    pub(crate) fn merge(
        &self,
        plan: &mut Plan,
        mut objects: Objects,
        number: (String, Hash),
    ) -> Result<(), Refusal> {
        for (_, object) in &mut objects {
            object.restrictions.retain(|one| one.counts(plan.now));
        }
        let (_, first) = objects.first().ok_or(Refusal::NotFound)?;
        let same = objects
            .iter()
            .all(|(_, object)| object.owners == first.owners);
        ensure!(same, Refusal::SharesMismatch);
        let mut others = objects.iter();
        let alike = others.all(|(_, object)| self.burdened_alike(first, object));
        ensure!(alike, Refusal::Encumbered);
        let ids: Vec<u64> = objects.iter().map(|(id, _)| *id).collect();
        let mut areas = objects.iter().filter_map(|(_, object)| object.area);
        let area = areas.try_fold(Amount::ZERO, Amount::checked_add);
        let merged_id = plan.id();
        let mut merged = heir(first, number, &ids);
        merged.area = Some(area.ok_or(Refusal::Overflow)?);
        merged.restrictions = self.inherit(plan, &first.restrictions, merged_id);
        for (_, object) in &objects {
            for duty in &object.duties {
                if !merged.duties.contains(duty) {
                    merged.duties.push(*duty);
                }
            }
        }
        bounded(merged.duties.len(), DUTIES_MAX)?;
        plan.objects.push((merged_id, merged));
        for (id, object) in objects {
            self.replace(plan, id, object)?;
        }
        Ok(())
    }

    /// True if two objects bear the same burdens; of leases the acts they allow are part.
    fn burdened_alike(&self, one: &Object, other: &Object) -> bool {
        let acts = |restriction: &Restriction| {
            let right = restriction.right.and_then(|id| self.use_rights.find(&id));
            right.map(|right| right.acts)
        };
        let times = |object: &Object, sought: &Restriction| {
            let same = object
                .restrictions
                .iter()
                .filter(|one| one.same_burden(sought));
            same.filter(|one| acts(one) == acts(sought)).count()
        };
        let all = one.restrictions.iter();
        let mut all = all.map(|sought| times(one, sought) == times(other, sought));
        one.restrictions.len() == other.restrictions.len() && all.all(|equal| equal)
    }

    pub(crate) fn rectify(
        &self,
        plan: &mut Plan,
        (id, mut object): (u64, Object),
        correction: &Correction,
    ) -> Result<(), Refusal> {
        match correction {
            Correction::RefNo(ref_no) => {
                self.free_number(object.class, ref_no)?;
                object.ref_no.clone_from(ref_no);
            }
            Correction::Meta(meta) => object.meta = *meta,
            Correction::Area(area) => {
                let was = object.area.ok_or_else(|| Refusal::argument("correction"))?;
                // Invariant R5: what was divided or merged keeps the sum it came from.
                ensure!(object.parents.is_empty(), Refusal::AreaMismatch);
                object.area = Some(*area);
                plan.area = Some((was, *area));
                let others = self.area_total.get().saturating_sub(was);
                ensure!(others.checked_add(*area).is_some(), Refusal::Overflow);
            }
            Correction::Duty(text, obliged) => {
                let known = object.duties.iter().any(|duty| duty.text == *text);
                ensure!(!known, Refusal::AlreadyExists);
                object.duties.push(Duty {
                    text: *text,
                    obliged: *obliged,
                });
                bounded(object.duties.len(), DUTIES_MAX)?;
            }
            Correction::DutyEnded(text) => {
                let known = object.duties.iter().any(|duty| duty.text == *text);
                ensure!(known, Refusal::NotFound);
                object.duties.retain(|duty| duty.text != *text);
            }
        }
        plan.objects.push((id, object));
        Ok(())
    }
}

/// A new object with the owners and duties of another.
fn heir(of: &Object, (ref_no, meta): (String, Hash), parents: &[u64]) -> Object {
    let mut object = Object::new(of.class, ref_no, (meta, of.doc));
    object.status = of.status;
    object.parents = parents.to_vec();
    object.owners.clone_from(&of.owners);
    object.duties.clone_from(&of.duties);
    object
}
