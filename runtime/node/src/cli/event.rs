//! `weighhouse event`: events, listed and live.

use super::Context;
use super::remote::Remote;
use super::report;
use crate::output::Failure;
use serde_json::{Map, Value, json};
use weighhouse_rpc::api::event::{EventList, EventMessage, EventSubscribe};
use weighhouse_rpc::types::{EventItem, HashHex, Order, U64};

/// Verbs of `weighhouse event`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// List events
    List(EventArgs),
    /// Print events as they become durable, until stopped
    Follow(EventArgs),
}

/// Which events.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct EventArgs {
    /// Of this contract: address or name
    #[arg(long, value_name = "WHERE")]
    pub contract: Option<String>,
    /// Of this name
    #[arg(long, value_name = "EVENT")]
    pub name: Option<String>,
    /// Whose field has this value, as the event shows it; repeat for several
    #[arg(long = "field", value_name = "NAME=VALUE")]
    pub fields: Vec<String>,
    /// Of this transaction (list only)
    #[arg(long, value_name = "0x...")]
    pub tx: Option<HashHex>,
    /// From this height (list only)
    #[arg(long, value_name = "HEIGHT")]
    pub from: Option<u64>,
    /// To this height (list only)
    #[arg(long, value_name = "HEIGHT")]
    pub to: Option<u64>,
    /// Latest first (list only)
    #[arg(long)]
    pub latest: bool,
    /// How many, up to 100 (list only)
    #[arg(long)]
    pub limit: Option<u32>,
    /// Strictly after this event: its cursor
    #[arg(long)]
    pub cursor: Option<String>,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// The node's.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(context, args),
            Self::Follow(args) => follow(context, args),
        }
    }
}

/// Lists one page of events.
///
/// # Errors
/// The node's.
pub fn list(context: &Context, args: EventArgs) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let params = EventList {
        contract: contract(&remote, args.contract.as_deref())?,
        name: args.name.clone(),
        fields: fields(&remote, &args.fields)?,
        tx: args.tx,
        from: args.from.map(U64),
        to: args.to.map(U64),
        order: args.latest.then_some(Order::Desc),
        limit: args.limit,
        cursor: args.cursor.clone(),
    };
    let page = remote.run(remote.client.event_list(&params))?;
    let lines: Vec<String> = page.items.iter().map(|item| line(&remote, item)).collect();
    context.output.answer(lines.join("\n"), &page);
    super::more(
        context,
        page.items.len(),
        "events",
        page.next_cursor.as_deref(),
    );
    Ok(())
}

/// Follows events until the stream or the reader of stdout ends; resumes by itself when too slow.
///
/// # Errors
/// The node's.
pub fn follow(context: &Context, args: EventArgs) -> Result<(), Failure> {
    let remote = Remote::connect_live(context)?;
    let mut params = EventSubscribe {
        contract: contract(&remote, args.contract.as_deref())?,
        name: args.name.clone(),
        fields: fields(&remote, &args.fields)?,
        resume_cursor: args.cursor.clone(),
    };
    loop {
        let mut stream = remote.run(remote.client.event_subscribe(&params))?;
        params.resume_cursor = loop {
            match remote.block_on(stream.next()).transpose()? {
                None => {
                    return Err(Failure::failed("the node ended the stream").help_if(
                        params
                            .resume_cursor
                            .map(|cursor| format!("go on with --cursor {cursor}")),
                    ));
                }
                Some(EventMessage::Event(item)) => {
                    params.resume_cursor = Some(item.cursor.clone());
                    if context.output.item(line(&remote, &item), &item).is_err() {
                        return Ok(());
                    }
                }
                Some(EventMessage::Lagged { resume_cursor }) => break Some(resume_cursor),
            }
        };
    }
}

fn contract(
    remote: &Remote,
    text: Option<&str>,
) -> Result<Option<weighhouse_rpc::types::AddressText>, Failure> {
    let address = text.map(|text| remote.names.address(text)).transpose()?;
    Ok(address.map(|address| remote.text(&address)))
}

/// `name=value` pairs; a value is JSON if it reads as such, a name of an account becomes its address.
fn fields(
    remote: &Remote,
    pairs: &[String],
) -> Result<Option<weighhouse_rpc::types::Json>, Failure> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let mut object = Map::new();
    for pair in pairs {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--field {pair} has no ="))
                .help("write --field to=bob; names are in contract schema WHERE")
        })?;
        let value = match remote.names.resolve(value) {
            Ok(address) => json!(remote.text(&address)),
            Err(_) => serde_json::from_str::<Value>(value)
                .ok()
                .filter(|value| !value.is_number())
                .unwrap_or_else(|| json!(value)),
        };
        object.insert(name.into(), value);
    }
    Ok(Some(Value::Object(object).into()))
}

fn line(remote: &Remote, item: &EventItem) -> String {
    let what = match (&item.name, &item.data) {
        (Some(name), Some(data)) => format!(
            "{name} {}",
            report::compact(&report::named(remote, &data.0))
        ),
        _ => format!("{:#010x} {}", item.kind, item.raw),
    };
    format!(
        "{:>6} {:>4} {:<18} {what}",
        item.height,
        format!("{}.{}", item.tx_index, item.index),
        report::name(remote, &item.contract.0)
    )
}
