//! What the operator sets, because the program claims nothing that nobody has read: every value is empty at first and
//! marked 要確認.

use super::super::frame;
use super::{acts, seeing};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::Asked;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, SetScheme};
use sekisho_domain::ismap::scheme::Settings;

#[derive(Template)]
#[template(path = "ismap/operator/settings.html")]
struct SettingsPage {
    frame: Frame,
    set: Vec<(&'static str, String)>,
    fields: Option<Vec<Field>>,
}

fn days(value: Option<u16>, unset: &str) -> String {
    value.map_or_else(|| unset.to_owned(), |days| format!("{days} 日"))
}

async fn form(
    app: &App,
    signed: &SignedIn,
    given: &Fields,
    problems: Vec<Problem>,
    done: bool,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !seeing::sees_settings(&register, signed.person()) {
        return Err(PageError::Missing);
    }
    let now = register.scheme().settings().clone();
    let may = acts::is_open(app, &register, signed, Command::SetScheme(SetScheme { settings: now.clone() }));
    let status = Problem::status(&problems);
    let frame = frame(app, signed, "/ismap/settings", "制度の設定", &[]).await?;
    let frame = frame.notice(done.then_some("設定を記録しました。")).wrong(problems);
    let told = &frame.problems;
    let or = |field: &str, known: String| {
        if given.get("clock").is_empty() { known } else { given.line(field).to_owned() }
    };
    let number = |value: Option<u16>| value.map(|days| days.to_string()).unwrap_or_default();
    let fields = may.then(|| {
        let clocks = vec![Choice::new("runs", "止めない"), Choice::new("pauses", "照会から回答までの日数だけ延ばす")];
        let clock = or("clock", if now.clock_pauses { "pauses" } else { "runs" }.to_owned());
        vec![
            Field::input("number", "prelim", "インシデントを知ってから速報までの日数")
                .help("空欄なら未設定です。期限を計算しません。")
                .optional()
                .value(&or("prelim", number(now.incident_prelim_days)))
                .told(told),
            Field::input("number", "final", "インシデントを知ってから確報までの日数")
                .help("空欄なら未設定です。期限を計算しません。")
                .optional()
                .value(&or("final", number(now.incident_final_days)))
                .told(told),
            Field::radio("clock", "照会の間の、決定までの期間（6 か月）", clocks).value(&clock).told(told),
            Field::input("number", "stale", "公開リストの写しを古いと知らせるまでの日数")
                .help("空欄なら 31 日です。")
                .optional()
                .value(&or("stale", number(now.list_stale_days)))
                .told(told),
            Field::area("reason", "理由", 2)
                .help("確かめた文書（版と条項）を書いてください。台帳に残ります。")
                .optional()
                .value(&given.text("reason"))
                .told(told),
        ]
    });
    let shown = SettingsPage {
        set: vec![
            ("速報までの日数", days(now.incident_prelim_days, "日数は未設定")),
            ("確報までの日数", days(now.incident_final_days, "日数は未設定")),
            ("照会の間", if now.clock_pauses { "その日数だけ延ばす" } else { "止めない" }.to_owned()),
            ("公開リストの写しが古くなるまで", days(now.list_stale_days, "31 日（設定なし）")),
        ],
        fields,
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    form(&app, &signed, &Fields::default(), Vec::new(), asked.done.as_deref() == Some("set")).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    if !seeing::sees_settings(&*app.journal.register()?, signed.person()) {
        return Err(PageError::Missing);
    }
    let mut problems = Vec::new();
    let mut number = |field: &'static str| match fields.line(field) {
        "" => None,
        text => match text.parse::<u16>() {
            Ok(days) if days > 0 => Some(days),
            _ => {
                problems.push(Problem::at(field, "日数を 1 以上の数字で入力するか、空欄にしてください。"));
                None
            }
        },
    };
    let settings = Settings {
        incident_prelim_days: number("prelim"),
        incident_final_days: number("final"),
        clock_pauses: fields.get("clock") == "pauses",
        list_stale_days: number("stale"),
    };
    if !matches!(fields.get("clock"), "pauses" | "runs") {
        problems.push(Problem::at("clock", "どちらかを選んでください。"));
    }
    if problems.is_empty() {
        let command = Command::SetScheme(SetScheme { settings });
        match give(&app, &signed, command, &fields.text("reason")).await? {
            Ok(_) => return Ok(go("/ismap/settings?done=set")),
            Err(refusal) => {
                let field = if refusal.code == "MUST_NOT_BE_KEPT" { "reason" } else { "" };
                problems.push(Problem::refused(field, &refusal));
            }
        }
    }
    form(&app, &signed, &fields, problems, false).await
}
