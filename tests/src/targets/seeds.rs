//! What the corpora begin with: a few good inputs of each target, small and the same every time.

use super::tree::Tree;
use crate::account::Account;
use crate::host_calls::{INPUT_AT, MEMORY_END, Op, Program, ROOM, WAT};
use crate::world::{START, World, input};
use parity_scale_codec::Encode;
use std::sync::Arc;
use weighhouse_primitives::abi::{SECTION_SCHEMA, selector};
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Schema, Type};
use weighhouse_primitives::transaction::Authorization;
use weighhouse_primitives::{Action, Address, BlockHash, CodeHash, Gas, Hash, Height, Payload};
use weighhouse_runtime::Genesis;
use weighhouse_runtime::log::files::Files;
use weighhouse_runtime::log::{BlockLog, LogSettings, MemoryFiles};
use weighhouse_runtime::vm::code::Code;

/// Sizes of a log that fits a corpus.
const SMALL: LogSettings = LogSettings {
    segment_bytes: 64 * 1024,
    step_bytes: 512,
};

/// Good inputs of a target, by name. Unknown targets have none.
#[must_use]
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let found: Vec<(&str, Vec<u8>)> = match target {
        "transaction" => transactions(),
        "block" => blocks(),
        "log_record" => logs(),
        "proof" => proofs(),
        "schema" => schemas(),
        "module" => modules(),
        "host" => programs(),
        "rpc" => requests(),
        _ => Vec::new(),
    };
    found
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect()
}

