//! A law as read, as the units of one revision.

use jiff::civil::Date;

use crate::law::name::SHORT_NAMES;
use crate::law::{LawId, LawKind, LawText, Provision, ProvisionKind};
use crate::unit::{Facet, Unit};

/// What is known of a revision beside its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The law.
    pub law_id: LawId,
    /// The first day in force, where it is known.
    pub from: Option<Date>,
    /// The first day no longer in force.
    pub until: Option<Date>,
    /// The field of law, where a list says it.
    pub category: Option<String>,
    /// The hash of what it was read from.
    pub source: String,
}

/// The name of a revision's group.
pub fn group(law_id: &str, from: Option<Date>) -> String {
    from.map_or_else(|| format!("{law_id}@"), |day| format!("{law_id}@{day}"))
}

/// The field of law of a unit.
pub fn category_of(unit: &Unit) -> Option<&str> {
    unit.facet(Facet::Category)
}

impl Revision {
    /// The units of the revision, without links: articles, paragraphs of laws without articles, supplements, tables.
    pub fn units(&self, law: &LawText) -> Vec<Unit> {
        let also = names(law);
        let mut units: Vec<Unit> = Vec::with_capacity(law.provisions.len());
        for (order, provision) in (0_u32..).zip(&law.provisions) {
            units.push(Unit {
                id: format!("{}/{}", self.law_id, provision.key),
                group: group(self.law_id.as_str(), self.from),
                work: self.law_id.to_string(),
                order,
                title: law.title.clone(),
                also: also.clone(),
                number: number(provision),
                caption: provision.caption.clone(),
                path: provision.path.clone(),
                text: provision.text(),
                url: format!("https://laws.e-gov.go.jp/law/{}", self.law_id),
                date: law.promulgated,
                from: self.from,
                until: self.until,
                facets: self.facets(law.kind),
                law_number: law.law_num.clone(),
                ..Unit::default()
            });
        }
        if let Some(first) = units.first_mut() {
            first.source.clone_from(&self.source);
        }
        units
    }

    fn facets(&self, kind: LawKind) -> Vec<(Facet, String)> {
        let mut facets = vec![(Facet::Kind, format!("{kind:?}"))];
        facets.extend(self.category.clone().map(|category| (Facet::Category, category)));
        facets
    }
}

/// The other names of a law: those of the file, then those everybody uses.
fn names(law: &LawText) -> Vec<String> {
    let mut names = law.abbreviations.clone();
    let usual = SHORT_NAMES.iter().filter(|(_, title)| *title == law.title).map(|(short, _)| (*short).to_owned());
    names.extend(usual);
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| *name != law.title && seen.insert(name.clone()));
    names
}

/// What a provision is called: 第三十六条の二, 別表第一（第五条関係）.
fn number(provision: &Provision) -> String {
    match provision.kind {
        ProvisionKind::Article if provision.title.is_empty() => {
            provision.number.map(|number| number.to_string()).unwrap_or_default()
        }
        _ => provision.title.clone(),
    }
}
