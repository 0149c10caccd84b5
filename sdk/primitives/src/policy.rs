//! Chain policy: who may submit, upload and deploy, and how much work an account may ask for.

use crate::address::Address;
use crate::gas::Gas;
use alloc::collections::BTreeSet;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// Who may do a thing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Access {
    /// Everybody.
    #[codec(index = 0)]
    Open,
    /// The listed accounts only.
    #[codec(index = 1)]
    Listed(BTreeSet<Address>),
}

impl Access {
    /// True if `account` may.
    #[must_use]
    pub fn allows(&self, account: &Address) -> bool {
        match self {
            Self::Open => true,
            Self::Listed(accounts) => accounts.contains(account),
        }
    }
}

/// Gas that one account may use in one window of block time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Quota {
    /// Length of a window in seconds, at least 1. Windows start at multiples of it.
    pub window_seconds: u32,
    /// Gas per account and window.
    pub gas: Gas,
}

/// The chain's policy: set in genesis, replaced as a whole by [`crate::Action::Govern`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct ChainPolicy {
    /// Account whose key policy may change this; `None` freezes the policy for ever.
    pub governor: Option<Address>,
    /// Who may send transactions at all. The governor always may.
    pub submit: Access,
    /// Who may store code.
    pub upload: Access,
    /// Who may create contracts.
    pub deploy: Access,
    /// Work per account and window; `None` is unlimited.
    pub quota: Option<Quota>,
}

impl ChainPolicy {
    /// Everything open and unlimited, changed by nobody: for development networks.
    #[must_use]
    pub const fn open() -> Self {
        Self {
            governor: None,
            submit: Access::Open,
            upload: Access::Open,
            deploy: Access::Open,
            quota: None,
        }
    }
}
