//! `weighhouse contract info`, `list`, `schema` and `events`.

use super::Context;
use super::contract_help as help;
use super::event::{self, EventArgs};
use super::place::{Place, module};
use super::remote::Remote;
use crate::output::Failure;
use serde_json::json;
use weighhouse_rpc::api::contract::{ContractAt, ContractList};
use weighhouse_rpc::types::{At, ContractInfo, HashHex};

/// Flags of `weighhouse contract info`.
#[derive(Clone, Debug, clap::Args)]
pub struct InfoArgs {
    /// The contract: address or name
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// At this height [default: the latest]
    #[arg(long, value_name = "HEIGHT")]
    pub at: Option<At>,
}

impl InfoArgs {
    /// Prints what the chain knows of a contract.
    ///
    /// # Errors
    /// The node's.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let remote = Remote::connect(context)?;
        let address = remote.names.address(&self.place)?;
        let params = ContractAt {
            address: remote.text(&address),
            at: self.at,
        };
        let info = remote.run(remote.client.contract_info(&params))?;
        context.output.answer(describe(&remote, &info)?, &info);
        Ok(())
    }
}

fn describe(remote: &Remote, info: &ContractInfo) -> Result<String, Failure> {
    let show = |text| Ok::<_, Failure>(remote.names.show(&remote.address(text)?));
    let admin = match &info.admin {
        Some(admin) => show(admin)?,
        None => "nobody".into(),
    };
    let state = json!(info.state);
    Ok(format!(
        "address      {}\ncontract     {} {}\ncode         {}\ndeployer     {}\ndeployed at  {}\nadmin        {admin}\nupgrades     {}\nstate        {}{}",
        show(&info.address)?,
        info.name,
        info.version,
        info.code_hash,
        show(&info.deployer)?,
        info.deployed_at,
        info.upgrades,
        state.as_str().unwrap_or_default(),
        match info.interfaces.as_slice() {
            [] => String::new(),
            served => format!("\nserves       {}", served.join(", ")),
        },
    ))
}

/// Flags of `weighhouse contract list`.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArgs {
    /// Only contracts whose schema has this name
    #[arg(long)]
    pub name: Option<String>,
    /// Only contracts that serve this interface of the contract library, for example Holds
    #[arg(long, value_name = "NAME")]
    pub interface: Option<String>,
    /// Only contracts of this code
    #[arg(long, value_name = "0x...")]
    pub code_hash: Option<HashHex>,
    /// Only contracts deployed by this account
    #[arg(long, value_name = "WHO")]
    pub deployer: Option<String>,
    /// How many, up to 100
    #[arg(long)]
    pub limit: Option<u32>,
    /// Where the page starts: the cursor that the page before ended with
    #[arg(long)]
    pub cursor: Option<String>,
}

impl ListArgs {
    /// Prints one page of contracts.
    ///
    /// # Errors
    /// The node's.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let remote = Remote::connect(context)?;
        let deployer = self.deployer.as_deref();
        let deployer = deployer.map(|who| remote.names.address(who)).transpose()?;
        let params = ContractList {
            name: self.name,
            interface: self.interface,
            code_hash: self.code_hash,
            deployer: deployer.map(|address| remote.text(&address)),
            limit: self.limit,
            cursor: self.cursor,
        };
        let page = remote.run(remote.client.contract_list(&params))?;
        let mut lines = Vec::new();
        for info in &page.items {
            let address = remote.names.show(&remote.address(&info.address)?);
            lines.push(format!("{:<14} {:<8} {address}", info.name, info.version));
        }
        context.output.answer(lines.join("\n"), &page);
        super::more(
            context,
            page.items.len(),
            "contracts",
            page.next_cursor.as_deref(),
        );
        Ok(())
    }
}

/// How a schema is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// As an OpenRPC document with the JSON schema of every value.
    Openrpc,
}

/// Flags of `weighhouse contract schema`.
#[derive(Clone, Debug, clap::Args)]
pub struct SchemaArgs {
    /// The contract or module: address, name, .wasm file or contract of the library
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl SchemaArgs {
    /// Prints an interface; needs no node if the module is here.
    ///
    /// # Errors
    /// Nothing of that name, or the node's answer.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let interface = match module(&self.place)? {
            Some(module) => module.interface,
            None => Place::find(&Remote::connect(context)?, &self.place)?.interface,
        };
        let document = match self.format {
            Format::Text | Format::Json => help::schema_json(&interface.schema),
            Format::Openrpc => crate::bindings::openrpc(&interface.schema),
        };
        let text = match self.format {
            Format::Text => help::schema_text(&interface.schema),
            Format::Json | Format::Openrpc => {
                serde_json::to_string_pretty(&document).unwrap_or_default()
            }
        };
        context.output.answer(text, &document);
        Ok(())
    }
}

/// Flags of `weighhouse contract events`.
#[derive(Clone, Debug, clap::Args)]
pub struct EventsArgs {
    /// The contract: address or name
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// Wait for new ones
    #[arg(long)]
    pub follow: bool,
    /// Which events
    #[command(flatten)]
    pub filter: EventArgs,
}

impl EventsArgs {
    /// Lists or follows a contract's events.
    ///
    /// # Errors
    /// The node's.
    pub fn run(mut self, context: &Context) -> Result<(), Failure> {
        self.filter.contract = Some(self.place);
        if self.follow {
            event::follow(context, self.filter)
        } else {
            event::list(context, self.filter)
        }
    }
}
