//! The words after `--`: which entry point, and its arguments.

use super::names::Names;
use crate::amount::Unit;
use crate::arguments::{self, ArgumentError, Meaning};
use crate::nearest::suggestion;
use crate::output::Failure;
use serde_json::{Map, Value};
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Schema};

/// What the words ask for.
#[derive(Clone, Debug)]
pub(super) enum Request<'s> {
    /// The list of entry points.
    List,
    /// The arguments of one.
    Describe(&'s EntryPoint),
    /// To run one with these words.
    Run(&'s EntryPoint, &'s [String]),
}

fn is_help(word: &str) -> bool {
    matches!(word, "--help" | "-h" | "help")
}

/// Reads the entry point off the words; `kinds` are those that the command can run.
///
/// # Errors
/// An entry point that is not there, or is of another kind.
pub(super) fn request<'s>(
    schema: &'s Schema,
    words: &'s [String],
    kinds: &[EntryKind],
    verb: &str,
) -> Result<Request<'s>, Failure> {
    let Some((name, rest)) = words.split_first() else {
        return Ok(Request::List);
    };
    if is_help(name) {
        return Ok(Request::List);
    }
    let entry = find(schema, name, kinds)?;
    if rest.iter().any(|word| is_help(word) && word != "help") {
        return Ok(Request::Describe(entry));
    }
    if kinds.contains(&entry.kind) {
        return Ok(Request::Run(entry, rest));
    }
    let other = match entry.kind {
        EntryKind::Constructor => "it runs once, at deployment",
        EntryKind::Call => "it changes the contract: use  contract call",
        EntryKind::Query | EntryKind::Check => "it only reads: use  contract query",
    };
    Err(Failure::usage(format!("{name} cannot be run by contract {verb}")).help(other))
}

/// The constructor that the words mean, and the rest of them: a first word that is no flag names it.
///
/// # Errors
/// A constructor that is not there, or several and none named.
pub(super) fn constructor<'s>(
    schema: &'s Schema,
    words: &'s [String],
) -> Result<Request<'s>, Failure> {
    if let Some(name) = words.first().filter(|word| !word.starts_with(['-', '{'])) {
        let found = find(schema, name, &[EntryKind::Constructor])?;
        let rest = words.get(1..).unwrap_or_default();
        return Ok(run_or_describe(found, rest));
    }
    let mut all = schema
        .entry_points
        .iter()
        .filter(|entry| entry.kind == EntryKind::Constructor);
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(run_or_describe(only, words)),
        (None, _) => Err(
            Failure::usage(format!("{} has no constructor", schema.name))
                .help("add #[constructor] to a function of the contract"),
        ),
        _ => Err(
            Failure::usage(format!("{} has several constructors", schema.name))
                .help("name one of them after --"),
        ),
    }
}

fn run_or_describe<'s>(entry: &'s EntryPoint, words: &'s [String]) -> Request<'s> {
    if words.iter().any(|word| is_help(word)) {
        Request::Describe(entry)
    } else {
        Request::Run(entry, words)
    }
}

fn find<'s>(
    schema: &'s Schema,
    name: &str,
    kinds: &[EntryKind],
) -> Result<&'s EntryPoint, Failure> {
    let wanted = name.replace('-', "_");
    if let Some(entry) = schema.entry_point(&wanted) {
        return Ok(entry);
    }
    let names = || {
        let entries = schema.entry_points.iter();
        entries.filter(|entry| kinds.contains(&entry.kind))
    };
    let near = suggestion(&wanted, names().map(|entry| entry.name.as_str()));
    let all: Vec<&str> = names().map(|entry| entry.name.as_str()).collect();
    Err(Failure::answered(
        1302,
        "unknown_name",
        format!("{} has no entry point {name}", schema.name),
    )
    .help(near.unwrap_or_else(|| format!("it has {}", all.join(", "))))
    .data("nearest", all))
}

