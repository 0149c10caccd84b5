//! Classes of host functions: the base of a row and its bytes, by two lengths; and what frames, pages
//! of memory and storage cost.
//!
//! What stands in the store is priced by the worst that an honest node meets: a key that is in none of
//! its caches, and a write with all that follows it, from the state's root to the store.

use super::module::{
    ANSWER_BYTES, Callee, Class, Code, DATA, OUT, ROUND, RUN, SCRATCH, SEED, VALUE, X, at, call,
    get, int,
};
use wasm_encoder::Instruction as I;
use weighhouse_primitives::abi::{HASH_BLAKE3, VERIFY_ED25519, selector};

/// Keys of 4 bytes with values of [`SMALL`] bytes that stand in the store: a power of two.
pub(super) const KEYS: i32 = 65_536;
/// Bytes of their values.
const SMALL: i32 = 64;
/// Keys of 8 bytes with values of [`LARGE`] bytes: a power of two.
pub(super) const LARGE_KEYS: i32 = 512;
/// Bytes of their values.
const LARGE: i32 = 16_384;
/// Second half of a large value's key, and of keys that nobody has written.
const LARGE_MARK: i32 = -1;
const NEW_MARK: i32 = 7;
/// Writes of a transaction, with room below the limit.
const WRITES: u32 = 4_000;
/// How often so many keys can be removed before none is left; runs without it skip as many.
const REMOVALS: u32 = 7;
/// Calls of one function in a row.
const TIMES: u32 = 16;
/// Where a callee's input stands.
const CALL_INPUT: i32 = SCRATCH + 0x200;
/// Signatures of the list in the constants.
pub(super) const SIGNATURES: u32 = 8;
/// Offsets of the constants: two callees, a key, its signature of the first 32 bytes, a list of them.
const KEY_AT: i32 = DATA + 64;
const SIGNATURE_AT: i32 = DATA + 96;
const LIST_AT: i32 = DATA + 160;

const HASH: I<'static> = int(HASH_BLAKE3.cast_signed());
const VERIFY: I<'static> = int(VERIFY_ED25519.cast_signed());

/// All of them; those that remove what others read come last.
pub(super) fn classes() -> Vec<Class> {
    let mut all = own();
    all.extend(crypto());
    all.extend(frames());
    all.extend(output());
    all.extend(storage());
    all
}

/// True if the store has to be filled for it.
pub(super) fn reads_store(class: &Class) -> bool {
    let rows = ["storage_", "tail_read", "contract_call"];
    rows.iter().any(|row| class.row.starts_with(row))
}

