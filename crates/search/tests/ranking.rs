//! What is put on a shelf is found again, by whom it may be and no one else.
#![expect(clippy::unwrap_used, reason = "a test")]

use sekisho_search::rank::{Question, rank};
use sekisho_search::shelf::{Narrowing, Shelf, ShelfError};
use sekisho_search::unit::{Corpus, Facet, Link, Role, Unit, UnitId};

fn article(number: &str, caption: &str, text: &str) -> Unit {
    Unit {
        id: format!("999AC0000000001/{number}"),
        group: "999AC0000000001".into(),
        title: "架空港湾法".into(),
        number: format!("第{number}条"),
        caption: caption.into(),
        text: text.into(),
        ..Unit::default()
    }
}

fn shelf(units: &[Unit]) -> (tempfile::TempDir, Shelf) {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), Corpus::Law).unwrap();
    let mut writing = shelf.write().unwrap();
    units.iter().for_each(|unit| assert!(writing.put(unit).unwrap()));
    writing.commit().unwrap();
    (folder, shelf)
}

fn found(shelf: &Shelf, question: &Question) -> Vec<String> {
    rank(&shelf.read(), question).unwrap().into_iter().map(|hit| hit.unit.to_string()).collect()
}

fn asked(text: &str) -> Question {
    Question { text: text.into(), limit: 10, ..Question::default() }
}

fn harbour() -> Vec<Unit> {
    vec![
        article("1", "目的", "この法律は、港湾の架空の整備を図ることを目的とする。"),
        article("5", "係留の許可", "船舶を係留しようとする者は、架空大臣の許可を受けなければならない。"),
        article(
            "6",
            "許可の取消し",
            "架空大臣は、係留の許可を受けた者が第三十条に違反したときは、許可を取り消すことができる。",
        ),
        article("30", "罰則", "第五条の規定に違反した者は、三十万円以下の罰金に処する。"),
    ]
}

#[test]
fn given_units_on_a_shelf_when_asked_in_words_then_the_best_stands_first_and_says_why() {
    let (_folder, shelf) = shelf(&harbour());
    let hits = rank(&shelf.read(), &asked("船舶の係留には許可が要りますか")).unwrap();
    assert_eq!(hits[0].unit, UnitId::new("999AC0000000001/5"));
    assert!((hits[0].score - hits[0].why.sum()).abs() < 1e-6);
    assert_eq!(shelf.read().unit(&hits[0].unit, "2026-01-01".parse().unwrap()).unwrap().unwrap().caption, "係留の許可");
}

#[test]
fn given_figures_in_any_writing_then_the_same_article_is_found() {
    let (_folder, shelf) = shelf(&harbour());
    for text in ["罰金３０万円", "罰金30万円", "罰金三十万円"] {
        assert_eq!(found(&shelf, &asked(text))[0], "999AC0000000001/30", "{text}");
    }
}

#[test]
fn given_a_law_that_is_put_again_then_its_new_units_alone_are_found() {
    let (_folder, shelf) = shelf(&harbour());
    let mut writing = shelf.write().unwrap();
    writing.put(&article("5", "係留の届出", "船舶を係留しようとする者は、架空大臣に届け出る。")).unwrap();
    writing.commit().unwrap();
    assert_eq!(found(&shelf, &asked("船舶の係留の許可")), ["999AC0000000001/5"]);
    assert_eq!(shelf.read().group("999AC0000000001").unwrap().len(), 1);
}

#[test]
fn given_a_unit_that_is_to_be_left_out_then_it_is_as_if_it_were_not_there() {
    let (_folder, shelf) = shelf(&harbour());
    let without = Some(UnitId::new("999AC0000000001/5"));
    let found = found(&shelf, &Question { without, ..asked("船舶の係留の許可") });
    assert!(!found.is_empty() && !found.contains(&"999AC0000000001/5".to_owned()));
}

#[test]
fn given_documents_with_readers_then_nobody_else_finds_them() {
    let mut secret = article("7", "内規", "係留料の減免の内部基準を定める。");
    secret.readers = vec!["dept-harbour".into(), "dept-finance".into()];
    let mut units = harbour();
    units.push(secret);
    let (_folder, shelf) = shelf(&units);
    let with = |marks: &[&str]| {
        let narrowing = Narrowing { marks: marks.iter().map(|m| (*m).to_owned()).collect(), ..Narrowing::default() };
        found(&shelf, &Question { narrowing, ..asked("係留料の減免の内部基準") })
            .contains(&"999AC0000000001/7".to_owned())
    };
    assert!(!with(&[]));
    assert!(!with(&["dept-other"]));
    assert!(with(&["dept-finance"]));
    assert!(with(&["dept-other", "dept-harbour"]));
}

