//! A client's conversation with a node: encode, compare, sign, send, wait.

use super::account::{Account, Signed};
use crate::output::Failure;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Action, Address, Gas, Payload, Timestamp};
use weighhouse_rpc::address::Prefix;
use weighhouse_rpc::api::tx::{TxEncode, TxSubmit, TxWait};
use weighhouse_rpc::client::Client;
use weighhouse_rpc::codec::Codec;
use weighhouse_rpc::error::ErrorBody;
use weighhouse_rpc::types::{
    ActionView, AddressText, ChainInfo, HashHex, Submitted, TxState, TxStatus, U64,
};

/// Requests of one JSON-RPC batch.
pub const BATCH: usize = 50;
/// Longest wait for a transaction.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait asked of the node at once, in milliseconds.
const WAIT_MS: u32 = 30_000;

/// A connected client.
#[derive(Debug)]
pub struct Session {
    /// The connection.
    pub client: Client,
    /// What chain it is.
    pub info: ChainInfo,
    /// Reads and writes its addresses.
    pub prefix: Prefix,
    /// JSON to SCALE on it.
    pub codec: Codec,
    nonce: AtomicU64,
}

/// Gas and validity that transactions of one kind get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Most gas.
    pub gas_limit: Gas,
    /// Last second.
    pub valid_until: Timestamp,
}

impl Session {
    /// Connects over HTTP; `nonce` is the first that is used.
    ///
    /// # Errors
    /// If nobody answers, or not as a node does.
    pub async fn connect(url: &str, nonce: u64) -> Result<Self, Failure> {
        let client = Client::connect(url).await?;
        Ok(Self {
            info: client.info().await?.clone(),
            prefix: client.prefix().await?,
            codec: client.codec().await?,
            client,
            nonce: AtomicU64::new(nonce),
        })
    }

    /// Where the same node takes subscriptions.
    #[must_use]
    pub fn live_url(&self) -> String {
        self.client.url().replacen("http://", "ws://", 1)
    }

    /// A nonce that was not used yet.
    pub fn nonce(&self) -> u64 {
        self.nonce.fetch_add(1, Ordering::Relaxed)
    }

    /// An address as the node reads it.
    #[must_use]
    pub fn text(&self, address: &Address) -> AddressText {
        self.prefix.format(address).into()
    }

    /// A payload for this chain.
    #[must_use]
    pub fn payload(&self, signer: &Account, action: Action, terms: Terms) -> Payload {
        Payload {
            chain: GenesisHash::from(self.info.genesis_hash),
            signer: signer.address,
            nonce: self.nonce(),
            valid_until: terms.valid_until,
            gas_limit: terms.gas_limit,
            action,
        }
    }

    /// Asks the node for the bytes of a transaction and compares them with what is to be signed.
    ///
    /// # Errors
    /// The node's refusal; a payload that is not the one asked for.
    pub async fn encode(
        &self,
        signer: &Account,
        action: &ActionView,
        gas_limit: Option<u64>,
    ) -> Result<Payload, Failure> {
        let request = TxEncode {
            from: self.text(&signer.address),
            action: action.clone(),
            gas_limit: gas_limit.map(U64),
            valid_until: None,
            nonce: Some(U64(self.nonce())),
        };
        let encoded = self.client.tx_encode(&request).await?;
        let payload: Payload = decode_canonical(&encoded.unsigned.0)
            .map_err(|_| Failure::failed("the node encoded a payload that does not decode"))?;
        let same = HashHex::from(payload.hash()) == encoded.signing_hash
            && payload.signer == signer.address
            && payload.chain == GenesisHash::from(self.info.genesis_hash);
        if !same {
            return Err(Failure::failed(
                "the node encoded another transaction than asked for",
            ));
        }
        Ok(payload)
    }

    /// What a transaction like this one needs, with as much again to spare.
    ///
    /// # Errors
    /// As [`Session::encode`].
    pub async fn terms(&self, signer: &Account, action: &ActionView) -> Result<Terms, Failure> {
        let payload = self.encode(signer, action, None).await?;
        Ok(Terms {
            gas_limit: Gas(payload.gas_limit.0.saturating_mul(2)),
            valid_until: payload.valid_until,
        })
    }

    /// Sends one transaction and waits until it is durable, however it ends.
    ///
    /// # Errors
    /// The node's refusal to take it; no block in time.
    pub async fn send(
        &self,
        signer: &Account,
        action: &ActionView,
        gas_limit: Option<u64>,
    ) -> Result<TxStatus, Failure> {
        let signed = signer.sign(self.encode(signer, action, gas_limit).await?);
        let submit = TxSubmit {
            tx: signed.hex(),
            client_ref: None,
        };
        self.client.tx_submit(&submit).await?;
        let status = self.client.wait(signed.hash, PATIENCE).await?;
        if status.status == TxState::Committed {
            Ok(status)
        } else {
            Err(Failure::failed(format!(
                "{} is in no block after 30 s",
                signed.hash
            )))
        }
    }

    /// Sends many transactions; one answer for each, in order.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn submit(
        &self,
        transactions: &[Signed],
    ) -> Result<Vec<Result<Submitted, ErrorBody>>, weighhouse_rpc::client::CallError> {
        let requests: Vec<TxSubmit> = transactions
            .iter()
            .map(|signed| TxSubmit {
                tx: signed.hex(),
                client_ref: None,
            })
            .collect();
        self.client.submit_many(&requests).await
    }

    /// Waits for many transactions in one request; one status for each, in order.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn wait(
        &self,
        transactions: &[Signed],
    ) -> Result<Vec<Result<TxStatus, ErrorBody>>, weighhouse_rpc::client::CallError> {
        let requests: Vec<TxWait> = transactions
            .iter()
            .map(|signed| TxWait {
                hash: signed.hash,
                timeout_ms: Some(WAIT_MS),
            })
            .collect();
        self.client.batch("tx_wait", &requests).await
    }

    /// Sends many transactions in batches and waits until all are durable and have succeeded.
    /// `progress` hears of every batch that is.
    ///
    /// # Errors
    /// The first that is refused, reverted, or in no block in time.
    pub async fn send_all(
        &self,
        transactions: &[Signed],
        mut progress: impl FnMut(usize),
    ) -> Result<(), Failure> {
        // A few batches ahead, so that the node always has something for the next block.
        let ahead = 8 * BATCH;
        let mut sent = 0;
        for (index, batch) in transactions.chunks(BATCH).enumerate() {
            let wanted = transactions.len().min(index * BATCH + ahead);
            while sent < wanted {
                let end = transactions.len().min(sent + BATCH);
                let next = transactions.get(sent..end).unwrap_or_default();
                for answer in self.submit(next).await? {
                    answer?;
                }
                sent = end;
            }
            for (signed, status) in batch.iter().zip(self.wait(batch).await?) {
                succeeded(signed.hash, &status?)?;
            }
            progress(batch.len());
        }
        Ok(())
    }
}

/// That a transaction is durable and has done what it asked for.
///
/// # Errors
/// What became of it instead.
pub fn succeeded(hash: HashHex, status: &TxStatus) -> Result<(), Failure> {
    let outcome = status.receipt.as_ref().map(|receipt| &receipt.outcome);
    match outcome {
        Some(outcome) if outcome.is_success() => Ok(()),
        Some(outcome) => {
            let outcome = serde_json::to_string(outcome).unwrap_or_default();
            Err(Failure::failed(format!(
                "{hash} did not succeed: {outcome}"
            )))
        }
        None => Err(Failure::failed(format!("{hash} is in no block"))),
    }
}
