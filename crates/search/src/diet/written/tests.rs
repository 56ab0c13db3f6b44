//! Questions nobody asked, on pages as the sites give them.

use super::answer::heading;
use super::*;
use crate::diet::house::House;
use jiff::civil::date;
use proptest::prelude::*;

const SHUGIIN: WrittenRef = WrittenRef { house: House::Shugiin, session: 217, number: 3 };
const SANGIIN: WrittenRef = WrittenRef { house: House::Sangiin, session: 217, number: 3 };

const QUESTION: &str = "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=Shift_JIS\">\
<title>架空税に関する質問主意書</title></head><body><div id=breadcrumb><a href=x>トップ</a></div><h2>質問本文情報</h2>\
<a href='217003.htm'>経過へ</a> | <a href=b217003.htm>答弁本文(HTML)へ</a>\
<div align=right>令和七年一月二十四日提出<br>質問第三号</div><div>　　架空税に関する質問主意書</div>\
<div align=right>提出者　　架空花子</div><hr><p>架空税に関する質問主意書\n</p><p>　架空税の<ruby>税率<rt>ぜいりつ</rt></ruby>について、\n\
以下質問する。<br><br>一　架空税の目的は何か。<br>　１　いつからか。<br>　２　①地方と②国の分担はどうか。<br>　　\
一人当たりの額も示されたい。<br>二　廃止する考えはあるか。<br><br>　右質問する。</p><a href=x>経過へ</a><br>\
衆議院 〒100-0000 架空町</body></html>";

const ANSWER: &str = "<html><body><h2>答弁本文情報</h2><p>令和七年二月四日受領<br>答弁第三号<br><br>　　内閣衆質二一七第三号<br>　　\
令和七年二月四日<br>内閣総理大臣　架空一郎<br>　　　衆議院議長　架空二郎　殿</p>\
<p>衆議院議員架空花子君提出架空税に関する質問に対し、別紙答弁書を送付する。</p><hr>\
<p>衆議院議員架空花子君提出架空税に関する質問に対する答弁書<br><br>一の１及び２について<br>　\
お尋ねについては、一について架空のとおりである。<br>　なお、検討する。<br>二について<br>　考えていない。</p>\
<a href=x>経過へ</a></body></html>";

const SANGIIN_QUESTION: &str = "<meta charset=utf-8><div>第217回国会（常会）</div><h2>質問主意書</h2><p>質問第三号</p>\
<p>架空港に関する質問主意書</p><p>右の質問主意書を国会法第七十四条によって提出する。</p><p>　　令和七年一月二十四日</p>\
<p>谷　　三郎　</p><p>　　　参議院議長　架空四郎　殿</p><p>架空港に関する質問主意書</p><p>　架空港は必要か。</p>\
<p>　右質問する。</p><div>Copyright</div>";

const SANGIIN_ANSWER: &str = "<meta charset=utf-8><h2>答弁書</h2><p>内閣参質二一七第三号</p><p>　　令和七年二月四日</p>\
<p>内閣総理大臣　架空一郎　</p><p>　　　参議院議長　架空四郎　殿</p>\
<p>参議院議員谷三郎君提出架空港に関する質問に対し、別紙答弁書を送付する。</p>\
<p>参議院議員谷三郎君提出架空港に関する質問に対する答弁書</p><p>　お尋ねの「必要」の意味が明らかでない。</p>";

fn joined() -> WrittenQuestion {
    let question = question_page(QUESTION.as_bytes()).unwrap();
    WrittenQuestion::join(SHUGIIN, question, Some(answer_page(ANSWER.as_bytes()).unwrap()), None)
}

