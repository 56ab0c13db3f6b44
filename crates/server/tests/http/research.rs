//! Law and Diet: what people find, read, compare and collect, on a shelf of a fictional State.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use jiff::civil::{Date, date};
use sekisho_search::unit::{Corpus, Facet, Link, Role, Unit, UnitId};
use std::io::Read as _;

const LAW: &str = "599AC0000000001";

fn article(key: &str, number: &str, caption: &str, text: &str) -> Unit {
    Unit {
        id: format!("{LAW}/{key}"),
        group: format!("{LAW}@1"),
        work: LAW.into(),
        order: key.parse().unwrap_or(0),
        title: "架空届出法".into(),
        also: vec!["届出法".into()],
        number: number.into(),
        caption: caption.into(),
        path: vec!["第一章　総則".into()],
        text: text.into(),
        url: format!("https://laws.e-gov.go.jp/law/{LAW}"),
        date: Some(date(2020, 4, 1)),
        from: Some(date(2020, 4, 1)),
        facets: vec![(Facet::Kind, "Act".into()), (Facet::Category, "行政".into())],
        ..Unit::default()
    }
}

/// A law in two revisions: the second article was changed in 2024.
fn law() -> Vec<Unit> {
    let cites = "前条の届出は、\n一　書面\n二　電磁的方法\nによる。\n２　第五条第二項を準用する。";
    let at = cites.find("第五条").unwrap();
    let link = Link {
        start: u32::try_from(at).unwrap(),
        end: u32::try_from(at + "第五条第二項".len()).unwrap(),
        to: UnitId::new(format!("{LAW}/5")),
        within: "第二項".into(),
    };
    let mut all = vec![
        article("1", "第一条", "目的", "この法律は、架空の届出について定める。"),
        Unit { links: vec![link], ..article("2", "第二条", "届出の方法", cites) },
        Unit {
            until: Some(date(2024, 4, 1)),
            ..article("5", "第五条", "期限", "架空大臣への届出は、三十日以内にしなければならない。")
        },
        article(
            "709",
            "第七百九条",
            "賠償",
            "届出を怠った者は、これによって生じた損害を賠償する責任を負う。\n２　前項の<b>責任</b>は免れない。",
        ),
    ];
    all.push(Unit {
        group: format!("{LAW}@2"),
        from: Some(date(2024, 4, 1)),
        ..article(
            "5",
            "第五条",
            "期限",
            "架空知事への届出は、十日以内にしなければならない。\n２　やむを得ないときは、この限りでない。",
        )
    });
    all
}

fn speech(order: u32, name: &str, post: &str, role: Role, text: &str) -> Unit {
    let mut facets: Vec<(Facet, String)> = [
        (Facet::Kind, "speech"),
        (Facet::House, "衆議院"),
        (Facet::Meeting, "架空委員会"),
        (Facet::Session, "299"),
        (Facet::Speaker, name),
    ]
    .map(|(facet, value)| (facet, value.to_owned()))
    .to_vec();
    facets.push(if post.is_empty() { (Facet::Party, "架空会".into()) } else { (Facet::Post, post.into()) });
    Unit {
        id: format!("129904999X00320990205_{order:03}"),
        group: "129904999X00320990205".into(),
        order,
        title: "架空委員会".into(),
        number: "第3号".into(),
        text: text.into(),
        url: format!("https://kokkai.ndl.go.jp/txt/129904999X00320990205/{order}"),
        date: Some(date(2025, 2, 5)),
        role,
        facets,
        ..Unit::default()
    }
}

fn sitting() -> Vec<Unit> {
    let written = |key: &str, order: u32, role: Role, text: &str| Unit {
        id: format!("shugiin-299-3/{key}"),
        group: "shugiin-299-3".into(),
        order,
        title: "架空税に関する質問主意書".into(),
        text: text.into(),
        date: Some(date(2025, 2, 4)),
        role,
        facets: vec![(Facet::Kind, "written".into()), (Facet::House, "衆議院".into())],
        ..Unit::default()
    };
    vec![
        speech(1, "架空太郎", "", Role::Presides, "○架空委員長　これより会議を開きます。架空花子君。"),
        speech(2, "架空花子", "", Role::Asks, "○架空（花）委員　架空税の減免について伺います。"),
        speech(3, "架空次郎", "架空大臣", Role::Answers, "○架空国務大臣　架空税の減免は考えておりません。"),
        speech(4, "架空花子", "", Role::Asks, "○架空（花）委員　それでは、納期の延長を伺います。"),
        speech(5, "架空次郎", "架空大臣", Role::Answers, "○架空国務大臣　納期の延長を検討してまいります。"),
        speech(6, "架空太郎", "", Role::Presides, "○架空委員長　本日はこれにて散会いたします。"),
        written("q", 0, Role::Asks, "架空税の使途を問う。"),
        written("a", 1, Role::Answers, "架空税の使途については、お答えすることは困難である。"),
    ]
}

