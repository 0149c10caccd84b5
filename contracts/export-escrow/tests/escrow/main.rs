//! The escrow as Wasm on the real engine, with the real token; register, registry of records,
//! conditions and rates are doubles.

mod fixture;

mod amend;
mod confirm;
mod examine;
mod life;
mod parts;
mod present;
mod settle;
