//! `weighhouse chain`: what the chain is, its head and its blocks.

use super::remote::Remote;
use super::{Context, report};
use crate::clock::format_time;
use crate::output::Failure;
use std::str::FromStr;
use weighhouse_primitives::Timestamp;
use weighhouse_rpc::api::NoParams;
use weighhouse_rpc::api::chain::{ChainBlock, ChainBlocks, Detail};
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
        /// How much of it: header, txs or receipts
        #[arg(long, default_value = "txs", value_parser = ["header", "txs", "receipts"])]
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
