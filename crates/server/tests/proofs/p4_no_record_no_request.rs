//! P4: no record, no request. When the disk fails, callers get 503 `LEDGER_UNAVAILABLE`, not one byte reaches a model,
//! and no setting turns that off. When the disk works again, so does the program, without a restart.
//!
//! `strace` lets writes and synchronisations fail with EIO and ENOSPC: once at every index of a run, and for a while.
//! Each request has a length of its own, which its opening record repeats: that ties a request to its record even when
//! the caller got no use id.

use crate::exported::{Exported, Told};
use crate::house::{Client, House, UPSTREAM, body, copy, founded};
use crate::stand_in::StandIn;
use crate::strace::Watch;
use std::path::Path;

/// Requests of one life.
const REQUESTS: usize = 5;
/// How many calls lie between two faults of one life: more than one commit makes, so that work goes on between them.
const STRIDE: usize = 61;
const ERRORS: [&str; 2] = ["EIO", "ENOSPC"];

/// One request and what became of it, as the client saw it.
struct Asked {
    token: String,
    length: u64,
    status: u16,
    code: String,
    id: Option<String>,
}

fn ask(client: &Client, life: usize, number: usize) -> Asked {
    let token = format!("life-{life:04}-token-{number:03}-");
    // The same words, longer by one letter each time.
    let prompt = format!("{token}{}", "x".repeat(number));
    let answer = client.ask(UPSTREAM, &prompt, &[]).expect("an answer, whatever the disk does");
    let length = body(UPSTREAM, &prompt, false).len() as u64;
    Asked { token, length, status: answer.status, code: answer.code(), id: answer.use_id() }
}

/// One life under a fault. Returns how many requests were refused for it, or `None` when it ended during the start.
fn live(upstream: &StandIn, founded: &Path, place: &Path, life: usize, what: &str) -> Option<usize> {
    let data = place.join("data");
    copy(founded, &data);
    let watch = Watch::injecting(&place.join("strace"), what);
    let house = match House::start_watched(&data, upstream, &watch) {
        Ok(house) => house,
        Err(not_serving) => {
            // It may refuse to start on a disk that fails, with its own exit code and not in a panic.
            assert_eq!(not_serving.status.code(), Some(3), "{what}: {not_serving:?}");
            return None;
        }
    };
    let client = house.client();
    let mut asked: Vec<Asked> = (0..REQUESTS).map(|n| ask(&client, life, n)).collect();
    // The fault passes; the same process serves again. How many attempts that takes depends on the fault alone.
    while asked.last().is_some_and(|last| last.status != 200) {
        assert!(asked.len() < 60, "{what}: the program does not recover");
        asked.push(ask(&client, life, asked.len()));
    }
    house.stop();
    let ledger = Exported::of(&data, &place.join("ledger"));
    let uses = ledger.uses();
    for one in &asked {
        judge(one, &uses, upstream.saw(&one.token), what);
    }
    assert!(watch.injected() > 0 || asked.iter().all(|a| a.status == 200), "{what}: refused without a fault");
    Some(asked.iter().filter(|a| a.status != 200).count())
}

/// The promise itself, for one request.
fn judge(one: &Asked, uses: &std::collections::BTreeMap<String, Told>, sent: bool, what: &str) {
    let Asked { token, length, status, code, id } = one;
    let recorded = uses.values().any(|told| told.bytes == *length && told.opened.len() == 1);
    assert!(!sent || recorded, "{what}: {token} reached the model and has no record");
    match status {
        200 => {
            let id = id.as_ref().expect("an answer names its use");
            let told = uses.get(id).unwrap_or_else(|| panic!("{what}: {id} was answered and is not recorded"));
            assert_eq!((told.opened.len(), told.closed.len(), told.bytes), (1, 1, *length), "{what}: {id}: {told:?}");
        }
        503 => assert_eq!(code, "LEDGER_UNAVAILABLE", "{what}: {token}"),
        other => panic!("{what}: {token} was answered with {other} `{code}`"),
    }
}

/// Runs lives on both cores.
fn sweep(upstream: &StandIn, founded: &Path, faults: &[String]) -> (usize, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let next = std::sync::atomic::AtomicUsize::new(0);
    let lane = || {
        let (mut refused, mut unstarted) = (0, 0);
        loop {
            let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let Some(what) = faults.get(number) else { return (refused, unstarted) };
            let place = folder.path().join(number.to_string());
            match live(upstream, founded, &place, number, what) {
                Some(count) => refused += count,
                None => unstarted += 1,
            }
            std::fs::remove_dir_all(&place).expect("a folder to remove");
        }
    };
    std::thread::scope(|scope| {
        let lanes = [scope.spawn(lane), scope.spawn(lane)];
        lanes.into_iter().map(|lane| lane.join().expect("a lane")).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    })
}

/// How many of these calls the start alone makes, in the thread that makes most.
fn made_by_the_start(folder: &Path, upstream: &StandIn, calls: &str) -> usize {
    let data = folder.join("probe");
    copy(&folder.join("data"), &data);
    let watch = Watch::counting(&folder.join("strace"), calls);
    House::start_watched(&data, upstream, &watch).expect("it serves").stop();
    std::fs::remove_dir_all(&data).expect("a folder to remove");
    watch.most_in_a_thread().into_values().max().unwrap_or(0)
}

