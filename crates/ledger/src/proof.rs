//! Proofs that an entry is in a tree, and that one tree is the beginning of another.
//!
//! Making and checking them follows RFC 6962 section 2.1 and RFC 9162 section 2.1.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::hash::{EMPTY_ROOT, Hash, node_hash, perfect_root, to_hashes};
use crate::tile::{TILE_WIDTH, TileError, TileId, TileReader, hashes_at};

/// The most hashes any proof can need for trees of up to 2^64 leaves.
pub const MAX_PROOF_HASHES: usize = 65;

/// A proof that cannot be made or does not prove what it should.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The tree has no entry of this index.
    #[error("a tree of {size} entries has no entry {index}")]
    NoSuchEntry {
        /// The index asked for.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The older tree is larger than the newer.
    #[error("a tree of {old} entries cannot be the beginning of one of {new}")]
    Shrunk {
        /// Size of the older tree.
        old: u64,
        /// Size of the newer tree.
        new: u64,
    },
    /// The proof has more or fewer hashes than the sizes demand.
    #[error("the proof has the wrong number of hashes ({0})")]
    WrongLength(usize),
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root")]
    WrongRoot,
    /// A tile is missing or has the wrong length.
    #[error(transparent)]
    Tile(#[from] TileError),
}

/// The tiles [`inclusion_proof`] will read. Empty when the tree has no such entry.
#[must_use]
pub fn inclusion_tiles(index: u64, size: u64) -> Vec<TileId> {
    tiles_of(&inclusion_ranges(index, size), size)
}

/// The tiles [`consistency_proof`] will read. Empty when there is nothing to prove.
#[must_use]
pub fn consistency_tiles(old: u64, new: u64) -> Vec<TileId> {
    tiles_of(&consistency_ranges(old, new), new)
}

/// The tiles [`tree_root`] will read: the partial ones at this size.
#[must_use]
pub fn root_tiles(size: u64) -> Vec<TileId> {
    crate::tile::partial_ids(size).collect()
}

/// Root of the tree's first `size` entries, computed from tiles.
///
/// # Errors
/// [`ProofError::Tile`] when a tile cannot be had.
pub fn tree_root(reader: &dyn TileReader, size: u64) -> Result<Hash, ProofError> {
    if size == 0 {
        return Ok(EMPTY_ROOT);
    }
    Ok(Tiles::new(reader, size).range_hash(&(0..size))?)
}

/// Proof that the tree of `size` entries holds the entry of this index: the hashes of the siblings
/// from the leaf up.
///
/// # Errors
/// [`ProofError::NoSuchEntry`], or [`ProofError::Tile`] when a tile cannot be had.
pub fn inclusion_proof(reader: &dyn TileReader, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchEntry { index, size });
    }
    Ok(Tiles::new(reader, size).range_hashes(&inclusion_ranges(index, size))?)
}

/// Proof that the tree of `old` entries is the beginning of the tree of `new` entries. It is empty
/// when `old` is 0 or equals `new`.
///
/// # Errors
/// [`ProofError::Shrunk`], or [`ProofError::Tile`] when a tile cannot be had.
pub fn consistency_proof(reader: &dyn TileReader, old: u64, new: u64) -> Result<Vec<Hash>, ProofError> {
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    Ok(Tiles::new(reader, new).range_hashes(&consistency_ranges(old, new))?)
}

/// Checks an inclusion proof: that the tree of `size` entries with this `root` has this leaf at
/// this index.
///
/// # Errors
/// [`ProofError`] when it does not prove that.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchEntry { index, size });
    }
    let wrong_length = || ProofError::WrongLength(proof.len());
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length());
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A node at the right edge without sibling moves up until it has one.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length());
    }
    if hash == *root { Ok(()) } else { Err(ProofError::WrongRoot) }
}

