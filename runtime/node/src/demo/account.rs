//! Accounts of the demonstration: public test keys, and transactions signed with them.

use crate::devkeys::{self, DevKeyError};
use crate::output::Failure;
use crate::signer::KeySigner;
use parity_scale_codec::Encode;
use weighhouse_primitives::transaction::{Authorization, KeySignature};
use weighhouse_primitives::{Address, KeyPolicy, Payload, Transaction};
use weighhouse_rpc::types::{ChainInfo, HashHex, Hex};
use zeroize::Zeroizing;

/// Somebody with a key.
#[derive(Debug)]
pub struct Account {
    /// Name of the test key, without `dev:`.
    pub role: String,
    /// Address of the account.
    pub address: Address,
    signer: KeySigner,
    policy: KeyPolicy,
}

/// A transaction with its identity, ready to send; sending it again sends the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Identity.
    pub hash: HashHex,
    /// SCALE of the transaction.
    pub bytes: Vec<u8>,
}

impl Signed {
    /// The bytes as they travel.
    #[must_use]
    pub fn hex(&self) -> Hex {
        Hex(self.bytes.clone())
    }
}

impl From<DevKeyError> for Failure {
    fn from(error: DevKeyError) -> Self {
        Self::failed(error.to_string()).help("start a development network: weighhouse devnet")
    }
}

impl Account {
    /// The account of a test key.
    ///
    /// # Errors
    /// If the chain is not a development network.
    pub fn of(role: &str, info: &ChainInfo) -> Result<Self, Failure> {
        let key = devkeys::key(role, &info.chain_id, info.development)?;
        let signer = KeySigner::new(&Zeroizing::new(key.to_bytes()));
        Ok(Self {
            role: role.into(),
            address: signer.address(),
            policy: signer.policy(),
            signer,
        })
    }

    /// The account of subscriber `index` under `seed`.
    ///
    /// # Errors
    /// As [`Account::of`].
    pub fn subscriber(seed: u64, index: usize, info: &ChainInfo) -> Result<Self, Failure> {
        Self::of(&format!("s{seed:x}_{index}"), info)
    }

    /// Signs a payload.
    #[must_use]
    pub fn sign(&self, payload: Payload) -> Signed {
        let hash = payload.hash();
        let signature = KeySignature {
            key: 0,
            signature: self.signer.sign(&hash.0),
        };
        let transaction = Transaction {
            payload,
            authorization: Authorization::Keys {
                policy: self.policy.clone(),
                signatures: vec![signature],
            },
        };
        Signed {
            hash: hash.into(),
            bytes: transaction.encode(),
        }
    }
}
