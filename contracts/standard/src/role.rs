//! Who may do what, and duties that one person may not combine.
//!
//! Roles are a set per address. The administrator grants and revokes them and is itself replaced only
//! by hand-over: proposed, and accepted by the new one after a delay in which it can be called off.
//! One person never holds two of issuer, compliance, regulator, enforcer and auditor: told by address,
//! and by participant where the contract has a register ([`Roles::grantable`]).

use crate::deadline;
use crate::error::Refusal;
use crate::interface::Pid;
use crate::journal::Journal;
use crate::page_items;
use weighhouse_sdk::prelude::*;
use weighhouse_sdk::primitives::schema::describe::Describe as Described;
use weighhouse_sdk::storage::StorageKey;

/// What an address may be entrusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Describe)]
pub enum Role {
    /// Grants and revokes roles, ends the contract.
    Admin,
    /// Pauses and lets go on.
    Pauser,
    /// Runs the information system.
    Operator,
    /// Watches over the rules.
    Compliance,
    /// Screens parties against lists.
    Screener,
    /// Supervises.
    Regulator,
    /// Carries out orders of courts and bailiffs.
    Enforcer,
    /// Keeps registers.
    Registrar,
    /// Issued the asset.
    Issuer,
    /// Creates units.
    Minter,
    /// Audits.
    Auditor,
    /// Decides disputes.
    Arbiter,
    /// Reports facts.
    Oracle,
}

impl Role {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::Admin,
        Self::Pauser,
        Self::Operator,
        Self::Compliance,
        Self::Screener,
        Self::Regulator,
        Self::Enforcer,
        Self::Registrar,
        Self::Issuer,
        Self::Minter,
        Self::Auditor,
        Self::Arbiter,
        Self::Oracle,
    ];

    const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// Duties of which one address may hold one.
const EXCLUSIVE: u16 = Role::Issuer.bit()
    | Role::Compliance.bit()
    | Role::Regulator.bit()
    | Role::Enforcer.bit()
    | Role::Auditor.bit();

/// The administrator's planned successor.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Handover {
    /// Who.
    pub to: Address,
    /// First second at which it can be accepted.
    pub from: Timestamp,
}

/// Who administers a contract.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Administrator {
    /// Now.
    pub address: Address,
    /// Next, if a hand-over is planned.
    pub successor: Option<Handover>,
}

/// A role was granted.
#[derive(Debug, Event)]
pub struct RoleGranted {
    /// Number of the event.
    pub seq: u64,
    /// Who granted it.
    pub by: Address,
    /// The role.
    pub role: Role,
    /// Who holds it now.
    pub holder: Address,
}

/// A role was revoked or given up.
#[derive(Debug, Event)]
pub struct RoleRevoked {
    /// Number of the event.
    pub seq: u64,
    /// Who did it; the holder itself if it gave the role up.
    pub by: Address,
    /// The role.
    pub role: Role,
    /// Who held it.
    pub holder: Address,
}

/// A new administrator is proposed.
#[derive(Debug, Event)]
pub struct AdminProposed {
    /// Number of the event.
    pub seq: u64,
    /// The administrator.
    pub by: Address,
    /// The successor.
    pub to: Address,
    /// First second at which it can accept.
    pub from: Timestamp,
}

/// The administrator has changed.
#[derive(Debug, Event)]
pub struct AdminAccepted {
    /// Number of the event.
    pub seq: u64,
    /// The administrator until now.
    pub previous: Address,
    /// The administrator from now on.
    pub admin: Address,
}

/// A hand-over was called off.
#[derive(Debug, Event)]
pub struct AdminCancelled {
    /// Number of the event.
    pub seq: u64,
    /// The administrator.
    pub by: Address,
    /// Who will not take over.
    pub to: Address,
}

/// A grant of a role that was found right; made by [`Roles::grantable`] only.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    role: Role,
    holder: Address,
}

/// Roles by address, and the administrator's succession.
#[storage]
pub struct Roles {
    /// A bit per role, [`Role::Admin`] excepted.
    role_bits: Map<Address, u16>,
    /// The administrator.
    admin: Cell<Address>,
    /// Its planned successor.
    admin_handover: Cell<Handover>,
    /// Seconds between proposal and acceptance of a successor.
    admin_delay: Const<u64>,
}

impl Roles {
    /// Appoints at construction; the same grant twice counts once.
    ///
    /// # Errors
    /// `BadArgument` for the role of the administrator in the list, `DutyConflict`.
    pub fn appoint(
        &mut self,
        admin: Address,
        admin_delay: u64,
        holders: impl IntoIterator<Item = (Role, Address)>,
    ) -> Result<(), Refusal> {
        self.admin.set(admin);
        self.admin_delay.set(admin_delay);
        for (role, holder) in holders {
            ensure!(role != Role::Admin, Refusal::argument("roles"));
            self.add(role, &holder)?;
        }
        Ok(())
    }

