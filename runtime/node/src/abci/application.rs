//! The methods of ABCI 2.0, each a call of the chain (`docs/consensus.md` has the table).
//!
//! An answer that is an `Exception` ends the engine beside this node: given where the two do not belong
//! together, or this node cannot go on.
//!
//! Invariants: STATE-2 (only Commit writes), DET-1 (block time is the engine's; nothing here reads a clock).

use super::ahead::Ahead;
use super::convert;
use super::mempool::{Mempool, Refusal};
use super::query;
use super::restore::Restore;
use super::snapshots::{Plan, Snapshots};
use crate::config::Settings;
use crate::consensus::order;
use crate::output::chain_of;
use crate::serve;
use crate::solo::{Draft, Happening, Producer, ProducerError};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tendermint_proto::google::protobuf::Timestamp as EngineTime;
use tendermint_proto::v0_38::abci::response_verify_vote_extension::VerifyStatus;
use tendermint_proto::v0_38::abci::{
    CheckTxType, Request, RequestApplySnapshotChunk, RequestCheckTx, RequestFinalizeBlock,
    RequestInfo, RequestInitChain, RequestLoadSnapshotChunk, RequestPrepareProposal,
    RequestProcessProposal, RequestVerifyVoteExtension, Response, ResponseApplySnapshotChunk,
    ResponseCheckTx, ResponseCommit, ResponseEcho, ResponseException, ResponseExtendVote,
    ResponseFinalizeBlock, ResponseFlush, ResponseInfo, ResponseInitChain, ResponseListSnapshots,
    ResponseLoadSnapshotChunk, ResponseOfferSnapshot, ResponsePrepareProposal,
    ResponseProcessProposal, ResponseVerifyVoteExtension, request::Value as Asked,
    response::Value as Answer,
};
use weighhouse_primitives::{Height, Timestamp, TxHash};
use weighhouse_rpc::server::Feed;
use weighhouse_runtime::{Fault, Reader, Rejection, limits};

