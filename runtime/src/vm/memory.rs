//! Bounds-checked guest memory.
//!
//! Every pointer and length that a guest hands to the host passes here (HOST-1). A slice of length
//! zero is legal wherever it points: contracts pass dangling pointers for empty data. Slices may
//! overlap; host functions read before they write.

use std::ops::Range;
use weighhouse_primitives::receipt::HaltReason;

/// The linear memory of one instance, borrowed for the time of a host function.
#[derive(Debug)]
pub struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

impl<'a> GuestMemory<'a> {
    /// Wraps the memory's bytes.
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes }
    }

    /// The `len` bytes at `ptr`.
    ///
    /// # Errors
    /// `BadPointer` if they leave memory.
    pub fn read(&self, ptr: u32, len: u32) -> Result<&[u8], HaltReason> {
        let range = range(ptr, len)?;
        self.bytes.get(range).ok_or(HaltReason::BadPointer)
    }

    /// The `N` bytes at `ptr`.
    ///
    /// # Errors
    /// `BadPointer` if they leave memory.
    pub fn read_array<const N: usize>(&self, ptr: u32) -> Result<[u8; N], HaltReason> {
        let len = u32::try_from(N).map_err(|_| HaltReason::BadPointer)?;
        <[u8; N]>::try_from(self.read(ptr, len)?).map_err(|_| HaltReason::BadPointer)
    }

    /// Two slices, which may overlap.
    ///
    /// # Errors
    /// `BadPointer` if either leaves memory.
    pub fn read_two(
        &self,
        first: (u32, u32),
        second: (u32, u32),
    ) -> Result<(&[u8], &[u8]), HaltReason> {
        Ok((self.read(first.0, first.1)?, self.read(second.0, second.1)?))
    }

    /// The `len` bytes at `ptr`, to be filled.
    ///
    /// # Errors
    /// `BadPointer` if they leave memory.
    pub fn slice_mut(&mut self, ptr: u32, len: u32) -> Result<&mut [u8], HaltReason> {
        let range = range(ptr, len)?;
        self.bytes.get_mut(range).ok_or(HaltReason::BadPointer)
    }

    /// Copies all of `bytes` to `ptr`.
    ///
    /// # Errors
    /// `BadPointer` if they leave memory; nothing is written then.
    pub fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), HaltReason> {
        let len = u32::try_from(bytes.len()).map_err(|_| HaltReason::BadPointer)?;
        self.slice_mut(ptr, len)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Copies as much of `bytes` as fits into the `cap` bytes at `ptr`; returns how much.
    ///
    /// # Errors
    /// `BadPointer` if the `cap` bytes leave memory, however few are copied.
    pub fn write_fitting(&mut self, ptr: u32, cap: u32, bytes: &[u8]) -> Result<u32, HaltReason> {
        let out = self.slice_mut(ptr, cap)?;
        let mut copied = 0_u32;
        for (to, from) in out.iter_mut().zip(bytes) {
            *to = *from;
            copied = copied.saturating_add(1);
        }
        Ok(copied)
    }
}

/// Invariant HOST-1: sums of guest numbers are checked before they index anything.
fn range(ptr: u32, len: u32) -> Result<Range<usize>, HaltReason> {
    if len == 0 {
        return Ok(0..0);
    }
    let start = usize::try_from(ptr).map_err(|_| HaltReason::BadPointer)?;
    let len = usize::try_from(len).map_err(|_| HaltReason::BadPointer)?;
    let end = start.checked_add(len).ok_or(HaltReason::BadPointer)?;
    Ok(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Empty slices are legal anywhere, even far outside memory.
    #[test]
    fn zero_length_is_legal_anywhere() {
        let mut bytes = [1, 2, 3];
        let mut memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.read(u32::MAX, 0), Ok(&[][..]));
        assert_eq!(memory.write(u32::MAX, &[]), Ok(()));
        assert_eq!(memory.write_fitting(9, 0, &[7]), Ok(0));
    }

    /// A write that does not fit changes nothing.
    #[test]
    fn partial_writes_do_not_happen() {
        let mut bytes = [1, 2, 3];
        let mut memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.write(2, &[8, 9]), Err(HaltReason::BadPointer));
        assert_eq!(
            memory.write_fitting(1, 3, &[8]),
            Err(HaltReason::BadPointer)
        );
        assert_eq!(bytes, [1, 2, 3]);
    }

    proptest! {
        /// Goal: no pointer panics the host, and a slice is granted exactly if it lies in memory.
        #[test]
        fn host_1_pointers_are_granted_exactly_inside(
            size in 0_usize..64,
            ptr in prop_oneof![0_u32..80, Just(u32::MAX), any::<u32>()],
            len in prop_oneof![0_u32..80, Just(u32::MAX), any::<u32>()],
        ) {
            let mut bytes = vec![0; size];
            let memory = GuestMemory::new(&mut bytes);
            let inside = len == 0 || u64::from(ptr) + u64::from(len) <= size as u64;
            prop_assert_eq!(memory.read(ptr, len).is_ok(), inside);
            prop_assert_eq!(memory.read_two((0, 0), (ptr, len)).is_ok(), inside);
        }
    }
}
