//! Uploaded files: the text that was inspected, encrypted, for as long as it is needed.
//!
//! Not part of the ledger: what is made of a file is a use and is recorded as one, the file itself expires.

use crate::batch::Keep;
use crate::engine::{EngineResult, Row, Tx, Value};
use crate::reading::ReadError;
use crate::sealed::Body;
use crate::{Journal, JournalError, Store};
use jiff::Timestamp;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::PersonId;

/// An uploaded file, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Identifier, `file-…`.
    pub id: String,
    /// Whose.
    pub person: PersonId,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it is gone.
    pub expires_at: Timestamp,
    /// The grade that whatever is made of it inherits.
    pub grade: Grade,
    /// Bytes of the file as uploaded.
    pub bytes: u64,
}

/// A change of the files.
#[derive(Debug)]
pub(crate) enum FileChange {
    Keep { row: FileRow, sealed: Vec<u8> },
    Destroy { id: String, person: PersonId },
}

pub(crate) fn binding(id: &str, person: &PersonId) -> String {
    format!("{id} {person} file")
}

fn moment(at: Timestamp) -> Value {
    Value::Int(at.as_microsecond())
}

impl FileChange {
    pub(crate) fn erases(&self) -> bool {
        matches!(self, Self::Destroy { .. })
    }

    /// Returns how many rows changed.
    pub(crate) async fn write(self, tx: &mut Tx) -> EngineResult<u64> {
        match self {
            Self::Keep { row, sealed } => {
                // What has expired goes when the next one comes; until then nothing reads it.
                tx.execute("DELETE FROM file WHERE expires_at <= $1", vec![moment(row.created_at)]).await?;
                tx.execute(
                    "INSERT INTO file (file_id,person,created_at,expires_at,grade,bytes,box) VALUES ($1,$2,$3,$4,$5,$6,$7)",
                    vec![
                        Value::from(row.id.as_str()),
                        Value::from(row.person.as_str()),
                        moment(row.created_at),
                        moment(row.expires_at),
                        Value::Int(row.grade.0.into()),
                        Value::from(row.bytes),
                        Value::Bytes(sealed),
                    ],
                )
                .await
            }
            Self::Destroy { id, person } => {
                let which = vec![Value::from(id.as_str()), Value::from(person.as_str())];
                tx.execute("DELETE FROM file WHERE file_id = $1 AND person = $2", which).await
            }
        }
    }
}

impl Journal {
    /// Keeps a file; returns once it is durable.
    pub async fn keep_file(&self, row: FileRow, content: &Body) -> Result<(), JournalError> {
        let sealed = self.seal(&binding(&row.id, &row.person), content)?;
        self.keep(Keep::File(FileChange::Keep { row, sealed })).await.map(drop)
    }

    /// Destroys a person's file; returns once it and its traces in the database's log are gone.
    pub async fn destroy_file(&self, id: &str, person: &PersonId) -> Result<(), JournalError> {
        self.keep(Keep::File(FileChange::Destroy { id: id.to_owned(), person: person.clone() })).await.map(drop)
    }
}

const SELECT: &str = "SELECT file_id, person, created_at, expires_at, grade, bytes, box FROM file";

impl Store {
    /// A person's file with its content, unless it has expired.
    pub async fn file(&self, id: &str, person: &PersonId, now: Timestamp) -> Result<(FileRow, Vec<u8>), ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{SELECT} WHERE file_id = $1 AND person = $2 AND expires_at > $3");
        let rows = tx.fetch(&sql, vec![Value::from(id), Value::from(person.as_str()), moment(now)]).await?;
        let row = rows.first().ok_or_else(|| ReadError::Missing(format!("file `{id}`")))?;
        self.opened(row)
    }

    /// A person's files that have not expired, newest first.
    pub async fn files(
        &self,
        person: &PersonId,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<(FileRow, Vec<u8>)>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{SELECT} WHERE person = $1 AND expires_at > $2 ORDER BY created_at DESC, file_id LIMIT $3");
        let rows = tx.fetch(&sql, vec![Value::from(person.as_str()), moment(now), Value::from(limit)]).await?;
        rows.iter().map(|row| self.opened(row)).collect()
    }

    fn opened(&self, row: &Row) -> Result<(FileRow, Vec<u8>), ReadError> {
        let bad = |what: &str| ReadError::Corrupt(format!("a file has a bad {what}"));
        let at = |n: i64| Timestamp::from_microsecond(n).map_err(|_| bad("time"));
        let file = FileRow {
            id: row.text(0)?,
            person: PersonId::new(row.text(1)?).map_err(|_| bad("owner"))?,
            created_at: at(row.int(2)?)?,
            expires_at: at(row.int(3)?)?,
            grade: Grade(u8::try_from(row.int(4)?).map_err(|_| bad("grade"))?),
            bytes: row.uint(5)?,
        };
        let opening = self.key.open(&binding(&file.id, &file.person), &row.bytes(6)?)?;
        Ok((file, opening.bytes))
    }
}
