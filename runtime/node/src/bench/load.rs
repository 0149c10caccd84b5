//! A run: prepare, fill the queue, send, drain, report.

use super::follow::{Follower, histogram, record};
use super::generate::{Batch, Generator, Item, Material};
use super::query::{Askers, Subject};
use super::report::{Figures, report};
use super::{setup, stages};
use crate::cli::Context;
use crate::demo::process::{Process, Start};
use crate::demo::session::Session;
use crate::http::Connection;
use crate::output::Failure;
use crate::service::signals;
use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use weighhouse_rpc::client::Client;
use weighhouse_rpc::types::SubmittedAs;

/// Longest wait for what is in flight when the run is over.
const DRAIN_MAX: Duration = Duration::from_secs(60);
/// How often it is looked whether the queue is full, or everything is durable.
const POLL: Duration = Duration::from_millis(2);

/// Shares of the kinds of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Transfers.
    pub transfer: usize,
    /// New holds.
    pub hold: usize,
    /// Mints.
    pub mint: usize,
}

impl Mix {
    /// Sum of the shares.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.transfer + self.hold + self.mint
    }
}

impl FromStr for Mix {
    type Err = String;

    /// `transfer=90,hold=5,mint=5`; what is not named has no share.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut mix = Self {
            transfer: 0,
            hold: 0,
            mint: 0,
        };
        for part in text.split(',') {
            let (kind, share) = part
                .split_once('=')
                .ok_or("write transfer=90,hold=5,mint=5")?;
            let share = share.parse().ok().filter(|share| *share <= 1_000);
            let share = share.ok_or_else(|| format!("{part}: a share is a number up to 1000"))?;
            match kind {
                "transfer" => mix.transfer = share,
                "hold" => mix.hold = share,
                "mint" => mix.mint = share,
                _ => return Err(format!("{kind}: the kinds are transfer, hold, mint")),
            }
        }
        if mix.total() == 0 {
            return Err("every share is zero".into());
        }
        Ok(mix)
    }
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Load {
    /// Node to drive; one of its own, in a temporary folder, if absent.
    pub url: Option<String>,
    /// Transactions a second; 0 is as fast as the node takes them.
    pub rate: u64,
    /// How long.
    pub duration: Duration,
    /// Most requests altogether.
    pub count: u64,
    /// HTTP connections.
    pub connections: usize,
    /// Requests of a JSON-RPC batch.
    pub batch: usize,
    /// Token accounts.
    pub accounts: usize,
    /// Those of them that sign.
    pub signers: usize,
    /// What is sent.
    pub mix: Mix,
    /// Hostile requests among a thousand.
    pub hostile: u32,
    /// Connections that ask for balances meanwhile.
    pub queries: usize,
    /// Transactions that are sent and not durable, at most.
    pub in_flight: usize,
    /// Requests that are made ahead, at most.
    pub prepared: usize,
    /// Where hashes and heights of durable transactions are written.
    pub acknowledgements: Option<PathBuf>,
    /// Decides what is sent.
    pub seed: u64,
}

/// What the connections count.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) sent: u64,
    pub(super) accepted: u64,
    /// Refusals of honest transactions, by code.
    pub(super) refused: BTreeMap<i32, u64>,
    /// Refusals of hostile requests, by kind and code.
    pub(super) repelled: BTreeMap<String, u64>,
    /// Hostile requests that were taken: none, if all is well.
    pub(super) taken: u64,
    /// From the moment a batch was due to its answer.
    pub(super) latency: Histogram<u64>,
}

/// What the connections share.
struct Shared {
    address: SocketAddr,
    queue: Mutex<mpsc::Receiver<Batch>>,
    follower: Arc<Follower>,
    counted: std::sync::Mutex<Counted>,
    number: AtomicU64,
    started: Instant,
    /// Time between two batches, if the rate is bounded.
    pace: Option<Duration>,
    end: Instant,
}

/// Runs a load.
///
/// # Errors
/// A node that cannot be reached or fails, hostile input that was taken, transactions that were
/// accepted and did not become durable.
pub fn run(context: &Context, load: &Load) -> Result<(), Failure> {
    context.tokio()?.block_on(async {
        let stop = signals()?;
        tokio::select! {
            ended = drive(context, load) => ended,
            () = stop => Err(Failure::failed("interrupted; a node of its own is stopped")),
        }
    })
}

