//! Items of a question with the parts of the answer that answer them.

use super::answer::AnswerPart;
use super::item::Item;
use super::paragraph::Paragraph;

/// An item with its paragraphs and its answers, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The item; `None` for a question without items.
    pub item: Option<Item>,
    /// Places of its paragraphs in the question.
    pub question: Vec<usize>,
    /// Places of the parts in the answer; empty where none answers it.
    pub answer: Vec<usize>,
}

/// Pairs items with answers: a part that names an item answers it and what stands within it; an item is answered as
/// well by parts that name what stands within it. A part that names nothing answers everything.
pub fn pairs(question: &[Paragraph], answer: &[AnswerPart]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (at, paragraph) in question.iter().enumerate() {
        let Some(item) = &paragraph.number else { continue };
        match pairs.last_mut().filter(|pair| pair.item.as_ref() == Some(item)) {
            Some(pair) => pair.question.push(at),
            None => pairs.push(Pair { item: Some(item.clone()), question: vec![at], answer: Vec::new() }),
        }
    }
    if pairs.is_empty() {
        let question = (0..question.len()).collect();
        return vec![Pair { item: None, question, answer: (0..answer.len()).collect() }];
    }
    for pair in &mut pairs {
        let Some(item) = &pair.item else { continue };
        let answers = |part: &AnswerPart| {
            part.items.is_empty() || part.items.iter().any(|named| item.within(named) || named.within(item))
        };
        pair.answer = answer.iter().enumerate().filter(|(_, part)| answers(part)).map(|(at, _)| at).collect();
    }
    pairs
}
