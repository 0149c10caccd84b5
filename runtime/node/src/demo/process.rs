//! A node in a process of its own, over a folder, that can be killed at any moment.

use crate::clock::format_time;
use crate::output::Failure;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use weighhouse_primitives::Timestamp;

/// Longest time until a node answers; replay of a long log is part of it.
const READY_MAX: Duration = Duration::from_secs(60);
/// How often the ready file is looked for.
const READY_POLL: Duration = Duration::from_millis(5);
/// Lines of a node's log that a failure quotes.
const LOG_LINES: usize = 5;

/// How a node is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// The program; this one.
    pub program: PathBuf,
    /// Folder of the chain.
    pub folder: PathBuf,
    /// Port; 0 lets the system choose.
    pub port: u16,
    /// Block time to start from; the machine's if absent.
    pub time: Option<Timestamp>,
}

/// A folder for a story's node, removed when it is dropped.
///
/// # Errors
/// If there is no place for one.
pub fn folder() -> Result<TempDir, Failure> {
    let made = tempfile::Builder::new()
        .prefix("weighhouse-demo-")
        .tempdir();
    made.map_err(|error| {
        Failure::fault(format!("cannot make a temporary folder: {error}"))
            .help("set TMPDIR to a folder that can be written")
    })
}

impl Start {
    /// A node of this very program over `folder`.
    ///
    /// # Errors
    /// If the operating system does not say where this program is.
    pub fn here(folder: PathBuf) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|error| {
            Failure::fault(format!("cannot find the path of this program: {error}"))
        })?;
        Ok(Self {
            program,
            folder,
            port: 0,
            time: None,
        })
    }
}

/// A running node; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    url: String,
}

impl Process {
    /// Starts a node and waits until it answers.
    ///
    /// # Errors
    /// If it ends, or does not answer in time; with the last lines of its log.
    pub async fn start(start: &Start) -> Result<Self, Failure> {
        let refused = |error: std::io::Error| {
            Failure::fault(format!("cannot start a node: {error}"))
                .help("the temporary folder must exist and be writable")
        };
        std::fs::create_dir_all(&start.folder).map_err(refused)?;
        let ready = start.folder.join("ready");
        let _ = std::fs::remove_file(&ready);
        let log = start.folder.join("node.log");
        let stderr = std::fs::File::create(&log).map_err(refused)?;
        let mut command = Command::new(&start.program);
        command.args(["devnet", "--quiet", "--accounts", "0", "--port"]);
        command.arg(start.port.to_string());
        command.arg("--state").arg(&start.folder);
        command.arg("--ready-file").arg(&ready);
        if let Some(time) = start.time {
            command.arg("--time").arg(format_time(time));
        }
        // What is set for the demonstration is not meant for its node.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("WEIGHHOUSE_") {
                command.env_remove(name);
            }
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .map_err(refused)?;
        let mut process = Self {
            child,
            url: String::new(),
        };
        process.url = process.ready(&ready, &log).await?;
        Ok(process)
    }

    async fn ready(&mut self, file: &Path, log: &Path) -> Result<String, Failure> {
        let started = Instant::now();
        loop {
            if let Ok(url) = std::fs::read_to_string(file) {
                return Ok(url.trim().to_owned());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(quoting(
                    Failure::failed(format!("the node ended: {status}")),
                    log,
                ));
            }
            if started.elapsed() > READY_MAX {
                let seconds = READY_MAX.as_secs();
                let what = format!("the node does not answer after {seconds} s");
                return Err(quoting(Failure::failed(what), log));
            }
            tokio::time::sleep(READY_POLL).await;
        }
    }

    /// URL of its JSON-RPC over HTTP.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it without warning (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// If it has ended before by itself.
    pub fn kill(&mut self) -> Result<(), Failure> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Err(Failure::failed(format!(
                "the node ended by itself: {status}"
            )));
        }
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed
            .map(|_| ())
            .map_err(|error| Failure::fault(format!("cannot kill the node: {error}")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Adds the last lines of a node's log.
fn quoting(failure: Failure, log: &Path) -> Failure {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LOG_LINES)..);
    last.unwrap_or_default()
        .iter()
        .fold(failure, |failure, line| failure.detail(*line))
}
