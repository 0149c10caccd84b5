//! The log under crashes, rot and failing disks.

use super::record::SEGMENT_HEADER_BYTES;
use super::sim::{Dice, SimFiles};
use super::*;
use std::io::ErrorKind;
use weighhouse_primitives::Hash;

const CHAIN: GenesisHash = GenesisHash(Hash([5; 32]));
const SETTINGS: LogSettings = LogSettings {
    segment_bytes: 1_500,
    step_bytes: 600,
};

fn payload(height: u64) -> Vec<u8> {
    let byte = u8::try_from(height % 255).unwrap() + 1;
    vec![byte; 20 + usize::try_from(height * 131 % 700).unwrap()]
}

fn previous(height: u64) -> BlockHash {
    BlockHash(Hash([u8::try_from(height % 251).unwrap(); 32]))
}

fn reopened(files: &Arc<SimFiles>) -> Result<(BlockLog, Option<TornTail>), Fault> {
    BlockLog::over(files.clone(), CHAIN, SETTINGS)
}

fn fill(log: &mut BlockLog, to: u64) -> Result<(), Fault> {
    let from = log.last().map_or(1, |last| last.0 + 1);
    (from..=to)
        .try_for_each(|height| log.append(Height(height), previous(height), &payload(height)))
}

fn check(log: &BlockLog) {
    let records: Vec<_> = log
        .reader()
        .records(Height(1))
        .map(Result::unwrap)
        .collect();
    assert_eq!(records.len() as u64, log.last().map_or(0, |last| last.0));
    for (record, height) in records.iter().zip(1..) {
        assert_eq!(record.height, Height(height));
        assert_eq!(record.previous, previous(height));
        assert_eq!(record.payload, payload(height));
    }
}

/// Goal: what was appended is read back, over segments, after reopening, in a real folder too.
#[test]
fn blocks_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let files = |dir: &Path| Arc::new(OsFiles::open(dir).unwrap());
    {
        let (mut log, torn) = BlockLog::over(files(dir.path()), CHAIN, SETTINGS).unwrap();
        assert_eq!((log.last(), torn), (None, None));
        fill(&mut log, 20).unwrap();
        check(&log);
        let again = BlockLog::open(dir.path(), CHAIN);
        assert!(matches!(again, Err(Fault::Unusable { .. })), "{again:?}");
    }
    let (mut log, torn) = BlockLog::open(dir.path(), CHAIN).unwrap();
    assert_eq!((log.last(), torn), (Some(Height(20)), None));
    fill(&mut log, 25).unwrap();
    check(&log);
    assert_eq!(log.reader().read(Height(26)).unwrap(), None);
    assert_eq!(log.reader().read(Height(0)).unwrap(), None);
    assert!(log.append(Height(27), previous(27), b"").is_err());
    fill(&mut log, 26).unwrap();
    drop(log);
    let other = BlockLog::open(dir.path(), GenesisHash::default());
    assert!(matches!(other, Err(Fault::Unusable { .. })), "{other:?}");
}

/// Goal: after a power cut at any operation the log has all acknowledged blocks, at most the one
/// under way besides, and goes on. Method: every operation of 14 blocks, several dice each.
#[test]
fn power_cuts_lose_nothing_acknowledged() {
    let whole = {
        let files = Arc::new(SimFiles::default());
        fill(&mut reopened(&files).unwrap().0, 14).unwrap();
        files.operations()
    };
    for point in 1..=whole + 1 {
        for seed in 0..6 {
            let files = Arc::new(SimFiles::default());
            let acknowledged = {
                let (mut log, _) = reopened(&files).unwrap();
                files.fail_at(Some(point), ErrorKind::Other);
                let done = fill(&mut log, 14);
                if done.is_err() {
                    assert!(
                        fill(&mut log, 14).is_err(),
                        "a failed log takes nothing more"
                    );
                }
                log.last().map_or(0, |last| last.0)
            };
            files.crash(&mut Dice(point * 100 + seed));
            let (mut log, _) = reopened(&files).unwrap();
            let found = log.last().map_or(0, |last| last.0);
            assert!(
                found == acknowledged || found == acknowledged + 1,
                "{point} {seed}"
            );
            check(&log);
            fill(&mut log, 16).unwrap();
            check(&log);
            drop(log);
            let (log, torn) = reopened(&files).unwrap();
            assert_eq!((log.last(), torn), (Some(Height(16)), None));
        }
    }
}

