//! `/ismap/list/import`: the published list taken up in two steps. First the file with where and when it was fetched; then
//! the mapping of its columns, every line that could not be read, and what taking it up would change, before it does.

use super::super::frame;
use super::{address, mapping};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::upload::Parcel;
use crate::http::page::words;
use crate::ismap::documents;
use crate::ismap::freshness::{Freshness, freshness};
use crate::ismap::list_import::{self, Note, Plan, Reading, Reject};
use crate::ismap::working::{self, Draft};
use crate::sheet::{self, Columns};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::history::Deed;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::ListSource;
use sekisho_domain::ismap::list::{Difference, RowChange};
use sekisho_domain::permit::{Permit, describe};
use sekisho_domain::register::Register;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// Most entries of a list on the page; the numbers are always whole.
const MOST_SHOWN: usize = 100;

/// A file on its way in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Pending {
    sha256: String,
    name: String,
    url: String,
    fetched_on: Option<Date>,
}

/// The tick that takes missing rows for removed ones.
const REMOVE: &str = "remove";
/// The same tick where it cannot be shown: it removes nothing, and comes back where it can.
const KEPT: &str = "kept";

fn place(person: &PersonId) -> String {
    format!("ismap-list.{person}")
}

#[derive(Template)]
#[template(path = "ismap/list/import.html")]
struct ImportPage {
    frame: Frame,
    fresh: Option<Freshness>,
    /// The copy in force: rows, and those it lacked.
    last: Option<(String, u32, usize)>,
    pending: Option<String>,
    file: Option<String>,
    fields: Vec<Field>,
    stopped: Vec<Line>,
    waiting: Vec<Line>,
}

/// A line with a link.
struct Line {
    href: String,
    label: String,
    more: String,
}

fn of_permit(permit: &Permit, more: String) -> Line {
    Line { href: format!("/permits/{}", permit.permit), label: permit.draft.purpose.clone(), more }
}

