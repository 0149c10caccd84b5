//! Reading entry points: which functions they are, what they take and answer.

use crate::source::{collect, docs, name, selector, take};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;
use syn::{
    Attribute, Error, FnArg, GenericArgument, Ident, Meta, Pat, PathArguments, ReturnType,
    Signature, Type,
};

const MARKERS: [&str; 3] = ["constructor", "call", "query"];

/// What an entry point may do; numbers are those of `EntryKind`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Constructor = 0,
    Call = 1,
    Query = 2,
    Check = 3,
}

/// An entry point.
pub(crate) struct Entry {
    pub(crate) ident: Ident,
    pub(crate) kind: Kind,
    /// A `check_` twin exists too.
    pub(crate) check: bool,
    /// Where in the arguments the context goes.
    pub(crate) context: Option<usize>,
    pub(crate) args: Vec<(Ident, Type)>,
    /// The type of the answer: of the `Ok` side if it can refuse.
    pub(crate) returns: Type,
    /// The error type if it can refuse.
    pub(crate) refuses: Option<Type>,
    pub(crate) docs: String,
}

impl Entry {
    pub(crate) fn name(&self) -> String {
        name(&self.ident)
    }

    pub(crate) fn check_name(&self) -> String {
        format!("check_{}", self.name())
    }

    /// The `EntryDef`s: of the function and of its twin.
    pub(crate) fn defs(&self) -> Vec<TokenStream> {
        let args = crate::source::field_defs(self.args.iter().map(|(ident, ty)| (ident, ty)));
        let returns = crate::source::def(&self.returns);
        let def = |name: String, kind: Kind, returns: TokenStream, docs: &str| {
            let kind = kind as u8;
            quote!(describe::EntryDef {
                name: #name, kind: #kind, args: #args, returns: #returns, docs: #docs,
            })
        };
        let mut defs = vec![def(self.name(), self.kind, returns, &self.docs)];
        if self.check {
            let docs = format!(
                "What `{}` would do: 0 if it would succeed, else the code of the refusal.",
                self.name()
            );
            let u16 = quote!(<u16 as describe::Describe>::TYPE);
            defs.push(def(self.check_name(), Kind::Check, u16, &docs));
        }
        defs
    }
}

/// Reads a function: `None` if it is not marked as an entry point. The markers are taken off.
pub(crate) fn read(
    attributes: &mut Vec<Attribute>,
    signature: &Signature,
) -> syn::Result<Option<Entry>> {
    let markers = take(attributes, &MARKERS);
    let marker = match &markers[..] {
        [] => return Ok(None),
        [marker] => marker,
        [_, second, ..] => {
            return Err(Error::new_spanned(second, "an entry point is of one kind"));
        }
    };
    let (kind, check) = kind(marker)?;
    if signature.asyncness.is_some() || !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(
            signature,
            "an entry point is a plain function without parameters of type",
        ));
    }
    let (context, args) = arguments(signature, kind)?;
    let (returns, refuses) = answer(&signature.output)?;
    Ok(Some(Entry {
        ident: signature.ident.clone(),
        kind,
        check,
        context,
        args,
        returns,
        refuses,
        docs: docs(attributes),
    }))
}

fn kind(marker: &Attribute) -> syn::Result<(Kind, bool)> {
    let check = match &marker.meta {
        Meta::Path(_) => false,
        Meta::List(_) if marker.path().is_ident("call") => {
            let option: Ident = marker.parse_args()?;
            if option != "check" {
                return Err(Error::new_spanned(option, "the only option is `check`"));
            }
            true
        }
        Meta::List(_) | Meta::NameValue(_) => {
            return Err(Error::new_spanned(marker, "this marker takes nothing"));
        }
    };
    let kind = if marker.path().is_ident("constructor") {
        Kind::Constructor
    } else if marker.path().is_ident("call") {
        Kind::Call
    } else {
        Kind::Query
    };
    Ok((kind, check))
}

type Arguments = (Option<usize>, Vec<(Ident, Type)>);

fn arguments(signature: &Signature, kind: Kind) -> syn::Result<Arguments> {
    let mut inputs = signature.inputs.iter();
    match inputs.next() {
        Some(FnArg::Receiver(receiver))
            if receiver.reference.is_some() && receiver.colon_token.is_none() =>
        {
            if kind == Kind::Query && receiver.mutability.is_some() {
                return Err(Error::new_spanned(receiver, "a query takes `&self`"));
            }
        }
        _ => {
            return Err(Error::new_spanned(
                &signature.ident,
                "an entry point takes `&self`, or `&mut self` to write",
            ));
        }
    }
    let mut context = None;
    let mut args = Vec::new();
    for (position, input) in inputs.enumerate() {
        let FnArg::Typed(arg) = input else {
            continue;
        };
        if is_context(&arg.ty) {
            if context.replace(position).is_some() {
                return Err(Error::new_spanned(arg, "there is one context"));
            }
            continue;
        }
        if let Type::Reference(reference) = &*arg.ty {
            return Err(Error::new_spanned(
                reference,
                "arguments come from outside and are owned: take the value, not a reference",
            ));
        }
        let Pat::Ident(pattern) = &*arg.pat else {
            return Err(Error::new_spanned(
                &arg.pat,
                "an argument has a name: the schema shows it",
            ));
        };
        args.push((pattern.ident.clone(), (*arg.ty).clone()));
    }
    Ok((context, args))
}

fn is_context(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference)
        if matches!(&*reference.elem, Type::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "Context")))
}

/// The type of the answer and, of a `Result`, of the refusal.
fn answer(output: &ReturnType) -> syn::Result<(Type, Option<Type>)> {
    let ReturnType::Type(_, ty) = output else {
        return Ok((syn::parse_quote!(()), None));
    };
    if let Type::Path(path) = &**ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
    {
        if let PathArguments::AngleBracketed(arguments) = &last.arguments
            && let [GenericArgument::Type(ok), GenericArgument::Type(error)] =
                &arguments.args.iter().collect::<Vec<_>>()[..]
        {
            return Ok((ok.clone(), Some(error.clone())));
        }
        return Err(Error::new_spanned(ty, "write both types: `Result<T, E>`"));
    }
    Ok(((**ty).clone(), None))
}

/// Refuses two entry points with one selector and two constructors.
pub(crate) fn check_unique(entries: &[Entry]) -> syn::Result<()> {
    let mut errors = None;
    let mut seen: BTreeMap<u32, String> = BTreeMap::new();
    let mut constructor = false;
    for entry in entries {
        if entry.kind == Kind::Constructor && std::mem::replace(&mut constructor, true) {
            let message = "a contract has one constructor";
            collect(&mut errors, Error::new_spanned(&entry.ident, message));
        }
        let twin = entry.check.then(|| entry.check_name());
        for name in [Some(entry.name()), twin].into_iter().flatten() {
            if let Some(other) = seen.insert(selector(&name), name.clone()) {
                let message =
                    format!("the selector of `{name}` is that of `{other}`: rename one of them");
                collect(&mut errors, Error::new_spanned(&entry.ident, message));
            }
        }
    }
    errors.map_or(Ok(()), Err)
}
