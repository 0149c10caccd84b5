//! Group `event`: facts for the world, text for the developer.

use super::HostContext;
use crate::frame::Stop;
use crate::limits;
use weighhouse_primitives::{Event, HaltReason};

/// Emits an event; see the table.
pub(super) fn event_emit(
    context: &mut HostContext<'_>,
    kind: u32,
    data_ptr: u32,
    data_len: u32,
) -> Result<(), Stop> {
    context.writable()?;
    let data = context.read(data_ptr, data_len)?.to_vec();
    let contract = context.state.frame.contract;
    let events = &mut context.execution().events;
    if data.len() > limits::EVENT_BYTES_MAX
        || events.len() >= limits::EVENTS_MAX
        || events.bytes().saturating_add(data.len()) > limits::EVENTS_BYTES_MAX
    {
        return Err(HaltReason::HostLimit.into());
    }
    events.push(Event {
        contract,
        kind,
        data,
    });
    Ok(())
}

/// Keeps a line of text; see the table.
pub(super) fn debug_log(
    context: &mut HostContext<'_>,
    text_ptr: u32,
    text_len: u32,
) -> Result<(), Stop> {
    let text = String::from_utf8_lossy(context.read(text_ptr, text_len)?).into_owned();
    context.execution().debug.push(text);
    Ok(())
}

/// The contract panicked; see the table.
pub(super) fn abort(
    context: &mut HostContext<'_>,
    message_ptr: u32,
    message_len: u32,
    file_ptr: u32,
    file_len: u32,
    line: u32,
) -> Result<(), Stop> {
    let message = String::from_utf8_lossy(context.read(message_ptr, message_len)?).into_owned();
    let file = String::from_utf8_lossy(context.read(file_ptr, file_len)?).into_owned();
    context
        .execution()
        .debug
        .push(format!("panicked at {file}:{line}: {message}"));
    Err(HaltReason::Unreachable.into())
}
