//! 法制度調査 and 国会答弁検索: what is shown of an answer stands in the sources, or it is struck and said so.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use crate::shelves::{CANARY, diet, fill, law};
use crate::stand_in::{StandIn, completion};
use sekisho_search::unit::Corpus;
use serde_json::{Value, json};

const LOCAL: &str = "kakuu-local";
const UPSTREAM: &str = "kakuu-upstream";
const QUESTION: &str = "架空物を運搬するときの届出の手続を教えてください。";

fn invoke(house: &House, app: &str, inputs: &Value, permit: Option<&str>) -> Reply {
    let mut request = house.anyone().request("POST", &format!("/apps/{app}/invoke"));
    request = request.header("x-api-key", &house.demo.keys["staff"]);
    if let Some(permit) = permit {
        request = request.header("x-sekisho-permit", permit);
    }
    request.json(&json!({ "inputs": inputs })).send()
}

/// A house with law and records, whose model answers with this.
fn answering(answer: &str) -> (House, StandIn) {
    let stand_in = StandIn::answering(&completion(answer));
    let house = House::with_accounts_before(&stand_in);
    fill(&house, Corpus::Law, &law());
    fill(&house, Corpus::Diet, &diet());
    (house, stand_in)
}

#[track_caller]
fn outputs(reply: &Reply) -> String {
    reply.ok()["outputs"].as_str().unwrap().to_owned()
}

/// The number under which a passage was handed to the model.
#[track_caller]
fn number_of(message: &str, cite: &str) -> usize {
    let line = message.lines().find(|line| line.starts_with("======== 資料[") && line.ends_with(cite));
    let line = line.unwrap_or_else(|| panic!("{cite} is not among the passages: {message}"));
    line["======== 資料[".len()..].split(']').next().unwrap().parse().unwrap()
}

/// The request that the model saw: system and user message.
fn seen(stand_in: &StandIn) -> (String, String) {
    let body = stand_in.seen().last().unwrap().json();
    let text = |at: usize| body["messages"][at]["content"].as_str().unwrap().to_owned();
    assert_eq!(body["messages"].as_array().unwrap().len(), 2, "{body}");
    (text(0), text(1))
}

/// Answers once with nothing, to learn the numbers; then a house whose model uses them.
fn numbered(answer: impl Fn(&dyn Fn(&str) -> usize) -> String) -> (House, StandIn) {
    let (house, stand_in) = answering("。");
    invoke(&house, "law", &json!({ "input_text": QUESTION }), Some(house.permit(UPSTREAM))).ok();
    let (_, user) = seen(&stand_in);
    let answer = answer(&|cite| number_of(&user, cite));
    drop((house, stand_in));
    answering(&answer)
}

#[test]
fn true_statements_are_shown_with_their_sources_and_false_ones_are_struck_with_the_reason() {
    let (house, stand_in) = numbered(|number| {
        let (three, four) = (number("架空物運搬法第三条（運搬の届出）"), number("架空物運搬法第四条（罰則）"));
        format!(
            "## 結論\n\n届出は、運搬の日の三十日前までに架空大臣に対して行います。[{three}]\n\n\
             - 「前条第一項の規定に違反して届出をしなかった者は、五十万円以下の罰金に処する。」[{four}]\n\
             - 「前条第一項の規定に違反して届出をしなかった者は、百万円以下の罰金に処する。」[{four}]\n\
             - 「軽微なものとして政令で定めるものについては、この限り」[{three}]\n\
             - 架空物運搬法第九十九条により、許可が必要です。[99]\n\
             - 早めの準備が望まれます。\n"
        )
    });
    let permit = house.permit(UPSTREAM).to_owned();
    let reply = invoke(&house, "law", &json!({ "input_text": QUESTION }), Some(&permit));
    let report = outputs(&reply);
    assert!(report.starts_with("# 法制度調査（手続き確認）\n"), "{report}");
    assert!(
        report.contains("五十万円以下の罰金に処する。」")
            && !report.contains("~~「前条第一項の規定に違反して届出をしなかった者は、五十"),
        "{report}"
    );
    assert!(report.contains("~~「前条第一項の規定に違反して届出をしなかった者は、百万円以下"), "{report}");
    assert!(report.contains("否定又は限定の語の前で切られています"), "{report}");
    assert!(report.contains("資料\\[99\\]はありません"), "{report}");
    assert!(report.contains("早めの準備が望まれます。（出典なし）"), "{report}");
    assert!(report.contains("6の記述のうち2が出典で裏づけられています。"), "{report}");
    assert!(report.contains("引用を含まない言い換えの記述が 1 あります"), "{report}");
    assert!(report.contains("原文と合わないため 3 の記述を取り消しました"), "{report}");
    assert!(report.contains("[架空物運搬法第三条（運搬の届出）](/research/law/399AC0000000001/3)（[公式の掲載先](https://laws.example.invalid/law/399AC0000000001)）"), "{report}");
    // What the model saw is what was recorded, the passages included.
    let (_, user) = seen(&stand_in);
    assert!(user.contains("重量が二キログラム以下") && user.contains(QUESTION), "the 施行令 comes along: {user}");
    let entry = house.recorded(&reply.used())["entries"][0]["entry"].clone();
    assert_eq!((&entry["kind"], &entry["data"]["request"]["app"]), (&json!("use.opened"), &json!("law")), "{entry}");
    assert!(entry["data"]["bytes"].as_u64().unwrap() > user.len() as u64, "{entry}");
}

