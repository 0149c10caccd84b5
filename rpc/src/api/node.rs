//! Group `node_`: versions and state of this node.

use super::group;
use crate::types::{NodeStatus, NodeVersion};

group! {
    /// Versions and state of this node.
    pub trait NodeApi {
        /// Versions of what runs here.
        fn node_version() -> NodeVersion, errors [];
        /// How the node is: height, pool, sizes.
        fn node_status() -> NodeStatus, errors [];
    }
    subscriptions {}
}
