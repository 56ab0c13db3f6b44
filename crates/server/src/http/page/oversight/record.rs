//! The record of one use: what was asked, what was decided and why, how it ended, and what proves it.

use super::amounts::{app_name, number, purpose};
use super::content::{self, Sealed};
use super::entry::{Shown, bytes};
use super::period::exact;
use super::refusals::{Told, told};
use super::small_groups::sees_all;
use super::uses::{outcome, service_of};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, Problem, page};
use crate::http::page::list::Tone;
use crate::http::page::records::{By, OfRecord, of_record};
use crate::http::page::words::{self, Departments, Names};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::decision::{Outcome, Reason};
use sekisho_domain::entry::Entry;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{PersonId, UseId};
use sekisho_domain::register::Register;
use sekisho_domain::replay;
use sekisho_domain::usage::{DecisionRecord, DeclaredBy, FindingCount, UseRequest};
use sekisho_store::{MadeRow, ReadError, UseOutcome, UseRow};
use serde::Deserialize;

/// A use with its entries.
pub(super) struct Record {
    pub(super) row: UseRow,
    pub(super) entries: Vec<(u64, Vec<u8>, Entry)>,
}

impl Record {
    /// Reads a use; what is not there is a page that is not there.
    pub(super) async fn load(app: &App, id: &str) -> Result<Self, PageError> {
        let id = UseId::new(id).map_err(|_| PageError::Missing)?;
        let row = match app.store.use_row(&id).await {
            Ok(row) => row,
            Err(ReadError::Missing(_)) => return Err(PageError::Missing),
            Err(error) => return Err(error.into()),
        };
        let mut entries = Vec::with_capacity(2);
        for index in [Some(row.opened), Some(row.closed).filter(|closed| *closed > 0)].into_iter().flatten() {
            let bytes = bytes(app, index).await?;
            let entry = Entry::read(&bytes).map_err(|error| {
                tracing::error!(%error, index, "an entry cannot be read");
                PageError::Inside
            })?;
            entries.push((index, bytes, entry));
        }
        Ok(Self { row, entries })
    }

    fn request(&self) -> Option<&UseRequest> {
        self.entries.iter().find_map(|(_, _, entry)| match entry {
            Entry::UseOpened(entry) => Some(&entry.data.request),
            Entry::UseRefused(entry) => entry.data.request.as_ref(),
            _ => None,
        })
    }

    fn decision(&self) -> Option<&DecisionRecord> {
        self.entries.iter().find_map(|(_, _, entry)| match entry {
            Entry::UseOpened(entry) => Some(&entry.data.decision),
            Entry::UseRefused(entry) => entry.data.decision.as_ref(),
            _ => None,
        })
    }

    fn findings(&self) -> Vec<(&'static str, &FindingCount)> {
        let mut all = Vec::new();
        for (_, _, entry) in &self.entries {
            let (place, findings) = match entry {
                Entry::UseOpened(entry) => ("要求", &entry.data.findings),
                Entry::UseRefused(entry) => ("要求", &entry.data.findings),
                Entry::UseClosed(entry) => ("回答", &entry.data.findings),
                Entry::UseAborted(_) | Entry::Governance(_) => continue,
            };
            all.extend(findings.iter().map(|finding| (place, finding)));
        }
        all
    }
}