async fn drive(context: &Context, load: &Load) -> Result<(), Failure> {
    let folder = tempfile::Builder::new()
        .prefix("weighhouse-bench-")
        .tempdir();
    let folder = folder
        .map_err(|error| Failure::fault(format!("cannot make a temporary folder: {error}")))?;
    let process = match &load.url {
        Some(_) => None,
        None => Some(Process::start(&Start::here(folder.path().join("node"))?).await?),
    };
    let url = match (&load.url, &process) {
        (Some(url), _) => url.clone(),
        (None, process) => process
            .as_ref()
            .map_or_else(String::new, |node| node.url().into()),
    };
    let address = loopback(&url)?;
    let session = Session::connect(&url, setup::unique()).await?;
    let bar = accounts_bar(context, load.accounts);
    let started = Instant::now();
    let (token, material) = setup::prepare(&session, (load.accounts, load.signers), &bar).await?;
    bar.finish_and_clear();
    let setup_seconds = started.elapsed().as_secs_f64();
    let follower = Follower::new(load.in_flight, acknowledgements(load)?)?;
    let websocket = Client::websocket(&session.live_url()).await?;
    let subject = Subject {
        address,
        prefix: session.prefix.clone(),
        token: token.text.to_string(),
        accounts: (load.signers, load.accounts),
    };
    let following = Arc::clone(&follower).follow(session.client.clone(), websocket);
    let following = tokio::spawn(following);
    let queue = fill(Arc::new(material), load).await;
    let usage = || process.as_ref().map(|process| Usage::of(process.id()));
    let (before, stages) = (usage(), stages::read(address).await?);
    let shared = Arc::new(Shared::new(load, address, queue, Arc::clone(&follower))?);
    let askers = Askers::start(&subject, load.queries, shared.end);
    let sent_in = shared.send(load.connections, following).await?;
    let asked_in = sent_in.min(load.duration);
    let asked = askers.stop().await?;
    let after = usage();
    let stages = stages::between(&stages, &stages::read(address).await?);
    let figures = Figures {
        load,
        setup_seconds,
        sent_in,
        counted: &shared.counted(),
        durable: &follower.durable(),
        started: shared.started,
        asked: &asked,
        asked_in,
        stages: &stages,
        cpu_seconds: before
            .zip(after)
            .map(|(before, after)| after.cpu_seconds - before.cpu_seconds),
        resident_bytes_max: after.map(|after| after.resident_bytes_max),
    };
    report(&context.output, &figures)
}

/// The file of acknowledgements, if one is asked for.
fn acknowledgements(load: &Load) -> Result<Option<BufWriter<File>>, Failure> {
    let Some(path) = &load.acknowledgements else {
        return Ok(None);
    };
    let file = File::create(path).map_err(|error| {
        Failure::usage(format!("cannot write {}: {error}", path.display()))
            .help("name a file in a folder that exists and is writable")
    })?;
    Ok(Some(BufWriter::new(file)))
}

fn pace(load: &Load) -> Option<Duration> {
    let batch = u32::try_from(load.batch).unwrap_or(u32::MAX);
    (load.rate > 0).then(|| Duration::from_secs_f64(f64::from(batch) / rate(load.rate)))
}

/// A rate as a float: exact up to 2^32, which is more than any node takes.
fn rate(rate: u64) -> f64 {
    f64::from(u32::try_from(rate).unwrap_or(u32::MAX))
}

fn accounts_bar(context: &Context, accounts: usize) -> ProgressBar {
    let length = u64::try_from(accounts).unwrap_or_default();
    if context.output.shows_progress() {
        ProgressBar::new(length).with_message("accounts")
    } else {
        ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden())
    }
}

