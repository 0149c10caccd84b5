//! What waits in the engine's pool, as far as this node answers for it.
//!
//! In the story at ADMISSION. The engine keeps and spreads transactions; it asks here whether one may
//! enter (`CheckTx`) and, after each block, whether it may stay. Bounded by the node's pool settings: all
//! transactions, their bytes, those of one signer, so that one sender cannot fill the pools of all.
//!
//! The counts start anew with each block and are made again from what the engine asks about once more;
//! an engine that does not ask again (`recheck = false`) weakens the bounds, nothing else.
//!
//! A signature is verified once: what held is remembered by the hash of all bytes of the transaction, for
//! the block that it comes back in. It is verified last: what is inadmissible, in quarantine or has no room costs no
//! signature and takes no room.

use crate::pool::Limits;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use weighhouse_primitives::{Address, Hash, TxHash};
use weighhouse_rpc::error::ErrorBody;
use weighhouse_rpc::server::PoolError;
use weighhouse_runtime::admission::Unproven;
use weighhouse_runtime::{Admitted, Fault, Reader, Rejection, admission};

/// Transactions whose signatures are remembered, in each of two generations: two full blocks and more.
const VERIFIED_MAX: usize = 65_536;

/// Transactions whose signatures are checked together: half the work each, and one that is wrong costs no
/// more than these over again.
const TOGETHER: usize = 128;

/// Why a transaction does not enter the engine's pool, or leaves it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It may not enter a block.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// There is no room.
    #[error(transparent)]
    Full(#[from] PoolError),
}

impl Refusal {
    /// The code of the reason, as JSON-RPC has it.
    #[must_use]
    pub fn code(&self) -> u32 {
        let body = match self {
            Self::Rejected(rejection) => ErrorBody::from(rejection.clone()),
            Self::Full(error) => ErrorBody::from(error.clone()),
        };
        body.code.unsigned_abs()
    }
}

/// The node's side of the engine's pool.
#[derive(Debug)]
pub struct Mempool {
    reader: Reader,
    limits: Limits,
    lanes: Mutex<Lanes>,
    verified: Mutex<Verified>,
}

/// Whether executing a transaction ended this node twice.
pub type Quarantined<'a> = &'a dyn Fn(&TxHash) -> bool;

/// What waits, counted.
#[derive(Debug, Default)]
struct Lanes {
    transactions: usize,
    bytes: usize,
    per_signer: BTreeMap<Address, usize>,
}

/// Hashes of transactions whose signatures hold, in two generations: the older is forgotten as a whole.
#[derive(Debug, Default)]
struct Verified {
    young: BTreeSet<Hash>,
    old: BTreeSet<Hash>,
}

impl Verified {
    fn contains(&self, hash: &Hash) -> bool {
        self.young.contains(hash) || self.old.contains(hash)
    }

    fn insert(&mut self, hash: Hash) {
        if self.young.len() >= VERIFIED_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash);
    }
}

