//! `weighhouse key sign` and `verify`: messages that contracts verify, such as permits.
//!
//! What is signed is the hash of the message in the domain of contract messages, so that a signed
//! message can never pass for a signed transaction.

use super::Context;
use super::passphrase::PassphraseArgs;
use crate::keystore::Keystore;
use crate::output::Failure;
use crate::policies::parse_public;
use crate::signer::{self, ChainKind, Source};
use ed25519_zebra::{Signature, VerificationKey};
use serde_json::json;
use std::path::PathBuf;
use weighhouse_primitives::PublicKey;
use weighhouse_primitives::hash::domain;

/// The message, in one of three forms.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Message {
    /// The message as 0x hex
    #[arg(long, value_name = "0x...")]
    pub hex: Option<String>,
    /// The message as text
    #[arg(long)]
    pub text: Option<String>,
    /// A file that is the message
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

impl Message {
    fn bytes(&self) -> Result<Vec<u8>, Failure> {
        if let Some(text) = &self.hex {
            return unhex(text).ok_or_else(|| {
                Failure::usage("--hex is not hex").help("write 0x and an even number of hex digits")
            });
        }
        if let Some(path) = &self.file {
            return std::fs::read(path).map_err(|error| {
                Failure::usage(format!("cannot read {}: {error}", path.display()))
                    .help("name a readable file")
            });
        }
        Ok(self.text.clone().unwrap_or_default().into_bytes())
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x")?).ok()
}

/// Flags of `weighhouse key sign`.
#[derive(Clone, Debug, clap::Args)]
pub struct SignArgs {
    /// Who signs: `file:NAME`, `env:VAR`, `socket:PATH` or `dev:ROLE`
    #[arg(long, value_name = "SIGNER", env = "WEIGHHOUSE_SIGNER")]
    pub signer: Source,
    #[command(flatten)]
    message: Message,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl SignArgs {
    /// Prints the signature.
    ///
    /// # Errors
    /// An unreadable message, or a signer that cannot sign.
    pub fn run(self, context: &Context, store: &Keystore) -> Result<(), Failure> {
        let hash = domain::CONTRACT_MESSAGE.hash(&self.message.bytes()?);
        let chain = ChainKind {
            name: "a message".into(),
            development: true,
        };
        let ask = |name: &str| self.passphrase.unlock(context, name);
        let signer = signer::open::<Failure>(&self.signer, store, &chain, ask)?;
        let signature = format!("0x{}", hex::encode(signer.sign(&hash)?.0));
        let public = format!("0x{}", hex::encode(signer.public()));
        let document =
            json!({"signature": signature, "public_key": public, "hash": hash.to_string()});
        context.output.answer(&signature, &document);
        Ok(())
    }
}

/// Flags of `weighhouse key verify`.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// The public key: 0x and 64 hex digits
    #[arg(long, value_name = "0x...")]
    pub key: String,
    /// The signature: 0x and 128 hex digits
    #[arg(long, value_name = "0x...")]
    pub signature: String,
    #[command(flatten)]
    message: Message,
}

impl VerifyArgs {
    /// Says whether the signature holds; exit code 1 if not.
    ///
    /// # Errors
    /// A signature that does not hold, or arguments that are none.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let PublicKey::Ed25519(key) = parse_public(&self.key).ok_or_else(|| {
            Failure::usage("--key is not a public key").help("write 0x and 64 hex digits")
        })?;
        let signature: [u8; 64] = unhex(&self.signature)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| {
                Failure::usage("--signature is not a signature").help("write 0x and 128 hex digits")
            })?;
        let hash = domain::CONTRACT_MESSAGE.hash(&self.message.bytes()?);
        let holds = VerificationKey::try_from(key)
            .and_then(|key| key.verify(&Signature::from(signature), hash.as_bytes()))
            .is_ok();
        if holds {
            context
                .output
                .answer("the signature holds", &json!({ "valid": true }));
            Ok(())
        } else {
            Err(Failure::answered(
                1001,
                "bad_signature",
                "the signature does not hold for this message",
            )
            .help("compare key, signature and message with the signer, byte by byte"))
        }
    }
}
