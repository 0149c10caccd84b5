//! Killed at any moment: what was acknowledged is there, once; the state is that of the log.
//!
//! The suite starts itself as a child that issues and moves a bond as fast as it can and prints a line
//! for every durable transaction; the parent kills it with SIGKILL and looks at what is left.
//!
//! `WEIGHHOUSE_CRASH_ROUNDS` says how often. How long a start took, from the process to the open chain, is printed.
#![expect(
    clippy::print_stderr,
    reason = "the figures of a long run are for whoever waits for it"
)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use weighhouse_primitives::{Action, Address, Amount, Hash, Height, TxHash};
use weighhouse_runtime::{Genesis, Settings};
use weighhouse_testkit::variable::variable;
use weighhouse_testkit::world::{START, input};
use weighhouse_testkit::{Account, World};

const FOLDER: &str = "WEIGHHOUSE_CRASH_FOLDER";
/// Rounds in one run, unless [`ROUNDS_ASKED`] says otherwise: RELIABILITY asks for 100 in CI.
const ROUNDS: u64 = 100;
const ROUNDS_ASKED: &str = "WEIGHHOUSE_CRASH_ROUNDS";
/// What the child prints once its chain is open.
const OPENED: &str = "the chain is open";
/// How late a start may be at the 99th percentile, in a run of as many rounds as RELIABILITY asks for.
const LATE: Duration = Duration::from_secs(2);
const MANY: u64 = 1_000;

fn open(folder: &Path) -> World {
    World::open(
        Genesis::development(START),
        Settings::folder(folder.to_owned()),
    )
}

fn bond_address(issuer: &Account) -> Address {
    let code = weighhouse_primitives::CodeHash(Hash::of(weighhouse_testkit::artifact("bond")));
    Address::of_contract(&issuer.address, &code, &Hash::ZERO)
}

/// The child's work; does nothing unless a parent asked for it.
#[test]
fn child_writes_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut world = open(Path::new(&folder));
    let issuer = Account::new("issuer");
    let contract = bond_address(&issuer);
    if world.reader.head().height == Height::GENESIS {
        let code = world.upload(&issuer, weighhouse_testkit::artifact("bond"));
        let input = input("open", &Amount(u128::MAX));
        world.act(
            &issuer,
            Action::Deploy {
                code,
                salt: Hash::ZERO,
                admin: None,
                input,
            },
        );
    }
    // Nonces go on where the chain stands, so that no transaction is made twice.
    let mut nonce = world.reader.head().height.0 * 1_000;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{OPENED}").unwrap();
    out.flush().unwrap();
    loop {
        let batch: Vec<_> = (0..5u8)
            .map(|line| {
                nonce += 1;
                let to = Address([line; 32]);
                let mint = input("mint", &(to, Amount(1)));
                let mut payload = world.payload(
                    &issuer.address,
                    Action::Call {
                        contract,
                        input: mint,
                    },
                );
                payload.nonce = nonce;
                world.admit(&issuer.sign(payload)).expect("admitted")
            })
            .collect();
        world.advance(1);
        let (committed, _) = world.block(batch);
        for receipt in &committed.receipts {
            assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
            writeln!(out, "{}", hex(&receipt.tx)).unwrap();
        }
        out.flush().unwrap();
    }
}

fn hex(hash: &TxHash) -> String {
    format!("ack {hash}")
}

/// One round: the child runs until it has acknowledged `after` transactions, then it is killed. How long it took to
/// start.
fn kill_one(folder: &Path, after: usize, acknowledged: &mut BTreeSet<String>) -> Duration {
    let began = Instant::now();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "crash::child_writes_until_killed",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut seen, mut started) = (0, None);
    for line in lines.by_ref() {
        let line = line.unwrap();
        if line == OPENED {
            started = Some(began.elapsed());
        }
        if line.starts_with("ack 0x") && line.len() == 70 {
            assert!(acknowledged.insert(line), "acknowledged twice");
            seen += 1;
            if seen > after {
                break;
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What was still in the pipe was acknowledged too; a line cut in half was not.
    acknowledged.extend(
        lines
            .map_while(Result::ok)
            .filter(|line| line.starts_with("ack 0x") && line.len() == 70),
    );
    assert!(seen > after, "the child ended by itself");
    started.expect("it said that it was open")
}

/// Goal: after each of many kills at different moments every acknowledged transaction is in the chain
/// exactly once, supply equals the sum of what was minted, and the state is that of its root.
#[test]
fn tx_1_nothing_acknowledged_is_lost_or_doubled_by_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    let rounds = variable(ROUNDS_ASKED).unwrap_or(ROUNDS);
    let mut starts = Vec::new();
    for round in 0..rounds {
        // Different moments without a clock: somewhere in the first blocks after opening.
        let after = usize::try_from((round * 7_919) % 23).unwrap();
        starts.push(kill_one(folder.path(), after, &mut acknowledged));
        if round % 10 == 9 {
            inspect(folder.path(), &acknowledged);
        }
    }
    // The first made the chain, which is no start after a kill.
    starts.drain(..1.min(starts.len().saturating_sub(1)));
    starts.sort();
    let share = |of: usize| starts[(starts.len() - 1) * of / 100];
    let (usual, late, last) = (share(50), share(99), share(100));
    let there = acknowledged.len();
    eprintln!(
        "{rounds} kills, {there} acknowledged, all there once; starts: {usual:?} at the median, {late:?} at the \
         99th percentile, {last:?} at most"
    );
    assert!(rounds < MANY || late <= LATE, "{late:?}");
}

fn inspect(folder: &Path, acknowledged: &BTreeSet<String>) {
    let world = open(folder);
    let head = world.reader.head();
    let mut minted = 0u128;
    let mut found = BTreeSet::new();
    for height in 3..=head.height.0 {
        let receipts = world
            .reader
            .receipts(Height(height))
            .unwrap()
            .expect("every block is there");
        for receipt in receipts {
            assert!(
                found.insert(hex(&receipt.tx)),
                "executed twice: {}",
                receipt.tx
            );
            minted += 1;
        }
    }
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let bond = weighhouse_testkit::Contract {
        address: bond_address(&Account::new("issuer")),
    };
    assert_eq!(bond.query::<Amount>(&world, "supply", &()), Amount(minted));
    let sum: u128 = (0..5u8)
        .map(|line| {
            bond.query::<Amount>(&world, "balance_of", &Address([line; 32]))
                .0
        })
        .sum();
    assert_eq!(sum, minted, "the sum of balances is the supply");
    assert_eq!(world.reader.recompute_root().unwrap(), head.state_root);
}
