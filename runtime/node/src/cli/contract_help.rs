//! A contract's interface as help text.

use crate::arguments::shown;
use serde_json::{Value, json};
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Field, Fields, Schema, Type};
use weighhouse_rpc::codec::TypeText;

const KINDS: [(EntryKind, &str); 4] = [
    (
        EntryKind::Constructor,
        "Constructor (runs once, at deployment)",
    ),
    (EntryKind::Call, "Calls"),
    (EntryKind::Query, "Queries"),
    (
        EntryKind::Check,
        "Checks (would the call succeed? 0, or the code of its refusal)",
    ),
];

/// The entry points of a contract.
#[must_use]
pub(super) fn entry_points(schema: &Schema) -> String {
    let mut text = format!("{} {}\n", schema.name, schema.version);
    if !schema.docs.trim().is_empty() {
        text.push_str(&format!("{}\n", schema.docs.trim()));
    }
    for (kind, title) in KINDS {
        let entries: Vec<&EntryPoint> = schema
            .entry_points
            .iter()
            .filter(|entry| entry.kind == kind)
            .collect();
        if entries.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{title}:\n"));
        for entry in entries {
            let first = entry.docs.trim().lines().next().unwrap_or_default();
            text.push_str(format!("  {:<24} {first}", entry.name).trim_end());
            text.push('\n');
        }
    }
    text.push_str("\nArguments of one:  -- ENTRY_POINT --help\n");
    text
}

/// The arguments of an entry point.
#[must_use]
pub(super) fn arguments(schema: &Schema, entry: &EntryPoint) -> String {
    let mut text = format!("{}.{}\n", schema.name, entry.name);
    if !entry.docs.trim().is_empty() {
        text.push_str(&format!("{}\n", entry.docs.trim()));
    }
    text.push_str("\nArguments:\n");
    if entry.args.is_empty() {
        text.push_str("  none\n");
    }
    for field in &entry.args {
        let note = note(&field.ty);
        let line = format!(
            "  {:<20} {:<24} {note}",
            shown(&field.name),
            TypeText(&field.ty).to_string()
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let returns = match entry.kind {
        EntryKind::Check => "u16: 0, or the code of the refusal".into(),
        EntryKind::Constructor | EntryKind::Call | EntryKind::Query => {
            TypeText(&entry.returns).to_string()
        }
    };
    text.push_str(&format!("\nReturns:\n  {returns}\n"));
    text
}

/// How a value of this type is written on a command line.
fn note(ty: &Type) -> String {
    match ty {
        Type::Amount => "base units, or 10.50SYMBOL".into(),
        Type::Address => "address or name".into(),
        Type::Timestamp => "2026-01-01T00:00:00Z, or seconds".into(),
        Type::Hash => "0x hex, or @FILE for its hash".into(),
        Type::Bytes | Type::FixedBytes(_) => "0x hex, or @FILE".into(),
        Type::Bool => "true or false".into(),
        Type::Option(inner) => format!("optional; {}", note(inner))
            .trim_end_matches("; ")
            .into(),
        Type::Newtype(_, inner) => note(inner),
        Type::Enum(_, variants) => {
            let names: Vec<&str> = variants
                .iter()
                .map(|variant| variant.name.as_str())
                .collect();
            format!("one of {}", names.join(", "))
        }
        Type::List(_) | Type::Set(_) => "JSON array, or repeat the flag".into(),
        Type::Struct(_, fields) => format!("JSON {}", object(fields)),
        Type::Map(..) => "JSON [[key, value], ...]".into(),
        Type::Tuple(_) | Type::Array(..) => "JSON array".into(),
        _ => String::new(),
    }
}

fn object(fields: &[Field]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| format!("\"{}\": {}", field.name, TypeText(&field.ty)))
        .collect();
    format!("{{{}}}", fields.join(", "))
}

/// The whole interface as text: entry points with their signatures, refusals, events.
#[must_use]
pub(super) fn schema_text(schema: &Schema) -> String {
    let mut text = entry_points(schema);
    text.truncate(text.rfind("\nArguments of one").unwrap_or(text.len()));
    text.push_str("\nSignatures:\n");
    for entry in &schema.entry_points {
        let args = list(&entry.args);
        text.push_str(&format!(
            "  {}({args}) -> {}\n",
            entry.name,
            TypeText(&entry.returns)
        ));
    }
    if !schema.errors.is_empty() {
        text.push_str("\nRefusals:\n");
        for error in &schema.errors {
            let fields = if error.fields.is_empty() {
                String::new()
            } else {
                format!(" {{ {} }}", list(&error.fields))
            };
            text.push_str(&format!(
                "  {:>5} {}{fields}  {}\n",
                error.code,
                error.name,
                error.text.trim()
            ));
        }
    }
    if !schema.events.is_empty() {
        text.push_str("\nEvents:\n");
        for event in &schema.events {
            text.push_str(&format!("  {} {{ {} }}\n", event.name, list(&event.fields)));
        }
    }
    text
}

fn list(fields: &[Field]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| format!("{}: {}", field.name, TypeText(&field.ty)))
        .collect();
    fields.join(", ")
}

fn fields_json(fields: &[Field]) -> Value {
    fields
        .iter()
        .map(|field| json!({"name": field.name, "type": TypeText(&field.ty).to_string(), "fields": inner(&field.ty)}))
        .collect()
}

/// Fields of a struct and variants of an enum, so that names in types can be understood.
fn inner(ty: &Type) -> Value {
    match ty {
        Type::Struct(_, fields) => fields_json(fields),
        Type::Enum(_, variants) => variants
            .iter()
            .map(|variant| {
                let fields = match &variant.fields {
                    Fields::Unit => Value::Null,
                    Fields::Unnamed(types) => types
                        .iter()
                        .map(|ty| json!(TypeText(ty).to_string()))
                        .collect(),
                    Fields::Named(fields) => fields_json(fields),
                };
                json!({"name": variant.name, "index": variant.index, "fields": fields})
            })
            .collect(),
        Type::Option(ty)
        | Type::List(ty)
        | Type::Set(ty)
        | Type::Array(ty, _)
        | Type::Newtype(_, ty) => inner(ty),
        _ => Value::Null,
    }
}

/// One entry point as JSON.
#[must_use]
pub(super) fn entry_json(entry: &EntryPoint) -> Value {
    let kind = match entry.kind {
        EntryKind::Constructor => "constructor",
        EntryKind::Call => "call",
        EntryKind::Query => "query",
        EntryKind::Check => "check",
    };
    json!({
        "name": entry.name, "kind": kind, "selector": entry.selector,
        "args": fields_json(&entry.args), "returns": TypeText(&entry.returns).to_string(),
        "docs": entry.docs.trim(),
    })
}

/// The whole interface as JSON.
#[must_use]
pub(super) fn schema_json(schema: &Schema) -> Value {
    let entries: Vec<Value> = schema.entry_points.iter().map(entry_json).collect();
    let errors: Vec<Value> = schema
        .errors
        .iter()
        .map(|error| json!({"name": error.name, "code": error.code, "fields": fields_json(&error.fields), "text": error.text}))
        .collect();
    let events: Vec<Value> = schema
        .events
        .iter()
        .map(|event| json!({"name": event.name, "fields": fields_json(&event.fields), "docs": event.docs}))
        .collect();
    json!({
        "name": schema.name, "version": schema.version, "docs": schema.docs.trim(),
        "entry_points": entries, "errors": errors, "events": events,
    })
}
