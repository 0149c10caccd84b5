//! Stories of the token by itself: no register, everybody may hold units.

use crate::chance::{amount, document, holder, mostly, number, receiver, second, signer};
use crate::market::pid;
use crate::market_chance::forced;
use crate::office_chance::office_message;
use crate::rig::{Rig, open_token};
use crate::story::Stage;
use std::collections::BTreeSet;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ADMIN, ANN, BOB, CAT, COMPLIANCE, COMPLIANCE_2, HOLDERS, IMP, ISSUER, MINTER, MINTER_2, NOTARY,
    OP_2, OPERATOR, PAUSER, REGULATOR, SYSTEM, TOKEN, Who,
};
use weighhouse_testkit::model::life::{Role, Status};
use weighhouse_testkit::model::message::{Message, TokenMessage};
use weighhouse_testkit::model::token::hold::Terms;
use weighhouse_testkit::model::token::movement::{Payment, Purpose, allowed};
use weighhouse_testkit::model::token::supply::Issue;
use weighhouse_testkit::model::token::{Act, Hold, Token};
use weighhouse_testkit::model::{Model, Units};

/// Most units of the token of a story.
pub(crate) const CAP: Units = 1_000_000;

/// The token by itself.
pub(crate) struct TokenStage;

/// A token without units.
pub(crate) fn fresh(more: &[(Role, Who)]) -> Token {
    let mut token = Token {
        at: TOKEN,
        cap: CAP,
        threshold: CAP / 10,
        ..Token::default()
    };
    let officers = [
        (Role::Admin, ADMIN),
        (Role::Issuer, ISSUER),
        (Role::Pauser, PAUSER),
        (Role::Compliance, COMPLIANCE),
        (Role::Compliance, COMPLIANCE_2),
        (Role::Regulator, REGULATOR),
        (Role::Minter, MINTER),
        (Role::Minter, MINTER_2),
        (Role::Registrar, SYSTEM),
    ];
    token.life.officers = officers
        .iter()
        .chain(more)
        .copied()
        .collect::<BTreeSet<_>>();
    token
}

impl Stage for TokenStage {
    fn name(&self) -> &'static str {
        "the_token_by_itself"
    }

    fn blank(&self) -> Model {
        Model {
            token: fresh(&[]),
            ..Model::default()
        }
    }

    fn deploy(&self, rig: &mut Rig, model: &Model) {
        let open = open_token(rig, model);
        rig.deploy(TOKEN, "dfa-token", &open);
    }

    fn wanted(&self) -> &'static [(&'static str, u64)] {
        &[
            ("transfer", 8_000),
            ("transfer_from", 2_000),
            ("batch_transfer", 1_500),
            ("mint", 2_500),
            ("approve_mint", 150),
            ("burn", 100),
            ("burn_hold", 50),
            ("apply_ratio", 150),
            ("create_hold", 2_000),
            ("create_hold_from", 300),
            ("permit", 700),
            ("execute_hold", 600),
            ("release_hold", 300),
            ("reclaim_hold", 200),
            ("approve_void_hold", 100),
        ]
    }

    fn next(&self, dice: &mut Dice, model: &Model) -> (Who, Message) {
        if dice.once_in(50) {
            return office_message(dice, model);
        }
        let (by, message) = token_message(dice, model);
        (by, Message::Token(message))
    }
}

fn payment(dice: &mut Dice, model: &Model, from: Who) -> Payment {
    let most = model.available(from);
    (receiver(dice), amount(dice, most), dice.once_in(2))
}

fn purpose(dice: &mut Dice, model: &Model) -> Purpose {
    if model.register.is_none() || dice.once_in(3) {
        return Purpose::General;
    }
    dice.pick(&[
        Purpose::TradeSettlement,
        Purpose::ExportConversion,
        Purpose::ImportFunding,
        Purpose::MinedSale { lot: 1 },
    ])
}

fn terms(dice: &mut Dice, model: &Model, owner: Who, most: Units) -> Terms {
    let purpose = purpose(dice, model);
    let most = most.min(model.available(owner));
    Terms {
        to: dice.once_in(2).then(|| receiver(dice)),
        amount: amount(dice, most),
        notary: dice.pick(&[NOTARY, NOTARY, SYSTEM, owner, ISSUER]),
        expiry: second(dice, model.now),
        purpose,
        reference: dice.pick(&[0, 1, 2, 3]),
    }
}

fn issue(dice: &mut Dice, model: &Model) -> Issue {
    let room = model.token.cap.saturating_sub(model.token.supply);
    let most = if dice.once_in(4) {
        room
    } else {
        model.token.threshold.min(room) / 4
    };
    Issue {
        to: receiver(dice),
        amount: amount(dice, most),
        doc: document(dice),
        release_at: dice.once_in(4).then(|| second(dice, model.now)),
    }
}

