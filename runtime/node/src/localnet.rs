//! A network of validators on one machine: folders, keys, ports, processes.
//!
//! For trying out and for tests: the same programs with the same settings that run on several machines
//! (`docs/operating.md`), each validator a CometBFT and a node beside it. CometBFT makes its keys and its
//! genesis; what is ours in them is added.
//!
//! ```text
//! localnet/
//!   validator-0/
//!     node/      genesis.toml, weighhouse.toml, data/      of `weighhouse node`
//!     comet/     config/, data/                            of `cometbft`
//!     node.log, comet.log, node.pid, comet.pid, node.url
//! ```
//!
//! What it does not do: supervise. A process that ends stays ended until the next start.

mod engine;
mod process;

pub use engine::{ENGINE_VERSION, program};
pub use process::Role;

use crate::config::{self, FILE, GENESIS_FILE};
use crate::genesis_file;
use crate::output::Failure;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use weighhouse_runtime::Genesis;

/// Most validators of one machine.
pub const VALIDATORS_MAX: u16 = 16;
/// Longest path of a unix socket that every system takes.
const SOCKET_PATH_MAX: usize = 100;

/// One validator of a local network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    /// Its number, from 0.
    pub number: u16,
    /// Its folder.
    pub folder: PathBuf,
}

/// A local network in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Localnet {
    /// Its folder.
    pub folder: PathBuf,
    /// Its validators.
    pub validators: Vec<Validator>,
    /// Its chain; the genesis names the validators.
    pub genesis: Genesis,
}

/// The ports of one validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ports {
    rpc: SocketAddr,
    engine: SocketAddr,
    peer: SocketAddr,
}

/// What a local network is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where, a folder that does not exist.
    pub folder: PathBuf,
    /// How many.
    pub validators: u16,
    /// Port of the first node's JSON-RPC, the next ones follow; 0 for free ports.
    pub port: u16,
    /// The chain; its validators are filled in.
    pub genesis: Genesis,
}

fn io(what: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let text = format!("{what} {}", path.display());
    move |error| {
        Failure::failed(format!("{text}: {error}"))
            .help("name a folder that can be written with --folder DIR")
    }
}

impl Validator {
    /// Folder of the node.
    #[must_use]
    pub fn node(&self) -> PathBuf {
        self.folder.join("node")
    }

    /// Folder of its CometBFT.
    #[must_use]
    pub fn comet(&self) -> PathBuf {
        self.folder.join("comet")
    }

    /// The file with the URL of the node's JSON-RPC, while it runs.
    #[must_use]
    pub fn url_file(&self) -> PathBuf {
        self.folder.join("node.url")
    }

    /// URL of the node's JSON-RPC, while it runs.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.url_file()).ok()?;
        Some(text.trim().to_owned())
    }
}

impl Localnet {
    /// The network of a folder.
    ///
    /// # Errors
    /// A folder that has none.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let folder = std::path::absolute(folder).map_err(io("cannot find", folder))?;
        let validators: Vec<Validator> = (0..VALIDATORS_MAX)
            .map(|number| Validator {
                number,
                folder: folder.join(format!("validator-{number}")),
            })
            .take_while(|validator| validator.node().join(GENESIS_FILE).exists())
            .collect();
        if validators.is_empty() {
            return Err(
                Failure::usage(format!("{} has no local network", folder.display()))
                    .help("make one with `weighhouse localnet init`, or name another --folder DIR"),
            );
        }
        let first = folder.join("validator-0/node").join(GENESIS_FILE);
        let genesis = genesis_file::read(&first)?;
        Ok(Self {
            folder,
            validators,
            genesis,
        })
    }

    /// Makes folders, keys, genesis and settings.
    ///
    /// # Errors
    /// A folder that exists, no CometBFT, or no free ports.
    pub fn init(plan: &Plan) -> Result<Self, Failure> {
        let engine = program()?;
        let folder = std::path::absolute(&plan.folder).map_err(io("cannot make", &plan.folder))?;
        if folder.exists() {
            return Err(
                Failure::usage(format!("{} exists already", folder.display()))
                    .help("nothing was changed; name another --folder DIR, or remove it"),
            );
        }
        let ports = ports(plan)?;
        std::fs::create_dir_all(&folder).map_err(io("cannot make", &folder))?;
        engine::make_keys(&engine, &folder, plan.validators)?;
        let mut genesis = plan.genesis.clone();
        genesis.validators = engine::validators(&folder.join("validator-0/comet"))?;
        let network = Self {
            genesis,
            validators: (0..plan.validators)
                .map(|number| Validator {
                    number,
                    folder: folder.join(format!("validator-{number}")),
                })
                .collect(),
            folder,
        };
        let mut peers = Vec::new();
        for (validator, ports) in network.validators.iter().zip(&ports) {
            let id = engine::node_id(&engine, &validator.comet())?;
            peers.push(format!("{id}@{}", ports.peer));
        }
        for (validator, ports) in network.validators.iter().zip(&ports) {
            validator.write(&network.genesis, *ports, &peers)?;
        }
        Ok(network)
    }
}

