//! The bridge to CometBFT: ABCI 2.0 over a unix socket or loopback.
//!
//! In the story between ADMISSION and BLOCK: CometBFT orders, the chain executes. `application` maps the
//! methods, `mempool` answers for what waits, `forward` hands on what this node's users submit, `watch`
//! asks the engine how it is, [`frame`] is the wire; `snapshots` and `restore` give and take the whole state for
//! state sync, `ahead` compiles what others upload. Reading order as named; `docs/consensus.md` for the whole.
//!
//! The socket decides what this chain executes: it listens for its owner alone (mode 0600), or on
//! loopback. A frame, a request that panics or a fault never passes silently: the connection ends, or the
//! node does.
//!
//! What it does not do: persist anything (Commit is the chain's), or order transactions.

mod ahead;
mod application;
mod convert;
mod forward;
pub mod frame;
pub mod mempool;
mod query;
mod restore;
mod snapshots;
mod watch;

use crate::admin;
use crate::config::Settings;
use crate::consensus::Link;
use crate::output::Failure;
use crate::solo::Producer;
use application::Application;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tendermint_proto::v0_38::abci::{Request, request};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use weighhouse_rpc::server::Feed;

/// Most connections at once: the engine opens four, and four again while it starts anew.
const CONNECTIONS_MAX: usize = 16;
/// Pause after a connection that the system could not give.
const PAUSE: Duration = Duration::from_millis(100);
/// Bytes of answers that are collected before they are sent, and of requests that are read at once.
const ANSWERS_BYTES: usize = 64 * 1024;
/// Requests that are looked at together, if they came together.
const TOGETHER: usize = 128;

/// Where the engine connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A unix socket; a relative path is below the node's data folder.
    Unix(PathBuf),
    /// An address of this machine only.
    Loopback(SocketAddr),
}

impl FromStr for Address {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path.is_empty() {
                true => Err(()),
                false => Ok(Self::Unix(path.into())),
            };
        }
        let address: SocketAddr = text.parse().map_err(|_| ())?;
        match address.ip().is_loopback() {
            true => Ok(Self::Loopback(address)),
            false => Err(()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Loopback(address) => write!(f, "tcp://{address}"),
        }
    }
}

/// The running bridge.
#[derive(Debug)]
pub struct Bridge {
    address: Address,
    tasks: Vec<JoinHandle<()>>,
    /// Tells what runs beside the connections to end.
    stopping: Arc<AtomicBool>,
    /// Ends when nothing here holds the chain any more.
    returned: mpsc::Receiver<()>,
}

impl Bridge {
    /// Listens for the engine, and begins to hand on transactions; without a link there is no engine.
    ///
    /// # Errors
    /// An address that cannot be listened on (exit code 2).
    pub async fn start(
        producer: &Producer,
        link: Option<Arc<Link>>,
        feed: &Feed,
        settings: &Settings,
        data: Option<&Path>,
    ) -> Result<Option<Self>, Failure> {
        let Some(link) = link else { return Ok(None) };
        let (producer, returned) = producer.lend();
        let listener = Listener::bind(&settings.consensus.listen, data).await?;
        let address = listener.address.clone();
        let forwarding = forward::run(
            producer.clone(),
            Arc::clone(&link),
            settings.consensus.engine,
        );
        let watching = watch::run(Arc::clone(&link), settings.consensus.engine);
        let stopping: Arc<AtomicBool> = Arc::default();
        let ends = Arc::clone(&stopping);
        let application = Application::new(producer, feed.clone(), settings, data, ends);
        let tasks = vec![
            tokio::spawn(accept(Arc::new(application), link, listener)),
            tokio::spawn(forwarding),
            tokio::spawn(watching),
        ];
        tracing::info!(address = %address, engine = %settings.consensus.engine, "waiting for the consensus engine");
        Ok(Some(Self {
            address,
            tasks,
            stopping,
            returned,
        }))
    }

    /// Where it listens, as CometBFT's setting `proxy_app` wants it.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Answers nobody any more, and lets go of the chain's folder.
    pub async fn close(mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        for task in &self.tasks {
            task.abort();
        }
        if let Address::Unix(path) = &self.address {
            let _ = std::fs::remove_file(path);
        }
        while self.returned.recv().await.is_some() {}
    }
}

struct Listener {
    socket: Socket,
    address: Address,
}

enum Socket {
    Unix(UnixListener, u32),
    Loopback(TcpListener),
}

