//! How the shelf of a corpus stands on this node.

use jiff::Timestamp;
use sekisho_depot::{DepotError, Fetched, Manifest, Seal, generation_of};
use sekisho_domain::day::in_japan;
use sekisho_search::unit::Corpus;
use std::path::Path;

/// How it stands.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) corpus: Corpus,
    /// The generation that is served: its number and when it was published.
    pub(crate) generation: Option<(u64, Timestamp)>,
    /// When it was last known to be the newest.
    pub(crate) looked: Option<Timestamp>,
    /// Whether this node has imports that are not published.
    pub(crate) ahead: bool,
    pub(crate) trouble: Option<Trouble>,
}

/// Why news cannot be had.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) code: &'static str,
    pub(crate) since: Timestamp,
}

impl Standing {
    pub(super) fn at_the_start(corpus: Corpus, search: &Path, seal: &Seal) -> Self {
        // What cannot be read is told at the first look.
        let generation = generation_of(search, corpus, seal).ok().flatten();
        let generation = generation.map(|manifest| (manifest.number, manifest.made_at));
        Self { corpus, generation, looked: None, ahead: false, trouble: None }
    }

    /// Takes down what a look has shown, and logs what is new.
    pub(super) fn note(&mut self, fetched: Result<Fetched, DepotError>, now: Timestamp) {
        let corpus = self.corpus.name();
        match fetched {
            Ok(fetched) => {
                if let Some(Trouble { code, .. }) = self.trouble.take() {
                    tracing::info!(corpus, code, "the shared shelf can be fetched again");
                }
                let ahead = matches!(fetched, Fetched::Ahead(_));
                if ahead && !self.ahead {
                    tracing::warn!(corpus, "this node has imports that are not published: `sekisho search publish`");
                }
                if let Fetched::Taken { manifest: Manifest { number, node, .. }, files, bytes } = &fetched {
                    tracing::info!(
                        corpus,
                        number,
                        node,
                        files,
                        bytes,
                        "a new generation of the shared shelf is served"
                    );
                }
                self.generation = fetched.manifest().map(|manifest| (manifest.number, manifest.made_at));
                (self.ahead, self.looked) = (ahead, Some(now));
            }
            // Somebody imports on this node; it is looked again.
            Err(error) if error.code() == "busy" => {}
            Err(error) => {
                let code = error.code();
                let known = self.trouble.as_ref().filter(|trouble| trouble.code == code);
                let since = known.map_or(now, |trouble| trouble.since);
                if known.is_none() {
                    let error = format!("{:#}", anyhow::Error::from(error));
                    tracing::warn!(
                        corpus,
                        code,
                        error,
                        "the shared shelf cannot be fetched; this node serves its copy"
                    );
                }
                self.ahead = code == "conflict";
                self.trouble = Some(Trouble { code, since });
            }
        }
    }

    /// For the pages where it is searched.
    pub(crate) fn words(&self, now: Timestamp) -> Option<String> {
        let (number, made_at) = self.generation?;
        let mut words = format!("第{number}世代（{} 公開）", in_japan(made_at));
        if let Some(Trouble { since, .. }) = &self.trouble {
            let minutes = now.duration_since(*since).as_mins().max(0);
            words.push_str(&format!("。{minutes} 分前から新しいものを確かめられないため、手元の写しで探しています"));
        }
        Some(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_depot::DepotError;

    fn standing() -> Standing {
        let generation = Some((7, Timestamp::UNIX_EPOCH));
        Standing { corpus: Corpus::Law, generation, looked: None, ahead: false, trouble: None }
    }

    fn after(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minutes)
    }

    fn damaged() -> Result<Fetched, DepotError> {
        Err(DepotError::Damaged { name: "meta.json".into(), number: 8, what: "its end is missing" })
    }

    #[test]
    fn a_trouble_counts_from_when_it_began_and_what_is_served_stays() {
        let mut standing = standing();
        assert_eq!(standing.words(after(0)).unwrap(), "第7世代（1970-01-01 公開）");
        standing.note(damaged(), after(10));
        standing.note(damaged(), after(20));
        let words = standing.words(after(25)).unwrap();
        assert!(words.starts_with("第7世代") && words.contains("15 分前から"), "{words}");
        assert_eq!(standing.looked, None);
    }

    #[test]
    fn that_somebody_imports_is_no_trouble() {
        let mut standing = standing();
        let busy = sekisho_search::shelf::ShelfError::Busy { folder: "law".into() };
        standing.note(Err(DepotError::Shelf(busy)), after(1));
        assert!(standing.trouble.is_none());
    }

    #[test]
    fn what_ends_a_trouble_is_knowing_the_newest_again() {
        let mut standing = standing();
        standing.note(damaged(), after(10));
        standing.note(Ok(Fetched::Nothing), after(11));
        assert!(standing.trouble.is_none());
        assert_eq!(standing.looked, Some(after(11)));
    }
}
