//! The growing tree: its right edge in memory, everything else in tiles that never change again.

use crate::hash::{EMPTY_ROOT, Hash, node_hash, perfect_root, to_bytes, to_hashes};
use crate::tile::{TILE_WIDTH, TileError, TileId, TileReader, hashes_at, partial_ids};

/// A Merkle tree (RFC 6962) that only grows.
///
/// It holds the partial tiles of its right edge, at most 8 KiB for each level, whatever its size.
/// It is cheap to clone: a writer appends to a clone, stores what came of it, and only then lets
/// the clone take the place of the original.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees the leaves fall into, the largest (leftmost) first.
    /// There is one for every 1 in the binary form of `size`.
    peaks: Vec<Hash>,
    /// `edge[l]` is the partial tile of level `l`; it never has 256 hashes.
    edge: Vec<Vec<Hash>>,
}

/// A tree that cannot be built again from what is stored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Not `size % 256` leaves were given.
    #[error("a tree of {size} leaves needs the last {} leaves, not {given}", size % 256)]
    LeafCount {
        /// The tree's size.
        size: u64,
        /// How many leaves were given.
        given: usize,
    },
    /// A tile is missing or has the wrong length.
    #[error(transparent)]
    Tile(#[from] TileError),
}

impl Tree {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree; [`EMPTY_ROOT`] when it has no leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_peaks(&self.peaks)
    }

    /// Adds a leaf and lets completed tiles go.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, &mut |_, _| {});
    }

    /// Adds a leaf, and hands over every tile it completes, lowest level first.
    ///
    /// The tiles are full (256 hashes, 8192 bytes). Most leaves complete none, every 256th
    /// completes one, every 65,536th two, and so on.
    pub fn append_with(&mut self, leaf: Hash, completed: &mut impl FnMut(TileId, Vec<u8>)) {
        let mut node = leaf;
        let mut height = 0u32;
        self.edge_at(0).push(node);
        // As long as the bit is 1, a perfect subtree of the same height waits on the left.
        while self.size.checked_shr(height).is_some_and(|bits| bits & 1 == 1) {
            let Some(left) = self.peaks.pop() else { break };
            node = node_hash(&left, &node);
            height += 1;
            if height.is_multiple_of(8) {
                let level = (height / 8 - 1) as usize;
                let tile = std::mem::take(self.edge_at(level));
                let index = self.size.checked_shr(height).unwrap_or(0);
                completed(TileId::full(level as u8, index), to_bytes(&tile));
                self.edge_at(level + 1).push(node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The partial tile of a level as it stands now; `None` when the level has none.
    #[must_use]
    pub fn partial_tile(&self, level: u8) -> Option<(TileId, Vec<u8>)> {
        let hashes = self.edge.get(usize::from(level)).filter(|hashes| !hashes.is_empty())?;
        let index = hashes_at(level, self.size) / u64::from(TILE_WIDTH);
        let width = u16::try_from(hashes.len()).ok()?;
        Some((TileId { level, index, width }, to_bytes(hashes)))
    }

    /// The partial tiles of all levels, lowest level first: what to serve or export besides the
    /// full tiles.
    #[must_use]
    pub fn partial_tiles(&self) -> Vec<(TileId, Vec<u8>)> {
        (0..8).filter_map(|level| self.partial_tile(level)).collect()
    }

    /// The full tiles that [`Tree::restore`] will read for a tree of this size: fewer than 256 for
    /// each level. A store that reads asynchronously fetches them into [`crate::tile::MemoryTiles`].
    #[must_use]
    pub fn restore_tiles(size: u64) -> Vec<TileId> {
        partial_ids(size)
            .filter_map(|id| id.level.checked_sub(1).map(|below| (id, below)))
            .flat_map(|(id, below)| children(id).map(move |index| TileId::full(below, index)))
            .collect()
    }

    /// Builds the tree again from what is stored: full tiles only, and the last entries.
    ///
    /// `leaves_of_last_partial` are the hashes of the last `size % 256` entries. The partial tiles
    /// above are computed from the full tiles below them.
    ///
    /// The answer is right if the tiles are; compare its [`Tree::root`] with the last checkpoint.
    ///
    /// # Errors
    /// [`RestoreError`] when the number of leaves is wrong or a tile cannot be had.
    pub fn restore(size: u64, leaves_of_last_partial: &[Hash], reader: &dyn TileReader) -> Result<Self, RestoreError> {
        if leaves_of_last_partial.len() as u64 != size % u64::from(TILE_WIDTH) {
            return Err(RestoreError::LeafCount { size, given: leaves_of_last_partial.len() });
        }
        let mut tree = Self { size, ..Self::default() };
        *tree.edge_at(0) = leaves_of_last_partial.to_vec();
        for id in partial_ids(size) {
            let Some(below) = id.level.checked_sub(1) else { continue };
            for index in children(id) {
                let root = full_tile_root(reader, TileId::full(below, index))?;
                tree.edge_at(usize::from(id.level)).push(root);
            }
        }
        tree.peaks = peaks_of_edge(&tree.edge);
        Ok(tree)
    }

    /// A reader of this tree's tiles: the partial ones from memory, the full ones from `full`.
    #[must_use]
    pub fn reader<'a>(&'a self, full: &'a dyn TileReader) -> TreeTiles<'a> {
        TreeTiles { tree: self, full }
    }

    fn edge_at(&mut self, level: usize) -> &mut Vec<Hash> {
        while self.edge.len() <= level {
            self.edge.push(Vec::with_capacity(usize::from(TILE_WIDTH)));
        }
        // The loop above has made the level exist; a `Vec` offers no safe way to say so.
        #[expect(clippy::indexing_slicing, reason = "the loop above has made the level exist")]
        &mut self.edge[level]
    }
}

/// The tiles of a tree at its present size; see [`Tree::reader`].
#[derive(Clone, Copy)]
pub struct TreeTiles<'a> {
    tree: &'a Tree,
    full: &'a dyn TileReader,
}

impl TileReader for TreeTiles<'_> {
    fn read_tile(&self, id: TileId) -> Result<Vec<u8>, TileError> {
        match self.tree.partial_tile(id.level) {
            Some((edge, mut bytes)) if edge.index == id.index => {
                if edge.width < id.width {
                    return Err(TileError::NotFound(id));
                }
                bytes.truncate(id.byte_len());
                Ok(bytes)
            }
            _ => self.full.read_tile(id),
        }
    }
}

/// Positions, one level below, of the full tiles whose roots a tile holds.
pub(crate) fn children(id: TileId) -> std::ops::Range<u64> {
    let first = id.index.saturating_mul(u64::from(TILE_WIDTH));
    first..first.saturating_add(u64::from(id.width))
}

/// Joins the roots of perfect subtrees, largest first, to the root of the tree.
pub(crate) fn fold_peaks(peaks: &[Hash]) -> Hash {
    peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY_ROOT)
}

