//! Articles, paragraphs, items and appended parts from their elements.

use super::{Reading, Section, appended_key, appended_number, only_deleted};
use crate::law::article_number::{self, ArticleNumber, ItemNumber};
use crate::law::error::Odd;
use crate::law::inline;
use crate::law::provision::{Item, Paragraph, Part, Provision, ProvisionKind};
use crate::law::tree::Element;

impl Reading<'_> {
    /// An appended part, or an element that is not known here; its text is kept.
    pub(super) fn unknown(&mut self, element: &Element<'_>, section: &mut Section) {
        let kind = match &*element.tag {
            "AppdxTable" | "SupplProvisionAppdxTable" | "TableStruct" => ProvisionKind::Table,
            "AppdxStyle" | "SupplProvisionAppdxStyle" | "StyleStruct" => ProvisionKind::Form,
            "AppdxFig" | "FigStruct" => ProvisionKind::Figure,
            "AppdxNote" | "NoteStruct" => ProvisionKind::Note,
            "AppdxFormat" | "FormatStruct" => ProvisionKind::Format,
            "Appdx" | "SupplProvisionAppdx" => ProvisionKind::Appendix,
            _ => {
                self.notes.check(element);
                ProvisionKind::Note
            }
        };
        let (mut title, mut related, mut rest) = (String::new(), String::new(), Vec::new());
        self.notes.path_in(element);
        for child in element.elements() {
            match child.tag.strip_prefix(&*element.tag) {
                Some("Title") => title = inline::text(child, &mut self.notes),
                _ if child.tag == "ArithFormulaNum" => title = inline::text(child, &mut self.notes),
                _ if child.tag == "RelatedArticleNum" => related = inline::text(child, &mut self.notes),
                _ => self.part(child, &mut rest),
            }
        }
        if element.elements().next().is_none() {
            let text = inline::text(element, &mut self.notes);
            rest.extend((!text.is_empty()).then_some(Part::Block(text)));
        }
        self.notes.path_out();
        let deleted = rest.is_empty() && related.contains("削除");
        let number = appended_number(&title);
        let key = self.key(format!("{}{}", section.prefix, appended_key(kind, number)));
        self.law.provisions.push(Provision {
            key,
            place: section.place.clone(),
            kind,
            number: None,
            last_number: None,
            title: title + &related,
            caption: String::new(),
            path: section.path.clone(),
            deleted,
            paragraphs: Vec::new(),
            rest,
        });
    }

    pub(super) fn article(&mut self, element: &Element<'_>, section: &Section) {
        self.notes.path_in(element);
        let (mut title, mut caption, mut paragraphs, mut rest) = (String::new(), String::new(), Vec::new(), Vec::new());
        for child in element.elements() {
            match &*child.tag {
                "ArticleTitle" => title = inline::text(child, &mut self.notes),
                "ArticleCaption" => caption = without_brackets(inline::text(child, &mut self.notes)),
                "Paragraph" => {
                    let paragraph = self.paragraph(child);
                    paragraphs.push(paragraph);
                }
                _ => self.part(child, &mut rest),
            }
        }
        let num = element.get("Num").unwrap_or_default();
        let (number, last_number) = match article_number::range(num) {
            Some((first, last)) => (Some(first), last),
            None => {
                self.notes.odd(element, Odd::UnreadableNumber(num.to_owned()));
                (ArticleNumber::leading(&title).map(|(number, _)| number), None)
            }
        };
        self.notes.path_out();
        let key = number.map_or_else(|| "x".to_owned(), |number| number.key());
        let key = format!("{}{key}", section.prefix);
        if self.keys.contains_key(&key) {
            self.notes.odd(element, Odd::DoubleNumber(key.clone()));
        }
        let key = self.key(key);
        let deleted = element.get("Delete") == Some("true") || only_deleted(&paragraphs);
        self.law.provisions.push(Provision {
            key,
            place: section.place.clone(),
            kind: ProvisionKind::Article,
            number,
            last_number,
            title,
            caption,
            path: section.path.clone(),
            deleted,
            paragraphs,
            rest,
        });
    }

    pub(super) fn paragraph(&mut self, element: &Element<'_>) -> Paragraph {
        self.notes.path_in(element);
        let mut paragraph = Paragraph {
            number: element.get("Num").and_then(|num| num.parse().ok()).unwrap_or(1),
            ..Paragraph::default()
        };
        for child in element.elements() {
            match &*child.tag {
                "ParagraphCaption" => paragraph.caption = inline::text(child, &mut self.notes),
                "ParagraphNum" => paragraph.label = inline::text(child, &mut self.notes),
                "ParagraphSentence" => paragraph.text = inline::text(child, &mut self.notes),
                _ => self.part(child, &mut paragraph.parts),
            }
        }
        // Old laws print no numbers; e-Gov, and everybody who cites them, counts the paragraphs in circles.
        if paragraph.label.is_empty() && paragraph.number > 1 && element.get("OldNum") == Some("true") {
            paragraph.label = circled(paragraph.number);
        }
        self.notes.path_out();
        paragraph
    }

    fn part(&mut self, element: &Element<'_>, out: &mut Vec<Part>) {
        if element.tag == "Item" || element.tag == "Class" || element.tag.starts_with("Subitem") {
            let item = self.item(element);
            out.push(Part::Item(item));
            return;
        }
        let mut lines = Vec::new();
        inline::lines(element, &mut self.notes, &mut lines);
        if !lines.is_empty() {
            out.push(Part::Block(lines.join("\n")));
        }
    }

    fn item(&mut self, element: &Element<'_>) -> Item {
        self.notes.path_in(element);
        let mut item = Item::default();
        for child in element.elements() {
            match child.tag.strip_prefix(&*element.tag) {
                Some("Title") => item.label = inline::text(child, &mut self.notes),
                Some("Sentence") => item.text = inline::text(child, &mut self.notes),
                _ => self.part(child, &mut item.parts),
            }
        }
        let num = element.get("Num").and_then(|num| num.split(':').next()).and_then(|num| num.parse().ok());
        item.number = num.or_else(|| ItemNumber::loose(&item.label).map(|(number, _)| number));
        self.notes.path_out();
        item
    }
}

fn without_brackets(caption: String) -> String {
    let inner = caption.trim().strip_prefix(['（', '(']).and_then(|inner| inner.strip_suffix(['）', ')']));
    inner.map(str::to_owned).unwrap_or(caption)
}

fn circled(number: u32) -> String {
    let c = match number {
        1..=20 => 0x2460 + number - 1,
        21..=35 => 0x3251 + number - 21,
        36..=50 => 0x32b1 + number - 36,
        _ => return format!("（{number}）"),
    };
    char::from_u32(c).map(String::from).unwrap_or_default()
}
