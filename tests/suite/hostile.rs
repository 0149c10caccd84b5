//! Hostile and odd contracts in real transactions: every one ends in its outcome, and the chain goes on.

use weighhouse_primitives::{Action, Address, Gas, HaltReason, Hash, Outcome, Receipt};
use weighhouse_testkit::world::{input, succeeded};
use weighhouse_testkit::{Account, Contract, World};

/// How each module of `tests/fixtures/wat` ends when its `run` is called.
const ENDS: &[(&str, Result<(), HaltReason>)] = &[
    ("bad_answer", Err(HaltReason::BadAnswer)),
    ("bad_pointer", Err(HaltReason::BadPointer)),
    ("bounded_recursion", Ok(())),
    ("bulk_memory", Ok(())),
    ("call_through", Err(HaltReason::OutOfGas)),
    ("counted_loop", Ok(())),
    ("dead_code", Ok(())),
    ("dead_division_by_zero", Err(HaltReason::BadDivision)),
    ("deep_mutual_recursion", Err(HaltReason::StackExhausted)),
    ("deep_recursion", Err(HaltReason::StackExhausted)),
    ("division_by_zero", Err(HaltReason::BadDivision)),
    ("division_overflow", Err(HaltReason::BadDivision)),
    ("early_exits", Ok(())),
    ("endless_local_moves", Err(HaltReason::OutOfGas)),
    ("endless_loop", Err(HaltReason::OutOfGas)),
    ("fill_everything", Err(HaltReason::OutOfGas)),
    ("fill_outside", Err(HaltReason::MemoryOutOfBounds)),
    ("grow", Ok(())),
    ("host_call", Ok(())),
    ("host_calls", Ok(())),
    ("indirect_call", Ok(())),
    ("indirect_call_of_nothing", Err(HaltReason::BadIndirectCall)),
    (
        "indirect_call_of_wrong_type",
        Err(HaltReason::BadIndirectCall),
    ),
    ("indirect_call_outside", Err(HaltReason::BadIndirectCall)),
    ("leaves_traces", Ok(())),
    ("load_far_outside", Err(HaltReason::MemoryOutOfBounds)),
    ("load_outside", Err(HaltReason::MemoryOutOfBounds)),
    ("memory_bomb", Err(HaltReason::BadAnswer)),
    ("store_across_end", Err(HaltReason::MemoryOutOfBounds)),
    ("unreachable", Err(HaltReason::Unreachable)),
];

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wat")
}

fn deploy(world: &mut World, signer: &Account, name: &str) -> Contract {
    let text = std::fs::read_to_string(folder().join(format!("{name}.wat"))).unwrap();
    world.put(signer, &wat::parse_str(&text).unwrap())
}

fn run(world: &mut World, signer: &Account, contract: &Contract) -> Receipt {
    contract.receipt(world, signer, "run", &())
}

/// Goal: every fixture has an expected end, and every expected end a fixture.
#[test]
fn every_fixture_is_expected() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".wat").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(
        names,
        ENDS.iter().map(|(name, _)| *name).collect::<Vec<_>>()
    );
}

/// Goal: each hostile module ends as it should, gas never exceeds the limit (GAS-1), a failed
/// transaction leaves nothing but its guard, and the next honest one succeeds (HOST-1).
#[test]
fn host_1_hostile_modules_end_in_outcomes() {
    let mut world = World::new();
    let signer = Account::new("signer");
    for (name, end) in ENDS {
        let contract = deploy(&mut world, &signer, name);
        let receipt = run(&mut world, &signer, &contract);
        let got = match &receipt.outcome {
            Outcome::Succeeded { .. } => Ok(()),
            Outcome::Halted(reason) => Err(reason.clone()),
            reverted @ Outcome::Reverted { .. } => panic!("{name}: {reverted:?}"),
        };
        assert_eq!(got, *end, "{name}");
        assert!(
            receipt.gas_used <= weighhouse_testkit::world::GAS,
            "{name}: GAS-1"
        );
    }
    let honest = world.deploy(&signer, "bond", "open", &5u128);
    assert_eq!(honest.query::<u128>(&world, "supply", &()), 0);
}

/// Goal: what runs out of gas is charged all of it, to the unit, and two chains agree (GAS-2).
#[test]
fn gas_2_gas_is_the_same_on_two_chains() {
    let gas = |name: &str| {
        let mut world = World::new();
        let signer = Account::new("signer");
        let contract = deploy(&mut world, &signer, name);
        run(&mut world, &signer, &contract).gas_used
    };
    assert_eq!(gas("endless_loop"), weighhouse_testkit::world::GAS);
    assert_eq!(gas("division_by_zero"), gas("division_by_zero"));
}

