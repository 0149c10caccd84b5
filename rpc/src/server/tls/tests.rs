//! TLS: what is refused at the start, with file and cure.

use super::*;

/// Goal: a missing, empty or readable file, and a pair that does not go together, are refused by name.
#[test]
fn files_are_refused_by_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/tls");
    let (cert, key) = (folder.join("node.pem"), folder.join("node.key"));
    let own = tempfile::tempdir().unwrap();
    let copy = |from: &Path, mode: u32| {
        let to = own
            .path()
            .join(format!("{mode:o}-{}", from.file_name().unwrap().display()));
        std::fs::copy(from, &to).unwrap();
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(mode)).unwrap();
        to
    };
    let (secret, shown) = (copy(&key, 0o640), copy(&key, 0o644));
    assert!(Tls::load(&cert, &secret).is_ok());
    let refused = |cert: &Path, key: &Path| Tls::load(cert, key).unwrap_err();
    assert!(matches!(
        refused(&cert, &shown),
        TlsError::Readable { mode: 0o644, .. }
    ));
    assert!(matches!(
        refused(&own.path().join("no"), &secret),
        TlsError::Read { .. }
    ));
    let empty = refused(&secret, &secret);
    assert!(
        matches!(
            empty,
            TlsError::Nothing {
                what: "certificate",
                ..
            }
        ),
        "{empty}"
    );
    let empty = refused(&cert, &copy(&cert, 0o600));
    assert!(
        matches!(
            empty,
            TlsError::Nothing {
                what: "private key",
                ..
            }
        ),
        "{empty}"
    );
    let other = copy(&folder.join("other.key"), 0o600);
    let pair = refused(&cert, &other);
    assert!(matches!(pair, TlsError::Pair { .. }), "{pair}");
    assert!(pair.to_string().contains("node.pem"), "{pair}");
}
