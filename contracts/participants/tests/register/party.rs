//! Registration, approval, qualification, screening, suspension.

use crate::fixture::{DOC, FRESH, Fixture, UnderTest, at, country, hash};
use weighhouse_primitives::{Hash, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{
    AuthorisationKind, Party, PartyKind, PartyStatus, Pid, Qualification, Residency,
    ScreeningResult,
};

const NATURAL: (PartyKind, Residency) = (PartyKind::Natural, Residency::Resident);

fn party(register: &Fixture, name: &str) -> Party {
    register
        .ask::<Option<Party>>("party", &register.pid(name))
        .expect("a party")
}

/// Goal: who may register, with which arguments (1, 7, 17).
#[test]
fn codes_1_7_17_of_registration() {
    let mut register = Fixture::empty();
    let of = |land, pii| (NATURAL.0, NATURAL.1, country(land), pii);
    assert_eq!(register.both("operator", "register", &of(*b"ru", DOC)), 7);
    assert_eq!(
        register.both("operator", "register", &of(*b"RU", Hash::ZERO)),
        17
    );
    assert_eq!(register.both("ann", "register", &of(*b"RU", DOC)), 1);
    assert_eq!(register.both("operator", "register", &of(*b"RU", DOC)), 0);
    assert_eq!(register.ask::<Option<Party>>("party", &Pid(2)), None);
}

/// Goal: an authorised onboarding agent registers as the operator does, while it is authorised.
#[test]
fn onboarding_agents_register() {
    let mut register = Fixture::new();
    let candidate = (NATURAL.0, NATURAL.1, country(*b"RU"), DOC);
    assert_eq!(register.both("bob", "register", &candidate), 1);
    register.authorise("bob", AuthorisationKind::InformationSystemOperator);
    assert_eq!(register.both("bob", "register", &candidate), 0);
    register.world.advance(86_401);
    assert_eq!(
        register.both("bob", "register", &candidate),
        1,
        "authorised no more"
    );
}

/// Goal: approval takes another officer (16), a clear screening (102), a second ahead (7), a state (6).
#[test]
fn codes_16_102_of_approval() {
    let mut register = Fixture::empty();
    let pid = register.candidate("ann", NATURAL.0, NATURAL.1, *b"RU");
    let until = Timestamp(register.now() + FRESH);
    let approval = (pid, until, 1_u8, DOC);
    let now = Timestamp(register.now());
    assert_eq!(
        register.both("compliance", "approve", &(pid, now, 1_u8, DOC)),
        7
    );
    assert_eq!(
        register.both("compliance", "approve", &(pid, until, 1_u8, Hash::ZERO)),
        17
    );
    assert_eq!(register.both("operator", "approve", &approval), 1);
    assert_eq!(
        register.both("compliance", "approve", &(Pid(9), until, 1_u8, DOC)),
        4
    );
    assert_eq!(
        register.both("compliance", "approve", &approval),
        102,
        "not screened"
    );
    register.screen("ann", ScreeningResult::Review);
    assert_eq!(register.both("compliance", "approve", &approval), 102);
    register.screen("ann", ScreeningResult::Clear);
    register.done("admin", "grant_role", &(Role::Compliance, at("operator")));
    assert_eq!(
        register.both("operator", "approve", &approval),
        16,
        "the proposer"
    );
    assert_eq!(register.both("compliance", "approve", &approval), 0);
    assert_eq!(party(&register, "ann").status, PartyStatus::Active);
    let later = Timestamp(until.0 + 1);
    assert_eq!(
        register.both("compliance", "approve", &(pid, later, 2_u8, DOC)),
        0,
        "renewal"
    );
    assert_eq!(
        (
            party(&register, "ann").kyc_until,
            party(&register, "ann").risk
        ),
        (later, 2)
    );
    register.done("compliance", "close", &(pid, 1_u16, DOC));
    assert_eq!(
        register.both("compliance", "approve", &approval),
        6,
        "closed is final"
    );
}

/// Goal: two officers who are one person do not approve each other's candidates.
#[test]
fn code_16_two_wallets_of_one_officer_are_one_person() {
    let mut register = Fixture::new();
    register.bind("ann", "ann at work");
    register.done("admin", "grant_role", &(Role::Operator, at("ann")));
    register.done(
        "admin",
        "grant_role",
        &(Role::Compliance, at("ann at work")),
    );
    let candidate = (NATURAL.0, NATURAL.1, country(*b"RU"), DOC);
    let pid: Pid = register
        .call("ann", "register", &candidate)
        .expect("registered");
    let screening = (pid, 1_u32, 1_u64, ScreeningResult::Clear, DOC);
    register.done("screener", "record_screening", &screening);
    let approval = (pid, Timestamp(register.now() + FRESH), 1_u8, DOC);
    assert_eq!(register.both("ann at work", "approve", &approval), 16);
    assert_eq!(register.both("compliance", "approve", &approval), 0);
}

/// Goal: qualification is set by compliance, ahead of time, for those who are not closed.
#[test]
fn qualification_is_set() {
    let mut register = Fixture::new();
    let pid = register.pid("ann");
    let of = |until| (pid, Qualification::Qualified { until }, DOC);
    let (past, now) = (Timestamp(register.now() - 1), Timestamp(register.now()));
    assert_eq!(
        register.both("compliance", "set_qualification", &of(past)),
        7
    );
    assert_eq!(register.both("screener", "set_qualification", &of(now)), 1);
    assert_eq!(
        register.both("compliance", "set_qualification", &of(now)),
        0
    );
    let none = (pid, Qualification::NonQualified, Hash::ZERO);
    assert_eq!(register.both("compliance", "set_qualification", &none), 17);
    let unknown = (Pid(99), Qualification::NonQualified, DOC);
    assert_eq!(
        register.both("compliance", "set_qualification", &unknown),
        4
    );
    register.done("compliance", "close", &(pid, 1_u16, DOC));
    assert_eq!(
        register.both("compliance", "set_qualification", &of(now)),
        6
    );
}

/// Goal: versions of a list do not go back (7); a hit is cleared by two officers only (6, 16, 10).
#[test]
fn a_hit_takes_two_officers() {
    let mut register = Fixture::new();
    let pid = register.pid("ann");
    let screening = |version: u64, result| (pid, 1_u32, version, result, DOC);
    let entry = "record_screening";
    register.done("screener", entry, &screening(5, ScreeningResult::Clear));
    assert_eq!(
        register.both("screener", entry, &screening(4, ScreeningResult::Hit)),
        7
    );
    assert_eq!(
        register.both("ann", entry, &screening(5, ScreeningResult::Hit)),
        1
    );
    let bare = (pid, 1_u32, 6_u64, ScreeningResult::Hit, Hash::ZERO);
    assert_eq!(register.both("screener", entry, &bare), 17);
    assert_eq!(
        register.both("compliance", "propose_clear_hit", &(pid, DOC)),
        6,
        "no hit"
    );
    assert_eq!(
        register.both("screener", entry, &screening(5, ScreeningResult::Hit)),
        0
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        102
    );
    assert_eq!(
        register.both("screener", entry, &screening(6, ScreeningResult::Clear)),
        6
    );
    assert_eq!(
        register.both("screener", "propose_clear_hit", &(pid, DOC)),
        1
    );
    let id: u64 = register
        .call("compliance", "propose_clear_hit", &(pid, DOC))
        .expect("proposed");
    assert_eq!(
        register.both("compliance", "approve_clear_hit", &id),
        16,
        "the proposer"
    );
    assert_eq!(register.both("screener", "approve_clear_hit", &id), 1);
    assert_eq!(
        register.both("second compliance", "approve_clear_hit", &(id + 1)),
        4
    );
    register
        .call::<u64>("compliance", "propose_clear_hit", &(pid, DOC))
        .expect("proposed once more");
    let until = register.now() + 7 * 86_400;
    register.at_time(until);
    assert_eq!(
        register.both("second compliance", "approve_clear_hit", &id),
        0
    );
    register.done("screener", entry, &screening(6, ScreeningResult::Hit));
    register.at_time(until + 1);
    assert_eq!(
        register.both("second compliance", "approve_clear_hit", &(id + 1)),
        10
    );
    assert_eq!(
        register.both("second compliance", "approve_clear_hit", &id),
        4,
        "once"
    );
}

/// Goal: active, suspended, active by two officers, closed for ever (6, 16).
#[test]
fn suspension_and_closing() {
    let mut register = Fixture::new();
    let pid = register.pid("ann");
    let act = (pid, 3_u16, DOC);
    assert_eq!(register.both("operator", "suspend", &act), 1);
    assert_eq!(
        register.both("compliance", "suspend", &(pid, 3_u16, Hash::ZERO)),
        17
    );
    assert_eq!(
        register.both("compliance", "suspend", &(Pid(77), 3_u16, DOC)),
        4
    );
    assert_eq!(register.both("compliance", "propose_reinstate", &act), 6);
    assert_eq!(register.both("compliance", "suspend", &act), 0);
    assert_eq!(register.both("compliance", "suspend", &act), 6);
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        101
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "bob", "ann", 1)),
        101
    );
    let id: u64 = register
        .call("compliance", "propose_reinstate", &act)
        .expect("proposed");
    assert_eq!(register.both("compliance", "approve_reinstate", &id), 16);
    assert_eq!(
        register.both("second compliance", "approve_clear_hit", &id),
        4,
        "another act"
    );
    assert_eq!(
        register.both("second compliance", "approve_reinstate", &id),
        0
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        0
    );
    assert_eq!(register.both("compliance", "close", &act), 0);
    assert_eq!(register.both("compliance", "close", &act), 6);
    assert_eq!(register.both("compliance", "suspend", &act), 6);
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        100
    );
    let wallet = (pid, hash("w"));
    assert_eq!(
        register.both("operator", "add_wallet", &wallet),
        6,
        "closed is final"
    );
}

