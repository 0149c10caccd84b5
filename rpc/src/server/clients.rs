//! Who asks: one record for each address or API key, with what it may still spend.
//!
//! A client is an address (of IPv6 the network of 64 bits, which one subscriber has to himself) or an API key,
//! wherever that comes from. Each has a bucket of units ([`super::cost`]) that fills at a rate: a call that
//! the bucket does not cover is refused with 1403 and `retry_after_ms`; what turned out dearer is owed. Beside
//! that each has bounds on what it holds at once: bytes of requests that arrive or are being answered, bytes of
//! answers that it has not read, calls, subscriptions, contracts that run for it.
//!
//! Contracts of clients wait in three lanes, so that whoever asks for little does not wait for who asks for much: those
//! whose last contracts took little; those of whom nothing is known yet, one at a time; those who had one that ran
//! for long, on a part of the threads, for a while.
//!
//! Bounded: `CLIENTS_MAX` addresses are remembered; those with a full bucket and no connection are
//! forgotten when there is no room, and who finds none shares one record with all others like it. Addresses of
//! this machine are not limited unless the settings say so: a proxy there speaks for everybody.

use super::cost;
use super::flow::Flow;
use super::keys::ApiKeys;
use super::settings::{Rate, Settings};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Addresses remembered.
const CLIENTS_MAX: usize = 16_384;
/// Shortest time between two looks for addresses that may be forgotten.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);
/// Calls of one client that are being answered.
const CALLS_MAX: usize = 1_024;
/// Requests of the largest size whose bodies one client may be sending.
const BODIES_MAX: usize = 16;
/// The same for all clients together.
const BODIES_OF_ALL_MAX: usize = 128;
/// Answers of the largest size that may wait until one client reads them.
const ANSWERS_MAX: usize = 4;
/// The same for all clients together.
const ANSWERS_OF_ALL_MAX: usize = 24;
/// An answer up to this has room as long as its client has: others' large ones are not in its way.
const SMALL_ANSWER: usize = 64 * 1024;
/// A contract that takes more processor time than this makes its client dear,
const DEAR: Duration = Duration::from_millis(20);
/// for so long.
const DEAR_FOR: Duration = Duration::from_secs(600);
/// How long a client is told to wait for what its own calls hold.
pub(crate) const BUSY_PAUSE: Duration = Duration::from_millis(200);

tokio::task_local! {
    static ASKING: Asking;
}

/// Who asks, and where the answer goes.
#[derive(Clone, Debug)]
struct Asking {
    client: Arc<Client>,
    flow: Option<Arc<Flow>>,
}

/// What is known of a client's contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing yet.
    New,
    /// They take little.
    Cheap,
    /// One took long, then.
    Dear(Instant),
}

/// Where contracts of clients that are not known to be cheap wait.
#[derive(Debug)]
pub(crate) struct Lanes {
    new: Arc<Semaphore>,
    dear: Arc<Semaphore>,
}

impl Lanes {
    /// Lanes for so many threads, and how many threads they need so that one is left.
    pub(crate) fn new(threads: usize) -> (Self, usize) {
        let dear = threads.saturating_sub(1).max(1);
        let lanes = Self {
            new: Arc::new(Semaphore::new(1)),
            dear: Arc::new(Semaphore::new(dear)),
        };
        (lanes, dear.saturating_add(2))
    }
}

/// What one client may do, and has done.
#[derive(Debug)]
pub(crate) struct Client {
    /// Name of its API key.
    name: Option<Arc<str>>,
    bucket: Option<Bucket>,
    turns: Arc<Semaphore>,
    standing: Mutex<Standing>,
    calls: AtomicUsize,
    bodies: AtomicUsize,
    answers: AtomicUsize,
    subscriptions: AtomicUsize,
    subscriptions_max: usize,
    spent: AtomicU64,
    refused: AtomicU64,
}

/// Units that come back with time: all are there once `paid` is in the past.
#[derive(Debug)]
struct Bucket {
    paid: Mutex<Instant>,
    unit: Duration,
    window: Duration,
}

impl Bucket {
    fn new(rate: Rate, now: Instant) -> Option<Self> {
        let unit = Duration::from_secs(1).checked_div(rate.per_second)?;
        Some(Self {
            paid: Mutex::new(now),
            unit,
            window: unit.saturating_mul(rate.burst),
        })
    }

    /// Takes units, or says when they are there; more than the bucket holds count as all of it.
    fn take(&self, units: u32, now: Instant) -> Result<(), Duration> {
        let price = self.unit.saturating_mul(units).min(self.window);
        let mut paid = lock(&self.paid);
        let until = (*paid).max(now) + price;
        let ahead = until.saturating_duration_since(now);
        if ahead > self.window {
            return Err(ahead.saturating_sub(self.window));
        }
        *paid = until;
        Ok(())
    }

