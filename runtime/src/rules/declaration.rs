//! Which rules a module may declare: `wh.rules` against `wh.storage`, once, at upload.
//!
//! A rule that passes here can always be evaluated. Offsets of fields are looked up in the type of the
//! cell: what a module says about its records and what the host sums are the same bytes.

use crate::limits::RULES_MAX;
use std::collections::BTreeSet;
use weighhouse_primitives::rule::{Place, Rule, RuleKind};
use weighhouse_primitives::schema::{CellKind, CellSchema, Field, Fields, Type};

/// Bytes of a rule's name.
const NAME_BYTES_MAX: usize = 128;
/// Bytes of an amount.
const AMOUNT_BYTES: usize = 16;
/// Bytes of a cell prefix.
pub(super) const PREFIX_BYTES: usize = 4;

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
    /// The name is that of an earlier rule.
    #[error("rule {rule} has the name of an earlier one: {name:?}")]
    NameTaken {
        /// Position of the rule.
        rule: usize,
        /// The name.
        name: String,
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
    /// The record of the cell has no unsigned integer at this offset, or what stands before it has no
    /// fixed width.
    #[error("rule {rule} names byte {offset} of cell {cell}, where no unsigned integer begins")]
    NoField {
        /// Position of the rule.
        rule: usize,
        /// Position of the cell.
        cell: u16,
        /// The offset it names.
        offset: u16,
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
}

/// A cell as rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) prefix: [u8; PREFIX_BYTES],
    pub(super) map: bool,
}

/// An unsigned integer in the values of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) cell: Cell,
    /// Where it begins in a record; `None` if it is the whole value.
    offset: Option<usize>,
    width: usize,
}

impl Number {
    /// The number in a stored value; absent is zero. `None` if a value is not of its width, or a
    /// record too short.
    pub(super) fn of(&self, value: Option<&[u8]>) -> Option<u128> {
        let Some(value) = value else { return Some(0) };
        let field = match self.offset {
            Some(offset) => value.get(offset..)?.get(..self.width)?,
            None if value.len() == self.width => value,
            None => return None,
        };
        let mut bytes = [0; 16];
        bytes.get_mut(..self.width)?.copy_from_slice(field);
        Some(u128::from_le_bytes(bytes))
    }
}

/// The checked form of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Conserve {
        maps: Vec<Number>,
        total: Number,
    },
    Immutable(Cell),
    Monotone(Number),
    /// Two single cells, or two fields of one.
    AtMost {
        lower: Number,
        upper: Number,
    },
    /// Two fields of each record of a map.
    Within {
        lower: Number,
        upper: Number,
    },
}

/// The rules of one contract's code, checked against its storage schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractRules(Vec<(String, Check)>);

impl ContractRules {
    /// Checks the sections `wh.rules` and `wh.storage` against each other. That cells have different
    /// prefixes is for the caller to see.
    ///
    /// # Errors
    /// [`RuleError`], the first found: the module is to be refused.
    pub fn new(rules: &[Rule], cells: &[CellSchema]) -> Result<Self, RuleError> {
        if rules.len() > RULES_MAX {
            return Err(RuleError::TooMany { count: rules.len() });
        }
        let mut names = BTreeSet::new();
        let numbered = rules.iter().enumerate();
        let checks = numbered.map(|(number, Rule { name, kind })| {
            let bytes = name.len();
            if bytes == 0 || bytes > NAME_BYTES_MAX {
                return Err(RuleError::Name {
                    rule: number,
                    bytes,
                });
            }
            if !names.insert(name) {
                return Err(RuleError::NameTaken {
                    rule: number,
                    name: name.clone(),
                });
            }
            let cells = Cells {
                rule: number,
                cells,
            };
            Ok((name.clone(), cells.check(kind)?))
        });
        Ok(Self(checks.collect::<Result<_, _>>()?))
    }

    /// True if there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and checks, as declared.
    pub(super) fn checks(&self) -> &[(String, Check)] {
        &self.0
    }
}

/// The storage schema, in the eyes of one rule.
struct Cells<'a> {
    rule: usize,
    cells: &'a [CellSchema],
}

