//! What a registration makes of the registry.
//!
//! Numbers are given in this order: a restriction before the right to use that it protects; a new object
//! before the restrictions that it inherits.

use super::part::Part;
use super::queue::Application;
use super::request::Request;
use super::usage::{Use, UseState};
use super::{Blocks, Detail, Kind, Object, Restriction, Rights, Status};
use crate::model::code::{
    Code, ENCUMBERED, LIMIT_EXCEEDED, NOT_FOUND, OVERFLOW, RANK_TAKEN, SHARES_MISMATCH, need,
};
use crate::model::register::Pid;
use crate::model::{Seconds, Units};

/// New states of objects and rights, and the last number given out.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) last: u64,
    pub(super) objects: Vec<(u64, Object)>,
    pub(super) uses: Vec<(u64, Use)>,
    /// Area that was, area that is.
    pub(super) area: (Units, Units),
}

impl Plan {
    pub(super) fn id(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// The plan of an application, codes from low to high.
    pub(super) fn of(
        rights: &Rights,
        application: &Application,
        now: Seconds,
    ) -> Result<Self, Code> {
        let mut plan = Self {
            last: rights.last,
            objects: Vec::new(),
            uses: Vec::new(),
            area: (0, 0),
        };
        let ids = application.objects();
        let mut all: Vec<(u64, Object)> = Vec::new();
        for id in ids {
            let mut object = rights.object(id)?.clone();
            // What is over leaves with the next change.
            object.restrictions.retain(|one| one.counts(now));
            all.push((id, object));
        }
        let (id, object) = all.first().cloned().ok_or(NOT_FOUND)?;
        match &application.request {
            Request::FirstOwnership(shares) => plan.found(id, object, shares)?,
            Request::Transfer(from, to, part) => {
                let part = Part::of(*part)?;
                plan.transfer((id, object), (*from, *to, part))?;
            }
            Request::Mortgage { .. } => plan.mortgage((id, object), &application.request)?,
            Request::Discharge(number) => plan.discharge(rights, (id, object), *number)?,
            Request::Lease(tenant, acts, until) => {
                let mut lease = plan.restriction(Kind::Lease, *tenant, Some(*until));
                let right = plan.id();
                lease.right = Some(right);
                plan.uses
                    .push((right, Use::lease(id, *tenant, acts, *until)));
                plan.limit((id, object), lease)?;
            }
            Request::Easement(favour, until) => {
                let easement = plan.restriction(Kind::Easement, *favour, *until);
                plan.limit((id, object), easement)?;
            }
            Request::Restrict(kind, favour, until) => {
                let mut new = plan.restriction(*kind, *favour, *until);
                let prohibits = *kind == Kind::Prohibition;
                new.blocks = (prohibits, prohibits, false);
                plan.limit((id, object), new)?;
            }
            Request::Subdivide(pieces) => plan.subdivide(rights, (id, object), pieces)?,
            Request::Merge(_, number, meta) => plan.merge(rights, all, (*number, *meta))?,
            Request::Rectify(correction, _) => {
                plan.rectify(rights, (id, object), correction)?;
            }
        }
        Ok(plan)
    }

    /// Makes it so.
    pub(super) fn carry_out(self, rights: &mut Rights, now: Seconds) {
        rights.last = self.last;
        rights.area = rights.area - self.area.0 + self.area.1;
        rights.uses.extend(self.uses);
        for (id, object) in self.objects {
            rights.store(now, id, object);
        }
    }

    fn restriction(&mut self, kind: Kind, favour: Pid, until: Option<Seconds>) -> Restriction {
        const NOTHING: Blocks = (false, false, false);
        Restriction {
            id: self.id(),
            kind,
            favour: Some(favour),
            share: None,
            rank: None,
            amount: None,
            right: None,
            order: None,
            until,
            blocks: NOTHING,
        }
    }

    /// Adds a restriction; an object has at most 20.
    fn limit(&mut self, (id, mut object): (u64, Object), new: Restriction) -> Result<(), Code> {
        object.restrictions.push(new);
        need(object.restrictions.len() <= 20, LIMIT_EXCEEDED)?;
        self.objects.push((id, object));
        Ok(())
    }

    fn found(
        &mut self,
        id: u64,
        mut object: Object,
        shares: &[(Pid, super::part::Ratio)],
    ) -> Result<(), Code> {
        for (pid, ratio) in shares {
            object.own(*pid, Part::of(*ratio)?);
        }
        object.status = Status::Live;
        object.changed_hands()?;
        self.objects.push((id, object));
        Ok(())
    }

    /// What is mortgaged of a share stays with its owner; a utility right moves as a whole.
    fn transfer(
        &mut self,
        (id, mut object): (u64, Object),
        (from, to, part): (Pid, Pid, Part),
    ) -> Result<(), Code> {
        let whole = !matches!(object.detail, Detail::Utility(_)) || part == Part::WHOLE;
        need(whole, SHARES_MISMATCH)?;
        object.shift(from, to, part)?;
        let rest = object.share_of(from);
        let mut shares = object.restrictions.iter().filter_map(|one| one.share);
        let bare = shares.any(|(whose, secured)| whose == from && secured > rest);
        need(!bare, ENCUMBERED)?;
        self.objects.push((id, object));
        Ok(())
    }

    fn mortgage(&mut self, (id, object): (u64, Object), request: &Request) -> Result<(), Code> {
        let Request::Mortgage {
            share,
            creditor,
            rank,
            amount,
            until,
        } = request
        else {
            return Err(NOT_FOUND);
        };
        let share = match share {
            Some((debtor, ratio)) => {
                let part = Part::of(*ratio)?;
                need(part <= object.share_of(*debtor), SHARES_MISMATCH)?;
                Some((*debtor, part))
            }
            None => None,
        };
        let mut ranks = object.restrictions.iter().filter_map(|one| one.rank);
        need(!ranks.any(|taken| taken == *rank), RANK_TAKEN)?;
        let new = Restriction {
            share,
            rank: Some(*rank),
            amount: Some(*amount),
            ..self.restriction(Kind::Mortgage, *creditor, *until)
        };
        self.limit((id, object), new)
    }

    fn discharge(
        &mut self,
        rights: &Rights,
        (id, mut object): (u64, Object),
        number: u64,
    ) -> Result<(), Code> {
        let right = object.restriction(number).ok_or(NOT_FOUND)?.right;
        self.end_use(rights, right, UseState::Revoked);
        object.restrictions.retain(|one| one.id != number);
        self.objects.push((id, object));
        Ok(())
    }

    pub(super) fn end_use(&mut self, rights: &Rights, right: Option<u64>, state: UseState) {
        if let Some((id, right)) = right.and_then(|id| rights.uses.get_key_value(&id)) {
            let over = Use {
                state,
                ..right.clone()
            };
            self.uses.push((*id, over));
        }
    }

    /// Corrects the area of one object.
    pub(super) fn measure(&mut self, rights: &Rights, was: Units, is: Units) -> Result<(), Code> {
        self.area = (was, is);
        let fits = (rights.area - was).checked_add(is);
        fits.map(drop).ok_or(OVERFLOW)
    }
}
