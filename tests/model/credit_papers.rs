//! What credits rest on: holds that pay, documents that are shown, records behind them.

use crate::chance::{amount, mostly, number, second};
use crate::market::{DAY, pid, wallet_of};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    BANK, BANK_2, BOB, ESCROW, EXP, IMP, NOTARY, OP, STRANGER, Who,
};
use weighhouse_testkit::model::escrow::Credit;
use weighhouse_testkit::model::escrow::document::{Document, Presentation};
use weighhouse_testkit::model::message::{EscrowMessage, Message, TokenMessage};
use weighhouse_testkit::model::register::Pid;
use weighhouse_testkit::model::rights::Detail;
use weighhouse_testkit::model::rights::message::RightsMessage;
use weighhouse_testkit::model::rights::record::RecordType;
use weighhouse_testkit::model::token::hold;
use weighhouse_testkit::model::token::movement::Purpose;
use weighhouse_testkit::model::{Model, Seconds, Units};

type Said = (Who, EscrowMessage);

/// A hold that will do for a credit, mostly.
pub(crate) fn fund(dice: &mut Dice, model: &Model) -> (Who, Message) {
    if dice.once_in(5)
        && let Some(other) = model.of_other()
    {
        // Of who provides another unit.
        let terms = hold::Terms {
            to: dice.once_in(3).then_some(EXP),
            amount: 4_000 + u128::from(dice.below(9_000)),
            notary: ESCROW,
            expiry: Seconds::MAX,
            purpose: Purpose::General,
            reference: dice.pick(&[0, 3]),
        };
        let owner = if other.available(OP) < 4_000 {
            BANK
        } else {
            OP
        };
        return (owner, Message::Other(TokenMessage::CreateHold(terms)));
    }
    let importer = !dice.once_in(4);
    let owner = if importer { IMP } else { BANK_2 };
    let odd = amount(dice, model.available(owner).min(24_000));
    let terms = hold::Terms {
        to: dice.once_in(6).then_some(EXP),
        amount: if dice.once_in(5) {
            odd
        } else {
            9_000 + u128::from(dice.below(4_000))
        },
        notary: if dice.once_in(20) { NOTARY } else { ESCROW },
        expiry: if dice.once_in(20) {
            second(dice, model.now)
        } else {
            Seconds::MAX
        },
        purpose: if importer {
            Purpose::TradeSettlement
        } else {
            Purpose::General
        },
        reference: if dice.once_in(15) { 2 } else { 3 },
    };
    let by = mostly(dice, owner);
    (by, Message::Token(TokenMessage::CreateHold(terms)))
}

/// A hold that was made for a credit and is not behind one, mostly.
pub(crate) fn spare(dice: &mut Dice, model: &Model, owner: Who) -> u64 {
    let used = &model.escrow.as_ref().expect("an escrow").used_holds;
    let fits = model.token.holds.iter().filter(|(id, hold)| {
        hold.owner == owner
            && hold.notary == ESCROW
            && hold.is_open()
            && !used.contains(&(model.token.at, **id))
    });
    let fits: Vec<u64> = fits.map(|(id, _)| *id).collect();
    if fits.is_empty() || dice.once_in(10) {
        number(dice, u64::try_from(model.token.holds.len()).expect("few"))
    } else {
        dice.pick(&fits)
    }
}

/// Documents for what a credit wants, mostly.
pub(crate) fn documents(
    dice: &mut Dice,
    model: &Model,
    (credit, part): (Option<&Credit>, Option<usize>),
) -> Vec<Document> {
    let wanted = credit.map(|credit| credit.clauses.rules(part));
    // What was shown before is shown again, now and then.
    let before = credit.and_then(|credit| credit.shown.last());
    if let Some(before) = before.filter(|_| dice.once_in(6)) {
        return before.docs.clone();
    }
    let mut docs: Vec<Document> = Vec::new();
    for (kind, issuer, recorded) in wanted.unwrap_or_default() {
        let bill = recorded.then(|| bill(dice, model)).flatten();
        let hash = u16::try_from(1 + dice.below(60_000)).expect("small");
        docs.push(Document {
            kind,
            hash: bill.map_or(hash, |(_, doc)| doc),
            issuer: issuer.unwrap_or_else(|| pid(EXP)),
            number: u16::try_from(dice.below(9_000)).expect("small"),
            date: model.now.saturating_sub(dice.below(DAY)),
            record: bill.map(|(id, _)| id),
        });
    }
    match (dice.below(20), docs.first_mut()) {
        (0, Some(doc)) => doc.hash = 0,
        (1, Some(doc)) => doc.date = model.now + 1,
        (2, Some(doc)) => doc.issuer = pid(BOB),
        (3, Some(doc)) => doc.kind = 3,
        (4, _) => drop(docs.pop()),
        (5, Some(doc)) => {
            let twin = doc.clone();
            docs.push(twin);
        }
        (6, Some(doc)) => doc.record = bill(dice, model).map(|(id, _)| id),
        _ => {}
    }
    docs
}

