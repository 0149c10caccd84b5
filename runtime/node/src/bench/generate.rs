//! Signed transactions and hostile input, as bodies ready to post.
//!
//! Made by a thread of its own, ahead of the run as far as the queue has room, then during it: memory
//! is bounded by the queue, and a run is not slowed by signing as long as the queue is not empty.

use crate::demo::account::{Account, Signed};
use crate::demo::random::Random;
use crate::demo::session::Terms;
use parity_scale_codec::Encode;
use std::fmt::Write;
use std::sync::Arc;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Action, Address, Amount, Gas, Hash, Payload, Timestamp, TxHash};

use super::load::Mix;

/// Seconds of block time that holds live.
const HOLD_SECONDS: u64 = 3_600;

/// What a kind of call needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// Number of the entry point.
    pub(super) selector: u32,
    /// Gas and validity.
    pub(super) terms: Terms,
}

/// Everything that transactions are made of.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) chain: GenesisHash,
    pub(super) token: Address,
    /// Who signs transfers and holds.
    pub(super) signers: Vec<Account>,
    /// Who mints.
    pub(super) operator: Account,
    /// Number of accounts, signers first.
    pub(super) accounts: usize,
    pub(super) transfer: Call,
    pub(super) hold: Call,
    pub(super) mint: Call,
}

/// Address of an account without a key.
pub(super) fn keyless(index: usize) -> Address {
    Address(Hash::of(format!("account {index}").as_bytes()).0)
}

impl Material {
    /// Address of an account.
    pub(super) fn account(&self, index: usize) -> Address {
        let signer = self.signers.get(index);
        signer.map_or_else(|| keyless(index), |signer| signer.address)
    }
}

/// What is wrong with a hostile request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hostile {
    /// The signature is another message's.
    Signature,
    /// For another chain.
    Chain,
    /// Over long ago.
    Expired,
    /// Cut short.
    Truncated,
    /// No transaction at all.
    Garbage,
    /// More gas than a transaction may have.
    Gas,
    /// A parameter of another type.
    Parameter,
    /// A method that does not exist.
    Method,
    /// A transaction that was sent before.
    Replay,
}

impl Hostile {
    const ALL: [Self; 9] = [
        Self::Signature,
        Self::Chain,
        Self::Expired,
        Self::Truncated,
        Self::Garbage,
        Self::Gas,
        Self::Parameter,
        Self::Method,
        Self::Replay,
    ];
}

/// One request of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    /// A transaction that should become durable.
    Honest(TxHash),
    /// A request that must change nothing.
    Hostile(Hostile),
}

/// A body and what is in it.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) body: Vec<u8>,
    pub(super) items: Vec<Item>,
}

/// Makes batches.
#[derive(Debug)]
pub(super) struct Generator {
    material: Arc<Material>,
    mix: Mix,
    /// Hostile requests among a thousand.
    hostile: u32,
    random: Random,
    nonce: u64,
    last: Option<Signed>,
}

impl Generator {
    pub(super) fn new(
        material: Arc<Material>,
        mix: Mix,
        hostile: u32,
        seed: u64,
        nonce: u64,
    ) -> Self {
        Self {
            material,
            mix,
            hostile,
            random: Random::new(seed),
            nonce,
            last: None,
        }
    }

    /// The next batch of `count` requests.
    pub(super) fn batch(&mut self, count: usize) -> Batch {
        let mut body = String::with_capacity(count.saturating_mul(900));
        let mut items = Vec::with_capacity(count);
        body.push('[');
        // Only what stands before it in the same batch was surely sent before.
        self.last = None;
        for id in 0..count {
            if id > 0 {
                body.push(',');
            }
            let hostile = self.random.below(1_000) < usize::try_from(self.hostile).unwrap_or(0);
            if hostile {
                let kind = self.random.below(Hostile::ALL.len());
                let kind = match Hostile::ALL.get(kind).copied() {
                    Some(Hostile::Replay) if self.last.is_none() => Hostile::Garbage,
                    kind => kind.unwrap_or(Hostile::Garbage),
                };
                self.attack(&mut body, id, kind);
                items.push(Item::Hostile(kind));
            } else {
                let signed = self.honest();
                request(&mut body, id, "tx_submit", &signed.bytes);
                items.push(Item::Honest(signed.hash.into()));
                self.last = Some(signed);
            }
        }
        body.push(']');
        Batch {
            body: body.into_bytes(),
            items,
        }
    }

