//! `#[contract]`: dispatch and sections of an `impl` and its parts, the caller of an `impl` or a trait.

use crate::entry::{self, Entry, Kind};
use crate::source::{collect, docs, selector};
use crate::{caller, part};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, ImplItem, Item, ItemImpl, ItemTrait, Path, Token, TraitItem, Type};

/// What stands in `#[contract(..)]`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) errors: Option<Vec<Path>>,
    pub(crate) events: Vec<Path>,
    interfaces: Vec<Path>,
    /// Parts that join in, in this order.
    parts: Vec<Path>,
    /// This `impl` is a part of that name.
    pub(crate) part: Option<Path>,
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options = options(attribute)?;
    match syn::parse2(item)? {
        Item::Impl(item) if options.part.is_some() => part::expand(options, item),
        Item::Impl(item) => of_impl(options, item),
        Item::Trait(item) => of_trait(item),
        other => Err(Error::new_spanned(
            other,
            "`#[contract]` stands on the `impl` of a contract or on a trait",
        )),
    }
}

fn options(attribute: TokenStream) -> syn::Result<Options> {
    let mut options = Options::default();
    let parser = syn::meta::parser(|meta| {
        let paths = if meta.input.peek(Token![=]) {
            vec![meta.value()?.parse()?]
        } else {
            let content;
            syn::parenthesized!(content in meta.input);
            Punctuated::<Path, Token![,]>::parse_terminated(&content)?
                .into_iter()
                .collect()
        };
        if meta.path.is_ident("errors") {
            options.errors = Some(paths);
        } else if meta.path.is_ident("events") {
            options.events = paths;
        } else if meta.path.is_ident("interfaces") {
            options.interfaces = paths;
        } else if meta.path.is_ident("parts") {
            options.parts = paths;
        } else if meta.path.is_ident("part") {
            options.part = paths.into_iter().next();
        } else {
            return Err(meta.error(
                "known are `errors(..)`, `events(..)`, `interfaces(..)`, `parts(..)` and `part = Name`",
            ));
        }
        Ok(())
    });
    syn::parse::Parser::parse2(parser, attribute)?;
    Ok(options)
}

fn of_trait(mut item: ItemTrait) -> syn::Result<TokenStream> {
    let (mut entries, mut errors) = (Vec::new(), None);
    for member in &mut item.items {
        if let TraitItem::Fn(function) = member {
            match entry::read(&mut function.attrs, &function.sig) {
                Ok(Some(entry)) => entries.push(entry),
                Ok(None) => collect(
                    &mut errors,
                    Error::new_spanned(
                        &function.sig.ident,
                        "a function of an interface is marked `#[call]` or `#[query]`",
                    ),
                ),
                Err(error) => collect(&mut errors, error),
            }
        }
    }
    if let Some(error) = errors {
        return Err(error);
    }
    entry::check_unique(&entries)?;
    let caller = caller::expand(&item.ident, &item.vis, &entries);
    let interface = caller::interface_of_trait(&item.ident, &entries);
    Ok(quote! {
        #[allow(
            clippy::too_many_arguments,
            reason = "an interface has the arguments of its entry points"
        )]
        #item
        #caller
        #interface
    })
}

fn of_impl(options: Options, mut item: ItemImpl) -> syn::Result<TokenStream> {
    let (ident, entries) = read_impl(&mut item)?;
    if entries.is_empty() && options.parts.is_empty() {
        return Err(no_entry_point(&ident));
    }
    let refusals = refusals(options.errors, &entries)?;
    let description = description(
        &ident,
        &docs(&item.attrs),
        &entries,
        &refusals,
        (&options.events, &options.parts),
    );
    let caller = caller::expand(&ident, &syn::parse_quote!(pub), &entries);
    let interface = caller::interface_of_contract(&ident);
    let code = code(&ident, &entries, &options.parts);
    let interfaces = &options.interfaces;
    Ok(quote! {
        #[allow(
            clippy::missing_errors_doc, clippy::needless_pass_by_value, clippy::too_many_arguments,
            reason = "arguments come from outside and are owned; the schema explains refusals"
        )]
        #item
        #description
        #caller
        #interface
        #code
        #(const _: () = ::weighhouse_sdk::entry::constant::implements::<#ident, #interfaces>();)*
    })
}

/// Takes the entry points of an `impl`, which must be of a plain type.
pub(crate) fn read_impl(item: &mut ItemImpl) -> syn::Result<(Ident, Vec<Entry>)> {
    let Some(ident) = plain_name(item) else {
        return Err(Error::new_spanned(
            &item.self_ty,
            "`#[contract]` stands on `impl Name`, without parameters and without a trait",
        ));
    };
    let (mut entries, mut errors) = (Vec::new(), None);
    for member in &mut item.items {
        if let ImplItem::Fn(function) = member {
            match entry::read(&mut function.attrs, &function.sig) {
                Ok(Some(entry)) => entries.push(entry),
                Ok(None) => {}
                Err(error) => collect(&mut errors, error),
            }
        }
    }
    if let Some(error) = errors {
        return Err(error);
    }
    entry::check_unique(&entries)?;
    Ok((ident, entries))
}

