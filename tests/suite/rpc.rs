//! The wire: a whole node on a port of the system's choice, asked as programs ask it.

mod rig;
mod stream;