/// Goal: after a full disk or a failed sync the log takes nothing more, and reopening recovers.
#[test]
fn a_failed_append_is_final() {
    for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
        for point in 1..=6 {
            let files = Arc::new(SimFiles::default());
            let (mut log, _) = reopened(&files).unwrap();
            fill(&mut log, 3).unwrap();
            files.fail_at(Some(point), kind);
            assert!(matches!(fill(&mut log, 12), Err(Fault::Io { .. })));
            files.fail_at(None, kind);
            assert!(matches!(fill(&mut log, 12), Err(Fault::Unusable { .. })));
            let acknowledged = log.last().unwrap();
            check(&log);
            drop(log);
            let (mut log, _) = reopened(&files).unwrap();
            assert!(log.last().unwrap() >= acknowledged);
            fill(&mut log, 12).unwrap();
            check(&log);
        }
    }
}

/// Goal: without room nothing is written, and the log goes on as it was once there is room, at every amount
/// of room; a crash meanwhile changes nothing.
#[test]
fn state_2_a_full_disk_takes_nothing_and_loses_nothing() {
    for room in 0..1_400 {
        let files = Arc::new(SimFiles::default());
        let (mut log, _) = reopened(&files).unwrap();
        fill(&mut log, 3).unwrap();
        files.leave_room(Some(room));
        let full = fill(&mut log, 12);
        assert!(matches!(full, Err(Fault::Full { .. })), "{room}: {full:?}");
        let acknowledged = log.last().unwrap();
        let reserved = log.reserve(acknowledged.next(), 2_000);
        assert!(matches!(reserved, Err(Fault::Full { .. })), "{reserved:?}");
        check(&log);
        if room % 3 == 0 {
            drop(log);
            files.crash(&mut Dice(u64::try_from(room).unwrap()));
            log = reopened(&files).unwrap().0;
            assert_eq!(log.last(), Some(acknowledged));
        }
        files.leave_room(None);
        log.reserve(acknowledged.next(), 2_000).unwrap();
        fill(&mut log, 12).unwrap();
        check(&log);
        drop(log);
        let (log, torn) = reopened(&files).unwrap();
        assert_eq!((log.last(), torn), (Some(Height(12)), None));
        check(&log);
    }
}

/// Goal: the very first block may find no room; nothing keeps a height that was never written.
#[test]
fn a_full_disk_may_be_met_at_once() {
    for room in [0, 50, 100, 150] {
        let files = Arc::new(SimFiles::default());
        let (mut log, _) = reopened(&files).unwrap();
        files.leave_room(Some(room));
        assert!(matches!(fill(&mut log, 1), Err(Fault::Full { .. })));
        assert_eq!(log.last(), None);
        files.leave_room(None);
        fill(&mut log, 5).unwrap();
        drop(log);
        check(&reopened(&files).unwrap().0);
    }
}

/// Goal: a block that opening shows is on the disk, also if the process that wrote it ended before its sync
/// returned: otherwise a later power cut takes back what everybody could read. The simulation shows it.
#[test]
fn state_2_what_opening_shows_survives_a_power_cut() {
    let whole = {
        let files = Arc::new(SimFiles::default());
        fill(&mut reopened(&files).unwrap().0, 8).unwrap();
        files.operations()
    };
    let mut shown = 0;
    for point in 1..=whole {
        for seed in 0..8 {
            let files = Arc::new(SimFiles::default());
            let (mut log, _) = reopened(&files).unwrap();
            files.fail_at(Some(point), ErrorKind::Other);
            let acknowledged = {
                let _ = fill(&mut log, 8);
                log.last()
            };
            drop(log);
            // The process is gone, what it wrote is not.
            files.fail_at(None, ErrorKind::Other);
            let found = reopened(&files).unwrap().0.last();
            shown += u64::from(found > acknowledged);
            files.crash(&mut Dice(point * 100 + seed));
            let (log, _) = reopened(&files).unwrap();
            assert_eq!(log.last(), found, "{point} {seed}");
            check(&log);
        }
    }
    assert!(shown > 0, "no block was written whole and not acknowledged");
}

/// Goal: looking at a log changes nothing, and names the same torn tail that opening removes.
#[test]
fn looking_changes_nothing() {
    let mut torn_tails = 0;
    for point in 1..=6 {
        let files = Arc::new(SimFiles::default());
        let (mut log, _) = reopened(&files).unwrap();
        fill(&mut log, 5).unwrap();
        files.fail_at(Some(point), ErrorKind::Other);
        let _ = fill(&mut log, 9);
        drop(log);
        files.fail_at(None, ErrorKind::Other);
        let before = files.operations();
        let (reader, torn) = BlockLog::inspect(files.clone(), CHAIN).unwrap();
        assert_eq!(files.operations(), before);
        let seen = reader.last();
        let (log, removed) = reopened(&files).unwrap();
        assert_eq!((log.last(), removed), (seen, torn.clone()));
        torn_tails += u64::from(torn.is_some());
    }
    assert!(torn_tails > 0);
}

