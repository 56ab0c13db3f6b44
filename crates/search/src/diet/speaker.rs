//! Who speaks, in which post, and what is said apart from the printed head.
//!
//! A record prints a head before each speech. The two Houses print it differently (`○国務大臣（架空花子君）　`,
//! `○架空国務大臣　`), and archives that fold white space leave no mark at all between head and text, so the speaker's
//! name, which the API gives apart, is what finds the end.

mod direction;
mod head;
mod role;

pub use direction::{Piece, pieces, searched};
pub use head::{Head, split};
pub use role::{Role, role};

use super::record::Speech;

/// A speech with its head read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken<'a> {
    /// The printed head, if there is one.
    pub head: Option<Head<'a>>,
    /// What follows the head, stage directions and all: the text to display.
    pub body: &'a str,
    /// In which part the speaker speaks.
    pub role: Role,
}

impl<'a> Spoken<'a> {
    /// Reads the head of a speech.
    pub fn read(speech: &'a Speech) -> Self {
        let (head, body) = split(&speech.text, &speech.speaker);
        let role = role(head.as_ref(), speech);
        Self { head, body, role }
    }

    /// The post at the time: what the API says (架空大臣), else what the head prints (国務大臣). A member as such has none.
    pub fn post(&self, speech: &'a Speech) -> Option<&'a str> {
        speech.position.as_deref().or_else(|| self.printed_post())
    }

    /// The post the head prints, without 委員 and 議員, which every member is.
    pub fn printed_post(&self) -> Option<&'a str> {
        self.head.as_ref()?.post.filter(|post| !matches!(*post, "委員" | "分科員" | "小委員" | "議員" | "幹事"))
    }

    /// The text that the index sees: without head and without stage directions.
    pub fn searched(&self) -> String {
        searched(self.body)
    }
}

#[cfg(test)]
mod tests;