async fn first(
    app: &App,
    signed: &SignedIn,
    given: &Fields,
    problems: Vec<Problem>,
    done: Option<&'static str>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let status = Problem::status(&problems);
    let pending: Option<Pending> = working::load(app, Draft::Upload, &place(signed.person())).await?;
    let last = register.list_in_force();
    // What the last copy stopped: the steps stand at the very moment of its commit.
    let stopped = last.map(|list| list.at).into_iter().flat_map(|at| {
        let step = move |permit: &&Permit| {
            permit.history.iter().any(|step| step.at == at && matches!(step.deed, Deed::Suspended { .. }))
        };
        register.permits().filter(step).collect::<Vec<_>>()
    });
    let stopped = stopped.map(|permit| {
        let step = permit.history.iter().rev().find(|step| matches!(step.deed, Deed::Suspended { .. }));
        of_permit(permit, step.map(|step| step.reason.clone()).unwrap_or_default())
    });
    let fetched =
        if given.get("fetched_on").is_empty() { today.to_string() } else { given.line("fetched_on").to_owned() };
    let url = match given.get("source_url") {
        "" => last.map(|list| list.source.url.clone()).unwrap_or_default(),
        url => url.to_owned(),
    };
    let fields = vec![
        Field::input("date", "fetched_on", "取得した日")
            .help("公表元から取得した日です。今のリストより古い日のものは取り込めません。")
            .value(&fetched)
            .told(&problems),
        Field::input("url", "source_url", "公表元のアドレス").optional().value(&url).told(&problems),
    ];
    let shown = ImportPage {
        fresh: freshness(&register, today, today),
        last: last.map(|list| (words::day(list.source.fetched_on), list.rows, list.gone.len())),
        pending: pending.filter(|pending| !pending.sha256.is_empty()).map(|pending| pending.name),
        file: problems.iter().find(|problem| problem.field == "upload").map(|problem| problem.text.clone()),
        fields,
        stopped: stopped.collect(),
        waiting: list_import::waiting(&register, today)
            .into_iter()
            .map(|permit| of_permit(permit, format!("{}まで", words::day(permit.draft.until))))
            .collect(),
        frame: frame(app, signed, "/ismap/list", "公表されたリストを取り込む", &[("/ismap/list", "登録リスト")])
            .await?
            .notice(done)
            .wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = match asked.done.as_deref() {
        Some("imported") => Some("リストを取り込みました。"),
        Some("dropped") => Some("取り込まずにやめました。"),
        _ => None,
    };
    first(&app, &signed, &Fields::default(), Vec::new(), done).await
}

pub(super) async fn submit(State(app): State<App>, parcel: Parcel) -> Result<Response, PageError> {
    let Parcel { signed, fields, file } = parcel;
    let mut problems = Vec::new();
    let today = in_japan(app.world.now());
    let fetched_on = fields.line("fetched_on").parse::<Date>().ok().filter(|day| *day <= today);
    if fetched_on.is_none() {
        problems.push(Problem::at(
            "fetched_on",
            format!("取得した日は、今日（{today}）までの日を 2026-11-30 の形で入力してください。"),
        ));
    }
    if let (Some(day), Some(list)) = (fetched_on, app.journal.register()?.list_in_force())
        && day < list.source.fetched_on
    {
        let text = format!(
            "今のリストは {} に取得したものです。それ以後に取得したリストを取り込んでください。",
            list.source.fetched_on
        );
        problems.push(Problem::at("fetched_on", text));
    }
    if fields.line("source_url").chars().count() > 400 {
        problems.push(Problem::at("source_url", "公表元のアドレスは 400 文字までにしてください。"));
    }
    let file = match file {
        None => {
            problems.push(Problem::at("upload", "リストのファイル（XLSX または CSV）を選んでください。"));
            None
        }
        Some(Err(text)) => {
            problems.push(Problem::at("upload", text));
            None
        }
        Some(Ok(file)) => match sheet::read(&file.bytes) {
            Ok(_) => Some(file),
            Err(error) => {
                problems.push(Problem::at("upload", error.ja));
                None
            }
        },
    };
    let (Some(file), Some(_), true) = (file, fetched_on, problems.is_empty()) else {
        return first(&app, &signed, &fields, problems, None).await;
    };
    let sha256 = documents::keep(&app, signed.person(), &file.bytes).await?;
    let pending = Pending { sha256, name: file.name, url: fields.line("source_url").to_owned(), fetched_on };
    remember(&app, signed.person(), &pending).await?;
    Ok(go("/ismap/list/import/check"))
}

async fn remember(app: &App, person: &PersonId, pending: &Pending) -> Result<(), PageError> {
    let place = place(person);
    let kept = working::change(app, person, Draft::Upload, &place, Pending::default, |known| {
        *known = pending.clone();
        Ok::<(), Infallible>(())
    });
    kept.await?.map(drop).map_err(|never| match never {})
}

#[derive(Template)]
#[template(path = "ismap/list/check.html")]
struct CheckPage {
    frame: Frame,
    name: String,
    url: String,
    fetched_on: String,
    sha256: String,
    mapping: Vec<Field>,
    open: bool,
    /// Why nothing can be taken up under this mapping, or at all.
    problem: Option<String>,
    difference: Option<Shown>,
    remove: Option<Field>,
    /// It was ticked before, and nothing is missing under this mapping: kept for the next look.
    kept: bool,
    hides: bool,
    reason: Field,
}

/// The difference, cut to what a page bears.
struct Shown {
    new: Cut<Line>,
    changed: Cut<(Line, Vec<RowChange>)>,
    unchanged: usize,
    decided_here: Cut<(Line, Vec<RowChange>)>,
    gone: Cut<Line>,
    rejects: Cut<Reject>,
    notes: Cut<Note>,
    stops: Vec<Line>,
}

/// The first entries, and how many there are.
struct Cut<T> {
    all: usize,
    shown: Vec<T>,
}

impl<T> Cut<T> {
    fn of(entries: impl ExactSizeIterator<Item = T>) -> Self {
        Self { all: entries.len(), shown: entries.take(MOST_SHOWN).collect() }
    }

    fn more(&self) -> usize {
        self.all.saturating_sub(self.shown.len())
    }
}

/// What is on its way in, with its bytes.
async fn pending(app: &App, signed: &SignedIn) -> Result<Option<(Pending, Vec<u8>, Date)>, PageError> {
    let pending: Option<Pending> = working::load(app, Draft::Upload, &place(signed.person())).await?;
    let Some(pending) = pending.filter(|pending| !pending.sha256.is_empty()) else { return Ok(None) };
    let Some(fetched_on) = pending.fetched_on else { return Ok(None) };
    let bytes = documents::open(app, &pending.sha256).await?;
    Ok(Some((pending, bytes, fetched_on)))
}

fn source(pending: &Pending, fetched_on: Date) -> ListSource {
    ListSource { sha256: pending.sha256.clone(), url: pending.url.clone(), fetched_on }
}

pub(super) async fn check(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    let Some((pending, bytes, fetched_on)) = pending(&app, &signed).await? else {
        return Ok(go("/ismap/list/import"));
    };
    let register = app.journal.register()?;
    let columns = list_import::mapping(&app).await?;
    let plan = list_import::plan(&app, &register, &bytes, columns, fetched_on);
    second(&app, &signed, (&pending, fetched_on), plan, Typed::default()).await
}

/// What came with the form, and what is said of it.
#[derive(Default)]
struct Typed {
    fields: Fields,
    problems: Vec<Problem>,
    notice: Option<&'static str>,
}

async fn second(
    app: &App,
    signed: &SignedIn,
    (pending, fetched_on): (&Pending, Date),
    plan: Result<Plan, sheet::SheetError>,
    Typed { fields: typed, problems, notice }: Typed,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => {
            return first(app, signed, &typed, vec![Problem::at("upload", error.ja)], None).await;
        }
    };
    let status = Problem::status(&problems);
    let mapping = mapping::fields(&plan, &typed, &problems);
    let open = !plan.shape.lacking.is_empty() || mapping.iter().any(|field| field.problem.is_some());
    let ticked = !typed.chosen(REMOVE).is_empty() || !typed.chosen(KEPT).is_empty();
    let (mut problem, mut difference, mut hides, mut gone) = (None, None, false, 0);
    match &plan.reading {
        Err(error) => problem = Some(error.ja.clone()),
        Ok(reading) => {
            let command = list_import::command(reading, source(pending, fetched_on), ticked);
            let stops = match list_import::would_stop(app, &register, signed.person(), command) {
                Ok(stops) => stops,
                Err(refusal) => {
                    problem = Some(if reading.rows.is_empty() {
                        "取り込める行がありません。下の「読めない行」を直したファイルを選び直すか、列の対応を変えてください。".into()
                    } else {
                        refusal.ja
                    });
                    Vec::new()
                }
            };
            let stops = stops
                .iter()
                .filter_map(|stop| Some(of_permit(register.permit(&stop.permit)?, describe(&stop.changes))));
            hides = reading.hides_numbers();
            let shown = shown(&register, reading, stops.collect());
            gone = shown.gone.all;
            difference = Some(shown);
        }
    }
    let trail = [("/ismap/list", "登録リスト"), ("/ismap/list/import", "公表されたリストを取り込む")];
    let remove = (gone > 0 && !hides).then(|| {
        let choice = Choice::new("gone", format!("一覧から消えた行を削除として記録する（{gone} 件）"));
        Field::checks(REMOVE, "一覧から消えた行", vec![choice])
            .help("印を付けなければ、消えた行は今のまま残り、次の取込みでもここに出ます。")
            .ticked(if ticked { &["gone"] } else { &[] })
    });
    let shown = CheckPage {
        name: pending.name.clone(),
        url: pending.url.clone(),
        fetched_on: words::day(fetched_on),
        sha256: pending.sha256.clone(),
        mapping,
        open,
        problem,
        difference,
        kept: ticked && remove.is_none(),
        remove,
        hides,
        reason: Field::area("reason", "理由・備考", 2).optional().value(&typed.text("reason")).told(&problems),
        frame: frame(app, signed, "/ismap/list", "取り込む前に確かめる", &trail)
            .await?
            .wide()
            .notice(notice)
            .wrong(problems),
    };
    Ok(page(status, &shown))
}

