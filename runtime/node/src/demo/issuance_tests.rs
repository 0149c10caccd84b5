//! What is refused, and where the finger points.

use super::*;

const TERMS: &[u8] = b"the terms";
const GOOD: &str = r#"name = "Notes"
symbol = "N1"
decimals = 2
cap = "100.00"
[issuer]
name = "Issuer"
number = "1"
[terms]
document = "terms.md"
blake3 = "HASH"
[dates]
decided = 2026-01-12
opens = 2026-01-19
closes = 2026-02-13
issued = 2026-02-16
matures = 2027-02-16
"#;

fn commitment(digit: char) -> String {
    format!("0x{}", digit.to_string().repeat(64))
}

fn rows(amounts: &[&str]) -> String {
    let mut text = String::from("commitment,amount\n");
    for (digit, amount) in "123456789abcdef".chars().zip(amounts) {
        text.push_str(&format!("{},{amount}\n", commitment(digit)));
    }
    text
}

fn parse(decision: &str, register: &str) -> Result<Issuance, Flaw> {
    Issuance::parse(&Files {
        folder: "f".into(),
        decision: decision.replace("HASH", &Hash::of(TERMS).to_string()),
        register: register.into(),
        terms: Some(TERMS.into()),
    })
}

/// Goal: the decision with one line changed is refused at that line with that reason.
#[track_caller]
fn decision_refused(from: &str, to: &str, line: impl Into<Option<usize>>, reason: &str) {
    assert!(GOOD.contains(from));
    let flaw = parse(&GOOD.replacen(from, to, 1), &rows(&["1", "2", "3", "4"])).unwrap_err();
    assert_eq!(flaw.file, Path::new("f").join(DECISION));
    assert_eq!(flaw.line, line.into(), "{flaw}");
    assert!(flaw.to_string().contains(reason), "{flaw}");
    assert!(!flaw.help.is_empty());
}

#[track_caller]
fn register_refused(register: &str, line: usize, reason: &str) {
    let flaw = parse(GOOD, register).unwrap_err();
    assert_eq!(flaw.file, Path::new("f").join(REGISTER));
    assert_eq!(flaw.line, Some(line), "{flaw}");
    assert!(flaw.to_string().contains(reason), "{flaw}");
}

/// Goal: a sound issuance is read, amounts in base units.
#[test]
fn sound_issuance_is_read() {
    let issuance = parse(GOOD, &rows(&["1.05", "2.5", "3", "93.45"])).unwrap();
    let amounts: Vec<u128> = issuance.register.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [105, 250, 300, 9345]);
    assert_eq!((issuance.total(), issuance.decision.cap), (10_000, 10_000));
    assert_eq!(issuance.decision.terms, Hash::of(TERMS));
}

/// Goal: the example that ships with the program is sound, and is what the issue promises.
#[test]
fn example_is_sound() {
    let issuance = Issuance::example().unwrap();
    assert_eq!(issuance.register.len(), 1_000);
    assert!(issuance.total() <= issuance.decision.cap);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/issuance");
    assert_eq!(Issuance::read(&folder).unwrap(), issuance);
}

/// Goal: keys that nobody knows and keys that are missing are named.
#[test]
fn unknown_and_missing_keys_are_refused() {
    decision_refused("symbol =", "symbl =", 2, "unknown key symbl");
    decision_refused("cap = \"100.00\"\n", "", None, "cap is missing");
    decision_refused("cap = \"100.00\"", "cap = 100", 4, "cap is a number");
    decision_refused("name = \"Notes\"", "name = Notes", 1, "decision.toml:1");
}

/// Goal: the terms must be the ones that were decided on.
#[test]
fn wrong_hash_of_the_terms_is_refused() {
    let other = Hash::of(b"other terms").to_string();
    decision_refused("HASH", &other, 10, "but terms.md has 0x");
    decision_refused("HASH", "0x12", 10, "is not 0x and 64 hex digits");
    decision_refused(
        "\"terms.md\"",
        "\"../terms.md\"",
        9,
        "not the name of a file",
    );
}

