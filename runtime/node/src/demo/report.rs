//! What a story says: one line per act as it happens, then checks and result.

use crate::output::{Failure, Output, Paint};
use serde_json::{Map, Value, json};

/// Where the gas of an act begins.
const ACT_WIDTH: usize = 62;
/// Where the gas of a step begins, whose texts are longer.
const STEP_WIDTH: usize = 74;

/// Something that must be so.
#[derive(Clone, Debug)]
struct Check {
    name: String,
    holds: bool,
    detail: String,
}

/// Acts and checks, in order.
#[derive(Debug)]
pub(super) struct Report<'a> {
    output: &'a Output,
    acts: u32,
    steps: Vec<Value>,
    document: Map<String, Value>,
    checks: Vec<Check>,
}

impl<'a> Report<'a> {
    pub(super) fn new(output: &'a Output) -> Self {
        Self {
            output,
            acts: 0,
            steps: Vec::new(),
            document: Map::new(),
            checks: Vec::new(),
        }
    }

    /// A line of its own, for people.
    pub(super) fn line(&self, text: impl AsRef<str>) {
        if !self.output.json {
            // A closed stdout ends nothing: the checks still count.
            let _ = self.output.item(text, &());
        }
    }

    /// An act: a line for people, a member of the document for programs.
    pub(super) fn act(&mut self, name: &str, text: &str, gas: Option<u64>, data: Value) {
        self.told(name, text, (gas, ACT_WIDTH));
        self.document.insert(name.into(), data);
    }

    /// A step of a story with many: a line for people, an item of `steps` for programs.
    pub(super) fn step(&mut self, name: &str, text: &str, gas: Option<u64>, data: Value) {
        self.told(name, text, (gas, STEP_WIDTH));
        let mut item = Map::new();
        item.insert("step".into(), json!(self.acts));
        item.insert("act".into(), json!(name));
        item.insert("text".into(), json!(text));
        if let Some(gas) = gas {
            item.insert("gas_used".into(), json!(gas.to_string()));
        }
        if let Value::Object(data) = data {
            item.extend(data);
        }
        self.steps.push(Value::Object(item));
    }

    fn told(&mut self, name: &str, text: &str, (gas, width): (Option<u64>, usize)) {
        self.acts += 1;
        let gas = gas.map(|gas| format!("{:>13} gas", grouped(gas)));
        let head = self
            .output
            .paint_answer(Paint::Strong, &format!("{name:<11}"));
        let text = match gas {
            Some(gas) => format!("{text:<width$}{gas}"),
            None => text.to_owned(),
        };
        self.line(format!("  {:<3}{head}{text}", self.acts));
    }

    /// A line above the steps to come, for people: the clock was moved.
    pub(super) fn heading(&self, text: &str) {
        self.line(format!(
            "  {}",
            self.output.paint_answer(Paint::Label, text)
        ));
    }

    /// A line below the step before it, for people.
    pub(super) fn more(&self, text: &str) {
        self.line(format!("  {:<14}{text}", ""));
    }

    /// A member of the document only.
    pub(super) fn note(&mut self, name: &str, data: Value) {
        self.document.insert(name.into(), data);
    }

    /// A check with its outcome.
    pub(super) fn check(&mut self, name: impl Into<String>, holds: bool, detail: String) {
        self.checks.push(Check {
            name: name.into(),
            holds,
            detail,
        });
    }

    /// Prints checks and result; answers the document.
    ///
    /// # Errors
    /// The first check that does not hold.
    pub(super) fn finish(mut self, closing: &str) -> Result<Value, Failure> {
        let names = self.checks.iter().map(|check| check.name.len());
        let width = names.max().unwrap_or_default() + 2;
        for (index, check) in self.checks.iter().enumerate() {
            let head = if index == 0 { "checks" } else { "" };
            let mark = match check.holds {
                true => self.output.paint_answer(Paint::Good, "ok    "),
                false => self.output.paint_answer(Paint::Bad, "FAILED"),
            };
            let (name, detail) = (&check.name, &check.detail);
            self.line(format!("  {head:<14}{mark}  {name:<width$}{detail}"));
        }
        let checks = self.checks.iter().map(
            |check| json!({ "name": check.name, "holds": check.holds, "detail": check.detail }),
        );
        let checks: Vec<Value> = checks.collect();
        self.document.insert("checks".into(), Value::Array(checks));
        if !self.steps.is_empty() {
            let steps = std::mem::take(&mut self.steps);
            self.document.insert("steps".into(), Value::Array(steps));
        }
        let document = Value::Object(std::mem::take(&mut self.document));
        if let Some(failed) = self.checks.iter().find(|check| !check.holds) {
            return Err(Failure::failed(format!("the check {} failed: {}", failed.name, failed.detail))
                .data("check", failed.name.clone())
                .data("report", document)
                .help("this is a defect of the node; run the same command again with --seed to see it again"));
        }
        self.line(closing);
        Ok(document)
    }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a check that fails, fails the whole and is named; others do not.
    #[test]
    fn failed_check_is_named() {
        let output = Output {
            quiet: true,
            ..Output::default()
        };
        let mut report = Report::new(&output);
        report.check("fine", true, String::new());
        report.check("broken", false, "1 of 2".into());
        let failure = report.finish("").unwrap_err();
        assert_eq!(failure.what(), "the check broken failed: 1 of 2");
        assert_eq!(failure.exit(), crate::output::Exit::Failed);
        let mut report = Report::new(&output);
        report.check("fine", true, String::new());
        assert!(report.finish("").is_ok());
        assert_eq!(grouped(1_234_567), "1 234 567");
    }
}
