//! Laws from the law API, version 2: the list of all, then the texts that have changed since the last time.

use super::client::{Answer, Client};
use super::state::{State, whole};
use super::{Fetched, Options};
use crate::cli::{Failed, Voice};
use anyhow::{Context as _, anyhow};
use indicatif::ProgressBar;
use sekisho_search::law::LawId;
use sekisho_search::source::{Place, Reject};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashSet;
use std::path::Path;

const OFFICIAL: &str = "https://laws.e-gov.go.jp/api/2/";
/// Characters of a time in the name of a file.
const LONGEST_TIME: usize = 40;
/// Laws on a page of the list.
const AT_ONCE: u32 = 500;

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    next_offset: Option<u32>,
    laws: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    law_info: Law,
    #[serde(default)]
    revision_info: Option<Revision>,
    #[serde(default)]
    current_revision_info: Option<Revision>,
}

#[derive(Deserialize)]
struct Law {
    law_id: String,
}

#[derive(Deserialize)]
struct Revision {
    law_revision_id: String,
    #[serde(default)]
    updated: Option<String>,
}

/// A law whose text is to be fetched.
struct Wanted {
    law: String,
    revision: String,
    state: String,
    /// What the file with its text is called: the revision, and when it was changed.
    file: String,
}

/// Fetches what has changed. Texts that an earlier fetch left are not asked for again.
pub(in super::super) async fn laws(voice: Voice, search: &Path, options: &Options) -> Result<Fetched, Failed> {
    let (mut state, folder) = State::open(search, "laws")?;
    let mut client = Client::new(options, OFFICIAL)?;
    let wanted = list(&mut client, &state, &folder).await?;
    let mut rejects = Vec::new();
    let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(wanted.len() as u64) };
    for Wanted { law, revision, state: now, file } in wanted {
        let file = folder.join(file);
        if !file.exists() {
            let format = [("response_format", "json".to_owned()), ("law_full_text_format", "json".to_owned())];
            match client.get(&["law_data", &revision], &format).await? {
                Answer::Body(body) if serde_json::from_slice::<IgnoredAny>(&body).is_ok() => whole(&file, &body)?,
                Answer::Body(_) => {
                    rejects.push(Reject::new(
                        Place::file(&*revision),
                        "法令 API の回答が JSON ではありません。次の取得でもう一度試みます。",
                        "the law API did not answer with JSON; it is asked again the next time",
                    ));
                    bar.inc(1);
                    continue;
                }
                Answer::Refused(status, said) => {
                    rejects.push(Reject::new(
                        Place::file(&*revision),
                        format!("法令 API が断りました（{status} {said}）。次の取得でもう一度試みます。"),
                        format!("the law API refused ({status} {said}); it is asked again the next time"),
                    ));
                    bar.inc(1);
                    continue;
                }
            }
        }
        state.fetched(&law, &now);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Fetched { folder, state, rejects })
}

/// The laws that are not on the shelf as they are now. The pages of the list are kept: they say the field of each law.
/// What an earlier fetch left of another state of things is removed, lest it be imported beside what is so now.
async fn list(client: &mut Client, state: &State, folder: &Path) -> Result<Vec<Wanted>, Failed> {
    let mut wanted = Vec::new();
    let mut kept = HashSet::new();
    let mut offset = 0;
    loop {
        let page =
            [("limit", AT_ONCE.to_string()), ("offset", offset.to_string()), ("response_format", "json".to_owned())];
        let body = match client.get(&["laws"], &page).await? {
            Answer::Body(body) => body,
            Answer::Refused(status, said) => {
                return Err(anyhow!("法令 API が断りました / the law API refused: {status} {said}").into());
            }
        };
        let list: List = serde_json::from_slice(&body)
            .context("法令 API の一覧を読めません / the list of the law API cannot be read")?;
        let page = format!("list-{offset:06}.json");
        whole(&folder.join(&page), &body)?;
        kept.insert(page);
        let count = u32::try_from(list.laws.len()).unwrap_or(u32::MAX);
        for listed in list.laws {
            let Some(revision) = listed.current_revision_info.or(listed.revision_info) else { continue };
            let law = listed.law_info.law_id;
            let safe = LawId::new(&law).is_some()
                && revision.law_revision_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let updated = revision.updated.unwrap_or_default();
            let now = format!("{} {updated}", revision.law_revision_id);
            // Names go into paths: only those that are what they should be.
            if safe && !state.has(&law, &now) {
                let file = file_name(&revision.law_revision_id, &updated);
                kept.insert(file.clone());
                wanted.push(Wanted { law, revision: revision.law_revision_id, state: now, file });
            }
        }
        match list.next_offset.filter(|next| *next > offset && count > 0) {
            Some(next) => offset = next,
            None => break,
        }
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_kept = entry.file_name().to_str().is_some_and(|name| kept.contains(name));
        if !is_kept && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(wanted)
}

/// A name that still says the revision, and of which state of its text it is.
fn file_name(revision: &str, updated: &str) -> String {
    let time: String = updated.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_TIME).collect();
    format!("{revision}.{time}.json")
}