#[test]
fn a_question_and_its_answer_are_joined() {
    let joined = joined();
    assert_eq!(joined.title, "架空税に関する質問主意書");
    assert_eq!(joined.submitter.as_deref(), Some("架空花子"));
    assert_eq!((joined.submitted, joined.answered), (Some(date(2025, 1, 24)), Some(date(2025, 2, 4))));
    let question: Vec<String> = joined
        .question
        .iter()
        .map(|p| format!("{}:{}", p.number.as_ref().map(Item::to_string).unwrap_or_default(), p.text))
        .collect();
    assert_eq!(
        question,
        [
            ":架空税の税率について、以下質問する。",
            "一:架空税の目的は何か。",
            "一の１:いつからか。",
            "一の２:①地方と②国の分担はどうか。",
            "一の２:一人当たりの額も示されたい。",
            "二:廃止する考えはあるか。",
            ":右質問する。",
        ]
    );
    let answer = joined.answer.as_ref().unwrap();
    assert_eq!(answer.number.as_deref(), Some("内閣衆質二一七第三号"));
    assert_eq!(answer.dated, Some(date(2025, 2, 4)));
    assert_eq!(answer.by.as_deref(), Some("内閣総理大臣　架空一郎"));
    assert_eq!(answer.parts.len(), 2);
    assert_eq!(answer.parts[0].text, "お尋ねについては、一について架空のとおりである。\nなお、検討する。");
    assert_eq!(joined.part_id(1).as_str(), "shugiin-217-3/a1");
    assert_eq!(joined.question_id().as_str(), "shugiin-217-3/q");
}

#[test]
fn items_are_paired_with_the_parts_that_name_them() {
    let told: Vec<String> = joined()
        .pairs()
        .iter()
        .map(|p| format!("{} {:?} {:?}", p.item.as_ref().unwrap(), p.question, p.answer))
        .collect();
    assert_eq!(told, ["一 [1] [0]", "一の１ [2] [0]", "一の２ [3, 4] [0]", "二 [5] [1]"]);
}

#[test]
fn papers_of_the_other_house_are_read_and_an_answer_without_headings_answers_all() {
    let question = question_page(SANGIIN_QUESTION.as_bytes()).unwrap();
    assert_eq!((question.number, question.submitter.as_deref()), (Some(3), Some("谷三郎")));
    assert_eq!(question.submitted, Some(date(2025, 1, 24)));
    let answer = answer_page(SANGIIN_ANSWER.as_bytes()).unwrap();
    let joined = WrittenQuestion::join(SANGIIN, question, Some(answer), None);
    assert_eq!(
        joined.question.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(),
        ["架空港は必要か。", "右質問する。"]
    );
    assert_eq!(joined.answer.as_ref().unwrap().number.as_deref(), Some("内閣参質二一七第三号"));
    assert_eq!(joined.pairs(), [Pair { item: None, question: vec![0, 1], answer: vec![0] }]);
}

#[test]
fn pages_are_read_in_the_encoding_they_are_in() {
    let plain = question_page(QUESTION.replace("Shift_JIS", "utf-8").as_bytes()).unwrap();
    let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode(QUESTION);
    let euc = QUESTION.replace("Shift_JIS", "EUC-JP").replace("①", "").replace("②", "");
    let (euc, _, _) = encoding_rs::EUC_JP.encode(&euc);
    assert_eq!(question_page(&sjis).unwrap(), plain);
    assert_eq!(question_page(&euc).unwrap().title, plain.title);
    assert_eq!(
        question_page(QUESTION.as_bytes()).unwrap(),
        plain,
        "a page that declares another encoding than it is in"
    );
    assert_eq!(question_page(b"<p>404</p>"), Err(PageError::Nothing("質問主意書")));
    assert_eq!(answer_page(QUESTION.as_bytes()), Err(PageError::Nothing("答弁書")));
    assert_eq!(question_page(&vec![b' '; MAX_HTML + 1]), Err(PageError::TooLarge(MAX_HTML + 1)));
}

