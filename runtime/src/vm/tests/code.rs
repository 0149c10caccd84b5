//! What is accepted and what is refused, each limit at n and at n + 1.

use super::support::{assemble, entry, module, refusal, schema, with_section};
use crate::limits;
use crate::rules::RuleError;
use crate::vm::code::{Code, CodeError, Counted, DescriptionError};
use parity_scale_codec::Encode;
use weighhouse_primitives::abi::{SECTION_RULES, SECTION_SCHEMA, SECTION_STORAGE, selector};
use weighhouse_primitives::rule::{Place, Rule, RuleKind};
use weighhouse_primitives::schema::{
    CellKind, CellSchema, EntryKind, ErrorSchema, EventSchema, Schema, Type,
};

const BARE: &str = "(module (memory 1) (global $io i32 (i32.const 0)) \
    (func $call (param i32) (result i64) i64.const 0) (export \"memory\" (memory 0)) \
    (export \"wh_io\" (global $io)) (export \"wh_call\" (func $call)))";

/// Goal: the limit itself is accepted, one more is refused with both numbers.
fn at_limit(what: Counted, limit: u64, make: impl Fn(u64) -> Vec<u8>) {
    Code::check(&make(limit)).unwrap_or_else(|error| panic!("{what:?} at {limit}: {error}"));
    match refusal(&make(limit + 1)) {
        CodeError::TooMany {
            what: named,
            found,
            limit: told,
            ..
        } => assert_eq!((named, found, told), (what, limit + 1, limit)),
        other => panic!("{what:?}: {other}"),
    }
}

fn repeat(part: &str, count: u64) -> String {
    part.repeat(usize::try_from(count).unwrap())
}

/// Goal: every structural limit of a module holds exactly.
#[test]
fn limits_of_a_module_hold_exactly() {
    at_limit(Counted::Types, limits::TYPES_MAX as u64, |n| {
        // One type is that of the call.
        module(&repeat("(type (func))", n - 1))
    });
    at_limit(Counted::Params, limits::PARAMS_MAX as u64, |n| {
        module(&format!("(type (func (param {})))", repeat("i32 ", n)))
    });
    at_limit(Counted::Functions, limits::FUNCTIONS_MAX as u64, |n| {
        module(&repeat("(func)", n - 1))
    });
    at_limit(Counted::Globals, limits::GLOBALS_MAX as u64, |n| {
        module(&repeat("(global i32 (i32.const 0))", n - 1))
    });
    at_limit(
        Counted::InitialPages,
        limits::MEMORY_INITIAL_PAGES_MAX,
        |n| module(&format!("(memory {n})")),
    );
    at_limit(Counted::TableElements, limits::TABLE_ELEMENTS_MAX, |n| {
        module(&format!("(table {n} funcref)"))
    });
    at_limit(
        Counted::DataSegments,
        limits::DATA_SEGMENTS_MAX as u64,
        |n| module(&repeat("(data (i32.const 0) \"a\")", n)),
    );
    at_limit(
        Counted::ElementSegments,
        limits::ELEMENT_SEGMENTS_MAX as u64,
        |n| {
            module(&format!(
                "(table 1 funcref) {}",
                repeat("(elem (i32.const 0) $call)", n)
            ))
        },
    );
    at_limit(Counted::Exports, limits::EXPORTS_MAX as u64, |n| {
        let exports: String = (3..n)
            .map(|i| format!("(export \"e{i}\" (func $call))"))
            .collect();
        module(&exports)
    });
    at_limit(Counted::NameBytes, limits::NAME_BYTES_MAX as u64, |n| {
        module(&format!("(export \"{}\" (func $call))", repeat("x", n)))
    });
}

/// Goal: the size of a module is bounded; padding is a custom section that nobody reads.
#[test]
fn limit_of_code_bytes_holds_exactly() {
    at_limit(Counted::CodeBytes, limits::CODE_BYTES_MAX as u64, |n| {
        let base = module("");
        // Section id, three bytes of size, one of name length.
        let padding = usize::try_from(n).unwrap() - base.len() - 5;
        with_section(base, "", &vec![0; padding])
    });
}

