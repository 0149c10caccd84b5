//! A node, as commands talk to it: connected, and asked once what chain it is.

use super::Context;
use super::names::Names;
use crate::output::Failure;
use crate::signer::ChainKind;
use std::future::Future;
use std::sync::Arc;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Address, Timestamp};
use weighhouse_rpc::address::Prefix;
use weighhouse_rpc::api::methods;
use weighhouse_rpc::api::tx::TxEncode;
use weighhouse_rpc::client::{CallError, Client, Watcher};
use weighhouse_rpc::codec::{Codec, CodecError};
use weighhouse_rpc::error::{ErrorBody, code};
use weighhouse_rpc::types::{ActionView, AddressText, ChainInfo, Hex};

/// Seconds of validity that `tx_encode` gives a transaction that asks for none.
const DEFAULT_VALIDITY_SECONDS: u64 = 3_600;

/// A connected node.
#[derive(Debug)]
pub struct Remote {
    /// The client.
    pub client: Client,
    /// What chain it is.
    pub info: ChainInfo,
    /// What names mean on it.
    pub names: Names,
    /// JSON to SCALE and back on it.
    pub codec: Codec,
    tokio: tokio::runtime::Runtime,
}

impl Remote {
    /// Connects over HTTP.
    ///
    /// # Errors
    /// If nobody answers, or not as a node does.
    pub fn connect(context: &Context) -> Result<Self, Failure> {
        let url = context.rpc_url()?;
        Self::connect_to(context, &url)
    }

    /// Connects over WebSocket, for subscriptions.
    ///
    /// # Errors
    /// As [`Remote::connect`].
    pub fn connect_live(context: &Context) -> Result<Self, Failure> {
        let url = context.rpc_url()?;
        let live = match url.split_once("://") {
            Some(("http", rest)) => format!("ws://{rest}"),
            Some(("https", rest)) => format!("wss://{rest}"),
            _ => url,
        };
        Self::connect_to(context, &live)
    }

    fn connect_to(context: &Context, url: &str) -> Result<Self, Failure> {
        let schemes = ["http://", "https://", "ws://", "wss://"];
        if !schemes.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(Failure::usage(format!("{url} is not the URL of a node"))
                .help("write http://HOST:PORT/rpc"));
        }
        let access = context.access()?;
        let tokio = context.tokio()?;
        let answer = tokio.block_on(async {
            let mut client = Client::connect_with(url, &access).await?;
            if context.global.teach {
                client = client.watched(teacher(context, url));
            }
            let info = client.info().await?.clone();
            Ok((client, info))
        });
        let (client, info) = answer.map_err(|error: CallError| unreachable(url, error))?;
        let prefix = Prefix::new(&info.address_prefix).ok_or_else(|| {
            Failure::failed(format!(
                "{url} names {:?} as its address prefix",
                info.address_prefix
            ))
            .help("check --rpc: this is not a Weighhouse node")
        })?;
        let chain = ChainKind {
            name: info.chain_id.clone(),
            development: info.development,
        };
        Ok(Self {
            client,
            names: Names::open(context, prefix.clone(), chain)?,
            codec: Codec::new(prefix),
            info,
            tokio,
        })
    }

    /// Waits for an answer of the node.
    ///
    /// # Errors
    /// The node's, as a failure of the command.
    pub fn run<T>(&self, answer: impl Future<Output = Result<T, CallError>>) -> Result<T, Failure> {
        self.tokio.block_on(answer).map_err(Failure::from)
    }

    /// Waits for an answer of the node; nothing there is `None`.
    ///
    /// # Errors
    /// As [`Remote::run`].
    pub fn find<T>(
        &self,
        answer: impl Future<Output = Result<T, CallError>>,
    ) -> Result<Option<T>, Failure> {
        match self.tokio.block_on(answer) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code() == Some(code::NOT_FOUND) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for anything.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.tokio.block_on(future)
    }

    /// The chain that signatures are bound to.
    #[must_use]
    pub fn genesis(&self) -> GenesisHash {
        self.info.genesis_hash.into()
    }

    /// An address for a parameter.
    #[must_use]
    pub fn text(&self, address: &Address) -> AddressText {
        self.names.prefix.format(address).into()
    }

    /// An address from an answer.
    ///
    /// # Errors
    /// If the node answers nonsense.
    pub fn address(&self, text: &AddressText) -> Result<Address, Failure> {
        self.names.prefix.parse(&text.0).map_err(|error| {
            Failure::failed(format!("the node answered the address {text}: {error}"))
                .help("check --rpc: this is not a Weighhouse node of this version")
        })
    }

    /// Time of the next block, if it were made now. The chain's clock, not this machine's: it is read
    /// off the validity that the node gives a transaction that asks for none.
    ///
    /// # Errors
    /// The node's.
    pub fn block_time(&self) -> Result<Timestamp, Failure> {
        let nobody = self.text(&Address::ZERO);
        let params = TxEncode {
            from: nobody.clone(),
            action: ActionView::Call {
                contract: nobody,
                entry_point: None,
                args: None,
                input: Some(Hex::default()),
            },
            gas_limit: Some(1.into()),
            valid_until: None,
            nonce: Some(0.into()),
        };
        let encoded = self.run(self.client.tx_encode(&params))?;
        let until = encoded.summary.valid_until.0;
        Ok(Timestamp(until.saturating_sub(DEFAULT_VALIDITY_SECONDS)))
    }
}

