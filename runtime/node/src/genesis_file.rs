//! `genesis.toml`: the genesis document as people write it.
//!
//! Chain parameters only: nothing here belongs to one node (`docs/operating.md`). Every node of a
//! chain needs a file that means the same; its hash names the chain. Whatever is wrong is refused
//! with file, line and reason before anything is created.

use crate::clock::{format_time, parse_time};
use crate::document::{Document, Fields, Flaw, Item};
use crate::validator;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use weighhouse_primitives::policy::{Access, ChainPolicy, Quota, ValidatorSet};
use weighhouse_primitives::{Address, Gas, Timestamp};
use weighhouse_rpc::address::Prefix;
use weighhouse_runtime::{Genesis, limits};

/// Every key of the file.
const KEYS: [&str; 12] = [
    "name",
    "prefix",
    "development",
    "protocol",
    "time",
    "validators",
    "policy.governor",
    "policy.submit",
    "policy.upload",
    "policy.deploy",
    "policy.quota.window_seconds",
    "policy.quota.gas",
];

/// Reads a genesis file.
///
/// # Errors
/// File, line and reason of the first thing that is wrong.
pub fn read(file: &Path) -> Result<Genesis, Flaw> {
    from_document(&Document::read(file)?)
}

/// Reads the text of a genesis file; `file` is named in complaints.
///
/// # Errors
/// File, line and reason of the first thing that is wrong.
pub fn parse(file: &Path, text: &str) -> Result<Genesis, Flaw> {
    from_document(&Document::parse(file, text)?)
}

fn from_document(document: &Document) -> Result<Genesis, Flaw> {
    let fields = Fields::of(document, &KEYS, "as `weighhouse node init` writes it")?;
    let keys = Keys { document, fields };
    let (name, line) = fields.text("name")?;
    if name.is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
        let reason = "name must have 1 to 64 characters, without control characters";
        return Err(document.flaw(line, reason.into(), "for example \"bank-1\""));
    }
    let (prefix_text, line) = fields.text("prefix")?;
    let prefix = Prefix::new(prefix_text).filter(|_| prefix_text.len() <= 16);
    let prefix = prefix.ok_or_else(|| {
        let reason = format!("prefix {prefix_text:?} cannot begin an address");
        let help = "1 to 16 lower-case letters: wh for production, whdev for development";
        document.flaw(line, reason, help)
    })?;
    Ok(Genesis {
        name: name.into(),
        prefix: prefix_text.into(),
        development: fields.flag("development")?,
        protocol: keys.protocol()?,
        time: keys.time()?,
        policy: keys.policy(&prefix)?,
        validators: keys.validators()?,
    })
}

/// What the keys mean for a chain.
struct Keys<'a> {
    document: &'a Document,
    fields: Fields<'a>,
}

