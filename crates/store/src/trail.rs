//! The trail: governance entries by time, kind, actor and subject. Rows follow from the entries and can be rebuilt.

use crate::batch::Lock;
use crate::bundle::{Bundle, Table};
use crate::engine::{Engine, EngineResult, Row, Tx, Value};
use crate::reading::ReadError;
use crate::{Store, StoreError};
use jiff::Timestamp;
use sekisho_domain::entry::{Entry, Governance};
use sekisho_domain::id::PersonId;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Entries read at once while rows are made anew.
const PAGE: u64 = 1024;
/// Names of one event longer than this are none that people look for.
const LONGEST_NAME: usize = 200;

/// Where a list of records goes on: newest first, and what stands at one instant by its place in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When.
    pub at: Timestamp,
    /// Index of the entry.
    pub index: u64,
}

/// One governance entry, as lists need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailRow {
    /// Index of the entry.
    pub index: u64,
    /// When.
    pub at: Timestamp,
    /// Kind of the event.
    pub kind: String,
    /// Who did it.
    pub actor: PersonId,
    /// What it speaks of. Written, never read back: the entry says it.
    pub subjects: BTreeSet<String>,
}

/// Which governance entries are looked for. Empty means all.
#[derive(Debug, Clone, Default)]
pub struct TrailFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// By one of these.
    pub actors: Option<Vec<PersonId>>,
    /// About this identifier.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl TrailRow {
    pub(crate) fn of(index: u64, entry: &Governance) -> Self {
        let mut subjects = entry.event.names();
        subjects.retain(|name| name.len() <= LONGEST_NAME);
        Self { index, at: entry.at, kind: entry.event.kind().to_owned(), actor: entry.actor.clone(), subjects }
    }
}

const SUBJECTS: Table = Table::new("governance_subject (subject,at,idx)", 3);
const ROWS: Table = Table::new("governance_row (idx,at,kind,actor)", 4);

/// Adds the rows of governance entries to what a transaction writes.
pub(crate) fn keep_trail(bundle: &mut Bundle, tx: &mut Tx, rows: impl Iterator<Item = TrailRow>) -> EngineResult<()> {
    let rows: Vec<TrailRow> = rows.collect();
    let subjects = rows.iter().flat_map(|row| row.subjects.iter().map(move |name| (row, name)));
    bundle.add(tx, SUBJECTS, subjects, |(row, name), v| {
        v.extend([Value::from(name.as_str()), Value::Int(row.at.as_microsecond()), Value::from(row.index)]);
    })?;
    bundle.add(tx, ROWS, rows.into_iter(), |row, v| {
        v.extend([
            Value::from(row.index),
            Value::Int(row.at.as_microsecond()),
            Value::from(row.kind.as_str()),
            Value::Text(row.actor.shared()),
        ]);
    })
}

/// Entries whose rows are missing.
const MISSING: &str = "SELECT idx, body FROM ledger_entry WHERE governance = 1 AND idx > \
                       (SELECT COALESCE(MAX(idx), -1) FROM governance_row) ORDER BY idx LIMIT $1";

/// Makes the rows of entries that were written before there was a trail. Nothing is locked where none is missing.
pub(crate) async fn fill(engine: &Engine) -> Result<(), StoreError> {
    if engine.read().await?.fetch(MISSING, vec![Value::from(1)]).await?.is_empty() {
        return Ok(());
    }
    loop {
        let mut tx = engine.write().await?;
        // The head row is the lock, as for every writer: nobody appends meanwhile.
        tx.fetch(Lock::Write.sql(&tx), vec![]).await?;
        let rows = tx.fetch(MISSING, vec![Value::from(PAGE)]).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut trail = Vec::with_capacity(rows.len());
        for row in &rows {
            let index = row.uint(0)?;
            let entry = Entry::read(&row.bytes(1)?).map_err(|e| StoreError::Fold { index, detail: e.to_string() })?;
            if let Entry::Governance(entry) = entry {
                trail.push(TrailRow::of(index, &entry));
            }
        }
        let mut bundle = Bundle::default();
        keep_trail(&mut bundle, &mut tx, trail.into_iter())?;
        bundle.write(&mut tx).await?;
        tx.commit().await?;
    }
}

