//! Bindings of every contract of the library.

use super::*;
use crate::library;
use weighhouse_runtime::vm::code::Code;

fn schemas() -> Vec<Schema> {
    let check = |wasm| Code::check(wasm).expect("accepted").schema().clone();
    library::contracts()
        .map(|contract| check(contract.wasm))
        .collect()
}

/// Goal: every entry point, refusal, event and type of a schema is in the code, once and the same each
/// time.
#[test]
fn everything_is_there() {
    for schema in schemas() {
        for language in [Language::Rust, Language::Typescript, Language::Python] {
            let code = generate(language, &schema);
            assert_eq!(code, generate(language, &schema));
            assert!(code.contains(&schema_hash(&schema).to_string()));
            let entries = schema.entry_points.iter().map(|entry| &entry.name);
            let errors = schema.errors.iter().map(|error| &error.name);
            let events = schema.events.iter().map(|event| &event.name);
            for name in entries.chain(errors).chain(events) {
                assert!(code.contains(name.as_str()), "{language:?} {name}");
            }
        }
    }
}

/// Goal: every reference of a contract's OpenRPC document leads somewhere.
#[test]
fn openrpc_references_resolve() {
    for schema in schemas() {
        let document = openrpc(&schema);
        assert_eq!(
            document["methods"].as_array().map(Vec::len),
            Some(schema.entry_points.len())
        );
        let text = document.to_string();
        for path in text.split("\"$ref\":\"#").skip(1) {
            let path = path.split('"').next().expect("a path");
            assert!(document.pointer(path).is_some(), "{path}");
        }
    }
}

/// Goal: names of crates become names of types.
#[test]
fn type_names() {
    assert_eq!(type_name("dfa-token"), "DfaToken");
    assert_eq!(type_name("invoice-7"), "Invoice7");
}
