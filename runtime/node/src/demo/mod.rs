//! `weighhouse demo`: an issuance, told on a real node.
pub mod issuance;
