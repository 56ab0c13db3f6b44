//! シャドーIT: logs read on the command line and on the page, what rests on a permit, and who stands behind a pseudonym.

use crate::browser::Browser;
use crate::house::{House, sekisho, text};
use serde_json::Value;
use std::fmt::Write as _;

#[track_caller]
fn shown(browser: &mut Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.text()
}

/// A day of squid's native log: six people ask one service, one of them another, and one line is broken.
fn log() -> String {
    let mut log = String::new();
    for (at, who) in (0..).zip(["yamada", "suzuki", "sato", "tanaka", "ito", "kato"]) {
        let _ = writeln!(
            log,
            "1764460{:03}.123    120 192.0.2.{at} TCP_TUNNEL/200 4200 CONNECT chatgpt.com:443 {who} HIER_DIRECT/203.0.113.5 -",
            800 + at
        );
    }
    log.push_str(
        "1764460900.123    120 192.0.2.9 TCP_TUNNEL/200 4200 CONNECT claude.ai:443 yamada HIER_DIRECT/203.0.113.6 -\n",
    );
    log.push_str("1764460901.123    120 192.0.2.9 TCP_TUNNEL/200 4200 CONNECT www.example.jp:443 yamada HIER_DIRECT/203.0.113.7 -\n");
    log.push_str("a line that no program wrote\n");
    log
}

fn scan(house: &House, file: &str) -> Value {
    let data = text(&house.data());
    let scanned = sekisho(&["--json", "shadow", "scan", file, "--data", &data]);
    assert_eq!(scanned.status.code(), Some(0), "{scanned:?}");
    serde_json::from_slice(&scanned.stdout).unwrap()
}

/// Given a log that was read, when the same command runs again and when the log has grown, then nothing is counted twice;
/// the page shows the sums, and small groups to none but who may read single records.
#[test]
fn a_log_is_read_once_and_shown_to_those_who_govern() {
    let house = House::with_accounts();
    let file = house.place("access.log");
    std::fs::write(&file, log()).unwrap();
    let first = scan(&house, &text(&file));
    assert_eq!(first["reading"]["hits"], 7, "{first}");
    assert_eq!(first["reading"]["accesses"], 8, "{first}");
    let again = scan(&house, &text(&file));
    assert_eq!((&again["reading"]["hits"], &again["reading"]["files_known"]), (&0.into(), &1.into()), "{again}");
    let mut grown = log();
    grown.push_str(
        "1764460950.123    120 192.0.2.9 TCP_TUNNEL/200 4200 CONNECT claude.ai:443 yamada HIER_DIRECT/203.0.113.6 -\n",
    );
    std::fs::write(&file, grown).unwrap();
    assert_eq!(scan(&house, &text(&file))["reading"]["hits"], 1);

    let mut ciso = Browser::signed_in(&house, "ciso");
    let page = shown(&mut ciso, "/oversight/shadow");
    for text in [
        "ChatGPT",
        "登録なし",
        "<dt>生成AIの行</dt><dd>8</dd>",
        "<dt>読めなかった行</dt><dd>1</dd>",
        "access.log の 9 行目",
        "CONNECT と DNS のログからは、接続先のホストだけが分かります",
        "ログに記録なし",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for secret in ["yamada", "192.0.2", "203.0.113"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    let csv = shown(&mut ciso, "/oversight/shadow?format=csv");
    assert!(csv.lines().any(|line| line.contains("Claude") && line.contains(",2,1,")), "{csv}");
    // The way out begins with what is known of the service.
    let begin = page.split("href=\"/services/new?").nth(1).expect("a service nobody registered can be registered");
    let form = shown(&mut ciso, &format!("/services/new?{}", begin.split('"').next().unwrap().replace("&#38;", "&")));
    assert!(form.contains("value=\"ChatGPT\"") && form.contains("value=\"OpenAI\""), "{form}");
    // One person stands behind the second service: who governs and reads no single records sees no figure of it, nor of the
    // first, by which it could be had from the sum of lines.
    let mut approver = Browser::signed_in(&house, "approver");
    let csv = shown(&mut approver, "/oversight/shadow?format=csv");
    for service in ["ChatGPT", "Claude"] {
        let hidden = |line: &&str| line.contains(service) && line.matches("非表示").count() >= 4;
        assert!(csv.lines().any(|line| hidden(&line)), "{csv}");
    }
    let page = shown(&mut approver, "/oversight/shadow");
    assert!(!page.contains("/oversight/shadow/"), "no link to single clients: {page}");
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!(staff.get("/oversight/shadow").status, 403);
}

/// Given a pseudonym, when someone who may read single records opens it and says why, then that is an entry of the ledger
/// before the name is shown, and the name is shown once.
#[test]
fn a_pseudonym_is_opened_with_a_reason_and_on_record() {
    let house = House::with_accounts();
    let file = house.place("access.log");
    std::fs::write(&file, log()).unwrap();
    let found = scan(&house, &text(&file));
    let claude = found["services"].as_array().unwrap().iter().find(|s| s["name"].as_str().unwrap().contains("Claude"));
    let service = claude.unwrap()["service"].as_str().unwrap().to_owned();
    let client =
        found["rows"].as_array().unwrap().iter().find(|row| row["service"] == *service).unwrap()["client"].clone();
    let client = client.as_str().unwrap();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let path = format!("/oversight/shadow/{service}");
    let page = shown(&mut auditor, &path);
    assert!(page.contains(client) && !page.contains("yamada") && page.contains("要確認"), "{page}");
    let open = |auditor: &mut Browser, client: &str, reason: &str| {
        let page = auditor.get(&path).text();
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        auditor.post(&format!("{path}/open"), &[("token", &token), ("client", client), ("reason", reason)])
    };
    for (client, reason, problem) in
        [(client, "", "理由を"), ("c-none", "調査のため", "表にある仮名を"), ("", "調査のため", "表にある仮名を")]
    {
        let reply = open(&mut auditor, client, reason);
        assert!(reply.status == 422 && reply.text().contains(problem), "{}", reply.text());
        assert!(!reply.text().contains("yamada"));
    }
    let before = house.register().position();
    let reply = open(&mut auditor, client, "規程違反の確認のため");
    assert!(reply.status == 200 && reply.text().contains(&format!("{client} = yamada")), "{}", reply.text());
    assert_eq!(house.register().position(), before + 1, "opening is an entry");
    assert!(!shown(&mut auditor, &path).contains("yamada"), "shown once");
    let mut approver = Browser::signed_in(&house, "approver");
    assert_eq!(approver.get(&path).status, 403);
    let trail = shown(&mut auditor, "/oversight/governance");
    assert!(trail.contains("ログの仮名を開いた") && trail.contains("規程違反の確認のため"), "{trail}");
}

/// Given a log that is sent by the page, then it is counted with what was there; what is no log is told, and nothing is lost.
#[test]
fn a_log_is_read_on_the_page() {
    let house = House::with_accounts();
    let mut ciso = Browser::signed_in(&house, "ciso");
    let empty = shown(&mut ciso, "/oversight/shadow");
    assert!(empty.contains("まだ何も見つかっていません"), "{empty}");
    let reply = ciso.attach("/oversight/shadow", &[], ("notes.txt", b"nothing of a log\n"));
    assert!(reply.status == 422 && reply.text().contains("読める行がありません"), "{}", reply.text());
    let reply = ciso.attach("/oversight/shadow", &[], ("access.log", log().as_bytes()));
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, Some("/oversight/shadow?done=read")),
        "{}",
        reply.text()
    );
    let page = shown(&mut ciso, "/oversight/shadow");
    assert!(page.contains("<dt>生成AIの行</dt><dd>7</dd>"), "{page}");
    let reply = ciso.attach("/oversight/shadow", &[], ("the-same.log", log().as_bytes()));
    assert!(reply.status == 422 && reply.text().contains("既に読み込んであります"), "{}", reply.text());
    assert!(reply.text().contains("<dt>生成AIの行</dt><dd>7</dd>"), "the same file counts once: {}", reply.text());
    let draft = shown(&mut ciso, "/notices/new?title=%E6%B3%A8%E6%84%8F&text=%E6%9C%AC%E6%96%87");
    assert!(draft.contains("value=\"注意\"") && draft.contains("本文</textarea>"), "{draft}");
    let mut auditor = Browser::signed_in(&house, "auditor");
    let reply = auditor.attach("/oversight/shadow", &[], ("access.log", log().as_bytes()));
    assert_eq!(reply.status, 404, "who reads single records does not read logs in");
    let data = text(&house.data());
    assert_eq!(sekisho(&["shadow", "forget", "--data", &data]).status.code(), Some(0));
    assert!(shown(&mut ciso, "/oversight/shadow").contains("まだ何も見つかっていません"));
}

