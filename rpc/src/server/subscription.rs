//! Subscriptions: how a stream is registered, written to and ended.
//!
//! Every stream is bounded twice: the connection's message buffer makes a writer wait, and the feed
//! that a waiting writer falls behind drops it ([`tokio::sync::broadcast`]). A slow reader therefore
//! costs one buffer, never the node's memory.

use super::clients::{self, Client};
use super::flow::Flow;
use super::params;
use crate::error::{ErrorBody, code};
use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::{PendingSubscriptionSink, RpcModule, SubscriptionSink};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::Arc;

/// A subscription that was asked for, and is neither accepted nor refused yet: whatever is wrong
/// with its parameters is an error of the call, never a stream that ends without a word.
#[derive(Debug)]
pub struct Asked<I> {
    pending: PendingSubscriptionSink,
    counted: Option<Counted>,
    items: PhantomData<fn(I)>,
}

impl<I: Serialize> Asked<I> {
    /// Answers with the subscription's id; `None` if the reader is gone, or has too many.
    pub async fn accept(self) -> Option<Stream<I>> {
        let Self {
            pending,
            counted,
            items,
        } = self;
        let sink = pending.accept().await.ok()?;
        Some(Stream {
            sink,
            counted,
            items,
        })
    }

    /// Answers with an error.
    pub async fn refuse(self, error: ErrorBody) {
        self.pending.reject(params::to_object(error)).await;
    }
}

/// The writing end of a subscription.
#[derive(Debug)]
pub struct Stream<I> {
    sink: SubscriptionSink,
    counted: Option<Counted>,
    items: PhantomData<fn(I)>,
}

/// Against whom items count until they are written.
#[derive(Debug)]
struct Counted {
    client: Arc<Client>,
    flow: Arc<Flow>,
}

impl Counted {
    fn current() -> Option<Self> {
        let (client, flow) = (clients::current()?, clients::current_flow()?);
        Some(Self { client, flow })
    }
}

impl<I: Serialize> Stream<I> {
    /// Sends an item; waits while the reader is slow. False once the reader is gone.
    pub async fn send(&self, item: &I) -> bool {
        match serde_json::value::to_raw_value(item) {
            Ok(text) => {
                if let Some(counted) = &self.counted {
                    counted.flow.sends(&counted.client, text.get().len());
                }
                self.sink.send(text).await.is_ok()
            }
            Err(_) => false,
        }
    }

    /// Ends when the reader is gone.
    pub async fn closed(&self) {
        self.sink.closed().await;
    }
}

/// Registers a subscription: its name, the name of its notifications and that of its end.
///
/// # Errors
/// If a name is registered already.
pub fn register<T, P, I, F, Fut>(
    module: &mut RpcModule<T>,
    (name, notification, unsubscribe): (&'static str, &'static str, &'static str),
    run: F,
) -> Result<(), RegisterMethodError>
where
    T: Send + Sync + 'static,
    P: DeserializeOwned + Send,
    I: Serialize + 'static,
    F: Fn(Arc<T>, P, Asked<I>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let start = move |given: jsonrpsee::types::Params<'static>,
                      pending: PendingSubscriptionSink,
                      context: Arc<T>,
                      _| {
        let run = run.clone();
        // Here it is still the call; what follows outlives it.
        let held = match clients::current() {
            Some(client) => client.subscribe().ok_or(()).map(Some),
            None => Ok(None),
        };
        let counted = Counted::current();
        async move {
            let Ok(_held) = held else {
                let error =
                    ErrorBody::new(code::TOO_MANY, "this client has too many subscriptions");
                return pending.reject(params::to_object(error)).await;
            };
            let parsed = params::parse::<P>(&given);
            // What was parsed stays for as long as the stream; the text does not.
            drop(given);
            match parsed {
                Ok(given) => {
                    let asked = Asked {
                        pending,
                        counted,
                        items: PhantomData,
                    };
                    run(context, given, asked).await;
                }
                Err(error) => pending.reject(error).await,
            }
        }
    };
    module.register_subscription(name, notification, unsubscribe, start)?;
    Ok(())
}
