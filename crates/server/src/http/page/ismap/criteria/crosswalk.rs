//! `/ismap/criteria/{id}/crosswalk/{to}`: which item of a later version carries on which of an earlier one. It begins as
//! the numbers say, is corrected line by line or by a CSV, and is recorded once it is whole.

mod table;

use super::{TRAIL, version_of, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::ismap::{frame, step};
use crate::http::page::list::{Asked, Table};
use crate::http::page::upload::Parcel;
use crate::ismap::documents;
use crate::ismap::working::{self, Draft};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepCriteria};
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::{
    Catalogue, CatalogueRow, CriteriaStep, Crosswalk, CrosswalkLine, Relation, may_keep,
};
use sekisho_domain::ismap::crosswalk::CrosswalkFault;
use sekisho_domain::register::Register;
use std::convert::Infallible;
use std::sync::Arc;

/// Lines of a page.
const LINES: usize = 50;
/// Faults that are told.
const TOLD: usize = 50;

#[derive(Template)]
#[template(path = "ismap/criteria/crosswalk.html")]
struct CrosswalkPage {
    frame: Frame,
    path: String,
    from: (String, String),
    to: (String, String),
    /// The draft differs from what is recorded, or nothing is.
    open: bool,
    recorded: bool,
    keeps: bool,
    lines: Vec<Shown>,
    total: usize,
    at: usize,
    pages: usize,
    reason: Field,
    upload_problem: Option<String>,
    table: Table,
}

/// A line with what both items say.
struct Shown {
    from: String,
    before: String,
    after: String,
    to: Field,
    relation: Field,
}

/// Both versions, and the crosswalk as it stands.
struct Pair {
    from: CatalogueId,
    to: CatalogueId,
    rows: (CatalogueRow, CatalogueRow),
    one: Arc<Catalogue>,
    two: Arc<Catalogue>,
    recorded: Option<Crosswalk>,
    draft: Option<Crosswalk>,
}

impl Pair {
    async fn of(app: &App, register: &Register, id: &str, to: &str) -> Result<Self, PageError> {
        let (from, earlier) = version_of(register, id)?;
        let (to, later) = version_of(register, to)?;
        if from == to {
            return Err(PageError::Missing);
        }
        let rows = (earlier.now().clone(), later.now().clone());
        let recorded = match rows.0.crosswalks.get(&to) {
            Some(hash) => Some(documents::read(app, hash).await?),
            None => None,
        };
        let draft = working::load(app, Draft::Crosswalk, &name(&from, &to)).await?;
        let one = documents::catalogue(app, register, &from).await?;
        let two = documents::catalogue(app, register, &to).await?;
        Ok(Self { from, to, rows, one, two, recorded, draft })
    }

    fn path(&self) -> String {
        format!("/ismap/criteria/{}/crosswalk/{}", self.from, self.to)
    }

    /// The draft; what is recorded where nobody has begun one; else what the numbers say.
    fn current(&self) -> Crosswalk {
        let known = self.draft.clone().or_else(|| self.recorded.clone());
        known.unwrap_or_else(|| Crosswalk::by_number(&self.one, &self.two))
    }
}

