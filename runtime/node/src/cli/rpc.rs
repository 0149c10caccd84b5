//! `weighhouse rpc`: any method, as it is.

use super::Context;
use super::remote::Remote;
use crate::output::Failure;
use serde_json::{Map, Value};
use weighhouse_rpc::api::methods;
use weighhouse_rpc::codec::StrictValue;

/// Flags of `weighhouse rpc`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Name of the method, or discover
    pub method: String,
    /// Parameters: one JSON object, or name=value (a value is JSON if it reads as such)
    #[arg(value_name = "JSON|name=value")]
    pub params: Vec<String>,
}

impl Args {
    /// Calls the method and prints its result as JSON.
    ///
    /// # Errors
    /// Parameters that are none, or the node's answer.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let params = params(&self.params)?;
        let method = match self.method.as_str() {
            "discover" => "rpc.discover",
            other => other,
        };
        if methods().any(|known| known.name == method && known.subscription.is_some()) {
            return Err(Failure::usage(format!("{method} is a subscription"))
                .help("use  event follow  or  chain blocks --follow"));
        }
        let remote = Remote::connect(context)?;
        let result = remote.run(remote.client.request_raw(method, &params))?;
        let text = serde_json::to_string_pretty(&result).unwrap_or_default();
        context.output.answer(text, &result);
        Ok(())
    }
}

fn params(words: &[String]) -> Result<Value, Failure> {
    if let [only] = words
        && only.starts_with(['{', '['])
    {
        return StrictValue::parse(only)
            .map(|value| value.0)
            .map_err(|error| {
                Failure::usage(format!("the parameters are not JSON: {error}"))
                    .help("quote the whole object for the shell")
            });
    }
    let mut object = Map::new();
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| {
            Failure::usage(format!("{word} is neither JSON nor name=value"))
                .help("write height=3, or '{\"height\":\"3\"}'")
        })?;
        let value =
            StrictValue::parse(value).map_or_else(|_| Value::String(value.into()), |value| value.0);
        if object.insert(name.into(), value).is_some() {
            return Err(Failure::usage(format!("{name} is given twice")).help("give it once"));
        }
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(words: &[&str]) -> Result<Value, Failure> {
        params(
            &words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    /// Goal: both forms of parameters are read, repeated names are refused.
    #[test]
    fn both_forms() {
        let wanted = json!({"height": 3, "detail": "txs", "limit": null});
        assert_eq!(
            read(&["height=3", "detail=txs", "limit=null"]).unwrap(),
            wanted
        );
        assert_eq!(
            read(&[r#"{"height":3,"detail":"txs","limit":null}"#]).unwrap(),
            wanted
        );
        assert_eq!(read(&[]).unwrap(), json!({}));
        for words in [&["x"][..], &["a=1", "a=2"], &["{"], &[r#"{"a":1,"a":2}"#]] {
            assert!(read(words).is_err(), "{words:?}");
        }
    }
}
