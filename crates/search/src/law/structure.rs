//! From the tree of a file to a law.

mod provisions;

use std::collections::HashMap;

use super::article_number::ItemNumber;
use super::error::{Odd, ReadError};
use super::inline::{self, Notes};
use super::law_id::{Era, LawId, LawKind, LawNumber, date};
use super::provision::{Paragraph, Place, Provision, ProvisionKind};
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

    /// A name that no other provision has.
    fn key(&mut self, key: String) -> String {
        let count = self.keys.entry(key.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { key } else { format!("{key}#{count}") }
    }
}

fn main(place: Option<Place>) -> Section {
    Section { place: place.unwrap_or(Place::Main), prefix: String::new(), path: Vec::new() }
}

fn only_deleted(paragraphs: &[Paragraph]) -> bool {
    let [only] = paragraphs else { return false };
    only.parts.is_empty() && matches!(only.text.trim(), "削除" | "削　除")
}

/// The number in a title such as 別表第一, 別記様式第三号の二 or 様式第５.
pub(crate) fn appended_number(title: &str) -> Option<ItemNumber> {
    // What it relates to stands in brackets behind: 別表（第二十八条関係）.
    let named = title.trim_start_matches(['（', '(']).split(['（', '(']).next()?;
    named.find('第').and_then(|at| ItemNumber::loose(named.get(at..)?)).map(|(number, _)| number)
}

/// The name of an appended part within a law: `table1`, `form3_2`, `table`.
pub(crate) fn appended_key(kind: ProvisionKind, number: Option<ItemNumber>) -> String {
    number.map_or_else(|| kind.word().to_owned(), |number| format!("{}{}", kind.word(), number.key()))
}
