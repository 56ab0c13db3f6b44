//! What is owed, what was sent and what was answered, in one list; and what the home page reminds of.

use super::super::due::{ANSWER_DAYS, REPORT_DAYS, is_late};
use super::super::service::MANAGERS;
use super::super::wording::GOVERNING;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::Evidence;
use sekisho_domain::id::{PermitId, ServiceId};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use sekisho_domain::returns::{Answer, Ground, Owed, ReturnRecord, addressee_on, are_asked_of, owed};
use sekisho_domain::service::ProvisionForm;
use serde::Deserialize;

/// Who sees the reports.
pub(in super::super) const READERS: &[Role] = &GOVERNING;

/// What the home page says of reports.
pub(in crate::http::page) struct Reminded {
    /// Reports that are owed.
    pub(in crate::http::page) owed: usize,
    /// Of them, those that have waited longer than the program's own days.
    pub(in crate::http::page) late: usize,
    /// Reports that were sent and not answered for longer than the program's own days.
    pub(in crate::http::page) silent: usize,
}

/// What those who send reports are reminded of.
pub(in crate::http::page) fn reminded(register: &Register, today: Date) -> Reminded {
    let owed = owed(register, today);
    let late = owed.iter().filter(|one| is_late(one.since, today, REPORT_DAYS)).count();
    let silent = |one: &&ReturnRecord| one.waits() && is_late(one.sent.on, today, ANSWER_DAYS);
    Reminded { owed: owed.len(), late, silent: register.returns().filter(silent).count() }
}

#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Which {
    #[serde(default)]
    show: String,
    #[serde(default)]
    service: String,
}

#[derive(Template)]
#[template(path = "desk/returns.html")]
struct ListPage {
    frame: Frame,
    asked_of: bool,
    records: bool,
    report_days: i64,
    answer_days: i64,
    addressee: Option<(&'static str, &'static str, bool)>,
    filters: Vec<Field>,
    table: Table,
}

enum Row<'r> {
    Owed(Owed),
    Sent(&'r ReturnRecord),
}

impl Row<'_> {
    fn service(&self) -> &ServiceId {
        match self {
            Self::Owed(one) => &one.service,
            Self::Sent(one) => &one.sent.service,
        }
    }

    fn permit(&self) -> Option<&PermitId> {
        match self {
            Self::Owed(one) => one.permit.as_ref(),
            Self::Sent(one) => one.sent.permit.as_ref(),
        }
    }

    fn day(&self) -> Date {
        match self {
            Self::Owed(one) => one.since,
            Self::Sent(one) => one.sent.on,
        }
    }

    fn is_shown(&self, show: &str) -> bool {
        match (show, self) {
            ("all", _) | ("owed", Self::Owed(_)) => true,
            ("owed", Self::Sent(_)) | ("waiting" | "answered", Self::Owed(_)) => false,
            ("waiting", Self::Sent(one)) => one.waits(),
            ("answered", Self::Sent(one)) => !one.waits(),
            (_, Self::Owed(_)) => true,
            (_, Self::Sent(one)) => one.waits(),
        }
    }

    /// What is to be done comes first.
    fn rank(&self) -> (u8, Date) {
        match self {
            Self::Owed(one) => (0, one.since),
            Self::Sent(one) => (if one.waits() { 1 } else { 2 }, one.sent.on),
        }
    }
}

/// How a report stands.
pub(super) fn standing(one: &ReturnRecord, today: Date) -> (Tone, &'static str) {
    let last = one.answers.last().map(|answer| answer.answer);
    match (one.waits(), last) {
        (true, Some(Answer::Question)) => (Tone::Look, "質問あり"),
        (true, _) if is_late(one.sent.on, today, ANSWER_DAYS) => (Tone::Look, "回答待ち（目安を過ぎた）"),
        (true, _) => (Tone::Plain, "回答待ち"),
        (false, Some(Answer::Consented)) => (Tone::Good, "了解"),
        (false, _) => (Tone::Good, "受領"),
    }
}

/// The ground in a line: only what was read stands there as a rule.
pub(super) fn ground(ground: &Ground) -> String {
    match ground.evidence {
        Evidence::P => ground.clause.to_owned(),
        Evidence::S | Evidence::K => format!("{}（要確認）", ground.clause),
        Evidence::D => "関所の目安（定めは未確認）".to_owned(),
    }
}

