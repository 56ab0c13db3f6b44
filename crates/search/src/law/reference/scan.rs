//! One walk through a text from left to right, with what was named last in mind.

mod numbered;
mod relative;
mod words;

use std::ops::Range;

use words::{AUTOMATON, DEEPEST, LAW_ENDS, LONGEST_NAME, MOST_SAID, bracket};

use super::book::Book;
use super::{Reference, Spot, Target, Unresolved};
use crate::law::address::Address;
use crate::law::law_id::{LawId, LawNumber};
use crate::law::name::{NameFound, joins};

#[derive(Clone)]
enum Law {
    Known(LawId),
    Unknown(String),
}

/// What was named last.
#[derive(Clone)]
struct Antecedent {
    law: Law,
    spot: Option<Spot>,
    address: Address,
    /// Where it ended.
    end: usize,
    /// Its index among the references found.
    index: usize,
}

pub(super) struct Scan<'a, 'n> {
    book: &'a Book<'n>,
    spot: Spot,
    key: String,
    text: &'a str,
    lines: &'a [(Range<usize>, Address)],
    line: usize,
    found: Vec<Reference>,
    last: Option<Antecedent>,
    /// What was named last outside of each open bracket.
    outside: Vec<Option<Antecedent>>,
    /// The laws named so far, and the last character of their names.
    laws: Vec<(Law, char)>,
    /// A law named directly before: where its mention began and ended, and the index of its reference.
    law_before: Option<(Law, Range<usize>, usize)>,
    done: usize,
    /// Within 「 and 」: how many are open, and what was named last before.
    quoted: usize,
    before_quote: Option<Antecedent>,
}

impl<'a, 'n> Scan<'a, 'n> {
    pub(super) fn new(book: &'a Book<'n>, spot: Spot, text: &'a str, lines: &'a [(Range<usize>, Address)]) -> Self {
        let key = spot.key().unwrap_or_default();
        Self {
            book,
            spot,
            key,
            text,
            lines,
            line: 0,
            found: Vec::new(),
            last: None,
            outside: Vec::new(),
            laws: Vec::new(),
            law_before: None,
            done: 0,
            quoted: 0,
            before_quote: None,
        }
    }

    pub(super) fn run(mut self) -> Vec<Reference> {
        let Some(automaton) = AUTOMATON.as_ref() else { return Vec::new() };
        let names = self.book.names.find(self.text);
        let mut names = names.into_iter().peekable();
        for anchor in automaton.find_iter(self.text) {
            let at = anchor.start();
            while let Some(name) = names.next_if(|name| name.span.start <= at) {
                self.name(&name);
            }
            if at < self.done {
                continue;
            }
            self.step_to(at);
            let word = self.text.get(at..anchor.end()).unwrap_or_default();
            self.anchor(at, word);
        }
        for name in names {
            self.name(&name);
        }
        self.found.sort_by_key(|reference| reference.span.start);
        self.found
    }

    /// Forgets what was said before when a new line begins.
    fn step_to(&mut self, at: usize) {
        while self.lines.get(self.line).is_some_and(|(line, _)| line.end < at) {
            self.line += 1;
            self.outside.clear();
            self.law_before = None;
            self.quoted = 0;
            if let Some(last) = &mut self.last {
                // Still what 同条 means, but nothing that 及び could continue.
                last.end = 0;
            }
        }
    }

    fn here(&self) -> Address {
        self.lines.get(self.line).map(|(_, address)| address.clone()).unwrap_or_default()
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    fn before(&self, at: usize) -> &'a str {
        self.text.get(..at).unwrap_or_default()
    }

    fn anchor(&mut self, at: usize, word: &str) {
        if !matches!(word, "同条" | "同項" | "同号") && word.starts_with('同') && self.is_part_of_a_word(at, word)
        {
            return;
        }
        match word {
            "「" => {
                if self.quoted == 0 {
                    self.before_quote.clone_from(&self.last);
                }
                self.quoted += 1;
            }
            "」" => {
                self.quoted = self.quoted.saturating_sub(1);
                if self.quoted == 0 {
                    self.last = self.before_quote.take();
                }
            }
            "（" => {
                if self.outside.len() < DEEPEST {
                    self.outside.push(self.last.clone());
                }
            }
            "）" => {
                if let Some(before) = self.outside.pop().flatten() {
                    self.last = Some(before);
                }
            }
            "第" => self.ordinal(at),
            "同条" | "同項" | "同号" => self.same(at, word),
            "前" | "次条" | "次項" | "次号" => self.neighbour(at, word),
            "附則" => self.supplement(at),
            "別表" | "別記様式" | "様式" | "別図" | "別記" => self.appended(at, word),
            "明治" | "大正" | "昭和" | "平成" | "令和" => self.number(at),
            _ if word.starts_with('同') => self.same_law(at, word),
            _ => self.this(at, word),
        }
    }

    /// Whether 同 begins nothing here: 共同法人, 合同規則, 同法人. Other kanji may stand before it, as その他同法 and where the
    /// cells of a table run together (場合同法第三条).
    fn is_part_of_a_word(&self, at: usize, word: &str) -> bool {
        let before = self.before(at);
        before.ends_with(['共', '合', '協', '混', '賛', '異']) && !before.ends_with("場合")
            || word == "同法" && self.rest(at + word.len()).starts_with('人')
    }

