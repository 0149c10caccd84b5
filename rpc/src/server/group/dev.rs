//! Group `dev_`: registered only where the node gives hands on its clock and blocks.

use crate::api::dev::{
    DevActAs, DevAdvanceTime, DevApi, DevBlocks, DevLoad, DevMine, DevRevert, DevSetBlocks,
    DevSetTime,
};
use crate::error::{ErrorBody, code};
use crate::server::backend::Develop;
use crate::server::page;
use crate::server::service::Service;
use crate::types::{DevDump, DevHeight, DevSnapshot, DevTime, HashHex, Hex, Submitted, U64};
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::transaction::Authorization;
use weighhouse_primitives::{Block, Gas, Height, Timestamp, Transaction};

/// Most blocks of one `dev_mine`.
const BLOCKS_MAX: usize = 1_000;
/// Most bytes of a dump: as hex it must fit into an answer.
const DUMP_BYTES_MAX: usize = 7 * 1024 * 1024;
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

    async fn dev_dump(&self) -> Result<DevDump, ErrorBody> {
        self.develop()?;
        self.look(|this| this.dump()).await
    }

    async fn dev_load(&self, params: DevLoad) -> Result<DevHeight, ErrorBody> {
        let DevDump {
            genesis_hash,
            blocks,
            ..
        } = params.dump;
        let own = HashHex::from(self.inner().genesis);
        if genesis_hash != own {
            let message = format!("the dump is of the chain {genesis_hash}, this is {own}");
            return Err(ErrorBody::new(code::WRONG_CHAIN, message)
                .with("expected", own)
                .with("got", genesis_hash));
        }
        let read = |(index, block): (usize, &Hex)| {
            decode_canonical::<Block>(&block.0).map_err(|error| {
                let path = format!("dump.blocks[{index}]");
                ErrorBody::bad_argument(&path, "the SCALE of a block", &error.to_string())
            })
        };
        let blocks: Result<Vec<Block>, ErrorBody> = blocks.iter().enumerate().map(read).collect();
        let height = self.develop()?.load(blocks?).await?;
        self.snapshots().clear();
        Ok(DevHeight {
            height: height.into(),
        })
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
    /// Every block, encoded, as long as they fit into an answer.
    fn dump(&self) -> Result<DevDump, ErrorBody> {
        let head = self.reader().head().height;
        let (mut blocks, mut bytes) = (Vec::new(), 0usize);
        for height in 1..=head.0 {
            let block = self.reader().block(Height(height))?;
            let block = block.ok_or_else(|| ErrorBody::not_found("block"))?.encode();
            bytes = bytes.saturating_add(block.len());
            page::too_many("bytes of blocks", bytes, DUMP_BYTES_MAX)?;
            blocks.push(Hex(block));
        }
        Ok(DevDump {
            genesis_hash: self.inner().genesis.into(),
            height: head.into(),
            blocks,
        })
    }

    fn develop(&self) -> Result<&dyn Develop, ErrorBody> {
        let develop = self.inner().develop.as_deref();
        develop.ok_or_else(|| ErrorBody::new(code::METHOD, "this is no development network"))
    }

    fn snapshots(&self) -> MutexGuard<'_, BTreeMap<u64, Height>> {
        let snapshots = self.inner().snapshots.lock();
        snapshots.unwrap_or_else(PoisonError::into_inner)
    }
}
