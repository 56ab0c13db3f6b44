//! The permit desk: from an application to a use, at the browser alone.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use serde_json::json;

const ATTACK: &str = "\"><script>alert(1)</script>'&{{7*7}}";

/// A whole application for the ministry's own model.
fn application(house: &House) -> Vec<(&'static str, String)> {
    [
        ("services.kakuu-local", "on".to_owned()),
        ("purpose", "許認可の照会文の下書き".to_owned()),
        ("departments.shinsa", "on".to_owned()),
        ("ceiling", "1".to_owned()),
        ("from", house.today().to_string()),
        ("until", house.in_a_year().to_string()),
        ("statement", "個人情報は入れない。出力は係長が確かめる。".to_owned()),
        ("users", "0".to_owned()),
        ("work", "1".to_owned()),
        ("learning", "0".to_owned()),
        ("judgement", "0".to_owned()),
    ]
    .to_vec()
}

fn with<'a>(fields: &'a [(&'static str, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect()
}

/// The hidden fields of the first form of a page that goes there.
#[track_caller]
pub(crate) fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let action = format!("action=\"{action}\"");
    let form = page.split("<form").find(|form| form.contains(&action)).unwrap_or_else(|| panic!("{page}"));
    let form = form.split("</form").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" ").skip(1);
    let value = |input: &str, name: &str| {
        let text = input.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0;
        text.replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
    };
    inputs.map(|input| (value(input, "name"), value(input, "value"))).collect()
}

