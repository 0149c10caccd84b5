//! Signed transactions of test accounts.

use weighhouse_node::devkeys;
use weighhouse_primitives::transaction::{Authorization, KeySignature};
use weighhouse_primitives::{
    Action, Address, Gas, Payload, Signature, Timestamp, Transaction, hash::GenesisHash,
};

/// A transaction of a test key, changed before it is signed.
pub(crate) fn signed(
    chain: GenesisHash,
    role: &str,
    (nonce, valid_until): (u64, u64),
    action: Action,
    change: impl FnOnce(&mut Payload),
) -> Transaction {
    let key = devkeys::key(role, "test", true).unwrap();
    let policy = devkeys::policy(&key);
    let mut payload = Payload {
        chain,
        signer: Address::of_account(&policy),
        nonce,
        valid_until: Timestamp(valid_until),
        gas_limit: Gas(2_000_000),
        action,
    };
    change(&mut payload);
    let signature = Signature(key.sign(payload.hash().0.as_bytes()).into());
    let signatures = vec![KeySignature { key: 0, signature }];
    Transaction {
        payload,
        authorization: Authorization::Keys { policy, signatures },
    }
}