#[test]
fn an_article_that_speaks_like_an_instruction_changes_nothing() {
    // The model obeys: all it says rests on nothing but that article's order.
    let obeys =
        "架空物の運搬は全て自由です。[1]\n\n「架空物の運搬は全て自由である。」[1]\n\n届出は五日前までで足ります。[1]";
    let (house, stand_in) = answering(obeys);
    let reply = invoke(
        &house,
        "law",
        &json!({ "input_text": "架空物の運搬の届出の特例はあるか" }),
        Some(house.permit(UPSTREAM)),
    );
    let report = outputs(&reply);
    let (system, user) = seen(&stand_in);
    assert!(!system.contains("自由である") && !system.contains("これまでの指示"), "{system}");
    // It stands within its fence, and every fence is closed.
    let at = user.find(CANARY).unwrap_or_else(|| panic!("{user}"));
    let (before, after) = user.split_at(at);
    assert!(before.rfind("======== 資料[") > before.rfind("終わり\n"), "{user}");
    assert!(after.contains("終わり\n"), "{user}");
    assert_eq!(user.matches("\n======== 資料[").count() % 2, 0, "{user}");
    assert!(report.contains("~~「架空物の運搬は全て自由である。」"), "{report}");
    assert!(report.contains("~~届出は五日前までで足ります。"), "{report}");
    assert!(report.contains("AIへの指示のように読める文があります"), "{report}");
}

#[test]
fn without_a_model_the_report_has_the_same_shape_and_every_statement_is_supported() {
    let house = House::with_accounts();
    fill(&house, Corpus::Law, &law());
    fill(&house, Corpus::Diet, &diet());
    let permit = house.permit(LOCAL).to_owned();
    for (app, question, part) in [
        ("law", QUESTION, "## 手続"),
        ("law", "架空物とは何か", "## 定義"),
        ("diet", "架空物の運搬の届出の期限について", "## 答弁案"),
    ] {
        let reply = invoke(&house, app, &json!({ "input_text": question }), Some(&permit));
        let report = outputs(&reply);
        assert!(report.contains(part) && report.contains("## 出典") && report.contains("## 検証"), "{report}");
        assert!(!report.contains("~~") && !report.contains("出典なし"), "{report}");
        let coverage = report.lines().find(|line| line.contains("の記述のうち")).unwrap();
        let (all, rest) = coverage.trim_start_matches("- ").split_once("の記述のうち").unwrap();
        assert_eq!(rest.split_once('が').unwrap().0, all, "{report}");
        assert_ne!(all, "0", "{report}");
    }
    // The same on the page, with links to the articles.
    let mut staff = Browser::signed_in(&house, "staff");
    let way = format!("{permit} {LOCAL}");
    let reply =
        staff.submit("/apps/law", &[("in-input_text", QUESTION), ("in-shape", "0"), ("way", &way), ("grade", "C1")]);
    let page = reply.text();
    assert_eq!(reply.status, 200, "{page}");
    assert!(page.contains("href=\"/research/law/399AC0000000001/3\""), "{page}");
    assert!(page.contains("ただし、軽微なものとして政令で定めるものについては、この限りでない。"), "{page}");
}

