//! The pool: admitted transactions that wait for a block.
//!
//! In the story between ADMISSION and BLOCK. Everything in it is bounded: transactions, their bytes,
//! those of one signer, remembered client references, remembered drops. First come, first served.
//! A transaction leaves when its block is durable, when it stops being valid, or when a development
//! network goes back; until then it is known by its hash and never waits twice.
//! What it does not do: check anything about a transaction; admission did, and the block will again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use weighhouse_primitives::{Address, Timestamp, TxHash};
use weighhouse_rpc::server::PoolError;
use weighhouse_runtime::{Admitted, Rejection};

/// Bounds of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Transactions.
    pub transactions_max: usize,
    /// Bytes of all their encodings.
    pub bytes_max: usize,
    /// Transactions of one signer.
    pub per_signer_max: usize,
    /// Client references remembered, of waiting and of past transactions.
    pub refs_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transactions_max: 100_000,
            bytes_max: 128 << 20,
            per_signer_max: 50_000,
            refs_max: 100_000,
        }
    }
}

/// Dropped transactions whose reason is remembered.
const DROPPED_MAX: usize = 10_000;

/// How an addition was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It waits now.
    Accepted,
    /// It waited already.
    Known,
}

/// What the pool knows of a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It waits, or is in the block that is being made.
    Pending,
    /// It stopped being valid while it waited.
    Dropped(Rejection),
    /// Nothing: look in the chain.
    Absent,
}

#[derive(Debug)]
struct Waiting {
    admitted: Admitted,
    /// In the block that is being made.
    taken: bool,
}

/// The pool.
#[derive(Debug, Default)]
pub struct Pool {
    limits: Limits,
    /// By order of arrival.
    waiting: BTreeMap<u64, Waiting>,
    next: u64,
    free: BTreeSet<u64>,
    by_hash: BTreeMap<TxHash, u64>,
    by_expiry: BTreeSet<(Timestamp, u64)>,
    per_signer: BTreeMap<Address, usize>,
    bytes: usize,
    refs: BTreeMap<(Address, String), TxHash>,
    refs_order: VecDeque<(Address, String)>,
    dropped: BTreeMap<TxHash, Rejection>,
    dropped_order: VecDeque<TxHash>,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Adds a transaction, with the name its sender gives it.
    ///
    /// # Errors
    /// No room, or the name is another transaction's.
    pub fn add(
        &mut self,
        admitted: Admitted,
        client_ref: Option<String>,
    ) -> Result<Added, PoolError> {
        let signer = admitted.transaction.payload.signer;
        let reference = client_ref.map(|name| (signer, name));
        if let Some(hash) = reference.as_ref().and_then(|key| self.refs.get(key))
            && *hash != admitted.hash
        {
            return Err(PoolError::RefConflict { hash: *hash });
        }
        let known = self.by_hash.contains_key(&admitted.hash);
        if !known {
            self.check_room(&admitted)?;
        }
        if let Some(key) = reference {
            self.remember_ref(key, admitted.hash);
        }
        if known {
            return Ok(Added::Known);
        }
        self.dropped.remove(&admitted.hash);
        let place = self.next;
        self.next += 1;
        self.bytes += admitted.bytes;
        self.free.insert(place);
        self.by_hash.insert(admitted.hash, place);
        let expiry = admitted.transaction.payload.valid_until;
        self.by_expiry.insert((expiry, place));
        *self.per_signer.entry(signer).or_default() += 1;
        let taken = false;
        self.waiting.insert(place, Waiting { admitted, taken });
        Ok(Added::Accepted)
    }

    fn check_room(&self, admitted: &Admitted) -> Result<(), PoolError> {
        let signer = &admitted.transaction.payload.signer;
        let of_signer = self.per_signer.get(signer).copied().unwrap_or(0);
        for (what, used, limit) in [
            (
                "transactions",
                self.waiting.len() + 1,
                self.limits.transactions_max,
            ),
            ("bytes", self.bytes + admitted.bytes, self.limits.bytes_max),
            (
                "transactions of this signer",
                of_signer + 1,
                self.limits.per_signer_max,
            ),
        ] {
            if used > limit {
                return Err(PoolError::Full { what, used, limit });
            }
        }
        Ok(())
    }

    fn remember_ref(&mut self, key: (Address, String), hash: TxHash) {
        if self.refs.insert(key.clone(), hash).is_none() {
            self.refs_order.push_back(key);
        }
        while self.refs_order.len() > self.limits.refs_max {
            if let Some(oldest) = self.refs_order.pop_front() {
                self.refs.remove(&oldest);
            }
        }
    }

