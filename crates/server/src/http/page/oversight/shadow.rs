//! シャドーIT: which generative AI the logs tell of, and what of it rests on a permit. Single clients stand here under
//! pseudonyms; opening one is an entry of the ledger.

use super::READERS;
use super::amounts::number;
use super::small_groups::{self, FEWEST, HIDDEN, sees_all};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::upload::Parcel;
use crate::http::page::words;
use crate::shadow::kept::{self, KeepError, Kept};
use crate::shadow::standing::{Standing, standings};
use crate::shadow::{self, NotRead};
use crate::use_report::chart::{Chart, chart};
use crate::use_report::weekly;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, OpenShadowClient};
use sekisho_domain::day::in_japan;
use sekisho_domain::person::Role::{self, Administrator, Ciso, ServiceManager};
use sekisho_gate::identify::hex;
use sekisho_shadow::{Catalogue, Counts, Findings, OTHERS, Outcome, ServiceTotal};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Who reads logs in.
pub(super) const SCANNERS: &[Role] = &[Ciso, ServiceManager, Administrator];
/// Who registers services.
const REGISTRARS: &[Role] = &[ServiceManager, Administrator, Ciso];
/// Rejected lines and failures that are shown.
const SHOWN: usize = 20;

impl From<KeepError> for PageError {
    fn from(error: KeepError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "what was kept of scans cannot be used");
        Self::Inside
    }
}

#[derive(Template)]
#[template(path = "oversight/shadow.html")]
struct ShadowPage {
    frame: Frame,
    all: bool,
    scans: bool,
    reading: Option<Summary>,
    table: Table,
    departments: Vec<Vec<String>>,
    weeks: Option<Chart>,
    upload_problem: Option<String>,
}

/// How the reading went.
struct Summary {
    days: String,
    facts: Vec<(&'static str, String)>,
    rejects: Vec<String>,
    failures: Vec<String>,
    catalogue: String,
}

/// Bytes as people read them; what a log does not say is not 0.
fn up(counts: &Counts) -> String {
    if counts.lines_with_bytes_up == 0 { "ログに記録なし".to_owned() } else { number(counts.bytes_up) }
}

fn days(counts: &Counts) -> String {
    let day = |at: Option<jiff::Timestamp>| at.map_or_else(|| "―".to_owned(), |at| in_japan(at).to_string());
    format!("{}～{}", day(counts.first), day(counts.last))
}

fn summary(findings: &Findings) -> Summary {
    let reading = &findings.reading;
    let day = |at: Option<jiff::Timestamp>| at.map_or_else(|| "―".to_owned(), |at| words::day(in_japan(at)));
    let mut facts = vec![
        ("読んだファイル", number(reading.files)),
        ("読んだ行", number(reading.lines)),
        ("アクセスの行", number(reading.accesses)),
        ("生成AIの行", number(reading.hits)),
        ("読めなかった行", number(reading.rejected.total())),
        ("読み終えられなかったファイル", number(reading.failures.len() as u64 + reading.failures_more)),
    ];
    for (name, n) in [
        ("年をファイルの日時から補った行", reading.year_assumed),
        ("時刻が一時間以上戻った行", reading.clock_backwards),
        ("未来の時刻の行", reading.clock_future),
        ("上限により「その他」にまとめた行", findings.merged),
    ] {
        if n > 0 {
            facts.push((name, number(n)));
        }
    }
    let places =
        reading.rejected.places.iter().flat_map(|(reason, places)| places.iter().map(move |one| (reason, one)));
    Summary {
        days: format!("{}～{}", day(findings.first), day(findings.last)),
        facts,
        rejects: places
            .take(SHOWN)
            .map(|(reason, place)| format!("{} の {} 行目: {}", place.file, place.line, reason.japanese()))
            .collect(),
        failures: reading.failures.iter().take(SHOWN).map(|one| format!("{}: {}", one.file, one.reason_ja)).collect(),
        catalogue: findings.catalogue.clone(),
    }
}

/// What has just been done, by the word in the address.
fn notice(done: Option<&str>) -> Option<&'static str> {
    match done {
        Some("read") => Some("ログを読み、結果に加えました。"),
        Some("opened") => Some("仮名の正体を表示しました。開いたことは台帳に記録されました。"),
        _ => None,
    }
}

