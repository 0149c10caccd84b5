//! Types as text: how messages name them, and how a person writes them.
//!
//! `Vec<(Address, Amount)>`, `Option<[u8; 32]>`, `BTreeMap<u8, u16>`, `Compact<u128>`; a named type is
//! looked up in a schema, or written out: `struct Line { to: Address, amount: Amount }`,
//! `enum Power { Hold, Trade { limit: u128 }, Pay(u64) }`.

use super::DEPTH_MAX;
use std::fmt;
use weighhouse_primitives::schema::{Field, Fields, Schema, Type, Variant};

/// Shows a type as Rust would write it; named types by name.
#[derive(Debug)]
pub struct TypeText<'t>(pub &'t Type);

impl fmt::Display for TypeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |ty| TypeText(ty);
        match self.0 {
            Type::Unit => f.write_str("()"),
            Type::String => f.write_str("String"),
            Type::Bytes => f.write_str("Vec<u8>"),
            Type::FixedBytes(len) => write!(f, "[u8; {len}]"),
            Type::Compact(inner) => write!(f, "Compact<{}>", of(inner)),
            Type::Option(inner) => write!(f, "Option<{}>", of(inner)),
            Type::List(inner) => write!(f, "Vec<{}>", of(inner)),
            Type::Array(inner, count) => write!(f, "[{}; {count}]", of(inner)),
            Type::Set(inner) => write!(f, "BTreeSet<{}>", of(inner)),
            Type::Map(key, value) => write!(f, "BTreeMap<{}, {}>", of(key), of(value)),
            Type::Result(ok, err) => write!(f, "Result<{}, {}>", of(ok), of(err)),
            Type::Tuple(members) => {
                f.write_str("(")?;
                for (i, member) in members.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{}", of(member))?;
                }
                f.write_str(if members.len() == 1 { ",)" } else { ")" })
            }
            Type::Struct(name, _) | Type::Newtype(name, _) | Type::Enum(name, _) => {
                f.write_str(name)
            }
            plain => f.write_str(plain_name(plain)),
        }
    }
}

const PLAIN: [(&str, Type); 14] = [
    ("bool", Type::Bool),
    ("u8", Type::U8),
    ("u16", Type::U16),
    ("u32", Type::U32),
    ("u64", Type::U64),
    ("u128", Type::U128),
    ("i8", Type::I8),
    ("i16", Type::I16),
    ("i32", Type::I32),
    ("i64", Type::I64),
    ("i128", Type::I128),
    ("Address", Type::Address),
    ("Hash", Type::Hash),
    ("Amount", Type::Amount),
];

/// Other names of types, as contracts write them.
const ALIASES: [(&str, Type); 11] = [
    ("Timestamp", Type::Timestamp),
    ("Gas", Type::U64),
    ("Height", Type::U64),
    ("String", Type::String),
    ("str", Type::String),
    ("Bytes", Type::Bytes),
    ("TxHash", Type::Hash),
    ("CodeHash", Type::Hash),
    ("BlockHash", Type::Hash),
    ("StateRoot", Type::Hash),
    ("Signature", Type::FixedBytes(64)),
];

fn plain_name(ty: &Type) -> &'static str {
    let tables = PLAIN.iter().chain(&ALIASES);
    tables
        .clone()
        .find(|(_, known)| known == ty)
        .map_or("?", |(name, _)| name)
}

/// Why a text is not a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypeTextError {
    /// Something else should stand at this place.
    #[error("column {column}: expected {expected}, got {got}")]
    Unexpected {
        /// Position in characters, from 1.
        column: usize,
        /// What should stand there.
        expected: String,
        /// What does.
        got: String,
    },
    /// A name that is neither built in nor in the schema.
    #[error("no type {name:?}{}", super::hint(.nearest))]
    UnknownName {
        /// The name.
        name: String,
        /// Up to three known names like it.
        nearest: Vec<String>,
    },
    /// Nested too deeply.
    #[error("types nest at most {DEPTH_MAX} levels")]
    TooDeep,
}

