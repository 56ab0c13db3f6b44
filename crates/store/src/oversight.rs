//! What oversight counts and lists: uses by day, service, department, permit and app, refusals by reason.

use crate::Store;
use crate::engine::{EngineError, Row, Value};
use crate::reading::ReadError;
use crate::trail::{Cursor, Where};
use crate::uses::{self, UseOutcome, UseRow, day_number};
use jiff::Timestamp;
use sekisho_domain::id::{DepartmentId, PermitId, PersonId, ServiceId};
use std::collections::BTreeMap;

/// By what uses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// All of them as one.
    Whole,
    /// By service.
    Service,
    /// By department.
    Department,
    /// By permit, and so by purpose.
    Permit,
    /// By app.
    App,
}

impl Dimension {
    /// Name and column of each that figures are made for.
    const ALL: [(Self, &'static str); 5] = [
        (Self::Whole, "''"),
        (Self::Service, "service"),
        (Self::Department, "department"),
        (Self::Permit, "permit"),
        (Self::App, "app"),
    ];
}

/// How much one group used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amount {
    /// What the group is called; empty where it is not known.
    pub name: String,
    /// Uses that were let through.
    pub uses: u64,
    /// People who asked.
    pub people: u64,
    /// Refusals.
    pub refused: u64,
    /// People who were refused.
    pub refused_people: u64,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
}

/// Which uses are looked for. Empty means all.
#[derive(Debug, Clone, Default)]
pub struct UseFilter {
    /// By one of these.
    pub people: Option<Vec<PersonId>>,
    /// From this department.
    pub department: Option<DepartmentId>,
    /// Of this service.
    pub service: Option<ServiceId>,
    /// Under this permit.
    pub permit: Option<PermitId>,
    /// Through this app; an empty text is a direct call.
    pub app: Option<String>,
    /// With this outcome.
    pub outcome: Option<UseOutcome>,
    /// Refused for this reason, `CODE rule` or `CODE`.
    pub reason: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

fn amount(row: &Row, name: String) -> Result<Amount, EngineError> {
    Ok(Amount {
        name,
        uses: row.uint(1)?,
        people: row.uint(2)?,
        refused: row.uint(3)?,
        refused_people: row.uint(4)?,
        input_tokens: row.uint(5)?,
        output_tokens: row.uint(6)?,
    })
}

impl UseFilter {
    fn conditions(&self, before: Option<Cursor>) -> (Where, &'static str, &'static str) {
        let mut all = Where::default();
        let (at, index, from) = match &self.reason {
            Some(reason) => {
                all.and("use_reason.reason = ?", [Value::from(reason.as_str())]);
                ("use_reason.at", "use_reason.opened", " JOIN use_reason ON use_reason.opened = use_row.opened")
            }
            None => ("use_row.at", "use_row.opened", ""),
        };
        match self.people.as_deref() {
            None => {}
            Some([]) => all.and("1 = 0", []),
            Some([person]) => all.and("use_row.person = ?", [Value::Text(person.shared())]),
            Some(people) => {
                let places = vec!["?"; people.len()].join(",");
                let values = people.iter().map(|person| Value::Text(person.shared()));
                all.and(&format!("use_row.person IN ({places})"), values);
            }
        }
        if let Some(department) = &self.department {
            all.and("use_row.department = ?", [Value::Text(department.shared())]);
        }
        if let Some(service) = &self.service {
            all.and("service = ?", [Value::Text(service.shared())]);
        }
        if let Some(permit) = &self.permit {
            all.and("permit = ?", [Value::Text(permit.shared())]);
        }
        if let Some(app) = &self.app {
            all.and("app = ?", [Value::from(app.as_str())]);
        }
        match self.outcome {
            // The very words of the partial indexes.
            Some(UseOutcome::Refused) => all.and("outcome = 'refused'", []),
            Some(UseOutcome::Completed) => all.and("outcome = 'completed'", []),
            Some(outcome) => all.and(
                "outcome <> 'completed' AND outcome <> 'refused' AND outcome = ?",
                [Value::from(outcome.as_str())],
            ),
            None => {}
        }
        all.between((at, index), self.from, self.until, before);
        let order = if self.reason.is_some() {
            "ORDER BY use_reason.at DESC, use_reason.opened DESC"
        } else {
            "ORDER BY use_row.at DESC, use_row.opened DESC"
        };
        (all, from, order)
    }
}

impl Store {
    /// How much was used from one day to another (both included), in groups of every kind, most used first.
    ///
    /// People come back day after day, so their days are summed up first, once for all groupings.
    pub async fn amounts(&self, from: Timestamp, to: Timestamp) -> Result<BTreeMap<Dimension, Vec<Amount>>, ReadError> {
        let sums = "CAST(COALESCE(SUM(uses),0) AS BIGINT), COUNT(DISTINCT person), \
                    CAST(COALESCE(SUM(refused),0) AS BIGINT), COUNT(DISTINCT CASE WHEN refused > 0 THEN person END), \
                    CAST(COALESCE(SUM(input_tokens),0) AS BIGINT), CAST(COALESCE(SUM(output_tokens),0) AS BIGINT)";
        let selects: Vec<String> = Dimension::ALL
            .iter()
            .enumerate()
            .map(|(at, (by, column))| {
                let group = if *by == Dimension::Whole { String::new() } else { format!(" GROUP BY {column}") };
                format!("SELECT {column}, {sums}, CAST({at} AS BIGINT) FROM sums{group}")
            })
            .collect();
        let sql = format!(
            "WITH kinds AS (SELECT kind, SUM(uses) AS uses, SUM(refused) AS refused, SUM(input_tokens) AS input_tokens, \
             SUM(output_tokens) AS output_tokens FROM kind_sum WHERE day >= $1 AND day <= $2 GROUP BY kind), \
             sums AS MATERIALIZED (SELECT person, department, service, permit, app, SUM(uses) AS uses, \
             SUM(refused) AS refused, SUM(input_tokens) AS input_tokens, SUM(output_tokens) AS output_tokens \
             FROM kinds JOIN use_kind ON use_kind.kind = kinds.kind GROUP BY person, department, service, permit, app) {}",
            selects.join(" UNION ALL ")
        );
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch(&sql, vec![Value::Int(day_number(from)), Value::Int(day_number(to))]).await?;
        let mut groups: BTreeMap<Dimension, Vec<Amount>> = BTreeMap::new();
        for row in &rows {
            let at = usize::try_from(row.uint(7)?).unwrap_or(usize::MAX);
            if let Some((dimension, _)) = Dimension::ALL.get(at) {
                groups.entry(*dimension).or_default().push(amount(row, row.text(0)?)?);
            }
        }
        for amounts in groups.values_mut() {
            let weight = |a: &Amount| a.uses + a.refused;
            amounts.sort_by(|one, other| (weight(other), &one.name).cmp(&(weight(one), &other.name)));
        }
        Ok(groups)
    }

