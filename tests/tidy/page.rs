//! Generated pages of `docs/reference`: each is written from the one home of its facts.
//!
//! `BLESS=1 cargo tidy` rewrites them; otherwise a page that differs fails with the first line that
//! does.

use super::tree::{read, root};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Compares a page with what it should be, or writes it.
pub(crate) fn settle(name: &str, wanted: &str) {
    let path = format!("docs/reference/{name}");
    let file = root().join(&path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(root().join("docs/reference")).expect("the folder");
        std::fs::write(&file, wanted).expect("the page");
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    let same = found
        .lines()
        .zip(wanted.lines())
        .take_while(|(a, b)| a == b)
        .count();
    assert!(
        found == wanted,
        "{path}:{}: not up to date\n  is     {}\n  wanted {}\ncure: BLESS=1 cargo tidy, then read the difference\n",
        same + 1,
        found.lines().nth(same).unwrap_or("(nothing)"),
        wanted.lines().nth(same).unwrap_or("(nothing)"),
    );
}

/// Text in one line that a table cell can hold.
pub(crate) fn cell(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

/// One row of the table of host functions.
struct HostFunction {
    group: &'static str,
    name: &'static str,
    docs: &'static str,
    arguments: &'static [(&'static str, &'static str)],
    result: &'static str,
    base: u64,
    per_byte: u64,
    lengths: &'static [&'static str],
}

macro_rules! rows {
    ($(
        $(#[doc = $doc:literal])*
        $group:ident :: $name:ident ( $($argument:ident : $kind:ty),* $(,)? ) $(-> $result:ty)?,
            gas $base:literal $(+ $per:literal * ( $($length:ident),* ))?;
    )*) => {
        &[$(HostFunction {
            group: stringify!($group),
            name: stringify!($name),
            docs: concat!($($doc, "\n"),*),
            arguments: &[$((stringify!($argument), stringify!($kind))),*],
            result: concat!("" $(, stringify!($result))?),
            base: $base,
            per_byte: 0 $(+ $per)?,
            lengths: &[$($(stringify!($length)),*)?],
        }),*]
    };
}

/// Goal: the page of host functions says what the table says.
#[test]
fn host_functions_page_is_up_to_date() {
    let table: &[HostFunction] = weighhouse_primitives::for_each_host_function!(rows);
    let mut page = String::from(
        "# Host functions\n\nGenerated from `sdk/primitives/src/abi.rs`; do not edit. Import module `wh1`.\n\n\
         Gas is taken before the work: the base, and the price of a byte times the lengths named.\n\
         A pointer and a length that leave guest memory stop the frame (`BadPointer`).\n",
    );
    let mut group = "";
    for row in table {
        if row.group != group {
            group = row.group;
            write!(page, "\n## {group}\n").expect("a string");
        }
        let arguments: Vec<String> = row
            .arguments
            .iter()
            .map(|(n, t)| format!("{n}: {t}"))
            .collect();
        let result = match row.result {
            "" => String::new(),
            kind => format!(" -> {kind}"),
        };
        let gas = match row.lengths {
            [] => row.base.to_string(),
            lengths => format!(
                "{} + {} x ({})",
                row.base,
                row.per_byte,
                lengths.join(" + ")
            ),
        };
        write!(
            page,
            "\n### {}\n\n```text\n{}({}){result}\n```\n\n{}\n\nGas: {gas}.\n",
            row.name,
            row.name,
            arguments.join(", "),
            cell(row.docs),
        )
        .expect("a string");
    }
    settle("host-functions.md", &page);
}

/// Goal: the page of limits says what the file of limits says, value and reason.
#[test]
fn limits_page_is_up_to_date() {
    let source = read("runtime/src/limits.rs");
    let mut expressions = BTreeMap::new();
    for line in source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "))
    {
        let (name, rest) = line.split_once(':').expect("a type");
        let (_, value) = rest.split_once('=').expect("a value");
        expressions.insert(name, value.trim().trim_end_matches(';'));
    }
    let mut page = String::from(
        "# Limits\n\nGenerated from `runtime/src/limits.rs`; do not edit. Limits belong to the protocol: every node\n\
         of a chain has the same. What exceeds one is refused, never cut.\n",
    );
    let (mut docs, mut open) = (String::new(), false);
    for line in source.lines() {
        if let Some(doc) = line.strip_prefix("/// ") {
            docs.push_str(doc);
            docs.push(' ');
        } else if let Some(heading) = line.strip_prefix("// ") {
            write!(page, "\n## {}\n", heading.trim_end_matches('.')).expect("a string");
            open = false;
        } else if let Some(rest) = line.strip_prefix("pub const ") {
            let name = rest.split(':').next().unwrap_or_default();
            if !open {
                page.push_str("\n| limit | value | what |\n|---|---|---|\n");
                open = true;
            }
            let value = grouped(evaluate(expressions[name], &expressions));
            writeln!(page, "| `{name}` | {value} | {} |", cell(&docs)).expect("a string");
            docs.clear();
        }
    }
    settle("limits.md", &page);
}

/// Value of a constant expression: sums of products of numbers and other constants.
fn evaluate(expression: &str, known: &BTreeMap<&str, &str>) -> u128 {
    let factor = |text: &str| -> u128 {
        let text = text.trim();
        match known.get(text) {
            Some(other) => evaluate(other, known),
            None => text.replace('_', "").parse().unwrap_or_else(|_| {
                panic!("runtime/src/limits.rs: {text} is no number, name or sum of products")
            }),
        }
    };
    expression
        .split('+')
        .map(|product| product.split('*').map(factor).product::<u128>())
        .sum()
}

/// A number with its digits in groups of three.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Goal: the page of prices says what the schedule says.
#[test]
fn gas_page_is_up_to_date() {
    let source = read("runtime/src/gas/schedule.rs");
    let (types, values) = source
        .split_once("pub const V1: Self = Self {")
        .expect("version 1");
    let price = |name: &str| {
        let mut lines = values.lines().map(str::trim);
        let value = lines.find_map(|line| line.strip_prefix(&format!("{name}: ")));
        value.and_then(|value| value.trim_end_matches(',').replace('_', "").parse().ok())
    };
    let mut docs = BTreeMap::new();
    let (mut said, mut order) = (String::new(), Vec::new());
    for line in types.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("/// ") {
            said.push_str(doc);
            said.push(' ');
            continue;
        }
        let field = line
            .strip_prefix("pub ")
            .and_then(|rest| rest.split_once(": u"));
        if let Some((name, _)) = field {
            order.push(name);
            docs.insert(name.to_owned(), said.clone());
        } else if let Some(class) = line.strip_suffix(',') {
            docs.insert(format!("[`OperatorClass::{class}`]. "), said.clone());
        }
        said.clear();
    }
    let mut page = String::from(
        "# Gas schedule, version 1\n\nGenerated from `runtime/src/gas/schedule.rs`; do not edit. Prices of host functions stand with them:\n\
         [host functions](host-functions.md). What gas is: [gas](../gas.md).\n\n| price | gas | of |\n|---|---|---|\n",
    );
    for name in order.iter().filter(|name| **name != "version") {
        let said = docs.get(*name).map_or("", String::as_str);
        let said = docs.get(said).map_or(said, String::as_str);
        let price: u128 = price(name).unwrap_or_else(|| panic!("no price of {name}"));
        writeln!(page, "| `{name}` | {} | {} |", grouped(price), cell(said)).expect("a string");
    }
    settle("gas.md", &page);
}

/// Goal: numbers are shown so that their size is seen.
#[test]
fn numbers_are_grouped() {
    assert_eq!(grouped(7), "7");
    assert_eq!(grouped(524_288), "524 288");
    assert_eq!(evaluate("A + 4 * 1_024", &[("A", "2 * 3")].into()), 4_102);
}

/// Goal: the pages that the program writes about itself are those in the repository.
#[test]
fn pages_of_the_program_are_up_to_date() {
    for (name, page) in weighhouse_node::cli::docs::pages() {
        settle(name, &page);
    }
}