/// Calls `name` with these arguments; `result` says that it answers something.
fn calls(name: &str, arguments: &[I<'static>], result: bool, times: u32) -> Code {
    let once = || {
        let drop = result.then_some(I::Drop);
        arguments.iter().cloned().chain([call(name)]).chain(drop)
    };
    (0..times).flat_map(|_| once()).collect()
}

/// Functions that look at what the frame has.
fn own() -> Vec<Class> {
    let part = |name, cap| calls(name, &[int(0), int(OUT), int(cap)], true, TIMES);
    let of_bytes = |row, name, host, cap: i32| Class {
        with: part(host, cap),
        without: part(host, 0),
        ..Class::new(row, name, TIMES * cap.cast_unsigned())
    };
    let base = |row, name, host| Class {
        with: part(host, 0),
        ..Class::new(row, name, TIMES)
    };
    let answered = call_input(Callee::Answer);
    let answered = [answered, calling(DATA, CALL_INPUT, 8)].concat();
    vec![
        base("input_read", "input_read of nothing", "input_read"),
        Class {
            input: 16_384,
            ..of_bytes(
                "input_read, byte",
                "input_read of 16 KiB",
                "input_read",
                LARGE,
            )
        },
        Class {
            with: calls("context_read", &[int(OUT)], true, TIMES),
            ..Class::new("context_read", "context_read", TIMES)
        },
        Class {
            with: calls("gas_left", &[], true, TIMES),
            ..Class::new("gas_left", "gas_left", TIMES)
        },
        base("answer_read", "answer_read of nothing", "answer_read"),
        Class {
            prelude: answered,
            ..of_bytes(
                "answer_read, byte",
                "answer_read of 8 KiB",
                "answer_read",
                ANSWER_BYTES.cast_signed(),
            )
        },
        base("tail_read", "tail_read of nothing", "tail_read"),
        Class {
            prelude: [large(), get_value(8)].concat(),
            ..of_bytes("tail_read, byte", "tail_read of 16 KiB", "tail_read", LARGE)
        },
    ]
}

fn crypto() -> Vec<Class> {
    let hash = |bytes| calls("hash", &[HASH, int(VALUE), int(bytes), int(OUT)], false, 4);
    let verify = |from, bytes| {
        let arguments = [
            VERIFY,
            int(KEY_AT),
            int(from),
            int(bytes),
            int(SIGNATURE_AT),
        ];
        calls("verify", &arguments, true, 1)
    };
    let many = |list, bytes| {
        let arguments = [VERIFY, int(list), int(bytes), int(DATA), int(32)];
        calls("verify_many", &arguments, true, 1)
    };
    let list_bytes = 1 + 96 * SIGNATURES.cast_signed();
    vec![
        Class {
            with: hash(0),
            ..Class::new("hash", "hash of nothing", 4)
        },
        Class {
            with: hash(LARGE),
            without: hash(0),
            ..Class::new("hash, byte", "hash of 16 KiB", 4 * LARGE.cast_unsigned())
        },
        Class {
            with: verify(DATA, 32),
            ..Class::new("verify", "verify, a signature of 32 bytes", 1)
        },
        Class {
            with: verify(VALUE, LARGE),
            without: verify(VALUE, 0),
            ..Class::new("verify, byte", "verify of 16 KiB", LARGE.cast_unsigned())
        },
        Class {
            with: many(VALUE, 1),
            ..Class::new("verify_many", "verify_many, an empty list", 1)
        },
        Class {
            with: many(LIST_AT, list_bytes),
            without: many(VALUE, 1),
            ..Class::new(
                "verify_many, signature",
                "verify_many, 8 signatures",
                SIGNATURES,
            )
        },
    ]
}

/// Writes a callee's input.
fn call_input(callee: Callee) -> Code {
    let selector = selector(RUN).cast_signed();
    vec![
        int(CALL_INPUT),
        int(selector),
        I::I32Store(at(0, 2)),
        int(CALL_INPUT),
        int(callee as i32),
        I::I32Store(at(4, 2)),
        int(OUT),
        int(selector),
        I::I32Store(at(0, 2)),
    ]
}

/// A call of the contract whose address is at `contract`.
fn calling(contract: i32, input: i32, bytes: i32) -> Code {
    let gas = I::I64Const(i64::MAX);
    let arguments = [int(contract), int(input), int(bytes), gas, int(0)];
    calls("contract_call", &arguments, true, 1)
}

fn frames() -> Vec<Class> {
    let nobody: Code = [
        &[int(SCRATCH), get(ROUND), get(SEED), I::I32Add][..],
        &[I::I32Store(at(0, 2))],
        &calling(SCRATCH, CALL_INPUT, 8),
    ]
    .concat();
    let (own, large) = (DATA, DATA + 32);
    // What a mode of a callee costs more than another: the input says which.
    let mode = |contract, callee: Callee| {
        let mut code = vec![int(CALL_INPUT), int(callee as i32), I::I32Store(at(4, 2))];
        code.extend(calling(contract, CALL_INPUT, 8));
        code
    };
    let modes = |row, name, (callee, without), units| Class {
        prelude: call_input(callee),
        with: mode(own, callee),
        without: mode(own, without),
        ..Class::new(row, name, units)
    };
    let (nothing, grow) = (Callee::Nothing, Callee::Grow);
    let ends = |name, callee| Class {
        prelude: call_input(callee),
        with: calling(own, CALL_INPUT, 8),
        ..Class::new("contract_call, frame", name, 1)
    };
    let bytes = LARGE.cast_unsigned() - 8;
    vec![
        Class {
            with: nobody,
            prelude: call_input(nothing),
            ..Class::new("contract_call", "contract_call of nobody", 1)
        },
        ends("contract_call that does nothing", nothing),
        ends("contract_call that traps", Callee::Trap),
        ends("contract_call that aborts", Callee::Abort),
        ends("contract_call that writes to its page", Callee::Touch),
        Class {
            with: calling(own, OUT, LARGE),
            without: calling(own, OUT, 8),
            prelude: call_input(nothing),
            ..Class::new("contract_call, byte", "contract_call with 16 KiB", bytes)
        },
        Class {
            // The callee without those pages is another contract.
            without: mode(own, nothing),
            with: mode(large, Callee::Touch),
            ..modes(
                "frame_page",
                "63 more pages of a frame, written to",
                (Callee::Touch, nothing),
                63,
            )
        },
        modes(
            "grow",
            "memory.grow by 1 page, 63 times",
            (Callee::GrowSlowly, grow),
            62,
        ),
        modes(
            "page_grow",
            "memory.grow by 63 pages, written to",
            (Callee::GrowTouch, nothing),
            63,
        ),
    ]
}

fn output() -> Vec<Class> {
    let event = |bytes| calls("event_emit", &[int(1), int(VALUE), int(bytes)], false, 1);
    let line = |bytes| calls("debug_log", &[int(VALUE), int(bytes)], false, 1);
    vec![
        Class {
            with: event(0),
            rounds_max: 1_000,
            transactions: 64,
            durable: true,
            ..Class::new("event_emit", "event_emit of nothing, durable", 1)
        },
        Class {
            with: event(8_192),
            without: event(0),
            rounds_max: 31,
            transactions: 64,
            durable: true,
            ..Class::new("event_emit, byte", "event_emit of 8 KiB, durable", 8_192)
        },
        Class {
            with: line(0),
            ..Class::new("debug_log", "debug_log of nothing", 1)
        },
        Class {
            with: line(8_192),
            without: line(0),
            ..Class::new("debug_log, byte", "debug_log of 8 KiB", 8_192)
        },
    ]
}

/// Puts a key to [`SCRATCH`]: a number that no other round of this run has, then `mark`. Below `below`
/// it is times an odd one, so that neighbours in time are none in the store.
fn key(below: Option<i32>, mark: i32) -> Code {
    let number = [get(ROUND), get(SEED), I::I32Add, I::LocalTee(X)];
    let scattered = below.map(|below| [int(40_503), I::I32Mul, int(below - 1), I::I32And]);
    let mut code = vec![int(SCRATCH)];
    code.extend(number);
    code.extend(scattered.into_iter().flatten());
    code.extend([
        I::I32Store(at(0, 2)),
        int(SCRATCH),
        int(mark),
        I::I32Store(at(4, 2)),
        // A value that was not there before.
        int(VALUE),
        get(X),
        I::I32Store(at(0, 2)),
    ]);
    code
}

fn small() -> Code {
    key(Some(KEYS), 0)
}

fn large() -> Code {
    key(Some(LARGE_KEYS), LARGE_MARK)
}

fn get_value(key_bytes: i32) -> Code {
    let arguments = [int(SCRATCH), int(key_bytes), int(OUT), int(LARGE)];
    calls("storage_get", &arguments, true, 1)
}

fn set_value(key_bytes: i32, bytes: i32) -> Code {
    let arguments = [int(SCRATCH), int(key_bytes), int(VALUE), int(bytes)];
    calls("storage_set", &arguments, false, 1)
}

/// What fills the store before anything is measured: small keys, then large ones; each with the rounds
/// of a transaction, and how many keys there are.
pub(super) fn fillers() -> [(Class, u32, i32); 2] {
    let filler = |key: Code, key_bytes, bytes| Class {
        with: [key, set_value(key_bytes, bytes)].concat(),
        ..Class::new("", "filling the store", 1)
    };
    [
        (filler(small(), 4, SMALL), 4_096, KEYS),
        (filler(large(), 8, LARGE), 64, LARGE_KEYS),
    ]
}

fn storage() -> Vec<Class> {
    let new = || key(None, NEW_MARK);
    let mut all = reads();
    let written = |row, name, key: Code, set: Code| Class {
        with: [key.clone(), set].concat(),
        without: key,
        rounds_max: WRITES,
        transactions: 4,
        durable: true,
        ..Class::new(row, name, 1)
    };
    let again = || set_value(4, SMALL);
    let remove = calls("storage_remove", &[int(SCRATCH), int(4)], true, 1);
    all.extend([
        written(
            "storage_set",
            "storage_set of a key in no cache, durable",
            small(),
            again(),
        ),
        Class {
            rounds_max: 2_000,
            ..written(
                "storage_set",
                "storage_set of a new key, durable",
                new(),
                set_value(8, SMALL),
            )
        },
        Class {
            prelude: small(),
            with: again(),
            ..Class::new("storage_set", "storage_set, once more", 1)
        },
        Class {
            rounds_max: 100,
            without: [large(), again()].concat(),
            units: (LARGE - SMALL).cast_unsigned(),
            ..written(
                "storage_set, byte",
                "storage_set of 16 KiB, durable",
                large(),
                set_value(8, LARGE),
            )
        },
        Class {
            transactions: 1,
            pairs_max: REMOVALS,
            ..written(
                "storage_remove",
                "storage_remove of a key in no cache, durable",
                small(),
                remove,
            )
        },
    ]);
    all
}

/// Reads of storage.
fn reads() -> Vec<Class> {
    let absent = || key(Some(KEYS), NEW_MARK);
    let then = |first: Code, second: Code| [first, second].concat();
    let read = |name, key: Code, bytes| Class {
        with: then(key.clone(), get_value(bytes)),
        without: key,
        rounds_max: 20_000,
        cold: true,
        ..Class::new("storage_get", name, 1)
    };
    let page = |prefix, after, cap| {
        let arguments = [
            int(SCRATCH),
            int(prefix),
            int(SCRATCH),
            int(after),
            int(OUT),
            int(cap),
        ];
        calls("storage_page", &arguments, true, 1)
    };
    vec![
        read("storage_get of a key in no cache", small(), 4),
        read("storage_get of nothing", absent(), 8),
        Class {
            prelude: small(),
            with: get_value(4),
            ..Class::new("storage_get", "storage_get, once more", 1)
        },
        Class {
            row: "storage_get, byte",
            with: then(large(), get_value(8)),
            without: then(small(), get_value(4)),
            units: (LARGE - SMALL).cast_unsigned(),
            rounds_max: 200,
            ..read("storage_get of 16 KiB in no cache", Vec::new(), 8)
        },
        Class {
            row: "storage_get, key byte",
            with: then(absent(), get_value(256)),
            without: then(absent(), get_value(8)),
            units: 248,
            ..read("storage_get of nothing, key of 256 bytes", Vec::new(), 8)
        },
        Class {
            row: "storage_page",
            with: then(absent(), page(8, 0, 0)),
            ..read("storage_page of nothing", absent(), 8)
        },
        Class {
            row: "storage_page, pair",
            with: then(small(), page(0, 4, 1_152)),
            without: then(absent(), page(8, 0, 1_152)),
            units: 16,
            ..read("storage_page of 16 pairs in no cache", Vec::new(), 8)
        },
    ]
}