fn actions() -> [(&'static str, Action); 6] {
    let code = CodeHash(Hash::of(b"code"));
    let contract = Address([7; 32]);
    let policy = ChainPolicy::open();
    [
        (
            "upload",
            Action::Upload {
                code: b"\0asm\x01\0\0\0".to_vec(),
            },
        ),
        (
            "deploy",
            Action::Deploy {
                code,
                salt: Hash::ZERO,
                admin: Some(contract),
                input: input("open", &1u128),
            },
        ),
        (
            "call",
            Action::Call {
                contract,
                input: input("run", &()),
            },
        ),
        (
            "upgrade",
            Action::Upgrade {
                contract,
                code,
                input: Vec::new(),
            },
        ),
        ("govern", Action::Govern { policy }),
        (
            "validator",
            Action::SetValidator {
                key: [3; 32],
                power: 5,
            },
        ),
    ]
}

fn payload(signer: &Account, action: Action) -> Payload {
    Payload {
        chain: Genesis::development(START).hash(),
        signer: signer.address,
        nonce: 1,
        valid_until: START.saturating_add(600),
        gas_limit: Gas(1_000_000),
        action,
    }
}

fn transactions() -> Vec<(&'static str, Vec<u8>)> {
    let (one, many) = (
        Account::new("one"),
        Account::shared(2, &["one", "two", "three"]),
    );
    let mut all: Vec<_> = actions()
        .map(|(name, action)| (name, one.sign(payload(&one, action)).encode()))
        .into();
    let [.., (_, last)] = actions();
    all.push(("shared", many.sign(payload(&many, last.clone())).encode()));
    let mut unsigned = one.sign(payload(&one, last));
    unsigned.authorization = Authorization::Development;
    all.push(("unsigned", unsigned.encode()));
    all
}

fn blocks() -> Vec<(&'static str, Vec<u8>)> {
    let mut world = World::new();
    let one = Account::new("one");
    let candidates = actions().map(|(_, action)| {
        let signed = one.sign(payload(&one, action));
        world.admit(&signed).ok()
    });
    let (committed, _) = world.block(candidates.into_iter().flatten().collect());
    let empty = world.block(Vec::new()).0;
    vec![
        ("full", committed.block.encode()),
        ("empty", empty.block.encode()),
        ("header", committed.block.header.encode()),
        ("receipts", committed.receipts.encode()),
    ]
}

fn logs() -> Vec<(&'static str, Vec<u8>)> {
    let files = Arc::new(MemoryFiles::default());
    let shared: Arc<dyn Files> = Arc::clone(&files) as Arc<dyn Files>;
    let chain = Genesis::development(START).hash();
    let (mut log, _) = BlockLog::over(shared, chain, SMALL).expect("an empty log");
    let read = |files: &MemoryFiles| {
        files
            .read("0000000001.log", 0, 4_096)
            .expect("memory is read")
    };
    let mut all = Vec::new();
    for (height, (name, bytes)) in (1..).zip([("one", 3_usize), ("two", 200), ("three", 0)]) {
        let previous = BlockHash(Hash([u8::try_from(height).unwrap_or(0); 32]));
        log.append(Height(height), previous, &vec![0x57; bytes])
            .expect("memory takes it");
        all.push((name, read(&files)));
    }
    let mut torn = read(&files);
    torn.truncate(torn.iter().rposition(|byte| *byte != 0).unwrap_or(0));
    all.push(("torn", torn));
    all
}

fn proofs() -> Vec<(&'static str, Vec<u8>)> {
    let tree = Tree::new();
    let [present, other] = [&[0_u8], &[7_u8]].map(|key| tree.proof(key).encode());
    let absent: Vec<_> = Tree::absent()
        .map(|key| tree.proof(&key).encode())
        .collect();
    let mut all = vec![("present", present), ("other", other)];
    all.extend(
        absent
            .into_iter()
            .take(3)
            .zip(["absent", "absent-2", "absent-3"])
            .map(|(p, n)| (n, p)),
    );
    all
}

/// The interface of a contract of this name with one call, `run`, without arguments.
#[must_use]
pub fn plain(name: &str) -> Schema {
    Schema {
        name: name.to_owned(),
        version: "1".to_owned(),
        docs: String::new(),
        entry_points: vec![EntryPoint {
            name: "run".to_owned(),
            selector: selector("run"),
            kind: EntryKind::Call,
            args: Vec::new(),
            returns: Type::Unit,
            docs: String::new(),
        }],
        errors: Vec::new(),
        events: Vec::new(),
    }
}

fn schemas() -> Vec<(&'static str, Vec<u8>)> {
    let bond = Code::check(crate::artifact("bond")).expect("a contract");
    vec![
        ("plain", plain("fixture").encode()),
        ("bond", bond.schema().encode()),
        ("zeros", vec![0; 200]),
        ("ones", vec![1; 200]),
        ("fours", [vec![9], vec![4; 200]].concat()),
    ]
}

/// The module of this text, with the schema of [`plain`].
///
/// # Panics
/// If the text is none of a module.
#[must_use]
pub fn with_schema(text: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).expect("text of a module");
    let name = SECTION_SCHEMA.as_bytes();
    let schema = plain("fixture").encode();
    let size = 1 + name.len() + schema.len();
    // Lengths below 128 take one byte.
    module.extend([
        0,
        u8::try_from(size).unwrap_or(0),
        u8::try_from(name.len()).unwrap_or(0),
    ]);
    module.extend_from_slice(name);
    module.extend_from_slice(&schema);
    module
}

fn modules() -> Vec<(&'static str, Vec<u8>)> {
    let shape = |fields: &str| {
        with_schema(&format!(
            "(module {fields} (memory (export \"memory\") 1) (global (export \"wh_io\") i32 (i32.const 1024)) \
             (func (export \"wh_call\") (param i32) (result i64) i64.const 0))"
        ))
    };
    let branches = "(func (param i32) (result i32) (local i64) block block block local.get 0 br_table 0 1 2 end end end \
                    loop local.get 0 br_if 0 end local.get 0 if (result i32) i32.const 1 else i32.const 2 end)";
    let tables = "(type $t (func)) (table 3 funcref) (elem (i32.const 1) $f $f) (func $f) \
                  (func i32.const 1 call_indirect (type $t)) (data (i32.const 9) \"data\")";
    let work = "(import \"wh1\" \"gas_left\" (func $g (result i64))) (global $m (mut i64) (i64.const 5)) \
                (func i32.const 0 i32.const 1 i32.const 2 memory.fill i32.const 1 memory.grow drop call $g global.set $m)";
    vec![
        ("bare", shape("")),
        ("branches", shape(branches)),
        ("tables", shape(tables)),
        ("work", shape(work)),
        ("host-calls", wat::parse_str(WAT).expect("text of a module")),
    ]
}