#[derive(Template)]
#[template(path = "oversight/record.html")]
struct RecordPage {
    frame: Frame,
    id: String,
    outcome: &'static str,
    tone: Tone,
    facts: Vec<(&'static str, String)>,
    decision: Option<Decided>,
    code: String,
    reasons: Vec<Told>,
    replay: Option<Replay>,
    findings: Vec<(&'static str, String, u32)>,
    inherits: Vec<Inherited>,
    entries: Vec<Shown>,
    vkey: String,
    sealed: Option<Sealed>,
    records: OfRecord,
}

struct Decided {
    outcome: &'static str,
    register: u64,
    rules: String,
}

/// The decision made again on the register of its own place.
struct Replay {
    same: bool,
    outcome: &'static str,
    reasons: Vec<Reason>,
}

struct Inherited {
    text: String,
    href: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    replay: String,
    done: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let record = Record::load(&app, &id).await?;
    let again = wanted.replay == "1";
    rendered(&app, &signed, record, View { mine: false, again, done: &wanted.done, reason: "" }, vec![]).await
}

/// How a record is looked at.
pub(super) struct View<'v> {
    /// By the person whose use it was.
    pub(super) mine: bool,
    pub(super) again: bool,
    pub(super) done: &'v str,
    /// What was typed as a reason before something went wrong.
    pub(super) reason: &'v str,
}

/// The page of one's own record once more, with what is wrong with a form on it.
pub(in crate::http::page) async fn again(
    app: &App,
    signed: &SignedIn,
    id: &str,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let record = Record::load(app, id).await?;
    rendered(app, signed, record, View { mine: true, again: false, done: "", reason: "" }, problems).await
}

/// The page of a record.
pub(super) async fn rendered(
    app: &App,
    signed: &SignedIn,
    record: Record,
    view: View<'_>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let row = &record.row;
    let mine = view.mine;
    let (label, tone) = outcome(row.outcome);
    let replay = match (view.again, record.decision(), record.request()) {
        (true, Some(recorded), Some(request)) => {
            Some(replayed(app, row.opened, recorded.clone(), request.clone()).await?)
        }
        _ => None,
    };
    let mut reasons: Vec<Told> = match record.decision() {
        Some(decision) => decision.reasons.iter().map(|reason| told(&register, reason)).collect(),
        None if row.outcome == UseOutcome::Refused => vec![told(&register, &row.code)],
        None => Vec::new(),
    };
    if let Some(replay) = replay.as_ref().filter(|replay| replay.same) {
        // The texts of that day, with what filled their places.
        for told in &mut reasons {
            if let Some(said) = replay.reasons.iter().find(|one| one.rule == told.rule) {
                told.fill(said);
            }
        }
    }
    let base = if mine { format!("/me/uses/{}", row.id) } else { format!("/oversight/uses/{}", row.id) };
    let files = |index: u64| {
        if mine { format!("{base}/entries/{index}") } else { format!("/oversight/entries/{index}") }
    };
    let entries = record
        .entries
        .iter()
        .map(|(index, bytes, entry)| Shown {
            index: *index,
            kind: kind(entry).to_owned(),
            json: String::from_utf8_lossy(bytes).into_owned(),
            files: files(*index),
        })
        .collect();
    let sealed =
        if mine { None } else { Some(content::sealed(app, &register, signed, &record, view.reason, &problems).await?) };
    let records = of_record(&register, signed, &MadeRow::from(row.clone()).made, By::Person { mine }, &problems);
    let status = Problem::status(&problems);
    let trail: &[(&str, &str)] = if mine {
        &[("/", "ホーム"), ("/me", "マイページ"), ("/me/uses", "自分の利用")]
    } else {
        &[("/", "ホーム"), ("/oversight", "利用状況"), ("/oversight/uses", "利用の記録")]
    };
    let frame = Frame::new(app, Some(signed), &base, "利用の記録").await?;
    let record_page = RecordPage {
        frame: frame.below(trail).notice(content::notice(view.done)).wrong(problems),
        id: row.id.to_string(),
        outcome: label,
        tone,
        facts: facts(app, &register, &record, mine).await?,
        decision: record.decision().map(|decision| Decided {
            outcome: decided(decision.outcome),
            register: decision.register,
            rules: decision.rules.clone(),
        }),
        code: row.code.clone(),
        reasons,
        replay,
        findings: record.findings().into_iter().map(|(place, one)| (place, one.rule.clone(), one.count)).collect(),
        inherits: inherits(app, &register, signed, &record, mine).await?,
        entries,
        vkey: app.store.vkey().to_owned(),
        sealed,
        records,
    };
    Ok(page(status, &record_page))
}

fn decided(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "許可",
        Outcome::Conditional => "条件を満たすまで拒否",
        Outcome::Deny => "拒否",
    }
}

fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry::UseOpened(_) => "利用の開始",
        Entry::UseClosed(_) => "利用の終了",
        Entry::UseRefused(_) => "拒否",
        Entry::UseAborted(_) => "停止による中断",
        Entry::Governance(_) => "統制",
    }
}

