//! Stories of the registry of rights: register and registry together.

use crate::market::{DAY, blank_register, open_register, vetted};
use crate::market_chance::register_message;
use crate::office_chance::office_message;
use crate::rig::{Rig, officers, open_token};
use crate::rights_chance::{object_order, rights_message};
use crate::story::Stage;
use crate::token::fresh;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{
    ADMIN, ARBITER, COMPLIANCE, ENFORCER, OPERATOR, PAUSER, REGISTER, REGISTRAR, REGISTRAR_2,
    REGULATOR, RIGHTS, SCREENER, TOKEN, Who,
};
use weighhouse_testkit::model::life::Role;
use weighhouse_testkit::model::message::{Message, RegisterMessage};
use weighhouse_testkit::model::register::party::Kind;
use weighhouse_testkit::model::register::rules::Rules;
use weighhouse_testkit::model::register::{Finding, Pid};
use weighhouse_testkit::model::rights::Rights;

/// Number of a registrar as a participant: the last.
pub(crate) const REGISTRAR_PID: Pid = 12;
/// Seconds between an application and its registration.
const COOLING: u64 = 1_000;

/// Register and registry; the token stands by.
pub(crate) struct RightsStage;

/// A registry without objects.
pub(crate) fn blank_rights() -> Rights {
    let mut rights = Rights {
        cooling: COOLING,
        ..Rights::default()
    };
    rights.life.officers = [
        (Role::Admin, ADMIN),
        (Role::Pauser, PAUSER),
        (Role::Registrar, REGISTRAR),
        (Role::Registrar, REGISTRAR_2),
        (Role::Enforcer, ENFORCER),
        (Role::Arbiter, ARBITER),
        (Role::Regulator, REGULATOR),
    ]
    .into();
    rights
}

/// Deploys the registry of a model.
pub(crate) fn deploy_rights(rig: &mut Rig, model: &Model) {
    let rights = model.rights.as_ref().expect("a registry");
    let settings = (rights.cooling, 3_600_u64);
    let roles = officers(rig, &rights.life.officers, &[Role::Admin]);
    let at = |who| rig.places.at(who);
    let open = (settings, at(ADMIN), roles, at(REGISTER));
    rig.deploy(RIGHTS, "rights-registry", &open);
}

impl Stage for RightsStage {
    fn name(&self) -> &'static str {
        "rights"
    }

    fn blank(&self) -> Model {
        Model {
            register: Some(blank_register()),
            token: fresh(&[(Role::Enforcer, ENFORCER), (Role::Operator, OPERATOR)]),
            rights: Some(blank_rights()),
            ..Model::default()
        }
    }

    fn prelude(&self) -> Vec<(Who, Message)> {
        use RegisterMessage as M;
        let mut said = vetted();
        let screened = M::RecordScreening((REGISTRAR_PID, 1, 1), Finding::Clear, 7);
        let more = [
            (COMPLIANCE, M::SetRules(TOKEN, Rules::default())),
            // One registrar is a participant as well.
            (OPERATOR, M::Register((Kind::Legal, true, *b"RU"), 7)),
            (SCREENER, screened),
            (COMPLIANCE, M::Approve(REGISTRAR_PID, 400 * DAY, 7)),
            (OPERATOR, M::AddWallet(REGISTRAR_PID, REGISTRAR)),
            (REGISTRAR, M::AcceptWallet),
        ];
        said.extend(more.map(|(by, message)| (by, Message::Register(message))));
        said
    }

    fn deploy(&self, rig: &mut Rig, model: &Model) {
        let open = open_register(rig, model);
        rig.deploy(REGISTER, "participants", &open);
        let open = open_token(rig, model);
        rig.deploy(TOKEN, "dfa-token", &open);
        deploy_rights(rig, model);
    }

    fn wanted(&self) -> &'static [(&'static str, u64)] {
        &[
            ("approve_register", 1_500),
            ("forced_transfer", 50),
            ("grant_use", 200),
            ("sublicense", 200),
            ("claim_performance", 150),
            ("confirm_performance", 150),
            ("resolve_performance", 30),
            ("endorse", 500),
            ("pledge_control", 150),
            ("return_control", 80),
            ("surrender", 100),
            ("from_paper", 60),
        ]
    }

    fn next(&self, dice: &mut Dice, model: &Model) -> (Who, Message) {
        if dice.once_in(50) {
            return office_message(dice, model);
        }
        match dice.below(24) {
            0 | 1 => {
                let (by, message) = register_message(dice, model);
                (by, Message::Register(message))
            }
            2 => {
                let (by, message) = object_order(dice, model);
                (by, Message::Register(message))
            }
            _ => {
                let (by, message) = rights_message(dice, model);
                (by, Message::Rights(message))
            }
        }
    }
}
