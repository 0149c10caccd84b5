//! Attacks through the host interface, on the real engine: a contract that makes whatever host calls it is
//! told to. `docs/security.md` names which test withstands which attack.

use crate::limits::{Rig, writes};
use parity_scale_codec::Encode;
use weighhouse_primitives::codec::{DECODE_DEPTH_MAX, decode_canonical};
use weighhouse_primitives::schema::Type;
use weighhouse_primitives::{Address, HaltReason, Hash, Outcome};
use weighhouse_testkit::Contract;
use weighhouse_testkit::host_calls::{Op, Program, ROOM, WAT, results};
use weighhouse_testkit::world::input;

/// `contract_call` answers this status in its upper half.
fn status(result: i64) -> i64 {
    result >> 32
}

/// A call with all the gas there is, unless the program says otherwise.
fn call(program: &mut Program, to: Address, bytes: &[u8], gas: u32, flags: u32) {
    let address = program.data(to.as_bytes());
    let length = u32::try_from(bytes.len()).unwrap();
    let at = program.data(bytes);
    let high = if gas == u32::MAX { 1 } else { 0 };
    program.push(Op::ContractCall, &[address, at, length, gas, high, flags]);
}

/// The first word of what the last call answered.
fn answered(program: Program) -> Program {
    program
        .then(Op::Store, &[ROOM, 0])
        .then(Op::AnswerRead, &[0, ROOM, 1])
        .then(Op::Load, &[ROOM])
}

/// One more contract that does what it is told.
fn another(rig: &mut Rig) -> Contract {
    rig.world.put(&rig.signer, &wat::parse_str(WAT).unwrap())
}

/// Goal: buffers that lie over each other are read to the end before anything is written, in every
/// function that does both.
#[test]
fn host_1_overlapping_buffers_are_read_first() {
    let mut rig = Rig::new();
    let hashed = Hash::of(&[0; 40]);
    let first = i64::from_le_bytes(*hashed.0.first_chunk().unwrap());
    let program = Program::new()
        .then(Op::Hash, &[0, ROOM, 40, ROOM + 8])
        .then(Op::Load, &[ROOM + 8]);
    assert_eq!(rig.results(&program), [0, first]);

    // The value lands on the key by which it was asked for, then on prefix and cursor of a page.
    let mut program = Program::new();
    let value = program.data(b"12345678");
    let program = program
        .then(Op::StorageSet, &[ROOM, 8, value, 8])
        .then(Op::StorageGet, &[ROOM, 8, ROOM + 4, 8])
        .then(Op::Load, &[ROOM + 4])
        .then(Op::Fill, &[ROOM, 0, 64])
        .then(Op::StoragePage, &[ROOM, 8, ROOM, 4, ROOM, 20])
        .then(Op::Load, &[ROOM + 12])
        .then(Op::TailRead, &[4, ROOM, 100])
        .then(Op::Load, &[ROOM]);
    let found = rig.results(&program);
    let digits = i64::from_le_bytes(*b"12345678");
    assert_eq!(found[2..6], [8, digits, 0, 20]);
    assert_eq!(
        found[6], digits,
        "the pair stands behind its lengths and key"
    );
    assert_eq!(found[7], 4);
    assert_eq!(found[8].to_le_bytes()[..4], *b"5678");
}

/// Goal: a contract on the stack is not entered again to read either, directly or through another.
#[test]
fn call_1_reentry_to_read_is_refused() {
    let mut rig = Rig::new();
    let own = rig.contract.address;
    let mut program = Program::new();
    call(&mut program, own, &Program::new().look(), u32::MAX, 1);
    let found = rig.results(&answered(program));
    let halted = i64::from(weighhouse_primitives::abi::CALL_HALTED);
    assert_eq!(status(found[2]), halted);
    assert_eq!(found[5] & 0xff, 12, "HaltReason::Reentry");

    let other = another(&mut rig);
    let mut inner = Program::new();
    call(&mut inner, own, &Program::new().look(), u32::MAX, 1);
    let mut program = Program::new();
    call(&mut program, other.address, &inner.look(), u32::MAX, 1);
    // What the other answers: its three results, of which the third is that of its call.
    let program = program
        .then(Op::AnswerRead, &[0, ROOM, 24])
        .then(Op::Load, &[ROOM + 16]);
    let found = rig.results(&program);
    assert_eq!(status(found[2]), 0, "the contract between answers");
    assert_eq!(status(found[4]), halted, "its own call was refused");
}

