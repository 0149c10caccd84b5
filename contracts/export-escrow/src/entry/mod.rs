//! Entry points, in parts that the `#[contract]` of the crate's root joins. What they do stands in the
//! modules of their acts.

pub(crate) mod office;
pub(crate) mod presentation;
pub(crate) mod settlement;
pub(crate) mod view;

use crate::storage::Escrow;

weighhouse_standard::messages! { Escrow, documents: Operator, pid_of: Escrow::person }
weighhouse_standard::membership! { Escrow }
