//! TLS for a port that others reach: the operator's certificate and key, read once at the start.
//!
//! TLS 1.2 and 1.3 by rustls with ring. Clients show no certificates: who they are say API keys ([`super::keys`]).

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// A connection behind TLS.
pub(crate) type Sealed = tokio_rustls::server::TlsStream<TcpStream>;

/// Longest file of a certificate chain or key.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Permissions of others.
const OTHERS: u32 = 0o007;

/// Certificate and key, ready to serve.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Others of this machine can read the key.
    #[error("the key {} has mode {mode:04o}: every user of this machine may use it", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file without what it is named for.
    #[error("{} has no {what} in PEM", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// `certificate` or `private key`.
        what: &'static str,
    },
    /// The two do not go together, or are of a kind that is not served.
    #[error("{} and {} do not go together", cert.display(), key.display())]
    Pair {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// The cause.
        #[source]
        source: rustls::Error,
    },
}

impl Tls {
    /// Reads a chain of certificates, the node's first, and its key.
    ///
    /// # Errors
    /// One of [`TlsError`], with the file.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let nothing = |path: &Path, what| {
            let path = path.to_path_buf();
            move |_: pem::Error| TlsError::Nothing { path, what }
        };
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(&read(cert, false)?).collect();
        let chain = chain.map_err(nothing(cert, "certificate"))?;
        if chain.is_empty() {
            return Err(nothing(cert, "certificate")(pem::Error::NoItemsFound));
        }
        let secret = PrivateKeyDer::from_pem_slice(&read(key, true)?);
        let secret = secret.map_err(nothing(key, "private key"))?;
        let pair = |source| TlsError::Pair {
            cert: cert.into(),
            key: key.into(),
            source,
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(pair)?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(pair)?;
        // The port speaks nothing newer.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Sealed> {
        self.0.accept(stream).await
    }
}

fn read(path: &Path, secret: bool) -> Result<Vec<u8>, TlsError> {
    let failed = |source| TlsError::Read {
        path: path.into(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if secret && mode & OTHERS != 0 {
        let path = path.into();
        return Err(TlsError::Readable { path, mode });
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
