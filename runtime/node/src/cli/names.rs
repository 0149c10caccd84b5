//! Names for accounts and contracts, wherever an address is asked for.
//!
//! In this order: an address itself, `dev:ROLE`, a name of the address book, a stored policy, a key
//! of the keystore, and on development networks a bare role of the test accounts.

use super::Context;
use crate::book::Book;
use crate::devkeys;
use crate::keystore::{Keystore, is_name};
use crate::nearest::suggestion;
use crate::output::Failure;
use crate::policies::Policies;
use crate::signer::ChainKind;
use weighhouse_primitives::{Address, KeyPolicy};
use weighhouse_rpc::address::Prefix;

/// What names mean on one chain.
#[derive(Clone, Debug)]
pub struct Names {
    /// Prefix of the chain's addresses.
    pub prefix: Prefix,
    /// The chain, as far as test keys are concerned.
    pub chain: ChainKind,
    /// The address book.
    pub book: Book,
    /// The keystore.
    pub keystore: Keystore,
    /// Key policies of accounts with several keys.
    pub policies: Policies,
}

impl Names {
    /// Opens book, keystore and policies of the configuration folder.
    ///
    /// # Errors
    /// If there is no configuration folder or the book is damaged.
    pub fn open(context: &Context, prefix: Prefix, chain: ChainKind) -> Result<Self, Failure> {
        let folder = context.config_dir()?;
        Ok(Self {
            prefix,
            chain,
            book: Book::open(&folder)?,
            keystore: Keystore::new(&folder),
            policies: Policies::new(&folder),
        })
    }

    /// The address that a text means; the message says why it means none.
    ///
    /// # Errors
    /// A text that is neither an address of this chain nor a known name.
    pub fn resolve(&self, text: &str) -> Result<Address, String> {
        if looks_like_address(text) {
            return self.prefix.parse(text).map_err(|error| error.to_string());
        }
        if text.starts_with("dev:") {
            return self.role(text).map_err(|error| error.to_string());
        }
        let text = text.strip_prefix("file:").unwrap_or(text);
        let known = self
            .book
            .address(&self.prefix, text)
            .or_else(|| Some(Address::of_account(&self.policies.read(text)?)))
            .or_else(|| {
                self.key_policy(text)
                    .map(|policy| Address::of_account(&policy))
            });
        if let Some(address) = known {
            return Ok(address);
        }
        if self.chain.development && devkeys::ROLES.contains(&text) {
            return self.role(text).map_err(|error| error.to_string());
        }
        let mut message = format!("{text:?} is neither an address nor a known name");
        let known = self.known();
        if let Some(near) = suggestion(text, known.iter().map(String::as_str)) {
            message = format!("{message}; {near}");
        }
        let other = self.book.entries().find(|(_, name, _)| *name == text);
        if let Some((prefix, _, _)) = other {
            message =
                format!("{message} (the address book knows {text} on {prefix} networks only)");
        }
        Err(message)
    }

    /// As [`Names::resolve`], as a failure of the command.
    ///
    /// # Errors
    /// As [`Names::resolve`].
    pub fn address(&self, text: &str) -> Result<Address, Failure> {
        self.resolve(text).map_err(|message| {
            Failure::answered(1301, "bad_argument", message)
                .help("weighhouse book list  shows the names, weighhouse key list  the keys")
        })
    }

    /// The policy behind a text that names one, or behind an address that a stored policy has.
    #[must_use]
    pub fn policy(&self, text: &str) -> Option<KeyPolicy> {
        if let Some(policy) = self.policies.read(text).or_else(|| self.key_policy(text)) {
            return Some(policy);
        }
        let address = self.resolve(text).ok()?;
        if let Some(policy) = self.policies.of_address(&address) {
            return Some(policy);
        }
        let names = self.keystore.names().ok()?;
        let mut policies = names.iter().filter_map(|name| self.key_policy(name));
        let roles = devkeys::ROLES
            .iter()
            .filter_map(|role| self.role_policy(role));
        policies
            .find(|policy| Address::of_account(policy) == address)
            .or_else(|| {
                roles
                    .into_iter()
                    .find(|policy| Address::of_account(policy) == address)
            })
    }

    /// An address as text, with its name if it has one.
    #[must_use]
    pub fn show(&self, address: &Address) -> String {
        let text = self.prefix.format(address);
        match self.name(address) {
            Some(name) => format!("{text} ({name})"),
            None => text,
        }
    }

    /// The name of an address, or the address in short.
    #[must_use]
    pub fn short(&self, address: &Address) -> String {
        if *address == Address::ZERO {
            return "nobody".into();
        }
        self.name(address)
            .unwrap_or_else(|| self.prefix.format_short(address))
    }

    /// The name of an address.
    #[must_use]
    pub fn name(&self, address: &Address) -> Option<String> {
        if let Some(name) = self.book.name(&self.prefix, address) {
            return Some(name.into());
        }
        let mut policies = self.policies.list().into_iter();
        if let Some((name, _)) = policies.find(|(_, p)| Address::of_account(p) == *address) {
            return Some(name);
        }
        let keys = self.keystore.names().unwrap_or_default();
        let mine = |name: &String| {
            self.key_policy(name)
                .map(|policy| Address::of_account(&policy))
        };
        if let Some(name) = keys.into_iter().find(|name| mine(name) == Some(*address)) {
            return Some(name);
        }
        let mut roles = devkeys::ROLES.iter();
        let role = roles.find(|role| self.role(role).as_ref() == Ok(address))?;
        Some(format!("dev:{role}"))
    }

    fn key_policy(&self, name: &str) -> Option<KeyPolicy> {
        if !is_name(name) {
            return None;
        }
        let public = self.keystore.read(name).ok()?.public().ok()?;
        Some(KeyPolicy::single(public))
    }

    fn role_policy(&self, role: &str) -> Option<KeyPolicy> {
        let key = devkeys::key(role, &self.chain.name, self.chain.development);
        key.ok().map(|key| devkeys::policy(&key))
    }

    fn role(&self, role: &str) -> Result<Address, devkeys::DevKeyError> {
        let key = devkeys::key(role, &self.chain.name, self.chain.development)?;
        Ok(devkeys::address(&key))
    }

    fn known(&self) -> Vec<String> {
        let prefix = self.prefix.as_str();
        let book = self.book.entries().filter(|(table, _, _)| *table == prefix);
        let mut known: Vec<String> = book.map(|(_, name, _)| name.to_owned()).collect();
        known.extend(self.policies.list().into_iter().map(|(name, _)| name));
        known.extend(self.keystore.names().unwrap_or_default());
        if self.chain.development {
            known.extend(devkeys::ROLES.map(str::to_owned));
        }
        known
    }
}

/// True for what can only be meant as an address: `0x...`, or long with a bech32 separator.
#[must_use]
pub fn looks_like_address(text: &str) -> bool {
    let separated = text
        .split_once('1')
        .is_some_and(|(head, _)| head.to_ascii_lowercase().starts_with("wh") && head.len() <= 8);
    text.starts_with("0x") || (separated && text.len() > 40)
}
