//! All rows that one transaction adds, in one statement.
//!
//! While a node holds the ledger's head every other node waits, and each statement is a journey to the server. So on
//! PostgreSQL the rows of a batch, whatever their tables, travel as columns of arrays in one statement with a `WITH` part
//! for each table. SQLite has no journey to save: there each row is written when it comes.

use crate::engine::{EngineError, EngineResult, Tx, Value};
use sqlx::AssertSqlSafe;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

/// Rows of several tables on their way in. Each row of the database may be among them once, for one statement touches a row
/// once.
#[derive(Default)]
pub(crate) struct Bundle {
    parts: Vec<Part>,
}

/// Where rows go.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// `table (column,column)`.
    pub(crate) name: Cow<'static, str>,
    /// How many columns these are.
    pub(crate) columns: usize,
    /// `ON CONFLICT …`, where a row may be there already.
    pub(crate) then: &'static str,
}

impl Table {
    /// Rows that are not there yet.
    pub(crate) const fn new(name: &'static str, columns: usize) -> Self {
        Self { name: Cow::Borrowed(name), columns, then: "" }
    }

    /// `INSERT INTO table (…) VALUES ($1,…)` for one row.
    fn row(&self) -> String {
        let places: Vec<String> = (1..=self.columns).map(|n| format!("${n}")).collect();
        format!("INSERT INTO {} VALUES ({}) {}", self.name, places.join(","), self.then)
    }
}

struct Part {
    into: Table,
    columns: Vec<Column>,
}

/// The values of one column of all rows.
enum Column {
    Int(Vec<i64>),
    Text(Vec<Arc<str>>),
    Bytes(Vec<Vec<u8>>),
}

impl Column {
    fn beginning_with(value: Value) -> Self {
        match value {
            Value::Int(n) => Self::Int(vec![n]),
            Value::Text(text) => Self::Text(vec![text]),
            Value::Bytes(bytes) => Self::Bytes(vec![bytes]),
        }
    }

    /// Returns whether the value is of the column's kind.
    fn push(&mut self, value: Value) -> bool {
        match (self, value) {
            (Self::Int(all), Value::Int(n)) => all.push(n),
            (Self::Text(all), Value::Text(text)) => all.push(text),
            (Self::Bytes(all), Value::Bytes(bytes)) => all.push(bytes),
            _ => return false,
        }
        true
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Int(_) => "BIGINT[]",
            Self::Text(_) => "TEXT[]",
            Self::Bytes(_) => "BYTEA[]",
        }
    }
}

impl Part {
    fn of(into: Table, rows: impl Iterator<Item = Vec<Value>>) -> EngineResult<Option<Self>> {
        let mut columns: Vec<Column> = Vec::with_capacity(into.columns);
        for row in rows {
            if columns.is_empty() {
                columns.extend(row.into_iter().map(Column::beginning_with));
                continue;
            }
            for (column, value) in columns.iter_mut().zip(row) {
                if !column.push(value) {
                    return Err(EngineError::Value(format!("a column of `{}` has two kinds", into.name)));
                }
            }
        }
        Ok((!columns.is_empty()).then_some(Self { into, columns }))
    }

    /// `INSERT INTO table (…) SELECT * FROM unnest($1::BIGINT[],…)`, whose values begin after `taken` others.
    fn sql(&self, sql: &mut String, taken: &mut usize) {
        let _ = write!(sql, "INSERT INTO {} SELECT * FROM unnest(", self.into.name);
        for (at, column) in self.columns.iter().enumerate() {
            *taken += 1;
            let _ = write!(sql, "{}${taken}::{}", if at == 0 { "" } else { "," }, column.kind());
        }
        let _ = write!(sql, ") {}", self.into.then);
    }
}

impl Bundle {
    /// Adds rows; `bind` turns each into the values of its columns.
    pub(crate) fn add<T>(
        &mut self,
        tx: &mut Tx,
        into: Table,
        rows: impl Iterator<Item = T>,
        bind: impl Fn(T, &mut Vec<Value>),
    ) -> EngineResult<()> {
        if let Tx::Sqlite(tx) = tx {
            return tx.insert(&into.row(), rows, bind);
        }
        let columns = into.columns;
        let rows = rows.map(|row| {
            let mut values = Vec::with_capacity(columns);
            bind(row, &mut values);
            values
        });
        self.parts.extend(Part::of(into, rows)?);
        Ok(())
    }

    /// Writes what has not been written yet.
    pub(crate) async fn write(self, tx: &mut Tx) -> EngineResult<()> {
        let Tx::Postgres(tx) = tx else { return Ok(()) };
        let Some(sql) = sql(&self.parts) else { return Ok(()) };
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for column in self.parts.iter().flat_map(|part| &part.columns) {
            query = match column {
                Column::Int(all) => query.bind(all),
                Column::Text(all) => query.bind(all.iter().map(|text| &**text).collect::<Vec<&str>>()),
                Column::Bytes(all) => query.bind(all),
            };
        }
        query.execute(&mut **tx).await?;
        Ok(())
    }
}

/// One statement for all parts; none where there is nothing to write.
fn sql(parts: &[Part]) -> Option<String> {
    let (last, before) = parts.split_last()?;
    let mut sql = String::with_capacity(2048);
    let mut taken = 0;
    for (at, part) in before.iter().enumerate() {
        let _ = write!(sql, "{}p{at} AS (", if at == 0 { "WITH " } else { ", " });
        part.sql(&mut sql, &mut taken);
        sql.push(')');
    }
    if !before.is_empty() {
        sql.push(' ');
    }
    last.sql(&mut sql, &mut taken);
    Some(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(into: Table, rows: Vec<Vec<Value>>) -> Part {
        Part::of(into, rows.into_iter()).unwrap().unwrap()
    }

    #[test]
    fn rows_of_several_tables_are_one_statement_that_names_every_column_once() {
        let one = part(
            Table::new("t (a,b)", 2),
            vec![vec![Value::Int(1), Value::from("x")], vec![Value::Int(2), Value::from("y")]],
        );
        let then = Table { then: "ON CONFLICT DO NOTHING", ..Table::new("u (c)", 1) };
        let two = part(then, vec![vec![Value::Bytes(vec![1])]]);
        assert_eq!(
            sql(&[one, two]).unwrap(),
            "WITH p0 AS (INSERT INTO t (a,b) SELECT * FROM unnest($1::BIGINT[],$2::TEXT[]) ) \
             INSERT INTO u (c) SELECT * FROM unnest($3::BYTEA[]) ON CONFLICT DO NOTHING"
        );
        assert_eq!(sql(&[]), None);
    }

    #[test]
    fn a_column_has_one_kind() {
        let rows = vec![vec![Value::Int(1)], vec![Value::from("x")]];
        assert!(Part::of(Table::new("t (a)", 1), rows.into_iter()).is_err());
        assert!(Part::of(Table::new("t (a)", 1), std::iter::empty()).unwrap().is_none());
    }

    #[test]
    fn one_row_names_every_value_once() {
        let into = Table { then: "ON CONFLICT DO NOTHING", ..Table::new("t (a,b)", 2) };
        assert_eq!(into.row(), "INSERT INTO t (a,b) VALUES ($1,$2) ON CONFLICT DO NOTHING");
    }
}
