//! An app as a file: out of here and into here, in the same shape as the built-in ones.

use super::edit::keep_new;
use super::received::Received;
use crate::account::SignedIn;
use crate::app::catalog;
use crate::app::definition::Definition;
use crate::http::App;
use crate::http::page::act::{self, named_once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, Problem, download, go, page};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sekisho_domain::day::in_japan;

#[derive(Template)]
#[template(path = "apps/import.html")]
struct ImportPage {
    frame: Frame,
    text: Field,
    once: String,
}

pub(in crate::http::page) async fn export(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let listed = catalog::find(&app, &register, signed.person(), today, &id).await?.ok_or(PageError::Missing)?;
    Ok(download("application/json", &format!("{id}.json"), listed.app.file().into_bytes()))
}

pub(in crate::http::page) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    render(&app, &signed, "", act::once(&app), Vec::new()).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Received { signed, fields, files }: Received,
) -> Result<Response, PageError> {
    let mut text = fields.text("definition");
    let mut problems = Vec::new();
    if let Some((_, file)) = files.into_iter().find(|(name, _)| name == "file") {
        let bytes = STANDARD.decode(&file.content).unwrap_or_default();
        match String::from_utf8(bytes) {
            Ok(content) => text = content,
            Err(_) => problems.push(Problem::at("file", "ファイルを UTF-8 の文字として読めません。")),
        }
    }
    if problems.is_empty() && text.trim().is_empty() {
        problems.push(Problem::at("definition", "定義ファイルを選ぶか、その内容を貼り付けてください。"));
    }
    if problems.is_empty() {
        match Definition::read(&text) {
            Ok(definition) if definition.prompt.is_some() => {
                let id = format!("a-{}", named_once(&app, &signed, &fields));
                match keep_new(&app, &signed, &id, &definition).await? {
                    Ok(()) => return Ok(go(&format!("/apps/{id}/edit?done=imported"))),
                    Err(problem) => problems.push(problem),
                }
            }
            Ok(_) => problems.push(Problem::at(
                "definition",
                "指示文（prompt）がありません。外部で動くアプリは「外部アプリを登録する」で登録します。",
            )),
            Err(wrong) => problems.extend(wrong.into_iter().map(|bad| Problem::at("definition", bad.ja))),
        }
    }
    render(&app, &signed, &text, fields.get(act::ONCE).to_owned(), problems).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    text: &str,
    once: String,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let status = Problem::status(&problems);
    let field = Field::area("definition", "定義ファイルの内容", 14)
        .help("ファイルを選んだときは空欄で構いません。")
        .optional()
        .value(text)
        .told(&problems);
    let frame = Frame::new(app, Some(signed), "/apps/import", "アプリを取り込む").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/apps", "アプリ")]).wrong(problems);
    Ok(page(status, &ImportPage { frame, text: field, once }))
}
