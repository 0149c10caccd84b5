//! Invariants that are about the whole, not about one module.

use parity_scale_codec::Encode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use weighhouse_primitives::{Action, Address, Amount, Height, TxHash};
use weighhouse_rpc::client::Client;
use weighhouse_rpc::server::{
    Backend, Feed, Metrics, Server, Settings as Listening, openrpc_document,
};
use weighhouse_runtime::{Genesis, Settings, StoreKind};
use weighhouse_testkit::closed_pool::ClosedPool;
use weighhouse_testkit::world::{START, input};
use weighhouse_testkit::{Account, Contract, World};

fn issued(world: &mut World, issuer: &Account) -> Contract {
    let bond = world.deploy(issuer, "bond", "open", &Amount(10_000));
    bond.call::<()>(world, issuer, "mint", &(issuer.address, Amount(5_000)))
        .expect("the issuer may mint");
    bond
}

fn transfer(bond: &Contract, to: Address, amount: u128) -> Action {
    Action::Call {
        contract: bond.address,
        input: input("transfer", &(to, Amount(amount))),
    }
}

/// Goal: nothing but genesis and blocks decides: two nodes with other stores, caches, threads and
/// moments of execution have equal headers and receipts at every height.
#[test]
fn det_1_nodes_agree_on_every_header_and_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let small = Settings {
        store: StoreKind::Redb,
        store_cache_bytes: 1 << 20,
        read_cache_bytes: 1 << 16,
        retention: Some(2),
        ..Settings::folder(folder.path().into())
    };
    let mut worlds = [
        World::new(),
        World::open(Genesis::development(START), small),
    ];
    for world in &mut worlds {
        let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
        let bond = issued(world, &issuer);
        for amount in [1, 6_000, 0, 4_999, 7] {
            world.advance(u64::try_from(amount).unwrap());
            world.act(&issuer, transfer(&bond, holder.address, amount));
        }
    }
    let [one, other] = &worlds;
    let last = one.reader.head().height;
    assert_eq!(one.reader.head(), other.reader.head());
    for height in 1..=last.0 {
        let height = Height(height);
        let receipts = |world: &World| world.reader.receipts(height).unwrap().unwrap();
        assert_eq!(receipts(one), receipts(other), "height {height}");
    }
}

/// Goal: a block answers for each of its transactions once, in their order, whatever became of them.
#[test]
fn tx_2_receipts_stand_in_the_order_of_transactions() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let bond = issued(&mut world, &issuer);
    let nothing = Action::Call {
        contract: Address([7; 32]),
        input: input("transfer", &()),
    };
    let actions = [
        transfer(&bond, holder.address, 10),
        transfer(&bond, holder.address, 1_000_000),
        nothing,
        transfer(&bond, holder.address, 20),
    ];
    let mut candidates = Vec::new();
    for action in actions {
        let payload = world.payload(&issuer.address, action);
        candidates.push(world.admit(&issuer.sign(payload)).unwrap());
    }
    let asked: Vec<TxHash> = candidates.iter().map(|one| one.hash).collect();
    let (committed, _) = world.block(candidates);
    let answered: Vec<TxHash> = committed.receipts.iter().map(|one| one.tx).collect();
    assert_eq!(answered, asked);
    let outcomes = committed
        .receipts
        .iter()
        .map(|one| one.outcome.is_success());
    assert_eq!(outcomes.collect::<Vec<_>>(), [true, false, false, true]);
}

