//! A whole solo node over a simulated disk and clock: producer, chain, log, store.

use crate::disk::Disk;
use crate::store::{Model, Place};
use parity_scale_codec::{Decode, Encode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use weighhouse_node::block_mode::BlockMode;
use weighhouse_node::clock::{Clock, SettableClock};
use weighhouse_node::pool::Limits;
use weighhouse_node::solo::{Happening, Producer, ProducerError, Setup};
use weighhouse_primitives::{
    Action, Address, Amount, Authorization, Gas, Outcome, Payload, Timestamp, Transaction,
};
use weighhouse_runtime::log::LogSettings;
use weighhouse_runtime::reader::Query;
use weighhouse_runtime::{
    Admitted, Committed, Fault, Genesis, Reader, Rejection, Settings, Vm, limits,
};
use weighhouse_testkit::world::{START, input};

/// A clock that stands until it is moved.
#[derive(Clone, Debug)]
pub(crate) struct SimClock(Arc<AtomicU64>);

impl SimClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(START.0)))
    }

    pub(crate) fn set(&self, time: Timestamp) {
        self.0.store(time.0, Ordering::SeqCst);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// What nodes of one seed have in common: they are the same node, started again.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) disk: Disk,
    /// The model of a store, if it is not redb.
    pub(crate) model: Option<Model>,
    pub(crate) sizes: LogSettings,
    pub(crate) clock: SimClock,
    pub(crate) machine: Arc<Vm>,
}

impl Ground {
    /// Settings of a chain on this disk, by a process that starts now.
    pub(crate) fn settings(&self) -> Settings {
        let place = Place::new(&self.disk, self.model.clone(), self.sizes);
        Settings {
            storage: Some(Arc::new(place)),
            ..self.settings_in_memory()
        }
    }

    /// Settings of a chain that has nothing, to replay blocks.
    pub(crate) fn settings_in_memory(&self) -> Settings {
        Settings {
            store_cache_bytes: 1 << 16,
            read_cache_bytes: 1 << 16,
            machine: Some(Arc::clone(&self.machine)),
            ..Settings::memory()
        }
    }
}

/// A running node.
#[derive(Debug)]
pub(crate) struct Node {
    producer: Producer,
    told: Arc<Mutex<Vec<Arc<Committed>>>>,
    runtime: Arc<tokio::runtime::Runtime>,
}

impl Node {
    /// Starts the node that left what is on the disk.
    pub(crate) fn start(
        ground: &Ground,
        runtime: &Arc<tokio::runtime::Runtime>,
    ) -> Result<Self, Fault> {
        let told: Arc<Mutex<Vec<Arc<Committed>>>> = Arc::default();
        let teller = Arc::clone(&told);
        let producer = Producer::start(Setup {
            genesis: Genesis::development(START),
            chain: ground.settings(),
            pool: Limits::default(),
            blocks: BlockMode::Manual,
            clock: Arc::new(SettableClock::over(ground.clock.clone())),
            watcher: Box::new(move |happening: &Happening| {
                if let Happening::Committed(committed) = happening {
                    let mut told = teller.lock().unwrap_or_else(PoisonError::into_inner);
                    told.push(Arc::clone(committed));
                }
            }),
            reserve_bytes: 0,
            consensus: None,
        })?;
        Ok(Self {
            producer,
            told,
            runtime: Arc::clone(runtime),
        })
    }

    pub(crate) fn reader(&self) -> &Reader {
        self.producer.reader()
    }

    /// Blocks that were told to be durable since the last time.
    pub(crate) fn take_told(&self) -> Vec<Arc<Committed>> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a client does: admission, then the pool.
    pub(crate) fn submit(&self, bytes: &[u8]) -> Result<Submitted, Fault> {
        let admitted: Admitted = match self.reader().check(bytes)? {
            Ok(admitted) => admitted,
            Err(rejection) => return Ok(Submitted::Rejected(rejection)),
        };
        Ok(match self.producer.add(admitted, None) {
            Ok(_) => Submitted::Accepted,
            Err(refused) => Submitted::Refused(refused),
        })
    }

    /// Makes one block of what waits.
    pub(crate) fn mine(&self) -> Result<(), ProducerError> {
        self.runtime.block_on(self.producer.mine(1)).map(|_| ())
    }

    /// Ends the process; what it does to the disk meanwhile counts, unless the disk has left it behind.
    pub(crate) fn end(self) {
        self.producer.stop();
        self.runtime.block_on(self.producer.ended());
    }

    pub(crate) fn is_halted(&self) -> bool {
        self.producer.halted().is_some()
    }

    /// Asks a contract for an amount.
    pub(crate) fn ask(
        &self,
        contract: Address,
        entry_point: &str,
        arguments: &impl Encode,
    ) -> Result<u128, String> {
        let answer = self.reader().query(&Query {
            contract,
            input: input(entry_point, arguments),
            caller: Address::ZERO,
            at: None,
            gas_limit: Gas(limits::QUERY_GAS_MAX),
        });
        match answer.map_err(|error| error.to_string())?.outcome {
            Outcome::Succeeded { data } => Amount::decode(&mut &*data)
                .map(|amount| amount.0)
                .map_err(|error| error.to_string()),
            other => Err(format!("{other:?}")),
        }
    }
}

/// What became of a submission.
#[derive(Debug)]
pub(crate) enum Submitted {
    Accepted,
    Rejected(Rejection),
    Refused(ProducerError),
}

/// A transaction of a development network, which needs no signature.
pub(crate) fn transaction(
    signer: Address,
    nonce: u64,
    valid_until: Timestamp,
    action: Action,
) -> Transaction {
    let gas_limit = match &action {
        Action::Upload { .. } => Gas(limits::TX_GAS_MAX),
        _ => Gas(3_000_000),
    };
    Transaction {
        payload: Payload {
            chain: Genesis::development(START).hash(),
            signer,
            nonce,
            valid_until,
            gas_limit,
            action,
        },
        authorization: Authorization::Development,
    }
}
