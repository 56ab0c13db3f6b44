//! A meeting as units: one for each speech, questions and answers tied together.

use std::collections::{BTreeMap, HashMap};

use crate::diet::citation;
use crate::diet::exchange::exchanges;
use crate::diet::record::{Meeting, Sitting, Speech};
use crate::diet::speaker::{self, Spoken};
use crate::unit::{Facet, Role, Unit, UnitId};

/// The units of a meeting, in order. `stored` are those the shelf holds of it: speeches that are not in `sitting` stay.
pub fn units(sitting: &Sitting, stored: Vec<Unit>) -> Vec<Unit> {
    let mut kept: BTreeMap<u32, Unit> = stored.into_iter().map(|unit| (unit.order, unit)).collect();
    for speech in &sitting.speeches {
        kept.remove(&speech.order);
    }
    let mut whole = sitting.clone();
    whole.speeches.extend(kept.values().map(speech_of));
    whole.speeches.sort_by_key(|speech| speech.order);
    let ties = Ties::of(&whole);
    let mut units: Vec<Unit> =
        sitting.speeches.iter().map(|speech| unit(&sitting.meeting, speech)).chain(kept.into_values()).collect();
    units.sort_by_key(|unit| unit.order);
    for unit in &mut units {
        unit.source.clear();
        ties.tie(unit);
    }
    units
}

/// Who answers whom.
struct Ties {
    answers: HashMap<UnitId, Vec<UnitId>>,
    questions: HashMap<UnitId, UnitId>,
}

impl Ties {
    fn of(sitting: &Sitting) -> Self {
        let mut ties = Self { answers: HashMap::new(), questions: HashMap::new() };
        for exchange in exchanges(sitting) {
            for asking in exchange.asking() {
                ties.answers.insert(asking.clone(), exchange.answers.clone());
            }
            for answer in &exchange.answers {
                ties.questions.insert(answer.clone(), exchange.question.clone());
            }
        }
        ties
    }

    fn tie(&self, unit: &mut Unit) {
        let id = unit.unit_id();
        unit.answered_by = self.answers.get(&id).cloned().unwrap_or_default();
        unit.answers_to = self.questions.get(&id).cloned();
    }
}

fn unit(meeting: &Meeting, speech: &Speech) -> Unit {
    let spoken = Spoken::read(speech);
    let cited = citation::speech(meeting, speech);
    let facets = [
        (Facet::Kind, Some("speech".to_owned())),
        (Facet::House, Some(meeting.house.to_string())),
        (Facet::Meeting, Some(meeting.name.clone())),
        (Facet::Speaker, Some(speech.speaker.clone())),
        (Facet::Party, speech.group.clone()),
        (Facet::Post, spoken.post(speech).map(str::to_owned)),
        (Facet::Session, Some(meeting.session.to_string())),
    ];
    Unit {
        id: speech.id.as_str().to_owned(),
        group: meeting.issue_id.clone(),
        order: speech.order,
        title: meeting.name.clone(),
        number: meeting.issue.clone().unwrap_or_default(),
        text: speech.text.clone(),
        url: speech.url.clone().unwrap_or(cited.url),
        date: Some(meeting.date),
        role: role(spoken.role),
        facets: facets
            .into_iter()
            .filter_map(|(facet, value)| Some((facet, value.filter(|value| !value.is_empty())?)))
            .collect(),
        cite: cited.text,
        ..Unit::default()
    }
}

/// What a speaker's part in a meeting is to a search.
pub(crate) fn role(role: speaker::Role) -> Role {
    match role {
        speaker::Role::Questioner => Role::Asks,
        speaker::Role::Government | speaker::Role::Witness => Role::Answers,
        speaker::Role::Chair => Role::Presides,
        speaker::Role::Other => Role::Other,
    }
}

/// A stored unit as the speech it was read from, as far as exchanges and citations look at it.
pub fn speech_of(unit: &Unit) -> Speech {
    let facet = |facet| unit.facet(facet).map(str::to_owned);
    Speech {
        id: unit.unit_id(),
        issue_id: unit.group.clone(),
        order: unit.order,
        speaker: facet(Facet::Speaker).unwrap_or_default(),
        yomi: None,
        group: facet(Facet::Party),
        position: facet(Facet::Post),
        role: None,
        text: unit.text.clone(),
        start_page: None,
        url: None,
    }
}
