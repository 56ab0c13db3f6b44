//! The published list, read row by row into rows of the register. Pure: tables, a mapping of columns and the register
//! in; rows, and every line that is none with what is wrong and what to do, out.
//!
//! A field that has no column keeps what is known of the row, so a short list does not wipe out a long one.

mod cells;
mod taking;

pub(crate) use taking::{Plan, command, fields, mapping, plan, remember, take_up, waiting, would_stop};

use crate::sheet::{Columns, Line, Sheet, SheetError, Wanted, lacking};
use jiff::civil::Date;
use sekisho_domain::ismap::party::is_corporate_number;
use sekisho_domain::ismap::{ListStatus, Registration, Scheme};
use sekisho_domain::register::Register;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Longest text of a cell that is taken into a row.
const LONGEST: usize = 4_000;

const fn wanted(field: &'static str, label: &'static str, headings: &'static [&'static str]) -> Wanted {
    Wanted { field, label, headings, required: false }
}

const fn needed(field: &'static str, label: &'static str, headings: &'static [&'static str]) -> Wanted {
    Wanted { field, label, headings, required: true }
}

/// The fields of a row, with the headings under which they are met. The official columns are not known to the program:
/// the mapping is chosen by people and kept.
pub(crate) const WANTED: [Wanted; 21] = [
    needed("registration_no", "登録番号", &["登録番号", "登録No", "登録No.", "番号", "No.", "registration_no"]),
    wanted("scheme", "区分（ISMAP・ISMAP-LIU）", &["区分", "制度", "レベル", "登録区分", "scheme"]),
    needed(
        "csp_name",
        "事業者名",
        &["事業者名", "クラウドサービス事業者", "クラウドサービス事業者名", "申請者名", "csp_name"],
    ),
    wanted("corporate_number", "法人番号", &["法人番号", "corporate_number"]),
    needed(
        "service_name",
        "サービス名",
        &["サービス名", "クラウドサービス名", "クラウドサービスの名称", "サービス名称", "service_name"],
    ),
    wanted("service_models", "サービスモデル", &["サービスモデル", "サービス種別", "IaaS/PaaS/SaaS", "service_models"]),
    wanted("statement_scope", "言明の対象範囲", &["言明の対象範囲", "対象範囲", "statement_scope"]),
    wanted("sub_services", "サブサービス", &["サブサービス", "対象サービス", "対象機能", "sub_services"]),
    wanted("regions", "地域", &["地域", "リージョン", "データの所在", "regions"]),
    wanted(
        "generative_ai",
        "生成AI機能の有無",
        &["生成AI機能", "生成AI機能の有無", "生成AI", "生成AIの有無", "generative_ai"],
    ),
    wanted("ai_information", "生成AIに関する情報", &["生成AIに関する情報", "生成AI情報", "ai_information"]),
    wanted("audit_body", "監査機関", &["監査機関", "監査機関名", "audit_body"]),
    wanted("audit_period", "監査対象期間（一つの列）", &["監査対象期間", "audit_period"]),
    wanted(
        "audit_period_start",
        "監査対象期間の初日",
        &["監査対象期間（開始）", "監査対象期間の初日", "監査対象期間開始日", "audit_period_start"],
    ),
    wanted(
        "audit_period_end",
        "監査対象期間の末日",
        &["監査対象期間（終了）", "監査対象期間の末日", "監査対象期間終了日", "audit_period_end"],
    ),
    needed("registered_on", "登録日", &["登録日", "登録年月日", "初回登録日", "registered_on"]),
    wanted("valid_until", "有効期限", &["有効期限", "登録の有効期限", "有効期限日", "valid_until"]),
    wanted("status", "状態", &["状態", "登録状態", "ステータス", "備考（状態）", "status"]),
    wanted(
        "objectives",
        "基本言明要件のうち実施している統制目標",
        &["統制目標", "基本言明要件", "実施している統制目標", "objectives"],
    ),
    wanted("subsequent_events", "後発事象", &["後発事象", "subsequent_events"]),
    wanted("governing_law", "準拠法", &["準拠法", "governing_law"]),
];

/// Stands in the mapping for "this field has no column", where its heading would say otherwise.
pub(crate) const UNUSED: &str = "-";

