//! The OpenRPC document: every method with the JSON schemas of its parameters and result.
//!
//! Written from the same declarations that register the methods ([`crate::api`]), so it cannot miss
//! one.
//!
//! # Source
//! OpenRPC specification 1.4.

use crate::api::{self, Method};
use crate::error;
use crate::server::cost;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The document for a node with or without the development group.
#[must_use]
pub fn document(development: bool) -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut generator = SchemaGenerator::new(settings);
    let methods: Vec<Value> = api::methods()
        .filter(|method| development || !method.name.starts_with("dev_"))
        .map(|method| describe(method, &mut generator))
        .chain([discover()])
        .collect();
    let errors: Map<String, Value> = error::TABLE.iter().map(error_entry).collect();
    json!({
        "openrpc": "1.4.0",
        "info": {
            "title": "Weighhouse",
            "description": "JSON-RPC of a Weighhouse node: POST /rpc, and a WebSocket on the same path for subscriptions.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0" },
        },
        "methods": methods,
        "components": { "schemas": generator.definitions(), "errors": errors },
    })
}

fn error_entry(row: &error::CodeRow) -> (String, Value) {
    let entry = json!({ "code": row.code, "message": row.text, "data": { "name": row.name, "hint": row.hint } });
    (row.name.to_owned(), entry)
}

fn describe(method: &Method, generator: &mut SchemaGenerator) -> Value {
    let (params, result) = ((method.params)(generator), (method.result)(generator));
    let docs = method.docs.trim();
    let errors: Vec<Value> = method
        .errors
        .iter()
        .filter_map(|code| error::row(*code))
        .map(|row| json!({ "$ref": format!("#/components/errors/{}", row.name) }))
        .collect();
    let mut entry = json!({
        "name": method.name,
        "summary": docs.lines().next().unwrap_or_default().trim(),
        "description": docs.lines().map(str::trim).collect::<Vec<_>>().join(" "),
        "paramStructure": "by-name",
        "params": parameters(&params, generator),
        "result": { "name": "result", "schema": result },
        "errors": errors,
        "x-cost": cost::of(method.name),
    });
    if let (Some((notification, unsubscribe)), Some(object)) =
        (method.subscription, entry.as_object_mut())
    {
        // The call itself answers with the subscription's id; the items come as notifications.
        let items = object.insert(
            "result".into(),
            json!({ "name": "subscription", "schema": { "type": "string" } }),
        );
        object.insert(
            "x-subscription".into(),
            json!({
                "notification": notification, "unsubscribe": unsubscribe, "items": items,
            }),
        );
    }
    entry
}

/// The properties of a parameter object, one parameter each.
fn parameters(schema: &Schema, generator: &SchemaGenerator) -> Vec<Value> {
    let name = schema.get("$ref").and_then(Value::as_str);
    let name = name.and_then(|path| path.rsplit('/').next());
    let object = match name {
        Some(name) => generator
            .definitions()
            .get(name)
            .cloned()
            .unwrap_or_default(),
        None => schema.clone().to_value(),
    };
    let required: Vec<&str> = object["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let Some(properties) = object["properties"].as_object() else {
        return Vec::new();
    };
    let entry = |(name, schema): (&String, &Value)| {
        json!({
            "name": name,
            "required": required.contains(&name.as_str()),
            "description": schema.get("description").cloned().unwrap_or_default(),
            "schema": schema,
        })
    };
    properties.iter().map(entry).collect()
}

fn discover() -> Value {
    json!({
        "name": "rpc.discover",
        "summary": "This document.",
        "paramStructure": "by-name",
        "params": [],
        "result": { "name": "result", "schema": { "type": "object" } },
        "x-cost": cost::of("rpc.discover"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: parameters are listed one by one, with what is required; references resolve.
    #[test]
    fn parameters_are_listed() {
        let document = document(true);
        let methods = document["methods"].as_array().unwrap();
        let submit = methods
            .iter()
            .find(|method| method["name"] == "tx_submit")
            .unwrap();
        let names: Vec<_> = submit["params"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p["name"].clone(), p["required"].clone()))
            .collect();
        assert_eq!(
            names,
            [
                (json!("tx"), json!(true)),
                (json!("client_ref"), json!(false))
            ]
        );
        let text = document.to_string();
        for path in text
            .split("\"$ref\":\"#")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
        {
            assert!(document.pointer(path).is_some(), "{path}");
        }
        assert!(
            methods
                .iter()
                .all(|method| !method["summary"].as_str().unwrap().is_empty())
        );
        assert!(!super::document(false).to_string().contains("dev_mine"));
    }
}
