//! One walk through a text from left to right, with what was named last in mind.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::book::Book;
use super::{Reference, Spot, Target, Unresolved};
use crate::law::address::Address;
use crate::law::article_number::{ArticleNumber, ItemNumber};
use crate::law::law_id::{LawId, LawNumber};
use crate::law::name::{NameFound, joins};
use crate::law::numeral;
use crate::law::provision::ProvisionKind;

/// Where a reference may begin.
const ANCHORS: [&str; 38] = [
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

static AUTOMATON: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(ANCHORS).ok());

/// Endings of names of laws and of what is cited like one.
const LAW_ENDS: [&str; 19] = [
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
const MOST_SAID: usize = 400;

/// Brackets within brackets are not followed deeper than this; no law goes beyond a handful.
const DEEPEST: usize = 32;

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
            let start =
                before.char_indices().rev().take_while(|(_, c)| joins(*c)).last().map_or(at, |(start, _)| start);
            let name = before.get(start..).unwrap_or_default().to_owned();
            let law = Law::Unknown(name);
            self.laws.push((law.clone(), before.chars().next_back().unwrap_or('法')));
            return Some((law, start));
        }
        None
    }

    /// 第五条, 第二項, 第三号.
    fn ordinal(&mut self, at: usize) {
        let rest = self.rest(at);
        if let Some((number, length)) = ArticleNumber::leading(rest) {
            let (address, more) = Address::leading(rest.get(length..).unwrap_or_default());
            let end = at + length + more;
            return self.article(at, number, address, end);
        }
        let (address, length) = Address::leading(rest);
        // 法律第六十七号 and 平成十年告示第三号 are no items.
        if length == 0 || self.before(at).chars().next_back().is_some_and(joins) {
            return;
        }
        let end = at + length;
        let Some(last) = self.continued(at).filter(|last| last.spot.is_some()) else {
            let spot = self.spot.clone();
            let address = match address.paragraph {
                Some(_) => address,
                None => Address { paragraph: self.here().paragraph, ..address },
            };
            let law = Law::Known(self.book.law.clone());
            return self.emit(at..end, law, Some(spot), address, None);
        };
        let address = match address.paragraph {
            Some(_) => address,
            None => Address { paragraph: last.address.paragraph, ..address },
        };
        self.emit_or_extend(at, end, last.law.clone(), last.spot.clone(), address, &last);
    }

    fn article(&mut self, at: usize, number: ArticleNumber, address: Address, end: usize) {
        if let Some((law, start)) = self.law_at_end(at) {
            return self.emit(start..end, law, Some(Spot::Article(number)), address, None);
        }
        if let Some(last) = self.continued(at) {
            let spot = match &last.spot {
                Some(Spot::Supplement { prefix, .. }) => {
                    Spot::Supplement { prefix: prefix.clone(), article: Some(number) }
                }
                _ => Spot::Article(number),
            };
            return self.emit_or_extend(at, end, last.law.clone(), Some(spot), address, &last);
        }
        let law = Law::Known(self.book.law.clone());
        // A supplement of an amending law cites that law's own articles by their bare numbers.
        if matches!(&self.spot, Spot::Supplement { prefix, .. } if prefix != "s") {
            self.fail(at..end, Unresolved::AmendingLaw, law);
            return;
        }
        self.emit(at..end, law, Some(Spot::Article(number)), address, None);
    }

    /// What was named last, where only words like 及び stand between.
    fn continued(&self, at: usize) -> Option<Antecedent> {
        let last = self.last.as_ref()?;
        if last.end == 0 {
            return None;
        }
        let mut between = self.text.get(last.end..at)?;
        while !between.is_empty() {
            between = connective(between)?;
        }
        Some(last.clone())
    }

    /// 第三条から第五条まで is one reference; anything else a new one.
    fn emit_or_extend(
        &mut self,
        at: usize,
        end: usize,
        law: Law,
        spot: Option<Spot>,
        address: Address,
        last: &Antecedent,
    ) {
        let between = self.text.get(last.end..at).unwrap_or_default();
        let from = without_brackets(between);
        let up_to = self.rest(end).starts_with("まで") || self.after_brackets(end).starts_with("まで");
        let range = (from == "から" && up_to) || matches!(from, "乃至" | "ないし");
        if range
            && let (Law::Known(law_id), Some(spot)) = (&law, &spot)
            && let Some(reference) = self.found.get_mut(last.index)
            && reference.through.is_none()
            && self.quoted == 0
        {
            let tail =
                if self.text.get(end..).is_some_and(|rest| rest.starts_with("まで")) { "まで".len() } else { 0 };
            reference.span.end = end + tail;
            reference.through = Some(Target { law: law_id.clone(), spot: spot.clone(), address: address.clone() });
            self.done = end + tail;
            self.last = Some(Antecedent { law, spot: Some(spot.clone()), address, end: self.done, index: last.index });
            return;
        }
        self.emit(at..end, law, spot, address, None);
    }

    fn after_brackets(&self, at: usize) -> &'a str {
        bracket(self.rest(at)).unwrap_or_else(|| self.rest(at))
    }

    /// 同条, 同項, 同号 and what follows.
    fn same(&mut self, at: usize, word: &str) {
        let start = at + word.len();
        let (address, length) = Address::leading(self.rest(start));
        let end = start + length;
        let Some(last) = self.last.clone().filter(|last| last.spot.is_some()) else {
            // 同項 in the first words of an item may go on from its paragraph.
            return self.fail(at..end, Unresolved::NoAntecedent, Law::Known(self.book.law.clone()));
        };
        let address = match word {
            "同条" => address,
            "同項" => Address { paragraph: last.address.paragraph, ..address },
            _ => {
                let mut whole = Address { subitems: Vec::new(), ..last.address.clone() };
                // 同号イ: the subitem stands directly behind.
                let written = whole.to_string() + self.rest(start);
                let (read, read_length) = Address::leading(&written);
                let label = read_length.saturating_sub(whole.to_string().len());
                if whole.item.is_some() && label > 0 && !read.subitems.is_empty() {
                    whole = read;
                    return self.emit(at..start + label, last.law, last.spot, whole, None);
                }
                whole
            }
        };
        self.emit(at..end, last.law, last.spot, address, None);
    }

    /// 前条, 前項, 前号, 前二項, 前各号, 次条, 次項, 次号.
    fn neighbour(&mut self, at: usize, word: &str) {
        let forward = word != "前";
        let mut after = at + "前".len();
        let (mut count, mut each) = (1_usize, false);
        if !forward {
            if let Some(rest) = self.rest(after).strip_prefix('各') {
                each = true;
                after = self.text.len() - rest.len();
            } else if let Some((number, length)) = numeral::leading(self.rest(after)) {
                count = number as usize;
                after += length;
            }
        }
        let Some(unit) = self.rest(after).chars().next().filter(|c| matches!(c, '条' | '項' | '号')) else { return };
        let start = after + unit.len_utf8();
        let (below, length) = Address::leading(self.rest(start));
        let end = start + length;
        let law = Law::Known(self.book.law.clone());
        let pair = match unit {
            '条' => self.near_articles(forward, count, each).map(|(first, last)| {
                ((self.with_article(first), below.clone()), (self.with_article(last), Address::default()))
            }),
            '項' => self.near_paragraphs(forward, count, each).map(|(first, last)| {
                let first = Address { paragraph: Some(first), ..below.clone() };
                ((self.spot.clone(), first), (self.spot.clone(), Address::paragraph(last)))
            }),
            _ => self.near_items(forward, count, each).map(|(first, last)| {
                let here = self.here();
                let of = |item| Address { paragraph: here.paragraph, item: Some(item), subitems: Vec::new() };
                ((self.spot.clone(), of(first)), (self.spot.clone(), of(last)))
            }),
        };
        let Some(((spot, address), (last_spot, last_address))) = pair else {
            return self.fail(at..end, Unresolved::NoNeighbour, law);
        };
        let many = count > 1 || each;
        let through = many.then(|| Target { law: self.book.law.clone(), spot: last_spot, address: last_address });
        self.emit(at..end, law, Some(spot), address, through);
    }

    fn with_article(&self, number: ArticleNumber) -> Spot {
        match &self.spot {
            Spot::Supplement { prefix, .. } => Spot::Supplement { prefix: prefix.clone(), article: Some(number) },
            _ => Spot::Article(number),
        }
    }

    fn near_articles(&self, forward: bool, count: usize, each: bool) -> Option<(ArticleNumber, ArticleNumber)> {
        let number = match self.spot {
            Spot::Article(number) | Spot::Supplement { article: Some(number), .. } => number,
            _ => return None,
        };
        near(self.book.neighbours(&self.spot), number, forward, count, each)
    }

    fn near_paragraphs(&self, forward: bool, count: usize, each: bool) -> Option<(u32, u32)> {
        let number = self.here().paragraph?;
        if forward {
            return Some((number.checked_add(1)?, number + 1));
        }
        let first = if each { 1 } else { number.checked_sub(u32::try_from(count).ok()?)? };
        let last = number.checked_sub(1)?;
        (first >= 1 && last >= first).then_some((first, last))
    }

    fn near_items(&self, forward: bool, count: usize, each: bool) -> Option<(ItemNumber, ItemNumber)> {
        let here = self.here();
        let of_paragraph = self.lines.iter().filter(|(_, address)| address.paragraph == here.paragraph);
        let mut items: Vec<ItemNumber> = of_paragraph.filter_map(|(_, address)| address.item).collect();
        items.dedup();
        match here.item {
            Some(item) => near(&items, item, forward, count, each),
            // Words of a paragraph after its items speak of all of them.
            None if each => Some((*items.first()?, *items.last()?)),
            None => None,
        }
    }

    /// 附則第三条, 附則第四項.
    fn supplement(&mut self, at: usize) {
        let start = at + "附則".len();
        let rest = self.rest(start);
        let (article, length) = match ArticleNumber::leading(rest).filter(|_| rest.starts_with('第')) {
            Some((number, length)) => (Some(number), length),
            None => (None, 0),
        };
        let (address, more) = Address::leading(rest.get(length..).unwrap_or_default());
        if length + more == 0 {
            return;
        }
        let end = start + length + more;
        let (law, from) = match self.law_at_end(at) {
            Some(found) => found,
            None => match self.continued(at) {
                Some(last) => (last.law, at),
                None => (Law::Known(self.book.law.clone()), at),
            },
        };
        let own = matches!(&law, Law::Known(id) if *id == self.book.law);
        let prefix = match &self.spot {
            Spot::Supplement { prefix, .. } if own => prefix.clone(),
            _ => "s".to_owned(),
        };
        self.emit(from..end, law, Some(Spot::Supplement { prefix, article }), address, None);
    }

    /// 別表第一, 様式第三号.
    fn appended(&mut self, at: usize, word: &str) {
        let kind = match word {
            "別表" => ProvisionKind::Table,
            "別図" => ProvisionKind::Figure,
            "別記" => ProvisionKind::Note,
            _ => ProvisionKind::Form,
        };
        let start = at + word.len();
        let rest = self.rest(start);
        let number = ItemNumber::loose(rest).filter(|_| rest.starts_with('第'));
        // 様式 and 別記 alone are words as any other.
        if number.is_none() && word != "別表" {
            return;
        }
        let length = number.map_or(0, |(_, length)| length);
        let (address, more) = Address::leading(rest.get(length..).unwrap_or_default());
        let end = start + length + more;
        let (law, from) = match self.law_at_end(at) {
            Some(found) => found,
            None => (Law::Known(self.book.law.clone()), at),
        };
        let spot = Spot::Appended { kind, number: number.map(|(number, _)| number) };
        self.emit(from..end, law, Some(spot), address, None);
    }

    /// 同法, 同令, and a law named so directly before an article.
    fn same_law(&mut self, at: usize, word: &str) {
        let end_of_name = word.chars().next_back().unwrap_or('法');
        let fits = |last: char| last == end_of_name || (end_of_name == '法' && last == '律');
        let mut named = self.laws.iter().rev();
        // An ordinance titled 規則 is cited as 同令 too.
        let law = named.clone().find(|(_, last)| fits(*last)).or_else(|| named.find(|_| end_of_name == '令'));
        let law = law.map(|(law, _)| law.clone());
        let span = at..at + word.len();
        match law {
            Some(law) => self.mention(law, span.clone(), span.end),
            None => self.fail(span, Unresolved::NoAntecedent, Law::Unknown(word.to_owned())),
        }
    }

    /// この法律, この条, この項.
    fn this(&mut self, at: usize, word: &str) {
        let span = at..at + word.len();
        let law = Law::Known(self.book.law.clone());
        match word {
            "この条" => self.aside(span, self.spot.clone(), Address::default()),
            "この項" => {
                self.aside(span, self.spot.clone(), Address { paragraph: self.here().paragraph, ..Address::default() });
            }
            "この号" => self.aside(span, self.spot.clone(), Address { subitems: Vec::new(), ..self.here() }),
            "この附則" => {}
            _ => self.mention(law, span.clone(), span.end),
        }
    }

    /// A reference that 同条 does not go back to: 以下この条において.
    fn aside(&mut self, span: Range<usize>, spot: Spot, address: Address) {
        self.done = span.end;
        let target = Ok(Target { law: self.book.law.clone(), spot, address });
        self.found.push(Reference { span, target, through: None });
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

/// The neighbours of one in an ordered list: the first and the last of those meant.
fn near<T: Copy + PartialEq>(all: &[T], one: T, forward: bool, count: usize, each: bool) -> Option<(T, T)> {
    let at = all.iter().position(|other| *other == one)?;
    if forward {
        let next = *all.get(at + 1)?;
        return Some((next, next));
    }
    let first = if each { 0 } else { at.checked_sub(count)? };
    let last = at.checked_sub(1)?;
    Some((*all.get(first)?, *all.get(last)?))
}

/// What follows one of the words, or a pair of brackets, that may stand between two references of one law.
fn connective(text: &str) -> Option<&str> {
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

/// What follows a pair of brackets.
fn bracket(text: &str) -> Option<&str> {
    text.strip_prefix('（')?;
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
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

fn without_brackets(text: &str) -> &str {
    bracket(text).unwrap_or(text)
}
