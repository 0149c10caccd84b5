//! OpenRPC of one contract: its entry points as methods, with the JSON schema of every value.
//!
//! A description for programs and documentation tools; the methods are reached through
//! `contract_query` and transactions, which `x-kind` tells apart.
//!
//! # Source
//! OpenRPC specification 1.4; JSON Schema draft 7; the mapping of `docs/json.md`.

use super::{names, nullable, schema_hash};
use serde_json::{Map, Value, json};
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Field, Fields, Schema, Type, Variant};
use weighhouse_rpc::codec::check_returns;

/// The document.
#[must_use]
pub fn document(schema: &Schema) -> Value {
    let schemas: Map<String, Value> = names(schema)
        .into_iter()
        .map(|(name, ty)| (name.to_owned(), written_out(ty)))
        .collect();
    let errors: Map<String, Value> = schema
        .errors
        .iter()
        .map(|error| {
            let data = object(&error.fields);
            let entry = json!({ "code": error.code, "message": error.text.trim(), "data": data });
            (error.name.clone(), entry)
        })
        .collect();
    let events: Vec<Value> = schema
        .events
        .iter()
        .map(|event| {
            json!({ "name": event.name, "kind": event.kind, "description": event.docs.trim(), "schema": object(&event.fields) })
        })
        .collect();
    let methods: Vec<Value> = schema
        .entry_points
        .iter()
        .map(|entry| method(schema, entry))
        .collect();
    json!({
        "openrpc": "1.4.0",
        "info": {
            "title": schema.name, "version": schema.version, "description": schema.docs.trim(),
            "x-schema-hash": schema_hash(schema).to_string(),
        },
        "methods": methods,
        "components": { "schemas": schemas, "errors": errors },
        "x-events": events,
    })
}

fn method(schema: &Schema, entry: &EntryPoint) -> Value {
    let kind = match entry.kind {
        EntryKind::Constructor => "constructor",
        EntryKind::Call => "call",
        EntryKind::Query => "query",
        EntryKind::Check => "check",
    };
    let param = |field: &Field| {
        let required = !matches!(field.ty, Type::Option(_));
        json!({ "name": field.name, "required": required, "schema": of(&field.ty) })
    };
    let params: Vec<Value> = entry.args.iter().map(param).collect();
    let mut method = json!({
        "name": entry.name,
        "summary": entry.docs.trim().lines().next().unwrap_or_default(),
        "paramStructure": "by-name",
        "params": params,
        "result": { "name": "result", "schema": of(check_returns(entry)) },
        "x-kind": kind,
        "x-selector": entry.selector,
    });
    if entry.kind != EntryKind::Query {
        let errors = schema.errors.iter();
        let errors =
            errors.map(|error| json!({ "$ref": format!("#/components/errors/{}", error.name) }));
        method["errors"] = errors.collect();
    }
    method
}

/// An object with these fields and no others; optional ones may be left out.
fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.clone(), of(&field.ty)))
        .collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| !matches!(field.ty, Type::Option(_)))
        .map(|field| field.name.as_str())
        .collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn wide(signed: bool) -> Value {
    text(if signed {
        "^(0|-?[1-9][0-9]*)$"
    } else {
        "^(0|[1-9][0-9]*)$"
    })
}

/// An integer that a JSON number holds.
fn narrow(minimum: i64, maximum: i64) -> Value {
    json!({ "type": "integer", "minimum": minimum, "maximum": maximum })
}

/// The JSON schema of a value; named types by reference.
fn of(ty: &Type) -> Value {
    match ty {
        Type::Unit => json!({ "type": "null" }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::U8 => narrow(0, u8::MAX.into()),
        Type::U16 => narrow(0, u16::MAX.into()),
        Type::U32 => narrow(0, u32::MAX.into()),
        Type::I8 => narrow(i8::MIN.into(), i8::MAX.into()),
        Type::I16 => narrow(i16::MIN.into(), i16::MAX.into()),
        Type::I32 => narrow(i32::MIN.into(), i32::MAX.into()),
        Type::U64 | Type::U128 | Type::Amount | Type::Timestamp => wide(false),
        Type::I64 | Type::I128 => wide(true),
        Type::Compact(inner) => of(inner),
        Type::String => json!({ "type": "string" }),
        Type::Bytes => text("^0x([0-9a-f]{2})*$"),
        Type::FixedBytes(length) => text(&format!("^0x([0-9a-f]{{2}}){{{length}}}$")),
        Type::Hash => text("^0x[0-9a-f]{64}$"),
        Type::Address => json!({ "type": "string", "description": "an address: bech32m" }),
        Type::Option(inner) if nullable(inner) => {
            json!({ "anyOf": [{ "type": "null" }, single("Some", &of(inner))] })
        }
        Type::Option(inner) => json!({ "anyOf": [{ "type": "null" }, of(inner)] }),
        Type::List(inner) => json!({ "type": "array", "items": of(inner) }),
        Type::Set(inner) => json!({ "type": "array", "items": of(inner), "uniqueItems": true }),
        Type::Array(inner, length) => {
            json!({ "type": "array", "items": of(inner), "minItems": length, "maxItems": length })
        }
        Type::Map(key, value) => {
            let pair = json!({ "type": "array", "items": [of(key), of(value)], "minItems": 2, "maxItems": 2 });
            json!({ "type": "array", "items": pair })
        }
        Type::Tuple(members) => tuple(members),
        Type::Result(ok, err) => {
            json!({ "oneOf": [single("Ok", &of(ok)), single("Err", &of(err))] })
        }
        Type::Struct(name, _) | Type::Newtype(name, _) | Type::Enum(name, _) => {
            json!({ "$ref": format!("#/components/schemas/{name}") })
        }
    }
}

fn tuple(members: &[Type]) -> Value {
    let items: Vec<Value> = members.iter().map(of).collect();
    json!({ "type": "array", "items": items, "minItems": members.len(), "maxItems": members.len() })
}

/// An object with this one field.
fn single(name: &str, value: &Value) -> Value {
    json!({ "type": "object", "properties": { name: value }, "required": [name], "additionalProperties": false })
}

/// What a named type stands for.
fn written_out(ty: &Type) -> Value {
    match ty {
        Type::Struct(_, fields) => object(fields),
        Type::Newtype(_, inner) => of(inner),
        Type::Enum(_, variants) => {
            let empty = variants
                .iter()
                .all(|one| matches!(one.fields, Fields::Unit));
            let variant = |one: &Variant| variant(one, empty);
            let variants: Vec<Value> = variants.iter().map(variant).collect();
            json!({ "oneOf": variants })
        }
        other => of(other),
    }
}

/// One variant; `empty` if no variant of the enum carries anything.
fn variant(variant: &Variant, empty: bool) -> Value {
    match &variant.fields {
        Fields::Unit if empty => json!({ "const": variant.name }),
        Fields::Unit => single(&variant.name, &of(&Type::Unit)),
        Fields::Unnamed(types) => match types.as_slice() {
            [one] => single(&variant.name, &of(one)),
            several => single(&variant.name, &tuple(several)),
        },
        Fields::Named(fields) => single(&variant.name, &object(fields)),
    }
}
