//! `WHERE`: an address, a name, a module on disk, or a contract of the library.

use super::remote::Remote;
use crate::amount::Unit;
use crate::library;
use crate::nearest::suggestion;
use crate::output::Failure;
use serde_json::Value;
use std::path::Path;
use weighhouse_primitives::schema::{CellSchema, EntryKind, Schema, Type};
use weighhouse_primitives::{Address, CodeHash, Hash};
use weighhouse_rpc::api::contract::{CodeOf, ContractQuery};
use weighhouse_rpc::types::HashHex;
use weighhouse_runtime::vm::code::Code;

/// A contract's interface.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Entry points, refusals, events.
    pub schema: Schema,
    /// Storage cells.
    pub cells: Vec<CellSchema>,
}

/// A module that is here: on disk or in the library.
#[derive(Clone, Debug)]
pub struct Module {
    /// What it was called.
    pub name: String,
    /// Its bytes.
    pub wasm: Vec<u8>,
    /// Its interface.
    pub interface: Interface,
}

impl Module {
    /// Checks a module as a node would at upload.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(name: &str, wasm: Vec<u8>) -> Result<Self, Failure> {
        if !wasm.starts_with(b"\0asm") {
            return Err(Failure::answered(
                1013,
                "bad_code",
                format!("{name} is not a Wasm module"),
            )
            .help(
                "name a .wasm file: weighhouse contract build  prints the path of what it built",
            ));
        }
        let code = Code::check(&wasm).map_err(|error| {
            Failure::answered(
                1013,
                "bad_code",
                format!("{name} would be refused: {error}"),
            )
            .help("correct the contract and build it again: weighhouse contract build")
        })?;
        let interface = Interface {
            schema: code.schema().clone(),
            cells: code.cells().to_vec(),
        };
        Ok(Self {
            name: name.into(),
            wasm,
            interface,
        })
    }

    /// Its name on a chain.
    #[must_use]
    pub fn hash(&self) -> CodeHash {
        CodeHash(Hash::of(&self.wasm))
    }
}

/// The module that a text names: a path, or a contract of the library; `None` if it is neither.
///
/// # Errors
/// A file that cannot be read, or a module that breaks a rule.
pub fn module(text: &str) -> Result<Option<Module>, Failure> {
    if let Some(embedded) = library::find(text) {
        return Module::check(text, embedded.wasm.to_vec()).map(Some);
    }
    let path = Path::new(text);
    if !text.contains('/') && path.extension().is_none_or(|extension| extension != "wasm") {
        return Ok(None);
    }
    let wasm = std::fs::read(path).map_err(|error| {
        Failure::usage(format!("cannot read {text}: {error}"))
            .help("weighhouse contract build  prints the path of what it built")
    })?;
    Module::check(text, wasm).map(Some)
}

/// What nobody knows under this name.
#[must_use]
pub fn unknown(text: &str, why: &str) -> Failure {
    let names: Vec<&str> = library::contracts().map(|contract| contract.name).collect();
    Failure::usage(format!("{text} is no module and no contract: {why}"))
        .help_if(suggestion(text, names.iter().copied()))
        .help(format!(
            "give an address, a name of the address book, a .wasm file, or one of {}",
            names.join(", ")
        ))
}

/// A contract on the chain, with its interface.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it was called.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Its interface.
    pub interface: Interface,
}

impl Place {
    /// The contract that `WHERE` names.
    ///
    /// # Errors
    /// Nothing of that name or at that address.
    pub fn find(remote: &Remote, text: &str) -> Result<Self, Failure> {
        let address = match remote.names.resolve(text) {
            Ok(address) => address,
            Err(_) if module(text)?.is_some() => {
                return Err(
                    Failure::usage(format!("{text} is a module, not yet a contract")).help(
                        format!("weighhouse contract deploy {text}, then use its address"),
                    ),
                );
            }
            Err(why) => return Err(unknown(text, &why)),
        };
        let of = CodeOf {
            address: Some(remote.text(&address)),
            code_hash: None,
        };
        let interface = interface_of(remote, &of)?;
        Ok(Self {
            name: text.into(),
            address,
            interface,
        })
    }

    /// The token that this contract is, if it answers `symbol` and `decimals`, or `meta` with both.
    #[must_use]
    pub fn unit(&self, remote: &Remote) -> Option<Unit> {
        let ask = |name: &str| -> Option<Value> {
            let entry = self.interface.schema.entry_point(name)?;
            if entry.kind != EntryKind::Query || !entry.args.is_empty() {
                return None;
            }
            let params = ContractQuery {
                address: remote.text(&self.address),
                entry_point: name.into(),
                ..ContractQuery::default()
            };
            Some(
                remote
                    .run(remote.client.contract_query(&params))
                    .ok()?
                    .result
                    .0,
            )
        };
        if let (Some(symbol), Some(decimals)) = (ask("symbol"), ask("decimals")) {
            return unit(&symbol, &decimals);
        }
        let meta = ask("meta")?;
        unit(meta.get("symbol")?, meta.get("decimals")?)
    }
}

/// A unit from a symbol and a number of decimals, if they are such.
#[must_use]
pub fn unit(symbol: &Value, decimals: &Value) -> Option<Unit> {
    let decimals = match decimals {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    let decimals = u8::try_from(decimals).ok()?;
    let symbol = symbol.as_str()?.to_owned();
    (decimals <= crate::amount::DECIMALS_MAX && !symbol.is_empty())
        .then_some(Unit { symbol, decimals })
}

/// The interface of a code on the chain.
///
/// # Errors
/// The node's; a schema that does not decode.
pub fn interface_of(remote: &Remote, of: &CodeOf) -> Result<Interface, Failure> {
    let answer = remote.run(remote.client.schema(of))?;
    Ok(Interface {
        schema: answer.schema,
        cells: answer.cells,
    })
}

/// The interface of stored code, by its hash.
///
/// # Errors
/// As [`interface_of`].
pub fn interface_of_code(remote: &Remote, code: CodeHash) -> Result<Interface, Failure> {
    let of = CodeOf {
        address: None,
        code_hash: Some(HashHex::from(code)),
    };
    interface_of(remote, &of)
}

/// True if a value of this type is an amount, whatever it is wrapped in.
#[must_use]
pub fn is_amount(ty: &Type) -> bool {
    match ty {
        Type::Amount => true,
        Type::Newtype(_, inner) | Type::Option(inner) => is_amount(inner),
        _ => false,
    }
}
