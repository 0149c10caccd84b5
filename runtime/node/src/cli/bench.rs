//! `weighhouse bench`: what a node takes, measured from outside.

use super::Context;
use crate::bench::{self, Load, Mix, gas, work};
use crate::output::Failure;
use std::path::PathBuf;
use std::time::Duration;

/// Verbs of `weighhouse bench`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Send signed transactions and measure how many become durable, and how fast
    Load(LoadArgs),
    /// Measure how long a gas takes, for every operator class and host function
    Gas(GasArgs),
    /// Do the same work in every run, for tools that count instructions
    Work(WorkArgs),
}

/// Flags of `weighhouse bench work`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct WorkArgs {
    /// How often each piece is done
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    times: u32,
}

/// Flags of `weighhouse bench gas`. It runs on a chain of its own and needs a quiet machine.
#[derive(Clone, Debug, clap::Args)]
pub struct GasArgs {
    /// Only what has this in its name, for example `storage_get`
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Seconds to measure each class for
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=600))]
    seconds: u64,
    /// Fail if a price lies outside 3 times the median
    #[arg(long)]
    check: bool,
}

/// Flags of `weighhouse bench load`. Without --rpc it starts a node of its own.
#[derive(Clone, Debug, clap::Args)]
pub struct LoadArgs {
    /// Transactions a second; 0 is as fast as the node takes them
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=1_000_000))]
    rate: u64,
    /// Seconds to send for
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1_800))]
    duration: u64,
    /// Most requests altogether
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    count: u64,
    /// HTTP connections
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    connections: u16,
    /// Requests of a JSON-RPC batch
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=50))]
    batch: u16,
    /// Token accounts to make first
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=20_000_000))]
    accounts: u32,
    /// Accounts that sign
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    signers: u32,
    /// Shares of what is sent
    #[arg(long, value_name = "SHARES", default_value = "transfer=100")]
    mix: Mix,
    /// Hostile requests among a thousand
    #[arg(long, value_name = "PER MILLE", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=900))]
    hostile: u32,
    /// Connections that ask for balances meanwhile, one query after the other
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=128))]
    queries: u16,
    /// Transactions that are sent and not yet durable, at most
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(50..=90_000))]
    in_flight: u32,
    /// Requests to sign before the clock starts, at most; about 1 KiB of memory each
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    prepared: u32,
    /// Write hash and height of every durable transaction to this file, one in a line
    #[arg(long, value_name = "FILE")]
    acks: Option<PathBuf>,
    /// Decides who sends what to whom
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// Usage, a node that fails, hostile input that was taken, accepted input that was lost.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Load(args) => load(context, args),
            Self::Gas(args) => gas::run(
                context,
                &gas::Asked {
                    only: args.only,
                    time: Duration::from_secs(args.seconds),
                    check: args.check,
                },
            ),
            Self::Work(args) => work::run(context, args.times),
        }
    }
}

fn load(context: &Context, args: LoadArgs) -> Result<(), Failure> {
    let named = context.global.rpc.is_some() || context.global.network.is_some();
    let url = if named {
        Some(context.rpc_url()?)
    } else {
        None
    };
    let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    if args.signers > args.accounts {
        return Err(Failure::usage("--signers is more than --accounts")
            .help("the accounts that sign are some of all accounts"));
    }
    bench::run(
        context,
        &Load {
            url,
            rate: args.rate,
            duration: Duration::from_secs(args.duration),
            count: args.count,
            connections: args.connections.into(),
            batch: args.batch.into(),
            accounts: number(args.accounts),
            signers: number(args.signers),
            mix: args.mix,
            hostile: args.hostile,
            queries: args.queries.into(),
            in_flight: number(args.in_flight).max(args.batch.into()),
            prepared: number(args.prepared),
            acknowledgements: args.acks,
            seed: args.seed,
        },
    )
}
