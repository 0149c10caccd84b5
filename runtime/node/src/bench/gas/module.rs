//! A contract that repeats an operation: one loop with it, one without.
//!
//! The whole module is made of a class's operators and a frame that is the same for all of them: the
//! input says which loop runs, how often, and from where its numbers start, so that no compiler can
//! know them. What the loop itself costs, a frame, a transaction, is in both and cancels.

use parity_scale_codec::Encode;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    ImportSection, Instruction, MemArg, MemorySection, MemoryType, Module, RefType, TableSection,
    TableType, TypeSection, ValType,
};
use weighhouse_primitives::abi::{EXPORT_CALL, EXPORT_IO, EXPORT_MEMORY, IMPORT_MODULE, selector};
use weighhouse_primitives::for_each_host_function;
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Schema, Type};

/// Operators, in order.
pub(super) type Code = Vec<Instruction<'static>>;

/// Address of the input window; its 16 KiB end at [`DATA`].
const WINDOW: i32 = 1_024;
/// Constants of a class: 2 KiB.
pub(super) const DATA: i32 = 0x4400;
/// Where a class writes what it changes before a call: 2 KiB.
pub(super) const SCRATCH: i32 = 0x4c00;
/// Where the host writes, 16 KiB.
pub(super) const OUT: i32 = 0x5400;
/// What the host reads, 16 KiB of zeros.
pub(super) const VALUE: i32 = 0xa000;
/// Bytes of an operating system's page: what is touched first costs a fault.
const STRIDE: i32 = 4_096;

/// The local that holds how many rounds are left.
pub(super) const ROUND: u32 = 0;
/// The number from which the run starts: another one in each run.
pub(super) const SEED: u32 = 1;
/// Always 1.
pub(super) const ONE: u32 = 2;
/// Always 3.
pub(super) const THREE: u32 = 3;
/// Free for `i32`, at first the seed; three more follow.
pub(super) const X: u32 = 4;
/// Free for `i64`, at first the seed in all bytes; two more follow.
pub(super) const WIDE: u32 = 8;
/// Always 1, `i64`.
pub(super) const WIDE_ONE: u32 = 9;
/// Locals of each type that only [`Class::locals`] asks for.
pub(super) const MORE: u32 = 11;

/// Selector of the entry that runs.
pub(super) const RUN: &str = "run";
/// Selector of the constructor.
pub(super) const OPEN: &str = "open";

/// What a call runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The loop with the operation.
    With,
    /// The loop without it.
    Without,
}

/// Input of a call: which loop, how many rounds, from where.
pub(super) fn input(which: Which, rounds: u32, seed: u32) -> Vec<u8> {
    let which = u32::from(which == Which::Without);
    (selector(RUN), which, rounds, seed, 1_u32, 3_u32).encode()
}

macro_rules! wasm_type {
    (u32) => {
        ValType::I32
    };
    (i64) => {
        ValType::I64
    };
}

macro_rules! rows {
    ($(
        $(#[$doc:meta])*
        $group:ident :: $name:ident ( $($arg:ident : $ty:tt),* $(,)? ) $(-> $ret:tt)?,
            gas $base:literal $(+ $per:literal * ( $($len:ident),* ))? ;
    )*) => {
        /// Every host function.
        pub(super) const HOST: &[HostRow] = &[
            $(HostRow {
                name: stringify!($name),
                params: &[$(wasm_type!($ty)),*],
                results: &[$(wasm_type!($ret))?],
            }),*
        ];
    };
}

/// A row of the table of host functions.
#[derive(Debug)]
pub(super) struct HostRow {
    pub(super) name: &'static str,
    params: &'static [ValType],
    results: &'static [ValType],
}

for_each_host_function!(rows);

/// What is measured: a loop's body with and without some operations, of one row of the schedule.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// The price that pays for it.
    pub(super) row: &'static str,
    /// What is done, and where it stands in memory or store.
    pub(super) name: &'static str,
    /// Before the loops, in both.
    pub(super) prelude: Code,
    pub(super) with: Code,
    pub(super) without: Code,
    /// Operations that `with` has more.
    pub(super) units: u32,
    /// Pages at the start.
    pub(super) pages: u64,
    /// More locals of `i32` in the loops' function.
    pub(super) locals: u32,
    /// A function with so many locals, as number 2 of [`call_own`].
    pub(super) wide: u32,
    /// Bytes behind the usual input.
    pub(super) input: usize,
    /// No run has more rounds: limits of a transaction.
    pub(super) rounds_max: u32,
    /// Transactions of a run.
    pub(super) transactions: u32,
    /// The block is committed and stored, and that is measured too.
    pub(super) durable: bool,
    /// What runs find in caches differs by luck: the median counts, not the fastest.
    pub(super) cold: bool,
    /// How often it can be measured.
    pub(super) pairs_max: u32,
}

