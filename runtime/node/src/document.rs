//! A TOML file as a flat list of dotted keys with their lines, so that every complaint names a line.
//!
//! Shared by settings, genesis and the stories of `weighhouse demo`; knows nothing of any of them.

mod field;

pub use field::Fields;

use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Text, or a date.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Bool(bool),
    /// A list of texts with the line of each.
    List(Vec<(String, usize)>),
}

impl Item {
    /// The item's kind, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
        }
    }
}

/// A key of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Dotted from the top: `policy.quota.gas`.
    pub key: String,
    /// What it holds.
    pub item: Item,
    /// Where, counted from 1.
    pub line: usize,
}

/// What is wrong with a file: where, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {reason}", file.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct Flaw {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1, where one can be named.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub help: String,
}

impl From<Flaw> for crate::output::Failure {
    fn from(flaw: Flaw) -> Self {
        let failure = Self::usage(flaw.to_string())
            .data("file", flaw.file.display().to_string())
            .data("line", flaw.line);
        if flaw.help.is_empty() {
            failure
        } else {
            failure.help(flaw.help)
        }
    }
}

/// A file being read.
#[derive(Debug)]
pub struct Document {
    file: PathBuf,
    /// The keys, in order of the file's tables.
    pub entries: Vec<Entry>,
}

impl Document {
    /// Reads a file from disk.
    ///
    /// # Errors
    /// If it cannot be read, is not TOML, or holds a kind of value that no setting has.
    pub fn read(file: &Path) -> Result<Self, Flaw> {
        let text = std::fs::read_to_string(file).map_err(|error| Flaw {
            file: file.into(),
            line: None,
            reason: format!("cannot be read: {error}"),
            help: "name an existing, readable file".into(),
        })?;
        Self::parse(file, &text)
    }

    /// Reads `text`; `file` is named in complaints.
    ///
    /// # Errors
    /// If it is not TOML, or holds a kind of value that no setting has.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Flaw> {
        let table = DeTable::parse(text).map_err(|error| Flaw {
            file: file.into(),
            line: error.span().map(|span| line_of(text, span.start)),
            reason: error.message().to_owned(),
            help: "write TOML: key = value".into(),
        })?;
        let mut document = Self {
            file: file.into(),
            entries: Vec::new(),
        };
        document.flatten(text, "", table.get_ref())?;
        Ok(document)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// A complaint about a line of this file.
    pub fn flaw(&self, line: impl Into<Option<usize>>, reason: String, help: &str) -> Flaw {
        Flaw {
            file: self.file.clone(),
            line: line.into(),
            reason,
            help: help.into(),
        }
    }

    fn flatten(&mut self, text: &str, prefix: &str, table: &DeTable<'_>) -> Result<(), Flaw> {
        for (name, value) in table {
            let key = match prefix {
                "" => name.get_ref().to_string(),
                prefix => format!("{prefix}.{}", name.get_ref()),
            };
            let line = line_of(text, name.span().start);
            if let DeValue::Table(inner) = value.get_ref() {
                self.flatten(text, &key, inner)?;
                continue;
            }
            let item = item(text, value.get_ref()).map_err(|reason| {
                self.flaw(line, format!("{key}: {reason}"), "see the comments")
            })?;
            self.entries.push(Entry { key, item, line });
        }
        Ok(())
    }
}

fn item(text: &str, value: &DeValue<'_>) -> Result<Item, String> {
    Ok(match value {
        DeValue::String(text) => Item::Text(text.to_string()),
        DeValue::Datetime(time) => Item::Text(time.to_string()),
        DeValue::Boolean(value) => Item::Bool(*value),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(Item::Integer)
            .map_err(|_| format!("{} is out of range", number.as_str()))?,
        DeValue::Array(values) => Item::List(
            values
                .iter()
                .map(|value| {
                    let line = line_of(text, value.span().start);
                    let text = value.get_ref().as_str();
                    text.map(|text| (text.to_owned(), line))
                        .ok_or_else(|| "a list holds texts only".to_owned())
                })
                .collect::<Result<_, _>>()?,
        ),
        DeValue::Float(_) | DeValue::Table(_) => {
            return Err(format!("a {} has no place here", value.type_str()));
        }
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