/// A service, or a department's part of it; `None` is the service as a whole.
type Part<'f> = (Option<Option<&'f str>>, &'f str);

/// The parts whose figures would speak of few people, or give away those of others by what is left of a sum.
fn veiled(findings: &Findings) -> BTreeSet<Part<'_>> {
    let services: Vec<&ServiceTotal> = findings.services.iter().collect();
    let clients: Vec<u64> = services.iter().map(|total| total.clients).collect();
    let mut veiled: BTreeSet<Part<'_>> = BTreeSet::new();
    for (service, whole) in services.into_iter().zip(small_groups::hidden(&clients)) {
        let id = &*service.service;
        veiled.extend(whole.then_some((None, id)));
        let of: Vec<_> = findings.departments.iter().filter(|total| total.service == id).collect();
        let clients: Vec<u64> = of.iter().map(|total| total.clients).collect();
        let hidden = of.into_iter().zip(small_groups::hidden(&clients)).filter(|(_, hidden)| *hidden || whole);
        veiled.extend(hidden.map(|(total, _)| (Some(total.department.as_deref()), id)));
    }
    veiled
}

/// Where a service goes from shadow to permitted use: the application for it where it is registered, else its registration
/// for who may register one.
fn way_out(standing: Option<&Standing>, total: &ServiceTotal, registers: bool) -> Option<(String, String)> {
    match standing {
        Some(Standing::Permitted(_)) => None,
        Some(Standing::WithoutPermit { service, name }) => {
            Some((format!("/apply?service={service}"), format!("「{name}」の利用申請を書く")))
        }
        None | Some(Standing::Unknown) if registers => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("name", &total.name_ja)
                .append_pair("provider", &total.provider)
                .finish();
            Some((format!("/services/new?{query}"), "サービスとして登録する（分かることは記入済み）".to_owned()))
        }
        None | Some(Standing::Unknown) => None,
    }
}

