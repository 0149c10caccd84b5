//! May this transaction enter a block?

use weighhouse_primitives::{Address, Gas, Timestamp, Transaction, TxHash, hash::GenesisHash};

/// A transaction that passed the checks at one state.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Its identity.
    pub hash: TxHash,
    /// Length of its encoding in bytes.
    pub bytes: usize,
    /// Itself.
    pub transaction: Transaction,
}

/// Why a transaction was not admitted. An answer to the sender, never in a receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Not the canonical encoding of a transaction.
    #[error("not a transaction: {reason}")]
    Malformed {
        /// What the codec says.
        reason: String,
    },
    /// Longer than allowed.
    #[error("transaction is {bytes} bytes, limit is {limit}")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The authorization does not prove the signer's will.
    #[error("bad signature: {reason}")]
    BadSignature {
        /// What exactly is wrong with it.
        reason: SignatureError,
    },
    /// Signed for another chain.
    #[error("signed for chain {got}, this is {expected}")]
    WrongChain {
        /// This chain.
        expected: GenesisHash,
        /// The payload's.
        got: GenesisHash,
    },
    /// Executed already.
    #[error("transaction {hash} was executed already")]
    Replayed {
        /// Its identity.
        hash: TxHash,
    },
    /// Its validity has ended.
    #[error("valid until {valid_until}, block time is {now}")]
    Expired {
        /// Its last second.
        valid_until: Timestamp,
        /// Block time.
        now: Timestamp,
    },
    /// Its validity ends too far ahead.
    #[error("valid until {valid_until}, at most {latest} is accepted now")]
    ValidTooLong {
        /// Its last second.
        valid_until: Timestamp,
        /// The latest that is accepted.
        latest: Timestamp,
    },
    /// The gas limit does not even cover what is charged before execution.
    #[error("gas limit {limit} is below the {needed} that is charged before execution")]
    GasLimitTooLow {
        /// What is needed.
        needed: Gas,
        /// What it offers.
        limit: Gas,
    },
    /// The gas limit is above that of a transaction.
    #[error("gas limit {limit} is above {max}")]
    GasLimitTooHigh {
        /// The most.
        max: Gas,
        /// What it asks for.
        limit: Gas,
    },
    /// The account has used up its quota of this window.
    #[error(
        "account used {used} of {quota} gas in this window of {window_seconds} s and asks for {asked}"
    )]
    OverQuota {
        /// Length of a window.
        window_seconds: u32,
        /// Used in this window.
        used: Gas,
        /// The quota.
        quota: Gas,
        /// The transaction's gas limit.
        asked: Gas,
    },
    /// The chain policy does not let the signer do this.
    #[error("{signer} may not {act} on this chain")]
    NotAuthorised {
        /// Who.
        signer: Address,
        /// `submit`, `upload`, `deploy`, `govern`, or `act without a signature`.
        act: &'static str,
    },
    /// The uploaded module breaks a rule of the validator.
    #[error("module refused: {reason}")]
    BadCode {
        /// Which rule, where, and the cure.
        reason: String,
    },
    /// The input of a call is longer than allowed.
    #[error("input is {bytes} bytes, limit is {limit}")]
    InputTooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// What is wrong with an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Keys not strictly ascending, none, too many, or a threshold out of range.
    #[error("the key policy is not well formed")]
    PolicyShape,
    /// The policy does not hash to the signer's address.
    #[error("the key policy is not that of the signer's address")]
    PolicyMismatch,
    /// Not exactly `threshold` signatures, or not ascending, or of a key that is not there.
    #[error("the policy needs {threshold} signatures by different keys, in ascending order")]
    Count {
        /// The policy's threshold.
        threshold: u8,
    },
    /// Not a point, not canonical, or of small order.
    #[error("key {key} is weak or not canonical")]
    WeakKey {
        /// Position in the policy.
        key: u8,
    },
    /// The signature does not hold.
    #[error("the signature of key {key} does not hold for this payload on this chain")]
    Invalid {
        /// Position in the policy.
        key: u8,
    },
}
