//! Opening an account behind its link: the person chooses the password, and nobody else learns it.

use crate::account::{NotOpened, invited, open};
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::form::{Entered, Fields};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "account/enrol.html")]
struct EnrolPage {
    frame: Frame,
    login: String,
    name: String,
    fields: [Field; 2],
}

/// The two fields of a new password.
pub(in crate::http::page) fn new_password(problems: &[Problem]) -> [Field; 2] {
    [
        Field::password("new", "新しいパスワード", "new-password")
            .help("12 文字以上。言葉をいくつか並べると、長くて覚えやすくなります。記号や数字は必須ではありません。")
            .told(problems),
        Field::password("again", "新しいパスワード（確認）", "new-password").told(problems),
    ]
}

/// What is wrong with the two fields before anyone looks at the password itself.
pub(in crate::http::page) fn differ(fields: &Fields) -> Option<Problem> {
    let problem = |field: &'static str, text: &str| Some(Problem::at(field, text));
    if fields.get("new").is_empty() {
        problem("new", "新しいパスワードを入力してください。")
    } else if fields.get("new") != fields.get("again") {
        problem("again", "二つのパスワードが一致しません。同じものを入力してください。")
    } else {
        None
    }
}

async fn form(app: &App, token: &str, problems: Vec<Problem>) -> Result<EnrolPage, PageError> {
    let account = invited(app, token).await?;
    let name = app.store.directory_person(&account.person).await?.map_or_else(String::new, |person| person.name);
    let frame = Frame::new(app, None, "/enrol", "アカウントの開設").await?.wrong(problems);
    let fields = new_password(&frame.problems);
    Ok(EnrolPage { frame, login: account.login, name, fields })
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    Ok(page(StatusCode::OK, &form(&app, &token, Vec::new()).await?))
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Path(token): Path<String>,
    Entered(fields): Entered,
) -> Result<Response, PageError> {
    // The link first: who has none is told nothing else, and makes nobody hash a password.
    invited(&app, &token).await?;
    if let Some(problem) = differ(&fields) {
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&app, &token, vec![problem]).await?));
    }
    match open(&app, &token, fields.get("new")).await {
        Ok(_) => Ok(go("/signin?done=opened")),
        Err(NotOpened::Password(text)) => {
            let problems = vec![Problem::at("new", text.to_owned())];
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&app, &token, problems).await?))
        }
        Err(error) => Err(error.into()),
    }
}
