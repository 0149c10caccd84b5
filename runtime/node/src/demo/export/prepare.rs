//! Before the credit: contracts, vetted parties, a registered trade contract, units for the importer.

use super::{ESCROW, HOLDERS, RIGHTS, TOKEN, Telling};
use crate::demo::answer::plain;
use crate::demo::office::{ADMIN_DELAY, Office, REGISTER, letters, paper};
use crate::output::Failure;
use serde_json::{Value, json};

/// How old a screening may be when a credit is issued, in seconds: ninety days.
const SCREENING_MAX_AGE: &str = "7776000";

impl Telling<'_> {
    /// Token, registry of bills, escrow; they know the register, and it knows the escrow.
    pub(super) async fn contracts(&mut self) -> Result<(), Failure> {
        let mut gas = self.office.gas;
        self.stage.enter(&["elr_operator", "issuer"])?;
        let register = self.stage.at(REGISTER)?;
        let admin = self.stage.at("admin")?;
        let token = self.token()?;
        gas += self
            .stage
            .deploy("admin", ("dfa-token", TOKEN), token)
            .await?;
        gas += Office::open_rights(&mut self.stage, RIGHTS, 0).await?;
        let roles = ["Pauser", "Operator", "Regulator", "Auditor", "Arbiter"];
        let escrow = json!({
            "settings": {
                "participants": register, "rights": self.stage.at(RIGHTS)?,
                "screening_max_age": SCREENING_MAX_AGE, "admin_delay": ADMIN_DELAY,
            },
            "admin": admin,
            "roles": Office::roles(&self.stage, &roles)?,
        });
        let escrow = self
            .stage
            .deploy("admin", ("export-escrow", ESCROW), escrow);
        gas += escrow.await?;
        let text = "register, token, bills of lading and credits are deployed";
        self.stage
            .step("contracts", text, Some(gas), json!({}))
            .await
    }

    /// Arguments of the token: a ring-fenced unit, of which nobody creates any alone.
    fn token(&self) -> Result<Value, Failure> {
        let (case, stage) = (self.case, &self.stage);
        Ok(json!({
            "meta": {
                "name": case.unit_name,
                "symbol": case.unit.symbol,
                "decimals": case.unit.decimals,
                "kind": "ForeignTrade",
                "issuer": stage.at("issuer")?,
                "terms": paper("terms of the unit"),
            },
            "capabilities": {
                "transferable": true, "holdable": true, "freezable": true, "recoverable": true,
                "mintable": true, "burnable": true, "ring_fenced": true,
            },
            "limits": {
                "cap": case.cap.to_string(), "mint_threshold": "0", "admin_delay": ADMIN_DELAY,
            },
            "admin": stage.at("admin")?,
            "roles": [
                ["Minter", stage.at("elr_operator")?], ["Minter", stage.at("issuer")?],
                ["Compliance", stage.at("compliance")?], ["Regulator", stage.at("regulator")?],
                ["Auditor", stage.at("auditor")?], ["Pauser", stage.at("pauser")?],
            ],
            "participants": stage.at(REGISTER)?,
        }))
    }

    /// Every party is registered by one officer, screened by another, approved by a third.
    pub(super) async fn vetting(&mut self) -> Result<(), Failure> {
        let before = self.office.gas;
        let (office, stage) = (&mut self.office, &mut self.stage);
        let mut refusal = None;
        for party in &self.case.parties {
            match refusal {
                None => refusal = Some(office.vet_by_two(stage, party).await?),
                Some(_) => office.vet(stage, party).await?,
            }
        }
        office.take_in(stage, ESCROW, &self.case.home).await?;
        let until = self.case.trade.until;
        for (role, kind) in [
            ("exporter_bank", "AuthorisedInstitution"),
            ("importer_bank", "IssuingBank"),
            ("elr_operator", "ElrOperator"),
        ] {
            office.authorise(stage, (role, kind), until).await?;
        }
        let rules = json!({ "token": stage.at(TOKEN)?, "rules": fenced() });
        office.does(stage, "compliance", "set_rules", rules).await?;
        let count = office.count();
        let text = format!("{count} participants, each registered and approved by two officers");
        let gas = office.gas.saturating_sub(before);
        let refusal = refusal.ok_or_else(|| Failure::fault("there are no parties"))?;
        let pids = self.case.parties.iter();
        let pids: Result<Vec<Value>, Failure> = pids
            .map(|party| Ok(json!({ "role": party.role, "pid": office.pid(party.role)? })))
            .collect();
        let data = json!({ "participants": count, "pids": pids?, "refused": refusal.json() });
        stage.step("vetting", &text, Some(gas), data).await?;
        let text = format!(
            "approved by the officer who registered: {}",
            refusal.reasoned()
        );
        stage.report.more(&text);
        let text = "the regulator authorises exporter_bank (currency control), importer_bank (credits), elr_operator";
        stage.report.more(text);
        Ok(())
    }

    /// The bank in charge of the currency registers the contract, a screener looks at the goods.
    pub(super) async fn trade(&mut self) -> Result<(), Failure> {
        let trade = &self.case.trade;
        let args = json!({
            "trade_ref": self.trade_ref,
            "exporter": self.office.pid("exporter")?,
            "importer": self.office.pid("importer")?,
            "amount": trade.amount.to_string(),
            "currency": letters(&trade.currency),
            "hs_code": trade.hs_code,
            "doc": paper(&format!("contract {}", trade.number)),
            "until": trade.until.0.to_string(),
        });
        let call = (REGISTER, "register_trade");
        let done = self.stage.done("exporter_bank", call, args).await?;
        let reference = self.trade_ref.clone();
        self.office
            .screen_goods(&mut self.stage, &reference)
            .await?;
        let amount = self.show(trade.amount);
        let text = format!(
            "{} registered: {amount} for goods {}",
            trade.number, trade.hs_code
        );
        let data = json!({
            "trade_ref": self.trade_ref, "amount": trade.amount.to_string(), "tx": done.tx,
        });
        self.stage.step("trade", &text, Some(done.gas), data).await
    }

    /// Units reach the importer: from the operator, if the fence lets it; else by an issue of two.
    pub(super) async fn units(&mut self) -> Result<(), Failure> {
        let amount = self.case.trade.amount;
        self.stage.watch(TOKEN, &HOLDERS);
        let to = |to: &str, stage: &crate::demo::stage::Stage<'_>| -> Result<Value, Failure> {
            Ok(json!({
                "to": stage.at(to)?, "amount": amount.to_string(), "purpose": "ImportFunding",
                "trade_ref": self.trade_ref,
            }))
        };
        let funding = to("importer", &self.stage)?;
        let call = (TOKEN, "transfer_for");
        if self.case.importer_is_resident() {
            let gas = self.issue("elr_operator", amount).await?;
            let done = self.stage.done("elr_operator", call, funding).await?;
            let text = format!("{} from elr_operator to importer", self.show(amount));
            let data = json!({
                "amount": amount.to_string(), "path": "ImportFunding", "tx": done.tx,
            });
            let gas = Some(gas.saturating_add(done.gas));
            return self.stage.step("funding", &text, gas, data).await;
        }
        let refusal = self.stage.refused("elr_operator", call, funding, 116);
        let refusal = refusal.await?;
        let gas = self.issue("importer", amount).await?;
        let text = format!(
            "{} to importer: elr_operator proposes, issuer approves",
            self.show(amount)
        );
        let data = json!({
            "amount": amount.to_string(), "path": "issue", "refused": refusal.json(),
        });
        self.stage.step("funding", &text, Some(gas), data).await?;
        let text = format!(
            "a transfer by elr_operator to a non-resident: {}",
            refusal.reasoned()
        );
        self.stage.report.more(&text);
        Ok(())
    }

    /// Units come into being: the operator proposes, the issuer approves.
    pub(super) async fn issue(&mut self, to: &str, amount: u128) -> Result<u64, Failure> {
        let issue = json!({ "issue": {
            "to": self.stage.at(to)?, "amount": amount.to_string(),
            "basis_doc": paper(&format!("payment of {to}")), "release_at": null,
        }});
        let proposed = self
            .stage
            .done("elr_operator", (TOKEN, "propose_mint"), issue);
        let proposed = proposed.await?;
        let id = json!({ "id": plain(&proposed.value) });
        let approved = self
            .stage
            .done("issuer", (TOKEN, "approve_mint"), id)
            .await?;
        Ok(proposed.gas.saturating_add(approved.gas))
    }
}

/// Rules that fence the unit in, and forbid nothing else.
fn fenced() -> Value {
    json!({
        "allow": [], "deny": [], "req_qualified": false, "annual_limit": null,
        "max_balance": null, "max_holders": null, "velocity": [], "preclear_above": null,
        "travel_rule_above": null, "screening_max_age": null, "venue_only": false,
        "ring_fenced": true, "provenance": null,
    })
}
