//! What a Wasm module without an operating system needs: an allocator and a panic handler.
//!
//! The allocator only moves forward: memory is dropped with the instance after one call. Freeing or
//! growing the last block happens in place, which covers buffers that are filled and dropped again.
//! The panic handler reports file, line and the message if it is a plain text; formatted messages
//! would add about 6 KB of formatting code to every contract.
#![expect(
    unsafe_code,
    reason = "an allocator hands out raw memory by definition"
)]

use crate::sys;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::Cell;
use core::ptr;

const PAGE_BYTES: usize = 64 * 1024;

unsafe extern "C" {
    /// Set by the linker: where static data ends.
    static __heap_base: u8;
}

/// The bump allocator.
struct Bump {
    /// First byte that nobody has.
    next: Cell<*const u8>,
}

// SAFETY: wasm32v1-none has no threads; an instance is entered once.
unsafe impl Sync for Bump {}

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    next: Cell::new(&raw const __heap_base),
};

impl Bump {
    /// Makes `[start, start + bytes)` part of the heap; false if memory is used up.
    #[inline(always)]
    fn reserve(&self, start: usize, bytes: usize) -> bool {
        let Some(stop) = start.checked_add(bytes) else {
            return false;
        };
        // Pages are counted, not bytes: memory of 4 GiB has no length in a word.
        if stop.div_ceil(PAGE_BYTES) > memory_size(0) && !grow(stop) {
            return false;
        }
        self.next.set(ptr::with_exposed_provenance(stop));
        true
    }
}

/// Makes memory reach to `stop`.
#[cold]
#[inline(never)]
fn grow(stop: usize) -> bool {
    let missing = stop.div_ceil(PAGE_BYTES).saturating_sub(memory_size(0));
    memory_grow(0, missing) != usize::MAX
}

// SAFETY: blocks are aligned, inside linear memory and disjoint: `next` only moves past them, or
// back to the start of the last one when that is freed.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Alignments are powers of two: the mask is what `next_multiple_of` would find by dividing.
        let mask = layout.align().wrapping_sub(1);
        let start = self.next.get().addr().wrapping_add(mask) & !mask;
        if self.reserve(start, layout.size()) {
            ptr::with_exposed_provenance_mut(start)
        } else {
            ptr::null_mut()
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if block.addr().checked_add(layout.size()) == Some(self.next.get().addr()) {
            self.next.set(block);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if block.addr().checked_add(layout.size()) == Some(self.next.get().addr()) {
            return if self.reserve(block.addr(), size) {
                block
            } else {
                ptr::null_mut()
            };
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the caller vouches that `size` with this alignment is a layout.
        let larger = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the layout is not empty, as the caller of `realloc` vouches.
        let moved = unsafe { self.alloc(larger) };
        if !moved.is_null() {
            // SAFETY: two disjoint blocks, both at least as long as the old one.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size()) };
        }
        moved
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    let message = info.message().as_str().unwrap_or("the contract panicked");
    match info.location() {
        Some(location) => sys::abort(message, location.file(), location.line()),
        None => sys::abort(message, "", 0),
    }
}