    /// A payload of the mix, with its signer's place; the operator's is `None`.
    fn payload(&mut self) -> (Payload, Option<usize>) {
        let material = Arc::clone(&self.material);
        let to = material.account(self.random.below(material.accounts));
        let amount = Amount(1);
        let signer = self.random.below(material.signers.len());
        let choice = self.random.below(self.mix.total());
        let (call, args, signer) = if choice < self.mix.transfer {
            (
                material.transfer,
                (to, amount, None::<Hash>).encode(),
                Some(signer),
            )
        } else if choice < self.mix.transfer + self.mix.hold {
            let now = material
                .hold
                .terms
                .valid_until
                .0
                .saturating_sub(HOLD_SECONDS);
            let expiry = Timestamp(now.saturating_add(HOLD_SECONDS * 2));
            let notary = material.operator.address;
            // The purpose is the first of its enum: nothing in particular.
            let terms = (Some(to), amount, notary, expiry, 0_u8, Hash::of(b"load"));
            (material.hold, terms.encode(), Some(signer))
        } else {
            let issue = (to, amount, Hash::of(b"load"), None::<Timestamp>);
            (material.mint, issue.encode(), None)
        };
        let mut input = call.selector.to_le_bytes().to_vec();
        input.extend(args);
        self.nonce = self.nonce.wrapping_add(1);
        let who = signer.and_then(|signer| material.signers.get(signer));
        let payload = Payload {
            chain: material.chain,
            signer: who.unwrap_or(&material.operator).address,
            nonce: self.nonce,
            valid_until: call.terms.valid_until,
            gas_limit: call.terms.gas_limit,
            action: Action::Call {
                contract: material.token,
                input,
            },
        };
        (payload, signer)
    }

    fn sign(&self, payload: Payload, signer: Option<usize>) -> Signed {
        let who = signer.and_then(|signer| self.material.signers.get(signer));
        who.unwrap_or(&self.material.operator).sign(payload)
    }

    fn honest(&mut self) -> Signed {
        let (payload, signer) = self.payload();
        self.sign(payload, signer)
    }

    fn attack(&mut self, body: &mut String, id: usize, kind: Hostile) {
        let (mut payload, signer) = self.payload();
        match kind {
            Hostile::Chain => payload.chain = GenesisHash(Hash::of(b"another chain")),
            Hostile::Expired => payload.valid_until = Timestamp(1),
            Hostile::Gas => payload.gas_limit = Gas(u64::MAX),
            _ => {}
        }
        let mut bytes = self.sign(payload, signer).bytes;
        match kind {
            Hostile::Signature => {
                // The last byte is the signature's.
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
            }
            Hostile::Truncated => bytes.truncate(bytes.len() / 2),
            Hostile::Garbage => bytes = vec![0xff; 200],
            Hostile::Replay => {
                if let Some(last) = &self.last {
                    bytes.clone_from(&last.bytes);
                }
            }
            _ => {}
        }
        match kind {
            Hostile::Parameter => {
                let _ = write!(
                    body,
                    "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tx_submit\",\"params\":{{\"tx\":7}}}}"
                );
            }
            Hostile::Method => request(body, id, "tx_submitt", &bytes),
            _ => request(body, id, "tx_submit", &bytes),
        }
    }
}

/// One request of a batch.
fn request(body: &mut String, id: usize, method: &str, tx: &[u8]) {
    // Writing to a string does not fail.
    let _ = write!(
        body,
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{{\"tx\":\"0x"
    );
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    for byte in tx {
        body.push(digit(byte >> 4));
        body.push(digit(byte & 15));
    }
    body.push_str("\"}}");
}
