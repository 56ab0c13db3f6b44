//! A dossier as a file: Markdown or Word.

use super::{Dossier, Item, open};
use crate::http::App;
use crate::http::page::chat::{Section, word_file};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::download;
use crate::http::page::markdown::unmarked;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    #[serde(default)]
    format: String,
}

pub(in crate::http::page) async fn file(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let dossier = open(&app, &signed, &id).await?.dossier;
    match asked.format.as_str() {
        "md" => Ok(download("text/markdown; charset=utf-8", "notes.md", markdown(&dossier).into_bytes())),
        "docx" => {
            let sections: Vec<Section> = dossier.items.iter().map(section).collect();
            let about = format!("{} 件", dossier.items.len());
            let bytes = word_file::write(&dossier.title, &about, &sections).map_err(|error| {
                tracing::error!(%error, "a dossier could not be written as a Word file");
                PageError::Inside
            })?;
            let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
            Ok(download(kind, "notes.docx", bytes))
        }
        _ => Err(PageError::Missing),
    }
}

fn section(item: &Item) -> Section {
    let mut about = Vec::new();
    if !item.official.is_empty() {
        about.push(format!("公式の所在: {}", item.official));
    }
    let note = if item.note.is_empty() { String::new() } else { format!("\n\nメモ: {}", item.note) };
    Section { heading: item.citation.clone(), about, text: format!("「{}」{note}", item.quote), markdown: false }
}

fn markdown(dossier: &Dossier) -> String {
    let mut text = format!("# {}\n", unmarked(&dossier.title));
    for item in &dossier.items {
        text.push_str(&format!("\n## {}\n\n", unmarked(&item.citation)));
        for quoted in item.quote.lines() {
            text.push_str(&format!("> {}  \n", unmarked(quoted)));
        }
        if !item.official.is_empty() {
            text.push_str(&format!("\n<{}>\n", item.official));
        }
        for note in item.note.lines() {
            text.push_str(&format!("\n{}\n", unmarked(note)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use sekisho_search::unit::Corpus;

    #[test]
    fn a_dossier_becomes_markdown_in_which_quotations_stay_text() {
        let item = Item {
            id: "1".into(),
            corpus: Corpus::Law,
            unit: "x/1".into(),
            as_of: None,
            citation: "架空法第一条".into(),
            quote: "<b>甲</b>\n# 乙".into(),
            href: "/research/law/x/1".into(),
            official: "https://laws.e-gov.go.jp/law/x".into(),
            note: "確かめる".into(),
            added_at: Timestamp::UNIX_EPOCH,
        };
        let text = markdown(&Dossier { title: "架空の調査".into(), items: vec![item] });
        assert_eq!(
            text,
            "# 架空の調査\n\n## 架空法第一条\n\n> \\<b\\>甲\\</b\\>  \n> \\# 乙  \n\n<https://laws.e-gov.go.jp/law/x>\n\n確かめる\n"
        );
    }
}
