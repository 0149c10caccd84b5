//! The golden vectors and properties of the mapping.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use weighhouse_primitives::schema::{Field, Fields, Type, Variant};

const VECTORS: &str = include_str!("../../../tests/fixtures/codec/vectors.json");

fn codec() -> Codec {
    Codec::new(Prefix::new("whdev").unwrap())
}

fn vectors(part: &str) -> Vec<(Type, Value)> {
    let document: Value = serde_json::from_str(VECTORS).unwrap();
    let rows = document[part].as_array().unwrap().clone();
    let typed = |row: Value| {
        let ty = parse_type(row["type"].as_str().unwrap(), None).unwrap();
        (ty, row)
    };
    rows.into_iter().map(typed).collect()
}

fn scale(row: &Value) -> Vec<u8> {
    hex::decode(row["scale"].as_str().unwrap().trim_start_matches("0x")).unwrap()
}

/// Goal: every golden vector holds in both directions.
#[test]
fn golden_vectors_hold_both_ways() {
    for (ty, row) in vectors("both_ways") {
        let bytes = codec().encode(&ty, &row["json"], "value").unwrap();
        assert_eq!(hex::encode(bytes), hex::encode(scale(&row)), "{row}");
        let value = codec().decode(&ty, &scale(&row), "value").unwrap();
        assert_eq!(value, row["json"], "{row}");
    }
}

/// Goal: the other accepted forms mean what the table says.
#[test]
fn other_forms_are_accepted() {
    for (ty, row) in vectors("also_accepted") {
        let bytes = codec().encode(&ty, &row["json"], "value").unwrap();
        assert_eq!(hex::encode(bytes), hex::encode(scale(&row)), "{row}");
    }
}

/// Goal: everything else is refused, and the error names the place.
#[test]
fn everything_else_is_refused_with_its_path() {
    for (ty, row) in vectors("refused_json") {
        let error = codec().encode(&ty, &row["json"], "value").unwrap_err();
        let path = match &error {
            CodecError::BadArgument { path, .. }
            | CodecError::UnknownName { path, .. }
            | CodecError::Address { path, .. } => path,
        };
        assert_eq!(path, row["path"].as_str().unwrap(), "{row}: {error}");
    }
    for (ty, row) in vectors("refused_scale") {
        assert!(codec().decode(&ty, &scale(&row), "value").is_err(), "{row}");
    }
}

/// Goal: an unknown field is answered with the nearest known one.
#[test]
fn unknown_names_bring_the_nearest() {
    let ty = parse_type("struct Line { amount: u8, memo: Option<u8> }", None).unwrap();
    let error = codec()
        .encode(&ty, &json!({"amuont": 1}), "args")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "args: no field \"amuont\"; did you mean amount?"
    );
}

