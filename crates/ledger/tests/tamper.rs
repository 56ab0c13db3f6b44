//! Promises P5 and P6: any changed byte is detected, and so are removal, reordering, rollback and
//! fork; and nothing hostile makes the verifier hang or panic.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::export::{BundleWriter, ExportError};
use sekisho_ledger::hash::{EMPTY_ROOT, Hash, leaf_hash};
use sekisho_ledger::note::{Cosigner, Note, Signer};
use sekisho_ledger::policy::Policy;
use sekisho_ledger::tile::{decode_bundle, encode_bundle};
use sekisho_ledger::tree::Tree;
use sekisho_ledger::verify::{Fault, FaultKind, Verified, VerifyFailure, VerifyObserver, VerifyOptions, verify_dir};

const SIZE: u64 = 700;
const OLDER: u64 = 300;

fn signer() -> Signer {
    Signer::for_log(&Origin::new("kansa.example.lg.jp/log1").unwrap(), [7; 32])
}

fn entry(index: u64) -> Vec<u8> {
    format!("{{\"kind\":\"use.opened\",\"n\":{index}}}").into_bytes()
}

fn tree_of(entries: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::new();
    entries.iter().for_each(|entry| tree.append(leaf_hash(entry)));
    tree
}

fn signed(size: u64, root: Hash) -> String {
    Checkpoint { origin: Origin::new("kansa.example.lg.jp/log1").unwrap(), size, root }.sign(&signer())
}

fn entries(size: u64) -> Vec<Vec<u8>> {
    (0..size).map(entry).collect()
}

/// A bundle with one older checkpoint and a witness whose key nobody gives to the verifier.
fn export(dir: &Path, entries: &[Vec<u8>]) {
    let mut writer = BundleWriter::create(dir).unwrap();
    entries.iter().for_each(|entry| writer.push(entry).unwrap());
    if entries.len() as u64 > OLDER {
        let older = tree_of(&entries[..OLDER as usize]);
        writer.older_checkpoint(OLDER, signed(OLDER, older.root()).as_bytes());
    }
    let note = signed(entries.len() as u64, tree_of(entries).root());
    let witness = Cosigner::from_seed("witness.example/w1", [9; 32]).unwrap();
    let line = witness.cosign(&Note::parse(note.as_bytes()).unwrap(), 1_700_000_000).unwrap();
    writer.finish(format!("{note}{line}").as_bytes(), &signer().vkey()).unwrap();
}

struct Bundle(tempfile::TempDir);

