//! What the demo can search: fictional laws, meetings and written questions, imported as anybody's files are.

use crate::installation::Installation;
use anyhow::{Context as _, bail};
use sekisho_search::shelf::Shelf;
use sekisho_search::source::feed::{Input, Progress};
use sekisho_search::source::{Report, diet, law};
use sekisho_search::unit::Corpus;
use std::path::Path;
use std::sync::Arc;

/// A file of the demo: its name, which says revision or question, and its bytes.
type File = (&'static str, &'static [u8]);

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../demo/search/", $folder, "/", $name)))),*]
    };
}

const LAWS: &[File] = files!("law":
    "502AC0000009006_20210401_000000000000000.xml",
    "503AC0000009004_20220401_000000000000000.xml",
    "504AC0000009003_20230401_000000000000000.xml",
    "505AC0000009001_20231001_000000000000000.xml",
    "505AC0000009001_20250401_506AC0000009005.xml",
    "505CO0000009002_20231001_000000000000000.xml",
    "505M60000999001_20231001_000000000000000.xml",
    "506AC0000009005_20250401_000000000000000.xml",
);

const DIET: &[File] = files!("diet":
    "meetings.json",
    "a999001.htm",
    "a999002.htm",
    "a999003.htm",
    "b999001.htm",
    "b999002.htm",
    "b999003.htm",
);

type Import = fn(&Shelf, &[Input], &Progress) -> Result<Report, sekisho_search::shelf::ShelfError>;

/// Puts the demo's corpus on its shelves; the second time nothing changes.
pub fn corpus(installation: &Installation) -> anyhow::Result<()> {
    let folder = installation.config.data.join("search").join("demo");
    let all: [(Corpus, &[File], Import); 2] = [(Corpus::Law, LAWS, law::import), (Corpus::Diet, DIET, diet::import)];
    for (corpus, files, import) in all {
        let shelf = installation.library.shelf(corpus)?;
        let inputs = unpack(&folder, files)?;
        let report = import(&shelf, &inputs, &(Arc::new(|_| {}) as Progress))?;
        if let Some(reject) = report.rejects.first() {
            bail!("the demo's {corpus} was not taken: {}: {}", reject.place, reject.en);
        }
    }
    std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove `{}`", folder.display()))
}

fn unpack(folder: &Path, files: &[File]) -> anyhow::Result<Vec<Input>> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let unpack = |(name, bytes): &File| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(Input { path, name: (*name).to_owned(), named: true })
    };
    files.iter().map(unpack).collect()
}
