//! What `weighhouse contract test` wants to know of each call: what it cost, what it covered, what happened.
//!
//! Each wish is an environment variable; without them nothing is written. Notes about cost and coverage
//! concern the contract under test only, not those that its tests use beside it. What happened is printed,
//! and shown by the test harness for tests that fail.

use crate::world::World;
use std::fmt::Write as _;
use std::io::Write as _;
use weighhouse_primitives::{Address, CodeHash, Hash, Outcome, Receipt};
use weighhouse_rpc::address::Prefix;
use weighhouse_rpc::codec::Codec;
use weighhouse_runtime::reader::{Answer, TraceFrame};

/// Notes a call.
pub(crate) fn call(world: &World, contract: Address, entry_point: &str, receipt: &Receipt) {
    if is_under_test(world, contract) {
        let cost = format!("{entry_point} {}\n", receipt.gas_used.0);
        append("WEIGHHOUSE_GAS_FILE", &cost);
        append(
            "WEIGHHOUSE_COVERAGE_FILE",
            &covered(world, contract, entry_point, &receipt.outcome),
        );
        for event in receipt
            .events
            .iter()
            .filter(|event| event.contract == contract)
        {
            append(
                "WEIGHHOUSE_COVERAGE_FILE",
                &format!("event {}\n", event.kind),
            );
        }
    }
    if std::env::var_os("WEIGHHOUSE_TRACE").is_some() {
        print(&happened(world, entry_point, receipt));
    }
}

/// Notes a query.
pub(crate) fn query(world: &World, contract: Address, entry_point: &str, answer: &Answer) {
    if is_under_test(world, contract) {
        let line = covered(world, contract, entry_point, &answer.outcome);
        append("WEIGHHOUSE_COVERAGE_FILE", &line);
    }
    if std::env::var_os("WEIGHHOUSE_TRACE").is_some() {
        let mut text = format!("ask {entry_point}: {}\n", ended(&answer.outcome));
        for line in &answer.debug {
            // Writing to a string does not fail.
            let _ = writeln!(text, "  debug {line}");
        }
        print(&text);
    }
}

/// The entry point and the refusal of this contract, if it ended with one.
fn covered(world: &World, contract: Address, entry_point: &str, outcome: &Outcome) -> String {
    let mut lines = format!("entry {entry_point}\n");
    let refused = match outcome {
        Outcome::Reverted {
            contract: by, code, ..
        } if *by == contract => Some(*code),
        // A check answers the code that the call would end with.
        Outcome::Succeeded { data } if is_check(world, contract, entry_point) => data
            .first_chunk::<2>()
            .map(|code| u16::from_le_bytes(*code)),
        _ => None,
    };
    if let Some(code) = refused.filter(|code| *code != 0) {
        let _ = writeln!(lines, "code {code}");
    }
    lines
}

fn is_check(world: &World, contract: Address, entry_point: &str) -> bool {
    use weighhouse_primitives::schema::EntryKind;
    let info = world.reader.contract(&contract, None).ok();
    let info = info.and_then(|(_, record)| world.reader.code_info(&record.code).ok());
    let kind = info.and_then(|info| Some(info.schema.entry_point(entry_point)?.kind));
    kind == Some(EntryKind::Check)
}

/// True for the contract whose module `weighhouse contract test` has built, if it wants notes at all.
fn is_under_test(world: &World, contract: Address) -> bool {
    let wanted = ["WEIGHHOUSE_GAS_FILE", "WEIGHHOUSE_COVERAGE_FILE"];
    if wanted.iter().all(|name| std::env::var_os(name).is_none()) {
        return false;
    }
    let path = std::env::var_os("WEIGHHOUSE_MODULE").unwrap_or_default();
    let Ok(module) = std::fs::read(path) else {
        return false;
    };
    let record = world.reader.contract(&contract, None);
    record.is_ok_and(|(_, record)| record.code == CodeHash(Hash::of(&module)))
}

fn append(variable: &str, lines: &str) {
    let Some(path) = std::env::var_os(variable) else {
        return;
    };
    let file = std::fs::File::options()
        .append(true)
        .create(true)
        .open(path);
    // One write for one note: tests run side by side.
    let written = file.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.expect("the file of notes can be written");
}

#[expect(
    clippy::print_stdout,
    reason = "what the harness shows of a failed test"
)]
fn print(text: &str) {
    print!("{text}");
}

/// A call with its tree, as `weighhouse tx show --trace` would show it.
fn happened(world: &World, entry_point: &str, receipt: &Receipt) -> String {
    let (reader, hash) = (world.reader.clone(), receipt.tx);
    let height = world.reader.head().height;
    let mut text = format!(
        "block {height} {entry_point}: {}, {} gas\n",
        ended(&receipt.outcome),
        receipt.gas_used.0
    );
    let traced = world.on_chain(move |_| reader.trace(&hash));
    let Ok(traced) = traced else {
        return text;
    };
    for frame in &traced.frames {
        let depth = usize::try_from(frame.depth).unwrap_or(0);
        let _ = writeln!(
            text,
            "{:indent$}{} {}, {} gas",
            "",
            called(world, frame),
            ended(&frame.outcome),
            frame.gas_used.0,
            indent = depth.saturating_mul(2).saturating_add(2),
        );
    }
    for line in &traced.debug {
        let _ = writeln!(text, "  debug {line}");
    }
    text
}

fn codec(world: &World) -> Option<Codec> {
    Prefix::new(&world.reader.genesis().prefix).map(Codec::new)
}

/// Contract, entry point and arguments of a frame, by its schema.
fn called(world: &World, frame: &TraceFrame) -> String {
    let info = world.reader.contract(&frame.contract, None).ok();
    let info = info.and_then(|(_, record)| world.reader.code_info(&record.code).ok());
    let (Some(info), Some(codec)) = (info, codec(world)) else {
        return frame.contract.to_string();
    };
    match codec.decode_call(&info.schema, &frame.input) {
        Some(call) => format!("{}.{} {}", info.schema.name, call.name, call.value),
        None => format!("{} with {} bytes", info.schema.name, frame.input.len()),
    }
}

fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Succeeded { .. } => "succeeded".into(),
        Outcome::Reverted { code, .. } => format!("refused with {code}"),
        Outcome::Halted(reason) => format!("halted: {reason:?}"),
    }
}
