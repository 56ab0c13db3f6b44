//! A sitting put together again from its units: what was asked and what was answered, in the order of the record.

use sekisho_search::diet::exchange::{Exchange, exchanges};
use sekisho_search::diet::house::House;
use sekisho_search::diet::record::{Meeting, Sitting};
use sekisho_search::source::diet::speech_of;
use sekisho_search::unit::{Facet, Role, Unit, UnitId};
use std::collections::HashMap;
use std::ops::Range;

/// A stretch of the record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) speeches: Range<usize>,
    /// Whether a question and its answers.
    pub(super) exchange: bool,
}

/// The facts of the meeting a unit belongs to; `None` where day, House or session is not known.
pub(super) fn meeting(unit: &Unit) -> Option<Meeting> {
    Some(Meeting {
        issue_id: unit.group.clone(),
        session: unit.facet(Facet::Session)?.parse().ok()?,
        house: House::parse(unit.facet(Facet::House)?)?,
        name: unit.facet(Facet::Meeting).unwrap_or(&unit.title).to_owned(),
        issue: Some(unit.number.clone()).filter(|number| !number.is_empty()),
        date: unit.date?,
        closing: false,
        kind: None,
        url: None,
        pdf_url: None,
        header: None,
    })
}

/// The exchanges of a sitting: from the order of the record, where its facts are known; else from the roles alone.
fn ranges(units: &[Unit]) -> Vec<Range<usize>> {
    let Some(meeting) = units.first().and_then(meeting) else { return by_role(units) };
    let places: HashMap<UnitId, usize> = units.iter().enumerate().map(|(at, unit)| (unit.unit_id(), at)).collect();
    let sitting = Sitting { meeting, speeches: units.iter().map(speech_of).collect() };
    let place = |exchange: &Exchange| {
        let places: Vec<usize> =
            exchange.asking().chain(&exchange.answers).filter_map(|id| places.get(id).copied()).collect();
        Some(*places.iter().min()?..*places.iter().max()? + 1)
    };
    exchanges(&sitting).iter().filter_map(place).collect()
}

fn by_role(units: &[Unit]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut asked, mut answered) = (None, None);
    for (at, unit) in units.iter().enumerate() {
        match unit.role {
            Role::Asks => {
                if let (Some(start), Some(end)) = (asked, answered.take()) {
                    found.push(start..end);
                    asked = None;
                }
                asked = asked.or(Some(at));
            }
            Role::Answers if asked.is_some() => answered = Some(at + 1),
            Role::Answers | Role::Presides | Role::Other => {}
        }
    }
    found.extend(asked.zip(answered).map(|(start, end)| start..end));
    found
}

/// The whole sitting in stretches, in order.
pub(super) fn stretches(units: &[Unit]) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut at = 0;
    let mut ranges = ranges(units);
    ranges.sort_by_key(|range| range.start);
    for range in ranges.into_iter().chain(std::iter::once(units.len()..units.len())) {
        if range.start < at {
            continue;
        }
        if at < range.start {
            stretches.push(Stretch { speeches: at..range.start, exchange: false });
        }
        at = range.end;
        if !range.is_empty() {
            stretches.push(Stretch { speeches: range, exchange: true });
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn unit(order: u32, name: &str, post: &str, text: &str, role: Role) -> Unit {
        let mut facets = vec![
            (Facet::House, "衆議院".to_owned()),
            (Facet::Session, "999".to_owned()),
            (Facet::Speaker, name.to_owned()),
        ];
        if !post.is_empty() {
            facets.push((Facet::Post, post.to_owned()));
        }
        Unit {
            id: format!("m_{order:03}"),
            group: "m".into(),
            order,
            title: "架空委員会".into(),
            text: text.into(),
            date: Some(date(2025, 2, 5)),
            role,
            facets,
            ..Unit::default()
        }
    }

    #[test]
    fn questions_stand_with_their_answers_and_nothing_is_lost() {
        let mut units = vec![
            unit(1, "架空太郎", "", "○架空委員長　これより会議を開きます。架空花子君。", Role::Presides),
            unit(2, "架空花子", "", "○架空（花）委員　伺います。", Role::Asks),
            unit(3, "架空次郎", "架空大臣", "○架空国務大臣　お答えします。", Role::Answers),
            unit(4, "架空花子", "", "○架空（花）委員　もう一つ伺います。", Role::Asks),
            unit(5, "架空次郎", "架空大臣", "○架空国務大臣　そのとおりです。", Role::Answers),
            unit(6, "架空太郎", "", "○架空委員長　散会します。", Role::Presides),
        ];
        for known in [true, false] {
            if !known {
                units.iter_mut().for_each(|unit| unit.date = None);
            }
            let stretches = stretches(&units);
            let exchanges: Vec<Range<usize>> =
                stretches.iter().filter(|s| s.exchange).map(|s| s.speeches.clone()).collect();
            assert_eq!(exchanges, [1..3, 3..5], "{known}");
            let all: Vec<usize> = stretches.into_iter().flat_map(|s| s.speeches).collect();
            assert_eq!(all, [0, 1, 2, 3, 4, 5]);
        }
    }
}
