//! One counted module on four engines, with a host that remembers what it was asked.
//!
//! Cranelift without and with optimisation, Winch, and wasmi, which shares nothing with them. The host is a
//! stand-in: its answers, and what it writes into memory, follow from the calls alone, so a difference
//! between engines in any argument of any call is a difference of everything behind it.

use std::convert::Infallible;
use std::fmt;
use wasm_encoder::Instruction;
use wasm_encoder::reencode::{self, Reencode};
use weighhouse_primitives::hash::Hash;
use weighhouse_primitives::{HaltReason, abi};
use weighhouse_runtime::vm::engine::{Optimisation, VmSettings, config, engine};
use weighhouse_runtime::vm::growth::GrowthLimiter;
use weighhouse_runtime::vm::instrument::{EXPORT_GAS, EXPORT_STACK, EXPORT_STATE};
use weighhouse_testkit::Dice;

/// Once in so many calls the host stops the guest.
const STOPS: u64 = 40;

/// Everything that one run leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) outcome: Result<i64, HaltReason>,
    pub(super) gas: i64,
    pub(super) stack: i32,
    memory: Hash,
    /// The module's own mutable globals.
    globals: Vec<i64>,
    host: Witness,
}

impl Run {
    /// Calls of the host.
    pub(super) fn calls(&self) -> u64 {
        self.host.calls
    }
}

/// What the host has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Witness {
    calls: u64,
    digest: u64,
}

/// The host stops the guest.
#[derive(Clone, Copy, Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host stops the guest")
    }
}

impl std::error::Error for Stopped {}
impl wasmi::errors::HostError for Stopped {}

impl Witness {
    /// Notes a call, writes somewhere, answers.
    fn call(&mut self, name: &str, arguments: &[u64], memory: &mut [u8]) -> Result<u64, Stopped> {
        self.calls += 1;
        let named = name.bytes().map(u64::from);
        for word in named.chain(arguments.iter().copied()) {
            self.digest = Dice::new(self.digest ^ word).throw();
        }
        let mut dice = Dice::new(self.digest);
        if dice.once_in(STOPS) {
            return Err(Stopped);
        }
        if let Some(room) = memory.len().checked_sub(8) {
            let at = dice.index(room);
            memory[at..at + 8].copy_from_slice(&dice.throw().to_le_bytes());
        }
        Ok(dice.throw() >> dice.below(64))
    }
}

fn classify(trap: HaltReason, gas: i64, stack: i32) -> HaltReason {
    match trap {
        HaltReason::Unreachable if gas < 0 => HaltReason::OutOfGas,
        HaltReason::Unreachable if stack < 0 => HaltReason::StackExhausted,
        other => other,
    }
}

fn of_wasmtime(error: &wasmtime::Error) -> HaltReason {
    use wasmtime::Trap;
    if error.is::<Stopped>() {
        return HaltReason::HostLimit;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) => HaltReason::Unreachable,
        Some(Trap::MemoryOutOfBounds) => HaltReason::MemoryOutOfBounds,
        Some(Trap::IntegerDivisionByZero | Trap::IntegerOverflow) => HaltReason::BadDivision,
        Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
            HaltReason::BadIndirectCall
        }
        _ => panic!("an end that no accepted code can cause: {error:?}"),
    }
}

fn of_wasmi(error: &wasmi::Error) -> HaltReason {
    use wasmi::TrapCode;
    if error.downcast_ref::<Stopped>().is_some() {
        return HaltReason::HostLimit;
    }
    match error.as_trap_code() {
        Some(TrapCode::UnreachableCodeReached) => HaltReason::Unreachable,
        Some(TrapCode::MemoryOutOfBounds) => HaltReason::MemoryOutOfBounds,
        Some(TrapCode::IntegerDivisionByZero | TrapCode::IntegerOverflow) => {
            HaltReason::BadDivision
        }
        Some(
            TrapCode::TableOutOfBounds | TrapCode::IndirectCallToNull | TrapCode::BadSignature,
        ) => HaltReason::BadIndirectCall,
        _ => panic!("an end that no accepted code can cause: {error:?}"),
    }
}

/// The module's own mutable globals among these names, in one order: engines list exports in their own.
fn globals_of<'a>(exports: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = exports
        .filter(|name| name.starts_with(EXPORT_STATE))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

/// A module, compiled by one of wasmtime's compilers and linked.
struct Compiled {
    pre: wasmtime::InstancePre<State>,
    globals: Vec<String>,
}

struct State {
    limiter: GrowthLimiter,
    witness: Witness,
}

