//! One item: what the criteria ask, what the provider states, and what the firm finds of it.

use super::super::frame;
use super::access::Audit;
use super::findings::next_name;
use super::items::{is_deficient, is_done, methods, methods_chosen};
use super::wording::{self, Opened, today};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::words::{Names, day};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::{AuditFile, Conclusion, Evaluation, Finding, FindingState};

/// Longest note of an item, in characters.
const LONGEST: usize = 8_000;

#[derive(Template)]
#[template(path = "ismap/audit/item.html")]
struct ItemPage {
    frame: Frame,
    path: String,
    text: String,
    marks: Vec<&'static str>,
    control: String,
    /// What changed since the last audit, in words.
    changes: String,
    findings: Vec<(String, String, &'static str)>,
    findings_path: String,
    edits: bool,
    fields: Vec<Field>,
    /// What was concluded, for those who only read.
    concluded: Vec<(&'static str, String)>,
    by: String,
    before: Option<String>,
    after: Option<String>,
}

const CONCLUSIONS: [(&str, Conclusion); 3] = [
    ("effective", Conclusion::Effective),
    ("deficient", Conclusion::Deficient),
    ("not_applicable", Conclusion::NotApplicable),
];

fn key(conclusion: Option<Conclusion>) -> &'static str {
    CONCLUSIONS.iter().find(|(_, known)| Some(*known) == conclusion).map_or("", |(key, _)| key)
}

fn fields_of(file: &AuditFile, id: CriterionId, given: Option<&Fields>, problems: &[Problem]) -> Vec<Field> {
    let nothing = Evaluation::default();
    let known = file.evaluations.get(&id).unwrap_or(&nothing);
    let scope = file.scope.get(&id).copied();
    let mut fields = Vec::new();
    let mut conclusion = |field: &'static str, label: &'static str, now: Option<Conclusion>| {
        let choices = CONCLUSIONS.map(|(key, conclusion)| Choice::new(key, conclusion.label())).to_vec();
        let value = given.map_or(key(now), |given| given.get(field));
        fields.push(Field::radio(field, label, choices).value(value).told(problems));
    };
    if scope.is_some_and(|s| s.design) {
        conclusion("design", "整備状況", known.design);
    }
    if scope.is_some_and(|s| s.operating) {
        conclusion("operating", "運用状況", known.operating);
    }
    let chosen = super::items::METHODS.iter().filter(|(_, m)| known.methods.contains(m)).map(|(key, _)| *key);
    let chosen: Vec<&str> = chosen.collect();
    fields.push(match given {
        Some(given) => methods(given, "methods"),
        None => methods(&Fields::default(), "methods").ticked(&chosen),
    });
    let note = given.map_or_else(|| known.note.clone(), |given| given.text("note"));
    fields.push(
        Field::area("note", "見たこと", 4)
            .help("閲覧した文書、質問した相手、確かめた件数など。「評価対象なし」ではその理由を書きます。")
            .optional()
            .value(&note)
            .told(problems),
    );
    if !file.evidence.is_empty() {
        let choices = file.evidence.iter().map(|(sha256, e)| Choice::new(sha256.clone(), e.title.clone())).collect();
        let picks = Field::checks("evidence", "証跡", choices).optional();
        fields.push(match given {
            Some(given) => picks.ticked(&given.chosen("evidence")),
            None => picks.ticked(&known.evidence),
        });
    }
    if !file.findings.values().any(|f| f.criterion == id) {
        fields.push(
            Field::area("finding", "発見事項の内容", 3)
                .help("「発見事項あり」とするときに書きます。")
                .optional()
                .value(&given.map(|given| given.text("finding")).unwrap_or_default())
                .told(problems),
        );
    }
    fields
}

async fn one(
    app: &App,
    signed: &SignedIn,
    (id, criterion): (&str, &str),
    opened: &Opened,
    given: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (register, _) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    let criterion: CriterionId = criterion.parse().map_err(|_| PageError::Missing)?;
    let file = audit.file(app).await?;
    let scope = file.scope.get(&criterion).copied().ok_or(PageError::Missing)?;
    let (catalogue, content) = audit.statement(app).await?;
    let item = catalogue.get(criterion).ok_or(PageError::Missing)?;
    let answer = content.answers.get(&criterion);
    let changes: Vec<&str> = answer.iter().flat_map(|a| a.changed.iter()).map(|c| c.label()).collect();
    let note = answer.map_or("", |a| a.change_note.as_str());
    let known = file.evaluations.get(&criterion);
    let names = Names::of(app, known.and_then(|e| e.by.as_ref())).await?;
    let link = |id: &CriterionId| audit.below(&format!("items/{id}"));
    let mut marks = Vec::new();
    if item.flag_basic {
        marks.push("基本言明要件");
    }
    if item.flag_provider {
        marks.push("提供者特有");
    }
    let concluded = |planned: bool, what: Option<Conclusion>| match what {
        Some(conclusion) => conclusion.label().to_owned(),
        None if planned => "未評価".to_owned(),
        None => "対象外".to_owned(),
    };
    let methods: Vec<&str> = known.iter().flat_map(|e| e.methods.iter()).map(|m| m.label()).collect();
    let title = audit.title();
    let own = audit.path();
    let items = audit.below("items");
    let trail = [("/ismap/engagements", "監査"), (&*own, &*title), (&*items, "項目ごとの評価")];
    let frame = frame(app, signed, "/ismap/engagements", format!("{criterion} の評価"), &trail).await?;
    let shown = ItemPage {
        path: link(&criterion),
        text: item.text.clone(),
        marks,
        control: answer.map(|a| a.control.clone()).unwrap_or_default(),
        changes: if changes.is_empty() { String::new() } else { format!("{} {note}", changes.join("、")) },
        findings: file
            .findings
            .iter()
            .filter(|(_, f)| f.criterion == criterion)
            .map(|(name, f)| (name.clone(), f.text.clone(), f.state.label()))
            .collect(),
        findings_path: audit.below("findings"),
        edits: audit.may_evaluate(),
        fields: fields_of(&file, criterion, given, &problems),
        concluded: vec![
            ("整備状況", concluded(scope.design, known.and_then(|e| e.design))),
            ("運用状況", concluded(scope.operating, known.and_then(|e| e.operating))),
            ("手続", methods.join("、")),
            ("見たこと", known.map(|e| e.note.clone()).unwrap_or_default()),
        ],
        by: known
            .and_then(|e| Some(format!("{}が {} に評価", names.get(e.by.as_ref()?), day(e.on?))))
            .unwrap_or_default(),
        before: file.scope.range(..criterion).next_back().map(|(id, _)| link(id)),
        after: file.scope.range(criterion..).nth(1).map(|(id, _)| link(id)),
        frame: frame.notice(wording::notice(opened.done.as_deref())).wrong(problems).wide(),
    };
    let status = if shown.frame.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, criterion)): Path<(String, String)>,
    Query(opened): Query<Opened>,
) -> Result<Response, PageError> {
    one(&app, &signed, (&id, &criterion), &opened, None, Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path((id, word)): Path<(String, String)>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, now) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    let criterion: CriterionId = word.parse().map_err(|_| PageError::Missing)?;
    if !audit.may_evaluate() {
        return Err(PageError::Missing);
    }
    let conclusion = |field: &str| CONCLUSIONS.iter().find(|(key, _)| *key == fields.get(field)).map(|(_, c)| *c);
    let (note, finding) = (fields.text("note").trim().to_owned(), fields.text("finding").trim().to_owned());
    let (design, operating) = (conclusion("design"), conclusion("operating"));
    let mut problems = Vec::new();
    if [design, operating].contains(&Some(Conclusion::NotApplicable)) && note.is_empty() {
        problems.push(Problem::at("note", "「評価対象なし」とする理由を書いてください。"));
    }
    if note.chars().count() > LONGEST || finding.chars().count() > LONGEST {
        problems.push(Problem::at("note", "8,000 文字までにしてください。"));
    }
    if problems.is_empty() {
        let chosen = fields.chosen("evidence");
        let evaluate = |file: &mut AuditFile| {
            let Some(scope) = file.scope.get(&criterion).copied() else {
                return Err(Problem::at("", "この項目は監査の対象から外れています。監査計画を確かめてください。"));
            };
            let evaluation = Evaluation {
                design: design.filter(|_| scope.design),
                operating: operating.filter(|_| scope.operating),
                methods: methods_chosen(&fields, "methods"),
                note: note.clone(),
                evidence: file.evidence.keys().filter(|sha| chosen.contains(&sha.as_str())).cloned().collect(),
                by: Some(signed.person().clone()),
                on: Some(now),
            };
            let told = file.findings.values().any(|f| f.criterion == criterion);
            if is_deficient(Some(&evaluation)) && !told && finding.is_empty() {
                return Err(Problem::at("finding", "「発見事項あり」とするときは、発見事項の内容を書いてください。"));
            }
            file.evaluations.insert(criterion, evaluation);
            if !finding.is_empty() && !told {
                let name = next_name(file);
                let new = Finding {
                    criterion,
                    text: finding.clone(),
                    response: String::new(),
                    due: None,
                    state: FindingState::Open,
                };
                file.findings.insert(name, new);
            }
            Ok(())
        };
        match audit.change(&app, signed.person(), evaluate).await? {
            Ok(file) => {
                // Onward to the next one that is left, round the end.
                let left = |(id, scope): &(&CriterionId, &sekisho_domain::ismap::engagement::Scope)| {
                    !is_done(**scope, file.evaluations.get(id))
                };
                let after = file.scope.range(criterion..).skip(1).find(left);
                let next = after.or_else(|| file.scope.range(..criterion).find(left));
                let to = match next {
                    Some((id, _)) if fields.get("act") == "next" => format!("items/{id}?done=saved"),
                    None if fields.get("act") == "next" => "items?done=saved".to_owned(),
                    _ => format!("items/{criterion}?done=saved"),
                };
                return Ok(go(&audit.below(&to)));
            }
            Err(problem) => problems.push(problem),
        }
    }
    one(&app, &signed, (&id, &word), &Opened::default(), Some(&fields), problems).await
}
