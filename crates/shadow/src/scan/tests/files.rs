use std::fs::{self, OpenOptions};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::Follow;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn gzip(path: &Path, text: &str) {
    let mut encoder = flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
}

fn lines(range: std::ops::Range<i64>) -> String {
    range.map(|n| squid(n, &format!("u{n}"), "claude.ai")).collect()
}

/// One run over a path, going on from what an earlier one left.
fn run(path: &Path, positions: Positions) -> Outcome {
    let mut scan = scan().resuming(positions);
    assert_eq!(scan.read_path(path, &mut go).unwrap(), Ended::Complete);
    let outcome = scan.finish();
    assert!(outcome.findings.reading.balances());
    outcome
}

#[test]
fn given_a_folder_then_all_below_it_is_read_once_in_the_order_of_names() {
    let folder = folder();
    fs::create_dir(folder.path().join("b")).unwrap();
    append(&folder.path().join("b/two.log"), &lines(0..2));
    append(&folder.path().join("a.log"), &lines(2..5));
    gzip(&folder.path().join("c.log.gz"), &lines(5..9));
    #[cfg(unix)]
    std::os::unix::fs::symlink("a.log", folder.path().join("d.log")).unwrap();
    let mut seen = Vec::new();
    let mut scan = scan();
    scan.read_path(folder.path(), &mut |progress| {
        seen.push(Path::new(progress.file).file_name().unwrap().to_owned());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, ["a.log", "two.log", "c.log.gz"]);
    let reading = scan.finish().findings.reading;
    assert_eq!((reading.hits, reading.files), (9, 3));
    #[cfg(unix)]
    assert!(reading.failures[0].file.ends_with("d.log") && reading.failures[0].reason_ja.contains("リンク"));
}

#[test]
fn given_no_such_path_then_the_error_says_so_in_both_languages() {
    let error = scan().read_path(Path::new("/nowhere/at/all.log"), &mut go).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all.log") && error.japanese().contains("確かめて"));
}

#[test]
fn given_a_file_that_grew_then_a_second_run_reads_what_is_new() {
    let folder = folder();
    let (log, state) = (folder.path().join("a.log"), folder.path().join("state.json"));
    append(&log, &lines(0..10));
    let first = run(&log, Positions::load(&state).unwrap());
    first.positions.save(&state).unwrap();
    assert_eq!(first.findings.reading.hits, 10);
    let again = run(&log, Positions::load(&state).unwrap());
    assert_eq!((again.findings.reading.lines, again.findings.reading.files_known), (0, 1));
    append(&log, &lines(10..13));
    let second = run(&log, Positions::load(&state).unwrap());
    assert_eq!((second.findings.reading.hits, second.findings.reading.files), (3, 1));
    second.positions.save(&state).unwrap();
    assert!(!fs::read_to_string(&state).unwrap().contains("claude"), "no line of a log stands in the state");
}

#[test]
fn given_half_a_line_at_the_end_then_it_waits_for_its_end() {
    let folder = folder();
    let log = folder.path().join("a.log");
    let (head, tail) = (lines(0..3), lines(3..4));
    append(&log, &(head + &tail[..50]));
    let first = run(&log, Positions::default());
    assert_eq!((first.findings.reading.hits, first.findings.reading.waiting), (3, 1));
    append(&log, &tail[50..]);
    let second = run(&log, first.positions);
    assert_eq!((second.findings.reading.hits, second.findings.reading.waiting), (1, 0));
    assert_eq!(second.findings.reading.rejected.total(), 0);
}

#[test]
fn given_a_log_that_was_rotated_and_compressed_then_nothing_of_it_is_read_twice() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, &lines(0..10));
    let first = run(folder.path(), Positions::default());
    append(&log, &lines(10..12));
    fs::rename(&log, folder.path().join("access.log.1")).unwrap();
    append(&log, &lines(100..103));
    let second = run(folder.path(), first.positions);
    assert_eq!(second.findings.reading.hits, 2 + 3);
    fs::remove_file(folder.path().join("access.log.1")).unwrap();
    gzip(&folder.path().join("access.log.1.gz"), &lines(0..15));
    let third = run(folder.path(), second.positions);
    assert_eq!(third.findings.reading.hits, 3, "what was written between the second run and the compressing");
    let fourth = run(folder.path(), third.positions);
    assert_eq!((fourth.findings.reading.lines, fourth.findings.reading.files_known), (0, 2));
}

