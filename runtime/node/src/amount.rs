//! Amounts as people write and read them.
//!
//! A bare integer counts base units. A number with the token's symbol counts whole tokens, is exact,
//! never rounded and never a float: `10.50INV7` with 2 decimals is 1050 base units. `1e6`, `1,000`
//! and `.5` are refused, because each means different things to different people.
//!
//! # Source
//! `docs/json.md`, "Amounts".

use std::fmt;

/// Most decimals that a token can have: 10^38 is the largest power of ten in a `u128`.
pub const DECIMALS_MAX: u8 = 38;

/// What a token's amounts are counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Symbol, for example `INV7`.
    pub symbol: String,
    /// Digits behind the point.
    pub decimals: u8,
}

/// Why a text is not an amount; `help` says how to write it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct AmountError {
    /// What is wrong.
    pub what: String,
    /// How to write it.
    pub help: String,
}

fn error(what: impl Into<String>, help: impl Into<String>) -> AmountError {
    AmountError {
        what: what.into(),
        help: help.into(),
    }
}

impl Unit {
    /// The amount in base units.
    ///
    /// # Errors
    /// If it does not fit a `u128`, has too many decimals, or is not written as a number.
    fn whole_tokens(&self, text: &str, number: &str) -> Result<u128, AmountError> {
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let places = fraction.bytes().filter(u8::is_ascii_digit).count();
        if places > usize::from(self.decimals) {
            let cut: String = fraction.chars().take(self.decimals.into()).collect();
            let point = if self.decimals == 0 { "" } else { "." };
            let example = format!("{whole}{point}{cut}");
            let base = self.whole_tokens(text, &example)?;
            return Err(error(
                format!(
                    "{text} has {places} decimals, {} has {}",
                    self.symbol, self.decimals
                ),
                format!("write {example}{}, or {base} for base units", self.symbol),
            ));
        }
        let whole = digits(text, whole)?;
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        let fraction = digits(text, fraction)?;
        let scale = |power: usize| 10u128.checked_pow(u32::try_from(power).ok()?);
        let base = || {
            let head = whole.checked_mul(scale(self.decimals.into())?)?;
            let missing = usize::from(self.decimals).checked_sub(places)?;
            head.checked_add(fraction.checked_mul(scale(missing)?)?)
        };
        base().ok_or_else(|| too_large(text))
    }

    /// The amount with all decimals and grouped by thousands, symbol after: for people.
    #[must_use]
    pub fn show(&self, base: u128) -> String {
        let plain = self.plain(base);
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut text = String::new();
        for (index, digit) in whole.char_indices() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push('\u{2009}');
            }
            text.push(digit);
        }
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{text}{point}{fraction} {}", self.symbol)
    }

    /// The amount with all decimals, without groups and symbol: for programs.
    #[must_use]
    pub fn plain(&self, base: u128) -> String {
        let places = usize::from(self.decimals);
        let text = format!("{base:0>width$}", width = places + 1);
        let (whole, fraction) = text.split_at(text.len() - places);
        if places == 0 {
            whole.into()
        } else {
            format!("{whole}.{fraction}")
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} decimals", self.symbol, self.decimals)
    }
}

/// Base units of `text`; `unit` is the token's, if a token is known.
///
/// # Errors
/// [`AmountError`] with the way to write it.
pub fn parse(text: &str, unit: Option<&Unit>) -> Result<u128, AmountError> {
    if text.contains(',') {
        return Err(error(
            format!("{text} has a comma, which is a point in some countries and a group in others"),
            "write a point for decimals and _ for groups, for example 1_000.00",
        ));
    }
    if text.starts_with(['-', '+']) {
        return Err(error(
            format!("{text} has a sign; amounts have none"),
            "write digits only",
        ));
    }
    if let Some(unit) = unit
        && let Some(number) = text.strip_suffix(unit.symbol.as_str())
        && !unit.symbol.is_empty()
    {
        return unit.whole_tokens(text, number.trim_end());
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '_' && c != '.')
        .unwrap_or(text.len());
    let (number, symbol) = text.split_at(end);
    let symbol = symbol.trim_start();
    if number.starts_with('.') || number.is_empty() {
        return Err(not_a_number(text));
    }
    if symbol.is_empty() && !number.contains('.') {
        return digits(text, number);
    }
    if symbol.starts_with(['e', 'E']) && symbol[1..].bytes().all(|c| c.is_ascii_digit()) {
        return Err(error(
            format!("{text} is written with an exponent"),
            "write all digits; _ may group them, for example 1_000_000",
        ));
    }
    Err(match (symbol, unit) {
        ("", Some(unit)) => error(
            format!("{text} has a point but no symbol"),
            format!(
                "write {number}{}, or base units without a point",
                unit.symbol
            ),
        ),
        ("", None) => error(
            format!("{text} has a point, and no token says how many decimals there are"),
            "write base units: digits without a point",
        ),
        (_, Some(unit)) => error(
            format!(
                "{text} is counted in {symbol}, this token is {}",
                unit.symbol
            ),
            format!(
                "write {number}{}, or base units without a symbol",
                unit.symbol
            ),
        ),
        (_, None) => error(
            format!("{text} has the symbol {symbol}, but no token is known here"),
            "write base units: digits without point and symbol",
        ),
    })
}

