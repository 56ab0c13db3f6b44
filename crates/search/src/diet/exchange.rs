//! Questions with their answers, from the order of speeches in a meeting.
//!
//! The record does not say what answers what; the order does. A member asks, whoever is asked answers, and between them
//! the chair only gives the floor. One member's turn, with the follow-ups, is a *questioning*.

mod chair;

use super::record::Sitting;
use super::speaker::{Role, Spoken};
use crate::unit::UnitId;
use chair::Chairing;
use serde::{Deserialize, Serialize};

/// A question with the answers to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The speech that asks: the last of the member's before the answer.
    pub question: UnitId,
    /// Speeches in which the member began to ask before the chair or a heckle came between, in order.
    pub begun: Vec<UnitId>,
    /// The speeches that answer, in order; never empty.
    pub answers: Vec<UnitId>,
    /// The question before this one in the same questioning.
    pub earlier: Option<UnitId>,
    /// The question after this one in the same questioning.
    pub later: Option<UnitId>,
    /// Number of the questioning in the meeting, from 0.
    pub questioning: usize,
}

impl Exchange {
    /// Every speech that asks: what was begun, then the question.
    pub fn asking(&self) -> impl Iterator<Item = &UnitId> {
        self.begun.iter().chain([&self.question])
    }
}

/// The exchanges of a meeting, in order. Questions that nobody answers (debate, statements) make none.
pub fn exchanges(sitting: &Sitting) -> Vec<Exchange> {
    let spoken: Vec<Spoken<'_>> = sitting.speeches.iter().map(Spoken::read).collect();
    let mut floor = Floor::default();
    let mut called = false;
    for (at, (speech, spoken_now)) in sitting.speeches.iter().zip(&spoken).enumerate() {
        match spoken_now.role {
            Role::Chair => match Chairing::of(spoken_now.body) {
                Chairing::Ends => {
                    floor.clear();
                    called = false;
                }
                Chairing::Turn => called = true,
                Chairing::Passing => {}
            },
            Role::Questioner => {
                let next = sitting.speeches.iter().zip(&spoken).skip(at + 1).find(|(_, s)| s.role != Role::Chair);
                let comes_back = next.is_some_and(|(next, _)| floor.is_asking(&next.speaker));
                // A member who speaks between two speeches of the asking member, without being given a turn of his
                // own, is the sponsor of the bill in hand: he is asked.
                if !called && comes_back && !floor.is_asking(&speech.speaker) && floor.waits() {
                    floor.answer(&speech.id);
                } else {
                    floor.ask(&speech.speaker, &speech.id);
                }
                called = false;
            }
            Role::Government | Role::Witness | Role::Other => {
                floor.answer(&speech.id);
                called = false;
            }
        }
    }
    floor.done()
}

/// Who has the floor, and what was asked and answered so far.
#[derive(Default)]
struct Floor<'a> {
    asker: Option<&'a str>,
    open: Option<Exchange>,
    done: Vec<Exchange>,
    questioning: usize,
}

impl<'a> Floor<'a> {
    fn is_asking(&self, speaker: &str) -> bool {
        self.asker == Some(speaker)
    }

    /// Whether a question stands open to be answered.
    fn waits(&self) -> bool {
        self.open.is_some()
    }

    fn ask(&mut self, speaker: &'a str, id: &UnitId) {
        if !self.is_asking(speaker) {
            self.clear();
            self.asker = Some(speaker);
        }
        match &mut self.open {
            // Nothing was answered yet: the member goes on asking.
            Some(open) if open.answers.is_empty() => {
                open.begun.push(std::mem::replace(&mut open.question, id.clone()));
            }
            _ => {
                self.close();
                let earlier = self.done.last().filter(|e| e.questioning == self.questioning);
                self.open = Some(Exchange {
                    question: id.clone(),
                    begun: Vec::new(),
                    answers: Vec::new(),
                    earlier: earlier.map(|e| e.question.clone()),
                    later: None,
                    questioning: self.questioning,
                });
            }
        }
    }

    fn answer(&mut self, id: &UnitId) {
        if let Some(open) = &mut self.open {
            open.answers.push(id.clone());
        }
    }

    /// Puts the open exchange away, if it was answered.
    fn close(&mut self) {
        let Some(open) = self.open.take().filter(|open| !open.answers.is_empty()) else { return };
        if let Some(last) = self.done.last_mut().filter(|last| last.questioning == open.questioning) {
            last.later = Some(open.question.clone());
        }
        self.done.push(open);
    }

    /// Ends the questioning.
    fn clear(&mut self) {
        self.close();
        self.asker = None;
        if self.done.last().is_some_and(|last| last.questioning == self.questioning) {
            self.questioning += 1;
        }
    }

    fn done(mut self) -> Vec<Exchange> {
        self.close();
        self.done
    }
}

#[cfg(test)]
mod tests;