#[test]
fn given_speeches_then_they_are_narrowed_by_day_and_house_and_answers_come_before_questions() {
    let speech = |id: &str, house: &str, day: &str, role: Role| Unit {
        id: id.into(),
        group: format!("meeting-{day}"),
        title: "架空委員会".into(),
        text: "架空港の浚渫の費用について申し上げます。".into(),
        date: Some(day.parse().unwrap()),
        role,
        facets: vec![(Facet::House, house.into())],
        ..Unit::default()
    };
    let (_folder, shelf) = shelf(&[
        speech("q", "衆議院", "2025-02-05", Role::Asks),
        speech("a", "衆議院", "2025-02-06", Role::Answers),
        speech("b", "参議院", "2025-03-01", Role::Answers),
    ]);
    let narrowed = |narrowing: Narrowing| {
        let mut found = found(&shelf, &Question { narrowing, ..asked("浚渫の費用") });
        let last = found.last().cloned();
        found.sort();
        (found, last)
    };
    assert_eq!(narrowed(Narrowing::default()).1.as_deref(), Some("q"));
    let facets = vec![(Facet::House, "参議院".to_owned())];
    assert_eq!(narrowed(Narrowing { facets, ..Narrowing::default() }).0, ["b"]);
    let until = Some("2025-02-05".parse().unwrap());
    assert_eq!(narrowed(Narrowing { until, ..Narrowing::default() }).0, ["q"]);
    let since = Some("2025-02-06".parse().unwrap());
    assert_eq!(narrowed(Narrowing { since, ..Narrowing::default() }).0, ["a", "b"]);
}

#[test]
fn given_nothing_to_look_for_or_far_too_much_then_there_is_an_answer() {
    let (_folder, shelf) = shelf(&harbour());
    assert!(found(&shelf, &asked("")).is_empty());
    assert!(found(&shelf, &asked("、。（）")).is_empty());
    assert!(!found(&shelf, &asked(&"係留の許可".repeat(80_000))).is_empty());
}

#[test]
fn given_an_import_under_way_then_a_second_one_is_told_to_wait_and_nothing_unfinished_is_seen() {
    let (_folder, shelf) = shelf(&harbour());
    let mut writing = shelf.write().unwrap();
    writing.put(&article("99", "附則", "浚渫の経過措置")).unwrap();
    assert!(matches!(shelf.write(), Err(ShelfError::Busy { .. })));
    drop(writing);
    assert!(found(&shelf, &asked("浚渫の経過措置")).iter().all(|id| !id.ends_with("/99")));
    assert!(shelf.write().is_ok());
}

#[test]
fn given_two_revisions_of_a_law_then_each_day_has_its_text_and_both_have_one_name() {
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    let revision = |text: &str, from: &str, until: Option<&str>| Unit {
        group: format!("999AC0000000001@{from}"),
        work: "999AC0000000001".into(),
        from: Some(day(from)),
        until: until.map(day),
        ..article("5", "係留の許可", text)
    };
    let (_folder, shelf) = shelf(&[
        revision("係留には許可を要する。", "2000-04-01", Some("2025-04-01")),
        revision("係留には届出を要する。", "2025-04-01", None),
    ]);
    let id = UnitId::new("999AC0000000001/5");
    let text = |on: &str| shelf.read().unit(&id, day(on)).unwrap().map(|unit| unit.text);
    assert_eq!(text("1999-01-01"), None);
    assert_eq!(text("2025-03-31").as_deref(), Some("係留には許可を要する。"));
    assert_eq!(text("2025-04-01").as_deref(), Some("係留には届出を要する。"));
    assert_eq!(shelf.read().revisions("999AC0000000001").unwrap().len(), 2);
    let asked_on = |on: &str| {
        let narrowing = Narrowing { as_of: Some(day(on)), ..Narrowing::default() };
        found(&shelf, &Question { narrowing, ..asked("届出") }).len()
    };
    assert_eq!((asked_on("2025-03-31"), asked_on("2026-01-01")), (0, 1));
}

#[test]
fn given_a_unit_that_links_to_another_then_it_is_among_those_that_cite_it() {
    let mut units = harbour();
    units[3].links.push(Link { start: 0, end: 9, to: UnitId::new("999AC0000000001/5"), within: String::new() });
    let (_folder, shelf) = shelf(&units);
    let citing = shelf.read().citing(&UnitId::new("999AC0000000001/5"), "2026-01-01".parse().unwrap(), 10).unwrap();
    assert_eq!(citing.iter().map(|unit| unit.id.as_str()).collect::<Vec<_>>(), ["999AC0000000001/30"]);
}

