//! That a mistake is found: in a contract, and in the model.

use crate::rig::{Ended, Rig, open_token};
use crate::story::{Difference, Stage, report, shrink, tell, write};
use crate::token::TokenStage;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{TOKEN, Who};
use weighhouse_testkit::model::{Message, Model};

/// The token by itself, with something wrong.
struct Wrong {
    artifact: &'static str,
    /// What the model answers, and what it should.
    bent: Option<(u16, u16)>,
}

impl Stage for Wrong {
    fn name(&self) -> &'static str {
        "a_mistake"
    }

    fn blank(&self) -> Model {
        TokenStage.blank()
    }

    fn deploy(&self, rig: &mut Rig, model: &Model) {
        let open = open_token(rig, model);
        rig.deploy(TOKEN, self.artifact, &open);
    }

    fn next(&self, dice: &mut Dice, model: &Model) -> (Who, Message) {
        TokenStage.next(dice, model)
    }

    fn bend(&self, _: &Message, expected: Ended) -> Ended {
        match (self.bent, &expected) {
            (Some((wrong, right)), Ended::Refused(code)) if *code == right => Ended::Refused(wrong),
            _ => expected,
        }
    }
}

/// Tells stories until one finds the mistake; the report, and the steps it takes.
fn found(stage: &Wrong) -> (String, usize) {
    let mut rig = Rig::new();
    for seed in 1..=10 {
        let steps = write(stage, seed, 300);
        if let Err(difference) = tell(&mut rig, stage, &steps, 5) {
            let Difference { step, .. } = difference;
            let cut = shrink(&mut rig, stage, &steps);
            let text = report(stage, seed, (&difference, &steps[step]), &cut);
            return (text, cut.0.len());
        }
    }
    panic!("3,000 messages did not find the mistake")
}

/// Goal: a token whose transfers create a unit differs from the model, in a few steps and with the way
/// to repeat them: units come into being, they move.
#[test]
fn a_token_with_a_mistake_is_found() {
    let stage = Wrong {
        artifact: "broken-token",
        bent: None,
    };
    let (report, steps) = found(&stage);
    assert!((1..=4).contains(&steps), "{report}");
    assert!(report.contains("RuleBroken"), "{report}");
    assert!(
        report.contains("replay: WEIGHHOUSE_MODEL_STORY=0x"),
        "{report}"
    );
}

/// Goal: a model that mixes up two codes (what is held and what is locked) differs from the token.
#[test]
fn a_model_with_a_mistake_is_found() {
    let stage = Wrong {
        artifact: "dfa-token",
        bent: Some((204, 203)),
    };
    let (report, steps) = found(&stage);
    assert!((2..=9).contains(&steps), "{report}");
    assert!(report.contains("203") && report.contains("204"), "{report}");
}
