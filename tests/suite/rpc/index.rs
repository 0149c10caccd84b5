//! Tokens, holders and transfers, asked of a node with tokens on it.

use super::rig::{PATIENCE, Rig};
use serde_json::{Value, json};
use weighhouse_primitives::{Action, Address, Amount};
use weighhouse_testkit::Account;
use weighhouse_testkit::world::input;

async fn ask(rig: &Rig, method: &str, params: Value) -> Value {
    let answer = rig.client.request_raw(method, &params).await;
    answer.unwrap_or_else(|error| panic!("{method} {params}: {error}"))
}

/// Every item of a listing, page by page; no page is longer than asked for.
async fn all(rig: &Rig, method: &str, mut params: Value) -> Vec<Value> {
    let (mut items, limit) = (Vec::new(), 2);
    params["limit"] = limit.into();
    loop {
        let page = ask(rig, method, params.clone()).await;
        let found = page["items"].as_array().unwrap();
        assert!(found.len() <= limit, "{page}");
        items.extend(found.clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => params["cursor"] = cursor.into(),
            None => return items,
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Goal: a bond is a token with its supply and cap; a contract without such a rule is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_what_declares_a_supply() {
    let mut rig = Rig::new().await;
    let first = rig.bond(10).await;
    let second = rig.bond(20).await;
    let other = rig.fixture("host_call", true).await;
    rig.mint(first, Account::new("alice").address).await;
    let mut wanted = vec![
        (rig.text(&first).await, "1", "10"),
        (rig.text(&second).await, "0", "20"),
    ];
    wanted.sort();
    let found = all(&rig, "index_tokens", json!({})).await;
    let mut found: Vec<_> = found
        .iter()
        .map(|item| {
            (
                text(&item["address"]).to_owned(),
                text(&item["supply"]),
                text(&item["cap"]),
            )
        })
        .collect();
    found.sort();
    assert_eq!(found, wanted);
    let none = all(&rig, "index_tokens", json!({"symbol": "NQB"})).await;
    assert!(none.is_empty());
    let error = rig
        .refusal("index_holders", json!({"token": rig.text(&other).await}))
        .await;
    assert_eq!(error.code, 1203, "{error}");
    rig.stop().await;
}

/// Goal: holders are listed whole and once, at the height asked for; who has nothing left is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holders_at_a_height() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(100).await;
    let holders: Vec<Address> = ["alice", "bob", "carol", "dora", "eve"]
        .map(|name| Account::new(name).address)
        .into();
    for holder in &holders {
        rig.mint(bond, *holder).await;
    }
    let before = rig.service.reader().head().height.to_string();
    // The issuer takes one unit and gives it away again.
    let issuer = rig.issuer.address;
    rig.mint(bond, issuer).await;
    let given = input("transfer", &(holders[0], Amount(1)));
    rig.act(Action::Call {
        contract: bond,
        input: given,
    })
    .await;
    let token = rig.text(&bond).await;
    let mut wanted = Vec::new();
    for (index, holder) in holders.iter().enumerate() {
        wanted.push((
            rig.text(holder).await,
            if index == 0 { "2" } else { "1" }.to_owned(),
        ));
    }
    let read = |items: Vec<Value>| {
        let pair = |item: &Value| {
            (
                text(&item["holder"]).to_owned(),
                text(&item["amount"]).to_owned(),
            )
        };
        let mut pairs: Vec<_> = items.iter().map(pair).collect();
        pairs.sort();
        pairs
    };
    wanted.sort();
    let now = all(&rig, "index_holders", json!({"token": token})).await;
    assert_eq!(read(now), wanted);
    let then = json!({"token": token, "at": before});
    let then = read(all(&rig, "index_holders", then).await);
    assert!(
        then.iter().all(|(_, amount)| amount == "1") && then.len() == 5,
        "{then:?}"
    );
    let foreign = json!({"token": token, "cursor": "0x01"});
    assert_eq!(rig.refusal("index_holders", foreign).await.code, 1404);
    rig.stop().await;
}

/// Goal: what moved is listed with who had it and who has it, by token, wallet and order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_by_wallet() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(100).await;
    let (issuer, alice) = (rig.issuer.address, Account::new("alice").address);
    rig.mint(bond, issuer).await;
    rig.mint(bond, Account::new("bob").address).await;
    let given = input("transfer", &(alice, Amount(1)));
    rig.act(Action::Call {
        contract: bond,
        input: given,
    })
    .await;
    let token = rig.text(&bond).await;
    let whole = all(&rig, "index_transfers", json!({"token": token})).await;
    assert_eq!(whole.len(), 3);
    assert!(
        whole[0]["from"].is_null(),
        "new units come from nobody: {whole:?}"
    );
    let mut backward = all(&rig, "index_transfers", json!({"order": "desc"})).await;
    backward.reverse();
    assert_eq!(backward, whole);
    let of = json!({"account": rig.text(&alice).await});
    let mine = all(&rig, "index_transfers", of).await;
    assert_eq!(mine, whole[2..]);
    assert_eq!(text(&mine[0]["from"]), rig.text(&issuer).await);
    assert_eq!(text(&mine[0]["amount"]), "1");
    rig.stop().await;
}

/// Goal: contracts are found by an interface of the library; a misspelt one is not an empty list.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contracts_by_interface() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(1).await;
    let code = rig
        .upload(weighhouse_testkit::artifact("template-rights"))
        .await;
    let rights = rig.deploy(code, input("open", &())).await;
    let found = all(&rig, "contract_list", json!({"interface": "Control"})).await;
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0]["address"]), rig.text(&rights).await);
    assert_eq!(found[0]["interfaces"], json!(["Control"]));
    let none = all(&rig, "contract_list", json!({"interface": "Holds"})).await;
    assert!(none.is_empty());
    let error = rig
        .refusal("contract_list", json!({"interface": "Contrl"}))
        .await;
    assert_eq!(
        (error.code, error.field("nearest")),
        (1302, Some(&json!(["Control"])))
    );
    let info = ask(
        &rig,
        "contract_info",
        json!({"address": rig.text(&bond).await}),
    )
    .await;
    assert_eq!(info["interfaces"], json!([]));
    rig.stop().await;
}

