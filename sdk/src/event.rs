//! Events: facts that a contract emits and the world can index.

use crate::{Buffer, sys};
use weighhouse_primitives::schema::describe::EventDef;

/// A fact to be emitted; derived.
pub trait Event {
    /// Its description for the schema.
    const DEF: EventDef;
    /// [`weighhouse_primitives::abi::selector`] of its name.
    const KIND: u32 = weighhouse_primitives::abi::selector(Self::DEF.name);

    /// Appends SCALE of the fields, in order.
    fn encode_fields(&self, out: &mut Buffer);
}

/// Emits `event`. Events of a frame that reverts are gone.
///
/// # Gas
/// Row `event_emit` of the table of host functions.
pub fn emit<E: Event>(event: &E) {
    let mut data = Buffer::new();
    event.encode_fields(&mut data);
    send(E::KIND, &data);
}

/// What does not depend on the event, once.
#[inline(never)]
fn send(kind: u32, data: &Buffer) {
    sys::event_emit(kind, data);
}

/// A line of text for the developer: it is in no receipt and no root.
pub fn debug_log(text: &str) {
    sys::debug_log(text);
}