/// The roots of the perfect subtrees below the partial tiles, which `edge` has by level.
pub(crate) fn peaks_of_edge(edge: &[Vec<Hash>]) -> Vec<Hash> {
    let mut peaks = Vec::new();
    for tile in edge.iter().rev() {
        let mut rest = tile.as_slice();
        while !rest.is_empty() {
            let power = 1usize << rest.len().ilog2();
            let (subtree, after) = rest.split_at_checked(power).unwrap_or((rest, &[]));
            peaks.extend(perfect_root(subtree));
            rest = after;
        }
    }
    peaks
}

pub(crate) fn full_tile_root(reader: &dyn TileReader, id: TileId) -> Result<Hash, TileError> {
    let bytes = reader.read_tile(id)?;
    to_hashes(&bytes)
        .filter(|hashes| hashes.len() == usize::from(id.width))
        .and_then(|hashes| perfect_root(&hashes))
        .ok_or(TileError::WrongLength { id, length: bytes.len() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::leaf_hash;
    use crate::proof::tree_root;
    use crate::tile::MemoryTiles;

    /// RFC 6962, section 2.1, word for word.
    fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let middle = leaves.len().next_power_of_two() / 2;
                node_hash(&naive_root(&leaves[..middle]), &naive_root(&leaves[middle..]))
            }
        }
    }

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
    }

    fn grow(leaves: &[Hash]) -> (Tree, MemoryTiles) {
        let (mut tree, mut full) = (Tree::new(), MemoryTiles::new());
        for leaf in leaves {
            tree.append_with(*leaf, &mut |id, bytes| full.insert(id, bytes).unwrap());
        }
        (tree, full)
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::new();
        assert_eq!(tree.root(), EMPTY_ROOT);
        for (input, root) in inputs.into_iter().zip(roots) {
            tree.append(leaf_hash(input));
            assert_eq!(tree.root().to_hex(), root);
        }
    }

    #[test]
    fn tiles_are_handed_over_when_full_and_lie_where_they_should() {
        let leaves = leaves(65_536 + 300);
        let mut given = Vec::new();
        let mut tree = Tree::new();
        for leaf in &leaves {
            tree.append_with(*leaf, &mut |id, bytes| given.push((id, bytes)));
        }
        assert_eq!(given.len(), 257 + 1);
        assert_eq!(given[255].0, TileId::full(0, 255));
        assert_eq!(given[256].0, TileId::full(1, 0));
        assert_eq!(given[257].0, TileId::full(0, 256));
        assert!(given.iter().all(|(_, bytes)| bytes.len() == 8192));
        assert_eq!(given[255].1, to_bytes(&leaves[255 * 256..256 * 256]));
        assert_eq!(given[256].1[32..64], naive_root(&leaves[256..512]).0);
        let partial: Vec<_> = tree.partial_tiles().into_iter().map(|(id, bytes)| (id, bytes.len())).collect();
        let expected: Vec<_> = partial_ids(tree.size()).map(|id| (id, id.byte_len())).collect();
        assert_eq!(partial, expected);
        assert_eq!(tree.partial_tile(0).unwrap().1, to_bytes(&leaves[65_536 + 256..]));
        assert_eq!(tree.partial_tile(7), None);
    }

    #[test]
    fn a_restored_tree_is_the_tree_that_was_left() {
        let leaves = leaves(66_000);
        let (mut tree, mut full) = (Tree::new(), MemoryTiles::new());
        for leaf in &leaves {
            let size = tree.size();
            if [0, 1, 255, 256, 257, 512, 65_535, 65_536, 65_537, 65_792, 65_999].contains(&size) {
                let last = &leaves[(size - size % 256) as usize..size as usize];
                let restored = Tree::restore(size, last, &full).unwrap();
                assert_eq!(restored.root(), tree.root(), "{size}");
                assert_eq!(restored.partial_tiles(), tree.partial_tiles(), "{size}");
                let mut needed = MemoryTiles::new();
                for id in Tree::restore_tiles(size) {
                    needed.insert(id, full.read_tile(id).unwrap()).unwrap();
                }
                assert!(Tree::restore(size, last, &needed).is_ok());
            }
            tree.append_with(*leaf, &mut |id, bytes| full.insert(id, bytes).unwrap());
        }
    }

    #[test]
    fn restoring_from_too_little_fails_and_says_what_is_missing() {
        let none = MemoryTiles::new();
        assert!(matches!(Tree::restore(3, &leaves(2), &none), Err(RestoreError::LeafCount { size: 3, given: 2 })));
        let missing = Tree::restore(u64::MAX, &leaves(255), &none);
        assert!(matches!(missing, Err(RestoreError::Tile(TileError::NotFound(id))) if id.level == 0));
        assert!(Tree::restore_tiles(u64::MAX).len() <= 7 * 255);
    }

    #[test]
    fn the_reader_of_a_tree_joins_memory_and_storage() {
        let leaves = leaves(700);
        let (tree, full) = grow(&leaves);
        let reader = tree.reader(&full);
        for size in [1, 255, 256, 257, 512, 513, 699, 700] {
            assert_eq!(tree_root(&reader, size).unwrap(), naive_root(&leaves[..size as usize]), "{size}");
        }
        assert!(reader.read_tile(TileId { level: 0, index: 2, width: 189 }).is_err());
        assert!(tree_root(&reader, 701).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_root_is_that_of_the_definition(count in 0u64..1500) {
            let leaves = leaves(count);
            let (tree, _) = grow(&leaves);
            prop_assert_eq!(tree.size(), count);
            prop_assert_eq!(tree.root(), naive_root(&leaves));
        }
    }
}