/// A pair of owner and spender with an allowance, mostly, and what may be taken.
fn allowance(dice: &mut Dice, model: &Model) -> (Who, Who, Units) {
    let pairs: Vec<(Who, Who)> = model.token.allowances.keys().copied().collect();
    let (owner, spender) = if pairs.is_empty() || dice.once_in(10) {
        (holder(dice, model), dice.pick(HOLDERS))
    } else {
        dice.pick(&pairs)
    };
    let left = allowed(model, owner, spender).map_or(0, |allowance| allowance.amount);
    (owner, spender, left)
}

/// Something about a hold.
fn of_hold(dice: &mut Dice, model: &Model, kind: u64) -> (Who, TokenMessage) {
    use TokenMessage as M;
    let given = u64::try_from(model.token.holds.len()).expect("few");
    let agreed = model.token.holds.iter();
    let agreed = agreed.filter(|(_, hold)| hold.is_open() && hold.renewable);
    let agreed: Vec<u64> = agreed.map(|(id, _)| *id).collect();
    // Who agreed to a later end gets one, mostly.
    let id = if kind == 11 && !agreed.is_empty() && !dice.once_in(4) {
        dice.pick(&agreed)
    } else {
        number(dice, given)
    };
    let hold: Option<&Hold> = model.token.holds.get(&id);
    let left = hold.map_or(1, |hold| hold.left);
    let notary = hold.map_or(NOTARY, |hold| hold.notary);
    let owner = hold.map_or(NOTARY, |hold| model.token.heir_of(hold.owner));
    match kind {
        0..=5 => {
            let fixed = hold.and_then(|hold| hold.to).filter(|_| !dice.once_in(12));
            let to = fixed.unwrap_or_else(|| receiver(dice));
            let by = mostly(dice, notary);
            (
                by,
                M::ExecuteHold(id, to, amount(dice, left), dice.once_in(2)),
            )
        }
        6 => {
            let by = mostly(dice, notary);
            (by, M::BurnHold(id, amount(dice, left), document(dice)))
        }
        7 | 8 => {
            let payee = hold.and_then(|hold| hold.to).filter(|_| dice.once_in(3));
            let by = mostly(dice, payee.unwrap_or(notary));
            (by, M::ReleaseHold(id, amount(dice, left)))
        }
        9 => (mostly(dice, owner), M::ReclaimHold(id)),
        10 => (mostly(dice, owner), M::ConsentRenewal(id, !dice.once_in(5))),
        11 => {
            let later = hold.map_or(0, |hold| hold.expiry.min(u64::MAX / 4)) + dice.below(9_000);
            let expiry = if dice.once_in(4) {
                second(dice, model.now)
            } else {
                later
            };
            (mostly(dice, notary), M::RenewHold(id, expiry))
        }
        _ => {
            let officer = dice.pick(&[COMPLIANCE, COMPLIANCE_2, REGULATOR]);
            (
                mostly(dice, officer),
                M::ProposeVoidHold(id, document(dice)),
            )
        }
    }
}

/// The approval of something proposed.
fn approval(dice: &mut Dice, model: &Model) -> (Who, TokenMessage) {
    let id = number(dice, model.token.proposed);
    let issue = match model.token.proposals.get(&id).map(|proposal| &proposal.act) {
        Some(Act::Mint(_)) => true,
        Some(Act::Void(_)) => false,
        None => dice.once_in(2),
    };
    if issue {
        let by = dice.pick(&[MINTER, MINTER_2]);
        (mostly(dice, by), TokenMessage::ApproveMint(id))
    } else {
        let by = dice.pick(&[COMPLIANCE, COMPLIANCE_2, REGULATOR]);
        (mostly(dice, by), TokenMessage::ApproveVoidHold(id))
    }
}

/// A pause ends soon, mostly; the token seldom.
fn officers(dice: &mut Dice, model: &Model) -> (Who, TokenMessage) {
    let paused = model.token.life.status == Status::Paused;
    match dice.below(60) {
        0 if dice.once_in(3) => (
            mostly(dice, ADMIN),
            TokenMessage::Deactivate(document(dice)),
        ),
        1..=3 => (mostly(dice, PAUSER), TokenMessage::Pause),
        _ if paused => (mostly(dice, PAUSER), TokenMessage::Unpause),
        4 => (mostly(dice, PAUSER), TokenMessage::Unpause),
        _ => approval(dice, model),
    }
}

