//! What the keystore promises: it gives back what it took, and nothing after any change.

use super::file::hex;
use super::*;

const QUICK: Strength = Strength {
    memory_kib: 8,
    passes: 1,
};
const PASSPHRASE: &str = "correct horse";

fn sealed() -> (KeyFile, Secret) {
    let secret = Zeroizing::new([7; 32]);
    let file = KeyFile::seal("issuer", &secret, PASSPHRASE, QUICK).unwrap();
    (file, secret)
}

/// Goal: a key comes back from disk, with the right passphrase only, from a file of mode 0600.
#[test]
fn round_trip_through_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = Keystore::new(folder.path());
    assert!(store.names().unwrap().is_empty());
    let (file, secret) = sealed();
    let path = store.write(&file, false).unwrap();
    assert_eq!(store.names().unwrap(), ["issuer"]);
    let read = store.read("issuer").unwrap();
    assert_eq!(*read.unlock(PASSPHRASE).unwrap(), *secret);
    assert!(matches!(
        read.unlock("wrong horse"),
        Err(KeystoreError::Locked { .. })
    ));
    assert!(matches!(
        store.write(&file, false),
        Err(KeystoreError::Taken { .. })
    ));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        assert!(matches!(
            store.read("issuer"),
            Err(KeystoreError::Exposed { mode: 0o644, .. })
        ));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }
    store.remove("issuer").unwrap();
    assert!(matches!(
        store.read("issuer"),
        Err(KeystoreError::Unknown { .. })
    ));
}

type Change = fn(&mut KeyFile);

/// Goal: a change of any field, one at a time, makes the file useless.
#[test]
fn tampering_with_any_field_is_detected() {
    let (file, _) = sealed();
    let changes: [(&str, Change); 12] = [
        ("version", |f| f.version = 2),
        ("name", |f| f.name = "other".into()),
        ("algorithm", |f| f.algorithm.push('x')),
        ("public_key", |f| f.public_key = hex(&[9; 32])),
        ("address", |f| f.address.push('q')),
        ("kdf.name", |f| f.kdf.name.push('x')),
        ("kdf.memory_kib", |f| f.kdf.memory_kib = 16),
        ("kdf.passes", |f| f.kdf.passes = 2),
        ("kdf.salt", |f| f.kdf.salt = hex(&[0; 16])),
        ("cipher.name", |f| f.cipher.name.push('x')),
        ("cipher.nonce", |f| f.cipher.nonce = hex(&[0; 24])),
        ("cipher.text", |f| f.cipher.text = hex(&[0; 48])),
    ];
    for (field, change) in changes {
        let mut tampered = file.clone();
        change(&mut tampered);
        assert!(
            matches!(
                tampered.unlock(PASSPHRASE),
                Err(KeystoreError::Locked { .. })
            ),
            "a changed {field} went unnoticed"
        );
    }
    assert!(file.unlock(PASSPHRASE).is_ok());
}

/// Goal: a file that asks for absurd work, or is not what it says, is refused before any work.
#[test]
fn a_hostile_file_is_refused_when_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = Keystore::new(folder.path());
    let (mut file, _) = sealed();
    file.kdf.memory_kib = u32::MAX;
    store.write(&file, false).unwrap();
    let error = store.read("issuer").unwrap_err();
    assert!(error.to_string().contains("more than"), "{error}");
    let path = folder.path().join("keys/other.json");
    std::fs::rename(folder.path().join("keys/issuer.json"), path).unwrap();
    assert!(store.read("other").is_err());
}

/// Goal: names cannot leave the folder, passphrases cannot be trivial.
#[test]
fn bad_names_and_short_passphrases() {
    let store = Keystore::new(Path::new("nowhere"));
    for name in ["", "../x", "A", "a/b", "a.b", "1a", &"a".repeat(41)] {
        assert!(
            matches!(store.read(name), Err(KeystoreError::Name { .. })),
            "{name}"
        );
    }
    let short = KeyFile::seal("a", &Zeroizing::new([1; 32]), "short", QUICK);
    assert!(matches!(
        short,
        Err(KeystoreError::PassphraseShort { bytes: 5 })
    ));
}