/// A record that is pledged to the escrow, if there is one, and its document.
pub(crate) fn bill(dice: &mut Dice, model: &Model) -> Option<(u64, u16)> {
    let rights = model.rights.as_ref()?;
    let pledged = rights.objects.iter().filter(|(_, object)| {
        let Detail::Record(record) = &object.detail else {
            return false;
        };
        record.pledged == Some(ESCROW)
    });
    let pledged: Vec<(u64, u16)> = pledged.map(|(id, object)| (*id, object.doc)).collect();
    (!pledged.is_empty()).then(|| dice.pick(&pledged))
}

/// Something about bills of lading: issued to the exporter, pledged to the escrow, mostly.
pub(crate) fn of_bills(dice: &mut Dice, model: &Model) -> (Who, RightsMessage) {
    use RightsMessage as M;
    let rights = model.rights.as_ref().expect("a registry");
    let own = rights.objects.iter().filter_map(|(id, object)| {
        let Detail::Record(record) = &object.detail else {
            return None;
        };
        let holder = object.sole_owner()?;
        Some((*id, holder, record.pledged.is_none()))
    });
    let own: Vec<(u64, Pid, bool)> = own.collect();
    if own.len() < 3 || dice.once_in(6) {
        let any = |dice: &mut Dice| u16::try_from(1 + dice.below(60_000)).expect("small");
        let papers = (any(dice), any(dice));
        return (OP, M::IssueRecord(RecordType::BillOfLading, papers, EXP));
    }
    let (id, holder, free) = dice.pick(&own);
    let by = wallet_of(holder).unwrap_or(STRANGER);
    if !free && dice.once_in(3) {
        return (by, M::Endorse(id, EXP));
    }
    match dice.below(8) {
        0 => (by, M::Endorse(id, EXP)),
        1 => (by, M::Surrender(id)),
        _ => (by, M::PledgeControl(id, ESCROW)),
    }
}

pub(crate) fn present(dice: &mut Dice, model: &Model, lc: u64, credit: Option<&Credit>) -> Said {
    let second = credit.and_then(|credit| credit.transferred.as_ref());
    let second = second.filter(|_| dice.once_in(2)).map(|t| t.second.wallet);
    let left = credit.map_or(1, |credit| {
        let most = credit.clauses.max_draw().unwrap_or(0);
        most.saturating_sub(credit.used)
            .saturating_sub(credit.open_claims(model.now))
    });
    let parts = credit
        .and_then(|credit| credit.clauses.parts())
        .unwrap_or_default();
    let part = (!parts.is_empty()).then(|| dice.index(parts.len()));
    let whole = part.map(|part| parts[part]);
    let claim: Units = match whole {
        Some(whole) if !dice.once_in(5) => whole,
        _ if dice.once_in(3) => left,
        _ => amount(dice, left),
    };
    let shipment = match dice.below(12) {
        0 => model.now + 1,
        1 => model.now.saturating_sub(25 * DAY),
        _ => model.now.saturating_sub(dice.below(2 * DAY)),
    };
    let docs = documents(dice, model, (credit, part));
    let by = second.unwrap_or(EXP);
    (by, EscrowMessage::Present(lc, docs, claim, shipment))
}

pub(crate) fn hash_of(dice: &mut Dice, shown: Option<&Presentation>) -> u16 {
    let hashes: Vec<u16> = shown
        .iter()
        .flat_map(|s| s.docs.iter().map(|doc| doc.hash))
        .collect();
    if hashes.is_empty() || dice.once_in(12) {
        u16::try_from(dice.below(100)).expect("small")
    } else {
        dice.pick(&hashes)
    }
}
