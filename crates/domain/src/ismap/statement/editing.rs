//! Editing: how what several people write at once comes together, item by item and part by part, and what is decided of
//! many items at once.
//!
//! A form says what it saw when it was loaded. A part that only this form changed is taken; a part that only somebody
//! else changed stays; a part that both changed differently is a clash, which is told with both texts.

use super::super::criterion::CriterionId;
use super::content::{Answer, ControlChange, Decision, StatementContent};
use super::validation::sha256;
use crate::id::PersonId;
use std::collections::BTreeSet;
use std::fmt;

/// Longest 個別管理策, in characters.
pub const LONGEST_CONTROL: usize = 8_000;
/// Longest reason, and longest note on a change, in characters.
pub const LONGEST_REASON: usize = 4_000;

/// A part of an answer that is changed on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// 採用 or 非採用.
    Decision,
    /// 個別管理策.
    Control,
    /// 非採用の理由.
    Reason,
    /// What kind of change.
    Changed,
    /// What changed.
    ChangeNote,
}

impl Part {
    /// Every part, in the order of [`Seen`].
    pub const ALL: [Self; 5] = [Self::Decision, Self::Control, Self::Reason, Self::Changed, Self::ChangeNote];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Decision => "採否",
            Self::Control => "個別管理策",
            Self::Reason => "非採用の理由",
            Self::Changed => "前回の監査からの変更",
            Self::ChangeNote => "変更の内容",
        }
    }
}

/// What a form says of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// 採用 or 非採用.
    pub decision: Option<Decision>,
    /// 個別管理策.
    pub control: String,
    /// 非採用の理由.
    pub reason: String,
    /// How the control changed.
    pub changed: BTreeSet<ControlChange>,
    /// What changed.
    pub change_note: String,
}

impl Edit {
    /// What an answer says now.
    pub fn of(answer: &Answer) -> Self {
        Self {
            decision: answer.decision,
            control: answer.control.clone(),
            reason: answer.reason.clone(),
            changed: answer.changed.clone(),
            change_note: answer.change_note.clone(),
        }
    }

    /// Texts that are too long, with how many characters are allowed.
    pub fn too_long(&self) -> impl Iterator<Item = (Part, usize)> {
        let texts = [
            (Part::Control, &self.control, LONGEST_CONTROL),
            (Part::Reason, &self.reason, LONGEST_REASON),
            (Part::ChangeNote, &self.change_note, LONGEST_REASON),
        ];
        texts.into_iter().filter(|(_, text, most)| text.chars().count() > *most).map(|(part, _, most)| (part, most))
    }

    /// A part as text; what surrounds a text does not count.
    fn part(&self, part: Part) -> String {
        match part {
            Part::Decision => match self.decision {
                None => String::new(),
                Some(Decision::Adopted) => "adopted".to_owned(),
                Some(Decision::Excluded) => "excluded".to_owned(),
            },
            Part::Control => self.control.trim().to_owned(),
            Part::Reason => self.reason.trim().to_owned(),
            Part::Changed => self.changed.iter().map(|kind| format!("{kind:?}")).collect::<Vec<_>>().join(" "),
            Part::ChangeNote => self.change_note.trim().to_owned(),
        }
    }
}

/// What a form saw of an item: a short mark of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen([String; 5]);

impl Seen {
    /// Of an answer as it stands.
    pub fn of(answer: &Answer) -> Self {
        Self::of_edit(&Edit::of(answer))
    }

    fn of_edit(edit: &Edit) -> Self {
        Self(Part::ALL.map(|part| mark(&edit.part(part))))
    }

    /// Reads it back; `None` when it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let marks: Vec<String> = text.trim().split('-').map(str::to_owned).collect();
        let fits = |m: &String| m == "0" || (m.len() == 8 && m.bytes().all(|b| b.is_ascii_hexdigit()));
        if marks.iter().all(fits) { marks.try_into().ok().map(Self) } else { None }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("-"))
    }
}

/// Nothing is `0`, so that an untouched item has a short mark.
fn mark(text: &str) -> String {
    if text.is_empty() { "0".to_owned() } else { sha256(text.as_bytes()).chars().take(8).collect() }
}

/// Somebody else changed the same parts of an item to something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Which item.
    pub criterion: CriterionId,
    /// Which parts.
    pub parts: Vec<Part>,
    /// What is stated now.
    pub now: Box<Answer>,
}

/// What is done with many items at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Adopted, with one text for the control.
    Adopt,
    /// Excluded, with one reason.
    Exclude,
    /// As last year.
    TakeOver,
}

