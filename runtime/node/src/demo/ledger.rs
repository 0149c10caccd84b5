//! What is true of the chain, read block by block: where every transaction is, what events add up to.

use super::crash::{Flight, Place};
use super::progress;
use super::session::Session;
use super::token::{Token, amount};
use crate::output::{Failure, Output};
use serde_json::Value;
use std::collections::BTreeMap;
use weighhouse_rpc::api::chain::{ChainBlock, Detail};
use weighhouse_rpc::types::{At, EventView, HashHex, Head, ReceiptView};

/// Every block of the chain, added up.
#[derive(Debug)]
pub(super) struct Ledger {
    /// The latest block.
    pub(super) head: Head,
    /// Every place of every transaction: one each, if all is well.
    pub(super) places: BTreeMap<HashHex, Vec<Place>>,
    /// Hashes of those that did not succeed.
    pub(super) failed: Vec<HashHex>,
    /// Number of the token's events, by name.
    pub(super) events: BTreeMap<String, u64>,
    /// Balances that the events add up to; an amount below zero is an event that lies.
    pub(super) balances: BTreeMap<String, i128>,
    /// Gas of all transactions.
    pub(super) gas: u64,
}

impl Ledger {
    /// Reads every block up to the head.
    pub(super) async fn read(
        session: &Session,
        token: &Token,
        output: &Output,
    ) -> Result<Self, Failure> {
        let head = session.client.chain_head().await?;
        let blocks = usize::try_from(head.height.0).unwrap_or_default();
        let bar = progress::bar(output, "reading every block", blocks);
        let mut ledger = Self {
            places: BTreeMap::new(),
            failed: Vec::new(),
            events: BTreeMap::new(),
            balances: BTreeMap::new(),
            gas: 0,
            head: head.clone(),
        };
        for height in 1..=head.height.0 {
            let which = ChainBlock {
                height: Some(At::Height(height)),
                hash: None,
                detail: Some(Detail::Receipts),
            };
            let block = session.client.chain_block(&which).await?;
            for (index, receipt) in (0..).zip(block.receipts.unwrap_or_default()) {
                ledger.add(token, (height, index), &receipt)?;
            }
            progress::advance(&bar, 1);
        }
        bar.finish_and_clear();
        ledger.balances.retain(|_, balance| *balance != 0);
        Ok(ledger)
    }

    fn add(&mut self, token: &Token, place: Place, receipt: &ReceiptView) -> Result<(), Failure> {
        self.places.entry(receipt.tx).or_default().push(place);
        self.gas = self.gas.saturating_add(receipt.gas_used.0);
        if !receipt.outcome.is_success() {
            self.failed.push(receipt.tx);
        }
        for event in &receipt.events {
            if event.contract == token.text {
                self.hear(event)?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, event: &EventView) -> Result<(), Failure> {
        let unread = || Failure::failed("an event of the token is not described by its schema");
        let name = event.name.clone().ok_or_else(unread)?;
        let data = &event.data.as_ref().ok_or_else(unread)?.0;
        match name.as_str() {
            "Mint" => self.shift(&data["to"], &data["amount"], 1)?,
            "Burn" => self.shift(&data["from"], &data["amount"], -1)?,
            "Transfer" => {
                self.shift(&data["from"], &data["amount"], -1)?;
                self.shift(&data["to"], &data["amount"], 1)?;
            }
            _ => {}
        }
        *self.events.entry(name).or_default() += 1;
        Ok(())
    }

    fn shift(&mut self, holder: &Value, by: &Value, sign: i128) -> Result<(), Failure> {
        let too_large = || Failure::failed("an amount is too large to be added up");
        let by = i128::try_from(amount(by)?).map_err(|_| too_large())?;
        let holder = holder.as_str().unwrap_or_default().to_owned();
        let balance = self.balances.entry(holder).or_default();
        *balance = balance.checked_add(sign * by).ok_or_else(too_large)?;
        Ok(())
    }

    /// Number of the token's events.
    pub(super) fn event_count(&self) -> u64 {
        self.events.values().sum()
    }

    /// Acknowledged transactions that are not exactly where the node said.
    pub(super) fn lost(&self, flight: &Flight) -> usize {
        let kept = |hash: &HashHex, place: &Place| {
            self.places
                .get(hash)
                .is_some_and(|places| places.as_slice() == [*place])
        };
        let all = flight.acknowledged.iter();
        all.filter(|(hash, place)| !kept(hash, place)).count()
    }

    /// Transactions that are on the chain more than once.
    pub(super) fn doubled(&self) -> usize {
        self.places
            .values()
            .filter(|places| places.len() > 1)
            .count()
    }

    /// Transactions of a flight that are not on the chain.
    pub(super) fn missing(&self, flight: &Flight) -> usize {
        let sent = flight.sent.iter();
        sent.filter(|signed| !self.places.contains_key(&signed.hash))
            .count()
    }
}
