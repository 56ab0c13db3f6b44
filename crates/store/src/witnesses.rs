//! What witnesses have countersigned, and what they refused.
//!
//! Rows beside the ledger, in its database: a published checkpoint carries the cosignatures whoever asks for it on
//! whichever node, and a refusal is not forgotten by a restart.

use crate::batch::Keep;
use crate::engine::{EngineResult, Row, Tx, Value};
use crate::reading::{ReadError, signed, tile_hashes};
use crate::{Journal, JournalError, Store};
use jiff::Timestamp;
use sekisho_ledger::hash::Hash;
use sekisho_ledger::proof::{consistency_tiles, root_tiles, tree_root, verify_consistency};
use sekisho_ledger::tile::{MemoryTiles, TileId};
use sekisho_ledger::witness::AddCheckpoint;

/// Why a witness will not cosign any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// It has cosigned more entries than this ledger holds.
    Rollback,
    /// It has cosigned entries that are not those of this ledger.
    Fork,
}

impl RefusalKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Fork => "fork",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Rollback, Self::Fork].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A refusal: this ledger is not what the witness has seen of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRefusal {
    /// Which of the two.
    pub kind: RefusalKind,
    /// When it was first met.
    pub at: Timestamp,
    /// Size of this ledger's checkpoint then.
    pub ours: u64,
    /// The size the witness had cosigned, as far as it told.
    pub theirs: u64,
}

/// Something that went wrong and accuses nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessFault {
    /// A word for the kind of fault.
    pub code: String,
    /// What exactly.
    pub detail: String,
    /// When it was met last.
    pub at: Timestamp,
}

/// How a witness stands to this ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WitnessRow {
    /// The size it cosigned last; 0 before the first.
    pub size: u64,
    /// When, by its own clock.
    pub cosigned_at: Option<Timestamp>,
    /// The last fault since.
    pub fault: Option<WitnessFault>,
    /// The last refusal, however long ago.
    pub refusal: Option<WitnessRefusal>,
}

/// What was learnt of a witness, named by its verifier key.
#[derive(Debug, Clone)]
pub enum WitnessChange {
    /// It cosigned the checkpoint of this size.
    Cosigned {
        /// Its verifier key.
        witness: String,
        /// Size of the checkpoint.
        size: u64,
        /// When, by its own clock.
        at: Timestamp,
        /// The signature line.
        line: String,
    },
    /// It could not be asked, or answered with something that is no answer.
    Failed {
        /// Its verifier key.
        witness: String,
        /// What went wrong.
        fault: WitnessFault,
    },
    /// It refused.
    Refused {
        /// Its verifier key.
        witness: String,
        /// Why.
        refusal: WitnessRefusal,
    },
}

fn moment(at: Timestamp) -> Value {
    Value::Int(at.as_microsecond())
}

/// Zero stands for never: no witness cosigned anything in 1970.
fn time(micros: i64) -> Option<Timestamp> {
    (micros != 0).then(|| Timestamp::from_microsecond(micros).ok()).flatten()
}

impl WitnessChange {
    pub(crate) async fn write(self, tx: &mut Tx) -> EngineResult<u64> {
        let witness = match &self {
            Self::Cosigned { witness, .. } | Self::Failed { witness, .. } | Self::Refused { witness, .. } => {
                Value::from(witness.as_str())
            }
        };
        tx.execute(
            "INSERT INTO witness (witness,size,cosigned_at,fault,fault_detail,fault_at,refusal,refused_at,ours,theirs) \
             VALUES ($1,0,0,'','',0,'',0,0,0) ON CONFLICT (witness) DO NOTHING",
            vec![witness],
        )
        .await?;
        match self {
            Self::Cosigned { witness, size, at, line } => {
                tx.execute(
                    "INSERT INTO cosignature (size,witness,at,line) VALUES ($1,$2,$3,$4) ON CONFLICT (size,witness) DO \
                     UPDATE SET at = excluded.at, line = excluded.line",
                    vec![Value::from(size), Value::from(witness.as_str()), moment(at), Value::from(line.as_str())],
                )
                .await?;
                tx.execute(
                    "UPDATE witness SET size = $1, cosigned_at = $2, fault = '', fault_detail = '', fault_at = 0 \
                     WHERE witness = $3",
                    vec![Value::from(size), moment(at), Value::from(witness.as_str())],
                )
                .await
            }
            Self::Failed { witness, fault } => {
                tx.execute(
                    "UPDATE witness SET fault = $1, fault_detail = $2, fault_at = $3 WHERE witness = $4",
                    vec![
                        Value::from(fault.code.as_str()),
                        Value::from(fault.detail.as_str()),
                        moment(fault.at),
                        Value::from(witness.as_str()),
                    ],
                )
                .await
            }
            Self::Refused { witness, refusal } => {
                tx.execute(
                    "UPDATE witness SET refusal = $1, refused_at = $2, ours = $3, theirs = $4, fault = '', \
                     fault_detail = '', fault_at = 0 WHERE witness = $5",
                    vec![
                        Value::from(refusal.kind.as_str()),
                        moment(refusal.at),
                        Value::from(refusal.ours),
                        Value::from(refusal.theirs),
                        Value::from(witness.as_str()),
                    ],
                )
                .await
            }
        }
    }
}

