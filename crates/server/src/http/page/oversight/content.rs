//! Sealed content: one person asks with a reason, another agrees, and the one who asked reads. Asking and agreeing are
//! entries of the ledger.

use super::period::exact;
use super::record::{Record, View, rendered};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, download, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::Names;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, GrantContent, RequestContent};
use sekisho_domain::entry::{Entry, Governance};
use sekisho_domain::id::{PersonId, UseId};
use sekisho_domain::register::{ContentAccess, Register};
use sekisho_gate::identify::hex;
use sekisho_gate::record::{ANSWER, REQUEST, binding};
use sekisho_ledger::hash::commitment;
use sekisho_store::{Opening, ReadError, TrailFilter};

/// Most characters of a reason.
const LONGEST_REASON: usize = 500;
/// Acts on one use's content that are shown.
const ACTS: u64 = 50;

/// Where the opening of a use's content stands, for the one who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// Nothing was kept: a stream that may hold what must not be kept, or a request that was never read.
    NotKept,
    /// Destroyed.
    Erased,
    /// Nobody has asked.
    Closed,
    /// The one who looks has asked and waits.
    MineWaits,
    /// Somebody else has asked: the one who looks may agree.
    Asked,
    /// The one who looks may read.
    MineOpen,
    /// Somebody else may read.
    OthersOpen,
}

/// The part of a record's page that speaks of its content.
pub(super) struct Sealed {
    stand: Stand,
    /// Who did what, newest first.
    pub(super) acts: Vec<Act>,
    pub(super) reason: Field,
    pub(super) consent: Field,
    pub(super) form_token: String,
}

impl Sealed {
    pub(super) fn is(&self, stand: &str) -> bool {
        let name = match self.stand {
            Stand::NotKept => "not-kept",
            Stand::Erased => "erased",
            Stand::Closed => "closed",
            Stand::MineWaits => "mine-waits",
            Stand::Asked => "asked",
            Stand::MineOpen => "mine-open",
            Stand::OthersOpen => "others-open",
        };
        name == stand
    }

    /// Whether asking makes sense.
    pub(super) fn may_ask(&self) -> bool {
        matches!(self.stand, Stand::Closed | Stand::OthersOpen)
    }
}

/// One act on sealed content.
pub(super) struct Act {
    pub(super) index: u64,
    pub(super) what: &'static str,
    pub(super) who: String,
    pub(super) at: String,
    pub(super) reason: String,
}

/// What has just been done, by the word in the address.
pub(super) fn notice(done: &str) -> Option<&'static str> {
    match done {
        "asked" => Some("開封を請求しました。別の人が同意すると、あなただけが内容を読めます。"),
        "classified" => Some("この利用の内容の区分を記録しました。"),
        "granted" => Some("開封の請求に同意しました。請求した人だけが内容を読めます。"),
        _ => None,
    }
}

async fn acts(app: &App, of: &UseId) -> Result<Vec<(u64, Box<Governance>)>, PageError> {
    let filter = TrailFilter { subject: Some(of.to_string()), ..TrailFilter::default() };
    let mut acts = Vec::new();
    for row in app.store.trail(&filter, None, ACTS).await? {
        if let Ok(Entry::Governance(entry)) = Entry::read(&app.store.entry(row.index).await?) {
            acts.push((row.index, entry));
        }
    }
    Ok(acts)
}

/// What a record's page says of the content.
pub(super) async fn sealed(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    record: &Record,
    typed: &str,
    problems: &[Problem],
) -> Result<Sealed, PageError> {
    let row = &record.row;
    let acts = acts(app, &row.id).await?;
    let kept = app.store.is_sealed(row.opened).await? || (row.closed > 0 && app.store.is_sealed(row.closed).await?);
    let erased = acts.iter().any(|(_, entry)| entry.event.kind() == "content.erased");
    let stand = match register.content_access(&row.id) {
        _ if erased => Stand::Erased,
        _ if !kept => Stand::NotKept,
        None => Stand::Closed,
        Some(access) => stand(access, signed.person()),
    };
    let people: Vec<&PersonId> = acts.iter().map(|(_, entry)| &entry.actor).collect();
    let names = Names::of(app, people).await?;
    let acts = acts
        .into_iter()
        .map(|(index, entry)| Act {
            index,
            what: super::event_words::of(entry.event.kind()),
            who: names.get(&entry.actor),
            at: exact(entry.at),
            reason: entry.reason.clone(),
        })
        .collect();
    let reason = Field::area("reason", "開封の理由", 3)
        .help("どの調査・点検のために、なぜ内容まで読む必要があるか。500 文字まで。台帳に残り、消せません。")
        .value(typed)
        .told(problems);
    let consent = Field::area("consent", "同意の理由", 2).optional().help("500 文字まで。台帳に残り、消せません。");
    let consent = consent.value(typed).told(problems);
    Ok(Sealed { stand, acts, reason, consent, form_token: signed.form_token.clone() })
}

