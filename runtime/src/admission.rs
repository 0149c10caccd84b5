//! May this transaction enter a block?
//!
//! Checks go from cheap to dear: size, shape, chain, validity, limits, policy of the chain, replay,
//! quota, and the signature last. Nothing here writes; the executor checks again at the state of the
//! block (`executor/validate.rs`).

use crate::error::Fault;
use crate::executor::{authorised, intrinsic_gas, quota_use};
use crate::limits;
use crate::state::Read;
use parity_scale_codec::Encode;
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::{
    Action, Address, Gas, Payload, Timestamp, Transaction, TxHash, hash::GenesisHash,
};

mod signature;

pub use signature::{SignatureError, Unproven, prove};

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

impl Admitted {
    /// A transaction that is not checked here: it was before it came into the log, or whoever makes it answers
    /// for it.
    #[must_use]
    pub fn unchecked(transaction: Transaction) -> Self {
        Self {
            hash: transaction.hash(),
            bytes: transaction.encoded_size(),
            transaction,
        }
    }
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

/// What admission needs to know of the chain besides its state.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'a> {
    /// This chain.
    pub chain: GenesisHash,
    /// It is a development network.
    pub development: bool,
    /// Time of the block that is being filled.
    pub now: Timestamp,
    /// The policy in force.
    pub policy: &'a ChainPolicy,
}

/// Answers whether a transaction, valid until then, was executed already.
pub(crate) type Replayed<'a> = &'a mut dyn FnMut(Timestamp, &TxHash) -> Result<bool, Fault>;

/// Decodes and checks a transaction at the state that `read` reads; all but the equations of its
/// signatures.
///
/// # Errors
/// Fault if the state cannot be read; the inner error is the rejection.
pub(crate) fn check(
    bytes: &[u8],
    gate: &Gate<'_>,
    read: Read<'_>,
    replayed: Replayed<'_>,
) -> Result<Result<Unproven, Rejection>, Fault> {
    let admitted = match decode(bytes).map(|transaction| identified(transaction, bytes.len())) {
        Ok(admitted) => admitted,
        Err(rejection) => return Ok(Err(rejection)),
    };
    if let Err(rejection) = recheck(&admitted, gate, read, replayed)? {
        return Ok(Err(rejection));
    }
    Ok(Unproven::new(admitted, gate.development))
}

/// Checks a transaction again whose shape and signature held once, at the state that `read` reads.
///
/// # Errors
/// Fault if the state cannot be read; the inner error is the rejection.
pub(crate) fn recheck(
    admitted: &Admitted,
    gate: &Gate<'_>,
    read: Read<'_>,
    replayed: Replayed<'_>,
) -> Result<Result<(), Rejection>, Fault> {
    if let Err(rejection) = stateless(admitted, gate) {
        return Ok(Err(rejection));
    }
    let payload = &admitted.transaction.payload;
    if replayed(payload.valid_until, &admitted.hash)? {
        return Ok(Err(Rejection::Replayed {
            hash: admitted.hash,
        }));
    }
    let quota = quota_use(
        read,
        gate.policy,
        gate.now,
        &payload.signer,
        payload.gas_limit,
    )?;
    Ok(quota.map(|_| ()))
}

/// Decodes a transaction and checks that its signer wanted it: all that can be known without the state.
///
/// # Errors
/// `TooLarge`, `Malformed`, `BadSignature`, `NotAuthorised`.
pub(crate) fn signed(bytes: &[u8], development: bool) -> Result<Admitted, Rejection> {
    signed_unproven(bytes, development)?.prove()
}

/// As [`signed`], all but the equations of the signatures.
///
/// # Errors
/// As [`signed`].
pub(crate) fn signed_unproven(bytes: &[u8], development: bool) -> Result<Unproven, Rejection> {
    Unproven::new(identified(decode(bytes)?, bytes.len()), development)
}

/// Decodes a transaction; size before shape.
///
/// # Errors
/// `TooLarge`, `Malformed`.
pub fn decode(bytes: &[u8]) -> Result<Transaction, Rejection> {
    if bytes.len() > limits::TX_BYTES_MAX {
        return Err(Rejection::TooLarge {
            bytes: bytes.len(),
            limit: limits::TX_BYTES_MAX,
        });
    }
    decode_canonical(bytes).map_err(|error| Rejection::Malformed {
        reason: error.to_string(),
    })
}

fn identified(transaction: Transaction, bytes: usize) -> Admitted {
    Admitted {
        hash: transaction.payload.hash(),
        bytes,
        transaction,
    }
}

fn stateless(admitted: &Admitted, gate: &Gate<'_>) -> Result<(), Rejection> {
    let payload = &admitted.transaction.payload;
    validity(payload, gate.chain, gate.now)?;
    gas(
        payload,
        intrinsic_gas(&admitted.transaction, admitted.bytes),
    )?;
    input(&payload.action)?;
    authorised(gate.policy, payload)
}

/// Chain and validity at block time `now`.
pub(crate) fn validity(
    payload: &Payload,
    chain: GenesisHash,
    now: Timestamp,
) -> Result<(), Rejection> {
    if payload.chain != chain {
        return Err(Rejection::WrongChain {
            expected: chain,
            got: payload.chain,
        });
    }
    let (valid_until, latest) = (
        payload.valid_until,
        now.saturating_add(limits::VALIDITY_SECONDS_MAX),
    );
    if valid_until < now {
        return Err(Rejection::Expired { valid_until, now });
    }
    if valid_until > latest {
        return Err(Rejection::ValidTooLong {
            valid_until,
            latest,
        });
    }
    Ok(())
}

/// The gas limit covers `intrinsic` and stays within that of a transaction.
pub(crate) fn gas(payload: &Payload, intrinsic: Gas) -> Result<(), Rejection> {
    let (limit, max) = (payload.gas_limit, Gas(limits::TX_GAS_MAX));
    if limit > max {
        return Err(Rejection::GasLimitTooHigh { max, limit });
    }
    if limit < intrinsic {
        return Err(Rejection::GasLimitTooLow {
            needed: intrinsic,
            limit,
        });
    }
    Ok(())
}

/// The input of a contract call is within its limit.
pub(crate) fn input(action: &Action) -> Result<(), Rejection> {
    let bytes = match action {
        Action::Deploy { input, .. }
        | Action::Call { input, .. }
        | Action::Upgrade { input, .. } => input.len(),
        Action::Upload { .. } | Action::Govern { .. } | Action::SetValidator { .. } => 0,
    };
    if bytes > limits::INPUT_BYTES_MAX {
        return Err(Rejection::InputTooLong {
            bytes,
            limit: limits::INPUT_BYTES_MAX,
        });
    }
    Ok(())
}
