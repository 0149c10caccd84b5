//! Modules for tests: text to accepted code.

use crate::gas::GasSchedule;
use crate::vm::code::{Code, CodeError};
use crate::vm::instrument::instrument;
use parity_scale_codec::Encode;
use wasm_encoder::{CustomSection, Section};
use weighhouse_primitives::abi::{SECTION_SCHEMA, selector};
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Schema, Type};

/// An entry point without arguments.
pub(crate) fn entry(name: &str, kind: EntryKind) -> EntryPoint {
    EntryPoint {
        name: name.to_owned(),
        selector: selector(name),
        kind,
        args: Vec::new(),
        returns: Type::Unit,
        docs: String::new(),
    }
}

/// The interface of a contract with the one call `run`.
pub(crate) fn schema() -> Schema {
    Schema {
        name: "fixture".to_owned(),
        version: "1".to_owned(),
        docs: String::new(),
        entry_points: vec![entry("run", EntryKind::Call)],
        errors: Vec::new(),
        events: Vec::new(),
    }
}

/// `module` with a custom section appended.
pub(crate) fn with_section(mut module: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    let section = CustomSection {
        name: name.into(),
        data: data.into(),
    };
    section.append_to(&mut module);
    module
}

/// Assembles text without adding anything.
pub(crate) fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A module of the given fields plus all that is required: memory of one page, window, schema, and a
/// `wh_call` that answers 0 unless the fields define `$call`.
pub(crate) fn module(fields: &str) -> Vec<u8> {
    let call = if fields.contains("(func $call (param") {
        ""
    } else {
        "(func $call (param i32) (result i64) i64.const 0)"
    };
    let memory = if fields.contains("(memory") {
        ""
    } else {
        "(memory 1)"
    };
    let text = format!(
        "(module {fields} {memory} {call} (global $io i32 (i32.const 1024)) \
         (export \"memory\" (memory 0)) (export \"wh_io\" (global $io)) \
         (export \"wh_call\" (func $call)))"
    );
    with_section(assemble(&text), SECTION_SCHEMA, &schema().encode())
}

/// The refusal of a module.
pub(crate) fn refusal(bytes: &[u8]) -> CodeError {
    Code::check(bytes).expect_err("must be refused")
}

/// Checked and instrumented.
pub(crate) fn counted(bytes: &[u8]) -> Vec<u8> {
    Code::check(bytes).expect("must be accepted");
    instrument(bytes, &GasSchedule::V1).expect("accepted code is instrumented")
}
