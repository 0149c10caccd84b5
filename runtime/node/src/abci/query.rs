//! Query: the state, with proofs under the app hash.
//!
//! | path | data | value | proof |
//! |---|---|---|---|
//! | `/state` | a state key | what it holds | one step of type [`PROOF`]: SCALE of a `StateProof` |
//! | `/tx` | hash of a transaction | SCALE of its receipt | none: its hash is in the block's results |
//!
//! Only what is durable is read. A proof holds under the state root of its height, which is the app hash in
//! the engine's header of the next height.

use super::convert;
use bytes::Bytes;
use parity_scale_codec::Encode;
use tendermint_proto::v0_38::abci::{RequestQuery, ResponseQuery};
use tendermint_proto::v0_38::crypto::{ProofOp, ProofOps};
use weighhouse_primitives::{Hash, Height, TxHash};
use weighhouse_runtime::reader::ReadError;
use weighhouse_runtime::{Fault, Reader};

/// Type of the one step of a proof.
pub(super) const PROOF: &str = "weighhouse/state/v1";
/// Code of a question that is not understood, or has no answer.
const REFUSED: u32 = 1;

/// Answers a question.
pub(super) async fn answer(reader: &Reader, asked: RequestQuery) -> Result<ResponseQuery, Fault> {
    let reader = reader.clone();
    let answered = tokio::task::spawn_blocking(move || match asked.path.as_str() {
        "/state" => state(&reader, &asked),
        "/tx" => transaction(&reader, &asked),
        other => Err(refused(format!("path {other:?}: known are /state and /tx"))),
    });
    match answered.await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(NoAnswer::Refused(response))) => Ok(*response),
        Ok(Err(NoAnswer::Fault(fault))) => Err(fault),
        Err(error) => Err(Fault::Engine {
            action: "answering a query",
            reason: error.to_string(),
        }),
    }
}

enum NoAnswer {
    Refused(Box<ResponseQuery>),
    Fault(Fault),
}

impl From<Fault> for NoAnswer {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ReadError> for NoAnswer {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Fault(fault) => Self::Fault(fault),
            other => refused(other.to_string()),
        }
    }
}

fn refused(log: String) -> NoAnswer {
    NoAnswer::Refused(Box::new(ResponseQuery {
        code: REFUSED,
        log,
        ..ResponseQuery::default()
    }))
}

fn state(reader: &Reader, asked: &RequestQuery) -> Result<ResponseQuery, NoAnswer> {
    let at = match convert::height(asked.height) {
        None => return Err(refused(format!("height {}", asked.height))),
        Some(Height::GENESIS) => None,
        Some(height) => Some(height),
    };
    let (height, value, proof) = match (asked.prove, at) {
        (false, at) => {
            let (height, value) = reader.state(&asked.data, at)?;
            (height, value, None)
        }
        (true, None) => {
            let (header, value, proof) = reader.prove(&asked.data)?;
            (header.height, value, Some(proof))
        }
        (true, Some(at)) => {
            let (header, value, proof) = reader.prove_at(&asked.data, at)?;
            (header.height, value, Some(proof))
        }
    };
    let proof_ops = proof.map(|proof| ProofOps {
        ops: vec![ProofOp {
            r#type: PROOF.into(),
            key: asked.data.to_vec(),
            data: proof.encode(),
        }],
    });
    Ok(ResponseQuery {
        key: asked.data.clone(),
        value: Bytes::copy_from_slice(&value.unwrap_or_default()),
        height: convert::engine_height(height),
        proof_ops,
        ..ResponseQuery::default()
    })
}

fn transaction(reader: &Reader, asked: &RequestQuery) -> Result<ResponseQuery, NoAnswer> {
    let hash = <[u8; 32]>::try_from(&*asked.data)
        .map_err(|_| refused(format!("a hash has 32 bytes, not {}", asked.data.len())))?;
    let located = reader
        .transaction(&TxHash(Hash(hash)))?
        .ok_or_else(|| refused("there is no such transaction".into()))?;
    Ok(ResponseQuery {
        key: asked.data.clone(),
        value: located.receipt.encode().into(),
        height: convert::engine_height(located.height),
        index: i64::from(located.index),
        ..ResponseQuery::default()
    })
}
