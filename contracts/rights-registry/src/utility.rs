//! Utility rights: a quantity of goods, works or services that the holder may demand of the issuer.
//!
//! The holder claims, the issuer performs, the holder confirms; a dispute is settled by the holder's
//! confirmation or by an arbiter. What is neither claimed nor performed is open; the three add up to
//! the quantity, which the host checks over all rights. A right performed in full is over.

use crate::event::Cause;
use crate::object::{Class, Detail, Object};
use crate::party::Parties;
use crate::restriction::Blocks;
use crate::storage::Rights;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, Role, bounded, deadline};

/// What a utility right has beside an object.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Utility {
    /// Who has to perform.
    pub issuer: Pid,
    /// What a quantity is counted in.
    pub unit: String,
    /// All that can be demanded.
    pub quantity: Amount,
    /// Demanded and not performed yet.
    pub claimed: Amount,
    /// Performed.
    pub performed: Amount,
    /// Last second at which it can be demanded.
    pub until: Timestamp,
    /// What is claimed is disputed.
    pub disputed: bool,
}

/// What a utility right is issued with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct UtilityTerms {
    /// Its number in the world.
    pub ref_no: String,
    /// Who has to perform; the caller.
    pub issuer: Pid,
    /// The first holder.
    pub holder: Pid,
    /// All that can be demanded.
    pub quantity: Amount,
    /// What a quantity is counted in, at most 64 bytes.
    pub unit: String,
    /// blake3 of the document that says what performance is.
    pub performance_doc: Hash,
    /// Last second at which it can be demanded.
    pub until: Timestamp,
}

/// Who of the two parties of a right acts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Holder,
    Either,
}

impl Utility {
    /// What can still be claimed.
    #[must_use]
    pub const fn open(&self) -> Amount {
        let left = self.quantity.saturating_sub(self.claimed);
        left.saturating_sub(self.performed)
    }
}

impl Rights {
    pub(crate) fn utility_issue(
        &mut self,
        ctx: &Context,
        terms: UtilityTerms,
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        crate::application::check_ref_no(&terms.ref_no)?;
        ensure!(!terms.unit.is_empty(), Refusal::argument("unit"));
        let ahead = !deadline::expired(ctx.now(), terms.until);
        ensure!(ahead, Refusal::argument("until"));
        ensure!(!terms.quantity.is_zero(), Refusal::ZeroAmount);
        bounded(terms.unit.len(), NAME_BYTES_MAX)?;
        let doc = terms.performance_doc;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        self.must_be(ctx, terms.issuer)?;
        self.free_number(Class::Utility, &terms.ref_no)?;
        self.unused(doc)?;
        let issuer = terms.issuer;
        // Issuing takes an obligation on: the issuer answers for both sides.
        let parties = Parties::of(ctx).take(&[terms.holder]).to(ctx.caller());
        self.eligible(&parties)?;
        let total = self.utility_issued.get().checked_add(terms.quantity);
        self.utility_issued.set(total.ok_or(Refusal::Overflow)?);
        let utility = Utility {
            issuer,
            unit: terms.unit,
            quantity: terms.quantity,
            claimed: Amount::ZERO,
            performed: Amount::ZERO,
            until: terms.until,
            disputed: false,
        };
        let object = Object::new(Class::Utility, terms.ref_no, (doc, doc));
        let object = object.owned(terms.holder, Detail::Plain);
        let id = self.id_count.next();
        self.use_document(doc, id);
        self.count(ctx, id, (object, utility), Cause::Issued { issuer });
        Ok(id)
    }

    /// Keeps a utility right and its three parts, which the host adds up.
    fn count(
        &mut self,
        ctx: &Context,
        id: u64,
        (mut object, mut utility): (Object, Utility),
        cause: Cause,
    ) {
        utility.disputed &= !utility.claimed.is_zero();
        self.utility_open.set(&id, utility.open());
        self.utility_claimed.set(&id, utility.claimed);
        self.utility_performed.set(&id, utility.performed);
        if utility.performed == utility.quantity {
            object.close();
        }
        object.detail = Detail::Utility(utility);
        self.store(ctx, id, object, cause);
    }

