//! Pages: limits, cursors, and what surrounds the items.

use super::service::Service;
use crate::error::{ErrorBody, code};
use crate::types::{Order, Page, U64};
use weighhouse_primitives::Height;
use weighhouse_runtime::Fault;
use weighhouse_runtime::reader::{Listing, Position};

/// Items of a page if nothing is said.
pub(crate) const LIMIT_DEFAULT: u32 = 50;
/// Most items of a page.
pub(crate) const LIMIT_MAX: u32 = 100;
/// Most items looked at for one page, when a filter has to look into them.
pub(crate) const SCAN_MAX: usize = 2_000;

/// Items of a page.
pub(crate) fn limit(asked: Option<u32>) -> Result<usize, ErrorBody> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if limit == 0 {
        return Err(ErrorBody::bad_argument("limit", "1 to 100", "0"));
    }
    too_many(
        "limit",
        usize::try_from(limit).unwrap_or(usize::MAX),
        usize::try_from(LIMIT_MAX).unwrap_or(usize::MAX),
    )
}

/// `got`, unless it is more than `most`.
pub(crate) fn too_many(path: &str, got: usize, most: usize) -> Result<usize, ErrorBody> {
    if got > most {
        let message = format!("{path}: {got}, at most {most} are allowed");
        return Err(ErrorBody::new(code::TOO_MANY, message)
            .with("path", path)
            .with("got", got)
            .with("limit", most));
    }
    Ok(got)
}

/// A position as text: `height-transaction-event`.
pub(crate) fn cursor_text(position: &Position) -> String {
    format!(
        "{}-{}-{}",
        position.height, position.tx_index, position.event_index
    )
}

/// A position from its text.
pub(crate) fn cursor(path: &str, text: Option<&str>) -> Result<Option<Position>, ErrorBody> {
    let Some(text) = text else {
        return Ok(None);
    };
    let mut parts = text.split('-').map(|part| part.parse::<U64>().ok());
    let mut next = || parts.next().flatten().map(|number| number.0);
    let position = (|| {
        Some(Position {
            height: Height(next()?),
            tx_index: u32::try_from(next()?).ok()?,
            event_index: u32::try_from(next()?).ok()?,
        })
    })();
    match position {
        Some(position) if cursor_text(&position) == text => Ok(Some(position)),
        _ => Err(invalid_cursor(path, text)),
    }
}

/// 1404.
pub(crate) fn invalid_cursor(path: &str, text: &str) -> ErrorBody {
    let short: String = text.chars().take(80).collect();
    let message = format!("{path}: {short:?} is not a cursor of this listing");
    ErrorBody::new(code::CURSOR_INVALID, message)
        .with("path", path)
        .with("got", short)
}

/// A cursor that is a number.
pub(crate) fn number_cursor(text: Option<&str>) -> Result<Option<u64>, ErrorBody> {
    text.map(|text| {
        text.parse::<U64>()
            .map(|number| number.0)
            .map_err(|_| invalid_cursor("cursor", text))
    })
    .transpose()
}

/// A cursor that is bytes.
pub(crate) fn bytes_cursor(text: Option<&str>) -> Result<Option<Vec<u8>>, ErrorBody> {
    text.map(|text| {
        text.parse::<crate::types::Hex>()
            .map(|hex| hex.0)
            .map_err(|_| invalid_cursor("cursor", text))
    })
    .transpose()
}

/// Which part of a listing by position a page shows.
pub(crate) struct Scan {
    limit: usize,
    after: Option<Position>,
    /// First height.
    pub(crate) from: Height,
    /// Last height; the newest if none is given.
    pub(crate) to: Option<Height>,
    /// Whether the newest come first.
    pub(crate) descending: bool,
}

impl Scan {
    /// The part that the parameters of a listing ask for.
    pub(crate) fn new(
        limit_asked: Option<u32>,
        after: Option<&str>,
        (from, to): (Option<U64>, Option<U64>),
        order: Option<Order>,
    ) -> Result<Self, ErrorBody> {
        Ok(Self {
            limit: limit(limit_asked)?,
            after: cursor("cursor", after)?,
            from: Height(from.map_or(0, |from| from.0)),
            to: to.map(|to| Height(to.0)),
            descending: order == Some(Order::Desc),
        })
    }

    /// The heights that a page has looked at, if the next one starts behind `next`.
    fn scanned(&self, next: Option<Position>) -> (Height, Height) {
        let to = self.to.unwrap_or(Height(u64::MAX));
        match next {
            None => (self.from, to),
            Some(next) if self.descending => (next.height, to),
            Some(next) => (self.from, next.height),
        }
    }
}

impl Service {
    /// A page of a listing whose filter looks into the items: what `read` gives after a position, at most
    /// as many as asked, as `view` shows it. The page ends when it is full, at the end of the listing, or
    /// after [`SCAN_MAX`] items, so it may be shorter than asked for and still have a next one.
    pub(crate) fn scan<T, V>(
        &self,
        scan: &Scan,
        read: impl Fn(Option<Position>, usize) -> Result<Listing<T>, Fault>,
        mut view: impl FnMut(&T) -> Option<V>,
    ) -> Result<Page<V>, ErrorBody> {
        let (mut items, mut looked_at) = (Vec::new(), 0_usize);
        let mut after = scan.after;
        loop {
            let listing = read(after, scan.limit.saturating_sub(items.len()))?;
            looked_at = looked_at.saturating_add(listing.items.len());
            items.extend(listing.items.iter().filter_map(&mut view));
            after = listing.next;
            if after.is_none() || items.len() >= scan.limit || looked_at >= SCAN_MAX {
                break;
            }
        }
        let next_cursor = after.as_ref().map(cursor_text);
        self.page(items, next_cursor, scan.scanned(after))
    }

    /// A page over the given heights.
    pub(crate) fn page<T>(
        &self,
        items: Vec<T>,
        next_cursor: Option<String>,
        (from, to): (Height, Height),
    ) -> Result<Page<T>, ErrorBody> {
        let latest = self.reader().head().height;
        Ok(Page {
            items,
            next_cursor,
            scanned_from: from.into(),
            scanned_to: to.min(latest).into(),
            oldest_height: self.reader().status()?.oldest.into(),
            oldest_block: self.reader().oldest_block().into(),
            latest_height: latest.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: cursors lead back; everything else is 1404, too large pages are 1401.
    #[test]
    fn cursors_lead_back() {
        let position = Position {
            height: Height(7),
            tx_index: 2,
            event_index: 9,
        };
        assert_eq!(
            cursor("cursor", Some(&cursor_text(&position))).unwrap(),
            Some(position)
        );
        for wrong in [
            "",
            "7",
            "7-2",
            "7-2-9-1",
            "07-2-9",
            "a-b-c",
            "7-2-99999999999",
        ] {
            let error = cursor("resume_cursor", Some(wrong)).unwrap_err();
            assert_eq!(error.code, 1404, "{wrong}");
            assert_eq!(error.field("path").unwrap(), "resume_cursor");
        }
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some(100)).unwrap(), 100);
        assert_eq!(limit(Some(101)).unwrap_err().code, 1401);
        assert_eq!(limit(Some(0)).unwrap_err().code, 1301);
    }
}
