//! The memory that a fresh instance starts with, and how a used one gets it back.
//!
//! The whole memory is compared with the image, block by block, and what differs is written again: no
//! trust in the guest or in the system is needed to know what it wrote. A memory that has grown cannot
//! shrink, and a large one would cost more to compare than a fresh one: neither is reset (decision 0014).

/// Bytes compared, and restored, at a time.
const BLOCK_BYTES: usize = 2048;

/// Largest memory that is set back: 256 KiB. Comparing it takes about what making an instance does.
const BYTES_MAX: usize = 4 * 64 * 1024;

static ZERO: [u8; BLOCK_BYTES] = [0; BLOCK_BYTES];

/// Initial memory; blocks without data take no room.
#[derive(Debug)]
pub(super) struct Image {
    bytes: usize,
    blocks: Vec<Option<Box<[u8]>>>,
}

impl Image {
    /// The image of a memory that no code has run on; of a large one nothing but its length.
    pub(super) fn of(memory: &[u8]) -> Self {
        let keep = |block: &[u8]| block.iter().any(|byte| *byte != 0).then(|| block.into());
        let blocks = memory.chunks(BLOCK_BYTES).map(keep);
        Self {
            bytes: memory.len(),
            blocks: match memory.len() {
                ..=BYTES_MAX => blocks.collect(),
                _ => Vec::new(),
            },
        }
    }

    /// Makes `memory` equal to the image; false, with nothing done, if it has another length or is large.
    pub(super) fn restore(&self, memory: &mut [u8]) -> bool {
        if memory.len() != self.bytes || self.bytes > BYTES_MAX {
            return false;
        }
        for (now, initial) in memory.chunks_mut(BLOCK_BYTES).zip(&self.blocks).rev() {
            let initial = match initial {
                Some(block) => block,
                None => ZERO.get(..now.len()).unwrap_or(&ZERO),
            };
            if now != initial {
                now.copy_from_slice(initial);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Goal: whatever was written wherever, the memory is the initial one again.
        #[test]
        fn every_byte_is_restored(
            blocks in 0_usize..6,
            rest in 0_usize..BLOCK_BYTES,
            data in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
            writes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..200),
        ) {
            let mut initial = vec![0_u8; blocks * BLOCK_BYTES + rest];
            let set = |memory: &mut [u8], places: Vec<(prop::sample::Index, u8)>| {
                if memory.is_empty() {
                    return;
                }
                for (at, byte) in places {
                    let at = at.index(memory.len());
                    memory[at] = byte;
                }
            };
            set(&mut initial, data);
            let image = Image::of(&initial);
            let mut memory = initial.clone();
            set(&mut memory, writes);
            prop_assert!(image.restore(&mut memory));
            prop_assert_eq!(memory, initial);
        }
    }

    /// Goal: a memory that has grown is never taken for a fresh one.
    #[test]
    fn a_grown_memory_is_refused() {
        let image = Image::of(&[1, 2, 3]);
        assert!(!image.restore(&mut [1, 2, 3, 0]));
    }

    /// Goal: comparing is bounded: the largest memory is set back, a larger one is not.
    #[test]
    fn a_large_memory_is_refused() {
        let mut memory = vec![1; BYTES_MAX];
        assert!(Image::of(&memory).restore(&mut memory));
        memory.push(1);
        assert!(!Image::of(&memory).restore(&mut memory));
    }
}
