//! 氏名 (ID-NAME): a surname of the list with what can be a given name, a title, a label or a reading beside it.
//!
//! Names have no form of their own, so the confidence says what stands beside them: a label with both parts is
//! [`Confidence::High`], a title with both parts [`Confidence::Medium`], a surname with a title or a full name alone
//! [`Confidence::Low`]. That a person is named says nothing of whether the person is a public one.

mod alone;
pub(crate) mod cue;
mod dictionary;
mod labelled;
mod row;
mod titled;

use std::ops::Range;

pub(crate) use self::alone::{Run, run};
pub(crate) use self::cue::Title;
use self::cue::ends_an_office;
pub(crate) use self::dictionary::{Names, class};
use self::labelled::{labelled, reading};
use self::titled::{after_title, titled};
use super::Page;
use super::address::places::Places;
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::fold;
use crate::keyword::Topic;
use crate::numeral::is_kanji_numeral;
use crate::script::{is_hiragana, is_kanji, is_katakana};
use crate::surroundings::{after, forwards};

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

/// Whether one to three kanji may be a given name though they are not put together like most: they do not end like an
/// office, a thing or a place.
fn may_be_given(word: &[char]) -> bool {
    let thing = |c: char| ends_an_office(c) || "店館園様者案金費法等内外中前後用会式類別書支本分号番地目".contains(c);
    (1..=3).contains(&word.len())
        && word.iter().all(|&c| is_kanji(c) && !is_kanji_numeral(c))
        && !word.iter().any(|&c| thing(c))
}

/// Two to four hiragana letters, as many given names are written with.
fn is_plain_kana(word: &[char]) -> bool {
    (2..=4).contains(&word.len()) && word.iter().copied().all(is_hiragana)
}

/// Whether kanji can be a surname that is not in the list.
fn unlisted_surname(family: &[char]) -> bool {
    family.len() <= 4 && family.iter().all(|&c| is_kanji(c)) && !family.iter().all(|&c| is_kanji_numeral(c))
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
