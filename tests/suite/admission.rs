//! Every way a transaction is turned away: its own reason, and nothing changes.

use parity_scale_codec::Encode;
use weighhouse_primitives::policy::{Access, ChainPolicy, Quota, ValidatorSet};
use weighhouse_primitives::receipt::ActionRefusal;
use weighhouse_primitives::{
    Action, Address, Amount, Authorization, CodeHash, Gas, HaltReason, Hash, KeyPolicy, Outcome,
    Payload, PublicKey, Timestamp, Transaction,
};
use weighhouse_runtime::admission::{SignatureError, prove};
use weighhouse_runtime::{Chain, Genesis, Rejection, Settings, limits};
use weighhouse_testkit::world::{START, input};
use weighhouse_testkit::{Account, World};

fn call(world: &mut World, signer: &Account) -> Payload {
    let action = Action::Call {
        contract: Address([1; 32]),
        input: input("x", &()),
    };
    world.payload(&signer.address, action)
}

fn production(policy: ChainPolicy) -> World {
    let genesis = Genesis {
        development: false,
        policy,
        ..Genesis::development(START)
    };
    World::open(genesis, Settings::memory())
}

fn rejection(world: &World, transaction: &Transaction) -> Rejection {
    world.admit(transaction).expect_err("must be turned away")
}

/// Goal: bytes that are no canonical transaction are turned away: cut, trailing, too long.
#[test]
fn malformed_bytes_are_turned_away() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let payload = call(&mut world, &signer);
    let bytes = signer.sign(payload).encode();
    let check = |bytes: &[u8]| world.reader.check(bytes).unwrap();
    assert!(check(&bytes).is_ok());
    for length in 0..bytes.len() {
        assert!(
            matches!(check(&bytes[..length]), Err(Rejection::Malformed { .. })),
            "{length}"
        );
    }
    let trailing = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(check(&trailing), Err(Rejection::Malformed { .. })));
    let long = vec![0; limits::TX_BYTES_MAX + 1];
    assert!(matches!(check(&long), Err(Rejection::TooLarge { .. })));
    let longest = vec![0; limits::TX_BYTES_MAX];
    assert!(matches!(check(&longest), Err(Rejection::Malformed { .. })));
}

/// Goal: a changed payload, a foreign policy, missing, doubled or swapped signatures do not pass.
#[test]
fn signatures_bind_everything() {
    let mut world = World::new();
    let (signer, other) = (Account::new("signer"), Account::new("other"));
    let payload = call(&mut world, &signer);
    let good = signer.sign(payload.clone());
    let reason = |transaction: &Transaction| match rejection(&world, transaction) {
        Rejection::BadSignature { reason } => reason,
        other => panic!("{other}"),
    };
    let mut changed = good.clone();
    changed.payload.nonce += 1;
    assert_eq!(reason(&changed), SignatureError::Invalid { key: 0 });
    assert_eq!(
        reason(&other.sign(payload.clone())),
        SignatureError::PolicyMismatch
    );
    let Authorization::Keys { policy, signatures } = good.authorization else {
        panic!()
    };
    let with = |policy: &KeyPolicy, signatures| Transaction {
        payload: payload.clone(),
        authorization: Authorization::Keys {
            policy: policy.clone(),
            signatures,
        },
    };
    assert_eq!(
        reason(&with(&policy, vec![])),
        SignatureError::Count { threshold: 1 }
    );
    let doubled = vec![signatures[0], signatures[0]];
    assert_eq!(
        reason(&with(&policy, doubled)),
        SignatureError::Count { threshold: 1 }
    );
    let unsorted = KeyPolicy {
        threshold: 0,
        keys: policy.keys.clone(),
    };
    assert_eq!(
        reason(&with(&unsorted, signatures)),
        SignatureError::PolicyShape
    );
}

/// Goal: signatures checked together answer as each by itself: none, one, some or all of them wrong, of
/// accounts with one key and with several.
#[test]
fn many_together_are_judged_as_each_alone() {
    let mut world = World::new();
    let (single, board) = (Account::new("signer"), Account::shared(2, &["a", "b", "c"]));
    let signed: Vec<Transaction> = (0..12)
        .map(|index| {
            let signer = if index % 3 == 0 { &board } else { &single };
            let payload = call(&mut world, signer);
            signer.sign(payload)
        })
        .collect();
    for spoiled in [vec![], vec![0], vec![7], vec![1, 6, 11], (0..12).collect()] {
        let mut many = signed.clone();
        for (turn, index) in spoiled.iter().enumerate() {
            let transaction = &mut many[*index];
            let Authorization::Keys { signatures, .. } = &mut transaction.authorization else {
                panic!()
            };
            let last = signatures.last_mut().unwrap();
            last.signature.0[turn * 5 % 64] ^= 1;
        }
        let alone: Vec<_> = many
            .iter()
            .map(|one| world.admit(one).map(|admitted| admitted.hash))
            .collect();
        let unproven = many
            .iter()
            .map(|one| world.reader.check_unproven(&one.encode()).unwrap().unwrap());
        let together: Vec<_> = prove(unproven.collect())
            .into_iter()
            .map(|one| one.map(|admitted| admitted.hash))
            .collect();
        assert_eq!(together, alone);
        let refused = alone.iter().filter(|one| one.is_err()).count();
        assert_eq!(refused, spoiled.len());
    }
    assert!(prove(Vec::new()).is_empty());
}

