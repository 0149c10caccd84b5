//! Words of a command line to the arguments of an entry point, driven by its schema.
//!
//! `--to bob --amount 10.50INV7` becomes the JSON object `{"to": "whdev1...", "amount": "1050"}`, which
//! the codec then encodes. The type decides how a word is read, never its look:
//!
//! | type | word |
//! |---|---|
//! | amount | base units, or whole tokens with the symbol ([`crate::amount`]) |
//! | address | bech32m, `0x` hex, or a name |
//! | time | seconds, or `2026-01-01T00:00:00Z` |
//! | bytes | `0x` hex, or `@FILE` for a file's content |
//! | hash | `0x` hex, or `@FILE` for the blake3 of a file |
//! | option | `null`, or the value; left out is `null` |
//! | list, set | a JSON array, or the flag several times |
//! | other | text, number, variant name, or JSON; `@FILE` reads JSON from a file |
//!
//! Names and amounts inside JSON are read the same way.

use crate::amount::{self, Unit};
use crate::clock::parse_time;
use crate::nearest::suggestion;
use serde_json::{Map, Value};
use weighhouse_primitives::Hash;
use weighhouse_primitives::schema::{Field, Fields, Type};
use weighhouse_rpc::codec::{StrictValue, TypeText};

/// Why words are not the arguments that a schema asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ArgumentError {
    /// What is wrong, with the flag as it was typed.
    pub what: String,
    /// What to do.
    pub help: Option<String>,
}

fn error(what: impl Into<String>, help: impl Into<String>) -> ArgumentError {
    ArgumentError {
        what: what.into(),
        help: Some(help.into()),
    }
}

/// What words mean here: who names belong to and what amounts count.
pub struct Meaning<'a> {
    /// The canonical text of an address or name; the error says what is wrong with it.
    pub address: &'a dyn Fn(&str) -> Result<String, String>,
    /// The token that amounts without further mark count, if one is known.
    pub unit: Option<Unit>,
}

impl std::fmt::Debug for Meaning<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meaning").field("unit", &self.unit).finish()
    }
}

/// Flags with their values, in the order typed.
type Flags = Vec<(String, Option<String>)>;

/// Reads the words after the entry point as the values of `fields`.
///
/// # Errors
/// [`ArgumentError`] for an unknown, repeated or missing argument and for a word that its type does
/// not allow.
pub fn parse(
    words: &[String],
    fields: &[Field],
    meaning: &Meaning<'_>,
) -> Result<Map<String, Value>, ArgumentError> {
    if let [only] = words
        && only.starts_with('{')
    {
        return whole(only, fields, meaning);
    }
    let flags = split(words, fields)?;
    let mut object = Map::new();
    for field in fields {
        let mut given = flags.iter().filter(|(name, _)| *name == field.name);
        let first = given.next();
        let rest: Vec<_> = given.collect();
        let flag = shown(&field.name);
        let value = match (first, rest.as_slice()) {
            (None, _) if matches!(field.ty, Type::Option(_)) => Value::Null,
            (None, _) => return Err(missing(fields, &flags)),
            (Some((_, word)), []) => {
                let word = word.as_deref().map_or_else(|| lone(&field.ty, &flag), Ok)?;
                read(word, &field.ty, &flag, meaning)?
            }
            (Some(first), rest) => {
                let words = std::iter::once(first).chain(rest.iter().copied());
                repeated(words, &field.ty, &flag, meaning)?
            }
        };
        object.insert(field.name.clone(), value);
    }
    Ok(object)
}

/// One JSON object instead of flags.
fn whole(
    text: &str,
    fields: &[Field],
    meaning: &Meaning<'_>,
) -> Result<Map<String, Value>, ArgumentError> {
    let value = StrictValue::parse(text).map_err(|cause| {
        let help = "quote the whole object for the shell";
        error(
            format!("the arguments are not a JSON object: {cause}"),
            help,
        )
    })?;
    let ty = Type::Struct("args".into(), fields.to_vec());
    match inside(value.0, &ty, "args", meaning)? {
        Value::Object(object) => Ok(object),
        _ => Err(error(
            "the arguments are not a JSON object",
            "write {\"name\": value}",
        )),
    }
}

fn split(words: &[String], fields: &[Field]) -> Result<Flags, ArgumentError> {
    let mut flags = Flags::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            let help = match fields.first() {
                Some(field) => format!(
                    "name every argument, for example {} VALUE",
                    shown(&field.name)
                ),
                None => "this entry point takes no arguments".into(),
            };
            return Err(error(
                format!("{word:?} does not belong to an argument"),
                help,
            ));
        };
        let (name, mut value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (flag, None),
        };
        let name = name.replace('-', "_");
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Err(unknown(&name, fields));
        };
        if value.is_none() {
            let takes_next = |next: &&String| !next.starts_with("--");
            value = words.next_if(takes_next).cloned();
        }
        flags.push((field.name.clone(), value));
    }
    Ok(flags)
}

