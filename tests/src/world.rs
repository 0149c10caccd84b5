//! A chain with a block clock, driven from a test.
//!
//! The chain lives on a thread with the executor's stack, as in the node; the test talks to it by
//! closures. Time moves only when the test says so.

use crate::account::Account;
use crate::contract::Contract;
use parity_scale_codec::Encode;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use weighhouse_primitives::{
    Action, Address, CodeHash, Gas, Hash, Outcome, Payload, Receipt, Timestamp, Transaction, abi,
};
use weighhouse_runtime::admission::Admitted;
use weighhouse_runtime::reader::{Answer, Query};
use weighhouse_runtime::{
    Chain, Committed, Genesis, Proposal, Reader, Rejection, Settings, limits,
};

/// Block time at which every world starts: 2026-01-12 06:00 UTC.
pub const START: Timestamp = Timestamp(1_768_197_600);

/// Gas limit of transactions unless the test says otherwise.
pub const GAS: Gas = Gas(50_000_000);

type Job = Box<dyn FnOnce(&mut Chain) + Send>;

/// A chain with a block clock.
#[derive(Debug)]
pub struct World {
    /// Everything that reads.
    pub reader: Reader,
    /// Time of the next block.
    pub time: Timestamp,
    nonce: u64,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// A development network in memory.
    #[must_use]
    pub fn new() -> Self {
        Self::open(Genesis::development(START), Settings::memory())
    }

    /// A chain from `genesis`, kept where `settings` say.
    ///
    /// # Panics
    /// If it cannot be opened.
    #[must_use]
    pub fn open(genesis: Genesis, settings: Settings) -> Self {
        let (jobs, queue) = channel::<Job>();
        let (opened, reader) = channel();
        let thread = std::thread::Builder::new()
            .stack_size(limits::EXECUTOR_STACK_BYTES)
            .spawn(move || {
                let mut chain = Chain::open(genesis, settings).expect("the chain opens");
                opened.send(chain.reader()).expect("the test waits");
                while let Ok(job) = queue.recv() {
                    job(&mut chain);
                }
            })
            .expect("a thread starts");
        let reader: Reader = reader.recv().expect("the chain opens");
        let time = reader.head().time;
        Self {
            reader,
            time,
            nonce: 0,
            jobs: Some(jobs),
            thread: Some(thread),
        }
    }

