//! Somebody who asks for balances and gives in transactions, and how long he waits.

use super::http;
use parity_scale_codec::Encode;
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::MissedTickBehavior;
use weighhouse_primitives::{Action, Address, Amount, CodeHash, Gas, Hash, Payload, Timestamp};
use weighhouse_rpc::address::Prefix;
use weighhouse_runtime::{Genesis, limits};
use weighhouse_testkit::Account;
use weighhouse_testkit::world::{START, input};

/// Where he comes from.
pub(crate) const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));
/// Where the contracts come from before anything is measured.
const BEFORE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 3));
/// Connections that he keeps.
const KEPT: usize = 4;
/// One request in so many comes over a connection of its own.
const FRESH: u64 = 8;
/// Longest wait for an answer: what takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was waited for, and what came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waited {
    /// Of every request that was answered, in order of its due time: due since the beginning, and waited.
    pub(crate) answered: Vec<(Duration, Duration)>,
    /// Connections refused or cut, answers that never came.
    pub(crate) lost: u64,
    /// Answers that are errors.
    pub(crate) refused: u64,
    /// Transactions that were taken.
    pub(crate) taken: u64,
}

impl Waited {
    /// The time below which so many of a thousand waited.
    pub(crate) fn within(&self, of_a_thousand: usize) -> Duration {
        let mut waited: Vec<Duration> = self.answered.iter().map(|(_, waited)| *waited).collect();
        waited.sort();
        let at = (waited.len() * of_a_thousand / 1_000).min(waited.len().saturating_sub(1));
        waited.get(at).copied().unwrap_or(Duration::MAX)
    }

    /// How long after the beginning nobody waited longer than `most` any more.
    pub(crate) fn calm_after(&self, most: Duration) -> Duration {
        let late = self.answered.iter().filter(|(_, waited)| *waited > most);
        late.map(|(due, waited)| *due + *waited)
            .max()
            .unwrap_or_default()
    }
}

/// The honest client.
#[derive(Debug)]
pub(crate) struct Honest {
    to: SocketAddr,
    issuer: Account,
    chain: weighhouse_primitives::hash::GenesisHash,
    nonce: u64,
    bond: Address,
    /// A contract whose query never ends by itself.
    pub(crate) endless: Address,
}

