//! Stories of documentary credits: register, token and escrow together.

use crate::credit_chance::{distress, escrow_message};
use crate::market::{DAY, blank_register, minted, open_register, pid, vetted};
use crate::market_chance::register_message;
use crate::rig::{Rig, officers, open_token};
use crate::rights::{blank_rights, deploy_rights};
use crate::story::Stage;
use crate::token::{fresh, token_message};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{
    ADMIN, ARBITER, BANK, BANK_2, COMPLIANCE, ENFORCER, ESCROW, EXP, IMP, OPERATOR, PAUSER,
    REGISTER, REGULATOR, RIGHTS, SCREENER, TOKEN, Who,
};
use weighhouse_testkit::model::escrow::{Escrow, SCREENING_AGE};
use weighhouse_testkit::model::life::Role;
use weighhouse_testkit::model::message::{EscrowMessage, Message, RegisterMessage};
use weighhouse_testkit::model::register::party::Kind;
use weighhouse_testkit::model::register::rules::Rules;
use weighhouse_testkit::model::register::{Finding, Pid};

/// Number of the escrow as a participant: the last.
pub(crate) const ESCROW_PID: Pid = 12;

/// Register, token and escrow.
pub(crate) struct CreditStage;

impl Stage for CreditStage {
    fn name(&self) -> &'static str {
        "credits"
    }

    fn blank(&self) -> Model {
        let mut escrow = Escrow::default();
        escrow.life.officers = [
            (Role::Admin, ADMIN),
            (Role::Pauser, PAUSER),
            (Role::Operator, OPERATOR),
            (Role::Regulator, REGULATOR),
            (Role::Arbiter, ARBITER),
        ]
        .into();
        let mut token = fresh(&[(Role::Enforcer, ENFORCER), (Role::Operator, OPERATOR)]);
        token.cap = 10_000_000;
        token.threshold = 1_000_000;
        Model {
            register: Some(blank_register()),
            token,
            escrow: Some(escrow),
            rights: Some(blank_rights()),
            ..Model::default()
        }
    }

    fn prelude(&self) -> Vec<(Who, Message)> {
        use RegisterMessage as M;
        let mut said = vetted();
        let rules = Rules::default();
        let more = [
            (COMPLIANCE, M::SetRules(rules)),
            (OPERATOR, M::Register((Kind::System, true, *b"RU"), 7)),
            (
                SCREENER,
                M::RecordScreening((ESCROW_PID, 1, 1), Finding::Clear, 7),
            ),
            (COMPLIANCE, M::Approve(ESCROW_PID, 4_000 * DAY, 7)),
            (OPERATOR, M::AddWallet(ESCROW_PID, ESCROW)),
            (
                SCREENER,
                M::RecordTradeScreening(1, (1, 1, Finding::Clear), 7),
            ),
        ];
        said.extend(more.map(|(by, message)| (by, Message::Register(message))));
        let trade = M::RegisterTrade((3, 3), (pid(EXP), pid(IMP)), (5_000_000, 300 * DAY));
        said.push((BANK, Message::Register(trade)));
        let screened = M::RecordTradeScreening(3, (1, 1, Finding::Clear), 7);
        said.push((SCREENER, Message::Register(screened)));
        said.extend(minted(&[IMP, BANK_2], 400_000));
        let escrow = [
            (ADMIN, EscrowMessage::Join),
            (OPERATOR, EscrowMessage::DefineCalendar),
        ];
        said.extend(escrow.map(|(by, message)| (by, Message::Escrow(message))));
        said
    }

    fn deploy(&self, rig: &mut Rig, model: &Model) {
        let open = open_register(rig, model);
        rig.deploy(REGISTER, "participants", &open);
        let open = open_token(rig, model);
        rig.deploy(TOKEN, "dfa-token", &open);
        deploy_rights(rig, model);
        let at = |who| rig.places.at(who);
        let settings = (at(REGISTER), at(RIGHTS), SCREENING_AGE, 3_600_u64);
        let escrow = model.escrow.as_ref().expect("an escrow");
        let roles = officers(rig, &escrow.life.officers, &[Role::Admin]);
        let open = (settings, at(ADMIN), roles);
        rig.deploy(ESCROW, "export-escrow", &open);
    }

    fn wanted(&self) -> &'static [(&'static str, u64)] {
        &[
            ("issue", 1_000),
            ("confirm", 200),
            ("present", 1_500),
            ("complete", 1_000),
            ("examine", 250),
            ("honour", 250),
            ("honour_confirming", 20),
            ("reimburse", 4),
            ("release_milestone", 4),
            ("transfer_credit", 15),
            ("assign_proceeds", 30),
            ("award", 20),
            ("cancel", 100),
            ("expire", 200),
        ]
    }

    fn next(&self, dice: &mut Dice, model: &Model) -> (Who, Message) {
        if dice.once_in(50)
            && let Some((by, message)) = distress(dice, model)
        {
            return (by, Message::Register(message));
        }
        match dice.below(16) {
            0 => {
                let (by, message) = token_message(dice, model);
                (by, Message::Token(message))
            }
            1 | 2 => {
                let (by, message) = register_message(dice, model);
                (by, Message::Register(message))
            }
            _ => escrow_message(dice, model),
        }
    }
}
