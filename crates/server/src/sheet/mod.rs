//! Tables that people bring: CSV in UTF-8 or CP932 (or what else is met in Japan) and XLSX, read line by line with the
//! place each line stands at, so that what is refused can be found again.

mod columns;
mod workbook;

pub(crate) use columns::{Columns, Wanted, lacking};

use sekisho_detect::document::{Reason, decode_text};
use std::fmt;

/// Most bytes of a file, packed and unpacked.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Most lines of a table.
const MOST_LINES: usize = 50_000;
/// Most cells of a line.
const MOST_CELLS: usize = 200;
/// Most characters of a cell: what Excel holds.
const LONGEST_CELL: usize = 32_767;

/// A table: a worksheet, or the whole of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// Name of the worksheet; empty for CSV.
    pub(crate) name: String,
    /// Lines that hold anything, in order.
    pub(crate) lines: Vec<Line>,
}

/// A line with its number, counted from 1 as spreadsheets and editors count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Number of the row, or of the first line of the CSV record.
    pub(crate) number: u64,
    /// Cells, without what surrounds their text.
    pub(crate) cells: Vec<String>,
}

/// Why a file is no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetError {
    /// For people, with what to do.
    pub(crate) ja: String,
    /// The same in English.
    pub(crate) en: String,
}

impl SheetError {
    fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }

    fn too_large(what: &str, most: usize) -> Self {
        Self::new(
            format!("表が大きすぎます（{what}は {most} まで）。分けて取り込んでください。"),
            format!("the table is too large ({what}: at most {most}); import it in parts"),
        )
    }
}

impl fmt::Display for SheetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.ja, self.en)
    }
}

impl std::error::Error for SheetError {}

/// A text for a cell of a written table: one that a spreadsheet would take for a formula gets a `'` before it.
pub(crate) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Reads every table of a file. What the file is, its first bytes say; its name is not asked.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Sheet>, SheetError> {
    if bytes.len() > MOST_BYTES {
        return Err(SheetError::too_large("バイト数", MOST_BYTES));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook::read(bytes);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(SheetError::new(
            "古い Excel 形式（xls）か、パスワードの付いたファイルです。パスワードを外し、XLSX または CSV で保存し直してください。",
            "an old Excel format (xls) or a file with a password; save it as XLSX or CSV without one",
        ));
    }
    let text = decode_text(bytes, MOST_BYTES).map_err(|reason| match reason {
        Reason::Encoding { at } => SheetError::new(
            format!(
                "文字コードが分かりません（{at} バイト目）。UTF-8 または Shift_JIS（CP932）で保存し直してください。"
            ),
            format!("the encoding is unknown (byte {at}); save it in UTF-8 or CP932"),
        ),
        other => SheetError::new(
            "CSV としても XLSX としても読めません。どちらかの形式で保存し直してください。",
            format!("neither CSV nor XLSX: {other}"),
        ),
    })?;
    Ok(vec![Sheet { name: String::new(), lines: csv_lines(&text)? }])
}

/// Records of a CSV; tabs separate where the first line has more tabs than commas.
fn csv_lines(text: &str) -> Result<Vec<Line>, SheetError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or("");
    let tabs = first.matches('\t').count() > first.matches(',').count();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if tabs { b'\t' } else { b',' })
        .from_reader(text.as_bytes());
    let (mut lines, mut record, mut counted) = (Vec::new(), csv::StringRecord::new(), Counted::default());
    loop {
        let from = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let more = reader.read_record(&mut record).map_err(|error| {
            let place = error.position().map_or(0, csv::Position::line);
            SheetError::new(
                format!("{place} 行目を CSV として読めません。引用符の閉じ忘れがないか確かめてください。"),
                format!("line {place} is no CSV: {error}"),
            )
        })?;
        if !more {
            return Ok(lines);
        }
        let number = counted.line_of(text.as_bytes(), from);
        keep(&mut lines, number, record.iter().map(str::to_owned).collect())?;
    }
}

/// Counts lines as editors do. The reader stops between CR and LF, so its own count lags behind by one there.
struct Counted {
    byte: usize,
    line: u64,
}

impl Default for Counted {
    fn default() -> Self {
        Self { byte: 0, line: 1 }
    }
}

impl Counted {
    /// The line of the record that is read from this byte on: line ends before it belong to what went before.
    fn line_of(&mut self, text: &[u8], from: usize) -> u64 {
        let at = |byte: usize| text.get(byte).copied();
        while self.byte < from || matches!(at(self.byte), Some(b'\r' | b'\n')) {
            match at(self.byte) {
                None => break,
                Some(b'\n') => self.line += 1,
                Some(b'\r') if at(self.byte + 1) != Some(b'\n') => self.line += 1,
                Some(_) => {}
            }
            self.byte += 1;
        }
        self.line
    }
}

/// Takes a line in, within the bounds. Lines without any text are left out.
fn keep(lines: &mut Vec<Line>, number: u64, mut cells: Vec<String>) -> Result<(), SheetError> {
    for cell in &mut cells {
        if cell.chars().count() > LONGEST_CELL {
            return Err(SheetError::new(
                format!("{number} 行目に {LONGEST_CELL} 文字を超えるセルがあります。"),
                format!("row {number} has a cell of more than {LONGEST_CELL} characters"),
            ));
        }
        let trimmed = cell.trim();
        if trimmed.len() != cell.len() {
            *cell = trimmed.to_owned();
        }
    }
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    if cells.is_empty() {
        return Ok(());
    }
    if cells.len() > MOST_CELLS {
        return Err(SheetError::too_large("列の数", MOST_CELLS));
    }
    if lines.len() >= MOST_LINES {
        return Err(SheetError::too_large("行の数", MOST_LINES));
    }
    lines.push(Line { number, cells });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_in_utf8_with_a_mark_and_in_cp932_reads_the_same() {
        let text = "登録番号,サービス名\r\nK-1,\"架空,クラウド\"\r\n\r\n K-2 ,二つ目\r\n";
        let marked = [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat();
        let sheets = read(&marked).unwrap();
        assert_eq!(sheets[0].lines.len(), 3);
        assert_eq!(sheets[0].lines[1].cells, ["K-1", "架空,クラウド"]);
        assert_eq!(sheets[0].lines[2], Line { number: 4, cells: vec!["K-2".into(), "二つ目".into()] });
        for end in ["\n", "\r\n", "\r"] {
            let text = ["題", "見出し,列", "a,\"二\n行\"", "", "b,c"].join(end);
            let numbers: Vec<u64> = read(text.as_bytes()).unwrap()[0].lines.iter().map(|line| line.number).collect();
            assert_eq!(numbers, [1, 2, 3, 6], "{end:?}");
        }
        // 「登録番号,サービス名」 in CP932.
        let sjis = b"\x93o\x98^\x94\xd4\x8d\x86,\x83T\x81[\x83r\x83X\x96\xbc\r\nK-1,x\r\n";
        assert_eq!(read(sjis).unwrap()[0].lines[0].cells, ["登録番号", "サービス名"]);
        assert_eq!(read("a\tb\n1\t2\n".as_bytes()).unwrap()[0].lines[1].cells, ["1", "2"]);
    }

    #[test]
    fn what_is_no_table_is_refused_with_a_remedy() {
        assert!(read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").unwrap_err().ja.contains("XLSX"));
        assert!(read(b"PK\x03\x04broken").unwrap_err().ja.contains("Excel"));
        assert!(read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").is_err());
        let wide = vec!["x"; 300].join(",");
        assert!(read(wide.as_bytes()).unwrap_err().en.contains("too large"));
    }
}