impl Compiled {
    fn new(engine: &wasmtime::Engine, module: &[u8]) -> Self {
        use wasmtime::{Val, ValType};
        let module = wasmtime::Module::new(engine, module).unwrap();
        let mut linker = wasmtime::Linker::<State>::new(engine);
        for import in module.imports() {
            let ty = import.ty().unwrap_func().clone();
            let name = import.name().to_owned();
            let wide = ty
                .results()
                .next()
                .is_some_and(|ty| matches!(ty, ValType::I64));
            let host = move |mut caller: wasmtime::Caller<'_, State>,
                             arguments: &[Val],
                             results: &mut [Val]| {
                let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
                let (memory, state) = memory.data_and_store_mut(&mut caller);
                let words: Vec<u64> = arguments
                    .iter()
                    .map(|one| match one {
                        Val::I32(word) => u64::from(word.cast_unsigned()),
                        other => other.unwrap_i64().cast_unsigned(),
                    })
                    .collect();
                let answer = state.witness.call(&name, &words, memory);
                let answer = answer.map_err(wasmtime::Error::new)?.cast_signed();
                if let Some(result) = results.first_mut() {
                    *result = if wide {
                        Val::I64(answer)
                    } else {
                        Val::I32(low(answer))
                    };
                }
                Ok(())
            };
            linker
                .func_new(abi::IMPORT_MODULE, import.name(), ty, host)
                .unwrap();
        }
        Self {
            pre: linker.instantiate_pre(&module).unwrap(),
            globals: globals_of(module.exports().map(|one| one.name())),
        }
    }

    fn run(&self, engine: &wasmtime::Engine, gas: i64) -> Run {
        let state = State {
            limiter: GrowthLimiter,
            witness: Witness::default(),
        };
        let mut store = wasmtime::Store::new(engine, state);
        store.limiter(|state| &mut state.limiter);
        let instance = self.pre.instantiate(&mut store).unwrap();
        let counter = instance.get_global(&mut store, EXPORT_GAS).unwrap();
        counter.set(&mut store, gas.into()).unwrap();
        let call = instance
            .get_typed_func::<i32, i64>(&mut store, abi::EXPORT_CALL)
            .unwrap();
        let result = call.call(&mut store, 7);
        let gas = counter.get(&mut store).unwrap_i64();
        let stack = instance.get_global(&mut store, EXPORT_STACK).unwrap();
        let stack = stack.get(&mut store).unwrap_i32();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let globals = self.globals.iter().map(|name| {
            let value = instance
                .get_global(&mut store, name)
                .unwrap()
                .get(&mut store);
            value.i64().unwrap_or_else(|| value.unwrap_i32().into())
        });
        Run {
            globals: globals.collect(),
            outcome: result.map_err(|error| classify(of_wasmtime(&error), gas, stack)),
            gas,
            stack,
            memory: Hash::of(memory.data(&store)),
            host: store.data().witness.clone(),
        }
    }
}

/// The low half, as every engine keeps it.
fn low(word: i64) -> i32 {
    i32::from_le_bytes(*word.to_le_bytes().first_chunk().unwrap())
}

/// The same module with conditions of `select` that the interpreter gets right.
///
/// wasmi 2.0.0 takes `select` on `i32.eqz x`, or on a comparison of `x` with 0, for one whose condition
/// always holds or never does. Or with 0 in between it computes the condition first. Compilers get the
/// module as it is.
fn without_select_of_zero(module: &[u8]) -> Vec<u8> {
    struct Aside;

    impl Reencode for Aside {
        type Error = Infallible;

        fn parse_function_body(
            &mut self,
            code: &mut wasm_encoder::CodeSection,
            body: wasmparser::FunctionBody<'_>,
        ) -> Result<(), reencode::Error<Infallible>> {
            let mut function = self.new_function_with_parsed_locals(&body)?;
            let mut reader = body.get_operators_reader()?;
            while !reader.eof() {
                let instruction = self.parse_instruction(&mut reader)?;
                if matches!(instruction, Instruction::Select) {
                    function.instruction(&Instruction::I32Const(0));
                    function.instruction(&Instruction::I32Or);
                }
                function.instruction(&instruction);
            }
            code.function(&function);
            Ok(())
        }
    }

    let mut out = wasm_encoder::Module::new();
    let parser = wasmparser::Parser::new(0);
    reencode::utils::parse_core_module(&mut Aside, &mut out, parser, module).unwrap();
    out.finish()
}

/// A module, translated by the interpreter and linked.
struct Interpreted {
    module: wasmi::Module,
    linker: wasmi::Linker<Witness>,
    globals: Vec<String>,
}