/// Checks a consistency proof: that the tree of `old_size` entries with `old_root` is the beginning
/// of the tree of `new_size` entries with `new_root`.
///
/// The empty tree is the beginning of every tree; its root must still be [`EMPTY_ROOT`].
///
/// # Errors
/// [`ProofError`] when it does not prove that.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrunk { old: old_size, new: new_size });
    }
    let wrong_length = || ProofError::WrongLength(proof.len());
    let empty_is_empty = |size: u64, root: &Hash| size != 0 || *root == EMPTY_ROOT;
    if !empty_is_empty(old_size, old_root) || !empty_is_empty(new_size, new_root) {
        return Err(ProofError::WrongRoot);
    }
    if old_size == 0 || old_size == new_size {
        if !proof.is_empty() {
            return Err(wrong_length());
        }
        return if old_size == 0 || old_root == new_root { Ok(()) } else { Err(ProofError::WrongRoot) };
    }
    // An old tree that is a perfect subtree of the new one is its own first hash.
    let (first, rest) =
        if old_size.is_power_of_two() { (old_root, proof) } else { proof.split_first().ok_or_else(wrong_length)? };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(wrong_length());
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length());
    }
    if old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(ProofError::WrongRoot) }
}

/// The greatest power of two smaller than `width`, which is at least 2: where RFC 6962 splits a tree.
fn split(width: u64) -> u64 {
    1u64.checked_shl((width - 1).ilog2()).unwrap_or(1)
}

/// The ranges of leaves whose hashes make the proof, in the proof's order.
fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if index < size {
        let (mut start, mut end) = (0, size);
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                ranges.push(middle..end);
                end = middle;
            } else {
                ranges.push(start..middle);
                start = middle;
            }
        }
    }
    ranges.reverse();
    ranges
}

fn consistency_ranges(old: u64, new: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if old > 0 && old < new {
        let (mut start, mut end) = (0, new);
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                ranges.push(middle..end);
                end = middle;
            } else {
                ranges.push(start..middle);
                start = middle;
            }
        }
        // The verifier knows the old root, so it need not be told when it is a node by itself.
        if start > 0 {
            ranges.push(start..end);
        }
    }
    ranges.reverse();
    ranges
}

/// Cuts a range into the perfect subtrees of the tree: first leaf and height of each.
fn perfect_subtrees(range: &Range<u64>) -> impl Iterator<Item = (u64, u32)> {
    let (mut start, end) = (range.start, range.end);
    std::iter::from_fn(move || {
        let height = end.checked_sub(start)?.checked_ilog2()?;
        let subtree = (start, height);
        start += 1u64.checked_shl(height)?;
        Some(subtree)
    })
}

/// Where a perfect subtree's hash is found: its level, the position of its first hash in the level,
/// and how many hashes of that level lie below it.
fn place_of(start: u64, height: u32) -> (u8, u64, u16) {
    let level = (height / 8) as u8;
    (level, hashes_at(level, start), 1u16 << (height % 8))
}

fn tiles_of(ranges: &[Range<u64>], size: u64) -> Vec<TileId> {
    let tiles: BTreeSet<TileId> = ranges
        .iter()
        .flat_map(perfect_subtrees)
        .filter_map(|(start, height)| {
            let (level, first, _) = place_of(start, height);
            TileId::in_tree(level, first / u64::from(TILE_WIDTH), size)
        })
        .collect();
    tiles.into_iter().collect()
}

/// Reads each tile only once.
struct Tiles<'a> {
    reader: &'a dyn TileReader,
    size: u64,
    read: BTreeMap<TileId, Vec<Hash>>,
}

impl<'a> Tiles<'a> {
    fn new(reader: &'a dyn TileReader, size: u64) -> Self {
        Self { reader, size, read: BTreeMap::new() }
    }

    fn range_hashes(&mut self, ranges: &[Range<u64>]) -> Result<Vec<Hash>, TileError> {
        ranges.iter().map(|range| self.range_hash(range)).collect()
    }

    fn range_hash(&mut self, range: &Range<u64>) -> Result<Hash, TileError> {
        let mut peaks = Vec::new();
        for (start, height) in perfect_subtrees(range) {
            peaks.push(self.subtree_hash(start, height)?);
        }
        Ok(crate::tree::fold_peaks(&peaks))
    }

