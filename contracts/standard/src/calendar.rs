//! Days of a place: local time, banking days, months and years.
//!
//! A local day is `floor((now + utc_offset) / 86,400)`, days since 1970-01-01; it ends with its last
//! second, inclusive as every deadline. A calendar is a weekend and a list of holidays; counting banking
//! days skips the day it starts from.

use crate::error::Refusal;
use crate::{BATCH_ITEMS_MAX, bounded};
use weighhouse_sdk::prelude::*;

/// Seconds of a day.
pub const DAY_SECONDS: u64 = 86_400;
/// Seconds by which local time is ahead of UTC unless configured: three hours.
pub const UTC_OFFSET: i32 = 10_800;
/// Most that local time may differ from UTC, either way: fourteen hours.
pub const UTC_OFFSET_MAX: i32 = 50_400;

/// Saturday and Sunday.
pub const SATURDAY_SUNDAY: u8 = 0b110_0000;

/// Number of a local day, from 1970-01-01 on.
pub type Day = u64;

/// When banks of a place are open.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Calendar {
    /// Seconds by which local time is ahead of UTC.
    pub utc_offset: i32,
    /// Days of the week on which banks are closed: bit 0 is Monday, bit 6 Sunday.
    pub weekend: u8,
    /// Other days on which they are closed, ascending, at most 256.
    pub holidays: Vec<u32>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            utc_offset: UTC_OFFSET,
            weekend: SATURDAY_SUNDAY,
            holidays: Vec::new(),
        }
    }
}

impl Calendar {
    /// Refuses what is no calendar: banks open on at least one day of the week.
    ///
    /// # Errors
    /// `BadArgument`, `LimitExceeded`.
    pub fn check(&self) -> Result<(), Refusal> {
        let near = self.utc_offset.unsigned_abs() <= UTC_OFFSET_MAX.unsigned_abs();
        ensure!(near, Refusal::argument("utc_offset"));
        ensure!(self.weekend < 0b111_1111, Refusal::argument("weekend"));
        bounded(self.holidays.len(), BATCH_ITEMS_MAX)?;
        let ascending = self.holidays.is_sorted_by(|a, b| a < b);
        ensure!(ascending, Refusal::argument("holidays"));
        Ok(())
    }

    /// The local day of a second.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Day {
        local_day(at, self.utc_offset)
    }

    /// The last second of a local day.
    #[must_use]
    pub fn end_of_day(&self, day: Day) -> Timestamp {
        end_of_day(day, self.utc_offset)
    }

    /// True if banks are open.
    #[must_use]
    pub fn is_banking_day(&self, day: Day) -> bool {
        let weekend = (self.weekend >> weekday(day)) & 1 == 1;
        let holiday = u32::try_from(day).is_ok_and(|day| self.holidays.binary_search(&day).is_ok());
        !weekend && !holiday
    }

    /// The day itself if banks are open, else the next on which they are.
    #[must_use]
    pub fn following(&self, mut day: Day) -> Day {
        while !self.is_banking_day(day) && day < Day::MAX {
            day = day.saturating_add(1);
        }
        day
    }

    /// The day itself if banks are open, else the last before it on which they were.
    #[must_use]
    pub fn preceding(&self, mut day: Day) -> Day {
        while !self.is_banking_day(day) && day > 0 {
            day = day.saturating_sub(1);
        }
        day
    }

    /// The `count`th banking day after `day`, which is not counted itself; `day` for none.
    #[must_use]
    pub fn add_bdays(&self, mut day: Day, count: u32) -> Day {
        for _ in 0..count {
            day = self.following(day.saturating_add(1));
        }
        day
    }

    /// Banking days from `first` to `last`, both counted.
    #[must_use]
    pub fn bdays(&self, first: Day, last: Day) -> u32 {
        let open = (first..=last).filter(|day| self.is_banking_day(*day));
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }

    /// The deadline `at`, moved to the end of the next banking day if it falls on a closed one.
    #[must_use]
    pub fn moved(&self, at: Timestamp) -> Timestamp {
        let day = self.day(at);
        let open = self.following(day);
        if open == day {
            at
        } else {
            self.end_of_day(open)
        }
    }
}

/// The local day of a second. Time before the epoch counts to the first day.
#[must_use]
pub fn local_day(at: Timestamp, utc_offset: i32) -> Day {
    let local = at.0.saturating_add_signed(utc_offset.into());
    local.checked_div(DAY_SECONDS).unwrap_or(0)
}

/// The last second of a local day.
#[must_use]
pub fn end_of_day(day: Day, utc_offset: i32) -> Timestamp {
    let next = day.saturating_add(1).saturating_mul(DAY_SECONDS);
    Timestamp(next.saturating_add_signed(0_i64.saturating_sub(utc_offset.into()).saturating_sub(1)))
}

