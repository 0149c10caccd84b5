//! How many connections are open, in all and from one address, and who goes when there are too many.
//!
//! A full house does not keep newcomers out: the address with the most connections gives up the one that has
//! waited longest for a request, as long as it has more than the newcomer. So nobody shuts out the others by
//! holding connections, however slowly he talks on them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    websockets: usize,
    /// Moments, by counting.
    now: u64,
    by_ip: BTreeMap<IpAddr, Seats>,
}

/// The connections of one address.
#[derive(Debug, Default)]
struct Seats {
    seats: BTreeMap<u64, Seat>,
    websockets: usize,
}

#[derive(Debug)]
struct Seat {
    /// Since when it has waited; `None` while it is answered.
    waits: Option<u64>,
    websocket: bool,
    leave: Arc<Notify>,
}

/// The bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) total: usize,
    pub(crate) per_ip: usize,
    /// `WebSocket`s among them, of which a message may be half there for ever.
    pub(crate) websockets: usize,
    pub(crate) websockets_per_ip: usize,
}

impl Bounds {
    /// A quarter of the connections may be `WebSocket`s.
    pub(crate) fn new(total: usize, per_ip: usize) -> Self {
        Self {
            total,
            per_ip,
            websockets: (total / 4).max(1),
            websockets_per_ip: (per_ip / 4).max(1),
        }
    }
}

#[derive(Debug)]
struct Inner {
    counts: Mutex<Counts>,
    bounds: Bounds,
    closed: Notify,
}

/// The counter; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Connections(Arc<Inner>);

/// One open connection; counted until it is dropped, or has to leave.
#[derive(Debug)]
pub(crate) struct Open {
    connections: Connections,
    ip: IpAddr,
    number: u64,
    leave: Arc<Notify>,
}

