//! The state behind every method, and the ways to run one.
//!
//! | work | runs on |
//! |---|---|
//! | answers from memory, checking a transaction | the server's own threads |
//! | checking signatures | [`Prover`]: many at once |
//! | look-ups that may touch the disk | tokio's blocking threads |
//! | short queries | where they arrive, if that thread has the stack for it ([`workers::here`]) |
//! | everything else that runs contracts | [`Workers`]: few threads with a large stack, bounded queue |

use super::backend::{Develop, Submit};
use super::clients::{self, Client, Lanes};
use super::cost;
use super::feed::Feed;
use super::prover::Prover;
use super::workers::{self, Workers};
use crate::codec::Codec;
use crate::error::{ErrorBody, internal};
use crate::types::{AddressText, At};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Address, CodeHash, Height};
use weighhouse_runtime::Reader;
use weighhouse_runtime::reader::CodeInfo;

/// The state behind every method; cheap to clone.
#[derive(Clone)]
pub(crate) struct Service(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) reader: Reader,
    pub(crate) submit: Arc<dyn Submit>,
    pub(crate) develop: Option<Arc<dyn Develop>>,
    pub(crate) feed: Feed,
    pub(crate) codec: Codec,
    pub(crate) genesis: GenesisHash,
    pub(crate) workers: Workers,
    pub(crate) lanes: Lanes,
    pub(crate) prover: Prover,
    pub(crate) started: Instant,
    pub(crate) version: String,
    pub(crate) snapshots: Mutex<BTreeMap<u64, Height>>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl Service {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.0.reader
    }

    pub(crate) fn codec(&self) -> &Codec {
        &self.0.codec
    }

    pub(crate) fn submit(&self) -> &dyn Submit {
        &*self.0.submit
    }

    /// Runs a look-up that may touch the disk.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Self) -> Result<T, ErrorBody> + Send + 'static,
    ) -> Result<T, ErrorBody> {
        let this = self.clone();
        let asking = clients::current();
        let owe = |client: &Client, took| client.owe(cost::of_work(took));
        let look = move || worked(asking.as_deref(), owe, || look(&this));
        let done = tokio::task::spawn_blocking(look);
        done.await.unwrap_or_else(|error| Err(internal(&error)))
    }

    /// Runs a contract at once, for a client whose contracts take little; `None` if it has to be run as
    /// others are.
    pub(crate) fn at_once<T>(
        &self,
        job: impl FnOnce(&Self) -> Result<Option<T>, ErrorBody>,
    ) -> Result<Option<T>, ErrorBody> {
        let asking = clients::current();
        if asking.as_ref().is_some_and(|client| !client.is_cheap()) {
            return Ok(None);
        }
        workers::here(|| worked(asking.as_deref(), Client::ran, || job(self)))
    }

    /// Runs something that runs contracts.
    pub(crate) async fn execute<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Self) -> Result<T, ErrorBody> + Send + 'static,
    ) -> Result<T, ErrorBody> {
        let this = self.clone();
        let asking = clients::current();
        let charged = asking.clone();
        // One client's contracts wait for each other, so that others find a thread.
        let turn = match &asking {
            Some(client) => Some(client.turn(&self.0.lanes).await),
            None => None,
        };
        let job = move || {
            // Given back when the job has run, whether or not its client still waits for it.
            let _turn = turn;
            worked(charged.as_deref(), Client::ran, || job(&this))
        };
        self.0.workers.run(job).await
    }

    /// Reads an address.
    pub(crate) fn address(&self, path: &str, text: &AddressText) -> Result<Address, ErrorBody> {
        let parsed = self.codec().prefix().parse(&text.0);
        parsed.map_err(|error| ErrorBody::address(path, error))
    }

    /// Reads an address that may be left out.
    pub(crate) fn address_option(
        &self,
        path: &str,
        text: Option<&AddressText>,
    ) -> Result<Option<Address>, ErrorBody> {
        text.map(|text| self.address(path, text)).transpose()
    }

    /// What a contract's code says of itself.
    pub(crate) fn info(
        &self,
        contract: &Address,
        at: Option<Height>,
    ) -> Result<(CodeHash, Arc<CodeInfo>), ErrorBody> {
        let (_, record) = self.reader().contract(contract, at)?;
        Ok((record.code, self.reader().code_info(&record.code)?))
    }

    /// The code that is named directly or by a contract.
    pub(crate) fn code_of(
        &self,
        address: Option<&AddressText>,
        code: Option<CodeHash>,
    ) -> Result<(CodeHash, Arc<CodeInfo>), ErrorBody> {
        match (address, code) {
            (Some(address), None) => self.info(&self.address("address", address)?, None),
            (None, Some(code)) => Ok((code, self.reader().code_info(&code)?)),
            _ => Err(ErrorBody::params(
                "params",
                "either address or code_hash",
                "both or neither",
            )),
        }
    }
}

/// Does work, and tells its client how much processor time it took.
fn worked<T>(
    client: Option<&Client>,
    tell: impl FnOnce(&Client, Duration),
    work: impl FnOnce() -> T,
) -> T {
    let Some(client) = client.filter(|client| client.is_limited()) else {
        return work();
    };
    let (started, before) = (Instant::now(), processor_time());
    let done = work();
    let waited = started.elapsed();
    let took = match (before, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before).min(waited),
        _ => waited,
    };
    tell(client, took);
    done
}

/// Time that a processor spent on this thread, where the system says so: others may have had it meanwhile.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// The height asked for, `None` for the latest.
pub(crate) fn height(at: Option<At>) -> Option<Height> {
    at.unwrap_or_default().height()
}
