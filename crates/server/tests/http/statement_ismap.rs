//! 言明書 and 登録申請 as their provider writes them, at the browser alone: from the first item to the signature.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use jiff::ToSpan as _;
use serde_json::{Value, json};

/// The form of a page that is sent by POST and holds this, with its hidden fields.
#[track_caller]
fn hidden(page: &str, marker: &str) -> Vec<(String, String)> {
    let wanted = |form: &&str| form.contains("method=\"post\"") && form.contains(marker);
    let form = page.split("<form").find(wanted).unwrap_or_else(|| panic!("{marker}: {page}"));
    let form = form.split("</form").next().unwrap();
    let value = |input: &str, name: &str| {
        input.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    form.split("<input type=\"hidden\" ").skip(1).map(|input| (value(input, "name"), value(input, "value"))).collect()
}

/// Sends a form of a page as it was loaded, with these fields.
fn send(browser: &mut Browser, to: &str, page: &str, marker: &str, fields: &[(&str, &str)]) -> Reply {
    let hidden = hidden(page, marker);
    let kept = hidden.iter().filter(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    let all: Vec<(&str, &str)> =
        kept.map(|(name, value)| (name.as_str(), value.as_str())).chain(fields.iter().copied()).collect();
    browser.post(to, &all)
}

/// Opens a page and sends its form.
fn submit(browser: &mut Browser, path: &str, marker: &str, fields: &[(&str, &str)]) -> Reply {
    let page = browser.get(path).text();
    send(browser, path.split('?').next().unwrap(), &page, marker, fields)
}

#[track_caller]
fn done(reply: &Reply, word: &str) -> String {
    let to = reply.header("location").unwrap_or_default().to_owned();
    assert!(reply.status == 303 && to.ends_with(&format!("done={word}")), "{} {to} {}", reply.status, reply.text());
    to
}

fn period(house: &House) -> (String, String) {
    let to = house.today().checked_sub(1.month()).unwrap();
    let from = to.checked_sub(11.months()).unwrap();
    (from.to_string(), to.to_string())
}

/// Begins a statement on the fictional criteria; its address.
#[track_caller]
fn begin(house: &House, browser: &mut Browser, more: &[(&str, &str)]) -> String {
    let (from, to) = period(house);
    let mut fields =
        vec![("offering", "kakuu-cloud-ai"), ("catalogue", "mihon-1"), ("from", &from), ("to", &to), ("previous", "")];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend_from_slice(more);
    let to = done(&submit(browser, "/ismap/statements/new", "name=\"once\"", &fields), "begun");
    to.split('?').next().unwrap().to_owned()
}

/// Everything adopted with one text, and the service described: nothing is left to mend.
#[track_caller]
fn complete(browser: &mut Browser, statement: &str) {
    let many = [("act", "many"), ("scope", "all"), ("deed", "adopt"), ("text", "架空の手順に従い実施する。")];
    done(&submit(browser, statement, "id=\"items\"", &many), "many");
    let service = [("service_name", "架空クラウドAI基盤"), ("scope", "本番環境の全体"), ("regions", "東京\n大阪")];
    done(&submit(browser, &format!("{statement}/service"), "name=\"seen\"", &service), "saved");
}

#[track_caller]
fn validated(browser: &mut Browser, statement: &str) {
    let check = format!("{statement}/check");
    done(&submit(browser, &check, "value=\"validate\"", &[("act", "validate")]), "validated");
}

#[track_caller]
fn signed(head: &mut Browser, statement: &str) {
    let reply = submit(head, &format!("{statement}/sign"), "name=\"sha256\"", &[("confirm.yes", "on")]);
    done(&reply, "signed");
}

/// Saves one item as the script does, having seen the page as it is now.
fn item(browser: &mut Browser, statement: &str, id: &str, fields: &[(&str, &str)]) -> Reply {
    let objective = id.split('.').take(3).collect::<Vec<_>>().join(".");
    let page = browser.get(&format!("{statement}?o={objective}")).text();
    item_seen(browser, statement, &page, id, fields)
}

/// The same, having seen this page.
fn item_seen(browser: &mut Browser, statement: &str, page: &str, id: &str, fields: &[(&str, &str)]) -> Reply {
    let hidden = hidden(page, "id=\"items\"");
    let wanted = ["token".to_owned(), format!("seen.{id}"), format!("asked.{id}")];
    let named: Vec<(String, &str)> = fields.iter().map(|(name, value)| (field(name, id), *value)).collect();
    let mut all: Vec<(&str, &str)> = hidden
        .iter()
        .filter(|(name, _)| wanted.contains(name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    all.extend(named.iter().map(|(name, value)| (name.as_str(), *value)));
    browser.post(&format!("{statement}/items/{id}"), &all)
}

/// `k.procedure` is `k.<id>.procedure`.
fn field(name: &str, id: &str) -> String {
    match name.split_once('.') {
        Some((letter, kind)) => format!("{letter}.{id}.{kind}"),
        None => format!("{name}.{id}"),
    }
}

fn upload(browser: &mut Browser, path: &str, fields: &[(&str, &str)], name: &str, text: &str) -> Reply {
    let page = browser.get(path).text();
    let token = hidden(&page, "multipart").into_iter().find(|(name, _)| name == "token").unwrap().1;
    let mut body = String::new();
    for (name, value) in [("token", token.as_str())].iter().chain(fields) {
        body.push_str(&format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    let head = format!("content-disposition: form-data; name=\"upload\"; filename=\"{name}\"");
    body.push_str(&format!("--x\r\n{head}\r\ncontent-type: text/csv\r\n\r\n{text}\r\n--x--\r\n"));
    let request = browser.request("POST", path).header("content-type", "multipart/form-data; boundary=x");
    request.bytes(body.into_bytes()).send()
}

fn record(house: &House, statement: &str) -> Value {
    let id = statement.rsplit('/').next().unwrap();
    house.by("csp").get(&format!("/api/ismap/statements/{id}")).ok()["record"].clone()
}

#[test]
fn given_a_provider_when_it_writes_validates_and_signs_then_the_statement_is_frozen_as_it_was_signed() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp");
    let statement = begin(&house, &mut csp, &[]);
    let page = csp.get(&statement).text();
    assert!(page.contains("サービスの説明で直すところ") && page.contains("（h）"), "{page}");
    let check = format!("{statement}/check");
    assert!(!csp.get(&check).text().contains("value=\"validate\""));
    complete(&mut csp, &statement);
    validated(&mut csp, &statement);
    // Validated is closed too, until it is taken back.
    let page = csp.get(&statement).text();
    assert!(!page.contains("id=\"items\"") && page.contains("検証済み"), "{page}");
    done(&submit(&mut csp, &check, "value=\"reopen\"", &[("act", "reopen")]), "reopened");
    validated(&mut csp, &statement);
    // Only the head signs, after a look at what is signed.
    let sign = format!("{statement}/sign");
    let shown = csp.get(&sign).text();
    let sha256 = record(&house, &statement)["content"]["sha256"].as_str().unwrap().to_owned();
    assert!(
        shown.contains(&sha256) && shown.contains("非採用とする基本言明要件") && !shown.contains("署名する</button>"),
        "{shown}"
    );
    let token = hidden(&csp.get(&check).text(), "value=\"reopen\"").remove(0).1;
    let forged = csp.post(&sign, &[("token", &token), ("sha256", &sha256), ("confirm.yes", "on")]);
    assert!(forged.status == 422 && forged.text().contains("言明責任者"), "{}", forged.text());
    let mut head = Browser::signed_in(&house, "csp-head");
    let unread = submit(&mut head, &sign, "name=\"sha256\"", &[]);
    assert!(unread.status == 422 && unread.text().contains("href=\"#confirm\""), "{}", unread.text());
    let before = csp.get(&statement).text();
    signed(&mut head, &statement);
    assert_eq!(record(&house, &statement)["state"], "signed");
    // Nothing changes it any more, by the page or the script, and nothing typed is lost.
    let frozen =
        [("token", token.as_str()), ("seen.5.1.1.1", "0-0-0-0-0"), ("c.5.1.1.1", "あとからの文"), ("act", "save")];
    let reply = csp.post(&statement, &frozen);
    assert_eq!(reply.status, 409, "{}", reply.text());
    assert!(reply.text().contains("保存していない入力") && reply.text().contains("あとからの文"), "{}", reply.text());
    let reply = csp.post(&format!("{statement}/items/5.1.1.1"), &frozen[..3]);
    assert!(reply.status == 409 && reply.json()["closed"].as_str().unwrap().contains("署名済み"), "{}", reply.text());
    let reply = csp.post(&format!("{statement}/service"), &[("token", &token), ("scope", "別")]);
    assert_eq!(reply.status, 409, "{}", reply.text());
    let after = csp.get(&statement).text();
    assert!(before.contains("架空の手順に従い実施する。") && after.contains("架空の手順に従い実施する。"), "{after}");
    assert_eq!(record(&house, &statement)["content"]["sha256"], sha256.as_str());
    let listed = csp.get("/ismap/statements").text();
    assert!(listed.contains("署名済み") && listed.contains("架空クラウドAI基盤"), "{listed}");
    let history = csp.get(&format!("{statement}/record")).text();
    assert!(history.contains("経営者確認のうえ署名した") && history.contains("雲山 五郎"), "{history}");
    let csv = csp.get(&format!("{statement}/answers?format=csv")).text();
    // What is signed does not come back as a table, so it needs no mark.
    let head = csv.lines().next().unwrap();
    assert!(csv.lines().count() > 100 && head.contains("項目番号") && head.ends_with("変更の内容"), "{csv}");
}

#[test]
fn given_every_kind_of_mistake_then_the_page_tells_each_rule_with_its_place_and_remedy() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp");
    let statement = begin(&house, &mut csp, &[]);
    for (id, fields, rule) in [
        ("9.1.1.1", &[("d", ""), ("c", "採否を決めずに書いた文")][..], "a"),
        ("3.1.1", &[("d", "excluded"), ("r", "要らない")], "b"),
        ("5.1.1", &[("d", "excluded")], "c"),
        ("5.1.1.1", &[("d", "adopted"), ("c", "方針を書く")], "c"),
        ("6.1.1", &[("d", "adopted")], "d"),
        ("6.1.1.2.B", &[("d", "excluded"), ("r", "人手が足りない")], "e"),
        ("6.1.1.1", &[("d", "excluded")], "f"),
        ("7.1.1.1", &[("d", "adopted")], "g"),
    ] {
        let told = item(&mut csp, &statement, id, fields).ok();
        let problems = told["problems"].as_array().unwrap();
        assert!(problems.iter().any(|p| p.as_str().unwrap().starts_with(&format!("（{rule}）"))), "{id}: {told}");
        let [a, b, c] = [0, 1, 2].map(|n| id.split('.').nth(n).unwrap());
        let page = csp.get(&format!("{statement}?o={a}.{b}.{c}")).text();
        let article = page.split("<article").find(|part| part.contains(&format!("data-id=\"{id}\""))).unwrap();
        assert!(article.contains(&format!("（{rule}）")), "{id}: {article}");
    }
    let list = csp.get(&format!("{statement}/check?format=csv")).text();
    for letter in 'a'..='h' {
        assert!(list.contains(&format!("({letter})")), "{letter}: {list}");
    }
    let check = csp.get(&format!("{statement}/check")).text();
    assert!(check.contains("#i-3-1-1\""), "{check}");
    let token = hidden(&csp.get(&statement).text(), "id=\"items\"").remove(0).1;
    let refused = csp.post(&format!("{statement}/check"), &[("token", &token), ("act", "validate")]);
    assert!(refused.status == 422 && refused.text().contains("検証できません"), "{}", refused.text());
    let gap = csp.get(&format!("{statement}/gap?format=csv")).text();
    assert!(gap.contains("採用していない基本言明要件") && gap.lines().count() > 5, "{gap}");
}

#[test]
fn given_two_people_on_one_page_then_nobodys_work_is_lost_and_a_clash_shows_both_texts() {
    let house = House::with_scheme();
    let (mut one, mut other) = (Browser::signed_in(&house, "csp"), Browser::signed_in(&house, "csp-head"));
    let statement = begin(&house, &mut one, &[]);
    let list = format!("{statement}?o=5.1.1");
    let (first, second) = (one.get(&list).text(), other.get(&list).text());
    let form = "id=\"items\"";
    let written = [("d.5.1.1.1", "adopted"), ("c.5.1.1.1", "一人目の文"), ("act", "save")];
    done(&send(&mut one, &statement, &first, form, &written), "saved");
    // The second saw the page before that: what they left alone stays, what they wrote is taken.
    let written = [("d.5.1.1.1", ""), ("d.5.1.1.2.B", "adopted"), ("c.5.1.1.2.B", "二人目の文"), ("act", "save")];
    done(&send(&mut other, &statement, &second, form, &written), "saved");
    let page = one.get(&list).text();
    assert!(page.contains("一人目の文") && page.contains("二人目の文"), "{page}");
    let written = [("d.5.1.1.1", "adopted"), ("c.5.1.1.1", "二人目も書いた文"), ("act", "save")];
    let clash = send(&mut other, &statement, &second, form, &written);
    assert_eq!(clash.status, 409, "{}", clash.text());
    let page = clash.text();
    assert!(
        page.contains("一人目の文") && page.contains("二人目も書いた文") && page.contains("href=\"#i-5-1-1-1\""),
        "{page}"
    );
    // The script is told the same.
    let told = item_seen(&mut other, &statement, &second, "5.1.1.1", &[("d", "adopted"), ("c", "二人目も書いた文")]);
    assert_eq!((told.status, &told.json()["clash"][0]["now"]), (409, &json!("一人目の文")), "{}", told.text());
    assert!(one.get(&list).text().contains("一人目の文"));
    // Having seen both, the second decides.
    done(&send(&mut other, &statement, &page, form, &written), "saved");
    let page = one.get(&list).text();
    assert!(page.contains("二人目も書いた文") && !page.contains("一人目の文"), "{page}");
    let service = format!("{statement}/service");
    let seen = one.get(&service).text();
    done(
        &submit(&mut other, &service, "name=\"seen\"", &[("service_name", "名前"), ("scope", "二人目の範囲")]),
        "saved",
    );
    let clash =
        send(&mut one, &service, &seen, "name=\"seen\"", &[("service_name", "名前"), ("scope", "一人目の範囲")]);
    assert_eq!(clash.status, 409, "{}", clash.text());
    assert!(clash.text().contains("二人目の範囲") && clash.text().contains("一人目の範囲"), "{}", clash.text());
}

#[test]
fn given_a_statement_of_another_party_then_it_does_not_exist() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp");
    let statement = begin(&house, &mut csp, &[]);
    complete(&mut csp, &statement);
    for login in ["csp2-head", "audit-lead", "secretariat", "procurer", "staff"] {
        let mut other = Browser::signed_in(&house, login);
        for below in ["", "/service", "/check", "/gap", "/sign", "/answers", "/import", "/record"] {
            assert_eq!(other.get(&format!("{statement}{below}")).status, 404, "{login} {below}");
        }
        let token = hidden(&other.get("/ismap").text(), "action=\"/signout\"").remove(0).1;
        for below in ["", "/service", "/check", "/sign", "/items/5.1.1.1"] {
            let fields =
                [("token", token.as_str()), ("act", "validate"), ("seen.5.1.1.1", "0-0-0-0-0"), ("c.5.1.1.1", "x")];
            assert_eq!(other.post(&format!("{statement}{below}"), &fields).status, 404, "{login} {below}");
        }
        assert!(!other.get("/ismap/statements").text().contains(&statement), "{login}");
        for path in ["/ismap/offerings", "/ismap/statements/new", "/ismap/filings/new"] {
            let status = if login == "csp2-head" { 200 } else { 404 };
            assert_eq!(other.get(path).status, status, "{login} {path}");
        }
    }
}

#[test]
fn given_a_basic_item_left_out_then_only_the_head_lets_it_and_only_for_that_reason() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp");
    let statement = begin(&house, &mut csp, &[]);
    complete(&mut csp, &statement);
    let (id, out) = ("6.1.1.2.B", [("d", "excluded"), ("r", "対象の人がいない")]);
    item(&mut csp, &statement, id, &out).ok();
    // What the staff's form says of it is not heard.
    let told = item(&mut csp, &statement, id, &[&out[..], &[("asked", "1"), ("leave", "on")]].concat()).ok();
    assert!(!told["left_out_by_head"].as_bool().unwrap() && told["problems"].to_string().contains("（e）"), "{told}");
    let mut head = Browser::signed_in(&house, "csp-head");
    let told = item(&mut head, &statement, id, &[&out[..], &[("leave", "on")]].concat()).ok();
    assert!(told["left_out_by_head"].as_bool().unwrap() && told["problems"].as_array().unwrap().is_empty(), "{told}");
    let page = csp.get(&format!("{statement}?o=6.1.1")).text();
    assert!(page.contains("非採用を確認した言明責任者: 雲山 五郎"), "{page}");
    // Another reason is another question.
    let told = item(&mut csp, &statement, id, &[("d", "excluded"), ("r", "別の理由")]).ok();
    assert!(told["problems"].to_string().contains("（e）"), "{told}");
    item(&mut head, &statement, id, &[("d", "excluded"), ("r", "別の理由"), ("leave", "on")]).ok();
    validated(&mut csp, &statement);
    let shown = head.get(&format!("{statement}/sign")).text();
    assert!(shown.contains(id) && shown.contains("別の理由") && shown.contains("雲山 五郎"), "{shown}");
}

#[test]
fn given_a_signed_statement_when_carried_on_then_its_answers_stand_beside_and_the_difference_is_told() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp");
    let last = begin(&house, &mut csp, &[]);
    complete(&mut csp, &last);
    item(&mut csp, &last, "7.1.1.1", &[("d", "adopted"), ("c", "文"), ("k.procedure", "on"), ("n", "様式を改めた")])
        .ok();
    validated(&mut csp, &last);
    signed(&mut Browser::signed_in(&house, "csp-head"), &last);
    let id = last.rsplit('/').next().unwrap();
    // A new version of the same period: what changed since the last audit stays.
    let version = begin(&house, &mut csp, &[("previous", id), ("changes.yes", "on")]);
    assert_eq!(record(&house, &version)["changes_signed"], true);
    assert!(csp.get(&format!("{version}?o=7.1.1")).text().contains("様式を改めた"));
    // The next year: texts stay, what changed last year does not.
    let page = csp.get(&format!("/ismap/statements/new?previous={id}")).text();
    let (_, to) = period(&house);
    let next: jiff::civil::Date = to.parse().unwrap();
    let from = next.tomorrow().unwrap();
    assert!(page.contains(&format!("value=\"{from}\"")), "{page}");
    let until = from.checked_add(6.months()).unwrap().to_string();
    let year = begin(&house, &mut csp, &[("previous", id), ("from", &from.to_string()), ("to", &until)]);
    let page = csp.get(&format!("{year}?o=7.1.1")).text();
    assert!(page.contains("前の言明書の回答: 採用（今と同じ）") && !page.contains("様式を改めた"), "{page}");
    item(&mut csp, &year, "7.1.1.1", &[("d", "adopted"), ("c", "今年の文")]).ok();
    let difference = csp.get(&format!("{year}/difference/{id}?format=csv")).text();
    assert!(difference.contains("7.1.1.1,個別管理策,文,今年の文"), "{difference}");
    // One whole objective excluded at once, and then as last year again.
    let list = format!("{year}?o=7.1.1");
    let many =
        [("act", "many"), ("scope", "objective"), ("deed", "exclude"), ("text", "人を雇わない"), ("replace", "on")];
    done(&submit(&mut csp, &list, "id=\"items\"", &many), "many");
    assert_eq!(csp.get(&list).text().matches("人を雇わない</textarea>").count(), 3);
    let back = [("act", "many"), ("scope", "objective"), ("deed", "last"), ("text", ""), ("replace", "on")];
    done(&submit(&mut csp, &list, "id=\"items\"", &back), "many");
    assert!(!csp.get(&list).text().contains("人を雇わない</textarea>"));
    // Nothing ticked, nothing said: both are told, nothing is changed.
    let none = submit(&mut csp, &list, "id=\"items\"", &[("act", "many"), ("scope", "picked"), ("deed", "adopt")]);
    assert!(none.status == 422 && none.text().contains("href=\"#scope\""), "{}", none.text());
    // A period that overlaps by being too long names what would be accepted.
    let (from, _) = period(&house);
    let fields =
        [("offering", "kakuu-cloud-ai"), ("catalogue", "mihon-1"), ("from", from.as_str()), ("to", "2099-01-01")];
    let refused = submit(&mut csp, "/ismap/statements/new", "name=\"once\"", &fields);
    assert!(refused.status == 422 && refused.text().contains("12 か月以内"), "{}", refused.text());
}

#[test]
fn given_a_table_of_answers_then_each_line_that_cannot_be_taken_is_told_and_nobody_is_overwritten() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp");
    let statement = begin(&house, &mut csp, &[]);
    let import = format!("{statement}/import");
    let table = "項目番号,採否,個別管理策,理由\n5.1.1,採用,,\n5.1.1.1,採用,表の文,\n5.1.1.1,採用,二度目,\n99.1.1,採用,,\n\
                 5.1.1.2.B,たぶん,,\n5.1.1.3.P,非採用,,提供しない\n";
    let reply = upload(&mut csp, &import, &[("act", "take")], "answers.csv", table);
    let page = reply.text();
    assert_eq!(reply.status, 422, "{page}");
    for told in [
        "4 行目: 5.1.1.1 は 3 行目にもあります",
        "5 行目: 99.1.1 は",
        "6 行目: 5.1.1.2.B: 採否「たぶん」",
        "まだ何も取り込んでいません",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!csp.get(&format!("{statement}?o=5.1.1")).text().contains("表の文"));
    let trial = upload(&mut csp, &import, &[("act", "try"), ("partial", "on")], "answers.csv", table);
    assert!(trial.status == 200 && trial.text().contains("変わる項目 3 件"), "{}", trial.text());
    assert!(!csp.get(&format!("{statement}?o=5.1.1")).text().contains("表の文"));
    let taken = upload(&mut csp, &import, &[("act", "take"), ("partial", "on")], "answers.csv", table);
    assert!(taken.status == 200 && taken.text().contains("取り込める行だけを取り込みました"), "{}", taken.text());
    let page = csp.get(&format!("{statement}?o=5.1.1")).text();
    assert!(page.contains("表の文") && page.contains("提供しない"), "{page}");
    // A table that was saved before somebody else wrote does not take their words away.
    let exported = csp.get(&format!("{statement}/answers?format=csv")).text();
    item(&mut csp, &statement, "5.1.1.1", &[("d", "adopted"), ("c", "その間の文")]).ok();
    let changed = exported.replace("表の文", "手元の文");
    let reply = upload(&mut csp, &import, &[("act", "take")], "answers.csv", &changed);
    let page = reply.text();
    assert!(reply.status == 422 && page.contains("その間の文") && page.contains("ほかの人が変えました"), "{page}");
    assert!(csp.get(&format!("{statement}?o=5.1.1")).text().contains("その間の文"));
    // What stands unchanged in it is no matter.
    let reply = upload(&mut csp, &import, &[("act", "take")], "answers.csv", &exported);
    assert!(reply.status == 200 && reply.text().contains("今の回答と同じです"), "{}", reply.text());
    let broken = upload(&mut csp, &import, &[("act", "take")], "x.csv", "番,答\n1,2\n");
    assert!(broken.status == 422 && broken.text().contains("項目番号"), "{}", broken.text());
}

