//! What must be known of a law to resolve the references in it.

use std::collections::HashMap;

use super::local::{self, LocalName};
use super::scan::Scan;
use super::{Reference, Spot, lines};
use crate::law::article_number::ArticleNumber;
use crate::law::delegation::parent_titles;
use crate::law::law_id::LawId;
use crate::law::name::Names;
use crate::law::provision::{Place, Provision, ProvisionKind, Rendered};
use crate::law::text::LawText;

/// A law with what its references need: the order of its articles, and the names it gives to other laws.
pub struct Book<'n> {
    pub(super) law: LawId,
    pub(super) names: &'n dyn Names,
    /// The articles of the main provisions (under an empty prefix) and of each supplement, in order.
    articles: HashMap<String, Vec<ArticleNumber>>,
    locals: Vec<LocalName>,
}

impl<'n> Book<'n> {
    /// From a law as read. `None` without its id.
    pub fn of(law: &LawText, names: &'n dyn Names) -> Option<Self> {
        let units = law.provisions.iter().map(|provision| (spot(provision), provision.text()));
        let mut book = Self::empty(law.law_id.clone()?, names);
        // An order says there which law it rests on, and often what it calls it.
        for text in &law.enactment {
            local::collect(text, "", names, &mut book.locals);
        }
        book.fill(&law.title, units);
        Some(book)
    }

    /// From the texts of its provisions alone, in order.
    pub fn new<T: AsRef<str>>(
        law: LawId,
        title: &str,
        units: impl IntoIterator<Item = (Spot, T)>,
        names: &'n dyn Names,
    ) -> Self {
        let mut book = Self::empty(law, names);
        book.fill(title, units);
        book
    }

    fn empty(law: LawId, names: &'n dyn Names) -> Self {
        Self { law, names, articles: HashMap::new(), locals: Vec::new() }
    }

    fn fill<T: AsRef<str>>(&mut self, title: &str, units: impl IntoIterator<Item = (Spot, T)>) {
        for (spot, text) in units {
            let (key, text) = (spot.key().unwrap_or_default(), text.as_ref());
            local::collect(text, &key, self.names, &mut self.locals);
            local::collect_defined(text, self.names, &mut self.locals);
            match spot {
                Spot::Article(number) => self.articles.entry(String::new()).or_default().push(number),
                Spot::Supplement { prefix, article: Some(number) } => {
                    self.articles.entry(prefix).or_default().push(number);
                }
                _ => {}
            }
        }
        // 架空法施行規則 may say 法 and 令 without saying of what.
        for (term, title) in parent_titles(title) {
            if !self.locals.iter().any(|local| local.term == term && local.only_in.is_none()) {
                let law = self.names.by_name(&title).cloned();
                self.locals.push(LocalName { term: term.to_owned(), law, only_in: None });
            }
        }
        // 旧法 before 法: the longest name that fits is meant.
        self.locals.sort_by_key(|local| (std::cmp::Reverse(local.term.len()), local.only_in.is_none()));
    }

    /// The names this law gives to other laws.
    pub fn locals(&self) -> &[LocalName] {
        &self.locals
    }

    /// The references in a provision of the law, with the text that their spans count in.
    pub fn references(&self, provision: &Provision) -> (Rendered, Vec<Reference>) {
        let rendered = provision.rendered();
        let references = Scan::new(self, spot(provision), &rendered.text, &rendered.lines).run();
        (rendered, references)
    }

    /// The references in the text of a provision, where only its text is at hand.
    pub fn references_in(&self, spot: Spot, text: &str) -> Vec<Reference> {
        Scan::new(self, spot, text, &lines::of(text)).run()
    }

    /// The articles among which 前条 and 次条 are counted.
    pub(super) fn neighbours(&self, spot: &Spot) -> &[ArticleNumber] {
        let prefix = match spot {
            Spot::Supplement { prefix, .. } => prefix,
            _ => "",
        };
        self.articles.get(prefix).map(Vec::as_slice).unwrap_or_default()
    }

    /// The longest local name at the end of a text, valid in a provision.
    pub(super) fn local_at_end<'b>(&'b self, text: &str, key: &str) -> Option<&'b LocalName> {
        self.locals
            .iter()
            .find(|local| text.ends_with(&local.term) && local.only_in.as_deref().is_none_or(|only| only == key))
    }
}

/// What a reference to a provision would name.
fn spot(provision: &Provision) -> Spot {
    if let Place::Supplement { .. } = provision.place {
        let prefix = provision.key.split('.').next().unwrap_or_default().to_owned();
        return Spot::Supplement { prefix, article: provision.number };
    }
    match (provision.kind, provision.number) {
        (ProvisionKind::Article, Some(number)) => Spot::Article(number),
        (ProvisionKind::Article | ProvisionKind::Paragraphs, _) => Spot::Paragraphs,
        (kind, _) => Spot::Appended { kind, number: crate::law::structure::appended_number(&provision.title) },
    }
}
