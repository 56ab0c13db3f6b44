//! A conversation: a tree of messages. Editing or asking again adds a branch; nothing is ever taken out.

use jiff::Timestamp;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::UseId;
use serde::{Deserialize, Serialize};

/// Most messages of one conversation.
pub(super) const MOST_MESSAGES: usize = 1_000;

/// A conversation as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Conversation {
    /// What its owner calls it.
    pub(super) title: String,
    /// The permit and the model of the last message, as [`Way::key`](super::choice::Way::key) writes them.
    pub(super) way: String,
    /// 業務 of that permit.
    pub(super) purpose: String,
    /// The grade declared last.
    pub(super) grade: Grade,
    /// Every message; each stands behind the one it follows.
    pub(super) messages: Vec<Message>,
    /// The message added last.
    pub(super) tip: Option<usize>,
    /// Questions the gate has not answered yet; their text is not kept before it lets them through.
    #[serde(default)]
    pub(super) waiting: Vec<Waiting>,
}

/// A form that was sent and has no outcome yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) once: String,
    pub(super) at: Timestamp,
}

/// One message of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// The message it follows; `None` at a beginning.
    pub(super) after: Option<usize>,
    pub(super) at: Timestamp,
    pub(super) said: Said,
}

/// Who said what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(super) enum Said {
    Person(Question),
    Model(Answer),
}

/// What the person sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Question {
    /// `None` when nothing of it may be kept.
    pub(super) text: Option<String>,
    pub(super) files: Vec<Attached>,
    pub(super) grade: Grade,
    /// The token and the reason with which something the gate asked about was confirmed.
    pub(super) confirmed: Option<(String, String)>,
    /// Why a higher grade was declared than at first.
    pub(super) regraded: Option<String>,
}

/// A file sent with a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attached {
    pub(super) id: String,
    pub(super) name: String,
}

/// What the model answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// `None` when nothing of it may be kept.
    pub(super) text: Option<String>,
    /// The use in the ledger.
    pub(super) used: String,
    pub(super) model: String,
    pub(super) state: State,
    /// Titles of what the gate masked on the way out.
    pub(super) masked: Vec<String>,
    /// The form that asked for it.
    pub(super) once: String,
}

/// How far an answer has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// It is still coming.
    #[default]
    Writing,
    Whole,
    /// It broke off; what the person was told.
    Broken(String),
}

/// The uses a kept conversation rests on; `None` when it is none.
pub(crate) fn uses_of(content: &[u8]) -> Option<Vec<UseId>> {
    let conversation: Conversation = serde_json::from_slice(content).ok()?;
    let answers = conversation.messages.iter().filter_map(|message| match &message.said {
        Said::Model(answer) => UseId::new(&answer.used).ok(),
        Said::Person(_) => None,
    });
    Some(answers.collect())
}

impl Conversation {
    /// Messages from the beginning to this one.
    pub(super) fn path(&self, to: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = Some(to).filter(|to| *to < self.messages.len());
        while let Some(here) = at {
            path.push(here);
            // What follows stands behind, so this ends.
            at = self.messages.get(here).and_then(|message| message.after).filter(|before| *before < here);
        }
        path.reverse();
        path
    }

    /// The newest end of the branch that goes through this message.
    pub(super) fn end_of(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(next) = self.following(Some(at)).last() {
            at = *next;
        }
        at
    }

    /// Messages that follow this one directly, oldest first.
    pub(super) fn following(&self, after: Option<usize>) -> Vec<usize> {
        let all = self.messages.iter().enumerate();
        let fits = |(at, message): (usize, &Message)| {
            (message.after == after && after.is_none_or(|after| after < at)).then_some(at)
        };
        all.filter_map(fits).collect()
    }

    /// This message and its other versions.
    pub(super) fn versions(&self, of: usize) -> Vec<usize> {
        self.messages.get(of).map(|message| self.following(message.after)).unwrap_or_default()
    }

    /// The question at this place.
    pub(super) fn question(&self, at: usize) -> Option<&Question> {
        match self.messages.get(at).map(|message| &message.said) {
            Some(Said::Person(question)) => Some(question),
            Some(Said::Model(_)) | None => None,
        }
    }

    /// Adds a message and gives its place.
    pub(super) fn add(&mut self, after: Option<usize>, at: Timestamp, said: Said) -> usize {
        let place = self.messages.len();
        self.messages.push(Message { after, at, said });
        self.tip = Some(place);
        place
    }

    /// Whether this form was taken already.
    pub(super) fn knows(&self, once: &str) -> bool {
        let answered = |message: &Message| matches!(&message.said, Said::Model(answer) if answer.once == once);
        self.waiting.iter().any(|waiting| waiting.once == once) || self.messages.iter().any(answered)
    }

    /// Every text, for a search.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().filter_map(|message| match &message.said {
            Said::Person(question) => question.text.as_deref(),
            Said::Model(answer) => answer.text.as_deref(),
        })
    }
}

/// A title made of what was asked first.
pub(super) fn title_of(text: &str) -> String {
    const MOST: usize = 40;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("無題の会話");
    let short: String = line.chars().take(MOST).collect();
    if line.chars().count() > MOST { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(conversation: &mut Conversation, after: Option<usize>) -> usize {
        conversation.add(after, Timestamp::UNIX_EPOCH, Said::Person(Question::default()))
    }

    #[test]
    fn an_edit_makes_a_branch_and_loses_nothing() {
        let mut tree = Conversation::default();
        let first = asked(&mut tree, None);
        let answer = tree.add(Some(first), Timestamp::UNIX_EPOCH, Said::Model(Answer::default()));
        let second = asked(&mut tree, Some(answer));
        let edited = asked(&mut tree, None);
        assert_eq!(tree.path(second), [first, answer, second]);
        assert_eq!(tree.path(edited), [edited]);
        assert_eq!(tree.versions(first), [first, edited]);
        assert_eq!(tree.end_of(first), second);
        assert_eq!(tree.path(99), [0; 0]);
    }

    #[test]
    fn a_damaged_tree_still_has_an_end() {
        let mut tree = Conversation::default();
        asked(&mut tree, Some(0));
        asked(&mut tree, Some(7));
        assert_eq!((tree.path(0), tree.path(1)), (vec![0], vec![1]));
        assert_eq!(tree.end_of(0), 0);
    }
}