/// Goal: a folder that is opened to read is not written to, and is not opened beside a running node.
#[test]
fn a_folder_is_opened_to_read() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = BlockLog::open(dir.path(), CHAIN).unwrap();
    fill(&mut log, 3).unwrap();
    let busy = OsFiles::open_to_read(dir.path());
    assert!(matches!(busy, Err(Fault::Unusable { .. })), "{busy:?}");
    drop(log);
    let files = Arc::new(OsFiles::open_to_read(dir.path()).unwrap());
    let (reader, _) = BlockLog::inspect(files.clone(), CHAIN).unwrap();
    assert_eq!(reader.records(Height(1)).count(), 3);
    let name = segment_name(1);
    assert!(files.write(&name, 0, b"x").is_err());
    assert!(files.truncate(&name, 0).is_err());
    assert!(files.remove(&name).is_err());
    assert!(files.rename(&name, "other").is_err());
}

/// Goal: no flipped byte anywhere leads to a wrong block or a silently shorter log: it is damage, or
/// it stands in the last record or behind it and is reported as torn.
#[test]
fn every_flipped_byte_is_noticed() {
    let files = Arc::new(SimFiles::default());
    fill(&mut reopened(&files).unwrap().0, 8).unwrap();
    let names: Vec<String> = {
        let mut names = files.list().unwrap();
        names.retain(|name| segment_number(name).is_some());
        names
    };
    assert!(names.len() >= 3, "{names:?}");
    let (log, _) = reopened(&files).unwrap();
    let (last_segment, last_offset) = log.reader().places().place(8).unwrap();
    drop(log);
    for name in &names {
        let bytes = files.bytes(name);
        for position in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[position] ^= 0x10;
            files.replace(name, flipped);
            let in_tail = *name == segment_name(last_segment) && position >= last_offset as usize;
            match reopened(&files) {
                Err(Fault::Damaged { place, .. }) => {
                    assert!(!in_tail, "{name} {position}");
                    assert!(place.contains(name.as_str()), "{place} {name} {position}");
                }
                Err(other) => panic!("{name} {position}: {other}"),
                Ok((log, torn)) => {
                    assert!(in_tail && torn.is_some(), "{name} {position}");
                    assert!(log.last().unwrap() >= Height(7));
                    check(&log);
                }
            }
            files.replace(name, bytes.clone());
        }
    }
}

/// Goal: a log cut at any byte of its last segment opens with a whole beginning of its blocks; a cut
/// of an earlier segment is damage.
#[test]
fn every_cut_leaves_a_beginning() {
    let files = Arc::new(SimFiles::default());
    fill(&mut reopened(&files).unwrap().0, 8).unwrap();
    let (log, _) = reopened(&files).unwrap();
    let segments = log.growing.unwrap().number;
    drop(log);
    for number in 1..=segments {
        let name = segment_name(number);
        let bytes = files.bytes(&name);
        for length in 0..bytes.len() {
            files.replace(&name, bytes[..length].to_vec());
            match reopened(&files) {
                Ok((log, _)) => {
                    let rest_is_zero = bytes[length..].iter().all(|byte| *byte == 0);
                    assert!(number == segments || rest_is_zero, "{name} {length}");
                    check(&log);
                }
                Err(Fault::Damaged { .. }) => {
                    assert!(number < segments || length < SEGMENT_HEADER_BYTES);
                }
                Err(other) => panic!("{other}"),
            }
            files.replace(&name, bytes.clone());
        }
    }
}

/// Goal: a payload that contains bytes of a record does not pass for one behind a torn record.
#[test]
fn payloads_that_look_like_records_are_payloads() {
    let files = Arc::new(SimFiles::default());
    let (mut log, _) = reopened(&files).unwrap();
    fill(&mut log, 1).unwrap();
    let at = Position {
        chain: CHAIN,
        segment: 1,
        offset: 0,
    };
    let inner = record::record(&at, 3, &previous(3), b"not a block");
    log.append(Height(2), previous(2), &inner).unwrap();
    let (_, offset) = log.reader().places().place(2).unwrap();
    drop(log);
    let name = segment_name(1);
    let mut bytes = files.bytes(&name);
    bytes[offset as usize + 20] ^= 1;
    files.replace(&name, bytes);
    let (log, torn) = reopened(&files).unwrap();
    assert_eq!(log.last(), Some(Height(1)));
    assert_eq!(torn.unwrap().height, Height(2));
}

/// Goal: a development network's revert removes what is above a height, and the log goes on there.
#[test]
fn truncation_goes_back() {
    for height in 0..=13 {
        let files = Arc::new(SimFiles::default());
        let (mut log, _) = reopened(&files).unwrap();
        fill(&mut log, 12).unwrap();
        log.truncate_after(Height(height)).unwrap();
        let left = height.min(12);
        assert_eq!(log.last().map_or(0, |last| last.0), left);
        drop(log);
        let (mut log, torn) = reopened(&files).unwrap();
        assert_eq!((log.last().map_or(0, |last| last.0), torn), (left, None));
        fill(&mut log, 15).unwrap();
        check(&log);
    }
}
