//! A whole node in a process of its own: this program again, told by a variable of the environment.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use weighhouse_node::service::{Plan, Service};
use weighhouse_runtime::Genesis;
use weighhouse_testkit::world::START;

/// Folder of the node that this process is to be.
const FOLDER: &str = "WEIGHHOUSE_CLIENTS_NODE";
/// A wait that ends long after anything healthy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running node.
#[derive(Debug)]
pub(crate) struct Node {
    child: Child,
    pub(crate) address: SocketAddr,
    _folder: tempfile::TempDir,
}

/// What the system says of its process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) resident_kib: u64,
    pub(crate) most_kib: u64,
    pub(crate) descriptors: usize,
}

/// Is a node, if this process was started as one; then it never comes back.
pub(crate) fn serve_if_asked() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let mut plan = Plan::devnet(Genesis::development(START)).in_folder(folder.join("data"));
    plan.time = Some(START);
    plan.ready_file = Some(folder.join("ready"));
    plan.settings.limits_loopback = true;
    let tokio = tokio::runtime::Runtime::new().expect("threads");
    let served = tokio.block_on(async {
        let service = Service::start(plan).await?;
        service.run_until(std::future::pending()).await
    });
    if let Err(failure) = served {
        let line = format!("the node ended: {}\n", failure.what());
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    std::process::exit(3);
}

impl Node {
    /// Starts this program as a node, with so many file descriptors if that is said; `arguments` lead it to
    /// [`serve_if_asked`].
    pub(crate) fn start(arguments: &[&str], descriptors: Option<u32>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let limit = descriptors.map_or_else(String::new, |count| format!("ulimit -n {count}; "));
        let child = Command::new("sh")
            .args(["-c", &format!("{limit}exec \"$0\" \"$@\"")])
            .arg(std::env::current_exe().expect("this program"))
            .args(arguments)
            .env(FOLDER, folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process");
        let address = wait_for(&folder.path().join("ready"));
        Self {
            child,
            address,
            _folder: folder,
        }
    }

    /// What it uses now.
    pub(crate) fn usage(&self) -> Usage {
        let own = PathBuf::from(format!("/proc/{}", self.child.id()));
        let status = std::fs::read_to_string(own.join("status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.and_then(|number| number.parse().ok()).unwrap_or(0)
        };
        Usage {
            resident_kib: field("VmRSS:"),
            most_kib: field("VmHWM:"),
            descriptors: std::fs::read_dir(own.join("fd")).map_or(0, Iterator::count),
        }
    }

    /// True while its process runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the node listens, once it does.
fn wait_for(ready: &Path) -> SocketAddr {
    let started = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(ready) {
            let host = text.trim().trim_start_matches("http://");
            let host = host.split('/').next().unwrap_or_default();
            return host.parse().expect("an address");
        }
        assert!(started.elapsed() < PATIENCE, "the node never got ready");
        std::thread::yield_now();
    }
}
