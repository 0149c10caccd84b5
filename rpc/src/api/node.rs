//! Group `node_`: versions and state of this node.

use super::group;
use crate::types::{NodePeers, NodeStatus, NodeVersion};

group! {
    /// Versions and state of this node.
    pub trait NodeApi {
        /// Versions of what runs here.
        fn node_version() -> NodeVersion, errors [];
        /// How the node is: height, pool, sizes.
        fn node_status() -> NodeStatus, errors [];
        /// Other nodes that this one talks to.
        fn node_peers() -> NodePeers, errors [];
    }
    subscriptions {}
}
