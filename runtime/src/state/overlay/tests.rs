//! The overlay against a plain map with copies as checkpoints.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// A base that answers from a map.
struct Fixed(BTreeMap<Vec<u8>, Value>);

impl StateRead for Fixed {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        Ok(self.0.get(key).cloned())
    }

    fn page(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Page, Fault> {
        Ok(scan(&self.0, prefix, after, limit))
    }
}

fn scan(map: &BTreeMap<Vec<u8>, Value>, prefix: &[u8], after: &[u8], limit: usize) -> Page {
    map.iter()
        .filter(|(key, _)| key.starts_with(prefix))
        .filter(|(key, _)| after.is_empty() || key.as_slice() > after)
        .take(limit)
        .map(|(key, value)| (key.clone(), Value::clone(value)))
        .collect()
}

fn value(byte: u8) -> Value {
    Value::from([byte].as_slice())
}

#[derive(Clone, Debug)]
enum Step {
    Get(Vec<u8>),
    Set(Vec<u8>, u8),
    Remove(Vec<u8>),
    Page(Vec<u8>, Vec<u8>, usize),
    Checkpoint,
    Commit,
    Revert,
    RevertAll,
    Finish,
    Discard,
    Forget,
}

fn any_key() -> impl Strategy<Value = Vec<u8>> {
    vec(0u8..3, 0..4)
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any_key().prop_map(Step::Get),
        6 => (any_key(), 0u8..4).prop_map(|(key, byte)| Step::Set(key, byte)),
        4 => any_key().prop_map(Step::Remove),
        3 => (any_key(), any_key(), 0usize..6).prop_map(|(p, a, n)| Step::Page(p, a, n)),
        3 => Just(Step::Checkpoint),
        2 => Just(Step::Commit),
        2 => Just(Step::Revert),
        1 => Just(Step::RevertAll),
        1 => Just(Step::Finish),
        1 => Just(Step::Discard),
        1 => Just(Step::Forget),
    ]
}

type Map = BTreeMap<Vec<u8>, Value>;

/// The same thing without thought: whole copies of the state.
struct Model {
    block: Map,
    transaction: Map,
    now: Map,
    checkpoints: Vec<(Checkpoint, Map)>,
}

fn differences(old: &Map, new: &Map) -> Changes {
    let keys = old.keys().chain(new.keys());
    let unique: std::collections::BTreeSet<_> = keys.collect();
    let change = |key: &Vec<u8>| Change {
        key: Arc::from(key.as_slice()),
        old: old.get(key).cloned(),
        new: new.get(key).cloned(),
    };
    Changes::new(unique.into_iter().map(change).collect())
}

impl Model {
    fn new(base: Map) -> Self {
        Self {
            block: base.clone(),
            transaction: base.clone(),
            now: base,
            checkpoints: Vec::new(),
        }
    }