impl Bundle {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        export(dir.path(), &entries(SIZE));
        Self(dir)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), bytes).unwrap();
    }

    fn verify_with(&self, options: &VerifyOptions) -> Result<Verified, VerifyFailure> {
        verify_dir(self.0.path(), options, &mut ())
    }

    fn faults_with(&self, options: &VerifyOptions) -> Vec<Fault> {
        match self.verify_with(options) {
            Ok(_) => Vec::new(),
            Err(failure) => failure.faults().to_vec(),
        }
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults_with(&VerifyOptions::default())
    }

    fn texts(&self) -> Vec<String> {
        self.faults().iter().map(Fault::to_string).collect()
    }

    /// Changes a file, hands the bundle to the test, and puts the file back.
    fn with(&self, file: &str, changed: Option<&[u8]>, test: impl FnOnce(&Self)) {
        let before = self.read(file);
        match changed {
            Some(bytes) => self.write(file, bytes),
            None => fs::remove_file(self.path(file)).unwrap(),
        }
        test(self);
        self.write(file, &before);
    }

    fn files(&self) -> Vec<String> {
        let (mut files, mut folders) = (Vec::new(), vec![self.0.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if item.file_type().unwrap().is_dir() {
                    folders.push(item.path());
                } else {
                    files.push(item.path().strip_prefix(self.0.path()).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        files.sort();
        files
    }
}

#[test]
fn an_untouched_bundle_is_verified_and_every_entry_is_seen_in_order() {
    struct Seen(Vec<Vec<u8>>, Vec<(u64, u64)>);
    impl VerifyObserver for Seen {
        fn progress(&mut self, done: u64, total: u64) {
            self.1.push((done, total));
        }
        fn entry(&mut self, index: u64, entry: &[u8]) {
            assert_eq!(index, self.0.len() as u64);
            self.0.push(entry.to_vec());
        }
    }
    let bundle = Bundle::new();
    let mut seen = Seen(Vec::new(), Vec::new());
    let options = VerifyOptions { vkey: Some(signer().vkey()), ..VerifyOptions::default() };
    let verified = verify_dir(bundle.0.path(), &options, &mut seen).unwrap();
    assert_eq!((verified.size, verified.vkey_trusted), (SIZE, true));
    assert_eq!(verified.older_checkpoints, [OLDER]);
    assert_eq!(verified.unchecked_signatures, ["witness.example/w1"]);
    assert_eq!(seen.0, entries(SIZE));
    assert_eq!(seen.1, [(0, 700), (256, 700), (512, 700), (700, 700)]);
    assert!(!bundle.verify_with(&VerifyOptions::default()).unwrap().vkey_trusted);
    assert_eq!(
        bundle.files(),
        [
            "checkpoint",
            "checkpoints/300",
            "log.vkey",
            "manifest.json",
            "tile/0/000",
            "tile/0/001",
            "tile/0/002.p/188",
            "tile/1/000.p/2",
            "tile/entries/000",
            "tile/entries/001",
            "tile/entries/002.p/188",
        ]
    );
}

#[test]
fn the_same_ledger_gives_the_same_bytes() {
    let (one, two) = (Bundle::new(), Bundle::new());
    for file in one.files() {
        assert_eq!(one.read(&file), two.read(&file), "{file}");
    }
}

/// P5: every file, a byte flipped at many places, cut short, made longer, removed.
#[test]
fn any_change_to_any_file_is_detected_and_the_file_named() {
    let bundle = Bundle::new();
    let trusting = VerifyOptions { vkey: Some(signer().vkey()), ..VerifyOptions::default() };
    for file in bundle.files() {
        let bytes = bundle.read(&file);
        let mut variants: Vec<(String, Option<Vec<u8>>)> = vec![
            ("removed".to_owned(), None),
            ("emptied".to_owned(), Some(Vec::new())),
            ("cut short".to_owned(), Some(bytes[..bytes.len() - 1].to_vec())),
            ("made longer by a newline".to_owned(), Some([&bytes, b"\n".as_slice()].concat())),
            ("made longer by a zero".to_owned(), Some([&bytes, b"\0".as_slice()].concat())),
        ];
        let last = bytes.len() - 1;
        for at in [0, 1, last / 4, last / 3, last / 2, last * 3 / 4, last - 1, last] {
            for bit in [0x01, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= bit;
                variants.push((format!("byte {at} xor {bit:#x}"), Some(changed)));
            }
        }
        for (what, changed) in variants {
            bundle.with(&file, changed.as_deref(), |bundle| {
                for options in [&VerifyOptions::default(), &trusting] {
                    let faults = bundle.faults_with(options);
                    assert!(!faults.is_empty(), "{file}, {what}: not noticed");
                    assert!(faults.iter().any(|fault| fault.file == file), "{file}, {what}: {faults:?}");
                    // A fault in the tree or in an entry is laid at no other file's door.
                    if file.starts_with("tile/") {
                        assert!(faults.iter().all(|fault| fault.file == file), "{file}, {what}: {faults:?}");
                    }
                }
            });
        }
    }
    assert_eq!(bundle.faults(), []);
}

#[test]
fn a_changed_entry_is_named_by_its_index() {
    let bundle = Bundle::new();
    for (file, first) in [("tile/entries/000", 0), ("tile/entries/001", 256), ("tile/entries/002.p/188", 512)] {
        let bytes = bundle.read(file);
        let count = decode_bundle(&bytes).unwrap().len();
        for position in [0, 1, count / 2, count - 1] {
            let mut list: Vec<Vec<u8>> = decode_bundle(&bytes).unwrap().into_iter().map(<[u8]>::to_vec).collect();
            list[position] = br#"{"kind":"use.closed"}"#.to_vec();
            let index = first + position as u64;
            bundle.with(file, Some(&encode_bundle(&list).unwrap()), |bundle| {
                let fault = Fault { file: file.to_owned(), entry: Some(index), kind: FaultKind::EntryChanged };
                assert_eq!(bundle.faults(), [fault]);
                assert_eq!(bundle.texts(), [format!("entry {index} in {file} is not what was recorded")]);
            });
        }
    }
}

#[test]
fn a_changed_hash_is_named_by_its_place() {
    let bundle = Bundle::new();
    for (file, position, text) in [
        ("tile/0/001", 12, "hash 12 in tile/0/001 (entry 268) was changed"),
        ("tile/0/002.p/188", 187, "hash 187 in tile/0/002.p/188 (entry 699) was changed"),
        ("tile/1/000.p/2", 1, "hash 1 in tile/1/000.p/2 (entries 256 to 511) was changed"),
    ] {
        let mut bytes = bundle.read(file);
        bytes[position * 32 + 5] ^= 1;
        bundle.with(file, Some(&bytes), |bundle| assert_eq!(bundle.texts(), [text]));
    }
}

#[test]
fn two_entries_that_changed_places_are_both_named() {
    let bundle = Bundle::new();
    let bytes = bundle.read("tile/entries/001");
    let mut list = decode_bundle(&bytes).unwrap();
    list.swap(3, 200);
    bundle.with("tile/entries/001", Some(&encode_bundle(&list).unwrap()), |bundle| {
        let at: Vec<_> = bundle.faults().iter().map(|fault| (fault.entry, fault.kind.clone())).collect();
        assert_eq!(at, [(Some(259), FaultKind::EntryChanged), (Some(456), FaultKind::EntryChanged)]);
    });
}

#[test]
fn an_entry_taken_out_or_put_in_is_noticed_where_it_happened() {
    let bundle = Bundle::new();
    let bytes = bundle.read("tile/entries/001");
    let list = decode_bundle(&bytes).unwrap();
    let without: Vec<_> = list.iter().enumerate().filter(|(at, _)| *at != 100).map(|(_, entry)| *entry).collect();
    bundle.with("tile/entries/001", Some(&encode_bundle(&without).unwrap()), |bundle| {
        assert_eq!(
            bundle.texts(),
            [
                "entry 356 in tile/entries/001 is not what was recorded",
                "tile/entries/001 has 255 entries instead of 256"
            ]
        );
    });
}

/// The forger changes an entry and the tiles above it, but cannot sign.
#[test]
fn a_forgery_carried_up_through_the_tiles_ends_at_the_signature() {
    let bundle = Bundle::new();
    let mut forged = entries(SIZE);
    forged[600] = br#"{"kind":"nothing happened"}"#.to_vec();
    let other = tempfile::tempdir().unwrap();
    export(&other.path().join("forged"), &forged);
    let copy = |file: &str| bundle.write(file, &fs::read(other.path().join("forged").join(file)).unwrap());
    copy("tile/entries/002.p/188");
    copy("tile/0/002.p/188");
    assert!(bundle.faults().iter().any(|fault| matches!(fault.kind, FaultKind::Root { .. })), "{:?}", bundle.texts());

    // In a full tile the tile above is authentic and tells which entries are at fault.
    let bundle = Bundle::new();
    let mut forged = entries(SIZE);
    forged[290] = br#"{"kind":"nothing happened"}"#.to_vec();
    export(&other.path().join("again"), &forged);
    for file in ["tile/entries/001", "tile/0/001"] {
        bundle.write(file, &fs::read(other.path().join("again").join(file)).unwrap());
    }
    let texts = bundle.texts();
    assert_eq!(
        texts[1], "entries 256 to 511 in tile/entries/001 are not what was recorded; their tile was changed too",
        "{texts:?}"
    );
    assert!(texts[0].contains("checkpoints/300"), "{texts:?}");
    assert!(texts[2].starts_with("checkpoint is not signed for these entries"), "{texts:?}");
}

#[test]
fn what_does_not_belong_into_the_bundle_is_noticed() {
    let bundle = Bundle::new();
    for file in [
        "notes.txt",
        "tile/0/003",
        "tile/0/002.p/187",
        "tile/0/002",
        "tile/2/000.p/1",
        "tile/entries/x000/000",
        "tile/0/000.p/1",
        "checkpoints/0300",
        "checkpoints/latest",
        "a/b/c/d/e/f/g/h/i/j/k/l/m/n",
        ".hidden",
    ] {
        bundle.write(file, b"x");
        let faults = bundle.faults();
        assert!(faults.iter().any(|fault| fault.kind == FaultKind::Unexpected), "{file}: {faults:?}");
        fs::remove_file(bundle.path(file)).unwrap();
        let mut folder = bundle.path(file);
        while folder.pop() && fs::remove_dir(&folder).is_ok() {}
    }
    bundle.write("report/summary.json", b"{}");
    assert!(!bundle.faults().is_empty());
    let also = VerifyOptions { also_expected: ["report/summary.json".to_owned()].into(), ..VerifyOptions::default() };
    assert!(bundle.verify_with(&also).is_ok());
}

#[test]
fn folders_and_links_in_place_of_files_are_noticed() {
    let bundle = Bundle::new();
    for file in bundle.files() {
        let before = bundle.read(&file);
        fs::remove_file(bundle.path(&file)).unwrap();
        fs::create_dir(bundle.path(&file)).unwrap();
        let is_named =
            |faults: Vec<Fault>| faults.iter().any(|fault| fault.file == file && fault.kind == FaultKind::NotAFile);
        assert!(is_named(bundle.faults()), "{file}");
        fs::remove_dir(bundle.path(&file)).unwrap();
        #[cfg(unix)]
        {
            let elsewhere = tempfile::NamedTempFile::new().unwrap();
            fs::write(elsewhere.path(), &before).unwrap();
            std::os::unix::fs::symlink(elsewhere.path(), bundle.path(&file)).unwrap();
            assert!(is_named(bundle.faults()), "{file}");
            fs::remove_file(bundle.path(&file)).unwrap();
        }
        bundle.write(&file, &before);
    }
    #[cfg(unix)]
    {
        let elsewhere = tempfile::tempdir().unwrap();
        fs::rename(bundle.path("tile"), elsewhere.path().join("tile")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("tile"), bundle.path("tile")).unwrap();
        assert_eq!(bundle.texts(), ["unexpected file `tile`"]);
    }
}

#[test]
fn a_huge_file_is_refused_unread() {
    let bundle = Bundle::new();
    for file in bundle.files() {
        let before = bundle.read(&file);
        fs::File::options().write(true).open(bundle.path(&file)).unwrap().set_len(1 << 40).unwrap();
        let faults = bundle.faults();
        assert!(
            faults.iter().any(|fault| fault.file == file && matches!(fault.kind, FaultKind::Length { .. })),
            "{file}: {faults:?}"
        );
        bundle.write(&file, &before);
    }
}

#[test]
fn a_rollback_shows_against_a_checkpoint_kept_from_earlier() {
    let dir = tempfile::tempdir().unwrap();
    export(&dir.path().join("then"), &entries(400));
    let then = fs::read(dir.path().join("then/checkpoint")).unwrap();
    let bundle = Bundle::new();
    let keeping = |note: &[u8]| VerifyOptions { old_checkpoint: Some(note.to_vec()), ..VerifyOptions::default() };
    assert_eq!(bundle.verify_with(&keeping(&then)).unwrap().older_checkpoints, [300, 400]);

    let now = bundle.read("checkpoint");
    let rolled_back = verify_dir(&dir.path().join("then"), &keeping(&now), &mut ()).unwrap_err();
    assert_eq!(
        rolled_back.faults(),
        [Fault {
            file: "checkpoint".to_owned(),
            entry: None,
            kind: FaultKind::Rollback { size: 400, seen: 700, other: "the checkpoint kept from earlier".to_owned() },
        }]
    );
}

#[test]
fn a_rewritten_history_shows_against_a_checkpoint_kept_from_earlier() {
    let bundle = Bundle::new();
    let mut rewritten = entries(400);
    rewritten[5] = b"{}".to_vec();
    let kept = signed(400, tree_of(&rewritten).root()).into_bytes();
    let faults = bundle.faults_with(&VerifyOptions { old_checkpoint: Some(kept), ..VerifyOptions::default() });
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].kind, FaultKind::OtherHistory { size: 400 });

    let kept = signed(SIZE, Hash([1; 32])).into_bytes();
    let faults = bundle.faults_with(&VerifyOptions { old_checkpoint: Some(kept), ..VerifyOptions::default() });
    assert!(matches!(faults[..], [Fault { kind: FaultKind::Fork { size: SIZE, .. }, .. }]), "{faults:?}");
    assert!(faults[0].to_string().starts_with("fork: "));
}

#[test]
fn a_second_signed_history_inside_the_bundle_is_a_fork() {
    let bundle = Bundle::new();
    bundle.write("checkpoints/700", signed(SIZE, Hash([1; 32])).as_bytes());
    assert!(bundle.faults().iter().any(|fault| matches!(fault.kind, FaultKind::Fork { size: SIZE, .. })));
    fs::remove_file(bundle.path("checkpoints/700")).unwrap();
    bundle.write("checkpoints/300", signed(OLDER, Hash([1; 32])).as_bytes());
    let faults = bundle.faults();
    assert!(
        faults
            .iter()
            .any(|fault| fault.file == "checkpoints/300" && matches!(fault.kind, FaultKind::OtherHistory { .. }))
    );
    bundle.write("checkpoints/300", signed(301, Hash([1; 32])).as_bytes());
    assert!(bundle.faults().iter().any(|fault| fault.kind == FaultKind::Misnamed { size: 301 }));
}

#[test]
fn an_older_checkpoint_taken_away_is_named() {
    let bundle = Bundle::new();
    fs::remove_file(bundle.path("checkpoints/300")).unwrap();
    assert_eq!(bundle.texts(), ["manifest.json does not fit the other files", "checkpoints/300 is missing"]);
    fs::remove_dir(bundle.path("checkpoints")).unwrap();
    assert_eq!(bundle.texts().len(), 2);
}

#[test]
fn a_witness_asked_for_must_have_signed() {
    let bundle = Bundle::new();
    let asking = |seed: u8| VerifyOptions {
        witnesses: vec![Cosigner::from_seed("witness.example/w1", [seed; 32]).unwrap().vkey()],
        ..VerifyOptions::default()
    };
    let verified = bundle.verify_with(&asking(9)).unwrap();
    assert_eq!(verified.cosigned, [("witness.example/w1".to_owned(), 1_700_000_000)]);
    assert_eq!(verified.unchecked_signatures, Vec::<String>::new());
    assert!(matches!(bundle.faults_with(&asking(8))[..], [Fault { kind: FaultKind::Witness(_), .. }]));
}

#[test]
fn a_policy_asks_for_its_logs_and_its_quorum() {
    let bundle = Bundle::new();
    let by = |policy: &str| VerifyOptions {
        policy: Some(Policy::parse(policy.as_bytes()).unwrap()),
        ..VerifyOptions::default()
    };
    let key = |n: u8| Cosigner::from_seed(&format!("witness.example/w{}", 10 - n), [n; 32]).unwrap().vkey();
    let (log, both) = (signer().vkey(), format!("witness eins {}\nwitness zwei {}\n", key(9), key(8)));
    let verified = bundle.verify_with(&by(&format!("log {log}\n{both}group g any eins zwei\nquorum g\n"))).unwrap();
    assert_eq!(verified.cosigned, [("eins".to_owned(), 1_700_000_000)]);
    assert_eq!(verified.not_cosigned, ["zwei"]);
    assert!(verified.vkey_trusted, "the policy's log is a key from elsewhere");
    assert_eq!(verified.unchecked_signatures, Vec::<String>::new());
    // Without a log, the bundle's own key is all there is.
    assert!(!bundle.verify_with(&by(&format!("{both}quorum eins"))).unwrap().vkey_trusted);

    let faults = bundle.faults_with(&by(&format!("{both}group g all eins zwei\nquorum g")));
    let [Fault { kind: FaultKind::Quorum { cosigned, missing, older }, .. }] = &faults[..] else {
        panic!("{faults:?}")
    };
    assert_eq!((cosigned.len(), &missing[..], older), (1, &["zwei".to_owned()][..], &None));
    // A log that the policy does not name.
    let stranger = Signer::from_seed("kansa.example.lg.jp/log1", [8; 32]).unwrap().vkey();
    let of_stranger = format!("log {stranger}\nquorum none");
    assert_eq!(bundle.faults_with(&by(&of_stranger))[0].kind, FaultKind::OtherKey);
    let contradicting = VerifyOptions { vkey: Some(log), ..by(&of_stranger) };
    assert!(matches!(bundle.verify_with(&contradicting), Err(VerifyFailure::Options { .. })));
}

#[test]
fn a_newest_checkpoint_without_quorum_names_the_older_one_that_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let all = entries(SIZE);
    let mut writer = BundleWriter::create(dir.path()).unwrap();
    all.iter().for_each(|entry| writer.push(entry).unwrap());
    let older = signed(OLDER, tree_of(&all[..OLDER as usize]).root());
    let witness = Cosigner::from_seed("witness.example/w1", [9; 32]).unwrap();
    let line = witness.cosign(&Note::parse(older.as_bytes()).unwrap(), 1_700_000_000).unwrap();
    writer.older_checkpoint(OLDER, format!("{older}{line}").as_bytes());
    writer.finish(signed(SIZE, tree_of(&all).root()).as_bytes(), &signer().vkey()).unwrap();
    let policy = Policy::of(vec![witness.verifier()], 1).unwrap();
    let options = VerifyOptions { policy: Some(policy), ..VerifyOptions::default() };
    let failure = verify_dir(dir.path(), &options, &mut ()).unwrap_err();
    assert!(
        matches!(failure.faults(), [Fault { kind: FaultKind::Quorum { older: Some(OLDER), .. }, .. }]),
        "{failure}"
    );
}

