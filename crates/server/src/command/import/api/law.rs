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
use std::path::Path;

const OFFICIAL: &str = "https://laws.e-gov.go.jp/api/2/";
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
}

/// Fetches what has changed. Texts that an earlier fetch left are not asked for again.
pub(in super::super) async fn laws(voice: Voice, search: &Path, options: &Options) -> Result<Fetched, Failed> {
    let (mut state, folder) = State::open(search, "laws")?;
    let mut client = Client::new(options, OFFICIAL)?;
    let wanted = list(&mut client, &state, &folder).await?;
    let mut rejects = Vec::new();
    let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(wanted.len() as u64) };
    for Wanted { law, revision, state: now } in wanted {
        let file = folder.join(format!("{revision}.json"));
        if !file.exists() {
            let format = [("response_format", "json".to_owned()), ("law_full_text_format", "json".to_owned())];
            match client.get(&["law_data", &revision], &format).await? {
                Answer::Body(body) => whole(&file, &body)?,
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
async fn list(client: &mut Client, state: &State, folder: &Path) -> Result<Vec<Wanted>, Failed> {
    let mut wanted = Vec::new();
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
        whole(&folder.join(format!("list-{offset:06}.json")), &body)?;
        let count = u32::try_from(list.laws.len()).unwrap_or(u32::MAX);
        for listed in list.laws {
            let Some(revision) = listed.current_revision_info.or(listed.revision_info) else { continue };
            let law = listed.law_info.law_id;
            let safe = LawId::new(&law).is_some()
                && revision.law_revision_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let now = format!("{} {}", revision.law_revision_id, revision.updated.unwrap_or_default());
            // Names go into paths: only those that are what they should be.
            if safe && !state.has(&law, &now) {
                wanted.push(Wanted { law, revision: revision.law_revision_id, state: now });
            }
        }
        match list.next_offset.filter(|next| *next > offset && count > 0) {
            Some(next) => offset = next,
            None => return Ok(wanted),
        }
    }
}
