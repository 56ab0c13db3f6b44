use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

fn fed(bytes: &[u8], named: bool) -> Vec<Fed> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a217003.htm");
    std::fs::write(&path, bytes).unwrap();
    let input = Input { path, name: "folder/a217003.htm".into(), named };
    let mut all = Vec::new();
    let taken = feed::<()>(&input, &(Arc::new(|_| {}) as Progress), &mut |fed| {
        all.push(fed);
        Ok(())
    });
    assert_eq!(taken, Ok(()));
    all
}

fn contents(bytes: &[u8]) -> Vec<Content> {
    fed(bytes, true)
        .into_iter()
        .map(|fed| match fed {
            Fed::Piece(piece) => piece.content,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn given_any_name_then_the_bytes_say_what_it_is() {
    assert!(matches!(&contents(b"\xef\xbb\xbf <Law/>")[..], [Content::Xml(_)]));
    assert!(matches!(&contents(b"<!DOCTYPE html><p>")[..], [Content::Html(_)]));
    assert!(matches!(&contents(b"{\n \"a\": 1\n}")[..], [Content::Json(_)]));
    let packed = zstd::encode_all(&b"<Law/>"[..], 3).unwrap();
    assert_eq!(contents(&packed), [Content::Xml(b"<Law/>".to_vec())]);
}

#[test]
fn given_lines_of_json_then_each_is_a_piece_with_its_line() {
    let all = fed(b"{\"a\":1}\n\n{\"a\":2}\n\xff\n{", true);
    let lines: Vec<_> = all
        .iter()
        .map(|fed| match fed {
            Fed::Piece(piece) => (piece.place.line, true),
            Fed::Reject(reject) => (reject.place.line, false),
            Fed::PassedOver => (None, false),
        })
        .collect();
    assert_eq!(lines, [(Some(1), true), (Some(3), true), (Some(4), false), (Some(5), true)]);
}

#[test]
fn given_lines_of_json_whose_first_is_broken_or_empty_then_the_others_are_pieces() {
    let lines = |bytes: &[u8]| -> Vec<(Option<usize>, Vec<u8>)> {
        let pieces = fed(bytes, false).into_iter().filter_map(|fed| match fed {
            Fed::Piece(Piece { place, content: Content::Json(bytes), .. }) => Some((place.line, bytes)),
            _ => None,
        });
        pieces.collect()
    };
    let good = [(Some(2), b"{\"a\":1}".to_vec()), (Some(3), b"{\"a\":2}".to_vec())];
    assert_eq!(lines(b"\n{\"a\":1}\n{\"a\":2}\n"), good);
    assert_eq!(lines(b"\xef\xbb\xbf\n{\"a\":1}\n{\"a\":2}"), good);
    assert_eq!(lines(b"{\"a\":0,\n{\"a\":1}\n{\"a\":2}\n")[1..], good, "the broken line is a piece too, to be told");
    assert_eq!(lines(b"of a line\"}\n{\"a\":1}\n{\"a\":2}\n")[1..], good, "cut off at its beginning");
    assert_eq!(lines(b"[\n{\"a\":1},\n{\"a\":2}\n]").len(), 1, "one value over many lines stays one");
    assert_eq!(lines(b"{\n  \"a\": [\n    {}\n  ]").len(), 1, "and so does one that was cut short");
    assert!(lines(b"# Sample\n{\"a\":1}\nand so on\n").is_empty(), "a text with a line of JSON in it");
}

#[test]
fn given_a_file_of_another_kind_then_it_is_told_only_if_it_was_asked_for() {
    assert!(matches!(&fed(b"\x89PNG", true)[..], [Fed::Reject(_)]));
    assert!(matches!(&fed(b"\x89PNG", false)[..], [Fed::PassedOver]));
    assert!(matches!(&fed(b"", false)[..], [Fed::Reject(_)]));
}

#[test]
fn given_a_file_cut_short_then_that_is_told() {
    let mut packed = zstd::encode_all(&*b"<Law>text</Law>".repeat(100_000), 3).unwrap();
    packed.truncate(packed.len() / 2);
    assert!(matches!(&fed(&packed, true)[..], [Fed::Reject(_)]));
}

#[test]
fn given_an_archive_then_its_members_come_one_by_one_and_a_bomb_is_told() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [("bomb.xml", vec![b' '; 4 << 20]), ("x/a.json", b"{}".to_vec()), ("p.jpg", b"x".to_vec())] {
        writer.start_file(name, options).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let all = fed(&bytes, true);
    assert!(matches!(&all[..], [Fed::Reject(_), Fed::Piece(piece)] if piece.name == "a.json"), "{all:?}");
}

#[test]
fn given_a_watcher_then_it_hears_of_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("law.xml");
    std::fs::write(&path, "<Law>".repeat(1000)).unwrap();
    let seen = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&seen);
    let progress: Progress = Arc::new(move |bytes| {
        counter.fetch_add(bytes, Ordering::Relaxed);
    });
    feed::<()>(&Input { path, name: "law.xml".into(), named: true }, &progress, &mut |_| Ok(())).unwrap();
    assert!(seen.load(Ordering::Relaxed) >= 4999);
}