/// The arguments that the words give, as JSON.
///
/// # Errors
/// Words that are not the arguments of the entry point.
pub(super) fn arguments(
    entry: &EntryPoint,
    words: &[String],
    names: &Names,
    unit: Option<Unit>,
) -> Result<Map<String, Value>, Failure> {
    let address = |text: &str| names.resolve(text).map(|found| names.prefix.format(&found));
    let meaning = Meaning {
        address: &address,
        unit: unit.or_else(|| unit_in(entry, words)),
    };
    Ok(arguments::parse(words, &entry.args, &meaning)?)
}

/// The token that a constructor is about to create, from its own words.
fn unit_in(entry: &EntryPoint, words: &[String]) -> Option<Unit> {
    if entry.kind != EntryKind::Constructor {
        return None;
    }
    let word = |name: &str| {
        let flag = arguments::shown(name);
        let at = words.iter().position(|word| *word == flag);
        let next = at.and_then(|at| words.get(at.checked_add(1)?).cloned());
        let joined = words
            .iter()
            .find_map(|word| word.strip_prefix(&format!("{flag}=")));
        next.or_else(|| joined.map(str::to_owned))
    };
    let (symbol, decimals) = (word("symbol")?, word("decimals")?);
    super::place::unit(&Value::String(symbol), &Value::String(decimals))
}

impl From<ArgumentError> for Failure {
    fn from(error: ArgumentError) -> Self {
        Self::answered(1301, "bad_argument", error.what).help_if(error.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::schema::{Field, Type};

    fn entry(name: &str, kind: EntryKind) -> EntryPoint {
        EntryPoint {
            name: name.into(),
            selector: weighhouse_primitives::abi::selector(name),
            kind,
            args: vec![Field {
                name: "cap".into(),
                ty: Type::Amount,
            }],
            returns: Type::Unit,
            docs: String::new(),
        }
    }

    fn schema() -> Schema {
        Schema {
            name: "bond".into(),
            version: "1".into(),
            docs: String::new(),
            entry_points: vec![
                entry("open", EntryKind::Constructor),
                entry("transfer", EntryKind::Call),
                entry("balance_of", EntryKind::Query),
            ],
            errors: Vec::new(),
            events: Vec::new(),
        }
    }

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    /// Goal: help, kinds and slips of the finger are told apart.
    #[test]
    fn requests() {
        let schema = schema();
        let ask = |line: &str| {
            let words = words(line);
            let request = request(&schema, &words, &[EntryKind::Call], "call");
            request.map(|request| match request {
                Request::List => "list".to_owned(),
                Request::Describe(entry) => format!("describe {}", entry.name),
                Request::Run(entry, rest) => format!("run {} {}", entry.name, rest.len()),
            })
        };
        assert_eq!(ask("--help").unwrap(), "list");
        assert_eq!(ask("transfer --help").unwrap(), "describe transfer");
        assert_eq!(ask("transfer --cap 1").unwrap(), "run transfer 2");
        assert!(
            ask("balance-of")
                .unwrap_err()
                .what()
                .contains("cannot be run")
        );
        assert!(
            ask("trasnfer")
                .unwrap_err()
                .what()
                .contains("no entry point")
        );
    }

    /// Goal: the only constructor needs no name, and its own words say what its amounts count.
    #[test]
    fn constructors() {
        let schema = schema();
        let plain = words("--cap 1.00INV7 --symbol INV7 --decimals=2");
        let Request::Run(entry, rest) = constructor(&schema, &plain).unwrap() else {
            panic!("runs");
        };
        assert_eq!((entry.name.as_str(), rest.len()), ("open", 5));
        let unit = unit_in(entry, rest).unwrap();
        assert_eq!((unit.symbol.as_str(), unit.decimals), ("INV7", 2));
        let named = words("open --cap 1");
        assert!(matches!(
            constructor(&schema, &named),
            Ok(Request::Run(_, [_, _]))
        ));
    }
}
