//! Proofs under an earlier state root.
//!
//! Only the latest tree is stored. What a key held at a height is kept as far back as queries reach, so
//! the tree of that height can be built again from all entries of its state. That takes time and memory in
//! proportion to them: it is bounded, and for somebody who asks now and then, not for every request.

use super::{ReadError, Reader};
use crate::error::Fault;
use crate::state::root::{PageRead, StateTree, TreeChange, prove};
use crate::state::{StateRead, Value};
use std::collections::BTreeMap;
use weighhouse_primitives::proof::{StateProof, key_hash, value_hash};
use weighhouse_primitives::{Header, Height};

/// Most entries of a state whose tree is built again for one proof.
pub const PAST_ENTRIES_MAX: usize = 200_000;
/// Entries read at once.
const ENTRIES_READ: usize = 4_096;

/// The pages of a tree in memory.
#[derive(Default)]
struct Pages(BTreeMap<Vec<u8>, Vec<u8>>);

impl PageRead for Pages {
    fn page(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        Ok(self.0.get(key).map(|page| Value::from(page.as_slice())))
    }
}

impl Reader {
    /// As [`Reader::prove`], under the state root of a height that queries reach.
    ///
    /// # Errors
    /// Height not available, more than [`PAST_ENTRIES_MAX`] entries, or fault.
    pub fn prove_at(
        &self,
        key: &[u8],
        at: Height,
    ) -> Result<(Header, Option<Value>, StateProof), ReadError> {
        let snapshot = self.snapshot(Some(at))?;
        let header = self.header(at)?.ok_or_else(|| Fault::Damaged {
            place: format!("block {at}"),
            reason: "its state is kept, but it is not".into(),
        })?;
        let (mut leaves, mut after): (Vec<TreeChange>, Vec<u8>) = Default::default();
        loop {
            let page = snapshot.page(&[], &after, ENTRIES_READ)?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(last);
            if leaves.len().saturating_add(page.len()) > PAST_ENTRIES_MAX {
                return Err(ReadError::TooManyEntries {
                    limit: PAST_ENTRIES_MAX,
                });
            }
            let hashed = page
                .iter()
                .map(|(key, value)| (key_hash(key), Some(value_hash(value))));
            leaves.extend(hashed);
        }
        leaves.sort_unstable();
        let (_, changes) = StateTree::new(1).update(&Pages::default(), &leaves)?;
        let pages = changes
            .iter()
            .filter_map(|(key, page)| Some((key.to_vec(), page?)));
        let proof = prove(&Pages(pages.collect()), key)?;
        let value = snapshot.get(key)?;
        if !proof.verify(&header.state_root, key, value.as_deref()) {
            return Err(ReadError::Fault(Fault::Damaged {
                place: format!("the state at height {at}"),
                reason: "its entries do not lead to the state root of its block".into(),
            }));
        }
        Ok((header, value, proof))
    }
}
