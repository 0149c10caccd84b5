//! Entry points, in parts that the `#[contract]` of the crate's root joins. What they do stands in the
//! modules of the same names.

pub(crate) mod hold;
pub(crate) mod issue;
pub(crate) mod measure;
pub(crate) mod view;

use crate::storage::Token;

weighhouse_standard::messages! { Token, documents: Issuer, pid_of: Token::person }
