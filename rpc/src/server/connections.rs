//! How many connections are open, in all and from one address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_ip: BTreeMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Inner {
    counts: Mutex<Counts>,
    total_max: usize,
    per_ip_max: usize,
    closed: Notify,
}

/// The counter; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Connections(Arc<Inner>);

/// One open connection; counted until the last clone is dropped.
#[derive(Debug)]
pub(crate) struct Open {
    connections: Connections,
    ip: IpAddr,
}

impl Connections {
    pub(crate) fn new(total_max: usize, per_ip_max: usize) -> Self {
        Self(Arc::new(Inner {
            counts: Mutex::default(),
            total_max,
            per_ip_max,
            closed: Notify::new(),
        }))
    }

    /// Counts a connection; `None` if there are too many.
    pub(crate) fn open(&self, ip: IpAddr) -> Option<Open> {
        let mut counts = self.lock();
        let of_ip = counts.by_ip.get(&ip).copied().unwrap_or(0);
        if counts.total >= self.0.total_max || of_ip >= self.0.per_ip_max {
            return None;
        }
        counts.total += 1;
        counts.by_ip.insert(ip, of_ip + 1);
        drop(counts);
        Some(Open {
            connections: self.clone(),
            ip,
        })
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

impl Drop for Open {
    fn drop(&mut self) {
        let mut counts = self.connections.lock();
        counts.total = counts.total.saturating_sub(1);
        let left = counts
            .by_ip
            .get(&self.ip)
            .map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.by_ip.remove(&self.ip);
        } else {
            counts.by_ip.insert(self.ip, left);
        }
        drop(counts);
        self.connections.0.closed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: both caps hold at n and n+1, and closing makes room.
    #[test]
    fn caps_hold() {
        let connections = Connections::new(3, 2);
        let (a, b) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = connections.open(a).unwrap();
        let _second = connections.open(a).unwrap();
        assert!(connections.open(a).is_none(), "per address");
        let _third = connections.open(b).unwrap();
        assert!(connections.open(b).is_none(), "in all");
        drop(first);
        assert!(connections.open(b).is_some());
    }
}
