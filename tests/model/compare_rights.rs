//! What the registry of rights and the model keep: objects, rights to use, applications, the past.

use crate::compare::{same, same_list};
use crate::rig::Rig;
use crate::wire_rights::{Cause, Subject, Waiting, WireObject, WireUse, ratio};
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{NOBODY, RIGHTS};
use weighhouse_testkit::model::rights::part::Ratio;
use weighhouse_testkit::model::rights::usage::UseState;
use weighhouse_testkit::model::rights::{Rights, Status};

/// Numbers whose past is looked at, of each comparison.
const PAST: u64 = 3;

impl Rig {
    pub(crate) fn compare_rights(&self, model: &Model) -> Result<(), String> {
        let Some(rights) = &model.rights else {
            return Ok(());
        };
        self.compare_holdings(rights)?;
        for (id, object) in &rights.objects {
            // What is over stays as it is: looked at now and then.
            if object.status == Status::Closed && !(id + model.now).is_multiple_of(8) {
                continue;
            }
            let kept: Option<WireObject> = self.ask(RIGHTS, NOBODY, "object", id);
            let kept = kept.map(WireObject::known);
            let expected = Some(self.places.object(object));
            same(&format!("object {id}"), &kept, &expected)?;
        }
        for (id, right) in &rights.uses {
            if right.state != UseState::Granted && !(id + model.now).is_multiple_of(8) {
                continue;
            }
            let kept: Option<(WireUse, bool)> = self.ask(RIGHTS, NOBODY, "right", id);
            let kept = kept.map(|(right, lives)| (right.known(), lives));
            let lives = rights.lives(*id, model.now);
            let expected = Some((self.places.usage(right), lives));
            same(&format!("right {id}"), &kept, &expected)?;
        }
        self.compare_applications(model, rights)?;
        self.compare_past(model, rights)
    }

    fn compare_holdings(&self, rights: &Rights) -> Result<(), String> {
        type Holding = (u64, u64, Ratio, bool);
        let Some(by) = rights.life.supervisor() else {
            return Ok(());
        };
        let (mut kept, mut after) = (Vec::new(), None::<(u64, u64)>);
        loop {
            let page: Vec<Holding> = self.ask(RIGHTS, by, "reg_positions", &(after, 100_u32));
            let Some((pid, id, ..)) = page.last() else {
                break;
            };
            after = Some((*pid, *id));
            kept.extend(page.iter().map(|(pid, id, part, _)| (*pid, *id, *part)));
        }
        let owned = rights.objects.iter().flat_map(|(id, object)| {
            let owners = object.owners.iter();
            owners.map(|(pid, part)| (*pid, *id, ratio(*part)))
        });
        let mut expected: Vec<_> = owned.collect();
        expected.sort_unstable();
        same_list("holdings", &kept, &expected)
    }

    fn compare_applications(&self, model: &Model, rights: &Rights) -> Result<(), String> {
        let Some(by) = rights.life.supervisor() else {
            return Ok(());
        };
        let (mut kept, mut after) = (Vec::new(), None::<u64>);
        loop {
            let page: Vec<Waiting> = self.ask(RIGHTS, by, "reg_inflight", &(after, 40_u32));
            let Some(last) = page.last() else { break };
            after = Some(last.entry);
            kept.extend(page.into_iter().map(|one| {
                (
                    one.entry,
                    (one.applicant, one.from, one.state),
                    one.needed,
                    one.missing,
                )
            }));
        }
        let waiting = rights.applications.iter().filter_map(|(entry, one)| {
            let progress = rights.progress(*entry, model.now)?;
            let from = self.places.time(one.from);
            let (needed, missing) = rights.consents(one, model.now);
            Some((
                *entry,
                (one.applicant, from, progress as u8),
                needed.into_iter().collect::<Vec<_>>(),
                missing.first().copied(),
            ))
        });
        // Registered, rejected, withdrawn.
        let expected: Vec<_> = waiting.filter(|(_, state, ..)| state.2 < 3).collect();
        same_list("applications", &kept, &expected)
    }

    /// States of seconds that are over.
    fn compare_past(&self, model: &Model, rights: &Rights) -> Result<(), String> {
        for round in 0..PAST.min(rights.last) {
            let id = 1 + (model.now + 7 * round) % rights.last;
            let at = (model.now * (round + 3) / 5).min(model.now.saturating_sub(1));
            let arguments = (id, self.places.time(at));
            let kept: Option<(Cause, Subject)> = self.ask(RIGHTS, NOBODY, "as_at", &arguments);
            let kept = kept.and_then(|(_, state)| match state {
                Subject::Object(object) => Some(object.known()),
                Subject::Right(_) => None,
            });
            let expected = rights.as_at(id, at).map(|state| self.places.object(state));
            // Before the first second of a story nothing was.
            let expected = expected.filter(|_| model.now != 0);
            same(&format!("object {id} at {at}"), &kept, &expected)?;
        }
        Ok(())
    }
}
