//! A law as a whole.

use jiff::civil::Date;

use super::article_number::ArticleNumber;
use super::error::Oddity;
use super::law_id::{Era, LawId, LawKind};
use super::provision::{Place, Provision, ProvisionKind};
use super::revision::RevisionName;
use crate::unit::UnitId;

/// A law, order or rule as it was in force on some day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawText {
    /// Its number as printed: 昭和二十二年法律第四十九号. Empty in a partial answer without one.
    pub law_num: String,
    /// Its title. Empty in a partial answer.
    pub title: String,
    /// The title in kana.
    pub title_kana: Option<String>,
    /// Short names that the file itself gives.
    pub abbreviations: Vec<String>,
    /// What it is.
    pub kind: LawKind,
    /// The era of its number.
    pub era: Option<Era>,
    /// The year of its number.
    pub year: Option<u16>,
    /// The number of its number.
    pub num: Option<u32>,
    /// The day of its promulgation. Before 1873 the calendar was lunar; the day is taken as written.
    pub promulgated: Option<Date>,
    /// Its id, where the file says it; the bare XML does not, its name does ([`LawText::named`]).
    pub law_id: Option<LawId>,
    /// The day from which this text is in force, where the file says it.
    pub enforced: Option<Date>,
    /// The law that made this text, where the file says it.
    pub amending: Option<LawId>,
    /// What stands before the first heading: by whom and why it was enacted.
    pub enactment: Vec<String>,
    /// All headings in order: of the main provisions, and of the supplements.
    pub headings: Vec<Heading>,
    /// All provisions in order.
    pub provisions: Vec<Provision>,
    /// What was not as expected.
    pub oddities: Vec<Oddity>,
}

/// A heading: 編, 章, 節, 款, 目, or 附則.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// How deep, from zero.
    pub depth: usize,
    /// As printed: 第一章　総則.
    pub title: String,
    /// The index in [`LawText::provisions`] of what follows it.
    pub provision: usize,
}

impl LawText {
    /// The text with what the name of its file says, where the file itself says nothing.
    #[must_use]
    pub fn named(mut self, name: &RevisionName) -> Self {
        self.law_id.get_or_insert_with(|| name.law_id.clone());
        self.enforced.get_or_insert(name.enforced);
        if self.amending.is_none() {
            self.amending.clone_from(&name.amending);
        }
        self
    }

    /// The name of a provision's unit: `<law id>/36_2`. `None` while the id of the law is not known.
    pub fn unit_id(&self, provision: &Provision) -> Option<UnitId> {
        self.law_id.as_ref().map(|law_id| UnitId::new(format!("{law_id}/{}", provision.key)))
    }

    /// The provision of a name.
    pub fn provision(&self, key: &str) -> Option<&Provision> {
        self.provisions.iter().find(|provision| provision.key == key)
    }

    /// The article of a number in the main provisions, also where several share one text (第三条から第五条まで　削除).
    pub fn article(&self, number: ArticleNumber) -> Option<&Provision> {
        self.provisions.iter().find(|provision| {
            provision.kind == ProvisionKind::Article
                && provision.place == Place::Main
                && provision
                    .number
                    .is_some_and(|first| first <= number && number <= provision.last_number.unwrap_or(first))
        })
    }
}
