//! Orders of authorities: mirrored from the register of participants, served here.
//!
//! Anybody may mirror an order or its end: the register of participants says whether it is so. While an
//! order lasts nothing but a transfer under that very order changes the owners (R3); earlier orders go
//! first. An order that ends by its own time needs nobody to lift it.

use crate::event::{Cause, Warrant};
use crate::object::{Class, Detail, Object};
use crate::party::{Parties, names, restricted};
use crate::restriction::{Basis, Blocks, Restriction, RestrictionKind};
use crate::storage::Rights;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::{FreezeState, FreezeView, Pid};
use weighhouse_standard::{Refusal, Role, bounded};

/// Orders that an object can be under.
pub const ARRESTS_MAX: usize = 12;

/// A transfer that an order demands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct ForcedTransfer {
    /// Of which object.
    pub object: u64,
    /// From whom.
    pub from: Pid,
    /// To whom.
    pub to: Pid,
    /// How much of the whole: numerator, denominator.
    pub part: (u128, u128),
    /// Under which order.
    pub order: u64,
    /// blake3 of that order.
    pub doc: Hash,
}

fn warrant(order: &FreezeView) -> Warrant {
    Warrant {
        order: order.id,
        authority: order.order.authority,
        case_ref: order.order.case_ref,
        doc: order.order.doc,
    }
}

impl Object {
    fn arrests(&self) -> impl Iterator<Item = &Restriction> {
        let all = self.restrictions.iter();
        all.filter(|one| one.kind == RestrictionKind::Arrest)
    }
}

impl Rights {
    pub(crate) fn mirror(&mut self, ctx: &Context, id: u64, number: u64) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        let mut object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
        let order = self.order(number)?;
        let known = object.arrests().any(|one| one.order() == Some(number));
        ensure!(!known, Refusal::AlreadyExists);
        ensure!(
            object.status != crate::object::Status::Closed,
            Refusal::BadState
        );
        ensure!(order.state == FreezeState::Active, Refusal::BadState);
        names(&order, ctx, id)?;
        bounded(object.arrests().count().saturating_add(1), ARRESTS_MAX)?;
        let restriction = self.id_count.next();
        object.restrictions.retain(|one| one.counts(ctx.now()));
        object.restrictions.push(Restriction {
            id: restriction,
            kind: RestrictionKind::Arrest,
            favour: None,
            share: None,
            rank: None,
            amount: None,
            right: None,
            basis: Basis::Order(number),
            from: ctx.now(),
            until: order.order.until,
            blocks: Blocks::EVERYTHING,
        });
        self.arrests.set(&(number, id), ctx.now());
        self.store(ctx, id, object, Cause::Arrested(warrant(&order)));
        Ok(())
    }

    pub(crate) fn unmirror(&mut self, ctx: &Context, id: u64, number: u64) -> Result<(), Refused> {
        let mut object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
        let known = object.arrests().any(|one| one.order() == Some(number));
        ensure!(known, Refusal::NotFound);
        let order = self.order(number)?;
        ensure!(order.state != FreezeState::Active, Refusal::BadState);
        object
            .restrictions
            .retain(|one| one.order() != Some(number));
        self.arrests.remove(&(number, id));
        self.store(ctx, id, object, Cause::Lifted(warrant(&order)));
        Ok(())
    }

    pub(crate) fn force(&mut self, ctx: &Context, act: ForcedTransfer) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        let part = crate::application::fraction(act.part)?;
        ensure!(act.doc != Hash::ZERO, Refusal::BadDocument);
        self.roles.require(ctx, Role::Enforcer)?;
        let mut object = self.objects.find(&act.object).ok_or(Refusal::NotFound)?;
        let order = self.order(act.order)?;
        object.live()?;
        ensure!(order.state == FreezeState::Active, Refusal::BadState);
        names(&order, ctx, act.object)?;
        ensure!(order.order.doc == act.doc, Refusal::BadDocument);
        self.eligible(&Parties::others().take(&[act.to]))?;
        // Invariant R3: under that order, and after every earlier one.
        let mirrored = object.bound(ctx.now()).filter_map(Restriction::order);
        let mut standing = self.orders_in_force(ctx, act.object)?;
        standing.extend(mirrored);
        let earlier = standing.iter().any(|order| *order < act.order);
        ensure!(!earlier, restricted());
        if object.detail != Detail::Plain {
            // One holder demands, one controls: such a right moves as a whole.
            ensure!(part == Fraction::ONE, Refusal::SharesMismatch);
        }
        if let Detail::Record(record) = &mut object.detail {
            record.wallet = self.wallet_of(act.to)?;
        }
        object.shift(act.from, act.to, part)?;
        ensure!(object.class != Class::Certificate, Refusal::NotTransferable);
        follow(&mut object, act.from, act.to)?;
        let cause = Cause::Forced {
            warrant: warrant(&order),
            from: act.from,
            to: act.to,
            part,
        };
        self.store(ctx, act.object, object, cause);
        Ok(())
    }
}

/// A mortgage on a share goes with it: force takes nothing from a creditor.
///
/// # Errors
/// `Encumbered` if the mortgaged share would be in two hands.
fn follow(object: &mut Object, from: Pid, to: Pid) -> Result<(), Refusal> {
    let rest = object.share_of(from).unwrap_or(Fraction::ZERO);
    for share in object
        .restrictions
        .iter_mut()
        .filter_map(|one| one.share.as_mut())
    {
        if share.holder == from && share.part > rest {
            ensure!(rest.is_zero(), Refusal::Encumbered);
            share.holder = to;
        }
    }
    Ok(())
}