    fn step(&mut self, overlay: &mut Overlay, step: Step) -> TestCaseResult {
        match step {
            Step::Get(key) => {
                prop_assert_eq!(overlay.get(&key).unwrap(), self.now.get(&key).cloned());
                prop_assert_eq!(overlay.peek(&key).unwrap(), self.now.get(&key).cloned());
            }
            Step::Set(key, byte) => {
                overlay.set(&key, value(byte)).unwrap();
                self.now.insert(key, value(byte));
            }
            Step::Remove(key) => {
                overlay.remove(&key).unwrap();
                self.now.remove(&key);
            }
            Step::Page(prefix, after, limit) => {
                let page = overlay.page(&prefix, &after, limit).unwrap();
                prop_assert_eq!(page, scan(&self.now, &prefix, &after, limit));
            }
            Step::Checkpoint => {
                let checkpoint = overlay.checkpoint();
                self.checkpoints.push((checkpoint, self.now.clone()));
            }
            Step::Commit => {
                if let Some((checkpoint, _)) = self.checkpoints.pop() {
                    overlay.commit(checkpoint);
                }
            }
            Step::Revert => {
                if let Some((checkpoint, map)) = self.checkpoints.pop() {
                    overlay.revert(checkpoint);
                    self.now = map;
                }
            }
            Step::RevertAll => {
                if let Some((checkpoint, map)) = self.checkpoints.drain(..).next() {
                    overlay.revert(checkpoint);
                    self.now = map;
                }
            }
            Step::Finish => {
                overlay.finish_transaction();
                self.transaction = self.now.clone();
                self.checkpoints.clear();
            }
            Step::Discard => {
                overlay.discard_transaction();
                self.now = self.transaction.clone();
                self.checkpoints.clear();
            }
            Step::Forget => {
                overlay.discard_transaction();
                overlay.forget_reads();
                self.now = self.transaction.clone();
                self.checkpoints.clear();
            }
        }
        let expected = differences(&self.transaction, &self.now);
        prop_assert_eq!(overlay.transaction_changes(), expected);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Goal: whatever is written, committed and reverted, the overlay agrees with plain copies.
    #[test]
    fn state_1_revert_restores_checkpoint(
        base in proptest::collection::btree_map(any_key(), (0u8..4).prop_map(value), 0..25),
        steps in vec(any_step(), 0..80),
    ) {
        let mut overlay = Overlay::new(Arc::new(Fixed(base.clone())));
        let mut model = Model::new(base);
        for step in steps {
            model.step(&mut overlay, step)?;
        }
        let changes = overlay.into_block_changes();
        prop_assert_eq!(changes, differences(&model.block, &model.transaction));
        model.block.clear();
    }
}

/// Goal: a page is filled although most keys of the base are removed.
#[test]
fn pages_pass_over_many_removed_keys() {
    let base: Map = (0..200u8).map(|i| (vec![1, i], value(i))).collect();
    let mut overlay = Overlay::new(Arc::new(Fixed(base)));
    for i in 0..198 {
        overlay.remove(&[1, i]).unwrap();
    }
    overlay.set(&[1, 250], value(9)).unwrap();
    overlay.set(&[2, 0], value(9)).unwrap();
    let keys = |page: Page| page.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    let page = overlay.page(&[1], &[], 2).unwrap();
    assert_eq!(keys(page), [vec![1, 198], vec![1, 199]]);
    let page = overlay.page(&[1], &[1, 199], 2).unwrap();
    assert_eq!(keys(page), [vec![1, 250]]);
}

/// Goal: the access list names what was read from before the transaction and what changed, only.
#[test]
fn access_is_exact() {
    let base: Map = [(vec![1], value(1)), (vec![2], value(2))].into();
    let mut overlay = Overlay::new(Arc::new(Fixed(base)));
    overlay.set(&[9], value(9)).unwrap();
    overlay.get(&[9]).unwrap();
    overlay.set(&[2], value(2)).unwrap();
    overlay.get(&[1]).unwrap();
    overlay.get(&[1]).unwrap();
    let checkpoint = overlay.checkpoint();
    overlay.set(&[3], value(3)).unwrap();
    overlay.revert(checkpoint);
    overlay.get(&[3]).unwrap();
    overlay.page(&[1], &[], 5).unwrap();
    overlay.page(&[], &[1], 1).unwrap();
    let access = overlay.access();
    let keys = |keys: &[Arc<[u8]>]| keys.iter().map(|key| key.to_vec()).collect::<Vec<_>>();
    assert_eq!(keys(&access.reads), [vec![1], vec![3]]);
    assert_eq!(keys(&access.writes), [vec![9]]);
    assert_eq!(access.scans.len(), 2);
    assert_eq!(access.scans[0].through, None);
    assert_eq!(access.scans[1].through, Some(vec![2]));
    assert_eq!(overlay.writes(), 3);
    overlay.finish_transaction();
    assert_eq!(overlay.access(), Access::default());
    assert_eq!(overlay.writes(), 0);
}

/// Goal: rewriting one key does not grow the journal, so a revert costs what was written, by key.
#[test]
fn the_journal_holds_one_record_per_key_and_checkpoint() {
    let mut overlay = Overlay::new(Arc::new(Fixed(Map::new())));
    for round in 0..50u8 {
        overlay.set(b"k", value(round)).unwrap();
    }
    assert_eq!(overlay.journal.len(), 1);
    let checkpoint = overlay.checkpoint();
    for round in 0..50u8 {
        overlay.set(b"k", value(round)).unwrap();
    }
    assert_eq!(overlay.journal.len(), 2);
    overlay.revert(checkpoint);
    assert_eq!(overlay.get(b"k").unwrap(), Some(value(49)));
}
