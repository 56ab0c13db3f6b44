//! 生年月日 (ID-BIRTH): a date that the text says is one of birth.

use std::ops::Range;

use super::Page;
use crate::date::{self, Date};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::fold;
use crate::keyword::Topic;
use crate::surroundings::{after, backwards, before, forwards, suffix};

/// Words that follow a date of birth. `日生` is `四月一日生`.
pub(crate) const SUFFIXES: &[&str] = &["生まれ", "生れ", "日生", "日（生", "日(生", "誕生"];

/// How far a date stands from its label at most, in characters: blanks, a colon, a bracket such as （西暦）.
const GAP: usize = 14;

/// Dates after each label and before each suffix.
pub(crate) fn detect(page: &Page<'_>, suffixes: &[Range<usize>], findings: &mut Vec<Finding>) {
    for (evidence, end) in page.keywords.ends(Topic::Birth) {
        if let Some(date) = after_label(page.text, end) {
            findings.push(finding(date, Confidence::High, vec!["form of a date", evidence]));
        }
    }
    for suffix in suffixes {
        if let Some(date) = before_suffix(page.text, suffix) {
            findings.push(finding(date, Confidence::High, vec!["form of a date", "said to be of birth"]));
        }
    }
}

/// A date alone in the cell of a table whose head speaks of birth.
pub(crate) fn cell(page: &Page<'_>, digit: usize) -> Option<Finding> {
    if !page.may_speak(Topic::Birth) {
        return None;
    }
    let start = date::era_before(page.text, digit).unwrap_or(digit);
    cell_at(page, start)
}

/// The same for a date that begins with the name of an era.
pub(crate) fn era_cell(page: &Page<'_>, start: usize) -> Option<Finding> {
    cell_at(page, start)
}

/// A date whose last figure ends at `end`, before a plain 生: `1980.4.1生`.
pub(crate) fn born(text: &str, end: usize) -> Option<Finding> {
    let mut chars = forwards(text, end);
    if chars.next() != Some('生') || chars.next().is_some_and(is_word_with_life) {
        return None;
    }
    let date = before_suffix(text, &(end..end + '生'.len_utf8()))?;
    Some(finding(date, Confidence::High, vec!["form of a date", "said to be of birth"]))
}

fn cell_at(page: &Page<'_>, start: usize) -> Option<Finding> {
    let date = date::read(page.text, start)?;
    if !edge(before(page.text, start)) || !edge(after(page.text, date.span.end)) {
        return None;
    }
    let keyword = page.spoken_for(Topic::Birth, &date.span)?;
    Some(finding(date, Confidence::Medium, vec!["form of a date", keyword]))
}

fn edge(c: Option<char>) -> bool {
    c.is_none_or(|c| "\n\r\t,|｜\"'、 　）)（(・/".contains(c))
}

fn finding(date: Date, confidence: Confidence, evidence: Vec<&'static str>) -> Finding {
    Finding {
        rule: "ID-BIRTH",
        signal: Signal::PersonalData(PersonalKind::BirthDate),
        span: date.span,
        confidence,
        evidence,
    }
}

/// The first date within a few characters after the label, with nothing but separators and a note in brackets between.
fn after_label(text: &str, end: usize) -> Option<Date> {
    let mut at = end;
    let mut bracket = false;
    for c in forwards(text, end).take(GAP) {
        let date = date::read(text, at).or_else(|| date::read_english(text, at));
        if date.is_some() {
            return date;
        }
        match c {
            '(' | '（' | '［' | '[' => bracket = true,
            ')' | '）' | '］' | ']' => bracket = false,
            'は' | 'が' | '日' => {}
            _ if bracket || c.is_whitespace() => {}
            _ if "：:=＝|｜,、\"'「『・→>＞】*".contains(c) || fold::is_dash(c) => {}
            // The eras to choose from, as printed on forms: 明・大・昭・平・令.
            '明' | '大' | '昭' | '平' | '令' | '西' | '暦' | '和' | 'M' | 'T' | 'S' | 'H' | 'R' => {}
            _ => return None,
        }
        at += c.len_utf8();
    }
    None
}

