//! The block log: the truth.
