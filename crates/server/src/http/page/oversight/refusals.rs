//! What was refused: by rule, by department, day by day.

use super::amounts::{GROUPINGS, Span, groups, number};
use super::period::Period;
use super::small_groups::{HIDDEN, hidden, sees_all};
use super::usage::spans;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, Link, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::{self, Departments};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::decision::Reason;
use sekisho_domain::register::Register;
use sekisho_store::{Amount, Dimension};
use std::collections::BTreeMap;

/// Departments shown; all of them stand in the list of use by department.
const DEPARTMENTS: usize = 30;

#[derive(Template)]
#[template(path = "oversight/refusals.html")]
struct RefusalsPage {
    frame: Frame,
    all: bool,
    periods: Vec<Link>,
    table: Table,
    departments: Vec<Line>,
    /// Departments that are not shown.
    more_departments: usize,
    days: Vec<Line>,
}

/// A line of a table with a bar.
struct Line {
    name: String,
    href: Option<String>,
    figure: String,
    width: u64,
}

/// A recorded reason in words: what rule it was and on what it rests.
pub(super) struct Told {
    pub(super) code: String,
    pub(super) rule: String,
    pub(super) title: String,
    pub(super) clause: String,
    pub(super) evidence: &'static str,
    pub(super) explanation: String,
    pub(super) remedy: String,
}

impl Told {
    /// Takes the texts of a decision that was made again.
    pub(super) fn fill(&mut self, said: &Reason) {
        self.title.clone_from(&said.title);
        self.clause = ground(&said.clause, &said.document, &said.edition);
        self.evidence = said.evidence.label();
        self.explanation.clone_from(&said.explanation);
        self.remedy.clone_from(&said.remedy);
    }
}

/// Looks a recorded reason, `CODE rule` or `CODE`, up among the rules in force.
pub(super) fn told(register: &Register, reason: &str) -> Told {
    let (code, rule) = reason.split_once(' ').unwrap_or((reason, ""));
    let known = register.rules().and_then(|rules| rules.rules().iter().find(|one| one.id == rule));
    let title = match (known, rule) {
        (Some(known), _) => known.title.clone(),
        (None, "" | "SK-BUDGET") => without_rule(code).to_owned(),
        (None, _) => "（今は採用していない規則）".to_owned(),
    };
    Told {
        code: code.to_owned(),
        rule: rule.to_owned(),
        title,
        clause: known.map_or_else(String::new, |known| ground(&known.clause, &known.document, &known.edition)),
        evidence: known.map_or("", |known| known.evidence.label()),
        explanation: known.map_or_else(String::new, |known| with_places(&known.explanation)),
        remedy: known.map_or_else(String::new, |known| with_places(&known.remedy)),
    }
}

/// On what a rule rests: the place, the document and its edition.
fn ground(clause: &str, document: &str, edition: &str) -> String {
    if clause.is_empty() { format!("{document}（{edition}）") } else { format!("{clause}（{document} {edition}）") }
}

/// What a code without a rule means.
fn without_rule(code: &str) -> &'static str {
    match code {
        "NO_RULE" => "許可する規則がない",
        "EVALUATION_ERROR" => "規則を評価できない",
        "BUDGET_EXCEEDED" => "予算を使い切った",
        _ => "要求そのものを受け付けられない",
    }
}

/// A rule's text with its places named instead of filled in: what filled them stands in the decision alone.
fn with_places(text: &str) -> String {
    const PLACES: [(&str, &str); 8] = [
        ("{grade}", "〔格付〕"),
        ("{ceiling}", "〔承認された格付の上限〕"),
        ("{service}", "〔サービス〕"),
        ("{model}", "〔モデル〕"),
        ("{scope_gap}", "〔対象範囲の外〕"),
        ("{changes}", "〔変わった点〕"),
        ("{region}", "〔地域〕"),
        ("{zone}", "〔ネットワーク〕"),
    ];
    PLACES.iter().fold(text.to_owned(), |text, (place, name)| text.replace(place, name))
}

