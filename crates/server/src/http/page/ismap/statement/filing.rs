//! 登録申請, as the provider writes it: first or renewal, the audited statement, what is disclosed and what is pledged. A
//! draft may lack anything; what it lacks is told beside it, and the register refuses to take it as filed until then.

use super::filing_lacks::{Lack, lacks};
use super::opened::{provider, service};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::ismap::frame;
use crate::http::page::list::Asked;
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, StepFiling};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{EngagementId, FilingId, PartyId, PreliminaryId, StatementId};
use sekisho_domain::ismap::Scheme;
use sekisho_domain::ismap::engagement::EngagementState;
use sekisho_domain::ismap::filing::{Disclosures, Filing, FilingForm, FilingKind, FilingState, FilingStep, Pledge};
use sekisho_domain::ismap::preliminary::PreliminaryState;
use sekisho_domain::ismap::statement::{Statement, StatementState};
use sekisho_domain::register::Register;
use std::collections::BTreeSet;

/// Longest disclosure, in characters.
const LONGEST: usize = 4_000;

const PLEDGES: [(Pledge, &str); 4] = [
    (Pledge::DetailsOnRequest, "details"),
    (Pledge::IncidentsWithoutDelay, "incidents"),
    (Pledge::ChangesWithoutDelay, "changes"),
    (Pledge::ProcurementCooperation, "procurement"),
];

/// Names, labels and helps of what is disclosed.
const DISCLOSED: [(&str, &str, &str); 5] = [
    ("capital_and_officers", "資本関係及び役員等の情報", "登録規則 3.4(1)（要確認）"),
    (
        "foreign_law_risk",
        "国外の法令が適用され、情報が及ぶリスク",
        "登録規則 3.4(2)（要確認）。ないときは、ないと書きます。",
    ),
    ("governing_law", "準拠法", "登録規則 3.4(3)（要確認）"),
    ("jurisdiction", "裁判管轄", "登録規則 3.4(3)（要確認）"),
    ("tests", "第三者による侵入検査・脆弱性検査の状況", "登録規則 3.4(4)（要確認）"),
];

#[derive(Template)]
#[template(path = "ismap/statement/filing.html")]
struct FilingPage {
    frame: Frame,
    /// Path that the form goes to.
    to: String,
    /// Of one that was begun.
    id: Option<String>,
    once: String,
    seen: usize,
    state: &'static str,
    fields: Vec<Field>,
    lacks: Vec<Lack>,
    until: Option<String>,
    liu: bool,
    internal_audit: String,
    /// There is no audited statement to choose.
    nothing: bool,
}

/// An application of the person's own party, with how many steps it has taken.
pub(super) fn own<'r>(
    register: &'r Register,
    signed: &SignedIn,
    id: &str,
) -> Result<(FilingId, &'r PartyId, &'r Filing, usize), PageError> {
    let id = FilingId::new(id).map_err(|_| PageError::Missing)?;
    let (party, _) = provider(register, signed.person()).ok_or(PageError::Missing)?;
    let chronicle = register.scheme().filings.get(&id).ok_or(PageError::Missing)?;
    let filing = chronicle.now();
    if filing.form.as_ref().is_none_or(|form| form.party != *party) {
        return Err(PageError::Missing);
    }
    Ok((id, party, filing, chronicle.steps().count()))
}

/// It can still be written.
pub(super) fn is_open(filing: &Filing) -> bool {
    matches!(filing.state, FilingState::Draft | FilingState::Returned)
}

/// The audit of a statement: the one that was contracted, else the last that was asked for and not given up.
fn engagement_of(register: &Register, id: &StatementId, statement: &Statement) -> Option<EngagementId> {
    let asked = register.scheme().engagements.all();
    let asked = asked.filter(|(_, e)| e.statement == *id && e.state != EngagementState::Withdrawn);
    statement.engagement.clone().or_else(|| asked.last().map(|(id, _)| id.clone()))
}

