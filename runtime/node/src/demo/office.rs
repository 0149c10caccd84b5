//! The register of participants with its officers: nobody takes part who was not registered by one of
//! them, screened by another and approved by a third.

use super::answer::Refusal;
use super::party::Party;
use super::stage::Stage;
use crate::output::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use weighhouse_primitives::{Hash, Timestamp};

/// The register among the contracts of a story.
pub(super) const REGISTER: &str = "register";
/// Delay of a new administrator, in seconds.
pub(super) const ADMIN_DELAY: &str = "86400";
/// Delay of rules that are not tighter, in seconds.
const RULE_DELAY: &str = "86400";
/// The sanctions list that parties are screened against.
const LIST: u32 = 1;

/// Officers and their roles. `deputy` has two that may be combined, but not in one case.
const OFFICERS: [(&str, &str); 12] = [
    ("Pauser", "pauser"),
    ("Operator", "operator"),
    ("Operator", "deputy"),
    ("Compliance", "deputy"),
    ("Compliance", "compliance"),
    ("Screener", "screener"),
    ("Regulator", "regulator"),
    ("Enforcer", "enforcer"),
    ("Registrar", "registrar"),
    ("Registrar", "second_registrar"),
    ("Auditor", "auditor"),
    ("Arbiter", "arbiter"),
];

/// Roles that the registry of rights knows.
const RIGHTS_ROLES: [&str; 6] = [
    "Pauser",
    "Registrar",
    "Enforcer",
    "Regulator",
    "Auditor",
    "Arbiter",
];

/// The hash of a paper that exists outside the chain.
pub(super) fn paper(name: &str) -> String {
    Hash::of(name.as_bytes()).to_string()
}

/// Two or three letters as the register takes them.
pub(super) fn letters(text: &str) -> String {
    format!("0x{}", hex::encode(text))
}

/// The register, and the numbers of those who are in it.
#[derive(Debug)]
pub(super) struct Office {
    pids: BTreeMap<&'static str, Value>,
    kyc_until: Timestamp,
    list_version: u64,
    /// Gas of everything the office did.
    pub(super) gas: u64,
}

impl Office {
    /// Deploys an empty register; officers act by role. What is known of parties is good until then.
    pub(super) async fn open(stage: &mut Stage<'_>, kyc_until: Timestamp) -> Result<Self, Failure> {
        let mut names: Vec<&str> = OFFICERS.iter().map(|(_, name)| *name).collect();
        names.push("admin");
        stage.enter(&names)?;
        let args = json!({
            "admin": stage.at("admin")?,
            "roles": Self::roles(stage, &[])?,
            "settings": {
                "admin_delay": ADMIN_DELAY, "rule_delay": RULE_DELAY,
                "utc_offset": stage.calendar.utc_offset,
            },
        });
        let gas = stage.deploy("admin", ("participants", REGISTER), args);
        Ok(Self {
            gas: gas.await?,
            pids: BTreeMap::new(),
            kyc_until,
            list_version: 1,
        })
    }

    /// Officers by role as a constructor takes them, all or those with one of `roles`.
    pub(super) fn roles(stage: &Stage<'_>, roles: &[&str]) -> Result<Vec<Value>, Failure> {
        let wanted = |role: &str| roles.is_empty() || roles.contains(&role);
        let wanted = OFFICERS.iter().filter(|(role, _)| wanted(role));
        wanted
            .map(|(role, name)| Ok(json!([role, stage.at(name)?])))
            .collect()
    }

    /// Number of a participant.
    pub(super) fn pid(&self, role: &str) -> Result<Value, Failure> {
        let found = self.pids.get(role).cloned();
        found.ok_or_else(|| Failure::fault(format!("{role} is not in the register")))
    }

    /// Name of the participant with this number; the number itself if it is not known.
    pub(super) fn name(&self, pid: &Value) -> String {
        let found = self.pids.iter().find(|(_, known)| *known == pid);
        found.map_or_else(|| super::answer::plain(pid), |(name, _)| (*name).to_owned())
    }

    /// How many are in the register.
    pub(super) fn count(&self) -> usize {
        self.pids.len()
    }

    /// One officer registers, another screens, a third approves; then the wallet says yes.
    pub(super) async fn vet(
        &mut self,
        stage: &mut Stage<'_>,
        party: &Party,
    ) -> Result<(), Failure> {
        stage.enter(&[party.role])?;
        let details = ("Legal", residency(party), party.country.as_str());
        let pid = self
            .register(stage, "operator", details, party.commitment())
            .await?;
        self.approve(stage, (party.role, &pid)).await?;
        self.link_wallet(stage, (party.role, &pid)).await
    }

    /// As [`Office::vet`], but the officer who registers tries to approve as well, and is refused.
    pub(super) async fn vet_by_two(
        &mut self,
        stage: &mut Stage<'_>,
        party: &Party,
    ) -> Result<Refusal, Failure> {
        stage.enter(&[party.role])?;
        let details = ("Legal", residency(party), party.country.as_str());
        let pid = self
            .register(stage, "deputy", details, party.commitment())
            .await?;
        self.screen(stage, &pid, "Clear").await?;
        let args = self.approval(party.role, &pid);
        let refusal = stage
            .refused("deputy", (REGISTER, "approve"), args, 16)
            .await?;
        let args = self.approval(party.role, &pid);
        self.does(stage, "compliance", "approve", args).await?;
        self.pids.insert(party.role, pid.clone());
        self.link_wallet(stage, (party.role, &pid)).await?;
        Ok(refusal)
    }

