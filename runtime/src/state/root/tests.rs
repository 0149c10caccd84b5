//! The state tree against a rebuild from nothing, and what it recorded.

use super::prove::{prove_place, rebuild_hashed};
use super::*;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;
use weighhouse_primitives::proof::{
    PathEnd, StateProof, bit, key_hash, leaf_hash, node_hash, value_hash,
};

#[derive(Default)]
struct Stored(BTreeMap<Vec<u8>, Value>);

impl PageRead for Stored {
    fn page(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        Ok(self.0.get(key).cloned())
    }
}

impl Stored {
    fn apply(&mut self, changes: &PageChanges) {
        for (key, page) in changes.iter() {
            match page {
                Some(page) => self.0.insert(key.to_vec(), Value::from(page)),
                None => self.0.remove(key),
            };
        }
    }
}

fn tree(stored: &mut Stored, state: &mut StateTree, changes: &[TreeChange]) -> StateRoot {
    let (root, pages) = state.update(stored, changes).unwrap();
    stored.apply(&pages);
    state.commit(&pages);
    root
}

/// Key hashes that part at any of the first, some middle and the last bits.
fn any_place() -> impl Strategy<Value = Hash> {
    (0u8..4, 0u8..3, any::<u8>(), 0u8..4).prop_map(|(kind, first, middle, last)| {
        let mut bytes = [0; 32];
        match kind {
            0 => bytes = *key_hash(&[first, middle, last]).as_bytes(),
            1 => bytes[0] = middle,
            2 => bytes[12] = middle & 0x0f,
            _ => bytes[0] = first,
        }
        if kind > 0 {
            bytes[31] = last;
        }
        Hash(bytes)
    })
}

type Batch = BTreeMap<Hash, Option<u8>>;

fn any_batch() -> impl Strategy<Value = Batch> {
    btree_map(any_place(), proptest::option::of(any::<u8>()), 0..40)
}

fn tree_changes(batch: &Batch) -> Vec<TreeChange> {
    let value = |byte: u8| value_hash(&[byte]);
    batch
        .iter()
        .map(|(place, byte)| (*place, byte.map(value)))
        .collect()
}