    /// Takes units that were used already; at most two buckets are owed.
    fn owe(&self, units: u32, now: Instant) {
        let price = self.unit.saturating_mul(units);
        let mut paid = lock(&self.paid);
        *paid = ((*paid).max(now) + price.min(self.window * 2)).min(now + self.window * 2);
    }

    fn is_full(&self, now: Instant) -> bool {
        *lock(&self.paid) <= now
    }
}

/// Something of a client's share that is in use; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    client: Arc<Client>,
    share: fn(&Client) -> &AtomicUsize,
    amount: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.share)(&self.client).fetch_sub(self.amount, Ordering::AcqRel);
    }
}

impl Client {
    fn new(name: Option<Arc<str>>, rate: Option<Rate>, bounds: &Bounds) -> Arc<Self> {
        let bucket = rate.and_then(|rate| Bucket::new(rate, Instant::now()));
        Arc::new(Self {
            turns: Arc::new(Semaphore::new(match bucket {
                Some(_) => bounds.turns,
                None => Semaphore::MAX_PERMITS,
            })),
            subscriptions_max: match bucket {
                Some(_) => bounds.subscriptions,
                None => usize::MAX,
            },
            name,
            bucket,
            standing: Mutex::new(Standing::New),
            calls: AtomicUsize::new(0),
            bodies: AtomicUsize::new(0),
            answers: AtomicUsize::new(0),
            subscriptions: AtomicUsize::new(0),
            spent: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        })
    }

    /// Name of its API key, if it came with one.
    pub(crate) fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    /// False if it may spend as much as it likes.
    pub(crate) const fn is_limited(&self) -> bool {
        self.bucket.is_some()
    }

    /// Pays before the work; `Err` says when the units are there.
    pub(crate) fn pay(&self, units: u32) -> Result<(), Duration> {
        let paid = match &self.bucket {
            Some(bucket) => bucket.take(units, Instant::now()),
            None => Ok(()),
        };
        let counter = if paid.is_ok() {
            &self.spent
        } else {
            &self.refused
        };
        counter.fetch_add(
            if paid.is_ok() { units.into() } else { 1 },
            Ordering::Relaxed,
        );
        paid
    }

    /// Owes what turned out dearer.
    pub(crate) fn owe(&self, units: u32) {
        if units == 0 {
            return;
        }
        self.spent.fetch_add(units.into(), Ordering::Relaxed);
        if let Some(bucket) = &self.bucket {
            bucket.owe(units, Instant::now());
        }
    }

    /// Begins a call; `None` if too many are being answered.
    pub(crate) fn begin(self: &Arc<Self>) -> Option<Held> {
        self.hold(|client| &client.calls, 1, CALLS_MAX)
    }

    /// Begins a subscription; `None` if it has too many.
    pub(crate) fn subscribe(self: &Arc<Self>) -> Option<Held> {
        self.hold(|client| &client.subscriptions, 1, self.subscriptions_max)
    }

    fn hold(
        self: &Arc<Self>,
        share: fn(&Self) -> &AtomicUsize,
        amount: usize,
        most: usize,
    ) -> Option<Held> {
        let more = |held: usize| held.checked_add(amount).filter(|held| *held <= most);
        let held = share(self).fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        held.ok().map(|_| Held {
            client: Arc::clone(self),
            share,
            amount,
        })
    }

    /// Waits until a contract may run for this client beside those that do. Keep what is given until it has
    /// run: a client that goes away does not stop it.
    pub(crate) async fn turn(&self, lanes: &Lanes) -> [Option<OwnedSemaphorePermit>; 2] {
        let wait = |lane: &Arc<Semaphore>| Arc::clone(lane).acquire_owned();
        // None of them is ever closed.
        let own = wait(&self.turns).await.ok();
        let lane = match self.standing(Instant::now()) {
            Standing::Cheap => None,
            Standing::New => wait(&lanes.new).await.ok(),
            Standing::Dear(_) => wait(&lanes.dear).await.ok(),
        };
        [own, lane]
    }

    /// Owes a contract that ran for it, and is known by it.
    pub(crate) fn ran(&self, took: Duration) {
        self.owe(cost::of_work(took));
        let now = Instant::now();
        let known = match self.standing(now) {
            _ if took > DEAR => Standing::Dear(now),
            Standing::New => Standing::Cheap,
            same => same,
        };
        *lock(&self.standing) = known;
    }

