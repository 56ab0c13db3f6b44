//! The form of an app as its author builds it, a row for each field, without script: every button sends the whole page.

use crate::app::form::{BadForm, Form, Kind};
use crate::app::ordered::Json;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Problem};

/// Most rows; a form may have no more fields.
const MOST: usize = 40;

/// A field as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) desc: String,
    pub(super) required: bool,
    /// One per line: what is shown, or `shown = sent`.
    pub(super) options: String,
    /// What stands in it at first; several are parted by 、.
    pub(super) default: String,
    /// What else the field says, as JSON: kept though nobody sees it.
    pub(super) rest: String,
}

/// Members that a row shows.
const SHOWN: [&str; 9] =
    ["type", "title", "desc", "required", "items", "options", "choices", "default_value", "default"];

/// What the author does with the rows.
pub(super) fn act(rows: &mut Vec<Row>, act: &str) {
    let (what, at) = act.split_once('.').unwrap_or((act, ""));
    let at = at.parse::<usize>().ok().filter(|at| *at < rows.len());
    match (what, at) {
        ("add", _) if rows.len() < MOST => {
            let free = |n: &usize| !rows.iter().any(|row| row.key == format!("field_{n}"));
            let n = (1..=MOST + 1).find(free).unwrap_or(1);
            rows.push(Row { key: format!("field_{n}"), kind: "textarea".to_owned(), ..Row::default() });
        }
        ("drop", Some(at)) => {
            rows.remove(at);
        }
        ("up", Some(at)) if at > 0 => rows.swap(at, at - 1),
        _ => {}
    }
}

/// The row of someone who begins.
pub(super) fn first() -> Vec<Row> {
    vec![Row {
        key: "input_text".to_owned(),
        kind: "textarea".to_owned(),
        title: "本文".to_owned(),
        required: true,
        ..Row::default()
    }]
}

fn id(at: usize, part: &str) -> String {
    format!("row-{at}-{part}")
}

/// What was sent.
pub(super) fn sent(fields: &Fields) -> Vec<Row> {
    let count = fields.get("rows").parse::<usize>().unwrap_or(0).min(MOST);
    let row = |at: usize| Row {
        key: fields.line(&id(at, "key")).to_owned(),
        kind: fields.get(&id(at, "type")).to_owned(),
        title: fields.line(&id(at, "title")).to_owned(),
        desc: fields.line(&id(at, "desc")).to_owned(),
        required: !fields.chosen(&id(at, "required")).is_empty(),
        options: fields.text(&id(at, "options")),
        default: fields.line(&id(at, "default")).to_owned(),
        rest: fields.get(&id(at, "rest")).to_owned(),
    };
    (0..count).map(row).collect()
}

/// The rows of a form.
pub(super) fn of(form: &Form) -> Vec<Row> {
    let row = |field: &crate::app::form::Field| {
        let kind = Kind::ALL.iter().find(|(_, kind)| *kind == field.kind).map_or("", |(name, _)| *name);
        let option = |choice: &crate::app::form::Choice| {
            if choice.title == choice.value {
                choice.title.clone()
            } else {
                format!("{} = {}", choice.title, choice.value)
            }
        };
        let entry = form.source.get(&field.key).and_then(Json::members).unwrap_or_default();
        let rest: Vec<(String, Json)> =
            entry.iter().filter(|(name, _)| !SHOWN.contains(&name.as_str())).cloned().collect();
        Row {
            key: field.key.clone(),
            kind: kind.to_owned(),
            title: field.title.clone(),
            desc: field.desc.clone(),
            required: field.required,
            options: field.choices.iter().map(option).collect::<Vec<_>>().join("\n"),
            default: field.default.join("、"),
            rest: if rest.is_empty() {
                String::new()
            } else {
                serde_json::to_string(&Json::Object(rest)).unwrap_or_default()
            },
        }
    };
    form.fields.iter().map(row).collect()
}

/// The form that the rows say, as JSON. Whether it is one is found out by whoever reads it.
pub(super) fn json(rows: &[Row]) -> Json {
    let entry = |row: &Row| {
        let kind = Kind::ALL.iter().find(|(name, _)| *name == row.kind).map(|(_, kind)| *kind);
        let mut members: Vec<(String, Json)> =
            vec![("type".into(), row.kind.as_str().into()), ("title".into(), row.title.as_str().into())];
        if !row.desc.is_empty() {
            members.push(("desc".into(), row.desc.as_str().into()));
        }
        members.push(("required".into(), Json::Bool(row.required)));
        if kind.is_some_and(Kind::chooses) && !row.options.trim().is_empty() {
            members.push(("items".into(), Json::List(row.options.lines().filter_map(option).collect())));
        }
        if !row.default.is_empty() {
            let several = kind == Some(Kind::Checkbox) && row.default.contains('、');
            let value = if several {
                Json::List(row.default.split('、').map(|one| Json::from(one.trim())).collect())
            } else {
                row.default.as_str().into()
            };
            members.push(("default_value".into(), value));
        }
        if let Ok(Json::Object(rest)) = Json::read(row.rest.as_bytes()) {
            members.extend(rest.into_iter().filter(|(name, _)| !SHOWN.contains(&name.as_str())));
        }
        (row.key.clone(), Json::Object(members))
    };
    Json::Object(rows.iter().map(entry).collect())
}

