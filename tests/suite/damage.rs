//! Damage anywhere in a node's data: flipped bits, cut files, lost sectors, in the log, in the files of sled and of
//! redb, in compiled code. It is told, or it does no harm; no answer is wrong, nothing panics, hangs or grows; and
//! the log alone gives the same chain again.
//!
//! Each case is a copy of one folder, with one fault, opened by a process of its own. `WEIGHHOUSE_DAMAGE` says how
//! many cases there are (without it some seconds' worth), `WEIGHHOUSE_DAMAGE_SEED` which ones,
//! `WEIGHHOUSE_DAMAGE_CASE` repeats one alone.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a child tells its parent what it found; the figures are for whoever waits for them"
)]

mod look;

use look::{look, text};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use weighhouse_primitives::{Address, Amount, CodeHash, Hash};
use weighhouse_runtime::{Chain, Genesis, Settings, StoreKind, limits};
use weighhouse_testkit::variable::variable;
use weighhouse_testkit::world::START;
use weighhouse_testkit::{Account, Dice, World};

/// Cases unless asked for another number.
const CASES: u64 = 24;
const SEED: u64 = 0x5eed;
/// Names the folder that a child opens.
const FOLDER: &str = "WEIGHHOUSE_DAMAGE_FOLDER";
/// Names its store: `sled` or `redb`.
const STORE: &str = "WEIGHHOUSE_DAMAGE_STORE";
/// A child that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);
/// Address space of a child: a length that is believed ends it.
const ADDRESS_SPACE_KIB: u64 = 32 * 1024 * 1024;
/// A long run says after so many cases that it is still there.
const PROGRESS: u64 = 100;

fn settings(folder: &Path, store: StoreKind) -> Settings {
    Settings {
        store,
        ..Settings::folder(folder.to_owned())
    }
}

/// The bond's address: of the second transaction.
fn bond_address() -> Address {
    let code = CodeHash(Hash::of(weighhouse_testkit::artifact("bond")));
    let mut salt = Hash::ZERO;
    salt.0[0] = 2;
    Address::of_contract(&Account::new("issuer").address, &code, &salt)
}

/// Some blocks of a bond's life, kept in a folder.
fn live(folder: &Path, store: StoreKind) {
    let mut world = World::open(Genesis::development(START), settings(folder, store));
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let bond = world.deploy(&issuer, "bond", "open", &Amount(u128::MAX));
    bond.call::<()>(
        &mut world,
        &issuer,
        "mint",
        &(issuer.address, Amount(10_000)),
    )
    .unwrap();
    for amount in 1..40u8 {
        world.advance(60);
        let to = Address([amount; 32]);
        for (from, to, amount) in [
            (&issuer, holder.address, u128::from(amount)),
            (&holder, to, 1),
            (&holder, to, 100_000),
        ] {
            let given = (to, Amount(amount));
            let done = bond.call::<()>(&mut world, from, "transfer", &given);
            assert_eq!(done.is_err(), amount == 100_000);
        }
    }
    assert_eq!(bond.address, bond_address());
}

