//! From the action to its effect: upload, deploy, call, upgrade, govern, set a validator.

use super::{Execution, Job};
use crate::error::Fault;
use crate::frame::{self, FrameCall, FrameEnd, Stop, contract_record};
use crate::gas::GasSchedule;
use crate::limits;
use crate::state::key;
use crate::state::record::{CodeRecord, ContractRecord};
use crate::vm::code::Code;
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::policy::{ChainPolicy, ValidatorSet};
use weighhouse_primitives::receipt::ActionRefusal;
use weighhouse_primitives::{Action, Address, CodeHash, HaltReason, Hash};

type Invoked = (Box<Execution>, Result<Vec<u8>, Stop>, u64);

/// Runs the action with the gas that is left after intrinsic gas; returns its answer and gas used.
pub(super) fn invoke(execution: Box<Execution>, job: &Job<'_>) -> Invoked {
    let gas = job.payload.gas_limit.saturating_sub(job.intrinsic).0;
    match &job.payload.action {
        Action::Upload { code } => plain(execution, gas, |execution| upload(execution, gas, code)),
        Action::Deploy {
            code,
            salt,
            admin,
            input,
        } => deploy(
            execution,
            gas,
            &Deployment {
                code,
                salt,
                admin: *admin,
                input,
            },
        ),
        Action::Call { contract, input } => call(execution, gas, *contract, input, false),
        Action::Upgrade {
            contract,
            code,
            input,
        } => upgrade(execution, gas, *contract, code, input),
        Action::Govern { policy } => plain(execution, gas, |execution| govern(execution, policy)),
        Action::SetValidator { key, power } => plain(execution, gas, |execution| {
            set_validator(execution, *key, *power)
        }),
    }
}

fn refused(refusal: ActionRefusal) -> Stop {
    Stop::Halted(HaltReason::ActionRefused(refusal))
}

/// Runs an action that enters no contract.
fn plain(
    mut execution: Box<Execution>,
    gas: u64,
    body: impl FnOnce(&mut Execution) -> Result<(Vec<u8>, u64), Stop>,
) -> Invoked {
    match body(&mut execution) {
        Ok((data, used)) if used <= gas => (execution, Ok(data), used),
        Ok(_) | Err(Stop::Halted(HaltReason::OutOfGas)) => {
            (execution, Err(HaltReason::OutOfGas.into()), gas)
        }
        Err(stop) => (execution, Err(stop), 0),
    }
}

/// Enters the contract's frame, in the signer's name.
fn call(
    execution: Box<Execution>,
    gas: u64,
    contract: Address,
    input: &[u8],
    constructing: bool,
) -> Invoked {
    let caller = execution.signer;
    let call = FrameCall {
        contract,
        caller,
        input,
        gas,
        read_only: false,
        constructing,
    };
    let FrameEnd {
        execution,
        result,
        gas_used,
    } = frame::enter(execution, &call);
    (execution, result, gas_used)
}

fn upload(execution: &mut Execution, gas: u64, bytes: &[u8]) -> Result<(Vec<u8>, u64), Stop> {
    let code = Code::check(bytes).map_err(|_| refused(ActionRefusal::BadCode))?;
    let hash = *code.hash();
    if execution.overlay.get(&key::code(&hash))?.is_some() {
        return Ok((hash.encode(), 0));
    }
    // Gas: bytes are paid with the transaction, structure here, before anything is stored.
    let figures = code.figures();
    let used = GasSchedule::V1.upload(0, u64::from(figures.functions), figures.locals_control);
    if used > gas {
        return Err(HaltReason::OutOfGas.into());
    }
    let chunks = bytes.chunks(limits::CODE_CHUNK_BYTES);
    for (index, chunk) in (0u16..).zip(chunks) {
        execution
            .overlay
            .set(&key::code_chunk(&hash, index), chunk.into())?;
    }
    let record = CodeRecord {
        bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        uploader: execution.signer,
        uploaded_at: execution.block.height,
        schema: Hash::of(&code.schema().encode()),
    };
    execution
        .overlay
        .set(&key::code(&hash), record.encode().into())?;
    Ok((hash.encode(), used))
}

