//! A chain to measure on: the real executor over sled, whose caches are too small for what is stored.

use super::host::{self, SIGNATURES};
use super::module::{self, Class, OPEN, Which};
use crate::bench::ground::{Ground, broken, succeeded};
use crate::output::Failure;
use ed25519_zebra::{SigningKey, VerificationKey};
use parity_scale_codec::Encode;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use weighhouse_primitives::abi::selector;
use weighhouse_primitives::transaction::KeySignature;
use weighhouse_primitives::{
    Action, Address, Authorization, Hash, KeyPolicy, PublicKey, Receipt, Signature, Transaction,
};
use weighhouse_runtime::admission::Admitted;
use weighhouse_runtime::{Settings, limits};

/// Bytes of the store's own cache: far fewer than are stored.
const STORE_CACHE_BYTES: u64 = 4 << 20;
/// Bytes of the read cache above it.
const READ_CACHE_BYTES: u64 = 1 << 20;

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) gas: u64,
    pub(super) time: Duration,
}

impl Run {
    fn of(receipts: &[Receipt], time: Duration) -> Self {
        let gas = receipts.iter().map(|receipt| receipt.gas_used.0).sum();
        Self { gas, time }
    }
}

/// The chain.
#[derive(Debug)]
pub(super) struct Bed {
    ground: Ground,
    signer: Address,
    seed: u32,
    /// The contract whose code each class replaces; its storage stays.
    subject: Address,
    /// What classes find in their memory.
    data: Vec<u8>,
    filled: bool,
    // Removed when everything above is closed.
    _folder: TempDir,
}

