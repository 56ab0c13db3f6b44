//! A Word file with headings, paragraphs, lists, code and tables: no more than a conversation needs.

use super::export::Section;
use crate::http::page::markdown::escape;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>"#;
const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
const NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// Writes the file.
pub(in crate::http::page) fn write(title: &str, purpose: &str, sections: &[Section]) -> ZipResult<Vec<u8>> {
    let mut body = Body::default();
    body.paragraph(Some("Title"), title);
    body.paragraph(None, purpose);
    for section in sections {
        body.paragraph(Some("Heading1"), &section.heading);
        for line in &section.about {
            body.paragraph(Some("About"), line);
        }
        if section.markdown {
            body.markdown(&section.text);
        } else {
            for line in section.text.lines() {
                body.paragraph(None, line);
            }
        }
    }
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><w:document xmlns:w=\"{NAMESPACE}\"><w:body>{}<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1701\" w:right=\"1418\" w:bottom=\"1418\" w:left=\"1418\" w:header=\"851\" w:footer=\"851\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>",
        body.xml
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", PACKAGE),
        ("word/_rels/document.xml.rels", DOCUMENT),
        ("word/styles.xml", &styles()),
        ("word/document.xml", &document),
    ] {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn styles() -> String {
    let style = |id: &str, name: &str, paragraph: &str, run: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        )
    };
    let mut all = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><w:styles xmlns:w=\"{NAMESPACE}\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"ＭＳ 明朝\"/><w:sz w:val=\"21\"/><w:lang w:val=\"en-US\" w:eastAsia=\"ja-JP\"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>"
    );
    all.push_str(&style("Title", "Title", "<w:spacing w:after=\"240\"/>", "<w:b/><w:sz w:val=\"32\"/>"));
    for (level, size) in [(1, 26), (2, 24), (3, 22)] {
        let paragraph = format!("<w:keepNext/><w:spacing w:before=\"240\"/><w:outlineLvl w:val=\"{}\"/>", level - 1);
        let run = format!("<w:b/><w:sz w:val=\"{size}\"/>");
        all.push_str(&style(&format!("Heading{level}"), &format!("heading {level}"), &paragraph, &run));
    }
    all.push_str(&style("About", "About", "", "<w:color w:val=\"4D4D4D\"/><w:sz w:val=\"18\"/>"));
    all.push_str(&style("Quote", "Quote", "<w:ind w:left=\"420\"/>", "<w:i/>"));
    let code = "<w:rFonts w:ascii=\"Consolas\" w:hAnsi=\"Consolas\" w:eastAsia=\"ＭＳ ゴシック\"/><w:sz w:val=\"19\"/>";
    all.push_str(&style("Code", "Code", "<w:ind w:left=\"210\"/>", code));
    all.push_str("</w:styles>");
    all
}

#[derive(Default)]
struct Body {
    xml: String,
    /// Runs of the paragraph that is open.
    runs: String,
    style: Option<&'static str>,
    bold: usize,
    italic: usize,
    quote: usize,
    code: bool,
    /// Of the lists that are open: the number of the next item, where it has one.
    lists: Vec<Option<u64>>,
}

impl Body {
    fn paragraph(&mut self, style: Option<&'static str>, text: &str) {
        self.style = style;
        self.run(text);
        self.close();
    }

