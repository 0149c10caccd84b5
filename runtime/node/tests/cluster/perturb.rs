//! What may happen to validators: killed, paused, restarted, wiped, state-synced, cut off; one missing, two
//! missing, halves that do not hear each other.

use crate::load::{Load, Target, check};
use crate::network::{COUNT, Network, PATIENCE, comet, look_again, program_of};
use crate::wires::Line;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use weighhouse_node::localnet::Role;
use weighhouse_rpc::api::chain::ChainBlocks;
use weighhouse_rpc::api::tx::ByHash;
use weighhouse_rpc::types::HeaderView;

/// How fast a validator must be where the others are, after whatever happened to it.
const CATCH_UP_MAX: Duration = Duration::from_secs(30);
/// How many things happen.
const PERTURBATIONS: usize = 20;
/// Blocks that the others make meanwhile.
const MEANWHILE: u64 = 1;
/// The same, while one is cut off.
const CUT_OFF: u64 = 5;
/// What a validator says that talks to nobody, and one that gets no votes.
const ALONE: &str = "cut off";
const WAITS: &str = "waits for the votes";
/// How long it is watched that nothing happens.
const STILL: Duration = Duration::from_secs(4);

/// What happens to a validator.
#[derive(Clone, Copy, Debug)]
enum Event {
    KillNode,
    KillComet,
    KillBoth,
    Pause,
    Restart,
    Wipe,
    /// Wiped, and started from a snapshot.
    StateSync,
    /// Its connections break, and there are no new ones.
    CutOff,
    /// Its connections stay, and carry nothing.
    Silence,
}

const EVENTS: [Event; 9] = [
    Event::KillNode,
    Event::Pause,
    Event::CutOff,
    Event::KillComet,
    Event::Wipe,
    Event::Silence,
    Event::Restart,
    Event::KillBoth,
    Event::StateSync,
];

fn begin(network: &mut Network, number: usize, event: Event) {
    match event {
        Event::KillNode => network.kill(number, Role::Node),
        Event::KillComet => network.kill(number, Role::Comet),
        Event::KillBoth => network.kill_both(number),
        Event::Pause => network.signal(number, "-STOP"),
        Event::Restart => network.stop(number),
        Event::Wipe | Event::StateSync => {
            network.kill_both(number);
            network.wipe(number);
            network.no_state_sync(number);
        }
        Event::CutOff => network.lines(&[number], Line::Cut),
        Event::Silence => network.lines(&[number], Line::Silent),
    }
}

/// The others go on; a validator that does not hear them makes no blocks, and says that it is not where they are.
async fn meanwhile(network: &Network, number: usize, event: Event) -> u64 {
    let witness = (number + 1) % COUNT;
    let height = match event {
        Event::CutOff | Event::Silence => network.height().await,
        _ => network.status(witness).await.unwrap().height.0,
    };
    let (blocks, reason) = match event {
        Event::CutOff => (CUT_OFF, Some(ALONE)),
        Event::Silence => (CUT_OFF, Some(WAITS)),
        _ => (MEANWHILE, None),
    };
    network.reaches(witness, height + blocks).await;
    if let Some(reason) = reason {
        let alone = network.says_behind(number, reason).await;
        // What was decided before may still have arrived.
        assert!(alone <= height + 1, "{alone} after {height}, alone");
    }
    height
}

/// One thing happens to one validator; gives how long it took to be where the others are.
async fn happen(network: &mut Network, number: usize, event: Event) -> Duration {
    begin(network, number, event);
    let height = meanwhile(network, number, event).await;
    if matches!(event, Event::StateSync) {
        network.state_sync(number, height);
    }
    let began = Instant::now();
    match event {
        Event::Pause => network.signal(number, "-CONT"),
        Event::CutOff | Event::Silence => network.lines(&[number], Line::Open),
        _ => network.start(number),
    }
    let witness = (number + 1) % COUNT;
    let height = network.status(witness).await.unwrap().height.0;
    network.reaches(number, height).await;
    if matches!(event, Event::StateSync) {
        let status = network.status(number).await.unwrap();
        assert!(
            status.oldest_block.0 > 1,
            "it fetched all blocks: {status:?}"
        );
    }
    began.elapsed()
}

/// The headers of a node from a height on.
async fn headers(network: &Network, number: usize, from: u64, to: u64) -> Vec<HeaderView> {
    let client = network.client(number);
    let mut headers = Vec::new();
    let mut cursor = None;
    loop {
        let asked = ChainBlocks {
            from: Some(from.into()),
            to: Some(to.into()),
            cursor,
            ..ChainBlocks::default()
        };
        let page = client.chain_blocks(&asked).await.unwrap();
        headers.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return headers;
        }
    }
}

/// Waits until as many more transactions are durable.
async fn progress(load: &Load, more: usize) {
    let (from, until) = (load.durable(), Instant::now() + PATIENCE);
    while load.durable() < from + more {
        assert!(Instant::now() < until, "no progress");
        look_again().await;
    }
}

