//! The meta rows of a store: which chain, which format, how far.

use super::Tip;
use crate::error::Fault;
use crate::state::row;
use crate::state::store::{Scan, Store};
use parity_scale_codec::DecodeAll;
use weighhouse_primitives::hash::GenesisHash;

/// Tip and oldest height of a store; `None` and 0 for an empty one.
pub(super) fn read(store: &dyn Store, chain: GenesisHash) -> Result<(Option<Tip>, u64), Fault> {
    let damaged = |reason: &str| Fault::Damaged {
        place: "the meta rows of the store".to_owned(),
        reason: reason.to_owned(),
    };
    let Some(format) = store.get(row::FORMAT)? else {
        let anything = Scan::ascending(&[], None, 1);
        return match store.scan(anything)?.is_empty() {
            true => Ok((None, 0)),
            false => Err(damaged("rows without a format version")),
        };
    };
    if *format != row::FORMAT_VERSION.to_le_bytes() {
        return Err(damaged("rows of another format version"));
    }
    let genesis = store
        .get(row::GENESIS)?
        .ok_or_else(|| damaged("no genesis hash"))?;
    if *genesis != *chain.as_bytes().as_slice() {
        return Err(Fault::Unusable {
            place: "the store".to_owned(),
            reason: "it belongs to another chain; use another data folder".to_owned(),
        });
    }
    if store.get(row::REFILLING)?.is_some() {
        return Err(damaged("another node's state was being written"));
    }
    let tip = store.get(row::TIP)?.ok_or_else(|| damaged("no tip"))?;
    let tip = Tip::decode_all(&mut &*tip).map_err(|_| damaged("the tip does not decode"))?;
    let oldest = store
        .get(row::OLDEST)?
        .ok_or_else(|| damaged("no oldest height"))?;
    let oldest = oldest
        .first_chunk::<8>()
        .ok_or_else(|| damaged("no oldest height"))?;
    Ok((Some(tip), u64::from_le_bytes(*oldest)))
}
