//! A word in 「」 that is a term and quotes nobody: 「個人情報」.

use super::fold::{fold, is_numeral};
use crate::law::name::is_kanji;

/// Longer ones are taken for quotations.
const LONGEST: usize = 8;

/// Whether text is a term: at most eight characters, none of them hiragana but の, no particle or ending in katakana but ノ, no
/// stop, blank or numeral, no prefix of negation.
///
/// A term that the cited passage lacks is not struck: people put words in 「」 that no source has. Whatever could state
/// something (a particle, an ending, a number) is no term and must stand.
pub(crate) fn is_term(quoted: &str) -> bool {
    let could_state = |c: char| {
        ('\u{3041}'..='\u{3096}').contains(&c) && c != 'の'
            || is_numeral(fold(c))
            || c.is_whitespace()
            || "不未非無否、。,.!?…".contains(c)
    };
    quoted.chars().count() <= LONGEST && !quoted.contains(could_state) && !has_katakana_grammar(quoted)
}

/// Whether katakana behind a kanji can be a particle or an ending, as laws wrote them until 1946: 之ヲ罰ス.
fn has_katakana_grammar(quoted: &str) -> bool {
    /// Letters of which particles and endings are made.
    const GRAMMAR: &str = "ヲハガニトモヘテデバナスセシサズザヌルレリラキクケムタフベヒツチミメ";
    /// Words made of the same letters.
    const WORDS: [&str; 10] =
        ["ガス", "バス", "ビル", "テスト", "リスク", "クラス", "スキル", "データ", "ベル", "デモ"];
    const LONGEST_ENDING: usize = 4;
    let is_katakana = |c: char| ('\u{30A1}'..='\u{30FC}').contains(&c) && c != '・';
    let mut rest = quoted;
    while let Some(at) = rest.find(is_katakana) {
        let (before, run) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let end = run.find(|c| !is_katakana(c)).unwrap_or(run.len());
        let (run, after) = run.split_at_checked(end).unwrap_or((run, ""));
        let grammar = run.chars().all(|c| GRAMMAR.contains(c)) && run.chars().count() <= LONGEST_ENDING;
        if run.contains('ヲ') || before.ends_with(is_kanji) && grammar && !WORDS.contains(&run) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_and_what_states_something() {
        for term in ["個人情報", "個人情報の保護", "AI", "", "デジタル庁", "ガス事業", "都市ガス", "家屋ノ管理者"]
        {
            assert!(is_term(term), "{term}");
        }
        for text in [
            "三十日以内",
            "届出を要する",
            "不適当",
            "許可、届出",
            "甲野　太郎君",
            "３号",
            "之ヲ罰ス",
            "之ヲ罰セス",
            "無効ハ",
            "届出ス",
            "許可セス",
            "刑ニ処ス",
            "行政機関等匿名加工情報保護委員会",
        ] {
            assert!(!is_term(text), "{text}");
        }
    }
}