/// Reads a type; names that are not built in are looked up in `schema`.
///
/// # Errors
/// [`TypeTextError`] with the column or the nearest names.
///
/// # Examples
/// ```
/// use weighhouse_rpc::codec::{TypeText, parse_type};
/// let ty = parse_type("Vec<(Address, u128)>", None)?;
/// assert_eq!(TypeText(&ty).to_string(), "Vec<(Address, u128)>");
/// # Ok::<(), weighhouse_rpc::codec::TypeTextError>(())
/// ```
pub fn parse_type(text: &str, schema: Option<&Schema>) -> Result<Type, TypeTextError> {
    let mut parser = Parser {
        text,
        rest: text,
        schema,
    };
    let ty = parser.ty(DEPTH_MAX)?;
    match parser.peek() {
        None => Ok(ty),
        Some(_) => Err(parser.unexpected("the end of the type")),
    }
}

struct Parser<'t> {
    text: &'t str,
    rest: &'t str,
    schema: Option<&'t Schema>,
}

type Parsed<T> = Result<T, TypeTextError>;

impl<'t> Parser<'t> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn unexpected(&self, expected: &str) -> TypeTextError {
        let before = self.text.len().saturating_sub(self.rest.len());
        let got: String = self.rest.chars().take(20).collect();
        TypeTextError::Unexpected {
            column: self.text.get(..before).unwrap_or_default().chars().count() + 1,
            expected: expected.into(),
            got: if got.is_empty() {
                "the end".into()
            } else {
                format!("{got:?}")
            },
        }
    }

    fn accept(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest = self.rest.strip_prefix(wanted).unwrap_or_default();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Parsed<()> {
        if self.accept(wanted) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("{wanted:?}")))
        }
    }

    fn word(&mut self, what: &str) -> Parsed<&'t str> {
        self.peek();
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(self.unexpected(what));
        }
        self.rest = rest;
        Ok(word)
    }

    fn number(&mut self) -> Parsed<u32> {
        let before = self.rest;
        let word = self.word("a number")?;
        word.parse().map_err(|_| {
            self.rest = before;
            self.unexpected("a number")
        })
    }

    fn ty(&mut self, depth: u32) -> Parsed<Type> {
        let depth = depth.checked_sub(1).ok_or(TypeTextError::TooDeep)?;
        match self.peek() {
            Some('(') => self.tuple(depth),
            Some('[') => {
                self.expect('[')?;
                let item = self.ty(depth)?;
                self.expect(';')?;
                let count = self.number()?;
                self.expect(']')?;
                Ok(match item {
                    Type::U8 => Type::FixedBytes(count),
                    item => Type::Array(item.into(), count),
                })
            }
            _ => {
                let word = self.word("a type")?;
                self.named(word, depth)
            }
        }
    }

    fn tuple(&mut self, depth: u32) -> Parsed<Type> {
        self.expect('(')?;
        let members = self.list(')', |this| this.ty(depth))?;
        Ok(match members.as_slice() {
            [] => Type::Unit,
            _ => Type::Tuple(members),
        })
    }

    /// Items separated by commas up to `end`; the last may be followed by one.
    fn list<T>(
        &mut self,
        end: char,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        while !self.accept(end) {
            items.push(item(self)?);
            if !self.accept(',') {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn one(&mut self, depth: u32) -> Parsed<Box<Type>> {
        self.expect('<')?;
        let inner = self.ty(depth)?;
        self.expect('>')?;
        Ok(inner.into())
    }

    fn two(&mut self, depth: u32) -> Parsed<(Box<Type>, Box<Type>)> {
        self.expect('<')?;
        let first = self.ty(depth)?;
        self.expect(',')?;
        let second = self.ty(depth)?;
        self.expect('>')?;
        Ok((first.into(), second.into()))
    }

    fn named(&mut self, word: &str, depth: u32) -> Parsed<Type> {
        Ok(match word {
            "Vec" => match *self.one(depth)? {
                Type::U8 => Type::Bytes,
                item => Type::List(item.into()),
            },
            "Option" => Type::Option(self.one(depth)?),
            "Compact" => Type::Compact(self.one(depth)?),
            "BTreeSet" | "Set" => Type::Set(self.one(depth)?),
            "BTreeMap" | "Map" => {
                let (key, value) = self.two(depth)?;
                Type::Map(key, value)
            }
            "Result" => {
                let (ok, err) = self.two(depth)?;
                Type::Result(ok, err)
            }
            "struct" => {
                let name = self.word("a name")?.to_owned();
                self.expect('{')?;
                Type::Struct(name, self.fields(depth)?)
            }
            "enum" => self.variants(depth)?,
            _ => self.known(word)?,
        })
    }

    fn fields(&mut self, depth: u32) -> Parsed<Vec<Field>> {
        self.list('}', |this| {
            let name = this.word("a field")?.to_owned();
            this.expect(':')?;
            let ty = this.ty(depth)?;
            Ok(Field { name, ty })
        })
    }

    fn variants(&mut self, depth: u32) -> Parsed<Type> {
        let name = self.word("a name")?.to_owned();
        self.expect('{')?;
        let mut index = 0u8;
        let variants = self.list('}', |this| {
            let name = this.word("a variant")?.to_owned();
            let fields = if this.accept('(') {
                Fields::Unnamed(this.list(')', |this| this.ty(depth))?)
            } else if this.accept('{') {
                Fields::Named(this.fields(depth)?)
            } else {
                Fields::Unit
            };
            let variant = Variant {
                name,
                index,
                fields,
            };
            index = index.saturating_add(1);
            Ok(variant)
        })?;
        Ok(Type::Enum(name, variants))
    }

    fn known(&self, word: &str) -> Parsed<Type> {
        let mut built_in = PLAIN.iter().chain(&ALIASES);
        if let Some((_, ty)) = built_in.clone().find(|(name, _)| *name == word) {
            return Ok(ty.clone());
        }
        let mut named = Vec::new();
        if let Some(schema) = self.schema {
            schema_types(schema).for_each(|ty| collect_named(ty, &mut named));
        }
        let found = named.iter().find(|(name, _)| *name == word);
        found.map(|(_, ty)| (*ty).clone()).ok_or_else(|| {
            let names = built_in.by_ref().map(|(name, _)| *name);
            TypeTextError::UnknownName {
                name: word.into(),
                nearest: crate::nearest::nearest(
                    word,
                    names.chain(named.iter().map(|(name, _)| *name)),
                ),
            }
        })
    }
}

/// Every type that a schema mentions at its surface.
fn schema_types(schema: &Schema) -> impl Iterator<Item = &Type> {
    let args = schema.entry_points.iter().flat_map(|entry| {
        let args = entry.args.iter().map(|field| &field.ty);
        args.chain([&entry.returns])
    });
    let errors = schema.errors.iter().flat_map(|error| &error.fields);
    let events = schema.events.iter().flat_map(|event| &event.fields);
    args.chain(errors.chain(events).map(|field| &field.ty))
}

/// Adds the structs and enums inside `ty` with their names.
fn collect_named<'t>(ty: &'t Type, out: &mut Vec<(&'t str, &'t Type)>) {
    match ty {
        Type::Compact(inner)
        | Type::Option(inner)
        | Type::List(inner)
        | Type::Array(inner, _)
        | Type::Set(inner) => collect_named(inner, out),
        Type::Map(first, second) | Type::Result(first, second) => {
            collect_named(first, out);
            collect_named(second, out);
        }
        Type::Tuple(members) => members.iter().for_each(|member| collect_named(member, out)),
        Type::Newtype(name, inner) => {
            out.push((name, ty));
            collect_named(inner, out);
        }
        Type::Struct(name, fields) => {
            out.push((name, ty));
            fields
                .iter()
                .for_each(|field| collect_named(&field.ty, out));
        }
        Type::Enum(name, variants) => {
            out.push((name, ty));
            for variant in variants {
                match &variant.fields {
                    Fields::Unit => {}
                    Fields::Unnamed(members) => {
                        members.iter().for_each(|member| collect_named(member, out))
                    }
                    Fields::Named(fields) => fields
                        .iter()
                        .for_each(|field| collect_named(&field.ty, out)),
                }
            }
        }
        _ => {}
    }
}
