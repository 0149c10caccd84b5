//! `weighhouse contract upload`, `deploy` and `upgrade`.

use super::Context;
use super::contract_call::helped;
use super::contract_plan::Steps;
use super::contract_words::{Request, arguments, constructor, request};
use super::place::{Interface, Module, Place, interface_of_code, module, unknown};
use super::remote::Remote;
use super::report::thousands;
use super::send::{Done, Plan, SendArgs};
use crate::output::Failure;
use serde_json::{Value, json};
use std::str::FromStr;
use weighhouse_primitives::schema::EntryKind;
use weighhouse_primitives::{Action, Address, CodeHash, Hash};
use weighhouse_rpc::api::contract::CodeOf;
use weighhouse_rpc::types::{HashHex, OutcomeView};

/// Flags of `weighhouse contract upload`.
#[derive(Clone, Debug, clap::Args)]
pub struct UploadArgs {
    /// The module: a .wasm file or a contract of the library
    #[arg(value_name = "MODULE")]
    pub module: String,
    /// Show every step with what it changes and costs; send nothing
    #[arg(long, conflicts_with_all = ["dry_run", "build_only", "no_wait"])]
    pub plan: bool,
    /// How it is signed and sent
    #[command(flatten)]
    pub send: SendArgs,
}

/// Flags of `weighhouse contract deploy`.
#[derive(Clone, Debug, clap::Args)]
pub struct DeployArgs {
    /// The code: a .wasm file, a contract of the library, or the hash of stored code
    #[arg(value_name = "MODULE")]
    pub module: String,
    /// Store the new address in the address book under this name
    #[arg(long, value_name = "NAME")]
    pub r#as: Option<String>,
    /// Account that may upgrade the contract: address or name [default: nobody]
    #[arg(long, value_name = "WHO")]
    pub admin: Option<String>,
    /// Enters the address: 0x and 64 hex digits, or any text [default: random]
    #[arg(long)]
    pub salt: Option<String>,
    /// Show every step with what it changes and costs; send nothing
    #[arg(long, conflicts_with_all = ["dry_run", "build_only", "no_wait"])]
    pub plan: bool,
    /// How it is signed and sent
    #[command(flatten)]
    pub send: SendArgs,
    /// Arguments of the constructor; -- --help lists them
    #[arg(last = true, value_name = "--arg value")]
    pub words: Vec<String>,
}

/// Flags of `weighhouse contract upgrade`.
#[derive(Clone, Debug, clap::Args)]
pub struct UpgradeArgs {
    /// The contract: address or name
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// The new code: a .wasm file, a contract of the library, or the hash of stored code
    #[arg(value_name = "MODULE")]
    pub module: String,
    /// Show every step with what it changes and costs; send nothing
    #[arg(long, conflicts_with_all = ["dry_run", "build_only", "no_wait"])]
    pub plan: bool,
    /// How it is signed and sent
    #[command(flatten)]
    pub send: SendArgs,
    /// Entry point of the new code to call in the same transaction, with its arguments
    #[arg(last = true, value_name = "ENTRY_POINT --arg value")]
    pub words: Vec<String>,
}

/// Code to deploy: stored already, or here.
pub(super) struct Source {
    pub(super) hash: CodeHash,
    interface: Interface,
    pub(super) module: Option<Module>,
}

impl Source {
    pub(super) fn find(remote: &Remote, text: &str) -> Result<Self, Failure> {
        if let Ok(hash) = HashHex::from_str(text) {
            let hash = CodeHash::from(hash);
            return Ok(Self {
                hash,
                interface: interface_of_code(remote, hash)?,
                module: None,
            });
        }
        let module = module(text)?.ok_or_else(|| unknown(text, "there is no such file"))?;
        Ok(Self {
            hash: module.hash(),
            interface: module.interface.clone(),
            module: Some(module),
        })
    }

    /// Uploads the module unless the chain has it.
    fn store(&self, context: &Context, remote: &Remote, send: &SendArgs) -> Result<(), Failure> {
        let Some(module) = &self.module else {
            return Ok(());
        };
        if stored(remote, self.hash)? {
            return Ok(());
        }
        if send.dry_run || send.build_only || send.no_wait {
            return Err(Failure::usage(format!(
                "the chain does not have the code of {} yet",
                module.name
            ))
            .help(format!("weighhouse contract upload {}  first", module.name)));
        }
        upload(context, remote, module, send)?;
        Ok(())
    }
}

