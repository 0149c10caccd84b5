//! What a call costs its client: the one table, and what is added to it.
//!
//! One unit is about a tenth of a millisecond of the node's work. A request owes a unit for every 4 KiB of it as soon
//! as it has come. A call pays its row of the table before anything is done for it, and afterwards a unit for every
//! tenth of a millisecond that its look-up or contract took on a thread, and for every 4 KiB of its answer. A batch
//! pays the sum of its calls before the first of them.
//!
//! What it does not do: it knows no clients; [`super::clients`] takes the units from them.

use std::time::Duration;

/// Time that a unit stands for.
const UNIT: Duration = Duration::from_micros(100);
/// Bytes of a request or an answer that cost a unit.
const BYTES_PER_UNIT: usize = 4_096;
/// What a method costs that is not there.
pub(crate) const UNKNOWN: u32 = 1;

/// Units that a call of a method pays before it is looked at; a test compares it with the methods.
const TABLE: &[(&str, u32)] = &[
    ("chain_block", 3),
    ("chain_blocks", 5),
    ("chain_genesis", 1),
    ("chain_head", 1),
    ("chain_info", 2),
    ("chain_subscribe_heads", 20),
    ("chain_validators", 2),
    ("contract_code", 5),
    ("contract_decode", 3),
    ("contract_encode", 3),
    ("contract_info", 2),
    ("contract_list", 5),
    ("contract_query", 5),
    ("contract_query_many", 10),
    ("contract_schema", 3),
    ("dev_act_as", 5),
    ("dev_advance_time", 1),
    ("dev_dump", 50),
    ("dev_load", 50),
    ("dev_mine", 5),
    ("dev_reset", 5),
    ("dev_revert", 5),
    ("dev_set_blocks", 1),
    ("dev_set_time", 1),
    ("dev_snapshot", 1),
    ("event_list", 5),
    ("event_subscribe", 20),
    ("index_holders", 5),
    ("index_status", 1),
    ("index_tokens", 5),
    ("index_transfers", 5),
    ("node_peers", 1),
    ("node_status", 2),
    ("node_version", 1),
    ("rpc.discover", 20),
    ("state_account", 2),
    ("state_entries", 5),
    ("state_entry", 3),
    ("state_raw", 2),
    ("state_root", 1),
    ("tx_by_ref", 1),
    ("tx_decode", 3),
    ("tx_encode", 5),
    ("tx_get", 2),
    ("tx_list", 5),
    ("tx_pending", 5),
    ("tx_simulate", 5),
    ("tx_submit", 2),
    ("tx_subscribe", 20),
    ("tx_trace", 10),
    ("tx_wait", 2),
];

/// Units of a call of a method, whatever it asks for.
pub(crate) fn of(method: &str) -> u32 {
    TABLE
        .iter()
        .find(|(name, _)| *name == method)
        .map_or(UNKNOWN, |(_, units)| *units)
}

/// Units of so many bytes of a request or an answer.
pub(crate) fn of_bytes(bytes: usize) -> u32 {
    u32::try_from(bytes / BYTES_PER_UNIT).unwrap_or(u32::MAX)
}

/// Units of work that took so long.
pub(crate) fn of_work(took: Duration) -> u32 {
    u32::try_from(took.as_micros() / UNIT.as_micros()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;
    use std::collections::BTreeSet;

    /// Goal: every method has exactly one row, and no row is of a method that is not there.
    #[test]
    fn every_method_has_its_cost() {
        let priced: BTreeSet<&str> = TABLE.iter().map(|(name, _)| *name).collect();
        let methods = api::methods().map(|method| method.name);
        let known: BTreeSet<&str> = methods.chain(["rpc.discover"]).collect();
        assert_eq!(priced, known);
        assert_eq!(priced.len(), TABLE.len());
        assert!(TABLE.iter().all(|(_, units)| *units > 0));
        assert_eq!(of("tx_submit"), 2);
        assert_eq!(of("no_such_method"), UNKNOWN);
    }

    /// Goal: what is small costs nothing beside the table, what is large its share.
    #[test]
    fn bytes_and_time_are_shares() {
        assert_eq!((of_bytes(4_095), of_bytes(4_096)), (0, 1));
        assert_eq!(of_bytes(usize::MAX), u32::MAX);
        assert_eq!(of_work(Duration::from_micros(99)), 0);
        assert_eq!(of_work(Duration::from_millis(250)), 2_500);
    }
}