/// A `WHERE` in the making: conditions of constants, values apart.
#[derive(Default)]
pub(crate) struct Where {
    sql: String,
    pub(crate) values: Vec<Value>,
}

impl Where {
    /// Adds a condition; `?` stands for the place of each value.
    pub(crate) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        let mut parts = condition.split('?');
        self.sql.push_str(parts.next().unwrap_or_default());
        for (part, value) in parts.zip(values) {
            self.values.push(value);
            let _ = write!(self.sql, "${}{part}", self.values.len());
        }
    }

    /// Adds the bounds of time and place that every list of records has.
    pub(crate) fn between(
        &mut self,
        (at, index): (&str, &str),
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        before: Option<Cursor>,
    ) {
        let micros = |at: Timestamp| Value::Int(at.as_microsecond());
        if let Some(from) = from {
            self.and(&format!("{at} >= ?"), [micros(from)]);
        }
        if let Some(until) = until {
            self.and(&format!("{at} < ?"), [micros(until)]);
        }
        if let Some(before) = before {
            let place = Value::from(before.index.min(i64::MAX.unsigned_abs()));
            self.and(&format!("({at}, {index}) < (?, ?)"), [micros(before.at), place]);
        }
    }

    /// The statement with its limit.
    pub(crate) fn finish(mut self, select: &str, tail: &str, limit: u64) -> (String, Vec<Value>) {
        self.values.push(Value::from(limit));
        (format!("{select}{} {tail} LIMIT ${}", self.sql, self.values.len()), self.values)
    }
}

impl Store {
    /// Governance entries, newest first, before a place in the list.
    pub async fn trail(
        &self,
        filter: &TrailFilter,
        before: Option<Cursor>,
        limit: u64,
    ) -> Result<Vec<TrailRow>, ReadError> {
        let mut all = Where::default();
        let (select, at, index) = match &filter.subject {
            Some(subject) => {
                all.and("s.subject = ?", [Value::from(subject.as_str())]);
                let joined = "SELECT r.idx, r.at, r.kind, r.actor FROM governance_subject s JOIN governance_row r ON r.idx = s.idx";
                (joined, "s.at", "s.idx")
            }
            None => ("SELECT r.idx, r.at, r.kind, r.actor FROM governance_row r", "r.at", "r.idx"),
        };
        if let Some(kind) = &filter.kind {
            all.and("r.kind = ?", [Value::from(kind.as_str())]);
        }
        if let Some(actors) = &filter.actors {
            if actors.is_empty() {
                return Ok(Vec::new());
            }
            let places = vec!["?"; actors.len()].join(",");
            all.and(&format!("r.actor IN ({places})"), actors.iter().map(|actor| Value::Text(actor.shared())));
        }
        all.between((at, index), filter.from, filter.until, before);
        let (sql, values) = all.finish(select, &format!("ORDER BY {at} DESC, {index} DESC"), limit);
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch(&sql, values).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<TrailRow, ReadError> {
    let bad = |what: String| ReadError::Corrupt(format!("a row of the trail: {what}"));
    Ok(TrailRow {
        index: row.uint(0)?,
        at: Timestamp::from_microsecond(row.int(1)?).map_err(|e| bad(e.to_string()))?,
        kind: row.text(2)?,
        actor: PersonId::new(row.text(3)?).map_err(|e| bad(e.to_string()))?,
        subjects: BTreeSet::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_number_their_values_in_order() {
        let at = |micros| Timestamp::from_microsecond(micros).unwrap();
        let mut all = Where::default();
        all.and("a = ?", [Value::Int(1)]);
        all.and("b IN (?,?)", [Value::Int(2), Value::Int(3)]);
        all.between(("at", "idx"), Some(at(4)), None, Some(Cursor { at: at(5), index: 6 }));
        let (sql, values) = all.finish("SELECT x FROM t", "ORDER BY at DESC", 50);
        assert_eq!(
            sql,
            "SELECT x FROM t WHERE a = $1 AND b IN ($2,$3) AND at >= $4 AND (at, idx) < ($5, $6) ORDER BY at DESC LIMIT $7"
        );
        assert_eq!(values.len(), 7);
    }
}
