//! References by position or memory: 前項, 次条, 同条, この法律.

use std::ops::Range;

use super::words::{MOST_LAWS, MOST_LINES};
use super::{Law, Scan};
use crate::law::address::Address;
use crate::law::article_number::{ArticleNumber, ItemNumber};
use crate::law::numeral;
use crate::law::reference::{Reference, Spot, Target, Unresolved};

impl Scan<'_, '_> {
    /// 同条, 同項, 同号 and what follows.
    pub(super) fn same(&mut self, at: usize, word: &str) {
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
                let written: String = whole.to_string().chars().chain(self.rest(start).chars().take(20)).collect();
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
    pub(super) fn neighbour(&mut self, at: usize, word: &str) {
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
        // 第二十一条から前条まで
        if !many && let Some(last) = self.continued(at) {
            return self.emit_or_extend(at, end, law, Some(spot), address, &last);
        }
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
        let near_lines = self.lines.iter().skip(self.line.saturating_sub(MOST_LINES)).take(2 * MOST_LINES);
        let of_paragraph = near_lines.filter(|(_, address)| address.paragraph == here.paragraph);
        let mut items: Vec<ItemNumber> = of_paragraph.filter_map(|(_, address)| address.item).collect();
        items.dedup();
        match here.item {
            Some(item) => near(&items, item, forward, count, each),
            // Words of a paragraph after its items speak of all of them.
            None if each => Some((*items.first()?, *items.last()?)),
            None => None,
        }
    }

    /// 同法, 同令, and a law named so directly before an article.
    pub(super) fn same_law(&mut self, at: usize, word: &str) {
        let end_of_name = word.chars().next_back().unwrap_or('法');
        let fits = |last: char| last == end_of_name || (end_of_name == '法' && last == '律');
        let mut named = self.laws.iter().rev().take(MOST_LAWS);
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
    pub(super) fn this(&mut self, at: usize, word: &str) {
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
