//! Who reads, and the way to the shelves.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::error::PageError;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_search::shelf::{Reading, ShelfError};
use sekisho_search::unit::{Corpus, Unit};

/// Most departments above one.
const DEEPEST: usize = 64;

/// Somebody of the staff, as a shelf knows them.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// The departments they belong to: their own and those above it.
    pub(super) marks: Vec<String>,
    /// The day in Japan.
    pub(super) today: Date,
}

impl Reader {
    pub(super) fn of(app: &App, signed: &SignedIn) -> Result<Self, PageError> {
        let register = app.journal.register()?;
        let mut marks = Vec::new();
        let mut at = register.person(signed.person()).map(|person| person.department.clone());
        while let Some(department) = at.take().filter(|_| marks.len() < DEEPEST) {
            at = register.department(&department).and_then(|department| department.parent.clone());
            marks.push(department.as_str().to_owned());
        }
        Ok(Self { marks, today: in_japan(app.world.now()) })
    }

    /// The unit, if it may be read; else it is as if it did not exist.
    pub(super) fn may_read(&self, unit: &Unit) -> bool {
        unit.open_to(&self.marks)
    }
}

impl From<ShelfError> for PageError {
    fn from(error: ShelfError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a shelf could not be read");
        Self::Inside
    }
}

/// Works with the shelf of a corpus, away from the threads that serve requests.
pub(super) async fn on_shelf<T: Send + 'static>(
    app: &App,
    corpus: Corpus,
    work: impl FnOnce(&Reading) -> Result<T, ShelfError> + Send + 'static,
) -> Result<T, PageError> {
    let work = app.in_library(move |library| work(&library.shelf(corpus)?.read()));
    Ok(work.await.map_err(|_| PageError::Inside)??)
}
