//! 氏名 (ID-NAME): a surname of the list with what can be a given name, a title, a label or a reading beside it.
//!
//! Names have no form of their own, so the confidence says what stands beside them: a label with both parts is
//! [`Confidence::High`], a title with both parts [`Confidence::Medium`], a surname with a title or a full name alone
//! [`Confidence::Low`]. That a person is named says nothing of whether the person is a public one.

pub(crate) mod cue;
mod dictionary;
mod row;

use std::ops::Range;

pub(crate) use self::cue::Title;
use self::cue::{ends_an_office, precedes_a_title};
use self::dictionary::usual;
pub(crate) use self::dictionary::{Names, class};
use self::row::Row;
use super::Page;
use super::address::places::{PREFECTURES, Places};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::fold;
use crate::keyword::Topic;
use crate::numeral::is_kanji_numeral;
use crate::script::{is_hiragana, is_kana, is_kanji, is_katakana};
use crate::surroundings::{after, backwards, before, forwards, suffix};

/// Looks beside each title and each label.
pub(crate) fn detect(
    page: &Page<'_>,
    names: &Names,
    places: &Places,
    titles: &[(&'static Title, Range<usize>)],
    findings: &mut Vec<Finding>,
) {
    for (title, span) in titles {
        findings.extend(titled(page.text, names, places, title, span));
        findings.extend(after_title(page.text, names, title, span.end));
    }
    for (label, end) in page.keywords.ends(Topic::Name) {
        findings.extend(labelled(page.text, names, label, end));
    }
    for (label, end) in page.keywords.ends(Topic::Reading) {
        findings.extend(reading(page.text, label, end));
    }
}

fn finding(span: Range<usize>, confidence: Confidence, evidence: Vec<&'static str>) -> Finding {
    Finding { rule: "ID-NAME", signal: Signal::PersonalData(PersonalKind::PersonName), span, confidence, evidence }
}

/// Whether a name may begin after this character.
fn begins(before: Option<char>) -> bool {
    before.is_none_or(|c| !is_kanji(c) || ends_an_office(c))
}

/// Whether a name may end before this character: the next kanji would belong to it, unless it begins a title.
fn ends(after: Option<char>) -> bool {
    after.is_none_or(|c| !is_kanji(c) || "様氏殿君先課係部主議委".contains(c))
}

/// The name before a title.
fn titled(text: &str, names: &Names, places: &Places, title: &Title, span: &Range<usize>) -> Option<Finding> {
    if after(text, span.end).is_some_and(|c| title.not_before.contains(c)) {
        return None;
    }
    let mut end = span.start;
    let mut near = before(text, end)?;
    if precedes_a_title(near) || fold::is_space(near) {
        end -= near.len_utf8();
        near = before(text, end)?;
    }
    if is_katakana(near)
        && title.follows_foreign_names()
        && let Some(start) = dotted_before(text, end)
    {
        return Some(finding(start..end, Confidence::Medium, vec!["katakana with a middle dot", title.evidence]));
    }
    if !(is_kanji(near) && names.may_end_before_title(near) || is_kana(near)) {
        return None;
    }
    let row = Row::before(text, end);
    let length = row.len();
    let prior = |index: usize| match index.checked_sub(1) {
        Some(index) => row.letter(index),
        None => before(text, row.place(0)),
    };
    let full = (0..length).find(|&start| {
        begins(prior(start))
            && match row.blank {
                Some(blank) if blank > start => {
                    names.is_surname(row.slice(start, blank)) && names.is_given(row.slice(blank + 1, length))
                }
                _ => names.read_told(row.slice(start, length)).is_some(),
            }
    });
    if let Some(start) = full {
        let evidence = vec!["surname", "given name", title.evidence];
        return Some(finding(row.place(start)..end, Confidence::Medium, evidence));
    }
    [3, 2, 4, 1].into_iter().filter_map(|count| length.checked_sub(count)).find_map(|start| {
        let surname = row.slice(start, length);
        let fits =
            begins(prior(start)) && names.stands_with_title(surname) && !is_place(text, places, &row, start, span);
        fits.then(|| finding(row.place(start)..end, Confidence::Low, vec!["surname", title.evidence]))
    })
}

/// A full name directly after an office, as in 総務課長山田太郎.
fn after_title(text: &str, names: &Names, title: &Title, end: usize) -> Option<Finding> {
    let mut start = end;
    if let Some(blank) = after(text, end).filter(|&c| fold::is_space(c)) {
        start += blank.len_utf8();
    }
    let mut next = forwards(text, start);
    let (first, second, third) = (next.next()?, next.next()?, next.next()?);
    if !title.is_office() || !names.may_begin(first) {
        return None;
    }
    let head = [usual(first), usual(second), usual(third)];
    let [a, b, _] = head;
    if !names.is_surname(&[a, b]) && !names.is_surname(&head) {
        return None;
    }
    let row = Row::after(text, start);
    let whole = row.blank.unwrap_or(row.len());
    let next = |index: usize| row.letter(index).or_else(|| after(text, row.place(index)));
    let full = (3..=whole.min(7)).rev().find(|&count| {
        let reading = names.read(row.slice(0, count)).filter(|reading| reading.surname > 1);
        reading.is_some_and(|reading| reading.sure) && ends(next(count))
    })?;
    Some(finding(start..row.place(full), Confidence::Medium, vec!["surname", "given name", title.evidence]))
}

/// Whether surname and title read as a place and its office: 千葉市長, 福島知事.
fn is_place(text: &str, places: &Places, row: &Row, start: usize, title: &Range<usize>) -> bool {
    let Some(word) = text.get(row.place(start)..title.start) else { return false };
    let office = suffix(text, title.start, 1);
    match office {
        "市" | "区" | "町" | "村" => places.is_municipality(&format!("{word}{office}")),
        "知" => PREFECTURES.iter().any(|name| name.starts_with(word)),
        _ => false,
    }
}

/// Where katakana words joined by middle dots begin that end at `end`.
fn dotted_before(text: &str, end: usize) -> Option<usize> {
    let (mut length, mut whole) = (0, 0);
    let (mut letters, mut dots) = (0, 0);
    for c in backwards(text, end).take(30) {
        length += c.len_utf8();
        match c {
            '・' | '･' | '＝' if letters > 0 => dots += 1,
            _ if fold::is_space(c) && letters > 1 && dots == 0 => dots += 1,
            _ if is_katakana(c) => {
                letters += 1;
                whole = length;
            }
            _ => break,
        }
    }
    let parts = |c: char| matches!(c, '・' | '･' | '＝') || fold::is_space(c);
    let inside = dots > 0 && text.get(end - whole..end).is_some_and(|name| name.contains(parts));
    (inside && letters > 3).then(|| end - whole)
}

/// The most separators between a label and the name.
const GAP: usize = 8;

/// Where the value after a label begins, and whether a separator stands between.
fn value(text: &str, end: usize) -> (usize, bool) {
    let mut at = end;
    let mut apart = false;
    let mut rest = forwards(text, end).take(GAP).peekable();
    while let Some(c) = rest.next() {
        let separator = c.is_whitespace() || "：:=＝|｜,、\"'「『*・→>＞】」]］".contains(c);
        // 氏名は, 担当者名, 氏名（漢字）
        let joins = matches!(c, 'は' | 'が' | '者' | '名') && !apart;
        if separator {
            apart = true;
        } else if matches!(c, '(' | '（') {
            let note = suffix(text, at + c.len_utf8(), GAP);
            if let Some((inside, _)) = note.split_once([')', '）'])
                && [
                    "漢字",
                    "自署",
                    "署名",
                    "本名",
                    "ふりがな",
                    "フリガナ",
                    "カナ",
                    "姓名",
                    "名称",
                    "代表者",
                    "本人",
                    "世帯主",
                ]
                .iter()
                .any(|word| inside.starts_with(word))
            {
                let skip: usize = inside.len() + c.len_utf8() * 2;
                return value_after_note(text, at + skip);
            }
            apart = true;
        } else if joins {
            apart |= matches!(c, 'は');
            if c == 'は' && rest.peek().is_none() {
                break;
            }
        } else {
            break;
        }
        at += c.len_utf8();
    }
    (at, apart)
}

fn value_after_note(text: &str, end: usize) -> (usize, bool) {
    let end = if text.is_char_boundary(end) { end } else { return (text.len(), false) };
    let length: usize = forwards(text, end)
        .take(GAP)
        .take_while(|c| c.is_whitespace() || "：:=＝|｜,、\"は".contains(*c))
        .map(char::len_utf8)
        .sum();
    (end + length, true)
}

/// The name after a label.
fn labelled(text: &str, names: &Names, label: &'static str, end: usize) -> Option<Finding> {
    let (start, apart) = value(text, end);
    let row = Row::after(text, start);
    let next = |index: usize| row.letter(index).or_else(|| after(text, row.place(index)));
    if apart && let Some(end) = letter_spaced(text, names, start) {
        return Some(finding(start..end, Confidence::High, vec!["surname", "given name", label]));
    }
    if let Some(blank) = row.blank {
        let family = row.slice(0, blank);
        let listed = names.is_surname(family);
        let given = [3, 2, 1, 4].into_iter().find(|&count| {
            let given = row.slice(blank + 1, blank + 1 + count);
            given.len() == count && names.is_given(given) && ends(next(blank + 1 + count))
        });
        if let Some(count) = given
            && apart
            && (listed || unlisted_surname(family) && names.is_sure(row.slice(blank + 1, blank + 1 + count)))
        {
            let span = start..row.place(blank + 1 + count);
            let (confidence, surname) =
                if listed { (Confidence::High, "surname") } else { (Confidence::Medium, "form of a surname") };
            return Some(finding(span, confidence, vec![surname, "given name", label]));
        }
    }
    let whole = row.blank.unwrap_or(row.len());
    let full =
        (2..=whole.min(7)).rev().find(|&count| names.read_told(row.slice(0, count)).is_some() && ends(next(count)));
    if let Some(count) = full {
        let span = start..row.place(count);
        return Some(finding(span, Confidence::High, vec!["surname", "given name", label]));
    }
    if !apart {
        return None;
    }
    if let Some(end) = foreign(text, start) {
        return Some(finding(start..end, Confidence::Medium, vec!["two words of a name", label]));
    }
    let alone = |count: usize| {
        names.stands_with_title(row.slice(0, count)) && !next(count).is_some_and(|c| is_kanji(c) || is_kana(c))
    };
    [3, 2, 4, 1].into_iter().find(|&count| row.len() >= count && alone(count)).map(|count| {
        let confidence = if text.get(end..start).is_some_and(|gap| gap.contains([':', '：', '|', '\t'])) {
            Confidence::Medium
        } else {
            Confidence::Low
        };
        finding(start..row.place(count), confidence, vec!["surname", label])
    })
}

/// Whether kanji can be a surname that is not in the list.
fn unlisted_surname(family: &[char]) -> bool {
    family.len() <= 4 && family.iter().all(|&c| is_kanji(c)) && !family.iter().all(|&c| is_kanji_numeral(c))
}

/// Where a name whose letters all stand apart ends: 山　田　太　郎.
fn letter_spaced(text: &str, names: &Names, start: usize) -> Option<usize> {
    let mut letters = Vec::new();
    let (mut at, mut end) = (start, start);
    for (count, c) in forwards(text, start).take(12).enumerate() {
        let fits = if count % 2 == 0 { is_kanji(c) || is_kana(c) } else { fold::is_space(c) };
        if !fits {
            break;
        }
        at += c.len_utf8();
        if count % 2 == 0 {
            letters.push(usual(c));
            end = at;
        }
    }
    let apart = !after(text, end).is_some_and(|c| is_kanji(c) || is_kana(c));
    (letters.len() > 2 && apart && names.read(&letters).is_some()).then_some(end)
}

/// Where two katakana words with a middle dot or a blank, or two capitalised Latin words, end.
fn foreign(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    let mut end = start;
    let (mut words, mut letters) = (0, 0);
    let mut capital = false;
    let mut shortest = usize::MAX;
    for c in forwards(text, start).take(40) {
        let folded = fold::width(c);
        if is_katakana(c) || folded.is_ascii_alphabetic() {
            if letters == 0 {
                capital = is_katakana(c) || folded.is_ascii_uppercase();
            }
            letters += 1;
        } else if (matches!(c, '・' | '･' | '＝' | '-' | '.' | ',') || fold::is_space(c)) && words < 4 {
            if letters > 0 {
                if !capital {
                    break;
                }
                words += 1;
                end = at;
                shortest = shortest.min(letters);
            }
            letters = 0;
        } else {
            break;
        }
        at += c.len_utf8();
    }
    if letters > 1 && capital {
        words += 1;
        end = at;
    }
    (words >= 2 && shortest > 1).then_some(end)
}

/// The reading in kana after a label such as フリガナ.
fn reading(text: &str, label: &'static str, end: usize) -> Option<Finding> {
    let (start, apart) = value(text, end);
    if !apart {
        return None;
    }
    let (end, words) = kana_words(text, start)?;
    let confidence = if words == 2 { Confidence::High } else { Confidence::Medium };
    Some(finding(start..end, confidence, vec!["kana", label]))
}

/// Where one or two words of one kana end that begin at `start` and stand alone.
fn kana_words(text: &str, start: usize) -> Option<(usize, usize)> {
    let hiragana = after(text, start).is_some_and(is_hiragana);
    let of_kind = |c: char| if hiragana { is_hiragana(c) || c == 'ー' } else { is_katakana(c) };
    let (mut at, mut end) = (start, start);
    let (mut letters, mut words) = (0, 0);
    for c in forwards(text, start).take(20) {
        if of_kind(c) {
            letters += 1;
            end = at + c.len_utf8();
        } else if fold::is_space(c) && letters > 1 && words == 0 {
            words += 1;
            letters = 0;
        } else {
            break;
        }
        at += c.len_utf8();
    }
    if letters > 0 {
        words += 1;
    }
    let alone = !after(text, end).is_some_and(|c| is_kanji(c) || is_hiragana(c) && hiragana);
    let count = text.get(start..end)?.chars().count();
    (alone && (4..=16).contains(&count) && words > 0 && (words == 2 || !hiragana)).then_some((end, words))
}

/// The longest run of kanji that is looked at.
pub(crate) const LONGEST_RUN: usize = 7;

/// What the walk saw of a run of kanji that a surname may begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether a given name may end where the run ends.
    pub(crate) tail: bool,
    /// Whether a word for names stands anywhere in the text.
    pub(crate) headed: bool,
}

impl Run {
    /// The cheap look of whether anything here can be a name.
    pub(crate) fn promises(&self, bytes: &[u8]) -> bool {
        let count = (self.end - self.start) / 3;
        let beside = match bytes.get(self.end) {
            Some(b' ' | b'(') => true,
            // The ideographic blank; kana only in tables.
            Some(0xE3) => match bytes.get(self.end + 1) {
                Some(0x80) => bytes.get(self.end + 2) == Some(&0x80),
                Some(0x81..=0x83) => self.headed && count <= 3,
                _ => false,
            },
            Some(0xEF) => bytes.get(self.end + 1..self.end + 3) == Some(&[0xBC, 0x88]),
            _ => false,
        };
        count <= LONGEST_RUN && (beside || self.tail && (count > 2 || self.headed && count == 2))
    }
}

/// Looks at a whole run of kanji: a full name alone, a surname and a given name with a blank between, or a name with
/// its reading in brackets.
pub(crate) fn run(page: &Page<'_>, names: &Names, run: Run) -> Option<Finding> {
    let text = page.text;
    let Run { start, end, tail, headed } = run;
    let next = after(text, end);
    let mut buffer = ['\0'; LONGEST_RUN];
    let mut length = 0;
    for (place, c) in buffer.iter_mut().zip(text.get(start..end)?.chars()) {
        *place = usual(c);
        length += 1;
    }
    let row = buffer.get(..length)?;
    if headed
        && next.is_some_and(is_kana)
        && let Some(found) = kana_cell(page, names, row, start, end)
    {
        return Some(found);
    }
    let beside = match next {
        Some(blank) if fold::is_space(blank) && length <= 4 => spaced(page, names, row, start, end + blank.len_utf8()),
        Some(open @ ('(' | '（')) => in_brackets(text, names, row, start..end, end + open.len_utf8()),
        _ => None,
    };
    beside.or_else(|| (tail && length > 1).then(|| alone(page, names, row, start..end))?)
}

/// A full name that is a whole run of kanji; outside a table the surname has two characters at least.
fn alone(page: &Page<'_>, names: &Names, row: &[char], span: Range<usize>) -> Option<Finding> {
    let cell = in_a_cell(page.text, &span);
    if row.len() < 3 && !cell {
        return None;
    }
    let reading = names.read_told(row)?;
    let mut evidence = vec!["surname", "given name"];
    if cell && let Some(head) = page.spoken_for(Topic::Name, &span) {
        evidence.push(head);
        return Some(finding(span, Confidence::Medium, evidence));
    }
    (row.len() > 2 && reading.surname > 1 && reading.sure).then(|| finding(span, Confidence::Low, evidence))
}

/// A surname with a given name in kana that fills a cell under a head that speaks of names.
fn kana_cell(page: &Page<'_>, names: &Names, family: &[char], start: usize, end: usize) -> Option<Finding> {
    let edge = before(page.text, start).is_none_or(|c| matches!(c, '\n' | '\t' | ',' | '|' | '｜' | '"' | ' ' | '　'));
    if !edge || !names.is_surname(family) {
        return None;
    }
    let row = Row::after(page.text, start);
    let length = row.blank.unwrap_or(row.len());
    let span = start..row.place(length);
    if span.end <= end || !is_edge(after(page.text, span.end)) || names.read(row.slice(0, length)).is_none() {
        return None;
    }
    let head = page.spoken_for(Topic::Name, &span)?;
    Some(finding(span, Confidence::Medium, vec!["surname", "given name", head]))
}

/// A surname, one blank and a given name.
fn spaced(page: &Page<'_>, names: &Names, row: &[char], start: usize, given_at: usize) -> Option<Finding> {
    let text = page.text;
    if !names.is_surname(row) {
        return None;
    }
    let mut given = ['\0'; 5];
    let (mut count, mut end) = (0, given_at);
    let kana = after(text, given_at).is_some_and(is_kana);
    for (place, c) in given.iter_mut().zip(forwards(text, given_at)) {
        if !(is_kanji(c) || kana && is_kana(c)) {
            break;
        }
        *place = usual(c);
        count += 1;
        end += c.len_utf8();
    }
    let given = given.get(..count)?;
    if !names.is_given(given) || !ends(after(text, end)) {
        return None;
    }
    let span = start..end;
    let mut evidence = vec!["surname", "given name"];
    let cell = in_a_cell(text, &span);
    if cell && let Some(head) = page.spoken_for(Topic::Name, &span) {
        evidence.push(head);
        return Some(finding(span, Confidence::Medium, evidence));
    }
    (cell || row.len() > 1 && count > 1).then(|| finding(span, Confidence::Low, evidence))
}

/// Whether the span fills a cell, a line or brackets.
fn in_a_cell(text: &str, span: &Range<usize>) -> bool {
    is_edge(before(text, span.start)) && is_edge(after(text, span.end))
}

fn is_edge(c: Option<char>) -> bool {
    c.is_none_or(|c| "\n\r\t,|｜\"'、，　 （）()「」・/：:;；。.*-".contains(c))
}

/// A name with its reading in brackets.
fn in_brackets(text: &str, names: &Names, row: &[char], span: Range<usize>, inside: usize) -> Option<Finding> {
    if !after(text, inside).is_some_and(is_kana) {
        return None;
    }
    let (end, words) = kana_words(text, inside).or_else(|| {
        let length: usize = forwards(text, inside).take(14).take_while(|&c| is_hiragana(c)).map(char::len_utf8).sum();
        (length >= 12).then_some((inside + length, 1))
    })?;
    if !matches!(after(text, end), Some(')' | '）')) {
        return None;
    }
    let read = names.read(row).is_some_and(|reading| reading.surname > 1 || words == 2);
    let evidence = vec!["surname", "given name", "reading in brackets"];
    if read {
        return Some(finding(span, Confidence::Medium, evidence));
    }
    (words == 2 && (2..=6).contains(&row.len()))
        .then(|| finding(span, Confidence::Medium, vec!["kanji", "reading of two words in brackets"]))
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    fn found(text: &str) -> Vec<(Confidence, &str)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.rule == "ID-NAME")
            .map(|finding| (finding.confidence, &text[finding.span]))
            .collect()
    }

    use Confidence::{High, Low, Medium};

    #[test]
    fn a_label_with_both_parts_is_high() {
        for (text, name) in [
            ("氏名：川北春子", "川北春子"),
            ("氏名　川北　春子", "川北　春子"),
            ("氏　名：川北 春子 様", "川北 春子"),
            ("氏名は川北春子です", "川北春子"),
            ("申請者：川北さくら（本人）", "川北さくら"),
            ("担当者名: 佐々木 健太郎", "佐々木 健太郎"),
            ("世帯主\n川北 春子\n", "川北 春子"),
            ("氏名（漢字）：髙橋真理子", "髙橋真理子"),
            ("| 氏名 | 渡邉 さち子 |", "渡邉 さち子"),
            ("フリガナ：カワキタ ハルコ", "カワキタ ハルコ"),
            ("ふりがな　かわきた　はるこ", "かわきた　はるこ"),
            ("ﾌﾘｶﾞﾅ ｶﾜｷﾀ ﾊﾙｺ", "ｶﾜｷﾀ ﾊﾙｺ"),
        ] {
            assert_eq!(found(text), [(High, name)], "{text}");
        }
    }

    #[test]
    fn a_title_with_both_parts_is_medium_and_with_a_surname_low() {
        for (text, name) in [
            ("窓口で川北春子様が", "川北春子"),
            ("総務課川北春子課長に", "川北春子"),
            ("川北 春子 様", "川北 春子"),
            ("川北さくらさんから", "川北さくら"),
            ("ジョン・スミス氏", "ジョン・スミス"),
        ] {
            assert_eq!(found(text), [(Medium, name)], "{text}");
        }
        for (text, name) in [
            ("昨日、川北氏が", "川北"),
            ("総務課の佐々木係長", "佐々木"),
            ("長谷川さんへ", "長谷川"),
            ("林課長", "林"),
            ("川北副市長", "川北"),
        ] {
            assert_eq!(found(text), [(Low, name)], "{text}");
        }
    }

    #[test]
    fn cells_readings_and_names_alone() {
        let text = "氏名,備考\n川北春子,なし\n南 次郎,なし\n";
        assert_eq!(
            found(text),
            [(High, "川北春子"), (Medium, "南 次郎")].map(|(c, n)| if n == "川北春子" {
                (Medium, n)
            } else {
                (c, n)
            })
        );
        assert_eq!(found("川北春子（かわきた　はるこ）が"), [(Medium, "川北春子")]);
        assert_eq!(found("昨日は川北春子が来た"), [(Low, "川北春子")]);
        assert_eq!(found("担当：川北"), [(Medium, "川北")]);
        assert_eq!(found("氏名: Taro Yamada"), [(Medium, "Taro Yamada")]);
        assert_eq!(found("氏名：グエン・ヴァン・アン"), [(Medium, "グエン・ヴァン・アン")]);
    }

    #[test]
    fn other_words_are_no_names() {
        for text in [
            "同様の様式で、様々な氏名を記載する",
            "氏名、住所、生年月日",
            "千葉市長は",
            "福島知事",
            "たくさんの皆さん",
            "担当者は窓口にいる",
            "氏名又は名称",
            "石川県職員",
            "東京都知事",
            "高山植物を",
            "氏名を記入してください",
            "名前は何ですか",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
