//! The export: from vetting to payment under a documentary credit, on four contracts that know each other.
//!
//! Reading order: `case` (the files), `prepare` (contracts, parties, trade, units), `credit` (issued and
//! confirmed), `present` (bills of lading, presentation, honour, what is refused), `supervise` (what the
//! regulator sees, and the checks).
//!
//! What the ring fence lets nobody do (`docs/decisions/0009-ring-fence-as-written.md`) is tried, refused
//! and told; the nearest lawful act follows.

mod case;
mod credit;
mod prepare;
mod present;
mod supervise;

pub use case::{Credit, Export, PARTIES, Shipment, TRADE, Trade};

use super::Left;
use super::office::Office;
use super::setting::Setting;
use super::stage::Stage;
use crate::cli::Context;
use crate::output::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Instant;
use weighhouse_primitives::{Hash, Timestamp};

/// The unit among the contracts of the story.
const TOKEN: &str = "token";
/// The registry of bills of lading.
const RIGHTS: &str = "rights";
/// The documentary credits.
const ESCROW: &str = "escrow";
/// Whose units are looked at.
const HOLDERS: [&str; 4] = ["importer", "exporter", "exporter_bank", "elr_operator"];

/// The story while it is told.
struct Telling<'a> {
    case: &'a Export,
    stage: Stage<'a>,
    office: Office,
    /// The trade contract's name on the chain.
    trade_ref: String,
    /// Number of the credit.
    lc: Value,
}

/// Tells the export; its document, and the node with its folder.
pub(super) async fn tell(
    context: &Context,
    case: &Export,
    setting: &Setting,
) -> Result<(Value, Left), Failure> {
    let started = Instant::now();
    let mut telling = Telling::open(context, case, setting).await?;
    telling.vetting().await?;
    telling.trade().await?;
    telling.units().await?;
    telling.credit().await?;
    telling.stage.watch(TOKEN, &HOLDERS);
    let before = telling.balances().await?;
    telling.honoured().await?;
    telling.too_late().await?;
    telling.stopped().await?;
    telling.supervised().await?;
    telling.verify(&before).await?;
    let seconds = started.elapsed().as_secs_f64();
    let lc = super::answer::plain(&telling.lc);
    let escrow = telling.stage.at(ESCROW)?;
    let try_next = format!("contract query {escrow} -- credit --lc {lc}");
    telling.stage.end((seconds, setting.serve), &try_next).await
}

impl<'a> Telling<'a> {
    /// Starts the node and deploys the contracts.
    async fn open(
        context: &'a Context,
        case: &'a Export,
        setting: &Setting,
    ) -> Result<Self, Failure> {
        let opens = (case.opens, case.calendar.clone());
        let mut stage = Stage::open(context, setting, opens).await?;
        let chain = stage.session.info.chain_id.clone();
        let (exporter, importer) = (case.party("exporter"), case.party("importer"));
        if let (Some(exporter), Some(importer)) = (exporter, importer) {
            let text = format!(
                "  export      {} ({}) sells to {} ({}), chain {chain}",
                exporter.name, exporter.country, importer.name, importer.country
            );
            stage.report.line(text);
        }
        stage
            .go(case.opens, "parties are vetted, the credit is issued")
            .await?;
        // A year beyond the trade: what is known of the parties stays fresh throughout.
        let kyc_until = Timestamp(case.trade.until.0.saturating_add(31_536_000));
        let office = Office::open(&mut stage, kyc_until).await?;
        let mut telling = Self {
            case,
            stage,
            office,
            trade_ref: case.trade_ref().to_string(),
            lc: Value::Null,
        };
        telling.contracts().await?;
        Ok(telling)
    }

    fn show(&self, amount: u128) -> String {
        self.case.unit.show(amount)
    }

    async fn balances(&self) -> Result<Value, Failure> {
        Ok(json!(texts(&self.stage.balances().await?)))
    }
}

/// Amounts as programs read them.
fn texts(amounts: &BTreeMap<String, u128>) -> BTreeMap<&str, String> {
    amounts
        .iter()
        .map(|(name, amount)| (name.as_str(), amount.to_string()))
        .collect()
}

/// A document outside the chain, by its kind and number.
fn document(kind: &str, number: &str) -> String {
    Hash::of(format!("{kind} {number}").as_bytes()).to_string()
}
