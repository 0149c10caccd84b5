//! What happens around every call: its cost, unknown names, subscriptions without a WebSocket, figures.
//!
//! Single calls, calls in a batch and notifications pass the same function: the library treats the
//! three apart, and a layer that forgets one is no layer.

use super::clients::{self, BUSY_PAUSE, Client, Clients};
use super::cost;
use super::flow;
use super::metrics::Metrics;
use crate::api;
use crate::error::{ErrorBody, code};
use crate::nearest::nearest;
use crate::server::params::to_object;
use crate::server::turn::Turns;
use futures_util::future::join_all;
use jsonrpsee::core::middleware::{Batch, BatchEntry, BatchEntryErr, Notification, RpcServiceT};
use jsonrpsee::core::server::{BatchResponseBuilder, MethodResponse};
use jsonrpsee::types::{Id, Request};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Marks a request that came over plain HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverHttp;

/// Name under which calls of unknown methods are counted.
const UNKNOWN: &str = "unknown";

/// What is known of a method.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// A subscription, or its end.
    streams: bool,
    /// Units that a call pays.
    units: u32,
}

/// What the layer knows: every name, whether it is a subscription, and what it costs.
#[derive(Clone, Debug)]
pub(crate) struct Names(Arc<BTreeMap<&'static str, Known>>);

impl Names {
    /// The names of this node.
    pub(crate) fn new(development: bool) -> Self {
        let known = |name, streams| {
            let units = cost::of(name);
            (name, Known { streams, units })
        };
        let mut names = BTreeMap::from([known("rpc.discover", false)]);
        for method in api::methods() {
            if !development && method.name.starts_with("dev_") {
                continue;
            }
            names.extend([known(method.name, method.subscription.is_some())]);
            if let Some((_, unsubscribe)) = method.subscription {
                names.extend([known(unsubscribe, true)]);
            }
        }
        Self(Arc::new(names))
    }

    /// Why a call is refused before it reaches its method.
    fn refusal(&self, method: &str, over_http: bool) -> Option<ErrorBody> {
        match self.0.get(method) {
            None => {
                let near = nearest(method, self.0.keys().copied());
                let short: String = method.chars().take(80).collect();
                let hint = if near.is_empty() {
                    String::new()
                } else {
                    format!("; did you mean {}?", near.join(", "))
                };
                let message = format!("no method {short:?}{hint}");
                Some(ErrorBody::new(code::METHOD, message).with("nearest", near))
            }
            Some(Known { streams: true, .. }) if over_http => {
                let message = format!("{method} needs a WebSocket");
                Some(ErrorBody::new(code::USE_WEBSOCKET, message))
            }
            Some(_) => None,
        }
    }

    /// Units that a call pays before anything is done for it; its bytes were owed as they came.
    fn units(&self, request: &Request<'_>) -> u32 {
        let known = self.0.get(request.method.as_ref());
        known.map_or(cost::UNKNOWN, |known| known.units)
    }

    fn label(&self, method: &str) -> &'static str {
        self.0
            .get_key_value(method)
            .map_or(UNKNOWN, |(name, _)| *name)
    }
}

/// The layer around one connection's service.
#[derive(Clone, Debug)]
pub(crate) struct Around<S> {
    pub(crate) inner: S,
    pub(crate) names: Names,
    pub(crate) metrics: Metrics,
    pub(crate) clients: Clients,
    pub(crate) client: Arc<Client>,
    pub(crate) response_bytes_max: usize,
}

impl<S> Around<S> {
    /// Takes the units of calls that come together, or says when they are there.
    fn pay(&self, units: u32) -> Result<(), Duration> {
        let paid = self.client.pay(units);
        if let Err(wait) = paid {
            self.clients.refused();
            let key = self.client.name().map(|name| &**name);
            tracing::debug!(key, units, ?wait, "a client has spent its units");
        }
        paid
    }

    /// The answer to a call that its client cannot pay now, or that is one too many.
    fn too_much(&self, request: Request<'_>, wait: Duration) -> MethodResponse {
        let label = self.names.label(&request.method);
        self.metrics.called(label, code::RATE, Duration::ZERO);
        let why = "this client asks for too much at once";
        MethodResponse::error(request.id.into_owned(), to_object(limited(why, wait)))
    }

    /// An answer over a `WebSocket`, if there is room for it until it is read.
    fn that_has_room(
        &self,
        answer: MethodResponse,
        id: Id<'static>,
        message: Option<&flow::Message>,
    ) -> MethodResponse {
        let bytes = answer.as_json().get().len();
        match message {
            // A subscription's was sent when it was accepted, a notification has none.
            _ if answer.is_subscription() || answer.is_notification() => answer,
            Some(message) if !message.flow.answers(&self.client, bytes) => {
                let why = "this client leaves too much unread";
                MethodResponse::error(id, to_object(limited(why, BUSY_PAUSE)))
            }
            _ => answer,
        }
    }
}

