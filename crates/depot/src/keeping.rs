//! Old generations leave the depot, and files that no generation has any more.
//!
//! A node may be in the middle of fetching what was the newest a moment ago, and another may be sending files whose manifest
//! is not there yet: so whatever is removed has been useless for a day, by the clock of the depot.

use std::collections::HashSet;

use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use sekisho_search::unit::Corpus;

use crate::error::DepotError;
use crate::place::{Depot, FILES};

/// Generations of each corpus that always stay.
pub const KEPT: usize = 3;
/// How long what is useless stays, in seconds.
pub const GRACE_SECONDS: i64 = 24 * 3600;

impl Depot {
    /// Removes what is old; answers how many generations of the corpus that were.
    pub(crate) async fn clear(&self, corpus: Corpus) -> Result<usize, DepotError> {
        self.clear_after(corpus, GRACE_SECONDS).await
    }

    pub(crate) async fn clear_after(&self, corpus: Corpus, grace: i64) -> Result<usize, DepotError> {
        let all = self.generations(corpus).await?;
        let Some(now) = all.last().map(|(_, meta)| meta.last_modified.timestamp()) else { return Ok(0) };
        let mut removed = 0;
        let rest = all.len().saturating_sub(KEPT);
        for two in all.windows(2).take(rest) {
            let [(_, old), (_, next)] = two else { continue };
            if now - next.last_modified.timestamp() < grace {
                break;
            }
            self.store.delete(&old.location).await?;
            removed += 1;
        }
        if removed > 0 {
            self.clear_files(now - grace).await?;
        }
        Ok(removed)
    }

    /// Removes files that no manifest names and that lie there since before. A manifest that cannot be read may name any of
    /// them: then all stay.
    async fn clear_files(&self, before: i64) -> Result<(), DepotError> {
        let mut named = HashSet::new();
        for corpus in [Corpus::Law, Corpus::Diet, Corpus::Document] {
            for (number, _) in self.generations(corpus).await? {
                let manifest = self.manifest(corpus, number).await?;
                named.extend(manifest.hashes().map(|(hash, _)| hash.as_str().to_owned()));
            }
        }
        let files: Vec<_> = self.store.list(Some(&Path::from(FILES))).try_collect().await?;
        for file in files {
            let is_named = file.location.filename().is_none_or(|name| named.contains(name));
            if !is_named && file.last_modified.timestamp() < before {
                self.store.delete(&file.location).await?;
            }
        }
        Ok(())
    }
}
