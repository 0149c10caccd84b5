//! An export as people write it: parties, trade contract, unit, credit, three shipments.
//!
//! Everything is checked here, before a node is started: what is malformed is refused with file, line
//! and reason. Invariant: an [`Export`] can be told as it is; the dates leave room for every act and the
//! amounts for every payment. What it does not know: chains, keys, transactions.

use crate::amount::Unit;
use crate::clock::format_time;
use crate::demo::calendar::Calendar;
use crate::demo::party::Party;
use crate::demo::sheet::{Sheet, read_text};
use crate::document::{Document, Flaw};
use std::path::Path;
use weighhouse_primitives::{Hash, Timestamp};

/// Name of the file that says who takes part.
pub const PARTIES: &str = "parties.toml";
/// Name of the file that says what happens.
pub const TRADE: &str = "trade.toml";
/// What a folder of an export holds.
const FOLDER: &str = "an export is a folder with parties.toml and trade.toml";
/// Seconds between two moments of the story, at least: acts take time.
const ROOM: u64 = 600;
/// Banking days of an examination.
const EXAMINATION_DAYS: u32 = 5;

/// The parties, in the order in which they are vetted.
pub(super) const ROLES: [&str; 7] = [
    "exporter",
    "importer",
    "exporter_bank",
    "importer_bank",
    "elr_operator",
    "producer",
    "carrier",
];
/// Keys of the trade and everything under it.
const KEYS: [&str; 32] = [
    "opens",
    "trade.number",
    "trade.amount",
    "trade.currency",
    "trade.hs_code",
    "trade.until",
    "unit.name",
    "unit.symbol",
    "unit.decimals",
    "unit.cap",
    "credit.amount",
    "credit.tolerance_plus",
    "credit.tolerance_minus",
    "credit.latest_shipment",
    "credit.presentation_days",
    "credit.expiry",
    "first.invoice",
    "first.bill",
    "first.claim",
    "first.shipped",
    "first.presented",
    "first.examined",
    "late.invoice",
    "late.bill",
    "late.claim",
    "late.shipped",
    "stopped.invoice",
    "stopped.bill",
    "stopped.claim",
    "stopped.shipped",
    "stopped.presented",
    "stopped.examined",
];
/// The last moment.
const HIT: &str = "stopped.hit";

/// The trade contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Its number.
    pub number: String,
    /// How much may be paid under it.
    pub amount: u128,
    /// Its currency: three letters.
    pub currency: String,
    /// Class of the goods.
    pub hs_code: String,
    /// Its last second.
    pub until: Timestamp,
}

/// The clauses of the credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Its amount.
    pub amount: u128,
    /// Basis points by which more may be drawn.
    pub tolerance_plus: u64,
    /// Basis points by which less is a full drawing.
    pub tolerance_minus: u64,
    /// The last second of a shipment that complies.
    pub latest_shipment: Timestamp,
    /// Calendar days after shipment within which documents are presented.
    pub presentation_days: u64,
    /// Its last second.
    pub expiry: Timestamp,
}

/// Goods, their papers, what is claimed for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Number of the invoice.
    pub invoice: String,
    /// Number of the bill of lading.
    pub bill: String,
    /// How much is claimed.
    pub claim: u128,
    /// When the goods were shipped.
    pub shipped: Timestamp,
}

/// An export, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The country whose residents are residents.
    pub home: String,
    /// Banking days and local time.
    pub calendar: Calendar,
    /// The parties, in the order of `ROLES`.
    pub parties: Vec<Party>,
    /// When the story begins.
    pub opens: Timestamp,
    /// The trade contract.
    pub trade: Trade,
    /// Name of the unit.
    pub unit_name: String,
    /// The unit.
    pub unit: Unit,
    /// Most base units that may exist.
    pub cap: u128,
    /// The credit.
    pub credit: Credit,
    /// The shipment that is honoured, when its documents are presented and examined.
    pub first: (Shipment, [Timestamp; 2]),
    /// The shipment whose documents come too late, and the last second for them.
    pub late: (Shipment, Timestamp),
    /// The shipment whose payment is stopped: presented, examined, hit.
    pub stopped: (Shipment, [Timestamp; 3]),
}

