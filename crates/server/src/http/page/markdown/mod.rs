//! Markdown of a model as HTML: only the tags written here, nothing loaded from anywhere, HTML in it shown as text.

mod math;

use math::mathml;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Most formulas of one answer that are set as such.
const MOST_FORMULAS: usize = 500;

/// Renders an answer whose headings begin below a heading of this level.
pub(super) fn html(markdown: &str, below: usize) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_MATH;
    let mut page = Page { top: below, level: below, ..Page::default() };
    for event in Parser::new_ext(markdown, options) {
        // Tables are filled up to their width: a short text can become a very long page.
        if page.html.len() > MOST_BYTES {
            return format!("<pre tabindex=\"0\">{}</pre>", escaped(markdown));
        }
        page.event(event);
    }
    page.html
}

/// Longest page of one answer; a longer one is shown as the text that it is.
const MOST_BYTES: usize = 2_000_000;

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    escape(&mut html, text);
    html
}

/// Escapes what stands between tags or in an attribute.
pub(super) fn escape(into: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            _ => into.push(c),
        }
    }
}

/// The host of an address that may be followed; `None` for everything but http and https.
fn host_of(address: &str) -> Option<String> {
    if is_source(address) {
        return Some(String::new());
    }
    let url = reqwest::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.host_str().map(str::to_owned)).flatten()
}

/// A law, record or document in this program: pages that are read and change nothing.
fn is_source(address: &str) -> bool {
    let plain = |b: u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.' | b'~' | b'%' | b'?' | b'=' | b'&' | b'#')
    };
    ["/research/law/", "/research/diet/", "/research/document/"].iter().any(|below| address.starts_with(below))
        && address.bytes().all(plain)
        && !address.contains("..")
}

#[derive(Default)]
struct Page {
    html: String,
    /// Level of the heading that the whole stands below.
    top: usize,
    /// Level of the last heading, so that none is left out.
    level: usize,
    heading: usize,
    /// Of the links that are open: the host, where it may be followed.
    links: Vec<Option<String>>,
    /// Of the pictures that are open: where they would have come from.
    pictures: Vec<String>,
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
    formulas: usize,
}