#[test]
fn what_became_of_a_question_is_read_from_the_tables_of_both_houses() {
    let shugiin = "<table><tr><th>項目</th><th>内容</th></tr><tr><td>国会回次</td><td>217</td></tr><tr><td>質問番号</td><td>3</td></tr>\
        <tr><td>質問件名</td><td>架空税に関する質問主意書</td></tr><tr><td>提出者名</td><td>架空　花子君外二名</td></tr>\
        <tr><td>会派名</td><td>架空の会</td></tr><tr><td>質問主意書提出年月日</td><td>令和 7年 1月24日</td></tr>\
        <tr><td>内閣転送年月日</td><td>令和 7年 1月29日</td></tr><tr><td>答弁延期期限年月日</td><td></td></tr>\
        <tr><td>答弁書受領年月日</td><td>令和 7年 2月 4日</td></tr><tr><td>経過状況</td><td>答弁受理</td></tr></table>";
    let read = progress_page(shugiin.as_bytes()).unwrap();
    assert_eq!((read.session, read.number, read.others), (Some(217), Some(3), 2));
    assert_eq!(read.submitter.as_deref(), Some("架空花子"));
    assert_eq!((read.submitted, read.forwarded), (Some(date(2025, 1, 24)), Some(date(2025, 1, 29))));
    assert_eq!((read.postponed, read.answered), (None, Some(date(2025, 2, 4))));
    let sangiin = "<table><tr><th>件名</th><td colspan=3>架空港に関する質問主意書</td></tr><tr><th>提出回次</th><td>第217回</td>\
        <th>提出番号</th><td>3</td></tr><tr><th>提出日</th><td>令和7年1月24日</td><th>提出者</th><td>谷　三郎君</td></tr>\
        <tr><th>転送日</th><td></td><th>答弁書受領日</th><td>令和7年2月4日</td></tr></table>";
    let read = progress_page(sangiin.as_bytes()).unwrap();
    assert_eq!((read.session, read.number, read.forwarded), (Some(217), Some(3), None));
    assert_eq!((read.submitter.as_deref(), read.answered), (Some("谷三郎"), Some(date(2025, 2, 4))));
}

#[test]
fn addresses_are_built_as_they_are_read() {
    let site = "https://www.shugiin.go.jp/internet/itdb_shitsumon.nsf/html/shitsumon/";
    assert_eq!(address(SHUGIIN, Kind::Question), format!("{site}a217003.htm"));
    assert_eq!(address(SHUGIIN, Kind::Answer), format!("{site}b217003.htm"));
    assert_eq!(address(SHUGIIN, Kind::Progress), format!("{site}217003.htm"));
    let site = "https://www.sangiin.go.jp/japanese/joho1/kousei/syuisyo/217/";
    assert_eq!(address(SANGIIN, Kind::Question), format!("{site}syuh/s217003.htm"));
    assert_eq!(address(SANGIIN, Kind::Answer), format!("{site}touh/t217003.htm"));
    for at in [SHUGIIN, SANGIIN, WrittenRef { session: 7, ..SHUGIIN }] {
        for kind in [Kind::Question, Kind::Answer, Kind::Progress] {
            assert_eq!(parse_address(&address(at, kind)), Some((at, kind)));
        }
    }
    assert_eq!(
        parse_address("https://www.shugiin.go.jp/internet/itdb_shitsumon.nsf/html/shitsumon/kaiji217_l.htm"),
        None
    );
    assert_eq!(parse_address("https://example.jp/a217003.htm"), None);
}

#[test]
fn headings_name_items_and_sentences_do_not() {
    let named =
        |line: &str| heading(line).map(|(_, items, _)| items.iter().map(Item::to_string).collect::<Vec<_>>().join(" "));
    for (line, items) in [
        ("一について", "一"),
        ("一の１について", "一の１"),
        ("一及び二について", "一 二"),
        ("一の１及び２並びに二について", "一の１ 一の２ 二"),
        ("一から三までについて", "一 二 三"),
        ("一の１から３まで及び二の（１）について", "一の１ 一の２ 一の３ 二の（１）"),
        ("二の前段、三及び四の②について", "二 三 四の②"),
        ("１について　お答えする。", "１"),
    ] {
        assert_eq!(named(line).as_deref(), Some(items), "{line}");
    }
    for line in ["一についてお答えしたとおりである。", "架空税について", "について", "一から百五十まで及び一について"]
    {
        assert_eq!(named(line), None, "{line}");
    }
}

