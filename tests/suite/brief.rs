//! Queries that run where they arrive: the answer is the whole query's, or there is none.

use crate::limits::Rig;
use weighhouse_primitives::{Address, Gas, Height};
use weighhouse_runtime::limits;
use weighhouse_runtime::reader::{Answer, Query};
use weighhouse_testkit::host_calls::{Op, Program, ROOM};

/// Gas that is enough for the programs here.
const ENOUGH: Gas = Gas(1_000_000);

/// What a query answers by itself, and briefly within `gas`.
fn both(rig: &Rig, program: &Program, at: Option<Height>, gas: Gas) -> (Answer, Option<Answer>) {
    let query = Query {
        contract: rig.contract.address,
        input: program.look(),
        caller: Address::ZERO,
        at,
        gas_limit: Gas(limits::QUERY_GAS_MAX),
    };
    let reader = rig.world.reader.clone();
    rig.world.on_chain(move |_| {
        let whole = reader.query(&query).unwrap();
        let brief = reader.query_briefly(&query, gas).unwrap();
        (whole, brief)
    })
}

/// Goal: what is soon done has the same outcome, gas and debug text as the query by itself, failures among it.
#[test]
fn a_brief_answer_is_the_whole_answer() {
    let rig = Rig::new();
    for program in [
        Program::new(),
        Program::new().then(Op::ContextRead, &[ROOM]),
        Program::new().then(Op::StorageGet, &[ROOM, 4, ROOM, 64]),
        Program::new().then(Op::DebugLog, &[ROOM, 5]),
        Program::new().then(Op::Abort, &[7, ROOM, 3]),
        Program::new().then(Op::Trap, &[]),
        Program::new().then(Op::StorageSet, &[ROOM, 4, ROOM, 4]),
    ] {
        let (whole, brief) = both(&rig, &program, None, ENOUGH);
        let brief = brief.unwrap_or_else(|| panic!("soon done: {whole:?}"));
        assert_eq!(whole.outcome, brief.outcome);
        assert_eq!(whole.gas_used, brief.gas_used);
        assert_eq!((whole.height, whole.debug), (brief.height, brief.debug));
    }
}

/// Goal: the gas used is exactly enough; with one less there is no answer.
#[test]
fn a_brief_query_has_its_gas_and_no_more() {
    let rig = Rig::new();
    let program = Program::new().repeat(20, Op::StorageGet, &[ROOM, 4, ROOM, 64]);
    let (whole, brief) = both(&rig, &program, None, ENOUGH);
    assert!(brief.is_some());
    assert!(both(&rig, &program, None, whole.gas_used).1.is_some());
    let less = Gas(whole.gas_used.0 - 1);
    assert!(both(&rig, &program, None, less).1.is_none());
}

/// Goal: whatever could tell how much gas there is has no brief answer, nor has an earlier height.
#[test]
fn what_could_tell_the_gas_is_not_answered_briefly() {
    let rig = Rig::new();
    let mut call = Program::new();
    let nobody = call.data(&[9; 32]);
    call.push(Op::ContractCall, &[nobody, ROOM, 4, 1_000, 0, 0]);
    for program in [call, Program::new().then(Op::GasLeft, &[])] {
        let (whole, brief) = both(&rig, &program, None, ENOUGH);
        assert!(whole.outcome.is_success(), "{:?}", whole.outcome);
        assert!(brief.is_none());
    }
    let height = rig.world.reader.head().height;
    assert!(
        both(&rig, &Program::new(), Some(height), ENOUGH)
            .1
            .is_none()
    );
}