    /// A law named in full, and its number in brackets after it.
    fn name(&mut self, name: &NameFound<'_>) {
        if name.span.start < self.done {
            return;
        }
        self.step_to(name.span.start);
        let mut end = name.span.end;
        // What this law calls 通則法 is that law here, whichever other has that short name.
        let words = self.text.get(name.span.clone()).unwrap_or_default();
        if let Some(local) = self.book.local_at_end(words, &self.key).filter(|local| local.term == words) {
            let law = local.law.clone().map_or_else(|| Law::Unknown(local.term.clone()), Law::Known);
            return self.mention(law, name.span.clone(), end);
        }
        if let Some(inner) = self.rest(end).strip_prefix('（')
            && (LawNumber::leading(inner).is_some() || inner.starts_with("以下"))
            && let Some(after) =
                bracket(self.rest(end)).filter(|after| self.text.len() - after.len() - end <= MOST_SAID)
        {
            end = self.text.len() - after.len();
        }
        self.mention(Law::Known(name.law.clone()), name.span.start..end, name.span.end);
    }

    /// A law number, with the name before it where the table knows only the number.
    fn number(&mut self, at: usize) {
        let Some((number, length)) = LawNumber::leading(self.rest(at)) else { return };
        self.done = at + length;
        let law = self.book.names.by_number(&number).cloned();
        let law = law.map_or_else(|| Law::Unknown(number.to_string()), Law::Known);
        let mut end = at + length;
        if let Some(before) = self.before(at).strip_suffix('（') {
            // The name that the bracket explains is a mention already.
            if matches!(&self.law_before, Some((Law::Known(_), span, _)) if span.end == before.len()) {
                return;
            }
            // 未知の法律（令和三年法律第二号）第三条: the number stands for the name that the table does not have.
            let open = before.len();
            if LAW_ENDS.iter().any(|end| before.ends_with(end))
                && let Some(after) =
                    bracket(self.rest(open)).filter(|after| self.text.len() - after.len() - open <= MOST_SAID)
            {
                end = self.text.len() - after.len();
            }
        }
        self.mention(law, at..end, at);
    }

    fn mention(&mut self, law: Law, span: Range<usize>, name_end: usize) {
        let last_char = self.before(name_end).chars().next_back().filter(|c| *c != '（');
        let last_char = last_char.or_else(|| self.before(name_end.saturating_sub("（".len())).chars().next_back());
        self.laws.push((law.clone(), last_char.unwrap_or('法')));
        let index = self.found.len();
        self.found.push(Reference {
            span: span.clone(),
            target: match &law {
                Law::Known(law) => Ok(Target { law: law.clone(), spot: Spot::Law, address: Address::default() }),
                Law::Unknown(name) => Err(Unresolved::UnknownLaw(name.clone())),
            },
            through: None,
        });
        self.done = self.done.max(span.end);
        self.law_before = Some((law, span, index));
    }

    /// The law that stands directly before a place, and where its mention begins.
    fn law_at_end(&mut self, at: usize) -> Option<(Law, usize)> {
        if let Some((law, span, index)) = self.law_before.take() {
            if span.end == at {
                if index + 1 == self.found.len() {
                    // The mention becomes part of the longer reference.
                    self.found.pop();
                }
                return Some((law, span.start));
            }
            self.law_before = Some((law, span, index));
        }
        let before = self.before(at);
        if let Some(local) = self.book.local_at_end(before, &self.key) {
            let start = at - local.term.len();
            if !self.before(start).chars().next_back().is_some_and(joins) {
                let law = local.law.clone().map_or_else(|| Law::Unknown(local.term.clone()), Law::Known);
                let last = local.term.chars().next_back().unwrap_or('法');
                self.laws.push((law.clone(), last));
                return Some((law, start));
            }
        }
        if LAW_ENDS.iter().any(|end| before.ends_with(end)) {
            let name = before.char_indices().rev().take(LONGEST_NAME);
            let name = name.take_while(|(start, c)| joins(*c) && *start >= self.done);
            let start = name.last().map_or(at, |(start, _)| start);
            let name = before.get(start..).unwrap_or_default().to_owned();
            let law = Law::Unknown(name);
            self.laws.push((law.clone(), before.chars().next_back().unwrap_or('法')));
            return Some((law, start));
        }
        None
    }

    fn emit(&mut self, span: Range<usize>, law: Law, spot: Option<Spot>, address: Address, through: Option<Target>) {
        self.done = span.end;
        let target = match (&law, &spot) {
            _ if self.quoted > 0 => Err(Unresolved::Quoted),
            (Law::Known(law), Some(spot)) => {
                Ok(Target { law: law.clone(), spot: spot.clone(), address: address.clone() })
            }
            (Law::Unknown(name), _) => Err(Unresolved::UnknownLaw(name.clone())),
            (Law::Known(_), None) => Err(Unresolved::NoAntecedent),
        };
        let through = through.filter(|_| self.quoted == 0);
        self.last = Some(Antecedent { law, spot, address, end: span.end, index: self.found.len() });
        self.found.push(Reference { span, target, through });
    }

    fn fail(&mut self, span: Range<usize>, why: Unresolved, law: Law) {
        self.done = span.end;
        // What cannot be resolved is what 同条 after it means: better nothing than the wrong thing.
        let (end, index) = (span.end, self.found.len());
        self.last = Some(Antecedent { law, spot: None, address: Address::default(), end, index });
        let why = if self.quoted > 0 { Unresolved::Quoted } else { why };
        self.found.push(Reference { span, target: Err(why), through: None });
    }
}