/// The address behind a URL; only this machine's own.
fn loopback(url: &str) -> Result<SocketAddr, Failure> {
    let refused = || {
        Failure::usage(format!("{url} is not a node on this machine"))
            .help("a load is only for loopback: http://127.0.0.1:PORT/rpc")
    };
    let rest = url.strip_prefix("http://").ok_or_else(refused)?;
    let host = rest.split('/').next().unwrap_or_default();
    let host = host.replace("localhost", "127.0.0.1");
    let address: SocketAddr = host.parse().map_err(|_| refused())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(refused())
    }
}

/// Starts the thread that makes batches and waits until the queue is full or nothing more is made.
async fn fill(material: Arc<Material>, load: &Load) -> mpsc::Receiver<Batch> {
    let room = (load.prepared / load.batch).max(load.connections);
    let (sender, receiver) = mpsc::channel(room);
    let batches = load.count / u64::try_from(load.batch).unwrap_or(u64::MAX).max(1);
    let mut generator =
        Generator::new(material, load.mix, load.hostile, load.seed, setup::unique());
    let done = Arc::new(AtomicBool::new(false));
    let (size, filled, told) = (load.batch, sender.clone(), Arc::clone(&done));
    std::thread::spawn(move || {
        for _ in 0..batches.max(1) {
            if sender.blocking_send(generator.batch(size)).is_err() {
                break;
            }
        }
        told.store(true, Ordering::SeqCst);
    });
    while filled.capacity() > 0 && !done.load(Ordering::SeqCst) {
        tokio::time::sleep(POLL).await;
    }
    receiver
}

