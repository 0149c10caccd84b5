//! The rules of this repository as tests: what the pages promise, these check.
//!
//! Every finding names file, line and cure. `BLESS=1 cargo tidy` rewrites generated pages; nothing
//! else is ever changed. The rules themselves, with their reasons, are in `docs/style.md`.

mod arrow;
mod command;
mod coverage;
mod fence;
mod file;
mod interface;
mod invariant;
mod licence;
mod link;
mod page;
mod readme;
mod rpc;
mod story;
mod tree;
mod unsafety;
