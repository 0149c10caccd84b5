//! Clients: buckets at n and n+1, shares, forgetting.

use super::*;
use crate::server::service::Service;
use crate::server::tests::{development_chain, service_over};
use std::task::Poll;

fn settings(per_second: u32, burst: u32) -> Settings {
    let mut settings = Settings::loopback(0);
    settings.rate = Rate { per_second, burst };
    settings
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

/// Goal: a bucket gives what it holds and not one unit more, says when there is more, and fills with time.
#[test]
fn a_bucket_gives_what_it_holds() {
    let rate = Rate {
        per_second: 10,
        burst: 20,
    };
    let now = Instant::now();
    let bucket = Bucket::new(rate, now).unwrap();
    assert_eq!(bucket.take(19, now), Ok(()));
    assert_eq!(bucket.take(1, now), Ok(()));
    assert_eq!(bucket.take(1, now), Err(Duration::from_millis(100)));
    assert_eq!(bucket.take(5, now), Err(Duration::from_millis(500)));
    let later = now + Duration::from_millis(500);
    assert_eq!(bucket.take(5, later), Ok(()));
    assert!(bucket.take(1, later).is_err());
    let full = now + Duration::from_secs(60);
    assert!(!bucket.is_full(later) && bucket.is_full(full));
    // Dearer than the bucket is all of it, not never.
    assert_eq!(bucket.take(1_000_000, full), Ok(()));
    assert!(bucket.take(1, full).is_err());
}

/// Goal: what was used is owed, up to a bound, so that nobody is locked out for ever.
#[test]
fn debts_are_bounded() {
    let rate = Rate {
        per_second: 10,
        burst: 20,
    };
    let now = Instant::now();
    let bucket = Bucket::new(rate, now).unwrap();
    for _ in 0..10 {
        bucket.owe(u32::MAX, now);
    }
    assert_eq!(bucket.take(1, now), Err(Duration::from_millis(2_100)));
    let rate = Rate {
        per_second: 0,
        burst: 20,
    };
    assert!(Bucket::new(rate, now).is_none(), "0 is no limit");
}

/// Goal: clients do not share: what one has spent another still has; this machine's are not limited unless asked.
#[test]
fn clients_have_their_own() {
    let clients = Clients::new(&settings(1, 3));
    let (one, other) = (clients.at(address(1)), clients.at(address(2)));
    assert_eq!(one.pay(3), Ok(()));
    assert!(one.pay(1).is_err());
    assert!(clients.at(address(1)).pay(1).is_err(), "the same record");
    assert_eq!(other.pay(3), Ok(()));
    let here = clients.at(IpAddr::from([127, 0, 0, 1]));
    assert_eq!(here.pay(1_000), Ok(()));
    let mut strict = settings(1, 3);
    strict.limits_loopback = true;
    let here = Clients::new(&strict).at(IpAddr::from([127, 0, 0, 1]));
    assert_eq!(here.pay(3), Ok(()));
    assert!(here.pay(1).is_err());
    assert_eq!(here.figures(), (3, 1));
}

/// Goal: addresses are remembered up to a bound, idle ones are forgotten, and the others are limited together.
#[test]
fn memory_is_bounded() {
    let clients = Clients::new(&settings(1, 3));
    let at = |number: usize| {
        let [.., a, b, c] = number.to_be_bytes();
        clients.at(IpAddr::from([10, a, b, c]))
    };
    for number in 0..CLIENTS_MAX {
        at(number).pay(1).unwrap();
    }
    let (first, second) = (at(CLIENTS_MAX), at(CLIENTS_MAX + 1));
    assert!(Arc::ptr_eq(&first, &second), "they share");
    assert_eq!(lock(&clients.0.known).by_address.len(), CLIENTS_MAX);
    {
        let mut known = lock(&clients.0.known);
        known.swept = None;
        for client in known.by_address.values() {
            *lock(&client.bucket.as_ref().unwrap().paid) = Instant::now();
        }
    }
    let third = at(CLIENTS_MAX + 2);
    assert!(!Arc::ptr_eq(&first, &third), "there is room again");
    assert_eq!(lock(&clients.0.known).by_address.len(), 1);
}

/// Goal: one IPv6 network is one client; IPv4 in IPv6 is IPv4.
#[test]
fn networks_are_clients() {
    let v6 = |text: &str| network_of(text.parse().unwrap());
    assert_eq!(v6("2001:db8::1"), v6("2001:db8::ffff:1"));
    assert_ne!(v6("2001:db8::1"), v6("2001:db8:0:1::1"));
    assert_eq!(v6("::ffff:192.0.2.1"), address(1));
    assert!(v6("::1").is_loopback());
}

/// Goal: calls, bodies and subscriptions of one client hold at n and n+1, and come back.
#[test]
fn shares_hold_and_come_back() {
    let mut settings = settings(1_000, 1_000);
    settings.subscriptions_max = 1;
    settings.request_bytes_max = 10;
    let clients = Clients::new(&settings);
    let client = clients.at(address(1));
    let calls: Vec<_> = (0..CALLS_MAX).map(|_| client.begin().unwrap()).collect();
    assert!(client.begin().is_none());
    drop(calls);
    assert!(client.begin().is_some());
    let streams: Vec<_> = (0..4).map(|_| client.subscribe().unwrap()).collect();
    assert!(client.subscribe().is_none());
    drop(streams);
    let body = clients.body(&client, 10 * BODIES_MAX).unwrap();
    assert!(clients.body(&client, 1).is_none());
    let others: Vec<_> = (2..9)
        .map(|last| {
            clients
                .body(&clients.at(address(last)), 10 * BODIES_MAX)
                .unwrap()
        })
        .collect();
    assert!(
        clients.body(&clients.at(address(99)), 1).is_none(),
        "of all"
    );
    drop((body, others));
    assert_eq!(clients.body_bytes(), 0);
    assert!(clients.body(&client, 1).is_some());
}

/// Goal: who had a contract run for long waits for others like him, who is not known yet for others like him, and who
/// asks for little for nobody.
#[tokio::test]
async fn dear_clients_wait_for_each_other() {
    let clients = Clients::new(&settings(1_000, 1_000));
    let (dear, other) = (clients.at(address(1)), clients.at(address(2)));
    let (cheap, new) = (clients.at(address(3)), clients.at(address(4)));
    dear.ran(DEAR * 2);
    other.ran(DEAR * 2);
    cheap.ran(DEAR);
    let (lanes, threads) = Lanes::new(2);
    assert_eq!(threads, 3);
    let turn = dear.turn(&lanes).await;
    assert_eq!(lanes.dear.available_permits(), 0);
    let waits = other.turn(&lanes);
    tokio::pin!(waits);
    let pending = std::future::poll_fn(|cx| Poll::Ready(waits.as_mut().poll(cx).is_pending()));
    assert!(pending.await, "it waits");
    let [_, lane] = &cheap.turn(&lanes).await;
    assert!(lane.is_none());
    let [_, lane] = &new.turn(&lanes).await;
    assert!(lane.is_some() && lanes.new.available_permits() == 0);
    drop(turn);
    assert!(waits.await.iter().all(Option::is_some));
    let now = Instant::now();
    cheap.ran(DEAR);
    assert_eq!(cheap.standing(now), Standing::Cheap);
    assert!(matches!(dear.standing(now), Standing::Dear(_)));
    assert_eq!(dear.standing(now + DEAR_FOR), Standing::New);
    let exempt = clients.at(IpAddr::from([127, 0, 0, 1]));
    exempt.ran(DEAR * 2);
    assert_eq!(exempt.standing(now), Standing::Cheap);
}

/// Goal: a client that goes away while its contract runs does not get its turn back before that has ended.
#[tokio::test]
async fn a_turn_lasts_as_long_as_the_contract() {
    let clients = Clients::new(&settings(1_000, 1_000));
    let client = clients.at(address(1));
    let turns = Arc::clone(&client.turns);
    let all = turns.available_permits();
    let service = service_over(&development_chain());
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let (start, started) = tokio::sync::oneshot::channel();
    let call = asking(Arc::clone(&client), None, {
        let service = service.clone();
        async move {
            let job = move |_: &Service| {
                let _ = start.send(());
                let _ = ends.recv();
                Ok(())
            };
            service.execute(job).await
        }
    });
    let call = tokio::spawn(call);
    started.await.unwrap();
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(turns.available_permits(), all - 1);
    end.send(()).unwrap();
    let back = turns.acquire_many(u32::try_from(all).unwrap()).await;
    assert_eq!(back.unwrap().num_permits(), all);
}
