//! Kinds of use by number: the texts of a kind stand in the database once, and the sums of days name its number.

use crate::engine::{EngineResult, Tx, Value};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Database, Engine, Synchronous};
    use crate::schema::STEPS;

    /// The step that gives kinds their numbers.
    const STEP: usize = 9;

    /// Day, person, department, service, permit, app, model, grade, and the uses of that kind on that day.
    type Old = (i64, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, i64, i64);

    const ROWS: [Old; 6] = [
        (1, "p-b", "soumu", "s", "k", "", "m", 1, 5),
        (1, "p-a", "soumu", "s", "k", "chat", "m", 1, 7),
        (2, "p-a", "soumu", "s", "k", "chat", "m", 1, 11),
        (2, "p-a", "zaisei", "s", "k", "chat", "m", 1, 13),
        (2, "p-a", "soumu", "s", "k", "chat", "m", 2, 17),
        (2, "P-a", "", "", "", "", "", 0, 19),
    ];

    /// A database as it was before, with these sums and a refusal.
    fn before(path: &std::path::Path) {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute_batch("CREATE TABLE schema_step (step BIGINT PRIMARY KEY)").unwrap();
        for (step, change) in STEPS.iter().enumerate().take(STEP) {
            let sql = change.sql();
            connection.execute_batch(&sql.replace("/*WITHOUT ROWID*/", "WITHOUT ROWID")).unwrap();
            connection.execute("INSERT INTO schema_step VALUES (?1)", [step as i64]).unwrap();
        }
        for (day, person, department, service, permit, app, model, grade, uses) in ROWS {
            let values = rusqlite::params![day, person, department, service, permit, app, model, grade, uses];
            let sql = "INSERT INTO use_sum VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,1,2,3,4)";
            connection.execute(sql, values).unwrap();
        }
        let refused =
            "INSERT INTO use_row VALUES (7,'u',1,'p-a','soumu','k','s','m','chat',1,'n','refused','C',0,0,0,0,'');
                       INSERT INTO use_reason VALUES (7,'C rule',1,'p-a'), (8,'C rule',1,'p-a')";
        connection.execute_batch(refused).unwrap();
    }

    #[tokio::test]
    async fn a_database_of_before_keeps_its_sums() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        before(&path);
        let engine = Engine::open(&Database::Sqlite(path), Synchronous::Full).await.unwrap();
        let mut tx = engine.read().await.unwrap();
        let sql = "SELECT day,person,department,service,permit,app,model,grade,uses,failed+refused+input_tokens+output_tokens \
                   FROM kind_sum JOIN use_kind ON use_kind.kind = kind_sum.kind ORDER BY uses";
        let rows = tx.fetch(sql, vec![]).await.unwrap();
        assert_eq!(rows.len(), ROWS.len());
        for (row, (day, person, department, service, permit, app, model, grade, uses)) in rows.iter().zip(ROWS) {
            let texts: Vec<String> = (1..7).map(|at| row.text(at).unwrap()).collect();
            assert_eq!(texts, [person, department, service, permit, app, model]);
            let figures: Vec<i64> = [0, 7, 8, 9].map(|at| row.int(at).unwrap()).to_vec();
            assert_eq!(figures, [day, grade, uses, 10]);
        }
        let people = "SELECT COUNT(*), COUNT(DISTINCT who), COUNT(DISTINCT person) FROM use_kind";
        let people = tx.fetch(people, vec![]).await.unwrap();
        let counted: Vec<i64> = (0..3).map(|at| people.first().unwrap().int(at).unwrap()).collect();
        assert_eq!(counted, [5, 3, 3], "one number for each person, letters told apart");
        let wrong = "SELECT COUNT(*) FROM kind_sum JOIN use_kind ON use_kind.kind = kind_sum.kind WHERE use_kind.who <> kind_sum.who";
        assert_eq!(tx.fetch(wrong, vec![]).await.unwrap().first().unwrap().int(0).unwrap(), 0);
        let reasons = tx.fetch("SELECT department FROM use_reason ORDER BY opened", vec![]).await.unwrap();
        let departments: Vec<String> = reasons.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(departments, ["soumu", ""], "a refusal whose use is not known has none");
    }

    #[tokio::test]
    async fn a_kind_keeps_its_number_and_a_person_too_whatever_the_writer_remembers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        let engine = Engine::open(&Database::Sqlite(path), Synchronous::Full).await.unwrap();
        let kind = |person, department, app, grade| (1, person, department, "s", "k", app, "m", grade);
        let mut kinds = Kinds::default();
        let mut tx = engine.write().await.unwrap();
        let first = kinds.number(&mut tx, &kind("p-a", "soumu", "", 1)).await.unwrap();
        let other = kinds.number(&mut tx, &kind("p-a", "soumu", "chat", 1)).await.unwrap();
        let another = kinds.number(&mut tx, &kind("p-b", "soumu", "", 1)).await.unwrap();
        // Texts that join to the same letters are two kinds all the same.
        let shifted = kinds.number(&mut tx, &kind("p-as", "oumu", "", 1)).await.unwrap();
        assert_eq!(first.who, other.who);
        let mut numbers = [first.kind, other.kind, another.kind, shifted.kind];
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4]);
        assert!(first.who != another.who && another.who != shifted.who);
        tx.commit().await.unwrap();

        // A transaction that fails takes its numbers with it; the writer forgets and asks again.
        let mut tx = engine.write().await.unwrap();
        let lost = kinds.number(&mut tx, &kind("p-c", "soumu", "", 1)).await.unwrap();
        drop(tx);
        kinds.forget();
        let mut tx = engine.write().await.unwrap();
        assert_eq!(kinds.number(&mut tx, &kind("p-b", "soumu", "", 1)).await.unwrap(), another);
        let next = kinds.number(&mut tx, &kind("p-d", "soumu", "", 1)).await.unwrap();
        assert_eq!(next.kind, lost.kind, "the number was never given");
    }
}
