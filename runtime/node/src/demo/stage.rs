//! A node with contracts, people who call them, and a clock that the story moves.
//!
//! Stories speak in names: `exporter` calls `escrow`'s `present`. Invariants: what must be refused was
//! refused with that code, left no event, and every balance that is watched as it was; the clock only
//! goes forward. What it does not know: what the story is about.

use super::Left;
use super::account::Account;
use super::answer::{Refusal, returned};
use super::calendar::Calendar;
use super::process::{self, Process, Start};
use super::report::Report;
use super::session::{Session, succeeded};
use super::setting::Setting;
use super::token::{amount, receipt};
use crate::cli::Context;
use crate::library;
use crate::output::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tempfile::TempDir;
use weighhouse_primitives::{Address, Hash, Timestamp};
use weighhouse_rpc::api::contract::ContractQuery;
use weighhouse_rpc::api::dev::DevSetTime;
use weighhouse_rpc::types::{
    ActionView, AddressText, At, EventView, HashHex, Hex, Json, OutcomeView, TxStatus, U64,
};

/// Gas of an act that is to be refused: it is not asked for beforehand.
const REFUSED_GAS: u64 = 100_000_000;

/// What a call did.
#[derive(Clone, Debug)]
pub(super) struct Done {
    /// What it returned.
    pub(super) value: Value,
    /// What all contracts reported, in order.
    pub(super) events: Vec<EventView>,
    /// The transaction.
    pub(super) tx: HashHex,
    /// What it cost.
    pub(super) gas: u64,
}

/// The stage of a story.
pub(super) struct Stage<'a> {
    pub(super) session: Session,
    pub(super) report: Report<'a>,
    pub(super) calendar: Calendar,
    process: Process,
    folder: TempDir,
    contracts: BTreeMap<&'static str, AddressText>,
    accounts: BTreeMap<String, Account>,
    /// Holders whose balances a refusal must not change: token and accounts.
    watched: Option<(&'static str, Vec<String>)>,
    /// Gas of everything so far.
    pub(super) gas: u64,
    /// Transactions so far.
    pub(super) transactions: u64,
    /// Codes of the refusals so far, each checked.
    codes: Vec<u16>,
}

impl<'a> Stage<'a> {
    /// A node at that time, with nobody on it.
    pub(super) async fn open(
        context: &'a Context,
        setting: &Setting,
        (time, calendar): (Timestamp, Calendar),
    ) -> Result<Self, Failure> {
        let folder = process::folder()?;
        let mut start = Start::here(folder.path().join("node"))?;
        start.program = setting.program.clone().unwrap_or(start.program);
        start.time = Some(time);
        start.port = if setting.serve { setting.port } else { 0 };
        let process = match Process::start(&start).await {
            // The port may be somebody else's; where the node answers is printed in any case.
            Err(_) if start.port != 0 => {
                start.port = 0;
                Process::start(&start).await?
            }
            started => started?,
        };
        let session = Session::connect(process.url(), setting.seed << 32).await?;
        Ok(Self {
            session,
            report: Report::new(&context.output),
            calendar,
            process,
            folder,
            contracts: BTreeMap::new(),
            accounts: BTreeMap::new(),
            watched: None,
            gas: 0,
            transactions: 0,
            codes: Vec::new(),
        })
    }

    /// Gives these names accounts with the test keys of the same names.
    pub(super) fn enter(&mut self, names: &[&str]) -> Result<(), Failure> {
        for name in names {
            let account = Account::of(name, &self.session.info)?;
            self.accounts.insert((*name).into(), account);
        }
        Ok(())
    }

    /// Watches balances of a token from here on: a refusal must not change them.
    pub(super) fn watch(&mut self, token: &'static str, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned());
        self.watched = Some((token, names.collect()));
    }

    fn account(&self, name: &str) -> Result<&Account, Failure> {
        let found = self.accounts.get(name);
        found.ok_or_else(|| Failure::fault(format!("nobody here is called {name}")))
    }

    fn place(&self, contract: &str) -> Result<&AddressText, Failure> {
        let found = self.contracts.get(contract);
        found.ok_or_else(|| Failure::fault(format!("no contract here is called {contract}")))
    }

