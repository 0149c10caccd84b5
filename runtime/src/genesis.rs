//! Genesis: what a chain starts from.

use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::hash::domain;
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::{Timestamp, hash::GenesisHash};

/// The first state of a chain. Its hash names the chain and is bound into every signature.
///
/// # Shape
/// SCALE, fields in order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Genesis {
    /// Name for people, for example `whdev-1`.
    pub name: String,
    /// Prefix of addresses in text: `wh` or `whdev`.
    pub prefix: String,
    /// True on a development network: the only place where unsigned transactions, set clocks and
    /// reverted blocks exist.
    pub development: bool,
    /// Version of limits, schedule and instrumentation.
    pub protocol: u32,
    /// No block is earlier.
    pub time: Timestamp,
    /// The first policy.
    pub policy: ChainPolicy,
}

impl Genesis {
    /// A development network with everything open.
    #[must_use]
    pub fn development(time: Timestamp) -> Self {
        Self {
            name: "whdev-1".into(),
            prefix: "whdev".into(),
            development: true,
            protocol: crate::limits::PROTOCOL_VERSION,
            time,
            policy: ChainPolicy::open(),
        }
    }

    /// The chain's identity.
    #[must_use]
    pub fn hash(&self) -> GenesisHash {
        GenesisHash(domain::GENESIS.hash_encoded(self))
    }
}
