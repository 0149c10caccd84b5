//! JSON to SCALE and back, driven by the schema's types and never by the look of a value.
//!
//! A contract's arguments, answers, events and errors are SCALE; people and programs outside the
//! chain see JSON. The mapping is that of `docs/json.md`: output is canonical, input accepts
//! that and the few other forms of the table, everything else is refused with a path such as
//! `args.terms.docs[2].hash`. Bytes are decoded to the end, maps and sets must ascend strictly.
//!
//! Nothing here goes through a JSON number that is wider than 53 bits: such integers are strings.
//!
//! # Cost
//! Linear in the input. Decoding builds at most [`VALUES_MAX`] JSON values, and both directions
//! refuse types nested deeper than [`DEPTH_MAX`], so a short input cannot cost much memory or stack.

mod call;
mod decode;
mod encode;
mod key;
mod order;
mod strict;
mod text;

pub use call::{Named, check_returns};
pub use strict::StrictValue;
pub use text::{TypeText, TypeTextError, parse_type};

use crate::address::{AddressError, Prefix};
use std::fmt;

/// Deepest nesting of a type.
pub const DEPTH_MAX: u32 = 64;
/// Most JSON values that decoding one input may build.
pub const VALUES_MAX: u32 = 262_144;
/// Largest integer that a JSON number holds exactly: 2^53 - 1.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;

/// Why a value cannot be encoded or bytes cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// A value has not the form that its type asks for.
    #[error("{path}: expected {expected}, got {got}")]
    BadArgument {
        /// Where, for example `args.lines[2].amount`.
        path: String,
        /// What the schema asks for.
        expected: String,
        /// What is there.
        got: String,
    },
    /// A name that the schema does not know.
    #[error("{path}: no {what} {name:?}{}", hint(.nearest))]
    UnknownName {
        /// Where.
        path: String,
        /// `field`, `variant`, `entry point`, ...
        what: &'static str,
        /// The name.
        name: String,
        /// Up to three known names like it.
        nearest: Vec<String>,
    },
    /// A text that is not an address of this chain.
    #[error("{path}: {error}")]
    Address {
        /// Where.
        path: String,
        /// What is wrong with it.
        error: AddressError,
    },
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", nearest.join(", "))
    }
}

/// Encodes and decodes for one chain: it knows the prefix of addresses.
#[derive(Clone, Debug)]
pub struct Codec {
    prefix: Prefix,
}

impl Codec {
    /// A codec for the chain whose addresses have this prefix.
    #[must_use]
    pub const fn new(prefix: Prefix) -> Self {
        Self { prefix }
    }

    /// The prefix of addresses.
    #[must_use]
    pub const fn prefix(&self) -> &Prefix {
        &self.prefix
    }
}

/// Where in a value we are; rendered only when something is wrong.
#[derive(Clone, Copy, Debug)]
enum Path<'a> {
    Root(&'a str),
    Field(&'a Self, &'a str),
    Index(&'a Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Field(Path::Root(""), name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl Path<'_> {
    fn bad(&self, expected: impl Into<String>, got: impl Into<String>) -> CodecError {
        CodecError::BadArgument {
            path: self.to_string(),
            expected: expected.into(),
            got: got.into(),
        }
    }
}

#[cfg(test)]
mod tests;
