//! Goal: a chain that starts from another's state is the same chain, after every restart, and nothing that
//! is wrong with what came makes it anything but a fresh one.

use super::{BASE, RECEIVED};
use crate::admission::Admitted;
use crate::chain::{Chain, Settings, StoreKind};
use crate::genesis::Genesis;
use crate::limits::EXECUTOR_STACK_BYTES;
use crate::reader::ReadError;
use crate::state::transfer::{BadState, chunk_path, read_manifest, write_manifest, write_state};
use std::path::Path;
use weighhouse_primitives::{
    Action, Address, Authorization, Gas, Header, Height, Payload, StateRoot, Timestamp, Transaction,
};

const START: u64 = 1_000_000;

fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(EXECUTOR_STACK_BYTES)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

fn genesis() -> Genesis {
    Genesis::development(Timestamp(START))
}

fn open(folder: &Path) -> Chain {
    Chain::open(genesis(), Settings::folder(folder.into())).unwrap()
}

fn call(nonce: u64) -> Admitted {
    let transaction = Transaction {
        payload: Payload {
            chain: genesis().hash(),
            signer: Address([9; 32]),
            nonce,
            valid_until: Timestamp(START + 1_000 + nonce),
            gas_limit: Gas(2_000_000),
            action: Action::Call {
                contract: Address([7; 32]),
                input: vec![1, 2, 3, 4],
            },
        },
        authorization: Authorization::Development,
    };
    Admitted::unchecked(transaction)
}

/// The next block, with a transaction of this nonce.
fn add_block(chain: &mut Chain, nonce: u64) -> Header {
    let time = Timestamp(START + chain.reader().head().height.0);
    chain.execute(time, vec![call(nonce)]).unwrap().unwrap();
    chain.commit().unwrap().block.header.clone()
}

/// A chain of ten blocks in `from`, and its state after block 8 in `to`.
fn give(from: &Path, to: &Path) -> Chain {
    let mut chain = open(from);
    for nonce in 0..10 {
        add_block(&mut chain, nonce);
    }
    let (header, state) = chain.reader().whole_state(Height(8)).unwrap();
    write_state(&state, &header, to, &|| true).unwrap().unwrap();
    chain
}

/// Goal: after a restore the chain continues with the same headers, refuses what was executed before, says
/// which blocks it lacks, and is the same after restarts, with and without its store.
#[test]
fn tx_1_a_restored_chain_goes_on() {
    on_a_large_stack(|| {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let mut chain = open(&to);
        let mut giver = give(&from, &to.join(RECEIVED));
        assert_eq!(
            chain.restore(&to.join(RECEIVED)).unwrap().unwrap(),
            Height(8)
        );
        assert!(!to.join(RECEIVED).exists() && to.join(BASE).exists());
        let headers = |chain: &Chain, height| chain.reader().header(Height(height)).unwrap();
        assert_eq!(headers(&chain, 8), headers(&giver, 8));
        // TX-1: what the other executed is not executed again.
        let again = chain.execute(Timestamp(START + 8), vec![call(7)]).unwrap();
        assert!(again.is_err(), "{again:?}");
        for height in 9..=10 {
            let block = giver.reader().block(Height(height)).unwrap().unwrap();
            let ours = add_block(&mut chain, height - 1);
            assert_eq!(ours, block.header);
        }
        for store in [StoreKind::Sled, StoreKind::Memory, StoreKind::Redb] {
            drop(chain);
            let mut settings = Settings::folder(to.clone());
            settings.store = store;
            chain = Chain::open(genesis(), settings).unwrap();
            let reader = chain.reader();
            assert_eq!(headers(&chain, 10), headers(&giver, 10));
            assert_eq!(reader.recompute_root().unwrap(), reader.head().state_root);
            assert_eq!(reader.oldest_block(), Height(9));
            assert!(headers(&chain, 7).is_none() && reader.block(Height(8)).unwrap().is_none());
            assert!(reader.receipts(Height(3)).unwrap().is_none());
            assert!(matches!(
                reader.must_have(Height(8)),
                Err(ReadError::Missing { .. })
            ));
        }
        assert_eq!(add_block(&mut chain, 77), add_block(&mut giver, 77));
        let late = chain.restore(&to.join(RECEIVED)).unwrap();
        assert!(matches!(late, Err(BadState::NotFresh(_))));
    });
}