/// Goal: every structural limit of a function holds exactly.
#[test]
fn limits_of_a_function_hold_exactly() {
    at_limit(Counted::Locals, limits::LOCALS_MAX as u64, |n| {
        module(&format!(
            "(func (param i32) (local {}))",
            repeat("i64 ", n - 1)
        ))
    });
    at_limit(Counted::BodyBytes, limits::BODY_BYTES_MAX as u64, |n| {
        // Locals count and `end` are the other two bytes.
        module(&format!("(func {})", repeat("nop ", n - 2)))
    });
    at_limit(Counted::LoopDepth, limits::LOOP_DEPTH_MAX as u64, |n| {
        module(&format!(
            "(func {} {})",
            repeat("loop ", n),
            repeat("end ", n)
        ))
    });
    at_limit(Counted::BlockDepth, limits::BLOCK_DEPTH_MAX as u64, |n| {
        module(&format!(
            "(func {} {})",
            repeat("block ", n),
            repeat("end ", n)
        ))
    });
    at_limit(
        Counted::BranchTargets,
        limits::BR_TABLE_TARGETS_MAX as u64,
        |n| {
            module(&format!(
                "(func i32.const 0 br_table {} 0)",
                repeat("0 ", n)
            ))
        },
    );
    at_limit(
        Counted::OperandStack,
        limits::OPERAND_STACK_MAX as u64,
        |n| {
            module(&format!(
                "(func {} {})",
                repeat("i32.const 0 ", n),
                repeat("drop ", n)
            ))
        },
    );
}

/// Goal: loops side by side, or closed before others open, do not add up.
#[test]
fn loops_in_sequence_are_not_nested() {
    let one = "block loop if loop end end end end ";
    Code::check(&module(&format!(
        "(func (param i32) {})",
        repeat(one, 200).replace("if", "local.get 0 if")
    )))
    .unwrap();
}

/// Goal: what compile time grows with is bounded, in a function and over all of them together.
#[test]
fn control_operators_are_bounded() {
    let limit = limits::CONTROL_IN_FUNCTION_MAX as u64;
    at_limit(Counted::ControlInFunction, limit, |n| {
        module(&format!("(func {})", repeat("block end ", n)))
    });
    at_limit(Counted::Control, limits::CONTROL_MAX as u64, |n| {
        let full = format!("(func {})", repeat("block end ", limit));
        let rest = format!("(func {})", repeat("block end ", n % limit));
        module(&(repeat(&full, n / limit) + &rest))
    });
    at_limit(Counted::ControlInFunction, limit, |n| {
        let ifs = repeat("i32.const 0 if end ", n / 2);
        let rest = repeat("block end ", n % 2);
        module(&format!("(func {ifs} {rest})"))
    });
    at_limit(Counted::Control, limits::CONTROL_MAX as u64, |n| {
        let call = "i32.const 0 call_indirect (type 0) ";
        let full = format!("(func {})", repeat(call, limit));
        let rest = format!("(func {})", repeat(call, n % limit));
        module(&(String::from("(table 1 funcref)") + &repeat(&full, n / limit) + &rest))
    });
    let (each, all) = (
        limits::BR_TABLE_TARGETS_MAX as u64,
        limits::BR_TABLE_TARGETS_ALL_MAX as u64,
    );
    at_limit(Counted::AllBranchTargets, all, |n| {
        let function = |n| format!("(func i32.const 0 br_table {} 0)", repeat("0 ", n));
        module(&(repeat(&function(each), n / each) + &function(n % each)))
    });
    at_limit(Counted::Calls, limits::CALLS_MAX as u64, |n| {
        module(&format!(
            "(func $called) (func {})",
            repeat("call $called ", n)
        ))
    });
    // A function counts as locals + 1 times control operators + 1; the frame's own call as 2.
    let function = |locals: u64, control: u64| {
        let locals = repeat("i64 ", locals);
        format!("(func (local {locals}) {})", repeat("block end ", control))
    };
    at_limit(
        Counted::LocalsControl,
        limits::LOCALS_CONTROL_PRODUCT_MAX,
        |n| {
            let (units, left) = ((n - 2) / 251, (n - 2) % 251);
            let full = repeat(&function(250, 999), units / 1_000);
            module(&(full + &function(250, units % 1_000 - 1) + &function(left - 1, 0)))
        },
    );
}

