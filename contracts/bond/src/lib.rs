//! A bond: an issue of at most a fixed size, transferable, pausable by its issuer.
//!
//! The example of the tutorial and of the runtime's own tests: small enough to read in one go, and
//! every mechanism of the SDK appears once. See `README.md` for states, codes and invariants.
#![no_std]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::indexing_slicing
)]

use weighhouse_sdk::prelude::*;

/// An issue of at most a fixed size.
#[storage]
#[conserve(sum(balances) == supply)]
#[at_most(supply, cap)]
pub struct Bond {
    issuer: Const<Address>,
    cap: Const<Amount>,
    supply: Cell<Amount>,
    paused: Cell<bool>,
    balances: Map<Address, Amount>,
}

/// Units moved.
#[derive(Debug, Event)]
pub struct Transfer {
    /// Who had them; nobody if they are new.
    pub from: Address,
    /// Who has them.
    pub to: Address,
    /// How many.
    pub amount: Amount,
}

/// The issue was paused or resumed.
#[derive(Debug, Event)]
pub struct Paused {
    /// True while nothing moves.
    pub paused: bool,
}

/// One line of the register of holders.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Holding {
    /// Who holds.
    pub holder: Address,
    /// How much.
    pub amount: Amount,
}

/// Why the bond says no.
#[errors]
pub enum Refusal {
    /// the issue is paused
    #[code(2)]
    Paused,
    /// only the issuer may do this
    #[code(10)]
    Unauthorized,
    /// the holder has less than that
    #[code(200)]
    InsufficientBalance { available: Amount, asked: Amount },
    /// above the issue size
    #[code(205)]
    CapExceeded { cap: Amount },
}

#[contract(errors(Refusal), events(Transfer, Paused))]
impl Bond {
    /// Opens an issue of at most `cap` units; the deployer is the issuer.
    #[constructor]
    pub fn open(&mut self, ctx: &Context, cap: Amount) {
        self.issuer.set(ctx.caller());
        self.cap.set(cap);
    }

    /// Creates units.
    #[call(check)]
    pub fn mint(&mut self, ctx: &Context, to: Address, amount: Amount) -> Result<(), Refusal> {
        self.only_issuer(ctx)?;
        let cap = self.cap.get();
        let supply = self.supply.get().checked_add(amount);
        let supply = supply
            .filter(|supply| *supply <= cap)
            .ok_or(Refusal::CapExceeded { cap })?;
        self.supply.set(supply);
        let fits = self.balances.credit(&to, amount);
        ensure!(fits, Refusal::CapExceeded { cap });
        ctx.emit(Transfer {
            from: Address::ZERO,
            to,
            amount,
        });
        Ok(())
    }

    /// Moves units from the caller.
    #[call(check)]
    pub fn transfer(&mut self, ctx: &Context, to: Address, amount: Amount) -> Result<(), Refusal> {
        ensure!(!self.paused.get(), Refusal::Paused);
        self.balances
            .shift(ctx.caller(), to, amount)
            .map_err(|available| Refusal::InsufficientBalance {
                available,
                asked: amount,
            })?;
        ctx.emit(Transfer {
            from: ctx.caller(),
            to,
            amount,
        });
        Ok(())
    }

    /// Pauses or resumes transfers.
    #[call]
    pub fn pause(&mut self, ctx: &Context, paused: bool) -> Result<(), Refusal> {
        self.only_issuer(ctx)?;
        self.paused.set(paused);
        ctx.emit(Paused { paused });
        Ok(())
    }

    /// Units of one holder.
    #[query]
    pub fn balance_of(&self, holder: Address) -> Amount {
        self.balances.get(&holder)
    }

    /// Units that exist.
    #[query]
    pub fn supply(&self) -> Amount {
        self.supply.get()
    }

    /// The register of holders, in pages of at most 100.
    #[query]
    pub fn holders(&self, after: Option<Address>, limit: u32) -> Vec<Holding> {
        self.balances
            .page(after.as_ref(), limit.min(100) as usize)
            .into_iter()
            .map(|(holder, amount)| Holding { holder, amount })
            .collect()
    }

    fn only_issuer(&self, ctx: &Context) -> Result<(), Refusal> {
        ensure!(ctx.caller() == self.issuer.get(), Refusal::Unauthorized);
        Ok(())
    }
}
