//! Group `dev_`: clocks, blocks and snapshots of a development network. Absent everywhere else.

use super::group;
use crate::types::{
    ActionView, AddressText, DevDump, DevHeight, DevSnapshot, DevTime, Submitted, U64,
};
use serde::{Deserialize, Serialize};

/// Parameters of `dev_mine`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevMine {
    /// How many blocks; 1 if left out, at most 1,000.
    pub blocks: Option<u32>,
}

/// Parameters of `dev_set_time`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevSetTime {
    /// Time of the next block in seconds since 1970; never earlier than the latest block.
    pub time: U64,
}

/// Parameters of `dev_advance_time`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevAdvanceTime {
    /// By how many seconds.
    pub seconds: U64,
}

/// Parameters of `dev_set_blocks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevSetBlocks {
    /// `auto` (a block when transactions wait), `manual` (only `dev_mine`), `2s` (at an interval) or
    /// `mixed:2s` (both).
    pub mode: String,
}

/// Answer to `dev_set_blocks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DevBlocks {
    /// The mode now.
    pub mode: String,
}

/// Parameters of `dev_revert`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevRevert {
    /// What `dev_snapshot` answered.
    pub id: U64,
}

/// Parameters of `dev_load`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevLoad {
    /// What `dev_dump` answered.
    pub dump: DevDump,
}

/// Parameters of `dev_act_as`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevActAs {
    /// Account in whose name, without its signature.
    pub from: AddressText,
    /// What to do.
    pub action: ActionView,
    /// Most gas; if left out, the action is simulated and gets what it needs with some room.
    pub gas_limit: Option<U64>,
}

group! {
    /// Clocks, blocks and snapshots of a development network.
    pub trait DevApi {
        /// Makes blocks now, empty if nothing waits.
        fn dev_mine(DevMine) -> DevHeight, errors [1301, 1401];
        /// Sets the clock.
        fn dev_set_time(DevSetTime) -> DevTime, errors [1301];
        /// Moves the clock forward.
        fn dev_advance_time(DevAdvanceTime) -> DevTime, errors [1301];
        /// Chooses when blocks are made.
        fn dev_set_blocks(DevSetBlocks) -> DevBlocks, errors [1301];
        /// Remembers the present state.
        fn dev_snapshot() -> DevSnapshot, errors [];
        /// Returns to a remembered state; later blocks are forgotten.
        fn dev_revert(DevRevert) -> DevHeight, errors [1201];
        /// Every block, to be loaded by a network of the same genesis.
        fn dev_dump() -> DevDump, errors [1401];
        /// Returns to the genesis state and executes the blocks of a dump; each must give the header
        /// that it carries.
        fn dev_load(DevLoad) -> DevHeight, errors [1002, 1301];
        /// Sends a transaction in somebody's name, without a signature.
        fn dev_act_as(DevActAs) -> Submitted, errors [1201, 1203, 1301, 1302, 1303];
        /// Returns to the genesis state.
        fn dev_reset() -> DevHeight, errors [];
    }
    subscriptions {}
}
