//! Hands on to the engine what this node's users submit.
//!
//! What `tx_submit` accepted waits in the node's pool until its block is durable. From there it is given to
//! CometBFT by `broadcast_tx_async`, which spreads it; the engine asks back with `CheckTx`. A transaction is
//! given again when the engine was started anew (its pool is in memory only) and now and then, so that
//! "accepted" holds as long as this process does. Giving one twice is harmless: the engine knows it, and
//! TX-1 holds anyway.

use crate::consensus::Link;
use crate::http::Connection;
use crate::solo::Producer;
use parity_scale_codec::Encode;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weighhouse_runtime::Admitted;

/// Where CometBFT answers JSON-RPC.
const PATH: &str = "/";
/// Requests of one batch: as many as CometBFT takes with its own settings.
const BATCH_MAX: usize = 10;
/// Bytes of the transactions of one batch: CometBFT takes a million bytes of JSON, one of largest size fits.
const BATCH_BYTES_MAX: usize = 540_000;
/// How long a request to the engine may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Pause after the engine did not answer, or had no room.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a transaction waits for its block before it is given to the engine again.
const AGAIN: Duration = Duration::from_secs(30);
/// How CometBFT says that its pool is full.
const FULL: &str = "mempool is full";
/// How CometBFT says that it has a transaction already.
const KNOWN: &str = "already exists in cache";

/// Hands on what waits, for ever.
pub(super) async fn run(producer: Producer, link: Arc<Link>, engine: SocketAddr) {
    let mut connection = None;
    let mut all_given = Instant::now();
    loop {
        if link.take_restarted() || all_given.elapsed() > AGAIN {
            producer.change_pool(crate::pool::Pool::put_all_back);
            all_given = Instant::now();
        }
        let batch = producer.change_pool(|pool| pool.take(BATCH_MAX, BATCH_BYTES_MAX));
        if batch.is_empty() {
            // A new transaction, a new start of the engine, or time to give everything again.
            let _ = tokio::time::timeout(AGAIN, link.something_waits()).await;
            continue;
        }
        let given = tokio::time::timeout(PATIENCE, give(&mut connection, engine, &batch)).await;
        let back: Vec<&Admitted> = match given {
            Ok(Ok(full)) => full
                .into_iter()
                .filter_map(|place| batch.get(place))
                .collect(),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the engine took no transactions");
                batch.iter().collect()
            }
            Err(_) => batch.iter().collect(),
        };
        if back.is_empty() {
            continue;
        }
        connection = None;
        producer.change_pool(|pool| pool.put_back(back.iter().map(|one| &one.hash)));
        tokio::time::sleep(PAUSE).await;
    }
}

/// Gives a batch; answers with the places of those for which there was no room.
async fn give(
    connection: &mut Option<Connection>,
    engine: SocketAddr,
    batch: &[Admitted],
) -> std::io::Result<Vec<usize>> {
    let request = |(place, one): (usize, &Admitted)| {
        json!({
            "jsonrpc": "2.0", "id": place, "method": "broadcast_tx_async",
            "params": { "tx": base64(&one.transaction.encode()) },
        })
    };
    let requests: Vec<Value> = batch.iter().enumerate().map(request).collect();
    let answers = post(connection, engine, &Value::from(requests)).await?;
    let answers = match answers {
        Value::Array(answers) => answers,
        one => vec![one],
    };
    let mut full = Vec::new();
    for answer in answers {
        let error = &answer["error"];
        if error.is_null() {
            continue;
        }
        let text = error["data"].as_str().unwrap_or_default();
        let place = answer["id"]
            .as_u64()
            .and_then(|id| usize::try_from(id).ok());
        match place {
            Some(place) if text.contains(FULL) => full.push(place),
            Some(_) if text.contains(KNOWN) => {}
            Some(_) => tracing::warn!(%error, "the engine refused a transaction"),
            None => {
                let reason = format!("the engine refused a batch: {error}");
                return Err(std::io::Error::other(reason));
            }
        }
    }
    Ok(full)
}

/// Asks the engine; the connection is kept only after a whole answer.
pub(super) async fn post(
    connection: &mut Option<Connection>,
    engine: SocketAddr,
    request: &Value,
) -> std::io::Result<Value> {
    let open = match connection.take() {
        Some(open) => open,
        None => Connection::open(engine, PATH).await?,
    };
    let mut open = open;
    let answer = serde_json::from_slice(open.post(request.to_string().as_bytes()).await?)?;
    *connection = Some(open);
    Ok(answer)
}

/// Bytes as CometBFT's JSON has them.
///
/// # Source
/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three
            .iter_mut()
            .zip(chunk)
            .for_each(|(place, byte)| *place = *byte);
        let [a, b, c] = three.map(u32::from);
        let bits = a << 16 | b << 8 | c;
        for digit in 0..4_usize {
            let shift = 18 - 6 * digit;
            let value = usize::try_from(bits >> shift & 63).unwrap_or(0);
            let shown = DIGITS.get(value).filter(|_| digit <= chunk.len());
            text.push(shown.map_or('=', |byte| char::from(*byte)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the test vectors of RFC 4648, section 10.
    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
