//! The binary interface between guest and host, `wh1`.
//!
//! # Exports of a contract
//! | export | what |
//! |---|---|
//! | `memory` | the one linear memory |
//! | `wh_io` | immutable `i32` global: address of a window of [`IO_WINDOW_BYTES`] in guest data |
//! | `wh_call(len: i32) -> i64` | the one entry |
//!
//! # A call
//! The host writes the first [`IO_WINDOW_BYTES`] bytes of `selector: u32 ‖ SCALE(arguments)` into the
//! window and calls `wh_call` with the full length; what does not fit is read with `input_read`. The
//! guest returns `ptr << 32 | len` of an answer: byte 0 and the SCALE return value, or byte 1, a
//! `u16` error code and SCALE of the error's fields. The instance is then set back. Code 0 is no error
//! code: it lets the refusal of a contract below pass unchanged and is followed by that call's answer
//! bytes as `answer_read` gave them.
//!
//! # Statuses
//! `contract_call` answers `status << 32 | len`, with status [`CALL_SUCCEEDED`], [`CALL_REVERTED`] or
//! [`CALL_HALTED`]; the `len` bytes of its answer wait for `answer_read`.

use crate::address::Address;
use crate::block::Height;
use crate::hash::GenesisHash;
use crate::time::Timestamp;
use parity_scale_codec::{Decode, Encode, MaxEncodedLen};

/// Name of the import module, and with it the version of the interface: a signature never changes.
pub const IMPORT_MODULE: &str = "wh1";
/// Export: linear memory.
pub const EXPORT_MEMORY: &str = "memory";
/// Export: address of the I/O window.
pub const EXPORT_IO: &str = "wh_io";
/// Export: the entry.
pub const EXPORT_CALL: &str = "wh_call";
/// Custom section: SCALE of [`crate::schema::Schema`].
pub const SECTION_SCHEMA: &str = "wh.schema";
/// Custom section: SCALE of `Vec<`[`crate::schema::CellSchema`]`>`.
pub const SECTION_STORAGE: &str = "wh.storage";
/// Custom section: SCALE of `Vec<`[`crate::rule::Rule`]`>`.
pub const SECTION_RULES: &str = "wh.rules";
/// Custom section: SCALE of [`crate::schema::BuildRecord`].
pub const SECTION_BUILD: &str = "wh.build";
/// Size of the I/O window in bytes.
pub const IO_WINDOW_BYTES: usize = 16 * 1024;

/// First byte of an answer: the entry point succeeded.
pub const ANSWER_SUCCEEDED: u8 = 0;
/// First byte of an answer: the entry point refused. The code follows, then the error's fields. Code 0
/// passes on what a callee refused: `contract, code, fields` follow, exactly as the frame's last
/// `contract_call` answered them, or else the refusal counts as this contract's own.
pub const ANSWER_REVERTED: u8 = 1;

/// Answer of `storage_get`, `storage_page` where there is nothing.
pub const ABSENT: i64 = -1;

/// Status of `contract_call`: answer is SCALE of the return value.
pub const CALL_SUCCEEDED: u32 = 0;
/// Status of `contract_call`: answer is `contract ‖ code: u16 ‖ SCALE(fields)`.
pub const CALL_REVERTED: u32 = 1;
/// Status of `contract_call`: the callee was stopped; answer is SCALE of
/// [`crate::receipt::HaltReason`].
pub const CALL_HALTED: u32 = 2;

/// Flag of `contract_call`: the callee and everything below may not write.
pub const FLAG_READ_ONLY: u32 = 1;

/// Hash algorithm: plain blake3.
pub const HASH_BLAKE3: u32 = 0;
/// Signature algorithm: ed25519 by the rule of ZIP 215, weak and non-canonical keys refused.
pub const VERIFY_ED25519: u32 = 0;

/// The number by which an entry point, event or storage cell is known: FNV-1a of its name.
///
/// Two names of one contract that collide are refused when the contract is built and uploaded.
///
/// # Source
/// The FNV non-cryptographic hash algorithm, RFC 9923, 32-bit FNV-1a.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "const evaluation over the bytes of a name, index below length"
)]
pub const fn selector(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let mut hash = 0x811c_9dc5_u32;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u32).wrapping_mul(0x0100_0193);
        index += 1;
    }
    hash
}

/// What a frame knows about where it runs; `context_read` copies its SCALE encoding.
///
/// # Shape
/// SCALE, fields in order, always 148 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct FrameContext {
    /// Direct caller: the signer's account, or a contract.
    pub caller: Address,
    /// Account whose signature authorised the transaction.
    pub signer: Address,
    /// The contract that runs.
    pub contract: Address,
    /// Chain, for messages that are signed outside transactions.
    pub chain: GenesisHash,
    /// Height of the block being executed.
    pub height: Height,
    /// Time of that block.
    pub time: Timestamp,
    /// 1 if this frame may not write, else 0.
    pub read_only: u32,
}

/// Bytes of an encoded [`FrameContext`].
pub const FRAME_CONTEXT_BYTES: usize = 148;

