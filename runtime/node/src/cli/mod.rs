//! The command tree: one file for each noun, one line for each noun in [`Command`].
//!
//! A noun's file has an `Args` (a struct, or an enum of verbs) with `run(self, &Context)`. To add a
//! command: the file, its `mod` line, its variant, its arm in `Command::run`. Commands return a
//! [`Failure`] instead of printing errors, and print through [`Context::output`] only.

pub mod account;
pub mod bench;
pub mod book;
pub mod chain;
pub mod codec;
pub mod completion;
pub mod config;
pub mod contract;
pub mod contract_bindings;
pub mod contract_build;
pub mod contract_call;
pub mod contract_deploy;
pub mod contract_look;
pub mod contract_template;
pub mod contract_test;
pub mod contract_verify;
pub mod demo;
pub mod dev;
pub mod devnet;
pub mod docs;
pub mod doctor;
pub mod env;
pub mod event;
pub mod explain;
pub mod key;
pub mod key_message;
pub mod localnet;
pub mod names;
pub mod node;
pub mod passphrase;
pub mod place;
pub mod remote;
pub mod report;
pub mod rpc;
pub mod send;
pub mod state;
pub mod tx;
pub mod tx_look;

mod context;
mod contract_help;
mod contract_plan;
mod contract_words;
mod file;
mod key_file;
mod node_admin;
mod node_api_key;
mod node_diff;
mod node_export;
mod node_repair;
mod state_proof;
mod tx_text;

pub use context::Context;

use crate::output::{Color, Exit, Failure, Output};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Wasm smart contracts for digital financial assets: node, devnet and tools.
#[derive(Debug, Parser)]
#[command(
    name = "weighhouse",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// The flags that every command has.
    #[command(flatten)]
    pub global: Global,
    /// The noun.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command has.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Network from networks.toml in the configuration folder
    #[arg(long, global = true, value_name = "NAME", env = "WEIGHHOUSE_NETWORK")]
    pub network: Option<String>,
    /// URL of the node's JSON-RPC [default: `http://127.0.0.1:8735/rpc`]
    #[arg(long, global = true, value_name = "URL", env = "WEIGHHOUSE_RPC")]
    pub rpc: Option<String>,
    /// Certificates in PEM of the authorities that are believed of an https URL [default: the system's]
    #[arg(long, global = true, value_name = "FILE", env = "WEIGHHOUSE_CA")]
    pub ca: Option<PathBuf>,
    /// File whose first line is the API key that the node asks for
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "WEIGHHOUSE_API_KEY_FILE"
    )]
    pub api_key_file: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, global = true, env = "WEIGHHOUSE_JSON", value_parser = clap::builder::FalseyValueParser::new())]
    pub json: bool,
    /// Print nothing but the answer
    #[arg(long, short, global = true, env = "WEIGHHOUSE_QUIET", value_parser = clap::builder::FalseyValueParser::new())]
    pub quiet: bool,
    /// Log more; repeat for still more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to colour
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "WEIGHHOUSE_COLOR"
    )]
    pub color: Color,
    /// Do not ask before changing something
    #[arg(long, short, global = true, env = "WEIGHHOUSE_YES", value_parser = clap::builder::FalseyValueParser::new())]
    pub yes: bool,
    /// Show every request to the node as the curl line that makes it
    #[arg(long, global = true, env = "WEIGHHOUSE_TEACH", value_parser = clap::builder::FalseyValueParser::new())]
    pub teach: bool,
    /// Folder of keys, address book and networks [default: ~/.config/weighhouse]
    #[arg(long, global = true, value_name = "DIR", env = "WEIGHHOUSE_CONFIG_DIR")]
    pub config_dir: Option<PathBuf>,
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Stories on a real node, each with checks: an issuance, an export under a credit, rights in land
    Demo(demo::Args),
    /// Load programs: load
    #[command(subcommand)]
    Bench(bench::Args),
    /// Start a development network: everything open, test accounts, blocks on demand
    Devnet(devnet::Args),
    /// Run a node: init, start, config, status, verify, repair, replay, backup, restore, export, quarantine, api-key
    #[command(subcommand)]
    Node(node::Args),
    /// Several validators of one chain on this machine: init, start, stop, logs
    #[command(subcommand)]
    Localnet(localnet::Args),
    /// Contracts: new, build, check, test, upload, deploy, call, query, upgrade, info, list, verify, schema, bindings, events
    #[command(subcommand)]
    Contract(contract::Args),
    /// Transactions: build, simulate, sign, send, wait, show, list, decode
    #[command(subcommand)]
    Tx(tx::Args),
    /// Keys: new, import, list, show, export, passwd, remove, sign, verify, policy
    #[command(subcommand)]
    Key(key::Args),
    /// Address book: names usable wherever an address is
    #[command(subcommand)]
    Book(book::Args),
    /// Accounts: show
    #[command(subcommand)]
    Account(account::Args),
    /// The chain: head, block, blocks, genesis, params
    #[command(subcommand)]
    Chain(chain::Args),
    /// State: get, list, root, proof, verify-proof
    #[command(subcommand)]
    State(state::Args),
    /// Events: list, follow
    #[command(subcommand)]
    Event(event::Args),
    /// Development networks: mine, time, blocks, snapshot, revert, act-as, reset
    #[command(subcommand)]
    Dev(dev::Args),
    /// Any JSON-RPC method
    Rpc(rpc::Args),
    /// JSON to SCALE and back, without a node
    #[command(subcommand)]
    Codec(codec::Args),
    /// What a code or name means, and what to do
    Explain(explain::Args),
    /// Check the surroundings: compiler, target, folders, node
    Doctor(doctor::Args),
    /// Environment variables that stand for flags
    Env(env::Args),
    /// Configuration: show, set, path
    #[command(subcommand)]
    Config(config::Args),
    /// Script that lets a shell complete commands
    Completion(completion::Args),
    /// The manual, without a network: list, read or write its pages
    Docs(docs::Args),
}

