//! Group `context`: where the frame runs.

use super::HostContext;
use crate::frame::Stop;
use parity_scale_codec::Encode;
use weighhouse_primitives::abi::{FRAME_CONTEXT_BYTES, FrameContext};

/// Copies the encoded frame context; see the table.
pub(super) fn context_read(context: &mut HostContext<'_>, out_ptr: u32) -> Result<u32, Stop> {
    let (caller, contract) = (context.state.frame.caller, context.state.frame.contract);
    let read_only = u32::from(context.state.frame.read_only);
    let execution = context.execution();
    let encoded = FrameContext {
        caller,
        signer: execution.signer,
        contract,
        chain: execution.block.chain,
        height: execution.block.height,
        time: execution.block.time,
        read_only,
    }
    .encode();
    debug_assert_eq!(encoded.len(), FRAME_CONTEXT_BYTES);
    context.write(out_ptr, &encoded)?;
    Ok(u32::try_from(encoded.len()).unwrap_or(0))
}

/// Gas left in this frame, after the price of asking.
pub(super) fn gas_left(context: &mut HostContext<'_>) -> Result<i64, Stop> {
    context.execution().not_brief()?;
    Ok(i64::try_from(context.gas).unwrap_or(i64::MAX))
}
