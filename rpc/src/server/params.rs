//! Parameters of a call: by name, nothing unknown, and what is wrong is named with its path.

use crate::error::{ErrorBody, code};
use crate::nearest::nearest;
use jsonrpsee::types::{ErrorObjectOwned, Params};
use serde::de::DeserializeOwned;
use serde_json::Deserializer;

/// Reads the parameters of a call.
///
/// # Errors
/// 1302 with the nearest names for an unknown name, -32602 with path, expected and got otherwise.
pub fn parse<P: DeserializeOwned>(params: &Params<'_>) -> Result<P, ErrorObjectOwned> {
    read(params.as_str().unwrap_or("{}")).map_err(to_object)
}

/// The error as the library sends it.
#[must_use]
pub fn to_object(body: ErrorBody) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(body.code, body.message, body.data)
}

pub(crate) fn read<P: DeserializeOwned>(text: &str) -> Result<P, ErrorBody> {
    let text = match text.trim() {
        "" | "[]" | "null" => "{}",
        text => text,
    };
    if text.starts_with('[') {
        let expected = "an object with the parameters by name";
        return Err(ErrorBody::params("params", expected, "an array"));
    }
    let mut deserializer = Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => "params".to_owned(),
            path => path,
        };
        explain(&path, &error.into_inner().to_string())
    })
}

/// Turns the text of a deserialisation error into typed data. Its wording is fixed by serde.
fn explain(path: &str, text: &str) -> ErrorBody {
    let text = match text.rfind(" at line ") {
        Some(cut) => &text[..cut],
        None => text,
    };
    for what in ["field", "variant"] {
        if let Some(rest) = text.strip_prefix(&format!("unknown {what} `")) {
            return unknown(path, what, rest);
        }
    }
    if let Some(name) = text.strip_prefix("missing field `") {
        let name = name.trim_end_matches('`');
        let path = match path {
            "params" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        return ErrorBody::params(&path, "a value", "nothing");
    }
    for prefix in ["invalid type: ", "invalid value: ", "invalid length "] {
        let parts = text
            .strip_prefix(prefix)
            .and_then(|rest| rest.split_once(", expected "));
        if let Some((got, expected)) = parts {
            return ErrorBody::params(path, in_json(expected), in_json(got));
        }
    }
    let (expected, got) = match text {
        // What serde_json says where a variant should stand and an object or list ends.
        "expected value" | "expected a value" => {
            ("{\"NAME\": {...}}, one name of the documented", "none")
        }
        "trailing characters" => ("the end of the parameters", "more text"),
        _ => ("a value of the documented type", text),
    };
    ErrorBody::params(path, expected, got)
}

/// Serde's words for the author of a program, as words for the author of a request.
fn in_json(words: &str) -> &str {
    match words {
        "map" => "an object",
        "sequence" => "an array",
        words if words.starts_with("struct ") => "an object with the documented fields",
        words => words,
    }
}

fn unknown(path: &str, what: &str, rest: &str) -> ErrorBody {
    let (name, known) = rest.split_once('`').unwrap_or((rest, ""));
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let near = nearest(name, known.iter().copied());
    // The path of an unknown field ends in the field itself, or in the object that holds it.
    let place = path
        .strip_suffix(name)
        .map_or(path, |parent| parent.trim_end_matches('.'));
    let place = if place.is_empty() { "params" } else { place };
    let hint = match near.as_slice() {
        [] if known.is_empty() => "; there is none to give".to_owned(),
        [] => format!("; known are {}", known.join(", ")),
        near => format!("; did you mean {}?", near.join(", ")),
    };
    ErrorBody::new(
        code::UNKNOWN_NAME,
        format!("{place}: no {what} {name:?}{hint}"),
    )
    .with("path", place)
    .with("what", what)
    .with("unknown", name)
    .with("nearest", near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::NoParams;
    use crate::api::contract::ContractQuery;
    use crate::api::tx::{TxEncode, TxSubmit};
    use serde_json::json;

    fn wrong<P: DeserializeOwned + std::fmt::Debug>(text: &str) -> ErrorBody {
        read::<P>(text).unwrap_err()
    }

    /// Goal: a misspelt optional parameter is refused with the nearest name, never ignored.
    #[test]
    fn misspelt_names_bring_the_nearest() {
        let error =
            wrong::<ContractQuery>(r#"{"address": "x", "entry_point": "y", "calller": "z"}"#);
        assert_eq!(error.code, 1302, "{error}");
        assert_eq!(error.field("nearest").unwrap(), &json!(["caller"]));
        assert_eq!(error.field("path").unwrap(), "params");
        assert_eq!(wrong::<NoParams>(r#"{"x": 1}"#).code, 1302);
        let error = wrong::<NoParams>("5");
        assert_eq!(
            error.field("expected").unwrap(),
            "an object with the documented fields"
        );
        let error = wrong::<TxEncode>(r#"{"from": "a", "action": {}}"#);
        assert!(error.message.contains("one name"), "{error}");
    }

    /// Goal: a wrong type names its path, what was expected and what was there.
    #[test]
    fn wrong_types_name_their_path() {
        let error = wrong::<ContractQuery>(r#"{"address": "x", "entry_point": 7}"#);
        assert_eq!(
            (error.code, error.field("path").unwrap()),
            (-32602, &json!("entry_point"))
        );
        let error = wrong::<TxSubmit>(r#"{"tx": "beef"}"#);
        assert_eq!(
            error.field("expected").unwrap(),
            "bytes as 0x and an even number of hex digits"
        );
        assert_eq!(error.field("got").unwrap(), "string \"beef\"");
        let error = wrong::<TxEncode>(
            r#"{"from": "a", "action": {"call": {"contract": "c", "entry_pont": "t"}}}"#,
        );
        assert_eq!(
            (error.code, error.field("nearest").unwrap()),
            (1302, &json!(["entry_point"]))
        );
        assert_eq!(error.field("path").unwrap(), "action.call");
        let error = wrong::<TxEncode>(r#"{"from": "a", "action": {"pay": {}}}"#);
        assert_eq!(error.code, 1302, "{error}");
    }

    /// Goal: what is missing, repeated, positional or not JSON is refused with its place.
    #[test]
    fn other_mistakes_are_named() {
        let error = wrong::<TxSubmit>("{}");
        assert_eq!(
            (error.code, error.field("path").unwrap()),
            (-32602, &json!("tx"))
        );
        assert_eq!(wrong::<TxSubmit>(r#"["0x"]"#).code, -32602);
        assert_eq!(
            wrong::<TxSubmit>(r#"{"tx": "0x", "tx": "0x00"}"#).code,
            -32602
        );
        let twice = r#"{"address": "x", "entry_point": "y", "args": {"a": 1, "a": 2}}"#;
        assert_eq!(wrong::<ContractQuery>(twice).code, -32602);
        assert!(read::<NoParams>("").is_ok() && read::<NoParams>("[]").is_ok());
    }
}
