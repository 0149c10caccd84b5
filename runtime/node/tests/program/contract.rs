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
    for language in ["rust", "typescript", "python"] {
        let line = format!("contract bindings {language} {address} --out client");
        let hash = devnet.answer(&line)["schema_hash"].clone();
        assert_eq!(hash, of("bond")["info"]["x-schema-hash"]);
        devnet.answer(&format!("{line} --check"));
        let other = format!("contract bindings {language} dfa-token --out client --check");
        assert_eq!(devnet.json(&other).0, Some(1));
    }
}

/// Asks a bond through its bindings; what it prints is compared.
const ASKS: &str = r#"
import sys
from client import Bond, Node, NodeError, Reverted, Signer, Succeeded
url, address, issuer, alice = sys.argv[1:]
bond = Bond(url, address)
bond.check()
print(bond.query.balance_of(holder=alice).result, bond.query.supply().result)
print(bond.call.mint(to=alice, amount=2**70).simulate(issuer).outcome.fields)
plan = bond.call.mint(to=alice, amount=1).simulate(issuer)
print(type(plan.outcome).__name__, plan.gas_used < plan.gas_limit_suggested)
for event in bond.events(name="Transfer"):
    print(event.name, event.data["from"] == alice, event.data["amount"], event.height)
try:
    bond.call.mint(to=alice, amount=1).send(Signer(issuer, lambda made: made["unsigned"]))
except NodeError as error:
    print(error.code, error.name, bool(error.hint))
"#;

/// Goal: Python bindings talk to a node; on a machine without Python there is nothing to see.
#[test]
fn python_bindings_talk_to_a_node() {
    let devnet = Devnet::start(&[]);
    let address = deploy(&devnet);
    devnet
        .answer("contract call bond --yes --signer dev:issuer -- mint --to dev:alice --amount 500");
    devnet.answer("contract bindings python bond --out client.py");
    let of = |who: &str| {
        let account = devnet.answer(&format!("account show {who}"));
        account["address"].as_str().unwrap().to_owned()
    };
    let (issuer, alice) = (of("dev:issuer"), of("dev:alice"));
    let mut python = std::process::Command::new("python3");
    python.args(["-c", ASKS, &devnet.url, &address, &issuer, &alice]);
    let output = match python.current_dir(devnet.folder.path()).output() {
        Ok(output) => output,
        Err(error) => return assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(
        lines,
        [
            "500 500",
            "{'cap': 1000}",
            "Succeeded True",
            "Transfer False 500 3",
            "1301 bad_argument True",
        ],
        "{said}"
    );
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

/// What `contract new` starts from.
const TEMPLATES: [&str; 4] = ["token", "rights", "escrow", "empty"];

/// A folder with the empty contract and the token, ready for `devnet --deploy`.
fn ready(target: &Path, folder: &Path) -> std::path::PathBuf {
    let ready = folder.join("ready-made");
    std::fs::create_dir(&ready).unwrap();
    for name in ["my-empty", "my-token"] {
        let module = format!("{name}.wasm");
        std::fs::copy(target.join("contracts").join(&module), ready.join(&module)).unwrap();
    }
    let arguments = r#"{"name": "Mine", "symbol": "MY", "decimals": 2, "cap": "1000"}"#;
    std::fs::write(ready.join("my-token.json"), arguments).unwrap();
    ready
}

/// Goal: every template, under a name of one's own, builds and works on a network as it is.
#[test]
fn templates_build_and_deploy() {
    let devnet = Devnet::start(&[]);
    // One target folder for all of them: what they link is compiled once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("templates");
    let cargo = devnet.folder.path().join(".cargo");
    std::fs::create_dir(&cargo).unwrap();
    let settings = format!("[build]\ntarget-dir = {target:?}\n");
    std::fs::write(cargo.join("config.toml"), settings).unwrap();
    let someone = devnet.answer("account show dev:alice")["address"].clone();
    let someone = someone.as_str().unwrap();
    for template in TEMPLATES {
        devnet.answer(&format!("contract new my-{template} --template {template}"));
        let mut build = devnet.command();
        build.arg("--json");
        let folder = devnet.folder.path().join(format!("my-{template}"));
        let output = build.args(["contract", "build"]).arg(&folder).output();
        let output = output.unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{template}: {document}");
        let module = document["result"]["path"].as_str().unwrap();
        let arguments = match template {
            "token" => "--name Mine --symbol MY --decimals 2 --cap 10.00MY".to_owned(),
            "escrow" => format!("--token {someone} --arbiter dev:arbiter"),
            _ => String::new(),
        };
        devnet.answer(&format!(
            "contract deploy {module} --yes --signer dev:issuer --as {template} -- {arguments}"
        ));
    }
    let second = Devnet::start(&[
        "--deploy",
        ready(&target, devnet.folder.path()).to_str().unwrap(),
    ]);
    let found = second.answer("contract list");
    assert_eq!(found["items"].as_array().map(Vec::len), Some(2), "{found}");
    devnet.answer(
        "contract call token --yes --signer dev:issuer -- mint --to dev:alice --amount 1.50MY",
    );
    let balance = devnet.answer("contract query token -- balance_of --wallet dev:alice");
    assert_eq!(balance["result"]["base"], "150", "{balance}");
    let hash = format!("0x{}", "11".repeat(32));
    let issue = format!("issue --ref-no {hash} --doc {hash} --to dev:alice");
    devnet.answer(&format!(
        "contract call rights --yes --signer dev:issuer -- {issue}"
    ));
    let served = devnet.answer("contract list --interface Control");
    assert_eq!(served["items"][0]["name"], "my-rights", "{served}");
    let (code, document) = devnet.json("contract query escrow -- deal --id 1");
    assert_eq!(code, Some(0), "{document}");
}

/// Goal: a new contract has what it takes to be built and tested, and nothing is overwritten.
#[test]
fn new_contracts_have_tests() {
    let folder = tempfile::tempdir().unwrap();
    for template in TEMPLATES {
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
