//! The end of a transaction: declared rules, quota use, events, receipt.

use super::{Done, Execution, Job, charge};
use crate::error::Fault;
use crate::frame::{Stop, outcome, peek_code};
use crate::rules::{self, ContractRules};
use crate::state::change::Changes;
use crate::state::key;
use parity_scale_codec::Decode;
use std::sync::Arc;
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::{Address, Gas, HaltReason, Receipt};

/// Evaluates the declared rules of every contract whose storage the transaction changed by `changes`.
pub(super) fn rules(execution: &Execution, changes: &Changes) -> Result<(), Stop> {
    let broken = rules::check(
        changes.as_slice(),
        |contract| rules_of(execution, contract),
        &mut |key| execution.overlay.peek(key),
    )?;
    match broken {
        Some((contract, rule)) => Err(HaltReason::RuleBroken { contract, rule }.into()),
        None => Ok(()),
    }
}

fn rules_of(
    execution: &Execution,
    contract: &Address,
) -> Result<Option<Arc<ContractRules>>, Fault> {
    let Some(code) = peek_code(execution, contract)? else {
        return Ok(None);
    };
    Ok(execution.linked(&code)?.rules())
}

/// Builds the receipt and folds the transaction into the block. `known` are its changes so far, if they
/// stay.
pub(super) fn settle(
    execution: &mut Execution,
    job: &Job<'_>,
    result: Result<Vec<u8>, Stop>,
    gas_used: Gas,
    known: Option<Changes>,
) -> Result<Done, Fault> {
    // Invariant GAS-1: what is charged never exceeds the limit.
    debug_assert!(gas_used <= job.payload.gas_limit, "GAS-1");
    let quota = charge::use_quota(execution, job, gas_used)?;
    let outcome = outcome(result)?;
    let changes = match known {
        Some(changes) if !quota => changes,
        _ => execution.overlay.transaction_changes(),
    };
    let effects = changes.hash();
    let events = execution.events.take();
    if changes.get(&key::policy()).is_some() {
        reload_policy(execution)?;
    }
    execution.overlay.finish_transaction();
    execution.stack.clear();
    let receipt = Receipt {
        tx: job.hash,
        outcome,
        gas_used,
        events,
        effects,
    };
    Ok(Done {
        receipt,
        changes,
        debug: execution.debug.take(),
    })
}

/// A changed policy binds from the next transaction on.
fn reload_policy(execution: &mut Execution) -> Result<(), Fault> {
    if let Some(bytes) = execution.overlay.get(&key::policy())? {
        execution.policy = ChainPolicy::decode(&mut &*bytes)?;
    }
    Ok(())
}
