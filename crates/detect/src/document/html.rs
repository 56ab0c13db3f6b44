//! HTML: what a reader sees, in blocks, and what stands beside it.
//!
//! The tokens come from a tokenizer that follows the standard; no tree is built, because only two things are asked of an
//! element: whether it begins a block and whether it is hidden. Style sheets are not applied: what they hide counts as
//! seen, which errs on the safe side.

use std::collections::{BTreeMap, HashMap};

use html5gum::{DefaultEmitter, HtmlString, Token, Tokenizer};

use super::reading::{At, Reading};
use super::{Kind, PartKind, Reason, Unreadable, encoding};

/// The text of a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What a reader sees; blocks are lines, cells are separated by tabs.
    pub(super) body: String,
    /// Hidden elements, scripts, alternative texts, addresses of links.
    pub(super) hidden: String,
    pub(super) comments: String,
    /// Title and what `meta` says.
    pub(super) properties: String,
    /// Data that lie in the page itself (`data:`), by the type they declare.
    pub(super) data: Vec<String>,
}

/// Reads a page.
pub(super) fn read(reading: &mut Reading, at: &At, bytes: &[u8]) -> Result<Kind, Unreadable> {
    let characters = match declared_encoding(bytes) {
        Some(label) => encoding::decode_declared(&label, bytes, reading.text_left()),
        None => encoding::decode(bytes, reading.text_left()),
    };
    let page = text(&characters.map_err(|reason| at.fail(reason))?);
    push(reading, at, "", page)?;
    Ok(Kind::Html)
}

/// Adds the texts of a page.
pub(super) fn push(reading: &mut Reading, at: &At, place: &str, page: Page) -> Result<(), Unreadable> {
    reading.push(at, PartKind::Property, place, page.properties)?;
    reading.push(at, PartKind::Body, place, page.body)?;
    reading.push(at, PartKind::Comment, place, page.comments)?;
    reading.push(at, PartKind::Hidden, place, page.hidden)?;
    for format in page.data {
        reading.unseen(at.member("data:").fail(Reason::Media { format }));
    }
    Ok(())
}

/// What `meta` or the XML declaration says, looked for as ASCII.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096))?).to_ascii_lowercase();
    let after = ["charset", "encoding"].iter().find_map(|word| {
        let rest = head.split_once(word)?.1.trim_start().strip_prefix('=')?;
        Some(rest.trim_start().trim_start_matches(['"', '\'']))
    })?;
    let label: String =
        after.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':')).collect();
    (!label.is_empty()).then_some(label)
}

/// The text of a page.
pub(super) fn text(html: &str) -> Page {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut walker = Walker::default();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => walker.start(&lossy(&tag.name), &tag.attributes, tag.self_closing),
            Ok(Token::EndTag(tag)) => walker.end(&lossy(&tag.name)),
            Ok(Token::String(text)) => walker.text(&lossy(&text)),
            Ok(Token::Comment(comment)) => push_line(&mut walker.page.comments, lossy(&comment).trim()),
            Ok(Token::Doctype(_) | Token::Error(_)) => {}
        }
    }
    walker.finish()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

type Attributes = BTreeMap<HtmlString, html5gum::Spanned<HtmlString, ()>>;

#[derive(Default)]
struct Walker {
    page: Page,
    /// Open elements by the number of their name, and whether each hides what is in it.
    open: Vec<(u32, Holds)>,
    names: HashMap<String, u32>,
    /// How many elements of each name are open, so that a stray end tag costs nothing.
    counts: Vec<u32>,
    hiding: usize,
    verbatim: usize,
    title: usize,
    ruby: usize,
    readings: String,
    script: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Text,
    Hidden,
    Script,
    Title,
    Reading,
    Verbatim,
}

