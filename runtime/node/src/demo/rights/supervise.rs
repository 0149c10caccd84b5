//! What is in the registry at the end, what was in it before, and what the regulator sees.

use super::{RIGHTS, Telling};
use crate::demo::answer::plain;
use crate::demo::office::REGISTER;
use crate::output::Failure;
use serde_json::{Value, json};
use weighhouse_primitives::Timestamp;

/// Items of a page.
const PAGE: u32 = 100;

impl Telling<'_> {
    /// Owner and mortgage now, owner before the sale, and the regulator's pages.
    pub(super) async fn supervised(&mut self) -> Result<(), Failure> {
        let [_, _, sold, ..] = self.case.moments;
        let id = json!({ "id": self.parcel });
        let now = self.stage.ask((RIGHTS, "object"), id.clone()).await?;
        let earlier = Timestamp(sold.0.saturating_sub(1));
        let args = json!({ "id": self.parcel, "at": earlier.0.to_string() });
        let before = self.stage.ask((RIGHTS, "as_at"), args).await?;
        let (owner_now, owner_before) = (self.owner(&now), self.owner(&before));
        let text = format!(
            "{owner_before} owned it on {}, {owner_now} owns it now",
            self.stage.calendar.both(earlier)
        );
        let data = json!({ "now": now, "before_sale": before });
        self.stage.step("history", &text, None, data).await?;
        let page = json!({ "after": null, "limit": PAGE });
        let regulator = Some("regulator");
        let positions = self
            .stage
            .ask_as(regulator, (RIGHTS, "reg_positions"), page.clone());
        let positions = positions.await?;
        let orders = self
            .stage
            .ask_as(regulator, (REGISTER, "reg_orders"), page.clone());
        let orders = orders.await?;
        let waiting = self
            .stage
            .ask_as(regulator, (RIGHTS, "reg_inflight"), page.clone());
        let waiting = waiting.await?;
        let count = |value: &Value| value.as_array().map_or(0, Vec::len);
        let text = format!(
            "sees {} object, {} order ({}), {} applications that wait",
            count(&positions),
            count(&orders),
            plain(&orders[0]["state"]),
            count(&waiting)
        );
        let data = json!({ "positions": positions, "orders": orders, "in_flight": waiting });
        self.stage.step("regulator", &text, None, data).await?;
        let asked = self
            .stage
            .ask_as(Some("stranger"), (RIGHTS, "reg_positions"), page)
            .await;
        let refused = asked.err().map(|failure| failure.what().to_owned());
        let detail = refused.clone().unwrap_or_else(|| "answered".into());
        let closed = refused.is_some_and(|what| what.contains("Unauthorized"));
        let mortgages = self.stage.ask((RIGHTS, "restrictions"), id).await?;
        let kept = mortgages
            .as_array()
            .is_some_and(|all| all.len() == 1 && all.iter().all(|one| one["kind"] == "Mortgage"));
        let report = &mut self.stage.report;
        let changed = owner_now == "buyer" && owner_before == "owner";
        report.check(
            "history keeps who owned it when",
            changed,
            format!("{owner_before}, then {owner_now}"),
        );
        report.check(
            "the mortgage outlives the sale",
            kept,
            format!("{} in force", count(&mortgages)),
        );
        report.check(
            "nothing waits",
            count(&waiting) == 0,
            format!("{} applications", count(&waiting)),
        );
        report.check("a party does not see all of it", closed, detail);
        Ok(())
    }

    /// Who owns the whole of a state of the parcel.
    fn owner(&self, state: &Value) -> String {
        let found = state.pointer("/owners/0/holder");
        let found = found.or_else(|| state.pointer("/Object/owners/0/holder"));
        let found = found.or_else(|| state.pointer("/state/Object/owners/0/holder"));
        found.map_or_else(|| plain(state), |pid| self.office.name(pid))
    }
}
