//! One client's connection, in clear or behind TLS, that does not wait for ever for a reader.
//!
//! An answer waits in memory until it is read. A reader that takes nothing of it for a while, or next to
//! nothing, is gone, or wants memory to be held: his connection ends with an error, over a `WebSocket` too.
//! Meanwhile nothing more is read from a `WebSocket`: who takes no answers asks no further questions.
//!
//! It tells the connection's [`Flow`] every byte that comes and goes.

use super::flow::Flow;
use super::tls::Sealed;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
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
    /// The reader was given up.
    gone: bool,
    /// Who waits to read until the reader has caught up.
    paused: Option<Waker>,
    flow: Arc<Flow>,
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
    pub(crate) fn plain(stream: TcpStream, patience: Duration, flow: Arc<Flow>) -> Self {
        Self::new(Stream::Plain(stream), patience, flow)
    }

    /// A connection behind TLS.
    pub(crate) fn sealed(stream: Sealed, patience: Duration, flow: Arc<Flow>) -> Self {
        Self::new(Stream::Sealed(Box::new(stream)), patience, flow)
    }

    fn new(stream: Stream, patience: Duration, flow: Arc<Flow>) -> Self {
        Self {
            stream,
            patience,
            stalled: Box::pin(tokio::time::sleep(patience)),
            taken: None,
            gone: false,
            paused: None,
            flow,
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
            if let Ok(done) = &done {
                let now = progress(*done);
                self.flow.written(now.bytes);
                if let Some(taken) = self.taken {
                    let taken = taken.saturating_add(now.bytes);
                    self.taken = Some(taken).filter(|taken| !now.whole && *taken < TAKEN_MIN);
                }
            }
            self.resume();
            return Poll::Ready(done);
        }
        if self.taken.is_none() {
            self.taken = Some(0);
            let until = Instant::now() + self.patience;
            self.stalled.as_mut().reset(until);
        }
        match self.stalled.as_mut().poll(cx) {
            Poll::Ready(()) => {
                self.gone = true;
                self.resume();
                let reason = "the reader takes next to nothing";
                Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, reason)))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Whoever waits to read looks again.
    fn resume(&mut self) {
        if let Some(paused) = self.paused.take_if(|_| self.gone || self.taken.is_none()) {
            paused.wake();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.flow.is_websocket() {
            if self.gone {
                return Poll::Ready(Err(ErrorKind::TimedOut.into()));
            }
            if self.taken.is_some() {
                self.paused = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
        let before = buffer.filled().len();
        let read = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Sealed(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        };
        let came = buffer.filled().len().saturating_sub(before);
        match self.flow.came(came) {
            true => read,
            false => Poll::Ready(Err(io::Error::new(
                ErrorKind::InvalidData,
                "a message is too long",
            ))),
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
    use crate::server::Settings;
    use crate::server::clients::Clients;
    use std::future::poll_fn;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn flow() -> Arc<Flow> {
        Flow::new(&Clients::new(&Settings::loopback(0)))
    }

    /// Goal: a reader that takes nothing ends the connection; one that is only slow does not.
    #[tokio::test]
    async fn readers_that_take_nothing_are_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut reader = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut wire = Wire::plain(stream, Duration::from_millis(50), flow());
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
        let mut wire = Wire::plain(stream, Duration::from_millis(200), flow());
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

    /// Goal: nothing is read from a `WebSocket` whose answers are not taken; taken, it is read again; given up, it
    /// ends.
    #[tokio::test]
    async fn who_takes_no_answers_asks_no_questions() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let clients = Clients::new(&Settings::loopback(0));
        let flow = Flow::new(&clients);
        let _meter = flow.becomes_websocket(&clients.at([127, 0, 0, 1].into()));
        let mut wire = Wire::plain(stream, Duration::from_millis(200), flow);
        let block = vec![7; 64 * 1024];
        let mut written = 0;
        while let Some(some) = poll_fn(|cx| {
            let write = Pin::new(&mut wire).poll_write(cx, &block);
            Poll::Ready(matches!(write, Poll::Ready(Ok(_))).then_some(write))
        })
        .await
        {
            let Poll::Ready(Ok(some)) = some else {
                break;
            };
            written += some;
        }
        peer.write_all(b"question").await.unwrap();
        let Stream::Plain(stream) = &wire.stream else {
            panic!("in clear");
        };
        stream.readable().await.unwrap();
        let mut read = [0; 8];
        let asked = poll_fn(|cx| {
            let mut buffer = ReadBuf::new(&mut read);
            Poll::Ready(Pin::new(&mut wire).poll_read(cx, &mut buffer).is_pending())
        });
        assert!(asked.await, "it waits");
        let taken = tokio::spawn(async move {
            let mut all = vec![0; written];
            peer.read_exact(&mut all).await.map(|_| peer)
        });
        wire.write_all(&block).await.unwrap();
        wire.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"question");
        let _silent = taken.await.unwrap().unwrap();
        while wire.write_all(&block).await.is_ok() {}
        let ended = wire.read(&mut read).await.map_err(|error| error.kind());
        assert_eq!(ended, Err(ErrorKind::TimedOut));
    }
}
