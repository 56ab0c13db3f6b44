//! Vectors find what shares no word with the question, and open nothing that is closed.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::sync::Arc;

use sekisho_search::dense::{Maker, Making, Near, Survey, Vectors, VectorsError, file_of};
use sekisho_search::rank::{Hit, Question, rank};
use sekisho_search::shelf::{Narrowing, Shelf};
use sekisho_search::unit::{Corpus, Unit};

/// Words that mean the same, as a model would know.
const MEANINGS: [&[&str]; 4] =
    [&["船舶", "係留", "ボート", "つなぐ"], &["許可", "ゆるし"], &["罰金", "ペナルティー"], &["減免", "まけて"]];

/// A model that knows these meanings and nothing else.
fn embed(text: &str) -> Vec<f32> {
    let count = |words: &&[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>() as f32;
    // What a text has of no meaning at all keeps it from being nowhere.
    MEANINGS.iter().map(count).chain([0.1]).collect()
}

fn maker() -> Maker {
    Maker { model: "架空の埋め込み".into(), prefix: String::new() }
}

fn unit(corpus: Corpus, number: &str, text: &str) -> Unit {
    let group = if corpus == Corpus::Law { "999AC0000000001".to_owned() } else { format!("資料/{number}") };
    Unit {
        id: format!("{group}/{number}"),
        group,
        title: "架空規程".into(),
        number: format!("第{number}条"),
        text: text.into(),
        ..Unit::default()
    }
}

fn harbour() -> Vec<Unit> {
    [
        ("1", "この規程は、港湾の整備を図ることを目的とする。"),
        ("5", "船舶を係留しようとする者は、架空大臣の許可を受けなければならない。"),
        ("30", "違反した者は、三十万円以下の罰金に処する。"),
    ]
    .map(|(number, text)| unit(Corpus::Law, number, text))
    .to_vec()
}

fn put(shelf: &Shelf, units: &[Unit]) {
    let mut writing = shelf.write().unwrap();
    units.iter().for_each(|unit| assert!(writing.put(unit).unwrap()));
    writing.commit().unwrap();
}

fn shelf(folder: &Path, corpus: Corpus, units: &[Unit]) -> Shelf {
    let shelf = Shelf::open(folder, corpus).unwrap();
    put(&shelf, units);
    shelf
}

/// Embeds what has no vector yet; the texts that were asked for.
fn fill(making: &mut Making) -> Vec<String> {
    let left = making.left().to_vec();
    let texts: Vec<String> = left.iter().map(|one| making.text(one).unwrap()).collect();
    left.iter().zip(&texts).for_each(|(one, text)| making.put(one, &embed(text)).unwrap());
    making.save().unwrap();
    texts
}

fn embedded(folder: &Path, shelf: &Shelf) -> Arc<Vectors> {
    fill(&mut Making::begin(shelf, maker(), false).unwrap());
    Arc::new(Vectors::open(folder, shelf.corpus()).unwrap().unwrap())
}

fn near(vectors: &Arc<Vectors>, text: &str) -> Option<Near> {
    Some(vectors.near(&embed(text)).unwrap())
}

fn hits(shelf: &Shelf, question: &Question) -> Vec<Hit> {
    rank(&shelf.read(), question).unwrap()
}

fn found(shelf: &Shelf, question: &Question) -> Vec<String> {
    hits(shelf, question).into_iter().map(|hit| hit.unit.to_string()).collect()
}

fn asked(text: &str, near: Option<Near>) -> Question {
    Question { text: text.into(), near, limit: 10, ..Question::default() }
}

const BOAT: &str = "ボートをつなぐには？";
const MOORING: &str = "999AC0000000001/5";

#[test]
fn given_vectors_when_a_question_shares_no_word_then_it_finds_by_meaning_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = shelf(folder.path(), Corpus::Law, &harbour());
    let vectors = embedded(folder.path(), &shelf);
    assert!(!found(&shelf, &asked("ボート", None)).contains(&MOORING.to_owned()));
    let hits = hits(&shelf, &asked("ボート", near(&vectors, BOAT)));
    assert_eq!(hits[0].unit.as_str(), MOORING);
    let fused = hits[0].why.fused.unwrap();
    assert_eq!((fused.by_words, fused.by_meaning), (None, Some(1)));
    assert!(fused.near.unwrap() > 0.8 && (hits[0].score - fused.score).abs() < 1e-6);
    // What both know says both.
    let fused = self::hits(&shelf, &asked("係留の許可", near(&vectors, BOAT)))[0].why.fused.unwrap();
    assert_eq!((fused.by_words, fused.by_meaning), (Some(1), Some(1)));
}

