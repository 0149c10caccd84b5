//! Classes of operators: what the instrumentation tells apart, each where it is cheap and where it is
//! dear.
//!
//! Operators stand in chains, each waiting for the one before it, because that is how they take longest.

use super::module::{
    Class, Code, MORE, ONE, ROUND, SEED, THREE, WIDE, WIDE_ONE, X, at, call_own, get, int,
    plain_type, set,
};
use wasm_encoder::{BlockType, Instruction as I};

/// Operators of a chain.
const CHAIN: u32 = 64;
/// Pages of a memory as large as it may be at the start.
const PAGES: u64 = 64;
/// Lines of the processor's cache in that memory, and how they follow each other: every line once.
const LINES: i32 = 65_536;
const LINE_FACTOR: i32 = 25_173;
const LINE_STEP: i32 = 13_849;

fn repeated(code: &[I<'static>], times: u32) -> Code {
    (0..times).flat_map(|_| code.iter().cloned()).collect()
}

fn joined(parts: &[&[I<'static>]]) -> Code {
    parts.concat()
}

/// A chain of `step` on the local `on`, which holds what the chain came to.
fn chain(row: &'static str, name: &'static str, on: u32, step: &[I<'static>]) -> Class {
    let (from, to) = ([get(on)], [set(on)]);
    Class {
        with: joined(&[&from, &repeated(step, CHAIN), &to]),
        without: joined(&[&from, &to]),
        ..Class::new(row, name, CHAIN)
    }
}

/// A chain of operations on two numbers, the second of which is the local `other`.
fn pair(
    row: &'static str,
    name: &'static str,
    (on, other): (u32, u32),
    operator: I<'static>,
) -> Class {
    chain(row, name, on, &[get(other), operator])
}

/// All of them.
pub(super) fn classes() -> Vec<Class> {
    let mut all = arithmetic();
    all.extend(division());
    all.extend(memory());
    all.extend(branches());
    all.extend(calls());
    all.extend(bulk());
    all
}

fn arithmetic() -> Vec<Class> {
    let (narrow, wide) = ((X, THREE), (WIDE, WIDE_ONE));
    let turned = |count: u32| -> Code {
        // Locals that move round in each round of the loop have to be moved indeed.
        let moves = (0..count).flat_map(|index| [get(MORE + index), set(MORE + index + 1)]);
        moves.chain([get(MORE + count), set(MORE)]).collect()
    };
    vec![
        pair("simple", "i32.add", narrow, I::I32Add),
        pair("simple", "i64.sub", wide, I::I64Sub),
        pair("simple", "i64.xor", wide, I::I64Xor),
        pair("simple", "i32.shl", narrow, I::I32Shl),
        pair("simple", "i64.rotl", wide, I::I64Rotl),
        chain("simple", "i64.clz", WIDE, &[I::I64Clz]),
        chain("simple", "i64.ctz", WIDE, &[I::I64Ctz]),
        chain("simple", "i32.popcnt", X, &[I::I32Popcnt]),
        chain("simple", "i64.popcnt", WIDE, &[I::I64Popcnt]),
        pair("simple", "i32.lt_s", narrow, I::I32LtS),
        chain("simple", "i32.eqz", X, &[I::I32Eqz]),
        chain("simple", "i64.extend32_s", WIDE, &[I::I64Extend32S]),
        Class {
            units: 2 * CHAIN,
            ..chain(
                "simple",
                "i32.wrap_i64, i64.extend_i32_u",
                WIDE,
                &[I::I32WrapI64, I::I64ExtendI32U],
            )
        },
        chain("simple", "select", X, &[get(THREE), get(ONE), I::Select]),
        Class {
            with: turned(CHAIN - 1),
            locals: CHAIN,
            ..Class::new("simple", "local.set, 64 locals in turn", CHAIN)
        },
        pair("multiply", "i32.mul", narrow, I::I32Mul),
        pair("multiply", "i64.mul", (WIDE, WIDE), I::I64Mul),
        Class {
            units: 2 * CHAIN,
            ..chain(
                "global",
                "global.set, global.get",
                X,
                &[I::GlobalSet(1), I::GlobalGet(1)],
            )
        },
        chain("global", "memory.size", X, &[I::Drop, I::MemorySize(0)]),
    ]
}

fn division() -> Vec<Class> {
    // By one, the quotient has as many digits as there are.
    let rem = [get(WIDE_ONE), I::I64RemU, get(WIDE), I::I64Or];
    let or = [get(WIDE_ONE), I::Drop, get(WIDE), I::I64Or];
    vec![
        pair("divide", "i32.div_u", (X, ONE), I::I32DivU),
        pair("divide", "i32.div_s", (X, ONE), I::I32DivS),
        pair("divide", "i64.div_u", (WIDE, WIDE_ONE), I::I64DivU),
        pair("divide", "i64.div_s", (WIDE, WIDE_ONE), I::I64DivS),
        Class {
            without: joined(&[&[get(WIDE)], &repeated(&or, CHAIN), &[set(WIDE)]]),
            ..chain("divide", "i64.rem_u", WIDE, &rem)
        },
    ]
}

/// Writes to each line the address of another one, every line in one round trip.
fn trail() -> Code {
    let address = [
        get(X),
        int(LINE_FACTOR),
        I::I32Mul,
        int(LINE_STEP),
        I::I32Add,
        int(LINES - 1),
        I::I32And,
        int(6),
        I::I32Shl,
    ];
    joined(&[
        &[int(0), set(X), I::Loop(BlockType::Empty)],
        &[get(X), int(6), I::I32Shl],
        &address,
        &[I::I32Store(at(8, 2))],
        &[get(X), int(1), I::I32Add, I::LocalTee(X), int(LINES)],
        &[I::I32LtU, I::BrIf(0), I::End],
        &[get(SEED), int(LINES - 1), I::I32And, int(6), I::I32Shl],
        &[set(X)],
    ])
}

/// The next number of a series, in `X`.
fn draw() -> Code {
    vec![
        get(X),
        int(1_664_525),
        I::I32Mul,
        int(1_013_904_223),
        I::I32Add,
        I::LocalTee(X),
    ]
}

fn memory() -> Vec<Class> {
    let line = [int(10), I::I32ShrU, int(0x3f_fff0), I::I32And];
    let somewhere = [draw().as_slice(), &line].concat();
    let stored = [&somewhere[..], &[get(X), I::I32Store(at(8, 2))]].concat();
    let dropped = [&somewhere[..], &[I::Drop]].concat();
    let near = [get(X), int(7), I::I32And, I::I32Load(at(0x4000, 2))];
    let near_without = [get(X), int(7), I::I32And];
    let store = [int(64), get(X), I::I32Store(at(0x8000, 2))];
    vec![
        Class {
            // What is read is zero, and the address of the next.
            with: joined(&[
                &[get(X)],
                &repeated(&[I::I32Load(at(0x8000, 2))], CHAIN),
                &[set(X)],
            ]),
            prelude: vec![int(0), set(X)],
            without: vec![get(X), set(X)],
            ..Class::new("load", "i32.load, one address, cached", CHAIN)
        },
        Class {
            with: joined(&[&repeated(&joined(&[&near, &[I::Drop]]), CHAIN)]),
            without: repeated(&joined(&[&near_without, &[I::Drop]]), CHAIN),
            ..Class::new("load", "i32.load, not waited for", CHAIN)
        },
        Class {
            prelude: trail(),
            with: joined(&[
                &[get(X)],
                &repeated(&[I::I32Load(at(8, 2))], CHAIN),
                &[set(X)],
            ]),
            without: vec![get(X), set(X)],
            pages: PAGES,
            ..Class::new("load", "i32.load, anywhere in 4 MiB", CHAIN)
        },
        Class {
            with: repeated(&store, CHAIN),
            ..Class::new("store", "i32.store, one address", CHAIN)
        },
        Class {
            prelude: trail(),
            with: repeated(&stored, CHAIN),
            without: repeated(&dropped, CHAIN),
            pages: PAGES,
            ..Class::new("store", "i32.store, anywhere in 4 MiB", CHAIN)
        },
    ]
}

fn branches() -> Vec<Class> {
    let bit = |at: i32| {
        [
            draw().as_slice(),
            &[int(at), I::I32ShrU, get(ONE), I::I32And],
        ]
        .concat()
    };
    let drawn = repeated(&joined(&[&bit(16), &[I::Drop]]), CHAIN);
    // Somebody has to do something there, or it is no branch.
    let counted = [get(X + 1), get(ONE), I::I32Add, set(X + 1)];
    let chosen = [I::If(BlockType::Empty)];
    let random_if = joined(&[&bit(16), &chosen, &counted, &[I::End]]);
    let taken = [I::Block(BlockType::Empty), I::Br(0), I::End];
    let untaken = [
        I::Block(BlockType::Empty),
        get(ROUND),
        I::I32Eqz,
        I::BrIf(0),
        I::End,
    ];
    let untaken_without = [get(ROUND), I::I32Eqz, I::Drop];
    let four = [
        draw().as_slice(),
        &[int(16), I::I32ShrU, int(15), I::I32And],
    ]
    .concat();
    let block = I::Block(BlockType::Empty);
    let table = I::BrTable((0..15).collect::<Vec<_>>().into(), 15);
    let arms = (0..16).rev().flat_map(|out| {
        let end = [I::End];
        end.into_iter().chain(counted.clone()).chain([I::Br(out)])
    });
    let arms: Code = arms.collect();
    // Sixteen blocks to leave, and one around them that every arm leaves.
    let table = joined(&[&repeated(&[block], 17), &four, &[table], &arms, &[I::End]]);
    vec![
        Class {
            with: repeated(&taken, CHAIN),
            ..Class::new("branch", "br", CHAIN)
        },
        Class {
            with: repeated(&untaken, CHAIN),
            without: repeated(&untaken_without, CHAIN),
            ..Class::new("branch", "br_if, never taken", CHAIN)
        },
        Class {
            with: repeated(&random_if, CHAIN),
            without: drawn,
            ..Class::new("branch", "if, taken at random", CHAIN)
        },
        Class {
            with: repeated(&table, 16),
            without: repeated(&joined(&[&four, &[I::Drop]]), 16),
            ..Class::new("branch_table", "br_table, 16 targets at random", 16)
        },
    ]
}

fn calls() -> Vec<Class> {
    let indirect = I::CallIndirect {
        type_index: plain_type(),
        table_index: 0,
    };
    let element = [get(THREE), indirect];
    vec![
        Class {
            with: repeated(&[call_own(0)], CHAIN),
            ..Class::new("call, entry", "call of an empty function", CHAIN)
        },
        Class {
            with: repeated(&element, CHAIN),
            ..Class::new(
                "call_indirect, entry",
                "call_indirect of an empty function",
                CHAIN,
            )
        },
        Class {
            // What the locals add: 64 times four.
            with: repeated(&[call_own(2)], 8),
            without: repeated(&[call_own(0)], 8),
            wide: 252,
            ..Class::new(
                "entry_per_four_locals",
                "252 locals of a function called",
                8 * 63,
            )
        },
    ]
}

fn bulk() -> Vec<Class> {
    let fill = |bytes| [int(0x8000), get(THREE), int(bytes), I::MemoryFill(0)];
    let copy = |bytes| {
        let copy = I::MemoryCopy {
            src_mem: 0,
            dst_mem: 0,
        };
        [int(0x8000), int(0xc001), int(bytes), copy]
    };
    let large = |name, code: [I<'static>; 4], short: [I<'static>; 4]| Class {
        with: repeated(&code, 8),
        without: repeated(&short, 8),
        ..Class::new("bulk_per_16_bytes", name, 8 * 0x3ff)
    };
    let far_apart = |bytes| {
        let copy = I::MemoryCopy {
            src_mem: 0,
            dst_mem: 0,
        };
        [int(64), int(0x20_0040), int(bytes), copy]
    };
    vec![
        Class {
            with: repeated(&fill(0), CHAIN),
            ..Class::new("bulk", "memory.fill of nothing", CHAIN)
        },
        Class {
            with: repeated(&copy(15), CHAIN),
            ..Class::new("bulk", "memory.copy of 15 bytes", CHAIN)
        },
        large("memory.fill, 16 KiB", fill(0x3ff0), fill(0)),
        large("memory.copy, 16 KiB", copy(0x3ff0), copy(0)),
        Class {
            with: far_apart(0x1f_ff00).to_vec(),
            without: far_apart(0).to_vec(),
            pages: PAGES,
            prelude: trail(),
            ..Class::new("bulk_per_16_bytes", "memory.copy, 2 MiB", 0x1_fff0)
        },
        Class {
            with: repeated(&[int(0), I::MemoryGrow(0), I::Drop], CHAIN),
            ..Class::new("grow", "memory.grow by nothing", CHAIN)
        },
    ]
}
