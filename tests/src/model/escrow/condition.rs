//! Conditions: only what is known and fulfilled lets money go; a penalty keeps part of it back.

use super::Credit;
use super::document::Presentation;
use crate::model::cast::OUTSIDE;
use crate::model::code::{CONDITION_BREACHED, CONDITION_UNKNOWN, Code};
use crate::model::outside::Condition;
use crate::model::{Model, Units};

/// What is known of the conditions of a presentation. Who is no contract for conditions knows nothing.
fn known(model: &Model, credit: &Credit, shown: &Presentation) -> Vec<Condition> {
    let all = credit.clauses.conditions(shown.part).into_iter();
    let state = |(who, id)| match who {
        OUTSIDE => model.outside.condition(id),
        _ => Condition::Unknown,
    };
    all.map(state).collect()
}

/// How much of a claim is paid and how much goes back: `claim - ceil(claim * p / 10000)` for each penalty.
pub(super) fn after_conditions(
    model: &Model,
    credit: &Credit,
    shown: &Presentation,
) -> Result<(Units, Units), Code> {
    let (whole, rest) = (shown.claim / 10_000, shown.claim % 10_000);
    let mut back: Units = 0;
    for state in known(model, credit, shown) {
        match state {
            Condition::Fulfilled => {}
            Condition::Penalty(bps) => {
                let bps = u128::from(bps.min(10_000));
                back += whole * bps + (rest * bps).div_ceil(10_000);
            }
            Condition::Unknown => return Err(CONDITION_UNKNOWN),
            Condition::Refuse | Condition::Arbitrate => return Err(CONDITION_BREACHED),
        }
    }
    let back = back.min(shown.claim);
    Ok((shown.claim - back, back))
}

/// An arbiter decides about what is left to one, not about what nobody knows or what refuses.
pub(super) fn decidable(model: &Model, credit: &Credit, shown: &Presentation) -> Result<(), Code> {
    for state in known(model, credit, shown) {
        match state {
            Condition::Unknown => return Err(CONDITION_UNKNOWN),
            Condition::Refuse => return Err(CONDITION_BREACHED),
            Condition::Fulfilled | Condition::Penalty(_) | Condition::Arbitrate => {}
        }
    }
    Ok(())
}
