//! 利用報告: figures of any period and unit, with charts, as files, and with the ledger that proves them.

use super::small_groups::{FEWEST, sees_all};
use super::{TAKERS, bundle};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, Problem, download, page};
use crate::http::page::words::Departments;
use crate::use_report::chart::Chart;
use crate::use_report::{self, Format, Names, NotMade, Paper, Section, charts};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::DepartmentId;
use sekisho_domain::register::Register;
use sekisho_domain::use_report::{BadScope, Scope};
use serde::Deserialize;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    unit: String,
    /// The end of a file's name, or `zip` for the report with the ledger.
    #[serde(default)]
    format: String,
}

#[derive(Template)]
#[template(path = "oversight/report.html")]
struct ReportPage<'p> {
    frame: Frame,
    fields: Vec<Field>,
    all: bool,
    made: Option<Made<'p>>,
}

struct Made<'p> {
    paper: &'p Paper,
    charts: Vec<(&'p Section, Option<Chart>)>,
    files: Vec<(String, &'static str)>,
    bundle: Option<String>,
}

impl From<NotMade> for PageError {
    fn from(error: NotMade) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a use report could not be made");
        Self::Inside
    }
}

/// The period that the address names; the fiscal year so far when it names none.
fn scope(asked: &Asked, register: &Register, today: Date) -> Result<Scope, Problem> {
    let day = |field: &'static str, text: &str, default: Date| match text.trim() {
        "" => Ok(default),
        text => text.parse::<Date>().map_err(|_| Problem::at(field, "日付を 2026-04-01 の形で指定してください。")),
    };
    let year = if today.month() < 4 { today.year() - 1 } else { today.year() };
    let begin = Date::new(year, 4, 1).unwrap_or(today);
    let (from, to) = (day("from", &asked.from, begin)?, day("to", &asked.to, today)?);
    let unit = match asked.unit.trim() {
        "" => None,
        id => {
            let known = DepartmentId::new(id).ok().filter(|id| register.department(id).is_some());
            Some(known.ok_or_else(|| Problem::at("unit", "部局を一覧から選んでください。"))?)
        }
    };
    Scope::new(from, to, unit).map_err(|bad| match bad {
        BadScope::Backwards => Problem::at("to", "終わりの日を、初めの日より後にしてください。"),
        BadScope::TooLong => Problem::at("from", "期間は 5 年までにしてください。"),
    })
}

fn fields(asked: &Asked, scope: Option<&Scope>, register: &Register, departments: &Departments) -> Vec<Field> {
    let mut units = vec![Choice::new("", "全体")];
    let mut named: Vec<(String, String)> = register
        .departments()
        .map(|department| (departments.get(&department.department), department.department.to_string()))
        .collect();
    named.sort();
    units.extend(named.into_iter().map(|(name, id)| Choice::new(id, name)));
    let shown = |typed: &str, day: Option<Date>| match day {
        Some(day) => day.to_string(),
        None => typed.to_owned(),
    };
    vec![
        Field::input("date", "from", "初めの日").value(&shown(&asked.from, scope.map(|scope| scope.from))),
        Field::input("date", "to", "終わりの日").value(&shown(&asked.to, scope.map(|scope| scope.to))),
        Field::select("unit", "対象", units).value(&asked.unit),
    ]
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let all = sees_all(&register, signed.person());
    let departments = Departments::all(&app).await?;
    let frame = Frame::new(&app, Some(&signed), "/oversight/report", "利用報告").await?;
    let mut frame = frame.below(&[("/", "ホーム"), ("/oversight", "利用状況")]);
    let scope = match scope(&asked, &register, in_japan(app.world.now())) {
        Ok(scope) => scope,
        Err(problem) => {
            let problems = vec![problem];
            let fields = fields(&asked, None, &register, &departments);
            let fields = fields.into_iter().map(|field| field.told(&problems)).collect();
            frame.problems = problems;
            return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &ReportPage { frame, fields, all, made: None }));
        }
    };
    let (report, register) = use_report::count(&app, &scope, if all { 0 } else { FEWEST }).await?;
    let takes = register.holds_any(signed.person(), TAKERS);
    if asked.format == "zip" && takes {
        let bytes = serde_json::to_vec_pretty(&report).map_err(|_| PageError::Inside)?;
        return bundle::send(&app, &signed, "sekisho-report.zip", Some((use_report::bundle::FILE, bytes))).await;
    }
    let names = Names::of(&app, &register).await?;
    let paper = use_report::paper(&report, &register, &names);
    if let Some(format) = Format::named(&asked.format) {
        let bytes = format.write(&report, &paper, app.world.now()).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a use report could not be written");
            PageError::Inside
        })?;
        let name = format!("use-report-{}-{}.{}", scope.from, scope.to, format.extension());
        return Ok(download(format.mime(), &name, bytes));
    }
    let link = |format: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("from", &scope.from.to_string()).append_pair("to", &scope.to.to_string());
        if let Some(unit) = &scope.unit {
            query.append_pair("unit", unit.as_str());
        }
        format!("/oversight/report?{}", query.append_pair("format", format).finish())
    };
    let files = Format::ALL.into_iter().map(|format| (link(format.extension()), format.label())).collect();
    let made = Made { paper: &paper, charts: charts(&paper), files, bundle: takes.then(|| link("zip")) };
    let fields = fields(&asked, Some(&scope), &register, &departments);
    Ok(page(StatusCode::OK, &ReportPage { frame, fields, all, made: Some(made) }))
}
