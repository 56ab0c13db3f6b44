//! DS-920 at the browser: the CAIO judges a risk and edits the table, sheets are filled in, and cases are reported, worked
//! on and closed.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use serde_json::json;

const AXES: [&str; 4] = ["users", "work", "learning", "judgement"];

#[track_caller]
fn done(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{}", reply.text());
}

#[track_caller]
fn contains(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

/// An application of `applicant` whose output nobody looks at; its identifier.
fn risky(house: &House) -> String {
    let mut draft = house.draft("kakuu-local", "自動応答の試行", "shinsa", 0);
    draft["risk"]["judgement"] = 3.into();
    let answer = house.must("applicant", "application.submit", &draft);
    answer["events"][0]["data"]["application"].as_str().unwrap().to_owned()
}

#[test]
fn the_caio_judges_a_risk_and_other_answers_afterwards_bring_it_back_to_the_list() {
    let house = House::with_accounts();
    let id = risky(&house);
    let path = format!("/risk/{id}");
    let mut caio = Browser::signed_in(&house, "caio");
    contains(&caio.get("/").text(), &["リスクの判断を待つ申請・承認が 1 件", "/risk"]);
    let list = caio.get("/risk").text();
    contains(&list, &[&path, "自動応答の試行", "1・1・0・3", "高リスクの可能性"]);
    assert!(!list.contains("会議資料と議事録の作成"), "what is low does not wait: {list}");
    let page = caio.get(&path).text();
    contains(&page, &["確かめない（自動）", "本プログラムの案", "要確認", "決めるのはAI統括責任者です"]);
    // Without a choice or a reason nothing is recorded, and what was typed stays.
    let reply = caio.submit(&path, &[("act", "judge"), ("judge_reason", "試行の範囲に限る")]);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["href=\"#verdict\"", "試行の範囲に限る"]);
    let reply = caio.submit(&path, &[("act", "judge"), ("verdict", "low"), ("judge_reason", " ")]);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["href=\"#judge_reason\""]);
    let judged = [("act", "judge"), ("verdict", "low"), ("judge_reason", "職員だけが見る試行である")];
    done(&caio.submit(&path, &judged), &format!("{path}?done=judge"));
    assert!(!caio.get("/risk").text().contains(&path));
    contains(&caio.get("/risk?show=judged").text(), &[&path]);

    let mut applicant = Browser::signed_in(&house, "applicant");
    let page = applicant.get(&path).text();
    contains(&page, &["高リスクではないと判断", "職員だけが見る試行である", "人工 六花"]);
    assert!(!page.contains("value=\"judge\""), "{page}");
    // The page that the CAIO still has open is older than what the applicant does now.
    let token =
        caio.get(&path).text().split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let answers = [
        ("act", "answer"),
        ("users", "3"),
        ("work", "2"),
        ("learning", "0"),
        ("judgement", "3"),
        ("answer_reason", "住民も使う"),
    ];
    done(&applicant.submit(&path, &answers), &format!("{path}?done=answer"));
    let old = [
        ("token", token.as_str()),
        ("seen", "2"),
        ("act", "judge"),
        ("verdict", "high_accepted"),
        ("judge_reason", "よい"),
    ];
    let reply = caio.post(&path, &old);
    assert_eq!(reply.status, 409);
    contains(&reply.text(), &["判断の後に変わりました", "何も変更していません"]);
    contains(&caio.get("/risk").text(), &[&path, "判断の後に変更あり"]);
    let again = [("act", "judge"), ("verdict", "high_refused"), ("judge_reason", "住民が使うには早い")];
    done(&caio.submit(&path, &again), &format!("{path}?done=judge"));
    let mut approver = Browser::signed_in(&house, "approver");
    contains(&approver.get(&format!("/review/{id}")).text(), &["リスクを認めない", "住民が使うには早い", &path]);
    assert_eq!(Browser::signed_in(&house, "staff").get(&path).status, 404);
}