impl StatementContent {
    /// Takes in what a form says of an item. Without knowing what the form saw, what stands there is overwritten. Says
    /// whether anything changed.
    pub fn edit(&mut self, id: CriterionId, seen: Option<&Seen>, edit: &Edit) -> Result<bool, Clash> {
        let now = self.answers.get(&id).cloned().unwrap_or_default();
        let standing = Edit::of(&now);
        let (mut next, mut clashing) = (now.clone(), Vec::new());
        for (at, part) in Part::ALL.into_iter().enumerate() {
            let (said, stands) = (edit.part(part), standing.part(part));
            let saw = seen.and_then(|seen| seen.0.get(at));
            let unchanged_here = saw.is_some_and(|saw| *saw == mark(&said));
            let changed_there = saw.is_some_and(|saw| *saw != mark(&stands));
            if said == stands || unchanged_here {
                continue;
            }
            if changed_there {
                clashing.push(part);
                continue;
            }
            match part {
                Part::Decision => next.decision = edit.decision,
                Part::Control => next.control = said,
                Part::Reason => next.reason = said,
                Part::Changed => next.changed.clone_from(&edit.changed),
                Part::ChangeNote => next.change_note = said,
            }
        }
        if !clashing.is_empty() {
            return Err(Clash { criterion: id, parts: clashing, now: Box::new(now) });
        }
        Ok(self.state(id, now, next))
    }

    /// The head lets a basic item be left out, or takes that back. Says whether anything changed.
    pub fn let_out(&mut self, id: CriterionId, by: Option<&PersonId>) -> bool {
        let Some(answer) = self.answers.get_mut(&id) else { return false };
        if answer.overridden_by.is_some() == by.is_some() {
            return false;
        }
        answer.overridden_by = by.cloned();
        true
    }

    /// Decides many items at once; says how many changed. What was decided or written stays unless it is to be replaced.
    pub fn decide_many(
        &mut self,
        ids: impl IntoIterator<Item = CriterionId>,
        (deed, text, replace): (Deed, &str, bool),
        before: Option<&Self>,
    ) -> usize {
        let text = text.trim();
        let fill = |place: &mut String| {
            if !text.is_empty() && (replace || place.trim().is_empty()) {
                text.clone_into(place);
            }
        };
        let mut count = 0;
        for id in ids {
            let now = self.answers.get(&id).cloned().unwrap_or_default();
            let mut next = now.clone();
            let wanted = match deed {
                Deed::Adopt => Some(Decision::Adopted),
                Deed::Exclude => Some(Decision::Excluded),
                Deed::TakeOver => None,
            };
            if now.decision.is_some() && now.decision != wanted && !replace {
                continue;
            }
            match deed {
                Deed::Adopt => fill(&mut next.control),
                Deed::Exclude => fill(&mut next.reason),
                Deed::TakeOver => {
                    let Some(last) = before.and_then(|before| before.beside(id)) else { continue };
                    next.control.clone_from(&last.control);
                    next.reason.clone_from(&last.reason);
                    next.decision = last.decision;
                }
            }
            if wanted.is_some() {
                next.decision = wanted;
            }
            count += usize::from(self.state(id, now, next));
        }
        count
    }

    /// What is stated about the item of this number, whatever its suffix: the other version may mark it differently.
    pub fn beside(&self, id: CriterionId) -> Option<&Answer> {
        self.answers.get(&id).or_else(|| {
            let first = id.without_suffix();
            let mut near = self.answers.range(first..).take_while(|(other, _)| other.numbers() == id.numbers());
            near.next().map(|(_, answer)| answer)
        })
    }

