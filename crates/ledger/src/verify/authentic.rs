//! Which file is wrong? Tiles that the signed root vouches for, and the reading of files within bounds. Used once a
//! difference was found.

use super::FaultKind;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::hash::{Hash, leaf_hash, perfect_root, to_hashes};
use crate::tile::{EntryBundleId, MAX_BUNDLE_BYTES, TILE_WIDTH, TileId, decode_as_far_as_possible, partial_ids};
use crate::tree::{children, fold_peaks, peaks_of_edge};

const WIDTH: u64 = TILE_WIDTH as u64;

/// The first and last entry below a hash of a tile.
pub(super) fn entries_below(id: TileId, position: u64) -> (u64, u64) {
    let each = 1u64.checked_shl(u32::from(id.level) * 8).unwrap_or(u64::MAX);
    let first = id.index.saturating_mul(WIDTH).saturating_add(position).saturating_mul(each);
    (first, first.saturating_add(each - 1))
}

/// Tiles the signed root vouches for. Used only once a difference was found.
pub(super) struct Authentic<'a> {
    dir: &'a Path,
    root: Hash,
    size: u64,
    /// The partial tiles by level; `None` when they could not be established, the outer `None`
    /// before anyone asked.
    edge: Option<Option<Vec<Vec<Hash>>>>,
    /// The last full tile looked at on each level: differences come in clusters.
    last: BTreeMap<u8, (u64, Option<Vec<Hash>>)>,
}

impl<'a> Authentic<'a> {
    pub(super) fn new(dir: &'a Path, checkpoint: &Checkpoint) -> Self {
        Self { dir, root: checkpoint.root, size: checkpoint.size, edge: None, last: BTreeMap::new() }
    }

    /// The hashes that rightly belong into this tile. Recursion goes up, at most eight levels.
    pub(super) fn tile(&mut self, id: TileId) -> Option<Vec<Hash>> {
        if !id.is_full() {
            if self.edge.is_none() {
                self.edge = Some(self.find_edge());
            }
            return self.edge.as_ref()?.as_ref()?.get(usize::from(id.level)).cloned();
        }
        if let Some((index, tile)) = self.last.get(&id.level)
            && *index == id.index
        {
            return tile.clone();
        }
        let found = self.find_full(id);
        self.last.insert(id.level, (id.index, found.clone()));
        found
    }

    fn find_full(&mut self, id: TileId) -> Option<Vec<Hash>> {
        let parent = TileId::in_tree(id.level + 1, id.index / WIDTH, self.size)?;
        let root = *self.tile(parent)?.get((id.index % WIDTH) as usize)?;
        let fits = |hashes: &Vec<Hash>| perfect_root(hashes) == Some(root);
        read_tile(self.dir, id).ok().filter(fits).or_else(|| self.as_below_says(id).into_iter().find(fits))
    }

    /// The partial tiles that together give the signed root: the files, or if one of them (or
    /// several) is wrong, what the files below it give.
    fn find_edge(&self) -> Option<Vec<Vec<Hash>>> {
        let gives_root = |tiles: &BTreeMap<u8, Vec<Hash>>| {
            let edge: Vec<Vec<Hash>> = (0..8).map(|level| tiles.get(&level).cloned().unwrap_or_default()).collect();
            (fold_peaks(&peaks_of_edge(&edge)) == self.root).then_some(edge)
        };
        let mut files = BTreeMap::new();
        let mut below = BTreeMap::new();
        for id in partial_ids(self.size) {
            let file = read_tile(self.dir, id).ok();
            let ways = self.as_below_says(id);
            let first = ways.first().cloned();
            files.insert(id.level, file.clone().or_else(|| first.clone())?);
            below.insert(id.level, (first.or(file)?, ways));
        }
        if let Some(edge) = gives_root(&files) {
            return Some(edge);
        }
        for (level, (_, ways)) in &below {
            let mut tiles = files.clone();
            for way in ways {
                tiles.insert(*level, way.clone());
                if let Some(edge) = gives_root(&tiles) {
                    return Some(edge);
                }
            }
        }
        gives_root(&below.into_iter().map(|(level, (first, _))| (level, first)).collect())
    }

    /// What a tile may hold by the files below it. At level 1 a tile below and its entries may say
    /// different things; where that happens in a few places only, every combination is given.
    fn as_below_says(&self, id: TileId) -> Vec<Vec<Hash>> {
        const FEW: usize = 8;
        let Some(below) = id.level.checked_sub(1) else {
            return self.leaves_of_entries(id.index, id.width).into_iter().collect();
        };
        let mut hashes = Vec::new();
        let mut in_doubt = Vec::new();
        for (position, index) in children(id).enumerate() {
            let of_tile = read_tile(self.dir, TileId::full(below, index)).ok().and_then(|tile| perfect_root(&tile));
            let of_entries = match below {
                0 => self.leaves_of_entries(index, TILE_WIDTH).and_then(|leaves| perfect_root(&leaves)),
                _ => None,
            };
            let Some(first) = of_tile.or(of_entries) else { return Vec::new() };
            hashes.push(first);
            if let Some(second) = of_entries.filter(|second| *second != first) {
                in_doubt.push((position, second));
            }
        }
        in_doubt.truncate(FEW);
        (0..1usize << in_doubt.len())
            .map(|choice| {
                let mut way = hashes.clone();
                for (bit, (position, second)) in in_doubt.iter().enumerate() {
                    if choice >> bit & 1 == 1
                        && let Some(hash) = way.get_mut(*position)
                    {
                        *hash = *second;
                    }
                }
                way
            })
            .collect()
    }

    pub(super) fn leaves_of_entries(&self, index: u64, width: u16) -> Option<Vec<Hash>> {
        let path = EntryBundleId { index, width }.path();
        let bytes = read_file(self.dir, &path, MAX_BUNDLE_BYTES as u64).ok()?;
        match decode_as_far_as_possible(&bytes) {
            (entries, None) if entries.len() == usize::from(width) => {
                Some(entries.iter().map(|entry| leaf_hash(entry)).collect())
            }
            _ => None,
        }
    }
}

pub(super) fn read_tile(dir: &Path, id: TileId) -> Result<Vec<Hash>, FaultKind> {
    let limit = id.byte_len() as u64;
    let bytes = read_file(dir, &id.path(), limit)?;
    let found = bytes.len() as u64;
    match to_hashes(&bytes) {
        Some(hashes) if found == limit => Ok(hashes),
        _ => Err(FaultKind::Length { found, limit }),
    }
}

/// Reads a file of at most `limit` bytes. Its kind and length are asked first: opening a pipe would
/// hang, and a huge file need not be read to be refused.
pub(super) fn read_file(dir: &Path, relative: &str, limit: u64) -> Result<Vec<u8>, FaultKind> {
    let path = dir.join(relative);
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FaultKind::Missing,
        _ => FaultKind::Unreadable(error.to_string()),
    };
    let found = fs::symlink_metadata(&path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(FaultKind::NotAFile);
    }
    if found.len() > limit {
        return Err(FaultKind::Length { found: found.len(), limit });
    }
    let mut bytes = Vec::with_capacity(found.len() as usize);
    let file = fs::File::open(&path).map_err(unreadable)?;
    // One byte more than allowed, should the file grow meanwhile.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(FaultKind::Length { found: bytes.len() as u64, limit });
    }
    Ok(bytes)
}