#[test]
fn a_bundle_of_another_log_is_not_taken_for_the_trusted_one() {
    let bundle = Bundle::new();
    let stranger = Signer::from_seed("kansa.example.lg.jp/log1", [8; 32]).unwrap();
    let faults = bundle.faults_with(&VerifyOptions { vkey: Some(stranger.vkey()), ..VerifyOptions::default() });
    assert_eq!(faults[0].kind, FaultKind::OtherKey);
    assert!(matches!(faults[1].kind, FaultKind::Checkpoint(_)));
    let nonsense = bundle.verify_with(&VerifyOptions { vkey: Some("x".to_owned()), ..VerifyOptions::default() });
    assert!(matches!(nonsense, Err(VerifyFailure::Options { .. })));
}

#[test]
fn a_plain_copy_of_a_log_needs_no_manifest() {
    let bundle = Bundle::new();
    fs::remove_file(bundle.path("manifest.json")).unwrap();
    fs::remove_file(bundle.path("log.vkey")).unwrap();
    let plain = VerifyOptions { plain: true, vkey: Some(signer().vkey()), ..VerifyOptions::default() };
    assert!(bundle.verify_with(&plain).is_ok());
    assert_eq!(bundle.faults_with(&VerifyOptions { vkey: None, ..plain }).len(), 1);
}

