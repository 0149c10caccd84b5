//! Progress bars on stderr, where somebody is watching.

use crate::output::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar of `length` steps; invisible unless stderr is a terminal.
pub(crate) fn bar(output: &Output, what: &str, length: usize) -> ProgressBar {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    if !output.shows_progress() {
        return ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(length).with_message(what.to_owned());
    let style = ProgressStyle::with_template("  {msg:<22} {bar:30} {pos}/{len}");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// One step of `steps` on a bar.
pub(crate) fn advance(bar: &ProgressBar, steps: usize) {
    bar.inc(u64::try_from(steps).unwrap_or_default());
}
