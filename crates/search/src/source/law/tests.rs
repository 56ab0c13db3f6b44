use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::{Date, date};

use super::import;
use crate::shelf::Shelf;
use crate::source::Report;
use crate::source::feed::{Input, Progress};
use crate::unit::{Corpus, Facet, Unit, UnitId};

/// A folder of files beside a shelf.
struct House {
    folder: tempfile::TempDir,
    shelf: Shelf,
}

const ACT: &str = "505AC0000000901";
const ORDER: &str = "505CO0000000902";

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&folder.path().join("search"), Corpus::Law).unwrap();
        Self { folder, shelf }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, files: &[&Path]) -> Report {
        let input = |path: &&Path| Input {
            path: path.to_path_buf(),
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            named: true,
        };
        let inputs: Vec<Input> = files.iter().map(input).collect();
        import(&self.shelf, &inputs, &(Arc::new(|_| {}) as Progress)).unwrap()
    }

    /// Writes a file and imports it.
    fn take(&self, name: &str, bytes: impl AsRef<[u8]>) -> Report {
        let path = self.write(name, bytes);
        self.import(&[&path])
    }

    fn texts(&self, id: &str) -> Vec<Unit> {
        self.shelf.read().texts(&UnitId::new(id)).unwrap()
    }

    fn days(&self, id: &str) -> Vec<(Option<Date>, Option<Date>)> {
        self.texts(id).into_iter().map(|unit| (unit.from, unit.until)).collect()
    }

    fn on(&self, id: &str, day: Date) -> Option<Unit> {
        self.shelf.read().unit(&UnitId::new(id), day).unwrap()
    }
}

fn law(title: &str, kind: &str, number: u32, words: &str, articles: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Law Era="Reiwa" Lang="ja" LawType="{kind}" Num="{number}" Year="5" PromulgateMonth="6" PromulgateDay="1">
<LawNum>令和五年{words}第{number}号</LawNum>
<LawBody><LawTitle>{title}</LawTitle><MainProvision>{articles}</MainProvision>
<SupplProvision><SupplProvisionLabel>附　則</SupplProvisionLabel><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>この規定は、公布の日から施行する。</Sentence></ParagraphSentence></Paragraph></SupplProvision>
</LawBody></Law>"#
    )
}

fn article(number: u32, text: &str) -> String {
    format!(
        r#"<Article Num="{number}"><ArticleTitle>第{number}条</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>{text}</Sentence></ParagraphSentence></Paragraph></Article>"#
    )
}

fn act(text: &str) -> String {
    law("架空灯台法", "Act", 901, "法律", &(article(1, text) + &article(2, "前条の灯台は、政令で定める。")))
}

fn order() -> String {
    law(
        "架空灯台法施行令",
        "CabinetOrder",
        902,
        "政令",
        &article(1, "法第二条の政令で定める灯台は、架空岬の灯台とする。"),
    )
}

fn name(law: &str, day: &str) -> String {
    format!("{law}_{day}_000000000000000.xml")
}

#[test]
fn given_a_law_then_its_articles_supplement_and_links_are_on_the_shelf() {
    let house = House::new();
    let report = house.take(&name(ACT, "20230701"), act("灯台を置く。"));
    assert_eq!((report.new, report.written.units, report.rejects.len()), (1, 3, 0), "{report:?}");
    let second = house.texts(&format!("{ACT}/2")).pop().unwrap();
    assert_eq!(second.group, format!("{ACT}@2023-07-01"));
    assert_eq!((second.work(), &*second.title, &*second.number), (ACT, "架空灯台法", "第2条"));
    assert_eq!(second.facet(Facet::Kind), Some("Act"));
    assert_eq!(second.law_number, "令和五年法律第901号");
    assert_eq!((second.date, second.from), (Some(date(2023, 6, 1)), Some(date(2023, 7, 1))));
    assert_eq!(second.url, format!("https://laws.e-gov.go.jp/law/{ACT}"));
    let link = &second.links[0];
    assert_eq!(&second.text[link.start as usize..link.end as usize], "前条");
    assert_eq!(link.to.as_str(), format!("{ACT}/1"));
    assert_eq!(house.texts(&format!("{ACT}/s.p")).len(), 1);
}

#[test]
fn given_the_same_file_again_then_nothing_changes() {
    let house = House::new();
    let path = house.write(&name(ACT, "20230701"), act("灯台を置く。"));
    house.import(&[&path]);
    let again = house.import(&[&path]);
    assert_eq!((again.unchanged, again.new, again.changed, again.written.units), (1, 0, 0, 0));
    let changed = house.take(&name(ACT, "20230701"), act("灯台を二基置く。"));
    assert_eq!((changed.changed, changed.unchanged), (1, 0));
    assert_eq!(house.texts(&format!("{ACT}/1")).len(), 1);
}