pub(crate) fn as_refs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Hands an application in; its identifier.
#[track_caller]
fn apply(browser: &mut Browser, fields: &[(&'static str, String)], more: &[(&str, &str)]) -> String {
    let all = with(fields, &[more, &[("step", "submit")]].concat());
    let reply = browser.submit("/apply", &all);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let to = reply.header("location").unwrap();
    to.strip_prefix("/applications/").unwrap().split('?').next().unwrap().to_owned()
}

#[track_caller]
fn done(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{}", reply.text());
}

#[track_caller]
fn approve(house: &House, browser: &mut Browser, id: &str) -> Reply {
    let review = house.in_a_year().to_string();
    let fields = [
        ("act", "approve"),
        ("manager", house.person("manager")),
        ("conditions", "出力を確かめる\n個人情報を入れない"),
        ("review_on", &review),
        ("reason", "規程に合う"),
    ];
    browser.submit(&format!("/review/{id}"), &fields)
}

#[test]
fn from_the_form_to_a_use_through_the_gate() {
    let house = House::with_accounts();
    let mut applicant = Browser::signed_in(&house, "applicant");
    let fields = application(&house);
    assert_eq!(house.by("applicant").chat("kakuu-local", "要約して").status, 403);
    // What the rules would say, before anything is recorded.
    let page = applicant.submit("/apply", &with(&fields, &[("step", "check")]));
    assert_eq!(page.status, 200);
    let page = page.text();
    assert!(page.contains("承認されれば、すぐに使えます"), "{page}");
    // From there it is handed in as it stands.
    let carried = hidden(&page, "/apply");
    let reply = applicant.post("/apply", &[as_refs(&carried), vec![("step", "submit")]].concat());
    assert_eq!(reply.status, 303, "{}", reply.text());
    let id = reply.header("location").unwrap()["/applications/".len()..].split('?').next().unwrap().to_owned();
    let mine = applicant.get("/applications").text();
    assert!(mine.contains("許認可の照会文の下書き") && mine.contains("審査中"), "{mine}");

    let mut approver = Browser::signed_in(&house, "approver");
    let queue = approver.get("/review").text();
    assert!(queue.contains(&format!("/review/{id}")) && queue.contains("審査 次郎"), "{queue}");
    let page = approver.get(&format!("/review/{id}")).text();
    for part in ["審査課", "1 人", "対象外（自組織運用）", "同じサービス", "文書の要約と校正", "止めるものはありません"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    done(&approve(&house, &mut approver, &id), &format!("/review/{id}?done=approve"));
    assert_eq!(house.by("applicant").chat("kakuu-local", "要約して").status, 200);
    let page = applicant.get(&format!("/applications/{id}")).text();
    let permit = page.split_once("/permits/").unwrap().1.split('"').next().unwrap().to_owned();
    let page = applicant.get(&format!("/permits/{permit}")).text();
    assert!(page.contains("あなたは利用者の範囲に入っています") && page.contains("個人情報を入れない"), "{page}");
    assert!(!page.contains("value=\"suspend\""), "an applicant governs nothing: {page}");
}

#[test]
fn every_fault_is_told_at_its_field_and_what_was_typed_stays() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let reply = staff.submit(
        "/apply",
        &[
            ("services.kakuu-open", "on"),
            ("purpose", "公表資料の下調べ"),
            ("departments.kikaku", "on"),
            ("from", "きのう"),
            ("until", "2020-01-01"),
            ("statement", ""),
            ("users", "2"),
            ("step", "check"),
        ],
    );
    assert_eq!(reply.status, 422);
    let page = reply.text();
    for field in ["services", "statement", "ceiling", "from", "work", "learning", "judgement"] {
        assert!(page.contains(&format!("href=\"#{field}\"")), "{field} at the top: {page}");
        assert!(page.contains(&format!("id=\"{field}-problem\"")), "{field} at the field: {page}");
    }
    for kept in ["公表資料の下調べ", "きのう", "2020-01-01", "id=\"users-2\" name=\"users\" value=\"2\" checked"]
    {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    // A reason of the register itself: the period is over.
    let fields = application(&house);
    let over = with(&fields, &[("from", "2020-01-01"), ("until", "2020-02-01"), ("step", "check")]);
    let page = staff.submit("/apply", &over);
    assert_eq!(page.status, 422);
    assert!(page.text().contains("id=\"until-problem\""), "{}", page.text());
}

#[test]
fn before_it_is_handed_in_it_is_said_what_would_stop_a_use() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let fields = application(&house);
    let open = [
        ("services.kakuu-open", "on"),
        ("services.kakuu-local", ""),
        ("read.kakuu-open", "on"),
        ("learning", "3"),
        ("step", "check"),
    ];
    let page = staff.submit("/apply", &with(&fields, &open)).text();
    for part in [
        "このままでは使えません",
        "約款型サービスに要機密情報は渡せない",
        "統一基準R3 4.2.1（公式の要件）",
        "AI統括責任者の判断待ち",
        "二次資料による要約",
        "個別に契約したサービスまたは自組織で動かすモデルを選んでください",
        "公式の規則は要確認",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        house.by("staff").get("/api/applications").ok()["applications"]
            .as_array()
            .unwrap()
            .iter()
            .all(|a| { a["draft"]["purpose"] != "許認可の照会文の下書き" })
    );
}

#[test]
fn the_chat_and_an_old_application_fill_the_form() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/apply?service=kakuu-cloud&purpose=%E4%BC%9A%E8%AD%B0&grade=1").text();
    assert!(page.contains("name=\"services.kakuu-cloud\" value=\"on\" checked"), "{page}");
    assert!(page.contains("value=\"会議\"") && page.contains("value=\"1\" checked"), "{page}");
    let page = staff.get("/apply?service=nothing&grade=x&purpose=%3Cscript%3E").text();
    assert!(!page.contains("<script") && page.contains("&#60;script&#62;"), "{page}");
    // People are found by name, never listed.
    assert!(!page.contains("審査 次郎"));
    let fields = application(&house);
    let found = staff.submit("/apply", &with(&fields, &[("find", "次郎"), ("step", "find")])).text();
    assert!(found.contains("審査 次郎（審査課 係員）") && found.contains("許認可の照会文の下書き"), "{found}");
    let odd = staff.submit("/apply", &with(&fields, &[("find", "%_!"), ("step", "find")])).text();
    assert!(odd.contains("見つかりません"), "{odd}");
    let id = apply(&mut staff, &fields, &[]);
    let again = staff.get(&format!("/apply?like={id}")).text();
    assert!(again.contains("許認可の照会文の下書き"), "{again}");
    assert_eq!(Browser::signed_in(&house, "applicant").get(&format!("/apply?like={id}")).status, 404);
}

#[test]
fn a_draft_is_kept_and_nobody_overwrites_what_they_have_not_seen() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let reply = staff.submit("/apply", &[("purpose", "書きかけ"), ("from", "未定"), ("step", "save")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let at = reply.header("location").unwrap().split('&').next().unwrap().to_owned();
    let page = staff.get(&at).text();
    assert!(page.contains("value=\"書きかけ\"") && page.contains("value=\"未定\""), "{page}");
    assert!(staff.get("/applications").text().contains("書きかけ"));
    // Two windows: the second is told, and its words are not lost.
    let first = hidden(&page, "/apply");
    let one = [as_refs(&first), vec![("purpose", "一つ目"), ("step", "save")]].concat();
    done(&staff.post("/apply", &one), &format!("{at}&done=saved"));
    // The same form once more is no conflict.
    done(&staff.post("/apply", &one), &format!("{at}&done=saved"));
    let other = staff.post("/apply", &[as_refs(&first), vec![("purpose", "二つ目"), ("step", "save")]].concat());
    assert_eq!(other.status, 409);
    assert!(other.text().contains("先に保存されています") && other.text().contains("value=\"二つ目\""));
    assert!(staff.get(&at).text().contains("value=\"一つ目\""));
    // Nobody else opens it, and it goes once handed in.
    assert_eq!(Browser::signed_in(&house, "admin").get(&at).status, 404);
    let fields = application(&house);
    let fresh = hidden(&staff.get(&at).text(), "/apply");
    let kept: Vec<_> = fresh.iter().filter(|(name, _)| matches!(name.as_str(), "draft" | "version")).cloned().collect();
    apply(&mut staff, &fields, &as_refs(&kept));
    assert_eq!(staff.get(&at).status, 404);
}

#[test]
fn a_form_sent_twice_is_one_application() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let fields = application(&house);
    let page = staff.get("/apply").text();
    let carried = hidden(&page, "/apply");
    let all = with(&fields, &[("step", "submit")]);
    let all = [as_refs(&carried), all].concat();
    let (first, second) = (staff.post("/apply", &all), staff.post("/apply", &all));
    let at = |reply: &Reply| reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!((first.status, at(&first)), (303, at(&second)));
    let all = house.by("staff").get("/api/applications").ok();
    let mine = all["applications"].as_array().unwrap().iter();
    assert_eq!(mine.filter(|a| a["draft"]["purpose"] == "許認可の照会文の下書き").count(), 1);
}

#[test]
fn what_someone_else_decided_first_is_shown_and_stands() {
    let house = House::with_accounts();
    let id = apply(&mut Browser::signed_in(&house, "applicant"), &application(&house), &[]);
    let mut approver = Browser::signed_in(&house, "approver");
    let path = format!("/review/{id}");
    let stale = hidden(&approver.get(&path).text(), &path);
    // The same person in another window, and then another approver.
    done(&approve(&house, &mut approver, &id), &format!("{path}?done=approve"));
    let again = [as_refs(&stale), vec![("act", "approve"), ("manager", house.person("manager"))]].concat();
    done(&approver.post(&path, &again), &format!("{path}?done=approve"));
    let reply = approver.post(&path, &[as_refs(&stale), vec![("act", "refuse"), ("refuse_reason", "だめ")]].concat());
    assert_eq!(reply.status, 409);
    let page = reply.text();
    assert!(
        page.contains("承認 三恵 さんが") && page.contains("何も変更していません") && page.contains("規程に合う"),
        "{page}"
    );
    assert!(page.contains("承認済み") && !page.contains("value=\"refuse\""), "{page}");
    let all = house.by("applicant").get("/api/applications").ok();
    let all = all["applications"].as_array().unwrap();
    let mine = all.iter().find(|application| application["application"] == id.as_str()).unwrap();
    assert_eq!(mine["state"]["state"], "approved", "{all:?}");
}

#[test]
fn nobody_decides_on_their_own_application() {
    let house = House::with_accounts();
    let mut approver = Browser::signed_in(&house, "approver");
    let id = apply(&mut approver, &application(&house), &[]);
    let path = format!("/review/{id}");
    let page = approver.get(&path).text();
    assert!(page.contains("申請した人は審査できません") && !page.contains("value=\"approve\""), "{page}");
    let carried = hidden(&page, "/signout");
    for act in ["approve", "return", "refuse"] {
        let fields = [
            as_refs(&carried),
            vec![
                ("seen", "1"),
                ("act", act),
                ("return_reason", "x"),
                ("refuse_reason", "x"),
                ("manager", house.person("manager")),
            ],
        ];
        let reply = approver.post(&path, &fields.concat());
        assert_eq!(reply.status, 422, "{act}");
        assert!(reply.text().contains("自分の申請は審査できません"), "{}", reply.text());
    }
    // Who applies does not review at all without the role.
    assert_eq!(Browser::signed_in(&house, "applicant").get(&path).status, 403);
}

#[test]
fn a_returned_application_comes_back_and_its_history_shows_what_changed() {
    let house = House::with_accounts();
    let mut applicant = Browser::signed_in(&house, "applicant");
    let mut approver = Browser::signed_in(&house, "approver");
    let fields = application(&house);
    let id = apply(&mut applicant, &fields, &[]);
    let path = format!("/review/{id}");
    let reply = approver.submit(&path, &[("act", "return"), ("return_reason", " ")]);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("id=\"return_reason-problem\""));
    let reply = approver.submit(&path, &[("act", "return"), ("return_reason", "範囲を絞ってください")]);
    done(&reply, &format!("{path}?done=return"));
    assert!(applicant.get("/applications").text().contains("範囲を絞ってください"));
    let form = applicant.get(&format!("/apply?application={id}")).text();
    assert!(form.contains("範囲を絞ってください") && form.contains("許認可の照会文の下書き"), "{form}");
    let carried = hidden(&form, "/apply");
    let all = with(&fields, &[("purpose", "許認可の照会文だけの下書き"), ("application", &id), ("step", "submit")]);
    let once: Vec<_> = carried.iter().filter(|(name, _)| matches!(name.as_str(), "token" | "once")).cloned().collect();
    let reply = applicant.post("/apply", &[as_refs(&once), all.clone()].concat());
    done(&reply, &format!("/applications/{id}?done=submitted"));
    done(&applicant.post("/apply", &[as_refs(&once), all].concat()), &format!("/applications/{id}?done=already"));
    let page = approver.get(&path).text();
    for part in ["再提出", "差戻し", "範囲を絞ってください", "許認可の照会文の下書き", "許認可の照会文だけの下書き"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Taken back, and over.
    let reply = applicant.submit(&format!("/applications/{id}"), &[("reason", "不要になった")]);
    done(&reply, &format!("/applications/{id}?done=withdrawn"));
    let page = approver.get(&path).text();
    assert!(page.contains("取下げ") && page.contains("不要になった") && !page.contains("value=\"approve\""), "{page}");
    let token = hidden(&page, "/signout");
    let late = [as_refs(&token), vec![("seen", "4"), ("act", "refuse"), ("refuse_reason", "x")]].concat();
    assert_eq!(approver.post(&path, &late).status, 422, "nothing is decided on what was taken back");
}

#[test]
fn another_persons_papers_do_not_exist() {
    let house = House::with_accounts();
    let id = apply(&mut Browser::signed_in(&house, "applicant"), &application(&house), &[]);
    let mut staff = Browser::signed_in(&house, "staff");
    for path in [format!("/applications/{id}"), format!("/apply?application={id}"), "/permits/pm-nothing".into()] {
        assert_eq!(staff.get(&path).status, 404, "{path}");
    }
    let token = hidden(&staff.get("/applications").text(), "/signout");
    assert_eq!(staff.post(&format!("/applications/{id}"), &as_refs(&token)).status, 404);
    let granted = house.must("staff", "application.submit", &house.draft("kakuu-local", "企画の業務", "kikaku", 0));
    let approved = house.approve("approver", &granted["events"][0]["data"]["application"]).json();
    let permit = approved["events"][0]["data"]["permit"].as_str().unwrap().to_owned();
    let mut applicant = Browser::signed_in(&house, "applicant");
    assert_eq!(applicant.get(&format!("/permits/{permit}")).status, 404);
    assert!(!applicant.get("/permits").text().contains("企画の業務"));
    assert!(Browser::signed_in(&house, "auditor").get("/permits").text().contains("企画の業務"));
}

#[test]
fn the_caio_decides_on_a_risk_and_the_approver_sees_it() {
    let house = House::with_accounts();
    let risky = [("judgement", "3")];
    let id = apply(&mut Browser::signed_in(&house, "applicant"), &application(&house), &risky);
    let mut caio = Browser::signed_in(&house, "caio");
    let path = format!("/review/{id}");
    assert!(caio.get("/review").text().contains(&path));
    let page = caio.get(&path).text();
    assert!(page.contains("高リスクの可能性あり") && !page.contains("value=\"approve\""), "{page}");
    let reply = caio.submit(&path, &[("act", "accept-risk"), ("risk_reason", "職員が抜取りで確かめる")]);
    done(&reply, &format!("{path}?done=accept-risk"));
    let page = Browser::signed_in(&house, "approver").get(&path).text();
    assert!(page.contains("人工 六花") && page.contains("職員が抜取りで確かめる"), "{page}");
}

#[test]
fn a_change_under_a_permit_is_shown_before_and_after_and_approved_again() {
    let house = House::with_accounts();
    let permit = house.permit("kakuu-cloud").to_owned();
    let path = format!("/permits/{permit}");
    let terms =
        json!({ "service": "kakuu-cloud", "terms": { "url": "https://example.invalid/v2", "sha256": "b".repeat(64) } });
    house.must("manager", "service.change_terms", &terms);
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get(&path).text();
    assert!(page.contains("停止中") && page.contains("SHA-256 bbbbbbbbbbbb") && page.contains("自動停止"), "{page}");
    assert!(!page.contains("value=\"reapprove\""));
    let mut approver = Browser::signed_in(&house, "approver");
    let old = hidden(&approver.get(&path).text(), &path);
    let reply = approver.submit(&path, &[("act", "reapprove"), ("reapprove_reason", "新しい約款を確かめた")]);
    done(&reply, &format!("{path}?done=reapprove"));
    let page = approver.get(&path).text();
    assert!(
        page.contains("再承認") && page.contains("新しい約款を確かめた") && page.contains("ありません。"),
        "{page}"
    );
    let late = [as_refs(&old), vec![("act", "revoke"), ("revoke_reason", "古い画面から")]].concat();
    assert_eq!(approver.post(&path, &late).status, 409);
    assert_eq!(house.by("staff").chat("kakuu-cloud", "要約して").status, 200);
    let reply = approver.submit(&path, &[("act", "suspend"), ("suspend_reason", "点検のため")]);
    done(&reply, &format!("{path}?done=suspend"));
    assert!(staff.get(&path).text().contains("点検のため"));
    assert_eq!(house.by("staff").chat("kakuu-cloud", "要約して").status, 403);
}

#[test]
fn what_is_typed_is_shown_and_never_run_and_exports_hold_no_formula() {
    let house = House::with_accounts();
    let mut applicant = Browser::signed_in(&house, "applicant");
    let fields = application(&house);
    let id = apply(&mut applicant, &fields, &[("purpose", ATTACK), ("statement", ATTACK)]);
    let formula = apply(&mut applicant, &fields, &[("purpose", "=1+1")]);
    let mut approver = Browser::signed_in(&house, "approver");
    approver.submit(&format!("/review/{id}"), &[("act", "return"), ("return_reason", ATTACK)]);
    for path in [format!("/review/{id}"), "/review?show=all".into(), format!("/applications/{id}")] {
        let page = approver.get(&path).text();
        assert!(!page.contains("<script") && page.contains("&#60;script&#62;"), "{path}: {page}");
    }
    for path in ["/applications".to_owned(), format!("/apply?application={id}"), format!("/review/{formula}")] {
        assert!(!applicant.get(&path).text().contains("<script"), "{path}");
    }
    for path in ["/applications?format=csv", "/applications?list=drafts&format=csv"] {
        let file = applicant.get(path);
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"), "{path}");
    }
    let file = approver.get("/review?format=csv&show=all").text();
    assert!(file.contains("'=1+1") && file.starts_with('\u{feff}'), "{file}");
    for path in ["/review?format=xlsx", "/permits?format=xlsx"] {
        assert!(approver.get(path).body.starts_with(b"PK"), "{path}");
    }
    // Addresses that make no sense break nothing.
    for path in ["/review?show=x&sort=-nothing&page=-1", "/permits?state=%00", "/applications?page=99", "/review/%20"] {
        assert!(matches!(approver.get(path).status, 200 | 404), "{path}");
    }
}

#[test]
fn a_manager_keeps_the_services_and_everyone_reads_them() {
    let house = House::with_accounts();
    let mut manager = Browser::signed_in(&house, "manager");
    let fields = [
        ("service", "kakuu-new"),
        ("name", "架空の新サービス"),
        ("provider", "架空株式会社"),
        ("form", "individual_contract"),
        ("terms_url", "https://example.invalid/terms"),
        ("terms_sha256", "xyz"),
        ("models", "kakuu-new-large | large-1\nよめない行"),
        ("region", "jp"),
        ("governing_law", "JP"),
        ("hosting_route", "internet"),
        ("wire", "extractive"),
    ];
    let reply = manager.submit("/services/new", &fields);
    assert_eq!(reply.status, 422);
    let page = reply.text();
    assert!(page.contains("2 行目を読めません") && page.contains("value=\"架空の新サービス\""), "{page}");
    let sha = "c".repeat(64);
    let mut right = fields.to_vec();
    right[5].1 = &sha;
    right[6].1 = "kakuu-new-large | large-1";
    done(&manager.submit("/services/new", &right), "/services/kakuu-new?done=registered");
    done(&manager.submit("/services/new", &right), "/services/kakuu-new?done=registered");
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/services/kakuu-new").text();
    assert!(page.contains("報告の記録なし") && page.contains("kakuu-new-large"), "{page}");
    assert!(!page.contains("value=\"terms\"") && !page.contains("接続先:"), "{page}");
    let token = hidden(&page, "/signout");
    assert_eq!(staff.post("/services/kakuu-new", &as_refs(&token)).status, 403);
    assert_eq!(staff.get("/services/kakuu-new/change").status, 403);
    let path = "/services/kakuu-cloud";
    let old = hidden(&manager.get(path).text(), path);
    let reply = manager.submit(path, &[("act", "advise"), ("advisory", "架空の脆弱性")]);
    done(&reply, "/services/kakuu-cloud?done=advise");
    assert!(staff.get(path).text().contains("架空の脆弱性"));
    assert_eq!(house.by("staff").chat("kakuu-cloud", "要約して").status, 403, "the permit is suspended");
    let late = [as_refs(&old), vec![("act", "withdraw"), ("withdraw_reason", "古い画面")]].concat();
    assert_eq!(manager.post(path, &late).status, 409);
    let reply = manager.submit(path, &[("act", "lift"), ("lifted", "架空の脆弱性")]);
    done(&reply, "/services/kakuu-cloud?done=lift");
    // A change from the form, and the list with its files.
    let page = manager.get("/services/kakuu-new/change").text();
    let seen = hidden(&page, "/services/kakuu-new/change");
    let mut changed = right.clone();
    changed[1].1 = "=架空の改名";
    let reply = manager.post("/services/kakuu-new/change", &[as_refs(&seen), changed].concat());
    done(&reply, "/services/kakuu-new?done=changed");
    assert!(staff.get("/services?format=csv").text().contains("'=架空の改名"));
    assert!(
        staff
            .get("/services?q=%E6%9E%B6%E7%A9%BA%E3%82%AF%E3%83%A9%E3%82%A6%E3%83%89AI")
            .text()
            .contains("登録中（KAKUU-0001")
    );
}

#[test]
fn the_inventory_counts_uses_and_puts_what_is_overdue_first() {
    let house = House::with_accounts();
    assert_eq!(house.by("staff").chat("kakuu-local", "要約して").status, 200);
    let mut manager = Browser::signed_in(&house, "manager");
    let page = manager.get("/inventory").text();
    assert!(page.contains("文書の要約と校正") && page.contains("1 回") && page.contains("未使用"), "{page}");
    let unused = manager.get("/inventory?show=unused").text();
    assert!(unused.contains("会議資料と議事録の作成") && !unused.contains("文書の要約と校正"), "{unused}");
    assert!(!manager.get("/inventory?show=overdue").text().contains("文書の要約と校正"));
    assert!(manager.get("/inventory?format=csv").text().contains("90日の利用"));
    assert_eq!(Browser::signed_in(&house, "staff").get("/inventory").status, 403);
    // A month later nothing of it counts as of the last thirty days.
    house.pass(40 * 24 * 3600);
    let mut manager = Browser::signed_in(&house, "manager");
    let page = manager.get("/inventory").text();
    assert!(page.contains("0 回") && page.contains("1 回"), "{page}");
}

#[test]
fn a_notice_is_read_and_its_author_knows_who_has_not() {
    let house = House::with_accounts();
    let mut ciso = Browser::signed_in(&house, "ciso");
    assert_eq!(ciso.submit("/notices/new", &[("title", ""), ("text", "x")]).status, 422);
    let token = hidden(&ciso.get("/notices/new").text(), "/notices/new");
    let all =
        [as_refs(&token), vec![("title", ATTACK), ("text", "出力は必ず確かめてください。"), ("department", "kanbo")]]
            .concat();
    let reply = ciso.post("/notices/new", &all);
    let path = reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(ciso.post("/notices/new", &all).header("location").unwrap().split('?').next().unwrap(), path);
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/notices").text();
    assert!(page.contains("未確認") && page.contains(&path) && !page.contains("<script"), "{page}");
    assert_eq!(page.matches(&path).count(), 1, "sent twice is one notice: {page}");
    assert!(staff.get(&path).text().contains("必ず確かめて"));
    done(&staff.submit(&path, &[]), &format!("{path}?done=read"));
    let token = hidden(&staff.get(&path).text(), "/signout");
    done(&staff.post(&path, &as_refs(&token)), &format!("{path}?done=read"));
    assert!(staff.get("/notices").text().contains("確認済み"));
    // 大臣官房 and 企画課: approver, ciso, caio and staff.
    let page = ciso.get(&path).text();
    assert!(page.contains("宛先 4 人のうち 1 人が確認しました"), "{page}");
    let file = ciso.get(&format!("{path}/readers?format=csv")).text();
    assert!(file.contains("承認 三恵") && !file.contains("企画 花子"), "{file}");
    assert!(ciso.get(&format!("{path}/readers?show=read")).text().contains("企画 花子"));
    // Who it is not for does not see it.
    let mut applicant = Browser::signed_in(&house, "applicant");
    assert_eq!(applicant.get(&path).status, 404);
    assert!(!applicant.get("/notices").text().contains(&path));
    for path in ["/notices/new".to_owned(), format!("{path}/readers")] {
        assert_eq!(staff.get(&path).status, 403, "{path}");
    }
}

#[test]
fn what_must_not_be_kept_does_not_enter_the_ledger_from_a_page() {
    const NUMBER: &str = "個人番号 983205673214";
    let house = House::with_accounts();
    let mut applicant = Browser::signed_in(&house, "applicant");
    let fields = application(&house);
    let reply = applicant.submit("/apply", &with(&fields, &[("statement", NUMBER), ("step", "submit")]));
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("id=\"statement-problem\""), "{}", reply.text());
    let id = apply(&mut applicant, &fields, &[]);
    let mut approver = Browser::signed_in(&house, "approver");
    let path = format!("/review/{id}");
    for (act, field) in [("return", "return_reason"), ("refuse", "refuse_reason")] {
        let reply = approver.submit(&path, &[("act", act), (field, NUMBER)]);
        assert_eq!(reply.status, 422, "{act}");
        assert!(reply.text().contains(&format!("id=\"{field}-problem\"")), "{}", reply.text());
    }
    let reply =
        approver.submit(&path, &[("act", "approve"), ("manager", house.person("manager")), ("conditions", NUMBER)]);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("id=\"conditions-problem\""), "{}", reply.text());
    assert!(applicant.get(&format!("/applications/{id}")).text().contains("審査中"));
}

