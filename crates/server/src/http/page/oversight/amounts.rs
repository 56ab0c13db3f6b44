//! How much was used by service, department, purpose and app.

use super::period::Period;
use super::small_groups::{HIDDEN, hidden, sees_all};
use crate::figures::Amounts;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::{self, Departments};
pub(super) use crate::use_report::app_name;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
pub(super) use sekisho_domain::budget::grouped as number;
use sekisho_domain::id::{DepartmentId, PermitId, ServiceId};
use sekisho_domain::register::Register;
use sekisho_store::{Amount, Dimension};
use serde::Deserialize;

/// A way to group uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grouping {
    pub(super) by: Dimension,
    /// In addresses; also the filter of the list of uses.
    pub(super) key: &'static str,
    pub(super) label: &'static str,
}

pub(super) const GROUPINGS: [Grouping; 4] = [
    Grouping { by: Dimension::Service, key: "service", label: "サービス" },
    Grouping { by: Dimension::Department, key: "department", label: "部局" },
    Grouping { by: Dimension::Permit, key: "permit", label: "業務" },
    Grouping { by: Dimension::App, key: "app", label: "アプリ" },
];

/// One group with its figures, as far as they may be shown.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) href: Option<String>,
    pub(super) amount: Amount,
    /// The figures would speak of single people.
    pub(super) hidden: bool,
    /// The refusals alone would.
    pub(super) refused_hidden: bool,
}

impl Group {
    pub(super) fn uses(&self) -> String {
        if self.hidden { HIDDEN.to_owned() } else { number(self.amount.uses) }
    }

    pub(super) fn people(&self) -> String {
        if self.hidden { HIDDEN.to_owned() } else { number(self.amount.people) }
    }

    pub(super) fn refused(&self) -> String {
        if self.hidden || self.refused_hidden { HIDDEN.to_owned() } else { number(self.amount.refused) }
    }

    pub(super) fn tokens(&self) -> String {
        if self.hidden {
            return HIDDEN.to_owned();
        }
        number(self.amount.input_tokens.saturating_add(self.amount.output_tokens))
    }
}

/// How the purpose of a permit is called.
pub(super) fn purpose(register: &Register, permit: &PermitId) -> String {
    register.permit(permit).map_or_else(|| permit.to_string(), |permit| permit.draft.purpose.clone())
}

fn name_of(register: &Register, departments: &Departments, by: Dimension, name: &str) -> String {
    let unknown = || "（特定できない）".to_owned();
    match by {
        Dimension::Service => ServiceId::new(name).map_or_else(|_| unknown(), |id| words::service(register, &id)),
        Dimension::Department => DepartmentId::new(name).map_or_else(|_| unknown(), |id| departments.get(&id)),
        Dimension::Permit => {
            PermitId::new(name).map_or_else(|_| "（承認なし）".to_owned(), |id| purpose(register, &id))
        }
        Dimension::App => app_name(name),
        Dimension::Whole => name.to_owned(),
    }
}

/// The groups of a span, named, most used first. Those who read single records get links to them.
pub(super) fn groups(
    counted: &Amounts,
    register: &Register,
    departments: &Departments,
    grouping: Grouping,
    begin: Timestamp,
    all: bool,
) -> Vec<Group> {
    let amounts = counted.get(&grouping.by).cloned().unwrap_or_default();
    let first = sekisho_domain::day::in_japan(begin);
    let link = |name: &str| {
        let value = if name.is_empty() && grouping.by == Dimension::App { "-" } else { name };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("from", &first.to_string()).append_pair(grouping.key, value);
        format!("/oversight/uses?{}", query.finish())
    };
    let veil = |people: fn(&Amount) -> u64| {
        let people: Vec<u64> = amounts.iter().map(people).collect();
        if all { vec![false; people.len()] } else { hidden(&people) }
    };
    let (rows, refusals) = (veil(|a| a.people), veil(|a| a.refused_people));
    amounts
        .into_iter()
        .zip(rows.into_iter().zip(refusals))
        .map(|(amount, (hidden, refused_hidden))| Group {
            name: name_of(register, departments, grouping.by, &amount.name),
            href: (all && !(amount.name.is_empty() && grouping.by != Dimension::App)).then(|| link(&amount.name)),
            amount,
            hidden,
            refused_hidden,
        })
        .collect()
}

#[derive(Template)]
#[template(path = "oversight/amounts.html")]
struct AmountsPage {
    frame: Frame,
    all: bool,
    table: Table,
}

#[derive(Debug, Deserialize)]
pub(super) struct Span {
    #[serde(default)]
    pub(super) period: String,
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(dimension): Path<String>,
    Query(span): Query<Span>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let grouping = GROUPINGS.into_iter().find(|one| one.key == dimension).ok_or(PageError::Missing)?;
    let register = app.journal.register()?;
    let all = sees_all(&register, signed.person());
    let departments = Departments::all(&app).await?;
    let now = app.world.now();
    let period = Period::read(&span.period);
    let begin = period.begin(now);
    let counted = app.figures.amounts(&app.store, &app.tasks, (begin, now)).await?;
    let groups = groups(&counted, &register, &departments, grouping, begin, all);
    // What is hidden must not show in the order either.
    let most = |group: &Group| if group.hidden { 0 } else { group.amount.uses };
    let slice = asked.slice(
        groups,
        &[
            ("", &|one, other| most(other).cmp(&most(one)).then_with(|| one.name.cmp(&other.name))),
            ("uses", &|one, other| most(one).cmp(&most(other)).then_with(|| one.name.cmp(&other.name))),
            ("name", &|one, other| one.name.cmp(&other.name)),
        ],
    );
    let columns = [
        Column::sorted("name", grouping.label),
        Column::sorted("uses", "利用"),
        Column::plain("利用者"),
        Column::plain("拒否"),
        Column::plain("トークン"),
    ];
    let empty = "この期間の利用はまだありません。生成AIが使われると、ここに数が出ます。";
    let path = format!("/oversight/by/{}", grouping.key);
    let table = Table::new(path.clone(), ("利用の数", empty), &columns, &asked, slice, |group| {
        let name = match &group.href {
            Some(href) => Cell::link(href.clone(), group.name.clone()),
            None => Cell::text(group.name.clone()),
        };
        vec![
            name,
            Cell::text(group.uses()),
            Cell::text(group.people()),
            Cell::text(group.refused()),
            Cell::text(group.tokens()),
        ]
    });
    let table = table.keeping("period", period.key());
    if let Some(file) = table.file(&format!("usage-by-{}", grouping.key))? {
        return Ok(file);
    }
    let title = format!("{}別の利用（{}）", grouping.label, period.label());
    let frame = Frame::new(&app, Some(&signed), &path, title).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/oversight", "利用状況")]);
    Ok(page(StatusCode::OK, &AmountsPage { frame, all, table }))
}
