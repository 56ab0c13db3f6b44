//! 発見事項: the firm writes them and hands them over, the provider answers, the firm judges the answers.

use super::super::frame;
use super::access::{Audit, Side};
use super::wording::{self, today};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::Tone;
use crate::http::page::words::day;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepEngagement};
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::{AuditFile, EngagementState, EngagementStep, Finding, FindingState};
use serde::Deserialize;

/// Longest text of a finding or of its answer, in characters.
const LONGEST: usize = 8_000;

#[derive(Template)]
#[template(path = "ismap/audit/findings.html")]
struct FindingsPage {
    frame: Frame,
    path: String,
    items: String,
    rows: Vec<Row>,
    /// How many would be handed over; `None` when that is not the step.
    raises: Option<u32>,
    /// The finding that is open for writing: its name and fields.
    edit: Option<(String, Vec<Field>)>,
    new: Option<Vec<Field>>,
    /// Fields of the provider's answers.
    answers: Option<Vec<(Row, Vec<Field>)>>,
}

/// A finding as it is shown.
struct Row {
    name: String,
    criterion: String,
    text: String,
    response: String,
    due: String,
    state: &'static str,
    tone: &'static str,
    edits: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    finding: String,
    #[serde(default)]
    done: Option<String>,
}

/// The name of the next finding: `F-1`, `F-2`, ….
pub(super) fn next_name(file: &AuditFile) -> String {
    let number = |name: &String| name.strip_prefix("F-").and_then(|n| n.parse::<u32>().ok());
    let last = file.findings.keys().filter_map(number).max().unwrap_or(0);
    format!("F-{}", last.saturating_add(1))
}

/// Findings in the order of their numbers.
fn in_order(file: &AuditFile) -> Vec<(&String, &Finding)> {
    let mut all: Vec<_> = file.findings.iter().collect();
    all.sort_by_key(|(name, _)| (name.len(), name.as_str()));
    all
}

fn row(name: &str, finding: &Finding, edits: bool) -> Row {
    let tone = match finding.state {
        FindingState::Open => Tone::Bad,
        FindingState::Answered | FindingState::Reported => Tone::Look,
        FindingState::Resolved => Tone::Good,
    };
    Row {
        name: name.to_owned(),
        criterion: finding.criterion.to_string(),
        text: finding.text.clone(),
        response: finding.response.clone(),
        due: finding.due.map(day).unwrap_or_default(),
        state: finding.state.label(),
        tone: tone.class(),
        edits,
    }
}

/// The findings a side sees: the provider those that were handed over, with what has come of them since.
async fn shown(app: &App, audit: &Audit<'_>) -> Result<AuditFile, PageError> {
    if audit.shows_file() {
        return audit.file(app).await;
    }
    if audit.side != Side::Provider {
        return Err(PageError::Missing);
    }
    let Some(raised) = audit.raised(app).await? else { return Ok(audit.blank()) };
    let working: Option<AuditFile> =
        crate::ismap::working::load(app, crate::ismap::working::Draft::AuditFile, audit.id.as_str()).await?;
    let mut seen = audit.blank();
    for (name, finding) in raised.findings {
        let now = working.as_ref().and_then(|file| file.findings.get(&name)).cloned();
        let then = now.map_or_else(|| finding.clone(), |now| Finding { text: finding.text.clone(), ..now });
        seen.findings.insert(name, then);
    }
    Ok(seen)
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    which: &Which,
    given: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (register, _) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    if audit.now.contracted_on.is_none() {
        return Err(PageError::Missing);
    }
    let file = shown(app, &audit).await?;
    let edits = audit.may_judge();
    let answering = audit.is_provider() && audit.now.state == EngagementState::FindingsOpen;
    let typed = |field: &str, now: &str| given.map_or_else(|| now.to_owned(), |given| given.text(field));
    let edit = file.findings.get(&which.finding).filter(|_| edits).map(|finding| {
        let fields =
            vec![Field::area("text", "発見事項の内容", 4).value(&typed("text", &finding.text)).told(&problems)];
        (which.finding.clone(), fields)
    });
    let new = (audit.may_evaluate() && edit.is_none()).then(|| {
        vec![
            Field::text("criterion", "項目番号", "off")
                .help("監査の対象の項目番号。例: 9.2.3.11.PB")
                .value(&typed("criterion", ""))
                .told(&problems),
            Field::area("text", "発見事項の内容", 4).value(&typed("text", "")).told(&problems),
        ]
    });
    let answers = answering.then(|| {
        let open = in_order(&file).into_iter().filter(|(_, f)| f.state == FindingState::Open);
        let fields = |(name, finding): (&String, &Finding)| {
            let (response, due) = (format!("response.{name}"), format!("due.{name}"));
            let until = finding.due.map(|d| d.to_string()).unwrap_or_default();
            let fields = vec![
                Field::area(response.clone(), format!("{name} への回答"), 3)
                    .value(&typed(&response, &finding.response))
                    .told(&problems),
                Field::input("date", due.clone(), format!("{name} の改善の期限"))
                    .optional()
                    .value(&typed(&due, &until))
                    .told(&problems),
            ];
            (row(name, finding, false), fields)
        };
        open.map(fields).collect()
    });
    let open = file.findings.values().filter(|f| f.state == FindingState::Open).count();
    let raises = audit.is_lead()
        && open > 0
        && matches!(audit.now.state, EngagementState::Fieldwork | EngagementState::CspResponse);
    let rows = in_order(&file).into_iter().filter(|(_, f)| !answering || f.state != FindingState::Open);
    let title = audit.title();
    let own = audit.path();
    let trail = [("/ismap/engagements", "監査"), (&*own, &*title)];
    let status = Problem::status(&problems);
    let shown = FindingsPage {
        path: audit.below("findings"),
        items: if audit.shows_file() { audit.below("items") } else { String::new() },
        rows: rows.map(|(name, finding)| row(name, finding, edits)).collect(),
        raises: raises.then(|| u32::try_from(open).unwrap_or(u32::MAX)),
        edit,
        new,
        answers,
        frame: frame(app, signed, "/ismap/engagements", "発見事項", &trail)
            .await?
            .notice(wording::notice(which.done.as_deref()))
            .wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, &which, None, Vec::new()).await
}