struct Deployment<'a> {
    code: &'a CodeHash,
    salt: &'a Hash,
    admin: Option<Address>,
    input: &'a [u8],
}

fn deploy(mut execution: Box<Execution>, gas: u64, wanted: &Deployment<'_>) -> Invoked {
    let contract = Address::of_contract(&execution.signer, wanted.code, wanted.salt);
    if let Err(stop) = create(&mut execution, contract, wanted) {
        return (execution, Err(stop), 0);
    }
    let (execution, result, used) = call(execution, gas, contract, wanted.input, true);
    (execution, result.map(|_| contract.encode()), used)
}

fn create(
    execution: &mut Execution,
    contract: Address,
    wanted: &Deployment<'_>,
) -> Result<(), Stop> {
    if execution.overlay.get(&key::code(wanted.code))?.is_none() {
        return Err(refused(ActionRefusal::NoCode));
    }
    if contract_record(execution, &contract)?.is_some() {
        return Err(refused(ActionRefusal::AddressTaken));
    }
    let record = ContractRecord {
        code: *wanted.code,
        deployer: execution.signer,
        admin: wanted.admin,
        deployed_at: execution.block.height,
        upgrades: 0,
    };
    execution
        .overlay
        .set(&key::contract(&contract), record.encode().into())?;
    Ok(())
}

fn upgrade(
    mut execution: Box<Execution>,
    gas: u64,
    contract: Address,
    code: &CodeHash,
    input: &[u8],
) -> Invoked {
    if let Err(stop) = replace(&mut execution, contract, code) {
        return (execution, Err(stop), 0);
    }
    if input.is_empty() {
        return (execution, Ok(Vec::new()), 0);
    }
    call(execution, gas, contract, input, false)
}

fn replace(execution: &mut Execution, contract: Address, code: &CodeHash) -> Result<(), Stop> {
    let mut record =
        contract_record(execution, &contract)?.ok_or_else(|| refused(ActionRefusal::NoContract))?;
    if record.admin != Some(execution.signer) {
        return Err(refused(ActionRefusal::NotAdmin));
    }
    if execution.overlay.get(&key::code(code))?.is_none() {
        return Err(refused(ActionRefusal::NoCode));
    }
    record.code = *code;
    record.upgrades = record.upgrades.saturating_add(1);
    execution
        .overlay
        .set(&key::contract(&contract), record.encode().into())?;
    Ok(())
}

fn govern(execution: &mut Execution, policy: &ChainPolicy) -> Result<(Vec<u8>, u64), Stop> {
    if execution.policy.governor != Some(execution.signer) {
        return Err(refused(ActionRefusal::NotAdmin));
    }
    let bytes = policy.encode();
    // A policy is one stored value; a longer list of accounts does not fit.
    if bytes.len() > limits::VALUE_BYTES_MAX
        || policy.quota.is_some_and(|quota| quota.window_seconds == 0)
    {
        return Err(HaltReason::HostLimit.into());
    }
    execution.overlay.set(&key::policy(), bytes.into())?;
    Ok((Vec::new(), 0))
}

/// The set stays one that can vote: `docs/consensus.md`.
fn set_validator(
    execution: &mut Execution,
    validator: [u8; 32],
    power: u64,
) -> Result<(Vec<u8>, u64), Stop> {
    if execution.policy.governor != Some(execution.signer) {
        return Err(refused(ActionRefusal::NotAdmin));
    }
    let key = key::validators();
    let bytes = execution.overlay.get(&key)?;
    // Without a set in the state, the engine's is another: it cannot be changed from here.
    let bytes = bytes.ok_or_else(|| refused(ActionRefusal::BadValidators))?;
    let set = ValidatorSet::decode(&mut &*bytes).map_err(Fault::from)?;
    let set = set
        .with(validator, power)
        .ok_or_else(|| refused(ActionRefusal::BadValidators))?;
    execution.overlay.set(&key, set.encode().into())?;
    Ok((Vec::new(), 0))
}

/// Damage of a record is the node's trouble, never an outcome.
impl From<parity_scale_codec::Error> for Fault {
    fn from(error: parity_scale_codec::Error) -> Self {
        Self::Damaged {
            place: "a record of the state".into(),
            reason: error.to_string(),
        }
    }
}
