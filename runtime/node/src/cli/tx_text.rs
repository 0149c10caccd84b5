//! Transactions as text: line by line, and as the command that asks for the same.

use super::remote::Remote;
use super::report;
use crate::clock::format_time;
use serde_json::Value;
use weighhouse_primitives::Timestamp;
use weighhouse_rpc::types::{ActionView, AddressText, Hex, Json, OutcomeView, TxStatus, TxView};

/// A value of a change, decoded or raw.
pub(super) fn value(decoded: &Option<Json>, raw: &Option<Hex>) -> String {
    match (decoded, raw) {
        (Some(value), _) => report::compact(&value.0),
        (None, Some(raw)) => raw.to_string(),
        (None, None) => "nothing".into(),
    }
}

/// What is known of a transaction.
pub(super) fn describe(remote: &Remote, status: &TxStatus) -> String {
    let mut lines = vec![format!("hash         {}", status.hash)];
    if let Some(transaction) = &status.transaction {
        lines.extend(describe_transaction(remote, transaction));
    }
    match (&status.block, &status.receipt) {
        (Some(block), Some(receipt)) => {
            lines.push(format!(
                "block        {} at place {}",
                block.height, block.index
            ));
            lines.push(format!(
                "outcome      {}",
                outcome(remote, &receipt.outcome)
            ));
            lines.push(format!(
                "gas used     {}",
                report::thousands(receipt.gas_used.0)
            ));
            for event in &receipt.events {
                lines.push(format!(
                    "event        {}",
                    report::event_text(remote, event)
                ));
            }
            lines.extend(
                receipt
                    .debug
                    .iter()
                    .map(|line| format!("debug        {line}")),
            );
        }
        _ => lines.push("status       pending".into()),
    }
    lines.join("\n")
}

fn outcome(remote: &Remote, outcome: &OutcomeView) -> String {
    match outcome {
        OutcomeView::Succeeded { value, .. } => {
            let value = value.as_ref().map(|value| report::compact(&value.0));
            let value = value.filter(|text| text != "null").unwrap_or_default();
            format!("Succeeded {value}").trim_end().into()
        }
        OutcomeView::Reverted {
            contract,
            code,
            name,
            fields,
            ..
        } => format!(
            "Reverted by {}: {code} {} {}",
            report::name(remote, &contract.0),
            name.as_deref().unwrap_or_default(),
            fields
                .as_ref()
                .map(|fields| report::compact(&fields.0))
                .unwrap_or_default()
        ),
        OutcomeView::Halted(halt) => format!("Halted: {} ({})", halt.reason, halt.text),
    }
}

/// A transaction, line by line.
pub(super) fn describe_transaction(remote: &Remote, tx: &TxView) -> Vec<String> {
    let mut lines = vec![
        format!("signer       {}", show(remote, &tx.signer)),
        format!("action       {}", action(remote, &tx.action)),
        format!("gas limit    {}", report::thousands(tx.gas_limit.0)),
        format!("valid until  {}", format_time(Timestamp(tx.valid_until.0))),
        format!("nonce        {}", tx.nonce),
    ];
    if !tx.signed_by.is_empty() {
        let keys: Vec<String> = tx.signed_by.iter().map(Hex::to_string).collect();
        lines.push(format!("signed by    {}", keys.join(" ")));
    }
    lines
}

fn show(remote: &Remote, address: &AddressText) -> String {
    match remote.names.prefix.parse(&address.0) {
        Ok(parsed) => remote.names.show(&parsed),
        Err(_) => address.0.clone(),
    }
}

fn action(remote: &Remote, action: &ActionView) -> String {
    let call = |entry: &Option<String>, args: &Option<Json>, input: &Option<Hex>| {
        let entry = entry.clone().unwrap_or_default();
        let args = args.as_ref().map(|args| report::compact(&args.0));
        let input = input.as_ref().map(Hex::to_string);
        format!("{entry} {}", args.or(input).unwrap_or_default())
            .trim()
            .to_owned()
    };
    match action {
        ActionView::Upload {
            code_hash, bytes, ..
        } => format!(
            "upload {} ({} bytes)",
            code_hash.map(|hash| hash.to_string()).unwrap_or_default(),
            bytes.unwrap_or_default()
        ),
        ActionView::Deploy {
            code_hash,
            entry_point,
            args,
            input,
            ..
        } => format!("deploy {code_hash} {}", call(entry_point, args, input)),
        ActionView::Call {
            contract,
            entry_point,
            args,
            input,
        } => format!(
            "call {} {}",
            show(remote, contract),
            call(entry_point, args, input)
        ),
        ActionView::Upgrade {
            contract,
            code_hash,
            entry_point,
            args,
            input,
        } => format!(
            "upgrade {} to {code_hash} {}",
            show(remote, contract),
            call(entry_point, args, input)
        ),
        ActionView::Govern { .. } => "govern: replace the chain policy".into(),
        ActionView::SetValidator { key, power } => {
            format!("give the validator {key} the power {power}")
        }
    }
}

/// The command line that asks for the same action.
pub(super) fn as_command(tx: &TxView) -> String {
    let words = |args: &Option<Json>| match args.as_ref().map(|args| &args.0) {
        Some(Value::Object(object)) => object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| format!(" {} {}", crate::arguments::shown(name), quoted(value)))
            .collect::<String>(),
        _ => String::new(),
    };
    let from = format!("--from {} --build-only", tx.signer);
    match &tx.action {
        ActionView::Call {
            contract,
            entry_point,
            args,
            ..
        } => format!(
            "weighhouse contract call {contract} {from} -- {}{}",
            entry_point.as_deref().unwrap_or("ENTRY_POINT"),
            words(args)
        ),
        ActionView::Deploy {
            code_hash, args, ..
        } => format!(
            "weighhouse contract deploy {code_hash} {from} --{}",
            words(args)
        ),
        ActionView::Upgrade {
            contract,
            code_hash,
            ..
        } => format!("weighhouse contract upgrade {contract} {code_hash} {from}"),
        ActionView::Upload { .. } => format!("weighhouse contract upload FILE.wasm {from}"),
        ActionView::SetValidator { key, power } => {
            format!("weighhouse chain set-validator {key} --power {power} {from}")
        }
        ActionView::Govern { .. } => {
            let action = serde_json::to_string(&tx.action).unwrap_or_default();
            format!(
                "weighhouse rpc tx_encode from={} action='{action}'",
                tx.signer
            )
        }
    }
}

/// A value as one word of a shell command.
fn quoted(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