impl Class {
    /// A class without anything particular.
    pub(super) fn new(row: &'static str, name: &'static str, units: u32) -> Self {
        Self {
            row,
            name,
            prelude: Vec::new(),
            with: Vec::new(),
            without: Vec::new(),
            units,
            pages: 1,
            locals: 0,
            wide: 0,
            input: 0,
            rounds_max: u32::MAX,
            transactions: 1,
            durable: false,
            cold: false,
            pairs_max: u32::MAX,
        }
    }
}

/// A call of a host function; its arguments stand on the operand stack.
pub(super) fn call(name: &str) -> Instruction<'static> {
    let index = HOST.iter().position(|row| row.name == name);
    Instruction::Call(count(index.unwrap_or(HOST.len())))
}

/// A call of one of the module's own functions: 0 does nothing, 1 is never called, 2 has many locals.
pub(super) fn call_own(index: u32) -> Instruction<'static> {
    Instruction::Call(count(HOST.len()).saturating_add(1).saturating_add(index))
}

/// Type of functions without parameters and results.
pub(super) fn plain_type() -> u32 {
    count(HOST.len()).saturating_add(1)
}

pub(super) const fn at(offset: u64, align: u32) -> MemArg {
    MemArg {
        offset,
        align,
        memory_index: 0,
    }
}

pub(super) const fn int(value: i32) -> Instruction<'static> {
    Instruction::I32Const(value)
}

pub(super) const fn get(local: u32) -> Instruction<'static> {
    Instruction::LocalGet(local)
}

pub(super) const fn set(local: u32) -> Instruction<'static> {
    Instruction::LocalSet(local)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Module of a class, with `data` at [`DATA`].
pub(super) fn module(class: &Class, data: &[u8]) -> Vec<u8> {
    let mut body = Function::new([
        (7, ValType::I32),
        (3, ValType::I64),
        (class.locals, ValType::I32),
    ]);
    // The constructor has no input but its selector, and nothing to do.
    append(
        &mut body,
        &[
            get(0),
            int(24),
            Instruction::I32LtU,
            Instruction::If(BlockType::Empty),
            Instruction::I64Const(1),
            Instruction::Return,
            Instruction::End,
        ],
    );
    for (offset, local) in [(8, ROUND), (12, SEED), (16, ONE), (20, THREE)] {
        append(
            &mut body,
            &[int(WINDOW), Instruction::I32Load(at(offset, 2)), set(local)],
        );
    }
    let wide_seed = [
        get(SEED),
        set(X),
        get(SEED),
        Instruction::I64ExtendI32U,
        Instruction::I64Const(0x0001_0001_0001_0001),
        Instruction::I64Mul,
        set(WIDE),
        get(ONE),
        Instruction::I64ExtendI32U,
        set(WIDE_ONE),
    ];
    append(&mut body, &wide_seed);
    append(&mut body, &class.prelude);
    append(&mut body, &[int(WINDOW), Instruction::I32Load(at(4, 2))]);
    body.instruction(&Instruction::If(BlockType::Empty));
    repeat(&mut body, &class.without);
    body.instruction(&Instruction::Else);
    repeat(&mut body, &class.with);
    body.instruction(&Instruction::End);
    append(&mut body, &[Instruction::I64Const(1), Instruction::End]);
    assemble(class.pages, class.wide, &body, data)
}

/// What a callee does, by the four bytes behind its selector.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callee {
    Nothing,
    Abort,
    Trap,
    /// Grows by 63 pages.
    Grow,
    /// The same, page by page.
    GrowSlowly,
    /// Grows by 63 pages and writes to all of them.
    GrowTouch,
    /// Writes to all pages.
    Touch,
    Answer,
}

/// Bytes of the long answer of a callee.
pub(super) const ANSWER_BYTES: u32 = 8_192;

/// A contract for others to call.
pub(super) fn callee(pages: u64) -> Vec<u8> {
    let mut body = Function::new([(7, ValType::I32)]);
    let mode = |body: &mut Function, callee: Callee| {
        append(
            body,
            &[
                int(WINDOW),
                Instruction::I32Load(at(4, 2)),
                int(callee as i32),
                Instruction::I32Eq,
                Instruction::If(BlockType::Empty),
            ],
        );
    };
    mode(&mut body, Callee::Abort);
    let nothing = [int(0), int(0), int(0), int(0), int(0)];
    append(&mut body, &nothing);
    append(&mut body, &[call("abort"), Instruction::End]);
    mode(&mut body, Callee::Trap);
    append(&mut body, &[Instruction::Unreachable, Instruction::End]);
    let grow = |pages| [int(pages), Instruction::MemoryGrow(0), Instruction::Drop];
    mode(&mut body, Callee::Grow);
    append(&mut body, &grow(63));
    body.instruction(&Instruction::End);
    mode(&mut body, Callee::GrowSlowly);
    append(&mut body, &[int(63), set(ROUND)]);
    repeat(&mut body, &grow(1));
    body.instruction(&Instruction::End);
    mode(&mut body, Callee::GrowTouch);
    append(&mut body, &grow(63));
    touch(&mut body);
    body.instruction(&Instruction::End);
    mode(&mut body, Callee::Touch);
    touch(&mut body);
    body.instruction(&Instruction::End);
    mode(&mut body, Callee::Answer);
    let answer = Instruction::I64Const(i64::from(ANSWER_BYTES));
    let answer = [
        // A large answer that starts behind everything: zeros.
        Instruction::I64Const(i64::from(VALUE) << 32),
        answer,
        Instruction::I64Or,
        Instruction::Return,
        Instruction::End,
    ];
    append(&mut body, &answer);
    append(&mut body, &[Instruction::I64Const(1), Instruction::End]);
    assemble(pages, 0, &body, &[])
}