    /// The right, if `side` of it calls.
    fn utility(&self, ctx: &Context, id: u64, side: Side) -> Result<(Object, Utility), Refused> {
        let object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
        let Detail::Utility(utility) = object.detail.clone() else {
            return Err(Refusal::NotFound.into());
        };
        let caller = self.party_of(&ctx.caller())?;
        let holds = caller.is_some() && caller == object.sole_owner();
        let owes = side == Side::Either && caller == Some(utility.issuer);
        // Whoever owned a right that is over is nobody's party: the state says so.
        object.live()?;
        ensure!(holds || owes, Refusal::not_party());
        Ok((object, utility))
    }

    pub(crate) fn performance_claim(
        &mut self,
        ctx: &Context,
        id: u64,
        quantity: Amount,
    ) -> Result<(), Refused> {
        self.market(ctx)?;
        ensure!(!quantity.is_zero(), Refusal::ZeroAmount);
        let (object, mut utility) = self.utility(ctx, id, Side::Holder)?;
        ensure!(!utility.disputed, Refusal::BadState);
        self.eligible(&Parties::of(ctx))?;
        let usage = Blocks {
            usage: true,
            ..Blocks::NOTHING
        };
        self.unblocked(ctx, id, (&object, usage))?;
        let dead = deadline::expired(ctx.now(), utility.until);
        ensure!(!dead, Refusal::RightExpired);
        within(quantity, utility.open())?;
        utility.claimed = sum(utility.claimed, quantity)?;
        let cause = Cause::Claimed { quantity };
        self.count(ctx, id, (object, utility), cause);
        Ok(())
    }

    pub(crate) fn performance_confirm(
        &mut self,
        ctx: &Context,
        id: u64,
        (quantity, doc): (Amount, Hash),
    ) -> Result<(), Refused> {
        self.market(ctx)?;
        ensure!(!quantity.is_zero(), Refusal::ZeroAmount);
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let (object, utility) = self.utility(ctx, id, Side::Holder)?;
        self.unused(doc)?;
        self.eligible(&Parties::of(ctx))?;
        within(quantity, utility.claimed)?;
        let utility = perform(utility, quantity)?;
        self.use_document(doc, id);
        let cause = Cause::Confirmed { quantity, doc };
        self.count(ctx, id, (object, utility), cause);
        Ok(())
    }

    pub(crate) fn performance_dispute(
        &mut self,
        ctx: &Context,
        id: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let (object, mut utility) = self.utility(ctx, id, Side::Either)?;
        let disputable = !utility.claimed.is_zero() && !utility.disputed;
        ensure!(disputable, Refusal::BadState);
        utility.disputed = true;
        self.count(ctx, id, (object, utility), Cause::Disputed { doc });
        Ok(())
    }

    pub(crate) fn performance_resolve(
        &mut self,
        ctx: &Context,
        id: u64,
        (performed, doc): (Amount, Hash),
    ) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        self.roles.require(ctx, Role::Arbiter)?;
        let object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
        let Detail::Utility(utility) = object.detail.clone() else {
            return Err(Refusal::NotFound);
        };
        self.unused(doc)?;
        ensure!(utility.disputed, Refusal::BadState);
        within(performed, utility.claimed)?;
        let mut utility = perform(utility, performed)?;
        // What was not performed can be demanded again.
        utility.claimed = Amount::ZERO;
        self.use_document(doc, id);
        let cause = Cause::Resolved { performed, doc };
        self.count(ctx, id, (object, utility), cause);
        Ok(())
    }
}

fn within(asked: Amount, most: Amount) -> Result<(), Refusal> {
    let as_u64 = |amount: Amount| u64::try_from(amount.0).unwrap_or(u64::MAX);
    let (max, given) = (as_u64(most), as_u64(asked));
    ensure!(asked <= most, Refusal::LimitExceeded { max, given });
    Ok(())
}

fn sum(a: Amount, b: Amount) -> Result<Amount, Refusal> {
    a.checked_add(b).ok_or(Refusal::Overflow)
}

/// Moves `quantity` from claimed to performed.
fn perform(mut utility: Utility, quantity: Amount) -> Result<Utility, Refusal> {
    let left = utility.claimed.checked_sub(quantity);
    utility.claimed = left.ok_or(Refusal::Overflow)?;
    utility.performed = sum(utility.performed, quantity)?;
    Ok(utility)
}
