//! Local days and banking days: three hours ahead of UTC, Saturday and Sunday closed.
//!
//! Second 0 of a story begins a Thursday, as second 0 of all time did.

use crate::model::Seconds;

const OFFSET: Seconds = 10_800;
const DAY: Seconds = 86_400;

/// The local day of a second.
#[must_use]
pub const fn day(at: Seconds) -> u64 {
    (at.saturating_add(OFFSET)) / DAY
}

/// The last second of a local day.
#[must_use]
pub const fn end_of_day(day: u64) -> Seconds {
    (day + 1) * DAY - OFFSET - 1
}

/// True on a Saturday or Sunday.
#[must_use]
pub const fn closed(day: u64) -> bool {
    // Thursday, Friday, Saturday, Sunday.
    matches!(day % 7, 2 | 3)
}

/// The second, or the end of the next banking day if its day is closed.
#[must_use]
pub const fn moved(at: Seconds) -> Seconds {
    let mut open = day(at);
    if !closed(open) {
        return at;
    }
    while closed(open) {
        open += 1;
    }
    end_of_day(open)
}

/// So many banking days later; the day itself does not count.
#[must_use]
pub const fn add_banking_days(mut day: u64, count: u64) -> u64 {
    let mut left = count;
    while left > 0 {
        day += 1;
        if !closed(day) {
            left -= 1;
        }
    }
    day
}

/// Banking days from one day to another, both counted.
#[must_use]
pub fn banking_days(first: u64, last: u64) -> u64 {
    (first..=last).map(|day| u64::from(!closed(day))).sum()
}
