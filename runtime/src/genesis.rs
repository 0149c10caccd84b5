//! Genesis: what a chain starts from.

use parity_scale_codec::{Encode, Output};
use weighhouse_primitives::hash::domain;
use weighhouse_primitives::policy::{ChainPolicy, ValidatorSet};
use weighhouse_primitives::{Timestamp, hash::GenesisHash};

/// The first state of a chain. Its hash names the chain and is bound into every signature.
///
/// # Shape
/// SCALE, fields in order; the validators only if there are any.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The first validators, where the governor is to change them later; empty for a chain of one node, or
    /// one whose validators stay as its consensus engine's own genesis has them.
    pub validators: ValidatorSet,
}

impl Encode for Genesis {
    fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
        self.name.encode_to(dest);
        self.prefix.encode_to(dest);
        self.development.encode_to(dest);
        self.protocol.encode_to(dest);
        self.time.encode_to(dest);
        self.policy.encode_to(dest);
        if !self.validators.0.is_empty() {
            self.validators.encode_to(dest);
        }
    }
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
            validators: ValidatorSet::default(),
        }
    }

    /// The chain's identity.
    #[must_use]
    pub fn hash(&self) -> GenesisHash {
        GenesisHash(domain::GENESIS.hash_encoded(self))
    }
}
