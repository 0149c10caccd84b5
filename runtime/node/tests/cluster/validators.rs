//! The governor changes who votes, and the chain goes on.

use crate::network::{Network, PATIENCE, comet, look_again};
use serde_json::Value;
use std::time::Instant;
use weighhouse_node::{devkeys, validator};
use weighhouse_rpc::types::HashHex;

/// Powers as hex key and text, ascending by key.
type Powers = Vec<(String, String)>;

impl Network {
    /// The key with which the CometBFT of a validator votes.
    fn vote_key(&self, number: usize) -> HashHex {
        let path = self.validators[number]
            .comet()
            .join("config/priv_validator_key.json");
        let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        validator::hex(validator::key(file["pub_key"]["value"].as_str().unwrap()).unwrap())
    }

    /// Who votes on the next block, as CometBFT has it.
    fn voters(&self, witness: usize) -> Powers {
        let answer = self.comet_answer(witness, "validators");
        let listed = answer["result"]["validators"].as_array().unwrap();
        let mut powers: Powers = listed
            .iter()
            .map(|one| {
                let key = validator::key(one["pub_key"]["value"].as_str().unwrap()).unwrap();
                let power = one["voting_power"].as_str().unwrap();
                (validator::hex(key).to_string(), power.to_owned())
            })
            .collect();
        powers.sort();
        powers
    }

    /// The same as the chain's state has it.
    fn set_in_state(&self, witness: usize) -> Powers {
        let view = self.run(witness, "chain validators");
        let listed = view["validators"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        listed
            .iter()
            .map(|one| (text(&one["key"]), text(&one["power"])))
            .collect()
    }
}

/// Waits until the state of `witness`, and who votes there, are what node 0 has: it acknowledged the changes,
/// the others are told of its blocks.
async fn agree(network: &Network, witness: usize) -> Powers {
    let until = Instant::now() + PATIENCE;
    let set = network.set_in_state(0);
    while network.set_in_state(witness) != set || network.voters(witness) != set {
        assert!(Instant::now() < until, "{:?}", network.voters(witness));
        look_again().await;
    }
    set
}

/// Goal: of five nodes four vote; the governor removes one and lets the fifth in, CometBFT takes both over,
/// and the chain goes on without the one that was removed; the last one is never removed.
#[tokio::test(flavor = "multi_thread")]
async fn the_governor_changes_the_validators() {
    let Some(comet) = comet() else { return };
    let mut network = Network::of(comet, 5, |genesis| {
        let key = devkeys::key("issuer", "test", true).unwrap();
        genesis.policy.governor = Some(devkeys::address(&key));
    });
    for number in 0..5 {
        network.reaches(number, 1).await;
    }
    let first = agree(&network, 0).await;
    assert_eq!(first.len(), 5);
    let set = |network: &Network, number: usize, power: u32| {
        let key = network.vote_key(number);
        network.run(
            0,
            &format!("chain set-validator {key} --power {power} --signer dev:issuer"),
        )
    };
    // The fifth leaves, the first gets more; four remain.
    set(&network, 4, 0);
    set(&network, 0, 2);
    assert_eq!(agree(&network, 1).await.len(), 4);
    // One is removed, the fifth is let in again.
    set(&network, 3, 0);
    set(&network, 4, 1);
    let now = agree(&network, 1).await;
    assert_eq!(now.len(), 4);
    let names = |powers: &Powers, number: usize| {
        let key = network.vote_key(number).to_string();
        powers.iter().any(|(one, _)| *one == key)
    };
    assert!(names(&now, 4) && !names(&now, 3));
    network.kill_both(3);
    let height = network.status(0).await.unwrap().height.0;
    network.reaches(4, height + 3).await;
    // Its proof: the set is in the state.
    let (answer, _) = network.try_run(0, "state proof 0x76 --raw");
    assert!(answer.is_some());
    let unknown = format!("0x{}", "11".repeat(32));
    let (none, refused) = network.try_run(
        0,
        &format!("chain set-validator {unknown} --power 0 --signer dev:issuer"),
    );
    assert!(
        none.is_none() && refused.contains("BadValidators"),
        "{refused}"
    );
    let (none, refused) = network.try_run(
        0,
        &format!("chain set-validator {unknown} --power 1 --signer dev:alice"),
    );
    assert!(none.is_none() && refused.contains("NotAdmin"), "{refused}");
}
