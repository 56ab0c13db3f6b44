//! アンケート: opened by who governs, answered once by each, closed into the ledger, shown in the report.

use crate::browser::Browser;
use crate::house::{House, sekisho, text};
use serde_json::{Value, json};
use std::io::Cursor;

const ROLES: [&str; 8] = ["staff", "applicant", "approver", "manager", "ciso", "caio", "auditor", "admin"];

/// Opens a survey of everybody with two questions; its page.
fn open(house: &House, browser: &mut Browser) -> String {
    let (from, until) = (house.today().to_string(), house.today().tomorrow().unwrap().to_string());
    let fields = [
        ("title", "架空のアンケート"),
        ("department", ""),
        ("from", &from),
        ("until", &until),
        ("q1-text", "役に立ちましたか。"),
        ("q1-by", "one"),
        ("q1-choices", "はい\r\nいいえ"),
        ("q2-text", "ご意見"),
        ("q2-by", "words"),
        ("q2-choices", ""),
    ];
    let reply = browser.submit("/surveys/new", &fields);
    assert_eq!(reply.status, 303, "{}", reply.text());
    reply.header("location").unwrap().split('?').next().unwrap().to_owned()
}

#[test]
fn from_the_questions_to_a_report_that_anyone_counts_again() {
    let house = House::with_accounts();
    let mut people: Vec<Browser> = ROLES.iter().map(|role| Browser::signed_in(&house, role)).collect();
    let path = open(&house, &mut people[4]);
    let home = people[1].get("/").text();
    assert!(home.contains("回答を待っているアンケートが 1 件"), "審査課 is asked by this one alone: {home}");
    // An answer that holds a number is not kept, and what was typed stays.
    let reply = people[0].submit(&path, &[("a-q1", "c1"), ("a-q2", "個人番号 983205673214 です")]);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("id=\"a-q2-problem\""), "{}", reply.text());
    assert_eq!(people[0].submit(&path, &[("a-q1", "c9")]).status, 422);
    assert_eq!(people[0].submit(&path, &[]).status, 422);
    for (at, person) in people.iter_mut().enumerate() {
        let choice = if at < 6 { "c1" } else { "c2" };
        let reply = person.submit(&path, &[("a-q1", choice), ("a-q2", if at == 0 { "もっと速く" } else { "" })]);
        assert_eq!(reply.status, 303, "{}", reply.text());
    }
    // Once for each: who answers again has changed their mind.
    assert_eq!(people[0].submit(&path, &[("a-q1", "c1"), ("a-q2", "もっと詳しく")]).status, 303);
    let page = people[0].get(&path).text();
    assert!(page.contains("もっと詳しく") && page.contains("回答済み"), "{page}");
    let page = people[5].get(&path).text();
    assert!(page.contains("対象 8 人（開始時）のうち 8 人が回答しました"), "{page}");
    assert!(!page.contains("もっと詳しく"), "nothing of others is shown while it is open: {page}");
    let close = format!("{path}/close");
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(people[0].post(&close, &[("token", "x")]).status, 403, "staff close nothing");
    let reply = people[5].post(&close, &[("token", &token)]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    // Nobody answers any more.
    assert!(!people[0].get(&path).text().contains("回答を送る"));
    // Nobody sees what speaks of fewer than five, whoever governs: it never entered the ledger.
    for reader in [4, 5] {
        let page = people[reader].get(&path).text();
        assert!(page.contains("100.0%") && page.contains("非表示") && !page.contains("もっと詳しく"), "{page}");
        assert!(!page.contains("25.0%") && !page.contains("75.0%"), "six of eight would tell of the two: {page}");
    }
    assert!(!people[0].get(&path).text().contains("回答者に占める割合"), "figures are for who governs");
    // The report has it, in every format, and a verifier counts it again.
    let figures: Value = serde_json::from_str(&people[6].get("/oversight/report?format=json").text()).unwrap();
    assert_eq!((&figures["surveys"][0]["asked"], &figures["surveys"][0]["answered"]), (&json!(8), &json!(8)));
    assert_eq!(figures["surveys"][0]["questions"][0]["choices"][0]["people"], Value::Null, "{figures}");
    let page = people[6].get("/oversight/report").text();
    assert!(page.contains("アンケート1: 架空のアンケート") && page.contains("問1: 役に立ちましたか。"), "{page}");
    for format in ["md", "csv", "html"] {
        assert!(people[6].get(&format!("/oversight/report?format={format}")).text().contains("役に立ちましたか。"));
    }
    assert!(people[6].get("/oversight/report?format=xlsx").body.starts_with(b"PK"));
    let zip = people[6].get("/oversight/report?format=zip");
    let folder = house.place("report");
    zip::ZipArchive::new(Cursor::new(zip.body)).unwrap().extract(&folder).unwrap();
    let folder = folder.join("ledger");
    assert_eq!(sekisho(&["ledger", "verify", &text(&folder)]).status.code(), Some(0));
    let file = folder.join("report.json");
    let mut changed: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    changed["surveys"][0]["questions"][0]["choices"][0]["people"] = json!(8);
    std::fs::write(&file, changed.to_string()).unwrap();
    let verified = sekisho(&["--json", "ledger", "verify", &text(&folder)]);
    let said: Value = serde_json::from_slice(&verified.stdout).unwrap();
    let place = "/surveys/0/questions/0/choices/0/people";
    assert_eq!(said["report"]["differences"], json!([{ "place": place, "reported": 8, "counted": null }]), "{said}");
}

