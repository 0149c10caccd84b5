//! What differs between the same block on two nodes: which transaction, and how.
//!
//! Compared is what the chain's hashes cover: order, outcome, gas, events and write set of transactions,
//! then the header. Names, texts and decoded values are a node's own words and are left out.

use serde_json::{Value, json};
use weighhouse_rpc::types::{BlockView, EventView, HeaderView, OutcomeView, ReceiptView};

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `transaction`, `outcome`, `gas_used`, `events`, `effects`, or a field of the header.
    pub what: String,
    /// On the first node.
    pub one: String,
    /// On the other.
    pub other: String,
}

/// Where two nodes differ first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Height of the block.
    pub height: u64,
    /// Transaction of the block and its hash; `None` where only the header differs.
    pub transaction: Option<(usize, String)>,
    /// How: at least one.
    pub how: Vec<Difference>,
}

impl Place {
    /// For people, a line for each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = match &self.transaction {
            Some((index, hash)) => vec![format!("transaction {index} of it, {hash}")],
            None => vec!["no receipt differs, its header does".to_owned()],
        };
        lines.extend(
            self.how
                .iter()
                .map(|Difference { what, one, other }| format!("{what:<14} {one}   {other}")),
        );
        lines
    }

    /// For programs.
    #[must_use]
    pub fn document(&self) -> Value {
        let how =
            |one: &Difference| json!({ "what": one.what, "one": one.one, "other": one.other });
        json!({
            "height": self.height.to_string(),
            "index": self.transaction.as_ref().map(|(index, _)| index),
            "tx": self.transaction.as_ref().map(|(_, hash)| hash),
            "differs": self.how.iter().map(how).collect::<Vec<_>>(),
        })
    }
}

/// Adds a difference, if there is one.
fn note(how: &mut Vec<Difference>, what: &str, one: String, other: String) {
    if one != other {
        let what = what.to_owned();
        how.push(Difference { what, one, other });
    }
}

