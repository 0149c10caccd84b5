//! Random histories: E1, E2, E3, E5, E9 after every act, and books from events alone.
//!
//! Many small acts of all parties, some of them hostile, with a clock that lands on deadlines and one
//! second beside them. The random numbers come from a fixed seed.

use crate::fixture::{DOC, Fixture, TRADE, UnderTest, clauses, end_of_day, events};
use export_escrow::credit::{Source, Stage};
use export_escrow::event::{Ended, Funded, Paid, Presented, Settled, Turn, Turned};
use export_escrow::presentation::{Disposal, Standing, Verdict};
use export_escrow::view::PresentationView;
use std::collections::BTreeMap;
use weighhouse_primitives::{Amount, Event, Hash, Outcome, Receipt, Timestamp};
use weighhouse_standard::interface::Trade;
use weighhouse_testkit::Dice;
use weighhouse_testkit::world::START;

/// Three credits: plain, confirmed, in one draw.
pub(crate) fn credits(on: &mut Fixture) {
    on.credit();
    on.confirmed();
    let mut single = clauses();
    single.partial_allowed = false;
    on.issued(single);
}

/// One random act, likely or not to be refused; after a dry run, which must answer the same.
pub(crate) fn act(on: &mut Fixture, random: &mut Dice) -> (Receipt, u16) {
    if random.below(6) == 0 {
        let day = random.below(65);
        let to = Timestamp(end_of_day(day).0 + random.below(3) - 1);
        if to > on.world.time && to.0 < on.world.time.0 + 4 * 86_400 {
            on.go(to);
        }
    }
    if random.below(10) == 0 {
        let who = random.pick(&["importer", "exporter", "confirmer"]);
        let code = random.pick(&[0, 0, 0, 0, 101, 102, 103]);
        on.standing_of(who, code, code);
    }
    let lc = 1 + random.below(3);
    let last = on.view(lc).credit.presentations;
    let n = last.saturating_sub(random.below(4)).max(1);
    let this = (lc, n);
    let kind = if random.below(3) == 0 {
        random.below(10)
    } else {
        fitting(on, this, random)
    };
    let none: Option<Hash> = None;
    match kind {
        0 => {
            let mut offer = on.offer(lc, random.pick(&[5_u128, 10, 30, 30, 60, 950]));
            let ago = random.below(86_400).min(on.world.time.0 - START.0);
            offer.3 = Timestamp(on.world.time.0 - ago);
            both(on, "exporter", "present", &offer)
        }
        1 => both(on, "exporter", "complete", &this),
        2 => both(on, "bank", "examine", &(lc, n, Verdict::Complying)),
        3 => {
            let refusal = (lc, n, vec!["no".to_owned()], Disposal::Return);
            both(on, random.pick(&["bank", "nominee"]), "refuse", &refusal)
        }
        4 => both(on, "other", "honour", &this),
        5 => both(on, "confirmer", "honour_confirming", &(lc, n, none)),
        6 => both(on, "other", "reimburse", &this),
        7 => both(on, "importer", "open_dispute", &(lc, n, DOC)),
        8 => {
            let shown: Option<PresentationView> = on.ask("presentation", &this);
            let claim = shown.map_or(0, |shown| shown.presentation.claim.0);
            let pay = u128::from(random.below(200)).min(claim);
            let award = (lc, n, Amount(pay), Amount(claim - pay), DOC);
            both(on, "arbiter", "award", &award)
        }
        _ => both(on, "other", "expire", &lc),
    }
}

/// The number of an act that the presentation waits for.
fn fitting(on: &Fixture, this: (u64, u64), random: &mut Dice) -> u64 {
    let shown: Option<PresentationView> = on.ask("presentation", &this);
    match shown.map(|shown| (shown.standing, shown.disputed)) {
        Some((_, true)) => 8,
        Some((Standing::Presented, _)) => 1,
        Some((Standing::Examining, _)) => random.pick(&[2, 2, 3, 7]),
        Some((Standing::Complying | Standing::Precluded, _)) => random.pick(&[4, 4, 5, 7]),
        Some((Standing::Reimbursable, _)) => 6,
        _ => 0,
    }
}

