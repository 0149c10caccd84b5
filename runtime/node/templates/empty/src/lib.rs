//! template-empty: say here what it is for.
#![no_std]

use weighhouse_sdk::prelude::*;

/// What is remembered.
#[storage]
pub struct TemplateEmpty {
    owner: Const<Address>, // set once, by the constructor
    note: Cell<String>,
}

/// Why it says no; a code keeps its meaning for ever.
#[errors]
pub enum Refusal {
    /// only the owner may do this
    #[code(1)]
    Unauthorized,
}

/// The note was changed.
#[derive(Debug, Event)]
pub struct Noted {
    /// The new text.
    pub note: String,
}

#[contract(errors(Refusal), events(Noted))]
impl TemplateEmpty {
    /// Runs once, at deployment; the deployer is the owner.
    #[constructor]
    pub fn open(&mut self, ctx: &Context) {
        self.owner.set(ctx.caller());
    }

    /// Changes the note. `check_set_note` says what would happen.
    #[call(check)]
    pub fn set_note(&mut self, ctx: &Context, note: String) -> Result<(), Refusal> {
        ensure!(ctx.caller() == self.owner.get(), Refusal::Unauthorized);
        self.note.set(note.clone());
        ctx.emit(Noted { note });
        Ok(())
    }

    /// The note.
    #[query]
    pub fn note(&self) -> String {
        self.note.get()
    }

    /// Who may change it.
    #[query]
    pub fn owner(&self) -> Address {
        self.owner.get()
    }
}
