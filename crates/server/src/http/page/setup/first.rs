//! The page behind the link of the first run: the body and its first administrator.

use crate::account::{NotOpened, login};
use crate::first_run::{FirstAdministrator, NotFounded, found, opens};
use crate::http::App;
use crate::http::page::account::{differ, new_password};
use crate::http::page::error::PageError;
use crate::http::page::form::{Entered, Fields};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_domain::id::{DepartmentId, OrganizationId};
use sekisho_domain::organization::Sector;

#[derive(Template)]
#[template(path = "setup/first.html")]
struct FirstPage {
    frame: Frame,
    body: Vec<Field>,
    person: Vec<Field>,
}

async fn form(app: &App, given: &Fields, problems: Vec<Problem>) -> Result<Response, PageError> {
    let status = Problem::status(&problems);
    let frame = Frame::new(app, None, "/setup", "初回設定").await?.wrong(problems);
    let problems = &frame.problems;
    let sector = if given.get("sector").is_empty() { "national" } else { given.get("sector") };
    let sectors = vec![
        Choice {
            help: "統一基準群が適用されます。格付は機密性1・2・3 です。".to_owned(),
            ..Choice::new("national", "国の機関等")
        },
        Choice {
            help: "総務省のガイドラインを参考にします。格付は自治体機密性 1・2・3C・3B・3A です。".to_owned(),
            ..Choice::new("municipal", "地方公共団体")
        },
    ];
    let body = vec![
        Field::radio("sector", "機関の種類", sectors).value(sector).told(problems),
        Field::text("name", "機関の名称", "organization").help("例: 架空市").value(given.get("name")).told(problems),
        Field::text("organization", "機関の識別子", "off")
            .help("台帳に記録する短い名前です。半角の英小文字・数字・ハイフン。例: kakuu-shi。あとから変えられません。")
            .value(given.get("organization"))
            .told(problems),
    ];
    let [new, again] = new_password(problems);
    let person = vec![
        Field::text("administrator", "あなたの氏名", "name")
            .help("最初のシステム管理者になります。利用の承認はできません（別の人が許可権限者になります）。")
            .value(given.get("administrator"))
            .told(problems),
        Field::text("department_name", "あなたの部局", "organization-title")
            .help("例: 情報政策課")
            .value(given.get("department_name"))
            .told(problems),
        Field::text("department", "部局の識別子", "off")
            .help("半角の英小文字・数字・ハイフン。例: joho")
            .value(given.get("department"))
            .told(problems),
        Field::text("login", "サインイン名", "username")
            .help("半角の英小文字・数字・「.」「-」「_」「@」。")
            .value(given.get("login"))
            .told(problems),
        new,
        again,
    ];
    Ok(page(status, &FirstPage { frame, body, person }))
}

pub(super) async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Response, PageError> {
    if !opens(&app, &token)? {
        return Err(PageError::Link);
    }
    form(&app, &Fields::default(), Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(token): Path<String>,
    Entered(fields): Entered,
) -> Result<Response, PageError> {
    if !opens(&app, &token)? {
        return Err(PageError::Link);
    }
    let wanted = match read(&fields) {
        Ok(wanted) => wanted,
        Err(problems) => return form(&app, &fields, problems).await,
    };
    match found(&app, wanted, fields.get("new")).await {
        Ok(()) => Ok(go("/signin?done=founded&next=%2Fstart")),
        Err(NotFounded::Refused(refusal)) => form(&app, &fields, vec![Problem::refused("", &refusal)]).await,
        Err(NotFounded::Account(NotOpened::Password(text))) => {
            form(&app, &fields, vec![Problem::at("new", text)]).await
        }
        Err(NotFounded::Account(error)) => Err(error.into()),
        Err(NotFounded::Journal(error)) => Err(error.into()),
    }
}

/// Reads the form, or tells everything that is wrong with it.
fn read(fields: &Fields) -> Result<FirstAdministrator, Vec<Problem>> {
    let mut problems = Vec::new();
    let sector = match fields.get("sector") {
        "national" => Some(Sector::National),
        "municipal" => Some(Sector::Municipal),
        _ => {
            problems.push(Problem::at("sector", "機関の種類を選んでください。"));
            None
        }
    };
    for (field, text) in [
        ("name", "機関の名称を入力してください。"),
        ("administrator", "氏名を入力してください。"),
        ("department_name", "部局の名称を入力してください。"),
    ] {
        if fields.line(field).is_empty() {
            problems.push(Problem::at(field, text));
        }
    }
    let organization = OrganizationId::new(fields.line("organization"));
    if organization.is_err() {
        problems.push(Problem::at(
            "organization",
            "機関の識別子は、半角の英小文字・数字・ハイフンで入力してください（64 文字まで、先頭は英数字）。",
        ));
    }
    let department = DepartmentId::new(fields.line("department"));
    if department.is_err() {
        problems.push(Problem::at(
            "department",
            "部局の識別子は、半角の英小文字・数字・ハイフンで入力してください（64 文字まで、先頭は英数字）。",
        ));
    }
    let login = login(fields.get("login"));
    if login.is_none() {
        problems.push(Problem::at(
            "login",
            "サインイン名は、半角の英小文字・数字・「.」「-」「_」「@」で入力してください（64 文字まで）。",
        ));
    }
    problems.extend(differ(fields));
    match (sector, organization, department, login) {
        (Some(sector), Ok(organization), Ok(department), Some(login)) if problems.is_empty() => {
            Ok(FirstAdministrator {
                organization,
                name: fields.line("name").to_owned(),
                sector,
                department,
                department_name: fields.line("department_name").to_owned(),
                administrator: fields.line("administrator").to_owned(),
                login,
            })
        }
        _ => Err(problems),
    }
}
