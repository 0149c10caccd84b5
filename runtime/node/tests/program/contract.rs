//! Contracts from the command line: plans, lessons, descriptions, bindings, verification.

use crate::devnet::{Devnet, program};
use serde_json::{Value, json};
use std::path::Path;

fn deploy(devnet: &Devnet) -> String {
    let line = "contract deploy bond --yes --signer dev:issuer --as bond -- --cap 1000";
    let address = devnet.answer(line)["address"].clone();
    address.as_str().unwrap().to_owned()
}

/// Goal: a plan lists every step with its price, says what cannot be known yet, and sends nothing.
#[test]
fn plans_send_nothing() {
    let devnet = Devnet::start(&[]);
    let plan = "contract deploy bond --plan --signer dev:issuer --salt x -- --cap 1000";
    let first = devnet.answer(plan);
    assert_eq!(first["steps"][0]["simulated"], true, "{first}");
    assert_eq!(first["steps"][1]["simulated"], false, "{first}");
    assert_eq!(devnet.answer("chain head")["height"], "0");
    deploy(&devnet);
    let second = devnet.answer(plan);
    assert_eq!(
        second["steps"].as_array().map(Vec::len),
        Some(1),
        "{second}"
    );
    assert_eq!(second["address"], first["address"]);
    let salted = plan.replace("--plan", "--yes");
    assert_eq!(devnet.answer(&salted)["address"], first["address"]);
    let upgrade = devnet.answer("contract upgrade bond dfa-token --plan --signer dev:issuer");
    let warnings = upgrade["warnings"].as_array().unwrap();
    assert!(!warnings.is_empty(), "{upgrade}");
    let upload = devnet.answer("contract upload dfa-token --plan --signer dev:issuer");
    assert_eq!(upload["steps"].as_array().map(Vec::len), Some(1));
    let both = devnet.run("contract deploy bond --plan --dry-run --signer dev:issuer -- --cap 1");
    assert_eq!(both.status.code(), Some(2));
}

/// Goal: what `--teach` shows is a request that gives the same answer.
#[test]
fn lessons_are_requests_that_work() {
    let devnet = Devnet::start(&[]);
    deploy(&devnet);
    let output = devnet.run("--teach contract query bond -- supply");
    assert_eq!(output.status.code(), Some(0));
    let taught = String::from_utf8(output.stderr).unwrap();
    let line = taught.lines().find(|line| line.contains("contract_query"));
    let request = line.unwrap().split('\'').nth(3).unwrap();
    let request: Value = serde_json::from_str(request).unwrap();
    assert!(
        line.unwrap()
            .starts_with(&format!("curl -s {} ", devnet.url))
    );
    let params = request["params"].to_string();
    let raw = devnet
        .command()
        .args(["rpc", "contract_query", &params])
        .output();
    let answer: Value = serde_json::from_slice(&raw.unwrap().stdout).unwrap();
    assert_eq!(answer["result"], "0");
}

/// Goal: a contract on a chain and its module give the same description and the same code.
#[test]
fn descriptions_and_bindings() {
    let devnet = Devnet::start(&[]);
    let address = deploy(&devnet);
    let of = |place: &str| devnet.answer(&format!("contract schema {place} --format openrpc"));
    assert_eq!(of("bond"), of(&address));
    for language in ["rust", "typescript"] {
        let line = format!("contract bindings {language} {address} --out client");
        let hash = devnet.answer(&line)["schema_hash"].clone();
        assert_eq!(hash, of("bond")["info"]["x-schema-hash"]);
        devnet.answer(&format!("{line} --check"));
        let other = format!("contract bindings {language} dfa-token --out client --check");
        assert_eq!(devnet.json(&other).0, Some(1));
    }
}

/// Goal: the source in this checkout gives the code on the chain; another source does not, and says so.
#[test]
fn sources_are_verified() {
    let devnet = Devnet::start(&[]);
    let address = deploy(&devnet);
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
    let verify = |name: &str| {
        let source = contracts.join(name);
        let line = format!("contract verify {address} {}", source.display());
        devnet.json(&line)
    };
    let (code, document) = verify("bond");
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["result"]["verified"], true);
    let (code, document) = verify("dfa-token");
    assert_eq!(code, Some(1), "{document}");
    assert_ne!(
        document["error"]["built_hash"],
        document["error"]["code_hash"]
    );
    let (code, document) = verify("nothing");
    assert_eq!(code, Some(1), "{document}");
}

/// Goal: a new contract has what it takes to be built and tested, and nothing is overwritten.
#[test]
fn new_contracts_have_tests() {
    let folder = tempfile::tempdir().unwrap();
    for template in ["token", "empty"] {
        let mut command = program();
        command.args(["contract", "new", template, "--template", template]);
        let status = command.current_dir(folder.path()).status().unwrap();
        assert!(status.success());
        for file in [
            "src/lib.rs",
            "tests/contract.rs",
            "Cargo.toml",
            "Cargo.lock",
        ] {
            assert!(folder.path().join(template).join(file).exists(), "{file}");
        }
        let mut again = program();
        again.args(["--json", "contract", "new", template]);
        let output = again.current_dir(folder.path()).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(document["ok"], json!(false));
    }
}
