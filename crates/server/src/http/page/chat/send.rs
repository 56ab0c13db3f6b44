//! Sending without a script: the whole answer is waited for, then the conversation is shown.

use super::keeping::{self, Kept};
use super::refused::Halted;
use super::show::{self, View};
use super::turn::{self, Draft, Told};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::go;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::sync::mpsc;

pub(super) async fn begin(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    send(app, signed, None, fields).await
}

pub(super) async fn go_on(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let kept = keeping::open(&app, signed.person(), &id).await?;
    send(app, signed, Some(kept), fields).await
}

async fn send(app: App, signed: SignedIn, known: Option<Kept>, fields: Fields) -> Result<Response, PageError> {
    let draft = Draft::of(&app, &signed, &fields);
    let turn = match turn::prepare(&app, &signed, known.as_ref(), &draft, false).await? {
        Ok(turn) => turn,
        Err(problems) => {
            let view = View { problems, draft, status: StatusCode::UNPROCESSABLE_ENTITY, ..View::of(known.as_ref()) };
            return show::page_of(&app, &signed, view).await;
        }
    };
    if !turn.reserve(&app).await? {
        return Ok(go(&format!("/chat/{}", turn.id)));
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let _task = app.tasks.spawn(turn::run(app.clone(), turn.clone(), tell));
    while let Some(what) = told.recv().await {
        match what {
            Told::Begun(_) | Told::Text(_) => {}
            Told::Done(place) => return Ok(go(&format!("/chat/{}?at={place}#m{place}", turn.id))),
            Told::Failed(error) => return Err(error),
            Told::Stopped(stopped) => {
                let halted = Halted::of(&app, &turn, &draft, *stopped).await?;
                return show::halted(&app, &signed, known.as_ref(), draft, halted).await;
            }
        }
    }
    Err(PageError::Inside)
}
