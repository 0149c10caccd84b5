//! Events over WebSocket, counted, through the death of the node and beyond.

use crate::output::Failure;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use weighhouse_rpc::api::event::{EventMessage, EventSubscribe};
use weighhouse_rpc::client::{CallError, Client};
use weighhouse_rpc::types::{AddressText, EventItem};

/// How often the count is looked at.
const POLL: Duration = Duration::from_millis(5);

/// What was heard.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Number of events by name.
    pub names: BTreeMap<String, u64>,
    /// Events that came not strictly after the one before: lost order, or repeated.
    pub disordered: u64,
    /// Times that this side was too slow and resumed.
    pub lagged: u64,
    /// Connections made.
    pub connections: u64,
    last: Option<(u64, u32, u32)>,
    cursor: Option<String>,
}

impl Heard {
    /// Number of events.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.names.values().sum()
    }

    fn hear(&mut self, event: EventItem) {
        let place = (event.height.0, event.tx_index, event.index);
        if self.last.is_some_and(|last| last >= place) {
            self.disordered += 1;
        }
        self.last = Some(place);
        let name = event.name.unwrap_or_else(|| event.kind.to_string());
        *self.names.entry(name).or_default() += 1;
        self.cursor = Some(event.cursor);
    }
}

/// A listener to the events of one contract.
#[derive(Debug)]
pub struct Watch {
    contract: AddressText,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Starts listening; events before this are not heard.
    ///
    /// # Errors
    /// If the node does not take the subscription.
    pub async fn start(url: &str, contract: AddressText) -> Result<Self, Failure> {
        let heard = Arc::default();
        let task = listen(url, &contract, &heard).await?;
        Ok(Self {
            contract,
            heard,
            task,
        })
    }

    /// Listens again, at another node or the same, strictly after what was heard last.
    ///
    /// # Errors
    /// As [`Watch::start`].
    pub async fn resume(&mut self, url: &str) -> Result<(), Failure> {
        self.task.abort();
        self.task = listen(url, &self.contract, &self.heard).await?;
        Ok(())
    }

    /// What was heard until now.
    #[must_use]
    pub fn heard(&self) -> Heard {
        lock(&self.heard).clone()
    }

    /// What was heard once it is `count` events, or `patience` is over.
    pub async fn until(&self, count: u64, patience: Duration) -> Heard {
        let started = Instant::now();
        loop {
            let heard = self.heard();
            if heard.count() >= count || started.elapsed() >= patience {
                return heard;
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Subscribes; the task goes on until the connection ends, resuming when it was too slow.
async fn listen(
    url: &str,
    contract: &AddressText,
    heard: &Arc<Mutex<Heard>>,
) -> Result<JoinHandle<()>, CallError> {
    let client = Client::websocket(url).await?;
    let filter = |cursor| EventSubscribe {
        contract: Some(contract.clone()),
        name: None,
        fields: None,
        resume_cursor: cursor,
    };
    let cursor = lock(heard).cursor.clone();
    let mut stream = client.event_subscribe(&filter(cursor)).await?;
    lock(heard).connections += 1;
    let (heard, again) = (Arc::clone(heard), filter(None));
    Ok(tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            match message {
                EventMessage::Event(event) => lock(&heard).hear(event),
                EventMessage::Lagged { resume_cursor } => {
                    lock(&heard).lagged += 1;
                    let filter = EventSubscribe {
                        resume_cursor: Some(resume_cursor),
                        ..again.clone()
                    };
                    match client.event_subscribe(&filter).await {
                        Ok(next) => stream = next,
                        Err(_) => return,
                    }
                }
            }
        }
    }))
}
