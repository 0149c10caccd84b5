//! The issuance, act by act: issue, move, hold, refuse, kill, look again.

use super::Left;
use super::account::{Account, Signed};
use super::answer::{Refusal, plain, returned};
use super::issuance::Issuance;
use super::ledger::Ledger;
use super::process::{self, Process, Start};
use super::progress;
use super::random::Random;
use super::report::{Report, grouped};
use super::session::{Session, Terms, succeeded};
use super::setting::Setting;
use super::token::{Issue, Token};
use super::watch::Watch;
use crate::cli::Context;
use crate::clock::format_time;
use crate::output::Failure;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use weighhouse_primitives::Hash;
use weighhouse_rpc::api::dev::DevAdvanceTime;
use weighhouse_rpc::types::{AddressText, At, TxStatus, U64};

/// Transfers between subscribers.
const TRANSFERS: usize = 500;
/// Seconds that the hold lives which is left to expire.
const HOLD_SECONDS: u64 = 600;
/// Gas of a single act whose cost is not asked for beforehand.
const ACT_GAS: u64 = 5_000_000;

/// What is to be told.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What is issued.
    pub(super) issuance: Issuance,
    /// How.
    pub(super) setting: Setting,
}

/// Who takes part.
pub(super) struct Cast {
    issuer: Account,
    operator: Account,
    notary: Account,
    pub(super) subscribers: Arc<Vec<Account>>,
    /// What each subscriber may still spend, in whatever order transactions are executed.
    left: Vec<u128>,
}

pub(super) struct Story<'a> {
    pub(super) context: &'a Context,
    pub(super) plan: &'a Plan,
    pub(super) start: Start,
    pub(super) process: Process,
    pub(super) session: Arc<Session>,
    pub(super) token: Token,
    pub(super) watch: Watch,
    pub(super) cast: Cast,
    pub(super) random: Random,
    pub(super) report: Report<'a>,
    /// Removed with everything in it when the story is over.
    pub(super) folder: TempDir,
}

/// Tells the issuance; its document, and the node with its folder.
pub(super) async fn tell(context: &Context, plan: &Plan) -> Result<(Value, Left), Failure> {
    let started = Instant::now();
    let mut story = Story::open(context, plan).await?;
    story.issue().await?;
    story.transfers().await?;
    story.holds().await?;
    story.refusal().await?;
    let flight = story.kill().await?;
    story.resend(&flight).await?;
    let ledger = story.verify(&flight).await?;
    story.replay(&ledger).await?;
    story.end(&ledger, started.elapsed())
}

impl<'a> Story<'a> {
    /// Starts the node, uploads and deploys the token, begins to listen.
    async fn open(context: &'a Context, plan: &'a Plan) -> Result<Self, Failure> {
        let folder = process::folder()?;
        let mut start = Start::here(folder.path().join("node"))?;
        start.program = plan.setting.program.clone().unwrap_or(start.program);
        start.time = Some(plan.issuance.decision.issued);
        let process = Process::start(&start).await?;
        let session = Session::connect(process.url(), plan.setting.seed << 32).await?;
        let cast = Cast::of(plan, &session)?;
        let mut report = Report::new(&context.output);
        let decision = &plan.issuance.decision;
        let time = format_time(decision.issued);
        report.line(format!(
            "  chain {}, sled store in a temporary folder, clock set to {time}",
            session.info.chain_id
        ));
        let issue = Issue {
            name: decision.name.clone(),
            symbol: decision.unit.symbol.clone(),
            decimals: decision.unit.decimals,
            cap: decision.cap,
            terms: decision.terms,
            salt: Hash::ZERO,
        };
        let token = Token::deploy(&session, &issue, &cast.issuer, &cast.operator).await?;
        let watch = Watch::start(&session.live_url(), token.text.clone()).await?;
        let bytes = u64::try_from(token.code_bytes).unwrap_or_default();
        let text = format!("dfa-token, {} bytes of Wasm", grouped(bytes));
        let data = json!({ "code_hash": token.code_hash, "bytes": token.code_bytes });
        report.act("upload", &text, Some(token.gas[0]), data);
        let short = session.prefix.format_short(&token.address);
        let text = format!("{} by {} at {short}", issue.symbol, decision.issuer);
        let data = json!({ "contract": token.text, "symbol": issue.symbol });
        report.act("deploy", &text, Some(token.gas[1]), data);
        Ok(Self {
            context,
            plan,
            start,
            process,
            session: Arc::new(session),
            token,
            watch,
            cast,
            random: Random::new(plan.setting.seed),
            report,
            folder,
        })
    }

    pub(super) fn show(&self, amount: u128) -> String {
        self.plan.issuance.decision.unit.show(amount)
    }

    pub(super) fn subscriber(&self, index: usize) -> Result<&Account, Failure> {
        let subscribers = &self.cast.subscribers;
        let found = subscribers.get(index % subscribers.len().max(1));
        found.ok_or_else(|| Failure::fault("there are no subscribers"))
    }

