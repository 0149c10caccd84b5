//! What one connection has under way, in bytes: messages of a `WebSocket` that are being answered, and answers that
//! wait to be read.
//!
//! The wire tells what it read and wrote, the layer around calls what it answers. Both count against the client
//! ([`super::clients`]), who therefore holds a bounded part of the node's memory, over however many connections:
//! what has no room is refused.
//!
//! The library does not say how long a message is. But it copies the extensions of the request that opened the
//! `WebSocket` once for the session and once for each message, right after it was read whole, and keeps the copy until
//! it is answered: [`Meter`] is among them, and its copy for a message takes what was read since the last.
//! The library reads a few KiB ahead; those are counted with the message before.
//!
//! What it does not do: it ends no connection. That is the wire's, whose reader does not read.

use super::clients::{Client, Clients, Room};
use super::cost;
use crate::api::WEBSOCKET_MESSAGE_BYTES_MAX;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that may come beside one message without a next one: what is read ahead, and pings for weeks.
const AHEAD_BYTES_MAX: usize = 256 * 1024;

/// A connection's bytes.
#[derive(Debug)]
pub(crate) struct Flow {
    clients: Clients,
    websocket: AtomicBool,
    /// Bytes that came since the last message.
    came: AtomicUsize,
    /// Answers that wait, in the order in which they are written.
    waiting: Mutex<VecDeque<Room>>,
}

impl Flow {
    /// A connection that has nothing under way.
    pub(crate) fn new(clients: &Clients) -> Arc<Self> {
        Arc::new(Self {
            clients: clients.clone(),
            websocket: AtomicBool::new(false),
            came: AtomicUsize::new(0),
            waiting: Mutex::default(),
        })
    }

    /// What comes from now on are messages of a `WebSocket`: what to give to the library.
    pub(crate) fn becomes_websocket(self: &Arc<Self>, client: &Arc<Client>) -> Meter {
        self.came.store(0, Ordering::Release);
        self.websocket.store(true, Ordering::Release);
        Meter::Asked(Arc::clone(self), Arc::clone(client))
    }

    /// Whether messages come.
    pub(crate) fn is_websocket(&self) -> bool {
        self.websocket.load(Ordering::Acquire)
    }

    /// Bytes were read. False if they are too many for one message: the library would wait for the end of it,
    /// however far that is.
    #[must_use]
    pub(crate) fn came(&self, bytes: usize) -> bool {
        if !self.is_websocket() {
            return true;
        }
        let before = self.came.fetch_add(bytes, Ordering::AcqRel);
        let most = usize::try_from(WEBSOCKET_MESSAGE_BYTES_MAX).unwrap_or(usize::MAX);
        before.saturating_add(bytes) <= most.saturating_add(AHEAD_BYTES_MAX)
    }

    /// Bytes were written: the oldest answers wait no more.
    pub(crate) fn written(&self, mut bytes: usize) {
        let mut waiting = self.waiting();
        while bytes > 0 {
            let Some(first) = waiting.front_mut() else {
                return;
            };
            bytes = first.give_back(bytes);
            if first.is_empty() {
                waiting.pop_front();
            }
        }
    }

    /// An answer of so many bytes is about to wait; false if its client has too many that do.
    pub(crate) fn answers(&self, client: &Arc<Client>, bytes: usize) -> bool {
        self.wait(self.clients.answer(client, bytes))
    }

    /// An item of a stream is about to wait; how many may is bounded elsewhere.
    pub(crate) fn sends(&self, client: &Arc<Client>, bytes: usize) {
        self.wait(self.clients.item(client, bytes));
    }

    fn wait(&self, room: Option<Room>) -> bool {
        let there_is = room.is_some();
        self.waiting().extend(room);
        there_is
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Room>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the messages of a `WebSocket`: what a copy is depends on what it is a copy of.
#[derive(Debug)]
pub(crate) enum Meter {
    /// That of the request which opens the `WebSocket`.
    Asked(Arc<Flow>, Arc<Client>),
    /// That of the session.
    Session(Arc<Flow>, Arc<Client>),
    /// That of a message; its copies are the same.
    Message(Arc<Message>),
}

/// A message that is being answered.
#[derive(Debug)]
pub(crate) struct Message {
    /// Where it came from.
    pub(crate) flow: Arc<Flow>,
    /// `None` if its client has too many bytes under way.
    room: Option<Room>,
}

impl Message {
    /// Whether its client may have it answered.
    pub(crate) const fn has_room(&self) -> bool {
        self.room.is_some()
    }
}

impl Clone for Meter {
    fn clone(&self) -> Self {
        match self {
            Self::Asked(flow, client) => Self::Session(Arc::clone(flow), Arc::clone(client)),
            Self::Session(flow, client) => {
                let bytes = flow.came.swap(0, Ordering::AcqRel);
                client.owe(cost::of_bytes(bytes));
                Self::Message(Arc::new(Message {
                    room: flow.clients.body(client, bytes),
                    flow: Arc::clone(flow),
                }))
            }
            Self::Message(message) => Self::Message(Arc::clone(message)),
        }
    }
}

/// The message that a call came in; `None` over plain HTTP.
pub(crate) fn message(extensions: &http::Extensions) -> Option<Arc<Message>> {
    match extensions.get::<Meter>()? {
        Meter::Message(message) => Some(Arc::clone(message)),
        Meter::Asked(..) | Meter::Session(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Settings;
    use std::net::IpAddr;

    /// Goal: a message counts with all its bytes until its last copy is gone, and one that has no room says so; answers
    /// count until they are written, in order, and end with their connection.
    #[test]
    fn bytes_are_counted_until_they_are_gone() {
        let mut settings = Settings::loopback(0);
        settings.request_bytes_max = 10;
        settings.response_bytes_max = 10;
        let clients = Clients::new(&settings);
        let client = clients.at(IpAddr::from([192, 0, 2, 1]));
        let flow = Flow::new(&clients);
        assert!(flow.came(usize::MAX), "no message");
        let session = flow.becomes_websocket(&client).clone();
        assert!(flow.came(100));
        let first = session.clone();
        let copy = first.clone();
        assert_eq!(clients.body_bytes(), 100);
        drop(first);
        assert_eq!(clients.body_bytes(), 100);
        assert!(flow.came(61));
        let Meter::Message(second) = session.clone() else {
            panic!("a message");
        };
        assert!(!second.has_room());
        drop(copy);
        assert_eq!(clients.body_bytes(), 0);

        assert!(flow.answers(&client, 30));
        flow.sends(&client, 5);
        assert!(!flow.answers(&client, 6), "n + 1");
        flow.written(31);
        assert_eq!(clients.answer_bytes(), 4);
        assert!(flow.answers(&client, 36), "n");
        assert!(flow.came(AHEAD_BYTES_MAX));
        assert!(!flow.came(WEBSOCKET_MESSAGE_BYTES_MAX as usize + 1));
        drop((flow, session, second));
        assert_eq!(clients.answer_bytes(), 0);
    }
}
