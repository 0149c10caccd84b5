//! A local network whose processes belong to the test.

use crate::wires::{Line, Wires};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use weighhouse_node::localnet::{Localnet, Plan, Role, Validator, program};
use weighhouse_primitives::Timestamp;
use weighhouse_rpc::client::Client;
use weighhouse_rpc::types::NodeStatus;
use weighhouse_runtime::Genesis;

/// A wait that ends long after anything healthy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
/// How long CometBFT may take to end by itself.
const ENDS: Duration = Duration::from_secs(15);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(100);
/// Validators.
pub(crate) const COUNT: usize = 4;
/// Names another `weighhouse` program, for example of another build profile, that every second validator runs.
const OTHER_PROGRAM: &str = "WEIGHHOUSE_OTHER_PROGRAM";

/// What differs from validator to validator, and must make no difference (CONF-1).
struct Kind {
    settings: &'static [&'static str],
    /// It runs the other program, if there is one.
    other: bool,
    /// It has no compiled code whenever it starts.
    cold: bool,
}

const KINDS: [Kind; COUNT] = [
    Kind {
        settings: &["store.engine=sled"],
        other: false,
        cold: false,
    },
    Kind {
        settings: &[
            "store.engine=redb",
            "store.read_cache_bytes=65536",
            "rpc.query_threads=1",
            "log.filter=error",
        ],
        other: true,
        cold: true,
    },
    Kind {
        settings: &[
            "store.cache_bytes=1048576",
            "log.filter=debug",
            "log.format=json",
        ],
        other: false,
        cold: true,
    },
    Kind {
        settings: &["store.retention_blocks=10", "rpc.query_threads=4"],
        other: true,
        cold: false,
    },
];

/// The program that a validator runs.
pub(crate) fn program_of(number: usize) -> PathBuf {
    let other = std::env::var_os(OTHER_PROGRAM).filter(|_| KINDS[number % COUNT].other);
    other.map_or_else(|| env!("CARGO_BIN_EXE_weighhouse").into(), PathBuf::from)
}

/// Snapshots often, and enough of them for whoever is slow to fetch one.
const SNAPSHOTS: [&str; 2] = [
    "consensus.snapshot_interval=5",
    "consensus.snapshots_kept=10",
];

/// One network at a time: times are measured.
static ALONE: Mutex<()> = Mutex::new(());

/// Waits until no other test has a network.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// CometBFT, or a reason to leave a test out.
pub(crate) fn comet() -> Option<PathBuf> {
    match program() {
        Ok(path) => Some(path),
        Err(failure) => {
            let required =
                std::env::var("WEIGHHOUSE_TEST_COMETBFT").is_ok_and(|value| value == "required");
            assert!(!required, "{}", failure.what());
            eprintln!("LEFT OUT: {}; see `weighhouse doctor`", failure.what());
            None
        }
    }
}

/// The processes of a validator; `None` for one that does not run.
#[derive(Debug, Default)]
struct Processes {
    node: Option<Child>,
    comet: Option<Child>,
}

/// Four validators of a test.
pub(crate) struct Network {
    folder: tempfile::TempDir,
    pub(crate) genesis: Genesis,
    pub(crate) validators: Vec<Validator>,
    processes: Vec<Processes>,
    comet: PathBuf,
    wires: Option<Wires>,
    _alone: MutexGuard<'static, ()>,
}

impl Drop for Network {
    fn drop(&mut self) {
        for processes in &mut self.processes {
            for child in [&mut processes.comet, &mut processes.node] {
                end(child);
            }
        }
    }
}

