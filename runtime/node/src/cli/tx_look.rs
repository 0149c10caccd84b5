//! `weighhouse tx show`, `list`, `wait` and `decode`.

use super::remote::Remote;
use super::tx_text::{as_command, describe, describe_transaction, value};
use super::{Context, report, tx};
use crate::output::Failure;
use crate::tx_file::TxFile;
use parity_scale_codec::Encode;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use weighhouse_rpc::api::tx::{ByHash, TxDecode, TxList};
use weighhouse_rpc::types::{HashHex, Hex, Order, TxState, U64};

/// Flags of `weighhouse tx show`.
#[derive(Clone, Debug, clap::Args)]
pub struct ShowArgs {
    /// Hash of a transaction, or a transaction file
    #[arg(value_name = "HASH|FILE")]
    tx: String,
    /// Show the call tree
    #[arg(long)]
    trace: bool,
    /// Show what changed, by key
    #[arg(long)]
    changes: bool,
    /// Show the command that does the same again
    #[arg(long)]
    as_command: bool,
}

impl ShowArgs {
    /// Shows a transaction.
    ///
    /// # Errors
    /// Nothing known of it, or the node's answer.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if Path::new(&self.tx).is_file() {
            return show_file(context, Path::new(&self.tx), self.as_command);
        }
        let hash = tx::hash(&self.tx)?;
        let remote = Remote::connect(context)?;
        let status = remote.run(remote.client.tx_get(&ByHash { hash }))?;
        if status.status == TxState::Unknown {
            return Err(unknown(hash));
        }
        if let (true, Some(transaction)) = (self.as_command, &status.transaction) {
            let command = as_command(transaction);
            context
                .output
                .answer(&command, &json!({ "command": command }));
            return Ok(());
        }
        let mut document = json!(status);
        let mut text = describe(&remote, &status);
        if self.trace || self.changes {
            let trace = remote.run(remote.client.tx_trace(&ByHash { hash }))?;
            if self.trace {
                for frame in &trace.frames {
                    let depth = usize::try_from(frame.depth).unwrap_or(0);
                    let args = frame.args.as_ref().map(|args| report::compact(&args.0));
                    text.push_str(&format!(
                        "\n{:indent$}{}.{} {}  {}  {} gas",
                        "",
                        report::name(&remote, &frame.contract.0),
                        frame.entry_point.as_deref().unwrap_or("?"),
                        args.unwrap_or_default(),
                        frame.outcome.kind(),
                        report::thousands(frame.gas_used.0),
                        indent = depth.saturating_mul(2).saturating_add(2),
                    ));
                }
                document["frames"] = json!(trace.frames);
            }
            if self.changes {
                for change in &trace.changes {
                    let (old, new) = (
                        value(&change.old_value, &change.old),
                        value(&change.new_value, &change.new),
                    );
                    let key = change
                        .cell_key
                        .as_ref()
                        .map(|key| format!("[{}]", report::compact(&key.0)));
                    let cell = change
                        .cell
                        .clone()
                        .unwrap_or_else(|| change.key.to_string());
                    text.push_str(&format!(
                        "\n  {cell}{}  {old} -> {new}",
                        key.unwrap_or_default()
                    ));
                }
                document["changes"] = json!(trace.changes);
            }
        }
        context.output.answer(text, &document);
        Ok(())
    }
}

fn unknown(hash: HashHex) -> Failure {
    Failure::answered(1201, "not_found", format!("the node does not know {hash}"))
        .help("check the hash and the network; what was refused or dropped is not kept")
}

