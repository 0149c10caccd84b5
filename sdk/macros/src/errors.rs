//! `#[errors]`: an enum of refusals.

use crate::source::{collect, docs, field_defs, name, named, no_generics, take};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;
use syn::{Attribute, Error, Ident, ItemEnum, LitInt, Variant};

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new_spanned(attribute, "`#[errors]` takes nothing"));
    }
    let mut input: ItemEnum = syn::parse2(item)?;
    no_generics(&input.generics)?;
    let codes = codes(&mut input)?;
    let mut defs = Vec::new();
    let mut code_arms = Vec::new();
    let mut encode_arms = Vec::new();
    for (variant, code) in input.variants.iter().zip(&codes) {
        let (ident, title) = (&variant.ident, name(&variant.ident));
        let text = docs(&variant.attrs).replace('\n', " ");
        let fields = named(&variant.fields)?;
        let def = field_defs(fields.iter().copied());
        let idents: Vec<&Ident> = fields.iter().map(|(ident, _)| *ident).collect();
        defs.push(
            quote!(describe::ErrorDef { name: #title, code: #code, fields: #def, text: #text }),
        );
        code_arms.push(quote!(Self::#ident { .. } => #code));
        encode_arms.push(quote! {
            Self::#ident { #(#idents),* } => { #(codec::Encode::encode_to(#idents, _out);)* }
        });
    }
    let ident = &input.ident;
    let derives = missing_derives(&input.attrs)?;
    Ok(quote! {
        #[derive(#(#derives),*)]
        #[allow(missing_docs, reason = "the fields are named in the schema")]
        #input

        impl #ident {
            /// The code, unique in a contract.
            #[must_use]
            pub const fn code(&self) -> u16 {
                match *self { #(#code_arms),* }
            }
        }

        const _: () = {
            use ::weighhouse_sdk::{Buffer, codec, error, primitives::schema::describe};
            impl error::Errors for #ident {
                const DEFS: &'static [describe::ErrorDef] = &[#(#defs),*];
                fn code(&self) -> u16 {
                    Self::code(self)
                }
                fn encode_fields(&self, _out: &mut Buffer) {
                    match self { #(#encode_arms)* }
                }
            }
        };
    })
}

/// Takes the codes off the variants.
fn codes(input: &mut ItemEnum) -> syn::Result<Vec<u16>> {
    if input.variants.is_empty() {
        return Err(Error::new_spanned(
            &*input,
            "an enum of refusals has at least one",
        ));
    }
    let mut errors = None;
    let mut seen: BTreeMap<u16, String> = BTreeMap::new();
    let mut codes = Vec::new();
    for variant in &mut input.variants {
        match code(variant) {
            Ok((literal, code)) => {
                if let Some(other) = seen.insert(code, name(&variant.ident)) {
                    collect(
                        &mut errors,
                        Error::new_spanned(
                            literal,
                            format!("`{other}` has the code {code} already"),
                        ),
                    );
                }
                codes.push(code);
            }
            Err(error) => collect(&mut errors, error),
        }
    }
    errors.map_or(Ok(codes), Err)
}

fn code(variant: &mut Variant) -> syn::Result<(LitInt, u16)> {
    let attributes = take(&mut variant.attrs, &["code"]);
    let [attribute] = &attributes[..] else {
        return Err(Error::new_spanned(
            &variant.ident,
            "a refusal has one `#[code(number)]`, from 1 to 65535",
        ));
    };
    let literal: LitInt = attribute.parse_args()?;
    match literal.base10_parse() {
        Ok(0) => Err(Error::new_spanned(literal, "code 0 means success")),
        Ok(code) => Ok((literal, code)),
        Err(error) => Err(error),
    }
}

/// What the author did not derive already.
fn missing_derives(attributes: &[Attribute]) -> syn::Result<Vec<Ident>> {
    let mut derived = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("derive") {
            attribute.parse_nested_meta(|meta| {
                derived.extend(meta.path.segments.last().map(|last| last.ident.to_string()));
                Ok(())
            })?;
        }
    }
    Ok(["Clone", "Debug", "PartialEq", "Eq"]
        .into_iter()
        .filter(|name| !derived.iter().any(|derived| derived == name))
        .map(|name| Ident::new(name, proc_macro2::Span::call_site()))
        .collect())
}
