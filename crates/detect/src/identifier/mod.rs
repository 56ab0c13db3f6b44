//! Structured identifiers: one file per family, each with its own check-digit function.
//!
//! The check-digit functions are public because they are useful alone (validating a form, generating test data).
//! They look alike and are not: 個人番号 and 運転免許証 differ exactly where the remainder is 0 or 1.

pub(crate) mod address;
pub mod bank_account;
pub mod basic_pension;
pub(crate) mod birth_date;
pub mod corporate_number;
pub mod driver_licence;
pub mod email;
pub mod employment_insurance;
pub mod health_insurance;
pub mod ip_address;
pub mod municipality;
pub mod my_number;
pub mod passport;
pub mod payment_card;
pub(crate) mod person_name;
pub mod postal_code;
pub mod residence_card;
pub mod resident_record;
pub mod telephone;

use std::cell::{Cell, RefCell};
use std::ops::Range;

use crate::finding::{Confidence, Finding, RuleId, Signal};
use crate::keyword::{KeywordIndex, TOPICS, Topic};
use crate::number::{Joint, Window};
use crate::surroundings::within;

/// How far a keyword reaches, in characters, for an identifier with a check digit or a distinctive form.
const NEAR: usize = 300;
/// How far a keyword reaches as a label directly before a number.
const LABEL: usize = 40;

/// A text, the keywords in it, and the lists that are being read.
#[derive(Debug)]
pub(crate) struct Page<'t> {
    pub(crate) text: &'t str,
    pub(crate) keywords: &'t KeywordIndex,
    /// Where the last number that a topic's keyword spoke for ended, by topic.
    lists: [Cell<Option<usize>>; TOPICS],
    /// What stands before this place was judged before; it only gives its surroundings.
    from: usize,
    /// The numbers that were spoken for, when the page is a piece of a longer text.
    heard: Option<RefCell<Vec<Heard>>>,
}

/// Where the lists of a text stand at some place in it, by topic.
pub(crate) type Lists = [Option<usize>; TOPICS];

/// A number that a keyword or a list spoke for.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) topic: usize,
    pub(crate) span: Range<usize>,
}

impl<'t> Page<'t> {
    pub(crate) fn new(text: &'t str, keywords: &'t KeywordIndex) -> Self {
        Self { text, keywords, lists: Default::default(), from: 0, heard: None }
    }

    /// A page that goes on with lists begun before, whose own matter begins at `from`.
    pub(crate) fn continued(text: &'t str, keywords: &'t KeywordIndex, lists: Lists, from: usize) -> Self {
        Self { text, keywords, lists: lists.map(Cell::new), from, heard: Some(RefCell::default()) }
    }

    /// The numbers of a continued page that were spoken for.
    pub(crate) fn heard(self) -> Vec<Heard> {
        self.heard.map(RefCell::into_inner).unwrap_or_default()
    }

    /// Whether anything on the page can speak for a number of this topic.
    pub(crate) fn may_speak(&self, topic: Topic) -> bool {
        self.keywords.any(topic) || self.lists.get(topic as usize).is_some_and(|list| list.get().is_some())
    }

    /// What speaks for a number of this topic: a keyword near it, or that it continues a list (the rows of a table
    /// stand far below its head). Ask only once the form of the number fits.
    fn spoken_for(&self, topic: Topic, span: &Range<usize>) -> Option<&'static str> {
        let list = self.lists.get(topic as usize)?;
        let word = self.near(topic, span, NEAR).or_else(|| {
            let last = list.get()?;
            within(self.text, last, span.start, NEAR).then_some("continues a list")
        })?;
        if span.start >= self.from {
            list.set(list.get().max(Some(span.end)));
            if let Some(heard) = &self.heard {
                heard.borrow_mut().push(Heard { topic: topic as usize, span: span.clone() });
            }
        }
        Some(word)
    }

    fn near(&self, topic: Topic, span: &Range<usize>, limit: usize) -> Option<&'static str> {
        self.keywords.near(self.text, topic, span, limit)
    }

    fn labels(&self, topic: Topic, span: &Range<usize>) -> Option<&'static str> {
        self.keywords.labels(self.text, topic, span, LABEL)
    }
}

/// The fewest digits an identifier on this page can have: six, unless free numbers of insured persons may stand there.
pub(crate) fn least_digits(page: &Page<'_>) -> usize {
    if page.keywords.any(Topic::Insured) { 1 } else { 6 }
}

/// Judges one row of digit groups; pushes what it may be and says whether anything was found.
pub(crate) fn judge(page: &Page<'_>, window: &Window<'_>, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    let mut add = |finding: Option<Finding>| findings.extend(finding);
    if window.joint == Joint::Loose {
        add(my_number::detect(page, window));
        add(payment_card::detect(page, window));
        add(telephone::detect(page, window));
        return findings.len() > before;
    }
    match window.digits.len() {
        6 => {
            add(health_insurance::insurer(page, window));
            add(municipality::detect(page, window));
        }
        7 => {
            add(postal_code::detect(page, window));
            add(passport::detect(page, window));
            add(bank_account::detect(page, window));
        }
        8 => {
            add(residence_card::detect(page, window));
            add(health_insurance::insurer(page, window));
            add(bank_account::detect(page, window));
        }
        10 => {
            add(telephone::detect(page, window));
            add(basic_pension::detect(page, window));
            add(bank_account::detect(page, window));
        }
        11 => {
            add(telephone::detect(page, window));
            add(resident_record::detect(page, window));
            add(employment_insurance::detect(page, window));
        }
        12 => {
            add(my_number::detect(page, window));
            add(driver_licence::detect(page, window));
            add(telephone::detect(page, window));
        }
        13 => {
            add(corporate_number::detect(page, window));
            add(payment_card::detect(page, window));
            add(bank_account::detect(page, window));
            add(telephone::detect(page, window));
        }
        14 | 15 => {
            add(payment_card::detect(page, window));
            add(basic_pension::detect(page, window));
            add(bank_account::detect(page, window));
        }
        16..=19 => add(payment_card::detect(page, window)),
        _ => {}
    }
    if findings.len() == before {
        findings.extend(health_insurance::insured(page, window));
    }
    findings.len() > before
}

/// Sum of digit times weight.
fn weighted_sum(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&digit, &weight)| u32::from(digit).saturating_mul(weight)).sum()
}

/// Whether all digits are the same one.
fn monotonous(digits: &[u8]) -> bool {
    digits.first().is_some_and(|first| digits.iter().all(|digit| digit == first))
}

/// Whether a separator between groups is one a writer puts on purpose.
fn joined_on_purpose(joint: Joint) -> bool {
    matches!(joint, Joint::Dash | Joint::Bracket)
}

fn found(
    rule: RuleId,
    signal: Signal,
    window: &Window<'_>,
    confidence: Confidence,
    evidence: Vec<&'static str>,
) -> Option<Finding> {
    Some(Finding { rule, signal, span: window.span.clone(), confidence, evidence })
}

/// The digits of a text, for check-digit tests.
#[cfg(test)]
pub(crate) fn digits(text: &str) -> Vec<u8> {
    text.chars().filter_map(crate::fold::digit).collect()
}
