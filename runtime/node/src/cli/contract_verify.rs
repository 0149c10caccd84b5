//! `weighhouse contract verify`: does this source give the code that runs on the chain?

use super::Context;
use super::contract_build::prepare_lock;
use super::place::{Place, module};
use super::remote::Remote;
use crate::output::Failure;
use serde_json::json;
use std::path::PathBuf;
use std::str::FromStr;
use weighhouse_primitives::schema::BuildRecord;
use weighhouse_primitives::{CodeHash, Hash};
use weighhouse_rpc::api::contract::{ByCode, ContractAt};
use weighhouse_rpc::types::HashHex;
use weighhouse_runtime::vm::code::Code;

/// Flags of `weighhouse contract verify`.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// What runs: address or name of a contract, hash of stored code, or a .wasm file
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// Folder of the source [default: this folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// The module that the source is compared with.
struct Wanted {
    hash: CodeHash,
    wasm: Vec<u8>,
}

impl VerifyArgs {
    /// Builds the source as the module says it was built, and compares the hashes.
    ///
    /// # Errors
    /// The compiler's, the node's, or code that differs.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let wanted = self.wanted(context)?;
        let record = record(&wanted.wasm)?;
        let folder = self.folder.unwrap_or_else(|| PathBuf::from("."));
        let contract = weighhouse_build::contract_at(&folder)?;
        prepare_lock(&contract)?;
        context.output.note(format!(
            "building {} {} to compare it",
            contract.name, contract.version
        ));
        let built = weighhouse_build::build(&contract, &contract.target_dir, &record.source)?;
        if built.hash == wanted.hash {
            let document = json!({
                "verified": true, "code_hash": wanted.hash.to_string(), "name": contract.name,
                "version": contract.version, "compiler": record.compiler, "source": record.source,
            });
            context.output.note(format!(
                "verified   {} {} gives exactly this code",
                contract.name, contract.version
            ));
            context.output.answer(wanted.hash.to_string(), &document);
            return Ok(());
        }
        let mine = self::record(&built.wasm)?;
        let mut failure = Failure::failed(format!(
            "{} does not give the code of {}",
            folder.display(),
            self.place
        ))
        .detail(format!(
            "runs     {}  {} bytes",
            wanted.hash,
            wanted.wasm.len()
        ))
        .detail(format!(
            "source   {}  {} bytes",
            built.hash,
            built.wasm.len()
        ))
        .data("code_hash", wanted.hash.to_string())
        .data("built_hash", built.hash.to_string());
        if mine.compiler != record.compiler {
            failure = failure.detail(format!(
                "it was built with {}, here is {}",
                record.compiler, mine.compiler
            ));
        }
        if mine.sdk != record.sdk {
            failure = failure.detail(format!(
                "it was built with SDK {}, here is {}",
                record.sdk, mine.sdk
            ));
        }
        Err(failure.help(match record.source.as_str() {
            "" => "check out the source, compiler and Cargo.lock that it was built from".to_owned(),
            source => format!("check out {source}, with its Cargo.lock and compiler"),
        }))
    }

    fn wanted(&self, context: &Context) -> Result<Wanted, Failure> {
        // Only a file: a contract's name means what runs, not the library's module of that name.
        let is_file = self.place.contains('/') || self.place.ends_with(".wasm");
        if let Some(module) = is_file.then(|| module(&self.place)).transpose()?.flatten() {
            let hash = module.hash();
            let wasm = module.wasm;
            return Ok(Wanted { hash, wasm });
        }
        let remote = Remote::connect(context)?;
        let code_hash = match HashHex::from_str(&self.place) {
            Ok(hash) => hash,
            Err(_) => {
                let place = Place::find(&remote, &self.place)?;
                let address = remote.text(&place.address);
                let params = ContractAt { address, at: None };
                remote.run(remote.client.contract_info(&params))?.code_hash
            }
        };
        let code = remote.run(remote.client.contract_code(&ByCode { code_hash }))?;
        let (hash, wasm) = (CodeHash::from(code_hash), code.wasm.0);
        if CodeHash(Hash::of(&wasm)) != hash {
            return Err(
                Failure::failed(format!("the node's module is not the code {hash}"))
                    .help("ask another node: this one answers what is not on the chain"),
            );
        }
        Ok(Wanted { hash, wasm })
    }
}

/// How a module says that it was built.
fn record(wasm: &[u8]) -> Result<BuildRecord, Failure> {
    let code = Code::check(wasm)
        .map_err(|error| Failure::failed(format!("the module is not understood: {error}")))?;
    code.build().cloned().ok_or_else(|| {
        Failure::failed("the module does not say how it was built").help(
            "only modules of `weighhouse contract build` can be verified: they carry `wh.build`",
        )
    })
}
