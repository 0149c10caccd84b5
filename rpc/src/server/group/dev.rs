//! Group `dev_`: registered only where the node gives hands on its clock and blocks.

use crate::api::dev::{
    DevActAs, DevAdvanceTime, DevApi, DevBlocks, DevMine, DevRevert, DevSetBlocks, DevSetTime,
};
use crate::error::{ErrorBody, code};
use crate::server::backend::Develop;
use crate::server::page;
use crate::server::service::Service;
use crate::types::{DevHeight, DevSnapshot, DevTime, Submitted, U64};
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use weighhouse_primitives::transaction::Authorization;
use weighhouse_primitives::{Gas, Height, Timestamp, Transaction};

/// Most blocks of one `dev_mine`.
const BLOCKS_MAX: usize = 1_000;
/// Most snapshots that are remembered; the oldest is forgotten.
const SNAPSHOTS_MAX: usize = 1_000;

impl DevApi for Service {
    async fn dev_mine(&self, params: DevMine) -> Result<DevHeight, ErrorBody> {
        let blocks = params.blocks.unwrap_or(1);
        page::too_many(
            "blocks",
            usize::try_from(blocks).unwrap_or(usize::MAX),
            BLOCKS_MAX,
        )?;
        let height = self.develop()?.mine(blocks).await?;
        Ok(DevHeight {
            height: height.into(),
        })
    }

    async fn dev_set_time(&self, params: DevSetTime) -> Result<DevTime, ErrorBody> {
        let time = self.develop()?.set_time(Timestamp(params.time.0))?;
        Ok(DevTime { time: time.into() })
    }

    async fn dev_advance_time(&self, params: DevAdvanceTime) -> Result<DevTime, ErrorBody> {
        let time = self.develop()?.advance_time(params.seconds.0)?;
        Ok(DevTime { time: time.into() })
    }

    async fn dev_set_blocks(&self, params: DevSetBlocks) -> Result<DevBlocks, ErrorBody> {
        let mode = self.develop()?.set_blocks(&params.mode)?;
        Ok(DevBlocks { mode })
    }

    async fn dev_snapshot(&self) -> Result<DevSnapshot, ErrorBody> {
        let height = self.reader().head().height;
        let mut snapshots = self.snapshots();
        let id = snapshots
            .last_key_value()
            .map_or(1, |(id, _)| id.saturating_add(1));
        snapshots.insert(id, height);
        if snapshots.len() > SNAPSHOTS_MAX {
            snapshots.pop_first();
        }
        Ok(DevSnapshot {
            id: U64(id),
            height: height.into(),
        })
    }

    async fn dev_revert(&self, params: DevRevert) -> Result<DevHeight, ErrorBody> {
        let id = params.id.0;
        let height = self.snapshots().get(&id).copied();
        let height = height.ok_or_else(|| ErrorBody::not_found("snapshot"))?;
        let height = self.develop()?.go_back(height).await?;
        // Later snapshots name blocks that are gone.
        self.snapshots().retain(|other, _| *other <= id);
        Ok(DevHeight {
            height: height.into(),
        })
    }

    async fn dev_act_as(&self, params: DevActAs) -> Result<Submitted, ErrorBody> {
        self.develop()?;
        let transaction = self.execute(move |this| {
            let from = this.address("from", &params.from)?;
            let mut payload = this.payload(from, this.action(&params.action)?);
            match params.gas_limit {
                Some(U64(limit)) => payload.gas_limit = Gas(limit),
                None => this.fit_gas(&mut payload)?,
            }
            Ok(Transaction {
                payload,
                authorization: Authorization::Development,
            })
        });
        self.admit(transaction.await?.encode(), None).await
    }

    async fn dev_reset(&self) -> Result<DevHeight, ErrorBody> {
        let height = self.develop()?.go_back(Height::GENESIS).await?;
        self.snapshots().clear();
        Ok(DevHeight {
            height: height.into(),
        })
    }
}

impl Service {
    fn develop(&self) -> Result<&dyn Develop, ErrorBody> {
        let develop = self.inner().develop.as_deref();
        develop.ok_or_else(|| ErrorBody::new(code::METHOD, "this is no development network"))
    }

    fn snapshots(&self) -> MutexGuard<'_, BTreeMap<u64, Height>> {
        let snapshots = self.inner().snapshots.lock();
        snapshots.unwrap_or_else(PoisonError::into_inner)
    }
}
