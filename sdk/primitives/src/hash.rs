//! Hashes and their domains.
//!
//! Every hash of the protocol is blake3 in keyed mode; the key is a 32-byte domain tag, so two
//! purposes can never produce the same digest for the same bytes. A tag is the ASCII text
//! `weighhouse/<crate>/<purpose>/v1` padded with zeros; changing one is a change of format.

use alloc::vec::Vec;
use core::fmt;
use parity_scale_codec::{Decode, Encode, MaxEncodedLen};

/// A domain tag: the key of blake3's keyed mode.
///
/// # Source
/// BLAKE3 specification, section 2.3 (modes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain([u8; 32]);

impl Domain {
    /// Builds a tag from ASCII text of at most 32 bytes; longer text fails to compile in constants.
    ///
    /// # Panics
    /// If `text` is longer than 32 bytes: a bug of this crate, caught when the constant is built.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "const evaluation, bounds asserted on the first line"
    )]
    pub const fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        assert!(bytes.len() <= 32, "a domain tag has at most 32 bytes");
        let mut tag = [0; 32];
        let mut index = 0;
        while index < bytes.len() {
            tag[index] = bytes[index];
            index += 1;
        }
        Self(tag)
    }

    /// Hashes `bytes` in this domain.
    #[must_use]
    pub fn hash(&self, bytes: &[u8]) -> Hash {
        Hash(*blake3::keyed_hash(&self.0, bytes).as_bytes())
    }

    /// Hashes the SCALE encoding of `value` in this domain.
    #[must_use]
    pub fn hash_encoded<T: Encode + ?Sized>(&self, value: &T) -> Hash {
        value.using_encoded(|bytes| self.hash(bytes))
    }

    /// Hashes two digests; one compression of blake3.
    #[must_use]
    pub fn hash_pair(&self, left: &Hash, right: &Hash) -> Hash {
        let mut bytes = [0; 64];
        let (a, b) = bytes.split_at_mut(32);
        a.copy_from_slice(&left.0);
        b.copy_from_slice(&right.0);
        self.hash(&bytes)
    }
}

/// The list of domains of this crate. Other crates keep theirs beside the code that uses them.
pub mod domain {
    use super::Domain;

    /// Payload of a transaction: what is signed, and the transaction's identity.
    pub const TRANSACTION: Domain = Domain::new("weighhouse/primitives/tx/v1");
    /// Address of an account: hash of its key policy.
    pub const ACCOUNT: Domain = Domain::new("weighhouse/primitives/account/v1");
    /// Address of a contract: hash of deployer, code hash and salt.
    pub const CONTRACT: Domain = Domain::new("weighhouse/primitives/deploy/v1");
    /// Block header.
    pub const BLOCK: Domain = Domain::new("weighhouse/primitives/block/v1");
    /// Genesis document.
    pub const GENESIS: Domain = Domain::new("weighhouse/primitives/genesis/v1");
    /// Item of a hashed list (transactions, receipts).
    pub const LIST_ITEM: Domain = Domain::new("weighhouse/primitives/item/v1");
    /// Inner node of a hashed list.
    pub const LIST_NODE: Domain = Domain::new("weighhouse/primitives/list/v1");
    /// Effects of a transaction: its write set.
    pub const EFFECTS: Domain = Domain::new("weighhouse/primitives/effects/v1");
    /// State key.
    pub const STATE_KEY: Domain = Domain::new("weighhouse/primitives/key/v1");
    /// State value.
    pub const STATE_VALUE: Domain = Domain::new("weighhouse/primitives/value/v1");
    /// Leaf of the state tree.
    pub const STATE_LEAF: Domain = Domain::new("weighhouse/primitives/leaf/v1");
    /// Inner node of the state tree.
    pub const STATE_NODE: Domain = Domain::new("weighhouse/primitives/node/v1");
    /// Message that a contract verifies with a key of its own choice (permits and the like).
    pub const CONTRACT_MESSAGE: Domain = Domain::new("weighhouse/primitives/message/v1");
}

/// A 32-byte digest or other fixed identifier.
///
/// # Shape
/// 32 raw bytes, both in SCALE and in storage.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen,
)]
pub struct Hash(pub [u8; 32]);

impl parity_scale_codec::DecodeWithMemTracking for Hash {}

impl Hash {
    /// All zeros: the hash of nothing (empty subtree, previous block of the first).
    pub const ZERO: Self = Self([0; 32]);

    /// Plain blake3 of `bytes`, as `b3sum` prints it: for documents and code, which users hash too.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // At once: a page of transactions has hundreds of them.
        let mut text = *b"0x0000000000000000000000000000000000000000000000000000000000000000";
        let (_, digits) = text.split_at_mut(2);
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [byte >> 4, byte & 0xf].map(|nibble| match nibble {
                0..=9 => b'0'.wrapping_add(nibble),
                _ => b'a'.wrapping_sub(10).wrapping_add(nibble),
            });
        }
        f.write_str(core::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Hash> for Vec<u8> {
    fn from(hash: Hash) -> Self {
        hash.0.to_vec()
    }
}

macro_rules! hash_newtype {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen,
        )]
        pub struct $name(pub Hash);

        impl parity_scale_codec::DecodeWithMemTracking for $name {}

        impl $name {
            /// The raw bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

hash_newtype! {
    /// Identity of a transaction: the hash of its payload, which is also what is signed.
    TxHash;
    /// Plain blake3 of a whole Wasm module, custom sections included.
    CodeHash;
    /// Hash of a block header.
    BlockHash;
    /// Commitment to the whole state.
    StateRoot;
    /// Hash of the genesis document: names the chain.
    GenesisHash;
}
