//! What the worst modules that the validator accepts cost to check, instrument and compile.
//!
//! `cargo bench -p weighhouse-testkit --bench compile`
//!
//! Processor time of this process, the best of three; `--only NAME` takes one module, so that the peak
//! of its memory can be read from `/usr/bin/time -v`. Asked: 1 s and 256 MiB (docs/reliability.md).
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use std::fmt::Write as _;
use std::time::Duration;
use weighhouse_node as _; // The allocator that a node runs with (decision 0015).
use weighhouse_runtime::gas::GasSchedule;
use weighhouse_runtime::limits;
use weighhouse_runtime::vm::code::Code;
use weighhouse_runtime::vm::engine::{VmSettings, engine};
use weighhouse_runtime::vm::instrument::instrument;
use weighhouse_testkit::targets::seeds::with_schema;

const ROUNDS: usize = 3;

const CALLS: usize = limits::CALLS_MAX;

fn main() {
    let only = std::env::args().skip_while(|arg| arg != "--only").nth(1);
    let engine = engine(&VmSettings::USUAL).expect("an engine");
    println!("| module | bytes | check | instrument | compile | machine code |");
    println!("|---|---|---|---|---|---|");
    for (name, make) in MODULES {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let module = make();
        let (check, code) = best(|| Code::check(&module));
        if let Err(error) = code {
            println!("| {name} | {} | refused: {error} | | | |", module.len());
            continue;
        }
        let (injecting, counted) =
            best(|| instrument(&module, &GasSchedule::V1).expect("accepted"));
        let (compiling, artefact) = best(|| engine.precompile_module(&counted).expect("compiles"));
        println!(
            "| {name} | {} | {check:.0?} | {injecting:.0?} | {compiling:.2?} | {} |",
            module.len(),
            artefact.len()
        );
    }
}

/// The least processor time of a few rounds, and what the last one made.
fn best<T>(work: impl Fn() -> T) -> (Duration, T) {
    let round = || {
        let from = processor_time();
        let made = work();
        (processor_time().saturating_sub(from), made)
    };
    (1..ROUNDS).fold(round(), |(least, _), _| {
        let (took, made) = round();
        (least.min(took), made)
    })
}

/// Of all threads of this process.
fn processor_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux");
    let spent = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

type Make = fn() -> Vec<u8>;

const MODULES: &[(&str, Make)] = &[
    ("token", || {
        weighhouse_testkit::artifact("dfa-token").to_vec()
    }),
    ("registry", || {
        weighhouse_testkit::artifact("rights-registry").to_vec()
    }),
    ("ifs", || branches(8, 510, 8)),
    ("ifs-live", || branches(2, 380, 250)),
    ("ifs-wide", || branches(8, 510, 46)),
    ("br-ifs", || br_ifs(8, 300, 80)),
    ("exits", || exits(8, 1_020, 46)),
    ("exits-wide", || exits(2, 780, 250)),
    ("loops", loops),
    ("straight", straight),
    ("calls", || calls("call 0 ", CALLS / 7)),
    ("calls-live", calls_live),
    ("host-calls", || calls("call $g drop ", CALLS / 7)),
    ("indirect", || {
        calls("i32.const 0 call_indirect (type $t) ", 1_020)
    }),
    ("grows", || calls("i32.const 1 memory.grow drop ", 1_020)),
    ("tables", tables),
    ("of-all", of_all),
    ("empty", empty),
];

fn module(fields: &str) -> Vec<u8> {
    with_schema(&format!(
        "(module (type $t (func)) (import \"wh1\" \"gas_left\" (func $g (result i64))) {fields} \
         (memory (export \"memory\") 1) (global (export \"wh_io\") i32 (i32.const 1024)) \
         (func (export \"wh_call\") (param i32) (result i64) i64.const 0))"
    ))
}

fn locals(count: usize) -> String {
    "i64 ".repeat(count)
}

/// Adds all locals up, so that all of them live to the end.
fn sum(count: usize) -> String {
    let mut text = String::from("i64.const 0 ");
    for local in 0..count {
        write!(text, "local.get {local} i64.add ").expect("room");
    }
    text + "global.set $m "
}

const GLOBAL: &str = "(global $m (mut i64) (i64.const 1))";

/// Functions of nothing but `if`s that change one of many locals, all of which live.
fn branches(functions: usize, ifs: usize, count: usize) -> Vec<u8> {
    let mut text = GLOBAL.to_owned();
    for _ in 0..functions {
        write!(text, "(func (local {}) ", locals(count)).expect("room");
        for number in 0..ifs {
            let local = number % count;
            write!(
                text,
                "global.get $m i64.eqz if local.get {local} i64.const {number} i64.xor local.set {local} end "
            )
            .expect("room");
        }
        text += &sum(count);
        text += ")";
    }
    module(&text)
}

