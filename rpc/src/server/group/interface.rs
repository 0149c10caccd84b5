//! A contract's interface as people read it.

use crate::codec::TypeText;
use crate::types::{CellView, EntryPointView, FieldView, RefusalView, SchemaEventView, SchemaView};
use std::collections::BTreeMap;
use weighhouse_primitives::schema::{CellKind, EntryKind, Field, Fields, Type};
use weighhouse_runtime::reader::CodeInfo;

/// The interface, with every named type written out.
pub(super) fn schema_view(info: &CodeInfo) -> SchemaView {
    let schema = &info.schema;
    let mut types = BTreeMap::new();
    let mut fields = |fields: &[Field]| -> Vec<FieldView> {
        let view = |field: &Field| FieldView {
            name: field.name.clone(),
            ty: named(&field.ty, &mut types),
        };
        fields.iter().map(view).collect()
    };
    let errors = schema.errors.iter().map(|error| RefusalView {
        name: error.name.clone(),
        code: error.code,
        fields: fields(&error.fields),
        text: error.text.clone(),
    });
    let errors = errors.collect();
    let events = schema.events.iter().map(|event| SchemaEventView {
        name: event.name.clone(),
        fields: fields(&event.fields),
        docs: event.docs.clone(),
    });
    let events = events.collect();
    let entries = schema.entry_points.iter().map(|entry| {
        let args = entry.args.iter().map(|field| FieldView {
            name: field.name.clone(),
            ty: named(&field.ty, &mut types),
        });
        EntryPointView {
            name: entry.name.clone(),
            kind: entry_kind(entry.kind).into(),
            selector: entry.selector,
            args: args.collect(),
            returns: named(crate::codec::check_returns(entry), &mut types),
            docs: entry.docs.clone(),
        }
    });
    let entry_points = entries.collect();
    let cells = info.cells.iter().map(|cell| CellView {
        name: cell.name.clone(),
        kind: cell_kind(cell.kind).into(),
        key: named(&cell.key, &mut types),
        value: named(&cell.value, &mut types),
    });
    let cells = cells.collect();
    SchemaView {
        name: schema.name.clone(),
        version: schema.version.clone(),
        docs: schema.docs.clone(),
        entry_points,
        errors,
        events,
        cells,
        rules: info.rules.iter().map(|rule| rule.name.clone()).collect(),
        types,
    }
}

const fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Constructor => "constructor",
        EntryKind::Call => "call",
        EntryKind::Query => "query",
        EntryKind::Check => "check",
    }
}

const fn cell_kind(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Cell => "cell",
        CellKind::Const => "const",
        CellKind::Map => "map",
    }
}

/// The type's text; the named types in it go to `types`.
fn named(ty: &Type, types: &mut BTreeMap<String, String>) -> String {
    match ty {
        Type::Compact(inner)
        | Type::Option(inner)
        | Type::List(inner)
        | Type::Array(inner, _)
        | Type::Set(inner) => drop(named(inner, types)),
        Type::Map(first, second) | Type::Result(first, second) => {
            named(first, types);
            named(second, types);
        }
        Type::Tuple(members) => members.iter().for_each(|member| drop(named(member, types))),
        Type::Newtype(name, inner) => {
            let text = format!("struct {name}({})", named(inner, types));
            types.insert(name.clone(), text);
        }
        Type::Struct(name, members) => {
            let text = format!("struct {name} {}", braced(members, types));
            types.insert(name.clone(), text);
        }
        Type::Enum(name, variants) => {
            let variant = |fields: &Fields, types: &mut _| match fields {
                Fields::Unit => String::new(),
                Fields::Unnamed(members) => {
                    let members: Vec<_> = members.iter().map(|ty| named(ty, types)).collect();
                    format!("({})", members.join(", "))
                }
                Fields::Named(fields) => format!(" {}", braced(fields, types)),
            };
            let mut texts = Vec::new();
            for each in variants {
                texts.push(format!("{}{}", each.name, variant(&each.fields, types)));
            }
            types.insert(
                name.clone(),
                format!("enum {name} {{ {} }}", texts.join(", ")),
            );
        }
        _ => {}
    }
    TypeText(ty).to_string()
}

fn braced(fields: &[Field], types: &mut BTreeMap<String, String>) -> String {
    let field = |field: &Field| format!("{}: {}", field.name, named(&field.ty, types));
    let fields: Vec<String> = fields.iter().map(field).collect();
    format!("{{ {} }}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::parse_type;

    /// Goal: a named type is shown by name and written out once, in the notation that parses.
    #[test]
    fn named_types_are_written_out() {
        let text = "enum Power { Hold, Trade { limit: u128 }, Pay(u64, Address) }";
        let ty = Type::List(Box::new(parse_type(text, None).unwrap()));
        let mut types = BTreeMap::new();
        assert_eq!(named(&ty, &mut types), "Vec<Power>");
        assert_eq!(types["Power"], text);
    }
}
