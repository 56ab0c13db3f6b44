//! What experts write into a question: phrases, what must not stand there, fields, nearness. All of it is looked at in
//! the stored text, letter by letter after folding, so a hit never merely resembles what was asked.
//!
//! - `"港湾の管理"`: these words in this order; in the title, the caption or the text
//! - `-許可` or `-"許可の取消し"`: not there
//! - `許可 NEAR/20 係留`: both, at most 20 characters apart (10 when no number is given)
//! - `法令:架空港湾法`, `見出し:許可`: in the title, in the caption
//! - `院:参議院 会議:予算委員会 発言者:架空花子 会派:… 役職:… 回次:217 種別:政令`: that property
//!
//! Everything else is looked for in the ordinary way. Japanese quotation marks (「」) are not operators: people write
//! them in ordinary questions.

use crate::analysis::fold;
use crate::unit::{Facet, Unit};

/// Conditions that are read of one question; what comes after them is ordinary text.
const MOST: usize = 16;
/// Characters between the two of a nearness when no number is given, and at most.
const NEAR: usize = 10;
const FARTHEST: usize = 1_000;

/// A condition that a unit meets or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// These words in this order.
    Phrase(Words),
    /// In the title.
    Title(Words),
    /// In the caption.
    Caption(Words),
    /// A facet's value holds these words, folded.
    Facet(Facet, String),
    /// Both, at most so many characters apart.
    Near(Words, Words, usize),
}

/// Words of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// Folded, without blanks: as texts are compared.
    bare: String,
    /// Folded, cut at the blanks: what stands between them must not be looked for as one.
    parts: Vec<String>,
}

impl Words {
    /// `None` where nothing is to be looked for.
    fn of(text: &str) -> Option<Self> {
        let parts: Vec<String> = fold(text).split_whitespace().map(str::to_owned).collect();
        let bare = parts.concat();
        (!bare.is_empty()).then_some(Self { bare, parts })
    }
}

/// A question with its conditions taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expert {
    /// What is looked for in the ordinary way; phrases that must be there are part of it.
    pub(crate) free: String,
    pub(crate) must: Vec<Condition>,
    pub(crate) must_not: Vec<Condition>,
}

impl Expert {
    /// Whether there is any condition.
    pub(crate) fn is_plain(&self) -> bool {
        self.must.is_empty() && self.must_not.is_empty()
    }

    /// Whether a unit meets all of them.
    pub(crate) fn allows(&self, unit: &Unit) -> bool {
        if self.is_plain() {
            return true;
        }
        let texts = Texts::of(unit);
        self.must.iter().all(|condition| texts.meet(condition))
            && !self.must_not.iter().any(|condition| texts.meet(condition))
    }

    /// Whether a facet's value is wanted; for a first look in the index.
    pub(crate) fn facets(&self) -> impl Iterator<Item = (Facet, impl Fn(&str) -> bool)> {
        self.must.iter().filter_map(|condition| match condition {
            Condition::Facet(facet, words) => Some((*facet, |value: &str| bare(value).contains(words.as_str()))),
            _ => None,
        })
    }

    /// The words that must stand in a unit's head or text, for a first look in the index.
    pub(crate) fn required(&self) -> impl Iterator<Item = &str> {
        let words = self.must.iter().flat_map(|condition| match condition {
            Condition::Phrase(words) | Condition::Title(words) | Condition::Caption(words) => vec![words],
            Condition::Near(one, other, _) => vec![one, other],
            Condition::Facet(..) => Vec::new(),
        });
        words.flat_map(|words| words.parts.iter().map(String::as_str))
    }
}

struct Texts<'u> {
    unit: &'u Unit,
    title: String,
    caption: String,
    text: String,
}

impl<'u> Texts<'u> {
    fn of(unit: &'u Unit) -> Self {
        Self { unit, title: bare(&unit.title), caption: bare(&unit.caption), text: bare(&unit.text) }
    }

    fn meet(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Phrase(words) => {
                [&self.text, &self.caption, &self.title].iter().any(|text| text.contains(&words.bare))
            }
            Condition::Title(words) => {
                self.title.contains(&words.bare) || self.unit.also.iter().any(|name| bare(name).contains(&words.bare))
            }
            Condition::Caption(words) => self.caption.contains(&words.bare),
            Condition::Facet(facet, words) => {
                self.unit.facets.iter().any(|(of, value)| of == facet && bare(value).contains(words))
            }
            Condition::Near(one, other, apart) => near(&self.text, &one.bare, &other.bare, *apart),
        }
    }
}