/// Day of the week: 0 is Monday, 6 Sunday.
#[must_use]
pub const fn weekday(day: Day) -> u8 {
    // 1970-01-01 was a Thursday.
    (day.wrapping_add(3) % 7) as u8
}

/// A day of the civil calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Describe)]
pub struct Date {
    /// Year.
    pub year: u32,
    /// Month, from 1.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Year and month in one number: 202,601 is January 2026.
    #[must_use]
    pub const fn period(self) -> u32 {
        self.year
            .saturating_mul(100)
            .saturating_add(self.month as u32)
    }
}

/// The civil date of a day, in the Gregorian calendar.
///
/// # Source
/// H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`: years begin in March,
/// so that the leap day is the last of the year.
#[must_use]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "days are capped at year 5,881,580; every quotient and remainder below fits its type"
)]
pub fn date(day: Day) -> Date {
    let shifted = day.min(u64::from(u32::MAX) / 2) + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    Date {
        year: year as u32,
        month: month as u8,
        day: day_of_month as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: Day = 20_465; // 2026-01-12

    /// Goal: the day changes at local midnight, and its last second is its end.
    #[test]
    fn a_day_ends_with_its_last_second() {
        let calendar = Calendar::default();
        let end = calendar.end_of_day(MONDAY);
        assert_eq!(end, Timestamp((MONDAY + 1) * DAY_SECONDS - 10_800 - 1));
        assert_eq!(calendar.day(end), MONDAY);
        assert_eq!(calendar.day(end.saturating_add(1)), MONDAY + 1);
        assert_eq!(
            end_of_day(MONDAY, -3_600),
            Timestamp((MONDAY + 1) * DAY_SECONDS + 3_599)
        );
        assert_eq!(end_of_day(Day::MAX, 0), Timestamp(u64::MAX - 1));
    }

    /// Goal: counting skips the start day, weekends and holidays.
    #[test]
    fn banking_days_skip_the_start() {
        let holidays = [20_467].into();
        let calendar = Calendar {
            holidays,
            ..Calendar::default()
        };
        calendar.check().unwrap();
        assert_eq!(weekday(MONDAY), 0);
        assert_eq!(calendar.add_bdays(MONDAY, 0), MONDAY);
        assert_eq!(calendar.add_bdays(MONDAY, 1), MONDAY + 1);
        assert_eq!(
            calendar.add_bdays(MONDAY, 2),
            MONDAY + 3,
            "Wednesday is a holiday"
        );
        assert_eq!(
            calendar.add_bdays(MONDAY, 5),
            MONDAY + 8,
            "and there is a weekend"
        );
        assert_eq!(calendar.following(MONDAY + 5), MONDAY + 7);
        assert_eq!(calendar.preceding(MONDAY + 6), MONDAY + 4);
        assert_eq!(calendar.bdays(MONDAY, MONDAY + 7), 5);
        let saturday_noon = Timestamp((MONDAY + 5) * DAY_SECONDS + 43_200);
        assert_eq!(
            calendar.moved(saturday_noon),
            calendar.end_of_day(MONDAY + 7)
        );
        let monday_noon = Timestamp(MONDAY * DAY_SECONDS + 43_200);
        assert_eq!(calendar.moved(monday_noon), monday_noon);
    }

    /// Goal: a calendar without a banking day, or out of order, is refused.
    #[test]
    fn calendars_are_checked() {
        let bad = [
            Calendar {
                weekend: 127,
                ..Calendar::default()
            },
            Calendar {
                holidays: [2, 2].into(),
                ..Calendar::default()
            },
            Calendar {
                utc_offset: 50_401,
                ..Calendar::default()
            },
            Calendar {
                holidays: (0..257).collect(),
                ..Calendar::default()
            },
        ];
        for calendar in bad {
            assert!(calendar.check().is_err(), "{calendar:?}");
        }
    }

    /// Goal: dates are right over leap years and centuries.
    #[test]
    fn dates_are_gregorian() {
        let of = |day| {
            let Date { year, month, day } = date(day);
            (year, month, day)
        };
        assert_eq!(of(0), (1970, 1, 1));
        assert_eq!(of(11_016), (2000, 2, 29));
        assert_eq!(of(MONDAY), (2026, 1, 12));
        assert_eq!(of(47_540), (2100, 2, 28));
        assert_eq!(of(47_541), (2100, 3, 1));
        assert_eq!(date(MONDAY).period(), 202_601);
        let mut last = date(0);
        for day in 1..150_000 {
            let next = date(day);
            assert!(next > last, "{next:?} after {last:?}");
            last = next;
        }
    }
}