impl Export {
    /// The export that is built into the program.
    ///
    /// # Errors
    /// As [`Export::parse`]; a test shows that there are none.
    pub fn example() -> Result<Self, Flaw> {
        let parties = include_str!("../../../../../docs/examples/export/parties.toml");
        let trade = include_str!("../../../../../docs/examples/export/trade.toml");
        Self::parse(Path::new("docs/examples/export"), parties, trade)
    }

    /// Reads an export from a folder.
    ///
    /// # Errors
    /// File, line and reason of the first thing that is wrong.
    pub fn read(folder: &Path) -> Result<Self, Flaw> {
        let parties = read_text(&folder.join(PARTIES), FOLDER)?;
        let trade = read_text(&folder.join(TRADE), FOLDER)?;
        Self::parse(folder, &parties, &trade)
    }

    /// Reads an export from the texts of its files; `folder` is named in complaints.
    ///
    /// # Errors
    /// File, line and reason of the first thing that is wrong.
    pub fn parse(folder: &Path, parties: &str, trade: &str) -> Result<Self, Flaw> {
        let document = Document::parse(&folder.join(PARTIES), parties)?;
        let sheet = Party::sheet(&document, &ROLES, "as in docs/examples/export/parties.toml")?;
        let (home, _) = sheet.country("home")?;
        let calendar = Calendar::read(&sheet)?;
        let parties = read_parties(&sheet, &home)?;
        let document = Document::parse(&folder.join(TRADE), trade)?;
        let keys = [&KEYS[..], &[HIT]].concat();
        let sheet = Sheet::of(&document, &keys, "as in docs/examples/export/trade.toml")?;
        Reader { sheet, calendar }.export(home, parties)
    }

    /// A party.
    #[must_use]
    pub fn party(&self, role: &str) -> Option<&Party> {
        self.parties.iter().find(|party| party.role == role)
    }

    /// Whether the importer is the resident, so that the operator may fund it.
    pub(super) fn importer_is_resident(&self) -> bool {
        self.party("importer").is_some_and(|party| party.resident)
    }

    /// The name of the trade contract on the chain.
    pub(super) fn trade_ref(&self) -> Hash {
        Hash::of(format!("trade contract {}", self.trade.number).as_bytes())
    }

    /// The most that can be drawn under the credit.
    pub(super) fn max_draw(&self) -> u128 {
        max_draw(&self.credit)
    }

    /// The last second for examining what was presented then.
    pub(super) fn examination_end(&self, presented: Timestamp) -> Timestamp {
        self.calendar
            .banking_days_after(presented, EXAMINATION_DAYS)
    }

    /// The last second for presenting documents of goods shipped then.
    pub(super) fn last_present(&self, shipped: Timestamp) -> Timestamp {
        last_present(&self.calendar, &self.credit, shipped)
    }
}

fn max_draw(credit: &Credit) -> u128 {
    let whole = credit.amount / 10_000;
    let rest = credit.amount % 10_000;
    let bps = u128::from(credit.tolerance_plus);
    credit
        .amount
        .saturating_add(whole.saturating_mul(bps))
        .saturating_add(rest * bps / 10_000)
}

fn last_present(calendar: &Calendar, credit: &Credit, shipped: Timestamp) -> Timestamp {
    let day = calendar
        .day(shipped)
        .saturating_add(credit.presentation_days);
    let end = calendar.end_of_day(day);
    calendar.moved(credit.expiry).min(calendar.moved(end))
}

fn read_parties(sheet: &Sheet<'_>, home: &str) -> Result<Vec<Party>, Flaw> {
    let parties = Party::all(sheet, &ROLES, home)?;
    let resident = |role: &str| {
        parties
            .iter()
            .any(|party| party.role == role && party.resident)
    };
    let line = |role: &str| {
        let found = parties.iter().find(|party| party.role == role);
        found.map(|party| party.line)
    };
    if resident("exporter") == resident("importer") {
        let reason =
            "importer.country: of exporter and importer one is a resident of home, the other not";
        let help = "trade within the country, or without it, is no foreign trade (107 RingFence)";
        return Err(sheet.document.flaw(line("importer"), reason.into(), help));
    }
    if !resident("elr_operator") {
        let reason = "elr_operator.country: the operator is a resident of home".into();
        let help =
            "units go to a resident importer, or come from a resident exporter, only through one";
        return Err(sheet.document.flaw(line("elr_operator"), reason, help));
    }
    Ok(parties)
}

/// Reads the trade once calendar and parties are known.
struct Reader<'a> {
    sheet: Sheet<'a>,
    calendar: Calendar,
}