fn put(house: &House, corpus: Corpus, units: &[Unit]) {
    let shelf = house.installation().library.shelf(corpus).unwrap();
    let mut writing = shelf.write().unwrap();
    for unit in units {
        assert!(writing.put(unit).unwrap(), "{}", unit.id);
    }
    writing.commit().unwrap();
}

fn library() -> House {
    let house = House::with_accounts();
    put(&house, Corpus::Law, &law());
    put(&house, Corpus::Diet, &sitting());
    house
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[track_caller]
fn shown(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text()
}

#[test]
fn a_question_in_figures_finds_the_article_in_kanji_and_marks_it() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&staff.get(&format!("/research/law?q={}", encoded("709条の損害賠償"))));
    assert!(
        page.contains(&format!("<a href=\"/research/law/{LAW}/709\">架空届出法 第<mark>七百九条</mark></a>")),
        "{page}"
    );
    assert!(page.contains("<mark>賠償</mark>") && page.contains("<mark>損害</mark>"), "{page}");
    for text in ["第一章　総則", "2020年4月1日公布", "本文と見出しの一致", "公式の所在", "調査メモに加える"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    // Texts of others are text.
    assert!(!page.contains("<b>責任"), "{page}");
    // The part that the script asks for is the same list without the frame.
    let part = shown(&staff.get(&format!("/research/law?part=results&q={}", encoded("709条の損害賠償"))));
    assert!(part.contains("class=\"hits\"") && !part.contains("<html"), "{part}");
    let script = staff.get("/research.js");
    assert_eq!(script.status, 200);
}

#[test]
fn hits_are_narrowed_by_what_they_have_in_common_and_by_days() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let question = encoded("架空税の減免");
    let page = shown(&staff.get(&format!("/research/diet?q={question}")));
    for text in
        ["架空次郎（架空大臣）", "第299回国会", "2025年2月5日", "政府の答弁なので前に置く", "質問主意書・答弁書"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let narrow = format!("speaker={}", form("架空花子"));
    assert!(page.contains(&narrow), "{page}");
    let page = shown(&staff.get(&format!("/research/diet?q={question}&{narrow}")));
    assert!(page.contains("架空花子（架空会）") && !page.contains("架空次郎（架空大臣）"), "{page}");
    assert!(page.contains("発言者: 架空花子"), "{page}");
    let page = shown(&staff.get(&format!("/research/diet?q={question}&since=2025-03-01")));
    assert!(page.contains("見つかりませんでした。") && page.contains("絞り込みをすべて外す"), "{page}");
    // The law of a day: what was not yet in force is not found.
    let article = |page: &str| page.contains("架空<mark>知事</mark>") || page.contains("<mark>架空知事</mark>");
    let question = encoded("架空知事");
    assert!(article(&shown(&staff.get(&format!("/research/law?q={question}")))));
    assert!(!article(&shown(&staff.get(&format!("/research/law?q={question}&as_of=2023-01-01")))));
}

fn form(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[test]
fn all_hits_go_into_a_file() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let address = |format: &str| format!("/research/diet?q={}&format={format}", encoded("架空税"));
    let csv = staff.get(&address("csv"));
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text();
    assert!(text.starts_with('\u{feff}') && text.contains("架空次郎,架空大臣"), "{text}");
    assert!(staff.get(&address("xlsx")).body.starts_with(b"PK"));
}

#[test]
fn nothing_is_asked_or_nothing_is_there_and_the_page_says_how_to_go_on() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&staff.get("/research/law"));
    assert!(page.contains("sekisho import laws") && !page.contains("庁内文書"), "{page}");
    put(&house, Corpus::Law, &law());
    let page = shown(&staff.get("/research/law"));
    assert!(page.contains("たとえば") && page.contains("法令 1 件"), "{page}");
    assert!(shown(&staff.get("/research")).contains("たとえば"));
    assert!(staff.get("/").text().contains("<a href=\"/research\">法令・国会</a>"));
}

