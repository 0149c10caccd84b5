//! `weighhouse key`: keys, and accounts that several keys control.

use super::passphrase::{self, PassphraseArgs};
use super::{Context, key_file, key_message};
use crate::devkeys;
use crate::keystore::{KeyFile, Keystore, KeystoreError};
use crate::nearest::suggestion;
use crate::output::Failure;
use crate::policies::{Policies, PolicyText, parse_public};
use crate::signer::{SignerError, SocketSigner, Source};
use serde_json::{Value, json};
use std::path::PathBuf;
use weighhouse_primitives::{Address, KeyPolicy, PublicKey};
use weighhouse_rpc::address::{PREFIX_DEVELOPMENT, PREFIX_PRODUCTION, Prefix};

/// Verbs of `weighhouse key`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Make a new key
    New {
        /// Name of the key: a-z, 0-9, - and _
        name: String,
        /// How the key is unlocked
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Store a secret key that you have: 0x and 64 hex digits
    Import {
        /// Name of the key
        name: String,
        /// File that holds the secret; - is standard input [default: a prompt]
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// How the key is unlocked
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// List keys and policies
    List,
    /// Show public key and addresses of NAME, dev:ROLE or a policy
    Show {
        /// Name of a key or policy, or dev:ROLE
        name: String,
        /// Show the secret too; test keys only
        #[arg(long)]
        secret: bool,
    },
    /// Print a secret key
    Export {
        /// Name of the key
        name: String,
        /// How the key is unlocked
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Change a passphrase
    Passwd {
        /// Name of the key
        name: String,
        /// File whose first line is the new passphrase [default: a prompt]
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
        /// How the key is unlocked
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Delete a key for ever
    Remove {
        /// Name of the key
        name: String,
    },
    /// Sign a message (a permit, say); transactions are signed by tx sign
    Sign(key_message::SignArgs),
    /// Verify the signature of a message
    Verify(key_message::VerifyArgs),
    /// Address of an account that several keys control
    Policy {
        /// How many of the keys must sign
        #[arg(long, short)]
        threshold: u8,
        /// Store it under this name, for tx sign and --from
        #[arg(long, value_name = "NAME")]
        r#as: Option<String>,
        /// Keys: names, dev:ROLE, or 0x and 64 hex digits
        #[arg(required = true)]
        keys: Vec<String>,
    },
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// Usage, the keystore, or nobody to ask for a passphrase.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let folder = context.config_dir()?;
        let (store, policies) = (Keystore::new(&folder), Policies::new(&folder));
        match self {
            Self::New { name, passphrase } => key_file::new(context, &store, &name, &passphrase),
            Self::Import {
                name,
                from,
                passphrase,
            } => key_file::import(context, &store, &name, from.as_deref(), &passphrase),
            Self::List => list(context, &store, &policies),
            Self::Show { name, secret } => show(context, &store, &policies, &name, secret),
            Self::Export { name, passphrase } => {
                key_file::export(context, &store, &name, &passphrase)
            }
            Self::Passwd {
                name,
                new_passphrase_file,
                passphrase,
            } => {
                let new = new_passphrase_file.as_deref();
                let new = new.map(passphrase::from_file).transpose()?;
                key_file::passwd(context, &store, &name, &passphrase, new)
            }
            Self::Remove { name } => key_file::remove(context, &store, &name),
            Self::Sign(args) => args.run(context, &store),
            Self::Verify(args) => args.run(context),
            Self::Policy {
                threshold,
                r#as,
                keys,
            } => policy(context, &store, &policies, threshold, r#as, &keys),
        }
    }
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        let help = match &error {
            KeystoreError::Name { .. } => "choose a name such as issuer".into(),
            KeystoreError::Unknown { name, known, .. } => {
                suggestion(name, known.iter().map(String::as_str))
                    .unwrap_or_else(|| "weighhouse key list  shows the keys".into())
            }
            KeystoreError::Taken { name } => {
                format!("choose another name, or  weighhouse key remove {name}  first")
            }
            KeystoreError::Format { .. } => "restore the file from a backup".into(),
            KeystoreError::Locked { .. } => {
                "try again; if the passphrase is right, restore the file from a backup".into()
            }
            KeystoreError::PassphraseShort { .. } => "choose four random words".into(),
            KeystoreError::Exposed { path, .. } => format!("chmod 600 {}", path.display()),
            KeystoreError::Random(_) | KeystoreError::Io { .. } => {
                "remove the cause and try again".into()
            }
        };
        Self::failed(error.to_string()).help(help)
    }
}

impl From<SignerError> for Failure {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Keystore(error) => error.into(),
            SignerError::Dev(error) => Self::usage(error.to_string())
                .help("use a key of your own: weighhouse key new NAME, then --signer file:NAME"),
            SignerError::Socket { .. } => Self::failed(error.to_string())
                .help("see whether it runs and may be reached; nothing was sent"),
            SignerError::Env { .. } => Self::usage(error.to_string())
                .help("set it to 0x and 64 hex digits, or use --signer file:NAME"),
        }
    }
}

/// Both addresses of a policy: production and development networks.
pub(super) fn addresses(policy: &KeyPolicy) -> (String, String) {
    let address = Address::of_account(policy);
    let text =
        |prefix| Prefix::new(prefix).map_or_else(String::new, |prefix| prefix.format(&address));
    (text(PREFIX_PRODUCTION), text(PREFIX_DEVELOPMENT))
}

