//! Permits: an allowance that the owner signs and anybody delivers.
//!
//! # Format
//! What is signed is the SCALE encoding of [`PermitMessage`]. It begins with a text of its own, longer
//! than the 32 bytes that a transaction signature covers, names chain and contract, and has a number
//! that must be exactly the owner's next: so it counts once, here, and for nothing else.

use crate::storage::Token;
use weighhouse_sdk::crypto;
use weighhouse_sdk::prelude::*;
use weighhouse_sdk::primitives::KeyPolicy;
use weighhouse_sdk::primitives::hash::GenesisHash;
use weighhouse_standard::{Refusal, deadline};

/// What every permit begins with.
pub const PERMIT_DOMAIN: &str = "weighhouse/dfa-token/permit/v1";

/// What an owner allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Permit {
    /// Whose units.
    pub owner: Address,
    /// Who may take them.
    pub spender: Address,
    /// How many; replaces what was allowed before.
    pub amount: Amount,
    /// Last second at which the allowance counts.
    pub live_until: Timestamp,
    /// The owner's next number.
    pub nonce: u64,
    /// Last second at which the permit can be delivered.
    pub deadline: Timestamp,
}

/// What is signed.
#[derive(Debug, Encode)]
pub struct PermitMessage<'a> {
    /// [`PERMIT_DOMAIN`].
    pub domain: &'a str,
    /// The chain.
    pub chain: GenesisHash,
    /// The token.
    pub contract: Address,
    /// Every field of the permit.
    pub permit: Permit,
}

/// The owner's key and its signature of the [`PermitMessage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct PermitSignature {
    /// The one key of the owner's account.
    pub key: PublicKey,
    /// The signature.
    pub signature: Signature,
}

impl Token {
    pub(crate) fn use_permit(
        &mut self,
        ctx: &Context,
        permit: Permit,
        sig: PermitSignature,
    ) -> Result<(), Refused> {
        self.lifecycle.open()?;
        Self::approvable(ctx, permit.amount, permit.live_until)?;
        deadline::before_end(ctx.now(), permit.deadline)?;
        ensure!(signed(ctx, permit, &sig), Refusal::BadSignature);
        // Invariant T9: numbers of an owner are used one after the other.
        let expected = self.nonces.get(&permit.owner);
        ensure!(permit.nonce == expected, Refusal::NonceUsed { expected });
        self.admit_act(ctx, &permit.owner, None)?;
        let next = expected.checked_add(1).ok_or(Refusal::Overflow)?;
        self.nonces.set(&permit.owner, next);
        self.set_allowance(
            ctx,
            (permit.owner, permit.spender),
            (permit.amount, permit.live_until),
            Some(permit.nonce),
        );
        Ok(())
    }
}

/// True if the one key of the owner's account signed exactly this.
fn signed(ctx: &Context, permit: Permit, sig: &PermitSignature) -> bool {
    let PublicKey::Ed25519(key) = sig.key;
    if Address::of_account(&KeyPolicy::single(key)) != permit.owner {
        return false;
    }
    let message = PermitMessage {
        domain: PERMIT_DOMAIN,
        chain: ctx.chain(),
        contract: ctx.contract(),
        permit,
    };
    crypto::verify(&sig.key, &message.encode(), &sig.signature)
}