/// Goal: a repeated key in a free-form value is an error, not a choice.
#[test]
fn repeated_keys_are_refused() {
    assert!(StrictValue::parse(r#"{"a": 1, "b": {"c": 1, "c": 2}}"#).is_err());
    assert!(StrictValue::parse(r#"{"a": 1, "b": [{"c": 1}, {"c": 2}]}"#).is_ok());
}

/// Goal: text of a type leads back to the type, and mistakes name their column or a name like it.
#[test]
fn types_have_a_text() {
    for text in [
        "Vec<(Address, Amount)>",
        "Option<[u8; 32]>",
        "BTreeMap<u8, Result<Hash, Timestamp>>",
        "[Compact<u128>; 3]",
        "Vec<Vec<u8>>",
    ] {
        let ty = parse_type(text, None).unwrap();
        assert_eq!(TypeText(&ty).to_string(), text);
    }
    let error = parse_type("Vec<u8", None).unwrap_err();
    assert_eq!(error.to_string(), "column 7: expected '>', got the end");
    let error = parse_type("Adress", None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no type \"Adress\"; did you mean Address?"
    );
    let deep = "Option<".repeat(100_000);
    assert_eq!(parse_type(&deep, None), Err(TypeTextError::TooDeep));
}

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Unit),
        Just(Type::Bool),
        Just(Type::U8),
        Just(Type::U32),
        Just(Type::U64),
        Just(Type::U128),
        Just(Type::I8),
        Just(Type::I64),
        Just(Type::I128),
        Just(Type::String),
        Just(Type::Bytes),
        Just(Type::FixedBytes(3)),
        Just(Type::Address),
        Just(Type::Hash),
        Just(Type::Amount),
        Just(Type::Timestamp),
        Just(Type::Compact(Box::new(Type::U128))),
        Just(Type::Compact(Box::new(Type::U16))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed().prop_map(Type::Option),
            boxed().prop_map(Type::List),
            boxed().prop_map(Type::Set),
            boxed().prop_map(|ty| Type::Array(ty, 2)),
            (boxed(), boxed()).prop_map(|(key, value)| Type::Map(key, value)),
            (boxed(), boxed()).prop_map(|(ok, err)| Type::Result(ok, err)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Type::Tuple(vec![a, b])),
            boxed().prop_map(|ty| Type::Newtype("Wrap".into(), ty)),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| Type::Struct("Pair".into(), vec![field("a", a), field("b", b)])),
            (inner.clone(), inner).prop_map(|(a, b)| choice(a, b)),
        ]
    })
}

fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.into(),
        ty,
    }
}

fn choice(a: Type, b: Type) -> Type {
    let variant = |name: &str, index, fields| Variant {
        name: name.into(),
        index,
        fields,
    };
    Type::Enum(
        "Choice".into(),
        vec![
            variant("Nothing", 4, Fields::Unit),
            variant("One", 0, Fields::Unnamed(vec![a.clone()])),
            variant("Two", 9, Fields::Unnamed(vec![a, b.clone()])),
            variant("Named", 2, Fields::Named(vec![field("x", b)])),
        ],
    )
}

proptest! {
    /// Goal: bytes that decode are exactly the bytes that their JSON encodes to, for random types.
    #[test]
    fn scale_leads_back(ty in any_type(), bytes in prop::collection::vec(prop_oneof![0u8..8, any::<u8>()], 0..64)) {
        // Random bytes rarely end where the value ends, so the longest prefix that decodes is used.
        for len in 0..=bytes.len() {
            if let Ok(value) = codec().decode(&ty, &bytes[..len], "value") {
                let again = codec().encode(&ty, &value, "value").unwrap();
                prop_assert_eq!(&again, &bytes[..len]);
                let text = value.to_string();
                let reread = StrictValue::parse(&text).unwrap().0;
                prop_assert_eq!(codec().encode(&ty, &reread, "value").unwrap(), again);
            }
        }
    }

    /// Goal: amounts of any size survive both ways as text.
    #[test]
    fn amounts_survive(amount: u128, signed: i128) {
        let value = codec().decode(&Type::Amount, &amount.to_le_bytes(), "v").unwrap();
        prop_assert_eq!(&value, &json!(amount.to_string()));
        prop_assert_eq!(codec().encode(&Type::Amount, &value, "v").unwrap(), amount.to_le_bytes());
        let value = json!(signed.to_string());
        prop_assert_eq!(codec().encode(&Type::I128, &value, "v").unwrap(), signed.to_le_bytes());
    }

    /// Goal: the order of keys is that of Rust's own maps.
    #[test]
    fn order_is_that_of_rust(map: std::collections::BTreeMap<(i16, String), u8>) {
        let ty = parse_type("BTreeMap<(i16, String), u8>", None).unwrap();
        let bytes = parity_scale_codec::Encode::encode(&map);
        let value = codec().decode(&ty, &bytes, "v").unwrap();
        prop_assert_eq!(codec().encode(&ty, &value, "v").unwrap(), bytes);
    }
}
