//! Marks of secrecy and handling (MK-01 to MK-12).
//!
//! Talking about a word is not carrying the mark. So the place decides: a line of its own, brackets, or the edge of
//! a line is how marks are set ([`Confidence::High`]); a word in running text is a hint ([`Confidence::Low`])
//! unless the text says it of itself. MK-01 and MK-02 are reported at marked places only.

mod place;
mod spaced;

use std::ops::Range;

use self::place::{Place, banner, marked, place};
pub(crate) use self::spaced::{name_in_lines, spaced_lines};
use crate::finding::{Confidence, Finding, MunicipalLevel, RuleId, Signal};
use crate::fold::{self, Folded};
use crate::surroundings::{after, before, prefix, suffix};

/// A word with which a mark begins.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) text: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// 特定秘密 (MK-01).
    SpeciallyDesignated,
    /// 重要経済安保情報 (MK-02).
    EconomicSecurity,
    /// 特別防衛秘密 (MK-03).
    SpecialDefence,
    /// ㊙ (MK-04), taken before any folding.
    CircledSecret,
    /// 極秘, 時限秘 (MK-04).
    TopSecret,
    /// 秘 (MK-04), only alone or in brackets.
    Secret,
    /// 機密 (MK-04), the mark of older documents, only alone or in brackets.
    OldSecret,
    /// 機密性 (MK-05) or 自治体機密性 (MK-06).
    Confidentiality,
    /// 完全性, 可用性 (MK-07).
    OtherProperty,
    /// C2I2A2 (MK-07).
    Combined,
    /// MK-08.
    Internal,
    /// MK-09.
    Restricted,
    /// MK-10.
    TrafficLight,
    /// MK-11.
    Foreign,
    /// MK-12.
    Hint,
}

macro_rules! words {
    ($($kind:ident: $($text:literal),+;)+) => {
        &[$($(Word { text: $text, kind: Kind::$kind },)+)+]
    };
}

/// The words, as they are looked for in the original text.
pub(crate) const WORDS: &[Word] = words! {
    SpeciallyDesignated: "特定秘密";
    EconomicSecurity: "重要経済安保情報";
    SpecialDefence: "特別防衛秘密", "特防秘";
    CircledSecret: "㊙";
    TopSecret: "極秘", "時限秘", "厳秘", "マル秘";
    Secret: "秘";
    OldSecret: "機密";
    Confidentiality: "機密性";
    OtherProperty: "完全性", "可用性";
    Combined: "C1I", "C2I", "C3I", "Ｃ１Ｉ", "Ｃ２Ｉ", "Ｃ３Ｉ";
    Internal: "取扱厳重注意", "厳重取扱注意", "取扱注意", "取扱い注意", "取り扱い注意", "部内限り", "部外秘", "対外秘",
        "社外秘", "庁内限り", "社内限り", "課内限り", "局内限り", "内部限り", "省内限り", "関係者限り", "関係職員限り", "関係省庁限り", "教職員等限り", "教職員限り";
    Restricted: "複製禁止", "複写禁止", "配布禁止", "配付禁止", "転送禁止", "転記禁止", "送信禁止", "再利用禁止", "書換禁止",
        "削除禁止", "複製要許可", "複写要許可", "配布要許可", "配付要許可", "転送要許可", "転記要許可", "送信要許可",
        "再利用要許可", "書換要許可", "削除要許可", "暗号化必須", "要回収", "コピー禁止", "席上限り", "席上配布限り", "読後廃棄";
    TrafficLight: "TLP", "ＴＬＰ";
    Foreign: "CUI", "SECRET", "ＳＥＣＲＥＴ", "NOFORN", "CONTROLLED UNCLASSIFIED";
    Hint: "未公表", "未定稿", "予定価格", "最低制限価格", "解禁日時", "入札前", "人事異動案", "人事異動(案", "人事異動（案";
};

