//! `NameRef`: the typed caller through which other contracts use one.

use crate::entry::{Entry, Kind};
use crate::source::selector;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type, Visibility};

/// The calls of a part of the contract `of`, joining those of [`expand`]: its caller stands with the
/// main `impl`, at the root of the crate.
pub(crate) fn of_part(of: &Ident, entries: &[Entry]) -> TokenStream {
    let ident = format_ident!("{of}Ref");
    let methods = entries.iter().flat_map(methods);
    quote! {
        #[allow(dead_code, reason = "a contract need not call itself")]
        impl crate::#ident {
            #(#methods)*
        }
    }
}

/// The entry points of the interface `of`: those of the trait itself.
pub(crate) fn interface_of_trait(of: &Ident, entries: &[Entry]) -> TokenStream {
    let defs = entries.iter().flat_map(Entry::defs);
    interface(of, &quote!(&[#(#defs),*]))
}

/// The entry points of the contract `of`: its own and those of its parts.
pub(crate) fn interface_of_contract(of: &Ident) -> TokenStream {
    let all = quote!(<#of as ::weighhouse_sdk::entry::Contract>::SCHEMA.entry_points);
    interface(of, &all)
}

fn interface(of: &Ident, entry_points: &TokenStream) -> TokenStream {
    let ident = format_ident!("{of}Ref");
    quote! {
        const _: () = {
            use ::weighhouse_sdk::primitives::schema::describe;
            impl ::weighhouse_sdk::entry::Interface for #ident {
                const ENTRY_POINTS: &'static [describe::EntryDef] = #entry_points;
            }
        };
    }
}

/// The caller of the contract or interface `of`.
pub(crate) fn expand(of: &Ident, visibility: &Visibility, entries: &[Entry]) -> TokenStream {
    let ident = format_ident!("{of}Ref");
    let doc = format!("Calls `{of}` at an address, from another contract.");
    let methods = entries.iter().flat_map(methods);
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
    }
}

fn methods(entry: &Entry) -> Vec<TokenStream> {
    if entry.kind == Kind::Constructor {
        return Vec::new();
    }
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
            let mut wh_input = ::weighhouse_sdk::Buffer::beginning(u32::to_le_bytes(#selector));
            #(::weighhouse_sdk::codec::Encode::encode_to(&#names, &mut wh_input);)*
            self.0.call(&wh_input, #flags)
        }
    }
}
