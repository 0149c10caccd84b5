//! Group `chain_`.

use crate::api::NoParams;
use crate::api::chain::{ChainApi, ChainBlock, ChainBlocks, ChainValidators, Detail};
use crate::error::ErrorBody;
use crate::server::Asked;
use crate::server::page;
use crate::server::service::{Service, height};
use crate::server::view::Views;
use crate::types::{
    BlockView, ChainInfo, GasRow, GenesisView, HashHex, Head, HeaderView, Hex, Order, Page, U64,
    ValidatorItem, ValidatorsView,
};
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use weighhouse_primitives::{BlockHash, Hash, Height, Receipt, abi};
use weighhouse_runtime::limits;

impl ChainApi for Service {
    async fn chain_info(&self) -> Result<ChainInfo, ErrorBody> {
        let genesis = self.reader().genesis();
        Ok(ChainInfo {
            chain_id: genesis.name.clone(),
            name: genesis.name.clone(),
            address_prefix: genesis.prefix.clone(),
            genesis_hash: self.inner().genesis.into(),
            protocol: genesis.protocol,
            abi_versions: vec![abi::IMPORT_MODULE.to_owned()],
            development: genesis.development,
            limits: protocol_limits(),
            gas_schedule: gas_schedule(),
        })
    }

    async fn chain_head(&self) -> Result<Head, ErrorBody> {
        let head = self.reader().head();
        Ok(Head {
            height: head.height.into(),
            hash: head.hash().into(),
            time: head.time.into(),
            state_root: head.state_root.into(),
            tx_count: head.tx_count,
        })
    }

    async fn chain_block(&self, params: ChainBlock) -> Result<BlockView, ErrorBody> {
        self.look(move |this| this.block_view(&params)).await
    }

    async fn chain_blocks(&self, params: ChainBlocks) -> Result<Page<HeaderView>, ErrorBody> {
        self.look(move |this| this.blocks_view(&params)).await
    }

    async fn chain_genesis(&self) -> Result<GenesisView, ErrorBody> {
        let genesis = self.reader().genesis();
        Ok(GenesisView {
            name: genesis.name.clone(),
            prefix: genesis.prefix.clone(),
            development: genesis.development,
            protocol: genesis.protocol,
            time: genesis.time.into(),
            policy: crate::server::action::policy_view(&Views::new(self), &genesis.policy),
            hash: self.inner().genesis.into(),
            document: Hex(genesis.encode()),
        })
    }

    async fn chain_validators(&self, params: ChainValidators) -> Result<ValidatorsView, ErrorBody> {
        self.look(move |this| {
            let (height, set) = this.reader().validators(height(params.at))?;
            let item = |(key, power): (&[u8; 32], &u64)| ValidatorItem {
                key: HashHex(Hash(*key)),
                power: U64(*power),
            };
            Ok(ValidatorsView {
                height: height.into(),
                validators: set.0.iter().map(item).collect(),
            })
        })
        .await
    }

