//! A disk in memory with faults: what is not synced is lost or torn at a power cut, bits flip, operations
//! fail, room runs out.
//!
//! # Model
//! - A write reaches the system's memory. A sync brings a file's dirty sectors of 512 bytes and its length
//!   to the disk; syncing the folder does so for creations, renames and removals.
//! - A power cut keeps or loses every dirty sector by itself, a file's new length by itself, and of the
//!   unsynced changes of names a beginning.
//! - A sync that fails brings some dirty sectors to the disk and forgets that the others are dirty: they can
//!   be read, but no later sync writes them (Rebello et al., ATC 2020, on Linux).
//! - A write that fails has written a part, or nothing. Without room it has written what fitted.
//! - Whoever opened the disk before a cut or a kill does nothing to it any more: his process is dead.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use weighhouse_runtime::log::files::Files;
use weighhouse_testkit::Dice;

/// Bytes that a disk writes as one.
const SECTOR: usize = 512;
/// Name of the store's file; all others are the log's.
pub(crate) const STORE: &str = "rows.redb";

/// A file: as the system shows it, and as it is on the disk.
#[derive(Clone, Debug, Default)]
struct Inode {
    now: Vec<u8>,
    durable: Vec<u8>,
    dirty: BTreeSet<usize>,
}

/// A change of names that is not synced.
#[derive(Clone, Debug)]
enum Renaming {
    Made(String, usize),
    Renamed(String, String),
    Removed(String),
}

/// What fails next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// This operation, counted from now.
    One(u64),
    /// This operation and all after it.
    From(u64),
}

#[derive(Debug, Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    renaming: Vec<Renaming>,
    /// Bytes that all files together may have.
    capacity: Option<u64>,
    failure: Option<Failure>,
    /// Operations so far.
    operations: u64,
    epoch: u64,
    failed: u64,
    failed_log_syncs: u64,
    /// Where the last record of the log was written.
    last_record: Option<(String, u64)>,
    dice: Option<Dice>,
    trace: u64,
}

/// The disk; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

/// The disk as one process has it open.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    disk: Disk,
    epoch: u64,
}

/// Counters that a simulation looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) operations: u64,
    pub(crate) failed: u64,
    pub(crate) failed_log_syncs: u64,
    pub(crate) trace: u64,
}

impl Disk {
    pub(crate) fn new(seed: u64) -> Self {
        let disk = Self::default();
        disk.state().dice = Some(Dice::part(seed, 2));
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the disk for a new process.
    pub(crate) fn open(&self) -> Open {
        let epoch = self.state().epoch;
        Open {
            disk: self.clone(),
            epoch,
        }
    }

    pub(crate) fn counters(&self) -> Counters {
        let state = self.state();
        Counters {
            operations: state.operations,
            failed: state.failed,
            failed_log_syncs: state.failed_log_syncs,
            trace: state.trace,
        }
    }

    /// Lets operations fail from now on, or none.
    pub(crate) fn fail(&self, failure: Option<Failure>) {
        let mut state = self.state();
        let now = state.operations;
        state.failure = failure.map(|failure| match failure {
            Failure::One(after) => Failure::One(now + after),
            Failure::From(after) => Failure::From(now + after),
        });
    }

    /// Leaves so many bytes of room, or any number.
    pub(crate) fn leave_room(&self, room: Option<u64>) {
        let mut state = self.state();
        let used = state.used();
        state.capacity = room.map(|room| used + room);
    }

    /// The process ends; what it wrote stays, synced or not.
    pub(crate) fn kill(&self) {
        let mut state = self.state();
        state.epoch += 1;
        state.failure = None;
        state.note(b"kill", 0, 0);
    }

    /// The power goes, and comes back.
    pub(crate) fn cut_power(&self) {
        self.kill();
        let mut state = self.state();
        let mut dice = state.dice.unwrap_or(Dice::new(0));
        let kept = dice.index(state.renaming.len() + 1);
        let renaming: Vec<Renaming> = state.renaming.drain(..).take(kept).collect();
        for change in renaming {
            change.apply(&mut state.durable_names);
        }
        state.names = state.durable_names.clone();
        for inode in &mut state.inodes {
            inode.lose_power(&mut dice);
        }
        state.dice = Some(dice);
        state.note(b"power", 0, 0);
    }

    /// Flips a bit of a file that is there; gives the file and the place.
    pub(crate) fn flip(&self, dice: &mut Dice) -> Option<(String, usize)> {
        let mut state = self.state();
        let names: Vec<String> = state.names.keys().cloned().collect();
        if names.is_empty() {
            return None;
        }
        let name = dice.pick(&names);
        let inode = *state.names.get(&name)?;
        let inode = state.inodes.get_mut(inode)?;
        if inode.now.is_empty() {
            return None;
        }
        let place = dice.index(inode.now.len());
        let bit = 1 << dice.below(8);
        for bytes in [&mut inode.now, &mut inode.durable] {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= bit;
            }
        }
        Some((name, place))
    }