/// A form as the fields of its page.
fn fields_of(form: &FilingForm) -> Fields {
    let mut all = vec![
        ("statement".to_owned(), form.statement.to_string()),
        ("kind".to_owned(), kind_key(&form.kind)),
        ("scheme".to_owned(), if form.scheme == Scheme::Liu { "liu" } else { "ismap" }.to_owned()),
        ("preliminary".to_owned(), form.preliminary.as_ref().map(ToString::to_string).unwrap_or_default()),
    ];
    let d = &form.disclosures;
    let texts = [&d.capital_and_officers, &d.foreign_law_risk, &d.governing_law, &d.jurisdiction, &d.tests];
    all.extend(DISCLOSED.iter().zip(texts).map(|((name, ..), text)| ((*name).to_owned(), text.clone())));
    let given = PLEDGES.iter().filter(|(pledge, _)| form.pledges.contains(pledge));
    all.extend(given.map(|(_, key)| (format!("pledges.{key}"), "on".to_owned())));
    Fields::of(all).unwrap_or_default()
}

fn kind_key(kind: &FilingKind) -> String {
    match kind {
        FilingKind::New => "new".to_owned(),
        FilingKind::Renewal { number } => format!("renewal:{number}"),
    }
}

fn fields(register: &Register, party: &PartyId, given: &Fields, problems: &[Problem]) -> Vec<Field> {
    let scheme = register.scheme();
    let mut statements = vec![Choice::new("", "（選んでください）")];
    // Those that are audited, or soon will be: a draft can be begun before the report.
    let fit = |state| {
        use StatementState as S;
        matches!(state, S::Signed | S::UnderAudit | S::Audited | S::Filed)
    };
    let own = scheme.statements.all().filter(|(id, s)| {
        s.party == *party
            && (fit(s.state) || id.as_str() == given.get("statement"))
            && engagement_of(register, id, s).is_some()
    });
    statements.extend(own.map(|(id, s)| {
        let label = format!("{} {}〜{}（{}）", service(register, s), s.from, s.to, s.state.label());
        Choice::new(id.as_str(), label)
    }));
    let mut kinds = vec![Choice::new("new", "新規の登録")];
    let provides = |offering| scheme.provider_of(offering).is_some_and(|(id, _)| id == party);
    let registered = register.registrations().filter(|row| row.offering.as_ref().is_some_and(provides));
    kinds.extend(registered.map(|row| {
        let label = format!("{} の更新（有効期限 {} までに申請）", row.number, day(row.valid_until));
        Choice::new(format!("renewal:{}", row.number), label)
    }));
    let mut preliminaries = vec![Choice::new("", "（なし）")];
    let eligible = scheme.preliminaries.all();
    let eligible = eligible.filter(|(_, p)| p.party == *party && p.state == PreliminaryState::Eligible);
    preliminaries.extend(eligible.map(|(id, p)| Choice::new(id.as_str(), p.works.join("、"))));
    let schemes = vec![Choice::new("ismap", "ISMAP"), Choice::new("liu", "ISMAP-LIU")];
    let scheme_given = if given.get("scheme").is_empty() { "ismap" } else { given.get("scheme") };
    let kind_given = if given.get("kind").is_empty() { "new" } else { given.get("kind") };
    let mut all = vec![
        Field::select("statement", "言明書", statements)
            .help("監査を依頼した言明書から選びます。申請できるのは、監査の報告が出たあとです。")
            .value(given.get("statement")),
        Field::select("kind", "新規か更新か", kinds).value(kind_given),
        Field::radio("scheme", "制度", schemes).value(scheme_given),
        Field::select("preliminary", "事前申請", preliminaries)
            .help("ISMAP-LIU のときに、対象となると認められた事前申請を選びます。")
            .optional()
            .value(given.get("preliminary")),
    ];
    all.extend(
        DISCLOSED.iter().map(|(name, label, help)| Field::area(*name, *label, 3).help(*help).value(&given.text(name))),
    );
    let pledges = PLEDGES.iter().map(|(pledge, key)| Choice {
        help: format!("{}（要確認）", pledge.article()),
        ..Choice::new(*key, pledge.label())
    });
    let ticked = given.chosen("pledges");
    all.push(
        Field::checks("pledges", "誓約", pledges.collect())
            .help("一つずつ読み、約束できるものに印を付けます。")
            .ticked(&ticked),
    );
    all.into_iter().map(|field| field.told(problems)).collect()
}