#[test]
fn what_passes_with_the_board_stands_point_by_point_in_the_history() {
    let house = House::with_accounts();
    let path = format!("/risk/{}", risky(&house));
    let mut caio = Browser::signed_in(&house, "caio");
    let report =
        [("act", "report"), ("purpose", "窓口の案内"), ("mitigation", "職員が見る"), ("quality", "正答率を測る")];
    done(&caio.submit(&path, &report), &format!("{path}?done=report"));
    let advice = [("act", "advise"), ("advice", "抜き取って確かめること\n\n 住民に示すこと ")];
    done(&caio.submit(&path, &advice), &format!("{path}?done=advise"));
    let page = caio.get(&path).text();
    assert_eq!(page.matches("対応なし").count(), 2, "{page}");
    let mut applicant = Browser::signed_in(&house, "applicant");
    let secret = [("act", "respond"), ("item", "1"), ("response", "担当の個人番号は 123456789018 です")];
    let reply = applicant.submit(&path, &secret);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["個人番号または鍵・パスワードが書かれています"]);
    let respond = [("act", "respond"), ("item", "1"), ("response", "画面の上に示す")];
    done(&applicant.submit(&path, &respond), &format!("{path}?done=respond"));
    let page = applicant.get(&path).text();
    assert_eq!(page.matches("対応なし").count(), 1, "{page}");
    contains(&page, &["画面の上に示す", "アドバイザリーボードの助言"]);
}

/// The fields of the table's form with these rows: least answers and level.
fn rows(rows: &[([u8; 4], &str)], more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = vec![("otherwise".to_owned(), "low".to_owned())];
    for (n, (least, level)) in rows.iter().enumerate() {
        fields.extend(AXES.iter().zip(least).map(|(axis, answer)| (format!("{axis}.{n}"), answer.to_string())));
        fields.push((format!("level.{n}"), (*level).to_owned()));
    }
    fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

#[track_caller]
fn sends(browser: &mut Browser, path: &str, fields: &[(String, String)]) -> Reply {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit(path, &fields)
}

#[test]
fn the_caio_sees_what_a_table_would_change_before_it_counts() {
    let house = House::with_accounts();
    assert_eq!(house.by("staff").chat("kakuu-local", "要約して").status, 200);
    let mut caio = Browser::signed_in(&house, "caio");
    contains(&caio.get("/risk/table").text(), &["この仕組みの既定（本プログラムの案）", "公式の組合せの規則は要確認"]);
    let strict = [([1, 1, 0, 0], "possibly_high")];
    let page = sends(&mut caio, "/risk/table", &rows(&strict, &[("act", "preview")]));
    assert_eq!(page.status, 200);
    contains(&page.text(), &["まだ何も変えていません", "会議資料と議事録の作成", "文書の要約と校正", "判断待ち"]);
    assert_eq!(house.by("staff").chat("kakuu-local", "要約して").status, 200);
    // A row that can never decide, and a table without a name or a reason, are told where they are wrong.
    let odd = [([1, 1, 0, 0], "possibly_high"), ([2, 1, 0, 0], "low")];
    let reply = sends(&mut caio, "/risk/table", &rows(&odd, &[("act", "preview")]));
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["2 行目は、1 行目が先に当てはまる"]);
    let reply = sends(&mut caio, "/risk/table", &rows(&strict, &[("act", "adopt"), ("reason", "慎重に始める")]));
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["href=\"#table\"", "慎重に始める"]);
    let falls = [([0, 0, 0, 3], "low"), ([0, 0, 0, 2], "possibly_high")];
    let page = sends(&mut caio, "/risk/table", &rows(&falls, &[("act", "preview")])).text();
    contains(&page, &["答えが高くなると結果が低くなる"]);

    let adopt = [("act", "adopt"), ("table", "r8-1"), ("reason", "慎重に始める")];
    done(&sends(&mut caio, "/risk/table", &rows(&strict, &adopt)), "/risk/table?done=adopt");
    contains(&caio.get("/risk/table").text(), &["r8-1", "慎重に始める", "人工 六花"]);
    let refused = house.by("staff").chat("kakuu-local", "要約して");
    house.refusal(&refused.used(), "CAIO_REVIEW");
    let reply = sends(&mut caio, "/risk/table", &rows(&strict, &adopt));
    assert_eq!(reply.status, 422, "a name counts once");
    let mut approver = Browser::signed_in(&house, "approver");
    let page = approver.get("/risk/table").text();
    assert!(page.contains("r8-1") && !page.contains("value=\"adopt\""), "{page}");
    assert_eq!(Browser::signed_in(&house, "staff").get("/risk/table").status, 403);
}

