//! Private rows as they stand: the directory, accounts, files, papers, disposals, witnesses.

use super::Inspection;
use crate::engine::{EngineError, Value};
use crate::sealed::{ContentKey, SealError};
use sekisho_domain::id::PersonId;
use std::collections::{BTreeMap, BTreeSet};

/// Papers looked at in one transaction.
const PIECE: u64 = 100;

/// Who has which private rows. Names and addresses stay in the database.
#[derive(Debug, Clone, Default)]
pub struct PrivateRows {
    /// Persons of the directory.
    pub persons: BTreeSet<String>,
    /// Departments of the directory.
    pub departments: BTreeSet<String>,
    /// Accounts: whether a password is set, and the sealed secret of the second factor, which may be empty.
    pub accounts: BTreeMap<String, (bool, Vec<u8>)>,
    /// Persons with recovery codes.
    pub recovery: BTreeSet<String>,
    /// Persons with sessions.
    pub sessions: BTreeSet<String>,
    /// Destroyed contents, papers, and how far, by disposal.
    pub disposals: BTreeMap<String, (u64, u64, u64)>,
}

/// A paper or a file that was read, with what is inside it.
#[derive(Debug)]
pub struct KeptPaper {
    /// Its kind; `file` for an uploaded file.
    pub kind: String,
    /// Its identifier.
    pub id: String,
    /// Whose.
    pub owner: String,
    /// Goes with its owner.
    pub personal: bool,
    /// Its content, if it opens.
    pub content: Result<Vec<u8>, SealError>,
}

/// How a witness stands, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the columns of witness")]
pub struct WitnessLine {
    pub witness: String,
    pub size: u64,
    pub cosigned_at: i64,
    pub fault: String,
    pub refusal: String,
}

impl Inspection {
    /// Who has which private rows.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn private(&self) -> Result<PrivateRows, EngineError> {
        let mut tx = self.engine.read().await?;
        let mut rows = PrivateRows::default();
        for (sql, into) in [
            ("SELECT person FROM directory_person", &mut rows.persons),
            ("SELECT department FROM directory_department", &mut rows.departments),
            ("SELECT DISTINCT person FROM recovery_code", &mut rows.recovery),
            ("SELECT DISTINCT person FROM session", &mut rows.sessions),
        ] {
            tx.each(sql, vec![], |row| {
                into.insert(row.text(0)?);
                Ok(())
            })
            .await?;
        }
        let accounts = &mut rows.accounts;
        tx.each("SELECT person, password, totp FROM account", vec![], |row| {
            accounts.insert(row.text(0)?, (!row.text(1)?.is_empty(), row.bytes(2)?));
            Ok(())
        })
        .await?;
        for row in tx.fetch("SELECT disposal, contents, papers, through FROM disposal", vec![]).await? {
            rows.disposals.insert(row.text(0)?, (row.uint(1)?, row.uint(2)?, row.uint(3)?));
        }
        Ok(rows)
    }

    /// Whether the sealed secret of a second factor opens.
    pub fn second_factor_opens(key: &ContentKey, person: &PersonId, sealed: &[u8]) -> bool {
        key.open(&crate::accounts::totp_binding(person), sealed).is_ok()
    }

    /// Every paper, one after the other, in pieces.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn papers(&self, key: &ContentKey, mut see: impl FnMut(KeptPaper)) -> Result<(), EngineError> {
        let mut after = (String::new(), String::new());
        loop {
            let sql = "SELECT kind, paper_id, owner, personal, box FROM paper WHERE (kind, paper_id) > ($1, $2) \
                       ORDER BY kind, paper_id LIMIT $3";
            let values = vec![Value::from(after.0.as_str()), Value::from(after.1.as_str()), Value::from(PIECE)];
            let (mut last, mut count) = (None, 0);
            let mut tx = self.engine.read().await?;
            tx.each(sql, values, |row| {
                let (kind, id, owner) = (row.text(0)?, row.text(1)?, row.text(2)?);
                last = Some((kind.clone(), id.clone()));
                count += 1;
                let content = match PersonId::new(owner.as_str()) {
                    Ok(person) => key.open(&crate::papers::binding(&kind, &id, &person), &row.bytes(4)?),
                    Err(_) => Err(SealError::Opening),
                };
                see(KeptPaper { kind, id, owner, personal: row.int(3)? != 0, content: content.map(|it| it.bytes) });
                Ok(())
            })
            .await?;
            match last {
                Some(last) if count == PIECE => after = last,
                _ => return Ok(()),
            }
        }
    }

    /// Every uploaded file.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn files(&self, key: &ContentKey, mut see: impl FnMut(KeptPaper)) -> Result<(), EngineError> {
        let mut tx = self.engine.read().await?;
        tx.each("SELECT file_id, person, box FROM file ORDER BY file_id", vec![], |row| {
            let (id, owner) = (row.text(0)?, row.text(1)?);
            let content = match PersonId::new(owner.as_str()) {
                Ok(person) => key.open(&crate::files::binding(&id, &person), &row.bytes(2)?),
                Err(_) => Err(SealError::Opening),
            };
            let content = content.map(|it| it.bytes);
            see(KeptPaper { kind: "file".to_owned(), id, owner, personal: true, content });
            Ok(())
        })
        .await
    }

    /// How the witnesses stand.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn witnesses(&self) -> Result<Vec<WitnessLine>, EngineError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT witness, size, cosigned_at, fault, refusal FROM witness ORDER BY witness";
        let rows = tx.fetch(sql, vec![]).await?;
        let line = |row: &crate::engine::Row| {
            Ok(WitnessLine {
                witness: row.text(0)?,
                size: row.uint(1)?,
                cosigned_at: row.int(2)?,
                fault: row.text(3)?,
                refusal: row.text(4)?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// Every cosignature: the size, the witness, its line, and the checkpoint it belongs to, if that is there.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn cosignatures(&self, mut see: impl FnMut(u64, &str, &str, Option<&str>)) -> Result<(), EngineError> {
        let sql = "SELECT c.size, c.witness, c.line, COALESCE(k.note, '') FROM cosignature c \
                   LEFT JOIN ledger_checkpoint k ON k.size = c.size ORDER BY c.size, c.witness";
        let mut tx = self.engine.read().await?;
        tx.each(sql, vec![], |row| {
            let note = row.text(3)?;
            see(row.uint(0)?, &row.text(1)?, &row.text(2)?, Some(note.as_str()).filter(|note| !note.is_empty()));
            Ok(())
        })
        .await
    }
}
