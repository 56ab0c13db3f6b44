//! One line of the table: an item, the heading of a chapter or a section, or what is wrong with it.

use super::Remark;
use crate::sheet::Line;
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization as _;

/// Longest name of a chapter, in characters.
const LONGEST_TITLE: usize = 200;
/// Longest name of an audit group, in characters.
const LONGEST_GROUP: usize = 40;
/// Longest cycle, in years.
const LONGEST_CYCLE: u8 = 20;

/// A line and the columns of the fields.
pub(super) struct Place<'a> {
    pub(super) line: &'a Line,
    pub(super) columns: &'a BTreeMap<String, usize>,
}

/// What a line is.
pub(super) enum Found {
    /// The heading of a chapter.
    Chapter(u16, String),
    /// The heading of a section, of which a catalogue knows nothing.
    Section,
    /// An item.
    Item {
        criterion: Criterion,
        /// Title of its chapter; empty where the line does not say.
        chapter: String,
        /// Suffix and columns say different things.
        disagrees: bool,
    },
}

impl Place<'_> {
    /// What stands in a field; `None` where it has no column.
    fn cell(&self, field: &str) -> Option<&str> {
        let at = self.columns.get(field)?;
        Some(self.line.cells.get(*at).map_or("", String::as_str))
    }

    fn reject(&self, column: &'static str, value: &str, ja: impl Into<String>, en: impl Into<String>) -> Remark {
        Remark::new(Some(self.line.number), column, value, ja, en)
    }

    /// Nothing stands in the fields that only an item has.
    fn is_bare(&self) -> bool {
        ["provider", "basic", "group", "cycle"].iter().all(|field| self.cell(field).unwrap_or("").is_empty())
    }

    fn flag(&self, field: &str, column: &'static str, default: bool) -> Result<bool, Remark> {
        let Some(cell) = self.cell(field) else { return Ok(default) };
        let plain: String = cell.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        match plain.as_str() {
            "○" | "〇" | "◯" | "●" | "◎" | "✓" | "✔" | "レ" | "1" | "y" | "yes" | "true" | "p" | "b" | "pb" | "有"
            | "あり" | "該当" | "はい" => Ok(true),
            "" | "-" | "ー" | "―" | "‐" | "−" | "×" | "x" | "0" | "n" | "no" | "false" | "無" | "なし" | "非該当"
            | "いいえ" => Ok(false),
            _ => Err(self.reject(
                column,
                cell,
                format!(
                    "`{}` が該当するかどうか分かりません。該当する項目は ○、しない項目は空欄にしてください。",
                    short(cell)
                ),
                format!("`{}` is neither yes nor no; write ○, or leave it empty", short(cell)),
            )),
        }
    }

    fn cycle(&self) -> Result<Option<u8>, Remark> {
        let cell = self.cell("cycle").unwrap_or("");
        let plain: String = cell.nfkc().filter(|c| !c.is_whitespace()).collect();
        let digits = plain.strip_suffix("年ごと").or_else(|| plain.strip_suffix('年')).unwrap_or(&plain);
        if digits.is_empty() || digits == "-" {
            return Ok(None);
        }
        match digits.parse::<u8>() {
            Ok(years) if (1..=LONGEST_CYCLE).contains(&years) => Ok(Some(years)),
            _ => Err(self.reject(
                "周期（年）",
                cell,
                format!(
                    "`{}` は年数として読めません。1 から {LONGEST_CYCLE} の数字か、空欄にしてください。",
                    short(cell)
                ),
                format!("`{}` is no number of years; write 1 to {LONGEST_CYCLE}, or leave it empty", short(cell)),
            )),
        }
    }

    fn within(&self, field: &str, column: &'static str, most: usize) -> Result<String, Remark> {
        let cell = self.cell(field).unwrap_or("");
        if cell.chars().count() <= most {
            return Ok(cell.to_owned());
        }
        Err(self.reject(
            column,
            cell,
            format!("{most} 文字を超えています。短くしてください。"),
            format!("longer than {most} characters; shorten it"),
        ))
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Reads a line.
pub(super) fn read(place: &Place<'_>) -> Result<Found, Vec<Remark>> {
    let written = place.cell("id").unwrap_or("");
    if written.is_empty() {
        return Err(vec![place.reject(
            "項目番号",
            "",
            "項目番号がありません。番号を書くか、項目でない行（注記など）を除いてください。",
            "the row has no number; write one, or remove the row if it is no item",
        )]);
    }
    let id = match CriterionId::parse(written) {
        Ok(id) => id,
        Err(bad) => {
            return heading(place, written)
                .ok_or_else(|| vec![place.reject("項目番号", written, bad.ja(), bad.to_string())]);
        }
    };
    let mut rejects = Vec::new();
    let mut kept = |result: Result<bool, Remark>| result.map_err(|reject| rejects.push(reject)).unwrap_or(false);
    let flag_provider = kept(place.flag("provider", "提供者特有", id.says_provider()));
    let flag_basic = kept(place.flag("basic", "基本言明要件", id.says_basic()));
    let cycle_years = place.cycle().map_err(|reject| rejects.push(reject)).unwrap_or(None);
    let audit_group = place.within("group", "監査グループ", LONGEST_GROUP).map_err(|r| rejects.push(r));
    let chapter = place.within("chapter", "章の名称", LONGEST_TITLE).map_err(|r| rejects.push(r));
    let (Ok(audit_group), Ok(chapter), true) = (audit_group, chapter, rejects.is_empty()) else { return Err(rejects) };
    let disagrees = flag_provider != id.says_provider() || flag_basic != id.says_basic();
    let canonical = id.to_string();
    let criterion = Criterion {
        id,
        raw_id: if canonical == written { String::new() } else { written.chars().take(80).collect() },
        text: place.cell("text").unwrap_or("").to_owned(),
        flag_provider,
        flag_basic,
        audit_group,
        cycle_years,
    };
    Ok(Found::Item { criterion, chapter, disagrees })
}

/// `5`, `第5章` or `5.1` in a line that says nothing else of an item.
fn heading(place: &Place<'_>, written: &str) -> Option<Found> {
    if !place.is_bare() {
        return None;
    }
    let plain: String = written.nfkc().filter(|c| !c.is_whitespace()).collect();
    let bare = plain.strip_prefix("A.").unwrap_or(&plain);
    let bare = bare.strip_prefix('第').and_then(|rest| rest.strip_suffix('章')).unwrap_or(bare);
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|n| digits && *n > 0)
    };
    match bare.trim_end_matches('.').split_once('.') {
        None => {
            let chapter = number(bare.trim_end_matches('.'))?;
            let titled = [place.cell("chapter"), place.cell("text")].into_iter().flatten();
            let title = titled.into_iter().find(|text| !text.is_empty())?;
            (title.chars().count() <= LONGEST_TITLE).then(|| Found::Chapter(chapter, title.to_owned()))
        }
        Some((chapter, section)) => number(chapter).and(number(section)).map(|_| Found::Section),
    }
}