    /// Everything as it is, to be put back.
    pub(crate) fn image(&self) -> Image {
        let state = self.state();
        Image {
            inodes: state.inodes.clone(),
            names: state.names.clone(),
        }
    }

    /// Puts files back as they were; all of it is on the disk then.
    pub(crate) fn restore(&self, image: &Image) {
        let mut state = self.state();
        state.epoch += 1;
        state.inodes.clone_from(&image.inodes);
        for inode in &mut state.inodes {
            inode.sync();
        }
        state.names.clone_from(&image.names);
        state.durable_names.clone_from(&image.names);
        state.renaming.clear();
    }

    /// Where the last record of the log was written.
    pub(crate) fn last_record(&self) -> Option<(String, u64)> {
        self.state().last_record.clone()
    }
}

/// The files of a disk at some moment.
#[derive(Debug)]
pub(crate) struct Image {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
}

impl Renaming {
    fn apply(self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Made(name, inode) => {
                names.insert(name, inode);
            }
            Self::Renamed(from, to) => {
                if let Some(inode) = names.remove(&from) {
                    names.insert(to, inode);
                }
            }
            Self::Removed(name) => {
                names.remove(&name);
            }
        }
    }
}

impl Inode {
    fn sync(&mut self) {
        self.durable.resize(self.now.len(), 0);
        for sector in std::mem::take(&mut self.dirty) {
            self.write_back(sector);
        }
    }

    fn write_back(&mut self, sector: usize) {
        let start = sector * SECTOR;
        let end = (start + SECTOR).min(self.now.len()).min(self.durable.len());
        if start < end {
            self.durable[start..end].copy_from_slice(&self.now[start..end]);
        }
    }

    fn fail_to_sync(&mut self, dice: &mut Dice) {
        if dice.once_in(2) {
            self.durable.resize(self.now.len(), 0);
        }
        for sector in std::mem::take(&mut self.dirty) {
            if dice.once_in(2) {
                self.write_back(sector);
            }
        }
    }

    fn lose_power(&mut self, dice: &mut Dice) {
        self.fail_to_sync(dice);
        self.now.clone_from(&self.durable);
    }

    fn write(&mut self, start: usize, bytes: &[u8]) {
        let end = start + bytes.len();
        if self.now.len() < end {
            let first = self.now.len() / SECTOR;
            self.now.resize(end, 0);
            // Between the former end and what is written stand zeros that are new too.
            self.dirty.extend(first..start / SECTOR);
        }
        self.now[start..end].copy_from_slice(bytes);
        if !bytes.is_empty() {
            self.dirty.extend(start / SECTOR..=(end - 1) / SECTOR);
        }
    }
}

impl State {
    fn used(&self) -> u64 {
        let bytes = self
            .names
            .values()
            .map(|inode| self.inodes[*inode].now.len());
        bytes.sum::<usize>() as u64
    }

