//! A keep-alive HTTP/1.1 connection that posts JSON: as little as possible between a load and its node, or
//! between a node and the consensus engine beside it.

use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Bytes of an answer's head, at most.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Bytes of an answer's body, at most.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    path: &'static str,
    request: Vec<u8>,
    body: Vec<u8>,
}

fn broken(reason: impl Into<String>) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, reason.into())
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, path: &'static str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            address,
            path,
            request: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Posts a body and answers with the body of the answer.
    pub(crate) async fn post(&mut self, body: &[u8]) -> std::io::Result<&[u8]> {
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.path,
            self.address,
            body.len()
        );
        self.exchange(&head, body).await
    }

    /// The body behind the path.
    pub(crate) async fn get(&mut self) -> std::io::Result<&[u8]> {
        let head = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\n\r\n",
            self.path, self.address
        );
        self.exchange(&head, &[]).await
    }

    async fn exchange(&mut self, head: &str, body: &[u8]) -> std::io::Result<&[u8]> {
        self.request.clear();
        self.request.extend_from_slice(head.as_bytes());
        self.request.extend_from_slice(body);
        self.stream.get_mut().write_all(&self.request).await?;
        let head = self.head().await?;
        self.body.clear();
        match head {
            Framing::Length(length) => self.read(length).await?,
            Framing::Chunked => self.chunks().await?,
        }
        Ok(&self.body)
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        let limit = u64::try_from(HEAD_BYTES_MAX).unwrap_or(u64::MAX);
        let read = (&mut self.stream).take(limit).read_line(&mut line).await?;
        if read == 0 || !line.ends_with('\n') {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_ascii_lowercase())
    }

    async fn head(&mut self) -> std::io::Result<Framing> {
        let status = self.line().await?;
        let mut framing = None;
        let mut bytes = 0;
        loop {
            let line = self.line().await?;
            bytes += line.len();
            if bytes > HEAD_BYTES_MAX {
                return Err(broken("the head of the answer is too long"));
            }
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some(("content-length", length)) => {
                    let length = length.trim().parse().map_err(|_| broken(&*line))?;
                    framing = Some(Framing::Length(length));
                }
                Some(("transfer-encoding", "chunked")) => framing = Some(Framing::Chunked),
                _ => {}
            }
        }
        framing.ok_or_else(|| broken(format!("{status}: the answer has no length")))
    }

    async fn read(&mut self, length: usize) -> std::io::Result<()> {
        let start = self.body.len();
        let end = start.saturating_add(length);
        if end > BODY_BYTES_MAX {
            return Err(broken("the answer is too long"));
        }
        self.body.resize(end, 0);
        let space = self.body.get_mut(start..).unwrap_or_default();
        self.stream.read_exact(space).await.map(|_| ())
    }

    async fn chunks(&mut self) -> std::io::Result<()> {
        loop {
            let size = self.line().await?;
            let length = usize::from_str_radix(&size, 16).map_err(|_| broken(&*size))?;
            self.read(length).await?;
            self.line().await?;
            if length == 0 {
                return Ok(());
            }
        }
    }
}

/// How the end of a body is told.
enum Framing {
    Length(usize),
    Chunked,
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// Answers each request of one connection with the next of `answers`.
    async fn serve(answers: Vec<&'static str>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            for answer in answers {
                let read = stream.read(&mut buffer).await.unwrap();
                assert!(buffer[..read].starts_with(b"POST /rpc HTTP/1.1\r\n"));
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    /// Goal: both framings of a body are read, on one connection; a body without end is refused.
    #[tokio::test]
    async fn reads_both_framings() {
        let address = serve(vec![
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
        ])
        .await;
        let mut connection = Connection::open(address, "/rpc").await.unwrap();
        assert_eq!(connection.post(b"1").await.unwrap(), b"first");
        assert_eq!(connection.post(b"2").await.unwrap(), b"second");
        assert!(connection.post(b"3").await.is_err());
    }
}
