//! Turns an annotated `impl` into entry points and a schema.
//!
//! The macros parse, check and print; whatever can be a function lives in `weighhouse-sdk` and is
//! called from the printed code. A mistake is an error at the author's own token.
//!
//! | macro | on | writes |
//! |---|---|---|
//! | [`macro@storage`] | struct | `Storage`: cells, declared rules |
//! | [`macro@errors`] | enum | `Errors`: codes, fields, texts |
//! | [`macro@contract`] | impl | dispatch, sections, `NameRef` |
//! | [`macro@contract`] | impl, `part = Name` | a part that the main `impl` joins |
//! | [`macro@contract`] | trait | `NameRef` for an interface |
//! | [`macro@Event`] | struct | `Event` |
//! | [`macro@Describe`] | struct, enum | `Describe`: the type in a schema |

mod caller;
mod contract;
mod describe;
mod entry;
mod errors;
mod event;
mod part;
mod source;
mod storage;

use proc_macro::TokenStream;

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// The storage of a contract, or of a part of one: fields are `Cell<T>`, `Const<T>`, `Map<K, V>`, or
/// marked `#[part]` and another `#[storage]` struct, whose cells join in under their own names.
///
/// Rules that the host enforces stand below it: `#[conserve(sum(map) + sum(map) == cell)]`,
/// `#[immutable(cell)]`, `#[monotone(cell)]`, `#[at_most(lower, upper)]`. A `Const` is immutable without
/// saying so.
#[proc_macro_attribute]
pub fn storage(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(storage::expand(attribute.into(), item.into()))
}

/// Refusals: every variant has `#[code(number)]`; its documentation is the text that people see.
#[proc_macro_attribute]
pub fn errors(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(errors::expand(attribute.into(), item.into()))
}

/// The interface of a contract, on its `impl`: `#[contract(errors(Refusal), events(Transfer))]`.
///
/// Functions marked `#[constructor]`, `#[call]`, `#[call(check)]` or `#[query]` are entry points; the
/// others are helpers. `errors` may be left out: the enums in the signatures are taken. On a trait it
/// declares an interface, for which only the caller `NameRef` is written;
/// `#[contract(interfaces(NameRef))]` on an `impl` checks that the contract has its entry points.
///
/// A contract of several files has one main `impl`, at the root of its crate, that names the others:
/// `#[contract(errors(Refusal), events(Moved), parts(hold::Holds))]`. Each of those is
/// `#[contract(part = Holds, events(HoldCreated))]` on another `impl` of the same type, anywhere in the
/// crate. Schema, dispatch, caller and twins are those of the union; its order is that of the main
/// `impl`, then of the parts as listed.
#[proc_macro_attribute]
pub fn contract(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(contract::expand(attribute.into(), item.into()))
}

/// An event: a struct with named fields, all of types that a schema can describe.
#[proc_macro_derive(Event)]
pub fn event(item: TokenStream) -> TokenStream {
    finish(event::expand(item.into()))
}

/// A type of arguments, answers, events or stored values.
#[proc_macro_derive(Describe, attributes(codec))]
pub fn describe(item: TokenStream) -> TokenStream {
    finish(describe::expand(item.into()))
}
