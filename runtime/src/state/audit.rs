//! Comparing two stores of one chain, row by row: what one keeps against what the log makes of it.
//!
//! Compared is what depends on the chain alone: the latest value of every state key, every page of the state
//! tree, every look-up. Versions of values, and what waits to be written, depend on when batches were written
//! and are left out; so is what says how far a store is.

use super::database::Database;
use super::held::Held;
use super::row;
use super::store::Scan;
use super::{Page, Value};
use crate::error::Fault;

/// Rows read at a time.
const ROWS: usize = 1_024;
/// Differences that are named; all are counted.
const NAMED_MAX: usize = 16;

/// What is compared, and the prefix of its rows.
const KINDS: [(&str, u8); 3] = [("state", b's'), ("pages", b't'), ("look-ups", b'x')];

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowDifference {
    /// `state`, `pages` or `look-ups`.
    pub kind: &'static str,
    /// Key of the row, its prefix included.
    pub key: Vec<u8>,
    /// `missing`, `not of the chain` or `another value`.
    pub how: &'static str,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Rows compared, by kind: state, pages, look-ups.
    pub rows: [u64; 3],
    /// Rows that differ.
    pub differ: u64,
    /// The first of them.
    pub named: Vec<RowDifference>,
}

/// Compares what `kept` holds with what `made` does, both with nothing waiting in layers.
///
/// # Errors
/// `Fault` if a store fails or a row does not decode.
pub(crate) fn compare(kept: &Database, made: &Database) -> Result<Audit, Fault> {
    let mut audit = Audit::default();
    for ((kind, prefix), count) in KINDS.into_iter().zip(0..) {
        let (mut one, mut other) = (Rows::new(kept, prefix), Rows::new(made, prefix));
        loop {
            let how = match (one.peek()?, other.peek()?) {
                (None, None) => break,
                (Some(there), Some(expected)) if there.0 == expected.0 => {
                    let same = meaning(kind, &there.1) == meaning(kind, &expected.1);
                    let key = there.0.clone();
                    one.skip();
                    other.skip();
                    (!same).then_some((key, "another value"))
                }
                (Some(there), expected) if expected.is_none_or(|row| there.0 < row.0) => {
                    let key = there.0.clone();
                    one.skip();
                    Some((key, "not of the chain"))
                }
                (_, Some(expected)) => {
                    let key = expected.0.clone();
                    other.skip();
                    Some((key, "missing"))
                }
                (Some(_), None) => break,
            };
            if let Some(rows) = audit.rows.get_mut(count) {
                *rows = rows.saturating_add(1);
            }
            if let Some((key, how)) = how {
                audit.differ = audit.differ.saturating_add(1);
                if audit.named.len() < NAMED_MAX {
                    audit.named.push(RowDifference { kind, key, how });
                }
            }
        }
    }
    Ok(audit)
}

/// What a row says of the chain.
fn meaning(kind: &str, value: &Value) -> Option<Value> {
    match kind {
        "state" => Held::decode(value).map(|held| held.latest),
        _ => Some(Value::clone(value)),
    }
}

/// Rows of one kind in order, those that wait to be written included.
struct Rows<'a> {
    database: &'a Database,
    from: Vec<u8>,
    to: Option<Vec<u8>>,
    page: std::iter::Peekable<std::vec::IntoIter<(Vec<u8>, Value)>>,
    ended: bool,
}

impl<'a> Rows<'a> {
    fn new(database: &'a Database, prefix: u8) -> Self {
        Self {
            database,
            from: vec![prefix],
            to: row::end_of(&[prefix]),
            page: Vec::new().into_iter().peekable(),
            ended: false,
        }
    }

    fn peek(&mut self) -> Result<Option<&(Vec<u8>, Value)>, Fault> {
        while self.page.peek().is_none() && !self.ended {
            let page = self.next_page()?;
            self.page = page.into_iter().peekable();
        }
        Ok(self.page.peek())
    }

    fn skip(&mut self) {
        self.page.next();
    }

    /// The rows of the next page of the store, with what waits in its range.
    fn next_page(&mut self) -> Result<Page, Fault> {
        let stored = self.database.stored_rows(Scan {
            from: &self.from,
            to: self.to.as_deref(),
            limit: ROWS,
            reverse: false,
        })?;
        let end = match stored.last() {
            Some((last, _)) if stored.len() == ROWS => Some(row::successor(last)),
            _ => {
                self.ended = true;
                self.to.clone()
            }
        };
        let waiting = self.database.behind.rows(&self.from, end.as_deref());
        if let Some(end) = end {
            self.from = end;
        }
        let mut rows: std::collections::BTreeMap<Vec<u8>, Value> = stored.into_iter().collect();
        for (key, value) in waiting {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        Ok(rows.into_iter().collect())
    }
}
