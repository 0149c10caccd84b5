//! Stories of register and token together: eligibility, freezes, rules, the ring fence.

use crate::chance::amount;
use crate::licence_chance::licence_message;
use crate::market_chance::{foreign_trade, register_message};
use crate::office_chance::office_message;
use crate::rig::{Rig, officers, open_token};
use crate::story::Stage;
use crate::token::{fresh, token_message};
use parity_scale_codec::Encode;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{
    ADMIN, ANN, ANN_2, BANK, BANK_2, BOB, CAT, COMPLIANCE, COMPLIANCE_2, ENFORCER, EXP, IMP,
    MINTER, NOTARY, OP, OP_2, OPERATOR, OPERATOR_2, OUTSIDE, PAUSER, REGISTER, REGULATOR, SCREENER,
    STRANGER, SYSTEM, TOKEN, Who,
};
use weighhouse_testkit::model::life::Role;
use weighhouse_testkit::model::message::{Message, RegisterMessage, TokenMessage};
use weighhouse_testkit::model::outside::OutsideMessage;
use weighhouse_testkit::model::register::party::Kind;
use weighhouse_testkit::model::register::rules::{RULE_DELAY, Rules};
use weighhouse_testkit::model::register::trade::Authority;
use weighhouse_testkit::model::register::{Finding, Pid, Register};
use weighhouse_testkit::model::token::supply::Issue;

/// A day.
pub(crate) const DAY: u64 = 86_400;
/// What the trades are worth.
pub(crate) const WORTH: u128 = 60_000;

/// Participants, in the order of their numbers: wallet, at home here, a contract.
const PARTIES: [(Who, bool, bool); 11] = [
    (ANN, true, false),
    (BOB, true, false),
    (CAT, false, false),
    (IMP, true, false),
    (EXP, false, false),
    (OP, true, false),
    (OP_2, true, false),
    (BANK, true, false),
    (BANK_2, true, false),
    (NOTARY, true, false),
    (SYSTEM, true, true),
];

/// Number of the participant with this wallet.
pub(crate) fn pid(who: Who) -> Pid {
    let at = PARTIES.iter().position(|(wallet, ..)| *wallet == who);
    at.map_or(0, |at| Pid::try_from(at).expect("few") + 1)
}

/// The wallet by which a participant registered, if it is one of those.
pub(crate) fn wallet_of(pid: Pid) -> Option<Who> {
    let at = usize::try_from(pid).ok()?.checked_sub(1)?;
    PARTIES.get(at).map(|(wallet, ..)| *wallet)
}

/// Register and token; the token may be fenced.
pub(crate) struct MarketStage {
    /// Units move under trades only.
    pub(crate) ring_fenced: bool,
}

/// A register without participants.
pub(crate) fn blank_register() -> Register {
    let mut register = Register::default();
    register.life.officers = [
        (Role::Admin, ADMIN),
        (Role::Pauser, PAUSER),
        (Role::Operator, OPERATOR),
        (Role::Operator, OPERATOR_2),
        (Role::Compliance, COMPLIANCE),
        (Role::Compliance, COMPLIANCE_2),
        (Role::Screener, SCREENER),
        (Role::Regulator, REGULATOR),
        (Role::Enforcer, ENFORCER),
    ]
    .into();
    register
}

/// What a register is opened with.
pub(crate) fn open_register(rig: &Rig, model: &Model) -> impl Encode + use<> {
    let register = model.register.as_ref().expect("a register");
    let roles = officers(rig, &register.life.officers, &[Role::Admin]);
    let settings = (3_600_u64, RULE_DELAY, 10_800_i32);
    (rig.places.at(ADMIN), roles, settings)
}

/// Everybody is registered, screened and approved, banks and operators are authorised, trades entered.
pub(crate) fn vetted() -> Vec<(Who, Message)> {
    use RegisterMessage as M;
    let mut said: Vec<(Who, M)> = Vec::new();
    for (who, resident, system) in PARTIES {
        let country = if resident { *b"RU" } else { *b"CN" };
        let kind = match who {
            _ if system => Kind::System,
            ANN | BOB | CAT => Kind::Natural,
            _ => Kind::Legal,
        };
        said.push((OPERATOR, M::Register((kind, resident, country), 7)));
        said.push((
            SCREENER,
            M::RecordScreening((pid(who), 1, 1), Finding::Clear, 7),
        ));
        let fresh = if who == CAT { 4 * DAY } else { 400 * DAY };
        said.push((COMPLIANCE, M::Approve(pid(who), fresh, 7)));
        said.push((OPERATOR, M::AddWallet(pid(who), who)));
        said.push((who, M::AcceptWallet));
    }
    said.push((OPERATOR, M::AddWallet(pid(ANN), ANN_2)));
    said.push((ANN_2, M::AcceptWallet));
    let authorities = [
        (OP, Authority::ElrOperator),
        (OP_2, Authority::ElrOperator),
        (BANK, Authority::AuthorisedInstitution),
        (BANK, Authority::IssuingBank),
        (BANK_2, Authority::IssuingBank),
        (OP_2, Authority::NomineeHolder),
    ];
    for (who, authority) in authorities {
        said.push((
            REGULATOR,
            M::GrantAuthorisation(pid(who), authority, 0, 400 * DAY, 7),
        ));
    }
    let until = 300 * DAY;
    said.push((
        BANK,
        M::RegisterTrade((1, 1), (pid(EXP), pid(IMP)), (WORTH, until)),
    ));
    said.push((
        BANK,
        M::RegisterTrade((2, 2), (pid(BOB), pid(CAT)), (WORTH, 9 * DAY)),
    ));
    said.into_iter()
        .map(|(by, message)| (by, Message::Register(message)))
        .collect()
}

