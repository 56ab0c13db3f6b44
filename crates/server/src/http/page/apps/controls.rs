//! The form of an app as a page shows it, and what a browser sent back.

use crate::app::form::{Field as Asked, FileIn, Form, Inputs, Kind, Value};
use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Problem};

/// One control of the form.
pub(super) enum Control {
    Plain(Box<Field>),
    File(FileField),
}

/// A field for files, which the frame's fields do not know.
pub(super) struct FileField {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) help: String,
    pub(super) accept: String,
    pub(super) optional: bool,
    pub(super) problem: Option<String>,
}

impl FileField {
    pub(super) fn described_by(&self) -> String {
        let mut ids = vec![format!("{}-help", self.id)];
        if self.problem.is_some() {
            ids.push(format!("{}-problem", self.id));
        }
        ids.join(" ")
    }
}

/// The name of a field's control. Nothing else on the page begins so.
pub(super) fn id_of(key: &str) -> String {
    format!("in-{key}")
}

/// The controls of a form with what stands in them.
pub(super) fn controls(form: &Form, given: &[(String, Value)], problems: &[Problem]) -> Vec<Control> {
    let one = |field: &Asked| {
        let id = id_of(&field.key);
        if field.kind == Kind::File {
            let problem = problems.iter().find(|problem| problem.field == id).map(|problem| problem.text.clone());
            let note = "選び直しが必要なときは、もう一度ファイルを選んでください。";
            return Control::File(FileField {
                help: if field.desc.is_empty() { note.to_owned() } else { format!("{} {note}", field.desc) },
                label: field.title.clone(),
                accept: field.accept.clone(),
                optional: !field.required,
                problem,
                id,
            });
        }
        let value = given.iter().find(|(key, _)| *key == field.key).map(|(_, value)| value);
        Control::Plain(Box::new(plain(field, id, value).told(problems)))
    };
    form.fields.iter().map(one).collect()
}

fn plain(field: &Asked, id: String, value: Option<&Value>) -> Field {
    let title = field.title.clone();
    let text = match value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::List(_) | Value::Files(_)) | None => String::new(),
    };
    let listed: Vec<Choice> = field
        .choices
        .iter()
        .enumerate()
        .map(|(at, choice)| Choice::new(at.to_string(), choice.title.clone()))
        .collect();
    // Choices are sent by their place, so that no value ever stands in an identifier.
    let place = |value: &str| field.choices.iter().position(|choice| choice.value == value).map(|at| at.to_string());
    let made = match field.kind {
        Kind::Text | Kind::File => Field::text(id, title, "off").value(&text),
        Kind::Number => Field::text(id, title, "off").value(&text),
        Kind::Textarea => Field::area(id, title, if field.required { 10 } else { 5 }).value(&text),
        Kind::Select => {
            let mut choices = listed;
            if !field.required || field.default.is_empty() {
                choices.insert(0, Choice::new("", "選んでください"));
            }
            Field::select(id, title, choices).value(&place(&text).unwrap_or_default())
        }
        Kind::Radio => Field::radio(id, title, listed).value(&place(&text).unwrap_or_default()),
        Kind::Checkbox if field.choices.is_empty() => {
            let ticked: &[&str] = if text == "true" { &["true"] } else { &[] };
            Field::checks(id, title, vec![Choice::new("true", "はい")]).ticked(ticked)
        }
        Kind::Checkbox => {
            let ticked: Vec<String> = match value {
                Some(Value::List(items)) => items.iter().filter_map(|item| place(item)).collect(),
                _ => place(&text).into_iter().collect(),
            };
            Field::checks(id, title, listed).ticked(&ticked)
        }
    };
    let made = made.help(field.desc.clone());
    if field.required { made } else { made.optional() }
}

/// What a browser sent for a form.
pub(super) fn given(form: &Form, fields: &Fields, files: Vec<(String, FileIn)>) -> Vec<(String, Value)> {
    let one = |field: &Asked| {
        let id = id_of(&field.key);
        let choice = |at: &str| {
            let choice = at.parse::<usize>().ok().and_then(|at| field.choices.get(at));
            // What is no place in the list is no choice either.
            choice.map_or_else(|| at.to_owned(), |choice| choice.value.clone())
        };
        let value = match field.kind {
            Kind::Text | Kind::Number => Value::Text(fields.line(&id).to_owned()),
            Kind::Textarea => Value::Text(fields.text(&id)),
            Kind::Select | Kind::Radio => {
                let at = fields.get(&id);
                Value::Text(if at.is_empty() { String::new() } else { choice(at) })
            }
            Kind::Checkbox if field.choices.is_empty() => {
                Value::Text(if fields.chosen(&id).is_empty() { String::new() } else { "true".to_owned() })
            }
            Kind::Checkbox => Value::List(fields.chosen(&id).into_iter().map(choice).collect()),
            Kind::File => {
                let mine = files.iter().filter(|(name, _)| *name == id);
                Value::Files(mine.map(|(_, file)| file.clone()).collect())
            }
        };
        (field.key.clone(), value)
    };
    form.fields.iter().map(one).collect()
}

/// Accepts what was sent, with the problems at their controls.
pub(super) fn accept(form: &Form, given: &[(String, Value)]) -> Result<Inputs, Vec<Problem>> {
    form.accept(given).map_err(|wrong| wrong.into_iter().map(|one| Problem::at(id_of(&one.key), one.ja)).collect())
}