/// A connection, whatever it is made of.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Listener {
    async fn bind(address: &Address, data: Option<&Path>) -> Result<Self, Failure> {
        let refused = |address: &Address, error: std::io::Error| {
            Failure::usage(format!("cannot listen for consensus on {address}: {error}"))
                .help("name another place with --set consensus.listen=unix:PATH or 127.0.0.1:PORT")
        };
        match address {
            Address::Unix(path) => {
                let path = data.map_or_else(|| path.clone(), |data| data.join(path));
                let path = std::path::absolute(&path).unwrap_or(path);
                let address = Address::Unix(path.clone());
                let (listener, owner) =
                    admin::listen(&path).map_err(|error| refused(&address, error))?;
                let socket = Socket::Unix(listener, owner);
                Ok(Self { socket, address })
            }
            Address::Loopback(wanted) => {
                let listener = TcpListener::bind(wanted)
                    .await
                    .map_err(|error| refused(address, error))?;
                let address = listener
                    .local_addr()
                    .map_or_else(|_| address.clone(), Address::Loopback);
                let socket = Socket::Loopback(listener);
                Ok(Self { socket, address })
            }
        }
    }

    async fn accept(&self) -> std::io::Result<Box<dyn Stream>> {
        match &self.socket {
            Socket::Loopback(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            Socket::Unix(listener, owner) => loop {
                let (stream, _) = listener.accept().await?;
                let user = stream.peer_cred()?.uid();
                if user == *owner || user == admin::ROOT {
                    return Ok(Box::new(stream));
                }
                tracing::warn!(user, "consensus refused: not the node's user");
            },
        }
    }
}

/// Answers connections until it is aborted, and with it those that it answers.
async fn accept(application: Arc<Application>, link: Arc<Link>, listener: Listener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            ended = connections.join_next(), if !connections.is_empty() => {
                link.disconnected();
                // A panic while a request was answered: state may be half known. The node stops.
                if ended.is_some_and(|ended| ended.is_err_and(|error| error.is_panic())) {
                    application.producer().halt("a bug in the bridge to consensus".into());
                }
            }
            stream = listener.accept(), if connections.len() < CONNECTIONS_MAX => match stream {
                Ok(stream) => {
                    link.connected();
                    connections.spawn(serve(Arc::clone(&application), stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection of the consensus engine was not accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Answers one connection, in the order of its requests.
async fn serve(application: Arc<Application>, stream: Box<dyn Stream>) {
    let (source, mut sink) = tokio::io::split(stream);
    let mut source = BufReader::with_capacity(ANSWERS_BYTES, source);
    let mut answers = Vec::new();
    loop {
        let (requests, ends) = arrived(&mut source).await;
        application.foresee(&requests);
        let mut left = requests.len();
        for request in requests {
            left = left.saturating_sub(1);
            let flush = matches!(request.value, Some(request::Value::Flush(_)));
            frame::append(&application.answer(request).await, &mut answers);
            // The engine waits for what it flushed; what it did not may travel with later answers.
            let idle = left == 0 && source.buffer().is_empty();
            if flush || idle || answers.len() > ANSWERS_BYTES {
                if let Err(error) = sink.write_all(&answers).await {
                    tracing::warn!(%error, "the consensus engine does not take an answer");
                    return;
                }
                answers.clear();
            }
        }
        if ends {
            return;
        }
    }
}

/// The next request, and those behind it that have arrived with it; true if the connection ends after them.
async fn arrived(source: &mut BufReader<impl AsyncRead + Unpin>) -> (Vec<Request>, bool) {
    let mut requests = Vec::new();
    loop {
        match frame::read::<Request>(source).await {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => return (requests, true),
            Err(error) => {
                tracing::warn!(%error, "the consensus engine's connection ends");
                return (requests, true);
            }
        }
        if requests.len() >= TOGETHER || !frame::is_whole(source.buffer()) {
            return (requests, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the socket is this machine's own: nothing else can be configured.
    #[test]
    fn only_this_machine_is_listened_to() {
        for (text, shown) in [
            ("unix:abci.sock", "unix://abci.sock"),
            ("unix:///run/abci.sock", "unix:///run/abci.sock"),
            ("127.0.0.1:26658", "tcp://127.0.0.1:26658"),
            ("[::1]:26658", "tcp://[::1]:26658"),
        ] {
            let address: Address = text.parse().expect("an address");
            assert_eq!(address.to_string(), shown);
        }
        for text in [
            "",
            "unix:",
            "0.0.0.0:26658",
            "192.0.2.1:26658",
            "localhost:26658",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