/// A claim costs nothing; the work done must follow what is there.
#[test]
fn a_claimed_size_without_files_fails_at_the_first_missing_file() {
    for size in [1, 256, 65_536, (1 << 63) - 1, 1 << 63, u64::MAX] {
        let dir = tempfile::tempdir().unwrap();
        BundleWriter::create(dir.path())
            .unwrap()
            .finish(signed(size, Hash([1; 32])).as_bytes(), &signer().vkey())
            .unwrap();
        let failure = verify_dir(dir.path(), &VerifyOptions::default(), &mut ()).unwrap_err();
        let VerifyFailure::Faults { faults, more } = failure else { panic!("{failure}") };
        assert!(more);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].file.starts_with("tile/entries/000") && faults[0].kind == FaultKind::Missing);
    }
}

#[test]
fn an_empty_ledger_can_be_exported_and_verified() {
    let dir = tempfile::tempdir().unwrap();
    export(dir.path(), &[]);
    let verified = verify_dir(dir.path(), &VerifyOptions::default(), &mut ()).unwrap();
    assert_eq!((verified.size, verified.root), (0, EMPTY_ROOT));
}

#[test]
fn a_missing_or_empty_folder_is_a_fault_and_not_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().to_owned(), dir.path().join("missing")] {
        assert!(verify_dir(&path, &VerifyOptions::default(), &mut ()).is_err());
    }
}

