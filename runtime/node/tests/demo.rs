//! The demonstration as a user runs it: the real program, nodes of its own, files from a folder.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stands"
)]

#[path = "program/input.rs"]
mod input;

use input::issuance;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn demo(arguments: &[&str], folder: Option<(&str, &Path)>) -> (Output, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weighhouse"));
    command.args(["demo", "--json"]).args(arguments);
    if let Some((flag, folder)) = folder {
        command.arg(flag).arg(folder);
    }
    let output = command.output().unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap();
    (output, document)
}

/// The document of a story whose checks all hold.
fn told(story: &str, folder: Option<(&str, &Path)>) -> Value {
    let (output, mut document) = demo(&["--story", story], folder);
    assert!(output.status.success(), "{document}");
    let document = document["result"][story].take();
    let checks = document["checks"].as_array().unwrap();
    assert!(
        checks.iter().all(|check| check["holds"] == true),
        "{checks:?}"
    );
    document
}

/// The steps of a story with this name.
fn steps<'a>(document: &'a Value, act: &str) -> Vec<&'a Value> {
    let steps = document["steps"].as_array().unwrap();
    steps.iter().filter(|step| step["act"] == act).collect()
}

/// The files of an example, in a folder of their own, with texts replaced.
fn edited(example: &str, changes: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    for entry in std::fs::read_dir(examples.join(example)).unwrap() {
        let entry = entry.unwrap();
        let mut text = std::fs::read_to_string(entry.path()).unwrap();
        for (file, from, to) in changes {
            if entry.file_name() == *file {
                assert!(text.contains(from), "{from}");
                text = text.replace(from, to);
            }
        }
        std::fs::write(folder.path().join(entry.file_name()), text).unwrap();
    }
    folder
}

/// Goal: a register whose sum is exactly the cap is issued, and every check holds through the kill.
#[test]
fn every_check_holds_on_files_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    issuance(folder.path());
    let document = told("issuance", Some(("--issuance", folder.path())));
    assert_eq!(document["checks"].as_array().unwrap().len(), 10);
    assert_eq!(document["issue"]["amount"], "10000");
}

/// Goal: a malformed register is refused with file and line, and nothing was started.
#[test]
fn malformed_register_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    issuance(folder.path());
    let register = folder.path().join("register.csv");
    let text = std::fs::read_to_string(&register).unwrap();
    std::fs::write(&register, text.replace("54.5", "54.51")).unwrap();
    let (output, document) = demo(&[], Some(("--issuance", folder.path())));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(document["error"]["line"], 7);
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("above the cap of 100.00"), "{message}");
}

/// Goal: the export is paid once, against the bill of lading, and everything else is refused with its
/// code: the operator's funding across the border, the second honour, the late presentation, the
/// payment that a hit stops, from both banks' money.
#[test]
fn export_is_paid_once_and_stopped_by_the_law() {
    let document = told("export", None);
    assert_eq!(document["codes"], json!([16, 116, 6, 404, 102, 102]));
    let honour = steps(&document, "honour")[0];
    let (before, after) = (&honour["balances"]["before"], &honour["balances"]["after"]);
    assert_eq!(
        (&before["importer"], &before["exporter"]),
        (&json!("150000000"), &json!("0"))
    );
    assert_eq!(after["importer"], "70000000");
    assert_eq!(after["exporter"], "80000000");
    assert_eq!(honour["at"]["utc"], "2026-02-11T08:30:00Z");
    assert_eq!(honour["at"]["local"], "2026-02-11T11:30:00+03:00");
    let late = steps(&document, "refused")[1];
    assert_eq!(late["refused"]["name"], "LatePresentation");
    assert_eq!(late["last"]["utc"], "2026-03-05T20:59:59Z");
    assert_eq!(document["balances"]["after"]["elr_operator"], "80000000");
    assert_eq!(document["balances"]["held"]["importer"], "46000000");
    let page = include_str!("../../../docs/export.md");
    for step in document["steps"].as_array().unwrap() {
        let text = step["text"].as_str().unwrap();
        assert!(page.contains(text), "docs/export.md does not show: {text}");
    }
    let seen = steps(&document, "regulator")[0];
    assert_eq!(seen["trades"][0][1]["settled"], "80000000");
    assert_eq!(seen["credits"][0]["money"]["drawn"], "80000000");
    assert_eq!(seen["in_flight"][0]["waiting"][0]["claim"], "25000000");
    assert_eq!(
        seen["paid_in_month"]["tally"],
        json!({ "count": "1", "total": "80000000" })
    );
}

/// Goal: with a resident importer the operator funds it, and the exporter abroad cannot convert.
#[test]
fn resident_importer_is_funded_by_the_operator() {
    let folder = edited(
        "export",
        &[
            ("parties.toml", "country = \"CN\"", "country = \"XX\""),
            ("parties.toml", "country = \"RU\"", "country = \"CN\""),
            ("parties.toml", "country = \"XX\"", "country = \"RU\""),
            (
                "parties.toml",
                "0000000000005\"\ncountry = \"CN\"",
                "0000000000005\"\ncountry = \"RU\"",
            ),
        ],
    );
    let document = told("export", Some(("--export", folder.path())));
    assert_eq!(document["codes"], json!([16, 6, 116, 404, 102, 102]));
    assert_eq!(steps(&document, "funding")[0]["path"], "ImportFunding");
    assert_eq!(document["balances"]["after"]["exporter"], "80000000");
}

/// Goal: a malformed file of any story is refused with file, line and reason before anything is sent.
#[test]
fn malformed_stories_are_refused() {
    for (story, file, from, to, line, reason) in [
        (
            "export",
            "trade.toml",
            "currency = \"CNY\"",
            "currency = \"yuan\"",
            14,
            "3 capital letters",
        ),
        (
            "export",
            "parties.toml",
            "[importer]",
            "[imported]",
            23,
            "unknown key imported",
        ),
        (
            "rights",
            "parcel.toml",
            "area = 125000000",
            "area = 0",
            9,
            "a number from 1",
        ),
    ] {
        let folder = edited(story, &[(file, from, to)]);
        let flag = format!("--{story}");
        let (output, document) = demo(&["--story", story], Some((&flag, folder.path())));
        assert_eq!(output.status.code(), Some(2), "{document}");
        let error = &document["error"];
        assert!(error["file"].as_str().unwrap().ends_with(file), "{error}");
        assert_eq!(error["line"], line, "{error}");
        assert!(
            error["message"].as_str().unwrap().contains(reason),
            "{error}"
        );
    }
}

/// Goal: a parcel is registered, mortgaged, sold and arrested in order, and what is out of order is
/// refused: too early, by one registrar, out of turn, without consent, under arrest.
#[test]
fn parcel_changes_hands_in_order() {
    let document = told("rights", None);
    assert_eq!(document["codes"], json!([11, 16, 6, 302, 117, 6]));
    assert_eq!(steps(&document, "queue")[0]["queue"], json!(["2", "3"]));
    assert_eq!(steps(&document, "lifted")[0]["check_apply"], 0);
    let now = &steps(&document, "history")[0]["now"];
    assert_eq!(now["owners"][0]["part"], json!({ "num": "1", "den": "1" }));
    assert_eq!(now["restrictions"][0]["kind"], "Mortgage");
}
