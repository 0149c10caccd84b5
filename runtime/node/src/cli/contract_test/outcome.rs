//! Which tests passed and failed, read off what the test harness prints.
//!
//! # Source
//! The harness of rustc: `test NAME ... ok`, `FAILED` or `ignored`; what a failed test printed stands
//! between `---- NAME stdout ----` and the next such line or `failures:`.

use std::collections::BTreeMap;

/// How one test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Passed,
    Failed,
    Ignored,
}

/// The tests of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Tests {
    /// Cargo says that all is well.
    pub(super) succeeded: bool,
    ended: Vec<(String, Ended)>,
    said: BTreeMap<String, String>,
    speaking: Option<String>,
}

impl Tests {
    /// Reads one line.
    pub(super) fn line(&mut self, line: &str) {
        let head = line.strip_prefix("---- ");
        if let Some(name) = head.and_then(|rest| rest.strip_suffix(" stdout ----")) {
            self.speaking = Some(name.to_owned());
            return;
        }
        if line == "failures:" || line == "successes:" || line.starts_with("test result: ") {
            self.speaking = None;
            return;
        }
        if let Some(name) = &self.speaking {
            let said = self.said.entry(name.clone()).or_default();
            said.push_str(line);
            said.push('\n');
            return;
        }
        let Some((name, ended)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "))
        else {
            return;
        };
        let ended = match ended.split(',').next().unwrap_or_default() {
            "ok" => Ended::Passed,
            "ignored" => Ended::Ignored,
            _ => Ended::Failed,
        };
        let name = name.strip_suffix(" - should panic").unwrap_or(name);
        self.ended.push((name.to_owned(), ended));
    }

    /// How many tests ran.
    pub(super) const fn count(&self) -> usize {
        self.ended.len()
    }

    /// Names of those that failed.
    pub(super) fn failed(&self) -> impl Iterator<Item = &str> {
        let failed = self
            .ended
            .iter()
            .filter(|(_, ended)| *ended == Ended::Failed);
        failed.map(|(name, _)| name.as_str())
    }

    /// The run as a document of `JUnit`. It has no times: the harness tells none.
    pub(super) fn junit(&self, crate_name: &str) -> String {
        let failures = self.failed().count();
        // A crate that does not compile has no test that failed.
        let errors = usize::from(!self.succeeded && failures == 0);
        let ignored = self
            .ended
            .iter()
            .filter(|(_, ended)| *ended == Ended::Ignored);
        let suite = escaped(crate_name);
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\
             <testsuite name=\"{suite}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{}\">\n",
            self.ended.len().saturating_add(errors),
            ignored.count()
        );
        for (name, ended) in &self.ended {
            let head = format!("<testcase classname=\"{suite}\" name=\"{}\"", escaped(name));
            text.push_str(&match ended {
                Ended::Passed => format!("{head}/>\n"),
                Ended::Ignored => format!("{head}><skipped/></testcase>\n"),
                Ended::Failed => {
                    let said = self.said.get(name).map(String::as_str).unwrap_or_default();
                    let said = escaped(said);
                    format!(
                        "{head}><failure message=\"the test failed\">{said}</failure></testcase>\n"
                    )
                }
            });
        }
        if errors > 0 {
            text.push_str(&format!(
                "<testcase classname=\"{suite}\" name=\"build\"><error message=\"the tests did not run\"/></testcase>\n"
            ));
        }
        text.push_str("</testsuite>\n</testsuites>\n");
        text
    }
}

/// Text as XML may hold it; characters that it may not hold at all are replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            control if control.is_control() => out.push('?'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\nrunning 3 tests\ntest t1_supply ... ok\ntest slow ... ignored\n\
        test code_200 ... FAILED\n\nfailures:\n\n---- code_200 stdout ----\nblock 3 mint: <\"5\">\n\
        \nfailures:\n    code_200\n\ntest result: FAILED. 1 passed; 1 failed\n";

    /// Goal: names, ends and words of tests are read, and stand in the document as XML allows.
    #[test]
    fn a_run_becomes_a_document() {
        let mut tests = Tests::default();
        SAID.lines().for_each(|line| tests.line(line));
        assert_eq!(tests.count(), 3);
        assert_eq!(tests.failed().collect::<Vec<_>>(), ["code_200"]);
        let document = tests.junit("invoice");
        for part in [
            "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"",
            "<testcase classname=\"invoice\" name=\"t1_supply\"/>",
            "block 3 mint: &lt;&quot;5&quot;&gt;",
        ] {
            assert!(document.contains(part), "{part}: {document}");
        }
        assert_eq!(escaped("\u{1b}[1m"), "?[1m");
    }

    /// Goal: a crate that does not compile is an error, not a run without failures.
    #[test]
    fn no_run_is_an_error() {
        let document = Tests::default().junit("invoice");
        assert!(
            document.contains("errors=\"1\"") && document.contains("<error"),
            "{document}"
        );
    }
}