/// A line that could not be taken, or could not be taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reject {
    /// Number of the row in the file.
    pub(crate) row: u64,
    /// Registration number, as far as one could be read.
    pub(crate) number: String,
    /// The column.
    pub(crate) column: &'static str,
    /// What is wrong.
    pub(crate) wrong: String,
    /// What to do.
    pub(crate) remedy: &'static str,
}

/// Something to know about a line that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    /// Number of the row in the file.
    pub(crate) row: u64,
    /// Registration number.
    pub(crate) number: String,
    /// What to know.
    pub(crate) text: String,
}

/// What was read of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    /// Rows, in the order of the file.
    pub(crate) rows: Vec<Registration>,
    /// Number of the row in the file, of each registration number that was read.
    pub(crate) lines: BTreeMap<String, u64>,
    /// Lines that are none.
    pub(crate) rejects: Vec<Reject>,
    /// What to know about lines that are.
    pub(crate) notes: Vec<Note>,
    /// Numbers in lines that could not be taken: nobody may conclude that they are missing.
    pub(crate) unread: BTreeSet<String>,
}

impl Reading {
    /// A line that could not be taken has no number: then nobody can say what is missing.
    pub(crate) fn hides_numbers(&self) -> bool {
        self.rejects.iter().any(|reject| reject.number.is_empty())
    }
}

/// What a table looks like before its lines are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    /// The mapping with what could be guessed.
    pub(crate) columns: Columns,
    /// Names of all tables of the file.
    pub(crate) sheets: Vec<String>,
    /// Headings of the chosen one.
    pub(crate) headings: Vec<String>,
    /// Fields nothing can be taken without, and for which no column was found.
    pub(crate) lacking: Vec<&'static str>,
}

/// Looks at the headings.
pub(crate) fn shape(sheets: &[Sheet], columns: Columns) -> Shape {
    let names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
    // A mapping kept from another file may name a worksheet this one does not have.
    let columns = if columns.sheet(sheets).is_none() { Columns { sheet: String::new(), ..columns } } else { columns };
    let Some(sheet) = columns.sheet(sheets) else { return Shape { columns, sheets: names, ..Shape::default() } };
    // Nor need it have anything in the row in which that one had its headings.
    let columns = if columns.head(sheet, &WANTED).is_none() { Columns { head: 0, ..columns } } else { columns };
    let Some((_, head)) = columns.head(sheet, &WANTED) else {
        let lacking = lacking(&BTreeMap::new(), &WANTED);
        return Shape { columns, sheets: names, headings: Vec::new(), lacking };
    };
    // A heading that this file does not have is no choice any more.
    let mut columns = columns;
    let known: BTreeSet<String> = columns.places(head).into_keys().collect();
    columns.headings.retain(|field, heading| heading == UNUSED || known.contains(field));
    let columns = columns.guessed(head, &WANTED);
    let lacking = lacking(&columns.places(head), &WANTED);
    let headings = head.cells.iter().filter(|cell| !cell.is_empty()).cloned().collect();
    Shape { columns, sheets: names, headings, lacking }
}

/// Reads the lines below the headings.
pub(crate) fn read(
    sheets: &[Sheet],
    columns: &Columns,
    register: &Register,
    fetched_on: Date,
) -> Result<Reading, SheetError> {
    let missing = |what: String| SheetError {
        ja: format!("{what}の列が分かりません。下の「列の対応」で選んでください。"),
        en: format!("no column was found for {what}; choose it in the mapping of columns"),
    };
    let sheet = columns.sheet(sheets).ok_or_else(|| missing("リスト".into()))?;
    let (at, head) = columns.head(sheet, &WANTED).ok_or_else(|| missing("見出し".into()))?;
    let places = columns.places(head);
    let lacking = lacking(&places, &WANTED);
    if !lacking.is_empty() {
        return Err(missing(lacking.join("、")));
    }
    let mut reading = Reading::default();
    let mut lines: Vec<(u64, Registration)> = Vec::new();
    for line in sheet.lines.iter().skip(at + 1) {
        let cells = Cells { line, places: &places };
        if line.cells.iter().filter(|cell| !cell.is_empty()).count() < 2 {
            let text = "一つのセルにだけ書かれた行なので、注記とみなして読みませんでした。".to_owned();
            reading.notes.push(Note { row: line.number, number: String::new(), text });
            continue;
        }
        let number = cells::plain(cells.get("registration_no").unwrap_or(""));
        let mut row = Row { line: line.number, number: &number, rejects: Vec::new(), notes: Vec::new() };
        match row.read(&cells, register.registration(&number), fetched_on) {
            Some(read) if row.rejects.is_empty() => lines.push((line.number, read)),
            _ => drop(reading.unread.insert(number.clone())),
        }
        reading.notes.append(&mut row.notes);
        reading.rejects.append(&mut row.rejects);
    }
    once(lines, &mut reading);
    reading.unread.remove("");
    Ok(reading)
}

