//! Where a signature comes from: one flag for all sources.
//!
//! `file:NAME` is a key of the keystore, `env:VAR` a secret in an environment variable (for machines
//! that have a secret store of their own), `socket:PATH` a signer behind a unix socket, `dev:ROLE` a
//! public test key, refused on every chain that is not a development network. A signer signs 32-byte
//! hashes and never shows its secret.

mod socket;

pub use socket::SocketSigner;

use crate::devkeys;
use crate::keystore::{Keystore, KeystoreError, Secret, public_key};
use ed25519_zebra::SigningKey;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use weighhouse_primitives::{Address, Hash, KeyPolicy, PublicKey, Signature};
use zeroize::Zeroizing;

/// A source of signatures, as `--signer` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A key of the keystore.
    File(String),
    /// An environment variable that holds the secret: `0x` and 64 hex digits.
    Env(String),
    /// A unix socket behind which somebody signs.
    Socket(PathBuf),
    /// A public test key.
    Dev(String),
}

/// Why a text names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Known, and not built into this version.
    #[error(
        "{kind}: signers are not part of this version; let a program of the module's maker answer at socket:PATH"
    )]
    Absent {
        /// `hsm`.
        kind: String,
    },
    /// Nothing known.
    #[error("{got:?} is not a signer: write file:NAME, env:VAR, socket:PATH or dev:ROLE")]
    Unknown {
        /// What was given.
        got: String,
    },
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let unknown = || SourceError::Unknown { got: text.into() };
        let (kind, rest) = text.split_once(':').ok_or_else(unknown)?;
        if rest.is_empty() {
            return Err(unknown());
        }
        match kind {
            "file" => Ok(Self::File(rest.into())),
            "env" => Ok(Self::Env(rest.into())),
            "dev" => Ok(Self::Dev(rest.into())),
            "socket" => Ok(Self::Socket(rest.into())),
            "hsm" => Err(SourceError::Absent { kind: kind.into() }),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(f, "file:{name}"),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Socket(path) => write!(f, "socket:{}", path.display()),
            Self::Dev(name) => write!(f, "dev:{name}"),
        }
    }
}

/// Why a source gives no signer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The keystore's reason.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The test keys' reason.
    #[error(transparent)]
    Dev(#[from] devkeys::DevKeyError),
    /// The environment variable holds no secret.
    #[error("the environment variable {name} does not hold a secret key: {reason}")]
    Env {
        /// Its name.
        name: String,
        /// What is wrong; never its content.
        reason: &'static str,
    },
    /// The signer behind a socket does not sign.
    #[error("the signer at {} does not sign: {reason}", path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// A key that is here and can sign.
pub struct KeySigner {
    key: SigningKey,
    public: [u8; 32],
}

impl fmt::Debug for KeySigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySigner({})", Hash(self.public))
    }
}

impl KeySigner {
    /// The signer of a secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self {
            key: SigningKey::from(**secret),
            public: public_key(secret),
        }
    }

    /// Its public key.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The policy of this key alone.
    #[must_use]
    pub fn policy(&self) -> KeyPolicy {
        KeyPolicy::single(self.public)
    }

    /// Address of the account that this key alone controls.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::of_account(&self.policy())
    }

    /// Position of this key in a policy.
    #[must_use]
    pub fn position_in(&self, policy: &KeyPolicy) -> Option<u8> {
        let mine = PublicKey::Ed25519(self.public);
        let position = policy.keys.iter().position(|key| *key == mine)?;
        u8::try_from(position).ok()
    }

    /// Signs the 32 bytes of a hash.
    #[must_use]
    pub fn sign(&self, hash: &Hash) -> Signature {
        Signature(self.key.sign(hash.as_bytes()).into())
    }
}

/// A key that can sign, here or elsewhere.
#[derive(Debug)]
pub enum Signer {
    /// Here.
    Key(Box<KeySigner>),
    /// Behind a socket.
    Socket(SocketSigner),
}

impl Signer {
    fn here(secret: &Secret) -> Self {
        Self::Key(Box::new(KeySigner::new(secret)))
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        match self {
            Self::Key(signer) => signer.public(),
            Self::Socket(signer) => signer.public(),
        }
    }

    /// The policy of this key alone.
    #[must_use]
    pub fn policy(&self) -> KeyPolicy {
        KeyPolicy::single(*self.public())
    }

