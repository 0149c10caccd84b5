//! What one call costs inside the executor: no signature, no log, no state root.
//!
//! `cargo bench -p weighhouse-testkit --bench executor`
//!
//! | benchmark | includes |
//! |---|---|
//! | `empty_call` | snapshot, overlay, fresh instance, an entry with two host calls, answer; per call of 1,000 |
//! | `bond_transfer/N` | validity, replay guard, instance, two balances of N accounts, event, rules, receipt, overlay commit; per transaction of a block of 1,000 |
//! | `token_transfer/N` | the same with `dfa-token`: two records with the youngest history, and the event's number |

mod block;

use block::{admitted, measure};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use parity_scale_codec::Encode;
use weighhouse_primitives::{Action, Address, Amount, Gas, Hash};
use weighhouse_runtime::admission::Admitted;
use weighhouse_runtime::reader::Query;
use weighhouse_testkit::world::input;
use weighhouse_testkit::{Account, World};

const BLOCK: u64 = 1_000;
/// Gas limit of a call.
const CALL_GAS: u64 = 900_000;

fn holder(index: u64) -> Address {
    Address(Hash::of(&index.to_le_bytes()).0)
}

/// Fills a contract with `accounts` holders, by the calls that `fill` makes of a range of them.
fn populate(world: &mut World, accounts: u64, fill: impl Fn(&mut World, u64) -> Vec<Admitted>) {
    let mut index = 0;
    while index < accounts {
        let batch = fill(world, index);
        let (committed, proposal) = world.block(batch);
        assert!(proposal.deferred.is_empty() && proposal.dropped.is_empty());
        let failed = committed
            .receipts
            .iter()
            .find(|receipt| !receipt.outcome.is_success());
        assert!(failed.is_none(), "{failed:?}");
        index += BLOCK;
    }
}

fn pairs(accounts: u64) -> impl Iterator<Item = (Address, Address)> {
    (0..BLOCK).map(move |index| {
        (
            holder(index * 97 % accounts),
            holder((index * 13 + 50) % accounts),
        )
    })
}

fn bond_transfer(criterion: &mut Criterion) {
    for accounts in [10_000, 100_000] {
        let mut world = World::new();
        let issuer = Account::new("issuer");
        let bond = world.deploy(&issuer, "bond", "open", &Amount(u128::MAX));
        populate(&mut world, accounts, |world, from| {
            (from..from + BLOCK)
                .map(|index| {
                    let call = input("mint", &(holder(index), Amount(1_000_000)));
                    admitted(world, (&issuer.address, bond), call, CALL_GAS)
                })
                .collect()
        });
        let block: Vec<Admitted> = pairs(accounts)
            .map(|(from, to)| {
                let call = input("transfer", &(to, Amount(1)));
                admitted(&mut world, (&from, bond), call, CALL_GAS)
            })
            .collect();
        measure(
            criterion,
            (&format!("bond_transfer/{accounts}"), "block_of_1000"),
            &world,
            &block,
        );
    }
}

/// Arguments of the token's constructor: open to all, minted by its issuer.
fn token_arguments(issuer: &Address) -> Vec<u8> {
    let meta = ("Bench", "BNCH", 2u8, 0u8, issuer, Hash([1; 32]));
    let capabilities = (true, true, false, false, true, true, false);
    let limits = (Amount(u128::MAX), Amount(u128::MAX), 0u64);
    let minter = 9u8;
    (
        meta,
        capabilities,
        limits,
        issuer,
        vec![(minter, issuer)],
        None::<Address>,
    )
        .encode()
}

fn token_transfer(criterion: &mut Criterion) {
    let accounts = 100_000;
    let mut world = World::new();
    let issuer = Account::new("issuer");
    let arguments = Raw(token_arguments(&issuer.address));
    let token = world.deploy(&issuer, "dfa-token", "open", &arguments);
    populate(&mut world, accounts, |world, from| {
        (from..from + BLOCK)
            .map(|index| {
                let basis = Hash([2; 32]);
                let to = (holder(index), Amount(1_000_000), basis, None::<u64>);
                admitted(
                    world,
                    (&issuer.address, token),
                    input("mint", &to),
                    CALL_GAS,
                )
            })
            .collect()
    });
    let block: Vec<Admitted> = pairs(accounts)
        .map(|(from, to)| {
            let call = input("transfer", &(to, Amount(1), None::<Hash>));
            admitted(&mut world, (&from, token), call, CALL_GAS)
        })
        .collect();
    measure(
        criterion,
        (&format!("token_transfer/{accounts}"), "block_of_1000"),
        &world,
        &block,
    );
}

/// Bytes that are encoded already.
struct Raw(Vec<u8>);

impl Encode for Raw {
    fn encode_to<T: parity_scale_codec::Output + ?Sized>(&self, out: &mut T) {
        out.write(&self.0);
    }
}

fn empty_call(criterion: &mut Criterion) {
    let mut world = World::new();
    let issuer = Account::new("issuer");
    let text = include_str!("../fixtures/wat/host_call.wat");
    let code = world.upload(&issuer, &wat::parse_str(text).expect("text of the fixture"));
    let contract = world.deploy(&issuer, "bond", "open", &Amount(1));
    let upgrade = Action::Upgrade {
        contract: contract.address,
        code,
        input: Vec::new(),
    };
    assert!(world.act(&issuer, upgrade).outcome.is_success());
    let query = Query {
        contract: contract.address,
        input: input("run", &()),
        caller: Address::ZERO,
        at: None,
        gas_limit: Gas(1_000_000),
    };
    let mut group = criterion.benchmark_group("empty_call");
    group
        .throughput(Throughput::Elements(BLOCK))
        .sample_size(20);
    group.bench_function("thousand_fresh_instances", |bencher| {
        bencher.iter(|| {
            let (reader, query) = (world.reader.clone(), query.clone());
            world.on_chain(move |_| {
                for _ in 0..BLOCK {
                    let answer = reader.query(&query).expect("no fault");
                    assert!(answer.outcome.is_success());
                }
            });
        });
    });
    group.finish();
}

criterion_group!(benches, empty_call, bond_transfer, token_transfer);
criterion_main!(benches);