/// Longest parameters that are shown whole: beyond lies an upload, which nobody types.
const TAUGHT_BYTES_MAX: usize = 4_096;

/// Shows each request as a line for a shell. On stderr with `--json` too: it is what was asked for.
fn teacher(context: &Context, url: &str) -> Watcher {
    let output = context.output.clone();
    let url = match url.split_once("://") {
        Some(("ws", rest)) => format!("http://{rest}"),
        Some(("wss", rest)) => format!("https://{rest}"),
        _ => url.to_owned(),
    };
    Arc::new(move |method, params| {
        let subscribes =
            methods().any(|known| known.name == method && known.subscription.is_some());
        let request =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        output.lesson(match (subscribes, request.len() > TAUGHT_BYTES_MAX) {
            (true, _) => format!("over a WebSocket to {url}: {request}"),
            (_, true) => format!(
                "POST {url}  {method} with {} bytes of parameters",
                params.len()
            ),
            _ => {
                let quoted = request.replace('\'', r"'\''");
                format!("curl -s {url} -H 'Content-Type: application/json' -d '{quoted}'")
            }
        });
    })
}

fn unreachable(url: &str, error: CallError) -> Failure {
    match error {
        CallError::Node(body) => Failure::from(body),
        other if crate::output::chain_of(&other).contains("`401`") => {
            Failure::failed(format!("the node at {url} asks for an API key"))
                .detail(crate::output::chain_of(&other))
                .help("give its key with --api-key-file FILE; its operator makes one: weighhouse node api-key add NAME")
        }
        other => Failure::failed(format!("no node answers at {url}"))
            .detail(crate::output::chain_of(&other))
            .help("start one with  weighhouse devnet  or name another with --rpc URL"),
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Node(body) => body.into(),
            other => Self::failed(format!(
                "the node did not answer: {}",
                crate::output::chain_of(&other)
            ))
            .help("see whether it runs: weighhouse doctor"),
        }
    }
}

impl From<ErrorBody> for Failure {
    fn from(body: ErrorBody) -> Self {
        // The first line says what failed: a message is one line, whatever the node sent.
        let message: Vec<&str> = body.message.split_whitespace().collect();
        let failure = Self::answered(body.code.into(), body.name(), message.join(" "));
        let near = body.field("nearest").and_then(|near| near.as_array());
        let near: Vec<&str> = near
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str())
            .collect();
        let mut failure = match near.as_slice() {
            [] => failure.help_if(body.hint().map(str::to_owned)),
            near => failure.help(format!("did you mean {}?", near.join(" or "))),
        };
        for (key, value) in body
            .data
            .iter()
            .filter_map(|data| data.as_object())
            .flatten()
        {
            if key != "name" && key != "hint" {
                failure = failure.data(key, value.clone());
            }
        }
        failure
    }
}

impl From<CodecError> for Failure {
    fn from(error: CodecError) -> Self {
        ErrorBody::from(error).into()
    }
}