/// Goal: whatever happens to one validator after the other under load, no transaction that was reported as
/// durable is lost, all validators have the same blocks and roots, and each is back with the others within
/// 30 s; one that is cut off says so; with one validator missing the chain goes on, with two it waits, and so it
/// does while two and two do not hear each other. CONF-1: their settings differ, their programs may.
#[tokio::test(flavor = "multi_thread")]
async fn conf_1_four_validators_survive_what_happens_to_them() {
    let Some(comet) = comet() else { return };
    let began = Instant::now();
    let mut network = Network::wired(comet).await;
    for number in 0..COUNT {
        network.reaches(number, 1).await;
        eprintln!("validator {number} runs {}", program_of(number).display());
    }
    let ready = began.elapsed();
    let target = Target::new(&network);
    let load = target.load();
    progress(&load, 20).await;
    let mut slowest = Duration::ZERO;
    for turn in 0..PERTURBATIONS {
        let (number, event) = (
            (turn * 3 + turn / COUNT) % COUNT,
            EVENTS[turn % EVENTS.len()],
        );
        let took = happen(&mut network, number, event).await;
        eprintln!("{turn:>2}  validator {number}  {event:?}: caught up in {took:.1?}");
        assert!(
            took <= CATCH_UP_MAX,
            "{event:?} of validator {number}: {took:?}"
        );
        slowest = slowest.max(took);
    }
    waits_for_two_thirds(&network, &load).await;
    is_split(&network).await;
    progress(&load, 20).await;
    let durable = load.stop().await;
    same_everywhere(&network, &durable).await;
    eprintln!(
        "ready in {ready:.1?}; {} durable transactions; slowest catch-up {slowest:.1?}; {:.0?} in all",
        durable.len(),
        began.elapsed()
    );
}

/// With one validator missing there are blocks, with two there are none, with them back there are again.
async fn waits_for_two_thirds(network: &Network, load: &Load) {
    network.signal(3, "-STOP");
    progress(load, 20).await;
    network.signal(2, "-STOP");
    stands_still(network).await;
    network.signal(2, "-CONT");
    network.signal(3, "-CONT");
    progress(load, 20).await;
}

/// While two and two do not hear each other there are no blocks, and all say so; afterwards there are again.
async fn is_split(network: &Network) {
    network.lines(&[0, 1], Line::Cut);
    stands_still(network).await;
    for number in 0..COUNT {
        network.says_behind(number, WAITS).await;
    }
    let height = network.height().await;
    network.lines(&[0, 1], Line::Open);
    let mended = Instant::now();
    for number in 0..COUNT {
        network.reaches(number, height + 1).await;
    }
    let took = mended.elapsed();
    eprintln!("two and two, cut off from each other: going on in {took:.1?}");
    assert!(took <= CATCH_UP_MAX, "{took:?}");
}

/// Waits until no more blocks come.
async fn stands_still(network: &Network) {
    let began = Instant::now();
    let mut last = (network.height().await, Instant::now());
    // A block that was decided before may still arrive.
    while last.1.elapsed() < STILL {
        assert!(began.elapsed() < PATIENCE, "blocks without two thirds");
        let height = network.height().await;
        if height > last.0 {
            assert!(height <= last.0 + 1, "blocks without two thirds");
            last = (height, Instant::now());
        }
        look_again().await;
    }
}

async fn same_everywhere(
    network: &Network,
    durable: &BTreeMap<weighhouse_rpc::types::HashHex, u64>,
) {
    let height = network.height().await;
    for number in 0..COUNT {
        network.reaches(number, height).await;
    }
    let mut oldest = Vec::new();
    for number in 0..COUNT {
        oldest.push(network.status(number).await.unwrap().oldest_block.0);
    }
    let whole = oldest.iter().position(|oldest| *oldest == 1).unwrap();
    assert!(
        oldest.iter().any(|oldest| *oldest > 1),
        "nobody was state-synced"
    );
    let all = headers(network, whole, 1, height).await;
    assert_eq!(u64::try_from(all.len()).unwrap(), height);
    for (number, oldest) in oldest.into_iter().enumerate() {
        let ours = headers(network, number, 1, height).await;
        let missing = usize::try_from(oldest - 1).unwrap();
        assert_eq!(ours, all[missing..], "validator {number}");
        let client = network.client(number);
        let (earlier, here): (BTreeMap<_, _>, BTreeMap<_, _>) =
            durable.iter().partition(|(_, height)| **height < oldest);
        check(&client, &here).await;
        // What was before it is not denied: it says from where on it knows.
        if let Some(hash) = earlier.keys().next() {
            let unknown = client.tx_get(&ByHash { hash: **hash }).await.unwrap();
            assert_eq!(unknown.oldest_block.map(|height| height.0), Some(oldest));
        }
    }
}
