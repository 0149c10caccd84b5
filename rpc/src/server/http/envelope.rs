//! What is no JSON-RPC request at all: the library says so in two words, a reader is told where and why.
//!
//! Only the library's own refusals are looked at: they are short and have no data. Every other answer
//! passes unread.

use crate::error::{ErrorBody, code};
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes};
use jsonrpsee::server::{HttpBody, HttpResponse};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// Most bytes of a refusal of the library; a result that is as short passes for its `result`.
const REFUSAL_BYTES_MAX: u64 = 256;

/// Code of the library for a batch that is too large.
const BATCH_TOO_LARGE: i64 = -32_010;

/// The answer, with a refusal of the library explained by the request that it answers.
pub(super) async fn explained(response: HttpResponse, request: &Bytes) -> HttpResponse {
    let short = |bytes: u64| bytes <= REFUSAL_BYTES_MAX;
    if !response.body().size_hint().upper().is_some_and(short) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        return Response::from_parts(parts, HttpBody::empty());
    };
    let body = body.to_bytes();
    let body = match explanation(&body, request) {
        Some(text) => {
            parts.headers.remove(http::header::CONTENT_LENGTH);
            Bytes::from(text)
        }
        None => body,
    };
    Response::from_parts(parts, HttpBody::new(Full::new(body)))
}

fn explanation(answer: &[u8], request: &[u8]) -> Option<String> {
    // Results, most of the answers, are passed on without reading them.
    const ERROR: &[u8] = b"\"error\"";
    if !answer.windows(ERROR.len()).any(|part| part == ERROR) {
        return None;
    }
    let mut answer: Value = serde_json::from_slice(answer).ok()?;
    let error = answer.get("error")?;
    let said = error.get("code")?.as_i64()?;
    let batch = said == BATCH_TOO_LARGE;
    let own = i64::from(code::PARSE) == said || i64::from(code::REQUEST) == said;
    if !batch && (!own || error.get("data").is_some()) {
        return None;
    }
    let body = match serde_json::from_slice::<IgnoredAny>(request) {
        Err(error) => ErrorBody::new(code::PARSE, format!("the request is not JSON: {error}")),
        Ok(_) if batch => {
            let limit = error
                .get("data")
                .and_then(Value::as_str)
                .unwrap_or_default();
            ErrorBody::new(code::REQUEST, format!("the batch is too large: {limit}"))
        }
        Ok(_) => ErrorBody::new(code::REQUEST, wrong_with(request)),
    };
    if batch {
        // The library's code stands: clients know it.
        let mut kept = json!(body);
        kept["code"] = said.into();
        answer["error"] = kept;
    } else {
        answer["error"] = json!(body);
    }
    Some(answer.to_string())
}

/// What keeps JSON from being a request.
fn wrong_with(request: &[u8]) -> String {
    // Without its parameters a request is small; a deep or large one is not read again.
    let request = serde_json::from_slice::<Value>(request).unwrap_or(Value::Null);
    let why = match &request {
        Value::Array(calls) if calls.is_empty() => "the batch is empty",
        Value::Object(fields) => match (fields.get("jsonrpc"), fields.get("method")) {
            (_, None) => "there is no \"method\"",
            (_, Some(method)) if !method.is_string() => "\"method\" is not text",
            (Some(Value::String(version)), _) if version == "2.0" => {
                "\"id\" must be a number or text, \"params\" an object"
            }
            _ => "\"jsonrpc\" must be \"2.0\"",
        },
        _ => "it is neither an object nor an array of objects",
    };
    format!("this is no JSON-RPC 2.0 request: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: whoever sends what is no request is told where it breaks and what is missing.
    #[test]
    fn refusals_of_the_library_are_explained() {
        let parse =
            br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#;
        let said = |request: &str| -> Value {
            let text = explanation(parse, request.as_bytes()).expect("explained");
            serde_json::from_str(&text).expect("JSON")
        };
        for (request, number, words) in [
            ("{", -32700, "line 1 column 1"),
            ("{}", -32600, "method"),
            ("5", -32600, "neither an object"),
            ("[]", -32600, "empty"),
            (r#"{"method":7}"#, -32600, "not text"),
            (r#"{"method":"x","jsonrpc":"1.0"}"#, -32600, "2.0"),
        ] {
            let answer = said(request);
            let error = &answer["error"];
            assert_eq!(error["code"], number, "{request}: {answer}");
            let message = error["message"].as_str().unwrap_or_default();
            assert!(message.contains(words), "{request}: {message}");
            assert!(error["data"]["hint"].is_string());
        }
        let batch = br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32010,"message":"x","data":"Exceeded max limit of 50"}}"#;
        let answer = explanation(batch, b"[]").expect("explained");
        assert!(answer.contains("-32010") && answer.contains("limit of 50"));
        for passes in [
            &br#"{"jsonrpc":"2.0","id":1,"result":1}"#[..],
            br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"x","data":{}}}"#,
            br#"{"jsonrpc":"2.0","id":1,"error":{"code":1201,"message":"x"}}"#,
            b"null",
        ] {
            assert_eq!(explanation(passes, b"{}"), None);
        }
    }
}
