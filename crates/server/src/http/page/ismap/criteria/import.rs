//! `/ismap/criteria/import`: a file is looked at first, with the mapping of its columns and the difference it makes, and
//! imported in a second step exactly as it was shown.

use super::{TRAIL, mapping, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::ismap::{frame, step};
use crate::http::page::upload::Parcel;
use crate::ismap::adoption::{self, Difference, Facts, MAPPING};
use crate::ismap::criteria_import::{self, Looked, Reading, Remark};
use crate::ismap::documents::{self, DocumentError};
use crate::ismap::working::{self, Draft};
use crate::sheet::Columns;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::{CatalogueCounts, may_keep};
use sekisho_domain::register::Register;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// Uploaded files that are remembered of a person.
const REMEMBERED: usize = 8;
/// Rejects, and lines of a difference, that are shown.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "ismap/criteria/import.html")]
struct ImportPage {
    frame: Frame,
    /// Name of the file that was uploaded.
    file: Option<String>,
    kept: String,
    upload_problem: Option<String>,
    facts: Vec<Field>,
    looked: Option<Shown>,
}

/// What was read of the file.
struct Shown {
    mapping: Vec<Field>,
    rejects: Vec<Remark>,
    more_rejects: usize,
    read: Option<Read>,
}

/// A catalogue that can be imported.
struct Read {
    counts: CatalogueCounts,
    notices: Vec<String>,
    /// SHA-256 of what would be imported.
    seen: String,
    against: Option<String>,
    difference: Difference,
}

impl Read {
    fn first<T>(all: &[T]) -> std::iter::Take<std::slice::Iter<'_, T>> {
        all.iter().take(SHOWN)
    }
}

/// A file that somebody uploaded: of all documents, only these are read as tables for them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Upload {
    sha256: String,
    name: String,
}

async fn remember(app: &App, signed: &SignedIn, upload: &Upload) -> Result<(), PageError> {
    let add = |all: &mut Vec<Upload>| -> Result<(), Infallible> {
        all.retain(|known| known.sha256 != upload.sha256);
        all.insert(0, upload.clone());
        all.truncate(REMEMBERED);
        Ok(())
    };
    let person = signed.person();
    let kept = working::change(app, person, Draft::Uploads, person.as_str(), Vec::new, add).await?;
    match kept {
        Ok(_) => Ok(()),
    }
}

async fn remembered(app: &App, signed: &SignedIn, sha256: &str) -> Result<Option<Upload>, PageError> {
    let all: Option<Vec<Upload>> = working::load(app, Draft::Uploads, signed.person().as_str()).await?;
    Ok(all.unwrap_or_default().into_iter().find(|known| known.sha256 == sha256))
}

/// The form as it was sent, and what became of it.
struct View {
    fields: Fields,
    upload: Option<Upload>,
    looked: Option<Shown>,
    problems: Vec<Problem>,
}

/// For who keeps no criteria the page is not there: nothing leads to it.
fn allowed(register: &Register, signed: &SignedIn) -> Result<(), PageError> {
    if may_keep(register, signed.person()) { Ok(()) } else { Err(PageError::Missing) }
}

pub(super) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let view = View { fields: Fields::default(), upload: None, looked: None, problems: Vec::new() };
    form(&app, &signed, view).await
}

async fn form(app: &App, signed: &SignedIn, view: View) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    allowed(&register, signed)?;
    let View { fields, upload, looked, problems } = view;
    let rejected = looked.as_ref().is_some_and(|l| l.read.is_none());
    let status = if problems.is_empty() && !rejected { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = ImportPage {
        upload_problem: problems.iter().find(|p| p.field == "upload").map(|p| p.text.clone()),
        facts: facts(&register, in_japan(app.world.now()), &fields, &problems),
        kept: upload.as_ref().map(|u| u.sha256.clone()).unwrap_or_default(),
        file: upload.map(|u| u.name),
        looked,
        frame: frame(app, signed, "/ismap/criteria/import", "管理基準を取り込む", &[TRAIL]).await?.wrong(problems),
    };
    Ok(page(status, &shown))
}

