//! `sekisho scan` as a specification. Numbers are published test vectors; persons and texts are made up.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; helpers stand outside #[test]")]

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A 個人番号 with a right check digit.
const MY_NUMBER: &str = "983205673214";

struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Runs in the folder, so that names are short and the same everywhere.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
        command.current_dir(self.0.path()).arg("scan").args(arguments).env_remove("LANG").stdin(Stdio::null());
        command
    }

    fn scan(&self, arguments: &[&str]) -> Scanned {
        Scanned(self.command(arguments).output().unwrap())
    }

    fn scan_input(&self, arguments: &[&str], input: &[u8]) -> Scanned {
        let piped = (Stdio::piped(), Stdio::piped());
        let mut child = self.command(arguments).stdin(piped.0).stdout(piped.1).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Scanned(child.wait_with_output().unwrap())
    }
}

struct Scanned(Output);

impl Scanned {
    fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn said(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn files(&self) -> Vec<String> {
        self.lines().iter().filter_map(|line| Some(line.get("file")?.as_str()?.to_owned())).collect()
    }

    fn file(&self, name: &str) -> Value {
        self.lines().into_iter().find(|line| line["file"] == name).unwrap()
    }

    fn summary(&self) -> Value {
        self.lines().last().unwrap()["summary"].clone()
    }

    fn rules(&self, name: &str) -> Vec<String> {
        let found = self.file(name)["findings"].clone();
        found.as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    }
}

fn application() -> String {
    format!("申請の控え\r\n個人番号 {MY_NUMBER}\r\n電話 03-5253-5364\r\n")
}

#[test]
fn a_program_reads_one_line_for_each_file_and_a_summary() {
    let folder = Folder::new(&[
        ("a.txt", application().as_bytes()),
        ("b/【取扱注意】覚え.md", "極秘とは何か。".as_bytes()),
        ("c.txt", b""),
    ]);
    let scanned = folder.scan(&["--json", "."]);
    assert_eq!(scanned.code(), 0, "{}", scanned.said());
    let unseen: [Value; 0] = [];
    let expected = json!([
        { "file": "./a.txt", "kind": "text", "bytes": 65, "findings": [
            { "rule": "ID-MYNUMBER", "title": "個人番号", "signal": "my_number", "confidence": "high",
              "evidence": ["check digit", "keyword 個人番号"], "part": "body", "place": "", "line": 2, "column": 6,
              "start": 30, "end": 42 },
            { "rule": "ID-PHONE", "title": "電話番号", "signal": { "personal_data": "telephone" }, "confidence": "high",
              "evidence": ["numbering plan", "keyword 電話"], "part": "body", "place": "", "line": 3, "column": 4,
              "start": 51, "end": 63 } ], "unseen": unseen, "error": null },
        { "file": "./b/【取扱注意】覚え.md", "kind": "text", "bytes": 21, "findings": [
            { "rule": "MK-08", "title": "取扱注意・部外秘・関係者限り等の表示", "signal": "internal", "confidence": "high",
              "evidence": ["in brackets"], "part": "name", "place": "", "line": 1, "column": 2, "start": 3, "end": 15 },
            { "rule": "MK-04", "title": "秘密文書の表示（極秘・秘・㊙）", "signal": "secret", "confidence": "low",
              "evidence": ["in running text"], "part": "body", "place": "", "line": 1, "column": 1,
              "start": 0, "end": 6 } ], "unseen": unseen, "error": null },
        { "file": "./c.txt", "kind": "text", "bytes": 0, "findings": unseen, "unseen": unseen, "error": null },
        { "summary": { "files": 3, "bytes": 86, "with_findings": 2, "unreadable": 0, "unseen": 0,
            "passed_over": { "hidden": 0, "excluded": 0, "links": 0 }, "findings": 4,
            "by_rule": { "ID-MYNUMBER": { "low": 0, "medium": 0, "high": 1 }, "ID-PHONE": { "low": 0, "medium": 0, "high": 1 },
                         "MK-04": { "low": 1, "medium": 0, "high": 0 }, "MK-08": { "low": 0, "medium": 0, "high": 1 } },
            "fail_on": null, "failing": 0, "interrupted": false } },
    ]);
    assert_eq!(Value::from(scanned.lines()), expected, "{}", scanned.text());
}

#[test]
fn people_read_where_what_and_how_sure_in_japanese_or_english() {
    let folder = Folder::new(&[("a.txt", application().as_bytes()), ("b.txt", "何もない".as_bytes())]);
    let scanned = folder.scan(&["a.txt", "b.txt"]);
    assert_eq!(
        scanned.text(),
        "a.txt\n  2行6字  ID-MYNUMBER 個人番号  確度 高（check digit、keyword 個人番号）\n  \
         3行4字  ID-PHONE 電話番号  確度 高（numbering plan、keyword 電話）\n\
         2 ファイル（77 B）、検出 2 件（1 ファイル）、調べられないもの 0 件\n  \
         ID-MYNUMBER  高 1  中 0  低 0  個人番号\n  ID-PHONE     高 1  中 0  低 0  電話番号\n"
    );
    let scanned = folder.scan(&["--lang", "en", "a.txt", "nothing"]);
    assert_eq!(
        scanned.text(),
        "a.txt\n  2:6  ID-MYNUMBER  high (check digit, keyword 個人番号)\n  \
         3:4  ID-PHONE  high (numbering plan, keyword 電話)\n\
         nothing\n  NOT READ [NOT_FOUND] does not exist; check the path\n\
         2 files (65 B), 2 findings in 1 files, 1 not read\n  \
         ID-MYNUMBER  high 1  medium 0  low 0\n  ID-PHONE     high 1  medium 0  low 0\n"
    );
}

#[test]
fn a_number_is_never_printed() {
    let folder = Folder::new(&[
        ("a.txt", application().as_bytes()),
        ("b.txt", "マイナンバー　９８３２－０５６７－３２１４".as_bytes()),
        ("c.txt", b"password=Himitsu1234 4111111111111111"),
    ]);
    for more in [&[][..], &["--json"], &["--show"], &["--show", "--json"], &["--lang", "en", "--show"]] {
        let scanned = folder.scan(&[&["."], more].concat());
        let all = format!("{}{}", scanned.text(), scanned.said());
        assert!(all.contains("ID-MYNUMBER") && all.contains("ID-CARD") && all.contains("CR-API-KEY"), "{all}");
        for piece in [MY_NUMBER, "9832", "5673", "3214", "９８", "１４", "imitsu", "11111111", "5364"] {
            assert!(!all.contains(piece), "{more:?}: `{piece}` in {all}");
        }
    }
}

#[test]
fn fail_on_says_what_makes_the_answer_no() {
    let low = "極秘とは何か。";
    let medium = format!("番号 {MY_NUMBER}");
    let high = "電話 03-5253-5364";
    let folder = Folder::new(&[
        ("nothing", b"x"),
        ("low", low.as_bytes()),
        ("medium", medium.as_bytes()),
        ("high", high.as_bytes()),
        ("secret", "【極秘】".as_bytes()),
        ("grade-3", "【機密性3情報】".as_bytes()),
        ("grade-2", "【機密性2情報】".as_bytes()),
        ("key", b"sk-abcdefghijklmnopqrst1234"),
    ]);
    for (file, fails) in [
        ("nothing", &[][..]),
        ("low", &["low"]),
        ("medium", &["low", "medium", "block"]),
        ("high", &["low", "medium", "high"]),
        ("secret", &["low", "medium", "high", "block"]),
        ("grade-3", &["low", "medium", "high", "block"]),
        ("grade-2", &["low", "medium", "high"]),
        ("key", &["low", "medium", "high", "block"]),
    ] {
        assert_eq!(folder.scan(&[file]).code(), 0, "{file}: without --fail-on findings are no failure");
        for level in ["low", "medium", "high", "block"] {
            let scanned = folder.scan(&["--fail-on", level, file]);
            let expected = i32::from(fails.contains(&level));
            assert_eq!(scanned.code(), expected, "{file} --fail-on {level}: {}", scanned.text());
        }
    }
    // What is left out cannot fail.
    assert_eq!(folder.scan(&["--fail-on", "low", "--exclude-rule", "ID-MYNUMBER", "medium"]).code(), 0);
    assert_eq!(folder.scan(&["--fail-on", "low", "--min-confidence", "medium", "low"]).code(), 0);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_goes_on() {
    let broken = [&b"\xE6\x97\xA5\xFF\xFF"[..], "本の法律についての資料です。".as_bytes()].concat();
    let folder = Folder::new(&[("a.txt", application().as_bytes()), ("b.txt", &broken), ("c.txt", b"x")]);
    let scanned = folder.scan(&["--json", "a.txt", "b.txt", "nothing.txt", "c.txt"]);
    assert_eq!(scanned.code(), 3, "not read is not clean");
    assert!(scanned.said().contains('2'), "{}", scanned.said());
    assert_eq!(scanned.files(), ["a.txt", "b.txt", "nothing.txt", "c.txt"]);
    assert_eq!(scanned.file("nothing.txt")["error"]["code"], "NOT_FOUND");
    assert_eq!(scanned.file("b.txt")["error"]["code"], "ENCODING");
    assert_eq!(scanned.file("b.txt")["error"]["path"], "b.txt");
    let message = scanned.file("b.txt")["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("3 バイト目") && message.contains("UTF-8"), "{message}");
    assert_eq!(scanned.summary()["unreadable"], 2);
    // A certain "no" goes before an uncertain one.
    assert_eq!(folder.scan(&["--fail-on", "block", "a.txt", "nothing.txt"]).code(), 1);
    assert_eq!(folder.scan(&["--fail-on", "block", "c.txt", "nothing.txt"]).code(), 3);
}

#[test]
fn half_a_character_at_the_end_is_not_passed_over() {
    let whole = "個人番号の通知について。本日の会議では、申請の手順を確かめた。";
    let half = whole.as_bytes().split_last().unwrap().1;
    let folder = Folder::new(&[("half.txt", half)]);
    let scanned = folder.scan(&["--json", "half.txt"]);
    assert_eq!(scanned.code(), 3, "{}", scanned.text());
    assert_eq!(scanned.file("half.txt")["error"]["code"], "ENCODING");
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_reported_and_the_rest_goes_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new(&[("a/closed.txt", b"x"), ("b.txt", b"x")]);
    for path in ["a/closed.txt", "a"] {
        std::fs::set_permissions(folder.path(path), std::fs::Permissions::from_mode(0o000)).unwrap();
    }
    // Root reads everything: then there is nothing to see here.
    let rooted = std::fs::read_dir(folder.path("a")).is_ok();
    let scanned = folder.scan(&["--json", "."]);
    std::fs::set_permissions(folder.path("a"), std::fs::Permissions::from_mode(0o700)).unwrap();
    if rooted {
        return;
    }
    assert_eq!(scanned.code(), 3);
    assert_eq!(scanned.files(), ["./a", "./b.txt"]);
    assert_eq!(scanned.file("./a")["error"]["code"], "PERMISSION_DENIED");
}

#[test]
fn wrong_usage_is_2_and_says_what_is_meant() {
    let folder = Folder::new(&[("a.txt", b"x")]);
    for arguments in [
        &[][..],
        &["--fail-on", "sometimes", "a.txt"],
        &["--jobs", "0", "a.txt"],
        &["--max-file-bytes", "0", "a.txt"],
        &["--exclude", "a/b", "a.txt"],
        &["--nothing", "a.txt"],
    ] {
        assert_eq!(folder.scan(arguments).code(), 2, "{arguments:?}");
    }
    let scanned = folder.scan(&["--rule", "ID-MYNUMBR", "a.txt"]);
    assert_eq!(scanned.code(), 2);
    assert!(scanned.said().contains("`ID-MYNUMBER`"), "{}", scanned.said());
}

#[test]
fn folders_are_walked_in_the_order_of_names_whatever_the_number_of_threads() {
    let folder =
        Folder::new(&[("b/2.txt", b"x"), ("b/10.txt", b"x"), ("a.txt", b"x"), ("b.txt", b"x"), ("c/d/e/f.txt", b"x")]);
    for n in 0..200 {
        folder.write(&format!("z/{n:03}"), "x".repeat(n * 50).as_bytes());
    }
    let first = folder.scan(&["--json", "--jobs", "1", "."]);
    assert_eq!(first.files()[..5], ["./a.txt", "./b/10.txt", "./b/2.txt", "./b.txt", "./c/d/e/f.txt"]);
    assert_eq!(first.files().len(), 205);
    for jobs in ["2", "16"] {
        assert_eq!(folder.scan(&["--json", "--jobs", jobs, "."]).text(), first.text());
    }
}

#[test]
fn an_empty_folder_is_clean_and_so_is_an_empty_file() {
    let folder = Folder::new(&[("empty.txt", b"")]);
    std::fs::create_dir(folder.path("empty")).unwrap();
    let scanned = folder.scan(&["--json", "--fail-on", "low", "empty"]);
    assert_eq!((scanned.code(), scanned.lines().len()), (0, 1));
    assert_eq!(scanned.summary()["files"], 0);
    assert_eq!(folder.scan(&["--fail-on", "low", "empty.txt"]).code(), 0);
}

#[test]
fn what_is_passed_over_is_counted() {
    let number = application();
    let files = ["a.txt", ".hidden/a.txt", "node_modules/a.txt", "b.log"].map(|name| (name, number.as_bytes()));
    let folder = Folder::new(&files);
    let scanned = folder.scan(&["--json", "--exclude", "node_modules", "--exclude", "*.log", "."]);
    assert_eq!(scanned.files(), ["./a.txt"]);
    assert_eq!(scanned.summary()["passed_over"], json!({ "hidden": 1, "excluded": 2, "links": 0 }));
    let scanned = folder.scan(&["--json", "--hidden", "."]);
    assert_eq!(scanned.files(), ["./.hidden/a.txt", "./a.txt", "./b.log", "./node_modules/a.txt"]);
    assert_eq!(folder.scan(&["--json", ".hidden"]).files(), [".hidden/a.txt"], "what is named is meant");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_pipes_are_not_waited_for() {
    let folder = Folder::new(&[("a/a.txt", application().as_bytes())]);
    std::os::unix::fs::symlink("..", folder.path("a/up")).unwrap();
    std::os::unix::fs::symlink("a/a.txt", folder.path("link")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    let scanned = folder.scan(&["--json", "."]);
    assert_eq!(scanned.code(), 0, "{}", scanned.said());
    assert_eq!(scanned.files(), ["./a/a.txt", "./pipe"]);
    assert_eq!(scanned.file("./pipe")["unseen"][0]["code"], "SPECIAL");
    assert_eq!(scanned.summary()["passed_over"]["links"], 2);
    // What is named is meant: a link is followed, a pipe is a failure.
    assert_eq!(folder.scan(&["--json", "link"]).rules("link"), ["ID-MYNUMBER", "ID-PHONE"]);
    assert_eq!(folder.scan(&["pipe"]).code(), 3);
    let dangling = folder.path("dangling");
    std::os::unix::fs::symlink("nowhere", dangling).unwrap();
    assert_eq!(folder.scan(&["dangling"]).code(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn the_systems_view_of_itself_is_no_folder_of_documents() {
    let folder = Folder::new(&[]);
    let scanned = folder.scan(&["--json", "/proc"]);
    assert_eq!(scanned.code(), 3);
    assert_eq!(scanned.file("/proc")["error"]["code"], "SPECIAL");
    // A file there has no length and is read all the same.
    let scanned = folder.scan(&["--json", "/proc/self/status"]);
    assert_eq!(scanned.code(), 0);
    assert!(scanned.file("/proc/self/status")["bytes"].as_u64().unwrap() > 100);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_are_scanned_and_names_that_speak_to_the_terminal_are_silenced() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new(&[]);
    let name = std::ffi::OsStr::from_bytes(b"\x93\xFA\x1B[2J.txt");
    std::fs::write(folder.0.path().join(name), application()).unwrap();
    let scanned = folder.scan(&["."]);
    assert_eq!(scanned.code(), 0, "{}", scanned.said());
    assert!(scanned.text().contains("ID-MYNUMBER") && !scanned.text().contains('\u{1B}'), "{:?}", scanned.text());
    let scanned = folder.scan(&["--json", "."]);
    assert_eq!(scanned.summary()["findings"], 2);
    assert!(!scanned.text().contains('\u{1B}'));
}

#[test]
fn standard_input_is_a_file_like_others() {
    let folder = Folder::new(&[]);
    let scanned = folder.scan_input(&["--json", "--fail-on", "block", "-"], application().as_bytes());
    assert_eq!(scanned.code(), 1);
    assert_eq!(scanned.rules("-"), ["ID-MYNUMBER", "ID-PHONE"]);
    let scanned = folder.scan_input(&["--json", "-"], b"");
    assert_eq!((scanned.code(), scanned.files()), (0, vec!["-".to_owned()]));
}

#[test]
fn rules_can_be_chosen() {
    let folder = Folder::new(&[("a.txt", application().as_bytes())]);
    let rules = |more: &[&str]| folder.scan(&[&["--json", "a.txt"], more].concat()).rules("a.txt");
    assert_eq!(rules(&["--rule", "ID-PHONE,MK-04"]), ["ID-PHONE"]);
    assert_eq!(rules(&["--rule", "id-phone", "--rule", "ID-MYNUMBER"]), ["ID-MYNUMBER", "ID-PHONE"]);
    assert_eq!(rules(&["--exclude-rule", "ID-PHONE"]), ["ID-MYNUMBER"]);
    assert!(rules(&["--rule", "ID-PHONE", "--exclude-rule", "ID-PHONE"]).is_empty());
}

#[test]
fn long_plain_text_is_read_in_pieces_and_long_anything_else_is_refused() {
    let mut text = "本日の会議では、申請の手順を確かめた。\n".repeat(100_000);
    text.push_str(&application());
    let folder = Folder::new(&[("long.txt", text.as_bytes())]);
    let whole = folder.scan(&["--json", "long.txt"]);
    let pieces = folder.scan(&["--json", "--max-file-bytes", "1000", "long.txt"]);
    assert_eq!(pieces.code(), 0, "{}", pieces.said());
    assert_eq!(pieces.text(), whole.text());
    assert_eq!(pieces.file("long.txt")["findings"][0]["line"], 100_002);
    let piped = folder.scan_input(&["--json", "--max-file-bytes", "1000", "-"], text.as_bytes());
    assert_eq!(piped.file("-")["findings"], whole.file("long.txt")["findings"]);

    // It stops being text somewhere: what came before is told, and that the rest was not seen.
    let mut broken = text.clone().into_bytes();
    broken.extend(b"\x93\xFA\x96\x7B");
    folder.write("broken.txt", &broken);
    let scanned = folder.scan(&["--json", "--max-file-bytes", "1000", "broken.txt"]);
    assert_eq!(scanned.code(), 3);
    assert_eq!(scanned.rules("broken.txt"), ["ID-MYNUMBER", "ID-PHONE"]);
    let message = scanned.file("broken.txt")["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(&text.len().to_string()), "{message}");

    folder.write("long.zip", &[b"PK\x03\x04\x00\x00".as_slice(), &vec![b'x'; 2000]].concat());
    let scanned = folder.scan(&["--json", "--max-file-bytes", "1000", "long.zip"]);
    assert_eq!(scanned.code(), 3);
    let error = scanned.file("long.zip")["error"].clone();
    assert_eq!(error["code"], "TOO_LARGE");
    assert!(error["message"].as_str().unwrap().contains("--max-file-bytes"), "the remedy is named: {error}");
}

#[test]
fn a_file_full_of_findings_is_counted_to_the_end() {
    let text = "taro@example.jp\n".repeat(10_005);
    let folder = Folder::new(&[("a.txt", text.as_bytes())]);
    let scanned = folder.scan(&["--json", "a.txt"]);
    let file = scanned.file("a.txt");
    assert_eq!((file["findings"].as_array().unwrap().len(), &file["more"]), (10_000, &json!(5)));
    assert_eq!(
        scanned.summary()["by_rule"]["ID-EMAIL"]["high"].as_u64().unwrap_or_default()
            + scanned.summary()["by_rule"]["ID-EMAIL"]["medium"].as_u64().unwrap_or_default(),
        10_005
    );
    assert!(folder.scan(&["a.txt"]).text().contains("ほか 5 件"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::new(&[]);
    for n in 0..500 {
        folder.write(&format!("{n:03}.txt"), application().repeat(100).as_bytes());
    }
    for json in [&[][..], &["--json"]] {
        let mut child = folder.command(&[&["."], json].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("000.txt"));
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_is_a_failure() {
    let folder = Folder::new(&[("a.txt", b"x")]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = folder.command(&["--json", "a.txt"]).stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(3));
}

#[cfg(unix)]
#[test]
fn an_interrupted_scan_says_so_and_what_was_done() {
    let folder = Folder::new(&[]);
    for n in 0..4_000 {
        folder.write(&format!("{n:04}.txt"), application().repeat(200).as_bytes());
    }
    let mut child = folder.command(&["--json", "."]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("0000.txt"));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let last: Value = serde_json::from_str(&lines.map(Result::unwrap).last().unwrap()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(last["summary"]["interrupted"], true);
    assert!(last["summary"]["files"].as_u64().unwrap() < 4_000);
}
