//! References by number: 第五条, 第二項, 附則第三条, 別表第一, each of the law named before it.

use super::words::{FARTHEST, bracket, connective, without_brackets};
use super::{Antecedent, Law, Scan};
use crate::law::address::Address;
use crate::law::article_number::{ArticleNumber, ItemNumber};
use crate::law::name::joins;
use crate::law::provision::ProvisionKind;
use crate::law::reference::{Spot, Target, Unresolved};

impl<'a> Scan<'a, '_> {
    /// 第五条, 第二項, 第三号.
    pub(super) fn ordinal(&mut self, at: usize) {
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
        // 第三条第一項及び第二項 go on in 第三条; in 第三条及び第二項 the second is of the article that speaks.
        let goes_on = |last: &Antecedent| match address.paragraph {
            Some(_) => last.address.paragraph.is_some(),
            None => last.address.item.is_some(),
        };
        let Some(last) = self.continued(at).filter(|last| last.spot.is_some() && goes_on(last)) else {
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
    pub(super) fn continued(&self, at: usize) -> Option<Antecedent> {
        let last = self.last.as_ref()?;
        if last.end == 0 {
            return None;
        }
        let mut between = self.text.get(last.end..at).filter(|between| between.len() <= FARTHEST)?;
        while !between.is_empty() {
            between = connective(between)?;
        }
        Some(last.clone())
    }

    /// 第三条から第五条まで is one reference; anything else a new one.
    pub(super) fn emit_or_extend(
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
        let up_to = || self.rest(end).starts_with("まで") || self.after_brackets(end).starts_with("まで");
        let range = (from == "から" && up_to()) || matches!(from, "乃至" | "ないし");
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

    /// 附則第三条, 附則第四項.
    pub(super) fn supplement(&mut self, at: usize) {
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
    pub(super) fn appended(&mut self, at: usize, word: &str) {
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
}
