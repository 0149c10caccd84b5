//! The way of every command that changes the chain: simulate, show, ask, sign, submit, wait.

use super::Context;
use super::passphrase::PassphraseArgs;
use super::remote::Remote;
use super::report;
use crate::output::{Failure, Paint};
use crate::signer::{self, Signer, Source};
use crate::tx_file::TxFile;
use parity_scale_codec::Encode;
use serde_json::json;
use std::path::PathBuf;
use weighhouse_primitives::transaction::KeySignature;
use weighhouse_primitives::{
    Action, Address, Authorization, Gas, KeyPolicy, Payload, Signature, Timestamp, Transaction,
};
use weighhouse_rpc::api::tx::{TxSimulate, TxSubmit, TxWait};
use weighhouse_rpc::types::{HashHex, Hex, ReceiptView, Simulation, TxState, TxStatus};
use weighhouse_runtime::limits::{TX_GAS_MAX, VALIDITY_SECONDS_MAX};

/// Flags of every command that changes the chain.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Signing and sending")]
pub struct SendArgs {
    /// Who signs: `file:NAME`, `env:VAR`, `socket:PATH` or `dev:ROLE`
    #[arg(long, value_name = "SIGNER", env = "WEIGHHOUSE_SIGNER")]
    pub signer: Option<Source>,
    /// Account that acts: a policy, name or address [default: the signer's own]
    #[arg(long, value_name = "WHO")]
    pub from: Option<String>,
    /// Most gas [default: what simulation suggests]
    #[arg(long, value_name = "GAS")]
    pub gas_limit: Option<u64>,
    /// Seconds of block time for which the transaction is valid
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=VALIDITY_SECONDS_MAX))]
    pub valid_for: u64,
    /// Your own name for it, up to 64 characters; sending it twice is refused
    #[arg(long, value_name = "TEXT")]
    pub client_ref: Option<String>,
    /// Stop after simulation
    #[arg(long, conflicts_with_all = ["build_only", "no_wait"])]
    pub dry_run: bool,
    /// Print the unsigned transaction instead of sending it
    #[arg(long, conflicts_with = "no_wait")]
    pub build_only: bool,
    /// File for --build-only [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print the hash and do not wait for the block
    #[arg(long)]
    pub no_wait: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// What a command wants done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The action.
    pub action: Action,
    /// What it is called in messages, for example `invoice.transfer`.
    pub label: String,
}

/// How far a plan came.
#[derive(Debug)]
pub enum Done {
    /// Executed with success.
    Executed(Box<Executed>),
    /// Stopped on request, and the answer has been printed.
    Stopped,
}

/// What a plan would do and cost.
#[derive(Debug)]
pub struct Estimate {
    /// The gas limit that it would be sent with.
    pub gas_limit: Gas,
    /// What the node says.
    pub simulation: Simulation,
}

/// A transaction that succeeded.
#[derive(Debug)]
pub struct Executed {
    /// Its hash.
    pub hash: HashHex,
    /// Its block.
    pub height: u64,
    /// Its receipt.
    pub receipt: ReceiptView,
}

/// Who acts, and how it is proved.
#[derive(Debug)]
struct Actor {
    address: Address,
    policy: Option<KeyPolicy>,
    signer: Option<Signer>,
}

impl SendArgs {
    /// Takes a plan all the way, or as far as the flags say.
    ///
    /// # Errors
    /// A simulation that does not succeed (nothing is sent then), a user who declines, a rejection, or
    /// an execution that did not succeed.
    pub fn run(&self, context: &Context, remote: &Remote, plan: Plan) -> Result<Done, Failure> {
        if self.out.is_some() && !self.build_only {
            return Err(
                Failure::usage("--out is for an unsigned transaction").help("add --build-only")
            );
        }
        let actor = self.actor(context, remote)?;
        let (payload, simulation) = self.prepare(remote, &actor, &plan)?;
        context
            .output
            .note(report::simulated(remote, &simulation, payload.gas_limit));
        if self.dry_run {
            context.output.answer("", &simulation);
            return Ok(Done::Stopped);
        }
        if self.build_only {
            return self.build(context, remote, &payload, actor.policy.as_ref());
        }
        let transaction = sign(payload, &actor)?;
        let who = remote.names.short(&actor.address);
        context.confirm(&format!("send {} as {who}?", plan.label))?;
        self.submit(context, remote, &transaction, &plan.label)
    }

