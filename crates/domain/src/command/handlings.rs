//! 検出の取扱い.

use super::SetHandling;
use crate::event::{Event, HandlingSet};
use crate::handling::{Action, acceptable};
use crate::refusal::Refusal;

type Decided = Result<Vec<Event>, Refusal>;

/// The longest name of a rule of detection.
const NAME_BYTES: usize = 40;

pub(super) fn set(c: SetHandling) -> Decided {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    if c.rule.is_empty() || c.rule.len() > NAME_BYTES || !c.rule.bytes().all(plain) {
        return Err(Refusal::invalid(
            "検出の規則の番号（`ID-CARD` など）を指定してください。一覧は GET /api/handlings にあります。",
            "name a rule of detection such as `ID-CARD`; GET /api/handlings lists them",
        ));
    }
    // Inside, a 個人番号 may be what the work is about; a key is lost wherever it goes.
    let credential = c.rule.starts_with("CR-");
    let checked = [c.outside, c.inside.filter(|action| credential || *action == Action::Mask)];
    for action in checked.into_iter().flatten() {
        acceptable(&c.rule, action).map_err(|most| {
            let names = most.iter().map(|action| name(*action)).collect::<Vec<_>>().join("・");
            Refusal::invalid(
                format!("`{}` に選べる取扱いは {names} です。", c.rule),
                format!("`{}` can be handled as {most:?} only", c.rule).to_lowercase(),
            )
        })?;
    }
    Ok(vec![Event::HandlingSet(HandlingSet { rule: c.rule, outside: c.outside, inside: c.inside })])
}

fn name(action: Action) -> &'static str {
    match action {
        Action::Warn => "warn（知らせる）",
        Action::Ask => "ask（確かめる）",
        Action::Mask => "mask（伏せる）",
        Action::Block => "block（止める）",
    }
}