/// Blocks left from many places: every exit meets every other.
fn br_ifs(functions: usize, blocks: usize, count: usize) -> Vec<u8> {
    let mut text = GLOBAL.to_owned();
    for _ in 0..functions {
        write!(text, "(func (local {}) ", locals(count)).expect("room");
        text += &"block ".repeat(blocks);
        for number in 0..blocks {
            let local = number % count;
            write!(
                text,
                "local.get {local} i64.const {number} i64.add local.tee {local} i64.eqz br_if {} end ",
                (blocks - number) / 2
            )
            .expect("room");
        }
        text += &sum(count);
        text += ")";
    }
    module(&text)
}

/// One block that is left from as many places as there may be, with another value of some local each time.
fn exits(functions: usize, places: usize, count: usize) -> Vec<u8> {
    let mut text = GLOBAL.to_owned();
    for _ in 0..functions {
        write!(text, "(func (local {}) block ", locals(count)).expect("room");
        for number in 0..places {
            let local = number % count;
            write!(
                text,
                "local.get {local} i64.const {number} i64.xor local.tee {local} i64.eqz br_if 0 "
            )
            .expect("room");
        }
        text += "end ";
        text += &sum(count);
        text += ")";
    }
    module(&text)
}

/// Loops as deep as they may nest, with all locals changed inside.
fn loops() -> Vec<u8> {
    let mut text = GLOBAL.to_owned();
    for _ in 0..24 {
        write!(text, "(func (local {}) ", locals(255)).expect("room");
        for depth in 0..limits::LOOP_DEPTH_MAX {
            write!(
                text,
                "loop local.get {depth} i64.const 1 i64.add local.tee {} ",
                254 - depth
            )
            .expect("room");
            text += "drop ";
        }
        text += &sum(255);
        for depth in 0..limits::LOOP_DEPTH_MAX {
            write!(text, "local.get {depth} i64.eqz br_if 0 end ").expect("room");
        }
        text += ")";
    }
    module(&text)
}

/// Code without a branch.
fn straight() -> Vec<u8> {
    let mut text = GLOBAL.to_owned();
    for _ in 0..7 {
        text += "(func (local i32 i64) ";
        text += &"local.get 0 i64.load local.get 1 i64.add local.set 1 ".repeat(6_000);
        text += "local.get 1 global.set $m)";
    }
    module(&text)
}

/// Bodies of one short piece over and over.
fn calls(piece: &str, times: usize) -> Vec<u8> {
    let mut text = String::from("(table 1 funcref) (func $first)");
    let piece = piece.replace("call 0", "call $first");
    for _ in 0..7 {
        write!(text, "(func {})", piece.repeat(times)).expect("room");
    }
    module(&text)
}

/// Calls between which many values live.
fn calls_live() -> Vec<u8> {
    let mut text = format!("{GLOBAL} (func $first (result i64) i64.const 1)");
    for _ in 0..7 {
        write!(text, "(func (local {}) ", locals(250)).expect("room");
        for number in 0..CALLS / 7 {
            let local = number % 250;
            write!(text, "call $first local.set {local} ").expect("room");
        }
        text += &sum(250);
        text += ")";
    }
    module(&text)
}

/// Jumps by table from many places to many.
fn tables() -> Vec<u8> {
    let mut text = GLOBAL.to_owned();
    write!(text, "(func (local {}) ", locals(91)).expect("room");
    text += &"block ".repeat(90);
    for open in (1..=90).rev() {
        let targets: String = (0..open).map(|target| format!("{target} ")).collect();
        write!(
            text,
            "local.get 0 i64.const {open} i64.add local.tee {open} i32.wrap_i64 br_table {targets} end "
        )
        .expect("room");
    }
    text += &sum(90);
    text += ")";
    module(&text)
}

/// As many `if`s, calls and bytes of straight code as one module may have together.
fn of_all() -> Vec<u8> {
    let mut text = format!("{GLOBAL} (func $first (result i64) i64.const 1)");
    for _ in 0..8 {
        write!(text, "(func (local {}) ", locals(45)).expect("room");
        for number in 0..510 {
            let local = number % 45;
            write!(
                text,
                "call $first i64.eqz if local.get {local} call $first i64.xor call $first \
                 call $first i64.or i64.add local.set {local} end "
            )
            .expect("room");
        }
        text += &sum(45);
        text += ")";
    }
    for _ in 0..7 {
        text += "(func (local i32 i64) ";
        text += &"local.get 0 i64.load local.get 1 i64.add local.set 1 ".repeat(5_000);
        text += "local.get 1 global.set $m)";
    }
    module(&text)
}

fn empty() -> Vec<u8> {
    module(&"(func)".repeat(limits::FUNCTIONS_MAX - 1))
}
