//! Reading what the author wrote: documentation, markers, names.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Field, Fields, Generics, Ident, Lit, Meta, Type};

/// The documentation comment, without its indentation.
pub(crate) fn docs(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}

/// Takes the attributes with one of `names` out of the list.
pub(crate) fn take(attributes: &mut Vec<Attribute>, names: &[&str]) -> Vec<Attribute> {
    let (taken, left) = std::mem::take(attributes)
        .into_iter()
        .partition(|attribute| names.iter().any(|name| attribute.path().is_ident(name)));
    *attributes = left;
    taken
}

/// FNV-1a of a name: [`weighhouse_primitives::abi::selector`], which the printed code compares with.
pub(crate) fn selector(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The name without `r#`.
pub(crate) fn name(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

/// Refuses generic items: a contract's types are concrete.
pub(crate) fn no_generics(generics: &Generics) -> syn::Result<()> {
    if generics.params.is_empty() {
        Ok(())
    } else {
        Err(syn::Error::new_spanned(
            generics,
            "types that cross the border have no parameters",
        ))
    }
}

/// The definition of a type.
pub(crate) fn def(ty: &Type) -> TokenStream {
    quote!(<#ty as ::weighhouse_sdk::primitives::schema::describe::Describe>::TYPE)
}

/// `FieldDef`s of named values.
pub(crate) fn field_defs<'a>(
    fields: impl IntoIterator<Item = (&'a Ident, &'a Type)>,
) -> TokenStream {
    let fields = fields.into_iter().map(|(ident, ty)| {
        let (name, def) = (name(ident), def(ty));
        quote!(::weighhouse_sdk::primitives::schema::describe::FieldDef { name: #name, ty: #def })
    });
    quote!(&[#(#fields),*])
}

/// Names and types of named fields, or none of a unit; unnamed fields are refused.
pub(crate) fn named(fields: &Fields) -> syn::Result<Vec<(&Ident, &Type)>> {
    match fields {
        Fields::Unit => Ok(Vec::new()),
        Fields::Named(fields) => Ok(fields.named.iter().filter_map(pair).collect()),
        Fields::Unnamed(fields) => Err(syn::Error::new_spanned(
            fields,
            "name the fields: the schema shows their names",
        )),
    }
}

fn pair(field: &Field) -> Option<(&Ident, &Type)> {
    field.ident.as_ref().map(|ident| (ident, &field.ty))
}

/// Adds an error to those found so far, so that all are shown at once.
pub(crate) fn collect(errors: &mut Option<syn::Error>, error: syn::Error) {
    match errors {
        Some(first) => first.combine(error),
        None => *errors = Some(error),
    }
}
