//! An uploaded file as its owner sees it before sending: its grade, and what was found in it and where.

use super::turn::{Draft, file_of};
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::words;
use sekisho_domain::id::PersonId;
use sekisho_gate::upload::FoundInFile;
use std::collections::BTreeMap;

/// Most lines of one file that are named.
const MOST_LINES: usize = 5;

/// A file.
pub(super) struct FileShown {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) grade: String,
    pub(super) found: Vec<Finding>,
    pub(super) unseen: Vec<String>,
    pub(super) is_empty: bool,
}

/// All findings of one rule in one part.
pub(super) struct Finding {
    pub(super) title: String,
    pub(super) place: String,
    pub(super) count: usize,
}

/// The files of a draft that are still there.
pub(super) async fn files_of(app: &App, owner: &PersonId, draft: &Draft) -> Result<Vec<FileShown>, PageError> {
    let register = app.journal.register()?;
    let mut files = Vec::new();
    for id in &draft.files {
        if let Some((grade, stored)) = file_of(app, owner, id).await? {
            files.push(FileShown {
                id: id.clone(),
                grade: words::grade(&register, grade),
                found: findings(&stored.found),
                unseen: stored.file.unseen,
                is_empty: stored.file.text.trim().is_empty(),
                name: stored.file.name,
            });
        }
    }
    Ok(files)
}

fn findings(found: &[FoundInFile]) -> Vec<Finding> {
    let mut grouped: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for one in found.iter().filter(|one| one.confidence != "low") {
        grouped.entry((&one.title, &one.part)).or_default().push(one.line);
    }
    let shown = grouped.into_iter().map(|((title, part), mut lines)| {
        let count = lines.len();
        lines.sort_unstable();
        lines.dedup();
        let more = if lines.len() > MOST_LINES { "ほか" } else { "" };
        let lines: Vec<String> = lines.iter().take(MOST_LINES).map(ToString::to_string).collect();
        let place = match part {
            "name" => "ファイルの名前".to_owned(),
            "aside" => "画面に出ない部分（隠れた文字、プロパティなど）".to_owned(),
            _ => format!("本文 {}行目{more}", lines.join("・")),
        };
        Finding { title: title.to_owned(), place, count }
    });
    shown.collect()
}