#[test]
fn rows_are_read_from_their_text_and_folded_lines_found_again() {
    let folded = "令和七年一月二十四日提出質問第三号架空税に関する質問主意書提出者 架空 花子架空税に関する質問主意書架空税を問う。\
        一 目的について１ 何か。２ 三人に一人が払うか。二 \u{fffd}@廃止、\u{fffd}A延期のいずれか。右質問する。";
    let row = serde_json::json!({"id": "shugiin-217-3", "house": "衆議院", "session": 217, "number": 3,
        "title": "質問(PDF 1KB)", "question": folded, "submitter": "架空 花子架空税に"});
    let text =
        format!("{row}\n{{}}\n{}\n", serde_json::json!({"session": "217", "number": "4", "question": "\u{1}endobj"}));
    let rows: Vec<_> = shugiin_rows(text.as_bytes()).collect();
    let read = rows[0].as_ref().unwrap();
    assert_eq!(read.title, "架空税に関する質問主意書", "the text is right where the list is not");
    assert_eq!(read.submitter.as_deref(), Some("架空花子"));
    let told: Vec<String> = read
        .question
        .iter()
        .map(|p| format!("{}:{}", p.number.as_ref().map(Item::to_string).unwrap_or_default(), p.text))
        .collect();
    assert_eq!(
        told,
        [
            ":架空税を問う。",
            "一:目的について",
            "一の１:何か。",
            "一の２:三人に一人が払うか。",
            "二:①廃止、②延期のいずれか。",
            ":右質問する。"
        ]
    );
    assert_eq!(rows[1].as_ref().unwrap_err().to_string(), "line 2: `session` is missing or cannot be read");
    assert_eq!(rows[2].as_ref().unwrap_err().error, RowError::NoText);

    let row = serde_json::json!({"提出回次": "001", "提出番号": "5", "件名": "架空米に関する質問主意書", "提出者": "谷　　三郎",
        "提出人数": "4", "提出日": "1947-06-06", "転送日": "", "答弁書受領日": "1947-06-28", "備考": ""});
    let read = sangiin_rows(row.to_string().as_bytes()).next().unwrap().unwrap();
    assert_eq!(read.at.to_string(), "sangiin-1-5");
    assert_eq!((read.submitter.as_deref(), read.others), (Some("谷三郎"), 3));
    assert_eq!((read.forwarded, read.answered), (None, Some(date(1947, 6, 28))));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200),
        text in "[一二三十１２（）①のア及び、からまでについて 　。質問第三号提出者君答弁書右質問する\n<>]{0,80}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = question_page(bytes);
            let _ = answer_page(bytes);
            let _ = progress_page(bytes);
            let _ = shugiin_rows(bytes).count();
            let _ = sangiin_rows(bytes).count();
        }
        let _ = heading(&text);
        let _ = parse_address(&text);
        let row = serde_json::json!({"session": 1, "number": 1, "question": format!("質問第三号架空提出者架空架空{text}")});
        let _ = shugiin_rows(row.to_string().as_bytes()).count();
    }
}

#[test]
fn hostile_depth_and_length_cost_linear_time() {
    let deep = format!("{}架空{}", "<div><ruby>".repeat(100_000), "</rt>".repeat(100_000));
    assert!(question_page(deep.as_bytes()).is_err());
    assert!(question_page("架 ".repeat(500_000).as_bytes()).is_err());
    let heading = format!("架空君提出答弁書<br>{}について", "一の".repeat(300_000));
    assert_eq!(answer_page(heading.as_bytes()).unwrap().answer.parts[0].items, []);
    let items = format!("質問第三号架空提出者架空架空{}", "一 架。".repeat(100_000));
    assert!(question_page(items.as_bytes()).is_ok());
}
