//! Group `tx_`.

use crate::api::tx::{
    ByHash, CLIENT_REF_CHARS_MAX, TxApi, TxByRef, TxDecode, TxEncode, TxList, TxPending,
    TxSimulate, TxSubmit, TxWait, WAIT_MS_MAX,
};
use crate::error::{ErrorBody, code};
use crate::server::Asked;
use crate::server::action::suggested_gas;
use crate::server::page::{self, Scan};
use crate::server::service::{Service, height};
use crate::server::turn::my_turn;
use crate::server::view::Views;
use crate::types::{
    BlockPlace, Encoded, HashHex, Hex, OutcomeView, Page, Simulation, Submitted, SubmittedAs,
    TraceView, TxState, TxStatus, TxSummary, TxView, U64,
};
use parity_scale_codec::Encode;
use std::sync::Arc;
use std::time::Duration;
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::{Action, HaltReason, Height, Outcome, Payload, Transaction, TxHash};
use weighhouse_runtime::admission::Rejection;
use weighhouse_runtime::reader::TxFilter;

impl TxApi for Service {
    async fn tx_encode(&self, params: TxEncode) -> Result<Encoded, ErrorBody> {
        self.execute(move |this| {
            let payload = this.encode(&params)?;
            Ok(Encoded {
                unsigned: Hex(payload.encode()),
                signing_hash: payload.hash().into(),
                summary: Views::new(this).payload(&payload),
                nonce: U64(payload.nonce),
            })
        })
        .await
    }

    async fn tx_simulate(&self, params: TxSimulate) -> Result<Simulation, ErrorBody> {
        self.execute(move |this| this.simulation(&params)).await
    }

    async fn tx_submit(&self, params: TxSubmit) -> Result<Submitted, ErrorBody> {
        if let Some(name) = &params.client_ref {
            let chars = name.chars().count();
            if chars == 0 || chars > CLIENT_REF_CHARS_MAX {
                let got = format!("{chars} characters");
                return Err(ErrorBody::bad_argument(
                    "client_ref",
                    "1 to 64 characters",
                    &got,
                ));
            }
        }
        self.admit(params.tx.0, params.client_ref).await
    }

    async fn tx_get(&self, params: ByHash) -> Result<TxStatus, ErrorBody> {
        self.look(move |this| this.status(&params.hash.into()))
            .await
    }

    async fn tx_wait(&self, params: TxWait) -> Result<TxStatus, ErrorBody> {
        let end = tokio::time::Instant::now() + patience(params.timeout_ms);
        // Registered before looking, so that a block in between wakes this up.
        let mut waiter = self.inner().feed.wait(params.hash.into());
        let status = self.tx_get(ByHash { hash: params.hash }).await?;
        if status.status == TxState::Committed {
            return Ok(status);
        }
        match tokio::time::timeout_at(end, waiter.woken()).await {
            Ok(()) => self.tx_get(ByHash { hash: params.hash }).await,
            Err(_) => Ok(status),
        }
    }

    async fn tx_by_ref(&self, params: TxByRef) -> Result<TxStatus, ErrorBody> {
        let signer = self.address("signer", &params.signer)?;
        let found = self.submit().by_ref(&signer, &params.client_ref);
        let hash = found.ok_or_else(|| ErrorBody::not_found("client_ref"))?;
        self.tx_get(ByHash { hash: hash.into() }).await
    }

    async fn tx_list(&self, params: TxList) -> Result<Page<TxSummary>, ErrorBody> {
        self.look(move |this| this.transactions(&params)).await
    }

    async fn tx_pending(&self, params: TxPending) -> Result<Page<TxSummary>, ErrorBody> {
        self.look(move |this| {
            let account = this.address_option("account", params.account.as_ref())?;
            let limit = page::limit(params.limit)?;
            let after = page::number_cursor(params.cursor.as_deref())?;
            let waiting = this.submit().pending_page(account.as_ref(), after, limit);
            let last = waiting.last().map(|(place, _)| place.to_string());
            let next = last.filter(|_| waiting.len() == limit);
            let mut views = Views::new(this);
            let items = waiting
                .iter()
                .map(|(_, waiting)| views.summary(&waiting.transaction));
            let head = this.reader().head().height;
            this.page(items.collect(), next, (head, head))
        })
        .await
    }

    async fn tx_trace(&self, params: ByHash) -> Result<TraceView, ErrorBody> {
        self.execute(move |this| {
            let hash = TxHash::from(params.hash);
            let traced = this.reader().trace(&hash)?;
            let located = this.reader().transaction(&hash)?;
            let action = located
                .as_ref()
                .map(|located| &located.transaction.payload.action);
            let mut views = Views::new(this);
            Ok(TraceView {
                receipt: views.receipt(&traced.receipt, action, traced.debug),
                frames: traced
                    .frames
                    .iter()
                    .map(|frame| views.frame(frame))
                    .collect(),
                changes: traced
                    .changes
                    .iter()
                    .map(|change| views.change(change))
                    .collect(),
            })
        })
        .await
    }