pub(crate) fn no_entry_point(ident: &Ident) -> Error {
    Error::new_spanned(
        ident,
        "no entry point: mark functions `#[constructor]`, `#[call]` or `#[query]`",
    )
}

fn plain_name(item: &ItemImpl) -> Option<Ident> {
    match &*item.self_ty {
        Type::Path(path) if item.trait_.is_none() && item.generics.params.is_empty() => {
            path.path.get_ident().cloned()
        }
        _ => None,
    }
}

/// The error enums: those listed, which must be all that signatures name; else those of signatures.
pub(crate) fn refusals(
    listed: Option<Vec<Path>>,
    entries: &[Entry],
) -> syn::Result<Vec<TokenStream>> {
    let text = |tokens: &dyn ToTokens| tokens.to_token_stream().to_string();
    let mut named: Vec<&Type> = Vec::new();
    for ty in entries.iter().filter_map(|entry| entry.refuses.as_ref()) {
        let last = text(ty);
        let passed_on = last.ends_with("Refused") || last.ends_with("CallError");
        if !passed_on && !named.iter().any(|other| text(other) == last) {
            named.push(ty);
        }
    }
    let Some(listed) = listed else {
        return Ok(named.iter().map(ToTokens::to_token_stream).collect());
    };
    for ty in named {
        if !listed.iter().any(|path| text(path) == text(ty)) {
            return Err(Error::new_spanned(ty, "list this enum in `errors(..)`"));
        }
    }
    Ok(listed.iter().map(ToTokens::to_token_stream).collect())
}

