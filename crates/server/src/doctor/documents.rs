//! Papers, files and the documents that entries name by their SHA-256.

use super::code::{self, Area};
use super::folder::Keys;
use super::ledger::Read;
use super::report::Findings;
use crate::ismap::documents::{KIND, sha256};
use sekisho_store::{EngineError, Inspection};
use std::collections::BTreeSet;

pub(super) async fn look(
    look: &Inspection,
    keys: &Keys,
    read: &Read,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let Some(key) = &keys.content else {
        findings.unseen(Area::Content, &"papers and files: no content key");
        return Ok(());
    };
    let (mut papers, mut files, mut kept) = (0, 0, BTreeSet::new());
    look.papers(key, |paper| {
        papers += 1;
        let place = format!("paper {} {}", paper.kind, paper.id);
        if paper.personal && read.forgotten.contains(&paper.owner) {
            findings.add(&code::FORGOTTEN_KEPT, place.as_str(), &paper.owner);
        }
        let is_document = paper.kind == KIND;
        match &paper.content {
            Err(error) => findings.add(&code::PAPER_CLOSED, place, error),
            Ok(content) if is_document && sha256(content) != paper.id => {
                findings.add(&code::DOCUMENT_FALSE, place, "");
            }
            Ok(_) if is_document && !read.named.contains(&paper.id) => {
                findings.add(&code::DOCUMENT_UNUSED, place, "");
            }
            Ok(_) => {}
        }
        if is_document {
            kept.insert(paper.id);
        }
    })
    .await?;
    look.files(key, |file| {
        files += 1;
        let place = format!("file {}", file.id);
        if read.forgotten.contains(&file.owner) {
            findings.add(&code::FORGOTTEN_KEPT, place.as_str(), &file.owner);
        }
        if let Err(error) = &file.content {
            findings.add(&code::PAPER_CLOSED, place, error);
        }
    })
    .await?;
    for (hash, index) in read.documents.iter().filter(|(hash, _)| !kept.contains(*hash)) {
        findings.add(&code::DOCUMENT_MISSING, format!("ledger_entry {index}"), hash);
    }
    findings.looked(Area::Content, "papers", papers);
    findings.looked(Area::Content, "files", files);
    findings.looked(Area::Content, "documents", kept.len() as u64);
    Ok(())
}