/// Reads the form; a draft may lack anything but the statement.
fn read(
    register: &Register,
    party: &PartyId,
    fields: &Fields,
    before: Option<&FilingForm>,
) -> Result<FilingForm, Vec<Problem>> {
    let mut problems = Vec::new();
    let scheme = register.scheme();
    let statement = StatementId::new(fields.line("statement")).ok();
    let statement = statement.and_then(|id| Some((scheme.statements.now(&id).filter(|s| s.party == *party)?, id)));
    let engagement = statement.as_ref().and_then(|(row, id)| engagement_of(register, id, row));
    if engagement.is_none() {
        problems.push(Problem::at("statement", "監査を依頼した言明書を選んでください。"));
    }
    let kind = match fields.line("kind").strip_prefix("renewal:") {
        Some(number) => FilingKind::Renewal { number: number.to_owned() },
        None => FilingKind::New,
    };
    for (name, label, _) in DISCLOSED {
        if fields.text(name).chars().count() > LONGEST {
            problems.push(Problem::at(name, format!("{label}は {LONGEST} 文字までにしてください。")));
        }
    }
    let text = |name: &str| fields.text(name).trim().to_owned();
    let (Some((row, statement)), Some(engagement), true) = (statement, engagement, problems.is_empty()) else {
        return Err(problems);
    };
    let ticked = fields.chosen("pledges");
    Ok(FilingForm {
        kind,
        scheme: if fields.get("scheme") == "liu" { Scheme::Liu } else { Scheme::Ismap },
        party: party.clone(),
        offering: row.offering.clone(),
        statement,
        engagement,
        preliminary: PreliminaryId::new(fields.line("preliminary")).ok(),
        internal_audit_sha256: before.map(|form| form.internal_audit_sha256.clone()).unwrap_or_default(),
        disclosures: Disclosures {
            capital_and_officers: text("capital_and_officers"),
            foreign_law_risk: text("foreign_law_risk"),
            governing_law: text("governing_law"),
            jurisdiction: text("jurisdiction"),
            tests: text("tests"),
        },
        pledges: PLEDGES.iter().filter(|(_, key)| ticked.contains(key)).map(|(p, _)| *p).collect::<BTreeSet<Pledge>>(),
    })
}

/// What is shown of an application that is written.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) id: Option<FilingId>,
    pub(super) given: Fields,
    pub(super) problems: Vec<Problem>,
    pub(super) done: Option<String>,
    pub(super) status: StatusCode,
}

pub(super) async fn shown(app: &App, signed: &SignedIn, shown: Shown) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, _) = provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let today = in_japan(app.world.now());
    let known = shown.id.as_ref().and_then(|id| register.scheme().filings.get(id));
    let filing = known.map(|chronicle| chronicle.now());
    let form = filing.and_then(|filing| filing.form.as_ref());
    let title = if shown.id.is_some() { "登録申請を書く" } else { "登録を申請する" };
    let notice = match shown.done.as_deref() {
        Some("saved") => Some("保存しました。足りないものを確かめ、そろったら申請してください。"),
        Some("report") => Some("内部監査の報告書を受け取りました。"),
        _ => None,
    };
    let trail = [("/ismap/filings", "登録申請")];
    let frame = frame(app, signed, "/ismap/filings", title, &trail).await?.wide().notice(notice).wrong(shown.problems);
    let until = form.and_then(|form| match &form.kind {
        FilingKind::Renewal { number } => register.registration(number).map(|row| day(row.valid_until)),
        FilingKind::New => None,
    });
    let fields = fields(&register, party, &shown.given, &frame.problems);
    let page_of = FilingPage {
        to: shown.id.as_ref().map_or("/ismap/filings/new".to_owned(), |id| format!("/ismap/filings/{id}/edit")),
        id: shown.id.as_ref().map(ToString::to_string),
        once: once(app),
        seen: known.map_or(0, |chronicle| chronicle.steps().count()),
        state: filing.map_or("", |filing| filing.state.label()),
        nothing: fields.first().is_some_and(|field| field.choices.len() == 1),
        fields,
        lacks: form.map(|form| lacks(&register, form, shown.id.as_ref(), today)).unwrap_or_default(),
        until,
        liu: form.is_some_and(|form| form.scheme == Scheme::Liu),
        internal_audit: form.map(|form| form.internal_audit_sha256.clone()).unwrap_or_default(),
        frame,
    };
    Ok(page(shown.status, &page_of))
}

