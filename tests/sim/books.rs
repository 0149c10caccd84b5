//! What a careful client writes down: what it sent, what was told to be durable, what everybody must have.

use crate::node::{Node, transaction};
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use weighhouse_primitives::{
    Action, Address, Amount, Block, BlockHash, Hash, Height, Receipt, Timestamp, TxHash,
};
use weighhouse_testkit::Dice;
use weighhouse_testkit::world::input;

/// Accounts that hold the bond.
pub(crate) const HOLDERS: u8 = 5;

/// What a transaction wants.
#[derive(Clone, Copy, Debug)]
enum Wish {
    Mint(u8, u128),
    Move(u8, u8, u128),
    /// To prepare, or to do nothing.
    Other,
}

/// The issuer of the bond, who mints.
pub(crate) const ISSUER: Address = Address([200; 32]);

pub(crate) const fn holder(number: u8) -> Address {
    Address([number + 1; 32])
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    /// Hashes of durable blocks, from height 1.
    blocks: Vec<BlockHash>,
    /// Where each durable transaction is.
    placed: BTreeMap<TxHash, Height>,
    sent: BTreeMap<TxHash, (Wish, Timestamp)>,
    bytes: BTreeMap<TxHash, Vec<u8>>,
    balances: [u128; HOLDERS as usize],
    nonce: u64,
}

impl Books {
    pub(crate) fn height(&self) -> u64 {
        self.blocks.len() as u64
    }

    pub(crate) fn transactions(&self) -> u64 {
        self.placed.len() as u64
    }

    fn supply(&self) -> u128 {
        self.balances.iter().sum()
    }

    pub(crate) fn bond() -> Address {
        let code = weighhouse_primitives::CodeHash(Hash::of(weighhouse_testkit::artifact("bond")));
        Address::of_contract(&ISSUER, &code, &Hash::ZERO)
    }

    /// The transactions that make the bond.
    pub(crate) fn preparing(&mut self, now: Timestamp) -> [Vec<u8>; 2] {
        let code = weighhouse_testkit::artifact("bond").to_vec();
        let hash = weighhouse_primitives::CodeHash(Hash::of(&code));
        let deploy = Action::Deploy {
            code: hash,
            salt: Hash::ZERO,
            admin: None,
            input: input("open", &Amount(u128::MAX)),
        };
        [Action::Upload { code }, deploy].map(|action| self.write(ISSUER, now, action, Wish::Other))
    }

    /// A transaction that somebody sends.
    pub(crate) fn next(&mut self, now: Timestamp, dice: &mut Dice) -> Vec<u8> {
        let holders = u64::from(HOLDERS);
        let throw = |dice: &mut Dice| u8::try_from(dice.below(holders)).unwrap_or(0);
        let (from, to) = (throw(dice), throw(dice));
        let contract = Self::bond();
        let call = |input| Action::Call { contract, input };
        match dice.below(10) {
            0..4 => {
                let amount = u128::from(dice.below(1_000));
                let mint = input("mint", &(holder(to), Amount(amount)));
                self.write(ISSUER, now, call(mint), Wish::Mint(to, amount))
            }
            4..9 => {
                // More than there is, now and then.
                let amount = u128::from(dice.below(400));
                let transfer = input("transfer", &(holder(to), Amount(amount)));
                self.write(
                    holder(from),
                    now,
                    call(transfer),
                    Wish::Move(from, to, amount),
                )
            }
            _ => self.write(holder(from), now, call(vec![1, 2, 3, 4]), Wish::Other),
        }
    }

    fn write(&mut self, signer: Address, now: Timestamp, action: Action, wish: Wish) -> Vec<u8> {
        self.nonce += 1;
        let valid_until = now.saturating_add(600);
        let transaction = transaction(signer, self.nonce, valid_until, action);
        let bytes = transaction.encode();
        self.sent.insert(transaction.hash(), (wish, valid_until));
        self.bytes.insert(transaction.hash(), bytes.clone());
        bytes
    }

    /// One of the transactions that are durable, with the end of its validity.
    pub(crate) fn old(&self, dice: &mut Dice) -> Option<(Vec<u8>, Timestamp)> {
        let place = dice.index(self.placed.len().max(1));
        let (hash, _) = self.placed.iter().nth(place)?;
        let (_, valid_until) = self.sent.get(hash)?;
        Some((self.bytes.get(hash)?.clone(), *valid_until))
    }

