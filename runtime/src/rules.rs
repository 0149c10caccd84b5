//! Declared rules: what a contract promises, enforced by the host on every transaction.
//!
//! The settlement of a transaction calls [`check`] with everything the transaction changed, before
//! any of it is kept. Work is proportional to the changed keys of the cells that rules name, plus one
//! read for an `at_most` of which only one side changed. Sums are checked by differences: what held
//! before and changed evenly holds after.
//!
//! Values that are not of the declared width break the rule; absent is zero. A transaction that
//! breaks a rule is halted as a whole: that is the caller's part, and so is charging.
//!
//! # Source
//! `docs/contracts.md`; `weighhouse_primitives::rule`.

use crate::error::Fault;
use crate::limits::RULES_MAX;
use crate::state::change::Change;
use crate::state::{Value, key};
use std::sync::Arc;
use weighhouse_primitives::Address;
use weighhouse_primitives::rule::{Rule, RuleKind};
use weighhouse_primitives::schema::{CellKind, CellSchema, Type};

/// Bytes of a rule's name.
const NAME_BYTES_MAX: usize = 128;
/// Bytes of an amount.
const AMOUNT_BYTES: usize = 16;
/// Bytes of a cell prefix.
const PREFIX_BYTES: usize = 4;

/// Why a module's rules do not fit its storage. Found at upload; the module is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// More than [`RULES_MAX`].
    #[error("{count} rules, limit is {RULES_MAX}")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// The name is empty or too long.
    #[error("the name of rule {rule} has {bytes} bytes, allowed are 1 to {NAME_BYTES_MAX}")]
    Name {
        /// Position of the rule.
        rule: usize,
        /// Length of its name.
        bytes: usize,
    },
    /// There is no such cell.
    #[error("rule {rule} names cell {cell}, there are {cells}")]
    NoCell {
        /// Position of the rule.
        rule: usize,
        /// Position it names.
        cell: u16,
        /// Number of cells.
        cells: usize,
    },
    /// The cell is not of the kind or type that the rule is about.
    #[error("rule {rule} cannot be about cell {cell}: it wants {wanted}")]
    Unfit {
        /// Position of the rule.
        rule: usize,
        /// Position of the cell.
        cell: u16,
        /// What it wants.
        wanted: &'static str,
    },
    /// A sum over no map, or over a map twice.
    #[error("rule {rule} sums no map, or one twice")]
    Maps {
        /// Position of the rule.
        rule: usize,
    },
    /// Two cells have the same prefix.
    #[error("two cells have the prefix {prefix:02x?}")]
    SamePrefix {
        /// The prefix.
        prefix: [u8; PREFIX_BYTES],
    },
}

/// A cell as rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    prefix: [u8; PREFIX_BYTES],
    map: bool,
    /// Bytes of its values if they are unsigned integers, else 0.
    width: usize,
}

/// The checked form of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Check {
    Conserve { maps: Vec<Cell>, total: Cell },
    Immutable(Cell),
    Monotone(Cell),
    AtMost { lower: Cell, upper: Cell },
}

/// The rules of one contract's code, checked against its storage schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractRules(Vec<(String, Check)>);

impl ContractRules {
    /// Checks the sections `wh.rules` and `wh.storage` against each other.
    ///
    /// # Errors
    /// [`RuleError`], the first found: the module is to be refused.
    pub fn new(rules: Vec<Rule>, cells: &[CellSchema]) -> Result<Self, RuleError> {
        if rules.len() > RULES_MAX {
            return Err(RuleError::TooMany { count: rules.len() });
        }
        let mut prefixes: Vec<_> = cells.iter().map(|cell| cell.prefix).collect();
        prefixes.sort_unstable();
        if let Some([prefix, _]) = prefixes.array_windows::<2>().find(|[a, b]| a == b) {
            return Err(RuleError::SamePrefix { prefix: *prefix });
        }
        let numbered = rules.into_iter().enumerate();
        let checks = numbered.map(|(number, Rule { name, kind })| {
            let bytes = name.len();
            if bytes == 0 || bytes > NAME_BYTES_MAX {
                return Err(RuleError::Name {
                    rule: number,
                    bytes,
                });
            }
            let check = Cells {
                rule: number,
                cells,
            }
            .check(kind)?;
            Ok((name, check))
        });
        Ok(Self(checks.collect::<Result<_, _>>()?))
    }

    /// True if there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The storage schema, in the eyes of one rule.
struct Cells<'a> {
    rule: usize,
    cells: &'a [CellSchema],
}

impl Cells<'_> {
    fn check(&self, kind: RuleKind) -> Result<Check, RuleError> {
        let integer = |cell: &Cell| cell.width > 0;
        let single = |cell: &Cell| cell.width > 0 && !cell.map;
        match kind {
            RuleKind::Conserve { maps, total } => {
                let mut unique = maps.clone();
                unique.sort_unstable();
                unique.dedup();
                if maps.is_empty() || unique.len() != maps.len() {
                    return Err(RuleError::Maps { rule: self.rule });
                }
                let map = |cell: &Cell| cell.map && cell.width == AMOUNT_BYTES;
                let one = |cell: &Cell| !cell.map && cell.width == AMOUNT_BYTES;
                let maps = maps.iter().map(|at| self.fit(*at, "a map of amounts", map));
                Ok(Check::Conserve {
                    maps: maps.collect::<Result<_, _>>()?,
                    total: self.fit(total, "a cell of an amount", one)?,
                })
            }
            RuleKind::Immutable { cell } => {
                Ok(Check::Immutable(self.fit(cell, "any cell", |_| true)?))
            }
            RuleKind::Monotone { cell } => {
                let cell = self.fit(cell, "unsigned integers", integer)?;
                Ok(Check::Monotone(cell))
            }
            RuleKind::AtMost { lower, upper } => Ok(Check::AtMost {
                lower: self.fit(lower, "a cell of an unsigned integer", single)?,
                upper: self.fit(upper, "a cell of an unsigned integer", single)?,
            }),
        }
    }

    fn fit(
        &self,
        position: u16,
        wanted: &'static str,
        fits: impl Fn(&Cell) -> bool,
    ) -> Result<Cell, RuleError> {
        let schema = self.cells.get(usize::from(position));
        let schema = schema.ok_or(RuleError::NoCell {
            rule: self.rule,
            cell: position,
            cells: self.cells.len(),
        })?;
        let cell = Cell {
            prefix: schema.prefix,
            map: schema.kind == CellKind::Map,
            width: width(&schema.value),
        };
        let unfit = RuleError::Unfit {
            rule: self.rule,
            cell: position,
            wanted,
        };
        if fits(&cell) { Ok(cell) } else { Err(unfit) }
    }
}