    /// Takes candidates for a block in order of arrival; they stay known until they are settled.
    pub fn take(&mut self, count_max: usize, bytes_max: usize) -> Vec<Admitted> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while taken.len() < count_max {
            let Some(place) = self.free.first().copied() else {
                break;
            };
            let Some(waiting) = self.waiting.get_mut(&place) else {
                self.free.remove(&place);
                continue;
            };
            bytes += waiting.admitted.bytes;
            if bytes > bytes_max && !taken.is_empty() {
                break;
            }
            self.free.remove(&place);
            waiting.taken = true;
            taken.push(waiting.admitted.clone());
        }
        taken
    }

    /// Candidates that found no room wait again, at their old place.
    pub fn put_back<'a>(&mut self, hashes: impl IntoIterator<Item = &'a TxHash>) {
        for hash in hashes {
            let Some(place) = self.by_hash.get(hash) else {
                continue;
            };
            if let Some(waiting) = self.waiting.get_mut(place) {
                waiting.taken = false;
                self.free.insert(*place);
            }
        }
    }

    /// Everything that was taken waits again: whoever took it has forgotten it.
    pub fn put_all_back(&mut self) {
        for (place, waiting) in &mut self.waiting {
            waiting.taken = false;
            self.free.insert(*place);
        }
    }

    /// Forgets transactions that are in a durable block.
    pub fn settle<'a>(&mut self, hashes: impl IntoIterator<Item = &'a TxHash>) {
        for hash in hashes {
            self.remove(hash);
        }
    }

    /// Forgets a transaction that is not valid any more, and remembers why.
    pub fn drop_with(&mut self, hash: TxHash, reason: Rejection) {
        self.remove(&hash);
        if self.dropped.insert(hash, reason).is_none() {
            self.dropped_order.push_back(hash);
        }
        while self.dropped_order.len() > DROPPED_MAX {
            if let Some(oldest) = self.dropped_order.pop_front() {
                self.dropped.remove(&oldest);
            }
        }
    }

    /// Drops what can no longer be in a block at `now`; gives the hashes.
    pub fn expire(&mut self, now: Timestamp) -> Vec<TxHash> {
        let mut gone = Vec::new();
        let late: Vec<(Timestamp, u64)> = self.by_expiry.range(..(now, 0)).copied().collect();
        for (valid_until, place) in late {
            let Some(waiting) = self.waiting.get(&place).filter(|waiting| !waiting.taken) else {
                continue;
            };
            let hash = waiting.admitted.hash;
            self.drop_with(hash, Rejection::Expired { valid_until, now });
            gone.push(hash);
        }
        gone
    }

    /// Forgets everything that waits, and the names: a development network went back.
    pub fn clear(&mut self) {
        *self = Self {
            limits: self.limits,
            next: self.next,
            ..Self::default()
        };
    }

    fn remove(&mut self, hash: &TxHash) {
        let Some(place) = self.by_hash.remove(hash) else {
            return;
        };
        self.free.remove(&place);
        let Some(waiting) = self.waiting.remove(&place) else {
            return;
        };
        let payload = &waiting.admitted.transaction.payload;
        self.bytes -= waiting.admitted.bytes;
        self.by_expiry.remove(&(payload.valid_until, place));
        if let Some(count) = self.per_signer.get_mut(&payload.signer) {
            *count -= 1;
            if *count == 0 {
                self.per_signer.remove(&payload.signer);
            }
        }
    }

    /// What is known of a hash here.
    #[must_use]
    pub fn status(&self, hash: &TxHash) -> Status {
        if self.by_hash.contains_key(hash) {
            return Status::Pending;
        }
        self.dropped
            .get(hash)
            .map_or(Status::Absent, |reason| Status::Dropped(reason.clone()))
    }

    /// A waiting transaction.
    #[must_use]
    pub fn waiting(&self, hash: &TxHash) -> Option<&Admitted> {
        let waiting = self.waiting.get(self.by_hash.get(hash)?)?;
        Some(&waiting.admitted)
    }

    /// The transaction to which a signer gave a name.
    #[must_use]
    pub fn by_ref(&self, signer: Address, client_ref: &str) -> Option<TxHash> {
        self.refs.get(&(signer, client_ref.to_owned())).copied()
    }

    /// Waiting transactions in order of arrival, strictly after a place, of one account or of all.
    #[must_use]
    pub fn list(
        &self,
        account: Option<&Address>,
        after: Option<u64>,
        limit: usize,
    ) -> Vec<(u64, Admitted)> {
        let from = after.map_or(0, |after| after.saturating_add(1));
        self.waiting
            .range(from..)
            .map(|(place, waiting)| (*place, &waiting.admitted))
            .filter(|(_, admitted)| {
                account.is_none_or(|account| admitted.transaction.payload.signer == *account)
            })
            .take(limit)
            .map(|(place, admitted)| (place, admitted.clone()))
            .collect()
    }

    /// Transactions known here: waiting, or in the block that is being made.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// True if nothing is known here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes of the transactions known here.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// True if something can be taken for a block.
    #[must_use]
    pub fn has_candidates(&self) -> bool {
        !self.free.is_empty()
    }

    /// The bounds.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }
}

#[cfg(test)]
mod tests;
