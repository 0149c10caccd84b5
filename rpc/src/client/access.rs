//! How a node is reached that asks for more than its URL: TLS under an authority of one's own, an API key.

use super::CallError;
use http::{HeaderMap, HeaderValue, header};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;

/// What is shown to a node, and what is believed of it; nothing special by default.
#[derive(Clone, Default)]
pub struct Access {
    tls: Option<ClientConfig>,
    headers: HeaderMap,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("own_authority", &self.tls.is_some())
            .field("api_key", &!self.headers.is_empty())
            .finish()
    }
}

impl Access {
    /// Believes the certificates of these authorities, in PEM, and no others; without it those that the
    /// system trusts.
    ///
    /// # Errors
    /// If there is none in the text, or one that cannot be used.
    pub fn believing(mut self, authorities: &[u8]) -> Result<Self, CallError> {
        let unusable = |reason: String| CallError::Request {
            method: "TLS".into(),
            reason,
        };
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_slice_iter(authorities) {
            let authority = authority.map_err(|error| unusable(error.to_string()))?;
            roots
                .add(authority)
                .map_err(|error| unusable(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(unusable("there is no certificate in PEM".into()));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?;
        self.tls = Some(config.with_root_certificates(roots).with_no_client_auth());
        Ok(self)
    }

    /// Presents an API key with every request.
    ///
    /// # Errors
    /// If the key has characters that no header can carry.
    pub fn presenting(mut self, key: &str) -> Result<Self, CallError> {
        let value = HeaderValue::try_from(format!("Bearer {}", key.trim()));
        let mut value = value.map_err(|_| CallError::Request {
            method: "API key".into(),
            reason: "it has characters that no header can carry".into(),
        })?;
        value.set_sensitive(true);
        self.headers.insert(header::AUTHORIZATION, value);
        Ok(self)
    }

    pub(super) fn tls(&self) -> Option<ClientConfig> {
        self.tls.clone()
    }

    pub(super) fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }
}
