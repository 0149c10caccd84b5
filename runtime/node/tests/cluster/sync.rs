//! How a validator whose disk is gone comes back: from a snapshot of the others, not from the first block.

use crate::network::{COUNT, Network};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

/// Where CometBFT's settings about it begin.
const SECTION: &str = "\n[statesync]\n";

impl Network {
    fn comet_settings(&self, number: usize) -> PathBuf {
        self.validators[number].comet().join("config/config.toml")
    }

    /// Where the CometBFT of a validator answers.
    fn engine(&self, number: usize) -> String {
        let settings = std::fs::read_to_string(self.comet_settings(number)).unwrap();
        let (_, section) = settings.split_once("[rpc]").unwrap();
        let (_, address) = section.split_once("laddr = \"tcp://").unwrap();
        address.split_once('"').unwrap().0.to_owned()
    }

    /// What the CometBFT of a validator answers.
    pub(crate) fn comet_answer(&self, number: usize, question: &str) -> serde_json::Value {
        let mut stream = TcpStream::connect(self.engine(number)).unwrap();
        write!(stream, "GET /{question} HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Hash of a block, as the CometBFT of a validator has it.
    fn comet_hash(&self, number: usize, height: u64) -> String {
        let answer = self.comet_answer(number, &format!("commit?height={height}"));
        let hash = &answer["result"]["signed_header"]["commit"]["block_id"]["hash"];
        hash.as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// Lets a wiped validator fetch all blocks.
    pub(crate) fn no_state_sync(&self, number: usize) {
        let path = self.comet_settings(number);
        let settings = std::fs::read_to_string(&path).unwrap();
        let (before, _) = settings.split_once(SECTION).unwrap_or((&settings, ""));
        std::fs::write(path, before).unwrap();
    }

    /// Lets a wiped validator start from a snapshot, as `docs/operating.md` says; a block of the others is
    /// trusted.
    pub(crate) fn state_sync(&self, number: usize, trusted: u64) {
        self.no_state_sync(number);
        let others = (0..COUNT).filter(|other| *other != number);
        let servers: Vec<String> = others.clone().map(|other| self.engine(other)).collect();
        let hash = self.comet_hash((number + 1) % COUNT, trusted);
        let section = format!(
            "{SECTION}enable = true\nrpc_servers = \"{}\"\ntrust_height = {trusted}\n\
             trust_hash = \"{hash}\"\ntrust_period = \"168h\"\ndiscovery_time = \"5s\"\n",
            servers.join(",")
        );
        let path = self.comet_settings(number);
        let settings = std::fs::read_to_string(&path).unwrap() + &section;
        std::fs::write(path, settings).unwrap();
    }
}
