//! Modules by chance: what `wasm-smith` makes of random bytes, bent into the shape of a contract.
//!
//! The generator knows WebAssembly and no contracts. What it is told: the imports are host functions, the
//! exports are those of a contract. What is bent afterwards: the window is put where it fits; operators
//! and segments of bulk memory that the chain does not take become ones of the same operands that it does,
//! so that `memory.copy` and `memory.fill` occur. The validator of the chain still has the last word.

use parity_scale_codec::Encode;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ConstExpr, CustomSection, Instruction, Section};
use wasm_smith::{Config, MemoryOffsetChoices, Module};
use wasmparser::{DataKind, ElementKind, Operator};
use weighhouse_primitives::abi::{EXPORT_IO, IO_WINDOW_BYTES, SECTION_SCHEMA};
use weighhouse_testkit::Dice;
use weighhouse_testkit::targets::seeds::plain;

/// Random bytes that the smallest modules are made of.
const BYTES_MIN: u64 = 200;
/// Random bytes that the largest modules are made of.
const BYTES_MAX: u64 = 6_000;
/// Id of the section that counts data segments: only passive ones need it.
const DATA_COUNT_SECTION: u8 = 12;

macro_rules! import_rows {
    ($(
        $(#[$doc:meta])*
        $group:ident :: $name:ident ( $($argument:ident : $kind:ident),* $(,)? ) $(-> $result:ident)?,
            gas $base:literal $(+ $per:literal * ( $($length:ident),* ))? ;
    )*) => {
        &[$((stringify!($name), &[$(stringify!($kind)),*], concat!("" $(, stringify!($result))?))),*]
    };
}

/// Name, types of arguments, type of result of every host function.
static HOST: &[(&str, &[&str], &str)] = weighhouse_primitives::for_each_host_function!(import_rows);

/// A module that imports every host function.
fn imports() -> Vec<u8> {
    let bits = |kind: &str| if kind.ends_with("64") { "i64" } else { "i32" };
    let mut text = String::from("(module");
    for (name, arguments, result) in HOST {
        let arguments: String = arguments
            .iter()
            .map(|kind| format!(" {}", bits(kind)))
            .collect();
        let result = match *result {
            "" => String::new(),
            kind => format!("(result {})", bits(kind)),
        };
        text += &format!("(import \"wh1\" \"{name}\" (func (param{arguments}) {result}))");
    }
    wat::parse_str(text + ")").unwrap()
}

/// A module with the exports of a contract.
fn exports(dice: &mut Dice) -> Vec<u8> {
    let pages = 1 + dice.below(3);
    let maximum = dice.pick(&["", "3", "64", "1000"]);
    let text = format!(
        "(module (memory (export \"memory\") {pages} {maximum}) \
         (global (export \"wh_io\") i32 (i32.const 0)) \
         (func (export \"wh_call\") (param i32) (result i64) unreachable))"
    );
    wat::parse_str(text).unwrap()
}

fn config(dice: &mut Dice, imports: &[u8]) -> Config {
    let small = |dice: &mut Dice, end| usize::try_from(dice.below(end)).unwrap();
    Config {
        available_imports: Some(imports.to_vec()),
        exports: Some(exports(dice)),
        allow_floats: false,
        allow_start_export: false,
        // Half of all modules avoid traps, so that what stands behind them is reached.
        disallow_traps: dice.once_in(2),
        bulk_memory_enabled: !dice.once_in(4),
        exceptions_enabled: false,
        extended_const_enabled: false,
        gc_enabled: false,
        generate_custom_sections: dice.once_in(4),
        max_data_segments: small(dice, 8),
        max_element_segments: small(dice, 4),
        max_elements: 20,
        max_funcs: 1 + HOST.len() + small(dice, 20),
        // The exported one is all there is.
        max_memories: 0,
        max_globals: 1 + small(dice, 12),
        max_instructions: dice.pick(&[10, 50, 200, 1_000]),
        max_nesting_depth: dice.pick(&[2, 5, 10, 30]),
        max_table_elements: 50,
        max_types: 30,
        memory64_enabled: false,
        memory_offset_choices: MemoryOffsetChoices(97, 2, 1),
        min_uleb_size: dice.pick(&[1, 1, 1, 5]),
        multi_value_enabled: false,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        ..Config::default()
    }
}

/// Makes modules.
pub(crate) struct Smith {
    imports: Vec<u8>,
    schema: Vec<u8>,
}

impl Smith {
    pub(crate) fn new() -> Self {
        Self {
            imports: imports(),
            schema: plain("generated").encode(),
        }
    }

    /// The module of this seed: the same bytes every time. `None` if the generator gave up.
    pub(crate) fn module(&self, seed: u64) -> Option<Vec<u8>> {
        let mut dice = Dice::new(seed);
        let config = config(&mut dice, &self.imports);
        let length = BYTES_MIN + dice.below(BYTES_MAX - BYTES_MIN);
        let mut bytes = Vec::new();
        for _ in 0..length.div_ceil(8) {
            bytes.extend_from_slice(&dice.throw().to_le_bytes());
        }
        let mut from = arbitrary::Unstructured::new(&bytes);
        let module = Module::new(config, &mut from).ok()?.to_bytes();
        let mut bent = bend(&module);
        let section = CustomSection {
            name: SECTION_SCHEMA.into(),
            data: self.schema.as_slice().into(),
        };
        section.append_to(&mut bent);
        Some(bent)
    }
}

/// The module in the shape of a contract. What it is made from is valid.
fn bend(module: &[u8]) -> Vec<u8> {
    let mut bend = Bend::of(module);
    let mut out = wasm_encoder::Module::new();
    utils::parse_core_module(&mut bend, &mut out, wasmparser::Parser::new(0), module).unwrap();
    without_section(&out.finish(), DATA_COUNT_SECTION)
}

/// Leaves a section away.
fn without_section(module: &[u8], id: u8) -> Vec<u8> {
    let (header, mut rest) = module.split_at(8);
    let mut out = header.to_vec();
    while let [found, behind @ ..] = rest {
        let mut reader = wasmparser::BinaryReader::new(behind, 0);
        let size = usize::try_from(reader.read_var_u32().unwrap()).unwrap();
        let whole = 1 + reader.original_position() + size;
        if *found != id {
            out.extend_from_slice(&rest[..whole]);
        }
        rest = &rest[whole..];
    }
    out
}

struct Bend {
    /// Index of the global that says where the window is.
    window: u32,
    /// Globals written so far.
    globals: u32,
    /// Where the window goes.
    address: i32,
}

impl Bend {
    fn of(module: &[u8]) -> Self {
        let (mut window, mut bytes) = (0, 0);
        for payload in wasmparser::Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                wasmparser::Payload::MemorySection(section) => {
                    bytes = section.into_iter().next().unwrap().unwrap().initial * 65_536;
                }
                wasmparser::Payload::ExportSection(section) => {
                    let mut all = section.into_iter().map(Result::unwrap);
                    window = all.find(|one| one.name == EXPORT_IO).unwrap().index;
                }
                _ => {}
            }
        }
        let last = bytes - u64::try_from(IO_WINDOW_BYTES).unwrap();
        Self {
            window,
            globals: 0,
            address: i32::try_from(last).unwrap(),
        }
    }
}

