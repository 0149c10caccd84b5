//! Lines between the validators that a test can cut: a small TCP proxy for each pair and direction.

use crate::network::{COUNT, Network};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Who is cut off now; connections of whoever is in it end, new ones are not made.
type Cut = BTreeSet<usize>;

/// All lines of a network.
#[derive(Debug)]
pub(crate) struct Lines {
    cut: Arc<Mutex<watch::Sender<Cut>>>,
}

/// Carries connections from one validator to another, while neither is cut off.
async fn carry(listener: TcpListener, to: SocketAddr, ends: [usize; 2], cut: watch::Receiver<Cut>) {
    let is_cut = move |cut: &Cut| ends.iter().any(|end| cut.contains(end));
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut cut = cut.clone();
        if is_cut(&cut.borrow_and_update()) {
            continue;
        }
        tokio::spawn(async move {
            let Ok(mut other) = TcpStream::connect(to).await else {
                return;
            };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut stream, &mut other) => {}
                _ = cut.wait_for(is_cut) => {}
            }
        });
    }
}

impl Lines {
    /// Puts a line between every two validators; before they start.
    pub(crate) async fn between(network: &Network) -> Self {
        let (sender, receiver) = watch::channel(Cut::new());
        let peers: Vec<SocketAddr> = (0..COUNT).map(|number| network.peer(number)).collect();
        for from in 0..COUNT {
            let path = network.comet_settings(from);
            let mut settings = std::fs::read_to_string(&path).unwrap();
            for (to, peer) in peers.iter().enumerate().filter(|(to, _)| *to != from) {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let line = listener.local_addr().unwrap();
                settings = settings.replace(&format!("@{peer}"), &format!("@{line}"));
                tokio::spawn(carry(listener, *peer, [from, to], receiver.clone()));
            }
            std::fs::write(path, settings).unwrap();
        }
        Self {
            cut: Arc::new(Mutex::new(sender)),
        }
    }

    /// Cuts a validator off from all others, or heals its lines.
    pub(crate) fn cut(&self, number: usize, off: bool) {
        self.cut.lock().unwrap().send_modify(|cut| {
            match off {
                true => cut.insert(number),
                false => cut.remove(&number),
            };
        });
    }
}
