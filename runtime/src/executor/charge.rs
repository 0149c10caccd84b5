//! What a transaction pays before it runs: intrinsic gas, replay guard, quota.
//!
//! Invariant TX-1: a transaction hash executes at most once. It is noted before anything else, whatever
//! becomes of the transaction, and stands in the state with the end of the block; its row is removed
//! only when block time has passed `valid_until`, from when on the validity check refuses it.

use super::{Execution, Job};
use crate::admission::Rejection;
use crate::error::Fault;
use crate::gas::GasSchedule;
use crate::state::record::AccountRecord;
use crate::state::{Read, guard, key};
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::{Action, Address, Authorization, Gas, Timestamp, Transaction};

/// Gas charged before execution: base, bytes, signatures, and code checking for an upload.
///
/// # Gas
/// `transaction + transaction_byte * bytes + signature * signatures (+ upload_byte * code bytes)`.
#[must_use]
pub fn intrinsic_gas(transaction: &Transaction, bytes: usize) -> Gas {
    let schedule = &GasSchedule::V1;
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let signatures = match &transaction.authorization {
        Authorization::Keys { signatures, .. } => signatures.len(),
        Authorization::Development => 1,
    };
    let upload = match &transaction.payload.action {
        Action::Upload { code } => schedule.upload(count(code.len()), 0, 0),
        _ => 0,
    };
    Gas(schedule
        .transaction
        .saturating_add(schedule.transaction_byte.saturating_mul(count(bytes)))
        .saturating_add(schedule.signature.saturating_mul(count(signatures)))
        .saturating_add(upload))
}

/// True if the transaction was executed already, in an earlier block or in this one.
pub(super) fn replayed(execution: &mut Execution, job: &Job<'_>) -> Result<bool, Fault> {
    let valid_until = job.payload.valid_until;
    if execution.executed.contains(&(valid_until, job.hash)) {
        return Ok(true);
    }
    if !execution.filter.may_contain(valid_until, &job.hash) {
        return Ok(false);
    }
    let overlay = &mut execution.overlay;
    guard::is_guarded(
        &mut |prefix, after, limit| overlay.page(prefix, after, limit),
        valid_until,
        &job.hash,
    )
}

/// The account's record in the current window, if `asked` fits its quota. `None`: no quota.
pub(crate) fn quota_use(
    read: Read<'_>,
    policy: &ChainPolicy,
    now: Timestamp,
    account: &Address,
    asked: Gas,
) -> Result<Result<Option<AccountRecord>, Rejection>, Fault> {
    let Some(quota) = policy.quota else {
        return Ok(Ok(None));
    };
    let window = now
        .0
        .checked_div(u64::from(quota.window_seconds))
        .unwrap_or(0);
    let stored = match read(&key::account(account))? {
        Some(value) => AccountRecord::decode(&mut &*value).map_err(|error| Fault::Damaged {
            place: format!("record of account {account}"),
            reason: error.to_string(),
        })?,
        None => AccountRecord::default(),
    };
    let used = if stored.window == window {
        stored.used
    } else {
        Gas::ZERO
    };
    if used.saturating_add(asked) > quota.gas {
        return Ok(Err(Rejection::OverQuota {
            window_seconds: quota.window_seconds,
            used,
            quota: quota.gas,
            asked,
        }));
    }
    Ok(Ok(Some(AccountRecord { window, used })))
}

/// Notes the transaction as executed.
pub(super) fn charge(execution: &mut Execution, job: &Job<'_>) {
    // Invariant TX-1.
    execution
        .executed
        .insert((job.payload.valid_until, job.hash));
}

/// Adds `gas_used` to the account's quota use; false if the chain has no quota.
pub(super) fn use_quota(
    execution: &mut Execution,
    job: &Job<'_>,
    gas_used: Gas,
) -> Result<bool, Fault> {
    let signer = job.payload.signer;
    let overlay = &mut execution.overlay;
    let record = quota_use(
        &mut |key| overlay.get(key),
        &execution.policy,
        execution.block.time,
        &signer,
        Gas::ZERO,
    )?;
    if let Ok(Some(mut record)) = record {
        record.used = record.used.saturating_add(gas_used);
        overlay.set(&key::account(&signer), record.encode().into())?;
        return Ok(true);
    }
    Ok(false)
}