pub(super) fn stored(remote: &Remote, hash: CodeHash) -> Result<bool, Failure> {
    let params = CodeOf {
        address: None,
        code_hash: Some(HashHex::from(hash)),
    };
    Ok(remote
        .find(remote.client.contract_schema(&params))?
        .is_some())
}

/// The upload of a module, as a plan.
pub(super) fn upload_of(module: &Module) -> Plan {
    let bytes = u64::try_from(module.wasm.len()).unwrap_or(u64::MAX);
    let code = module.wasm.clone();
    Plan {
        action: Action::Upload { code },
        label: format!("upload of {} ({} bytes)", module.name, thousands(bytes)),
    }
}

fn upload(
    context: &Context,
    remote: &Remote,
    module: &Module,
    send: &SendArgs,
) -> Result<Done, Failure> {
    let plan = upload_of(module);
    context
        .output
        .note(format!("  code       {}", module.hash()));
    send.run(context, remote, plan)
}

impl UploadArgs {
    /// Uploads.
    ///
    /// # Errors
    /// A module that breaks a rule, or whatever keeps the upload from succeeding.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let module =
            module(&self.module)?.ok_or_else(|| unknown(&self.module, "there is no such file"))?;
        let remote = Remote::connect(context)?;
        let hash = module.hash();
        if self.plan {
            let mut steps = Steps::new(context, &remote, &self.send);
            steps.upload(hash, Some(&module))?;
            steps.print();
            return Ok(());
        }
        if stored(&remote, hash)? {
            context
                .output
                .note("the chain has this code already; nothing was sent");
        } else if let Done::Stopped = upload(context, &remote, &module, &self.send)? {
            return Ok(());
        }
        context
            .output
            .answer(hash.to_string(), &json!({ "code_hash": hash.to_string() }));
        Ok(())
    }
}

impl DeployArgs {
    /// Deploys.
    ///
    /// # Errors
    /// Bad arguments, a name that is taken, or whatever keeps it from succeeding.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(module) = module(&self.module)?
            && self
                .words
                .iter()
                .any(|word| word == "--help" || word == "-h")
        {
            let asked = constructor(&module.interface.schema, &self.words)?;
            helped(context, &module.interface, &asked);
            return Ok(());
        }
        let remote = Remote::connect(context)?;
        let source = Source::find(&remote, &self.module)?;
        let asked = constructor(&source.interface.schema, &self.words)?;
        let Request::Run(entry, words) = asked else {
            helped(context, &source.interface, &asked);
            return Ok(());
        };
        self.name_is_free(&remote)?;
        let args = arguments(entry, words, &remote.names, None)?;
        let schema = &source.interface.schema;
        let input = remote
            .codec
            .encode_call(schema, &entry.name, &Value::Object(args))?;
        let admin = self.admin.as_deref();
        let admin = admin.map(|who| remote.names.address(who)).transpose()?;
        let salt = self.salt()?;
        let plan = Plan {
            action: Action::Deploy {
                code: source.hash,
                salt,
                admin,
                input,
            },
            label: format!("deployment of {}", schema.name),
        };
        if self.plan {
            return self.show_plan(context, &remote, &source, &plan, &salt);
        }
        source.store(context, &remote, &self.send)?;
        match self.send.run(context, &remote, plan)? {
            Done::Stopped => Ok(()),
            Done::Executed(done) => {
                let OutcomeView::Succeeded { data, .. } = &done.receipt.outcome else {
                    return Ok(());
                };
                let bytes = <[u8; 32]>::try_from(data.0.as_slice());
                let address = Address(bytes.map_err(|_| {
                    Failure::failed("the node's answer to the deployment is no address")
                        .help("weighhouse contract list  shows the contract")
                })?);
                let text = remote.names.prefix.format(&address);
                if let Some(name) = &self.r#as {
                    let mut book = remote.names.book.clone();
                    book.set(&remote.names.prefix, name, &address)?;
                    context.output.note(format!("  named      {name}"));
                }
                let document = json!({
                    "address": text, "hash": done.hash, "height": done.height.to_string(),
                    "code_hash": source.hash.to_string(), "gas_used": done.receipt.gas_used,
                });
                context.output.answer(&text, &document);
                Ok(())
            }
        }
    }

    /// What would be sent, in order, and the address that would come of it.
    fn show_plan(
        &self,
        context: &Context,
        remote: &Remote,
        source: &Source,
        plan: &Plan,
        salt: &Hash,
    ) -> Result<(), Failure> {
        let mut steps = Steps::new(context, remote, &self.send);
        let there = steps.upload(source.hash, source.module.as_ref())?;
        steps.step(plan, there)?;
        let deployer = self.send.account(context, remote)?;
        let address = Address::of_contract(&deployer, &source.hash, salt);
        let known = match &self.salt {
            Some(_) => remote.names.prefix.format(&address),
            None => "known once it is sent; give --salt TEXT to know it now".into(),
        };
        steps.fact("address", &known);
        let admin = self.admin.as_deref();
        steps.fact("admin", admin.unwrap_or("nobody: never upgraded"));
        steps.print();
        Ok(())
    }

    /// A name that points elsewhere is only taken over on development networks.
    fn name_is_free(&self, remote: &Remote) -> Result<(), Failure> {
        let Some(name) = &self.r#as else {
            return Ok(());
        };
        if !crate::keystore::is_name(name) {
            return Err(crate::book::BookError::Name { name: name.clone() }.into());
        }
        let taken = remote
            .names
            .book
            .address(&remote.names.prefix, name)
            .is_some();
        if taken && !remote.names.chain.development {
            return Err(
                Failure::usage(format!("the address book has a {name} already")).help(format!(
                    "choose another name, or  weighhouse book remove {name}"
                )),
            );
        }
        Ok(())
    }

    fn salt(&self) -> Result<Hash, Failure> {
        let Some(text) = &self.salt else {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|error| {
                Failure::fault(format!("the system gives no random bytes: {error}"))
            })?;
            return Ok(Hash(bytes));
        };
        Ok(HashHex::from_str(text).map_or_else(|_| Hash::of(text.as_bytes()), |hash| hash.0))
    }
}

