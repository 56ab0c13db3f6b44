//! The words of a question by which sentences are chosen.

use sekisho_search::analysis::{fold, words::words};
use std::collections::BTreeSet;

/// Most words of one question.
const MOST: usize = 60;

/// The words of a question: runs of one script as they stand, and the words that the index knows.
pub(super) fn terms(question: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut run = String::new();
    let mut of = None;
    for c in question.chars().chain(['。']) {
        let kind = script(c);
        if kind != of {
            if of.is_some() && run.chars().count() > 1 {
                found.insert(std::mem::take(&mut run));
            }
            run.clear();
            of = kind;
        }
        run.push(c);
    }
    let folded = fold(question);
    words(&folded, |word| {
        if word.chars().count() > 1 && word.chars().any(|c| script(c).is_some()) {
            found.insert(word.to_owned());
        }
    });
    found.into_iter().filter(|term| !COMMON.contains(&term.as_str())).take(MOST).collect()
}

/// Words of asking, not of what is asked.
const COMMON: [&str; 12] =
    ["質問", "場合", "規定", "法律", "教え", "内容", "必要", "手続", "定義", "違い", "関係", "法令に関する質問"];

fn script(c: char) -> Option<u8> {
    match c {
        '\u{4e00}'..='\u{9fff}' | '々' => Some(0),
        'ァ'..='ヺ' | 'ー' => Some(1),
        _ if c.is_ascii_alphanumeric() => Some(2),
        _ => None,
    }
}