fn end(child: &mut Option<Child>) {
    if let Some(mut child) = child.take() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// True once a process has ended by itself.
fn has_ended(child: &mut Option<Child>) -> bool {
    child
        .as_mut()
        .is_none_or(|child| child.try_wait().unwrap().is_some())
}

pub(crate) fn signal(pid: u32, signal: &str) {
    assert!(
        Command::new("kill")
            .args([signal, &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

impl Network {
    /// A network of so many validators, whose chain starts from a changed genesis.
    pub(crate) fn of(comet: PathBuf, count: usize, change: impl FnOnce(&mut Genesis)) -> Self {
        let mut network = Self::made(comet, count, change);
        for number in 0..count {
            network.start(number);
        }
        network
    }

    /// Folders and keys of a network that does not run.
    fn made(comet: PathBuf, count: usize, change: impl FnOnce(&mut Genesis)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let mut genesis = Genesis::development(Timestamp(now));
        change(&mut genesis);
        let plan = Plan {
            folder: folder.path().join("net"),
            validators: u16::try_from(count).unwrap(),
            port: 0,
            genesis,
        };
        let network = Localnet::init(&plan).unwrap_or_else(|failure| panic!("{}", failure.what()));
        Self {
            folder,
            _alone: alone(),
            genesis: network.genesis,
            processes: network
                .validators
                .iter()
                .map(|_| Processes::default())
                .collect(),
            validators: network.validators,
            comet,
            wires: None,
        }
    }

    /// A network whose lines between validators can be cut.
    pub(crate) async fn wired(comet: PathBuf) -> Self {
        let mut network = Self::made(comet, COUNT, |_| {});
        network.wires = Some(Wires::between(&network.validators).await);
        for number in 0..COUNT {
            network.start(number);
        }
        network
    }

    /// Changes the lines between some validators and all others.
    pub(crate) fn lines(&self, some: &[usize], now: Line) {
        self.wires.as_ref().unwrap().around(some, now);
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts what does not run of a validator.
    pub(crate) fn start(&mut self, number: usize) {
        let validator = &self.validators[number];
        let processes = &mut self.processes[number];
        let spawn = |mut command: Command, role: Role| {
            let log = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(validator.log_file(role));
            let log = log.unwrap();
            let (out, err) = (log.try_clone().unwrap(), log);
            let command = command.stdin(Stdio::null()).stdout(out).stderr(err);
            Some(command.spawn().unwrap())
        };
        if has_ended(&mut processes.node) {
            let _ = std::fs::remove_file(validator.url_file());
            let kind = &KINDS[number % COUNT];
            if kind.cold {
                let _ = std::fs::remove_dir_all(validator.node().join("data/code"));
            }
            let mut command = validator.node_command(&program_of(number));
            for setting in kind.settings {
                command.args(["--set", setting]);
            }
            for setting in SNAPSHOTS {
                command.args(["--set", setting]);
            }
            processes.node = spawn(command, Role::Node);
        }
        wait_for("the node answers", || {
            validator.url().is_some() || has_ended(&mut processes.node)
        });
        // Another program may not understand the settings, or the data.
        assert!(
            validator.url().is_some(),
            "validator {number} does not start{}",
            logs(validator)
        );
        // An engine whose node was killed ends by itself.
        if has_ended(&mut processes.comet) {
            processes.comet = spawn(validator.comet_command(&self.comet), Role::Comet);
        }
    }

    /// Kills one process; where it is the node, CometBFT ends by itself, or hangs and is killed.
    pub(crate) fn kill(&mut self, number: usize, role: Role) {
        let processes = &mut self.processes[number];
        match role {
            Role::Comet => end(&mut processes.comet),
            Role::Node => {
                end(&mut processes.node);
                let until = Instant::now() + ENDS;
                while !has_ended(&mut processes.comet) {
                    // CometBFT 0.38 may hang in its own end, full of transactions that nobody checks any
                    // more. Whoever supervises it kills it then (docs/operating.md).
                    if Instant::now() > until {
                        eprintln!(
                            "validator {number}: CometBFT hung without its node, and is killed"
                        );
                        end(&mut processes.comet);
                    }
                    std::thread::park_timeout(LOOK);
                }
            }
        }
    }

    /// Kills both.
    pub(crate) fn kill_both(&mut self, number: usize) {
        end(&mut self.processes[number].comet);
        end(&mut self.processes[number].node);
    }

    /// Ends both as an operator would.
    pub(crate) fn stop(&mut self, number: usize) {
        let processes = &mut self.processes[number];
        for child in [&mut processes.comet, &mut processes.node] {
            if let Some(running) = child {
                signal(running.id(), "-TERM");
                wait_for("a process ends", || has_ended(child));
            }
            end(child);
        }
    }

    /// Stops or continues both, as a machine that hangs.
    pub(crate) fn signal(&self, number: usize, name: &str) {
        let processes = &self.processes[number];
        for child in [&processes.comet, &processes.node].into_iter().flatten() {
            signal(child.id(), name);
        }
    }

    /// Removes all that a validator knows, but not what keeps it from voting twice.
    pub(crate) fn wipe(&self, number: usize) {
        let validator = &self.validators[number];
        std::fs::remove_dir_all(validator.node().join("data")).unwrap();
        for entry in std::fs::read_dir(validator.comet().join("data")).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => std::fs::remove_dir_all(&path).unwrap(),
                false if path.ends_with("priv_validator_state.json") => {}
                false => std::fs::remove_file(&path).unwrap(),
            }
        }
    }

    /// A client of a validator that runs.
    pub(crate) fn client(&self, number: usize) -> Client {
        Client::http(&self.validators[number].url().unwrap()).unwrap()
    }

    /// How a validator is, if it answers in time.
    pub(crate) async fn status(&self, number: usize) -> Option<NodeStatus> {
        let url = self.validators[number].url()?;
        let client = Client::http(&url).ok()?;
        let status = tokio::time::timeout(Duration::from_secs(5), client.node_status()).await;
        status.ok()?.ok()
    }

    /// Waits until a validator takes transactions at or above a height.
    pub(crate) async fn reaches(&self, number: usize, height: u64) {
        let until = Instant::now() + PATIENCE;
        loop {
            let status = self.status(number).await;
            if status
                .as_ref()
                .is_some_and(|status| status.ready && status.height.0 >= height)
            {
                return;
            }
            assert!(
                Instant::now() < until,
                "validator {number} at {height}: {status:?}{}",
                logs(&self.validators[number])
            );
            look_again().await;
        }
    }

    /// Waits until a validator says that it is not where the others are, and why; gives its height.
    pub(crate) async fn says_behind(&self, number: usize, reason: &str) -> u64 {
        let until = Instant::now() + PATIENCE;
        loop {
            let status = self.status(number).await;
            if let Some(status) = &status
                && status.syncing
                && !status.ready
                && status.state == "syncing"
                && status
                    .reason
                    .as_ref()
                    .is_some_and(|said| said.contains(reason))
            {
                return status.height.0;
            }
            assert!(Instant::now() < until, "validator {number}: {status:?}");
            look_again().await;
        }
    }

    /// The greatest height that anybody has.
    pub(crate) async fn height(&self) -> u64 {
        let mut greatest = 0;
        for number in 0..COUNT {
            let status = self.status(number).await;
            greatest = greatest.max(status.map_or(0, |status| status.height.0));
        }
        greatest
    }

    /// Runs the program against a validator; gives its answer.
    pub(crate) fn run(&self, number: usize, line: &str) -> Value {
        let (answer, said) = self.try_run(number, line);
        answer.unwrap_or_else(|| panic!("{line}: {said}"))
    }

    /// Runs the program against a validator; its answer if it succeeds, and all that it printed.
    pub(crate) fn try_run(&self, number: usize, line: &str) -> (Option<Value>, String) {
        let url = self.validators[number].url().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_weighhouse"))
            .args(["--json", "--yes", "--rpc", &url, "--config-dir"])
            .arg(self.folder().join("config"))
            .args(line.split_whitespace())
            .output()
            .unwrap();
        let said = format!("{output:?}");
        let answer = output.status.success().then(|| {
            let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
            answer["result"].clone()
        });
        (answer, said)
    }
}

/// What the processes of a validator said last.
fn logs(validator: &Validator) -> String {
    let mut said = String::new();
    for role in [Role::Node, Role::Comet] {
        let text = std::fs::read_to_string(validator.log_file(role)).unwrap_or_default();
        let mut last: Vec<&str> = text.lines().rev().take(8).collect();
        last.reverse();
        said.push_str(&format!("\n== {}\n{}", role.word(), last.join("\n")));
    }
    said
}

/// Waits until it is time to look again whether a condition holds.
pub(crate) async fn look_again() {
    let _ = tokio::time::timeout(LOOK, std::future::pending::<()>()).await;
}

/// Looks until something holds.
pub(crate) fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "{what}");
        std::thread::park_timeout(LOOK);
    }
}