    /// What a plan would do and cost, and in whose name; needs no secret and sends nothing.
    ///
    /// # Errors
    /// A simulation that does not succeed.
    pub fn estimate(
        &self,
        context: &Context,
        remote: &Remote,
        plan: &Plan,
    ) -> Result<Estimate, Failure> {
        let mut dry = self.clone();
        dry.dry_run = true;
        let actor = dry.actor(context, remote)?;
        let (payload, simulation) = dry.prepare(remote, &actor, plan)?;
        Ok(Estimate {
            gas_limit: payload.gas_limit,
            simulation,
        })
    }

    /// The account that would act; needs no secret.
    ///
    /// # Errors
    /// If neither the signer nor `--from` says.
    pub fn account(&self, context: &Context, remote: &Remote) -> Result<Address, Failure> {
        let mut dry = self.clone();
        dry.dry_run = true;
        Ok(dry.actor(context, remote)?.address)
    }

    /// The payload with its gas limit, and the simulation that says so.
    fn prepare(
        &self,
        remote: &Remote,
        actor: &Actor,
        plan: &Plan,
    ) -> Result<(Payload, Simulation), Failure> {
        let time = remote.block_time()?;
        let mut payload = Payload {
            chain: remote.genesis(),
            signer: actor.address,
            nonce: nonce()?,
            valid_until: Timestamp(time.0.saturating_add(self.valid_for)),
            gas_limit: Gas(self.gas_limit.unwrap_or(TX_GAS_MAX)),
            action: plan.action.clone(),
        };
        let simulation = simulate(remote, &payload, actor.policy.as_ref())?;
        let suggested = simulation.gas_limit_suggested.0.min(TX_GAS_MAX);
        payload.gas_limit = Gas(self.gas_limit.unwrap_or(suggested));
        if !simulation.outcome.is_success() {
            return Err(report::refused(remote, &plan.label, &simulation));
        }
        Ok((payload, simulation))
    }

    fn actor(&self, context: &Context, remote: &Remote) -> Result<Actor, Failure> {
        let names = &remote.names;
        let signer = match (&self.signer, self.dry_run || self.build_only) {
            (Some(source @ Source::File(_)), true) => {
                // No secret is needed, so no passphrase is asked for.
                let policy = names.policy(&source.to_string().replacen("file:", "", 1));
                let own = policy.as_ref().map(Address::of_account);
                let from = self
                    .from
                    .as_deref()
                    .map(|from| names.address(from))
                    .transpose()?;
                let address = from.or(own).ok_or_else(|| no_account(source))?;
                return Ok(Actor {
                    address,
                    policy,
                    signer: None,
                });
            }
            (Some(source), _) => Some(self.open(context, remote, source)?),
            (None, _) => None,
        };
        let Some(from) = &self.from else {
            let signer = signer.ok_or_else(|| {
                Failure::usage("nobody signs this")
                    .help("add --signer file:NAME, env:VAR, socket:PATH or dev:ROLE, or set WEIGHHOUSE_SIGNER")
            })?;
            return Ok(Actor {
                address: signer.address(),
                policy: Some(signer.policy()),
                signer: Some(signer),
            });
        };
        let address = names.address(from)?;
        let own = signer.as_ref().map(Signer::policy);
        let own = own.filter(|policy| Address::of_account(policy) == address);
        if signer.is_none() && !self.dry_run && !self.build_only {
            return Err(Failure::usage("nobody signs this")
                .help("add --signer, or --build-only to let others sign the file"));
        }
        Ok(Actor {
            address,
            policy: own.or_else(|| names.policy(from)),
            signer,
        })
    }

    fn open(&self, context: &Context, remote: &Remote, source: &Source) -> Result<Signer, Failure> {
        let names = &remote.names;
        let ask = |name: &str| self.passphrase.unlock(context, name);
        signer::open::<Failure>(source, &names.keystore, &names.chain, ask)
    }

    fn build(
        &self,
        context: &Context,
        remote: &Remote,
        payload: &Payload,
        policy: Option<&KeyPolicy>,
    ) -> Result<Done, Failure> {
        let file = TxFile::new(remote.names.prefix.as_str(), payload, policy);
        context
            .output
            .note(format!("signing hash  {}", payload.hash()));
        match &self.out {
            Some(path) => {
                file.write(path)?;
                let document = json!({"file": path.display().to_string(), "signing_hash": payload.hash().to_string()});
                context.output.answer("", &document);
                context.output.note(format!(
                    "next  weighhouse tx sign {} --signer SIGNER",
                    path.display()
                ));
            }
            None => context.output.answer(file.text(), &file),
        }
        Ok(Done::Stopped)
    }

