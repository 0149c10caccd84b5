//! The banking days of a party's place, and seconds as people there read them.
//!
//! The contracts reckon deadlines themselves; this side reckons them again from the same calendar, to
//! refuse files whose dates cannot work and to check what the contracts answer.

use super::sheet::Sheet;
use crate::clock::{format_time, parse_time};
use crate::document::Flaw;
use serde_json::{Value, json};
use weighhouse_primitives::Timestamp;

/// Seconds of a day.
pub(super) const DAY: u64 = 86_400;
/// Days of the week, bit 0 first.
const WEEK: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Most holidays that a calendar of the contracts takes.
const HOLIDAYS_MAX: usize = 256;

/// When banks of a place are open, and how far its clocks are ahead of UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The place.
    pub place: String,
    /// Seconds by which its time is ahead of UTC.
    pub utc_offset: i32,
    /// Days of the week on which banks are closed: bit 0 is Monday.
    pub weekend: u8,
    /// Other days on which they are, since 1970-01-01, ascending.
    pub holidays: Vec<u32>,
}

impl Calendar {
    /// The keys of a calendar's table.
    pub(super) const KEYS: [&'static str; 4] = [
        "calendar.place",
        "calendar.utc_offset",
        "calendar.weekend",
        "calendar.holidays",
    ];

    /// Reads the table `[calendar]`.
    pub(super) fn read(sheet: &Sheet<'_>) -> Result<Self, Flaw> {
        let (text, line) = sheet.fields.text("calendar.utc_offset")?;
        let utc_offset = offset(text).ok_or_else(|| {
            let reason = format!("calendar.utc_offset {text:?} is not a difference to UTC");
            let help = "write it as +03:00; at most 14 hours either way";
            sheet.document.flaw(line, reason, help)
        })?;
        let mut weekend = 0u8;
        for (name, line) in sheet.fields.list("calendar.weekend")? {
            let bit = WEEK.iter().position(|day| day == name).ok_or_else(|| {
                let reason = format!("calendar.weekend: {name:?} is not a day of the week");
                let help = format!("the days are {}", WEEK.join(", "));
                sheet.document.flaw(*line, reason, &help)
            })?;
            weekend |= 1 << bit;
        }
        if weekend == 0b111_1111 {
            let entry = sheet.fields.needed("calendar.weekend")?;
            let reason = "calendar.weekend: banks are never open".into();
            let help = "leave out a day on which they are";
            return Err(sheet.document.flaw(entry.line, reason, help));
        }
        Ok(Self {
            place: sheet.name("calendar.place")?,
            utc_offset,
            weekend,
            holidays: holidays(sheet)?,
        })
    }

    /// The local day of a second.
    pub(super) fn day(&self, at: Timestamp) -> u64 {
        at.0.saturating_add_signed(self.utc_offset.into()) / DAY
    }

    /// The last second of a local day.
    pub(super) fn end_of_day(&self, day: u64) -> Timestamp {
        let next = day.saturating_add(1).saturating_mul(DAY);
        let next = next.saturating_add_signed(-i64::from(self.utc_offset));
        Timestamp(next.saturating_sub(1))
    }

    /// The day itself if banks are open, else the next on which they are.
    pub(super) fn following(&self, mut day: u64) -> u64 {
        let closed = |day: u64| {
            // 1970-01-01 was a Thursday.
            let weekend = (self.weekend >> ((day + 3) % 7)) & 1 == 1;
            let day = u32::try_from(day).unwrap_or(u32::MAX);
            weekend || self.holidays.binary_search(&day).is_ok()
        };
        while closed(day) {
            day += 1;
        }
        day
    }

    /// A deadline, moved from a closed day to the end of the next on which banks are open.
    pub(super) fn moved(&self, at: Timestamp) -> Timestamp {
        let day = self.day(at);
        let open = self.following(day);
        if open == day {
            at
        } else {
            self.end_of_day(open)
        }
    }

    /// The end of the `count`th banking day after the day of a second.
    pub(super) fn banking_days_after(&self, at: Timestamp, count: u32) -> Timestamp {
        let mut day = self.day(at);
        for _ in 0..count {
            day = self.following(day + 1);
        }
        self.end_of_day(day)
    }

    /// A second in UTC and in local time, for people.
    pub(super) fn both(&self, at: Timestamp) -> String {
        let (utc, local) = (clock(at), clock(self.shifted(at)));
        let same_day = utc.get(..10) == local.get(..10);
        let local = if same_day {
            local.get(11..).unwrap_or_default().to_owned()
        } else {
            local
        };
        format!("{utc} UTC, {local} {}", self.place)
    }

