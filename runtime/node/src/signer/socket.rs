//! A signer behind a unix socket: a key that never enters this process, such as one of a hardware
//! module or of an approval service.
//!
//! # Format
//! One line of JSON each way, one request for each connection:
//! ```text
//! {"method":"public_key"}              {"public_key":"0x..."}
//! {"method":"sign","hash":"0x..."}     {"signature":"0x..."}
//! anything                             {"error":"what to tell the user"}
//! ```
//! The signature is ed25519 over the 32 bytes of the hash. It is verified here: a signer that answers
//! with another key's signature would otherwise be found out by the chain.

use super::SignerError;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use weighhouse_primitives::{Hash, Signature};

/// How long a signer may take: a person may have to press a button.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest answer.
const ANSWER_BYTES_MAX: u64 = 4_096;

/// A key behind a socket.
#[derive(Debug)]
pub struct SocketSigner {
    path: PathBuf,
    public: [u8; 32],
}

impl SocketSigner {
    /// Asks the signer for its key.
    ///
    /// # Errors
    /// Nobody listens there, or the answer is none.
    pub fn open(path: &Path) -> Result<Self, SignerError> {
        let public = ask(path, &json!({ "method": "public_key" }), "public_key")?;
        Ok(Self {
            path: path.to_owned(),
            public,
        })
    }

    /// Its public key.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Lets the signer sign the 32 bytes of a hash.
    ///
    /// # Errors
    /// As [`SocketSigner::open`]; a signature that is not of its key.
    pub fn sign(&self, hash: &Hash) -> Result<Signature, SignerError> {
        let request = json!({ "method": "sign", "hash": hash.to_string() });
        let signature: [u8; 64] = ask(&self.path, &request, "signature")?;
        let key = ed25519_zebra::VerificationKey::try_from(self.public);
        let fits = key.and_then(|key| key.verify(&signature.into(), hash.as_bytes()));
        match fits {
            Ok(()) => Ok(Signature(signature)),
            Err(_) => Err(trouble(&self.path, "the signature is not of its key")),
        }
    }
}

fn trouble(path: &Path, reason: impl Into<String>) -> SignerError {
    SignerError::Socket {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

/// Sends a request; gives the bytes of the answer's field.
fn ask<const N: usize>(path: &Path, request: &Value, field: &str) -> Result<[u8; N], SignerError> {
    let failed = |error: std::io::Error| trouble(path, error.to_string());
    let mut stream = UnixStream::connect(path).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
    writeln!(stream, "{request}").map_err(failed)?;
    let mut line = String::new();
    BufReader::new(stream.take(ANSWER_BYTES_MAX))
        .read_line(&mut line)
        .map_err(failed)?;
    let answer: Value = serde_json::from_str(&line)
        .map_err(|_| trouble(path, "the answer is not one line of JSON"))?;
    if let Some(error) = answer["error"].as_str() {
        let short: String = error.chars().take(200).collect();
        return Err(trouble(path, short));
    }
    let mut bytes = [0; N];
    answer[field]
        .as_str()
        .and_then(|text| text.strip_prefix("0x"))
        .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
        .ok_or_else(|| trouble(path, format!("the answer has no {field} of {N} bytes")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::KeySigner;
    use std::os::unix::net::UnixListener;
    use zeroize::Zeroizing;

    /// A signer that answers `count` requests by `answer`.
    fn serve(path: &Path, count: usize, answer: impl Fn(&Value) -> Value + Send + 'static) {
        let listener = UnixListener::bind(path).expect("a socket");
        std::thread::spawn(move || {
            for _ in 0..count {
                let (stream, _) = listener.accept().expect("a client");
                let mut line = String::new();
                let mut reader = BufReader::new(&stream);
                reader.read_line(&mut line).expect("a request");
                let request = serde_json::from_str(&line).expect("JSON");
                writeln!(&stream, "{}", answer(&request)).expect("an answer");
            }
        });
    }

    /// Goal: a key behind a socket signs; a refusal reaches the user; a foreign signature is found out.
    #[test]
    fn a_socket_signs_or_says_why_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let key = |byte: u8| KeySigner::new(&Zeroizing::new([byte; 32]));
        let public =
            |one: &KeySigner| json!({ "public_key": format!("0x{}", hex::encode(one.public())) });
        let signing = move |with: u8| {
            move |request: &Value| match request["hash"].as_str() {
                None => public(&key(7)),
                Some(text) => {
                    let hash: weighhouse_rpc::types::HashHex = text.parse().expect("a hash");
                    let signature = key(with).sign(&hash.0);
                    json!({ "signature": format!("0x{}", hex::encode(signature.0)) })
                }
            }
        };
        let hash = Hash([3; 32]);
        serve(&at("good"), 2, signing(7));
        let good = SocketSigner::open(&at("good")).expect("a signer");
        assert_eq!(good.sign(&hash).expect("signed"), key(7).sign(&hash));
        serve(&at("foreign"), 2, signing(8));
        let foreign = SocketSigner::open(&at("foreign")).expect("a signer");
        assert!(foreign.sign(&hash).is_err());
        serve(
            &at("no"),
            1,
            |_| json!({ "error": "nobody pressed the button" }),
        );
        let refused = SocketSigner::open(&at("no")).expect_err("refused");
        assert!(refused.to_string().contains("nobody pressed"), "{refused}");
        assert!(SocketSigner::open(&at("nowhere")).is_err());
    }
}
