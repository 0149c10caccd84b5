//! Rights in land: a parcel is entered, mortgaged, sold with the bank's consent, arrested and set free.
//!
//! Reading order: `case` (the files), then the acts below in the order of the story, `supervise` (history
//! and what the regulator sees).

mod case;
mod supervise;

pub use case::{PARCEL, PARTIES, Rights};

use super::Left;
use super::answer::{Refusal, plain};
use super::office::{Office, paper};
use super::setting::Setting;
use super::stage::Stage;
use crate::cli::Context;
use crate::output::Failure;
use serde_json::{Value, json};
use std::time::Instant;
use weighhouse_primitives::Timestamp;

/// The registry of rights among the contracts of the story.
const RIGHTS: &str = "rights";
/// A year beyond the story: what is known of the parties stays fresh throughout.
const YEAR: u64 = 31_536_000;

/// The story while it is told.
struct Telling<'a> {
    case: &'a Rights,
    stage: Stage<'a>,
    office: Office,
    /// Number of the parcel in the registry.
    parcel: Value,
    /// Documents of decisions so far: each is used once.
    decisions: u32,
}

/// Tells the story of the parcel; its document, and the node with its folder.
pub(super) async fn tell(
    context: &Context,
    case: &Rights,
    setting: &Setting,
) -> Result<(Value, Left), Failure> {
    let started = Instant::now();
    let mut telling = Telling::open(context, case, setting).await?;
    telling.vetting().await?;
    telling.entered().await?;
    let sale = telling.mortgaged().await?;
    telling.sold(&sale).await?;
    telling.arrested().await?;
    telling.supervised().await?;
    let seconds = started.elapsed().as_secs_f64();
    let (rights, id) = (telling.stage.at(RIGHTS)?, plain(&telling.parcel));
    let try_next = format!("contract query {rights} -- object --id {id}");
    telling.stage.end((seconds, setting.serve), &try_next).await
}

impl<'a> Telling<'a> {
    /// Starts the node and deploys register and registry.
    async fn open(
        context: &'a Context,
        case: &'a Rights,
        setting: &Setting,
    ) -> Result<Self, Failure> {
        let [opens, .., lifted] = case.moments;
        let calendar = case.calendar.clone();
        let mut stage = Stage::open(context, setting, (opens, calendar)).await?;
        let chain = stage.session.info.chain_id.clone();
        let text = format!(
            "  rights      parcel {}, {}, chain {chain}",
            case.number, case.description
        );
        stage.report.line(text);
        stage
            .go(opens, "parties are vetted, the parcel is entered")
            .await?;
        let mut office = Office::open(&mut stage, Timestamp(lifted.0.saturating_add(YEAR))).await?;
        office.gas += Office::open_rights(&mut stage, RIGHTS, case.cooling).await?;
        let text = "register of participants and registry of rights are deployed";
        stage
            .step("contracts", text, Some(office.gas), json!({}))
            .await?;
        Ok(Self {
            case,
            stage,
            office,
            parcel: Value::Null,
            decisions: 0,
        })
    }

    async fn vetting(&mut self) -> Result<(), Failure> {
        let before = self.office.gas;
        for party in &self.case.parties {
            self.office.vet(&mut self.stage, party).await?;
        }
        let count = self.office.count();
        let text = format!("{count} participants, each registered and approved by two officers");
        let gas = self.office.gas.saturating_sub(before);
        let data = json!({ "participants": count });
        self.stage.step("vetting", &text, Some(gas), data).await
    }

    async fn call(&mut self, who: &str, entry: &str, args: Value) -> Result<(Value, u64), Failure> {
        let done = self.stage.done(who, (RIGHTS, entry), args).await?;
        Ok((done.value, done.gas))
    }

    /// A step that is a refusal.
    async fn refusal(&mut self, what: &str, refusal: &Refusal) -> Result<(), Failure> {
        let text = format!("{what}: {}", refusal.reasoned());
        let data = json!({ "refused": refusal.json() });
        self.stage.step("refused", &text, None, data).await
    }

    /// An application of a party; the number of its entry.
    async fn apply(&mut self, who: &str, request: Value, text: &str) -> Result<Value, Failure> {
        let args = json!({
            "object": self.parcel, "request": request, "docs": [paper(&format!("application of {who}"))],
        });
        let (entry, gas) = self.call(who, "apply", args).await?;
        let text = format!("entry {}: {text}", plain(&entry));
        let data = json!({ "entry": entry, "request": request });
        self.stage.step("applied", &text, Some(gas), data).await?;
        Ok(entry)
    }

