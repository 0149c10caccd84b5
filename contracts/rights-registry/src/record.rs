//! Transferable records: documents whose one controller has the claim.
//!
//! A record is an object with one owner, the holder. Its controller is the holder, or the contract to
//! which the holder pledged it for presentation; there is exactly one at any time (R4). A surrendered
//! record and one that became paper have none. Control moves by endorsement only.

use crate::application::check_ref_no;
use crate::event::Cause;
use crate::object::{Class, Detail, Object};
use crate::party::Parties;
use crate::restriction::Blocks;
use crate::storage::Rights;
use weighhouse_sdk::crypto;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::{Pid, RecordState, RecordView, Side};

/// Kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum RecordType {
    /// A bill of lading.
    BillOfLading,
    /// A warehouse receipt.
    WarehouseReceipt,
    /// A bill of exchange.
    BillOfExchange,
    /// A promissory note.
    PromissoryNote,
    /// A policy of cargo insurance.
    CargoInsurance,
    /// A certificate of origin, quality or inspection: registered, never transferred.
    Certificate,
}

impl RecordType {
    /// The class whose numbers it uses.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Certificate => Class::Certificate,
            Self::BillOfLading
            | Self::WarehouseReceipt
            | Self::BillOfExchange
            | Self::PromissoryNote
            | Self::CargoInsurance => Class::TransferableRecord,
        }
    }
}

/// What a record has beside an object.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Record {
    /// What it is.
    pub kind: RecordType,
    /// Carrier, warehouse, bank.
    pub issuer: Pid,
    /// How far it has come.
    pub state: RecordState,
    /// The wallet to which it was issued or endorsed, or from which it was pledged. Every wallet of the
    /// holder controls it: a lost wallet loses no record.
    pub wallet: Address,
    /// The contract that controls it meanwhile.
    pub pledged: Option<Address>,
    /// How often it was endorsed.
    pub endorsements: u64,
    /// Its last holder, once it is void.
    pub last_holder: Option<Pid>,
    /// The paper that replaced it.
    pub paper: Option<Hash>,
    /// The record that replaced that paper.
    pub replaced_by: Option<u64>,
}

impl Record {
    fn new(kind: RecordType, issuer: Pid, wallet: Address) -> Self {
        Self {
            kind,
            issuer,
            state: RecordState::Issued,
            wallet,
            pledged: None,
            endorsements: 0,
            last_holder: None,
            paper: None,
            replaced_by: None,
        }
    }
}

impl Object {
    fn record(&self) -> Result<Record, Refusal> {
        match &self.detail {
            Detail::Record(record) => Ok(record.clone()),
            Detail::Plain | Detail::Utility(_) => Err(Refusal::NotFound),
        }
    }

    /// Who controls it, if it is a live record: one, by the shape of the answer.
    #[must_use]
    pub fn controller(&self) -> Option<Address> {
        let record = self.record().ok()?;
        self.live().ok()?;
        Some(record.pledged.unwrap_or(record.wallet))
    }
}

impl Rights {
    /// A record as other contracts see it.
    pub(crate) fn record_view(&self, id: u64) -> Option<RecordView> {
        let object = self.objects.find(&id)?;
        let record = object.record().ok()?;
        Some(RecordView {
            ref_no: crypto::hash(object.ref_no.as_bytes()),
            doc: object.doc,
            issuer: Some(record.issuer),
            controller: object.controller().unwrap_or_default(),
            pledgor: record.pledged.map(|_| record.wallet),
            state: record.state,
        })
    }

    pub(crate) fn record_issue(
        &mut self,
        ctx: &Context,
        kind: RecordType,
        (ref_no, doc): (String, Hash),
        first_holder: Address,
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        check_ref_no(&ref_no)?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        self.free_number(kind.class(), &ref_no)?;
        self.unused(doc)?;
        let issuer = self.party_at(&ctx.caller(), Side::Caller)?;
        let holder = self.party_at(&first_holder, Side::Receiver)?;
        // Issuing takes an obligation on: the issuer answers for both sides.
        let parties = Parties::of(ctx).to(first_holder).to(ctx.caller());
        self.eligible(&parties)?;
        let object = Object::new(kind.class(), ref_no, (doc, doc));
        let record = Record::new(kind, issuer, first_holder);
        let object = object.owned(holder, Detail::Record(record));
        let id = self.id_count.next();
        self.use_document(doc, id);
        self.store(ctx, id, object, Cause::Issued { issuer });
        Ok(id)
    }

    /// A live record in the caller's control, that may go to the wallet `to`.
    ///
    /// Invariant R4: whoever does something with a record comes through here.
    fn controlled(
        &self,
        ctx: &Context,
        id: u64,
        to: Option<Address>,
    ) -> Result<(Object, Record), Refused> {
        let object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
        let record = object.record()?;
        object.live()?;
        // A contract acts for the holder who presented the record to it; it is no party itself.
        let mut parties = match record.pledged {
            Some(_) => Parties::others(),
            None => Parties::of(ctx),
        };
        if let Some(to) = to {
            parties = parties.to(to);
        }
        self.eligible(&parties)?;
        let moves = Blocks {
            transfer: true,
            ..Blocks::NOTHING
        };
        self.unblocked(ctx, id, (&object, moves))?;
        ensure!(object.class != Class::Certificate, Refusal::NotTransferable);
        let controls = match record.pledged {
            Some(contract) => ctx.caller() == contract,
            None => {
                let caller = self.party_of(&ctx.caller())?;
                caller.is_some() && caller == object.sole_owner()
            }
        };
        ensure!(controls, Refusal::NotController);
        Ok((object, record))
    }

