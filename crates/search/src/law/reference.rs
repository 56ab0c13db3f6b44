//! References in the text of a provision, resolved to what they mean.

mod book;
mod lines;
mod local;
mod scan;

use std::ops::Range;

use super::address::Address;
use super::article_number::{ArticleNumber, ItemNumber};
use super::law_id::LawId;
use super::provision::ProvisionKind;
use super::structure::appended_key;
use crate::unit::UnitId;

pub use book::Book;
pub use local::LocalName;

/// A reference in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// What it means, or why that cannot be said.
    pub target: Result<Target, Unresolved>,
    /// The last, of a range: 第三条から第五条まで, 前二項, 前各号. Of the same law as the first.
    pub through: Option<Target>,
}

/// What a reference means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The law.
    pub law: LawId,
    /// The provision.
    pub spot: Spot,
    /// The place within it.
    pub address: Address,
}

/// A provision of a law, as a reference names it. It may not exist: texts cite what has been deleted since.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spot {
    /// The law as a whole.
    Law,
    /// An article of the main provisions.
    Article(ArticleNumber),
    /// The paragraphs of a law without articles.
    Paragraphs,
    /// A supplement, and an article of it.
    Supplement {
        /// As names of provisions begin: `s` for the law's own supplement, `s505AC63` for that of an amending law.
        prefix: String,
        /// The article; `None` for the paragraphs of a supplement without articles.
        article: Option<ArticleNumber>,
    },
    /// A table, form or figure.
    Appended {
        /// What it is.
        kind: ProvisionKind,
        /// Its number; `None` for the only one.
        number: Option<ItemNumber>,
    },
}

impl Spot {
    /// The name of the provision within its law, as [`super::Provision::key`]; `None` for a law as a whole.
    pub fn key(&self) -> Option<String> {
        Some(match self {
            Self::Law => return None,
            Self::Article(number) => number.key(),
            Self::Paragraphs => "p".to_owned(),
            Self::Supplement { prefix, article } => {
                format!("{prefix}.{}", article.map_or_else(|| "p".to_owned(), |number| number.key()))
            }
            Self::Appended { kind, number } => appended_key(*kind, *number),
        })
    }
}

impl Spot {
    /// The provision of a name, as [`Self::key`] writes it; a second of one name (`5#2`) is taken as the first.
    pub fn of_key(key: &str) -> Option<Self> {
        let key = key.split('#').next().unwrap_or(key);
        if let Some((prefix, rest)) = key.split_once('.') {
            // Tables of supplements are cited by no form of words.
            let article = if rest == "p" { None } else { Some(rest.parse().ok()?) };
            return prefix.starts_with('s').then(|| Self::Supplement { prefix: prefix.to_owned(), article });
        }
        if key == "p" {
            return Some(Self::Paragraphs);
        }
        if let Ok(number) = key.parse::<ArticleNumber>() {
            return Some(Self::Article(number));
        }
        let figures = key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len());
        let (word, number) = key.split_at_checked(figures)?;
        let kind = ProvisionKind::of_word(word)?;
        Some(Self::Appended { kind, number: number.parse().ok() })
    }
}

impl Target {
    /// The unit it stands in; `None` for a law as a whole.
    pub fn unit_id(&self) -> Option<UnitId> {
        self.spot.key().map(|key| UnitId::new(format!("{}/{key}", self.law)))
    }
}

/// Why a reference could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// A law whose name or number is not in the table of names.
    #[error("no law is known as `{0}`")]
    UnknownLaw(String),
    /// 同条, 同項, 同法 with nothing before it that it could mean.
    #[error("nothing before it that it could mean")]
    NoAntecedent,
    /// 前項 in the first paragraph, 次条 in the last article, 第二項 outside of any article.
    #[error("nothing there before or after it")]
    NoNeighbour,
    /// An article of a law that amended this one, cited from its supplement: it is not part of this law.
    #[error("an article of the amending law, which is not part of this one")]
    AmendingLaw,
    /// Words quoted between 「 and 」, as where one law is to be read with other words: they speak of what is quoted.
    #[error("within quoted words, which speak of the text they are quoted from")]
    Quoted,
}

#[cfg(test)]
mod tests;