impl Journal {
    /// Keeps what was learnt of a witness; returns once it is durable.
    pub async fn keep_witness(&self, change: WitnessChange) -> Result<(), JournalError> {
        self.keep(Keep::Witness(change)).await.map(drop)
    }
}

impl Store {
    /// How a witness stands to this ledger, by its verifier key.
    pub async fn witness(&self, vkey: &str) -> Result<WitnessRow, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT size, cosigned_at, fault, fault_detail, fault_at, refusal, refused_at, ours, theirs \
                   FROM witness WHERE witness = $1";
        let rows = tx.fetch(sql, vec![Value::from(vkey)]).await?;
        rows.first().map(row).transpose().map(Option::unwrap_or_default)
    }

    /// Size of the newest signed checkpoint; `None` before the first.
    pub async fn signed_size(&self) -> Result<Option<u64>, ReadError> {
        let mut tx = self.engine.read().await?;
        Ok(signed(&mut tx).await?.map(|(size, _)| size))
    }

    /// The request to a witness that has cosigned `old` entries: the newest signed checkpoint, and the proof that it
    /// continues them. The proof has been checked against this ledger's own roots, so a witness that finds it wrong has
    /// seen another ledger.
    pub async fn add_checkpoint(&self, old: u64) -> Result<AddCheckpoint, ReadError> {
        let mut tx = self.engine.read().await?;
        let corrupt = |error: &dyn std::fmt::Display| ReadError::Corrupt(error.to_string());
        let Some((size, note)) = signed(&mut tx).await? else {
            return Err(ReadError::Missing("signed checkpoint".into()));
        };
        let mut tiles = MemoryTiles::new();
        for id in consistency_tiles(old, size) {
            read_tile(&mut tx, id, size, &mut tiles).await?;
        }
        let request = AddCheckpoint::of_tree(&tiles, old, &note).map_err(|e| corrupt(&e))?;
        let before = root_at(&mut tx, old).await?;
        verify_consistency(old, &before, size, &request.checkpoint().root, request.proof()).map_err(|e| corrupt(&e))?;
        Ok(request)
    }
}

async fn root_at(tx: &mut Tx, size: u64) -> Result<Hash, ReadError> {
    let mut tiles = MemoryTiles::new();
    for id in root_tiles(size) {
        read_tile(tx, id, size, &mut tiles).await?;
    }
    tree_root(&tiles, size).map_err(|e| ReadError::Corrupt(e.to_string()))
}

async fn read_tile(tx: &mut Tx, id: TileId, size: u64, into: &mut MemoryTiles) -> Result<(), ReadError> {
    let mut hashes = tile_hashes(tx, id.level, id.index, size).await?;
    hashes.truncate(usize::from(id.width) * 32);
    into.insert(id, hashes).map_err(|e| ReadError::Corrupt(e.to_string()))
}

fn row(row: &Row) -> Result<WitnessRow, ReadError> {
    let fault = time(row.int(4)?);
    let fault = match fault {
        Some(at) => Some(WitnessFault { code: row.text(2)?, detail: row.text(3)?, at }),
        None => None,
    };
    let refusal = match (RefusalKind::read(&row.text(5)?), time(row.int(6)?)) {
        (Some(kind), Some(at)) => Some(WitnessRefusal { kind, at, ours: row.uint(7)?, theirs: row.uint(8)? }),
        _ => None,
    };
    Ok(WitnessRow { size: row.uint(0)?, cosigned_at: time(row.int(1)?), fault, refusal })
}

/// A checkpoint as it is published: with the cosignatures that are there.
pub(crate) async fn with_cosignatures(tx: &mut Tx, size: u64, note: String) -> Result<String, ReadError> {
    let sql = "SELECT line FROM cosignature WHERE size = $1 ORDER BY witness";
    let rows = tx.fetch(sql, vec![Value::from(size)]).await?;
    let mut whole = note;
    for row in &rows {
        whole.push_str(&row.text(0)?);
    }
    Ok(whole)
}
