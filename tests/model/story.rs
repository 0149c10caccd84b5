//! A story: a random sequence of steps, told to contracts and model, and cut down when they differ.

use crate::chance;
use crate::rig::{Ended, Rig};
use std::fmt::Write as _;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::Who;
use weighhouse_testkit::model::{Message, Model};

/// Most messages of one block.
const BLOCK: usize = 24;

/// How often something else comes to mind than what would be refused.
const TRIES: usize = 4;

/// So many seconds later, somebody says something.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) wait: u64,
    pub(crate) by: Who,
    pub(crate) message: Message,
}

/// Where a story plays: how contracts and model begin, and what comes to people's minds.
pub(crate) trait Stage: Sync {
    /// Name of the test, for replaying.
    fn name(&self) -> &'static str;

    /// The model as contracts are that were just deployed.
    fn blank(&self) -> Model;

    /// What is said before the story, with success.
    fn prelude(&self) -> Vec<(Who, Message)> {
        Vec::new()
    }

    /// Deploys the contracts of the blank model.
    fn deploy(&self, rig: &mut Rig, model: &Model);

    /// Who says what next.
    fn next(&self, dice: &mut Dice, model: &Model) -> (Who, Message);

    /// Messages that must have succeeded so often in 100,000 operations of the stage: a story in which
    /// nothing succeeds compares nothing.
    fn wanted(&self) -> &'static [(&'static str, u64)] {
        &[]
    }

    /// Changes what the model answered: stages of tests that must fail use it.
    fn bend(&self, _: &Message, expected: Ended) -> Ended {
        expected
    }
}

/// A difference between contracts and model.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// Which step.
    pub(crate) step: usize,
    /// What differs.
    pub(crate) what: String,
}

/// Steps that a story of this seed takes.
pub(crate) fn write(stage: &dyn Stage, seed: u64, length: usize) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let mut model = stage.blank();
    for (by, message) in stage.prelude() {
        let outcome = model.act(by, &message);
        assert!(
            outcome.is_ok(),
            "before the story, {by}: {message:?}: {outcome:?}"
        );
    }
    let mut steps = Vec::with_capacity(length);
    for _ in 0..length {
        let wait = chance::wait(&mut dice, &model);
        model.now += wait;
        let (by, message) = choose(stage, &mut dice, &model);
        let step = Step { wait, by, message };
        // What is refused is part of the story.
        let _ = model.act(step.by, &step.message);
        steps.push(step);
    }
    steps
}

/// What is said next: mostly something that succeeds, as the model sees it, if it comes to mind soon. Else
/// stories would stand still, and nothing but refusals would be compared.
fn choose(stage: &dyn Stage, dice: &mut Dice, model: &Model) -> (Who, Message) {
    let mut said = stage.next(dice, model);
    if dice.once_in(3) {
        return said;
    }
    for _ in 0..TRIES {
        if model.clone().act(said.0, &said.1).is_ok() {
            break;
        }
        said = stage.next(dice, model);
    }
    said
}

/// Tells the steps to contracts and model; the first difference.
///
/// Everything is compared after every `rests`th block and the last, what is cheap after every one.
pub(crate) fn tell(
    rig: &mut Rig,
    stage: &dyn Stage,
    steps: &[Step],
    rests: usize,
) -> Result<(), Difference> {
    let mut model = stage.blank();
    rig.begin();
    model.start = rig.places.start;
    model.ranks = rig.places.ranks();
    stage.deploy(rig, &model);
    for said in stage.prelude().chunks(BLOCK) {
        let step = |(by, message): &(Who, Message)| Step {
            wait: 0,
            by: *by,
            message: message.clone(),
        };
        let steps: Vec<Step> = said.iter().map(step).collect();
        let early = |difference| Difference {
            step: 0,
            ..difference
        };
        tell_block(rig, stage, &mut model, (0, &steps), true).map_err(early)?;
    }
    let (mut at, mut blocks) = (0, 0);
    while at < steps.len() {
        blocks += 1;
        model.now += steps[at].wait;
        let same_second = steps[at + 1..]
            .iter()
            .take_while(|step| step.wait == 0)
            .count();
        let end = steps.len().min(at + (same_second + 1).min(BLOCK));
        let whole = blocks % rests == 0 || end == steps.len();
        tell_block(rig, stage, &mut model, (at, &steps[at..end]), whole)?;
        at = end;
    }
    Ok(())
}

