//! What has come of one group so far.

use super::sort::Found;
use crate::diet::record::{Gathering, Sitting};
use crate::diet::written::{AnswerPage, Progress, QuestionPage, WrittenQuestion, WrittenRef};

/// A group under way.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    items: Gathering,
    written: Written,
    pub(super) count: usize,
}

#[derive(Debug, Default)]
struct Written {
    at: Option<WrittenRef>,
    rows: Vec<WrittenQuestion>,
    question: Option<QuestionPage>,
    answer: Option<AnswerPage>,
    progress: Option<Progress>,
}

/// A whole group.
#[derive(Debug)]
pub(super) enum Whole {
    Sitting(Sitting),
    Written(Box<WrittenQuestion>),
}

impl Gathered {
    pub(super) fn add(&mut self, found: Found) {
        self.count += 1;
        match found {
            Found::Item(item) => self.items.add(*item),
            Found::Row(row) => self.written.rows.push(*row),
            Found::Question(at, page) => {
                self.written.at = Some(at);
                self.written.question = Some(*page);
            }
            Found::Answer(at, page) => {
                self.written.at = Some(at);
                self.written.answer = Some(*page);
            }
            Found::Progress(at, page) => {
                self.written.at = Some(at);
                self.written.progress = Some(*page);
            }
        }
    }

    /// Speeches that came more than once; the last one stands.
    pub(super) fn repeated(&self) -> usize {
        self.items.repeated()
    }

    pub(super) fn finish(self) -> Option<Whole> {
        if let Some(written) = self.written.finish() {
            return Some(Whole::Written(Box::new(written)));
        }
        self.items.finish().pop().map(Whole::Sitting)
    }
}

impl Written {
    fn finish(self) -> Option<WrittenQuestion> {
        let mut all = self.rows;
        if let Some(at) = self.at {
            all.push(WrittenQuestion::join(at, self.question.unwrap_or_default(), self.answer, self.progress));
        }
        all.into_iter().reduce(joined)
    }
}

/// Two records of one question. The later is of the page itself or of a newer list; what it does not say, the earlier
/// does.
fn joined(earlier: WrittenQuestion, later: WrittenQuestion) -> WrittenQuestion {
    WrittenQuestion {
        at: later.at,
        title: if later.title.is_empty() { earlier.title } else { later.title },
        submitter: later.submitter.or(earlier.submitter),
        others: later.others.max(earlier.others),
        group: later.group.or(earlier.group),
        submitted: later.submitted.or(earlier.submitted),
        forwarded: later.forwarded.or(earlier.forwarded),
        answered: later.answered.or(earlier.answered),
        remark: later.remark.or(earlier.remark),
        question: if later.question.is_empty() { earlier.question } else { later.question },
        answer: later.answer.or(earlier.answer),
        urls: later.urls,
    }
}
