//! Interfaces of the contract library, by the names of their entry points.
//!
//! A contract serves an interface if its schema has every entry point of it. A schema does not name
//! interfaces: any contract may serve one, whoever wrote it. The table is checked against
//! `contracts/standard/src/interface` by `tests/tidy`.

use super::contract::unknown_name;
use crate::error::ErrorBody;
use weighhouse_primitives::schema::Schema;

/// Name and entry points of every interface.
const INTERFACES: [(&str, &[&str]); 7] = [
    ("Conditions", &["condition"]),
    (
        "Control",
        &[
            "controller",
            "record",
            "pledge_control",
            "return_control",
            "endorse",
        ],
    ),
    (
        "Holds",
        &[
            "create_hold",
            "create_hold_from",
            "execute_hold",
            "release_hold",
            "reclaim_hold",
            "hold",
            "balance_of",
            "available_of",
        ],
    ),
    ("LicensedHolds", &["execute_hold_licensed"]),
    (
        "Participants",
        &[
            "pid_of",
            "party",
            "wallet",
            "wallet_of",
            "can_send",
            "can_receive",
            "authorised",
            "check_move",
            "explain_move",
            "admit_licensed",
            "admit_move",
            "orders_of",
            "orders_on",
            "order",
            "frozen_req",
            "serve_order",
            "recovery",
            "succession",
            "trade",
            "rules",
            "halted",
            "limit_left",
            "limit_reserve",
            "limit_commit",
            "limit_release",
            "accept_wallet",
        ],
    ),
    ("Provenance", &["consume"]),
    ("Rates", &["rate"]),
];

/// The entry points of an interface.
pub(super) fn entry_points(name: &str) -> Result<&'static [&'static str], ErrorBody> {
    let mut known = INTERFACES.iter();
    let found = known.find(|(known, _)| *known == name);
    found.map(|(_, entry_points)| *entry_points).ok_or_else(|| {
        let names = INTERFACES.iter().map(|(name, _)| *name).collect();
        unknown_name("interface", name, names)
    })
}

/// True if the schema has all of these.
pub(super) fn serves(schema: &Schema, entry_points: &[&str]) -> bool {
    entry_points
        .iter()
        .all(|name| schema.entry_point(name).is_some())
}

/// Names of the interfaces that a schema serves.
pub(super) fn of(schema: &Schema) -> impl Iterator<Item = &'static str> {
    let served = INTERFACES
        .iter()
        .filter(|(_, entry_points)| serves(schema, entry_points));
    served.map(|(name, _)| *name)
}
