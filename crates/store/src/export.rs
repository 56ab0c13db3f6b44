//! Export: the ledger as a folder that anyone can verify offline.

use crate::Store;
use crate::reading::{ReadError, bodies, newest_checkpoint, tile_hashes};
use crate::witnesses::with_cosignatures;
use sekisho_ledger::checkpoint::Checkpoint;
use sekisho_ledger::export::{BundleSink, BundleWriter};
use sekisho_ledger::tile::{EntryBundleId, TileId, encode_bundle};
use std::path::Path;

/// Why the ledger was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] sekisho_ledger::export::ExportError),
}

impl Store {
    /// Writes the ledger up to its newest signed checkpoint into a new folder, as it is stored: what was tampered with
    /// in the database shows when the folder is verified. `progress` gets entries written and entries in all.
    pub async fn export(&self, dir: &Path, progress: impl FnMut(u64, u64)) -> Result<Checkpoint, ExportError> {
        self.export_into(BundleWriter::create(dir)?, progress).await
    }

    /// As [`Store::export`], into a bundle that has begun elsewhere.
    pub async fn export_into<S: BundleSink>(
        &self,
        mut bundle: BundleWriter<S>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Checkpoint, ExportError> {
        let mut tx = self.engine.read().await.map_err(ReadError::from)?;
        let Some((size, note)) = newest_checkpoint(&mut tx).await? else {
            return Err(ReadError::Missing("signed checkpoint".into()).into());
        };
        for index in 0.. {
            let Some(id) = EntryBundleId::in_tree(index, size) else { break };
            let first = index * 256;
            let entries = bodies(&mut tx, first, first + u64::from(id.width)).await?;
            let encoded = encode_bundle(&entries).map_err(|e| ReadError::Corrupt(e.to_string()))?;
            bundle.write_entries(id, &encoded)?;
            progress(first + u64::from(id.width), size);
        }
        for level in 0..8 {
            for index in 0.. {
                let Some(id) = TileId::in_tree(level, index, size) else { break };
                let hashes = tile_hashes(&mut tx, level, index, size).await?;
                bundle.write_tile(id, &hashes)?;
            }
        }
        let rows = tx
            .fetch(
                "SELECT size, note FROM ledger_checkpoint WHERE size < $1 ORDER BY size DESC LIMIT 20",
                vec![size.into()],
            )
            .await
            .map_err(ReadError::from)?;
        for row in &rows {
            let (size, note) = (row.uint(0).map_err(ReadError::from)?, row.text(1).map_err(ReadError::from)?);
            let note = with_cosignatures(&mut tx, size, note).await?;
            bundle.older_checkpoint(size, note.as_bytes());
        }
        Ok(bundle.finish(note.as_bytes(), self.vkey())?)
    }
}
