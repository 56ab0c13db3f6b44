//! From the tree of a file to a law.

use std::collections::HashMap;

use super::article_number::{self, ArticleNumber, ItemNumber};
use super::error::{Odd, ReadError};
use super::inline::{self, Notes};
use super::law_id::{Era, LawId, LawKind, LawNumber, date};
use super::provision::{Item, Paragraph, Part, Place, Provision, ProvisionKind};
use super::text::{Heading, LawText};
use super::tree::Element;

/// Finds the law in a file and reads it.
///
/// # Errors
/// [`ReadError::Refused`] for an error of the API, [`ReadError::NoLaw`] where no law stands.
pub(crate) fn read(root: &Element<'_>, source: &[u8]) -> Result<LawText, ReadError> {
    let mut reading = Reading::new(source);
    if let Some(law) = root.find("Law") {
        reading.law(law);
    } else if let Some(contents) = root.find("LawContents") {
        reading.partial(contents);
    } else {
        let plain = |tag| root.find(tag).map(|found| inline::text(found, &mut Notes::new(&[]))).unwrap_or_default();
        let code = plain("Code");
        if !matches!(code.as_str(), "" | "0" | "2") {
            return Err(ReadError::Refused { code, message: plain("Message") });
        }
        return Err(ReadError::NoLaw { wanted: "Law" });
    }
    let mut law = reading.finish();
    if let Some(id) = ["LawId", "law_id"].iter().find_map(|tag| root.find(tag)) {
        law.law_id = LawId::new(&inline::text(id, &mut Notes::new(&[])));
    }
    if law.law_num.is_empty()
        && let Some(num) = root.find("LawNum")
    {
        law.law_num = inline::text(num, &mut Notes::new(&[]));
    }
    Ok(law)
}

struct Reading<'f> {
    law: LawText,
    notes: Notes<'f>,
    keys: HashMap<String, usize>,
    supplements: usize,
}

/// Where the reader stands among headings.
struct Section {
    place: Place,
    /// What stands before the names of provisions: `s505AC63.`
    prefix: String,
    path: Vec<String>,
}

impl<'f> Reading<'f> {
    fn new(source: &'f [u8]) -> Self {
        let law = LawText {
            law_num: String::new(),
            title: String::new(),
            title_kana: None,
            abbreviations: Vec::new(),
            kind: LawKind::Misc,
            era: None,
            year: None,
            num: None,
            promulgated: None,
            law_id: None,
            enforced: None,
            amending: None,
            enactment: Vec::new(),
            headings: Vec::new(),
            provisions: Vec::new(),
            oddities: Vec::new(),
        };
        Self { law, notes: Notes::new(source), keys: HashMap::new(), supplements: 0 }
    }

    fn finish(self) -> LawText {
        LawText { oddities: self.notes.finish(), ..self.law }
    }

    fn law(&mut self, element: &Element<'_>) {
        self.law.kind = element.get("LawType").map_or(LawKind::Misc, LawKind::from_name);
        self.law.era = element.get("Era").and_then(Era::from_name);
        self.law.year = element.get("Year").and_then(|year| year.parse().ok());
        self.law.num = element.get("Num").and_then(|num| num.parse().ok());
        let number = |name| element.get(name).and_then(|value| value.parse::<u32>().ok());
        if let (Some(month), Some(day)) = (number("PromulgateMonth"), number("PromulgateDay")) {
            self.law.promulgated = self.law.era.zip(self.law.year).and_then(|(era, year)| date(era, year, month, day));
            if self.law.promulgated.is_none() {
                self.notes.odd(element, Odd::UnreadableDate(format!("{month}-{day}")));
            }
        }
        for child in element.elements() {
            match &*child.tag {
                "LawNum" => self.law.law_num = inline::text(child, &mut self.notes),
                "LawBody" => self.body(child),
                _ => self.unknown(child, &mut main(None)),
            }
        }
    }

    fn body(&mut self, element: &Element<'_>) {
        for child in element.elements() {
            match &*child.tag {
                "LawTitle" => {
                    self.law.title = inline::text(child, &mut self.notes);
                    self.law.title_kana = child.get("Kana").map(str::to_owned);
                    let short = child.get("Abbrev").unwrap_or_default().split(['，', ',', '、']);
                    self.law.abbreviations =
                        short.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
                }
                "EnactStatement" => self.law.enactment.push(inline::text(child, &mut self.notes)),
                // The headings stand again above their provisions.
                "TOC" => {}
                "Preamble" => self.section(child, &mut main(Some(Place::Preamble))),
                "MainProvision" => self.section(child, &mut main(None)),
                "SupplProvision" => self.supplement(child),
                _ => self.unknown(child, &mut main(None)),
            }
        }
    }