#[test]
fn faults_beyond_the_limit_are_not_collected() {
    let bundle = Bundle::new();
    for file in ["tile/0/000", "tile/0/001"] {
        let zeros = vec![0; bundle.read(file).len()];
        bundle.write(file, &zeros);
    }
    let failure = bundle.verify_with(&VerifyOptions { max_faults: 10, ..VerifyOptions::default() }).unwrap_err();
    assert_eq!(failure.faults().len(), 10);
    assert!(failure.to_string().ends_with("verification stopped here"));
    assert_eq!(bundle.faults().len(), 100);
}

#[test]
fn several_damaged_tiles_are_told_apart() {
    let bundle = Bundle::new();
    let flip = |file: &str, at: usize| {
        let mut bytes = bundle.read(file);
        bytes[at] ^= 1;
        bundle.write(file, &bytes);
    };
    flip("tile/0/000", 32 * 7);
    flip("tile/1/000.p/2", 40);
    flip("tile/entries/001", 40);
    let files: Vec<_> = bundle.faults().into_iter().map(|fault| fault.file).collect();
    assert_eq!(files, ["tile/0/000", "tile/entries/001", "tile/1/000.p/2"], "{:?}", bundle.texts());
}

#[test]
fn a_log_that_signed_something_else_than_entries_is_found_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut list = entries(5);
    list[3] = b"{\"b\":1, \"a\":2}".to_vec();
    export(dir.path(), &list);
    let failure = verify_dir(dir.path(), &VerifyOptions::default(), &mut ()).unwrap_err();
    assert!(matches!(failure.faults(), [Fault { entry: Some(3), kind: FaultKind::NotAnEntry(_), .. }]));
}

