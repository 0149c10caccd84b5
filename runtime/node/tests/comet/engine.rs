//! An engine that keeps blocks and drives one node, as CometBFT does.

use crate::sign::signed;
use bytes::Bytes;
use parity_scale_codec::Encode;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tendermint_proto::google::protobuf::Timestamp as EngineTime;
use tendermint_proto::v0_38::abci::request::Value as Ask;
use tendermint_proto::v0_38::abci::response::Value as Answer;
use tendermint_proto::v0_38::abci::{
    Request, RequestCheckTx, RequestCommit, RequestFinalizeBlock, RequestFlush, RequestInfo,
    RequestInitChain, RequestPrepareProposal, RequestProcessProposal, Response,
    ResponseFinalizeBlock, response_process_proposal::ProposalStatus,
};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use weighhouse_node::abci::frame;
use weighhouse_node::genesis_file;
use weighhouse_primitives::{Action, Address, Payload, Timestamp, Transaction};
use weighhouse_runtime::Genesis;

/// A wait that ends long after anything healthy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether the node listens.
const LOOK: Duration = Duration::from_millis(10);
/// Time of the genesis; blocks follow a second apart.
pub(crate) const START: u64 = 1_800_000_000;

/// Waits until it is time to look again whether a condition holds.
pub(crate) async fn look_again() {
    let _ = tokio::time::timeout(LOOK, std::future::pending::<()>()).await;
}

/// A decided block, as the engine keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) height: i64,
    pub(crate) time: u64,
    pub(crate) txs: Vec<Bytes>,
}

impl Block {
    pub(crate) fn finalize(&self) -> Ask {
        Ask::FinalizeBlock(RequestFinalizeBlock {
            txs: self.txs.clone(),
            height: self.height,
            time: time(self.time),
            hash: Bytes::copy_from_slice(&self.height.to_le_bytes()),
            ..RequestFinalizeBlock::default()
        })
    }

    pub(crate) fn process(&self) -> Ask {
        Ask::ProcessProposal(RequestProcessProposal {
            txs: self.txs.clone(),
            height: self.height,
            time: time(self.time),
            ..RequestProcessProposal::default()
        })
    }

    pub(crate) fn prepare(&self, max_tx_bytes: i64) -> Ask {
        Ask::PrepareProposal(RequestPrepareProposal {
            max_tx_bytes,
            txs: self.txs.clone(),
            height: self.height,
            time: time(self.time),
            ..RequestPrepareProposal::default()
        })
    }
}

fn time(seconds: u64) -> Option<EngineTime> {
    Some(EngineTime {
        seconds: i64::try_from(seconds).unwrap(),
        nanos: 250_000_000,
    })
}

/// A connection to the node.
pub(crate) struct Connection(BufReader<UnixStream>);

impl Connection {
    pub(crate) async fn send(&mut self, asks: &[Ask]) {
        let mut bytes = Vec::new();
        for ask in asks {
            let value = Some(ask.clone());
            frame::append(&Request { value }, &mut bytes);
        }
        self.0.get_mut().write_all(&bytes).await.unwrap();
    }

    /// Sends any bytes; the node may end the connection meanwhile.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.get_mut().write_all(bytes).await;
    }

    /// The next answer; `None` where the node has ended the connection.
    pub(crate) async fn receive(&mut self) -> Option<Answer> {
        let response = tokio::time::timeout(PATIENCE, frame::read::<Response>(&mut self.0)).await;
        response.unwrap().ok()??.value
    }

    /// Asks, flushes, and waits for the answer.
    pub(crate) async fn ask(&mut self, ask: Ask) -> Answer {
        self.send(&[ask, Ask::Flush(RequestFlush {})]).await;
        let answer = self.receive().await.expect("an answer");
        if !matches!(answer, Answer::Exception(_)) {
            assert!(matches!(self.receive().await, Some(Answer::Flush(_))));
        }
        answer
    }
}

