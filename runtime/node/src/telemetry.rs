//! Logs: structured, to stderr, through `tracing`.
//!
//! Answers of commands are not logs: they go through [`crate::output`]. Client text in fields is
//! escaped by the formatter; no secret is ever a field.

use crate::output::Failure;
use std::io::IsTerminal;
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// What to log and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logging {
    /// A level, or targets with levels.
    pub filter: String,
    /// One JSON document for each line.
    pub json: bool,
}

impl Logging {
    /// For commands that are not a node: warnings, and more with each `-v`.
    #[must_use]
    pub fn of_verbosity(verbose: u8, quiet: bool) -> Self {
        let filter = match (quiet, verbose) {
            (true, _) => "error",
            (false, 0) => "warn",
            (false, 1) => "info",
            (false, 2) => "debug",
            (false, _) => "trace",
        };
        Self {
            filter: filter.into(),
            json: false,
        }
    }

    /// For a node: its settings, unless `-v` asks for more.
    #[must_use]
    pub fn of_settings(settings: &crate::config::Settings, verbose: u8) -> Self {
        let filter = match verbose {
            0 => settings.log_filter.clone(),
            1 => "debug".into(),
            _ => "trace".into(),
        };
        Self {
            filter,
            json: settings.log_json,
        }
    }

    /// Starts logging for the whole process; a second start changes nothing.
    ///
    /// # Errors
    /// If the filter is not well formed.
    pub fn start(&self) -> Result<(), Failure> {
        let filter = parse(&self.filter).map_err(|reason| {
            Failure::usage(reason).help(
                "a level (error, warn, info, debug, trace), or targets: info,weighhouse_node=debug",
            )
        })?;
        let terminal = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let lines = fmt()
            .with_env_filter(filter)
            .with_ansi(terminal)
            // Who reads the log may go; telling nobody about it would end the thread that tried.
            .log_internal_errors(false)
            .with_writer(std::io::stderr);
        // An error means that this process logs already, as when a test starts two nodes.
        if self.json {
            let lines = lines.json().with_filter_reloading();
            let handle = lines.reload_handle();
            if lines.try_init().is_ok() {
                remember(move |filter| handle.reload(filter).map_err(|error| error.to_string()));
            }
        } else {
            let lines = lines.with_target(false).with_filter_reloading();
            let handle = lines.reload_handle();
            if lines.try_init().is_ok() {
                remember(move |filter| handle.reload(filter).map_err(|error| error.to_string()));
            }
        }
        Ok(())
    }
}

type Change = Box<dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync>;

/// How the filter of this process is changed; set when logging starts.
static CHANGE: OnceLock<Change> = OnceLock::new();

fn remember(change: impl Fn(EnvFilter) -> Result<(), String> + Send + Sync + 'static) {
    // Logging starts once for the process.
    let _ = CHANGE.set(Box::new(change));
}

fn parse(filter: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(filter)
        .map_err(|error| format!("log filter {filter:?} is not well formed: {error}"))
}

/// Changes what is logged from now on.
///
/// # Errors
/// A filter that is not well formed, or a process that logs nothing.
pub fn change(filter: &str) -> Result<(), String> {
    let change = CHANGE.get().ok_or("this process does not log")?;
    change(parse(filter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A filter that nobody understands is refused before anything starts.
    #[test]
    fn bad_filters_are_refused() {
        let logging = Logging {
            filter: "weighhouse_node=loud".into(),
            json: false,
        };
        assert!(logging.start().is_err());
        assert_eq!(Logging::of_verbosity(2, false).filter, "debug");
    }
}
