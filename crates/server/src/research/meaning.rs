//! The question as a vector, where the body has named a model for it: a use of its own, by the same permit and under the
//! same grade as the question itself. Nothing depends on it: whatever stops it, the words are looked for all the same, and
//! the report says so.

use super::{Asked, Research, embedding};
use crate::installation::Installation;
use sekisho_domain::id::UseId;
use sekisho_gate::call::{Call, Narrowing, Passed, Stopped};
use sekisho_gate::identify::Caller;
use sekisho_gate::upstream::Endpoint;
use sekisho_search::dense::{Near, Vectors};
use std::sync::Arc;
use std::time::Duration;

/// How long a question waits for its vector. Its record is closed whenever the answer comes.
const PATIENCE: Duration = Duration::from_secs(15);

/// By whom and with what a question is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// The permit, the grade and what else narrows the question.
    pub narrowing: &'a Narrowing,
}

/// A question's meaning, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    pub(super) near: Option<Near>,
    /// What the reader of the report is told of it.
    pub(super) note: Option<String>,
}

/// Why a question has no vector.
enum Without {
    /// For the reader of the report.
    Told(String),
    /// The same, and what the log is told.
    Ours(String, String),
}

/// Asks for the vector of a question, if there is a model for it and something to compare it with.
pub(super) async fn of(app: &Installation, research: Research, asked: &Asked, asker: Asker<'_>) -> Meaning {
    let Some(model) = &app.config.search.embeddings else { return Meaning::default() };
    match ask(app, research, asked, asker, model).await {
        Ok((near, id)) => {
            let note = format!("言葉のほか、意味の近さ（モデル「{model}」、利用番号 {id}）でも探しました。");
            Meaning { near: Some(near), note: Some(note) }
        }
        Err(without) => {
            let why = match without {
                Without::Told(why) => why,
                Without::Ours(why, inside) => {
                    tracing::warn!(model, inside, "a question was not looked for by meaning");
                    why
                }
            };
            Meaning {
                near: None, note: Some(format!("言葉だけで探し、意味の近さでは探していません（{why}）。"))
            }
        }
    }
}

async fn ask(
    app: &Installation,
    research: Research,
    asked: &Asked,
    asker: Asker<'_>,
    model: &str,
) -> Result<(Near, UseId), Without> {
    // Without vectors to compare it with, a question is not sent anywhere.
    let vectors = vectors(app, research, model).await?;
    let text = format!("{}{}", app.config.search.question_prefix, research.looked_for(asked).trim());
    let call = Call {
        caller: asker.caller.clone(),
        endpoint: Endpoint::Embeddings,
        body: embedding::request(model, &[text]).to_string().into(),
        narrowing: asker.narrowing.clone(),
        trace: None,
    };
    let passed = tokio::time::timeout(PATIENCE, app.gate.pass(call))
        .await
        .map_err(|_| Without::Told(format!("モデル「{model}」が {} 秒以内に答えませんでした", PATIENCE.as_secs())))?;
    let (id, body) = match passed {
        Ok(Passed::Whole { id, answer, .. }) => (id, answer.body),
        Ok(Passed::Stream { id, .. }) => return Err(unfit(model, &id, &"a stream came though none was asked for")),
        Err(stopped) => return Err(why(model, stopped)),
    };
    let vector = embedding::read(&body, 1).map_err(|error| unfit(model, &id, &error))?.pop().unwrap_or_default();
    let near = vectors.near(&vector).map_err(|error| unfit(model, &id, &error))?;
    Ok((near, id))
}

/// The vectors of a shelf, if they were made by this model.
async fn vectors(app: &Installation, research: Research, model: &str) -> Result<Arc<Vectors>, Without> {
    let corpus = research.corpus();
    let broken =
        |inside: String| Without::Ours("ベクトルのファイルを使えません。管理者に連絡してください".to_owned(), inside);
    let opened = app.in_library(move |library| library.vectors(corpus)).await.map_err(|e| broken(e.to_string()))?;
    let missing =
        || format!("{}のベクトルがまだありません。管理者が `sekisho import vectors` で作れます", research.texts());
    let vectors = opened.map_err(|e| broken(e.to_string()))?.ok_or_else(|| Without::Told(missing()))?;
    let made_with = &vectors.maker().model;
    if made_with != model {
        let inside =
            format!("the vectors of `{corpus}` were made with `{made_with}`, the configuration names `{model}`");
        return Err(broken(inside));
    }
    Ok(vectors)
}

fn unfit(model: &str, id: &UseId, error: &dyn std::fmt::Display) -> Without {
    let told = format!("モデル「{model}」の答えをベクトルとして使えません、利用番号 {id}");
    Without::Ours(told, error.to_string())
}

/// What stopped the use. It is recorded; the reader is told under which number.
fn why(model: &str, stopped: Stopped) -> Without {
    Without::Told(match stopped {
        Stopped::Refused { id, decision, .. } => {
            let why = decision.reason().map_or("認める規則がない", |reason| reason.title.as_str()).to_owned();
            format!("モデル「{model}」の利用が認められませんでした: {why}、利用番号 {id}")
        }
        Stopped::Unreadable { id, problem } => format!("{}、利用番号 {id}", problem.ja.trim_end_matches('。')),
        Stopped::Upstream { id, explained } => {
            let told = format!("モデル「{model}」が答えませんでした（{}）、利用番号 {id}", explained.code);
            return Without::Ours(told, explained.inside);
        }
        Stopped::Unavailable { inside } => {
            return Without::Ours("記録を書けません".to_owned(), inside);
        }
    })
}