/// The engine, its blocks and its node.
pub(crate) struct Engine {
    folder: tempfile::TempDir,
    pub(crate) genesis: Genesis,
    flags: Vec<String>,
    node: Option<Child>,
    pub(crate) blocks: Vec<Block>,
    /// After each block, from the genesis.
    pub(crate) app_hashes: Vec<Bytes>,
    pub(crate) results: Vec<ResponseFinalizeBlock>,
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Engine {
    /// A chain with a node that has not been started.
    pub(crate) fn new(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let genesis = Genesis::development(Timestamp(START));
        std::fs::write(
            folder.path().join("genesis.toml"),
            genesis_file::format(&genesis),
        )
        .unwrap();
        Self {
            folder,
            genesis,
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            node: None,
            blocks: Vec::new(),
            app_hashes: Vec::new(),
            results: Vec::new(),
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("data/abci.sock")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("node.log")
    }

    /// What the node has printed since the first start.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The command of the node, as it is without consensus.
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weighhouse"));
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log());
        for (name, _) in std::env::vars() {
            if name.starts_with("WEIGHHOUSE_") {
                command.env_remove(name);
            }
        }
        command
            .args(["node", "start", "--listen", "127.0.0.1:0", "--folder"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.unwrap());
        command
    }

    /// Starts the node solo, by mistake; gives how it ended.
    pub(crate) fn start_solo(&self) -> Option<i32> {
        self.command().status().unwrap().code()
    }

    /// Starts the node, and connects.
    pub(crate) async fn start(&mut self) -> Connection {
        assert!(self.node.is_none());
        let _ = std::fs::remove_file(self.socket());
        let mut command = self.command();
        let comet = [
            "--consensus",
            "comet",
            "--set",
            "consensus.engine=127.0.0.1:1",
        ];
        let child = command.args(comet).args(&self.flags).spawn();
        self.node = Some(child.unwrap());
        self.connect().await
    }

    /// One more connection, as soon as the node listens.
    pub(crate) async fn connect(&self) -> Connection {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(stream) = UnixStream::connect(self.socket()).await {
                return Connection(BufReader::new(stream));
            }
            assert!(Instant::now() < until, "the node does not listen");
            look_again().await;
        }
    }

