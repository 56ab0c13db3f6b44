//! A table of 管理基準 as people bring it, read into a catalogue, or refused line by line with the place and the remedy.
//!
//! Nothing here asks the machine: tables and a mapping of columns go in, a catalogue or rejects come out.

mod line;

use crate::sheet::{self, Columns, Sheet, Wanted, lacking};
use line::{Found, Place};
use sekisho_domain::ismap::catalogue::{Catalogue, CatalogueFault};
use sekisho_domain::ismap::criterion::CriterionId;
use serde::Serialize;
use std::collections::BTreeMap;

/// The fields of an item.
pub(crate) const WANTED: [Wanted; 7] = [
    Wanted {
        field: "id",
        label: "項目番号",
        headings: &["項目番号", "項番", "管理策番号", "管理基準番号", "番号", "No.", "No", "ID"],
        required: true,
    },
    Wanted { field: "chapter", label: "章の名称", headings: &["章の名称", "章", "章名"], required: false },
    Wanted {
        field: "text",
        label: "本文",
        headings: &["本文", "内容", "管理策", "管理基準", "詳細管理策", "統制目標・詳細管理策"],
        required: true,
    },
    Wanted { field: "provider", label: "提供者特有", headings: &["提供者特有", "P"], required: false },
    Wanted { field: "basic", label: "基本言明要件", headings: &["基本言明要件", "B"], required: false },
    Wanted {
        field: "group",
        label: "監査グループ",
        headings: &["監査グループ", "グループ", "監査区分"],
        required: false,
    },
    Wanted {
        field: "cycle",
        label: "周期（年）",
        headings: &["周期(年)", "周期", "監査周期", "周期年数"],
        required: false,
    },
];

/// Heading of a field that is to have no column, whatever is met.
pub(crate) const UNUSED: &str = "-";

/// Something to be said of the table: a reject, or what a person should look at before importing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Remark {
    /// Number of the row; `None` where the table as a whole is meant.
    pub(crate) line: Option<u64>,
    /// The field.
    pub(crate) column: &'static str,
    /// What stands there.
    pub(crate) value: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
    /// The same in English.
    pub(crate) message_en: String,
}

impl Remark {
    fn new(line: Option<u64>, column: &'static str, value: &str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        let value = value.chars().take(80).collect();
        Self { line, column, value, message: ja.into(), message_en: en.into() }
    }

    /// Where and what, in one line for people.
    pub(crate) fn told(&self) -> String {
        match (self.line, self.column) {
            (Some(line), "") => format!("{line} 行目: {}", self.message),
            (Some(line), column) => format!("{line} 行目「{column}」: {}", self.message),
            (None, _) => self.message.clone(),
        }
    }
}

/// A catalogue that was read, and what a person should know of the reading.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) catalogue: Catalogue,
    pub(crate) notices: Vec<Remark>,
}

/// A file as it was looked at.
#[derive(Debug)]
pub(crate) struct Looked {
    /// The mapping with which it was read.
    pub(crate) columns: Columns,
    /// Names of its worksheets.
    pub(crate) sheets: Vec<String>,
    /// Headings to choose from.
    pub(crate) headings: Vec<String>,
    /// Number of the row in which they stand; 0 where there are none.
    pub(crate) head: u64,
    /// What was read, or why not.
    pub(crate) outcome: Result<Reading, Vec<Remark>>,
}

/// Looks at a file with a mapping that is kept, as far as it fits, or with one that was chosen for this very file.
pub(crate) fn look(bytes: &[u8], columns: Columns, chosen: bool) -> Looked {
    let sheets = match sheet::read(bytes) {
        Ok(sheets) => sheets,
        Err(error) => {
            let outcome = Err(vec![Remark::new(None, "", "", error.ja, error.en)]);
            return Looked { columns, sheets: Vec::new(), headings: Vec::new(), head: 0, outcome };
        }
    };
    let columns = if chosen { settled(columns, &sheets) } else { fitted(columns, &sheets) };
    let head = columns.sheet(&sheets).and_then(|sheet| columns.head(sheet, &WANTED)).map(|(_, line)| line);
    Looked {
        headings: head.map(|line| line.cells.iter().filter(|c| !c.is_empty()).cloned().collect()).unwrap_or_default(),
        head: head.map_or(0, |line| line.number),
        sheets: sheets.iter().map(|sheet| sheet.name.clone()).filter(|name| !name.is_empty()).collect(),
        outcome: read(&sheets, &columns),
        columns,
    }
}

