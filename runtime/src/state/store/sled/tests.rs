//! A batch cut in two by a crash is finished or refused.

use super::*;
use crate::state::store::Engine;
use crate::state::store::tests::opened;

fn batch(number: u8) -> Batch {
    let row = |place: u8| (vec![b'k', place], Some(Value::from([number])));
    (0..20).map(row).collect()
}

/// Closes the store as a crash in the middle of batch 3 would: begun, some rows there, not done.
fn half_applied(dir: &Path, recorded: bool) {
    let store = opened(Engine::Sled, dir);
    store.apply(&batch(1)).unwrap();
    store.apply(&batch(2)).unwrap();
    store.flush().unwrap();
    drop(store);
    let db = open_engine(dir, 1 << 20).unwrap();
    let batches = db.open_tree(BATCHES).unwrap();
    batches.insert(BEGUN, &3_u64.to_le_bytes()).unwrap();
    for (key, value) in batch(3).iter().take(7) {
        db.insert(key, value.as_deref().unwrap()).unwrap();
    }
    db.flush().unwrap();
    if recorded {
        let (mut redo, _) = Redo::open(dir).unwrap();
        redo.record(3, &batch(3)).unwrap();
        redo.record(4, &batch(4)).unwrap();
    }
}

/// Goal: a batch that a crash cut in two is whole after opening, and so are those recorded behind it.
#[test]
fn state_2_a_half_applied_batch_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    half_applied(dir.path(), true);
    for round in 0..2 {
        let store = opened(Engine::Sled, dir.path());
        let left = std::fs::metadata(dir.path().join("redo")).unwrap().len();
        assert_eq!(left, 0, "what was applied is not kept");
        for (key, value) in batch(4 + round) {
            assert_eq!(store.get(&key).unwrap(), value, "round {round}");
        }
        store.apply(&batch(5)).unwrap();
    }
}

/// Goal: half a batch that no record completes is damage, never a state.
#[test]
fn state_2_half_a_batch_without_a_record_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    half_applied(dir.path(), false);
    match SledStore::open(dir.path(), 1 << 20).unwrap() {
        Opened::Damaged(reason) => assert!(reason.contains("batch 3 was begun"), "{reason}"),
        Opened::Ready(_) => panic!("half a batch was taken for a state"),
    }
}
