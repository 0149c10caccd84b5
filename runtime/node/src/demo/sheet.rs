//! A file of a story as people write it: names, amounts, times, countries, each checked where it stands.
//!
//! What every story's files have in common; what a story needs beyond that, it checks itself.

use super::calendar::{Calendar, DAY};
use crate::amount::{self, Unit};
use crate::clock::parse_time;
use crate::document::{Document, Fields, Flaw, Item};
use std::path::Path;
use weighhouse_primitives::{Hash, Timestamp};

/// Decimal places that the token contract allows.
const DECIMALS_MAX: u64 = 18;
/// Bytes of a name or symbol that contracts allow.
pub(super) const NAME_BYTES_MAX: usize = 64;
/// Bytes of a file; a register of a hundred thousand lines fits.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A document whose fields mean something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet<'a> {
    pub(super) document: &'a Document,
    pub(super) fields: Fields<'a>,
}

impl<'a> Sheet<'a> {
    /// A document that may have these keys; `like` says where they can be seen.
    pub(super) fn of(
        document: &'a Document,
        known: &[impl AsRef<str>],
        like: &'a str,
    ) -> Result<Self, Flaw> {
        let fields = Fields::of(document, known, like)?;
        Ok(Self { document, fields })
    }

    /// A text that contracts take as a name.
    pub(super) fn name(&self, key: &str) -> Result<String, Flaw> {
        let (text, line) = self.fields.text(key)?;
        let fits = (1..=NAME_BYTES_MAX).contains(&text.len());
        if !fits || text.trim() != text || text.chars().any(char::is_control) {
            let reason = format!("{key} must have 1 to {NAME_BYTES_MAX} bytes");
            let help = "no control characters, no spaces at the ends";
            return Err(self.document.flaw(line, reason, help));
        }
        Ok(text.into())
    }

    /// What amounts are counted in: `symbol` and `decimals` below `table`, which ends with a point.
    pub(super) fn unit(&self, table: &str) -> Result<Unit, Flaw> {
        let (text, line) = self.fields.text(&format!("{table}symbol"))?;
        let well_formed = (1..=16).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_uppercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !well_formed {
            let reason = format!("{table}symbol {text:?} cannot stand behind an amount");
            let help = "1 to 16 capital letters and digits, a letter first";
            return Err(self.document.flaw(line, reason, help));
        }
        Ok(Unit {
            symbol: text.into(),
            decimals: self.decimals(&format!("{table}decimals"))?,
        })
    }

    fn decimals(&self, key: &str) -> Result<u8, Flaw> {
        let entry = self.fields.needed(key)?;
        let expected = format!("a number from 0 to {DECIMALS_MAX}");
        let Item::Integer(decimals) = entry.item else {
            return Err(self.fields.wrong(entry, &expected));
        };
        let decimals = u8::try_from(decimals).ok();
        let decimals = decimals.filter(|decimals| u64::from(*decimals) <= DECIMALS_MAX);
        decimals.ok_or_else(|| {
            let reason = format!("{key} must be {expected}");
            let help = "two for claims in roubles and kopecks";
            self.document.flaw(entry.line, reason, help)
        })
    }

    /// Base units, and the line that says so.
    pub(super) fn amount(&self, key: &str, unit: &Unit) -> Result<(u128, usize), Flaw> {
        let (text, line) = self.fields.text(key)?;
        let base = units(text, unit).map_err(|reason| {
            self.document
                .flaw(line, format!("{key}: {reason}"), &help(unit))
        })?;
        Ok((base, line))
    }

    /// A second, and the line that says so. A day is its first second in UTC.
    pub(super) fn time(&self, key: &str) -> Result<(Timestamp, usize), Flaw> {
        let (text, line) = self.fields.text(key)?;
        let time = parse_time(text).map_err(|error| {
            let help = "write it as 2026-01-12, or as 2026-01-12T06:00:00Z";
            self.document.flaw(line, format!("{key}: {error}"), help)
        })?;
        Ok((time, line))
    }