/// Goal: the feature set is exactly what is used: each proposal that is off is refused by name.
#[test]
fn det_3_features_outside_the_set_are_refused() {
    for fields in [
        "(func (param f32))",
        "(func (local f64))",
        "(func f64.const 0 drop)",
        "(func (result i32 i32) i32.const 0 i32.const 0)",
        "(func (param externref))",
        "(func (param v128))",
        "(func return_call $call)",
        "(memory i64 1)",
        "(memory 1) (memory 1)",
        "(memory 1 1 shared)",
        "(func i32.const 0 i32.const 0 i32.const 0 memory.init 0) (data \"x\")",
        "(data \"passive\")",
        "(table 1 funcref) (elem func $call)",
        "(table 1 funcref) (table 1 funcref)",
        "(table 1 funcref) (func i32.const 0 table.get 0 drop)",
        "(func ref.null func drop)",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
        "(func (param i32) local.get 0 memory.atomic.notify)",
        "(tag)",
    ] {
        let refused = refusal(&module(fields));
        let by_feature = matches!(
            refused,
            CodeError::Invalid { .. }
                | CodeError::PassiveSegment { .. }
                | CodeError::TooMany { .. }
        );
        assert!(by_feature, "{fields}: {refused}");
    }
    for fields in [
        "(func (param i32) (result i32) local.get 0 i32.extend8_s)",
        "(func i32.const 0 i32.const 0 i32.const 0 memory.copy)",
        "(func i32.const 0 i32.const 0 i32.const 0 memory.fill)",
        "(table 1 funcref) (elem (i32.const 0) $call) (type $t (func)) \
         (func i32.const 0 call_indirect (type $t))",
        "(global (mut i64) (i64.const 0))",
    ] {
        Code::check(&module(fields)).unwrap_or_else(|error| panic!("{fields}: {error}"));
    }
}

/// Goal: nothing runs before gas is set.
#[test]
fn det_3_start_functions_are_refused() {
    let refused = refusal(&module("(func $start) (start $start)"));
    assert!(
        matches!(refused, CodeError::StartFunction { .. }),
        "{refused}"
    );
}

/// Goal: imports are functions of the table, once, with their exact types.
#[test]
fn det_3_imports_outside_the_table_are_refused() {
    Code::check(&module("(import \"wh1\" \"gas_left\" (func (result i64)))")).unwrap();
    for fields in [
        "(import \"env\" \"gas_left\" (func (result i64)))",
        "(import \"wh1\" \"clock\" (func (result i64)))",
    ] {
        assert!(matches!(
            refusal(&module(fields)),
            CodeError::UnknownImport { .. }
        ));
    }
    for fields in [
        "(import \"wh1\" \"gas_left\" (func (result i32)))",
        "(import \"wh1\" \"gas_left\" (func (param i32) (result i64)))",
        "(import \"wh1\" \"gas_left\" (global i64))",
    ] {
        assert!(matches!(
            refusal(&module(fields)),
            CodeError::ImportSignature { .. }
        ));
    }
    let twice = repeat("(import \"wh1\" \"gas_left\" (func (result i64)))", 2);
    assert!(matches!(
        refusal(&module(&twice)),
        CodeError::DuplicateImport { .. }
    ));
}

