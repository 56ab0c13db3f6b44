//! 文書管理: what is kept, held, destroyed and disclosed, as people do it on the pages.

use crate::browser::Browser;
use crate::chat::began;
use crate::client::Reply;
use crate::house::{House, sekisho, text};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _};

const LOCAL: &str = "kakuu-local";
const DAY: i64 = 86_400;

/// Sends a form of a page: its token, and these fields.
#[track_caller]
fn send(browser: &mut Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
    let shown = browser.get(page);
    assert_eq!(shown.status, 200, "{page}: {}", shown.text());
    let shown = shown.text();
    assert!(shown.contains(&format!("action=\"{action}\"")), "{page} has no form to {action}: {shown}");
    let token =
        shown.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    // And what it says of the texts that were read on it.
    let hidden = shown.split("<input type=\"hidden\" name=\"").skip(1);
    let seen: Vec<(&str, &str)> = hidden
        .filter_map(|rest| Some((rest.split_once('"')?.0, rest.split_once("value=\"")?.1.split_once('"')?.0)))
        .filter(|(name, _)| name.ends_with(".seen"))
        .collect();
    let mut all = vec![("token", token.as_str())];
    all.extend(seen);
    all.extend(fields);
    browser.post(action, &all)
}

/// The same, and it is done.
#[track_caller]
fn done(browser: &mut Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> String {
    let reply = send(browser, page, action, fields);
    assert_eq!(reply.status, 303, "{action}: {}", reply.text());
    reply.header("location").unwrap().to_owned()
}

#[track_caller]
fn shown(browser: &mut Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.text()
}

/// What nobody looked at goes after a day.
fn one_day(house: &House) {
    let term = json!({ "days": { "days": 1, "ground": "routine" } });
    let content = json!({ "line": "undetermined", "term": term });
    let reply = house.by("manager").command("retention.set", &content);
    assert_eq!(reply.status, 201, "{}", reply.text());
}

fn kept(house: &House, of: &str) -> bool {
    let installation = house.installation();
    house.block_on(async {
        let row = installation.store.use_row(&of.parse().unwrap()).await.unwrap();
        let request = installation.store.is_sealed(row.opened).await.unwrap();
        assert_eq!(request, row.closed > 0 && installation.store.is_sealed(row.closed).await.unwrap());
        request
    })
}

/// The page of a disposal once it is done.
#[track_caller]
fn until_done(browser: &mut Browser, path: &str) -> String {
    for _ in 0..200 {
        let page = shown(browser, path);
        if page.contains("廃棄証明が") || page.contains("id=\"certificate\"") {
            return page;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the disposal does not end: {}", shown(browser, path));
}

fn drafted(keeper: &mut Browser) -> String {
    let page = shown(keeper, "/records/disposals");
    let once = page.split("name=\"once\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let as_of = page.split("id=\"as_of\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)).unwrap();
    let as_of = as_of.split('"').next().unwrap().to_owned();
    let fields = [("once", once.as_str()), ("as_of", as_of.as_str())];
    let to = done(keeper, "/records/disposals", "/records/disposals", &fields);
    // The same form sent twice makes one list.
    let reply = send(keeper, "/records/disposals", "/records/disposals", &fields);
    assert_eq!(reply.header("location"), Some(to.as_str()), "{}", reply.text());
    to.split('?').next().unwrap().to_owned()
}

#[test]
fn what_is_over_is_destroyed_on_a_list_that_another_approved_and_every_proof_stays_valid() {
    let house = House::with_accounts();
    let gone = house.by("staff").chat(LOCAL, "要約してください。").used();
    let document = house.by("staff").chat(LOCAL, "残すべき検討です。").used();
    let mut staff = Browser::signed_in(&house, "staff");
    let record = format!("/me/uses/{document}");
    assert!(shown(&mut staff, &record).contains("未判定（行政文書として扱います）"));
    let classify = format!("{record}/classify");
    let reply = send(&mut staff, &record, &classify, &[("status", "document"), ("title", ""), ("term", "y10")]);
    assert!(reply.status == 422 && reply.text().contains("文書の名称を入力してください"), "{}", reply.text());
    let reply = send(&mut staff, &record, &classify, &[("status", "memo"), ("memo.shared", "on")]);
    assert!(reply.status == 422 && reply.text().contains("個人的メモにできません"), "{}", reply.text());
    done(&mut staff, &record, &classify, &[("status", "document"), ("title", "架空の検討"), ("term", "y10")]);
    let page = shown(&mut staff, &record);
    assert!(page.contains("行政文書「架空の検討」") && page.contains("10年"), "{page}");
    // The use of another is a page that is not there.
    let others = house.by("approver").chat(LOCAL, "別の人の利用").used();
    let reply = staff.post(&format!("/me/uses/{others}/classify"), &[("status", "memo")]);
    assert!(matches!(reply.status, 400 | 403 | 404), "{}", reply.status);

    // Who keeps the records says it of any use, and is not told whose it is.
    let mut keeper = Browser::signed_in(&house, "manager");
    assert_eq!(keeper.get("/oversight/uses").status, 403);
    assert!(keeper.get("/records/uses?of=u-none").text().contains("その利用の記録はありません"));
    let found = keeper.get(&format!("/records/uses?of={document}"));
    let page = format!("/records/uses/{document}");
    assert_eq!(found.header("location"), Some(page.as_str()));
    let text = shown(&mut keeper, &page);
    assert!(
        text.contains("架空の検討") && !text.contains("企画 花子") && !text.contains(house.person("staff")),
        "{text}"
    );
    let longer = [("status", "document"), ("title", "架空の検討"), ("term", "y30")];
    done(&mut keeper, &page, &format!("{page}/classify"), &longer);
    assert!(shown(&mut keeper, &page).contains("30年"));

    one_day(&house);
    house.pass(3 * DAY);
    let young = house.by("staff").chat(LOCAL, "今日の利用です。").used();
    let mut keeper = Browser::signed_in(&house, "manager");
    let path = drafted(&mut keeper);
    let page = shown(&mut keeper, &path);
    assert!(page.contains("利用 2 件") && page.contains("承認待ち"), "{page}");
    assert!(!page.contains("この廃棄簿を承認する"), "who drew it up does not approve it");
    let list = shown(&mut keeper, &format!("{path}/list.csv"));
    assert!(list.contains(&gone) && list.contains(&others) && !list.contains(&document) && !list.contains(&young));
    let mut ciso = Browser::signed_in(&house, "ciso");
    assert!(shown(&mut ciso, "/").contains("承認を待つ廃棄簿が 1 件"));
    done(&mut ciso, &path, &path, &[("act", "approve"), ("consent", "架第1号")]);
    assert!(!shown(&mut ciso, &path).contains("廃棄を実施する"), "the CISO does not carry it out");
    assert!(kept(&house, &gone), "nothing goes before it begins");
    done(&mut keeper, &path, &path, &[("act", "begin")]);
    let page = until_done(&mut keeper, &path);
    assert!(page.contains("封緘した内容 4 件") && page.contains("架第1号"), "{page}");
    assert!(!kept(&house, &gone) && !kept(&house, &others));
    assert!(kept(&house, &document) && kept(&house, &young));
    // What is destroyed can no longer be found to be something.
    let content =
        json!({ "use": gone, "status": { "status": "personal_memo", "shared": false, "traces_decision": false } });
    house.by("manager").command("record.classify", &content).error(409, "WRONG_STATE");
    // The books of this house are verified when it closes, the list of the disposal with them.
    let verified = house.closed();
    assert_eq!(verified["lists"], json!({ "counted": 1, "unfollowed": [] }), "{verified}");
}

#[test]
fn a_conversation_goes_with_the_last_of_its_uses() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let (conversation, _) = began(&mut staff, &house, LOCAL, "架空の会話です。");
    assert!(shown(&mut staff, &conversation).contains("架空の会話です。"));
    one_day(&house);
    house.pass(3 * DAY);
    let mut keeper = Browser::signed_in(&house, "manager");
    let path = drafted(&mut keeper);
    let mut ciso = Browser::signed_in(&house, "ciso");
    done(&mut ciso, &path, &path, &[("act", "approve")]);
    done(&mut keeper, &path, &path, &[("act", "begin")]);
    let page = until_done(&mut keeper, &path);
    assert!(page.contains("会話など 1 件"), "{page}");
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!(staff.get(&conversation).status, 404);
}

#[test]
fn what_is_held_stays_and_is_erased_by_nobody() {
    let house = House::with_accounts();
    let held = house.by("staff").chat(LOCAL, "訴訟に関わります。").used();
    let free = house.by("approver").chat(LOCAL, "関わりません。").used();
    one_day(&house);
    let mut auditor = Browser::signed_in(&house, "auditor");
    let fields = [("once", "x"), ("title", "架空の訴訟"), ("ground", "dispute"), ("reason", "")];
    let reply = send(&mut auditor, "/records/holds", "/records/holds", &fields);
    assert!(reply.status == 422 && reply.text().contains("停止の理由を入力してください"), "{}", reply.text());
    let nobody = [&fields[..3], &[("reason", "訴状"), ("person", "存在しない人")]].concat();
    let reply = send(&mut auditor, "/records/holds", "/records/holds", &nobody);
    assert!(reply.status == 422 && reply.text().contains("名簿にいません"), "{}", reply.text());
    let named = [&fields[..3], &[("reason", "訴状"), ("person", "企画 花子")]].concat();
    done(&mut auditor, "/records/holds", "/records/holds", &named);
    let page = shown(&mut auditor, "/records/holds");
    assert!(page.contains("職員 企画 花子") && page.contains("停止中"), "{page}");
    house.pass(3 * DAY);
    let erase = |of: &str| house.by("ciso").command("content.erase", &json!({ "use": of }));
    erase(&held).error(409, "ON_HOLD");
    let mut keeper = Browser::signed_in(&house, "manager");
    let path = drafted(&mut keeper);
    assert!(shown(&mut keeper, &path).contains("利用 1 件"));
    assert_eq!(erase(&free).status, 201);
    // The list is no longer what it was: it cannot be carried out.
    let mut ciso = Browser::signed_in(&house, "ciso");
    done(&mut ciso, &path, &path, &[("act", "approve")]);
    let reply = send(&mut keeper, &path, &path, &[("act", "begin")]);
    assert!(reply.status == 422 && reply.text().contains("一致しません"), "{}", reply.text());
    assert!(kept(&house, &held));
    let mut auditor = Browser::signed_in(&house, "auditor");
    let page = shown(&mut auditor, "/records/holds");
    let id = page.split("/records/holds/hold-").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let (lift, why) = (format!("/records/holds/hold-{id}/lift"), format!("why-hold-{id}"));
    done(&mut auditor, "/records/holds", &lift, &[(why.as_str(), "和解")]);
    assert_eq!(erase(&held).status, 201);
}

#[test]
fn a_request_for_disclosure_is_answered_completely_masked_by_hand_and_provably() {
    let house = House::with_accounts();
    let found = house.by("staff").chat(LOCAL, "架空橋の担当は山田太郎、電話は 03-5253-1111 です。").used();
    let without = house.by("staff").chat(LOCAL, "別の話です。").used();
    let erased = house.by("staff").chat(LOCAL, "架空橋の古い話です。").used();
    assert_eq!(house.by("ciso").command("content.erase", &json!({ "use": erased })).status, 201);
    let mut keeper = Browser::signed_in(&house, "manager");
    let fields = [
        ("once", "y"),
        ("received", &house.today().to_string()),
        ("asked", "架空橋に関する生成AIの利用"),
        ("words", "ｶｸｳ\n架空橋"),
        ("person", "企画 花子"),
    ];
    let to = done(&mut keeper, "/records/disclosures", "/records/disclosures", &fields);
    let path = to.split('?').next().unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    let page = shown(&mut keeper, &path);
    assert!(!page.contains("対象を調べる") && page.contains("閲覧への同意待ち"), "{page}");
    assert_eq!(keeper.get(&format!("{path}/uses/{found}")).status, 404, "nobody has agreed yet");
    // Nothing of its scope is destroyed from now on.
    let erase = house.by("ciso").command("content.erase", &json!({ "use": found }));
    erase.error(409, "ON_HOLD");
    let mut auditor = Browser::signed_in(&house, "auditor");
    done(&mut auditor, &path, &path, &[("act", "grant"), ("reason", "請求書を確認")]);
    assert_eq!(auditor.get(&format!("{path}/uses/{found}")).status, 403, "who agrees does not read");

    done(&mut keeper, &path, &path, &[("act", "find")]);
    let page = shown(&mut keeper, &path);
    for text in [
        "<dt>対象の利用</dt><dd>3 件</dd>",
        "<dd>1 件（不開示の箇所を確認済み 0 件）</dd>",
        "確認待ち",
        "語なし",
        "廃棄済み",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("ファイルを作る</button>"), "nobody has looked yet");
    let review = format!("{path}/uses/{found}");
    let page = shown(&mut keeper, &review);
    assert!(page.contains("<mark>[2] 03-5253-1111</mark>"), "{page}");
    // A phrase that stands nowhere is a slip: it would mask nothing.
    let boxes = [("request.1", "on"), ("ground", "person")];
    let reply = send(&mut keeper, &review, &review, &[&boxes[..], &[("phrases", "山田次郎")]].concat());
    assert!(reply.status == 422 && reply.text().contains("見当たらない語句"), "{}", reply.text());
    // A form that was made of another text than the one that is there now masks nothing.
    let token = page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let reply =
        keeper.post(&review, &[("token", token), ("request.seen", "x"), ("request.0", "on"), ("request.1", "on")]);
    assert!(reply.status == 422 && reply.text().contains("内容が変わりました"), "{}", reply.text());
    let to = done(&mut keeper, &review, &review, &[&boxes[..], &[("phrases", "山田太郎")]].concat());
    assert_eq!(to, format!("{path}?done=reviewed"));

    let make = format!("{path}/file");
    let file = send(&mut keeper, &path, &make, &[]);
    assert_eq!(file.status, 200, "{}", file.text());
    let mut zip = zip::ZipArchive::new(Cursor::new(file.body.clone())).unwrap();
    let mut all = String::new();
    for at in 0..zip.len() {
        zip.by_index(at).unwrap().read_to_string(&mut all).unwrap();
    }
    assert!(all.contains("担当は■■■（不開示: 個人に関する情報）"), "{all}");
    for hidden in ["山田太郎", "03-5253-1111", house.person("staff"), "企画 花子"] {
        assert!(!all.contains(hidden), "{hidden}: {all}");
    }
    for listed in [&found, &without, &erased] {
        assert!(all.contains(listed.as_str()), "{listed} is left out: {all}");
    }
    assert!(all.contains("探した語を含まない") && all.contains("内容なし"), "{all}");
    // The openings prove that what was masked was masked in the very text that the ledger commits to.
    let openings: Value = serde_json::from_str(&shown(&mut keeper, &format!("{path}/openings.json"))).unwrap();
    let one = &openings[0];
    assert_eq!((one["use"].as_str(), one["part"].as_str()), (Some(found.as_str()), Some("request")), "{one}");
    let recorded = house.recorded(&found)["entries"][0]["entry"]["data"]["commitment"].as_str().unwrap().to_owned();
    assert!(all.contains(&recorded), "the list says to what the ledger commits: {all}");
    for other in ["auditor", "ciso"] {
        let mut browser = if other == "auditor" { auditor.clone() } else { Browser::signed_in(&house, other) };
        assert_eq!(browser.get(&format!("{path}/openings.json")).status, 403, "{other}");
    }
    let reply = send(&mut keeper, &path, &path, &[("act", "close"), ("decision", "")]);
    assert!(reply.status == 422 && reply.text().contains("決定の内容を入力してください"), "{}", reply.text());
    done(&mut keeper, &path, &path, &[("act", "close"), ("decision", "一部開示")]);
    assert_eq!(keeper.get(&review).status, 404, "what is closed is read by nobody");
    assert_eq!(house.by("ciso").command("content.erase", &json!({ "use": found })).status, 201);
    for name in ["disclosure.hand_out", "disposal.draft", "disposal.begin", "disposal.complete"] {
        house.by("manager").command(name, &json!({})).error(400, "BY_PAGES_ONLY");
    }
    assert!(id.starts_with("disclosure-"));
    let verified = house.closed();
    assert_eq!(verified["lists"], json!({ "counted": 1, "unfollowed": [] }), "{verified}");
}

/// Who says in the ledger that a list is another one than it is, is found by whoever counts.
#[test]
fn a_list_that_does_not_follow_from_the_uses_is_named() {
    use sekisho_domain::command::{Actor, Command, HandOutDisclosure, Occasion};
    use sekisho_domain::records::disclosure::HandedOut;
    let house = House::with_accounts();
    house.by("staff").chat(LOCAL, "架空です。").used();
    let open = json!({ "received": house.today(), "asked": "架空", "scope": {}, "words": [] });
    let opened = house.must("manager", "disclosure.open", &open);
    let id = opened["events"][0]["data"]["disclosure"].as_str().unwrap().to_owned();
    house.must("auditor", "disclosure.grant", &json!({ "disclosure": id }));
    let what = HandedOut {
        digest: "0".repeat(64),
        entries: house.register().position() + 10,
        uses: 0,
        without_content: 0,
        found: 0,
        masked: 0,
        sha256: "0".repeat(64),
    };
    let command = Command::HandOutDisclosure(HandOutDisclosure {
        disclosure: id.parse().unwrap(),
        what,
        counted_at: house.register().position(),
    });
    let occasion = Occasion {
        actor: Actor::Person(house.person("manager").parse().unwrap()),
        at: house.now(),
        reason: String::new(),
        documents: Vec::new(),
        fresh: "x".into(),
    };
    let installation = house.installation();
    house.block_on(installation.journal.govern(occasion, command, Vec::new())).unwrap().unwrap();
    let copy = house.place("told-otherwise");
    let exported = sekisho(&["ledger", "export", "--data", &text(&house.data()), "--out", &text(&copy)]);
    assert_eq!(exported.status.code(), Some(0), "{exported:?}");
    let verified = sekisho(&["--json", "ledger", "verify", &text(&copy)]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
    let fault = &verified["lists"]["unfollowed"][0];
    assert_eq!((fault["of"].as_str(), &fault["counted"]["uses"]), (Some(id.as_str()), &json!(1)), "{verified}");
    house.abandoned();
}