    /// Runs `work` on the chain's thread.
    ///
    /// # Panics
    /// If the chain's thread ended.
    pub fn on_chain<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Chain) -> T + Send + 'static,
    ) -> T {
        let (answer, result) = channel();
        let job: Job = Box::new(move |chain| drop(answer.send(work(chain))));
        self.jobs
            .as_ref()
            .expect("open")
            .send(job)
            .expect("the chain's thread runs");
        result.recv().expect("the chain's thread finished the work")
    }

    /// Moves the clock of the next block.
    pub const fn advance(&mut self, seconds: u64) {
        self.time = self.time.saturating_add(seconds);
    }

    /// A payload with a fresh nonce, valid for an hour.
    pub fn payload(&mut self, signer: &Address, action: Action) -> Payload {
        self.nonce += 1;
        Payload {
            chain: self.reader.genesis().hash(),
            signer: *signer,
            nonce: self.nonce,
            valid_until: self.time.saturating_add(3_600),
            gas_limit: GAS,
            action,
        }
    }

    /// Admission of a signed transaction at the latest state.
    ///
    /// # Errors
    /// The rejection.
    ///
    /// # Panics
    /// On a fault.
    pub fn admit(&self, transaction: &Transaction) -> Result<Admitted, Rejection> {
        self.reader.set_pending_time(self.time);
        self.reader.check(&transaction.encode()).expect("no fault")
    }

    /// Puts admitted transactions into the next block.
    ///
    /// # Panics
    /// On a fault.
    pub fn block(&mut self, candidates: Vec<Admitted>) -> (Arc<Committed>, Proposal) {
        let time = self.time;
        self.on_chain(move |chain| {
            let proposal = chain.propose(time, candidates).expect("no fault");
            (chain.commit().expect("no fault"), proposal)
        })
    }

    /// Signs `action`, executes it in a block of its own, returns the receipt.
    ///
    /// # Panics
    /// If it is not admitted or left out.
    pub fn act(&mut self, signer: &Account, action: Action) -> Receipt {
        let payload = self.payload(&signer.address, action);
        self.send(&signer.sign(payload))
    }

    /// Executes a signed transaction in a block of its own.
    ///
    /// # Panics
    /// If it is not admitted or left out.
    pub fn send(&mut self, transaction: &Transaction) -> Receipt {
        let admitted = self.admit(transaction).expect("admitted");
        let (committed, proposal) = self.block(vec![admitted]);
        assert!(
            proposal.dropped.is_empty(),
            "left out: {:?}",
            proposal.dropped
        );
        committed
            .receipts
            .first()
            .cloned()
            .expect("TX-2: one receipt for one transaction")
    }

    /// Uploads code.
    ///
    /// # Panics
    /// If it is refused.
    pub fn upload(&mut self, signer: &Account, wasm: &[u8]) -> CodeHash {
        let code = wasm.to_vec();
        let mut payload = self.payload(&signer.address, Action::Upload { code });
        payload.gas_limit = Gas(limits::TX_GAS_MAX);
        let receipt = self.send(&signer.sign(payload));
        assert!(
            receipt.outcome.is_success(),
            "upload: {:?}",
            receipt.outcome
        );
        CodeHash(Hash::of(wasm))
    }

    /// Uploads the artefact `name`, deploys it with `constructor(arguments)`.
    ///
    /// # Panics
    /// If it is refused.
    pub fn deploy(
        &mut self,
        signer: &Account,
        name: &str,
        constructor: &str,
        arguments: &impl Encode,
    ) -> Contract {
        self.deploy_module(signer, crate::artifact(name), constructor, arguments)
    }

    /// Uploads a module, deploys it with `constructor(arguments)`.
    ///
    /// # Panics
    /// If it is refused.
    pub fn deploy_module(
        &mut self,
        signer: &Account,
        wasm: &[u8],
        constructor: &str,
        arguments: &impl Encode,
    ) -> Contract {
        let code = self.upload(signer, wasm);
        self.nonce += 1;
        let mut salt = Hash::ZERO;
        salt.0[..8].copy_from_slice(&self.nonce.to_le_bytes());
        let input = input(constructor, arguments);
        let admin = Some(signer.address);
        let receipt = self.act(
            signer,
            Action::Deploy {
                code,
                salt,
                admin,
                input,
            },
        );
        assert!(
            receipt.outcome.is_success(),
            "deployment: {:?}",
            receipt.outcome
        );
        let address = Address::of_contract(&signer.address, &code, &salt);
        crate::note::call(self, address, constructor, &receipt);
        Contract { address }
    }

    /// Puts a module without a constructor in place of a bond, which has one; the contract.
    ///
    /// # Panics
    /// If it is refused.
    pub fn put(&mut self, signer: &Account, wasm: &[u8]) -> Contract {
        let code = self.upload(signer, wasm);
        let contract = self.deploy(signer, "bond", "open", &1u128);
        let upgrade = Action::Upgrade {
            contract: contract.address,
            code,
            input: Vec::new(),
        };
        let receipt = self.act(signer, upgrade);
        assert!(
            receipt.outcome.is_success(),
            "upgrade: {:?}",
            receipt.outcome
        );
        contract
    }

    /// A read-only call at the latest state, on the chain's thread.
    ///
    /// # Panics
    /// On a fault.
    #[must_use]
    pub fn ask(&self, contract: Address, caller: Address, input: Vec<u8>) -> Answer {
        let (reader, now) = (self.reader.clone(), self.time);
        self.on_chain(move |_| {
            reader.set_pending_time(now);
            let gas_limit = Gas(limits::QUERY_GAS_MAX);
            reader
                .query(&Query {
                    contract,
                    input,
                    caller,
                    at: None,
                    gas_limit,
                })
                .expect("no fault")
        })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// `selector ‖ SCALE(arguments)`; a tuple of arguments encodes as its members in order.
#[must_use]
pub fn input(entry_point: &str, arguments: &impl Encode) -> Vec<u8> {
    let mut bytes = abi::selector(entry_point).encode();
    arguments.encode_to(&mut bytes);
    bytes
}

/// True outcomes only: the data of a success.
///
/// # Panics
/// On any other outcome.
#[must_use]
pub fn succeeded(outcome: &Outcome) -> &[u8] {
    match outcome {
        Outcome::Succeeded { data } => data,
        other => panic!("expected success, got {other:?}"),
    }
}
