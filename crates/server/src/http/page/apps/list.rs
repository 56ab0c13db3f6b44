//! The apps someone may use.

use crate::app::catalog::{self, Kind, Listed};
use crate::app::guide::{self, Block};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::person::Role;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "apps/list.html")]
struct ListPage {
    frame: Frame,
    words: Field,
    kinds: Field,
    table: Table,
    reviews: bool,
    registers: bool,
}

#[derive(Deserialize)]
pub(in crate::http::page) struct Filter {
    #[serde(default)]
    kind: String,
}

const KINDS: [(&str, Kind); 4] =
    [("built-in", Kind::BuiltIn), ("own", Kind::Own), ("shared", Kind::Shared), ("outside", Kind::Outside)];

/// Who may accept an app for others.
pub(super) const REVIEWERS: &[Role] = &[Role::ServiceManager, Role::Approver];
/// Who may register an app that runs elsewhere.
pub(super) const REGISTRARS: &[Role] = &[Role::ServiceManager, Role::Administrator];

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(filter): Query<Filter>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let mut all = catalog::all(&app, &register, signed.person(), today).await?;
    let kind = KINDS.iter().find(|(name, _)| *name == filter.kind);
    all.retain(|listed| {
        kind.is_none_or(|(_, kind)| listed.kind == *kind) && asked.finds(&[&listed.app.name, &listed.app.overview])
    });
    let authors: Vec<_> = all.iter().filter_map(|listed| listed.author.as_ref()).collect();
    let names = Names::of(&app, authors).await?;
    // The built-in ones stay in the order in which they were written.
    let by_kind = |one: &Listed, other: &Listed| one.kind.cmp(&other.kind);
    let by_name = |one: &Listed, other: &Listed| one.app.name.cmp(&other.app.name);
    let slice = asked.slice(all, &[("", &by_kind), ("kind", &by_kind), ("name", &by_name)]);
    let columns = [
        Column::sorted("name", "名前"),
        Column::sorted("kind", "種類"),
        Column::plain("概要"),
        Column::plain("作成者"),
    ];
    let caption = (
        "使えるアプリ",
        "ここには、文章生成や要約など、目的に合わせた入力欄のあるアプリが並びます。「アプリを作る」から自分のアプリを作れます。",
    );
    let table = Table::new("/apps", caption, &columns, &asked, slice, |listed| {
        vec![
            Cell::link(format!("/apps/{}", listed.id), listed.app.name.clone()),
            Cell::tag(Tone::Plain, listed.kind.label()),
            Cell::text(first_line(&listed.app.overview)),
            Cell::text(listed.author.as_ref().map(|author| names.get(author)).unwrap_or_default()),
        ]
    });
    let table = table.keeping("kind", kind.map_or("", |(name, _)| name));
    if let Some(file) = table.file("apps")? {
        return Ok(file);
    }
    let holds = |roles: &[Role]| register.holds_any(signed.person(), roles);
    let notice = match asked.done.as_deref() {
        Some("destroyed") => Some("アプリを削除しました。"),
        _ => None,
    };
    let mut kinds = vec![Choice::new("", "すべて")];
    kinds.extend(KINDS.iter().map(|(name, kind)| Choice::new(*name, kind.label())));
    let listed = ListPage {
        frame: Frame::new(&app, Some(&signed), "/apps", "アプリ").await?.below(&[("/", "ホーム")]).notice(notice),
        words: Field::input("search", "q", "名前・概要で探す").value(&asked.q),
        kinds: Field::select("kind", "種類", kinds).value(&filter.kind),
        table,
        reviews: holds(REVIEWERS),
        registers: holds(REGISTRARS),
    };
    Ok(page(StatusCode::OK, &listed))
}

/// The beginning of an overview as plain text.
fn first_line(overview: &str) -> String {
    let line = guide::read(overview).into_iter().find_map(|block| match block {
        Block::Heading(text) => Some(text),
        Block::Paragraph(lines) => lines.into_iter().next(),
        Block::List(items) => items.into_iter().next(),
        Block::Disclosure(title, _) => Some(title),
    });
    line.unwrap_or_default().chars().take(120).collect()
}
