//! 不開示情報: passages that may have to be masked, and the text with what a person masked.

use sekisho_detect::{Confidence, Detector, Signal};
use sekisho_domain::records::disclosure::Withheld;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A passage that a rule of detection found, for a person to decide about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) span: Range<usize>,
    pub(crate) rule: &'static str,
    pub(crate) ground: Withheld,
}

/// A passage that a person masks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mask {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) ground: Withheld,
}

/// What may have to be masked in a text, in its order and without overlaps.
pub(crate) fn candidates(detector: &Detector, text: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = detector
        .scan(text)
        .into_iter()
        .filter(|finding| finding.confidence > Confidence::Low)
        .filter_map(|finding| {
            let ground = match finding.signal {
                Signal::MyNumber | Signal::PersonalData(_) => Withheld::Person,
                Signal::Credential => Withheld::Affairs,
                Signal::OutOfScope | Signal::Secret => Withheld::Security,
                Signal::Hint | Signal::Internal => Withheld::Deliberation,
                _ => return None,
            };
            Some(Candidate { span: finding.span, rule: finding.rule, ground })
        })
        .collect();
    found.sort_by_key(|one| (one.span.start, std::cmp::Reverse(one.span.end)));
    let mut kept: Vec<Candidate> = Vec::with_capacity(found.len());
    for one in found {
        if kept.last().is_none_or(|last| last.span.end <= one.span.start) && !one.span.is_empty() {
            kept.push(one);
        }
    }
    kept
}

/// Every place at which a phrase stands.
pub(crate) fn places_of(text: &str, phrase: &str, ground: Withheld) -> Vec<Mask> {
    if phrase.trim().is_empty() {
        return Vec::new();
    }
    let places = text.match_indices(phrase);
    places.map(|(start, found)| Mask { start, end: start + found.len(), ground }).collect()
}

/// Masks in the order of the text, each joined with those it overlaps.
pub(crate) fn joined(mut masks: Vec<Mask>) -> Vec<Mask> {
    masks.sort_by_key(|mask| (mask.start, mask.end));
    let mut joined: Vec<Mask> = Vec::with_capacity(masks.len());
    for mask in masks {
        match joined.last_mut() {
            Some(last) if mask.start < last.end => last.end = last.end.max(mask.end),
            _ => joined.push(mask),
        }
    }
    joined
}

/// The text as it is handed out. Every mask is as long on paper as every other: the length would tell.
pub(crate) fn masked(text: &str, masks: &[Mask]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for mask in masks {
        // A mask that does not fit the text is no reason to show what it should cover: the rest is left out.
        let Some(before) = text.get(at..mask.start) else {
            out.push_str("■■■（以下、表示できません）");
            return out;
        };
        out.push_str(before);
        out.push_str(&format!("■■■（不開示: {}）", mask.ground.label()));
        at = mask.end;
    }
    out.push_str(text.get(at..).unwrap_or("■■■（以下、表示できません）"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_masked_once_and_nothing_of_it_shows() {
        let text = "架空太郎 03-0000-0000 です";
        let name = places_of(text, "架空太郎", Withheld::Person);
        let part = places_of(text, "太郎 03", Withheld::Affairs);
        let out = masked(text, &joined(name.into_iter().chain(part).collect()));
        assert_eq!(out, "■■■（不開示: 個人に関する情報）-0000-0000 です");
    }

    #[test]
    fn the_length_of_a_mask_tells_nothing() {
        let short = masked("aXb", &[Mask { start: 1, end: 2, ground: Withheld::Person }]);
        let long = masked("aXXXXXXb", &[Mask { start: 1, end: 7, ground: Withheld::Person }]);
        assert_eq!(short, long);
    }

    #[test]
    fn a_mask_that_does_not_fit_shows_less_and_never_more() {
        for mask in
            [Mask { start: 1, end: 2, ground: Withheld::Person }, Mask { start: 90, end: 99, ground: Withheld::Person }]
        {
            let out = masked("架空の秘密", &[mask]);
            assert!(!out.contains("秘密"), "{out}");
        }
    }

    #[test]
    fn candidates_are_what_identifies_people_and_what_is_marked() {
        let text = "連絡先 mailto: kakuu@example.jp 【秘】 予定";
        let found = candidates(&Detector::new(), text);
        let shown: Vec<&str> = found.iter().map(|one| &text[one.span.clone()]).collect();
        assert!(shown.iter().any(|one| one.contains("example.jp")), "{shown:?}");
        assert!(found.iter().any(|one| one.ground == Withheld::Security), "{found:?}");
        assert!(found.windows(2).all(|two| two[0].span.end <= two[1].span.start));
    }
}
