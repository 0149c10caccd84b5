//! Trade contracts: the budget under which foreign-trade units move.
//!
//! A bank with currency control registers them; what is paid and funded under them the register books as
//! tokens move. Invariant I5: what is settled never exceeds the amount, checked by the host as well.

use crate::documented;
use crate::event::{TradeClosed, TradeRegistered, TradeScreened};
use crate::standing::{Holder, lower, sending_code};
use crate::storage::Register;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    AuthorisationKind, Currency, Pid, Rule, Screening, ScreeningResult, Side, Trade, TradeRef,
    TradeState, Why,
};
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, Role, bounded};

#[contract(part = Trades, events(TradeRegistered, TradeScreened, TradeClosed))]
impl Register {
    /// Registers a trade contract between a resident and a non-resident; an authorised institution's.
    #[call(check)]
    pub fn register_trade(
        &mut self,
        ctx: &Context,
        trade_ref: TradeRef,
        exporter: Pid,
        importer: Pid,
        amount: Amount,
        currency: Currency,
        hs_code: String,
        doc: Hash,
        until: Timestamp,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(trade_ref != Hash::ZERO, Refusal::argument("trade_ref"));
        let letters = currency.0.iter().all(u8::is_ascii_uppercase);
        ensure!(letters, Refusal::argument("currency"));
        let digits = !hs_code.is_empty() && hs_code.bytes().all(|byte| byte.is_ascii_digit());
        ensure!(digits, Refusal::argument("hs_code"));
        ensure!(until > ctx.now(), Refusal::argument("until"));
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        bounded(hs_code.len(), NAME_BYTES_MAX)?;
        documented(doc)?;
        let bank = self.acting_as(ctx, &[AuthorisationKind::AuthorisedInstitution])?;
        let (seller, buyer) = (self.member(exporter)?, self.member(importer)?);
        ensure!(!self.trades.contains(&trade_ref), Refusal::AlreadyExists);
        ensure!(!self.trade_docs.contains(&doc), Refusal::DuplicateDocument);
        self.partners(ctx, exporter, importer)?;
        let why = Why {
            side: Side::Any,
            rule: Rule::RingFence,
        };
        ensure!(
            seller.party.residency != buyer.party.residency,
            Refusal::RingFence { why }
        );
        let trade = Trade {
            exporter,
            importer,
            amount,
            settled: Amount::ZERO,
            currency,
            hs_code: hs_code.clone(),
            doc,
            until,
            funded: Amount::ZERO,
            bank,
            state: TradeState::Open,
            screening: None,
        };
        self.trades.set(&trade_ref, trade);
        self.trade_docs.set(&doc, trade_ref);
        let seq = self.journal.next_seq();
        ctx.emit(TradeRegistered {
            seq,
            trade_ref,
            exporter,
            importer,
            amount,
            currency,
            hs_code,
            doc,
            until,
            bank,
        });
        Ok(())
    }

    /// Enters a screening of the goods and routes of a trade. A hit stops payments under it; only a
    /// later version of a list clears it.
    #[call(check)]
    pub fn record_trade_screening(
        &mut self,
        ctx: &Context,
        trade_ref: TradeRef,
        list_id: u32,
        list_version: u64,
        result: ScreeningResult,
        evidence: Hash,
    ) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        documented(evidence)?;
        self.roles.require(ctx, Role::Screener)?;
        let mut trade = self.trades.find(&trade_ref).ok_or(Refusal::NotFound)?;
        if let Some(last) = trade.screening.filter(|last| last.list_id == list_id) {
            let newer = list_version > last.list_version;
            let again = list_version == last.list_version && last.result != ScreeningResult::Hit;
            ensure!(newer || again, Refusal::argument("list_version"));
        }
        let at = ctx.now();
        let screening = Screening {
            list_id,
            list_version,
            result,
            at,
        };
        trade.screening = Some(screening);
        self.trades.set(&trade_ref, trade);
        let by = ctx.caller();
        let seq = self.journal.next_seq();
        ctx.emit(TradeScreened {
            seq,
            trade_ref,
            screening,
            evidence,
            by,
        });
        Ok(())
    }

    /// Closes a trade contract: the bank that registered it, or the regulator. Nothing more is paid
    /// under it.
    #[call(check)]
    pub fn close_trade(&mut self, ctx: &Context, trade_ref: TradeRef) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        let mut trade = self.trades.find(&trade_ref).ok_or(Refusal::NotFound)?;
        let by = ctx.caller();
        if !self.roles.holds(&by, Role::Regulator) {
            let bank = self.acting_as(ctx, &[AuthorisationKind::AuthorisedInstitution])?;
            ensure!(bank == trade.bank, Refusal::not_party());
        }
        ensure!(trade.state == TradeState::Open, Refusal::BadState);
        trade.state = TradeState::Closed;
        self.trades.set(&trade_ref, trade);
        let seq = self.journal.next_seq();
        ctx.emit(TradeClosed { seq, trade_ref, by });
        Ok(())
    }

    /// A trade contract.
    #[query]
    pub fn trade(&self, trade_ref: TradeRef) -> Option<Trade> {
        self.trades.find(&trade_ref)
    }
}

impl Register {
    /// Refuses partners that are not vetted, suspended, on a list or frozen.
    fn partners(&self, ctx: &Context, exporter: Pid, importer: Pid) -> Result<(), Refusal> {
        let found = |pid, side| {
            let member = self.members.find(&pid)?;
            let holder = Holder {
                pid,
                member,
                usable: true,
                closed: self.closed(pid, &member, ctx.now(), None),
            };
            sending_code(Some(&holder), side)
        };
        match lower(
            found(importer, Side::Sender),
            found(exporter, Side::Receiver),
        ) {
            Some(found) => Err(found.refusal()),
            None => Ok(()),
        }
    }
}
