//! Attaching and removing files. What was found in a file is shown before it is sent with anything.

use super::keeping;
use super::show::{self, View};
use super::turn::{Draft, MOST_FILES};
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::frame::Problem;
use crate::http::page::upload::Parcel;
use axum::extract::State;
use axum::response::Response;
use sekisho_gate::attachment::is_ours;
use sekisho_gate::call::Stopped;
use sekisho_gate::identify::Caller;

pub(super) async fn submit(
    State(app): State<App>,
    Parcel { signed, fields, file }: Parcel,
) -> Result<Response, PageError> {
    let known = match fields.line("conversation") {
        "" => None,
        id => Some(keeping::open(&app, signed.person(), id).await?),
    };
    let mut draft = Draft::of(&app, &signed, &fields);
    // Nothing was sent: the place in the conversation stays free.
    draft.once = String::new();
    let mut problems = Vec::new();
    let removed = fields.line("remove");
    if !removed.is_empty() {
        if is_ours(removed) {
            app.journal.destroy_file(removed, signed.person()).await?;
        }
        draft.files.retain(|id| id != removed);
    } else {
        match file {
            _ if draft.files.len() >= MOST_FILES => {
                problems.push(Problem::at("upload", format!("添付は一度に {MOST_FILES} 個までです。")));
            }
            None => problems.push(Problem::at("upload", "添付するファイルを選んでください。")),
            Some(Err(text)) => problems.push(Problem::at("upload", text)),
            Some(Ok(chosen)) => {
                let caller = Caller::at_browser(signed.person().clone(), "chat");
                let keep = app.config.keep_files;
                match app.gate.upload(&caller, &chosen.name, chosen.bytes, None, keep).await {
                    Ok(uploaded) => draft.files.push(uploaded.row.id),
                    Err(Stopped::Unreadable { problem, .. }) => problems.push(Problem::at("upload", problem.ja)),
                    Err(Stopped::Unavailable { inside }) => {
                        tracing::error!(inside, "a file could not be kept");
                        return Err(PageError::Unavailable);
                    }
                    Err(Stopped::Refused { .. } | Stopped::Upstream { .. }) => return Err(PageError::Inside),
                }
            }
        }
    }
    let status = Problem::status(&problems);
    show::page_of(&app, &signed, View { draft, problems, status, ..View::of(known.as_ref()) }).await
}
