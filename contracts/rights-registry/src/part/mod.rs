//! Entry points that change the register, by what they are about, and the queries.

pub(crate) mod enforcement;
pub(crate) mod land;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod usage;