impl Page {
    fn text(&mut self, text: &str) {
        escape(&mut self.html, text);
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => self.code(&text),
            Event::InlineMath(text) => self.math(&text, false),
            Event::DisplayMath(text) => self.math(&text, true),
            Event::FootnoteReference(name) => self.text(&format!("[^{name}]")),
            // Where a line ends is meant in Japanese, and a space is never right there.
            Event::SoftBreak => self.html.push_str("<br>\n"),
            Event::HardBreak => self.html.push_str("<br>\n"),
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::TaskListMarker(done) => self.html.push_str(if done { "☑ " } else { "☐ " }),
        }
    }

    fn code(&mut self, text: &str) {
        self.html.push_str("<code>");
        self.text(text);
        self.html.push_str("</code>");
    }

    fn math(&mut self, text: &str, block: bool) {
        self.formulas += 1;
        match mathml(text, block).filter(|_| self.formulas <= MOST_FORMULAS) {
            Some(math) if block => {
                self.html.push_str("<span class=\"formula\" tabindex=\"0\" role=\"group\" aria-label=\"数式\">");
                self.html.push_str(&math);
                self.html.push_str("</span>");
            }
            Some(math) => self.html.push_str(&math),
            None => self.code(text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.html.push_str("<p>"),
            Tag::Heading { level, .. } => {
                // Below the message's own, and never two steps down at once.
                let wanted = self.top + level as usize;
                self.heading = wanted.min(self.level + 1).min(6);
                self.level = self.heading;
                self.html.push_str(&format!("<h{}>", self.heading));
            }
            Tag::BlockQuote(_) => self.html.push_str("<blockquote>\n"),
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(language) if !language.is_empty() => format!("コード（{language}）"),
                    CodeBlockKind::Fenced(_) | CodeBlockKind::Indented => "コード".to_owned(),
                };
                self.html.push_str("<pre tabindex=\"0\" role=\"group\" aria-label=\"");
                self.text(&language);
                self.html.push_str("\"><code>");
            }
            Tag::List(Some(first)) if first != 1 => self.html.push_str(&format!("<ol start=\"{first}\">\n")),
            Tag::List(Some(_)) => self.html.push_str("<ol>\n"),
            Tag::List(None) => self.html.push_str("<ul>\n"),
            Tag::Item => self.html.push_str("<li>"),
            Tag::Table(columns) => {
                self.columns = columns;
                self.html.push_str("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"表\"><table>\n");
            }
            Tag::TableHead => {
                (self.in_head, self.column) = (true, 0);
                self.html.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.html.push_str("<tr>");
            }
            Tag::TableCell => {
                let side = match self.columns.get(self.column) {
                    Some(Alignment::Right) => " class=\"right\"",
                    Some(Alignment::Center) => " class=\"middle\"",
                    _ => "",
                };
                self.html.push_str(if self.in_head { "<th scope=\"col\"" } else { "<td" });
                self.html.push_str(side);
                self.html.push('>');
            }
            Tag::Emphasis => self.html.push_str("<em>"),
            Tag::Strong => self.html.push_str("<strong>"),
            Tag::Strikethrough => self.html.push_str("<del>"),
            Tag::Link { dest_url, .. } => {
                let host = host_of(&dest_url);
                if host.is_some() {
                    self.html.push_str("<a rel=\"noopener noreferrer\" href=\"");
                    self.text(&dest_url);
                    self.html.push_str("\">");
                }
                self.links.push(host);
            }
            Tag::Image { dest_url, .. } => {
                self.html.push_str("<span class=\"picture\">［画像（表示しません）: ");
                self.pictures.push(host_of(&dest_url).unwrap_or_default());
            }
            // Not switched on, and harmless if they came.
            Tag::HtmlBlock
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.html.push_str("</p>\n"),
            TagEnd::Heading(_) => self.html.push_str(&format!("</h{}>\n", self.heading)),
            TagEnd::BlockQuote(_) => self.html.push_str("</blockquote>\n"),
            TagEnd::CodeBlock => self.html.push_str("</code></pre>\n"),
            TagEnd::List(true) => self.html.push_str("</ol>\n"),
            TagEnd::List(false) => self.html.push_str("</ul>\n"),
            TagEnd::Item => self.html.push_str("</li>\n"),
            TagEnd::Table => self.html.push_str("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.html.push_str("</tr></thead><tbody>\n");
            }
            TagEnd::TableRow => self.html.push_str("</tr>\n"),
            TagEnd::TableCell => {
                self.column += 1;
                self.html.push_str(if self.in_head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis => self.html.push_str("</em>"),
            TagEnd::Strong => self.html.push_str("</strong>"),
            TagEnd::Strikethrough => self.html.push_str("</del>"),
            TagEnd::Link => {
                if let Some(Some(host)) = self.links.pop() {
                    self.html.push_str("</a>");
                    if !host.is_empty() {
                        self.html.push_str(" <span class=\"host\">（");
                        self.text(&host);
                        self.html.push_str("）</span>");
                    }
                }
            }
            TagEnd::Image => {
                let host = self.pictures.pop().unwrap_or_default();
                if !host.is_empty() {
                    self.text(&format!("（{host}）"));
                }
                self.html.push_str("］</span>");
            }
            TagEnd::HtmlBlock => self.html.push('\n'),
            TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }
}

/// A text as one line of Markdown in which nothing is markup: the way back.
pub(super) fn unmarked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn nothing_a_model_writes_becomes_markup_of_its_own() {
        let hostile = [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](  JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "<javascript:alert(1)>",
            "![x\"onerror=alert(1)](https://evil.example/p.png)",
            "[a](https://ok.example/\"onmouseover=\"alert(1))",
            "```\"><script>alert(1)</script>\nx\n```",
            "| <b>a</b> |\n|---|\n| <svg onload=alert(1)> |",
            "$</math><script>alert(1)</script>$",
            "$$\\text{<img src=x onerror=alert(1)>}$$",
            "<style>*{}</style>",
            "<!-- x --><base href=//evil.example>",
            "[^1]: <iframe src=//evil.example>",
        ];
        for text in hostile {
            let html = html(text, 3);
            for banned in [
                "<script",
                "<img",
                "<svg",
                "<iframe",
                "<style",
                "<base",
                "<b>",
                " style=",
                "href=\"javascript",
                "href=\"data",
                "src=",
            ] {
                // What is escaped is text: the tags begin with `<`, the attributes stand in none.
                let inside = html.replace("&lt;", "‹");
                let attribute = banned.starts_with(' ') || banned.starts_with("src");
                assert!(
                    attribute && !in_a_tag(&inside, banned) || !attribute && !inside.contains(banned),
                    "{text}: {html}"
                );
            }
        }
    }

    /// Whether this stands between `<` and `>`.
    fn in_a_tag(html: &str, wanted: &str) -> bool {
        html.split('<').skip(1).any(|tag| {
            tag.split('>').next().is_some_and(|tag| {
                // Values of attributes are quoted: what stands outside of quotes is what a browser reads as attributes.
                tag.split('"').step_by(2).collect::<String>().contains(wanted.trim_end_matches("\""))
            })
        })
    }

    #[test]
    fn a_picture_is_not_loaded_and_a_link_says_where_it_goes() {
        let html = html("![図](https://pictures.example/a.png) と [資料](https://www.example.go.jp/x?a=1&b=2)", 3);
        assert!(html.contains("［画像（表示しません）: 図（pictures.example）］"), "{html}");
        assert!(
            html.contains(
                "href=\"https://www.example.go.jp/x?a=1&amp;b=2\">資料</a> <span class=\"host\">（www.example.go.jp）"
            ),
            "{html}"
        );
        assert!(html.contains("rel=\"noopener noreferrer\""), "{html}");
    }

    #[test]
    fn a_source_in_this_program_is_linked_and_no_other_page_is() {
        let html = html(
            "[条](/research/law/399AC1/5_2) [出](/signout) [外](//evil.example/research/law/x) [上](/research/law/../signout)",
            3,
        );
        assert!(html.contains("href=\"/research/law/399AC1/5_2\">条</a> "), "{html}");
        assert_eq!(html.matches("href").count(), 1, "{html}");
    }

    #[test]
    fn headings_go_down_one_step_at_a_time() {
        let html = html("### 三\n# 一\n## 二\n###### 六", 3);
        let levels: Vec<&str> = html.lines().filter_map(|line| line.get(..4)).collect();
        assert_eq!(levels, ["<h4>", "<h4>", "<h5>", "<h6>"], "{html}");
    }

    #[test]
    fn a_table_can_be_reached_and_read() {
        let html = html("| 品目 | 額 |\n|---|--:|\n| 紙 | 10 |", 3);
        assert!(
            html.contains("<div class=\"scroll\" tabindex=\"0\"") && html.contains("<th scope=\"col\">品目</th>"),
            "{html}"
        );
        assert!(html.contains("<td class=\"right\">10</td>"), "{html}");
    }
}
