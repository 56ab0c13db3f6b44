//! Tiles and entry bundles: how the tree and its entries are cut into files (C2SP `tlog-tiles`).

use std::collections::BTreeMap;
use std::fmt;

use crate::entry::MAX_ENTRY_BYTES;
use crate::hash::HASH_BYTES;

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Bytes in a full tile.
pub const TILE_BYTES: usize = TILE_WIDTH as usize * HASH_BYTES;

/// The most bytes a bundle can have: 256 entries of the greatest length, each with its prefix.
pub const MAX_BUNDLE_BYTES: usize = TILE_WIDTH as usize * (MAX_ENTRY_BYTES + 2);

/// The highest level for which a path can be written.
const MAX_LEVEL: u8 = 63;

/// Names one tile: up to 256 consecutive hashes of one level of the tree.
///
/// At level 0 these are leaf hashes; at level *l* + 1 each is the root of one full tile of level *l*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// Level, from 0; the hashes of a tile are 8 × `level` steps above the leaves.
    pub level: u8,
    /// Position of the tile within its level, from 0.
    pub index: u64,
    /// Number of hashes, 1 to 256; a tile of fewer than 256 is *partial*.
    pub width: u16,
}

/// Names one entry bundle: up to 256 consecutive entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryBundleId {
    /// Position of the bundle, from 0; its first entry has the index 256 × `index`.
    pub index: u64,
    /// Number of entries, 1 to 256; a bundle of fewer than 256 is *partial*.
    pub width: u16,
}

/// A path that names no tile and no bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the path of a tile or an entry bundle")]
pub struct PathError(pub String);

impl TileId {
    /// The full tile at this place.
    #[must_use]
    pub const fn full(level: u8, index: u64) -> Self {
        Self { level, index, width: TILE_WIDTH }
    }

    /// The tile at this place as a tree of `size` leaves has it; `None` if it has none there.
    #[must_use]
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        width_in(hashes_at(level, size), index).map(|width| Self { level, index, width })
    }

    /// Whether all 256 hashes are there.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width >= TILE_WIDTH
    }

    /// The length of the tile in bytes.
    #[must_use]
    pub const fn byte_len(&self) -> usize {
        self.width as usize * HASH_BYTES
    }

    /// The path, such as `tile/0/x001/x234/067` or `tile/1/000.p/5`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, place(self.index, self.width))
    }

    /// Reads what [`TileId::path`] writes, and nothing else.
    ///
    /// # Errors
    /// [`PathError`] for every other text, in particular for needless zeros, which would give one
    /// tile several names.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let wrong = || PathError(path.to_owned());
        let (level, rest) = path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or_else(wrong)?;
        let level = level.parse::<u8>().ok().filter(|level| *level <= MAX_LEVEL).ok_or_else(wrong)?;
        let (index, width) = parse_place(rest).ok_or_else(wrong)?;
        let id = Self { level, index, width };
        if id.path() == path { Ok(id) } else { Err(wrong()) }
    }
}

impl EntryBundleId {
    /// The full bundle at this place.
    #[must_use]
    pub const fn full(index: u64) -> Self {
        Self { index, width: TILE_WIDTH }
    }

    /// The bundle at this place as a tree of `size` leaves has it; `None` if it has none there.
    #[must_use]
    pub fn in_tree(index: u64, size: u64) -> Option<Self> {
        width_in(size, index).map(|width| Self { index, width })
    }

    /// Whether all 256 entries are there.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width >= TILE_WIDTH
    }

    /// The path, such as `tile/entries/x001/234` or `tile/entries/000.p/5`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/entries/{}", place(self.index, self.width))
    }

    /// Reads what [`EntryBundleId::path`] writes, and nothing else.
    ///
    /// # Errors
    /// [`PathError`] for every other text.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let wrong = || PathError(path.to_owned());
        let rest = path.strip_prefix("tile/entries/").ok_or_else(wrong)?;
        let (index, width) = parse_place(rest).ok_or_else(wrong)?;
        let id = Self { index, width };
        if id.path() == path { Ok(id) } else { Err(wrong()) }
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

impl fmt::Display for EntryBundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// How many hashes all tiles of a level have together in a tree of `size` leaves.
pub(crate) fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * 8).unwrap_or(0)
}

/// All tiles of a tree of `size` leaves that lie on its right edge and are partial, one per level.
pub(crate) fn partial_ids(size: u64) -> impl Iterator<Item = TileId> {
    (0..8u8).filter_map(move |level| {
        let hashes = hashes_at(level, size);
        let width = (hashes % u64::from(TILE_WIDTH)) as u16;
        (width > 0).then_some(TileId { level, index: hashes / u64::from(TILE_WIDTH), width })
    })
}

