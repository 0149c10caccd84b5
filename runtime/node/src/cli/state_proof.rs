//! Proof files: what the state holds at a key, shown to somebody who trusts only a root or a block.

use super::Context;
use crate::output::Failure;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::{Header, StateRoot};
use weighhouse_rpc::types::{HashHex, Hex, ProofView, U64};

/// An entry with its proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofFile {
    /// The state key.
    pub(super) key: Hex,
    /// What is stored there; nothing if absent.
    pub(super) value: Option<Hex>,
    /// The proof, and the block header that it is under.
    pub(super) proof: ProofView,
}

/// What is wrong with a proof file, or the root and height that it holds under.
fn check(
    file: &ProofFile,
    root: Option<HashHex>,
    block: Option<HashHex>,
) -> Result<(HashHex, u64), String> {
    let header: Header = decode_canonical(&file.proof.header.0)
        .map_err(|_| "the block header does not decode".to_owned())?;
    let proof: StateProof = decode_canonical(&file.proof.proof.0)
        .map_err(|_| "the proof does not decode".to_owned())?;
    if HashHex::from(header.state_root) != file.proof.state_root {
        return Err("the state root is not that of the block header".into());
    }
    if U64::from(header.height) != file.proof.height {
        return Err("the height is not that of the block header".into());
    }
    if block.is_some_and(|block| block != HashHex::from(header.hash())) {
        return Err(format!("the block header has the hash {}", header.hash()));
    }
    let root = root.unwrap_or(file.proof.state_root);
    let value = file.value.as_ref().map(|value| value.0.as_slice());
    if proof.verify(&StateRoot::from(root), &file.key.0, value) {
        Ok((root, header.height.0))
    } else {
        Err(format!("the proof does not lead to the state root {root}"))
    }
}

/// Checks a proof file without a node.
///
/// # Errors
/// A file that is none, or a proof that does not hold.
pub(super) fn verify(
    context: &Context,
    path: &Path,
    root: Option<HashHex>,
    block: Option<HashHex>,
) -> Result<(), Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read {}: {error}", path.display())).help("name a proof file")
    })?;
    let file: ProofFile = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{} is not a proof file: {error}", path.display()))
            .help("weighhouse state proof WHERE CELL --out FILE  makes one")
    })?;
    let (held, height) = check(&file, root, block).map_err(|why| {
        Failure::failed(format!("the proof does not hold: {why}"))
            .data("valid", false)
            .help("do not rely on the value; ask another node")
    })?;
    let what = if file.value.is_some() {
        "holds this value"
    } else {
        "holds nothing there"
    };
    if root.is_none() && block.is_none() {
        context
            .output
            .warn("compared with the root in the file; give --root or --block that you trust");
    }
    let document = json!({
        "valid": true, "height": height.to_string(), "state_root": held,
        "key": file.key, "value": file.value, "proof_bytes": file.proof.proof.0.len(),
    });
    let text = format!("the state at height {height} {what}, under the root {held}");
    context.output.answer(text, &document);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parity_scale_codec::Encode;
    use weighhouse_primitives::proof::{PathEnd, key_hash, leaf_hash, value_hash};

    fn file() -> ProofFile {
        let (key, value) = (b"k".to_vec(), b"v".to_vec());
        let end = PathEnd::Leaf {
            key: key_hash(&key),
            value: value_hash(&value),
        };
        let root = leaf_hash(&key_hash(&key), &value_hash(&value));
        let header = Header {
            chain: Default::default(),
            protocol: 1,
            height: weighhouse_primitives::Height(7),
            previous: Default::default(),
            time: Default::default(),
            tx_count: 0,
            tx_root: Default::default(),
            receipts_root: Default::default(),
            writes: Default::default(),
            state_root: StateRoot(root),
            gas_used: Default::default(),
        };
        let proof = StateProof {
            siblings: Vec::new(),
            end,
        };
        ProofFile {
            key: Hex(key),
            value: Some(Hex(value)),
            proof: ProofView {
                height: U64(7),
                state_root: HashHex(root),
                header: Hex(header.encode()),
                proof: Hex(proof.encode()),
            },
        }
    }

    /// Goal: a good file holds; a changed value, key, root, height or block does not.
    #[test]
    fn only_the_whole_truth_holds() {
        let good = file();
        let header: Header = decode_canonical(&good.proof.header.0).unwrap();
        let block = HashHex::from(header.hash());
        assert_eq!(
            check(&good, None, Some(block)).map(|(_, height)| height),
            Ok(7)
        );
        let changes: [fn(&mut ProofFile); 5] = [
            |f| f.value = Some(Hex(b"w".to_vec())),
            |f| f.value = None,
            |f| f.key = Hex(b"x".to_vec()),
            |f| f.proof.height = U64(8),
            |f| f.proof.state_root = HashHex::default(),
        ];
        for change in changes {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(check(&bad, None, None).is_err());
        }
        assert!(check(&good, Some(HashHex::default()), None).is_err());
        assert!(check(&good, None, Some(HashHex::default())).is_err());
    }
}
