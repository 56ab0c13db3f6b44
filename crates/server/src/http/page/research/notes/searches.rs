//! Saved searches: an address of a search under a name.

use super::{TITLE, new_row, within};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{self, keep, named_once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::research::asked;
use crate::http::page::research::labels;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_search::unit::Corpus;
use serde::{Deserialize, Serialize};

/// Papers that hold saved searches.
const PAPER: &str = "saved-search";
/// Most of one person.
const MOST: u64 = 200;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    /// The search to save.
    #[serde(default)]
    of: String,
    #[serde(default)]
    done: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    title: String,
    href: String,
}

struct Shown {
    id: String,
    saved: Saved,
}

#[derive(Template)]
#[template(path = "research/searches.html")]
struct SearchesPage {
    frame: Frame,
    saved: Vec<Shown>,
    /// The search to save, with its name's field.
    of: Option<(String, Field)>,
    once: String,
}

/// A search of ours as an address, and what to call it; `None` for any other address.
fn search(of: &str) -> Option<(String, String)> {
    let (path, query) = of.split_once('?')?;
    let corpus = Corpus::ALL.into_iter().find(|corpus| path == format!("/research/{}", corpus.name()))?;
    let asked = asked::Asked::read(Some(query));
    let href = asked.turned(1).address(path);
    (!asked.q.is_empty()).then(|| (href, format!("{}: {}", labels::corpus(corpus), asked.q)))
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let notice = match asked.done.as_str() {
        "kept" => Some("検索を保存しました。"),
        "removed" => Some("保存した検索を削除しました。"),
        _ => None,
    };
    render(&app, &signed, search(&asked.of), notice, Vec::new()).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    if fields.get("act") == "remove" {
        app.journal.destroy_paper(PAPER, fields.get("search"), signed.person()).await?;
        return Ok(go("/research/searches?done=removed"));
    }
    let Some((href, name)) = search(fields.get("of")) else {
        let problem =
            Problem::at("", "保存する検索がありません。検索の結果にある「この検索を保存する」から始めてください。");
        return render(&app, &signed, None, None, vec![problem]).await;
    };
    if app.store.papers_of(PAPER, signed.person(), MOST).await?.len() as u64 >= MOST {
        let problem = Problem::at("", format!("保存できる検索は {MOST} 件までです。使わないものを削除してください。"));
        return render(&app, &signed, Some((href, name)), None, vec![problem]).await;
    }
    let typed = within(fields.line("title"), TITLE);
    let title = if typed.is_empty() { name } else { typed };
    let row = new_row(&app, &signed, PAPER, format!("s-{}", named_once(&app, &signed, &fields)));
    keep(&app, row, &Saved { title, href }).await?;
    Ok(go("/research/searches?done=kept"))
}

async fn render(
    app: &App,
    signed: &SignedIn,
    of: Option<(String, String)>,
    notice: Option<&'static str>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let papers = app.store.papers_of(PAPER, signed.person(), MOST).await?;
    let read = |paper: sekisho_store::Paper| {
        serde_json::from_slice(&paper.content).ok().map(|saved| Shown { id: paper.row.id, saved })
    };
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/research/searches", "保存した検索").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/research/law", "法令・国会")]).notice(notice).wrong(problems);
    let of = of.map(|(href, name)| (href, Field::text("title", "検索の名前", "off").value(&name)));
    let saved = papers.into_iter().filter_map(read).collect();
    Ok(page(status, &SearchesPage { frame, saved, of, once: act::once(app) }))
}
