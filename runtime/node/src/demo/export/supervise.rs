//! What the regulator sees of all of it, and what must be true at the end.

use super::{ESCROW, HOLDERS, TOKEN, Telling};
use crate::demo::answer::{amount_at, named, plain, variant};
use crate::demo::office::REGISTER;
use crate::output::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use weighhouse_primitives::abi::selector;

/// Items of a page.
const PAGE: u32 = 100;

impl Telling<'_> {
    async fn regulator(&self, call: (&str, &str), args: Value) -> Result<Value, Failure> {
        self.stage.ask_as(Some("regulator"), call, args).await
    }

    /// Participants, trade, money, what waits and why, payments, the month's total.
    pub(super) async fn supervised(&mut self) -> Result<(), Failure> {
        let page = json!({ "after": null, "limit": PAGE });
        let members = self
            .regulator((REGISTER, "reg_positions"), page.clone())
            .await?;
        let trades = self
            .regulator((REGISTER, "reg_trades"), page.clone())
            .await?;
        let positions = self
            .regulator((ESCROW, "reg_positions"), page.clone())
            .await?;
        let waiting = self
            .regulator((ESCROW, "reg_inflight"), page.clone())
            .await?;
        let flows = json!({
            "pid": self.office.pid("exporter")?, "from": self.case.opens.0.to_string(),
            "to": self.stage.now().await?.0.to_string(), "after": null, "limit": PAGE,
        });
        let flows = self.regulator((ESCROW, "reg_flows"), flows).await?;
        let period = period(&self.stage.calendar.json(self.case.first.1[1]));
        let report = json!({ "kind": selector("Paid"), "period": period });
        let report = self.regulator((ESCROW, "reg_report"), report).await?;
        let count = members.as_array().map_or(0, Vec::len);
        let text = format!("{count} participants, 1 trade, 1 credit, seen with their money");
        let data = json!({
            "participants": count, "trades": trades, "credits": positions, "in_flight": waiting,
            "flows_of_exporter": flows, "paid_in_month": { "period": period, "tally": report },
        });
        self.stage.step("regulator", &text, None, data).await?;
        let trade = &trades[0][1];
        let text = format!(
            "trade     {} of {} settled",
            self.show(amount_at(trade, "/settled")),
            self.show(amount_at(trade, "/amount"))
        );
        self.stage.report.more(&text);
        self.stage.report.more(&self.money(&positions[0]));
        self.in_flight(&waiting).await?;
        let payments = flows.as_array().map_or(0, Vec::len);
        let paid = amount_at(&flows, "/0/flow/amount");
        let text = format!("payments  {payments} to exporter: {}", self.show(paid));
        self.stage.report.more(&text);
        let text = format!(
            "report    {period}: {} paid, {}",
            plain(&report["count"]),
            self.show(amount_at(&report, "/total"))
        );
        self.stage.report.more(&text);
        self.outsider(page).await?;
        let claim = self.case.first.0.claim;
        let seen = amount_at(&report, "/total") == claim && amount_at(trade, "/settled") == claim;
        let detail = format!("{} in trade, flows and report", self.show(claim));
        let report = &mut self.stage.report;
        report.check(
            "the regulator sees what was paid",
            seen && paid == claim,
            detail,
        );
        Ok(())
    }

    fn money(&self, position: &Value) -> String {
        let of = |name: &str| amount_at(position, &format!("/money/{name}"));
        format!(
            "credit {}  funded {} = drawn {} + returned {} + held {}",
            plain(&position["lc"]),
            self.show(of("funded")),
            self.show(of("drawn")),
            self.show(of("returned")),
            self.show(of("held"))
        )
    }

    /// What waits for payment, and what stops it.
    async fn in_flight(&mut self, waiting: &Value) -> Result<(), Failure> {
        let claims = waiting.pointer("/0/waiting").and_then(Value::as_array);
        for claim in claims.into_iter().flatten() {
            let args = json!({ "lc": self.lc, "n": claim["n"] });
            let why = self.stage.ask((ESCROW, "why_honour"), args).await?;
            let text = format!(
                "in flight presentation {}, {}: {}, stopped by {} of {}",
                plain(&claim["n"]),
                self.show(amount_at(claim, "/claim")),
                variant(&claim["standing"]),
                named(&why["code"]),
                self.office.name(&why["pid"])
            );
            self.stage.report.more(&text);
        }
        let held = claims.is_some_and(|claims| claims.len() == 1);
        let detail = format!("{} waiting", claims.map_or(0, Vec::len));
        let report = &mut self.stage.report;
        report.check("the regulator sees what was stopped", held, detail);
        Ok(())
    }

    /// Nobody else sees any of this.
    async fn outsider(&mut self, page: Value) -> Result<(), Failure> {
        let call = (ESCROW, "reg_positions");
        let asked = self.stage.ask_as(Some("importer"), call, page).await;
        let refused = asked.err().map(|failure| failure.what().to_owned());
        let detail = refused.clone().unwrap_or_else(|| "answered".into());
        let holds = refused.is_some_and(|what| what.contains("Unauthorized"));
        let report = &mut self.stage.report;
        report.check("a party does not see it", holds, detail);
        Ok(())
    }

    /// Sums and balances at the end.
    pub(super) async fn verify(&mut self, before: &Value) -> Result<(), Failure> {
        let balances = self.stage.balances().await?;
        let supply = self.stage.ask((TOKEN, "supply"), json!({})).await?;
        let supply = crate::demo::token::amount(&supply)?;
        let sum: u128 = balances.values().sum();
        let detail = format!("{} over {} holders", self.show(sum), balances.len());
        let report = &mut self.stage.report;
        report.check("sum of balances is the supply", sum == supply, detail);
        let credit = self
            .stage
            .ask((ESCROW, "credit"), json!({ "lc": self.lc }))
            .await?;
        let of = |name: &str| amount_at(&credit, &format!("/money/{name}"));
        let (funded, drawn, returned, held) =
            (of("funded"), of("drawn"), of("returned"), of("held"));
        let whole = drawn.saturating_add(returned).saturating_add(held) == funded;
        let mut set_aside = BTreeMap::new();
        for name in HOLDERS {
            let holder = json!({ "holder": self.stage.at(name)? });
            let held = self.stage.ask((TOKEN, "held_of"), holder).await?;
            set_aside.insert(name.to_owned(), crate::demo::token::amount(&held)?);
        }
        let held_of = |name: &str| set_aside.get(name).copied().unwrap_or_default();
        let detail = format!("{} held in both", self.show(held));
        let holds = whole && held_of("importer") == held && drawn == self.case.first.0.claim;
        let report = &mut self.stage.report;
        report.check("the credit's books are the token's holds", holds, detail);
        let heading = format!(
            "{:<16}{:>24}{:>24}{:>24}",
            "", "before honour", "at the end", "of it held"
        );
        report.line(format!("  {:<14}{heading}", "balances"));
        for (name, amount) in &balances {
            let earlier = amount_at(before, &format!("/{name}"));
            let [earlier, amount, held] =
                [earlier, *amount, held_of(name)].map(|base| self.case.unit.show(base));
            report.more(&format!("{name:<16}{earlier:>24}{amount:>24}{held:>24}"));
        }
        let unit = &self.case.unit;
        let document = json!({
            "symbol": unit.symbol, "decimals": unit.decimals, "before": before,
            "after": super::texts(&balances), "held": super::texts(&set_aside),
        });
        report.note("balances", document);
        Ok(())
    }
}

/// Year and month of a local time: 202602.
fn period(at: &Value) -> u32 {
    let local = at["local"].as_str().unwrap_or_default();
    let digits: String = local.chars().filter(char::is_ascii_digit).take(6).collect();
    digits.parse().unwrap_or_default()
}
