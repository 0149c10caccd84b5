//! The registry behind the real register of participants: land from the queue to a forced transfer, and
//! what the register's orders, hits and recoveries do to it. No doubles.

use parity_scale_codec::Encode;
use rights_registry::application::Request;
use rights_registry::arrest::ForcedTransfer;
use rights_registry::object::{Class, Object};
use rights_registry::view::ApplicationView;
use weighhouse_primitives::{Address, Amount};
use weighhouse_standard::interface::{Direction, HaltKind, Pid, ScreeningResult};
use weighhouse_testkit::library::{COOLING, DOC, Part};
use weighhouse_testkit::under_test::at;
use weighhouse_testkit::{Library, UnderTest};

const NAMES: [&str; 3] = ["ann", "bob", "bank"];

/// Applies; the number of entry.
fn apply(on: &mut Library, who: &str, object: u64, request: Request) -> u64 {
    let arguments = (object, request, vec![DOC]);
    let entry = on.on(Part::Rights).call(who, "apply", &arguments);
    entry.expect("an entry")
}

fn view(on: &Library, entry: u64) -> ApplicationView {
    let view: Option<ApplicationView> = on.ask(Part::Rights, "application", &entry);
    view.expect("an application")
}

/// Everybody whose consent is missing consents, but those named.
fn consents(on: &mut Library, entry: u64, but: &[&str]) {
    while let Some(missing) = view(on, entry).missing {
        let found = NAMES.into_iter().find(|name| on.pid(name) == missing);
        let name = found.expect("one of the parties");
        if but.contains(&name) {
            return;
        }
        on.on(Part::Rights).done(name, "consent", &entry);
    }
}

/// Two registrars register an application; the code that the first of them refuses with.
fn register(on: &mut Library, entry: u64) -> u16 {
    let arguments = (entry, on.fresh());
    let mut rights = on.on(Part::Rights);
    let dry = rights.check("registrar", "propose_register", &arguments);
    if dry != 0 {
        assert_eq!(
            rights.code("registrar", "propose_register", &arguments),
            dry
        );
        return dry;
    }
    let id: u64 = rights
        .call("registrar", "propose_register", &arguments)
        .expect("as the dry run says");
    assert_eq!(
        rights.both("registrar", "approve_register", &id),
        16,
        "two persons"
    );
    rights.both("second registrar", "approve_register", &id)
}

/// Applies, lets everybody consent and the time pass, registers.
fn settle(on: &mut Library, who: &str, object: u64, request: Request) {
    let entry = apply(on, who, object, request);
    consents(on, entry, &[]);
    on.pass(COOLING);
    assert_eq!(register(on, entry), 0);
}

/// A parcel of ann's.
fn parcel(on: &mut Library, ref_no: &str) -> u64 {
    let doc = on.fresh();
    let area = Some(Amount(1_000));
    let arguments = (Class::Parcel, ref_no.to_owned(), DOC, area, doc);
    let id: u64 = on
        .on(Part::Rights)
        .call("registrar", "create_object", &arguments)
        .expect("an object");
    let shares = vec![(on.pid("ann"), (1, 1))];
    settle(on, "ann", id, Request::FirstOwnership { shares });
    id
}

fn transfer(on: &Library, from: &str, to: &str) -> Request {
    Request::TransferShare {
        from: on.pid(from),
        to: on.pid(to),
        part: (1, 1),
    }
}

fn owner(on: &Library, id: u64) -> Pid {
    let object: Option<Object> = on.ask(Part::Rights, "object", &id);
    object.expect("an object").owners[0].holder
}

/// The code with which `who` applies, dry and wet.
fn applies(on: &mut Library, who: &str, object: u64, request: &Request) -> u16 {
    let arguments = (object, request.clone(), vec![DOC]);
    on.on(Part::Rights).both(who, "apply", &arguments)
}

/// Goal: a mortgage and a sale in the order of entry: the later waits (R8), the mortgagee's consent counts,
/// the land changes hands with the mortgage on it.
#[test]
fn r8_queue_mortgage_consent_transfer() {
    let mut on = Library::trading();
    let land = parcel(&mut on, "77:1");
    let mortgage = Request::Mortgage {
        share: None,
        creditor: on.pid("bank"),
        rank: 1,
        amount: Amount(5_000),
        until: None,
    };
    let first = apply(&mut on, "ann", land, mortgage);
    let sale = transfer(&on, "ann", "bob");
    let second = apply(&mut on, "bob", land, sale);
    consents(&mut on, first, &[]);
    on.pass(COOLING);
    assert_eq!(register(&mut on, second), 6, "the earlier goes first");
    assert_eq!(register(&mut on, first), 0);
    consents(&mut on, second, &["bank"]);
    assert_eq!(
        register(&mut on, second),
        302,
        "the mortgagee's word is missing"
    );
    consents(&mut on, second, &[]);
    assert_eq!(register(&mut on, second), 0);
    assert_eq!(owner(&on, land), on.pid("bob"));
    let object: Option<Object> = on.ask(Part::Rights, "object", &land);
    let restrictions = object.expect("an object").restrictions;
    assert_eq!(restrictions.len(), 1, "{restrictions:?}");
    assert_eq!(restrictions[0].favour, Some(on.pid("bank")));
}