/// Takes each number once: a line that stands twice with the same content is told, with another content refused.
fn once(lines: Vec<(u64, Registration)>, reading: &mut Reading) {
    let mut by_number: BTreeMap<String, Vec<(u64, usize)>> = BTreeMap::new();
    for (at, (line, row)) in lines.iter().enumerate() {
        by_number.entry(row.number.clone()).or_default().push((*line, at));
    }
    let mut left_out = BTreeSet::new();
    for (number, places) in by_number.into_iter().filter(|(_, places)| places.len() > 1) {
        let row = |at: usize| lines.get(at).map(|(_, row)| row);
        let all = places.iter().map(|(line, _)| line.to_string()).collect::<Vec<_>>().join("、");
        let same = places.windows(2).all(|pair| match pair {
            [(_, one), (_, other)] => row(*one) == row(*other),
            _ => true,
        });
        for (line, at) in places.iter().skip(usize::from(same)) {
            left_out.insert(*at);
            if same {
                let text = format!("{all} 行目に同じ内容で書かれています。一度だけ取り込みます。");
                reading.notes.push(Note { row: *line, number: number.clone(), text });
            } else {
                reading.unread.insert(number.clone());
                reading.rejects.push(Reject {
                    row: *line,
                    number: number.clone(),
                    column: "登録番号",
                    wrong: format!("同じ登録番号が {all} 行目にあり、内容が違います。"),
                    remedy: "公表元で正しい行を確かめ、一つだけ残してください。",
                });
            }
        }
    }
    for (_, (line, row)) in lines.into_iter().enumerate().filter(|(at, _)| !left_out.contains(at)) {
        reading.lines.insert(row.number.clone(), line);
        reading.rows.push(row);
    }
    reading.rejects.sort_by_key(|reject| reject.row);
    reading.notes.sort_by_key(|note| note.row);
}

/// The cells of a line by the fields they are of.
struct Cells<'a> {
    line: &'a Line,
    places: &'a BTreeMap<String, usize>,
}

impl<'a> Cells<'a> {
    /// A field's text; `None` when it has no column.
    fn get(&self, field: &str) -> Option<&'a str> {
        let place = self.places.get(field)?;
        Some(self.line.cells.get(*place).map_or("", String::as_str))
    }
}

/// A line on its way to a row.
struct Row<'a> {
    line: u64,
    number: &'a str,
    rejects: Vec<Reject>,
    notes: Vec<Note>,
}

