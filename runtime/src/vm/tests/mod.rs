//! Tests of the engine that need modules.

mod cache;
mod code;
mod differential;
mod instrument;
mod support;
