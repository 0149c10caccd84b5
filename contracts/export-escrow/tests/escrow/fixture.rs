//! A chain with an escrow, and doubles of everything that it asks: register, two tokens, registry of
//! records, oracle. Parties with money, officers with roles.

use export_escrow::Settings;
use export_escrow::credit::{Books, Source};
use export_escrow::presentation::{Document, Standing, Verdict};
use export_escrow::terms::{Availability, Clauses, DocumentRule, Terms};
use export_escrow::view::{CreditView, PresentationView};
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::interface::{
    Currency, Pid, Purpose, RecordState, RecordView, Screening, ScreeningResult, Trade, TradeState,
    WalletStatus,
};
pub(crate) use weighhouse_testkit::UnderTest;
pub(crate) use weighhouse_testkit::under_test::{at, events};
use weighhouse_testkit::world::START;
use weighhouse_testkit::{Account, Contract, World};

/// A document where any will do.
pub(crate) const DOC: Hash = Hash([7; 32]);
/// The trade contract.
pub(crate) const TRADE: Hash = Hash([9; 32]);
/// How much may be paid under it.
pub(crate) const TRADE_AMOUNT: u128 = 10_000;
/// Amount of a credit unless a test says otherwise; 1,100 can be drawn.
pub(crate) const AMOUNT: u128 = 1_000;
/// A day.
pub(crate) const DAY: u64 = 86_400;
/// How old a screening may be at issue.
pub(crate) const SCREENING_AGE: u64 = 30 * DAY;
/// Delay of a new administrator.
pub(crate) const ADMIN_DELAY: u64 = 3_600;

/// The parties, by number of the participant: the first is 1.
pub(crate) const PARTIES: [&str; 11] = [
    "importer",
    "exporter",
    "bank",
    "confirmer",
    "adviser",
    "nominee",
    "second",
    "assignee",
    "provider",
    "agent",
    "other",
];

/// The contracts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contracts {
    pub(crate) escrow: Contract,
    pub(crate) register: Contract,
    pub(crate) token: Contract,
    /// The token in which the beneficiary is paid under an exchange.
    pub(crate) other: Contract,
    pub(crate) rights: Contract,
    pub(crate) oracle: Contract,
}

pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) on: Contracts,
    docs: u64,
}

/// Number of the participant of this name.
pub(crate) fn pid(name: &str) -> Pid {
    let place = PARTIES.iter().position(|party| *party == name);
    Pid(place.expect("a party") as u64 + 1)
}

/// So many seconds after the start of the world: Monday 2026-01-12, 09:00 local time.
pub(crate) const fn after(seconds: u64) -> Timestamp {
    Timestamp(START.0 + seconds)
}

/// The last second of a local day, day 0 being that of the start.
pub(crate) const fn end_of_day(day: u64) -> Timestamp {
    Timestamp(START.0 + 15 * 3_600 + day * DAY - 1)
}

pub(crate) fn officers() -> Vec<(Role, Address)> {
    vec![
        (Role::Pauser, at("pauser")),
        (Role::Operator, at("operator")),
        (Role::Regulator, at("regulator")),
        (Role::Regulator, at("second regulator")),
        (Role::Auditor, at("auditor")),
        (Role::Arbiter, at("arbiter")),
    ]
}

/// Name, symbol, decimals, kind, issuer, terms.
type Meta = (String, String, u8, u8, Address, Hash);
/// Cap, threshold of one minter, delay of a new administrator.
type Limits = (Amount, Amount, u64);
/// Arguments of the constructor of the token, as its schema has them.
type TokenArguments = (
    Meta,
    [bool; 7],
    Limits,
    Address,
    Vec<(Role, Address)>,
    Option<Address>,
);

/// Settlement money that can be minted, held and frozen, under the register.
fn token_arguments(symbol: &str, register: Address) -> TokenArguments {
    let meta = (symbol.into(), symbol.into(), 2, 3, at("issuer"), DOC);
    let capabilities = [true, true, true, false, true, true, false];
    let most = Amount(1_000_000_000);
    let roles = vec![
        (Role::Minter, at("minter")),
        (Role::Compliance, at("compliance")),
        (Role::Regulator, at("regulator")),
        (Role::Pauser, at("pauser")),
    ];
    let limits = (most, most, ADMIN_DELAY);
    (
        meta,
        capabilities,
        limits,
        at("admin"),
        roles,
        Some(register),
    )
}

