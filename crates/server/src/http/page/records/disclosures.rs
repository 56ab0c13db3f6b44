//! 開示請求: taking one up, another person's agreement, finding the uses, and the end.

use super::{review, scope_form};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, give_named, keep, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, NO_DAY, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::oversight::exact;
use crate::http::page::words::{self, Names};
use crate::records::WalkError;
use crate::records::scope::{self, Found, InScope, Left, MOST, ScopeError};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::budget::grouped;
use sekisho_domain::command::{CloseDisclosure, Command, GrantDisclosure, OpenDisclosure};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::DisclosureId;
use sekisho_domain::person::Role::{Auditor, Ciso, RecordsManager};
use sekisho_domain::records::disclosure::{Disclosure, DisclosureState};
use sekisho_domain::register::Register;
use sekisho_store::PaperRow;

/// What was found is kept as.
const FOUND: &str = "disclosure-found";

#[derive(Template)]
#[template(path = "records/disclosures.html")]
struct DisclosuresPage {
    frame: Frame,
    table: Table,
    fields: Vec<Field>,
    once: String,
}

#[derive(Template)]
#[template(path = "records/disclosure.html")]
struct DisclosurePage {
    frame: Frame,
    id: String,
    state: &'static str,
    asked: String,
    scope: String,
    words: String,
    received: String,
    due: String,
    overdue: bool,
    reader: String,
    steps: Vec<(String, &'static str, String, String)>,
    files: Vec<FileRow>,
    found: Option<Sums>,
    table: Option<Table>,
    may_grant: bool,
    may_read: bool,
    may_close: bool,
    consent: Field,
    decision: Field,
}

struct FileRow {
    uses: String,
    found: String,
    masked: String,
    sha256: String,
}

struct Sums {
    at: String,
    uses: String,
    found: String,
    not_found: String,
    gone: String,
    reviewed: String,
    ready: bool,
}

fn label(state: DisclosureState) -> (Tone, &'static str) {
    match state {
        DisclosureState::Opened => (Tone::Look, "閲覧への同意待ち"),
        DisclosureState::Granted => (Tone::Look, "対応中"),
        DisclosureState::Closed => (Tone::Good, "終結"),
    }
}

async fn listed(
    app: &App,
    signed: &SignedIn,
    asked: &Asked,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let all: Vec<&Disclosure> = register.records().ground().disclosures().collect();
    let names = Names::of(app, all.iter().map(|one| &one.reader).collect::<Vec<_>>()).await?;
    let by_due = |one: &&Disclosure, other: &&Disclosure| {
        (!one.is_open(), one.received).cmp(&(!other.is_open(), other.received))
    };
    let slice = asked.slice(all, &[("", &by_due)]);
    let columns = [
        Column::plain("開示請求"),
        Column::plain("請求の内容"),
        Column::plain("受付日"),
        Column::plain("決定の目安（要確認）"),
        Column::plain("状態"),
        Column::plain("担当"),
    ];
    let empty = "開示請求はまだありません。受け付けると、対象の内容はすべて廃棄が止まります。";
    let table = Table::new("/records/disclosures", ("開示請求", empty), &columns, asked, slice, |one| {
        let (tone, state) = label(one.state);
        vec![
            Cell::link(format!("/records/disclosures/{}", one.disclosure), one.disclosure.as_str()),
            Cell::text(one.asked.chars().take(60).collect::<String>()),
            Cell::text(words::day(one.received)),
            Cell::text(words::day(one.due())),
            Cell::tag(tone, state),
            Cell::text(names.get(&one.reader)),
        ]
    });
    if let Some(file) = table.file("disclosures")? {
        return Ok(file);
    }
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/records", "開示請求").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/records", "文書管理")]).wrong(problems);
    let told = &frame.problems;
    let mut fields = Vec::new();
    if register.holds_any(signed.person(), &[RecordsManager]) {
        let today = in_japan(app.world.now()).to_string();
        let received = if given.get("received").is_empty() { today.as_str() } else { given.get("received") };
        fields.push(Field::input("date", "received", "受付日").value(received).told(told));
        fields.push(
            Field::area("asked", "請求の内容", 3)
                .help("請求した人の氏名は書かないでください。台帳に残り、消せません。")
                .value(given.get("asked"))
                .told(told),
        );
        fields.extend(scope_form::fields(app, &register, given, told).await?);
        fields.push(
            Field::area("words", "探す語", 3)
                .optional()
                .help("1 行に 1 つ。どれかが内容に含まれる利用を探します。空けると、対象のすべての利用です。")
                .value(given.get("words"))
                .told(told),
        );
    }
    Ok(page(status, &DisclosuresPage { frame, table, fields, once: once(app) }))
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    listed(&app, &signed, &asked, &Fields::default(), Vec::new()).await
}

