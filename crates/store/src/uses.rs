//! One row per use: what statistics and look-ups need without reading the ledger.

use crate::bundle::Table;
use crate::engine::{EngineError, EngineResult, Row, Tx, Value};
use crate::kinds::{Kinds, Number};
use jiff::Timestamp;
use sekisho_domain::id::{DepartmentId, PermitId, PersonId, ServiceId, UseId};
use sekisho_domain::usage::FindingCount;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What became of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseOutcome {
    /// Opened and not yet closed.
    Open,
    /// Answered.
    Completed,
    /// The upstream answered with an error.
    UpstreamError,
    /// The answer was cut short.
    Cut,
    /// Refused.
    Refused,
    /// Left open by a crash.
    Aborted,
}

impl UseOutcome {
    /// Stable name, as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::UpstreamError => "upstream_error",
            Self::Cut => "cut",
            Self::Refused => "refused",
            Self::Aborted => "aborted",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "completed" => Self::Completed,
            "upstream_error" => Self::UpstreamError,
            "cut" => Self::Cut,
            "refused" => Self::Refused,
            "aborted" => Self::Aborted,
            _ => Self::Open,
        }
    }
}

/// One use. Empty text and zero stand for what is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseRow {
    /// Index of the entry that opened or refused it; set by the journal.
    pub opened: u64,
    /// The use.
    pub id: UseId,
    /// When it was opened or refused.
    pub at: Timestamp,
    /// Who.
    pub person: PersonId,
    /// The person's department then.
    pub department: Option<DepartmentId>,
    /// Under which permit.
    pub permit: Option<PermitId>,
    /// By which service.
    pub service: Option<ServiceId>,
    /// Which model.
    pub model: String,
    /// Which endpoint.
    pub endpoint: String,
    /// Rank of the grade.
    pub grade: u8,
    /// Which node served it.
    pub node: String,
    /// What became of it.
    pub outcome: UseOutcome,
    /// Code of the refusal or failure.
    pub code: String,
    /// Index of the closing entry; 0 while open (index 0 is always the founding entry).
    pub closed: u64,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
    /// The app it came through; empty for a direct call.
    pub app: String,
    /// Of a refusal: every reason, `CODE rule`, or the code alone where no rule was asked. Written, never read back: the
    /// entry says it.
    pub reasons: Vec<String>,
    /// What was found in the request, or, of the end of a use, in the answer. Written, never read back.
    pub findings: Vec<FindingCount>,
}

/// A use; its end changes the row.
pub(crate) const USES: Table = Table {
    name: Cow::Borrowed(
        "use_row (opened,use_id,at,person,department,permit,service,model,endpoint,grade,node,outcome,code,closed,closed_at,input_tokens,output_tokens,app)",
    ),
    columns: 18,
    then: "ON CONFLICT (opened) DO UPDATE SET outcome=excluded.outcome,code=excluded.code,closed=excluded.closed,closed_at=excluded.closed_at,input_tokens=excluded.input_tokens,output_tokens=excluded.output_tokens",
};
pub(crate) const SELECT: &str = "SELECT use_row.opened,use_id,use_row.at,use_row.person,use_row.department,permit,service,model,endpoint,grade,node,outcome,code,closed,closed_at,input_tokens,output_tokens,app FROM use_row";
/// Adds to the count of a day.
pub(crate) const DAYS: Table = Table {
    name: Cow::Borrowed("kind_sum (day,kind,who,uses,failed,refused,input_tokens,output_tokens)"),
    columns: 8,
    then: "ON CONFLICT (day,kind) DO UPDATE SET uses=kind_sum.uses+excluded.uses,failed=kind_sum.failed+excluded.failed,refused=kind_sum.refused+excluded.refused,input_tokens=kind_sum.input_tokens+excluded.input_tokens,output_tokens=kind_sum.output_tokens+excluded.output_tokens",
};
/// Adds to the findings of a day.
pub(crate) const FINDINGS: Table = Table {
    name: Cow::Borrowed("use_finding (day,department,rule,requests,request_hits,answers,answer_hits)"),
    columns: 7,
    then: "ON CONFLICT (day,department,rule) DO UPDATE SET requests=use_finding.requests+excluded.requests,request_hits=use_finding.request_hits+excluded.request_hits,answers=use_finding.answers+excluded.answers,answer_hits=use_finding.answer_hits+excluded.answer_hits",
};
/// One of the reasons of a refusal.
pub(crate) const REASONS: Table = Table {
    name: Cow::Borrowed("use_reason (opened,reason,at,person,department)"),
    columns: 5,
    then: "ON CONFLICT (opened,reason) DO NOTHING",
};