/// An outcome as far as hashes cover it.
fn outcome(outcome: &OutcomeView) -> String {
    match outcome {
        OutcomeView::Succeeded { data, .. } => format!("succeeded {data}"),
        OutcomeView::Reverted {
            contract,
            code,
            data,
            ..
        } => format!("reverted by {contract} with code {code}, {data}"),
        OutcomeView::Halted(halt) => {
            let parts = [
                Some(halt.reason.clone()),
                halt.contract.as_ref().map(ToString::to_string),
                halt.rule.clone(),
                halt.refusal.clone(),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            format!("halted: {}", parts.join(" "))
        }
    }
}

fn event(event: Option<&EventView>) -> String {
    event.map_or_else(
        || "none".into(),
        |event| format!("{} of {}: {}", event.kind, event.contract, event.raw),
    )
}

fn receipt(one: &ReceiptView, other: &ReceiptView) -> Vec<Difference> {
    let mut how = Vec::new();
    note(
        &mut how,
        "outcome",
        outcome(&one.outcome),
        outcome(&other.outcome),
    );
    note(
        &mut how,
        "gas_used",
        one.gas_used.to_string(),
        other.gas_used.to_string(),
    );
    let events = one.events.len().max(other.events.len());
    let first = (0..events).find_map(|at| {
        let (one, other) = (event(one.events.get(at)), event(other.events.get(at)));
        (one != other).then(|| (format!("event {at}: {one}"), format!("event {at}: {other}")))
    });
    if let Some((one, other)) = first {
        note(&mut how, "events", one, other);
    }
    note(
        &mut how,
        "effects",
        one.effects.to_string(),
        other.effects.to_string(),
    );
    how
}

/// Field by field, all but the hash, which is of these.
fn header(one: &HeaderView, other: &HeaderView) -> Vec<Difference> {
    let (one, other) = (json!(one), json!(other));
    let fields = one.as_object().into_iter().flatten();
    let mut how = Vec::new();
    for (what, ours) in fields.filter(|(what, _)| *what != "hash") {
        note(&mut how, what, plain(ours), plain(&other[what]));
    }
    how
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Where two blocks of one height, with receipts, differ first; `None` if they do not.
#[must_use]
pub fn between(one: &BlockView, other: &BlockView) -> Option<Place> {
    let height = one.header.height.0;
    let none = Vec::new();
    let ours = one.receipts.as_ref().unwrap_or(&none);
    let theirs = other.receipts.as_ref().unwrap_or(&none);
    for index in 0..ours.len().max(theirs.len()) {
        let (ours, theirs) = (ours.get(index), theirs.get(index));
        let hash = |receipt: Option<&ReceiptView>| {
            receipt.map_or_else(|| "none".to_owned(), |receipt| receipt.tx.to_string())
        };
        let mut how = Vec::new();
        note(&mut how, "transaction", hash(ours), hash(theirs));
        if let (true, Some(ours), Some(theirs)) = (how.is_empty(), ours, theirs) {
            how = receipt(ours, theirs);
        }
        if !how.is_empty() {
            let transaction = Some((index, hash(ours.or(theirs))));
            return Some(Place {
                height,
                transaction,
                how,
            });
        }
    }
    let how = header(&one.header, &other.header);
    (!how.is_empty()).then_some(Place {
        height,
        transaction: None,
        how,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::Hash;
    use weighhouse_rpc::types::{HashHex, Hex, U64};

    fn hash(byte: u8) -> HashHex {
        HashHex(Hash([byte; 32]))
    }

    fn block() -> BlockView {
        let receipt = |byte| ReceiptView {
            tx: hash(byte),
            outcome: OutcomeView::Succeeded {
                data: Hex(vec![byte]),
                value: None,
            },
            gas_used: U64(100),
            events: vec![EventView {
                contract: "whdev1x".into(),
                kind: 5,
                name: None,
                data: None,
                raw: Hex(vec![1]),
            }],
            effects: hash(9),
            debug: Vec::new(),
        };
        BlockView {
            header: HeaderView {
                height: U64(12),
                hash: hash(1),
                chain: hash(2),
                protocol: 1,
                previous: hash(3),
                time: U64(7),
                tx_count: 2,
                tx_root: hash(4),
                receipts_root: hash(5),
                writes: hash(6),
                state_root: hash(7),
                gas_used: U64(200),
            },
            hashes: None,
            failed: None,
            transactions: None,
            receipts: Some(vec![receipt(1), receipt(2)]),
        }
    }

    fn differs(change: impl FnOnce(&mut BlockView)) -> (Option<usize>, Vec<String>) {
        let mut other = block();
        change(&mut other);
        let place = between(&block(), &other).expect("a difference");
        assert_eq!(place.height, 12);
        assert_eq!(place.lines().len(), 1 + place.how.len());
        let index = place.transaction.as_ref().map(|(index, _)| *index);
        (index, place.how.into_iter().map(|how| how.what).collect())
    }

    /// Goal: the first transaction that differs is named, with everything in which it does.
    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(between(&block(), &block()), None);
        let second = |other: &mut BlockView| other.receipts.as_mut().unwrap().remove(1);
        let change = |edit: fn(&mut ReceiptView)| {
            differs(move |other| edit(&mut other.receipts.as_mut().unwrap()[1]))
        };
        assert_eq!(
            change(|one| one.gas_used = U64(1)),
            (Some(1), vec!["gas_used".to_owned()])
        );
        assert_eq!(
            change(|one| one.effects = hash(1)),
            (Some(1), vec!["effects".to_owned()])
        );
        assert_eq!(
            change(|one| one.events.clear()),
            (Some(1), vec!["events".to_owned()])
        );
        assert_eq!(
            change(|one| one.tx = hash(8)),
            (Some(1), vec!["transaction".to_owned()])
        );
        let reverted = |one: &mut ReceiptView| {
            one.outcome = OutcomeView::Reverted {
                contract: "whdev1x".into(),
                code: 3,
                name: None,
                fields: None,
                text: None,
                data: Hex(Vec::new()),
            };
            one.events.clear();
        };
        assert_eq!(
            change(reverted),
            (Some(1), vec!["outcome".to_owned(), "events".to_owned()])
        );
        let missing = differs(|other| drop(second(other)));
        assert_eq!(missing, (Some(1), vec!["transaction".to_owned()]));
        let header = differs(|other| other.header.state_root = hash(1));
        assert_eq!(header, (None, vec!["state_root".to_owned()]));
    }

    /// Goal: what is a node's own words makes no difference.
    #[test]
    fn words_make_no_difference() {
        let mut other = block();
        let receipt = &mut other.receipts.as_mut().unwrap()[0];
        receipt.debug = vec!["hello".into()];
        receipt.events[0].name = Some("Transferred".into());
        assert_eq!(between(&block(), &other), None);
    }
}
