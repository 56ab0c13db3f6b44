//! 実施結果報告書: what still stands between the file and its report, the signatures on the very file, and the report.

use super::super::frame;
use super::access::Audit;
use super::wording::{self, Opened, today};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::words::Names;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepEngagement};
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::engagement::{
    AuditFile, Conclusion, EngagementState, EngagementStep, FileFault, FindingState, Reported,
};
use sekisho_domain::ismap::party::SchemeRole;

/// Most faults that are told at once.
const TOLD: usize = 30;

#[derive(Template)]
#[template(path = "ismap/audit/report.html")]
struct ReportPage {
    frame: Frame,
    path: String,
    cautions: Vec<String>,
    reported: bool,
    sha256: String,
    facts: Vec<(&'static str, String)>,
    text: String,
    opinion: Option<Field>,
    /// Faults with where to mend them.
    faults: Vec<(String, Option<String>)>,
    more: usize,
    signatures: Vec<(&'static str, String, bool)>,
    signs: bool,
    reports: bool,
    findings: Vec<(String, String, String)>,
    items: String,
}

/// Where a fault is mended.
fn place(audit: &Audit<'_>, fault: &FileFault) -> Option<String> {
    match fault {
        FileFault::Empty | FileFault::NotAdopted(_) => Some(audit.below("plan")),
        FileFault::Unevaluated(id) | FileFault::NoFinding(id) => Some(audit.below(&format!("items/{id}"))),
        FileFault::OpenFinding(name) => Some(audit.below(&format!("findings?finding={name}"))),
        FileFault::NoOpinion => Some("#opinion".to_owned()),
    }
}

fn facts(file: &AuditFile) -> Vec<(&'static str, String)> {
    let counts = file.counts();
    let concluded = |conclusion: Conclusion| {
        let of = |which: Option<Conclusion>| which == Some(conclusion);
        file.evaluations
            .iter()
            .filter(|(id, e)| file.scope.contains_key(id) && (of(e.design) || of(e.operating)))
            .count()
    };
    let in_state = |state| file.findings.values().filter(|f| f.state == state).count();
    vec![
        ("対象", format!("{} 項目（整備状況 {}、運用状況 {}）", counts.in_scope, counts.design, counts.operating)),
        ("発見事項のある項目", format!("{} 項目", concluded(Conclusion::Deficient))),
        ("評価対象なしの項目", format!("{} 項目", concluded(Conclusion::NotApplicable))),
        (
            "発見事項",
            format!(
                "解消 {} 件、報告書に記載 {} 件、未解消 {} 件",
                in_state(FindingState::Resolved),
                in_state(FindingState::Reported),
                file.open_findings()
            ),
        ),
        ("証跡", format!("{} 件", file.evidence.len())),
    ]
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    opened: &Opened,
    given: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (register, now) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    if audit.now.contracted_on.is_none() {
        return Err(PageError::Missing);
    }
    let file = audit.file(app).await?;
    let reported = audit.now.report.is_some();
    let (sha256, faults) = match (&audit.now.report, reported) {
        (Some(report), _) => (report.sha256().to_owned(), Vec::new()),
        _ => {
            let (catalogue, content) = audit.statement(app).await?;
            let bytes = serde_json::to_vec(&file).map_err(|_| PageError::Inside)?;
            (documents::sha256(&bytes), file.faults(&catalogue, &content))
        }
    };
    let people: Vec<&PersonId> = audit.now.sign_offs.values().map(|(person, _)| person).collect();
    let names = Names::of(app, people).await?;
    let signature = |role: SchemeRole| {
        let known = audit.now.sign_offs.get(&role);
        let holds = known.is_some_and(|(_, of)| *of == sha256);
        let text = match known {
            Some((person, _)) if holds => format!("{}が、いまの監査調書に署名しています。", names.get(person)),
            Some((person, _)) => {
                format!(
                    "{}の署名のあとで監査調書が変わったため、署名されていません。署名し直してください。",
                    names.get(person)
                )
            }
            None => "署名されていません。".to_owned(),
        };
        (role.label(), text, holds)
    };
    let signatures = vec![signature(SchemeRole::AuditLead), signature(SchemeRole::AuditExec)];
    let stage = matches!(audit.now.state, EngagementState::Fieldwork | EngagementState::CspResponse);
    let own_role = if audit.is_exec() { SchemeRole::AuditExec } else { SchemeRole::AuditLead };
    let own_holds = signatures.iter().any(|(role, _, holds)| *role == own_role.label() && *holds);
    let all_signed = signatures.iter().all(|(.., holds)| *holds);
    let opinion = audit.may_evaluate().then(|| {
        let value = given.map_or_else(|| file.opinion.clone(), |given| given.text("opinion"));
        Field::area("opinion", "結論", 5)
            .help("監査の結果についての結論を書きます。報告書に載ります。")
            .value(&value)
            .told(&problems)
    });
    let stays = |f: &&sekisho_domain::ismap::engagement::Finding| f.state == FindingState::Reported;
    let findings = file.findings.iter().filter(|(_, f)| stays(f));
    let title = audit.title();
    let own = audit.path();
    let trail = [("/ismap/engagements", "監査"), (&*own, &*title)];
    let status = Problem::status(&problems);
    let shown = ReportPage {
        path: audit.below("report"),
        cautions: audit.cautions(now),
        facts: facts(&file),
        text: file.opinion.clone(),
        opinion,
        more: faults.len().saturating_sub(TOLD),
        signs: stage && audit.is_lead() && faults.is_empty() && !own_holds,
        reports: stage && audit.is_exec() && faults.is_empty() && all_signed,
        faults: faults.iter().take(TOLD).map(|fault| (fault.ja(), place(&audit, fault))).collect(),
        signatures,
        findings: findings.map(|(name, f)| (name.clone(), f.criterion.to_string(), f.text.clone())).collect(),
        items: audit.below("items"),
        reported,
        sha256,
        frame: frame(app, signed, "/ismap/engagements", "報告書", &trail)
            .await?
            .notice(wording::notice(opened.done.as_deref()))
            .wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(opened): Query<Opened>,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, &opened, None, Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    let act = fields.get("act").to_owned();
    let result: Result<(), Vec<Problem>> = match act.as_str() {
        "opinion" if audit.may_evaluate() => {
            let opinion = fields.text("opinion").trim().to_owned();
            if opinion.chars().count() > 8_000 {
                Err(vec![Problem::at("opinion", "結論は 8,000 文字までにしてください。")])
            } else {
                let write = |file: &mut AuditFile| {
                    file.opinion.clone_from(&opinion);
                    Ok::<(), Problem>(())
                };
                audit.change(&app, signed.person(), write).await?.map(|_| ()).map_err(|p| vec![p])
            }
        }
        "sign" | "report" if audit.is_lead() => {
            let shown = fields.get("sha256");
            let file = audit.file(&app).await?;
            let (catalogue, content) = audit.statement(&app).await?;
            match Reported::new(&catalogue, &content, &file) {
                Err(faults) => Err(faults.iter().take(TOLD).map(|fault| Problem::at("", fault.ja())).collect()),
                // What is signed is what was shown, not what came after.
                Ok((report, _)) if report.sha256() != shown => Err(vec![Problem::at(
                    "",
                    "この画面を開いたあとで監査調書が変わりました。内容を確かめて、もう一度行ってください。",
                )]),
                Ok((report, bytes)) => {
                    let sha256 = documents::keep(&app, signed.person(), &bytes).await?;
                    let step = if act == "sign" {
                        EngagementStep::SignOff { sha256: sha256.clone() }
                    } else {
                        EngagementStep::Report { content: report }
                    };
                    let engagement = audit.id.clone();
                    let command = Command::StepEngagement(StepEngagement { engagement, on: None, rule: None, step });
                    let given = give_with(&app, &signed, command, "", vec![sha256]).await?;
                    given.map(|_| ()).map_err(|refusal| vec![Problem::refused("", &refusal)])
                }
            }
        }
        _ => return Err(PageError::Missing),
    };
    match result {
        Ok(()) => {
            let done = if act == "opinion" { "saved" } else { act.as_str() };
            Ok(go(&format!("{}?done={done}", audit.below("report"))))
        }
        Err(problems) => {
            let typed = (act == "opinion").then_some(&fields);
            one(&app, &signed, &id, &Opened::default(), typed, problems).await
        }
    }
}
