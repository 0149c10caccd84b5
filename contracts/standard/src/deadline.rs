//! The inclusive rules of time: at no second are both an act and its expiry possible, or neither.
//!
//! A deadline `D` allows the act while `now <= D`, and what follows expiry once `now > D`. A start `S`
//! allows from `now >= S`. Every comparison of times in the library goes through here.

use crate::error::Refusal;
use weighhouse_sdk::prelude::*;

/// True while an act with this deadline is allowed.
#[must_use]
pub fn in_time(now: Timestamp, deadline: Timestamp) -> bool {
    now <= deadline
}

/// True once what follows the deadline is allowed: the opposite of [`in_time`].
#[must_use]
pub fn expired(now: Timestamp, deadline: Timestamp) -> bool {
    !in_time(now, deadline)
}

/// True once an act with this start is allowed.
#[must_use]
pub fn started(now: Timestamp, start: Timestamp) -> bool {
    now >= start
}

/// Refuses after the deadline.
///
/// # Errors
/// `DeadlinePassed`.
pub fn before_end(now: Timestamp, deadline: Timestamp) -> Result<(), Refusal> {
    ensure!(in_time(now, deadline), Refusal::DeadlinePassed { deadline });
    Ok(())
}

/// Refuses before the start.
///
/// # Errors
/// `TooEarly`.
pub fn after_start(now: Timestamp, start: Timestamp) -> Result<(), Refusal> {
    ensure!(started(now, start), Refusal::TooEarly { from: start });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One second before, at and after a deadline exactly one of act and expiry is possible.
    #[test]
    fn deadline_and_expiry_never_overlap_nor_leave_a_gap() {
        let at = Timestamp(100);
        for (now, act) in [(99, true), (100, true), (101, false)] {
            assert_eq!(in_time(Timestamp(now), at), act);
            assert_eq!(expired(Timestamp(now), at), !act);
            assert_eq!(before_end(Timestamp(now), at).is_ok(), act);
        }
    }

    /// A start includes its own second.
    #[test]
    fn start_is_inclusive() {
        let at = Timestamp(100);
        assert_eq!(
            after_start(Timestamp(99), at),
            Err(Refusal::TooEarly { from: at })
        );
        assert_eq!(after_start(at, at), Ok(()));
    }
}