    /// Takes a contract into the register as a system, so that it may be notary of holds without end.
    pub(super) async fn take_in(
        &mut self,
        stage: &mut Stage<'_>,
        contract: &'static str,
        home: &str,
    ) -> Result<(), Failure> {
        let details = ("System", "Resident", home);
        let pii = Hash::of(contract.as_bytes());
        let pid = self.register(stage, "operator", details, pii).await?;
        self.approve(stage, (contract, &pid)).await?;
        self.add_wallet(stage, (contract, &pid)).await?;
        let register = json!({ "register": stage.at(REGISTER)? });
        let joined = stage.done("admin", (contract, "join"), register);
        self.gas += joined.await?.gas;
        Ok(())
    }

    /// The operator says that the address of this name is the participant's.
    async fn add_wallet(
        &mut self,
        stage: &mut Stage<'_>,
        (name, pid): (&str, &Value),
    ) -> Result<(), Failure> {
        let wallet = json!({ "pid": pid, "addr": stage.at(name)? });
        self.does(stage, "operator", "add_wallet", wallet).await?;
        Ok(())
    }

    /// A wallet of a participant: the operator says so, and the wallet itself says yes.
    async fn link_wallet(
        &mut self,
        stage: &mut Stage<'_>,
        (role, pid): (&str, &Value),
    ) -> Result<(), Failure> {
        self.add_wallet(stage, (role, pid)).await?;
        self.does(stage, role, "accept_wallet", json!({})).await?;
        Ok(())
    }

    /// The registry of rights, named `name`, under this register; gas of deploying it.
    pub(super) async fn open_rights(
        stage: &mut Stage<'_>,
        name: &'static str,
        cooling: u64,
    ) -> Result<u64, Failure> {
        let args = json!({
            "settings": { "cooling": cooling.to_string(), "admin_delay": ADMIN_DELAY },
            "admin": stage.at("admin")?,
            "roles": Self::roles(stage, &RIGHTS_ROLES)?,
            "participants": stage.at(REGISTER)?,
        });
        stage.deploy("admin", ("rights-registry", name), args).await
    }

    /// The regulator authorises a participant.
    pub(super) async fn authorise(
        &mut self,
        stage: &mut Stage<'_>,
        (role, kind): (&str, &str),
        until: Timestamp,
    ) -> Result<(), Failure> {
        let args = json!({
            "pid": self.pid(role)?, "kind": kind, "from": stage.now().await?.0.to_string(),
            "until": until.0.to_string(), "doc": paper(&format!("licence of {role}: {kind}")),
        });
        self.does(stage, "regulator", "grant_authorisation", args)
            .await?;
        Ok(())
    }

    /// A newer version of the list is out, and this is what it says of a participant.
    pub(super) async fn found(
        &mut self,
        stage: &mut Stage<'_>,
        role: &str,
        result: &str,
    ) -> Result<(), Failure> {
        self.list_version += 1;
        let pid = self.pid(role)?;
        self.screen(stage, &pid, result).await
    }

    /// What the trade's goods and routes are found to be.
    pub(super) async fn screen_goods(
        &mut self,
        stage: &mut Stage<'_>,
        trade_ref: &str,
    ) -> Result<(), Failure> {
        let args = json!({
            "trade_ref": trade_ref, "list_id": LIST, "list_version": self.list_version.to_string(),
            "result": "Clear", "evidence": paper("screening of the goods"),
        });
        self.does(stage, "screener", "record_trade_screening", args)
            .await?;
        Ok(())
    }

    async fn register(
        &mut self,
        stage: &mut Stage<'_>,
        officer: &str,
        (kind, residency, country): (&str, &str, &str),
        pii: Hash,
    ) -> Result<Value, Failure> {
        let args = json!({
            "kind": kind, "residency": residency, "country": letters(country),
            "pii": pii.to_string(),
        });
        self.does(stage, officer, "register", args).await
    }

    async fn screen(
        &mut self,
        stage: &mut Stage<'_>,
        pid: &Value,
        result: &str,
    ) -> Result<(), Failure> {
        let version = self.list_version.to_string();
        let args = json!({
            "pid": pid, "list_id": LIST, "list_version": version, "result": result,
            "evidence": paper(&format!("screening of {pid} against version {version}: {result}")),
        });
        self.does(stage, "screener", "record_screening", args)
            .await?;
        Ok(())
    }

    async fn approve(
        &mut self,
        stage: &mut Stage<'_>,
        (role, pid): (&'static str, &Value),
    ) -> Result<(), Failure> {
        self.screen(stage, pid, "Clear").await?;
        let args = self.approval(role, pid);
        self.does(stage, "compliance", "approve", args).await?;
        self.pids.insert(role, pid.clone());
        Ok(())
    }

    fn approval(&self, role: &str, pid: &Value) -> Value {
        json!({
            "pid": pid, "kyc_until": self.kyc_until.0.to_string(), "risk": 1,
            "doc": paper(&format!("file of {role}")),
        })
    }

    /// An act of an officer, or of a wallet about itself, in the register; what it returned.
    pub(super) async fn does(
        &mut self,
        stage: &mut Stage<'_>,
        who: &str,
        entry: &str,
        args: Value,
    ) -> Result<Value, Failure> {
        let done = stage.done(who, (REGISTER, entry), args).await?;
        self.gas += done.gas;
        Ok(done.value)
    }
}

const fn residency(party: &Party) -> &'static str {
    if party.resident {
        "Resident"
    } else {
        "NonResident"
    }
}