impl Command {
    fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Demo(args) => args.run(context),
            Self::Bench(args) => args.run(context),
            Self::Devnet(args) => args.run(context),
            Self::Node(args) => args.run(context),
            Self::Localnet(args) => args.run(context),
            Self::Contract(args) => args.run(context),
            Self::Tx(args) => args.run(context),
            Self::Account(args) => args.run(context),
            Self::Chain(args) => args.run(context),
            Self::State(args) => args.run(context),
            Self::Event(args) => args.run(context),
            Self::Dev(args) => args.run(context),
            Self::Rpc(args) => args.run(context),
            Self::Codec(args) => args.run(context),
            Self::Doctor(args) => args.run(context),
            Self::Env(args) => args.run(context),
            Self::Config(args) => args.run(context),
            Self::Key(args) => args.run(context),
            Self::Book(args) => args.run(context),
            Self::Explain(args) => args.run(context),
            Self::Completion(args) => args.run(context),
            Self::Docs(args) => args.run(context),
        }
    }
}

/// Parses the command line, runs it, prints what went wrong and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, typed(&matches, "network"), typed(&matches, "rpc")))
    });
    let (mut cli, network, rpc) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error),
    };
    if network && !rpc {
        // What is typed beats what is set: WEIGHHOUSE_RPC must not send it to another chain.
        cli.global.rpc = None;
    }
    let context = Context::new(cli.global);
    match cli.command.run(&context) {
        Ok(()) => Output::end().into(),
        Err(failure) => {
            context.output.failure(&failure);
            failure.exit().into()
        }
    }
}

/// True if the flag was typed, at any level of the command; a default or the environment is not.
fn typed(matches: &clap::ArgMatches, flag: &str) -> bool {
    let source = matches.try_contains_id(flag).ok();
    let source = source.and_then(|_| matches.value_source(flag));
    let below = matches
        .subcommand()
        .is_some_and(|(_, below)| typed(below, flag));
    source == Some(clap::parser::ValueSource::CommandLine) || below
}

/// Says how a page ends: with nothing, or with where the next one starts.
pub(crate) fn more(context: &Context, items: usize, what: &str, next: Option<&str>) {
    match next {
        _ if context.global.json => {}
        Some(cursor) => context.output.note(format!("more: --cursor {cursor}")),
        None if items == 0 => context.output.note(format!("no {what}")),
        None => {}
    }
}

/// The whole command tree, for completion scripts and the reference page.
#[must_use]
pub fn tree() -> clap::Command {
    Cli::command()
}

/// What clap has to say: help and version are answers, the rest is usage (exit code 2).
fn usage(error: &clap::Error) -> ExitCode {
    let answer = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let json = std::env::args_os().any(|argument| argument == "--json");
    if answer || !json {
        let _ = error.print();
        return if answer { Exit::Done } else { Exit::Usage }.into();
    }
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("the command line is not understood");
    let failure = Failure::usage(first.trim_start_matches("error: "));
    let output = Output {
        json: true,
        ..Output::default()
    };
    output.failure(
        &lines
            .fold(failure, Failure::detail)
            .help("weighhouse --help"),
    );
    Exit::Usage.into()
}
