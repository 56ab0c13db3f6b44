//! The question: its page, and the same text where an archive folded its lines.

use super::PageError;
use super::html;
use super::paragraph::{Paragraph, paragraphs};
use crate::diet::number;
use jiff::civil::Date;

/// What a question's page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionPage {
    /// 質問第N号
    pub number: Option<u32>,
    /// 「…に関する質問主意書」
    pub title: Option<String>,
    /// Who handed it in.
    pub submitter: Option<String>,
    /// How many besides.
    pub others: u32,
    /// The day it was handed in.
    pub submitted: Option<Date>,
    /// The text after the front matter.
    pub paragraphs: Vec<Paragraph>,
}

/// Reads a question's page of either House.
///
/// # Errors
/// It is too large, or no question stands on it.
pub fn question_page(bytes: &[u8]) -> Result<QuestionPage, PageError> {
    let lines = html::lines(bytes)?;
    let text = lines.join("\n");
    from_text(&text).ok_or(PageError::Nothing("質問主意書"))
}

/// Reads the text of a question, front matter and all.
pub(super) fn from_text(text: &str) -> Option<QuestionPage> {
    let at = text.find("質問第")?;
    let (number, rest) = number::leading(text.get(at + "質問第".len()..)?)?;
    let rest = rest.strip_prefix('号')?;
    let before = text.get(..at)?;
    let front = Front { number, before, rest };
    let page = front.shugiin().or_else(|| front.sangiin())?;
    (!page.paragraphs.is_empty()).then_some(page)
}

struct Front<'a> {
    number: u32,
    before: &'a str,
    rest: &'a str,
}

impl Front<'_> {
    /// date 提出 / 質問第N号 / title / 提出者 name / title / body
    fn shugiin(&self) -> Option<QuestionPage> {
        let (title, rest) = self.rest.split_once("提出者")?;
        let title = title.trim();
        // In the other House's papers the word stands far below, in the body.
        if title.is_empty() || title.contains(['。', '\n']) {
            return None;
        }
        let at = rest.find(title)?;
        let (name, body) = (rest.get(..at)?, rest.get(at + title.len()..)?);
        let line = self.before.lines().rev().find(|line| line.contains("提出")).unwrap_or(self.before);
        Some(self.page(title, name, number::date(line), body))
    }

    /// 質問第N号 / title / 右の質問主意書を…提出する。 / date / name / 参議院議長 name 殿 / title / body
    fn sangiin(&self) -> Option<QuestionPage> {
        let (title, rest) = self.rest.split_once("右の質問主意書を")?;
        let title = title.trim();
        let (_, rest) = rest.split_once('。')?;
        let (letter, rest) = rest.split_once("議長")?;
        let (_, body) = rest.split_once('殿')?;
        let submitted = number::date(letter);
        let name = letter.split_once('日').map_or(letter, |(_, after)| after);
        let name = name.trim().trim_end_matches("参議院").trim();
        let body = body.trim_start();
        Some(self.page(title, name, submitted, body.strip_prefix(title).unwrap_or(body)))
    }

    fn page(&self, title: &str, name: &str, submitted: Option<Date>, body: &str) -> QuestionPage {
        let (submitter, others) = submitter(name);
        let lines: Vec<&str> = body.lines().take_while(|line| !html::is_footer(line)).collect();
        QuestionPage {
            number: Some(self.number),
            title: Some(title.to_owned()),
            submitter,
            others,
            submitted,
            paragraphs: paragraphs(&lines.join("\n")),
        }
    }
}

/// A name without title, and how many stand behind it: `架空　花子君外二名` is 架空花子 and 2.
pub(super) fn submitter(text: &str) -> (Option<String>, u32) {
    let line = text.trim().lines().next().unwrap_or_default().trim();
    let (name, others) = match line.rsplit_once('外') {
        Some((name, count)) if count.trim_end().ends_with('名') => {
            (name, number::numeral(count.trim().trim_end_matches('名')).unwrap_or(0))
        }
        _ => (line, 0),
    };
    // Names are padded to a width: 架　太郎. Where letters are Latin a space is the name's own.
    let name: String = name.trim().trim_end_matches('君').chars().filter(|c| !c.is_whitespace()).collect();
    ((!name.is_empty()).then_some(name), others)
}