impl Keys<'_> {
    fn protocol(&self) -> Result<u32, Flaw> {
        let Some(entry) = self.fields.entry("protocol") else {
            return Ok(limits::PROTOCOL_VERSION);
        };
        let known = u64::from(limits::PROTOCOL_VERSION);
        self.fields.number(entry, known, known)?;
        Ok(limits::PROTOCOL_VERSION)
    }

    fn time(&self) -> Result<Timestamp, Flaw> {
        let (text, line) = self.fields.text("time")?;
        parse_time(text).map_err(|error| {
            self.document
                .flaw(line, error.to_string(), "write it in UTC")
        })
    }

    fn validators(&self) -> Result<ValidatorSet, Flaw> {
        let mut set = ValidatorSet::default();
        let Some(entry) = self.fields.entry("validators") else {
            return Ok(set);
        };
        let help = "write \"KEY:POWER\", the key as in priv_validator_key.json of its CometBFT";
        for (text, line) in self.fields.list(&entry.key)? {
            let flaw = |reason: String| self.document.flaw(*line, reason, help);
            let (key, power) = validator::entry(text)
                .ok_or_else(|| flaw(format!("{text:?} is no validator with its power")))?;
            if set.0.insert(key, power).is_some() {
                return Err(flaw(format!("validators lists {text} twice")));
            }
        }
        match set.0.is_empty() || set.is_valid() {
            true => Ok(set),
            false => Err(self.document.flaw(
                entry.line,
                "the validators are too many, or have too much power".into(),
                "at most 128, with at most 1000000000000 together",
            )),
        }
    }

    fn policy(&self, prefix: &Prefix) -> Result<ChainPolicy, Flaw> {
        let governor = match self.fields.entry("policy.governor") {
            None => None,
            Some(entry) => {
                let (text, line) = self.fields.text(&entry.key)?;
                Some(self.address(prefix, text, line)?)
            }
        };
        Ok(ChainPolicy {
            governor,
            submit: self.access(prefix, "policy.submit")?,
            upload: self.access(prefix, "policy.upload")?,
            deploy: self.access(prefix, "policy.deploy")?,
            quota: self.quota()?,
        })
    }

    fn access(&self, prefix: &Prefix, key: &str) -> Result<Access, Flaw> {
        let entry = self.fields.needed(key)?;
        match &entry.item {
            Item::Text(text) if text == "open" => Ok(Access::Open),
            Item::List(texts) => {
                let mut listed = BTreeSet::new();
                for (text, line) in texts {
                    if !listed.insert(self.address(prefix, text, *line)?) {
                        let reason = format!("{key} lists {text} twice");
                        return Err(self.document.flaw(*line, reason, "list it once"));
                    }
                }
                Ok(Access::Listed(listed))
            }
            _ => Err(self.fields.wrong(entry, "\"open\" or a list of addresses")),
        }
    }

    fn address(&self, prefix: &Prefix, text: &str, line: usize) -> Result<Address, Flaw> {
        prefix.parse(text).map_err(|error| {
            let help = format!("write an address such as {}1...", prefix.as_str());
            self.document.flaw(line, error.to_string(), &help)
        })
    }

    fn quota(&self) -> Result<Option<Quota>, Flaw> {
        let window = self.fields.entry("policy.quota.window_seconds");
        let gas = self.fields.entry("policy.quota.gas");
        let (window, gas) = match (window, gas) {
            (None, None) => return Ok(None),
            (Some(window), Some(gas)) => (window, gas),
            (Some(one), None) | (None, Some(one)) => {
                let reason = "a quota needs both window_seconds and gas".to_owned();
                let help = "add the other, or remove [policy.quota] for no quota";
                return Err(self.document.flaw(one.line, reason, help));
            }
        };
        let window_seconds = self.fields.number(window, 1, u64::from(u32::MAX))?;
        Ok(Some(Quota {
            window_seconds: u32::try_from(window_seconds).unwrap_or(u32::MAX),
            gas: Gas(self.fields.number(gas, 1, 1 << 40)?),
        }))
    }
}

/// Writes a genesis document as a file that [`parse`] reads back unchanged.
#[must_use]
pub fn format(genesis: &Genesis) -> String {
    let prefix = Prefix::new(&genesis.prefix);
    let address = |address: &Address| match &prefix {
        Some(prefix) => prefix.format(address),
        None => address.to_string(),
    };
    let access = |access: &Access| match access {
        Access::Open => "\"open\"".to_owned(),
        Access::Listed(listed) => {
            let lines: Vec<String> = listed
                .iter()
                .map(|one| format!("    \"{}\",\n", address(one)))
                .collect();
            format!("[\n{}]", lines.concat())
        }
    };
    let policy = &genesis.policy;
    let mut text = format!(
        "# What this chain starts from. The hash of its content names the chain and is bound into\n\
         # every signature: after the first block nothing here can be changed.\n\n\
         # Name for people.\nname = {name}\n\
         # How addresses begin: wh for production, whdev for development networks.\nprefix = {prefix}\n\
         # True only for test networks: unsigned transactions, settable clock, blocks taken back.\n\
         development = {development}\n\
         # Version of limits and gas schedule.\nprotocol = {protocol}\n\
         # No block is earlier (UTC).\ntime = \"{time}\"\n\n\
         {validators}[policy]\n",
        name = toml::Value::from(genesis.name.as_str()),
        prefix = toml::Value::from(genesis.prefix.as_str()),
        development = genesis.development,
        protocol = genesis.protocol,
        time = format_time(genesis.time),
        validators = validators(&genesis.validators),
    );
    let governor = match &policy.governor {
        Some(governor) => format!("governor = \"{}\"\n", address(governor)),
        None => {
            "# governor = \"ADDRESS\"   (left out: nobody can ever change this policy)\n".into()
        }
    };
    let _ = write!(
        text,
        "# Account whose key policy may change what follows.\n{governor}\
         # Who may send transactions, store code, create contracts: \"open\" or a list of addresses.\n\
         submit = {}\nupload = {}\ndeploy = {}\n",
        access(&policy.submit),
        access(&policy.upload),
        access(&policy.deploy),
    );
    if let Some(quota) = &policy.quota {
        let _ = write!(
            text,
            "\n# Gas that one account may use in one window of block time.\n[policy.quota]\n\
             window_seconds = {}\ngas = {}\n",
            quota.window_seconds, quota.gas
        );
    }
    text
}

