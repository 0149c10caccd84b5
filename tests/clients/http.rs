//! A client of HTTP/1.1 that comes from an address of its choice and sends whatever it is told to.

use std::io::{Error, ErrorKind, Result};
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Connects from an address of this machine.
pub(crate) async fn connect(from: IpAddr, to: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The head of a request with a body of so many bytes.
pub(crate) fn head(more: &str, length: usize) -> String {
    format!(
        "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}Content-Length: {length}\r\n\r\n"
    )
}

/// Posts a body over a connection that is kept; status and body of the answer.
pub(crate) async fn post(stream: &mut TcpStream, body: &[u8]) -> Result<(u16, Vec<u8>)> {
    send(stream, "", body).await
}

/// The same with more lines in its head.
pub(crate) async fn send(
    stream: &mut TcpStream,
    more: &str,
    body: &[u8],
) -> Result<(u16, Vec<u8>)> {
    let mut request = head(more, body.len()).into_bytes();
    request.extend_from_slice(body);
    stream.write_all(&request).await?;
    answer(stream).await
}

/// Reads an answer whose length its head says.
async fn answer(stream: &mut TcpStream) -> Result<(u16, Vec<u8>)> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    };
    let broken = || Error::new(ErrorKind::InvalidData, "an answer that is none");
    let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = match length {
        Some(length) => length.trim().parse().map_err(|_| broken())?,
        None => 0,
    };
    if length > ANSWER_BYTES_MAX {
        return Err(broken());
    }
    let mut body = read.split_off(end);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((status.ok_or_else(broken)?, body))
}