    /// Kills the node without warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut node) = self.node.take() {
            let _ = node.kill();
            let _ = node.wait();
        }
    }

    /// How the node ended by itself.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.node.take().unwrap().wait().unwrap().code()
    }

    /// The handshake: asks where the node is, and hands over what it lacks. Gives the height it was at.
    pub(crate) async fn handshake(&mut self, node: &mut Connection) -> i64 {
        let info = match node.ask(Ask::Info(RequestInfo::default())).await {
            Answer::Info(info) => info,
            other => panic!("{other:?}"),
        };
        let stored = i64::try_from(self.blocks.len()).unwrap();
        assert!(
            info.last_block_height <= stored,
            "the node must not be ahead"
        );
        if info.last_block_height == 0 {
            let root = self.init_chain(node).await;
            if self.app_hashes.is_empty() {
                self.app_hashes.push(root.clone());
            }
            assert_eq!(root, self.app_hashes[0]);
        } else {
            let at = usize::try_from(info.last_block_height).unwrap();
            assert_eq!(info.last_block_app_hash, self.app_hashes[at]);
        }
        for height in info.last_block_height + 1..=stored {
            let block = self.blocks[usize::try_from(height - 1).unwrap()].clone();
            self.execute(node, &block).await;
            commit(node).await;
        }
        info.last_block_height
    }

    async fn init_chain(&self, node: &mut Connection) -> Bytes {
        let hash = self.genesis.hash().to_string();
        match node.ask(init_chain(&hash)).await {
            Answer::InitChain(done) => done.app_hash,
            other => panic!("{other:?}"),
        }
    }

    /// Finalizes a block that is kept; what it does must be what it did the first time.
    pub(crate) async fn execute(&mut self, node: &mut Connection, block: &Block) {
        let done = match node.ask(block.finalize()).await {
            Answer::FinalizeBlock(done) => done,
            other => panic!("{other:?}"),
        };
        let at = usize::try_from(block.height).unwrap();
        assert_eq!(done.tx_results.len(), block.txs.len(), "TX-2");
        match self.app_hashes.get(at) {
            Some(known) => {
                assert_eq!(done.app_hash, known);
                assert_eq!(done, self.results[at - 1]);
            }
            None => {
                assert_eq!(self.app_hashes.len(), at);
                self.app_hashes.push(done.app_hash.clone());
                self.results.push(done);
            }
        }
    }

    /// The next block with these transactions, not yet kept.
    pub(crate) fn next(&self, txs: Vec<Bytes>) -> Block {
        let height = self.blocks.len() + 1;
        Block {
            height: i64::try_from(height).unwrap(),
            time: START + u64::try_from(height).unwrap(),
            txs,
        }
    }

    /// Proposes, judges, decides and commits a block.
    pub(crate) async fn decide(&mut self, node: &mut Connection, txs: Vec<Bytes>) {
        let wanted = self.next(txs);
        let block = prepare(node, &wanted).await;
        assert_eq!(block.txs, wanted.txs);
        assert!(judge(node, &block).await);
        self.blocks.push(block.clone());
        self.execute(node, &block).await;
        commit(node).await;
    }

    /// A signed call of a contract that is not there: it fails, and is consumed.
    pub(crate) fn call(&self, role: &str, nonce: u64) -> Transaction {
        self.sign(role, |payload| payload.nonce = nonce)
    }

    /// The same, changed before it is signed.
    pub(crate) fn sign(&self, role: &str, change: impl FnOnce(&mut Payload)) -> Transaction {
        let action = Action::Call {
            contract: Address([7; 32]),
            input: vec![1, 2, 3, 4],
        };
        signed(
            self.genesis.hash(),
            role,
            (0, START + 3_600),
            action,
            change,
        )
    }
}

pub(crate) fn bytes(transaction: &Transaction) -> Bytes {
    transaction.encode().into()
}

pub(crate) fn init_chain(genesis_hash: &str) -> Ask {
    Ask::InitChain(RequestInitChain {
        chain_id: "test".into(),
        app_state_bytes: format!(r#"{{"genesis_hash":"{genesis_hash}"}}"#).into(),
        initial_height: 1,
        ..RequestInitChain::default()
    })
}

pub(crate) fn check(tx: &Transaction, again: bool) -> Ask {
    Ask::CheckTx(RequestCheckTx {
        tx: bytes(tx),
        r#type: i32::from(again),
    })
}

/// The node makes a block of candidates.
pub(crate) async fn prepare(node: &mut Connection, wanted: &Block) -> Block {
    match node.ask(wanted.prepare(1 << 22)).await {
        Answer::PrepareProposal(done) => Block {
            txs: done.txs,
            ..wanted.clone()
        },
        other => panic!("{other:?}"),
    }
}

/// Whether the node accepts a block.
pub(crate) async fn judge(node: &mut Connection, block: &Block) -> bool {
    match node.ask(block.process()).await {
        Answer::ProcessProposal(done) => done.status == i32::from(ProposalStatus::Accept),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn commit(node: &mut Connection) {
    let answer = node.ask(Ask::Commit(RequestCommit {})).await;
    assert!(matches!(answer, Answer::Commit(_)), "{answer:?}");
}

/// The files of a folder with their sizes, to see whether anything was written.
pub(crate) fn sizes(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let meta = entry.metadata().unwrap();
        match meta.is_dir() {
            true => found.extend(sizes(&entry.path())),
            false => found.push((entry.path(), meta.len())),
        }
    }
    found.sort();
    found
}