fn stand(access: &ContentAccess, person: &PersonId) -> Stand {
    match (&access.granted_by, &access.requested_by == person) {
        (None, true) => Stand::MineWaits,
        (None, false) => Stand::Asked,
        (Some(_), true) => Stand::MineOpen,
        (Some(_), false) => Stand::OthersOpen,
    }
}

pub(super) async fn request(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let record = Record::load(&app, &id).await?;
    let (of, reason) = (record.row.id.clone(), fields.text("reason"));
    let reason = reason.trim();
    let problem = match reason.chars().count() {
        0 => Some("開封の理由を入力してください。".to_owned()),
        n if n > LONGEST_REASON => Some(format!("{LONGEST_REASON} 文字までにしてください（いま {n} 文字）。")),
        _ => None,
    };
    let problem = match problem {
        Some(text) => Problem::at("reason", text),
        None => {
            // The same form sent twice finds its own request.
            let waits = app
                .journal
                .register()?
                .content_access(&of)
                .is_some_and(|access| access.granted_by.is_none() && &access.requested_by == signed.person());
            let command = Command::RequestContent(RequestContent { of: of.clone() });
            match if waits { None } else { give(&app, &signed, command, reason).await?.err() } {
                None => return Ok(go(&format!("/oversight/uses/{of}?done=asked"))),
                Some(refusal) => Problem::refused("", &refusal),
            }
        }
    };
    again(&app, &signed, record, reason, problem).await
}

pub(super) async fn grant(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let record = Record::load(&app, &id).await?;
    let (of, reason) = (record.row.id.clone(), fields.text("consent"));
    let reason = reason.trim();
    let problem = if reason.chars().count() > LONGEST_REASON {
        Problem::at("consent", format!("{LONGEST_REASON} 文字までにしてください。"))
    } else {
        let granted = app
            .journal
            .register()?
            .content_access(&of)
            .is_some_and(|access| access.granted_by.as_ref() == Some(signed.person()));
        let command = Command::GrantContent(GrantContent { of: of.clone() });
        match if granted { None } else { give(&app, &signed, command, reason).await?.err() } {
            None => return Ok(go(&format!("/oversight/uses/{of}?done=granted"))),
            Some(refusal) => Problem::refused("", &refusal),
        }
    };
    again(&app, &signed, record, reason, problem).await
}

/// The record's page once more, with what was typed and what is true now.
async fn again(
    app: &App,
    signed: &SignedIn,
    record: Record,
    typed: &str,
    problem: Problem,
) -> Result<Response, PageError> {
    rendered(app, signed, record, View { mine: false, again: false, done: "", reason: typed }, vec![problem]).await
}

#[derive(Template)]
#[template(path = "oversight/content.html")]
struct ContentPage {
    frame: Frame,
    id: String,
    asked_by: String,
    granted_by: String,
    parts: Vec<Part>,
}

/// What was sent, or what came back.
struct Part {
    name: &'static str,
    label: &'static str,
    entry: u64,
    recorded: String,
    redacted: bool,
    opened: Option<Opened>,
}

struct Opened {
    salt: String,
    computed: String,
    same: bool,
    text: String,
}

/// Lets the one who asked, once another has agreed, and nobody else.
fn readable(register: &Register, signed: &SignedIn, of: &UseId) -> Result<ContentAccess, PageError> {
    let mine = |access: &&ContentAccess| access.granted_by.is_some() && &access.requested_by == signed.person();
    register.content_access(of).filter(mine).cloned().ok_or(PageError::Missing)
}