async fn facts(
    app: &App,
    register: &Register,
    record: &Record,
    mine: bool,
) -> Result<Vec<(&'static str, String)>, PageError> {
    let row = &record.row;
    let grade = |grade: Grade| words::grade(register, grade);
    let mut facts = vec![("日時", exact(row.at))];
    if !mine {
        let names = Names::of(app, [&row.person]).await?;
        facts.push(("利用者", format!("{}（{}）", names.get(&row.person), row.person)));
    }
    if let Some(id) = &row.department {
        facts.push(("部局", Departments::all(app).await?.get(id)));
    }
    facts.push(("サービス", service_of(register, row)));
    if !row.model.is_empty() {
        facts.push(("モデル", row.model.clone()));
    }
    let under = row.permit.as_ref();
    facts.push((
        "業務",
        under.map_or_else(|| "（承認なし）".to_owned(), |id| format!("{}（{id}）", purpose(register, id))),
    ));
    facts.push(("アプリ", app_name(&row.app)));
    facts.push(("入口", row.endpoint.clone()));
    facts.push(("格付", grade(Grade(row.grade))));
    if let Some(request) = record.request() {
        let by = match request.declared_by {
            DeclaredBy::Header => "要求のヘッダー",
            DeclaredBy::Metadata => "要求の metadata",
            DeclaredBy::Key => "既定",
        };
        let parts = [
            ("宣言", grade(request.declared), by),
            ("引継ぎ", grade(request.inherited), ""),
            ("検出", grade(request.signals.detected), ""),
        ];
        let part = |(what, grade, by): (&str, String, &str)| {
            if by.is_empty() { format!("{what} {grade}") } else { format!("{what} {grade}（{by}）") }
        };
        facts.push(("格付の内訳", parts.map(part).join("、")));
        if let Some(reason) = &request.handled.confirmed {
            facts.push(("本人の確認", reason.clone()));
        }
        for (label, rules) in [("伏せた検出", &request.handled.masked), ("止めた検出", &request.handled.blocked)]
        {
            if !rules.is_empty() {
                facts.push((label, rules.join("、")));
            }
        }
    }
    if let Some(at) = row.closed_at {
        facts.push(("終了", exact(at)));
    }
    for (_, _, entry) in &record.entries {
        match entry {
            Entry::UseOpened(entry) => facts.push(("要求の大きさ", format!("{} バイト", number(entry.data.bytes)))),
            Entry::UseRefused(entry) => facts.push(("要求の大きさ", format!("{} バイト", number(entry.data.bytes)))),
            Entry::UseClosed(entry) => {
                facts.push(("回答の大きさ", format!("{} バイト", number(entry.data.bytes))));
                if entry.data.hung_up {
                    facts.push(("接続", "回答が終わる前に、利用者の側が切れた".to_owned()));
                }
            }
            Entry::UseAborted(_) | Entry::Governance(_) => {}
        }
    }
    if row.input_tokens + row.output_tokens > 0 {
        facts.push(("トークン", format!("入力 {}、出力 {}", number(row.input_tokens), number(row.output_tokens))));
    }
    facts.push(("処理したノード", row.node.clone()));
    Ok(facts)
}

/// What the use builds on. Others' uses are no business of a person who looks at their own.
async fn inherits(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    record: &Record,
    mine: bool,
) -> Result<Vec<Inherited>, PageError> {
    let Some(request) = record.request() else { return Ok(Vec::new()) };
    let all = !mine && sees_all(register, signed.person());
    let mut found = Vec::with_capacity(request.inherits.len());
    for name in &request.inherits {
        let row = match UseId::new(name) {
            Ok(id) => match app.store.use_row(&id).await {
                Ok(row) => Some(row),
                Err(ReadError::Missing(_)) => None,
                Err(error) => return Err(error.into()),
            },
            Err(_) => None,
        };
        found.push(match row {
            Some(row) if all => Inherited { text: said(&row), href: Some(format!("/oversight/uses/{}", row.id)) },
            Some(row) if &row.person == signed.person() => {
                Inherited { text: said(&row), href: Some(format!("/me/uses/{}", row.id)) }
            }
            Some(_) => Inherited { text: "（ほかの人の記録）".to_owned(), href: None },
            None => Inherited { text: name.clone(), href: None },
        });
    }
    Ok(found)
}

fn said(row: &UseRow) -> String {
    format!("{} の利用 {}", exact(row.at), row.id)
}

/// Folds the ledger up to the use and decides again. Work for a thread of its own: a long ledger takes seconds.
async fn replayed(app: &App, index: u64, recorded: DecisionRecord, request: UseRequest) -> Result<Replay, PageError> {
    let turn = app.replays.clone().acquire_owned().await.map_err(|_| PageError::Inside)?;
    let store = app.store.clone();
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let _turn = turn;
        let register = runtime.block_on(store.register_at(index))?;
        let (_, decision) = replay::decide(&register, &request);
        Ok::<_, ReadError>((DecisionRecord::of(&decision, register.position()), decision))
    };
    let (again, decision) = app.tasks.spawn_blocking(work).await.map_err(|_| PageError::Inside)??;
    Ok(Replay { same: again == recorded, outcome: decided(decision.outcome), reasons: decision.reasons })
}

/// Whether a use is this person's own.
pub(super) fn is_own(record: &Record, person: &PersonId) -> bool {
    &record.row.person == person
}
