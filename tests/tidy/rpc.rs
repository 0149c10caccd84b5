//! The page of JSON-RPC, from the document that a node serves.

use super::page::{cell, settle};
use serde_json::Value;
use std::fmt::Write;

/// Goal: the page of JSON-RPC says what `rpc.discover` answers.
#[test]
fn rpc_page_is_up_to_date() {
    let document = weighhouse_rpc::server::openrpc_document(true);
    let mut page = String::from(
        "# JSON-RPC\n\nGenerated from the OpenRPC document that a node serves (`rpc.discover`, `/openrpc.json`); do not edit.\n\n\
         One port: `POST /rpc` (also `POST /`), WebSocket on `/rpc`. Parameters go by name; unknown ones are refused with the\n\
         nearest name. Answers about state take `at`, a height or `\"latest\"`, and say their `height`. How values look:\n\
         [JSON and SCALE](../json.md). What every code means: [errors](errors.md). `dev_` methods exist on development networks only.\n\
         What a call costs its client, in units: its number below; one more for every 4 KiB of its request and of its answer, and\n\
         for every 0.1 ms that its look-up or contract took. Who has spent his units is answered 1403 with `retry_after_ms`:\n\
         [limits of a client](../operating.md#limits-of-a-client).\n",
    );
    let mut group = "";
    for method in list(&document["methods"]) {
        let name = text(&method["name"]);
        let own = name.split(['_', '.']).next().unwrap_or_default();
        if own != group {
            group = own;
            write!(page, "\n## {group}\n").expect("a string");
        }
        describe(&mut page, name, method);
    }
    page.push_str("\n## Types\n");
    let types = document["components"]["schemas"].as_object();
    for (name, schema) in types.into_iter().flatten() {
        write!(page, "\n### {name}\n\n{}\n", about(schema)).expect("a string");
        fields(&mut page, schema);
        for variant in list(&schema["oneOf"]).iter().chain(list(&schema["anyOf"])) {
            writeln!(page, "\n- {}: {}", kind(variant), about(variant)).expect("a string");
            fields(&mut page, variant);
        }
    }
    settle("rpc.md", &page);
}

fn describe(page: &mut String, name: &str, method: &Value) {
    let said = method.get("description").unwrap_or(&method["summary"]);
    write!(page, "\n### {name}\n\n{}\n", cell(text(said))).expect("a string");
    let params = list(&method["params"]);
    if !params.is_empty() {
        page.push_str("\n| parameter | type | what |\n|---|---|---|\n");
    }
    for param in params {
        let needed = if param["required"] == true {
            ""
        } else {
            ", optional"
        };
        writeln!(
            page,
            "| `{}` | {}{needed} | {} |",
            text(&param["name"]),
            kind(&param["schema"]),
            about(param)
        )
        .expect("a string");
    }
    let stream = &method["x-subscription"];
    if stream.is_null() {
        let result = kind(&method["result"]["schema"]);
        write!(page, "\nReturns {result}.").expect("a string");
    } else {
        let (items, end) = (
            kind(&stream["items"]["schema"]),
            text(&stream["unsubscribe"]),
        );
        write!(
            page,
            "\nSubscription, WebSocket only: a stream of {items}, ended by `{end}`."
        )
        .expect("a string");
    }
    write!(page, " Costs {}.", method["x-cost"]).expect("a string");
    let errors = list(&method["errors"]).iter().map(|error| {
        let path = text(&error["$ref"]);
        format!("`{}`", path.rsplit('/').next().unwrap_or_default())
    });
    let errors: Vec<String> = errors.collect();
    if !errors.is_empty() {
        write!(page, " Own errors: {}.", errors.join(", ")).expect("a string");
    }
    page.push('\n');
}

/// A table of an object's fields, if there are any.
fn fields(page: &mut String, schema: &Value) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    page.push_str("\n| field | type | what |\n|---|---|---|\n");
    let required = list(&schema["required"]);
    for (name, field) in properties {
        let needed = if required.iter().any(|r| r == name) {
            ""
        } else {
            ", optional"
        };
        writeln!(
            page,
            "| `{name}` | {}{needed} | {} |",
            kind(field),
            about(field)
        )
        .expect("a string");
    }
}

fn about(schema: &Value) -> String {
    cell(text(&schema["description"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A schema in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(path) = schema["$ref"].as_str() {
        let name = path.rsplit('/').next().unwrap_or_default();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if !schema["const"].is_null() {
        return format!("`{}`", schema["const"]);
    }
    let listed = |values: &[Value]| {
        let all: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        all.join(", ")
    };
    if let Some(values) = schema["enum"].as_array() {
        return listed(values);
    }
    for several in ["anyOf", "oneOf", "allOf"] {
        if let Some(all) = schema[several].as_array() {
            let all: Vec<String> = all.iter().map(kind).collect();
            return all.join(" or ");
        }
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(one) => one.clone(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => "any".into(),
    }
}
