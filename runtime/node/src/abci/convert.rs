//! From the engine's types to ours and back; nothing is decided here.

use super::mempool::Refusal;
use crate::solo::{Decided, TxResult};
use bytes::Bytes;
use tendermint_proto::google::protobuf::Timestamp as EngineTime;
use tendermint_proto::v0_38::abci::{
    ExecTxResult, ResponseCheckTx, ResponseFinalizeBlock, ResponsePrepareProposal,
    ResponseProcessProposal, ValidatorUpdate, response_process_proposal::ProposalStatus,
};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key};
use weighhouse_primitives::policy::ValidatorSet;
use weighhouse_primitives::{Gas, Height, StateRoot, Timestamp};
use weighhouse_runtime::Admitted;

/// Name of the codes below, so that nobody takes them for another program's.
const CODESPACE: &str = "weighhouse";
/// Code of a transaction that is in a block and did not do what it was meant to; its receipt says why.
const FAILED: u32 = 1;

/// A height of the engine; `None` for one that cannot be.
pub(super) fn height(height: i64) -> Option<Height> {
    u64::try_from(height).ok().map(Height)
}

/// A height for the engine.
pub(super) fn engine_height(height: Height) -> i64 {
    i64::try_from(height.0).unwrap_or(i64::MAX)
}

/// A time of the engine in whole seconds, rounded down: rounding keeps the order. Times before 1970 and
/// none are 1970, which block time never falls behind (genesis).
pub(super) fn time(time: Option<&EngineTime>) -> Timestamp {
    let seconds = time.map_or(0, |time| time.seconds);
    Timestamp(u64::try_from(seconds).unwrap_or(0))
}

fn gas(gas: Gas) -> i64 {
    i64::try_from(gas.0).unwrap_or(i64::MAX)
}

/// The app hash: the state root, nothing else.
pub(super) fn app_hash(root: StateRoot) -> Bytes {
    Bytes::copy_from_slice(root.0.as_bytes())
}

/// The answer to `CheckTx`. The text is for people only.
pub(super) fn checked(checked: &Result<Admitted, Refusal>) -> ResponseCheckTx {
    match checked {
        Ok(admitted) => ResponseCheckTx {
            gas_wanted: gas(admitted.transaction.payload.gas_limit),
            data: Bytes::copy_from_slice(admitted.hash.as_bytes()),
            ..ResponseCheckTx::default()
        },
        Err(refusal) => ResponseCheckTx {
            code: refusal.code(),
            log: refusal.to_string(),
            codespace: CODESPACE.into(),
            ..ResponseCheckTx::default()
        },
    }
}

/// The answer to `PrepareProposal`.
pub(super) const fn proposed(txs: Vec<Bytes>) -> ResponsePrepareProposal {
    ResponsePrepareProposal { txs }
}

/// The answer to `ProcessProposal`.
pub(super) fn judged(valid: bool) -> ResponseProcessProposal {
    let status = match valid {
        true => ProposalStatus::Accept,
        false => ProposalStatus::Reject,
    };
    ResponseProcessProposal {
        status: status.into(),
    }
}

/// The answer to `FinalizeBlock`. Code, data and gas are hashed into the engine's next header
/// (`last_results_hash`): the hash of the receipt there makes nodes that differ in one halt at once, and
/// lets a receipt be proven to whoever follows the headers.
pub(super) fn finalized(decided: &Decided) -> ResponseFinalizeBlock {
    ResponseFinalizeBlock {
        tx_results: decided.results.iter().map(result).collect(),
        app_hash: app_hash(decided.state_root),
        validator_updates: decided.validators.iter().map(validator).collect(),
        ..ResponseFinalizeBlock::default()
    }
}

/// A validator's power as the engine wants it.
fn validator((key, power): (&[u8; 32], &u64)) -> ValidatorUpdate {
    ValidatorUpdate {
        pub_key: Some(PublicKey {
            sum: Some(public_key::Sum::Ed25519(key.to_vec())),
        }),
        power: i64::try_from(*power).unwrap_or(i64::MAX),
    }
}

/// The validators that the engine starts with; `None` if one has a key that is none here.
pub(super) fn validators(updates: &[ValidatorUpdate]) -> Option<ValidatorSet> {
    let one = |update: &ValidatorUpdate| match update.pub_key.as_ref()?.sum.as_ref()? {
        public_key::Sum::Ed25519(key) => Some((
            key.as_slice().try_into().ok()?,
            u64::try_from(update.power).ok()?,
        )),
        public_key::Sum::Secp256k1(_) => None,
    };
    let set: Option<_> = updates.iter().map(one).collect();
    set.map(ValidatorSet)
}

fn result(result: &TxResult) -> ExecTxResult {
    ExecTxResult {
        code: if result.success { 0 } else { FAILED },
        data: Bytes::copy_from_slice(result.receipt.as_bytes()),
        gas_wanted: gas(result.gas_limit),
        gas_used: gas(result.gas_used),
        codespace: if result.success {
            String::new()
        } else {
            CODESPACE.into()
        },
        ..ExecTxResult::default()
    }
}

/// Bytes that a transaction takes in the engine's block: itself, its length, its field.
pub(super) fn bytes_in_block(transaction: &Bytes) -> usize {
    1 + prost::length_delimiter_len(transaction.len()) + transaction.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: block time is the engine's in whole seconds, and keeps its order.
    #[test]
    fn time_is_rounded_down() {
        let at = |seconds, nanos| time(Some(&EngineTime { seconds, nanos }));
        assert_eq!(at(7, 999_999_999), Timestamp(7));
        assert_eq!(at(8, 0), Timestamp(8));
        assert_eq!(at(-1, 0), Timestamp(0));
        assert_eq!(time(None), Timestamp(0));
    }
}
