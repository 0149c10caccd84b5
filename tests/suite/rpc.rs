//! The wire: a whole node on a port of the system's choice, asked as programs ask it.

mod bindings;
#[rustfmt::skip]
#[expect(dead_code, unreachable_pub, reason = "generated for whoever needs all of it")]
mod bond;
mod code;
mod dev;
mod index;
mod proof;
mod rig;
mod stream;
mod submit;
