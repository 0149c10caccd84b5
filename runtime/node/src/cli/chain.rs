//! `weighhouse chain`: what the chain is, its head, its blocks, its validators.

use super::remote::Remote;
use super::send::{Done, Plan, SendArgs};
use super::{Context, report};
use crate::clock::format_time;
use crate::output::Failure;
use crate::validator;
use serde_json::json;
use std::str::FromStr;
use weighhouse_primitives::{Action, Timestamp};
use weighhouse_rpc::api::NoParams;
use weighhouse_rpc::api::chain::{ChainBlock, ChainBlocks, ChainValidators, Detail};
use weighhouse_rpc::types::{At, HashHex, HeaderView, Order, U64};

/// Verbs of `weighhouse chain`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// The latest block in short
    Head,
    /// A block: by height, by hash, or the latest
    Block {
        /// Height, hash or latest
        #[arg(default_value = "latest", value_name = "HEIGHT|HASH")]
        block: String,
        /// How much of it: header, hashes, txs or receipts
        #[arg(long, default_value = "txs", value_parser = ["header", "hashes", "txs", "receipts"])]
        detail: String,
    },
    /// Headers in order
    Blocks {
        /// From this height
        #[arg(long, value_name = "HEIGHT")]
        from: Option<u64>,
        /// To this height
        #[arg(long, value_name = "HEIGHT")]
        to: Option<u64>,
        /// Latest first
        #[arg(long)]
        latest: bool,
        /// How many, up to 100
        #[arg(long)]
        limit: Option<u32>,
        /// Where the page starts: the cursor that the page before ended with
        #[arg(long)]
        cursor: Option<String>,
        /// Print new ones as they are made, until stopped
        #[arg(long, conflicts_with_all = ["from", "to", "latest", "limit", "cursor"])]
        follow: bool,
    },
    /// The genesis document and its hash
    Genesis,
    /// Limits and gas schedule
    Params,
    /// Who votes on blocks, as governance has set it
    Validators {
        /// As at this height
        #[arg(long, value_name = "HEIGHT")]
        at: Option<u64>,
    },
    /// Give a validator its voting power, or remove it; only the governor may
    SetValidator(SetValidator),
}

/// Flags of `weighhouse chain set-validator`.
#[derive(Clone, Debug, clap::Args)]
pub struct SetValidator {
    /// Public key of its CometBFT: base64, as in its key file, or 0x and 64 hex digits
    #[arg(value_name = "KEY")]
    key: String,
    /// Its voting power; 0 removes it
    #[arg(long)]
    power: u64,
    /// How it is signed and sent
    #[command(flatten)]
    send: SendArgs,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// The node's.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Blocks { follow: true, .. } => follow_blocks(context),
            Self::Head => {
                let remote = Remote::connect(context)?;
                let head = remote.run(remote.client.chain_head())?;
                let text = format!(
                    "height      {}\nhash        {}\ntime        {}\nstate root  {}\ntxs         {}",
                    head.height,
                    head.hash,
                    format_time(Timestamp(head.time.0)),
                    head.state_root,
                    head.tx_count
                );
                context.output.answer(text, &head);
                Ok(())
            }
            Self::Block { block, detail } => show_block(context, &block, &detail),
            Self::Blocks {
                from,
                to,
                latest,
                limit,
                cursor,
                ..
            } => {
                let remote = Remote::connect(context)?;
                let params = ChainBlocks {
                    from: from.map(U64),
                    to: to.map(U64),
                    order: latest.then_some(Order::Desc),
                    limit,
                    cursor,
                };
                let page = remote.run(remote.client.chain_blocks(&params))?;
                let lines: Vec<String> = page.items.iter().map(line).collect();
                context.output.answer(lines.join("\n"), &page);
                super::more(
                    context,
                    page.items.len(),
                    "blocks",
                    page.next_cursor.as_deref(),
                );
                Ok(())
            }
            Self::Genesis => genesis(context),
            Self::Params => params(context),
            Self::Validators { at } => validators(context, at),
            Self::SetValidator(set) => set.run(context),
        }
    }
}

fn line(header: &HeaderView) -> String {
    format!(
        "{:>8} {} {} {:>5} txs {:>14} gas",
        header.height,
        format_time(Timestamp(header.time.0)),
        header.hash,
        header.tx_count,
        report::thousands(header.gas_used.0)
    )
}