impl Walker {
    fn start(&mut self, name: &str, attributes: &Attributes, self_closing: bool) {
        let get = |key: &str| attributes.get(key.as_bytes()).map(|value| lossy(value));
        self.attributes(name, attributes);
        self.boundary(name);
        let void = matches!(
            name,
            "area"
                | "base"
                | "br"
                | "col"
                | "embed"
                | "hr"
                | "img"
                | "input"
                | "link"
                | "meta"
                | "source"
                | "track"
                | "wbr"
        );
        if void || self_closing {
            return;
        }
        let holds = match name {
            "script" | "style" => Holds::Script,
            "title" => Holds::Title,
            "rt" | "rp" | "rtc" => Holds::Reading,
            "template" => Holds::Hidden,
            _ if attributes.contains_key(b"hidden".as_slice()) || get("style").is_some_and(|style| hides(&style)) => {
                Holds::Hidden
            }
            "pre" | "textarea" | "listing" | "xmp" => Holds::Verbatim,
            _ => Holds::Text,
        };
        if let Some(count) = self.counter(holds) {
            *count += 1;
        }
        let next = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        let number = *self.names.entry(name.to_owned()).or_insert(next);
        if number == next {
            self.counts.push(0);
        }
        if let Some(count) = self.counts.get_mut(number as usize) {
            *count += 1;
        }
        self.open.push((number, holds));
    }

    fn end(&mut self, name: &str) {
        self.boundary(name);
        let Some(&number) = self.names.get(name) else { return };
        if self.counts.get(number as usize).copied().unwrap_or(0) == 0 {
            return;
        }
        while let Some((open, holds)) = self.open.pop() {
            if let Some(count) = self.counts.get_mut(open as usize) {
                *count = count.saturating_sub(1);
            }
            if let Some(count) = self.counter(holds) {
                *count = count.saturating_sub(1);
            }
            if open == number {
                break;
            }
        }
    }

    fn counter(&mut self, holds: Holds) -> Option<&mut usize> {
        match holds {
            Holds::Text => None,
            Holds::Hidden => Some(&mut self.hiding),
            Holds::Script => Some(&mut self.script),
            Holds::Title => Some(&mut self.title),
            Holds::Reading => Some(&mut self.ruby),
            Holds::Verbatim => Some(&mut self.verbatim),
        }
    }

    fn out(&mut self) -> &mut String {
        if self.title > 0 {
            &mut self.page.properties
        } else if self.hiding > 0 || self.script > 0 {
            &mut self.page.hidden
        } else if self.ruby > 0 {
            &mut self.readings
        } else {
            &mut self.page.body
        }
    }

    fn text(&mut self, text: &str) {
        if self.verbatim > 0 || self.script > 0 {
            self.out().push_str(text);
            return;
        }
        let out = self.out();
        for c in text.chars() {
            if !c.is_ascii_whitespace() {
                out.push(c);
            } else if !out.is_empty() && !out.ends_with([' ', '\n', '\t']) {
                out.push(' ');
            }
        }
    }

    /// A block begins or ends a line, a cell ends with a tab; everything else runs on.
    fn boundary(&mut self, name: &str) {
        const INLINE: [&str; 43] = [
            "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del", "dfn", "em",
            "font", "i", "img", "input", "ins", "kbd", "label", "mark", "nobr", "output", "q", "rb", "rp", "rt", "rtc",
            "ruby", "s", "samp", "script", "style", "template", "small", "span", "strong", "sub", "sup", "tspan", "u",
            "wbr",
        ];
        if INLINE.contains(&name) {
            if name == "ruby" && !self.readings.is_empty() && !self.readings.ends_with('\n') {
                self.readings.push('\n');
            }
            return;
        }
        let separator = if matches!(name, "td" | "th") { '\t' } else { '\n' };
        let out = self.out();
        while out.ends_with(' ') || (separator == '\n' && out.ends_with('\t')) {
            out.pop();
        }
        if !out.is_empty() && !out.ends_with(['\n', '\t']) {
            out.push(separator);
        }
    }