fn width_in(items: u64, index: u64) -> Option<u16> {
    let start = index.checked_mul(u64::from(TILE_WIDTH))?;
    let width = items.checked_sub(start)?.min(u64::from(TILE_WIDTH)) as u16;
    (width > 0).then_some(width)
}

fn place(index: u64, width: u16) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH {
        path = format!("{path}.p/{width}");
    }
    path
}

/// Lenient about zeros: the callers write the path again and compare.
fn parse_place(text: &str) -> Option<(u64, u16)> {
    let (index_part, width) = match text.split_once(".p/") {
        None => (text, TILE_WIDTH),
        Some((index_part, width)) => {
            let width = width.parse::<u16>().ok().filter(|width| (1..TILE_WIDTH).contains(width))?;
            (index_part, width)
        }
    };
    let mut index = 0u64;
    for part in index_part.split('/') {
        let digits = part.strip_prefix('x').unwrap_or(part);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some((index, width))
}

/// A bundle that is not a sequence of length-prefixed entries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than its 16-bit prefix can express.
    #[error("entry {position} of the bundle has {length} bytes; the limit is {MAX_ENTRY_BYTES}")]
    EntryTooLong {
        /// Position within the bundle, from 0.
        position: usize,
        /// The entry's length in bytes.
        length: usize,
    },
    /// The bundle ends in the middle of an entry or of its length.
    #[error("the bundle ends in the middle of its entry {position}")]
    Truncated {
        /// Position within the bundle, from 0.
        position: usize,
    },
    /// A bundle has at most 256 entries.
    #[error("the bundle has more than 256 entries")]
    TooMany,
}

/// Writes entries as a bundle: each with its length before it as a big-endian 16-bit number.
///
/// # Errors
/// [`BundleError`] when an entry is too long or there are more than 256.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    if entries.len() > usize::from(TILE_WIDTH) {
        return Err(BundleError::TooMany);
    }
    let total: usize = entries.iter().map(|entry| entry.as_ref().len() + 2).sum();
    let mut bundle = Vec::with_capacity(total);
    for (position, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let length =
            u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong { position, length: entry.len() })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Cuts a bundle into its entries, without copying them.
///
/// # Errors
/// [`BundleError`] when the lengths do not fit or there are more than 256 entries.
pub fn decode_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    match decode_as_far_as_possible(bytes) {
        (entries, None) => Ok(entries),
        (_, Some(error)) => Err(error),
    }
}

/// The entries before the fault, and the fault: a verifier can still say which entry is at fault.
pub(crate) fn decode_as_far_as_possible(bytes: &[u8]) -> (Vec<&[u8]>, Option<BundleError>) {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(TILE_WIDTH) {
            return (entries, Some(BundleError::TooMany));
        }
        let cut = rest
            .split_first_chunk::<2>()
            .and_then(|(length, body)| body.split_at_checked(usize::from(u16::from_be_bytes(*length))));
        let Some((entry, after)) = cut else {
            let position = entries.len();
            return (entries, Some(BundleError::Truncated { position }));
        };
        entries.push(entry);
        rest = after;
    }
    (entries, None)
}

/// Where tiles come from.
pub trait TileReader {
    /// The bytes of exactly the tile asked for: `id.width` hashes of 32 bytes.
    ///
    /// A reader that holds a wider tile at the same place may answer with its beginning.
    ///
    /// # Errors
    /// [`TileError::NotFound`] when the tile is not there, another [`TileError`] when it cannot be
    /// read.
    fn read_tile(&self, id: TileId) -> Result<Vec<u8>, TileError>;
}

