//! A subscription seen from the client.

use super::CallError;
use jsonrpsee::core::client::Subscription;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Items as the node sends them. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Stream<I> {
    inner: Subscription<I>,
    url: Arc<str>,
}

impl<I: DeserializeOwned> Stream<I> {
    pub(super) const fn new(inner: Subscription<I>, url: Arc<str>) -> Self {
        Self { inner, url }
    }

    /// The next item; `None` once the stream has ended.
    ///
    /// # Errors
    /// If an item cannot be read.
    pub async fn next(&mut self) -> Option<Result<I, CallError>> {
        let item = self.inner.next().await?;
        Some(item.map_err(|error| CallError::Answer {
            method: format!("subscription at {}", self.url),
            reason: error.to_string(),
        }))
    }
}
