//! Halt reasons, and why an action itself is refused.

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
    (
        "BadValidators",
        "no validator would remain, too many or too much power would, the one to remove is none, or the \
         genesis names no validators",
        "chain validators shows them",
    ),
];
