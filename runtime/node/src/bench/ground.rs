//! A development chain of this process's own, for what is measured inside: no network, no node.
//!
//! Transactions carry no signature where none is measured; everything behind admission is the real
//! executor.

use crate::output::{Failure, chain_of};
use weighhouse_primitives::{
    Action, Address, Authorization, CodeHash, Gas, Hash, Outcome, Payload, Receipt, Timestamp,
    Transaction,
};
use weighhouse_runtime::admission::Admitted;
use weighhouse_runtime::{Chain, Fault, Genesis, Reader, Settings, limits};

/// Time of the chain's blocks: 2026-01-12 06:00 UTC.
const TIME: Timestamp = Timestamp(1_768_197_600);

/// The chain.
#[derive(Debug)]
pub(super) struct Ground {
    chain: Chain,
    pub(super) reader: Reader,
    nonce: u64,
}

pub(super) fn broken(fault: &Fault) -> Failure {
    Failure::fault(format!("the chain failed: {}", chain_of(fault)))
}

/// Every receipt must be of a success.
///
/// # Errors
/// One is not.
pub(super) fn succeeded(what: &str, receipts: &[Receipt]) -> Result<(), Failure> {
    let failed = receipts
        .iter()
        .find(|receipt| !matches!(receipt.outcome, Outcome::Succeeded { .. }));
    match failed {
        None => Ok(()),
        Some(receipt) => Err(Failure::fault(format!(
            "{what}: the contract ended with {:?}",
            receipt.outcome
        ))),
    }
}

impl Ground {
    /// A development network.
    ///
    /// # Errors
    /// A chain that fails.
    pub(super) fn open(settings: Settings) -> Result<Self, Failure> {
        let chain = Chain::open(Genesis::development(TIME), settings);
        let chain = chain.map_err(|fault| broken(&fault))?;
        Ok(Self {
            reader: chain.reader(),
            chain,
            nonce: 0,
        })
    }

    /// A payload that none before it was.
    pub(super) fn payload(&mut self, signer: &Address, action: Action, gas: u64) -> Payload {
        self.nonce = self.nonce.wrapping_add(1);
        Payload {
            chain: self.reader.genesis().hash(),
            signer: *signer,
            nonce: self.nonce,
            valid_until: TIME.saturating_add(3_600),
            gas_limit: Gas(gas),
            action,
        }
    }

    /// A transaction as admission hands it over.
    pub(super) fn admitted(&mut self, signer: &Address, action: Action, gas: u64) -> Admitted {
        let transaction = Transaction {
            payload: self.payload(signer, action, gas),
            authorization: Authorization::Development,
        };
        Admitted::unchecked(transaction)
    }

    /// Executes a block and forgets it.
    ///
    /// # Errors
    /// A chain that fails, a block that is not valid.
    pub(super) fn verify(&self, block: Vec<Admitted>) -> Result<Vec<Receipt>, Failure> {
        let verified = self.reader.verify(TIME, block);
        let verified = verified.map_err(|fault| broken(&fault))?;
        verified.map_err(|invalid| Failure::fault(format!("a block is not valid: {invalid}")))
    }

    /// Executes a block, with its state root, and keeps it.
    ///
    /// # Errors
    /// A chain that fails, a block that is not valid.
    pub(super) fn commit(&mut self, block: Vec<Admitted>) -> Result<Vec<Receipt>, Failure> {
        let executed = self.chain.execute(TIME, block);
        let executed = executed.map_err(|fault| broken(&fault))?;
        executed.map_err(|invalid| Failure::fault(format!("a block is not valid: {invalid}")))?;
        let committed = self.chain.commit().map_err(|fault| broken(&fault))?;
        Ok(committed.receipts.clone())
    }

    /// Acts in a block of its own, which must succeed.
    ///
    /// # Errors
    /// A chain that fails, an action that does not succeed.
    pub(super) fn act(&mut self, signer: &Address, action: Action) -> Result<(), Failure> {
        let block = vec![self.admitted(signer, action, limits::TX_GAS_MAX)];
        let receipts = self.commit(block)?;
        succeeded("preparing", &receipts)
    }

    /// Uploads code.
    ///
    /// # Errors
    /// A chain that fails.
    pub(super) fn upload(&mut self, signer: &Address, wasm: &[u8]) -> Result<CodeHash, Failure> {
        let code = wasm.to_vec();
        self.act(signer, Action::Upload { code })?;
        Ok(CodeHash(Hash::of(wasm)))
    }

    /// Uploads and deploys a contract, whose constructor is called with `input`.
    ///
    /// # Errors
    /// A chain that fails.
    pub(super) fn deploy(
        &mut self,
        signer: &Address,
        wasm: &[u8],
        input: Vec<u8>,
    ) -> Result<Address, Failure> {
        let (code, salt) = (self.upload(signer, wasm)?, Hash::ZERO);
        let deploy = Action::Deploy {
            code,
            salt,
            admin: Some(*signer),
            input,
        };
        self.act(signer, deploy)?;
        Ok(Address::of_contract(signer, &code, &salt))
    }
}
