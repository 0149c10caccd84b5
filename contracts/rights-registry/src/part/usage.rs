//! Rights to use objects.

use crate::storage::Rights;
use crate::usage::{UseKind, UseRight};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::Pid;

#[contract(part = Usage)]
impl Rights {
    /// Grants a right to use; for the owner of the whole object.
    #[call(check)]
    pub fn grant_use(
        &mut self,
        ctx: &Context,
        object: u64,
        kind: UseKind,
        user: Pid,
        until: Option<Timestamp>,
        revocable: bool,
        rights: Vec<String>,
    ) -> Result<u64, Refused> {
        let mut right = UseRight::new(object, kind, user, rights);
        right.until = until;
        right.revocable = revocable;
        self.use_grant(ctx, object, right)
    }

    /// Grants a sub-right, within the caller's own.
    #[call(check)]
    pub fn sublicense(
        &mut self,
        ctx: &Context,
        right: u64,
        user: Pid,
        until: Option<Timestamp>,
        rights: Vec<String>,
    ) -> Result<u64, Refused> {
        let mut new = UseRight::new(0, UseKind::Use, user, rights);
        new.until = until;
        self.use_sublicense(ctx, right, new)
    }

    /// Ends a right that the caller granted; an irrevocable one only after its time.
    #[call(check)]
    pub fn revoke_use(&mut self, ctx: &Context, right: u64) -> Result<(), Refused> {
        self.use_revoke(ctx, right)
    }

    /// Strikes a right off that is over by itself; anybody's.
    #[call(check)]
    pub fn reclaim(&mut self, ctx: &Context, right: u64) -> Result<(), Refusal> {
        self.use_reclaim(ctx, right)
    }
}