#[test]
fn a_case_goes_from_the_staff_to_the_caio_and_keeps_its_evidence_until_it_is_closed() {
    let house = House::with_accounts();
    let of = house.by("staff").chat("kakuu-local", "会議の日付を要約して").used();
    let others = house.by("approver").chat("kakuu-local", "別の人の利用").used();
    let mut staff = Browser::signed_in(&house, "staff");
    contains(&staff.get(&format!("/me/uses/{of}")).text(), &[&format!("/cases/new?use={of}")]);
    contains(&staff.get(&format!("/cases/new?use={of}")).text(), &[&of, "知った時", "台帳に残り、後から消せません"]);
    let report = |summary: &'static str, uses: &str| {
        let uses = uses.to_owned();
        move |staff: &mut Browser| {
            let fields = [("kind", "wrong_answer"), ("summary", summary), ("uses", uses.as_str()), ("impact", "")];
            let known = [("known_at", "2026-01-05T09:00")];
            staff.submit("/cases/new", &[&fields[..], &known[..]].concat())
        }
    };
    // What others used is not there; numbers of people must not stay in the ledger.
    let reply = report("日付が違う", &others)(&mut staff);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["の記録は見つかりません", "日付が違う"]);
    let reply = report("個人番号 123456789018 が出た", "")(&mut staff);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["個人番号または鍵・パスワードが書かれています"]);
    let reply = report("資料にない日付が出た", &of)(&mut staff);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let path = reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    contains(&staff.get("/cases").text(), &[&path, "資料にない日付が出た"]);
    let page = staff.get(&path).text();
    contains(&page, &["提供者の受付待ち", "期限を過ぎています", "本プログラムの案", &of]);
    assert!(!page.contains("value=\"receive\"") && !page.contains("公式の要件"), "{page}");
    assert_eq!(Browser::signed_in(&house, "applicant").get(&path).status, 404);

    // The seal holds: nobody destroys what an open case keeps.
    let erase = || house.by("ciso").command("content.erase", &json!({ "use": of }));
    erase().error(409, "PRESERVED");
    let spoken = json!({ "step": { "do": "report", "kind": "other", "known_at": "2026-01-05T00:00:00Z", "summary": "個人番号 123456789018" } });
    house.by("staff").command("risk_case.step", &spoken).error(400, "MUST_NOT_BE_KEPT");

    let mut manager = Browser::signed_in(&house, "manager");
    contains(&manager.get("/").text(), &["対応を待つリスクケースが 1 件", "期限を過ぎたリスクケースが 1 件"]);
    contains(&manager.get("/cases?show=overdue").text(), &[&path]);
    for (act, note) in
        [("receive", "資料を差し替えた"), ("contain", "同じ設定を止めた"), ("refer", "ほかの部局にも広がり得る")]
    {
        let note_field = format!("{act}-note");
        done(&manager.submit(&path, &[("act", act), (&note_field, note)]), &format!("{path}?done={act}"));
    }
    let mut caio = Browser::signed_in(&house, "caio");
    let close = [("act", "close"), ("close-note", "終える")];
    let reply = caio.submit(&path, &close);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["原因の分析、再発の防止"]);
    let told = [
        ("act", "notify"),
        ("to", "digital_agency"),
        ("report", "preliminary"),
        ("on", "2030-01-01"),
        ("notify-note", "架空第1号"),
    ];
    let reply = caio.submit(&path, &told);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["id=\"on-problem\"", "架空第1号"]);
    for act in ["analyse", "prevent", "close"] {
        let note_field = format!("{act}-note");
        done(&caio.submit(&path, &[("act", act), (&note_field, "確かめた")]), &format!("{path}?done={act}"));
    }
    contains(&caio.get(&path).text(), &["終結", "再開する"]);
    assert!(!caio.get("/cases").text().contains(&path));
    assert_eq!(erase().status, 201);
}