fn option(line: &str) -> Option<Json> {
    let line = line.trim();
    if line.is_empty() {
        return None;
    }
    let (title, value) = line.split_once(" = ").unwrap_or((line, line));
    Some(Json::Object(vec![("title".into(), title.trim().into()), ("value".into(), value.trim().into())]))
}

/// Reads the rows as a form, with what is wrong at its control.
pub(super) fn check(rows: &[Row]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        if rows.iter().take(at).any(|other| other.key == row.key) {
            problems.push(Problem::at(
                id(at, "key"),
                format!("名前 `{}` が二度あります。別の名前にしてください。", row.key),
            ));
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    if let Err(BadForm { place, ja }) = Form::read(json(rows)) {
        let at = rows.iter().position(|row| {
            place.strip_prefix(row.key.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        let part = match place.rsplit_once('.').map(|(_, part)| part) {
            Some("type") => "type",
            Some("title") => "title",
            Some("desc") => "desc",
            Some("default_value") => "default",
            Some(part) if part.starts_with("items") => "options",
            _ => "key",
        };
        let text = if at.is_some() { ja } else { format!("入力欄: {ja}") };
        problems.push(Problem::at(at.map(|at| id(at, part)).unwrap_or_default(), text));
    }
    problems
}

/// A row as the page shows it.
pub(super) struct Shown {
    pub(super) number: usize,
    pub(super) at: usize,
    pub(super) fields: Vec<Field>,
    pub(super) rest: String,
}

const KINDS: [(&str, &str); 7] = [
    ("textarea", "文章（複数行）"),
    ("text", "文字（1 行）"),
    ("number", "数値"),
    ("select", "一つ選ぶ（折りたたみ）"),
    ("radio", "一つ選ぶ（並べる）"),
    ("checkbox", "いくつでも選ぶ・はい／いいえ"),
    ("file", "ファイル"),
];

/// What people call a kind.
pub(super) fn label(kind: Kind) -> &'static str {
    let name = Kind::ALL.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| *name);
    KINDS.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| *label)
}

pub(super) fn shown(rows: &[Row], problems: &[Problem]) -> Vec<Shown> {
    let one = |(at, row): (usize, &Row)| {
        let kinds = KINDS.iter().map(|(value, label)| Choice::new(*value, *label)).collect();
        let required: &[&str] = if row.required { &["yes"] } else { &[] };
        let fields = vec![
            Field::text(id(at, "title"), "見出し", "off").value(&row.title),
            Field::select(id(at, "type"), "種類", kinds).value(&row.kind),
            Field::text(id(at, "desc"), "説明", "off").optional().value(&row.desc),
            Field::checks(id(at, "required"), "必須", vec![Choice::new("yes", "必ず入力してもらう")]).ticked(required),
            Field::area(id(at, "options"), "選択肢", 3)
                .help("選ぶ種類のときだけ。1 行に一つ。送る値を分けるときは「表示 = 値」。")
                .optional()
                .value(&row.options),
            Field::text(id(at, "default"), "はじめの値", "off")
                .help("いくつでも選ぶ種類では「、」で区切ります。")
                .optional()
                .value(&row.default),
            Field::text(id(at, "key"), "名前", "off")
                .help(format!("英数字と _。指示文の中では {{{{{}}}}} と書きます。", row.key))
                .value(&row.key),
        ];
        let fields = fields.into_iter().map(|field| field.told(problems)).collect();
        Shown { number: at + 1, at, fields, rest: row.rest.clone() }
    };
    rows.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_what_the_form_says_and_lose_nothing() {
        let text = r#"{"t":{"type":"text","title":"T","desc":"d","required":true,"max_length":9,"x":[1]},
            "c":{"type":"checkbox","title":"C","items":[{"title":"あ","value":"a"},{"title":"い","value":"い"}],"default_value":["a","い"]}}"#;
        let form = Form::parse(text).unwrap();
        let rows = of(&form);
        assert_eq!((rows[1].options.as_str(), rows[1].default.as_str()), ("あ = a\nい", "a、い"));
        let again = Form::read(json(&rows)).unwrap();
        let plain = |form: &Form| form.fields.clone();
        assert_eq!(plain(&again), plain(&form));
        assert_eq!(again.source.get("t").and_then(|t| t.get("x")), Some(&Json::List(vec![Json::Number(1.into())])));
    }

    #[test]
    fn rows_are_added_moved_and_dropped_and_a_fault_is_at_its_row() {
        let mut rows = first();
        act(&mut rows, "add");
        act(&mut rows, "add");
        assert_eq!(rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["input_text", "field_1", "field_2"]);
        assert_eq!(check(&rows)[0].field, "row-1-title");
        act(&mut rows, "up.2");
        act(&mut rows, "drop.2");
        act(&mut rows, "drop.9");
        assert_eq!(rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["input_text", "field_2"]);
        rows[1].key = "input_text".into();
        assert_eq!(check(&rows)[0].field, "row-1-key");
        rows[1] = Row { key: "c".into(), kind: "radio".into(), title: "C".into(), ..Row::default() };
        assert_eq!(check(&rows)[0].field, "row-1-options");
    }
}
