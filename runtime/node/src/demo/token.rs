//! The token contract of the library: deployed, called and queried over JSON-RPC.

use super::account::Account;
use super::session::{Session, Terms};
use crate::library;
use crate::output::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use weighhouse_primitives::schema::Schema;
use weighhouse_primitives::{Action, Address, Hash, Payload};
use weighhouse_rpc::api::contract::{CodeOf, ContractQuery};
use weighhouse_rpc::types::{
    ActionView, AddressText, At, HashHex, Hex, Json, OutcomeView, ReceiptView, TxStatus,
};

/// Name of the contract in the library.
pub const CONTRACT: &str = "dfa-token";
/// Items of a page of holders.
const PAGE: u32 = 100;

/// What the token is.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Name.
    pub name: String,
    /// Symbol.
    pub symbol: String,
    /// Decimal places.
    pub decimals: u8,
    /// Most base units.
    pub cap: u128,
    /// blake3 of the terms.
    pub terms: Hash,
    /// Tells tokens of one deployer apart.
    pub salt: Hash,
}

/// A deployed token.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its address, as the node writes it.
    pub text: AddressText,
    /// Its address.
    pub address: Address,
    /// Its interface, as the node serves it.
    pub schema: Schema,
    /// Its code.
    pub code_hash: HashHex,
    /// Bytes of its code.
    pub code_bytes: usize,
    /// Gas of upload and of deployment.
    pub gas: [u64; 2],
}

impl Token {
    /// Uploads the library's token and deploys it: `issuer` issues, `operator` administers and mints.
    ///
    /// # Errors
    /// A refusal of node or contract.
    pub async fn deploy(
        session: &Session,
        issue: &Issue,
        issuer: &Account,
        operator: &Account,
    ) -> Result<Self, Failure> {
        let wasm = library::find(CONTRACT)
            .ok_or_else(|| Failure::fault(format!("{CONTRACT} is not built into this program")))?
            .wasm;
        let upload = ActionView::Upload {
            code: Some(Hex(wasm.to_vec())),
            code_hash: None,
            bytes: None,
        };
        let uploaded = session.send(operator, &upload, None).await?;
        let upload_gas = receipt(&uploaded)?.gas_used.0;
        let code_hash = HashHex(Hash::of(wasm));
        let deploy = ActionView::Deploy {
            code_hash,
            salt: Some(HashHex(issue.salt)),
            admin: None,
            entry_point: None,
            args: Some(Json::from(arguments(session, issue, issuer, operator))),
            input: None,
            contract: None,
        };
        let deployed = session.send(operator, &deploy, None).await?;
        let receipt = receipt(&deployed)?;
        let OutcomeView::Succeeded { data, .. } = &receipt.outcome else {
            return Err(Failure::failed("the deployment did not succeed"));
        };
        let bytes: Result<[u8; 32], _> = data.0.as_slice().try_into();
        let address = bytes
            .map(Address)
            .map_err(|_| Failure::failed("the deployment did not answer an address"))?;
        let of = CodeOf {
            address: Some(session.text(&address)),
            code_hash: None,
        };
        let schema = session.client.schema(&of).await?;
        Ok(Self {
            text: session.text(&address),
            address,
            schema: schema.schema,
            code_hash,
            code_bytes: wasm.len(),
            gas: [upload_gas, receipt.gas_used.0],
        })
    }

    /// The action of calling an entry point, for the node to encode.
    #[must_use]
    pub fn call(&self, entry_point: &str, args: Value) -> ActionView {
        ActionView::Call {
            contract: self.text.clone(),
            entry_point: Some(entry_point.into()),
            args: Some(Json::from(args)),
            input: None,
        }
    }

    /// The payload of calling an entry point, encoded here by the contract's own schema.
    ///
    /// # Errors
    /// If the schema does not take the arguments.
    pub fn payload(
        &self,
        session: &Session,
        signer: &Account,
        (entry_point, args): (&str, &Value),
        terms: Terms,
    ) -> Result<Payload, Failure> {
        let input = session.codec.encode_call(&self.schema, entry_point, args)?;
        let action = Action::Call {
            contract: self.address,
            input,
        };
        Ok(session.payload(signer, action, terms))
    }

    /// Asks the token at a height.
    ///
    /// # Errors
    /// A refusal of node or contract.
    pub async fn query(
        &self,
        session: &Session,
        entry_point: &str,
        args: Value,
        at: At,
    ) -> Result<Value, Failure> {
        let request = ContractQuery {
            address: self.text.clone(),
            entry_point: entry_point.into(),
            args: Some(Json::from(args)),
            at: Some(at),
            caller: None,
        };
        Ok(session.client.contract_query(&request).await?.result.0)
    }

    /// The supply at a height.
    ///
    /// # Errors
    /// As [`Token::query`].
    pub async fn supply(&self, session: &Session, at: At) -> Result<u128, Failure> {
        amount(&self.query(session, "supply", json!({}), at).await?)
    }

    /// Every balance at a height, page by page.
    ///
    /// # Errors
    /// As [`Token::query`].
    pub async fn holders(
        &self,
        session: &Session,
        at: At,
    ) -> Result<BTreeMap<String, u128>, Failure> {
        let mut holders = BTreeMap::new();
        let mut after = Value::Null;
        loop {
            let args = json!({ "after": after, "limit": PAGE });
            let page = self.query(session, "holders", args, at).await?;
            let page = page.as_array().map(Vec::as_slice).unwrap_or_default();
            for item in page {
                let (Some(holder), Some(balance)) = (item.get(0), item.get(1)) else {
                    return Err(Failure::failed("a page of holders does not hold pairs"));
                };
                after = holder.clone();
                let holder = holder.as_str().unwrap_or_default().to_owned();
                holders.insert(holder, amount(balance)?);
            }
            if page.len() < PAGE as usize {
                return Ok(holders);
            }
        }
    }
}

/// Arguments of the constructor.
fn arguments(session: &Session, issue: &Issue, issuer: &Account, operator: &Account) -> Value {
    json!({
        "meta": {
            "name": issue.name,
            "symbol": issue.symbol,
            "decimals": issue.decimals,
            "kind": "Dfa",
            "issuer": session.text(&issuer.address),
            "terms": issue.terms.to_string(),
        },
        "capabilities": {
            "transferable": true,
            "holdable": true,
            "freezable": false,
            "recoverable": false,
            "mintable": true,
            "burnable": true,
            "ring_fenced": false,
        },
        "limits": {
            "cap": issue.cap.to_string(),
            "mint_threshold": issue.cap.to_string(),
            "admin_delay": "86400",
        },
        "admin": session.text(&operator.address),
        "roles": [["Minter", session.text(&operator.address)]],
        "participants": null,
    })
}

/// An amount as the node writes it.
///
/// # Errors
/// If it is not one.
pub fn amount(value: &Value) -> Result<u128, Failure> {
    let parsed = value.as_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| Failure::failed(format!("{value} is not an amount")))
}

/// The receipt of a durable transaction.
///
/// # Errors
/// If it has none.
pub fn receipt(status: &TxStatus) -> Result<&ReceiptView, Failure> {
    status
        .receipt
        .as_ref()
        .ok_or_else(|| Failure::failed(format!("{} has no receipt", status.hash)))
}
