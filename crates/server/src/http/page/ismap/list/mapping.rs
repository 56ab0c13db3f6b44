//! The mapping of columns as a part of the form that takes a list up: a select for each field, the worksheet, and the
//! number of the row with the headings.

use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Problem};
use crate::ismap::list_import::{self, Plan, UNUSED};
use crate::sheet::{Columns, SheetError};

/// Field with the worksheet.
const SHEET: &str = "sheet";
/// Field with the number of the row of headings.
const HEAD: &str = "head";

fn column(field: &str) -> String {
    format!("column.{field}")
}

/// The heading of a field; empty when it has no column.
fn heading<'p>(plan: &'p Plan, field: &str) -> &'p str {
    plan.shape.columns.headings.get(field).filter(|heading| *heading != UNUSED).map_or("", String::as_str)
}

/// The mapping as it counts for a file.
fn as_it_counts(plan: &Plan) -> Vec<Field> {
    let columns = &plan.shape.columns;
    let mut fields = Vec::new();
    if plan.shape.sheets.len() > 1 {
        let sheets = plan.shape.sheets.iter().map(|name| Choice::new(name.clone(), name.clone())).collect();
        let chosen = if columns.sheet.is_empty() { plan.shape.sheets.first() } else { Some(&columns.sheet) };
        fields.push(Field::select(SHEET, "シート", sheets).value(chosen.map_or("", String::as_str)));
    }
    let head = if columns.head == 0 { String::new() } else { columns.head.to_string() };
    fields
        .push(Field::input("number", HEAD, "見出しの行番号").help("空欄なら自動で探します。").optional().value(&head));
    for (field, label, required) in list_import::fields() {
        let mut choices = vec![Choice::new("", "（この列はない）")];
        choices.extend(plan.shape.headings.iter().map(|heading| Choice::new(heading.clone(), heading.clone())));
        let select = Field::select(column(field), label, choices).value(heading(plan, field));
        fields.push(if required { select } else { select.optional() });
    }
    fields
}

/// The mapping as the page shows it: while something is wrong with it, as it was chosen.
pub(super) fn fields(plan: &Plan, typed: &Fields, problems: &[Problem]) -> Vec<Field> {
    let fields = as_it_counts(plan);
    if !problems.iter().any(|problem| fields.iter().any(|field| field.id == problem.field)) {
        return fields;
    }
    let as_chosen = |field: Field| {
        let value = typed.line(&field.id).to_owned();
        field.value(&value).told(problems)
    };
    fields.into_iter().map(as_chosen).collect()
}

/// What a form chose in place of what its page showed; `None` when it changed nothing. What is kept of columns that this
/// file does not have stays.
pub(super) fn chosen(kept: &Columns, shown: &Plan, fields: &Fields) -> Option<Result<Columns, Problem>> {
    let sent = |id: &str| fields.iter().any(|(name, _)| name == id);
    if !as_it_counts(shown).iter().any(|field| sent(&field.id) && fields.line(&field.id) != field.value.trim()) {
        return None;
    }
    let head = match fields.line(HEAD) {
        "" => 0,
        text => match text.parse::<u64>() {
            Ok(head) if head > 0 => head,
            _ => {
                let text = "見出しの行番号は、1 以上の整数（例: 3）を半角で入力してください。自動で探すなら空欄にしてください。";
                return Some(Err(Problem::at(HEAD, text)));
            }
        },
    };
    let sheet = if sent(SHEET) { fields.get(SHEET) } else { &shown.shape.columns.sheet };
    let mut columns = Columns { sheet: sheet.to_owned(), head, ..Columns::default() };
    for (field, _, required) in list_import::fields() {
        let heading = match fields.get(&column(field)) {
            // Taken away by somebody: it is not to be found again by its heading.
            "" if !required && shown.shape.columns.headings.contains_key(field) => Some(UNUSED.to_owned()),
            "" if shown.shape.columns.headings.contains_key(field) => None,
            "" => kept.headings.get(field).cloned(),
            heading => Some(heading.to_owned()),
        };
        columns.headings.extend(heading.map(|heading| (field.to_owned(), heading)));
    }
    Some(Ok(columns))
}

/// Whether the file has the row of headings that was chosen.
pub(super) fn fits(asked: u64, plan: Result<Plan, SheetError>) -> Result<Plan, Problem> {
    match plan {
        Ok(plan) if plan.shape.columns.head == asked => Ok(plan),
        Ok(_) => Err(Problem::at(
            HEAD,
            format!("{asked} 行目には何も書かれていません。見出しのある行の番号を入力するか、空欄にしてください。"),
        )),
        Err(error) => Err(Problem::at("", error.ja)),
    }
}
