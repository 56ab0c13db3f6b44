//! The sums of days against the table of uses they were counted from, a day at a time.

use super::Inspection;
use crate::engine::{EngineError, Row, Tx, Value};
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000_000;
const JAPAN: i64 = 9 * 3_600_000_000;

/// Uses, failures, refusals, tokens in, tokens out.
type Figures = [i64; 5];

/// A kind of use: person, department, service, permit, app, model, grade.
type Kind = ([String; 6], i64);

/// What the sums of one day say, and what the uses amount to, for a kind on which they differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// The day.
    pub day: jiff::civil::Date,
    /// Whose.
    pub person: String,
    /// Under which permit.
    pub permit: String,
    /// By which service.
    pub service: String,
    /// What is stored.
    pub stored: Figures,
    /// What was counted.
    pub counted: Figures,
}

fn kind(row: &Row) -> Result<Kind, EngineError> {
    let text = |at| row.text(at);
    Ok(([text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?], row.int(6)?))
}

fn figures(row: &Row) -> Result<Figures, EngineError> {
    Ok([row.int(7)?, row.int(8)?, row.int(9)?, row.int(10)?, row.int(11)?])
}

/// The days of which there is anything, as numbers since 1970 in Japan.
async fn bounds(tx: &mut Tx) -> Result<Option<(i64, i64)>, EngineError> {
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    let sums = "SELECT COALESCE(MIN(day), 0), COALESCE(MAX(day), 0), COUNT(*) FROM kind_sum";
    let uses = "SELECT COALESCE(MIN(at), 0), COALESCE(MAX(at), 0), COUNT(*) FROM use_row";
    for (sql, is_time) in [(sums, false), (uses, true)] {
        if let Some(row) = tx.fetch(sql, vec![]).await?.first()
            && row.int(2)? > 0
        {
            let day = |n: i64| if is_time { n.saturating_add(JAPAN).div_euclid(DAY) } else { n };
            (first, last) = (first.min(day(row.int(0)?)), last.max(day(row.int(1)?)));
        }
    }
    Ok((first <= last).then_some((first, last)))
}

fn date(day: i64) -> jiff::civil::Date {
    let seconds = day.saturating_mul(86_400);
    jiff::Timestamp::from_second(seconds)
        .map_or(jiff::civil::Date::ZERO, |at| at.to_zoned(jiff::tz::TimeZone::UTC).date())
}

impl Inspection {
    /// Compares day by day. Only days of which either side knows anything are read.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn sums(&self, mut differ: impl FnMut(Sums)) -> Result<(), EngineError> {
        let Some((first, last)) = bounds(&mut self.engine.read().await?).await? else { return Ok(()) };
        let mut day = first;
        loop {
            for sums in self.day(day).await? {
                differ(sums);
            }
            match self.next_day(day).await? {
                Some(next) if next <= last => day = next,
                _ => return Ok(()),
            }
        }
    }

    async fn next_day(&self, after: i64) -> Result<Option<i64>, EngineError> {
        let mut tx = self.engine.read().await?;
        let end = (after + 1).saturating_mul(DAY).saturating_sub(JAPAN);
        let sums =
            tx.fetch("SELECT day FROM kind_sum WHERE day > $1 ORDER BY day LIMIT 1", vec![Value::Int(after)]).await?;
        let uses = tx.fetch("SELECT at FROM use_row WHERE at >= $1 ORDER BY at LIMIT 1", vec![Value::Int(end)]).await?;
        let sums = sums.first().map(|row| row.int(0)).transpose()?;
        let uses = uses.first().map(|row| row.int(0)).transpose()?;
        let uses = uses.map(|at| at.saturating_add(JAPAN).div_euclid(DAY));
        Ok([sums, uses].into_iter().flatten().min())
    }

    async fn day(&self, day: i64) -> Result<Vec<Sums>, EngineError> {
        // One state of both.
        let mut tx = self.engine.read().await?;
        let mut kinds: BTreeMap<Kind, [Figures; 2]> = BTreeMap::new();
        let stored = "SELECT person,department,service,permit,app,model,grade,uses,failed,refused,input_tokens,output_tokens \
                      FROM kind_sum JOIN use_kind ON use_kind.kind = kind_sum.kind AND use_kind.who = kind_sum.who \
                      WHERE day = $1";
        for row in tx.fetch(stored, vec![Value::Int(day)]).await? {
            kinds.entry(kind(&row)?).or_default()[0] = figures(&row)?;
        }
        let counted = "SELECT person,department,service,permit,app,model,grade,\
                       CAST(SUM(CASE WHEN outcome = 'refused' THEN 0 ELSE 1 END) AS BIGINT),\
                       CAST(SUM(CASE WHEN outcome IN ('upstream_error','cut','aborted') THEN 1 ELSE 0 END) AS BIGINT),\
                       CAST(SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END) AS BIGINT),\
                       CAST(SUM(input_tokens) AS BIGINT),CAST(SUM(output_tokens) AS BIGINT) FROM use_row \
                       WHERE at >= $1 AND at < $2 GROUP BY person,department,service,permit,app,model,grade";
        let begin = day.saturating_mul(DAY).saturating_sub(JAPAN);
        for row in tx.fetch(counted, vec![Value::Int(begin), Value::Int(begin.saturating_add(DAY))]).await? {
            kinds.entry(kind(&row)?).or_default()[1] = figures(&row)?;
        }
        let differing = kinds.into_iter().filter(|(_, [stored, counted])| stored != counted);
        let sums = differing.map(|(([person, _, service, permit, ..], _), [stored, counted])| Sums {
            day: date(day),
            person,
            permit,
            service,
            stored,
            counted,
        });
        Ok(sums.collect())
    }

    /// What detection found, as it is stored: by day (since 1970, in Japan), department and rule.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn findings(&self) -> Result<BTreeMap<(i64, String, String), [i64; 4]>, EngineError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT day,department,rule,requests,request_hits,answers,answer_hits FROM use_finding";
        let mut found = BTreeMap::new();
        tx.each(sql, vec![], |row| {
            let key = (row.int(0)?, row.text(1)?, row.text(2)?);
            found.insert(key, [row.int(3)?, row.int(4)?, row.int(5)?, row.int(6)?]);
            Ok(())
        })
        .await?;
        Ok(found)
    }
}