/// **The** table of host functions. `$each!` receives every row:
/// documentation, `group::name(arguments) -> result, gas base + per_byte * (length arguments);`.
///
/// Read by `weighhouse-sdk` (declares the imports), by the runtime (charges the formula, then calls
/// `host::<group>::<name>`) and by the generator of `docs/reference/host-functions.md`. Arguments
/// that end in `_ptr` and `_len` (or `_cap`) are a slice of guest memory; zero length is legal. Work
/// whose size is known only inside is charged there and named under *plus*.
#[macro_export]
macro_rules! for_each_host_function {
    ($each:ident) => { $each! {
        /// Copies bytes of the call's input from `offset` into `out`; returns how many.
        input::input_read(offset: u32, out_ptr: u32, out_cap: u32) -> u32,
            gas 60 + 1 * (out_cap);

        /// Copies the encoded frame context (148 bytes) into `out`, which must hold it.
        context::context_read(out_ptr: u32) -> u32, gas 80;
        /// Gas left in this frame.
        context::gas_left() -> i64, gas 40;

        /// Reads the value stored at `key`; copies it into `out` if it fits. Returns its true length,
        /// or -1 if absent. The value stays at hand for `tail_read`. Plus 1 gas per byte of value.
        storage::storage_get(key_ptr: u32, key_len: u32, out_ptr: u32, out_cap: u32) -> i64,
            gas 700 + 2 * (key_len);
        /// Copies from the value last found by `storage_get`, starting at `offset`; returns how many.
        storage::tail_read(offset: u32, out_ptr: u32, out_cap: u32) -> u32,
            gas 60 + 1 * (out_cap);
        /// Stores `value` at `key`.
        storage::storage_set(key_ptr: u32, key_len: u32, value_ptr: u32, value_len: u32),
            gas 2500 + 10 * (key_len, value_len);
        /// Removes `key`; returns 1 if something was stored there.
        storage::storage_remove(key_ptr: u32, key_len: u32) -> u32,
            gas 2500 + 10 * (key_len);
        /// Fills `out` with `(key_len: u16, value_len: u16, key, value)*` of the keys that start with
        /// `prefix` and are greater than `after`, ascending, as many as fit whole; returns the number
        /// of bytes, 0 at the end, or minus the size of the first pair if `out` is too small for it.
        /// `after` is the whole key, prefix included, or empty. Plus 700 gas per pair and
        /// 400 per key that is passed over because this block has removed it.
        storage::storage_page(
            prefix_ptr: u32, prefix_len: u32, after_ptr: u32, after_len: u32, out_ptr: u32, out_cap: u32
        ) -> i64, gas 1500 + 2 * (prefix_len, after_len, out_cap);

        /// Calls `input` (`selector ‖ arguments`) of the contract whose 32-byte address is at
        /// `contract_ptr`, with at most `gas` gas (capped by what is left). Returns
        /// `status << 32 | answer length`. Plus the gas that the callee used.
        call::contract_call(contract_ptr: u32, input_ptr: u32, input_len: u32, gas: i64, flags: u32) -> i64,
            gas 3000 + 1 * (input_len);
        /// Copies from the answer of the last `contract_call`, starting at `offset`; returns how many.
        call::answer_read(offset: u32, out_ptr: u32, out_cap: u32) -> u32,
            gas 60 + 1 * (out_cap);

        /// Hashes `data` with `algorithm` (0: blake3) into 32 bytes at `out_ptr`.
        crypto::hash(algorithm: u32, data_ptr: u32, data_len: u32, out_ptr: u32), gas 200 + 3 * (data_len);
        /// 1 if `signature` (64 bytes) of `message` by `key` (32 bytes) holds under `algorithm`
        /// (0: ed25519), else 0.
        crypto::verify(
            algorithm: u32, key_ptr: u32, message_ptr: u32, message_len: u32, signature_ptr: u32
        ) -> u32, gas 45000 + 3 * (message_len);
        /// 1 if every signature of the SCALE list `Vec<(key: [u8; 32], signature: [u8; 64])>` over
        /// `message` holds, else 0. Plus 45,000 gas per signature.
        crypto::verify_many(
            algorithm: u32, list_ptr: u32, list_len: u32, message_ptr: u32, message_len: u32
        ) -> u32, gas 500 + 3 * (list_len, message_len);

        /// Emits an event: `kind` is the selector of its name, `data` SCALE of its fields.
        event::event_emit(kind: u32, data_ptr: u32, data_len: u32), gas 1200 + 8 * (data_len);
        /// A line of text for the developer; in no receipt and no root.
        event::debug_log(text_ptr: u32, text_len: u32), gas 200 + 2 * (text_len);
        /// Stops the frame: the contract panicked at `file:line` with `message`. The text goes to the
        /// part of the receipt that no hash covers.
        event::abort(message_ptr: u32, message_len: u32, file_ptr: u32, file_len: u32, line: u32),
            gas 200 + 2 * (message_len, file_len);
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fixed size that guests rely on is the codec's own.
    #[test]
    fn frame_context_has_its_fixed_size() {
        assert_eq!(FrameContext::max_encoded_len(), FRAME_CONTEXT_BYTES);
    }

    /// Published test vectors of FNV-1a.
    #[test]
    fn selector_is_fnv_1a() {
        assert_eq!(selector(""), 0x811c_9dc5);
        assert_eq!(selector("a"), 0xe40c_292c);
        assert_eq!(selector("foobar"), 0xbf9c_f968);
    }
}