/// Goal: whatever holders try, balances add up to the supply, which stays within the cap.
#[test]
fn tok_1_balances_of_the_bond_add_up_to_its_supply() {
    let mut world = World::new();
    let accounts = ["issuer", "a", "b", "c"].map(Account::new);
    let bond = issued(&mut world, &accounts[0]);
    let mut dice = 7_u128;
    for _ in 0..60 {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let pick = |shift: u32| usize::try_from((dice >> shift) % 4).unwrap();
        let (from, to, amount) = (pick(20), pick(24), (dice >> 32) % 3_000);
        let entry = ["transfer", "transfer", "mint", "transfer"][pick(28)];
        let arguments = (accounts[to].address, Amount(amount));
        // Refusals are part of it.
        let _ = bond.call::<()>(&mut world, &accounts[from], entry, &arguments);
    }
    let balance = |account: &Account| {
        bond.query::<Amount>(&world, "balance_of", &account.address)
            .0
    };
    let supply = bond.query::<Amount>(&world, "supply", &()).0;
    assert_eq!(accounts.iter().map(balance).sum::<u128>(), supply);
    assert!((5_000..=10_000).contains(&supply));
}

/// Parameters under which as many methods as possible get to their work.
fn parameters(method: &Value, world: &World, bond: &Contract, tx: &[u8]) -> Value {
    let prefix =
        weighhouse_rpc::address::Prefix::new(&world.reader.genesis().prefix).expect("a prefix");
    let bond = prefix.format(&bond.address);
    let hex = |bytes: &[u8]| {
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("0x{}", digits.concat())
    };
    let mut chosen = serde_json::Map::new();
    for parameter in method["params"].as_array().expect("parameters") {
        let name = parameter["name"].as_str().expect("a name");
        let value = match name {
            "address" | "contract" | "from" | "account" | "signer" => json!(bond),
            "action" => json!({ "call": { "contract": bond, "entry_point": "transfer",
                "args": { "to": bond, "amount": "1" } } }),
            "entry_point" => json!("supply"),
            "args" => json!({}),
            "tx" => json!(hex(tx)),
            "hash" => json!(hex(&[9; 32])),
            "cell" => json!("supply"),
            "key" => json!("0x70"),
            "client_ref" => json!("one"),
            "timeout_ms" => json!(1),
            _ => continue,
        };
        let wanted = parameter["required"] == true || ["action", "args"].contains(&name);
        if wanted {
            chosen.insert(name.to_owned(), value);
        }
    }
    Value::Object(chosen)
}

/// Goal: every method that a production node serves is called, also with a transaction that would
/// succeed; only `tx_submit` reaches the pool, and head, root and balances stay what they were.
#[test]
fn rpc_1_only_submitting_reaches_the_pool() {
    let mut world = World::new();
    let issuer = Account::new("issuer");
    let bond = issued(&mut world, &issuer);
    let payload = world.payload(&issuer.address, transfer(&bond, Address([8; 32]), 1));
    let tx = issuer.sign(payload).encode();
    world.reader.set_pending_time(world.time);
    let head = world.reader.head();
    let pool = Arc::new(ClosedPool::default());
    let backend = Backend {
        reader: world.reader.clone(),
        submit: pool.clone(),
        develop: None,
        feed: Feed::new(),
        metrics: Metrics::new(),
        version: "test".into(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answered = runtime.block_on(async {
        let server = Server::start(Listening::loopback(0), backend)
            .await
            .unwrap();
        let client = Client::http(&format!("http://{}/rpc", server.address())).unwrap();
        let (document, mut answered) = (openrpc_document(false), 0);
        for method in document["methods"].as_array().unwrap() {
            let name = method["name"].as_str().unwrap();
            let before = pool.tried.load(Ordering::Relaxed);
            let params = parameters(method, &world, &bond, &tx);
            answered += usize::from(client.request_raw(name, &params).await.is_ok());
            let reached = pool.tried.load(Ordering::Relaxed) - before;
            assert_eq!(reached, usize::from(name == "tx_submit"), "{name}");
        }
        answered
    });
    assert!(answered >= 15, "only {answered} methods did their work");
    assert_eq!(world.reader.head(), head);
    assert_eq!(
        bond.query::<Amount>(&world, "balance_of", &issuer.address),
        Amount(5_000)
    );
}
