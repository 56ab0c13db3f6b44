//! A conversation as a file: Markdown or Word. The branch that is shown, and the number of each use in the ledger.

use super::conversation::{Conversation, Said};
use super::keeping;
use super::word_file;
use crate::account::in_words;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::download;
use crate::http::page::words;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::register::Register;
use serde::Deserialize;

/// Which file of which branch.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    format: String,
    #[serde(default)]
    at: String,
}

/// A piece of the file: its heading, what is said about it, its Markdown.
pub(in crate::http::page) struct Section {
    pub(in crate::http::page) heading: String,
    pub(in crate::http::page) about: Vec<String>,
    pub(in crate::http::page) text: String,
    /// The model's Markdown; what a person typed is plain text.
    pub(in crate::http::page) markdown: bool,
}

pub(super) async fn export(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let kept = keeping::open(&app, signed.person(), &id).await?;
    let known = &kept.conversation;
    let at = asked.at.parse().ok().or(known.tip);
    let sections = sections(&register, known, at.map(|at| known.end_of(at)));
    let purpose = format!("業務: {}", known.purpose);
    match asked.format.as_str() {
        "md" => {
            let text = markdown(&known.title, &purpose, &sections);
            Ok(download("text/markdown; charset=utf-8", "conversation.md", text.into_bytes()))
        }
        "docx" => {
            let bytes = word_file::write(&known.title, &purpose, &sections).map_err(|error| {
                tracing::error!(%error, "a conversation could not be written as a Word file");
                PageError::Inside
            })?;
            let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
            Ok(download(kind, "conversation.docx", bytes))
        }
        _ => Err(PageError::Missing),
    }
}

fn sections(register: &Register, known: &Conversation, end: Option<usize>) -> Vec<Section> {
    let path = end.map(|end| known.path(end)).unwrap_or_default();
    let messages = path.into_iter().filter_map(|at| known.messages.get(at));
    let gone = || "（保存できない情報を含むため、残していません）".to_owned();
    messages
        .map(|message| match &message.said {
            Said::Person(question) => {
                let mut about = vec![format!("申告した格付: {}", words::grade(register, question.grade))];
                about.extend(question.files.iter().map(|file| format!("添付: {}", file.name)));
                Section {
                    heading: format!("あなた（{}）", in_words(message.at)),
                    about,
                    text: question.text.clone().unwrap_or_else(gone),
                    markdown: false,
                }
            }
            Said::Model(answer) => Section {
                heading: format!("AIの回答（{}）", in_words(message.at)),
                about: vec![format!("モデル: {}", answer.model), format!("利用の番号: {}", answer.used)],
                text: answer.text.clone().unwrap_or_else(gone),
                markdown: true,
            },
        })
        .collect()
}

fn markdown(title: &str, purpose: &str, sections: &[Section]) -> String {
    let mut text = format!("# {}\n\n{purpose}\n", title.replace(['\n', '\r'], " "));
    for section in sections {
        text.push_str(&format!("\n## {}\n\n", section.heading));
        for line in &section.about {
            text.push_str(&format!("- {}\n", line.replace(['\n', '\r'], " ")));
        }
        text.push('\n');
        text.push_str(section.text.trim_end());
        text.push('\n');
    }
    text
}