fn facts(register: &Register, today: jiff::civil::Date, given: &Fields, problems: &[Problem]) -> Vec<Field> {
    let scheme = register.scheme();
    let mut versions = vec![Choice::new("", "施行日の直前の版")];
    versions.extend(scheme.catalogues.all().map(|(id, row)| Choice::new(id.as_str(), wording::name(row))));
    let mut rules = vec![Choice::new("", "（示さない）")];
    let in_force = scheme.rule_documents.all().filter(|(_, d)| d.is_in_force(today));
    rules.extend(in_force.map(|(id, d)| Choice::new(id.as_str(), format!("{} {}", d.title, d.version))));
    let text = |id: &'static str, label: &'static str, help: &'static str| {
        Field::text(id, label, "off").help(help).value(given.get(id)).told(problems)
    };
    vec![
        text("title", "名称", "文書の名称です。架空の基準には「架空」と入れてください。"),
        text("edition", "版", "文書に書かれたとおり。例: 令和8年4月1日改定"),
        text("id", "識別子", "版ごとに一つ。半角の英小文字・数字・`-`・`_`・`.`。例: kijun-2026"),
        Field::input("date", "effective_from", "施行日").value(given.get("effective_from")).told(problems),
        Field::select("against", "違いを比べる版", versions).value(given.get("against")).told(problems),
        Field::checks("fictional", "種類", vec![Choice::new("yes", "実演・試験用の架空の基準である")])
            .ticked(&given.chosen("fictional"))
            .optional(),
        Field::select(step::RULE, "根拠となる規程類", rules).optional().value(given.get(step::RULE)).told(problems),
        text(step::ARTICLE, "条項", "規程類を選んだときに書きます。例: 3.1").optional(),
        Field::area(step::REASON, "理由", 2).optional().value(given.get(step::REASON)).told(problems),
    ]
}

/// What was looked at: the page's part of it, and the reading itself where there is one.
struct Outcome {
    shown: Shown,
    columns: Columns,
    ready: Option<(Reading, Vec<u8>)>,
}

async fn look(
    app: &App,
    register: &Register,
    bytes: Vec<u8>,
    (columns, chosen): (Columns, bool),
    fields: &Fields,
) -> Result<Outcome, PageError> {
    let work = move || criteria_import::look(&bytes, columns, chosen);
    let looked: Looked = app.tasks.spawn_blocking(work).await.map_err(|_| PageError::Inside)?;
    let mapping = mapping::fields(&looked);
    let columns = looked.columns;
    match looked.outcome {
        Err(mut rejects) => {
            let more_rejects = rejects.len().saturating_sub(SHOWN);
            rejects.truncate(SHOWN);
            Ok(Outcome { shown: Shown { mapping, rejects, more_rejects, read: None }, columns, ready: None })
        }
        Ok(reading) => {
            let content = serde_json::to_vec(&reading.catalogue).map_err(|_| PageError::Inside)?;
            let id = CatalogueId::new(fields.line("id")).ok();
            let from = fields.line("effective_from").parse().ok();
            let chosen = CatalogueId::new(fields.line("against")).ok();
            let with = chosen.or_else(|| adoption::earlier(register, from, id.as_ref()));
            let difference = adoption::compared(app, register, with.as_ref(), &reading.catalogue).await?;
            let against = with.and_then(|id| register.scheme().catalogues.now(&id)).map(wording::name);
            let read = Read {
                counts: reading.catalogue.counts(),
                notices: reading.notices.iter().map(Remark::told).collect(),
                seen: documents::sha256(&content),
                against: against.filter(|_| difference.is_some()),
                difference: difference.unwrap_or_default(),
            };
            let shown = Shown { mapping, rejects: Vec::new(), more_rejects: 0, read: Some(read) };
            Ok(Outcome { shown, columns, ready: Some((reading, content)) })
        }
    }
}

