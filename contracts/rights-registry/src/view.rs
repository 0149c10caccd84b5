//! What readers are shown: states as they stand now, pages of indices.

use crate::application::{Application, ApplicationState};
use crate::consent::needed;
use crate::restriction::Restriction;
use crate::storage::Rights;
use crate::usage::UseRight;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, page_items};

/// An application as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct ApplicationView {
    /// What was applied for, and what happened since.
    pub application: Application,
    /// How far it has come.
    pub state: ApplicationState,
    /// Whose consent is needed, given or not.
    pub needed: Vec<Pid>,
    /// The first party whose consent is missing.
    pub missing: Option<Pid>,
}

/// A right to use as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct RightView {
    /// The right.
    pub right: UseRight,
    /// It counts: neither it nor a right above it is over.
    pub lives: bool,
}

/// What a party owns of an object.
pub type Holding = (u64, Fraction);

impl Rights {
    pub(crate) fn application_view(&self, ctx: &Context, entry: u64) -> Option<ApplicationView> {
        let application = self.applications.find(&entry)?;
        let objects = self.objects_of(&application).unwrap_or_default();
        let state = self.state_of(ctx, entry, &application);
        let pending = application.pending().is_ok();
        let missing = application.missing(&objects, ctx.now());
        Some(ApplicationView {
            state,
            needed: needed(&application.request, &objects, ctx.now()),
            missing: missing.filter(|_| pending),
            application,
        })
    }

    pub(crate) fn right_view(&self, ctx: &Context, id: u64) -> Option<RightView> {
        let right = self.use_rights.find(&id)?;
        let lives = self.right_lives(&right, ctx.now());
        Some(RightView { right, lives })
    }

    pub(crate) fn restrictions_now(&self, ctx: &Context, id: u64) -> Vec<Restriction> {
        let object = self.objects.find(&id);
        object.map_or_else(Vec::new, |object| {
            object.bound(ctx.now()).cloned().collect()
        })
    }

    pub(crate) fn queue_page(
        &self,
        object: u64,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<u64>, Refusal> {
        let after = after.map(|entry| (object, entry));
        let page = self
            .queue
            .page_of(&object, after.as_ref(), page_items(limit)?);
        Ok(page.into_iter().map(|((_, entry), ())| entry).collect())
    }

    pub(crate) fn rights_page(
        &self,
        above: u64,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<u64>, Refusal> {
        let after = after.map(|id| (above, id));
        let page = self
            .rights_below
            .page_of(&above, after.as_ref(), page_items(limit)?);
        Ok(page.into_iter().map(|((_, id), ())| id).collect())
    }

    pub(crate) fn holdings_page(
        &self,
        party: Pid,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Holding>, Refusal> {
        let after = after.map(|object| (party, object));
        let page = self
            .holdings
            .page_of(&party, after.as_ref(), page_items(limit)?);
        Ok(page
            .into_iter()
            .map(|((_, object), part)| (object, part))
            .collect())
    }
}
