//! The same tests over every engine.

use super::{Batch, Engine, Opened, ROW_VALUE_BYTES_MAX, Scan, Store, StoreSettings, open};
use crate::error::Fault;
use crate::folder;
use crate::state::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Opens an engine for a test; panics unless it is ready.
pub(crate) fn opened(engine: Engine, dir: &Path) -> Box<dyn Store> {
    let settings = StoreSettings {
        engine,
        cache_bytes: 4 * 1024 * 1024,
    };
    match open(dir, settings).unwrap() {
        Opened::Ready(store) => store,
        Opened::Damaged(reason) => panic!("{reason}"),
    }
}

/// Every engine.
pub(crate) const ENGINES: [Engine; 3] = [Engine::Memory, Engine::Redb, Engine::Sled];

fn batch(rows: &[(&str, Option<&str>)]) -> Batch {
    rows.iter()
        .map(|(key, value)| {
            let value = value.map(|value| Value::from(value.as_bytes()));
            (key.as_bytes().to_vec(), value)
        })
        .collect()
}

fn keys(
    store: &dyn Store,
    from: &str,
    to: Option<&str>,
    limit: usize,
    reverse: bool,
) -> Vec<String> {
    let scan = Scan {
        from: from.as_bytes(),
        to: to.map(str::as_bytes),
        limit,
        reverse,
    };
    let page = store.scan(scan).unwrap();
    page.into_iter()
        .map(|(key, _)| String::from_utf8(key).unwrap())
        .collect()
}

/// Goal: every engine answers reads, scans and batches alike.
#[test]
fn engines_agree() {
    for engine in ENGINES {
        let dir = tempfile::tempdir().unwrap();
        let store = opened(engine, dir.path());
        store
            .apply(&batch(&[
                ("a", Some("1")),
                ("b", Some("2")),
                ("c", Some("")),
            ]))
            .unwrap();
        store
            .apply(&batch(&[("b", None), ("d", Some("4"))]))
            .unwrap();
        assert_eq!(store.get(b"a").unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(store.get(b"b").unwrap(), None);
        assert_eq!(store.get(b"c").unwrap().as_deref(), Some(&b""[..]));
        let s = store.as_ref();
        assert_eq!(keys(s, "", None, 9, false), ["a", "c", "d"]);
        assert_eq!(keys(s, "a", Some("d"), 9, false), ["a", "c"]);
        assert_eq!(keys(s, "b", Some("d"), 9, true), ["c"]);
        assert_eq!(keys(s, "", None, 2, true), ["d", "c"]);
        assert_eq!(keys(s, "", None, 0, false), [""; 0]);
        assert_eq!(keys(s, "d", Some("a"), 9, false), [""; 0]);
        store.flush().unwrap();
        assert!(store.stats().unwrap().bytes > 0);
    }
}

/// Goal: what was applied and flushed is there after reopening, and gone after a wipe.
#[test]
fn flushed_rows_survive_reopening() {
    for engine in [Engine::Redb, Engine::Sled] {
        let dir = tempfile::tempdir().unwrap();
        let rows = batch(&[("a", Some("1")), ("b", Some("2"))]);
        {
            let store = opened(engine, dir.path());
            store.apply(&rows).unwrap();
            store.flush().unwrap();
        }
        {
            let store = opened(engine, dir.path());
            assert_eq!(keys(store.as_ref(), "", None, 9, false), ["a", "b"]);
        }
        folder::remove(dir.path()).unwrap();
        let store = opened(engine, dir.path());
        assert_eq!(keys(store.as_ref(), "", None, 9, false), [""; 0]);
    }
}

/// Goal: no engine takes a value that sled would keep in an unsynced file; the longest value fits.
#[test]
fn values_are_bounded() {
    for engine in ENGINES {
        let dir = tempfile::tempdir().unwrap();
        let store = opened(engine, dir.path());
        let value = |bytes: usize| Some(Value::from(vec![7; bytes]));
        let fits: Batch = (0..40_u8)
            .map(|row| (vec![row], value(ROW_VALUE_BYTES_MAX)))
            .collect();
        store.apply(&fits).unwrap();
        store.flush().unwrap();
        let blobs = dir.path().join("blobs");
        let blobs = std::fs::read_dir(blobs).map_or(0, |files| files.count());
        assert_eq!(blobs, 0, "{engine:?} wrote blob files");
        let long = BTreeMap::from([(vec![1], value(ROW_VALUE_BYTES_MAX + 1))]);
        assert!(matches!(store.apply(&long), Err(Fault::Store { .. })));
    }
}

/// Goal: a store that is open is refused to others with a clear word, not called damaged.
#[test]
fn an_open_store_is_not_opened_twice() {
    for engine in [Engine::Redb, Engine::Sled] {
        let dir = tempfile::tempdir().unwrap();
        let _store = opened(engine, dir.path());
        let settings = StoreSettings {
            engine,
            cache_bytes: 1024 * 1024,
        };
        let again = open(dir.path(), settings);
        assert!(matches!(again, Err(Fault::Unusable { .. })), "{again:?}");
    }
}

/// Goal: sled's unfinished snapshot files do not keep it from opening, and truncated finished ones
/// neither.
#[test]
fn sled_opens_over_broken_snapshot_files() {
    let dir = tempfile::tempdir().unwrap();
    let rows = batch(&[("a", Some("1"))]);
    {
        let store = opened(Engine::Sled, dir.path());
        store.apply(&rows).unwrap();
        store.flush().unwrap();
    }
    std::fs::write(dir.path().join("snap.00000000000FFFFF.generating"), b"par").unwrap();
    assert!(
        opened(Engine::Sled, dir.path())
            .get(b"a")
            .unwrap()
            .is_some()
    );
    std::fs::write(dir.path().join("snap.00000000000FFFFF"), b"par").unwrap();
    assert!(
        opened(Engine::Sled, dir.path())
            .get(b"a")
            .unwrap()
            .is_some()
    );
}

/// Goal: overwritten files are reported as damage or still answer rightly; opening never panics.
#[test]
fn damage_is_an_answer() {
    for (engine, name) in [(Engine::Redb, "rows.redb"), (Engine::Sled, "db")] {
        let dir = tempfile::tempdir().unwrap();
        {
            let store = opened(engine, dir.path());
            let rows = (0..2_000_u16)
                .map(|row| (row.to_be_bytes().to_vec(), Some(Value::from(vec![3; 40]))))
                .collect();
            store.apply(&rows).unwrap();
            store.flush().unwrap();
        }
        let path = dir.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x40);
        std::fs::write(&path, bytes).unwrap();
        let settings = StoreSettings {
            engine,
            cache_bytes: 1024 * 1024,
        };
        match open(dir.path(), settings).unwrap() {
            Opened::Damaged(_) => {}
            Opened::Ready(store) => {
                if let Ok(Some(value)) = store.get(&7_u16.to_be_bytes()) {
                    assert_eq!(value.as_ref(), [3; 40]);
                }
            }
        }
    }
}
