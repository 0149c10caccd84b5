//! A mixed load by chance: transfers, refusals, hostile modules, any host calls, calls of calls, uploads of
//! generated modules, upgrades, deployments, calls of nobody. The same seed makes the same transactions,
//! whatever chain they are for.

use crate::modules::generate::Smith;
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use weighhouse_primitives::{
    Action, Address, Amount, CodeHash, Gas, HaltReason, Hash, Outcome, Payload, Receipt,
    Transaction,
};
use weighhouse_runtime::vm::code::Code;
use weighhouse_testkit::host_calls::{Op, Program, ROOM, WAT};
use weighhouse_testkit::world::input;
use weighhouse_testkit::{Account, Dice, World};

/// Contracts of `fixtures/wat` that take part.
const FIXTURES: [&str; 8] = [
    "leaves_traces",
    "endless_loop",
    "deep_recursion",
    "division_by_zero",
    "memory_bomb",
    "bulk_memory",
    "grow",
    "indirect_call_of_nothing",
];
/// Accounts that sign.
const ACCOUNTS: usize = 12;
/// Contracts that do what they are told.
const SPEAKERS: usize = 3;
/// Operations of a program, at most.
const STEPS: u64 = 10;

/// Where the transactions come from.
pub(super) struct Load {
    dice: Dice,
    nonce: u64,
    accounts: Vec<Account>,
    bond: Address,
    bond_code: CodeHash,
    speakers: Vec<Address>,
    fixtures: Vec<Address>,
    /// Contract whose code is exchanged again and again.
    slot: Address,
    codes: Vec<CodeHash>,
    smith: Smith,
}

/// What became of transactions.
#[derive(Debug, Default)]
pub(super) struct Ends(pub(super) BTreeMap<&'static str, u64>);

impl Ends {
    pub(super) fn count(&mut self, receipt: &Receipt) {
        let end = match &receipt.outcome {
            Outcome::Succeeded { .. } => "succeeded",
            Outcome::Reverted { .. } => "refused",
            Outcome::Halted(HaltReason::OutOfGas) => "without gas",
            Outcome::Halted(_) => "halted",
        };
        *self.0.entry(end).or_default() += 1;
    }
}

impl Load {
    /// Puts the contracts in place.
    pub(super) fn prepare(world: &mut World, seed: u64) -> Self {
        let accounts: Vec<Account> = (0..ACCOUNTS)
            .map(|n| Account::new(&format!("account {n}")))
            .collect();
        let first = &accounts[0];
        let bond = world
            .deploy(first, "bond", "open", &Amount(1_000_000))
            .address;
        let bond_code = CodeHash(Hash::of(weighhouse_testkit::artifact("bond")));
        let speaker = wat::parse_str(WAT).unwrap();
        let speakers = (0..SPEAKERS)
            .map(|_| world.put(first, &speaker).address)
            .collect();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wat");
        let fixtures = FIXTURES.iter().map(|name| {
            let text = std::fs::read_to_string(folder.join(format!("{name}.wat"))).unwrap();
            world.put(first, &wat::parse_str(&text).unwrap()).address
        });
        let fixtures = fixtures.collect();
        let slot = world.put(first, &speaker).address;
        Self {
            dice: Dice::new(seed),
            nonce: 1_000_000,
            bond,
            bond_code,
            speakers,
            fixtures,
            slot,
            codes: vec![CodeHash(Hash::of(&speaker))],
            smith: Smith::new(),
            accounts,
        }
    }

    /// The next transaction, for a block at the time of `world`.
    pub(super) fn next(&mut self, world: &World) -> Transaction {
        let signer = self.dice.index(ACCOUNTS);
        let (action, gas_limit) = self.action(&mut 0);
        // Who may upgrade is the first account.
        let owns = matches!(action, Action::Upgrade { .. }) && !self.dice.once_in(4);
        let signer = &self.accounts[if owns { 0 } else { signer }];
        self.nonce += 1;
        signer.sign(Payload {
            chain: world.reader.genesis().hash(),
            signer: signer.address,
            nonce: self.nonce,
            valid_until: world.time.saturating_add(600),
            gas_limit,
            action,
        })
    }

    fn action(&mut self, depth: &mut u32) -> (Action, Gas) {
        let gas = Gas(self.dice.pick(&[150_000, 600_000, 3_000_000]));
        let call = |contract, input| Action::Call { contract, input };
        let action = match self.dice.below(100) {
            0..30 => {
                let to = self.dice.index(ACCOUNTS);
                let amount = Amount(self.dice.below(3_000).into());
                let to = self.accounts[to].address;
                let entry = self.dice.pick(&["transfer", "transfer", "mint"]);
                call(self.bond, input(entry, &(to, amount)))
            }
            30..65 => {
                let to = self.dice.pick(&self.speakers);
                call(to, self.program(depth).run())
            }
            65..83 => {
                let to = self.dice.pick(&self.fixtures);
                let ending = u8::try_from(self.dice.below(5)).unwrap();
                call(to, [input("run", &()), vec![ending]].concat())
            }
            83..86 => return (self.upload(), Gas(30_000_000)),
            86..90 => Action::Upgrade {
                contract: self.slot,
                code: self.dice.pick(&self.codes),
                input: Vec::new(),
            },
            90..94 => call(self.slot, input("run", &())),
            94..97 => {
                let salt = Hash::of(&self.dice.throw().to_le_bytes());
                Action::Deploy {
                    code: self.bond_code,
                    salt,
                    admin: None,
                    input: input("open", &Amount(7)),
                }
            }
            _ => {
                let to = self.dice.pick(&[self.bond, Address([9; 32])]);
                call(to, input("nobody", &self.dice.throw()))
            }
        };
        (action, gas)
    }

    /// Uploads a module that the generator has made; what the validator refuses is tried as well.
    fn upload(&mut self) -> Action {
        let code = loop {
            if let Some(code) = self.smith.module(self.dice.throw()) {
                break code;
            }
        };
        if Code::check(&code).is_ok() {
            self.codes.push(CodeHash(Hash::of(&code)));
        }
        Action::Upload { code }
    }

    /// Any host calls, mostly with pointers that are good.
    fn program(&mut self, depth: &mut u32) -> Program {
        let mut program = Program::new();
        for _ in 0..=self.dice.below(STEPS) {
            let op = self.dice.pick(&Op::ALL);
            if matches!(op, Op::Skip | Op::Answer | Op::Abort | Op::Trap) && !self.dice.once_in(8) {
                continue;
            }
            if op == Op::ContractCall && *depth < 3 {
                *depth += 1;
                let inner = self.program(depth).run();
                let to = program.data(self.dice.pick(&self.speakers).as_bytes());
                let at = program.data(&inner);
                let gas = self.dice.pick(&[50_000, 500_000]);
                let flags = u32::try_from(self.dice.below(2)).unwrap();
                program.push(
                    op,
                    &[to, at, u32::try_from(inner.len()).unwrap(), gas, 0, flags],
                );
                continue;
            }
            let mut place = || {
                let near = u32::try_from(self.dice.below(64)).unwrap();
                if self.dice.once_in(2) {
                    ROOM + near
                } else {
                    near
                }
            };
            // Pointer, length, pointer, length: what most functions take; algorithms are small numbers.
            let arguments = [
                place(),
                place() % 64,
                place(),
                place() % 64,
                place(),
                place() % 64,
            ];
            program.push(op, &arguments);
        }
        program
    }
}

/// A digest that goes on.
pub(super) fn chained(digest: &Hash, value: &impl Encode) -> Hash {
    Hash::of(&(digest, value).encode())
}
