//! Reads: entries, tiles, proofs, uses, sealed content, the directory, and the register of an earlier day.

use crate::Store;
use crate::batch::load_tile;
use crate::engine::{EngineError, Row, Tx, Value};
use crate::sealed::{Opening, SealError};
use crate::uses::LeftOpen;
use crate::uses::{self, UseRow};
use crate::witnesses::with_cosignatures;
use jiff::Timestamp;
use sekisho_domain::entry::Entry;
use sekisho_domain::id::{DepartmentId, PermitId, PersonId, UseId};
use sekisho_domain::register::Register;
use sekisho_ledger::hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
use sekisho_ledger::proof::{inclusion_proof, inclusion_tiles};
use sekisho_ledger::tile::{EntryBundleId, MemoryTiles, TileId, TileReader, encode_bundle};
use sekisho_ledger::tlog_proof::TlogProof;
use std::collections::BTreeMap;

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// It does not exist (yet).
    #[error("there is no {0}")]
    Missing(String),
    /// The ledger's data contradict each other.
    #[error("the ledger contradicts itself: {0}")]
    Corrupt(String),
    /// Sealed content.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Who hides behind a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryPerson {
    /// Pseudonym.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// Mail address.
    pub mail: String,
    /// Post in words.
    pub post: String,
}

/// How much was done under a permit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PermitUses {
    /// Uses since the later moment asked for.
    pub lately: u64,
    /// Uses since the earlier moment asked for.
    pub before: u64,
    /// The last one.
    pub last: Option<Timestamp>,
}

impl Store {
    /// The newest signed checkpoint with its size, and with the cosignatures that are there.
    pub async fn checkpoint(&self) -> Result<Option<(u64, String)>, ReadError> {
        let mut tx = self.engine.read().await?;
        newest_checkpoint(&mut tx).await
    }

    /// One entry.
    pub async fn entry(&self, index: u64) -> Result<Vec<u8>, ReadError> {
        let mut tx = self.engine.read().await?;
        entry(&mut tx, index).await
    }

    /// A tile as C2SP `tlog-tiles` serves it; partial ones up to the newest signed checkpoint.
    pub async fn tile(&self, id: TileId) -> Result<Vec<u8>, ReadError> {
        let mut tx = self.engine.read().await?;
        let Some((size, _)) = signed(&mut tx).await? else { return Err(missing_tile(id)) };
        let mut hashes = tile_hashes(&mut tx, id.level, id.index, size).await?;
        let wanted = usize::from(id.width) * 32;
        if hashes.len() < wanted {
            return Err(missing_tile(id));
        }
        hashes.truncate(wanted);
        Ok(hashes)
    }

    /// A bundle of entries as C2SP `tlog-tiles` serves it, up to the newest signed checkpoint.
    pub async fn entries(&self, id: EntryBundleId) -> Result<Vec<u8>, ReadError> {
        let mut tx = self.engine.read().await?;
        let missing = || ReadError::Missing(format!("entry bundle `{}`", id.path()));
        let size = signed(&mut tx).await?.map_or(0, |(size, _)| size);
        let first = id.index.checked_mul(256).ok_or_else(missing)?;
        let end = first.checked_add(u64::from(id.width)).ok_or_else(missing)?;
        if end > size {
            return Err(missing());
        }
        let bodies = bodies(&mut tx, first, end).await?;
        encode_bundle(&bodies).map_err(|e| ReadError::Corrupt(e.to_string()))
    }

    /// A self-contained proof that an entry stands in the newest signed checkpoint.
    pub async fn prove(&self, index: u64) -> Result<TlogProof, ReadError> {
        let mut tx = self.engine.read().await?;
        let Some((size, note)) = newest_checkpoint(&mut tx).await? else {
            return Err(ReadError::Missing("signed checkpoint".into()));
        };
        if index >= size {
            return Err(ReadError::Missing(format!("entry {index} in the signed checkpoint of size {size}")));
        }
        let mut tiles = MemoryTiles::new();
        for id in inclusion_tiles(index, size) {
            let mut hashes = tile_hashes(&mut tx, id.level, id.index, size).await?;
            hashes.truncate(usize::from(id.width) * 32);
            tiles.insert(id, hashes).map_err(|e| ReadError::Corrupt(e.to_string()))?;
        }
        let hashes = inclusion_proof(&tiles, index, size).map_err(|e| ReadError::Corrupt(e.to_string()))?;
        Ok(TlogProof { extra: None, index, hashes, checkpoint: note })
    }