/// Given a permitted service of an individual contract, when the draft of its report is asked for, then it is filled from
/// the register, names the addressee of the day with its doubt, and is there for those who manage services alone.
#[test]
fn the_draft_of_a_report_is_filled_from_the_register() {
    let house = House::with_accounts();
    let mut manager = Browser::signed_in(&house, "manager");
    let page = manager.get("/services/kakuu-cloud").text();
    assert!(page.contains("/services/kakuu-cloud/return?stage=considering"), "{page}");
    let reply = manager.get("/services/kakuu-cloud/return?stage=in_use");
    let text = reply.text();
    assert_eq!(reply.status, 200, "{text}");
    for part in [
        "# 生成AIサービスの報告: 利用の状況",
        "| 宛先 | AI戦略推進関係省庁会議幹事会（要確認） |",
        "| 提供形態 | 個別契約 |",
        "| 報告・了解の状況 | 了解済み |",
        "様式の定めが見当たりません",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(manager.get("/services/kakuu-cloud/return?stage=other").status, 404);
    assert_eq!(manager.get("/services/kakuu-local/return?stage=in_use").status, 404, "self-operated");
    assert_eq!(manager.get("/services/no-such/return?stage=in_use").status, 404);
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!(staff.get("/services/kakuu-cloud/return?stage=in_use").status, 403);
}