/// Goal: whatever a call has written, and however it ended, the next finds what the first found: memory,
/// globals, gas (decision 0014). In transactions, and in those of one block.
#[test]
fn call_2_a_call_finds_nothing_of_earlier_ones() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let contract = deploy(&mut world, &signer, "leaves_traces");
    let ending = |mode: u8| [input("run", &()), vec![mode]].concat();
    let first = call_raw(&mut world, &signer, &contract, ending(0));
    let digest = succeeded(&first.outcome).to_vec();
    assert_eq!(digest.len(), 8);
    let modes = [0, 0, 3, 0, 1, 0, 2, 0, 2, 2, 4, 0, 1, 3, 4, 0];
    let mut calls = Vec::new();
    for mode in modes {
        let action = Action::Call {
            contract: contract.address,
            input: ending(mode),
        };
        let payload = world.payload(&signer.address, action);
        calls.push(world.admit(&signer.sign(payload)).unwrap());
    }
    let (block, proposal) = world.block(calls);
    assert!(proposal.deferred.is_empty() && proposal.dropped.is_empty());
    for (mode, receipt) in modes.into_iter().zip(&block.receipts) {
        match (&receipt.outcome, mode) {
            (Outcome::Halted(HaltReason::Unreachable), 1) => {}
            (Outcome::Reverted { code, data, .. }, 3) => {
                assert_eq!((*code, data), (77, &digest), "a refusal");
            }
            (outcome, _) => assert_eq!(succeeded(outcome), digest, "ending {mode}"),
        }
        if mode == 0 {
            assert_eq!(receipt.gas_used, first.gas_used);
        }
    }
}

/// Arguments that make `call_through` call each address in turn with `run` of the next.
fn chain_of(addresses: &[Address]) -> Vec<u8> {
    let mut bytes = input("run", &());
    for address in addresses {
        bytes.extend_from_slice(address.as_bytes());
        bytes.extend_from_slice(&input("run", &()));
    }
    bytes
}

fn call_raw(world: &mut World, signer: &Account, contract: &Contract, input: Vec<u8>) -> Receipt {
    world.act(
        signer,
        Action::Call {
            contract: contract.address,
            input,
        },
    )
}

/// Goal: a contract on the stack is not entered again, directly or through another, and its caller
/// sees that as an answer it can go on from.
#[test]
fn call_1_reentry_is_refused() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let one = deploy(&mut world, &signer, "call_through");
    let two = deploy(&mut world, &signer, "call_through");
    let direct = call_raw(&mut world, &signer, &one, chain_of(&[one.address]));
    let answer = succeeded(&direct.outcome);
    assert_eq!(answer[4..8], 2u32.to_le_bytes(), "status: halted");
    assert_eq!(answer[8], 12, "HaltReason::Reentry");
    let around = call_raw(
        &mut world,
        &signer,
        &one,
        chain_of(&[two.address, one.address]),
    );
    let answer = succeeded(&around.outcome);
    assert_eq!(
        answer[4..8],
        0u32.to_le_bytes(),
        "the contract between answered"
    );
    assert_eq!(
        answer[8 + 4..8 + 8],
        2u32.to_le_bytes(),
        "its own call was refused"
    );
    assert_eq!(answer[16], 12, "HaltReason::Reentry");
}

/// Goal: sixteen contracts on the stack are allowed, the seventeenth is refused.
#[test]
fn call_1_depth_is_bounded() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let contracts: Vec<Contract> = (0..17)
        .map(|_| deploy(&mut world, &signer, "call_through"))
        .collect();
    let leaf = deploy(&mut world, &signer, "counted_loop");
    let mut deepest = |count: usize| {
        let mut addresses: Vec<Address> = contracts[1..count]
            .iter()
            .map(|contract| contract.address)
            .collect();
        addresses.push(leaf.address);
        let receipt = call_raw(&mut world, &signer, &contracts[0], chain_of(&addresses));
        // Each level answers status and length of the one below, then that one's answer.
        let answer = succeeded(&receipt.outcome).to_vec();
        answer
            .chunks(8)
            .take(count)
            .all(|level| level[4..8] == [0, 0, 0, 0])
    };
    assert!(
        deepest(7),
        "well within the depth, and within the 64 bytes each level passes on"
    );
    let addresses: Vec<Address> = contracts[1..]
        .iter()
        .map(|contract| contract.address)
        .collect();
    let receipt = call_raw(&mut world, &signer, &contracts[0], chain_of(&addresses));
    assert!(
        receipt.outcome.is_success(),
        "refusal of the seventeenth is an answer, not an end"
    );
    let reader = world.reader.clone();
    let traced = world.on_chain(move |_| reader.trace(&receipt.tx).unwrap());
    let deepest = traced.frames.iter().map(|frame| frame.depth).max();
    assert_eq!(deepest, Some(15), "sixteen frames ran, depths 0 to 15");
}

/// Goal: code is stored under its hash once; the same upload again changes nothing.
#[test]
fn uploading_twice_changes_nothing() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let wasm = weighhouse_testkit::artifact("bond");
    let first = world.act(
        &signer,
        Action::Upload {
            code: wasm.to_vec(),
        },
    );
    let second = world.act(
        &signer,
        Action::Upload {
            code: wasm.to_vec(),
        },
    );
    assert_eq!(succeeded(&first.outcome), Hash::of(wasm).as_bytes());
    assert_eq!(first.outcome, second.outcome);
    assert!(second.gas_used < first.gas_used);
    let refused = world.act(
        &signer,
        Action::Upload {
            code: b"\0asm\x01\0\0\0".to_vec(),
        },
    );
    assert!(matches!(
        refused.outcome,
        Outcome::Halted(HaltReason::ActionRefused(_))
    ));
    assert!(refused.gas_used > Gas::ZERO);
}
