//! A documentary credit on the library: hold, issue, bill of lading, presentation, examination.
//!
//! Sight credit without tolerances, against an invoice of the exporter and an electronic bill of lading of the
//! carrier, whose control is pledged to the escrow. Amounts are drawn in parts or as a whole.

use super::{Library, Part, TRADE, after, end_of_day};
use crate::under_test::{UnderTest, at};
use crate::world::START;
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::interface::{Pid, Purpose};

/// Type of the document that the exporter issues.
pub const INVOICE: &str = "invoice";
/// Type of the document that is a record of the registry of rights.
pub const BILL: &str = "bill of lading";

/// A document that is presented: type, hash, issuer, number, date, record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Paper {
    /// Its type.
    pub kind: String,
    /// Its hash.
    pub hash: Hash,
    /// Who issued it.
    pub issuer: Pid,
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Timestamp,
    /// Its number in the registry of rights.
    pub record: Option<u64>,
}

/// Arguments of `present`: credit, documents, claim, day of shipment.
pub type Offer = (u64, Vec<Paper>, Amount, Timestamp);

/// A rule about a document: type, issuer, whether it is a record.
type Rule = (&'static str, Option<Pid>, bool);

impl Library {
    /// Arguments of `apply`, without advising, confirming or nominated bank unless `confirming` names one.
    #[must_use]
    pub fn terms(&self, unit: Part, amount: u128, confirming: Option<&str>) -> impl Encode + use<> {
        let invoice: Rule = (INVOICE, Some(self.pid("exporter")), false);
        let bill: Rule = (BILL, Some(self.pid("carrier")), true);
        let none: Option<Address> = None;
        let banks = (at("bank"), none, confirming.map(at), none, none);
        let (sight, no_conditions) = (0_u8, Vec::<(Address, u64)>::new());
        let tolerances = (0_u16, 0_u16);
        let times = (after(20 * super::DAY), 21_u16, end_of_day(60));
        let (partial, transferable) = (true, true);
        let (dispute_days, calendar) = (10_u16, 1_u64);
        let clauses = (
            (Amount(amount), tolerances, sight, times),
            (partial, transferable, vec![invoice, bill], no_conditions),
            (dispute_days, calendar),
        );
        let token = self.contract(unit).address;
        (at("exporter"), banks, TRADE, token, clauses)
    }

    /// A hold without end of which the escrow is notary; the importer's is for payment under [`TRADE`].
    ///
    /// # Panics
    /// If the unit refuses.
    pub fn hold(&mut self, unit: Part, who: &str, amount: u128) -> u64 {
        let purpose = if who == "importer" {
            Purpose::TradeSettlement
        } else {
            Purpose::General
        };
        let escrow = self.contracts.escrow.address;
        let (to, never) = (None::<Address>, Timestamp(u64::MAX));
        let arguments = (to, Amount(amount), escrow, never, purpose, TRADE);
        self.on(unit)
            .call(who, "create_hold", &arguments)
            .expect("a hold")
    }

    /// An issued credit of the importer's for the exporter; its number.
    ///
    /// # Panics
    /// If a contract refuses.
    pub fn credit(&mut self, unit: Part, amount: u128) -> u64 {
        let terms = self.terms(unit, amount, None);
        self.issued(unit, amount, &terms)
    }

    /// The same with the undertaking of the confirming bank.
    ///
    /// # Panics
    /// If a contract refuses.
    pub fn confirmed_credit(&mut self, unit: Part, amount: u128) -> u64 {
        let terms = self.terms(unit, amount, Some("confirmer"));
        let lc = self.issued(unit, amount, &terms);
        let hold = self.hold(unit, "confirmer", amount);
        self.on(Part::Escrow)
            .done("confirmer", "confirm", &(lc, hold));
        lc
    }

    fn issued(&mut self, unit: Part, amount: u128, terms: &impl Encode) -> u64 {
        let lc: u64 = self
            .on(Part::Escrow)
            .call("importer", "apply", terms)
            .expect("a draft");
        let hold = self.hold(unit, "importer", amount);
        self.on(Part::Escrow).done("bank", "issue", &(lc, hold));
        lc
    }

    /// A bill of lading of the carrier's for `holder`: its number in the registry, its hash.
    ///
    /// # Panics
    /// If the registry refuses.
    pub fn bill(&mut self, holder: &str) -> (u64, Hash) {
        let doc = self.fresh();
        let (bill_of_lading, number) = (0_u8, format!("B/L {}", self.fresh));
        let arguments = (bill_of_lading, number, doc, at(holder));
        let id = self
            .on(Part::Rights)
            .call("carrier", "issue_record", &arguments)
            .expect("a record");
        (id, doc)
    }

    /// The one who controls a record.
    #[must_use]
    pub fn controller(&self, record: u64) -> Option<Address> {
        self.ask(Part::Rights, "controller", &record)
    }

    /// Fresh documents with a bill of lading that the exporter has pledged, shipped at the start; and the
    /// number of the bill.
    pub fn offer(&mut self, lc: u64, claim: u128) -> (Offer, u64) {
        let (record, doc) = self.bill("exporter");
        let escrow = self.contracts.escrow.address;
        let pledge = (record, escrow);
        self.on(Part::Rights)
            .done("exporter", "pledge_control", &pledge);
        let hash = self.fresh();
        let paper = |kind: &str, hash: Hash, issuer: &str, record| Paper {
            kind: kind.into(),
            hash,
            issuer: self.pid(issuer),
            number: format!("{kind} {}", self.fresh),
            date: START,
            record,
        };
        let papers = vec![
            paper(INVOICE, hash, "exporter", None),
            paper(BILL, doc, "carrier", Some(record)),
        ];
        ((lc, papers, Amount(claim), START), record)
    }

    /// A presentation that banks examine: its number, and that of the bill of lading.
    ///
    /// # Panics
    /// If the escrow refuses.
    pub fn present(&mut self, lc: u64, claim: u128) -> (u64, u64) {
        let (offer, record) = self.offer(lc, claim);
        let mut escrow = self.on(Part::Escrow);
        let n: u64 = escrow
            .call("exporter", "present", &offer)
            .expect("presented");
        escrow.done("exporter", "complete", &(lc, n));
        (n, record)
    }

    /// A presentation that is owed: its number, and that of the bill of lading.
    pub fn complying(&mut self, lc: u64, claim: u128) -> (u64, u64) {
        let (n, record) = self.present(lc, claim);
        let complying = 0_u8;
        self.on(Part::Escrow)
            .done("bank", "examine", &(lc, n, complying));
        (n, record)
    }
}
