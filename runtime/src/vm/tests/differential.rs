//! The same counted modules on four engines: gas, stack, memory and result must be identical.
//!
//! Cranelift without and with optimisation, Winch (a compiler that shares only its back end) and
//! wasmi (an interpreter that shares nothing). This is what makes gas a property of the protocol
//! (GAS-2) and the compiler a node's own choice (CONF-1).

use super::support::{assemble, counted};
use crate::limits;
use crate::vm::engine::{Optimisation, VmSettings, config, engine};
use crate::vm::growth::GrowthLimiter;
use crate::vm::instrument::{EXPORT_GAS, EXPORT_STACK};
use weighhouse_primitives::HaltReason;
use weighhouse_primitives::hash::Hash;

/// Gas of most scenarios: enough for all that end by themselves.
const GAS: i64 = 1_000_000;
/// Gas for taking all of memory.
const MUCH_GAS: i64 = 10_000_000;

/// How each fixture ends: `Ok` with the value returned, or the reason of the halt. The fixtures that
/// need a real host end here as its stand-in makes them.
const SCENARIOS: &[(&str, i64, Result<i64, HaltReason>)] = &[
    ("bad_answer", GAS, Ok(-1)),
    ("bad_pointer", GAS, Ok(1)),
    ("bounded_recursion", GAS, Ok(1)),
    ("bulk_memory", GAS, Ok(1)),
    ("counted_loop", GAS, Ok(1)),
    ("dead_code", GAS, Ok(1)),
    ("dead_division_by_zero", GAS, Err(HaltReason::BadDivision)),
    (
        "deep_mutual_recursion",
        GAS,
        Err(HaltReason::StackExhausted),
    ),
    ("deep_recursion", GAS, Err(HaltReason::StackExhausted)),
    ("division_by_zero", GAS, Err(HaltReason::BadDivision)),
    ("division_overflow", GAS, Err(HaltReason::BadDivision)),
    ("early_exits", GAS, Ok(1)),
    ("endless_local_moves", GAS, Err(HaltReason::OutOfGas)),
    ("endless_loop", GAS, Err(HaltReason::OutOfGas)),
    ("fill_everything", GAS, Err(HaltReason::OutOfGas)),
    ("fill_outside", GAS, Err(HaltReason::MemoryOutOfBounds)),
    ("grow", GAS, Err(HaltReason::OutOfGas)),
    ("grow", MUCH_GAS, Ok(1)),
    ("host_call", GAS, Ok(1)),
    ("indirect_call", GAS, Ok(1)),
    (
        "indirect_call_of_nothing",
        GAS,
        Err(HaltReason::BadIndirectCall),
    ),
    (
        "indirect_call_of_wrong_type",
        GAS,
        Err(HaltReason::BadIndirectCall),
    ),
    (
        "indirect_call_outside",
        GAS,
        Err(HaltReason::BadIndirectCall),
    ),
    ("leaves_traces", MUCH_GAS, Ok(0x8_0000_0009)),
    ("load_far_outside", GAS, Err(HaltReason::MemoryOutOfBounds)),
    ("load_outside", GAS, Err(HaltReason::MemoryOutOfBounds)),
    ("memory_bomb", GAS, Err(HaltReason::OutOfGas)),
    ("memory_bomb", MUCH_GAS, Ok(1)),
    ("store_across_end", GAS, Err(HaltReason::MemoryOutOfBounds)),
    ("unreachable", GAS, Err(HaltReason::Unreachable)),
];

/// Everything that one run leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    outcome: Result<i64, HaltReason>,
    gas: i64,
    stack: i32,
    /// The words at 64, where fixtures leave their results.
    words: [u8; 20],
    memory: Hash,
}

fn classify(trap: HaltReason, gas: i64, stack: i32) -> HaltReason {
    match trap {
        HaltReason::Unreachable if gas < 0 => HaltReason::OutOfGas,
        HaltReason::Unreachable if stack < 0 => HaltReason::StackExhausted,
        other => other,
    }
}