/// Goal: a proposer that lost its role no longer stands behind its proposal.
#[test]
fn a_proposal_needs_its_proposer_in_office() {
    let mut register = Fixture::new();
    let act = (register.pid("ann"), 3_u16, DOC);
    register.done("compliance", "suspend", &act);
    let id: u64 = register
        .call("compliance", "propose_reinstate", &act)
        .expect("proposed");
    register.done(
        "admin",
        "revoke_role",
        &(Role::Compliance, at("compliance")),
    );
    assert_eq!(
        register.both("second compliance", "approve_reinstate", &id),
        16
    );
}

/// Goal: no officer decides in favour of itself.
#[test]
fn code_16_nobody_decides_on_itself() {
    let mut register = Fixture::new();
    let pid = register.pid("ann");
    register.done("admin", "grant_role", &(Role::Compliance, at("ann")));
    let until = Timestamp(register.now() + 2 * FRESH);
    let renewal = (pid, until, 1_u8, DOC);
    assert_eq!(register.both("ann", "approve", &renewal), 16);
    let level = (pid, Qualification::Qualified { until }, DOC);
    assert_eq!(register.both("ann", "set_qualification", &level), 16);
    register.screen("ann", ScreeningResult::Hit);
    assert_eq!(register.both("ann", "propose_clear_hit", &(pid, DOC)), 16);
    let id: u64 = register
        .call("compliance", "propose_clear_hit", &(pid, DOC))
        .expect("proposed");
    assert_eq!(register.both("ann", "approve_clear_hit", &id), 16);
    let act = (pid, 1_u16, DOC);
    register.done("compliance", "suspend", &act);
    assert_eq!(register.both("ann", "propose_reinstate", &act), 16);
    let id: u64 = register
        .call("compliance", "propose_reinstate", &act)
        .expect("proposed");
    assert_eq!(register.both("ann", "approve_reinstate", &id), 16);
}
