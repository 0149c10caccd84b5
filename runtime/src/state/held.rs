//! What a row of state holds: the latest value, and values before it.
//!
//! Queries reach back to earlier heights, so each change keeps the value that it replaces. It stays in the
//! row itself, which is written anyway, until [`VERSIONS_BYTES`] have come together; then they move to a
//! row of their own. So a change of a key that changes seldom writes one row, not two.
//!
//! # Format
//! Numbers little-endian. A *version* says what the key held before the block at a height changed it:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | height |
//! | 4 | length of the value, or `ff ff ff ff` for none |
//! | - | the value |
//!
//! A row `s` is the length of the latest value (4 bytes), the value, and versions, newest first. A row `p`
//! is versions, newest first, of which the first has the height of the row; they are older than those of
//! the row `s` and newer than those of lower rows `p`. A key that holds nothing has no row `s`.
//!
//! What this module does not do: read or write rows.

use super::Value;
use super::store::ROW_VALUE_BYTES_MAX;

/// Bytes of a value that a row of state has room for.
pub(super) const LATEST_BYTES_MAX: usize = ROW_VALUE_BYTES_MAX - size_of::<u32>();
/// Bytes of versions that a row of state keeps at most.
const VERSIONS_BYTES: usize = 512;
/// Bytes of versions that one row of versions takes, unless a single one is longer.
const MOVED_BYTES: usize = 2 * 1024;
/// Instead of a value's length: none.
const NOTHING: u32 = u32::MAX;

/// A row of state, decoded. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The latest value.
    pub(super) latest: Value,
    /// Versions, encoded; none if there are none.
    versions: Option<Value>,
}

/// What a list of versions says of a height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// What the key held then, if the list has a change above the height.
    pub(super) value: Option<Option<Value>>,
    /// True if the list reaches back to the height: older versions do not matter.
    pub(super) reached: bool,
}

impl Held {
    /// Reads a row `s`; `None` if it is not one.
    pub(super) fn decode(row: &[u8]) -> Option<Self> {
        let (length, rest) = row.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (latest, versions) = rest.split_at_checked(length)?;
        Some(Self {
            latest: latest.into(),
            versions: (!versions.is_empty()).then(|| versions.into()),
        })
    }

    /// Bytes of it.
    pub(super) fn len(&self) -> usize {
        self.latest.len().saturating_add(self.versions().len())
    }

    fn versions(&self) -> &[u8] {
        self.versions.as_deref().unwrap_or_default()
    }

    /// What its versions say of `height`; `None` if they do not decode.
    pub(super) fn past(&self, height: u64) -> Option<Past> {
        past(self.versions(), height)
    }
}

/// The row `s` of a value without versions.
pub(crate) fn row_of(latest: &[u8]) -> Value {
    let length = u32::try_from(latest.len()).unwrap_or(0);
    [&length.to_le_bytes(), latest].concat().into()
}

/// What `versions` say of `height`; `None` if they do not decode.
pub(super) fn past(mut versions: &[u8], height: u64) -> Option<Past> {
    let mut value = None;
    let mut reached = false;
    while !reached && !versions.is_empty() {
        let (at, old) = take_version(&mut versions)?;
        reached = at <= height;
        if !reached {
            value = Some(old);
        }
    }
    Some(Past {
        value: value.map(|old| old.map(Value::from)),
        reached,
    })
}

fn take_version<'a>(versions: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
    let (height, rest) = versions.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length);
    let (value, rest) = match length {
        NOTHING => (None, rest),
        length => {
            let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            (Some(value), rest)
        }
    };
    *versions = rest;
    Some((u64::from_le_bytes(*height), value))
}

fn put_version(versions: &mut Vec<u8>, height: u64, value: Option<&[u8]>) {
    let length = value.map_or(NOTHING, |value| u32::try_from(value.len()).unwrap_or(0));
    versions.extend_from_slice(&height.to_le_bytes());
    versions.extend_from_slice(&length.to_le_bytes());
    versions.extend_from_slice(value.unwrap_or_default());
}

/// The rows of a key while the blocks of a batch change it.
#[derive(Debug)]
pub(super) struct Rewrite {
    before: Option<Held>,
    latest: Option<Value>,
    /// What the batch's blocks replaced, oldest first.
    replaced: Vec<(u64, Option<Value>)>,
}

/// A key's rows after a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// The row `s`; `None` if it goes.
    pub(super) row: Option<Value>,
    /// Rows `p` to add, with their heights.
    pub(super) moved: Vec<(u64, Value)>,
}

impl Rewrite {
    /// Begins with the row that is stored.
    pub(super) fn new(before: Option<Held>) -> Self {
        Self {
            latest: before.as_ref().map(|held| held.latest.clone()),
            before,
            replaced: Vec::new(),
        }
    }

    /// The block at `height` changes the value.
    pub(super) fn change(&mut self, height: u64, new: Option<Value>) {
        let old = std::mem::replace(&mut self.latest, new);
        self.replaced.push((height, old));
    }

