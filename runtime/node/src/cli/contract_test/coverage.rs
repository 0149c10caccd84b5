//! How much of a contract's interface its tests came to: entry points, refusals, events.
//!
//! It is about the interface, not about lines: the module has no debug information, on purpose. In the
//! format of lcov an entry point is a function, at the line where its source declares it.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use weighhouse_primitives::abi;
use weighhouse_primitives::schema::Schema;

/// What the tests came to, and how often.
#[derive(Clone, Debug, Default)]
pub(super) struct Coverage {
    entries: BTreeMap<String, u64>,
    refusals: BTreeMap<String, u64>,
    events: BTreeMap<String, u64>,
}

impl Coverage {
    /// Reads the notes of a run; what the schema does not have is not counted.
    pub(super) fn read(notes: &Path, schema: &Schema) -> Self {
        let entries = schema.entry_points.iter();
        let mut coverage = Self {
            entries: entries.map(|entry| (entry.name.clone(), 0)).collect(),
            refusals: BTreeMap::new(),
            events: BTreeMap::new(),
        };
        let (mut codes, mut kinds) = (BTreeMap::new(), BTreeMap::new());
        for error in &schema.errors {
            let name = format!("{} {}", error.code, error.name);
            coverage.refusals.insert(name.clone(), 0);
            codes.insert(error.code.to_string(), name);
        }
        for event in &schema.events {
            coverage.events.insert(event.name.clone(), 0);
            kinds.insert(abi::selector(&event.name).to_string(), event.name.clone());
        }
        for line in std::fs::read_to_string(notes).unwrap_or_default().lines() {
            let found = match line.split_once(' ') {
                Some(("entry", name)) => coverage.entries.get_mut(name),
                Some(("code", code)) => codes
                    .get(code)
                    .and_then(|name| coverage.refusals.get_mut(name)),
                Some(("event", kind)) => kinds
                    .get(kind)
                    .and_then(|name| coverage.events.get_mut(name)),
                _ => None,
            };
            if let Some(count) = found {
                *count = count.saturating_add(1);
            }
        }
        coverage
    }

    fn parts(&self) -> [(&'static str, &BTreeMap<String, u64>); 3] {
        [
            ("entry points", &self.entries),
            ("refusals", &self.refusals),
            ("events", &self.events),
        ]
    }

    /// For people: how many of each, and which are missing.
    pub(super) fn text(&self) -> String {
        let line = |(what, counts): (&str, &BTreeMap<String, u64>)| {
            let missing: Vec<&str> = missing(counts).collect();
            let have = counts.len().saturating_sub(missing.len());
            let missing = match missing.as_slice() {
                [] => String::new(),
                missing => format!("   not: {}", missing.join(", ")),
            };
            format!("{what:<14} {have} of {}{missing}", counts.len())
        };
        let lines: Vec<String> = self.parts().into_iter().map(line).collect();
        lines.join("\n")
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let parts = self.parts().into_iter();
        let part = |(what, counts): (&str, &BTreeMap<String, u64>)| {
            (what.replace(' ', "_"), json!(counts))
        };
        parts.map(part).collect::<serde_json::Map<_, _>>().into()
    }

    /// The entry points in the format of lcov; one whose line is not found is left out.
    pub(super) fn lcov(&self, folder: &Path) -> String {
        let mut files: BTreeMap<PathBuf, Vec<(usize, &str, u64)>> = BTreeMap::new();
        let sources = sources(&folder.join("src"));
        for (name, count) in &self.entries {
            // A check has no source of its own: it is the call's.
            let found = sources.iter().find_map(|(path, text)| {
                let heads = [format!("pub fn {name}("), format!("fn {name}(")];
                let is_head = |line: &str| heads.iter().any(|head| line.contains(head.as_str()));
                let at = text.lines().position(is_head)?;
                Some((path, at.saturating_add(1)))
            });
            if let Some((path, line)) = found {
                files
                    .entry(path.clone())
                    .or_default()
                    .push((line, name, *count));
            }
        }
        let mut text = String::new();
        for (path, mut functions) in files {
            functions.sort_unstable();
            text.push_str(&format!("TN:\nSF:{}\n", path.display()));
            for (line, name, _) in &functions {
                text.push_str(&format!("FN:{line},{name}\n"));
            }
            for (_, name, count) in &functions {
                text.push_str(&format!("FNDA:{count},{name}\n"));
            }
            let hit = functions.iter().filter(|(_, _, count)| *count > 0).count();
            text.push_str(&format!(
                "FNF:{}\nFNH:{hit}\nend_of_record\n",
                functions.len()
            ));
        }
        text
    }
}

fn missing(counts: &BTreeMap<String, u64>) -> impl Iterator<Item = &str> {
    let missing = counts.iter().filter(|(_, count)| **count == 0);
    missing.map(|(name, _)| name.as_str())
}

/// Rust files below a folder with their text, in order of their paths.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.extend(std::fs::read_to_string(&path).ok().map(|text| (path, text)));
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::schema::{EntryKind, EntryPoint, ErrorSchema, EventSchema, Type};

    fn schema() -> Schema {
        let entry = |name: &str| EntryPoint {
            name: name.into(),
            selector: abi::selector(name),
            kind: EntryKind::Call,
            args: Vec::new(),
            returns: Type::Unit,
            docs: String::new(),
        };
        Schema {
            name: "x".into(),
            version: "1".into(),
            docs: String::new(),
            entry_points: vec![entry("mint"), entry("burn")],
            errors: vec![ErrorSchema {
                name: "Paused".into(),
                code: 2,
                fields: Vec::new(),
                text: String::new(),
            }],
            events: vec![EventSchema {
                name: "Moved".into(),
                kind: abi::selector("Moved"),
                fields: Vec::new(),
                docs: String::new(),
            }],
        }
    }

    /// Goal: what was come to is counted by name, what was not is named, what is foreign is not counted.
    #[test]
    fn notes_become_coverage() {
        let folder = tempfile::tempdir().expect("a folder");
        let notes = folder.path().join("notes");
        let kind = abi::selector("Moved");
        let lines = format!("entry mint\nentry mint\ncode 2\ncode 9\nevent {kind}\nentry other\n");
        std::fs::write(&notes, lines).expect("written");
        let coverage = Coverage::read(&notes, &schema());
        let text = coverage.text();
        assert!(text.contains("entry points   1 of 2   not: burn"), "{text}");
        assert!(text.contains("refusals       1 of 1"), "{text}");
        assert_eq!(coverage.json()["entry_points"]["mint"], 2);
        let src = folder.path().join("src");
        std::fs::create_dir(&src).expect("made");
        std::fs::write(
            src.join("lib.rs"),
            "//! x\n\n    pub fn mint(&mut self) {}\n",
        )
        .expect("written");
        let lcov = coverage.lcov(folder.path());
        assert!(
            lcov.contains("FN:3,mint\nFNDA:2,mint\nFNF:1\nFNH:1\n"),
            "{lcov}"
        );
    }
}
