use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::import;
use crate::shelf::Shelf;
use crate::source::Report;
use crate::source::feed::{Input, Progress};
use crate::unit::{Corpus, Facet, Role, Unit, UnitId};

struct House {
    folder: tempfile::TempDir,
    shelf: Shelf,
}

const MEETING: &str = "121799999X00120250205";

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&folder.path().join("search"), Corpus::Diet).unwrap();
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

    fn take(&self, name: &str, bytes: impl AsRef<[u8]>) -> Report {
        let path = self.write(name, bytes);
        self.import(&[&path])
    }

    fn unit(&self, id: &str) -> Unit {
        self.shelf.read().texts(&UnitId::new(id)).unwrap().pop().unwrap()
    }
}

fn speech(order: u32, speaker: &str, group: Option<&str>, text: &str) -> serde_json::Value {
    serde_json::json!({"speechID": format!("{MEETING}_{order:03}"), "issueID": MEETING, "speechOrder": order,
        "session": 217, "nameOfHouse": "衆議院", "nameOfMeeting": "架空港湾委員会", "issue": "第1号",
        "date": "2025-02-05", "speaker": speaker, "speakerGroup": group, "speech": text})
}

fn speeches() -> Vec<serde_json::Value> {
    vec![
        speech(0, "会議録情報", None, "令和七年二月五日"),
        speech(1, "架空議長子", None, "○架空委員長　これより会議を開きます。架空問子君。"),
        speech(2, "架空問子", Some("架空会派"), "○架空（問）委員　灯台の数を伺います。"),
        speech(3, "架空答男", None, "○架空国務大臣　七基であります。"),
        speech(4, "架空問子", Some("架空会派"), "○架空（問）委員　増やしますか。"),
        speech(5, "架空答男", None, "○架空国務大臣　検討いたします。"),
    ]
}

fn lines(speeches: &[serde_json::Value]) -> String {
    speeches.iter().map(|speech| format!("{speech}\n")).collect()
}

fn id(order: u32) -> String {
    format!("{MEETING}_{order:03}")
}

#[test]
fn given_a_meeting_then_its_questions_and_answers_are_tied() {
    let house = House::new();
    let report = house.take("speeches.jsonl", lines(&speeches()));
    assert_eq!((report.new, report.written.units, report.rejects.len()), (1, 5, 0), "{report:?}");
    let (question, answer) = (house.unit(&id(2)), house.unit(&id(3)));
    assert_eq!(question.answered_by, [UnitId::new(id(3))]);
    assert_eq!(answer.answers_to, Some(UnitId::new(id(2))));
    assert_eq!((question.role, answer.role, house.unit(&id(1)).role), (Role::Asks, Role::Answers, Role::Presides));
    assert_eq!(answer.facet(Facet::Post), Some("国務大臣"));
    assert_eq!(question.facet(Facet::Party), Some("架空会派"));
    assert_eq!(answer.cite, "第217回国会 衆議院 架空港湾委員会 第1号 令和7年2月5日 発言3 架空答男（国務大臣）");
    assert!(answer.url.ends_with("/3"));
}

#[test]
fn given_the_same_meeting_in_another_shape_then_nothing_changes() {
    let house = House::new();
    house.take("speeches.jsonl", lines(&speeches()));
    let page = serde_json::json!({"numberOfRecords": 6, "speechRecord": speeches()});
    let again = house.take("page.json", format!("{page:#}"));
    assert_eq!((again.unchanged, again.written.units), (1, 0), "{again:?}");
}

#[test]
fn given_a_part_of_a_meeting_then_the_speeches_on_the_shelf_stay() {
    let house = House::new();
    house.take("speeches.jsonl", lines(&speeches()));
    let mut corrected = speeches().remove(5);
    corrected["speech"] = "○架空国務大臣　増やします。".into();
    let report = house.take("one.jsonl", lines(&[corrected]));
    assert_eq!(report.changed, 1, "{report:?}");
    assert_eq!(house.shelf.read().group(MEETING).unwrap().len(), 5);
    assert!(house.unit(&id(5)).text.contains("増やします"));
    assert_eq!(house.unit(&id(4)).answered_by, [UnitId::new(id(5))]);
    assert_eq!(house.take("one.jsonl", lines(&speeches()[5..])).changed, 1);
}