fn name(from: &CatalogueId, to: &CatalogueId) -> String {
    format!("{from} {to}")
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, to)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let pair = Pair::of(&app, &register, &id, &to).await?;
    let now = pair.current();
    render(&app, &signed, &register, &pair, &now, &asked, (&Fields::default(), Vec::new())).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    register: &Register,
    pair: &Pair,
    now: &Crosswalk,
    asked: &Asked,
    (given, problems): (&Fields, Vec<Problem>),
) -> Result<Response, PageError> {
    let path = pair.path();
    let about = ("対応表", "対応表に行がありません。");
    let slice = asked.slice(now.lines.iter().enumerate().collect(), &[]);
    let table = Table::new(&*path, about, &table::COLUMNS, asked, slice, |(_, line)| table::cells(pair, line));
    if let Some(file) = table.file(&format!("crosswalk-{}-{}", pair.from, pair.to))? {
        return Ok(file);
    }
    let pages = now.lines.len().div_ceil(LINES).max(1);
    let at = asked.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let lines = now.lines.iter().enumerate().skip((at - 1) * LINES).take(LINES);
    let status = Problem::status(&problems);
    let notice = match asked.done.as_deref() {
        Some("kept") => Some("直したところを下書きに保存しました。まだ記録していません。"),
        Some("replaced") => Some("CSV の内容を下書きにしました。確かめてから記録してください。"),
        Some("reset") => Some("番号どおりの下書きに戻しました。"),
        _ => None,
    };
    let (earlier, version) = (wording::name(&pair.rows.0), format!("/ismap/criteria/{}", pair.from));
    let shown = CrosswalkPage {
        lines: lines.map(|(place, line)| shown(pair, place, line, given, &problems)).collect(),
        from: (pair.from.to_string(), earlier.clone()),
        to: (pair.to.to_string(), wording::name(&pair.rows.1)),
        open: pair.recorded.as_ref() != Some(now),
        recorded: pair.recorded.is_some(),
        keeps: may_keep(register, signed.person()),
        total: now.lines.len(),
        at,
        pages,
        reason: Field::area(step::REASON, "理由", 2).optional().value(given.get(step::REASON)).told(&problems),
        upload_problem: problems.iter().find(|p| p.field == "upload").map(|p| p.text.clone()),
        table,
        frame: frame(app, signed, &path, "版の対応表", &[TRAIL, (&version, &earlier)])
            .await?
            .wide()
            .notice(notice)
            .wrong(problems),
        path,
    };
    Ok(page(status, &shown))
}

