//! `weighhouse contract call` and `query`, driven by the contract's schema.

use super::Context;
use super::contract_help as help;
use super::contract_words::{Request, arguments, request};
use super::place::{Interface, Place, is_amount, module};
use super::remote::Remote;
use super::report;
use super::send::{Done, Plan, SendArgs};
use crate::amount::Unit;
use crate::output::Failure;
use serde_json::{Value, json};
use weighhouse_primitives::Action;
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Type};
use weighhouse_rpc::api::contract::ContractQuery;
use weighhouse_rpc::codec::check_returns;
use weighhouse_rpc::types::{At, OutcomeView};

/// Flags of `weighhouse contract call`.
#[derive(Clone, Debug, clap::Args)]
pub struct CallArgs {
    /// The contract: address or name
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// Show amounts in base units
    #[arg(long)]
    pub raw: bool,
    /// How it is signed and sent
    #[command(flatten)]
    pub send: SendArgs,
    /// Entry point and its arguments; -- --help lists them
    #[arg(last = true, value_name = "ENTRY_POINT --arg value")]
    pub words: Vec<String>,
}

/// Flags of `weighhouse contract query`.
#[derive(Clone, Debug, clap::Args)]
pub struct QueryArgs {
    /// The contract: address or name
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// At this height [default: the latest]
    #[arg(long, value_name = "HEIGHT")]
    pub at: Option<At>,
    /// In whose name: address or name [default: nobody's]
    #[arg(long, value_name = "WHO")]
    pub caller: Option<String>,
    /// Show amounts in base units
    #[arg(long)]
    pub raw: bool,
    /// Query and its arguments; -- --help lists them
    #[arg(last = true, value_name = "ENTRY_POINT --arg value")]
    pub words: Vec<String>,
}

/// Prints help without a node if the module is here; true if that was all.
fn offline_help(context: &Context, place: &str, words: &[String]) -> Result<bool, Failure> {
    let asks = words.iter().any(|word| word == "--help" || word == "-h");
    let Some(module) = asks.then(|| module(place)).transpose()?.flatten() else {
        return Ok(false);
    };
    let kinds = [
        EntryKind::Call,
        EntryKind::Query,
        EntryKind::Check,
        EntryKind::Constructor,
    ];
    let asked = request(&module.interface.schema, words, &kinds, "call")?;
    Ok(helped(context, &module.interface, &asked))
}

/// Prints the help that a request asks for; false if it asks for more than help.
pub(super) fn helped(context: &Context, interface: &Interface, request: &Request<'_>) -> bool {
    let schema = &interface.schema;
    match request {
        Request::List => {
            let entries: Vec<Value> = schema.entry_points.iter().map(help::entry_json).collect();
            context.output.answer(help::entry_points(schema), &entries);
            true
        }
        Request::Describe(entry) => {
            let document = help::entry_json(entry);
            context
                .output
                .answer(help::arguments(schema, entry), &document);
            true
        }
        Request::Run(..) => false,
    }
}

impl CallArgs {
    /// Calls, or shows help.
    ///
    /// # Errors
    /// Bad arguments, or whatever keeps the call from succeeding.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if offline_help(context, &self.place, &self.words)? {
            return Ok(());
        }
        let remote = Remote::connect(context)?;
        let place = Place::find(&remote, &self.place)?;
        let kinds = [EntryKind::Call];
        let asked = request(&place.interface.schema, &self.words, &kinds, "call")?;
        let Request::Run(entry, words) = asked else {
            helped(context, &place.interface, &asked);
            return Ok(());
        };
        let unit = wants_unit(entry).then(|| place.unit(&remote)).flatten();
        let args = arguments(entry, words, &remote.names, unit.clone())?;
        let schema = &place.interface.schema;
        let input = remote
            .codec
            .encode_call(schema, &entry.name, &Value::Object(args))?;
        let plan = Plan {
            action: Action::Call {
                contract: place.address,
                input,
            },
            label: format!("{}.{}", place.name, entry.name),
        };
        let failed = |failure: Failure| failure.data("entry_point", entry.name.clone());
        match self.send.run(context, &remote, plan).map_err(failed)? {
            Done::Stopped => Ok(()),
            Done::Executed(done) => {
                let value = match &done.receipt.outcome {
                    OutcomeView::Succeeded { data, .. } => {
                        remote.codec.decode_return(schema, &entry.name, &data.0)?
                    }
                    OutcomeView::Reverted { .. } | OutcomeView::Halted(_) => Value::Null,
                };
                for event in &done.receipt.events {
                    context.output.note(format!(
                        "  event      {}",
                        report::event_text(&remote, event)
                    ));
                }
                let (text, value) =
                    shown(&value, &entry.returns, unit.as_ref().filter(|_| !self.raw));
                let document = json!({
                    "hash": done.hash, "height": done.height.to_string(), "result": value,
                    "gas_used": done.receipt.gas_used, "events": done.receipt.events,
                });
                context.output.answer(text, &document);
                Ok(())
            }
        }
    }
}

