//! 不開示情報: passages that may have to be masked, and the text with what a person masked.

use super::scope::folded;
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
        match kept.last_mut() {
            // What overlaps is one passage to decide about, and none of it is left over.
            Some(last) if one.span.start < last.span.end => last.span.end = last.span.end.max(one.span.end),
            _ if one.span.is_empty() => {}
            _ => kept.push(one),
        }
    }
    kept
}

/// Every place at which a phrase stands, in whatever width and case it is written, as it is looked for.
pub(crate) fn places_of(text: &str, phrase: &str, ground: Withheld) -> Vec<Mask> {
    let phrase = folded(phrase.trim());
    if phrase.is_empty() {
        return Vec::new();
    }
    // The text as it is compared, and for each byte of it the bytes of the original it came from.
    let (mut compared, mut origins) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    for (at, c) in text.char_indices() {
        let before = compared.len();
        compared.push_str(&folded(c.encode_utf8(&mut [0; 4])));
        origins.extend(std::iter::repeat_n((at, at + c.len_utf8()), compared.len() - before));
    }
    let (mut masks, mut from) = (Vec::new(), 0);
    while let Some(found) = compared.get(from..).and_then(|rest| rest.find(&phrase)) {
        let (begin, end) = (from + found, from + found + phrase.len());
        if let (Some((start, _)), Some((_, stop))) = (origins.get(begin), origins.get(end - 1)) {
            masks.push(Mask { start: *start, end: *stop, ground });
        }
        // Behind the first character of what was found: a phrase may overlap itself.
        from = begin + compared.get(begin..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    }
    masks
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
    fn a_phrase_is_masked_in_whatever_width_and_case_it_stands() {
        let text = "ＡＢＣ商事、abc商事、ｱｲｱｲｱ。";
        let out = masked(text, &joined(places_of(text, "ABC商事", Withheld::Company)));
        assert_eq!(out.matches("■■■").count(), 2, "{out}");
        assert!(!out.contains("商事"), "{out}");
        let out = masked(text, &joined(places_of(text, "アイア", Withheld::Person)));
        assert!(!out.contains('ｱ') && !out.contains('ｲ'), "one place overlaps the next: {out}");
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
