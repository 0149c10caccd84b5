//! The processes of a local network: started, found again, stopped.
//!
//! A process is known by its number in a file, and is taken for ours only while its command line names the
//! validator's folder: numbers are used again by the system.

use super::{Localnet, Validator, program};
use crate::output::Failure;
use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often it is looked whether a process is ready, or gone.
const LOOK: Duration = Duration::from_millis(50);
/// How long a process may take to end before it is killed.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a process that was just started may have no command line.
const BEGINNING: Duration = Duration::from_secs(1);

/// What a process is to its validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The node: the application.
    Node,
    /// CometBFT: the engine.
    Comet,
}

impl Role {
    /// How its files are called.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Comet => "comet",
        }
    }
}

impl Validator {
    /// The log of a process.
    #[must_use]
    pub fn log_file(&self, role: Role) -> PathBuf {
        self.folder.join(format!("{}.log", role.word()))
    }

    fn pid_file(&self, role: Role) -> PathBuf {
        self.folder.join(format!("{}.pid", role.word()))
    }

    /// The folder that its command line names.
    fn home(&self, role: Role) -> PathBuf {
        match role {
            Role::Node => self.node(),
            Role::Comet => self.comet(),
        }
    }

    /// The number of a process, while it runs.
    #[must_use]
    pub fn pid(&self, role: Role) -> Option<u32> {
        let pid = std::fs::read_to_string(self.pid_file(role)).ok()?;
        let pid: u32 = pid.trim().parse().ok()?;
        let home = self.home(role);
        command_line(pid)
            .filter(|line| line.contains(&*home.to_string_lossy()))
            .map(|_| pid)
    }

    /// The command of the node, run by the program `own`.
    #[must_use]
    pub fn node_command(&self, own: &Path) -> Command {
        let mut command = Command::new(own);
        command.args(["node", "start", "--folder"]).arg(self.node());
        command.arg("--ready-file").arg(self.url_file());
        clean(command)
    }

    /// The command of its CometBFT, the program `engine`.
    #[must_use]
    pub fn comet_command(&self, engine: &Path) -> Command {
        let mut command = Command::new(engine);
        command.args(["start", "--home"]).arg(self.comet());
        clean(command)
    }

    /// Starts a process that outlives this one; does nothing where it runs already.
    ///
    /// # Errors
    /// No CometBFT, this program cannot be found again, or the system refuses.
    pub fn start(&self, role: Role) -> Result<(), Failure> {
        if self.pid(role).is_some() {
            return Ok(());
        }
        let log = |path: &Path| -> std::io::Result<(File, File)> {
            let log = OpenOptions::new().create(true).append(true).open(path)?;
            Ok((log.try_clone()?, log))
        };
        let path = self.log_file(role);
        let (out, err) = log(&path).map_err(super::io("cannot write", &path))?;
        let own = std::env::current_exe()
            .map_err(|error| Failure::failed(format!("cannot find this program: {error}")));
        let mut command = match role {
            Role::Node => self.node_command(&own?),
            Role::Comet => self.comet_command(&program()?),
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            // Its own group: an interrupt at the terminal is not meant for it.
            .process_group(0)
            .spawn()
            .map_err(|error| Failure::failed(format!("cannot start {}: {error}", role.word())))?;
        let path = self.pid_file(role);
        std::fs::write(&path, child.id().to_string()).map_err(super::io("cannot write", &path))
    }

    /// Ends a process: politely, and after a while at once. True if it ran.
    #[must_use]
    pub fn stop(&self, role: Role) -> bool {
        let Some(pid) = self.pid(role) else {
            return false;
        };
        signal(pid, "-TERM");
        let until = Instant::now() + PATIENCE;
        while self.pid(role).is_some() {
            if Instant::now() > until {
                signal(pid, "-KILL");
            }
            std::thread::sleep(LOOK);
        }
        let _ = std::fs::remove_file(self.pid_file(role));
        true
    }

    /// The last lines of a log, and why there are none.
    fn last_words(&self, role: Role) -> String {
        let text = std::fs::read_to_string(self.log_file(role)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(3).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Waits until the node answers requests.
    fn wait(&self, until: Instant) -> Result<(), Failure> {
        loop {
            if self.url().is_some() {
                return Ok(());
            }
            if self.pid(Role::Node).is_none() || Instant::now() > until {
                return Err(Failure::failed(format!(
                    "the node of validator {} does not start",
                    self.number
                ))
                .detail(self.last_words(Role::Node))
                .help(format!("see {}", self.log_file(Role::Node).display())));
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Localnet {
    /// Starts every process that does not run: the nodes, then the engines, which connect to them.
    ///
    /// # Errors
    /// A process that cannot be started, or a node that does not answer in time.
    pub fn start(&self, patience: Duration) -> Result<(), Failure> {
        program()?;
        let until = Instant::now() + patience;
        for validator in &self.validators {
            if validator.pid(Role::Node).is_none() {
                let _ = std::fs::remove_file(validator.url_file());
            }
            validator.start(Role::Node)?;
        }
        for validator in &self.validators {
            validator.wait(until)?;
            validator.start(Role::Comet)?;
        }
        Ok(())
    }

    /// Ends every process; gives the number of those that ran.
    #[must_use]
    pub fn stop(&self) -> usize {
        // First the engines: a node that ends under its engine is an error there.
        let all = [Role::Comet, Role::Node].into_iter();
        all.flat_map(|role| {
            self.validators
                .iter()
                .map(move |validator| (validator, role))
        })
        .filter(|(validator, role)| validator.stop(*role))
        .count()
    }
}

/// A command without the settings of the shell: they would be those of all validators.
fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("WEIGHHOUSE_") || text.starts_with("CMT_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The command line of a process; `None` where there is none, or it has ended.
fn command_line(pid: u32) -> Option<String> {
    if Path::new("/proc/self").exists() {
        let until = Instant::now() + BEGINNING;
        loop {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            // It has none just after it was started, and none after it has ended.
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let ended = state
                .rsplit(") ")
                .next()
                .is_some_and(|rest| rest.starts_with(['Z', 'X']));
            if !line.is_empty() || ended || Instant::now() > until {
                return Some(line).filter(|line| !line.is_empty());
            }
            std::thread::sleep(LOOK);
        }
    }
    let output = Command::new("ps")
        .args(["-o", "args=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let line = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Some(line).filter(|line| !line.is_empty())
}

/// Sends a signal; the process may be gone already.
fn signal(pid: u32, signal: &str) {
    let _ = Command::new("kill")
        .args([signal, &pid.to_string()])
        .stderr(Stdio::null())
        .status();
}
