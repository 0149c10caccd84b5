//! What instrumentation leaves alone, and what it adds.

use super::support::{counted, module};
use crate::gas::GasSchedule;
use crate::limits;
use crate::vm::code::Code;
use crate::vm::instrument::{EXPORT_GAS, EXPORT_STACK, EXPORT_STATE, instrument};
use wasmparser::{Parser, Payload};

/// Goal: the pass is a pure function, and its output is not mistaken for input.
#[test]
fn gas_2_same_input_same_output() {
    let bytes = module("(func (param i32) (result i32) local.get 0)");
    let once = counted(&bytes);
    assert_eq!(once, counted(&bytes));
    assert!(Code::check(&once).is_err());
    instrument(&once[..40], &GasSchedule::V1).unwrap_err();
}

/// Goal: memory is bounded by the protocol unless the module bounds it lower; counters are exported
/// behind everything else; custom sections are gone.
#[test]
fn maximum_of_memory_is_rewritten() {
    for (declared, expected) in [
        ("(memory 2)", limits::MEMORY_PAGES_MAX),
        ("(memory 2 5)", 5),
        ("(memory 2 60000)", limits::MEMORY_PAGES_MAX),
    ] {
        let bytes = counted(&module(declared));
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(&bytes) {
            match payload.unwrap() {
                Payload::MemorySection(section) => {
                    let memory = section.into_iter().next().unwrap().unwrap();
                    assert_eq!((memory.initial, memory.maximum), (2, Some(expected)));
                }
                Payload::ExportSection(section) => {
                    names = section
                        .into_iter()
                        .map(|e| e.unwrap().name.to_owned())
                        .collect();
                }
                Payload::CustomSection(section) => panic!("{} is kept", section.name()),
                _ => {}
            }
        }
        assert_eq!(
            names,
            ["memory", "wh_io", "wh_call", EXPORT_GAS, EXPORT_STACK]
        );
    }
}

/// Goal: the host can set back every global that code can change, and no other is exported.
#[test]
fn call_2_mutable_globals_are_exported() {
    let globals = "(global (mut i32) (i32.const 1)) (global i32 (i32.const 2)) \
                   (global (mut i64) (i64.const 3))";
    let bytes = counted(&module(globals));
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(&bytes) {
        if let Payload::ExportSection(section) = payload.unwrap() {
            names = section
                .into_iter()
                .map(|export| export.unwrap())
                .filter(|export| export.name.starts_with(EXPORT_STATE))
                .map(|export| (export.name.to_owned(), export.index))
                .collect();
        }
    }
    let expected = [0, 2].map(|index| (format!("{EXPORT_STATE}{index}"), index));
    assert_eq!(names, expected);
}
