//! What is refused, and where the finger points.

use super::*;

const GOOD_PARTIES: &str = include_str!("../../../../../docs/examples/export/parties.toml");
const GOOD_TRADE: &str = include_str!("../../../../../docs/examples/export/trade.toml");

/// Goal: the example is refused nowhere.
#[test]
fn example_is_well_formed() {
    let export = Export::example().unwrap();
    assert_eq!(export.parties.len(), ROLES.len());
    assert!(!export.importer_is_resident());
    assert_eq!(export.max_draw(), 126_000_000);
    assert_eq!(format_time(export.late.1), "2026-03-05T20:59:59Z");
}

/// Goal: one line of a file changed is refused at that line with that reason.
#[track_caller]
fn refused(file: &str, from: &str, to: &str, reason: &str) {
    let good = if file == PARTIES {
        GOOD_PARTIES
    } else {
        GOOD_TRADE
    };
    assert!(good.contains(from), "{from}");
    let at = good.find(from).unwrap();
    let line = good[..at].lines().count() + usize::from(good[..at].ends_with('\n'));
    let text = good.replacen(from, to, 1);
    let (parties, trade) = match file {
        PARTIES => (text.as_str(), GOOD_TRADE),
        _ => (GOOD_PARTIES, text.as_str()),
    };
    let flaw = Export::parse(Path::new("f"), parties, trade).unwrap_err();
    assert_eq!(flaw.file, Path::new("f").join(file), "{flaw}");
    assert!(flaw.to_string().contains(reason), "{flaw}");
    assert_eq!(flaw.line, Some(line.max(1)), "{flaw}");
    assert!(!flaw.help.is_empty());
}

#[test]
fn parties_are_refused_with_line_and_reason() {
    for (from, to, reason) in [
        ("home = \"RU\"", "home = \"ru\"", "2 capital letters"),
        (
            "utc_offset = \"+03:00\"",
            "utc_offset = \"Moscow\"",
            "not a difference to UTC",
        ),
        (
            "weekend = [\"saturday\"",
            "weekend = [\"caturday\"",
            "not a day of the week",
        ),
        (
            "holidays = [\"2026-02-23\"",
            "holidays = [\"2026-04-23\"",
            "is not after the day before",
        ),
        ("country = \"CN\"", "country = \"RU\"", "one is a resident"),
        (
            "[carrier]\nname",
            "[carrier]\nnane",
            "unknown key carrier.nane",
        ),
    ] {
        let moved = from.starts_with("[carrier]");
        if moved {
            let text = GOOD_PARTIES.replacen(from, to, 1);
            let flaw = Export::parse(Path::new("f"), &text, GOOD_TRADE).unwrap_err();
            assert!(flaw.to_string().contains(reason), "{flaw}");
        } else {
            refused(PARTIES, from, to, reason);
        }
    }
}

/// What is changed in the trade, to what, and the reason it is refused with.
const MISTAKES: [(&str, &str, &str); 13] = [
    (
        "amount = \"1500000.00\"",
        "amount = \"1500000.001\"",
        "3 decimals",
    ),
    (
        "currency = \"CNY\"",
        "currency = \"yuan\"",
        "3 capital letters",
    ),
    (
        "hs_code = \"440711\"",
        "hs_code = \"4407.11\"",
        "2 to 12 digits",
    ),
    ("cap = \"10000000.00\"", "cap = \"1.00\"", "below the"),
    (
        "amount = \"1200000.00\"",
        "amount = \"1500000.00\"",
        "the trade has",
    ),
    (
        "tolerance_plus = 500",
        "tolerance_plus = 50000",
        "from 0 to 10000",
    ),
    (
        "latest_shipment = 2026-03-13",
        "latest_shipment = 2026-04-13",
        "after credit.expiry",
    ),
    (
        "until = 2026-12-31",
        "until = 2026-03-31",
        "not after credit.expiry",
    ),
    (
        "claim = \"250000.00\"",
        "claim = \"400000.00\"",
        "can be drawn",
    ),
    (
        "bill = \"SSL-7002\"",
        "bill = \"SSL-7001\"",
        "same invoice or bill",
    ),
    (
        "presented = 2026-02-09T07:00:00Z",
        "presented = 2026-02-02T05:00:00Z",
        "not ten minutes after first.shipped",
    ),
    (
        "examined = 2026-03-13T08:30:00Z",
        "examined = 2026-03-19T21:00:00Z",
        "fifth banking day",
    ),
    (
        "shipped = 2026-03-06T05:00:00Z",
        "shipped = 2026-03-05T05:00:00Z",
        "last second for late",
    ),
];

#[test]
fn trade_is_refused_with_line_and_reason() {
    for (from, to, reason) in MISTAKES {
        // A bill used twice is found at the first of the two.
        match from {
            "bill = \"SSL-7002\"" => {
                let text = GOOD_TRADE.replacen(from, to, 1);
                let flaw = Export::parse(Path::new("f"), GOOD_PARTIES, &text).unwrap_err();
                assert!(flaw.to_string().contains(reason), "{flaw}");
            }
            "examined = 2026-03-13T08:30:00Z" => {
                let text = GOOD_TRADE.replacen(from, to, 1);
                let text = text.replacen("hit = 2026-03-13T09", "hit = 2026-03-20T09", 1);
                let flaw = Export::parse(Path::new("f"), GOOD_PARTIES, &text).unwrap_err();
                assert!(flaw.to_string().contains(reason), "{flaw}");
            }
            _ => refused(TRADE, from, to, reason),
        }
    }
    let flaw = Export::parse(Path::new("f"), GOOD_PARTIES, "opens = ").unwrap_err();
    assert_eq!(flaw.line, Some(1));
}
