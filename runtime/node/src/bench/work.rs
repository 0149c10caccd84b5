//! `weighhouse bench work`: the same work in every run, for tools that count instructions.
//!
//! Time on a shared machine says little about a change; the number of instructions does. Each piece of
//! work is one function named `counted_...`, so that a tool can be told where to begin and end; what it
//! needs was made before, and it ran once, so that nothing is compiled or made for the first time in it.

use super::gas::empty_contract;
use super::ground::{Ground, succeeded};
use crate::cli::Context;
use crate::library;
use crate::output::Failure;
use crate::verify::on_executor_thread;
use parity_scale_codec::{Decode, Encode};
use serde_json::json;
use std::hint::black_box;
use weighhouse_primitives::abi::selector;
use weighhouse_primitives::{Action, Address, Amount, Hash, Receipt, Transaction};
use weighhouse_runtime::Settings;
use weighhouse_runtime::admission::Admitted;

/// Gas limit of a call.
const CALL_GAS: u64 = 900_000;
/// Accounts of each token.
const HOLDERS: u64 = 256;

/// Does every piece of work `times` times, and says which there were, and their gas.
///
/// # Errors
/// A chain that fails.
pub fn run(context: &Context, times: u32) -> Result<(), Failure> {
    let done = on_executor_thread(move || work(times))
        .map_err(|fault| Failure::fault(fault.to_string()))??;
    let mut text = String::new();
    let mut document = Vec::new();
    for (name, gas) in done {
        let gas = gas / u64::from(times);
        text.push_str(&format!("  {name:<16} {times} times, {gas} gas each\n"));
        document.push(json!({ "work": name, "times": times, "gas": gas }));
    }
    context.output.answer(text, &json!(document));
    Ok(())
}

/// A piece of work; its gas.
type Piece = fn(&mut Site, Vec<Admitted>) -> Result<u64, Failure>;

fn work(times: u32) -> Result<Vec<(&'static str, u64)>, Failure> {
    let mut site = Site::open()?;
    let pieces: [(&str, Work, Piece); 5] = [
        ("empty_call", Work::Empty, counted_empty_call),
        ("bond_transfer", Work::Bond, counted_bond_transfer),
        ("token_transfer", Work::Token, counted_token_transfer),
        ("block_with_root", Work::Bond, counted_block_with_root),
        ("transaction", Work::Bond, counted_transaction),
    ];
    let mut done = Vec::new();
    for (name, work, piece) in pieces {
        let first = site.block(work, 1)?;
        Site::execute(&site.ground, first)?;
        let block = site.block(work, times.into())?;
        done.push((name, piece(&mut site, block)?));
        piece_done(name);
    }
    Ok(done)
}

/// Where a tool ends counting: it sees where a function begins, but not where one ends that ran a contract's code.
#[inline(never)]
fn piece_done(name: &str) {
    black_box(name);
}

/// Calls of a contract that does nothing, executed.
#[inline(never)]
fn counted_empty_call(site: &mut Site, block: Vec<Admitted>) -> Result<u64, Failure> {
    let done = Site::execute(&site.ground, block);
    // Without it the compiler makes one function of those that do the same, and a jump of its end.
    black_box("empty_call");
    done
}

/// Transfers of the plain bond, executed.
#[inline(never)]
fn counted_bond_transfer(site: &mut Site, block: Vec<Admitted>) -> Result<u64, Failure> {
    let done = Site::execute(&site.ground, block);
    black_box("bond_transfer");
    done
}

/// Transfers of the token, executed.
#[inline(never)]
fn counted_token_transfer(site: &mut Site, block: Vec<Admitted>) -> Result<u64, Failure> {
    let done = Site::execute(&site.ground, block);
    black_box("token_transfer");
    done
}

/// A block of transfers of the plain bond, executed, with its state root, committed in memory.
#[inline(never)]
fn counted_block_with_root(site: &mut Site, block: Vec<Admitted>) -> Result<u64, Failure> {
    let receipts = site.ground.commit(block)?;
    let done = gas("a block", &receipts);
    black_box("block_with_root");
    done
}

