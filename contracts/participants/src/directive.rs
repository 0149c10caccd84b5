//! Directives of the regulator: a token stops, a contract stops, a party reports.

use crate::documented;
use crate::event::{DirectiveIssued, DirectiveLifted};
use crate::storage::{Directive, Register};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::HaltKind;
use weighhouse_standard::{Refusal, Role};

#[contract(part = Directives, events(DirectiveIssued, DirectiveLifted))]
impl Register {
    /// Issues a directive. A halted target is halted until every directive that halts it is lifted.
    #[call(check)]
    pub fn directive(
        &mut self,
        ctx: &Context,
        kind: HaltKind,
        target: Address,
        doc: Hash,
    ) -> Result<u64, Refusal> {
        self.lifecycle.alive()?;
        ensure!(target != Address::ZERO, Refusal::argument("target"));
        documented(doc)?;
        self.roles.require(ctx, Role::Regulator)?;
        let id = self.directive_count.next();
        let issued = Directive {
            kind,
            target,
            doc,
            at: ctx.now(),
            lifted: false,
        };
        self.directives.set(&id, issued);
        self.count_halt(kind, &target, |halts| halts.saturating_add(1));
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| DirectiveIssued {
            seq,
            directive: id,
            kind,
            target,
            doc,
            by,
        });
        Ok(id)
    }

    /// Lifts a directive.
    #[call(check)]
    pub fn lift_directive(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Regulator)?;
        let issued = self.directives.find(&id).ok_or(Refusal::NotFound)?;
        ensure!(!issued.lifted, Refusal::BadState);
        let lifted = true;
        self.directives.set(&id, Directive { lifted, ..issued });
        self.count_halt(issued.kind, &issued.target, |halts| halts.saturating_sub(1));
        let by = ctx.caller();
        self.journal.act(ctx, Hash::ZERO, |seq| DirectiveLifted {
            seq,
            directive: id,
            by,
        });
        Ok(())
    }

    /// True while a directive halts this token or contract.
    #[query]
    pub fn halted(&self, target: Address) -> bool {
        self.is_halted(&target)
    }

    /// A directive; `directive` itself issues one.
    #[query]
    pub fn directive_of(&self, id: u64) -> Option<Directive> {
        self.directives.find(&id)
    }
}

impl Register {
    pub(crate) fn is_halted(&self, target: &Address) -> bool {
        self.halts.get(target) > 0
    }

    fn count_halt(&mut self, kind: HaltKind, target: &Address, change: impl FnOnce(u32) -> u32) {
        if kind == HaltKind::ReportOrder {
            return;
        }
        match change(self.halts.get(target)) {
            0 => {
                self.halts.remove(target);
            }
            halts => self.halts.set(target, halts),
        }
    }
}
