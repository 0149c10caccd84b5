//! Administration of a running node: a unix socket in its folder, for whoever may write there.
//!
//! JSON-RPC never administers: it may be reachable by others. The socket `admin.sock` lies in the node's
//! data folder, for its owner alone (mode 0600).
//!
//! # Format
//! One line of JSON each way, one request for each connection:
//! ```text
//! {"method":"status"}                        {"result":{"height":"7","waiting":0,"draining":false}}
//! {"method":"drain","on":true}               as status: takes no new transactions; what waits is executed
//! {"method":"log","filter":"debug"}          as status
//! {"method":"backup","to":"/backups/7"}      {"result":{"height":"7","log_bytes":"4096"}}
//! anything that is refused                   {"error":"why"}
//! ```
//!
//! Bounded: a request has at most [`REQUEST_BYTES_MAX`] bytes and [`PATIENCE`]; one backup at a time. A node
//! whose folder takes no socket runs without one and says so in its log.

use crate::backup;
use crate::output::Failure;
use crate::solo::Producer;
use crate::telemetry;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

/// Name of the socket in the data folder.
pub const SOCKET: &str = "admin.sock";
/// Most bytes of a request.
const REQUEST_BYTES_MAX: u64 = 8_192;
/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a client waits for an answer: a backup copies the whole log.
const ANSWER_PATIENCE: Duration = Duration::from_secs(3_600);
/// Longest answer.
const ANSWER_BYTES_MAX: u64 = 65_536;

/// What can be asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase", deny_unknown_fields)]
enum Request {
    Status {},
    Drain { on: bool },
    Log { filter: String },
    Backup { to: PathBuf },
}

/// The socket of a running node; it goes with the node.
#[derive(Debug)]
pub struct Admin {
    path: PathBuf,
    serving: JoinHandle<()>,
}

impl Drop for Admin {
    fn drop(&mut self) {
        self.serving.abort();
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Admin {
    /// Opens the socket of the node in `data`, and answers until it is dropped. `None`, with a line in the
    /// log, where there can be no socket.
    #[must_use]
    pub fn start(producer: &Producer, data: &Path) -> Option<Self> {
        let path = data.join(SOCKET);
        let listener = match listen(&path) {
            Ok(listener) => listener,
            Err(error) => {
                let path = path.display();
                tracing::warn!(%path, %error, "there is no administration socket");
                return None;
            }
        };
        let node = Arc::new(Node {
            producer: producer.clone(),
            folder: data.parent().unwrap_or(data).to_path_buf(),
            copying: Mutex::new(()),
        });
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Arc::clone(&node), stream));
            }
        });
        Some(Self { path, serving })
    }
}

/// Listens for the owner alone. A socket that is there is that of a node that was killed: the chain's own
/// lock keeps two nodes from one folder.
fn listen(path: &Path) -> std::io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

struct Node {
    producer: Producer,
    folder: PathBuf,
    copying: Mutex<()>,
}

async fn serve(node: Arc<Node>, stream: tokio::net::UnixStream) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(reader.take(REQUEST_BYTES_MAX));
    let answer = match tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await {
        Ok(Ok(_)) => node.answer(&line).await,
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the request took too long".into()),
    };
    let document = match answer {
        Ok(result) => json!({ "result": result }),
        Err(error) => json!({ "error": error }),
    };
    // Who asked may have gone.
    let _ = writer.write_all(format!("{document}\n").as_bytes()).await;
}

impl Node {
    async fn answer(&self, line: &str) -> Result<Value, String> {
        let request: Request = serde_json::from_str(line).map_err(|error| {
            format!("not a request: {error}; known are status, drain, log, backup")
        })?;
        tracing::info!(?request, "administration");
        match request {
            Request::Status {} => {}
            Request::Drain { on } => self.producer.drain(on),
            Request::Log { filter } => telemetry::change(&filter)?,
            Request::Backup { to } => return self.backup(to).await,
        }
        Ok(json!({
            "height": self.producer.reader().head().height.to_string(),
            "waiting": self.producer.with_pool(crate::pool::Pool::len),
            "draining": self.producer.is_draining(),
        }))
    }

    async fn backup(&self, to: PathBuf) -> Result<Value, String> {
        let Ok(_one) = self.copying.try_lock() else {
            return Err("a backup is being made already".into());
        };
        if !to.is_absolute() {
            return Err(format!("{} is not an absolute path", to.display()));
        }
        let (from, durable) = (self.folder.clone(), self.producer.reader().head().height);
        let copied = tokio::task::spawn_blocking(move || backup::copy_running(&from, &to, durable));
        let copied = copied.await.map_err(|error| error.to_string())?;
        let copied = copied.map_err(|failure| failure.what().to_owned())?;
        Ok(json!({
            "chain": copied.genesis.name,
            "genesis_hash": copied.genesis.hash().to_string(),
            "height": copied.height.to_string(),
            "log_bytes": copied.log_bytes.to_string(),
        }))
    }
}

/// Asks the node that runs in `data`; `None` if none does.
///
/// # Errors
/// What the node refuses, or an answer that is none.
pub fn ask(data: &Path, request: &Value) -> Result<Option<Value>, Failure> {
    let path = data.join(SOCKET);
    let Ok(mut stream) = UnixStream::connect(&path) else {
        return Ok(None);
    };
    let broken = |error: std::io::Error| {
        Failure::failed(format!("{}: {error}", path.display()))
            .help("see whether the node still runs")
    };
    stream
        .set_read_timeout(Some(ANSWER_PATIENCE))
        .map_err(broken)?;
    writeln!(stream, "{request}").map_err(broken)?;
    let mut line = String::new();
    BufReader::new(stream.take(ANSWER_BYTES_MAX))
        .read_line(&mut line)
        .map_err(broken)?;
    let mut answer: Value = serde_json::from_str(&line).map_err(|_| {
        Failure::failed(format!("{} does not answer as a node", path.display()))
            .help("name the folder of a running node of this version")
    })?;
    match answer["error"].as_str() {
        Some(error) => Err(Failure::failed(error).help("nothing was changed")),
        None => Ok(Some(answer["result"].take())),
    }
}
