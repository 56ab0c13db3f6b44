//! `/ismap/list/compare?number=…&number=…`: up to five rows side by side, and where they differ.

use super::super::frame;
use super::address;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::Registration;
use std::borrow::Cow;

/// Most rows side by side.
const MOST: usize = 5;

#[derive(Template)]
#[template(path = "ismap/list/compare.html")]
struct ComparePage {
    frame: Frame,
    /// What was typed, to be typed over.
    typed: Vec<String>,
    unknown: Vec<String>,
    /// Number and name of every row, to choose from.
    known: Vec<(String, String)>,
    heads: Vec<(String, String)>,
    lines: Vec<Line>,
}

/// One field of all rows.
struct Line {
    label: &'static str,
    cells: Vec<String>,
    differs: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let query = query.unwrap_or_default();
    let mut typed: Vec<String> = Vec::new();
    for (_, value) in form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "number") {
        // A number chosen from the suggestions may carry the name behind it.
        let number = value.split_whitespace().next().unwrap_or("").to_owned();
        if !number.is_empty() && !typed.contains(&number) && typed.len() < MOST {
            typed.push(number);
        }
    }
    let seen = |row| register.scheme().seen_row(signed.person(), row);
    let rows: Vec<Cow<'_, Registration>> =
        typed.iter().filter_map(|number| register.registration(number)).map(seen).collect();
    let unknown = typed.iter().filter(|number| register.registration(number).is_none()).cloned().collect();
    let states: Vec<String> = rows.iter().map(|row| row.state_on(today).label().to_owned()).collect();
    let mut lines = vec![Line::of("今日の状態", states)];
    let fields: Vec<_> = rows.iter().map(|row| row.fields()).collect();
    let labels: Vec<&'static str> = fields.first().map(|f| f.iter().map(|f| f.label).collect()).unwrap_or_default();
    for (at, label) in labels.into_iter().enumerate() {
        let cells = fields.iter().map(|all| all.get(at).map(|f| f.text.clone()).unwrap_or_default()).collect();
        lines.push(Line::of(label, cells));
    }
    let computed = |row: &Cow<'_, Registration>| row.computed_until().map(|day| day.to_string()).unwrap_or_default();
    lines.push(Line::of("有効期限（計算）", rows.iter().map(computed).collect()));
    let incidents = |row: &Cow<'_, Registration>| row.incidents.iter().cloned().collect::<Vec<_>>().join("、");
    lines.push(Line::of("対応中のインシデント", rows.iter().map(incidents).collect()));
    let shown = ComparePage {
        frame: frame(&app, &signed, "/ismap/list", "サービスを比べる", &[("/ismap/list", "登録リスト")]).await?.wide(),
        unknown,
        known: register.registrations().map(|row| (row.number.clone(), row.service_name.clone())).collect(),
        heads: rows
            .iter()
            .map(|row| (address(&row.number), format!("{}（{}）", row.service_name, row.number)))
            .collect(),
        lines: if rows.is_empty() { Vec::new() } else { lines },
        typed: (0..MOST).map(|at| typed.get(at).cloned().unwrap_or_default()).collect(),
    };
    Ok(page(StatusCode::OK, &shown))
}

impl Line {
    fn of(label: &'static str, cells: Vec<String>) -> Self {
        let differs = cells.windows(2).any(|pair| matches!(pair, [one, other] if one != other));
        Self { label, cells, differs }
    }
}
