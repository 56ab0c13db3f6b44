//! Kinds of use by number: the texts of a kind stand in the database once, and the sums of days name its number.

use crate::engine::{Tx, Value};
use crate::journal::EngineResult;
use crate::uses::DayKey;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Kinds remembered; beyond them all are forgotten and asked for again.
const MOST: usize = 100_000;

/// A kind of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    /// Of the kind.
    pub(crate) kind: i64,
    /// Of the person: the same for all their kinds.
    pub(crate) who: i64,
}

/// What the writer knows of the numbers. A number never changes once it is committed, whoever gave it; after a transaction
/// that failed, [`Kinds::forget`].
#[derive(Debug, Default)]
pub(crate) struct Kinds(HashMap<String, Number>);

impl Kinds {
    /// Nothing is known any more: numbers may have been given in a transaction that is gone.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// The number of a kind, given now where it is new. The caller holds the writer's lock, so nobody else gives one.
    pub(crate) async fn number(&mut self, tx: &mut Tx, of: &DayKey<'_>) -> EngineResult<Number> {
        let (_, person, department, service, permit, app, model, grade) = *of;
        let texts = [person, department, service, permit, app, model];
        let mut name = String::with_capacity(120);
        for text in texts {
            // With their lengths, so that no two kinds have one name.
            let _ = write!(name, "{}:{text}", text.len());
        }
        let _ = write!(name, "{grade}");
        if let Some(known) = self.0.get(&name) {
            return Ok(*known);
        }
        let values = || {
            let grade = Value::from(u64::from(grade));
            texts.map(Value::from).into_iter().chain([grade])
        };
        let find = "SELECT kind, who FROM use_kind WHERE person = $1 AND department = $2 AND service = $3 AND permit = $4 \
                    AND app = $5 AND model = $6 AND grade = $7";
        let number = match tx.fetch(find, values().collect()).await?.first() {
            Some(row) => Number { kind: row.int(0)?, who: row.int(1)? },
            None => {
                let next = tx.fetch("SELECT COALESCE(MAX(kind), 0) + 1 FROM use_kind", vec![]).await?;
                let kind = next.first().map_or(Ok(1), |row| row.int(0))?;
                let same = "SELECT who FROM use_kind WHERE person = $1 LIMIT 1";
                let same = tx.fetch(same, vec![Value::from(person)]).await?;
                let who = same.first().map_or(Ok(kind), |row| row.int(0))?;
                let new = "INSERT INTO use_kind (kind, who, person, department, service, permit, app, model, grade) \
                           VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)";
                tx.execute(new, [Value::Int(kind), Value::Int(who)].into_iter().chain(values()).collect()).await?;
                Number { kind, who }
            }
        };
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(name, number);
        Ok(number)
    }
}
