//! 証跡: documents of an audit, kept sealed by their hash. The day a document speaks of is not the day it was taken in.

use super::super::frame;
use super::access::{Audit, Side};
use super::wording::{self, Opened, today};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_with;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Frame, Problem, download, go, page};
use crate::http::page::upload::Parcel;
use crate::http::page::words::day;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepEngagement};
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::engagement::{AuditFile, EngagementStep, Evidence, EvidenceKind};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "ismap/audit/evidence.html")]
struct EvidencePage {
    frame: Frame,
    path: String,
    rows: Vec<Row>,
    fields: Option<Vec<Field>>,
    file_problem: Option<String>,
}

struct Row {
    title: String,
    kind: &'static str,
    effective_on: String,
    taken_on: String,
    valid_until: String,
    expired: bool,
    used: usize,
    sha256: String,
}

const KINDS: [(&str, &str, EvidenceKind); 4] = [
    ("document", "文書", EvidenceKind::Document),
    ("interview", "質問の記録", EvidenceKind::Interview),
    ("test_result", "テストの結果", EvidenceKind::TestResult),
    ("certificate", "認証書", EvidenceKind::Certificate),
];

/// Days on which evidence was taken in, by its hash: the record's own, the first time.
fn taken(audit: &Audit<'_>) -> BTreeMap<String, Date> {
    let mut days = BTreeMap::new();
    for step in audit.chronicle.steps() {
        if let EngagementStep::Evidence { sha256, .. } = &step.step {
            days.entry(sha256.clone()).or_insert(in_japan(step.stamp.at));
        }
    }
    days
}

async fn one(
    app: &App,
    signed: &SignedIn,
    id: &str,
    opened: &Opened,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (register, now) = today(app)?;
    let audit = Audit::seen(&register, signed.person(), id)?;
    if audit.side != Side::Firm || audit.now.contracted_on.is_none() {
        return Err(PageError::Missing);
    }
    let file = audit.file(app).await?;
    let taken = taken(&audit);
    let report_day = audit.now.reported_on.unwrap_or(now);
    let rows = file.evidence.iter().map(|(sha256, e)| Row {
        title: e.title.clone(),
        kind: KINDS.iter().find(|(.., kind)| *kind == e.kind).map_or("", |(_, label, _)| label),
        effective_on: day(e.effective_on),
        taken_on: taken.get(sha256).copied().map(day).unwrap_or_default(),
        valid_until: e.valid_until.map(day).unwrap_or_default(),
        expired: e.valid_until.is_some_and(|until| until < report_day),
        used: file.evaluations.values().filter(|v| v.evidence.contains(sha256)).count(),
        sha256: sha256.clone(),
    });
    let kinds = KINDS.map(|(key, label, _)| Choice::new(key, label)).to_vec();
    let kind = if given.get("kind").is_empty() { "document" } else { given.get("kind") };
    let fields = audit.may_take_evidence().then(|| {
        vec![
            Field::text("title", "題名", "off").value(given.get("title")).told(&problems),
            Field::select("kind", "種類", kinds).value(kind).told(&problems),
            Field::input("date", "effective_on", "いつのことを示すか")
                .help("証跡が示す時点です。受け入れた日は自動で記録します。")
                .value(given.get("effective_on"))
                .told(&problems),
            Field::input("date", "valid_until", "有効期限")
                .help("認証書など、期限のあるものだけに書きます。")
                .optional()
                .value(given.get("valid_until"))
                .told(&problems),
        ]
    });
    let title = audit.title();
    let own = audit.path();
    let trail = [("/ismap/engagements", "監査"), (&*own, &*title)];
    let status = Problem::status(&problems);
    let shown = EvidencePage {
        path: audit.below("evidence"),
        rows: rows.collect(),
        fields,
        file_problem: problems.iter().find(|p| p.field == "upload").map(|p| p.text.clone()),
        frame: frame(app, signed, "/ismap/engagements", "証跡", &trail)
            .await?
            .notice(wording::notice(opened.done.as_deref()))
            .wrong(problems)
            .wide(),
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(opened): Query<Opened>,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, &opened, &Fields::default(), Vec::new()).await
}

