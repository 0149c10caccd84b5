//! Group `storage`: the contract's own keys.

use super::{GuestMemory, HostContext, HostState, copy_part};
use crate::frame::Stop;
use crate::gas::GasSchedule;
use crate::limits;
use crate::state::overlay::Slot;
use crate::state::{Value, key};
use weighhouse_primitives::HaltReason;
use weighhouse_primitives::abi::ABSENT;

/// Gas per pair that `storage_page` returns.
const PAIR_GAS: u64 = 700;
/// Gas per key that `storage_page` passes over because this block has removed it.
const PASSED_GAS: u64 = 400;
/// Keys read from the overlay at first; twice as many each time, so that what is read and does not fit
/// stays small against the price.
const KEYS_AT_FIRST: usize = 2;
/// Keys read from the overlay at once.
const KEYS_AT_ONCE: usize = 16;

/// The contract's own bytes of a key.
fn key_bytes<'m>(memory: &'m GuestMemory<'_>, ptr: u32, len: u32) -> Result<&'m [u8], Stop> {
    let bytes = memory.read(ptr, len)?;
    if bytes.len() > limits::KEY_BYTES_MAX {
        return Err(HaltReason::HostLimit.into());
    }
    Ok(bytes)
}

fn storage_key(context: &HostContext<'_>, ptr: u32, len: u32) -> Result<Vec<u8>, Stop> {
    let bytes = key_bytes(&context.memory, ptr, len)?;
    Ok(key::storage(&context.state.frame.contract, bytes))
}

/// Finds a key of the contract in the overlay.
fn slot(context: &mut HostContext<'_>, ptr: u32, len: u32) -> Result<Slot, Stop> {
    let bytes = key_bytes(&context.memory, ptr, len)?;
    // The same buffer for all keys of a frame: this is the most frequent thing that a contract does.
    let HostState { frame, key, .. } = &mut *context.state;
    key::storage_into(key, &frame.contract, bytes);
    let key = std::mem::take(key);
    let slot = context.execution().overlay.slot(&key);
    context.state.key = key;
    Ok(slot?)
}

/// Looks a value up; see the table.
pub(super) fn storage_get(
    context: &mut HostContext<'_>,
    key_ptr: u32,
    key_len: u32,
    out_ptr: u32,
    out_cap: u32,
) -> Result<i64, Stop> {
    let slot = slot(context, key_ptr, key_len)?;
    let Some(value) = context.execution().overlay.read(slot).cloned() else {
        context.state.tail = None;
        return Ok(ABSENT);
    };
    context.charge(u64::try_from(value.len()).unwrap_or(u64::MAX))?;
    if value.len() <= usize::try_from(out_cap).unwrap_or(0) {
        context.write(out_ptr, &value)?;
    }
    let len = i64::try_from(value.len()).unwrap_or(i64::MAX);
    context.state.tail = Some(value);
    Ok(len)
}

/// Copies from the value last found; see the table.
pub(super) fn tail_read(
    context: &mut HostContext<'_>,
    offset: u32,
    out_ptr: u32,
    out_cap: u32,
) -> Result<u32, Stop> {
    let tail = context.state.tail.as_deref().unwrap_or(&[]);
    copy_part(&mut context.memory, tail, offset, out_ptr, out_cap)
}

fn writes_bounded(context: &mut HostContext<'_>) -> Result<(), Stop> {
    if context.execution().overlay.writes() > limits::WRITES_MAX {
        return Err(HaltReason::HostLimit.into());
    }
    Ok(())
}

/// Stores a value; see the table.
pub(super) fn storage_set(
    context: &mut HostContext<'_>,
    key_ptr: u32,
    key_len: u32,
    value_ptr: u32,
    value_len: u32,
) -> Result<(), Stop> {
    context.writable()?;
    let slot = slot(context, key_ptr, key_len)?;
    let value = context.read(value_ptr, value_len)?;
    if value.len() > limits::VALUE_BYTES_MAX {
        return Err(HaltReason::HostLimit.into());
    }
    let value: Value = value.into();
    let key_bytes = context.state.key.len();
    let grown = match context.execution().overlay.read(slot) {
        Some(old) => value.len().saturating_sub(old.len()),
        None => value.len().saturating_add(key_bytes),
    };
    let grown = u64::try_from(grown).unwrap_or(u64::MAX);
    context.charge(GasSchedule::V1.storage_growth_byte.saturating_mul(grown))?;
    context.execution().overlay.write(slot, Some(value));
    writes_bounded(context)
}

/// Removes a key; see the table.
pub(super) fn storage_remove(
    context: &mut HostContext<'_>,
    key_ptr: u32,
    key_len: u32,
) -> Result<u32, Stop> {
    context.writable()?;
    let slot = slot(context, key_ptr, key_len)?;
    let present = context.execution().overlay.read(slot).is_some();
    if present {
        context.execution().overlay.write(slot, None);
        writes_bounded(context)?;
    }
    Ok(u32::from(present))
}

/// Fills a page of pairs; see the table.
#[expect(
    clippy::too_many_arguments,
    reason = "three slices, the most that the table allows"
)]
pub(super) fn storage_page(
    context: &mut HostContext<'_>,
    prefix_ptr: u32,
    prefix_len: u32,
    after_ptr: u32,
    after_len: u32,
    out_ptr: u32,
    out_cap: u32,
) -> Result<i64, Stop> {
    let prefix = storage_key(context, prefix_ptr, prefix_len)?;
    let after = if after_len == 0 {
        Vec::new()
    } else {
        storage_key(context, after_ptr, after_len)?
    };
    let cap = usize::try_from(out_cap)
        .unwrap_or(0)
        .min(limits::PAGE_BYTES_MAX);
    let mut out = Vec::new();
    let mut last = after;
    let mut asked = KEYS_AT_FIRST;
    loop {
        let part = context.execution().overlay.part(&prefix, &last, asked)?;
        let passed = u64::try_from(part.passed).unwrap_or(u64::MAX);
        context.charge(PASSED_GAS.saturating_mul(passed))?;
        for (key, value) in &part.page {
            let Some((_, bare)) = key::split_storage(key) else {
                continue;
            };
            let size = bare.len().saturating_add(value.len()).saturating_add(4);
            if out.len().saturating_add(size) > cap {
                if out.is_empty() {
                    return Ok(i64::try_from(size).map_or(i64::MIN, i64::saturating_neg));
                }
                context.write(out_ptr, &out)?;
                return Ok(i64::try_from(out.len()).unwrap_or(i64::MAX));
            }
            context.charge(PAIR_GAS)?;
            out.extend_from_slice(&u16::try_from(bare.len()).unwrap_or(u16::MAX).to_le_bytes());
            out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
            out.extend_from_slice(bare);
            out.extend_from_slice(value);
        }
        match part.next {
            Some(key) => last = key,
            None => break,
        }
        asked = asked.saturating_mul(2).min(KEYS_AT_ONCE);
    }
    context.write(out_ptr, &out)?;
    Ok(i64::try_from(out.len()).unwrap_or(i64::MAX))
}