/// Goal: m of n signs, m - 1 does not.
#[test]
fn shared_accounts_need_their_threshold() {
    let mut world = World::new();
    let board = Account::shared(2, &["a", "b", "c"]);
    let payload = call(&mut world, &board);
    let signed = board.sign(payload);
    assert!(world.admit(&signed).is_ok());
    let Authorization::Keys {
        policy,
        mut signatures,
    } = signed.authorization
    else {
        panic!()
    };
    signatures.pop();
    let short = Transaction {
        payload: signed.payload,
        authorization: Authorization::Keys { policy, signatures },
    };
    assert!(matches!(
        rejection(&world, &short),
        Rejection::BadSignature {
            reason: SignatureError::Count { threshold: 2 }
        }
    ));
}

/// Goal: keys of small order and non-canonical encodings cannot own an account.
#[test]
fn weak_keys_are_refused() {
    let mut world = World::new();
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut non_canonical = [0xff; 32];
    non_canonical[0] = 0xee;
    for key in [identity, [0; 32], non_canonical] {
        let policy = KeyPolicy {
            threshold: 1,
            keys: vec![PublicKey::Ed25519(key)],
        };
        let action = Action::Call {
            contract: Address::ZERO,
            input: vec![0; 4],
        };
        let payload = world.payload(&Address::of_account(&policy), action);
        let mut transaction = Account::new("signer").sign(payload);
        let Authorization::Keys { signatures, .. } = transaction.authorization else {
            panic!()
        };
        transaction.authorization = Authorization::Keys { policy, signatures };
        assert_eq!(
            rejection(&world, &transaction),
            Rejection::BadSignature {
                reason: SignatureError::WeakKey { key: 0 }
            }
        );
    }
}

/// Goal: chain, validity and gas limit each have their reason, exact at the limit.
#[test]
fn chain_validity_and_gas_are_exact() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let base = call(&mut world, &signer);
    let now = world.time;
    let check = |change: &dyn Fn(&mut Payload)| {
        let mut payload = base.clone();
        change(&mut payload);
        world.admit(&signer.sign(payload)).map(|_| ())
    };
    assert!(matches!(
        check(&|payload| payload.chain = Default::default()),
        Err(Rejection::WrongChain { .. })
    ));
    assert!(check(&|payload| payload.valid_until = now).is_ok());
    assert!(matches!(
        check(&|payload| payload.valid_until = Timestamp(now.0 - 1)),
        Err(Rejection::Expired { .. })
    ));
    let latest = now.saturating_add(limits::VALIDITY_SECONDS_MAX);
    assert!(check(&|payload| payload.valid_until = latest).is_ok());
    assert!(matches!(
        check(&|payload| payload.valid_until = latest.saturating_add(1)),
        Err(Rejection::ValidTooLong { .. })
    ));
    assert!(check(&|payload| payload.gas_limit = Gas(limits::TX_GAS_MAX)).is_ok());
    assert!(matches!(
        check(&|payload| payload.gas_limit = Gas(limits::TX_GAS_MAX + 1)),
        Err(Rejection::GasLimitTooHigh { .. })
    ));
    let Err(Rejection::GasLimitTooLow { needed, .. }) =
        check(&|payload| payload.gas_limit = Gas(1))
    else {
        panic!("one gas is too low")
    };
    assert!(check(&|payload| payload.gas_limit = needed).is_ok());
    assert!(check(&|payload| payload.gas_limit = Gas(needed.0 - 1)).is_err());
    let input = |length| {
        move |payload: &mut Payload| {
            payload.action = Action::Call {
                contract: Address::ZERO,
                input: vec![0; length],
            };
        }
    };
    assert!(check(&input(limits::INPUT_BYTES_MAX)).is_ok());
    assert!(matches!(
        check(&input(limits::INPUT_BYTES_MAX + 1)),
        Err(Rejection::InputTooLong { .. })
    ));
}

