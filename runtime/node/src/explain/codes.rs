//! Codes of the JSON-RPC interface, and halt reasons.

/// Code, name, meaning, cure.
pub(super) const RPC: &[(i64, &str, &str, &str)] = &[
    (
        -32700,
        "parse_error",
        "the request is not JSON",
        "send one JSON document",
    ),
    (
        -32600,
        "invalid_request",
        "the request is not a JSON-RPC 2.0 request",
        "send jsonrpc, id, method and params",
    ),
    (
        -32601,
        "method_not_found",
        "there is no such method; the answer names the nearest",
        "rpc.discover lists the methods",
    ),
    (
        -32602,
        "invalid_params",
        "a parameter is missing, unknown or of the wrong type; the answer names its path",
        "correct the parameter at that path",
    ),
    (
        -32603,
        "internal_error",
        "the node failed to answer; its log has the cause under the incident id",
        "tell the operator the incident id",
    ),
    (
        1001,
        "bad_signature",
        "the authorization does not prove the signer's will",
        "sign exactly these bytes with exactly the threshold of the account's keys",
    ),
    (
        1002,
        "wrong_chain",
        "the transaction was signed for another chain",
        "build it again against this node; chain genesis shows the hash",
    ),
    (
        1003,
        "replayed",
        "this transaction was executed already",
        "nothing: tx show HASH has its receipt",
    ),
    (
        1005,
        "expired",
        "its validity has ended, or ends too far ahead",
        "build it again; --valid-for takes at most 86400 seconds",
    ),
    (
        1006,
        "gas_limit_too_low",
        "the gas limit does not cover what is charged before execution, or exceeds the most there is",
        "leave --gas-limit out: simulation suggests one",
    ),
    (
        1007,
        "over_quota",
        "the account has used up its gas of this window",
        "wait for the next window, or ask the governor for a larger quota",
    ),
    (
        1008,
        "too_large",
        "the transaction, its code or its input is longer than allowed",
        "split the work, or make the code smaller",
    ),
    (
        1009,
        "pool_full",
        "too many transactions wait",
        "send the same bytes again a little later; that is safe",
    ),
    (
        1010,
        "not_authorised",
        "the chain policy does not let this account do this",
        "ask the governor to list the account",
    ),
    (
        1011,
        "ref_conflict",
        "another transaction of this signer carries the same client_ref",
        "tx_by_ref shows it; choose another reference for another payment",
    ),
    (
        1012,
        "bad_code",
        "the uploaded module breaks a rule of the validator; the message names it",
        "weighhouse contract check FILE says the same without a node",
    ),
    (
        1013,
        "malformed",
        "the bytes are not the canonical encoding of a transaction",
        "build the transaction with this version of the tools",
    ),
    (
        1101,
        "reverted",
        "a contract refused; nothing changed but the replay guard and the gas used",
        "explain the code of the contract that the message names",
    ),
    (
        1102,
        "halted",
        "the machine stopped the execution; nothing changed but the replay guard and the gas used",
        "explain the halt reason that the message names",
    ),
    (
        1201,
        "not_found",
        "there is no such thing on this chain",
        "check the hash, address or height, and the network",
    ),
    (
        1202,
        "height_unavailable",
        "state at this height is not kept, or not reached yet; the answer names the range",
        "ask at a height within the range",
    ),
    (
        1203,
        "no_schema",
        "the code carries no schema",
        "rebuild the contract with the SDK",
    ),
    (
        1204,
        "index_behind",
        "the node's index has not caught up with its chain",
        "ask again in a moment",
    ),
    (
        1301,
        "bad_argument",
        "a value does not fit its type; the message names path, expected and got",
        "correct the value at that path",
    ),
    (
        1302,
        "unknown_name",
        "there is no such entry point, argument, field, event or cell; the message names the nearest",
        "contract schema WHERE lists all names",
    ),
    (
        1303,
        "wrong_prefix",
        "the address belongs to another network",
        "use the address of this network, or --network",
    ),
    (
        1401,
        "too_many",
        "more items than one request may carry",
        "split the request",
    ),
    (
        1402,
        "query_gas",
        "the query or simulation used more gas than a query may",
        "ask for less, page by page",
    ),
    (
        1403,
        "rate",
        "too many requests; the answer says when to try again",
        "wait retry_after_ms",
    ),
    (
        1404,
        "cursor_invalid",
        "the cursor is not one that this listing gave out",
        "start again without a cursor",
    ),
    (
        1405,
        "use_websocket",
        "subscriptions need a connection that stays open",
        "connect to the same URL with ws:// instead of http://",
    ),
    (
        1501,
        "syncing",
        "the node is behind its network",
        "wait, or ask another node",
    ),
    (
        1502,
        "read_only",
        "the node takes no transactions",
        "send to a node that does",
    ),
    (
        1503,
        "faulted",
        "the node met a fault and stopped making blocks",
        "tell the operator; what was acknowledged is in its log",
    ),
];

