//! An app in the making: name, overview, usage, form and instruction, kept as its author's paper.

use super::list::REGISTRARS;
use super::rows::{self, Row};
use crate::account::SignedIn;
use crate::app::catalog::{self, Kept, OUTSIDE, PAPER, paper_content};
use crate::app::definition::{BadPart, Definition, Typed, written};
use crate::app::form::Form;
use crate::http::App;
use crate::http::page::act::{self, keep, named_once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::AppId;
use sekisho_domain::register::Register;
use sekisho_store::{Paper, PaperRow};
use serde::Deserialize;

/// Most apps of one person.
const MOST_OWN: u64 = 200;

#[derive(Template)]
#[template(path = "apps/edit.html")]
struct EditPage {
    frame: Frame,
    action: String,
    parts: Vec<Field>,
    /// The form's rows; `None` when it is edited as JSON.
    rows: Option<Vec<rows::Shown>>,
    form: Field,
    prompt: Option<Field>,
    version: u64,
    once: String,
    destroys: Option<Field>,
    shared: bool,
}

#[derive(Deserialize)]
pub(in crate::http::page) struct From {
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
pub(in crate::http::page) struct Done {
    #[serde(default)]
    done: Option<String>,
}

/// What stands on the page.
struct Typing {
    typed: Typed,
    rows: Vec<Row>,
    as_json: bool,
    version: u64,
    once: String,
    problems: Vec<Problem>,
    /// The paper that is edited.
    id: Option<String>,
}

impl Typing {
    fn of(app: &App, definition: &Definition, version: u64, id: Option<String>) -> Self {
        Self {
            typed: definition.parts(),
            rows: rows::of(&definition.form),
            as_json: false,
            version,
            once: act::once(app),
            problems: Vec::new(),
            id,
        }
    }

    fn sent(fields: &Fields, id: Option<String>, elsewhere: bool) -> Self {
        let as_json = fields.get("mode") == "json";
        let rows = rows::sent(fields);
        let form = if as_json { fields.text("form") } else { written(&rows::json(&rows)) };
        let typed = Typed {
            name: fields.line("name").to_owned(),
            overview: fields.text("overview"),
            usage: fields.text("usage"),
            form,
            prompt: (!elsewhere).then(|| fields.text("prompt")),
        };
        let version = fields.get("version").parse().unwrap_or(0);
        let once = fields.get(act::ONCE).to_owned();
        Self { typed, rows, as_json, version, once, problems: Vec::new(), id }
    }

    /// The app that was typed, or every fault at its control.
    fn make(&mut self) -> Option<Definition> {
        if !self.as_json {
            self.problems.extend(rows::check(&self.rows));
        }
        let told = !self.problems.is_empty();
        match Definition::make(&self.typed) {
            Ok(definition) if !told => Some(definition),
            Ok(_) => None,
            Err(wrong) => {
                // In rows, what is wrong with the form has been told at its row.
                let wrong = wrong.into_iter().filter(|bad| self.as_json || !told || bad.part != "form");
                self.problems.extend(wrong.map(|BadPart { part, ja }| Problem::at(part, ja)));
                None
            }
        }
    }

    async fn page(
        self,
        app: &App,
        signed: &SignedIn,
        status: StatusCode,
        notice: Option<&'static str>,
    ) -> Result<Response, PageError> {
        let register = app.journal.register()?;
        let shared =
            self.id.as_deref().and_then(|id| AppId::new(id).ok()).is_some_and(|id| register.shared_app(&id).is_some());
        let told = |field: Field| field.told(&self.problems);
        let parts = vec![
            told(Field::text("name", "アプリの名前", "off").value(&self.typed.name)),
            told(Field::area("overview", "概要", 3).help("何をするアプリかを 1、2 文で。").value(&self.typed.overview)),
            told(
                Field::area("usage", "使い方", 6)
                    .help(":::disclosure{title=見出し} から ::: までの行は、折りたたんで表示します。")
                    .optional()
                    .value(&self.typed.usage),
            ),
        ];
        let prompt = self.typed.prompt.as_ref().map(|prompt| {
            let help = "AIに渡す指示です。{{名前}} と書いた所に、選んだ値や数が入ります。自由に入力する文章は指示とは別のデータとして渡り、{{名前}} はその見出しになります。";
            told(Field::area("prompt", "指示文", 12).help(help).value(prompt))
        });
        let form = told(
            Field::area("form", "フォーム（JSON）", 18)
                .help("源内のフォーム定義と同じ形です。種類は text, textarea, number, select, radio, checkbox, file。")
                .value(&self.typed.form),
        );
        let (action, title, path) = match &self.id {
            Some(id) => {
                (format!("/apps/{id}/edit"), format!("アプリを編集する: {}", self.typed.name), format!("/apps/{id}"))
            }
            None => ("/apps/new".to_owned(), "アプリを作る".to_owned(), "/apps".to_owned()),
        };
        let mut trail = vec![("/", "ホーム"), ("/apps", "アプリ")];
        if self.id.is_some() {
            trail.push((path.as_str(), "アプリを使う"));
        }
        let frame = Frame::new(app, Some(signed), &action, title).await?.below(&trail).notice(notice);
        let destroys = self
            .id
            .as_ref()
            .map(|_| told(Field::checks("sure", "削除の確認", vec![Choice::new("yes", "このアプリを削除する")])));
        let edit = EditPage {
            parts,
            rows: (!self.as_json).then(|| rows::shown(&self.rows, &self.problems)),
            form,
            prompt,
            version: self.version,
            once: self.once.clone(),
            destroys,
            shared,
            action,
            frame: frame.wrong(self.problems),
        };
        Ok(page(status, &edit))
    }
}

pub(in crate::http::page) async fn begin(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<From>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let model = if asked.from.is_empty() {
        None
    } else {
        catalog::find(&app, &register, signed.person(), today, &asked.from).await?
    };
    let typing = match model {
        // One that runs elsewhere has no instruction to begin from.
        Some(listed) if listed.app.prompt.is_some() => {
            let mut typing = Typing::of(&app, &listed.app, 0, None);
            typing.typed.name = format!("{}（改）", typing.typed.name);
            typing
        }
        _ => Typing {
            typed: Typed { prompt: Some("{{input_text}}を材料に、".to_owned()), ..Typed::default() },
            rows: rows::first(),
            as_json: false,
            version: 0,
            once: act::once(&app),
            problems: Vec::new(),
            id: None,
        },
    };
    typing.page(&app, &signed, StatusCode::OK, None).await
}

pub(in crate::http::page) async fn make(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut typing = Typing::sent(&fields, None, false);
    if let Some(shown) = turned(&mut typing, fields.get("act")) {
        return typing.page(&app, &signed, StatusCode::OK, shown).await;
    }
    let Some(definition) = typing.make() else {
        return typing.page(&app, &signed, StatusCode::UNPROCESSABLE_ENTITY, None).await;
    };
    let id = format!("a-{}", named_once(&app, &signed, &fields));
    match keep_new(&app, &signed, &id, &definition).await? {
        Ok(()) => Ok(go(&format!("/apps/{id}?done=kept"))),
        Err(problem) => {
            typing.problems.push(problem);
            typing.page(&app, &signed, StatusCode::UNPROCESSABLE_ENTITY, None).await
        }
    }
}

/// Keeps a new app; one that was kept by the same form already stays as it is.
pub(super) async fn keep_new(
    app: &App,
    signed: &SignedIn,
    id: &str,
    definition: &Definition,
) -> Result<Result<(), Problem>, PageError> {
    let own = app.store.papers_of(PAPER, signed.person(), MOST_OWN).await?;
    if own.len() as u64 >= MOST_OWN {
        let text = format!("自分のアプリは {MOST_OWN} 個までです。使わないアプリを削除してください。");
        return Ok(Err(Problem::at("", text)));
    }
    let now = app.world.now();
    let row = PaperRow {
        kind: PAPER.to_owned(),
        id: id.to_owned(),
        owner: signed.person().clone(),
        personal: false,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    keep(app, row, &Kept { file: definition.file(), outside: None }).await?;
    Ok(Ok(()))
}

/// Changes of the page alone: rows, and the way the form is edited.
fn turned(typing: &mut Typing, act: &str) -> Option<Option<&'static str>> {
    match act {
        "json" => {
            typing.as_json = true;
            Some(None)
        }
        "rows" => {
            match Form::parse(&typing.typed.form) {
                Ok(form) => {
                    typing.rows = rows::of(&form);
                    typing.as_json = false;
                }
                Err(error) => typing.problems.push(Problem::at("form", format!("フォーム: {error}"))),
            }
            Some(None)
        }
        "keep" | "" | "destroy" => None,
        other => {
            rows::act(&mut typing.rows, other);
            Some(None)
        }
    }
}

/// The paper of an app that this person may edit.
pub(super) async fn editable(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    id: &str,
) -> Result<(Paper, Kept), PageError> {
    for kind in [PAPER, OUTSIDE] {
        let Some(paper) = app.store.paper(kind, id).await? else { continue };
        let registrar = register.holds_any(signed.person(), REGISTRARS);
        let may = if kind == OUTSIDE { registrar } else { paper.row.owner == *signed.person() };
        if may {
            let kept = paper_content(&paper)?;
            return Ok((paper, kept));
        }
    }
    Err(PageError::Missing)
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (paper, kept) = editable(&app, &register, &signed, &id).await?;
    let definition = read(&paper, &kept)?;
    let notice = match asked.done.as_deref() {
        Some("imported") => Some("取り込みました。内容を確かめて、必要なら直してください。"),
        _ => None,
    };
    let typing = Typing::of(&app, &definition, paper.row.version, Some(id));
    typing.page(&app, &signed, StatusCode::OK, notice).await
}

pub(super) fn read(paper: &Paper, kept: &Kept) -> Result<Definition, PageError> {
    Definition::read(&kept.file).map_err(|wrong| {
        tracing::error!(id = paper.row.id, ?wrong, "an app's paper cannot be read");
        PageError::Inside
    })
}

pub(in crate::http::page) async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (paper, kept) = editable(&app, &register, &signed, &id).await?;
    let mut typing = Typing::sent(&fields, Some(id.clone()), kept.outside.is_some());
    if fields.get("act") == "destroy" {
        return destroy(&app, &signed, &register, &paper, &kept, fields.chosen("sure").is_empty()).await;
    }
    if let Some(shown) = turned(&mut typing, fields.get("act")) {
        return typing.page(&app, &signed, StatusCode::OK, shown).await;
    }
    let Some(definition) = typing.make() else {
        return typing.page(&app, &signed, StatusCode::UNPROCESSABLE_ENTITY, None).await;
    };
    let row = PaperRow { version: typing.version + 1, changed_at: app.world.now(), ..paper.row.clone() };
    if typing.version == paper.row.version
        && keep(&app, row, &Kept { file: definition.file(), outside: kept.outside.clone() }).await?
    {
        return Ok(go(&format!("/apps/{id}?done=kept")));
    }
    if kept.file == definition.file() {
        // The same form sent twice.
        return Ok(go(&format!("/apps/{id}?done=kept")));
    }
    let text = "この画面を開いた後に、別の画面でアプリが保存されました。下には、いま入力した内容が残っています。そのまま保存すると、先に保存された内容を置き換えます。";
    typing.problems.push(Problem::at("", text));
    typing.version = app.store.paper(&paper.row.kind, &id).await?.map_or(paper.row.version, |paper| paper.row.version);
    typing.page(&app, &signed, StatusCode::CONFLICT, None).await
}

async fn destroy(
    app: &App,
    signed: &SignedIn,
    register: &Register,
    paper: &Paper,
    kept: &Kept,
    unsure: bool,
) -> Result<Response, PageError> {
    let mut typing = Typing::of(app, &read(paper, kept)?, paper.row.version, Some(paper.row.id.clone()));
    if unsure {
        typing.problems.push(Problem::at("sure", "削除するときは「このアプリを削除する」にチェックを入れてください。"));
    }
    if AppId::new(&paper.row.id).is_ok_and(|id| register.shared_app(&id).is_some()) {
        typing
            .problems
            .push(Problem::at("", "共有中のアプリは削除できません。先に「共有する」の画面で共有をやめてください。"));
    }
    if !typing.problems.is_empty() {
        return typing.page(app, signed, StatusCode::UNPROCESSABLE_ENTITY, None).await;
    }
    app.journal.destroy_paper(catalog::REQUEST, &paper.row.id, &paper.row.owner).await?;
    app.journal.destroy_paper(&paper.row.kind, &paper.row.id, &paper.row.owner).await?;
    Ok(go("/apps?done=destroyed"))
}
