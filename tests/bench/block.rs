//! Blocks for benchmarks: calls as admission hands them over, and what executing them takes.

use criterion::{BatchSize, Criterion, Throughput};
use std::sync::OnceLock;
use weighhouse_node as _; // The allocator that a node runs with (decision 0015).
use weighhouse_primitives::{Action, Address, Authorization, Gas, Transaction};
use weighhouse_runtime::admission::Admitted;
use weighhouse_testkit::{Account, Contract, World};

/// A call as admission would hand it over; nobody looks at the signature again, so one serves all.
pub(crate) fn admitted(
    world: &mut World,
    (signer, contract): (&Address, Contract),
    call: Vec<u8>,
    gas: u64,
) -> Admitted {
    static SIGNED: OnceLock<Authorization> = OnceLock::new();
    let action = Action::Call {
        contract: contract.address,
        input: call,
    };
    let mut payload = world.payload(signer, action);
    payload.gas_limit = Gas(gas);
    let signed = || Account::new("anybody").sign(payload.clone()).authorization;
    let transaction = Transaction {
        authorization: SIGNED.get_or_init(signed).clone(),
        payload,
    };
    Admitted::unchecked(transaction)
}

/// Measures executing a block, per transaction; all of them must succeed.
pub(crate) fn measure(
    criterion: &mut Criterion,
    (group, name): (&str, &str),
    world: &World,
    block: &[Admitted],
) {
    let mut group = criterion.benchmark_group(group);
    group
        .throughput(Throughput::Elements(block.len() as u64))
        .sample_size(20);
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || block.to_vec(),
            |block| {
                let (reader, time) = (world.reader.clone(), world.time);
                let receipts =
                    world.on_chain(move |_| reader.verify(time, block).expect("no fault"));
                let receipts = receipts.expect("a valid block");
                let failed = receipts
                    .iter()
                    .find(|receipt| !receipt.outcome.is_success());
                assert!(failed.is_none(), "{failed:?}");
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}