fn both(
    on: &mut Fixture,
    who: &str,
    entry: &str,
    arguments: &impl parity_scale_codec::Encode,
) -> (Receipt, u16) {
    let dry = on.check(who, entry, arguments);
    let receipt = on.receipt(who, entry, arguments);
    let wet = match &receipt.outcome {
        Outcome::Succeeded { .. } => 0,
        Outcome::Reverted { code, .. } => *code,
        Outcome::Halted(reason) => panic!("{entry}: {reason:?}"),
    };
    assert_eq!(dry, wet, "{entry} of {who}");
    (receipt, wet)
}

/// Books kept outside, from events alone.
#[derive(Default)]
struct Books {
    /// By credit and source: funded, drawn, returned.
    money: BTreeMap<(u64, u8), [u128; 3]>,
    /// By presentation: claim, times settled, times refused.
    claims: BTreeMap<(u64, u64), (u128, u32, u32)>,
    paid: u128,
    counted: u128,
}

impl Books {
    fn enter(&mut self, all: &[Event]) {
        for Funded {
            lc, source, amount, ..
        } in events(all, "Funded")
        {
            self.money.entry((lc, source as u8)).or_default()[0] += amount.0;
        }
        for Presented { lc, n, claim, .. } in events(all, "Presented") {
            self.claims.insert((lc, n), (claim.0, 0, 0));
        }
        for Turned { lc, n, turn, .. } in events(all, "Turned") {
            let refused = matches!(turn, Turn::Refused { .. });
            self.claims.get_mut(&(lc, n)).expect("presented").2 += u32::from(refused);
        }
        for Settled {
            lc,
            n,
            kind,
            source,
            drawn,
            returned,
            ..
        } in events(all, "Settled")
        {
            let books = self.money.entry((lc, source as u8)).or_default();
            books[1] += drawn.0;
            books[2] += returned.0;
            let again = kind == export_escrow::event::PaymentKind::Reimbursement;
            self.claims.get_mut(&(lc, n)).expect("presented").1 += u32::from(!again);
            self.counted += if source == Source::Applicant {
                drawn.0
            } else {
                0
            };
        }
        for Paid { amount, .. } in events(all, "Paid") {
            self.paid += amount.0;
        }
        for Ended {
            lc,
            applicant,
            confirming,
            provider,
            ..
        } in events(all, "Ended")
        {
            for (source, amount) in (0_u8..).zip([applicant, confirming, provider]) {
                self.money.entry((lc, source)).or_default()[2] += amount.0;
            }
        }
    }
}

/// Goal: over random histories what was funded is drawn, returned or held, no claim is settled or
/// refused twice, none exceeds the credit, the trade grows by what the importer's money paid, and events
/// alone give the same books; every dry run answered what its execution did.
#[test]
fn e1_e2_e3_e5_e9_random_histories_balance() {
    let (mut on, mut random, mut books) = (Fixture::new(), Dice::new(5), Books::default());
    credits(&mut on);
    for lc in 1..=3 {
        for source in [Source::Applicant, Source::Confirming] {
            let funded = on.books(lc, source).0;
            books.money.insert((lc, source as u8), [funded, 0, 0]);
        }
    }
    let (mut succeeded, mut seen) = (0, BTreeMap::new());
    for step in 0..240 {
        let (receipt, code) = act(&mut on, &mut random);
        succeeded += u32::from(code == 0);
        *seen.entry(code).or_insert(0_u32) += 1;
        books.enter(&receipt.events);
        balance(&on, &books, step);
    }
    assert!(succeeded > 50, "a history in which things happen: {seen:?}");
    assert!(books.paid > 0);
}

fn balance(on: &Fixture, books: &Books, step: u32) {
    for ((lc, key), [funded, drawn, returned]) in &books.money {
        let source = [Source::Applicant, Source::Confirming, Source::Provider][usize::from(*key)];
        let held = funded - drawn - returned;
        assert_eq!(
            on.books(*lc, source),
            (*funded, *drawn, *returned, held),
            "step {step}"
        );
        let view = on.view(*lc);
        assert!(*drawn <= view.max_draw.0, "step {step}");
        if view.credit.stage != Stage::Issued {
            assert_eq!(held, 0, "step {step}: an ended credit holds nothing");
        }
    }
    for (claim, settled, refused) in books.claims.values() {
        assert!(
            *settled <= 1 && *refused <= 1 && *claim <= 1_100,
            "step {step}"
        );
    }
    let trade: Option<Trade> = on.on.register.query(&on.world, "trade", &TRADE);
    assert_eq!(
        trade.expect("a trade").settled.0,
        books.counted,
        "step {step}"
    );
}