pub(super) async fn open(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut wrong = Vec::new();
    let scope = scope_form::read(&app, &fields, &mut wrong).await?;
    let received = fields.line("received").parse::<Date>().ok();
    if received.is_none() {
        wrong.push(Problem::at("received", NO_DAY));
    }
    if let (Some(received), true) = (received, wrong.is_empty()) {
        let words: Vec<String> =
            fields.text("words").lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let asked = fields.text("asked").trim().to_owned();
        let fresh = named_once(&app, &signed, &fields);
        let id = DisclosureId::new(format!("disclosure-{fresh}")).map_err(|_| PageError::Stale)?;
        if app.journal.register()?.records().disclosure(&id).is_some() {
            return Ok(go(&format!("/records/disclosures/{id}?done=opened")));
        }
        let command = Command::OpenDisclosure(OpenDisclosure { received, asked, scope, words });
        match give_named(&app, &signed, command, "", fresh, vec![]).await? {
            Ok(_) => return Ok(go(&format!("/records/disclosures/{id}?done=opened"))),
            Err(refusal) => wrong.push(Problem::refused("", &refusal)),
        }
    }
    listed(&app, &signed, &Asked::default(), &fields, wrong).await
}

/// A request for disclosure by the name in the address.
pub(super) fn named<'r>(register: &'r Register, id: &str) -> Result<&'r Disclosure, PageError> {
    let id = DisclosureId::new(id).map_err(|_| PageError::Missing)?;
    register.records().disclosure(&id).ok_or(PageError::Missing)
}

/// The same for the one who may read its contents; for everybody else it is not there.
pub(super) fn readable<'r>(register: &'r Register, signed: &SignedIn, id: &str) -> Result<&'r Disclosure, PageError> {
    named(register, id).and_then(|one| if one.may_read(signed.person()) { Ok(one) } else { Err(PageError::Missing) })
}

/// What was found, once somebody looked.
pub(super) async fn found(app: &App, disclosure: &Disclosure) -> Result<Option<(Found, u64)>, PageError> {
    let Some(paper) = app.store.paper(FOUND, disclosure.disclosure.as_str()).await? else { return Ok(None) };
    match serde_json::from_slice(&paper.content) {
        Ok(found) => Ok(Some((found, paper.row.version))),
        Err(error) => {
            tracing::error!(%error, "what was found for a request for disclosure cannot be read");
            Err(PageError::Inside)
        }
    }
}

fn state_of(one: &InScope, reviewed: bool) -> (Tone, &'static str) {
    match (one.left, reviewed) {
        (Left::Found, true) => (Tone::Good, "確認済み"),
        (Left::Found, false) => (Tone::Look, "確認待ち"),
        (Left::NotFound, _) => (Tone::Plain, "語なし"),
        (Left::Gone, _) => (Tone::Plain, "内容なし（廃棄済み・保存なし）"),
    }
}

