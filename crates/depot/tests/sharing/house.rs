//! Nodes with shelves, and what they read on them.

use jiff::Timestamp;
use sekisho_depot::{By, Depot, DepotError, Fetched, Over, Place, Published, Seal, Whole};
use sekisho_search::dense::{Maker, Making};
use sekisho_search::shelf::Shelf;
use sekisho_search::unit::{Corpus, Unit, UnitId};
use std::path::{Path, PathBuf};

pub(crate) const LAW: Corpus = Corpus::Law;

/// A node with a folder of its own.
pub(crate) struct Node {
    folder: tempfile::TempDir,
    name: &'static str,
    pub(crate) depot: Depot,
}

impl Node {
    pub(crate) fn new(name: &'static str, place: Place) -> Self {
        Self::with_key(name, place, [7; 32])
    }

    pub(crate) fn with_key(name: &'static str, place: Place, key: [u8; 32]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let depot = Depot::open(place, client, Seal::of(&key)).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), name, depot }
    }

    pub(crate) fn search(&self) -> PathBuf {
        self.folder.path().join("search")
    }

    /// Puts an article of its own law on the shelf.
    pub(crate) fn import(&self, law: &str, text: &str) {
        let shelf = Shelf::open(&self.search(), LAW).unwrap();
        let mut writing = shelf.write().unwrap();
        let unit = Unit {
            id: format!("{law}/1"),
            group: law.to_owned(),
            title: format!("架空法{law}"),
            text: text.to_owned(),
            ..Unit::default()
        };
        writing.put(&unit).unwrap();
        writing.commit().unwrap();
    }

    /// Gives every passage a vector of some model.
    pub(crate) fn embed(&self, model: &str) {
        let shelf = Shelf::open(&self.search(), LAW).unwrap();
        let maker = Maker { model: model.to_owned(), prefix: String::new() };
        let mut making = Making::begin(&shelf, maker, false).unwrap();
        for wanted in making.left().to_vec() {
            making.put(&wanted, &[1.0, 2.0, 3.0]).unwrap();
        }
        making.save().unwrap();
    }

    pub(crate) async fn publish(&self) -> Result<Published, DepotError> {
        self.publish_as(Whole::Lacking).await
    }

    pub(crate) async fn publish_as(&self, whole: Whole) -> Result<Published, DepotError> {
        let by = By { node: self.name.to_owned(), at: Timestamp::UNIX_EPOCH };
        self.depot.publish(&self.search(), LAW, by, whole).await
    }

    pub(crate) async fn fetch(&self) -> Result<Fetched, DepotError> {
        self.depot.fetch(&self.search(), LAW, Over::Fetched).await
    }

    /// The texts of the first articles of these laws, as a search opened now reads them.
    pub(crate) fn texts(&self, laws: &[&str]) -> Vec<Option<String>> {
        let reading = Shelf::open(&self.search(), LAW).unwrap().read();
        let day = jiff::civil::date(2026, 4, 1);
        laws.iter()
            .map(|law| reading.unit(&UnitId::new(format!("{law}/1")), day).unwrap().map(|unit| unit.text))
            .collect()
    }

    pub(crate) fn segments(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.search().join("law")).unwrap().map(|e| e.unwrap().file_name());
        let mut names: Vec<_> = names.filter_map(|n| n.into_string().ok()).filter(|n| n.len() > 32).collect();
        names.sort();
        names
    }
}

pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Sent files, and the number.
#[track_caller]
pub(crate) fn made(published: Result<Published, DepotError>) -> (u64, usize) {
    match published {
        Ok(Published::Made { manifest, sent, .. }) => (manifest.number, sent),
        other => panic!("nothing was published: {other:?}"),
    }
}

pub(crate) fn files(depot: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(depot.join("files")).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}