fn of_wasmtime(trap: wasmtime::Trap) -> HaltReason {
    use wasmtime::Trap;
    match trap {
        Trap::UnreachableCodeReached => HaltReason::Unreachable,
        Trap::MemoryOutOfBounds => HaltReason::MemoryOutOfBounds,
        Trap::IntegerDivisionByZero | Trap::IntegerOverflow => HaltReason::BadDivision,
        Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => {
            HaltReason::BadIndirectCall
        }
        other => panic!("a trap that no accepted code can cause: {other}"),
    }
}

fn on_wasmtime(engine: &wasmtime::Engine, module: &[u8], gas: i64) -> Run {
    let module = wasmtime::Module::new(engine, module).unwrap();
    let mut linker = wasmtime::Linker::new(engine);
    linker.func_wrap("wh1", "gas_left", || 7_i64).unwrap();
    let get = |_: i32, _: i32, _: i32, _: i32| 7_i64;
    linker.func_wrap("wh1", "storage_get", get).unwrap();
    let mut store = wasmtime::Store::new(engine, GrowthLimiter);
    store.limiter(|limiter| limiter);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let counter = instance.get_global(&mut store, EXPORT_GAS).unwrap();
    counter.set(&mut store, gas.into()).unwrap();
    let call = instance
        .get_typed_func::<i32, i64>(&mut store, "wh_call")
        .unwrap();
    let result = call.call(&mut store, 0);
    let gas = counter.get(&mut store).unwrap_i64();
    let stack = instance.get_global(&mut store, EXPORT_STACK).unwrap();
    let stack = stack.get(&mut store).unwrap_i32();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    Run {
        outcome: result
            .map_err(|error| classify(of_wasmtime(*error.downcast_ref().unwrap()), gas, stack)),
        gas,
        stack,
        words: memory.data(&store)[64..84].try_into().unwrap(),
        memory: Hash::of(memory.data(&store)),
    }
}

fn of_wasmi(trap: wasmi::TrapCode) -> HaltReason {
    use wasmi::TrapCode;
    match trap {
        TrapCode::UnreachableCodeReached => HaltReason::Unreachable,
        TrapCode::MemoryOutOfBounds => HaltReason::MemoryOutOfBounds,
        TrapCode::IntegerDivisionByZero | TrapCode::IntegerOverflow => HaltReason::BadDivision,
        TrapCode::TableOutOfBounds | TrapCode::IndirectCallToNull | TrapCode::BadSignature => {
            HaltReason::BadIndirectCall
        }
        other => panic!("a trap that no accepted code can cause: {other}"),
    }
}

fn on_wasmi(module: &[u8], gas: i64) -> Run {
    let mut config = wasmi::Config::default();
    // Far above what the counted stack allows, so that it is never the interpreter that stops.
    config
        .set_max_recursion_depth(1 << 20)
        .set_max_stack_height(256 << 20);
    let engine = wasmi::Engine::new(&config);
    let module = wasmi::Module::new(&engine, module).unwrap();
    let mut linker = wasmi::Linker::<()>::new(&engine);
    linker.func_wrap("wh1", "gas_left", || 7_i64).unwrap();
    let get = |_: i32, _: i32, _: i32, _: i32| 7_i64;
    linker.func_wrap("wh1", "storage_get", get).unwrap();
    let mut store = wasmi::Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let counter = instance.get_global(&store, EXPORT_GAS).unwrap();
    counter.set(&mut store, wasmi::Val::I64(gas)).unwrap();
    let call = instance
        .get_typed_func::<i32, i64>(&store, "wh_call")
        .unwrap();
    let result = call.call(&mut store, 0);
    let gas = counter.get(&store).i64().unwrap();
    let stack = instance.get_global(&store, EXPORT_STACK).unwrap();
    let stack = stack.get(&store).i32().unwrap();
    let memory = instance.get_memory(&store, "memory").unwrap();
    Run {
        outcome: result
            .map_err(|error| classify(of_wasmi(error.as_trap_code().unwrap()), gas, stack)),
        gas,
        stack,
        words: memory.data(&store)[64..84].try_into().unwrap(),
        memory: Hash::of(memory.data(&store)),
    }
}

