//! A written question and its answer as two units. Each heading of the answer leads to the item it answers.

use crate::diet::citation;
use crate::diet::written::{Paragraph, WrittenQuestion};
use crate::unit::{Facet, Link, Role, Unit};

/// The units of a written question. `stored` are those the shelf holds of it: a text that the files do not have stays.
pub fn units(written: &WrittenQuestion, stored: Vec<Unit>) -> Vec<Unit> {
    let (question, mut answer) = (question(written), answer(written));
    let mut kept = [None, None];
    for unit in stored {
        let place = usize::from(unit.unit_id() == written.answer_id());
        if let Some(kept) = kept.get_mut(place) {
            *kept = Some(unit);
        }
    }
    let [kept_question, kept_answer] = kept;
    let mut question = match kept_question {
        // Facts alone never take a text away.
        Some(kept) if question.text.is_empty() && !kept.text.is_empty() => kept,
        _ => question,
    };
    answer = answer.or(kept_answer);
    question.answered_by = answer.iter().map(Unit::unit_id).collect();
    question.source.clear();
    std::iter::once(question).chain(answer).collect()
}

fn question(written: &WrittenQuestion) -> Unit {
    let cited = citation::written_question(written);
    let lines: Vec<String> = written.question.iter().map(line).collect();
    Unit {
        id: written.question_id().as_str().to_owned(),
        text: lines.join("\n"),
        url: cited.url,
        date: written.submitted,
        role: Role::Asks,
        facets: facets(written, written.submitter.clone(), None),
        cite: cited.text,
        ..both(written, 0)
    }
}

/// A paragraph with its number where one begins.
fn line(paragraph: &Paragraph) -> String {
    let label = paragraph.number.as_ref().and_then(|item| item.0.last());
    label.map_or_else(|| paragraph.text.clone(), |label| format!("{label}　{}", paragraph.text))
}

fn answer(written: &WrittenQuestion) -> Option<Unit> {
    let answer = written.answer.as_ref()?;
    let cited = citation::written_answer(written);
    let (mut text, mut links) = (String::new(), Vec::new());
    for part in &answer.parts {
        if !text.is_empty() {
            text.push('\n');
        }
        if let Some(heading) = &part.heading {
            let start = text.len();
            text.push_str(heading);
            let within: Vec<String> = part.items.iter().map(ToString::to_string).collect();
            if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(text.len())) {
                links.push(Link { start, end, to: written.question_id(), within: within.join("、") });
            }
            text.push('\n');
        }
        text.push_str(&part.text);
    }
    Some(Unit {
        id: written.answer_id().as_str().to_owned(),
        text,
        url: cited.url,
        date: written.answered.or(answer.dated).or(written.submitted),
        role: Role::Answers,
        facets: facets(written, answer.by.clone(), Some("内閣総理大臣")),
        links,
        cite: cited.text,
        answers_to: Some(written.question_id()),
        ..both(written, 1)
    })
}

fn both(written: &WrittenQuestion, order: u32) -> Unit {
    Unit {
        group: written.at.to_string(),
        order,
        title: written.title.clone(),
        number: format!("質問第{}号", written.at.number),
        ..Unit::default()
    }
}

fn facets(written: &WrittenQuestion, speaker: Option<String>, post: Option<&str>) -> Vec<(Facet, String)> {
    let party = written.group.clone().filter(|_| post.is_none());
    // 内閣総理大臣　架空太郎 is printed in one line.
    let speaker = speaker.map(|name| {
        let name = post.and_then(|post| name.strip_prefix(post)).unwrap_or(&name);
        name.chars().filter(|c| !c.is_whitespace()).collect::<String>()
    });
    [
        (Facet::Kind, Some("written".to_owned())),
        (Facet::House, Some(written.at.house.to_string())),
        (Facet::Meeting, Some(if post.is_some() { "答弁書" } else { "質問主意書" }.to_owned())),
        (Facet::Speaker, speaker),
        (Facet::Party, party),
        (Facet::Post, post.map(str::to_owned)),
        (Facet::Session, Some(written.at.session.to_string())),
    ]
    .into_iter()
    .filter_map(|(facet, value)| Some((facet, value.filter(|value| !value.is_empty())?)))
    .collect()
}