    async fn tx_decode(&self, params: TxDecode) -> Result<TxView, ErrorBody> {
        self.look(move |this| {
            let mut views = Views::new(this);
            Ok(match read(&params.tx.0)? {
                Read::Signed(transaction) => views.transaction(&transaction),
                Read::Unsigned(payload) => views.payload(&payload),
            })
        })
        .await
    }

    async fn tx_subscribe(self: Arc<Self>, params: ByHash, asked: Asked<TxStatus>) {
        let Some(sink) = asked.accept().await else {
            return;
        };
        let mut last = None;
        loop {
            let mut waiter = self.inner().feed.wait(params.hash.into());
            let Ok(status) = self.tx_get(params).await else {
                return;
            };
            let state = status.status;
            if last != Some(state) && !sink.send(&status).await {
                return;
            }
            last = Some(state);
            if state == TxState::Committed {
                return;
            }
            tokio::select! {
                () = waiter.woken() => {}
                () = sink.closed() => return,
            }
        }
    }
}

/// How long `tx_wait` waits. More than the most counts as the most: a time-out is no error, and who is
/// told `pending` asks again.
fn patience(asked_ms: Option<u32>) -> Duration {
    let waited_ms = asked_ms.unwrap_or(WAIT_MS_MAX).min(WAIT_MS_MAX);
    Duration::from_millis(waited_ms.into())
}

enum Read {
    Signed(Box<Transaction>),
    Unsigned(Box<Payload>),
}

/// Reads a signed transaction or an unsigned payload.
fn read(bytes: &[u8]) -> Result<Read, ErrorBody> {
    if let Ok(transaction) = decode_canonical::<Transaction>(bytes) {
        return Ok(Read::Signed(Box::new(transaction)));
    }
    decode_canonical::<Payload>(bytes)
        .map(|payload| Read::Unsigned(Box::new(payload)))
        .map_err(|error| {
            let expected = "the canonical encoding of a transaction or of an unsigned payload";
            ErrorBody::bad_argument("tx", expected, &format!("{} bytes: {error}", bytes.len()))
        })
}

impl Service {
    /// Checks a signed transaction and gives it to the pool.
    pub(crate) async fn admit(
        &self,
        bytes: Vec<u8>,
        client_ref: Option<String>,
    ) -> Result<Submitted, ErrorBody> {
        let admitted = match self.reader().check_unproven(&bytes)? {
            Ok(unproven) => self.inner().prover.prove(unproven).await?,
            Err(rejection) => return self.rejected(rejection, &bytes),
        };
        let hash = admitted.hash;
        if let Action::Upload { code } = &admitted.transaction.payload.action {
            let code = code.clone();
            // Off the block path and off this thread: validating and compiling takes a while.
            self.execute(move |this| {
                let prepared = this.reader().prepare_code(&code)?;
                prepared.map(|_| ()).map_err(ErrorBody::from)
            })
            .await?;
        }
        my_turn().await;
        let status = self.submit().submit(admitted, client_ref)?;
        Ok(Submitted {
            hash: hash.into(),
            status,
        })
    }

    /// A transaction that was executed already is known, even when it is no longer valid.
    fn rejected(&self, rejection: Rejection, bytes: &[u8]) -> Result<Submitted, ErrorBody> {
        if matches!(
            rejection,
            Rejection::Replayed { .. } | Rejection::Expired { .. }
        ) && let Ok(transaction) = decode_canonical::<Transaction>(bytes)
        {
            let hash = transaction.hash();
            if self.reader().transaction(&hash)?.is_some() {
                return Ok(Submitted {
                    hash: hash.into(),
                    status: SubmittedAs::Known,
                });
            }
        }
        Err(rejection.into())
    }