/// A tile that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// There is no such tile.
    #[error("{0} is missing")]
    NotFound(TileId),
    /// The tile has another length than its width demands.
    #[error("{id} has {length} bytes instead of {}", id.byte_len())]
    WrongLength {
        /// The tile asked for.
        id: TileId,
        /// The length found, in bytes.
        length: usize,
    },
    /// The storage below failed.
    #[error("{id} cannot be read")]
    Storage {
        /// The tile asked for.
        id: TileId,
        /// What the storage said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Tiles held in memory: what an asynchronous store has fetched beforehand, or a small test log.
#[derive(Clone, Debug, Default)]
pub struct MemoryTiles(BTreeMap<(u8, u64), Vec<u8>>);

impl MemoryTiles {
    /// No tiles yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tile. A wider tile at the same place stays or takes over, for it holds the narrower.
    ///
    /// # Errors
    /// [`TileError::WrongLength`] when the bytes do not fit the width.
    pub fn insert(&mut self, id: TileId, bytes: Vec<u8>) -> Result<(), TileError> {
        if bytes.len() != id.byte_len() {
            return Err(TileError::WrongLength { id, length: bytes.len() });
        }
        let held = self.0.entry((id.level, id.index)).or_default();
        if bytes.len() >= held.len() {
            *held = bytes;
        }
        Ok(())
    }

    /// How many tiles are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no tile is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TileReader for MemoryTiles {
    fn read_tile(&self, id: TileId) -> Result<Vec<u8>, TileError> {
        self.0
            .get(&(id.level, id.index))
            .and_then(|bytes| bytes.get(..id.byte_len()))
            .map(<[u8]>::to_vec)
            .ok_or(TileError::NotFound(id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |level, index, width| TileId { level, index, width }.path();
        assert_eq!(path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(1, 0, 5), "tile/1/000.p/5");
        assert_eq!(path(63, 999, 255), "tile/63/999.p/255");
        assert_eq!(path(0, 1000, 256), "tile/0/x001/000");
        assert_eq!(EntryBundleId { index: 273, width: 112 }.path(), "tile/entries/273.p/112");
        assert_eq!(EntryBundleId::full(u64::MAX).path(), "tile/entries/x018/x446/x744/x073/x709/x551/615");
    }

    #[test]
    fn a_tile_has_one_name_only() {
        for wrong in [
            "tile/00/000",
            "tile/64/000",
            "tile/0/0",
            "tile/0/x000/001",
            "tile/0/x001/x001",
            "tile/0/001/001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/+1",
            "tile/0/",
            "tile/0",
            "tile/0/000/",
            "/tile/0/000",
            "tile/0/000.p",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/0000",
            "tile/0/０００",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "",
            "tile",
            "tile/entries/000",
        ] {
            assert_eq!(TileId::parse(wrong), Err(PathError(wrong.to_owned())), "{wrong}");
        }
        assert!(EntryBundleId::parse("tile/0/000").is_err());
        assert!(EntryBundleId::parse("tile/entries/x000/000").is_err());
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_the_specification_lists() {
        assert_eq!(TileId::in_tree(0, 272, 70_000), Some(TileId::full(0, 272)));
        let partial: Vec<_> = partial_ids(70_000).map(|id| (id.level, id.index, id.width)).collect();
        assert_eq!(partial, [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);
        assert_eq!(TileId::in_tree(0, 274, 70_000), None);
        assert_eq!(partial_ids(256).collect::<Vec<_>>(), [TileId { level: 1, index: 0, width: 1 }]);
        assert_eq!(partial_ids(0).count(), 0);
        assert_eq!(TileId::in_tree(0, u64::MAX, u64::MAX), None);
    }

    #[test]
    fn a_wider_tile_answers_for_a_narrower() {
        let mut tiles = MemoryTiles::new();
        let narrow = TileId { level: 0, index: 3, width: 1 };
        let wide = TileId { width: 2, ..narrow };
        tiles.insert(wide, vec![1; 64]).unwrap();
        tiles.insert(narrow, vec![1; 32]).unwrap();
        assert_eq!(tiles.read_tile(wide).unwrap().len(), 64);
        assert_eq!(tiles.read_tile(narrow).unwrap().len(), 32);
        assert!(matches!(tiles.read_tile(TileId::full(0, 3)), Err(TileError::NotFound(_))));
        assert!(matches!(tiles.insert(wide, vec![1; 63]), Err(TileError::WrongLength { length: 63, .. })));
    }

    #[test]
    fn a_bundle_that_ends_too_early_is_refused() {
        let bundle = encode_bundle(&[b"ab".as_slice(), b"c"]).unwrap();
        assert_eq!(bundle, [0, 2, b'a', b'b', 0, 1, b'c']);
        assert_eq!(decode_bundle(&bundle[..6]), Err(BundleError::Truncated { position: 1 }));
        assert_eq!(decode_bundle(&bundle[..5]), Err(BundleError::Truncated { position: 1 }));
        assert_eq!(decode_bundle(&bundle[..4]), Ok(vec![b"ab".as_slice()]));
        assert_eq!(decode_bundle(&[0; 512]).unwrap().len(), 256);
        assert_eq!(decode_bundle(&[0; 514]), Err(BundleError::TooMany));
        assert_eq!(encode_bundle(&[[]; 257]), Err(BundleError::TooMany));
        assert!(encode_bundle(&[vec![0; 65_536]]).is_err());
    }

    proptest! {
        #[test]
        fn every_tile_path_is_read_back(level in 0u8..=63, index: u64, width in 1u16..=256) {
            let id = TileId { level, index, width };
            prop_assert_eq!(TileId::parse(&id.path()), Ok(id));
            let bundle = EntryBundleId { index, width };
            prop_assert_eq!(EntryBundleId::parse(&bundle.path()), Ok(bundle));
        }

        #[test]
        fn every_bundle_is_read_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..=256)) {
            let bundle = encode_bundle(&entries).unwrap();
            prop_assert_eq!(decode_bundle(&bundle).unwrap(), entries);
        }

        #[test]
        fn garbage_never_panics(text in ".{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = TileId::parse(&text);
            let _ = EntryBundleId::parse(&text);
            let _ = decode_bundle(&bytes);
        }
    }
}
