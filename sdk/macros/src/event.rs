//! `#[derive(Event)]`.

use crate::source::{docs, field_defs, name, named, no_generics};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemStruct;

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: ItemStruct = syn::parse2(item)?;
    no_generics(&input.generics)?;
    let (ident, title, docs) = (&input.ident, name(&input.ident), docs(&input.attrs));
    let fields = named(&input.fields)?;
    let defs = field_defs(fields.iter().copied());
    let idents = fields.iter().map(|(ident, _)| ident);
    Ok(quote! {
        const _: () = {
            use ::weighhouse_sdk::{Buffer, codec, event, primitives::schema::describe};
            impl event::Event for #ident {
                const DEF: describe::EventDef =
                    describe::EventDef { name: #title, fields: #defs, docs: #docs };
                fn encode_fields(&self, _out: &mut Buffer) {
                    #(codec::Encode::encode_to(&self.#idents, _out);)*
                }
            }
        };
    })
}