    pub(super) async fn terms(
        &self,
        signer: &Account,
        entry: &str,
        args: &Value,
    ) -> Result<Terms, Failure> {
        let action = self.token.call(entry, args.clone());
        self.session.terms(signer, &action).await
    }

    /// Registers the terms and issues to every subscriber, the commitment as ground.
    async fn issue(&mut self) -> Result<(), Failure> {
        let decision = &self.plan.issuance.decision;
        let document = json!({
            "name": "terms", "hash": decision.terms.to_string(), "uri": decision.terms_document,
        });
        self.act(&self.cast.issuer, "set_document", document)
            .await?;
        let register = &self.plan.issuance.register;
        let started = Instant::now();
        let first = self.session.client.chain_head().await?.height.0;
        let mut transactions = Vec::with_capacity(register.len());
        let mut terms = None;
        for (account, line) in self.cast.subscribers.iter().zip(register) {
            let args = json!({
                "to": self.session.text(&account.address),
                "amount": line.amount.to_string(),
                "basis_doc": line.commitment.to_string(),
                "release_at": null,
            });
            let terms = match terms {
                Some(terms) => terms,
                None => *terms.insert(self.terms(&self.cast.operator, "mint", &args).await?),
            };
            let call = ("mint", &args);
            let payload = self
                .token
                .payload(&self.session, &self.cast.operator, call, terms)?;
            transactions.push(self.cast.operator.sign(payload));
        }
        self.send("issuing", &transactions).await?;
        let head = self.session.client.chain_head().await?;
        let supply = self.token.supply(&self.session, At::Latest).await?;
        let total = self.plan.issuance.total();
        let seconds = started.elapsed().as_secs_f64();
        let count = grouped(u64::try_from(register.len()).unwrap_or_default());
        let blocks = head.height.0.saturating_sub(first);
        let text = format!(
            "{} to {count} subscribers, {blocks} blocks, {seconds:.1} s",
            self.show(total)
        );
        let data = json!({
            "subscribers": register.len(), "amount": total.to_string(), "blocks": blocks,
            "seconds": seconds,
        });
        self.report.act("issue", &text, None, data);
        let detail = format!(
            "{} issued, {} subscribed",
            self.show(supply),
            self.show(total)
        );
        self.report
            .check("supply is what was subscribed", supply == total, detail);
        Ok(())
    }

    /// Transfers between subscribers, each within what it subscribed.
    async fn transfers(&mut self) -> Result<(), Failure> {
        let count = self.cast.subscribers.len();
        let started = Instant::now();
        let (mut transactions, mut moved, mut terms) = (Vec::new(), 0u128, None);
        for index in 0..TRANSFERS {
            let from = index % count;
            let to = from + 1 + self.random.below(count - 1);
            let left = self.cast.left.get_mut(from);
            let left = left.ok_or_else(|| Failure::fault("there are no subscribers"))?;
            let amount = self.random.up_to(*left / 4);
            *left -= amount;
            moved = moved.saturating_add(amount);
            let memo = Hash::of(format!("transfer {index}").as_bytes());
            let args = json!({
                "to": self.session.text(&self.subscriber(to)?.address),
                "amount": amount.to_string(),
                "memo": memo.to_string(),
            });
            let from = self.subscriber(from)?;
            let terms = match terms {
                Some(terms) => terms,
                None => *terms.insert(self.terms(from, "transfer", &args).await?),
            };
            let call = ("transfer", &args);
            let payload = self.token.payload(&self.session, from, call, terms)?;
            transactions.push(from.sign(payload));
        }
        self.send("transferring", &transactions).await?;
        let seconds = started.elapsed().as_secs_f64();
        let text = format!(
            "{TRANSFERS} transfers of {}, {seconds:.1} s",
            self.show(moved)
        );
        let data = json!({
            "count": TRANSFERS, "amount": moved.to_string(), "seconds": seconds,
        });
        self.report.act("transfers", &text, None, data);
        Ok(())
    }

    /// Signs, sends and waits, with a bar.
    async fn send(&self, what: &str, transactions: &[Signed]) -> Result<(), Failure> {
        let bar = progress::bar(&self.context.output, what, transactions.len());
        let sent = self
            .session
            .send_all(transactions, |done| progress::advance(&bar, done));
        sent.await?;
        bar.finish_and_clear();
        Ok(())
    }

    /// One act that must succeed.
    async fn act(&self, who: &Account, entry: &str, args: Value) -> Result<TxStatus, Failure> {
        let status = self
            .session
            .send(who, &self.token.call(entry, args), None)
            .await?;
        succeeded(status.hash, &status)?;
        Ok(status)
    }

    /// One act that the token must refuse with this code; answers the refusal in words.
    async fn refused(
        &self,
        who: &Account,
        (entry, args): (&str, Value),
        code: u16,
    ) -> Result<(String, Value), Failure> {
        let action = self.token.call(entry, args);
        let status = self.session.send(who, &action, Some(ACT_GAS)).await?;
        let refusal = Refusal::expected(&status, entry, code)?;
        Ok((refusal.short(), refusal.json()))
    }

