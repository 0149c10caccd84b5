//! Local days and banking days.
//!
//! Second 0 of a story begins a Thursday, as second 0 of all time did.

use crate::model::Seconds;
use std::collections::BTreeSet;

const DAY: Seconds = 86_400;

/// When banks of a place are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Seconds by which local time is ahead.
    pub offset: Seconds,
    /// Days of the week on which they are closed: bit 0 is Monday.
    pub weekend: u8,
    /// Other days on which they are closed, counted from the beginning of the story.
    pub holidays: BTreeSet<u64>,
}

impl Calendar {
    /// The local day of a second.
    #[must_use]
    pub const fn day(&self, at: Seconds) -> u64 {
        at.saturating_add(self.offset) / DAY
    }

    /// The last second of a local day.
    #[must_use]
    pub const fn end_of_day(&self, day: u64) -> Seconds {
        (day + 1) * DAY - self.offset - 1
    }

    /// True on a day on which banks are closed.
    #[must_use]
    pub fn closed(&self, day: u64) -> bool {
        // Day 0 is a Thursday.
        let of_week = (day + 3) % 7;
        self.weekend >> of_week & 1 == 1 || self.holidays.contains(&day)
    }

    /// The second, or the end of the next banking day if its day is closed.
    #[must_use]
    pub fn moved(&self, at: Seconds) -> Seconds {
        let mut open = self.day(at);
        if !self.closed(open) {
            return at;
        }
        while self.closed(open) {
            open += 1;
        }
        self.end_of_day(open)
    }

    /// So many banking days later; the day itself does not count.
    #[must_use]
    pub fn add_banking_days(&self, mut day: u64, count: u64) -> u64 {
        let mut left = count;
        while left > 0 {
            day += 1;
            if !self.closed(day) {
                left -= 1;
            }
        }
        day
    }

    /// Banking days from one day to another, both counted.
    #[must_use]
    pub fn banking_days(&self, first: u64, last: u64) -> u64 {
        (first..=last).map(|day| u64::from(!self.closed(day))).sum()
    }
}
