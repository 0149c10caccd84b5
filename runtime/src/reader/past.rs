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
/// Most bytes of keys and values that are hashed for one proof.
pub const PAST_BYTES_MAX: usize = 256 * 1_024 * 1_024;
/// Entries read at once.
const ENTRIES_READ: usize = 1_024;

/// The pages of a tree in memory.
#[derive(Default)]
struct Pages(BTreeMap<Vec<u8>, Vec<u8>>);

impl PageRead for Pages {
    fn page(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        Ok(self.0.get(key).map(|page| Value::from(page.as_slice())))
    }
}

/// The leaves of the tree of a state, in the order of their keys before hashing, within bounds.
fn leaves(
    state: &impl StateRead,
    entries_max: usize,
    bytes_max: usize,
) -> Result<Vec<TreeChange>, ReadError> {
    let (mut leaves, mut bytes, mut after) = (Vec::new(), 0_usize, Vec::new());
    loop {
        let page = state.page(&[], &after, ENTRIES_READ)?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        for (key, value) in &page {
            bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
            if leaves.len() >= entries_max || bytes > bytes_max {
                return Err(ReadError::StateTooLarge {
                    entries: entries_max,
                    bytes: bytes_max,
                });
            }
            leaves.push((key_hash(key), Some(value_hash(value))));
        }
    }
    Ok(leaves)
}

impl Reader {
    /// As [`Reader::prove`], under the state root of a height that queries reach.
    ///
    /// # Errors
    /// Height not available, more than [`PAST_ENTRIES_MAX`] entries or [`PAST_BYTES_MAX`], or fault.
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
        let mut leaves = leaves(&snapshot, PAST_ENTRIES_MAX, PAST_BYTES_MAX)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Page;

    /// A state of three entries of two bytes each.
    struct Three;

    impl StateRead for Three {
        fn get(&self, _: &[u8]) -> Result<Option<Value>, Fault> {
            Ok(None)
        }

        fn page(&self, _: &[u8], after: &[u8], limit: usize) -> Result<Page, Fault> {
            let keys = [b"a", b"b", b"c"].into_iter().map(|key| key.to_vec());
            Ok(keys
                .filter(|key| key.as_slice() > after)
                .take(limit)
                .map(|key| (key, Value::from(b"v".as_slice())))
                .collect())
        }
    }

    /// Goal: a state is read to its end, and neither more entries nor more bytes than allowed.
    #[test]
    fn the_work_is_bounded() {
        assert_eq!(leaves(&Three, 3, 6).unwrap().len(), 3);
        for (entries, bytes) in [(2, 6), (3, 5)] {
            assert!(matches!(
                leaves(&Three, entries, bytes),
                Err(ReadError::StateTooLarge { .. })
            ));
        }
    }
}
