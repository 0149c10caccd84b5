//! Builds every contract of the library into the program.

fn main() {
    if let Err(error) = weighhouse_build::script::embed_contracts() {
        panic!("{error}");
    }
}
