//! `weighhouse node diff`: where two nodes of one chain differ first.
//!
//! A header names the hash of the one before: if two nodes have the same at a height, they have the same
//! below it. So the first block that differs is found in a few steps, and only that block is compared
//! receipt by receipt (`difference.rs`).
//!
//! Each side is a node that answers, or the folder of one that is stopped. A folder is opened as a node
//! would open it (what its store lacks is executed again), served to this command alone, and no block is
//! made.

use super::Context;
use super::node::Folder;
use crate::block_mode::BlockMode;
use crate::clock::SettableClock;
use crate::config::{self, Settings};
use crate::difference::{Place, between};
use crate::output::Failure;
use crate::serve::{self, Serving};
use crate::solo::{Producer, Setup};
use crate::telemetry::Logging;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use weighhouse_rpc::api::chain::{ChainBlock, Detail};
use weighhouse_rpc::client::{Access, CallError, Client};
use weighhouse_rpc::server::Feed;
use weighhouse_rpc::types::{At, BlockView, HashHex};

/// Flags of `weighhouse node diff`.
#[derive(Clone, Debug, clap::Args)]
pub struct Diff {
    /// URL of a node that runs (http://HOST:PORT/rpc), or folder of one that is stopped
    #[arg(value_name = "NODE")]
    one: String,
    /// The node that it is compared with
    #[arg(value_name = "OTHER")]
    other: String,
}

/// One of the two.
struct Side {
    name: String,
    client: Client,
    genesis: HashHex,
    /// Lowest and highest block that it has.
    blocks: (u64, u64),
    opened: Option<(Producer, Serving)>,
}

impl Diff {
    /// Compares.
    ///
    /// # Errors
    /// Exit code 1 where they differ, 2 where they cannot be compared, 3 for a folder that is damaged.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        Logging::of_verbosity(context.global.verbose, context.global.quiet).start()?;
        let access = context.access()?;
        context.tokio()?.block_on(async {
            let one = Side::open(&self.one, &access).await?;
            let other = match Side::open(&self.other, &access).await {
                Ok(other) => other,
                Err(failure) => {
                    one.close().await;
                    return Err(failure);
                }
            };
            let compared = compare(&one, &other).await;
            let names = (one.name.clone(), other.name.clone());
            one.close().await;
            other.close().await;
            answer(context, compared?, names)
        })
    }
}

/// Says what was found: the height up to which both are the same, or where they differ.
fn answer(
    context: &Context,
    compared: Result<u64, Place>,
    (one, other): (String, String),
) -> Result<(), Failure> {
    match compared {
        Ok(height) => {
            let document = json!({ "same": true, "height": height.to_string() });
            let text = format!("  same     every block up to height {height}");
            context.output.answer(text, &document);
            Ok(())
        }
        Err(place) => {
            let what = format!("they differ first in block {}", place.height);
            let mut failure = Failure::failed(what).data("same", false);
            for line in place.lines() {
                failure = failure.detail(line);
            }
            if let serde_json::Value::Object(fields) = place.document() {
                for (key, value) in fields {
                    failure = failure.data(&key, value);
                }
            }
            Err(failure.detail(format!("left: {one}, right: {other}")).help(
                "`weighhouse node verify --folder DIR` on each, stopped, says which is right",
            ))
        }
    }
}

impl Side {
    async fn open(text: &str, access: &Access) -> Result<Self, Failure> {
        let (url, opened) = match text.contains("://") {
            true => (text.to_owned(), None),
            false => {
                let opened = serve_folder(PathBuf::from(text)).await?;
                (format!("http://{}/rpc", opened.1.address), Some(opened))
            }
        };
        let asked = async {
            let client = Client::http_with(&url, access)?;
            let info = client.chain_info().await?;
            let status = client.node_status().await?;
            Ok::<_, CallError>((client, info, status))
        };
        match asked.await {
            Ok((client, info, status)) => Ok(Self {
                name: text.to_owned(),
                client,
                genesis: info.genesis_hash,
                blocks: (status.oldest_block.0, status.height.0),
                opened,
            }),
            Err(error) => {
                close(opened).await;
                Err(incomparable(format!(
                    "{text}: {}",
                    Failure::from(error).what()
                )))
            }
        }
    }