/// Goal: an order of the register stops the land before anybody mirrors it; under that order alone it
/// changes hands; when the register lifts it and somebody says so, the land is free (R3).
#[test]
fn r3_code_117_an_order_of_the_register_stops_the_land() {
    let mut on = Library::trading();
    let land = parcel(&mut on, "77:2");
    let sale = transfer(&on, "ann", "bob");
    let order = on.arrest(land);
    assert_eq!(applies(&mut on, "ann", land, &sale), 117);
    let mirror = (land, order);
    assert_eq!(on.on(Part::Rights).both("carrier", "arrest", &mirror), 0);
    assert_eq!(on.on(Part::Rights).both("carrier", "arrest", &mirror), 5);
    assert_eq!(
        on.on(Part::Rights).both("carrier", "lift", &mirror),
        6,
        "in force"
    );
    let other = on.arrest(land);
    let forced = |on: &Library, order| ForcedTransfer {
        object: land,
        from: on.pid("ann"),
        to: on.pid("bob"),
        part: (1, 1),
        order,
        doc: DOC,
    };
    let later = forced(&on, other);
    assert_eq!(
        on.on(Part::Rights)
            .both("enforcer", "forced_transfer", &later),
        117
    );
    let this = forced(&on, order);
    assert_eq!(on.on(Part::Rights).both("ann", "forced_transfer", &this), 1);
    assert_eq!(
        on.on(Part::Rights)
            .both("enforcer", "forced_transfer", &this),
        0
    );
    assert_eq!(owner(&on, land), on.pid("bob"));
    on.lift(other);
    on.lift(order);
    assert_eq!(on.on(Part::Rights).both("carrier", "lift", &mirror), 0);
    let back = transfer(&on, "bob", "ann");
    settle(&mut on, "bob", land, back);
    assert_eq!(owner(&on, land), on.pid("ann"));
}

/// Goal: what the register says of a party holds here in the same second: frozen, on a list, out of date,
/// halted (19, 102, 103, 104).
#[test]
fn codes_19_102_103_104_of_the_register() {
    let mut on = Library::trading();
    let land = parcel(&mut on, "77:3");
    let sale = transfer(&on, "ann", "bob");
    let order = on.freeze("ann", Direction::Out);
    assert_eq!(applies(&mut on, "ann", land, &sale), 103);
    on.lift(order);
    let entry = apply(&mut on, "ann", land, sale.clone());
    consents(&mut on, entry, &[]);
    on.pass(COOLING);
    on.screen("bob", ScreeningResult::Hit);
    assert_eq!(
        register(&mut on, entry),
        102,
        "judged when it is registered"
    );
    on.on(Part::Rights).done("ann", "withdraw", &entry);
    let halt = (HaltKind::HaltContract, on.contracts.rights.address, DOC);
    let directive: u64 = on
        .on(Part::Register)
        .call("regulator", "directive", &halt)
        .expect("a directive");
    assert_eq!(applies(&mut on, "ann", land, &sale), 19);
    on.on(Part::Register)
        .done("regulator", "lift_directive", &directive);
    let (bank, soon) = (on.pid("bank"), on.world.time.saturating_add(10));
    on.on(Part::Register)
        .done("compliance", "approve", &(bank, soon, 1_u8, DOC));
    on.pass(11);
    let mortgage = Request::Mortgage {
        share: None,
        creditor: bank,
        rank: 1,
        amount: Amount(5_000),
        until: None,
    };
    let entry = apply(&mut on, "ann", land, mortgage);
    consents(&mut on, entry, &[]);
    on.pass(COOLING);
    assert_eq!(register(&mut on, entry), 104, "takes nothing new on");
}

/// Goal: R4. Bill of lading through the real register: endorsed along the chain of holders; a holder that
/// is frozen keeps it; a lost wallet loses it not.
#[test]
fn r4_a_bill_goes_from_hand_to_hand() {
    let mut on = Library::trading();
    let (bill, _) = on.bill("exporter");
    let endorse = |to: &str| (bill, at(to));
    assert_eq!(
        on.on(Part::Rights)
            .both("importer", "endorse", &endorse("bank")),
        306
    );
    assert_eq!(
        on.on(Part::Rights)
            .both("exporter", "endorse", &endorse("nobody")),
        100
    );
    assert_eq!(
        on.on(Part::Rights)
            .both("exporter", "endorse", &endorse("bank")),
        0
    );
    let order = on.freeze("bank", Direction::InOut);
    assert_eq!(
        on.on(Part::Rights)
            .both("bank", "endorse", &endorse("importer")),
        103
    );
    on.lift(order);
    on.bind("bank", "bank too");
    let lost = (on.pid("bank"), at("bank"), at("bank too"), DOC);
    let id: u64 = propose(&mut on, &lost);
    on.on(Part::Register)
        .done("second operator", "approve_recover_wallet", &id);
    assert_eq!(
        on.on(Part::Rights)
            .both("bank", "endorse", &endorse("importer")),
        100
    );
    assert_eq!(
        on.on(Part::Rights)
            .both("bank too", "endorse", &endorse("importer")),
        0
    );
    assert_eq!(on.controller(bill), Some(at("importer")));
    let vault: (u64, Address) = (bill, at("carrier"));
    assert_eq!(
        on.on(Part::Rights)
            .both("importer", "pledge_control", &vault),
        108,
        "no system"
    );
    assert_eq!(on.on(Part::Rights).both("importer", "surrender", &bill), 0);
    assert_eq!(on.controller(bill), None);
}

fn propose(on: &mut Library, lost: &impl Encode) -> u64 {
    on.on(Part::Register)
        .call("operator", "propose_recover_wallet", lost)
        .expect("proposed")
}
