//! Deadlines of リスクケース: the list that counts, and a form for the CAIO to set the body's own.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use crate::http::page::words;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, SetRiskClocks};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::Evidence;
use sekisho_domain::ds920::clock::{Clock, Due};
use sekisho_domain::ds920::risk_case::CaseKind;
use sekisho_domain::person::Role;

/// Most deadlines of the form.
const MOST: usize = 60;
/// Empty rows to go on with.
const MORE: usize = 2;

const GRADES: [(&str, Evidence); 4] = [("D", Evidence::D), ("K", Evidence::K), ("S", Evidence::S), ("P", Evidence::P)];

#[derive(Template)]
#[template(path = "ds920/clocks.html")]
struct ClocksPage {
    frame: Frame,
    since: Option<String>,
    rows: Vec<Row>,
    sets: bool,
    form: Vec<FormRow>,
    kinds: Vec<(&'static str, &'static str)>,
    dues: Vec<(&'static str, &'static str)>,
    grades: Vec<(&'static str, &'static str)>,
    fields: Vec<Field>,
}

struct Row {
    kind: &'static str,
    due: &'static str,
    days: u16,
    basis: String,
    evidence: &'static str,
}

struct FormRow {
    number: usize,
    kind: String,
    due: String,
    days: String,
    basis: String,
    grade: String,
}

fn kind_label(kind: Option<CaseKind>) -> &'static str {
    kind.map_or("すべての種類", CaseKind::label)
}

async fn one(
    app: &App,
    signed: &SignedIn,
    done: Option<&'static str>,
    typed: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let clocks = register.ds920().clocks_on(today);
    let since = register.ds920().clock_lists().rev().find(|list| list.from <= today).map(|list| words::day(list.from));
    let row = |n: usize| match (typed, clocks.get(n)) {
        (Some(fields), _) => {
            let get = |name: &str| fields.line(&format!("{name}.{n}")).to_owned();
            FormRow {
                number: n,
                kind: get("kind"),
                due: get("due"),
                days: get("days"),
                basis: get("basis"),
                grade: get("grade"),
            }
        }
        (None, Some(clock)) => FormRow {
            number: n,
            kind: clock.kind.map_or("", CaseKind::name).to_owned(),
            due: clock.due.name().to_owned(),
            days: clock.days.to_string(),
            basis: clock.basis.clone(),
            grade: GRADES.iter().find(|(_, grade)| *grade == clock.evidence).map_or("K", |(name, _)| *name).to_owned(),
        },
        (None, None) => FormRow {
            number: n,
            kind: String::new(),
            due: String::new(),
            days: String::new(),
            basis: String::new(),
            grade: "D".into(),
        },
    };
    let used = typed.map_or(clocks.len(), |fields| {
        (0..MOST).rev().find(|n| !fields.get(&format!("due.{n}")).is_empty()).map_or(0, |n| n + 1)
    });
    let value = |name: &str| typed.map(|fields| fields.text(name)).unwrap_or_default();
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/cases", "リスクケースの期限").await?;
    let shown = ClocksPage {
        since,
        rows: clocks
            .iter()
            .map(|clock| Row {
                kind: kind_label(clock.kind),
                due: clock.due.label(),
                days: clock.days,
                basis: clock.basis.clone(),
                evidence: super::grade(clock.evidence),
            })
            .collect(),
        sets: register.holds(signed.person(), Role::Caio),
        form: (0..(used + MORE).min(MOST)).map(row).collect(),
        kinds: CaseKind::ALL.map(|kind| (kind.name(), kind.label())).to_vec(),
        dues: Due::ALL.map(|due| (due.name(), due.label())).to_vec(),
        grades: GRADES.map(|(name, grade)| (name, super::grade(grade))).to_vec(),
        fields: vec![
            Field::input("date", "from", "始まる日")
                .optional()
                .help("空けると今日からです。")
                .value(&value("from"))
                .told(&problems),
            Field::area("reason", "期限を定める理由", 2)
                .help("確かめた条文や要領があれば書きます。台帳に残ります。")
                .value(&value("reason"))
                .told(&problems),
        ],
        frame: frame.below(&[("/", "ホーム"), ("/cases", "リスクケース")]).notice(done).wide().wrong(problems),
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let done = (asked.done.as_deref() == Some("set")).then_some("期限を定めました。");
    one(&app, &signed, done, None, Vec::new()).await
}

fn read(fields: &Fields) -> Result<SetRiskClocks, Vec<Problem>> {
    let mut wrong = Vec::new();
    let mut clocks = Vec::new();
    for n in 0..MOST {
        let get = |name: &str| fields.line(&format!("{name}.{n}"));
        let Some(due) = Due::ALL.into_iter().find(|due| due.name() == get("due")) else { continue };
        let days = get("days").parse().ok();
        if days.is_none() {
            wrong.push(Problem::at(format!("days.{n}"), format!("{} 件目の日数を数字で入力してください。", n + 1)));
        }
        let evidence = GRADES.iter().find(|(name, _)| *name == get("grade")).map_or(Evidence::K, |(_, grade)| *grade);
        let basis = get("basis").to_owned();
        clocks.push(Clock { kind: CaseKind::named(get("kind")), due, days: days.unwrap_or(0), basis, evidence });
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
    if wrong.is_empty() { Ok(SetRiskClocks { from, clocks }) } else { Err(wrong) }
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let command = match read(&fields) {
        Ok(command) => Command::SetRiskClocks(command),
        Err(problems) => return one(&app, &signed, None, Some(&fields), problems).await,
    };
    match give(&app, &signed, command, fields.text("reason").trim()).await? {
        Ok(_) => Ok(go("/cases/clocks?done=set")),
        Err(refusal) => {
            let field = if fields.text("reason").trim().is_empty() { "reason" } else { "" };
            one(&app, &signed, None, Some(&fields), vec![Problem::refused(field, &refusal)]).await
        }
    }
}