#[test]
fn hostile_questions_get_a_clear_answer() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    for question in
        ["(a+)+$", ".*{99999}", "\"届出\" AND NOT (", "\u{0}\u{7}\u{1b}[31m", "<script>alert(1)</script>", "？", "　 "]
    {
        let reply = staff.get(&format!("/research/law?q={}", encoded(question)));
        let page = shown(&reply);
        assert!(!page.contains("<script>alert") && !page.contains('\u{0}'), "{question}: {page}");
    }
    let long = staff.get(&format!("/research/law?q={}", encoded(&"届出の期限".repeat(500))));
    assert!(shown(&long).contains("質問が長いので"));
    // A megabyte is no address.
    let reply = staff.get(&format!("/research/law?q={}", "a".repeat(1_000_000)));
    assert!((400..500).contains(&reply.status), "{}", reply.status);
    let reply = staff.get(&format!("/research/law?q={}&since=tomorrow&until=0", encoded("届出")));
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("2026-04-01 の形で"), "{}", reply.text());
    for missing in ["/research/law/none", "/research/law/none/1", "/research/diet/none", "/research/document/none"] {
        assert_eq!(staff.get(missing).status, 404, "{missing}");
    }
    assert_eq!(staff.get(&format!("/research/law/{LAW}?as_of=x")).status, 400);
}

#[test]
fn a_law_is_read_with_anchors_references_and_who_cites() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&staff.get(&format!("/research/law/{LAW}")));
    for text in [
        "id=\"a709\"",
        "id=\"a709-2\"",
        "id=\"a2-1-2\"",
        "令和九十九年法律第一号",
        "第一章　総則",
        "略称 届出法",
        &format!("<a href=\"/research/law/{LAW}/5#a5-2\">第五条第二項</a>"),
        &format!("href=\"/research/law/{LAW}?at=709#a709\""),
        "架空知事への届出",
        "&#60;b&#62;責任",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let page = shown(&staff.get(&format!("/research/law/{LAW}?as_of=2021-01-01")));
    assert!(page.contains("架空大臣への届出") && !page.contains("架空知事"), "{page}");
    let page = shown(&staff.get(&format!("/research/law/{LAW}/5")));
    for text in [
        "架空届出法（令和九十九年法律第一号）第五条",
        "この条を引用している条文",
        &format!("<a href=\"/research/law/{LAW}/2\">架空届出法 第二条</a>"),
        "前: 第二条（届出の方法）",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

/// Given a law that defines a word and leaves a figure to an order, when an article that uses them is read, then the
/// word leads to its meaning and the figure to the order's article that decides it.
#[test]
fn words_lead_to_their_meaning_and_what_is_left_to_an_order_leads_to_the_order() {
    let house = library();
    let meaning = "この法律において「架空船」とは、人の乗らない船をいう。\n２　この条において「甲板」とは、床をいう。";
    let fee = "架空船の所有者は、政令で定める額及び架空省令で定める額を納める。";
    let decides = "届出法第十一条の政令で定める額は、三円とする。";
    let cited = "届出法第十一条";
    let link = Link {
        start: 0,
        end: u32::try_from(cited.len()).unwrap(),
        to: UnitId::new(format!("{LAW}/11")),
        within: String::new(),
    };
    let order = Unit {
        id: "599CO0000000002/3".into(),
        group: "599CO0000000002@1".into(),
        work: "599CO0000000002".into(),
        title: "架空届出法施行令".into(),
        links: vec![link],
        ..article("3", "第三条", "額", decides)
    };
    put(
        &house,
        Corpus::Law,
        &[article("10", "第十条", "定義", meaning), article("11", "第十一条", "料金", fee), order],
    );
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&staff.get(&format!("/research/law/{LAW}/11")));
    for text in [
        "用語の意味",
        "<dt>架空船</dt>",
        &format!("人の乗らない船をいう（<a href=\"/research/law/{LAW}/10#a10-1\">第十条（定義）</a>）"),
        "<dt>政令で定めるもの</dt>",
        "<a href=\"/research/law/599CO0000000002/3\">架空届出法施行令 第三条</a>",
        "<dt>架空省令で定めるもの</dt>",
        "この条を挙げて定めている条文は、取り込まれている法令の中にありません。",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("<dt>甲板</dt>"), "what holds in another article alone is not said here: {page}");
    let whole = shown(&staff.get(&format!("/research/law/{LAW}")));
    assert!(whole.contains("この法令で定義されている用語（2）") && whole.contains("この条に限る"), "{whole}");
}

#[test]
fn two_days_stand_side_by_side_with_the_changed_words_marked() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&staff.get(&format!("/research/law/{LAW}?as_of=2021-01-01&with=2025-01-01")));
    assert!(page.contains("<del>架空大臣</del>") && page.contains("<ins>架空知事</ins>"), "{page}");
    assert!(page.contains("変わらない条文（3）"), "{page}");
}

