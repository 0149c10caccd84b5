//! The cache compiles once, seals what it writes and believes nothing that is not sealed.

use super::support::module;
use crate::error::Fault;
use crate::gas::GasSchedule;
use crate::stage::{Stage, Stages, Stopwatch};
use crate::vm::cache::ModuleCache;
use crate::vm::engine::{VmSettings, engine};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use wasmtime::Module;
use weighhouse_primitives::hash::{CodeHash, Hash};

fn settings() -> VmSettings {
    VmSettings {
        instances: 1,
        ..VmSettings::default()
    }
}

fn cache(schedule: &GasSchedule, folder: Option<&Path>) -> ModuleCache<Module> {
    let engine = engine(&settings()).unwrap();
    ModuleCache::new(&engine, schedule, &settings(), folder).unwrap()
}

fn sample() -> (CodeHash, Vec<u8>) {
    let bytes = module("(func (param i32) (result i32) local.get 0)");
    (CodeHash(Hash::of(&bytes)), bytes)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape that the cache asks for"
)]
fn link(module: &Module) -> Result<Module, Fault> {
    Ok(module.clone())
}

fn unasked() -> Result<Vec<u8>, Fault> {
    panic!("the source is not needed")
}

fn artefacts(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap() != "secret")
        .collect();
    files.sort();
    files
}

/// Goal: callers at the same time share one compilation.
#[test]
fn concurrent_callers_compile_once() {
    let cache = cache(&GasSchedule::V1, None);
    let (code, bytes) = sample();
    let (asked, linked) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let barrier = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                barrier.wait();
                let source = || {
                    asked.fetch_add(1, Ordering::SeqCst);
                    Ok(bytes.clone())
                };
                let counted_link = |module: &Module| {
                    linked.fetch_add(1, Ordering::SeqCst);
                    link(module)
                };
                cache.get_or_compile(&code, source, counted_link).unwrap();
            });
        }
    });
    assert_eq!((asked.into_inner(), linked.into_inner()), (1, 1));
}

/// Goal: what was compiled at upload is not compiled again at the first call.
#[test]
fn precompiled_code_needs_no_source() {
    let cache = cache(&GasSchedule::V1, None);
    let (code, bytes) = sample();
    cache.precompile(&code, &bytes).unwrap();
    cache.get_or_compile(&code, unasked, link).unwrap();
    cache.precompile(&code, &bytes).unwrap();
}

/// Counts compilations; each reading of its clock is a second later.
#[derive(Debug, Default)]
struct Told {
    clock: AtomicU64,
    compiled: Mutex<Vec<(CodeHash, u64)>>,
}

impl Stopwatch for Told {
    fn nanos(&self) -> u64 {
        self.clock.fetch_add(1_000_000_000, Ordering::SeqCst)
    }

    fn spent(&self, _: Stage, _: u64) {}

    fn compiled(&self, code: &CodeHash, nanos: u64) {
        self.compiled.lock().unwrap().push((*code, nanos));
    }
}

/// Goal: whoever lends a clock hears of every compilation once, with its code and its time, also of one that fails,
/// and of nothing else.
#[test]
fn compilations_are_told() {
    let told = Arc::new(Told::default());
    let stopwatch: Arc<dyn Stopwatch> = told.clone();
    let folder = tempfile::tempdir().unwrap();
    let cache = |folder| cache(&GasSchedule::V1, folder).measured(Stages::by(stopwatch.clone()));
    let (code, bytes) = sample();
    let first = cache(Some(folder.path()));
    first.precompile(&code, &bytes).unwrap();
    first.get_or_compile(&code, unasked, link).unwrap();
    // An artefact is loaded, not compiled.
    let second = cache(Some(folder.path()));
    second.get_or_compile(&code, unasked, link).unwrap();
    let bad = CodeHash(Hash::of(b"no module"));
    assert!(second.precompile(&bad, b"no module").is_err());
    let heard = told.compiled.lock().unwrap();
    assert_eq!(*heard, [(code, 1_000_000_000), (bad, 1_000_000_000)]);
}

/// Goal: bytes that were never accepted are a fault, not an outcome.
#[test]
fn err_1_code_that_does_not_compile_is_a_fault() {
    let cache = cache(&GasSchedule::V1, None);
    let code = CodeHash(Hash::of(b"no module"));
    let source = || Ok(b"no module".to_vec());
    let result = cache.get_or_compile(&code, source, link);
    assert!(matches!(result, Err(Fault::Engine { .. })));
}

/// Goal: a second start loads the artefact; another schedule, a flipped bit, a cut file or another
/// secret make it compile again. Files are the node's alone.
#[test]
fn artefacts_are_believed_only_under_their_seal() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("artefacts");
    let (code, bytes) = sample();
    let compiles = |schedule: &GasSchedule| {
        let asked = AtomicUsize::new(0);
        let source = || {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(bytes.clone())
        };
        let cache = cache(schedule, Some(&folder));
        cache.get_or_compile(&code, source, link).unwrap();
        asked.into_inner() == 1
    };
    assert!(compiles(&GasSchedule::V1), "first start");
    assert!(!compiles(&GasSchedule::V1), "second start");
    let files = artefacts(&folder);
    assert_eq!(files.len(), 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&files[0])), (0o700, 0o600));
    assert_eq!(mode(&folder.join("secret")), 0o600);

    let other = GasSchedule {
        version: 2,
        ..GasSchedule::V1
    };
    assert!(compiles(&other), "another schedule");
    assert_eq!(artefacts(&folder).len(), 2);

    let good = fs::read(&files[0]).unwrap();
    for at in [0, 31, 32, 200, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&files[0], &bad).unwrap();
        assert!(compiles(&GasSchedule::V1), "bit at {at}");
        assert!(!compiles(&GasSchedule::V1), "written again");
    }
    for end in [0, 31, 32, good.len() - 1] {
        fs::write(&files[0], &good[..end]).unwrap();
        assert!(compiles(&GasSchedule::V1), "cut at {end}");
    }
    let foreign = artefacts(&folder)
        .into_iter()
        .find(|path| *path != files[0])
        .unwrap();
    fs::copy(&foreign, &files[0]).unwrap();
    assert!(compiles(&GasSchedule::V1), "sealed, but under another name");

    fs::write(folder.join("secret"), [7; 32]).unwrap();
    assert!(compiles(&GasSchedule::V1), "another secret");
    fs::write(folder.join("secret"), [7; 5]).unwrap();
    assert!(compiles(&GasSchedule::V1), "a torn secret is made anew");
    assert!(!compiles(&GasSchedule::V1), "and kept");
}