    /// What is known of a transaction.
    pub(crate) fn status(&self, hash: &TxHash) -> Result<TxStatus, ErrorBody> {
        // The pool first: a transaction goes from there to the chain, never back.
        let pending = self.submit().pending(hash);
        let mut status = TxStatus {
            hash: HashHex::from(*hash),
            status: TxState::Unknown,
            transaction: None,
            receipt: None,
            block: None,
            oldest_block: None,
        };
        let mut views = Views::new(self);
        if let Some(located) = self.reader().transaction(hash)? {
            let index = usize::try_from(located.index).unwrap_or(usize::MAX);
            let recent = self.reader().committed(located.height);
            let debug = recent.and_then(|recent| recent.debug.get(index).cloned());
            let action = &located.transaction.payload.action;
            let debug = debug.unwrap_or_default();
            status.status = TxState::Committed;
            status.receipt = Some(views.receipt(&located.receipt, Some(action), debug));
            status.transaction = Some(views.transaction(&located.transaction));
            status.block = Some(BlockPlace {
                height: located.height.into(),
                index: located.index,
            });
        } else if let Some(pending) = pending {
            status.status = TxState::Pending;
            status.transaction = Some(views.transaction(&pending.transaction));
        } else {
            let oldest = self.reader().oldest_block();
            status.oldest_block = (oldest > Height::GENESIS.next()).then(|| oldest.into());
        }
        Ok(status)
    }

    fn simulation(&self, params: &TxSimulate) -> Result<Simulation, ErrorBody> {
        // Signatures are not checked, but what they will be charged for is exact only if they are there.
        let (payload, signed) = match (&params.tx, &params.from, &params.action) {
            (Some(tx), None, None) => match read(&tx.0)? {
                Read::Signed(transaction) => (transaction.payload.clone(), Some(transaction)),
                Read::Unsigned(payload) => (*payload, None),
            },
            (None, Some(from), Some(action)) => {
                let signer = self.address("from", from)?;
                (self.payload(signer, self.action(action)?), None)
            }
            _ => {
                let expected = "either tx, or from and action";
                return Err(ErrorBody::params("params", expected, "another mixture"));
            }
        };
        let at = height(params.at);
        let simulated = match &signed {
            Some(transaction) => self.reader().simulate_signed(transaction, at)?,
            None => self.reader().simulate(&payload, at)?,
        };
        let mut views = Views::new(self);
        let receipt = &simulated.receipt;
        let outcome = views.outcome(&receipt.outcome, Some(&payload.action));
        let returns = match &outcome {
            OutcomeView::Succeeded { value, .. } => value.clone(),
            OutcomeView::Reverted { .. } | OutcomeView::Halted(_) => None,
        };
        let broken = match &receipt.outcome {
            Outcome::Halted(HaltReason::RuleBroken { rule, .. }) => vec![rule.clone()],
            _ => Vec::new(),
        };
        Ok(Simulation {
            height: simulated.height.into(),
            outcome,
            gas_used: receipt.gas_used.into(),
            gas_limit_suggested: suggested_gas(receipt.gas_used).into(),
            returns,
            events: receipt
                .events
                .iter()
                .map(|event| views.event(event))
                .collect(),
            changes: simulated
                .changes
                .iter()
                .map(|change| views.change(change))
                .collect(),
            broken_rules: broken,
            debug: simulated.debug,
        })
    }

    fn transactions(&self, params: &TxList) -> Result<Page<TxSummary>, ErrorBody> {
        let (cursor, heights) = (params.cursor.as_deref(), (params.from, params.to));
        let scan = Scan::new(params.limit, cursor, heights, params.order)?;
        let filter = TxFilter {
            account: self.address_option("account", params.account.as_ref())?,
            contract: self.address_option("contract", params.contract.as_ref())?,
            from: scan.from,
            to: scan.to,
            descending: scan.descending,
        };
        outcome_name(params.outcome.as_deref())?;
        let wanted = |item: &TxSummary| {
            let entry = &params.entry_point;
            (entry.is_none() || *entry == item.entry_point)
                && (params.outcome.is_none() || params.outcome == item.outcome)
        };
        let mut views = Views::new(self);
        self.scan(
            &scan,
            |after, limit| self.reader().transactions(&filter, after, limit),
            |located| Some(views.located(located)).filter(wanted),
        )
    }
}

fn outcome_name(name: Option<&str>) -> Result<(), ErrorBody> {
    let known = ["Succeeded", "Reverted", "Halted"];
    match name {
        Some(name) if !known.contains(&name) => {
            let message = format!(
                "outcome: no outcome {name:?}; known are {}",
                known.join(", ")
            );
            Err(ErrorBody::new(code::UNKNOWN_NAME, message)
                .with("path", "outcome")
                .with("nearest", crate::nearest::nearest(name, known)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: waiting is bounded at n and n+1; left out, it is the most.
    #[test]
    fn waiting_is_bounded() {
        let most = Duration::from_secs(30);
        assert_eq!(patience(Some(0)), Duration::ZERO);
        assert_eq!(
            patience(Some(WAIT_MS_MAX - 1)),
            most - Duration::from_millis(1)
        );
        for asked in [
            None,
            Some(WAIT_MS_MAX),
            Some(WAIT_MS_MAX + 1),
            Some(u32::MAX),
        ] {
            assert_eq!(patience(asked), most);
        }
    }
}
