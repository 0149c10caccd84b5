//! template-token: a token of at most a fixed number of units.
//!
//! The deployer issues units up to the cap; holders move and destroy them. The host itself refuses any
//! transaction after which the balances do not add up to the supply, or the supply exceeds the cap.
#![no_std]

use weighhouse_sdk::prelude::*;

/// What is remembered.
#[storage]
#[conserve(sum(balances) == supply)]
#[at_most(supply, cap)]
pub struct TemplateToken {
    issuer: Const<Address>,
    name: Const<String>,
    symbol: Const<String>,
    decimals: Const<u8>,
    cap: Const<Amount>,
    supply: Cell<Amount>,
    balances: Map<Address, Amount>,
}

/// Why it says no; a code keeps its meaning for ever.
#[errors]
pub enum Refusal {
    /// only the issuer may do this
    #[code(1)]
    Unauthorized,
    /// the holder has less than that
    #[code(200)]
    InsufficientBalance { available: Amount, asked: Amount },
    /// above the cap
    #[code(205)]
    CapExceeded { cap: Amount },
}

/// Units moved. From nobody: they are new. To nobody: they are destroyed.
#[derive(Debug, Event)]
pub struct Transfer {
    /// Who had them.
    pub from: Address,
    /// Who has them.
    pub to: Address,
    /// How many.
    pub amount: Amount,
}

#[contract(errors(Refusal), events(Transfer))]
impl TemplateToken {
    /// Fixes name, symbol, decimals and cap; the deployer is the issuer.
    #[constructor]
    pub fn open(&mut self, ctx: &Context, name: String, symbol: String, decimals: u8, cap: Amount) {
        self.issuer.set(ctx.caller());
        self.name.set(name);
        self.symbol.set(symbol);
        self.decimals.set(decimals);
        self.cap.set(cap);
    }

    /// Creates units.
    #[call(check)]
    pub fn mint(&mut self, ctx: &Context, to: Address, amount: Amount) -> Result<(), Refusal> {
        ensure!(ctx.caller() == self.issuer.get(), Refusal::Unauthorized);
        let cap = self.cap.get();
        let supply = self.supply.get().checked_add(amount);
        let supply = supply.filter(|supply| *supply <= cap);
        self.supply.set(supply.ok_or(Refusal::CapExceeded { cap })?);
        ensure!(
            self.balances.credit(&to, amount),
            Refusal::CapExceeded { cap }
        );
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

    /// Destroys units of the caller.
    #[call(check)]
    pub fn burn(&mut self, ctx: &Context, amount: Amount) -> Result<(), Refusal> {
        let refused = |available| Refusal::InsufficientBalance {
            available,
            asked: amount,
        };
        self.balances
            .debit(&ctx.caller(), amount)
            .map_err(refused)?;
        self.supply.debit(amount).map_err(refused)?;
        ctx.emit(Transfer {
            from: ctx.caller(),
            to: Address::ZERO,
            amount,
        });
        Ok(())
    }

    /// Units of a wallet.
    #[query]
    pub fn balance_of(&self, wallet: Address) -> Amount {
        self.balances.get(&wallet)
    }

    /// Units in all.
    #[query]
    pub fn supply(&self) -> Amount {
        self.supply.get()
    }

    /// Most units there can ever be.
    #[query]
    pub fn cap(&self) -> Amount {
        self.cap.get()
    }

    /// Name for people.
    #[query]
    pub fn name(&self) -> String {
        self.name.get()
    }

    /// Symbol, as in `10.50INV7`.
    #[query]
    pub fn symbol(&self) -> String {
        self.symbol.get()
    }

    /// Digits behind the point.
    #[query]
    pub fn decimals(&self) -> u8 {
        self.decimals.get()
    }
}