/// Saturday and Sunday closed, and Monday 2026-01-19, day 7.
pub(crate) fn calendar() -> Calendar {
    Calendar {
        utc_offset: 10_800,
        weekend: 0b110_0000,
        holidays: vec![20_465 + 7],
    }
}

pub(crate) fn rule(kind: &str) -> DocumentRule {
    DocumentRule {
        kind: kind.into(),
        issuer: None,
        etr: false,
    }
}

/// At sight, in parts, 10 % more and 5 % less, invoice and bill of lading.
pub(crate) fn clauses() -> Clauses {
    Clauses {
        amount: Amount(AMOUNT),
        tol_plus: 1_000,
        tol_minus: 500,
        availability: Availability::Sight,
        latest_shipment: after(20 * DAY),
        presentation_days: 21,
        expiry: end_of_day(60),
        partial_allowed: true,
        transferable: true,
        docs: vec![rule("invoice"), rule("bill of lading")],
        conditions: vec![],
        dispute_days: 10,
        calendar: 1,
    }
}

impl Contracts {
    pub(crate) fn terms(&self, clauses: Clauses) -> Terms {
        Terms {
            beneficiary: at("exporter"),
            issuing_bank: at("bank"),
            advising: Some(at("adviser")),
            confirming: Some(at("confirmer")),
            nominated: Some(at("nominee")),
            arbiter: None,
            trade_ref: TRADE,
            token: self.token.address,
            clauses,
        }
    }
}

impl UnderTest for Fixture {
    fn parts(&self) -> (&World, Contract) {
        (&self.world, self.on.escrow)
    }