/// The child's work; does nothing unless a parent asked for it.
#[test]
fn child_looks_at_a_damaged_folder() {
    let (Some(folder), Ok(store)) = (std::env::var_os(FOLDER), std::env::var(STORE)) else {
        return;
    };
    let store = match &*store {
        "redb" => StoreKind::Redb,
        _ => StoreKind::Sled,
    };
    let work = move || {
        let settings = settings(Path::new(&folder), store);
        let said = Chain::open(Genesis::development(START), settings)
            .map_err(text)
            .and_then(|mut chain| look(&mut chain, bond_address()));
        match said {
            Ok(hash) => println!("\nsaid {hash}"),
            Err(told) => println!("\ntold {told}"),
        }
    };
    std::thread::Builder::new()
        .stack_size(limits::EXECUTOR_STACK_BYTES)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

/// Opens a folder in a process of its own; the line that it prints, or how it ended.
fn child(folder: &Path, store: &str) -> Result<String, String> {
    let test = std::env::current_exe().unwrap();
    let bounded = format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &bounded])
        .arg(test)
        .args([
            "damage::child_looks_at_a_damaged_folder",
            "--exact",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(STORE, store)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (done, ended) = channel();
    let errors = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = err.read_to_end(&mut said);
        said
    });
    let reading = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = out.read_to_end(&mut said);
        let _ = done.send(());
        said
    });
    let hangs = ended.recv_timeout(PATIENCE).is_err();
    if hangs {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let said = String::from_utf8_lossy(&reading.join().unwrap()).into_owned();
    let errors = String::from_utf8_lossy(&errors.join().unwrap()).into_owned();
    let mut lines = said.lines();
    let line = lines.find(|line| line.starts_with("said 0x") || line.starts_with("told "));
    match line {
        Some(line) if status.success() && !hangs => Ok(line.to_owned()),
        _ if hangs => Err("it hangs".to_owned()),
        _ => Err(format!("it ended with {status}: {errors}")),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// Every file below a folder that is not empty, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.metadata().unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A place in a file: mostly where something is written, because files are made larger than what they hold.
fn place(bytes: &[u8], dice: &mut Dice) -> usize {
    let used = bytes.iter().filter(|byte| **byte != 0).count();
    if used == 0 || dice.once_in(5) {
        return dice.index(bytes.len());
    }
    let mut written = bytes.iter().enumerate().filter(|(_, byte)| **byte != 0);
    let (at, _) = written.nth(dice.index(used)).unwrap();
    at
}

/// Damages one file: half the time any file, half the time any byte. Gives the file and what was done.
fn damage(folder: &Path, dice: &mut Dice) -> (PathBuf, String) {
    let files = files(folder);
    let sizes: Vec<u64> = files
        .iter()
        .map(|file| file.metadata().unwrap().len())
        .collect();
    let number = match dice.once_in(2) {
        true => dice.index(files.len()),
        false => {
            let mut byte = dice.below(sizes.iter().sum());
            let holds = |size: &u64| {
                let here = byte < *size;
                byte = byte.saturating_sub(*size);
                here
            };
            sizes.iter().position(holds).unwrap()
        }
    };
    let file = &files[number];
    let mut bytes = fs::read(file).unwrap();
    let at = place(&bytes, dice);
    let what = match dice.below(10) {
        0..6 => {
            let bit = dice.below(8);
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} flipped")
        }
        6..9 => {
            bytes.truncate(at);
            format!("cut to {at} bytes")
        }
        _ => {
            let sector = at / 512 * 512;
            let end = bytes.len().min(sector + 512);
            bytes[sector..end].fill(0);
            format!("sector at {sector} lost")
        }
    };
    fs::write(file, bytes).unwrap();
    (file.strip_prefix(folder).unwrap().to_owned(), what)
}

/// The part of the data that a file belongs to.
fn part(file: &Path) -> &'static str {
    let name = file.to_string_lossy();
    ["log", "state/sled", "state/redb", "code"]
        .into_iter()
        .find(|part| name.starts_with(part))
        .unwrap_or("other files")
}

/// One case: `Ok` is whether it was told, and in which part of the data it was.
fn case(
    (whole, store, said): (&Path, &str, &str),
    mut dice: Dice,
) -> Result<(&'static str, bool), String> {
    let folder = tempfile::tempdir().unwrap();
    copy(whole, folder.path());
    let (file, what) = damage(folder.path(), &mut dice);
    let name = format!("{store}, {}: {what}", file.display());
    let line = child(folder.path(), store).map_err(|end| format!("{name}: {end}"))?;
    let told = line.starts_with("told ");
    if !told && line != said {
        return Err(format!("{name}: a wrong answer: {line}"));
    }
    // Invariant STATE-3: the log is the truth, whatever happened to the rest.
    if told && part(&file).starts_with("state") {
        fs::remove_dir_all(folder.path().join("state")).unwrap();
        let line = child(folder.path(), store).map_err(|end| format!("{name}, again: {end}"))?;
        if line != said {
            return Err(format!("{name}: not the same again: {line}"));
        }
    }
    Ok((part(&file), told))
}

/// Goal: whatever is damaged in the data of a node, it is told or does no harm, and what the log can make again is
/// made again.
#[test]
fn state_2_damage_anywhere_is_told_or_harmless() {
    let began = Instant::now();
    let cases = variable("WEIGHHOUSE_DAMAGE").unwrap_or(CASES);
    let seed = variable("WEIGHHOUSE_DAMAGE_SEED").unwrap_or(SEED);
    let only = variable("WEIGHHOUSE_DAMAGE_CASE");
    let whole: Vec<_> = [("sled", StoreKind::Sled), ("redb", StoreKind::Redb)]
        .into_iter()
        .map(|(name, store)| {
            let folder = tempfile::tempdir().unwrap();
            live(folder.path(), store);
            let sound = tempfile::tempdir().unwrap();
            copy(folder.path(), sound.path());
            let said = child(sound.path(), name).unwrap();
            assert!(said.starts_with("said "), "{said}");
            (name, folder, said)
        })
        .collect();
    assert_eq!(whole[0].2, whole[1].2, "the store changes no answer");
    let mut figures = BTreeMap::<(&str, bool), u64>::new();
    let mut wrong = Vec::new();
    for number in 0..cases {
        if only.is_some_and(|only| only != number) {
            continue;
        }
        let (name, folder, said) = &whole[usize::from(number % 3 == 2)];
        match case((folder.path(), name, said), Dice::part(seed, number)) {
            Ok(end) => *figures.entry(end).or_default() += 1,
            Err(what) => wrong.push(format!("case {number}: {what}")),
        }
        if (number + 1) % PROGRESS == 0 {
            eprintln!("{} cases, {} wrong: {figures:?}", number + 1, wrong.len());
        }
    }
    eprintln!(
        "seed {seed:#x}, {cases} cases in {} s; by part, and whether it was told: {figures:?}",
        began.elapsed().as_secs()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
