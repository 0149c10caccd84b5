//! The same load on nodes that differ in everything that a node may choose: every header and every receipt
//! is the same, to the byte (DET-1, CONF-1).
//!
//! Each variant is a process of its own: the suite starts itself with other settings and another
//! environment. `WEIGHHOUSE_VARIANTS` says how many transactions each executes (without it some seconds'
//! worth), `WEIGHHOUSE_VARIANTS_SEED` which ones. The digest that is printed can be compared between builds
//! and machines.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a child tells its parent what it computed; the figures are for whoever waits for them"
)]

mod load;

use load::{Ends, Load, chained};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use weighhouse_node::telemetry::Logging;
use weighhouse_primitives::{Gas, Hash, Height};
use weighhouse_runtime::reader::Query;
use weighhouse_runtime::vm::engine::{Optimisation, VmSettings};
use weighhouse_runtime::{Genesis, Reader, Settings, StoreKind, limits};
use weighhouse_testkit::World;
use weighhouse_testkit::variable::variable;
use weighhouse_testkit::world::{START, input};

/// Transactions of each variant unless asked for another number.
const TRANSACTIONS: u64 = 1_500;
/// Transactions of a block, at most.
const BLOCK: u64 = 60;
/// What the load is made from.
const SEED: u64 = 0x5eed;
/// Names the variant that a child is.
const VARIANT: &str = "WEIGHHOUSE_VARIANT";
/// Names the child's folder.
const FOLDER: &str = "WEIGHHOUSE_VARIANT_FOLDER";

/// What a node may choose.
struct Variant {
    name: &'static str,
    settings: fn(&Path) -> Settings,
    /// How often it is stopped and opened again.
    restarts: u64,
    /// What is deleted between, below its folder.
    deleted: &'static [&'static str],
    /// Threads that ask contracts meanwhile.
    readers: usize,
    /// Blocks are stored behind its back, some at a time.
    stored_late: bool,
    /// Logs everything, with backtraces.
    talkative: bool,
}

/// In memory, with the usual settings: the one that the others are compared with.
const PLAIN: Variant = Variant {
    name: "memory",
    settings: |_| Settings::memory(),
    restarts: 0,
    deleted: &[],
    readers: 0,
    stored_late: false,
    talkative: false,
};

const VARIANTS: [Variant; 8] = [
    PLAIN,
    Variant {
        name: "fresh folder, sled",
        settings: |folder| Settings::folder(folder.into()),
        ..PLAIN
    },
    Variant {
        name: "redb, small caches, short memory, stored late",
        settings: |folder| Settings {
            store: StoreKind::Redb,
            store_cache_bytes: 1 << 20,
            read_cache_bytes: 1 << 16,
            retention: Some(3),
            store_inline: false,
            ..Settings::folder(folder.into())
        },
        stored_late: true,
        ..PLAIN
    },
    Variant {
        name: "optimising compiler",
        settings: |_| Settings {
            vm: VmSettings {
                optimisation: Optimisation::Speed,
                ..VmSettings::USUAL
            },
            ..Settings::memory()
        },
        ..PLAIN
    },
    Variant {
        name: "restarts, warm caches",
        settings: |folder| Settings::folder(folder.into()),
        restarts: 5,
        ..PLAIN
    },
    Variant {
        name: "restarts from the log alone, cold caches",
        settings: |folder| Settings::folder(folder.into()),
        restarts: 3,
        deleted: &["code", "state"],
        ..PLAIN
    },
    Variant {
        name: "everything logged, with backtraces",
        settings: |_| Settings::memory(),
        talkative: true,
        ..PLAIN
    },
    Variant {
        name: "queries beside, few modules kept",
        settings: |_| Settings {
            vm: VmSettings {
                keep_resident_bytes: 0,
                module_cache_bytes: 400_000,
                ..VmSettings::USUAL
            },
            ..Settings::memory()
        },
        readers: 2,
        ..PLAIN
    },
];

/// Asks contracts until told to stop.
fn ask_on(reader: Reader, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let work = move || {
        while !stop.load(Ordering::Relaxed) {
            for (contract, _) in reader.contracts(None, 50).unwrap() {
                let query = Query {
                    contract,
                    input: input("supply", &()),
                    caller: contract,
                    at: None,
                    gas_limit: Gas(200_000),
                };
                reader.query(&query).unwrap();
            }
        }
    };
    std::thread::Builder::new()
        .stack_size(limits::EXECUTOR_STACK_BYTES)
        .spawn(work)
        .unwrap()
}