#[test]
fn a_write_that_fails_at_any_index_lets_nothing_out() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let start = made_by_the_start(folder.path(), &upstream, "pwrite64");
    let mut faults = Vec::new();
    for error in ERRORS {
        // During the start one by one, since the program may rightly end there.
        faults.extend((1..=start).map(|n| format!("pwrite64:error={error}:when={n}")));
        // Afterwards every index is met: each life takes every 61st, beginning one further.
        faults.extend((1..=STRIDE).map(|n| format!("pwrite64:error={error}:when={}+{STRIDE}", start + n)));
        // A disk that stays full or broken for a while.
        faults.extend([1, 10, 20].map(|n| format!("pwrite64:error={error}:when={}..{}", start + n, start + n + 5)));
    }
    let (refused, unstarted) = sweep(&upstream, &folder.path().join("data"), &faults);
    println!("{} faults in writes: {refused} requests refused, {unstarted} starts refused", faults.len());
    assert!(refused > faults.len() / 4, "only {refused} requests met a fault: this run proved too little");
}

#[test]
fn a_synchronisation_that_fails_at_any_index_lets_nothing_out() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let start = made_by_the_start(folder.path(), &upstream, "fsync,fdatasync");
    let mut faults = Vec::new();
    for error in ERRORS {
        faults.extend((1..=start).map(|n| format!("fsync,fdatasync:error={error}:when={n}")));
        // A commit synchronises once or twice: every fifth leaves room for some to succeed.
        faults.extend((1..=5).map(|n| format!("fsync,fdatasync:error={error}:when={}+5", start + n)));
        faults
            .extend([1, 3, 6].map(|n| format!("fsync,fdatasync:error={error}:when={}..{}", start + n, start + n + 4)));
    }
    let (refused, unstarted) = sweep(&upstream, &folder.path().join("data"), &faults);
    println!("{} faults in synchronisations: {refused} requests refused, {unstarted} starts refused", faults.len());
    assert!(refused > faults.len() / 4, "only {refused} requests met a fault: this run proved too little");
}

/// Every key the configuration knows. Who adds one answers here for it not being a way round the record.
const KEYS: [&str; 31] = [
    "listen",
    "data",
    "database",
    "origin",
    "node",
    "secrets.azure.file",
    "ledger.checkpoint_interval_ms",
    "ledger.max_staleness_ms",
    "ledger.follow_interval_ms",
    // Who vouches for checkpoints, once they are signed and published.
    "ledger.quorum",
    "[ledger.witness].url",
    "[ledger.witness].key",
    // How the database is reached. That a commit waits for the disk is asked for on every connection, after the address.
    "postgres.password_file",
    "postgres.readers",
    "limits.body_bytes",
    "limits.body_seconds",
    "limits.header_seconds",
    // A connection that is cut for it ends as one that the caller closed: with its record.
    "limits.unread_seconds",
    "limits.keep_files_hours",
    // How long the end of the program waits: what is open when it is over is ended as aborted at the next start.
    "limits.drain_seconds",
    "limits.shutdown_seconds",
    // How people sign in to read pages: no page sends anything to a model.
    "signin.public_url",
    "signin.idle_minutes",
    "signin.absolute_hours",
    "signin.link_hours",
    "signin.proxies",
    "upstream.connect_seconds",
    "upstream.first_byte_seconds",
    "upstream.idle_seconds",
    "upstream.total_seconds",
    "upstream.answer_bytes",
];
/// Shown commented out, since it has no default.
const OPTIONAL: [&str; 1] = ["upstream.extra_roots"];
/// A question's meaning is asked for through the gate, as a use of its own.
/// Which texts are found does not change what is recorded of a question.
const SEARCH: [&str; 8] = [
    "search.embeddings",
    "search.question_prefix",
    "search.shared",
    "search.look_seconds",
    "search.bucket.endpoint",
    "search.bucket.region",
    "search.bucket.credentials_file",
    "search.bucket.plain_http",
];
/// What is told of requests beside the record, never in its place.
const TOLD: [&str; 4] = ["metrics.listen", "traces.endpoint", "log.level", "log.format"];

#[test]
fn no_key_of_the_configuration_turns_the_record_off() {
    let manual = include_str!("../../../../sekisho.example.toml");
    let mut section = String::new();
    let mut keys = Vec::new();
    for line in manual.lines() {
        // What is commented out is a key as well; what is not of this form is explanation.
        let line = line.trim_start_matches("# ").trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            keys.push(format!("{section}{key}"));
        }
    }
    let known: Vec<&str> = KEYS.iter().chain(&OPTIONAL).chain(&SEARCH).chain(&TOLD).copied().collect();
    assert_eq!(keys, known, "a key was added or removed: can it let a request pass without its record?");
}

/// The unsynchronised mode exists for P1's counter-proof alone: no line of the program asks for it.
#[test]
fn only_the_counter_proof_asks_for_less_than_full_synchronisation() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of the crates");
    let name = concat!("Synchronous", "::Normal");
    let mut asking = Vec::new();
    let mut folders = vec![crates.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                // To translate it for the database is not to ask for it; nor is to speak of it.
                let asks = |line: &&str| {
                    line.contains(name) && !line.contains(&format!("{name} =>")) && !line.trim_start().starts_with("//")
                };
                if text.lines().any(|line| asks(&line)) {
                    asking.push(path.strip_prefix(crates).expect("below").to_owned());
                }
            }
        }
    }
    assert_eq!(asking, [Path::new("server/examples/unsynced.rs")]);
}