#[test]
fn given_vectors_when_they_are_not_asked_then_every_hit_is_as_if_there_were_none() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = shelf(folder.path(), Corpus::Law, &harbour());
    let question = asked("船舶の係留には許可が要りますか", None);
    let before = serde_json::to_string(&hits(&shelf, &question)).unwrap();
    embedded(folder.path(), &shelf);
    assert_eq!(serde_json::to_string(&hits(&shelf, &question)).unwrap(), before);
    assert!(before.contains("\"role\"") && !before.contains("fused"), "{before}");
}

#[test]
fn given_a_document_closed_to_the_reader_then_it_never_comes_though_its_vector_is_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let mut closed = unit(Corpus::Document, "7", "係留料の減免の内部基準を定める。");
    closed.readers = vec!["dept-harbour".into()];
    let open = unit(Corpus::Document, "8", "港湾の清掃の当番を定める。");
    let shelf = shelf(folder.path(), Corpus::Document, &[closed.clone(), open.clone()]);
    let vectors = embedded(folder.path(), &shelf);
    assert_eq!(vectors.passages(), 2);
    let with = |marks: &[&str], text: &str| {
        let narrowing = Narrowing { marks: marks.iter().map(|mark| (*mark).into()).collect(), ..Narrowing::default() };
        found(&shelf, &Question { narrowing, ..asked(text, near(&vectors, "まけて")) })
    };
    for words in ["まけて", "減免の内部基準", "係留料"] {
        assert!(!with(&[], words).contains(&closed.id), "{words}");
        assert!(!with(&["dept-other"], words).contains(&closed.id), "{words}");
        assert_eq!(with(&["dept-harbour"], words)[0], closed.id, "{words}");
    }
    // It takes no place from what the reader may see.
    assert_eq!(with(&[], "まけて"), [open.id]);
}

#[test]
fn given_narrowings_and_conditions_then_meaning_keeps_them_as_words_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut earlier = harbour();
    for unit in &mut earlier {
        unit.until = Some("2025-04-01".parse().unwrap());
    }
    let shelf = shelf(folder.path(), Corpus::Law, &earlier);
    let vectors = embedded(folder.path(), &shelf);
    let on = |day: &str| {
        let narrowing = Narrowing { as_of: Some(day.parse().unwrap()), ..Narrowing::default() };
        found(&shelf, &Question { narrowing, ..asked("ボート", near(&vectors, BOAT)) })
    };
    assert_eq!(on("2025-03-31")[0], MOORING);
    assert_eq!(on("2025-04-01"), [""; 0]);
    let found = |text: &str| found(&shelf, &asked(text, near(&vectors, BOAT)));
    assert!(!found("ボート -係留").contains(&MOORING.to_owned()));
    assert!(found("ボート \"係留しようとする者\"").contains(&MOORING.to_owned()));
    let without = Some(sekisho_search::unit::UnitId::new(MOORING));
    let left_out = Question { without, ..asked("ボート", near(&vectors, BOAT)) };
    assert!(!self::found(&shelf, &left_out).contains(&MOORING.to_owned()));
}

#[test]
fn given_a_long_text_then_what_its_end_says_is_found_too() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}船舶を係留する者は、届け出る。", "この条は、長い前置きである。".repeat(200));
    let mut units = harbour();
    units[1].text = long;
    let shelf = shelf(folder.path(), Corpus::Law, &units);
    let vectors = embedded(folder.path(), &shelf);
    assert!(vectors.passages() > 3);
    assert_eq!(found(&shelf, &asked("ボート", near(&vectors, BOAT)))[0], MOORING);
}

#[test]
fn given_a_shelf_that_changed_then_old_vectors_lead_nowhere_and_only_what_is_new_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = shelf(folder.path(), Corpus::Law, &harbour());
    let vectors = embedded(folder.path(), &shelf);
    let mut changed = harbour();
    changed[1].text = "架空大臣は、毎年、報告書を公表する。".into();
    put(&shelf, &changed);
    // The article is still there, and its old vector is the nearest; what it says now has nothing of the question.
    let hits = hits(&shelf, &asked("ボート", near(&vectors, BOAT)));
    assert!(hits.iter().all(|hit| hit.unit.as_str() != MOORING), "{hits:?}");

    let mut making = Making::begin(&shelf, maker(), false).unwrap();
    let asked_for = fill(&mut making);
    assert_eq!(asked_for.len(), 1);
    assert!(asked_for[0].contains("報告書を公表"), "{asked_for:?}");
    assert_eq!(making.survey(), Survey { passages: 3, texts: 3, known: 2, given: 1, gone: 1, closed: 0 });
    drop(making);
    // Once more there is nothing to ask, and the file is left as it is.
    let file = file_of(folder.path(), Corpus::Law);
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    let mut making = Making::begin(&shelf, maker(), false).unwrap();
    assert!(fill(&mut making).is_empty());
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written);
    drop(making);
    // What leaves the shelf leaves the vectors, to the last.
    let mut writing = shelf.write().unwrap();
    writing.remove("999AC0000000001");
    writing.commit().unwrap();
    let mut making = Making::begin(&shelf, maker(), false).unwrap();
    making.save().unwrap();
    assert_eq!((making.survey().gone, file.exists()), (3, false));
}

