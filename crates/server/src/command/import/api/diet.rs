//! Meetings from the Diet-record API, page by page.

use super::client::{Answer, Client};
use super::state::{Query, State, whole};
use super::{Fetched, Options};
use crate::cli::{Failed, Voice};
use crate::world::SystemWorld;
use anyhow::anyhow;
use indicatif::ProgressBar;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_gate::world::World as _;
use sekisho_search::diet::record::page;
use std::path::Path;

const OFFICIAL: &str = "https://kokkai.ndl.go.jp/";
/// The most meetings that the API gives at once.
const AT_ONCE: u32 = 10;
/// Records appear some weeks after the meeting.
const LATE_DAYS: i32 = 30;

/// Fetches the meetings of a time, or goes on where the last fetch broke off.
pub(in super::super) async fn diet(
    voice: Voice,
    search: &Path,
    options: &Options,
    (since, until): (Option<Date>, Option<Date>),
) -> Result<Fetched, Failed> {
    let (mut state, folder) = State::open(search, "diet")?;
    let mut client = Client::new(options, OFFICIAL)?;
    let mut query = query(&state, options, since, until)?;
    let goes_on = state.query().is_some_and(|before| same(before, &query));
    match state.query() {
        Some(before) if goes_on => query = before.clone(),
        _ => {
            // Pages of another query would be imported with this one.
            std::fs::remove_dir_all(&folder)?;
            std::fs::create_dir_all(&folder)?;
            state.at(query.clone())?;
        }
    }
    let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    while let Some(start) = query.next {
        let parameters = [
            ("from", query.since.to_string()),
            ("until", query.until.to_string()),
            ("startRecord", start.to_string()),
            ("maximumRecords", AT_ONCE.to_string()),
            ("recordPacking", "json".to_owned()),
        ];
        let body = match client.get(&["api", "meeting"], &parameters).await? {
            Answer::Body(body) => body,
            Answer::Refused(status, said) => return Err(refused(status, &said)),
        };
        let paging = page(&body).map_err(|error| refused(200, &error.to_string()))?.paging;
        // A page that leads back to itself would never end.
        query.next = paging.next.filter(|next| *next > start);
        whole(&folder.join(format!("meetings-{start:07}.json")), &body)?;
        state.at(query.clone())?;
        bar.set_length(u64::from(paging.records.unwrap_or_default()));
        bar.set_position(u64::from(query.next.unwrap_or_default().saturating_sub(1)));
    }
    bar.finish_and_clear();
    Ok(Fetched { folder, state, rejects: Vec::new() })
}

/// The days to ask for.
fn query(state: &State, options: &Options, since: Option<Date>, until: Option<Date>) -> Result<Query, Failed> {
    // Who names no days goes on with those of the fetch that broke off; with its pages, only if they are of the same site.
    if let (None, None, Some(before)) = (since, until, state.query()) {
        return Ok(Query { base: options.base_url.clone(), next: Some(1), ..before.clone() });
    }
    let since = since.or_else(|| state.imported_until()?.checked_sub(LATE_DAYS.days()).ok()).ok_or_else(|| {
        Failed::Usage("初回は --since で日付を指定してください / give --since the first time".to_owned())
    })?;
    let until = until.unwrap_or_else(|| in_japan(SystemWorld::default().now()));
    if since > until {
        return Err(Failed::Usage(format!("--since {since} は --until {until} より後です / is after --until")));
    }
    Ok(Query { since, until, base: options.base_url.clone(), next: Some(1) })
}

fn same(a: &Query, b: &Query) -> bool {
    (a.since, a.until, &a.base) == (b.since, b.until, &b.base)
}

fn refused(status: u16, said: &str) -> Failed {
    anyhow!("会議録検索 API が断りました / the Diet-record API refused: {status} {said}").into()
}