/// Name, meaning, cure.
pub(super) const HALT: &[(&str, &str, &str)] = &[
    (
        "OutOfGas",
        "the gas limit was used up",
        "raise --gas-limit; if simulation halts too, the work is too large for one transaction",
    ),
    (
        "StackExhausted",
        "the counted stack of a frame was used up",
        "the contract recurses too deeply: make it iterate",
    ),
    (
        "CallDepth",
        "more contracts on the call stack than allowed",
        "call fewer contracts within each other",
    ),
    (
        "Unreachable",
        "the contract panicked; simulation shows message, file and line",
        "give it arguments it expects, or correct the contract",
    ),
    (
        "MemoryOutOfBounds",
        "guest code touched memory outside its own",
        "correct the contract",
    ),
    (
        "BadPointer",
        "a host function got a pointer or length outside guest memory",
        "correct the contract; the SDK never does this",
    ),
    (
        "BadDivision",
        "division by zero, or an overflowing signed division",
        "give it arguments it expects, or correct the contract",
    ),
    (
        "BadIndirectCall",
        "call_indirect through an absent element or with a wrong type",
        "correct the contract",
    ),
    (
        "MemoryLimit",
        "more memory than the limit allows",
        "work in smaller pieces",
    ),
    (
        "HostLimit",
        "a key, value, event, log or answer is longer than allowed",
        "docs/reference/limits.md has the limits",
    ),
    (
        "ReadOnly",
        "a query or check tried to write, or to emit an event",
        "correct the contract: queries do not write",
    ),
    (
        "BadAnswer",
        "the guest's answer is not well formed",
        "correct the contract; the SDK never does this",
    ),
    (
        "Reentry",
        "a contract called itself, directly or through others",
        "write state first and call out last",
    ),
    (
        "NoEntryPoint",
        "no such contract, or no such entry point of the required kind",
        "contract schema WHERE lists the entry points",
    ),
    (
        "RuleBroken",
        "a declared rule of a contract does not hold on the transaction's writes",
        "the contract has a mistake: tell its authors the rule's name",
    ),
    (
        "ActionRefused",
        "the action itself is refused; the reason follows",
        "explain the reason",
    ),
    (
        "BadCode",
        "the module breaks a rule of the validator",
        "contract check FILE names the rule",
    ),
    (
        "NoCode",
        "no such code has been uploaded",
        "contract upload FILE first",
    ),
    (
        "AddressTaken",
        "a contract already stands at the address",
        "choose another --salt",
    ),
    (
        "NoContract",
        "no such contract",
        "contract list shows the contracts",
    ),
    (
        "NotAdmin",
        "the signer is not the contract's admin, or not the governor",
        "sign as the admin; contract info shows it",
    ),
    (
        "NotAllowed",
        "the chain policy does not allow the signer to do this",
        "ask the governor to list the account",
    ),
];