/// A text that says something and is not endless.
fn needed(fields: &Fields, field: &str, what: &str) -> Result<String, Problem> {
    let text = fields.text(field).trim().to_owned();
    match text.chars().count() {
        0 => Err(Problem::at(field.to_owned(), format!("{what}を書いてください。"))),
        1..=LONGEST => Ok(text),
        _ => Err(Problem::at(field.to_owned(), format!("{what}は 8,000 文字までにしてください。"))),
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    let act = fields.get("act").to_owned();
    let person = signed.person();
    let which = Which { finding: fields.get("finding").to_owned(), done: None };
    let result: Result<&str, Vec<Problem>> = match act.as_str() {
        "respond" => respond(&app, &signed, &audit, &fields).await?.map(|()| "respond"),
        "raise" if audit.is_lead() => raise(&app, &signed, &audit).await?.map(|()| "raise"),
        _ if !audit.may_evaluate() => return Err(PageError::Missing),
        "new" => {
            let criterion = fields.line("criterion").parse::<CriterionId>();
            let text = needed(&fields, "text", "発見事項の内容");
            match (criterion, text) {
                (Ok(criterion), Ok(text)) => {
                    let add = |file: &mut AuditFile| {
                        if !file.scope.contains_key(&criterion) {
                            return Err(Problem::at("criterion", format!("{criterion} は監査の対象ではありません。")));
                        }
                        let name = next_name(file);
                        let state = FindingState::Open;
                        let (response, due, text) = (String::new(), None, text.clone());
                        file.findings.insert(name, Finding { criterion, text, response, due, state });
                        Ok(())
                    };
                    audit.change(&app, person, add).await?.map(|_| "saved").map_err(|p| vec![p])
                }
                (criterion, text) => {
                    let mut problems: Vec<Problem> = text.err().into_iter().collect();
                    problems.extend(criterion.err().map(|bad| Problem::at("criterion", bad.ja())));
                    Err(problems)
                }
            }
        }
        "edit" | "resolve" | "keep" | "reopen" if !audit.may_judge() => {
            let text = "発見事項は事業者が回答しているところです。回答が届いてから、改め、判断してください。";
            Err(vec![Problem::at("", text)])
        }
        "edit" | "resolve" | "keep" | "reopen" => {
            let text =
                if act == "edit" { needed(&fields, "text", "発見事項の内容").map(Some) } else { Ok(None) };
            match text {
                Err(problem) => Err(vec![problem]),
                Ok(text) => {
                    let alter = |file: &mut AuditFile| {
                        let missing = || Problem::at("", "その名前の発見事項はありません。");
                        let finding = file.findings.get_mut(&which.finding).ok_or_else(missing)?;
                        match act.as_str() {
                            "resolve" => finding.state = FindingState::Resolved,
                            "keep" => finding.state = FindingState::Reported,
                            "reopen" => finding.state = FindingState::Open,
                            _ => {}
                        }
                        if let Some(text) = &text {
                            finding.text.clone_from(text);
                        }
                        Ok(())
                    };
                    audit.change(&app, person, alter).await?.map(|_| "saved").map_err(|p| vec![p])
                }
            }
        }
        _ => return Err(PageError::Unreadable),
    };
    match result {
        Ok(done) => Ok(go(&format!("{}?done={done}", audit.below("findings")))),
        Err(problems) => one(&app, &signed, &id, &which, Some(&fields), problems).await,
    }
}

/// Keeps the file as it is and records a step that names its hash.
async fn record(
    app: &App,
    signed: &SignedIn,
    audit: &Audit<'_>,
    file: &AuditFile,
    step: impl FnOnce(u32, String) -> EngagementStep,
) -> Result<Result<(), Vec<Problem>>, PageError> {
    let bytes = serde_json::to_vec(file).map_err(|_| PageError::Inside)?;
    let sha256 = documents::keep(app, signed.person(), &bytes).await?;
    let step = step(file.open_findings(), sha256.clone());
    let command = Command::StepEngagement(StepEngagement { engagement: audit.id.clone(), on: None, rule: None, step });
    let given = give_with(app, signed, command, "", vec![sha256]).await?;
    Ok(given.map(|_| ()).map_err(|refusal| vec![Problem::refused("", &refusal)]))
}

async fn raise(app: &App, signed: &SignedIn, audit: &Audit<'_>) -> Result<Result<(), Vec<Problem>>, PageError> {
    let file = audit.file(app).await?;
    record(app, signed, audit, &file, |open, sha256| EngagementStep::RaiseFindings { open, sha256 }).await
}

/// The provider answers every finding that was handed over and waits.
async fn respond(
    app: &App,
    signed: &SignedIn,
    audit: &Audit<'_>,
    fields: &Fields,
) -> Result<Result<(), Vec<Problem>>, PageError> {
    if !audit.is_provider() || audit.now.state != EngagementState::FindingsOpen {
        return Err(PageError::Missing);
    }
    let seen = shown(app, audit).await?;
    let mut problems = Vec::new();
    let mut answers: Vec<(String, String, Option<Date>)> = Vec::new();
    for (name, _) in in_order(&seen).into_iter().filter(|(_, f)| f.state == FindingState::Open) {
        let due_field = format!("due.{name}");
        let due = match fields.line(&due_field) {
            "" => None,
            text => match text.parse() {
                Ok(day) => Some(day),
                Err(_) => {
                    problems.push(Problem::at(due_field.clone(), "期限は 2026-11-30 の形で入力してください。"));
                    None
                }
            },
        };
        match needed(fields, &format!("response.{name}"), &format!("{name} への回答")) {
            Ok(response) => answers.push((name.clone(), response, due)),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let answer = |file: &mut AuditFile| {
        for (name, response, due) in &answers {
            if let Some(finding) = file.findings.get_mut(name).filter(|f| f.state == FindingState::Open) {
                finding.response.clone_from(response);
                finding.due = *due;
                finding.state = FindingState::Answered;
            }
        }
        Ok(())
    };
    match audit.change(app, signed.person(), answer).await? {
        Ok(file) => record(app, signed, audit, &file, |open, sha256| EngagementStep::Respond { open, sha256 }).await,
        Err(problem) => Ok(Err(vec![problem])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_findings_with_gaps_when_one_more_is_named_then_no_name_is_used_twice() {
        let mut file = AuditFile::default();
        assert_eq!(next_name(&file), "F-1");
        let finding = Finding {
            criterion: "5.1.1.1".parse().unwrap(),
            text: "記録がない".into(),
            response: String::new(),
            due: None,
            state: FindingState::Open,
        };
        file.findings.insert("F-2".into(), finding.clone());
        file.findings.insert("F-10".into(), finding);
        assert_eq!(next_name(&file), "F-11");
        let names: Vec<&String> = in_order(&file).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["F-2", "F-10"]);
    }
}
