//! A sheet to read, to print and to take along.

use super::sheets::{Working, level, subject, working};
use crate::account::in_words;
use crate::checklist::{Filled, in_force};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, download, page};
use crate::http::page::list::{Asked, Cell, Column, Slice, Table};
use crate::http::page::markdown::unmarked;
use crate::http::page::words::{self, Names};
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::ds920::checklist::{Answer, Lack, lacks};
use sekisho_domain::register::Register;
use std::fmt::Write as _;

#[derive(Template)]
#[template(path = "ds920/sheet.html")]
struct SheetPage {
    frame: Frame,
    id: String,
    subject: String,
    set: String,
    level: &'static str,
    state: &'static str,
    completed: Vec<Completed>,
    missing: Vec<(String, &'static str)>,
    edition_changed: bool,
    categories: Vec<(String, Vec<Line>)>,
    writes: bool,
}

struct Completed {
    when: String,
    who: String,
    note: String,
    sha256: String,
    tally: String,
}

/// One question with its answer.
struct Line {
    category: String,
    requirement: String,
    basis: String,
    evidence: &'static str,
    answer: &'static str,
    reason: String,
    seen_in: String,
    assessed: String,
}

/// What a reader sees: what was completed last, or the working copy while nothing was.
async fn content(app: &App, register: &Register, working: &Working) -> Result<Filled, PageError> {
    match register.ds920().checklist(&working.id) {
        Some(done) => Ok(documents::read(app, &done.sheet.sha256).await?),
        None => Ok(working.filled.clone()),
    }
}

async fn lines(app: &App, filled: &Filled) -> Result<Vec<Line>, PageError> {
    let names = Names::of(app, filled.answers.values().map(|given| &given.assessor).collect::<Vec<_>>()).await?;
    let line = |question: &sekisho_domain::ds920::checklist::Question| {
        let given = filled.answers.get(&question.id);
        Line {
            category: question.category.clone(),
            requirement: question.requirement.clone(),
            basis: question.basis.clone(),
            evidence: super::grade(question.evidence),
            answer: given.and_then(|given| given.answer).map_or("（未回答）", Answer::label),
            reason: given.map(|given| given.reason.clone()).unwrap_or_default(),
            seen_in: given.map(|given| given.evidence.clone()).unwrap_or_default(),
            assessed: given
                .map(|given| format!("{}、{}", names.get(&given.assessor), words::day(given.on)))
                .unwrap_or_default(),
        }
    };
    Ok(filled.set.asked(filled.level).map(line).collect())
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let working = working(&app, &register, &signed, &id).await?;
    let filled = content(&app, &register, &working).await?;
    let set = in_force(&app, &register, filled.set.kind).await?;
    let history: Vec<_> = register.ds920().checklist_history(&working.id).collect();
    let names = Names::of(&app, history.iter().map(|done| &done.by).collect::<Vec<_>>()).await?;
    let now = level(&register, &filled, today);
    let missing = lacks(&set, now, &filled.answers)
        .into_iter()
        .map(|(id, lack)| {
            let text = set.questions.iter().find(|q| q.id == id).map(|q| q.requirement.clone()).unwrap_or_default();
            let what = match lack {
                Lack::Answer => "答えがない",
                Lack::Reworded => "問いの文が変わった",
                Lack::Reason => "理由がない",
                Lack::TooLong => "長すぎる",
            };
            (text, what)
        })
        .collect();
    let mut categories: Vec<(String, Vec<Line>)> = Vec::new();
    for line in lines(&app, &filled).await? {
        match categories.iter_mut().find(|(name, _)| *name == line.category) {
            Some((_, lines)) => lines.push(line),
            None => categories.push((line.category.clone(), vec![line])),
        }
    }
    let done = (asked.done.as_deref() == Some("complete")).then_some("完成として台帳に記録しました。");
    let frame = Frame::new(&app, Some(&signed), "/checklists", filled.set.kind.label()).await?;
    let shown = SheetPage {
        id: id.clone(),
        subject: subject(&register, &filled),
        set: format!("{}（{}）", filled.set.title, filled.set.edition),
        level: filled.level.label(),
        state: match (history.is_empty(), working.is_complete(&register)?) {
            (true, _) => "下書き（まだ完成していません）",
            (false, true) => "完成",
            (false, false) => "完成（その後の書き直しは、まだ完成していません）",
        },
        completed: history
            .iter()
            .rev()
            .map(|done| Completed {
                when: in_words(done.at),
                who: names.get(&done.by),
                note: done.reason.clone(),
                sha256: done.sheet.sha256.clone(),
                tally: {
                    let t = done.sheet.tally;
                    format!("満たす {}、一部 {}、代替 {}、対象外 {}", t.met, t.partly, t.instead, t.not_applicable)
                },
            })
            .collect(),
        missing,
        edition_changed: set != filled.set,
        categories,
        writes: working.is_written_by(&register, signed.person()),
        frame: frame.below(&[("/", "ホーム"), ("/checklists", "チェックシート")]).notice(done).wide(),
    };
    Ok(page(StatusCode::OK, &shown))
}

pub(super) async fn export(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let working = working(&app, &register, &signed, &id).await?;
    let filled = content(&app, &register, &working).await?;
    let lines = lines(&app, &filled).await?;
    if asked.format == "md" {
        let text = markdown(&subject(&register, &filled), &filled, &lines);
        return Ok(download("text/markdown; charset=utf-8", "checklist.md", text.into_bytes()));
    }
    let columns = ["区分", "問い", "答え", "理由", "証拠", "評価した人と日", "根拠", "確かさ"].map(Column::plain);
    let total = lines.len();
    let slice = Slice { rows: lines, total, page: 1, pages: 1 };
    let table = Table::new("/checklists", ("チェックシート", ""), &columns, &asked, slice, |line| {
        [
            line.category,
            line.requirement,
            line.answer.to_owned(),
            line.reason,
            line.seen_in,
            line.assessed,
            line.basis,
            line.evidence.to_owned(),
        ]
        .map(Cell::text)
        .to_vec()
    });
    table.file("checklist")?.ok_or(PageError::Missing)
}

fn markdown(subject: &str, filled: &Filled, lines: &[Line]) -> String {
    let mut text = format!(
        "# {}: {}\n\n問いの版: {}（{}）\n\nリスク: {}\n",
        filled.set.kind.label(),
        unmarked(subject),
        unmarked(&filled.set.title),
        unmarked(&filled.set.edition),
        filled.level.label()
    );
    let mut category = "";
    for line in lines {
        if category != line.category {
            category = &line.category;
            let _ = write!(text, "\n## {}\n", unmarked(category));
        }
        let _ = write!(text, "\n### {}\n\n- 答え: {}\n", unmarked(&line.requirement), line.answer);
        for (name, value) in
            [("理由", &line.reason), ("証拠", &line.seen_in), ("評価", &line.assessed), ("根拠", &line.basis)]
        {
            if !value.is_empty() {
                let _ = writeln!(text, "- {name}: {}", unmarked(value));
            }
        }
        let _ = writeln!(text, "- 確かさ: {}", line.evidence);
    }
    text
}
