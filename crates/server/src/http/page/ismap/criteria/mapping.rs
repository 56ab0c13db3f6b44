//! The mapping of columns as a form: a select for each field, the worksheet, the row of headings.

use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field};
use crate::ismap::criteria_import::{Looked, UNUSED, WANTED};
use crate::sheet::Columns;

/// Field with the worksheet.
const SHEET: &str = "sheet";
/// Field with the number of the row of headings.
const HEAD: &str = "head";
/// Before the name of a field that has a column.
const COLUMN: &str = "col_";

/// The mapping that a form chose; `None` when the form had none yet.
pub(super) fn read(fields: &Fields) -> Option<Columns> {
    let chosen = |field: &str| fields.get(&format!("{COLUMN}{field}")).to_owned();
    let headings = WANTED.iter().map(|wanted| (wanted.field.to_owned(), chosen(wanted.field)));
    let headings: std::collections::BTreeMap<String, String> = headings.filter(|(_, h)| !h.is_empty()).collect();
    let head = fields.line(HEAD);
    if headings.is_empty() && head.is_empty() {
        return None;
    }
    Some(Columns { sheet: fields.get(SHEET).to_owned(), head: head.parse().unwrap_or(0), headings })
}

/// The mapping to look at and to correct.
pub(super) fn fields(looked: &Looked) -> Vec<Field> {
    let mut all = Vec::new();
    if looked.sheets.len() > 1 {
        let sheets = looked.sheets.iter().map(|name| Choice::new(name, name)).collect();
        all.push(Field::select(SHEET, "シート", sheets).value(&looked.columns.sheet));
    }
    let head = if looked.head > 0 { looked.head.to_string() } else { String::new() };
    all.push(
        Field::input("number", HEAD, "見出しの行")
            .help("違う行を読んでいたら、見出しのある行の番号に直します。")
            .value(&head),
    );
    for wanted in &WANTED {
        let none =
            if wanted.required { ("", "（選んでください）") } else { (UNUSED, "（この列はない）") };
        let mut choices = vec![Choice::new(none.0, none.1)];
        choices.extend(looked.headings.iter().map(|heading| Choice::new(heading, heading)));
        let chosen = looked.columns.headings.get(wanted.field).map_or(none.0, String::as_str);
        let help = match wanted.field {
            "provider" | "basic" => "列がなければ、番号の末尾（P・B・PB）から判断します。",
            "chapter" => "列がなければ、章の番号だけの行を章の名称として読みます。",
            _ => "",
        };
        let field = Field::select(format!("{COLUMN}{}", wanted.field), wanted.label, choices);
        let field = field.help(help).value(chosen);
        all.push(if wanted.required { field } else { field.optional() });
    }
    all
}
