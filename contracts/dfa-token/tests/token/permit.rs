//! Permits: signed approvals, delivered by anybody.

use crate::fixture::{Fixture, UnderTest, at};
use dfa_token::storage::Allowance;
use dfa_token::{PERMIT_DOMAIN, Permit, PermitMessage, PermitSignature};
use parity_scale_codec::Encode;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Address, Amount, PublicKey, Timestamp};
use weighhouse_testkit::Account;

type Arguments = (
    Address,
    Address,
    Amount,
    Timestamp,
    u64,
    Timestamp,
    PermitSignature,
);

fn permit(token: &Fixture, amount: u128, nonce: u64) -> Permit {
    Permit {
        owner: at("ann"),
        spender: at("bob"),
        amount: Amount(amount),
        live_until: Timestamp(token.now() + 1_000),
        nonce,
        deadline: Timestamp(token.now() + 100),
    }
}

fn key(name: &str) -> PublicKey {
    *Account::new(name).policy().keys.first().expect("one key")
}

fn chain(token: &Fixture) -> GenesisHash {
    token.world.reader.genesis().hash()
}

fn signed_as(token: &Fixture, permit: Permit, who: &str, message: &[u8]) -> Arguments {
    let signature = Account::new(who).sign_message(message);
    let sig = PermitSignature {
        key: key(who),
        signature,
    };
    let _ = token;
    let Permit {
        owner,
        spender,
        amount,
        live_until,
        nonce,
        deadline,
    } = permit;
    (owner, spender, amount, live_until, nonce, deadline, sig)
}

fn message(chain: GenesisHash, contract: Address, permit: Permit) -> Vec<u8> {
    PermitMessage {
        domain: PERMIT_DOMAIN,
        chain,
        contract,
        permit,
    }
    .encode()
}

fn signed(token: &Fixture, permit: Permit) -> Arguments {
    let message = message(chain(token), token.token.address, permit);
    signed_as(token, permit, "ann", &message)
}

/// Goal: a signed permit sets the allowance, whoever delivers it.
#[test]
fn a_permit_sets_the_allowance() {
    let mut token = Fixture::new();
    let arguments = signed(&token, permit(&token, 300, 0));
    assert_eq!(token.both("cat", "permit", &arguments), 0);
    let allowance: Option<Allowance> = token.ask("allowance", &(at("ann"), at("bob")));
    assert_eq!(allowance.expect("live").amount, Amount(300));
}

/// Goal: numbers of an owner rise by exactly one: neither a replay nor a gap is accepted (15).
#[test]
fn t9_nonces_rise_by_exactly_one() {
    let mut token = Fixture::new();
    for nonce in 0..3 {
        let ahead = signed(&token, permit(&token, 1, nonce + 1));
        assert_eq!(token.both("cat", "permit", &ahead), 15, "a gap");
        let next = signed(&token, permit(&token, 1, nonce));
        assert_eq!(token.both("cat", "permit", &next), 0);
        assert_eq!(token.both("cat", "permit", &next), 15, "a replay");
        assert_eq!(token.ask::<u64>("nonce_of", &at("ann")), nonce + 1);
    }
}

/// Goal: a signature counts for one chain, one contract, one owner and exactly these fields (14).
#[test]
fn code_14_a_signature_counts_for_nothing_else() {
    let mut token = Fixture::new();
    let good = permit(&token, 300, 0);
    let (here, contract) = (chain(&token), token.token.address);
    let elsewhere = GenesisHash(weighhouse_primitives::Hash([1; 32]));
    let forged = [
        message(elsewhere, contract, good),
        message(here, at("ann"), good),
        message(
            here,
            contract,
            Permit {
                amount: Amount(301),
                ..good
            },
        ),
        message(
            here,
            contract,
            Permit {
                spender: at("cat"),
                ..good
            },
        ),
        message(
            here,
            contract,
            Permit {
                deadline: Timestamp(1),
                ..good
            },
        ),
        (here, contract, good).encode(),
    ];
    for (number, bytes) in forged.iter().enumerate() {
        let arguments = signed_as(&token, good, "ann", bytes);
        assert_eq!(
            token.both("cat", "permit", &arguments),
            14,
            "forgery {number}"
        );
    }
    let by_another = signed_as(&token, good, "bob", &message(here, contract, good));
    assert_eq!(
        token.both("cat", "permit", &by_another),
        14,
        "not the owner's key"
    );
    assert_eq!(token.ask::<u64>("nonce_of", &at("ann")), 0);
}

/// Goal: a permit can be delivered up to and including its deadline (10).
#[test]
fn code_10_a_permit_has_a_deadline() {
    for (offset, code) in [(99, 0), (100, 0), (101, 10)] {
        let mut token = Fixture::new();
        let arguments = signed(&token, permit(&token, 300, 0));
        token.world.advance(offset);
        assert_eq!(
            token.both("cat", "permit", &arguments),
            code,
            "after {offset} s"
        );
    }
}
