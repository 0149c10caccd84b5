//! `NameRef`: the typed caller through which other contracts use one.

use crate::entry::{Entry, Kind};
use crate::source::selector;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type, Visibility};

/// The caller of the contract or interface `of`.
pub(crate) fn expand(of: &Ident, visibility: &Visibility, entries: &[Entry]) -> TokenStream {
    let ident = format_ident!("{of}Ref");
    let doc = format!("Calls `{of}` at an address, from another contract.");
    let methods = entries
        .iter()
        .filter(|entry| entry.kind != Kind::Constructor)
        .flat_map(methods);
    let defs = entries.iter().flat_map(Entry::defs);
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #visibility struct #ident(::weighhouse_sdk::call::Target);

        #[allow(dead_code, reason = "a contract need not call itself")]
        impl #ident {
            /// The contract at `address`, with all the gas that is left.
            #[must_use]
            pub const fn at(address: ::weighhouse_sdk::primitives::Address) -> Self {
                Self(::weighhouse_sdk::call::Target::at(address))
            }

            /// The same contract, with at most `gas` for each call.
            #[must_use]
            pub const fn gas(mut self, gas: ::weighhouse_sdk::primitives::Gas) -> Self {
                self.0.gas = gas;
                self
            }

            /// Where calls go.
            #[must_use]
            pub const fn address(&self) -> ::weighhouse_sdk::primitives::Address {
                self.0.address
            }

            #(#methods)*
        }

        const _: () = {
            use ::weighhouse_sdk::primitives::schema::describe;
            impl ::weighhouse_sdk::entry::Interface for #ident {
                const ENTRY_POINTS: &'static [describe::EntryDef] = &[#(#defs),*];
            }
        };
    }
}

fn methods(entry: &Entry) -> Vec<TokenStream> {
    let mut methods = vec![method(
        &entry.ident,
        entry,
        &entry.returns,
        &format!("Calls `{}`.\n\n{}", entry.name(), entry.docs),
    )];
    if entry.check {
        methods.push(method(
            &format_ident!("{}", entry.check_name()),
            entry,
            &syn::parse_quote!(u16),
            &format!(
                "What `{}` would do: 0 if it would succeed, else the code of the refusal.",
                entry.name()
            ),
        ));
    }
    methods
}

fn method(ident: &Ident, entry: &Entry, returns: &Type, docs: &str) -> TokenStream {
    let selector = selector(&crate::source::name(ident));
    let names: Vec<&Ident> = entry.args.iter().map(|(name, _)| name).collect();
    let types = entry.args.iter().map(|(_, ty)| ty);
    let flags = if entry.kind == Kind::Query {
        quote!(::weighhouse_sdk::primitives::abi::FLAG_READ_ONLY)
    } else {
        quote!(0)
    };
    quote! {
        #[doc = #docs]
        ///
        /// # Errors
        /// What the contract refuses, and what stops it.
        #[allow(
            clippy::needless_pass_by_value, clippy::too_many_arguments,
            reason = "the signature is that of the entry point"
        )]
        pub fn #ident(
            &self #(, #names: #types)*
        ) -> ::core::result::Result<#returns, ::weighhouse_sdk::call::CallError> {
            #[allow(unused_mut, reason = "an entry point may take nothing")]
            let mut wh_input = ::weighhouse_sdk::call::input(#selector);
            #(::weighhouse_sdk::codec::Encode::encode_to(&#names, &mut wh_input);)*
            self.0.call(&wh_input, #flags)
        }
    }
}