/// The four engines under their names.
struct Engines {
    compilers: Vec<(&'static str, wasmtime::Engine)>,
}

impl Engines {
    fn new() -> Self {
        let node = VmSettings {
            instances: 1,
            ..VmSettings::default()
        };
        let speed = VmSettings {
            optimisation: Optimisation::Speed,
            ..node
        };
        let mut winch = config(&node).unwrap();
        winch.strategy(wasmtime::Strategy::Winch);
        Self {
            compilers: vec![
                ("cranelift", engine(&node).unwrap()),
                ("cranelift, speed", engine(&speed).unwrap()),
                ("winch", wasmtime::Engine::new(&winch).unwrap()),
            ],
        }
    }

    /// Runs everywhere and demands one answer.
    fn run(&self, what: &str, module: &[u8], gas: i64) -> Run {
        let expected = on_wasmi(module, gas);
        for (name, engine) in &self.compilers {
            assert_eq!(
                on_wasmtime(engine, module, gas),
                expected,
                "{what} on {name}"
            );
        }
        expected
    }
}

/// Runs `test` with the native stack of the executor.
fn on_executor_stack(test: fn()) {
    std::thread::Builder::new()
        .stack_size(limits::EXECUTOR_STACK_BYTES)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../tests/fixtures/wat/{name}.wat",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    counted(&assemble(&text))
}

/// Goal: every scenario ends as expected, and alike on every engine down to the last unit of gas.
#[test]
fn gas_2_engines_agree_on_every_scenario() {
    on_executor_stack(|| {
        let engines = Engines::new();
        for (name, gas, expected) in SCENARIOS {
            let run = engines.run(name, &fixture(name), *gas);
            assert_eq!(run.outcome, *expected, "{name} with {gas} gas");
            if run.outcome.is_ok() {
                assert_eq!(
                    run.stack,
                    limits::STACK_BYTES_MAX,
                    "{name}: stack is whole again"
                );
                assert!(run.gas >= 0 && run.gas < *gas, "{name}: work costs");
            }
        }
    });
}

/// Goal: growth within the limit succeeds, beyond it answers -1, on every engine.
#[test]
fn growth_ends_at_the_protocol_limit() {
    on_executor_stack(|| {
        let run = Engines::new().run("grow", &fixture("grow"), MUCH_GAS);
        let words: Vec<i32> = run
            .words
            .chunks(4)
            .map(|word| i32::from_le_bytes(word.try_into().unwrap()))
            .collect();
        assert_eq!(words, [1, -1, -1, -1, 4]);
    });
}

/// Goal: exactly the gas that was used is enough, one less is not, and nowhere between do engines
/// differ, wherever the counter runs out.
#[test]
fn gas_1_runs_end_at_the_same_unit_everywhere() {
    on_executor_stack(|| {
        let engines = Engines::new();
        for name in [
            "early_exits",
            "bulk_memory",
            "indirect_call",
            "counted_loop",
        ] {
            let module = fixture(name);
            let full = engines.run(name, &module, GAS);
            let used = GAS - full.gas;
            let exact = engines.run(name, &module, used);
            assert_eq!(
                (exact.outcome, exact.gas),
                (full.outcome.clone(), 0),
                "{name}"
            );
            for short in [1, 2, 5, used / 3, used / 2, used - 1, used] {
                let run = engines.run(name, &module, used - short);
                assert_eq!(
                    run.outcome,
                    Err(HaltReason::OutOfGas),
                    "{name} short of {short}"
                );
                assert!(run.gas < 0, "{name}: the counter says so");
            }
        }
    });
}

/// Goal: the counters stop the guest long before the native stack could, whatever the compiler.
#[test]
fn counted_stack_bounds_frames_of_any_shape() {
    on_executor_stack(|| {
        let engines = Engines::new();
        let locals = "i64 ".repeat(255);
        let sets: String = (1..256)
            .map(|i| format!("(local.set {i} (i64.add (local.get 0) (i64.const {i})))"))
            .collect();
        let sums: String = (1..256)
            .map(|i| format!("local.get {i} i64.add "))
            .collect();
        let text = format!(
            "(func $down (param i64) (result i64) (local {locals}) {sets} \
             (call $down (local.get 0)) {sums}) \
             (func $call (param i32) (result i64) (call $down (i64.const 1)))"
        );
        let run = engines.run(
            "wide frames",
            &counted(&super::support::module(&text)),
            MUCH_GAS,
        );
        assert_eq!(run.outcome, Err(HaltReason::StackExhausted));
    });
}