#[test]
fn given_revisions_that_say_the_same_then_it_is_asked_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut units = harbour();
    for mut unit in harbour() {
        unit.group = "999AC0000000001@2026-04-01".into();
        unit.work = "999AC0000000001".into();
        units.push(unit);
    }
    let shelf = shelf(folder.path(), Corpus::Law, &units);
    let mut making = Making::begin(&shelf, maker(), false).unwrap();
    assert_eq!(fill(&mut making).len(), 3);
    drop(making);
    assert_eq!(Vectors::open(folder.path(), Corpus::Law).unwrap().unwrap().passages(), 6);
}

#[test]
fn given_texts_with_a_grade_or_readers_then_they_are_embedded_as_documents_alone_and_under_their_grade() {
    for (corpus, asked_for, closed) in [(Corpus::Document, 3, 0), (Corpus::Law, 1, 2)] {
        let folder = tempfile::tempdir().unwrap();
        let mut graded = unit(corpus, "2", "架空の内規の二である。");
        graded.grade = "機密性2".into();
        let mut named = unit(corpus, "3", "架空の内規の三である。");
        named.readers = vec!["dept-a".into()];
        let shelf = shelf(folder.path(), corpus, &[graded, named, unit(corpus, "1", "公表の文である。")]);
        let making = Making::begin(&shelf, maker(), false).unwrap();
        assert_eq!((making.left().len(), making.survey().closed), (asked_for, closed));
        let grades: Vec<&str> = making.left().iter().map(|one| &*one.grade).collect();
        // Those of one grade stand together, those without one first.
        assert_eq!(grades, if corpus == Corpus::Document { vec!["", "", "機密性2"] } else { vec![""] });
    }
    let folder = tempfile::tempdir().unwrap();
    let mixed: Vec<Unit> = (0..9)
        .map(|n| Unit {
            grade: ["", "機密性2", "機密性1"][n % 3].into(),
            ..unit(Corpus::Document, &n.to_string(), &format!("架空の内規の{n}である。"))
        })
        .collect();
    let shelf = self::shelf(folder.path(), Corpus::Document, &mixed);
    let making = Making::begin(&shelf, maker(), false).unwrap();
    let runs: Vec<usize> = making.left().chunk_by(|a, b| a.grade == b.grade).map(<[_]>::len).collect();
    assert_eq!(runs, [3, 3, 3]);
}

#[test]
fn given_a_file_of_another_model_or_a_broken_one_then_it_stays_until_it_is_to_be_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = shelf(folder.path(), Corpus::Law, &harbour());
    embedded(folder.path(), &shelf);
    let file = file_of(folder.path(), Corpus::Law);
    let whole = std::fs::read(&file).unwrap();
    for other in [Maker { model: "別のモデル".into(), ..maker() }, Maker { prefix: "文書: ".into(), ..maker() }]
    {
        let error = Making::begin(&shelf, other.clone(), false).unwrap_err();
        assert!(matches!(&error, VectorsError::Other { .. }) && error.to_string().contains("--replace"), "{error}");
        let mut making = Making::begin(&shelf, other, true).unwrap();
        assert_eq!(making.left().len(), 3);
        // Nothing was given: nothing is lost.
        making.save().unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), whole);
    }
    std::fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let error = Making::begin(&shelf, maker(), false).unwrap_err();
    assert!(matches!(error, VectorsError::Broken { .. }), "{error}");
    fill(&mut Making::begin(&shelf, maker(), true).unwrap());
    assert_eq!(std::fs::read(&file).unwrap(), whole);
}

#[test]
fn given_an_import_under_way_then_another_one_waits_its_turn_and_odd_vectors_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = shelf(folder.path(), Corpus::Law, &harbour());
    let mut making = Making::begin(&shelf, maker(), false).unwrap();
    assert!(matches!(Making::begin(&shelf, maker(), false), Err(VectorsError::Busy { .. })));
    let left = making.left().to_vec();
    making.put(&left[0], &[1.0, 0.0]).unwrap();
    assert!(making.put(&left[1], &[1.0, 0.0, 0.0]).is_err());
    assert!(making.put(&left[1], &[0.0, 0.0]).is_err());
    making.save().unwrap();
    let vectors = Arc::new(Vectors::open(folder.path(), Corpus::Law).unwrap().unwrap());
    assert_eq!((vectors.passages(), vectors.dimensions()), (1, 2));
    assert!(vectors.near(&[1.0, 0.0, 0.0]).is_err());
}