/// Bytes of an unsigned integer of fixed width; 0 for other types.
fn width(ty: &Type) -> usize {
    match ty {
        Type::U8 => 1,
        Type::U16 => 2,
        Type::U32 => 4,
        Type::U64 | Type::Timestamp => 8,
        Type::U128 | Type::Amount => 16,
        Type::Newtype(_, inner) => width(inner),
        _ => 0,
    }
}

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
        let writes = Writes { contract, group };
        for (name, rule) in &rules.0 {
            if !writes.keep(rule, read)? {
                return Ok(Some((contract, name.clone())));
            }
        }
    }
    Ok(None)
}

/// What a transaction changed in one contract's storage.
struct Writes<'a> {
    contract: Address,
    group: &'a [Change],
}

impl<'a> Writes<'a> {
    fn keep(
        &self,
        rule: &Check,
        read: &mut impl FnMut(&[u8]) -> Result<Option<Value>, Fault>,
    ) -> Result<bool, Fault> {
        Ok(match rule {
            Check::Conserve { maps, total } => self.conserve(maps, total).unwrap_or(false),
            Check::Immutable(cell) => self.of(cell).all(|change| change.old.is_none()),
            Check::Monotone(cell) => self.of(cell).all(|change| {
                let old = unsigned(change.old.as_deref(), cell.width);
                let new = unsigned(change.new.as_deref(), cell.width);
                matches!((old, new), (Some(old), Some(new)) if old <= new)
            }),
            Check::AtMost { lower, upper } => {
                let (low, high) = (self.of(lower).next(), self.of(upper).next());
                if low.is_none() && high.is_none() {
                    return Ok(true);
                }
                let low = self.now(lower, low, read)?;
                let high = self.now(upper, high, read)?;
                matches!((low, high), (Some(low), Some(high)) if low <= high)
            }
        })
    }

    /// The changes of a cell. They are adjacent: keys of a contract are ordered, and a cell's all
    /// start with its prefix. Shorter keys belong to no cell, nor do longer ones of a single value.
    fn of(&self, cell: &Cell) -> impl Iterator<Item = &'a Change> + use<'a> {
        let Cell { prefix, map, .. } = *cell;
        let head = |change: &Change| -> Option<[u8; PREFIX_BYTES]> {
            let (_, storage_key) = key::split_storage(&change.key)?;
            storage_key.first_chunk().copied()
        };
        let start = self.group.partition_point(|change| {
            key::split_storage(&change.key).is_some_and(|(_, own)| own < prefix.as_slice())
        });
        let rest = self.group.get(start..).unwrap_or_default();
        rest.iter()
            .take_while(move |change| head(change) == Some(prefix))
            .filter(move |change| map || is_bare(&change.key))
    }

    /// The sums before and after grew by the same, in 192 bits; `None` for a value of wrong width.
    fn conserve(&self, maps: &[Cell], total: &Cell) -> Option<bool> {
        // Sum of new parts and old total on one side, of old parts and new total on the other.
        let (mut left, mut right) = (Sum::default(), Sum::default());
        for change in maps.iter().flat_map(|map| self.of(map)) {
            left.add(unsigned(change.new.as_deref(), AMOUNT_BYTES)?)?;
            right.add(unsigned(change.old.as_deref(), AMOUNT_BYTES)?)?;
        }
        for change in self.of(total) {
            left.add(unsigned(change.old.as_deref(), AMOUNT_BYTES)?)?;
            right.add(unsigned(change.new.as_deref(), AMOUNT_BYTES)?)?;
        }
        Some(left == right)
    }

    fn now(
        &self,
        cell: &Cell,
        change: Option<&Change>,
        read: &mut impl FnMut(&[u8]) -> Result<Option<Value>, Fault>,
    ) -> Result<Option<u128>, Fault> {
        let value = match change {
            Some(change) => change.new.clone(),
            None => read(&key::storage(&self.contract, &cell.prefix))?,
        };
        Ok(unsigned(value.as_deref(), cell.width))
    }
}

/// True if the storage key is a cell prefix and nothing else.
fn is_bare(state_key: &[u8]) -> bool {
    key::split_storage(state_key).is_some_and(|(_, own)| own.len() == PREFIX_BYTES)
}

/// A little-endian unsigned integer of exactly `width` bytes; absent is zero.
fn unsigned(value: Option<&[u8]>, width: usize) -> Option<u128> {
    let Some(value) = value else { return Some(0) };
    let mut bytes = [0; 16];
    if value.len() != width {
        return None;
    }
    bytes.get_mut(..width)?.copy_from_slice(value);
    Some(u128::from_le_bytes(bytes))
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
