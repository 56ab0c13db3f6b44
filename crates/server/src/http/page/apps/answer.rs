//! An answer on its way to the page. This is the one place that turns a model's Markdown into HTML.

use askama::Template;

/// HTML that may stand in a page as it is.
pub(super) struct Html(String);

impl std::fmt::Display for Html {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Template)]
#[template(path = "apps/answer.html")]
struct Plain<'a> {
    markdown: &'a str,
}

/// Shows an answer; for now as the text that it is.
pub(super) fn shown(markdown: &str) -> Html {
    let rendered = Plain { markdown }.render().unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be rendered");
        String::new()
    });
    Html(rendered)
}
