//! The body of a request, read as it comes, within what its client may send at once.

use crate::server::clients::{Client, Clients, Room};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use std::sync::Arc;

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// Longer than a request may be.
    TooLong,
    /// The client, or all clients together, are sending too much at once.
    NoRoom,
    /// It broke off.
    Broken,
}

/// Reads a body of at most so many bytes; they count as under way until the second part is dropped.
pub(super) async fn read(
    mut body: Incoming,
    most: usize,
    clients: &Clients,
    client: &Arc<Client>,
) -> Result<(Bytes, Vec<Room>), Unread> {
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told > most {
        return Err(Unread::TooLong);
    }
    let (mut whole, mut rooms) = (Vec::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let length = whole.len().saturating_add(data.len());
        if length > most {
            return Err(Unread::TooLong);
        }
        // Room is taken for what the buffer really holds, before it does.
        if length > whole.capacity() {
            let capacity = length.max(whole.capacity().saturating_mul(2)).min(most);
            let more = capacity.saturating_sub(whole.capacity());
            rooms.push(clients.body(client, more).ok_or(Unread::NoRoom)?);
            whole.reserve_exact(capacity.saturating_sub(whole.len()));
        }
        whole.extend_from_slice(data);
    }
    Ok((whole.into(), rooms))
}
