//! Citations of speeches, written questions and answers, in official form, with their links.

use super::number::era;
use super::record::{Meeting, Speech};
use super::speaker::Spoken;
use super::written::{Kind, WrittenQuestion, address};
use serde::{Deserialize, Serialize};

/// A citation: what to write and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    /// The words.
    pub text: String,
    /// The address at the source.
    pub url: String,
}

/// The address of a speech at the library: speech 0 is the meeting's header.
pub fn speech_url(issue_id: &str, order: u32) -> String {
    // What comes from outside goes into an address only as what it should be.
    let issue: String = issue_id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("https://kokkai.ndl.go.jp/txt/{issue}/{order}")
}

/// `第217回国会 衆議院 予算委員会 第3号 令和7年2月5日 発言12 架空花子（国務大臣）`
pub fn speech(meeting: &Meeting, speech: &Speech) -> Cited {
    let spoken = Spoken::read(speech);
    let mut text = format!("{} 発言{}", meeting_text(meeting), speech.order);
    let name = match speech.speaker.as_str() {
        "" => spoken.head.and_then(|head| head.name).unwrap_or_default(),
        name => name,
    };
    if !name.is_empty() {
        text.push(' ');
        text.push_str(name);
    }
    if let Some(post) = spoken.post(speech) {
        text.push_str(&format!("（{post}）"));
    }
    Cited { text, url: speech_url(&meeting.issue_id, speech.order) }
}

/// `第217回国会 衆議院 予算委員会 第3号 令和7年2月5日`
pub fn meeting(meeting: &Meeting) -> Cited {
    Cited { text: meeting_text(meeting), url: speech_url(&meeting.issue_id, 0) }
}

fn meeting_text(meeting: &Meeting) -> String {
    let issue = meeting.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
    let Meeting { session, house, name, date, .. } = meeting;
    format!("第{session}回国会 {house} {name}{issue} {}", era(*date))
}

/// `第217回国会 衆議院 質問主意書 質問第3号「…に関する質問主意書」（令和7年1月24日提出）`
pub fn written_question(question: &WrittenQuestion) -> Cited {
    let day = question.submitted.map(|day| format!("（{}提出）", era(day))).unwrap_or_default();
    Cited {
        text: format!("{}{day}", question_text(question)),
        url: question.urls.question.clone().unwrap_or_else(|| address(question.at, Kind::Question)),
    }
}

/// `第217回国会 衆議院 質問主意書 質問第3号「…」／答弁書 内閣衆質217第3号（令和7年2月4日受領）`
///
/// Written for any question: the number of an answer follows from the question's, and whether one is there is for the
/// caller to know.
pub fn written_answer(question: &WrittenQuestion) -> Cited {
    let day = match (question.answered, question.answer.as_ref().and_then(|answer| answer.dated)) {
        (Some(day), _) => format!("（{}受領）", era(day)),
        (None, Some(day)) => format!("（{}付け）", era(day)),
        (None, None) => String::new(),
    };
    let letter = match question.at.house {
        super::house::House::Sangiin => '参',
        super::house::House::Shugiin | super::house::House::Both => '衆',
    };
    let at = question.at;
    Cited {
        text: format!("{}／答弁書 内閣{letter}質{}第{}号{day}", question_text(question), at.session, at.number),
        url: question.urls.answer.clone().unwrap_or_else(|| address(at, Kind::Answer)),
    }
}

fn question_text(question: &WrittenQuestion) -> String {
    let at = question.at;
    format!("第{}回国会 {} 質問主意書 質問第{}号「{}」", at.session, at.house, at.number, question.title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diet::record::lines;
    use crate::diet::written::shugiin_rows;
    use jiff::civil::date;

    #[test]
    fn a_speech_is_cited_by_meeting_day_place_and_who_spoke_as_what() {
        let row = serde_json::json!({"issueID": "199999999X00320250205", "speechOrder": 12, "session": 217,
            "nameOfHouse": "衆議院", "nameOfMeeting": "予算委員会", "issue": "第3号", "date": "2025-02-05",
            "speaker": "架空花子", "speech": "○架空国務大臣　はい。"});
        let item = lines(row.to_string().as_bytes()).next().unwrap().unwrap();
        let cited = speech(&item.meeting, &item.speech.unwrap());
        assert_eq!(cited.text, "第217回国会 衆議院 予算委員会 第3号 令和7年2月5日 発言12 架空花子（国務大臣）");
        assert_eq!(cited.url, "https://kokkai.ndl.go.jp/txt/199999999X00320250205/12");
        assert_eq!(meeting(&item.meeting).url, "https://kokkai.ndl.go.jp/txt/199999999X00320250205/0");
    }

    #[test]
    fn a_written_question_and_its_answer_are_cited_by_number_and_day() {
        let row = serde_json::json!({"session": 217, "number": 3, "question":
            "令和七年一月二十四日提出質問第三号架空税に関する質問主意書提出者 架空花子架空税に関する質問主意書架空税を問う。"});
        let mut question = shugiin_rows(row.to_string().as_bytes()).next().unwrap().unwrap();
        question.answered = Some(date(2025, 2, 4));
        assert_eq!(
            written_question(&question).text,
            "第217回国会 衆議院 質問主意書 質問第3号「架空税に関する質問主意書」（令和7年1月24日提出）"
        );
        let answer = written_answer(&question);
        assert_eq!(
            answer.text,
            "第217回国会 衆議院 質問主意書 質問第3号「架空税に関する質問主意書」／答弁書 内閣衆質217第3号（令和7年2月4日受領）"
        );
        assert!(answer.url.ends_with("/b217003.htm"));
    }
}
