//! Many people at once, from the lines of a CSV.

use super::people::read;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give_named;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::installation::fresh_pseudonym;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sekisho_domain::command::{Command, JoinPerson};
use sekisho_domain::id::PersonId;
use sekisho_store::DirectoryChange;
use std::collections::HashSet;

#[derive(Template)]
#[template(path = "setup/import.html")]
struct ImportPage {
    frame: Frame,
    field: Field,
    rejects: Vec<String>,
}

/// Most lines of one import by this page.
const MOST: usize = 2_000;

async fn form(
    app: &App,
    signed: &SignedIn,
    given: &Fields,
    problems: Vec<Problem>,
    rejects: Vec<String>,
) -> Result<Response, PageError> {
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/people/import", "職員を CSV で加える").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/people", "職員")]).wrong(problems);
    let field = Field::area("csv", "CSV の内容", 12)
        .help("1 行目は見出しで、列は「氏名,部局,職の符号,職名,メール」です。部局は識別子で書きます。表計算ソフトの表をそのまま貼り付けても（タブ区切りでも）読めます。")
        .value(&given.text("csv"))
        .told(&frame.problems);
    Ok(page(status, &ImportPage { frame, field, rejects }))
}

pub(super) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    form(&app, &signed, &Fields::default(), Vec::new(), Vec::new()).await
}

struct Line {
    number: usize,
    name: String,
    post: String,
    mail: String,
    joining: JoinPerson,
}

/// Reads all lines first: either all of them can be taken, or every reject is told and none is.
fn lines(app: &App, text: &str) -> Result<Vec<Line>, Vec<String>> {
    let tabbed = text.lines().next().is_some_and(|head| head.contains('\t'));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if tabbed { b'\t' } else { b',' })
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut lines, mut rejects, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let register = app.journal.register().ok();
    for (at, record) in reader.records().enumerate() {
        let number = at + 2;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                rejects.push(format!("{number} 行目: 読めません（{error}）。"));
                continue;
            }
        };
        let cell = |n: usize| record.get(n).unwrap_or("").to_owned();
        let (name, department, mail) = (cell(0), cell(1), cell(4));
        if name.is_empty() && department.is_empty() {
            continue;
        }
        if name.is_empty() || name.chars().count() > 100 {
            rejects.push(format!("{number} 行目: 氏名を 100 文字までで入力してください。"));
            continue;
        }
        if !mail.is_empty() && !seen.insert(mail.clone()) {
            rejects.push(format!("{number} 行目: 同じメールアドレスが前の行にもあります。"));
            continue;
        }
        let Ok(person) = PersonId::new(fresh_pseudonym(&*app.world)) else { continue };
        match read(&department, &cell(2), person) {
            Ok(joining) if register.as_ref().is_some_and(|r| r.department(&joining.department).is_some()) => {
                lines.push(Line { number, name, post: cell(3), mail, joining });
            }
            Ok(_) => rejects
                .push(format!("{number} 行目: 部局「{department}」は登録されていません。先に部局を加えてください。")),
            Err((_, text)) => rejects.push(format!("{number} 行目: {text}")),
        }
        if lines.len() > MOST {
            rejects.push(format!("一度に {MOST} 人までです。分けて取り込んでください。"));
            break;
        }
    }
    if rejects.is_empty() { Ok(lines) } else { Err(rejects) }
}

pub(super) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let text = fields.text("csv");
    let lines = match lines(&app, text.trim_start_matches('\u{feff}')) {
        Ok(lines) if lines.is_empty() => {
            let problem = Problem::at("csv", "取り込む行がありません。見出しの次の行から、一人一行で書いてください。");
            return form(&app, &signed, &fields, vec![problem], Vec::new()).await;
        }
        Ok(lines) => lines,
        Err(rejects) => {
            let problem =
                Problem::at("csv", format!("{} 行に誤りがあるため、まだ誰も登録していません。", rejects.len()));
            return form(&app, &signed, &fields, vec![problem], rejects).await;
        }
    };
    for line in lines {
        let row = DirectoryChange::Person {
            person: line.joining.person.clone(),
            name: line.name,
            mail: line.mail,
            post: line.post,
        };
        let command = Command::JoinPerson(line.joining);
        if let Err(refusal) = give_named(&app, &signed, command, "", app.world.fresh(), vec![row]).await? {
            let problem = Problem::refused("csv", &refusal);
            let so_far = format!("{} 行目より前は登録しました。それより後は登録していません。", line.number);
            return form(&app, &signed, &fields, vec![problem], vec![so_far]).await;
        }
    }
    Ok(go("/people?done=imported"))
}
