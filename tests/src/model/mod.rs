//! The contracts of settlement once more, as plain structs and maps, written from the specification.
//!
//! What a contract answers and keeps is compared with what stands here. So nothing here comes from the
//! contracts: no type, no function, not even the error codes. One folder per contract, one function per
//! message, in it the checks in the order of the specification.
//!
//! # Covered
//! - Everywhere: `pause unpause deactivate grant_role revoke_role renounce_role propose_admin accept_admin
//!   cancel_admin`.
//! - C1: `register approve set_qualification record_screening propose_clear_hit approve_clear_hit suspend
//!   propose_reinstate approve_reinstate close add_wallet accept_wallet lock_wallet propose_recover_wallet
//!   approve_recover_wallet grant_authorisation suspend_authorisation revoke_authorisation order_freeze
//!   lift_freeze open_succession propose_settle_succession approve_settle_succession directive lift_directive
//!   register_trade record_trade_screening close_trade set_rules preclear decline limit_reserve limit_commit
//!   limit_release`, and what the other contracts call: `admit_move admit_licensed explain_move check_move
//!   serve_order`; of views `limit_use`.
//! - C2: `transfer transfer_for transfer_from batch_transfer approve permit mint propose_mint approve_mint burn
//!   create_hold create_hold_from execute_hold execute_hold_licensed burn_hold release_hold reclaim_hold
//!   consent_renewal renew_hold propose_void_hold approve_void_hold forced_transfer forced_burn recover
//!   succession_transfer apply_ratio announce_record_date open_nominee file_owners`, mined sales, and history
//!   (`balance_of_at supply_at`).
//! - C3: `create_object apply consent withdraw reject propose_register approve_register arrest lift forced_transfer
//!   grant_use sublicense revoke_use reclaim issue_utility claim_performance confirm_performance
//!   dispute_performance resolve_performance issue_record endorse surrender to_paper from_paper pledge_control
//!   return_control`, all requests, and history (`as_at`).
//! - C4: `join define_calendar apply issue advise confirm add_hold propose_amend accept_amend reject_amend present
//!   complete examine refuse ask_waiver give_waiver accept_waiver suspend_corrupt represent stop_clock
//!   assign_agent honour honour_confirming reimburse waive_reimbursement release_milestone protest
//!   transfer_credit assign_proceeds set_fx file_licence propose_release_under_licence
//!   approve_release_under_licence open_dispute award return_documents return_record cancel expire`: at
//!   sight, deferred, milestones, instalments, bills of lading, conditions, holidays, payment in another unit.
//!
//! # Not covered
//! - Everywhere: documents, audit, events, the answers of views that compare nothing.
//! - C2: tokens that lack a capability; a split that takes several calls.
//! - C3: the host's own rules, which the contract answers for.
//!
//! A refused message changes nothing: [`Model::act`] works on a copy. That is the whole of atomicity here.

pub mod cast;
pub mod code;
pub mod escrow;
pub mod life;
pub mod message;
pub mod outside;
pub mod register;
pub mod rights;
pub mod token;

pub use message::Message;

use cast::Who;
use code::{Code, NOT_FOUND};
use std::collections::BTreeMap;

/// Units of the token.
pub type Units = u128;
/// Seconds, from the beginning of a story.
pub type Seconds = u64;

/// What a message that succeeds answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// The number of what was made.
    Number(u64),
    /// Whether all is done.
    Whole(bool),
}

/// All contracts, and the time.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Time of the block.
    pub now: Seconds,
    /// Second 0 of the story, since 1970: where a year begins.
    pub start: Seconds,
    /// Addresses in their order, as far as anything hangs on it.
    pub ranks: BTreeMap<Who, usize>,
    /// The register, if there is one.
    pub register: Option<register::Register>,
    /// The token.
    pub token: token::Token,
    /// Another token, if there is one.
    pub other: Option<token::Token>,
    /// The escrow, if there is one.
    pub escrow: Option<escrow::Escrow>,
    /// The registry of rights, if there is one.
    pub rights: Option<rights::Rights>,
    /// What is known from outside.
    pub outside: outside::Outside,
}

impl Model {
    /// What a message of `by` ends with now. A refusal changes nothing.
    ///
    /// # Errors
    /// The code of the refusal.
    pub fn act(&mut self, by: Who, message: &Message) -> Result<Answer, Code> {
        let mut after = self.clone();
        let answer = message.perform(&mut after, by)?;
        after.token.remember(self.now);
        if let Some(other) = after.other.as_mut() {
            other.remember(self.now);
        }
        *self = after;
        Ok(answer)
    }

    /// A token.
    #[must_use]
    pub fn token_at(&self, token: Who) -> Option<&token::Token> {
        let both = [Some(&self.token), self.other.as_ref()];
        both.into_iter().flatten().find(|one| one.at == token)
    }

    /// Acts with this token as the token of the model.
    fn with_token<T>(
        &mut self,
        token: Who,
        act: impl FnOnce(&mut Self) -> Result<T, Code>,
    ) -> Result<T, Code> {
        if self.token.at == token {
            return act(self);
        }
        let other = self.other.take().filter(|other| other.at == token);
        let first = std::mem::replace(&mut self.token, other.ok_or(NOT_FOUND)?);
        self.other = Some(first);
        let outcome = act(self);
        if let Some(first) = self.other.take() {
            self.other = Some(std::mem::replace(&mut self.token, first));
        }
        outcome
    }

    /// The same model, with the other token as its token.
    #[must_use]
    pub fn of_other(&self) -> Option<Self> {
        let mut turned = self.clone();
        let other = turned.other.take()?;
        turned.other = Some(std::mem::replace(&mut turned.token, other));
        Some(turned)
    }

    /// Runs a message of the register.
    fn in_register<T>(
        &mut self,
        act: impl FnOnce(&mut register::Register) -> Result<T, Code>,
    ) -> Result<T, Code> {
        act(self.register.as_mut().ok_or(NOT_FOUND)?)
    }
}