    fn submit(
        &self,
        context: &Context,
        remote: &Remote,
        transaction: &Transaction,
        label: &str,
    ) -> Result<Done, Failure> {
        let hash = submit(remote, transaction, self.client_ref.clone())?;
        if self.no_wait {
            context
                .output
                .answer(hash.to_string(), &json!({ "hash": hash }));
            return Ok(Done::Stopped);
        }
        wait_for(
            context,
            remote,
            hash,
            transaction.payload.valid_until,
            label,
        )
    }
}

fn no_account(source: &Source) -> Failure {
    Failure::usage(format!("the account of {source} is not known"))
        .help("weighhouse key list  shows the keys; or add --from ADDRESS")
}

fn nonce() -> Result<u64, Failure> {
    getrandom::u64()
        .map_err(|error| Failure::fault(format!("the system gives no random bytes: {error}")))
}

fn sign(payload: Payload, actor: &Actor) -> Result<Transaction, Failure> {
    let many = |need: u8| {
        Failure::usage(format!("this account needs {need} signatures"))
            .help("add --build-only --out FILE, then  weighhouse tx sign FILE  by each of them")
    };
    let (Some(signer), Some(policy)) = (&actor.signer, &actor.policy) else {
        return Err(Failure::usage("the keys of the account are not known here")
            .help("weighhouse key policy --threshold N KEY... --as NAME, then --from NAME"));
    };
    if policy.threshold > 1 {
        return Err(many(policy.threshold));
    }
    let mut file = TxFile::new("", &payload, Some(policy));
    file.add(signer.public(), signer.sign(&payload.hash().0)?)?;
    Ok(file.transaction()?)
}

/// Simulates a payload. With the signer's policy the price is exact: the transaction then carries as
/// many signatures as it will, which nobody checks here but everybody pays for.
///
/// # Errors
/// The node's.
pub fn simulate(
    remote: &Remote,
    payload: &Payload,
    policy: Option<&KeyPolicy>,
) -> Result<Simulation, Failure> {
    let bytes = match policy {
        Some(policy) => stand_in(payload, policy).encode(),
        None => payload.encode(),
    };
    let params = TxSimulate {
        tx: Some(Hex(bytes)),
        ..TxSimulate::default()
    };
    remote.run(remote.client.tx_simulate(&params))
}

/// The transaction with empty signatures in place of the real ones.
fn stand_in(payload: &Payload, policy: &KeyPolicy) -> Transaction {
    let signatures = (0..policy.threshold).map(|key| KeySignature {
        key,
        signature: Signature([0; 64]),
    });
    Transaction {
        payload: payload.clone(),
        authorization: Authorization::Keys {
            policy: policy.clone(),
            signatures: signatures.collect(),
        },
    }
}

/// Submits a signed transaction.
///
/// # Errors
/// The node's rejection.
pub fn submit(
    remote: &Remote,
    transaction: &Transaction,
    client_ref: Option<String>,
) -> Result<HashHex, Failure> {
    let params = TxSubmit {
        tx: Hex(transaction.encode()),
        client_ref,
    };
    Ok(remote.run(remote.client.tx_submit(&params))?.hash)
}

/// Waits until a transaction is durable, and says how it ended.
///
/// # Errors
/// If it did not succeed, or can no longer be executed.
pub fn wait_for(
    context: &Context,
    remote: &Remote,
    hash: HashHex,
    valid_until: Timestamp,
    label: &str,
) -> Result<Done, Failure> {
    let status = wait(remote, hash, valid_until)?;
    let (Some(receipt), Some(block)) = (status.receipt, status.block) else {
        return Err(
            Failure::failed(format!("{hash} was not executed before it expired"))
                .help("nothing changed; send it again"),
        );
    };
    let kind = receipt.outcome.kind();
    let paint = if receipt.outcome.is_success() {
        Paint::Good
    } else {
        Paint::Bad
    };
    let gas = report::thousands(receipt.gas_used.0);
    context.output.note(format!(
        "  sent       {hash}  block {}  {}  {gas} gas",
        block.height,
        context.output.paint(paint, kind)
    ));
    if !receipt.outcome.is_success() {
        let failure = report::failed(remote, label, &receipt.outcome);
        return Err(failure
            .data("tx", hash.to_string())
            .data("height", block.height.to_string()));
    }
    Ok(Done::Executed(Box::new(Executed {
        hash,
        height: block.height.0,
        receipt,
    })))
}

fn wait(remote: &Remote, hash: HashHex, valid_until: Timestamp) -> Result<TxStatus, Failure> {
    let params = TxWait {
        hash,
        timeout_ms: Some(5_000),
    };
    loop {
        let status = remote.run(remote.client.tx_wait(&params))?;
        let expired = || Ok::<bool, Failure>(remote.block_time()? > valid_until);
        if status.status == TxState::Committed || expired()? {
            return Ok(status);
        }
    }
}
