//! From JSON to actions and payloads.

use super::service::Service;
use super::view::Views;
use crate::codec::StrictValue;
use crate::error::{ErrorBody, code};
use crate::types::{AccessView, ActionView, AddressText, Hex, PolicyView, QuotaView, U64};
use serde_json::Value;
use std::hash::{BuildHasher, RandomState};
use weighhouse_primitives::policy::{Access, ChainPolicy, Quota};
use weighhouse_primitives::schema::{EntryKind, Schema};
use weighhouse_primitives::{Action, Address, CodeHash, Gas, Hash, Payload, Timestamp};
use weighhouse_runtime::limits::TX_GAS_MAX;

/// Validity of a transaction for which none is given, in seconds of block time.
const VALID_SECONDS: u64 = 3_600;

/// Entry point, arguments and encoded input as they may be given.
type Given<'g> = (Option<&'g str>, Option<&'g StrictValue>, Option<&'g Hex>);

impl Service {
    /// Reads an action.
    pub(crate) fn action(&self, action: &ActionView) -> Result<Action, ErrorBody> {
        match action {
            ActionView::Upload { code, .. } => {
                let missing =
                    || ErrorBody::params("action.upload.code", "the module as hex", "nothing");
                let code = code.as_ref().ok_or_else(missing)?.0.clone();
                Ok(Action::Upload { code })
            }
            ActionView::Deploy {
                code_hash,
                salt,
                admin,
                entry_point,
                args,
                input,
                contract: _,
            } => {
                let code = CodeHash::from(*code_hash);
                let info = self.reader().code_info(&code)?;
                let given = (entry_point.as_deref(), args.as_ref(), input.as_ref());
                Ok(Action::Deploy {
                    code,
                    salt: salt.map_or(Hash::ZERO, |salt| salt.0),
                    admin: self.address_option("action.deploy.admin", admin.as_ref())?,
                    input: self.constructor(&info.schema, given)?,
                })
            }
            ActionView::Call {
                contract,
                entry_point,
                args,
                input,
            } => {
                let contract = self.address("action.call.contract", contract)?;
                let given = (entry_point.as_deref(), args.as_ref(), input.as_ref());
                let input = match given {
                    (None, None, Some(input)) => input.0.clone(),
                    _ => {
                        let (_, info) = self.info(&contract, None)?;
                        self.input(&info.schema, "call", given)?
                    }
                };
                Ok(Action::Call { contract, input })
            }
            ActionView::Upgrade {
                contract,
                code_hash,
                entry_point,
                args,
                input,
            } => {
                let code = CodeHash::from(*code_hash);
                let given = (entry_point.as_deref(), args.as_ref(), input.as_ref());
                let input = match given {
                    (None, None, None) => Vec::new(),
                    _ => self.input(&self.reader().code_info(&code)?.schema, "upgrade", given)?,
                };
                Ok(Action::Upgrade {
                    contract: self.address("action.upgrade.contract", contract)?,
                    code,
                    input,
                })
            }
            ActionView::Govern { policy } => Ok(Action::Govern {
                policy: self.policy(policy)?,
            }),
            ActionView::SetValidator { key, power } => Ok(Action::SetValidator {
                key: *key.0.as_bytes(),
                power: power.0,
            }),
        }
    }

    fn constructor(&self, schema: &Schema, given: Given<'_>) -> Result<Vec<u8>, ErrorBody> {
        let mut constructors = schema
            .entry_points
            .iter()
            .filter(|entry| entry.kind == EntryKind::Constructor);
        match (given, constructors.next(), constructors.next()) {
            ((None, args, None), Some(only), None) => {
                self.input(schema, "deploy", (Some(&only.name), args, None))
            }
            ((None, _, None), _, _) => Err(ErrorBody::params(
                "action.deploy.entry_point",
                "the name of one of the code's constructors",
                "nothing",
            )),
            _ => self.input(schema, "deploy", given),
        }
    }

    fn input(&self, schema: &Schema, kind: &str, given: Given<'_>) -> Result<Vec<u8>, ErrorBody> {
        let path = format!("action.{kind}");
        match given {
            (None, None, Some(input)) => Ok(input.0.clone()),
            (Some(entry_point), args, None) => {
                let args = args.map_or(&Value::Null, |args| &args.0);
                Ok(self.codec().encode_call(schema, entry_point, args)?)
            }
            _ => Err(ErrorBody::params(
                &path,
                "entry_point and args, or input alone",
                "another mixture",
            )),
        }
    }

