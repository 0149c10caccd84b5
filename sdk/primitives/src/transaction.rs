//! Transactions: what is signed.

use crate::account::{KeyPolicy, Signature};
use crate::address::Address;
use crate::gas::Gas;
use crate::hash::{CodeHash, GenesisHash, Hash, TxHash, domain};
use crate::policy::ChainPolicy;
use crate::time::Timestamp;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// What a transaction asks for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Action {
    /// Store code. Succeeds with the 32-byte code hash; storing the same code twice changes nothing.
    #[codec(index = 0)]
    Upload {
        /// The Wasm module.
        code: Vec<u8>,
    },
    /// Create a contract from stored code and run its constructor. Succeeds with the 32-byte address.
    #[codec(index = 1)]
    Deploy {
        /// Which code.
        code: CodeHash,
        /// Chosen by the deployer; enters the address.
        salt: Hash,
        /// Account that may upgrade the contract; `None` for nobody.
        admin: Option<Address>,
        /// `selector ‖ SCALE(arguments)` of the constructor.
        input: Vec<u8>,
    },
    /// Call an entry point. Succeeds with its return data.
    #[codec(index = 2)]
    Call {
        /// Which contract.
        contract: Address,
        /// `selector ‖ SCALE(arguments)`.
        input: Vec<u8>,
    },
    /// Replace a contract's code; only its admin may. `input`, unless empty, then calls an entry
    /// point of the new code (a migration) in the same transaction.
    #[codec(index = 3)]
    Upgrade {
        /// Which contract.
        contract: Address,
        /// The new code.
        code: CodeHash,
        /// Empty, or `selector ‖ SCALE(arguments)`.
        input: Vec<u8>,
    },
    /// Replace the chain policy; only the governor may.
    #[codec(index = 4)]
    Govern {
        /// The new policy, whole.
        policy: ChainPolicy,
    },
    /// Give a validator its voting power; only the governor may. It votes from two blocks later on.
    #[codec(index = 5)]
    SetValidator {
        /// Public ed25519 key of its consensus engine.
        key: [u8; 32],
        /// Its power; 0 removes it.
        power: u64,
    },
}

/// The signed part of a transaction.
///
/// # Shape
/// SCALE, fields in order; at least 124 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Payload {
    /// Which chain this is for.
    pub chain: GenesisHash,
    /// Account that acts.
    pub signer: Address,
    /// Makes the transaction unique; unordered, any value.
    pub nonce: u64,
    /// Last block time at which it may execute, inclusive.
    pub valid_until: Timestamp,
    /// Most gas it may use.
    pub gas_limit: Gas,
    /// What it asks for.
    pub action: Action,
}

impl Payload {
    /// The transaction's identity and the message that its keys sign.
    ///
    /// # Source
    /// `docs/transactions.md`: the hash binds domain, genesis hash, signer, nonce, validity, gas
    /// limit and action.
    #[must_use]
    pub fn hash(&self) -> TxHash {
        TxHash(domain::TRANSACTION.hash_encoded(self))
    }
}

/// Signature of one key of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct KeySignature {
    /// Position of the key in the policy.
    pub key: u8,
    /// Signature over the 32 bytes of [`Payload::hash`].
    pub signature: Signature,
}

/// Why the signer is believed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Authorization {
    /// Signatures by exactly `threshold` keys of the policy that hashes to the signer's address,
    /// strictly ascending by key.
    #[codec(index = 0)]
    Keys {
        /// The policy behind the address.
        policy: KeyPolicy,
        /// The signatures.
        signatures: Vec<KeySignature>,
    },
    /// No signature. Refused unless the chain's genesis says it is a development network.
    #[codec(index = 1)]
    Development,
}

/// A signed request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Transaction {
    /// The signed part.
    pub payload: Payload,
    /// The proof of the signer's will.
    pub authorization: Authorization,
}

impl Transaction {
    /// Identity: [`Payload::hash`]. Other signatures on the same payload do not change it.
    #[must_use]
    pub fn hash(&self) -> TxHash {
        self.payload.hash()
    }
}