#[test]
fn given_speeches_scattered_over_files_then_they_are_one_meeting() {
    let house = House::new();
    let all = speeches();
    let one = house.write("a.jsonl", lines(&[all[4].clone(), all[0].clone(), all[3].clone()]));
    let two = house.write("b.jsonl.zst", zstd::encode_all(lines(&all).as_bytes(), 3).unwrap());
    let report = house.import(&[&one, &two]);
    assert_eq!((report.new, report.written.units, report.repeated), (1, 5, 2), "{report:?}");
    assert_eq!(house.unit(&id(4)).answered_by, [UnitId::new(id(5))]);
}

#[test]
fn given_broken_lines_then_each_is_told_with_its_line_and_the_rest_goes_on() {
    let house = House::new();
    let text = format!(
        "{}{{\"speechID\": \n{{\"a\":1}}\n{{\"speechID\":\"x\"}}\n{}",
        lines(&speeches()[..3]),
        lines(&speeches()[3..])
    );
    let report = house.take("speeches.jsonl", text);
    let places: Vec<_> = report.rejects.iter().map(|reject| reject.place.line).collect();
    assert_eq!((report.new, places), (1, vec![Some(4), Some(5), Some(6)]), "{report:?}");
    let refused = house.take("error.json", r#"{"message":"検索条件が不正です"}"#);
    assert!(refused.rejects[0].en.contains("検索条件"));
}

const QUESTION: &str = "<html><body><p>令和七年一月二十四日提出<p>質問第三号<p>架空灯台に関する質問主意書<p>提出者　架空　花子<p>架空灯台に関する質問主意書<p>一　灯台の数は何基か。<p>二　増やすのか。<p>右質問する。</body></html>";
const ANSWER: &str = "<html><body><p>令和七年二月四日受領<p>答弁第三号<p>内閣衆質二一七第三号<p>令和七年二月四日<p>内閣総理大臣　架空　太郎<p>衆議院議員架空花子君提出架空灯台に関する質問に対し、別紙答弁書を送付する。<p>衆議院議員架空花子君提出架空灯台に関する質問に対する答弁書<p>一について<p>　七基である。<p>二について<p>　検討している。</body></html>";

#[test]
fn given_pages_of_a_written_question_then_the_answer_leads_to_the_items() {
    let house = House::new();
    let report = house.take("a217003.htm", QUESTION);
    assert_eq!((report.new, report.rejects.len()), (1, 0), "{report:?}");
    let report = house.take("b217003.htm", ANSWER);
    assert_eq!((report.changed, report.rejects.len()), (1, 0), "{report:?}");
    let (question, answer) = (house.unit("shugiin-217-3/q"), house.unit("shugiin-217-3/a"));
    assert!(question.text.contains("一　灯台の数は何基か。"), "{}", question.text);
    assert_eq!(question.answered_by, [answer.unit_id()]);
    assert_eq!(answer.answers_to, Some(question.unit_id()));
    assert_eq!(answer.links.iter().map(|link| link.within.as_str()).collect::<Vec<_>>(), ["一", "二"]);
    assert_eq!((question.facet(Facet::Kind), answer.facet(Facet::Speaker)), (Some("written"), Some("架空太郎")));
    assert!(answer.cite.contains("内閣衆質217第3号"));
    assert_eq!(house.take("a217003.htm", QUESTION).unchanged, 1);
}

#[test]
fn given_a_page_under_another_name_then_it_is_told_which_name_it_needs() {
    let report = House::new().take("page.htm", QUESTION);
    assert!(report.rejects[0].ja.contains("a217003.htm"), "{report:?}");
}

#[test]
fn given_facts_alone_then_they_take_no_text_away() {
    let house = House::new();
    let row = serde_json::json!({"session": 217, "number": 3, "question":
        "令和七年一月二十四日提出質問第三号架空税に関する質問主意書提出者 架空花子架空税に関する質問主意書架空税を問う。"});
    house.take("rows.jsonl", format!("{row}\n"));
    house.take(
        "217003.htm",
        "<html><table><tr><td>質問件名<td>架空税に関する質問主意書<tr><td>経過状況<td>答弁受理</table></html>",
    );
    assert!(house.unit("shugiin-217-3/q").text.contains("架空税を問う"));
}