/// `impl Contract`, and the checks that need all parts together.
fn description(
    ident: &Ident,
    docs: &str,
    entries: &[Entry],
    refusals: &[TokenStream],
    (events, parts): (&[Path], &[Path]),
) -> TokenStream {
    let defs = entries.iter().flat_map(Entry::defs);
    let docs = if docs.is_empty() {
        quote!(<#ident as wh_storage::Storage>::DOCS)
    } else {
        quote!(#docs)
    };
    quote! {
        #[allow(long_running_const_eval, reason = "every pair of names is compared once")]
        const _: () = {
            use ::weighhouse_sdk::{
                entry as wh_entry, entry::constant as wh_constant, error as wh_error,
                event as wh_event, storage as wh_storage,
            };
            use ::weighhouse_sdk::primitives::{rule as wh_rule, schema::describe};
            const ENTRY_LISTS: &[&[describe::EntryDef]] =
                &[&[#(#defs),*], #(<#parts as wh_entry::Part<#ident>>::ENTRY_POINTS),*];
            const ENTRY_POINTS: [describe::EntryDef; wh_constant::total(ENTRY_LISTS)] =
                wh_constant::joined(ENTRY_LISTS, wh_constant::NO_ENTRY);
            const ERROR_LISTS: &[&[describe::ErrorDef]] =
                &[#(<#refusals as wh_error::Errors>::DEFS),*];
            const ERRORS: [describe::ErrorDef; wh_constant::total(ERROR_LISTS)] =
                wh_constant::joined(ERROR_LISTS, wh_constant::NO_ERROR);
            const EVENT_LISTS: &[&[describe::EventDef]] = &[
                &[#(<#events as wh_event::Event>::DEF),*],
                #(<#parts as wh_entry::Part<#ident>>::EVENTS),*
            ];
            const EVENTS: [describe::EventDef; wh_constant::total(EVENT_LISTS)] =
                wh_constant::joined(EVENT_LISTS, wh_constant::NO_EVENT);
            const CELLS: &[describe::CellDef] = <#ident as wh_storage::Storage>::CELLS;
            const NAMED: &[wh_storage::NamedRule] = <#ident as wh_storage::Storage>::RULES;
            const PLACES: [[wh_rule::Place; wh_constant::RULE_CELLS_MAX]; NAMED.len()] =
                wh_constant::places(NAMED, CELLS);
            const RULES: [describe::RuleDef; NAMED.len()] = wh_constant::rules(NAMED, &PLACES);
            const _: () = wh_constant::unique_entry_points(&ENTRY_POINTS);
            const _: () = wh_constant::one_constructor(&ENTRY_POINTS);
            const _: () = wh_constant::unique_errors(&ERRORS);
            #(const _: () = wh_constant::listed(
                &ERRORS, <#parts as wh_entry::Part<#ident>>::ERRORS,
            );)*
            const _: () = wh_constant::unique_events(&EVENTS);
            impl wh_entry::Contract for #ident {
                const SCHEMA: describe::SchemaDef = describe::SchemaDef {
                    name: ::core::env!("CARGO_PKG_NAME"),
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    docs: #docs,
                    entry_points: &ENTRY_POINTS,
                    errors: &ERRORS,
                    events: &EVENTS,
                };
                const CELLS: &'static [describe::CellDef] = CELLS;
                const RULES: &'static [describe::RuleDef] = &RULES;
            }
        };
    }
}

/// The dispatch, and what the Wasm module exports and carries.
///
/// Exports and sections appear under `--cfg weighhouse_entry`, which `weighhouse-build` sets for the
/// contract being built and for none of its dependencies: so a contract may depend on the crate of
/// another one for its caller.
fn code(ident: &Ident, entries: &[Entry], parts: &[Path]) -> TokenStream {
    let arms = entries.iter().map(arm);
    let functions = entries.iter().map(|entry| function(ident, entry));
    quote! {
        #[allow(
            unsafe_code, unexpected_cfgs, dead_code, long_running_const_eval,
            reason = "the border of a contract: one export and three sections"
        )]
        const _: () = {
            use ::weighhouse_sdk::{Vec as WhVec, entry as wh_entry};
            #(#functions)*
            fn dispatch(selector: u32, input: &mut &[u8]) -> WhVec<u8> {
                let answer = match selector {
                    #(#arms)*
                    _ => None,
                };
                #(let answer = answer.or_else(
                    || <#parts as wh_entry::Part<#ident>>::dispatch(selector, input)
                );)*
                answer.unwrap_or_else(wh_entry::unknown_entry_point)
            }

            #[cfg(all(target_arch = "wasm32", weighhouse_entry))]
            const _: () = {
                use ::weighhouse_sdk::entry::Contract;
                use ::weighhouse_sdk::primitives::schema::describe::Writer;
                type This = #ident;

                #[unsafe(no_mangle)]
                extern "C" fn wh_call(len: u32) -> u64 {
                    wh_entry::described(&SCHEMA, &STORAGE, &RULES);
                    wh_entry::run(len, dispatch)
                }

                #[unsafe(link_section = "wh.schema")]
                static SCHEMA: [u8; Writer::<0>::new().schema(&This::SCHEMA).len()] =
                    Writer::new().schema(&This::SCHEMA).into_bytes();
                #[unsafe(link_section = "wh.storage")]
                static STORAGE: [u8; Writer::<0>::new().cells(This::CELLS).len()] =
                    Writer::new().cells(This::CELLS).into_bytes();
                #[unsafe(link_section = "wh.rules")]
                static RULES: [u8; Writer::<0>::new().rules(This::RULES).len()] =
                    Writer::new().rules(This::RULES).into_bytes();
            };
        };
    }
}

/// Selector, and that of the twin, to the function below.
pub(crate) fn arm(entry: &Entry) -> TokenStream {
    let enter = format_ident!("enter_{}", entry.ident);
    let number = selector(&entry.name());
    let twin = entry.check.then(|| {
        let number = selector(&entry.check_name());
        quote!(| #number)
    });
    quote!(#number #twin => Some(#enter(input)),)
}

/// Decodes the arguments, runs the function, encodes the answer. Never inlined: a dispatch of all
/// entry points in one body would run into the limits on bytes and locals of a function.
pub(crate) fn function(ident: &Ident, entry: &Entry) -> TokenStream {
    let enter = format_ident!("enter_{}", entry.ident);
    let function = &entry.ident;
    let names: Vec<&Ident> = entry.args.iter().map(|(name, _)| name).collect();
    let types = entry.args.iter().map(|(_, ty)| ty);
    let mut passed: Vec<TokenStream> = names.iter().map(ToTokens::to_token_stream).collect();
    if let Some(position) = entry.context {
        passed.insert(
            position.min(passed.len()),
            quote!(&::weighhouse_sdk::Context::new()),
        );
    }
    let run = quote!(wh_contract.#function(#(#passed),*));
    let answer = if entry.refuses.is_some() {
        quote!(wh_entry::answer_result(#run))
    } else {
        quote!(wh_entry::answer(&#run))
    };
    let mutable = (entry.kind != Kind::Query).then(|| quote!(mut));
    quote! {
        #[inline(never)]
        fn #enter(wh_input: &mut &[u8]) -> WhVec<u8> {
            #(let #names: #types = wh_entry::argument(wh_input);)*
            wh_entry::no_more_arguments(wh_input);
            #[allow(unused_mut, reason = "a call may take `&self`")]
            let #mutable wh_contract = <#ident as ::weighhouse_sdk::storage::Storage>::open();
            #answer
        }
    }
}
