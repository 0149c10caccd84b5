//! Verbs of `weighhouse key` that make, change or read key files.

use super::passphrase::{self, PassphraseArgs};
use super::{Context, key::addresses};
use crate::keystore::{KeyFile, Keystore, Secret, Strength, generate, is_name};
use crate::output::Failure;
use crate::signer::parse_secret;
use serde_json::json;
use std::io::Read;
use std::path::Path;
use weighhouse_primitives::KeyPolicy;
use zeroize::Zeroizing;

/// Makes a key.
///
/// # Errors
/// A bad or taken name, a short passphrase, the file system.
pub(super) fn new(
    context: &Context,
    store: &Keystore,
    name: &str,
    passphrase: &PassphraseArgs,
) -> Result<(), Failure> {
    free(store, name)?;
    let secret = generate()?;
    keep(context, store, name, &secret, passphrase)
}

/// Stores a secret that the user has.
///
/// # Errors
/// As [`new`]; a secret that is none.
pub(super) fn import(
    context: &Context,
    store: &Keystore,
    name: &str,
    from: Option<&Path>,
    passphrase: &PassphraseArgs,
) -> Result<(), Failure> {
    free(store, name)?;
    let text = match from {
        Some(path) if path == Path::new("-") => {
            let mut text = Zeroizing::new(String::new());
            let read = std::io::stdin().lock().read_to_string(&mut text);
            read.map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
            text
        }
        Some(path) => passphrase::from_file(path)?,
        None => passphrase::prompt(context, "secret key (0x and 64 hex digits): ")?,
    };
    let secret = parse_secret(&text).ok_or_else(|| {
        Failure::usage("this is not a secret key").help("it is written as 0x and 64 hex digits")
    })?;
    keep(context, store, name, &secret, passphrase)
}

/// Prints a secret.
///
/// # Errors
/// An unknown key, a wrong passphrase, or a user who declines.
pub(super) fn export(
    context: &Context,
    store: &Keystore,
    name: &str,
    passphrase: &PassphraseArgs,
) -> Result<(), Failure> {
    let file = store.read(name)?;
    context.confirm(&format!("print the secret of key {name}?"))?;
    let secret = file.unlock(&passphrase.unlock(context, name)?)?;
    let text = Zeroizing::new(format!("0x{}", hex::encode(secret.as_slice())));
    context
        .output
        .answer(&*text, &json!({ "name": name, "secret": *text }));
    Ok(())
}

/// Changes a passphrase.
///
/// # Errors
/// An unknown key, a wrong passphrase, a new one that is too short.
pub(super) fn passwd(
    context: &Context,
    store: &Keystore,
    name: &str,
    old: &PassphraseArgs,
    new: Option<Zeroizing<String>>,
) -> Result<(), Failure> {
    let secret = store.read(name)?.unlock(&old.unlock(context, name)?)?;
    let new = match new {
        Some(new) => new,
        None => passphrase::choose_at_prompt(context, &format!("new passphrase of key {name}: "))?,
    };
    let file = KeyFile::seal(name, &secret, &new, Strength::default())?;
    store.write(&file, true)?;
    context
        .output
        .answer("", &json!({ "name": name, "changed": true }));
    Ok(())
}

/// Deletes a key.
///
/// # Errors
/// An unknown key, or a user who declines.
pub(super) fn remove(context: &Context, store: &Keystore, name: &str) -> Result<(), Failure> {
    store.read(name)?;
    let question = format!("delete key {name} for ever? what it controls is lost without a backup");
    context.confirm(&question)?;
    store.remove(name)?;
    context.output.answer("", &json!({ "removed": name }));
    Ok(())
}

/// Fails early, before a passphrase is asked for.
fn free(store: &Keystore, name: &str) -> Result<(), Failure> {
    if is_name(name) && store.names()?.iter().any(|known| known == name) {
        return Err(crate::keystore::KeystoreError::Taken { name: name.into() }.into());
    }
    Ok(())
}

fn keep(
    context: &Context,
    store: &Keystore,
    name: &str,
    secret: &Secret,
    passphrase: &PassphraseArgs,
) -> Result<(), Failure> {
    if !is_name(name) {
        return Err(crate::keystore::KeystoreError::Name { name: name.into() }.into());
    }
    let passphrase = passphrase.choose(context, name)?;
    let file = KeyFile::seal(name, secret, &passphrase, Strength::default())?;
    let path = store.write(&file, false)?;
    let (address, devnet) = addresses(&KeyPolicy::single(file.public()?));
    context
        .output
        .note(format!("stored in {}; back it up", path.display()));
    context.output.note(format!("on a devnet  {devnet}"));
    let document = json!({
        "name": name, "address": address, "devnet_address": devnet,
        "file": path.display().to_string(),
    });
    context.output.answer(&address, &document);
    Ok(())
}
