//! Papers: what people write and keep, such as conversations, drafts of applications, apps and notices.
//!
//! Not part of the ledger. A paper is encrypted and bound to its kind, name and owner; who may read it is decided by those
//! who ask. It carries a version, so that nobody overwrites what they have not seen.

use crate::batch::Keep;
use crate::engine::{EngineResult, Row, Tx, Value};
use crate::reading::ReadError;
use crate::sealed::Body;
use crate::{Journal, JournalError, Store};
use jiff::Timestamp;
use sekisho_domain::id::PersonId;
use std::collections::BTreeMap;

/// What a paper is about, apart from its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperRow {
    /// What it is, such as `conversation`: one word of the program's own, never typed by people.
    pub kind: String,
    /// Identifier among its kind.
    pub id: String,
    /// Whose.
    pub owner: PersonId,
    /// Destroyed when its owner is forgotten.
    pub personal: bool,
    /// 1 for a new one, one more with every change.
    pub version: u64,
    /// When it was first kept.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

/// A paper with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// About it.
    pub row: PaperRow,
    /// What it says.
    pub content: Vec<u8>,
}

/// A change of the papers.
#[derive(Debug)]
pub(crate) enum PaperChange {
    Keep { row: PaperRow, sealed: Vec<u8> },
    Destroy { kind: String, id: String, owner: PersonId },
}

pub(crate) fn binding(kind: &str, id: &str, owner: &PersonId) -> String {
    format!("{kind} {id} {owner} paper")
}

fn moment(at: Timestamp) -> Value {
    Value::Int(at.as_microsecond())
}

impl PaperChange {
    pub(crate) fn erases(&self) -> bool {
        matches!(self, Self::Destroy { .. })
    }

    /// Returns how many rows changed: 0 when somebody else was first.
    pub(crate) async fn write(self, tx: &mut Tx) -> EngineResult<u64> {
        match self {
            Self::Keep { row, sealed } if row.version <= 1 => {
                let sql = "INSERT INTO paper (kind,paper_id,owner,personal,version,created_at,changed_at,box) \
                           VALUES ($1,$2,$3,$4,1,$5,$6,$7) ON CONFLICT (kind, paper_id) DO NOTHING";
                let values = vec![
                    Value::from(row.kind.as_str()),
                    Value::from(row.id.as_str()),
                    Value::from(row.owner.as_str()),
                    Value::Int(row.personal.into()),
                    moment(row.created_at),
                    moment(row.changed_at),
                    Value::Bytes(sealed),
                ];
                tx.execute(sql, values).await
            }
            Self::Keep { row, sealed } => {
                let sql = "UPDATE paper SET version = $1, changed_at = $2, box = $3 \
                           WHERE kind = $4 AND paper_id = $5 AND owner = $6 AND version = $7";
                let values = vec![
                    Value::from(row.version),
                    moment(row.changed_at),
                    Value::Bytes(sealed),
                    Value::from(row.kind.as_str()),
                    Value::from(row.id.as_str()),
                    Value::from(row.owner.as_str()),
                    Value::from(row.version - 1),
                ];
                tx.execute(sql, values).await
            }
            Self::Destroy { kind, id, owner } => {
                let which = vec![Value::from(kind.as_str()), Value::from(id.as_str()), Value::from(owner.as_str())];
                tx.execute("DELETE FROM paper WHERE kind = $1 AND paper_id = $2 AND owner = $3", which).await
            }
        }
    }
}

/// Destroys what goes with a person who is forgotten.
pub(crate) async fn forget_papers(tx: &mut Tx, person: &PersonId) -> EngineResult<()> {
    let whose = vec![Value::from(person.as_str())];
    tx.execute("DELETE FROM paper WHERE owner = $1 AND personal = 1", whose).await.map(drop)
}

impl Journal {
    /// Keeps a paper: a new one with version 1, a changed one with one more than was read. `false` means that somebody
    /// else was first: nothing was kept.
    pub async fn keep_paper(&self, row: PaperRow, content: &Body) -> Result<bool, JournalError> {
        let sealed = self.seal(&binding(&row.kind, &row.id, &row.owner), content)?;
        self.keep(Keep::Paper(PaperChange::Keep { row, sealed })).await.map(|rows| rows > 0)
    }