/// A lock is only poisoned by a panic, which stops the node.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mempool {
    /// An empty pool of a chain.
    #[must_use]
    pub fn new(reader: Reader, limits: Limits) -> Self {
        Self {
            reader,
            limits,
            lanes: Mutex::default(),
            verified: Mutex::default(),
        }
    }

    /// May a transaction enter the pool?
    ///
    /// # Errors
    /// Fault; the inner error is why not.
    pub fn enter(
        &self,
        bytes: &Bytes,
        quarantined: Quarantined<'_>,
    ) -> Result<Result<Admitted, Refusal>, Fault> {
        let hash = Hash::of(bytes);
        let admitted = match lock(&self.verified).contains(&hash) {
            true => self.again(bytes)?.map_err(Refusal::from),
            false => self
                .unproven(bytes, quarantined)?
                .and_then(|unproven| Ok(unproven.prove()?)),
        };
        let entered = admitted.and_then(|admitted| {
            lock(&self.verified).insert(hash);
            free(&admitted, quarantined)?;
            self.count(&admitted)?;
            Ok(admitted)
        });
        Ok(entered)
    }

    /// May a transaction stay in the pool, after a block?
    ///
    /// # Errors
    /// Fault; the inner error is why not.
    pub fn stay(
        &self,
        bytes: &Bytes,
        quarantined: Quarantined<'_>,
    ) -> Result<Result<Admitted, Refusal>, Fault> {
        let admitted = self.again(bytes)?.map_err(Refusal::from);
        Ok(admitted.and_then(|admitted| {
            free(&admitted, quarantined)?;
            // It was let in: there was room.
            let _ = self.count(&admitted);
            Ok(admitted)
        }))
    }

    /// Looks at transactions that are about to enter, together: the signatures of those that may are verified at
    /// once, and remembered. What may not, or does not hold, is refused by itself, with its reason.
    ///
    /// # Errors
    /// Fault.
    pub fn foresee(
        &self,
        transactions: &[Bytes],
        quarantined: Quarantined<'_>,
    ) -> Result<(), Fault> {
        let (mut seen, mut hashes, mut unproven) = (BTreeSet::new(), Vec::new(), Vec::new());
        for one in transactions {
            let hash = Hash::of(one);
            if !seen.insert(hash) || lock(&self.verified).contains(&hash) {
                continue;
            }
            if let Ok(one) = self.unproven(one, quarantined)? {
                hashes.push(hash);
                unproven.push(one);
            }
        }
        for (hash, proved) in hashes.into_iter().zip(admission::prove(unproven)) {
            if proved.is_ok() {
                lock(&self.verified).insert(hash);
            }
        }
        Ok(())
    }

    /// All that is cheaper than a signature.
    fn unproven(
        &self,
        bytes: &[u8],
        quarantined: Quarantined<'_>,
    ) -> Result<Result<Unproven, Refusal>, Fault> {
        let unproven = self.reader.check_unproven(bytes)?.map_err(Refusal::from);
        Ok(unproven.and_then(|unproven| {
            free(unproven.admitted(), quarantined)?;
            self.has_room(&lock(&self.lanes), unproven.admitted())?;
            Ok(unproven)
        }))
    }

    /// All checks but that of the signature.
    fn again(&self, bytes: &[u8]) -> Result<Result<Admitted, Rejection>, Fault> {
        let admitted = match identified(bytes) {
            Ok(admitted) => admitted,
            Err(rejection) => return Ok(Err(rejection)),
        };
        Ok(self.reader.recheck(&admitted)?.map(|()| admitted))
    }

    fn has_room(&self, lanes: &Lanes, admitted: &Admitted) -> Result<(), PoolError> {
        let signer = admitted.transaction.payload.signer;
        let of_signer = lanes.per_signer.get(&signer).copied().unwrap_or(0);
        let Limits {
            transactions_max,
            bytes_max,
            per_signer_max,
            ..
        } = self.limits;
        for (what, used, limit) in [
            ("transactions", lanes.transactions + 1, transactions_max),
            ("bytes", lanes.bytes + admitted.bytes, bytes_max),
            ("transactions of this signer", of_signer + 1, per_signer_max),
        ] {
            if used > limit {
                return Err(PoolError::Full { what, used, limit });
            }
        }
        Ok(())
    }

    fn count(&self, admitted: &Admitted) -> Result<(), PoolError> {
        let mut lanes = lock(&self.lanes);
        self.has_room(&lanes, admitted)?;
        lanes.transactions += 1;
        lanes.bytes += admitted.bytes;
        let signer = admitted.transaction.payload.signer;
        *lanes.per_signer.entry(signer).or_default() += 1;
        Ok(())
    }

    /// A block is durable: the engine asks again about everything that still waits.
    pub fn count_anew(&self) {
        *lock(&self.lanes) = Lanes::default();
    }

    /// Decodes the transactions of a block and verifies their signatures, unless they held before; many
    /// signatures at once. Answers in their order.
    #[must_use]
    pub fn signed(&self, transactions: &[Bytes]) -> Vec<Result<Admitted, Rejection>> {
        transactions
            .chunks(TOGETHER)
            .flat_map(|some| self.signed_together(some))
            .collect()
    }

    fn signed_together(&self, transactions: &[Bytes]) -> Vec<Result<Admitted, Rejection>> {
        let hashes: Vec<Hash> = transactions.iter().map(|one| Hash::of(one)).collect();
        let known: Vec<bool> = {
            let verified = lock(&self.verified);
            hashes.iter().map(|hash| verified.contains(hash)).collect()
        };
        let (mut answers, mut unproven) = (Vec::with_capacity(hashes.len()), Vec::new());
        for (one, known) in transactions.iter().zip(&known) {
            answers.push(match known {
                true => Some(identified(one)),
                false => match self.reader.signed_unproven(one) {
                    Err(rejection) => Some(Err(rejection)),
                    Ok(one) => {
                        unproven.push(one);
                        None
                    }
                },
            });
        }
        let mut proved = admission::prove(unproven).into_iter();
        let mut verified = lock(&self.verified);
        answers
            .into_iter()
            .zip(hashes)
            .filter_map(|(answer, hash)| match answer {
                Some(answer) => Some(answer),
                None => {
                    let answer = proved.next()?;
                    if answer.is_ok() {
                        verified.insert(hash);
                    }
                    Some(answer)
                }
            })
            .collect()
    }
}

/// A transaction in quarantine is nobody's business here.
fn free(admitted: &Admitted, quarantined: Quarantined<'_>) -> Result<(), PoolError> {
    let hash = admitted.hash;
    match quarantined(&hash) {
        true => Err(PoolError::Quarantined { hash }),
        false => Ok(()),
    }
}