/// Goal: decimals and amounts fit each other and the token.
#[test]
fn wrong_decimals_are_refused() {
    decision_refused("decimals = 2", "decimals = 19", 3, "from 0 to 18");
    decision_refused("decimals = 2", "decimals = \"2\"", 3, "decimals is a text");
    decision_refused("100.00", "100.001", 4, "3 decimals");
    decision_refused("100.00", "0.00", 4, "zero");
    register_refused(&rows(&["1", "2", "3.005", "4"]), 4, "3 decimals");
}

/// Goal: symbols and names are what the token takes.
#[test]
fn names_are_bounded() {
    decision_refused("\"N1\"", "\"n1\"", 2, "symbol");
    decision_refused("\"Notes\"", "\"\"", 1, "1 to 64 bytes");
    decision_refused(
        "\"Notes\"",
        &format!("\"{}\"", "x".repeat(65)),
        1,
        "1 to 64 bytes",
    );
}

/// Goal: dates exist and come in order.
#[test]
fn reversed_dates_are_refused() {
    decision_refused(
        "2026-02-13",
        "2026-01-18",
        14,
        "dates.closes is before dates.opens",
    );
    decision_refused("2026-02-16", "2026-02-12", 15, "dates.issued is before");
    decision_refused(
        "decided = 2026-01-12",
        "decided = \"2026-02-30\"",
        12,
        "dates.decided",
    );
}

/// Goal: every kind of bad line of the register is refused by number and reason.
#[test]
fn bad_lines_are_refused() {
    let four = rows(&["1", "2", "3", "4"]);
    let first = commitment('1');
    let with = |line: &str| format!("{four}{line}\n");
    register_refused(&with(&format!("{first},1")), 6, "stands in line 2 already");
    register_refused(&with("0x12,1"), 6, "is not 0x and 64 hex digits");
    register_refused(
        &with(&format!("0x{},1", "g".repeat(64))),
        6,
        "64 hex digits",
    );
    register_refused(&with(&format!("{},1", commitment('0'))), 6, "zero bytes");
    register_refused(&with(&format!("{},0.00", commitment('f'))), 6, "zero");
    register_refused(
        &with(&format!("{},-1", commitment('f'))),
        6,
        "not an amount",
    );
    register_refused(
        &with(&format!("{},1e2", commitment('f'))),
        6,
        "not an amount",
    );
    register_refused(
        &with(&format!("{},91", commitment('f'))),
        6,
        "above the cap of 100.00",
    );
    register_refused(&with(&commitment('f')), 6, "1 fields instead of 2");
    let most = u128::MAX.to_string();
    register_refused(&with(&format!("{},{most}", commitment('f'))), 6, "");
    register_refused(
        &four.replacen("commitment,", "Commitment,", 1),
        1,
        "first line",
    );
    register_refused("", 1, "first line");
    register_refused(&rows(&["1", "2", "3"]), 1, "needs 4");
}

/// Goal: files that are missing or not text are named.
#[test]
fn unreadable_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let flaw = Issuance::read(folder.path()).unwrap_err();
    assert_eq!(flaw.file, folder.path().join(DECISION));
    std::fs::write(folder.path().join(DECISION), b"name = 1\n\xff").unwrap();
    let flaw = Issuance::read(folder.path()).unwrap_err();
    assert_eq!((flaw.line, flaw.reason.as_str()), (Some(2), "is not UTF-8"));
    std::fs::write(folder.path().join(DECISION), GOOD).unwrap();
    let register = rows(&["1", "2", "3", "4"]);
    std::fs::write(folder.path().join(REGISTER), register).unwrap();
    let text = GOOD.replace("HASH", &Hash::of(TERMS).to_string());
    std::fs::write(folder.path().join(DECISION), text).unwrap();
    let flaw = Issuance::read(folder.path()).unwrap_err();
    assert_eq!(flaw.file, folder.path().join("terms.md"));
}