/// Transactions encoded, decoded and hashed.
#[inline(never)]
fn counted_transaction(_: &mut Site, block: Vec<Admitted>) -> Result<u64, Failure> {
    for admitted in block {
        let bytes = admitted.transaction.encode();
        let decoded = Transaction::decode(&mut bytes.as_slice())
            .map_err(|error| Failure::fault(format!("a transaction does not decode: {error}")))?;
        black_box(decoded.hash());
    }
    Ok(0)
}

/// Gas of transactions that must have succeeded.
fn gas(what: &str, receipts: &[Receipt]) -> Result<u64, Failure> {
    succeeded(what, receipts)?;
    Ok(receipts.iter().map(|receipt| receipt.gas_used.0).sum())
}

/// What a block is made of.
#[derive(Clone, Copy, Debug)]
enum Work {
    Empty,
    Bond,
    Token,
}

/// A chain in memory with what is called.
struct Site {
    ground: Ground,
    empty: Address,
    bond: Address,
    token: Address,
}

fn holder(index: u64) -> Address {
    Address(Hash::of(&(index % HOLDERS).to_le_bytes()).0)
}

fn input(entry: &str, arguments: &impl Encode) -> Vec<u8> {
    let mut bytes = selector(entry).encode();
    arguments.encode_to(&mut bytes);
    bytes
}

fn module(name: &str) -> Result<&'static [u8], Failure> {
    library::find(name)
        .map(|contract| contract.wasm)
        .ok_or_else(|| Failure::fault(format!("no contract {name} in the library")))
}

impl Site {
    fn open() -> Result<Self, Failure> {
        let mut ground = Ground::open(Settings::memory())?;
        let issuer = Address(Hash::of(b"issuer").0);
        let (wasm, open) = empty_contract();
        let empty = ground.deploy(&issuer, &wasm, open)?;
        let open = input("open", &Amount(u128::MAX));
        let bond = ground.deploy(&issuer, module("bond")?, open)?;
        let open = input("open", &token_arguments(&issuer));
        let token = ground.deploy(&issuer, module("dfa-token")?, open)?;
        let mut mints = Vec::new();
        for index in 0..HOLDERS {
            let (to, units) = (holder(index), Amount(1_000_000));
            let ground_of_mint = (to, units, Hash([2; 32]), None::<u64>);
            for (contract, input) in [
                (bond, input("mint", &(to, units))),
                (token, input("mint", &ground_of_mint)),
            ] {
                let call = Action::Call { contract, input };
                mints.push(ground.admitted(&issuer, call, CALL_GAS));
            }
        }
        let receipts = ground.commit(mints)?;
        succeeded("minting", &receipts)?;
        Ok(Self {
            ground,
            empty,
            bond,
            token,
        })
    }

    fn execute(ground: &Ground, block: Vec<Admitted>) -> Result<u64, Failure> {
        gas("a call", &ground.verify(block)?)
    }

    fn block(&mut self, work: Work, times: u64) -> Result<Vec<Admitted>, Failure> {
        let mut block = Vec::new();
        for index in 0..times {
            let (from, to) = (holder(index * 97), holder(index * 13 + 50));
            let (contract, input) = match work {
                Work::Empty => (self.empty, input("run", &())),
                Work::Bond => (self.bond, input("transfer", &(to, Amount(1)))),
                Work::Token => {
                    let transfer = (to, Amount(1), None::<Hash>);
                    (self.token, input("transfer", &transfer))
                }
            };
            let call = Action::Call { contract, input };
            block.push(self.ground.admitted(&from, call, CALL_GAS));
        }
        Ok(block)
    }
}

/// Arguments of the token's constructor: open to all, minted by its issuer.
fn token_arguments(issuer: &Address) -> impl Encode {
    let meta = ("Bench", "BNCH", 2_u8, 0_u8, *issuer, Hash([1; 32]));
    let capabilities = (true, true, false, false, true, true, false);
    let limits = (Amount(u128::MAX), Amount(u128::MAX), 0_u64);
    let minter = 9_u8;
    (
        meta,
        capabilities,
        limits,
        *issuer,
        vec![(minter, *issuer)],
        None::<Address>,
    )
}
