//! Departments: the tree that user ranges refer to.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_named;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::Departments;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::command::Command;
use sekisho_domain::id::DepartmentId;
use sekisho_domain::organization::Department;
use sekisho_store::DirectoryChange;

#[derive(Template)]
#[template(path = "setup/departments.html")]
struct DepartmentsPage {
    frame: Frame,
    table: Table,
    fields: Vec<Field>,
}

const COLUMNS: [Column; 4] =
    [Column::sorted("name", "部局"), Column::sorted("id", "識別子"), Column::plain("上の部局"), Column::plain("職員")];

/// Departments to choose from, by name.
pub(super) fn choices(app: &App, names: &Departments) -> Result<Vec<Choice>, PageError> {
    let register = app.journal.register()?;
    let mut choices: Vec<Choice> =
        register.departments().map(|d| Choice::new(d.department.as_str(), names.get(&d.department))).collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    Ok(choices)
}

async fn form(
    app: &App,
    signed: &SignedIn,
    asked: &Asked,
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let names = Departments::all(app).await?;
    let people = register.people_by_department();
    let named: Vec<(String, &Department)> = register
        .departments()
        .map(|d| (names.get(&d.department), d))
        .filter(|(name, d)| asked.finds(&[name.as_str(), d.department.as_str()]))
        .collect();
    let slice = asked.slice(
        named,
        &[("name", &|one, other| one.0.cmp(&other.0)), ("id", &|one, other| one.1.department.cmp(&other.1.department))],
    );
    let about = ("部局", "部局はまだありません。下の欄から、いちばん上の部局を加えてください。");
    let table = Table::new("/departments", about, &COLUMNS, asked, slice, |(name, department)| {
        let count = people.get(&department.department).copied().unwrap_or(0);
        vec![
            Cell::text(name),
            Cell::text(department.department.as_str()),
            Cell::text(department.parent.as_ref().map(|parent| names.get(parent)).unwrap_or_default()),
            Cell::text(format!("{count} 人")),
        ]
    });
    if let Some(file) = table.file("departments")? {
        return Ok(file);
    }
    let status = Problem::status(&problems);
    let notice = (asked.done.as_deref() == Some("placed")).then_some("部局を登録しました。");
    let frame = Frame::new(app, Some(signed), "/departments", "部局").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/start", "使い始めるまで")]).notice(notice).wrong(problems);
    let mut parents = vec![Choice::new("", "（いちばん上に置く）")];
    parents.extend(choices(app, &names)?);
    let fields = vec![
        Field::text("name", "部局の名称", "off").value(given.get("name")).told(&frame.problems),
        Field::text("department", "識別子", "off")
            .help("台帳に記録する短い名前です。半角の英小文字・数字・ハイフン。登録済みの識別子を書くと、名称と置き場所を改めます。")
            .value(given.get("department"))
            .told(&frame.problems),
        Field::select("parent", "上の部局", parents).value(given.get("parent")).told(&frame.problems),
    ];
    Ok(page(status, &DepartmentsPage { frame, table, fields }))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    form(&app, &signed, &asked, &Fields::default(), Vec::new()).await
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut problems = Vec::new();
    if fields.line("name").is_empty() {
        problems.push(Problem::at("name", "部局の名称を入力してください。"));
    }
    let department = DepartmentId::new(fields.line("department"));
    if department.is_err() {
        let text = "半角の英小文字・数字・ハイフンで入力してください（64 文字まで、先頭は英数字）。";
        problems.push(Problem::at("department", text));
    }
    let parent = match fields.get("parent") {
        "" => Ok(None),
        parent => DepartmentId::new(parent).map(Some),
    };
    if parent.is_err() {
        problems.push(Problem::at("parent", "一覧にある部局を選んでください。"));
    }
    if let (Ok(department), Ok(parent), true) = (department, parent, problems.is_empty()) {
        let row = DirectoryChange::Department { department: department.clone(), name: fields.line("name").to_owned() };
        let command = Command::PlaceDepartment(Department { department, parent });
        match give_named(&app, &signed, command, "", app.world.fresh(), vec![row]).await? {
            Ok(_) => return Ok(go("/departments?done=placed")),
            Err(refusal) => problems.push(Problem::refused("department", &refusal)),
        }
    }
    form(&app, &signed, &Asked::default(), &fields, problems).await
}
