//! XLSX through `calamine`, cell by cell: a workbook may name a cell far away, and a dense table up to it would fill the
//! memory.

use super::{Line, MOST_BYTES, MOST_CELLS, Sheet, SheetError, keep};
use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use std::io::Cursor;

/// Reads every worksheet.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Sheet>, SheetError> {
    bounded(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    let names = book.sheet_names();
    let mut sheets = Vec::with_capacity(names.len());
    for name in names {
        let lines = lines(&mut book, &name)?;
        if !lines.is_empty() {
            sheets.push(Sheet { name, lines });
        }
    }
    if sheets.is_empty() {
        return Err(SheetError::new("Excel ファイルに表がありません。", "the workbook holds no table"));
    }
    Ok(sheets)
}

fn broken(error: &XlsxError) -> SheetError {
    if matches!(error, XlsxError::Password) {
        return SheetError::new(
            "パスワードの付いた Excel ファイルです。外して保存し直してください。",
            "the workbook has a password; save it without one",
        );
    }
    SheetError::new(
        "Excel ファイルが壊れているか、XLSX ではありません。Excel で開き、XLSX で保存し直してください。",
        format!("the workbook is broken: {error}"),
    )
}

/// What a packed file says it unpacks to; the reader stops at that.
fn bounded(bytes: &[u8]) -> Result<(), SheetError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        SheetError::new(
            "Excel ファイルが壊れています。Excel で開き、XLSX で保存し直してください。",
            format!("the workbook is broken: {error}"),
        )
    })?;
    let mut total = 0u64;
    for at in 0..archive.len() {
        total = total.saturating_add(archive.by_index_raw(at).map_or(u64::MAX, |file| file.size()));
    }
    if total > 4 * MOST_BYTES as u64 {
        return Err(SheetError::too_large("展開後のバイト数", 4 * MOST_BYTES));
    }
    Ok(())
}

fn lines(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Line>, SheetError> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        // A chart sheet has no cells.
        Err(XlsxError::WorksheetNotFound(_)) => return Ok(Vec::new()),
        Err(error) => return Err(broken(&error)),
    };
    let (mut lines, mut row, mut cells) = (Vec::new(), 0u32, Vec::new());
    while let Some(cell) = reader.next_cell().map_err(|e| broken(&e))? {
        let (at, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if at != row {
            keep(&mut lines, u64::from(row) + 1, std::mem::take(&mut cells))?;
            row = at;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_CELLS {
            return Err(SheetError::too_large("列の数", MOST_CELLS));
        }
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(place) = cells.get_mut(column) {
            *place = text;
        }
    }
    keep(&mut lines, u64::from(row) + 1, cells)?;
    Ok(lines)
}

/// A cell as text: dates as `2026-11-30`, whole numbers without a point.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(n) => n.to_string(),
        // Whole numbers up to 15 digits are exact in a float, and no longer ones come from a spreadsheet.
        DataRef::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        DataRef::Float(n) => n.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(at) => at.as_f64().to_string(),
        DataRef::DateTimeIso(text) => text.split('T').next().unwrap_or(text).to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    #[test]
    fn cells_keep_their_places_and_dates_are_days() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("一覧").unwrap();
        sheet.write_string(2, 0, "登録番号").unwrap();
        sheet.write_string(2, 2, "有効期限").unwrap();
        sheet.write_number(4, 0, 12.0).unwrap();
        let date = ExcelDateTime::from_ymd(2027, 1, 31).unwrap();
        sheet.write_datetime_with_format(4, 2, &date, &Format::new().set_num_format("yyyy/mm/dd")).unwrap();
        book.add_worksheet().set_name("空").unwrap();
        let sheets = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(sheets.len(), 1);
        assert_eq!(
            sheets[0].lines[0],
            Line { number: 3, cells: vec!["登録番号".into(), String::new(), "有効期限".into()] }
        );
        assert_eq!(
            sheets[0].lines[1],
            Line { number: 5, cells: vec!["12".into(), String::new(), "2027-01-31".into()] }
        );
    }

    #[test]
    fn a_cell_far_away_is_refused_and_fills_no_memory() {
        let mut book = Workbook::new();
        book.add_worksheet().write_string(0, 16_000, "x").unwrap();
        assert!(read(&book.save_to_buffer().unwrap()).unwrap_err().en.contains("too large"));
    }
}
