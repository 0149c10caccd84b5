//! `#[storage]`: cells and declared rules.

use crate::source::{docs, name, no_generics, take};
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Fields, FieldsNamed, Ident, ItemStruct, Token, Type, parenthesized};

const RULES: [&str; 4] = ["conserve", "immutable", "monotone", "at_most"];

/// A declared rule: its text, its kind, what it names.
struct Rule {
    text: String,
    kind: u8,
    places: Vec<Place>,
}

/// `cell`, or `cell.field` of the records in it.
struct Place {
    cell: Ident,
    field: Option<Ident>,
}

impl Place {
    fn text(&self) -> String {
        match &self.field {
            Some(field) => format!("{}.{}", name(&self.cell), name(field)),
            None => name(&self.cell),
        }
    }

    fn print(&self) -> TokenStream {
        let cell = name(&self.cell);
        let field = match self.field.as_ref().map(name) {
            Some(field) => quote!(::core::option::Option::Some(#field)),
            None => quote!(::core::option::Option::None),
        };
        quote!(wh_storage::NamedPlace { cell: #cell, field: #field })
    }
}

impl Parse for Place {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let cell = input.parse()?;
        let field = match input.parse::<Option<Token![.]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self { cell, field })
    }
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new_spanned(
            attribute,
            "`#[storage]` takes nothing; rules are attributes of their own below it",
        ));
    }
    let mut input: ItemStruct = syn::parse2(item)?;
    no_generics(&input.generics)?;
    let mut rules = Vec::new();
    for attribute in take(&mut input.attrs, &RULES) {
        rules.extend(parse_rules(&attribute)?);
    }
    let ident = input.ident.clone();
    let docs = docs(&input.attrs);
    let Fields::Named(fields) = &mut input.fields else {
        return Err(Error::new_spanned(&ident, "storage has named fields"));
    };
    let Printed {
        lists,
        mut rule_lists,
        opens,
    } = print_fields(fields, &mut rules);
    let rules = rules.iter().map(|rule| {
        let (text, kind) = (&rule.text, rule.kind);
        let places = rule.places.iter().map(Place::print);
        quote!(wh_storage::NamedRule { name: #text, kind: #kind, places: &[#(#places),*] })
    });
    rule_lists.push(quote!(&[#(#rules),*]));
    Ok(quote! {
        #[derive(Debug)]
        #input

        const _: () = {
            use ::weighhouse_sdk::{entry::constant, storage as wh_storage};
            use ::weighhouse_sdk::primitives::{abi::selector, schema::describe};
            const CELL_LISTS: &[&[describe::CellDef]] = &[#(#lists),*];
            const CELLS: [describe::CellDef; constant::total(CELL_LISTS)] =
                constant::joined(CELL_LISTS, constant::NO_CELL);
            const RULE_LISTS: &[&[wh_storage::NamedRule]] = &[#(#rule_lists),*];
            const RULES: [wh_storage::NamedRule; constant::total(RULE_LISTS)] =
                constant::joined(RULE_LISTS, constant::NO_RULE);
            const _: () = constant::unique_cells(&CELLS);
            impl wh_storage::Storage for #ident {
                const CELLS: &'static [describe::CellDef] = &CELLS;
                const RULES: &'static [wh_storage::NamedRule] = &RULES;
                const DOCS: &'static str = #docs;
                fn open() -> Self {
                    Self { #(#opens),* }
                }
            }
        };
    })
}

/// What fields become: lists of cells and of rules, and expressions that open them.
#[derive(Default)]
struct Printed {
    lists: Vec<TokenStream>,
    rule_lists: Vec<TokenStream>,
    opens: Vec<TokenStream>,
}

/// Prints the fields; a `Const` adds a rule.
fn print_fields(fields: &mut FieldsNamed, rules: &mut Vec<Rule>) -> Printed {
    let mut printed = Printed::default();
    for field in &mut fields.named {
        let Some(field_ident) = field.ident.clone() else {
            continue;
        };
        let ty = &field.ty;
        if !take(&mut field.attrs, &["part"]).is_empty() {
            printed
                .lists
                .push(quote!(<#ty as wh_storage::Storage>::CELLS));
            printed
                .rule_lists
                .push(quote!(<#ty as wh_storage::Storage>::RULES));
            printed
                .opens
                .push(quote!(#field_ident: <#ty as wh_storage::Storage>::open()));
            continue;
        }
        let title = name(&field_ident);
        printed.lists.push(quote!(&[describe::CellDef {
            name: #title,
            kind: <#ty as wh_storage::Field>::KIND,
            key: <#ty as wh_storage::Field>::KEY,
            value: <#ty as wh_storage::Field>::VALUE,
        }]));
        printed.opens.push(quote! {
            #field_ident: <#ty as wh_storage::Field>::at(const { selector(#title) })
        });
        if is_const(ty) {
            rules.push(Rule {
                text: format!("immutable({title})"),
                kind: 1,
                places: vec![Place {
                    cell: field_ident,
                    field: None,
                }],
            });
        }
    }
    printed
}

fn is_const(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Const"),
        _ => false,
    }
}

fn parse_rules(attribute: &Attribute) -> syn::Result<Vec<Rule>> {
    if attribute.path().is_ident("conserve") {
        let conserve: Conserve = attribute.parse_args()?;
        let sums = conserve.maps.iter();
        let sums: Vec<String> = sums.map(|map| format!("sum({})", map.text())).collect();
        let text = format!(
            "conserve({} == {})",
            sums.join(" + "),
            conserve.total.text()
        );
        let mut places = conserve.maps;
        places.push(conserve.total);
        return Ok(vec![Rule {
            text,
            kind: 0,
            places,
        }]);
    }
    let places: Vec<Place> = attribute
        .parse_args_with(Punctuated::<Place, Token![,]>::parse_terminated)?
        .into_iter()
        .collect();
    if attribute.path().is_ident("at_most") {
        let [lower, upper] = &places[..] else {
            return Err(Error::new_spanned(
                attribute,
                "`at_most` names two numbers: the lower, then the upper",
            ));
        };
        let text = format!("at_most({}, {})", lower.text(), upper.text());
        return Ok(vec![Rule {
            text,
            kind: 3,
            places,
        }]);
    }
    let (word, kind) = if attribute.path().is_ident("immutable") {
        if places.iter().any(|place| place.field.is_some()) {
            return Err(Error::new_spanned(
                attribute,
                "`immutable` is about whole cells, not fields of records",
            ));
        }
        ("immutable", 1)
    } else {
        ("monotone", 2)
    };
    Ok(places
        .into_iter()
        .map(|place| Rule {
            text: format!("{word}({})", place.text()),
            kind,
            places: vec![place],
        })
        .collect())
}

/// `sum(map) + sum(map.field) == cell`.
struct Conserve {
    maps: Vec<Place>,
    total: Place,
}

impl Parse for Conserve {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut maps = Vec::new();
        loop {
            let sum: Ident = input.parse()?;
            if sum != "sum" {
                return Err(Error::new_spanned(
                    sum,
                    "write `sum(map) + sum(map.field) == cell`",
                ));
            }
            let content;
            parenthesized!(content in input);
            maps.push(content.parse()?);
            if input.peek(Token![+]) {
                input.parse::<Token![+]>()?;
            } else {
                break;
            }
        }
        input.parse::<Token![==]>()?;
        Ok(Self {
            maps,
            total: input.parse()?,
        })
    }
}
