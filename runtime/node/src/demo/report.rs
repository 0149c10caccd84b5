//! What the demonstration says: one line per act as it happens, then checks and result.

use crate::output::{Failure, Output, Paint};
use serde_json::{Map, Value, json};

/// Something that must be so.
#[derive(Clone, Debug)]
struct Check {
    name: &'static str,
    holds: bool,
    detail: String,
}

/// Acts and checks, in order.
#[derive(Debug)]
pub(super) struct Report<'a> {
    output: &'a Output,
    acts: u32,
    document: Map<String, Value>,
    checks: Vec<Check>,
}

impl<'a> Report<'a> {
    pub(super) fn new(output: &'a Output) -> Self {
        Self {
            output,
            acts: 0,
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
        self.acts += 1;
        let gas = gas.map(|gas| format!("{:>13} gas", grouped(gas)));
        let head = self
            .output
            .paint_answer(Paint::Strong, &format!("{name:<11}"));
        let text = match gas {
            Some(gas) => format!("{text:<62}{gas}"),
            None => text.to_owned(),
        };
        self.line(format!("  {:<3}{head}{text}", self.acts));
        self.document.insert(name.into(), data);
    }

    /// A member of the document only.
    pub(super) fn note(&mut self, name: &str, data: Value) {
        self.document.insert(name.into(), data);
    }

    /// A check with its outcome.
    pub(super) fn check(&mut self, name: &'static str, holds: bool, detail: String) {
        self.checks.push(Check {
            name,
            holds,
            detail,
        });
    }

    /// Prints checks and result; the document with `--json`.
    ///
    /// # Errors
    /// The first check that does not hold.
    pub(super) fn finish(mut self, closing: &str) -> Result<(), Failure> {
        let mut text = String::new();
        for (index, check) in self.checks.iter().enumerate() {
            let head = if index == 0 { "checks" } else { "" };
            let mark = match check.holds {
                true => self.output.paint_answer(Paint::Good, "ok    "),
                false => self.output.paint_answer(Paint::Bad, "FAILED"),
            };
            text.push_str(&format!(
                "  {head:<14}{mark}  {:<40}{}\n",
                check.name, check.detail
            ));
        }
        let checks = self.checks.iter().map(
            |check| json!({ "name": check.name, "holds": check.holds, "detail": check.detail }),
        );
        let checks: Vec<Value> = checks.collect();
        self.document.insert("checks".into(), Value::Array(checks));
        let document = Value::Object(self.document);
        if let Some(failed) = self.checks.iter().find(|check| !check.holds) {
            if !self.output.json {
                self.output.answer(text, &document);
            }
            return Err(Failure::failed(format!("the check {} failed: {}", failed.name, failed.detail))
                .data("check", failed.name)
                .data("report", document)
                .help("this is a defect of the node; run the same command again with --seed to see it again"));
        }
        text.push_str(closing);
        self.output.answer(text, &document);
        Ok(())
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
