//! Construction, roles, pause, end, halt: what each leaves.

use crate::fixture::{
    ADMIN_DELAY, COOLING, DOC, Fixture, UnderTest, at, deploy, mortgage, officers, pid, settings,
    transfer,
};
use rights_registry::arrest::ForcedTransfer;
use rights_registry::object::Class;
use rights_registry::record::RecordType;
use rights_registry::usage::UseKind;
use weighhouse_primitives::{Address, Amount, Hash, Outcome, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::journal::Act;
use weighhouse_testkit::World;

/// Goal: a registry without an administrator or a register of participants is none, and one address
/// does not get two duties that exclude each other.
#[test]
fn construction_refuses() {
    let mut world = World::new();
    let register = at("register");
    let double = vec![(Role::Regulator, at("one")), (Role::Auditor, at("one"))];
    let admin = vec![(Role::Admin, at("one"))];
    for (code, arguments) in [
        (7, (settings(), Address::ZERO, officers(), register)),
        (7, (settings(), at("admin"), officers(), Address::ZERO)),
        (7, (settings(), at("admin"), admin, register)),
        (16, (settings(), at("admin"), double, register)),
    ] {
        match deploy(&mut world, &arguments) {
            Err(Outcome::Reverted { code: found, .. }) => assert_eq!(found, code),
            other => panic!("{other:?}"),
        }
    }
}

/// What a stop is tried on.
struct Stage {
    f: Fixture,
    work: u64,
    entry: u64,
    proposal: u64,
    right: u64,
    over: u64,
    bill: u64,
    presented: u64,
    utility: u64,
    paper: u64,
    order: u64,
    lifted: u64,
}

impl Stage {
    fn new() -> Self {
        let mut f = Fixture::new();
        let (work, other) = (f.work("W1", "ann"), f.work("W2", "ann"));
        let held = f.work("W3", "ann");
        let bill = |f: &mut Fixture, ref_no: &str| {
            let doc = f.doc();
            let arguments = (RecordType::BillOfLading, ref_no.to_owned(), doc, at("ann"));
            f.id("carrier", "issue_record", &arguments)
        };
        let (one, presented, paper) = (bill(&mut f, "B1"), bill(&mut f, "B2"), bill(&mut f, "B3"));
        f.done("ann", "pledge_control", &(presented, at("vault")));
        let doc = f.doc();
        f.done("ann", "to_paper", &(paper, doc));
        let grant = |until| {
            let rights = vec!["print".to_owned()];
            (work, UseKind::Licence, pid("bob"), until, true, rights)
        };
        let soon = Some(Timestamp(f.now() + 1));
        let over = f.id("ann", "grant_use", &grant(soon));
        let right = f.id("ann", "grant_use", &grant(None));
        let until = Timestamp(f.now() + 50 * COOLING);
        let terms = (
            "U1".to_owned(),
            pid("carrier"),
            pid("ann"),
            Amount(9),
            "hours".to_owned(),
            f.doc(),
            until,
        );
        let utility = f.id("carrier", "issue_utility", &terms);
        f.done("ann", "claim_performance", &(utility, Amount(5)));
        let entry = f.ripe("ann", work, transfer("ann", "bob", (1, 1)));
        let proposal = f.propose(entry);
        let (order, lifted) = (f.order(other, None), f.order(held, None));
        f.done("eve", "arrest", &(held, lifted));
        f.end_order(lifted);
        Self {
            f,
            work,
            entry,
            proposal,
            right,
            over,
            bill: one,
            presented,
            utility,
            paper,
            order,
            lifted,
        }
    }

    /// The codes of market acts.
    fn market(&mut self) -> Vec<(&'static str, u16)> {
        let mut codes = self.land();
        codes.extend(self.records());
        codes
    }

    fn land(&self) -> Vec<(&'static str, u16)> {
        let (work, entry, right, f) = (self.work, self.entry, self.right, &self.f);
        let doc = Hash([99; 32]);
        let rights = vec!["print".to_owned()];
        let new = (Class::IpRight, "W9".to_owned(), DOC, None::<Amount>, doc);
        let request = (work, mortgage("bank", 1), vec![DOC]);
        let (no, ever): (_, Option<Timestamp>) = ((entry, "no".to_owned()), None);
        let kind = UseKind::Use;
        let grant = (work, kind, pid("bob"), ever, true, rights.clone());
        let below = (right, pid("cat"), ever, rights);
        let second = "second registrar";
        let codes = [
            f.check("registrar", "create_object", &new),
            f.check("ann", "apply", &request),
            f.check("ann", "consent", &entry),
            f.check("registrar", "reject", &no),
            f.check("registrar", "propose_register", &(entry, doc)),
            f.check(second, "approve_register", &self.proposal),
            f.check("ann", "grant_use", &grant),
            f.check("bob", "sublicense", &below),
            f.check("ann", "revoke_use", &right),
        ];
        let names = [
            "create_object",
            "apply",
            "consent",
            "reject",
            "propose_register",
            "approve_register",
            "grant_use",
            "sublicense",
            "revoke_use",
        ];
        names.into_iter().zip(codes).collect()
    }

    fn records(&self) -> Vec<(&'static str, u16)> {
        let (bill, utility, f) = (self.bill, self.utility, &self.f);
        let (doc, until) = (Hash([99; 32]), Timestamp(f.now() + 1_000));
        let issued = (RecordType::BillOfLading, "B9".to_owned(), doc, at("ann"));
        let (number, hours) = ("U9".to_owned(), "hours".to_owned());
        let (issuer, holder) = (pid("carrier"), pid("ann"));
        let terms = (number, issuer, holder, Amount(9), hours, doc, until);
        let confirmed = (utility, Amount(1), doc);
        let back = (self.paper, doc, at("bob"));
        let codes = [
            f.check("carrier", "issue_record", &issued),
            f.check("carrier", "issue_utility", &terms),
            f.check("ann", "claim_performance", &(utility, Amount(1))),
            f.check("ann", "confirm_performance", &confirmed),
            f.check("ann", "endorse", &(bill, at("bob"))),
            f.check("ann", "to_paper", &(bill, doc)),
            f.check("carrier", "from_paper", &back),
            f.check("ann", "pledge_control", &(bill, at("vault"))),
        ];
        let names = [
            "issue_record",
            "issue_utility",
            "claim_performance",
            "confirm_performance",
            "endorse",
            "to_paper",
            "from_paper",
            "pledge_control",
        ];
        names.into_iter().zip(codes).collect()
    }

    /// The codes of forced measures and the like.
    fn forced(&mut self) -> Vec<(&'static str, u16)> {
        let (bill, utility, order) = (self.bill, self.utility, self.order);
        let f = &mut self.f;
        let object = 2;
        let act = ForcedTransfer {
            object,
            from: pid("ann"),
            to: pid("cat"),
            part: (1, 1),
            order,
            doc: DOC,
        };
        vec![
            ("arrest", f.check("eve", "arrest", &(object, order))),
            (
                "forced_transfer",
                f.check("enforcer", "forced_transfer", &act),
            ),
            (
                "dispute_performance",
                f.check("ann", "dispute_performance", &(utility, DOC)),
            ),
            ("surrender", f.check("ann", "surrender", &bill)),
        ]
    }

    /// The codes of exits.
    fn exits(&mut self) -> Vec<(&'static str, u16)> {
        let Self {
            entry,
            over,
            presented,
            lifted,
            ..
        } = *self;
        let f = &mut self.f;
        vec![
            ("withdraw", f.check("ann", "withdraw", &entry)),
            ("lift", f.check("eve", "lift", &(3_u64, lifted))),
            ("reclaim", f.check("eve", "reclaim", &over)),
            (
                "return_control",
                f.check("vault", "return_control", &presented),
            ),
        ]
    }

    fn expect(&mut self, market: u16, forced: u16) {
        for (entry, code) in self.market() {
            let open = if entry == "consent" { 5 } else { 0 };
            assert_eq!(code, if market == 0 { open } else { market }, "{entry}");
        }
        for (entry, code) in self.forced() {
            assert_eq!(code, forced, "{entry}");
        }
        for (entry, code) in self.exits() {
            assert_eq!(code, 0, "{entry} is an exit");
        }
        assert!(
            self.f
                .ask::<Option<rights_registry::object::Object>>("object", &self.work)
                .is_some()
        );
    }
}

/// Goal: codes 2, 3, 19. A pause and a directive of the regulator stop market acts, the end of the
/// registry stops forced measures as well, and nothing stops exits and queries.
#[test]
fn codes_2_3_19_and_what_they_leave() {
    let mut stage = Stage::new();
    stage.expect(0, 0);
    let registry = stage.f.registry.address;
    stage.f.tell("put_halt", &(registry, true));
    stage.expect(19, 0);
    stage.f.stop(false);
    stage.expect(2, 0);
    stage.f.tell("put_halt", &(registry, false));
    stage.f.done("admin", "deactivate", &DOC);
    stage.expect(3, 3);
    assert_eq!(
        stage
            .f
            .code("admin", "grant_role", &(Role::Oracle, at("one"))),
        3
    );
}

/// Goal: an exit needs nobody's good standing, and forced measures not that of their target.
#[test]
fn exits_of_the_suspended() {
    let mut stage = Stage::new();
    for party in ["ann", "vault", "bob"] {
        stage.f.standing(party, 103, 103);
    }
    for (entry, code) in stage.exits() {
        assert_eq!(code, 0, "{entry}");
    }
    for (entry, code) in stage.forced() {
        let stopped = if entry == "surrender" { 103 } else { 0 };
        assert_eq!(code, stopped, "{entry}");
    }
}

/// Goal: code 16. One person, told by the register, does not get two duties under two addresses.
#[test]
fn code_16_duties_of_one_person() {
    let mut f = Fixture::new();
    for wallet in ["regulator", "her second"] {
        f.tell("put_wallet", &(at(wallet), pid("dan")));
    }
    assert_eq!(
        f.code("admin", "grant_role", &(Role::Auditor, at("regulator"))),
        16
    );
    assert_eq!(
        f.code("admin", "grant_role", &(Role::Auditor, at("her second"))),
        16
    );
    assert_eq!(
        f.code("admin", "grant_role", &(Role::Auditor, at("somebody"))),
        0
    );
    assert_eq!(f.code("ann", "grant_role", &(Role::Auditor, at("ann"))), 1);
}

/// Goal: the shared messages are there: hand-over to the second, documents of the registrar, audit.
#[test]
fn shared_messages() {
    let mut f = Fixture::new();
    let from = f.now() + ADMIN_DELAY;
    f.done("admin", "propose_admin", &at("next"));
    f.at_time(from - 1);
    assert_eq!(f.code("next", "accept_admin", &()), 11);
    f.at_time(from);
    assert_eq!(f.code("next", "accept_admin", &()), 0);
    let document = (
        "terms".to_owned(),
        DOC,
        "https://example.org/terms".to_owned(),
    );
    assert_eq!(f.code("ann", "set_document", &document), 1);
    assert_eq!(f.code("registrar", "set_document", &document), 0);
    let work = f.work("W1", "ann");
    let acts: Vec<Act> = f.ask("audit", &(0_u64, 100_u32));
    assert_eq!(
        acts.len(),
        5,
        "hand-over in two steps, document, registration in two steps"
    );
    assert_eq!(work, 1);
}

/// Goal: a registrar that lost its duty does not stand behind what it proposed.
#[test]
fn who_proposed_a_registration_still_has_the_duty() {
    let mut f = Fixture::new();
    let (.., proposal) = f.proposed("W1");
    let duty = (Role::Registrar, at("registrar"));
    f.done("admin", "revoke_role", &duty);
    let second = "second registrar";
    assert_eq!(f.both(second, "approve_register", &proposal), 16);
    f.done("admin", "grant_role", &duty);
    assert_eq!(f.both(second, "approve_register", &proposal), 0);
}
