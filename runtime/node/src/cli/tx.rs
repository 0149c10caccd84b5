//! `weighhouse tx`: build, simulate, sign, send, wait for and look up transactions.

use super::passphrase::PassphraseArgs;
use super::remote::Remote;
use super::send::{self, Done, SendArgs};
use super::{Context, report, tx_look};
use crate::keystore::Keystore;
use crate::output::Failure;
use crate::signer::{self, ChainKind, Source};
use crate::tx_file::{TxFile, TxFileError};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use weighhouse_primitives::{Action, Address};
use weighhouse_rpc::address::PREFIX_DEVELOPMENT;
use weighhouse_rpc::types::{HashHex, Hex};

/// Verbs of `weighhouse tx`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Build an unsigned call for others to sign: as contract call --build-only
    Build(BuildArgs),
    /// What a transaction file would do and cost now
    Simulate {
        /// The file
        file: PathBuf,
    },
    /// Sign a transaction file; needs no node
    Sign(SignArgs),
    /// Send a signed transaction file
    Send {
        /// The file
        file: PathBuf,
        /// Your own name for it, up to 64 characters
        #[arg(long, value_name = "TEXT")]
        client_ref: Option<String>,
        /// Print the hash and do not wait for the block
        #[arg(long)]
        no_wait: bool,
    },
    /// Wait until a transaction is durable
    Wait {
        /// Its hash
        hash: HashHex,
        /// How many seconds; not durable by then is exit code 1
        #[arg(long, default_value_t = 30)]
        timeout: u64,
    },
    /// Show a transaction, by hash or from a file
    Show(tx_look::ShowArgs),
    /// List transactions
    List(tx_look::ListArgs),
    /// Decode transaction bytes with the schemas of the contracts they touch
    Decode {
        /// The bytes: 0x hex, signed or unsigned
        tx: Hex,
    },
}

/// Flags of `weighhouse tx build`.
#[derive(Clone, Debug, clap::Args)]
pub struct BuildArgs {
    /// The contract: address or name
    #[arg(value_name = "WHERE")]
    place: String,
    /// How it is built
    #[command(flatten)]
    send: SendArgs,
    /// Entry point and its arguments
    #[arg(last = true, value_name = "ENTRY_POINT --arg value")]
    words: Vec<String>,
}

/// Flags of `weighhouse tx sign`.
#[derive(Clone, Debug, clap::Args)]
pub struct SignArgs {
    /// The file; signed in place
    file: PathBuf,
    /// Who signs: `file:NAME`, `env:VAR`, `socket:PATH` or `dev:ROLE`
    #[arg(long, value_name = "SIGNER", env = "WEIGHHOUSE_SIGNER")]
    signer: Source,
    /// Keep the signatures that are there already
    #[arg(long)]
    add: bool,
    /// Write here instead of in place
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl From<TxFileError> for Failure {
    fn from(error: TxFileError) -> Self {
        let help = match &error {
            TxFileError::Io { .. } => "name a readable transaction file",
            TxFileError::Format { .. } => "make the file again: weighhouse tx build",
            TxFileError::NoPolicy | TxFileError::WrongPolicy => {
                "weighhouse key policy --threshold N KEY... --as NAME, then build with --from NAME"
            }
            TxFileError::ForeignKey { .. } => {
                "sign with one of the account's keys: weighhouse key list"
            }
            TxFileError::Unfinished { .. } => "weighhouse tx sign FILE --add --signer SIGNER",
        };
        Self::failed(error.to_string()).help(help)
    }
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// Usage, the node's answer, or an execution that did not succeed.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Build(args) => args.run(context),
            Self::Simulate { file } => simulate(context, &file),
            Self::Sign(args) => args.run(context),
            Self::Send {
                file,
                client_ref,
                no_wait,
            } => send_file(context, &file, client_ref, no_wait),
            Self::Wait { hash, timeout } => tx_look::wait(context, hash, timeout),
            Self::Show(args) => args.run(context),
            Self::List(args) => args.run(context),
            Self::Decode { tx } => tx_look::decode(context, tx),
        }
    }
}

