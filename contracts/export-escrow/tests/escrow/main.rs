//! The escrow as Wasm on the real engine, with the real token; register, registry of records,
//! conditions and rates are doubles.

mod fixture;

mod amend;
mod assign;
mod close;
mod confirm;
mod dispute;
mod examine;
mod invariant;
mod library;
mod licence;
mod life;
mod office;
mod parts;
mod present;
mod settle;
mod view;