/// Goal: whatever is wrong with chunks or manifest is said, and the chain is a fresh one afterwards that
/// takes the right state.
#[test]
fn a_wrong_state_leaves_a_fresh_chain() {
    on_a_large_stack(|| {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let received = to.join(RECEIVED);
        let mut chain = open(&to);
        let fresh = chain.reader().head();
        let _giver = give(&from, &received);
        let right = read_manifest(&received).unwrap().unwrap();
        let chunk = std::fs::read(chunk_path(&received, 0)).unwrap();
        let mut flipped = chunk.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let mut of_flipped = right.clone();
        of_flipped.chunks = vec![crate::state::transfer::chunk_hash(&flipped)];
        let mut other_root = right.clone();
        other_root.header.state_root = StateRoot::default();
        let mut other_chain = right.clone();
        other_chain.header.chain = Genesis::development(Timestamp(3)).hash();
        let mut more = right.clone();
        more.entries += 1;
        for (chunk, manifest) in [
            (&flipped, &right),
            (&flipped, &of_flipped),
            (&chunk, &other_root),
            (&chunk, &other_chain),
            (&chunk, &more),
        ] {
            std::fs::write(chunk_path(&received, 0), chunk).unwrap();
            write_manifest(&received, manifest).unwrap();
            let refused = chain.restore(&received).unwrap();
            assert!(refused.is_err(), "{refused:?}");
            assert_eq!(chain.reader().head(), fresh);
            let root = chain.reader().recompute_root().unwrap();
            assert_eq!(root, fresh.state_root);
        }
        std::fs::write(chunk_path(&received, 0), &chunk).unwrap();
        write_manifest(&received, &right).unwrap();
        assert_eq!(chain.restore(&received).unwrap().unwrap(), Height(8));
    });
}

/// Goal: a crash at any point of a restore leaves a folder that starts anew, or from the base.
#[test]
fn a_crash_in_the_middle_starts_anew() {
    on_a_large_stack(|| {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let giver = give(&from, &folder.path().join("given"));
        // While it was received, and while the store was filled.
        for filled in [false, true] {
            let chain = open(&to);
            std::fs::create_dir_all(to.join(RECEIVED)).unwrap();
            if filled {
                chain.shared.database.begin_refill().unwrap();
            }
            drop(chain);
            let chain = open(&to);
            assert_eq!(chain.reader().head().height, Height::GENESIS);
            assert_eq!(chain.reader().oldest_block(), Height(1));
            assert!(!to.join(RECEIVED).exists());
        }
        // After the rename, before the store was whole.
        let chain = open(&to);
        chain.shared.database.begin_refill().unwrap();
        std::fs::rename(folder.path().join("given"), to.join(BASE)).unwrap();
        drop(chain);
        let chain = open(&to);
        let header = giver.reader().header(Height(8)).unwrap().unwrap();
        assert_eq!(*chain.reader().head(), header);
        // A base that rots is noticed.
        drop(chain);
        std::fs::remove_dir_all(to.join("state")).unwrap();
        std::fs::write(chunk_path(&to.join(BASE), 0), b"rot").unwrap();
        let refused = Chain::open(genesis(), Settings::folder(to.clone()));
        assert!(refused.is_err_and(|fault| fault.to_string().contains("base")));
        // Blocks without the base that they continue are refused.
        std::fs::remove_dir_all(to.join(BASE)).unwrap();
        assert_eq!(open(&to).reader().head().height, Height::GENESIS);
    });
}
