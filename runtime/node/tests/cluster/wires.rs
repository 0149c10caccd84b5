//! The lines between the validators of a test, which can be cut.
//!
//! Each validator is told of the others at ports of the test, which carries what comes to the validator's own:
//! nobody learns another address (`pex = false`). A line lies between two validators whoever of them calls.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use weighhouse_node::localnet::Validator;

/// Bytes that are carried at once.
const PIECE: usize = 64 * 1024;

/// How a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It carries everything.
    Open,
    /// Connections break, new ones are refused.
    Cut,
    /// Nothing arrives, nobody is told.
    Silent,
}

/// All lines of a network.
pub(crate) struct Wires {
    lines: BTreeMap<(usize, usize), watch::Sender<Line>>,
}

fn settings(validator: &Validator) -> (PathBuf, String) {
    let path = validator.comet().join("config/config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
}

/// Where the CometBFT of a validator listens for the others.
fn address(validator: &Validator) -> SocketAddr {
    let (_, text) = settings(validator);
    let settings: toml::Value = toml::from_str(&text).unwrap();
    let address = settings["p2p"]["laddr"].as_str().unwrap();
    address.strip_prefix("tcp://").unwrap().parse().unwrap()
}

impl Wires {
    /// Puts lines between validators that do not run yet.
    pub(crate) async fn between(validators: &[Validator]) -> Self {
        let addresses: Vec<SocketAddr> = validators.iter().map(address).collect();
        let mut lines = BTreeMap::new();
        for (caller, validator) in validators.iter().enumerate() {
            let (path, mut text) = settings(validator);
            for (called, address) in addresses.iter().enumerate() {
                if called == caller {
                    continue;
                }
                let ends = (caller.min(called), caller.max(called));
                let line = lines
                    .entry(ends)
                    .or_insert_with(|| watch::channel(Line::Open).0);
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let known = format!("@{}", listener.local_addr().unwrap());
                let before = text.clone();
                text = text.replace(&format!("@{address}"), &known);
                assert_ne!(text, before, "{address} is no peer");
                tokio::spawn(answer(listener, *address, line.subscribe()));
            }
            std::fs::write(path, text).unwrap();
        }
        Self { lines }
    }

    /// Changes the lines of which one end is among `some` and the other is not.
    pub(crate) fn around(&self, some: &[usize], now: Line) {
        for ((one, other), line) in &self.lines {
            if some.contains(one) != some.contains(other) {
                line.send_replace(now);
            }
        }
    }
}

/// Answers whoever calls one validator from another.
async fn answer(listener: TcpListener, to: SocketAddr, line: watch::Receiver<Line>) {
    while let Ok((caller, _)) = listener.accept().await {
        if *line.borrow() != Line::Cut {
            tokio::spawn(carry(caller, to, line.clone()));
        }
    }
}

/// Carries one connection until an end closes it, or the line is cut.
async fn carry(caller: TcpStream, to: SocketAddr, mut line: watch::Receiver<Line>) {
    let Ok(called) = TcpStream::connect(to).await else {
        return;
    };
    let _ = (caller.set_nodelay(true), called.set_nodelay(true));
    let (from_caller, to_caller) = caller.into_split();
    let (from_called, to_called) = called.into_split();
    tokio::select! {
        () = pass(from_caller, to_called, line.clone()) => {}
        () = pass(from_called, to_caller, line.clone()) => {}
        _ = line.wait_for(|line| *line == Line::Cut) => {}
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut line: watch::Receiver<Line>,
) {
    let mut piece = vec![0; PIECE];
    loop {
        let Ok(read @ 1..) = from.read(&mut piece).await else {
            return;
        };
        if line.wait_for(|line| *line != Line::Silent).await.is_err() {
            return;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