#[test]
fn a_form_sent_twice_reports_one_case_and_an_old_page_changes_nothing() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/cases/new").text();
    let hidden = |name: &str| {
        page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (token, once) = (hidden("token"), hidden("once"));
    let fields = [
        ("token", token.as_str()),
        ("once", &once),
        ("kind", "other"),
        ("known_at", "2026-01-05T09:00"),
        ("summary", "一度だけ"),
    ];
    let (one, other) = (staff.post("/cases/new", &fields), staff.post("/cases/new", &fields));
    assert_eq!((one.status, one.header("location")), (303, other.header("location")));
    assert_eq!(house.register().ds920().cases().count(), 1);
    let path = one.header("location").unwrap().split('?').next().unwrap().to_owned();
    let mut manager = Browser::signed_in(&house, "manager");
    let page = manager.get(&path).text();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    done(&manager.submit(&path, &[("act", "receive"), ("receive-note", "受けた")]), &format!("{path}?done=receive"));
    let old = [("token", token.as_str()), ("seen", "1"), ("act", "contain"), ("contain-note", "止めた")];
    assert_eq!(manager.post(&path, &old).status, 409);
    assert_eq!(house.register().ds920().cases().next().unwrap().steps.len(), 2);
}

#[test]
fn the_caio_sets_deadlines_and_nothing_is_shown_as_official_before() {
    let house = House::with_accounts();
    let mut caio = Browser::signed_in(&house, "caio");
    let page = caio.get("/cases/clocks").text();
    contains(&page, &["速報", "確報", "要確認", "本プログラムの案"]);
    assert!(!page.split("<form").next().unwrap().contains("公式の要件"), "{page}");
    let row =
        [("kind.0", "wrong_answer"), ("due.0", "to_caio"), ("basis.0", "架空省危機管理要領 3条"), ("grade.0", "D")];
    let wrong = [&row[..], &[("days.0", "x"), ("reason", "要領に合わせる")]].concat();
    let reply = caio.submit("/cases/clocks", &wrong);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["href=\"#days.0\"", "架空省危機管理要領 3条"]);
    let right = [&row[..], &[("days.0", "1"), ("reason", "要領に合わせる")]].concat();
    done(&caio.submit("/cases/clocks", &right), "/cases/clocks?done=set");
    contains(
        &Browser::signed_in(&house, "staff").get("/cases/clocks").text(),
        &["架空省危機管理要領 3条", "この機関が定めたもの"],
    );
}