pub(super) fn purpose(register: &Register, permit: Option<&PermitId>) -> String {
    let known = permit.and_then(|permit| register.permit(permit));
    known.map(|permit| permit.draft.purpose.clone()).unwrap_or_default()
}

pub(in super::super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let records = register.holds_any(signed.person(), MANAGERS);
    let all = owed(&register, today).into_iter().map(Row::Owed).chain(register.returns().map(Row::Sent));
    let rows: Vec<Row<'_>> = all
        .filter(|row| row.is_shown(&which.show))
        .filter(|row| which.service.is_empty() || row.service().as_str() == which.service)
        .filter(|row| {
            let (service, purpose) = (words::service(&register, row.service()), purpose(&register, row.permit()));
            let addressee = if let Row::Sent(one) = row { one.sent.addressee.as_str() } else { "" };
            asked.finds(&[&service, &purpose, addressee])
        })
        .collect();
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| one.rank().cmp(&other.rank())),
            ("day", &|one, other| one.day().cmp(&other.day())),
            ("service", &|one, other| one.service().cmp(other.service())),
        ],
    );
    let columns = [
        Column::plain("報告"),
        Column::plain("状況"),
        Column::sorted("service", "サービス"),
        Column::plain("業務"),
        Column::sorted("day", "生じた日・送った日"),
        Column::plain("根拠・宛先"),
    ];
    let empty = "報告していないもの、回答を待つものはありません。登録簿から分かる範囲です。";
    let table = Table::new("/returns", ("報告", empty), &columns, &asked, slice, |row| {
        let (what, state, last) = match &row {
            Row::Owed(one) => {
                let late = is_late(one.since, today, REPORT_DAYS);
                let permit = one.permit.as_ref().map(|permit| format!("&permit={permit}")).unwrap_or_default();
                let href = format!("/returns/new?service={}&stage={}{permit}", one.service, one.stage.as_str());
                let name = one.stage.japanese();
                (
                    if records { Cell::link(href, name) } else { Cell::text(name) },
                    if late {
                        Cell::tag(Tone::Bad, "未報告（目安を過ぎた）")
                    } else {
                        Cell::tag(Tone::Look, "未報告")
                    },
                    ground(&one.ground),
                )
            }
            Row::Sent(one) => {
                let (tone, state) = standing(one, today);
                let what = Cell::link(format!("/returns/{}", one.sent.id), one.sent.stage.japanese());
                (what, Cell { tone, text: state.to_owned(), href: None }, one.sent.addressee.clone())
            }
        };
        vec![
            what,
            state,
            Cell::link(format!("/services/{}", row.service()), words::service(&register, row.service())),
            Cell::text(purpose(&register, row.permit())),
            Cell::text(words::day(row.day())),
            Cell::text(last),
        ]
    })
    .keeping("show", &which.show)
    .keeping("service", &which.service);
    if let Some(file) = table.file("returns")? {
        return Ok(file);
    }
    let shows = [
        ("", "未報告と回答待ち"),
        ("owed", "未報告"),
        ("waiting", "回答待ち"),
        ("answered", "回答済み"),
        ("all", "すべて"),
    ];
    let services = register
        .services()
        .filter(|record| record.service.form != ProvisionForm::SelfOperated)
        .map(|record| Choice::new(record.service.service.as_str(), record.service.name.clone()));
    let services = std::iter::once(Choice::new("", "すべて")).chain(services).collect();
    let frame = Frame::new(&app, Some(&signed), "/returns", "報告").await?;
    let done = match asked.done.as_deref() {
        Some("sent") => Some("送った報告を記録しました。"),
        _ => None,
    };
    let shown = ListPage {
        frame: frame.below(&[("/", "ホーム")]).notice(done).wide(),
        asked_of: are_asked_of(&register),
        records,
        report_days: REPORT_DAYS,
        answer_days: ANSWER_DAYS,
        addressee: addressee_on(today).map(|one| (one.name, one.document, one.confirmed)),
        filters: vec![
            Field::select("show", "表示", shows.map(|(key, label)| Choice::new(key, label)).to_vec())
                .value(&which.show),
            Field::select("service", "サービス", services).value(&which.service),
            Field::input("search", "q", "語").optional().value(&asked.q),
        ],
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