#[test]
fn given_a_question_that_names_an_article_then_it_stands_first_whatever_the_words_say() {
    let (_folder, shelf) = shelf(&harbour());
    for question in ["架空港湾法30条", "架空港湾法第三十条の船舶の係留の許可", "架空港湾法３０"]
    {
        let hits = rank(&shelf.read(), &asked(question)).unwrap();
        assert_eq!(hits[0].unit.as_str(), "999AC0000000001/30", "{question}");
        assert!(hits[0].why.named > 0.0 && hits[1].why.named == 0.0);
        assert_eq!(hits.iter().filter(|hit| hit.unit == hits[0].unit).count(), 1);
    }
}

#[test]
fn given_an_experts_question_then_every_hit_meets_it_to_the_letter() {
    let (_folder, shelf) = shelf(&harbour());
    let ids = |question: &str| {
        let mut found = found(&shelf, &asked(question));
        found.sort();
        found.iter().map(|id| id.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("許可"), ["5", "6"]);
    assert_eq!(ids("許可 -取り消す"), ["5"]);
    assert_eq!(ids("\"係留の許可を受けた者\""), ["6"]);
    assert_eq!(ids("\"許可の係留\""), [""; 0]);
    assert_eq!(ids("見出し:罰則"), ["30"]);
    assert_eq!(ids("船舶 NEAR/1 係留 法令:架空港湾法"), ["5"]);
    assert_eq!(ids("許可 法令:民法"), [""; 0]);
}

#[test]
fn given_a_long_unit_then_it_comes_back_whole_and_is_found_by_its_end() {
    let lines: Vec<String> =
        (0..400).map(|n| format!("第{n}号　架空の港湾施設の表の{n}行目に掲げるもの。\n")).collect();
    let text = lines.concat() + "末尾に浚渫土砂の処分を定める。";
    let mut units = harbour();
    units.push(article("40", "別表", &text));
    let (_folder, shelf) = shelf(&units);
    assert_eq!(found(&shelf, &asked("浚渫土砂の処分"))[0], "999AC0000000001/40");
    let unit = shelf.read().unit(&UnitId::new("999AC0000000001/40"), "2026-01-01".parse().unwrap()).unwrap().unwrap();
    assert!(unit.text == text);
    assert_eq!(found(&shelf, &asked("\"浚渫土砂の処分を定める\"")), ["999AC0000000001/40"]);
}

#[test]
fn given_a_field_then_it_narrows_the_whole_shelf_and_not_the_best_hits_alone() {
    let speech = |number: u32, speaker: &str| Unit {
        id: format!("speech-{number}"),
        group: "meeting".into(),
        order: number,
        text: "架空港の浚渫について申し上げます。".repeat(if speaker == "架空太郎" { 5 } else { 1 }),
        facets: vec![(Facet::Speaker, speaker.into())],
        ..Unit::default()
    };
    // More speeches that fit better than are ever looked at closely.
    let mut units: Vec<Unit> = (0..1_200).map(|number| speech(number, "架空太郎")).collect();
    units.push(speech(1_200, "架空花子"));
    let (_folder, shelf) = shelf(&units);
    assert_eq!(found(&shelf, &asked("浚渫 発言者:架空花子")), ["speech-1200"]);
    assert_eq!(found(&shelf, &asked("発言者:架空花子")), ["speech-1200"]);
    assert!(found(&shelf, &asked("発言者:見本")).is_empty());
}

#[test]
fn given_conditions_that_stand_far_apart_in_a_long_unit_then_it_meets_them_all() {
    let filling = "港の規則について順に述べる。".repeat(200);
    let mut units = harbour();
    units.push(article(
        "50",
        "雑則",
        &format!("軽減税率を適用する。{filling}\n免税購入の対象とする。\n港湾　管理の手引。"),
    ));
    let (_folder, shelf) = shelf(&units);
    for question in ["\"軽減税率\" \"免税購入\"", "\"港湾 管理の手引\"", "見出し:雑則 \"免税購入\""]
    {
        assert_eq!(found(&shelf, &asked(question)), ["999AC0000000001/50"], "{question}");
    }
    assert!(found(&shelf, &asked("\"軽減税率\" \"存在しない語\"")).is_empty());
    assert!(found(&shelf, &asked("院:参議院 存在しない語")).is_empty());
}