/// Goal: memory, window and entry are there, with their types.
#[test]
fn exports_are_required_with_their_types() {
    let refused = |from: &str, to: &str| {
        let bytes = assemble(&BARE.replace(from, to));
        refusal(&with_section(bytes, SECTION_SCHEMA, &schema().encode()))
    };
    let is_export = |error: CodeError, wanted: &str| {
        assert!(
            matches!(error, CodeError::Export { name, .. } if name == wanted),
            "{wanted}"
        );
    };
    is_export(refused("(export \"memory\" (memory 0))", ""), "memory");
    is_export(refused("(export \"wh_io\" (global $io))", ""), "wh_io");
    is_export(refused("(export \"wh_call\" (func $call))", ""), "wh_call");
    is_export(
        refused("(param i32) (result i64)", "(param i64) (result i64)"),
        "wh_call",
    );
    is_export(refused("global $io i32", "global $io (mut i32)"), "wh_io");
    is_export(
        refused(
            "global $io i32 (i32.const 0)",
            "global $io i64 (i64.const 0)",
        ),
        "wh_io",
    );
    assert!(matches!(
        refused("(memory 1)", "(memory 0)"),
        CodeError::WindowOutside { .. }
    ));
    // The window ends exactly at the end of memory, and one byte later.
    let at = |address: u32| BARE.replace("(i32.const 0)", &format!("(i32.const {address})"));
    let last = 64 * 1024 - 16 * 1024;
    let accepted = with_section(assemble(&at(last)), SECTION_SCHEMA, &schema().encode());
    Code::check(&accepted).unwrap();
    let beyond = with_section(assemble(&at(last + 1)), SECTION_SCHEMA, &schema().encode());
    assert!(matches!(refusal(&beyond), CodeError::WindowOutside { .. }));
    assert!(matches!(
        refusal(&module("(export \"__wh_gas\" (func $call))")),
        CodeError::ReservedName { .. }
    ));
}

/// Goal: instantiation of accepted code cannot fail on a segment.
#[test]
fn segments_outside_are_refused() {
    Code::check(&module("(data (i32.const 65535) \"a\")")).unwrap();
    for fields in [
        "(data (i32.const 65535) \"ab\")",
        "(data (i32.const -1) \"a\")",
        "(table 1 funcref) (elem (i32.const 1) $call)",
    ] {
        assert!(
            matches!(refusal(&module(fields)), CodeError::SegmentOutside { .. }),
            "{fields}"
        );
    }
}

/// Goal: no prefix or corruption of a module panics the validator.
#[test]
fn host_1_damaged_modules_are_refused_without_panic() {
    let good = module("(func (param i32) local.get 0 if nop end)");
    for end in 0..good.len() {
        let _ = Code::check(&good[..end]);
    }
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            let _ = Code::check(&bad);
        }
    }
}

fn described(edit: impl FnOnce(&mut Schema)) -> Result<Code, CodeError> {
    let mut schema = schema();
    edit(&mut schema);
    Code::check(&with_section(
        assemble(BARE),
        SECTION_SCHEMA,
        &schema.encode(),
    ))
}