fn shown(pair: &Pair, place: usize, line: &CrosswalkLine, given: &Fields, problems: &[Problem]) -> Shown {
    let (to, relation) = (format!("to_{place}"), format!("relation_{place}"));
    let typed = |field: &str, known: String| {
        if given.iter().any(|(name, _)| name == field) { given.get(field).to_owned() } else { known }
    };
    let text = |catalogue: &Catalogue, id| catalogue.get(id).map(|c| c.text.clone()).unwrap_or_default();
    let known = line.to.map(|id| id.to_string()).unwrap_or_default();
    let from = line.from.map(|id| id.to_string()).unwrap_or_default();
    let about = if from.is_empty() { known.clone() } else { from.clone() };
    let chosen = typed(&relation, table::key(line.relation).to_owned());
    let choices = Relation::ALL.map(|relation| Choice::new(table::key(relation), relation.label())).to_vec();
    Shown {
        before: line.from.map(|id| text(&pair.one, id)).unwrap_or_default(),
        after: line.to.map(|id| text(&pair.two, id)).unwrap_or_default(),
        to: Field::text(to.clone(), format!("{about} の後の版の番号"), "off").value(&typed(&to, known)).told(problems),
        relation: Field::select(relation, format!("{about} の関係"), choices).value(&chosen).told(problems),
        from,
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Path((id, to)): Path<(String, String)>,
    parcel: Parcel,
) -> Result<Response, PageError> {
    let Parcel { signed, fields, file } = parcel;
    let register = app.journal.register()?;
    let pair = Pair::of(&app, &register, &id, &to).await?;
    if !may_keep(&register, signed.person()) {
        return Err(PageError::Missing);
    }
    let (path, now) = (pair.path(), pair.current());
    let asked = Asked { page: fields.line("page").to_owned(), ..Asked::default() };
    let again = async |problems| render(&app, &signed, &register, &pair, &now, &asked, (&fields, problems)).await;
    match fields.get("act") {
        "reset" => {
            keep(&app, &signed, &pair, &Crosswalk::by_number(&pair.one, &pair.two)).await?;
            Ok(go(&format!("{path}?done=reset")))
        }
        "replace" => {
            let bytes = match file {
                Some(Ok(chosen)) => chosen.bytes,
                Some(Err(text)) => return again(vec![Problem::at("upload", text)]).await,
                None => return again(vec![Problem::at("upload", "CSV か XLSX のファイルを選んでください。")]).await,
            };
            match table::read(&bytes, &pair.one, &pair.two) {
                Ok(crosswalk) => {
                    keep(&app, &signed, &pair, &crosswalk).await?;
                    Ok(go(&format!("{path}?done=replaced")))
                }
                Err(rejects) => {
                    let told = rejects.iter().take(TOLD).map(|text| Problem::at("upload", text.clone()));
                    again(told.collect()).await
                }
            }
        }
        act => {
            let (corrected, places) = match table::corrected(&now, &fields) {
                Ok(corrected) => corrected,
                Err(problems) => return again(problems).await,
            };
            let faults = corrected.check(&pair.one, &pair.two);
            let told = faults.iter().filter(|(at, _)| at.is_some() || act == "record").take(TOLD);
            let problem = |(at, fault): &(Option<usize>, CrosswalkFault)| {
                // The line as the form shows it.
                let shown = at.and_then(|at| places.get(at).copied().flatten());
                let here = shown.map(|place| format!("to_{place}"));
                let here = here.filter(|field| fields.iter().any(|(name, _)| name == field));
                let line = shown.map(|place| format!("{} 行目: ", place + 1)).unwrap_or_default();
                Problem::at(here.unwrap_or_default(), format!("{line}{}", fault.ja()))
            };
            let problems: Vec<Problem> = told.map(problem).collect();
            if !problems.is_empty() {
                return again(problems).await;
            }
            keep(&app, &signed, &pair, &corrected).await?;
            if act != "record" {
                return Ok(go(&format!("{path}?done=kept&page={}", asked.page.parse::<usize>().unwrap_or(1))));
            }
            match record(&app, &signed, &pair, &corrected, &fields.text(step::REASON)).await? {
                Ok(()) => Ok(go(&format!("/ismap/criteria/{}?done=crosswalk", pair.from))),
                Err(problem) => again(vec![problem]).await,
            }
        }
    }
}

async fn keep(app: &App, signed: &SignedIn, pair: &Pair, crosswalk: &Crosswalk) -> Result<(), PageError> {
    let replace = |kept: &mut Crosswalk| -> Result<(), Infallible> {
        kept.clone_from(crosswalk);
        Ok(())
    };
    let name = name(&pair.from, &pair.to);
    let kept = working::change(app, signed.person(), Draft::Crosswalk, &name, Crosswalk::default, replace).await?;
    match kept {
        Ok(_) => Ok(()),
    }
}

async fn record(
    app: &App,
    signed: &SignedIn,
    pair: &Pair,
    crosswalk: &Crosswalk,
    reason: &str,
) -> Result<Result<(), Problem>, PageError> {
    let bytes = serde_json::to_vec(crosswalk).map_err(|_| PageError::Inside)?;
    let sha256 = documents::keep(app, signed.person(), &bytes).await?;
    if pair.rows.0.crosswalks.get(&pair.to) == Some(&sha256) {
        return Ok(Ok(()));
    }
    let lines = u32::try_from(crosswalk.lines.len()).unwrap_or(u32::MAX);
    let step = CriteriaStep::Crosswalk { to: pair.to.clone(), sha256: sha256.clone(), lines };
    let command = Command::StepCriteria(StepCriteria { catalogue: pair.from.clone(), step });
    match give_with(app, signed, command, reason, vec![sha256]).await? {
        Ok(_) => Ok(Ok(())),
        Err(refusal) => {
            let field = if refusal.code == "MUST_NOT_BE_KEPT" { step::REASON } else { "" };
            Ok(Err(Problem::refused(field, &refusal)))
        }
    }
}