impl Bed {
    /// A chain with the contracts that classes work with.
    ///
    /// # Errors
    /// No folder, or a chain that fails.
    pub(super) fn open() -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("weighhouse-gas-").tempdir();
        let folder = folder
            .map_err(|error| Failure::fault(format!("cannot make a temporary folder: {error}")))?;
        let mut ground = Ground::open(Settings {
            store_cache_bytes: STORE_CACHE_BYTES,
            read_cache_bytes: READ_CACHE_BYTES,
            ..Settings::folder(folder.path().join("chain"))
        })?;
        let signer = Address(Hash::of(b"gas").0);
        let mut deploy = |wasm: &[u8]| ground.deploy(&signer, wasm, selector(OPEN).encode());
        let callees = [deploy(&module::callee(1))?, deploy(&module::callee(64))?];
        let data = constants(&callees);
        let subject = deploy(&module::module(&Class::new("", "nothing", 1), &data))?;
        Ok(Self {
            ground,
            signer,
            seed: 1,
            subject,
            data,
            filled: false,
            _folder: folder,
        })
    }

    /// Fills the contract's storage, unless it is.
    ///
    /// # Errors
    /// A chain that fails.
    pub(super) fn fill(&mut self) -> Result<(), Failure> {
        if self.filled {
            return Ok(());
        }
        for (filler, rounds, keys) in host::fillers() {
            self.put(&filler)?;
            let times = keys.cast_unsigned().div_ceil(rounds);
            for time in 0..times {
                let call = self.call(Which::With, (rounds, time * rounds), 0);
                self.ground.act(&self.signer, call)?;
            }
        }
        self.filled = true;
        Ok(())
    }

    /// Makes the contract run this class.
    ///
    /// # Errors
    /// A chain that fails.
    pub(super) fn put(&mut self, class: &Class) -> Result<(), Failure> {
        let wasm = module::module(class, &self.data);
        let upgrade = Action::Upgrade {
            code: self.ground.upload(&self.signer, &wasm)?,
            contract: self.subject,
            input: Vec::new(),
        };
        self.ground.act(&self.signer, upgrade)
    }

    /// Runs the class that was put, `rounds` times in each transaction.
    ///
    /// # Errors
    /// A chain that fails, a contract that does not succeed.
    pub(super) fn run(&mut self, class: &Class, which: Which, rounds: u32) -> Result<Run, Failure> {
        let gas = limits::BLOCK_GAS_MAX / u64::from(class.transactions.max(4));
        let mut block = Vec::new();
        for _ in 0..class.transactions {
            let call = self.call(which, (rounds, self.seed), class.input);
            self.seed = self.seed.wrapping_add(rounds);
            block.push(self.ground.admitted(&self.signer, call, gas));
        }
        let (run, receipts) = self.timed(class, block)?;
        succeeded(class.name, &receipts)?;
        Ok(run)
    }

    /// Runs the class that was put until all gas of a transaction is gone, or another limit stops it.
    ///
    /// # Errors
    /// A chain that fails.
    pub(super) fn run_out(&mut self, class: &Class) -> Result<Run, Failure> {
        let call = self.call(Which::With, (u32::MAX, self.seed), class.input);
        let gas = limits::TX_GAS_MAX;
        let block = vec![self.ground.admitted(&self.signer, call, gas)];
        Ok(self.timed(class, block)?.0)
    }

    /// Admits and executes `count` signed transactions, whose call does next to nothing, in a block that is
    /// committed and stored. The class that was put says what they call.
    ///
    /// # Errors
    /// A chain that fails.
    pub(super) fn transactions(&mut self, count: u32) -> Result<Run, Failure> {
        let sent = self.signed(count)?;
        let started = Instant::now();
        let mut block = Vec::new();
        for bytes in &sent {
            let checked = self.ground.reader.check(bytes);
            let refused =
                |rejection| Failure::fault(format!("a transaction is refused: {rejection}"));
            block.push(checked.map_err(|fault| broken(&fault))?.map_err(refused)?);
        }
        let receipts = self.ground.commit(block)?;
        let run = Run::of(&receipts, started.elapsed());
        succeeded("transactions", &receipts)?;
        Ok(run)
    }

    /// Signed transactions, encoded.
    fn signed(&mut self, count: u32) -> Result<Vec<Vec<u8>>, Failure> {
        let key = signing_key();
        let public = PublicKey::Ed25519(VerificationKey::from(&key).into());
        let policy = KeyPolicy::of(1, vec![public]);
        let policy = policy.ok_or_else(|| Failure::fault("one key is no policy"))?;
        let signer = Address::of_account(&policy);
        let mut sent = Vec::new();
        for _ in 0..count {
            let call = self.call(Which::With, (1, 0), 0);
            let payload = self.ground.payload(&signer, call, limits::TX_GAS_MAX / 4);
            let signature = Signature(key.sign(payload.hash().as_bytes()).into());
            let authorization = Authorization::Keys {
                policy: policy.clone(),
                signatures: vec![KeySignature { key: 0, signature }],
            };
            let transaction = Transaction {
                payload,
                authorization,
            };
            sent.push(transaction.encode());
        }
        Ok(sent)
    }

    fn timed(
        &mut self,
        class: &Class,
        block: Vec<Admitted>,
    ) -> Result<(Run, Vec<Receipt>), Failure> {
        let started = Instant::now();
        let receipts = if class.durable {
            self.ground.commit(block)?
        } else {
            self.ground.verify(block)?
        };
        Ok((Run::of(&receipts, started.elapsed()), receipts))
    }

    fn call(&self, which: Which, (rounds, seed): (u32, u32), more: usize) -> Action {
        let mut input = module::input(which, rounds, seed);
        input.resize(input.len().saturating_add(more), 0);
        Action::Call {
            contract: self.subject,
            input,
        }
    }
}

fn signing_key() -> SigningKey {
    SigningKey::from(Hash::of(b"gas").0)
}

/// Addresses, a key and signatures, where `host` expects them.
fn constants(callees: &[Address; 2]) -> Vec<u8> {
    let signing = signing_key();
    let key: [u8; 32] = VerificationKey::from(&signing).into();
    let [first, _] = callees;
    let signature: [u8; 64] = signing.sign(first.as_bytes()).into();
    let list: Vec<_> = (0..SIGNATURES).map(|_| (key, signature)).collect();
    (callees, key, signature, list).encode()
}
