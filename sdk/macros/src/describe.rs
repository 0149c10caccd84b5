//! `#[derive(Describe)]`: the type as a schema shows it.

use crate::source::{def, field_defs, name, named, no_generics};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Expr, ExprLit, Fields, Lit, LitInt, Variant};

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    no_generics(&input.generics)?;
    let (ident, title) = (&input.ident, name(&input.ident));
    let ty = match &input.data {
        Data::Struct(data) => of_struct(&title, &data.fields, &input)?,
        Data::Enum(data) => {
            let variants = (0_u8..=u8::MAX)
                .zip(&data.variants)
                .map(|(position, variant)| of_variant(variant, position))
                .collect::<syn::Result<Vec<_>>>()?;
            quote!(describe::Def::Enum(#title, &[#(#variants),*]))
        }
        Data::Union(_) => return Err(Error::new_spanned(ident, "a union has no encoding")),
    };
    Ok(quote! {
        const _: () = {
            use ::weighhouse_sdk::primitives::schema::describe;
            impl describe::Describe for #ident {
                const TYPE: &'static describe::Def = &#ty;
            }
        };
    })
}

fn of_struct(title: &str, fields: &Fields, input: &DeriveInput) -> syn::Result<TokenStream> {
    plain(fields)?;
    match fields {
        Fields::Named(_) => {
            let fields = field_defs(named(fields)?);
            Ok(quote!(describe::Def::Struct(#title, #fields)))
        }
        Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => {
            let def = unnamed.unnamed.iter().map(|field| def(&field.ty));
            Ok(quote!(describe::Def::Newtype(#title, #(#def)*)))
        }
        Fields::Unnamed(_) | Fields::Unit => Err(Error::new_spanned(
            &input.ident,
            "a struct that crosses the border has named fields, or exactly one unnamed field",
        )),
    }
}

fn of_variant(variant: &Variant, position: u8) -> syn::Result<TokenStream> {
    plain(&variant.fields)?;
    let title = name(&variant.ident);
    let index = index(variant, position)?;
    let fields = match &variant.fields {
        Fields::Unit => quote!(describe::FieldsDef::Unit),
        Fields::Unnamed(unnamed) => {
            let defs = unnamed.unnamed.iter().map(|field| def(&field.ty));
            quote!(describe::FieldsDef::Unnamed(&[#(#defs),*]))
        }
        Fields::Named(_) => {
            let fields = field_defs(named(&variant.fields)?);
            quote!(describe::FieldsDef::Named(#fields))
        }
    };
    Ok(quote!(describe::VariantDef { name: #title, index: #index, fields: #fields }))
}

/// The byte that SCALE uses: `#[codec(index = n)]`, else the discriminant, else the position.
fn index(variant: &Variant, position: u8) -> syn::Result<u8> {
    let mut found = None;
    for attribute in codec(&variant.attrs) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("index") {
                found = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
                Ok(())
            } else {
                Err(meta.error("only `index` is known to the schema"))
            }
        })?;
    }
    match (found, &variant.discriminant) {
        (Some(index), _) => Ok(index),
        (
            None,
            Some((
                _,
                Expr::Lit(ExprLit {
                    lit: Lit::Int(number),
                    ..
                }),
            )),
        ) => number.base10_parse(),
        (None, Some((_, other))) => Err(Error::new_spanned(other, "write the number itself")),
        (None, None) => Ok(position),
    }
}

/// Refuses `#[codec(..)]` on fields: the schema knows plain encodings only.
fn plain(fields: &Fields) -> syn::Result<()> {
    match fields.iter().find_map(|field| codec(&field.attrs).next()) {
        Some(attribute) => Err(Error::new_spanned(
            attribute,
            "the schema cannot describe this encoding: use a type that says it, such as `Compact<T>`",
        )),
        None => Ok(()),
    }
}

fn codec(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("codec"))
}
