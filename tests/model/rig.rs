//! Real contracts on a real chain, and what they answer and keep.
//!
//! Blocks are executed as those of another node are: admission and its signatures are not what is looked
//! at here. Every story gets contracts of its own on the same chain, and begins on the same day of a week.

use crate::tally::Tally;
use crate::wire::{Places, account};
use parity_scale_codec::{Decode, Encode};
use std::collections::BTreeMap;
use weighhouse_primitives::{
    Action, Address, Amount, Authorization, CodeHash, Gas, HaltReason, Hash, Outcome, Receipt,
    Timestamp, Transaction,
};
use weighhouse_runtime::Admitted;
use weighhouse_testkit::model::cast::{self, PEOPLE, REGISTER, TOKEN, Who};
use weighhouse_testkit::model::life::Role;
use weighhouse_testkit::model::{Answer, Message, Model};
use weighhouse_testkit::world::input;
use weighhouse_testkit::{Account, World};

/// Seconds of a week: every story begins with one.
const WEEK: u64 = 7 * 86_400;
/// Gas limit of a message: a block has room for about fifty.
const GAS: Gas = Gas(20_000_000);

/// How a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It succeeded with these bytes.
    Done(Vec<u8>),
    /// It was refused.
    Refused(u16),
    /// The machine stopped it.
    Halted(HaltReason),
}

impl From<&Outcome> for Ended {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Succeeded { data } => Self::Done(data.clone()),
            Outcome::Reverted { code, .. } => Self::Refused(*code),
            Outcome::Halted(reason) => Self::Halted(reason.clone()),
        }
    }
}

impl Ended {
    /// What the model says.
    pub(crate) fn expected(outcome: Result<Answer, u16>) -> Self {
        match outcome {
            Ok(Answer::Nothing) => Self::Done(Vec::new()),
            Ok(Answer::Number(number)) => Self::Done(number.encode()),
            Ok(Answer::Whole(whole)) => Self::Done(whole.encode()),
            Err(code) => Self::Refused(code),
        }
    }
}

/// A chain with the contracts of the story under way.
pub(crate) struct Rig {
    world: World,
    codes: BTreeMap<&'static str, CodeHash>,
    deployed: u64,
    /// What was said and how it ended.
    pub(crate) tally: Tally,
    pub(crate) places: Places,
}

impl Rig {
    /// A chain without contracts.
    pub(crate) fn new() -> Self {
        let world = World::new();
        let chain = Decode::decode(&mut &world.reader.genesis().hash().encode()[..]);
        let chain = chain.expect("32 bytes");
        let mut addresses = vec![Address::ZERO; 256];
        let mut accounts: Vec<Option<Account>> = vec![None; 256];
        for who in PEOPLE {
            let account = account(*who);
            addresses[usize::from(*who)] = account.address;
            accounts[usize::from(*who)] = Some(account);
        }
        let places = Places {
            addresses,
            accounts,
            chain,
            start: 0,
        };
        Self {
            world,
            codes: BTreeMap::new(),
            deployed: 0,
            tally: Tally::default(),
            places,
        }
    }

    /// Goes to the beginning of the next week.
    pub(crate) fn begin(&mut self) {
        let start = (self.world.time.0 / WEEK + 1) * WEEK;
        self.places.start = start;
        // Contracts that a story does not deploy have addresses too.
        for who in [
            TOKEN,
            REGISTER,
            cast::ESCROW,
            cast::RIGHTS,
            cast::TOKEN_2,
            cast::OUTSIDE,
        ] {
            self.places.addresses[usize::from(who)] = Address([who; 32]);
        }
        self.world.time = Timestamp(start);
    }

    /// Deploys a contract of its own to the story, as `who`.
    pub(crate) fn deploy(&mut self, who: Who, artifact: &'static str, open: &impl Encode) {
        let deployer = Account::new("deployer");
        if !self.codes.contains_key(artifact) {
            let wasm = weighhouse_testkit::artifact(artifact);
            let code = self.world.upload(&deployer, wasm);
            self.codes.insert(artifact, code);
        }
        let code = self.codes[artifact];
        self.deployed += 1;
        let salt = Hash::of(&self.deployed.to_le_bytes());
        let action = Action::Deploy {
            code,
            salt,
            admin: None,
            input: input("open", open),
        };
        let receipt = self.world.act(&deployer, action);
        assert!(
            receipt.outcome.is_success(),
            "{artifact}: {:?}",
            receipt.outcome
        );
        self.places.addresses[usize::from(who)] =
            Address::of_contract(&deployer.address, &code, &salt);
    }

    /// Says these in one block; how each ended.
    pub(crate) fn block(&mut self, now: u64, said: &[(Who, Message)]) -> Vec<Ended> {
        self.world.time = self.places.time(now);
        let mut admitted = Vec::with_capacity(said.len());
        for (by, message) in said {
            let (contract, (_, input)) = self.places.call(message);
            let action = Action::Call { contract, input };
            admitted.push(self.unsigned(*by, action));
        }
        let receipts = self.execute(admitted);
        for ((_, message), receipt) in said.iter().zip(&receipts) {
            let (_, (entry, _)) = self.places.call(message);
            self.tally.count(entry, &Ended::from(&receipt.outcome));
        }
        receipts
            .iter()
            .map(|receipt| Ended::from(&receipt.outcome))
            .collect()
    }

