//! Artefact files: sealed machine code in a folder of the node's own.

use crate::error::Fault;
use crate::gas::GasSchedule;
use crate::limits::PROTOCOL_VERSION;
use crate::vm::instrument::INSTRUMENTATION_VERSION;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{Hash as _, Hasher};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use wasmtime::{Engine, Module};
use weighhouse_primitives::hash::{CodeHash, Domain, Hash};

/// Names of artefacts.
const ARTEFACT: Domain = Domain::new("weighhouse/runtime/artefact/v1");
/// Bytes of a seal and of the secret.
const SEAL_BYTES: usize = 32;
/// File name of the secret.
const SECRET: &str = "secret";

/// A folder of artefacts.
pub(super) struct Artefacts {
    folder: PathBuf,
    secret: [u8; SEAL_BYTES],
    /// Everything but the code hash that machine code depends on.
    context: Vec<u8>,
}

impl fmt::Debug for Artefacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Artefacts").field(&self.folder).finish()
    }
}

impl Artefacts {
    pub(super) fn open(
        folder: &Path,
        engine: &Engine,
        schedule: &GasSchedule,
    ) -> Result<Self, Fault> {
        let name = folder.display();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(Fault::io(format!("making the folder {name}")))?;
        let mut context = Vec::new();
        context.extend_from_slice(&PROTOCOL_VERSION.to_le_bytes());
        context.extend_from_slice(&schedule.version.to_le_bytes());
        context.extend_from_slice(&INSTRUMENTATION_VERSION.to_le_bytes());
        let mut hasher = Blake3Hasher(blake3::Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        context.extend_from_slice(hasher.0.finalize().as_bytes());
        Ok(Self {
            secret: secret(folder)?,
            folder: folder.to_owned(),
            context,
        })
    }

    /// The artefact of `code`, if there is one that this node made for this very engine.
    pub(super) fn load(&self, engine: &Engine, code: &CodeHash) -> Option<Module> {
        let name = self.name(code);
        let mut bytes = Vec::new();
        File::open(self.path(&name))
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .ok()?;
        let (seal, image) = bytes.split_at_checked(SEAL_BYTES)?;
        let seal: [u8; SEAL_BYTES] = seal.try_into().ok()?;
        // blake3's comparison takes the same time wherever the bytes differ.
        if self.seal(&name, image) != blake3::Hash::from_bytes(seal) {
            tracing::warn!(%code, "an artefact fails its seal and is compiled again");
            return None;
        }
        // SAFETY: wasmtime requires bytes that its own serialisation produced for a compatible
        // engine. The seal proves that this node wrote these bytes, under a name that binds engine,
        // flags and code; they are in memory already, so that nobody can change them after the check.
        #[expect(unsafe_code, reason = "loading machine code has no safe interface")]
        let module = unsafe { Module::deserialize(engine, image) };
        module
            .inspect_err(|error| tracing::warn!(%code, %error, "an artefact does not load"))
            .ok()
    }

    /// Writes the artefact of `code`. Failure costs the next start some time, so it is only logged.
    pub(super) fn store(&self, code: &CodeHash, module: &Module) {
        let name = self.name(code);
        let image = match module.serialize() {
            Ok(image) => image,
            Err(error) => {
                tracing::warn!(%code, %error, "an artefact cannot be serialised");
                return;
            }
        };
        let seal = self.seal(&name, &image);
        if let Err(error) = write_atomic(&self.path(&name), &[seal.as_bytes(), &image]) {
            tracing::warn!(%code, %error, "an artefact cannot be written");
        }
    }

    /// Name of the artefact: a hash of everything its machine code depends on.
    fn name(&self, code: &CodeHash) -> Hash {
        let mut bytes = self.context.clone();
        bytes.extend_from_slice(code.as_bytes());
        ARTEFACT.hash(&bytes)
    }

    fn path(&self, name: &Hash) -> PathBuf {
        let name = name.to_string();
        self.folder.join(name.trim_start_matches("0x"))
    }

    fn seal(&self, name: &Hash, image: &[u8]) -> blake3::Hash {
        blake3::Hasher::new_keyed(&self.secret)
            .update(name.as_bytes())
            .update(image)
            .finalize()
    }
}

/// The node's secret, made on first use.
fn secret(folder: &Path) -> Result<[u8; SEAL_BYTES], Fault> {
    let path = folder.join(SECRET);
    let name = path.display().to_string();
    let read = || {
        let mut secret = [0; SEAL_BYTES];
        let mut file = File::open(&path)?;
        file.read_exact(&mut secret).map(|()| secret)
    };
    match read() {
        Ok(secret) => return Ok(secret),
        // Absent, or cut short by a crash: a new secret only makes old artefacts worthless.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {}
        Err(error) => return Err(Fault::io(format!("reading {name}"))(error)),
    }
    let mut secret = [0; SEAL_BYTES];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut secret))
        .map_err(Fault::io("reading /dev/urandom"))?;
    write_atomic(&path, &[&secret]).map_err(Fault::io(format!("writing {name}")))?;
    Ok(secret)
}

/// Writes beside `path`, then renames: the file is whole or absent. Readable by the node alone.
fn write_atomic(path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()?;
    fs::rename(&temporary, path)
}

/// Feeds the engine's compatibility value to blake3: the standard hasher has 64 bits.
struct Blake3Hasher(blake3::Hasher);

impl Hasher for Blake3Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let mut eight = [0; 8];
        self.0.finalize_xof().fill(&mut eight);
        u64::from_le_bytes(eight)
    }
}
