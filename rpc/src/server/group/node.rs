//! Group `node_`.

use crate::api::node::NodeApi;
use crate::error::ErrorBody;
use crate::server::backend::PoolError;
use crate::server::service::Service;
use crate::types::{NodePeers, NodeStatus, NodeVersion, U64};
use weighhouse_primitives::abi;
use weighhouse_runtime::limits::PROTOCOL_VERSION;

impl NodeApi for Service {
    async fn node_version(&self) -> Result<NodeVersion, ErrorBody> {
        Ok(NodeVersion {
            node: self.inner().version.clone(),
            rpc: env!("CARGO_PKG_VERSION").into(),
            abi: abi::IMPORT_MODULE.into(),
            protocol: PROTOCOL_VERSION,
        })
    }

    async fn node_status(&self) -> Result<NodeStatus, ErrorBody> {
        self.look(|this| {
            let head = this.reader().head();
            let status = this.reader().status()?;
            let ready = this.submit().ready();
            let syncing = this.submit().is_behind();
            let state = match &ready {
                Err(PoolError::Faulted { .. }) => "faulted",
                _ if syncing => "syncing",
                Ok(()) => "ready",
                Err(_) => "read_only",
            };
            Ok(NodeStatus {
                height: head.height.into(),
                time: head.time.into(),
                oldest_height: status.oldest.into(),
                oldest_block: this.reader().oldest_block().into(),
                syncing,
                ready: ready.is_ok(),
                state: state.into(),
                reason: ready.err().map(|error| match error {
                    PoolError::ReadOnly { reason } => reason.into(),
                    other => other.to_string(),
                }),
                pool: this.submit().status(),
                store_bytes: U64(status.store_bytes),
                log_bytes: U64(status.log_bytes),
                store_lag: U64(u64::try_from(status.store_lag).unwrap_or(u64::MAX)),
                uptime_seconds: U64(this.inner().started.elapsed().as_secs()),
            })
        })
        .await
    }

    async fn node_peers(&self) -> Result<NodePeers, ErrorBody> {
        Ok(NodePeers {
            peers: self.submit().peers(),
        })
    }
}