/// Goal: the hashes of a block are those of its transactions in order, and those that failed are named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hashes_of_a_block_are_its_transactions() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(1).await;
    let alice = Account::new("alice").address;
    rig.mint(bond, alice).await;
    let above = input("mint", &(alice, Amount(1)));
    let payload = rig.payload(Action::Call {
        contract: bond,
        input: above,
    });
    let above = rig.submit(&rig.issuer.sign(payload)).await.unwrap();
    rig.client.wait(above, PATIENCE).await.unwrap();
    let last = ask(&rig, "chain_head", json!({})).await;
    let last: u64 = text(&last["height"]).parse().unwrap();
    let (mut seen, mut refused) = (0, 0);
    for height in 0..=last {
        let block = async |detail: &str| {
            let params = json!({"height": height, "detail": detail});
            ask(&rig, "chain_block", params).await
        };
        let (short, whole) = (block("hashes").await, block("receipts").await);
        let list = |one: &Value, name: &str| one[name].as_array().cloned().unwrap_or_default();
        let (transactions, receipts) = (list(&whole, "transactions"), list(&whole, "receipts"));
        let hashes: Vec<_> = transactions.iter().map(|one| one["hash"].clone()).collect();
        assert_eq!(list(&short, "hashes"), hashes, "{height}");
        let failed: Vec<Value> = (0..receipts.len())
            .filter(|place| receipts[*place]["outcome"]["kind"] != "Succeeded")
            .map(Value::from)
            .collect();
        assert_eq!(list(&short, "failed"), failed, "{whole}");
        assert!(short["transactions"].is_null() && short["receipts"].is_null());
        seen += hashes.len();
        refused += failed.len();
    }
    assert!(seen > 3 && refused == 1, "{refused} of {seen} failed");
    rig.stop().await;
}
