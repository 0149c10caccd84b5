//! An issuance as people write it: decision, terms, register of subscriptions.
//!
//! Everything is checked here, before a node is started: what is malformed is refused with file, line
//! and reason. Invariant: an [`Issuance`] can be issued as it is, nothing in it is refused by the
//! token. What it does not know: chains, keys, transactions.

use super::sheet::{Sheet, hash, help, read_bytes, read_text, units};
use crate::amount::Unit;
use crate::document::{Document, Flaw};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use weighhouse_primitives::{Hash, Timestamp};

/// Name of the file that says what is issued.
pub const DECISION: &str = "decision.toml";
/// Name of the file that says to whom.
pub const REGISTER: &str = "register.csv";
/// Most subscribers of a register.
pub const SUBSCRIBERS_MAX: usize = 100_000;
/// Fewest: the story needs a seller, a buyer and two owners of holds.
pub const SUBSCRIBERS_MIN: usize = 4;
/// What a folder of an issuance holds.
const FOLDER: &str = "an issuance is a folder with decision.toml, register.csv and the terms";

/// Every key of the decision.
const KEYS: [&str; 13] = [
    "name",
    "symbol",
    "decimals",
    "cap",
    "issuer.name",
    "issuer.number",
    "terms.document",
    "terms.blake3",
    "dates.decided",
    "dates.opens",
    "dates.closes",
    "dates.issued",
    "dates.matures",
];
/// The dates, in the order in which they must come.
const DATES: [&str; 5] = [
    "dates.decided",
    "dates.opens",
    "dates.closes",
    "dates.issued",
    "dates.matures",
];

/// What is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Name of the asset.
    pub name: String,
    /// Symbol and decimal places of its unit.
    pub unit: Unit,
    /// Most base units that may exist.
    pub cap: u128,
    /// Who issues it.
    pub issuer: String,
    /// The issuer's number in its register.
    pub issuer_number: String,
    /// File name of the terms.
    pub terms_document: String,
    /// blake3 of the terms.
    pub terms: Hash,
    /// Day of the decision.
    pub decided: Timestamp,
    /// First day of subscription.
    pub opens: Timestamp,
    /// Last day of subscription.
    pub closes: Timestamp,
    /// Day on which units come into being.
    pub issued: Timestamp,
    /// Day of redemption.
    pub matures: Timestamp,
}

/// One subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Stands for the subscriber; says nothing about the person.
    pub commitment: Hash,
    /// Base units subscribed.
    pub amount: u128,
}

/// A decision with its register, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// What is issued.
    pub decision: Decision,
    /// To whom, in the order of the file.
    pub register: Vec<Subscription>,
}

impl Issuance {
    /// The issuance that is built into the program.
    ///
    /// # Errors
    /// As [`Issuance::parse`]; a test shows that there are none.
    pub fn example() -> Result<Self, Flaw> {
        let files = Files {
            folder: PathBuf::from("docs/examples/issuance"),
            decision: include_str!("../../../../docs/examples/issuance/decision.toml").into(),
            register: include_str!("../../../../docs/examples/issuance/register.csv").into(),
            terms: Some(include_bytes!("../../../../docs/examples/issuance/terms.md").to_vec()),
        };
        Self::parse(&files)
    }

    /// Reads an issuance from a folder.
    ///
    /// # Errors
    /// File, line and reason of the first thing that is wrong.
    pub fn read(folder: &Path) -> Result<Self, Flaw> {
        let files = Files {
            folder: folder.into(),
            decision: read_text(&folder.join(DECISION), FOLDER)?,
            register: read_text(&folder.join(REGISTER), FOLDER)?,
            terms: None,
        };
        Self::parse(&files)
    }

    /// Reads an issuance from the texts of its files.
    ///
    /// # Errors
    /// File, line and reason of the first thing that is wrong.
    pub fn parse(files: &Files) -> Result<Self, Flaw> {
        let path = files.folder.join(DECISION);
        let document = Document::parse(&path, &files.decision)?;
        let decision = Sheet::of(&document, &KEYS, LIKE)?.decision(files)?;
        let register = register(&files.folder.join(REGISTER), &files.register, &decision)?;
        Ok(Self { decision, register })
    }

    /// Sum of the register; never above the cap.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.register.iter().map(|line| line.amount).sum()
    }
}

/// The texts of an issuance.
#[derive(Clone, Debug)]
pub struct Files {
    /// Where they are, for messages and for the terms.
    pub folder: PathBuf,
    /// The decision.
    pub decision: String,
    /// The register.
    pub register: String,
    /// The terms, if they are not to be read from the folder.
    pub terms: Option<Vec<u8>>,
}

/// Where every key can be seen.
const LIKE: &str = "as in docs/examples/issuance/decision.toml";