    /// Address of the account that this key alone controls.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::of_account(&self.policy())
    }

    /// Signs the 32 bytes of a hash.
    ///
    /// # Errors
    /// [`SignerError::Socket`] if the signer is elsewhere and does not.
    pub fn sign(&self, hash: &Hash) -> Result<Signature, SignerError> {
        match self {
            Self::Key(signer) => Ok(signer.sign(hash)),
            Self::Socket(signer) => signer.sign(hash),
        }
    }
}

/// What the chain says about test keys.
#[derive(Clone, Debug)]
pub struct ChainKind {
    /// Its name, for messages.
    pub name: String,
    /// True if its genesis is that of a development network.
    pub development: bool,
}

/// Opens a source; `passphrase` is asked only for a key of the keystore.
///
/// # Errors
/// [`SignerError`], or what `passphrase` answers.
pub fn open<E: From<SignerError>>(
    source: &Source,
    keystore: &Keystore,
    chain: &ChainKind,
    passphrase: impl FnOnce(&str) -> Result<Zeroizing<String>, E>,
) -> Result<Signer, E> {
    match source {
        Source::File(name) => {
            let file = keystore.read(name).map_err(SignerError::from)?;
            let passphrase = passphrase(name)?;
            let secret = file.unlock(&passphrase).map_err(SignerError::from)?;
            Ok(Signer::here(&secret))
        }
        Source::Env(name) => Ok(Signer::here(&environment(name)?)),
        Source::Socket(path) => Ok(Signer::Socket(SocketSigner::open(path)?)),
        Source::Dev(role) => {
            let key = devkeys::key(role, &chain.name, chain.development);
            let key = key.map_err(SignerError::from)?;
            Ok(Signer::here(&Zeroizing::new(key.to_bytes())))
        }
    }
}

fn environment(name: &str) -> Result<Secret, SignerError> {
    let bad = |reason| SignerError::Env {
        name: name.into(),
        reason,
    };
    let text = std::env::var(name).map_err(|_| bad("it is not set"))?;
    let text = Zeroizing::new(text);
    parse_secret(&text).ok_or_else(|| bad("write 0x and 64 hex digits"))
}

/// A secret key as text: `0x` and 64 hex digits.
#[must_use]
pub fn parse_secret(text: &str) -> Option<Secret> {
    let mut secret = Zeroizing::new([0; 32]);
    let digits = text.trim().strip_prefix("0x")?;
    hex::decode_to_slice(digits, secret.as_mut_slice()).ok()?;
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: every documented source is read, what is not part of this version says so.
    #[test]
    fn sources_are_read() {
        assert_eq!("file:issuer".parse(), Ok(Source::File("issuer".into())));
        assert_eq!("env:KEY".parse(), Ok(Source::Env("KEY".into())));
        assert_eq!("socket:/x".parse(), Ok(Source::Socket("/x".into())));
        assert_eq!("dev:issuer".parse(), Ok(Source::Dev("issuer".into())));
        assert!(matches!(
            "hsm:bank/ops".parse::<Source>(),
            Err(SourceError::Absent { .. })
        ));
        for text in ["", "issuer", "file:", "gpg:me"] {
            assert!(matches!(
                text.parse::<Source>(),
                Err(SourceError::Unknown { .. })
            ));
        }
    }

    /// Goal: a signer's signature verifies under its public key, and test keys stay on devnets.
    #[test]
    fn signs_and_stays_home() {
        let keystore = Keystore::new(std::path::Path::new("nowhere"));
        let source = Source::Dev("issuer".into());
        let chain = |development| ChainKind {
            name: "c".into(),
            development,
        };
        let ask = |_: &str| -> Result<_, SignerError> { unreachable!("no passphrase is needed") };
        let signer = open(&source, &keystore, &chain(true), ask).unwrap();
        let hash = Hash([3; 32]);
        let key = ed25519_zebra::VerificationKey::try_from(*signer.public()).unwrap();
        let signature = ed25519_zebra::Signature::from(signer.sign(&hash).unwrap().0);
        assert!(key.verify(&signature, hash.as_bytes()).is_ok());
        let Signer::Key(signer) = signer else {
            panic!("a key that is here");
        };
        assert_eq!(signer.position_in(&signer.policy()), Some(0));
        assert!(open(&source, &keystore, &chain(false), ask).is_err());
    }
}
