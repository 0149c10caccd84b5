//! `weighhouse dev`: blocks, clock and snapshots of a development network.

use super::place::Place;
use super::remote::Remote;
use super::send::{self, Done};
use super::{Context, contract_words, report};
use crate::clock::{format_time, parse_time};
use crate::output::Failure;
use serde_json::{Value, json};
use weighhouse_primitives::Timestamp;
use weighhouse_primitives::schema::EntryKind;
use weighhouse_rpc::api::dev::{
    DevActAs, DevAdvanceTime, DevMine, DevRevert, DevSetBlocks, DevSetTime,
};
use weighhouse_rpc::types::{ActionView, U64};

/// Verbs of `weighhouse dev`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Make blocks now
    Mine {
        /// How many
        #[arg(default_value_t = 1)]
        blocks: u32,
    },
    /// The clock
    #[command(subcommand)]
    Time(Time),
    /// When blocks are made: auto, manual, 2s or mixed:2s
    Blocks {
        /// The mode
        mode: String,
    },
    /// Remember the present state
    Snapshot,
    /// Return to a remembered state
    Revert {
        /// What snapshot printed
        id: u64,
    },
    /// Call an entry point in somebody's name, without a signature
    ActAs {
        /// In whose name: address or name
        #[arg(value_name = "WHO")]
        who: String,
        /// The contract: address or name
        #[arg(value_name = "WHERE")]
        place: String,
        /// Entry point and its arguments
        #[arg(last = true, required = true, value_name = "ENTRY_POINT --arg value")]
        words: Vec<String>,
    },
    /// Return to the genesis state
    Reset,
}

/// Verbs of `weighhouse dev time`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Time {
    /// Set the clock, for example to 2026-01-12T06:00:00Z
    Set {
        /// The time
        time: String,
    },
    /// Move the clock forward, for example by 90s, 15m, 12h or 5d
    Advance {
        /// By how much
        by: String,
    },
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// The node's; these methods exist on development networks only.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let remote = Remote::connect(context)?;
        if !remote.info.development {
            return Err(Failure::usage(format!(
                "{} is not a development network",
                remote.info.chain_id
            ))
            .help("start one with  weighhouse devnet"));
        }
        let client = &remote.client;
        match self {
            Self::Mine { blocks } => {
                let params = DevMine {
                    blocks: Some(blocks),
                };
                let now = remote.run(client.dev_mine(&params))?;
                context.output.answer(now.height.to_string(), &now);
            }
            Self::Time(Time::Set { time }) => {
                let time = parse_time(&time).map_err(|error| {
                    Failure::usage(error.to_string()).help("write 2026-01-12T06:00:00Z or seconds")
                })?;
                let params = DevSetTime { time: time.into() };
                let now = remote.run(client.dev_set_time(&params))?;
                context
                    .output
                    .answer(format_time(Timestamp(now.time.0)), &now);
            }
            Self::Time(Time::Advance { by }) => {
                let seconds = parse_duration(&by).ok_or_else(|| {
                    Failure::usage(format!("{by} is not a length of time"))
                        .help("write 90s, 15m, 12h or 5d")
                })?;
                let params = DevAdvanceTime {
                    seconds: U64(seconds),
                };
                let now = remote.run(client.dev_advance_time(&params))?;
                context
                    .output
                    .answer(format_time(Timestamp(now.time.0)), &now);
            }
            Self::Blocks { mode } => {
                let now = remote.run(client.dev_set_blocks(&DevSetBlocks { mode }))?;
                context.output.answer(&now.mode, &now);
            }
            Self::Snapshot => {
                let taken = remote.run(client.dev_snapshot())?;
                context.output.note(format!("height {}", taken.height));
                context.output.answer(taken.id.to_string(), &taken);
            }
            Self::Revert { id } => {
                let now = remote.run(client.dev_revert(&DevRevert { id: U64(id) }))?;
                context.output.answer(now.height.to_string(), &now);
            }
            Self::ActAs { who, place, words } => act_as(context, &remote, &who, &place, &words)?,
            Self::Reset => {
                context.confirm("forget every block of this development network?")?;
                let now = remote.run(client.dev_reset())?;
                context.output.answer(now.height.to_string(), &now);
            }
        }
        Ok(())
    }
}

fn act_as(
    context: &Context,
    remote: &Remote,
    who: &str,
    place: &str,
    words: &[String],
) -> Result<(), Failure> {
    let from = remote.names.address(who)?;
    let place = Place::find(remote, place)?;
    let schema = &place.interface.schema;
    let asked = contract_words::request(schema, words, &[EntryKind::Call], "call")?;
    let contract_words::Request::Run(entry, words) = asked else {
        super::contract_call::helped(context, &place.interface, &asked);
        return Ok(());
    };
    let unit = place.unit(remote);
    let args = contract_words::arguments(entry, words, &remote.names, unit)?;
    let params = DevActAs {
        from: remote.text(&from),
        action: ActionView::Call {
            contract: remote.text(&place.address),
            entry_point: Some(entry.name.clone()),
            args: Some(Value::Object(args).into()),
            input: None,
        },
        gas_limit: None,
    };
    let sent = remote.run(remote.client.dev_act_as(&params))?;
    let until = remote.block_time()?.saturating_add(60);
    let label = format!(
        "{}.{} as {}",
        place.name,
        entry.name,
        report::name(remote, &remote.text(&from).0)
    );
    if let Done::Executed(done) = send::wait_for(context, remote, sent.hash, until, &label)? {
        let document =
            json!({"hash": done.hash, "height": done.height.to_string(), "receipt": done.receipt});
        context.output.answer(done.hash.to_string(), &document);
    }
    Ok(())
}

/// `90`, `90s`, `15m`, `12h`, `5d` in seconds.
fn parse_duration(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: lengths of time are read in every unit and nothing else.
    #[test]
    fn lengths_of_time() {
        assert_eq!(parse_duration("90"), Some(90));
        assert_eq!(parse_duration("15m"), Some(900));
        assert_eq!(parse_duration("5d"), Some(432_000));
        for text in ["", "m", "1w", "-1s", "1.5h", "99999999999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