fn unknown(name: &str, fields: &[Field]) -> ArgumentError {
    let near = suggestion(name, fields.iter().map(|field| field.name.as_str()));
    let known: Vec<String> = fields.iter().map(|field| shown(&field.name)).collect();
    if ["json", "yes", "quiet", "signer", "from", "rpc", "raw", "at"].contains(&name) {
        let help = "flags of the command itself stand before --";
        return error(format!("no argument {}", shown(name)), help);
    }
    let help = match (near, known.is_empty()) {
        (Some(near), _) => near,
        (None, true) => "this entry point takes no arguments".into(),
        (None, false) => format!("its arguments are {}", known.join(" ")),
    };
    error(format!("no argument {}", shown(name)), help)
}

fn missing(fields: &[Field], flags: &Flags) -> ArgumentError {
    let absent: Vec<String> = fields
        .iter()
        .filter(|field| !matches!(field.ty, Type::Option(_)))
        .filter(|field| !flags.iter().any(|(name, _)| *name == field.name))
        .map(|field| format!("{} <{}>", shown(&field.name), TypeText(&field.ty)))
        .collect();
    let names: Vec<&str> = absent
        .iter()
        .filter_map(|flag| flag.split(' ').next())
        .collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    let help = format!("add {}", absent.join(" "));
    error(format!("{} {verb} missing", names.join(" ")), help)
}

/// A field's name as a flag.
#[must_use]
pub fn shown(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}

fn lone(ty: &Type, flag: &str) -> Result<&'static str, ArgumentError> {
    match ty {
        Type::Bool => Ok("true"),
        _ => Err(error(
            format!("{flag} has no value"),
            format!("write {flag} <{}>", TypeText(ty)),
        )),
    }
}

fn repeated<'w>(
    words: impl Iterator<Item = &'w (String, Option<String>)>,
    ty: &Type,
    flag: &str,
    meaning: &Meaning<'_>,
) -> Result<Value, ArgumentError> {
    let (Type::List(item) | Type::Set(item) | Type::Array(item, _)) = ty else {
        return Err(error(
            format!("{flag} is given more than once"),
            "give it once",
        ));
    };
    let items = words.map(|(_, word)| match word {
        Some(word) => read(word, item, flag, meaning),
        None => lone(item, flag).and_then(|word| read(word, item, flag, meaning)),
    });
    items.collect::<Result<_, _>>().map(Value::Array)
}

/// Reads one word as a value of `ty`; `at` names its place in messages.
///
/// # Errors
/// [`ArgumentError`] if the type does not allow the word.
pub fn read(
    word: &str,
    ty: &Type,
    at: &str,
    meaning: &Meaning<'_>,
) -> Result<Value, ArgumentError> {
    if let Some(path) = word.strip_prefix('@')
        && *ty != Type::String
    {
        return from_file(path, ty, at, meaning);
    }
    match ty {
        Type::Option(_) if word == "null" => Ok(Value::Null),
        Type::Option(inner) => read(word, inner, at, meaning),
        Type::Newtype(_, inner) => read(word, inner, at, meaning),
        Type::Unit if word == "null" || word == "()" => Ok(Value::Null),
        Type::Bool => match word {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(error(
                format!("{at} {word} is neither true nor false"),
                "write true or false",
            )),
        },
        Type::Amount | Type::Timestamp | Type::Address => leaf(word, ty, at, meaning),
        Type::Enum(_, variants) if variants.iter().any(|variant| variant.name == word) => {
            Ok(Value::String(word.into()))
        }
        Type::Enum(_, variants) if !word.starts_with('{') => {
            let names: Vec<&str> = variants.iter().map(|v| v.name.as_str()).collect();
            let near = suggestion(word, names.iter().copied());
            let help = near.unwrap_or_else(|| format!("write one of {}", names.join(", ")));
            Err(error(
                format!("{at} {word} is no variant of {}", TypeText(ty)),
                help,
            ))
        }
        Type::List(item) | Type::Set(item) if !word.starts_with('[') => {
            Ok(Value::Array(vec![read(word, item, at, meaning)?]))
        }
        Type::List(_)
        | Type::Set(_)
        | Type::Array(..)
        | Type::Map(..)
        | Type::Tuple(_)
        | Type::Struct(..)
        | Type::Enum(..)
        | Type::Result(..)
        | Type::Unit => {
            let value = StrictValue::parse(word).map_err(|cause| {
                let help = format!("write {} as JSON", TypeText(ty));
                error(format!("{at} is not JSON: {cause}"), help)
            })?;
            inside(value.0, ty, at, meaning)
        }
        _ => Ok(Value::String(word.into())),
    }
}