#[test]
fn given_a_log_that_was_copied_and_emptied_then_each_line_is_read_once() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, &lines(0..10));
    let first = run(folder.path(), Positions::default());
    append(&log, &lines(10..12));
    fs::copy(&log, folder.path().join("access.log.1")).unwrap();
    fs::write(&log, lines(100..120)).unwrap();
    let second = run(folder.path(), first.positions);
    assert_eq!(second.findings.reading.hits, 2 + 20);
}

#[test]
fn given_a_log_that_begins_as_before_and_goes_on_otherwise_then_it_is_read_from_its_beginning() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, &lines(0..100));
    let first = run(&log, Positions::default());
    fs::write(&log, lines(0..80) + &lines(150..190)).unwrap();
    let second = run(&log, first.positions);
    assert_eq!((second.findings.reading.hits, second.findings.reading.begun_anew), (120, 1));
}

#[test]
fn given_a_line_that_is_too_long_at_the_end_then_a_second_run_goes_on_behind_it() {
    for length in (1000..1300).step_by(50) {
        let folder = folder();
        let log = folder.path().join("a.log");
        append(&log, &(lines(0..100) + &"x".repeat(length) + "\n"));
        let mut scan = scan().resuming(Positions::default());
        // A line that does not fit the buffer is too long whatever the limit.
        scan.buffer = vec![0; 300];
        scan.read_path(&log, &mut go).unwrap();
        let first = scan.finish();
        assert_eq!((first.findings.reading.lines, first.findings.reading.rejected.total()), (101, 1));
        append(&log, &lines(100..102));
        let second = run(&log, first.positions.clone());
        assert_eq!((second.findings.reading.lines, second.findings.reading.begun_anew), (2, 0), "{length}");
        fs::write(&log, lines(0..100)).unwrap();
        let third = run(&log, first.positions);
        assert_eq!((third.findings.reading.lines, third.findings.reading.begun_anew), (100, 1), "{length}");
    }
}

#[test]
fn given_a_compressed_log_that_was_stopped_then_a_second_run_goes_on_within_it() {
    let folder = folder();
    let log = folder.path().join("a.log.gz");
    gzip(&log, &lines(0..100));
    let mut scan = scan().resuming(Positions::default());
    scan.buffer = vec![0; 1000];
    assert_eq!(scan.read_path(&log, &mut |_| ControlFlow::Break(())).unwrap(), Ended::Stopped);
    let first = scan.finish();
    let second = run(&log, first.positions);
    assert!(first.findings.reading.hits > 0 && second.findings.reading.hits < 100);
    assert_eq!(first.findings.reading.hits + second.findings.reading.hits, 100);
}

#[test]
fn given_elff_then_a_second_run_still_knows_the_fields() {
    let folder = folder();
    let log = folder.path().join("a.log");
    let line = "2026-11-30 01:00:00 192.0.2.5 claude.ai\n";
    append(&log, &format!("#Fields: date time c-ip cs-host\n{line}"));
    let first = run(&log, Positions::default());
    append(&log, line);
    let second = run(&log, first.positions);
    assert_eq!((second.findings.reading.hits, second.findings.reading.directives), (1, 0));
}

