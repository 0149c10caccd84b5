//! Merging an ordered overlay with an ordered source that is read in pages.

use super::row;
use super::{Page, Value};
use crate::error::Fault;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Rows asked of a source at a time, at least: hidden rows must not lead to many small reads.
const PART_ROWS_MIN: usize = 16;

/// Newer values by key: `None` hides the source's.
pub(crate) type Newer = BTreeMap<Vec<u8>, Option<Value>>;

/// A range of keys, its limit and its direction, owned so that it can shrink.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) from: Vec<u8>,
    pub(crate) to: Option<Vec<u8>>,
    pub(crate) limit: usize,
    pub(crate) reverse: bool,
}

/// What a source has in the first part of a range.
pub(crate) struct Part {
    /// Its rows, in the range's direction.
    pub(crate) rows: Page,
    /// Last key of the part, inclusive; `None` if the part is the whole range.
    pub(crate) end: Option<Vec<u8>>,
}

impl Part {
    /// A page of a scan with `limit`: the part ends where the page does, unless the page is short.
    pub(crate) fn of_scan(rows: Page, limit: usize) -> Self {
        let last = rows.last().filter(|_| rows.len() >= limit);
        let end = last.map(|(key, _)| key.clone());
        Self { rows, end }
    }
}

impl Range {
    /// Keys with `prefix` that are greater than `after` (empty: all), ascending.
    pub(crate) fn of_page(prefix: &[u8], after: &[u8], limit: usize) -> Self {
        let from = match after {
            [] => prefix.to_vec(),
            after => prefix.to_vec().max(row::successor(after)),
        };
        Self {
            from,
            to: row::end_of(prefix),
            limit,
            reverse: false,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.limit == 0 || self.to.as_ref().is_some_and(|to| *to <= self.from)
    }

    fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let to = self.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        (Bound::Included(self.from.as_slice()), to)
    }

    /// Splits off the part up to and including `last`; what is left stays in `self`.
    fn split_after(&mut self, last: &[u8]) -> Self {
        let mut part = self.clone();
        if self.reverse {
            self.to = Some(last.to_vec());
            part.from = last.to_vec();
        } else {
            self.from = row::successor(last);
            part.to = Some(self.from.clone());
        }
        part
    }
}

/// At most `range.limit` pairs of `newer` over the source, in order. `read` gives the source's rows of
/// the first part of a range, at least the last row of which lies in the range.
pub(crate) fn merge(
    mut range: Range,
    newer: &Newer,
    mut read: impl FnMut(&Range) -> Result<Part, Fault>,
) -> Result<Page, Fault> {
    let limit = range.limit;
    let mut merged = Page::new();
    while merged.len() < limit && !range.is_empty() {
        range.limit = limit.saturating_sub(merged.len()).max(PART_ROWS_MIN);
        let Part { rows, end } = read(&range)?;
        match end {
            Some(end) => merge_part(&range.split_after(&end), rows, newer, &mut merged),
            None => {
                merge_part(&range, rows, newer, &mut merged);
                break;
            }
        }
    }
    merged.truncate(limit);
    Ok(merged)
}

/// Puts the pairs of `newer` over `rows`, both within `part`.
pub(crate) fn merge_part(part: &Range, rows: Page, newer: &Newer, merged: &mut Page) {
    if part.to.as_ref().is_some_and(|to| *to <= part.from) {
        return;
    }
    if newer.range::<[u8], _>(part.bounds()).next().is_none() {
        merged.extend(rows);
        return;
    }
    let mut both: BTreeMap<Vec<u8>, Option<Value>> = rows
        .into_iter()
        .map(|(key, value)| (key, Some(value)))
        .collect();
    for (key, value) in newer.range::<[u8], _>(part.bounds()) {
        both.insert(key.clone(), value.clone());
    }
    let kept = both
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    if part.reverse {
        let ascending: Page = kept.collect();
        merged.extend(ascending.into_iter().rev());
    } else {
        merged.extend(kept);
    }
}
