//! Administration of a running node: a unix socket in its folder, for whoever may write there.
//!
//! JSON-RPC never administers: it may be reachable by others. The socket `admin.sock` lies in the node's
//! data folder, for its owner alone: it has mode 0600, and who connects as another user than the node's
//! (or root) is not answered. A request also shows the token that the node has written beside the socket when it
//! started, for where a socket is handed on and neither mode nor user says who asks.
//!
//! # Format
//! One line of JSON each way, one request for each connection:
//! ```text
//! each with "token":"..." of admin.token
//! {"method":"status"}                        {"result":{"height":"7","waiting":0,"draining":false}}
//! {"method":"drain","on":true}               as status: takes no new transactions; what waits is executed
//! {"method":"log","filter":"debug"}          as status
//! {"method":"backup","to":"/backups/7"}      {"result":{"height":"7","log_bytes":"4096"}}
//! anything that is refused                   {"error":"why"}
//! ```
//!
//! Bounded: a request has at most `REQUEST_BYTES_MAX` bytes and `PATIENCE`; `CONNECTIONS_MAX` at once;
//! one backup at a time. A node whose folder takes no socket runs without one and says so in its log.

use crate::backup;
use crate::output::Failure;
use crate::solo::Producer;
use crate::telemetry;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use weighhouse_primitives::Hash;

/// Name of the socket in the data folder.
pub const SOCKET: &str = "admin.sock";
/// Name of the file beside it with the token of the node that runs.
const TOKEN: &str = "admin.token";
/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Most bytes of a request.
const REQUEST_BYTES_MAX: u64 = 8_192;
/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most connections that are answered at once; others wait.
const CONNECTIONS_MAX: usize = 16;
/// Pause after a connection that the system could not give.
const PAUSE: Duration = Duration::from_millis(100);
/// The user who may do everything on this machine anyway.
pub(crate) const ROOT: u32 = 0;
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
    /// Ends when nothing here holds the producer any more.
    returned: mpsc::Receiver<()>,
}

impl Drop for Admin {
    fn drop(&mut self) {
        self.serving.abort();
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_file(self.path.with_file_name(TOKEN));
    }
}

impl Admin {
    /// Opens the socket of the node in `data`, and answers until it is dropped. `None`, with a line in the
    /// log, where there can be no socket.
    #[must_use]
    pub fn start(producer: &Producer, data: &Path) -> Option<Self> {
        let path = data.join(SOCKET);
        let opened = listen(&path).and_then(|listening| Ok((listening, write_token(data)?)));
        let ((listener, owner), token) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let path = path.display();
                tracing::warn!(%path, %error, "there is no administration socket");
                return None;
            }
        };
        let (producer, returned) = producer.lend();
        let node = Arc::new(Node {
            producer,
            token,
            folder: data.parent().unwrap_or(data).to_path_buf(),
            copying: Mutex::new(()),
        });
        let serving = tokio::spawn(accept(node, listener, owner));
        Some(Self {
            path,
            serving,
            returned,
        })
    }

    /// Answers nobody any more, and lets go of the chain's folder.
    pub async fn close(mut self) {
        self.serving.abort();
        while self.returned.recv().await.is_some() {}
    }
}

/// Listens for the owner alone; gives the owner too.
pub(crate) fn listen(path: &Path) -> std::io::Result<(UnixListener, u32)> {
    // Who a connection between this process and itself comes from.
    let owner = tokio::net::UnixStream::pair()?.0.peer_cred()?.uid();
    remove_stale(path, owner)?;
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok((listener, owner))
}

/// Removes the socket of a node that was killed: the chain's own lock keeps two nodes from one folder.
/// Anything else that lies there is left alone, and so is the socket of another user.
fn remove_stale(path: &Path, owner: u32) -> std::io::Result<()> {
    let there = match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        there => there?,
    };
    if !there.file_type().is_socket() {
        let reason = "what lies there is no socket";
        return Err(std::io::Error::new(ErrorKind::AlreadyExists, reason));
    }
    if there.uid() != owner {
        let reason = format!("the socket there is of user {}, not {owner}", there.uid());
        return Err(std::io::Error::new(ErrorKind::PermissionDenied, reason));
    }
    std::fs::remove_file(path)
}