    /// The row of a use.
    pub async fn use_row(&self, id: &UseId) -> Result<UseRow, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{} WHERE use_id = $1", uses::SELECT);
        let rows = tx.fetch(&sql, vec![Value::from(id.as_str())]).await?;
        let row = rows.first().ok_or_else(|| ReadError::Missing(format!("use `{id}`")))?;
        Ok(UseRow::read(row)?)
    }

    /// The newest uses before an index, newest first.
    pub async fn uses_before(&self, before: u64, limit: u64) -> Result<Vec<UseRow>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{} WHERE opened < $1 ORDER BY opened DESC LIMIT $2", uses::SELECT);
        let before = before.min(i64::MAX.unsigned_abs());
        let rows = tx.fetch(&sql, vec![Value::from(before), Value::from(limit.min(1000))]).await?;
        Ok(rows.iter().map(UseRow::read).collect::<Result<_, _>>()?)
    }

    /// Uses of a node that a crash left open.
    pub async fn left_open(&self, node: &str) -> Result<Vec<LeftOpen>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{} WHERE node = $1 AND outcome = 'open' ORDER BY opened", uses::SELECT);
        let rows = tx.fetch(&sql, vec![Value::from(node)]).await?;
        Ok(rows.iter().map(UseRow::read).map(|r| r.map(|row| LeftOpen { row })).collect::<Result<_, _>>()?)
    }

    /// Whether content was kept with an entry and is still there.
    pub async fn is_sealed(&self, index: u64) -> Result<bool, ReadError> {
        let mut tx = self.engine.read().await?;
        Ok(!tx.fetch("SELECT 1 FROM sealed WHERE entry = $1", vec![Value::from(index)]).await?.is_empty())
    }

    /// Opens the content sealed with an entry. `binding` is what it was sealed for.
    pub async fn open_sealed(&self, index: u64, binding: &str) -> Result<Opening, ReadError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT box FROM sealed WHERE entry = $1", vec![Value::from(index)]).await?;
        let row = rows.first().ok_or_else(|| ReadError::Missing(format!("sealed content of entry {index}")))?;
        Ok(self.key.open(binding, &row.bytes(0)?)?)
    }

    /// Everyone in the directory, by pseudonym.
    pub async fn directory(&self) -> Result<Vec<DirectoryPerson>, ReadError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT person, name, mail, post FROM directory_person ORDER BY person", vec![]).await?;
        rows.iter().map(directory_row).collect()
    }

    /// A page of the directory by name, of those whose name, mail address or post holds `words`; and how many there are.
    pub async fn directory_page(
        &self,
        words: &str,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<DirectoryPerson>, u64), ReadError> {
        let mut tx = self.engine.read().await?;
        let words = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let (filter, pattern) = match words.as_str() {
            "" => ("", None),
            words => (
                " WHERE name LIKE $1 ESCAPE '\\' OR mail LIKE $1 ESCAPE '\\' OR post LIKE $1 ESCAPE '\\'",
                Some(format!("%{words}%")),
            ),
        };
        let values = || pattern.iter().map(|pattern| Value::from(pattern.as_str())).collect::<Vec<_>>();
        let rows = tx.fetch(&format!("SELECT COUNT(*) FROM directory_person{filter}"), values()).await?;
        let total = rows.first().map(|row| row.uint(0)).transpose()?.unwrap_or(0);
        let (limit, offset) = (limit.min(1_000), offset.min(i64::MAX.unsigned_abs()));
        let sql = format!(
            "SELECT person, name, mail, post FROM directory_person{filter} ORDER BY name, person LIMIT {limit} OFFSET {offset}"
        );
        let rows = tx.fetch(&sql, values()).await?;
        Ok((rows.iter().map(directory_row).collect::<Result<_, _>>()?, total))
    }

    /// Who one pseudonym is.
    pub async fn directory_person(&self, person: &PersonId) -> Result<Option<DirectoryPerson>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT name, mail, post FROM directory_person WHERE person = $1";
        let rows = tx.fetch(sql, vec![Value::from(person.as_str())]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(DirectoryPerson { person: person.clone(), name: row.text(0)?, mail: row.text(1)?, post: row.text(2)? }))
    }

    /// What some pseudonyms' names are, as far as the directory knows.
    pub async fn names_of(
        &self,
        people: impl IntoIterator<Item = &PersonId>,
    ) -> Result<BTreeMap<PersonId, String>, ReadError> {
        let mut tx = self.engine.read().await?;
        let mut names = BTreeMap::new();
        for person in people {
            if names.contains_key(person) {
                continue;
            }
            let sql = "SELECT name FROM directory_person WHERE person = $1";
            let rows = tx.fetch(sql, vec![Value::from(person.as_str())]).await?;
            if let Some(row) = rows.first() {
                names.insert(person.clone(), row.text(0)?);
            }
        }
        Ok(names)
    }

    /// People whose name or post holds all the words, by name. Never more than `limit`: a body may have 180,000.
    pub async fn find_people(&self, words: &str, limit: u64) -> Result<Vec<DirectoryPerson>, ReadError> {
        let mut tx = self.engine.read().await?;
        let mut values = Vec::new();
        let mut conditions = Vec::new();
        for word in words.split_whitespace().take(4) {
            let escaped: String =
                word.chars().flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c])).collect();
            values.push(Value::from(format!("%{escaped}%").as_str()));
            conditions.push(format!("(name LIKE ${n} ESCAPE '!' OR post LIKE ${n} ESCAPE '!')", n = values.len()));
        }
        if conditions.is_empty() {
            return Ok(Vec::new());
        }
        values.push(Value::from(limit));
        let sql = format!(
            "SELECT person, name, mail, post FROM directory_person WHERE {} ORDER BY name, person LIMIT ${}",
            conditions.join(" AND "),
            values.len()
        );
        let rows = tx.fetch(&sql, values).await?;
        let mut people = Vec::with_capacity(rows.len());
        for row in &rows {
            let person = PersonId::new(row.text(0)?).map_err(|e| ReadError::Corrupt(e.to_string()))?;
            people.push(DirectoryPerson { person, name: row.text(1)?, mail: row.text(2)?, post: row.text(3)? });
        }
        Ok(people)
    }

    /// What was done under a permit since two moments, and when last.
    pub async fn uses_of_permit(
        &self,
        permit: &PermitId,
        lately: Timestamp,
        before: Timestamp,
    ) -> Result<PermitUses, ReadError> {
        let mut tx = self.engine.read().await?;
        let mut count = async |since: Timestamp| -> Result<u64, ReadError> {
            let sql = "SELECT COUNT(*) FROM use_row WHERE permit = $1 AND at >= $2 AND outcome <> 'refused'";
            let rows = tx.fetch(sql, vec![Value::from(permit.as_str()), Value::Int(since.as_microsecond())]).await?;
            Ok(rows.first().map(|row| row.uint(0)).transpose()?.unwrap_or(0))
        };
        let (lately, before) = (count(lately).await?, count(before).await?);
        let sql = "SELECT at FROM use_row WHERE permit = $1 AND outcome <> 'refused' ORDER BY at DESC LIMIT 1";
        let rows = tx.fetch(sql, vec![Value::from(permit.as_str())]).await?;
        let last = rows.first().map(|row| row.int(0)).transpose()?;
        Ok(PermitUses { lately, before, last: last.and_then(|micros| Timestamp::from_microsecond(micros).ok()) })
    }

    /// What one department is called.
    pub async fn department_name(&self, department: &DepartmentId) -> Result<Option<String>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT name FROM directory_department WHERE department = $1";
        let rows = tx.fetch(sql, vec![Value::from(department.as_str())]).await?;
        Ok(rows.first().map(|row| row.text(0)).transpose()?)
    }

    /// What departments are called.
    pub async fn department_names(&self) -> Result<BTreeMap<String, String>, ReadError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch("SELECT department, name FROM directory_department", vec![]).await?;
        Ok(rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect::<Result<_, EngineError>>()?)
    }

    /// The register as it stood when the ledger held `position` entries.
    pub async fn register_at(&self, position: u64) -> Result<Register, ReadError> {
        let mut register = Register::default();
        let mut from = 0;
        loop {
            // What is written never changes, so no one snapshot is needed; a long one would keep an erasure waiting.
            let mut tx = self.engine.read().await?;
            let rows = tx
                .fetch(
                    "SELECT idx, body FROM ledger_entry WHERE governance = 1 AND idx >= $1 AND idx < $2 ORDER BY idx LIMIT 4096",
                    vec![Value::from(from), Value::from(position.min(i64::MAX.unsigned_abs()))],
                )
                .await?;
            drop(tx);
            if rows.is_empty() {
                return Ok(register);
            }
            for row in &rows {
                let index = row.uint(0)?;
                let corrupt = |e: &dyn std::fmt::Display| ReadError::Corrupt(format!("entry {index}: {e}"));
                let entry = Entry::read(&row.bytes(1)?).map_err(|e| corrupt(&e))?;
                if let Entry::Governance(entry) = entry {
                    register.apply(index, &entry).map_err(|e| corrupt(&e))?;
                }
                from = index + 1;
            }
        }
    }
}