fn describe(name: &str, policy: &KeyPolicy) -> (String, Value) {
    let (production, development) = addresses(policy);
    let text = PolicyText::from(policy);
    let mut lines = vec![format!("name         {name}")];
    if text.keys.len() > 1 {
        lines.push(format!(
            "threshold    {} of {}",
            text.threshold,
            text.keys.len()
        ));
    }
    lines.extend(text.keys.iter().map(|key| format!("public key   {key}")));
    lines.push(format!("address      {production}"));
    lines.push(format!("on a devnet  {development}"));
    let document = json!({
        "name": name, "threshold": text.threshold, "public_keys": text.keys,
        "address": production, "devnet_address": development,
    });
    (lines.join("\n"), document)
}

fn list(context: &Context, store: &Keystore, policies: &Policies) -> Result<(), Failure> {
    let (mut lines, mut items) = (Vec::new(), Vec::new());
    for name in store.names()? {
        match store.read(&name).and_then(|file| file.public()) {
            Ok(public) => {
                let (address, devnet) = addresses(&KeyPolicy::single(public));
                lines.push(format!("{name:<16} {address}"));
                items.push(json!({"name": name, "kind": "key", "address": address, "devnet_address": devnet}));
            }
            Err(error) => context.output.warn(error.to_string()),
        }
    }
    for (name, policy) in policies.list() {
        let (address, devnet) = addresses(&policy);
        let of = format!("{} of {}", policy.threshold, policy.keys.len());
        lines.push(format!("{name:<16} {address}  {of}"));
        items.push(json!({"name": name, "kind": "policy", "of": of, "address": address, "devnet_address": devnet}));
    }
    if items.is_empty() {
        context.output.note("no keys yet: weighhouse key new NAME");
    }
    context.output.answer(lines.join("\n"), &items);
    Ok(())
}

fn show(
    context: &Context,
    store: &Keystore,
    policies: &Policies,
    name: &str,
    secret: bool,
) -> Result<(), Failure> {
    if let Some(role) = name.strip_prefix("dev:") {
        let key = devkeys::key(role, "a development network", true).map_err(SignerError::from)?;
        let (mut text, mut document) = describe(name, &devkeys::policy(&key));
        if secret {
            let shown = format!("0x{}", hex::encode(key.as_bytes()));
            text.push_str(&format!("\nsecret       {shown}"));
            document["secret"] = json!(shown);
            context
                .output
                .warn("this is a public test key; never use it elsewhere");
        }
        context.output.answer(text, &document);
        return Ok(());
    }
    if secret {
        return Err(
            Failure::usage(format!("the secret of {name} is not shown by key show"))
                .help(format!("weighhouse key export {name}")),
        );
    }
    let policy = match policies.read(name) {
        Some(policy) => policy,
        None => KeyPolicy::single(known(store, policies, name)?.public()?),
    };
    let (text, document) = describe(name, &policy);
    context.output.answer(text, &document);
    Ok(())
}

/// Reads a key; of an unknown name, the nearest of keys and policies are named.
fn known(store: &Keystore, policies: &Policies, name: &str) -> Result<KeyFile, Failure> {
    let found = store.read(name);
    Ok(found.map_err(|error| match error {
        KeystoreError::Unknown {
            name,
            folder,
            mut known,
        } => {
            known.extend(policies.list().into_iter().map(|(name, _)| name));
            KeystoreError::Unknown {
                name,
                folder,
                known,
            }
        }
        other => other,
    })?)
}

/// A key as words name it: a stored key, `dev:ROLE`, or the public key itself.
fn public_of(store: &Keystore, text: &str) -> Result<PublicKey, Failure> {
    if let Some(key) = parse_public(text) {
        return Ok(key);
    }
    match text.parse::<Source>() {
        Ok(Source::Dev(role)) => {
            let key =
                devkeys::key(&role, "a development network", true).map_err(SignerError::from)?;
            let public = devkeys::policy(&key).keys.first().copied();
            public.ok_or_else(|| Failure::usage(format!("{text} has no key")).help("name a role"))
        }
        Ok(Source::File(name)) => Ok(PublicKey::Ed25519(store.read(&name)?.public()?)),
        Ok(Source::Socket(path)) => {
            let signer = SocketSigner::open(&path)?;
            Ok(PublicKey::Ed25519(*signer.public()))
        }
        _ => Ok(PublicKey::Ed25519(store.read(text)?.public()?)),
    }
}

fn policy(
    context: &Context,
    store: &Keystore,
    policies: &Policies,
    threshold: u8,
    name: Option<String>,
    keys: &[String],
) -> Result<(), Failure> {
    let keys: Vec<PublicKey> = keys
        .iter()
        .map(|text| public_of(store, text))
        .collect::<Result<_, _>>()?;
    let count = keys.len();
    let policy = KeyPolicy::of(threshold, keys).ok_or_else(|| {
        Failure::usage(format!("{threshold} of {count} keys is not a policy"))
            .help("name 1 to 16 different keys and a threshold of 1 to their number")
    })?;
    if let Some(name) = &name {
        if store.names()?.contains(name) {
            return Err(
                Failure::usage(format!("a key {name} exists already")).help("choose another name")
            );
        }
        policies.write(name, &policy).map_err(|error| {
            Failure::usage(format!("cannot store the policy: {error}")).help("choose another name")
        })?;
    }
    let (text, document) = describe(name.as_deref().unwrap_or("-"), &policy);
    context.output.answer(text, &document);
    Ok(())
}