/// Judges the words found in a text.
pub(crate) fn detect(text: &str, words: &[(&'static Word, Range<usize>)], findings: &mut Vec<Finding>) {
    let first = findings.len();
    for (word, span) in words {
        if let Some(finding) = judge(text, word, span) {
            // Of words within each other (取扱注意 in 厳重取扱注意) the longest stands; ends come in order.
            while findings.len() > first
                && findings
                    .last()
                    .is_some_and(|last| last.rule == finding.rule && finding.span.start <= last.span.start)
            {
                findings.pop();
            }
            let covered =
                findings.last().is_some_and(|last| last.rule == finding.rule && last.span.end >= finding.span.end);
            if findings.len() == first || !covered {
                findings.push(finding);
            }
        }
    }
}

fn judge(text: &str, word: &Word, span: &Range<usize>) -> Option<Finding> {
    match word.kind {
        Kind::SpeciallyDesignated => specially_designated(text, span),
        Kind::EconomicSecurity => {
            let place = place(text, span);
            marked(place).then(|| finding("MK-02", Signal::OutOfScope, span, place))
        }
        Kind::SpecialDefence => Some(finding("MK-03", Signal::OutOfScope, span, place(text, span))),
        Kind::CircledSecret => Some(Finding {
            rule: "MK-04",
            signal: Signal::Secret,
            span: span.clone(),
            confidence: Confidence::High,
            evidence: vec!["sign ㊙"],
        }),
        Kind::TopSecret => {
            let secretly = matches!(after(text, span.end), Some('裏' | '裡'));
            (!secretly).then(|| finding("MK-04", Signal::Secret, span, place(text, span)))
        }
        Kind::Secret => secret(text, span),
        Kind::OldSecret => {
            // The cheap look first: 機密性 is common.
            if after(text, span.end).is_some_and(char::is_alphanumeric) {
                return None;
            }
            let place = place(text, span);
            let set = place == Place::Line || place == Place::Brackets && before(text, span.start) == Some('【');
            set.then(|| Finding {
                confidence: Confidence::Medium,
                evidence: vec!["mark of older documents", place.evidence()],
                ..finding("MK-04", Signal::Secret, span, place)
            })
        }
        Kind::Confidentiality => confidentiality(text, span),
        Kind::OtherProperty => {
            let (digit, end) = level(text, span.end)?;
            let span = span.start..end;
            (digit <= 2).then(|| finding("MK-07", Signal::Hint, &span, place(text, &span)))
        }
        Kind::Combined => combined(text, span),
        Kind::Internal => Some(finding("MK-08", Signal::Internal, span, place(text, span))),
        Kind::Restricted => Some(finding("MK-09", Signal::Restricted, span, place(text, span))),
        Kind::TrafficLight => traffic_light(text, span),
        Kind::Foreign => foreign(text, span),
        Kind::Hint => Some(finding("MK-12", Signal::Hint, span, place(text, span))),
    }
}

fn finding(rule: RuleId, signal: Signal, span: &Range<usize>, place: Place) -> Finding {
    Finding { rule, signal, span: span.clone(), confidence: place.confidence(), evidence: vec![place.evidence()] }
}

/// MK-01: 特定秘密 as a stamp; 特定秘密指定 as the head of a designation.
fn specially_designated(text: &str, span: &Range<usize>) -> Option<Finding> {
    let tail = suffix(text, span.end, 8);
    let Some(rest) = tail.strip_prefix("指定") else {
        let place = place(text, span);
        return marked(place).then(|| finding("MK-01", Signal::OutOfScope, span, place));
    };
    let heading =
        ["年月日", "整理番号", "番号", "日", "書"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    let span = span.start..span.end + (tail.len() - heading.len());
    let place = place(text, &span);
    let numbered = heading.starts_with('第') || heading.chars().next().is_some_and(|c| fold::digit(c).is_some());
    if place.confidence() == Confidence::High || numbered {
        let place = if numbered { Place::Edge } else { place };
        return Some(finding("MK-01", Signal::OutOfScope, &span, place));
    }
    Some(finding("MK-01", Signal::Hint, &span, Place::Running))
}

/// MK-04: 秘 alone on its line or in brackets, also 時秘; never within 秘書, 秘密保持, 守秘義務.
fn secret(text: &str, span: &Range<usize>) -> Option<Finding> {
    let start = if before(text, span.start) == Some('時') { span.start - '時'.len_utf8() } else { span.start };
    let span = start..span.end;
    let left = before(text, span.start);
    let right = after(text, span.end);
    if let (Some(open), Some(close)) = (left, right)
        && matches!(fold::width(open), '【' | '〔' | '[' | '(')
        && matches!(fold::width(close), '】' | '〕' | ']' | ')')
    {
        return Some(finding("MK-04", Signal::Secret, &span, Place::Brackets));
    }
    // The cheap look first: 秘 is common in words.
    let open = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    if !open(left) || !open(right) {
        return None;
    }
    let place = place(text, &span);
    (place == Place::Line).then(|| finding("MK-04", Signal::Secret, &span, place))
}

/// The digit 1 to 3 that follows at `at`, after blanks, a colon or 区分 and レベル; and where it ends.
fn level(text: &str, at: usize) -> Option<(u8, usize)> {
    let mut end = at;
    let mut tail = suffix(text, at, 12);
    for word in ["レベル", "区分"] {
        if let Some(rest) = tail.strip_prefix(word) {
            end += word.len();
            tail = rest;
        }
    }
    let mut colon = false;
    for c in tail.chars() {
        end += c.len_utf8();
        match fold::width(c) {
            ':' if !colon => colon = true,
            c if c.is_whitespace() => {}
            c => {
                let digit = fold::digit(c).or_else(|| numeral(c)).filter(|digit| (1..=3).contains(digit))?;
                let longer = after(text, end).is_some_and(|c| fold::digit(c).is_some());
                return (!longer).then_some((digit, end));
            }
        }
    }
    None
}

/// Numerals that levels are also written with.
fn numeral(c: char) -> Option<u8> {
    match c {
        'Ⅰ' | '一' => Some(1),
        'Ⅱ' | '二' => Some(2),
        'Ⅲ' | '三' => Some(3),
        _ => None,
    }
}

/// MK-06 when 自治体 stands before, else MK-05.
fn confidentiality(text: &str, span: &Range<usize>) -> Option<Finding> {
    let (digit, mut end) = level(text, span.end)?;
    let lead = prefix(text, span.start, 5);
    let municipal = lead.trim_end().strip_suffix("自治体").map(|_| {
        let blanks = lead.len() - lead.trim_end().len();
        span.start - blanks - "自治体".len()
    });
    let folded = Folded::new(suffix(text, end, 12), end);
    let mut rest = folded.as_str();
    if let Some(c) = rest.chars().next().filter(|&c| fold::is_dash(c) && municipal.is_some()) {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    let mut letter = None;
    if let Some(c) = rest.chars().next().filter(|c| matches!(c.to_ascii_uppercase(), 'A'..='C')) {
        let next = rest.chars().nth(1);
        if !next.is_some_and(|c| c.is_ascii_alphanumeric()) {
            letter = Some(c.to_ascii_uppercase());
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    for word in ["(高)", "(中)", "(低)"] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest = rest.strip_prefix("情報").unwrap_or(rest);
    let taken = folded.as_str().len() - rest.len();
    if let Some(original) = folded.original(0..taken) {
        end = original.end;
    }
    if let Some(start) = municipal {
        let level = match (digit, letter) {
            (1, _) => Some(MunicipalLevel::One),
            (2, _) => Some(MunicipalLevel::Two),
            (_, Some('A')) => Some(MunicipalLevel::ThreeA),
            (_, Some('B')) => Some(MunicipalLevel::ThreeB),
            (_, Some('C')) => Some(MunicipalLevel::ThreeC),
            _ => None,
        };
        if let Some(level) = level {
            return Some(stated("MK-06", Signal::Municipal(level), text, &(start..end)));
        }
    }
    Some(stated("MK-05", Signal::Confidentiality(digit), text, &(span.start..end)))
}

/// A stated level counts in running text too, unless a range of levels is discussed.
fn stated(rule: RuleId, signal: Signal, text: &str, span: &Range<usize>) -> Finding {
    let mut finding = finding(rule, signal, span, place(text, span));
    let tail = suffix(text, span.end, 2);
    let range =
        ["以上", "以下", "未満", "から", "又は", "及び", "また", "およ"].iter().any(|word| tail.starts_with(word))
            || tail.starts_with(['～', '〜', '~', '、']);
    if finding.confidence == Confidence::Low && finding.evidence.contains(&Place::Running.evidence()) && !range {
        finding.confidence = Confidence::Medium;
    } else if range && finding.confidence < Confidence::High {
        finding.confidence = Confidence::Low;
        finding.evidence.push("a range of levels");
    }
    finding
}

fn apart_from_ascii_words(text: &str, span: &Range<usize>) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    !word(before(text, span.start)) && !word(after(text, span.end))
}

/// MK-07: C, I and A in one word.
fn combined(text: &str, span: &Range<usize>) -> Option<Finding> {
    let folded = Folded::new(suffix(text, span.start, 6), span.start);
    let mut letters = folded.as_str().bytes();
    let mut next = || letters.next();
    let (b'C', level @ b'1'..=b'3', b'I', b'1' | b'2', b'A', b'1' | b'2') =
        (next()?, next()?, next()?, next()?, next()?, next()?)
    else {
        return None;
    };
    let span = folded.original(0..6)?;
    apart_from_ascii_words(text, &span).then(|| Finding {
        confidence: Confidence::High,
        ..finding("MK-07", Signal::Confidentiality(level - b'0'), &span, place(text, &span))
    })
}

/// MK-10.
fn traffic_light(text: &str, span: &Range<usize>) -> Option<Finding> {
    let folded = Folded::new(suffix(text, span.start, 24), span.start);
    let rest = folded.as_str().strip_prefix("TLP")?;
    let colour = rest.trim_start_matches([':', ' ', '_', '-', '\n']);
    if colour.len() == rest.len() {
        return None;
    }
    let (word, level) = [("RED", 3), ("AMBER+STRICT", 2), ("AMBER", 2), ("GREEN", 2), ("CLEAR", 1), ("WHITE", 1)]
        .into_iter()
        .find(|(word, _)| colour.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)))?;
    let length = folded.as_str().len() - colour.len() + word.len();
    let span = folded.original(0..length)?;
    apart_from_ascii_words(text, &span).then(|| Finding {
        confidence: Confidence::High,
        ..finding("MK-10", Signal::Confidentiality(level), &span, place(text, &span))
    })
}

/// MK-11: capitals at ASCII word boundaries.
fn foreign(text: &str, span: &Range<usize>) -> Option<Finding> {
    let start = if prefix(text, span.start, 4) == "TOP " { span.start - 4 } else { span.start };
    let span = start..span.end;
    let capitals = text.get(span.clone())?.chars().all(|c| !fold::width(c).is_ascii_lowercase());
    if !capitals || !apart_from_ascii_words(text, &span) {
        return None;
    }
    let place = match place(text, &span) {
        Place::Edge if !banner(text, &span) => Place::Apart,
        other => other,
    };
    Some(finding("MK-11", Signal::Secret, &span, place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;

    fn found(text: &str) -> Vec<(&'static str, Signal, Confidence, &str)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.rule.starts_with("MK-"))
            .map(|finding| (finding.rule, finding.signal, finding.confidence, &text[finding.span]))
            .collect()
    }

    fn only(text: &str) -> (&'static str, Signal, Confidence, &str) {
        let all = found(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        all[0]
    }

    fn blocked(text: &str) -> bool {
        found(text).iter().any(|(_, signal, confidence, _)| {
            *confidence > Confidence::Low && matches!(signal, Signal::OutOfScope | Signal::Secret)
        })
    }

    use Confidence::{High, Low, Medium};

    #[test]
    fn mk01_and_mk02_are_stamps_or_brackets() {
        for text in [
            "特定秘密",
            "資料1\n　【特定秘密】　\n本文",
            "【特定秘密】運用計画",
            "〔特定秘密〕",
            "（特定秘密）\n",
            "特　定　秘　密\n本文",
        ] {
            assert_eq!(only(text).0, "MK-01", "{text}");
            assert_eq!(only(text).1, Signal::OutOfScope, "{text}");
        }
        assert_eq!(only("【重要経済安保情報】").0, "MK-02");
        assert_eq!(only("特定秘密指定書").1, Signal::OutOfScope);
        assert_eq!(only("特定秘密指定第12号の写し").1, Signal::OutOfScope);
    }

    #[test]
    fn talking_about_a_law_is_no_mark() {
        for text in [
            "特定秘密保護法の概要",
            "特定秘密の保護に関する法律",
            "「特定秘密」とは何か",
            "特定秘密、特別防衛秘密などの違い",
            "重要経済安保情報の保護及び活用に関する法律",
            "特定秘密指定管理簿の様式について",
        ] {
            assert!(!blocked(text), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn mk03_in_running_text_is_only_a_hint() {
        assert_eq!(only("【特別防衛秘密】").2, High);
        assert_eq!(only("特防秘\n").2, High);
        assert_eq!(only("特別防衛秘密に関する法律の改正").2, Low);
    }

    #[test]
    fn mk04_takes_the_circled_sign_before_any_folding() {
        assert_eq!(only("㊙会議資料"), ("MK-04", Signal::Secret, High, "㊙"));
        for text in [
            "極秘",
            "【極秘】計画",
            "会議資料　極秘",
            "極　秘",
            "〔秘〕",
            "（秘）人事",
            "[時秘]",
            "\n秘\n",
            "時限秘",
            "【 秘 】",
        ] {
            let (rule, signal, confidence, _) = only(text);
            assert_eq!((rule, signal, confidence), ("MK-04", Signal::Secret, High), "{text}");
        }
    }

    #[test]
    fn words_with_the_same_sign_are_no_marks() {
        for text in ["秘書", "秘密保持契約", "守秘義務", "極秘裏に進めた", "極秘裡", "神秘", "秘書課\n", "秘密"]
        {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn mk05_reads_every_width_and_form() {
        for (text, level, span) in [
            ("【機密性２情報】", 2, "機密性２情報"),
            ("機密性2", 2, "機密性2"),
            ("機密性　３　情報", 3, "機密性　３"),
            ("機密性３（高）情報", 3, "機密性３（高）情報"),
            ("機密性２Ａ情報", 2, "機密性２Ａ情報"),
            ("格付：機密性1", 1, "機密性1"),
            ("機密性：２", 2, "機密性：２"),
            ("機密性②", 2, "機密性②"),
            ("機密性Ⅲ", 3, "機密性Ⅲ"),
        ] {
            let (rule, signal, confidence, found) = only(text);
            assert_eq!((rule, signal, confidence, found), ("MK-05", Signal::Confidentiality(level), High, span));
        }
        assert_eq!(only("機密性2情報を含むので注意").2, Medium);
        assert_eq!(only("原則として機密性2以上の情報は扱えない").2, Low);
        for text in ["機密性", "機密性4", "機密性12", "機密性の高い情報"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn mk06_comes_before_mk05_and_takes_its_span() {
        use MunicipalLevel::{One, ThreeA, ThreeB, ThreeC, Two};
        for (text, level) in [
            ("自治体機密性1", One),
            ("【自治体機密性２】", Two),
            ("自治体機密性３Ｃ", ThreeC),
            ("自治体機密性3B", ThreeB),
            ("自治体機密性 3A情報", ThreeA),
        ] {
            let (rule, signal, ..) = only(text);
            assert_eq!((rule, signal), ("MK-06", Signal::Municipal(level)), "{text}");
        }
        assert_eq!(only("自治体機密性3").1, Signal::Confidentiality(3), "without its letter it is still level 3");
    }

    #[test]
    fn mk07_takes_the_level_of_a_combined_mark() {
        assert_eq!(only("文書C3I2A2").1, Signal::Confidentiality(3));
        assert_eq!(only("Ｃ２Ｉ１Ａ１").1, Signal::Confidentiality(2));
        assert_eq!(only("完全性２").1, Signal::Hint);
        for text in ["C3I2A21", "XC3I2A2", "C4I2A2", "c3i2a2", "C3I3A2"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn mk08_and_mk09_are_marks_when_set_or_said_of_the_text() {
        assert_eq!(only("取扱注意"), ("MK-08", Signal::Internal, High, "取扱注意"));
        assert_eq!(only("【厳重取扱注意】").3, "厳重取扱注意");
        assert_eq!(only("会議資料_部外秘_20251122").2, Medium);
        assert_eq!(only("本資料は関係者限りです。").2, Medium);
        assert_eq!(only("庁内限りでお願いします").2, Medium);
        assert_eq!(only("部外秘という表示の意味を調べた").2, Low);
        assert_eq!(found("複製禁止・転送禁止").len(), 2);
        assert_eq!(only("席上配布限り").1, Signal::Restricted);
    }

    #[test]
    fn mk10_and_mk11_stand_at_ascii_word_boundaries() {
        assert_eq!(only("表示はTLP:REDとする").1, Signal::Confidentiality(3));
        assert_eq!(only("ＴＬＰ：ＡＭＢＥＲ＋ＳＴＲＩＣＴ").1, Signal::Confidentiality(2));
        assert_eq!(only("TLP: CLEAR").1, Signal::Confidentiality(1));
        assert_eq!(only("TOP SECRET"), ("MK-11", Signal::Secret, High, "TOP SECRET"));
        assert_eq!(found("SECRET//NOFORN").len(), 2);
        for text in ["TLP:REDUCE", "CLIENT_SECRET", "secret", "CUISINE", "TLP"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn separators_in_a_name_part_its_words() {
        let found = |name: &str| {
            let findings = shared().scan_name(name);
            findings.into_iter().map(|finding| (finding.rule, finding.confidence)).collect::<Vec<_>>()
        };
        for (name, rule) in [
            ("【機密性2】会議資料.docx", "MK-05"),
            ("会議資料_極秘.docx", "MK-04"),
            ("社外秘_名簿.xlsx", "MK-08"),
            ("秘_人事案.pdf", "MK-04"),
            ("(秘)人事.pdf", "MK-04"),
            ("会議資料_特定秘密.pdf", "MK-01"),
            ("特定秘密　会議資料.pdf", "MK-01"),
            ("20251122-重要経済安保情報-会議資料.pdf", "MK-02"),
            ("㊙会議資料.pdf", "MK-04"),
            ("TLP-RED_会議資料.pdf", "MK-10"),
            ("SECRET_会議資料.pdf", "MK-11"),
            ("マル秘.txt", "MK-04"),
        ] {
            assert_eq!(found(name), [(rule, High)], "{name}");
        }
        for name in ["秘書課_会議資料.docx", "特定秘密保護法の概要_資料.docx", "CLIENT_SECRET.json", "神秘の森.pdf"]
        {
            assert!(found(name).is_empty(), "{name}: {:?}", found(name));
        }
    }

    #[test]
    fn mk12_asks() {
        assert_eq!(only("予定価格の算定について").2, Low);
        assert_eq!(only("【未定稿】").1, Signal::Hint);
    }
}
