//! What a contract answered: a value, or a refusal with code, name and reason.

use super::token::receipt;
use crate::explain::Kind;
use crate::output::Failure;
use serde_json::{Map, Value, json};
use weighhouse_rpc::types::{HashHex, OutcomeView, TxStatus, U64};

/// A refusal of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The transaction that was refused.
    pub(super) tx: HashHex,
    /// Its code.
    pub(super) code: u16,
    name: String,
    fields: Value,
    reason: String,
    entry_point: String,
    gas: U64,
}

impl Refusal {
    /// That a transaction was refused with this code and changed nothing.
    ///
    /// # Errors
    /// What became of it instead.
    pub(super) fn expected(status: &TxStatus, entry: &str, code: u16) -> Result<Self, Failure> {
        let receipt = receipt(status)?;
        let OutcomeView::Reverted {
            code: found,
            name,
            fields,
            text,
            ..
        } = &receipt.outcome
        else {
            let outcome = receipt.outcome.kind();
            return Err(Failure::failed(format!(
                "{entry} must be refused with {code}, but {outcome}"
            )));
        };
        if *found != code || !receipt.events.is_empty() {
            let name = name.clone().unwrap_or_default();
            return Err(Failure::failed(format!(
                "{entry} must be refused with {code}, not {found} {name}"
            )));
        }
        Ok(Self {
            tx: receipt.tx,
            code,
            name: name.clone().unwrap_or_default(),
            fields: fields
                .as_ref()
                .map(|fields| fields.0.clone())
                .unwrap_or_default(),
            reason: text.clone().unwrap_or_default(),
            entry_point: entry.into(),
            gas: receipt.gas_used,
        })
    }

    /// Code, name and detail in one line.
    pub(super) fn short(&self) -> String {
        let Self { code, name, .. } = self;
        format!("{code} {name} {}", short(&self.fields))
            .trim_end()
            .into()
    }

    /// Code, name and reason in one line.
    pub(super) fn reasoned(&self) -> String {
        let Self {
            code, name, reason, ..
        } = self;
        format!("{code} {name}: {reason}")
    }

    /// Everything, for programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "entry_point": self.entry_point, "code": self.code, "name": self.name,
            "fields": self.fields, "text": self.reason, "tx": self.tx, "gas_used": self.gas,
        })
    }
}

/// What a call returned.
pub(super) fn returned(status: &TxStatus) -> Result<Value, Failure> {
    match &receipt(status)?.outcome {
        OutcomeView::Succeeded { value, .. } => {
            Ok(value.as_ref().map_or(Value::Null, |value| value.0.clone()))
        }
        _ => Err(Failure::failed(format!("{} returned nothing", status.hash))),
    }
}

/// A value without quotes.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => short_of(fields),
        other => other.to_string(),
    }
}

/// Name of a variant.
pub(super) fn variant(value: &Value) -> String {
    let name = value.as_object().and_then(|fields| fields.keys().next());
    name.map_or_else(|| plain(value), Clone::clone)
}

/// Fields of a refusal in one line; what is absent is left out.
fn short(fields: &Value) -> String {
    fields
        .as_object()
        .filter(|fields| !fields.is_empty())
        .map(short_of)
        .unwrap_or_default()
}

fn short_of(fields: &Map<String, Value>) -> String {
    let there = fields.iter().filter(|(_, value)| !value.is_null());
    let texts: Vec<String> = there
        .map(|(name, value)| format!("{name}: {}", plain(value)))
        .collect();
    format!("{{ {} }}", texts.join(", "))
}

/// Code and name of a refusal that a contract only announces.
pub(super) fn named(code: &Value) -> String {
    let code = plain(code);
    let entries = crate::explain::find(&code);
    let found = entries.iter().find(|entry| entry.kind == Kind::Contract);
    found.map_or_else(|| code.clone(), |entry| format!("{code} {}", entry.name))
}

/// An amount inside an answer; zero where there is none.
pub(super) fn amount_at(value: &Value, path: &str) -> u128 {
    let found = value.pointer(path).and_then(Value::as_str);
    found.and_then(|text| text.parse().ok()).unwrap_or_default()
}
