//! What the reader of records promises, on a meeting that never was.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

const ISSUE: &str = "199999999X00320250205";

fn speech(order: u32) -> serde_json::Value {
    json!({
        "speechID": format!("{ISSUE}_{order:03}"), "issueID": ISSUE, "speechOrder": order, "session": 217,
        "nameOfHouse": "衆議院", "nameOfMeeting": "架空委員会", "issue": "第3号", "date": "2025-02-05",
        "closing": null, "speaker": "架空花子", "speakerYomi": "かくうはなこ", "speakerGroup": null,
        "speakerPosition": "架空大臣", "speakerRole": null,
        "speech": "○国務大臣（架空花子君）　お答えします。\r\n　以上です。",
        "speechURL": format!("https://kokkai.ndl.go.jp/txt/{ISSUE}/{order}"),
    })
}

fn read(value: &serde_json::Value) -> Page {
    page(value.to_string().as_bytes()).unwrap()
}

#[test]
fn a_page_of_speeches_says_where_it_stands_and_what_was_said() {
    let page = read(&json!({
        "numberOfRecords": 240, "numberOfReturn": "2", "startRecord": 1, "nextRecordPosition": "101",
        "speechRecord": [speech(11), speech(12)],
    }));
    assert_eq!(page.paging, Paging { records: Some(240), returned: Some(2), start: Some(1), next: Some(101) });
    let item = page.items().nth(1).unwrap().unwrap();
    assert_eq!(item.meeting.house, House::Shugiin);
    assert_eq!(item.meeting.date, date(2025, 2, 5));
    assert!(!item.meeting.closing);
    let said = item.speech.as_ref().unwrap();
    assert_eq!(said.id.as_str(), format!("{ISSUE}_012"));
    assert_eq!(said.text, "○国務大臣（架空花子君）　お答えします。\n　以上です。");
    assert_eq!((said.group.as_deref(), said.position.as_deref()), (None, Some("架空大臣")));
}

#[test]
fn speeches_of_a_meeting_take_what_they_do_not_say_from_it() {
    let page = read(&json!({
        "numberOfRecords": 1, "numberOfReturn": 1, "startRecord": 1, "nextRecordPosition": null,
        "meetingRecord": [{
            "issueID": ISSUE, "session": "217", "nameOfHouse": "両院", "nameOfMeeting": "架空合同審査会", "issue": "",
            "date": "2025-02-05", "closing": "閉会中", "meetingURL": "https://example.jp/m",
            "speechRecord": [
                {"speechID": format!("{ISSUE}_000"), "speechOrder": 0, "speaker": "会議録情報", "speech": "出席委員\r\n　架空"},
                {"speechID": format!("{ISSUE}_001"), "speechOrder": "1", "speaker": "架空一郎", "speech": "○会長（架空一郎君）　開きます。"},
            ],
        }],
    }));
    assert_eq!(page.paging.next, None);
    let mut gathering = Gathering::default();
    gathering.extend(page.into_iter().map(Result::unwrap));
    let [sitting] = gathering.finish().try_into().unwrap();
    assert_eq!(sitting.meeting.header.as_deref(), Some("出席委員\n　架空"), "speech 0 is the meeting's header");
    assert_eq!((sitting.meeting.house, sitting.meeting.closing), (House::Both, true));
    assert_eq!(sitting.meeting.issue, None);
    assert_eq!(sitting.speeches.len(), 1);
}

#[test]
fn what_is_missing_is_taken_from_the_names_and_else_rejected_with_its_place() {
    let mut bare = speech(7);
    for key in ["issueID", "speechOrder", "date"] {
        bare[key] = serde_json::Value::Null;
    }
    let (mut none, mut wrong, mut silent) = (speech(8), speech(9), speech(10));
    none.as_object_mut().unwrap().remove("nameOfHouse");
    wrong["date"] = json!("二月三十日");
    silent["speech"] = json!(" ");
    let page = read(&json!({"numberOfRecords": 5, "speechRecord": [bare, none, wrong, 5, silent, speech(11)]}));
    let items: Vec<_> = page.items().collect();
    let first = items[0].unwrap();
    assert_eq!(first.speech.as_ref().unwrap().order, 7);
    assert_eq!(first.meeting.date, date(2025, 2, 5));
    assert_eq!(items[1].unwrap_err().to_string(), "speechRecord[1]: `nameOfHouse` is missing");
    assert_eq!(items[2].unwrap_err().to_string(), "speechRecord[2]: `date` cannot be read: `二月三十日`");
    assert_eq!(items[3].unwrap_err().to_string(), "speechRecord[3]: is no object");
    assert_eq!(items[4].unwrap_err().to_string(), "speechRecord[4]: `speech` is missing");
    assert!(items[5].is_ok(), "the rest goes on");
}

#[test]
fn a_refusal_of_the_api_is_an_error_with_its_details() {
    let refusal = json!({"message": "(19001) 検索条件の入力に誤りがあります。", "details": ["(19007) 架空の誤り"]});
    let error = page(refusal.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "the api answers `(19001) 検索条件の入力に誤りがあります。`; (19007) 架空の誤り");
    assert!(matches!(page(b"<html>"), Err(PageError::Json(_))));
    assert!(matches!(page(b"{}"), Err(PageError::Form)));
    assert!(matches!(page("[".repeat(100_000).as_bytes()), Err(PageError::Json(_))), "depth is bounded");
    assert_eq!(read(&json!({"numberOfRecords": 0})).items().count(), 0, "nothing found is no error");
}

#[test]
fn lines_are_read_one_by_one_and_come_in_any_order_and_twice() {
    let text = format!("\u{feff}{}\r\n\nnot json\n{}\n{}\n", speech(12), speech(3), speech(12));
    let (good, bad): (Vec<_>, Vec<_>) = lines(text.as_bytes()).partition(Result::is_ok);
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].as_ref().unwrap_err().place, Place::Line(3));
    let mut gathering = Gathering::default();
    gathering.extend(good.into_iter().map(Result::unwrap));
    assert_eq!(gathering.repeated(), 1);
    let sittings = gathering.finish();
    assert_eq!(sittings[0].speeches.iter().map(|s| s.order).collect::<Vec<_>>(), [3, 12]);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[{}\\[\\]\":,0-9a-z_一年月日]{0,80}") {
        let _ = page(&bytes);
        let _ = page(text.as_bytes());
        let _ = lines(&bytes).count();
        let wrapped = json!({"numberOfRecords": text, "speechRecord": [{"issueID": text, "session": text, "date": text,
            "speechID": text, "nameOfHouse": "衆議院", "nameOfMeeting": text, "speech": text}]});
        let _ = page(wrapped.to_string().as_bytes());
    }
}
