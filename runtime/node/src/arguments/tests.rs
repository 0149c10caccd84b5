//! Words become the values that the schema asks for, and nothing else.

use super::*;
use serde_json::json;
use weighhouse_primitives::schema::Variant;

fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.into(),
        ty,
    }
}

fn fields() -> Vec<Field> {
    vec![
        field("to", Type::Address),
        field("amount", Type::Amount),
        field("memo", Type::Option(Type::String.into())),
    ]
}

fn resolve(name: &str) -> Result<String, String> {
    match name {
        "bob" => Ok("whdev1bob".into()),
        _ => Err(format!("no name {name}")),
    }
}

fn words(line: &str, fields: &[Field]) -> Result<Value, ArgumentError> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let meaning = Meaning {
        address: &resolve,
        unit: Some(Unit {
            symbol: "INV7".into(),
            decimals: 2,
        }),
    };
    parse(&words, fields, &meaning).map(Value::Object)
}

/// Goal: flags in any order and spelling give the object the codec wants.
#[test]
fn flags_become_an_object() {
    let wanted = json!({"to": "whdev1bob", "amount": "1050", "memo": null});
    for line in [
        "--to bob --amount 10.50INV7",
        "--amount=1050 --to=bob",
        "--memo null --amount 1_050 --to bob",
        r#"{"to":"bob","amount":"10.50INV7","memo":null}"#,
    ] {
        assert_eq!(words(line, &fields()).unwrap(), wanted, "{line}");
    }
    let dashed = [field("terms_hash", Type::String)];
    assert_eq!(
        words("--terms-hash x", &dashed).unwrap(),
        json!({"terms_hash": "x"})
    );
}

/// Goal: every mistake names the flag, and the help says what to do.
#[test]
fn mistakes_are_named() {
    for (line, what, help) in [
        (
            "--amuont 5 --to bob",
            "no argument --amuont",
            "did you mean amount?",
        ),
        ("--to bob", "--amount is missing", "add --amount <Amount>"),
        (
            "--to bob --to bob --amount 1",
            "--to is given more than once",
            "give it once",
        ),
        (
            "--to --amount 1",
            "--to has no value",
            "write --to <Address>",
        ),
        (
            "bob",
            "\"bob\" does not belong to an argument",
            "name every argument, for example --to VALUE",
        ),
        (
            "--to bob --amount 10.505INV7",
            "--amount 10.505INV7 has 3 decimals, INV7 has 2",
            "write 10.50INV7, or 1050 for base units",
        ),
    ] {
        let error = words(line, &fields()).unwrap_err();
        assert_eq!(error.what, what, "{line}");
        assert_eq!(error.help.as_deref(), Some(help), "{line}");
    }
    let error = words("--to carol --amount 1", &fields()).unwrap_err();
    assert_eq!(error.what, "--to: no name carol");
}

/// Goal: lists by repetition or JSON, names inside JSON, variants, booleans and times.
#[test]
fn types_decide() {
    let line = Type::Tuple(vec![Type::Address, Type::Amount]);
    let list = [field("lines", Type::List(line.into()))];
    let wanted = json!({"lines": [["whdev1bob", "100"]]});
    assert_eq!(
        words(r#"--lines [["bob","1INV7"]]"#, &list).unwrap(),
        wanted
    );
    let names = [field("names", Type::List(Type::String.into()))];
    assert_eq!(
        words("--names a --names b", &names).unwrap(),
        json!({"names": ["a", "b"]})
    );
    let variants = vec![Variant {
        name: "Dfa".into(),
        index: 0,
        fields: Fields::Unit,
    }];
    let kind = [field("kind", Type::Enum("Kind".into(), variants))];
    assert_eq!(words("--kind Dfa", &kind).unwrap(), json!({"kind": "Dfa"}));
    let error = words("--kind Dfs", &kind).unwrap_err();
    assert_eq!(error.help.as_deref(), Some("did you mean Dfa?"));
    let flag = [field("on", Type::Bool)];
    assert_eq!(words("--on", &flag).unwrap(), json!({"on": true}));
    let time = [field("until", Type::Timestamp)];
    assert_eq!(
        words("--until 1970-01-02T00:00:00Z", &time).unwrap(),
        json!({"until": "86400"})
    );
}

/// Goal: a file stands for its bytes or its hash.
#[test]
fn files_stand_for_their_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terms");
    std::fs::write(&path, b"abc").unwrap();
    let line = format!("--doc @{}", path.display());
    let bytes = [field("doc", Type::Bytes)];
    assert_eq!(words(&line, &bytes).unwrap(), json!({"doc": "0x616263"}));
    let hash = [field("doc", Type::Hash)];
    let wanted = Hash::of(b"abc").to_string();
    assert_eq!(words(&line, &hash).unwrap(), json!({ "doc": wanted }));
    assert!(words("--doc @/nowhere", &bytes).is_err());
}
