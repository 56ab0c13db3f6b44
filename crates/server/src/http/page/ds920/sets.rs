//! The questions of the sheets: those that count now, the editions before, and a file with the body's own.

use crate::account::{SignedIn, in_words};
use crate::checklist::{bytes, in_force, read, written};
use crate::http::App;
use crate::http::page::act::{MUST_NOT_BE_KEPT, give_with};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, Problem, download, go, page};
use crate::http::page::upload::Parcel;
use crate::http::page::words::Names;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{AdoptQuestionSet, Command};
use sekisho_domain::ds920::checklist::SetKind;
use sekisho_domain::person::Role;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ds920/sets.html")]
struct SetsPage {
    frame: Frame,
    sets: Vec<Shown>,
    past: Vec<Past>,
    adopts: bool,
    reason: Field,
    file_problem: Option<String>,
}

struct Shown {
    kind: &'static str,
    name: &'static str,
    title: String,
    questions: Vec<Line>,
}

struct Line {
    id: String,
    category: String,
    requirement: String,
    applies_when: &'static str,
    evidence: &'static str,
}

struct Past {
    title: String,
    who: String,
    when: String,
    reason: String,
    sha256: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    done: String,
    /// A kind whose questions are taken along as a file to begin with.
    #[serde(default)]
    file: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    if let Some(kind) = SetKind::named(&wanted.file) {
        let register = app.journal.register()?;
        let set = in_force(&app, &register, kind).await?;
        let text = written(&set);
        return Ok(download("application/toml; charset=utf-8", &format!("{}.toml", kind.name()), text.into_bytes()));
    }
    let done =
        (wanted.done == "adopt").then_some("問いの版を採用しました。記入中のシートには、新しい版で残る問いが出ます。");
    render(&app, &signed, done, "", Vec::new()).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    done: Option<&'static str>,
    reason: &str,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut sets = Vec::new();
    for kind in SetKind::ALL {
        let set = in_force(app, &register, kind).await?;
        let line = |q: &sekisho_domain::ds920::checklist::Question| Line {
            id: q.id.clone(),
            category: q.category.clone(),
            requirement: q.requirement.clone(),
            applies_when: q.applies_when.label(),
            evidence: super::grade(q.evidence),
        };
        sets.push(Shown {
            kind: kind.label(),
            name: kind.name(),
            title: format!("{}（{}）", set.title, set.edition),
            questions: set.questions.iter().map(line).collect(),
        });
    }
    let names = Names::of(app, register.ds920().sets().map(|adopted| &adopted.by).collect::<Vec<_>>()).await?;
    let past = register.ds920().sets().rev().map(|adopted| Past {
        title: format!("{}: {}（{}、{} 問）", adopted.kind.label(), adopted.title, adopted.edition, adopted.questions),
        who: names.get(&adopted.by),
        when: in_words(adopted.at),
        reason: adopted.reason.clone(),
        sha256: adopted.sha256.clone(),
    });
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/checklists", "チェックシートの問い").await?;
    let shown = SetsPage {
        sets,
        past: past.collect(),
        adopts: register.holds_any(signed.person(), &[Role::Caio, Role::Ciso]),
        reason: Field::text("reason", "採用する理由", "off").value(reason).told(&problems),
        file_problem: problems.iter().find(|p| p.field == "upload").map(|p| p.text.clone()),
        frame: frame.below(&[("/", "ホーム"), ("/checklists", "チェックシート")]).notice(done).wide().wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn adopt(
    State(app): State<App>,
    Parcel { signed, fields, file }: Parcel,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let reason = fields.line("reason");
    let wrong = |text: String| vec![Problem::at("upload", text)];
    if !register.holds_any(signed.person(), &[Role::Caio, Role::Ciso]) {
        let text = "問いの版を採用できるのは、AI統括責任者と統括情報セキュリティ責任者です。".to_owned();
        return render(&app, &signed, None, reason, wrong(text)).await;
    }
    let chosen = match file {
        Some(Ok(chosen)) => chosen,
        Some(Err(text)) => return render(&app, &signed, None, reason, wrong(text)).await,
        None => return render(&app, &signed, None, reason, wrong("ファイルを選んでください。".to_owned())).await,
    };
    let set = match read(&chosen.bytes) {
        Ok(set) => set,
        Err(faults) => {
            let problems = faults.into_iter().map(|fault| Problem::at("upload", fault)).collect();
            return render(&app, &signed, None, reason, problems).await;
        }
    };
    let content = bytes(&set)?;
    if app.gate.must_not_be_kept(&String::from_utf8_lossy(&content)) {
        return render(&app, &signed, None, reason, wrong(MUST_NOT_BE_KEPT.to_owned())).await;
    }
    let sha256 = documents::keep(&app, signed.person(), &content).await?;
    let command = Command::AdoptQuestionSet(AdoptQuestionSet {
        set: set.set.clone(),
        kind: set.kind,
        title: set.title.clone(),
        edition: set.edition.clone(),
        sha256: sha256.clone(),
        questions: u32::try_from(set.questions.len()).unwrap_or(u32::MAX),
    });
    match give_with(&app, &signed, command, reason, vec![sha256]).await? {
        Ok(_) => Ok(go("/checklists/sets?done=adopt")),
        Err(refusal) => {
            let field = if reason.is_empty() { "reason" } else { "upload" };
            render(&app, &signed, None, reason, vec![Problem::refused(field, &refusal)]).await
        }
    }
}
