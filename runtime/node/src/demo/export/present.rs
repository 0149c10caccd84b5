//! Documents: bills of lading change hands, presentations are examined, honoured, late, stopped.

use super::{ESCROW, RIGHTS, Shipment, TOKEN, Telling, document, texts};
use crate::demo::answer::plain;
use crate::demo::stage::Done;
use crate::output::Failure;
use serde_json::{Value, json};
use weighhouse_primitives::Timestamp;

/// What the credit calls a bill of lading.
const BILL: &str = "bill of lading";

impl Telling<'_> {
    /// The carrier issues the bill to the producer, who endorses it to the exporter, who pledges it to the
    /// escrow; its number in the registry.
    async fn bill(&mut self, shipment: &Shipment) -> Result<Value, Failure> {
        let args = json!({
            "kind": "BillOfLading", "ref_no": shipment.bill, "doc": document(BILL, &shipment.bill),
            "first_holder": self.stage.at("producer")?,
        });
        let issued = self
            .stage
            .done("carrier", (RIGHTS, "issue_record"), args)
            .await?;
        let id = issued.value;
        let args = json!({ "id": id, "to": self.stage.at("exporter")? });
        let endorsed = self
            .stage
            .done("producer", (RIGHTS, "endorse"), args)
            .await?;
        let args = json!({ "id": id, "contract": self.stage.at(ESCROW)? });
        let pledged = self
            .stage
            .done("exporter", (RIGHTS, "pledge_control"), args)
            .await?;
        let text = format!(
            "{}: carrier issues, producer endorses to exporter, pledged to escrow",
            shipment.bill
        );
        let gas = issued
            .gas
            .saturating_add(endorsed.gas)
            .saturating_add(pledged.gas);
        let data = json!({
            "record": id, "bill": shipment.bill, "endorsed": endorsed.tx, "pledged": pledged.tx,
        });
        self.stage.step("bill", &text, Some(gas), data).await?;
        Ok(id)
    }

    /// Arguments of a presentation of invoice and bill.
    fn presentation(&self, shipment: &Shipment, record: &Value) -> Result<Value, Failure> {
        let shipped = shipment.shipped.0.to_string();
        let paper = |kind: &str, number: &str, issuer: Value, record: Value| {
            json!({
                "kind": kind, "hash": document(kind, number), "issuer": issuer, "number": number,
                "date": shipped, "record": record,
            })
        };
        Ok(json!({
            "lc": self.lc,
            "docs": [
                paper("invoice", &shipment.invoice, self.office.pid("exporter")?, Value::Null),
                paper(BILL, &shipment.bill, self.office.pid("carrier")?, record.clone()),
            ],
            "claim": shipment.claim.to_string(),
            "shipment_date": shipped,
        }))
    }

    /// Bill, presentation, examination: what complies, all in time; number of the presentation.
    async fn complying(
        &mut self,
        shipment: &Shipment,
        [presented, examined]: [Timestamp; 2],
    ) -> Result<(Value, Value), Failure> {
        self.stage.go(shipment.shipped, "goods are shipped").await?;
        let record = self.bill(shipment).await?;
        self.stage.go(presented, "documents are presented").await?;
        let args = self.presentation(shipment, &record)?;
        let offered = self
            .stage
            .done("exporter", (ESCROW, "present"), args)
            .await?;
        let n = offered.value.clone();
        let both = json!({ "lc": self.lc, "n": n });
        let complete = self
            .stage
            .done("exporter", (ESCROW, "complete"), both.clone())
            .await?;
        let deadline = self.deadline(&n).await?;
        let text = format!(
            "{} and {}: {} claimed under credit {}",
            shipment.invoice,
            shipment.bill,
            self.show(shipment.claim),
            plain(&self.lc)
        );
        let data = json!({
            "n": n, "claim": shipment.claim.to_string(), "tx": offered.tx,
            "examined_until": self.stage.calendar.json(deadline),
        });
        let gas = Some(offered.gas.saturating_add(complete.gas));
        self.stage.step("presented", &text, gas, data).await?;
        let text = format!(
            "banks may refuse until {}",
            self.stage.calendar.both(deadline)
        );
        self.stage.report.more(&text);
        let reckoned = self.case.examination_end(presented);
        let detail = self.stage.calendar.both(deadline);
        let name = format!("{} is examined in five banking days", shipment.bill);
        self.stage.report.check(name, reckoned == deadline, detail);
        self.stage
            .go(examined, "the documents are examined")
            .await?;
        let args = json!({ "lc": self.lc, "n": n, "verdict": "Complying" });
        let found = self
            .stage
            .done("exporter_bank", (ESCROW, "examine"), args)
            .await?;
        let text = format!(
            "presentation {} complies, says exporter_bank, in time",
            plain(&n)
        );
        let data = json!({ "n": n, "verdict": "Complying", "tx": found.tx });
        self.stage
            .step("examined", &text, Some(found.gas), data)
            .await?;
        Ok((n, record))
    }

    /// The last second of a refusal.
    async fn deadline(&self, n: &Value) -> Result<Timestamp, Failure> {
        let args = json!({ "lc": self.lc, "n": n });
        let shown = self.stage.ask((ESCROW, "presentation"), args).await?;
        let text = &shown["presentation"]["clock"]["Running"]["deadline"];
        let seconds = text.as_str().and_then(|text| text.parse().ok());
        let unread = || Failure::failed("the presentation has no deadline");
        seconds.map(Timestamp).ok_or_else(unread)
    }

    /// The first shipment: money and bill change hands in one transaction, and once only.
    pub(super) async fn honoured(&mut self) -> Result<(), Failure> {
        let (shipment, times) = (self.case.first.0.clone(), self.case.first.1);
        let (n, record) = self.complying(&shipment, times).await?;
        let before = self.stage.balances().await?;
        let both = json!({ "lc": self.lc, "n": n });
        let honour = (ESCROW, "honour");
        let done = self.stage.done("exporter", honour, both.clone()).await?;
        let after = self.stage.balances().await?;
        let controller = self
            .stage
            .ask((RIGHTS, "controller"), json!({ "id": record }))
            .await?;
        let text = format!(
            "{} importer -> exporter, bill {} exporter -> importer",
            self.show(shipment.claim),
            shipment.bill
        );
        let data = json!({
            "n": n, "amount": shipment.claim.to_string(), "record": record, "tx": done.tx,
            "events": done.events.len(), "controller": controller,
            "balances": { "before": texts(&before), "after": texts(&after) },
        });
        self.stage
            .step("honour", &text, Some(done.gas), data)
            .await?;
        let text = format!(
            "in one transaction, {} events of 4 contracts: {}",
            done.events.len(),
            done.tx
        );
        self.stage.report.more(&text);
        let paid = |name: &str, up: bool| {
            let (before, after) = (before.get(name).copied(), after.get(name).copied());
            let (low, high) = if up { (before, after) } else { (after, before) };
            high.zip(low).and_then(|(high, low)| high.checked_sub(low)) == Some(shipment.claim)
        };
        let moved = paid("exporter", true) && paid("importer", false);
        let handed = controller == json!(self.stage.at("importer")?);
        let one = self.spoke(&done, TOKEN)? && self.spoke(&done, RIGHTS)?;
        let detail = self.show(shipment.claim);
        let report = &mut self.stage.report;
        report.check(
            "honour moves money and bill together",
            moved && handed && one,
            detail,
        );
        let again = self.stage.refused("exporter", honour, both, 6).await?;
        let text = format!("honour again: {}", again.reasoned());
        let data = json!({ "n": n, "refused": again.json() });
        self.stage.step("refused", &text, None, data).await?;
        let kept = self
            .stage
            .ask((RIGHTS, "controller"), json!({ "id": record }))
            .await?;
        let detail = again.short();
        let report = &mut self.stage.report;
        report.check(
            "a second honour changes nothing",
            kept == controller,
            detail,
        );
        self.conversion(shipment.claim).await
    }

    /// True if a contract reported something in a transaction.
    fn spoke(&self, done: &Done, contract: &str) -> Result<bool, Failure> {
        let address = self.stage.at(contract)?;
        Ok(done.events.iter().any(|event| event.contract == address))
    }

    /// What was paid leaves the fence through the operator, if the exporter is a resident.
    async fn conversion(&mut self, amount: u128) -> Result<(), Failure> {
        let args = json!({
            "to": self.stage.at("elr_operator")?, "amount": amount.to_string(),
            "purpose": "ExportConversion", "trade_ref": self.trade_ref,
        });
        let call = (TOKEN, "transfer_for");
        if self.case.importer_is_resident() {
            let refusal = self.stage.refused("exporter", call, args, 116).await?;
            let text = format!(
                "not for a non-resident exporter, who holds: {}",
                refusal.reasoned()
            );
            let data = json!({ "refused": refusal.json() });
            return self.stage.step("conversion", &text, None, data).await;
        }
        let done = self.stage.done("exporter", call, args).await?;
        let text = format!("{} exporter -> elr_operator, for money", self.show(amount));
        let data = json!({ "amount": amount.to_string(), "tx": done.tx });
        self.stage
            .step("conversion", &text, Some(done.gas), data)
            .await
    }

    /// The second shipment: its documents come one second after the last.
    pub(super) async fn too_late(&mut self) -> Result<(), Failure> {
        let (shipment, last) = (self.case.late.0.clone(), self.case.late.1);
        self.stage
            .go(shipment.shipped, "more goods are shipped")
            .await?;
        let record = self.bill(&shipment).await?;
        let args = json!({ "lc": self.lc, "shipment_date": shipment.shipped.0.to_string() });
        let answered = self.stage.ask((ESCROW, "last_presentation"), args).await?;
        let reckoned = self.case.last_present(shipment.shipped);
        let same = plain(&answered) == reckoned.0.to_string();
        let detail = self.stage.calendar.both(reckoned);
        let name = "what is late is late by a second";
        self.stage.report.check(name, same, detail);
        let after = Timestamp(last.0.saturating_add(1));
        let why = format!("one second after the last for {}", shipment.bill);
        self.stage.go(after, &why).await?;
        let args = self.presentation(&shipment, &record)?;
        let refusal = self
            .stage
            .refused("exporter", (ESCROW, "present"), args, 404);
        let refusal = refusal.await?;
        let text = format!(
            "{} presented late: {}",
            shipment.invoice,
            refusal.reasoned()
        );
        let data = json!({
            "claim": shipment.claim.to_string(), "refused": refusal.json(),
            "last": self.stage.calendar.json(last),
        });
        self.stage.step("refused", &text, None, data).await
    }

    /// The third shipment complies, and is not paid: a screening found the importer on a list.
    pub(super) async fn stopped(&mut self) -> Result<(), Failure> {
        let shipment = self.case.stopped.0.clone();
        let [presented, examined, hit] = self.case.stopped.1;
        let (n, record) = self.complying(&shipment, [presented, examined]).await?;
        self.stage
            .go(hit, "a new version of a sanctions list is out")
            .await?;
        self.office
            .found(&mut self.stage, "importer", "Hit")
            .await?;
        let text = "the screener finds importer on the new version of the list";
        let data = json!({ "pid": self.office.pid("importer")?, "result": "Hit" });
        self.stage.step("screening", text, None, data).await?;
        let both = json!({ "lc": self.lc, "n": n });
        let refusal = self
            .stage
            .refused("exporter", (ESCROW, "honour"), both.clone(), 102);
        let refusal = refusal.await?;
        let text = format!(
            "honour of presentation {}: {}",
            plain(&n),
            refusal.reasoned()
        );
        let why = self.stage.ask((ESCROW, "why_honour"), both.clone()).await?;
        let data = json!({ "n": n, "refused": refusal.json(), "why": why });
        self.stage.step("refused", &text, None, data).await?;
        let bank = self.stage.refused(
            "exporter_bank",
            (ESCROW, "honour_confirming"),
            json!({ "lc": self.lc, "n": n, "licence_doc": null }),
            102,
        );
        let bank = bank.await?;
        let text = format!("from the confirming bank's money: {}", bank.reasoned());
        let data = json!({ "n": n, "refused": bank.json() });
        self.stage.step("refused", &text, None, data).await?;
        let shown = self.stage.ask((ESCROW, "presentation"), both).await?;
        let owed = shown["standing"] == json!({ "Complying": null }) && shown["open"] == true;
        let controller = self
            .stage
            .ask((RIGHTS, "controller"), json!({ "id": record }))
            .await?;
        let kept = controller == json!(self.stage.at(ESCROW)?);
        let detail = format!("{} claimed", self.show(shipment.claim));
        let report = &mut self.stage.report;
        report.check("what the hit stops is still owed", owed && kept, detail);
        Ok(())
    }
}