    fn run(&mut self, text: &str) {
        // XML knows no other control characters.
        let text: String = text
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\t' | '\n'))
            .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
            .collect();
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.runs.push_str("<w:r><w:br/></w:r>");
            }
            if line.is_empty() {
                continue;
            }
            self.runs.push_str("<w:r>");
            if self.bold > 0 || self.italic > 0 {
                let (bold, italic) =
                    (if self.bold > 0 { "<w:b/>" } else { "" }, if self.italic > 0 { "<w:i/>" } else { "" });
                self.runs.push_str(&format!("<w:rPr>{bold}{italic}</w:rPr>"));
            }
            self.runs.push_str("<w:t xml:space=\"preserve\">");
            escape(&mut self.runs, line);
            self.runs.push_str("</w:t></w:r>");
        }
    }

    fn close(&mut self) {
        let style = self.style.take().map(|style| format!("<w:pStyle w:val=\"{style}\"/>")).unwrap_or_default();
        let indent = match self.lists.len() {
            0 => String::new(),
            depth => format!("<w:ind w:left=\"{}\" w:hanging=\"315\"/>", 420 * depth),
        };
        let runs = std::mem::take(&mut self.runs);
        self.xml.push_str(&format!("<w:p><w:pPr>{style}{indent}</w:pPr>{runs}</w:p>"));
    }

    /// Closes what is open before something else begins.
    fn close_if_open(&mut self) {
        if !self.runs.is_empty() {
            self.close();
        }
    }

    fn markdown(&mut self, markdown: &str) {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut addresses: Vec<String> = Vec::new();
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    self.close_if_open();
                    self.style = Some(if level as usize <= 2 { "Heading2" } else { "Heading3" });
                }
                Event::Start(Tag::CodeBlock(_)) => {
                    self.close_if_open();
                    self.code = true;
                    self.style = Some("Code");
                }
                Event::Start(Tag::BlockQuote(_)) => {
                    self.close_if_open();
                    self.quote += 1;
                }
                Event::End(TagEnd::BlockQuote(_)) => self.quote = self.quote.saturating_sub(1),
                Event::Start(Tag::Paragraph) if self.quote > 0 => self.style = Some("Quote"),
                Event::Start(Tag::List(first)) => {
                    self.close_if_open();
                    self.lists.push(first);
                }
                Event::End(TagEnd::List(_)) => drop(self.lists.pop()),
                Event::Start(Tag::Item) => {
                    let sign = match self.lists.last_mut() {
                        Some(Some(number)) => {
                            *number += 1;
                            format!("{}. ", *number - 1)
                        }
                        Some(None) | None => "・".to_owned(),
                    };
                    self.run(&sign);
                }
                Event::End(TagEnd::Item) => self.close_if_open(),
                Event::Start(Tag::Strong) => self.bold += 1,
                Event::End(TagEnd::Strong) => self.bold = self.bold.saturating_sub(1),
                Event::Start(Tag::Emphasis) => self.italic += 1,
                Event::End(TagEnd::Emphasis) => self.italic = self.italic.saturating_sub(1),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    addresses.push(dest_url.to_string())
                }
                Event::End(TagEnd::Link | TagEnd::Image) => {
                    let address = addresses.pop().unwrap_or_default();
                    self.run(&format!("（{address}）"));
                }
                Event::Start(Tag::Table(columns)) => {
                    self.close_if_open();
                    self.xml.push_str(TABLE);
                    let grid = "<w:gridCol/>".repeat(columns.len());
                    self.xml.push_str(&format!("<w:tblGrid>{grid}</w:tblGrid>"));
                }
                Event::End(TagEnd::Table) => self.xml.push_str("</w:tbl><w:p/>"),
                Event::Start(Tag::TableHead) => {
                    self.bold += 1;
                    self.xml.push_str("<w:tr>");
                }
                Event::Start(Tag::TableRow) => self.xml.push_str("<w:tr>"),
                Event::End(TagEnd::TableHead) => {
                    self.bold = self.bold.saturating_sub(1);
                    self.xml.push_str("</w:tr>");
                }
                Event::End(TagEnd::TableRow) => self.xml.push_str("</w:tr>"),
                Event::Start(Tag::TableCell) => self.xml.push_str("<w:tc>"),
                Event::End(TagEnd::TableCell) => {
                    self.close();
                    self.xml.push_str("</w:tc>");
                }
                Event::End(TagEnd::CodeBlock) => {
                    self.code = false;
                    self.close();
                }
                Event::End(TagEnd::Paragraph | TagEnd::Heading(_)) => self.close_if_open(),
                Event::Text(text) if self.code => self.run(text.trim_end_matches('\n')),
                Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => self.run(&text),
                Event::SoftBreak | Event::HardBreak => self.run("\n"),
                Event::Rule => self.paragraph(None, "―――"),
                Event::TaskListMarker(done) => self.run(if done { "☑ " } else { "☐ " }),
                Event::FootnoteReference(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::Start(_)
                | Event::End(_) => {}
            }
        }
        self.close_if_open();
        (self.bold, self.italic, self.quote, self.code) = (0, 0, 0, false);
        self.lists.clear();
    }
}

const TABLE: &str = "<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/><w:tblBorders><w:top w:val=\"single\" w:sz=\"4\"/><w:left w:val=\"single\" w:sz=\"4\"/><w:bottom w:val=\"single\" w:sz=\"4\"/><w:right w:val=\"single\" w:sz=\"4\"/><w:insideH w:val=\"single\" w:sz=\"4\"/><w:insideV w:val=\"single\" w:sz=\"4\"/></w:tblBorders></w:tblPr>";

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::Reader;
    use std::io::Read as _;

    /// The document of a file, which must be well formed, with every element closed.
    fn document(text: &str) -> String {
        let section =
            Section { heading: "見出し".into(), about: vec!["a<b".into()], text: text.into(), markdown: true };
        let bytes = write("題 & 名\u{1}", "業務", &[section]).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut document = String::new();
        zip.by_name("word/document.xml").unwrap().read_to_string(&mut document).unwrap();
        let mut reader = Reader::from_str(&document);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        document
    }

    #[test]
    fn what_a_model_writes_becomes_a_well_formed_document() {
        let document = document(
            "# 題\n\n**太** *斜*\n\n- a\n  1. b\n  2. c\n\n```\n<x>\ny\n```\n\n> 引用\n\n| a | b |\n|---|---|\n| <i> | 2 |\n\n<script>x</script>\u{b}",
        );
        for text in ["題 &amp; 名", "a&lt;b", "&lt;script&gt;", "<w:tbl>", "<w:b/>", "1. ", "・"] {
            assert!(document.contains(text), "{text}: {document}");
        }
        assert!(!document.contains('\u{1}') && !document.contains('\u{b}'));
    }
}
