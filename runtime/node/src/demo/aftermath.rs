//! The second half of the story: the node dies, comes back, and is asked about everything.

use super::crash::{self, Flight};
use super::ledger::Ledger;
use super::process::Process;
use super::session::{BATCH, Session, succeeded};
use super::story::Story;
use super::{progress, replay};
use crate::output::Failure;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weighhouse_primitives::Timestamp;
use weighhouse_rpc::types::{At, SubmittedAs};

/// Longest wait for events that are on their way.
const EVENTS_PATIENCE: Duration = Duration::from_secs(10);
/// The node dies at a moment below this, in milliseconds, after enough was acknowledged.
const KILL_SPREAD_MS: usize = 40;

impl Story<'_> {
    /// Kills the node under load and starts it again over the same folder.
    pub(super) async fn kill(&mut self) -> Result<Flight, Failure> {
        let args = json!({
            "to": self.session.text(&self.subscriber(1)?.address), "amount": "0", "memo": null,
        });
        let terms = self.terms(self.subscriber(0)?, "transfer", &args).await?;
        let pause = u64::try_from(self.random.below(KILL_SPREAD_MS)).unwrap_or_default();
        let flight = crash::fly_and_kill(
            &self.session,
            &self.token,
            &self.cast.subscribers,
            terms,
            (&mut self.process, Duration::from_millis(pause)),
        );
        let flight = flight.await?;
        let time = terms.valid_until.0.saturating_sub(1_800);
        let started = Instant::now();
        self.restart(Timestamp(time)).await?;
        let seconds = started.elapsed().as_secs_f64();
        self.watch.resume(&self.session.live_url()).await?;
        let text = format!(
            "SIGKILL: {} acknowledged, {} in flight; answers again after {seconds:.2} s",
            flight.acknowledged.len(),
            flight.open()
        );
        let data = json!({
            "acknowledged": flight.acknowledged.len(), "in_flight": flight.open(),
            "restart_seconds": seconds,
        });
        self.report.act("kill", &text, None, data);
        let detail = format!("{} transactions", flight.open());
        self.report
            .check("the node died in full flight", flight.open() > 0, detail);
        Ok(flight)
    }

    async fn restart(&mut self, time: Timestamp) -> Result<(), Failure> {
        self.start.time = Some(time);
        self.start.port = self.plan.setting.port;
        let started = Process::start(&self.start).await;
        self.process = match started {
            // The port may be somebody else's; where the node answers is printed in any case.
            Err(_) if self.plan.setting.port != 0 => {
                self.start.port = 0;
                Process::start(&self.start).await?
            }
            started => started?,
        };
        let nonce = self.session.nonce();
        self.session = Arc::new(Session::connect(self.process.url(), nonce).await?);
        Ok(())
    }

    /// Sends everything of the flight again, the acknowledged included: nothing may happen twice.
    pub(super) async fn resend(&mut self, flight: &Flight) -> Result<(), Failure> {
        let bar = progress::bar(&self.context.output, "sending again", flight.sent.len());
        let mut known = 0u64;
        for batch in flight.sent.chunks(BATCH) {
            for answer in self.session.submit(batch).await? {
                known += u64::from(answer?.status == SubmittedAs::Known);
            }
            for (signed, status) in batch.iter().zip(self.session.wait(batch).await?) {
                succeeded(signed.hash, &status?)?;
            }
            progress::advance(&bar, batch.len());
        }
        bar.finish_and_clear();
        let sent = u64::try_from(flight.sent.len()).unwrap_or_default();
        let text = format!(
            "all {sent} sent again: {known} known already, {} new",
            sent - known
        );
        let data = json!({ "sent": sent, "known": known, "new": sent - known });
        self.report.act("again", &text, None, data);
        let acknowledged = u64::try_from(flight.acknowledged.len()).unwrap_or_default();
        let detail = format!("{known} known, {acknowledged} acknowledged");
        let holds = known >= acknowledged;
        self.report
            .check("the node remembers what it acknowledged", holds, detail);
        Ok(())
    }

    /// Reads the whole chain and compares it with what was promised.
    pub(super) async fn verify(&mut self, flight: &Flight) -> Result<Ledger, Failure> {
        let ledger = Ledger::read(&self.session, &self.token, &self.context.output).await?;
        let (lost, doubled) = (ledger.lost(flight), ledger.doubled());
        let detail = format!("{} checked, {lost} missing", flight.acknowledged.len());
        self.report
            .check("acknowledged is there once", lost == 0, detail);
        let missing = ledger.missing(flight);
        let detail = format!(
            "{} transactions, {doubled} twice, {missing} missing",
            ledger.places.len()
        );
        self.report
            .check("nothing is doubled", doubled == 0 && missing == 0, detail);
        // The two that were to be refused, and no other.
        let failed = ledger.failed.len();
        self.report.check(
            "refused are the two refused",
            failed == 2,
            format!("{failed} refused"),
        );
        let at = At::Height(ledger.head.height.0);
        let supply = self.token.supply(&self.session, at).await?;
        let holders = self.token.holders(&self.session, at).await?;
        let sum: u128 = holders.values().sum();
        let detail = format!("{} over {} holders", self.show(sum), holders.len());
        let holds = sum == supply && supply == self.plan.issuance.total();
        self.report
            .check("sum of balances is the supply", holds, detail);
        let folded = ledger.balances.len() == holders.len()
            && holders.iter().all(|(holder, balance)| {
                let folded = ledger.balances.get(holder);
                folded.and_then(|folded| u128::try_from(*folded).ok()) == Some(*balance)
            });
        let detail = format!("{} events", ledger.event_count());
        self.report
            .check("events add up to the balances", folded, detail);
        let heard = self
            .watch
            .until(ledger.event_count(), EVENTS_PATIENCE)
            .await;
        let same = heard.names == ledger.events && heard.disordered == 0;
        let detail = format!(
            "{} over WebSocket in order, {} in receipts",
            heard.count(),
            ledger.event_count()
        );
        self.report.check("every event arrived once", same, detail);
        let text = format!("{} over {} WebSockets", heard.count(), heard.connections);
        let data = json!({
            "heard": heard.names, "in_receipts": ledger.events, "connections": heard.connections,
            "lagged": heard.lagged,
        });
        self.report.act("events", &text, None, data);
        Ok(ledger)
    }

    /// Replays the log in a fresh folder.
    pub(super) async fn replay(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let fresh = self.folder.path().join("replay");
        let started = Instant::now();
        let head = replay::replay(&self.start, &fresh, ledger.head.time.0).await?;
        let seconds = started.elapsed().as_secs_f64();
        let same = head == ledger.head;
        let text = format!("{} blocks from genesis in {seconds:.1} s", head.height);
        let data = json!({
            "height": head.height, "state_root": head.state_root, "seconds": seconds,
        });
        self.report.act("replay", &text, None, data);
        let detail = format!("{} at height {}", head.state_root, head.height);
        self.report
            .check("replay gives the same root", same, detail);
        Ok(())
    }
}
