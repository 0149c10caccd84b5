//! A parcel and what happens to it, as people write it.
//!
//! Everything is checked here, before a node is started: what is malformed is refused with file, line
//! and reason. Invariant: a [`Rights`] can be told as it is. What it does not know: chains, keys.

use crate::amount::Unit;
use crate::clock::format_time;
use crate::demo::calendar::Calendar;
use crate::demo::party::Party;
use crate::demo::sheet::{Sheet, read_text};
use crate::document::{Document, Flaw};
use std::path::Path;
use weighhouse_primitives::Timestamp;

/// Name of the file that says who takes part.
pub const PARTIES: &str = "parties.toml";
/// Name of the file that says what happens.
pub const PARCEL: &str = "parcel.toml";
/// What a folder holds.
const FOLDER: &str = "the story of a parcel is a folder with parties.toml and parcel.toml";
/// Seconds between two moments of the story, at least: acts take time.
const ROOM: u64 = 600;
/// Longest time between an application and its registration.
const COOLING_MAX: u64 = 366 * 86_400;

/// The parties, in the order in which they are vetted.
pub(super) const ROLES: [&str; 4] = ["owner", "bank", "buyer", "stranger"];
/// Keys of the parcel and its story.
const KEYS: [&str; 13] = [
    "parcel.number",
    "parcel.description",
    "parcel.area",
    "registry.cooling",
    "mortgage.symbol",
    "mortgage.decimals",
    "mortgage.amount",
    "mortgage.until",
    "dates.opens",
    "dates.mortgaged",
    "dates.sold",
    "dates.arrested",
    "dates.lifted",
];

/// The story of a parcel, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Banking days and local time.
    pub calendar: Calendar,
    /// The parties, in the order of `ROLES`.
    pub parties: Vec<Party>,
    /// Number of the parcel.
    pub number: String,
    /// What it is; the registry keeps its hash.
    pub description: String,
    /// Square centimetres.
    pub area: u64,
    /// Seconds between an application and its registration.
    pub cooling: u64,
    /// What the loan is counted in.
    pub unit: Unit,
    /// The loan.
    pub amount: u128,
    /// Last second of the mortgage.
    pub until: Timestamp,
    /// Opens, mortgaged, sold, arrested, lifted.
    pub moments: [Timestamp; 5],
}

impl Rights {
    /// The story that is built into the program.
    ///
    /// # Errors
    /// As [`Rights::parse`]; a test shows that there are none.
    pub fn example() -> Result<Self, Flaw> {
        let parties = include_str!("../../../../../docs/examples/rights/parties.toml");
        let parcel = include_str!("../../../../../docs/examples/rights/parcel.toml");
        Self::parse(Path::new("docs/examples/rights"), parties, parcel)
    }

    /// Reads a story from a folder.
    ///
    /// # Errors
    /// File, line and reason of the first thing that is wrong.
    pub fn read(folder: &Path) -> Result<Self, Flaw> {
        let parties = read_text(&folder.join(PARTIES), FOLDER)?;
        let parcel = read_text(&folder.join(PARCEL), FOLDER)?;
        Self::parse(folder, &parties, &parcel)
    }

    /// Reads a story from the texts of its files; `folder` is named in complaints.
    ///
    /// # Errors
    /// File, line and reason of the first thing that is wrong.
    pub fn parse(folder: &Path, parties: &str, parcel: &str) -> Result<Self, Flaw> {
        let document = Document::parse(&folder.join(PARTIES), parties)?;
        let sheet = Party::sheet(&document, &ROLES, "as in docs/examples/rights/parties.toml")?;
        let (home, _) = sheet.country("home")?;
        let calendar = Calendar::read(&sheet)?;
        let parties = Party::all(&sheet, &ROLES, &home)?;
        let document = Document::parse(&folder.join(PARCEL), parcel)?;
        let sheet = Sheet::of(&document, &KEYS, "as in docs/examples/rights/parcel.toml")?;
        let unit = sheet.unit("mortgage.")?;
        let cooling = sheet.number("registry.cooling", 0, COOLING_MAX)?;
        let moments = moments(&sheet, cooling)?;
        let (until, line) = sheet.end("mortgage.until", &calendar)?;
        let [.., lifted] = moments;
        if until <= lifted {
            let reason = "mortgage.until is not after dates.lifted".into();
            let help = "the mortgage lasts beyond the story";
            return Err(document.flaw(line, reason, help));
        }
        Ok(Self {
            calendar,
            parties,
            number: sheet.name("parcel.number")?,
            description: sheet.name("parcel.description")?,
            area: sheet.number("parcel.area", 1, u64::MAX >> 1)?,
            cooling,
            amount: sheet.amount("mortgage.amount", &unit)?.0,
            unit,
            until,
            moments,
        })
    }
}

/// The moments; what is applied for at one is registered before the next.
fn moments(sheet: &Sheet<'_>, cooling: u64) -> Result<[Timestamp; 5], Flaw> {
    let keys = ["opens", "mortgaged", "sold", "arrested", "lifted"];
    let mut moments = [Timestamp(0); 5];
    let mut free: Option<(&str, u64)> = None;
    for (moment, key) in moments.iter_mut().zip(keys) {
        let (time, line) = sheet.time(&format!("dates.{key}"))?;
        if let Some((before, free)) = free.filter(|(_, free)| time.0 < *free) {
            let at = format_time(Timestamp(free));
            let reason =
                format!("dates.{key} is before {at}, when what dates.{before} begins is over");
            let help = "leave registry.cooling and twenty minutes between two dates";
            return Err(sheet.document.flaw(line, reason, help));
        }
        *moment = time;
        free = Some((key, time.0.saturating_add(cooling).saturating_add(2 * ROOM)));
    }
    Ok(moments)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTIES_TEXT: &str = include_str!("../../../../../docs/examples/rights/parties.toml");
    const PARCEL_TEXT: &str = include_str!("../../../../../docs/examples/rights/parcel.toml");

    /// Goal: the example is refused nowhere, and each mistake at its line with its reason.
    #[test]
    fn mistakes_name_line_and_reason() {
        let good = Rights::example().unwrap();
        assert_eq!(good.parties.len(), ROLES.len());
        for (from, to, reason) in [
            ("area = 125000000", "area = 0", "must be a number from 1"),
            (
                "cooling = 432000",
                "cooling = -1",
                "must be a number from 0",
            ),
            (
                "amount = \"4200000.00\"",
                "amount = \"4,2\"",
                "is not an amount",
            ),
            (
                "until = 2031-01-12",
                "until = 2026-01-12",
                "not after dates.lifted",
            ),
            (
                "sold = 2026-02-09T06",
                "sold = 2026-01-27T06",
                "dates.sold is before",
            ),
            ("number = \"77", "numer = \"77", "unknown key parcel.numer"),
        ] {
            let at = PARCEL_TEXT.find(from).unwrap();
            let line = PARCEL_TEXT[..at].matches('\n').count() + 1;
            let text = PARCEL_TEXT.replacen(from, to, 1);
            let flaw = Rights::parse(Path::new("f"), PARTIES_TEXT, &text).unwrap_err();
            assert!(flaw.to_string().contains(reason), "{flaw}");
            assert_eq!(flaw.line, Some(line), "{flaw}");
        }
        let text = PARTIES_TEXT.replacen("0000000000012", "0000000000011", 1);
        let text = text.replacen("Sample Land Bank JSC", "Sample Farm LLC", 1);
        let flaw = Rights::parse(Path::new("f"), &text, PARCEL_TEXT).unwrap_err();
        assert!(flaw.to_string().contains("same party"), "{flaw}");
    }
}
