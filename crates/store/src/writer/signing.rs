//! Who signs the tree, and how: alone beside a key, or elected among several nodes under the ledger's lock.

use super::{Writer, in_time};
use crate::batch::Lock;
use crate::journal::JournalError;
use crate::reading::signed;
use crate::signing::SigningError;
use std::time::Instant;

impl Writer {
    /// Whether it falls to this node to sign at the next interval.
    pub(super) fn is_signer(&self) -> bool {
        self.election.as_ref().is_none_or(|election| election.is_due(Instant::now()))
    }

    /// Signs the tree when it has grown: memory beside the key first, then the database, compared and swapped. Whoever asks
    /// a node to sign now makes it the signer.
    pub(super) async fn sign(&mut self) -> Result<String, JournalError> {
        let signed = if self.election.is_some() { in_time(self.sign_elected()).await } else { self.sign_alone().await };
        signed.map_err(|error| {
            self.lost(&error);
            JournalError::Unavailable(error.to_string())
        })
    }

    async fn sign_alone(&mut self) -> Result<String, crate::StoreError> {
        // Another process may have appended and signed since this one looked.
        self.follow().await?;
        let Some(edge) = &self.edge else { return Err(SigningError::Note("no tree".into()).into()) };
        let (size, root) = (edge.size(), edge.root());
        if let Some((signed, note)) = &self.signed
            && *signed == size
        {
            return Ok(note.clone());
        }
        let note = self.signer.sign(size, root)?;
        let mut tx = self.engine.write().await?;
        crate::batch::keep_checkpoint(&mut tx, size, &note).await?;
        tx.commit().await?;
        if let Some(mut edge) = self.edge.take() {
            edge.was_signed(size);
            self.publish(&edge);
            self.edge = Some(edge);
        }
        self.signed = Some((size, note.clone()));
        Ok(note)
    }

    /// Under the ledger's lock: no other node signs, or appends, before this is committed.
    async fn sign_elected(&mut self) -> Result<String, crate::StoreError> {
        let mut edge = self.edge.clone().unwrap_or_default();
        let mut tx = self.engine.write().await?;
        edge.catch_up(&mut tx, Lock::Write).await?;
        if let Some(election) = &mut self.election {
            election.claim(&mut tx, Instant::now()).await?;
        }
        let (size, root) = (edge.size(), edge.root());
        let newest = signed(&mut tx).await?;
        if let Some((_, note)) = &newest {
            // What another node signed must be of this tree.
            let signed = self.signer.read(note)?;
            self.signer.check_against(&signed, size, edge.root_at(&mut tx, signed.size).await?)?;
        }
        let note = match newest {
            Some((signed, note)) if signed == size => note,
            _ => {
                let note = self.signer.sign(size, root)?;
                crate::batch::keep_checkpoint(&mut tx, size, &note).await?;
                note
            }
        };
        tx.commit().await?;
        edge.was_signed(size);
        self.publish(&edge);
        self.edge = Some(edge);
        self.signed = Some((size, note.clone()));
        Ok(note)
    }
}
