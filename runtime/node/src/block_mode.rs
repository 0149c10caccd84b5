//! When blocks are made.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// When the solo producer makes a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlockMode {
    /// As soon as a transaction waits; while one block becomes durable the next one fills.
    #[default]
    Auto,
    /// Only on order.
    Manual,
    /// Every so often, with what waits, even if nothing does.
    Interval(Duration),
    /// As soon as a transaction waits, and an empty block after so long without one.
    Mixed(Duration),
}

impl BlockMode {
    /// True where a waiting transaction is reason enough for a block.
    #[must_use]
    pub const fn is_on_demand(self) -> bool {
        matches!(self, Self::Auto | Self::Mixed(_))
    }

    /// Time between two blocks after which one is made anyway.
    #[must_use]
    pub const fn period(self) -> Option<Duration> {
        match self {
            Self::Interval(period) | Self::Mixed(period) => Some(period),
            Self::Auto | Self::Manual => None,
        }
    }
}

/// Why a text is not a block mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a block mode: auto, manual, 2s, 500ms, or mixed:2s")]
pub struct BlockModeError {
    text: String,
}

impl FromStr for BlockMode {
    type Err = BlockModeError;

    fn from_str(text: &str) -> Result<Self, BlockModeError> {
        match text {
            "auto" => return Ok(Self::Auto),
            "manual" => return Ok(Self::Manual),
            _ => {}
        }
        let (rest, mixed) = match text.strip_prefix("mixed:") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let period = period(rest).ok_or_else(|| BlockModeError { text: text.into() })?;
        Ok(if mixed {
            Self::Mixed(period)
        } else {
            Self::Interval(period)
        })
    }
}

/// `2s` or `500ms`, from 1 ms to a day.
fn period(text: &str) -> Option<Duration> {
    let (digits, unit_ms) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1),
        None => (text.strip_suffix('s')?, 1_000),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let period_ms = digits.parse::<u64>().ok()?.checked_mul(unit_ms)?;
    (1..=86_400_000)
        .contains(&period_ms)
        .then(|| Duration::from_millis(period_ms))
}

impl fmt::Display for BlockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, period) = match self {
            Self::Auto => return f.write_str("auto"),
            Self::Manual => return f.write_str("manual"),
            Self::Interval(period) => ("", period),
            Self::Mixed(period) => ("mixed:", period),
        };
        let period_ms = period.as_millis();
        if period_ms.is_multiple_of(1_000) {
            write!(f, "{prefix}{}s", period_ms / 1_000)
        } else {
            write!(f, "{prefix}{period_ms}ms")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Modes are written as they are read; anything else is refused.
    #[test]
    fn modes_round_trip() {
        for text in ["auto", "manual", "2s", "500ms", "mixed:2s", "mixed:1500ms"] {
            let mode: BlockMode = text.parse().expect("a mode");
            assert_eq!(mode.to_string(), text);
        }
        for text in [
            "",
            "2",
            "0s",
            "-1s",
            "1e3s",
            "mixed:",
            "mixed:auto",
            "1h",
            "99999999s",
        ] {
            assert!(text.parse::<BlockMode>().is_err(), "{text}");
        }
    }
}
