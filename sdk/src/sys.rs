//! The border: raw imports, generated from the table of host functions, and safe wrappers.
//!
//! This is the guest's only `unsafe extern` block. Every wrapper turns slices into `(pointer, length)`
//! pairs; the host checks them again. It also holds the few words that live as long as the instance:
//! the I/O window and whatever [`Global`] guards. An instance runs one call on one thread and is then
//! dropped.
//!
//! On a host target every import is `unreachable!`: a contract's behaviour is tested on the real
//! engine, not on a second implementation of it.
#![cfg_attr(
    target_arch = "wasm32",
    expect(
        unsafe_code,
        reason = "host functions and the I/O window cross the border of the sandbox"
    )
)]

use weighhouse_primitives::abi::FRAME_CONTEXT_BYTES;
use weighhouse_primitives::{Address, Hash};

#[cfg(target_arch = "wasm32")]
macro_rules! imports {
    ($(
        $(#[$doc:meta])*
        $group:ident :: $name:ident ( $($arg:ident : $ty:ty),* $(,)? ) $(-> $ret:ty)?,
            gas $base:literal $(+ $per:literal * ($($len:ident),*))?;
    )*) => {
        #[link(wasm_import_module = "wh1")]
        unsafe extern "C" {
            $($(#[$doc])* pub(super) fn $name($($arg: $ty),*) $(-> $ret)?;)*
        }
    };
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! imports {
    ($(
        $(#[$doc:meta])*
        $group:ident :: $name:ident ( $($arg:ident : $ty:ty),* $(,)? ) $(-> $ret:ty)?,
            gas $base:literal $(+ $per:literal * ($($len:ident),*))?;
    )*) => {
        $($(#[$doc])* pub(super) fn $name($(_: $ty),*) $(-> $ret)? {
            unreachable!("host functions exist only inside a contract instance")
        })*
    };
}

#[expect(
    dead_code,
    reason = "the table is whole; a value larger than the window does not exist"
)]
mod raw {
    weighhouse_primitives::for_each_host_function!(imports);
}

/// Calls an import: `unsafe` inside a contract, a panic elsewhere.
#[cfg(target_arch = "wasm32")]
macro_rules! host {
    ($name:ident($($arg:expr),* $(,)?)) => {
        // SAFETY: every pointer and length stems from a live slice (exclusive where the host writes)
        // of exactly that length; the host neither keeps pointers nor calls back.
        unsafe { raw::$name($($arg),*) }
    };
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! host {
    ($name:ident($($arg:expr),* $(,)?)) => { raw::$name($($arg),*) };
}

fn at(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.as_ptr().addr()).unwrap_or(u32::MAX)
}

fn at_mut(bytes: &mut [u8]) -> u32 {
    u32::try_from(bytes.as_mut_ptr().addr()).unwrap_or(u32::MAX)
}

fn len(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// `ptr << 32 | len` of an answer that lives until the instance is dropped.
pub(crate) fn pointer_and_length(answer: &'static [u8]) -> u64 {
    (u64::from(at(answer)) << 32) | u64::from(len(answer))
}

pub(crate) fn input_read(offset: u32, out: &mut [u8]) -> u32 {
    host!(input_read(offset, at_mut(out), len(out)))
}

pub(crate) fn context_read(out: &mut [u8; FRAME_CONTEXT_BYTES]) {
    host!(context_read(at_mut(out)));
}

pub(crate) fn gas_left() -> u64 {
    u64::try_from(host!(gas_left())).unwrap_or(0)
}

pub(crate) fn storage_get(key: &[u8], out: &mut [u8]) -> i64 {
    host!(storage_get(at(key), len(key), at_mut(out), len(out)))
}

pub(crate) fn storage_set(key: &[u8], value: &[u8]) {
    host!(storage_set(at(key), len(key), at(value), len(value)));
}

pub(crate) fn storage_remove(key: &[u8]) -> bool {
    host!(storage_remove(at(key), len(key))) == 1
}

pub(crate) fn storage_page(prefix: &[u8], after: &[u8], out: &mut [u8]) -> i64 {
    host!(storage_page(
        at(prefix),
        len(prefix),
        at(after),
        len(after),
        at_mut(out),
        len(out)
    ))
}

pub(crate) fn contract_call(contract: &Address, input: &[u8], gas: u64, flags: u32) -> u64 {
    let gas = i64::try_from(gas).unwrap_or(i64::MAX);
    host!(contract_call(
        at(contract.as_bytes()),
        at(input),
        len(input),
        gas,
        flags
    ))
    .cast_unsigned()
}

pub(crate) fn answer_read(offset: u32, out: &mut [u8]) -> u32 {
    host!(answer_read(offset, at_mut(out), len(out)))
}

pub(crate) fn hash(algorithm: u32, data: &[u8]) -> Hash {
    let mut out = [0; 32];
    host!(hash(algorithm, at(data), len(data), at_mut(&mut out)));
    Hash(out)
}

pub(crate) fn verify(algorithm: u32, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    host!(verify(
        algorithm,
        at(key),
        at(message),
        len(message),
        at(signature)
    )) == 1
}

pub(crate) fn verify_many(algorithm: u32, list: &[u8], message: &[u8]) -> bool {
    host!(verify_many(
        algorithm,
        at(list),
        len(list),
        at(message),
        len(message)
    )) == 1
}

pub(crate) fn event_emit(kind: u32, data: &[u8]) {
    host!(event_emit(kind, at(data), len(data)));
}

pub(crate) fn debug_log(text: &str) {
    host!(debug_log(at(text.as_bytes()), len(text.as_bytes())));
}

/// Stops the frame; the text goes to the part of the receipt that no hash covers.
#[cfg(target_arch = "wasm32")]
pub(crate) fn abort(message: &str, file: &str, line: u32) -> ! {
    host!(abort(
        at(message.as_bytes()),
        len(message.as_bytes()),
        at(file.as_bytes()),
        len(file.as_bytes()),
        line
    ));
    core::arch::wasm32::unreachable()
}

#[cfg(target_arch = "wasm32")]
pub(crate) use instance::{Global, with_window};

/// What lives as long as the instance.
#[cfg(target_arch = "wasm32")]
mod instance {
    use core::cell::{Cell, UnsafeCell};
    use weighhouse_primitives::abi::IO_WINDOW_BYTES;

    /// A value of the instance.
    pub(crate) struct Global<T>(T);

    // SAFETY: wasm32v1-none has no threads; an instance is entered once.
    unsafe impl<T> Sync for Global<T> {}

    impl<T> Global<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(value)
        }

        pub(crate) fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
            f(&self.0)
        }
    }

    /// The I/O window: the host writes the input here before `wh_call`.
    #[repr(transparent)]
    pub(crate) struct Window(UnsafeCell<[u8; IO_WINDOW_BYTES]>);

    // SAFETY: as above; `with_window` hands out one exclusive reference at a time.
    unsafe impl Sync for Window {}

    #[unsafe(no_mangle)]
    pub(crate) static wh_io: Window = Window(UnsafeCell::new([0; IO_WINDOW_BYTES]));

    static IN_USE: Global<Cell<bool>> = Global::new(Cell::new(false));

    /// Lends the I/O window, which after the input has been read is scratch space: a stored value
    /// always fits.
    pub(crate) fn with_window<R>(f: impl FnOnce(&mut [u8]) -> R) -> R {
        assert!(!IN_USE.0.replace(true), "the I/O window is lent once");
        // SAFETY: the flag keeps this reference the only one; the host writes to the window only
        // before `wh_call`, and in host functions that are given this very slice.
        let window = unsafe { &mut *wh_io.0.get() };
        let result = f(window);
        IN_USE.0.set(false);
        result
    }
}

/// Lends scratch space of the size of the I/O window.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn with_window<R>(f: impl FnOnce(&mut [u8]) -> R) -> R {
    f(&mut alloc::vec![0; weighhouse_primitives::abi::IO_WINDOW_BYTES])
}
