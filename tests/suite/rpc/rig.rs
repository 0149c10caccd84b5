//! A node with a bond on it, and the ways to ask it.

use parity_scale_codec::Encode;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weighhouse_node::service::{Plan, Service};
use weighhouse_primitives::{Action, Address, Amount, Gas, Hash, Payload, Timestamp, Transaction};
use weighhouse_rpc::api::contract::ContractList;
use weighhouse_rpc::api::tx::TxSubmit;
use weighhouse_rpc::client::{CallError, Client};
use weighhouse_rpc::error::ErrorBody;
use weighhouse_rpc::types::{HashHex, Hex, TxState};
use weighhouse_runtime::{Genesis, limits};
use weighhouse_testkit::Account;
use weighhouse_testkit::world::{START, input};

/// A wait that ends long after anything healthy.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A running node, a client over HTTP, and the account that issues.
pub(super) struct Rig {
    pub(super) service: Service,
    pub(super) client: Client,
    pub(super) issuer: Account,
    pub(super) nonce: u64,
}

impl Rig {
    /// A development network in memory whose clock stands still.
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, after `change`.
    pub(super) async fn with(change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = Plan::devnet(Genesis::development(START));
        plan.time = Some(START);
        change(&mut plan);
        let service = Service::start(plan).await.unwrap();
        let client = Client::connect(&service.url()).await.unwrap();
        Self {
            service,
            client,
            issuer: Account::new("issuer"),
            nonce: 0,
        }
    }

    /// A client over WebSocket.
    pub(super) async fn socket(&self) -> Client {
        let url = self.service.url().replacen("http", "ws", 1);
        Client::connect(&url).await.unwrap()
    }

    /// An action of the issuer, as a payload.
    pub(super) fn payload(&mut self, action: Action) -> Payload {
        self.nonce += 1;
        let gas_limit = match action {
            Action::Upload { .. } => Gas(limits::TX_GAS_MAX),
            _ => Gas(20_000_000),
        };
        Payload {
            chain: self.service.reader().genesis().hash(),
            signer: self.issuer.address,
            nonce: self.nonce,
            valid_until: Timestamp(START.0 + 600),
            gas_limit,
            action,
        }
    }

    /// Signs and submits.
    pub(super) async fn submit(&self, signed: &Transaction) -> Result<HashHex, CallError> {
        let params = TxSubmit {
            tx: Hex(signed.encode()),
            client_ref: None,
        };
        Ok(self.client.tx_submit(&params).await?.hash)
    }

    /// Takes an action of the issuer into a block.
    pub(super) async fn act(&mut self, action: Action) -> HashHex {
        let payload = self.payload(action);
        let hash = self.submit(&self.issuer.sign(payload)).await.unwrap();
        let status = self.client.wait(hash, PATIENCE).await.unwrap();
        assert_eq!(status.status, TxState::Committed);
        assert!(status.receipt.unwrap().outcome.is_success());
        hash
    }

    /// Uploads code.
    pub(super) async fn upload(&mut self, wasm: &[u8]) -> weighhouse_primitives::CodeHash {
        let code = wasm.to_vec();
        self.act(Action::Upload { code }).await;
        weighhouse_primitives::CodeHash(Hash::of(wasm))
    }

    /// Deploys stored code.
    pub(super) async fn deploy(
        &mut self,
        code: weighhouse_primitives::CodeHash,
        input: Vec<u8>,
    ) -> Address {
        let salt = Hash::of(&self.nonce.to_le_bytes());
        let admin = Some(self.issuer.address);
        self.act(Action::Deploy {
            code,
            salt,
            admin,
            input,
        })
        .await;
        Address::of_contract(&self.issuer.address, &code, &salt)
    }

    /// Deploys a bond of at most `cap` units.
    pub(super) async fn bond(&mut self, cap: u128) -> Address {
        let code = self.upload(weighhouse_testkit::artifact("bond")).await;
        self.deploy(code, input("open", &Amount(cap))).await
    }

    /// Deploys a module of `fixtures/wat`, whose `run` is a query if so asked.
    pub(super) async fn fixture(&mut self, name: &str, query: bool) -> Address {
        let file = format!("fixtures/wat/{name}.wat");
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let mut text = std::fs::read_to_string(file).unwrap();
        if query {
            // The byte behind the selector of `run` is its kind.
            text = text.replace(r"\cd\2a\01", r"\cd\2a\02");
        }
        self.module(&text).await
    }

    /// Deploys a module from its text. It has no constructor, so it is put in place of a bond.
    pub(super) async fn module(&mut self, text: &str) -> Address {
        let contract = self.bond(1).await;
        let code = self.upload(&wat::parse_str(text).unwrap()).await;
        let input = Vec::new();
        self.act(Action::Upgrade {
            contract,
            code,
            input,
        })
        .await;
        contract
    }

    /// Mints one unit to `to` in a block of its own.
    pub(super) async fn mint(&mut self, bond: Address, to: Address) -> HashHex {
        let input = input("mint", &(to, Amount(1)));
        let contract = bond;
        self.act(Action::Call { contract, input }).await
    }

    /// An address as this chain writes it.
    pub(super) async fn text(&self, address: &Address) -> String {
        self.client.prefix().await.unwrap().format(address)
    }

    /// The code that a signed transaction is refused with.
    pub(super) async fn rejection(&self, signed: &Transaction) -> Option<i32> {
        self.submit(signed)
            .await
            .err()
            .and_then(|error| error.code())
    }

    /// What the node answers to a body over HTTP, whatever it is.
    pub(super) async fn post(&self, body: &str) -> Value {
        let url = self.service.url();
        let address = url["http://".len()..].trim_end_matches("/rpc");
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// The error that a method answers to parameters.
    pub(super) async fn refusal(&self, method: &str, params: Value) -> ErrorBody {
        match self.client.request_raw(method, &params).await {
            Err(CallError::Node(body)) => body,
            other => panic!("{method} {params}: expected an error, got {other:?}"),
        }
    }

    /// Ends the node.
    pub(super) async fn stop(self) {
        drop(self.client);
        self.service.stop().await.unwrap();
    }
}

/// Goal: the rig's bond is listed: what the other tests stand on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bond_is_there() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(10).await;
    let page = rig.client.contract_list(&ContractList::default()).await;
    assert_eq!(page.unwrap().items[0].address.0, rig.text(&bond).await);
    let answer = rig
        .client
        .request_raw(
            "contract_query",
            &json!({"address": rig.text(&bond).await, "entry_point": "supply"}),
        )
        .await;
    assert_eq!(answer.unwrap()["result"], "0");
    rig.stop().await;
}
