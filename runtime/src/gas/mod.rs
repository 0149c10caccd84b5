//! Gas: what work costs.
//!
//! Prices of host functions stand beside their rows in `for_each_host_function!`; everything else is
//! priced in [`schedule`]. The meter of a running frame is the counter injected into its module
//! (`vm/instrument.rs`).

pub mod schedule;

pub use schedule::GasSchedule;