#[test]
fn a_sitting_is_read_in_its_exchanges_and_a_written_question_beside_its_answer() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&staff.get("/research/diet/129904999X00320990205?at=3"));
    assert!(page.contains("<details class=\"exchange\" open><summary>架空花子 → 架空次郎"), "{page}");
    assert_eq!(page.matches("class=\"exchange\" open").count(), 1, "{page}");
    assert_eq!(page.matches("class=\"exchange\"").count(), 2, "{page}");
    assert!(page.contains("id=\"s3\" aria-current=\"true\""), "{page}");
    assert!(page.contains("https://kokkai.ndl.go.jp/txt/129904999X00320990205/3"), "{page}");
    let page = shown(&staff.get("/research/diet/shugiin-299-3"));
    let (question, answer) = (page.find("架空税の使途を問う").unwrap(), page.find("お答えすることは困難").unwrap());
    assert!(page.contains("id=\"answer\"") && question < answer, "{page}");
}

#[test]
fn a_document_is_found_by_the_departments_it_is_for_and_nobody_else() {
    let house = library();
    let department = |role: &str| {
        let person = sekisho_domain::id::PersonId::new(house.person(role)).unwrap();
        house.register().person(&person).unwrap().department.to_string()
    };
    let (mine, other) = (department("staff"), department("auditor"));
    assert_ne!(mine, other);
    let document = |id: &str, readers: Vec<String>| Unit {
        id: id.into(),
        group: id.into(),
        title: format!("秘密の手順書{id}"),
        text: "秘密の手順をここに書く。".into(),
        readers,
        ..Unit::default()
    };
    put(
        &house,
        Corpus::Document,
        &[document("kan", vec![mine]), document("all", Vec::new()), document("none", vec!["nobody".into()])],
    );
    let question = format!("/research/document?q={}", encoded("秘密の手順"));
    let add = |id: &str| format!("/research/notes/add?corpus=document&unit={id}");
    for (role, sees) in [("staff", true), ("auditor", false)] {
        let mut browser = Browser::signed_in(&house, role);
        let page = shown(&browser.get(&question));
        assert_eq!(page.contains("手順書</mark>kan") || page.contains("document/kan"), sees, "{role}: {page}");
        assert!(page.contains("document/all") && !page.contains("document/none"), "{role}: {page}");
        let csv = browser.get(&format!("{question}&format=csv")).text();
        assert_eq!((csv.contains("手順書kan"), csv.contains("手順書none")), (sees, false), "{role}: {csv}");
        let expected = if sees { 200 } else { 404 };
        assert_eq!(browser.get("/research/document/kan").status, expected, "{role}");
        assert_eq!(browser.get(&add("kan")).status, expected, "{role}");
        assert_eq!(browser.get("/research/document/none").status, 404, "{role}");
        assert_eq!(browser.get(&add("none")).status, 404, "{role}");
    }
}