    /// A new hold; answers its number.
    async fn hold(
        &self,
        owner: usize,
        to: &AddressText,
        amount: u128,
        expiry: u64,
    ) -> Result<Value, Failure> {
        let args = json!({
            "to": to, "amount": amount.to_string(), "expiry": expiry.to_string(),
            "notary": self.session.text(&self.cast.notary.address),
            "purpose": "General", "reference": Hash::of(b"contract 1").to_string(),
        });
        let held = self.act(self.subscriber(owner)?, "create_hold", args);
        returned(&held.await?)
    }

    /// A quarter of what a subscriber may spend, but not nothing.
    fn quarter(&self, index: usize) -> u128 {
        let left = self.cast.left.get(index).copied();
        left.unwrap_or_default().div_ceil(4)
    }

    /// A hold that is executed, and one that expires and goes back.
    async fn holds(&mut self) -> Result<(), Failure> {
        let to = self.session.text(&self.subscriber(2)?.address);
        let now = self.session.client.chain_head().await?.time.0;
        let execute = |id: &Value, amount: u128| json!({ "id": id, "to": to, "amount": amount.to_string(), "keep_open": false });
        let (amount, rest) = (self.quarter(1), self.quarter(3));
        let id = self.hold(1, &to, amount, now + 86_400).await?;
        self.act(&self.cast.notary, "execute_hold", execute(&id, amount))
            .await?;
        let late = self.hold(3, &to, rest, now + HOLD_SECONDS).await?;
        let advance = DevAdvanceTime {
            seconds: U64(HOLD_SECONDS + 60),
        };
        self.session.client.dev_advance_time(&advance).await?;
        let call = ("execute_hold", execute(&late, rest));
        let (refusal, data) = self.refused(&self.cast.notary, call, 207).await?;
        // Anybody may bring the units back.
        let reclaim = json!({ "id": late });
        self.act(self.subscriber(0)?, "reclaim_hold", reclaim)
            .await?;
        let text = format!(
            "hold {} of {} executed by its notary",
            plain(&id),
            self.show(amount)
        );
        let document = json!({ "hold": id, "amount": amount.to_string(), "state": "Executed" });
        self.report.act("hold", &text, None, document);
        let text = format!(
            "hold {} of {} expired: {refusal}; back to its owner",
            plain(&late),
            self.show(rest)
        );
        let document = json!({
            "hold": late, "amount": rest.to_string(), "state": "Reclaimed", "refused": data,
        });
        self.report.act("expiry", &text, None, document);
        Ok(())
    }

    /// A transfer of one unit too many.
    async fn refusal(&mut self) -> Result<(), Failure> {
        let (from, to) = (self.subscriber(0)?, self.subscriber(1)?);
        let holder = json!({ "holder": self.session.text(&from.address) });
        let balance = self
            .token
            .query(&self.session, "balance_of", holder, At::Latest);
        let balance = super::token::amount(&balance.await?)?;
        let args = json!({
            "to": self.session.text(&to.address),
            "amount": balance.saturating_add(1).to_string(),
            "memo": null,
        });
        let (text, data) = self.refused(from, ("transfer", args), 200).await?;
        self.report
            .act("refused", &format!("{text} (nothing changed)"), None, data);
        Ok(())
    }

    /// Result, and where to go from here.
    fn end(self, ledger: &Ledger, took: Duration) -> Result<(Value, Left), Failure> {
        let Self {
            plan,
            process,
            mut report,
            token,
            folder,
            ..
        } = self;
        let seconds = took.as_secs_f64();
        let count = u64::try_from(ledger.places.len()).unwrap_or_default();
        report.note("height", json!(ledger.head.height));
        report.note("state_root", json!(ledger.head.state_root));
        report.note("transactions", json!(count));
        report.note("gas_used", json!(U64(ledger.gas)));
        report.note("seconds", json!(seconds));
        report.note("seed", json!(plan.setting.seed));
        let mut closing = format!(
            "  result        {} blocks, {} transactions, {} gas, {seconds:.1} s\n  {:14}state root {}",
            ledger.head.height,
            grouped(count),
            grouped(ledger.gas),
            "",
            ledger.head.state_root,
        );
        if plan.setting.serve {
            report.note("rpc", json!(process.url()));
            closing.push_str(&format!(
                "\n  serving       {}   until Ctrl-C\n  try           weighhouse --rpc {} contract query {} -- holders --limit 5",
                process.url(),
                process.url(),
                token.text,
            ));
        }
        Ok((report.finish(&closing)?, (process, folder)))
    }
}

impl Cast {
    fn of(plan: &Plan, session: &Session) -> Result<Self, Failure> {
        let register = &plan.issuance.register;
        let subscribers: Result<Vec<Account>, Failure> = (0..register.len())
            .map(|index| Account::subscriber(plan.setting.seed, index, &session.info))
            .collect();
        Ok(Self {
            issuer: Account::of("issuer", &session.info)?,
            operator: Account::of("operator", &session.info)?,
            notary: Account::of("arbiter", &session.info)?,
            subscribers: Arc::new(subscribers?),
            left: register.iter().map(|line| line.amount).collect(),
        })
    }
}
