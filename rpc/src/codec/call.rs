//! Calls, answers, errors and events of a contract, by its schema.

use super::{Codec, CodecError};
use crate::nearest::nearest;
use serde_json::Value;
use weighhouse_primitives::schema::{EntryKind, EntryPoint, Field, Schema, Type};

/// A decoded thing with the name that the schema gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Name of the entry point, error or event.
    pub name: String,
    /// Its arguments or fields, as an object.
    pub value: Value,
}

/// What an entry point answers: a check answers the error code of its call, 0 for success.
#[must_use]
pub fn check_returns(entry: &EntryPoint) -> &Type {
    match entry.kind {
        EntryKind::Check => &Type::U16,
        EntryKind::Constructor | EntryKind::Call | EntryKind::Query => &entry.returns,
    }
}

impl Codec {
    /// Encodes the input of a call: `selector || SCALE(arguments)`, arguments by name.
    ///
    /// # Errors
    /// [`CodecError::UnknownName`] for an entry point or argument the schema does not know, with the
    /// nearest; otherwise as [`Codec::encode`], with paths that start with `args`.
    pub fn encode_call(
        &self,
        schema: &Schema,
        entry_point: &str,
        args: &Value,
    ) -> Result<Vec<u8>, CodecError> {
        let entry = self.entry_point(schema, entry_point)?;
        let mut input = entry.selector.to_le_bytes().to_vec();
        input.extend(self.encode_fields(&entry.args, args, "args")?);
        Ok(input)
    }

    /// The entry point of this name.
    ///
    /// # Errors
    /// [`CodecError::UnknownName`] with the nearest.
    pub fn entry_point<'s>(
        &self,
        schema: &'s Schema,
        name: &str,
    ) -> Result<&'s EntryPoint, CodecError> {
        let names = schema.entry_points.iter().map(|entry| entry.name.as_str());
        schema
            .entry_point(name)
            .ok_or_else(|| unknown("entry point", "entry_point", name, names))
    }

    /// Decodes the input of a call; `None` if no entry point has its selector or the arguments do
    /// not decode.
    #[must_use]
    pub fn decode_call(&self, schema: &Schema, input: &[u8]) -> Option<Named> {
        let (selector, args) = input.split_first_chunk::<4>()?;
        let selector = u32::from_le_bytes(*selector);
        let mut entries = schema.entry_points.iter();
        let entry = entries.find(|entry| entry.selector == selector)?;
        self.named(&entry.name, &entry.args, args, "args")
    }

    /// Decodes what an entry point answered.
    ///
    /// # Errors
    /// As [`Codec::entry_point`] and [`Codec::decode`].
    pub fn decode_return(
        &self,
        schema: &Schema,
        entry_point: &str,
        data: &[u8],
    ) -> Result<Value, CodecError> {
        let entry = self.entry_point(schema, entry_point)?;
        self.decode(check_returns(entry), data, "return")
    }

    /// Decodes an event; `None` if the schema does not know its kind or the fields do not decode.
    #[must_use]
    pub fn decode_event(&self, schema: &Schema, kind: u32, data: &[u8]) -> Option<Named> {
        let event = schema.event(kind)?;
        self.named(&event.name, &event.fields, data, "event")
    }

    /// Decodes a refusal; `None` if the schema does not know its code or the fields do not decode.
    #[must_use]
    pub fn decode_error(&self, schema: &Schema, code: u16, data: &[u8]) -> Option<Named> {
        let error = schema.error(code)?;
        self.named(&error.name, &error.fields, data, "error")
    }

    fn named(&self, name: &str, fields: &[Field], data: &[u8], root: &str) -> Option<Named> {
        let value = self.decode_fields(fields, data, root).ok()?;
        Some(Named {
            name: name.into(),
            value,
        })
    }
}

pub(crate) fn unknown<'n>(
    what: &'static str,
    path: &str,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> CodecError {
    CodecError::UnknownName {
        path: path.into(),
        what,
        name: name.chars().take(80).collect(),
        nearest: nearest(name, known),
    }
}