/// A day that may be missing; what cannot be read is told at its field.
fn date(fields: &Fields, field: &'static str, problems: &mut Vec<Problem>) -> Option<Date> {
    match fields.line(field) {
        "" => None,
        text => text
            .parse()
            .map_err(|_| problems.push(Problem::at(field, "日付は 2026-11-30 の形で入力してください。")))
            .ok(),
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    parcel: Parcel,
) -> Result<Response, PageError> {
    let Parcel { signed, fields, file } = parcel;
    let (register, now) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    if !audit.may_take_evidence() {
        return Err(PageError::Missing);
    }
    let mut problems = Vec::new();
    let title = fields.line("title").to_owned();
    if title.is_empty() || title.chars().count() > 200 {
        problems.push(Problem::at("title", "題名を 200 文字までで入力してください。"));
    }
    let kind = KINDS.iter().find(|(key, ..)| *key == fields.get("kind")).map(|(.., kind)| *kind);
    if kind.is_none() {
        problems.push(Problem::at("kind", "種類を選んでください。"));
    }
    let effective_on = date(&fields, "effective_on", &mut problems);
    if fields.line("effective_on").is_empty() {
        problems.push(Problem::at("effective_on", "いつのことを示す証跡かを入力してください。"));
    }
    if effective_on.is_some_and(|day| day > now) {
        problems.push(Problem::at("effective_on", "まだ来ていない日の証跡は受け入れられません。"));
    }
    let valid_until = date(&fields, "valid_until", &mut problems);
    if let (Some(from), Some(until)) = (effective_on, valid_until)
        && until < from
    {
        problems.push(Problem::at("valid_until", "有効期限が、証跡の示す時点より前です。"));
    }
    let chosen = match file {
        Some(Ok(chosen)) if !chosen.bytes.is_empty() => Some(chosen),
        Some(Err(text)) => {
            problems.push(Problem::at("upload", text));
            None
        }
        _ => {
            problems
                .push(Problem::at("upload", "受け入れるファイルを選んでください。空のファイルは受け入れられません。"));
            None
        }
    };
    if let (Some(kind), Some(effective_on), Some(chosen), true) = (kind, effective_on, chosen, problems.is_empty()) {
        let sha256 = documents::keep(&app, signed.person(), &chosen.bytes).await?;
        // The ledger may know it already though the file does not: what came between is mended by sending it again. The
        // day it speaks of stays as it was recorded.
        let recorded = audit.now.evidence.get(&sha256).copied();
        let effective_on = recorded.unwrap_or(effective_on);
        let given = if recorded.is_some() {
            Ok(())
        } else {
            let step = EngagementStep::Evidence { sha256: sha256.clone(), effective_on };
            let command =
                Command::StepEngagement(StepEngagement { engagement: audit.id.clone(), on: None, rule: None, step });
            give_with(&app, &signed, command, "", vec![sha256.clone()]).await?.map(drop)
        };
        match given {
            Ok(()) => {
                let add = |file: &mut AuditFile| {
                    if file.evidence.contains_key(&sha256) {
                        return Err(Problem::at("upload", "同じ内容のファイルは、既に証跡として受け入れています。"));
                    }
                    let evidence = Evidence { title: title.clone(), kind, effective_on, valid_until };
                    file.evidence.insert(sha256.clone(), evidence);
                    Ok(())
                };
                match audit.change(&app, signed.person(), add).await? {
                    Ok(_) => return Ok(go(&format!("{}?done=evidence", audit.below("evidence")))),
                    Err(problem) => problems.push(problem),
                }
            }
            Err(refusal) => problems.push(Problem::refused("", &refusal)),
        }
    }
    one(&app, &signed, &id, &Opened::default(), &fields, problems).await
}

/// A piece of evidence as it was taken in, for the firm alone.
pub(super) async fn open(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, sha256)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let audit = Audit::seen(&register, signed.person(), &id)?;
    if audit.side != Side::Firm || !audit.file(&app).await?.evidence.contains_key(&sha256) {
        return Err(PageError::Missing);
    }
    let bytes = documents::open(&app, &sha256).await?;
    Ok(download("application/octet-stream", &format!("evidence-{sha256}"), bytes))
}
