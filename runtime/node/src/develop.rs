//! A devnet's levers, behind the `dev_` group of JSON-RPC: blocks, time, going back.
//!
//! Offered only where the genesis says that the chain is a development network ([`crate::serve`]); the
//! runtime refuses unsigned transactions and reverted blocks anywhere else by itself.

use crate::block_mode::BlockMode;
use crate::solo::{Producer, ProducerError};
use weighhouse_primitives::{Block, Height, Timestamp};
use weighhouse_rpc::error::{ErrorBody, code};
use weighhouse_rpc::server::{Answering, Develop, PoolError};

/// Blocks made by one order at most.
pub const MINE_MAX: u32 = 1_000;

impl From<ProducerError> for ErrorBody {
    fn from(error: ProducerError) -> Self {
        let message = error.to_string();
        match error {
            ProducerError::Pool(error) => error.into(),
            ProducerError::Stopping => PoolError::ReadOnly {
                reason: "it is stopping",
            }
            .into(),
            ProducerError::Halted(halt) => PoolError::Faulted {
                height: halt.height,
            }
            .into(),
            ProducerError::TimeGoesBack { last, asked } => Self::new(code::BAD_ARGUMENT, message)
                .with("path", "time")
                .with("expected", format!("at least {last}"))
                .with("got", asked.to_string()),
            ProducerError::OtherBlock { height, .. } => Self::new(code::BAD_ARGUMENT, message)
                .with(
                    "path",
                    format!("dump.blocks[{}]", height.0.saturating_sub(1)),
                )
                .with("expected", "a block that executes to the header it carries")
                .with("got", "another one"),
            // Only the bridge to consensus is told these.
            ProducerError::OtherHeight { .. } | ProducerError::NothingDecided => {
                PoolError::ReadOnly {
                    reason: "consensus orders its blocks",
                }
                .into()
            }
            ProducerError::NoSuchHeight { asked, latest } => Self::new(code::BAD_ARGUMENT, message)
                .with("path", "height")
                .with("expected", format!("at most {latest}"))
                .with("got", asked.to_string()),
        }
    }
}

impl Develop for Producer {
    fn mine(&self, blocks: u32) -> Answering<'_, Height> {
        Box::pin(async move {
            if blocks > MINE_MAX {
                let message = format!("{blocks} blocks asked for, at most {MINE_MAX} at once");
                return Err(ErrorBody::new(code::TOO_MANY, message)
                    .with("got", blocks)
                    .with("limit", MINE_MAX));
            }
            Ok(Self::mine(self, blocks).await?)
        })
    }

    fn set_time(&self, time: Timestamp) -> Result<Timestamp, ErrorBody> {
        Self::set_time(self, time)?;
        Ok(self.next_time())
    }

    fn advance_time(&self, seconds: u64) -> Result<Timestamp, ErrorBody> {
        let time = self.next_time();
        let ahead = time.0.checked_add(seconds).map(Timestamp);
        let ahead = ahead.filter(|time| i64::try_from(time.0).is_ok());
        let time = ahead.ok_or_else(|| {
            let message = format!("{seconds} s after {time} is beyond the end of time");
            ErrorBody::new(code::BAD_ARGUMENT, message).with("path", "seconds")
        })?;
        Develop::set_time(self, time)
    }

    fn set_blocks(&self, mode: &str) -> Result<String, ErrorBody> {
        let mode: BlockMode = mode.parse().map_err(|error| {
            let error: crate::block_mode::BlockModeError = error;
            ErrorBody::new(code::BAD_ARGUMENT, error.to_string())
                .with("path", "mode")
                .with("expected", "auto, manual, 2s, 500ms, or mixed:2s")
                .with("got", mode)
        })?;
        Self::set_blocks(self, mode);
        Ok(mode.to_string())
    }

    fn load(&self, blocks: Vec<Block>) -> Answering<'_, Height> {
        Box::pin(async move { Ok(Self::load(self, blocks).await?) })
    }

    fn go_back(&self, height: Height) -> Answering<'_, Height> {
        Box::pin(async move { Ok(Self::go_back(self, height).await?) })
    }
}
