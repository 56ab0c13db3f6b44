//! 文書: contents that are kept as they were, by their SHA-256: catalogues, signed statements, audit files, evidence,
//! reports, copies of the published list. Encrypted like every private row; the ledger knows the hash.

use crate::installation::Installation;
use bytes::Bytes;
use sekisho_domain::id::{CatalogueId, PersonId};
use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::register::Register;
use sekisho_gate::identify::hex;
use sekisho_store::{Body, JournalError, PaperRow, RANDOM_BYTES, ReadError};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Kind of the papers.
pub(crate) const KIND: &str = "document";
/// Catalogues that are kept opened: one for each version in use.
const OPENED: usize = 16;

/// Why a document is not at hand.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    /// It could not be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was never kept here, or was destroyed.
    #[error("the document {0} is not kept here")]
    Missing(String),
    /// What is kept is not what its hash says, or not in its form.
    #[error("the document {0} is damaged")]
    Damaged(String),
}

/// Catalogues that were opened lately. A document never changes, so neither does what is kept here.
#[derive(Debug, Default)]
pub(crate) struct Opened(Mutex<BTreeMap<String, Arc<Catalogue>>>);

/// SHA-256 in lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Keeps a content; the same content twice is kept once.
pub(crate) async fn keep(app: &Installation, by: &PersonId, bytes: &[u8]) -> Result<String, DocumentError> {
    let sha256 = sha256(bytes);
    if app.store.has_paper(KIND, &sha256).await? {
        return Ok(sha256);
    }
    let now = app.world.now();
    let row = PaperRow {
        kind: KIND.to_owned(),
        id: sha256.clone(),
        owner: by.clone(),
        personal: false,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    let mut random = [0; RANDOM_BYTES];
    app.world.random(&mut random);
    // `false` means that somebody kept the same content at the same moment.
    app.journal.keep_paper(row, &Body::new(Bytes::copy_from_slice(bytes), &random)).await?;
    Ok(sha256)
}

/// A content, as it was kept.
pub(crate) async fn open(app: &Installation, hash: &str) -> Result<Vec<u8>, DocumentError> {
    let paper = app.store.paper(KIND, hash).await?.ok_or_else(|| DocumentError::Missing(hash.to_owned()))?;
    if sha256(&paper.content) == hash { Ok(paper.content) } else { Err(DocumentError::Damaged(hash.to_owned())) }
}

/// A content in a form of ours.
pub(crate) async fn read<T: DeserializeOwned>(app: &Installation, hash: &str) -> Result<T, DocumentError> {
    let bytes = open(app, hash).await?;
    serde_json::from_slice(&bytes).map_err(|_| DocumentError::Damaged(hash.to_owned()))
}

/// The items of a version of the criteria.
pub(crate) async fn catalogue(
    app: &Installation,
    register: &Register,
    id: &CatalogueId,
) -> Result<Arc<Catalogue>, DocumentError> {
    let row = register.scheme().catalogues.now(id).ok_or_else(|| DocumentError::Missing(id.to_string()))?;
    let opened =
        |app: &Installation| app.documents.0.lock().unwrap_or_else(PoisonError::into_inner).get(&row.sha256).cloned();
    if let Some(known) = opened(app) {
        return Ok(known);
    }
    let catalogue: Arc<Catalogue> = Arc::new(read(app, &row.sha256).await?);
    let mut all = app.documents.0.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= OPENED {
        all.pop_first();
    }
    all.insert(row.sha256.clone(), catalogue.clone());
    Ok(catalogue)
}