    fn policy(&self, view: &PolicyView) -> Result<ChainPolicy, ErrorBody> {
        let access = |name: &str, view: &AccessView| match view {
            AccessView::Open => Ok(Access::Open),
            AccessView::Listed(listed) => {
                let path = format!("action.govern.policy.{name}.listed");
                let parsed = listed.iter().map(|address| self.address(&path, address));
                parsed.collect::<Result<_, _>>().map(Access::Listed)
            }
        };
        let governor = "action.govern.policy.governor";
        Ok(ChainPolicy {
            governor: self.address_option(governor, view.governor.as_ref())?,
            submit: access("submit", &view.submit)?,
            upload: access("upload", &view.upload)?,
            deploy: access("deploy", &view.deploy)?,
            quota: view.quota.as_ref().map(|quota| Quota {
                window_seconds: quota.window_seconds,
                gas: Gas(quota.gas.0),
            }),
        })
    }

    /// A payload of this chain with the most gas, a fresh nonce and the usual validity.
    pub(crate) fn payload(&self, signer: Address, action: Action) -> Payload {
        Payload {
            chain: self.inner().genesis,
            signer,
            nonce: fresh_nonce(),
            valid_until: self.submit().next_time().saturating_add(VALID_SECONDS),
            gas_limit: Gas(TX_GAS_MAX),
            action,
        }
    }

    /// Gives a payload the gas it needs, with some room; the most if it would fail now.
    pub(crate) fn fit_gas(&self, payload: &mut Payload) -> Result<(), ErrorBody> {
        let simulated = self.reader().simulate(payload, None)?;
        if simulated.receipt.outcome.is_success() {
            payload.gas_limit = suggested_gas(simulated.receipt.gas_used);
        }
        Ok(())
    }

    /// Reads what `tx_encode` asks for.
    pub(crate) fn encode(&self, params: &crate::api::tx::TxEncode) -> Result<Payload, ErrorBody> {
        let signer = self.address("from", &params.from)?;
        let mut payload = self.payload(signer, self.action(&params.action)?);
        if let Some(U64(nonce)) = params.nonce {
            payload.nonce = nonce;
        }
        if let Some(U64(time)) = params.valid_until {
            payload.valid_until = Timestamp(time);
        }
        match params.gas_limit {
            Some(U64(limit)) if limit > TX_GAS_MAX => {
                let message = format!("gas limit {limit} is above {TX_GAS_MAX}");
                return Err(ErrorBody::new(code::GAS_LIMIT_TOO_HIGH, message)
                    .with("max", TX_GAS_MAX.to_string())
                    .with("limit", limit.to_string()));
            }
            Some(U64(limit)) => payload.gas_limit = Gas(limit),
            None => self.fit_gas(&mut payload)?,
        }
        Ok(payload)
    }
}

/// Gas with a quarter of room, for a state that changes before the block.
pub(crate) fn suggested_gas(used: Gas) -> Gas {
    let room = (used.0 / 4).max(10_000);
    Gas(used.0.saturating_add(room).min(TX_GAS_MAX))
}

/// A number that no two transactions share in practice; it needs no secrecy.
fn fresh_nonce() -> u64 {
    RandomState::new().hash_one(())
}

/// A policy as it travels.
pub(crate) fn policy_view(views: &Views<'_>, policy: &ChainPolicy) -> PolicyView {
    let access = |access: &Access| match access {
        Access::Open => AccessView::Open,
        Access::Listed(listed) => {
            let listed = listed.iter().map(|address| views.address(address));
            AccessView::Listed(listed.collect::<Vec<AddressText>>())
        }
    };
    PolicyView {
        governor: policy
            .governor
            .as_ref()
            .map(|governor| views.address(governor)),
        submit: access(&policy.submit),
        upload: access(&policy.upload),
        deploy: access(&policy.deploy),
        quota: policy.quota.map(|quota| QuotaView {
            window_seconds: quota.window_seconds,
            gas: quota.gas.into(),
        }),
    }
}