    /// Puts an answer in its place. The head's leave is given for a reason as it stands: it ends when that changes.
    fn state(&mut self, id: CriterionId, now: Answer, mut next: Answer) -> bool {
        if next == now {
            return false;
        }
        if (next.decision, &next.reason) != (now.decision, &now.reason) {
            next.overridden_by = None;
        }
        if next == Answer::default() {
            self.answers.remove(&id);
        } else {
            self.answers.insert(id, next);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::CatalogueId;
    use crate::ismap::statement::ServiceProfile;
    use jiff::civil::Date;

    fn id(text: &str) -> CriterionId {
        text.parse().unwrap()
    }

    fn content() -> StatementContent {
        StatementContent {
            catalogue: CatalogueId::new("kakuu-2026").unwrap(),
            from: Date::constant(2025, 4, 1),
            to: Date::constant(2026, 3, 31),
            service: ServiceProfile::default(),
            answers: [].into(),
        }
    }

    fn adopted(control: &str) -> Edit {
        Edit { decision: Some(Decision::Adopted), control: control.into(), ..Edit::default() }
    }

    #[test]
    fn given_two_forms_of_one_item_when_each_changes_another_part_then_both_are_kept() {
        let mut content = content();
        let seen = Seen::of(&Answer::default());
        content.edit(id("5.1.1.1"), Some(&seen), &Edit { reason: "理由".into(), ..Edit::default() }).unwrap();
        assert_eq!(content.edit(id("5.1.1.1"), Some(&seen), &adopted("手順を定める")), Ok(true));
        let answer = &content.answers[&id("5.1.1.1")];
        assert_eq!((answer.control.as_str(), answer.reason.as_str()), ("手順を定める", "理由"));
    }

    #[test]
    fn given_a_part_changed_by_another_when_it_is_changed_differently_then_it_clashes_and_nothing_is_lost() {
        let mut content = content();
        let seen = Seen::of(&Answer::default());
        content.edit(id("5.1.1.1"), Some(&seen), &adopted("先の文")).unwrap();
        let clash = content.edit(id("5.1.1.1"), Some(&seen), &adopted("後の文")).unwrap_err();
        assert_eq!((clash.parts, clash.now.control.as_str()), (vec![Part::Control], "先の文"));
        assert_eq!(content.answers[&id("5.1.1.1")].control, "先の文");
        // The same change by both is no clash, nor is a form that left the part alone.
        assert_eq!(content.edit(id("5.1.1.1"), Some(&seen), &adopted(" 先の文\n")), Ok(false));
        assert_eq!(content.edit(id("5.1.1.1"), Some(&seen), &Edit::default()), Ok(false));
        // Who has seen it may change it.
        let seen = Seen::of(&content.answers[&id("5.1.1.1")]);
        assert_eq!(content.edit(id("5.1.1.1"), Some(&seen), &adopted("後の文")), Ok(true));
    }

    #[test]
    fn given_the_heads_leave_when_the_reason_changes_then_it_ends() {
        let mut content = content();
        let excluded =
            |reason: &str| Edit { decision: Some(Decision::Excluded), reason: reason.into(), ..Edit::default() };
        content.edit(id("5.1.1.1.B"), None, &excluded("対象がない")).unwrap();
        let head = PersonId::new("head").unwrap();
        assert!(content.let_out(id("5.1.1.1.B"), Some(&head)));
        content.edit(id("5.1.1.1.B"), None, &excluded("対象がない ")).unwrap();
        assert_eq!(content.answers[&id("5.1.1.1.B")].overridden_by.as_ref(), Some(&head));
        content.edit(id("5.1.1.1.B"), None, &excluded("別の理由")).unwrap();
        assert_eq!(content.answers[&id("5.1.1.1.B")].overridden_by, None);
    }

    #[test]
    fn given_many_items_when_decided_at_once_then_what_was_decided_stays_unless_replaced() {
        let (mut content, ids) = (content(), [id("5.1.1"), id("5.1.1.1"), id("5.1.1.2")]);
        content.edit(id("5.1.1.1"), None, &adopted("自分の文")).unwrap();
        assert_eq!(content.decide_many(ids, (Deed::Exclude, "提供しない機能である", false), None), 2);
        assert_eq!(content.answers[&id("5.1.1.1")].decision, Some(Decision::Adopted));
        assert_eq!(content.decide_many(ids, (Deed::Exclude, "提供しない機能である", true), None), 1);
        assert_eq!(content.answers[&id("5.1.1.1")].reason, "提供しない機能である");
        assert_eq!(content.answers[&id("5.1.1.1")].control, "自分の文");
    }

    #[test]
    fn given_last_years_answers_when_taken_over_then_the_number_counts_and_not_the_suffix() {
        let (mut now, mut last) = (content(), content());
        last.edit(id("5.1.1.1"), None, &adopted("昨年の文")).unwrap();
        assert_eq!(now.decide_many([id("5.1.1.1.PB"), id("5.1.1.2")], (Deed::TakeOver, "", false), Some(&last)), 1);
        assert_eq!(now.answers[&id("5.1.1.1.PB")].control, "昨年の文");
        assert_eq!(last.beside(id("5.1.1.10")), None);
    }

    #[test]
    fn a_mark_is_read_back_and_nothing_else_is() {
        let answer = Answer { control: "文".into(), ..Answer::default() };
        let seen = Seen::of(&answer);
        assert_eq!(Seen::parse(&seen.to_string()), Some(seen));
        for text in ["", "0", "0-0-0-0", "0-0-0-0-x", "0-0-0-0-0-0", "0-0-0-0-あ"] {
            assert_eq!(Seen::parse(text), None, "{text}");
        }
    }
}
