//! Estates: opened, settled by certificate.

use crate::fixture::{DOC, Fixture, UnderTest, at, hash};
use participants::storage::Share;
use weighhouse_primitives::Hash;
use weighhouse_standard::interface::{
    Direction, FreezeState, FreezeView, PartyKind, Pid, Residency, Scope, Succession,
};

fn estate(register: &Fixture, name: &str) -> Option<Succession> {
    register.ask("succession", &register.pid(name))
}

/// Goal: opening stops the wallets of a natural person from sending, not from receiving
/// (1, 4, 5, 6, 7, 17).
#[test]
fn an_opened_estate_is_stopped() {
    let mut register = Fixture::new();
    let (ann, bob) = (register.pid("ann"), register.pid("bob"));
    let entry = "open_succession";
    assert_eq!(register.both("registrar", entry, &(ann, Hash::ZERO)), 17);
    assert_eq!(register.both("compliance", entry, &(ann, DOC)), 1);
    assert_eq!(register.both("registrar", entry, &(Pid(99), DOC)), 4);
    assert_eq!(
        register.both("registrar", entry, &(bob, DOC)),
        7,
        "a firm does not die"
    );
    let order: u64 = register
        .call("registrar", entry, &(ann, DOC))
        .expect("opened");
    assert_eq!(register.both("operator", entry, &(ann, hash("again"))), 5);
    assert_eq!(
        register.both("operator", entry, &(register.pid("cat"), DOC)),
        5,
        "the same document"
    );
    let view: Option<FreezeView> = register.ask("order", &order);
    let scope = Scope::Party {
        pid: ann,
        direction: Direction::Out,
    };
    assert_eq!(view.map(|view| view.order.scope), Some(scope));
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        103
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "bob", "ann", 1)),
        0
    );
    register.done("regulator", "lift_freeze", &(order, DOC));
    let shares: Vec<Share> = vec![(register.pid("cat"), 1, 1)];
    let settle = (ann, shares, DOC);
    assert_eq!(
        register.both("registrar", "propose_settle_succession", &settle),
        6,
        "called off"
    );
    assert_eq!(
        register.both("registrar", entry, &(ann, hash("again"))),
        0,
        "opened anew"
    );
}

/// Goal: shares add up to one exactly (300), two persons settle, the estate shows heirs and wallets.
#[test]
fn code_300_shares_add_up_to_one() {
    let mut register = Fixture::new();
    register.vet("dan", PartyKind::Natural, Residency::Resident, *b"RU");
    let [ann, cat, dan] = ["ann", "cat", "dan"].map(|name| register.pid(name));
    let propose = "propose_settle_succession";
    let of = |shares: &[Share], cert| (ann, shares.to_vec(), cert);
    let thirds = [(cat, 1, 3), (dan, 2, 3)];
    assert_eq!(
        register.both("registrar", propose, &of(&thirds, DOC)),
        4,
        "not opened"
    );
    register.done("registrar", "open_succession", &(ann, DOC));
    let cases: Vec<(Vec<Share>, u16)> = vec![
        (vec![], 7),
        (vec![(cat, 1, 2), (cat, 1, 2)], 7),
        (vec![(ann, 1, 1)], 7),
        (vec![(cat, 0, 1), (dan, 1, 1)], 7),
        (vec![(cat, 1, 0)], 7),
        (vec![(cat, 1, 1); 257], 13),
        (vec![(Pid(99), 1, 1)], 4),
        (vec![(cat, 1, 3), (dan, 1, 3)], 300),
        (vec![(cat, 333_333, 1_000_000), (dan, 2, 3)], 300),
        (vec![(cat, u64::MAX, 1), (dan, u64::MAX, 1)], 300),
    ];
    for (shares, code) in cases {
        assert_eq!(
            register.both("registrar", propose, &of(&shares, DOC)),
            code,
            "{shares:?}"
        );
    }
    assert_eq!(
        register.both("registrar", propose, &of(&thirds, Hash::ZERO)),
        17
    );
    assert_eq!(register.both("compliance", propose, &of(&thirds, DOC)), 1);
    let id: u64 = register
        .call("registrar", propose, &of(&thirds, DOC))
        .expect("proposed");
    let approve = "approve_settle_succession";
    assert_eq!(register.both("registrar", approve, &id), 16);
    assert_eq!(register.both("compliance", approve, &id), 1);
    assert_eq!(register.both("operator", approve, &(id + 1)), 4);
    assert_eq!(register.both("operator", approve, &id), 0);
    let settled = estate(&register, "ann").expect("an estate");
    let shares: Vec<_> = settled
        .shares
        .iter()
        .map(|share| (share.heir, share.wallet))
        .collect();
    assert_eq!(shares, [(cat, Some(at("cat"))), (dan, Some(at("dan")))]);
    assert_eq!(settled.cert, Some(DOC));
    assert_eq!(
        register.both("registrar", propose, &of(&thirds, DOC)),
        6,
        "settled"
    );
    let open = (ann, hash("again"));
    register.done("regulator", "lift_freeze", &(settled.order, DOC));
    assert_eq!(
        register.both("registrar", "open_succession", &open),
        6,
        "settled for ever"
    );
}

/// Goal: the approval checks everything anew: an estate called off in between is not settled.
#[test]
fn an_estate_called_off_is_not_settled() {
    let mut register = Fixture::new();
    let ann = register.pid("ann");
    let order: u64 = register
        .call("registrar", "open_succession", &(ann, DOC))
        .expect("opened");
    let shares: Vec<Share> = vec![(register.pid("cat"), 1, 1)];
    let id: u64 = register
        .call(
            "registrar",
            "propose_settle_succession",
            &(ann, shares, DOC),
        )
        .expect("proposed");
    register.done("regulator", "lift_freeze", &(order, DOC));
    assert_eq!(
        register.both("operator", "approve_settle_succession", &id),
        6
    );
    assert_eq!(
        estate(&register, "ann").map(|estate| estate.cert),
        Some(None)
    );
    let view: Option<FreezeView> = register.ask("order", &order);
    assert_eq!(view.map(|view| view.state), Some(FreezeState::Lifted));
}
