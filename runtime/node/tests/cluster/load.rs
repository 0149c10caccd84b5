//! Mixed contract calls to all validators, and what became of them.

use crate::network::{COUNT, Network, look_again};
use crate::sign::signed;
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;
use weighhouse_node::devkeys;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Action, Address, Amount, Transaction, abi};
use weighhouse_rpc::api::tx::{ByHash, TxSubmit};
use weighhouse_rpc::client::Client;
use weighhouse_rpc::types::{HashHex, Hex, TxState};

/// Who sends, each one after the other's answer.
const SENDERS: [&str; 4] = ["issuer", "alice", "bob", "arbiter"];
/// Transactions that a sender sends before it waits for all of them.
const AT_ONCE: u64 = 10;
/// How long a request may take: a node may hang.
const REQUEST: Duration = Duration::from_secs(3);
/// How long one node is asked before the next.
const TURN: Duration = Duration::from_secs(2);

/// What the senders share.
#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    sent: AtomicU64,
    /// Height of each transaction that was reported as durable.
    durable: Mutex<BTreeMap<HashHex, u64>>,
}

/// The account of a test key.
fn account(role: &str) -> Address {
    devkeys::address(&devkeys::key(role, "test", true).unwrap())
}

/// A running load.
pub(crate) struct Load {
    shared: Arc<Shared>,
    senders: Vec<JoinHandle<()>>,
}

/// What a load sends to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    chain: GenesisHash,
    bond: Address,
    valid_until: u64,
    /// The files that say where each node answers.
    urls: Vec<std::path::PathBuf>,
}

impl Target {
    /// Deploys a bond, and gives every sender something to send.
    pub(crate) fn new(network: &Network) -> Self {
        let deployed = network.run(
            0,
            "contract deploy bond --signer dev:issuer --as bond -- --cap 1000000000",
        );
        let text = deployed["address"].as_str().unwrap().to_owned();
        for role in SENDERS {
            network.run(0, &format!("contract call bond --signer dev:issuer -- mint --to dev:{role} --amount 1000000"));
        }
        let prefix = weighhouse_rpc::address::Prefix::new(&network.genesis.prefix).unwrap();
        Self {
            chain: network.genesis.hash(),
            bond: prefix.parse(&text).unwrap(),
            valid_until: network.genesis.time.0 + 3_600,
            urls: network
                .validators
                .iter()
                .map(|validator| validator.url_file())
                .collect(),
        }
    }

    /// The transaction of a sender with a number: transfers, mints, and calls that fail.
    fn transaction(&self, sender: usize, nonce: u64) -> Transaction {
        let to = account(SENDERS[(sender + 1) % SENDERS.len()]);
        let (entry_point, args) = match (sender, nonce % 5) {
            (0, 0) => ("mint", (to, Amount(3)).encode()),
            (_, 1) => ("transfer", (to, Amount(u128::MAX)).encode()),
            (_, 2) => ("no_such_entry_point", Vec::new()),
            _ => ("transfer", (to, Amount(1)).encode()),
        };
        let mut input = abi::selector(entry_point).to_le_bytes().to_vec();
        input.extend_from_slice(&args);
        let action = Action::Call {
            contract: self.bond,
            input,
        };
        signed(
            self.chain,
            SENDERS[sender],
            (nonce, self.valid_until),
            action,
            |_| {},
        )
    }

    fn client(&self, number: usize) -> Option<Client> {
        let url = std::fs::read_to_string(&self.urls[number % COUNT]).ok()?;
        Client::http(url.trim()).ok()
    }

    /// Gives a transaction to whoever takes it, the same bytes each time.
    async fn submit(&self, first: usize, transaction: &Transaction, shared: &Shared) -> bool {
        let params = TxSubmit {
            tx: Hex(transaction.encode()),
            client_ref: None,
        };
        let mut number = first;
        while !shared.stopping.load(Ordering::SeqCst) {
            if let Some(client) = self.client(number) {
                let answer = tokio::time::timeout(REQUEST, client.tx_submit(&params)).await;
                if matches!(answer, Ok(Ok(_))) {
                    return true;
                }
            }
            number += 1;
            look_again().await;
        }
        false
    }

    /// Waits until somebody reports a transaction as durable; gives it again to another node meanwhile.
    async fn settle(&self, first: usize, transaction: &Transaction, shared: &Shared) {
        let hash = HashHex::from(transaction.hash());
        let mut number = first;
        while !shared.stopping.load(Ordering::SeqCst) {
            if let Some(client) = self.client(number) {
                let status = tokio::time::timeout(REQUEST, client.wait(hash, TURN)).await;
                if let Ok(Ok(status)) = status
                    && let (TxState::Committed, Some(block)) = (status.status, status.block)
                {
                    shared.durable.lock().unwrap().insert(hash, block.height.0);
                    return;
                }
            }
            number += 1;
            self.submit(number, transaction, shared).await;
        }
    }

    async fn send(self, sender: usize, shared: Arc<Shared>) {
        let mut nonce = 0;
        while !shared.stopping.load(Ordering::SeqCst) {
            let batch: Vec<Transaction> = (nonce..nonce + AT_ONCE)
                .map(|nonce| self.transaction(sender, nonce))
                .collect();
            nonce += AT_ONCE;
            for (turn, transaction) in batch.iter().enumerate() {
                if self.submit(sender + turn, transaction, &shared).await {
                    shared.sent.fetch_add(1, Ordering::SeqCst);
                }
            }
            for (turn, transaction) in batch.iter().enumerate() {
                self.settle(sender + turn, transaction, &shared).await;
            }
        }
    }

    pub(crate) fn load(&self) -> Load {
        let shared = Arc::new(Shared::default());
        let senders = (0..SENDERS.len())
            .map(|sender| tokio::spawn(self.clone().send(sender, Arc::clone(&shared))))
            .collect();
        Load { shared, senders }
    }
}

impl Load {
    /// How many transactions were reported as durable until now.
    pub(crate) fn durable(&self) -> usize {
        self.shared.durable.lock().unwrap().len()
    }

    /// Ends the load; gives what was reported as durable, with heights.
    pub(crate) async fn stop(self) -> BTreeMap<HashHex, u64> {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for sender in self.senders {
            sender.await.unwrap();
        }
        std::mem::take(&mut *self.shared.durable.lock().unwrap())
    }
}

/// Checks that a node knows every transaction that was reported as durable, in the block that was reported.
pub(crate) async fn check(client: &Client, durable: &BTreeMap<&HashHex, &u64>) {
    for (hash, height) in durable {
        let known = client.tx_get(&ByHash { hash: **hash }).await.unwrap();
        assert_eq!(known.status, TxState::Committed, "{hash} is lost");
        assert_eq!(
            known.block.unwrap().height.0,
            **height,
            "{hash} is elsewhere"
        );
        assert!(known.receipt.is_some(), "TX-2");
    }
}