    /// Whose consent to an application is missing: the first.
    async fn missing(&self, entry: &Value) -> Result<Option<String>, Failure> {
        let view = self
            .stage
            .ask((RIGHTS, "application"), json!({ "entry_no": entry }));
        let missing = view.await?["missing"].clone();
        Ok(Some(missing)
            .filter(|pid| !pid.is_null())
            .map(|pid| self.office.name(&pid)))
    }

    /// A party says yes.
    async fn consent(&mut self, who: &str, entry: &Value) -> Result<(), Failure> {
        let (_, gas) = self
            .call(who, "consent", json!({ "entry_no": entry }))
            .await?;
        let text = format!("{who} consents to entry {}", plain(entry));
        let data = json!({ "entry": entry, "by": who });
        self.stage.step("consent", &text, Some(gas), data).await
    }

    /// A decision to register: proposed by one registrar. The number of the proposal.
    fn decision(&mut self, entry: &Value) -> Value {
        self.decisions += 1;
        json!({ "entry_no": entry, "decision_doc": paper(&format!("decision {}", self.decisions)) })
    }

    /// One registrar proposes, another approves.
    async fn register(&mut self, entry: &Value, text: &str) -> Result<(), Failure> {
        let args = self.decision(entry);
        let (id, gas) = self.call("registrar", "propose_register", args).await?;
        let id = json!({ "id": id });
        let (_, more) = self
            .call("second_registrar", "approve_register", id)
            .await?;
        let text = format!("entry {}: {text}", plain(entry));
        let data = json!({ "entry": entry });
        let gas = Some(gas.saturating_add(more));
        self.stage.step("registered", &text, gas, data).await
    }

    /// The cooling period of what was applied for last is over.
    async fn cool(&mut self) -> Result<(), Failure> {
        let now = self.stage.now().await?;
        let over = Timestamp(now.0.saturating_add(self.case.cooling).saturating_add(60));
        self.stage.go(over, "the cooling period is over").await
    }

    /// The parcel and its first owner.
    async fn entered(&mut self) -> Result<(), Failure> {
        let case = self.case;
        let args = json!({
            "class": "Parcel", "ref_no": case.number, "meta": paper(&case.description),
            "area": case.area.to_string(), "doc": paper(&format!("plan of {}", case.number)),
        });
        let (parcel, gas) = self.call("registrar", "create_object", args).await?;
        self.parcel = parcel;
        let text = format!(
            "{} entered as object {}, {} cm2",
            case.number,
            plain(&self.parcel),
            case.area
        );
        let data = json!({ "object": self.parcel, "number": case.number });
        self.stage.step("parcel", &text, Some(gas), data).await?;
        let shares = json!([[self.office.pid("owner")?, ["1", "1"]]]);
        let request = json!({ "FirstOwnership": { "shares": shares } });
        let entry = self
            .apply("owner", request, "owner applies to own the whole")
            .await?;
        while let Some(who) = self.missing(&entry).await? {
            self.consent(&who, &entry).await?;
        }
        if case.cooling > 0 {
            let args = self.decision(&entry);
            let early = self
                .stage
                .refused("registrar", (RIGHTS, "propose_register"), args, 11);
            let early = early.await?;
            self.refusal("registered at once", &early).await?;
        }
        self.cool().await?;
        let args = self.decision(&entry);
        let (id, _) = self.call("registrar", "propose_register", args).await?;
        let id = json!({ "id": id });
        let alone = self
            .stage
            .refused("registrar", (RIGHTS, "approve_register"), id.clone(), 16);
        let alone = alone.await?;
        self.refusal("one registrar alone", &alone).await?;
        let (_, gas) = self
            .call("second_registrar", "approve_register", id)
            .await?;
        let text = format!("entry {}: owner owns 1/1", plain(&entry));
        let data = json!({ "entry": entry });
        self.stage.step("registered", &text, Some(gas), data).await
    }

    /// The mortgage, and a sale that waits behind it in the queue; the entry of the sale.
    async fn mortgaged(&mut self) -> Result<Value, Failure> {
        let case = self.case;
        let [_, mortgaged, ..] = case.moments;
        self.stage
            .go(mortgaged, "owner and bank agree on a loan")
            .await?;
        let request = json!({ "Mortgage": {
            "share": null, "creditor": self.office.pid("bank")?, "rank": 1,
            "amount": case.amount.to_string(), "until": case.until.0.to_string(),
        }});
        let loan = case.unit.show(case.amount);
        let text = format!("owner applies for a mortgage of rank 1, {loan}, to bank");
        let mortgage = self.apply("owner", request, &text).await?;
        let request = self.transfer("owner", "buyer")?;
        let text = "owner applies to transfer the whole to buyer";
        let sale = self.apply("owner", request, text).await?;
        let queue = json!({ "object": self.parcel, "after": null, "limit": 10 });
        let queue = self.stage.ask((RIGHTS, "queue"), queue).await?;
        let text = format!(
            "on object {}: entries {}",
            plain(&self.parcel),
            list(&queue)
        );
        let data = json!({ "queue": queue });
        self.stage.step("queue", &text, None, data).await?;
        while let Some(who) = self.missing(&mortgage).await? {
            self.consent(&who, &mortgage).await?;
        }
        self.cool().await?;
        let args = self.decision(&sale);
        let turn = self
            .stage
            .refused("registrar", (RIGHTS, "propose_register"), args, 6);
        let turn = turn.await?;
        let text = format!("entry {} before entry {}", plain(&sale), plain(&mortgage));
        self.refusal(&text, &turn).await?;
        let text = format!("mortgage of rank 1, {loan}, for bank");
        self.register(&mortgage, &text).await?;
        Ok(sale)
    }