/// The root that `proof` leads to from `place`, as the verifier computes it from a key.
fn folded(proof: &StateProof, place: &Hash) -> StateRoot {
    let end = match &proof.end {
        PathEnd::Empty => Hash::ZERO,
        PathEnd::Leaf { key, value } => leaf_hash(key, value),
    };
    let siblings = proof.siblings.iter().enumerate().rev();
    StateRoot(siblings.fold(end, |node, (depth, sibling)| {
        if bit(place, depth) {
            node_hash(sibling, &node)
        } else {
            node_hash(&node, sibling)
        }
    }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Goal: after any batches, root and pages are those of the same set built at once, and equal
    /// the root by definition.
    #[test]
    fn state_3_root_and_pages_depend_on_the_set_only(batches in vec(any_batch(), 0..6)) {
        let (mut stored, mut state) = (Stored::default(), StateTree::new(64));
        let mut set = BTreeMap::new();
        for batch in &batches {
            let changes = tree_changes(batch);
            for (place, value) in &changes {
                match value {
                    Some(value) => set.insert(*place, *value),
                    None => set.remove(place),
                };
            }
            let root = tree(&mut stored, &mut state, &changes);
            prop_assert_eq!(root, rebuild_hashed(set.clone().into_iter().collect()));
            prop_assert_eq!(stored_root(&stored).unwrap(), root);

            let all: Vec<TreeChange> = set.iter().map(|(p, v)| (*p, Some(*v))).collect();
            let (mut at_once, mut cold) = (Stored::default(), StateTree::new(8));
            prop_assert_eq!(tree(&mut at_once, &mut cold, &all), root);
            prop_assert_eq!(&at_once.0, &stored.0);
        }
        for (place, value) in &set {
            let proof = prove_place(&stored, place).unwrap();
            let held = PathEnd::Leaf { key: *place, value: *value };
            prop_assert_eq!(&proof.end, &held);
            prop_assert_eq!(folded(&proof, place), stored_root(&stored).unwrap());
        }
        let gone: Vec<TreeChange> = set.keys().map(|place| (*place, None)).collect();
        prop_assert_eq!(tree(&mut stored, &mut state, &gone), StateRoot::default());
        prop_assert!(stored.0.is_empty());
    }

    /// Goal: proofs of presence and absence convince the verifier; every changed one does not.
    #[test]
    fn proofs_convince_and_wrong_ones_do_not(
        pairs in btree_map(vec(any::<u8>(), 0..3), vec(any::<u8>(), 0..3), 0..60),
        absent in vec(vec(any::<u8>(), 3..5), 10),
        spoil in any::<(usize, usize, u8)>(),
    ) {
        let mut changes: Vec<TreeChange> = pairs
            .iter()
            .map(|(key, value)| (key_hash(key), Some(value_hash(value))))
            .collect();
        changes.sort();
        let (mut stored, mut state) = (Stored::default(), StateTree::new(64));
        let root = tree(&mut stored, &mut state, &changes);
        prop_assert_eq!(root, rebuild(&pairs));
        for (key, value) in &pairs {
            let proof = prove(&stored, key).unwrap();
            prop_assert!(proof.verify(&root, key, Some(value)));
            prop_assert!(!proof.verify(&root, key, None));
            prop_assert!(!proof.verify(&root, key, Some(b"other")));
            prop_assert!(!proof.verify(&root, b"other", Some(value)));
            prop_assert!(!spoiled(&proof, spoil).verify(&root, key, Some(value)));
        }
        for key in &absent {
            let proof = prove(&stored, key).unwrap();
            prop_assert!(proof.verify(&root, key, None));
            prop_assert!(!proof.verify(&root, key, Some(b"")));
            prop_assert!(!spoiled(&proof, spoil).verify(&root, key, None));
        }
    }
}

/// The proof with one thing changed: a bit of a sibling, a sibling missing or added, or the end.
fn spoiled(proof: &StateProof, (which, byte, how): (usize, usize, u8)) -> StateProof {
    let mut wrong = proof.clone();
    let count = wrong.siblings.len();
    match how % 4 {
        0 if count > 0 => wrong.siblings[which % count].0[byte % 32] ^= 1 << (how / 4 % 8),
        1 if count > 0 => drop(wrong.siblings.remove(which % count)),
        2 => wrong.siblings.push(Hash::ZERO),
        _ => {
            wrong.end = PathEnd::Leaf {
                key: Hash([how; 32]),
                value: Hash::ZERO,
            }
        }
    }
    wrong
}

/// Goal: five keys that part in their last bits only hang below 64 pages; as soon as they are four, they
/// stand in the top page, and proofs are as long as before.
#[test]
fn longest_shared_prefix() {
    let place = |last: u8| {
        let mut place = Hash([0xee; 32]);
        place.0[31] = last;
        place
    };
    let (value, mut stored, mut state) = (Hash([1; 32]), Stored::default(), StateTree::new(8));
    let pairs: Vec<Pair> = (0..5).map(|last| (place(last), value)).collect();
    let set: Vec<TreeChange> = pairs
        .iter()
        .map(|(key, value)| (*key, Some(*value)))
        .collect();
    tree(&mut stored, &mut state, &set[..4]);
    assert_eq!(stored.0.len(), 1);
    let root = tree(&mut stored, &mut state, &set[4..]);
    assert_eq!(stored.0.len(), 64);
    assert_eq!(root, rebuild_hashed(pairs.clone()));
    assert_eq!(prove_place(&stored, &place(1)).unwrap().siblings.len(), 256);
    let root = tree(&mut stored, &mut state, &[(place(4), None)]);
    assert_eq!(stored.0.len(), 1);
    assert_eq!(root, rebuild_hashed(pairs[..4].to_vec()));
    assert_eq!(prove_place(&stored, &place(1)).unwrap().siblings.len(), 256);
}

/// Goal: an update that is not committed leaves no trace, and repeating it gives the same.
#[test]
fn state_2_updates_leave_no_trace_before_commit() {
    let (mut stored, mut state) = (Stored::default(), StateTree::new(64));
    let set = |byte: u8| (Hash([byte; 32]), Some(Hash([9; 32])));
    let before = tree(&mut stored, &mut state, &[set(1), set(2), set(0x11)]);
    let (abandoned, _) = state.update(&stored, &[set(3)]).unwrap();
    let (again, _) = state.update(&stored, &[set(3)]).unwrap();
    assert_eq!(abandoned, again);
    let (root, pages) = state.update(&stored, &[]).unwrap();
    assert_eq!(root, before);
    assert!(pages.is_empty());
    let (root, pages) = state
        .update(&stored, &[set(2), (Hash([7; 32]), None)])
        .unwrap();
    assert_eq!(root, before, "nothing really changes");
    assert!(pages.is_empty());
}

/// Goal: a missing or damaged page is a fault, not another root.
#[test]
fn err_1_damage_is_a_fault() {
    let (mut stored, mut state) = (Stored::default(), StateTree::new(64));
    let set = |byte: u8| (Hash([byte; 32]), Some(Hash([9; 32])));
    let five: Vec<TreeChange> = (0x11..0x16).map(set).collect();
    tree(&mut stored, &mut state, &five);
    let lower = stored.0.keys().last().unwrap().clone();
    stored.0.remove(&lower);
    let mut cold = StateTree::new(64);
    assert!(matches!(
        cold.update(&stored, &[set(0x16)]),
        Err(Fault::Damaged { .. })
    ));
    assert!(prove_place(&stored, &Hash([0x11; 32])).is_err());
    stored.0.insert(lower, Value::from(&b"xx"[..]));
    assert!(cold.update(&stored, &[set(0x16)]).is_err());
}

/// Goal: a block writes each page once, and no more than its keys need.
#[test]
fn a_block_reads_and_writes_each_page_once() {
    let place = |i: u32| key_hash(&i.to_le_bytes());
    let mut all: Vec<TreeChange> = (0..5_000)
        .map(|i| (place(i), Some(Hash([1; 32]))))
        .collect();
    all.sort();
    let (mut stored, mut state) = (Stored::default(), StateTree::new(100_000));
    tree(&mut stored, &mut state, &all);
    let mut block: Vec<TreeChange> = (0..100)
        .map(|i| (place(i * 7), Some(Hash([2; 32]))))
        .collect();
    block.sort();
    let (_, pages) = state.update(&stored, &block).unwrap();
    let keys: std::collections::BTreeSet<_> = pages.iter().map(|(key, _)| key.to_vec()).collect();
    assert_eq!(keys.len(), pages.len());
    assert!(pages.len() < 300, "{} pages for 100 keys", pages.len());
}

/// Goal: the stored tree yields the recorded root of four pairs, which primitives freezes.
#[test]
fn state_3_recorded_root() {
    let pairs: [(&[u8], &[u8]); 4] = [(b"a", b"1"), (b"b", b"2"), (b"c", b""), (b"", b"empty key")];
    let mut changes: Vec<TreeChange> = pairs
        .iter()
        .map(|(key, value)| (key_hash(key), Some(value_hash(value))))
        .collect();
    changes.sort();
    let (mut stored, mut state) = (Stored::default(), StateTree::new(8));
    let root = tree(&mut stored, &mut state, &changes);
    assert_eq!(
        root.to_string(),
        "0x73c1b8e2ab2d7b050d0526a12c32f1e2059223cc3de98bcbe6e98d3a20886589"
    );
    assert_eq!(rebuild(pairs), root);
}

/// Goal: a proof is far below 2 KiB; every four times as many pairs add 64 bytes. Prints what making and
/// checking one takes.
#[test]
#[expect(clippy::print_stderr, reason = "measures for people")]
fn proofs_are_small() {
    const PAIRS: u32 = 50_000;
    const PROOFS: u32 = 1_000;
    let key = |number: u32| [b"balance of ".as_slice(), &number.to_be_bytes()].concat();
    let (mut stored, mut state) = (Stored::default(), StateTree::new(1_000));
    let mut changes: Vec<TreeChange> = (0..PAIRS)
        .map(|number| (key_hash(&key(number)), Some(value_hash(b"7"))))
        .collect();
    changes.sort_unstable();
    let root = tree(&mut stored, &mut state, &changes);
    let began = std::time::Instant::now();
    let proofs: Vec<StateProof> = (0..PROOFS)
        .map(|number| prove(&stored, &key(number * 100)).unwrap())
        .collect();
    let made = began.elapsed() / PROOFS;
    let began = std::time::Instant::now();
    for (number, proof) in (0..).zip(&proofs) {
        // Half of them are of keys that are not there.
        let value = (number * 100 < PAIRS).then_some(b"7".as_slice());
        assert!(proof.verify(&root, &key(number * 100), value));
    }
    let checked = began.elapsed() / PROOFS;
    let bytes = proofs.iter().map(parity_scale_codec::Encode::encoded_size);
    let longest = bytes.max().unwrap();
    assert!(longest <= 1_024, "{longest} bytes");
    eprintln!("{PAIRS} pairs: at most {longest} bytes; made in {made:?}, checked in {checked:?}");
}
