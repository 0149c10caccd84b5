//! Invariants over random histories: R1 to R8, from events alone.
//!
//! Many small random acts of a few parties and officers; after each the books, kept outside from events
//! alone, must agree with the invariants, and at the end with the registry. The random numbers come from
//! a fixed seed, so that a failure is the same on every machine.

use crate::fixture::{DOC, Fixture, UnderTest, at, events, mortgage, pid, transfer};
use crate::parcel::{merge, pieces};
use rights_registry::application::{Application, Request};
use rights_registry::arrest::ForcedTransfer;
use rights_registry::event::{ApplicationEvent, Cause, Changed, Step, Subject};
use rights_registry::object::{Class, Detail, Object, Status};
use rights_registry::record::RecordType;
use rights_registry::restriction::RestrictionKind;
use rights_registry::storage::Version;
use rights_registry::usage::{UseKind, UseRight, UseState};
use rights_registry::view::RightView;
use std::collections::BTreeMap;
use weighhouse_primitives::{Address, Amount, Outcome, Receipt, Timestamp};
use weighhouse_standard::fraction::Fraction;
use weighhouse_testkit::Dice;

pub(crate) const PARTIES: [&str; 4] = ["ann", "bob", "cat", "dan"];

/// Books kept outside, from events alone.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) objects: BTreeMap<u64, Object>,
    rights: BTreeMap<u64, UseRight>,
    applications: BTreeMap<u64, Application>,
    pub(crate) open: Vec<u64>,
    last_entry: BTreeMap<u64, u64>,
    registered: u32,
    /// Orders in force, by object: the test makes them.
    pub(crate) orders: BTreeMap<u64, Vec<u64>>,
    /// What each object was at the end of each second.
    history: BTreeMap<(u64, u64), Object>,
    land: u128,
    seq: u64,
}

impl Books {
    /// Enters the events of an act and checks what must hold after each.
    pub(crate) fn enter(&mut self, now: u64, receipt: &Receipt) {
        for event in &receipt.events {
            let seq = u64::from_le_bytes(event.data[..8].try_into().expect("a number first"));
            self.seq += 1;
            assert_eq!(seq, self.seq, "events are numbered without gaps");
        }
        for ApplicationEvent { entry, step, .. } in events(&receipt.events, "ApplicationEvent") {
            self.step(entry, step);
        }
        for Changed {
            id, cause, state, ..
        } in events(&receipt.events, "Changed")
        {
            match state {
                Subject::Right(right) => drop(self.rights.insert(id, right)),
                Subject::Object(object) => {
                    self.r3(id, &cause, &object);
                    if let Cause::Created { .. } = cause {
                        self.land += object.area.map_or(0, |area| area.0);
                    }
                    self.history.insert((id, now), object.clone());
                    self.objects.insert(id, object);
                }
            }
        }
        self.hold(now);
    }

    fn step(&mut self, entry: u64, step: Step) {
        match step {
            Step::Received { application } => {
                self.applications.insert(entry, application);
                self.open.push(entry);
            }
            Step::Consented { .. } => {}
            Step::Registered { .. } => {
                self.registered += 1;
                let application = &self.applications[&entry];
                let others = match &application.request {
                    Request::Merge { others, .. } => others.clone(),
                    _ => vec![],
                };
                for object in others.into_iter().chain([application.object]) {
                    let last = self.last_entry.insert(object, entry).unwrap_or(0);
                    assert!(last < entry, "R8: {entry} after {last} on {object}");
                    let waits = |other: &u64| {
                        let other = &self.applications[other];
                        other.object == object && other.at < application.at
                    };
                    assert!(
                        !self.open.iter().any(waits),
                        "R8: {entry} overtook on {object}"
                    );
                }
                self.open.retain(|open| *open != entry);
            }
            Step::Rejected { .. } | Step::Withdrawn => self.open.retain(|open| *open != entry),
        }
    }

    /// Goal: an object under orders changes owners by force of the earliest only.
    fn r3(&self, id: u64, cause: &Cause, object: &Object) {
        let orders = self.orders.get(&id).map_or(&[][..], Vec::as_slice);
        let owners = self.objects.get(&id).map(|before| &before.owners);
        if owners.is_some_and(|owners| *owners != object.owners) && !orders.is_empty() {
            let Cause::Forced { warrant, .. } = cause else {
                panic!("R3: {id} under {orders:?} by {cause:?}");
            };
            assert_eq!(Some(&warrant.order), orders.iter().min(), "R3: {id}");
        }
    }

