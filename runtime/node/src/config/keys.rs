//! The one table of settings: name, unit, default, comment.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `section.key`, as in the file.
    pub name: &'static str,
    /// Unit of the value, for people.
    pub unit: &'static str,
    /// Value where nothing else is said.
    pub default: &'static str,
    /// What it does.
    pub comment: &'static str,
}

const fn key(
    name: &'static str,
    unit: &'static str,
    default: &'static str,
    comment: &'static str,
) -> Key {
    Key {
        name,
        unit,
        default,
        comment,
    }
}

/// Every setting, section after section.
pub const KEYS: &[Key] = &[
    key(
        "rpc.listen",
        "address:port",
        "127.0.0.1:8735",
        "Where JSON-RPC, WebSocket, health and metrics are served. Anything but loopback is public.",
    ),
    key(
        "rpc.allow_hosts",
        "names",
        "",
        "Host headers accepted beside localhost and the address above, separated by commas.",
    ),
    key(
        "rpc.allow_origins",
        "origins",
        "",
        "Web origins whose pages may use this node, separated by commas; none by default.",
    ),
    key(
        "rpc.connections_max",
        "connections",
        "1024",
        "Open connections.",
    ),
    key(
        "rpc.connections_per_ip_max",
        "connections",
        "256",
        "Open connections from one address.",
    ),
    key(
        "rpc.request_bytes_max",
        "bytes",
        "2097152",
        "Size of one request; a module travels as hex, twice its size.",
    ),
    key("rpc.batch_max", "requests", "50", "Requests in one batch."),
    key(
        "rpc.subscriptions_max",
        "subscriptions",
        "64",
        "Subscriptions of one connection.",
    ),
    key(
        "rpc.rate_per_second",
        "units a second",
        "2000",
        "How fast an address earns what its calls cost (a unit is about 0.1 ms of work); 0 for no limit.",
    ),
    key(
        "rpc.rate_burst",
        "units",
        "20000",
        "How many units an address has at most, and begins with.",
    ),
    key(
        "rpc.rate_loopback",
        "yes or no",
        "no",
        "Whether addresses of this machine are limited too; a proxy here speaks for everybody.",
    ),
    key(
        "rpc.key_rate_per_second",
        "units a second",
        "20000",
        "The same as rate_per_second for the owner of an API key, from whatever address; 0 for no limit.",
    ),
    key(
        "rpc.key_rate_burst",
        "units",
        "200000",
        "The same as rate_burst for the owner of an API key.",
    ),
    key(
        "rpc.api_keys",
        "file",
        "",
        "File of API keys (`weighhouse node api-key add`): who has none is refused. A path below the node's folder.",
    ),
    key(
        "rpc.tls_cert",
        "file",
        "",
        "Certificate chain in PEM, the node's own first: the port then speaks TLS only. A path below the node's folder.",
    ),
    key(
        "rpc.tls_key",
        "file",
        "",
        "Private key of the certificate in PEM, which other users of the machine must not be able to read.",
    ),
    key(
        "rpc.query_threads",
        "threads",
        "2",
        "Threads that run contracts for queries and simulations, and at least one more; 256 MiB of stack reserved each.",
    ),
    key(
        "rpc.explorer",
        "yes or no",
        "yes",
        "Whether GET / shows the explorer, a page that reads over JSON-RPC like any other client.",
    ),
    key(
        "blocks.mode",
        "mode",
        "auto",
        "When blocks are made: auto (as soon as a transaction waits), 2s, mixed:2s, manual.",
    ),
    key(
        "consensus.mode",
        "mode",
        "solo",
        "Who orders the blocks: solo (this node, for itself) or comet (a CometBFT beside it).",
    ),
    key(
        "consensus.listen",
        "unix:path or address:port",
        "unix:abci.sock",
        "Where CometBFT connects to (its proxy_app): a socket below data/, or an address on loopback.",
    ),
    key(
        "consensus.engine",
        "address:port",
        "127.0.0.1:26657",
        "Where CometBFT answers JSON-RPC (its rpc.laddr), to hand on transactions.",
    ),
    key(
        "consensus.retain_blocks",
        "blocks",
        "0",
        "How many blocks CometBFT is told to keep; 0 keeps all. The block log keeps all in any case.",
    ),
    key(
        "consensus.snapshot_interval",
        "blocks",
        "0",
        "After every so many blocks the whole state is written to data/snapshots, for nodes that start \
         by state sync; 0 for never.",
    ),
    key(
        "consensus.snapshots_kept",
        "snapshots",
        "2",
        "How many of these are kept, each as large as the state.",
    ),
    key(
        "pool.transactions_max",
        "transactions",
        "100000",
        "Transactions that wait for a block.",
    ),
    key(
        "pool.bytes_max",
        "bytes",
        "134217728",
        "Bytes of all waiting transactions.",
    ),
    key(
        "pool.per_signer_max",
        "transactions",
        "50000",
        "Waiting transactions of one signer.",
    ),
    key(
        "pool.refs_max",
        "references",
        "100000",
        "Client references remembered.",
    ),
    key(
        "store.engine",
        "engine",
        "sled",
        "What keeps the derived state: sled or redb. The block log is the truth with either.",
    ),
    key(
        "store.cache_bytes",
        "bytes",
        "67108864",
        "Cache of the store engine. sled takes about four times as much memory.",
    ),
    key(
        "store.read_cache_bytes",
        "bytes",
        "134217728",
        "Values kept in memory above the store.",
    ),
    key(
        "store.retention_blocks",
        "blocks",
        "0",
        "How far back state can be queried; 0 keeps everything.",
    ),
    key(
        "store.reserve_bytes",
        "bytes",
        "134217728",
        "Room kept free on the disk: with less the node is read-only until there is more; 0 keeps none. \
         16 MiB more are kept in data/reserve, so that the node starts on a full disk.",
    ),
    key(
        "log.filter",
        "filter",
        "info",
        "What is logged: a level, or targets with levels such as info,weighhouse_node=debug.",
    ),
    key(
        "log.format",
        "format",
        "text",
        "text for people, json for programs; always on stderr.",
    ),
];
