//! `/ismap/public`: what the scheme publishes, for anyone, as a page and as documents for programs. Only where whoever
//! runs the scheme is a party here, and only what 登録規則 3.8 and the list publish: no annex, no report, nothing about
//! foreign law.

use super::super::as_of::past_day;
use super::published;
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::page::door::visitor;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, Problem, download, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words;
use crate::ismap::documents::sha256;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::Registration;
use sekisho_domain::ismap::party::PartyKind;
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Day {
    #[serde(default)]
    as_of: String,
}

#[derive(Template)]
#[template(path = "ismap/list/public.html")]
struct PublicPage {
    frame: Frame,
    q: Field,
    as_of: Field,
    /// Asks for the files of the same day.
    query: String,
    table: Option<Table>,
}

/// The register, if whoever runs the scheme is a party here.
fn is_published(register: &Register) -> Result<(), PageError> {
    let runs = register.scheme().parties.all().any(|(_, party)| party.kind == PartyKind::Operator);
    if runs { Ok(()) } else { Err(PageError::Missing) }
}

/// The rows as they were on the day that is asked about; or why that is no day.
fn rows<'r>(register: &'r Register, asked: &Day, today: Date) -> Result<(Date, Vec<&'r Registration>), String> {
    Ok(match past_day(&asked.as_of, today)? {
        Some(day) => (day, register.registrations_as_of(day).collect()),
        None => (today, register.registrations().collect()),
    })
}

fn table(rows: Vec<&Registration>, asked: &Asked, day: Date) -> Table {
    let slice = asked.slice(
        rows,
        &[
            ("number", &|one: &&Registration, other: &&Registration| one.number.cmp(&other.number)),
            ("until", &|one, other| one.valid_until.cmp(&other.valid_until)),
        ],
    );
    let columns = [
        Column::sorted("number", "登録番号"),
        Column::plain("区分"),
        Column::plain("状態"),
        Column::plain("サービス"),
        Column::plain("事業者"),
        Column::plain("言明の対象範囲"),
        Column::plain("実施している統制目標"),
        Column::plain("監査対象期間"),
        Column::plain("後発事象"),
        Column::plain("登録日"),
        Column::sorted("until", "有効期限"),
    ];
    let empty = "登録されたサービスはまだありません。";
    Table::new("/ismap/public", ("登録されたサービス", empty), &columns, asked, slice, |row| {
        let period = row.audit_period.map(|(from, to)| format!("{from} から {to}")).unwrap_or_default();
        vec![
            Cell::text(row.number.clone()),
            Cell::text(row.scheme.label()),
            Cell::text(row.state_on(day).label()),
            Cell::text(row.service_name.clone()),
            Cell::text(row.csp_name.clone()),
            Cell::text(row.statement_scope.clone()),
            Cell::text(row.objectives.iter().map(String::as_str).collect::<Vec<_>>().join("、")),
            Cell::text(period),
            Cell::text(row.subsequent_events.clone()),
            Cell::text(words::day(row.registered_on)),
            Cell::text(words::day(row.valid_until)),
        ]
    })
}

pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
    Query(as_of): Query<Day>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    is_published(&register)?;
    let (mut problems, mut shown, mut query) = (Vec::new(), None, String::new());
    match rows(&register, &as_of, in_japan(app.world.now())) {
        Ok((day, all)) => {
            let found = all.into_iter().filter(|row| asked.finds(&[&row.number, &row.service_name, &row.csp_name]));
            if !as_of.as_of.trim().is_empty() {
                query = format!("?as_of={day}");
            }
            shown = Some(table(found.collect(), &asked, day).keeping("as_of", as_of.as_of.trim()));
        }
        // Rows of another day than the one that was asked about would be taken for those of that day.
        Err(text) => problems.push(Problem::at("as_of", text)),
    }
    if let Some(table) = &shown
        && let Some(file) = table.file("register")?
    {
        return Ok(file);
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let visitor = visitor(&app, &headers).await;
    let page_shown = PublicPage {
        q: Field::input("search", "q", "サービス名・事業者名・番号").optional().value(&asked.q),
        as_of: Field::input("date", "as_of", "いつの時点（空欄は今日）")
            .optional()
            .value(as_of.as_of.trim())
            .told(&problems),
        query,
        table: shown,
        frame: Frame::new(&app, visitor.as_ref(), "/ismap/public", "クラウドサービス登録簿")
            .await?
            .wide()
            .wrong(problems),
    };
    Ok(page(status, &page_shown))
}

/// What a program gets instead of a document when its `as_of` is none.
fn no_day(text: &str) -> Response {
    let en = "a day such as 2026-11-30, today or before; without it, today".to_owned();
    ApiError::parameters(&[("as_of", text.to_owned(), en)]).into_response()
}

/// Whether the asker has this very content: by the weak comparison of RFC 9110, 13.1.2, which is the one for this header.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).map(str::trim).any(|known| known == "*" || opaque(known) == opaque(tag))
}

pub(super) async fn file(
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(as_of): Query<Day>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    is_published(&register)?;
    let (day, all) = match rows(&register, &as_of, in_japan(app.world.now())) {
        Ok(rows) => rows,
        Err(text) => return Ok(no_day(&text)),
    };
    let document = match name.as_str() {
        "register.json" | "register.csv" | "register.xlsx" => published::register(&all, day),
        "status-changelog.json" => published::changelog(&register, &all, day),
        "register.schema.json" => published::register_schema(),
        "status-changelog.schema.json" => published::changelog_schema(),
        _ => return Err(PageError::Missing),
    };
    let bytes = format!("{document:#}\n").into_bytes();
    // A table says what the document says, but a workbook is never made of the same bytes twice.
    let format = name.strip_prefix("register.").filter(|format| matches!(*format, "csv" | "xlsx"));
    let tag = match format {
        Some(format) => format!("W/\"{}-{format}\"", sha256(&bytes)),
        None => format!("\"{}\"", sha256(&bytes)),
    };
    let mut response = if has(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if let Some(format) = format {
        let asked = Asked { format: format.to_owned(), ..Asked::default() };
        table(all, &asked, day).file("register")?.ok_or(PageError::Missing)?
    } else {
        let mut response = download("application/json", &name, bytes);
        response.headers_mut().remove(header::CONTENT_DISPOSITION);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_a_list_as_a_weak_one_and_as_any() {
        let asks = |values: &[&'static str], tag: &str| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            }
            has(&headers, tag)
        };
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "\"b\",W/\"a\"", "*", " \"a\" "] {
            assert!(asks(&[known], "\"a\"") && asks(&[known], "W/\"a\""), "{known}");
        }
        assert!(asks(&["\"b\"", "\"a\""], "\"a\""), "in two headers");
        for other in ["", "a", "\"ab\"", "\"b\", \"c\"", "w/\"a\""] {
            assert!(!asks(&[other], "\"a\""), "{other}");
        }
        assert!(!asks(&[], "\"a\""));
    }
}