    fn attributes(&mut self, name: &str, attributes: &Attributes) {
        let get = |key: &str| {
            attributes.get(key.as_bytes()).map(|value| lossy(value)).filter(|value| !value.trim().is_empty())
        };
        if name == "meta" {
            if let Some(content) = get("content") {
                push_line(&mut self.page.properties, &content);
            }
            return;
        }
        for (key, value) in attributes {
            let (key, value) = (lossy(key), lossy(value));
            match key.as_str() {
                "alt" | "title" | "aria-label" | "summary" | "srcdoc" | "download" => {
                    push_line(&mut self.page.hidden, &value)
                }
                "placeholder" | "label" => push_line(&mut self.page.body, &value),
                "value" if name == "input" && get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")) => {
                    push_line(&mut self.page.hidden, &value);
                }
                "value" => push_line(&mut self.page.body, &value),
                "href" | "src" | "action" | "background" | "poster" | "xlink:href" | "data" => self.address(&value),
                key if key.starts_with("data-")
                    && (!value.is_ascii() || value.contains('@') || digits(&value) >= 7) =>
                {
                    push_line(&mut self.page.hidden, &value);
                }
                _ => {}
            }
        }
    }

    fn address(&mut self, address: &str) {
        match address.trim_start().strip_prefix("data:") {
            Some(data) => {
                let format: String = data.chars().take_while(|c| !matches!(c, ';' | ',')).take(64).collect();
                self.page.data.push(format);
            }
            None if address.starts_with('#') => {}
            None => push_line(&mut self.page.hidden, address),
        }
    }

    fn finish(mut self) -> Page {
        push_line(&mut self.page.body, self.readings.trim_end());
        self.page
    }
}

/// Whether a `style` attribute hides its element: by not showing it, in letters without size, or white on nothing.
fn hides(style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let white = ["color:#fff;", "color:#ffffff;", "color:white;"];
    let closed = format!(";{style};");
    closed.contains("display:none")
        || closed.contains("visibility:hidden")
        || closed.contains("mso-hide:all")
        || ["font-size:0;", "font-size:0px;", "font-size:0pt;", "opacity:0;"].iter().any(|zero| closed.contains(zero))
        || (white.iter().any(|white| closed.contains(&format!(";{white}"))) && !closed.contains("background"))
}

fn digits(value: &str) -> usize {
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// A line of its own; the line before it is ended first.
fn push_line(out: &mut String, line: &str) {
    if !line.trim().is_empty() {
        if !out.is_empty() && !out.ends_with(['\n', '\t']) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_lines_and_what_is_inline_runs_on() {
        let page = text("<h1>架空市</h1><p>番号は<b>1234</b><span>5678</span>9018です<br>以上</p>\n  <p>次</p>");
        assert_eq!(page.body, "架空市\n番号は123456789018です\n以上\n次\n");
    }

    #[test]
    fn cells_are_separated_by_tabs() {
        let page = text("<table><tr><th>氏名</th><th>番号</th></tr> <tr><td>架空</td><td>12</td></tr></table>");
        assert_eq!(page.body, "氏名\t番号\n架空\t12\n");
    }

    #[test]
    fn what_is_hidden_is_found_and_kept_apart() {
        let page = text(
            "<p>見える</p><div hidden>隠し一</div><p style='Display : none'>隠し二<b>の中</b></p><span style=\"color:#FFF\">白</span>\
             <span style='color:#fff;background:navy'>白抜き</span><input type=hidden value=隠し三><script>let n = '隠し四';</script>\
             <img alt=庁舎の図 src='data:image/png;base64,AAAA'><a href='mailto:a@example.jp'>連絡</a><!-- 覚え書き -->",
        );
        assert_eq!(page.body, "見える\n白抜き連絡");
        for hidden in ["隠し一", "隠し二の中", "白", "隠し三", "隠し四", "庁舎の図", "mailto:a@example.jp"]
        {
            assert!(page.hidden.contains(hidden), "{hidden} in {}", page.hidden);
        }
        assert_eq!(page.comments, "覚え書き\n");
        assert_eq!(page.data, ["image/png"]);
    }

    #[test]
    fn title_and_description_are_properties_and_readings_do_not_break_names() {
        let page = text("<title>題</title><meta name=description content=説明><p><ruby>山<rt>やま</rt></ruby>田</p>");
        assert_eq!(page.properties, "題\n説明\n");
        assert_eq!(page.body, "山田\nやま\n");
    }

    #[test]
    fn the_declared_encoding_is_found() {
        assert_eq!(declared_encoding(b"<meta charset=Shift_JIS>").unwrap(), "shift_jis");
        assert_eq!(declared_encoding(b"<meta content='text/html; charset = euc-jp'>").unwrap(), "euc-jp");
        assert_eq!(declared_encoding(b"<?xml version='1.0' encoding='utf-8'?>").unwrap(), "utf-8");
    }

    #[test]
    fn stray_end_tags_and_depth_cost_linear_time() {
        let deep = format!("{}架空{}", "<b>".repeat(200_000), "</i>".repeat(200_000));
        assert_eq!(text(&deep).body.trim(), "架空");
    }
}