impl Validator {
    fn write(&self, genesis: &Genesis, ports: Ports, peers: &[String]) -> Result<(), Failure> {
        let node = self.node();
        std::fs::create_dir_all(&node).map_err(io("cannot make", &node))?;
        let write = |path: PathBuf, text: &str| {
            std::fs::write(&path, text).map_err(io("cannot write", &path))
        };
        write(node.join(GENESIS_FILE), &genesis_file::format(genesis))?;
        // Temporary folders may be too deep for a socket: then it is loopback, which others may use too.
        let socket = node.join(config::DATA_FOLDER).join("abci.sock");
        let listen = match socket.as_os_str().len() <= SOCKET_PATH_MAX {
            true => "unix:abci.sock".to_owned(),
            false => free(&mut Vec::new())?.to_string(),
        };
        let proxy = match listen.strip_prefix("unix:") {
            Some(_) => format!("unix://{}", socket.display()),
            None => format!("tcp://{listen}"),
        };
        let args = config::Args {
            set: vec![
                "consensus.mode=comet".into(),
                format!("consensus.listen={listen}"),
                format!("consensus.engine={}", ports.engine),
                "consensus.snapshot_interval=100".into(),
                format!("rpc.listen={}", ports.rpc),
            ],
            ..config::Args::default()
        };
        let settings = config::resolve(&args, |_| None, None)?;
        write(node.join(FILE), &config::format(&settings, false))?;
        let comet = self.comet().join("config");
        let others: Vec<&str> = peers
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != usize::from(self.number))
            .map(|(_, peer)| peer.as_str())
            .collect();
        let settings = engine::settings(&engine::Settings {
            moniker: format!("validator-{}", self.number),
            proxy,
            rpc: ports.engine,
            peer: ports.peer,
            peers: others.join(","),
        });
        write(comet.join("config.toml"), &settings)?;
        engine::complete_genesis(&comet.join("genesis.json"), genesis)
    }
}

/// Three ports for each validator, asked from the system or counted from the first.
fn ports(plan: &Plan) -> Result<Vec<Ports>, Failure> {
    let mut held = Vec::new();
    let mut all = Vec::new();
    for number in 0..plan.validators {
        let counted = |base: u16| {
            let port = base.checked_add(number).ok_or_else(|| {
                Failure::usage(format!("--port {} leaves no room", plan.port))
                    .help("take one below 60000")
            })?;
            Ok::<_, Failure>(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        };
        all.push(match plan.port {
            0 => Ports {
                rpc: free(&mut held)?,
                engine: free(&mut held)?,
                peer: free(&mut held)?,
            },
            first => Ports {
                rpc: counted(first)?,
                engine: counted(first.saturating_add(100))?,
                peer: counted(first.saturating_add(200))?,
            },
        });
    }
    Ok(all)
}

/// A port that nobody uses now; held until all are chosen, so that none is chosen twice.
fn free(held: &mut Vec<TcpListener>) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| {
        let address = listener.local_addr()?;
        held.push(listener);
        Ok(address)
    });
    address.map_err(|error| {
        Failure::failed(format!("there is no free port: {error}")).help("name one with --port")
    })
}
