//! Search: whether shelves and vectors open. Nothing is made where there is none.

use super::code::{self, Area};
use super::report::Findings;
use crate::config::Config;
use sekisho_search::dense::Vectors;
use sekisho_search::shelf::Shelf;
use sekisho_search::unit::Corpus;

pub(super) fn look(config: &Config, findings: &mut Findings) {
    let search = config.data.join("search");
    let mut shelves = 0;
    for corpus in Corpus::ALL {
        let folder = search.join(corpus.name());
        let mut passages = None;
        if folder.is_dir() {
            shelves += 1;
            let place = format!("search/{corpus}");
            // Opening would make what is missing.
            match ["version", "meta.json"].into_iter().find(|name| !folder.join(name).is_file()) {
                Some(missing) => findings.add(&code::SHELF_UNUSABLE, place, missing),
                None => match Shelf::open(&search, corpus) {
                    Ok(shelf) => passages = Some(shelf.read().passages()),
                    Err(error) => findings.add(&code::SHELF_UNUSABLE, place, error),
                },
            }
        }
        let place = format!("search/{corpus}.vectors");
        match Vectors::open(&search, corpus) {
            Err(error) => findings.add(&code::VECTORS_UNUSABLE, place, error),
            Ok(None) => {}
            Ok(Some(vectors)) => {
                let model = &vectors.maker().model;
                if config.search.embeddings.as_ref().is_some_and(|wanted| wanted != model) {
                    findings.add(&code::VECTORS_OTHER_MODEL, place.as_str(), model);
                }
                let (has, wants) = (vectors.passages() as u64, passages.unwrap_or(0));
                if has != wants {
                    findings.add(&code::VECTORS_FEW, place, format!("{has} / {wants}"));
                }
            }
        }
    }
    findings.looked(Area::Library, "shelves", shelves);
}
