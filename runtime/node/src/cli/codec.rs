//! `weighhouse codec`: JSON to SCALE and back, without a node.

use super::place::module;
use super::{Context, place, report};
use crate::output::Failure;
use serde_json::{Value, json};
use weighhouse_primitives::schema::{Schema, Type};
use weighhouse_rpc::address::{PREFIX_DEVELOPMENT, PREFIX_PRODUCTION, Prefix};
use weighhouse_rpc::codec::{Codec, StrictValue, TypeTextError, parse_type};
use weighhouse_rpc::types::Hex;

/// Verbs of `weighhouse codec`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Encode a JSON value:  codec encode '(u16, bool)' '[500, true]'
    Encode {
        /// The type, as in Rust or by its name in --schema
        #[arg(value_name = "TYPE")]
        ty: String,
        /// The value as JSON; a bare word is a string
        #[arg(allow_hyphen_values = true)]
        value: String,
        /// How types and addresses are read
        #[command(flatten)]
        options: Options,
    },
    /// Decode bytes:  codec decode '(u16, bool)' 0xf40101
    Decode {
        /// The type, as in Rust or by its name in --schema
        #[arg(value_name = "TYPE")]
        ty: String,
        /// The bytes: 0x hex
        bytes: Hex,
        /// How types and addresses are read
        #[command(flatten)]
        options: Options,
    },
}

/// How types and addresses are read.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Module whose types can be named: a .wasm file or a contract of the library
    #[arg(long, value_name = "MODULE")]
    schema: Option<String>,
    /// Prefix of addresses
    #[arg(long, default_value = PREFIX_PRODUCTION, value_parser = [PREFIX_PRODUCTION, PREFIX_DEVELOPMENT])]
    prefix: String,
}

impl Options {
    fn read(&self, ty: &str) -> Result<(Codec, Type), Failure> {
        let prefix = Prefix::new(&self.prefix).ok_or_else(|| {
            Failure::usage(format!("{} is no prefix", self.prefix)).help("write wh or whdev")
        })?;
        let schema: Option<Schema> = match &self.schema {
            Some(text) => {
                let module =
                    module(text)?.ok_or_else(|| place::unknown(text, "there is no such file"))?;
                Some(module.interface.schema)
            }
            None => None,
        };
        let ty = parse_type(ty, schema.as_ref()).map_err(|error| {
            let help = match &error {
                TypeTextError::UnknownName { .. } if schema.is_none() => {
                    "types of a contract need --schema MODULE"
                }
                _ => "write a type such as u128, Vec<(Address, Amount)> or Option<[u8; 32]>",
            };
            Failure::answered(1301, "bad_argument", format!("not a type: {error}")).help(help)
        })?;
        Ok((Codec::new(prefix), ty))
    }
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// A type, value or bytes that do not fit each other.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Encode { ty, value, options } => {
                let (codec, ty) = options.read(&ty)?;
                let value =
                    StrictValue::parse(&value).map_or(Value::String(value), |value| value.0);
                let bytes = Hex(codec.encode(&ty, &value, "value")?);
                context
                    .output
                    .answer(bytes.to_string(), &json!({ "bytes": bytes }));
            }
            Self::Decode { ty, bytes, options } => {
                let (codec, ty) = options.read(&ty)?;
                let value = codec.decode(&ty, &bytes.0, "value")?;
                let text = match &value {
                    Value::Null => "null".into(),
                    other => report::plain(other),
                };
                context.output.answer(text, &json!({ "value": value }));
            }
        }
        Ok(())
    }
}
