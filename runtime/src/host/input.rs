//! Group `input`: what the frame was called with.

use super::{HostContext, copy_part};
use crate::frame::Stop;

/// Copies from the input; see the table.
pub(super) fn input_read(
    context: &mut HostContext<'_>,
    offset: u32,
    out_ptr: u32,
    out_cap: u32,
) -> Result<u32, Stop> {
    copy_part(
        &mut context.memory,
        &context.state.frame.input,
        offset,
        out_ptr,
        out_cap,
    )
}
