//! Builds every contract, and those that only tests use, so that a test never runs stale Wasm.

use weighhouse_build::script::{embed_contracts, embed_fixtures};

fn main() {
    if let Err(error) = embed_contracts().and_then(|_| embed_fixtures()) {
        panic!("{error}");
    }
}