fn wrong(result: Result<Code, CodeError>) -> DescriptionError {
    match result {
        Err(CodeError::Description(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Goal: an interface is refused unless its numbers are those of its names, each once.
#[test]
fn schemas_are_checked() {
    let code = described(|schema| {
        schema
            .entry_points
            .push(entry("check_run", EntryKind::Check));
    })
    .unwrap();
    assert_eq!(code.entry(selector("run")), Some(EntryKind::Call));
    assert_eq!(code.entry(selector("check_run")), Some(EntryKind::Check));
    assert_eq!(code.entry(7), None);
    assert!(matches!(
        wrong(described(|s| s.entry_points[0].selector = 1)),
        DescriptionError::Selector { .. }
    ));
    assert!(matches!(
        wrong(described(|s| s
            .entry_points
            .push(entry("run", EntryKind::Query)))),
        DescriptionError::Collision { .. }
    ));
    assert!(matches!(
        wrong(described(|s| s
            .entry_points
            .push(entry("check_walk", EntryKind::Check)))),
        DescriptionError::Twin { .. }
    ));
    assert!(matches!(
        wrong(described(|s| s
            .entry_points
            .push(entry("a b", EntryKind::Call)))),
        DescriptionError::Name { .. }
    ));
    let error = |code| ErrorSchema {
        name: format!("Error{code}"),
        code,
        fields: Vec::new(),
        text: String::new(),
    };
    assert!(matches!(
        wrong(described(|s| s.errors = vec![error(3), error(4), error(3)])),
        DescriptionError::Collision { .. }
    ));
    let event = EventSchema {
        name: "Moved".to_owned(),
        kind: 1,
        fields: Vec::new(),
        docs: String::new(),
    };
    assert!(matches!(
        wrong(described(|s| s.events.push(event))),
        DescriptionError::Selector { .. }
    ));
    let limit = limits::ENTRY_POINTS_MAX;
    let many = |s: &mut Schema, count: usize| {
        s.entry_points = (0..count)
            .map(|i| entry(&format!("e{i}"), EntryKind::Call))
            .collect();
    };
    described(|s| many(s, limit)).unwrap();
    assert!(matches!(
        wrong(described(|s| many(s, limit + 1))),
        DescriptionError::TooMany { .. }
    ));
}

/// Goal: sections are required, unique, bounded and canonical.
#[test]
fn sections_are_checked() {
    assert!(matches!(
        wrong(Code::check(&assemble(BARE))),
        DescriptionError::Missing { .. }
    ));
    let section = |name: &str, data: &[u8]| Code::check(&with_section(module(""), name, data));
    assert!(matches!(
        wrong(section(SECTION_SCHEMA, &schema().encode())),
        DescriptionError::Duplicate { .. }
    ));
    assert!(matches!(
        wrong(section("wh.more", &[])),
        DescriptionError::Unknown { .. }
    ));
    assert!(matches!(
        wrong(section(SECTION_RULES, &[4])),
        DescriptionError::Malformed { .. }
    ));
    assert!(matches!(
        wrong(section(SECTION_RULES, &[0, 0])),
        DescriptionError::Malformed { .. }
    ));
    section("name", &[1, 2, 3]).unwrap();
    let long = vec![0; limits::SECTION_BYTES_MAX + 1];
    assert!(matches!(
        wrong(section(SECTION_STORAGE, &long)),
        DescriptionError::TooLarge { .. }
    ));
}

fn cell(name: &str, kind: CellKind, value: Type) -> CellSchema {
    CellSchema {
        name: name.to_owned(),
        prefix: selector(name).to_be_bytes(),
        key: if kind == CellKind::Map {
            Type::Address
        } else {
            Type::Unit
        },
        kind,
        value,
    }
}

fn ruled(cells: &[CellSchema], rules: &[Rule]) -> Result<Code, CodeError> {
    let with_cells = with_section(module(""), SECTION_STORAGE, &cells.to_vec().encode());
    Code::check(&with_section(
        with_cells,
        SECTION_RULES,
        &rules.to_vec().encode(),
    ))
}

/// Goal: rules are read from the module and decided by `ContractRules::new` alone, whose reason is
/// passed on; what is accepted comes with what the host evaluates.
#[test]
fn rules_are_checked_against_cells() {
    let cells = [
        cell("balances", CellKind::Map, Type::Amount),
        cell("supply", CellKind::Cell, Type::U128),
        cell("owner", CellKind::Const, Type::Address),
        cell("height", CellKind::Cell, Type::U64),
    ];
    let rule = |kind: RuleKind| {
        [Rule {
            name: "rule".to_owned(),
            kind,
        }]
    };
    let code = ruled(&cells, &rule(RuleKind::Immutable { cell: 2 })).unwrap();
    assert!(code.description().checks().is_some());
    let code = ruled(&cells, &[]).unwrap();
    assert!(code.description().checks().is_none());
    let refused = |rules: &[Rule]| match wrong(ruled(&cells, rules)) {
        DescriptionError::Rule(error) => error,
        other => panic!("expected a refusal of rules, got {other}"),
    };
    let (rule, maps) = (rule(RuleKind::Immutable { cell: 4 }), vec![]);
    let expected = RuleError::NoCell {
        rule: 0,
        cell: 4,
        cells: 4,
    };
    assert_eq!(refused(&rule), expected);
    let total = Place::whole(1);
    let sums = RuleKind::Conserve { maps, total };
    let sums = Rule {
        name: "sums".to_owned(),
        kind: sums,
    };
    assert_eq!(refused(&[sums]), RuleError::Maps { rule: 0 });
}

/// Goal: cells have prefixes of their own, and only maps have keys.
#[test]
fn cells_are_checked() {
    let cells = [
        cell("balances", CellKind::Map, Type::Amount),
        cell("supply", CellKind::Cell, Type::U128),
    ];
    let twice = [cells[0].clone(), cells[0].clone()];
    assert!(matches!(
        wrong(ruled(&twice, &[])),
        DescriptionError::Collision { .. }
    ));
    let keyed = CellSchema {
        key: Type::U8,
        ..cells[1].clone()
    };
    assert!(matches!(
        wrong(ruled(&[keyed], &[])),
        DescriptionError::CellKey { .. }
    ));
}