fn show_file(context: &Context, path: &Path, command: bool) -> Result<(), Failure> {
    let file = TxFile::read(path)?;
    let remote = Remote::connect(context)?;
    let params = TxDecode {
        tx: Hex(file.payload().encode()),
    };
    let view = remote.run(remote.client.tx_decode(&params))?;
    if command {
        let command = as_command(&view);
        context
            .output
            .answer(&command, &json!({ "command": command }));
        return Ok(());
    }
    let (have, need) = file.progress();
    let mut lines = vec![format!(
        "hash         {}  (compare aloud)",
        file.payload().hash()
    )];
    lines.extend(describe_transaction(&remote, &view));
    let need = need.map_or_else(|| "?".into(), |need| need.to_string());
    lines.push(format!("signatures   {have} of {need}"));
    lines.extend(file.signed_by().map(|key| format!("signed by    {key}")));
    context.output.answer(
        lines.join("\n"),
        &json!({ "transaction": view, "file": file }),
    );
    Ok(())
}

/// Decodes transaction bytes.
///
/// # Errors
/// The node's.
pub(super) fn decode(context: &Context, tx: Hex) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let view = remote.run(remote.client.tx_decode(&TxDecode { tx }))?;
    let mut lines = vec![format!("hash         {}", view.hash)];
    lines.extend(describe_transaction(&remote, &view));
    context.output.answer(lines.join("\n"), &view);
    Ok(())
}

/// Waits for a transaction; exit code 0 says that it is durable, however it ended.
///
/// # Errors
/// A time-out, a transaction that nobody knows, or the node's.
pub(super) fn wait(context: &Context, hash: HashHex, timeout: u64) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let status = remote.run(remote.client.wait(hash, Duration::from_secs(timeout)))?;
    match status.status {
        TxState::Committed => {
            context.output.answer(describe(&remote, &status), &status);
            Ok(())
        }
        TxState::Pending => Err(Failure::failed(format!(
            "{hash} still waits for a block after {timeout} s"
        ))
        .data("status", "pending")
        .help("wait again; the same bytes cannot execute twice, so sending them again is safe")),
        TxState::Unknown => Err(unknown(hash)),
    }
}

/// Flags of `weighhouse tx list`.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArgs {
    /// Signed by this account: address or name
    #[arg(long, value_name = "WHO")]
    account: Option<String>,
    /// Called, deployed or upgraded this contract: address or name
    #[arg(long, value_name = "WHERE")]
    contract: Option<String>,
    /// Called this entry point
    #[arg(long)]
    entry_point: Option<String>,
    /// Ended so
    #[arg(long, value_parser = ["Succeeded", "Reverted", "Halted"])]
    outcome: Option<String>,
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
}

impl ListArgs {
    /// Prints one page of transactions.
    ///
    /// # Errors
    /// The node's.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let remote = Remote::connect(context)?;
        let address = |text: Option<&str>| {
            let address = text.map(|text| remote.names.address(text)).transpose()?;
            Ok::<_, Failure>(address.map(|address| remote.text(&address)))
        };
        let params = TxList {
            account: address(self.account.as_deref())?,
            contract: address(self.contract.as_deref())?,
            entry_point: self.entry_point,
            outcome: self.outcome,
            from: self.from.map(U64),
            to: self.to.map(U64),
            order: self.latest.then_some(Order::Desc),
            limit: self.limit,
            cursor: self.cursor,
        };
        let page = remote.run(remote.client.tx_list(&params))?;
        let mut lines = Vec::new();
        for item in &page.items {
            let place = item
                .block
                .as_ref()
                .map(|block| format!("{}.{}", block.height, block.index));
            let contract = item
                .contract
                .as_ref()
                .map(|contract| report::name(&remote, &contract.0));
            lines.push(format!(
                "{:>8} {:<10} {} {} {} {}",
                place.unwrap_or_else(|| "-".into()),
                item.outcome.as_deref().unwrap_or("pending"),
                item.hash,
                item.action,
                contract.unwrap_or_default(),
                item.entry_point.as_deref().unwrap_or_default(),
            ));
        }
        context.output.answer(lines.join("\n"), &page);
        super::more(
            context,
            page.items.len(),
            "transactions",
            page.next_cursor.as_deref(),
        );
        Ok(())
    }
}
