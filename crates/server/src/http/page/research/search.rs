//! The search page of each corpus: one box, hits with passages, filters with counts, files.

use super::asked::Asked;
use super::hit::{self, Shown};
use super::reader::{Reader, on_shelf};
use super::welcome::{self, Tab, Welcome};
use super::{filters, labels};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, page, page_with_script};
use crate::http::page::list::{self, Cell, Column, Slice, Table};
use crate::http::page::words;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_search::excerpt::Marker;
use sekisho_search::rank::{Counts, Hit, Question, find};
use sekisho_search::unit::{Corpus, Facet, Unit};

/// Hits of a page.
const ROWS: usize = 20;
/// Hits that are paged through and put into files.
const MOST: usize = 1_000;

#[derive(Template)]
#[template(path = "research/search.html")]
struct SearchPage {
    frame: Frame,
    tabs: Vec<Tab>,
    path: String,
    question: Field,
    days: Vec<Field>,
    has_days: bool,
    /// Facets that are kept when the question is changed.
    kept: Vec<(&'static str, String)>,
    results: Results,
}

#[derive(Template)]
#[template(path = "research/results.html")]
struct Part {
    results: Results,
}

/// What stands below the box.
struct Results {
    welcome: Option<Welcome>,
    told: String,
    hits: Vec<Shown>,
    filters: Vec<filters::Group>,
    chosen: Vec<filters::Choice>,
    before: Option<String>,
    after: Option<String>,
    csv: String,
    xlsx: String,
    save: String,
    without_filters: String,
}

pub(in crate::http::page) async fn law(
    State(app): State<App>,
    Seen(signed): Seen,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    show(&app, &signed, Corpus::Law, Asked::read(query.as_deref())).await
}

pub(in crate::http::page) async fn diet(
    State(app): State<App>,
    Seen(signed): Seen,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    show(&app, &signed, Corpus::Diet, Asked::read(query.as_deref())).await
}

pub(in crate::http::page) async fn document(
    State(app): State<App>,
    Seen(signed): Seen,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    show(&app, &signed, Corpus::Document, Asked::read(query.as_deref())).await
}

/// What was found, with the units themselves.
struct Answer {
    hits: Vec<(Hit, Unit)>,
    units: usize,
    more: bool,
    counts: Counts,
}

async fn show(app: &App, signed: &SignedIn, corpus: Corpus, asked: Asked) -> Result<Response, PageError> {
    let reader = Reader::of(app, signed)?;
    let path = format!("/research/{}", corpus.name());
    let results = if asked.q.is_empty() || !asked.problems.is_empty() {
        Results::nothing(Some(welcome::welcome(app, corpus).await?))
    } else {
        let answer = answer(app, corpus, &asked, &reader).await?;
        if matches!(asked.format.as_str(), "csv" | "xlsx") {
            return file(&asked, corpus, &path, answer);
        }
        results(corpus, &path, &asked, &reader, answer)
    };
    if asked.part {
        return Ok(page(StatusCode::OK, &Part { results }));
    }
    let status = if asked.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = format!("{}を調べる", labels::corpus(corpus));
    let frame = Frame::new(app, Some(signed), &path, title).await?;
    let shown = SearchPage {
        frame: frame.below(&[("/", "ホーム")]).wide().script("/research.js").wrong(asked.problems.clone()),
        tabs: welcome::tabs(app, corpus, &asked.q).await?,
        question: Field::input("search", "q", "調べること").help(welcome::HELP).value(&asked.q),
        days: days(corpus, &asked),
        has_days: asked.has_days() || !asked.problems.is_empty(),
        kept: asked.facets.iter().map(|(facet, value)| (facet.name(), value.clone())).collect(),
        path,
        results,
    };
    Ok(page_with_script(status, &shown))
}

fn days(corpus: Corpus, asked: &Asked) -> Vec<Field> {
    let field = |id: &'static str, label: &'static str, day: Option<jiff::civil::Date>| {
        let day = day.map(|day| day.to_string()).unwrap_or_default();
        Field::input("date", id, label).optional().value(&day).told(&asked.problems)
    };
    let (since, until) = match corpus {
        Corpus::Law => ("公布日（この日から）", "公布日（この日まで）"),
        Corpus::Diet | Corpus::Document => ("この日から", "この日まで"),
    };
    let mut days = vec![field("since", since, asked.since), field("until", until, asked.until)];
    if corpus == Corpus::Law {
        days.insert(0, field("as_of", "いつ時点の条文か", asked.as_of).help("空欄なら今日の条文を探します。"));
    }
    days
}

async fn answer(app: &App, corpus: Corpus, asked: &Asked, reader: &Reader) -> Result<Answer, PageError> {
    let exports = matches!(asked.format.as_str(), "csv" | "xlsx");
    let page = asked.page.min(MOST / ROWS);
    let limit = if exports { MOST } else { page * ROWS };
    let skip = if exports { 0 } else { limit - ROWS };
    let question = Question {
        text: asked.q.clone(),
        narrowing: asked.narrowing(corpus, reader),
        without: None,
        near: None,
        limit,
    };
    let (day, reader) = (asked.day_of(reader), reader.clone());
    on_shelf(app, corpus, move |reading| {
        let found = find(reading, &question)?;
        let mut hits = Vec::new();
        for hit in found.hits.into_iter().skip(skip) {
            if let Some(unit) = reading.unit(&hit.unit, day)?.filter(|unit| reader.may_read(unit)) {
                hits.push((hit, unit));
            }
        }
        Ok(Answer { hits, units: found.units, more: found.more, counts: found.counts })
    })
    .await
}

impl Results {
    fn nothing(welcome: Option<Welcome>) -> Self {
        Self {
            welcome,
            told: String::new(),
            hits: Vec::new(),
            filters: Vec::new(),
            chosen: Vec::new(),
            before: None,
            after: None,
            csv: String::new(),
            xlsx: String::new(),
            save: String::new(),
            without_filters: String::new(),
        }
    }
}

fn results(corpus: Corpus, path: &str, asked: &Asked, reader: &Reader, answer: Answer) -> Results {
    let marker = Marker::new(&asked.q);
    let reachable = answer.units.min(MOST);
    let pages = reachable.div_ceil(ROWS).max(1);
    let page = asked.page.min(MOST / ROWS);
    let address = |asked: &Asked| asked.address(path);
    let number = if answer.more { format!("{} 件以上", answer.units) } else { format!("{} 件", answer.units) };
    let cut = if asked.cut { "質問が長いので、初めの 1,000 文字で探しました。" } else { "" };
    let told = if answer.units == 0 {
        format!("{cut}見つかりませんでした。")
    } else if pages > 1 {
        format!("{cut}{number}（{page} / {pages} ページ）")
    } else {
        format!("{cut}{number}")
    };
    let unfiltered = Asked { q: asked.q.clone(), page: 1, ..Asked::default() };
    let (chosen, filters) = filters::groups(corpus, path, asked, &answer.counts);
    let save = form_urlencoded::Serializer::new(String::new()).append_pair("of", &address(&asked.turned(1))).finish();
    Results {
        hits: answer
            .hits
            .iter()
            .map(|(hit, unit)| Shown::new(corpus, (hit, unit), &marker, reader, asked.as_of))
            .collect(),
        told,
        filters,
        chosen,
        before: (page > 1).then(|| address(&asked.turned(page - 1))),
        after: (page < pages).then(|| address(&asked.turned(page + 1))),
        csv: address(&asked.as_file("csv")),
        xlsx: address(&asked.as_file("xlsx")),
        save: format!("/research/searches?{save}"),
        without_filters: if asked.is_narrowed() { address(&unfiltered) } else { String::new() },
        welcome: None,
    }
}

/// All hits as a file.
fn file(asked: &Asked, corpus: Corpus, path: &str, answer: Answer) -> Result<Response, PageError> {
    let columns =
        ["題名", "番号", "見出し", "位置", "日付", "発言者", "役職", "会派", "本文", "番号（識別子）", "公式の所在"]
            .map(Column::plain);
    let asked = list::Asked { q: asked.q.clone(), format: asked.format.clone(), ..list::Asked::default() };
    let total = answer.hits.len();
    let slice = Slice { rows: answer.hits, total, page: 1, pages: 1 };
    let table = Table::new(path, ("検索の結果", ""), &columns, &asked, slice, |(_, unit)| {
        let facet = |facet: Facet| unit.facet(facet).unwrap_or_default().to_owned();
        [
            unit.title.clone(),
            unit.number.clone(),
            unit.caption.clone(),
            unit.path.join(" › "),
            unit.date.map(words::day).unwrap_or_default(),
            facet(Facet::Speaker),
            facet(Facet::Post),
            facet(Facet::Party),
            unit.text.clone(),
            unit.id.clone(),
            hit::official(&unit),
        ]
        .into_iter()
        .map(Cell::text)
        .collect()
    });
    table.file(&format!("research-{}", corpus.name()))?.ok_or(PageError::Missing)
}