    fn hold(&self, now: u64) {
        let mut land = 0;
        for (id, object) in &self.objects {
            let parts = object.owners.iter().map(|share| share.part);
            let sum = parts.fold(Fraction::ZERO, |sum, part| {
                sum.checked_add(&part).expect("fits")
            });
            let whole = if object.status == Status::Live {
                Fraction::ONE
            } else {
                Fraction::ZERO
            };
            assert_eq!(sum, whole, "R1: {id}");
            let live = object
                .restrictions
                .iter()
                .filter(|one| one.counts(Timestamp(now)));
            let mut ranks: Vec<u32> = live.filter_map(|one| one.rank).collect();
            ranks.sort_unstable();
            assert!(ranks.is_sorted_by(|a, b| a < b), "R2: {id} has {ranks:?}");
            if let Detail::Record(record) = &object.detail {
                let controller: Option<Address> = object.controller();
                let live = object.status == Status::Live;
                assert_eq!(controller.is_some(), live, "R4: {id}");
                assert_eq!(object.owners.len(), usize::from(live), "R4: {id}");
                assert!(
                    record.pledged.is_none() || controller == record.pledged,
                    "R4: {id}"
                );
            }
            if object.status != Status::Closed {
                land += object.area.map_or(0, |area| area.0);
            }
        }
        assert_eq!(land, self.land, "R5: land is neither made nor lost");
    }

    fn lives(&self, right: &UseRight, now: u64) -> bool {
        let counts =
            right.state == UseState::Granted && right.until.is_none_or(|until| now <= until.0);
        counts
            && match right.parent {
                Some(parent) => self.lives(&self.rights[&parent], now),
                None => self.objects[&right.object].status == Status::Live,
            }
    }
}

/// A random request on a random parcel.
fn request(f: &Fixture, random: &mut Dice, books: &Books) -> (&'static str, u64, Request) {
    let parcels = books
        .objects
        .iter()
        .filter(|(_, object)| object.class == Class::Parcel);
    let parcels: Vec<u64> = parcels.map(|(id, _)| *id).collect();
    let pick = |random: &mut Dice| {
        let place = random.below(parcels.len() as u64);
        parcels[usize::try_from(place).expect("small")]
    };
    let (id, other) = (pick(random), pick(random));
    let (mut from, to) = (random.pick(&PARTIES), random.pick(&PARTIES));
    if let Some(share) = books.objects[&id]
        .owners
        .first()
        .filter(|_| random.below(4) > 0)
    {
        from = crate::fixture::name_of(share.holder);
    }
    let part = (
        1 + u128::from(random.below(2)),
        2 + u128::from(random.below(3)),
    );
    let until = (random.below(2) == 0).then(|| Timestamp(f.now() + 3_000 + random.below(5_000)));
    let area = books.objects[&id].area.map_or(2, |area| area.0);
    let name = format!("N{}", random.below(1_000_000));
    let request = match random.below(11) {
        0..=2 => transfer(from, to, part),
        3 => Request::Mortgage {
            share: (random.below(2) == 0).then(|| (pid(from), part)),
            creditor: pid("bank"),
            rank: 1 + u32::try_from(random.below(2)).expect("small"),
            amount: Amount(9),
            until,
        },
        4 => mortgage("bank", 3),
        5 => Request::Discharge {
            restriction: books.objects[&id]
                .restrictions
                .first()
                .map_or(0, |one| one.id),
        },
        6 => Request::Lease {
            tenant: pid(to),
            acts: vec!["farm".into()],
            until: Timestamp(f.now() + 9_000),
        },
        7 => Request::Restrict {
            kind: RestrictionKind::Caution,
            favour: pid(to),
            until,
        },
        8 => pieces(&[(&name, area / 2), (&format!("{name}b"), area - area / 2)]),
        9 => merge(&[other], &name),
        _ => Request::FirstOwnership {
            shares: vec![(pid(from), (1, 1))],
        },
    };
    (from, id, request)
}