    /// True if its contracts are known to take little.
    pub(crate) fn is_cheap(&self) -> bool {
        self.standing(Instant::now()) == Standing::Cheap
    }

    /// Who is not limited is not looked at.
    fn standing(&self, now: Instant) -> Standing {
        match *lock(&self.standing) {
            _ if self.bucket.is_none() => Standing::Cheap,
            Standing::Dear(last) if now.saturating_duration_since(last) >= DEAR_FOR => {
                Standing::New
            }
            standing => standing,
        }
    }

    /// Units spent, and calls refused for want of them.
    pub(crate) fn figures(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.spent), read(&self.refused))
    }

    fn is_idle(self: &Arc<Self>, now: Instant) -> bool {
        let full = self
            .bucket
            .as_ref()
            .is_none_or(|bucket| bucket.is_full(now));
        Arc::strong_count(self) == 1 && full && !matches!(self.standing(now), Standing::Dear(_))
    }
}

/// Runs a call in the name of a client, which came over that `WebSocket` if any.
pub(crate) async fn asking<T>(
    client: Arc<Client>,
    flow: Option<Arc<Flow>>,
    call: impl Future<Output = T>,
) -> T {
    ASKING.scope(Asking { client, flow }, call).await
}

/// In whose name this runs; nobody's outside a call.
pub(crate) fn current() -> Option<Arc<Client>> {
    ASKING.try_with(|asking| Arc::clone(&asking.client)).ok()
}

/// The `WebSocket` that the call came over.
pub(crate) fn current_flow() -> Option<Arc<Flow>> {
    ASKING.try_with(|asking| asking.flow.clone()).ok()?
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    turns: usize,
    subscriptions: usize,
    body_bytes: usize,
    body_bytes_of_all: usize,
    answer_bytes: usize,
    answer_bytes_of_all: usize,
}

#[derive(Debug)]
struct Known {
    by_address: BTreeMap<IpAddr, Arc<Client>>,
    swept: Option<Instant>,
}

/// Every client; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Clients(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    known: Mutex<Known>,
    others: Arc<Client>,
    keyed: BTreeMap<Arc<str>, Arc<Client>>,
    keys: ApiKeys,
    rate: Rate,
    limits_loopback: bool,
    bounds: Bounds,
    body_bytes: AtomicUsize,
    answer_bytes: AtomicUsize,
    refused: AtomicU64,
}

impl Clients {
    pub(crate) fn new(settings: &Settings) -> Self {
        let request = usize::try_from(settings.request_bytes_max).unwrap_or(usize::MAX);
        let answer = usize::try_from(settings.response_bytes_max).unwrap_or(usize::MAX);
        let bounds = Bounds {
            // One thread is left to the others.
            turns: settings.query_threads.saturating_sub(1).max(1),
            subscriptions: usize::try_from(settings.subscriptions_max)
                .unwrap_or(usize::MAX)
                .saturating_mul(4),
            body_bytes: request.saturating_mul(BODIES_MAX),
            body_bytes_of_all: request.saturating_mul(BODIES_OF_ALL_MAX),
            answer_bytes: answer.saturating_mul(ANSWERS_MAX),
            answer_bytes_of_all: answer.saturating_mul(ANSWERS_OF_ALL_MAX),
        };
        let keyed = settings.api_keys.names().map(|name| {
            let client = Client::new(Some(Arc::clone(name)), Some(settings.key_rate), &bounds);
            (Arc::clone(name), client)
        });
        Self(Arc::new(Inner {
            known: Mutex::new(Known {
                by_address: BTreeMap::new(),
                swept: None,
            }),
            others: Client::new(None, Some(settings.rate), &bounds),
            keyed: keyed.collect(),
            keys: settings.api_keys.clone(),
            rate: settings.rate,
            limits_loopback: settings.limits_loopback,
            bounds,
            body_bytes: AtomicUsize::new(0),
            answer_bytes: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
        }))
    }

    /// The client at an address.
    pub(crate) fn at(&self, address: IpAddr) -> Arc<Client> {
        let address = network_of(address);
        let mut known = lock(&self.0.known);
        if let Some(client) = known.by_address.get(&address) {
            return Arc::clone(client);
        }
        if known.by_address.len() >= CLIENTS_MAX {
            let now = Instant::now();
            let pause = |swept: Instant| now.saturating_duration_since(swept) < SWEEP_PAUSE;
            if !known.swept.is_some_and(pause) {
                known.swept = Some(now);
                known.by_address.retain(|_, client| !client.is_idle(now));
            }
            if known.by_address.len() >= CLIENTS_MAX {
                return Arc::clone(&self.0.others);
            }
        }
        let exempt = address.is_loopback() && !self.0.limits_loopback;
        let client = Client::new(None, (!exempt).then_some(self.0.rate), &self.0.bounds);
        known.by_address.insert(address, Arc::clone(&client));
        client
    }

