//! Items in a form: each field has the item's number in its name, and beside what is typed stands what the form saw.

use crate::http::page::form::Fields;
use crate::http::page::frame::Problem;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::statement::{ControlChange, Decision, Edit, Part, Seen};
use std::collections::BTreeMap;

/// The names of kinds of change in forms and tables.
const KINDS: [(ControlChange, &str); 8] = [
    (ControlChange::Procedure, "procedure"),
    (ControlChange::Implementation, "implementation"),
    (ControlChange::Operation, "operation"),
    (ControlChange::Frequency, "frequency"),
    (ControlChange::ManagingTool, "managing_tool"),
    (ControlChange::NewlyAdopted, "newly_adopted"),
    (ControlChange::NewManager, "new_manager"),
    (ControlChange::AddedRegion, "added_region"),
];

/// The name of a kind of change in a form.
pub(super) fn key(kind: ControlChange) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, key)| key)
}

/// What was typed of one item.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// What the form saw; `None` when it does not say.
    pub(super) seen: Option<Seen>,
    pub(super) edit: Edit,
    /// What the head said of leaving it out; `None` when the form does not ask.
    pub(super) leave: Option<bool>,
    /// Ticked to be decided with others.
    pub(super) picked: bool,
}

/// The place of an item in a page.
pub(super) fn anchor(id: CriterionId) -> String {
    format!("i-{}", id.to_string().replace('.', "-"))
}

/// Reads the items of a form; fields of no item are left alone.
pub(super) fn read(fields: &Fields) -> BTreeMap<CriterionId, Typed> {
    let mut all: BTreeMap<CriterionId, Typed> = BTreeMap::new();
    for (name, value) in fields.iter() {
        let Some((what, rest)) = name.split_once('.') else { continue };
        let (number, kind) = match rest.rsplit_once('.') {
            Some((number, kind)) if what == "k" => (number, kind),
            _ => (rest, ""),
        };
        let Ok(id) = CriterionId::parse(number) else { continue };
        let known = matches!(what, "seen" | "d" | "c" | "r" | "n" | "k" | "leave" | "asked" | "pick");
        if !known {
            continue;
        }
        let typed = all.entry(id).or_default();
        let text = || value.replace("\r\n", "\n").trim().to_owned();
        match what {
            "seen" => typed.seen = Seen::parse(value),
            "d" => {
                typed.edit.decision = match value {
                    "adopted" => Some(Decision::Adopted),
                    "excluded" => Some(Decision::Excluded),
                    _ => None,
                };
            }
            "c" => typed.edit.control = text(),
            "r" => typed.edit.reason = text(),
            "n" => typed.edit.change_note = text(),
            "k" => typed.edit.changed.extend(KINDS.iter().find(|(_, key)| *key == kind).map(|(kind, _)| *kind)),
            "leave" => typed.leave = Some(true),
            "asked" => {
                typed.leave.get_or_insert(false);
            }
            _ => typed.picked = true,
        }
    }
    // Without what it saw a form could overwrite what it never showed.
    all.retain(|_, typed| typed.seen.is_some());
    all
}

/// Texts that are too long, told at their fields.
pub(super) fn too_long(id: CriterionId, edit: &Edit) -> Vec<Problem> {
    let told = |(part, most): (Part, usize)| {
        let field = format!("{}-{}", anchor(id), field(part));
        Problem::at(field, format!("{id} の{}は {most} 文字までにしてください。", part.label()))
    };
    edit.too_long().map(told).collect()
}

/// The letter of a part's field.
pub(super) fn field(part: Part) -> &'static str {
    match part {
        Part::Decision => "d",
        Part::Control => "c",
        Part::Reason => "r",
        Part::Changed => "k",
        Part::ChangeNote => "n",
    }
}

/// A part in words.
pub(super) fn in_words(edit: &Edit, part: Part) -> String {
    let text = match part {
        Part::Decision => decision(edit.decision).to_owned(),
        Part::Control => edit.control.clone(),
        Part::Reason => edit.reason.clone(),
        Part::Changed => changes(edit.changed.iter()),
        Part::ChangeNote => edit.change_note.clone(),
    };
    if text.is_empty() { "（空欄）".to_owned() } else { text }
}

/// Kinds of change in words.
pub(super) fn changes<'k>(kinds: impl Iterator<Item = &'k ControlChange>) -> String {
    kinds.map(|kind| kind.label()).collect::<Vec<_>>().join("、")
}

/// A decision in words.
pub(super) fn decision(decision: Option<Decision>) -> &'static str {
    match decision {
        None => "未決定",
        Some(Decision::Adopted) => "採用",
        Some(Decision::Excluded) => "非採用",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_by_their_numbers_and_fields_without_an_item_are_not() {
        let form = "token=x&seen.9.2.3.11.PB=0-0-0-0-0&d.9.2.3.11.PB=adopted&c.9.2.3.11.PB=%20a%0D%0Ab&\
                    k.9.2.3.11.PB.procedure=on&k.9.2.3.11.PB.nothing=on&pick.9.2.3.11.PB=on&asked.9.2.3.11.PB=1&\
                    d.9.2.4=adopted&d.x=adopted&z.9.2.5=1&seen.9.2.5=bad";
        let read = read(&Fields::read(form.as_bytes()).unwrap());
        assert_eq!(read.len(), 1, "{read:?}");
        let (id, typed) = read.first_key_value().unwrap();
        assert_eq!((id.to_string().as_str(), typed.picked, typed.leave), ("9.2.3.11.PB", true, Some(false)));
        assert_eq!(typed.edit.control, "a\nb");
        assert_eq!(typed.edit.changed, [ControlChange::Procedure].into());
        assert_eq!(anchor(*id), "i-9-2-3-11-PB");
    }

    #[test]
    fn every_kind_of_change_has_a_name_in_forms() {
        for kind in ControlChange::ALL {
            assert!(!key(kind).is_empty(), "{kind:?}");
        }
    }
}