fn link(filter: &str, value: &str, from: Date, until: Option<Date>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("from", &from.to_string());
    if let Some(until) = until {
        query.append_pair("until", &until.to_string());
    }
    query.append_pair("outcome", "refused");
    if !filter.is_empty() {
        query.append_pair(filter, value);
    }
    format!("/oversight/uses?{}", query.finish())
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(span): Query<Span>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let all = sees_all(&register, signed.person());
    let now = app.world.now();
    let period = Period::read(&span.period);
    let (begin, first) = (period.begin(now), period.first(now));
    let table = by_rule(&app, &register, period, &asked, all).await?;
    if let Some(file) = table.file("refusals-by-rule")? {
        return Ok(file);
    }
    let names = Departments::all(&app).await?;
    let (mut departments, mut more_departments) = (Vec::new(), 0);
    let counted = app.figures.amounts(&app.store, &app.tasks, (begin, now)).await?;
    for grouping in GROUPINGS.into_iter().filter(|one| one.by == Dimension::Department) {
        let mut groups = groups(&counted, &register, &names, grouping, begin, all);
        groups.retain(|group| group.amount.refused > 0);
        let shown = |group: &super::amounts::Group| {
            if group.hidden || group.refused_hidden { 0 } else { group.amount.refused }
        };
        groups.sort_by(|one, other| shown(other).cmp(&shown(one)).then_with(|| one.name.cmp(&other.name)));
        let most = groups.iter().map(shown).max().unwrap_or(0).max(1);
        more_departments = groups.len().saturating_sub(DEPARTMENTS);
        departments.extend(groups.into_iter().take(DEPARTMENTS).map(|group| Line {
            href: (all && !group.amount.name.is_empty()).then(|| link("department", &group.amount.name, first, None)),
            figure: group.refused(),
            width: shown(&group) * 100 / most,
            name: group.name,
        }));
    }
    let days = by_day(&app, period, all).await?;
    let frame = Frame::new(&app, Some(&signed), "/oversight", "拒否の状況").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/oversight", "利用状況")]);
    let periods = spans("/oversight/refusals", period);
    Ok(page(StatusCode::OK, &RefusalsPage { frame, all, periods, table, departments, more_departments, days }))
}

async fn by_rule(app: &App, register: &Register, period: Period, asked: &Asked, all: bool) -> Result<Table, PageError> {
    let now = app.world.now();
    let until = now.checked_add(1.hour()).unwrap_or(now);
    let amounts = app.store.refusals_by_reason(period.begin(now), until).await?;
    let people: Vec<u64> = amounts.iter().map(|amount| amount.refused_people).collect();
    let veil = if all { vec![false; people.len()] } else { hidden(&people) };
    let named = |(amount, hidden): (Amount, bool)| {
        let told = told(register, &amount.name);
        (amount, hidden, told)
    };
    let rows: Vec<(Amount, bool, Told)> = amounts.into_iter().zip(veil).map(named).collect();
    let shown = |row: &(Amount, bool, Told)| if row.1 { 0 } else { row.0.refused };
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| shown(other).cmp(&shown(one)).then_with(|| one.0.name.cmp(&other.0.name))),
            ("refused", &|one, other| shown(one).cmp(&shown(other)).then_with(|| one.0.name.cmp(&other.0.name))),
            ("code", &|one, other| one.0.name.cmp(&other.0.name)),
        ],
    );
    let columns = [
        Column::sorted("code", "理由"),
        Column::plain("規則"),
        Column::plain("根拠"),
        Column::plain("根拠の確かさ"),
        Column::sorted("refused", "拒否"),
        Column::plain("利用者"),
    ];
    let empty = "この期間に拒否はありません。規則が利用を止めると、その規則と根拠がここに出ます。";
    let table = Table::new("/oversight/refusals", ("規則別の拒否", empty), &columns, asked, slice, |row| {
        let (amount, hidden, told) = row;
        let name = if told.title.is_empty() { told.code.clone() } else { format!("{}（{}）", told.title, told.code) };
        let cell = if all {
            Cell::link(link("reason", &amount.name, period.first(now), None), name)
        } else {
            Cell::text(name)
        };
        let figure = |n: u64| if hidden { HIDDEN.to_owned() } else { number(n) };
        vec![
            cell,
            Cell::text(told.rule),
            Cell::text(told.clause),
            Cell::text(told.evidence),
            Cell::text(figure(amount.refused)),
            Cell::text(figure(amount.refused_people)),
        ]
    });
    Ok(table.keeping("period", period.key()))
}

/// Every day of the span, those without refusals too.
async fn by_day(app: &App, period: Period, all: bool) -> Result<Vec<Line>, PageError> {
    let now = app.world.now();
    let counted = app.store.refusals_by_day(period.begin(now), now).await?;
    let epoch = Date::constant(1970, 1, 1);
    let counted: BTreeMap<Date, Amount> =
        counted.into_iter().filter_map(|(day, amount)| Some((epoch.checked_add(day.days()).ok()?, amount))).collect();
    let mut days = Vec::new();
    let mut day = period.first(now);
    let last = sekisho_domain::day::in_japan(now);
    while day <= last && days.len() < 40 {
        days.push((day, counted.get(&day).cloned().unwrap_or_default()));
        let Ok(next) = day.checked_add(1.day()) else { break };
        day = next;
    }
    let people: Vec<u64> = days.iter().map(|(_, amount)| amount.refused_people).collect();
    let veil = if all { vec![false; people.len()] } else { hidden(&people) };
    let shown = |refused: u64, hidden: bool| if hidden { 0 } else { refused };
    let most = days.iter().zip(&veil).map(|((_, amount), hidden)| shown(amount.refused, *hidden)).max();
    let most = most.unwrap_or(0).max(1);
    let line = |((day, amount), hidden): ((Date, Amount), bool)| Line {
        name: words::day(day),
        href: (all && amount.refused > 0).then(|| link("", "", day, Some(day))),
        figure: if hidden { HIDDEN.to_owned() } else { number(amount.refused) },
        width: shown(amount.refused, hidden) * 100 / most,
    };
    Ok(days.into_iter().zip(veil).map(line).collect())
}
