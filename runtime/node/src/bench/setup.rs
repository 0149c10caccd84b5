//! A token with many accounts.

use super::generate::{Call, Material, keyless};
use crate::demo::account::{Account, Signed};
use crate::demo::session::{Session, Terms};
use crate::demo::token::{Issue, Token, amount};
use crate::output::Failure;
use indicatif::ProgressBar;
use parity_scale_codec::Encode;
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Action, Address, Amount, Gas, Hash};
use weighhouse_rpc::types::At;

/// Most units of the token.
const CAP: u128 = 1 << 100;
/// Units of a signer.
const SIGNER_UNITS: u128 = 1 << 60;
/// Units of an account without a key.
const ACCOUNT_UNITS: u128 = 1_000;
/// Items of one batch transfer; the token's most.
const PAYMENTS: usize = 256;
/// Gas of one batch transfer for each item, with room.
const PAYMENT_GAS: u64 = 400_000;
/// Batch transfers of one request: about 25 KiB each, a request has at most 2 MiB.
const PER_REQUEST: usize = 16;
/// Batch transfers that wait for a block, at most.
const WAITING_MAX: u64 = 32;
/// How often it is looked.
const POLL: Duration = Duration::from_millis(5);

/// A number that no run before this one used.
pub(super) fn unique() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(elapsed.map_or(0, |elapsed| elapsed.as_nanos()) & u128::from(u64::MAX >> 1))
        .unwrap_or_default()
}

/// Deploys a token, mints, and spreads units over `accounts` accounts, the first `signers` of which
/// have keys.
pub(super) async fn prepare(
    session: &Session,
    (accounts, signers): (usize, usize),
    bar: &ProgressBar,
) -> Result<(Token, Material), Failure> {
    let issuer = Account::of("issuer", &session.info)?;
    let operator = Account::of("operator", &session.info)?;
    let issue = Issue {
        name: "Load".into(),
        symbol: "LOAD".into(),
        decimals: 0,
        cap: CAP,
        terms: Hash::of(b"load"),
        salt: Hash::of(&unique().to_le_bytes()),
    };
    let token = Token::deploy(session, &issue, &issuer, &operator).await?;
    let to = session.text(&operator.address);
    let ground = Hash::of(b"load").to_string();
    let mint = json!({
        "to": to, "amount": (CAP / 2).to_string(), "basis_doc": ground, "release_at": null,
    });
    session
        .send(&operator, &token.call("mint", mint.clone()), None)
        .await?;
    let keys: Result<Vec<Account>, Failure> = (0..signers)
        .map(|index| Account::of(&format!("load_{index}"), &session.info))
        .collect();
    let keys = keys?;
    let one = json!({ "to": to, "amount": "1", "memo": null });
    let transfer = call(session, &token, &operator, "transfer", one).await?;
    let material = Material {
        chain: GenesisHash::from(session.info.genesis_hash),
        token: token.address,
        accounts,
        hold: Call {
            selector: selector(&token, "create_hold")?,
            // A hold writes more than a transfer; what is not used is not charged.
            terms: Terms {
                gas_limit: Gas(transfer.terms.gas_limit.0.saturating_mul(3)),
                ..transfer.terms
            },
        },
        mint: call(session, &token, &operator, "mint", mint).await?,
        transfer,
        signers: keys,
        operator,
    };
    spread(session, &token, &material, bar).await?;
    Ok((token, material))
}

fn selector(token: &Token, entry_point: &str) -> Result<u32, Failure> {
    let entry = token.schema.entry_point(entry_point);
    entry
        .map(|entry| entry.selector)
        .ok_or_else(|| Failure::failed(format!("the token has no entry point {entry_point}")))
}

async fn call(
    session: &Session,
    token: &Token,
    signer: &Account,
    entry_point: &str,
    args: serde_json::Value,
) -> Result<Call, Failure> {
    let terms = session
        .terms(signer, &token.call(entry_point, args))
        .await?;
    Ok(Call {
        selector: selector(token, entry_point)?,
        terms,
    })
}

/// Gives every account its units.
async fn spread(
    session: &Session,
    token: &Token,
    material: &Material,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let selector = selector(token, "batch_transfer")?;
    let terms = Terms {
        gas_limit: Gas(PAYMENT_GAS * u64::try_from(PAYMENTS).unwrap_or(u64::MAX)),
        ..material.transfer.terms
    };
    let mut next = 0;
    // As many at a time as are in flight: the rest is not in memory yet.
    while next < material.accounts {
        let mut transactions: Vec<Signed> = Vec::new();
        for _ in 0..32 {
            let end = material.accounts.min(next + PAYMENTS);
            let payments: Vec<(Address, Amount, Option<Hash>)> = (next..end)
                .map(|index| match material.signers.get(index) {
                    Some(signer) => (signer.address, Amount(SIGNER_UNITS), None),
                    None => (keyless(index), Amount(ACCOUNT_UNITS), None),
                })
                .collect();
            if payments.is_empty() {
                break;
            }
            let mut input = selector.to_le_bytes().to_vec();
            payments.encode_to(&mut input);
            let action = Action::Call {
                contract: token.address,
                input,
            };
            let payload = session.payload(&material.operator, action, terms);
            transactions.push(material.operator.sign(payload));
            next = end;
        }
        for batch in transactions.chunks(PER_REQUEST) {
            for answer in session.submit(batch).await? {
                answer?;
            }
        }
        // Not waited for one by one: a receipt with 256 events costs more to tell than to make.
        settled(session, WAITING_MAX).await?;
        bar.set_position(u64::try_from(next).unwrap_or_default());
    }
    settled(session, 0).await?;
    let holders = token.query(session, "holder_count", json!({}), At::Latest);
    let holders = amount(&holders.await?)?;
    // The operator keeps the rest.
    let wanted = u128::try_from(material.accounts).unwrap_or_default() + 1;
    if holders == wanted {
        Ok(())
    } else {
        let what = format!("{holders} accounts hold units, {wanted} should");
        Err(Failure::failed(what))
    }
}

/// Waits until at most `most` transactions wait for a block.
async fn settled(session: &Session, most: u64) -> Result<(), Failure> {
    while session.client.node_status().await?.pool.count.0 > most {
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}