#[test]
fn given_revisions_in_any_order_then_each_ends_where_the_next_begins() {
    let (first, middle, last) = (Some(date(2023, 7, 1)), Some(date(2024, 4, 1)), Some(date(2025, 4, 1)));
    let expected = [(first, middle), (middle, last), (last, None)];
    let house = House::new();
    house.take(&name(ACT, "20250401"), act("三"));
    house.take(&name(ACT, "20230701"), act("一"));
    let report = house.take(&name(ACT, "20240401"), act("二"));
    assert_eq!((report.new, report.touched), (1, 1), "the revision before ends earlier now");
    assert_eq!(house.days(&format!("{ACT}/1")), expected);
    let text = |day| house.on(&format!("{ACT}/1"), day).map(|unit| unit.text);
    assert_eq!(text(date(2023, 6, 30)), None);
    assert_eq!(text(date(2024, 3, 31)).as_deref(), Some("一"));
    assert_eq!(text(date(2024, 4, 1)).as_deref(), Some("二"));
    assert_eq!(text(date(2030, 1, 1)).as_deref(), Some("三"));

    let at_once = House::new();
    let paths: Vec<PathBuf> = [("20250401", "三"), ("20230701", "一"), ("20240401", "二")]
        .iter()
        .map(|(day, text)| at_once.write(&name(ACT, day), act(text)))
        .collect();
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    assert_eq!(at_once.import(&paths).new, 3);
    assert_eq!(at_once.days(&format!("{ACT}/1")), expected);
}

#[test]
fn given_two_texts_of_one_day_then_the_later_amendment_is_kept_and_told() {
    let house = House::new();
    let one = house.write(&format!("{ACT}_20240401_505AC0000000010.xml"), act("先"));
    let two = house.write(&format!("{ACT}_20240401_506AC0000000002.xml"), act("後"));
    let report = house.import(&[&two, &one]);
    assert_eq!((report.new, report.notes.len(), report.rejects.len()), (1, 1, 0));
    assert!(report.notes[0].place.file.contains("505AC0000000010"));
    assert_eq!(house.texts(&format!("{ACT}/1"))[0].text, "後");
}

#[test]
fn given_a_text_without_a_day_then_it_stands_only_while_no_other_does() {
    let house = House::new();
    house.take(&format!("{ACT}.xml"), act("いつかの文"));
    assert_eq!(house.days(&format!("{ACT}/1")), [(None, None)]);
    house.take(&name(ACT, "20240401"), act("文"));
    assert_eq!(house.days(&format!("{ACT}/1")), [(Some(date(2024, 4, 1)), None)]);
    let report = house.take(&format!("{ACT}.xml"), act("いつかの文"));
    assert_eq!((report.new, report.notes.len()), (0, 1));
}

#[test]
fn given_a_law_that_comes_after_who_names_it_then_the_link_is_made_then() {
    let house = House::new();
    house.take(&name(ORDER, "20230701"), order());
    assert!(house.texts(&format!("{ORDER}/1"))[0].links.is_empty());
    let report = house.take(&name(ACT, "20230701"), act("灯台を置く。"));
    assert_eq!((report.new, report.touched), (1, 1), "{report:?}");
    let links = &house.texts(&format!("{ORDER}/1"))[0].links;
    assert_eq!(links[0].to.as_str(), format!("{ACT}/2"));
    let citing = house.shelf.read().citing(&UnitId::new(format!("{ACT}/2")), date(2025, 1, 1), 9).unwrap();
    assert_eq!(citing.len(), 1);
}

#[test]
fn given_a_list_of_laws_then_it_says_id_field_and_day() {
    let house = House::new();
    let list = format!(
        "{{\"law_id\":\"{ACT}\",\"title\":\"架空灯台法\",\"law_num\":\"令和五年法律第九百一号\",\"category\":\"海運\",\"enforced\":\"2023-07-01\"}}\n"
    );
    let (act, list) = (house.write("act.xml", act("灯台")), house.write("laws.jsonl", list));
    let alone = house.import(&[&act]);
    assert!(alone.rejects[0].ja.contains("法令 ID"), "{alone:?}");
    let both = house.import(&[&act, &list]);
    assert_eq!((both.new, both.rejects.len()), (1, 0), "{both:?}");
    let unit = house.texts(&format!("{ACT}/1")).pop().unwrap();
    assert_eq!((unit.facet(Facet::Category), unit.from), (Some("海運"), Some(date(2023, 7, 1))));
}

