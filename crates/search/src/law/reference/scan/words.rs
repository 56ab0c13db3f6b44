//! The words that references are made of.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Where a reference may begin.
pub(super) const ANCHORS: [&str; 38] = [
    "「",
    "」",
    "（",
    "）",
    "第",
    "同条",
    "同項",
    "同号",
    "同法",
    "同令",
    "同規則",
    "同省令",
    "同政令",
    "同府令",
    "前",
    "次条",
    "次項",
    "次号",
    "この法律",
    "この政令",
    "この省令",
    "この府令",
    "この規則",
    "この条",
    "この項",
    "この号",
    "この附則",
    "附則",
    "別表",
    "別記様式",
    "様式",
    "別図",
    "別記",
    "明治",
    "大正",
    "昭和",
    "平成",
    "令和",
];

pub(super) static AUTOMATON: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(ANCHORS).ok());

/// Endings of names of laws and of what is cited like one.
pub(super) const LAW_ENDS: [&str; 19] = [
    "法",
    "令",
    "規則",
    "法律",
    "規程",
    "条例",
    "条約",
    "協定",
    "議定書",
    "定款",
    "約款",
    "憲法",
    "規約",
    "告示",
    "要綱",
    "準則",
    "細則",
    "協約",
    "律",
];

/// How long a bracket after a law's name may be, in bytes, that says its number and what it is called from here on.
pub(super) const MOST_SAID: usize = 400;

/// How many characters of an unknown law's name are looked at.
pub(super) const LONGEST_NAME: usize = 40;

/// How far apart, in bytes, two references may stand that are joined by 及び, brackets between them included.
pub(super) const FARTHEST: usize = 6000;

/// How many of the laws named last 同法 may mean.
pub(super) const MOST_LAWS: usize = 200;

/// How many lines before and after one are looked through for its neighbours.
pub(super) const MOST_LINES: usize = 3000;

/// Brackets within brackets are not followed deeper than this; no law goes beyond a handful.
pub(super) const DEEPEST: usize = 32;

/// What follows one of the words, or a pair of brackets, that may stand between two references of one law.
pub(super) fn connective(text: &str) -> Option<&str> {
    const WORDS: [&str; 22] = [
        "及び",
        "又は",
        "若しくは",
        "並びに",
        "、",
        "から",
        "まで",
        "・",
        "乃至",
        "ないし",
        "及ビ",
        "又ハ",
        "若ハ",
        "若クハ",
        "並ニ",
        "本文",
        "ただし書",
        "前段",
        "後段",
        "中段",
        "各号",
        "各項",
    ];
    if let Some(rest) = WORDS.iter().find_map(|word| text.strip_prefix(word)) {
        return Some(rest);
    }
    bracket(text)
}

/// What follows a pair of brackets, if it closes within [`FARTHEST`] bytes.
pub(super) fn bracket(text: &str) -> Option<&str> {
    text.strip_prefix('（')?;
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= FARTHEST) {
        match c {
            '（' => depth += 1,
            '）' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(at + c.len_utf8()..);
                }
            }
            '\n' => return None,
            _ => {}
        }
    }
    None
}

pub(super) fn without_brackets(text: &str) -> &str {
    bracket(text).unwrap_or(text)
}