impl Reader<'_> {
    fn export(self, home: String, parties: Vec<Party>) -> Result<Export, Flaw> {
        let unit = self.sheet.unit("unit.")?;
        let trade = self.trade(&unit)?;
        let credit = self.credit(&unit)?;
        let (cap, cap_line) = self.sheet.amount("unit.cap", &unit)?;
        let [first, late, stopped] =
            ["first", "late", "stopped"].map(|name| self.shipment(name, &unit));
        let (first, late, stopped) = (first?, late?, stopped?);
        self.amounts(
            &unit,
            (&trade, &credit),
            (cap, cap_line),
            [&first, &late, &stopped],
        )?;
        let last = last_present(&self.calendar, &credit, late.shipped);
        let [opens, presented, examined, again, examined_again, hit] =
            self.moments(&[&first, &late, &stopped], last)?;
        self.in_time(&credit, "first", (&first, presented, examined))?;
        self.in_time(&credit, "stopped", (&stopped, again, examined_again))?;
        if trade.until <= self.calendar.moved(credit.expiry).max(hit) {
            let (_, line) = self.sheet.time("trade.until")?;
            let reason = "trade.until is not after credit.expiry and the end of the story".into();
            let help = "payments need an open trade contract";
            return Err(self.sheet.document.flaw(line, reason, help));
        }
        Ok(Export {
            home,
            parties,
            opens,
            trade,
            unit_name: self.sheet.name("unit.name")?,
            unit,
            cap,
            credit,
            first: (first, [presented, examined]),
            late: (late, last),
            stopped: (stopped, [again, examined_again, hit]),
            calendar: self.calendar,
        })
    }

    fn trade(&self, unit: &Unit) -> Result<Trade, Flaw> {
        let sheet = &self.sheet;
        let (currency, line) = sheet.fields.text("trade.currency")?;
        sheet.capitals("trade.currency", (currency, line), 3, "CNY")?;
        let (hs_code, line) = sheet.fields.text("trade.hs_code")?;
        let digits =
            (2..=12).contains(&hs_code.len()) && hs_code.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            let reason = format!("trade.hs_code {hs_code:?} is not 2 to 12 digits");
            return Err(sheet
                .document
                .flaw(line, reason, "write the code without points: 440711"));
        }
        Ok(Trade {
            number: sheet.name("trade.number")?,
            amount: sheet.amount("trade.amount", unit)?.0,
            currency: currency.into(),
            hs_code: hs_code.into(),
            until: sheet.end("trade.until", &self.calendar)?.0,
        })
    }

    fn credit(&self, unit: &Unit) -> Result<Credit, Flaw> {
        let sheet = &self.sheet;
        let (latest_shipment, line) = sheet.end("credit.latest_shipment", &self.calendar)?;
        let credit = Credit {
            amount: sheet.amount("credit.amount", unit)?.0,
            tolerance_plus: sheet.number("credit.tolerance_plus", 0, 10_000)?,
            tolerance_minus: sheet.number("credit.tolerance_minus", 0, 9_999)?,
            latest_shipment,
            presentation_days: sheet.number("credit.presentation_days", 0, 3_650)?,
            expiry: sheet.end("credit.expiry", &self.calendar)?.0,
        };
        if credit.latest_shipment > credit.expiry {
            let reason = "credit.latest_shipment is after credit.expiry".into();
            let help = "documents are presented after shipment and before expiry";
            return Err(sheet.document.flaw(line, reason, help));
        }
        Ok(credit)
    }

    fn shipment(&self, name: &str, unit: &Unit) -> Result<Shipment, Flaw> {
        let key = |field: &str| format!("{name}.{field}");
        Ok(Shipment {
            invoice: self.sheet.name(&key("invoice"))?,
            bill: self.sheet.name(&key("bill"))?,
            claim: self.sheet.amount(&key("claim"), unit)?.0,
            shipped: self.sheet.time(&key("shipped"))?.0,
        })
    }

    /// Every amount has room in the one above it, and papers have numbers of their own.
    fn amounts(
        &self,
        unit: &Unit,
        (trade, credit): (&Trade, &Credit),
        (cap, cap_line): (u128, usize),
        shipments: [&Shipment; 3],
    ) -> Result<(), Flaw> {
        let flaw = |line: usize, reason: String, help: &str| {
            Err(self.sheet.document.flaw(line, reason, help))
        };
        let most = max_draw(credit);
        if most > trade.amount {
            let (_, line) = self.sheet.amount("credit.amount", unit)?;
            let (most, amount) = (unit.plain(most), unit.plain(trade.amount));
            let reason = format!(
                "credit.amount: with its tolerance {most} can be drawn, the trade has {amount}"
            );
            return flaw(
                line,
                reason,
                "a trade contract bears no more than its amount",
            );
        }
        // The confirming bank sets units of its own aside, as many again.
        let needed = trade.amount.saturating_add(most);
        if cap < needed {
            let reason = format!(
                "unit.cap is below the {} that the story issues",
                unit.plain(needed)
            );
            return flaw(cap_line, reason, "raise the cap");
        }
        let mut claimed = 0u128;
        for (name, shipment) in ["first", "late", "stopped"].iter().zip(shipments) {
            claimed = claimed.saturating_add(shipment.claim);
            if claimed > most {
                let (_, line) = self.sheet.amount(&format!("{name}.claim"), unit)?;
                let reason = format!(
                    "{name}.claim: the claims up to this are above the {} that can be drawn",
                    unit.plain(most)
                );
                return flaw(line, reason, "claim less, or raise credit.amount");
            }
            let same = |other: &&&Shipment| {
                other.bill == shipment.bill || other.invoice == shipment.invoice
            };
            if shipments.iter().filter(same).count() > 1 {
                let (_, line) = self.sheet.fields.text(&format!("{name}.bill"))?;
                let reason = format!("{name}: another shipment has the same invoice or bill");
                return flaw(
                    line,
                    reason,
                    "each document is used once (18 DuplicateDocument)",
                );
            }
        }
        Ok(())
    }

    /// The moments between which the clock is moved, each with room for what happens in it.
    fn moments(
        &self,
        [first, late, stopped]: &[&Shipment; 3],
        last: Timestamp,
    ) -> Result<[Timestamp; 6], Flaw> {
        let time = |key: &str| self.sheet.time(key);
        let named = [
            ("opens", time("opens")?),
            ("first.shipped", (first.shipped, time("first.shipped")?.1)),
            ("first.presented", time("first.presented")?),
            ("first.examined", time("first.examined")?),
            ("late.shipped", (late.shipped, time("late.shipped")?.1)),
            ("the last second for late", (last, time("late.shipped")?.1)),
            (
                "stopped.shipped",
                (stopped.shipped, time("stopped.shipped")?.1),
            ),
            ("stopped.presented", time("stopped.presented")?),
            ("stopped.examined", time("stopped.examined")?),
            (HIT, time(HIT)?),
        ];
        for pair in named.windows(2) {
            let [(before, (earlier, _)), (key, (later, line))] = pair else {
                continue;
            };
            if later.0 < earlier.0.saturating_add(ROOM) {
                let at = format_time(*earlier);
                let reason = format!("{key} is not ten minutes after {before} ({at})");
                let help = "the comment at the top of the file has the order";
                return Err(self.sheet.document.flaw(*line, reason, help));
            }
        }
        let [
            opens,
            _,
            presented,
            examined,
            _,
            _,
            _,
            again,
            examined_again,
            hit,
        ] = named.map(|(_, (time, _))| time);
        Ok([opens, presented, examined, again, examined_again, hit])
    }

    /// A shipment whose documents comply.
    fn in_time(
        &self,
        credit: &Credit,
        name: &str,
        (shipment, presented, examined): (&Shipment, Timestamp, Timestamp),
    ) -> Result<(), Flaw> {
        let limits = [
            (
                "shipped",
                shipment.shipped,
                credit.latest_shipment,
                "credit.latest_shipment",
            ),
            (
                "presented",
                presented,
                last_present(&self.calendar, credit, shipment.shipped),
                "the last second for presenting",
            ),
            (
                "examined",
                examined,
                self.calendar
                    .banking_days_after(presented, EXAMINATION_DAYS),
                "the end of the fifth banking day after the presentation",
            ),
        ];
        for (field, at, limit, what) in limits {
            if at > limit {
                let key = format!("{name}.{field}");
                let (_, line) = self.sheet.time(&key)?;
                let reason = format!("{key} is after {what} ({})", format_time(limit));
                let help = "this shipment is to comply; `late` is the one that does not";
                return Err(self.sheet.document.flaw(line, reason, help));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