fn digits(text: &str, number: &str) -> Result<u128, AmountError> {
    let groups_ok = !number.starts_with('_') && !number.ends_with('_') && !number.contains("__");
    let plain: String = number.chars().filter(|c| *c != '_').collect();
    if plain.is_empty() || !groups_ok || !plain.bytes().all(|c| c.is_ascii_digit()) {
        return Err(not_a_number(text));
    }
    plain.parse().map_err(|_| too_large(text))
}

fn not_a_number(text: &str) -> AmountError {
    error(
        format!("{text} is not an amount"),
        "write digits, for example 1050; _ may group them",
    )
}

fn too_large(text: &str) -> AmountError {
    error(
        format!("{text} is more than fits 128 bits"),
        format!("the largest amount is {} base units", u128::MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(symbol: &str, decimals: u8) -> Unit {
        Unit {
            symbol: symbol.into(),
            decimals,
        }
    }

    /// Goal: every accepted form gives exactly the base units it says.
    #[test]
    fn accepted_forms() {
        let inv7 = unit("INV7", 2);
        for (text, base) in [
            ("1050", 1050),
            ("1_000_000", 1_000_000),
            ("10.50INV7", 1050),
            ("10.5INV7", 1050),
            ("10INV7", 1000),
            ("10.50 INV7", 1050),
            ("0.01INV7", 1),
            ("1_000.00INV7", 100_000),
            ("0", 0),
        ] {
            assert_eq!(parse(text, Some(&inv7)), Ok(base), "{text}");
        }
        assert_eq!(parse("7KG", Some(&unit("KG", 0))), Ok(7));
        assert_eq!(parse(&u128::MAX.to_string(), None), Ok(u128::MAX));
        assert_eq!(parse("3_5", None), Ok(35));
    }

    /// Goal: what could be read in two ways is refused, with the way to write it.
    #[test]
    fn refused_forms() {
        let inv7 = unit("INV7", 2);
        for text in [
            "",
            "1e6",
            "1E6",
            "1,000",
            ".5",
            ".5INV7",
            "10.5",
            "10.50RUB",
            "-5",
            "+5",
            "_5",
            "5_",
            "1__0",
            "1.2.3INV7",
            "10.INV77",
            "abc",
            "INV7",
            "\u{661}",
        ] {
            assert!(parse(text, Some(&inv7)).is_err(), "{text:?}");
        }
        assert!(parse("1.5", None).is_err() && parse("10X", None).is_err());
        let over = format!("{}INV7", u128::MAX);
        assert!(parse(&over, Some(&inv7)).is_err());
    }

    /// Goal: the message says what is wrong and how to write it, word for word.
    #[test]
    fn too_many_decimals_names_both_counts() {
        let error = parse("10.505INV7", Some(&unit("INV7", 2))).unwrap_err();
        assert_eq!(error.what, "10.505INV7 has 3 decimals, INV7 has 2");
        assert_eq!(error.help, "write 10.50INV7, or 1050 for base units");
    }

    /// Goal: amounts are shown with all decimals, grouped, and read back to the same number.
    #[test]
    fn shown_with_all_decimals() {
        let inv7 = unit("INV7", 2);
        assert_eq!(inv7.show(123_456_789), "1\u{2009}234\u{2009}567.89 INV7");
        assert_eq!(inv7.show(5), "0.05 INV7");
        assert_eq!(unit("KG", 0).show(1000), "1\u{2009}000 KG");
        for base in [0, 1, 99, 100, 123_456_789, u128::MAX] {
            assert_eq!(
                parse(&format!("{}INV7", inv7.plain(base)), Some(&inv7)),
                Ok(base)
            );
        }
    }
}