pub(super) async fn submit(State(app): State<App>, parcel: Parcel) -> Result<Response, PageError> {
    let Parcel { signed, fields, file } = parcel;
    let register = app.journal.register()?;
    allowed(&register, &signed)?;
    let mut problems = Vec::new();
    let facts = Facts::read(|name| match name {
        "fictional" if !fields.chosen("fictional").is_empty() => "true",
        "fictional" => "",
        name => fields.get(name),
    });
    if let Err(wrong) = &facts {
        problems.extend(wrong.iter().map(|(field, ja, _)| Problem::at(*field, ja.clone())));
    }
    let new = matches!(&file, Some(Ok(_)));
    let upload = match file {
        Some(Ok(chosen)) => {
            let sha256 = documents::keep(&app, signed.person(), &chosen.bytes).await?;
            let upload = Upload { sha256, name: chosen.name.chars().take(200).collect() };
            remember(&app, &signed, &upload).await?;
            Some(upload)
        }
        Some(Err(text)) => {
            problems.push(Problem::at("upload", text));
            None
        }
        None => remembered(&app, &signed, fields.line("kept")).await?,
    };
    let Some(upload) = upload else {
        if problems.iter().all(|p| p.field != "upload") {
            problems.push(Problem::at("upload", "XLSX、CSV または OSCAL（JSON）のファイルを選んでください。"));
        }
        return form(&app, &signed, View { fields, upload: None, looked: None, problems }).await;
    };
    let bytes = documents::open(&app, &upload.sha256).await?;
    let columns = match mapping::read(&fields) {
        Some(columns) => (columns, !new),
        None => (working::load(&app, Draft::Columns, MAPPING).await?.unwrap_or_default(), false),
    };
    let Outcome { shown, columns, ready } = look(&app, &register, bytes, columns, &fields).await?;
    let wants = fields.get("act") == "import";
    let changed = shown.read.as_ref().is_some_and(|read| read.seen != fields.line("seen"));
    if wants && changed && problems.is_empty() {
        let text = "読み取った内容が、前に示したものから変わりました。下の違いを確かめて、もう一度「取り込む」を押してください。";
        problems.push(Problem::at("", text));
    }
    if let (true, true, Ok(facts), Some((reading, content))) = (wants, problems.is_empty(), facts, ready) {
        match adopt(&app, &signed, &facts, &reading, &content, (&upload, &fields)).await? {
            Ok(()) => {
                keep_mapping(&app, &signed, &columns).await?;
                return Ok(go(&format!("/ismap/criteria/{}?done=imported", facts.id)));
            }
            Err(problem) => problems.push(problem),
        }
    }
    form(&app, &signed, View { fields, upload: Some(upload), looked: Some(shown), problems }).await
}

async fn adopt(
    app: &App,
    signed: &SignedIn,
    facts: &Facts,
    reading: &Reading,
    content: &[u8],
    (upload, fields): (&Upload, &Fields),
) -> Result<Result<(), Problem>, PageError> {
    let sha256 = documents::keep(app, signed.person(), content).await?;
    let command = facts.adopt(sha256.clone(), reading.catalogue.counts());
    let reason = fields.text(step::REASON);
    match give_with(app, signed, command, &reason, vec![upload.sha256.clone()]).await? {
        Ok(_) => Ok(Ok(())),
        Err(refusal) => {
            let register = app.journal.register()?;
            let known = register.scheme().catalogues.now(&facts.id);
            // The same form sent twice: the first time it was done.
            if known.is_some_and(|row| row.sha256 == sha256 && row.title == facts.title) {
                return Ok(Ok(()));
            }
            let field = match refusal.code {
                "EXISTS" if known.is_none() => "edition",
                "EXISTS" => "id",
                "UNKNOWN" => step::RULE,
                "MUST_NOT_BE_KEPT" => step::REASON,
                _ => "",
            };
            Ok(Err(Problem::refused(field, &refusal)))
        }
    }
}

async fn keep_mapping(app: &App, signed: &SignedIn, columns: &Columns) -> Result<(), DocumentError> {
    let keep = |kept: &mut Columns| -> Result<(), Infallible> {
        kept.clone_from(columns);
        Ok(())
    };
    let kept = working::change(app, signed.person(), Draft::Columns, MAPPING, Columns::default, keep).await?;
    match kept {
        Ok(_) => Ok(()),
    }
}