/// Given questions that cannot be asked, then each is said at its field; given the program's own, then they keep their
/// version; and who is not asked does not see the survey.
#[test]
fn the_questions_are_checked_and_a_range_is_a_range() {
    let house = House::with_accounts();
    let mut caio = Browser::signed_in(&house, "caio");
    let (from, until) = (house.today().to_string(), house.in_a_year().to_string());
    let dates = [("title", "題"), ("from", from.as_str()), ("until", until.as_str())];
    for (field, more) in [
        ("title", vec![("title", "")]),
        ("until", vec![("until", "いつか")]),
        ("q1-choices", vec![("q1-text", "問い"), ("q1-by", "one"), ("q1-choices", "一つだけ")]),
        ("q1-by", vec![("q1-text", "問い"), ("q1-by", "guess")]),
        ("q1-choices", vec![("q1-text", "問い"), ("q1-by", "words"), ("q1-choices", "あ\nい")]),
        ("department", vec![("department", "no-such"), ("q1-text", "問い"), ("q1-by", "words")]),
    ] {
        let kept = dates.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).copied();
        let fields: Vec<(&str, &str)> = kept.chain(more.iter().copied()).collect();
        let reply = caio.submit("/surveys/new", &fields);
        assert_eq!(reply.status, 422, "{field}");
        assert!(reply.text().contains(&format!("id=\"{field}-problem\"")), "{field}: {}", reply.text());
    }
    assert_eq!(caio.submit("/surveys/new", &dates).status, 422, "no question at all");
    // A department of so few people that their answers would speak of them is not asked alone.
    let small = [("department", "shinsa"), ("q1-text", "問い"), ("q1-by", "words")];
    let fields: Vec<(&str, &str)> = dates.iter().chain(&small).copied().collect();
    let reply = caio.submit("/surveys/new", &fields);
    assert!(reply.status == 422 && reply.text().contains("5 人未満"), "{}", reply.text());
    // The demo's own survey asks 大臣官房 and 情報システム室 with those below.
    let register = house.register();
    let demo = register.surveys().next().unwrap();
    assert_eq!(demo.opened.questionnaire.version.as_str(), "sekisho-1");
    let path = format!("/surveys/{}", demo.opened.survey);
    let mut applicant = Browser::signed_in(&house, "applicant");
    assert_eq!(applicant.get(&path).status, 404);
    assert!(!applicant.get("/surveys").text().contains(&path));
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!(staff.submit(&path, &[("a-useful", "very"), ("a-for-what.write", "on")]).status, 303);
    // Of so few answers nothing is counted.
    let page = caio.get(&path).text();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(caio.post(&format!("{path}/close"), &[("token", &token)]).status, 303);
    let register = house.register();
    let closed = register.survey(&demo.opened.survey).unwrap().closed.as_ref().unwrap();
    assert_eq!((closed.answered, closed.tallies.len()), (None, 0));
    assert!(caio.get(&path).text().contains("5 人未満のため"));
}