/// The validators as a list, nothing for none.
fn validators(set: &ValidatorSet) -> String {
    if set.0.is_empty() {
        return String::new();
    }
    let mut text = "# Who votes on blocks at first: \"KEY:POWER\"; later the governor says.\n\
                    validators = [\n"
        .to_owned();
    for (key, power) in &set.0 {
        let _ = writeln!(text, "    \"{}\",", validator::entry_text(key, *power));
    }
    text.push_str("]\n\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed() -> Genesis {
        let mut genesis = Genesis::development(Timestamp(1_768_197_600));
        genesis.name = "bank \"one\"".into();
        genesis.policy.governor = Some(Address([7; 32]));
        genesis.policy.upload = Access::Listed([Address([1; 32]), Address([2; 32])].into());
        genesis.validators = ValidatorSet([([3; 32], 10), ([4; 32], 1)].into());
        genesis.policy.quota = Some(Quota {
            window_seconds: 3_600,
            gas: Gas(5_000_000_000),
        });
        genesis
    }

    /// What is written means what was given, to the hash.
    #[test]
    fn genesis_round_trips() {
        for genesis in [Genesis::development(Timestamp(0)), listed()] {
            let text = format(&genesis);
            let back = parse(Path::new("genesis.toml"), &text).expect("well formed");
            assert_eq!(back, genesis, "{text}");
            assert_eq!(back.hash(), genesis.hash());
        }
    }

    /// Each mistake is refused with its line and a reason.
    #[test]
    fn mistakes_name_line_and_reason() {
        let good = format(&listed());
        for (from, to, expected) in [
            (
                "development =",
                "developement =",
                "unknown key developement",
            ),
            (
                "prefix = \"whdev\"",
                "prefix = \"WH\"",
                "cannot begin an address",
            ),
            ("true", "\"yes\"", "must be true or false"),
            (
                "protocol = 1",
                "protocol = 9",
                "must be a number from 1 to 1",
            ),
            (
                "2026-01-12T06:00:00Z",
                "2026-02-30T06:00:00Z",
                "is not a time",
            ),
            ("window_seconds = 3600", "", "a quota needs both"),
            ("window_seconds = 3600", "window_seconds = 0", "from 1 to"),
            (
                "submit = \"open\"",
                "submit = \"all\"",
                "\"open\" or a list",
            ),
            ("submit = \"open\"", "submit = [\"whdev1xyz\"]", "address"),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good, "{from}");
            let flaw = parse(Path::new("g.toml"), &text).expect_err(to);
            assert!(flaw.line.is_some(), "{flaw}");
            assert!(flaw.reason.contains(expected), "{flaw}");
            assert!(flaw.to_string().starts_with("g.toml:"), "{flaw}");
        }
        let flaw = parse(Path::new("g.toml"), "name = \"x\"").expect_err("incomplete");
        assert_eq!(flaw.to_string(), "g.toml: prefix is missing");
        let flaw = parse(Path::new("g.toml"), "name = ").expect_err("not TOML");
        assert_eq!(flaw.line, Some(1));
    }
}