fn show_block(context: &Context, block: &str, detail: &str) -> Result<(), Failure> {
    let detail = match detail {
        "header" => Detail::Header,
        "hashes" => Detail::Hashes,
        "receipts" => Detail::Receipts,
        _ => Detail::Txs,
    };
    let mut params = ChainBlock {
        detail: Some(detail),
        ..ChainBlock::default()
    };
    match (HashHex::from_str(block), At::from_str(block)) {
        (Ok(hash), _) => params.hash = Some(hash),
        (_, Ok(at)) => params.height = Some(at),
        _ => {
            return Err(
                Failure::usage(format!("{block} is neither a height nor a hash"))
                    .help("write a number, 0x and 64 hex digits, or latest"),
            );
        }
    }
    let remote = Remote::connect(context)?;
    let view = remote.run(remote.client.chain_block(&params))?;
    let header = &view.header;
    let mut lines = vec![
        format!("height         {}", header.height),
        format!("hash           {}", header.hash),
        format!("previous       {}", header.previous),
        format!("time           {}", format_time(Timestamp(header.time.0))),
        format!("state root     {}", header.state_root),
        format!("tx root        {}", header.tx_root),
        format!("receipts root  {}", header.receipts_root),
        format!("gas used       {}", report::thousands(header.gas_used.0)),
        format!("transactions   {}", header.tx_count),
    ];
    let receipts = view.receipts.as_deref().unwrap_or_default();
    for (index, tx) in view.transactions.iter().flatten().enumerate() {
        let outcome = receipts
            .get(index)
            .map_or("", |receipt| receipt.outcome.kind());
        let signer = report::name(&remote, &tx.signer.0);
        lines.push(
            format!("  {} {signer} {outcome}", tx.hash)
                .trim_end()
                .to_owned(),
        );
    }
    let failed = view.failed.as_deref().unwrap_or_default();
    for (place, hash) in (0..).zip(view.hashes.iter().flatten()) {
        let outcome = if failed.contains(&place) {
            " failed"
        } else {
            ""
        };
        lines.push(format!("  {hash}{outcome}"));
    }
    context.output.answer(lines.join("\n"), &view);
    Ok(())
}

fn follow_blocks(context: &Context) -> Result<(), Failure> {
    let remote = Remote::connect_live(context)?;
    let mut stream = remote.run(remote.client.chain_subscribe_heads(&NoParams {}))?;
    while let Some(header) = remote.block_on(stream.next()) {
        let header = header?;
        if context.output.item(line(&header), &header).is_err() {
            return Ok(());
        }
    }
    Err(Failure::failed("the node ended the stream").help("see whether it runs: weighhouse doctor"))
}

fn genesis(context: &Context) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let genesis = remote.run(remote.client.chain_genesis())?;
    let text = format!(
        "name         {}\nhash         {}\nprefix       {}\ndevelopment  {}\nprotocol     {}\ntime         {}",
        genesis.name,
        genesis.hash,
        genesis.prefix,
        if genesis.development { "yes" } else { "no" },
        genesis.protocol,
        format_time(Timestamp(genesis.time.0))
    );
    context.output.answer(text, &genesis);
    Ok(())
}

impl SetValidator {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let key = validator::key(&self.key).ok_or_else(|| {
            Failure::usage(format!("{} is no public key of a validator", self.key))
                .help("it is pub_key.value in config/priv_validator_key.json of its CometBFT")
        })?;
        let remote = Remote::connect(context)?;
        let power = self.power;
        let plan = Plan {
            action: Action::SetValidator { key, power },
            label: "change of validators".into(),
        };
        let Done::Executed(done) = self.send.run(context, &remote, plan)? else {
            return Ok(());
        };
        let document = json!({
            "key": validator::hex(key), "power": power.to_string(),
            "hash": done.hash, "height": done.height.to_string(),
        });
        let text = format!(
            "the validator votes with power {power} from height {} on",
            done.height.saturating_add(2)
        );
        context.output.answer(text, &document);
        Ok(())
    }
}

fn validators(context: &Context, at: Option<u64>) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let at = at.map(At::Height);
    let view = remote.run(remote.client.chain_validators(&ChainValidators { at }))?;
    let lines: Vec<String> = view
        .validators
        .iter()
        .map(|one| {
            format!(
                "{:>14}  {}",
                one.power,
                validator::base64(one.key.0.as_bytes())
            )
        })
        .collect();
    if lines.is_empty() {
        let none =
            "the genesis names no validators: they are those of the consensus engine's own genesis";
        context.output.note(none);
    }
    context.output.answer(lines.join("\n"), &view);
    Ok(())
}

fn params(context: &Context) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let info = &remote.info;
    let mut lines = vec![format!("protocol {}", info.protocol), "limits".into()];
    for (name, limit) in &info.limits {
        lines.push(format!("  {name:<32} {}", report::thousands(limit.0)));
    }
    lines.push("gas of host functions".into());
    for row in &info.gas_schedule {
        lines.push(format!(
            "  {:<32} {} + {} per byte",
            row.function, row.base, row.per_byte
        ));
    }
    context.output.answer(lines.join("\n"), info);
    Ok(())
}