impl Reencode for Bend {
    type Error = Infallible;

    fn parse_global(
        &mut self,
        globals: &mut wasm_encoder::GlobalSection,
        global: wasmparser::Global<'_>,
    ) -> Result<(), Error<Infallible>> {
        let here = self.globals == self.window;
        self.globals += 1;
        if here {
            globals.global(
                self.global_type(global.ty)?,
                &ConstExpr::i32_const(self.address),
            );
            return Ok(());
        }
        utils::parse_global(self, globals, global)
    }

    fn instruction<'a>(
        &mut self,
        operator: Operator<'a>,
    ) -> Result<Instruction<'a>, Error<Infallible>> {
        Ok(match operator {
            Operator::MemoryInit { .. } | Operator::TableInit { .. } => Instruction::MemoryFill(0),
            Operator::TableCopy { .. } => Instruction::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
            Operator::DataDrop { .. } | Operator::ElemDrop { .. } => Instruction::Nop,
            other => utils::instruction(self, other)?,
        })
    }

    fn parse_data(
        &mut self,
        data: &mut wasm_encoder::DataSection,
        datum: wasmparser::Data<'_>,
    ) -> Result<(), Error<Infallible>> {
        match datum.kind {
            DataKind::Active { .. } => utils::parse_data(self, data, datum),
            DataKind::Passive => {
                data.active(0, &ConstExpr::i32_const(8), datum.data.iter().copied());
                Ok(())
            }
        }
    }

    fn parse_element(
        &mut self,
        elements: &mut wasm_encoder::ElementSection,
        element: wasmparser::Element<'_>,
    ) -> Result<(), Error<Infallible>> {
        match element.kind {
            ElementKind::Active { .. } => utils::parse_element(self, elements, element),
            ElementKind::Passive | ElementKind::Declared => Ok(()),
        }
    }
}
