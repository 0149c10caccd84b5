//! Objects, the queue of applications, registration.

use crate::application::Request;
use crate::event::{ApplicationEvent, Cause, Changed, Proposed};
use crate::object::{Class, Object};
use crate::storage::{Registration, Rights};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, Role};

#[contract(part = Land, events(Changed, ApplicationEvent, Proposed))]
impl Rights {
    /// Enters a thing that nobody owns yet. Parcels have an area in square centimetres, works and
    /// certificates have none. For the REGISTRAR.
    #[call(check)]
    pub fn create_object(
        &mut self,
        ctx: &Context,
        class: Class,
        ref_no: String,
        meta: Hash,
        area: Option<Amount>,
        doc: Hash,
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        crate::application::check_ref_no(&ref_no)?;
        let issued = matches!(class, Class::Utility | Class::TransferableRecord);
        ensure!(!issued, Refusal::argument("class"));
        let measured = match class {
            Class::Parcel => area.is_some(),
            Class::Concession => true,
            _ => area.is_none(),
        };
        ensure!(measured, Refusal::argument("area"));
        ensure!(area != Some(Amount::ZERO), Refusal::ZeroAmount);
        let documented = meta != Hash::ZERO && doc != Hash::ZERO;
        ensure!(documented, Refusal::BadDocument);
        self.roles.require(ctx, Role::Registrar)?;
        self.free_number(class, &ref_no)?;
        self.unused(doc)?;
        let total = self.area_total.get().checked_add(area.unwrap_or_default());
        self.area_total.set(total.ok_or(Refusal::Overflow)?);
        let mut object = Object::new(class, ref_no, (meta, doc));
        object.area = area;
        let id = self.id_count.next();
        self.use_document(doc, id);
        self.store(ctx, id, object, Cause::Created { doc });
        Ok(id)
    }

    /// Applies for a registration. The number of entry is the priority on the object.
    #[call(check)]
    pub fn apply(
        &mut self,
        ctx: &Context,
        object: u64,
        request: Request,
        docs: Vec<Hash>,
    ) -> Result<u64, Refused> {
        self.enter(ctx, object, request, docs)
    }

    /// Consents to an application: a party to it, a co-owner, one in whose favour the object is restricted.
    #[call(check)]
    pub fn consent(&mut self, ctx: &Context, entry_no: u64) -> Result<(), Refused> {
        self.give_consent(ctx, entry_no)
    }

    /// Takes an application back; the applicant's.
    #[call(check)]
    pub fn withdraw(&mut self, ctx: &Context, entry_no: u64) -> Result<(), Refused> {
        self.take_back(ctx, entry_no)
    }

    /// Refuses an application. For the REGISTRAR.
    #[call(check)]
    pub fn reject(&mut self, ctx: &Context, entry_no: u64, reason: String) -> Result<(), Refused> {
        self.turn_down(ctx, entry_no, reason)
    }

    /// Proposes to register an application; another REGISTRAR approves within seven days.
    #[call(check)]
    pub fn propose_register(
        &mut self,
        ctx: &Context,
        entry_no: u64,
        decision_doc: Hash,
    ) -> Result<u64, Refused> {
        let act = Registration {
            entry: entry_no,
            decision_doc,
        };
        self.propose_registration(ctx, act)
    }

    /// Registers the application that another REGISTRAR proposed to register.
    #[call(check)]
    pub fn approve_register(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.approve_registration(ctx, id)
    }
}
