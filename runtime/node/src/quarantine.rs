//! Transactions that this node does not execute any more, because executing them ended it twice.
//!
//! Before the transactions of a block are executed, their hashes are written into the file `executing`
//! of the data folder; afterwards it is emptied. A node that finds the file full when it starts was
//! ended in between: by a fault, a panic, an overflow of the machine's stack, or from outside. Which
//! transaction it was is not known yet, so all of them become suspects; a suspect is executed in a
//! block of its own, and one that ends the node there is in quarantine: refused when it is submitted.
//! One that is executed there is a suspect no longer.
//!
//! A block that consensus ordered is executed whole or not at all. With a suspect in it, each hash is noted by
//! itself right before its transaction is executed. With a quarantined transaction in it the node votes against
//! it; if it is decided all the same, the node stops before it executes it, and says what to do.
//!
//! Nothing of it enters a block: other nodes, or a later version of this one, may well execute it.
//! `weighhouse node quarantine --release HASH` gives it another chance.
//!
//! # Format
//! `executing`: hashes of 32 bytes, one behind the other. `quarantine.txt`: lines `suspect 0x...` and
//! `quarantined 0x...`.
//!
//! # Crash behaviour
//! `executing` is not synced: it tells of the end of a process, not of the machine. `quarantine.txt` is
//! replaced whole.
//!
//! # Cost
//! Two small writes for a block; nothing without a folder.

use crate::keystore::write_private;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use weighhouse_primitives::{Hash, TxHash};
use weighhouse_rpc::types::HashHex;
use weighhouse_runtime::{Admitted, Fault};

/// File of the hashes that are being executed.
const EXECUTING: &str = "executing";
/// File of suspects and quarantined transactions.
const LIST: &str = "quarantine.txt";

/// What is held against a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// The node ended while it was executed together with others.
    Suspect,
    /// The node ended while it was executed alone.
    Quarantined,
}

impl Charge {
    /// How the list writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suspect => "suspect",
            Self::Quarantined => "quarantined",
        }
    }
}

/// The list, and the file that says what is being executed.
#[derive(Debug, Default)]
pub struct Quarantine {
    charges: BTreeMap<TxHash, Charge>,
    folder: Option<PathBuf>,
    executing: Option<File>,
    /// Something is noted in `executing`.
    noted: bool,
    /// What is being executed, while there is anything to be acquitted of.
    tried: Vec<TxHash>,
}

