//! What people read about a simulation or an outcome.

use super::remote::Remote;
use crate::explain;
use crate::output::Failure;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use weighhouse_primitives::Gas;
use weighhouse_rpc::types::{
    AddressText, ChangeView, EventView, HaltView, OutcomeView, Simulation,
};

/// A number in groups of three, with thin spaces.
#[must_use]
pub fn thousands(number: u64) -> String {
    let plain = number.to_string();
    let mut text = String::new();
    for (index, digit) in plain.char_indices() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// What a simulation that succeeded would do and cost.
#[must_use]
pub fn simulated(remote: &Remote, simulation: &Simulation, limit: Gas) -> String {
    let mut lines = vec![format!(
        "  simulated  ok at height {}, {} gas (limit {})",
        simulation.height,
        thousands(simulation.gas_used.0),
        thousands(limit.0)
    )];
    let changes = changes(remote, &simulation.changes);
    if !changes.is_empty() {
        lines.push(format!("  changes    {changes}"));
    }
    for event in &simulation.events {
        lines.push(format!("  event      {}", event_text(remote, event)));
    }
    lines.extend(
        simulation
            .debug
            .iter()
            .map(|line| format!("  debug      {line}")),
    );
    lines.join("\n")
}

/// Changes in one line: entries by contract and cell, then everything else.
#[must_use]
pub fn changes(remote: &Remote, changes: &[ChangeView]) -> String {
    let mut cells: BTreeMap<String, usize> = BTreeMap::new();
    let mut others = 0usize;
    for change in changes {
        match (&change.contract, &change.cell) {
            (Some(contract), cell) => {
                let contract = name(remote, &contract.0);
                let cell = cell.as_deref().unwrap_or("storage");
                *cells.entry(format!("{contract}.{cell}")).or_default() += 1;
            }
            (None, _) => others += 1,
        }
    }
    let mut parts: Vec<String> = cells
        .into_iter()
        .map(|(cell, count)| {
            if count == 1 {
                cell
            } else {
                format!("{cell} x {count}")
            }
        })
        .collect();
    if others > 0 {
        let s = if others == 1 { "y" } else { "ies" };
        parts.push(format!("{others} entr{s} of the chain"));
    }
    parts.join(", ")
}

/// The name of an address, or the address in short.
#[must_use]
pub fn name(remote: &Remote, address: &str) -> String {
    match remote.names.prefix.parse(address) {
        // A hash in hex would parse as an address, too.
        Ok(parsed) if !address.starts_with("0x") => remote.names.short(&parsed),
        _ => address.into(),
    }
}

/// An event in one line.
#[must_use]
pub fn event_text(remote: &Remote, event: &EventView) -> String {
    let what = match (&event.name, &event.data) {
        (Some(name), Some(data)) => format!("{name} {}", compact(&named(remote, &data.0))),
        _ => format!("{:#010x} {}", event.kind, event.raw),
    };
    format!("{} {what}", name(remote, &event.contract.0))
}

/// A value with names, or short forms, in place of addresses: for reading, never for signing.
#[must_use]
pub fn named(remote: &Remote, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(name(remote, text)),
        Value::Array(items) => items.iter().map(|item| named(remote, item)).collect(),
        Value::Object(object) => {
            let fields = object.iter();
            let fields = fields.map(|(key, value)| (key.clone(), named(remote, value)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// JSON as people write it in messages: `{ available: 0, asked: 1050 }`.
#[must_use]
pub fn compact(value: &Value) -> String {
    match value {
        Value::Object(object) if object.is_empty() => String::new(),
        Value::Object(object) => {
            let fields: Vec<String> = object
                .iter()
                .map(|(key, value)| format!("{key}: {}", compact(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(compact).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The failure of a command whose simulation did not succeed.
#[must_use]
pub fn refused(remote: &Remote, label: &str, simulation: &Simulation) -> Failure {
    let mut failure = failed(remote, label, &simulation.outcome);
    failure = failure.detail(format!(
        "simulated at height {}; nothing was sent, nothing was charged",
        simulation.height
    ));
    for line in &simulation.debug {
        failure = failure.detail(format!("contract: {line}"));
    }
    failure.data("simulated", true)
}

/// The failure that an outcome is; `label` names what was done.
#[must_use]
pub fn failed(remote: &Remote, label: &str, outcome: &OutcomeView) -> Failure {
    match outcome {
        OutcomeView::Succeeded { .. } => Failure::failed(format!("{label} succeeded")),
        OutcomeView::Reverted {
            contract,
            code,
            name: error,
            fields,
            text,
            ..
        } => {
            let title = error.clone().unwrap_or_else(|| "an unknown refusal".into());
            let fields = fields.as_ref().map(|fields| fields.0.clone());
            let detail = fields.as_ref().map(compact).unwrap_or_default();
            let what = format!("{label} was reverted: {code} {title} {detail}");
            let mut object = Map::new();
            object.insert(title, fields.unwrap_or_else(|| json!({})));
            let mut failure = Failure::answered(1101, "reverted", what.trim_end())
                .data("contract", contract.0.clone())
                .data("error_code", *code)
                .data("error", Value::Object(object))
                .data("call", label);
            if let Some(text) = text {
                failure = failure.detail(format!("{}: {text}", name(remote, &contract.0)));
            }
            let known = explain::find(&code.to_string());
            let known = known.iter().find(|entry| {
                entry.kind == explain::Kind::Contract && error.as_deref() == Some(entry.name)
            });
            match known {
                Some(entry) => failure
                    .help(entry.cure)
                    .help(format!("weighhouse explain {code}")),
                None => failure.help(format!(
                    "weighhouse contract schema {}  lists the contract's refusals",
                    place(remote, contract)
                )),
            }
        }
        OutcomeView::Halted(halt) => halted(label, halt),
    }
}

/// A contract as the next command would name it: its name in the address book, or its address.
fn place(remote: &Remote, contract: &AddressText) -> String {
    let parsed = remote.names.prefix.parse(&contract.0).ok();
    let named = parsed.and_then(|address| remote.names.name(&address));
    named.unwrap_or_else(|| contract.0.clone())
}

fn halted(label: &str, halt: &HaltView) -> Failure {
    let mut failure = Failure::answered(
        1102,
        "halted",
        format!("{label} was halted: {} ({})", halt.reason, halt.text),
    )
    .data("reason", halt.reason.clone())
    .data("call", label);
    if let Some(rule) = &halt.rule {
        failure = failure
            .detail(format!("rule: {rule}"))
            .data("rule", rule.clone());
    }
    if let Some(refusal) = &halt.refusal {
        failure = failure
            .detail(format!("reason: {refusal}"))
            .data("refusal", refusal.clone());
    }
    let word = halt.refusal.as_deref().unwrap_or(&halt.reason);
    let known = explain::find(word);
    match known.first() {
        Some(entry) => failure
            .help(entry.cure)
            .help(format!("weighhouse explain {}", entry.name)),
        None => failure.help(format!("weighhouse explain {word}")),
    }
}

/// A value for people: strings without quotes, everything else as indented JSON.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: numbers and values read as in the documentation's transcripts.
    #[test]
    fn texts_for_people() {
        assert_eq!(thousands(212_440), "212\u{2009}440");
        assert_eq!(thousands(7), "7");
        let fields = json!({"available": "0", "asked": "1050"});
        assert_eq!(compact(&fields), "{ available: 0, asked: 1050 }");
        assert_eq!(compact(&json!({})), "");
        assert_eq!(compact(&json!(["a", 1, null])), "[a, 1, null]");
        assert_eq!(plain(&json!("x")), "x");
    }
}