    fn note(&mut self, what: &[u8], place: u64, bytes: u64) {
        let words = what
            .iter()
            .copied()
            .chain(place.to_le_bytes())
            .chain(bytes.to_le_bytes());
        self.trace = words.fold(self.trace, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    }

    fn dice(&mut self) -> &mut Dice {
        self.dice.get_or_insert(Dice::new(0))
    }

    /// Counts an operation; true if it fails.
    fn fails(&mut self, what: &[u8], place: u64, bytes: u64) -> bool {
        self.operations += 1;
        self.note(what, place, bytes);
        let fails = match self.failure {
            Some(Failure::One(at)) => self.operations == at,
            Some(Failure::From(at)) => self.operations >= at,
            None => false,
        };
        self.failed += u64::from(fails);
        fails
    }

    fn inode(&mut self, name: &str) -> io::Result<&mut Inode> {
        let inode = *self.names.get(name).ok_or(ErrorKind::NotFound)?;
        self.inodes
            .get_mut(inode)
            .ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn inode_or_new(&mut self, name: &str) -> usize {
        if let Some(inode) = self.names.get(name) {
            return *inode;
        }
        let inode = self.inodes.len();
        self.inodes.push(Inode::default());
        self.names.insert(name.to_owned(), inode);
        self.renaming.push(Renaming::Made(name.to_owned(), inode));
        inode
    }

    fn write(&mut self, name: &str, start: usize, bytes: &[u8]) -> io::Result<()> {
        let fails = self.fails(b"write", start as u64, bytes.len() as u64);
        let inode = self.inode_or_new(name);
        let grows = (start + bytes.len()).saturating_sub(self.inodes[inode].now.len()) as u64;
        let room = self
            .capacity
            .map_or(u64::MAX, |capacity| capacity.saturating_sub(self.used()));
        if fails {
            let part = self.dice().index(bytes.len() + 1);
            let part = part.min(usize::try_from(room).unwrap_or(usize::MAX));
            self.inodes[inode].write(start, &bytes[..part]);
            return Err(io::Error::other("input/output error"));
        }
        if grows > room {
            let missing = usize::try_from(grows - room).unwrap_or(usize::MAX);
            let fits = bytes.len().saturating_sub(missing);
            self.inodes[inode].write(start, &bytes[..fits]);
            self.failed += 1;
            return Err(ErrorKind::StorageFull.into());
        }
        self.inodes[inode].write(start, bytes);
        if bytes.starts_with(b"WHBR") && name != STORE {
            self.last_record = Some((name.to_owned(), start as u64));
        }
        Ok(())
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let fails = self.fails(b"sync", 0, 0);
        let mut dice = *self.dice();
        let inode = self.inode(name)?;
        if fails {
            inode.fail_to_sync(&mut dice);
            self.dice = Some(dice);
            self.failed_log_syncs += u64::from(name != STORE);
            return Err(io::Error::other("input/output error"));
        }
        inode.sync();
        Ok(())
    }
}

impl Open {
    /// Runs an operation, unless the process is dead.
    pub(crate) fn with<T>(
        &self,
        operation: impl FnOnce(&mut Living<'_>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.disk.state();
        if state.epoch != self.epoch {
            return Err(io::Error::other("the process is dead"));
        }
        operation(&mut Living(&mut state))
    }
}

/// The disk while the process lives.
#[derive(Debug)]
pub(crate) struct Living<'a>(&'a mut State);

impl Living<'_> {
    fn failing(&mut self, what: &[u8], place: u64, bytes: u64) -> io::Result<()> {
        match self.0.fails(what, place, bytes) {
            true => Err(io::Error::other("input/output error")),
            false => Ok(()),
        }
    }

    pub(crate) fn len(&mut self, name: &str) -> io::Result<u64> {
        Ok(self.0.inode(name)?.now.len() as u64)
    }

    pub(crate) fn make(&mut self, name: &str) {
        self.0.inode_or_new(name);
    }

    /// At most so many bytes; fewer at the end of the file.
    pub(crate) fn read(&mut self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        self.failing(b"read", offset, bytes as u64)?;
        let now = &self.0.inode(name)?.now;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(now.len());
        let end = start.saturating_add(bytes).min(now.len());
        Ok(now[start..end].to_vec())
    }

    pub(crate) fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| ErrorKind::FileTooLarge)?;
        self.0.write(name, start, bytes)
    }

    pub(crate) fn set_len(&mut self, name: &str, len: u64) -> io::Result<()> {
        let now = self.0.inode(name)?.now.len();
        let len = usize::try_from(len).map_err(|_| ErrorKind::FileTooLarge)?;
        if len > now {
            return self.0.write(name, now, &vec![0; len - now]);
        }
        self.failing(b"cut", len as u64, 0)?;
        let inode = self.0.inode(name)?;
        inode.now.truncate(len);
        // What stood in the last sector behind the new end is not there any more.
        inode.dirty.insert(len / SECTOR);
        Ok(())
    }

    pub(crate) fn sync(&mut self, name: &str) -> io::Result<()> {
        self.0.sync(name)
    }

    /// Counts as an operation of the disk that something else than a file makes.
    pub(crate) fn other(&mut self, what: &[u8], bytes: u64) -> io::Result<()> {
        self.failing(what, 0, bytes)
    }

    pub(crate) fn remove(&mut self, name: &str) -> io::Result<()> {
        self.failing(b"remove", 0, 0)?;
        if self.0.names.remove(name).is_some() {
            self.0.renaming.push(Renaming::Removed(name.to_owned()));
        }
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.failing(b"rename", 0, 0)?;
        let change = Renaming::Renamed(from.to_owned(), to.to_owned());
        if !self.0.names.contains_key(from) {
            return Err(ErrorKind::NotFound.into());
        }
        change.clone().apply(&mut self.0.names);
        self.0.renaming.push(change);
        Ok(())
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        if self.0.fails(b"folder", 0, 0) {
            self.0.failed_log_syncs += 1;
            return Err(io::Error::other("input/output error"));
        }
        self.0.renaming.clear();
        self.0.durable_names = self.0.names.clone();
        Ok(())
    }
}

impl Files for Open {
    fn list(&self) -> io::Result<Vec<String>> {
        self.with(|disk| Ok(disk.0.names.keys().cloned().collect()))
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        self.with(|disk| disk.len(name))
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        self.with(|disk| disk.read(name, offset, bytes))
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.with(|disk| disk.write(name, offset, bytes))
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.with(|disk| disk.set_len(name, len))
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.with(|disk| disk.sync(name))
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.with(|disk| disk.sync_folder())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.with(|disk| disk.rename(from, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.with(|disk| disk.remove(name))
    }
}