    /// A last second, and the line that says so. A day is its last second where `calendar` is.
    pub(super) fn end(&self, key: &str, calendar: &Calendar) -> Result<(Timestamp, usize), Flaw> {
        let (time, line) = self.time(key)?;
        let (text, _) = self.fields.text(key)?;
        let day = text.len() == "2026-01-12".len() && !text.contains('T');
        let end = calendar.end_of_day(time.0 / DAY);
        Ok((if day { end } else { time }, line))
    }

    /// Two capital letters.
    pub(super) fn country(&self, key: &str) -> Result<(String, usize), Flaw> {
        let (text, line) = self.fields.text(key)?;
        self.capitals(key, (text, line), 2, "RU")?;
        Ok((text.into(), line))
    }

    /// Refuses a text that is not so many capital letters.
    pub(super) fn capitals(
        &self,
        key: &str,
        (text, line): (&str, usize),
        count: usize,
        example: &str,
    ) -> Result<(), Flaw> {
        if text.len() == count && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(());
        }
        let reason = format!("{key} is {text:?}, must be {count} capital letters");
        let help = format!("for example {example}");
        Err(self.document.flaw(line, reason, &help))
    }

    /// A number within bounds.
    pub(super) fn number(&self, key: &str, min: u64, max: u64) -> Result<u64, Flaw> {
        self.fields.number(self.fields.needed(key)?, min, max)
    }
}

/// Reads a file of bounded size; `what` says what the folder should hold.
pub(super) fn read_bytes(file: &Path, what: &str) -> Result<Vec<u8>, Flaw> {
    let flaw = |reason: String, help: &str| Flaw {
        file: file.into(),
        line: None,
        reason,
        help: help.into(),
    };
    let unreadable = |error: std::io::Error| flaw(format!("cannot be read: {error}"), what);
    let bytes = std::fs::metadata(file).map_err(unreadable)?.len();
    if bytes > FILE_BYTES_MAX {
        let reason = format!("has {bytes} bytes, at most {FILE_BYTES_MAX} are read");
        return Err(flaw(reason, "split the file"));
    }
    std::fs::read(file).map_err(unreadable)
}

/// Reads a text file of bounded size.
pub(super) fn read_text(file: &Path, what: &str) -> Result<String, Flaw> {
    String::from_utf8(read_bytes(file, what)?).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        Flaw {
            file: file.into(),
            line: Some(before.iter().filter(|byte| **byte == b'\n').count() + 1),
            reason: "is not UTF-8".into(),
            help: "save the file as UTF-8".into(),
        }
    })
}

/// 32 bytes as `0x` and 64 hex digits.
pub(super) fn hash(text: &str) -> Result<Hash, String> {
    let mut bytes = [0; 32];
    let digits = text.strip_prefix("0x");
    let decoded = digits.and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok());
    match decoded {
        Some(()) if bytes != [0; 32] => Ok(Hash(bytes)),
        Some(()) => Err("32 zero bytes stand for nothing".into()),
        None => Err(format!("{text:?} is not 0x and 64 hex digits")),
    }
}

/// Base units of a number of whole units.
pub(super) fn units(text: &str, unit: &Unit) -> Result<u128, String> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if text.is_empty() || !plain || text.starts_with('.') || text.ends_with('.') {
        return Err(format!("{text:?} is not an amount"));
    }
    let base = amount::parse(&format!("{text}{}", unit.symbol), Some(unit));
    match base {
        Ok(0) => Err("the amount is zero".into()),
        Ok(base) => Ok(base),
        Err(error) => Err(error.to_string()),
    }
}

/// How an amount of a unit is written.
pub(super) fn help(unit: &Unit) -> String {
    match unit.decimals {
        0 => "write whole units: digits only".into(),
        decimals => format!("write digits, and at most {decimals} of them behind a point"),
    }
}
