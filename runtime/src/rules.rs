//! Declared rules: what a contract promises, enforced by the host on every transaction.
//!
//! The settlement of a transaction calls [`check`] with everything the transaction changed, before
//! any of it is kept. Work is proportional to the changed keys of the cells that rules name, plus one
//! read for an `at_most` of which only one side changed. Sums are checked by differences: what held
//! before and changed evenly holds after.
//!
//! Values that are not of the declared width, and records too short for the field that a rule is
//! about, break the rule; absent is zero. A transaction that breaks a rule is halted as a whole: that
//! is the caller's part, and so is charging.
//!
//! [`ContractRules::new`] alone decides which rules a module may declare (`declaration`); code is
//! accepted with its result, and [`check`] evaluates just that.
//!
//! # Source
//! `docs/contracts.md`; `weighhouse_primitives::rule`.

use crate::error::Fault;
use crate::state::change::Change;
use crate::state::{Value, key};
use std::sync::Arc;
use weighhouse_primitives::Address;

mod declaration;

pub use declaration::{ContractRules, RuleError};

use declaration::{Cell, Check, Number, PREFIX_BYTES};

/// The first declared rule that `changes` break: contracts ascending by address, rules as declared.
///
/// `changes` are all changes of the transaction, ascending by key; `rules_of` answers the rules of
/// the code that the contract has after the transaction; `read` answers the state after it.
///
/// # Errors
/// `Fault` if `rules_of` or `read` fails.
pub fn check(
    changes: &[Change],
    mut rules_of: impl FnMut(&Address) -> Result<Option<Arc<ContractRules>>, Fault>,
    read: &mut impl FnMut(&[u8]) -> Result<Option<Value>, Fault>,
) -> Result<Option<(Address, String)>, Fault> {
    let owner = |change: &Change| key::split_storage(&change.key).map(|(address, _)| address);
    for group in changes.chunk_by(|one, next| owner(one) == owner(next)) {
        let Some(contract) = group.first().and_then(owner) else {
            continue;
        };
        let Some(rules) = rules_of(&contract)? else {
            continue;
        };
        let writes = Writes::new(contract, group);
        for (name, rule) in rules.checks() {
            if !writes.keep(rule, read)? {
                return Ok(Some((contract, name.clone())));
            }
        }
    }
    Ok(None)
}

/// What a transaction changed in one contract's storage, ascending by key: a cell's keys all start with
/// its prefix, so they are adjacent.
struct Writes<'a> {
    contract: Address,
    changes: &'a [Change],
    /// The place of each change among prefixes: some twenty rules look for theirs.
    places: Vec<u64>,
}

/// The place of a key of a contract's storage among prefixes: ordered as keys are, as far as the length
/// of a prefix. A key shorter than a prefix belongs to no cell, and has a place of its own.
fn place_of(own: &[u8]) -> u64 {
    let own = own.get(..PREFIX_BYTES).unwrap_or(own);
    let padded = own
        .iter()
        .chain([0; PREFIX_BYTES].iter())
        .take(PREFIX_BYTES);
    let place = padded.fold(0_u64, |place, byte| place << 8 | u64::from(*byte));
    place << 8 | u64::try_from(own.len()).unwrap_or(0)
}

impl<'a> Writes<'a> {
    fn new(contract: Address, changes: &'a [Change]) -> Self {
        let own =
            |change: &Change| key::split_storage(&change.key).map_or(0, |(_, own)| place_of(own));
        Self {
            contract,
            changes,
            places: changes.iter().map(own).collect(),
        }
    }

    fn keep(
        &self,
        rule: &Check,
        read: &mut impl FnMut(&[u8]) -> Result<Option<Value>, Fault>,
    ) -> Result<bool, Fault> {
        Ok(match rule {
            Check::Conserve { maps, total } => self.conserve(maps, total).unwrap_or(false),
            Check::Immutable(cell) => self.of(cell).all(|change| change.old.is_none()),
            Check::Monotone(number) => self.of(&number.cell).all(|change| {
                let old = number.of(change.old.as_deref());
                let new = number.of(change.new.as_deref());
                ordered(old, new)
            }),
            Check::Within { lower, upper } => self.of(&lower.cell).all(|change| {
                let record = change.new.as_deref();
                ordered(lower.of(record), upper.of(record))
            }),
            Check::AtMost { lower, upper } => {
                let (low, high) = (self.of(&lower.cell).next(), self.of(&upper.cell).next());
                if low.is_none() && high.is_none() {
                    return Ok(true);
                }
                let low = self.now(lower, low, read)?;
                let high = self.now(upper, high, read)?;
                ordered(low, high)
            }
        })
    }

    /// The changes of a cell. Keys longer than the prefix of a single value belong to no cell.
    fn of(&self, cell: &Cell) -> impl Iterator<Item = &'a Change> + use<'a> {
        let Cell { prefix, map } = *cell;
        let place = place_of(&prefix);
        let start = self.places.partition_point(|other| *other < place);
        let rest = self.places.get(start..).unwrap_or_default();
        let count = rest.partition_point(|other| *other == place);
        let changes = self.changes.get(start..).unwrap_or_default();
        changes
            .iter()
            .take(count)
            .filter(move |change| map || is_bare(&change.key))
    }

    /// The sums before and after grew by the same, in 192 bits; `None` for a value of wrong width.
    fn conserve(&self, maps: &[Number], total: &Number) -> Option<bool> {
        // Sum of new parts and old total on one side, of old parts and new total on the other.
        let (mut left, mut right) = (Sum::default(), Sum::default());
        for map in maps {
            for change in self.of(&map.cell) {
                left.add(map.of(change.new.as_deref())?)?;
                right.add(map.of(change.old.as_deref())?)?;
            }
        }
        for change in self.of(&total.cell) {
            left.add(total.of(change.old.as_deref())?)?;
            right.add(total.of(change.new.as_deref())?)?;
        }
        Some(left == right)
    }

    fn now(
        &self,
        number: &Number,
        change: Option<&Change>,
        read: &mut impl FnMut(&[u8]) -> Result<Option<Value>, Fault>,
    ) -> Result<Option<u128>, Fault> {
        let value = match change {
            Some(change) => change.new.clone(),
            None => read(&key::storage(&self.contract, &number.cell.prefix))?,
        };
        Ok(number.of(value.as_deref()))
    }
}

/// True if the storage key is a cell prefix and nothing else.
fn is_bare(state_key: &[u8]) -> bool {
    key::split_storage(state_key).is_some_and(|(_, own)| own.len() == PREFIX_BYTES)
}

/// Both are numbers, the first no larger than the second.
fn ordered(low: Option<u128>, high: Option<u128>) -> bool {
    matches!((low, high), (Some(low), Some(high)) if low <= high)
}

/// A sum of amounts that cannot overflow: 192 bits hold 2^64 of them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    low: u128,
    high: u64,
}

impl Sum {
    fn add(&mut self, amount: u128) -> Option<()> {
        let (low, carried) = self.low.overflowing_add(amount);
        self.low = low;
        self.high = self.high.checked_add(u64::from(carried))?;
        Some(())
    }
}

#[cfg(test)]
mod tests;