    /// A part of a law: some articles, or an appended table.
    fn partial(&mut self, contents: &Element<'_>) {
        self.notes.odd(contents, Odd::Partial);
        self.section(contents, &mut main(None));
    }

    fn supplement(&mut self, element: &Element<'_>) {
        let index = self.supplements;
        self.supplements += 1;
        let amended_by = element.get("AmendLawNum").map(str::to_owned);
        let number = amended_by.as_deref().and_then(|text| LawNumber::leading(text).map(|(number, _)| number));
        let prefix = match (&amended_by, &number) {
            (None, _) => "s.".to_owned(),
            (Some(_), Some(number)) => format!("s{}.", number.short()),
            (Some(_), None) => format!("sx{index}."),
        };
        let mut section = Section { place: Place::Supplement { index, amended_by, number }, prefix, path: Vec::new() };
        self.section(element, &mut section);
    }

    /// What stands below a heading, or in the main provisions or a supplement as a whole.
    fn section(&mut self, element: &Element<'_>, section: &mut Section) {
        self.notes.path_in(element);
        let mut loose: Vec<Paragraph> = Vec::new();
        let mut headed = false;
        for child in element.elements() {
            if child.tag == "Paragraph" {
                let paragraph = self.paragraph(child);
                loose.push(paragraph);
                continue;
            }
            self.loose(&mut loose, section);
            match &*child.tag {
                "Article" => self.article(child, section),
                "Part" | "Chapter" | "Section" | "Subsection" | "Division" => self.section(child, section),
                "PartTitle"
                | "ChapterTitle"
                | "SectionTitle"
                | "SubsectionTitle"
                | "DivisionTitle"
                | "SupplProvisionLabel" => {
                    let title = inline::text(child, &mut self.notes);
                    self.heading(section.path.len(), title.clone());
                    if !headed {
                        section.path.push(title);
                        headed = true;
                    }
                }
                "ArticleRange" => {}
                _ => self.unknown(child, section),
            }
        }
        self.loose(&mut loose, section);
        if headed {
            section.path.pop();
        }
        self.notes.path_out();
    }

    fn heading(&mut self, depth: usize, title: String) {
        self.law.headings.push(Heading { depth, title, provision: self.law.provisions.len() });
    }

    /// Paragraphs without an article, gathered to one provision.
    fn loose(&mut self, paragraphs: &mut Vec<Paragraph>, section: &Section) {
        if paragraphs.is_empty() {
            return;
        }
        let key = self.key(format!("{}p", section.prefix));
        let deleted = only_deleted(paragraphs);
        self.law.provisions.push(Provision {
            key,
            place: section.place.clone(),
            kind: ProvisionKind::Paragraphs,
            number: None,
            last_number: None,
            title: String::new(),
            caption: String::new(),
            path: section.path.clone(),
            deleted,
            paragraphs: std::mem::take(paragraphs),
            rest: Vec::new(),
        });
    }

    /// An appended part, or an element that is not known here; its text is kept.
    fn unknown(&mut self, element: &Element<'_>, section: &mut Section) {
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

    fn article(&mut self, element: &Element<'_>, section: &Section) {
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

    /// A name that no other provision has.
    fn key(&mut self, key: String) -> String {
        let count = self.keys.entry(key.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { key } else { format!("{key}#{count}") }
    }

    fn paragraph(&mut self, element: &Element<'_>) -> Paragraph {
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

fn main(place: Option<Place>) -> Section {
    Section { place: place.unwrap_or(Place::Main), prefix: String::new(), path: Vec::new() }
}

fn only_deleted(paragraphs: &[Paragraph]) -> bool {
    let [only] = paragraphs else { return false };
    only.parts.is_empty() && matches!(only.text.trim(), "削除" | "削　除")
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

/// The number in a title such as 別表第一, 別記様式第三号の二 or 様式第５.
pub(crate) fn appended_number(title: &str) -> Option<ItemNumber> {
    title.find('第').and_then(|at| ItemNumber::loose(title.get(at..)?)).map(|(number, _)| number)
}

/// The name of an appended part within a law: `table1`, `form3_2`, `table`.
pub(crate) fn appended_key(kind: ProvisionKind, number: Option<ItemNumber>) -> String {
    number.map_or_else(|| kind.word().to_owned(), |number| format!("{}{}", kind.word(), number.key()))
}