#[test]
fn a_sheet_is_drafted_completed_taken_along_and_lacks_what_a_new_edition_asks() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let begun =
        staff.submit("/checklists/new", &[("kind", "contract"), ("subject", "service:kakuu-cloud"), ("level", "low")]);
    assert_eq!(begun.status, 303, "{}", begun.text());
    let fill = begun.header("location").unwrap().to_owned();
    let path = fill.strip_suffix("/fill").unwrap().to_owned();
    let page = staff.get(&fill).text();
    contains(&page, &["契約チェックシート（本プログラムの案）", "要確認", "入力した内容を、学習にも"]);
    assert!(!page.contains("公式の要件") && !page.contains("前の版を一定の期間使える"), "{page}");
    // A draft is kept as it is; completing it says what lacks, at the questions.
    done(
        &staff.submit(&fill, &[("act", "save"), ("a.no-training", "partly"), ("e.no-training", "架空契約書 5条")]),
        &format!("{fill}?done=saved"),
    );
    let reply =
        staff.submit(&fill, &[("act", "complete"), ("a.no-training", "partly"), ("e.no-training", "架空契約書 5条")]);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["href=\"#r.no-training\"", "href=\"#a.sla\"", "架空契約書 5条"]);
    let reply = staff
        .submit(&fill, &[("act", "save"), ("a.no-training", "partly"), ("r.no-training", "個人番号 123456789018")]);
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["個人番号または鍵・パスワードが書かれています"]);
    let ids: Vec<String> =
        page.split("<fieldset id=\"a.").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    let all: Vec<(String, String)> = ids
        .iter()
        .map(|id| (format!("a.{id}"), if id == "sla" { "not_applicable" } else { "met" }.to_owned()))
        .chain([("r.sla".to_owned(), "試行なので定めない".to_owned()), ("act".to_owned(), "complete".to_owned())])
        .collect();
    done(&sends(&mut staff, &fill, &all), &format!("{path}?done=complete"));
    contains(&staff.get(&path).text(), &["満たす", "対象外 1", "試行なので定めない", "企画 花子"]);
    let md = staff.get(&format!("{path}/export?format=md"));
    contains(&md.text(), &["# 契約チェックシート: 架空クラウドAI", "- 答え: 対象外", "確かさ: 要確認"]);
    assert!(staff.get(&format!("{path}/export?format=xlsx")).status == 200);
    assert_eq!(Browser::signed_in(&house, "applicant").get(&path).status, 404);

    let mut caio = Browser::signed_in(&house, "caio");
    let text = staff.get("/checklists/sets?file=contract").text();
    let broken = text.replacen("evidence = \"K\"", "evidence = \"Z\"", 1);
    let reply = caio.attach("/checklists/sets", &[("reason", "版を改める")], ("mine.toml", broken.as_bytes()));
    assert_eq!(reply.status, 422);
    contains(&reply.text(), &["行目: TOML として読めません"]);
    let mine = text.replacen("sekisho-contract-1", "kakuu-contract-1", 1).replacen("本プログラムの案", "架空省の版", 1)
        + "\n[[questions]]\nid = \"seal\"\ncategory = \"その他\"\nrequirement = \"架空の押印の手順を定めているか。\"\nbasis = \"架空省契約要領\"\nevidence = \"D\"\n";
    let adopted = caio.attach("/checklists/sets", &[("reason", "版を改める")], ("mine.toml", mine.as_bytes()));
    done(&adopted, "/checklists/sets?done=adopt");
    let reply = staff.attach("/checklists/sets", &[("reason", "版を改める")], ("mine.toml", mine.as_bytes()));
    assert_eq!(reply.status, 422, "staff adopts nothing");
    let page = staff.get(&path).text();
    contains(
        &page,
        &["いまの版の問いで、答えのないもの（1 件）", "架空の押印の手順を定めているか。", "試行なので定めない"],
    );
    let rest: Vec<(String, String)> = all.iter().cloned().chain([("a.seal".to_owned(), "met".to_owned())]).collect();
    done(&sends(&mut staff, &fill, &rest), &format!("{path}?done=complete"));
    let page = staff.get(&path).text();
    assert!(!page.contains("答えのないもの") && page.contains("架空省の版"), "{page}");
    assert_eq!(page.matches("<strong>完成</strong>").count(), 2, "{page}");
}

#[test]
fn two_who_write_on_a_sheet_do_not_overwrite_each_other() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let begun = staff
        .submit("/checklists/new", &[("kind", "procurement"), ("subject", "service:kakuu-cloud"), ("level", "low")]);
    let fill = begun.header("location").unwrap().to_owned();
    let page = staff.get(&fill).text();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut manager = Browser::signed_in(&house, "manager");
    done(&manager.submit(&fill, &[("act", "save"), ("a.purpose", "met")]), &format!("{fill}?done=saved"));
    let old =
        [("token", token.as_str()), ("version", "1"), ("act", "save"), ("a.owner", "met"), ("e.owner", "架空の体制図")];
    let reply = staff.post(&fill, &old);
    assert_eq!(reply.status, 409);
    contains(&reply.text(), &["まだ保存していません", "架空の体制図"]);
}

#[test]
fn the_demo_has_something_of_each_and_makes_it_once() {
    let house = House::with_accounts();
    for _ in 0..2 {
        house.block_on(sekisho::demo::ds920(house.installation(), &house.demo)).unwrap();
    }
    assert_eq!(house.register().ds920().cases().count(), 1);
    let mut caio = Browser::signed_in(&house, "caio");
    contains(&caio.get("/risk").text(), &["住民からの問合せへの自動応答の試行"]);
    contains(&caio.get("/cases").text(), &["要約した会議資料に"]);
    contains(&caio.get("/checklists").text(), &["架空クラウドAI", "下書き"]);
}