/// Types whose text means more to people than to the codec.
fn leaf(word: &str, ty: &Type, at: &str, meaning: &Meaning<'_>) -> Result<Value, ArgumentError> {
    let text = match ty {
        Type::Amount => match amount::parse(word, meaning.unit.as_ref()) {
            Ok(base) => base.to_string(),
            Err(cause) => return Err(error(format!("{at} {}", cause.what), cause.help)),
        },
        Type::Timestamp => match parse_time(word) {
            Ok(time) => time.to_string(),
            Err(cause) => {
                let help = "write 2026-01-01T00:00:00Z or seconds since 1970";
                return Err(error(format!("{at} {cause}"), help));
            }
        },
        Type::Address => match (meaning.address)(word) {
            Ok(text) => text,
            Err(cause) => {
                let help = "write an address, or a name: weighhouse book list";
                return Err(error(format!("{at}: {cause}"), help));
            }
        },
        _ => word.into(),
    };
    Ok(Value::String(text))
}

fn from_file(
    path: &str,
    ty: &Type,
    at: &str,
    meaning: &Meaning<'_>,
) -> Result<Value, ArgumentError> {
    let bytes = std::fs::read(path).map_err(|cause| {
        error(
            format!("{at} cannot read {path}: {cause}"),
            "name a readable file after @",
        )
    })?;
    match ty {
        Type::Option(inner) | Type::Newtype(_, inner) => from_file(path, inner, at, meaning),
        Type::Bytes | Type::FixedBytes(_) => Ok(Value::String(format!("0x{}", hex::encode(bytes)))),
        Type::Hash => Ok(Value::String(Hash::of(&bytes).to_string())),
        _ => {
            let text = String::from_utf8_lossy(&bytes);
            let value = StrictValue::parse(&text).map_err(|cause| {
                error(
                    format!("{at}: {path} is not JSON: {cause}"),
                    "correct the file",
                )
            })?;
            inside(value.0, ty, at, meaning)
        }
    }
}

/// Resolves names, amounts and times inside a JSON value; what does not fit is left to the codec.
fn inside(
    value: Value,
    ty: &Type,
    at: &str,
    meaning: &Meaning<'_>,
) -> Result<Value, ArgumentError> {
    let each = |items: Vec<Value>, item: &Type| -> Result<Value, ArgumentError> {
        let items = items.into_iter().enumerate();
        let items = items.map(|(i, value)| inside(value, item, &format!("{at}[{i}]"), meaning));
        items.collect::<Result<_, _>>().map(Value::Array)
    };
    match (ty, value) {
        (Type::Amount | Type::Timestamp | Type::Address, Value::String(text)) => {
            leaf(&text, ty, at, meaning)
        }
        (Type::Option(_), Value::Null) => Ok(Value::Null),
        (Type::Option(inner) | Type::Newtype(_, inner), value) => inside(value, inner, at, meaning),
        (Type::List(item) | Type::Set(item) | Type::Array(item, _), Value::Array(items)) => {
            each(items, item)
        }
        (Type::Map(key, item), Value::Array(items)) => {
            each(items, &Type::Tuple(vec![(**key).clone(), (**item).clone()]))
        }
        (Type::Tuple(members), Value::Array(items)) if members.len() == items.len() => {
            let pairs = items.into_iter().zip(members).enumerate();
            let items =
                pairs.map(|(i, (value, ty))| inside(value, ty, &format!("{at}[{i}]"), meaning));
            items.collect::<Result<_, _>>().map(Value::Array)
        }
        (Type::Struct(_, fields), Value::Object(object)) => named(object, fields, at, meaning),
        (Type::Enum(_, variants), Value::Object(object)) => {
            let mut out = Map::new();
            for (name, value) in object {
                let variant = variants.iter().find(|variant| variant.name == name);
                let at = format!("{at}.{name}");
                let value = match (variant.map(|variant| &variant.fields), value) {
                    (Some(Fields::Named(fields)), Value::Object(inner)) => {
                        named(inner, fields, &at, meaning)?
                    }
                    (Some(Fields::Unnamed(members)), value) => match members.as_slice() {
                        [single] => inside(value, single, &at, meaning)?,
                        _ => inside(value, &Type::Tuple(members.clone()), &at, meaning)?,
                    },
                    (_, value) => value,
                };
                out.insert(name, value);
            }
            Ok(Value::Object(out))
        }
        (_, value) => Ok(value),
    }
}

fn named(
    object: Map<String, Value>,
    fields: &[Field],
    at: &str,
    meaning: &Meaning<'_>,
) -> Result<Value, ArgumentError> {
    let mut out = Map::new();
    for (name, value) in object {
        let value = match fields.iter().find(|field| field.name == name) {
            Some(field) => inside(value, &field.ty, &format!("{at}.{name}"), meaning)?,
            None => value,
        };
        out.insert(name, value);
    }
    Ok(Value::Object(out))
}

#[cfg(test)]
mod tests;