impl Sheet<'_> {
    fn decision(&self, files: &Files) -> Result<Decision, Flaw> {
        let name = self.name("name")?;
        let unit = self.unit("")?;
        let (cap, _) = self.amount("cap", &unit)?;
        let (terms_document, terms) = self.terms(files)?;
        let [decided, opens, closes, issued, matures] = self.dates()?;
        Ok(Decision {
            name,
            unit,
            cap,
            issuer: self.name("issuer.name")?,
            issuer_number: self.name("issuer.number")?,
            terms_document,
            terms,
            decided,
            opens,
            closes,
            issued,
            matures,
        })
    }

    /// The terms' file name and hash; the file must have that hash.
    fn terms(&self, files: &Files) -> Result<(String, Hash), Flaw> {
        let (name, line) = self.fields.text("terms.document")?;
        let mut parts = Path::new(name).components();
        let plain = matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none();
        if !plain {
            let reason =
                format!("terms.document {name:?} is not the name of a file in this folder");
            return Err(self
                .document
                .flaw(line, reason, "put the terms beside decision.toml"));
        }
        let (text, line) = self.fields.text("terms.blake3")?;
        let expected = hash(text).map_err(|reason| {
            let help = "as `b3sum` prints it, 0x before it";
            self.document
                .flaw(line, format!("terms.blake3: {reason}"), help)
        })?;
        let found = match &files.terms {
            Some(terms) => Hash::of(terms),
            None => Hash::of(&read_bytes(&files.folder.join(name), FOLDER)?),
        };
        if found != expected {
            let reason = format!("terms.blake3 is {expected}, but {name} has {found}");
            let help = "the terms were changed after the decision, or the hash is another file's";
            return Err(self.document.flaw(line, reason, help));
        }
        Ok((name.into(), expected))
    }

    /// The dates; each not before the one above it.
    fn dates(&self) -> Result<[Timestamp; 5], Flaw> {
        let mut dates = [Timestamp(0); 5];
        let mut before: Option<(&str, Timestamp)> = None;
        for (date, key) in dates.iter_mut().zip(DATES) {
            let (time, line) = self.time(key)?;
            *date = time;
            if let Some((earlier, time)) = before.filter(|(_, time)| time > date) {
                let reason = format!(
                    "{key} is before {earlier} ({})",
                    crate::clock::format_time(time)
                );
                let help = "the order is decided, opens, closes, issued, matures";
                return Err(self.document.flaw(line, reason, help));
            }
            before = Some((key, *date));
        }
        Ok(dates)
    }
}

/// Reads the register: a header line, then one subscriber per line.
fn register(file: &Path, text: &str, decision: &Decision) -> Result<Vec<Subscription>, Flaw> {
    let flaw = |line: u64, reason: String, help: &str| Flaw {
        file: file.into(),
        line: usize::try_from(line).ok(),
        reason,
        help: help.into(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = "the first line is commitment,amount";
    match records.next() {
        Some(Ok(record)) if record.iter().eq(["commitment", "amount"]) => {}
        _ => {
            return Err(flaw(
                1,
                header.into(),
                "add the line commitment,amount at the top",
            ));
        }
    }
    let mut lines: BTreeMap<Hash, u64> = BTreeMap::new();
    let (mut register, mut total) = (Vec::new(), 0u128);
    for record in records {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            flaw(line, row_reason(&error), "every line is COMMITMENT,AMOUNT")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let (commitment, amount) = (record.get(0).unwrap_or(""), record.get(1).unwrap_or(""));
        let commitment = hash(commitment).map_err(|reason| {
            flaw(
                line,
                format!("commitment: {reason}"),
                "a commitment is a hash of 32 bytes",
            )
        })?;
        let amount = units(amount, &decision.unit)
            .map_err(|reason| flaw(line, reason, &help(&decision.unit)))?;
        if let Some(first) = lines.insert(commitment, line) {
            let reason = format!("commitment {commitment} stands in line {first} already");
            return Err(flaw(line, reason, "add the orders of one subscriber up"));
        }
        total = total
            .checked_add(amount)
            .filter(|total| *total <= decision.cap)
            .ok_or_else(|| {
                let cap = decision.unit.plain(decision.cap);
                let reason = format!("with this line the subscriptions are above the cap of {cap}");
                flaw(
                    line,
                    reason,
                    "reduce the allotments; the decision fixes the cap",
                )
            })?;
        register.push(Subscription { commitment, amount });
        if register.len() > SUBSCRIBERS_MAX {
            let reason = format!("more than {SUBSCRIBERS_MAX} subscribers");
            return Err(flaw(line, reason, "split the issuance"));
        }
    }
    if register.len() < SUBSCRIBERS_MIN {
        let reason = format!(
            "{} subscribers; the demonstration needs {SUBSCRIBERS_MIN}",
            register.len()
        );
        return Err(flaw(1, reason, "add subscribers"));
    }
    Ok(register)
}

/// What is wrong with the shape of a row, in short.
fn row_reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { len, .. } => format!("{len} fields instead of 2"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
#[path = "issuance_tests.rs"]
mod tests;
