//! Directives of the regulator.

use super::Register;
use crate::model::cast::{NOBODY, Who};
use crate::model::code::{BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, NOT_FOUND, need};
use crate::model::life::Role;
use crate::model::{Answer, Model};

/// A directive; `halts` is absent from those that only ask for a report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Directive {
    pub halts: bool,
    pub target: Who,
    pub lifted: bool,
}

impl Register {
    /// True if a directive halts this contract.
    #[must_use]
    pub fn halted(&self, target: Who) -> bool {
        let mut standing = self
            .directives
            .values()
            .filter(|one| !one.lifted && one.halts);
        standing.any(|one| one.target == target)
    }
}

/// `directive(kind, target, doc)`
pub(crate) fn directive(
    model: &mut Model,
    by: Who,
    halts: bool,
    target: Who,
    doc: u8,
) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.alive()?;
        need(target != NOBODY, BAD_ARGUMENT)?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Regulator)?;
        let number = u64::try_from(register.directives.len()).unwrap_or(u64::MAX) + 1;
        let directive = Directive {
            halts,
            target,
            lifted: false,
        };
        register.directives.insert(number, directive);
        Ok(Answer::Number(number))
    })
}

/// `lift_directive(id)`
pub(crate) fn lift_directive(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.alive()?;
        register.life.role(by, Role::Regulator)?;
        let directive = register.directives.get_mut(&id).ok_or(NOT_FOUND)?;
        need(!directive.lifted, BAD_STATE)?;
        directive.lifted = true;
        Ok(Answer::Nothing)
    })
}