#[test]
fn given_a_foreign_state_then_it_is_refused_with_what_to_do() {
    let folder = folder();
    let state = folder.path().join("state.json");
    for text in [
        "",
        "{}",
        "{\"format\":\"other/1\",\"files\":[]}",
        "{\"format\":\"sekisho-shadow-positions/1\",\"files\":[],\"x\":1}",
    ] {
        fs::write(&state, text).unwrap();
        let error = Positions::load(&state).unwrap_err();
        assert!(error.japanese().contains("削除"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn given_a_run_that_is_stopped_anywhere_then_going_on_finds_what_one_run_finds(
        count in 1i64..400,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        stops in 0usize..3,
        is_wrapped in any::<bool>(),
    ) {
        let folder = folder();
        let log = folder.path().join("a.log");
        let text: String = (0..count).map(|n| squid(n, &format!("u{}", n % 5), "claude.ai")).collect();
        let whole = of(text.as_bytes());
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len())).collect();
        places.push(text.len());
        places.sort_unstable();
        let mut positions = Positions::default();
        let mut findings: Option<Findings> = None;
        for (nth, place) in places.iter().enumerate() {
            if is_wrapped {
                // Compressed logs are written once; a run over them may still be stopped.
                gzip(&log, &text);
            } else {
                fs::write(&log, &text[..*place]).unwrap();
            }
            let mut scan = scan().resuming(positions);
            scan.buffer = vec![0; 300];
            let mut blocks = 0;
            scan.read_path(&log, &mut |_| {
                blocks += 1;
                if nth < stops && blocks == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }).unwrap();
            let outcome = scan.finish();
            findings = Some(match findings {
                Some(earlier) => earlier.merged_with(outcome.findings),
                None => outcome.findings,
            });
            positions = outcome.positions;
        }
        // The last run may have been stopped too.
        let last = run(&log, positions);
        let findings = findings.unwrap().merged_with(last.findings);
        prop_assert_eq!(&findings.rows, &whole.findings.rows);
        prop_assert_eq!(&findings.services, &whole.findings.services);
        prop_assert_eq!(&findings.weeks, &whole.findings.weeks);
        let sums = |reading: &Reading| (reading.lines, reading.bytes, reading.hits, reading.rejected.total());
        prop_assert_eq!(sums(&findings.reading), sums(&whole.findings.reading));
    }
}

#[test]
fn given_a_log_that_is_followed_through_rotation_then_every_line_is_read_once() {
    let folder = folder();
    let log = folder.path().join("access.log");
    let mut scan = scan().resuming(Positions::default());
    let mut follow = Follow::new(&log);
    assert!(!follow.poll(&mut scan, &mut go).unwrap().exists);
    append(&log, &lines(0..5));
    assert!(follow.poll(&mut scan, &mut go).unwrap().is_new);
    let half = lines(5..6);
    append(&log, &half[..30]);
    assert!(!follow.poll(&mut scan, &mut go).unwrap().is_new);
    append(&log, &half[30..]);
    // The writer goes on in the old file until it is told.
    let mut old = OpenOptions::new().append(true).open(&log).unwrap();
    fs::rename(&log, folder.path().join("access.log.1")).unwrap();
    assert!(!follow.poll(&mut scan, &mut go).unwrap().exists);
    append(&log, &lines(10..12));
    follow.poll(&mut scan, &mut go).unwrap();
    follow.poll(&mut scan, &mut go).unwrap();
    old.write_all(lines(6..9).as_bytes()).unwrap();
    follow.poll(&mut scan, &mut go).unwrap();
    append(&log, &lines(12..14));
    follow.poll(&mut scan, &mut go).unwrap();
    fs::write(&log, lines(200..201)).unwrap();
    for _ in 0..5 {
        follow.poll(&mut scan, &mut go).unwrap();
    }
    let findings = scan.finish().findings;
    let clients: u64 = findings.services[0].clients;
    assert_eq!((findings.reading.hits, clients), (9 + 4 + 1, 14));
    assert_eq!((findings.reading.rejected.total(), findings.reading.waiting), (0, 0));
}
