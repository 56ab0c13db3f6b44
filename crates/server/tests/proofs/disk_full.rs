//! A disk that is really full: what cannot be recorded is refused and does not leave, and once there is room again the program
//! serves again by itself.
//!
//! The folder of the data is a small file system of its own (tmpfs), in a mount namespace that ends with the test.

use crate::exported::Exported;
use crate::house::{House, Program, UPSTREAM, body, sekisho};
use crate::stand_in::StandIn;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Of which what the program founds takes a part.
const SIZE: &str = "64m";
/// So many are refused before there is room again.
const REFUSED: usize = 30;
/// Bytes of a request, so that what is kept of it needs room: what lies ready in the database's log is used up first. Each is
/// longer than the one before, and its opening record says how long: that ties a record to a request that got no id.
const LONG: usize = 100_000;

/// A small disk. It goes with the test.
struct Disk {
    holder: Child,
    path: PathBuf,
}

impl Disk {
    fn mount(folder: &Path) -> Self {
        std::fs::create_dir(folder).expect("a folder");
        // Whoever is not root may mount in a user namespace of his own, where the machine permits that.
        let script = format!("mount -t tmpfs -o size={SIZE},mode=700 sekisho \"$0\" && echo mounted && exec cat");
        let mut command = Command::new("unshare");
        if !is_root() {
            command.arg("--map-root-user");
        }
        let holder = command.args(["--mount", "sh", "-c", &script]).arg(folder);
        let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare (util-linux)");
        let mut said = String::new();
        let _ = BufReader::new(holder.stdout.take().expect("piped")).read_line(&mut said);
        assert_eq!(said.trim(), "mounted", "this proof mounts a tmpfs: run it as root or permit user namespaces");
        Self { holder, path: folder.to_owned() }
    }

    /// What runs a program where the disk is seen.
    fn inside(&self) -> Vec<String> {
        let mut words = vec!["nsenter".to_owned(), format!("--target={}", self.holder.id()), "--mount".into()];
        if !is_root() {
            words.extend(["--user".into(), "--preserve-credentials".into()]);
        }
        words
    }

    /// Takes all the room there is.
    fn fill(&self) -> PathBuf {
        let path = PathBuf::from(format!("/proc/{}/root{}/filler", self.holder.id(), self.path.display()));
        let mut file = File::create(&path).expect("a file");
        for size in [64 * 1024, 4096, 1] {
            loop {
                match file.write_all(&vec![0; size]) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        path
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Seen to fail when the writer acknowledged what it could not write.
#[test]
fn on_a_full_disk_nothing_leaves_and_with_room_it_serves_again() {
    let upstream = StandIn::start();
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Disk::mount(&folder.path().join("data"));
    let mut house = House::start_as(&disk.path, &upstream, &Program::Inside(disk.inside()), None).expect("it starts");
    let client = house.client();
    let mut answered: Vec<String> = Vec::new();
    let mut refused: Vec<(String, u64)> = Vec::new();
    let mut number = 0_usize;
    let mut ask = |answered: &mut Vec<String>, refused: &mut Vec<(String, u64)>| {
        number += 1;
        let token = format!("token-{number:05}-");
        let mut words = token.clone();
        for n in 1.. {
            // No two of them alike, lest they be stored as one.
            words.push_str(&format!("{:x} ", (number as u64).wrapping_mul(n * 0x9E37_79B9)));
            if words.len() > LONG + number {
                break;
            }
        }
        words.truncate(LONG + number);
        let answer = client.ask(UPSTREAM, &words, &[]).expect("an answer, whatever the disk does");
        let length = body(UPSTREAM, &words, false).len() as u64;
        match answer.status {
            200 => answered.push(answer.use_id().expect("an answer names its use")),
            503 => {
                assert_eq!(answer.code(), "LEDGER_UNAVAILABLE", "{token}: {}", answer.text());
                refused.push((token, length));
            }
            other => panic!("{token}: {other} {}", answer.text()),
        }
        answer.status
    };
    for _ in 0..3 {
        assert_eq!(ask(&mut answered, &mut refused), 200);
    }
    let filler = disk.fill();
    let begun = Instant::now();
    while refused.len() < REFUSED {
        ask(&mut answered, &mut refused);
        assert!(begun.elapsed() < Duration::from_secs(60), "only {} refused on a full disk", refused.len());
    }
    let before = answered.len();
    std::fs::remove_file(filler).expect("a file to remove");
    let begun = Instant::now();
    while ask(&mut answered, &mut refused) != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not serve again");
        std::thread::sleep(Duration::from_millis(50));
    }
    println!(
        "{} answered before the disk was full, {} refused, served again after {:?}",
        before,
        refused.len(),
        begun.elapsed()
    );
    for _ in 0..3 {
        assert_eq!(ask(&mut answered, &mut refused), 200);
    }
    assert!(house.lives());
    assert!(house.stop().success());
    let out = folder.path().join("ledger");
    let inside = disk.inside();
    let mut export = Command::new(&inside[0]);
    export
        .args(&inside[1..])
        .arg(sekisho())
        .args(["ledger", "export", "--data"])
        .arg(&disk.path)
        .arg("--out")
        .arg(&out);
    let exported = export.output().expect("nsenter (util-linux)");
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let uses = Exported::read(&out).uses();
    for id in &answered {
        let told = uses.get(id).unwrap_or_else(|| panic!("{id} was answered and is not recorded"));
        assert_eq!((told.opened.len(), told.closed.len()), (1, 1), "{id}: {told:?}");
    }
    for (token, length) in &refused {
        let recorded = uses.values().any(|told| told.bytes == *length && told.opened.len() == 1);
        assert!(recorded || !upstream.saw(token), "{token} reached the model and has no record");
    }
    // Some may have had room for their beginning; most had not.
    let left = refused.iter().filter(|(token, _)| upstream.saw(token)).count();
    assert!(left < REFUSED / 2, "{left} of {} refused requests left with their record", refused.len());
}
