//! 調達・契約チェックシート: the list, and the form that begins one. Every sheet has a working copy, a paper that several
//! people may write on; what is complete lies in a document, and its hash in the ledger.

use crate::account::SignedIn;
use crate::checklist::{Filled, PAPER, bytes, in_force};
use crate::http::App;
use crate::http::page::act::{ONCE, keep, named_once, once};
use crate::http::page::desk::governs;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{self, Names};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::RiskStanding;
use sekisho_domain::ds920::checklist::{Answers, QuestionSet, SetKind, lacks};
use sekisho_domain::ds920::risk_table::RiskLevel;
use sekisho_domain::id::{ApplicationId, ChecklistId, PersonId, ServiceId};
use sekisho_domain::permit::ApplicationState;
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use sekisho_store::{Paper, PaperRow};

/// Most sheets listed, the last changed first.
const MOST_LISTED: u64 = 500;

#[derive(Template)]
#[template(path = "ds920/sheets.html")]
struct SheetsPage {
    frame: Frame,
    table: Table,
    q: String,
}

#[derive(Template)]
#[template(path = "ds920/sheet_new.html")]
struct NewPage {
    frame: Frame,
    fields: Vec<Field>,
    once: String,
}

/// A sheet's working copy.
pub(super) struct Working {
    pub(super) id: ChecklistId,
    pub(super) row: PaperRow,
    pub(super) filled: Filled,
}

impl Working {
    fn of(paper: Paper) -> Option<Self> {
        let filled = serde_json::from_slice(&paper.content).ok()?;
        Some(Self { id: ChecklistId::new(&paper.row.id).ok()?, row: paper.row, filled })
    }

    /// Whoever governs, began it or answered in it sees it.
    pub(super) fn is_seen_by(&self, register: &Register, person: &PersonId) -> bool {
        governs(register, person)
            || self.row.owner == *person
            || self.filled.answers.values().any(|given| given.assessor == *person)
    }

    /// Whoever began it writes on it, and those who look after services and risks.
    pub(super) fn is_written_by(&self, register: &Register, person: &PersonId) -> bool {
        let roles = [Role::ServiceManager, Role::Approver, Role::Caio, Role::Ciso];
        self.row.owner == *person || register.holds_any(person, &roles)
    }

    /// What was completed last is what stands in the working copy.
    pub(super) fn is_complete(&self, register: &Register) -> Result<bool, PageError> {
        let done = register.ds920().checklist(&self.id).map(|done| done.sheet.sha256.clone());
        let now = crate::ismap::documents::sha256(&bytes(&self.filled)?);
        Ok(done.is_some_and(|done| done == now))
    }
}

/// A sheet that the person may see.
pub(super) async fn working(app: &App, register: &Register, signed: &SignedIn, id: &str) -> Result<Working, PageError> {
    let id = ChecklistId::new(id).map_err(|_| PageError::Missing)?;
    let paper = app.store.paper(PAPER, id.as_str()).await?.ok_or(PageError::Missing)?;
    let working = Working::of(paper).ok_or(PageError::Inside)?;
    if working.is_seen_by(register, signed.person()) { Ok(working) } else { Err(PageError::Missing) }
}

/// The level at which questions are asked: as the application's risk stands today, else as it was chosen. What nobody has
/// judged is asked as if the risk were high.
pub(super) fn level(register: &Register, filled: &Filled, today: Date) -> RiskLevel {
    let application = filled.application.as_ref().and_then(|id| register.application(id));
    application.map_or(filled.level, |application| match register.risk_standing(application, today) {
        RiskStanding::Low => RiskLevel::Low,
        _ => RiskLevel::PossiblyHigh,
    })
}

/// What a sheet is of, in words.
pub(super) fn subject(register: &Register, filled: &Filled) -> String {
    let service = words::service(register, &filled.service);
    match filled.application.as_ref().and_then(|id| register.application(id)) {
        Some(application) => format!("{service}（{}）", application.draft.purpose),
        None => service,
    }
}

/// Both sets that count now.
async fn sets(app: &App, register: &Register) -> Result<Vec<QuestionSet>, PageError> {
    let mut sets = Vec::new();
    for kind in SetKind::ALL {
        sets.push(in_force(app, register, kind).await?);
    }
    Ok(sets)
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let sets = sets(&app, &register).await?;
    let mut papers = app.store.papers(PAPER, MOST_LISTED).await?;
    // One's own are there however many others were changed since.
    let own = app.store.papers_of(PAPER, signed.person(), MOST_LISTED).await?;
    papers.extend(own.into_iter().filter(|own| papers.iter().all(|one| one.row.id != own.row.id)).collect::<Vec<_>>());
    let mut rows: Vec<Working> =
        papers.into_iter().filter_map(Working::of).filter(|w| w.is_seen_by(&register, signed.person())).collect();
    let names = Names::of(&app, rows.iter().map(|w| &w.row.owner).collect::<Vec<_>>()).await?;
    rows.retain(|w| asked.finds(&[&subject(&register, &w.filled), w.filled.set.kind.label()]));
    let by_time = |one: &Working, other: &Working| other.row.changed_at.cmp(&one.row.changed_at);
    let by_kind = |one: &Working, other: &Working| one.filled.set.kind.cmp(&other.filled.set.kind);
    let slice = asked.slice(rows, &[("changed", &by_time), ("kind", &by_kind)]);
    let columns = [
        Column::plain("対象"),
        Column::sorted("kind", "種類"),
        Column::plain("始めた人"),
        Column::sorted("changed", "最後の変更"),
        Column::plain("状態"),
        Column::plain("いまの版で残る問い"),
    ];
    let about = ("チェックシート", "あなたが見られるチェックシートはまだありません。");
    let table = Table::new("/checklists", about, &columns, &asked, slice, |w| {
        let set = sets.iter().find(|set| set.kind == w.filled.set.kind).unwrap_or(&w.filled.set);
        let left = lacks(set, level(&register, &w.filled, today), &w.filled.answers).len();
        let done = register.ds920().checklist(&w.id);
        let state = match (done, w.is_complete(&register).unwrap_or(false)) {
            (Some(_), true) => Cell::tag(Tone::Good, "完成"),
            (Some(_), false) => Cell::tag(Tone::Look, "完成の後に書き直し中"),
            (None, _) => Cell::tag(Tone::Look, "下書き"),
        };
        vec![
            Cell::link(format!("/checklists/{}", w.id), subject(&register, &w.filled)),
            Cell::text(w.filled.set.kind.label()),
            Cell::text(names.get(&w.row.owner)),
            Cell::text(words::day(in_japan(w.row.changed_at))),
            state,
            if left == 0 { Cell::text("なし") } else { Cell::tag(Tone::Look, format!("{left} 件")) },
        ]
    });
    if let Some(file) = table.file("checklists")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/checklists", "チェックシート").await?;
    let frame = frame.below(&[("/", "ホーム")]).wide();
    Ok(page(StatusCode::OK, &SheetsPage { frame, table, q: asked.q.clone() }))
}