    fn parts_mut(&mut self) -> (&mut World, Contract) {
        (&mut self.world, self.on.escrow)
    }
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let mut world = World::new();
        let deployer = Account::new("deployer");
        let mut double = || world.deploy(&deployer, "outside-double", "open", &());
        let (register, rights, oracle) = (double(), double(), double());
        let mut token = |symbol: &str| {
            let arguments = token_arguments(symbol, register.address);
            world.deploy(&deployer, "dfa-token", "open", &arguments)
        };
        let (token, other) = (token("FTU"), token("CNY"));
        let settings = Settings {
            participants: register.address,
            rights: rights.address,
            screening_max_age: SCREENING_AGE,
            admin_delay: ADMIN_DELAY,
        };
        let arguments = (settings, at("admin"), officers());
        let escrow = world.deploy(&deployer, "export-escrow", "open", &arguments);
        let on = Contracts {
            escrow,
            register,
            token,
            other,
            rights,
            oracle,
        };
        let mut fixture = Self { world, on, docs: 0 };
        fixture.people();
        let system = (escrow.address, Pid(100), WalletStatus::Proposed);
        fixture.tell("register", "put_wallet", &system);
        fixture.done("admin", "join", &register.address);
        fixture.trade(TRADE, TRADE_AMOUNT);
        fixture.done("operator", "define_calendar", &calendar());
        fixture
    }

    fn people(&mut self) {
        for name in PARTIES {
            self.tell(
                "register",
                "put_wallet",
                &(at(name), pid(name), WalletStatus::Active),
            );
            self.screen(name, ScreeningResult::Clear);
        }
        for bank in ["bank", "agent"] {
            self.tell("register", "put_bank", &(pid(bank), true));
        }
        for (token, name) in [
            ("token", "importer"),
            ("token", "confirmer"),
            ("other", "provider"),
        ] {
            let never: Option<Timestamp> = None;
            let arguments = (at(name), Amount(100_000), DOC, never);
            let () = self.on(token, "minter", "mint", &arguments);
        }
    }

    pub(crate) fn screening(&self, result: ScreeningResult) -> Screening {
        Screening {
            list_id: 1,
            list_version: 1,
            result,
            at: self.world.time,
        }
    }

    pub(crate) fn screen(&mut self, name: &str, result: ScreeningResult) {
        let screening = self.screening(result);
        self.tell("register", "put_screening", &(pid(name), screening));
    }

    /// Registers a trade contract of the importer and the exporter.
    pub(crate) fn trade(&mut self, trade_ref: Hash, amount: u128) {
        let trade = self.trade_of(amount);
        self.tell("register", "put_trade", &(trade_ref, trade));
    }

    pub(crate) fn trade_of(&self, amount: u128) -> Trade {
        Trade {
            exporter: pid("exporter"),
            importer: pid("importer"),
            amount: Amount(amount),
            currency: Currency(*b"CNY"),
            hs_code: "1001".into(),
            doc: DOC,
            until: end_of_day(400),
            settled: Amount(0),
            funded: Amount(0),
            bank: pid("bank"),
            state: TradeState::Open,
            screening: Some(self.screening(ScreeningResult::Clear)),
        }
    }

    /// Whether a participant is authorised.
    pub(crate) fn bank(&mut self, name: &str, authorised: bool) {
        self.tell("register", "put_bank", &(pid(name), authorised));
    }

    /// With which codes a party may not give, and not get.
    pub(crate) fn standing_of(&mut self, name: &str, give: u16, take: u16) {
        self.tell("register", "put_standing", &(pid(name), give, take));
    }

    /// Tells a double something.
    pub(crate) fn tell(&mut self, double: &str, entry: &str, arguments: &impl Encode) {
        let contract = self.double(double);
        let deployer = Account::new("deployer");
        let receipt = contract.receipt(&mut self.world, &deployer, entry, arguments);
        assert!(
            receipt.outcome.is_success(),
            "{entry}: {:?}",
            receipt.outcome
        );
    }

    fn double(&self, name: &str) -> Contract {
        match name {
            "register" => self.on.register,
            "token" => self.on.token,
            "other" => self.on.other,
            "rights" => self.on.rights,
            _ => self.on.oracle,
        }
    }

    /// Calls a double as a party.
    pub(crate) fn on<T: Decode>(
        &mut self,
        double: &str,
        who: &str,
        entry: &str,
        arguments: &impl Encode,
    ) -> T {
        let contract = self.double(double);
        contract
            .call(&mut self.world, &Account::new(who), entry, arguments)
            .unwrap_or_else(|refused| panic!("{entry} of {who}: {refused:?}"))
    }

    pub(crate) fn balance(&self, who: &str) -> u128 {
        let amount: Amount = self.on.token.query(&self.world, "balance_of", &at(who));
        amount.0
    }

    /// Sets the clock to a second.
    pub(crate) fn go(&mut self, to: Timestamp) {
        assert!(to >= self.world.time, "time does not go back");
        self.world.time = to;
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.world.advance(seconds);
    }

    /// A hold of the credit's unit for the escrow.
    pub(crate) fn hold(&mut self, who: &str, amount: u128) -> u64 {
        let none: Option<Address> = None;
        self.hold_with("token", who, none, amount)
    }

    pub(crate) fn hold_with(
        &mut self,
        token: &str,
        who: &str,
        to: Option<Address>,
        amount: u128,
    ) -> u64 {
        // Only the importer's money counts under the trade contract.
        let purpose = if who == "importer" {
            Purpose::TradeSettlement
        } else {
            Purpose::General
        };
        let escrow = self.on.escrow.address;
        let never = Timestamp(u64::MAX);
        let arguments = (to, Amount(amount), escrow, never, purpose, TRADE);
        self.on(token, who, "create_hold", &arguments)
    }

    /// An issued credit with these clauses.
    pub(crate) fn issued(&mut self, clauses: Clauses) -> u64 {
        let terms = self.on.terms(clauses);
        self.issued_on(terms)
    }

    pub(crate) fn issued_on(&mut self, terms: Terms) -> u64 {
        let most = terms.clauses.amount.0 * (10_000 + u128::from(terms.clauses.tol_plus)) / 10_000;
        let lc: u64 = self.call("importer", "apply", &terms).expect("a draft");
        let hold = self.hold("importer", most);
        self.done("bank", "issue", &(lc, hold));
        lc
    }

    /// An issued credit.
    pub(crate) fn credit(&mut self) -> u64 {
        self.issued(clauses())
    }

    /// An issued and confirmed credit.
    pub(crate) fn confirmed(&mut self) -> u64 {
        let lc = self.credit();
        let hold = self.hold("confirmer", 1_100);
        self.done("confirmer", "confirm", &(lc, hold));
        lc
    }

    /// A document that nobody has seen yet.
    pub(crate) fn doc(&mut self, kind: &str) -> Document {
        self.docs += 1;
        let mut hash = Hash([1; 32]);
        hash.0[..8].copy_from_slice(&self.docs.to_le_bytes());
        Document {
            kind: kind.into(),
            hash,
            issuer: pid("exporter"),
            number: format!("{kind} {}", self.docs),
            date: START,
            record: None,
        }
    }

    /// Invoice and bill of lading.
    pub(crate) fn docs(&mut self) -> Vec<Document> {
        vec![self.doc("invoice"), self.doc("bill of lading")]
    }

    /// Arguments of `present` with fresh documents, shipped at the start.
    pub(crate) fn offer(&mut self, lc: u64, claim: u128) -> Offer {
        (lc, self.docs(), Amount(claim), START)
    }

    /// Presents fresh documents; the number.
    pub(crate) fn present(&mut self, lc: u64, claim: u128) -> u64 {
        let offer = self.offer(lc, claim);
        self.call("exporter", "present", &offer).expect("presented")
    }

    /// Presents with a bill of lading that is a record, pledged to the escrow; the number.
    pub(crate) fn present_bill(&mut self, lc: u64, claim: u128, record: u64) -> u64 {
        let mut offer = self.offer(lc, claim);
        offer.1[1].record = Some(record);
        self.pledged(record, offer.1[1].hash);
        self.call("exporter", "present", &offer).expect("presented")
    }

    /// A presentation that banks examine.
    pub(crate) fn complete(&mut self, lc: u64, claim: u128) -> u64 {
        let n = self.present(lc, claim);
        self.done("exporter", "complete", &(lc, n));
        n
    }

    /// A presentation that is owed.
    pub(crate) fn complying(&mut self, lc: u64, claim: u128) -> u64 {
        let n = self.complete(lc, claim);
        self.done("bank", "examine", &(lc, n, Verdict::Complying));
        n
    }

    pub(crate) fn view(&self, lc: u64) -> CreditView {
        let view: Option<CreditView> = self.ask("credit", &lc);
        view.expect("a credit")
    }

    pub(crate) fn shown(&self, lc: u64, n: u64) -> PresentationView {
        let view: Option<PresentationView> = self.ask("presentation", &(lc, n));
        view.expect("a presentation")
    }

    pub(crate) fn standing(&self, lc: u64, n: u64) -> Standing {
        self.shown(lc, n).standing
    }

    /// Funded, drawn, returned, held of a source.
    pub(crate) fn books(&self, lc: u64, source: Source) -> (u128, u128, u128, u128) {
        let view = self.view(lc);
        let Books {
            funded,
            drawn,
            returned,
            held,
        } = match source {
            Source::Applicant => view.money,
            Source::Confirming => view.confirming,
            Source::Provider => view.provider,
        };
        (funded.0, drawn.0, returned.0, held.0)
    }

    /// A bill of lading as a record, pledged to the escrow by the exporter.
    pub(crate) fn pledged(&mut self, id: u64, doc: Hash) {
        let record = RecordView {
            ref_no: DOC,
            doc,
            issuer: None,
            controller: at("exporter"),
            pledgor: None,
            state: RecordState::Issued,
        };
        self.tell("rights", "put_record", &(id, record));
        let escrow = self.on.escrow.address;
        let () = self.on("rights", "exporter", "pledge_control", &(id, escrow));
    }

    pub(crate) fn controller(&self, id: u64) -> Address {
        let found: Option<Address> = self.on.rights.query(&self.world, "controller", &id);
        found.expect("a record")
    }

    /// What was settled under the trade contract.
    pub(crate) fn settled(&self) -> u128 {
        let trade: Option<Trade> = self.on.register.query(&self.world, "trade", &TRADE);
        trade.expect("a trade").settled.0
    }
}

/// Arguments of `present`.
pub(crate) type Offer = (u64, Vec<Document>, Amount, Timestamp);