/// The rows of a batch, each use once: one that was opened and ended in the same batch has its end only.
pub(crate) fn each_once(new: Vec<UseRow>, ends: Vec<UseRow>) -> Vec<UseRow> {
    let mut ends: HashMap<u64, UseRow> = ends.into_iter().map(|row| (row.opened, row)).collect();
    let mut rows: Vec<UseRow> = new.into_iter().map(|row| ends.remove(&row.opened).unwrap_or(row)).collect();
    let mut rest: Vec<UseRow> = ends.into_values().collect();
    rest.sort_unstable_by_key(|row| row.opened);
    rows.append(&mut rest);
    rows
}

/// The number of a day in Japan, which has no summer time, as [`sekisho_domain::day`] says.
pub(crate) fn day_number(at: Timestamp) -> i64 {
    const DAY: i64 = 86_400_000_000;
    (at.as_microsecond() + 9 * 3_600_000_000).div_euclid(DAY)
}

/// What a batch adds to the counts of days, each day once: PostgreSQL touches a row once per statement.
#[derive(Default)]
pub(crate) struct Days<'r>(pub(crate) BTreeMap<DayKey<'r>, [u64; 5]>);

/// The day, and the kind of use: person, department, service, permit, app, model, grade.
pub(crate) type DayKey<'r> = (i64, &'r str, &'r str, &'r str, &'r str, &'r str, &'r str, u8);

impl<'r> Days<'r> {
    pub(crate) fn of(new: &'r [UseRow], ends: &'r [UseRow]) -> Self {
        let mut days = Self::default();
        for row in new {
            let refused = row.outcome == UseOutcome::Refused;
            days.add(row, [u64::from(!refused), 0, u64::from(refused), 0, 0]);
        }
        for row in ends {
            let more = [0, u64::from(row.outcome != UseOutcome::Completed), 0, row.input_tokens, row.output_tokens];
            if more.iter().any(|sum| *sum > 0) {
                days.add(row, more);
            }
        }
        days
    }

    fn add(&mut self, row: &'r UseRow, more: [u64; 5]) {
        let key = (
            day_number(row.at),
            row.person.as_str(),
            row.department.as_ref().map_or("", DepartmentId::as_str),
            row.service.as_ref().map_or("", ServiceId::as_str),
            row.permit.as_ref().map_or("", PermitId::as_str),
            row.app.as_str(),
            row.model.as_str(),
            row.grade,
        );
        let sums = self.0.entry(key).or_default();
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum = sum.saturating_add(more);
        }
    }

    /// With the number of each kind.
    pub(crate) async fn numbered(self, kinds: &mut Kinds, tx: &mut Tx) -> EngineResult<Vec<(i64, Number, [u64; 5])>> {
        let mut numbered = Vec::with_capacity(self.0.len());
        for (key, sums) in self.0 {
            numbered.push((key.0, kinds.number(tx, &key).await?, sums));
        }
        Ok(numbered)
    }

    pub(crate) fn values((day, number, sums): (i64, Number, [u64; 5]), into: &mut Vec<Value>) {
        into.extend([day, number.kind, number.who].map(Value::Int));
        into.extend(sums.map(Value::from));
    }
}

/// What a batch adds to the findings of days: uses and hits in requests, uses and hits in answers.
#[derive(Default)]
pub(crate) struct Found<'r>(pub(crate) BTreeMap<(i64, &'r str, &'r str), [u64; 4]>);

