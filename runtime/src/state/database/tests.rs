//! The database against full maps per height, over every engine.

use super::*;
use crate::state::StateRead;
use crate::state::change::Change;
use crate::state::root::PageRead;
use crate::state::store::Engine;
use crate::state::store::tests::opened;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::panic::resume_unwind;
use weighhouse_primitives::Hash;
use weighhouse_primitives::proof::{key_hash, value_hash};

type Map = BTreeMap<Vec<u8>, Value>;

fn settings(chain: u8) -> DatabaseSettings {
    DatabaseSettings {
        chain: GenesisHash(Hash([chain; 32])),
        store: StoreSettings::default(),
        cache_bytes: 4 * 1024,
        batch_rows: 24,
        behind: BehindSettings {
            bytes_max: 2 * 1024,
            leaves_max: 12,
        },
    }
}

fn ready(found: OpenedDatabase) -> Arc<Database> {
    match found {
        OpenedDatabase::Ready(database) => database,
        OpenedDatabase::Rebuild(reason) => panic!("{reason}"),
    }
}

fn over(store: Box<dyn Store>) -> Arc<Database> {
    ready(Database::over(store, &settings(1)).unwrap())
}

fn memory() -> Arc<Database> {
    over(Box::new(crate::state::store::memory::MemoryStore::new()))
}

fn tip(height: u64) -> Tip {
    Tip {
        height: Height(height),
        block: BlockHash(Hash([u8::try_from(height % 251).unwrap(); 32])),
        state_root: StateRoot::default(),
    }
}

/// The layer that turns `before` into `after`.
fn layer(height: u64, before: &Map, after: &Map) -> Layer {
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changes = keys.into_iter().map(|key| Change {
        key: key.as_slice().into(),
        old: before.get(key).cloned(),
        new: after.get(key).cloned(),
    });
    let state = Changes::new(changes.collect());
    let page = Some(Value::from(height.to_be_bytes()));
    let look_up = [b"xh".as_slice(), &height.to_be_bytes()].concat();
    Layer {
        tip: tip(height),
        leaves: state.tree_changes(),
        state,
        pages: [(row::page(b"root"), page.clone())].into(),
        look_ups: [(
            [b"xt".as_slice(), &height.to_be_bytes()].concat(),
            page.clone(),
        )]
        .into(),
        rows: [(look_up, page)].into(),
    }
}

fn key(number: u8) -> Vec<u8> {
    // Keys of several lengths, with zeros, some the beginning of others.
    match number % 12 {
        0 => b"a".to_vec(),
        1 => b"a\0".to_vec(),
        2 => b"a\0\x01".to_vec(),
        3 => b"a\0\xff".to_vec(),
        4 => b"ab".to_vec(),
        5 => b"b\0\0".to_vec(),
        other => vec![b'b', other],
    }
}

/// Short values and long ones, so that versions stay in a row, or move after one or two changes.
fn value(byte: u8) -> Value {
    let length = [1, 150, 400].into_iter().cycle().nth(usize::from(byte));
    vec![byte; length.expect("a cycle")].into()
}