/// Whether two words stand at most so many characters apart.
fn near(text: &str, one: &str, other: &str, apart: usize) -> bool {
    let spans = |word: &str| -> Vec<(usize, usize)> {
        let mut chars = text.char_indices().map(|(at, _)| at).enumerate().peekable();
        let length = word.chars().count();
        let mut spans = Vec::new();
        for (at, _) in text.match_indices(word) {
            while chars.next_if(|(_, byte)| *byte < at).is_some() {}
            if let Some((number, _)) = chars.peek() {
                spans.push((*number, number + length));
            }
        }
        spans
    };
    let (ones, others) = (spans(one), spans(other));
    let mut begin = 0;
    ones.iter().any(|(from, to)| {
        while others.get(begin).is_some_and(|(_, end)| end + apart < *from) {
            begin += 1;
        }
        others.get(begin).is_some_and(|(start, _)| *start <= to + apart)
    })
}

/// Folded, without blanks and line breaks.
fn bare(text: &str) -> String {
    fold(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Reads a question.
pub(crate) fn read(question: &str) -> Expert {
    let mut expert = Expert::default();
    let mut pieces = pieces(question).into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let full = expert.must.len() + expert.must_not.len() >= MOST;
        let Piece { operator, words, quoted } = piece;
        match (operator, Words::of(words)) {
            _ if full => expert.add(words),
            (Operator::Not, Some(words)) => expert.must_not.push(Condition::Phrase(words)),
            (Operator::Field(Field::Facet(facet)), Some(words)) => {
                expert.must.push(Condition::Facet(facet, words.bare));
            }
            (Operator::Field(field), Some(of)) => {
                expert.must.push(if field == Field::Title { Condition::Title(of) } else { Condition::Caption(of) });
                expert.add(words);
            }
            (Operator::Near(apart), _) => {
                // Between nothing and something it is a word like any other.
                let after = pieces.peek().filter(|next| next.operator == Operator::None).map(|next| next.words);
                if let (Some(before), Some(after)) = (expert.last(), after.and_then(Words::of)) {
                    expert.must.push(Condition::Near(before, after, apart.min(FARTHEST)));
                }
            }
            (Operator::None, Some(of)) if quoted => {
                expert.must.push(Condition::Phrase(of));
                expert.add(words);
            }
            _ => expert.add(words),
        }
    }
    expert
}

impl Expert {
    fn add(&mut self, words: &str) {
        if !self.free.is_empty() {
            self.free.push(' ');
        }
        self.free.push_str(words);
    }

    /// The last word of the ordinary text.
    fn last(&self) -> Option<Words> {
        self.free.split_whitespace().next_back().and_then(Words::of)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    None,
    Not,
    Field(Field),
    Near(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    Caption,
    Facet(Facet),
}

impl Field {
    /// The field of a name, and what follows the name.
    fn leading(text: &str) -> Option<(Self, &str)> {
        const NAMES: [(&str, Field); 19] = [
            ("法令", Field::Title),
            ("法律", Field::Title),
            ("title", Field::Title),
            ("見出し", Field::Caption),
            ("caption", Field::Caption),
            ("種別", Field::Facet(Facet::Kind)),
            ("kind", Field::Facet(Facet::Kind)),
            ("分野", Field::Facet(Facet::Category)),
            ("院", Field::Facet(Facet::House)),
            ("house", Field::Facet(Facet::House)),
            ("会議", Field::Facet(Facet::Meeting)),
            ("委員会", Field::Facet(Facet::Meeting)),
            ("meeting", Field::Facet(Facet::Meeting)),
            ("発言者", Field::Facet(Facet::Speaker)),
            ("speaker", Field::Facet(Facet::Speaker)),
            ("会派", Field::Facet(Facet::Party)),
            ("役職", Field::Facet(Facet::Post)),
            ("回次", Field::Facet(Facet::Session)),
            ("session", Field::Facet(Facet::Session)),
        ];
        NAMES.iter().find_map(|(name, field)| {
            let rest = text.strip_prefix(name)?;
            Some((*field, rest.strip_prefix(':').or_else(|| rest.strip_prefix('：'))?))
        })
    }
}

struct Piece<'q> {
    operator: Operator,
    words: &'q str,
    quoted: bool,
}

/// Cuts a question at its blanks, keeping what stands in quotation marks together.
fn pieces(question: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = question.trim_start();
    while !rest.is_empty() {
        let (operator, after) = operator(rest);
        let (words, quoted, next) = words(after);
        pieces.push(Piece {
            operator,
            words: if operator == Operator::None || !words.is_empty() { words } else { after },
            quoted,
        });
        rest = next.trim_start();
    }
    pieces
}

fn operator(text: &str) -> (Operator, &str) {
    if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_prefix("NOT "))
        && rest.chars().next().is_some_and(|c| !c.is_whitespace() && c != '-')
    {
        return (Operator::Not, rest);
    }
    if let Some(rest) = text.strip_prefix("NEAR") {
        let (digits, rest) = match rest.strip_prefix('/') {
            Some(number) => number.split_at(number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len())),
            None => ("", rest),
        };
        if rest.is_empty() || rest.starts_with(char::is_whitespace) {
            // The words of a nearness are those before and after it; its own are none.
            return (Operator::Near(digits.parse().unwrap_or(NEAR)), rest);
        }
    }
    match Field::leading(text) {
        Some((field, rest)) => (Operator::Field(field), rest),
        None => (Operator::None, text),
    }
}

