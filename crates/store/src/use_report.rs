//! What a use report counts, read in one state of the database.

use crate::Store;
use crate::engine::{Row, Tx, Value};
use crate::reading::ReadError;
use crate::uses::day_number;
use jiff::civil::Date;
use sekisho_domain::budget::Tally;
use sekisho_domain::day::begin_in_japan;
use sekisho_domain::register::Register;
use sekisho_domain::use_report::{Count, DayAmount, FindingAmount, Kind, ReasonAmount, Scope, Sums, UseReport};
use std::collections::HashMap;

impl Store {
    /// The figures of a scope, with groups of fewer than `fewest` people hidden. `None` when the register is not that of
    /// the state that was read: an entry came between, and one asks again with the newer register.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn use_report(
        &self,
        register: &Register,
        scope: &Scope,
        fewest: u64,
    ) -> Result<Option<UseReport>, ReadError> {
        let mut tx = self.engine.read().await?;
        let head = tx.fetch("SELECT size FROM ledger_head WHERE only_one = 1", vec![]).await?;
        let entries = head.first().map_or(Ok(0), |row| row.uint(0))?;
        let last = "SELECT idx FROM ledger_entry WHERE governance = 1 ORDER BY idx DESC LIMIT 1";
        let last = tx.fetch(last, vec![]).await?;
        let position = last.first().map(|row| row.uint(0)).transpose()?.map_or(0, |index| index + 1);
        if position != register.position() {
            return Ok(None);
        }
        let mut count = Count::new(register, scope.clone());
        let mut unit: Option<Vec<String>> =
            count.departments().map(|unit| unit.iter().map(ToString::to_string).collect());
        if let Some(unit) = &mut unit {
            unit.sort();
        }
        // The condition that a department is of the unit; the values behind the first two are its departments.
        let within = unit.as_ref().map_or_else(String::new, |unit| {
            let places: Vec<String> = (3..3 + unit.len()).map(|n| format!("${n}")).collect();
            format!(" AND department IN ({})", places.join(","))
        });
        let kinds = unit.as_ref().map_or_else(String::new, |_| {
            format!(" AND kind IN (SELECT kind FROM use_kind WHERE{})", within.trim_start_matches(" AND"))
        });
        let bound = |begin: i64, end: i64| {
            let departments = unit.iter().flatten().map(|department| Value::from(department.as_str()));
            [Value::Int(begin), Value::Int(end)].into_iter().chain(departments).collect::<Vec<_>>()
        };
        let (first, end) = (number(scope.from), number(scope.to));
        let sums = format!(
            "SELECT person,department,service,permit,app,model,grade,uses,failed,refused,input_tokens,output_tokens FROM \
             (SELECT kind,CAST(SUM(uses) AS BIGINT) AS uses,CAST(SUM(failed) AS BIGINT) AS failed,\
             CAST(SUM(refused) AS BIGINT) AS refused,CAST(SUM(input_tokens) AS BIGINT) AS input_tokens,\
             CAST(SUM(output_tokens) AS BIGINT) AS output_tokens FROM kind_sum WHERE day >= $1 AND day <= $2{kinds} \
             GROUP BY kind) AS sums JOIN use_kind ON use_kind.kind = sums.kind"
        );
        // Within a stretch every token of a model costs the same; while no price changes there is one.
        for (stretch, to) in count.stretches() {
            tx.each(&sums, bound(number(stretch), number(to)), |row| {
                let text = |at| row.text(at);
                let (person, department, service, permit) = (text(0)?, text(1)?, text(2)?, text(3)?);
                let (app, model, grade) = (text(4)?, text(5)?, u8::try_from(row.int(6)?).unwrap_or(u8::MAX));
                let kind = Kind {
                    person: &person,
                    department: &department,
                    service: &service,
                    permit: &permit,
                    app: &app,
                    model: &model,
                    grade,
                };
                count.add(
                    &kind,
                    Sums {
                        uses: row.uint(7)?,
                        failed: row.uint(8)?,
                        refused: row.uint(9)?,
                        input_tokens: row.uint(10)?,
                        output_tokens: row.uint(11)?,
                    },
                );
                count.add_cost(&department, (&service, &model), stretch, (row.uint(10)?, row.uint(11)?));
                Ok(())
            })
            .await?;
        }
        spend(&mut tx, &mut count, (&kinds, &within), &bound).await?;
        let days = format!(
            "SELECT day,COUNT(DISTINCT who),CAST(SUM(uses) AS BIGINT),CAST(SUM(refused) AS BIGINT) FROM kind_sum \
             WHERE day >= $1 AND day <= $2{kinds} GROUP BY day"
        );
        for row in tx.fetch(&days, bound(first, end)).await? {
            let amount = DayAmount { people: row.uint(1)?, uses: row.uint(2)?, refused: row.uint(3)? };
            count.add_day(day(&row)?, amount);
        }
        let micros = |day: Option<Date>| day.and_then(begin_in_japan).map_or(i64::MAX, |at| at.as_microsecond());
        let reasons = format!(
            "SELECT reason,COUNT(*),COUNT(DISTINCT person) FROM use_reason WHERE at >= $1 AND at < $2{within} GROUP BY reason"
        );
        let (begin, until) = (micros(Some(scope.from)), micros(scope.to.tomorrow().ok()));
        for row in tx.fetch(&reasons, bound(begin, until)).await? {
            count.add_reason(&row.text(0)?, ReasonAmount { refused: row.uint(1)?, people: row.uint(2)? });
        }
        let findings = format!(
            "SELECT rule,CAST(SUM(requests) AS BIGINT),CAST(SUM(request_hits) AS BIGINT),CAST(SUM(answers) AS BIGINT),\
             CAST(SUM(answer_hits) AS BIGINT) FROM use_finding WHERE day >= $1 AND day <= $2{within} GROUP BY rule"
        );
        for row in tx.fetch(&findings, bound(first, end)).await? {
            let amount = FindingAmount {
                requests: row.uint(1)?,
                request_hits: row.uint(2)?,
                answers: row.uint(3)?,
                answer_hits: row.uint(4)?,
            };
            count.add_findings(&row.text(0)?, amount);
        }
        Ok(Some(count.finish(entries, fewest)))
    }
}

