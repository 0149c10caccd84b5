//! What `--plan` of upload, deploy and upgrade prints: the steps in order, with what each changes and
//! costs. Nothing is signed or sent.

use super::Context;
use super::contract_deploy::{stored, upload_of};
use super::place::Module;
use super::remote::Remote;
use super::report::{self, thousands};
use super::send::{Plan, SendArgs};
use crate::output::{Failure, Paint};
use serde_json::{Map, Value, json};
use weighhouse_primitives::CodeHash;

/// The steps of a plan, collected and then printed.
pub(super) struct Steps<'a> {
    context: &'a Context,
    remote: &'a Remote,
    send: &'a SendArgs,
    lines: Vec<String>,
    steps: Vec<Value>,
    facts: Map<String, Value>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(context: &'a Context, remote: &'a Remote, send: &'a SendArgs) -> Self {
        Self {
            context,
            remote,
            send,
            lines: Vec::new(),
            steps: Vec::new(),
            facts: Map::new(),
        }
    }

    /// The upload of code, unless the chain has it; true if it has.
    pub(super) fn upload(
        &mut self,
        hash: CodeHash,
        module: Option<&Module>,
    ) -> Result<bool, Failure> {
        let there = stored(self.remote, hash)?;
        let note = if there { "   on the chain already" } else { "" };
        self.lines.push(format!("  {:<10} {hash}{note}", "code"));
        self.facts
            .insert("code_hash".into(), json!(hash.to_string()));
        if let Some(module) = module.filter(|_| !there) {
            self.step(&upload_of(module), true)?;
        }
        Ok(there)
    }

    /// A step; simulated if what it needs is on the chain.
    pub(super) fn step(&mut self, plan: &Plan, possible: bool) -> Result<(), Failure> {
        let number = self.steps.len().saturating_add(1);
        let label = &plan.label;
        if !possible {
            self.lines.push(format!(
                "  {:<10} {label}: simulated once the code is on the chain",
                format!("step {number}")
            ));
            self.steps
                .push(json!({ "step": label, "simulated": false }));
            return Ok(());
        }
        let estimate = self.send.estimate(self.context, self.remote, plan)?;
        let gas = estimate.simulation.gas_used.0;
        self.lines.push(format!(
            "  {:<10} {label}: {} gas (limit {})",
            format!("step {number}"),
            thousands(gas),
            thousands(estimate.gas_limit.0)
        ));
        let changes = report::changes(self.remote, &estimate.simulation.changes);
        if !changes.is_empty() {
            self.lines.push(format!("  {:<10} {changes}", "  changes"));
        }
        self.steps.push(json!({
            "step": label, "simulated": true, "gas_used": gas.to_string(),
            "gas_limit": estimate.gas_limit.0.to_string(), "changes": estimate.simulation.changes,
        }));
        Ok(())
    }

    /// A line of the plan that is no step.
    pub(super) fn fact(&mut self, name: &str, value: &str) {
        self.lines.push(format!("  {name:<10} {value}"));
        self.facts.insert(name.into(), value.into());
    }

    /// What to think about before it is sent.
    pub(super) fn warnings(&mut self, lines: Vec<String>) {
        let head = self.context.output.paint_answer(Paint::Warn, "warning");
        for line in &lines {
            self.lines.push(format!("  {head}    {line}"));
        }
        self.facts.insert("warnings".into(), lines.into());
    }

    /// Prints the plan.
    pub(super) fn print(mut self) {
        self.facts.insert("steps".into(), self.steps.into());
        let document = Value::Object(self.facts);
        self.context.output.answer(self.lines.join("\n"), &document);
        self.context
            .output
            .note("nothing was sent; run it without --plan to send it");
    }
}