/// Writes to every page of the operating system but the first.
fn touch(body: &mut Function) {
    append(
        body,
        &[
            int(STRIDE),
            set(X),
            Instruction::Loop(BlockType::Empty),
            get(X),
            get(X),
            Instruction::I32Store(at(8, 2)),
            get(X),
            int(STRIDE),
            Instruction::I32Add,
            Instruction::LocalTee(X),
            Instruction::MemorySize(0),
            int(16),
            Instruction::I32Shl,
            Instruction::I32LtU,
            Instruction::BrIf(0),
            Instruction::End,
        ],
    );
}

fn append(body: &mut Function, code: &[Instruction<'static>]) {
    for instruction in code {
        body.instruction(instruction);
    }
}

/// `code`, as often as [`ROUND`] says.
fn repeat(body: &mut Function, code: &[Instruction<'static>]) {
    body.instruction(&Instruction::Loop(BlockType::Empty));
    append(body, code);
    append(
        body,
        &[
            get(ROUND),
            int(1),
            Instruction::I32Sub,
            Instruction::LocalTee(ROUND),
            Instruction::BrIf(0),
            Instruction::End,
        ],
    );
}

fn types() -> TypeSection {
    let mut types = TypeSection::new();
    for row in HOST {
        let (params, results) = (row.params.iter(), row.results.iter());
        types.ty().function(params.copied(), results.copied());
    }
    types.ty().function([ValType::I32], [ValType::I64]);
    types.ty().function([], []);
    // A result makes the call of a function of another type a mistake.
    types.ty().function([ValType::I32], [ValType::I32]);
    types
}

fn globals() -> GlobalSection {
    let mut globals = GlobalSection::new();
    let of = |mutable| GlobalType {
        val_type: ValType::I32,
        mutable,
        shared: false,
    };
    globals.global(of(false), &ConstExpr::i32_const(WINDOW));
    globals.global(of(true), &ConstExpr::i32_const(0));
    globals
}

fn exports() -> ExportSection {
    let mut exports = ExportSection::new();
    exports.export(EXPORT_MEMORY, ExportKind::Memory, 0);
    exports.export(EXPORT_IO, ExportKind::Global, 0);
    exports.export(EXPORT_CALL, ExportKind::Func, count(HOST.len()));
    exports
}

/// Sections around the body of `wh_call`.
fn assemble(pages: u64, wide: u32, body: &Function, data: &[u8]) -> Vec<u8> {
    let host = count(HOST.len());
    let mut module = Module::new();
    module.section(&types());
    let mut imports = ImportSection::new();
    for (index, row) in (0..).zip(HOST) {
        imports.import(IMPORT_MODULE, row.name, EntityType::Function(index));
    }
    module.section(&imports);
    let mut functions = FunctionSection::new();
    functions.function(host);
    for _ in 0..3 {
        functions.function(plain_type());
    }
    module.section(&functions);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 16,
        maximum: Some(16),
        shared: false,
    });
    module.section(&tables);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: pages,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    module.section(&memories);
    module.section(&globals());
    module.section(&exports());
    let mut elements = ElementSection::new();
    let own = host.saturating_add(1);
    let targets: Vec<u32> = std::iter::repeat_n(own, 16).collect();
    elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions(targets.into()),
    );
    module.section(&elements);
    let mut code = CodeSection::new();
    code.function(body);
    for locals in [0, 0, wide] {
        let mut function = Function::new([(locals, ValType::I64)]);
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    module.section(&code);
    if !data.is_empty() {
        let mut segments = DataSection::new();
        segments.active(0, &ConstExpr::i32_const(DATA), data.iter().copied());
        module.section(&segments);
    }
    let schema = schema().encode();
    module.section(&CustomSection {
        name: weighhouse_primitives::abi::SECTION_SCHEMA.into(),
        data: schema.into(),
    });
    module.finish()
}

fn schema() -> Schema {
    let entry = |name: &str, kind| EntryPoint {
        name: name.into(),
        selector: selector(name),
        kind,
        args: Vec::new(),
        returns: Type::Unit,
        docs: String::new(),
    };
    Schema {
        name: "gas".into(),
        version: "1".into(),
        docs: String::new(),
        entry_points: vec![
            entry(OPEN, EntryKind::Constructor),
            entry(RUN, EntryKind::Call),
        ],
        errors: Vec::new(),
        events: Vec::new(),
    }
}
