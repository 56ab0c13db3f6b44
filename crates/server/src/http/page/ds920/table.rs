//! The risk table: what counts, what counted, and a form to write the next one, with what it would change before it is
//! adopted.

use super::super::desk::wording::{self, AXES};
use crate::account::{SignedIn, in_words};
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words::{self, Names};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{AdoptRiskTable, Command};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::ds920::risk_table::{RiskLevel, RiskRow, RiskTable, default_rows, every_sheet};
use sekisho_domain::id::RiskTableId;
use sekisho_domain::permit::{Application, ApplicationState, RiskSheet};
use sekisho_domain::person::Role;
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;

/// Most rows of the form, as many as a table may have.
const MOST_ROWS: usize = 64;
/// Empty rows to go on with.
const MORE_ROWS: usize = 4;
/// Most changes shown; the rest is a number.
const MOST_SHOWN: usize = 100;

const LEVELS: [(&str, RiskLevel); 2] = [("possibly_high", RiskLevel::PossiblyHigh), ("low", RiskLevel::Low)];

#[derive(Template)]
#[template(path = "ds920/table.html")]
struct TablePage {
    frame: Frame,
    axes: Vec<&'static str>,
    name: String,
    since: String,
    rows: Vec<ShownRow>,
    otherwise: &'static str,
    past: Vec<Past>,
    edits: bool,
    form: Vec<FormRow>,
    levels: [(&'static str, RiskLevel); 2],
    otherwise_typed: String,
    fields: Vec<Field>,
    preview: Option<Preview>,
}

struct ShownRow {
    number: usize,
    least: Vec<String>,
    level: &'static str,
}

struct Past {
    name: String,
    from: String,
    who: String,
    when: String,
    reason: String,
    rows: usize,
}

/// A row of the form: the least answer of each axis, and the level; empty when the row is not used.
struct FormRow {
    number: usize,
    least: Vec<(String, &'static str, String)>,
    level: String,
}

struct Preview {
    sheets: usize,
    falls: Option<String>,
    changes: Vec<Changed>,
    more: usize,
}

struct Changed {
    application: String,
    purpose: String,
    state: &'static str,
    before: &'static str,
    after: &'static str,
}

fn in_short(sheet: &RiskSheet) -> String {
    format!("A{}・B{}・C{}・D{}", sheet.users, sheet.work, sheet.learning, sheet.judgement)
}

/// Applications and permits that would be treated otherwise: those that the table alone decides.
fn changes(register: &Register, table: &RiskTable, today: Date) -> Vec<Changed> {
    let mut after = register.clone();
    let Some(body) = register.organization() else { return Vec::new() };
    let Ok(actor) = sekisho_domain::id::PersonId::new(sekisho_domain::command::INSTALLATION) else { return Vec::new() };
    let entry = sekisho_domain::entry::Governance {
        actor,
        at: sekisho_domain::day::begin_in_japan(today).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        organization: body.organization.clone(),
        reason: String::new(),
        documents: Vec::new(),
        clause: String::new(),
        event: sekisho_domain::event::Event::RiskTableAdopted(sekisho_domain::event::RiskTableAdopted {
            table: RiskTable { from: today, ..table.clone() },
        }),
    };
    if after.apply(register.position(), &entry).is_err() {
        return Vec::new();
    }
    let alive = |a: &&Application| match &a.state {
        ApplicationState::Submitted => true,
        ApplicationState::Approved { permit } => register.permit(permit).is_some_and(|permit| {
            !matches!(permit.standing_on(today), PermitStanding::Revoked | PermitStanding::Expired)
        }),
        _ => false,
    };
    let change = |a: &Application| {
        let (before, then) = (register.risk_standing(a, today), after.risk_standing(a, today));
        (before != then).then(|| Changed {
            application: a.application.to_string(),
            purpose: a.draft.purpose.clone(),
            state: a.state.label(),
            before: wording::risk(before).1,
            after: wording::risk(then).1,
        })
    };
    let mut changes: Vec<Changed> = register.applications().filter(alive).filter_map(change).collect();
    changes.sort_by(|one, other| one.purpose.cmp(&other.purpose).then_with(|| one.application.cmp(&other.application)));
    changes
}

struct Typed {
    table: Option<RiskTableId>,
    from: Option<Date>,
    rows: Vec<RiskRow>,
    otherwise: RiskLevel,
}

fn read(fields: &Fields) -> Result<Typed, Vec<Problem>> {
    let mut wrong = Vec::new();
    let level = |name: &str| LEVELS.iter().find(|(known, _)| *known == fields.get(name)).map(|(_, level)| *level);
    let mut rows = Vec::new();
    for n in 0..MOST_ROWS {
        let Some(level) = level(&format!("level.{n}")) else { continue };
        let mut least = [0u8; 4];
        for (slot, (axis, ..)) in least.iter_mut().zip(AXES) {
            match fields.line(&format!("{axis}.{n}")).parse() {
                Ok(answer @ 0..=3) => *slot = answer,
                _ => wrong
                    .push(Problem::at(format!("level.{n}"), format!("{} 行目を 0 から 3 で書いてください。", n + 1))),
            }
        }
        let [users, work, learning, judgement] = least;
        rows.push(RiskRow { users, work, learning, judgement, level });
    }
    let otherwise = level("otherwise");
    if otherwise.is_none() {
        wrong.push(Problem::at("otherwise", "どの行にも当てはまらないときの結果を選んでください。"));
    }
    let table = RiskTableId::new(fields.line("table")).ok();
    if table.is_none() && !fields.line("table").is_empty() {
        wrong
            .push(Problem::at("table", "版の名前は半角の英小文字・数字・ハイフンで入力してください（先頭は英数字）。"));
    }
    let from = match fields.line("from") {
        "" => None,
        typed => {
            let day = typed.parse().ok();
            if day.is_none() {
                wrong.push(Problem::at("from", "日付を 2027-04-01 の形で入力してください。"));
            }
            day
        }
    };
    match otherwise {
        Some(otherwise) if wrong.is_empty() => Ok(Typed { table, from, rows, otherwise }),
        _ => Err(wrong),
    }
}

#[derive(Default)]
struct Shown<'f> {
    done: Option<&'static str>,
    problems: Vec<Problem>,
    typed: Option<&'f Fields>,
    status: StatusCode,
    preview: Option<Preview>,
}

async fn one(app: &App, signed: &SignedIn, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let Shown { done, problems, typed, status, preview } = shown;
    let ds920 = register.ds920();
    let in_force = ds920.table_on(today);
    let rows = in_force.map_or_else(default_rows, |table| table.rows.clone());
    let otherwise = in_force.map_or(RiskLevel::Low, |table| table.otherwise);
    let shown_row = |(at, row): (usize, &RiskRow)| ShownRow {
        number: at + 1,
        least: row.least().map(|least| if least == 0 { "—".to_owned() } else { format!("{least} 以上") }).to_vec(),
        level: row.level.label(),
    };
    let people: Vec<_> = ds920.tables().map(|adopted| &adopted.by).collect();
    let names = Names::of(app, people).await?;
    let past = ds920.tables().rev().map(|adopted| Past {
        name: adopted.table.table.to_string(),
        from: words::day(adopted.table.from),
        who: names.get(&adopted.by),
        when: in_words(adopted.at),
        reason: adopted.reason.clone(),
        rows: adopted.table.rows.len(),
    });
    let used = typed.map_or(rows.len(), |fields| {
        (0..MOST_ROWS).rev().find(|n| !fields.get(&format!("level.{n}")).is_empty()).map_or(0, |n| n + 1)
    });
    let level_name = |level: RiskLevel| LEVELS.iter().find(|(_, known)| *known == level).map_or("", |(name, _)| *name);
    let form_row = |n: usize| {
        let row = rows.get(n).filter(|_| typed.is_none());
        let least = row.map_or([0; 4], RiskRow::least);
        let cell = |(at, (axis, label, ..)): (usize, &(&'static str, &'static str, &str, [&str; 4]))| {
            let name = format!("{axis}.{n}");
            let value = match typed {
                Some(fields) => fields.line(&name).to_owned(),
                None => least.get(at).copied().unwrap_or(0).to_string(),
            };
            (name, *label, value)
        };
        FormRow {
            number: n,
            least: AXES.iter().enumerate().map(cell).collect(),
            level: match typed {
                Some(fields) => fields.get(&format!("level.{n}")).to_owned(),
                None => row.map_or("", |row| level_name(row.level)).to_owned(),
            },
        }
    };
    let value = |name: &str| typed.map(|fields| fields.line(name).to_owned()).unwrap_or_default();
    let frame = Frame::new(app, Some(signed), "/risk", "高リスク判定の表").await?;
    let shown = TablePage {
        axes: AXES.iter().map(|(_, label, ..)| *label).collect(),
        name: in_force.map_or_else(|| "この仕組みの既定（本プログラムの案）".to_owned(), |t| t.table.to_string()),
        since: in_force.map(|table| words::day(table.from)).unwrap_or_default(),
        rows: rows.iter().enumerate().map(shown_row).collect(),
        otherwise: otherwise.label(),
        past: past.collect(),
        edits: register.holds(signed.person(), Role::Caio),
        form: (0..(used + MORE_ROWS).min(MOST_ROWS)).map(form_row).collect(),
        levels: LEVELS,
        otherwise_typed: typed
            .map_or_else(|| level_name(otherwise).to_owned(), |fields| fields.get("otherwise").to_owned()),
        fields: vec![
            Field::text("table", "版の名前", "off")
                .help("前に使っていない名前を英小文字・数字・ハイフンで付けます。例: r8-1")
                .value(&value("table"))
                .told(&problems),
            Field::input("date", "from", "始まる日")
                .optional()
                .help("空けると今日からです。")
                .value(&value("from"))
                .told(&problems),
            Field::area("reason", "採用する理由", 2)
                .help("確かめるだけなら空けておけます。台帳に残ります。")
                .value(&typed.map(|fields| fields.text("reason")).unwrap_or_default())
                .told(&problems),
        ],
        preview,
        frame: frame.below(&[("/", "ホーム"), ("/risk", "リスク判断")]).notice(done).wide().wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = (asked.done.as_deref() == Some("adopt")).then_some("判定表を採用しました。");
    one(&app, &signed, Shown { done, status: StatusCode::OK, ..Shown::default() }).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let again = |problems| Shown {
        problems,
        typed: Some(&fields),
        status: StatusCode::UNPROCESSABLE_ENTITY,
        ..Shown::default()
    };
    let typed = match read(&fields) {
        Ok(typed) => typed,
        Err(problems) => return one(&app, &signed, again(problems)).await,
    };
    let today = in_japan(app.world.now());
    if fields.get("act") != "adopt" {
        let table = RiskTable {
            // Only looked at: the name plays no part.
            table: match typed.table.map_or_else(|| RiskTableId::new("preview"), Ok) {
                Ok(table) => table,
                Err(_) => return Err(PageError::Inside),
            },
            from: today,
            rows: typed.rows,
            otherwise: typed.otherwise,
        };
        if let Err(error) = table.check() {
            let problems = vec![Problem::refused("", &Refusal::from(error))];
            return one(&app, &signed, again(problems)).await;
        }
        let mut changes = changes(&register, &table, today);
        let more = changes.len().saturating_sub(MOST_SHOWN);
        changes.truncate(MOST_SHOWN);
        let now = |sheet: &RiskSheet| register.ds920().result_on(sheet, today);
        let preview = Preview {
            sheets: every_sheet().filter(|sheet| now(sheet) != table.result(sheet)).count(),
            falls: table.falls().map(|(lower, higher)| {
                format!("{} は高リスクの可能性、それより高い {} は低い", in_short(&lower), in_short(&higher))
            }),
            changes,
            more,
        };
        let shown = Shown { typed: Some(&fields), status: StatusCode::OK, preview: Some(preview), ..Shown::default() };
        return one(&app, &signed, shown).await;
    }
    let Some(table) = typed.table else {
        return one(&app, &signed, again(vec![Problem::at("table", "版の名前を入力してください。")])).await;
    };
    let Typed { from, rows, otherwise, .. } = typed;
    let command = Command::AdoptRiskTable(AdoptRiskTable { table, from, rows, otherwise });
    match give(&app, &signed, command, fields.text("reason").trim()).await? {
        Ok(_) => Ok(go("/risk/table?done=adopt")),
        Err(refusal) => {
            let field = match refusal.code {
                "EXISTS" => "table",
                "MUST_NOT_BE_KEPT" => "reason",
                _ if fields.text("reason").trim().is_empty() => "reason",
                _ => "",
            };
            one(&app, &signed, again(vec![Problem::refused(field, &refusal)])).await
        }
    }
}