    fn subtree_hash(&mut self, start: u64, height: u32) -> Result<Hash, TileError> {
        let (level, first, count) = place_of(start, height);
        let index = first / u64::from(TILE_WIDTH);
        let offset = (first % u64::from(TILE_WIDTH)) as usize;
        let id =
            TileId::in_tree(level, index, self.size).ok_or_else(|| TileError::NotFound(TileId::full(level, index)))?;
        let hashes = match self.read.entry(id) {
            std::collections::btree_map::Entry::Occupied(held) => held.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let bytes = self.reader.read_tile(id)?;
                let hashes = to_hashes(&bytes)
                    .filter(|hashes| hashes.len() == usize::from(id.width))
                    .ok_or(TileError::WrongLength { id, length: bytes.len() })?;
                place.insert(hashes)
            }
        };
        hashes.get(offset..offset + usize::from(count)).and_then(perfect_root).ok_or(TileError::NotFound(id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::leaf_hash;
    use crate::tile::MemoryTiles;
    use crate::tree::Tree;

    /// Tiles and leaves of a small log, with the root at every size.
    fn log(count: u64) -> (MemoryTiles, Vec<Hash>, Vec<Hash>) {
        let (mut tree, mut tiles) = (Tree::new(), MemoryTiles::new());
        let leaves: Vec<_> = (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect();
        let mut roots = vec![tree.root()];
        for leaf in &leaves {
            tree.append_with(*leaf, &mut |id, bytes| tiles.insert(id, bytes).unwrap());
            roots.push(tree.root());
        }
        for (id, bytes) in tree.partial_tiles() {
            tiles.insert(id, bytes).unwrap();
        }
        (tiles, leaves, roots)
    }

    fn only(tiles: &MemoryTiles, ids: Vec<TileId>) -> MemoryTiles {
        let mut some = MemoryTiles::new();
        for id in ids {
            some.insert(id, tiles.read_tile(id).unwrap()).unwrap();
        }
        some
    }

    #[test]
    fn every_inclusion_and_consistency_proof_in_small_trees_holds() {
        let (tiles, leaves, roots) = log(40);
        for size in 1..=40u64 {
            let root = roots[size as usize];
            for index in 0..size {
                let proof = inclusion_proof(&tiles, index, size).unwrap();
                verify_inclusion(&leaves[index as usize], index, size, &proof, &root).unwrap();
                assert!(verify_inclusion(&leaves[(index as usize + 1) % 40], index, size, &proof, &root).is_err());
            }
            for old in 0..=size {
                let proof = consistency_proof(&tiles, old, size).unwrap();
                verify_consistency(old, &roots[old as usize], size, &root, &proof).unwrap();
            }
        }
    }

    #[test]
    fn questions_beyond_the_tree_are_refused() {
        let (tiles, leaves, roots) = log(5);
        assert!(matches!(inclusion_proof(&tiles, 5, 5), Err(ProofError::NoSuchEntry { index: 5, size: 5 })));
        assert!(matches!(inclusion_proof(&tiles, 0, 0), Err(ProofError::NoSuchEntry { .. })));
        assert!(matches!(inclusion_proof(&tiles, 0, 6), Err(ProofError::Tile(TileError::NotFound(_)))));
        assert!(matches!(consistency_proof(&tiles, 5, 4), Err(ProofError::Shrunk { old: 5, new: 4 })));
        assert!(verify_inclusion(&leaves[0], 0, 0, &[], &EMPTY_ROOT).is_err());
        assert!(verify_inclusion(&leaves[0], u64::MAX, u64::MAX, &[], &roots[1]).is_err());
        assert!(verify_inclusion(&leaves[0], 0, 1, &[], &roots[1]).is_ok());
        assert!(verify_consistency(4, &roots[4], 3, &roots[3], &[]).is_err());
    }

    #[test]
    fn the_empty_tree_is_the_beginning_of_every_tree_but_only_with_its_own_root() {
        let (_, _, roots) = log(3);
        assert!(verify_consistency(0, &EMPTY_ROOT, 3, &roots[3], &[]).is_ok());
        assert!(verify_consistency(0, &EMPTY_ROOT, 0, &EMPTY_ROOT, &[]).is_ok());
        assert!(verify_consistency(0, &roots[1], 3, &roots[3], &[]).is_err());
        assert!(verify_consistency(0, &EMPTY_ROOT, 3, &roots[3], &[roots[1]]).is_err());
        assert!(verify_consistency(3, &roots[3], 3, &roots[3], &[]).is_ok());
        assert!(verify_consistency(3, &roots[3], 3, &roots[2], &[]).is_err());
        assert!(verify_consistency(3, &roots[3], 3, &roots[3], &[roots[1]]).is_err());
    }

    #[test]
    fn the_tiles_foretold_are_those_that_are_needed() {
        let (tiles, leaves, roots) = log(66_100);
        for (index, size) in [(0, 66_100), (65_535, 65_536), (65_536, 66_100), (700, 701), (300, 66_099)] {
            let some = only(&tiles, inclusion_tiles(index, size));
            assert!(some.len() <= 7, "{}", some.len());
            let proof = inclusion_proof(&some, index, size).unwrap();
            verify_inclusion(&leaves[index as usize], index, size, &proof, &roots[size as usize]).unwrap();
        }
        for (old, new) in [(1, 66_100), (256, 512), (65_536, 66_100), (65_537, 66_100), (700, 66_099)] {
            let some = only(&tiles, consistency_tiles(old, new));
            let proof = consistency_proof(&some, old, new).unwrap();
            verify_consistency(old, &roots[old as usize], new, &roots[new as usize], &proof).unwrap();
        }
        assert_eq!(inclusion_tiles(5, 5), []);
        assert_eq!(consistency_tiles(0, 5), []);
        let some = only(&tiles, root_tiles(66_100));
        assert_eq!(tree_root(&some, 66_100).unwrap(), roots[66_100]);
        assert_eq!(tree_root(&some, 0).unwrap(), EMPTY_ROOT);
    }

    #[test]
    fn trees_of_every_size_there_can_be_are_reckoned_without_overflow() {
        for size in [1u64 << 63, (1 << 63) - 1, u64::MAX] {
            assert!(inclusion_ranges(size - 1, size).len() <= 64);
            assert!(inclusion_ranges(0, size).len() <= 64);
            assert!(consistency_ranges(size / 3, size).len() <= MAX_PROOF_HASHES);
            let _ = inclusion_tiles(size - 1, size);
            let _ = consistency_tiles(size / 3, size);
            let hash = leaf_hash(b"");
            for length in 0..70 {
                let _ = verify_inclusion(&hash, size - 1, size, &vec![hash; length], &hash);
                let _ = verify_consistency(size / 3, &hash, size, &hash, &vec![hash; length]);
            }
        }
    }

    proptest! {
        #[test]
        fn a_proof_with_anything_changed_proves_nothing(
            size in 2u64..600, index: prop::sample::Index, at: prop::sample::Index, bit in 0usize..256, extra: [u8; 32],
        ) {
            let (tiles, leaves, roots) = log(size);
            let (index, root) = (index.index(size as usize), roots[size as usize]);
            let leaf = &leaves[index];
            let index = index as u64;
            let proof = inclusion_proof(&tiles, index, size).unwrap();
            let holds = |proof: &[Hash]| verify_inclusion(leaf, index, size, proof, &root).is_ok();
            prop_assert!(holds(&proof));
            let at = at.index(proof.len());
            let mut changed = proof.clone();
            changed[at].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!holds(&changed));
            prop_assert!(!holds(&proof[..proof.len() - 1]));
            prop_assert!(!holds(&[proof.as_slice(), &[Hash(extra)]].concat()));
            prop_assert!(!holds(&[&[Hash(extra)], proof.as_slice()].concat()));
        }

        #[test]
        fn a_consistency_proof_with_anything_changed_proves_nothing(
            new in 2u64..600, old: prop::sample::Index, at: prop::sample::Index, bit in 0usize..256, extra: [u8; 32],
        ) {
            let (tiles, _, roots) = log(new);
            let old = 1 + old.index(new as usize - 1) as u64;
            let proof = consistency_proof(&tiles, old, new).unwrap();
            let (old_root, new_root) = (roots[old as usize], roots[new as usize]);
            let holds = |proof: &[Hash]| verify_consistency(old, &old_root, new, &new_root, proof).is_ok();
            prop_assert!(holds(&proof));
            let at = at.index(proof.len());
            let mut changed = proof.clone();
            changed[at].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!holds(&changed));
            prop_assert!(!holds(&proof[..proof.len() - 1]));
            prop_assert!(!holds(&[proof.as_slice(), &[Hash(extra)]].concat()));
            prop_assert!(verify_consistency(old, &new_root, new, &new_root, &proof).is_err());
            prop_assert!(verify_consistency(old, &old_root, new, &old_root, &proof).is_err());
        }
    }
}
