//! The signatures of the host functions, read from the one table of them.

use super::error::CodeError;
use wasmparser::{FuncType, Import, TypeRef, ValType};
use weighhouse_primitives::abi::IMPORT_MODULE;
use weighhouse_primitives::for_each_host_function;

/// Name, parameters and result of a host function.
type Signature = (&'static str, &'static [ValType], Option<ValType>);

macro_rules! wasm_type {
    (u32) => {
        ValType::I32
    };
    (i64) => {
        ValType::I64
    };
}

macro_rules! result_type {
    () => {
        None
    };
    ($ty:tt) => {
        Some(wasm_type!($ty))
    };
}

macro_rules! signatures {
    ($(
        $(#[$doc:meta])*
        $group:ident :: $name:ident ( $($arg:ident : $ty:tt),* ) $(-> $result:tt)?,
            gas $base:literal $(+ $per:literal * ( $($length:ident),* ))? ;
    )*) => {
        const SIGNATURES: &[Signature] = &[
            $((stringify!($name), &[$(wasm_type!($ty)),*], result_type!($($result)?)),)*
        ];
    };
}

for_each_host_function!(signatures);

/// Checks one import against the table; `types` are the module's function types.
///
/// # Errors
/// `CodeError` if the host has no such function, or one of another type.
pub(super) fn check(import: &Import<'_>, types: &[FuncType]) -> Result<(), CodeError> {
    let unknown = || CodeError::UnknownImport {
        module: import.module.to_owned(),
        name: import.name.to_owned(),
    };
    // Invariant DET-3: no import outside the table.
    if import.module != IMPORT_MODULE {
        return Err(unknown());
    }
    let (name, params, result) = SIGNATURES
        .iter()
        .find(|(name, ..)| *name == import.name)
        .ok_or_else(unknown)?;
    let matches = match import.ty {
        TypeRef::Func(index) => usize::try_from(index)
            .ok()
            .and_then(|index| types.get(index))
            .is_some_and(|ty| ty.params() == *params && ty.results() == result.as_slice()),
        _ => false,
    };
    if matches {
        Ok(())
    } else {
        Err(CodeError::ImportSignature {
            name: (*name).to_owned(),
            expected: display(params, *result),
        })
    }
}

fn display(params: &[ValType], result: Option<ValType>) -> String {
    let params: Vec<String> = params.iter().map(ToString::to_string).collect();
    let result = result.map_or_else(|| "nothing".to_owned(), |ty| ty.to_string());
    format!("({}) -> {result}", params.join(", "))
}