/// Goal: a transaction executes at most once, succeeds or fails; after its validity the guard is gone
/// and it is refused for its age.
#[test]
fn tx_1_executes_at_most_once() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let payload = call(&mut world, &signer);
    let transaction = signer.sign(payload);
    let admitted = world.admit(&transaction).unwrap();
    let (committed, proposal) = world.block(vec![admitted.clone(), admitted.clone()]);
    assert_eq!(committed.receipts.len(), 1, "TX-2");
    assert!(
        !committed.receipts[0].outcome.is_success(),
        "a failed transaction is consumed too"
    );
    assert!(matches!(
        proposal.dropped[..],
        [(_, Rejection::Replayed { .. })]
    ));
    assert!(matches!(
        rejection(&world, &transaction),
        Rejection::Replayed { .. }
    ));

    let guards = |world: &World| {
        world
            .reader
            .state_page(b"r", &[], 10, None)
            .unwrap()
            .1
            .len()
    };
    assert_eq!(guards(&world), 1);
    world.advance(3_600);
    world.block(vec![]);
    assert_eq!(guards(&world), 1, "still within validity, to the second");
    world.advance(1);
    world.block(vec![]);
    assert_eq!(guards(&world), 0);
    assert!(matches!(
        rejection(&world, &transaction),
        Rejection::Expired { .. }
    ));
    let (_, proposal) = world.block(vec![admitted]);
    assert!(matches!(
        proposal.dropped[..],
        [(_, Rejection::Expired { .. })]
    ));
}

/// Goal: unsigned transactions exist on development networks only.
#[test]
fn unsigned_is_for_development_only() {
    let mut world = World::new();
    let signer = Account::new("signer");
    let payload = call(&mut world, &signer);
    let unsigned = Transaction {
        payload,
        authorization: Authorization::Development,
    };
    assert!(world.admit(&unsigned).is_ok());
    let mut real = production(ChainPolicy::open());
    let payload = call(&mut real, &signer);
    let unsigned = Transaction {
        payload,
        authorization: Authorization::Development,
    };
    assert!(matches!(
        rejection(&real, &unsigned),
        Rejection::NotAuthorised { .. }
    ));
}

/// Goal: the policy decides who submits, uploads, deploys and governs, and its governor changes it.
#[test]
fn the_policy_is_enforced_and_changed_by_its_governor() {
    let (governor, bank, stranger) = (
        Account::new("governor"),
        Account::new("bank"),
        Account::new("stranger"),
    );
    let mut world = production(ChainPolicy {
        governor: Some(governor.address),
        submit: Access::Listed([bank.address].into()),
        upload: Access::Listed([].into()),
        deploy: Access::Open,
        quota: None,
    });
    let act_of = |world: &mut World, account: &Account, action: Action| {
        let payload = world.payload(&account.address, action);
        match world.admit(&account.sign(payload)) {
            Ok(_) => "admitted",
            Err(Rejection::NotAuthorised { act, .. }) => act,
            Err(other) => panic!("{other}"),
        }
    };
    let upload = || Action::Upload { code: vec![0; 8] };
    assert_eq!(act_of(&mut world, &stranger, upload()), "submit");
    assert_eq!(act_of(&mut world, &bank, upload()), "upload");
    let open = ChainPolicy {
        governor: Some(governor.address),
        ..ChainPolicy::open()
    };
    let govern = || Action::Govern {
        policy: open.clone(),
    };
    assert_eq!(act_of(&mut world, &bank, govern()), "govern");
    let receipt = world.act(&governor, govern());
    assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    assert_eq!(act_of(&mut world, &stranger, upload()), "admitted");
    assert_eq!(world.reader.policy(None).unwrap(), open);
}

/// Goal: the governor alone changes the validators, the set stays one that can vote, and it is in the state;
/// a chain whose genesis names none has none to change.
#[test]
fn validators_are_set_by_the_governor() {
    let (governor, stranger) = (Account::new("governor"), Account::new("stranger"));
    let policy = ChainPolicy {
        governor: Some(governor.address),
        ..ChainPolicy::open()
    };
    let set = |key: u8, power| Action::SetValidator {
        key: [key; 32],
        power,
    };
    let mut without = production(policy.clone());
    let refused = Outcome::Halted(HaltReason::ActionRefused(ActionRefusal::BadValidators));
    assert_eq!(without.act(&governor, set(1, 1)).outcome, refused);
    let first = ValidatorSet([([1; 32], 10)].into());
    let mut world = World::open(
        Genesis {
            policy,
            validators: first.clone(),
            ..Genesis::development(START)
        },
        Settings::memory(),
    );
    assert_eq!(world.reader.validators(None).unwrap().1, first);
    assert_eq!(world.act(&governor, set(1, 0)).outcome, refused);
    assert_eq!(world.act(&governor, set(2, u64::MAX)).outcome, refused);
    assert!(world.act(&governor, set(2, 5)).outcome.is_success());
    assert!(world.act(&governor, set(1, 0)).outcome.is_success());
    let payload = world.payload(&stranger.address, set(3, 1));
    assert!(matches!(
        rejection(&world, &stranger.sign(payload)),
        Rejection::NotAuthorised { act: "govern", .. }
    ));
    let last = ValidatorSet([([2; 32], 5)].into());
    assert_eq!(world.reader.validators(None).unwrap().1, last);
    let (header, value, proof) = world.reader.prove(b"v").unwrap();
    assert_eq!(value.as_deref(), Some(last.encode().as_slice()));
    assert!(proof.verify(&header.state_root, b"v", value.as_deref()));
}