    async fn close(self) {
        close(self.opened).await;
    }

    async fn block(&self, height: u64, detail: Detail) -> Result<BlockView, Failure> {
        let asked = ChainBlock {
            height: Some(At::Height(height)),
            hash: None,
            detail: Some(detail),
        };
        Ok(self.client.chain_block(&asked).await?)
    }
}

async fn close(opened: Option<(Producer, Serving)>) {
    if let Some((producer, serving)) = opened {
        producer.stop();
        producer.ended().await;
        serving.stop().await;
    }
}

/// Opens a stopped node's folder for this command.
async fn serve_folder(folder: PathBuf) -> Result<(Producer, Serving), Failure> {
    let folder = Folder { folder };
    let genesis = folder.genesis()?;
    let (mut settings, _) = Settings::of_folder(&folder.folder, &config::Args::default())?;
    settings.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    // Asked by this command alone.
    (settings.tls_cert, settings.tls_key, settings.api_keys) = (None, None, None);
    let setup = Setup {
        genesis: genesis.clone(),
        chain: settings.chain(Some(folder.data()?)),
        pool: settings.pool,
        blocks: BlockMode::Manual,
        clock: Arc::new(SettableClock::default()),
        reserve_bytes: 0,
        watcher: Box::new(|_| {}),
        consensus: None,
    };
    let opened = tokio::task::spawn_blocking(move || Producer::start(setup)).await;
    let producer = opened.map_err(|error| Failure::fault(format!("opening: {error}")))??;
    match serve::start(&producer, &genesis, &settings, Feed::new()).await {
        Ok(serving) => Ok((producer, serving)),
        Err(failure) => {
            producer.stop();
            producer.ended().await;
            Err(failure)
        }
    }
}

fn incomparable(what: impl Into<String>) -> Failure {
    Failure::usage(what).data("comparable", false).help(
        "name two nodes of one chain: URLs of nodes that run, or folders of nodes that are stopped",
    )
}

/// The height up to which both are the same, or where they differ.
async fn compare(one: &Side, other: &Side) -> Result<Result<u64, Place>, Failure> {
    if one.genesis != other.genesis {
        return Err(incomparable(format!(
            "two chains: the genesis of {} is {}, of {} {}",
            one.name, one.genesis, other.name, other.genesis
        )));
    }
    let low = one.blocks.0.max(other.blocks.0);
    let high = one.blocks.1.min(other.blocks.1);
    if high == 0 {
        return Ok(Ok(0));
    }
    if low > high {
        return Err(incomparable(format!(
            "no block is on both: {} has {} to {}, {} has {} to {}",
            one.name, one.blocks.0, one.blocks.1, other.name, other.blocks.0, other.blocks.1
        )));
    }
    let same = async |height| -> Result<bool, Failure> {
        let ours = one.block(height, Detail::Header).await?.header.hash;
        let theirs = other.block(height, Detail::Header).await?.header.hash;
        Ok(ours == theirs)
    };
    if same(high).await? {
        return Ok(Ok(high));
    }
    // Both ends are known: what is below `first` is the same or unknown, `last` differs.
    let (mut first, mut last) = (low, high);
    while first < last {
        let middle = first + (last - first) / 2;
        match same(middle).await? {
            true => first = middle + 1,
            false => last = middle,
        }
    }
    let ours = one.block(last, Detail::Receipts).await?;
    let theirs = other.block(last, Detail::Receipts).await?;
    between(&ours, &theirs).map(Err).ok_or_else(|| {
        Failure::fault(format!(
            "the hashes of block {last} differ, and nothing that they cover does"
        ))
        .help("compare the versions of both programs with `weighhouse version`")
    })
}