impl<S> Around<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    /// Answers a call that is paid.
    fn answer<'a>(
        &self,
        request: Request<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + use<'a, S> {
        let this = self.clone();
        async move {
            let started = Instant::now();
            let label = this.names.label(&request.method);
            // Over a WebSocket calls do not wait for each other.
            let over_http = request.extensions.get::<OverHttp>().is_some();
            let message = flow::message(&request.extensions);
            let has_room = message.as_ref().is_none_or(|message| message.has_room());
            let Some(_call) = this.client.begin().filter(|_| has_room) else {
                return this.too_much(request, BUSY_PAUSE);
            };
            let response = match this.names.refusal(&request.method, over_http) {
                Some(body) => MethodResponse::error(request.id.into_owned(), to_object(body)),
                None => {
                    let flow = message.map(|message| Arc::clone(&message.flow));
                    let call = this.inner.call(request);
                    clients::asking(Arc::clone(&this.client), flow, call).await
                }
            };
            this.client
                .owe(cost::of_bytes(response.as_json().get().len()));
            let code = response.as_error_code().unwrap_or(0);
            this.metrics.called(label, code, started.elapsed());
            response
        }
    }
}

impl<S> Around<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            BatchResponse = MethodResponse,
            NotificationResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    /// Answers a batch.
    async fn answer_all(&self, batch: Batch<'_>) -> MethodResponse {
        let mut answers = BatchResponseBuilder::new_with_limit(self.response_bytes_max);
        let units = batch.iter().map(|entry| match entry {
            Ok(BatchEntry::Call(request)) => self.names.units(request),
            _ => cost::UNKNOWN,
        });
        let paid = self.pay(units.fold(0, u32::saturating_add));
        if paid.is_ok() && batch.iter().all(is_submission) {
            // At once, so that their signatures are checked together; given in and answered in order.
            let mut turns = Turns::default();
            let calls = batch.into_iter().filter_map(|entry| match entry {
                Ok(BatchEntry::Call(request)) => Some(turns.next(self.answer(request))),
                _ => None,
            });
            for answer in join_all(calls).await {
                if let Err(too_large) = answers.append(answer) {
                    return too_large;
                }
            }
            return MethodResponse::from_batch(answers.finish());
        }
        let mut only_notifications = false;
        for entry in batch {
            let answer = match entry {
                Ok(BatchEntry::Call(request)) => match paid {
                    Ok(()) => self.answer(request).await,
                    Err(wait) => self.too_much(request, wait),
                },
                Ok(BatchEntry::Notification(notification)) => {
                    only_notifications = true;
                    self.notification(notification).await;
                    continue;
                }
                Err(error) => {
                    let (error, id) = error.into_parts();
                    MethodResponse::error(id, error)
                }
            };
            if let Err(too_large) = answers.append(answer) {
                return too_large;
            }
        }
        if answers.is_empty() && only_notifications {
            return MethodResponse::notification();
        }
        MethodResponse::from_batch(answers.finish())
    }
}

impl<S> RpcServiceT for Around<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            BatchResponse = MethodResponse,
            NotificationResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let this = self.clone();
        async move {
            let message = flow::message(&request.extensions);
            let id = request.id.clone().into_owned();
            let answer = match this.pay(this.names.units(&request)) {
                Ok(()) => this.answer(request).await,
                Err(wait) => this.too_much(request, wait),
            };
            this.that_has_room(answer, id, message.as_deref())
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let this = self.clone();
        async move {
            let message = message_of(&batch);
            let answer = this.answer_all(batch).await;
            this.that_has_room(answer, Id::Null, message.as_deref())
        }
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        let this = self.clone();
        async move {
            // A notification is never executed: nobody would learn what became of it.
            let label = this.names.label(&notification.method);
            this.metrics.called(label, code::REQUEST, Duration::ZERO);
            this.inner.notification(notification).await
        }
    }
}

/// A refusal that ends with time.
fn limited(why: &str, wait: Duration) -> ErrorBody {
    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    ErrorBody::new(code::RATE, why).with("retry_after_ms", wait_ms.saturating_add(1))
}

/// The message that a batch came in.
fn message_of(batch: &Batch<'_>) -> Option<Arc<flow::Message>> {
    batch.iter().find_map(|entry| match entry {
        Ok(BatchEntry::Call(request)) => flow::message(&request.extensions),
        _ => None,
    })
}

/// True for a call that gives in a transaction.
fn is_submission(entry: &Result<BatchEntry<'_>, BatchEntryErr<'_>>) -> bool {
    matches!(entry, Ok(BatchEntry::Call(request)) if request.method == "tx_submit")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: unknown methods bring the nearest, and subscriptions over HTTP are 1405.
    #[test]
    fn refusals_name_the_cure() {
        let names = Names::new(false);
        let error = names.refusal("chain_haed", true).unwrap();
        assert_eq!(error.code, -32601);
        assert_eq!(error.field("nearest").unwrap()[0], "chain_head");
        assert_eq!(names.refusal("event_subscribe", true).unwrap().code, 1405);
        assert!(names.refusal("event_subscribe", false).is_none());
        assert!(names.refusal("tx_submit", true).is_none());
        assert_eq!(names.refusal("dev_mine", true).unwrap().code, -32601);
        assert!(Names::new(true).refusal("dev_mine", true).is_none());
    }
}
