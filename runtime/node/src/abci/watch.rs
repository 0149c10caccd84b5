//! Asks the engine how it is, so that a node that is behind or cut off says so.
//!
//! CometBFT says of itself that it is catching up only while it fetches whole blocks. One that lost the others
//! later takes itself for up to date, so it is looked at more closely where something is odd: without peers,
//! while no block comes, and after either of them until it is where its peers are. Otherwise two small
//! requests are all.
//!
//! What it does not do: act. Whether transactions are taken is [`Link::ready`].

use super::forward::{PATIENCE, post};
use crate::consensus::{Apart, Engine, Link};
use crate::http::Connection;
use serde_json::{Value, json};
use std::io::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weighhouse_primitives::Height;

/// How often the engine is asked.
const OFTEN: Duration = Duration::from_millis(500);
/// How long there may be no block before it is asked what it waits for.
const QUIET: Duration = Duration::from_secs(3);
/// How long it may wait in one place of a round. Every wait of CometBFT's own is shorter, and a round that fails
/// while two thirds vote leads to the next one.
const STILL: Duration = Duration::from_secs(8);
/// The first step of a round in which it waits for others; before it, it waits for transactions.
const PROPOSE: u64 = 3;

/// Asks the engine how it is, for ever.
pub(super) async fn run(link: Arc<Link>, engine: SocketAddr) {
    let mut asking = Asking {
        connection: None,
        engine,
    };
    let mut round = Round::new();
    loop {
        let before = link.engine();
        let seen = asking.look(&mut round, before.apart.is_some());
        let now = match tokio::time::timeout(PATIENCE, seen).await {
            Ok(Ok(now)) => now,
            _ => {
                asking.connection = None;
                Engine {
                    apart: before.apart,
                    ..Engine::default()
                }
            }
        };
        let shown = |engine: &Engine| (engine.reachable, engine.catching_up, engine.apart);
        if shown(&before) != shown(&now) {
            let Engine {
                reachable,
                catching_up,
                apart,
                height,
                ..
            } = &now;
            tracing::info!(reachable, catching_up, ?apart, %height, "consensus engine");
        }
        link.set_engine(now);
        tokio::time::sleep(OFTEN).await;
    }
}

/// Where in its work the engine was seen, and since when.
#[derive(Debug)]
struct Round {
    height: Height,
    /// Height, round and step as it writes them; empty until it is asked.
    place: String,
    since: Instant,
}

impl Round {
    fn new() -> Self {
        Self {
            height: Height::GENESIS,
            place: String::new(),
            since: Instant::now(),
        }
    }

    /// A look at its height; true if it is time to ask what it waits for.
    fn is_quiet(&mut self, height: Height, now: Instant) -> bool {
        if height != self.height {
            (self.height, self.since) = (height, now);
            self.place.clear();
        }
        !self.place.is_empty() || now.duration_since(self.since) >= QUIET
    }

    /// A look at what it waits for; true if it has waited for the others too long.
    fn is_still(&mut self, place: &str, now: Instant) -> bool {
        if place != self.place {
            self.since = now;
            self.place = place.to_owned();
        }
        let step = place.rsplit('/').next().and_then(|step| step.parse().ok());
        step.is_some_and(|step: u64| step >= PROPOSE) && now.duration_since(self.since) >= STILL
    }
}

struct Asking {
    connection: Option<Connection>,
    engine: SocketAddr,
}

impl Asking {
    async fn ask(&mut self, method: &str) -> std::io::Result<Value> {
        let ask = json!({ "jsonrpc": "2.0", "id": 0, "method": method, "params": {} });
        let mut answer = post(&mut self.connection, self.engine, &ask).await?;
        match answer["result"].take() {
            Value::Null => Err(Error::other(format!("{method}: {}", answer["error"]))),
            result => Ok(result),
        }
    }

    async fn look(&mut self, round: &mut Round, was_apart: bool) -> std::io::Result<Engine> {
        let status = self.ask("status").await?;
        let sync = &status["sync_info"];
        let catching_up = sync["catching_up"]
            .as_bool()
            .ok_or_else(|| Error::other("no status of CometBFT"))?;
        let height = Height(number(&sync["latest_block_height"]).unwrap_or(0));
        let peers = peers(&self.ask("net_info").await?);
        let apart = match catching_up {
            true => None,
            false if peers.is_empty() => match self.is_alone_by_right(&status).await? {
                true => None,
                false => Some(Apart::Alone),
            },
            false => self.apart(round, height, was_apart).await?,
        };
        Ok(Engine {
            reachable: true,
            catching_up,
            height,
            peers,
            apart,
        })
    }

    /// It is the only validator of its chain.
    async fn is_alone_by_right(&mut self, status: &Value) -> std::io::Result<bool> {
        let votes =
            number(&status["validator_info"]["voting_power"]).is_some_and(|power| power > 0);
        Ok(votes && number(&self.ask("validators").await?["total"]) == Some(1))
    }

