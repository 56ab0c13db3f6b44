//! A record of the scheme as its steps: what is true now is their fold, and what was true on a past day is the fold of
//! those recorded by then. Later steps never change an earlier day's answer, because they are not among them.

use super::party::SchemeRole;
use super::rule_document::Citation;
use crate::day::in_japan;
use crate::id::PersonId;
use imbl::{OrdMap, Vector};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::fmt::Debug;

/// Who took a step, when, as what and on what ground.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stamp {
    /// When it was recorded.
    pub at: Timestamp,
    /// The day from which it counts.
    pub on: Date,
    /// Who.
    pub actor: PersonId,
    /// As what; `None` for who runs the installation.
    pub role: Option<SchemeRole>,
    /// Why, in the actor's words.
    pub reason: String,
    /// SHA-256 of attached documents.
    pub documents: Vec<String>,
    /// The rule it rests on.
    pub rule: Option<Citation>,
}

/// A step with its stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped<S> {
    /// What was done.
    pub step: S,
    /// By whom, when, why.
    pub stamp: Stamp,
}

/// What is folded from steps.
pub trait Record: Default + Clone + Debug {
    /// What can happen to it.
    type Step: Clone + Debug;

    /// Takes a step in. Steps are checked before they are recorded, so this cannot fail.
    fn fold(&mut self, step: &Self::Step, stamp: &Stamp);
}

/// A record with everything that happened to it.
#[derive(Debug, Clone)]
pub struct Chronicle<R: Record> {
    steps: Vector<Stamped<R::Step>>,
    now: R,
}

impl<R: Record> Default for Chronicle<R> {
    fn default() -> Self {
        Self { steps: Vector::new(), now: R::default() }
    }
}

impl<R: Record> Chronicle<R> {
    /// What is true now.
    pub fn now(&self) -> &R {
        &self.now
    }

    /// What was known at the end of a day in Japan; `None` when nothing was.
    pub fn as_of(&self, day: Date) -> Option<R> {
        let mut then = None;
        for Stamped { step, stamp } in self.steps.iter().take_while(|s| in_japan(s.stamp.at) <= day) {
            then.get_or_insert_with(R::default).fold(step, stamp);
        }
        then
    }

    /// What counts on a day, as far as is known now: the fold of the steps that count by then, whenever they were recorded.
    /// A record's steps never count from an earlier day than the one before, so these are the first ones.
    pub fn on(&self, day: Date) -> Option<R> {
        let mut then = None;
        for Stamped { step, stamp } in self.steps.iter().take_while(|s| s.stamp.on <= day) {
            then.get_or_insert_with(R::default).fold(step, stamp);
        }
        then
    }

    /// Every step, oldest first.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Stamped<R::Step>> {
        self.steps.iter()
    }

    /// The last step.
    pub fn last(&self) -> Option<&Stamped<R::Step>> {
        self.steps.last()
    }
}

/// All records of a kind.
#[derive(Debug, Clone)]
pub struct Chronicles<K: Ord + Clone, R: Record>(OrdMap<K, Chronicle<R>>);

impl<K: Ord + Clone, R: Record> Default for Chronicles<K, R> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<K: Ord + Clone, R: Record> Chronicles<K, R> {
    /// A record with its history.
    pub fn get(&self, id: &K) -> Option<&Chronicle<R>> {
        self.0.get(id)
    }

    /// A record as it stands now.
    pub fn now(&self, id: &K) -> Option<&R> {
        self.0.get(id).map(Chronicle::now)
    }

    /// All records as they stand now, by identifier.
    pub fn all(&self) -> impl Iterator<Item = (&K, &R)> {
        self.0.iter().map(|(id, chronicle)| (id, chronicle.now()))
    }

    /// All records with their histories, by identifier.
    pub fn chronicles(&self) -> impl Iterator<Item = (&K, &Chronicle<R>)> {
        self.0.iter()
    }

    /// All records as they were known at the end of a day.
    pub fn as_of(&self, day: Date) -> impl Iterator<Item = (&K, R)> {
        self.0.iter().filter_map(move |(id, chronicle)| Some((id, chronicle.as_of(day)?)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn step(&mut self, id: K, step: R::Step, stamp: Stamp) {
        let chronicle = self.0.entry(id).or_default();
        chronicle.now.fold(&step, &stamp);
        chronicle.steps.push_back(Stamped { step, stamp });
    }
}
