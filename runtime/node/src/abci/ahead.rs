//! Compiles what others upload before somebody calls it.
//!
//! A node that takes an upload from its user compiles it then. The other validators see it for the first time in
//! a block: a thread compiles it while they vote and until the next block, so that the first call or creation
//! finds it ready instead of compiling on the way of the block.
//!
//! Compilation changes how fast a call starts, never how it ends: what finds no room here is compiled at the
//! first call. Only code of valid blocks is taken, whose signers pay for every byte.

use crate::output::chain_of;
use crate::solo::{Draft, Producer};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use weighhouse_primitives::{Action, Hash};

/// Modules that wait to be compiled, beside the one that is.
const WAITING_MAX: usize = 16;
/// Modules that are remembered, so that what is judged and then decided is looked at once.
const KNOWN_MAX: usize = 256;

/// The way to the thread; it ends when this is dropped and what waits is compiled.
#[derive(Debug)]
pub(super) struct Ahead {
    codes: Option<SyncSender<Vec<u8>>>,
}

impl Ahead {
    pub(super) fn start(producer: Producer) -> Self {
        let (codes, waiting) = sync_channel(WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("compiler".into())
            .spawn(move || compile(&producer, &waiting));
        if let Err(error) = &thread {
            tracing::warn!(%error, "no thread to compile what others upload: their first call does it");
        }
        Self {
            codes: thread.is_ok().then_some(codes),
        }
    }

    /// The modules that a block uploads.
    pub(super) fn uploads(block: &Draft) -> Vec<Vec<u8>> {
        let actions = block
            .transactions
            .iter()
            .map(|(_, admitted)| &admitted.transaction.payload.action);
        actions
            .filter_map(|action| match action {
                Action::Upload { code } => Some(code.clone()),
                _ => None,
            })
            .collect()
    }

    /// Compiles modules soon; those for which there is no room are left out.
    pub(super) fn compile(&self, modules: Vec<Vec<u8>>) {
        for code in modules {
            let _ = self.codes.as_ref().map(|codes| codes.try_send(code));
        }
    }
}

fn compile(producer: &Producer, waiting: &Receiver<Vec<u8>>) {
    let mut known = BTreeSet::new();
    while let Ok(code) = waiting.recv() {
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        if !known.insert(Hash::of(&code)) || producer.is_stopping() {
            continue;
        }
        match producer.reader().prepare_code(&code) {
            Ok(Ok(code)) => tracing::debug!(%code, "compiled ahead of its first call"),
            // Its receipt says so.
            Ok(Err(_)) => {}
            Err(fault) => {
                let error = chain_of(&fault);
                tracing::error!(error, "an upload does not compile");
            }
        }
    }
}