/// A mapping for these tables: what is kept of an earlier one as far as it fits, the rest by the headings that are met.
pub(crate) fn fitted(kept: Columns, sheets: &[Sheet]) -> Columns {
    let mut columns = kept;
    if columns.sheet(sheets).is_none() {
        columns.sheet = String::new();
    }
    if columns.sheet.is_empty() && sheets.len() > 1 {
        let most = |sheet: &&Sheet| {
            let head = Columns::default().head(sheet, &WANTED);
            head.map_or(0, |(_, line)| Columns::default().guessed(line, &WANTED).headings.len())
        };
        // The first of those that fit best.
        columns.sheet = sheets.iter().rev().max_by_key(most).map(|sheet| sheet.name.clone()).unwrap_or_default();
    }
    let Some(sheet) = columns.sheet(sheets) else { return columns };
    let fits = |columns: &Columns| {
        columns.head(sheet, &WANTED).is_some_and(|(_, head)| lacking(&columns.places(head), &WANTED).is_empty())
    };
    if columns.head > 0 && !fits(&columns) {
        columns.head = 0;
    }
    settled(columns, sheets)
}

/// A mapping whose headings are among those of its row, the rest by the headings that are met.
fn settled(mut columns: Columns, sheets: &[Sheet]) -> Columns {
    let Some(sheet) = columns.sheet(sheets) else { return columns };
    let Some((_, head)) = columns.head(sheet, &WANTED) else { return columns };
    let places = columns.places(head);
    columns.headings.retain(|field, heading| heading == UNUSED || places.contains_key(field));
    columns.guessed(head, &WANTED)
}

/// Reads the catalogue; every fault is told with its line.
pub(crate) fn read(sheets: &[Sheet], columns: &Columns) -> Result<Reading, Vec<Remark>> {
    let whole = |ja: &str, en: &str| vec![Remark::new(None, "", "", ja, en)];
    let Some(sheet) = columns.sheet(sheets) else {
        let ja = format!("シート「{}」がありません。あるシートを選んでください。", columns.sheet);
        return Err(whole(&ja, &format!("there is no worksheet `{}`; choose one that exists", columns.sheet)));
    };
    let Some((at, head)) = columns.head(sheet, &WANTED) else {
        return Err(whole(
            "見出しの行がありません。項目番号と本文の見出しがある行の番号を指定してください。",
            "there is no row of headings; name the row that holds them",
        ));
    };
    let places = columns.places(head);
    let lacking = lacking(&places, &WANTED);
    if !lacking.is_empty() {
        let (ja, en) = (lacking.join("」「"), lacking.join("`, `"));
        return Err(whole(
            &format!(
                "「{ja}」にあたる列がありません（見出しは {} 行目から読みました）。どの列かを選んでください。",
                head.number
            ),
            &format!("no column is chosen for `{en}` (headings were read in row {}); choose them", head.number),
        ));
    }
    let mut gathered = Gathered::default();
    for line in sheet.lines.iter().skip(at + 1) {
        gathered.take(line.number, line::read(&Place { line, columns: &places }));
    }
    gathered.catalogue()
}

/// What the lines gave.
#[derive(Default)]
struct Gathered {
    chapters: BTreeMap<u16, (u64, String)>,
    criteria: Vec<sekisho_domain::ismap::criterion::Criterion>,
    /// The lines on which a number stands.
    lines: BTreeMap<[u16; 4], Vec<u64>>,
    rejects: Vec<Remark>,
    sections: Vec<u64>,
    disagreeing: Vec<u64>,
}

impl Gathered {
    fn take(&mut self, number: u64, found: Result<Found, Vec<Remark>>) {
        match found {
            Ok(Found::Chapter(chapter, title)) => self.chapter(number, chapter, title),
            Ok(Found::Section) => self.sections.push(number),
            Ok(Found::Item { criterion, chapter, disagrees }) => {
                if !chapter.is_empty() {
                    self.chapter(number, criterion.id.chapter(), chapter);
                }
                if disagrees {
                    self.disagreeing.push(number);
                }
                self.lines.entry(criterion.id.numbers()).or_default().push(number);
                self.criteria.push(criterion);
            }
            Err(rejects) => self.rejects.extend(rejects),
        }
    }