fn identified(bytes: &[u8]) -> Result<Admitted, Rejection> {
    let transaction = admission::decode(bytes)?;
    Ok(Admitted {
        hash: transaction.hash(),
        bytes: bytes.len(),
        transaction,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devkeys;
    use parity_scale_codec::Encode;
    use weighhouse_primitives::transaction::KeySignature;
    use weighhouse_primitives::{
        Action, Authorization, Gas, Payload, Signature, Timestamp, Transaction,
    };
    use weighhouse_runtime::{Chain, Genesis, Settings};

    const START: Timestamp = Timestamp(1_800_000_000);

    fn mempool(per_signer_max: usize) -> (Chain, Mempool) {
        let chain = Chain::open(Genesis::development(START), Settings::memory()).unwrap();
        let limits = Limits {
            per_signer_max,
            ..Limits::default()
        };
        let mempool = Mempool::new(chain.reader(), limits);
        (chain, mempool)
    }

    /// A signed call, valid until so long after the start.
    fn call(chain: &Chain, nonce: u64, valid_seconds: u64) -> Transaction {
        let key = devkeys::key("alice", "test", true).unwrap();
        let policy = devkeys::policy(&key);
        let payload = Payload {
            chain: chain.reader().genesis().hash(),
            signer: Address::of_account(&policy),
            nonce,
            valid_until: START.saturating_add(valid_seconds),
            gas_limit: Gas(2_000_000),
            action: Action::Call {
                contract: Address([7; 32]),
                input: vec![0; 4],
            },
        };
        let signature = Signature(key.sign(payload.hash().0.as_bytes()).into());
        let signatures = vec![KeySignature { key: 0, signature }];
        Transaction {
            payload,
            authorization: Authorization::Keys { policy, signatures },
        }
    }

    fn bytes(transaction: &Transaction) -> Bytes {
        transaction.encode().into()
    }

    /// Goal: signatures are verified last: of what arrives together only those are looked at that may enter, are not
    /// in quarantine, and have room; once each. What was not looked at is refused with its own reason.
    #[test]
    fn cheap_checks_come_before_signatures() {
        let (chain, mempool) = mempool(2);
        let good = call(&chain, 1, 60);
        let held = call(&chain, 2, 60);
        let too_long = call(&chain, 3, 1_000_000);
        let mut forged = call(&chain, 4, 60);
        forged.authorization = call(&chain, 5, 60).authorization;
        let bad = held.hash();
        let quarantined = |hash: &TxHash| *hash == bad;
        let all = [&good, &held, &too_long, &forged, &good].map(bytes);
        mempool.foresee(&all, &quarantined).unwrap();
        let known = |one: &Transaction| lock(&mempool.verified).contains(&Hash::of(&bytes(one)));
        assert!(known(&good));
        assert!(!known(&held) && !known(&too_long) && !known(&forged));
        for (one, code) in [
            (&good, 0),
            (&held, 1014),
            (&too_long, 1004),
            (&forged, 1001),
        ] {
            let entered = mempool.enter(&bytes(one), &quarantined).unwrap();
            assert_eq!(entered.map_or_else(|refusal| refusal.code(), |_| 0), code);
        }
        let last = call(&chain, 6, 60);
        assert!(mempool.enter(&bytes(&last), &quarantined).unwrap().is_ok());
        // There is no room for a third: its signature is not looked at, be it good or bad.
        forged.payload.nonce = 7;
        let crowd = [bytes(&call(&chain, 8, 60)), bytes(&forged)];
        mempool.foresee(&crowd, &quarantined).unwrap();
        for one in crowd {
            assert!(!lock(&mempool.verified).contains(&Hash::of(&one)));
            let refused = mempool.enter(&one, &quarantined).unwrap().unwrap_err();
            assert_eq!(refused.code(), 1009, "{refused}");
        }
    }

    /// Goal: a transaction in quarantine takes no room, neither where it enters nor where it stays.
    #[test]
    fn quarantined_transactions_take_no_room() {
        let (chain, mempool) = mempool(1);
        let held = call(&chain, 1, 60);
        let bad = held.hash();
        let nothing = |_: &TxHash| false;
        let quarantined = |hash: &TxHash| *hash == bad;
        // It was let in before anybody knew, and its signature is remembered.
        assert!(mempool.enter(&bytes(&held), &nothing).unwrap().is_ok());
        mempool.count_anew();
        for _ in 0..3 {
            let refused = mempool.enter(&bytes(&held), &quarantined).unwrap();
            assert_eq!(refused.unwrap_err().code(), 1014);
            let refused = mempool.stay(&bytes(&held), &quarantined).unwrap();
            assert_eq!(refused.unwrap_err().code(), 1014);
        }
        let good = call(&chain, 2, 60);
        assert!(mempool.enter(&bytes(&good), &quarantined).unwrap().is_ok());
    }

    /// Goal: signatures are remembered for at least one generation, and memory stays bounded.
    #[test]
    fn verified_signatures_are_remembered_for_a_while() {
        let mut verified = Verified::default();
        let hash = |number: usize| Hash::of(&number.to_le_bytes());
        for number in 0..3 * VERIFIED_MAX {
            verified.insert(hash(number));
            assert!(verified.contains(&hash(number)));
        }
        assert!(verified.contains(&hash(2 * VERIFIED_MAX - 1)));
        assert!(!verified.contains(&hash(0)));
        assert!(verified.young.len() + verified.old.len() <= 2 * VERIFIED_MAX);
    }
}