impl Row<'_> {
    fn reject(&mut self, column: &'static str, wrong: impl Into<String>, remedy: &'static str) {
        let (row, number, wrong) = (self.line, self.number.to_owned(), wrong.into());
        self.rejects.push(Reject { row, number, column, wrong, remedy });
    }

    fn note(&mut self, text: impl Into<String>) {
        self.notes.push(Note { row: self.line, number: self.number.to_owned(), text: text.into() });
    }

    fn day(&mut self, column: &'static str, text: &str) -> Option<Date> {
        let day = cells::day(text);
        if day.is_none() {
            let wrong = match cells::plain(text) {
                empty if empty.is_empty() => "日付がありません。".to_owned(),
                text => format!("「{}」を日付として読めません。", short(&text)),
            };
            self.reject(
                column,
                wrong,
                "2027-01-31、2027/1/31、2027年1月31日、令和9年1月31日 のどれかの形にしてください。",
            );
        }
        day
    }

    /// A text that must be there.
    fn words(&mut self, column: &'static str, text: &str, most: usize) -> String {
        let text = cells::plain(text);
        match text.chars().count() {
            0 => self.reject(column, "空です。", "公表元のリストで確かめて入力してください。"),
            long if long > most => {
                self.reject(
                    column,
                    format!("{long} 文字あります（{most} 文字まで）。"),
                    "短くするか、列の対応を確かめてください。",
                );
            }
            _ => {}
        }
        text
    }

    fn read(&mut self, cells: &Cells<'_>, known: Option<&Registration>, fetched_on: Date) -> Option<Registration> {
        let number = self.words("登録番号", self.number, 60);
        let csp_name = self.words("事業者名", cells.get("csp_name").unwrap_or(""), 200);
        let service_name = self.words("サービス名", cells.get("service_name").unwrap_or(""), 200);
        let registered_on = self.day("登録日", cells.get("registered_on").unwrap_or(""));
        let scheme = match cells.get("scheme") {
            None => known.map_or(Scheme::Ismap, |row| row.scheme),
            Some(text) => cells::scheme(text).unwrap_or_else(|| {
                let wrong = format!("「{}」が ISMAP か ISMAP-LIU か分かりません。", short(text));
                self.reject("区分", wrong, "ISMAP または ISMAP-LIU と書いてください。");
                Scheme::Ismap
            }),
        };
        let period = self.period(cells, known);
        let computed = period.and_then(|(_, end)| sekisho_domain::ismap::computed_expiry(end));
        let official = match cells.get("valid_until").map(cells::plain) {
            Some(text) if !text.is_empty() => self.day("有効期限", &text),
            _ => computed.inspect(|day| {
                self.note(format!("有効期限が書かれていないので、監査対象期間の末日から計算した {day} を使います。"));
            }),
        };
        if official.is_none() && !self.rejects.iter().any(|reject| reject.column == "有効期限") {
            let wrong = "有効期限も監査対象期間の末日もありません。";
            self.reject("有効期限", wrong, "どちらかの列を対応させるか、日付を入力してください。");
        }
        if let (Some(official), Some(computed)) = (official, computed)
            && official != computed
        {
            self.note(format!("リストの有効期限は {official}、監査対象期間の末日からの計算では {computed} です。リストの日付を使います。"));
        }
        let (registered_on, valid_until) = (registered_on?, official?);
        if valid_until < registered_on {
            let wrong = format!("有効期限 {valid_until} が登録日 {registered_on} より前です。");
            self.reject("有効期限", wrong, "公表元のリストで二つの日付を確かめてください。");
        }
        let mut row = Registration {
            csp_name,
            audit_period: period,
            ..Registration::listed(number, scheme, service_name, registered_on, valid_until)
        };
        self.status(cells, known, &mut row, fetched_on);
        self.more(cells, known, &mut row);
        Some(row)
    }

    fn period(&mut self, cells: &Cells<'_>, known: Option<&Registration>) -> Option<(Date, Date)> {
        let period = match (cells.get("audit_period"), cells.get("audit_period_start"), cells.get("audit_period_end")) {
            (_, Some(from), Some(to)) if !from.is_empty() || !to.is_empty() => {
                let (from, to) = (self.day("監査対象期間の初日", from), self.day("監査対象期間の末日", to));
                from.zip(to)
            }
            (Some(text), ..) if !text.is_empty() => {
                let period = cells::period(text);
                if period.is_none() {
                    let wrong = format!("「{}」を期間として読めません。", short(text));
                    self.reject("監査対象期間", wrong, "2024-10-01～2025-09-30 の形にしてください。");
                }
                period
            }
            (None, None, None) => known.and_then(|row| row.audit_period),
            _ => None,
        };
        if let Some((from, to)) = period
            && to < from
        {
            self.reject(
                "監査対象期間",
                format!("末日 {to} が初日 {from} より前です。"),
                "公表元のリストで確かめてください。",
            );
        }
        period
    }

    fn status(&mut self, cells: &Cells<'_>, known: Option<&Registration>, row: &mut Registration, fetched_on: Date) {
        let Some(text) = cells.get("status") else {
            // A list without this column does not say that a suspension has ended.
            if known.is_some_and(|known| known.status == ListStatus::Suspended) {
                row.status = ListStatus::Suspended;
            }
            return;
        };
        match cells::status(text) {
            Some((status, renewing)) => {
                row.status = status;
                if renewing {
                    let filed =
                        known.and_then(|known| known.renewal_filed_on).unwrap_or(fetched_on.min(row.valid_until));
                    row.renewal_filed_on = Some(filed);
                    self.note(format!("更新審査中と書かれています。申請日はリストにないので、{filed} までに申請されたものとして扱います。"));
                }
            }
            None => {
                let wrong = format!("「{}」という状態は分かりません。", short(text));
                self.reject(
                    "状態",
                    wrong,
                    "登録、更新審査中、一時停止、削除 のどれかにしてください（空欄は登録です）。",
                );
            }
        }
    }

    /// What a row may leave unsaid.
    fn more(&mut self, cells: &Cells<'_>, known: Option<&Registration>, row: &mut Registration) {
        if let Some(text) = cells.get("corporate_number") {
            let number = cells::corporate_number(text);
            if number.is_empty() || is_corporate_number(&number) {
                row.corporate_number = number;
            } else {
                let wrong = format!("「{}」は 13 桁の法人番号ではないか、検査用数字が合いません。", short(text));
                self.reject("法人番号", wrong, "国税庁法人番号公表サイトで確かめてください。空欄でも取り込めます。");
            }
        } else if let Some(known) = known {
            row.corporate_number.clone_from(&known.corporate_number);
        }
        let text = |this: &mut Self, column: &'static str, field: &str, kept: fn(&Registration) -> &String| {
            let Some(text) = cells.get(field) else { return known.map(kept).cloned().unwrap_or_default() };
            if text.chars().count() > LONGEST {
                this.reject(
                    column,
                    format!("{LONGEST} 文字を超えています。"),
                    "短くするか、列の対応を確かめてください。",
                );
            }
            text.trim().to_owned()
        };
        row.statement_scope = text(self, "言明の対象範囲", "statement_scope", |row| &row.statement_scope);
        row.ai_information = text(self, "生成AIに関する情報", "ai_information", |row| &row.ai_information);
        row.audit_firm = text(self, "監査機関", "audit_body", |row| &row.audit_firm);
        row.subsequent_events = text(self, "後発事象", "subsequent_events", |row| &row.subsequent_events);
        row.governing_law = text(self, "準拠法", "governing_law", |row| &row.governing_law);
        if let Some(known) = known {
            row.jurisdiction.clone_from(&known.jurisdiction);
            row.foreign_law_risk.clone_from(&known.foreign_law_risk);
        }
        let kept = |field: fn(&Registration) -> &BTreeSet<String>| known.map(field).cloned().unwrap_or_default();
        row.service_models = cells.get("service_models").map_or_else(|| kept(|row| &row.service_models), cells::set);
        row.objectives = cells.get("objectives").map_or_else(|| kept(|row| &row.objectives), cells::set);
        row.scope.regions = cells.get("regions").map_or_else(|| kept(|row| &row.scope.regions), cells::names);
        row.scope.sub_services =
            cells.get("sub_services").map_or_else(|| kept(|row| &row.scope.sub_services), cells::names);
        row.scope.generative_ai = self.generative_ai(cells, known, row);
    }

    /// Whether generative AI is in the scope. A text that says neither yes nor no is for people to read.
    fn generative_ai(&mut self, cells: &Cells<'_>, known: Option<&Registration>, row: &Registration) -> bool {
        let before = known.is_some_and(|known| known.scope.generative_ai);
        if let Some(text) = cells.get("generative_ai") {
            return cells::yes(text).unwrap_or_else(|| {
                let wrong = format!("「{}」が有か無か分かりません。", short(text));
                self.reject("生成AI機能", wrong, "有 または 無 と書いてください。");
                before
            });
        }
        if cells.get("ai_information").is_none() {
            return before;
        }
        cells::yes(&row.ai_information).unwrap_or_else(|| {
            let kept = if before { "対象に含む" } else { "対象に含まない" };
            self.note(format!(
                "生成AIに関する情報が文章で書かれています。読んで確かめるまで「{kept}」として扱います。"
            ));
            before
        })
    }
}

/// As much of a cell as an explanation needs.
fn short(text: &str) -> String {
    let text = cells::plain(text);
    if text.chars().count() > 40 { format!("{}…", text.chars().take(40).collect::<String>()) } else { text }
}

#[cfg(test)]
mod tests;