/// An answer of the API's list that says of the act whether it is repealed.
fn list(status: &str, repealed: &str) -> String {
    format!(
        r#"{{"laws":[{{"law_info":{{"law_id":"{ACT}","law_num":"令和五年法律第九百一号"}},
"current_revision_info":{{"repeal_status":"{status}","repeal_date":{repealed}}}}}]}}"#
    )
}

#[test]
fn given_a_repealed_law_then_its_file_alone_does_not_bring_it_back_into_force() {
    let (first, middle, end) = (Some(date(2023, 7, 1)), Some(date(2024, 4, 1)), Some(date(2025, 4, 1)));
    let house = House::new();
    let file = house.write(&name(ACT, "20230701"), act("灯台"));
    let list_of = |status, repealed| house.write("list.json", list(status, repealed));
    house.import(&[&file, &list_of("Repeal", "\"2025-04-01\"")]);
    assert_eq!(house.days(&format!("{ACT}/1")), [(first, end)]);
    let alone = house.import(&[&file]);
    assert_eq!((alone.unchanged, alone.touched), (1, 0), "{alone:?}");
    assert_eq!(house.days(&format!("{ACT}/1")), [(first, end)]);
    // A corrected text ends with the law too, and so does a revision that was missing.
    house.take(&name(ACT, "20230701"), act("灯台を置く。"));
    house.take(&name(ACT, "20240401"), act("灯台を二基置く。"));
    assert_eq!(house.days(&format!("{ACT}/1")), [(first, middle), (middle, end)]);
    // Only a list that says so brings it back.
    house.import(&[&list_of("None", "null"), &file]);
    assert_eq!(house.days(&format!("{ACT}/1")), [(first, middle), (middle, None)]);
}

#[test]
fn given_broken_files_then_each_is_told_with_its_place_and_the_rest_goes_on() {
    let house = House::new();
    let good = house.write(&name(ACT, "20230701"), act("灯台"));
    let cut = house.write(&name(ORDER, "20230701"), &order().as_bytes()[..600]);
    let odd = order().replace("<Article Num", "<Kakuu>知らない要素</Kakuu><Article Num");
    let odd = house.write("505CO0000000903_20230701_000000000000000.xml", odd);
    let binary = house.write("x.xml", b"\x00\x01");
    let html = house.write("y.xml", "<!DOCTYPE html><html></html>");
    let json = house.write("z.json", "{\"law_info\": {\n");
    let report = house.import(&[&cut, &good, &odd, &binary, &html, &json]);
    assert_eq!((report.new, report.rejects.len()), (2, 4), "{report:?}");
    let place = &report.rejects[0].place;
    assert!(place.line > Some(1) && place.column.is_some(), "{place:?}");
    assert!(report.notes.iter().any(|note| note.en.contains("Kakuu")), "{:?}", report.notes);
    let kept = house.shelf.read().group("505CO0000000903@2023-07-01").unwrap();
    assert!(kept.iter().any(|unit| unit.text.contains("知らない要素")), "its text is kept");
}

#[test]
fn given_a_bulk_archive_with_a_bomb_then_the_laws_in_it_are_taken() {
    use std::io::Write as _;
    let house = House::new();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (member, bytes) in [
        (format!("a/{}", name(ACT, "20230701")), act("灯台").into_bytes()),
        ("bomb.xml".into(), vec![b' '; 4 << 20]),
        (format!("b/{}", name(ORDER, "20230701")), order().into_bytes()),
    ] {
        writer.start_file(member, options).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let report = house.take("all.zip", &bytes);
    assert_eq!((report.new, report.rejects.len()), (2, 1), "{report:?}");
    assert_eq!(report.rejects[0].place.member.as_deref(), Some("bomb.xml"));
    assert_eq!(house.texts(&format!("{ORDER}/1"))[0].links.len(), 1, "laws of one archive know each other");
    let cut = house.take("cut.zip", &bytes[..bytes.len() / 2]);
    assert_eq!((cut.new, cut.rejects.len()), (0, 1));
}

#[test]
fn given_an_import_that_is_stopped_then_the_shelf_is_as_before() {
    let house = House::new();
    house.take(&name(ACT, "20230701"), act("灯台"));
    let mut writing = house.shelf.write().unwrap();
    writing.remove(&format!("{ACT}@2023-07-01"));
    drop(writing);
    assert_eq!(house.texts(&format!("{ACT}/1")).len(), 1);
    assert_eq!(house.take(&name(ACT, "20230701"), act("灯台")).unchanged, 1);
}

#[test]
fn real_laws_are_read_where_they_are_at_hand() {
    let Some(data) = std::env::var_os("SEKISHO_DATA") else { return };
    let folder = Path::new(&data).join("law/egov");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let report = House::new().import(&paths);
    println!("{report:#?}");
    assert!(report.new > 0);
}
