//! One automaton for all words that matter, so that a text is walked once for them.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::credential::{self, Opening};
use crate::identifier::address::{self, places};
use crate::identifier::birth_date;
use crate::identifier::person_name::{Title, cue};
use crate::keyword::{KEYWORDS, Keyword, KeywordIndex};
use crate::mark::{self, Word};

enum Entry {
    Keyword(&'static Keyword),
    Mark(&'static Word),
    Opening(&'static Opening),
    Place(address::Cue),
    BirthSuffix,
    Title(&'static Title),
}

/// The automaton with the meaning of each of its words.
pub(crate) struct Lexicon {
    automaton: AhoCorasick,
    entries: Vec<Entry>,
}

/// What the automaton found in one text, each list in order of ends.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) keywords: KeywordIndex,
    pub(crate) marks: Vec<(&'static Word, Range<usize>)>,
    pub(crate) openings: Vec<(&'static Opening, Range<usize>)>,
    pub(crate) places: Vec<(address::Cue, Range<usize>)>,
    pub(crate) birth_suffixes: Vec<Range<usize>>,
    pub(crate) titles: Vec<(&'static Title, Range<usize>)>,
}

impl Lexicon {
    pub(crate) fn new() -> Self {
        let mut words = Vec::new();
        let mut entries = Vec::new();
        for keyword in KEYWORDS {
            words.push(keyword.word);
            entries.push(Entry::Keyword(keyword));
        }
        for word in mark::WORDS {
            words.push(word.text);
            entries.push(Entry::Mark(word));
        }
        for opening in credential::OPENINGS {
            words.push(opening.text);
            entries.push(Entry::Opening(opening));
        }
        for name in places::PREFECTURES {
            words.push(name);
            entries.push(Entry::Place(address::Cue::Prefecture));
        }
        for sign in address::NUMBER_SIGNS {
            words.push(sign);
            entries.push(Entry::Place(address::Cue::Number));
        }
        for suffix in birth_date::SUFFIXES {
            words.push(suffix);
            entries.push(Entry::BirthSuffix);
        }
        for title in cue::TITLES {
            words.push(title.word);
            entries.push(Entry::Title(title));
        }
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&words);
        #[expect(clippy::expect_used, reason = "the words are constants and a test builds the automaton")]
        let automaton = automaton.expect("a few hundred short words fit an automaton");
        Self { automaton, entries }
    }

    pub(crate) fn search(&self, text: &str) -> Words {
        let mut words = Words::default();
        for found in self.automaton.find_overlapping_iter(text) {
            let span = found.start()..found.end();
            match self.entries.get(found.pattern().as_usize()) {
                Some(Entry::Keyword(keyword)) => words.keywords.add(text, keyword, span),
                Some(Entry::Mark(word)) => words.marks.push((word, span)),
                Some(Entry::Opening(opening)) => words.openings.push((opening, span)),
                Some(Entry::Place(cue)) => words.places.push((*cue, span)),
                Some(Entry::BirthSuffix) => words.birth_suffixes.push(span),
                Some(Entry::Title(title)) => words.titles.push((title, span)),
                None => {}
            }
        }
        words
    }

    /// Only the words of marks, for a short text.
    pub(crate) fn marks(&self, text: &str) -> Vec<(&'static Word, Range<usize>)> {
        self.automaton
            .find_overlapping_iter(text)
            .filter_map(|found| match self.entries.get(found.pattern().as_usize()) {
                Some(Entry::Mark(word)) => Some((*word, found.start()..found.end())),
                _ => None,
            })
            .collect()
    }
}
