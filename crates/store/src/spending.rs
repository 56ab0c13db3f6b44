//! What was spent: the sums of days of a permit, of departments or of a person.

use crate::Store;
use crate::engine::Value;
use crate::reading::ReadError;
use crate::use_report::{day, number};
use jiff::civil::Date;
use sekisho_domain::budget::Tally;
use sekisho_domain::id::{DepartmentId, PermitId, PersonId};
use std::collections::BTreeSet;

/// From so many kinds of use on, their rows are most of a day's, and looking each up costs more than reading the days of
/// all.
const WIDE: u64 = 2_000;

/// Whose uses are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spender {
    /// Those under a permit.
    Permit(PermitId),
    /// Those of people who belonged to one of these departments at the time.
    Departments(BTreeSet<DepartmentId>),
    /// Those of a person.
    Person(PersonId),
}

impl Store {
    /// What was used from one day to another (both included), and the number of entries at that moment: what an entry
    /// before that index did is counted, what a later one did is not.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tallies(&self, of: &Spender, from: Date, to: Date) -> Result<(Vec<Tally>, u64), ReadError> {
        let (column, names) = match of {
            Spender::Permit(permit) => ("permit", vec![permit.shared()]),
            Spender::Person(person) => ("person", vec![person.shared()]),
            Spender::Departments(unit) => ("department", unit.iter().map(DepartmentId::shared).collect()),
        };
        let places = |first: usize| (first..first + names.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(",");
        let values = || names.iter().cloned().map(Value::Text);
        let mut tx = self.engine.read().await?;
        let head = tx.fetch("SELECT size FROM ledger_head WHERE only_one = 1", vec![]).await?;
        let entries = head.first().map_or(Ok(0), |row| row.uint(0))?;
        if names.is_empty() {
            return Ok((Vec::new(), entries));
        }
        let some = format!(
            "SELECT COUNT(*) FROM (SELECT kind FROM use_kind WHERE {column} IN ({}) LIMIT {WIDE}) AS few",
            places(1)
        );
        let kinds = tx.fetch(&some, values().collect()).await?.first().map_or(Ok(0), |row| row.uint(0))?;
        // Of few kinds each one's days are looked up; of many, the days are read and each row's kind is looked up.
        // `CROSS JOIN` says which comes first, and an expression keeps the other's index out of it.
        let (tables, column) = if kinds < WIDE {
            ("use_kind CROSS JOIN kind_sum", column.to_owned())
        } else {
            ("kind_sum CROSS JOIN use_kind", format!("({column} || '')"))
        };
        let sql = format!(
            "SELECT day,service,model,CAST(SUM(uses) AS BIGINT),CAST(SUM(input_tokens) AS BIGINT),\
             CAST(SUM(output_tokens) AS BIGINT) FROM {tables} WHERE use_kind.kind = kind_sum.kind \
             AND day >= $1 AND day <= $2 AND {column} IN ({}) GROUP BY day,service,model",
            places(3)
        );
        let values = [Value::Int(number(from)), Value::Int(number(to))].into_iter().chain(values()).collect();
        let mut tallies = Vec::new();
        for row in tx.fetch(&sql, values).await? {
            tallies.push(Tally {
                day: day(&row)?,
                service: row.text(1)?,
                model: row.text(2)?,
                uses: row.uint(3)?,
                input_tokens: row.uint(4)?,
                output_tokens: row.uint(5)?,
            });
        }
        Ok((tallies, entries))
    }
}