    fn add(&mut self, role: Role, holder: &Address) -> Result<(), Refusal> {
        let bits = self.role_bits.get(holder) | role.bit();
        ensure!((bits & EXCLUSIVE).count_ones() <= 1, Refusal::DutyConflict);
        self.role_bits.set(holder, bits);
        Ok(())
    }

    fn drop_role(&mut self, role: Role, holder: &Address) {
        let bits = self.role_bits.get(holder) & !role.bit();
        if bits == 0 {
            self.role_bits.remove(holder);
        } else {
            self.role_bits.set(holder, bits);
        }
    }

    /// True if `who` holds `role`.
    #[must_use]
    pub fn holds(&self, who: &Address, role: Role) -> bool {
        match role {
            Role::Admin => self.admin.get() == *who,
            other => self.role_bits.get(who) & other.bit() != 0,
        }
    }

    /// Refuses a caller without `role`.
    ///
    /// # Errors
    /// `Unauthorized`.
    pub fn require(&self, ctx: &Context, role: Role) -> Result<(), Refusal> {
        ensure!(
            self.holds(&ctx.caller(), role),
            Refusal::Unauthorized { needs: Some(role) }
        );
        Ok(())
    }

    /// The roles of `who`, in order.
    #[must_use]
    pub fn of(&self, who: &Address) -> Vec<Role> {
        Role::ALL
            .into_iter()
            .filter(|role| self.holds(who, *role))
            .collect()
    }

    /// The administrator and its planned successor.
    #[must_use]
    pub fn administrator(&self) -> Administrator {
        let successor = self.admin_handover.find();
        Administrator {
            address: self.admin.get(),
            successor,
        }
    }

    /// A grant that may be made: `pid_of` tells the person behind an address, if anybody knows.
    ///
    /// Every holder of a duty is asked for: granting a duty is rare, and a person that came to a second
    /// wallet after a grant is found as well.
    ///
    /// # Errors
    /// `BadArgument` for the administrator's own, `Unauthorized`, `DutyConflict`, `AlreadyExists`, and
    /// what `pid_of` refuses.
    pub fn grantable(
        &self,
        ctx: &Context,
        role: Role,
        holder: &Address,
        pid_of: impl Fn(&Address) -> Result<Option<Pid>, Refused>,
    ) -> Result<Grant, Refused> {
        ensure!(role != Role::Admin, Refusal::argument("role"));
        self.require(ctx, Role::Admin)?;
        let had = self.role_bits.get(holder);
        let duties = (had | role.bit()) & EXCLUSIVE;
        ensure!(duties.count_ones() <= 1, Refusal::DutyConflict);
        if role.bit() & EXCLUSIVE != 0
            && let Some(pid) = pid_of(holder)?
        {
            for other in self.holders_of_another_duty(role) {
                ensure!(pid_of(&other)? != Some(pid), Refusal::DutyConflict);
            }
        }
        ensure!(had & role.bit() == 0, Refusal::AlreadyExists);
        let holder = *holder;
        Ok(Grant { role, holder })
    }

    /// Everybody with an excluding duty other than `role`.
    fn holders_of_another_duty(&self, role: Role) -> Vec<Address> {
        let mut holders = Vec::new();
        let mut after = None;
        loop {
            let page = self.role_bits.page(after.as_ref(), 100);
            let Some((last, _)) = page.last() else {
                return holders;
            };
            after = Some(*last);
            let others = page
                .iter()
                .filter(|(_, bits)| bits & EXCLUSIVE & !role.bit() != 0);
            holders.extend(others.map(|(holder, _)| *holder));
        }
    }

    /// True if one person could not have the roles of both addresses.
    #[must_use]
    pub fn clash(&self, one: &Address, other: &Address) -> bool {
        let bits = self.role_bits.get(one) | self.role_bits.get(other);
        (bits & EXCLUSIVE).count_ones() > 1
    }

    /// Makes a grant that [`Roles::grantable`] found right.
    ///
    /// # Errors
    /// `DutyConflict`.
    pub fn grant(
        &mut self,
        ctx: &Context,
        journal: &mut Journal,
        grant: Grant,
    ) -> Result<(), Refusal> {
        let Grant { role, holder } = grant;
        self.add(role, &holder)?;
        journal.act(ctx, Hash::ZERO, |seq| RoleGranted {
            seq,
            by: ctx.caller(),
            role,
            holder,
        });
        Ok(())
    }

