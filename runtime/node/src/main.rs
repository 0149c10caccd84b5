//! The `weighhouse` program: parse, run, exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    weighhouse_node::cli::main()
}
