//! Typed client code from a contract's schema.
//!
//! One module for each language, all from the same `Names`: the structs and enums that the schema
//! uses, each once. The code carries the hash of the schema that it was made from and refuses a
//! contract with another one. It is text that depends on nothing but the schema, so that `--check` can
//! compare it. What it does not do: sign; keys stay where they are.

mod openrpc;
mod python;
mod rust;
mod typescript;

pub use openrpc::document as openrpc;

use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use weighhouse_primitives::Hash;
use weighhouse_primitives::schema::{Field, Fields, Schema, Type};

/// A language that code is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// One module over `weighhouse-rpc` and `weighhouse-primitives`.
    Rust,
    /// One module without dependencies, for browsers and Node.js.
    Typescript,
    /// One module over the standard library.
    Python,
}

/// The client code of a contract.
#[must_use]
pub fn generate(language: Language, schema: &Schema) -> String {
    match language {
        Language::Rust => rust::module(schema),
        Language::Typescript => typescript::module(schema),
        Language::Python => python::module(schema),
    }
}

/// Hash of a schema, as `contract_schema` answers it.
#[must_use]
pub fn schema_hash(schema: &Schema) -> Hash {
    Hash::of(&schema.encode())
}

/// The structs and enums of a schema by name.
type Names<'s> = BTreeMap<&'s str, &'s Type>;

fn names(schema: &Schema) -> Names<'_> {
    let mut names = Names::new();
    let entries = schema.entry_points.iter();
    let errors = schema.errors.iter().flat_map(|error| &error.fields);
    let events = schema.events.iter().flat_map(|event| &event.fields);
    for field in entries.clone().flat_map(|entry| &entry.args) {
        collect(&field.ty, &mut names);
    }
    for field in errors.chain(events) {
        collect(&field.ty, &mut names);
    }
    for entry in entries {
        collect(&entry.returns, &mut names);
    }
    names
}

fn collect<'s>(ty: &'s Type, names: &mut Names<'s>) {
    match ty {
        Type::Compact(inner)
        | Type::Option(inner)
        | Type::List(inner)
        | Type::Array(inner, _)
        | Type::Set(inner) => collect(inner, names),
        Type::Map(first, second) | Type::Result(first, second) => {
            collect(first, names);
            collect(second, names);
        }
        Type::Tuple(members) => members.iter().for_each(|member| collect(member, names)),
        Type::Newtype(name, inner) => {
            names.insert(name, ty);
            collect(inner, names);
        }
        Type::Struct(name, fields) => {
            names.insert(name, ty);
            collect_fields(fields, names);
        }
        Type::Enum(name, variants) => {
            names.insert(name, ty);
            for variant in variants {
                match &variant.fields {
                    Fields::Unit => {}
                    Fields::Unnamed(types) => types.iter().for_each(|ty| collect(ty, names)),
                    Fields::Named(fields) => collect_fields(fields, names),
                }
            }
        }
        _ => {}
    }
}

fn collect_fields<'s>(fields: &'s [Field], names: &mut Names<'s>) {
    fields.iter().for_each(|field| collect(&field.ty, names));
}

/// `dfa-token` as the name of a type: `DfaToken`.
fn type_name(name: &str) -> String {
    let words = name.split(['-', '_']).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut characters = word.chars();
            let first = characters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(characters).collect::<String>()
        })
        .collect()
}

/// True if a value may be `null` in JSON, so that an option around it needs `{"Some": ...}`.
fn nullable(ty: &Type) -> bool {
    match ty {
        Type::Unit | Type::Option(_) => true,
        Type::Newtype(_, inner) => nullable(inner),
        _ => false,
    }
}

/// Documentation in one line; empty if there is none.
fn one_line(docs: &str) -> String {
    let words: Vec<&str> = docs.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