    fn keep(&mut self, ctx: &Context, id: u64, (object, record): (Object, Record), cause: Cause) {
        let detail = Detail::Record(record);
        self.store(ctx, id, Object { detail, ..object }, cause);
    }

    pub(crate) fn record_endorse(
        &mut self,
        ctx: &Context,
        id: u64,
        wallet: Address,
    ) -> Result<(), Refused> {
        self.market(ctx)?;
        let (mut object, mut record) = self.controlled(ctx, id, Some(wallet))?;
        let from = object.sole_owner().ok_or(Refusal::BadState)?;
        let to = self.party_at(&wallet, Side::Receiver)?;
        object.shift(from, to, Fraction::ONE)?;
        record.wallet = wallet;
        record.pledged = None;
        record.state = RecordState::Issued;
        record.endorsements = record.endorsements.saturating_add(1);
        let cause = Cause::Endorsed { from, to, wallet };
        self.keep(ctx, id, (object, record), cause);
        Ok(())
    }

    pub(crate) fn record_surrender(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        // The way out of a record: not stopped by a pause.
        self.lifecycle.alive()?;
        let (object, mut record) = self.controlled(ctx, id, None)?;
        record.state = RecordState::Surrendered;
        let voided = void(object, record);
        self.keep(ctx, id, voided, Cause::Surrendered);
        Ok(())
    }

    pub(crate) fn record_to_paper(
        &mut self,
        ctx: &Context,
        id: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.market(ctx)?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
        object.record()?;
        self.unused(doc)?;
        let (object, mut record) = self.controlled(ctx, id, None)?;
        record.state = RecordState::ConvertedToPaper;
        record.paper = Some(doc);
        let voided = void(object, record);
        self.use_document(doc, id);
        self.keep(ctx, id, voided, Cause::ToPaper { doc });
        Ok(())
    }

    /// The issuer takes paper back and issues a record in its place, with the same number.
    pub(crate) fn record_from_paper(
        &mut self,
        ctx: &Context,
        old_id: u64,
        (doc, wallet): (Hash, Address),
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let old = self.objects.find(&old_id).ok_or(Refusal::NotFound)?;
        let mut record = old.record()?;
        self.must_be(ctx, record.issuer)?;
        // The paper that comes back may be the one that went out; it is void from here on.
        if record.paper != Some(doc) || record.replaced_by.is_some() {
            self.unused(doc)?;
        }
        let paper = record.state == RecordState::ConvertedToPaper && record.replaced_by.is_none();
        ensure!(paper, Refusal::BadState);
        let holder = self.party_at(&wallet, Side::Receiver)?;
        let parties = Parties::of(ctx).to(wallet).to(ctx.caller());
        self.eligible(&parties)?;
        let id = self.id_count.next();
        let mut object = Object::new(old.class, old.ref_no.clone(), (doc, doc));
        object.parents.push(old_id);
        let fresh = Record::new(record.kind, record.issuer, wallet);
        let object = object.owned(holder, Detail::Record(fresh));
        record.replaced_by = Some(id);
        self.use_document(doc, id);
        self.keep(ctx, old_id, (old, record), Cause::Replaced { by: id });
        self.store(ctx, id, object, Cause::FromPaper { old: old_id, doc });
        Ok(id)
    }

    pub(crate) fn record_pledge(
        &mut self,
        ctx: &Context,
        id: u64,
        contract: Address,
    ) -> Result<(), Refused> {
        self.market(ctx)?;
        let apart = contract != Address::ZERO && contract != ctx.caller();
        ensure!(apart, Refusal::argument("contract"));
        let (object, mut record) = self.controlled(ctx, id, None)?;
        // What was pledged already is the other contract's to return first.
        ensure!(record.pledged.is_none(), Refusal::BadState);
        self.custodian(&contract)?;
        record.wallet = ctx.caller();
        record.pledged = Some(contract);
        record.state = RecordState::Presented;
        self.keep(ctx, id, (object, record), Cause::Pledged { contract });
        Ok(())
    }

    pub(crate) fn record_return(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        // An exit: neither a pause, the end of the registry nor an order keeps it from its holder.
        let object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
        let mut record = object.record()?;
        object.live()?;
        let contract = record.pledged.filter(|contract| *contract == ctx.caller());
        let contract = contract.ok_or(Refusal::NotController)?;
        record.pledged = None;
        record.state = RecordState::Issued;
        self.keep(ctx, id, (object, record), Cause::Returned { contract });
        Ok(())
    }
}

/// Ends a record: nobody controls it any more.
fn void(mut object: Object, mut record: Record) -> (Object, Record) {
    record.last_holder = object.sole_owner();
    record.pledged = None;
    object.close();
    (object, record)
}