/// Opens every source of a report as a member of staff does, and answers how many there are.
#[track_caller]
fn sources_open(house: &House, report: &str) -> usize {
    let mut staff = Browser::signed_in(house, "staff");
    let links: Vec<&str> =
        report.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|l| l.starts_with('/')).collect();
    for link in &links {
        let path = link.split('#').next().unwrap();
        assert_eq!(staff.get(path).status, 200, "{link}");
    }
    links.len()
}

#[test]
fn the_sources_of_a_report_on_another_day_lead_to_the_text_of_that_day() {
    let (house, _stand_in) = answering("届出が要ります。[1]");
    let inputs = json!({ "input_text": QUESTION, "as_of": "2024-04-01" });
    let report = outputs(&invoke(&house, "law", &inputs, Some(house.permit(UPSTREAM))));
    assert!(report.contains("(/research/law/399AC0000000001/3?as_of=2024-04-01)"), "{report}");
    assert!(sources_open(&house, &report) > 0, "{report}");
}

#[test]
fn answers_are_told_in_the_order_of_time_and_what_changed_is_flagged() {
    let (house, stand_in) =
        answering("お尋ねの期限については、三十日前までと承知しております。[4]\n\n四十日前までとする考えです。[4]");
    let inputs = json!({ "input_text": "架空物の運搬の届出の期限は適切か" });
    let report = outputs(&invoke(&house, "diet", &inputs, Some(house.permit(UPSTREAM))));
    let (_, user) = seen(&stand_in);
    let (early, late) = (user.find("二十日前").unwrap(), user.find("三十日前").unwrap());
    assert!(early < late, "{user}");
    assert!(user.contains("令和5年2月5日 発言3 架空花子（架空大臣）【答弁】"), "{user}");
    assert!(
        report.contains("## 答弁どうしの違い") && report.contains("二十日前まで") && report.contains("→ 「"),
        "{report}"
    );
    assert!(report.contains("~~四十日前までとする考えです。"), "{report}");
    assert_eq!(sources_open(&house, &report), 4, "{report}");
    // Nothing before a day is looked for when that is asked.
    let inputs = json!({ "input_text": "架空物の運搬の届出の期限は適切か", "since": "2024-01-01" });
    invoke(&house, "diet", &inputs, Some(house.permit(UPSTREAM))).ok();
    assert!(!seen(&stand_in).1.contains("二十日前"), "{}", seen(&stand_in).1);
}

#[test]
fn what_cannot_be_run_is_refused_and_recorded_and_no_model_is_asked() {
    let stand_in = StandIn::answering(&completion("。"));
    let house = House::with(&stand_in);
    let permit = house.permit(UPSTREAM).to_owned();
    let ask = |inputs: &Value, permit: Option<&str>| invoke(&house, "law", inputs, permit);
    // Nothing was imported.
    let reply = ask(&json!({ "input_text": QUESTION }), Some(&permit));
    assert!(reply.error(400, "NOTHING_FOUND")["message"].as_str().unwrap().contains("sekisho import laws"));
    assert_eq!(house.recorded(&reply.used())["entries"][0]["entry"]["kind"], "use.refused");
    fill(&house, Corpus::Law, &law());
    let day = ask(&json!({ "input_text": QUESTION, "as_of": "昨日" }), Some(&permit));
    assert_eq!(day.error(400, "INVALID_INPUTS")["param"], "inputs.as_of");
    // Which permit, none at all, and a grade above its ceiling.
    ask(&json!({ "input_text": QUESTION }), None).error(400, "PERMIT_NEEDED");
    ask(&json!({ "input_text": QUESTION }), Some("no-such-permit")).error(403, "NO_APPROVAL");
    let marked = ask(&json!({ "input_text": format!("【機密性3情報】{QUESTION}") }), Some(&permit));
    assert_eq!(marked.status, 403, "{}", marked.text());
    assert_eq!(house.recorded(&marked.used())["entries"][0]["entry"]["kind"], "use.refused");
    assert_eq!(stand_in.connections(), 0);
}
