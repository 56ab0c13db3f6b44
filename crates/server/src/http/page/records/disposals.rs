//! 廃棄: a list, another person's approval, the destruction, the certificate.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{give, give_named, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, NO_DAY, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, download, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::oversight::exact;
use crate::http::page::words::{self, Names};
use crate::records::WalkError;
use crate::records::{counting, destroying};
use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_domain::budget::grouped;
use sekisho_domain::command::{ApproveDisposal, BeginDisposal, Command, DraftDisposal, RefuseDisposal};
use sekisho_domain::day::{begin_in_japan, in_japan};
use sekisho_domain::id::{DisposalId, PersonId};
use sekisho_domain::person::Role::{Ciso, RecordsManager};
use sekisho_domain::records::disposal::{Disposal, DisposalState};

#[derive(Template)]
#[template(path = "records/disposals.html")]
struct DisposalsPage {
    frame: Frame,
    table: Table,
    fields: Vec<Field>,
    once: String,
}

#[derive(Template)]
#[template(path = "records/disposal.html")]
struct DisposalPage {
    frame: Frame,
    id: String,
    state: &'static str,
    as_of: String,
    uses: String,
    digest: String,
    steps: Vec<StepRow>,
    certificate: Option<Certified>,
    running: Option<String>,
    may_approve: bool,
    may_refuse: bool,
    may_begin: bool,
    may_resume: bool,
    /// There is a list to look at: afterwards the certificate stands for it.
    has_list: bool,
    consent: Field,
    reason: Field,
}

struct StepRow {
    what: &'static str,
    who: String,
    at: String,
    reason: String,
}

struct Certified {
    contents: String,
    papers: String,
    whole: bool,
}

fn walked(error: WalkError) -> PageError {
    match error {
        WalkError::Read(error) => error.into(),
        WalkError::Journal(error) => error.into(),
        WalkError::Stopping => PageError::Inside,
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
    let mut disposals: Vec<&Disposal> = register.records().disposals().collect();
    let began = |disposal: &Disposal| disposal.history.first().map_or(Timestamp::MIN, |step| step.at);
    disposals.sort_by_key(|disposal| std::cmp::Reverse(began(disposal)));
    let names = Names::of(app, disposals.iter().map(|d| &d.drafted_by).collect::<Vec<_>>()).await?;
    let newest = |one: &&Disposal, other: &&Disposal| began(other).cmp(&began(one));
    let slice = asked.slice(disposals, &[("", &newest)]);
    let columns = [
        Column::plain("廃棄簿"),
        Column::plain("基準日"),
        Column::plain("対象の利用"),
        Column::plain("状態"),
        Column::plain("作成した人"),
        Column::plain("作成した日時"),
    ];
    let empty = "廃棄簿はまだありません。基準日を決めて作成すると、保存期間が満了した利用の内容が数えられます。";
    let table = Table::new("/records/disposals", ("廃棄簿", empty), &columns, asked, slice, |disposal| {
        vec![
            Cell::link(format!("/records/disposals/{}", disposal.disposal), disposal.disposal.as_str()),
            Cell::text(words::day(disposal.as_of)),
            Cell::text(format!("{} 件", grouped(disposal.list.uses))),
            Cell::tag(tone(&disposal.state), disposal.state.label()),
            Cell::text(names.get(&disposal.drafted_by)),
            Cell::text(exact(began(disposal))),
        ]
    });
    if let Some(file) = table.file("disposals")? {
        return Ok(file);
    }
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/records", "廃棄").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/records", "文書管理")]).wrong(problems);
    let today = in_japan(app.world.now()).to_string();
    let as_of = if given.get("as_of").is_empty() { today.as_str() } else { given.get("as_of") };
    let fields = if register.holds_any(signed.person(), &[RecordsManager]) {
        vec![
            Field::input("date", "as_of", "基準日")
                .help("この日の前日までに保存期間が満了した利用の内容を数えます。廃棄の停止と、開示請求の対象は除かれます。")
                .value(as_of)
                .told(&frame.problems),
            Field::text("reason", "備考", "off").optional().value(given.get("reason")).told(&frame.problems),
        ]
    } else {
        Vec::new()
    };
    Ok(page(status, &DisposalsPage { frame, table, fields, once: once(app) }))
}

