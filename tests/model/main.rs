//! Contracts against the reference model: random stories, partly hostile, told to both.
//!
//! After every message the outcome is compared, after every block every balance, hold and state. A
//! difference is cut down to the steps it needs and printed with the command that repeats it.
//!
//! `WEIGHHOUSE_MODEL_OPERATIONS` says how many messages all stories have together (100,000 if it is not
//! set), `WEIGHHOUSE_MODEL_SEED` with which seed they begin, `WEIGHHOUSE_MODEL_STORY` tells one story
//! alone: the replay.
#![expect(
    clippy::print_stderr,
    reason = "how fast a long run goes is for whoever waits for it"
)]

mod chance;
mod compare;
mod compare_rights;
mod credit;
mod credit_chance;
mod credit_fx;
mod credit_law;
mod credit_papers;
mod credit_steps;
mod credit_terms;
mod licence_chance;
mod market;
mod market_chance;
mod mistake;
mod office_chance;
mod request_chance;
mod rig;
mod rights;
mod rights_chance;
mod story;
mod tally;
mod token;
mod wire;
mod wire_escrow;
mod wire_rights;

use rig::Rig;
use std::time::Instant;
use story::{Stage, report, shrink, tell, write};
use tally::Tally;
use weighhouse_testkit::Dice;
use weighhouse_testkit::variable::variable;

/// Messages of all stories together.
const OPERATIONS: u64 = 100_000;
/// Messages of one story.
const LENGTH: usize = 500;
/// Stories on one chain: then a new one begins, so that memory stays bounded.
const STORIES: u64 = 40;
/// Blocks after which everything is compared, not only what is cheap to ask for.
const RESTS: usize = 5;
/// What stories are made from.
const SEED: u64 = 0x5eed;

/// Tells stories of this stage, `percent` of all operations, from `lane`.
fn play(stage: &dyn Stage, lane: u64, percent: u64) {
    if let Some(seed) = variable("WEIGHHOUSE_MODEL_STORY") {
        return tell_one(&mut Rig::new(), stage, seed);
    }
    let operations = variable("WEIGHHOUSE_MODEL_OPERATIONS").unwrap_or(OPERATIONS);
    let seed = variable("WEIGHHOUSE_MODEL_SEED").unwrap_or(SEED);
    let length = u64::try_from(LENGTH).expect("short");
    let stories = (operations * percent / 100).div_ceil(length).max(1);
    let (mut rig, mut tally, began) = (Rig::new(), Tally::default(), Instant::now());
    for story in 0..stories {
        if story % STORIES == STORIES - 1 {
            tally.add(&rig.tally);
            rig = Rig::new();
        }
        tell_one(
            &mut rig,
            stage,
            Dice::part(seed, (lane << 40) | story).throw(),
        );
    }
    tally.add(&rig.tally);
    let (told, seconds) = (stories * length, began.elapsed().as_secs_f64());
    let name = stage.name();
    eprintln!("{name}: seed {seed:#x}, {told} messages in {seconds:.1} s\n{tally}");
    let wanted = stage.wanted();
    let missing = tally.missing(wanted, told);
    assert!(
        missing.is_empty(),
        "{name}: too seldom with success: {missing:?}\n{tally}"
    );
}

/// Messages that move units, or set them free.
const MONEY: &[&str] = &[
    "transfer",
    "transfer_for",
    "transfer_from",
    "batch_transfer",
    "mint",
    "approve_mint",
    "burn",
    "create_hold",
    "create_hold_from",
    "execute_hold",
    "burn_hold",
    "release_hold",
    "reclaim_hold",
    "approve_void_hold",
    "forced_transfer",
    "forced_burn",
    "recover",
    "succession_transfer",
    "apply_ratio",
    "honour",
    "honour_confirming",
    "reimburse",
    "waive_reimbursement",
    "release_milestone",
    "award",
    "approve_release_under_licence",
    "execute_hold_licensed",
    "cancel",
    "expire",
];

/// Goal: of every message that moves money some stage says how often it must succeed, and that is not
/// never.
#[test]
fn every_move_of_money_is_wanted() {
    let open = market::MarketStage { ring_fenced: false };
    let fenced = market::MarketStage { ring_fenced: true };
    let stages: [&dyn Stage; 5] = [
        &token::TokenStage,
        &open,
        &fenced,
        &credit::CreditStage,
        &rights::RightsStage,
    ];
    let wanted = stages.iter().flat_map(|stage| stage.wanted());
    let wanted: Vec<&str> = wanted
        .filter(|(_, times)| *times > 0)
        .map(|w| w.0)
        .collect();
    let missing = MONEY.iter().filter(|entry| !wanted.contains(*entry));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}

fn tell_one(rig: &mut Rig, stage: &dyn Stage, seed: u64) {
    let steps = write(stage, seed, LENGTH);
    if let Err(difference) = tell(rig, stage, &steps, RESTS) {
        let cut = shrink(rig, stage, &steps);
        let whole = (&difference, &steps[difference.step]);
        panic!("{}", report(stage, seed, whole, &cut));
    }
}

/// Goal: the token without a register answers and keeps what the model does.
#[test]
fn the_token_by_itself() {
    play(&token::TokenStage, 1, 24);
}

/// Goal: register and token together do: who is vetted, frozen, qualified; limits, directives, orders.
#[test]
fn the_token_with_a_register() {
    let stage = market::MarketStage { ring_fenced: false };
    play(&stage, 2, 20);
}

/// Goal: so do register and a token of units for foreign trade, inside the fence and outside.
#[test]
fn the_fenced_token() {
    let stage = market::MarketStage { ring_fenced: true };
    play(&stage, 3, 16);
}

/// Goal: so do credits: presentations, deadlines to the second, parts, amendments, waivers, confirmation,
/// transfer, assignment, disputes, bills of lading, banks that lose their licence, parties frozen in
/// mid-settlement.
#[test]
fn credits() {
    play(&credit::CreditStage, 4, 22);
}

/// Goal: so does the registry of rights: owners, restrictions, the queue, division and merger, rights to
/// use, records, orders of authorities, and every state of the past.
#[test]
fn rights() {
    play(&rights::RightsStage, 5, 18);
}