    async fn apart(
        &mut self,
        round: &mut Round,
        height: Height,
        was_apart: bool,
    ) -> std::io::Result<Option<Apart>> {
        if round.is_quiet(height, Instant::now()) {
            let state = self.ask("consensus_state").await?;
            let place = state["round_state"]["height/round/step"].as_str();
            if round.is_still(place.unwrap_or_default(), Instant::now()) {
                return Ok(Some(Apart::Still));
            }
        }
        if was_apart {
            let state = self.ask("dump_consensus_state").await?;
            return Ok(is_behind(height, &state).then_some(Apart::Behind));
        }
        Ok(None)
    }
}

/// Whether more than half of the peers decide on more than the block after the next one, or none of them has said
/// where it is. What the highest or the lowest claims decides nothing, unless there are only two of them.
fn is_behind(height: Height, state: &Value) -> bool {
    let peers = state["peers"].as_array().into_iter().flatten();
    let heights = peers.filter_map(|peer| number(&peer["peer_state"]["round_state"]["height"]));
    let mut heights: Vec<u64> = heights.filter(|theirs| *theirs > 0).collect();
    heights.sort_unstable();
    let middle = heights.len().saturating_sub(1) / 2;
    // What a peer decides on is one above what it has.
    heights
        .get(middle)
        .is_none_or(|theirs| *theirs > height.0.saturating_add(2))
}

fn peers(net_info: &Value) -> Vec<String> {
    let peer = |peer: &Value| {
        let id = peer["node_info"]["id"].as_str().unwrap_or_default();
        let ip = peer["remote_ip"].as_str().unwrap_or_default();
        format!("{id}@{ip}")
    };
    let listed = net_info["peers"].as_array();
    listed.map_or_else(Vec::new, |listed| listed.iter().map(peer).collect())
}

/// A number, which CometBFT writes as text.
fn number(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: waiting for transactions is no standstill, and rounds that follow each other are none; waiting for
    /// votes for long is one, until there is a block.
    #[test]
    fn a_standstill_is_waiting_for_votes_in_one_place() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut round = Round::new();
        assert!(!round.is_quiet(Height(7), at(0)));
        assert!(!round.is_quiet(Height(7), at(2)));
        assert!(round.is_quiet(Height(7), at(3)));
        // Waiting for a transaction.
        assert!(!round.is_still("8/0/2", at(3)));
        assert!(!round.is_still("8/0/2", at(60)));
        // Rounds fail, one after the other.
        for turn in 0..10 {
            assert!(!round.is_still(&format!("8/{turn}/4"), at(60 + 5 * turn)));
        }
        assert!(!round.is_still("8/9/4", at(112)));
        assert!(round.is_still("8/9/4", at(113)));
        // A block.
        assert!(!round.is_quiet(Height(8), at(114)));
        assert!(round.is_quiet(Height(8), at(117)));
        assert!(!round.is_still("9/0/6", at(117)));
        assert!(round.is_still("9/0/6", at(125)));
        assert!(!round.is_still("", at(140)));
        assert!(!round.is_still("", at(160)));
    }

    /// Goal: who was apart is behind until the peers have said where they are, and are there too.
    #[test]
    fn behind_ends_where_the_peers_are() {
        let peer = |height: &str| json!({ "peer_state": { "round_state": { "height": height } } });
        let state = |peers: &[Value]| json!({ "peers": peers });
        assert!(is_behind(Height(7), &state(&[])));
        assert!(is_behind(Height(7), &state(&[peer("0")])));
        assert!(is_behind(Height(7), &state(&[peer("10"), peer("10")])));
        assert!(!is_behind(Height(7), &state(&[peer("8"), peer("9")])));
        assert!(!is_behind(Height(7), &state(&[peer("6"), peer("0")])));
    }

    /// Goal: one peer that claims a height which nobody has keeps no node behind, and one that claims to have nothing
    /// does not make it forget that it is.
    #[test]
    fn one_peer_does_not_say_where_all_are() {
        let peer = |height: u64| {
            let round = json!({ "height": height.to_string() });
            json!({ "peer_state": { "round_state": round } })
        };
        let behind = |heights: &[u64]| {
            let peers: Vec<Value> = heights.iter().copied().map(peer).collect();
            is_behind(Height(7), &json!({ "peers": peers }))
        };
        let impossible = i64::MAX.unsigned_abs();
        assert!(!behind(&[impossible, 8]));
        assert!(!behind(&[8, impossible, 8]));
        assert!(!behind(&[impossible, 8, 8, impossible]));
        assert!(behind(&[1, 20, 20]));
        assert!(behind(&[20, impossible, 1]));
    }
}