    /// Destroys a paper; returns once it and its traces in the database's log are gone.
    pub async fn destroy_paper(&self, kind: &str, id: &str, owner: &PersonId) -> Result<(), JournalError> {
        let change = PaperChange::Destroy { kind: kind.to_owned(), id: id.to_owned(), owner: owner.clone() };
        self.keep(Keep::Paper(change)).await.map(drop)
    }
}

const SELECT: &str = "SELECT kind, paper_id, owner, personal, version, created_at, changed_at, box FROM paper";

impl Store {
    /// One paper, whoever owns it.
    pub async fn paper(&self, kind: &str, id: &str) -> Result<Option<Paper>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{SELECT} WHERE kind = $1 AND paper_id = $2");
        let rows = tx.fetch(&sql, vec![Value::from(kind), Value::from(id)]).await?;
        rows.first().map(|row| self.opened_paper(row)).transpose()
    }

    /// A person's papers of a kind, last changed first.
    pub async fn papers_of(&self, kind: &str, owner: &PersonId, limit: u64) -> Result<Vec<Paper>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{SELECT} WHERE owner = $1 AND kind = $2 ORDER BY changed_at DESC, paper_id LIMIT $3");
        let rows = tx.fetch(&sql, vec![Value::from(owner.as_str()), Value::from(kind), Value::from(limit)]).await?;
        rows.iter().map(|row| self.opened_paper(row)).collect()
    }

    /// Everybody's papers of a kind, last changed first.
    pub async fn papers(&self, kind: &str, limit: u64) -> Result<Vec<Paper>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{SELECT} WHERE kind = $1 ORDER BY changed_at DESC, paper_id LIMIT $2");
        let rows = tx.fetch(&sql, vec![Value::from(kind), Value::from(limit)]).await?;
        rows.iter().map(|row| self.opened_paper(row)).collect()
    }

    /// How many papers of a kind there are.
    pub async fn count_papers(&self, kind: &str) -> Result<u64, ReadError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT COUNT(*) FROM paper WHERE kind = $1", vec![Value::from(kind)]).await?;
        Ok(rows.first().map(|row| row.uint(0)).transpose()?.unwrap_or(0))
    }

    /// Who owns papers of a kind, without opening any, each with the time of the first.
    pub async fn paper_owners(&self, kind: &str) -> Result<BTreeMap<PersonId, Timestamp>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT owner, MIN(created_at) FROM paper WHERE kind = $1 GROUP BY owner";
        let rows = tx.fetch(sql, vec![Value::from(kind)]).await?;
        let mut owners = BTreeMap::new();
        for row in &rows {
            let owner = PersonId::new(row.text(0)?).map_err(|e| ReadError::Corrupt(e.to_string()))?;
            let at = Timestamp::from_microsecond(row.int(1)?).map_err(|e| ReadError::Corrupt(e.to_string()))?;
            owners.insert(owner, at);
        }
        Ok(owners)
    }

    /// Whether a paper exists, without opening it.
    pub async fn has_paper(&self, kind: &str, id: &str) -> Result<bool, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT 1 FROM paper WHERE kind = $1 AND paper_id = $2";
        Ok(!tx.fetch(sql, vec![Value::from(kind), Value::from(id)]).await?.is_empty())
    }

    fn opened_paper(&self, row: &Row) -> Result<Paper, ReadError> {
        let bad = |what: &str| ReadError::Corrupt(format!("a paper has a bad {what}"));
        let at = |n: i64| Timestamp::from_microsecond(n).map_err(|_| bad("time"));
        let about = PaperRow {
            kind: row.text(0)?,
            id: row.text(1)?,
            owner: PersonId::new(row.text(2)?).map_err(|_| bad("owner"))?,
            personal: row.int(3)? != 0,
            version: row.uint(4)?,
            created_at: at(row.int(5)?)?,
            changed_at: at(row.int(6)?)?,
        };
        let opening = self.key.open(&binding(&about.kind, &about.id, &about.owner), &row.bytes(7)?)?;
        Ok(Paper { row: about, content: opening.bytes })
    }
}