impl Cells<'_> {
    fn check(&self, kind: &RuleKind) -> Result<Check, RuleError> {
        match kind {
            RuleKind::Conserve { maps, total } => {
                let unique: BTreeSet<_> = maps.iter().collect();
                if maps.is_empty() || unique.len() != maps.len() {
                    return Err(RuleError::Maps { rule: self.rule });
                }
                let map = |number: &Number| number.cell.map && number.width == AMOUNT_BYTES;
                let one = |number: &Number| !number.cell.map && number.width == AMOUNT_BYTES;
                let maps = maps.iter().map(|at| self.fit(*at, "a map of amounts", map));
                Ok(Check::Conserve {
                    maps: maps.collect::<Result<_, _>>()?,
                    total: self.fit(*total, "a cell of an amount", one)?,
                })
            }
            RuleKind::Immutable { cell } => Ok(Check::Immutable(self.cell(*cell)?.0)),
            RuleKind::Monotone { place } => {
                let number = self.fit(*place, "unsigned integers", |_| true)?;
                Ok(Check::Monotone(number))
            }
            RuleKind::AtMost { lower, upper } => {
                let of_one_map = lower.cell == upper.cell;
                let single = |number: &Number| of_one_map || !number.cell.map;
                let wanted = "a cell of an unsigned integer, or two fields of one map";
                let lower = self.fit(*lower, wanted, single)?;
                let upper = self.fit(*upper, wanted, single)?;
                Ok(match lower.cell.map {
                    true => Check::Within { lower, upper },
                    false => Check::AtMost { lower, upper },
                })
            }
        }
    }

    fn cell(&self, position: u16) -> Result<(Cell, &Type), RuleError> {
        let schema = self.cells.get(usize::from(position));
        let schema = schema.ok_or(RuleError::NoCell {
            rule: self.rule,
            cell: position,
            cells: self.cells.len(),
        })?;
        let cell = Cell {
            prefix: schema.prefix,
            map: schema.kind == CellKind::Map,
        };
        Ok((cell, &schema.value))
    }

    fn fit(
        &self,
        place: Place,
        wanted: &'static str,
        fits: impl Fn(&Number) -> bool,
    ) -> Result<Number, RuleError> {
        let (cell, ty) = self.cell(place.cell)?;
        let unfit = RuleError::Unfit {
            rule: self.rule,
            cell: place.cell,
            wanted,
        };
        let number = match place.offset {
            None => Number {
                cell,
                offset: None,
                width: integer(ty).ok_or_else(|| unfit.clone())?,
            },
            Some(offset) => Number {
                cell,
                offset: Some(offset.into()),
                width: field(ty, offset.into()).ok_or(RuleError::NoField {
                    rule: self.rule,
                    cell: place.cell,
                    offset,
                })?,
            },
        };
        if fits(&number) {
            Ok(number)
        } else {
            Err(unfit)
        }
    }
}

/// Bytes of an unsigned integer of fixed width; `None` for other types.
fn integer(ty: &Type) -> Option<usize> {
    match ty {
        Type::U8 => Some(1),
        Type::U16 => Some(2),
        Type::U32 => Some(4),
        Type::U64 | Type::Timestamp => Some(8),
        Type::U128 | Type::Amount => Some(16),
        Type::Newtype(_, inner) => integer(inner),
        _ => None,
    }
}

/// Bytes of the unsigned integer that begins at `offset` of the records of this type: a field of a
/// struct, with fields of fixed width before it. Structs inside are looked into.
fn field(record: &Type, offset: usize) -> Option<usize> {
    let fields = match record {
        Type::Struct(_, fields) => fields,
        Type::Newtype(_, inner) => return field(inner, offset),
        _ => return None,
    };
    let mut start = 0_usize;
    for Field { ty, .. } in fields {
        if start == offset
            && let Some(bytes) = integer(ty)
        {
            return Some(bytes);
        }
        let end = start.checked_add(fixed(ty)?)?;
        if offset < end {
            return field(ty, offset.checked_sub(start)?);
        }
        start = end;
    }
    None
}

/// Bytes of a type's stored form, if all values have the same.
fn fixed(ty: &Type) -> Option<usize> {
    match ty {
        Type::Unit => Some(0),
        Type::Bool | Type::I8 => Some(1),
        Type::I16 => Some(2),
        Type::I32 => Some(4),
        Type::I64 => Some(8),
        Type::I128 => Some(16),
        Type::Address | Type::Hash => Some(32),
        Type::FixedBytes(count) => usize::try_from(*count).ok(),
        Type::Newtype(_, inner) => fixed(inner),
        Type::Struct(_, fields) => fields
            .iter()
            .try_fold(0_usize, |sum, Field { ty, .. }| sum.checked_add(fixed(ty)?)),
        Type::Enum(_, variants) => variants
            .iter()
            .all(|variant| variant.fields == Fields::Unit)
            .then_some(1),
        other => integer(other),
    }
}
