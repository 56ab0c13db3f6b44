//! What was spent: the sums of days of a permit, of departments or of a person.

use crate::Store;
use crate::engine::Value;
use crate::reading::ReadError;
use crate::use_report::{day, number};
use jiff::civil::Date;
use sekisho_domain::budget::Tally;
use sekisho_domain::id::{DepartmentId, PermitId, PersonId};
use std::collections::BTreeSet;

/// From so many departments on, their rows are most of a day's, and looking each up costs more than reading them all.
const WIDE: usize = 20;

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
            Spender::Permit(permit) => ("permit", vec![Value::Text(permit.shared())]),
            Spender::Person(person) => ("person", vec![Value::Text(person.shared())]),
            Spender::Departments(unit) => {
                // An expression keeps the index out of it: of so many departments it is quicker to go through the days.
                let column = if unit.len() > WIDE { "(department || '')" } else { "department" };
                (column, unit.iter().map(|department| Value::Text(department.shared())).collect())
            }
        };
        let places: Vec<String> = (3..3 + names.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT day,service,model,CAST(SUM(uses) AS BIGINT),CAST(SUM(input_tokens) AS BIGINT),\
             CAST(SUM(output_tokens) AS BIGINT) FROM use_sum WHERE day >= $1 AND day <= $2 AND {column} IN ({}) \
             GROUP BY day,service,model",
            places.join(",")
        );
        let mut tx = self.engine.read().await?;
        let head = tx.fetch("SELECT size FROM ledger_head WHERE only_one = 1", vec![]).await?;
        let entries = head.first().map_or(Ok(0), |row| row.uint(0))?;
        if names.is_empty() {
            return Ok((Vec::new(), entries));
        }
        let values = [Value::Int(number(from)), Value::Int(number(to))].into_iter().chain(names).collect();
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
