//! Executes blocks of transactions against the state.
//!
//! The same state and the same block give the same receipts and the same root, on every node: there
//! is no clock, network, randomness or environment in here. The modules below stand in the order in
//! which a transaction meets them.
//!
//! ```text
//!  signed transaction (SCALE bytes)
//!         |
//!  ADMISSION     admission.rs    size, chain, validity, policy, replay, signature --> Rejection
//!         |
//!  BLOCK         block.rs        header and ordered transactions
//!         |
//!  EXECUTOR      executor/       validate -> charge -> invoke -> settle
//!         |                                              |
//!         |                      FRAME   frame.rs        one call; checkpoint on entry
//!         |                        |
//!         |              WASM INSTANCE   vm/             metered, bounded, deterministic
//!         |                        |
//!         |             HOST FUNCTIONS   host/           one table, charged before work
//!         |                        |
//!         |              STATE OVERLAY   state/overlay   checkpoint, commit, revert
//!         v
//!  RECEIPT       outcome, gas used, events
//!         |
//!  COMMIT        state/root, log/, state/store           log synced, then one store batch
//!         |
//!  ANSWERS       index.rs, reader/                       queries at a height, look-ups, proofs
//! ```
//!
//! [`Chain`] is the one door for whoever writes, [`Reader`] for whoever reads.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic,
        clippy::indexing_slicing
    )
)]

pub mod chain;
pub mod genesis;
pub mod limits;

pub mod admission;
pub mod block;

pub mod executor;
mod frame;
pub mod vm;

mod host;

pub mod gas;
pub mod rules;
pub mod state;

pub mod log;
mod recovery;
pub mod storage;
mod storer;

pub mod index;
pub mod reader;

pub mod error;
pub mod folder;
pub mod stage;

pub use admission::{Admitted, Rejection};
pub use block::InvalidBlock;
pub use chain::{Chain, Committed, Proposal, Settings, StoreKind};
pub use error::Fault;
pub use genesis::Genesis;
pub use host::verify_ed25519;
pub use reader::Reader;
pub use recovery::{AHEAD_OF_LOG, BASE, RECEIVED, logged_block};
pub use stage::{Stage, Stages, Stopwatch};
pub use storage::Storage;
pub use storer::Storer;
pub use vm::Vm;
