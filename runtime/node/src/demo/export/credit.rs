//! The credit: applied for, issued against the importer's money, advised, confirmed.

use super::{ESCROW, TOKEN, Telling};
use crate::demo::answer::{named, plain};
use crate::output::Failure;
use serde_json::{Value, json};

/// The expiry of a hold without end.
const NEVER: u64 = u64::MAX;

impl Telling<'_> {
    /// From application to the undertakings of both banks.
    pub(super) async fn credit(&mut self) -> Result<(), Failure> {
        let calendar = json!({ "calendar": self.stage.calendar.argument() });
        let call = (ESCROW, "define_calendar");
        let defined = self.stage.done("operator", call, calendar).await?;
        let terms = json!({ "terms": self.terms(&defined.value)? });
        let applied = self
            .stage
            .done("importer", (ESCROW, "apply"), terms)
            .await?;
        self.lc = applied.value;
        let most = self.case.max_draw();
        let hold = self.hold("importer", ("TradeSettlement", most)).await?;
        let args = json!({ "lc": self.lc, "hold": hold });
        let issued = self
            .stage
            .done("importer_bank", (ESCROW, "issue"), args)
            .await?;
        let lc = plain(&self.lc);
        let text = format!(
            "credit {lc} issued by importer_bank against {} of the importer",
            self.show(most)
        );
        let data = json!({
            "lc": self.lc, "hold": hold, "held": most.to_string(), "tx": issued.tx,
            "expiry": self.stage.calendar.json(self.case.credit.expiry),
        });
        self.stage
            .step("credit", &text, Some(issued.gas), data)
            .await?;
        let expiry = self.stage.calendar.moved(self.case.credit.expiry);
        let text = format!("until {}", self.stage.calendar.both(expiry));
        self.stage.report.more(&text);
        let args = json!({ "lc": self.lc });
        self.stage
            .done("exporter_bank", (ESCROW, "advise"), args)
            .await?;
        self.confirmation(most).await
    }

    /// The second undertaking. The fence lets these units pay nobody, and that is said.
    async fn confirmation(&mut self, most: u128) -> Result<(), Failure> {
        self.issue("exporter_bank", most).await?;
        let hold = self.hold("exporter_bank", ("General", most)).await?;
        let args = json!({ "lc": self.lc, "conf_hold": hold });
        let confirmed = self.stage.done("exporter_bank", (ESCROW, "confirm"), args);
        let confirmed = confirmed.await?;
        // What the token would answer if the escrow tried to pay the exporter from this hold.
        let pay = json!({
            "id": hold, "to": self.stage.at("exporter")?, "amount": most.to_string(),
            "keep_open": false,
        });
        let call = (TOKEN, "check_execute_hold");
        let fence = self.stage.ask_as(Some(ESCROW), call, pay).await?;
        let text = format!(
            "credit {} confirmed by exporter_bank with {} of its own",
            plain(&self.lc),
            self.show(most)
        );
        let data = json!({
            "lc": self.lc, "hold": hold, "held": most.to_string(), "tx": confirmed.tx,
            "payment_from_it_would_be": fence,
        });
        self.stage
            .step("confirmed", &text, Some(confirmed.gas), data)
            .await?;
        let code = plain(&fence);
        let named = named(&fence);
        let text = format!(
            "the fence lets these units of a bank pay nobody, as check_execute_hold says: {named}"
        );
        self.stage.report.more(&text);
        let outside = ["107", "116"].contains(&code.as_str());
        let detail = format!("{named} (decision 0009)");
        self.stage
            .report
            .check("a bank's fenced units pay nobody", outside, detail);
        Ok(())
    }

    async fn hold(
        &mut self,
        owner: &str,
        (purpose, amount): (&str, u128),
    ) -> Result<Value, Failure> {
        // Bound to nobody: a bank that confirms may have to be paid back from the importer's.
        let args = json!({
            "to": Value::Null, "amount": amount.to_string(), "notary": self.stage.at(ESCROW)?,
            "expiry": NEVER.to_string(), "purpose": purpose, "reference": self.trade_ref,
        });
        let held = self.stage.done(owner, (TOKEN, "create_hold"), args).await?;
        Ok(held.value)
    }

    fn terms(&self, calendar: &Value) -> Result<Value, Failure> {
        let (stage, credit) = (&self.stage, &self.case.credit);
        let document = |kind: &str, issuer: Value, etr: bool| json!({ "kind": kind, "issuer": issuer, "etr": etr });
        Ok(json!({
            "beneficiary": stage.at("exporter")?,
            "issuing_bank": stage.at("importer_bank")?,
            "advising": stage.at("exporter_bank")?,
            "confirming": stage.at("exporter_bank")?,
            "nominated": null,
            "arbiter": null,
            "trade_ref": self.trade_ref,
            "token": stage.at(TOKEN)?,
            "clauses": {
                "amount": credit.amount.to_string(),
                "tol_plus": credit.tolerance_plus,
                "tol_minus": credit.tolerance_minus,
                "availability": "Sight",
                "latest_shipment": credit.latest_shipment.0.to_string(),
                "presentation_days": credit.presentation_days,
                "expiry": credit.expiry.0.to_string(),
                "partial_allowed": true,
                "transferable": false,
                "docs": [
                    document("invoice", self.office.pid("exporter")?, false),
                    document("bill of lading", self.office.pid("carrier")?, true),
                ],
                "conditions": [],
                "dispute_days": 10,
                "calendar": calendar,
            },
        }))
    }
}
