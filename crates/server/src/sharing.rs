//! The shelves that the nodes of an installation share: this node looks for news and says how it stands.
//!
//! Whatever goes wrong here, this node goes on with the shelves it has: they are a copy of its own.

mod standing;
mod target;

pub(crate) use standing::Standing;
pub(crate) use target::Target;

use crate::config::{Config, Shared};
use anyhow::Context as _;
use jiff::Timestamp;
use sekisho_depot::{Depot, DepotError, Fetched, Over, Seal};
use sekisho_gate::world::World;
use sekisho_search::library::Library;
use sekisho_search::unit::Corpus;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

const AGENT: &str = concat!("sekisho/", env!("CARGO_PKG_VERSION"));

/// Where the shelves of a data folder lie.
pub(crate) fn search_of(data: &Path) -> PathBuf {
    data.join("search")
}

/// The way to the depot.
#[derive(Debug)]
pub(crate) struct Sharing {
    shared: Shared,
    search: PathBuf,
    seal: Seal,
    client: reqwest::Client,
    standing: Mutex<[Standing; 3]>,
}

impl Sharing {
    /// The way that is configured, if one is. The key is the one by which content is sealed: every node has it.
    pub(crate) fn new(config: &Config, key: &Zeroizing<[u8; 32]>) -> anyhow::Result<Option<Self>> {
        let Some(shared) = config.search.shared.clone() else { return Ok(None) };
        let roots = config.extra_roots.as_deref();
        let client =
            sekisho_gate::upstream::depot(AGENT, roots).context("the client for shared shelves cannot be made")?;
        let (search, seal) = (search_of(&config.data), Seal::of(key));
        let standing = Corpus::ALL.map(|corpus| Standing::at_the_start(corpus, &search, &seal));
        Ok(Some(Self { shared, search, seal, client, standing: Mutex::new(standing) }))
    }

    /// Opened anew each time: a folder that was not mounted may be by now.
    pub(crate) fn depot(&self) -> Result<Depot, DepotError> {
        Depot::open(self.shared.place.clone(), self.client.clone(), self.seal.clone())
    }

    /// How the shelf of each corpus stands.
    pub(crate) fn standing(&self) -> [Standing; 3] {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks for news for ever.
    pub(crate) async fn follow(&self, library: &Library, world: &Arc<dyn World>) {
        let mut look = tokio::time::interval(self.shared.look);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            for corpus in Corpus::ALL {
                let fetched = self.fetch(corpus, library).await;
                self.note(corpus, fetched, world.now());
            }
        }
    }

    async fn fetch(&self, corpus: Corpus, library: &Library) -> Result<Fetched, DepotError> {
        let fetched = self.depot()?.fetch(&self.search, corpus, Over::Fetched).await?;
        if matches!(fetched, Fetched::Taken { .. }) {
            library.shelf(corpus)?.renew()?;
        }
        Ok(fetched)
    }

    fn note(&self, corpus: Corpus, fetched: Result<Fetched, DepotError>, now: Timestamp) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standing) = standing.iter_mut().find(|standing| standing.corpus == corpus) {
            standing.note(fetched, now);
        }
    }
}
