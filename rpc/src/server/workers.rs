//! Threads that run contracts for queries, simulations and traces.
//!
//! Contract frames need a large native stack (decision 7), which tokio's threads do not have by themselves.
//! The queue is bounded: a node that cannot keep up says so (1403) instead of piling up work. What is short
//! runs where it arrives ([`here`]): handing it to another thread and back took longer than the query.

use crate::error::{ErrorBody, code, internal};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};
use tokio::sync::oneshot;
use weighhouse_runtime::limits::EXECUTOR_STACK_BYTES;

/// Jobs that may wait for each thread that was asked for.
pub(crate) const QUEUE_PER_THREAD: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// Threads for look-ups that one runtime has at most.
const LOOKING_MAX: usize = 64;

thread_local! {
    /// Contracts may run on this thread.
    static LARGE: Cell<bool> = const { Cell::new(false) };
}

/// A runtime for a server: its threads have the stack that contracts need, so that a short query runs where
/// it arrives. On any other runtime the server's own threads run all of them.
#[must_use]
pub fn runtime() -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .enable_all()
        .max_blocking_threads(LOOKING_MAX)
        .thread_stack_size(EXECUTOR_STACK_BYTES)
        .on_thread_start(|| LARGE.set(true));
    builder
}

/// Runs a short job on this thread; `None` if it has no stack for it, or the job has none of an answer.
pub(crate) fn here<T>(
    job: impl FnOnce() -> Result<Option<T>, ErrorBody>,
) -> Result<Option<T>, ErrorBody> {
    if !LARGE.get() {
        return Ok(None);
    }
    catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| Err(internal(&Panicked)))
}

/// The threads; they end when the last handle is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Workers {
    jobs: SyncSender<Job>,
}

/// A job ended in a panic: a bug, kept away from the other requests.
#[derive(Debug, thiserror::Error)]
#[error("a query panicked")]
struct Panicked;

impl Workers {
    /// Starts so many threads, for which so many jobs may wait.
    pub(crate) fn start(threads: usize, waiting: usize) -> io::Result<Self> {
        let threads = threads.max(1);
        let (jobs, queue) = sync_channel::<Job>(waiting.max(1));
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("query-{number}"))
                .stack_size(EXECUTOR_STACK_BYTES)
                .spawn(move || work(&queue))?;
        }
        Ok(Self { jobs })
    }

    /// Runs a job on one of the threads.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, ErrorBody> + Send + 'static,
    ) -> Result<T, ErrorBody> {
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            if !sender.is_closed() {
                let done = catch_unwind(AssertUnwindSafe(job));
                // An error only says that the client has gone.
                let _ = sender.send(done.unwrap_or_else(|_| Err(internal(&Panicked))));
            }
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                ErrorBody::new(code::RATE, "too many queries wait").with("retry_after_ms", 200)
            }
            TrySendError::Disconnected(_) => internal(&Panicked),
        })?;
        answer.await.unwrap_or_else(|_| Err(internal(&Panicked)))
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: jobs run, a panic is an answer with an incident, and the thread lives on.
    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let workers = Workers::start(1, QUEUE_PER_THREAD).unwrap();
        assert_eq!(workers.run(|| Ok(7)).await, Ok(7));
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let error = workers.run::<u8>(|| panic!("a bug")).await.unwrap_err();
        std::panic::set_hook(hook);
        assert_eq!(error.code, -32603);
        assert_eq!(workers.run(|| Ok(8)).await, Ok(8));
    }

    /// Goal: more than the queue holds is refused at once with 1403.
    #[tokio::test]
    async fn a_full_queue_says_so() {
        let workers = Workers::start(1, QUEUE_PER_THREAD).unwrap();
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (started, running) = oneshot::channel();
        let first = {
            let workers = workers.clone();
            tokio::spawn(async move {
                let job = move || {
                    let _ = started.send(());
                    let _ = held.recv();
                    Ok(())
                };
                workers.run(job).await
            })
        };
        running.await.unwrap();
        let waiting: Vec<_> = (0..QUEUE_PER_THREAD)
            .map(|_| workers.jobs.try_send(Box::new(|| {})))
            .collect();
        assert!(waiting.iter().all(Result::is_ok));
        assert_eq!(workers.run(|| Ok(())).await.unwrap_err().code, 1403);
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
    }
}
