//! One client's connection, in clear or behind TLS, that does not wait for ever for a reader.
//!
//! An answer waits in memory until it is read. A reader that takes nothing of it for a while, or next to
//! nothing, is gone, or wants memory to be held: his connection ends with an error, over a `WebSocket` too.

use super::tls::Sealed;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Bytes that a reader takes within the patience, unless that is all there is.
const TAKEN_MIN: usize = 256 * 1024;

/// A connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: Stream,
    patience: Duration,
    /// Runs from the first write that had to wait until the reader has caught up.
    stalled: Pin<Box<Sleep>>,
    /// Bytes taken since then; `None` while nothing waits.
    taken: Option<usize>,
}

/// How far a write got.
struct Progress {
    bytes: usize,
    whole: bool,
}

impl Progress {
    const WHOLE: Self = Self {
        bytes: 0,
        whole: true,
    };

    const fn of(bytes: usize, all: usize) -> Self {
        Self {
            bytes,
            whole: bytes >= all,
        }
    }
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Sealed(Box<Sealed>),
}

impl Wire {
    /// A connection in clear.
    pub(crate) fn plain(stream: TcpStream, patience: Duration) -> Self {
        Self::new(Stream::Plain(stream), patience)
    }

    /// A connection behind TLS.
    pub(crate) fn sealed(stream: Sealed, patience: Duration) -> Self {
        Self::new(Stream::Sealed(Box::new(stream)), patience)
    }

    fn new(stream: Stream, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            stalled: Box::pin(tokio::time::sleep(patience)),
            taken: None,
        }
    }

    /// What a write came to: while it waits the time runs, and its end is an error. A few bytes taken now
    /// and then do not start it anew.
    fn watched<T: Copy>(
        &mut self,
        cx: &mut Context<'_>,
        progress: impl FnOnce(T) -> Progress,
        write: impl FnOnce(
            Pin<&mut (dyn AsyncWrite + Send + Unpin)>,
            &mut Context<'_>,
        ) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let stream: Pin<&mut (dyn AsyncWrite + Send + Unpin)> = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream),
            Stream::Sealed(stream) => Pin::new(stream.as_mut()),
        };
        if let Poll::Ready(done) = write(stream, cx) {
            if let (Some(taken), Ok(done)) = (self.taken, &done) {
                let now = progress(*done);
                let taken = taken.saturating_add(now.bytes);
                self.taken = Some(taken).filter(|taken| !now.whole && *taken < TAKEN_MIN);
            }
            return Poll::Ready(done);
        }
        if self.taken.is_none() {
            self.taken = Some(0);
            let until = Instant::now() + self.patience;
            self.stalled.as_mut().reset(until);
        }
        match self.stalled.as_mut().poll(cx) {
            Poll::Ready(()) => {
                let reason = "the reader takes next to nothing";
                Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, reason)))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Sealed(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let all = bytes.len();
        let progress = |taken| Progress::of(taken, all);
        self.watched(cx, progress, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = parts.iter().map(|part| part.len()).sum();
        let progress = |taken| Progress::of(taken, all);
        self.watched(cx, progress, |stream, cx| {
            stream.poll_write_vectored(cx, parts)
        })
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Sealed(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched(cx, |()| Progress::WHOLE, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched(
            cx,
            |()| Progress::WHOLE,
            |stream, cx| stream.poll_shutdown(cx),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Goal: a reader that takes nothing ends the connection; one that is only slow does not.
    #[tokio::test]
    async fn readers_that_take_nothing_are_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut reader = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut wire = Wire::plain(stream, Duration::from_millis(50));
        let block = vec![7; 64 * 1024];
        // More than the system's buffers hold, read as it comes: no pause is as long as the patience.
        for _ in 0..100 {
            wire.write_all(&block).await.unwrap();
            let mut read = vec![0; block.len()];
            reader.read_exact(&mut read).await.unwrap();
        }
        let given_up = async {
            loop {
                if let Err(error) = wire.write_all(&block).await {
                    return error.kind();
                }
            }
        };
        assert_eq!(given_up.await, ErrorKind::TimedOut);
    }

    /// Goal: a reader that takes a little now and then, to have the rest held, is given up as well.
    #[tokio::test]
    async fn readers_that_take_next_to_nothing_are_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut reader = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut wire = Wire::plain(stream, Duration::from_millis(200));
        let trickle = tokio::spawn(async move {
            let mut read = [0; 512];
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            while reader.read_exact(&mut read).await.is_ok() {
                pace.tick().await;
            }
        });
        let answer = vec![7; 64 * 1024 * 1024];
        let ended = wire.write_all(&answer).await.map_err(|error| error.kind());
        assert_eq!(ended, Err(ErrorKind::TimedOut));
        trickle.abort();
    }
}