impl BuildArgs {
    fn run(mut self, context: &Context) -> Result<(), Failure> {
        self.send.build_only = true;
        let call = super::contract_call::CallArgs {
            place: self.place,
            raw: false,
            send: self.send,
            words: self.words,
        };
        call.run(context)
    }
}

fn simulate(context: &Context, file: &Path) -> Result<(), Failure> {
    let file = TxFile::read(file)?;
    let remote = Remote::connect(context)?;
    let payload = file.payload();
    let simulation = send::simulate(&remote, &payload, file.policy().as_ref())?;
    if !simulation.outcome.is_success() {
        return Err(report::refused(&remote, "the transaction", &simulation));
    }
    let text = report::simulated(&remote, &simulation, payload.gas_limit);
    context.output.answer(text, &simulation);
    Ok(())
}

impl SignArgs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let mut file = TxFile::read(&self.file)?;
        let payload = file.payload();
        // The genesis is not at hand offline; the prefix tells development networks, and a node
        // refuses what was signed for another chain.
        let chain = ChainKind {
            name: format!("the chain of this file ({})", file.prefix),
            development: file.prefix == PREFIX_DEVELOPMENT,
        };
        let store = Keystore::new(&context.config_dir()?);
        let ask = |name: &str| self.passphrase.unlock(context, name);
        let signer = signer::open::<Failure>(&self.signer, &store, &chain, ask)?;
        if file.policy().is_none() && Address::of_account(&signer.policy()) == payload.signer {
            file.set_policy(&signer.policy())?;
        }
        if !self.add {
            file.clear();
        }
        file.add(signer.public(), signer.sign(&payload.hash().0)?)?;
        let path = self.out.as_deref().unwrap_or(&self.file);
        file.write(path)?;
        let (have, need) = file.progress();
        let need = need.unwrap_or(1);
        context
            .output
            .note(format!("signing hash  {}", payload.hash()));
        context
            .output
            .note(format!("signatures    {have} of {need}"));
        let next = if have < need {
            format!(
                "next  weighhouse tx sign {} --add --signer SIGNER",
                path.display()
            )
        } else {
            format!("next  weighhouse tx send {}", path.display())
        };
        context.output.note(next);
        let document = json!({
            "file": path.display().to_string(), "signing_hash": payload.hash().to_string(),
            "signatures": have, "needed": need,
        });
        context.output.answer("", &document);
        Ok(())
    }
}

fn send_file(
    context: &Context,
    file: &Path,
    client_ref: Option<String>,
    no_wait: bool,
) -> Result<(), Failure> {
    let file = TxFile::read(file)?;
    let transaction = file.transaction()?;
    let remote = Remote::connect(context)?;
    let label = match &transaction.payload.action {
        Action::Upload { .. } => "the upload",
        Action::Deploy { .. } => "the deployment",
        Action::Call { .. } => "the call",
        Action::Upgrade { .. } => "the upgrade",
        Action::Govern { .. } => "the change of policy",
        Action::SetValidator { .. } => "the change of validators",
    };
    context.confirm(&format!("send {label} {}?", transaction.hash()))?;
    let hash = send::submit(&remote, &transaction, client_ref)?;
    if no_wait {
        context
            .output
            .answer(hash.to_string(), &json!({ "hash": hash }));
        return Ok(());
    }
    let until = transaction.payload.valid_until;
    if let Done::Executed(done) = send::wait_for(context, &remote, hash, until, label)? {
        let document =
            json!({"hash": hash, "height": done.height.to_string(), "receipt": done.receipt});
        context.output.answer(hash.to_string(), &document);
    }
    Ok(())
}

/// A hash as it is typed.
///
/// # Errors
/// If it is not `0x` and 64 hex digits.
pub(super) fn hash(text: &str) -> Result<HashHex, Failure> {
    HashHex::from_str(text).map_err(|_| {
        Failure::usage(format!("{text} is not a transaction hash"))
            .help("write 0x and 64 hex digits, or name a transaction file")
    })
}
