//! What compliance costs inside the executor: the contract library as it would run, no signature, no log, no
//! state root.
//!
//! `cargo bench -p weighhouse-testkit --bench compliance`
//!
//! | benchmark | includes |
//! |---|---|
//! | `fenced_transfer/free` | `transfer_for` of a ring-fenced unit under a trade: token, register (both parties, screening age, fence, trade budget), events, flows, rules; per transaction of a block of 1,000 |
//! | `fenced_transfer/ordered` | the same while two orders on amounts stand against the sender |
//! | `honour` | a sight credit paid: escrow, register, hold of the token, trade budget, control of the bill of lading; per transaction of a block of 100 |

mod block;

use block::{admitted, measure};
use criterion::{Criterion, criterion_group, criterion_main};
use weighhouse_primitives::Amount;
use weighhouse_runtime::admission::Admitted;
use weighhouse_standard::interface::Purpose;
use weighhouse_testkit::Library;
use weighhouse_testkit::library::{Part, TRADE};
use weighhouse_testkit::under_test::at;
use weighhouse_testkit::world::input;

const TRANSFERS: u64 = 1_000;
const CREDITS: u64 = 5;
const HONOURS_OF_EACH: u64 = 20;

fn payments(on: &mut Library) -> Vec<Admitted> {
    let pay = (
        at("exporter"),
        Amount(1),
        Purpose::TradeSettlement,
        Some(TRADE),
    );
    let (signer, unit) = (at("importer"), on.contracts.unit);
    (0..TRANSFERS)
        .map(|_| {
            let call = input("transfer_for", &pay);
            admitted(&mut on.world, (&signer, unit), call, 900_000)
        })
        .collect()
}

fn fenced_transfer(criterion: &mut Criterion) {
    let mut on = Library::trading();
    let block = payments(&mut on);
    measure(criterion, ("fenced_transfer", "free"), &on.world, &block);
    for _ in 0..2 {
        on.freeze_amount("importer", Part::Unit, 10);
    }
    let block = payments(&mut on);
    measure(criterion, ("fenced_transfer", "ordered"), &on.world, &block);
}

fn honour(criterion: &mut Criterion) {
    let mut on = Library::trading();
    let mut owed = Vec::new();
    for _ in 0..CREDITS {
        let lc = on.credit(Part::Unit, 1_000);
        for _ in 0..HONOURS_OF_EACH {
            let (n, _) = on.complying(lc, 10);
            owed.push((lc, n));
        }
    }
    let (signer, escrow) = (at("ann"), on.contracts.escrow);
    let block: Vec<Admitted> = owed
        .iter()
        .map(|this| {
            let call = input("honour", this);
            admitted(&mut on.world, (&signer, escrow), call, 9_000_000)
        })
        .collect();
    measure(
        criterion,
        ("honour", "with_bill_of_lading"),
        &on.world,
        &block,
    );
}

criterion_group!(benches, fenced_transfer, honour);
criterion_main!(benches);