    /// Whose request this is: that of the key if one is presented, else of the address. `None` if keys are
    /// asked for and this is none of them.
    pub(crate) fn of(&self, at: &Arc<Client>, authorization: Option<&[u8]>) -> Option<Arc<Client>> {
        if self.0.keyed.is_empty() {
            return Some(Arc::clone(at));
        }
        let name = self.0.keys.name_of(authorization?)?;
        self.0.keyed.get(&name).cloned()
    }

    /// Room for bytes of a request, given back when dropped; `None` if the client, or all of them, are
    /// sending too much at once.
    pub(crate) fn body(&self, client: &Arc<Client>, bytes: usize) -> Option<Room> {
        let bounds = &self.0.bounds;
        let own = client.hold(|client| &client.bodies, bytes, bounds.body_bytes)?;
        self.room(own, |all| &all.body_bytes, bounds.body_bytes_of_all)
    }

    /// Room for bytes of an answer until it is read; `None` if the client, or all of them, leave too much unread.
    pub(crate) fn answer(&self, client: &Arc<Client>, bytes: usize) -> Option<Room> {
        let bounds = &self.0.bounds;
        let own = client.hold(|client| &client.answers, bytes, bounds.answer_bytes)?;
        let of_all = match bytes > SMALL_ANSWER {
            true => bounds.answer_bytes_of_all,
            false => usize::MAX,
        };
        self.room(own, |all| &all.answer_bytes, of_all)
    }

    /// As [`Clients::answer`], for what is not refused.
    pub(crate) fn item(&self, client: &Arc<Client>, bytes: usize) -> Option<Room> {
        let own = client.hold(|client| &client.answers, bytes, usize::MAX)?;
        self.room(own, |all| &all.answer_bytes, usize::MAX)
    }

    fn room(&self, own: Held, share: fn(&Inner) -> &AtomicUsize, most: usize) -> Option<Room> {
        let more = |held: usize| {
            let held = held.checked_add(own.amount);
            held.filter(|held| *held <= most)
        };
        share(&self.0)
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .ok()?;
        Some(Room {
            clients: self.clone(),
            share,
            own,
        })
    }

    /// Counts a call that was refused because its client has spent its units.
    pub(crate) fn refused(&self) {
        self.0.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Calls refused so far.
    pub(crate) fn refusals(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Bytes of bodies that are arriving or being answered.
    pub(crate) fn body_bytes(&self) -> u64 {
        u64::try_from(self.0.body_bytes.load(Ordering::Relaxed)).unwrap_or(u64::MAX)
    }

    /// Bytes of answers that wait to be read.
    pub(crate) fn answer_bytes(&self) -> u64 {
        u64::try_from(self.0.answer_bytes.load(Ordering::Relaxed)).unwrap_or(u64::MAX)
    }

    /// Name, units spent and refusals of every key.
    pub(crate) fn keyed(&self) -> Vec<(Arc<str>, u64, u64)> {
        let row = |(name, client): (&Arc<str>, &Arc<Client>)| {
            let (spent, refused) = client.figures();
            (Arc::clone(name), spent, refused)
        };
        self.0.keyed.iter().map(row).collect()
    }
}

/// Room for bytes, a client's own and a part of that of all.
#[derive(Debug)]
pub(crate) struct Room {
    clients: Clients,
    share: fn(&Inner) -> &AtomicUsize,
    own: Held,
}

impl Room {
    /// Gives back so many bytes, or all there are; what is left of them.
    pub(crate) fn give_back(&mut self, bytes: usize) -> usize {
        let given = bytes.min(self.own.amount);
        (self.share)(&self.clients.0).fetch_sub(given, Ordering::AcqRel);
        (self.own.share)(&self.own.client).fetch_sub(given, Ordering::AcqRel);
        self.own.amount = self.own.amount.saturating_sub(given);
        bytes.saturating_sub(given)
    }

    /// Everything was given back.
    pub(crate) const fn is_empty(&self) -> bool {
        self.own.amount == 0
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // The client's own part is given back by what holds it.
        (self.share)(&self.clients.0).fetch_sub(self.own.amount, Ordering::AcqRel);
    }
}

/// What counts as one address: all of a subscriber's IPv6 addresses are one, and IPv4 is IPv4 however it arrives.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        other => other,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