#[test]
fn what_is_collected_is_quoted_from_the_shelf_and_exported() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let add = format!("/research/notes/add?corpus=law&unit={LAW}/709");
    let page = shown(&staff.get(&add));
    assert!(page.contains("架空届出法（令和九十九年法律第一号）第七百九条"), "{page}");
    let sent = |staff: &mut Browser, fields: &[(&str, &str)]| {
        let page = staff.get(&add).text();
        let hidden = |name: &str| {
            page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        // The first token on the page is that of signing out; it is the session's too.
        let (token, once, unit) = (hidden("token"), hidden("once"), format!("{LAW}/709"));
        let mut all =
            vec![("token", token.as_str()), ("once", once.as_str()), ("corpus", "law"), ("unit", unit.as_str())];
        all.extend(fields);
        (staff.post("/research/notes/add", &all), staff.post("/research/notes/add", &all))
    };
    let (first, again) =
        sent(&mut staff, &[("title", "架空の調査"), ("part", "0"), ("note", "要確認"), ("quote", "偽り")]);
    let to = first.header("location").unwrap().to_owned();
    assert_eq!(again.header("location"), Some(to.as_str()), "the same form counts once");
    let path = to.split('?').next().unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    let (second, _) = sent(&mut staff, &[("dossier", &id), ("part", "1")]);
    assert_eq!(second.status, 303, "{}", second.text());
    let page = shown(&staff.get(&path));
    assert_eq!(page.matches("<blockquote").count(), 2, "{page}");
    assert!(page.contains("要確認") && !page.contains("偽り"), "{page}");
    assert!(page.contains("第七百九条第一項</a>") && page.contains("第七百九条第二項</a>"), "{page}");
    let at = |page: &str, text: &str| page.find(text).unwrap();
    assert!(at(&page, "届出を怠った者") < at(&page, "免れない"));

    // Moving, noting and removing; a page that was opened before changes nothing.
    let item = page.split("name=\"item\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let act = |staff: &mut Browser, version: &str, act: &str| {
        staff.post(&path, &[("token", &token), ("version", version), ("item", &item), ("act", act)])
    };
    assert_eq!(act(&mut staff, "2", "down").status, 303);
    let page = shown(&staff.get(&path));
    assert!(at(&page, "届出を怠った者") > at(&page, "免れない"), "{page}");
    assert_eq!(act(&mut staff, "2", "remove").status, 422);

    let markdown = staff.get(&format!("{path}/export?format=md")).text();
    assert!(markdown.starts_with("# 架空の調査\n") && markdown.contains("> 届出を怠った者は"), "{markdown}");
    let word = staff.get(&format!("{path}/export?format=docx")).body;
    let document =
        sekisho_detect::document::read("notes.docx", &word, &sekisho_detect::document::Limits::default()).unwrap();
    let text = format!("{document:?}");
    assert!(
        text.contains("届出を怠った者は") && text.contains("架空届出法（令和九十九年法律第一号）第七百九条"),
        "{text}"
    );
    let mut names = String::new();
    zip::ZipArchive::new(std::io::Cursor::new(word))
        .unwrap()
        .by_name("[Content_Types].xml")
        .unwrap()
        .read_to_string(&mut names)
        .unwrap();

    // It is nobody else's.
    let mut other = Browser::signed_in(&house, "applicant");
    assert_eq!(other.get(&path).status, 404);
    assert_eq!(other.get(&format!("{path}/export?format=md")).status, 404);
    assert!(!other.get("/research/notes").text().contains("架空の調査"));
    assert_eq!(act(&mut staff, "3", "remove").status, 303);
    assert_eq!(shown(&staff.get(&path)).matches("<blockquote").count(), 1);
}

#[test]
fn a_search_is_saved_under_a_name_and_no_other_address_is() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let search = format!("/research/law?q={}", encoded("届出"));
    let page = shown(&staff.get(&format!("/research/searches?of={}", encoded(&search))));
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let reply =
        staff.post("/research/searches", &[("token", &token), ("once", "1"), ("of", &search), ("title", "届出のこと")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = shown(&staff.get("/research/searches"));
    assert!(page.contains(&format!("<a href=\"{search}\">届出のこと</a>")), "{page}");
    for bad in ["https://evil.example/?q=x", "/signout?q=x", "/research/law", "//evil.example/research/law?q=x"] {
        let reply = staff.post("/research/searches", &[("token", &token), ("once", "2"), ("of", bad), ("title", "x")]);
        assert_eq!(reply.status, 422, "{bad}");
    }
}

/// A law as long as the longest.
#[test]
fn a_long_law_is_read_a_part_at_a_time() {
    let house = House::with_accounts();
    let units: Vec<Unit> = (1..=1_500_u32)
        .map(|n| Unit {
            id: format!("{LAW}/{n}"),
            group: format!("{LAW}@1"),
            order: n,
            path: vec![format!("第{}章", n / 50)],
            ..article("1", &format!("第{n}条"), "架空", &"架空の届出をする者は、架空大臣に届け出る。\n".repeat(8))
        })
        .collect();
    put(&house, Corpus::Law, &units);
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&staff.get(&format!("/research/law/{LAW}?at=700#a700")));
    assert!(page.contains("id=\"a700\"") && !page.contains("id=\"a1\""), "{}", page.len());
    assert!(page.contains("次の部分") && page.contains("前の部分"));
}

#[test]
fn a_day_before_all_revisions_says_so() {
    let house = library();
    let mut staff = Browser::signed_in(&house, "staff");
    let day: Date = date(1990, 1, 1);
    let page = shown(&staff.get(&format!("/research/law/{LAW}?as_of={day}")));
    assert!(page.contains("この日に効力のある条文はありません"), "{page}");
}

#[test]
fn people_of_providers_and_audit_firms_are_no_readers() {
    let house = House::with_scheme();
    let mut outsider = Browser::signed_in(&house, "csp");
    for path in ["/research", "/research/law?q=x", "/research/diet", "/research/document", "/research/notes"] {
        assert_eq!(outsider.get(path).status, 403, "{path}");
    }
}
