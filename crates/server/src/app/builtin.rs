//! The apps that come with the program. They are data: whoever wants another one writes a file like these.

use super::definition::Definition;
use std::sync::{Arc, LazyLock};

const FILES: [(&str, &str); 6] = [
    ("draft", include_str!("../../apps/draft.json")),
    ("summary", include_str!("../../apps/summary.json")),
    ("proofread", include_str!("../../apps/proofread.json")),
    ("translate", include_str!("../../apps/translate.json")),
    ("law", include_str!("../../apps/law.json")),
    ("diet", include_str!("../../apps/diet.json")),
];

/// All of them, with their identifiers.
pub fn all() -> &'static [(&'static str, Arc<Definition>)] {
    static ALL: LazyLock<Vec<(&'static str, Arc<Definition>)>> = LazyLock::new(|| {
        let read = |(id, file): (&'static str, &str)| match Definition::read(file) {
            Ok(app) => Some((id, Arc::new(app))),
            Err(wrong) => {
                tracing::error!(id, ?wrong, "a built-in app cannot be read");
                None
            }
        };
        FILES.into_iter().filter_map(read).collect()
    });
    &ALL
}

/// The one of that name.
pub fn get(id: &str) -> Option<&'static Arc<Definition>> {
    all().iter().find(|(known, _)| *known == id).map(|(_, app)| app)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_can_be_read() {
        for (id, file) in FILES {
            let app = Definition::read(file).unwrap_or_else(|wrong| panic!("{id}: {wrong:?}"));
            assert!(app.prompt.is_some() && !app.usage.is_empty(), "{id}");
        }
        assert_eq!(all().len(), FILES.len());
    }
}