/// A random act about the queue of applications.
fn queue_act(f: &mut Fixture, random: &mut Dice, books: &Books) -> Option<Receipt> {
    let first = books.open.first().copied();
    let place = random.below(books.open.len().max(1) as u64);
    let entry = books
        .open
        .get(usize::try_from(place).expect("small"))
        .copied()?;
    match random.below(6) {
        0 => {
            let applicant = crate::fixture::name_of(books.applications[&entry].applicant);
            Some(f.receipt(applicant, "withdraw", &entry))
        }
        1 => Some(f.receipt(random.pick(&PARTIES), "consent", &entry)),
        _ => {
            let entry = if random.below(3) == 0 { entry } else { first? };
            f.cool(entry);
            let doc = f.doc();
            let arguments = (entry, doc);
            Some(f.receipt("registrar", "propose_register", &arguments))
        }
    }
}

/// A random act about orders.
fn order_act(f: &mut Fixture, random: &mut Dice, books: &mut Books) -> Option<Receipt> {
    let ids: Vec<u64> = books.objects.keys().copied().collect();
    let id = ids[usize::try_from(random.below(ids.len() as u64)).expect("small")];
    let standing = books.orders.entry(id).or_default();
    match (random.below(5), standing.first().copied()) {
        (0, None) => {
            standing.push(f.order(id, None));
            None
        }
        (1, Some(_)) if standing.len() < 2 => {
            standing.push(f.order(id, None));
            None
        }
        (0, Some(order)) => Some(f.receipt("eve", "arrest", &(id, order))),
        (2 | 3, Some(order)) => {
            standing.remove(0);
            f.end_order(order);
            Some(f.receipt("eve", "lift", &(id, order)))
        }
        (_, Some(_)) => {
            let place = random.below(standing.len() as u64);
            let act = ForcedTransfer {
                object: id,
                from: pid(random.pick(&PARTIES)),
                to: pid(random.pick(&PARTIES)),
                part: (1, 1 + u128::from(random.below(2))),
                order: standing[usize::try_from(place).expect("small")],
                doc: DOC,
            };
            Some(f.receipt("enforcer", "forced_transfer", &act))
        }
        _ => None,
    }
}

/// A random act about records and rights to use.
fn market_act(f: &mut Fixture, random: &mut Dice, books: &Books) -> Receipt {
    let (mut who, to) = (random.pick(&PARTIES), random.pick(&PARTIES));
    let mut id = 1 + random.below(books.objects.len() as u64 + 12);
    let records = books
        .objects
        .iter()
        .filter(|(_, object)| object.controller().is_some());
    let records: Vec<(u64, &Object)> = records.map(|(id, object)| (*id, object)).collect();
    if let Some((record, object)) = records.last().filter(|_| random.below(5) > 0) {
        (id, who) = (*record, crate::fixture::name_of(object.owners[0].holder));
    }
    let until = Some(Timestamp(f.now() + 1 + random.below(4_000)));
    match random.below(11) {
        0 => {
            let arguments = (
                RecordType::BillOfLading,
                f.doc().to_string()[..20].to_owned(),
                f.doc(),
                at(who),
            );
            f.receipt("carrier", "issue_record", &arguments)
        }
        1..=3 => {
            let by = [who, "vault"][usize::try_from(random.below(2)).expect("small")];
            f.receipt(by, "endorse", &(id, at(to)))
        }
        4 => f.receipt(who, "pledge_control", &(id, at("vault"))),
        5 => f.receipt("vault", "return_control", &id),
        6 if random.below(4) == 0 => f.receipt(who, "surrender", &id),
        7 if random.below(4) == 0 => {
            let doc = f.doc();
            f.receipt(who, "to_paper", &(id, doc))
        }
        8 => {
            let rights = vec!["walk".to_owned()];
            let revocable = random.below(2) == 0;
            f.receipt(
                who,
                "grant_use",
                &(id, UseKind::Use, pid(to), until, revocable, rights),
            )
        }
        9 => f.receipt(
            who,
            "sublicense",
            &(id, pid(to), until, vec!["walk".to_owned()]),
        ),
        10 => f.receipt(who, "revoke_use", &id),
        _ => f.receipt("eve", "reclaim", &id),
    }
}