/// Goal: a genesis that could not be run, or whose policy does not fit in the state, opens no chain.
#[test]
fn a_genesis_that_cannot_be_run_is_refused() {
    let good = Genesis::development(START);
    let crowd = (0_u16..600).map(|number| Account::new(&number.to_string()).address);
    let mut genesis = [(); 4].map(|()| good.clone());
    genesis[0].protocol += 1;
    genesis[1].policy.quota = Some(Quota {
        window_seconds: 0,
        gas: Gas(1),
    });
    genesis[2].policy.submit = Access::Listed(crowd.collect());
    genesis[3].validators = ValidatorSet([([1; 32], 0)].into());
    let reasons = ["protocol", "0 seconds", "at most 16384", "no power"];
    for (genesis, reason) in genesis.into_iter().zip(reasons) {
        let fault = Chain::open(genesis, Settings::memory()).expect_err("refused");
        assert!(fault.to_string().contains(reason), "{fault}");
    }
    assert!(Chain::open(good, Settings::memory()).is_ok());
}

/// Goal: the quota counts gas used per account and window, and starts anew with the next window.
#[test]
fn quotas_count_gas_per_window() {
    let quota = Quota {
        window_seconds: 600,
        gas: Gas(limits::TX_GAS_MAX),
    };
    let mut world = production(ChainPolicy {
        quota: Some(quota),
        ..ChainPolicy::open()
    });
    let (signer, other) = (Account::new("signer"), Account::new("other"));
    let bond = world.deploy(&other, "bond", "open", &Amount(1));
    let spend = |world: &mut World, signer: &Account| {
        let action = Action::Call {
            contract: bond.address,
            input: input("nothing", &()),
        };
        let mut payload = world.payload(&signer.address, action);
        payload.gas_limit = Gas(limits::TX_GAS_MAX - 10_000);
        let signed = signer.sign(payload);
        world
            .admit(&signed)
            .map(|admitted| world.block(vec![admitted]).1.dropped.len())
    };
    assert_eq!(spend(&mut world, &signer).unwrap(), 0);
    let Err(Rejection::OverQuota { used, .. }) = spend(&mut world, &signer) else {
        panic!("the quota is used up")
    };
    let (_, record) = world.reader.account(&signer.address, None).unwrap();
    assert_eq!(record.used, used);
    world.advance(600);
    assert_eq!(spend(&mut world, &signer).unwrap(), 0);
}

/// Goal: deploying at a taken address, unknown code, upgrades by others: refused, nothing changes.
#[test]
fn actions_are_refused_with_their_reason() {
    let mut world = World::new();
    let (owner, other) = (Account::new("owner"), Account::new("other"));
    let code = world.upload(&owner, weighhouse_testkit::artifact("bond"));
    let deploy = |code| Action::Deploy {
        code,
        salt: Hash::ZERO,
        admin: Some(owner.address),
        input: input("open", &Amount(1)),
    };
    let mut outcome = |account: &Account, action| world.act(account, action).outcome;
    let refused = |refusal| Outcome::Halted(HaltReason::ActionRefused(refusal));
    assert!(outcome(&owner, deploy(code)).is_success());
    assert_eq!(
        outcome(&owner, deploy(code)),
        refused(ActionRefusal::AddressTaken)
    );
    assert_eq!(
        outcome(&owner, deploy(CodeHash::default())),
        refused(ActionRefusal::NoCode)
    );
    let contract = Address::of_contract(&owner.address, &code, &Hash::ZERO);
    let upgrade = |contract, code| Action::Upgrade {
        contract,
        code,
        input: vec![],
    };
    assert_eq!(
        outcome(&other, upgrade(contract, code)),
        refused(ActionRefusal::NotAdmin)
    );
    let absent = CodeHash(Hash([3; 32]));
    assert_eq!(
        outcome(&owner, upgrade(contract, absent)),
        refused(ActionRefusal::NoCode)
    );
    let nowhere = upgrade(Address([5; 32]), code);
    assert_eq!(outcome(&owner, nowhere), refused(ActionRefusal::NoContract));
    assert!(outcome(&owner, upgrade(contract, code)).is_success());
}