    fn chapter(&mut self, number: u64, chapter: u16, title: String) {
        match self.chapters.get(&chapter) {
            None => {
                self.chapters.insert(chapter, (number, title));
            }
            Some((_, known)) if *known == title => {}
            Some((first, known)) => {
                let ja = format!(
                    "第 {chapter} 章の名称が {first} 行目の「{known}」と違います。同じ名称にそろえてください。"
                );
                let en =
                    format!("the title of chapter {chapter} differs from `{known}` in row {first}; make them the same");
                self.rejects.push(Remark::new(Some(number), "章の名称", &title, ja, en));
            }
        }
    }

    fn catalogue(self) -> Result<Reading, Vec<Remark>> {
        let Self { chapters, criteria, lines, mut rejects, sections, disagreeing } = self;
        let chapters = chapters.into_iter().map(|(chapter, (_, title))| (chapter, title)).collect();
        match Catalogue::new(chapters, criteria) {
            Ok(catalogue) if rejects.is_empty() => Ok(Reading { catalogue, notices: notices(&sections, &disagreeing) }),
            Ok(_) => Err(in_order(rejects)),
            Err(faults) => {
                // Where every line was refused, that nothing is left says nothing new.
                let told = rejects.len();
                let new = faults.iter().filter(|f| told == 0 || !matches!(f, CatalogueFault::Empty));
                let mut twice: BTreeMap<[u16; 4], usize> = BTreeMap::new();
                for fault in new {
                    rejects.push(placed(fault, &lines, &mut twice));
                }
                Err(in_order(rejects))
            }
        }
    }
}

fn in_order(mut rejects: Vec<Remark>) -> Vec<Remark> {
    rejects.sort_by_key(|r| r.line);
    rejects
}

/// A fault of the catalogue with the line it comes from.
fn placed(
    fault: &CatalogueFault,
    lines: &BTreeMap<[u16; 4], Vec<u64>>,
    twice: &mut BTreeMap<[u16; 4], usize>,
) -> Remark {
    let line = |id: &CriterionId, at: usize| lines.get(&id.numbers()).and_then(|lines| lines.get(at)).copied();
    match fault {
        CatalogueFault::Empty | CatalogueFault::TooMany(_) => Remark::new(None, "", "", fault.ja(), fault.to_string()),
        CatalogueFault::Twice(id) => {
            let at = twice.entry(id.numbers()).or_insert(0);
            *at += 1;
            let first = line(id, 0).unwrap_or_default();
            let ja = format!("項目番号 {id} は {first} 行目にもあります。どちらかの行を除いてください。");
            let en = format!("`{id}` stands in row {first} too; remove one of the two");
            Remark::new(line(id, *at), "項目番号", &id.to_string(), ja, en)
        }
        CatalogueFault::Orphan(id) => Remark::new(
            line(id, 0),
            "項目番号",
            &id.to_string(),
            fault.ja(),
            format!("{fault}; import the row of the objective too"),
        ),
        CatalogueFault::Text(id) => Remark::new(
            line(id, 0),
            "本文",
            &id.to_string(),
            format!("{}本文を確かめてください。", fault.ja()),
            fault.to_string(),
        ),
    }
}

fn notices(sections: &[u64], disagreeing: &[u64]) -> Vec<Remark> {
    let mut notices = Vec::new();
    if let Some(first) = sections.first() {
        let n = sections.len();
        notices.push(Remark::new(
            Some(*first),
            "項目番号",
            "",
            format!("番号が 2 つの数字だけの行を、節の見出しとみて {n} 行読み飛ばしました。"),
            format!("{n} rows with two numbers alone were taken for headings and left out"),
        ));
    }
    if let Some(first) = disagreeing.first() {
        let n = disagreeing.len();
        notices.push(Remark::new(
            Some(*first),
            "項目番号",
            "",
            format!(
                "末尾の P・B と、提供者特有・基本言明要件の列が食い違う行が {n} 行あります。列のとおりに取り込みます。"
            ),
            format!("in {n} rows the suffix and the columns of flags disagree; the columns count"),
        ));
    }
    notices
}

#[cfg(test)]
#[path = "criteria_import/tests.rs"]
mod tests;
