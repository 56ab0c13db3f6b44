//! Which surveys there are, and which wait for the person.

use super::OPENERS;
use crate::http::App;
use crate::http::page::desk::governs;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::oversight::FEWEST;
use crate::http::page::words;
use crate::survey::answers_kind;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::person::Person;
use sekisho_domain::register::Register;
use sekisho_domain::survey::SurveyRecord;

#[derive(Template)]
#[template(path = "surveys/list.html")]
struct ListPage {
    frame: Frame,
    opens: bool,
    table: Table,
}

/// What waits for a person: surveys to answer, and surveys whose days are over, for who may close them.
pub(in crate::http::page) async fn waiting(
    app: &App,
    register: &Register,
    person: &Person,
    today: Date,
) -> Result<(usize, usize), PageError> {
    let mut to_answer = 0;
    for survey in register.surveys().filter(|survey| survey.takes_answers(today)) {
        let opened = &survey.opened;
        if register.in_range(&opened.users, person)
            && !app.store.has_paper(&answers_kind(&opened.survey), person.person.as_str()).await?
        {
            to_answer += 1;
        }
    }
    let over = register.surveys().filter(|survey| survey.closed.is_none() && survey.opened.until < today);
    let closes = OPENERS.iter().any(|role| person.roles.contains(role));
    Ok((to_answer, if closes { over.count() } else { 0 }))
}

struct Row<'r> {
    survey: &'r SurveyRecord,
    mine: bool,
    answered: bool,
    /// Answers so far, or those that were counted.
    answers: Option<u64>,
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let person = register.person(signed.person()).ok_or(PageError::Stale)?;
    let governs = governs(&register, signed.person());
    let mut rows = Vec::new();
    for survey in register.surveys() {
        let opened = &survey.opened;
        let mine = register.in_range(&opened.users, person);
        if !(mine || governs) || !asked.finds(&[&opened.title]) {
            continue;
        }
        let kind = answers_kind(&opened.survey);
        let answers = match &survey.closed {
            Some(closed) => closed.answered,
            // How far it is would tell, answer by answer, who has answered.
            None => Some(app.store.count_papers(&kind).await?).filter(|answers| *answers >= FEWEST),
        };
        let answered = app.store.has_paper(&kind, signed.person().as_str()).await?;
        rows.push(Row { survey, mine, answered, answers });
    }
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| other.survey.opened.from.cmp(&one.survey.opened.from)),
            ("until", &|one, other| one.survey.opened.until.cmp(&other.survey.opened.until)),
        ],
    );
    let columns = [
        Column::plain("題名"),
        Column::plain("あなたの回答"),
        Column::plain("状態"),
        Column::plain("初日"),
        Column::sorted("until", "末日"),
        Column::plain("回答の状況"),
    ];
    let empty = "アンケートはありません。始まると、対象の人に並びます。";
    let table = Table::new("/surveys", ("アンケート", empty), &columns, &asked, slice, |row| {
        let opened = &row.survey.opened;
        let takes = row.survey.takes_answers(today);
        vec![
            Cell::link(format!("/surveys/{}", opened.survey), opened.title.clone()),
            match (row.mine, row.answered, takes) {
                (_, true, _) => Cell::tag(Tone::Good, "回答済み"),
                (true, false, true) => Cell::tag(Tone::Look, "未回答"),
                (true, false, false) => Cell::text("回答なし"),
                (false, false, _) => Cell::text("対象外"),
            },
            match (&row.survey.closed, takes) {
                (Some(_), _) => Cell::tag(Tone::Plain, "締切り・集計済み"),
                (None, true) => Cell::tag(Tone::Good, "受付中"),
                (None, false) if today < opened.from => Cell::tag(Tone::Plain, "開始前"),
                (None, false) => Cell::tag(Tone::Look, "期間が終了・集計前"),
            },
            Cell::text(words::day(opened.from)),
            Cell::text(words::day(opened.until)),
            Cell::text(if governs {
                let answers = row.answers.map_or_else(|| format!("{FEWEST} 人未満"), |answers| format!("{answers} 人"));
                format!("{} 人のうち {answers}", opened.asked)
            } else {
                String::new()
            }),
        ]
    });
    if let Some(file) = table.file("surveys")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/surveys", "アンケート").await?.below(&[("/", "ホーム")]);
    let opens = register.holds_any(signed.person(), OPENERS);
    Ok(page(StatusCode::OK, &ListPage { frame, opens, table }))
}