impl Connections {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Inner {
            counts: Mutex::default(),
            bounds,
            closed: Notify::new(),
        }))
    }

    /// Counts a connection; `None` if there are too many, and nobody has more than this address.
    pub(crate) fn open(&self, ip: IpAddr) -> Option<Open> {
        let bounds = self.0.bounds;
        let mut counts = self.lock();
        let of_ip = counts.of(ip);
        if of_ip >= bounds.per_ip {
            return None;
        }
        if counts.total >= bounds.total && !counts.evict(of_ip) {
            return None;
        }
        counts.total += 1;
        counts.now += 1;
        let number = counts.now;
        let leave = Arc::new(Notify::new());
        let seat = Seat {
            waits: Some(number),
            websocket: false,
            leave: Arc::clone(&leave),
        };
        counts
            .by_ip
            .entry(ip)
            .or_default()
            .seats
            .insert(number, seat);
        drop(counts);
        Some(Open {
            connections: self.clone(),
            ip,
            number,
            leave,
        })
    }

    /// Closes a connection of whoever has the most, because the system gives no more.
    pub(crate) fn make_room(&self) -> bool {
        self.lock().evict(0)
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.lock().total
    }

    /// Ends when none is open.
    pub(crate) async fn all_closed(&self) {
        loop {
            let closed = self.0.closed.notified();
            tokio::pin!(closed);
            // Registered before looking, so that the last one to close is not missed.
            closed.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            closed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn of(&self, ip: IpAddr) -> usize {
        self.by_ip.get(&ip).map_or(0, |of_ip| of_ip.seats.len())
    }

    /// Makes the address with the most connections give one up, if it has more than `spared`.
    fn evict(&mut self, spared: usize) -> bool {
        let most = self.by_ip.iter().max_by_key(|(_, of_ip)| of_ip.seats.len());
        let Some((ip, of_ip)) = most.filter(|(_, of_ip)| of_ip.seats.len() > spared) else {
            return false;
        };
        // Who waits before who is answered, and of those who has waited longest.
        let longest = of_ip
            .seats
            .iter()
            .min_by_key(|(number, seat)| (seat.waits.is_none(), seat.waits.unwrap_or(**number)));
        let (ip, number) = (*ip, longest.map(|(number, _)| *number));
        let gone = number.and_then(|number| self.remove(ip, number));
        if let Some(seat) = &gone {
            seat.leave.notify_one();
        }
        gone.is_some()
    }

    fn remove(&mut self, ip: IpAddr, number: u64) -> Option<Seat> {
        let of_ip = self.by_ip.get_mut(&ip)?;
        let seat = of_ip.seats.remove(&number)?;
        if seat.websocket {
            of_ip.websockets = of_ip.websockets.saturating_sub(1);
            self.websockets = self.websockets.saturating_sub(1);
        }
        if of_ip.seats.is_empty() {
            self.by_ip.remove(&ip);
        }
        self.total = self.total.saturating_sub(1);
        Some(seat)
    }
}

impl Open {
    /// Says whether a request is being answered, or waited for.
    pub(crate) fn answers(&self, answers: bool) {
        let mut counts = self.connections.lock();
        counts.now += 1;
        let now = counts.now;
        let of_ip = counts.by_ip.get_mut(&self.ip);
        if let Some(seat) = of_ip.and_then(|of_ip| of_ip.seats.get_mut(&self.number)) {
            seat.waits = (!answers).then_some(now);
        }
    }

    /// Becomes a WebSocket; false if there are too many.
    pub(crate) fn becomes_websocket(&self) -> bool {
        let bounds = self.connections.0.bounds;
        let mut counts = self.connections.lock();
        if counts.websockets >= bounds.websockets {
            return false;
        }
        let Some(of_ip) = counts.by_ip.get_mut(&self.ip) else {
            return false;
        };
        if of_ip.websockets >= bounds.websockets_per_ip {
            return false;
        }
        let Some(seat) = of_ip.seats.get_mut(&self.number) else {
            return false;
        };
        if !std::mem::replace(&mut seat.websocket, true) {
            seat.waits = None;
            of_ip.websockets += 1;
            counts.websockets += 1;
        }
        true
    }

    /// Ends when this connection has to make room.
    pub(crate) async fn leaves(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // Nothing if it had to leave.
        let _ = self.connections.lock().remove(self.ip, self.number);
        self.connections.0.closed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

    fn connections(total: usize, per_ip: usize) -> Connections {
        Connections::new(Bounds::new(total, per_ip))
    }

    /// True once it was told to leave.
    fn has_left(open: &Open) -> bool {
        let counts = open.connections.lock();
        let of_ip = counts.by_ip.get(&open.ip);
        !of_ip.is_some_and(|of_ip| of_ip.seats.contains_key(&open.number))
    }

    /// Goal: both caps hold at n and n+1, and closing makes room.
    #[test]
    fn caps_hold() {
        let connections = connections(3, 2);
        let first = connections.open(A).unwrap();
        let second = connections.open(A).unwrap();
        assert!(connections.open(A).is_none(), "per address");
        let third = connections.open(B).unwrap();
        assert_eq!(connections.count(), 3);
        let fourth = connections.open(B).unwrap();
        assert_eq!(connections.count(), 3, "in all");
        assert!(
            has_left(&first) && !has_left(&second),
            "the oldest of who has most"
        );
        assert!(!has_left(&third) && !has_left(&fourth));
        drop(first);
        assert_eq!(connections.count(), 3, "it was not counted any more");
        drop(second);
        assert!(connections.open(A).is_some());
    }

    /// Goal: a newcomer gets the seat of who waits, not of who is answered, and never one of who has as few.
    #[test]
    fn newcomers_take_from_who_has_most() {
        let connections = connections(4, 4);
        let held: Vec<_> = (0..4).map(|_| connections.open(A).unwrap()).collect();
        held[0].answers(true);
        held[1].answers(true);
        held[1].answers(false);
        let first = connections.open(B).unwrap();
        assert!(has_left(&held[2]));
        let second = connections.open(B).unwrap();
        assert!(has_left(&held[3]));
        assert!(connections.open(B).is_none(), "two each");
        let c = IpAddr::from([127, 0, 0, 3]);
        let third = connections.open(c).unwrap();
        assert_eq!(connections.count(), 4);
        assert!(connections.make_room());
        drop((first, second, third, held));
        assert_eq!(connections.count(), 0);
        assert!(!connections.make_room());
    }

    /// Goal: `WebSocket`s have bounds of their own, which come back.
    #[test]
    fn websockets_are_a_part() {
        let connections = connections(12, 8);
        let held: Vec<_> = (0..3).map(|_| connections.open(A).unwrap()).collect();
        assert!(held[0].becomes_websocket() && held[1].becomes_websocket());
        assert!(!held[2].becomes_websocket(), "per address");
        let others: Vec<_> = (0..2).map(|_| connections.open(B).unwrap()).collect();
        assert!(others[0].becomes_websocket());
        assert!(!others[1].becomes_websocket(), "in all");
        drop(held);
        assert!(others[1].becomes_websocket());
    }

    /// Goal: who has to leave is told, even if he listens later.
    #[tokio::test]
    async fn who_leaves_is_told() {
        let connections = connections(2, 2);
        let first = connections.open(A).unwrap();
        let _second = connections.open(A).unwrap();
        let _third = connections.open(B).unwrap();
        first.leaves().await;
    }
}
