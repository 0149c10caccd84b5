//! template-rights: a registry of transferable records, such as warehouse warrants.
//!
//! The registrar issues a record to a wallet. Whoever controls it passes it on, pledges it to a contract
//! (an escrow, for example), or gives it back for what it stands for. The registry serves the interface
//! `Control` of the contract library: contracts that take records in take these.
#![no_std]

use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{ControlRef, RecordState, RecordView};

/// Most records of a page.
const PAGE_MAX: u32 = 100;

/// What is remembered.
#[storage]
#[monotone(count)] // a number is never given twice
pub struct TemplateRights {
    registrar: Const<Address>,
    count: Cell<u64>,
    records: Map<u64, RecordView>,
    numbers: Map<Hash, u64>, // which record has a business number
}

/// Why it says no; a code keeps its meaning for ever.
#[errors]
pub enum Refusal {
    /// only the registrar may do this
    #[code(1)]
    Unauthorized,
    /// there is no record of that number
    #[code(4)]
    NotFound,
    /// a record with this business number is there already
    #[code(5)]
    AlreadyExists { id: u64 },
    /// the record does not stand where this is possible
    #[code(6)]
    BadState { state: RecordState },
    /// control cannot go there, or the hash is empty
    #[code(7)]
    BadArgument,
    /// only the one who controls the record may do this
    #[code(306)]
    NotController { controller: Address },
}

/// A record was issued.
#[derive(Debug, Event)]
pub struct Issued {
    /// Its number.
    pub id: u64,
    /// Commitment to its business number.
    pub ref_no: Hash,
    /// Hash of the document.
    pub doc: Hash,
    /// Who controls it.
    pub to: Address,
}

/// Control of a record moved.
#[derive(Debug, Event)]
pub struct Moved {
    /// Which record.
    pub id: u64,
    /// Who controlled it.
    pub from: Address,
    /// Who controls it.
    pub to: Address,
    /// Where it stands now.
    pub state: RecordState,
}

#[contract(errors(Refusal), events(Issued, Moved), interfaces(ControlRef))]
impl TemplateRights {
    /// Runs once, at deployment; the deployer is the registrar.
    #[constructor]
    pub fn open(&mut self, ctx: &Context) {
        self.registrar.set(ctx.caller());
    }

    /// Issues a record to a wallet and answers its number. For the registrar.
    #[call(check)]
    pub fn issue(
        &mut self,
        ctx: &Context,
        ref_no: Hash,
        doc: Hash,
        to: Address,
    ) -> Result<u64, Refusal> {
        let named = ref_no != Hash::ZERO && doc != Hash::ZERO && to != Address::ZERO;
        ensure!(named, Refusal::BadArgument);
        ensure!(ctx.caller() == self.registrar.get(), Refusal::Unauthorized);
        if let Some(id) = self.numbers.find(&ref_no) {
            return Err(Refusal::AlreadyExists { id });
        }
        let id = self.count.next();
        self.numbers.set(&ref_no, id);
        let record = RecordView {
            ref_no,
            doc,
            issuer: None, // a participant's number, where there is a register of participants
            controller: to,
            pledgor: None,
            state: RecordState::Issued,
        };
        self.records.set(&id, record);
        ctx.emit(Issued {
            id,
            ref_no,
            doc,
            to,
        });
        Ok(id)
    }

    /// The controller, or the contract to which control is pledged, gives it to `to`.
    #[call(check)]
    pub fn endorse(&mut self, ctx: &Context, id: u64, to: Address) -> Result<(), Refusal> {
        let mut record = self.controlled(ctx, id)?;
        let elsewhere = to != Address::ZERO && to != record.controller;
        ensure!(elsewhere, Refusal::BadArgument);
        record.pledgor = None;
        record.state = RecordState::Issued;
        self.give(ctx, id, record, to);
        Ok(())
    }

    /// The controller gives control to `contract`, which alone can endorse it on or return it.
    #[call(check)]
    pub fn pledge_control(
        &mut self,
        ctx: &Context,
        id: u64,
        contract: Address,
    ) -> Result<(), Refusal> {
        let mut record = self.controlled(ctx, id)?;
        let state = record.state;
        ensure!(state == RecordState::Issued, Refusal::BadState { state });
        let elsewhere = contract != Address::ZERO && contract != record.controller;
        ensure!(elsewhere, Refusal::BadArgument);
        record.pledgor = Some(record.controller);
        record.state = RecordState::Presented;
        self.give(ctx, id, record, contract);
        Ok(())
    }

    /// The contract to which control is pledged gives it back to the pledgor.
    #[call(check)]
    pub fn return_control(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        let mut record = self.controlled(ctx, id)?;
        let state = record.state;
        let pledgor = record.pledgor.take();
        let pledgor = pledgor.ok_or(Refusal::BadState { state })?;
        record.state = RecordState::Issued;
        self.give(ctx, id, record, pledgor);
        Ok(())
    }

    /// The controller gives the record up for what it stands for.
    #[call(check)]
    pub fn surrender(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        let mut record = self.controlled(ctx, id)?;
        let state = record.state;
        ensure!(state == RecordState::Issued, Refusal::BadState { state });
        record.state = RecordState::Surrendered;
        self.give(ctx, id, record, Address::ZERO);
        Ok(())
    }

    /// The one who controls a live record.
    #[query]
    pub fn controller(&self, id: u64) -> Option<Address> {
        let record = self.records.find(&id)?;
        is_live(record.state).then_some(record.controller)
    }

    /// A record.
    #[query]
    pub fn record(&self, id: u64) -> Option<RecordView> {
        self.records.find(&id)
    }

    /// The record with this business number.
    #[query]
    pub fn find(&self, ref_no: Hash) -> Option<u64> {
        self.numbers.find(&ref_no)
    }

    /// Records with their numbers, after one, at most 100.
    #[query]
    pub fn records(&self, after: Option<u64>, limit: u32) -> Vec<(u64, RecordView)> {
        let limit = usize::try_from(limit.min(PAGE_MAX)).unwrap_or_default();
        self.records.page(after.as_ref(), limit)
    }

    /// Who issues records.
    #[query]
    pub fn registrar(&self) -> Address {
        self.registrar.get()
    }
}

/// True while somebody controls the record.
const fn is_live(state: RecordState) -> bool {
    matches!(state, RecordState::Issued | RecordState::Presented)
}

impl TemplateRights {
    /// A live record that the caller controls.
    fn controlled(&self, ctx: &Context, id: u64) -> Result<RecordView, Refusal> {
        let record = self.records.find(&id).ok_or(Refusal::NotFound)?;
        let (state, controller) = (record.state, record.controller);
        ensure!(is_live(state), Refusal::BadState { state });
        ensure!(
            controller == ctx.caller(),
            Refusal::NotController { controller }
        );
        Ok(record)
    }

    /// Gives control to `to` and tells it.
    fn give(&mut self, ctx: &Context, id: u64, mut record: RecordView, to: Address) {
        let from = record.controller;
        record.controller = to;
        let state = record.state;
        self.records.set(&id, record);
        ctx.emit(Moved {
            id,
            from,
            to,
            state,
        });
    }
}