async fn opening(app: &App, of: &UseId, index: u64, part: &str) -> Result<Option<Opening>, PageError> {
    match app.store.open_sealed(index, &binding(of, part)).await {
        Ok(opening) => Ok(Some(opening)),
        Err(ReadError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Index, commitment and redaction of each part that was committed to.
fn committed(record: &Record) -> Vec<(&'static str, u64, String, bool)> {
    let mut parts = Vec::with_capacity(2);
    for (index, _, entry) in &record.entries {
        match entry {
            Entry::UseOpened(e) => parts.push((REQUEST, *index, e.data.commitment.clone(), e.data.redacted)),
            Entry::UseRefused(e) => parts.push((REQUEST, *index, e.data.commitment.clone(), e.data.redacted)),
            Entry::UseClosed(e) => parts.push((ANSWER, *index, e.data.commitment.clone(), e.data.redacted)),
            Entry::UseAborted(_) | Entry::Governance(_) => {}
        }
    }
    parts
}

pub(super) async fn open(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let record = Record::load(&app, &id).await?;
    let of = &record.row.id;
    let access = readable(&*app.journal.register()?, &signed, of)?;
    let mut parts = Vec::with_capacity(2);
    for (name, entry, recorded, redacted) in committed(&record) {
        let opened = opening(&app, of, entry, name).await?.map(|opening| {
            let computed = commitment(&opening.salt, &opening.bytes).to_hex();
            Opened {
                salt: hex(&opening.salt),
                same: computed == recorded,
                computed,
                text: String::from_utf8_lossy(&opening.bytes).into_owned(),
            }
        });
        let label = if name == REQUEST { "送った内容" } else { "返ってきた内容" };
        parts.push(Part { name, label, entry, recorded, redacted, opened });
    }
    let people: Vec<&PersonId> =
        [Some(&access.requested_by), access.granted_by.as_ref()].into_iter().flatten().collect();
    let names = Names::of(&app, people).await?;
    let record_path = format!("/oversight/uses/{of}");
    let frame = Frame::new(&app, Some(&signed), &record_path, "封緘した内容").await?;
    let frame = frame.below(&[
        ("/", "ホーム"),
        ("/oversight", "利用状況"),
        ("/oversight/uses", "利用の記録"),
        (&record_path, "この記録"),
    ]);
    let content_page = ContentPage {
        frame,
        id: of.to_string(),
        asked_by: names.get(&access.requested_by),
        granted_by: access.granted_by.as_ref().map_or_else(String::new, |person| names.get(person)),
        parts,
    };
    Ok(page(StatusCode::OK, &content_page))
}

/// One part as the very bytes that were committed to.
pub(super) async fn part(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, part)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let record = Record::load(&app, &id).await?;
    let of = &record.row.id;
    readable(&*app.journal.register()?, &signed, of)?;
    let wanted = committed(&record).into_iter().find(|(name, ..)| *name == part);
    let (name, index, ..) = wanted.ok_or(PageError::Missing)?;
    let opening = opening(&app, of, index, name).await?.ok_or(PageError::Missing)?;
    Ok(download("application/octet-stream", &format!("{of}-{name}.bin"), opening.bytes))
}

#[derive(Template)]
#[template(path = "oversight/queue.html")]
struct QueuePage {
    frame: Frame,
    table: Table,
}

struct Queued {
    of: UseId,
    by: String,
    at: Option<jiff::Timestamp>,
    reason: String,
    stand: Stand,
}

pub(super) async fn queue(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let people: Vec<&PersonId> = register.content_accesses().map(|(_, access)| &access.requested_by).collect();
    let names = Names::of(&app, people).await?;
    let mut rows = Vec::new();
    for (of, access) in register.content_accesses() {
        let acts = acts(&app, of).await?;
        let request = acts.into_iter().map(|(_, entry)| entry).find(|entry| entry.event.kind() == "content.requested");
        rows.push(Queued {
            of: of.clone(),
            by: names.get(&access.requested_by),
            at: request.as_ref().map(|entry| entry.at),
            reason: request.map_or_else(String::new, |entry| entry.reason.clone()),
            stand: stand(access, signed.person()),
        });
    }
    let waits = |row: &Queued| match row.stand {
        Stand::Asked => 0,
        Stand::MineWaits => 1,
        Stand::MineOpen => 2,
        _ => 3,
    };
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| (waits(one), other.at).cmp(&(waits(other), one.at))),
            ("at", &|one, other| one.at.cmp(&other.at)),
        ],
    );
    let columns = [
        Column::plain("利用の記録"),
        Column::plain("状態"),
        Column::plain("請求した人"),
        Column::sorted("at", "請求の日時"),
        Column::plain("理由"),
    ];
    let empty =
        "開封の請求はありません。利用の記録の画面から理由を付けて請求すると、ここに並び、別の人が同意できます。";
    let table = Table::new("/oversight/content", ("開封の請求", empty), &columns, &asked, slice, |row| {
        let (tone, state) = match row.stand {
            Stand::Asked => (Tone::Look, "あなたの同意を待っています"),
            Stand::MineWaits => (Tone::Look, "別の人の同意を待っています"),
            Stand::MineOpen => (Tone::Good, "あなたが読めます"),
            _ => (Tone::Plain, "請求した人が読めます"),
        };
        vec![
            Cell::link(format!("/oversight/uses/{}#content", row.of), row.of.as_str()),
            Cell::tag(tone, state),
            Cell::text(row.by),
            Cell::text(row.at.map_or_else(String::new, exact)),
            Cell::text(row.reason),
        ]
    });
    if let Some(file) = table.file("content-requests")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/oversight", "開封の請求").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/oversight", "利用状況")]);
    Ok(page(StatusCode::OK, &QueuePage { frame, table }))
}
