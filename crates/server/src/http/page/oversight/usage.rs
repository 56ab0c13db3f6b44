//! What is used now: today, in a week, in a month.

use super::amounts::{GROUPINGS, Group, Grouping, Span, groups, number};
use super::period::Period;
use super::small_groups::{FEWEST, HIDDEN, sees_all};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, Link, page};
use crate::http::page::words::{self, Departments};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_store::{Amount, Dimension};
use std::borrow::Cow;

/// Groups shown of each kind; the rest stands in a list of its own.
const SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "oversight/usage.html")]
struct UsagePage {
    frame: Frame,
    all: bool,
    period: Period,
    since: String,
    periods: Vec<Link>,
    whole: Whole,
    charts: Vec<Chart>,
}

struct Whole {
    uses: String,
    people: String,
    refused: String,
    tokens: String,
    open: String,
}

struct Chart {
    grouping: Grouping,
    bars: Vec<Bar>,
    total: usize,
}

struct Bar {
    group: Group,
    /// Of a hundred.
    width: u64,
}

fn chart(grouping: Grouping, mut groups: Vec<Group>) -> Chart {
    // What is hidden must not show in the order or the length of a bar.
    groups.sort_by_key(|group| group.hidden);
    let of = |group: &Group| if group.hidden { 0 } else { group.amount.uses };
    let most = groups.iter().map(of).max().unwrap_or(0).max(1);
    let total = groups.len();
    let bars = groups.into_iter().take(SHOWN).map(|group| Bar { width: of(&group) * 100 / most, group }).collect();
    Chart { grouping, bars, total }
}

/// The links of the spans.
pub(super) fn spans(path: &str, period: Period) -> Vec<Link> {
    let link = |one: Period| Link {
        href: Cow::Owned(format!("{path}?period={}", one.key())),
        label: Cow::Borrowed(one.label()),
        here: one == period,
    };
    Period::ALL.into_iter().map(link).collect()
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(span): Query<Span>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let all = sees_all(&register, signed.person());
    let departments = Departments::all(&app).await?;
    let now = app.world.now();
    let period = Period::read(&span.period);
    let begin = period.begin(now);
    let sum = app.store.amounts(Dimension::Whole, begin, now).await?.into_iter().next().unwrap_or_default();
    let mut charts = Vec::with_capacity(GROUPINGS.len());
    for grouping in GROUPINGS {
        charts.push(chart(grouping, groups(&app, &register, &departments, grouping, (begin, now), all).await?));
    }
    let frame = Frame::new(&app, Some(&signed), "/oversight", "利用状況").await?;
    let frame = frame.below(&[("/", "ホーム")]);
    let open = app.store.open_uses().await?;
    let since = words::day(period.first(now));
    let whole = whole(&sum, open, all);
    let periods = spans("/oversight", period);
    Ok(page(StatusCode::OK, &UsagePage { frame, all, period, since, periods, whole, charts }))
}

fn whole(sum: &Amount, open: u64, all: bool) -> Whole {
    let few = |people: u64| !all && (1..FEWEST).contains(&people);
    let or_hidden = |hidden: bool, n: u64| if hidden { HIDDEN.to_owned() } else { number(n) };
    let hidden = few(sum.people);
    Whole {
        uses: or_hidden(hidden, sum.uses),
        people: or_hidden(hidden, sum.people),
        refused: or_hidden(hidden || few(sum.refused_people), sum.refused),
        tokens: or_hidden(hidden, sum.input_tokens.saturating_add(sum.output_tokens)),
        open: or_hidden(!all && (1..FEWEST).contains(&open), open),
    }
}