impl UpgradeArgs {
    /// Upgrades.
    ///
    /// # Errors
    /// Bad arguments, or whatever keeps it from succeeding.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let remote = Remote::connect(context)?;
        let place = Place::find(&remote, &self.place)?;
        let source = Source::find(&remote, &self.module)?;
        let schema = &source.interface.schema;
        let input = if self.words.is_empty() {
            Vec::new()
        } else {
            let asked = request(schema, &self.words, &[EntryKind::Call], "upgrade")?;
            let Request::Run(entry, words) = asked else {
                helped(context, &source.interface, &asked);
                return Ok(());
            };
            let unit = place.unit(&remote);
            let args = arguments(entry, words, &remote.names, unit)?;
            remote
                .codec
                .encode_call(schema, &entry.name, &Value::Object(args))?
        };
        let differences = differences(&place.interface, &source.interface);
        let plan = Plan {
            action: Action::Upgrade {
                contract: place.address,
                code: source.hash,
                input,
            },
            label: format!(
                "upgrade of {} to {} {}",
                place.name, schema.name, schema.version
            ),
        };
        if self.plan {
            let mut steps = Steps::new(context, &remote, &self.send);
            let there = steps.upload(source.hash, source.module.as_ref())?;
            steps.step(&plan, there)?;
            steps.warnings(differences);
            steps.print();
            return Ok(());
        }
        for line in differences {
            context.output.warn(line);
        }
        source.store(context, &remote, &self.send)?;
        if let Done::Executed(done) = self.send.run(context, &remote, plan)? {
            let document = json!({
                "hash": done.hash, "height": done.height.to_string(),
                "code_hash": source.hash.to_string(), "gas_used": done.receipt.gas_used,
            });
            context.output.answer(done.hash.to_string(), &document);
        }
        Ok(())
    }
}

/// What an upgrade takes away from callers, or changes under stored values.
fn differences(old: &Interface, new: &Interface) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in &old.schema.entry_points {
        match new.schema.entry_point(&entry.name) {
            _ if entry.kind == EntryKind::Constructor => {}
            None => lines.push(format!("entry point {} is gone", entry.name)),
            Some(now) if now.args != entry.args || now.returns != entry.returns => {
                lines.push(format!(
                    "entry point {} has other arguments or another answer",
                    entry.name
                ));
            }
            Some(_) => {}
        }
    }
    for cell in &old.cells {
        match new.cells.iter().find(|now| now.prefix == cell.prefix) {
            None => lines.push(format!(
                "cell {} is gone; its values stay unread",
                cell.name
            )),
            Some(now)
                if now.kind != cell.kind || now.key != cell.key || now.value != cell.value =>
            {
                lines.push(format!(
                    "cell {} has another type; old values may not decode",
                    cell.name
                ));
            }
            Some(_) => {}
        }
    }
    lines
}
