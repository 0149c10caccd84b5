//! Limits of execution on the real engine, through a contract: the limit itself is allowed, one more ends
//! the transaction with `HostLimit` and leaves nothing. Names of tests carry the constants of
//! `runtime/src/limits.rs`.

use weighhouse_primitives::{Action, Address, Gas, HaltReason, Outcome, Receipt};
use weighhouse_runtime::reader::Query;
use weighhouse_runtime::state::key;
use weighhouse_runtime::{Rejection, limits};
use weighhouse_testkit::host_calls::{Op, Program, ROOM, WAT, results};
use weighhouse_testkit::world::input;
use weighhouse_testkit::{Account, Contract, World};

/// A chain with the contract that does what it is told.
pub(crate) struct Rig {
    pub(crate) world: World,
    pub(crate) signer: Account,
    pub(crate) contract: Contract,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let mut world = World::new();
        let signer = Account::new("signer");
        let contract = world.put(&signer, &wat::parse_str(WAT).unwrap());
        let mut rig = Self {
            world,
            signer,
            contract,
        };
        rig.clear();
        rig
    }

    /// Removes what the contract before has left in the storage.
    fn clear(&mut self) {
        let prefix = key::storage(&self.contract.address, b"");
        let (_, left) = self
            .world
            .reader
            .state_page(&prefix, &[], 100, None)
            .unwrap();
        let mut program = Program::new();
        for (key, _) in left {
            let at = program.data(&key[prefix.len()..]);
            program.push(Op::StorageRemove, &[at, word(key.len() - prefix.len())]);
        }
        self.results(&program);
    }

    /// Runs a program in a block of its own, with all the gas that there can be; receipt and debug text.
    pub(crate) fn run(&mut self, program: &Program) -> (Receipt, Vec<String>) {
        let action = Action::Call {
            contract: self.contract.address,
            input: program.run(),
        };
        let mut payload = self.world.payload(&self.signer.address, action);
        payload.gas_limit = Gas(limits::TX_GAS_MAX);
        let admitted = self.world.admit(&self.signer.sign(payload)).unwrap();
        let (block, proposal) = self.world.block(vec![admitted]);
        assert!(proposal.dropped.is_empty(), "{:?}", proposal.dropped);
        (block.receipts[0].clone(), block.debug[0].clone())
    }

    /// The results of a program that comes to its end.
    pub(crate) fn results(&mut self, program: &Program) -> Vec<i64> {
        let (receipt, _) = self.run(program);
        results(&receipt.outcome).unwrap_or_else(|| panic!("{:?}", receipt.outcome))
    }

    /// The program is stopped by a limit, and nothing of it stays.
    fn refused(&mut self, program: &Program) {
        let (receipt, _) = self.run(program);
        assert_eq!(receipt.outcome, Outcome::Halted(HaltReason::HostLimit));
        assert!(receipt.events.is_empty());
        assert!(receipt.gas_used < Gas(limits::TX_GAS_MAX));
    }
}

fn word(value: usize) -> u32 {
    u32::try_from(value).unwrap()
}

/// A program that stores `count` bytes of value, each under a key of its own.
///
/// The key is the four bytes of its own address in the record, so no two are equal.
pub(crate) fn writes(count: usize, value_bytes: u32) -> Program {
    let mut program = Program::new();
    for _ in 0..count {
        let key = program.next() + 4;
        program.push(Op::StorageSet, &[key, 4, ROOM, value_bytes]);
    }
    program
}

/// Goal: `EVENT_BYTES_MAX`.
#[test]
fn event_bytes_max_holds_exactly() {
    let mut rig = Rig::new();
    let emit = |bytes| Program::new().then(Op::EventEmit, &[7, ROOM, word(bytes)]);
    let (receipt, _) = rig.run(&emit(limits::EVENT_BYTES_MAX));
    assert!(receipt.outcome.is_success());
    assert_eq!(receipt.events[0].data.len(), limits::EVENT_BYTES_MAX);
    rig.refused(&emit(limits::EVENT_BYTES_MAX + 1));
}

/// Goal: `EVENTS_MAX`, whatever the events hold.
#[test]
fn events_max_holds_exactly() {
    let mut rig = Rig::new();
    let emit = |count| Program::new().repeat(count, Op::EventEmit, &[7, ROOM, 0]);
    let (receipt, _) = rig.run(&emit(limits::EVENTS_MAX));
    assert!(receipt.outcome.is_success());
    assert_eq!(receipt.events.len(), limits::EVENTS_MAX);
    rig.refused(&emit(limits::EVENTS_MAX + 1));
}