pub(super) async fn new(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    form(&app, &signed, &Fields::default(), Vec::new()).await
}

async fn form(app: &App, signed: &SignedIn, typed: &Fields, problems: Vec<Problem>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let all = governs(&register, signed.person());
    let mut subjects: Vec<Choice> = register
        .services()
        .filter(|record| !record.withdrawn)
        .map(|record| {
            Choice::new(format!("service:{}", record.service.service), format!("サービス「{}」", record.service.name))
        })
        .collect();
    let open = |state: &ApplicationState| {
        matches!(state, ApplicationState::Submitted | ApplicationState::Returned | ApplicationState::Approved { .. })
    };
    let mut applications: Vec<Choice> = register
        .applications()
        .filter(|a| (all || a.applicant == *signed.person()) && open(&a.state))
        .flat_map(|a| a.draft.services.iter().map(move |service| (a, service)))
        .map(|(a, service)| {
            let label = format!("申請「{}」の{}", a.draft.purpose, words::service(&register, service));
            Choice::new(format!("application:{}:{service}", a.application), label)
        })
        .collect();
    applications.sort_by(|one, other| one.label.cmp(&other.label));
    subjects.extend(applications);
    let kinds = SetKind::ALL.map(|kind| Choice::new(kind.name(), kind.label())).to_vec();
    let levels = [RiskLevel::PossiblyHigh, RiskLevel::Low]
        .map(|level| Choice::new(if level == RiskLevel::Low { "low" } else { "possibly_high" }, level.label()));
    let or = |name: &str, otherwise: &str| match typed.get(name) {
        "" => otherwise.to_owned(),
        typed => typed.to_owned(),
    };
    let fields = vec![
        Field::radio("kind", "種類", kinds).value(&or("kind", "procurement")).told(&problems),
        Field::select("subject", "対象", subjects).value(typed.get("subject")).told(&problems),
        Field::radio("level", "リスク", levels.to_vec())
            .help("対象が申請のときは、その申請のリスクの扱いによって問いが決まります。サービスだけのときはここで選びます。")
            .value(&or("level", "possibly_high"))
            .told(&problems),
    ];
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/checklists", "チェックシートを始める").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/checklists", "チェックシート")]).wrong(problems);
    let once = match typed.get(ONCE) {
        "" => once(app),
        sent => sent.to_owned(),
    };
    Ok(page(status, &NewPage { frame, fields, once }))
}

pub(super) async fn begin(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let kind = SetKind::named(fields.get("kind"));
    let chosen = fields.get("subject");
    let subject = match chosen.split_once(':') {
        Some(("service", id)) => ServiceId::new(id).ok().map(|service| (service, None)),
        Some(("application", rest)) => rest.split_once(':').and_then(|(application, service)| {
            Some((ServiceId::new(service).ok()?, Some(ApplicationId::new(application).ok()?)))
        }),
        _ => None,
    };
    let all = governs(&register, signed.person());
    let subject = subject.filter(|(service, application)| {
        let known = application.as_ref().is_none_or(|id| {
            register
                .application(id)
                .is_some_and(|a| (all || a.applicant == *signed.person()) && a.draft.services.contains(service))
        });
        register.service(service).is_some() && known
    });
    let (Some(kind), Some((service, application))) = (kind, subject) else {
        let problems = vec![Problem::at("subject", "種類と対象を一覧から選んでください。")];
        return form(&app, &signed, &fields, problems).await;
    };
    let level = if fields.get("level") == "low" { RiskLevel::Low } else { RiskLevel::PossiblyHigh };
    let set = in_force(&app, &register, kind).await?;
    let filled = Filled { set, service, application, level, answers: Answers::new() };
    let id = format!("cs-{}", named_once(&app, &signed, &fields));
    let now = app.world.now();
    let row = PaperRow {
        kind: PAPER.to_owned(),
        id: id.clone(),
        owner: signed.person().clone(),
        // The body's, not the person's: it stays when they are forgotten.
        personal: false,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    // `false`: the same form was sent twice, and the sheet is there.
    keep(&app, row, &filled).await?;
    Ok(go(&format!("/checklists/{id}/fill")))
}