/// The longest date, in characters.
const LONGEST_DATE: usize = 24;

/// The date that ends where the suffix begins.
fn before_suffix(text: &str, word: &Range<usize>) -> Option<Date> {
    // 日生まれ is found as 生まれ too; 日 belongs to the date.
    let inside = text.get(word.clone())?.starts_with('日');
    let end = if inside { word.start + '日'.len_utf8() } else { word.start };
    if inside && text.get(word.clone())?.ends_with('生') && suffix(text, word.end, 1) == "ま" {
        return None;
    }
    if text.get(word.clone())? == "日生" && after(text, word.end).is_some_and(is_word_with_life) {
        return None;
    }
    let mut start = end;
    let mut best = None;
    for c in backwards(text, end).take(LONGEST_DATE) {
        if !(fold::digit(c).is_some() || fold::is_space(c) || fold::is_dash(c) || is_date_letter(c)) {
            break;
        }
        start -= c.len_utf8();
        if let Some(date) = date::read(text, start)
            && gap_is_small(text, date.span.end, end)
        {
            best = Some(date);
        }
    }
    best
}

/// Whether 生 and this letter make another word, as in 毎日生活, 当日生産.
fn is_word_with_life(c: char) -> bool {
    "活産命徒物鮮花涯計還成存息理前後".contains(c)
}

fn is_date_letter(c: char) -> bool {
    "年月日元〇一二三四五六七八九十百千令和平成昭大正明治㋿㍻㍼㍽㍾./／．・RHSTMＲＨＳＴＭ)）（(に".contains(c)
}

fn gap_is_small(text: &str, from: usize, to: usize) -> bool {
    text.get(from..to).is_some_and(|gap| {
        gap.chars().count() <= 2
            && gap.chars().all(|c| fold::is_space(c) || matches!(c, '（' | '(' | ')' | '）' | 'に'))
    })
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    fn found(text: &str) -> Vec<(Confidence, &str)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.rule == "ID-BIRTH")
            .map(|finding| (finding.confidence, &text[finding.span]))
            .collect()
    }

    #[test]
    fn dates_after_a_label_are_found_in_every_form() {
        for date in [
            "1980年4月1日",
            "昭和５５年４月１日",
            "昭和五十五年四月一日",
            "S55.4.1",
            "1980/04/01",
            "平成元年１月８日",
            "19800401",
        ] {
            for label in [
                "生年月日：",
                "生年月日　",
                "生年月日\n",
                "生年月日は",
                "生年月日（西暦）：",
                "誕生日 ",
                "Date of Birth: ",
                "生年月日 | ",
            ] {
                let text = format!("氏名と{label}{date}である");
                assert_eq!(found(&text), [(Confidence::High, date)], "{text}");
            }
        }
        assert_eq!(found("DOB: April 1, 1980"), [(Confidence::High, "April 1, 1980")]);
    }

    #[test]
    fn dates_before_a_word_of_birth_are_found() {
        for text in [
            "昭和55年4月1日生",
            "昭和五十五年四月一日生まれの者",
            "1980年4月1日生れ",
            "S55.4.1生まれ",
            "昭和55年4月1日（生）",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn cells_under_a_head_are_read() {
        let text = "氏名,生年月日,備考\n川北春子,1980-04-01,なし\n南 次郎,S55.4.2,なし\n";
        let spans: Vec<_> = found(text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(spans, ["1980-04-01", "S55.4.2"]);
    }

    #[test]
    fn other_dates_are_none() {
        for text in [
            "生年月日を記載した申請書を令和7年4月1日までに提出する",
            "令和7年4月1日から施行する",
            "令和7年4月1日生活保護を開始",
            "昭和三十年生まれの世代",
            "氏名、生年月日、住所",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