    async fn chain_subscribe_heads(self: Arc<Self>, _: NoParams, asked: Asked<HeaderView>) {
        let mut blocks = self.inner().feed.follow();
        let Some(sink) = asked.accept().await else {
            return;
        };
        loop {
            let committed = tokio::select! {
                committed = blocks.recv() => committed,
                () = sink.closed() => return,
            };
            match committed {
                Ok(committed) => {
                    if !sink.send(&Views::header(&committed.block.header)).await {
                        return;
                    }
                }
                // Headers can be listed; a reader that fell behind goes on with the next one.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}

impl Service {
    fn block_view(&self, params: &ChainBlock) -> Result<BlockView, ErrorBody> {
        let reader = self.reader();
        let place = match (params.height, params.hash) {
            (Some(_), Some(_)) => {
                return Err(ErrorBody::params("params", "height or hash", "both"));
            }
            (at, None) => height(at).unwrap_or_else(|| reader.head().height),
            (None, Some(hash)) => {
                let found = reader.height_of(&BlockHash::from(hash))?;
                found.ok_or_else(|| ErrorBody::not_found("block"))?
            }
        };
        let detail = params.detail.unwrap_or_default();
        let header = reader.header(place)?;
        // Of the state that a node started from it has the header, and nothing of what was before.
        if header.is_none() || detail != Detail::Header {
            reader.must_have(place)?;
        }
        let header = header.ok_or_else(|| ErrorBody::not_found("block"))?;
        let mut view = BlockView {
            header: Views::header(&header),
            hashes: None,
            failed: None,
            transactions: None,
            receipts: None,
        };
        if detail == Detail::Header || place == Height::GENESIS {
            return Ok(view);
        }
        let mut views = Views::new(self);
        if detail == Detail::Hashes {
            let receipts = reader
                .receipts(place)?
                .ok_or_else(|| ErrorBody::not_found("receipts"))?;
            let failed = |(place, receipt): (u32, &Receipt)| {
                (!receipt.outcome.is_success()).then_some(place)
            };
            view.failed = Some((0..).zip(&receipts).filter_map(failed).collect());
            view.hashes = Some(receipts.iter().map(|receipt| receipt.tx.into()).collect());
            return Ok(view);
        }
        let block = reader
            .block(place)?
            .ok_or_else(|| ErrorBody::not_found("block"))?;
        if detail == Detail::Receipts {
            let receipts = reader
                .receipts(place)?
                .ok_or_else(|| ErrorBody::not_found("receipts"))?;
            let pairs = receipts.iter().zip(&block.transactions);
            let receipts = pairs
                .map(|(receipt, tx)| views.receipt(receipt, Some(&tx.payload.action), Vec::new()));
            view.receipts = Some(receipts.collect());
        }
        view.transactions = Some(
            block
                .transactions
                .iter()
                .map(|tx| views.transaction(tx))
                .collect(),
        );
        Ok(view)
    }

    fn blocks_view(&self, params: &ChainBlocks) -> Result<Page<HeaderView>, ErrorBody> {
        let latest = self.reader().head().height.0;
        let oldest = self.reader().oldest_block().0;
        let from = params.from.map_or(oldest, |from| from.0).max(oldest);
        let to = params.to.map_or(latest, |to| to.0).min(latest);
        let limit = u64::try_from(page::limit(params.limit)?).unwrap_or(u64::MAX);
        let after = page::number_cursor(params.cursor.as_deref())?;
        let descending = params.order == Some(Order::Desc);
        let (low, high) = match (after, descending) {
            (None, _) => (from, to),
            (Some(after), false) => (from.max(after.saturating_add(1)), to),
            (Some(after), true) => (from, to.min(after.saturating_sub(1))),
        };
        let heights: Vec<u64> = if descending {
            (low..=high)
                .rev()
                .take(usize::try_from(limit).unwrap_or(usize::MAX))
                .collect()
        } else {
            (low..=high)
                .take(usize::try_from(limit).unwrap_or(usize::MAX))
                .collect()
        };
        let last = heights.last().copied();
        let end = if descending { low } else { high };
        let mut items = Vec::with_capacity(heights.len());
        for height in heights {
            let header = self.reader().header(Height(height))?;
            items.extend(header.as_ref().map(Views::header));
        }
        let next = last
            .filter(|last| *last != end)
            .map(|last| last.to_string());
        self.page(items, next, (Height(from), Height(to)))
    }
}

macro_rules! limits_by_name {
    ($($name:ident),* $(,)?) => {
        [$((stringify!($name), u64::try_from(limits::$name).unwrap_or(u64::MAX)),)*]
    };
}

fn protocol_limits() -> BTreeMap<String, U64> {
    let named = limits_by_name![
        TX_BYTES_MAX,
        BLOCK_BYTES_MAX,
        BLOCK_TXS_MAX,
        TX_GAS_MAX,
        BLOCK_GAS_MAX,
        QUERY_GAS_MAX,
        QUERY_MANY_GAS_MAX,
        VALIDITY_SECONDS_MAX,
        CODE_BYTES_MAX,
        FUNCTIONS_MAX,
        TYPES_MAX,
        PARAMS_MAX,
        RESULTS_MAX,
        LOCALS_MAX,
        BODY_BYTES_MAX,
        LOOP_DEPTH_MAX,
        BLOCK_DEPTH_MAX,
        CONTROL_IN_FUNCTION_MAX,
        CONTROL_MAX,
        CALLS_MAX,
        LOCALS_CONTROL_PRODUCT_MAX,
        BR_TABLE_TARGETS_MAX,
        BR_TABLE_TARGETS_ALL_MAX,
        OPERAND_STACK_MAX,
        GLOBALS_MAX,
        MEMORY_INITIAL_PAGES_MAX,
        MEMORY_PAGES_MAX,
        TABLE_ELEMENTS_MAX,
        DATA_SEGMENTS_MAX,
        ELEMENT_SEGMENTS_MAX,
        EXPORTS_MAX,
        NAME_BYTES_MAX,
        SECTION_BYTES_MAX,
        ENTRY_POINTS_MAX,
        RULES_MAX,
        CALL_DEPTH_MAX,
        STACK_BYTES_MAX,
        KEY_BYTES_MAX,
        VALUE_BYTES_MAX,
        INPUT_BYTES_MAX,
        ANSWER_BYTES_MAX,
        EVENT_BYTES_MAX,
        EVENTS_MAX,
        EVENTS_BYTES_MAX,
        WRITES_MAX,
        PAGE_BYTES_MAX,
        DEBUG_BYTES_MAX,
    ];
    named
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), U64(value)))
        .collect()
}

macro_rules! schedule {
    ($(
        $(#[doc = $doc:expr])*
        $group:ident::$name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?,
        gas $base:literal $(+ $per_byte:literal * ($($length:ident),*))?;
    )*) => {
        vec![$(GasRow {
            function: stringify!($name).to_owned(),
            docs: concat!($($doc),*).trim().to_owned(),
            base: U64($base),
            per_byte: U64(0 $(+ $per_byte)?),
            lengths: vec![$($(stringify!($length).to_owned()),*)?],
        },)*]
    };
}

fn gas_schedule() -> Vec<GasRow> {
    weighhouse_primitives::for_each_host_function!(schedule)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the schedule and the limits that clients see are those of the tables.
    #[test]
    fn tables_are_complete() {
        let rows = gas_schedule();
        let page = rows
            .iter()
            .find(|row| row.function == "storage_page")
            .unwrap();
        assert_eq!(
            (page.base, page.per_byte, page.lengths.len()),
            (U64(1500), U64(2), 3)
        );
        assert_eq!(protocol_limits()["tx_gas_max"], U64(limits::TX_GAS_MAX));
    }
}
