//! Test keys of development networks: derived from a fixed phrase, known to everybody.
//!
//! `dev:operator` is the key whose seed is a hash of those very words. A transaction signed with one
//! proves nothing anywhere else, so they are refused on every chain whose genesis is not that of a
//! development network.

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use weighhouse_primitives::hash::Domain;
use weighhouse_primitives::{Address, KeyPolicy};

/// Seeds of test keys: hash of `dev:ROLE`.
const DEV_KEY: Domain = Domain::new("weighhouse/node/devkey/v1");

/// The roles that `weighhouse devnet` lists, in this order.
pub const ROLES: [&str; 10] = [
    "operator",
    "regulator",
    "issuer",
    "importer",
    "exporter",
    "importer_bank",
    "exporter_bank",
    "arbiter",
    "alice",
    "bob",
];

/// Why there is no test key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DevKeyError {
    /// The chain is not a development network.
    #[error("dev:{role} is a public test key and {chain} is not a development network")]
    NotDevelopment {
        /// Which role was asked for.
        role: String,
        /// Name of the chain.
        chain: String,
    },
    /// Not a role.
    #[error("{role:?} is not a role: lower-case letters, digits and _, at most 32")]
    BadRole {
        /// What was asked for.
        role: String,
    },
    /// Like a role that is listed, but for a slip of the finger: its account would be empty.
    #[error("dev:{role} is none of the test accounts; dev:{near} is")]
    Misspelt {
        /// What was asked for.
        role: String,
        /// The role that is like it.
        near: &'static str,
    },
}

/// Name of the `index`-th test account: the ten roles, then `holder11`, `holder12`, ...
#[must_use]
pub fn role(index: usize) -> String {
    ROLES.get(index).map_or_else(
        || format!("holder{}", index.saturating_add(1)),
        |role| (*role).into(),
    )
}

/// The key of `role`, given with or without `dev:`.
///
/// # Errors
/// If the chain is not a development network, or `role` is not a role.
pub fn key(role: &str, chain: &str, development: bool) -> Result<SigningKey, DevKeyError> {
    let role = role.strip_prefix("dev:").unwrap_or(role);
    let well_formed = (1..=32).contains(&role.len())
        && role
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if !well_formed {
        return Err(DevKeyError::BadRole { role: role.into() });
    }
    if let Some(near) = misspelt(role) {
        return Err(DevKeyError::Misspelt {
            role: role.into(),
            near,
        });
    }
    if !development {
        return Err(DevKeyError::NotDevelopment {
            role: role.into(),
            chain: chain.into(),
        });
    }
    let seed = DEV_KEY.hash(format!("dev:{role}").as_bytes());
    Ok(SigningKey::from_bytes(&seed.0))
}

/// The listed role that `role` differs from by one slip of the finger.
fn misspelt(role: &str) -> Option<&'static str> {
    ROLES
        .into_iter()
        .find(|known| *known != role && one_slip(role.as_bytes(), known.as_bytes()))
}

/// True if one letter is missing, too many, another one, or two neighbours have changed places.
fn one_slip(a: &[u8], b: &[u8]) -> bool {
    let same = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let head = same(&mut a.iter().zip(b));
    let (a, b) = (
        a.get(head..).unwrap_or_default(),
        b.get(head..).unwrap_or_default(),
    );
    let tail = same(&mut a.iter().rev().zip(b.iter().rev()));
    let rest = |text: &[u8]| {
        text.get(..text.len().saturating_sub(tail))
            .map(<[u8]>::to_vec)
    };
    match (rest(a).as_deref(), rest(b).as_deref()) {
        (Some([first, second]), Some([third, fourth])) => first == fourth && second == third,
        (Some(one), Some(other)) => one.len().max(other.len()) <= 1,
        _ => false,
    }
}

/// The policy of one key.
#[must_use]
pub fn policy(key: &SigningKey) -> KeyPolicy {
    KeyPolicy::single(VerificationKeyBytes::from(key.verification_key()).into())
}

/// Address of the account of one key.
#[must_use]
pub fn address(key: &SigningKey) -> Address {
    Address::of_account(&policy(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Roles are stable, different, and refused where they would be dangerous.
    #[test]
    fn roles_belong_to_development_networks() {
        let operator = key("dev:operator", "whdev-1", true).expect("a role");
        let again = key("operator", "whdev-1", true).expect("a role");
        assert_eq!(address(&operator), address(&again));
        let issuer = key("issuer", "whdev-1", true).expect("a role");
        assert_ne!(address(&operator), address(&issuer));
        assert_eq!(
            key("operator", "bank-1", false).map(|_| ()),
            Err(DevKeyError::NotDevelopment {
                role: "operator".into(),
                chain: "bank-1".into()
            })
        );
        assert!(key("dev:", "whdev-1", true).is_err());
        assert!(key("Operator", "whdev-1", true).is_err());
        assert_eq!(role(10), "holder11");
        let slip = key("dev:isuer", "whdev-1", true).map(|_| ());
        assert!(matches!(
            slip,
            Err(DevKeyError::Misspelt { near: "issuer", .. })
        ));
        for slip in ["alic", "alicee", "alixe", "ailce", "bbo"] {
            assert!(key(slip, "whdev-1", true).is_err(), "{slip}");
        }
        for other in ["holder11", "treasury", "bank", "bond"] {
            assert!(key(other, "whdev-1", true).is_ok(), "{other}");
        }
    }
}