/// Given several logs that are sent at the same moment, then all of them are counted, whoever was first.
#[test]
fn logs_that_are_sent_at_once_are_all_counted() {
    let house = House::with_accounts();
    let mut senders: Vec<Browser> =
        ["ciso", "manager", "admin"].into_iter().map(|role| Browser::signed_in(&house, role)).collect();
    std::thread::scope(|scope| {
        for (sender, of) in senders.iter_mut().zip(["", "another\n", "yet another\n"]) {
            scope.spawn(move || {
                let log = log() + of;
                let reply = sender.attach("/oversight/shadow", &[], ("access.log", log.as_bytes()));
                assert_eq!(reply.status, 303, "{}", reply.text());
            });
        }
    });
    let page = shown(&mut senders[0], "/oversight/shadow");
    assert!(page.contains("<dt>生成AIの行</dt><dd>21</dd>"), "{page}");
}

#[test]
fn bad_files_of_a_scan_are_told_with_their_place() {
    let house = House::with_accounts();
    let data = text(&house.data());
    let file = |name: &str, content: &str| {
        let path = house.place(name);
        std::fs::write(&path, content).unwrap();
        text(&path)
    };
    let log = file("a.log", &log());
    let bad = file(
        "bad.toml",
        "[[service]]\nid = \"x\"\nname = \"x\"\nprovider = \"x\"\ncountry = \"JP\"\nform = \"general\"\ndomains = [\"co.jp\"]\nsource = \"https://example.jp\"\n",
    );
    for arguments in [
        vec!["--additions", &bad],
        vec!["--mapping", &bad],
        vec!["--departments", "no-such-file.csv"],
        vec!["--format", "no-such-format"],
    ] {
        let mut all = vec!["shadow", "scan", &log, "--data", &data];
        all.extend(arguments.iter().copied());
        let output = sekisho(&all);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(!output.stderr.is_empty());
    }
    let missing = sekisho(&["shadow", "scan", "no-such.log", "--data", &data]);
    assert_ne!(missing.status.code(), Some(0), "{missing:?}");
    let listed = sekisho(&["--json", "shadow", "catalogue"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert!(listed["services"].as_array().unwrap().len() > 50, "{listed}");
}
