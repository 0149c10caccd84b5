//! The events of a transaction under way.
//!
//! Their bytes are added up as they come, so that emitting one costs the same after a thousand others.

use weighhouse_primitives::Event;

/// Events in the order in which they were emitted.
#[derive(Debug, Default)]
pub(crate) struct Events {
    list: Vec<Event>,
    bytes: usize,
}

impl Events {
    /// How many.
    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// Bytes of their data.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds one.
    pub(crate) fn push(&mut self, event: Event) {
        self.bytes = self.bytes.saturating_add(event.data.len());
        self.list.push(event);
    }

    /// Forgets all but the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        let forgotten = self.list.get(len..).unwrap_or_default();
        let bytes: usize = forgotten.iter().map(|event| event.data.len()).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        self.list.truncate(len);
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.truncate(0);
    }

    /// All of them; none are left.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        self.bytes = 0;
        std::mem::take(&mut self.list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::Address;

    /// Goal: the bytes are those of the events that are there, whatever was taken back.
    #[test]
    fn bytes_are_those_of_the_events_that_are_there() {
        let mut events = Events::default();
        let push = |events: &mut Events, bytes: usize| {
            events.push(Event {
                contract: Address::ZERO,
                kind: 1,
                data: vec![7; bytes],
            });
        };
        for bytes in [5, 0, 100, 20] {
            push(&mut events, bytes);
        }
        assert_eq!((events.len(), events.bytes()), (4, 125));
        events.truncate(9);
        assert_eq!((events.len(), events.bytes()), (4, 125));
        events.truncate(2);
        assert_eq!((events.len(), events.bytes()), (2, 5));
        push(&mut events, 3);
        let taken = events.take();
        assert_eq!((taken.len(), events.len(), events.bytes()), (3, 0, 0));
        push(&mut events, 9);
        events.clear();
        assert_eq!((events.len(), events.bytes()), (0, 0));
    }
}
