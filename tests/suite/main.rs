//! The suite: flows, hostile input, models, crashes, the wire, conformance. One binary, because every
//! binary that links the engine costs time.

mod flows;
