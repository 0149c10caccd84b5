//! Messages on the socket: each is preceded by its length as a varint.
//!
//! A length is believed only up to [`FRAME_BYTES_MAX`]; memory is taken as bytes arrive, never by what a
//! length promises.
//!
//! # Source
//! CometBFT 0.38, specification of ABCI, client and server, section "Socket"; protobuf base-128 varints.

use prost::Message;
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Bytes of one message: several blocks, and a chunk of a snapshot with room to spare.
pub const FRAME_BYTES_MAX: u64 = 64 << 20;
/// Bytes of a varint of 64 bits.
const VARINT_BYTES_MAX: u32 = 10;

/// Reads one message; `None` where the other side has ended between two.
///
/// # Errors
/// An end within a message, a length above [`FRAME_BYTES_MAX`], bytes that are no message, or the socket's.
pub async fn read<M: Message + Default>(
    source: &mut (impl AsyncBufRead + Unpin),
) -> Result<Option<M>> {
    let Some(length) = read_length(source).await? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let read = (&mut *source).take(length).read_to_end(&mut bytes).await?;
    if u64::try_from(read) != Ok(length) {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let message = M::decode(bytes.as_slice());
    message
        .map(Some)
        .map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

async fn read_length(source: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<u64>> {
    if source.fill_buf().await?.is_empty() {
        return Ok(None);
    }
    let mut length = 0_u64;
    for place in 0..VARINT_BYTES_MAX {
        let byte = source.read_u8().await?;
        length |= u64::from(byte & 0x7f).unbounded_shl(7 * place);
        if byte & 0x80 == 0 {
            return match length <= FRAME_BYTES_MAX {
                true => Ok(Some(length)),
                false => Err(broken(format!(
                    "a message of {length} bytes, at most {FRAME_BYTES_MAX} are taken"
                ))),
            };
        }
    }
    Err(broken("the length of a message does not end".into()))
}

/// True if the next message is in `bytes` as a whole, so that reading it does not wait.
#[must_use]
pub fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let length = prost::decode_length_delimiter(&mut rest);
    length.is_ok_and(|length| rest.len() >= length)
}

fn broken(reason: String) -> Error {
    Error::new(ErrorKind::InvalidData, reason)
}

/// Appends one message.
pub fn append(message: &impl Message, bytes: &mut Vec<u8>) {
    // A vector takes any number of bytes: only its allocation can fail, and that ends the process.
    let _ = message.encode_length_delimited(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendermint_proto::v0_38::abci::{Request, RequestEcho, request};

    fn echo(text: &str) -> Request {
        let message = text.to_owned();
        Request {
            value: Some(request::Value::Echo(RequestEcho { message })),
        }
    }

    /// Goal: what is written is read, one message after the other, to the end.
    #[tokio::test]
    async fn messages_round_trip() {
        let sent = [echo(""), echo("short"), echo(&"long ".repeat(100_000))];
        let mut bytes = Vec::new();
        for message in &sent {
            append(message, &mut bytes);
        }
        let mut source = bytes.as_slice();
        for message in sent {
            assert_eq!(read(&mut source).await.unwrap(), Some(message));
        }
        assert_eq!(read::<Request>(&mut source).await.unwrap(), None);
    }

    /// Goal: a message is whole exactly when reading it does not wait.
    #[test]
    fn a_message_is_whole_with_its_last_byte() {
        let mut bytes = Vec::new();
        append(&echo(&"long ".repeat(100)), &mut bytes);
        for length in 0..bytes.len() {
            assert!(!is_whole(&bytes[..length]), "{length}");
        }
        assert!(is_whole(&bytes));
        bytes.extend_from_slice(&[0xff; 16]);
        assert!(is_whole(&bytes));
        assert!(!is_whole(&[0xff; 16]));
    }

    /// Goal: lengths that lie and messages that end too early are errors, without the memory they promise.
    #[tokio::test]
    async fn lengths_are_not_believed() {
        let endless = [0xff_u8; 16];
        let mut huge = Vec::new();
        prost::encoding::encode_varint(FRAME_BYTES_MAX + 1, &mut huge);
        let mut short = Vec::new();
        append(&echo("short"), &mut short);
        short.pop();
        let mut promised = Vec::new();
        prost::encoding::encode_varint(FRAME_BYTES_MAX, &mut promised);
        for bytes in [endless.as_slice(), &huge, &short, &promised, &[5, 1, 2]] {
            let mut source = bytes;
            assert!(read::<Request>(&mut source).await.is_err(), "{bytes:?}");
        }
    }
}
