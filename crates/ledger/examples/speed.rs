//! Measures the ledger on this machine and prints the figures as JSON:
//! `cargo run --release -p sekisho-ledger --example speed -- 1000000`.
#![expect(clippy::unwrap_used, reason = "a measurement that fails may panic")]

use std::io::Write as _;
use std::time::Instant;

use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::export::BundleWriter;
use sekisho_ledger::hash::leaf_hash;
use sekisho_ledger::jcs::check_canonical;
use sekisho_ledger::note::Signer;
use sekisho_ledger::proof::{inclusion_proof, verify_inclusion};
use sekisho_ledger::tile::MemoryTiles;
use sekisho_ledger::tree::Tree;
use sekisho_ledger::verify::{VerifyObserver, VerifyOptions, verify_dir};

struct Line;

impl VerifyObserver for Line {
    fn progress(&mut self, done: u64, total: u64) {
        if done.is_multiple_of(25_600) || done == total {
            eprint!("\rverified {done} of {total} entries");
            let _ = std::io::stderr().flush();
        }
    }
}

/// An entry of 1,024 bytes.
fn entry(index: u64) -> Vec<u8> {
    let head = format!("{{\"n\":{index},\"text\":\"");
    let mut entry = head.into_bytes();
    entry.resize(1022, b'x');
    entry.extend_from_slice(b"\"}");
    entry
}

fn status_kib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

fn per_second(count: u64, since: Instant) -> u64 {
    (count as f64 / since.elapsed().as_secs_f64()) as u64
}

fn main() {
    let size: u64 = std::env::args().nth(1).map_or(100_000, |argument| argument.parse().unwrap());

    let sample: Vec<Vec<u8>> = (0..1000).map(entry).collect();
    let rounds = 300;
    let begin = Instant::now();
    let mut tree = Tree::new();
    for entry in sample.iter().cycle().take(1000 * rounds) {
        tree.append(leaf_hash(entry));
    }
    let appended = per_second(1000 * rounds as u64, begin);

    let begin = Instant::now();
    for entry in sample.iter().cycle().take(1000 * rounds) {
        check_canonical(entry).unwrap();
    }
    let checked = per_second(1000 * rounds as u64, begin);

    // Leaves already hashed, as when tiles are verified against a root.
    let leaf = leaf_hash(b"{}");
    let begin = Instant::now();
    let (mut tree, mut tiles) = (Tree::new(), MemoryTiles::new());
    for _ in 0..2_000_000 {
        tree.append_with(leaf, &mut |id, bytes| tiles.insert(id, bytes).unwrap());
    }
    let leaves = per_second(2_000_000, begin);

    let begin = Instant::now();
    let reader = tree.reader(&tiles);
    for index in 0..20_000 {
        inclusion_proof(&reader, index * 97, tree.size()).unwrap();
    }
    let proved = per_second(20_000, begin);
    let proof = inclusion_proof(&reader, 77, tree.size()).unwrap();
    let begin = Instant::now();
    for _ in 0..100_000 {
        verify_inclusion(&leaf, 77, tree.size(), &proof, &tree.root()).unwrap();
    }
    let proofs_verified = per_second(100_000, begin);
    drop((tree, tiles, sample));

    let dir = tempfile::tempdir().unwrap();
    let origin = Origin::new("speed.example/log").unwrap();
    let signer = Signer::for_log(&origin, [7; 32]);
    let begin = Instant::now();
    let mut writer = BundleWriter::create(dir.path()).unwrap();
    let mut tree = Tree::new();
    for index in 0..size {
        let entry = entry(index);
        tree.append(leaf_hash(&entry));
        writer.push(&entry).unwrap();
    }
    let note = Checkpoint { origin, size, root: tree.root() }.sign(&signer);
    writer.finish(note.as_bytes(), &signer.vkey()).unwrap();
    let exported = per_second(size, begin);

    let before = status_kib("VmRSS:");
    let begin = Instant::now();
    let options = VerifyOptions { vkey: Some(signer.vkey()), ..VerifyOptions::default() };
    verify_dir(dir.path(), &options, &mut Line).unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!();

    println!(
        "{}",
        serde_json::json!({
            "entry_bytes": 1024,
            "entries_appended_per_s": appended,
            "entries_checked_canonical_per_s": checked,
            "leaf_hashes_joined_per_s": leaves,
            "inclusion_proofs_made_per_s": proved,
            "inclusion_proofs_verified_per_s": proofs_verified,
            "bundle_entries": size,
            "bundle_entries_exported_per_s": exported,
            "bundle_verify_s": (seconds * 1000.0).round() / 1000.0,
            "bundle_entries_verified_per_s": (size as f64 / seconds) as u64,
            "rss_before_verify_kib": before,
            "peak_rss_kib": status_kib("VmHWM:"),
        })
    );
}