    /// Refusals of each day from one to another (both included), as the number of days since 1970 in Japan.
    pub async fn refusals_by_day(&self, from: Timestamp, to: Timestamp) -> Result<BTreeMap<i64, Amount>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT day, CAST(SUM(refused) AS BIGINT), COUNT(DISTINCT who) FROM kind_sum \
                   WHERE day >= $1 AND day <= $2 AND refused > 0 GROUP BY day";
        let rows = tx.fetch(sql, vec![Value::Int(day_number(from)), Value::Int(day_number(to))]).await?;
        let mut days = BTreeMap::new();
        for row in &rows {
            let (refused, refused_people) = (row.uint(1)?, row.uint(2)?);
            days.insert(row.int(0)?, Amount { refused, refused_people, ..Amount::default() });
        }
        Ok(days)
    }

    /// Refusals from one instant to another by recorded reason, most frequent first: the reason as `name`, the number in
    /// `refused`, the people in `refused_people`. A refusal for two reasons counts under both.
    pub async fn refusals_by_reason(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Amount>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT reason, COUNT(*), COUNT(DISTINCT person) FROM use_reason WHERE at >= $1 AND at < $2 \
                   GROUP BY reason ORDER BY 2 DESC, 1";
        let micros = |at: Timestamp| Value::Int(at.as_microsecond());
        let rows = tx.fetch(sql, vec![micros(from), micros(until)]).await?;
        let mut amounts = Vec::with_capacity(rows.len());
        for row in &rows {
            let (name, refused, refused_people) = (row.text(0)?, row.uint(1)?, row.uint(2)?);
            amounts.push(Amount { name, refused, refused_people, ..Amount::default() });
        }
        Ok(amounts)
    }

    /// Uses, newest first, before a place in the list.
    pub async fn uses(&self, filter: &UseFilter, before: Option<Cursor>, limit: u64) -> Result<Vec<UseRow>, ReadError> {
        let (all, from, order) = filter.conditions(before);
        let (sql, values) = all.finish(&format!("{}{from}", uses::SELECT), order, limit);
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch(&sql, values).await?;
        Ok(rows.iter().map(UseRow::read).collect::<Result<_, _>>()?)
    }

    /// Uses that are being answered now.
    pub async fn open_uses(&self) -> Result<u64, ReadError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT COUNT(*) FROM use_row WHERE outcome = 'open'", vec![]).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.uint(0))?)
    }

    /// People whose name in the directory holds these words, a few at most.
    pub async fn people_named(&self, words: &str, limit: u64) -> Result<Vec<PersonId>, ReadError> {
        let mut all = Where::default();
        for word in words.split_whitespace().take(4) {
            let plain: String = word.chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
            all.and("name LIKE ?", [Value::from(format!("%{plain}%").as_str())]);
        }
        let (sql, values) = all.finish("SELECT person FROM directory_person", "ORDER BY person", limit);
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch(&sql, values).await?;
        let bad = |e: sekisho_domain::id::BadId| ReadError::Corrupt(e.to_string());
        rows.iter().map(|row| PersonId::new(row.text(0)?).map_err(bad)).collect()
    }
}