/// Executes the load; digest of all headers and receipts.
fn execute(variant: &Variant, folder: &Path) -> (Hash, Ends) {
    let count = variable("WEIGHHOUSE_VARIANTS").unwrap_or(TRANSACTIONS);
    let seed = variable("WEIGHHOUSE_VARIANTS_SEED").unwrap_or(SEED);
    let open = || World::open(Genesis::development(START), (variant.settings)(folder));
    let mut world = open();
    let mut load = Load::prepare(&mut world, seed);
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..variant.readers)
        .map(|_| ask_on(world.reader.clone(), Arc::clone(&stop)))
        .collect();
    let (mut digest, mut ends) = (Hash::ZERO, Ends::default());
    let blocks = count.div_ceil(BLOCK);
    let every = blocks / (variant.restarts + 1) + 1;
    for block in 1..=blocks {
        world.advance(1);
        let candidates = (0..BLOCK).filter_map(|_| {
            let transaction = load.next(&world);
            world.admit(&transaction).ok()
        });
        let (committed, _) = world.block(candidates.collect());
        digest = chained(&digest, &(&committed.block.header, &committed.receipts));
        committed
            .receipts
            .iter()
            .for_each(|receipt| ends.count(receipt));
        if variant.stored_late && block % 7 == 0 {
            world.on_chain(|chain| {
                let storer = chain.storer();
                while storer.pending().0 > 2 {
                    storer.store_next().unwrap();
                }
            });
        }
        if block % every == 0 {
            drop(world);
            for name in variant.deleted {
                std::fs::remove_dir_all(folder.join(name)).unwrap();
            }
            world = open();
            assert_eq!(world.reader.head().hash(), committed.hash, "opened again");
        }
    }
    stop.store(true, Ordering::Relaxed);
    readers
        .into_iter()
        .for_each(|reader| reader.join().unwrap());
    // The flat state is that of the last root, whatever way it went.
    let root = world.reader.recompute_root().unwrap();
    assert_eq!(root, world.reader.head().state_root);
    assert!(world.reader.head().height > Height(blocks));
    (digest, ends)
}

/// The child's work; does nothing unless a parent asked for it.
#[test]
fn child_executes_the_load() {
    let (Ok(name), Some(folder)) = (std::env::var(VARIANT), std::env::var_os(FOLDER)) else {
        return;
    };
    let variant = VARIANTS.iter().find(|one| one.name == name).unwrap();
    if variant.talkative {
        let logging = Logging {
            filter: "trace".into(),
            json: true,
        };
        logging.start().unwrap();
    }
    let (digest, ends) = execute(variant, Path::new(&folder));
    println!("\ndigest {digest} {:?}", ends.0);
}

/// Runs a variant in a process of its own; the line that it prints.
fn child(variant: &Variant) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "variants::child_executes_the_load",
            "--exact",
            "--nocapture",
        ])
        .env(VARIANT, variant.name)
        .env(FOLDER, folder.path().join("data"))
        .stderr(Stdio::inherit());
    if variant.talkative {
        command
            .env("RUST_BACKTRACE", "full")
            .env("WASMTIME_BACKTRACE_DETAILS", "1")
            .env("RUST_LOG", "trace")
            .env("LC_ALL", "tr_TR.UTF-8")
            .env("TZ", "Asia/Tashkent")
            .stderr(Stdio::null());
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with("digest "));
    line.unwrap_or_else(|| panic!("{}: no digest: {text}", variant.name))
        .to_owned()
}

/// Goal: no setting, no environment, no restart, no cache, no thread changes a header or a receipt.
#[test]
fn det_1_variants_agree_on_every_header_and_receipt() {
    let began = std::time::Instant::now();
    let mut told = Vec::new();
    for pair in VARIANTS.chunks(2) {
        std::thread::scope(|scope| {
            let running: Vec<_> = pair.iter().map(|one| scope.spawn(|| child(one))).collect();
            told.extend(running.into_iter().map(|one| one.join().unwrap()));
        });
    }
    let seconds = began.elapsed().as_secs();
    eprintln!("{} variants in {seconds} s: {}", VARIANTS.len(), told[0]);
    for (variant, line) in VARIANTS.iter().zip(&told) {
        assert_eq!(
            *line, told[0],
            "{} differs from {}",
            variant.name, PLAIN.name
        );
    }
    for end in ["succeeded", "refused", "without gas", "halted"] {
        assert!(told[0].contains(end), "the load is mixed: {}", told[0]);
    }
}
