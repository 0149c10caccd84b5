//! Targets that decode: transaction, block, log, proof, schema, module.

use super::tree::Tree;
use crate::world::{START, World};
use parity_scale_codec::{Decode, Encode};
use std::sync::{Arc, LazyLock};
use weighhouse_primitives::block::Header;
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::schema::{Field, Schema, Type};
use weighhouse_primitives::{Block, Receipt, Transaction};
use weighhouse_rpc::address::Prefix;
use weighhouse_rpc::codec::Codec;
use weighhouse_runtime::gas::GasSchedule;
use weighhouse_runtime::log::files::Files;
use weighhouse_runtime::log::{BlockLog, LogSettings, MemoryFiles};
use weighhouse_runtime::vm::code::Code;
use weighhouse_runtime::vm::instrument::instrument;
use weighhouse_runtime::{Fault, Genesis, Reader};

/// A chain to ask; its thread ends with the process.
static CHAIN: LazyLock<World> = LazyLock::new(World::new);

/// What decodes is encoded to the same bytes.
fn decodes<T: Decode + Encode>(bytes: &[u8]) -> Option<T> {
    let value: T = decode_canonical(bytes).ok()?;
    assert_eq!(value.encode(), bytes, "two encodings of one value");
    Some(value)
}

/// A transaction at the door of the node: rejected or admitted, never a fault.
pub(super) fn transaction(bytes: &[u8]) {
    let decoded = decodes::<Transaction>(bytes);
    let checked = CHAIN.reader.check(bytes).expect("admission meets no fault");
    if let Ok(admitted) = checked {
        let decoded = decoded.expect("what is admitted is canonical");
        assert_eq!(admitted.hash, decoded.hash());
        assert_eq!(admitted.bytes, bytes.len());
    }
}

/// A block, its header and receipts, as they come from a log or a peer.
pub(super) fn block(bytes: &[u8]) {
    if let Some(block) = decodes::<Block>(bytes) {
        assert_eq!(block.header.hash(), block.clone().header.hash());
    }
    decodes::<Header>(bytes);
    decodes::<Vec<Receipt>>(bytes);
}

/// The segment of the log that holds these bytes.
fn files_with(bytes: &[u8]) -> Arc<MemoryFiles> {
    let files = MemoryFiles::default();
    files
        .write("0000000001.log", 0, bytes)
        .expect("memory takes everything");
    Arc::new(files)
}

/// A segment of the log: whole, torn or damaged, and then the same again.
pub(super) fn log_record(bytes: &[u8]) {
    let chain = Genesis::development(START).hash();
    let files = files_with(bytes);
    let open = || {
        BlockLog::over(
            Arc::clone(&files) as Arc<dyn Files>,
            chain,
            LogSettings::default(),
        )
    };
    let (first, last) = match open() {
        Ok((log, _)) => (log.reader().first(), log.reader().last()),
        Err(Fault::Damaged { .. } | Fault::Unusable { .. }) => return,
        Err(fault) => panic!("memory does not fail: {fault}"),
    };
    let (log, torn) = open().expect("what was opened opens again");
    assert_eq!(torn, None, "a torn tail is removed once");
    let reader = log.reader();
    assert_eq!((reader.first(), reader.last()), (first, last));
    if let Some(first) = first {
        for record in reader.records(first) {
            record.expect("what was scanned is read");
        }
    }
}

/// A proof about a tree that is known: it shows what is there, and nothing else.
pub(super) fn proof(bytes: &[u8]) {
    static TREE: LazyLock<Tree> = LazyLock::new(Tree::new);
    let Some(proof) = decodes::<StateProof>(bytes) else {
        return;
    };
    let root = TREE.root();
    for (key, value) in TREE.pairs() {
        assert!(
            !proof.verify(&root, key, None),
            "a key that is there is shown as absent"
        );
        let mut forged = value.clone();
        forged.push(0);
        assert!(
            !proof.verify(&root, key, Some(&forged)),
            "a value that is not there is shown"
        );
        if proof.verify(&root, key, Some(value)) {
            assert_eq!(proof, TREE.proof(key), "there is one proof of a pair");
        }
    }
    for key in Tree::absent() {
        assert!(
            !proof.verify(&root, &key, Some(b"")),
            "a key that is not there has a value"
        );
    }
}

/// A contract's interface, and values of its types as JSON and back.
pub(super) fn schema(bytes: &[u8]) {
    static CODEC: LazyLock<Codec> =
        LazyLock::new(|| Codec::new(Prefix::new("whdev").expect("a prefix")));
    let Ok(schema) = Schema::decode_section(bytes) else {
        return values(&CODEC, bytes);
    };
    assert_eq!(schema.encode(), bytes, "two encodings of one schema");
    for entry in &schema.entry_points {
        round_trip(&CODEC, &entry.args, bytes);
        round_trip(&CODEC, &entry.args, &[0; 64]);
    }
}

/// Bytes that are no schema are arguments of the widest contract that there is.
fn values(codec: &Codec, bytes: &[u8]) {
    static WIDE: LazyLock<Vec<Vec<Field>>> = LazyLock::new(|| {
        let code = Code::check(crate::artifact("export-escrow")).expect("a contract");
        let entries = code.schema().entry_points.iter();
        entries.map(|entry| entry.args.clone()).collect()
    });
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let place = usize::from(*first).checked_rem(WIDE.len()).unwrap_or(0);
    if let Some(fields) = WIDE.get(place) {
        round_trip(codec, fields, rest);
    }
}

/// What decodes to JSON is encoded to the same bytes.
fn round_trip(codec: &Codec, fields: &[Field], bytes: &[u8]) {
    let Ok(value) = codec.decode_fields(fields, bytes, "args") else {
        return;
    };
    let again = codec.encode_fields(fields, &value, "args");
    let again = again.unwrap_or_else(|error| panic!("{error}: {value}"));
    assert_eq!(again, bytes, "two encodings of {value}");
    for field in fields {
        // A type alone is read from its text as well.
        let _: &Type = &field.ty;
    }
}

/// A module: refused, or accepted, and then instrumented without a fault.
pub(super) fn module(bytes: &[u8]) {
    let Ok(code) = Code::check(bytes) else {
        return;
    };
    let described = Code::describe(bytes).expect("accepted code has a description");
    assert_eq!(&described.schema, code.schema());
    instrument(bytes, &GasSchedule::V1).expect("accepted code is instrumented");
}

/// The chain of these targets.
pub(super) fn reader() -> &'static Reader {
    &CHAIN.reader
}
