//! The messages that every contract of the library has, written once: [`messages!`](crate::messages).
//!
//! A contract whose storage embeds the parts under the names `journal`, `lifecycle`, `roles` and
//! `documents` gets them with one line, and names the part `Messages` in its `#[contract]`. Who keeps the
//! documents differs from contract to contract, and so does the register that knows persons.

/// Emits the part `Messages` of a contract: life cycle, administrator, roles, documents, audit.
///
/// `documents` is the role that keeps the contract's documents. `pid_of` is a function
/// `fn(&Contract, &Address) -> Result<Option<Pid>, Refused>`: the person behind an address, for the
/// separation of duties; it answers `None` where there is no register.
///
/// ```text
/// weighhouse_standard::messages! { Token, documents: Issuer, pid_of: Token::person }
/// ```
// The formatter moves the lines of the attribute further in each time it runs.
#[rustfmt::skip]
#[macro_export]
macro_rules! messages {
    ($contract:ident, documents: $keeper:ident, pid_of: $pid_of:path) => {
        #[::weighhouse_sdk::prelude::contract(
            part = Messages,
            events(
                $crate::lifecycle::Paused,
                $crate::lifecycle::Unpaused,
                $crate::lifecycle::Deactivated,
                $crate::role::RoleGranted,
                $crate::role::RoleRevoked,
                $crate::role::AdminProposed,
                $crate::role::AdminAccepted,
                $crate::role::AdminCancelled,
                $crate::document::DocumentSet,
                $crate::document::DocumentRemoved
            )
        )]
        impl $contract {
            /// Stops market acts. Exits, forced measures and queries go on; no deadline moves.
            #[call]
            pub fn pause(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                reason: $crate::String,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle
                    .pause(ctx, &self.roles, &mut self.journal, reason)
            }

            /// Lets market acts go on.
            #[call]
            pub fn unpause(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.unpause(ctx, &self.roles, &mut self.journal)
            }

            /// Ends the contract while it is paused, for ever: only exits and queries are left.
            #[call]
            pub fn deactivate(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                doc: ::weighhouse_sdk::primitives::Hash,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle
                    .deactivate(ctx, &self.roles, &mut self.journal, doc)
            }

            /// Proposes a new administrator, who can accept after the delay fixed at deployment.
            #[call]
            pub fn propose_admin(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                new: ::weighhouse_sdk::primitives::Address,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.alive()?;
                self.roles.propose_admin(ctx, &mut self.journal, new)
            }

            /// The proposed administrator takes over.
            #[call]
            pub fn accept_admin(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.alive()?;
                self.roles.accept_admin(ctx, &mut self.journal)
            }

            /// Calls the hand-over off.
            #[call]
            pub fn cancel_admin(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.alive()?;
                self.roles.cancel_admin(ctx, &mut self.journal)
            }

            /// Grants a role. One person never holds two duties that exclude each other.
            #[call]
            pub fn grant_role(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                role: $crate::Role,
                who: ::weighhouse_sdk::primitives::Address,
            ) -> Result<(), ::weighhouse_sdk::Refused> {
                self.lifecycle.alive()?;
                let granted = self
                    .roles
                    .grantable(ctx, role, &who, |one| $pid_of(&*self, one))?;
                self.roles.grant(ctx, &mut self.journal, granted)?;
                Ok(())
            }

            /// Revokes a role.
            #[call]
            pub fn revoke_role(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                role: $crate::Role,
                who: ::weighhouse_sdk::primitives::Address,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.alive()?;
                self.roles.revoke(ctx, &mut self.journal, role, who)
            }

            /// Gives a role of the caller's own up.
            #[call]
            pub fn renounce_role(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                role: $crate::Role,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.alive()?;
                self.roles
                    .revoke(ctx, &mut self.journal, role, ctx.caller())
            }

            /// Sets or replaces a document.
            #[call]
            pub fn set_document(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                name: $crate::String,
                hash: ::weighhouse_sdk::primitives::Hash,
                uri: $crate::String,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.alive()?;
                let may = || self.roles.require(ctx, $crate::Role::$keeper);
                self.documents
                    .set(ctx, &mut self.journal, name, (hash, uri), may)
            }

            /// Removes a document.
            #[call]
            pub fn remove_document(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                name: $crate::String,
            ) -> Result<(), $crate::Refusal> {
                self.lifecycle.alive()?;
                let may = || self.roles.require(ctx, $crate::Role::$keeper);
                self.documents.remove(ctx, &mut self.journal, name, may)
            }

            /// Version of this code.
            #[query]
            pub fn version(&self) -> $crate::String {
                ::core::env!("CARGO_PKG_VERSION").into()
            }

            /// Active, paused or deactivated.
            #[query]
            pub fn status(&self) -> $crate::lifecycle::Status {
                self.lifecycle.status()
            }

            /// The administrator and its planned successor.
            #[query]
            pub fn admin(&self) -> $crate::role::Administrator {
                self.roles.administrator()
            }

            /// Roles of an address.
            #[query]
            pub fn roles(
                &self,
                holder: ::weighhouse_sdk::primitives::Address,
            ) -> $crate::Vec<$crate::Role> {
                self.roles.of(&holder)
            }

            /// A document by name.
            #[query]
            pub fn document(&self, name: $crate::String) -> Option<$crate::document::Document> {
                self.documents.find(&name)
            }

            /// A page of documents with names after `after`.
            #[query]
            pub fn documents(
                &self,
                after: Option<$crate::String>,
                limit: u32,
            ) -> Result<$crate::Vec<$crate::document::Named>, $crate::Refusal> {
                self.documents.page(after.as_ref(), limit)
            }

            /// At most `n` of the last privileged acts, with event numbers from `from_seq` on.
            #[query]
            pub fn audit(
                &self,
                from_seq: u64,
                n: u32,
            ) -> Result<$crate::Vec<$crate::journal::Act>, $crate::Refusal> {
                self.journal.audit(from_seq, n)
            }
        }
    };
}

/// Emits the part `Membership` of a contract that is a participant itself, because it holds units or is
/// the notary of holds: it accepts the wallet entry that an operator of the register proposed for it.
///
/// ```text
/// weighhouse_standard::membership! { Escrow }
/// ```
#[macro_export]
macro_rules! membership {
    ($contract:ident) => {
        #[::weighhouse_sdk::prelude::contract(part = Membership)]
        impl $contract {
            /// Accepts the entry of this contract in a register of participants; the administrator's.
            #[call]
            pub fn join(
                &mut self,
                ctx: &::weighhouse_sdk::Context,
                register: ::weighhouse_sdk::primitives::Address,
            ) -> Result<(), ::weighhouse_sdk::Refused> {
                self.lifecycle.alive()?;
                self.roles.require(ctx, $crate::Role::Admin)?;
                $crate::interface::ParticipantsRef::at(register).accept_wallet()?;
                Ok(())
            }
        }
    };
}
