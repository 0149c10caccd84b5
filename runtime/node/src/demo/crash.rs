//! The node is killed while transactions are in flight.

use super::account::{Account, Signed};
use super::process::Process;
use super::session::{Session, Terms};
use super::token::Token;
use crate::output::Failure;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use weighhouse_rpc::types::HashHex;

/// Clients that send at the same time.
const CLIENTS: usize = 4;
/// Transactions that a client has in flight.
const IN_FLIGHT: usize = 25;
/// Acknowledgements after which the node may die.
const ENOUGH: usize = 400;
/// Longest wait for that many.
const PATIENCE: Duration = Duration::from_secs(60);

/// Height and place in the block.
pub(super) type Place = (u64, u32);

/// What was sent, and what was acknowledged, until the node died.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// Everything that was sent, or about to be.
    pub(super) sent: Vec<Signed>,
    /// What the node called durable, and where.
    pub(super) acknowledged: BTreeMap<HashHex, Place>,
}

impl Flight {
    /// Number of transactions that were sent and not acknowledged.
    pub(super) fn open(&self) -> usize {
        self.sent.len().saturating_sub(self.acknowledged.len())
    }
}

/// What the clients share.
struct Shared {
    session: Arc<Session>,
    token: Token,
    accounts: Arc<Vec<Account>>,
    terms: Terms,
    next: AtomicUsize,
    flight: Mutex<Flight>,
}

impl Shared {
    fn flight(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A transfer to the next in the circle. Of nothing: it succeeds in any order, and is an event.
    fn transfer(&self) -> Result<Signed, Failure> {
        let count = self.accounts.len();
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let at = |index: usize| self.accounts.get(index % count);
        let (Some(from), Some(to)) = (at(index), at(index + 1)) else {
            return Err(Failure::fault("there are no accounts"));
        };
        let args = json!({ "to": self.session.text(&to.address), "amount": "0", "memo": null });
        let call = ("transfer", &args);
        let payload = self.token.payload(&self.session, from, call, self.terms)?;
        Ok(from.sign(payload))
    }

    /// Sends and waits, until the node is gone.
    async fn client(self: Arc<Self>) -> Result<(), Failure> {
        loop {
            let batch: Result<Vec<Signed>, Failure> =
                (0..IN_FLIGHT).map(|_| self.transfer()).collect();
            let batch = batch?;
            self.flight().sent.extend_from_slice(&batch);
            let Ok(answers) = self.session.submit(&batch).await else {
                return Ok(());
            };
            for answer in answers {
                answer?;
            }
            let Ok(statuses) = self.session.wait(&batch).await else {
                return Ok(());
            };
            for status in statuses {
                let status = status?;
                if let Some(block) = status.block {
                    let place = (block.height.0, block.index);
                    self.flight().acknowledged.insert(status.hash, place);
                }
            }
        }
    }
}

/// Sends transfers from several clients and kills the node among them.
pub(super) async fn fly_and_kill(
    session: &Arc<Session>,
    token: &Token,
    accounts: &Arc<Vec<Account>>,
    terms: Terms,
    (process, pause): (&mut Process, Duration),
) -> Result<Flight, Failure> {
    let shared = Arc::new(Shared {
        session: Arc::clone(session),
        token: token.clone(),
        accounts: Arc::clone(accounts),
        terms,
        next: AtomicUsize::new(0),
        flight: Mutex::default(),
    });
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(Arc::clone(&shared).client());
    }
    let enough = async {
        while shared.flight().acknowledged.len() < ENOUGH {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(pause).await;
    };
    let waited = tokio::time::timeout(PATIENCE, enough).await;
    process.kill()?;
    while let Some(ended) = clients.join_next().await {
        ended.map_err(|error| Failure::fault(format!("a client failed: {error}")))??;
    }
    waited.map_err(|_| Failure::failed("the node acknowledged too little in 60 s"))?;
    let mut flight = shared.flight();
    Ok(std::mem::take(&mut *flight))
}