/// One random act, likely or not to be refused; entered into the books.
pub(crate) fn act(f: &mut Fixture, random: &mut Dice, books: &mut Books) -> bool {
    let seconds = random.below(4) * 300;
    f.world.advance(seconds);
    let kind = random.below(10);
    let receipt = match kind {
        0..=2 => {
            let (from, id, request) = request(f, random, books);
            let others = [random.pick(&PARTIES), "bank", from, from, from, from];
            let who = others[usize::try_from(random.below(6)).expect("small")];
            Some(f.receipt(who, "apply", &(id, request, vec![DOC])))
        }
        3..=5 => queue_act(f, random, books),
        6 => order_act(f, random, books),
        _ => Some(market_act(f, random, books)),
    };
    let Some(receipt) = receipt else {
        return false;
    };
    books.enter(f.now(), &receipt);
    let done = receipt.outcome.is_success();
    if let Some(entry) = books.open.first().copied().filter(|_| !done && kind == 5) {
        // What cannot be registered does not hold the queue up for ever.
        let receipt = f.receipt("registrar", "reject", &(entry, "no".to_owned()));
        books.enter(f.now(), &receipt);
    }
    if let Outcome::Halted(reason) = &receipt.outcome {
        panic!("{reason:?}");
    }
    let proposed: Vec<rights_registry::event::Proposed> = proposals(&receipt);
    for proposal in proposed {
        let receipt = f.receipt("second registrar", "approve_register", &proposal.id);
        assert!(
            receipt.outcome.is_success(),
            "what was proposed is approved"
        );
        books.enter(f.now(), &receipt);
    }
    if let Some(entry) = books.open.last().copied().filter(|_| done && kind <= 2) {
        // Most applications get the consents they need, so that things happen.
        while let Some(missing) = f.view(entry).missing.filter(|_| random.below(12) > 0) {
            let who = crate::fixture::name_of(missing);
            let receipt = f.receipt(who, "consent", &entry);
            books.enter(f.now(), &receipt);
        }
    }
    done
}

fn proposals(receipt: &Receipt) -> Vec<rights_registry::event::Proposed> {
    events(&receipt.events, "Proposed")
}

/// A registry with four parcels and a record, and its books.
pub(crate) fn stage() -> (Fixture, Books) {
    let (mut f, mut books) = (Fixture::new(), Books::default());
    for number in 1..=4_u8 {
        let doc = f.doc();
        let arguments = (
            Class::Parcel,
            format!("P{number}"),
            DOC,
            Some(Amount(1_000)),
            doc,
        );
        let receipt = f.receipt("registrar", "create_object", &arguments);
        books.enter(f.now(), &receipt);
        let owner = PARTIES[usize::from(number) - 1];
        let shares = vec![(pid(owner), (1_u128, 1_u128))];
        let first = Request::FirstOwnership { shares };
        let receipt = f.receipt(owner, "apply", &(u64::from(number), first, vec![DOC]));
        books.enter(f.now(), &receipt);
        f.cool(u64::from(number));
        let doc = f.doc();
        let receipt = f.receipt("registrar", "propose_register", &(u64::from(number), doc));
        books.enter(f.now(), &receipt);
        let receipt = f.receipt("second registrar", "approve_register", &u64::from(number));
        books.enter(f.now(), &receipt);
    }
    (f, books)
}

/// Goal: after every act of a random history all invariants hold in books that are kept from events
/// alone, and at the end the registry says the same: every object, every right, every past state.
#[test]
fn r1_to_r8_over_random_histories() {
    for seed in [1, 4] {
        let (mut f, mut books) = stage();
        let mut random = Dice::new(seed);
        let done = (0..700)
            .filter(|_| act(&mut f, &mut random, &mut books))
            .count();
        f.world.advance(1);
        let now = f.now();
        for (id, object) in &books.objects {
            assert_eq!(f.object(*id), *object, "seed {seed}");
        }
        for (id, right) in &books.rights {
            let view: Option<RightView> = f.ask("right", id);
            let view = view.expect("a right");
            assert_eq!(view.right, *right, "seed {seed}");
            assert_eq!(view.lives, books.lives(right, now), "R7: seed {seed}, {id}");
        }
        for ((id, at), object) in &books.history {
            let version: Option<Version> = f.ask("as_at", &(*id, Timestamp(*at)));
            let state = version.map(|version| version.state);
            assert_eq!(
                state,
                Some(Subject::Object(object.clone())),
                "R6: seed {seed}, {at}"
            );
        }
        let registered = books.registered;
        assert!(
            done > 90 && registered > 20,
            "things happen: {done}, {registered}"
        );
        assert!(
            registered > 4,
            "seed {seed}: {registered} objects changed on application"
        );
    }
}