#[derive(Clone, Debug)]
enum Step {
    Push(Vec<(u8, Option<u8>)>),
    StoreNext,
    Hold(u8),
    Drop,
    Prune(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let changes = proptest::collection::vec((any::<u8>(), any::<Option<u8>>()), 0..6);
    prop_oneof![
        5 => changes.prop_map(Step::Push),
        4 => Just(Step::StoreNext),
        3 => any::<u8>().prop_map(Step::Hold),
        1 => Just(Step::Drop),
        1 => (0..6_u8).prop_map(Step::Prune),
        1 => Just(Step::Reopen),
    ]
}

fn check(snapshot: &Snapshot, models: &[Map]) {
    let model = &models[usize::try_from(snapshot.height().0).unwrap()];
    for number in 0..12 {
        let found = snapshot.get(&key(number)).unwrap();
        assert_eq!(found.as_ref(), model.get(&key(number)), "{number}");
    }
    for prefix in [&b""[..], b"a", b"a\0", b"b"] {
        for limit in [1, 2, 50] {
            let (mut all, mut after) = (Page::new(), Vec::new());
            loop {
                let page = snapshot.page(prefix, &after, limit).unwrap();
                assert!(page.len() <= limit);
                let Some((last, _)) = page.last() else { break };
                after.clone_from(last);
                all.extend(page);
            }
            let expected = model.iter().filter(|(key, _)| key.starts_with(prefix));
            let expected: Page = expected.map(|(k, v)| (k.clone(), v.clone())).collect();
            assert_eq!(all, expected, "prefix {prefix:?}, limit {limit}");
        }
    }
}

fn hashed(map: &Map) -> BTreeMap<Hash, Hash> {
    map.iter()
        .map(|(key, value)| (key_hash(key), value_hash(value)))
        .collect()
}

/// What recovery does, with a page that is nothing but its height. Invariant STATE-5: the leaves turn
/// the state that the stored page is of into that of the tip.
fn catch_up(database: &Database, models: &[Map]) {
    let page = database.page(b"root").unwrap().expect("a page");
    let height = u64::from_be_bytes(page.as_ref().try_into().unwrap());
    let leaves = database.resume_behind().unwrap();
    let mut state = hashed(&models[usize::try_from(height).unwrap()]);
    for (key, value) in &leaves {
        match value {
            Some(value) => state.insert(*key, *value),
            None => state.remove(key),
        };
    }
    assert_eq!(state, hashed(models.last().unwrap()));
    let tip = database.tip().unwrap().height.0;
    let page = Some(Value::from(tip.to_be_bytes()));
    database.adopt_pages(&[(row::page(b"root"), page)].into());
}

/// Walks the steps over one engine, comparing every snapshot after every step.
fn walk(engine: Engine, steps: &[Step]) {
    let dir = tempfile::tempdir().unwrap();
    let mut database = over(opened(engine, dir.path()));
    let mut models = vec![Map::new()];
    database.push(layer(0, &Map::new(), &models[0])).unwrap();
    let mut held: Vec<Snapshot> = Vec::new();
    for step in steps {
        match step {
            Step::Push(changes) => {
                let mut after = models.last().unwrap().clone();
                for (number, new) in changes {
                    match new {
                        Some(byte) => after.insert(key(*number), value(*byte)),
                        None => after.remove(&key(*number)),
                    };
                }
                let height = u64::try_from(models.len()).unwrap();
                let layer = layer(height, models.last().unwrap(), &after);
                database.push(layer).unwrap();
                models.push(after);
            }
            Step::StoreNext => {
                let waiting = database.pending();
                assert_eq!(database.store_next().unwrap(), waiting.0 > 0);
            }
            Step::Hold(height) => {
                let count = u64::try_from(models.len()).unwrap();
                let height = Height(u64::from(*height) % count);
                match database.snapshot(height) {
                    Ok(snapshot) => held.push(snapshot),
                    Err(refusal) => assert!(height < refusal.oldest),
                }
            }
            Step::Drop => drop(held.pop()),
            Step::Prune(keep) => {
                database.prune(u64::from(*keep), 7).unwrap();
            }
            Step::Reopen if engine == Engine::Memory || database.stored().is_none() => {}
            Step::Reopen => {
                held.clear();
                let stored = database.stored().unwrap();
                drop(database);
                database = over(opened(engine, dir.path()));
                assert_eq!(database.tip(), Some(stored));
                models.truncate(usize::try_from(stored.height.0).unwrap() + 1);
                catch_up(&database, &models);
            }
        }
        let height = Height(u64::try_from(models.len()).unwrap() - 1);
        assert_eq!(database.tip().unwrap().height, height);
        check(&database.snapshot(height).unwrap(), &models);
        held.iter().for_each(|snapshot| check(snapshot, &models));
        let page = Some(Value::from(height.0.to_be_bytes()));
        assert_eq!(database.page(b"root").unwrap(), page);
        let scan = Scan {
            from: b"xh",
            to: Some(b"xi"),
            limit: 99,
            reverse: true,
        };
        assert_eq!(database.rows(scan).unwrap().len(), models.len());
        for height in 0..=height.0 {
            let key = [b"xt".as_slice(), &height.to_be_bytes()].concat();
            let found = database.row(&key).unwrap();
            assert_eq!(found.as_deref(), Some(&height.to_be_bytes()[..]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Goal: whatever order of pushing, storing, reading, pruning and reopening, every snapshot equals
    /// the full map of its height; over memory.
    #[test]
    fn snapshots_equal_full_maps(steps in proptest::collection::vec(step(), 0..40)) {
        walk(Engine::Memory, &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    /// Goal: the same over the engines on disk, with reopening.
    #[test]
    fn snapshots_equal_full_maps_on_disk(steps in proptest::collection::vec(step(), 0..30)) {
        walk(Engine::Redb, &steps);
        walk(Engine::Sled, &steps);
    }
}

/// Goal: readers in other threads never see a value of another height while layers are pushed, stored
/// and pruned. Method: each block sets all keys to its height; one key comes and goes.
#[test]
fn readers_see_one_height_while_the_store_moves() {
    let database = memory();
    let map = |height: u64| -> Map {
        let count = 6 + u8::try_from(height % 2).unwrap();
        let value = Value::from(height.to_be_bytes());
        (0..count)
            .map(|number| (key(number), value.clone()))
            .collect()
    };
    database.push(layer(0, &Map::new(), &map(0))).unwrap();
    const BLOCKS: u64 = 300;
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < BLOCKS {
                        seen = database.tip().unwrap().height.0;
                        let Ok(snapshot) = database.snapshot(Height(seen.saturating_sub(1))) else {
                            continue;
                        };
                        let model = map(snapshot.height().0);
                        for number in 0..7 {
                            let found = snapshot.get(&key(number)).unwrap();
                            assert_eq!(found.as_ref(), model.get(&key(number)));
                        }
                        let page = snapshot.page(b"", b"", 50).unwrap();
                        assert_eq!(page.into_iter().collect::<Map>(), model);
                    }
                })
            })
            .collect();
        for height in 1..=BLOCKS {
            database
                .push(layer(height, &map(height - 1), &map(height)))
                .unwrap();
            if height % 3 != 0 || database.pending().0 > 4 {
                database.store_next().unwrap();
                database.store_next().unwrap();
            }
            database.prune(2, 20).unwrap();
        }
        for reader in readers {
            reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

/// Goal: pages of the tree wait while the leaves stored without them are few, then all are written
/// with the height they are of, and the leaves go.
#[test]
fn state_5_pages_are_written_behind() {
    let database = memory();
    let map = |height: u64| Map::from([(key(0), Value::from(height.to_be_bytes()))]);
    database.push(layer(0, &Map::new(), &map(0))).unwrap();
    let mut written = Vec::new();
    for height in 1..=30 {
        let one = layer(height, &map(height - 1), &map(height));
        database.push(one).unwrap();
        while database.store_next().unwrap() {}
        let tree = database.store.get(row::TREE).unwrap().unwrap();
        let tree = u64::from_le_bytes(tree.as_ref().try_into().unwrap());
        let stored = database.store.get(&row::page(b"root")).unwrap().unwrap();
        assert_eq!(stored.as_ref(), tree.to_be_bytes());
        let scan = Scan::ascending(b"c", Some(b"e"), 99);
        let makers = database.stored_rows(scan).unwrap();
        assert_eq!(u64::try_from(makers.len()).unwrap(), 2 * (height - tree));
        written.push(tree);
        let latest = database.page(b"root").unwrap().unwrap();
        assert_eq!(latest.as_ref(), height.to_be_bytes());
    }
    written.dedup();
    assert_eq!(written, [0, 13, 26], "with the thirteenth leaf");
}

/// Goal: waiting blocks go to the store together, up to the rows of a batch, genesis by itself; each
/// height stays readable.
#[test]
fn state_2_a_batch_takes_several_blocks() {
    let database = memory();
    let map = |height: u64| Map::from([(key(0), Value::from(height.to_be_bytes()))]);
    database.push(layer(0, &Map::new(), &map(0))).unwrap();
    for height in 1..=9 {
        let one = layer(height, &map(height - 1), &map(height));
        database.push(one).unwrap();
    }
    let mut stored = Vec::new();
    while database.store_next().unwrap() {
        stored.push(database.stored().unwrap().height.0);
    }
    // A block here has three rows besides its page, and counts as four.
    assert_eq!(stored, [0, 6, 9]);
    for height in 0..=9 {
        let snapshot = database.snapshot(Height(height)).unwrap();
        assert_eq!(
            snapshot.get(&key(0)).unwrap().as_ref(),
            map(height).get(&key(0))
        );
    }
}

/// Goal: pruning removes what no readable height needs, keeps what live snapshots need, and says so.
#[test]
fn pruning_keeps_what_snapshots_need() {
    let database = memory();
    let map = |height: u64| {
        Map::from([(
            key(0),
            Value::from(vec![u8::try_from(height).unwrap(); 200]),
        )])
    };
    database.push(layer(0, &Map::new(), &map(0))).unwrap();
    for height in 1..=20 {
        database
            .push(layer(height, &map(height - 1), &map(height)))
            .unwrap();
    }
    while database.store_next().unwrap() {}
    let held = database.snapshot(Height(5)).unwrap();
    while !database.prune(3, 4).unwrap().done {}
    assert_eq!(database.oldest(), Height(5));
    assert_eq!(held.get(&key(0)).unwrap(), map(5).get(&key(0)).cloned());
    drop(held);
    while !database.prune(3, 4).unwrap().done {}
    assert_eq!(database.oldest(), Height(17));
    let refusal = database.snapshot(Height(16)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the state at height 16 is not kept, heights 17 to 20 are"
    );
    let scan = Scan::ascending(b"p", Some(b"q"), 99);
    let left = database.stored_rows(scan).unwrap();
    let heights = left
        .iter()
        .map(|(row, _)| row::split_previous(row).expect("a row of versions").1);
    let heights: Vec<u64> = heights.collect();
    assert!(
        !heights.is_empty() && heights.iter().all(|height| *height > 17),
        "{heights:?}"
    );
    let old = database.snapshot(Height(17)).unwrap();
    assert_eq!(old.get(&key(0)).unwrap(), map(17).get(&key(0)).cloned());
}

/// Goal: layers that don't follow the tip are refused; a store of another chain and one of another
/// format too, each in its way.
#[test]
fn what_does_not_fit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    {
        let database = over(opened(Engine::Redb, dir.path()));
        assert_eq!(database.tip(), None);
        assert!(database.snapshot(Height(0)).is_err());
        database.push(layer(0, &Map::new(), &Map::new())).unwrap();
        assert!(database.push(layer(2, &Map::new(), &Map::new())).is_err());
        database.store_next().unwrap();
        database.flush().unwrap();
    }
    let other = Database::over(opened(Engine::Redb, dir.path()), &settings(2));
    assert!(matches!(other, Err(Fault::Unusable { .. })));
    {
        let store = opened(Engine::Redb, dir.path());
        let format = Some(Value::from(9_u32.to_le_bytes()));
        store
            .apply(&[(row::FORMAT.to_vec(), format)].into())
            .unwrap();
        store.flush().unwrap();
    }
    let other = Database::over(opened(Engine::Redb, dir.path()), &settings(1)).unwrap();
    assert!(matches!(other, OpenedDatabase::Rebuild(_)));
}

/// A store whose batches fail.
#[derive(Debug)]
struct Failing(crate::state::store::memory::MemoryStore);

impl Store for Failing {
    fn engine(&self) -> &'static str {
        "failing"
    }
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        self.0.get(key)
    }
    fn scan(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        self.0.scan(scan)
    }
    fn apply(&self, _: &Batch) -> Result<(), Fault> {
        let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
        Err(Fault::io("writing")(source))
    }
    fn flush(&self) -> Result<(), Fault> {
        Ok(())
    }
    fn stats(&self) -> Result<StoreStats, Fault> {
        self.0.stats()
    }
}

/// Goal: after a failed batch the database refuses everything; the tip it names is the last good one.
#[test]
fn state_2_a_failed_batch_is_final() {
    let database = over(Box::new(Failing(Default::default())));
    database.push(layer(0, &Map::new(), &Map::new())).unwrap();
    assert!(matches!(database.store_next(), Err(Fault::Io { .. })));
    assert!(matches!(database.store_next(), Err(Fault::Store { .. })));
    assert!(matches!(database.flush(), Err(Fault::Store { .. })));
    assert!(matches!(
        database.push(layer(1, &Map::new(), &Map::new())),
        Err(Fault::Store { .. })
    ));
    assert_eq!(database.stored(), None);
}

/// Goal: the tip row is in the batch of its block, so the store never names a block it lacks.
#[test]
fn state_2_tip_travels_with_its_rows() {
    let database = memory();
    let after = Map::from([(key(1), Value::from([1]))]);
    database.push(layer(0, &Map::new(), &Map::new())).unwrap();
    database.push(layer(1, &Map::new(), &after)).unwrap();
    let layers = [Arc::new(layer(1, &Map::new(), &after))];
    let batch = database.batch(&layers, false).unwrap();
    assert_eq!(
        batch.get(row::TIP).cloned().flatten().as_deref(),
        Some(&tip(1).encode()[..])
    );
    assert!(batch.contains_key(&row::state(&key(1))));
    assert!(!batch.contains_key(&row::previous(&key(1), 1)));
    assert_eq!(tip(1).encode().len(), 72);
}

/// Goal: what a block has removed and the store still has is passed over once, however often and from
/// wherever it is scanned; what it has added is found without looking at all of it.
#[test]
fn removed_keys_are_passed_over_once() {
    let database = memory();
    let name = |number: u16| [b"k".as_slice(), &number.to_be_bytes()].concat();
    let full: Map = (0..1_000)
        .map(|number| (name(number), Value::from([1].as_slice())))
        .collect();
    let few: Map = [500, 999, 2_000]
        .map(|number| (name(number), Value::from([2].as_slice())))
        .into();
    database.push(layer(0, &Map::new(), &full)).unwrap();
    let added = database.snapshot(Height(0)).unwrap();
    let page = added.page(b"k", &name(997), 9).unwrap();
    assert_eq!(page.len(), 2);
    database.store_next().unwrap();
    database.push(layer(1, &full, &few)).unwrap();
    let snapshot = database.snapshot(Height(1)).unwrap();
    assert_eq!(snapshot.stretches(), 0);
    for _ in 0..3 {
        for after in [0, 3, 250, 498, 499, 500, 501, 998, 999, 1_999, 2_000] {
            let page = snapshot.page(b"k", &name(after), 1).unwrap();
            let next = few.iter().find(|(key, _)| **key > name(after));
            let found = page.first().map(|(key, value)| (key, value));
            assert_eq!(found, next, "after {after}");
        }
    }
    assert_eq!(snapshot.stretches(), 2, "0 to 500, 500 to 999");
    database.store_next().unwrap();
    let all = snapshot.page(b"k", b"", 50).unwrap();
    assert_eq!(all.into_iter().collect::<Map>(), few);
}