    /// Revokes every role of an address that is given up, the administrator's excepted: that one is
    /// handed over.
    pub fn strip(&mut self, ctx: &Context, journal: &mut Journal, holder: &Address) {
        let bits = self.role_bits.get(holder);
        self.role_bits.remove(holder);
        let held = Role::ALL.into_iter().filter(|role| bits & role.bit() != 0);
        for role in held {
            journal.act(ctx, Hash::ZERO, |seq| RoleRevoked {
                seq,
                by: ctx.caller(),
                role,
                holder: *holder,
            });
        }
    }

    /// Refuses all but those who supervise: REGULATOR and AUDITOR.
    ///
    /// # Errors
    /// `Unauthorized`.
    pub fn supervise(&self, ctx: &Context) -> Result<(), Refusal> {
        let caller = ctx.caller();
        let may = self.holds(&caller, Role::Regulator) || self.holds(&caller, Role::Auditor);
        ensure!(
            may,
            Refusal::Unauthorized {
                needs: Some(Role::Regulator)
            }
        );
        Ok(())
    }

    /// A page of a map for those who supervise: at most `limit` entries after `after`.
    ///
    /// # Errors
    /// `LimitExceeded`, `Unauthorized`.
    pub fn survey<K, V>(
        &self,
        ctx: &Context,
        map: &Map<K, V>,
        after: Option<&K>,
        limit: u32,
    ) -> Result<Vec<(K, V)>, Refusal>
    where
        K: StorageKey,
        V: Encode + Decode + Described,
    {
        let items = page_items(limit)?;
        self.supervise(ctx)?;
        Ok(map.page(after, items))
    }

    /// Revokes a role; the holder itself gives it up.
    ///
    /// # Errors
    /// `BadArgument` for the administrator's own, `Unauthorized`, `NotFound`.
    pub fn revoke(
        &mut self,
        ctx: &Context,
        journal: &mut Journal,
        role: Role,
        holder: Address,
    ) -> Result<(), Refusal> {
        ensure!(role != Role::Admin, Refusal::argument("role"));
        let by = ctx.caller();
        if by != holder {
            self.require(ctx, Role::Admin)?;
        }
        ensure!(self.holds(&holder, role), Refusal::NotFound);
        self.drop_role(role, &holder);
        journal.act(ctx, Hash::ZERO, |seq| RoleRevoked {
            seq,
            by,
            role,
            holder,
        });
        Ok(())
    }

    /// Proposes a successor of the administrator.
    ///
    /// # Errors
    /// `BadArgument` for nobody and for itself, `Unauthorized`, `AlreadyExists` while another waits.
    pub fn propose_admin(
        &mut self,
        ctx: &Context,
        journal: &mut Journal,
        to: Address,
    ) -> Result<(), Refusal> {
        let by = ctx.caller();
        ensure!(
            to != Address::ZERO && to != self.admin.get(),
            Refusal::argument("to")
        );
        self.require(ctx, Role::Admin)?;
        ensure!(!self.admin_handover.is_set(), Refusal::AlreadyExists);
        let from = ctx.now().saturating_add(self.admin_delay.get());
        self.admin_handover.set(Handover { to, from });
        journal.act(ctx, Hash::ZERO, |seq| AdminProposed { seq, by, to, from });
        Ok(())
    }

    /// The successor takes over.
    ///
    /// # Errors
    /// `Unauthorized` for everybody else, `TooEarly` within the delay.
    pub fn accept_admin(&mut self, ctx: &Context, journal: &mut Journal) -> Result<(), Refusal> {
        let admin = ctx.caller();
        let planned = self
            .admin_handover
            .find()
            .filter(|planned| planned.to == admin);
        let planned = planned.ok_or(Refusal::not_party())?;
        deadline::after_start(ctx.now(), planned.from)?;
        let previous = self.admin.get();
        self.admin.set(admin);
        self.admin_handover.remove();
        journal.act(ctx, Hash::ZERO, |seq| AdminAccepted {
            seq,
            previous,
            admin,
        });
        Ok(())
    }

    /// Calls the hand-over off.
    ///
    /// # Errors
    /// `Unauthorized`, `NotFound`.
    pub fn cancel_admin(&mut self, ctx: &Context, journal: &mut Journal) -> Result<(), Refusal> {
        self.require(ctx, Role::Admin)?;
        let to = self.admin_handover.find().ok_or(Refusal::NotFound)?.to;
        self.admin_handover.remove();
        let by = ctx.caller();
        journal.act(ctx, Hash::ZERO, |seq| AdminCancelled { seq, by, to });
        Ok(())
    }
}
