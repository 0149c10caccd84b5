//! Block time: where it comes from and how it is written.
//!
//! The runtime has no clock; the producer reads one here, once for each block. Block time is whole
//! seconds and never goes back, whatever the machine's clock does. A development network's clock can
//! be set: from then on it runs on from what it was set to.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use weighhouse_primitives::Timestamp;

/// Tells the time of the next block.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Seconds since 1970-01-01 00:00 UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp(elapsed.map_or(0, |elapsed| elapsed.as_secs()))
    }
}

/// A clock that can be set: the one behind it, and a distance.
#[derive(Debug)]
pub struct SettableClock {
    behind: Box<dyn Clock>,
    offset: AtomicI64,
}

impl Default for SettableClock {
    fn default() -> Self {
        Self::over(SystemClock)
    }
}

impl SettableClock {
    /// Tells the time of `behind` until it is set.
    #[must_use]
    pub fn over(behind: impl Clock + 'static) -> Self {
        Self {
            behind: Box::new(behind),
            offset: AtomicI64::new(0),
        }
    }

    /// From now on it is `time`, and time goes on from there.
    pub fn set(&self, time: Timestamp) {
        let offset = time.0.wrapping_sub(self.behind.now().0).cast_signed();
        self.offset.store(offset, Ordering::SeqCst);
    }
}

impl Clock for SettableClock {
    fn now(&self) -> Timestamp {
        let offset = self.offset.load(Ordering::SeqCst);
        Timestamp(self.behind.now().0.saturating_add_signed(offset))
    }
}

/// Why a text is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time such as 2026-01-01T00:00:00Z or seconds since 1970")]
pub struct TimeError {
    text: String,
}

/// Reads `2026-01-01T00:00:00Z` (UTC only, whole seconds), `2026-01-01`, or seconds since 1970.
///
/// # Errors
/// Anything else, and dates that do not exist.
/// # Source
/// RFC 3339, with the offset fixed to `Z`.
pub fn parse_time(text: &str) -> Result<Timestamp, TimeError> {
    let error = || TimeError { text: text.into() };
    if !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(Timestamp).map_err(|_| error());
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time.strip_suffix('Z').ok_or_else(error)?),
        None => (text, "00:00:00"),
    };
    let date = numbers(date, '-', [4, 2, 2]).ok_or_else(error)?;
    let time = numbers(time, ':', [2, 2, 2]).ok_or_else(error)?;
    let [year, month, day] = date;
    let [hour, minute, second] = time;
    let exists = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !exists {
        return Err(error());
    }
    let days = days_before_year(year)
        + (1..month)
            .map(|month| days_in_month(year, month))
            .sum::<u64>()
        + (day - 1);
    Ok(Timestamp(
        days * 86_400 + hour * 3_600 + minute * 60 + second,
    ))
}

/// Writes a time as `2026-01-01T00:00:00Z`; times after the year 9999 as seconds.
#[must_use]
pub fn format_time(time: Timestamp) -> String {
    let (mut days, seconds) = (time.0 / 86_400, time.0 % 86_400);
    if days >= days_before_year(10_000) {
        return time.0.to_string();
    }
    let mut year = 1970 + days / 366;
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    days -= days_before_year(year);
    let mut month = 1;
    while days >= days_in_month(year, month) {
        days -= days_in_month(year, month);
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!(
        "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        days + 1
    )
}

fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (slot, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *slot = plain.then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(found)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of January of `year` (1970 and later).
const fn days_before_year(year: u64) -> u64 {
    let years = year - 1;
    let leap_days = years / 4 - years / 100 + years / 400;
    (year - 1970) * 365 + leap_days - (1969 / 4 - 1969 / 100 + 1969 / 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times are written as they are read, over leap years and centuries.
    #[test]
    fn times_round_trip() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-01-12T06:00:00Z", 1_768_197_600),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(parse_time(text), Ok(Timestamp(seconds)), "{text}");
            assert_eq!(format_time(Timestamp(seconds)), text);
        }
        for day in 0..60_000 {
            let time = Timestamp(day * 86_400 + 1);
            assert_eq!(parse_time(&format_time(time)), Ok(time));
        }
        assert_eq!(parse_time("1768197600"), Ok(Timestamp(1_768_197_600)));
    }

    /// What does not exist, and what would have to be guessed, is refused.
    #[test]
    fn strange_times_are_refused() {
        for text in [
            "",
            "now",
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+03:00",
            "1969-12-31",
            "+5",
            "-1",
        ] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }

    /// A set clock runs on from what it was set to, also backwards.
    #[test]
    fn set_clock_runs_on() {
        #[derive(Debug)]
        struct Fixed(u64);
        impl Clock for Fixed {
            fn now(&self) -> Timestamp {
                Timestamp(self.0)
            }
        }
        let clock = SettableClock::over(Fixed(1_000));
        assert_eq!(clock.now(), Timestamp(1_000));
        clock.set(Timestamp(5_000));
        assert_eq!(clock.now(), Timestamp(5_000));
        clock.set(Timestamp(10));
        assert_eq!(clock.now(), Timestamp(10));
    }
}