    /// The rows now. Versions at or below `floor` say nothing that can be asked for.
    pub(super) fn finish(self, floor: u64) -> Rewritten {
        let old = self.before.as_ref().map_or(&[][..], Held::versions);
        let new = self.replaced.iter().rev();
        let new = new.map(|(height, value)| (*height, value.as_deref()));
        let mut rest = old;
        let old = std::iter::from_fn(|| take_version(&mut rest));
        let needed: Vec<_> = new
            .chain(old)
            .take_while(|(height, _)| *height > floor)
            .collect();
        let bytes = needed.iter().map(version_bytes);
        let bytes = bytes.fold(0, usize::saturating_add);
        let fits = |latest: &Value| {
            let row = latest.len().saturating_add(bytes).saturating_add(4);
            bytes <= VERSIONS_BYTES && row <= ROW_VALUE_BYTES_MAX
        };
        let stays = self.latest.as_ref().is_some_and(fits);
        let row = self.latest.map(|latest| {
            let length = u32::try_from(latest.len()).unwrap_or(0);
            let mut row = Vec::with_capacity(bytes.saturating_add(latest.len()).saturating_add(4));
            row.extend_from_slice(&length.to_le_bytes());
            row.extend_from_slice(&latest);
            if stays {
                needed
                    .iter()
                    .for_each(|(height, value)| put_version(&mut row, *height, *value));
            }
            row.into()
        });
        let moved = if stays { Vec::new() } else { in_rows(&needed) };
        Rewritten { row, moved }
    }
}

fn version_bytes((_, value): &(u64, Option<&[u8]>)) -> usize {
    value.map_or(0, <[u8]>::len).saturating_add(12)
}

/// Versions, newest first, in rows of their own.
fn in_rows(versions: &[(u64, Option<&[u8]>)]) -> Vec<(u64, Value)> {
    let mut rows: Vec<(u64, Vec<u8>)> = Vec::new();
    for version in versions {
        let (height, value) = *version;
        let bytes = version_bytes(version);
        match rows.last_mut() {
            Some((_, row)) if row.len().saturating_add(bytes) <= MOVED_BYTES => {
                put_version(row, height, value);
            }
            _ => {
                let mut row = Vec::with_capacity(bytes);
                put_version(&mut row, height, value);
                rows.push((height, row));
            }
        }
    }
    rows.into_iter()
        .map(|(height, row)| (height, row.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Goal: whatever a key held, in whatever batches and with whatever was pruned, its rows tell it
        /// for each height that can be asked for.
        #[test]
        fn rows_tell_every_height(
            blocks in proptest::collection::vec((proptest::option::of(0..400_usize), 1..4_usize), 1..40),
            keep in 0..30_u64,
        ) {
            let mut held: Vec<Option<Value>> = vec![None];
            let mut row: Option<Held> = None;
            let mut moved: Vec<(u64, Value)> = Vec::new();
            let mut height = 0_u64;
            for (length, count) in blocks {
                let mut rewrite = Rewrite::new(row.clone());
                for turn in 0..count {
                    height += 1;
                    let value = length.map(|length| Value::from(vec![u8::try_from(height).unwrap(); length + turn]));
                    rewrite.change(height, value.clone());
                    held.push(value);
                }
                let floor = height.saturating_sub(keep);
                let rewritten = rewrite.finish(floor);
                row = rewritten.row.map(|row| Held::decode(&row).expect("a row"));
                moved.extend(rewritten.moved);
                moved.sort();
                for asked in floor..=height {
                    let mut past = row.as_ref().map_or_else(Past::default, |row| row.past(asked).unwrap());
                    if !past.reached && let Some((_, versions)) = moved.iter().find(|(at, _)| *at > asked) {
                        let older = super::past(versions, asked).unwrap();
                        prop_assert!(older.value.is_some());
                        past.value = older.value;
                    }
                    let latest = row.as_ref().map(|row| row.latest.clone());
                    let found = past.value.unwrap_or(latest);
                    prop_assert_eq!(&found, &held[usize::try_from(asked).unwrap()], "height {}", asked);
                }
            }
        }
    }

    /// Goal: few short versions stay, many or long ones move, in rows that a store keeps.
    #[test]
    fn versions_move_when_they_are_many() {
        let value = |length: usize| Some(Value::from(vec![7; length]));
        let mut rewrite = Rewrite::new(None);
        rewrite.change(1, value(100));
        rewrite.change(2, value(100));
        let few = rewrite.finish(0);
        assert_eq!(
            (few.row.as_ref().unwrap().len(), few.moved.len()),
            (4 + 100 + 12 + 112, 0)
        );
        let mut rewrite = Rewrite::new(Held::decode(&few.row.unwrap()));
        for height in 3..=30 {
            rewrite.change(height, value(200));
        }
        let many = rewrite.finish(0);
        assert_eq!(many.row.unwrap().len(), 204);
        assert_eq!(many.moved.first().map(|(height, _)| *height), Some(30));
        assert!(many.moved.iter().all(|(_, row)| row.len() <= MOVED_BYTES));
        let mut rewrite = Rewrite::new(None);
        let longest = ROW_VALUE_BYTES_MAX - 64;
        rewrite.change(1, value(longest));
        rewrite.change(2, value(longest));
        let long = rewrite.finish(0);
        assert!(long.row.unwrap().len() <= ROW_VALUE_BYTES_MAX);
        assert!(
            long.moved
                .iter()
                .all(|(_, row)| row.len() <= ROW_VALUE_BYTES_MAX)
        );
    }

    /// Goal: rows that are cut are recognised.
    #[test]
    fn damage_is_told() {
        assert_eq!(Held::decode(&[1, 0, 0]), None);
        assert_eq!(Held::decode(&[1, 0, 0, 0]), None);
        let held = Held::decode(&[1, 0, 0, 0, 9, 1, 2]).unwrap();
        assert_eq!(held.past(0), None);
        assert_eq!(past(&[0; 9], 0), None);
    }
}