#[test]
fn an_export_never_mixes_with_what_is_there_already() {
    let bundle = Bundle::new();
    assert!(matches!(BundleWriter::create(bundle.0.path()), Err(ExportError::NotEmpty(_))));
    assert!(matches!(BundleWriter::create(&bundle.path("checkpoint")), Err(ExportError::NotEmpty(_))));
    let dir = tempfile::tempdir().unwrap();
    let mut writer = BundleWriter::create(dir.path()).unwrap();
    writer.push(b"{}").unwrap();
    let other = writer.finish(signed(1, Hash([1; 32])).as_bytes(), &signer().vkey());
    assert!(matches!(other, Err(ExportError::OtherTree { size: 1, .. })));
    assert!(!dir.path().join("checkpoint").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is done to whatever files, the verifier answers, and never with yes.
    #[test]
    fn random_damage_is_always_detected_and_never_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1u8.., 0u8..6), 1..4),
        garbage in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let bundle = Bundle::new();
        let untouched: Vec<_> = bundle.files().into_iter().map(|file| (bundle.read(&file), file)).collect();
        for (file, at, by, how) in damage {
            let file = &untouched[file.index(untouched.len())].1;
            let Ok(mut bytes) = fs::read(bundle.path(file)) else { continue };
            if bytes.is_empty() {
                continue;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes.truncate(at),
                1 => bytes.extend_from_slice(&garbage),
                2 => bytes.splice(at.., garbage.clone()).for_each(drop),
                3 => {
                    fs::remove_file(bundle.path(file)).unwrap();
                    continue;
                }
                _ => bytes[at] ^= by,
            }
            bundle.write(file, &bytes);
        }
        let changed = untouched.iter().any(|(bytes, file)| fs::read(bundle.path(file)).ok().as_ref() != Some(bytes));
        prop_assert_eq!(bundle.verify_with(&VerifyOptions::default()).is_err(), changed);
    }
}
