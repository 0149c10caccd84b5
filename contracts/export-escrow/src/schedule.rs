//! Every deadline of a credit, to the second, from its calendar of banking days.
//!
//! Deadlines are inclusive. Days are local days of the calendar. The credit's expiry and the last day
//! for presentation move from a closed day to the end of the next banking day; the latest shipment
//! never moves.

use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::deadline;

/// Banking days after the day of completeness in which banks examine.
pub const EXAMINATION_DAYS: u32 = 5;
/// Calendar days in which a corrupt document can be replaced.
pub const REPLACEMENT_DAYS: u64 = 30;
/// No date of a credit lies beyond: the end of the year 9999.
const LAST: Timestamp = Timestamp(253_402_300_799);

/// True for dates that can be reckoned with.
pub(crate) fn sane(at: Timestamp) -> bool {
    deadline::in_time(at, LAST)
}

/// The last second for presenting documents of goods shipped at `shipment`.
pub(crate) fn last_present(
    calendar: &Calendar,
    expiry: Timestamp,
    shipment: Timestamp,
    days: u16,
) -> Timestamp {
    let shipped = calendar.day(shipment);
    let end = calendar.end_of_day(shipped.saturating_add(days.into()));
    // Each is moved by itself: documents are never due after the credit is over.
    calendar.moved(expiry).min(calendar.moved(end))
}

/// The last second of a refusal of documents that were complete at `complete`.
pub(crate) fn examination_end(calendar: &Calendar, complete: Timestamp) -> Timestamp {
    resumed(calendar, complete, EXAMINATION_DAYS)
}

/// Banking days from that of `stop`, counted, to that of the deadline.
pub(crate) fn days_left(calendar: &Calendar, stop: Timestamp, last: Timestamp) -> u32 {
    calendar.bdays(calendar.day(stop), calendar.day(last))
}

/// The new deadline of a clock that goes on at `at` with so many banking days left.
pub(crate) fn resumed(calendar: &Calendar, at: Timestamp, left: u32) -> Timestamp {
    calendar.end_of_day(calendar.add_bdays(calendar.day(at), left))
}

/// The end of the day that is so many calendar days after that of `from`.
pub(crate) fn days_later(calendar: &Calendar, from: Timestamp, days: u64) -> Timestamp {
    calendar.end_of_day(calendar.day(from).saturating_add(days))
}

/// The first second at which a deferred payment is due.
pub(crate) fn due(calendar: &Calendar, shipment: Timestamp, days: u16) -> Timestamp {
    let before = calendar.day(shipment).saturating_add(days.into());
    match before.checked_sub(1) {
        Some(day) => calendar.end_of_day(day).saturating_add(1),
        None => Timestamp(0),
    }
}