fn shown(register: &Register, reading: &Reading, stops: Vec<Line>) -> Shown {
    let difference = Difference::of(register, &reading.rows, &reading.unread);
    let line = |row: &sekisho_domain::ismap::Registration| Line {
        href: address(&row.number),
        label: row.number.clone(),
        more: row.service_name.clone(),
    };
    Shown {
        new: Cut::of(difference.new.iter().map(|row| line(row))),
        changed: Cut::of(difference.changed.iter().map(|(row, changes)| (line(row), changes.clone()))),
        unchanged: difference.unchanged,
        decided_here: Cut::of(difference.decided_here.iter().map(|(row, changes)| (line(row), changes.clone()))),
        gone: Cut::of(difference.gone.iter().map(|row| line(row))),
        rejects: Cut::of(reading.rejects.iter().cloned()),
        notes: Cut::of(reading.notes.iter().cloned()),
        stops,
    }
}

pub(super) async fn decide(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let Some((pending, bytes, fetched_on)) = pending(&app, &signed).await? else {
        return Ok(go("/ismap/list/import"));
    };
    if fields.get("act") == "drop" {
        remember(&app, signed.person(), &Pending::default()).await?;
        return Ok(go("/ismap/list/import?done=dropped"));
    }
    let maps = fields.get("act") == "map";
    let file = (&pending, fetched_on);
    let register = app.journal.register()?;
    let kept = list_import::mapping(&app).await?;
    let read = |columns: Columns| list_import::plan(&app, &register, &bytes, columns, fetched_on);
    let mut plan = read(kept.clone());
    let mut problems = Vec::new();
    if let Ok(shown) = &plan
        && let Some(chosen) = mapping::chosen(&kept, shown, &fields)
    {
        match chosen.and_then(|columns| Ok((mapping::fits(columns.head, read(columns.clone()))?, columns))) {
            Ok((changed, columns)) => {
                list_import::remember(&app, signed.person(), &columns).await?;
                plan = Ok(changed);
                if !maps {
                    let text =
                        "列の対応を変えたので、読み直しました。内容を確かめて、もう一度「取り込む」を押してください。";
                    problems.push(Problem::at("", text));
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    let reason = fields.text("reason").trim().to_owned();
    if reason.chars().count() > 2_000 {
        problems.push(Problem::at("reason", "理由は 2,000 文字までにしてください。"));
    } else if app.gate.must_not_be_kept(&reason) {
        problems.push(Problem::at("reason", crate::http::page::act::MUST_NOT_BE_KEPT));
    }
    if maps {
        let notice = problems.is_empty().then_some("この対応で読み直しました。内容を確かめてください。");
        return second(&app, &signed, file, plan, Typed { fields, problems, notice }).await;
    }
    if let (Ok(Plan { shape, reading: Ok(reading) }), true) = (&plan, problems.is_empty()) {
        let command = list_import::command(reading, source(&pending, fetched_on), !fields.chosen(REMOVE).is_empty());
        match list_import::take_up(&app, signed.person(), &bytes, command, reason).await? {
            Ok(_) => {
                // The mapping that worked is the one for the next time, with what it says of columns this file lacks.
                let headings = kept.headings.into_iter().chain(shape.columns.headings.clone()).collect();
                list_import::remember(&app, signed.person(), &Columns { headings, ..shape.columns.clone() }).await?;
                remember(&app, signed.person(), &Pending::default()).await?;
                return Ok(go("/ismap/list/import?done=imported"));
            }
            Err(refusal) => problems.push(Problem::refused("", &refusal)),
        }
    }
    second(&app, &signed, file, plan, Typed { fields, problems, notice: None }).await
}
