//! What keeps a catalogue from being taken.

use super::DomainError;

/// Why a catalogue was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// Not TOML of the expected shape.
    #[error("{file}:{line}: {what}")]
    Unreadable {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        what: String,
    },
    /// A field of an entry does not fit.
    #[error("{file}:{line}: service `{id}`: {what}")]
    Entry {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The entry.
        id: String,
        /// What is wrong.
        what: Entry,
    },
    /// An id stands twice.
    #[error("{file}:{line}: service `{id}` stands twice; give one of them another id")]
    IdTwice {
        /// The file.
        file: String,
        /// The line of the second.
        line: usize,
        /// The id.
        id: String,
    },
    /// A domain that may not stand there.
    #[error("{file}:{line}: service `{id}`: domain `{domain}`: {what}")]
    Domain {
        /// The file.
        file: String,
        /// The line of the entry; 0 when the entry was read earlier.
        line: usize,
        /// The entry.
        id: String,
        /// The domain.
        domain: String,
        /// Why not.
        what: DomainError,
    },
    /// A domain of two services.
    #[error("{file}:{line}: domain `{domain}` of `{id}` belongs to `{other}` already; leave it with one of them")]
    DomainTwice {
        /// The file.
        file: String,
        /// The line of the second entry; 0 when the entry was read earlier.
        line: usize,
        /// The second entry.
        id: String,
        /// The first one.
        other: String,
        /// The domain.
        domain: String,
    },
}

impl CatalogueError {
    /// The same in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Unreadable { file, line, what } => {
                format!("{file} の {line} 行目を読めません（{what}）。項目の名前と書き方を確かめてください。")
            }
            Self::Entry { file, line, id, what } => {
                format!("{file} の {line} 行目、サービス「{id}」: {}", what.japanese())
            }
            Self::IdTwice { file, line, id } => {
                format!("{file} の {line} 行目: サービス「{id}」が二度あります。片方の id を変えてください。")
            }
            Self::Domain { file, line, id, domain, what } => {
                format!("{file} の {line} 行目、サービス「{id}」のドメイン「{domain}」: {}", what.japanese())
            }
            Self::DomainTwice { file, line, id, other, domain } => format!(
                "{file} の {line} 行目: ドメイン「{domain}」は「{id}」と「{other}」の両方にあります。\
                 どちらか一方に残してください。"
            ),
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Entry {
    /// The id.
    #[error("an id is made of a-z, 0-9 and `-`")]
    Id,
    /// Name or provider.
    #[error("name and provider must not be empty")]
    Nameless,
    /// The country.
    #[error("a country is two capital letters, such as `JP`")]
    Country,
    /// No domain.
    #[error("give at least one domain")]
    NoDomain,
    /// The source.
    #[error("the source is the https address where the entry can be checked")]
    Source,
    /// Confirmed, but when?
    #[error("`confirmed = true` needs the day in `looked`")]
    ConfirmedWithoutDay,
}

impl Entry {
    fn japanese(self) -> &'static str {
        match self {
            Self::Id => "id に使えるのは a-z、0-9、- だけです。",
            Self::Nameless => "name と provider は空にできません。",
            Self::Country => "country は JP のように大文字二文字で書いてください。",
            Self::NoDomain => "ドメインを一つ以上書いてください。",
            Self::Source => "source には確かめられる https の URL を書いてください。",
            Self::ConfirmedWithoutDay => "confirmed = true には、確かめた日（looked）が要ります。",
        }
    }
}