impl Quarantine {
    /// Reads the list of a data folder, and adds what ended the node the last time.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a line that is not understood.
    pub fn open(folder: Option<&Path>) -> Result<Self, Fault> {
        let Some(folder) = folder else {
            return Ok(Self::default());
        };
        let mut quarantine = Self {
            charges: read(folder)?,
            folder: Some(folder.to_owned()),
            ..Self::default()
        };
        let path = folder.join(EXECUTING);
        let left = match std::fs::read(&path) {
            Ok(left) => left,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Fault::io("reading what was being executed")(error)),
        };
        quarantine.accuse(&left)?;
        let file = File::create(&path).map_err(Fault::io("opening the list of what is executed"));
        quarantine.executing = Some(file?);
        Ok(quarantine)
    }

    /// Holds the end of the node against what was being executed.
    fn accuse(&mut self, left: &[u8]) -> Result<(), Fault> {
        let hashes = left.chunks_exact(32).filter_map(|chunk| {
            let bytes: [u8; 32] = chunk.try_into().ok()?;
            Some(TxHash(Hash(bytes)))
        });
        let hashes: Vec<TxHash> = hashes.collect();
        if hashes.is_empty() {
            return Ok(());
        }
        if let [only] = hashes.as_slice()
            && self.charges.contains_key(only)
        {
            tracing::error!(transaction = %only, "executing it ended the node twice: quarantined");
            self.charges.insert(*only, Charge::Quarantined);
        } else {
            tracing::warn!(
                transactions = hashes.len(),
                "the node ended while it executed them; each is executed alone if it comes again"
            );
            for hash in hashes {
                self.charges.entry(hash).or_insert(Charge::Suspect);
            }
        }
        self.write()
    }

    /// The transactions that this node does not execute.
    #[must_use]
    pub fn quarantined(&self) -> BTreeSet<TxHash> {
        let held = self.charges.iter();
        held.filter(|(_, charge)| **charge == Charge::Quarantined)
            .map(|(hash, _)| *hash)
            .collect()
    }

    /// Everything that is held against transactions, by hash.
    pub fn charges(&self) -> impl Iterator<Item = (&TxHash, Charge)> {
        self.charges.iter().map(|(hash, charge)| (hash, *charge))
    }

    /// Takes from `candidates` what must not be in the next block: with a suspect among them, all others.
    pub fn separate(&self, candidates: &mut Vec<Admitted>) -> Vec<Admitted> {
        if self.charges.is_empty() {
            return Vec::new();
        }
        let suspect = |one: &Admitted| self.charges.contains_key(&one.hash);
        let Some(place) = candidates.iter().position(suspect) else {
            return Vec::new();
        };
        let alone = candidates.swap_remove(place);
        std::mem::replace(candidates, vec![alone])
    }

    /// True if this node does not execute a transaction.
    #[must_use]
    pub fn holds(&self, hash: &TxHash) -> bool {
        self.charges.get(hash) == Some(&Charge::Quarantined)
    }

    /// True if one of them may be what ended the node.
    #[must_use]
    pub fn suspects(&self, candidates: &[Admitted]) -> bool {
        !self.charges.is_empty()
            && candidates
                .iter()
                .any(|one| self.charges.contains_key(&one.hash))
    }

    /// Notes that the transactions of a block are executed next, each of them noted by [`Quarantine::next`].
    pub fn begin_one_by_one(&mut self, candidates: &[Admitted]) {
        self.tried = candidates.iter().map(|one| one.hash).collect();
    }

    /// Notes the one transaction that is executed next.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn next(&mut self, hash: &TxHash) -> Result<(), Fault> {
        let Some(file) = self.executing.as_mut() else {
            return Ok(());
        };
        self.noted = true;
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(hash.0.as_bytes()))
            .map_err(Fault::io("noting what is executed"))
    }

    /// Notes what is executed next.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(&mut self, candidates: &[Admitted]) -> Result<(), Fault> {
        let Some(file) = self.executing.as_mut().filter(|_| !candidates.is_empty()) else {
            return Ok(());
        };
        let hashes = candidates.iter().map(|one| one.hash);
        if !self.charges.is_empty() {
            self.tried = hashes.clone().collect();
        }
        let bytes: Vec<u8> = hashes.flat_map(|hash| *hash.0.as_bytes()).collect();
        self.noted = true;
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&bytes))
            .map_err(Fault::io("noting what is executed"))
    }

    /// Notes that execution is over, but not of all of it: nobody is acquitted.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn give_up(&mut self) -> Result<(), Fault> {
        self.tried.clear();
        self.end()
    }

    /// Notes that all of it was executed.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn end(&mut self) -> Result<(), Fault> {
        if let Some(file) = self.executing.as_mut().filter(|_| self.noted) {
            file.set_len(0)
                .map_err(Fault::io("noting what was executed"))?;
            self.noted = false;
        }
        let before = self.charges.len();
        for hash in std::mem::take(&mut self.tried) {
            self.charges.remove(&hash);
        }
        if self.charges.len() == before {
            return Ok(());
        }
        self.write()
    }

    /// Notes that transactions are in a durable block: executing them did not end the node.
    ///
    /// # Errors
    /// If the list cannot be written.
    pub fn acquit<'a>(&mut self, hashes: impl Iterator<Item = &'a TxHash>) -> Result<(), Fault> {
        let before = self.charges.len();
        for hash in hashes {
            self.charges.remove(hash);
        }
        if self.charges.len() == before {
            return Ok(());
        }
        self.write()
    }

    /// Forgets what is held against a transaction; true if there was something.
    ///
    /// # Errors
    /// If the list cannot be written.
    pub fn release(&mut self, hash: &TxHash) -> Result<bool, Fault> {
        let there = self.charges.remove(hash).is_some();
        if there {
            self.write()?;
        }
        Ok(there)
    }

    fn write(&self) -> Result<(), Fault> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let line = |(hash, charge): (&TxHash, &Charge)| format!("{} {hash}\n", charge.word());
        let text: String = self.charges.iter().map(line).collect();
        write_private(&folder.join(LIST), text.as_bytes())
            .map_err(Fault::io("writing the quarantine"))
    }
}

fn read(folder: &Path) -> Result<BTreeMap<TxHash, Charge>, Fault> {
    let path = folder.join(LIST);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(Fault::io("reading the quarantine")(error)),
    };
    let mut charges = BTreeMap::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        let (word, hash) = line.split_once(' ').unwrap_or((line, ""));
        let charge = [Charge::Suspect, Charge::Quarantined]
            .into_iter()
            .find(|charge| charge.word() == word);
        let (Some(charge), Ok(hash)) = (charge, HashHex::from_str(hash)) else {
            return Err(Fault::Unusable {
                place: format!("{}, line {number}", path.display()),
                reason: "expected `suspect 0x...` or `quarantined 0x...`".into(),
            });
        };
        charges.insert(TxHash::from(hash), charge);
    }
    Ok(charges)
}

#[cfg(test)]
mod tests;
