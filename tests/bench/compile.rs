//! What the worst modules that the validator accepts cost to check, instrument and compile.
//!
//! `cargo bench -p weighhouse-testkit --bench compile`
//!
//! Processor time of this process, the best of three; `--only NAME` takes one module, so that the peak
//! of its memory can be read from `/usr/bin/time -v`. Asked: 1 s and 256 MiB (docs/reliability.md).
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

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

/// A function whose `count` locals all live to its end, where they are added up.
fn function(count: usize, body: &str) -> String {
    format!("(func (local {}) {body}{})", locals(count), sum(count))
}

/// Adds all locals up.
fn sum(count: usize) -> String {
    let adds = pieces(count, |local| format!("local.get {local} i64.add "));
    format!("i64.const 0 {adds}global.set $m ")
}

/// Pieces of code, by their number.
fn pieces(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

const GLOBAL: &str = "(global $m (mut i64) (i64.const 1))";

/// Functions of nothing but `if`s that change one of many locals, all of which live.
fn branches(functions: usize, ifs: usize, count: usize) -> Vec<u8> {
    let body = pieces(ifs, |number| {
        let local = number % count;
        format!(
            "global.get $m i64.eqz if local.get {local} i64.const {number} i64.xor local.set {local} end "
        )
    });
    module(&(GLOBAL.to_owned() + &function(count, &body).repeat(functions)))
}

/// Blocks left from many places: every exit meets every other.
fn br_ifs(functions: usize, blocks: usize, count: usize) -> Vec<u8> {
    let body = pieces(blocks, |number| {
        let (local, exit) = (number % count, (blocks - number) / 2);
        format!(
            "local.get {local} i64.const {number} i64.add local.tee {local} i64.eqz br_if {exit} end "
        )
    });
    let body = "block ".repeat(blocks) + &body;
    module(&(GLOBAL.to_owned() + &function(count, &body).repeat(functions)))
}

/// One block that is left from as many places as there may be, with another value of some local each time.
fn exits(functions: usize, places: usize, count: usize) -> Vec<u8> {
    let body = pieces(places, |number| {
        let local = number % count;
        format!("local.get {local} i64.const {number} i64.xor local.tee {local} i64.eqz br_if 0 ")
    });
    let body = format!("block {body}end ");
    module(&(GLOBAL.to_owned() + &function(count, &body).repeat(functions)))
}

/// Loops as deep as they may nest, with all locals changed inside.
fn loops() -> Vec<u8> {
    let open = pieces(limits::LOOP_DEPTH_MAX, |depth| {
        let other = 254 - depth;
        format!("loop local.get {depth} i64.const 1 i64.add local.tee {other} drop ")
    });
    let close = pieces(limits::LOOP_DEPTH_MAX, |depth| {
        format!("local.get {depth} i64.eqz br_if 0 end ")
    });
    let sum = sum(255);
    let one = format!("(func (local {}) {open}{sum}{close})", locals(255));
    module(&(GLOBAL.to_owned() + &one.repeat(24)))
}

/// Functions without a branch.
fn straight_functions(functions: usize, loads: usize) -> String {
    let loads = "local.get 0 i64.load local.get 1 i64.add local.set 1 ".repeat(loads);
    format!("(func (local i32 i64) {loads}local.get 1 global.set $m)").repeat(functions)
}

/// Code without a branch.
fn straight() -> Vec<u8> {
    module(&(GLOBAL.to_owned() + &straight_functions(7, 6_000)))
}

/// Bodies of one short piece over and over.
fn calls(piece: &str, times: usize) -> Vec<u8> {
    let piece = piece.replace("call 0", "call $first");
    let functions = format!("(func {})", piece.repeat(times)).repeat(7);
    module(&format!("(table 1 funcref) (func $first) {functions}"))
}

/// A function to call.
const CALLED: &str = "(func $first (result i64) i64.const 1)";

/// Calls between which many values live.
fn calls_live() -> Vec<u8> {
    let body = pieces(CALLS / 7, |number| {
        format!("call $first local.set {} ", number % 250)
    });
    let functions = function(250, &body).repeat(7);
    module(&format!("{GLOBAL} {CALLED} {functions}"))
}

/// Jumps by table from many places to many.
fn tables() -> Vec<u8> {
    let body = pieces(90, |closed| {
        let open = 90 - closed;
        let targets = pieces(open, |target| format!("{target} "));
        format!(
            "local.get 0 i64.const {open} i64.add local.tee {open} i32.wrap_i64 br_table {targets} end "
        )
    });
    let body = "block ".repeat(90) + &body;
    module(&(GLOBAL.to_owned() + &function(91, &body)))
}

/// As many `if`s, calls and bytes of straight code as one module may have together.
fn of_all() -> Vec<u8> {
    let body = pieces(510, |number| {
        let local = number % 45;
        format!(
            "call $first i64.eqz if local.get {local} call $first i64.xor call $first \
             call $first i64.or i64.add local.set {local} end "
        )
    });
    let functions = function(45, &body).repeat(8);
    let straight = straight_functions(7, 5_000);
    module(&format!("{GLOBAL} {CALLED} {functions}{straight}"))
}

fn empty() -> Vec<u8> {
    module(&"(func)".repeat(limits::FUNCTIONS_MAX - 1))
}