pub(super) async fn new(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(from): Query<std::collections::BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let statement = from.get("statement").cloned().unwrap_or_default();
    let given = Fields::of([("statement".to_owned(), statement)]).unwrap_or_default();
    shown(&app, &signed, Shown { given, ..Shown::default() }).await
}

pub(super) async fn begin(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (party, _) = provider(&register, signed.person()).ok_or(PageError::Missing)?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let form = match read(&register, party, &fields, None) {
        Ok(form) => form,
        Err(problems) => {
            return shown(&app, &signed, Shown { given: fields, problems, status, ..Shown::default() }).await;
        }
    };
    let id = FilingId::new(named_once(&app, &signed, &fields)).map_err(|_| PageError::Inside)?;
    match give(&app, &signed, drafted(&id, form), "").await? {
        Ok(_) => Ok(go(&format!("/ismap/filings/{id}/edit?done=saved"))),
        Err(refusal) => {
            let problems = vec![Problem::refused(place(refusal.code), &refusal)];
            shown(&app, &signed, Shown { given: fields, problems, status, ..Shown::default() }).await
        }
    }
}

/// The field that a refusal speaks of.
fn place(code: &str) -> &'static str {
    if code == "MUST_NOT_BE_KEPT" { "capital_and_officers" } else { "" }
}

pub(super) fn drafted(id: &FilingId, form: FilingForm) -> Command {
    let step = FilingStep::Draft { form: Box::new(form) };
    Command::StepFiling(StepFiling { filing: id.clone(), on: None, rule: None, step })
}

pub(super) async fn edit(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, _, filing, _) = own(&register, &signed, &id)?;
    if !is_open(filing) {
        return Ok(go(&format!("/ismap/filings/{id}")));
    }
    let given = filing.form.as_ref().map(|form| fields_of(form)).unwrap_or_default();
    shown(&app, &signed, Shown { id: Some(id), given, done: asked.done, ..Shown::default() }).await
}

pub(super) async fn save(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (id, party, filing, steps) = own(&register, &signed, &id)?;
    if !is_open(filing) {
        return Ok(go(&format!("/ismap/filings/{id}")));
    }
    let again = |fields: Fields, problems, status| {
        shown(&app, &signed, Shown { id: Some(id.clone()), given: fields, problems, status, done: None })
    };
    if fields.get("seen") != steps.to_string() {
        let text = "開いたあとに、ほかの人がこの申請を変えました。下の欄にはあなたの入力が残っています。もう一度保存すると、あなたの入力で置き換えます。";
        return again(fields, vec![Problem::at("", text)], StatusCode::CONFLICT).await;
    }
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let form = match read(&register, party, &fields, filing.form.as_deref()) {
        Ok(form) => form,
        Err(problems) => return again(fields, problems, status).await,
    };
    // What did not change is not recorded a second time.
    if filing.form.as_deref() != Some(&form) {
        if let Err(refusal) = give(&app, &signed, drafted(&id, form), "").await? {
            return again(fields, vec![Problem::refused(place(refusal.code), &refusal)], status).await;
        }
    }
    if fields.get("act") != "file" {
        return Ok(go(&format!("/ismap/filings/{id}/edit?done=saved")));
    }
    let file = StepFiling { filing: id.clone(), on: None, rule: None, step: FilingStep::File };
    match give(&app, &signed, Command::StepFiling(file), "").await? {
        Ok(_) => Ok(go(&format!("/ismap/filings/{id}?done=filed"))),
        Err(refusal) => again(fields, vec![Problem::refused("", &refusal)], status).await,
    }
}

/// The audit of a form is reported.
pub(super) fn is_reported(register: &Register, engagement: &EngagementId) -> bool {
    let known = register.scheme().engagements.now(engagement);
    known.is_some_and(|e| matches!(e.state, EngagementState::Reported | EngagementState::Closed))
}