/// Goal: below a read-only call nobody writes, whatever flags the calls below have.
#[test]
fn read_only_reaches_everything_below() {
    let mut rig = Rig::new();
    let other = another(&mut rig);
    for op in [Op::StorageSet, Op::StorageRemove, Op::EventEmit] {
        let harm = Program::new().then(op, &[ROOM, 3, ROOM, 3]);
        let mut program = Program::new();
        call(&mut program, other.address, &harm.run(), u32::MAX, 1);
        let found = rig.results(&answered(program));
        assert_eq!(found[5] & 0xff, 10, "HaltReason::ReadOnly of {op:?}");
        let mut between = Program::new();
        call(&mut between, other.address, &harm.run(), u32::MAX, 0);
        let signer = rig.signer.address;
        let answer = rig.world.ask(rig.contract.address, signer, between.look());
        let found = results(&answer.outcome).unwrap();
        assert_eq!(status(found[2]), 2, "{op:?} below a query");
    }
}

/// Goal: a refusal is put down to the contract that refused; to somebody else only if that is what the
/// last call answered, byte for byte.
#[test]
fn nobody_refuses_in_the_name_of_another() {
    let mut rig = Rig::new();
    let (own, other) = (rig.contract.address, another(&mut rig).address);
    let refusal = |code: u16| {
        let mut program = Program::new();
        let bytes = [&[1_u8][..], &code.to_le_bytes()].concat();
        let at = program.data(&bytes);
        program.then(Op::Answer, &[at, 3])
    };
    let passed_on = [&[1, 0, 0][..], other.as_bytes(), &7_u16.to_le_bytes()].concat();
    let blamed = |rig: &mut Rig, program: &Program| match rig.run(program).0.outcome {
        Outcome::Reverted { contract, code, .. } => (contract, code),
        outcome => panic!("{outcome:?}"),
    };
    assert_eq!(blamed(&mut rig, &refusal(9)), (own, 9));

    let mut forged = Program::new();
    let at = forged.data(&passed_on);
    let forged = forged.then(Op::Answer, &[at, 37]);
    assert_eq!(blamed(&mut rig, &forged), (own, 7), "it was never called");

    let mut honest = Program::new();
    call(&mut honest, other, &refusal(7).run(), u32::MAX, 0);
    let mut late = honest.clone();
    let at = honest.data(&passed_on);
    let honest = honest.then(Op::Answer, &[at, 37]);
    assert_eq!(blamed(&mut rig, &honest), (other, 7));

    call(&mut late, other, &refusal(8).run(), u32::MAX, 0);
    let at = late.data(&passed_on);
    let late = late.then(Op::Answer, &[at, 37]);
    assert_eq!(
        blamed(&mut rig, &late),
        (own, 7),
        "another call came between"
    );
}

