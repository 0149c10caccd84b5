//! The thread that checks the signatures of submitted transactions, those that wait together at once.
//!
//! It takes what has gathered while it was busy: one alone when little is submitted, many under load, when
//! a signature among many costs about half of one by itself. It is one thread, so that what comes in
//! order leaves in order. The queue is bounded; who finds it full waits, and with it its connection.

use crate::error::{ErrorBody, internal};
use std::{io, thread};
use tokio::sync::{mpsc, oneshot};
use weighhouse_runtime::Admitted;
use weighhouse_runtime::admission::{Rejection, Unproven, prove};

/// Transactions that may wait.
const QUEUE: usize = 1024;
/// Transactions checked at once: more gain nothing.
const TOGETHER_MAX: usize = 32;

struct Job {
    unproven: Unproven,
    answer: oneshot::Sender<Result<Admitted, Rejection>>,
}

/// The thread; it ends when the last handle is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Prover {
    jobs: mpsc::Sender<Job>,
}

/// The thread has gone: a bug.
#[derive(Debug, thiserror::Error)]
#[error("checking signatures panicked")]
struct Gone;

impl Prover {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("prover".into())
            .spawn(move || work(queue))?;
        Ok(Self { jobs })
    }

    /// Checks the signatures of one transaction, with those of others that wait.
    pub(crate) async fn prove(&self, unproven: Unproven) -> Result<Admitted, ErrorBody> {
        let (answer, proved) = oneshot::channel();
        let job = Job { unproven, answer };
        self.jobs.send(job).await.map_err(|_| internal(&Gone))?;
        Ok(proved.await.map_err(|_| internal(&Gone))??)
    }
}

fn work(mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(TOGETHER_MAX);
    while queue.blocking_recv_many(&mut jobs, TOGETHER_MAX) > 0 {
        let (many, answers): (Vec<_>, Vec<_>) =
            jobs.drain(..).map(|job| (job.unproven, job.answer)).unzip();
        for (proved, answer) in prove(many).into_iter().zip(answers) {
            // An error only says that the client has gone.
            let _ = answer.send(proved);
        }
    }
}
