//! From the runtime's refusals and faults to codes.

use super::{ErrorBody, code};
use std::sync::atomic::{AtomicU64, Ordering};
use weighhouse_runtime::admission::Rejection;
use weighhouse_runtime::error::Fault;
use weighhouse_runtime::reader::ReadError;

static INCIDENTS: AtomicU64 = AtomicU64::new(1);

/// Trouble of this node: the cause goes to the log, the client gets a number to quote.
pub(crate) fn internal(cause: &(dyn std::error::Error + 'static)) -> ErrorBody {
    let number = INCIDENTS.fetch_add(1, Ordering::Relaxed);
    let incident = format!("{}-{number}", std::process::id());
    tracing::error!(incident, cause, "a request failed");
    ErrorBody::new(
        code::INTERNAL,
        format!("the node failed to answer, incident {incident}"),
    )
    .with("incident", incident)
}

impl From<Fault> for ErrorBody {
    fn from(fault: Fault) -> Self {
        internal(&fault)
    }
}

impl From<ReadError> for ErrorBody {
    fn from(error: ReadError) -> Self {
        let message = error.to_string();
        match error {
            ReadError::Height {
                asked,
                oldest,
                latest,
            }
            | ReadError::Missing {
                asked,
                oldest,
                latest,
            } => Self::new(code::HEIGHT_UNAVAILABLE, message)
                .with("asked", asked.to_string())
                .with("oldest", oldest.to_string())
                .with("latest", latest.to_string()),
            ReadError::NotFound { what } => Self::new(code::NOT_FOUND, message).with("what", what),
            ReadError::StateTooLarge { entries, bytes } => Self::new(code::TOO_MANY, message)
                .with("limit", entries)
                .with("bytes", bytes),
            ReadError::Fault(fault) => fault.into(),
            other => internal(&other),
        }
    }
}

impl From<Rejection> for ErrorBody {
    fn from(rejection: Rejection) -> Self {
        let message = one_line(&rejection.to_string());
        let body = |code| Self::new(code, message.clone());
        match &rejection {
            Rejection::Malformed { reason } => body(code::BAD_ARGUMENT)
                .with("path", "tx")
                .with("expected", "the canonical SCALE encoding of a transaction")
                .with("got", one_line(reason)),
            Rejection::TooLarge { bytes, limit } | Rejection::InputTooLong { bytes, limit } => {
                body(code::TOO_LARGE)
                    .with("bytes", bytes)
                    .with("limit", limit)
            }
            Rejection::BadSignature { reason } => {
                body(code::BAD_SIGNATURE).with("reason", reason.to_string())
            }
            Rejection::WrongChain { expected, got } => body(code::WRONG_CHAIN)
                .with("expected", expected.to_string())
                .with("got", got.to_string()),
            Rejection::Replayed { hash } => body(code::REPLAYED).with("hash", hash.to_string()),
            Rejection::Expired { valid_until, now } => body(code::EXPIRED)
                .with("valid_until", valid_until.to_string())
                .with("now", now.to_string()),
            Rejection::ValidTooLong {
                valid_until,
                latest,
            } => body(code::VALID_TOO_LONG)
                .with("valid_until", valid_until.to_string())
                .with("latest", latest.to_string()),
            Rejection::GasLimitTooLow { needed, limit } => body(code::GAS_LIMIT_TOO_LOW)
                .with("needed", needed.0.to_string())
                .with("limit", limit.0.to_string()),
            Rejection::GasLimitTooHigh { max, limit } => body(code::GAS_LIMIT_TOO_HIGH)
                .with("max", max.0.to_string())
                .with("limit", limit.0.to_string()),
            Rejection::OverQuota {
                window_seconds,
                used,
                quota,
                asked,
            } => body(code::OVER_QUOTA)
                .with("window_seconds", window_seconds)
                .with("used", used.0.to_string())
                .with("limit", quota.0.to_string())
                .with("asked", asked.0.to_string()),
            Rejection::NotAuthorised { signer, act } => body(code::NOT_AUTHORISED)
                .with("signer", signer.to_string())
                .with("act", act),
            Rejection::BadCode { reason } => body(code::BAD_CODE).with("reason", reason),
            other => internal(other),
        }
    }
}

/// The codec tells a nested cause on lines of its own; a message is one line.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::{Gas, Height, TxHash};

    /// Goal: each refusal of the runtime has its own code with typed data.
    #[test]
    fn refusals_have_their_codes() {
        let replayed = ErrorBody::from(Rejection::Replayed {
            hash: TxHash::default(),
        });
        assert_eq!((replayed.code, replayed.name()), (1003, "replayed"));
        assert!(replayed.field("hash").is_some());
        let low = ErrorBody::from(Rejection::GasLimitTooLow {
            needed: Gas(9),
            limit: Gas(1),
        });
        assert_eq!(
            (low.code, low.field("needed").unwrap()),
            (1006, &"9".into())
        );
        let height = ErrorBody::from(ReadError::Height {
            asked: Height(9),
            oldest: Height(0),
            latest: Height(3),
        });
        assert_eq!(height.code, 1202);
        let malformed = ErrorBody::from(Rejection::Malformed {
            reason: "no `payload`:\n\tno `chain`\n".into(),
        });
        assert_eq!(malformed.field("got").unwrap(), "no `payload`: no `chain`");
        assert!(!malformed.message.contains('\n'));
    }

    /// Goal: trouble of the node is a number to the client, never a path or a cause.
    #[test]
    fn err_1_faults_leak_nothing() {
        let fault = Fault::Unusable {
            place: "/secret/folder".into(),
            reason: "private".into(),
        };
        let body = ErrorBody::from(fault);
        let text = serde_json::to_string(&body).unwrap();
        assert!(body.code == -32603 && !text.contains("secret") && !text.contains("private"));
    }
}