fn tell_block(
    rig: &mut Rig,
    stage: &dyn Stage,
    model: &mut Model,
    (first, steps): (usize, &[Step]),
    whole: bool,
) -> Result<(), Difference> {
    let said: Vec<_> = steps
        .iter()
        .map(|step| (step.by, step.message.clone()))
        .collect();
    let mut expected = said
        .iter()
        .map(|(by, message)| stage.bend(message, Ended::expected(model.act(*by, message))));
    let expected: Vec<Ended> = expected.by_ref().collect();
    let (by, message) = &said[0];
    if let Some(dry) = rig.dry_run_at(model.now, *by, message) {
        let code = |ended: &Ended| match ended {
            Ended::Refused(code) => *code,
            _ => 0,
        };
        let (dry, wet) = (code(&dry), code(&expected[0]));
        if dry != wet {
            let what = format!("dry run\n  contract: {dry}\n  model:    {wet}");
            return Err(Difference { step: first, what });
        }
    }
    let ended = rig.block(model.now, &said);
    for (offset, (ended, expected)) in ended.iter().zip(&expected).enumerate() {
        if ended != expected {
            let what = format!("outcome\n  contract: {ended:?}\n  model:    {expected:?}");
            return Err(Difference {
                step: first + offset,
                what,
            });
        }
    }
    let step = first + steps.len() - 1;
    rig.compare(model, whole)
        .map_err(|what| Difference { step, what })
}

/// The steps without those that the difference does not need: ever smaller parts are left out while
/// contracts and model still differ. Seconds are kept.
pub(crate) fn shrink(rig: &mut Rig, stage: &dyn Stage, steps: &[Step]) -> (Vec<Step>, Difference) {
    let mut found = tell(rig, stage, steps, 1).expect_err("a difference");
    let mut steps = steps[..=found.step].to_vec();
    let (mut size, mut tries) = (steps.len() / 2, 400);
    while size > 0 {
        let mut at = 0;
        while at < steps.len() && tries > 0 {
            let mut shorter = steps.clone();
            let cut: Vec<Step> = shorter.drain(at..steps.len().min(at + size)).collect();
            if let Some(next) = shorter.get_mut(at) {
                next.wait += cut.iter().map(|step| step.wait).sum::<u64>();
            }
            tries -= 1;
            match tell(rig, stage, &shorter, 1) {
                Err(difference) => {
                    shorter.truncate(difference.step + 1);
                    (steps, found) = (shorter, difference);
                }
                Ok(()) => at += size,
            }
        }
        size /= 2;
    }
    (steps, found)
}

/// What to print of a difference.
pub(crate) fn report(
    stage: &dyn Stage,
    seed: u64,
    (first, whole): (&Difference, &Step),
    (steps, found): &(Vec<Step>, Difference),
) -> String {
    let mut text = format!(
        "contracts and model differ\nseed {seed:#x}, step {}: {whole:?}\n{}\n\ncut down to {} steps:\n",
        first.step,
        first.what,
        steps.len()
    );
    let mut now = 0;
    for (number, step) in steps.iter().enumerate() {
        now += step.wait;
        let Step { by, message, .. } = step;
        writeln!(text, "  {number} second {now}, {by}: {message:?}").expect("a string");
    }
    let again = "cargo test --workspace --locked --test model";
    write!(
        text,
        "at step {}: {}\n\nreplay: WEIGHHOUSE_MODEL_STORY={seed:#x} {again} -- {}",
        found.step,
        found.what,
        stage.name()
    )
    .expect("a string");
    text
}
