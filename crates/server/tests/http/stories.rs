//! 事例: written by staff, accepted by somebody else, read by all, and in the report.

use crate::browser::Browser;
use crate::house::House;
use serde_json::Value;

fn fields<'a>(title: &'a str, act: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("title", title),
        ("used", "app:summary"),
        ("purpose", "会議の記録を短くした"),
        ("effect", "半日が一時間になった"),
        ("minutes", "180"),
        ("tips", "固有名詞は自分で確かめる"),
        ("act", act),
    ]
}

fn hand_in(browser: &mut Browser, title: &str) -> String {
    let reply = browser.submit("/stories/new", &fields(title, "hand-in"));
    assert_eq!(reply.status, 303, "{}", reply.text());
    reply.header("location").unwrap().split("/edit").next().unwrap().to_owned()
}

#[test]
fn a_story_goes_from_its_author_over_a_reviewer_to_everybody_and_into_the_report() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let path = hand_in(&mut staff, "会議の記録を一時間で");
    let (edit, review) = (format!("{path}/edit"), format!("{path}/review"));
    assert!(staff.get("/stories").text().contains("審査待ち"));
    let mut applicant = Browser::signed_in(&house, "applicant");
    assert_eq!((applicant.get(&path).status, applicant.get(&edit).status), (404, 404));
    assert!(!applicant.get("/stories").text().contains("会議の記録を一時間で"));
    let mut caio = Browser::signed_in(&house, "caio");
    assert!(caio.get("/").text().contains("審査を待つ事例が 1 件"));
    // Sent back with a reason, changed, handed in again; a reviewer's page that is older decides nothing.
    assert_eq!(caio.submit(&review, &[("act", "return"), ("reason", "")]).status, 422);
    let old = caio.get(&review).text();
    assert_eq!(caio.submit(&review, &[("act", "return"), ("reason", "部署名を除いてください")]).status, 303);
    assert!(staff.get(&edit).text().contains("部署名を除いてください"));
    assert_eq!(staff.submit(&edit, &fields("会議の記録を短時間で", "hand-in")).status, 303);
    let value = |name: &str| {
        old.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let stale = [("token", value("token")), ("version", value("version")), ("act", "accept".to_owned())];
    let stale: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(caio.post(&review, &stale).status, 409);
    assert_eq!(caio.submit(&review, &[("act", "accept"), ("reason", "")]).status, 303);
    let page = applicant.get(&path).text();
    for part in [
        "会議の記録を短時間で",
        "企画 花子",
        "企画課",
        "180 分（書いた人の申告）",
        "人工 六花",
        "固有名詞は自分で確かめる",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("公開をやめる理由"), "readers retract nothing: {page}");
    assert!(applicant.get("/stories?q=半日").text().contains(&path));
    // A later change of the paper changes nothing of what was accepted.
    assert_eq!(staff.submit(&edit, &fields("別の題名", "save")).status, 303);
    assert!(applicant.get(&path).text().contains("会議の記録を短時間で"));
    let mut auditor = Browser::signed_in(&house, "auditor");
    let report: Value = serde_json::from_str(&auditor.get("/oversight/report?format=json").text()).unwrap();
    assert_eq!(report["stories"].as_array().unwrap().len(), 2, "the demo has one of its own: {report}");
    let markdown = auditor.get("/oversight/report?format=md").text();
    assert!(markdown.contains("公開された事例（2 件）") && markdown.contains("会議の記録を短時間で"), "{markdown}");
    assert!(auditor.get("/oversight/report?format=xlsx").body.starts_with(b"PK"));
    // Retracted with a reason by its author: gone for readers and from the report.
    assert_eq!(staff.submit(&path, &[("reason", "")]).status, 422);
    assert_eq!(staff.submit(&path, &[("reason", "やり方が変わった")]).status, 303);
    assert_eq!(applicant.get(&path).status, 404);
    assert!(auditor.get(&path).text().contains("やり方が変わった"));
    let report: Value = serde_json::from_str(&auditor.get("/oversight/report?format=json").text()).unwrap();
    assert_eq!(report["stories"].as_array().unwrap().len(), 1, "{report}");
}

/// Given what must not lie anywhere, or what says too little, then it is not kept, and is said at its field.
#[test]
fn nothing_unfit_is_kept_and_nobody_accepts_their_own() {
    let house = House::with_accounts();
    let mut approver = Browser::signed_in(&house, "approver");
    for (field, value) in [
        ("title", ""),
        ("purpose", ""),
        ("effect", "個人番号 983205673214"),
        ("tips", "鍵は sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ です"),
        ("minutes", "たくさん"),
        ("used", "app:nothing"),
    ] {
        let mut all = fields("題", "hand-in");
        all.retain(|(known, _)| *known != field);
        all.push((field, value));
        let reply = approver.submit("/stories/new", &all);
        assert_eq!(reply.status, 422, "{field}: {}", reply.text());
        assert!(reply.text().contains(&format!("id=\"{field}-problem\"")), "{field}: {}", reply.text());
    }
    let path = hand_in(&mut approver, "自分の事例");
    let page = approver.get(&format!("{path}/review")).text();
    assert!(!page.contains("value=\"accept\""), "{page}");
    let token = approver.get("/stories/new").text();
    let token = token.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let own = [("token", token.as_str()), ("version", "1"), ("act", "accept"), ("reason", "")];
    assert_eq!(approver.post(&format!("{path}/review"), &own).status, 422);
    assert_eq!(approver.submit(&format!("{path}/edit"), &[("act", "discard")]).status, 303);
    assert!(!approver.get("/stories").text().contains("自分の事例"));
}
