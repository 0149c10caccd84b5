//! `#[contract(part = Name)]`: an `impl` of a contract in a module of its own.
//!
//! A part prints what the main `impl` joins: a type `Name` that carries the lists of its entry points,
//! events and refusals and its dispatch, and its share of the caller `ContractRef`. What needs the
//! union (unique names, one constructor, every enum of refusals listed) the main `impl` checks.

use crate::caller;
use crate::contract::{Options, arm, function, no_entry_point, read_impl, refusals};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemImpl};

pub(crate) fn expand(mut options: Options, mut item: ItemImpl) -> syn::Result<TokenStream> {
    let (ident, entries) = read_impl(&mut item)?;
    let path = options.part.take();
    let Some(part) = path.as_ref().and_then(syn::Path::get_ident) else {
        return Err(Error::new_spanned(
            path,
            "a part has a plain name: `part = Name`",
        ));
    };
    if entries.is_empty() {
        return Err(no_entry_point(&ident));
    }
    let refusals = refusals(options.errors, &entries)?;
    let events = &options.events;
    let defs = entries.iter().flat_map(crate::entry::Entry::defs);
    let arms = entries.iter().map(arm);
    let functions = entries.iter().map(|entry| function(&ident, entry));
    let methods = caller::of_part(&ident, &entries);
    let doc = format!("The part `{part}` of [`{ident}`], see `parts(..)` of its `#[contract]`.");
    Ok(quote! {
        #[allow(
            clippy::missing_errors_doc, clippy::needless_pass_by_value, clippy::too_many_arguments,
            reason = "arguments come from outside and are owned; the schema explains refusals"
        )]
        #item

        #[doc = #doc]
        #[derive(Debug)]
        pub(crate) enum #part {}

        #methods

        #[allow(dead_code, reason = "only a Wasm module dispatches")]
        const _: () = {
            use ::weighhouse_sdk::{
                Vec as WhVec, entry as wh_entry, entry::constant as wh_constant,
                error as wh_error, event as wh_event,
            };
            use ::weighhouse_sdk::primitives::schema::describe;
            const ERROR_LISTS: &[&[describe::ErrorDef]] =
                &[#(<#refusals as wh_error::Errors>::DEFS),*];
            const ERRORS: [describe::ErrorDef; wh_constant::total(ERROR_LISTS)] =
                wh_constant::joined(ERROR_LISTS, wh_constant::NO_ERROR);
            #(#functions)*
            impl wh_entry::Part<#ident> for #part {
                const ENTRY_POINTS: &'static [describe::EntryDef] = &[#(#defs),*];
                const EVENTS: &'static [describe::EventDef] =
                    &[#(<#events as wh_event::Event>::DEF),*];
                const ERRORS: &'static [describe::ErrorDef] = &ERRORS;
                fn dispatch(selector: u32, input: &mut &[u8]) -> Option<WhVec<u8>> {
                    match selector {
                        #(#arms)*
                        _ => None,
                    }
                }
            }
        };
    })
}
