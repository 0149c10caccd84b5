//! Tests of the engine that need modules.

mod code;
mod support;