    /// A second in UTC and in local time, for programs.
    pub(super) fn json(&self, at: Timestamp) -> Value {
        let offset = self.utc_offset.unsigned_abs();
        let sign = if self.utc_offset < 0 { '-' } else { '+' };
        let local = format_time(self.shifted(at));
        let local = local.trim_end_matches('Z');
        let (hours, minutes) = (offset / 3_600, offset / 60 % 60);
        json!({
            "utc": format_time(at),
            "local": format!("{local}{sign}{hours:02}:{minutes:02}"),
        })
    }

    /// As the escrow takes it.
    pub(super) fn argument(&self) -> Value {
        json!({ "utc_offset": self.utc_offset, "weekend": self.weekend, "holidays": self.holidays })
    }

    fn shifted(&self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_add_signed(self.utc_offset.into()))
    }
}

/// Date and time without seconds, unless there are any.
fn clock(at: Timestamp) -> String {
    let text = format_time(at).replace('T', " ");
    let text = text.trim_end_matches('Z');
    text.strip_suffix(":00").unwrap_or(text).to_owned()
}

fn offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| text.parse::<u8>().ok()).flatten();
    let (hours, minutes) = (i32::from(two(hours)?), i32::from(two(minutes)?));
    let seconds = hours * 3_600 + minutes * 60;
    (minutes < 60 && seconds <= 50_400).then_some(sign * seconds)
}

fn holidays(sheet: &Sheet<'_>) -> Result<Vec<u32>, Flaw> {
    let mut days = Vec::new();
    for (text, line) in sheet.fields.list("calendar.holidays")? {
        let day = parse_time(text).ok().filter(|time| time.0 % DAY == 0);
        let day = day.and_then(|time| u32::try_from(time.0 / DAY).ok());
        let day = day.ok_or_else(|| {
            let reason = format!("calendar.holidays: {text:?} is not a day");
            sheet.document.flaw(*line, reason, "write it as 2026-02-23")
        })?;
        if days.last().is_some_and(|last| *last >= day) {
            let reason = format!("calendar.holidays: {text} is not after the day before it");
            let help = "list each day once, the earliest first";
            return Err(sheet.document.flaw(*line, reason, help));
        }
        days.push(day);
    }
    if days.len() > HOLIDAYS_MAX {
        let entry = sheet.fields.needed("calendar.holidays")?;
        let reason = format!("calendar.holidays: more than {HOLIDAYS_MAX} days");
        return Err(sheet.document.flaw(entry.line, reason, "list fewer days"));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: deadlines move over weekends and holidays, and times are told in both places.
    #[test]
    fn days_are_counted_where_banks_are_open() {
        let at = |text: &str| parse_time(text).unwrap();
        let moscow = Calendar {
            place: "Moscow".into(),
            utc_offset: 10_800,
            weekend: 0b110_0000,
            holidays: vec![u32::try_from(at("2026-02-23").0 / DAY).unwrap()],
        };
        // Saturday, and the Monday after it is a holiday.
        let moved = moscow.moved(at("2026-02-21T10:00:00Z"));
        assert_eq!(moved, at("2026-02-24T20:59:59Z"));
        assert_eq!(
            moscow.moved(at("2026-02-20T10:00:00Z")),
            at("2026-02-20T10:00:00Z")
        );
        let fifth = moscow.banking_days_after(at("2026-02-17T07:00:00Z"), 5);
        assert_eq!(fifth, at("2026-02-25T20:59:59Z"));
        assert_eq!(
            moscow.both(at("2026-02-16T07:00:00Z")),
            "2026-02-16 07:00 UTC, 10:00 Moscow"
        );
        assert_eq!(
            moscow.both(at("2026-02-16T21:00:01Z")),
            "2026-02-16 21:00:01 UTC, 2026-02-17 00:00:01 Moscow"
        );
        assert_eq!(
            moscow.json(at("2026-02-16T07:00:00Z"))["local"],
            "2026-02-16T10:00:00+03:00"
        );
        assert_eq!(offset("-03:30"), Some(-12_600));
        for wrong in ["3", "+3:00", "+15:00", "+01:60", "", "Z"] {
            assert_eq!(offset(wrong), None, "{wrong}");
        }
    }
}