/// The next words, whether they were quoted, and what follows.
fn words(text: &str) -> (&str, bool, &str) {
    for (open, close) in [('"', '"'), ('“', '”'), ('＂', '＂')] {
        if let Some((inside, after)) = text.strip_prefix(open).and_then(|inside| inside.split_once(close)) {
            return (inside, true, after);
        }
    }
    let end =
        text.char_indices().skip(1).find(|(_, c)| c.is_whitespace() || *c == '"').map_or(text.len(), |(at, _)| at);
    if text.starts_with(char::is_whitespace) {
        ("", false, text)
    } else {
        (text.get(..end).unwrap_or(text), false, text.get(end..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(text: &str) -> Unit {
        Unit {
            title: "架空港湾法".into(),
            caption: "係留の許可".into(),
            text: text.into(),
            facets: vec![(Facet::House, "参議院".into()), (Facet::Speaker, "架空花子".into())],
            ..Unit::default()
        }
    }

    fn allows(question: &str, text: &str) -> bool {
        read(question).allows(&unit(text))
    }

    #[test]
    fn given_a_phrase_then_its_words_stand_in_this_order() {
        assert!(allows("\"港湾の管理\"", "これは港湾の\n管理である。"));
        assert!(!allows("\"港湾の管理\"", "港湾と管理の別。"));
        assert!(allows("\"第5条\"", "第五条の規定により"));
    }

    #[test]
    fn given_a_word_that_must_not_be_there_then_whoever_has_it_is_left_out() {
        assert!(!allows("港湾 -取消し", "港湾の許可の取消し"));
        assert!(allows("港湾 -取消し", "港湾の許可"));
        assert!(!allows("港湾 -\"許可 の取消し\"", "許可の取消し"));
        assert_eq!(read("A-B と C").must_not, []);
    }

    #[test]
    fn given_fields_then_they_are_looked_at_where_they_stand() {
        assert!(allows("法令:架空港湾 管理", "管理"));
        assert!(!allows("法令:民法 管理", "管理"));
        assert!(allows("見出し：許可 院:参議院 発言者:架空花子", ""));
        assert!(!allows("院:衆議院", ""));
    }

    #[test]
    fn given_a_nearness_then_the_two_stand_no_farther_apart() {
        assert!(allows("船舶 NEAR/3 係留", "船舶を係留する"));
        assert!(allows("係留 NEAR/3 船舶", "船舶を係留する"));
        assert!(!allows("船舶 NEAR/3 係留", "船舶を港の中に係留する"));
        assert!(allows("船舶 NEAR 係留", "船舶を港の中に係留する"));
    }

    #[test]
    fn given_an_ordinary_question_then_there_is_no_condition() {
        for question in
            ["「個人情報」とは何ですか。", "消費税の軽減税率 対象", "NEAR", "--", "-", "\"", "条件: なし", "院:"]
        {
            assert!(read(question).is_plain(), "{question}: {:?}", read(question));
        }
    }

    proptest! {
        #[test]
        fn given_anything_then_it_is_read_and_a_plain_question_keeps_every_word(question in "[\"“”\\- :：A院法令NEAR/0-9漢あ ]{0,60}") {
            let expert = read(&question);
            let _ = expert.allows(&unit("漢あA"));
            if expert.is_plain() {
                // Of words that are no operator none is lost: 漢 and あ stand in no operator's name.
                let kept = |text: &str| text.chars().filter(|c| matches!(c, '漢' | 'あ')).count();
                prop_assert_eq!(kept(&expert.free), kept(&question));
            }
        }
    }
}
