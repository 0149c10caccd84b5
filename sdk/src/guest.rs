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
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: wasm32v1-none has no threads; an instance is entered once.
unsafe impl Sync for Bump {}

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    next: Cell::new(0),
    end: Cell::new(0),
};

impl Bump {
    /// Makes `[start, start + bytes)` part of the heap; false if memory is used up.
    fn reserve(&self, start: usize, bytes: usize) -> bool {
        let Some(stop) = start.checked_add(bytes) else {
            return false;
        };
        if stop > self.end.get() {
            let missing = stop.saturating_sub(self.end.get()).div_ceil(PAGE_BYTES);
            if memory_grow(0, missing) == usize::MAX {
                return false;
            }
            self.end.set(memory_size(0).saturating_mul(PAGE_BYTES));
        }
        self.next.set(stop);
        true
    }
}

// SAFETY: blocks are aligned, inside linear memory and disjoint: `next` only moves past them, or
// back to the start of the last one when that is freed.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.end.get() == 0 {
            self.next.set((&raw const __heap_base).addr());
            self.end.set(memory_size(0).saturating_mul(PAGE_BYTES));
        }
        let start = self.next.get().next_multiple_of(layout.align());
        if self.reserve(start, layout.size()) {
            ptr::with_exposed_provenance_mut(start)
        } else {
            ptr::null_mut()
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if block.addr().checked_add(layout.size()) == Some(self.next.get()) {
            self.next.set(block.addr());
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if block.addr().checked_add(layout.size()) == Some(self.next.get()) {
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