/// Answers connections until it is aborted, and with it those that it answers.
async fn accept(node: Arc<Node>, listener: UnixListener, owner: u32) {
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= CONNECTIONS_MAX {
            connections.join_next().await;
        }
        while connections.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection for administration was not accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // The mode is set just after the socket is made, and some systems do not look at it.
        match stream.peer_cred().map(|peer| peer.uid()) {
            Ok(user) if user == owner || user == ROOT => {
                connections.spawn(serve(Arc::clone(&node), stream));
            }
            other => tracing::warn!(?other, "administration refused: not the node's user"),
        }
    }
}

/// Makes a token and writes it for the owner alone.
fn write_token(data: &Path) -> std::io::Result<Hash> {
    let mut random = [0; TOKEN_BYTES];
    getrandom::fill(&mut random)?;
    let text = hex::encode(random);
    // Of a mode that nobody chose before.
    let mut file = tempfile::NamedTempFile::new_in(data)?;
    file.write_all(text.as_bytes())?;
    file.persist(data.join(TOKEN))
        .map_err(|error| error.error)?;
    Ok(Hash::of(text.as_bytes()))
}

struct Node {
    producer: Producer,
    /// Hash of the token: what is compared says nothing of it by the time that takes.
    token: Hash,
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
    // Who asked may have gone, or does not read.
    let line = format!("{document}\n");
    let _ = tokio::time::timeout(PATIENCE, writer.write_all(line.as_bytes())).await;
}

impl Node {
    async fn answer(&self, line: &str) -> Result<Value, String> {
        let wrong = |error: serde_json::Error| {
            format!("not a request: {error}; known are status, drain, log, backup")
        };
        let mut request: Value = serde_json::from_str(line).map_err(wrong)?;
        // A list would do for an order as well, and has no place for a token.
        let Some(fields) = request.as_object_mut() else {
            return Err("not a request: an order is an object with token and method".into());
        };
        let shown = fields.remove("token");
        let shown = shown.as_ref().and_then(Value::as_str).unwrap_or_default();
        if Hash::of(shown.as_bytes()) != self.token {
            return Err(format!(
                "not the token of this node: it is in {TOKEN} beside the socket"
            ));
        }
        let request: Request = serde_json::from_value(request).map_err(wrong)?;
        tracing::info!(?request, "administration");
        match request {
            Request::Status {} => {}
            Request::Drain { on } => self.producer.drain(on),
            Request::Log { filter } => telemetry::change(&filter)?,
            Request::Backup { to } => return self.backup(to).await,
        }
        // First what waits: what has gone since is in a block at or below the height.
        let waiting = self.producer.with_pool(crate::pool::Pool::len);
        Ok(json!({
            "height": self.producer.reader().head().height.to_string(),
            "waiting": waiting,
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
        Ok(copied.document())
    }
}

/// No socket; one that a node which was killed has left; a path too long for one, where a node runs
/// without.
const fn means_no_node(error: ErrorKind) -> bool {
    matches!(
        error,
        ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput
    )
}

/// Asks the node that runs in `data`; `None` if none does.
///
/// # Errors
/// A socket that this user cannot reach, what the node refuses, or an answer that is none.
pub fn ask(data: &Path, request: &Value) -> Result<Option<Value>, Failure> {
    let path = data.join(SOCKET);
    let mut stream = match UnixStream::connect(&path) {
        Ok(stream) => stream,
        Err(error) if means_no_node(error.kind()) => return Ok(None),
        Err(error) => {
            return Err(Failure::failed(format!("{}: {error}", path.display()))
                .help("a node may run there: ask as its user, with its folder"));
        }
    };
    let broken = |error: std::io::Error| {
        Failure::failed(format!("{}: {error}", path.display()))
            .help("see whether the node still runs")
    };
    stream
        .set_read_timeout(Some(ANSWER_PATIENCE))
        .map_err(broken)?;
    let mut request = request.clone();
    // A node without one refuses, and says why.
    if let (Ok(token), Some(fields)) = (
        std::fs::read_to_string(data.join(TOKEN)),
        request.as_object_mut(),
    ) {
        fields.insert("token".into(), token.trim().into());
    }
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

#[cfg(test)]
mod tests;
