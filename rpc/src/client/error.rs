//! Why a call has no result.

use crate::error::ErrorBody;
use crate::types::HashHex;
use jsonrpsee::core::client::Error;
use serde_json::value::RawValue;

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The node answered with an error.
    #[error(transparent)]
    Node(#[from] ErrorBody),
    /// The node could not be reached, or the connection broke; whether it acted is not known.
    #[error("cannot reach {url}: {reason}")]
    Transport {
        /// The node.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The parameters cannot be sent.
    #[error("cannot send {method}: {reason}")]
    Request {
        /// Which method.
        method: String,
        /// Why.
        reason: String,
    },
    /// The contract's interface is not the one that the types were generated from.
    #[error(
        "the contract's schema is {found}, these bindings are of {wanted}: generate them again"
    )]
    Interface {
        /// Hash of the schema that the bindings were generated from.
        wanted: HashHex,
        /// Hash of the contract's schema.
        found: HashHex,
    },
    /// The answer is not what this client knows: another version of the node.
    #[error("cannot read the answer to {method}: {reason}")]
    Answer {
        /// Which method.
        method: String,
        /// Why.
        reason: String,
    },
}

impl CallError {
    /// The node's error, if it answered with one.
    #[must_use]
    pub const fn node(&self) -> Option<&ErrorBody> {
        match self {
            Self::Node(body) => Some(body),
            _ => None,
        }
    }

    /// The node's code, if it answered with an error.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.node().map(|body| body.code)
    }

    /// True if the way to the node failed: reads, and `tx_submit` of the same bytes, may be repeated.
    #[must_use]
    pub const fn is_transport(&self) -> bool {
        matches!(self, Self::Transport { .. })
    }

    pub(super) fn from_library(url: &str, error: Error) -> Self {
        Self::Transport {
            url: url.into(),
            reason: chain(&error),
        }
    }

    pub(super) fn from_answer(url: &str, method: &str, error: Error) -> Self {
        match error {
            Error::Call(object) => Self::Node(body(object.code(), object.message(), object.data())),
            Error::ParseError(error) => Self::Answer {
                method: method.into(),
                reason: error.to_string(),
            },
            other => Self::from_library(url, other),
        }
    }
}

/// The error of an answer, as our table has it.
pub(super) fn body(code: i32, message: &str, data: Option<&RawValue>) -> ErrorBody {
    ErrorBody {
        code,
        message: message.into(),
        data: data.and_then(|data| serde_json::from_str(data.get()).ok()),
    }
}

/// An error with its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