#[test]
fn given_an_application_then_its_draft_is_kept_and_what_it_lacks_is_told() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp");
    let offer = |csp: &mut Browser, id: &str| {
        let fields = [("name", "架空の新サービス"), ("offering", id)];
        submit(csp, "/ismap/offerings", "action=\"/ismap/offerings\"", &fields)
    };
    let bad = offer(&mut csp, "Bad Id");
    assert!(bad.status == 422 && bad.text().contains("href=\"#offering\""), "{}", bad.text());
    done(&offer(&mut csp, "kakuu-new"), "offered");
    assert!(csp.get("/ismap/filings/new").text().contains("署名して監査を依頼した言明書がありません"));
    let statement = begin(&house, &mut csp, &[]);
    complete(&mut csp, &statement);
    validated(&mut csp, &statement);
    signed(&mut Browser::signed_in(&house, "csp-head"), &statement);
    let id = statement.rsplit('/').next().unwrap();
    let propose = json!({ "do": "propose", "firm": "kakuu-kansa", "statement": id, "kind": "initial" });
    house.must("csp", "engagement.step", &json!({ "engagement": "kansa-1", "step": propose }));
    let empty = submit(&mut csp, "/ismap/filings/new", "name=\"once\"", &[("statement", ""), ("act", "save")]);
    assert!(empty.status == 422 && empty.text().contains("href=\"#statement\""), "{}", empty.text());
    let fields = [
        ("statement", id),
        ("kind", "new"),
        ("scheme", "liu"),
        ("governing_law", "日本法"),
        ("pledges.details", "on"),
        ("act", "save"),
    ];
    let to = done(&submit(&mut csp, "/ismap/filings/new", "name=\"once\"", &fields), "saved");
    let edit = to.split('?').next().unwrap().to_owned();
    let page = csp.get(&edit).text();
    assert!(page.contains("日本法</textarea>"), "{page}");
    assert_eq!(page.matches("<span class=\"tag bad\">不足</span>").count(), 11, "{page}");
    for lack in
        ["今の状態は「署名済み」", "誓約（登録規則 3.5(2)）", "内部監査の報告書（ISMAP-LIU）", "事前申請（ISMAP-LIU）"]
    {
        assert!(page.contains(lack), "{lack}: {page}");
    }
    // Filed too early: told, and what was typed is kept as the draft.
    let whole = [
        ("statement", id),
        ("kind", "new"),
        ("scheme", "liu"),
        ("capital_and_officers", "資本関係なし"),
        ("foreign_law_risk", "なし"),
        ("governing_law", "日本法"),
        ("jurisdiction", "東京地方裁判所"),
        ("tests", "年一回"),
        ("pledges.details", "on"),
        ("pledges.incidents", "on"),
        ("pledges.changes", "on"),
        ("pledges.procurement", "on"),
    ];
    let early = submit(&mut csp, &edit, "name=\"seen\"", &[&whole[..], &[("act", "file")]].concat());
    assert!(early.status == 422 && early.text().contains("署名と監査の済んだ言明書が必要です"), "{}", early.text());
    assert!(csp.get(&edit).text().contains("東京地方裁判所</textarea>"));
    let report = edit.replace("/edit", "/internal-audit");
    let page = csp.get(&edit).text();
    let token = hidden(&page, "multipart").remove(0).1;
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n--x\r\ncontent-disposition: form-data; name=\"upload\"; filename=\"r.txt\"\r\n\r\n架空の報告\r\n--x--\r\n"
    );
    let request = csp.request("POST", &report).header("content-type", "multipart/form-data; boundary=x");
    done(&request.bytes(body.into_bytes()).send(), "report");
    assert_eq!(csp.get(&report).text(), "架空の報告");
    assert_eq!(csp.get(&edit).text().matches("<span class=\"tag bad\">不足</span>").count(), 3);
    // A page that is older than the draft overwrites nothing.
    let stale =
        send(&mut csp, &edit, &page, "name=\"seen\"", &[&whole[1..], &[("act", "save"), ("statement", id)]].concat());
    let shown = stale.text();
    assert!(stale.status == 409 && shown.contains("年一回</textarea>"), "{shown}");
    for login in ["csp2-head", "reception", "audit-lead"] {
        let mut other = Browser::signed_in(&house, login);
        assert_eq!((other.get(&edit).status, other.get(&report).status), (404, 404), "{login}");
    }
}
