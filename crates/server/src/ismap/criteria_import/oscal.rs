//! A catalog of OSCAL in place of a table: what is taken over of it, and a note on everything that is not.

use super::{Reading, Remark};
use sekisho_oscal::{Document, import_catalog};

/// Most notes that are told one by one.
const TOLD: usize = 200;

/// Whether the file is JSON rather than a table.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
}

/// Reads the catalog.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Vec<Remark>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let imported = Document::read(bytes).and_then(|document| import_catalog(&document));
    let imported = imported.map_err(|error| vec![whole(error.ja(), error.to_string())])?;
    let notes = &imported.report.notes;
    let mut notices: Vec<Remark> = notes.iter().take(TOLD).map(|note| whole(note.ja(), note.to_string())).collect();
    if let Some(more) = notes.len().checked_sub(TOLD).filter(|more| *more > 0) {
        notices.push(whole(format!("ほかに {more} か所、取り込まないところがあります。"), format!("and {more} more")));
    }
    match imported.catalogue {
        Ok(catalogue) => Ok(Reading { catalogue, notices }),
        Err(faults) => {
            let faults = faults.iter().map(|fault| whole(fault.ja(), fault.to_string()));
            Err(faults.chain(notices).collect())
        }
    }
}

fn whole(ja: String, en: String) -> Remark {
    Remark::new(None, "", "", ja, en)
}