fn standing_cell(standing: Option<&Standing>, total: &ServiceTotal, registers: bool) -> Cell {
    let href = way_out(standing, total, registers).map(|(href, _)| href);
    match standing {
        None | Some(Standing::Unknown) => {
            let text = if href.is_some() { "登録なし（登録する）" } else { "登録なし" };
            Cell { href, ..Cell::tag(Tone::Bad, text) }
        }
        Some(Standing::WithoutPermit { name, .. }) => {
            Cell { href, ..Cell::tag(Tone::Look, format!("承認なし（登録名 {name}、申請する）")) }
        }
        Some(Standing::Permitted(permits)) => match permits.first() {
            Some((permit, purpose)) => {
                let more = if permits.len() > 1 { format!("ほか {} 件", permits.len() - 1) } else { String::new() };
                Cell::link(format!("/permits/{permit}"), format!("承認あり（{purpose}{more}）"))
            }
            None => Cell::text(""),
        },
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    view(&app, &signed, &asked, None).await
}

async fn view(
    app: &App,
    signed: &crate::account::SignedIn,
    asked: &Asked,
    upload_problem: Option<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let all = sees_all(&register, signed.person());
    let (kept, _) = kept::load(app).await?;
    let catalogue = Catalogue::builtin().map_err(|error| {
        tracing::error!(%error, "the built-in catalogue cannot be read");
        PageError::Inside
    })?;
    let standings = standings(&register, &catalogue, in_japan(app.world.now()));
    let registers = register.holds_any(signed.person(), REGISTRARS);
    let findings = kept.findings.as_ref();
    let few = |clients: u64| !all && clients < FEWEST;
    let veiled = findings.filter(|_| !all).map(veiled).unwrap_or_default();
    let totals: Vec<ServiceTotal> = findings.map(|found| found.services.clone()).unwrap_or_default();
    let lines = |total: &ServiceTotal| if veiled.contains(&(None, &*total.service)) { 0 } else { total.counts.lines };
    let slice = asked.slice(
        totals.into_iter().filter(|t| asked.finds(&[&t.name, &t.name_ja, &t.provider])).collect(),
        &[
            ("", &|a, b| lines(b).cmp(&lines(a)).then_with(|| a.name.cmp(&b.name))),
            ("lines", &|a, b| lines(a).cmp(&lines(b)).then_with(|| a.name.cmp(&b.name))),
            ("name", &|a, b| a.name_ja.cmp(&b.name_ja)),
        ],
    );
    let columns = [
        Column::sorted("name", "サービス"),
        Column::plain("提供者（国）"),
        Column::plain("形態"),
        Column::plain("登録と承認"),
        Column::sorted("lines", "行数"),
        Column::plain("端末・利用者"),
        Column::plain("送信バイト"),
        Column::plain("止められた行"),
        Column::plain("期間"),
    ];
    let empty = "まだ何も見つかっていません。プロキシーや DNS のログを読むと、使われた生成AIサービスがここに出ます。";
    let table = Table::new(
        "/oversight/shadow",
        ("ログに現れた生成AIサービス", empty),
        &columns,
        asked,
        slice,
        |total| {
            let hidden = veiled.contains(&(None, &*total.service));
            let of = |text: String| Cell::text(if hidden { HIDDEN.to_owned() } else { text });
            let name = format!("{}{}", total.name_ja, if total.shared { "（他の用途と共用のドメイン）" } else { "" });
            let name =
                if all { Cell::link(format!("/oversight/shadow/{}", total.service), name) } else { Cell::text(name) };
            vec![
                name,
                Cell::text(format!("{}（{}）", total.provider, total.country)),
                Cell::text(total.form.japanese()),
                standing_cell(standings.get(&total.service), &total, registers),
                of(number(total.counts.lines)),
                of(number(total.clients)),
                of(up(&total.counts)),
                of(number(total.counts.denied)),
                of(days(&total.counts)),
            ]
        },
    );
    if let Some(file) = table.file("shadow")? {
        return Ok(file);
    }
    let names: BTreeMap<&str, &str> = findings
        .map(|found| found.services.iter().map(|t| (t.service.as_str(), t.name_ja.as_str())).collect())
        .unwrap_or_default();
    let departments = findings.map(|found| found.departments.as_slice()).unwrap_or_default();
    let departments = departments.iter().filter(|total| total.department.is_some()).map(|total| {
        let hidden = veiled.contains(&(Some(total.department.as_deref()), &*total.service));
        let of = |n: u64| if hidden { HIDDEN.to_owned() } else { number(n) };
        let name = names.get(total.service.as_str()).copied().unwrap_or(total.service.as_str());
        vec![
            total.department.clone().unwrap_or_default(),
            name.to_owned(),
            of(total.counts.lines),
            of(total.clients),
            if hidden { HIDDEN.to_owned() } else { up(&total.counts) },
        ]
    });
    let departments = departments.collect();
    let mut by_week: BTreeMap<jiff::civil::Date, (u64, u64)> = BTreeMap::new();
    for week in findings.map(|found| found.weeks.as_slice()).unwrap_or_default() {
        let sum = by_week.entry(week.begins).or_default();
        sum.0 += week.counts.lines;
        sum.1 = sum.1.max(week.clients);
    }
    let bars =
        by_week.iter().map(|(begins, (lines, clients))| (begins.to_string(), (!few(*clients)).then_some(*lines)));
    let weeks = chart(&weekly("shadow-weeks", "生成AIの行の推移（週）", "行", bars.collect()));
    let scans = register.holds_any(signed.person(), SCANNERS);
    let mut frame = Frame::new(app, Some(signed), "/oversight/shadow", "シャドーIT").await?;
    frame.problems = upload_problem.iter().map(|text| Problem::at("upload", text.clone())).collect();
    let status = if upload_problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = ShadowPage {
        frame: frame.below(&[("/", "ホーム"), ("/oversight", "利用状況")]).notice(notice(asked.done.as_deref())).wide(),
        all,
        scans,
        reading: findings.map(summary),
        table,
        departments,
        weeks,
        upload_problem,
    };
    Ok(page(status, &shown))
}

/// A log is read here and added to what is kept; the file itself is not.
pub(super) async fn read(State(app): State<App>, parcel: Parcel) -> Result<Response, PageError> {
    let Parcel { signed, file, .. } = parcel;
    let register = app.journal.register()?;
    if !register.holds_any(signed.person(), SCANNERS) {
        return Err(PageError::Missing);
    }
    let chosen = match file {
        Some(Ok(chosen)) => chosen,
        Some(Err(text)) => return view(&app, &signed, &Asked::default(), Some(text)).await,
        None => {
            let text = "ログのファイルを選んでください。".to_owned();
            return view(&app, &signed, &Asked::default(), Some(text)).await;
        }
    };
    let options = shadow::options(&app);
    let sha256 = hex(&Sha256::digest(&chosen.bytes));
    let work = move || shadow::read_bytes(options, &chosen.name, &chosen.bytes);
    let read: Result<Outcome, NotRead> = app.tasks.spawn_blocking(work).await.map_err(|_| PageError::Inside)?;
    let outcome = read.map_err(|error| {
        tracing::error!(%error, "an uploaded log was not read");
        PageError::Inside
    })?;
    if outcome.findings.reading.accesses == 0 {
        let text = "読める行がありません。squid、W3C ELFF、Zscaler、i-FILTER、dnsmasq、BIND、Unbound のログか確かめてください。独自の形式は `sekisho shadow scan --mapping` で読めます。";
        return view(&app, &signed, &Asked::default(), Some(text.to_owned())).await;
    }
    // How far the files of the command line were read stays as it is: an upload has no place to go on from.
    let mut twice = false;
    kept::change(&app, |kept: &mut Kept| {
        twice = !kept.uploads.insert(sha256.clone());
        if !twice {
            shadow::merge(kept, &outcome);
        }
        true
    })
    .await?;
    if twice {
        let text = "同じ内容のファイルは、既に読み込んであります。もう一度は数えません。";
        return view(&app, &signed, &Asked::default(), Some(text.to_owned())).await;
    }
    Ok(go("/oversight/shadow?done=read"))
}

#[derive(Template)]
#[template(path = "oversight/shadow_service.html")]
struct ServicePage {
    frame: Frame,
    facts: Vec<(&'static str, String)>,
    source: String,
    confirmed: bool,
    table: Table,
    clients: Field,
    reason: Field,
    form: String,
    form_token: String,
    /// What to do about it: address and words.
    next: Option<(String, String)>,
    /// It is not registered, and who looks may not register it.
    ask: bool,
}

pub(super) async fn service(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    one(&app, &signed, &id, &asked, None, Vec::new()).await
}

async fn one(
    app: &App,
    signed: &crate::account::SignedIn,
    id: &str,
    asked: &Asked,
    opened: Option<&str>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let (kept, _) = kept::load(app).await?;
    let findings = kept.findings.as_ref().ok_or(PageError::Missing)?;
    let total = findings.services.iter().find(|total| total.service == id).ok_or(PageError::Missing)?;
    let mut clients: BTreeMap<&str, (Counts, BTreeSet<&str>)> = BTreeMap::new();
    for row in findings.rows.iter().filter(|row| row.service == id) {
        let (counts, departments) = clients.entry(&row.client).or_default();
        counts.add(&row.counts);
        departments.extend(row.department.as_deref());
    }
    let all: Vec<(&str, Counts, String)> = clients
        .into_iter()
        .map(|(client, (counts, departments))| (client, counts, departments.into_iter().collect::<Vec<_>>().join("、")))
        .collect();
    let choices = all.iter().filter(|(client, ..)| *client != OTHERS);
    let known: Vec<String> = choices.map(|(client, ..)| (*client).to_owned()).collect();
    let slice = asked.slice(
        all,
        &[
            ("", &|a, b| b.1.lines.cmp(&a.1.lines).then_with(|| a.0.cmp(b.0))),
            ("lines", &|a, b| a.1.lines.cmp(&b.1.lines).then_with(|| a.0.cmp(b.0))),
        ],
    );
    let columns = [
        Column::plain("仮名"),
        Column::plain("部局"),
        Column::sorted("lines", "行数"),
        Column::plain("送信バイト"),
        Column::plain("止められた行"),
        Column::plain("期間"),
    ];
    let path = format!("/oversight/shadow/{id}");
    let table = Table::new(
        path.clone(),
        ("端末・利用者", "該当する行はありません。"),
        &columns,
        asked,
        slice,
        |row| {
            let (client, counts, departments) = row;
            // Shown once, to the one who has just opened it.
            let name = match kept.openings.get(client).filter(|_| opened == Some(client)) {
                Some(opening) => format!("{client} = {}", opening.name),
                None => client.to_owned(),
            };
            vec![
                Cell::text(name),
                Cell::text(departments),
                Cell::text(number(counts.lines)),
                Cell::text(up(&counts)),
                Cell::text(number(counts.denied)),
                Cell::text(days(&counts)),
            ]
        },
    );
    if let Some(file) = table.file(&format!("shadow-{id}"))? {
        return Ok(file);
    }
    let catalogue = Catalogue::builtin().map_err(|_| PageError::Inside)?;
    let register = app.journal.register()?;
    let standings = standings(&register, &catalogue, in_japan(app.world.now()));
    let standing = standings.get(id);
    let next = way_out(standing, total, register.holds_any(signed.person(), REGISTRARS));
    let entry = catalogue.services().iter().find(|service| service.id == id);
    let frame = Frame::new(app, Some(signed), &path, total.name_ja.clone()).await?;
    let frame = frame.below(&[("/", "ホーム"), ("/oversight", "利用状況"), ("/oversight/shadow", "シャドーIT")]);
    let frame = frame.notice(notice(opened.map(|_| "opened")));
    let status = Problem::status(&problems);
    let client = Field::text("client", "開く仮名", "off").help(format!("この表の仮名。{} 件あります。", known.len()));
    let shown = ServicePage {
        facts: vec![
            ("提供者", format!("{}（{}）", total.provider, total.country)),
            ("形態", total.form.japanese().to_owned()),
            ("行数", number(total.counts.lines)),
            ("うち CONNECT（接続先のホストだけが分かる行）", number(total.counts.tunnels)),
            ("うち DNS の問合せ（利用とは限らない）", number(total.counts.questions)),
            ("端末・利用者", number(total.clients)),
            ("送信バイト", up(&total.counts)),
            ("期間", days(&total.counts)),
        ],
        source: entry.map(|entry| entry.source.clone()).unwrap_or_default(),
        confirmed: total.confirmed,
        table,
        clients: client.told(&problems),
        reason: Field::area("reason", "理由", 2).help("台帳に残ります。").told(&problems),
        form: format!("{path}/open"),
        form_token: signed.form_token.clone(),
        ask: next.is_none() && matches!(standing, None | Some(Standing::Unknown)),
        next,
        frame: frame.wrong(problems),
    };
    Ok(page(status, &shown))
}

/// Opens one pseudonym for who may read single records and says why: recorded first, shown once.
pub(super) async fn open(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !register.holds_any(signed.person(), READERS) {
        return Err(PageError::Missing);
    }
    let (client, reason) = (fields.line("client").to_owned(), fields.line("reason").to_owned());
    let mut problems = Vec::new();
    let (kept, _) = kept::load(&app).await?;
    if !kept.openings.contains_key(&client) {
        problems.push(Problem::at("client", "表にある仮名をそのまま入力してください。"));
    }
    if reason.is_empty() || reason.chars().count() > 500 {
        problems.push(Problem::at("reason", "仮名を開く理由を 500 文字までで入力してください。"));
    }
    if problems.is_empty() {
        let command = Command::OpenShadowClient(OpenShadowClient { client: client.clone(), service: id.clone() });
        if let Err(refusal) = give(&app, &signed, command, &reason).await? {
            problems.push(Problem::refused("", &refusal));
        }
    }
    let opened = problems.is_empty().then_some(client.as_str());
    one(&app, &signed, &id, &Asked::default(), opened, problems).await
}
