//! **Every** chain limit and protocol constant: name, unit, reason.
//!
//! Limits are part of the protocol: two nodes with different ones would disagree. Each is enforced in
//! one place and tested at n and n+1. `docs/reference/limits.md` is generated from this file.

/// Version of the rules in this file, the gas schedule and the instrumentation.
pub const PROTOCOL_VERSION: u32 = 1;

// Transactions and blocks.

/// Bytes of an encoded transaction: code of the largest size plus its envelope.
pub const TX_BYTES_MAX: usize = CODE_BYTES_MAX + 4 * 1024;
/// Bytes of all transactions of a block.
pub const BLOCK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Transactions of a block.
pub const BLOCK_TXS_MAX: usize = 10_000;
/// Gas that one transaction may ask for: about 250 ms.
pub const TX_GAS_MAX: u64 = 250_000_000;
/// Gas that one block may use: about 1 s, 4 s of the worst code found (docs/decisions/0001).
pub const BLOCK_GAS_MAX: u64 = 1_000_000_000;
/// Gas of one query or simulation. Node-local in effect, protocol in value.
pub const QUERY_GAS_MAX: u64 = TX_GAS_MAX;
/// Gas of all queries of one `contract_query_many` together: what one leaves is there for the next.
/// Node-local in effect, protocol in value.
pub const QUERY_MANY_GAS_MAX: u64 = QUERY_GAS_MAX;
/// How far `valid_until` may lie ahead of block time, in seconds: bounds the replay guard.
pub const VALIDITY_SECONDS_MAX: u64 = 24 * 60 * 60;

// Code, checked by `vm/code/`.

/// Bytes of a Wasm module.
pub const CODE_BYTES_MAX: usize = 512 * 1024;
/// Functions defined in a module.
pub const FUNCTIONS_MAX: usize = 4_096;
/// Function types.
pub const TYPES_MAX: usize = 512;
/// Parameters of a function.
pub const PARAMS_MAX: usize = 32;
/// Results of a function.
pub const RESULTS_MAX: usize = 1;
/// Parameters and locals of a function.
pub const LOCALS_MAX: usize = 256;
/// Bytes of a function body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Nesting of loops in a function.
pub const LOOP_DEPTH_MAX: usize = 32;
/// Nesting of all blocks in a function.
pub const BLOCK_DEPTH_MAX: usize = 512;
/// Control operators of a function, an `if` counted twice: register allocation grows faster than linearly
/// with them. The contracts of the library have at most 877.
pub const CONTROL_IN_FUNCTION_MAX: usize = 1_024;
/// Control operators of a module: bounds the worst compile time found to about 1 s. The largest contract
/// of the library has 8,039.
pub const CONTROL_MAX: usize = 8_192;
/// Direct calls of a module, host functions included: each compiles to many times its bytes. The
/// largest contract of the library has 4,725.
pub const CALLS_MAX: usize = 16_384;
/// Sum over functions of locals times control operators: what compile time grows with. The largest
/// contract of the library has about 110,000.
pub const LOCALS_CONTROL_PRODUCT_MAX: u64 = 400_000;
/// Targets of a `br_table`.
pub const BR_TABLE_TARGETS_MAX: usize = 1_024;
/// Targets of all `br_table`s of a module: each is an edge to compile. The contracts of the library have at
/// most 545.
pub const BR_TABLE_TARGETS_ALL_MAX: usize = 4_096;
/// Height of the operand stack of a function.
pub const OPERAND_STACK_MAX: usize = 1_024;
/// Globals of a module.
pub const GLOBALS_MAX: usize = 256;
/// Pages (64 KiB) that a module may ask for at the start.
pub const MEMORY_INITIAL_PAGES_MAX: u64 = 64;
/// Pages (64 KiB) that a memory may grow to: about what a processor caches. Random reads of 16 MiB
/// took four times as long as of 4 MiB, for the same gas.
pub const MEMORY_PAGES_MAX: u64 = 64;
/// Elements of the one table.
pub const TABLE_ELEMENTS_MAX: u64 = 4_096;
/// Data segments.
pub const DATA_SEGMENTS_MAX: usize = 1_024;
/// Element segments.
pub const ELEMENT_SEGMENTS_MAX: usize = 64;
/// Exports of a module.
pub const EXPORTS_MAX: usize = 64;
/// Bytes of an import or export name.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes of each of the sections `wh.schema`, `wh.storage`, `wh.rules`, `wh.build`.
pub const SECTION_BYTES_MAX: usize = 64 * 1024;
/// Entry points of a contract.
pub const ENTRY_POINTS_MAX: usize = 256;
/// Declared rules of a contract.
pub const RULES_MAX: usize = 32;

// Execution.

/// Contracts on the call stack.
pub const CALL_DEPTH_MAX: usize = 16;
/// Counted stack of one frame, in bytes of logical frames.
pub const STACK_BYTES_MAX: i32 = 512 * 1024;
/// Native stack that wasmtime may use on the executor thread.
pub const WASM_STACK_BYTES: usize = 192 * 1024 * 1024;
/// Native stack of the executor thread.
pub const EXECUTOR_STACK_BYTES: usize = 256 * 1024 * 1024;
/// Bytes of a storage key, cell prefix included.
pub const KEY_BYTES_MAX: usize = 256;
/// Bytes of a stored value: fits one store record.
pub const VALUE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a call's input: as much as a transaction can carry to an entry point.
pub const INPUT_BYTES_MAX: usize = 128 * 1024;
/// Bytes of an entry point's answer.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one event's data.
pub const EVENT_BYTES_MAX: usize = 8 * 1024;
/// Events of a transaction.
pub const EVENTS_MAX: usize = 1_024;
/// Bytes of all events of a transaction.
pub const EVENTS_BYTES_MAX: usize = 256 * 1024;
/// Keys that a transaction may change.
pub const WRITES_MAX: usize = 4_096;
/// Bytes of output of one `storage_page`.
pub const PAGE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of debug text kept for a transaction; more is dropped, not refused.
pub const DEBUG_BYTES_MAX: usize = 16 * 1024;

// State.

/// Bytes of one stored chunk of code.
pub const CODE_CHUNK_BYTES: usize = 16 * 1024;

const _: () = assert!(TX_GAS_MAX <= BLOCK_GAS_MAX, "a transaction fits a block");
const _: () = assert!(
    TX_BYTES_MAX <= BLOCK_BYTES_MAX,
    "a transaction fits a block"
);
const _: () = assert!(BLOCK_GAS_MAX < 1 << 40, "gas sums never wrap");
const _: () = assert!(
    WASM_STACK_BYTES < EXECUTOR_STACK_BYTES,
    "the host keeps its share"
);
const _: () = assert!(
    CODE_BYTES_MAX.div_ceil(CODE_CHUNK_BYTES) <= u16::MAX as usize,
    "chunks are numbered by u16"
);
