//! Files in memory that lose what was not synced, tear writes and fail on demand.

use super::files::Files;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::Mutex;

#[derive(Clone, Debug, Default)]
struct Inode {
    now: Vec<u8>,
    durable: Vec<u8>,
}

#[derive(Debug, Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    operations: u64,
    fail_at: Option<(u64, ErrorKind)>,
    /// Bytes by which files may still grow.
    room: Option<usize>,
}

/// The simulated folder.
#[derive(Debug, Default)]
pub(crate) struct SimFiles(Mutex<State>);

/// A small generator for tests.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

impl SimFiles {
    /// The `n`th changing operation from now on, and all after it, fail.
    pub(crate) fn fail_at(&self, n: Option<u64>, kind: ErrorKind) {
        let mut state = self.0.lock().unwrap();
        state.fail_at = n.map(|n| (state.operations + n, kind));
    }

    /// Files may grow by so many bytes more, or by any number.
    pub(crate) fn leave_room(&self, room: Option<usize>) {
        self.0.lock().unwrap().room = room;
    }

    /// Changing operations so far.
    pub(crate) fn operations(&self) -> u64 {
        self.0.lock().unwrap().operations
    }

    /// A power cut: unsynced sectors survive or not, as the dice say; so does the folder.
    pub(crate) fn crash(&self, dice: &mut Dice) {
        let mut state = self.0.lock().unwrap();
        state.fail_at = None;
        if dice.roll(2) == 0 {
            state.names = state.durable_names.clone();
        }
        state.durable_names = state.names.clone();
        for inode in &mut state.inodes {
            let mut kept = inode.durable.clone();
            if dice.roll(2) == 0 {
                // The length may have reached the disk without the bytes.
                kept.resize(inode.now.len(), 0);
            }
            for (sector, bytes) in inode.now.chunks(512).enumerate() {
                let start = sector * 512;
                if dice.roll(2) == 0 && start + bytes.len() <= kept.len() {
                    kept[start..start + bytes.len()].copy_from_slice(bytes);
                }
            }
            *inode = Inode {
                now: kept.clone(),
                durable: kept,
            };
        }
    }

    /// Bytes of a file.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let state = self.0.lock().unwrap();
        state.inodes[state.names[name]].now.clone()
    }

    /// Replaces a file.
    pub(crate) fn replace(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.0.lock().unwrap();
        let inode = state.names[name];
        state.inodes[inode].now = bytes;
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.0.lock().unwrap();
        state.operations += 1;
        match state.fail_at {
            Some((at, kind)) if state.operations >= at => Err(kind.into()),
            _ => change(&mut state),
        }
    }
}

impl State {
    fn inode(&mut self, name: &str) -> io::Result<&mut Inode> {
        let inode = *self.names.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(&mut self.inodes[inode])
    }
}

impl Files for SimFiles {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().names.keys().cloned().collect())
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        let mut state = self.0.lock().unwrap();
        Ok(state.inode(name)?.now.len() as u64)
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let mut state = self.0.lock().unwrap();
        let now = &state.inode(name)?.now;
        let start = usize::try_from(offset).unwrap().min(now.len());
        let end = start.saturating_add(bytes).min(now.len());
        Ok(now[start..end].to_vec())
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        let put = |state: &mut State, bytes: &[u8]| {
            if !state.names.contains_key(name) {
                state.names.insert(name.to_owned(), state.inodes.len());
                state.inodes.push(Inode::default());
            }
            let room = state.room;
            let inode = state.inode(name)?;
            let grows = (start + bytes.len()).saturating_sub(inode.now.len());
            let missing = room.map_or(0, |room| grows.saturating_sub(room));
            let bytes = &bytes[..bytes.len() - missing.min(bytes.len())];
            let length = inode.now.len().max(start + bytes.len());
            inode.now.resize(length, 0);
            inode.now[start..start + bytes.len()].copy_from_slice(bytes);
            state.room = room.map(|room| room.saturating_sub(grows));
            match missing {
                0 => Ok(()),
                _ => Err(ErrorKind::StorageFull.into()),
            }
        };
        let done = self.change(|state| put(state, bytes));
        if done.is_err() {
            // A failed write may have written a part.
            put(&mut self.0.lock().unwrap(), &bytes[..bytes.len() / 2])?;
        }
        done
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.change(|state| {
            state
                .inode(name)?
                .now
                .truncate(usize::try_from(len).unwrap());
            Ok(())
        })
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.change(|state| {
            let inode = state.inode(name)?;
            inode.durable = inode.now.clone();
            Ok(())
        })
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.change(|state| {
            state.durable_names = state.names.clone();
            Ok(())
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change(|state| {
            let inode = state.names.remove(from).ok_or(ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), inode);
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change(|state| {
            state.names.remove(name);
            Ok(())
        })
    }
}
