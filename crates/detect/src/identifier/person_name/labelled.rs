//! A name, or its reading in kana, after a label such as 氏名 or フリガナ.

use super::dictionary::{Names, usual};
use super::row::Row;
use super::{ends, finding, is_plain_kana, kana_words, may_be_given, unlisted_surname};
use crate::finding::{Confidence, Finding};
use crate::fold;
use crate::script::{is_kana, is_kanji, is_katakana};
use crate::surroundings::{after, forwards, suffix};

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
pub(super) fn labelled(text: &str, names: &Names, label: &'static str, end: usize) -> Option<Finding> {
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
    if let Some((count, sign)) = labelled_by_form(names, label, &row, next) {
        return Some(finding(start..row.place(count), Confidence::Medium, vec![sign, label]));
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

/// Labels that nothing but a name follows.
const LABELS_OF_NAMES: &[&str] =
    &["氏名", "氏　名", "氏 名", "名前", "お名前", "姓名", "世帯主", "申請者", "届出人", "患者"];

/// A name after a label of which one part or both are not in the dictionary; how long it is, and what speaks for it.
fn labelled_by_form(
    names: &Names,
    label: &str,
    row: &Row,
    next: impl Fn(usize) -> Option<char>,
) -> Option<(usize, &'static str)> {
    const KNOWN: &str = "surname, form of a given name";
    const FORM: &str = "form of a name";
    let strong = label.strip_prefix("keyword ").is_some_and(|word| LABELS_OF_NAMES.contains(&word));
    let closed = |count: usize| !next(count).is_some_and(|c| is_kanji(c) || is_kana(c));
    let length = row.len();
    if let Some(blank) = row.blank {
        let (family, given) = (row.slice(0, blank), row.slice(blank + 1, length));
        if closed(length) && (may_be_given(given) || is_plain_kana(given)) {
            if names.is_surname(family) {
                return Some((length, KNOWN));
            }
            return (strong && unlisted_surname(family)).then_some((length, FORM));
        }
        return None;
    }
    let kanji = (0..length).take_while(|&index| row.letter(index).is_some_and(is_kanji)).count();
    // A given name in kana that ends the value.
    if kanji < length
        && closed(length)
        && names.is_surname(row.slice(0, kanji))
        && is_plain_kana(row.slice(kanji, length))
    {
        return Some((length, KNOWN));
    }
    if !(2..=6).contains(&kanji) || next(kanji).is_some_and(is_katakana) {
        return None;
    }
    let known = [2, 3].into_iter().any(|surname| {
        names.is_surname(row.slice(0, surname)) && surname < kanji && may_be_given(row.slice(surname, kanji))
    });
    if known {
        return Some((kanji, KNOWN));
    }
    let formed = strong
        && closed(kanji)
        && [2, 3, 1].into_iter().any(|surname| {
            let given = row.slice(surname, kanji);
            given.len() > 1 && names.is_given(given) && unlisted_surname(row.slice(0, surname)) && may_be_given(given)
        });
    formed.then_some((kanji, FORM))
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
pub(super) fn reading(text: &str, label: &'static str, end: usize) -> Option<Finding> {
    let (start, apart) = value(text, end);
    if !apart {
        return None;
    }
    let (end, words) = kana_words(text, start)?;
    let confidence = if words == 2 { Confidence::High } else { Confidence::Medium };
    Some(finding(start..end, confidence, vec!["kana", label]))
}
