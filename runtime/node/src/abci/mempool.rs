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
//! the block that it comes back in.

use crate::pool::Limits;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use weighhouse_primitives::{Address, Hash};
use weighhouse_rpc::error::ErrorBody;
use weighhouse_rpc::server::PoolError;
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
    pub fn enter(&self, bytes: &Bytes) -> Result<Result<Admitted, Refusal>, Fault> {
        let hash = Hash::of(bytes);
        let known = lock(&self.verified).contains(&hash);
        let admitted = match known {
            true => self.again(bytes)?,
            false => self.reader.check(bytes)?,
        };
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(rejection) => return Ok(Err(rejection.into())),
        };
        lock(&self.verified).insert(hash);
        Ok(self
            .count(&admitted)
            .map(|()| admitted)
            .map_err(Refusal::from))
    }

    /// May a transaction stay in the pool, after a block?
    ///
    /// # Errors
    /// Fault; the inner error is why not.
    pub fn stay(&self, bytes: &Bytes) -> Result<Result<Admitted, Refusal>, Fault> {
        Ok(match self.again(bytes)? {
            Ok(admitted) => {
                // It was let in: there was room.
                let _ = self.count(&admitted);
                Ok(admitted)
            }
            Err(rejection) => Err(rejection.into()),
        })
    }

    /// All checks but that of the signature.
    fn again(&self, bytes: &[u8]) -> Result<Result<Admitted, Rejection>, Fault> {
        let admitted = match identified(bytes) {
            Ok(admitted) => admitted,
            Err(rejection) => return Ok(Err(rejection)),
        };
        Ok(self.reader.recheck(&admitted)?.map(|()| admitted))
    }

    fn count(&self, admitted: &Admitted) -> Result<(), PoolError> {
        let mut lanes = lock(&self.lanes);
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
        lanes.transactions += 1;
        lanes.bytes += admitted.bytes;
        lanes.per_signer.insert(signer, of_signer + 1);
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
