//! The parties of a story, as a file names them.
//!
//! The chain gets a number and a hash of each; name and registration number stay in the file.

use super::calendar::Calendar;
use super::sheet::Sheet;
use crate::document::{Document, Flaw};
use weighhouse_primitives::Hash;

/// What a file says of a party.
const FIELDS: [&str; 3] = ["name", "number", "country"];

/// A party of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its place in the story, which is the name of its test key too.
    pub role: &'static str,
    /// Its name.
    pub name: String,
    /// Its number in the register of its country.
    pub number: String,
    /// Its country: two letters.
    pub country: String,
    /// Whether that country is the story's own.
    pub resident: bool,
    /// Line of its country in the file.
    pub line: usize,
}

impl Party {
    /// A document of parties: the country `home`, a calendar, a table for each role.
    pub(super) fn sheet<'a>(
        document: &'a Document,
        roles: &[&str],
        like: &'a str,
    ) -> Result<Sheet<'a>, Flaw> {
        let mut keys = vec!["home".to_owned()];
        keys.extend(Calendar::KEYS.map(String::from));
        let of = |role: &&str| FIELDS.map(|field| format!("{role}.{field}"));
        keys.extend(roles.iter().flat_map(of));
        Sheet::of(document, &keys, like)
    }

    /// Reads the tables of all roles; nobody has two.
    pub(super) fn all(
        sheet: &Sheet<'_>,
        roles: &[&'static str],
        home: &str,
    ) -> Result<Vec<Self>, Flaw> {
        let mut parties: Vec<Self> = Vec::new();
        for role in roles {
            let party = Self::read(sheet, role, home)?;
            let mut others = parties.iter();
            if let Some(other) = others.find(|other| other.commitment() == party.commitment()) {
                let reason = format!("{role} is the same party as {}", other.role);
                let help = "give each party a name and number of its own";
                return Err(sheet.document.flaw(party.line, reason, help));
            }
            parties.push(party);
        }
        Ok(parties)
    }

    /// Reads the table of a party; residents are those of the country `home`.
    fn read(sheet: &Sheet<'_>, role: &'static str, home: &str) -> Result<Self, Flaw> {
        let (country, line) = sheet.country(&format!("{role}.country"))?;
        Ok(Self {
            role,
            name: sheet.name(&format!("{role}.name"))?,
            number: sheet.name(&format!("{role}.number"))?,
            resident: country == home,
            country,
            line,
        })
    }

    /// What the register keeps in place of name and number.
    pub(super) fn commitment(&self) -> Hash {
        let Self {
            name,
            number,
            country,
            ..
        } = self;
        Hash::of(format!("{country}|{number}|{name}").as_bytes())
    }
}