    fn unsigned(&mut self, by: Who, action: Action) -> Admitted {
        let account = self.places.accounts[usize::from(by)]
            .clone()
            .expect("a person");
        let mut payload = self.world.payload(&account.address, action);
        payload.gas_limit = GAS;
        let policy = account.policy().clone();
        let authorization = Authorization::Keys {
            policy,
            signatures: Vec::new(),
        };
        let transaction = Transaction {
            payload,
            authorization,
        };
        Admitted::unchecked(transaction)
    }

    fn execute(&self, block: Vec<Admitted>) -> Vec<Receipt> {
        let (time, length) = (self.world.time, block.len());
        let committed = self.world.on_chain(move |chain| {
            let valid = chain.execute(time, block).expect("no fault");
            valid.expect("a valid block");
            chain.commit().expect("no fault")
        });
        assert_eq!(committed.receipts.len(), length, "TX-2");
        committed.receipts.clone()
    }

    /// What the dry run of a message answers; `None` where there is none.
    pub(crate) fn dry_run_at(&mut self, now: u64, by: Who, message: &Message) -> Option<Ended> {
        if !has_dry_run(message) {
            return None;
        }
        self.world.time = self.places.time(now);
        let (contract, (entry, bytes)) = self.places.call(message);
        let mut input = input(&format!("check_{entry}"), &());
        input.extend_from_slice(bytes.get(4..)?);
        let answer = self.world.ask(contract, self.places.at(by), input);
        match Ended::from(&answer.outcome) {
            Ended::Done(code) => {
                let code = u16::decode(&mut &code[..]).expect("a code");
                Some(if code == 0 {
                    Ended::Done(Vec::new())
                } else {
                    Ended::Refused(code)
                })
            }
            other => panic!("{entry}: the dry run answered {other:?}"),
        }
    }

    /// Asks a contract as `by`.
    pub(crate) fn ask<T: Decode>(
        &self,
        of: Who,
        by: Who,
        entry: &str,
        arguments: &impl Encode,
    ) -> T {
        let bytes = input(entry, arguments);
        let answer = self
            .world
            .ask(self.places.at(of), self.places.at(by), bytes);
        match Ended::from(&answer.outcome) {
            Ended::Done(data) => T::decode(&mut &data[..]).expect("the answer decodes"),
            other => panic!("{entry}: {other:?}"),
        }
    }
}

/// True for messages with a `check_` twin.
const fn has_dry_run(message: &Message) -> bool {
    use weighhouse_testkit::model::message::{
        EscrowMessage as E, RegisterMessage as R, TokenMessage as T,
    };
    use weighhouse_testkit::model::rights::message::RightsMessage as X;
    let (Message::Token(of_token) | Message::Other(of_token)) = message else {
        return !matches!(
            message,
            Message::Outside(_)
                | Message::Office(..)
                | Message::Register(R::Pause | R::Unpause | R::Deactivate(_))
                | Message::Escrow(
                    E::Join
                        | E::DefineCalendar(_)
                        | E::FileLicence(..)
                        | E::ProposeRelease(..)
                        | E::Deactivate(_)
                        | E::StopClock(_)
                        | E::AssignAgent(..)
                        | E::Pause
                        | E::Unpause
                )
                | Message::Rights(X::Pause | X::Unpause | X::Deactivate(_))
        );
    };
    !matches!(
        of_token,
        T::ProposeMint(_)
            | T::ConsentRenewal(..)
            | T::ApplyRatio(..)
            | T::AnnounceRecordDate(..)
            | T::OpenNominee(_)
            | T::FileOwners(..)
            | T::RenewHold(..)
            | T::ProposeVoidHold(..)
            | T::Pause
            | T::Unpause
            | T::Deactivate(_)
    )
}

/// What a token is opened with: register or not, fenced or not, most units, most that one MINTER makes.
pub(crate) fn open_token(rig: &Rig, model: &Model) -> impl Encode + use<> {
    open_token_of(rig, model, &model.token)
}

/// The same of this token.
pub(crate) fn open_token_of(
    rig: &Rig,
    model: &Model,
    token: &weighhouse_testkit::model::token::Token,
) -> impl Encode + use<> {
    let registered = model.register.is_some();
    let meta = ("Unit".to_owned(), "UNT".to_owned(), 2_u8, 4_u8);
    let issuer = (rig.places.at(cast::ISSUER), Hash([7; 32]));
    // Transferable, holdable, freezable, recoverable, mintable, burnable, fenced.
    let able = [
        true,
        true,
        registered,
        registered,
        true,
        true,
        token.ring_fenced,
    ];
    let limits = (Amount(token.cap), Amount(token.threshold), 3_600_u64);
    let roles = officers(rig, &token.life.officers, &[Role::Admin, Role::Issuer]);
    let admin = rig.places.at(cast::ADMIN);
    let register = registered.then(|| rig.places.at(REGISTER));
    ((meta, issuer), able, limits, admin, roles, register)
}

/// Officers but those of these roles, as constructors take them.
pub(crate) fn officers<'a>(
    rig: &Rig,
    officers: impl IntoIterator<Item = &'a (Role, Who)>,
    but: &[Role],
) -> Vec<(Role, Address)> {
    let named = officers.into_iter().filter(|(role, _)| !but.contains(role));
    named
        .map(|(role, who)| (*role, rig.places.at(*who)))
        .collect()
}