/// Goal: a callee takes no more gas than it was given, and its failure takes back its writes and events,
/// but nothing of its caller.
#[test]
fn gas_1_a_callee_takes_what_it_was_given() {
    let mut rig = Rig::new();
    let other = another(&mut rig).address;
    let own = Program::new()
        .then(Op::StorageSet, &[ROOM, 1, ROOM, 1])
        .then(Op::EventEmit, &[1, ROOM, 0]);
    let harm = Program::new()
        .then(Op::StorageSet, &[ROOM, 2, ROOM, 1])
        .then(Op::EventEmit, &[2, ROOM, 0])
        .then(Op::Again, &[u32::MAX]);
    let mut program = own.then(Op::GasLeft, &[]);
    let given = 300_000;
    call(&mut program, other, &harm.run(), given, 0);
    let program = answered(program).then(Op::GasLeft, &[]);
    let (receipt, _) = rig.run(&program);
    let found = results(&receipt.outcome).unwrap();
    let spent = found[2] - found[9];
    assert_eq!(status(found[5]), 2);
    assert_eq!(found[8] & 0xff, 0, "HaltReason::OutOfGas");
    let given = i64::from(given);
    assert!(
        (given..given + 20_000).contains(&spent),
        "{spent} gas spent"
    );
    assert_eq!(receipt.events.len(), 1);
    let page = Program::new().then(Op::StoragePage, &[ROOM, 1, 0, 0, ROOM, 1_000]);
    assert_eq!(rig.results(&page), [6], "its own key of one byte");
    let answer = rig.world.ask(other, rig.signer.address, page.look());
    assert_eq!(
        results(&answer.outcome),
        Some(vec![0]),
        "the other kept nothing"
    );
}

/// Goal: passing over keys that this block has removed is paid for by the key; behind the block it is
/// free, because they are gone.
#[test]
fn gas_1_scans_pay_for_removed_keys() {
    const KEYS: usize = 300;
    let mut rig = Rig::new();
    rig.results(&writes(KEYS, 1));
    let measured = |program: Program| {
        program
            .then(Op::GasLeft, &[])
            .then(Op::StoragePage, &[ROOM, 0, ROOM, 0, ROOM, 0])
            .then(Op::GasLeft, &[])
    };
    let cost = |found: &[i64]| found[found.len() - 3] - found[found.len() - 1];
    let before = cost(&rig.results(&measured(Program::new())));
    let mut program = Program::new();
    let first = Program::new().next() + 4;
    let keys: Vec<u8> = (0..KEYS)
        .flat_map(|index| (first + 28 * u32::try_from(index).unwrap()).to_le_bytes())
        .collect();
    let at = program.data(&keys);
    for index in 0..KEYS {
        program.push(
            Op::StorageRemove,
            &[at + 4 * u32::try_from(index).unwrap(), 4],
        );
    }
    let over = cost(&rig.results(&measured(program)));
    let keys = i64::try_from(KEYS).unwrap();
    assert_eq!(over, before + 400 * keys);
    assert_eq!(cost(&rig.results(&measured(Program::new()))), before);
}

/// Goal: what a contract panics with reaches its developer and no receipt.
#[test]
fn panics_are_text_for_the_developer() {
    let mut rig = Rig::new();
    let mut program = Program::new();
    let at = program.data(b"lost\xff");
    let program = program
        .then(Op::EventEmit, &[1, ROOM, 0])
        .then(Op::Abort, &[at, 5, at, 4, 12]);
    let (receipt, text) = rig.run(&program);
    assert_eq!(receipt.outcome, Outcome::Halted(HaltReason::Unreachable));
    assert!(receipt.events.is_empty());
    assert_eq!(text, ["panicked at lost:12: lost\u{fffd}"]);
    let nonsense = input("nonsense", &());
    let answer = rig.world.ask(rig.contract.address, Address::ZERO, nonsense);
    assert_eq!(answer.outcome, Outcome::Halted(HaltReason::NoEntryPoint));
}

/// Goal: what is nested deeper than any value that means something is refused, and a million levels do not
/// reach the end of the stack.
#[test]
fn deep_nesting_is_refused() {
    let nested = |depth: u32| {
        let one = |inner: Type, _| Type::List(Box::new(inner));
        (0..depth).fold(Type::U8, one).encode()
    };
    let decoded = |bytes: &[u8]| decode_canonical::<Type>(bytes).is_ok();
    assert!(decoded(&nested(DECODE_DEPTH_MAX - 1)));
    assert!(!decoded(&nested(DECODE_DEPTH_MAX + 1)));
    let mut abyss = vec![nested(1)[0]; 1_000_000];
    abyss.extend(nested(0));
    assert!(!decoded(&abyss));
}