/// Units for some.
pub(crate) fn minted(to: &[Who], amount: u128) -> Vec<(Who, Message)> {
    let issue = |to: &Who| Issue {
        to: *to,
        amount,
        doc: 7,
        release_at: None,
    };
    let mint = |to: &Who| (MINTER, Message::Token(TokenMessage::Mint(issue(to))));
    to.iter().map(mint).collect()
}

impl Stage for MarketStage {
    fn name(&self) -> &'static str {
        if self.ring_fenced {
            "the_fenced_token"
        } else {
            "the_token_with_a_register"
        }
    }

    fn blank(&self) -> Model {
        let mut token = fresh(&[(Role::Enforcer, ENFORCER), (Role::Operator, OPERATOR)]);
        token.ring_fenced = self.ring_fenced;
        Model {
            register: Some(blank_register()),
            token,
            ..Model::default()
        }
    }

    fn prelude(&self) -> Vec<(Who, Message)> {
        let mut said = vetted();
        let rules = Rules {
            ring_fenced: self.ring_fenced,
            annual: Some((1, 20_000)),
            provenance: self.ring_fenced.then_some(OUTSIDE),
            ..Rules::default()
        };
        said.push((
            COMPLIANCE,
            Message::Register(RegisterMessage::SetRules(TOKEN, rules)),
        ));
        said.extend(minted(&[ANN, BOB, CAT, IMP, OP, OP_2], 20_000));
        said
    }

    fn deploy(&self, rig: &mut Rig, model: &Model) {
        let open = open_register(rig, model);
        rig.deploy(REGISTER, "participants", &open);
        let open = open_token(rig, model);
        rig.deploy(TOKEN, "dfa-token", &open);
        rig.deploy(OUTSIDE, "outside-double", &());
    }

    fn wanted(&self) -> &'static [(&'static str, u64)] {
        if self.ring_fenced {
            &[
                ("transfer_for", 3_000),
                ("transfer_from", 60),
                ("mint", 1_000),
                ("burn", 120),
                ("create_hold", 2_000),
                ("execute_hold", 60),
                ("release_hold", 400),
                ("reclaim_hold", 200),
                ("burn_hold", 6),
                ("forced_transfer", 80),
                ("forced_burn", 60),
                ("recover", 30),
            ]
        } else {
            &[
                ("transfer", 2_500),
                ("transfer_from", 700),
                ("batch_transfer", 400),
                ("mint", 1_400),
                ("approve_mint", 80),
                ("burn", 200),
                ("create_hold", 1_000),
                ("create_hold_from", 120),
                ("execute_hold", 150),
                ("execute_hold_licensed", 20),
                ("release_hold", 500),
                ("reclaim_hold", 240),
                ("burn_hold", 35),
                ("approve_void_hold", 100),
                ("forced_transfer", 60),
                ("forced_burn", 30),
                ("recover", 20),
                ("succession_transfer", 10),
            ]
        }
    }

    fn next(&self, dice: &mut Dice, model: &Model) -> (Who, Message) {
        if dice.once_in(50) {
            return office_message(dice, model);
        }
        if dice.once_in(if self.ring_fenced { 200 } else { 30 }) {
            return licence_message(dice, model);
        }
        if dice.once_in(60) {
            let left = amount(dice, 20_000);
            let lot = OutsideMessage::PutLot(1 + dice.below(2), left);
            (STRANGER, Message::Outside(lot))
        } else if dice.once_in(4) {
            let (by, message) = register_message(dice, model);
            (by, Message::Register(message))
        } else if self.ring_fenced && dice.once_in(2) {
            let (by, message) = foreign_trade(dice, model);
            (by, Message::Token(message))
        } else {
            let (by, message) = token_message(dice, model);
            (by, Message::Token(message))
        }
    }
}
