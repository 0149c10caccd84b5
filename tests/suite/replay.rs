//! The log is the truth: whatever the store has, reopening gives the same chain.

use std::path::Path;
use weighhouse_primitives::{Amount, Height};
use weighhouse_runtime::state::store::{self, Engine, Opened, Scan, StoreSettings};
use weighhouse_runtime::{Chain, Genesis, Settings, StoreKind};
use weighhouse_testkit::world::START;
use weighhouse_testkit::{Account, Contract, World};

fn open(folder: &Path, store: StoreKind) -> World {
    let settings = Settings {
        store,
        ..Settings::folder(folder.to_owned())
    };
    World::open(Genesis::development(START), settings)
}

/// A few blocks of a bond's life; returns the contract.
fn live(world: &mut World) -> Contract {
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let bond = world.deploy(&issuer, "bond", "open", &Amount(1_000_000));
    bond.call::<()>(world, &issuer, "mint", &(issuer.address, Amount(10_000)))
        .unwrap();
    for amount in 1..30u128 {
        world.advance(60);
        bond.call::<()>(
            world,
            &issuer,
            "transfer",
            &(holder.address, Amount(amount)),
        )
        .unwrap();
        assert!(
            bond.call::<()>(world, &holder, "transfer", &(issuer.address, Amount(9_999)))
                .is_err()
        );
    }
    bond
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Fills the first half of a file with what was never written to it.
fn overwrite(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let half = bytes.len() / 2;
    bytes[..half].fill(0x5a);
    std::fs::write(file, bytes).unwrap();
}

/// Cuts a file in the middle.
fn cut(file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
}

/// Goal: stopped and opened again, with the store there, deleted, damaged, or of another engine, the
/// chain has the same head, state root, receipts and balances; the flat state hashes to the root.
#[test]
fn state_3_reopening_gives_the_same_chain() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = open(folder.path(), StoreKind::Sled);
    let bond = live(&mut world);
    let head = world.reader.head();
    let receipts = world.reader.receipts(head.height).unwrap().unwrap();
    drop(world);
    let check = |folder: &Path, store: StoreKind| {
        let world = open(folder, store);
        assert_eq!(*world.reader.head(), *head, "{store:?}");
        assert_eq!(
            world.reader.receipts(head.height).unwrap().unwrap(),
            receipts
        );
        assert_eq!(
            bond.query::<Amount>(&world, "balance_of", &Account::new("holder").address),
            Amount(435)
        );
        assert_eq!(world.reader.recompute_root().unwrap(), head.state_root);
        let key = weighhouse_runtime::state::key::contract(&bond.address);
        let (header, value, proof) = world.reader.prove(&key).unwrap();
        assert!(proof.verify(&header.state_root, &key, value.as_deref()));
    };
    check(folder.path(), StoreKind::Sled);
    for damage in [overwrite, cut] {
        damage(&folder.path().join("state").join("sled").join("db"));
        check(folder.path(), StoreKind::Sled);
    }
    std::fs::remove_dir_all(folder.path().join("state")).unwrap();
    check(folder.path(), StoreKind::Sled);
    check(folder.path(), StoreKind::Redb);
    check(folder.path(), StoreKind::Redb);
    let log_only = tempfile::tempdir().unwrap();
    copy(&folder.path().join("log"), &log_only.path().join("log"));
    check(log_only.path(), StoreKind::Sled);
}

