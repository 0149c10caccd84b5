//! The host interface: any calls, with any pointers and lengths, in a read-only frame and in one that
//! may write.

use super::data::reader;
use crate::account::Account;
use crate::host_calls::{MEMORY_END, Op, Program, RECORD_BYTES, WAT};
use crate::world::{START, World};
use std::sync::LazyLock;
use weighhouse_primitives::{Action, Address, Gas, Outcome, Payload};
use weighhouse_runtime::reader::Query;

/// Gas of a case: hundreds of calls.
const GAS: Gas = Gas(3_000_000);

/// A chain with the contract that does what it is told, and who signs.
struct Stage {
    world: World,
    signer: Address,
    contract: Address,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let mut world = World::new();
    let signer = Account::new("signer");
    let wasm = wat::parse_str(WAT).expect("the contract is text of a module");
    let contract = world.put(&signer, &wasm).address;
    Stage {
        world,
        signer: signer.address,
        contract,
    }
});

/// Arguments lie in memory or just behind it, mostly; with the highest bit they are left as they are.
const fn argument(raw: u32) -> u32 {
    match raw & 0x8000_0000 {
        0 => raw % (MEMORY_END + 64),
        _ => raw,
    }
}

/// The program that these bytes stand for.
fn program(bytes: &[u8]) -> Program {
    let mut program = Program::new();
    for record in bytes.chunks(RECORD_BYTES) {
        let mut words = record.chunks(4).map(|part| {
            let mut word = [0; 4];
            word.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            u32::from_le_bytes(word)
        });
        let number = usize::try_from(words.next().unwrap_or(0)).unwrap_or(0);
        let op = Op::ALL.get(number % Op::ALL.len()).copied();
        let arguments: Vec<u32> = words.map(argument).collect();
        program.push(op.unwrap_or(Op::GasLeft), &arguments);
    }
    program
}

/// Whatever is called: an outcome, within the gas, the same each time.
pub(super) fn host(bytes: &[u8]) {
    let program = program(bytes.get(..4_096).unwrap_or(bytes));
    let (look, run) = (program.look(), program.run());
    let asked = [(); 2].map(|()| ask(look.clone()));
    assert_eq!(asked[0], asked[1], "a query answers the same each time");
    let simulated = [(); 2].map(|()| simulate(run.clone()));
    assert_eq!(simulated[0], simulated[1], "a call does the same each time");
    // The other chain knows neither contract: its reader is not disturbed.
    assert_eq!(reader().head().height.0, 0);
}

fn ask(input: Vec<u8>) -> (Outcome, Gas) {
    let (reader, contract, caller) = (STAGE.world.reader.clone(), STAGE.contract, STAGE.signer);
    let answer = STAGE.world.on_chain(move |_| {
        reader.set_pending_time(START);
        let query = Query {
            contract,
            input,
            caller,
            at: None,
            gas_limit: GAS,
        };
        reader.query(&query).expect("a query meets no fault")
    });
    assert!(answer.gas_used <= GAS, "more gas than there was");
    (answer.outcome, answer.gas_used)
}

fn simulate(input: Vec<u8>) -> weighhouse_primitives::Receipt {
    let (reader, contract, signer) = (STAGE.world.reader.clone(), STAGE.contract, STAGE.signer);
    let simulated = STAGE.world.on_chain(move |_| {
        let payload = Payload {
            chain: reader.genesis().hash(),
            signer,
            nonce: 1,
            valid_until: START.saturating_add(60),
            gas_limit: GAS,
            action: Action::Call { contract, input },
        };
        reader
            .simulate(&payload, None)
            .expect("a call meets no fault")
    });
    let receipt = simulated.receipt;
    assert!(receipt.gas_used <= GAS, "more gas than there was");
    assert!(
        receipt.outcome.is_success() || receipt.events.is_empty(),
        "a call that failed left events"
    );
    receipt
}