impl Interpreted {
    fn new(engine: &wasmi::Engine, module: &[u8]) -> Self {
        use wasmi::{Val, ValType};
        let module = wasmi::Module::new(engine, module).unwrap();
        let mut linker = wasmi::Linker::<Witness>::new(engine);
        for import in module.imports() {
            let ty = import.ty().func().unwrap().clone();
            let name = import.name().to_owned();
            let wide = ty.results().first() == Some(&ValType::I64);
            let host = move |mut caller: wasmi::Caller<'_, Witness>,
                             arguments: &[Val],
                             results: &mut [Val]| {
                let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
                let (memory, witness) = memory.data_and_store_mut(&mut caller);
                let words: Vec<u64> = arguments
                    .iter()
                    .map(|one| match one {
                        Val::I32(word) => u64::from(word.cast_unsigned()),
                        other => other.i64().unwrap().cast_unsigned(),
                    })
                    .collect();
                let answer = witness.call(&name, &words, memory);
                let answer = answer.map_err(wasmi::Error::host)?.cast_signed();
                if let Some(result) = results.first_mut() {
                    *result = if wide {
                        Val::I64(answer)
                    } else {
                        Val::I32(low(answer))
                    };
                }
                Ok(())
            };
            linker
                .func_new(abi::IMPORT_MODULE, import.name(), ty, host)
                .unwrap();
        }
        let globals = globals_of(module.exports().map(|one| one.name()));
        Self {
            module,
            linker,
            globals,
        }
    }

    fn run(&self, engine: &wasmi::Engine, gas: i64) -> Run {
        let mut store = wasmi::Store::new(engine, Witness::default());
        let instance = self
            .linker
            .instantiate_and_start(&mut store, &self.module)
            .unwrap();
        let counter = instance.get_global(&store, EXPORT_GAS).unwrap();
        counter.set(&mut store, wasmi::Val::I64(gas)).unwrap();
        let call = instance
            .get_typed_func::<i32, i64>(&store, abi::EXPORT_CALL)
            .unwrap();
        let result = call.call(&mut store, 7);
        let gas = counter.get(&store).i64().unwrap();
        let stack = instance.get_global(&store, EXPORT_STACK).unwrap();
        let stack = stack.get(&store).i32().unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        let globals = self.globals.iter().map(|name| {
            let value = instance.get_global(&store, name).unwrap().get(&store);
            value.i64().unwrap_or_else(|| value.i32().unwrap().into())
        });
        Run {
            globals: globals.collect(),
            outcome: result.map_err(|error| classify(of_wasmi(&error), gas, stack)),
            gas,
            stack,
            memory: Hash::of(memory.data(&store)),
            host: store.data().clone(),
        }
    }
}

/// The four engines under their names.
pub(super) struct Engines {
    compilers: Vec<(&'static str, wasmtime::Engine)>,
    interpreter: wasmi::Engine,
}

/// One module on all of them.
pub(super) struct Everywhere<'a> {
    engines: &'a Engines,
    compiled: Vec<Compiled>,
    interpreted: Interpreted,
}

impl Engines {
    pub(super) fn new() -> Self {
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
        // Far above what the counted stack allows, so that it is never the interpreter that stops.
        let mut interpreter = wasmi::Config::default();
        interpreter
            .set_max_recursion_depth(1 << 20)
            .set_max_stack_height(256 << 20);
        Self {
            compilers: vec![
                ("cranelift", engine(&node).unwrap()),
                ("cranelift, speed", engine(&speed).unwrap()),
                ("winch", wasmtime::Engine::new(&winch).unwrap()),
            ],
            interpreter: wasmi::Engine::new(&interpreter),
        }
    }

    /// Compiles a counted module everywhere.
    pub(super) fn compile(&self, counted: &[u8]) -> Everywhere<'_> {
        let compilers = self.compilers.iter();
        let interpreted = without_select_of_zero(counted);
        Everywhere {
            engines: self,
            compiled: compilers
                .map(|(_, one)| Compiled::new(one, counted))
                .collect(),
            interpreted: Interpreted::new(&self.interpreter, &interpreted),
        }
    }
}

impl Everywhere<'_> {
    /// Runs everywhere and demands one end; else says who differs.
    pub(super) fn run(&self, gas: i64) -> Result<Run, String> {
        let expected = self.interpreted.run(&self.engines.interpreter, gas);
        for ((name, engine), module) in self.engines.compilers.iter().zip(&self.compiled) {
            let run = module.run(engine, gas);
            if run != expected {
                return Err(format!(
                    "with {gas} gas\n{name}: {run:?}\nwasmi: {expected:?}"
                ));
            }
        }
        Ok(expected)
    }
}