/// Goal: `EVENTS_BYTES_MAX`, of all events together.
#[test]
fn events_bytes_max_holds_exactly() {
    let mut rig = Rig::new();
    let full = limits::EVENTS_BYTES_MAX / limits::EVENT_BYTES_MAX;
    let largest = [7, ROOM, word(limits::EVENT_BYTES_MAX)];
    let emit = Program::new().repeat(full, Op::EventEmit, &largest);
    let (receipt, _) = rig.run(&emit);
    let bytes: usize = receipt.events.iter().map(|event| event.data.len()).sum();
    assert_eq!(bytes, limits::EVENTS_BYTES_MAX);
    rig.refused(&emit.clone().then(Op::EventEmit, &[7, ROOM, 1]));
    // An event without data takes no bytes.
    let (receipt, _) = rig.run(&emit.then(Op::EventEmit, &[7, ROOM, 0]));
    assert_eq!(receipt.events.len(), full + 1);
}

/// Goal: `WRITES_MAX`: so many keys and no more; a key written again is one key, a key that is not there
/// is not written by removing it.
#[test]
fn writes_max_holds_exactly() {
    let mut rig = Rig::new();
    let full = writes(limits::WRITES_MAX, 1);
    let first = Program::new().next() + 4;
    let again = full
        .clone()
        .then(Op::StorageSet, &[first, 4, ROOM, 2])
        .then(Op::StorageRemove, &[first, 4])
        .then(Op::StorageRemove, &[ROOM, 9]);
    let (receipt, _) = rig.run(&again);
    let found = results(&receipt.outcome).expect("within the limit");
    assert_eq!(found[found.len() - 2..], [1, 0]);
    let mut rig = Rig::new();
    rig.refused(&writes(limits::WRITES_MAX + 1, 1));
    let empty = Program::new().then(Op::StoragePage, &[ROOM, 0, 0, 0, ROOM, 100]);
    assert_eq!(rig.results(&empty), [0], "nothing was stored");
}

/// Goal: `VALUE_BYTES_MAX`; the value is there whole.
#[test]
fn value_bytes_max_holds_exactly() {
    let mut rig = Rig::new();
    let set = |bytes| Program::new().then(Op::StorageSet, &[ROOM, 3, ROOM, word(bytes)]);
    let get = [ROOM, 3, ROOM, word(limits::VALUE_BYTES_MAX)];
    let kept = set(limits::VALUE_BYTES_MAX).then(Op::StorageGet, &get);
    let length = i64::try_from(limits::VALUE_BYTES_MAX).unwrap();
    assert_eq!(rig.results(&kept), [0, length]);
    rig.refused(&set(limits::VALUE_BYTES_MAX + 1));
}

/// Goal: `KEY_BYTES_MAX`, in every function that takes a key.
#[test]
fn key_bytes_max_holds_exactly() {
    let mut rig = Rig::new();
    let longest = word(limits::KEY_BYTES_MAX);
    let uses = |key: u32| {
        [
            (Op::StorageSet, vec![ROOM, key, ROOM, 1]),
            (Op::StorageGet, vec![ROOM, key, ROOM, 1]),
            (Op::StoragePage, vec![ROOM, key, ROOM, 0, ROOM + 500, 1_000]),
            (Op::StoragePage, vec![ROOM, 0, ROOM, key, ROOM + 500, 1_000]),
            (Op::StorageRemove, vec![ROOM, key]),
        ]
    };
    let mut program = Program::new();
    for (op, arguments) in uses(longest) {
        program.push(op, &arguments);
    }
    let pair = i64::from(longest) + 1 + 4;
    assert_eq!(rig.results(&program), [0, 1, pair, 0, 1]);
    for (op, arguments) in uses(longest + 1) {
        rig.refused(&Program::new().then(op, &arguments));
    }
}

/// Goal: `ANSWER_BYTES_MAX`, the byte that says success among them.
#[test]
fn answer_bytes_max_holds_exactly() {
    let mut rig = Rig::new();
    let answer = |bytes| Program::new().then(Op::Answer, &[ROOM, word(bytes)]);
    let (receipt, _) = rig.run(&answer(limits::ANSWER_BYTES_MAX));
    let zeros = vec![0; limits::ANSWER_BYTES_MAX - 1];
    assert_eq!(receipt.outcome, Outcome::Succeeded { data: zeros });
    rig.refused(&answer(limits::ANSWER_BYTES_MAX + 1));
}

/// Goal: `PAGE_BYTES_MAX`: a page of exactly that comes whole, however much room there is; of one byte
/// more, without its last pair.
#[test]
fn page_bytes_max_holds_exactly() {
    let pairs = 4;
    let pair = word(limits::PAGE_BYTES_MAX / pairs);
    // Beside the value there are four bytes of key and four of lengths.
    let mut rig = Rig::new();
    rig.results(&writes(pairs, pair - 8));
    let page = Program::new().then(Op::StoragePage, &[ROOM, 0, 0, 0, ROOM, 0x2_0000]);
    let full = i64::try_from(limits::PAGE_BYTES_MAX).unwrap();
    assert_eq!(rig.results(&page), [full]);
    let last = Program::new().next() + 3 * 28 + 4;
    let mut grown = Program::new();
    let key = grown.data(&last.to_le_bytes());
    rig.results(&grown.then(Op::StorageSet, &[key, 4, ROOM, pair - 7]));
    assert_eq!(rig.results(&page), [full - i64::from(pair)]);
}

