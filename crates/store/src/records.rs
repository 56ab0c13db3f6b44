//! What retention asks of uses, and the destruction of their content on a list that was approved.

use crate::batch::Keep;
use crate::engine::{EngineResult, Tx, Value};
use crate::reading::ReadError;
use crate::uses::{self, UseRow};
use crate::{Journal, JournalError, PaperRow, Store};
use jiff::Timestamp;
use sekisho_domain::id::{DisposalId, PersonId, UseId};
use sekisho_domain::records::made::Made;

/// A use with the places of its sealed contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeRow {
    /// The use.
    pub made: Made,
    /// Index of the closing entry; 0 where there is none.
    pub closed: u64,
}

impl From<UseRow> for MadeRow {
    fn from(row: UseRow) -> Self {
        Self {
            made: Made {
                opened: row.opened,
                of: row.id,
                at: row.at,
                person: row.person,
                department: row.department,
                permit: row.permit,
                service: row.service,
            },
            closed: row.closed,
        }
    }
}

/// How far the destruction of a list has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Contents that were destroyed.
    pub contents: u64,
    /// Papers that went with them.
    pub papers: u64,
    /// Uses of the list below this index are destroyed.
    pub through: u64,
}

/// What one step of a disposal destroys.
#[derive(Debug, Clone)]
pub struct Step {
    /// On whose ground: unless it runs at that moment, nothing is destroyed.
    pub disposal: DisposalId,
    /// Entries whose content goes.
    pub entries: Vec<u64>,
    /// Papers that go, as they were read: one that was changed since stays.
    pub papers: Vec<PaperRow>,
    /// Uses of the list below this index are destroyed then.
    pub through: u64,
}

/// Most places in one statement.
const MOST: usize = 500;

impl Step {
    /// Returns how many contents and papers were destroyed.
    pub(crate) async fn write(self, tx: &mut Tx) -> EngineResult<u64> {
        let (mut contents, mut papers) = (0, 0);
        for entries in self.entries.chunks(MOST) {
            let places: Vec<String> = (1..=entries.len()).map(|n| format!("${n}")).collect();
            let sql = format!("DELETE FROM sealed WHERE entry IN ({})", places.join(","));
            contents += tx.execute(&sql, entries.iter().map(|entry| Value::from(*entry)).collect()).await?;
        }
        for paper in &self.papers {
            let which = vec![
                Value::from(paper.kind.as_str()),
                Value::from(paper.id.as_str()),
                Value::from(paper.owner.as_str()),
                Value::from(paper.version),
            ];
            let sql = "DELETE FROM paper WHERE kind = $1 AND paper_id = $2 AND owner = $3 AND version = $4";
            papers += tx.execute(sql, which).await?;
        }
        let sql = "INSERT INTO disposal (disposal,contents,papers,through) VALUES ($1,$2,$3,$4) \
                   ON CONFLICT (disposal) DO UPDATE SET contents=disposal.contents+excluded.contents,\
                   papers=disposal.papers+excluded.papers,through=CASE WHEN excluded.through > disposal.through \
                   THEN excluded.through ELSE disposal.through END";
        let so_far = vec![
            Value::from(self.disposal.as_str()),
            Value::from(contents),
            Value::from(papers),
            Value::from(self.through),
        ];
        tx.execute(sql, so_far).await?;
        Ok(contents + papers)
    }
}

impl Journal {
    /// Takes a step of a disposal; returns once what it destroys, and its traces in the database's log, are gone.
    /// Whether the disposal runs is looked at under the ledger's lock: a hold that came a moment before is heeded.
    ///
    /// # Errors
    /// [`JournalError::NotRunning`] when it does not run: then nothing was destroyed.
    pub async fn destroy(&self, step: Step) -> Result<u64, JournalError> {
        self.keep(Keep::Destruction(step)).await
    }
}

impl Store {
    /// What retention asks of a use.
    pub async fn made(&self, id: &UseId) -> Result<Made, ReadError> {
        Ok(MadeRow::from(self.use_row(id).await?).made)
    }

    /// Uses before a moment that stand at an index of the ledger or behind it, in the order of the ledger.
    pub async fn made_from(&self, index: u64, before: Timestamp, limit: u64) -> Result<Vec<MadeRow>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{} WHERE opened >= $1 AND use_row.at < $2 ORDER BY opened LIMIT $3", uses::SELECT);
        let index = index.min(i64::MAX.unsigned_abs());
        let values = vec![Value::from(index), Value::Int(before.as_microsecond()), Value::from(limit.min(10_000))];
        let rows = tx.fetch(&sql, values).await?;
        Ok(rows.iter().map(|row| UseRow::read(row).map(MadeRow::from)).collect::<Result<_, _>>()?)
    }

    /// How far a disposal has come.
    pub async fn disposal_progress(&self, id: &DisposalId) -> Result<Progress, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT contents, papers, through FROM disposal WHERE disposal = $1";
        let rows = tx.fetch(sql, vec![Value::from(id.as_str())]).await?;
        let Some(row) = rows.first() else { return Ok(Progress::default()) };
        Ok(Progress { contents: row.uint(0)?, papers: row.uint(1)?, through: row.uint(2)? })
    }

    /// Papers of a kind that were last changed before a moment, by time of change, behind a place in that order.
    pub async fn papers_unchanged_since(
        &self,
        kind: &str,
        before: Timestamp,
        after: Option<(Timestamp, String)>,
        limit: u64,
    ) -> Result<Vec<(String, PersonId, Timestamp)>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT paper_id, owner, changed_at FROM paper WHERE kind = $1 AND changed_at < $2 \
                   AND (changed_at > $3 OR (changed_at = $4 AND paper_id > $5)) ORDER BY changed_at, paper_id LIMIT $6";
        let (moment, name) = after.map_or((i64::MIN, String::new()), |(at, id)| (at.as_microsecond(), id));
        let values = vec![
            Value::from(kind),
            Value::Int(before.as_microsecond()),
            Value::Int(moment),
            Value::Int(moment),
            Value::from(name.as_str()),
            Value::from(limit.min(1_000)),
        ];
        let mut papers = Vec::new();
        for row in tx.fetch(sql, values).await? {
            let owner =
                row.text(1)?.parse().map_err(|e: sekisho_domain::id::BadId| ReadError::Corrupt(e.to_string()))?;
            let at = Timestamp::from_microsecond(row.int(2)?).map_err(|e| ReadError::Corrupt(e.to_string()))?;
            papers.push((row.text(0)?, owner, at));
        }
        Ok(papers)
    }
}
