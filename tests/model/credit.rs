//! Stories of documentary credits: register, token and escrow together.

use crate::credit_chance::escrow_message;
use crate::credit_fx::{CONDITIONS, outside_message};
use crate::credit_law::distress;
use crate::market::{DAY, blank_register, minted, open_register, pid, vetted};
use crate::market_chance::register_message;
use crate::office_chance::office_message;
use crate::rig::{Rig, officers, open_token, open_token_of};
use crate::rights::{blank_rights, deploy_rights};
use crate::story::Stage;
use crate::token::{fresh, token_message};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{
    ADMIN, ARBITER, BANK, BANK_2, COMPLIANCE, ENFORCER, ESCROW, EXP, IMP, OP, OPERATOR, OUTSIDE,
    PAUSER, REGISTER, REGULATOR, REGULATOR_2, RIGHTS, SCREENER, STRANGER, TOKEN, TOKEN_2, Who,
};
use weighhouse_testkit::model::escrow::calendar::Calendar;
use weighhouse_testkit::model::escrow::{Escrow, SCREENING_AGE};
use weighhouse_testkit::model::life::Role;
use weighhouse_testkit::model::message::{EscrowMessage, Message, RegisterMessage};
use weighhouse_testkit::model::outside::{Condition, OutsideMessage};
use weighhouse_testkit::model::register::party::Kind;
use weighhouse_testkit::model::register::rules::Rules;
use weighhouse_testkit::model::register::{Finding, Pid};
use weighhouse_testkit::model::token::Token;

/// Number of the escrow as a participant: the last.
pub(crate) const ESCROW_PID: Pid = 12;

/// Register, token and escrow.
pub(crate) struct CreditStage;

/// What is known from outside when a story begins.
fn around() -> impl Iterator<Item = OutsideMessage> {
    let known = |id| OutsideMessage::PutCondition(id, Condition::Fulfilled);
    let conditions = (1..=CONDITIONS).map(known);
    conditions.chain([OutsideMessage::PutRate((1, 1, 0))])
}

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
            (Role::Regulator, REGULATOR_2),
            (Role::Arbiter, ARBITER),
        ]
        .into();
        let mut token = fresh(&[(Role::Enforcer, ENFORCER), (Role::Operator, OPERATOR)]);
        token.cap = 10_000_000;
        token.threshold = 1_000_000;
        let other = Token {
            at: TOKEN_2,
            ..token.clone()
        };
        Model {
            register: Some(blank_register()),
            token,
            other: Some(other),
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
            (COMPLIANCE, M::SetRules(TOKEN, rules.clone())),
            (COMPLIANCE, M::SetRules(TOKEN_2, rules)),
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
        let provided = minted(&[OP, BANK], 200_000).into_iter();
        said.extend(provided.map(|(by, message)| match message {
            Message::Token(message) => (by, Message::Other(message)),
            message => (by, message),
        }));
        said.extend(around().map(|message| (STRANGER, Message::Outside(message))));
        let weekend = 0b110_0000;
        let place = |holidays: &[u64]| Calendar {
            offset: 10_800,
            weekend,
            holidays: holidays.iter().copied().collect(),
        };
        let escrow = [
            (ADMIN, EscrowMessage::Join),
            (OPERATOR, EscrowMessage::DefineCalendar(place(&[]))),
            (
                OPERATOR,
                EscrowMessage::DefineCalendar(place(&[1, 5, 8, 9, 10])),
            ),
        ];
        said.extend(escrow.map(|(by, message)| (by, Message::Escrow(message))));
        said
    }

    fn deploy(&self, rig: &mut Rig, model: &Model) {
        let open = open_register(rig, model);
        rig.deploy(REGISTER, "participants", &open);
        let open = open_token(rig, model);
        rig.deploy(TOKEN, "dfa-token", &open);
        let other = model.other.as_ref().expect("another token");
        let open = open_token_of(rig, model, other);
        rig.deploy(TOKEN_2, "dfa-token", &open);
        rig.deploy(OUTSIDE, "outside-double", &());
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
            ("issue", 1_200),
            ("confirm", 350),
            ("present", 1_600),
            ("complete", 1_200),
            ("examine", 300),
            ("honour", 300),
            ("honour_confirming", 40),
            ("reimburse", 4),
            ("waive_reimbursement", 4),
            ("release_milestone", 4),
            ("transfer_credit", 4),
            ("assign_proceeds", 9),
            ("set_fx", 30),
            ("file_licence", 10),
            ("approve_release_under_licence", 25),
            ("award", 40),
            ("protest", 2),
            ("cancel", 250),
            ("expire", 800),
        ]
    }

    fn next(&self, dice: &mut Dice, model: &Model) -> (Who, Message) {
        if dice.once_in(50) {
            return office_message(dice, model);
        }
        if dice.once_in(20)
            && let Some(said) = distress(dice, model)
        {
            return said;
        }
        if dice.once_in(30) {
            return (STRANGER, Message::Outside(outside_message(dice, model)));
        }
        if dice.once_in(60)
            && let Some(other) = model.of_other()
        {
            let (by, message) = token_message(dice, &other);
            return (by, Message::Other(message));
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
