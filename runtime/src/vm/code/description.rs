//! The custom sections by which a module describes itself: interface, cells, rules, build.
//!
//! The host relies on them: entry points by selector, rules by cell. So they are decoded canonically
//! and checked for sense, not just carried.

use crate::limits;
use crate::rules::{ContractRules, RuleError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use weighhouse_primitives::abi::{
    SECTION_BUILD, SECTION_RULES, SECTION_SCHEMA, SECTION_STORAGE, selector,
};
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::rule::Rule;
use weighhouse_primitives::schema::{
    BuildRecord, CellKind, CellSchema, EntryKind, EntryPoint, Schema, Type,
};

/// Bytes of a name in a description.
const DESCRIPTION_NAME_BYTES_MAX: usize = limits::NAME_BYTES_MAX;

/// What a description is wrong about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DescriptionError {
    /// A rule is none, or does not fit the storage cells.
    #[error(transparent)]
    Rule(RuleError),
    /// `wh.schema` is not there.
    #[error("section {section} is missing; contracts are built with the SDK, which writes it")]
    Missing {
        /// Name of the section.
        section: &'static str,
    },
    /// A section occurs twice.
    #[error("section {section} occurs twice")]
    Duplicate {
        /// Name of the section.
        section: &'static str,
    },
    /// A section of the reserved name space that this protocol does not know.
    #[error("section {section} is not known; names that start with `wh.` are reserved")]
    Unknown {
        /// Name of the section.
        section: String,
    },
    /// A section is too large.
    #[error("section {section} has {found} bytes, limit is {limit}; shorten the documentation")]
    TooLarge {
        /// Name of the section.
        section: &'static str,
        /// Its bytes.
        found: usize,
        /// Bytes it may have.
        limit: usize,
    },
    /// A section is not the canonical encoding of its type.
    #[error("section {section} does not decode: {reason}")]
    Malformed {
        /// Name of the section.
        section: &'static str,
        /// The codec's word.
        reason: String,
    },
    /// More entry points or rules than allowed.
    #[error("section {section} lists {found} items, limit is {limit}")]
    TooMany {
        /// Name of the section.
        section: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A name that is empty, too long or not an identifier.
    #[error(
        "{name:?} in section {section} is not a name: 1 to 128 letters, digits and underscores"
    )]
    Name {
        /// Name of the section.
        section: &'static str,
        /// The bad name.
        name: String,
    },
    /// A selector that is not the hash of its name.
    #[error("{name} carries the selector {found:#010x}, its name gives {expected:#010x}")]
    Selector {
        /// Entry point or event.
        name: String,
        /// As written.
        found: u32,
        /// As computed.
        expected: u32,
    },
    /// Two names with one number.
    #[error(
        "{second} collides with an earlier name: both have the number {number:#010x}; rename one"
    )]
    Collision {
        /// The later name.
        second: String,
        /// The shared selector, prefix or code.
        number: u32,
    },
    /// A `check_` entry point without its call.
    #[error("{name} is a dry run, but no call `{call}` takes the same arguments")]
    Twin {
        /// Name of the check.
        name: String,
        /// Name of the call it needs.
        call: String,
    },
    /// A cell with a key that is not a map.
    #[error("cell {name} has a key type but is not a map")]
    CellKey {
        /// Name of the cell.
        name: String,
    },
}

/// What a module says about itself, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The interface.
    pub schema: Schema,
    /// The storage cells; empty if it stores nothing.
    pub cells: Vec<CellSchema>,
    /// The declared rules.
    pub rules: Vec<Rule>,
    /// How it was built, if known.
    pub build: Option<BuildRecord>,
    checks: Option<Arc<ContractRules>>,
    entries: BTreeMap<u32, EntryKind>,
}

/// The raw sections of a module, collected while it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sections<'a> {
    schema: Option<&'a [u8]>,
    storage: Option<&'a [u8]>,
    rules: Option<&'a [u8]>,
    build: Option<&'a [u8]>,
}

impl<'a> Sections<'a> {
    /// Keeps a custom section if it is one of ours.
    pub(super) fn add(&mut self, name: &str, data: &'a [u8]) -> Result<(), DescriptionError> {
        let (slot, section) = match name {
            SECTION_SCHEMA => (&mut self.schema, SECTION_SCHEMA),
            SECTION_STORAGE => (&mut self.storage, SECTION_STORAGE),
            SECTION_RULES => (&mut self.rules, SECTION_RULES),
            SECTION_BUILD => (&mut self.build, SECTION_BUILD),
            other if other.starts_with("wh.") => {
                return Err(DescriptionError::Unknown {
                    section: other.to_owned(),
                });
            }
            _ => return Ok(()),
        };
        if data.len() > limits::SECTION_BYTES_MAX {
            return Err(DescriptionError::TooLarge {
                section,
                found: data.len(),
                limit: limits::SECTION_BYTES_MAX,
            });
        }
        match slot.replace(data) {
            Some(_) => Err(DescriptionError::Duplicate { section }),
            None => Ok(()),
        }
    }
}