fn programs() -> Vec<(&'static str, Vec<u8>)> {
    // Behind the selector stands what the target is fed with.
    let bytes = |program: Program| program.run().split_off(4);
    let storage = Program::new()
        .then(Op::StorageSet, &[ROOM, 8, ROOM, 40])
        .then(Op::StorageGet, &[ROOM, 8, ROOM + 100, 20])
        .then(Op::TailRead, &[10, ROOM + 4, 40])
        .then(Op::StoragePage, &[ROOM, 0, ROOM, 0, ROOM + 200, 4_000])
        .then(Op::StorageRemove, &[ROOM, 8])
        .then(Op::StoragePage, &[ROOM, 4, ROOM, 8, MEMORY_END - 10, 20]);
    let frame = Program::new()
        .then(Op::InputRead, &[0, ROOM, 300])
        .then(Op::ContextRead, &[ROOM])
        .then(Op::GasLeft, &[])
        .then(Op::Grow, &[2])
        .then(Op::Load, &[MEMORY_END - 8]);
    let calls = Program::new()
        .then(Op::ContractCall, &[ROOM, INPUT_AT, 40, 1_000_000, 0, 1])
        .then(Op::AnswerRead, &[0, ROOM, 100])
        .then(Op::Answer, &[ROOM, 40]);
    let crypto = Program::new()
        .then(Op::Fill, &[ROOM, 0, 200])
        .then(Op::Hash, &[0, ROOM, 100, ROOM + 50])
        .then(Op::Verify, &[0, ROOM, ROOM, 32, ROOM])
        .then(Op::VerifyMany, &[0, ROOM, 97, ROOM, 10]);
    let texts = Program::new()
        .then(Op::EventEmit, &[1, ROOM, 100])
        .then(Op::DebugLog, &[ROOM, 100])
        .then(Op::Again, &[20])
        .then(Op::Abort, &[ROOM, 10, ROOM, 10, 4]);
    vec![
        ("storage", bytes(storage)),
        ("frame", bytes(frame)),
        ("calls", bytes(calls)),
        ("crypto", bytes(crypto)),
        ("texts", bytes(texts)),
    ]
}

fn requests() -> Vec<(&'static str, Vec<u8>)> {
    let call = |method: &str, params: &str| {
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{params}}}")
    };
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let batch = [
        call("chain_head", "{}"),
        call("node_status", "[]"),
        call("chain_block", "{\"height\":1}"),
    ];
    let texts = [
        ("head", call("chain_head", "{}")),
        (
            "block",
            call("chain_block", "{\"height\":2,\"transactions\":\"full\"}"),
        ),
        ("contracts", call("contract_list", "{\"limit\":10}")),
        (
            "query",
            call(
                "contract_query",
                "{\"address\":\"whdev1\",\"entry_point\":\"supply\",\"args\":{}}",
            ),
        ),
        ("submit", call("tx_submit", "{\"tx\":\"0x00\"}")),
        ("simulate", call("tx_simulate", "{\"tx\":\"0x00\"}")),
        ("prove", call("state_prove", "{\"key\":\"0x6301\"}")),
        (
            "events",
            call(
                "event_list",
                "{\"from\":1,\"limit\":3,\"names\":[\"Transfer\"]}",
            ),
        ),
        (
            "wait",
            call("tx_wait", "{\"hash\":\"0x00\",\"timeout_ms\":1}"),
        ),
        ("batch", format!("[{}]", batch.join(","))),
        ("nested", call("chain_block", &nested(127))),
        ("abyss", "[".repeat(3_000)),
        ("twice", call("chain_block", "{\"height\":1,\"height\":2}")),
        (
            "wide",
            call("chain_block", "{\"height\":18446744073709551616}"),
        ),
        (
            "notice",
            "{\"jsonrpc\":\"2.0\",\"method\":\"chain_head\"}".to_owned(),
        ),
    ];
    texts
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect()
}