impl Honest {
    /// Puts a bond on a fresh node, and a contract that others will misuse.
    pub(crate) async fn prepare(to: SocketAddr) -> Self {
        let mut honest = Self {
            to,
            issuer: Account::new("issuer"),
            chain: Genesis::development(START).hash(),
            nonce: 0,
            bond: Address([0; 32]),
            endless: Address([0; 32]),
        };
        let bond = weighhouse_testkit::artifact("bond");
        let code = honest.upload(bond).await;
        honest.bond = honest.deploy(code, u128::MAX).await;
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/wat/endless_loop.wat"
        ));
        // The byte behind the selector of `run` is its kind: a query.
        let text = text
            .expect("the fixture")
            .replace(r"\cd\2a\01", r"\cd\2a\02");
        let endless = wat::parse_str(text).expect("a module");
        let (contract, code) = (honest.deploy(code, 1).await, honest.upload(&endless).await);
        let input = Vec::new();
        honest
            .act(Action::Upgrade {
                contract,
                code,
                input,
            })
            .await;
        honest.endless = contract;
        honest
    }

    async fn upload(&mut self, wasm: &[u8]) -> CodeHash {
        self.act(Action::Upload {
            code: wasm.to_vec(),
        })
        .await;
        CodeHash(Hash::of(wasm))
    }

    async fn deploy(&mut self, code: CodeHash, cap: u128) -> Address {
        let salt = Hash::of(&self.nonce.to_le_bytes());
        let admin = Some(self.issuer.address);
        let input = input("open", &Amount(cap));
        self.act(Action::Deploy {
            code,
            salt,
            admin,
            input,
        })
        .await;
        Address::of_contract(&self.issuer.address, &code, &salt)
    }

    fn signed(&mut self, action: Action) -> Value {
        self.nonce += 1;
        let upload = matches!(action, Action::Upload { .. });
        let signed = self.issuer.sign(Payload {
            chain: self.chain,
            signer: self.issuer.address,
            nonce: self.nonce,
            valid_until: Timestamp(START.0 + 600),
            gas_limit: Gas(if upload {
                limits::TX_GAS_MAX
            } else {
                20_000_000
            }),
            action,
        });
        let hex: String = signed
            .encode()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        json!({ "tx": format!("0x{hex}") })
    }

    /// Takes an action into a block, however long the node asks to wait.
    async fn act(&mut self, action: Action) {
        let params = self.signed(action);
        let hash = self.insist("tx_submit", &params).await["hash"].clone();
        let done = self.insist("tx_wait", &json!({ "hash": hash })).await;
        assert_eq!(done["status"], "committed", "{done}");
        let outcome = done["receipt"]["outcome"].to_string().to_lowercase();
        assert!(outcome.contains("succeeded"), "{done}");
    }

    async fn insist(&self, method: &str, params: &Value) -> Value {
        let mut stream = http::connect(BEFORE, self.to).await.expect("a node");
        let body = request(method, params);
        loop {
            let (_, answer) = http::post(&mut stream, body.as_bytes())
                .await
                .expect("an answer");
            let mut answer: Value = serde_json::from_slice(&answer).expect("JSON");
            match answer["error"]["data"]["retry_after_ms"].as_u64() {
                Some(wait) if answer["error"]["code"] == 1403 => {
                    pause(Duration::from_millis(wait)).await
                }
                _ => {
                    assert!(answer.get("error").is_none(), "{method}: {answer}");
                    return answer["result"].take();
                }
            }
        }
    }

    fn address(address: &Address) -> String {
        let prefix = Prefix::new("whdev").expect("the prefix of development networks");
        prefix.format(address)
    }

    /// A query of most gas: what others ask for.
    pub(crate) fn dear(&self) -> String {
        let at = Self::address(&self.endless);
        request(
            "contract_query",
            &json!({ "address": at, "entry_point": "run" }),
        )
    }

    /// One request: mostly a balance, every fourth time a transaction.
    fn next(&mut self, number: u64) -> (String, bool) {
        if number.is_multiple_of(4) {
            let to = Address([7; 32]);
            let input = input("mint", &(to, Amount(1)));
            let contract = self.bond;
            return (
                request("tx_submit", &self.signed(Action::Call { contract, input })),
                true,
            );
        }
        let wallet = Self::address(&Address([7; 32]));
        let params = json!({
            "address": Self::address(&self.bond),
            "entry_point": "balance_of",
            "args": { "holder": wallet },
        });
        (request("contract_query", &params), false)
    }

    /// Asks `rate` times a second for a while, each at its due time whether the ones before are answered or not.
    pub(crate) async fn ask(&mut self, rate: u32, whole: Duration) -> Waited {
        let began = Instant::now();
        let mut tick = tokio::time::interval(Duration::from_secs(1) / rate);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let kept: Vec<Kept> = (0..KEPT).map(|_| Kept::default()).collect();
        let mut asked = tokio::task::JoinSet::new();
        let mut number = 0;
        while began.elapsed() < whole {
            let due = tick.tick().await.into_std().max(began);
            number += 1;
            let (body, submits) = self.next(number);
            let of = usize::try_from(number).unwrap_or_default() % KEPT;
            let kept = (!number.is_multiple_of(FRESH)).then(|| kept[of].clone());
            let to = self.to;
            asked.spawn(async move {
                let answer = tokio::time::timeout(PATIENCE, one(to, kept, &body)).await;
                (due.duration_since(began), due.elapsed(), submits, answer)
            });
        }
        let mut waited = Waited::default();
        while let Some(one) = asked.join_next().await {
            let (due, took, submits, answer) = one.expect("no panic");
            match answer {
                Ok(Ok(answer)) if answer.contains("\"result\"") => {
                    waited.answered.push((due, took));
                    waited.taken += u64::from(submits);
                }
                Ok(Ok(_)) => waited.refused += 1,
                Ok(Err(_)) | Err(_) => waited.lost += 1,
            }
        }
        waited.answered.sort();
        waited
    }
}

/// A connection that is used by one request after the other.
type Kept = std::sync::Arc<tokio::sync::Mutex<Option<TcpStream>>>;

async fn one(to: SocketAddr, kept: Option<Kept>, body: &str) -> std::io::Result<String> {
    let Some(kept) = kept else {
        let mut stream = http::connect(ADDRESS, to).await?;
        let (_, answer) = http::post(&mut stream, body.as_bytes()).await?;
        return Ok(String::from_utf8_lossy(&answer).into_owned());
    };
    let mut place = kept.lock().await;
    // Taken out, so that a connection that broke is not used again.
    let mut stream = match place.take() {
        Some(stream) => stream,
        None => http::connect(ADDRESS, to).await?,
    };
    let (_, answer) = http::post(&mut stream, body.as_bytes()).await?;
    *place = Some(stream);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A JSON-RPC request.
pub(crate) fn request(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

/// Waits; as the node asked to, or between two bytes of somebody slow.
pub(crate) async fn pause(time: Duration) {
    let end = tokio::time::Instant::now() + time;
    let never = std::future::pending::<()>();
    let _ = tokio::time::timeout_at(end, never).await;
}