/// Days on which holders are counted, and those who hold for others.
fn nominees(dice: &mut Dice, model: &Model) -> (Who, TokenMessage) {
    use TokenMessage as M;
    let token = &model.token;
    let open: Vec<Who> = token.nominees.keys().copied().collect();
    match dice.below(4) {
        0 => {
            let by = dice.pick(&[SYSTEM, ISSUER]);
            let days = dice.pick(&[0, 1, 1, 30, u16::MAX]);
            let at = second(dice, model.now);
            (mostly(dice, by), M::AnnounceRecordDate(at, days))
        }
        1 if open.is_empty() || dice.once_in(6) => {
            let who = dice.pick(&[OP_2, OP_2, CAT, ANN]);
            (mostly(dice, OPERATOR), M::OpenNominee(who))
        }
        _ => {
            let who = if open.is_empty() {
                OP_2
            } else {
                dice.pick(&open)
            };
            let over = token.record_dates.iter().map(|(at, _)| *at);
            let over: Vec<_> = over.filter(|at| *at < model.now).collect();
            let as_of = if over.is_empty() || dice.once_in(8) {
                second(dice, model.now.saturating_sub(1))
            } else {
                dice.pick(&over)
            };
            let then = token.balances_at(as_of);
            let all = then.get(&who).copied().unwrap_or(0);
            let part = amount(dice, all).min(all);
            let rest = if dice.once_in(8) { all } else { all - part };
            let owners = [pid(ANN), pid(IMP), pid(BOB), pid(OP_2), 99];
            let owner = (!dice.once_in(4)).then(|| dice.pick(&owners));
            let list = vec![(owner, part), (None, rest)];
            (mostly(dice, who), M::FileOwners(who, as_of, list))
        }
    }
}

/// Something said to the token.
#[expect(
    clippy::too_many_lines,
    reason = "a table: one line for each thing that can be said"
)]
pub(crate) fn token_message(dice: &mut Dice, model: &Model) -> (Who, TokenMessage) {
    use TokenMessage as M;
    let from = signer(holder(dice, model));
    let held = model.token.purses.values().any(|purse| purse.held != 0);
    if dice.once_in(if held { 200 } else { 25 }) {
        let (num, den) = dice.pick(&[
            (2, 1),
            (1, 2),
            (3, 2),
            (2, 3),
            (1, 1),
            (0, 1),
            (1, 0),
            (u64::MAX, 1),
        ]);
        return (mostly(dice, SYSTEM), M::ApplyRatio(num, den, 1));
    }
    if dice.once_in(30) {
        return nominees(dice, model);
    }
    match dice.below(40) {
        0..=7 => (from, M::Transfer(payment(dice, model, from))),
        8 | 9 => {
            let items = if dice.once_in(300) {
                257
            } else {
                dice.below(5)
            };
            let payments = (0..items).map(|_| payment(dice, model, from));
            let payments: Vec<_> = payments
                .map(|(to, much, told)| (to, much / 3, told))
                .collect();
            (from, M::BatchTransfer(payments))
        }
        10..=12 => {
            let spender = if dice.once_in(6) {
                receiver(dice)
            } else {
                dice.pick(HOLDERS)
            };
            let most = model.available(from);
            (
                from,
                M::Approve(spender, amount(dice, most), second(dice, model.now)),
            )
        }
        13 => {
            let owner = holder(dice, model);
            let next = model.token.nonces.get(&owner).copied().unwrap_or(0);
            let nonce = if dice.once_in(5) {
                dice.below(next + 2)
            } else {
                next
            };
            let much = amount(dice, model.available(owner));
            let times = (second(dice, model.now), second(dice, model.now));
            let permit = (owner, dice.pick(HOLDERS), much, times.0, nonce, times.1);
            let signed = !dice.once_in(8) && signer(owner) == owner;
            (mostly(dice, from), M::Permit(permit, signed))
        }
        14..=16 => {
            let (owner, spender, left) = allowance(dice, model);
            let most = left.min(model.available(owner));
            let payment = (receiver(dice), amount(dice, most), dice.once_in(2));
            (mostly(dice, spender), M::TransferFrom(owner, payment))
        }
        17..=19 => (mostly(dice, MINTER), M::Mint(issue(dice, model))),
        20 => (mostly(dice, MINTER), M::ProposeMint(issue(dice, model))),
        21 => {
            let (by, of) = dice.pick(&[(ISSUER, ISSUER), (SYSTEM, from), (ISSUER, from)]);
            let most = model.available(of);
            (
                mostly(dice, by),
                M::Burn(of, amount(dice, most), document(dice)),
            )
        }
        22..=24 => {
            let most = model.available(from);
            (from, M::CreateHold(terms(dice, model, from, most)))
        }
        25 | 26 => {
            let (owner, spender, left) = allowance(dice, model);
            let terms = terms(dice, model, owner, left);
            (mostly(dice, spender), M::CreateHoldFrom(owner, terms))
        }
        27..=35 => {
            let kind = dice.below(14);
            of_hold(dice, model, kind)
        }
        36 => {
            let purpose = purpose(dice, model);
            let trade = dice.pick(&[None, Some(1), Some(2), Some(3)]);
            let much = amount(dice, model.available(from));
            (from, M::TransferFor(receiver(dice), much, purpose, trade))
        }
        37 if model.register.is_some() => forced(dice, model),
        37 => {
            // Forced measures and recoveries of things that no register knows.
            let order = (number(dice, 3), document(dice));
            match dice.below(3) {
                0 => (from, M::ForcedBurn(from, 1, order.0, order.1)),
                1 => (
                    from,
                    M::ForcedTransfer(from, receiver(dice), 1, order.0, order.1),
                ),
                _ => (from, M::Recover(from, receiver(dice))),
            }
        }
        _ => officers(dice, model),
    }
}
