//! Succession: an estate is opened, which stops the wallets of the deceased, and settled by certificate.
//!
//! Shares add up to one exactly. Tokens move what each heir gets at a message of their own.

use crate::documented;
use crate::event::{SuccessionOpened, SuccessionSettled};
use crate::storage::{Estate, Privileged, Register, Share};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{FreezeState, PartyKind, Pid, Succession, SuccessionShare};
use weighhouse_standard::{BATCH_ITEMS_MAX, Refusal, Role, bounded, fraction};

/// Who keeps estates.
const KEEPERS: [Role; 2] = [Role::Registrar, Role::Operator];

#[contract(part = Successions, events(SuccessionOpened, SuccessionSettled))]
impl Register {
    /// Opens the estate of a natural person; answers the order that stops its wallets from sending.
    #[call(check)]
    pub fn open_succession(&mut self, ctx: &Context, pid: Pid, doc: Hash) -> Result<u64, Refusal> {
        self.lifecycle.alive()?;
        documented(doc)?;
        self.require_one(ctx, &KEEPERS)?;
        let member = self.member(pid)?;
        let natural = matches!(
            member.party.kind,
            PartyKind::Natural | PartyKind::SoleTrader
        );
        ensure!(natural, Refusal::argument("pid"));
        ensure!(self.open_estate(ctx, pid).is_err(), Refusal::AlreadyExists);
        let settled = self
            .estates
            .find(&pid)
            .is_some_and(|estate| estate.cert.is_some());
        ensure!(!settled, Refusal::BadState);
        let order = self.freeze_estate(ctx, pid, doc)?;
        let estate = Estate {
            order,
            cert: None,
            shares: Vec::new(),
        };
        self.estates.set(&pid, estate);
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| SuccessionOpened {
            seq,
            pid,
            order,
            doc,
            by,
        });
        Ok(order)
    }

    /// Proposes who gets which share of an estate.
    #[call(check)]
    pub fn propose_settle_succession(
        &mut self,
        ctx: &Context,
        pid: Pid,
        shares: Vec<Share>,
        cert: Hash,
    ) -> Result<u64, Refusal> {
        self.lifecycle.alive()?;
        shapely(pid, &shares)?;
        documented(cert)?;
        self.require_one(ctx, &KEEPERS)?;
        self.settleable(ctx, pid, &shares)?;
        Ok(self.propose(ctx, Privileged::SettleSuccession { pid, shares, cert }))
    }

    /// Settles an estate as another officer proposed.
    #[call(check)]
    pub fn approve_settle_succession(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.require_one(ctx, &KEEPERS)?;
        let proposal = self.approvable(ctx, id, &KEEPERS)?;
        let Privileged::SettleSuccession { pid, shares, cert } = proposal.act.clone() else {
            return Err(Refusal::NotFound);
        };
        let estate = self.settleable(ctx, pid, &shares)?;
        proposal.in_time(ctx)?;
        self.proposals.remove(&id);
        let settled = Estate {
            cert: Some(cert),
            shares: shares.clone(),
            ..estate
        };
        self.estates.set(&pid, settled);
        let by = ctx.caller();
        self.journal.act(ctx, cert, |seq| SuccessionSettled {
            seq,
            pid,
            shares,
            cert,
            proposal: id,
            by,
        });
        Ok(())
    }

    /// The estate of a participant.
    #[query]
    pub fn succession(&self, pid: Pid) -> Option<Succession> {
        let estate = self.estates.find(&pid)?;
        let shares = estate
            .shares
            .into_iter()
            .map(|(heir, num, den)| SuccessionShare {
                heir,
                num,
                den,
                wallet: self.first_wallet(heir),
            });
        Some(Succession {
            order: estate.order,
            cert: estate.cert,
            shares: shares.collect(),
        })
    }
}

/// Shape of a list of heirs: 1 to 256, each once, none the deceased, no empty share, one in all.
fn shapely(pid: Pid, shares: &[Share]) -> Result<(), Refusal> {
    bounded(shares.len(), BATCH_ITEMS_MAX)?;
    let mut heirs: Vec<Pid> = shares.iter().map(|(heir, ..)| *heir).collect();
    heirs.sort_unstable();
    let once = heirs.is_sorted_by(|one, next| one < next);
    let valid = shares
        .iter()
        .all(|(heir, num, den)| *heir != pid && *num > 0 && *den > 0);
    ensure!(
        once && valid && !shares.is_empty(),
        Refusal::argument("shares")
    );
    Ok(())
}

impl Register {
    /// The estate that waits for its settlement: the order that opened it is still in force.
    fn open_estate(&self, ctx: &Context, pid: Pid) -> Result<Estate, Refusal> {
        let estate = self.estates.find(&pid).ok_or(Refusal::NotFound)?;
        let stopped = self
            .order_view(estate.order, ctx.now())
            .is_some_and(|view| view.state == FreezeState::Active);
        ensure!(stopped && estate.cert.is_none(), Refusal::BadState);
        Ok(estate)
    }

    fn settleable(&self, ctx: &Context, pid: Pid, shares: &[Share]) -> Result<Estate, Refusal> {
        self.member(pid)?;
        for (heir, ..) in shares {
            self.member(*heir)?;
        }
        let estate = self.open_estate(ctx, pid)?;
        let parts: Vec<(u64, u64)> = shares.iter().map(|(_, num, den)| (*num, *den)).collect();
        ensure!(fraction::make_one(&parts), Refusal::SharesMismatch);
        Ok(estate)
    }
}
