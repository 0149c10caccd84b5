//! Checks against the state of this very block: what was true at admission may be so no more.

use super::charge::replayed;
use super::{Execution, Job, quota_use};
use crate::admission::{self, Rejection};
use crate::error::Fault;
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::{Action, Address, Payload};

/// Chain, validity, gas limit, policy, replay, quota; in this order.
///
/// # Errors
/// Fault; the inner error is the rejection.
pub(crate) fn validate(
    execution: &mut Execution,
    job: &Job<'_>,
) -> Result<Result<(), Rejection>, Fault> {
    let payload = job.payload;
    if let Err(rejection) = stateless(execution, job) {
        return Ok(Err(rejection));
    }
    if let Err(rejection) = authorised(&execution.policy, payload) {
        return Ok(Err(rejection));
    }
    if replayed(execution, job)? {
        return Ok(Err(Rejection::Replayed { hash: job.hash }));
    }
    let overlay = &mut execution.overlay;
    quota_use(
        &mut |key| overlay.get(key),
        &execution.policy,
        execution.block.time,
        &payload.signer,
        payload.gas_limit,
    )
    .map(|checked| checked.map(|_| ()))
}

fn stateless(execution: &Execution, job: &Job<'_>) -> Result<(), Rejection> {
    admission::validity(job.payload, execution.block.chain, execution.block.time)?;
    admission::gas(job.payload, job.intrinsic)?;
    admission::input(&job.payload.action)
}

/// May the signer do this under `policy`?
pub(crate) fn authorised(policy: &ChainPolicy, payload: &Payload) -> Result<(), Rejection> {
    let signer: Address = payload.signer;
    let governor = policy.governor == Some(signer);
    let refuse = |act| Err(Rejection::NotAuthorised { signer, act });
    if !governor && !policy.submit.allows(&signer) {
        return refuse("submit");
    }
    match &payload.action {
        Action::Upload { .. } if !policy.upload.allows(&signer) => refuse("upload"),
        Action::Deploy { .. } if !policy.deploy.allows(&signer) => refuse("deploy"),
        Action::Govern { .. } | Action::SetValidator { .. } if !governor => refuse("govern"),
        _ => Ok(()),
    }
}