    fn transfer(&self, from: &str, to: &str) -> Result<Value, Failure> {
        Ok(json!({ "TransferShare": {
            "from": self.office.pid(from)?, "to": self.office.pid(to)?, "part": ["1", "1"],
        }}))
    }

    /// The sale: not without the bank.
    async fn sold(&mut self, sale: &Value) -> Result<(), Failure> {
        let [_, _, sold, ..] = self.case.moments;
        self.stage.go(sold, "the parcel is sold").await?;
        let mut refused = false;
        while let Some(who) = self.missing(sale).await? {
            if who == "bank" && !refused {
                refused = true;
                let args = self.decision(sale);
                let call = (RIGHTS, "propose_register");
                let refusal = self.stage.refused("registrar", call, args, 302).await?;
                self.refusal("sold without the mortgagee", &refusal).await?;
            }
            self.consent(&who, sale).await?;
        }
        self.register(sale, "buyer owns 1/1, the mortgage stays")
            .await?;
        let detail = "302 before the bank's consent".to_owned();
        let report = &mut self.stage.report;
        report.check("a mortgaged parcel is not sold unseen", refused, detail);
        Ok(())
    }

    /// An order of an authority stops everything until it is lifted.
    async fn arrested(&mut self) -> Result<(), Failure> {
        let [.., arrested, lifted] = self.case.moments;
        self.stage
            .go(arrested, "a court arrests the parcel")
            .await?;
        let scope = json!({ "Object": { "contract": self.stage.at(RIGHTS)?, "id": self.parcel } });
        let args = json!({
            "scope": scope, "authority": paper("court 1"), "case_ref": paper("case 1"),
            "doc": paper("order of court 1"), "until": null,
        });
        let order = self
            .office
            .does(&mut self.stage, "enforcer", "order_freeze", args)
            .await?;
        let both = json!({ "object": self.parcel, "order": order });
        let (_, gas) = self.call("registrar", "arrest", both.clone()).await?;
        let text = format!(
            "order {} of the enforcer is entered on object {}",
            plain(&order),
            plain(&self.parcel)
        );
        let data = json!({ "order": order });
        self.stage.step("arrest", &text, Some(gas), data).await?;
        let resale = json!({
            "object": self.parcel, "request": self.transfer("buyer", "stranger")?,
            "docs": [paper("resale")],
        });
        let call = (RIGHTS, "apply");
        let refusal = self
            .stage
            .refused("buyer", call, resale.clone(), 117)
            .await?;
        self.refusal("buyer sells to stranger", &refusal).await?;
        let early = self
            .stage
            .refused("buyer", (RIGHTS, "lift"), both.clone(), 6);
        let early = early.await?;
        self.refusal("buyer has the arrest struck out", &early)
            .await?;
        self.stage.go(lifted, "the court lifts its order").await?;
        let args = json!({ "order": order, "doc": paper("end of case 1") });
        self.office
            .does(&mut self.stage, "enforcer", "lift_freeze", args)
            .await?;
        let (_, gas) = self.call("buyer", "lift", both).await?;
        let code = self
            .stage
            .ask_as(Some("buyer"), (RIGHTS, "check_apply"), resale)
            .await?;
        let text = format!(
            "order {} is struck out, buyer may apply again",
            plain(&order)
        );
        let data = json!({ "order": order, "check_apply": code });
        self.stage.step("lifted", &text, Some(gas), data).await?;
        let free = plain(&code) == "0";
        let detail = format!("check_apply answers {}", plain(&code));
        let report = &mut self.stage.report;
        report.check("what is lifted stops nothing", free, detail);
        Ok(())
    }
}

/// Numbers in one line.
fn list(numbers: &Value) -> String {
    let numbers = numbers.as_array().map(Vec::as_slice).unwrap_or_default();
    let numbers: Vec<String> = numbers.iter().map(plain).collect();
    numbers.join(", ")
}