    /// A block is durable: enters it, and says what is wrong with it.
    pub(crate) fn enter(&mut self, block: &Block, receipts: &[Receipt]) -> Result<(), String> {
        let height = block.header.height;
        if height.0 != self.height() + 1 {
            return Err(format!("block {height} after {}", self.height()));
        }
        if receipts.len() != block.transactions.len() {
            return Err(format!("block {height} has {} receipts", receipts.len()));
        }
        self.blocks.push(block.header.hash());
        for receipt in receipts {
            if let Some(before) = self.placed.insert(receipt.tx, height) {
                return Err(format!("{} is in blocks {before} and {height}", receipt.tx));
            }
            let (wish, ..) = *self.sent.get(&receipt.tx).ok_or("nobody sent it")?;
            let succeeds = self.carry_out(wish);
            if succeeds.is_some_and(|succeeds| succeeds != receipt.outcome.is_success()) {
                let outcome = &receipt.outcome;
                return Err(format!("{wish:?} in block {height} ended with {outcome:?}"));
            }
        }
        Ok(())
    }

    /// Moves what a transaction moves; says whether it succeeds, where that is known.
    fn carry_out(&mut self, wish: Wish) -> Option<bool> {
        match wish {
            Wish::Mint(to, amount) => {
                self.balances[usize::from(to)] += amount;
                Some(true)
            }
            Wish::Move(from, to, amount) => {
                let there = &mut self.balances[usize::from(from)];
                let Some(left) = there.checked_sub(amount) else {
                    return Some(false);
                };
                *there = left;
                self.balances[usize::from(to)] += amount;
                Some(true)
            }
            Wish::Other => None,
        }
    }

    /// Compares a node with the books: every durable block and, unless `all`, some of the transactions.
    pub(crate) fn compare(&self, node: &Node, all: bool, dice: &mut Dice) -> Result<(), Differs> {
        let reader = node.reader();
        let head = reader.head();
        if head.height.0 != self.height() {
            return Err(Differs::Height(head.height.0));
        }
        let read = |error: weighhouse_runtime::Fault| Differs::Unreadable(error.to_string());
        let oldest = if all { 1 } else { self.height().max(1) };
        for (height, known) in (1..).zip(&self.blocks) {
            if height < oldest {
                continue;
            }
            let block = reader.block(Height(height)).map_err(read)?;
            if block.map(|block| block.header.hash()) != Some(*known) {
                return Err(Differs::wrong(format!("block {height} is another")));
            }
        }
        for (hash, height) in &self.placed {
            if !all && !dice.once_in(4) {
                continue;
            }
            let found = reader.transaction(hash).map_err(read)?;
            if found.map(|found| found.height) != Some(*height) {
                return Err(Differs::wrong(format!("{hash} is not in block {height}")));
            }
        }
        if all {
            let root = reader.recompute_root().map_err(read)?;
            if root != head.state_root {
                return Err(Differs::wrong("the state has not the root of its block"));
            }
        }
        self.compare_money(node)
    }

    fn compare_money(&self, node: &Node) -> Result<(), Differs> {
        if self.height() < 2 {
            return Ok(());
        }
        let ask = |entry_point: &str, of: Option<u8>| {
            let answer = match of {
                Some(of) => node.ask(Self::bond(), entry_point, &holder(of)),
                None => node.ask(Self::bond(), entry_point, &()),
            };
            answer.map_err(Differs::Unreadable)
        };
        let supply = ask("supply", None)?;
        let mut sum = 0;
        for (of, balance) in (0..HOLDERS).zip(self.balances) {
            let found = ask("balance_of", Some(of))?;
            if found != balance {
                return Err(Differs::wrong(format!(
                    "holder {of} has {found}, not {balance}"
                )));
            }
            sum += found;
        }
        match supply == self.supply() && supply == sum {
            true => Ok(()),
            false => Err(Differs::wrong(format!(
                "supply {supply}, sum of balances {sum}"
            ))),
        }
    }
}

/// How a node differs from the books.
#[derive(Debug)]
pub(crate) enum Differs {
    /// Its chain ends here.
    Height(u64),
    /// It says that it cannot read something: told, not wrong.
    Unreadable(String),
    /// Its answer is wrong.
    Wrong(String),
}

impl Differs {
    fn wrong(what: impl Into<String>) -> Self {
        Self::Wrong(what.into())
    }
}

impl std::fmt::Display for Differs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Height(height) => write!(f, "the chain ends at height {height}"),
            Self::Unreadable(what) => write!(f, "it cannot be read: {what}"),
            Self::Wrong(what) => write!(f, "{what}"),
        }
    }
}