/// What is counted of budgets: the sums of each stretch by kind of use. What a kind is, is looked up once, not for every
/// row of every stretch.
async fn spend(
    tx: &mut Tx,
    count: &mut Count<'_>,
    (kinds, within): (&str, &str),
    bound: &impl Fn(i64, i64) -> Vec<Value>,
) -> Result<(), ReadError> {
    let stretches = count.budget_stretches();
    let (Some((first, _)), Some((_, last))) = (stretches.first(), stretches.last()) else { return Ok(()) };
    let (first, last) = (number(*first), number(*last));
    // Kinds of the same department, permit, service and model are one, and most kinds differ by person alone.
    let mut groups: Vec<[String; 4]> = Vec::new();
    let mut known: HashMap<[String; 4], usize> = HashMap::new();
    let mut of_kind: HashMap<i64, usize> = HashMap::new();
    let named = format!(
        "SELECT kind,department,permit,service,model FROM use_kind WHERE EXISTS (SELECT 1 FROM kind_sum \
         WHERE kind_sum.kind = use_kind.kind AND day >= $1 AND day <= $2){within}"
    );
    tx.each(&named, bound(first, last), |row| {
        let names = [row.text(1)?, row.text(2)?, row.text(3)?, row.text(4)?].map(|name| name.to_string());
        let number = *known.entry(names).or_insert_with_key(|names| {
            groups.push(names.clone());
            groups.len() - 1
        });
        of_kind.insert(row.int(0)?, number);
        Ok(())
    })
    .await?;
    // The rows of all stretches in one reading, in order; what a stretch used is handed over when it has ended.
    let sums = format!(
        "SELECT day,kind,uses,input_tokens,output_tokens FROM kind_sum WHERE day >= $1 AND day <= $2{kinds} ORDER BY day"
    );
    let mut spent = Spent { groups, amounts: Vec::new(), touched: Vec::new() };
    spent.amounts.resize(spent.groups.len(), [0; 3]);
    let mut stretches = stretches.into_iter().map(|(begin, end)| (begin, number(end))).peekable();
    tx.each(&sums, bound(first, last), |row| {
        let day = row.int(0)?;
        while let Some((begin, end)) = stretches.peek()
            && day > *end
        {
            spent.hand_over(count, *begin);
            stretches.next();
        }
        if let Some(group) = of_kind.get(&row.int(1)?) {
            spent.add(*group, [row.uint(2)?, row.uint(3)?, row.uint(4)?]);
        }
        Ok(())
    })
    .await?;
    if let Some((begin, _)) = stretches.next() {
        spent.hand_over(count, begin);
    }
    Ok(())
}

/// What groups of kinds (department, permit, service, model) used in one stretch: uses, tokens in, tokens out.
struct Spent {
    groups: Vec<[String; 4]>,
    amounts: Vec<[u64; 3]>,
    /// Those of which something was used.
    touched: Vec<usize>,
}

impl Spent {
    fn add(&mut self, group: usize, more: [u64; 3]) {
        let Some(amounts) = self.amounts.get_mut(group) else { return };
        if *amounts == [0; 3] {
            self.touched.push(group);
        }
        for (amount, more) in amounts.iter_mut().zip(more) {
            *amount += more;
        }
    }

    fn hand_over(&mut self, count: &mut Count<'_>, begin: Date) {
        for group in std::mem::take(&mut self.touched) {
            let (Some(amounts), Some([department, permit, service, model])) =
                (self.amounts.get_mut(group), self.groups.get(group))
            else {
                continue;
            };
            let [uses, input_tokens, output_tokens] = std::mem::take(amounts);
            let (service, model) = (service.clone(), model.clone());
            count.spend(department, permit, &Tally { day: begin, service, model, uses, input_tokens, output_tokens });
        }
    }
}

/// The number of a day, as the table has it.
pub(crate) fn number(day: Date) -> i64 {
    begin_in_japan(day).map_or(i64::MIN, day_number)
}

/// The day that stands first in a row.
pub(crate) fn day(row: &Row) -> Result<Date, ReadError> {
    let since = jiff::Span::new().try_days(row.int(0)?);
    let day = since.and_then(|since| Date::constant(1970, 1, 1).checked_add(since));
    day.map_err(|error| ReadError::Corrupt(error.to_string()))
}