fn directory_row(row: &Row) -> Result<DirectoryPerson, ReadError> {
    let person = PersonId::new(row.text(0)?).map_err(|e| ReadError::Corrupt(e.to_string()))?;
    Ok(DirectoryPerson { person, name: row.text(1)?, mail: row.text(2)?, post: row.text(3)? })
}

fn missing_tile(id: TileId) -> ReadError {
    ReadError::Missing(format!("tile `{}`", id.path()))
}

/// The newest checkpoint as it is published: with the cosignatures that are there.
pub(crate) async fn newest_checkpoint(tx: &mut Tx) -> Result<Option<(u64, String)>, ReadError> {
    match signed(tx).await? {
        Some((size, note)) => Ok(Some((size, with_cosignatures(tx, size, note).await?))),
        None => Ok(None),
    }
}

/// The newest checkpoint as the log signed it.
pub(crate) async fn signed(tx: &mut Tx) -> Result<Option<(u64, String)>, EngineError> {
    let rows = tx.fetch("SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1", vec![]).await?;
    Ok(match rows.first() {
        Some(row) => Some((row.uint(0)?, row.text(1)?)),
        None => None,
    })
}

async fn entry(tx: &mut Tx, index: u64) -> Result<Vec<u8>, ReadError> {
    let missing = || ReadError::Missing(format!("entry {index}"));
    let at = index.min(i64::MAX.unsigned_abs());
    let rows = tx.fetch("SELECT body FROM ledger_entry WHERE idx = $1", vec![Value::from(at)]).await?;
    Ok(rows.first().ok_or_else(missing)?.bytes(0)?)
}