impl Description {
    /// Decodes and checks.
    pub(super) fn read(sections: &Sections<'_>) -> Result<Self, DescriptionError> {
        let schema = sections.schema.ok_or(DescriptionError::Missing {
            section: SECTION_SCHEMA,
        })?;
        let schema: Schema = decode(SECTION_SCHEMA, schema)?;
        let cells = decode_or_empty(SECTION_STORAGE, sections.storage)?;
        let rules = decode_or_empty(SECTION_RULES, sections.rules)?;
        let build = sections
            .build
            .map(|bytes| decode(SECTION_BUILD, bytes))
            .transpose()?;
        let entries = check_schema(&schema)?;
        check_cells(&cells)?;
        // What the host evaluates is made here once, so that accepted rules can always be evaluated.
        let checks = ContractRules::new(&rules, &cells).map_err(DescriptionError::Rule)?;
        Ok(Self {
            schema,
            cells,
            rules,
            build,
            checks: (!checks.is_empty()).then(|| Arc::new(checks)),
            entries,
        })
    }

    /// What the entry point with this selector may do; `None` if there is none.
    #[must_use]
    pub fn entry(&self, selector: u32) -> Option<EntryKind> {
        self.entries.get(&selector).copied()
    }

    /// The declared rules as the host evaluates them, if there are any.
    pub(crate) fn checks(&self) -> Option<Arc<ContractRules>> {
        self.checks.clone()
    }
}

fn decode<T>(section: &'static str, bytes: &[u8]) -> Result<T, DescriptionError>
where
    T: parity_scale_codec::Decode + parity_scale_codec::Encode,
{
    decode_canonical(bytes).map_err(|error| DescriptionError::Malformed {
        section,
        reason: error.to_string(),
    })
}

fn decode_or_empty<T>(
    section: &'static str,
    bytes: Option<&[u8]>,
) -> Result<Vec<T>, DescriptionError>
where
    Vec<T>: parity_scale_codec::Decode + parity_scale_codec::Encode,
{
    bytes.map_or_else(|| Ok(Vec::new()), |bytes| decode(section, bytes))
}

fn check_schema(schema: &Schema) -> Result<BTreeMap<u32, EntryKind>, DescriptionError> {
    too_many(
        SECTION_SCHEMA,
        schema.entry_points.len(),
        limits::ENTRY_POINTS_MAX,
    )?;
    let mut entries = BTreeMap::new();
    for entry in &schema.entry_points {
        check_numbered(SECTION_SCHEMA, &entry.name, entry.selector)?;
        if entries.insert(entry.selector, entry.kind).is_some() {
            return Err(collision(&entry.name, entry.selector));
        }
        check_twin(entry, schema)?;
    }
    let mut codes = BTreeSet::new();
    for error in &schema.errors {
        check_name(SECTION_SCHEMA, &error.name)?;
        if !codes.insert(error.code) {
            return Err(collision(&error.name, error.code.into()));
        }
    }
    let mut kinds = BTreeSet::new();
    for event in &schema.events {
        check_numbered(SECTION_SCHEMA, &event.name, event.kind)?;
        if !kinds.insert(event.kind) {
            return Err(collision(&event.name, event.kind));
        }
    }
    Ok(entries)
}

/// A dry run stands for a call: same name behind `check_`, same arguments.
fn check_twin(entry: &EntryPoint, schema: &Schema) -> Result<(), DescriptionError> {
    if entry.kind != EntryKind::Check {
        return Ok(());
    }
    let call = entry.name.strip_prefix("check_").unwrap_or_default();
    let found = schema
        .entry_point(call)
        .is_some_and(|twin| twin.kind == EntryKind::Call && twin.args == entry.args);
    if found {
        Ok(())
    } else {
        Err(DescriptionError::Twin {
            name: entry.name.clone(),
            call: call.to_owned(),
        })
    }
}

fn check_cells(cells: &[CellSchema]) -> Result<(), DescriptionError> {
    let mut prefixes = BTreeSet::new();
    for cell in cells {
        check_name(SECTION_STORAGE, &cell.name)?;
        if !prefixes.insert(cell.prefix) {
            return Err(collision(&cell.name, u32::from_be_bytes(cell.prefix)));
        }
        if cell.kind != CellKind::Map && cell.key != Type::Unit {
            return Err(DescriptionError::CellKey {
                name: cell.name.clone(),
            });
        }
    }
    too_many(SECTION_STORAGE, cells.len(), u16::MAX.into())
}

fn check_name(section: &'static str, name: &str) -> Result<(), DescriptionError> {
    let fits = (1..=DESCRIPTION_NAME_BYTES_MAX).contains(&name.len());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if fits && name.bytes().all(plain) {
        Ok(())
    } else {
        Err(DescriptionError::Name {
            section,
            name: name.to_owned(),
        })
    }
}

fn check_numbered(section: &'static str, name: &str, found: u32) -> Result<(), DescriptionError> {
    check_name(section, name)?;
    let expected = selector(name);
    if found == expected {
        Ok(())
    } else {
        Err(DescriptionError::Selector {
            name: name.to_owned(),
            found,
            expected,
        })
    }
}

fn collision(name: &str, number: u32) -> DescriptionError {
    DescriptionError::Collision {
        second: name.to_owned(),
        number,
    }
}

fn too_many(section: &'static str, found: usize, limit: usize) -> Result<(), DescriptionError> {
    if found > limit {
        return Err(DescriptionError::TooMany {
            section,
            found,
            limit,
        });
    }
    Ok(())
}
