//! One value each: [`Cell`] and [`Const`].

use super::{Field, encode_value, read, write_later};
use crate::Buffer;
use core::cell::OnceCell;
use core::fmt;
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::Amount;
use weighhouse_primitives::schema::describe::{Def, Describe};

/// One value under the field's name. Read at most once and written at most once per frame.
pub struct Cell<T> {
    prefix: u32,
    value: OnceCell<Option<T>>,
}

impl<T: Encode + Decode + Describe> Cell<T> {
    fn loaded(&self) -> &Option<T> {
        self.value
            .get_or_init(|| read(&Buffer::beginning(self.prefix.to_be_bytes())))
    }

    /// The value, if one was ever set.
    pub fn find(&self) -> Option<T>
    where
        T: Clone,
    {
        self.loaded().clone()
    }

    /// The value, or the type's default.
    pub fn get(&self) -> T
    where
        T: Clone + Default,
    {
        self.find().unwrap_or_default()
    }

    /// True if a value was set.
    pub fn is_set(&self) -> bool {
        self.loaded().is_some()
    }

    /// Sets the value. An amount of zero is not stored.
    pub fn set(&mut self, value: T) {
        write_later(self.prefix, |out| encode_value(&value, out));
        self.value = OnceCell::from(Some(value));
    }

    /// Removes the value.
    pub fn remove(&mut self) {
        write_later(self.prefix, |_| ());
        self.value = OnceCell::from(None);
    }

    /// Sets what `change` makes of the value.
    pub fn update(&mut self, change: impl FnOnce(T) -> T)
    where
        T: Clone + Default,
    {
        let value = self.get();
        self.set(change(value));
    }
}

impl Cell<Amount> {
    /// Adds `amount`; false, and nothing changes, above [`Amount::MAX`].
    #[must_use]
    pub fn credit(&mut self, amount: Amount) -> bool {
        self.get()
            .checked_add(amount)
            .map(|sum| self.set(sum))
            .is_some()
    }

    /// Subtracts `amount`.
    ///
    /// # Errors
    /// The value, if it is less than `amount`; nothing changes.
    pub fn debit(&mut self, amount: Amount) -> Result<(), Amount> {
        let available = self.get();
        let rest = available.checked_sub(amount).ok_or(available)?;
        self.set(rest);
        Ok(())
    }
}

impl Cell<u64> {
    /// Counts up and answers the new number: the first is 1.
    ///
    /// # Panics
    /// After 2^64 - 1 numbers.
    #[track_caller]
    #[expect(
        clippy::should_implement_trait,
        reason = "a counter has a next number; it is no iterator"
    )]
    pub fn next(&mut self) -> u64 {
        match self.get().checked_add(1) {
            Some(next) => {
                self.set(next);
                next
            }
            None => panic!("the counter is used up"),
        }
    }
}

impl<T: Describe> Field for Cell<T> {
    const KIND: u8 = 0;
    const KEY: &'static Def = <()>::TYPE;
    const VALUE: &'static Def = T::TYPE;

    fn at(prefix: u32) -> Self {
        Self {
            prefix,
            value: OnceCell::new(),
        }
    }
}

impl<T> fmt::Debug for Cell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cell")
    }
}

/// One value that the constructor sets and nobody changes: the host enforces it by a declared rule.
#[derive(Debug)]
pub struct Const<T>(Cell<T>);

impl<T: Encode + Decode + Describe> Const<T> {
    /// The value.
    ///
    /// # Panics
    /// If the constructor did not set it.
    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        match self.0.find() {
            Some(value) => value,
            None => panic!("the constructor did not set a constant"),
        }
    }

    /// Sets the value. In the constructor only: a later change breaks the rule. Unlike elsewhere, an
    /// amount of zero is stored, so that it cannot be changed either.
    pub fn set(&mut self, value: T) {
        write_later(self.0.prefix, |out| value.encode_to(out));
        self.0.value = OnceCell::from(Some(value));
    }
}

impl<T: Describe> Field for Const<T> {
    const KIND: u8 = 1;
    const KEY: &'static Def = <()>::TYPE;
    const VALUE: &'static Def = T::TYPE;

    fn at(prefix: u32) -> Self {
        Self(Cell::at(prefix))
    }
}
