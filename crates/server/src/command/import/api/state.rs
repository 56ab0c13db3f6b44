//! How far fetching is: a small file beside what was fetched.

use crate::cli::Failed;
use anyhow::Context as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A query under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Query {
    /// Days asked for.
    pub(super) since: Date,
    pub(super) until: Date,
    /// The address asked.
    pub(super) base: Option<String>,
    /// The record with which the next page begins; `None` once all pages are there.
    pub(super) next: Option<u32>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// The last day of the Diet that is on the shelf.
    imported_until: Option<Date>,
    query: Option<Query>,
    /// The state of each law on the shelf: its revision and when it was last changed.
    laws: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(super) struct State {
    file: PathBuf,
    kept: Kept,
    /// Laws that were fetched now and are not on the shelf yet.
    fetched: BTreeMap<String, String>,
}

impl State {
    /// The state in `<search>/fetch/<name>.json`, and the folder of what was fetched beside it.
    pub(super) fn open(search: &Path, name: &str) -> Result<(Self, PathBuf), Failed> {
        let fetch = search.join("fetch");
        let folder = fetch.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        let file = fetch.join(format!("{name}.json"));
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!(
                    "`{}` を読めません。消せば初めから取得します / cannot be read; delete it to begin anew",
                    file.display()
                )
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error.into()),
        };
        Ok((Self { file, kept, fetched: BTreeMap::new() }, folder))
    }

    pub(super) fn imported_until(&self) -> Option<Date> {
        self.kept.imported_until
    }

    pub(super) fn query(&self) -> Option<&Query> {
        self.kept.query.as_ref()
    }

    /// The query is as far as this.
    pub(super) fn at(&mut self, query: Query) -> Result<(), Failed> {
        self.kept.query = Some(query);
        Ok(self.write()?)
    }

    /// Whether the shelf has a law in this state.
    pub(super) fn has(&self, law: &str, state: &str) -> bool {
        self.kept.laws.get(law).is_some_and(|known| known == state)
    }

    pub(super) fn fetched(&mut self, law: &str, state: &str) {
        self.fetched.insert(law.to_owned(), state.to_owned());
    }

    /// A law whose text was not taken is fetched again the next time.
    pub(super) fn forget(&mut self, law: &str) {
        self.fetched.remove(law);
    }

    /// What was fetched is on the shelf.
    pub(super) fn imported(mut self) -> Self {
        if let Some(query) = self.kept.query.take() {
            self.kept.imported_until = self.kept.imported_until.max(Some(query.until));
        }
        self.kept.laws.append(&mut self.fetched);
        self
    }

    pub(super) fn save(&self) -> std::io::Result<()> {
        self.write()
    }

    fn write(&self) -> std::io::Result<()> {
        whole(&self.file, &serde_json::to_vec_pretty(&self.kept)?)
    }
}

/// Writes a file so that it is whole or not there, whatever happens to the machine.
pub(super) fn whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let path = file.with_extension("part");
    let mut part = std::fs::File::create(&path)?;
    part.write_all(bytes)?;
    part.sync_all()?;
    std::fs::rename(path, file)
}
