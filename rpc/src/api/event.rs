//! Group `event_`: events, listed and live.

use super::group;
use crate::types::{AddressText, EventItem, HashHex, Json, Order, Page, U64};
use serde::{Deserialize, Serialize};

/// Parameters of `event_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventList {
    /// Of this contract.
    pub contract: Option<AddressText>,
    /// Of this name.
    pub name: Option<String>,
    /// Whose fields equal these, as canonical JSON.
    pub fields: Option<Json>,
    /// Of this transaction.
    pub tx: Option<HashHex>,
    /// From this height, inclusive.
    pub from: Option<U64>,
    /// To this height, inclusive.
    pub to: Option<U64>,
    /// Oldest first if left out.
    pub order: Option<Order>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Parameters of `event_subscribe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventSubscribe {
    /// Of this contract.
    pub contract: Option<AddressText>,
    /// Of this name.
    pub name: Option<String>,
    /// Whose fields equal these, as canonical JSON.
    pub fields: Option<Json>,
    /// Starts strictly after this event, with what was missed; with new events if left out.
    pub resume_cursor: Option<String>,
}

/// What a stream of events carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EventMessage {
    /// An event.
    Event(EventItem),
    /// The reader was too slow; this is the last message.
    Lagged {
        /// Give it to `event_subscribe` to miss nothing.
        resume_cursor: String,
    },
}

group! {
    /// Events, listed and live.
    pub trait EventApi {
        /// Events by filter.
        fn event_list(EventList) -> Page<EventItem>, errors [1301, 1303, 1401, 1404];
    }
    subscriptions {
        /// Events as they become durable. A reader that is too slow gets `lagged` with a cursor, and
        /// the stream ends.
        fn event_subscribe(EventSubscribe) -> EventMessage, as "event", until "event_unsubscribe", errors [1301, 1303, 1404, 1405];
    }
}
