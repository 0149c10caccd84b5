//! Settings: order of origins, refusals, the printed file.

use super::*;

fn document(text: &str) -> Document {
    Document::parse(Path::new("weighhouse.toml"), text).expect("TOML")
}

fn none(_: &str) -> Option<String> {
    None
}

/// Flag before environment before file before default.
#[test]
fn origins_in_order() {
    let file = document("[rpc]\nbatch_max = 7\nconnections_max = 7\nrequest_bytes_max = 4_096\n");
    let environment = |name: &str| match name {
        "WEIGHHOUSE_RPC_BATCH_MAX" | "WEIGHHOUSE_RPC_CONNECTIONS_MAX" => Some("8".to_owned()),
        _ => None,
    };
    let args = Args {
        set: vec!["rpc.batch_max=9".into()],
        ..Args::default()
    };
    let resolved = resolve(&args, environment, Some(&file)).expect("well formed");
    let settings = Settings::understand(&resolved).expect("in range");
    assert_eq!(settings.batch_max, 9);
    assert_eq!(settings.connections_max, 8);
    assert_eq!(settings.request_bytes_max, 4_096);
    assert_eq!(settings.subscriptions_max, 64);
    let origin = resolved
        .iter()
        .find(|one| one.key.name == "rpc.request_bytes_max");
    assert_eq!(
        origin.map(|one| one.origin.to_string()).as_deref(),
        Some("weighhouse.toml:4")
    );
}

/// The printed file reads back to the same settings, which are the defaults.
#[test]
fn printed_file_reads_back() {
    let resolved = resolve(&Args::default(), none, None).expect("defaults");
    for origins in [false, true] {
        let file = document(&format(&resolved, origins));
        assert_eq!(file.entries.len(), KEYS.len());
        let back = resolve(&Args::default(), none, Some(&file)).expect("well formed");
        assert_eq!(
            Settings::understand(&back).expect("in range"),
            Settings::defaults()
        );
    }
}

/// Unknown keys and values out of range are refused, with the nearest name and the place.
#[test]
fn mistakes_are_refused() {
    let file = document("[pool]\ntransaction_max = 5\n");
    let failure = resolve(&Args::default(), none, Some(&file)).expect_err("unknown");
    assert_eq!(
        failure.what(),
        "weighhouse.toml:2: unknown key pool.transaction_max"
    );
    for (text, expected) in [
        (
            "rpc.batch_max=0",
            "rpc.batch_max is \"0\", must be a number from 1 to 1000 (command line)",
        ),
        ("rpc.batch_max=many", "must be a number"),
        ("rpc.listen=8735", "must be an address and port"),
        ("store.engine=mysql", "must be sled or redb"),
        ("blocks.mode=often", "must be auto, manual"),
        ("log.format=xml", "must be text or json"),
    ] {
        let args = Args {
            set: vec![text.into()],
            ..Args::default()
        };
        let resolved = resolve(&args, none, None).expect("known");
        let failure = Settings::understand(&resolved).expect_err(text);
        assert!(failure.what().contains(expected), "{}", failure.what());
    }
    for text in ["rpc.batchmax=1", "rpc.batch_max"] {
        let args = Args {
            set: vec![text.into()],
            ..Args::default()
        };
        assert!(resolve(&args, none, None).is_err(), "{text}");
    }
}

/// Invariant CONF-1: the runtime gets no setting but where and how to keep its data.
#[test]
fn conf_1_chain_settings_are_storage_only() {
    let settings = Settings::defaults();
    let chain = settings.chain(Some(PathBuf::from("x")));
    assert_eq!(chain.store, StoreKind::Sled);
    assert!(!chain.store_inline);
    assert_eq!(settings.chain(None).store, StoreKind::Memory);
}
