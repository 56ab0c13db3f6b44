//! Who is here: the directory a page at a time, and adding one person.

use super::departments::choices;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, give_named, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Slice, Table, Tone};
use crate::http::page::words::Departments;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{Command, JoinPerson};
use sekisho_domain::id::{DepartmentId, PersonId};
use sekisho_store::DirectoryChange;

#[derive(Template)]
#[template(path = "setup/people.html")]
struct PeoplePage {
    frame: Frame,
    table: Table,
    q: String,
}

#[derive(Template)]
#[template(path = "setup/person_new.html")]
struct NewPage {
    frame: Frame,
    fields: Vec<Field>,
    once: String,
}

const COLUMNS: [Column; 6] = [
    Column::plain("氏名"),
    Column::plain("部局"),
    Column::plain("職"),
    Column::plain("役割"),
    Column::plain("アカウント"),
    Column::plain("メール"),
];
/// Rows of a page; an export takes them in pieces of this size.
const ROWS: u64 = 50;
const PIECE: u64 = 1_000;

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let names = Departments::all(&app).await?;
    let words = asked.q.trim();
    let slice = if asked.exports() {
        let mut rows = Vec::new();
        loop {
            let (piece, _) = app.store.directory_page(words, rows.len() as u64, PIECE).await?;
            if piece.is_empty() {
                break;
            }
            rows.extend(piece);
        }
        Slice { total: rows.len(), rows, page: 1, pages: 1 }
    } else {
        let wanted = asked.page.parse::<u64>().unwrap_or(1).clamp(1, 1 << 20);
        let (mut rows, total) = app.store.directory_page(words, (wanted - 1) * ROWS, ROWS).await?;
        let pages = total.div_ceil(ROWS).max(1);
        let page = wanted.min(pages);
        if page != wanted {
            rows = app.store.directory_page(words, (page - 1) * ROWS, ROWS).await?.0;
        }
        let whole = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Slice { rows, total: whole(total), page: whole(page), pages: whole(pages) }
    };
    let about = ("職員", "名簿に誰もいません。「一人ずつ加える」か「CSV で加える」から始めてください。");
    let table = Table::new("/people", about, &COLUMNS, &asked, slice, |row| {
        let known = register.person(&row.person);
        let name = if row.name.is_empty() { row.person.to_string() } else { row.name };
        let roles = known.map(|p| p.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join("、"));
        let account = match known {
            Some(person) if !person.active => Cell::tag(Tone::Look, "退職・異動"),
            _ if register.means(&row.person).is_some() => Cell::tag(Tone::Good, "開設済み"),
            _ => Cell::text("なし"),
        };
        vec![
            Cell::link(format!("/people/{}", row.person), name),
            Cell::text(known.map(|person| names.get(&person.department)).unwrap_or_default()),
            Cell::text(row.post),
            Cell::text(roles.unwrap_or_default()),
            account,
            Cell::text(row.mail),
        ]
    });
    if let Some(file) = table.file("people")? {
        return Ok(file);
    }
    let notice = match asked.done.as_deref() {
        Some("imported") => Some("CSV の職員を登録しました。"),
        _ => None,
    };
    let frame = Frame::new(&app, Some(&signed), "/people", "職員").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/start", "使い始めるまで")]).notice(notice).wide();
    Ok(page(StatusCode::OK, &PeoplePage { frame, q: asked.q.clone(), table }))
}

async fn new_page(app: &App, signed: &SignedIn, given: &Fields, problems: Vec<Problem>) -> Result<Response, PageError> {
    let status = Problem::status(&problems);
    let names = Departments::all(app).await?;
    let frame = Frame::new(app, Some(signed), "/people/new", "職員を加える").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/people", "職員")]).wrong(problems);
    let told = &frame.problems;
    let fields = vec![
        Field::text("name", "氏名", "off").value(given.get("name")).told(told),
        Field::select("department", "部局", choices(app, &names)?).value(given.get("department")).told(told),
        Field::text("post_code", "職の符号", "off")
            .help("利用者の範囲を職で決めるときに使う短い名前です。例: kakaricho。台帳に記録されます。")
            .optional()
            .value(given.get("post_code"))
            .told(told),
        Field::text("post", "職名", "off").optional().value(given.get("post")).told(told),
        Field::input("email", "mail", "メールアドレス").optional().value(given.get("mail")).told(told),
    ];
    let once = if given.get(ONCE).is_empty() { once(app) } else { given.get(ONCE).to_owned() };
    Ok(page(status, &NewPage { frame, fields, once }))
}

pub(super) async fn form(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    new_page(&app, &signed, &Fields::default(), Vec::new()).await
}

/// What one line of the form or of a CSV says of a person.
pub(super) fn read(
    department: &str,
    post_code: &str,
    person: PersonId,
) -> Result<JoinPerson, (&'static str, &'static str)> {
    let department = DepartmentId::new(department).map_err(|_| ("department", "登録済みの部局を選んでください。"))?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if post_code.len() > 64 || !post_code.chars().all(plain) {
        return Err(("post_code", "職の符号は半角の英小文字・数字・「-」「_」で 64 文字までにしてください。"));
    }
    Ok(JoinPerson { person, department, post: post_code.to_owned() })
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut problems = Vec::new();
    let name = fields.line("name");
    if name.is_empty() || name.chars().count() > 100 {
        problems.push(Problem::at("name", "氏名を 100 文字までで入力してください。"));
    }
    // Random for everyone but who sends the very same form twice.
    let person = PersonId::new(format!("p-{}", named_once(&app, &signed, &fields).replace('-', "")));
    let person = person.map_err(|_| PageError::Unreadable)?;
    match read(fields.line("department"), fields.line("post_code"), person.clone()) {
        Err((field, text)) => problems.push(Problem::at(field, text)),
        Ok(joining) if problems.is_empty() => {
            if app.journal.register()?.person(&person).is_some() {
                return Ok(go(&format!("/people/{person}")));
            }
            let row = DirectoryChange::Person {
                person: person.clone(),
                name: name.to_owned(),
                mail: fields.line("mail").to_owned(),
                post: fields.line("post").to_owned(),
            };
            let command = Command::JoinPerson(joining);
            match give_named(&app, &signed, command, "", app.world.fresh(), vec![row]).await? {
                Ok(_) => return Ok(go(&format!("/people/{person}?done=joined"))),
                Err(refusal) if refusal.code == "EXISTS" => return Ok(go(&format!("/people/{person}"))),
                Err(refusal) => problems.push(Problem::refused("department", &refusal)),
            }
        }
        Ok(_) => {}
    }
    new_page(&app, &signed, &fields, problems).await
}