fn tone(state: &DisposalState) -> Tone {
    match state {
        DisposalState::Drafted | DisposalState::Approved | DisposalState::Running { .. } => Tone::Look,
        DisposalState::Halted { .. } => Tone::Bad,
        DisposalState::Done { .. } => Tone::Good,
        DisposalState::Refused => Tone::Plain,
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    listed(&app, &signed, &asked, &Fields::default(), Vec::new()).await
}

pub(super) async fn draft(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let again = async |problem| listed(&app, &signed, &Asked::default(), &fields, vec![problem]).await;
    let Ok(as_of) = fields.line("as_of").parse::<Date>() else {
        return again(Problem::at("as_of", NO_DAY)).await;
    };
    let fresh = named_once(&app, &signed, &fields);
    let id = DisposalId::new(format!("disposal-{fresh}")).map_err(|_| PageError::Stale)?;
    if app.journal.register()?.records().disposal(&id).is_none() {
        // Who reads all uses at once takes a turn.
        let _turn = app.replays.clone().acquire_owned().await.map_err(|_| PageError::Inside)?;
        let counted = counting::list(&app, as_of).await.map_err(walked)?;
        let mut reason = fields.line("reason").to_owned();
        let terms: Vec<_> = counted.by_term.iter().map(|(term, uses)| format!("{term} {uses} 件")).collect();
        if !terms.is_empty() {
            reason = [reason, format!("保存期間の内訳: {}", terms.join("、"))].join(" ").trim().to_owned();
        }
        let command =
            Command::DraftDisposal(DraftDisposal { as_of, list: counted.list, counted_at: counted.counted_at });
        if let Err(refusal) = give_named(&app, &signed, command, &reason, fresh, vec![]).await? {
            return again(Problem::refused("", &refusal)).await;
        }
    }
    Ok(go(&format!("/records/disposals/{id}?done=drafted")))
}

async fn shown(
    app: &App,
    signed: &SignedIn,
    id: &str,
    done: Option<&str>,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let id = DisposalId::new(id).map_err(|_| PageError::Missing)?;
    let disposal = register.records().disposal(&id).ok_or(PageError::Missing)?;
    let names = Names::of(app, disposal.history.iter().map(|step| &step.by).collect::<Vec<_>>()).await?;
    let steps = disposal.history.iter().map(|step| StepRow {
        what: step.what,
        who: names.get(&step.by),
        at: exact(step.at),
        reason: step.reason.clone(),
    });
    let steps = steps.collect();
    let certificate = match &disposal.state {
        DisposalState::Done { certificate, .. } => Some(Certified {
            contents: grouped(certificate.contents),
            papers: grouped(certificate.papers),
            whole: disposal.history.iter().all(|step| step.what != "停止"),
        }),
        _ => None,
    };
    let begun = matches!(disposal.state, DisposalState::Running { .. } | DisposalState::Halted { .. });
    let running = if begun {
        let progress = app.store.disposal_progress(&id).await?;
        let (contents, papers) = (grouped(progress.contents), grouped(progress.papers));
        Some(format!("これまでに封緘した内容 {contents} 件と会話など {papers} 件を廃棄しました。"))
    } else {
        None
    };
    let keeps = register.holds_any(signed.person(), &[RecordsManager]);
    let approves = register.holds_any(signed.person(), &[RecordsManager, Ciso]);
    let drafted = matches!(disposal.state, DisposalState::Drafted);
    let approved = matches!(disposal.state, DisposalState::Approved);
    let notice = match done {
        Some("drafted") => {
            Some("廃棄簿を作成しました。別の文書管理者または統括情報セキュリティ責任者の承認を待っています。")
        }
        Some("approved") => Some("廃棄簿を承認しました。文書管理者が実施できます。"),
        Some("refused") => Some("廃棄簿を終わらせました。何も廃棄されていません。"),
        Some("begun") => Some("廃棄を始めました。終わると、この画面に廃棄証明が表示されます。"),
        _ => None,
    };
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/records", "廃棄簿").await?;
    let trail = [("/", "ホーム"), ("/records", "文書管理"), ("/records/disposals", "廃棄")];
    let frame = frame.below(&trail).notice(notice).wrong(problems);
    let consent = Field::text("consent", "外部の同意の文書番号", "off")
        .optional()
        .help("廃棄に外部の機関の同意が要る場合に、その文書番号。")
        .value(given.get("consent"))
        .told(&frame.problems);
    let reason = Field::text("reason", "理由", "off")
        .help("承認しないとき・取り下げるときは、理由を必ず書きます。台帳に残ります。")
        .value(given.get("reason"))
        .told(&frame.problems);
    let disposal_page = DisposalPage {
        id: id.to_string(),
        state: disposal.state.label(),
        as_of: words::day(disposal.as_of),
        uses: grouped(disposal.list.uses),
        digest: disposal.list.digest.clone(),
        steps,
        certificate,
        running,
        may_approve: approves && drafted && &disposal.drafted_by != signed.person(),
        may_refuse: approves && (drafted || approved),
        may_begin: keeps && approved,
        may_resume: keeps && begun,
        has_list: drafted || approved,
        consent,
        reason,
        frame,
    };
    Ok(page(status, &disposal_page))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    shown(&app, &signed, &id, asked.done.as_deref(), &Fields::default(), Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let disposal = DisposalId::new(&id).map_err(|_| PageError::Missing)?;
    let act = fields.get("act");
    let reason = fields.line("reason");
    let (command, done) = match act {
        "approve" => {
            let consent = fields.line("consent").to_owned();
            (Command::ApproveDisposal(ApproveDisposal { disposal: disposal.clone(), consent }), "approved")
        }
        "refuse" => (Command::RefuseDisposal(RefuseDisposal { disposal: disposal.clone() }), "refused"),
        "begin" => {
            let as_of = {
                let register = app.journal.register()?;
                register.records().disposal(&disposal).ok_or(PageError::Missing)?.as_of
            };
            let _turn = app.replays.clone().acquire_owned().await.map_err(|_| PageError::Inside)?;
            let counted = counting::list(&app, as_of).await.map_err(walked)?;
            let begin =
                BeginDisposal { disposal: disposal.clone(), list: counted.list, counted_at: counted.counted_at };
            (Command::BeginDisposal(begin), "begun")
        }
        "resume" => {
            let register = app.journal.register()?;
            if !register.holds_any(signed.person(), &[RecordsManager]) {
                return Err(PageError::Missing);
            }
            spawn(&app, &disposal, signed.person());
            return Ok(go(&format!("/records/disposals/{disposal}?done=begun")));
        }
        _ => return Err(PageError::Stale),
    };
    match give(&app, &signed, command, reason).await? {
        Ok(_) => {
            if act == "begin" {
                spawn(&app, &disposal, signed.person());
            }
            Ok(go(&format!("/records/disposals/{disposal}?done={done}")))
        }
        Err(refusal) => {
            let problem = Problem::refused("", &refusal);
            shown(&app, &signed, &id, None, &fields, vec![problem]).await
        }
    }
}

/// Destroys in the background: whoever began it need not wait at the page.
fn spawn(app: &App, disposal: &DisposalId, who: &PersonId) {
    let (installation, disposal, who) = (app.clone(), disposal.clone(), who.clone());
    app.tasks.spawn(async move {
        match destroying::run(&installation, &disposal, &who).await {
            Ok(()) => tracing::info!(%disposal, "a disposal came to its end"),
            Err(WalkError::Stopping) => tracing::info!(%disposal, "a disposal rests; its page goes on with it"),
            Err(error) => tracing::error!(%disposal, %error, "a disposal broke off; its page goes on with it"),
        }
    });
}

/// Uses read at once for the file.
const PIECE: u64 = 2_000;

/// The uses of the list, for whoever approves it. Rows are read as they are sent.
pub(super) async fn file(State(app): State<App>, Seen(_): Seen, Path(id): Path<String>) -> Result<Response, PageError> {
    let id = DisposalId::new(&id).map_err(|_| PageError::Missing)?;
    let register = app.journal.register()?;
    let disposal = register.records().disposal(&id).ok_or(PageError::Missing)?;
    if !matches!(disposal.state, DisposalState::Drafted | DisposalState::Approved) {
        return Err(PageError::Missing);
    }
    let as_of = disposal.as_of;
    let before = begin_in_japan(as_of).unwrap_or(Timestamp::MIN);
    let head = "\u{feff}利用,日,部局,承認,サービス,保存期間,満了日\r\n";
    let rows = futures_util::stream::try_unfold(
        (app, register, 0, Some(head)),
        move |(app, register, from, head)| async move {
            let rows = app.store.made_from(from, before, PIECE).await.map_err(std::io::Error::other)?;
            let Some(last) = rows.last() else {
                return Ok::<_, std::io::Error>(head.map(|head| (Bytes::from(head), (app, register, from, None))));
            };
            let from = last.made.opened + 1;
            let mut text = head.unwrap_or_default().to_owned();
            let records = register.records();
            for row in rows.iter().filter(|row| records.is_disposable(&row.made, as_of)) {
                let made = &row.made;
                let of = |name: Option<&str>| name.unwrap_or_default().to_owned();
                let cells = [
                    made.of.to_string(),
                    made.day().to_string(),
                    of(made.department.as_ref().map(|id| id.as_str())),
                    of(made.permit.as_ref().map(|id| id.as_str())),
                    of(made.service.as_ref().map(|id| id.as_str())),
                    records.ground().term(made).label(),
                    records.ground().kept_until(made).to_string(),
                ];
                text.push_str(&cells.join(","));
                text.push_str("\r\n");
            }
            Ok(Some((Bytes::from(text), (app, register, from, None))))
        },
    );
    Ok(download("text/csv; charset=utf-8", &format!("{id}.csv"), Body::from_stream(rows)))
}