/// The chain as the engine sees it.
#[derive(Debug)]
pub(super) struct Application {
    producer: Producer,
    mempool: Arc<Mempool>,
    ahead: Ahead,
    feed: Feed,
    snapshots: Arc<Snapshots>,
    restore: Restore,
    retain_blocks: u64,
    /// The chain's folder.
    data: Option<PathBuf>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error(transparent)]
    Producer(#[from] ProducerError),
    #[error("{}", chain_of(.0))]
    Fault(#[from] Fault),
    #[error("{0}")]
    Mismatch(String),
}

impl Application {
    pub(super) fn new(
        producer: Producer,
        feed: Feed,
        settings: &Settings,
        data: Option<&Path>,
        stopping: Arc<AtomicBool>,
    ) -> Self {
        let plan = Plan {
            interval: settings.consensus.snapshot_interval,
            kept: settings.consensus.snapshots_kept,
        };
        let mempool = Arc::new(Mempool::new(producer.reader().clone(), settings.pool));
        Self {
            ahead: Ahead::start(producer.clone()),
            producer,
            mempool,
            feed,
            snapshots: Arc::new(Snapshots::new(data, plan, stopping)),
            restore: Restore::new(data),
            retain_blocks: settings.consensus.retain_blocks,
            data: data.map(Path::to_owned),
        }
    }

    pub(super) fn producer(&self) -> &Producer {
        &self.producer
    }

    fn reader(&self) -> &Reader {
        self.producer.reader()
    }

    /// Looks at requests that arrived together before they are answered one by one: signatures that are verified
    /// together take half the work. A fault is answered where the first of them is.
    pub(super) fn foresee(&self, requests: &[Request]) {
        let entering = |request: &Request| match &request.value {
            Some(Asked::CheckTx(asked)) if asked.r#type != i32::from(CheckTxType::Recheck) => {
                Some(asked.tx.clone())
            }
            _ => None,
        };
        let entering: Vec<Bytes> = requests.iter().filter_map(entering).collect();
        if entering.len() > 1 {
            let _ = self.mempool.foresee(&entering, &self.quarantined());
        }
    }

    fn quarantined(&self) -> impl Fn(&TxHash) -> bool {
        |hash| self.producer.is_quarantined(hash)
    }

    /// Answers one request.
    pub(super) async fn answer(&self, request: Request) -> Response {
        let value = match request.value {
            None => Err(Refused::Mismatch(
                "a request without content, or of another ABCI".into(),
            )),
            Some(asked) => self.dispatch(asked).await,
        };
        let value = value.unwrap_or_else(|refused| {
            let error = refused.to_string();
            tracing::error!(error, "the consensus engine was refused");
            Answer::Exception(ResponseException { error })
        });
        Response { value: Some(value) }
    }

    async fn dispatch(&self, asked: Asked) -> Result<Answer, Refused> {
        Ok(match asked {
            Asked::Echo(echo) => Answer::Echo(ResponseEcho {
                message: echo.message,
            }),
            Asked::Flush(_) => Answer::Flush(ResponseFlush {}),
            Asked::Info(asked) => Answer::Info(self.info(&asked)),
            Asked::InitChain(asked) => Answer::InitChain(self.init_chain(&asked)?),
            Asked::Query(asked) => Answer::Query(query::answer(self.reader(), asked).await?),
            Asked::CheckTx(asked) => Answer::CheckTx(self.check_tx(&asked)?),
            Asked::PrepareProposal(asked) => {
                Answer::PrepareProposal(self.prepare_proposal(asked).await?)
            }
            Asked::ProcessProposal(asked) => {
                Answer::ProcessProposal(self.process_proposal(asked).await?)
            }
            Asked::FinalizeBlock(asked) => Answer::FinalizeBlock(self.finalize_block(asked).await?),
            Asked::Commit(_) => Answer::Commit(self.commit().await?),
            Asked::ExtendVote(_) => Answer::ExtendVote(ResponseExtendVote::default()),
            Asked::VerifyVoteExtension(asked) => {
                Answer::VerifyVoteExtension(verify_vote_extension(&asked))
            }
            Asked::ListSnapshots(_) => {
                let snapshots = Arc::clone(&self.snapshots);
                let snapshots = in_background(move || snapshots.list()).await?;
                Answer::ListSnapshots(ResponseListSnapshots { snapshots })
            }
            Asked::LoadSnapshotChunk(asked) => {
                Answer::LoadSnapshotChunk(self.load_chunk(asked).await?)
            }
            Asked::OfferSnapshot(asked) => {
                let result = self.restore.offer(&self.producer, &asked).await?.into();
                Answer::OfferSnapshot(ResponseOfferSnapshot { result })
            }
            Asked::ApplySnapshotChunk(asked) => {
                Answer::ApplySnapshotChunk(self.apply_chunk(asked).await?)
            }
        })
    }

    async fn load_chunk(
        &self,
        asked: RequestLoadSnapshotChunk,
    ) -> Result<ResponseLoadSnapshotChunk, Refused> {
        let snapshots = Arc::clone(&self.snapshots);
        let chunk = in_background(move || snapshots.chunk(&asked)).await?;
        Ok(ResponseLoadSnapshotChunk { chunk })
    }

    async fn apply_chunk(
        &self,
        asked: RequestApplySnapshotChunk,
    ) -> Result<ResponseApplySnapshotChunk, Refused> {
        // Before the first chunk: what is restored is a network's chain.
        order::note(self.data.as_deref())?;
        self.restore.apply(&self.producer, asked).await
    }

    /// The handshake: where this chain stands. The engine hands over what is missing.
    fn info(&self, asked: &RequestInfo) -> ResponseInfo {
        let head = self.reader().head();
        tracing::info!(engine = asked.version, abci = asked.abci_version, height = %head.height, "handshake");
        if let Some(link) = self.producer.consensus() {
            link.restarted();
        }
        ResponseInfo {
            data: self.reader().genesis().name.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            app_version: u64::from(limits::PROTOCOL_VERSION),
            last_block_height: convert::engine_height(head.height),
            last_block_app_hash: convert::app_hash(head.state_root),
        }
    }

    /// The chain exists already, from its genesis file: here the two geneses are compared. Nothing is
    /// written, so that it may be called again.
    fn init_chain(&self, asked: &RequestInitChain) -> Result<ResponseInitChain, Refused> {
        let genesis = self.reader().genesis().hash().to_string();
        let stated: serde_json::Value =
            serde_json::from_slice(&asked.app_state_bytes).unwrap_or_default();
        let stated = stated["genesis_hash"].as_str().unwrap_or("nothing");
        if stated != genesis {
            return Err(Refused::Mismatch(format!(
                "genesis.json says {stated} in app_state.genesis_hash, the genesis of this node is {genesis}: \
                 every validator needs the same genesis.toml"
            )));
        }
        if asked.initial_height > 1 {
            return Err(Refused::Mismatch(format!(
                "genesis.json says initial_height {}, this chain starts at 1",
                asked.initial_height
            )));
        }
        let named = &self.reader().genesis().validators;
        let engine = convert::validators(&asked.validators);
        // Without any in the genesis, they stay as the engine has them.
        if !named.0.is_empty() && engine.as_ref() != Some(named) {
            return Err(Refused::Mismatch(
                "genesis.json has other validators than genesis.toml: both must name the same keys and powers"
                    .into(),
            ));
        }
        let head = self.reader().head();
        if head.height != Height::GENESIS {
            return Err(Refused::Mismatch(format!(
                "the engine starts from nothing, this chain is at height {}",
                head.height
            )));
        }
        Ok(ResponseInitChain {
            app_hash: convert::app_hash(head.state_root),
            ..ResponseInitChain::default()
        })
    }

    fn check_tx(&self, asked: &RequestCheckTx) -> Result<ResponseCheckTx, Refused> {
        let recheck = asked.r#type == i32::from(CheckTxType::Recheck);
        let checked = match recheck {
            true => self.mempool.stay(&asked.tx, &self.quarantined())?,
            false => self.mempool.enter(&asked.tx, &self.quarantined())?,
        };
        if let Err(refusal) = &checked {
            self.forget(&asked.tx, refusal);
        }
        Ok(convert::checked(&checked))
    }

    /// A transaction that this node took from its user is not valid any more.
    fn forget(&self, bytes: &Bytes, refusal: &Refusal) {
        // What was executed leaves with its block, and what found no room is handed on again.
        let Refusal::Rejected(reason) = refusal else {
            return;
        };
        if matches!(reason, Rejection::Replayed { .. }) {
            return;
        }
        let Ok(transaction) = weighhouse_runtime::admission::decode(bytes) else {
            return;
        };
        let hash = transaction.hash();
        let ours = self.producer.change_pool(|pool| {
            let same = pool
                .waiting(&hash)
                .is_some_and(|one| one.transaction == transaction);
            if same {
                pool.drop_with(hash, reason.clone());
            }
            same
        });
        if ours {
            serve::tell(&self.feed, &Happening::Dropped(hash, reason.clone()));
        }
    }

    async fn prepare_proposal(
        &self,
        asked: RequestPrepareProposal,
    ) -> Result<ResponsePrepareProposal, Refused> {
        let bytes_max = usize::try_from(asked.max_tx_bytes).unwrap_or(0);
        let (height, time) = place(asked.height, asked.time.as_ref())?;
        let mempool = Arc::clone(&self.mempool);
        let transactions = in_background(move || {
            let mut bytes = 0_usize;
            let fits = asked.txs.into_iter().take_while(|one| {
                bytes = bytes.saturating_add(convert::bytes_in_block(one));
                bytes <= bytes_max
            });
            let fits: Vec<Bytes> = fits.collect();
            let signed = mempool.signed(&fits);
            let both = fits.into_iter().zip(signed);
            both.filter_map(|(one, signed)| Some((one, signed.ok()?)))
                .collect()
        })
        .await?;
        let candidates = Draft {
            height,
            time,
            transactions,
        };
        Ok(convert::proposed(
            self.producer.propose_for(candidates).await?,
        ))
    }

    async fn process_proposal(
        &self,
        asked: RequestProcessProposal,
    ) -> Result<ResponseProcessProposal, Refused> {
        let place = place(asked.height, asked.time.as_ref())?;
        let block = match self.draft(place, asked.txs).await? {
            Ok(block) => block,
            Err(reason) => return Ok(refuse(place.0, &reason)),
        };
        let uploads = Ahead::uploads(&block);
        Ok(match self.producer.judge(block).await? {
            Ok(()) => {
                self.ahead.compile(uploads);
                convert::judged(true)
            }
            Err(against) => refuse(place.0, &against.to_string()),
        })
    }

    async fn finalize_block(
        &self,
        asked: RequestFinalizeBlock,
    ) -> Result<ResponseFinalizeBlock, Refused> {
        let place = place(asked.height, asked.time.as_ref())?;
        let block = match self.draft(place, asked.txs).await? {
            Ok(block) => block,
            Err(reason) => return Err(self.producer.refuse_decided(place.0, reason).await.into()),
        };
        let uploads = Ahead::uploads(&block);
        let decided = self.producer.finalize(block).await?;
        self.ahead.compile(uploads);
        Ok(convert::finalized(&decided))
    }

    async fn commit(&self) -> Result<ResponseCommit, Refused> {
        order::note(self.data.as_deref())?;
        let height = self.producer.commit().await?;
        self.mempool.count_anew();
        self.snapshots.after(&self.producer, height);
        let retain_height = match self.retain_blocks {
            0 => 0,
            blocks => convert::engine_height(Height(height.0.saturating_sub(blocks))),
        };
        Ok(ResponseCommit { retain_height })
    }

    /// A block whose transactions are understood and signed; the inner error says which is not.
    async fn draft(
        &self,
        (height, time): (Height, Timestamp),
        transactions: Vec<Bytes>,
    ) -> Result<Result<Draft, String>, Refused> {
        let mempool = Arc::clone(&self.mempool);
        in_background(move || {
            let answers = mempool.signed(&transactions);
            let mut signed = Vec::with_capacity(transactions.len());
            for (position, (one, answer)) in transactions.into_iter().zip(answers).enumerate() {
                match answer {
                    Ok(admitted) => signed.push((one, admitted)),
                    Err(rejection) => return Err(format!("transaction {position}: {rejection}")),
                }
            }
            Ok(Draft {
                height,
                time,
                transactions: signed,
            })
        })
        .await
    }
}

/// Height and time of a block.
fn place(height: i64, time: Option<&EngineTime>) -> Result<(Height, Timestamp), Refused> {
    let height =
        convert::height(height).ok_or_else(|| Refused::Mismatch(format!("height {height}")))?;
    Ok((height, convert::time(time)))
}

fn refuse(height: Height, reason: &str) -> ResponseProcessProposal {
    tracing::warn!(%height, reason, "a proposed block is refused");
    convert::judged(false)
}

/// Vote extensions are not used: one that is there is not of this chain.
fn verify_vote_extension(asked: &RequestVerifyVoteExtension) -> ResponseVerifyVoteExtension {
    let status = match asked.vote_extension.is_empty() {
        true => VerifyStatus::Accept,
        false => VerifyStatus::Reject,
    };
    ResponseVerifyVoteExtension {
        status: status.into(),
    }
}

/// Runs work that takes a while beside the sockets.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refused::Mismatch(format!("a bug in the bridge: {error}")))
}
