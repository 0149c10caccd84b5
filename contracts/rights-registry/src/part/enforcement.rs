//! Orders of authorities. None of these entry points stops for a pause.

use crate::arrest::ForcedTransfer;
use crate::storage::Rights;
use weighhouse_sdk::prelude::*;

#[contract(part = Enforcement)]
impl Rights {
    /// Mirrors an order of the register of participants on an object; anybody's.
    #[call(check)]
    pub fn arrest(&mut self, ctx: &Context, object: u64, order: u64) -> Result<(), Refused> {
        self.mirror(ctx, object, order)
    }

    /// Ends the mirror of an order that is over in the register of participants; anybody's.
    #[call(check)]
    pub fn lift(&mut self, ctx: &Context, object: u64, order: u64) -> Result<(), Refused> {
        self.unmirror(ctx, object, order)
    }

    /// Moves a share as an order demands. For the ENFORCER.
    #[call(check)]
    pub fn forced_transfer(&mut self, ctx: &Context, act: ForcedTransfer) -> Result<(), Refused> {
        self.force(ctx, act)
    }
}