    /// Address of an account or contract, as the node writes it.
    pub(super) fn at(&self, name: &str) -> Result<AddressText, Failure> {
        match self.contracts.get(name) {
            Some(place) => Ok(place.clone()),
            None => Ok(self.session.text(&self.account(name)?.address)),
        }
    }

    /// Uploads a contract of the library and deploys it under a name of the story; gas of both.
    pub(super) async fn deploy(
        &mut self,
        who: &str,
        (library_name, name): (&str, &'static str),
        args: Value,
    ) -> Result<u64, Failure> {
        let missing = || Failure::fault(format!("{library_name} is not built into this program"));
        let wasm = library::find(library_name).ok_or_else(missing)?.wasm;
        let upload = ActionView::Upload {
            code: Some(Hex(wasm.to_vec())),
            code_hash: None,
            bytes: None,
        };
        let uploaded = self.act(who, &upload, None).await?;
        succeeded(uploaded.hash, &uploaded)?;
        let deploy = ActionView::Deploy {
            code_hash: HashHex(Hash::of(wasm)),
            salt: Some(HashHex(Hash::ZERO)),
            admin: None,
            entry_point: None,
            args: Some(Json::from(args)),
            input: None,
            contract: None,
        };
        let deployed = self.act(who, &deploy, None).await;
        let deployed = deployed.map_err(|failure| failure.detail(format!("deploying {name}")))?;
        succeeded(deployed.hash, &deployed)?;
        let answered = receipt(&deployed)?;
        let OutcomeView::Succeeded { data, .. } = &answered.outcome else {
            return Err(Failure::failed("the deployment did not succeed"));
        };
        let bytes: Result<[u8; 32], _> = data.0.as_slice().try_into();
        let address = bytes
            .map(Address)
            .map_err(|_| Failure::failed("the deployment did not answer an address"))?;
        self.contracts.insert(name, self.session.text(&address));
        let gas = receipt(&uploaded)?.gas_used.0;
        Ok(gas.saturating_add(answered.gas_used.0))
    }

    async fn act(
        &mut self,
        who: &str,
        action: &ActionView,
        gas_limit: Option<u64>,
    ) -> Result<TxStatus, Failure> {
        let account = self.account(who)?;
        let status = self.session.send(account, action, gas_limit).await?;
        self.transactions += 1;
        self.gas = self.gas.saturating_add(receipt(&status)?.gas_used.0);
        Ok(status)
    }

    fn call(&self, contract: &str, entry: &str, args: Value) -> Result<ActionView, Failure> {
        Ok(ActionView::Call {
            contract: self.place(contract)?.clone(),
            entry_point: Some(entry.into()),
            args: Some(Json::from(args)),
            input: None,
        })
    }

    /// A call that must succeed.
    pub(super) async fn done(
        &mut self,
        who: &str,
        (contract, entry): (&str, &str),
        args: Value,
    ) -> Result<Done, Failure> {
        let action = self.call(contract, entry, args)?;
        let place = || format!("{who} calls {entry} of {contract}");
        let status = self.act(who, &action, None).await;
        let status = status.map_err(|failure| failure.detail(place()))?;
        succeeded(status.hash, &status).map_err(|failure| failure.detail(place()))?;
        let receipt = receipt(&status)?;
        Ok(Done {
            value: returned(&status)?,
            events: receipt.events.clone(),
            tx: status.hash,
            gas: receipt.gas_used.0,
        })
    }

    /// A call that must be refused with this code, and change nothing.
    pub(super) async fn refused(
        &mut self,
        who: &str,
        (contract, entry): (&str, &str),
        args: Value,
        code: u16,
    ) -> Result<Refusal, Failure> {
        let action = self.call(contract, entry, args)?;
        let before = self.balances().await?;
        let status = self.act(who, &action, Some(REFUSED_GAS)).await;
        let place = format!("{who} calls {entry} of {contract}");
        let status = status.map_err(|failure| failure.detail(place.clone()))?;
        let refusal = Refusal::expected(&status, entry, code);
        let refusal = refusal.map_err(|failure| failure.detail(place))?;
        if self.balances().await? != before {
            let what = format!("{entry} was refused with {code}, but balances changed");
            return Err(Failure::failed(what));
        }
        self.codes.push(code);
        Ok(refusal)
    }

    /// Asks a contract.
    pub(super) async fn ask(
        &self,
        (contract, entry): (&str, &str),
        args: Value,
    ) -> Result<Value, Failure> {
        self.ask_as(None, (contract, entry), args).await
    }

    /// Asks a contract what it tells somebody in particular.
    pub(super) async fn ask_as(
        &self,
        caller: Option<&str>,
        (contract, entry): (&str, &str),
        args: Value,
    ) -> Result<Value, Failure> {
        let caller = caller.map(|name| self.at(name)).transpose()?;
        let request = ContractQuery {
            address: self.place(contract)?.clone(),
            entry_point: entry.into(),
            args: Some(Json::from(args)),
            at: Some(At::Latest),
            caller,
        };
        let answer = self.session.client.contract_query(&request).await;
        let answer = answer.map_err(|error| {
            Failure::from(error).detail(format!("asking {entry} of {contract}"))
        })?;
        Ok(answer.result.0)
    }

    /// What somebody holds of a token.
    pub(super) async fn balance(&self, token: &str, name: &str) -> Result<u128, Failure> {
        let args = json!({ "holder": self.at(name)? });
        amount(&self.ask((token, "balance_of"), args).await?)
    }

    /// Balances of those who are watched.
    pub(super) async fn balances(&self) -> Result<BTreeMap<String, u128>, Failure> {
        let mut balances = BTreeMap::new();
        if let Some((token, names)) = &self.watched {
            for name in names {
                balances.insert(name.clone(), self.balance(token, name).await?);
            }
        }
        Ok(balances)
    }

    /// Moves the clock forward, and says where it stands.
    pub(super) async fn go(&mut self, time: Timestamp, why: &str) -> Result<(), Failure> {
        let set = DevSetTime { time: U64(time.0) };
        self.session.client.dev_set_time(&set).await?;
        let text = format!("-- {}: {why}", self.calendar.both(time));
        self.report.heading(&text);
        Ok(())
    }

    /// Time of the latest block.
    pub(super) async fn now(&self) -> Result<Timestamp, Failure> {
        Ok(Timestamp(self.session.client.chain_head().await?.time.0))
    }

    /// Tells a step, with the time of the latest block.
    pub(super) async fn step(
        &mut self,
        name: &str,
        text: &str,
        gas: Option<u64>,
        mut data: Value,
    ) -> Result<(), Failure> {
        data["at"] = self.calendar.json(self.now().await?);
        self.report.step(name, text, gas, data);
        Ok(())
    }

    /// Ends the story: result, and the node that may be left up.
    pub(super) async fn end(
        mut self,
        (seconds, serve): (f64, bool),
        try_next: &str,
    ) -> Result<(Value, Left), Failure> {
        let head = self.session.client.chain_head().await?;
        let codes: Vec<String> = self.codes.iter().map(u16::to_string).collect();
        let detail = format!("{} refused: {}", codes.len(), codes.join(", "));
        let name = "what must be refused is refused, and changes nothing";
        self.report.check(name, !codes.is_empty(), detail);
        self.report.note("contracts", json!(self.contracts));
        self.report.note("height", json!(head.height));
        self.report.note("state_root", json!(head.state_root));
        self.report.note("transactions", json!(self.transactions));
        self.report.note("codes", json!(self.codes));
        self.report.note("gas_used", json!(U64(self.gas)));
        self.report.note("seconds", json!(seconds));
        let grouped = super::report::grouped;
        let mut closing = format!(
            "  result        {} blocks, {} transactions, {} of them refused, {} gas, {seconds:.1} s\n  {:14}state root {}",
            head.height,
            grouped(self.transactions),
            self.codes.len(),
            grouped(self.gas),
            "",
            head.state_root,
        );
        if serve {
            let url = self.process.url();
            self.report.note("rpc", json!(url));
            closing.push_str(&format!(
                "\n  serving       {url}   until Ctrl-C\n  try           weighhouse --rpc {url} {try_next}"
            ));
        }
        let document = self.report.finish(&closing)?;
        Ok((document, (self.process, self.folder)))
    }
}
