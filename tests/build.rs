//! Builds every contract, so that a test never runs stale Wasm.

fn main() {
    if let Err(error) = weighhouse_build::script::embed_contracts() {
        panic!("{error}");
    }
}