impl<'r> Found<'r> {
    pub(crate) fn of(new: &'r [UseRow], ends: &'r [UseRow]) -> Self {
        let mut found = Self::default();
        for (rows, at) in [(new, 0), (ends, 2)] {
            for row in rows {
                // A rule counts once for a use, however often it is listed.
                let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
                for finding in &row.findings {
                    *rules.entry(&finding.rule).or_default() += u64::from(finding.count);
                }
                let department = row.department.as_ref().map_or("", DepartmentId::as_str);
                for (rule, hits) in rules {
                    let sums = found.0.entry((day_number(row.at), department, rule)).or_default();
                    for (sum, more) in sums.iter_mut().skip(at).zip([1, hits]) {
                        *sum = sum.saturating_add(more);
                    }
                }
            }
        }
        found
    }

    pub(crate) fn values(((day, department, rule), sums): ((i64, &'r str, &'r str), [u64; 4]), into: &mut Vec<Value>) {
        into.extend([Value::Int(day), Value::from(department), Value::from(rule)]);
        into.extend(sums.map(Value::from));
    }
}

impl UseRow {
    pub(crate) fn values(&self, into: &mut Vec<Value>) {
        let some = |shared: Option<Arc<str>>| Value::Text(shared.unwrap_or_default());
        into.extend([
            Value::from(self.opened),
            Value::Text(self.id.shared()),
            Value::Int(self.at.as_microsecond()),
            Value::Text(self.person.shared()),
            some(self.department.as_ref().map(DepartmentId::shared)),
            some(self.permit.as_ref().map(PermitId::shared)),
            some(self.service.as_ref().map(ServiceId::shared)),
            Value::from(self.model.as_str()),
            Value::from(self.endpoint.as_str()),
            Value::from(u64::from(self.grade)),
            Value::from(self.node.as_str()),
            Value::from(self.outcome.as_str()),
            Value::from(self.code.as_str()),
            Value::from(self.closed),
            Value::Int(self.closed_at.map_or(0, Timestamp::as_microsecond)),
            Value::from(self.input_tokens),
            Value::from(self.output_tokens),
            Value::from(self.app.as_str()),
        ]);
    }

    pub(crate) fn read(row: &Row) -> Result<Self, EngineError> {
        fn decode<T: std::str::FromStr>(text: String) -> Result<T, EngineError>
        where
            T::Err: std::fmt::Display,
        {
            text.parse().map_err(|e: T::Err| EngineError::Value(e.to_string()))
        }
        fn some<T: std::str::FromStr>(text: String) -> Option<T> {
            text.parse().ok()
        }
        let time = |micros: i64| Timestamp::from_microsecond(micros).map_err(|e| EngineError::Value(e.to_string()));
        Ok(Self {
            opened: row.uint(0)?,
            id: decode(row.text(1)?)?,
            at: time(row.int(2)?)?,
            person: decode(row.text(3)?)?,
            department: some(row.text(4)?),
            permit: some(row.text(5)?),
            service: some(row.text(6)?),
            model: row.text(7)?,
            endpoint: row.text(8)?,
            grade: u8::try_from(row.int(9)?).unwrap_or(u8::MAX),
            node: row.text(10)?,
            outcome: UseOutcome::parse(&row.text(11)?),
            code: row.text(12)?,
            closed: row.uint(13)?,
            closed_at: match row.int(14)? {
                0 => None,
                micros => Some(time(micros)?),
            },
            input_tokens: row.uint(15)?,
            output_tokens: row.uint(16)?,
            app: row.text(17)?,
            reasons: Vec::new(),
            findings: Vec::new(),
        })
    }
}

/// A use that a crash left open.
#[derive(Debug, Clone)]
pub struct LeftOpen {
    /// Its row.
    pub row: UseRow,
}

impl LeftOpen {
    /// The use.
    pub fn id(&self) -> &UseId {
        &self.row.id
    }

    /// Its row as it will stand once closed as aborted.
    pub fn aborted(mut self, at: jiff::Timestamp) -> UseRow {
        self.row.outcome = UseOutcome::Aborted;
        self.row.code = "ABORTED".into();
        self.row.closed_at = Some(at);
        self.row
    }
}