async fn shown(
    app: &App,
    signed: &SignedIn,
    id: &str,
    asked: &Asked,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let one = named(&register, id)?;
    let may_read = one.may_read(signed.person());
    let people = one.history.iter().map(|step| &step.by).chain([&one.reader]);
    let names = Names::of(app, people.collect::<Vec<_>>()).await?;
    let found = found(app, one).await?.map(|(found, _)| found);
    let path = format!("/records/disclosures/{}", one.disclosure);
    let (mut sums, mut table) = (None, None);
    if let Some(found) = &found {
        let reviewed = review::reviewed(app, one, found).await?;
        let wanted = found.count(Left::Found);
        sums = Some(Sums {
            at: exact(found.at),
            uses: grouped(found.list.uses),
            found: grouped(wanted),
            not_found: grouped(found.count(Left::NotFound)),
            gone: grouped(found.count(Left::Gone)),
            reviewed: grouped(reviewed.len() as u64),
            ready: reviewed.len() as u64 == wanted,
        });
        let order = |left: Left| matches!(left, Left::NotFound) as u8 + 2 * (matches!(left, Left::Gone) as u8);
        let by_state = |a: &&InScope, b: &&InScope| (order(a.left), a.opened).cmp(&(order(b.left), b.opened));
        let slice = asked.slice(found.uses.iter().collect(), &[("", &by_state)]);
        let columns = [Column::plain("利用"), Column::plain("日時"), Column::plain("状態")];
        let made = Table::new(
            path.clone(),
            ("対象の利用", "対象の利用はありません。"),
            &columns,
            asked,
            slice,
            |use_| {
                let (tone, state) = state_of(use_, reviewed.contains(&use_.of));
                let name = if may_read && use_.left == Left::Found {
                    Cell::link(format!("{path}/uses/{}", use_.of), use_.of.as_str())
                } else {
                    Cell::text(use_.of.as_str())
                };
                vec![name, Cell::text(exact(use_.at)), Cell::tag(tone, state)]
            },
        );
        if let Some(file) = made.file("disclosure-uses")? {
            return Ok(file);
        }
        table = Some(made);
    }
    let notice = match asked.done.as_deref() {
        Some("opened") => Some(
            "開示請求を受け付けました。対象の内容は廃棄されません。監査人か統括情報セキュリティ責任者に、閲覧への同意を依頼してください。",
        ),
        Some("granted") => Some("閲覧に同意しました。受付の担当者だけが、対象の内容を読めます。"),
        Some("found") => Some("対象の利用をすべて調べました。"),
        Some("stale") => Some("調べた後に部局の構成が変わりました。もう一度調べてから、ファイルを作ってください。"),
        Some("closed") => Some("開示請求を終結しました。"),
        Some("reviewed") => Some("不開示の箇所を保存しました。"),
        _ => None,
    };
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/records", "開示請求への対応").await?;
    let trail = [("/", "ホーム"), ("/records", "文書管理"), ("/records/disclosures", "開示請求")];
    let frame = frame.below(&trail).notice(notice).wrong(problems);
    let told = &frame.problems;
    let consent = Field::text("reason", "同意の理由", "off").optional().value(given.get("reason")).told(told);
    let decision = Field::area("decision", "決定の内容", 3)
        .help("全部開示・一部不開示・不開示・取下げなど。台帳に残り、消せません。")
        .value(given.get("decision"))
        .told(told);
    let disclosure_page = DisclosurePage {
        id: one.disclosure.to_string(),
        state: label(one.state).1,
        asked: one.asked.clone(),
        scope: scope_form::told(app, &register, &one.scope).await?,
        words: one.words.join("、"),
        received: words::day(one.received),
        due: words::day(one.due()),
        overdue: one.is_open() && one.due() < in_japan(app.world.now()),
        reader: names.get(&one.reader),
        steps: one
            .history
            .iter()
            .map(|step| (exact(step.at), step.what, names.get(&step.by), step.reason.clone()))
            .collect(),
        files: one
            .handed_out
            .iter()
            .map(|what| FileRow {
                uses: grouped(what.uses),
                found: grouped(what.found),
                masked: grouped(what.masked),
                sha256: what.sha256.clone(),
            })
            .collect(),
        found: sums,
        table,
        may_grant: one.state == DisclosureState::Opened
            && &one.reader != signed.person()
            && register.holds_any(signed.person(), &[Auditor, Ciso]),
        may_read,
        may_close: one.is_open() && register.holds_any(signed.person(), &[RecordsManager]),
        consent,
        decision,
        frame,
    };
    Ok(page(status, &disclosure_page))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    shown(&app, &signed, &id, &asked, &Fields::default(), Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let disclosure = DisclosureId::new(&id).map_err(|_| PageError::Missing)?;
    let (command, reason, done) = match fields.get("act") {
        "find" => return find(&app, &signed, &id).await,
        "grant" => {
            (Command::GrantDisclosure(GrantDisclosure { disclosure }), fields.line("reason").to_owned(), "granted")
        }
        "close" => {
            let decision = fields.text("decision").trim().to_owned();
            (Command::CloseDisclosure(CloseDisclosure { disclosure }), decision, "closed")
        }
        _ => return Err(PageError::Stale),
    };
    match give(&app, &signed, command, &reason).await? {
        Ok(_) => Ok(go(&format!("/records/disclosures/{id}?done={done}"))),
        Err(refusal) => {
            let problem = Problem::refused(if done == "closed" { "decision" } else { "" }, &refusal);
            shown(&app, &signed, &id, &Asked::default(), &fields, vec![problem]).await
        }
    }
}

/// Looks through the uses of the scope and keeps what was found.
async fn find(app: &App, signed: &SignedIn, id: &str) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let one = readable(&register, signed, id)?;
    let looked = {
        let _turn = app.replays.clone().acquire_owned().await.map_err(|_| PageError::Inside)?;
        scope::find(app, one).await
    };
    let new = match looked {
        Ok(found) => found,
        Err(ScopeError::TooMany) => {
            let most = grouped(MOST);
            let text =
                format!("対象の利用が {most} 件を超えます。期間や部局を絞った開示請求として受け付け直してください。");
            let problem = Problem::at("", text);
            return shown(app, signed, id, &Asked::default(), &Fields::default(), vec![problem]).await;
        }
        Err(ScopeError::Walk(WalkError::Read(error))) => return Err(error.into()),
        Err(ScopeError::Walk(WalkError::Journal(error))) => return Err(error.into()),
        Err(ScopeError::Walk(WalkError::Stopping)) => return Err(PageError::Inside),
    };
    let earlier = found(app, one).await?;
    let now = app.world.now();
    let row = PaperRow {
        kind: FOUND.to_owned(),
        id: one.disclosure.to_string(),
        owner: one.reader.clone(),
        personal: false,
        version: earlier.map_or(0, |(_, version)| version) + 1,
        created_at: now,
        changed_at: now,
    };
    keep(app, row, &new).await?;
    Ok(go(&format!("/records/disclosures/{id}?done=found")))
}
