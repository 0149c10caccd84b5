//! The typed client: every method of [`crate::api`] over HTTP or WebSocket.
//!
//! ```no_run
//! use weighhouse_rpc::api::contract::ContractQuery;
//! use weighhouse_rpc::client::Client;
//! # async fn example() -> Result<(), weighhouse_rpc::client::CallError> {
//! let client = Client::connect("http://127.0.0.1:8735/rpc").await?;
//! let head = client.chain_head().await?;
//! let answer = client
//!     .contract_query(&ContractQuery {
//!         address: "whdev1...".into(),
//!         entry_point: "balance_of".into(),
//!         args: Some(serde_json::json!({ "wallet": "whdev1..." }).into()),
//!         ..ContractQuery::default()
//!     })
//!     .await?;
//! # let _ = (head, answer); Ok(())
//! # }
//! ```
//!
//! In clear or behind TLS, by the scheme of the URL; [`Access`] has authorities of one's own and an API key.
//! Nothing is retried here; [`CallError::is_transport`] tells what may be.

mod access;
pub mod contract;
mod error;
mod stream;

pub use access::Access;
pub use contract::{Answered, Ask, Contract};
pub use error::CallError;
pub use stream::Stream;

use crate::address::Prefix;
use crate::api::WEBSOCKET_MESSAGE_BYTES_MAX;
use crate::api::contract::CodeOf;
use crate::api::tx::{TxSubmit, TxWait};
use crate::codec::Codec;
use crate::error::{ErrorBody, code};
use crate::types::{ChainInfo, HashHex, Submitted, TxState, TxStatus};
use jsonrpsee::core::client::{ClientT, SubscriptionClientT};
use jsonrpsee::core::params::BatchRequestBuilder;
use jsonrpsee::core::traits::ToRpcParams;
use jsonrpsee_http_client::{HttpClient, HttpClientBuilder};
use jsonrpsee_ws_client::{WsClient, WsClientBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;
use weighhouse_primitives::schema::{CellSchema, Schema};

/// Largest request and answer in bytes: a block with receipts is the largest.
const MESSAGE_BYTES_MAX: u32 = 16 * 1024 * 1024;
/// Longest time for one request; longer than the longest `tx_wait`.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection to a node; cheap to clone.
#[derive(Clone)]
pub struct Client {
    url: Arc<str>,
    transport: Transport,
    info: Arc<OnceCell<ChainInfo>>,
    watcher: Option<Watcher>,
}

/// Told the method and the parameters of each request before it is sent.
pub type Watcher = Arc<dyn Fn(&str, &str) + Send + Sync>;

#[derive(Clone)]
enum Transport {
    Http(HttpClient),
    WebSocket(Arc<WsClient>),
}

/// A contract's interface as a program uses it.
#[derive(Clone, Debug)]
pub struct ContractSchema {
    /// Its interface.
    pub schema: Schema,
    /// Its storage cells.
    pub cells: Vec<CellSchema>,
    /// Its code.
    pub code_hash: HashHex,
    /// Hash of its interface: what generated bindings compare.
    pub schema_hash: HashHex,
}

impl Client {
    /// Connects by the scheme of the URL, `http`, `https`, `ws` or `wss`, and reads `chain_info`, so that a
    /// wrong address shows at once.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn connect(url: &str) -> Result<Self, CallError> {
        Self::connect_with(url, &Access::default()).await
    }

    /// The same, to a node that asks for more than its URL.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn connect_with(url: &str, access: &Access) -> Result<Self, CallError> {
        let client = if url.starts_with("ws:") || url.starts_with("wss:") {
            Self::websocket_with(url, access).await?
        } else {
            Self::http_with(url, access)?
        };
        client.info().await?;
        Ok(client)
    }

    /// A client over HTTP; connects with the first request.
    ///
    /// # Errors
    /// If the URL is not one of `http` or `https`.
    pub fn http(url: &str) -> Result<Self, CallError> {
        Self::http_with(url, &Access::default())
    }

    /// The same, to a node that asks for more than its URL.
    ///
    /// # Errors
    /// If the URL is not one of `http` or `https`.
    pub fn http_with(url: &str, access: &Access) -> Result<Self, CallError> {
        let mut builder = HttpClientBuilder::new()
            .max_request_size(MESSAGE_BYTES_MAX)
            .max_response_size(MESSAGE_BYTES_MAX)
            .request_timeout(REQUEST_TIMEOUT)
            .set_headers(access.headers());
        if let Some(tls) = access.tls() {
            builder = builder.with_custom_cert_store(tls);
        }
        let client = builder
            .build(url)
            .map_err(|error| CallError::from_library(url, error))?;
        Ok(Self::of(url, Transport::Http(client)))
    }

    /// A client over WebSocket: the only one that can subscribe.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn websocket(url: &str) -> Result<Self, CallError> {
        Self::websocket_with(url, &Access::default()).await
    }

    /// The same, to a node that asks for more than its URL.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn websocket_with(url: &str, access: &Access) -> Result<Self, CallError> {
        let mut builder = WsClientBuilder::new()
            .max_request_size(WEBSOCKET_MESSAGE_BYTES_MAX)
            .max_response_size(MESSAGE_BYTES_MAX)
            .request_timeout(REQUEST_TIMEOUT)
            .set_headers(access.headers());
        if let Some(tls) = access.tls() {
            builder = builder.with_custom_cert_store(tls);
        }
        let client = builder
            .build(url)
            .await
            .map_err(|error| CallError::from_library(url, error))?;
        Ok(Self::of(url, Transport::WebSocket(Arc::new(client))))
    }

    fn of(url: &str, transport: Transport) -> Self {
        Self {
            url: url.into(),
            transport,
            info: Arc::new(OnceCell::new()),
            watcher: None,
        }
    }

    /// The same client, whose requests are told to `watcher`.
    #[must_use]
    pub fn watched(mut self, watcher: Watcher) -> Self {
        self.watcher = Some(watcher);
        self
    }

    /// Parameters as they are sent.
    fn params(&self, method: &str, params: &impl Serialize) -> Result<ByName, CallError> {
        let params = ByName::of(method, params)?;
        if let Some(watcher) = &self.watcher {
            watcher(
                method,
                params.0.as_ref().map_or("{}", |params| params.get()),
            );
        }
        Ok(params)
    }

    /// Where it is connected to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the chain is; asked once.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn info(&self) -> Result<&ChainInfo, CallError> {
        self.info.get_or_try_init(|| self.chain_info()).await
    }

    /// The prefix of the chain's addresses.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn prefix(&self) -> Result<Prefix, CallError> {
        let info = self.info().await?;
        Prefix::new(&info.address_prefix).ok_or_else(|| CallError::Answer {
            method: "chain_info".into(),
            reason: format!("{:?} is not a prefix of addresses", info.address_prefix),
        })
    }

    /// A codec for the chain's values.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn codec(&self) -> Result<Codec, CallError> {
        self.prefix().await.map(Codec::new)
    }

    /// The interface of a contract or code, decoded.
    ///
    /// # Errors
    /// The node's answer, or trouble on the way to it.
    pub async fn schema(&self, of: &CodeOf) -> Result<ContractSchema, CallError> {
        let answer = self.contract_schema(of).await?;
        let wrong = |what: &str| CallError::Answer {
            method: "contract_schema".into(),
            reason: format!("the {what} does not decode"),
        };
        Ok(ContractSchema {
            schema: Schema::decode_section(&answer.raw.0).map_err(|_| wrong("schema"))?,
            cells: weighhouse_primitives::codec::decode_canonical(&answer.raw_cells.0)
                .map_err(|_| wrong("storage description"))?,
            code_hash: answer.code_hash,
            schema_hash: answer.schema_hash,
        })
    }

    /// Sends many transactions in one JSON-RPC batch of at most 50; one answer for each, in order.
    ///
    /// # Errors
    /// Trouble with the batch as a whole.
    pub async fn submit_many(
        &self,
        transactions: &[TxSubmit],
    ) -> Result<Vec<Result<Submitted, ErrorBody>>, CallError> {
        self.batch("tx_submit", transactions).await
    }

    /// Waits until a transaction is committed, for at most `patience`; answers what is known then.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub async fn wait(&self, hash: HashHex, patience: Duration) -> Result<TxStatus, CallError> {
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let timeout_ms = u32::try_from(left.as_millis()).unwrap_or(u32::MAX);
            let timeout_ms = Some(timeout_ms.min(crate::api::tx::WAIT_MS_MAX));
            let status = self.tx_wait(&TxWait { hash, timeout_ms }).await?;
            if status.status == TxState::Committed || Instant::now() >= end {
                return Ok(status);
            }
        }
    }

    /// Calls any method with any parameters: for `weighhouse rpc METHOD`.
    ///
    /// # Errors
    /// The node's answer, or trouble on the way to it.
    pub async fn request_raw(&self, method: &str, params: &Value) -> Result<Value, CallError> {
        self.request(method, params).await
    }

    /// Calls a method.
    ///
    /// # Errors
    /// The node's answer, or trouble on the way to it.
    pub async fn request<P: Serialize + Sync, R: DeserializeOwned>(
        &self,
        method: &str,
        params: &P,
    ) -> Result<R, CallError> {
        let params = self.params(method, params)?;
        let answer = match &self.transport {
            Transport::Http(client) => client.request(method, params).await,
            Transport::WebSocket(client) => client.request(method, params).await,
        };
        answer.map_err(|error| CallError::from_answer(&self.url, method, error))
    }

    /// Calls one method many times in one JSON-RPC batch; one answer for each, in order.
    ///
    /// # Errors
    /// Trouble with the batch as a whole.
    pub async fn batch<P: Serialize + Sync, R: DeserializeOwned + fmt::Debug>(
        &self,
        method: &str,
        params: &[P],
    ) -> Result<Vec<Result<R, ErrorBody>>, CallError> {
        if params.is_empty() {
            return Ok(Vec::new());
        }
        let mut batch = BatchRequestBuilder::new();
        for params in params {
            let inserted = batch.insert(method, self.params(method, params)?);
            inserted.map_err(|error| CallError::Request {
                method: method.into(),
                reason: error.to_string(),
            })?;
        }
        let answers = match &self.transport {
            Transport::Http(client) => client.batch_request::<R>(batch).await,
            Transport::WebSocket(client) => client.batch_request::<R>(batch).await,
        };
        let answers = answers.map_err(|error| CallError::from_answer(&self.url, method, error))?;
        Ok(answers
            .into_iter()
            .map(|answer| {
                answer.map_err(|error| error::body(error.code(), error.message(), error.data()))
            })
            .collect())
    }

    /// Starts a subscription by name: for methods and parameters that are known at run time only.
    ///
    /// # Errors
    /// The node's refusal, or trouble on the way to it; a client over HTTP cannot.
    pub async fn subscribe<P: Serialize + Sync, I: DeserializeOwned>(
        &self,
        method: &str,
        params: &P,
        unsubscribe: &str,
    ) -> Result<Stream<I>, CallError> {
        let Transport::WebSocket(client) = &self.transport else {
            let message = format!("{method} needs a WebSocket, {} is HTTP", self.url);
            return Err(ErrorBody::new(code::USE_WEBSOCKET, message).into());
        };
        let params = self.params(method, params)?;
        let answer = client.subscribe(method, params, unsubscribe).await;
        let stream = answer.map_err(|error| CallError::from_answer(&self.url, method, error))?;
        Ok(Stream::new(stream, self.url.clone()))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Parameters as an object; what is `null` is left out.
struct ByName(Option<Box<RawValue>>);

impl ByName {
    fn of(method: &str, params: &impl Serialize) -> Result<Self, CallError> {
        let wrong = |error: serde_json::Error| CallError::Request {
            method: method.into(),
            reason: error.to_string(),
        };
        let mut value = serde_json::to_value(params).map_err(wrong)?;
        if let Value::Object(object) = &mut value {
            object.retain(|_, value| !value.is_null());
        }
        match &value {
            Value::Null => Ok(Self(None)),
            Value::Object(object) if object.is_empty() => Ok(Self(None)),
            _ => serde_json::value::to_raw_value(&value)
                .map(|raw| Self(Some(raw)))
                .map_err(wrong),
        }
    }
}

impl ToRpcParams for ByName {
    fn to_rpc_params(self) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        Ok(self.0)
    }
}
