//! Everything that a chain says of itself, in one hash: blocks, receipts, look-ups, events, the state now and
//! before, a proof, and one more block on top.

use parity_scale_codec::Encode;
use std::error::Error;
use weighhouse_primitives::{Action, Address, Amount, Gas, Hash, Height, Payload};
use weighhouse_runtime::reader::EventFilter;
use weighhouse_runtime::state::key;
use weighhouse_runtime::{Chain, Reader};
use weighhouse_testkit::Account;
use weighhouse_testkit::world::{GAS, input};

/// Keys of a page.
const PAGE: usize = 512;

/// What it says, or the fault that it tells.
pub(super) fn look(chain: &mut Chain, bond: Address) -> Result<Hash, String> {
    let mut said = Said(Hash::ZERO);
    let reader = chain.reader();
    let head = reader.head();
    said.add(&*head);
    said.blocks(&reader, head.height)?;
    said.events(&reader)?;
    for at in [head.height, Height(head.height.0 / 2)] {
        said.state(&reader, at)?;
    }
    let root = reader.recompute_root().map_err(text)?;
    if root != head.state_root {
        return Err(format!("the state hashes to {root}"));
    }
    let (header, value, proof) = reader.prove(&key::contract(&bond)).map_err(text)?;
    let holds = proof.verify(&header.state_root, &key::contract(&bond), value.as_deref());
    said.add(&(value, holds));
    said.one_more(chain, bond)?;
    Ok(said.0)
}

/// What was said so far.
struct Said(Hash);

impl Said {
    fn add(&mut self, what: &impl Encode) {
        self.0 = Hash::of(&(&self.0, what).encode());
    }

    fn blocks(&mut self, reader: &Reader, to: Height) -> Result<(), String> {
        for height in (1..=to.0).map(Height) {
            let block = reader.block(height).map_err(text)?;
            let receipts = reader.receipts(height).map_err(text)?;
            let Some(block) = block else {
                return Err(format!("block {height} is not there"));
            };
            self.add(&reader.height_of(&block.header.hash()).map_err(text)?);
            for transaction in &block.transactions {
                let located = reader.transaction(&transaction.hash()).map_err(text)?;
                let located = located.map(|one| (one.height, one.index, one.receipt));
                self.add(&located);
            }
            self.add(&(block.header, block.transactions, receipts));
        }
        Ok(())
    }

    fn events(&mut self, reader: &Reader) -> Result<(), String> {
        let mut after = None;
        loop {
            let page = reader.events(&EventFilter::default(), after, 50);
            let page = page.map_err(text)?;
            for one in page.items {
                self.add(&(one.height, one.tx_index, one.event_index, one.event));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn state(&mut self, reader: &Reader, at: Height) -> Result<(), String> {
        let mut after = Vec::new();
        loop {
            let (_, page) = reader
                .state_page(&[], &after, PAGE, Some(at))
                .map_err(text)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after.clone_from(last);
            for (key, value) in page {
                let (_, alone) = reader.state(&key, Some(at)).map_err(text)?;
                self.add(&(key, &value[..], alone.as_deref() == Some(&value[..])));
            }
        }
    }

    fn one_more(&mut self, chain: &mut Chain, bond: Address) -> Result<(), String> {
        let (reader, issuer) = (chain.reader(), Account::new("issuer"));
        let time = reader.head().time.saturating_add(60);
        reader.set_pending_time(time);
        let payload = Payload {
            chain: reader.genesis().hash(),
            signer: issuer.address,
            nonce: u64::MAX,
            valid_until: time.saturating_add(60),
            gas_limit: Gas(GAS.0),
            action: Action::Call {
                contract: bond,
                input: input("transfer", &(Address([9; 32]), Amount(1))),
            },
        };
        let bytes = issuer.sign(payload).encode();
        let admitted = reader.check(&bytes).map_err(text)?;
        let admitted = admitted.map_err(|rejection| rejection.to_string())?;
        let proposal = chain.propose(time, vec![admitted]).map_err(text)?;
        if !proposal.dropped.is_empty() {
            return Err(format!("left out: {:?}", proposal.dropped));
        }
        let committed = chain.commit().map_err(text)?;
        self.add(&(&committed.block.header, &committed.receipts));
        Ok(())
    }
}

/// An error with its causes, in one line.
pub(super) fn text(error: impl Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.replace('\n', " ")
}
