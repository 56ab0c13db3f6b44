//! An answer on its way to the page.

use crate::http::page::markdown;

/// Level of the heading that an answer stands below.
const HEADING: usize = 2;

/// HTML that may stand in a page as it is.
pub(super) struct Html(String);

impl std::fmt::Display for Html {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows an answer: Markdown as markup of ours, everything else as text.
pub(super) fn shown(markdown: &str) -> Html {
    Html(format!("<div class=\"answer\">{}</div>", markdown::html(markdown, HEADING)))
}