impl QueryArgs {
    /// Queries, or shows help.
    ///
    /// # Errors
    /// Bad arguments, or the node's answer.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if offline_help(context, &self.place, &self.words)? {
            return Ok(());
        }
        let remote = Remote::connect(context)?;
        let place = Place::find(&remote, &self.place)?;
        let kinds = [EntryKind::Query, EntryKind::Check];
        let asked = request(&place.interface.schema, &self.words, &kinds, "query")?;
        let Request::Run(entry, words) = asked else {
            helped(context, &place.interface, &asked);
            return Ok(());
        };
        let unit = wants_unit(entry).then(|| place.unit(&remote)).flatten();
        let args = arguments(entry, words, &remote.names, unit.clone())?;
        let caller = self.caller.as_deref();
        let caller = caller.map(|who| remote.names.address(who)).transpose()?;
        let params = ContractQuery {
            address: remote.text(&place.address),
            entry_point: entry.name.clone(),
            args: Some(Value::Object(args).into()),
            at: self.at,
            caller: caller.map(|address| remote.text(&address)),
        };
        let answer = remote.run(remote.client.contract_query(&params))?;
        for line in &answer.debug {
            context.output.note(format!("debug: {line}"));
        }
        let unit = unit.as_ref().filter(|_| !self.raw);
        let (text, value) = shown(&answer.result.0, check_returns(entry), unit);
        let document = json!({
            "result": value, "height": answer.height, "gas_used": answer.gas_used,
        });
        context.output.answer(text, &document);
        Ok(())
    }
}

/// True if an amount goes in or out, so that it is worth asking for symbol and decimals.
fn wants_unit(entry: &EntryPoint) -> bool {
    let mentions = |ty: &Type| format!("{ty:?}").contains("Amount");
    entry.args.iter().any(|field| mentions(&field.ty)) || mentions(&entry.returns)
}

/// A value for people and for programs; an amount of a known token says both forms.
fn shown(value: &Value, ty: &Type, unit: Option<&Unit>) -> (String, Value) {
    let base = value.as_str().and_then(|text| text.parse::<u128>().ok());
    match (unit, base) {
        (Some(unit), Some(base)) if is_amount(ty) => {
            let document =
                json!({"base": base.to_string(), "text": unit.plain(base), "symbol": unit.symbol});
            (unit.show(base), document)
        }
        _ => (report::plain(value), value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: amounts of a known token have all decimals and the symbol, everything else is plain.
    #[test]
    fn amounts_are_shown_with_their_symbol() {
        let unit = Unit {
            symbol: "INV7".into(),
            decimals: 2,
        };
        let (text, value) = shown(&json!("1050"), &Type::Amount, Some(&unit));
        assert_eq!(text, "10.50 INV7");
        assert_eq!(
            value,
            json!({"base": "1050", "text": "10.50", "symbol": "INV7"})
        );
        assert_eq!(shown(&json!("1050"), &Type::U128, Some(&unit)).0, "1050");
        assert_eq!(shown(&json!("1050"), &Type::Amount, None).0, "1050");
        assert_eq!(shown(&Value::Null, &Type::Unit, None).0, "");
    }
}