pub(crate) async fn bodies(tx: &mut Tx, first: u64, end: u64) -> Result<Vec<Vec<u8>>, ReadError> {
    let rows = tx
        .fetch(
            "SELECT body FROM ledger_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx",
            vec![Value::from(first), Value::from(end)],
        )
        .await?;
    if rows.len() as u64 != end - first {
        return Err(ReadError::Corrupt(format!("entries {first} to {end} are not all there")));
    }
    Ok(rows.iter().map(|row| row.bytes(0)).collect::<Result<_, _>>()?)
}

/// The hashes of a tile in a tree of `size` entries, as many as there are: full tiles are stored, partial ones follow
/// from the entries or from the full tiles one level below.
pub(crate) async fn tile_hashes(tx: &mut Tx, level: u8, index: u64, size: u64) -> Result<Vec<u8>, ReadError> {
    let id = TileId::full(level, index);
    let Some(present) = TileId::in_tree(level, index, size) else { return Err(missing_tile(id)) };
    if present.is_full() {
        let mut tiles = MemoryTiles::new();
        load_tile(tx, id, &mut tiles).await?;
        return tiles.read_tile(id).map_err(|e| ReadError::Corrupt(e.to_string()));
    }
    let width = u64::from(present.width);
    if level == 0 {
        let first = index * 256;
        let bodies = bodies(tx, first, first + width).await?;
        return Ok(bodies.iter().flat_map(|body| leaf_hash(body).0).collect());
    }
    let mut hashes = Vec::new();
    for below in index * 256..index * 256 + width {
        let child = TileId::full(level - 1, below);
        let mut tiles = MemoryTiles::new();
        load_tile(tx, child, &mut tiles).await?;
        let bytes = tiles.read_tile(child).map_err(|e| ReadError::Corrupt(e.to_string()))?;
        hashes.extend_from_slice(&root_of_full_tile(&bytes).0);
    }
    Ok(hashes)
}

/// The root over the 256 hashes of a full tile.
fn root_of_full_tile(bytes: &[u8]) -> Hash {
    let mut row: Vec<Hash> = bytes.as_chunks::<32>().0.iter().map(|h| Hash(*h)).collect();
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied().unwrap_or(EMPTY_ROOT)
}
