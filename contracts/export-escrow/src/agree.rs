//! Seats at the table, and what several of them have to agree on.
//!
//! A participant has every seat that the credit gives it. Agreement is on one content, word for word:
//! whoever says something else begins anew.

use crate::credit::Credit;
use crate::storage::{Agreement, Escrow};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::Pid;

/// The importer.
pub(crate) const APPLICANT: u8 = 1;
/// The exporter.
pub(crate) const BENEFICIARY: u8 = 2;
/// The bank that is bound, or its agent.
pub(crate) const ISSUING: u8 = 4;
/// The bank that added its own undertaking.
pub(crate) const CONFIRMING: u8 = 8;
/// To whom a part was passed on.
pub(crate) const SECOND: u8 = 16;

/// What is agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Cancel = 0,
    Transfer = 1,
    Fx = 2,
}

impl Credit {
    /// The seats of a participant.
    pub(crate) fn seats(&self, pid: Pid) -> u8 {
        let parties = &self.parties;
        let confirming = parties.confirming.filter(|_| self.confirmed);
        let second = self.transferred.map(|transferred| transferred.second);
        let seats = [
            (Some(parties.applicant), APPLICANT),
            (Some(parties.beneficiary), BENEFICIARY),
            (Some(parties.issuing), ISSUING),
            (confirming, CONFIRMING),
            (second, SECOND),
        ];
        seats
            .into_iter()
            .filter(|(party, _)| party.is_some_and(|party| party.pid == pid))
            .fold(0, |bits, (_, bit)| bits | bit)
    }

    /// Those who have to accept what changes the credit, the issuing bank aside.
    pub(crate) const fn protected(&self) -> u8 {
        let confirming = if self.confirmed { CONFIRMING } else { 0 };
        let second = if self.transferred.is_some() {
            SECOND
        } else {
            0
        };
        BENEFICIARY | confirming | second
    }
}

impl Escrow {
    /// Refuses a caller without one of these seats; answers those of them that it has.
    pub(crate) fn seated(&self, ctx: &Context, credit: &Credit, seats: u8) -> Result<u8, Refused> {
        let has = credit.seats(self.caller(ctx)?) & seats;
        ensure!(has != 0, Refusal::not_party());
        Ok(has)
    }

    /// Enters the caller's agreement; true once all have agreed, and it is forgotten.
    pub(crate) fn agree(
        &mut self,
        (lc, subject): (u64, Subject),
        content: Hash,
        required: u8,
        seats: u8,
    ) -> Result<bool, Refused> {
        let key = (lc, subject as u8);
        let before = self
            .agreements
            .find(&key)
            .filter(|agreement| agreement.content == content)
            .map_or(0, |agreement| agreement.agreed);
        let agreed = before | (seats & required);
        ensure!(agreed != before, Refusal::AlreadyExists);
        if agreed == required {
            self.agreements.remove(&key);
            return Ok(true);
        }
        self.agreements.set(&key, Agreement { content, agreed });
        Ok(false)
    }
}