/// Goal: a chain that stopped before the pages of its tree were written goes on with the right roots;
/// where what makes those pages is damaged, it does not go on, and says what to do.
#[test]
fn state_5_pages_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = open(folder.path(), StoreKind::Redb);
    let bond = live(&mut world);
    drop(world);
    let state = folder.path().join("state").join("redb");
    let leaves = || {
        let settings = StoreSettings {
            engine: Engine::Redb,
            ..StoreSettings::default()
        };
        let Opened::Ready(store) = store::open(&state, settings).unwrap() else {
            panic!("a store that was just closed");
        };
        let all = Scan::ascending(b"c", Some(b"d"), 1_000);
        let rows = store.scan(all).unwrap();
        (store, rows)
    };
    let (store, rows) = leaves();
    assert!(rows.len() > 10, "the leaves of each block wait");
    drop(store);
    let mut world = open(folder.path(), StoreKind::Redb);
    world.advance(60);
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let transfer = (holder.address, Amount(1));
    bond.call::<()>(&mut world, &issuer, "transfer", &transfer)
        .unwrap();
    let root = world.reader.head().state_root;
    assert_eq!(world.reader.recompute_root().unwrap(), root);
    drop(world);

    let (store, rows) = leaves();
    let (key, leaves) = rows.last().unwrap();
    let mut damaged = leaves.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    store
        .apply(&[(key.clone(), Some(damaged.into()))].into())
        .unwrap();
    store.flush().unwrap();
    drop(store);
    let settings = Settings {
        store: StoreKind::Redb,
        ..Settings::folder(folder.path().to_owned())
    };
    let refused = Chain::open(Genesis::development(START), settings).unwrap_err();
    let told = refused.to_string();
    assert!(
        told.contains("state tree") && told.contains("delete the folder `state`"),
        "{told}"
    );
}

/// Goal: state can be asked for at every earlier height, and a query runs there.
#[test]
fn earlier_heights_answer() {
    let mut world = World::new();
    let bond = live(&mut world);
    let holder = Account::new("holder").address;
    let latest = world.reader.head().height;
    let mut last = Amount(0);
    for height in 4..=latest.0 {
        let reader = world.reader.clone();
        let input = weighhouse_testkit::world::input("balance_of", &holder);
        let answer = world.on_chain(move |_| {
            let query = weighhouse_runtime::reader::Query {
                contract: bond.address,
                input,
                caller: holder,
                at: Some(Height(height)),
                gas_limit: weighhouse_primitives::Gas(10_000_000),
            };
            reader.query(&query).unwrap()
        });
        let data = weighhouse_testkit::world::succeeded(&answer.outcome);
        let amount = <Amount as parity_scale_codec::Decode>::decode(&mut &*data).unwrap();
        assert!(amount >= last, "the holder only receives");
        assert_eq!(answer.height, Height(height));
        last = amount;
    }
    assert_eq!(last, Amount(435));
    assert!(world.reader.state(b"p", Some(latest.next())).is_err());
}

/// Goal: a proof of presence and one of absence hold under the head's root, offline.
#[test]
fn proofs_hold_under_the_root() {
    let mut world = World::new();
    let bond = live(&mut world);
    let present = weighhouse_runtime::state::key::contract(&bond.address);
    let absent = weighhouse_runtime::state::key::contract(&Account::new("nobody").address);
    for (key, there) in [(present, true), (absent, false)] {
        let (header, value, proof) = world.reader.prove(&key).unwrap();
        assert_eq!(value.is_some(), there);
        assert!(proof.verify(&header.state_root, &key, value.as_deref()));
        assert!(!proof.verify(&header.state_root, &key, Some(b"forged")));
    }
}

/// Goal: a development network goes back to an earlier block and on from there.
#[test]
fn a_development_network_goes_back() {
    let mut world = World::new();
    let bond = live(&mut world);
    let back = Height(10);
    let root = world.reader.header(back).unwrap().unwrap().state_root;
    world.on_chain(move |chain| chain.revert_to(back).unwrap());
    assert_eq!(
        (world.reader.head().height, world.reader.head().state_root),
        (back, root)
    );
    let issuer = Account::new("issuer");
    bond.call::<()>(
        &mut world,
        &issuer,
        "transfer",
        &(issuer.address, Amount(1)),
    )
    .unwrap();
    assert_eq!(world.reader.head().height, Height(11));
}
