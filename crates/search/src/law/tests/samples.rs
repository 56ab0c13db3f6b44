//! Real laws, where the folder of data that `SEKISHO_DATA` names is at hand; without it nothing is tested here.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use serde::Deserialize;

use crate::law::{LawId, LawText, Place, ProvisionKind, RevisionName, read};

#[derive(Deserialize)]
struct Row {
    id: String,
    law_id: String,
    article: String,
    caption: String,
    path: Vec<String>,
    text: String,
}

fn folder() -> Option<PathBuf> {
    std::env::var_os("SEKISHO_DATA").map(|folder| PathBuf::from(folder).join("law"))
}

/// The files of an uncompressed tar archive: a head of 512 bytes with name and octal size, then the content.
fn files(tar: &[u8]) -> Vec<(String, &[u8])> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(head) = tar.get(at..at + 512).filter(|head| head[0] != 0) {
        let text =
            |from: usize, to: usize| String::from_utf8_lossy(&head[from..to]).trim_matches(['\0', ' ']).to_owned();
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap();
        if head[156] == b'0' || head[156] == 0 {
            all.push((text(0, 100), &tar[at + 512..at + 512 + size]));
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    all
}

fn laws(folder: &std::path::Path) -> Vec<LawText> {
    let tar = std::fs::File::open(folder.join("egov_samples.tar.zst")).unwrap();
    let mut bytes = Vec::new();
    zstd::Decoder::new(tar).unwrap().read_to_end(&mut bytes).unwrap();
    let mut laws = Vec::new();
    for (name, bytes) in files(&bytes) {
        let mut law = read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        match RevisionName::parse(&name) {
            Some(revision) => law = law.named(&revision),
            None => {
                let stem = name.rsplit('/').next().and_then(|file| file.split('.').next());
                law.law_id = law.law_id.or_else(|| stem.and_then(LawId::new));
            }
        }
        laws.push(law);
    }
    laws
}

#[test]
fn real_laws_are_read_without_oddities_and_as_others_read_them() {
    let Some(folder) = folder() else { return };
    let laws = laws(&folder);
    assert!(laws.len() >= 9);
    let rows = std::fs::File::open(folder.join("articles.jsonl.zst")).unwrap();
    let mut by_id = HashMap::new();
    for line in BufReader::new(zstd::Decoder::new(rows).unwrap()).lines() {
        let line = line.unwrap();
        let ours = laws
            .iter()
            .filter_map(|law| law.law_id.as_ref())
            .any(|id| line.get(..60).is_some_and(|begin| begin.contains(id.as_str())));
        if ours {
            let row: Row = serde_json::from_str(&line).unwrap();
            by_id.insert(row.id.clone(), row);
        }
    }
    // Spaces between columns are left out there, and rows of tables stand twice.
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (mut both, mut same_head, mut same_text) = (0, 0, 0);
    for law in &laws {
        assert_eq!(law.oddities, [], "{}", law.title);
        let main = law.provisions.iter().filter(|provision| {
            provision.place == Place::Main
                && matches!(provision.kind, ProvisionKind::Article | ProvisionKind::Paragraphs)
        });
        for provision in main {
            let Some(row) = law.unit_id(provision).and_then(|id| by_id.get(id.as_str())) else { continue };
            assert_eq!(Some(row.law_id.as_str()), law.law_id.as_ref().map(LawId::as_str));
            both += 1;
            let head = (&row.article, &row.caption, &row.path);
            same_head += usize::from(head == (&provision.title, &provision.caption, &provision.path));
            same_text += usize::from(plain(&provision.text()) == plain(&row.text));
        }
    }
    // What is left are amendments between the days of the two files.
    assert!(both > 2000, "{both}");
    assert!(same_head * 100 > both * 95 && same_text * 100 > both * 95, "{same_head} and {same_text} of {both}");
}

#[test]
fn every_short_name_stands_for_a_title_that_exists() {
    let Some(folder) = folder() else { return };
    let mut titles = std::collections::HashSet::new();
    // Each of the two files has laws that the other has not.
    for file in ["laws.jsonl.zst", "articles.jsonl.zst"] {
        let rows = std::fs::File::open(folder.join(file)).unwrap();
        for line in BufReader::new(zstd::Decoder::new(rows).unwrap()).lines() {
            let line = line.unwrap();
            let title = line.split_once("\"title\": \"").and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
            // Old laws without a title stand under their number, and what they are called in brackets.
            let called = title.split_once("号（").and_then(|(_, rest)| rest.strip_suffix('）'));
            titles.insert(called.unwrap_or(title).to_owned());
            titles.insert(title.to_owned());
        }
    }
    let wrong: Vec<_> = crate::law::name::SHORT_NAMES.iter().filter(|(_, title)| !titles.contains(*title)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