/// Goal: `DEBUG_BYTES_MAX`: so much text is kept and the rest dropped, of which the outcome knows nothing;
/// lines without text do not pile up either.
#[test]
fn debug_bytes_max_holds_exactly() {
    let mut rig = Rig::new();
    let half = word(limits::DEBUG_BYTES_MAX / 2);
    let full = Program::new()
        .then(Op::Fill, &[ROOM, 65, 2 * half + 1])
        .repeat(2, Op::DebugLog, &[ROOM, half]);
    let kept = |text: &[String]| text.iter().map(String::len).collect::<Vec<_>>();
    let half = limits::DEBUG_BYTES_MAX / 2;
    let (receipt, text) = rig.run(&full.clone().then(Op::DebugLog, &[ROOM, 1]));
    assert!(receipt.outcome.is_success());
    assert_eq!(kept(&text), [half, half]);
    let above = word(limits::DEBUG_BYTES_MAX + 1);
    let (receipt, text) = rig.run(&Program::new().then(Op::DebugLog, &[ROOM, above]));
    assert!(receipt.outcome.is_success());
    assert_eq!(kept(&text), Vec::<usize>::new());
    let rounds = word(2 * limits::DEBUG_BYTES_MAX);
    let nothing = Program::new().then(Op::DebugLog, &[ROOM, 0]);
    let (receipt, text) = rig.run(&nothing.then(Op::Again, &[rounds]));
    assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    assert_eq!(text.len(), limits::DEBUG_BYTES_MAX);
}

/// Goal: `QUERY_MANY_GAS_MAX`: queries that are asked together have that much together, to the unit; what one leaves is
/// there for the next, and where nothing is left they have none.
#[test]
fn query_many_gas_max_holds_exactly() {
    let endless = include_str!("../fixtures/wat/endless_loop.wat");
    // The byte behind the selector of `run` is its kind: here a query.
    let endless = endless.replace(r"\cd\2a\01", r"\cd\2a\02");
    let mut world = World::new();
    let endless = world.put(&Account::new("signer"), &wat::parse_str(endless).unwrap());
    let bond = world.deploy(&Account::new("other"), "bond", "open", &1u128);
    let asked = |contract: &Contract, name: &str, gas: u64| Query {
        contract: contract.address,
        input: input(name, &()),
        caller: Address::ZERO,
        at: None,
        gas_limit: Gas(gas),
    };
    let most = limits::QUERY_GAS_MAX;
    let queries = [
        asked(&bond, "supply", most),
        asked(&endless, "run", 1_000_000),
        asked(&bond, "supply", most),
        asked(&endless, "run", most),
        asked(&bond, "supply", most),
    ];
    let reader = world.reader.clone();
    let answers = world.on_chain(move |_| reader.query_many(&queries).unwrap());
    let used: Vec<u64> = answers.iter().map(|answer| answer.gas_used.0).collect();
    let out = Outcome::Halted(HaltReason::OutOfGas);
    let halted: Vec<bool> = answers.iter().map(|answer| answer.outcome == out).collect();
    assert_eq!(halted, [false, true, false, true, true]);
    assert_eq!((used[1], used[4]), (1_000_000, 0));
    assert_eq!(used[0], used[2]);
    assert_eq!(used.iter().sum::<u64>(), limits::QUERY_MANY_GAS_MAX);
}

/// Goal: `INPUT_BYTES_MAX`, of a transaction and of a call between contracts; flags that nobody has
/// defined are refused as well.
#[test]
fn input_bytes_max_holds_exactly() {
    let mut rig = Rig::new();
    let longest = word(limits::INPUT_BYTES_MAX);
    let call = |length, flags| {
        let arguments = [ROOM, ROOM, length, u32::MAX, 0, flags];
        Program::new().then(Op::ContractCall, &arguments)
    };
    // Nobody is at that address: the call is answered with status 2 and one byte of reason.
    assert_eq!(rig.results(&call(longest, 1)), [2 << 32 | 1]);
    rig.refused(&call(longest + 1, 1));
    rig.refused(&call(longest, 2));
    let mut admission = |bytes: usize| {
        let mut input = Program::new().run();
        input.resize(bytes, 0);
        // What is left of the last record is not done; words of zero read input, which is harmless.
        let contract = rig.contract.address;
        let action = Action::Call { contract, input };
        let payload = rig.world.payload(&rig.signer.address, action);
        rig.world.admit(&rig.signer.sign(payload)).map(drop)
    };
    admission(limits::INPUT_BYTES_MAX).unwrap();
    assert!(matches!(
        admission(limits::INPUT_BYTES_MAX + 1),
        Err(Rejection::InputTooLong { .. })
    ));
}