impl Shared {
    fn new(
        load: &Load,
        address: SocketAddr,
        queue: mpsc::Receiver<Batch>,
        follower: Arc<Follower>,
    ) -> Result<Self, Failure> {
        let started = Instant::now();
        Ok(Self {
            address,
            queue: Mutex::new(queue),
            follower,
            counted: std::sync::Mutex::new(Counted {
                sent: 0,
                accepted: 0,
                refused: BTreeMap::new(),
                repelled: BTreeMap::new(),
                taken: 0,
                latency: histogram()?,
            }),
            number: AtomicU64::new(0),
            started,
            pace: pace(load),
            end: started + load.duration,
        })
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends over every connection, then waits until everything is durable; how long it sent.
    async fn send(
        self: &Arc<Self>,
        connections: usize,
        mut following: JoinHandle<Result<(), Failure>>,
    ) -> Result<Duration, Failure> {
        let failed = |error: JoinError| Failure::fault(format!("a task failed: {error}"));
        let mut open = JoinSet::new();
        for _ in 0..connections {
            open.spawn(Arc::clone(self).connection());
        }
        let work = async {
            while let Some(ended) = open.join_next().await {
                ended.map_err(failed)??;
            }
            let sent_in = self.started.elapsed();
            let drained = Instant::now();
            while !self.follower.durable().open.is_empty() && drained.elapsed() < DRAIN_MAX {
                tokio::time::sleep(POLL).await;
            }
            Ok(sent_in)
        };
        tokio::select! {
            sent_in = work => {
                following.abort();
                sent_in
            }
            ended = &mut following => {
                ended.map_err(failed)??;
                Err(Failure::failed("the node closed the connection that follows its blocks"))
            }
        }
    }

    /// Sends batches until the time is over or there are no more.
    async fn connection(self: Arc<Self>) -> Result<(), Failure> {
        let broken = |error: std::io::Error| {
            Failure::failed(format!("the connection to the node broke: {error}"))
        };
        let mut connection = Connection::open(self.address, "/rpc")
            .await
            .map_err(broken)?;
        loop {
            let next = self.queue.lock().await.recv().await;
            let Some(batch) = next else { return Ok(()) };
            let number = self.number.fetch_add(1, Ordering::SeqCst);
            let due = match self.pace {
                // Latency counts from when a batch was due, not from when there was time to send it.
                Some(pace) => self.started + pace.mul_f64(rate(number)),
                None => Instant::now(),
            };
            if due >= self.end || Instant::now() >= self.end {
                return Ok(());
            }
            tokio::time::sleep_until(due.into()).await;
            let honest = batch.items.iter().filter_map(|item| match item {
                Item::Honest(hash) => Some(*hash),
                Item::Hostile(_) => None,
            });
            let hashes: Vec<_> = honest.collect();
            let room = u32::try_from(hashes.len()).unwrap_or(u32::MAX);
            let permits = self.follower.room.acquire_many(room).await;
            // Given back one by one as transactions become durable.
            permits
                .map_err(|error| Failure::fault(error.to_string()))?
                .forget();
            let due = if self.pace.is_some() {
                due
            } else {
                Instant::now()
            };
            self.follower.expect(hashes.into_iter(), due);
            let answer = connection.post(&batch.body).await.map_err(broken)?;
            self.read(&batch, answer, due)?;
        }
    }

    fn read(&self, batch: &Batch, answer: &[u8], due: Instant) -> Result<(), Failure> {
        let answers: Vec<Answer> = serde_json::from_slice(answer).map_err(|error| {
            let text = String::from_utf8_lossy(answer.get(..200).unwrap_or(answer)).into_owned();
            Failure::failed(format!(
                "the node's answer to a batch is not understood: {error}"
            ))
            .detail(text)
        })?;
        let latency = due.elapsed();
        let mut counted = self.counted();
        for answer in answers {
            let item = usize::try_from(answer.id.unwrap_or(u64::MAX)).ok();
            let Some(item) = item.and_then(|item| batch.items.get(item)) else {
                return Err(Failure::failed(
                    "the node answered to a request that was not sent",
                ));
            };
            counted.sent += 1;
            match (item, &answer.result, &answer.error) {
                (Item::Honest(_), Some(_), _) => {
                    counted.accepted += 1;
                    record(&mut counted.latency, latency);
                }
                (Item::Honest(hash), None, error) => {
                    let code = error.as_ref().map_or(0, |error| error.code);
                    *counted.refused.entry(code).or_default() += 1;
                    self.follower.forget(hash);
                }
                (Item::Hostile(kind), Some(result), _) => {
                    let known = result.status == SubmittedAs::Known;
                    counted.taken += u64::from(!known);
                    *counted
                        .repelled
                        .entry(format!("{kind:?} known"))
                        .or_default() += 1;
                }
                (Item::Hostile(kind), None, error) => {
                    let code = error.as_ref().map_or(0, |error| error.code);
                    *counted
                        .repelled
                        .entry(format!("{kind:?} {code}"))
                        .or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

/// One answer of a batch, as far as it is needed.
#[derive(Deserialize)]
struct Answer {
    id: Option<u64>,
    result: Option<Taken>,
    error: Option<Refused>,
}

#[derive(Deserialize)]
struct Taken {
    status: SubmittedAs,
}

#[derive(Deserialize)]
struct Refused {
    code: i32,
}

/// What a process has used, where the operating system says so.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    cpu_seconds: f64,
    resident_bytes_max: u64,
}

impl Usage {
    fn of(process: u32) -> Self {
        let read = |file| std::fs::read_to_string(format!("/proc/{process}/{file}"));
        let status = read("status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
        // Behind the name in parentheses: user and system time are fields 14 and 15, in hundredths.
        let stat = read("stat").unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks = ticks
            .filter_map(|text| text.parse::<u32>().ok())
            .sum::<u32>();
        Self {
            cpu_seconds: f64::from(ticks) / 100.0,
            resident_bytes_max: peak.unwrap_or_default().saturating_mul(1_024),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: shares are read, nonsense is refused.
    #[test]
    fn mixes_are_read() {
        let mix: Mix = "transfer=90,mint=10".parse().unwrap();
        assert_eq!((mix.transfer, mix.hold, mix.mint), (90, 0, 10));
        for wrong in [
            "",
            "transfer",
            "transfer=x",
            "burn=1",
            "transfer=0",
            "mint=1001",
        ] {
            assert!(wrong.parse::<Mix>().is_err(), "{wrong}");
        }
    }

    /// Goal: a load goes to this machine only.
    #[test]
    fn only_loopback() {
        assert!(loopback("http://127.0.0.1:8735/rpc").is_ok());
        assert!(loopback("http://localhost:8735").is_ok());
        for wrong in [
            "http://10.0.0.1:8735/rpc",
            "https://127.0.0.1:1",
            "http://example.org:80",
        ] {
            assert!(loopback(wrong).is_err(), "{wrong}");
        }
    }
}
